/*
 * cr.h - control registers: checks, and all that a change entails.
 *
 * SDM vol. 3 ch. 2.5 (registers), 4.1 (paging modes), 9.8.5 (long mode).
 */
#ifndef CPU_CR_H
#define CPU_CR_H

#include "cpu/cpu.h"

/* #GP(0) for values that MOV CRn refuses; otherwise mode, PDPTE registers,
 * TLB and EFER.LMA follow. */
void cr0_write(struct cpu *c, uint64_t v);
void cr3_write(struct cpu *c, uint64_t v);
void cr4_write(struct cpu *c, uint64_t v);
/* CR4 bits that the model has; 0: there is no CR4. */
uint64_t cr4_valid(const struct cpu *c);

/* EFER bits that the model has. */
uint64_t efer_valid(const struct cpu *c);
/* WRMSR of IA32_EFER; false means #GP(0): a reserved bit, or LME changed
 * while paging is on. LMA in `v` is ignored. */
bool efer_write(struct cpu *c, uint64_t v);

#endif

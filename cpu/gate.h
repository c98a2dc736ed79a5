/*
 * gate.h - far transfers of control: JMP, CALL, RET, IRET.
 *
 * Pseudocode of these instructions in SDM vol. 2; vol. 3 ch. 5.8 (call
 * gates), 6.12 and 20.3 (IRET). `osize` is the operand size in bytes; c->rip
 * is the next instruction's on entry. All end with cpu_update_mode done.
 */
#ifndef CPU_GATE_H
#define CPU_GATE_H

#include "cpu/cpu.h"

void far_jump(struct cpu *c, uint16_t sel, uint64_t off, unsigned osize);
void far_call(struct cpu *c, uint16_t sel, uint64_t off, unsigned osize);
/* `extra`: bytes of parameters to drop. */
void far_return(struct cpu *c, unsigned osize, unsigned extra);
void far_iret(struct cpu *c, unsigned osize);

/* To be called when TF, RF, VIP or IF may have been set: the run loop must
 * look. */
void rflags_changed(struct cpu *c);
/* Replaces the flags in `mask` and lets everything that depends on TF, RF,
 * AC and VM follow. */
void rflags_load(struct cpu *c, uint64_t image, uint64_t mask);

#endif

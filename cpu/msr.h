/*
 * msr.h - model-specific registers and the task priority behind CR8.
 */
#ifndef CPU_MSR_H
#define CPU_MSR_H

#include "cpu/cpu.h"

/* RDMSR and WRMSR; false means #GP(0) and nothing was done. */
bool msr_read(struct cpu *c, uint32_t index, uint64_t *value);
bool msr_write(struct cpu *c, uint32_t index, uint64_t value);

/* The local APIC's task priority register as an 8-bit value; interrupts that
 * it lets through afterwards become pending. */
void apic_set_tpr(struct cpu *c, uint8_t tpr);

#endif

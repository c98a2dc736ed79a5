/*
 * reset.h - state after power-on, RESET and INIT (SDM vol. 3 table 9-1).
 */
#ifndef CPU_RESET_H
#define CPU_RESET_H

#include "cpu/cpu.h"

/*
 * hard: power-on or RESET#; otherwise INIT, which keeps caches, x87, SSE,
 * MSRs and the TSC. Pin levels, icount and the random generator stay;
 * pending events go, except that a level that is still there counts anew.
 */
void cpu_reset(struct cpu *c, bool hard);

/* Family, model and stepping as in CPUID.1:EAX; EDX after RESET. */
uint32_t cpu_signature(const struct cpu *c);

extern const struct device_class cpu_class;

/* Parts of the class (cpu.c). */
bool cpu_class_init(struct device *dev, struct error *err);
void cpu_class_destroy(struct device *dev);
extern const struct option cpu_option_table[];

#endif

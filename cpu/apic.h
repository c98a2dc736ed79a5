/*
 * apic.h - the local APIC (SDM vol. 3 ch. 10): xAPIC and x2APIC.
 */
#ifndef CPU_APIC_H
#define CPU_APIC_H

#include "cpu/cpu.h"

#define APIC_BASE_BSP    (1u << 8)
#define APIC_BASE_EXTD   (1u << 10)
#define APIC_BASE_ENABLE (1u << 11)

/* Delivery modes of ICR, LVT and I/O APIC entries. */
enum {
    APIC_FIXED, APIC_LOWEST, APIC_SMI, APIC_NMI = 4, APIC_INIT, APIC_STARTUP,
    APIC_EXTINT
};

/* Maps the register page and makes the timer; after options are set. */
void apic_create(struct cpu *c);
void apic_destroy(struct cpu *c);
void apic_reset(struct cpu *c);
/* After IA32_APIC_BASE changed or a state was loaded. */
void apic_remap(struct cpu *c);

/* The INTR pin (8259A) and NMI pin; levels. */
void apic_intr_pin(void *cpu, unsigned n, bool level);
void apic_nmi_pin(void *cpu, unsigned n, bool level);

/* A message from an I/O APIC or another processor. */
void apic_deliver(struct cpu *c, uint8_t dest, bool logical, uint8_t mode,
                  uint8_t vector, bool level_trigger);

/* INTA: the vector to serve now, -1 if there is none after all. */
int apic_acknowledge(struct cpu *c);

/* IA32_APIC_BASE; false: #GP. */
bool apic_base_write(struct cpu *c, uint64_t v);
/* MSRs 800h-83Fh; false: #GP. */
bool apic_msr_read(struct cpu *c, uint32_t msr, uint64_t *v);
bool apic_msr_write(struct cpu *c, uint32_t msr, uint64_t v);
/* CR8 and IA32_TSC_DEADLINE. */
void apic_set_tpr(struct cpu *c, uint8_t tpr);
void apic_set_tsc_deadline(struct cpu *c, uint64_t tsc);

#endif

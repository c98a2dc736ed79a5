/*
 * sysrig.h - a processor with 1 MiB of RAM, for tests of system instructions.
 *
 * Single instructions are decoded and their plain handlers called, so that a
 * fault can be looked at before it is delivered.
 */
#ifndef TESTS_INSN_SYSRIG_H
#define TESTS_INSN_SYSRIG_H

#include "cpu/cpu.h"
#include "memory/phys.h"
#include "tests/tap.h"

/* Where things are in memory. */
enum {
    GDT = 0x1000,
    IDT = 0x2000,
    TSS_A = 0x3000,
    TSS_B = 0x3400,
    TSS_C = 0x3800,
    LDT = 0x3c00,
    CODE = 0x10000,
    HANDLER = 0x12000,
    STACK0 = 0x20000,
    STACK3 = 0x28000,
    IST1 = 0x30000,
    TABLES = 0x40000,
};

/* Selectors of the GDT that sysrig_protected makes. */
enum {
    CODE0 = 0x08,
    DATA0 = 0x10,
    CODE3 = 0x1b,
    DATA3 = 0x23,
    SEL_TSS_A = 0x28,
    SEL_TSS_B = 0x38,
    SEL_LDT = 0x48,
    CODE16 = 0x58,
    DATA16 = 0x60,
    CONF0 = 0x68,
    CODE64 = 0x70,
    CODE64_3 = 0x7b,
    SEL_TSS_C = 0x80,
    SEL_GATE = 0x90,
    SEL_TEST = 0xa0,
    GDT_LIMIT = 0xbf,
};

struct sysrig {
    struct tap tap;
    struct clock clock;
    struct log log;
    struct services sv;
    struct cpu *c;
};

void sysrig_init(struct sysrig *r);
/* The plan and the exit status, and all that sysrig_init took. */
int sysrig_done(struct sysrig *r);
/* The latter alone. */
void sysrig_free(struct sysrig *r);

/* State after RESET with CS:IP = 1000:0000, in real mode. */
void sysrig_real(struct sysrig *r);
/* Flat 32-bit code at CPL 0 or 3; GDT, IDT, TSS A loaded; no paging. */
void sysrig_protected(struct sysrig *r, unsigned cpl);
/* 64-bit mode at CPL 0 or 3 with the low 2 MiB mapped, user accessible. */
void sysrig_long(struct sysrig *r, unsigned cpl);
/* Virtual-8086 mode with the given IOPL; CS:IP 1000:0000, SS:SP 2800:1000. */
void sysrig_v86(struct sysrig *r, unsigned iopl);

uint64_t descriptor(uint32_t base, uint32_t limit, unsigned access,
                    unsigned flags);
/* Call, interrupt, trap and task gates; access with P and DPL. */
uint64_t gate(uint16_t sel, uint32_t offset, unsigned access, unsigned params);
void set_gdt(struct sysrig *r, uint16_t sel, uint64_t raw);
void set_idt(struct sysrig *r, unsigned vector, uint64_t raw);
void set_idt64(struct sysrig *r, unsigned vector, uint16_t sel, uint64_t off,
               unsigned access, unsigned ist);
uint32_t peek(struct sysrig *r, uint32_t addr);
uint16_t peek16(struct sysrig *r, uint32_t addr);
void poke(struct sysrig *r, uint32_t addr, uint32_t v);
void poke16(struct sysrig *r, uint32_t addr, uint16_t v);
void poke64(struct sysrig *r, uint32_t addr, uint64_t v);

/* Is this one instruction in the present mode, with a plain handler? */
bool decodes(struct sysrig *r, const char *bytes, unsigned n);
/* Runs one instruction; false: it faulted (see c->fault). */
bool exec(struct sysrig *r, const char *bytes, unsigned n);
#define EXEC(r, text) exec(r, text, sizeof(text) - 1)
/* Delivers c->fault as the run loop does, nested faults included. */
void deliver(struct sysrig *r);
/* The same for an event that exec cannot make. */
bool interrupt(struct sysrig *r, unsigned vector);
/* The instruction must fault with this vector and code. */
void faults(struct sysrig *r, const char *bytes, unsigned n, unsigned vector,
            uint32_t code, const char *name);
#define FAULTS(r, text, vector, code, name)                                    \
    faults(r, text, sizeof(text) - 1, vector, code, name)
/* It must not. */
void works(struct sysrig *r, const char *bytes, unsigned n, const char *name);
#define WORKS(r, text, name) works(r, text, sizeof(text) - 1, name)

#endif

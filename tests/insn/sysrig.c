/*
 * sysrig.c - a processor with 1 MiB of RAM, for tests of system instructions.
 */
#include "tests/insn/sysrig.h"
#include "cpu/exception.h"
#include "cpu/icache.h"
#include "cpu/models/model.h"
#include "cpu/reset.h"
#include "cpu/seg.h"
#include "cpu/tlb.h"
#include <stdlib.h>

static const struct cpu_model everything = {
    .name = "everything",
    .signature = 0x306c3,
    .phys_bits = 40,
    .linear_bits = 48,
};

static void need(bool good, const char *what)
{
    if (good)
        return;
    printf("Bail out! %s\n", what);
    exit(1);
}

void sysrig_init(struct sysrig *r)
{
    struct error err;
    struct cpu *c = calloc(1, sizeof *c);

    need(c != NULL, "memory");
    *r = (struct sysrig){.c = c};
    clock_init(&r->clock, 1000000);
    log_init(&r->log);
    log_set_action(&r->log, NULL, LOG_ERROR, LOG_IGNORE);
    r->sv = (struct services){.clock = &r->clock, .log = &r->log};
    r->sv.io = io_bus_create(&r->log);
    r->sv.phys = phys_create(1 << 20, 0xc0000000, &r->log, &err);
    need(r->sv.io && r->sv.phys, "bus or memory");
    c->dev.cls = &cpu_class;
    c->dev.sv = &r->sv;
    log_source_init(&r->log, &c->dev.log, "cpu");
    c->phys = r->sv.phys;
    c->model = &everything;
    memset(c->features, 0xff, sizeof c->features);
    need(tlb_create(c) && icache_create(c), "caches");
    timer_init(&c->apic_timer, &r->clock, "cpu.apic", NULL, NULL);
    cpu_reset(c, true);
}

void sysrig_free(struct sysrig *r)
{
    icache_destroy(r->c);
    tlb_destroy(r->c);
    timer_destroy(&r->c->apic_timer);
    log_source_destroy(&r->c->dev.log);
    free(r->c);
    phys_destroy(r->sv.phys);
    io_bus_destroy(r->sv.io);
    clock_destroy(&r->clock);
    log_close(&r->log);
}

int sysrig_done(struct sysrig *r)
{
    int status = tap_done(&r->tap);

    sysrig_free(r);
    return status;
}

uint32_t peek(struct sysrig *r, uint32_t addr)
{
    return (uint32_t)phys_load(r->sv.phys, addr, 4);
}

uint16_t peek16(struct sysrig *r, uint32_t addr)
{
    return (uint16_t)phys_load(r->sv.phys, addr, 2);
}

void poke(struct sysrig *r, uint32_t addr, uint32_t v)
{
    phys_store(r->sv.phys, addr, v, 4);
}

void poke16(struct sysrig *r, uint32_t addr, uint16_t v)
{
    phys_store(r->sv.phys, addr, v, 2);
}

void poke64(struct sysrig *r, uint32_t addr, uint64_t v)
{
    phys_store(r->sv.phys, addr, v, 8);
}

uint64_t descriptor(uint32_t base, uint32_t limit, unsigned access,
                    unsigned flags)
{
    return (limit & 0xffff) | (uint64_t)(base & 0xffffff) << 16 |
           (uint64_t)access << 40 | (uint64_t)(limit >> 16 & 15) << 48 |
           (uint64_t)flags << 52 | (uint64_t)(base >> 24) << 56;
}

uint64_t gate(uint16_t sel, uint32_t offset, unsigned access, unsigned params)
{
    return (offset & 0xffff) | (uint64_t)sel << 16 | (uint64_t)params << 32 |
           (uint64_t)access << 40 | (uint64_t)(offset >> 16) << 48;
}

void set_gdt(struct sysrig *r, uint16_t sel, uint64_t raw)
{
    poke64(r, GDT + (sel & 0xfff8u), raw);
}

void set_idt(struct sysrig *r, unsigned vector, uint64_t raw)
{
    poke64(r, IDT + vector * 8, raw);
}

void set_idt64(struct sysrig *r, unsigned vector, uint16_t sel, uint64_t off,
               unsigned access, unsigned ist)
{
    poke64(r, IDT + vector * 16, gate(sel, (uint32_t)off, access, ist));
    poke64(r, IDT + vector * 16 + 8, off >> 32);
}

static void start(struct sysrig *r)
{
    struct cpu *c = r->c;

    memset(phys_ram(r->sv.phys), 0, 1 << 20);
    c->intr_line = false;
    cpu_reset(c, true);
    c->cr0 &= ~(uint64_t)(CR0_CD | CR0_NW);
}

void sysrig_real(struct sysrig *r)
{
    start(r);
    seg_set_real(r->c, SEG_CS, CODE >> 4);
    seg_set_real(r->c, SEG_SS, 0x2000);
    r->c->gpr[RSP] = 0x1000;
    r->c->idtr = (struct table_reg){0, 0x3ff};
    r->c->rip = 0;
    cpu_update_mode(r->c);
}

static void load(struct sysrig *r, unsigned s, uint16_t sel)
{
    struct descriptor d;

    need(seg_fetch(r->c, sel, &d), "selector in the GDT");
    seg_mark_accessed(r->c, &d);
    r->c->seg[s] = d.seg;
}

static void make_gdt(struct sysrig *r)
{
    set_gdt(r, CODE0, descriptor(0, 0xfffff, 0x9a, 12));
    set_gdt(r, DATA0, descriptor(0, 0xfffff, 0x92, 12));
    set_gdt(r, CODE3, descriptor(0, 0xfffff, 0xfa, 12));
    set_gdt(r, DATA3, descriptor(0, 0xfffff, 0xf2, 12));
    set_gdt(r, SEL_TSS_A, descriptor(TSS_A, 0x3ff, 0x89, 0));
    set_gdt(r, SEL_TSS_B, descriptor(TSS_B, 0x3ff, 0x89, 0));
    set_gdt(r, SEL_TSS_C, descriptor(TSS_C, 0x2b, 0x81, 0));
    set_gdt(r, SEL_LDT, descriptor(LDT, 0xff, 0x82, 0));
    set_gdt(r, CODE16, descriptor(CODE, 0xffff, 0x9a, 0));
    set_gdt(r, DATA16, descriptor(STACK0, 0xffff, 0x92, 0));
    set_gdt(r, CONF0, descriptor(0, 0xfffff, 0x9e, 12));
    set_gdt(r, CODE64, descriptor(0, 0xfffff, 0x9a, 10));
    set_gdt(r, CODE64_3, descriptor(0, 0xfffff, 0xfa, 10));
    r->c->gdtr = (struct table_reg){GDT, GDT_LIMIT};
}

void sysrig_protected(struct sysrig *r, unsigned cpl)
{
    struct cpu *c = r->c;

    start(r);
    make_gdt(r);
    c->cr0 |= CR0_PE;
    c->cpl = (uint8_t)cpl;
    load(r, SEG_CS, cpl ? CODE3 : CODE0);
    load(r, SEG_SS, cpl ? DATA3 : DATA0);
    load(r, SEG_DS, cpl ? DATA3 : DATA0);
    load(r, SEG_ES, cpl ? DATA3 : DATA0);
    cpu_update_mode(c);
    c->idtr = (struct table_reg){IDT, 0x7ff};
    poke(r, TSS_A + 4, STACK0);
    poke(r, TSS_A + 8, DATA0);
    poke16(r, TSS_A + 102, 0x400); /* beyond the limit: no I/O map */
    seg_load_tr(c, SEL_TSS_A);
    seg_load_ldtr(c, SEL_LDT);
    c->gpr[RSP] = cpl ? STACK3 : STACK0 - 0x1000;
    c->rip = CODE;
}

void sysrig_v86(struct sysrig *r, unsigned iopl)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 3);
    c->rflags |= EFL_VM | iopl << 12 | EFL_IF;
    seg_set_real(c, SEG_CS, CODE >> 4);
    seg_set_real(c, SEG_SS, STACK3 >> 4);
    for (unsigned s = SEG_DS; s <= SEG_GS; s++)
        seg_set_real(c, s, (uint16_t)(0x1100 + s));
    seg_set_real(c, SEG_ES, 0x1100);
    c->gpr[RSP] = 0x1000;
    c->rip = 0;
    cpu_update_mode(c);
}

void sysrig_long(struct sysrig *r, unsigned cpl)
{
    struct cpu *c = r->c;

    sysrig_protected(r, cpl);
    poke64(r, TABLES, (TABLES + 0x1000) | 7);
    poke64(r, TABLES + 0x1000, (TABLES + 0x2000) | 7);
    poke64(r, TABLES + 0x2000, 0x87); /* 2 MiB at 0 */
    c->cr3 = TABLES;
    c->cr4 |= CR4_PAE;
    c->efer = EFER_LME | EFER_LMA | EFER_SCE | EFER_NXE;
    c->cr0 |= CR0_PG | CR0_WP;
    load(r, SEG_CS, cpl ? CODE64_3 : CODE64);
    poke64(r, TSS_A + 4, STACK0);
    poke64(r, TSS_A + 36, IST1);
    cpu_update_mode(c);
    tlb_flush_all(c);
}

static bool decode(struct sysrig *r, const char *bytes, unsigned n,
                   struct decoded *d)
{
    struct cpu *c = r->c;
    uint8_t copy[15] = {0};
    struct decode_env env = {
        .mode = c->code_bits,
        .real_or_v86 = !cpu_protected(c),
        .features = c->features,
        .quirks = c->quirks,
    };

    memcpy(copy, bytes, n);
    return decode_insn(&env, copy, 15, d) == DECODE_OK && d->len == n &&
           d->info->fn != NULL;
}

bool decodes(struct sysrig *r, const char *bytes, unsigned n)
{
    struct decoded d;

    return decode(r, bytes, n, &d);
}

bool exec(struct sysrig *r, const char *bytes, unsigned n)
{
    struct cpu *c = r->c;
    struct decoded d;

    if (!decode(r, bytes, n, &d)) {
        printf("# %02x %02x\n", bytes[0] & 0xff, bytes[1] & 0xff);
        need(false, "decodes to a plain handler");
    }
    c->insn_rip = c->rip;
    c->rip += d.len;
    c->fault = (struct fault){0};
    if (setjmp(c->fault_env))
        return false;
    d.info->fn(c, &d);
    return true;
}

void deliver(struct sysrig *r)
{
    (void)setjmp(r->c->fault_env);
    cpu_deliver_exception(r->c);
}

bool interrupt(struct sysrig *r, unsigned vector)
{
    r->c->fault = (struct fault){0};
    if (setjmp(r->c->fault_env))
        return false;
    cpu_interrupt(r->c, vector, INT_HARD, false, 0);
    return true;
}

void faults(struct sysrig *r, const char *bytes, unsigned n, unsigned vector,
            uint32_t code, const char *name)
{
    struct cpu *c = r->c;
    uint64_t rip = c->rip, rsp = c->gpr[RSP];
    bool ran = exec(r, bytes, n);

    c->fault_depth = 0;
    tap_ok(&r->tap,
           !ran && c->fault.vector == vector && c->fault.code == code &&
               c->rip == rip && c->gpr[RSP] == rsp,
           "%s (%s %u code %x, %s)", name, ran ? "ran" : "fault",
           c->fault.vector, c->fault.code, c->fault.why ? c->fault.why : "-");
}

void works(struct sysrig *r, const char *bytes, unsigned n, const char *name)
{
    struct cpu *c = r->c;
    bool ran = exec(r, bytes, n);

    c->fault_depth = 0;
    tap_ok(&r->tap, ran, "%s%s%s", name, ran ? "" : ": ",
           ran            ? ""
           : c->fault.why ? c->fault.why
                          : "fault");
}

/*
 * exec.c - a processor, two windows of memory, and nothing else.
 *
 * Physical memory: 64 KiB of tables at 0, the code window, the data window.
 * The same page tables serve long mode and legacy PAE. Exceptions go through
 * real gates to a page of HLT instructions, so their delivery is part of what
 * is run; where they arrive tells the vector.
 */
#include "machine/exec.h"
#include "cpu/debugreg.h"
#include "cpu/flags.h"
#include "cpu/reset.h"
#include "cpu/tlb.h"
#include "memory/phys.h"
#include <assert.h>
#include <stdlib.h>

enum {
    P_GDT = 0x1000,
    P_IDT64 = 0x2000,
    P_IDT32 = 0x3000,
    P_HANDLERS = 0x4000, /* 16 bytes for each vector */
    P_TSS64 = 0x5000,
    P_TSS32 = 0x5800,
    P_LDT = 0x6000,
    P_STACK = 0x8000, /* top of the handlers' stack */
    P_PML4 = 0x8000,
    P_PDPT = 0x9000,   /* long mode */
    P_PDPT32 = 0xa000, /* legacy PAE: other reserved bits */
    P_PD = 0xb000,     /* four of them */
    P_PT_CODE = 0xf000,
    P_PT_DATA = 0x10000,
    P_PT_SYSTEM = 0x11000,
    P_CODE = 0x20000,
    P_DATA = 0x30000,
};

enum {
    CODE32_0 = 0x08,
    CODE64_0 = 0x10,
    DATA_0 = 0x18,
    CODE32_3 = 0x23,
    DATA_3 = 0x2b,
    CODE64_3 = 0x33,
    TSS = 0x40,
    LDT = 0x50,
    GDT_LIMIT = 0x7f,
    CODE16_3 = 0x0f,
    DATA16_3 = 0x17,
};

#define SEGMENT(base, limit, access, flags)                                    \
    (((limit)&0xffff) | ((base)&0xffffff) << 16 | (uint64_t)(access) << 40 |   \
     (uint64_t)((limit) >> 16 & 15) << 48 | (uint64_t)(flags) << 52 |          \
     (uint64_t)((base) >> 24) << 56)

/* All of DPL 3 and accessed. */
const uint64_t exec_ldt[EXEC_LDT] = {
    0,
    SEGMENT(EXEC_CODE, 0xffff, 0xfb, 0),
    SEGMENT(EXEC_DATA, EXEC_DATA_SIZE - 1, 0xf3, 0),
    SEGMENT(EXEC_CODE, EXEC_CODE_SIZE - 1, 0xfb, 4),
    SEGMENT(UINT64_C(0), 0xfffff, 0xf9, 12),         /* execute only */
    SEGMENT(EXEC_DATA, EXEC_DATA_SIZE - 1, 0xf1, 4), /* read only */
    SEGMENT(EXEC_DATA, 0xfff, 0xf7, 4),              /* expand-down */
    SEGMENT(EXEC_DATA, 0xfff, 0x73, 4),              /* not present: data, */
    SEGMENT(EXEC_CODE, 0xfff, 0x7b, 4),              /* code, */
    SEGMENT(EXEC_CODE, 0xfff, 0x7f, 4),              /* conforming code */
    SEGMENT(EXEC_DATA, 0xfff, 0xf5, 0), /* 16 bits: expand-down, read only */
    SEGMENT(UINT64_C(0), 0xfffff, 0xf3, 13), /* AVL */
    0,
    SEGMENT(EXEC_CODE, 0x1fff, 0xf9, 0), /* 16 bits, execute only */
};

struct exec {
    struct clock clock;
    struct log log;
    struct services sv;
    struct device_list devices;
    struct cpu *c;
    bool legacy_paging; /* what the TLB was filled with */
    uint8_t cpl;        /* at the start of the run */
    uint64_t icount;    /* the same */
};

static void put32(struct exec *x, uint64_t paddr, uint32_t v)
{
    phys_store(x->sv.phys, paddr, v, 4);
}

static void put64(struct exec *x, uint64_t paddr, uint64_t v)
{
    phys_store(x->sv.phys, paddr, v, 8);
}

/* ---- tables ---- */

static void make_window(struct exec *x, uint64_t laddr, unsigned pt,
                        uint64_t paddr, unsigned size, uint64_t bits)
{
    put64(x, P_PD + (laddr >> 21) * 8, (uint64_t)pt | 7);
    for (unsigned n = 0; n < size; n += PAGE_SIZE)
        put64(x, pt + ((laddr + n) >> 12 & 511) * 8, (paddr + n) | bits);
}

static void make_paging(struct exec *x)
{
    const uint64_t user = 0x67, super = 0x63, nx = UINT64_C(1) << 63;

    put64(x, P_PML4, P_PDPT | 7);
    for (unsigned n = 0; n < 4; n++) {
        put64(x, P_PDPT + n * 8, (P_PD + n * PAGE_SIZE) | 7);
        put64(x, P_PDPT32 + n * 8, (P_PD + n * PAGE_SIZE) | 1);
    }
    make_window(x, EXEC_CODE, P_PT_CODE, P_CODE, EXEC_CODE_SIZE, user);
    make_window(x, EXEC_DATA, P_PT_DATA, P_DATA, EXEC_DATA_SIZE, user | nx);
    make_window(x, EXEC_SYSTEM, P_PT_SYSTEM, 0, 0x10000, super);
}

static void put_descriptor(struct exec *x, unsigned selector, uint64_t base,
                           uint64_t limit, unsigned access, unsigned flags)
{
    put64(x, P_GDT + (selector & ~7u), SEGMENT(base, limit, access, flags));
}

static void make_tables(struct exec *x)
{
    put_descriptor(x, CODE32_0, 0, 0xfffff, 0x9b, 12);
    put_descriptor(x, CODE64_0, 0, 0xfffff, 0x9b, 10);
    put_descriptor(x, DATA_0, 0, 0xfffff, 0x93, 12);
    put_descriptor(x, CODE32_3, 0, 0xfffff, 0xfb, 12);
    put_descriptor(x, DATA_3, 0, 0xfffff, 0xf3, 12);
    put_descriptor(x, CODE64_3, 0, 0xfffff, 0xfb, 10);
    put_descriptor(x, TSS, EXEC_SYSTEM + P_TSS64, 0x67, 0x8b, 0);
    put_descriptor(x, LDT, EXEC_SYSTEM + P_LDT, sizeof exec_ldt - 1, 0x82, 0);
    for (unsigned n = 0; n < EXEC_LDT; n++)
        put64(x, P_LDT + n * 8, exec_ldt[n]);
}

/* INT3 and INTO may be executed at CPL 3. */
static void make_idt(struct exec *x)
{
    for (unsigned v = 0; v < 256; v++) {
        uint32_t at = (uint32_t)EXEC_SYSTEM + P_HANDLERS + v * 16;
        uint32_t dpl = v == EXC_BP || v == EXC_OF ? 0x6000 : 0;
        uint32_t high = (at & 0xffff0000) | 0x8e00 | dpl;

        if (v * 16 < PAGE_SIZE) {
            put32(x, P_IDT64 + v * 16, (at & 0xffff) | CODE64_0 << 16);
            put32(x, P_IDT64 + v * 16 + 4, high | 1); /* IST 1 */
            put64(x, P_IDT64 + v * 16 + 8, 0);
        }
        put32(x, P_IDT32 + v * 8, (at & 0xffff) | CODE32_0 << 16);
        put32(x, P_IDT32 + v * 8 + 4, high);
        phys_store(x->sv.phys, P_HANDLERS + v * 16, 0xf4, 1); /* HLT */
    }
    put64(x, P_TSS64 + 4, EXEC_SYSTEM + P_STACK);
    put64(x, P_TSS64 + 36, EXEC_SYSTEM + P_STACK);
    put32(x, P_TSS64 + 100, 0x680000); /* no I/O map */
    put32(x, P_TSS32 + 4, (uint32_t)EXEC_SYSTEM + P_STACK);
    put32(x, P_TSS32 + 8, DATA_0);
    put32(x, P_TSS32 + 100, 0x680000);
}

/* ---- life ---- */

static bool set_options(struct device *dev, const char *model,
                        const char *features, struct error *err)
{
    return device_set_option(dev, "model", model, err) &&
           (!features || device_set_option(dev, "add_features", features, err));
}

struct exec *exec_create(const char *model, const char *features,
                         struct error *err)
{
    struct exec *x = calloc(1, sizeof *x);
    struct device *dev;

    if (!x) {
        error_set(err, EXIT_INTERNAL, "exec: out of memory");
        return NULL;
    }
    clock_init(&x->clock, 1000000);
    log_init(&x->log);
    log_set_action(&x->log, NULL, LOG_ERROR, LOG_IGNORE);
    x->devices.tail = &x->devices.first;
    x->sv = (struct services){.clock = &x->clock, .log = &x->log};
    x->sv.io = io_bus_create(&x->log);
    x->sv.phys = phys_create(1 << 20, 0xc0000000, &x->log, err);
    if (!x->sv.io || !x->sv.phys) {
        exec_destroy(x);
        return NULL;
    }
    dev = device_create(&x->devices, &x->sv, &cpu_class, "cpu0", 0);
    if (!dev || !set_options(dev, model, features, err) ||
        !device_init(dev, err)) {
        exec_destroy(x);
        return NULL;
    }
    x->c = container_of(dev, struct cpu, dev);
    device_reset(dev, RESET_HARDWARE);
    make_paging(x);
    make_tables(x);
    make_idt(x);
    return x;
}

void exec_destroy(struct exec *x)
{
    if (!x)
        return;
    device_list_destroy(&x->devices);
    if (x->sv.phys)
        phys_destroy(x->sv.phys);
    if (x->sv.io)
        io_bus_destroy(x->sv.io);
    clock_destroy(&x->clock);
    log_close(&x->log);
    free(x);
}

struct cpu *exec_cpu(struct exec *x)
{
    return x->c;
}

/* ---- memory ---- */

/* UINT64_MAX: outside of the windows. */
static uint64_t window(uint64_t laddr, unsigned n)
{
    if (laddr - EXEC_CODE < EXEC_CODE_SIZE &&
        n <= EXEC_CODE_SIZE - (laddr - EXEC_CODE))
        return laddr - EXEC_CODE + P_CODE;
    if (laddr - EXEC_DATA < EXEC_DATA_SIZE &&
        n <= EXEC_DATA_SIZE - (laddr - EXEC_DATA))
        return laddr - EXEC_DATA + P_DATA;
    return UINT64_MAX;
}

bool exec_poke(struct exec *x, uint64_t laddr, const void *bytes, unsigned n)
{
    uint64_t paddr = window(laddr, n);

    if (paddr == UINT64_MAX)
        return false;
    phys_write(x->sv.phys, paddr, bytes, n);
    return true;
}

bool exec_peek(struct exec *x, uint64_t laddr, void *bytes, unsigned n)
{
    uint64_t paddr = window(laddr, n);

    if (paddr == UINT64_MAX)
        return false;
    phys_read(x->sv.phys, paddr, bytes, n);
    return true;
}

uint8_t *exec_data(struct exec *x)
{
    return phys_ram(x->sv.phys) + P_DATA;
}

const uint8_t *exec_code(struct exec *x)
{
    return phys_ram(x->sv.phys) + P_CODE;
}

/* ---- state ---- */

void exec_state_init(struct exec_state *s, unsigned bits, unsigned cpl)
{
    *s = (struct exec_state){.bits = (uint8_t)bits, .cpl = (uint8_t)cpl};
    s->rip = bits == 16 ? 0 : EXEC_CODE;
    s->gpr[RSP] = (bits == 16 ? 0 : EXEC_DATA) + EXEC_DATA_SIZE / 2;
    s->rflags = 0x202;
    s->fpu.cw = 0x37f;
    s->fpu.tw = 0xffff;
    s->mxcsr = 0x1f80;
}

static struct segment flat(uint16_t selector, unsigned access, unsigned flags)
{
    return (struct segment){.selector = selector,
                            .limit = UINT32_MAX,
                            .access = (uint8_t)access,
                            .flags = (uint8_t)flags,
                            .usable = true};
}

static void load_segments(struct cpu *c, const struct exec_state *in)
{
    bool user = in->cpl == 3;
    unsigned dpl = user ? 0x60 : 0, rpl = user ? 3 : 0;
    struct segment none = {0};
    struct segment data = flat(user ? DATA_3 : DATA_0, 0x93 | dpl, 12);

    c->seg[SEG_SS] = data;
    c->seg[SEG_DS] = c->seg[SEG_ES] = in->bits == 64 ? none : data;
    c->seg[SEG_FS] = c->seg[SEG_GS] = none;
    c->seg[SEG_FS].base = in->fs_base;
    c->seg[SEG_GS].base = in->gs_base;
    if (in->bits == 64) {
        c->seg[SEG_CS] = flat(user ? CODE64_3 : CODE64_0, 0x9b | dpl, 10);
    } else if (in->bits == 32) {
        c->seg[SEG_CS] = flat(user ? CODE32_3 : CODE32_0, 0x9b | dpl, 12);
    } else {
        data = flat(DATA16_3 - 3 + (uint16_t)rpl, 0x93 | dpl, 0);
        data.base = EXEC_DATA;
        data.limit = EXEC_DATA_SIZE - 1;
        c->seg[SEG_SS] = c->seg[SEG_DS] = c->seg[SEG_ES] = data;
        c->seg[SEG_CS] = flat(CODE16_3 - 3 + (uint16_t)rpl, 0x9b | dpl, 0);
        c->seg[SEG_CS].base = EXEC_CODE;
        c->seg[SEG_CS].limit = 0xffff;
    }
    for (unsigned n = 0; n < 6; n++)
        if (in->segs_given >> n & 1)
            c->seg[n] = in->seg[n];
    c->seg[SEG_LDTR] = (struct segment){.selector = LDT,
                                        .base = EXEC_SYSTEM + P_LDT,
                                        .limit = sizeof exec_ldt - 1,
                                        .access = 0x82,
                                        .usable = true};
    c->seg[SEG_TR] = (struct segment){
        .selector = TSS,
        .base = EXEC_SYSTEM + (in->legacy ? P_TSS32 : P_TSS64),
        .limit = 0x67,
        .access = 0x8b,
        .usable = true,
    };
    c->gdtr = (struct table_reg){EXEC_SYSTEM + P_GDT, GDT_LIMIT};
    c->idtr = in->legacy ? (struct table_reg){EXEC_SYSTEM + P_IDT32, 0x7ff}
                         : (struct table_reg){EXEC_SYSTEM + P_IDT64, 0xfff};
}

static void load_control(struct cpu *c, const struct exec_state *in)
{
    c->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG;
    c->cr2 = 0;
    c->cr3 = in->legacy ? P_PDPT32 : P_PML4;
    c->cr4 = CR4_PAE;
    if (cpu_has(c, FEAT_SSE))
        c->cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
    if (cpu_has(c, FEAT_XSAVE))
        c->cr4 |= CR4_OSXSAVE;
    if (cpu_has(c, FEAT_FSGSBASE))
        c->cr4 |= CR4_FSGSBASE;
    c->xcr0 = cpu_has(c, FEAT_AVX) ? 7 : cpu_has(c, FEAT_SSE) ? 3 : 1;
    c->efer = in->legacy ? EFER_NXE : EFER_LME | EFER_LMA | EFER_NXE;
    for (unsigned n = 0; n < 4; n++)
        c->pdpte[n] = phys_load(c->phys, P_PDPT32 + n * 8, 8);
}

void exec_load(struct exec *x, const struct exec_state *in)
{
    struct cpu *c = x->c;

    assert(in->bits != 64 || !in->legacy);
    memcpy(c->gpr, in->gpr, sizeof in->gpr);
    c->rip = c->insn_rip = in->rip;
    c->rflags = (in->rflags & ~(uint64_t)(EFL_VM | EFL_RF)) | 2;
    c->fl_kind = FL_EFLAGS;
    c->cpl = in->cpl;
    c->events = 0;
    c->pending_dbg = 0;
    c->fault_depth = 0;
    c->nmi_masked = false;
    c->monitor.armed = false;
    load_segments(c, in);
    load_control(c, in);
    memset(c->dr, 0, sizeof c->dr);
    c->dr[6] = DR6_FIXED;
    c->dr[7] = DR7_FIXED;
    c->msr.kernel_gs_base = 0;
    c->msr.tsc_offset = 0 - x->clock.now; /* time starts at 0 */
    rng_seed(&c->rng, 1);
    c->fpu = in->fpu;
    memcpy(c->vec, in->vec, sizeof in->vec);
    c->mxcsr = in->mxcsr;
    cpu_update_mode(c);
    /* CPL 0 may have changed the tables or the rules of paging. */
    if (x->legacy_paging != in->legacy || x->cpl == 0)
        tlb_flush_all(c);
    x->legacy_paging = in->legacy;
    x->cpl = in->cpl;
    x->icount = c->icount;
}

/* The processor stands in a handler: which. -1: it does not. */
static int arrived(const struct exec *x)
{
    uint64_t at = x->c->rip - (EXEC_SYSTEM + P_HANDLERS);

    return x->c->cpl == 0 && at < 256 * 16 ? (int)(at / 16) : -1;
}

bool exec_step(struct exec *x, uint64_t count)
{
    enum run_result why = cpu_run(x->c, x->clock.now + count);

    return why == RUN_LIMIT && arrived(x) < 0;
}

static void store_frame(struct exec *x, struct exec_state *out, bool has_code)
{
    struct cpu *c = x->c;
    bool legacy = x->legacy_paging;
    unsigned word = legacy ? 4 : 8;
    bool inner = legacy && x->cpl == 0; /* no stack switch, no SS:ESP */
    uint64_t frame = c->gpr[RSP], v[6] = {0};

    for (unsigned n = 0; n + 2 * inner + !has_code < 6; n++) {
        uint64_t la = frame + n * word;
        uint64_t p = window(la, word);

        if (p == UINT64_MAX)
            p = la - EXEC_SYSTEM;
        v[n + !has_code] = phys_load(c->phys, p, word);
    }
    out->code = (uint32_t)v[0];
    out->rip = v[1];
    out->selector[SEG_CS] = (uint16_t)v[2];
    out->selector[SEG_SS] = inner ? c->seg[SEG_SS].selector : (uint16_t)v[5];
    out->rflags = v[3];
    out->gpr[RSP] = inner ? frame + (3 + has_code) * 4 : v[4];
}

void exec_store(struct exec *x, struct exec_state *out)
{
    struct cpu *c = x->c;
    int vector = arrived(x);

    out->raised = vector >= 0;
    out->shutdown = (c->events & EV_SHUTDOWN) != 0;
    out->vector = vector >= 0 ? (uint8_t)vector : 0;
    out->code = 0;
    out->cr2 = c->cr2;
    memcpy(out->gpr, c->gpr, sizeof out->gpr);
    out->rip = c->rip;
    out->rflags = flags_sync(c);
    out->fs_base = c->seg[SEG_FS].base;
    out->gs_base = c->seg[SEG_GS].base;
    out->fpu = c->fpu;
    memcpy(out->vec, c->vec, sizeof out->vec);
    out->mxcsr = c->mxcsr;
    memcpy(out->seg, c->seg, sizeof out->seg);
    for (unsigned n = 0; n < 6; n++)
        out->selector[n] = c->seg[n].selector;
    /* The HLT of the handler is none of the code's. */
    out->ticks = c->icount - x->icount;
    if (vector >= 0 && c->events & EV_HALT)
        out->ticks--;
    if (vector >= 0)
        store_frame(x, out,
                    vector == EXC_DF || vector == EXC_AC ||
                        (vector >= EXC_TS && vector <= EXC_PF));
}

void exec_run(struct exec *x, const struct exec_state *in,
              struct exec_state *out, uint64_t count)
{
    exec_load(x, in);
    exec_step(x, count);
    if (out != in)
        *out = *in;
    exec_store(x, out);
}

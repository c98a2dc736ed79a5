/*
 * smm.c - SMI, the state save map, RSM.
 *
 * Models without Intel 64 have the 32-bit map of SDM vol. 3, table 34-1. The
 * others have the AMD64 map (AMD64 manual vol. 2, table 10-1): Intel's own
 * table 34-3 keeps most of the state in an undocumented place, and firmware
 * made for virtual machines looks for revision 20064h. The hidden parts of the
 * segment registers stand in the AMD64 places in both, reserved in the other.
 */
#include "cpu/smm.h"
#include "cpu/apic.h"
#include "cpu/cr.h"
#include "cpu/flags.h"
#include "cpu/ops_sys.h"
#include "cpu/probe.h"
#include "memory/phys.h"

/* One plain value: offset from SMBASE + 8000h, bytes, place in struct cpu. */
struct smm_row {
    uint16_t at;
    uint8_t bytes;
    uint32_t offset;
};

#define AT(m)  offsetof(struct cpu, m)
#define GPR(n) (AT(gpr) + 8 * (n))

static const struct smm_row map32[] = {
    {0x7ffc, 4, AT(cr0)},       {0x7ff8, 4, AT(cr3)},
    {0x7ff4, 4, AT(rflags)},    {0x7ff0, 4, AT(rip)},
    {0x7fec, 4, GPR(RDI)},      {0x7fe8, 4, GPR(RSI)},
    {0x7fe4, 4, GPR(RBP)},      {0x7fe0, 4, GPR(RSP)},
    {0x7fdc, 4, GPR(RBX)},      {0x7fd8, 4, GPR(RDX)},
    {0x7fd4, 4, GPR(RCX)},      {0x7fd0, 4, GPR(RAX)},
    {0x7fcc, 4, AT(dr[6])},     {0x7fc8, 4, AT(dr[7])},
    {0x7f94, 4, AT(idtr.base)}, {0x7f88, 4, AT(gdtr.base)},
    {0x7f14, 4, AT(cr4)}};

static const struct smm_row map64[] = {
    {0x7ff8, 8, GPR(RAX)},      {0x7ff0, 8, GPR(RCX)},
    {0x7fe8, 8, GPR(RDX)},      {0x7fe0, 8, GPR(RBX)},
    {0x7fd8, 8, GPR(RSP)},      {0x7fd0, 8, GPR(RBP)},
    {0x7fc8, 8, GPR(RSI)},      {0x7fc0, 8, GPR(RDI)},
    {0x7fb8, 8, GPR(8)},        {0x7fb0, 8, GPR(9)},
    {0x7fa8, 8, GPR(10)},       {0x7fa0, 8, GPR(11)},
    {0x7f98, 8, GPR(12)},       {0x7f90, 8, GPR(13)},
    {0x7f88, 8, GPR(14)},       {0x7f80, 8, GPR(15)},
    {0x7f78, 8, AT(rip)},       {0x7f70, 8, AT(rflags)},
    {0x7f68, 8, AT(dr[6])},     {0x7f60, 8, AT(dr[7])},
    {0x7f58, 8, AT(cr0)},       {0x7f50, 8, AT(cr3)},
    {0x7f48, 8, AT(cr4)},       {0x7ed0, 8, AT(efer)},
    {0x7e68, 8, AT(gdtr.base)}, {0x7e88, 8, AT(idtr.base)}};

/* Hidden parts of the segment registers, 16 bytes each: selector,
 * attributes, limit, base. */
static const uint16_t seg_at[SEG_COUNT] = {
    [SEG_ES] = 0x7e00,   [SEG_CS] = 0x7e10, [SEG_SS] = 0x7e20,
    [SEG_DS] = 0x7e30,   [SEG_FS] = 0x7e40, [SEG_GS] = 0x7e50,
    [SEG_LDTR] = 0x7e70, [SEG_TR] = 0x7e90};

enum {
    GDTR_LIMIT = 0x7e64,
    IDTR_LIMIT = 0x7e84,
    HALT = 0x7ec9,
    CPL = 0x7ecb,
    SELECTORS32 = 0x7fa8,
    REVISION = 0x7efc,
    BASE32 = 0x7ef8,
    BASE64 = 0x7f00,
    ATTR_USABLE = 1 << 12, /* in a reserved bit of the attributes */
    REVISION32 = 0x20000,
    REVISION64 = 0x20064 /* bit 17: SMBASE can move */
};

static uint64_t area(const struct cpu *c)
{
    return c->smbase + UINT64_C(0x8000);
}

static void put(struct cpu *c, unsigned at, uint64_t v, unsigned bytes)
{
    uint8_t b[8];

    st_le64(b, v);
    phys_write(c->phys, area(c) + at, b, bytes);
}

static uint64_t get(struct cpu *c, unsigned at, unsigned bytes)
{
    uint8_t b[8] = {0};

    phys_read(c->phys, area(c) + at, b, bytes);
    return ld_le64(b);
}

static const struct smm_row *map_of(const struct cpu *c, size_t *n)
{
    if (cpu_has(c, FEAT_LONGMODE)) {
        *n = ARRAY_LEN(map64);
        return map64;
    }
    *n = ARRAY_LEN(map32);
    return map32;
}

static uint64_t *value_at(struct cpu *c, const struct smm_row *r)
{
    return (uint64_t *)(void *)((char *)c + r->offset);
}

static unsigned base_at(const struct cpu *c)
{
    return cpu_has(c, FEAT_LONGMODE) ? BASE64 : BASE32;
}

static void save_segments(struct cpu *c)
{
    for (unsigned s = 0; s < SEG_COUNT; s++) {
        const struct segment *g = &c->seg[s];

        put(c, seg_at[s], g->selector, 2);
        put(c, seg_at[s] + 2u,
            (uint64_t)g->access | (uint64_t)g->flags << 8 |
                (g->usable ? ATTR_USABLE : 0),
            2);
        put(c, seg_at[s] + 4u, g->limit, 4);
        put(c, seg_at[s] + 8u, g->base, 8);
        if (!cpu_has(c, FEAT_LONGMODE))
            put(c, SELECTORS32 + 4 * s, g->selector, 4);
    }
    put(c, GDTR_LIMIT, c->gdtr.limit, 4);
    put(c, IDTR_LIMIT, c->idtr.limit, 4);
}

static void load_segments(struct cpu *c)
{
    for (unsigned s = 0; s < SEG_COUNT; s++) {
        uint32_t a = (uint32_t)get(c, seg_at[s] + 2u, 2);

        c->seg[s] =
            (struct segment){.selector = (uint16_t)get(c, seg_at[s], 2),
                             .base = get(c, seg_at[s] + 8u, 8),
                             .limit = (uint32_t)get(c, seg_at[s] + 4u, 4),
                             .access = (uint8_t)a,
                             .flags = a >> 8 & 15,
                             .usable = (a & ATTR_USABLE) != 0};
    }
    c->gdtr.limit = (uint16_t)get(c, GDTR_LIMIT, 2);
    c->idtr.limit = (uint16_t)get(c, IDTR_LIMIT, 2);
}

static void enter_segments(struct cpu *c)
{
    for (unsigned s = 0; s <= SEG_GS; s++)
        c->seg[s] = (struct segment){
            .limit = UINT32_MAX, .access = 0x93, .flags = 8, .usable = true};
    c->seg[SEG_CS].selector = (uint16_t)(c->smbase >> 4);
    c->seg[SEG_CS].base = c->smbase;
}

void smm_enter(struct cpu *c)
{
    size_t n;
    const struct smm_row *r = map_of(c, &n);

    line_set(&c->smm_active, true);
    flags_sync(c);
    c->msr.smi_count = (uint32_t)(c->msr.smi_count + 1);
    for (size_t k = 0; k < n; k++)
        put(c, r[k].at, *value_at(c, &r[k]), r[k].bytes);
    save_segments(c);
    put(c, HALT, (c->events & EV_HALT) != 0, 1);
    put(c, CPL, c->cpl, 1);
    put(c, REVISION, cpu_has(c, FEAT_LONGMODE) ? REVISION64 : REVISION32, 4);
    put(c, base_at(c), c->smbase, 4);

    c->in_smm = true;
    c->nmi_masked = true;
    c->events &= ~(uint32_t)EV_WAITS;
    c->rflags = 2;
    c->fl_kind = FL_EFLAGS;
    c->rip = 0x8000;
    c->dr[7] = 0x400;
    c->cr0 &= ~(uint64_t)(CR0_PE | CR0_EM | CR0_TS | CR0_PG);
    c->cr4 = 0;
    c->efer = 0;
    c->cpl = 0;
    enter_segments(c);
    cpu_update_mode(c);
    tlb_flush_all(c);
    if (UNLIKELY(c->probe_mask & PROBE_SMM))
        probe_note(c, &(struct probe_hit){.what = PROBE_SMM, .value = 1});
}

/* 34.14.4: a damaged map shuts the processor down. */
static bool state_is_sane(const struct cpu *c)
{
    bool pe = c->cr0 & CR0_PE, pg = c->cr0 & CR0_PG;
    bool lma = c->efer & EFER_LMA;

    return !(pg && !pe) && !(c->cr0 & CR0_NW && !(c->cr0 & CR0_CD)) &&
           !(c->cr4 & ~cr4_valid(c)) && !(c->efer & ~efer_valid(c)) &&
           lma == (pg && c->efer & EFER_LME) && !(lma && !(c->cr4 & CR4_PAE));
}

void op_rsm(struct cpu *c, const struct decoded *d)
{
    size_t n;
    const struct smm_row *r = map_of(c, &n);
    (void)d;
    if (!c->in_smm)
        cpu_fault(c, EXC_UD);
    for (size_t k = 0; k < n; k++)
        *value_at(c, &r[k]) = get(c, r[k].at, r[k].bytes);
    load_segments(c);
    c->cpl = get(c, CPL, 1) & 3;
    c->rflags = (c->rflags & 0x3f7fd5) | 2;
    c->fl_kind = FL_EFLAGS;
    if (get(c, HALT, 1) & 1)
        cpu_raise(c, EV_HALT);
    c->smbase = (uint32_t)get(c, base_at(c), 4);
    c->in_smm = false;
    c->nmi_masked = false;
    line_set(&c->smm_active, false);
    if (!state_is_sane(c)) {
        log_error(&c->dev.log, "RSM: the saved state is impossible: shutdown");
        cpu_raise(c, EV_SHUTDOWN);
    }
    cpu_update_mode(c);
    tlb_flush_all(c);
    if (UNLIKELY(c->probe_mask & PROBE_SMM))
        probe_note(c, &(struct probe_hit){.what = PROBE_SMM});
    c->attention = true;
}

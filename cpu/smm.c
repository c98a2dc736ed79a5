/*
 * smm.c - SMI, the state save map, RSM.
 *
 * SDM vol. 3 ch. 34.4: the 32-bit map (table 34-1) on models without Intel 64,
 * the 64-bit map (table 34-3) on the others. Both maps are tables here. Bytes
 * that the manual calls reserved hold the hidden parts of the segment
 * registers, as they do on processors.
 */
#include "cpu/ops_sys.h"
#include "cpu/smm.h"
#include "cpu/apic.h"
#include "cpu/cr.h"
#include "cpu/flags.h"
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
    {0x7ffc, 4, AT(cr0)},   {0x7ff8, 4, AT(cr3)},   {0x7ff4, 4, AT(rflags)},
    {0x7ff0, 4, AT(rip)},   {0x7fec, 4, GPR(RDI)},  {0x7fe8, 4, GPR(RSI)},
    {0x7fe4, 4, GPR(RBP)},  {0x7fe0, 4, GPR(RSP)},  {0x7fdc, 4, GPR(RBX)},
    {0x7fd8, 4, GPR(RDX)},  {0x7fd4, 4, GPR(RCX)},  {0x7fd0, 4, GPR(RAX)},
    {0x7fcc, 4, AT(dr[6])}, {0x7fc8, 4, AT(dr[7])}, {0x7f94, 4, AT(idtr.base)},
    {0x7f88, 4, AT(gdtr.base)}, {0x7f14, 4, AT(cr4)}};

static const struct smm_row map64[] = {
    {0x7ff8, 8, AT(cr0)},    {0x7ff0, 8, AT(cr3)},   {0x7fe8, 8, AT(rflags)},
    {0x7fe0, 8, AT(efer)},   {0x7fd8, 8, AT(rip)},   {0x7fd0, 8, AT(dr[6])},
    {0x7fc8, 8, AT(dr[7])},  {0x7f94, 8, GPR(RDI)},  {0x7f8c, 8, GPR(RSI)},
    {0x7f84, 8, GPR(RBP)},   {0x7f7c, 8, GPR(RSP)},  {0x7f74, 8, GPR(RBX)},
    {0x7f6c, 8, GPR(RDX)},   {0x7f64, 8, GPR(RCX)},  {0x7f5c, 8, GPR(RAX)},
    {0x7f54, 8, GPR(R8)},    {0x7f4c, 8, GPR(9)},    {0x7f44, 8, GPR(10)},
    {0x7f3c, 8, GPR(11)},    {0x7f34, 8, GPR(12)},   {0x7f2c, 8, GPR(13)},
    {0x7f24, 8, GPR(14)},    {0x7f1c, 8, GPR(R15)},
    {0x7e94, 8, AT(idtr.base)}, {0x7e8c, 8, AT(gdtr.base)},
    {0x7e40, 8, AT(cr4)}};

/* Where the segment registers' hidden parts go: 16 bytes each. */
enum {
    SEG_AREA = 0x7e00 - 16 * SEG_COUNT, SEG_BYTES = 16,
    LIMITS = SEG_AREA - 8, EVENTS = SEG_AREA - 16, SELECTORS32 = 0x7fa8,
    SELECTORS64 = 0x7fa8, REVISION = 0x7efc, BASE32 = 0x7ef8, BASE64 = 0x7ef8
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

/* Order of the visible selectors from 7FA8h: ES CS SS DS FS GS LDTR TR. */
static void save_segments(struct cpu *c)
{
    for (unsigned s = 0; s < SEG_COUNT; s++) {
        const struct segment *g = &c->seg[s];
        unsigned at = SEG_AREA + SEG_BYTES * s;

        put(c, SELECTORS32 + 4 * s, g->selector, 4);
        put(c, at, g->base, 8);
        put(c, at + 8, g->limit, 4);
        put(c, at + 12,
            (uint64_t)g->access | (uint64_t)g->flags << 8 |
                (uint64_t)g->usable << 12,
            4);
    }
    put(c, LIMITS, c->gdtr.limit, 2);
    put(c, LIMITS + 2, c->idtr.limit, 2);
}

static void load_segments(struct cpu *c)
{
    for (unsigned s = 0; s < SEG_COUNT; s++) {
        unsigned at = SEG_AREA + SEG_BYTES * s;
        uint32_t a = (uint32_t)get(c, at + 12, 4);

        c->seg[s] = (struct segment){
            .selector = (uint16_t)get(c, SELECTORS32 + 4 * s, 2),
            .base = get(c, at, 8),
            .limit = (uint32_t)get(c, at + 8, 4),
            .access = (uint8_t)a,
            .flags = a >> 8 & 15,
            .usable = a >> 12 & 1};
    }
    c->gdtr.limit = (uint16_t)get(c, LIMITS, 2);
    c->idtr.limit = (uint16_t)get(c, LIMITS + 2, 2);
}

static void enter_segments(struct cpu *c)
{
    for (unsigned s = 0; s <= SEG_GS; s++)
        c->seg[s] = (struct segment){.limit = UINT32_MAX, .access = 0x93,
                                     .flags = 8, .usable = true};
    c->seg[SEG_CS].selector = (uint16_t)(c->smbase >> 4);
    c->seg[SEG_CS].base = c->smbase;
}

void smm_enter(struct cpu *c)
{
    size_t n;
    const struct smm_row *r = map_of(c, &n);

    line_set(&c->smm_active, true);
    flags_sync(c);
    for (size_t k = 0; k < n; k++)
        put(c, r[k].at, *value_at(c, &r[k]), r[k].bytes);
    save_segments(c);
    put(c, EVENTS, (c->events & EV_HALT) | (uint64_t)c->cpl << 32, 8);
    put(c, REVISION, cpu_has(c, FEAT_LONGMODE) ? 0x00030064 : 0x00030002, 4);
    put(c, BASE32, c->smbase, 4);

    c->in_smm = true;
    c->nmi_masked = true;
    c->events &= ~(uint32_t)EV_HALT;
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
    uint64_t keep;

    (void)d;
    if (!c->in_smm)
        cpu_fault(c, EXC_UD);
    for (size_t k = 0; k < n; k++)
        *value_at(c, &r[k]) = get(c, r[k].at, r[k].bytes);
    load_segments(c);
    keep = get(c, EVENTS, 8);
    c->cpl = keep >> 32 & 3;
    c->rflags = (c->rflags & 0x3f7fd5) | 2;
    c->fl_kind = FL_EFLAGS;
    if (get(c, REVISION, 4) >> 17 & 1)
        c->smbase = (uint32_t)get(c, BASE32, 4);
    c->in_smm = false;
    c->nmi_masked = false;
    line_set(&c->smm_active, false);
    if (!state_is_sane(c)) {
        log_error(&c->dev.log, "RSM: the saved state is impossible: shutdown");
        cpu_raise(c, EV_SHUTDOWN);
    }
    if (keep & EV_HALT)
        cpu_raise(c, EV_HALT);
    cpu_update_mode(c);
    tlb_flush_all(c);
    c->attention = true;
}

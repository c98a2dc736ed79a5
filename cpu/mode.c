/*
 * mode.c - what follows from CR0, EFER, RFLAGS and the segment registers.
 */
#include "cpu/mode.h"
#include "cpu/icache.h"
#include "cpu/probe.h"
#include "cpu/tlb.h"

/* SDM vol. 3, 3.4.5.1: type bits 3 code, 1 writable data / readable code,
 * 2 expand-down data. */
static void seg_fast_update(struct cpu *c, unsigned s)
{
    const struct segment *g = &c->seg[s];
    struct seg_fast *f = &c->fast[s];
    unsigned type = SEG_TYPE(g);
    bool code = type & 8;

    *f = (struct seg_fast){.base = g->base};
    if (c->mode == MODE_LONG64) {
        f->base = s == SEG_FS || s == SEG_GS ? g->base : 0;
        f->read_end = f->write_end = UINT64_MAX;
        return;
    }
    if (c->mode == MODE_REAL || c->mode == MODE_V86) {
        f->read_end = f->write_end = (uint64_t)g->limit + 1;
        return;
    }
    if (!g->usable || !SEG_P(g) || (!code && (type & 4)))
        return;
    if (!code || (type & 2))
        f->read_end = (uint64_t)g->limit + 1;
    if (!code && (type & 2))
        f->write_end = (uint64_t)g->limit + 1;
}

static bool seg_flat(const struct cpu *c, unsigned s)
{
    const struct seg_fast *f = &c->fast[s];

    return f->base == 0 && f->read_end == UINT64_C(1) << 32 &&
           f->write_end == f->read_end;
}

static enum cpu_mode find_mode(const struct cpu *c)
{
    if (!(c->cr0 & CR0_PE))
        return MODE_REAL;
    if (c->efer & EFER_LMA)
        return SEG_L(&c->seg[SEG_CS]) ? MODE_LONG64 : MODE_COMPAT;
    return c->rflags & EFL_VM ? MODE_V86 : MODE_PROT;
}

static void set_rights(struct cpu *c)
{
    if (c->cpl == 3)
        c->access_rights = RIGHTS_USER;
    else if (c->cr4 & CR4_SMAP && c->rflags & EFL_AC)
        c->access_rights = RIGHTS_SUPER_AC;
    else
        c->access_rights = RIGHTS_SUPER;
    c->dtlb = c->tlb->data[c->access_rights];
}

/* Limits that a branch inside the segment can overstep. */
static bool odd_code_limit(const struct cpu *c)
{
    uint32_t limit = c->seg[SEG_CS].limit;

    if (c->mode == MODE_LONG64 || limit == UINT32_MAX)
        return false;
    return c->code_bits != 16 || limit < 0xffff;
}

/* What of the key has nothing to do with single segments. */
static uint32_t key_of_mode(const struct cpu *c)
{
    uint32_t key = 0;

    key |= c->code_bits == 16   ? KEY_BITS16
           : c->code_bits == 32 ? KEY_BITS32
                                : KEY_BITS64;
    key |= c->stack_mask == 0xffff       ? KEY_STACK16
           : c->stack_mask == UINT64_MAX ? KEY_STACK64
                                         : 0;
    key |= c->cpl == 3 ? KEY_USER : 0;
    key |= c->mode == MODE_REAL || c->mode == MODE_V86 ? KEY_REAL : KEY_PROT;
    key |= c->ac_check || odd_code_limit(c) ? KEY_CHECKED : 0;
    return key;
}

/* Segments first..last have changed. */
static void update_key(struct cpu *c, unsigned first, unsigned last)
{
    uint32_t flat = c->mode_key & KEY_ALL_FLAT;

    for (unsigned s = first; s <= last; s++) {
        flat &= ~KEY_FLAT(s);
        if (seg_flat(c, s))
            flat |= KEY_FLAT(s);
    }
    c->mode_key = key_of_mode(c) | (c->mode == MODE_LONG64 ? 0 : flat);
    icache_set_mode(c);
}

static void update_bits(struct cpu *c)
{
    const struct segment *cs = &c->seg[SEG_CS], *ss = &c->seg[SEG_SS];

    enum cpu_mode old = c->mode;

    c->mode = find_mode(c);
    if (UNLIKELY(c->probe_mask & PROBE_MODE) && c->mode != old)
        probe_note(
            c, &(struct probe_hit){PROBE_MODE, .value = c->mode, .old = old});
    c->code_bits = c->mode == MODE_LONG64 ? 64
                   : SEG_DB(cs) && c->mode != MODE_REAL && c->mode != MODE_V86
                       ? 32
                       : 16;
    if (c->mode == MODE_REAL && SEG_DB(cs))
        c->code_bits = 32; /* PE was cleared with a 32-bit CS still loaded */
    c->stack_mask = c->mode == MODE_LONG64 ? UINT64_MAX
                    : SEG_DB(ss)           ? 0xffffffff
                                           : 0xffff;
    c->ac_check =
        c->cpl == 3 && c->cr0 & CR0_AM && c->rflags & EFL_AC ? true : false;
    set_rights(c);
}

void cpu_update_mode(struct cpu *c)
{
    update_bits(c);
    for (unsigned s = 0; s < 6; s++)
        seg_fast_update(c, s);
    update_key(c, SEG_ES, SEG_GS);
}

void cpu_update_transfer(struct cpu *c)
{
    enum cpu_mode was = c->mode;

    update_bits(c);
    if (c->mode != was) {
        cpu_update_mode(c);
        return;
    }
    if (c->mode == MODE_LONG64) {
        update_key(c, 1, 0); /* CS and SS have no base and no limit */
        return;
    }
    seg_fast_update(c, SEG_CS);
    seg_fast_update(c, SEG_SS);
    update_key(c, SEG_CS, SEG_SS);
}

void cpu_update_seg(struct cpu *c, unsigned s)
{
    bool was;

    if (s > SEG_GS)
        return;
    was = c->mode_key & KEY_FLAT(s);
    seg_fast_update(c, s);
    if (c->mode != MODE_LONG64 && was != seg_flat(c, s))
        update_key(c, s, s);
}

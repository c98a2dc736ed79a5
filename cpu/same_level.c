/*
 * same_level.c - interrupts and IRET that stay in the loaded code segment.
 *
 * SDM vol. 3, 6.12.1 and 6.14; pseudocode of INT n and IRET in vol. 2. The
 * checks are those of interrupt.c and iret.c for this case; whatever fails one
 * goes that way.
 */
#include "cpu/same_level.h"
#include "cpu/flags.h"
#include "cpu/gate.h"
#include "cpu/seg.h"
#include "cpu/tlb.h"

static uint64_t linear(const struct cpu *c, uint64_t la)
{
    return c->mode == MODE_LONG64 ? la : (uint32_t)la;
}

/* Reads eight bytes of a descriptor table. */
static bool table_read(const struct cpu *c, uint64_t la, uint64_t *v)
{
    const uint8_t *p = tlb_plain(c, linear(c, la), 8, false, RIGHTS_SUPER);

    if (p)
        *v = ld_le64(p);
    return p != NULL;
}

/* Does the descriptor hold what the register does, with A set? */
static bool is_loaded(const struct segment *s, uint64_t raw)
{
    uint32_t limit = (uint32_t)(raw & 0xffff) | (uint32_t)(raw >> 32 & 0xf0000);

    if (SEG_G(s))
        limit = limit << 12 | 0xfff;
    return (uint8_t)(raw >> 40) == s->access && s->access & 1 &&
           (raw >> 52 & 15) == s->flags && s->limit == limit &&
           s->base == ((raw >> 16 & 0xffffff) | (raw >> 56) << 24) && s->usable;
}

/* Is this selector, but for its RPL, the one of CS or SS, and would loading
 * it from the GDT change nothing? */
static bool still_loaded(const struct cpu *c, const struct segment *s,
                         uint16_t sel)
{
    uint64_t raw;

    return ((sel ^ s->selector) & ~(unsigned)SEL_RPL) == 0 && !(sel & SEL_TI) &&
           !seg_null(sel) && (sel & 0xfff8u) + 7 <= c->gdtr.limit &&
           table_read(c, c->gdtr.base + (sel & 0xfff8u), &raw) &&
           is_loaded(s, raw);
}

/* Present, nonconforming code of this privilege: no way leads to another. */
static bool code_of_level(const struct cpu *c)
{
    const struct segment *cs = &c->seg[SEG_CS];

    return (cs->access & 0x9c) == 0x98 && SEG_DPL(cs) == c->cpl &&
           (cs->selector & SEL_RPL) == c->cpl &&
           (c->mode == MODE_LONG64 ? !SEG_DB(cs) : !SEG_L(cs));
}

/* Protected mode outside of long mode, or 64-bit mode. */
static bool usual_mode(const struct cpu *c)
{
    return (c->mode == MODE_LONG64 || c->mode == MODE_PROT) &&
           !(c->quirks & (QUIRK_DESCRIPTORS_286 | QUIRK_WRAP_64K));
}

static enum tlb_rights frame_rights(const struct cpu *c)
{
    return c->cpl == 3 ? RIGHTS_USER : RIGHTS_SUPER;
}

/* A 32- or 64-bit interrupt or trap gate to CS as it is. */
static bool gate_read(const struct cpu *c, unsigned vector,
                      enum int_source source, uint64_t *raw, uint64_t *offset)
{
    bool wide = c->mode == MODE_LONG64;
    unsigned size = wide ? 16 : 8;
    uint64_t at = c->idtr.base + vector * size, high = 0;

    if (vector * size + size - 1 > c->idtr.limit || !table_read(c, at, raw) ||
        (wide && !table_read(c, at + 8, &high)))
        return false;
    *offset = (*raw & 0xffff) | *raw >> 48 << 16 | high << 32;
    /* Present, S clear, type 14 or 15; no stack of its own. */
    if ((*raw >> 40 & 0x9e) != 0x8e || (wide && *raw >> 32 & 7))
        return false;
    if (source == INT_SOFT && (*raw >> 45 & 3) < c->cpl)
        return false;
    if (wide ? !addr_canonical(*offset) : *offset > c->seg[SEG_CS].limit)
        return false;
    return still_loaded(c, &c->seg[SEG_CS], (uint16_t)(*raw >> 16));
}

static bool push_64(struct cpu *c, bool has_code, uint32_t code)
{
    unsigned n = has_code ? 48 : 40;
    uint64_t rsp = (c->gpr[RSP] & ~(uint64_t)15) - n;
    uint8_t *p = tlb_plain(c, rsp, n, true, frame_rights(c));

    if (!p)
        return false;
    if (has_code) {
        st_le64(p, code);
        p += 8;
    }
    st_le64(p, c->rip);
    st_le64(p + 8, c->seg[SEG_CS].selector);
    st_le64(p + 16, c->rflags);
    st_le64(p + 24, c->gpr[RSP]);
    st_le64(p + 32, c->seg[SEG_SS].selector);
    c->gpr[RSP] = rsp;
    return true;
}

static bool push_32(struct cpu *c, bool has_code, uint32_t code)
{
    const struct seg_fast *f = &c->fast[SEG_SS];
    unsigned n = has_code ? 16 : 12;
    uint64_t old = c->gpr[RSP] & c->stack_mask, sp = old - n;
    uint8_t *p;

    if (old < n || old > f->write_end)
        return false;
    p = tlb_plain(c, (uint32_t)(f->base + sp), n, true, frame_rights(c));
    if (!p)
        return false;
    if (has_code) {
        st_le32(p, code);
        p += 4;
    }
    st_le32(p, (uint32_t)c->rip);
    st_le32(p + 4, c->seg[SEG_CS].selector);
    st_le32(p + 8, (uint32_t)c->rflags);
    set_rsp(c, sp, c->stack_mask);
    return true;
}

bool same_level_interrupt(struct cpu *c, unsigned vector,
                          enum int_source source, bool has_code, uint32_t code)
{
    uint64_t raw, offset;

    if (!usual_mode(c) || !code_of_level(c) ||
        !gate_read(c, vector, source, &raw, &offset))
        return false;
    if (!(c->mode == MODE_LONG64 ? push_64(c, has_code, code)
                                 : push_32(c, has_code, code)))
        return false;
    c->rip = offset;
    c->rflags &= ~(uint64_t)(EFL_TF | EFL_VM | EFL_RF | EFL_NT);
    if (!(raw >> 40 & 1))
        c->rflags &= ~(uint64_t)EFL_IF;
    return true;
}

/* RIP, CS, RFLAGS; with a 64-bit frame also RSP and SS. */
struct frame {
    uint64_t rip, flags, rsp;
    uint16_t cs, ss;
};

static bool pop_64(const struct cpu *c, struct frame *f)
{
    const uint8_t *p = tlb_plain(c, c->gpr[RSP], 40, false, c->access_rights);

    if (!p)
        return false;
    f->rip = ld_le64(p);
    f->cs = ld_le16(p + 8);
    f->flags = ld_le64(p + 16);
    f->rsp = ld_le64(p + 24);
    f->ss = ld_le16(p + 32);
    return true;
}

static bool pop_32(const struct cpu *c, struct frame *f)
{
    const struct seg_fast *ss = &c->fast[SEG_SS];
    uint64_t sp = c->gpr[RSP] & c->stack_mask;
    const uint8_t *p;

    if (sp + 12 > ss->read_end || sp + 12 > c->stack_mask)
        return false;
    p = tlb_plain(c, (uint32_t)(ss->base + sp), 12, false, c->access_rights);
    if (!p)
        return false;
    f->rip = ld_le32(p);
    f->cs = ld_le16(p + 4);
    f->flags = ld_le32(p + 8);
    f->rsp = sp + 12;
    return true;
}

/* SS of the frame is the one that is loaded, null or a descriptor. */
static bool same_stack(const struct cpu *c, uint16_t sel)
{
    const struct segment *ss = &c->seg[SEG_SS];

    if (sel != ss->selector || (sel & SEL_RPL) != c->cpl)
        return false;
    if (seg_null(sel))
        return c->cpl != 3 && !ss->usable && !ss->base && !ss->limit &&
               !ss->access && !ss->flags;
    return seg_is_writable_data(ss) && SEG_P(ss) && SEG_DPL(ss) == c->cpl &&
           still_loaded(c, ss, sel);
}

bool same_level_iret(struct cpu *c, unsigned osize, uint64_t mask)
{
    bool wide = c->mode == MODE_LONG64;
    struct frame f;

    if (!usual_mode(c) || osize != (wide ? 8 : 4) || c->ac_check ||
        !code_of_level(c))
        return false;
    if (wide ? !pop_64(c, &f) || !addr_canonical(f.rip) || !same_stack(c, f.ss)
             : !pop_32(c, &f) || f.rip > c->seg[SEG_CS].limit ||
                   f.flags & EFL_VM)
        return false;
    if (f.cs != c->seg[SEG_CS].selector ||
        !still_loaded(c, &c->seg[SEG_CS], f.cs))
        return false;
    set_rsp(c, f.rsp, c->stack_mask);
    c->rip = f.rip;
    rflags_load(c, f.flags, mask);
    return true;
}

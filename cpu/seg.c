/*
 * seg.c - descriptors, loading of segment registers, TSS stacks and I/O map.
 *
 * SDM vol. 3 ch. 3.4 (descriptors), 5 (protection), 7.2 (TSS); vol. 1
 * ch. 18.5 (I/O permission bitmap); pseudocode of MOV in vol. 2.
 */
#include "cpu/seg.h"
#include "cpu/access.h"
#include "cpu/exception.h"

void seg_decode(uint64_t raw, uint16_t sel, struct segment *s)
{
    uint32_t limit = (uint32_t)(raw & 0xffff) | (uint32_t)(raw >> 32 & 0xf0000);

    *s = (struct segment){
        .base = (raw >> 16 & 0xffffff) | (raw >> 56) << 24,
        .selector = sel,
        .access = (uint8_t)(raw >> 40),
        .flags = raw >> 52 & 15,
        .usable = true,
    };
    s->limit = SEG_G(s) ? limit << 12 | 0xfff : limit;
}

/* Linear address of byte `off` of the table that `sel` names. */
static bool table_addr(const struct cpu *c, uint16_t sel, unsigned len,
                       uint64_t *laddr)
{
    const struct segment *ldt = &c->seg[SEG_LDTR];
    uint32_t off = sel & 0xfff8u;
    bool local = sel & SEL_TI;

    if (local && !ldt->usable)
        return false;
    if (off + len - 1 > (local ? ldt->limit : c->gdtr.limit))
        return false;
    *laddr = (local ? ldt->base : c->gdtr.base) + off;
    if (!cpu_long(c))
        *laddr = (uint32_t)*laddr;
    return true;
}

uint64_t seg_raw(const struct cpu *c, uint64_t raw)
{
    enum { S = 1 << 12, TYPE_386 = 1 << 11 };
    uint32_t access = raw >> 32 & 0xffff;

    if (!(c->quirks & QUIRK_DESCRIPTORS_286))
        return raw;
    if (!(access & S) && access & TYPE_386)
        raw &= ~((uint64_t)0x1f << 40); /* type 0 is no use anywhere */
    return raw & 0xffffffffffff;
}

bool seg_fetch(struct cpu *c, uint16_t sel, struct descriptor *d)
{
    if (!table_addr(c, sel, 8, &d->laddr))
        return false;
    d->raw = seg_raw(c, lin_read(c, d->laddr, 8, false));
    seg_decode(d->raw, sel, &d->seg);
    return true;
}

bool seg_fetch_high(struct cpu *c, const struct descriptor *d, uint64_t *high)
{
    uint64_t laddr;

    if (!table_addr(c, d->seg.selector, 16, &laddr))
        return false;
    *high = lin_read(c, laddr + 8, 8, false);
    return true;
}

void seg_mark_accessed(struct cpu *c, struct descriptor *d)
{
    if (d->seg.access & 1)
        return;
    d->seg.access |= 1;
    lin_write(c, d->laddr + 5, d->seg.access, 1, false);
}

void seg_set_tss_busy(struct cpu *c, struct descriptor *d, bool busy)
{
    uint8_t access = (uint8_t)(lin_read(c, d->laddr + 5, 1, false) & ~2u);

    if (busy)
        access |= 2;
    lin_write(c, d->laddr + 5, access, 1, false);
    d->seg.access = access;
}

void seg_set_real(struct cpu *c, unsigned s, uint16_t sel)
{
    struct segment *g = &c->seg[s];

    g->selector = sel;
    g->base = (uint64_t)sel << 4;
    g->usable = true;
    if (c->rflags & EFL_VM) {
        /* 20.2.1: a virtual-8086 segment is 64 KiB at DPL 3. */
        g->limit = 0xffff;
        g->access = 0xf3;
        g->flags = 0;
    } else {
        /* Limit, G and D stay as protected mode left them. */
        g->access = 0x93;
    }
}

void seg_set_null(struct cpu *c, unsigned s, uint16_t sel)
{
    c->seg[s] = (struct segment){.selector = sel};
}

void seg_set_cs(struct cpu *c, const struct descriptor *d, unsigned cpl)
{
    c->seg[SEG_CS] = d->seg;
    c->seg[SEG_CS].selector = (uint16_t)((d->seg.selector & ~SEL_RPL) | cpl);
    c->cpl = (uint8_t)cpl;
}

void seg_check_stack(struct cpu *c, uint16_t sel, unsigned dpl, unsigned vector,
                     struct descriptor *d)
{
    uint32_t code = sel_code(sel);

    if (seg_null(sel))
        cpu_fault_why(c, vector, 0, "null SS");
    if (!seg_fetch(c, sel, d))
        cpu_fault_why(c, vector, code, "SS beyond table");
    if ((sel & SEL_RPL) != dpl)
        cpu_fault_why(c, vector, code, "SS: RPL is not the CPL");
    if (!seg_is_writable_data(&d->seg))
        cpu_fault_why(c, vector, code, "SS: not writable data");
    if (SEG_DPL(&d->seg) != dpl)
        cpu_fault_why(c, vector, code, "SS: DPL is not the CPL");
    if (!SEG_P(&d->seg))
        cpu_fault_why(c, EXC_SS, code, "SS: not present");
}

static void load_ss(struct cpu *c, uint16_t sel)
{
    struct descriptor d;

    if (seg_null(sel) && c->mode == MODE_LONG64 && c->cpl != 3 &&
        (sel & SEL_RPL) == c->cpl) {
        seg_set_null(c, SEG_SS, sel); /* 5.4.1.1 */
    } else {
        seg_check_stack(c, sel, c->cpl, EXC_GP, &d);
        seg_mark_accessed(c, &d);
        c->seg[SEG_SS] = d.seg;
    }
    cpu_update_transfer(c);
}

static void load_data(struct cpu *c, unsigned s, uint16_t sel)
{
    struct descriptor d;
    uint32_t code = sel_code(sel);
    unsigned rpl = sel & SEL_RPL;

    if (seg_null(sel)) {
        seg_set_null(c, s, sel); /* 3.4.2: faults at the first use */
        return;
    }
    if (!seg_fetch(c, sel, &d))
        cpu_fault_why(c, EXC_GP, code, "data selector beyond table");
    if (!seg_is_readable(&d.seg))
        cpu_fault_why(c, EXC_GP, code, "neither data nor readable code");
    /* 5.6: data and nonconforming code need both CPL and RPL <= DPL. */
    if (!seg_is_conforming(&d.seg) &&
        (rpl > SEG_DPL(&d.seg) || c->cpl > SEG_DPL(&d.seg)))
        cpu_fault_why(c, EXC_GP, code, "data segment: DPL too low");
    if (!SEG_P(&d.seg))
        cpu_fault_why(c, EXC_NP, code, "data segment not present");
    seg_mark_accessed(c, &d);
    c->seg[s] = d.seg;
}

void seg_load(struct cpu *c, unsigned s, uint16_t sel)
{
    if (!cpu_protected(c)) {
        seg_set_real(c, s, sel);
        if (s == SEG_SS)
            cpu_update_transfer(c);
        else
            cpu_update_seg(c, s);
    } else if (s == SEG_SS) {
        load_ss(c, sel);
    } else {
        load_data(c, s, sel);
        cpu_update_seg(c, s);
    }
}

void seg_drop_inner(struct cpu *c)
{
    static const uint8_t list[] = {SEG_ES, SEG_DS, SEG_FS, SEG_GS};

    for (unsigned i = 0; i < ARRAY_LEN(list); i++) {
        const struct segment *s = &c->seg[list[i]];

        if (s->usable && !seg_is_conforming(s) && SEG_DPL(s) < c->cpl) {
            seg_set_null(c, list[i], 0);
            cpu_update_seg(c, list[i]);
        }
    }
}

/* Completes the base of a system segment from its upper half (3.5.2). */
static void long_base(struct cpu *c, struct descriptor *d)
{
    uint64_t high;
    uint32_t code = sel_code(d->seg.selector);

    if (!cpu_long(c))
        return;
    if (!seg_fetch_high(c, d, &high))
        cpu_fault_why(c, EXC_GP, code, "system descriptor cut off by limit");
    if (high >> 40 & 31)
        cpu_fault_why(c, EXC_GP, code, "upper type field is not 0");
    d->seg.base |= high << 32;
    if (!addr_canonical(d->seg.base))
        cpu_fault_why(c, EXC_GP, code, "base not canonical");
}

void seg_load_ldtr(struct cpu *c, uint16_t sel)
{
    struct descriptor d;
    uint32_t code = sel_code(sel);

    if (seg_null(sel)) {
        seg_set_null(c, SEG_LDTR, sel);
        return;
    }
    if (sel & SEL_TI || !seg_fetch(c, sel, &d))
        cpu_fault_why(c, EXC_GP, code, "LLDT: selector not in GDT");
    if ((d.seg.access & 31) != SYS_LDT)
        cpu_fault_why(c, EXC_GP, code, "LLDT: not an LDT");
    if (!SEG_P(&d.seg))
        cpu_fault_why(c, EXC_NP, code, "LLDT: not present");
    long_base(c, &d);
    c->seg[SEG_LDTR] = d.seg;
}

void seg_load_tr(struct cpu *c, uint16_t sel)
{
    struct descriptor d;
    uint32_t code = sel_code(sel);
    unsigned type;

    if (seg_null(sel))
        cpu_fault_why(c, EXC_GP, 0, "LTR: null selector");
    if (sel & SEL_TI || !seg_fetch(c, sel, &d))
        cpu_fault_why(c, EXC_GP, code, "LTR: selector not in GDT");
    type = d.seg.access & 31;
    if (type != SYS_TSS32 && (type != SYS_TSS16 || cpu_long(c)))
        cpu_fault_why(c, EXC_GP, code, "LTR: no available TSS");
    if (!SEG_P(&d.seg))
        cpu_fault_why(c, EXC_NP, code, "LTR: not present");
    long_base(c, &d);
    seg_set_tss_busy(c, &d, true);
    c->seg[SEG_TR] = d.seg;
}

void seg_check_rip(struct cpu *c, const struct segment *s, uint64_t rip)
{
    if (cpu_long(c) && SEG_L(s)) {
        if (!addr_canonical(rip))
            cpu_fault_why(c, EXC_GP, 0, "target RIP not canonical");
    } else if (rip > s->limit) {
        cpu_fault_why(c, EXC_GP, 0, "target EIP beyond CS limit");
    }
}

void set_rsp(struct cpu *c, uint64_t v, uint64_t mask)
{
    if (mask == 0xffff)
        c->gpr[RSP] = (c->gpr[RSP] & ~(uint64_t)0xffff) | (v & 0xffff);
    else
        c->gpr[RSP] = v & mask;
}

void frame_new(struct push_frame *f, const struct segment *ss, uint64_t rsp,
               unsigned cpl)
{
    *f = (struct push_frame){
        .ss = ss,
        .mask = SEG_DB(ss) ? UINT32_MAX : 0xffff,
        .user = cpl == 3,
    };
    f->rsp = rsp & f->mask;
}

void frame_current(const struct cpu *c, struct push_frame *f)
{
    *f = (struct push_frame){
        .ss = c->mode == MODE_LONG64 ? NULL : &c->seg[SEG_SS],
        .mask = c->stack_mask,
        .rsp = c->gpr[RSP] & c->stack_mask,
        .user = c->cpl == 3,
    };
}

/* 5.3: offsets of an expand-down segment lie above its limit. */
static bool in_stack_limit(const struct segment *s, uint32_t off, unsigned size)
{
    uint64_t last = (uint64_t)off + size - 1;

    if (!s->usable)
        return false;
    if ((s->access & 0x0c) == 0x04)
        return off > s->limit && last <= (SEG_DB(s) ? UINT32_MAX : 0xffff);
    return last <= s->limit;
}

void frame_push(struct cpu *c, struct push_frame *f, uint64_t v, unsigned size)
{
    uint64_t off = (f->rsp - size) & f->mask, laddr = off;

    if (UNLIKELY(c->quirks & QUIRK_WRAP_64K)) {
        mem_write16(c, SEG_SS, off, (uint16_t)v);
        f->rsp = off;
        return;
    }
    if (!f->ss) {
        if (!addr_canonical(off) || !addr_canonical(off + size - 1))
            cpu_fault_why(c, EXC_SS, f->code, "stack not canonical");
    } else {
        if (!in_stack_limit(f->ss, (uint32_t)off, size))
            cpu_fault_why(c,
                          c->mode == MODE_REAL &&
                                  c->quirks & QUIRK_OVERRUN_GP
                              ? EXC_GP
                              : EXC_SS,
                          f->code, "stack beyond SS limit");
        laddr = (uint32_t)(f->ss->base + off);
    }
    lin_write(c, laddr, v, size, f->user);
    f->rsp = off;
}

void tss_inner_stack(struct cpu *c, unsigned cpl, uint16_t *ss, uint32_t *esp)
{
    const struct segment *tr = &c->seg[SEG_TR];
    bool wide = tr->access & 8;
    uint32_t off = wide ? cpl * 8 + 4 : cpl * 4 + 2;

    /* 7.2.1: the pair must lie inside the TSS. */
    if (!tr->usable || off + (wide ? 5 : 3) > tr->limit)
        cpu_fault_why(c, EXC_TS, sel_code(tr->selector),
                      "inner stack beyond TSS limit");
    *esp =
        (uint32_t)lin_read(c, (uint32_t)(tr->base + off), wide ? 4 : 2, false);
    *ss = (uint16_t)lin_read(c, (uint32_t)(tr->base + off + (wide ? 4 : 2)), 2,
                             false);
}

uint64_t tss_rsp64(struct cpu *c, unsigned off)
{
    const struct segment *tr = &c->seg[SEG_TR];
    uint64_t rsp;

    if (!tr->usable || off + 7 > tr->limit)
        cpu_fault_why(c, EXC_TS, sel_code(tr->selector),
                      "stack pointer beyond TSS limit");
    rsp = lin_read(c, tr->base + off, 8, false);
    if (!addr_canonical(rsp))
        cpu_fault_why(c, EXC_SS, 0, "TSS: stack pointer not canonical");
    return rsp;
}

void cpu_check_io(struct cpu *c, uint16_t port, unsigned size)
{
    const struct segment *tr = &c->seg[SEG_TR];
    uint32_t at, mask = ((1u << size) - 1) << (port & 7);

    if (!cpu_protected(c) && c->mode != MODE_V86)
        return;
    if (c->mode != MODE_V86 && c->cpl <= (c->rflags & EFL_IOPL) >> 12)
        return;
    /* Vol. 1, 18.5.2: only a 32- or 64-bit TSS has a map; two bytes of it
     * are read, so the byte after the last one must exist too. */
    if (!tr->usable || !(tr->access & 8) || tr->limit < 103)
        cpu_fault_why(c, EXC_GP, 0, "I/O: no permission map");
    at = (uint32_t)lin_read(c, tr->base + 102, 2, false) + port / 8;
    if (at + 1 > tr->limit)
        cpu_fault_why(c, EXC_GP, 0, "I/O: port beyond permission map");
    if (lin_read(c, tr->base + at, 2, false) & mask)
        cpu_fault_why(c, EXC_GP, 0, "I/O: port not permitted");
}

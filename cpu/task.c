/*
 * task.c - hardware task switching (SDM vol. 3 ch. 7.2, 7.3, table 7-1).
 *
 * The order is that of ch. 7.3: everything that may page fault in the old
 * task is touched first; the old TSS is written; TR, CR3 and the registers
 * are replaced; then descriptors are loaded, with faults in the new task.
 */
#include "cpu/task.h"
#include "cpu/access.h"
#include "cpu/debugreg.h"
#include "cpu/exception.h"
#include "cpu/flags.h"
#include "cpu/gate.h"
#include "cpu/paging.h"
#include "cpu/probe.h"

/* Offsets in the two TSS formats, SDM vol. 3 figures 7-2 and 7-10. */
struct tss_layout {
    uint8_t word; /* size of a slot */
    uint8_t min_limit;
    uint8_t ip, flags, gpr, seg, ldt;
    uint8_t segs; /* segment registers held */
};

static const struct tss_layout tss16 = {2, 0x2b, 14, 16, 18, 34, 42, 4};
static const struct tss_layout tss32 = {4, 0x67, 32, 36, 40, 72, 96, 6};

/* In the order of the TSS. */
static const uint8_t seg_order[6] = {SEG_ES, SEG_CS, SEG_SS,
                                     SEG_DS, SEG_FS, SEG_GS};

struct new_task {
    uint32_t cr3, eip, eflags, gpr[8];
    uint16_t seg[6], ldt;
    bool trap;
};

static const struct tss_layout *layout_of(const struct segment *s)
{
    return s->access & 8 ? &tss32 : &tss16;
}

static void save_old(struct cpu *c, enum task_source source)
{
    const struct tss_layout *l = layout_of(&c->seg[SEG_TR]);
    uint64_t base = c->seg[SEG_TR].base, flags = c->rflags;

    if (source == TASK_IRET)
        flags &= ~(uint64_t)EFL_NT;
    lin_write(c, base + l->ip, c->rip, l->word, false);
    lin_write(c, base + l->flags, flags, l->word, false);
    for (unsigned i = 0; i < 8; i++)
        lin_write(c, base + l->gpr + i * l->word, c->gpr[i], l->word, false);
    for (unsigned i = 0; i < l->segs; i++)
        lin_write(c, base + l->seg + i * l->word, c->seg[seg_order[i]].selector,
                  2, false);
}

static void read_new(struct cpu *c, const struct segment *s, struct new_task *n)
{
    const struct tss_layout *l = layout_of(s);
    uint64_t base = s->base;
    /* The upper halves that a 16-bit TSS does not hold read as ones. */
    uint32_t fill = l->word == 2 ? 0xffff0000u : 0;

    *n = (struct new_task){0};
    n->eip = (uint32_t)lin_read(c, base + l->ip, l->word, false);
    n->eflags = (uint32_t)lin_read(c, base + l->flags, l->word, false);
    for (unsigned i = 0; i < 8; i++)
        n->gpr[i] = fill | (uint32_t)lin_read(c, base + l->gpr + i * l->word,
                                              l->word, false);
    for (unsigned i = 0; i < l->segs; i++)
        n->seg[i] =
            (uint16_t)lin_read(c, base + l->seg + i * l->word, 2, false);
    n->ldt = (uint16_t)lin_read(c, base + l->ldt, 2, false);
    if (l == &tss32) {
        n->cr3 = (uint32_t)lin_read(c, base + 28, 4, false);
        n->trap = lin_read(c, base + 100, 2, false) & 1;
    }
}

/* Page faults that the writes could take, while nothing has changed yet. */
static void touch_all(struct cpu *c, const struct descriptor *d,
                      uint64_t old_desc, enum task_source source)
{
    const struct segment *old = &c->seg[SEG_TR];
    const struct tss_layout *lo = layout_of(old), *ln = layout_of(&d->seg);

    if (!old->usable || old->limit < lo->min_limit)
        cpu_fault_why(c, EXC_TS, sel_code(old->selector),
                      "task switch: old TSS too short");
    lin_read(c, d->seg.base, 2, false);
    lin_read(c, d->seg.base + ln->min_limit - 1, 2, false);
    lin_probe_write(c, old->base + lo->ip,
                    (unsigned)(lo->seg + lo->segs * lo->word - lo->ip), false);
    if (source != TASK_IRET)
        lin_probe_write(c, d->laddr + 5, 1, false);
    if (source == TASK_JMP || source == TASK_IRET)
        lin_probe_write(c, old_desc + 5, 1, false);
    if (source == TASK_CALL || source == TASK_INT)
        lin_probe_write(c, d->seg.base, 2, false);
}

static void load_cr3(struct cpu *c, uint32_t cr3)
{
    uint64_t old = c->cr3;

    if (!(c->cr0 & CR0_PG))
        return;
    if (!paging_load_cr3(c, cr3))
        cpu_fault_why(c, EXC_GP, 0, "task switch: bad PDPTE");
    if (UNLIKELY(c->probe_mask & PROBE_CR3))
        probe_note(c, &(struct probe_hit){PROBE_CR3, .value = cr3, .old = old});
    tlb_flush_nonglobal(c);
}

static void load_task_ldt(struct cpu *c, uint16_t sel)
{
    struct descriptor d;
    uint32_t code = sel_code(sel);

    seg_set_null(c, SEG_LDTR, sel);
    if (seg_null(sel))
        return;
    if (sel & SEL_TI || !seg_fetch(c, sel, &d))
        cpu_fault_why(c, EXC_TS, code, "new task: LDT not in GDT");
    if ((d.seg.access & 31) != SYS_LDT)
        cpu_fault_why(c, EXC_TS, code, "new task: no LDT descriptor");
    if (!SEG_P(&d.seg))
        cpu_fault_why(c, EXC_TS, code, "new task: LDT not present");
    c->seg[SEG_LDTR] = d.seg;
}

static void load_task_cs(struct cpu *c, uint16_t sel)
{
    struct descriptor d;
    uint32_t code = sel_code(sel);
    unsigned rpl = sel & SEL_RPL, dpl;

    if (seg_null(sel) || !seg_fetch(c, sel, &d))
        cpu_fault_why(c, EXC_TS, code, "new task: bad CS selector");
    dpl = SEG_DPL(&d.seg);
    if (!seg_is_code(&d.seg))
        cpu_fault_why(c, EXC_TS, code, "new task: CS is no code segment");
    if (seg_is_conforming(&d.seg) ? dpl > rpl : dpl != rpl)
        cpu_fault_why(c, EXC_TS, code, "new task: CS DPL");
    if (!SEG_P(&d.seg))
        cpu_fault_why(c, EXC_NP, code, "new task: CS not present");
    seg_mark_accessed(c, &d);
    seg_set_cs(c, &d, rpl);
}

static void load_task_data(struct cpu *c, unsigned s, uint16_t sel)
{
    struct descriptor d;
    uint32_t code = sel_code(sel);
    unsigned dpl;

    if (seg_null(sel))
        return;
    if (!seg_fetch(c, sel, &d))
        cpu_fault_why(c, EXC_TS, code, "new task: bad data selector");
    dpl = SEG_DPL(&d.seg);
    if (!seg_is_readable(&d.seg))
        cpu_fault_why(c, EXC_TS, code, "new task: data segment type");
    if (!seg_is_conforming(&d.seg) &&
        (dpl < c->cpl || dpl < (unsigned)(sel & SEL_RPL)))
        cpu_fault_why(c, EXC_TS, code, "new task: data segment DPL");
    if (!SEG_P(&d.seg))
        cpu_fault_why(c, EXC_NP, code, "new task: data not present");
    seg_mark_accessed(c, &d);
    c->seg[s] = d.seg;
}

/* Registers that need no descriptor. From here on faults are the new
 * task's; until its descriptors are loaded its segments are unusable. */
static void load_registers(struct cpu *c, const struct new_task *n,
                           enum task_source source)
{
    c->rip = c->insn_rip = n->eip;
    for (unsigned i = 0; i < 8; i++)
        c->gpr[i] = n->gpr[i];
    c->rflags = (n->eflags & 0x003f7fd5u) | 2;
    c->fl_kind = FL_EFLAGS;
    if (source == TASK_CALL || source == TASK_INT)
        c->rflags |= EFL_NT; /* 7.4 */
    c->cr0 |= CR0_TS;
    c->dr[7] &= ~(uint64_t)0x155; /* 17.2.4: L0-L3 and LE */
    for (unsigned i = 0; i < 6; i++)
        seg_set_null(c, seg_order[i], n->seg[i]);
    seg_set_null(c, SEG_LDTR, n->ldt);
    c->cpl = c->rflags & EFL_VM ? 3 : n->seg[1] & SEL_RPL;
}

static void load_segments(struct cpu *c, const struct new_task *n)
{
    struct descriptor d;

    load_task_ldt(c, n->ldt);
    if (c->rflags & EFL_VM) {
        for (unsigned i = 0; i < 6; i++)
            seg_set_real(c, seg_order[i], n->seg[i]);
    } else {
        load_task_cs(c, n->seg[1]);
        seg_check_stack(c, n->seg[2], c->cpl, EXC_TS, &d);
        seg_mark_accessed(c, &d);
        c->seg[SEG_SS] = d.seg;
        for (unsigned i = 0; i < 6; i++)
            if (i == 0 || i > 2)
                load_task_data(c, seg_order[i], n->seg[i]);
    }
    cpu_update_mode(c);
}

void task_switch(struct cpu *c, struct descriptor *d, enum task_source source)
{
    struct segment *tr = &c->seg[SEG_TR];
    struct descriptor old = {.seg = *tr};
    uint16_t link = tr->selector;
    struct new_task n;

    flags_sync(c);
    if (d->seg.limit < layout_of(&d->seg)->min_limit)
        cpu_fault_why(c, EXC_TS, sel_code(d->seg.selector),
                      "task switch: new TSS too short");
    if (!tr->usable || !seg_fetch(c, tr->selector, &old))
        cpu_fault_why(c, EXC_TS, sel_code(tr->selector),
                      "task switch: no current TSS");
    touch_all(c, d, old.laddr, source);

    if (source == TASK_JMP || source == TASK_IRET)
        seg_set_tss_busy(c, &old, false);
    save_old(c, source);
    read_new(c, &d->seg, &n);
    if (source == TASK_CALL || source == TASK_INT)
        lin_write(c, d->seg.base, link, 2, false);
    if (source != TASK_IRET)
        seg_set_tss_busy(c, d, true);

    *tr = d->seg;
    load_registers(c, &n, source);
    cpu_update_mode(c);
    if (layout_of(&d->seg) == &tss32)
        load_cr3(c, n.cr3);
    load_segments(c, &n);
    rflags_changed(c);
    if (n.trap) { /* 17.3.1.5: before the first instruction of the task */
        c->pending_dbg |= DR6_BT;
        cpu_raise(c, EV_TRAP);
    }
}

void task_check_rip(struct cpu *c)
{
    seg_check_rip(c, &c->seg[SEG_CS], c->rip);
}

void task_return(struct cpu *c)
{
    const struct segment *tr = &c->seg[SEG_TR];
    struct descriptor d;
    uint16_t link = (uint16_t)lin_read(c, tr->base, 2, false);
    uint32_t code = sel_code(link);
    unsigned type;

    if (link & SEL_TI || !seg_fetch(c, link, &d))
        cpu_fault_why(c, EXC_TS, code, "IRET: back link not in GDT");
    type = d.seg.access & 31;
    if (type != SYS_TSS16_BUSY && type != SYS_TSS32_BUSY)
        cpu_fault_why(c, EXC_TS, code, "IRET: back link is no busy TSS");
    if (!SEG_P(&d.seg))
        cpu_fault_why(c, EXC_NP, code, "IRET: back link TSS not present");
    task_switch(c, &d, TASK_IRET);
    task_check_rip(c);
}

/*
 * gate.c - far JMP and CALL, call gates, far RET.
 *
 * SDM vol. 2 (JMP, CALL, RET), vol. 3 ch. 5.8. IRET is in iret.c.
 */
#include "cpu/gate.h"
#include "cpu/access.h"
#include "cpu/exception.h"
#include "cpu/far.h"
#include "cpu/flags.h"
#include "cpu/task.h"

static bool real_or_v86(const struct cpu *c)
{
    return !cpu_protected(c);
}

static uint64_t cut(uint64_t off, unsigned osize)
{
    return osize == 2 ? (uint16_t)off : osize == 4 ? (uint32_t)off : off;
}

static void commit_cs(struct cpu *c, struct descriptor *cs, uint64_t rip)
{
    seg_set_cs(c, cs, c->cpl);
    c->rip = rip;
    cpu_update_transfer(c);
}

static void push_return(struct cpu *c, struct push_frame *f, unsigned size)
{
    frame_push(c, f, c->seg[SEG_CS].selector, size);
    frame_push(c, f, c->rip, size);
}

static void transfer_real(struct cpu *c, uint16_t sel, uint64_t off,
                          unsigned osize, bool call)
{
    struct push_frame f;

    if (call) {
        frame_current(c, &f);
        push_return(c, &f, osize);
    }
    if (off > c->seg[SEG_CS].limit)
        cpu_fault_why(c, EXC_GP, 0, "target beyond CS limit");
    if (call)
        set_rsp(c, f.rsp, f.mask);
    seg_set_real(c, SEG_CS, sel);
    c->rip = off;
    cpu_update_transfer(c);
}

/* A code segment named by the instruction itself (no gate). */
static void transfer_direct(struct cpu *c, struct descriptor *cs, uint64_t off,
                            unsigned osize, bool call)
{
    uint32_t code = sel_code(cs->seg.selector);
    unsigned rpl = cs->seg.selector & SEL_RPL, dpl = SEG_DPL(&cs->seg);
    struct push_frame f;

    if (cpu_long(c) && SEG_L(&cs->seg) && SEG_DB(&cs->seg))
        cpu_fault_why(c, EXC_GP, code, "code segment with L and D");
    if (seg_is_conforming(&cs->seg)) {
        if (dpl > c->cpl)
            cpu_fault_why(c, EXC_GP, code, "conforming code: DPL > CPL");
    } else if (rpl > c->cpl || dpl != c->cpl) {
        cpu_fault_why(c, EXC_GP, code, "code: RPL > CPL or DPL not CPL");
    }
    if (!SEG_P(&cs->seg))
        cpu_fault_why(c, EXC_NP, code, "code segment not present");
    if (call) {
        frame_current(c, &f);
        push_return(c, &f, osize);
    }
    seg_check_rip(c, &cs->seg, off);
    seg_mark_accessed(c, cs);
    if (call)
        set_rsp(c, f.rsp, f.mask);
    commit_cs(c, cs, off);
}

struct call_gate {
    uint16_t selector;
    uint64_t offset;
    unsigned size, params;
};

static struct call_gate gate_read(struct cpu *c, const struct descriptor *d)
{
    struct call_gate g = {
        .selector = (uint16_t)(d->raw >> 16),
        .offset = (d->raw & 0xffff) | (d->raw >> 48) << 16,
        .params = d->raw >> 32 & 31,
        .size = d->seg.access & 8 ? 4 : 2,
    };
    uint64_t high;

    if (cpu_long(c)) {
        if (!seg_fetch_high(c, d, &high))
            cpu_fault_why(c, EXC_GP, sel_code(d->seg.selector),
                          "call gate cut off by limit");
        if (high >> 40 & 31)
            cpu_fault_why(c, EXC_GP, sel_code(d->seg.selector),
                          "call gate: upper type is not 0");
        g.offset |= high << 32;
        g.size = 8;
        g.params = 0;
    } else if (g.size == 2) {
        g.offset &= 0xffff;
    }
    return g;
}

/* 5.8.3, 5.8.4: the gate's code segment. */
static void gate_target(struct cpu *c, const struct call_gate *g, bool call,
                        struct descriptor *cs)
{
    uint32_t code = sel_code(g->selector);
    unsigned dpl;

    if (seg_null(g->selector))
        cpu_fault_why(c, EXC_GP, 0, "call gate with null selector");
    if (!seg_fetch(c, g->selector, cs))
        cpu_fault_why(c, EXC_GP, code, "call gate: selector beyond table");
    dpl = SEG_DPL(&cs->seg);
    if (!seg_is_code(&cs->seg) || dpl > c->cpl)
        cpu_fault_why(c, EXC_GP, code, "call gate: no code or DPL > CPL");
    if (!call && !seg_is_conforming(&cs->seg) && dpl != c->cpl)
        cpu_fault_why(c, EXC_GP, code, "JMP by gate cannot change CPL");
    if (cpu_long(c) && (!SEG_L(&cs->seg) || SEG_DB(&cs->seg)))
        cpu_fault_why(c, EXC_GP, code, "call gate: no 64-bit code");
    if (!SEG_P(&cs->seg))
        cpu_fault_why(c, EXC_NP, code, "call gate: code not present");
}

/* 5.8.5: to an inner ring with stack switch and parameter copy. */
static void call_inner(struct cpu *c, const struct call_gate *g,
                       struct descriptor *cs)
{
    unsigned cpl = SEG_DPL(&cs->seg);
    struct push_frame f;
    struct descriptor ss = {0};
    uint32_t esp;
    uint16_t sel;

    if (cpu_long(c)) {
        f = (struct push_frame){.mask = UINT64_MAX,
                                .rsp = tss_rsp64(c, cpl * 8 + 4)};
        ss.seg.selector = (uint16_t)cpl; /* null, as 5.8.5.1 wants */
    } else {
        tss_inner_stack(c, cpl, &sel, &esp);
        seg_check_stack(c, sel, cpl, EXC_TS, &ss);
        frame_new(&f, &ss.seg, esp, cpl);
        f.code = sel_code(sel);
    }
    seg_check_rip(c, &cs->seg, g->offset);
    frame_push(c, &f, c->seg[SEG_SS].selector, g->size);
    frame_push(c, &f, c->gpr[RSP], g->size);
    for (unsigned i = g->params; i-- > 0;)
        frame_push(c, &f, stack_peek(c, i * g->size, g->size), g->size);
    push_return(c, &f, g->size);
    if (!cpu_long(c))
        seg_mark_accessed(c, &ss);
    seg_mark_accessed(c, cs);
    c->seg[SEG_SS] = ss.seg;
    set_rsp(c, f.rsp, f.mask);
    seg_set_cs(c, cs, cpl);
    c->rip = g->offset;
    cpu_update_transfer(c);
}

static void transfer_gate(struct cpu *c, const struct descriptor *d, bool call)
{
    struct call_gate g = gate_read(c, d);
    struct push_frame f;
    struct descriptor cs;

    gate_target(c, &g, call, &cs);
    if (call && !seg_is_conforming(&cs.seg) && SEG_DPL(&cs.seg) < c->cpl) {
        call_inner(c, &g, &cs);
        return;
    }
    if (call) {
        frame_current(c, &f);
        push_return(c, &f, g.size);
    }
    seg_check_rip(c, &cs.seg, g.offset);
    seg_mark_accessed(c, &cs);
    if (call)
        set_rsp(c, f.rsp, f.mask);
    commit_cs(c, &cs, g.offset);
}

static void transfer_task(struct cpu *c, struct descriptor *d, bool call)
{
    uint32_t code = sel_code(d->seg.selector);

    if (d->seg.selector & SEL_TI)
        cpu_fault_why(c, EXC_GP, code, "TSS in the LDT");
    if (!SEG_P(&d->seg))
        cpu_fault_why(c, EXC_NP, code, "TSS not present");
    task_switch(c, d, call ? TASK_CALL : TASK_JMP);
    task_check_rip(c);
}

/* 7.2.5: a task gate leads to a TSS descriptor. */
static void transfer_task_gate(struct cpu *c, const struct descriptor *gate,
                               bool call)
{
    uint16_t sel = (uint16_t)(gate->raw >> 16);
    uint32_t code = sel_code(sel);
    struct descriptor d;
    unsigned type;

    if (sel & SEL_TI || !seg_fetch(c, sel, &d))
        cpu_fault_why(c, EXC_GP, code, "task gate: TSS not in GDT");
    type = d.seg.access & 31;
    if (type != SYS_TSS16 && type != SYS_TSS32)
        cpu_fault_why(c, EXC_GP, code, "task gate: no available TSS");
    transfer_task(c, &d, call);
}

/* System descriptors as targets. */
static void transfer_system(struct cpu *c, struct descriptor *d, bool call)
{
    uint32_t code = sel_code(d->seg.selector);
    unsigned type = SEG_TYPE(&d->seg), dpl = SEG_DPL(&d->seg);
    unsigned known = 1u << SYS_CALL32; /* all that long mode has */

    if (!cpu_long(c))
        known |= 1u << SYS_TSS16 | 1u << SYS_TSS32 | 1u << SYS_CALL16 |
                 1u << SYS_TASK_GATE;
    if (!(known >> type & 1))
        cpu_fault_why(c, EXC_GP, code, "no target for a far transfer");
    if (dpl < c->cpl || dpl < (unsigned)(d->seg.selector & SEL_RPL))
        cpu_fault_why(c, EXC_GP, code, "gate or TSS: DPL too low");
    if (type == SYS_TSS16 || type == SYS_TSS32) {
        transfer_task(c, d, call);
        return;
    }
    if (!SEG_P(&d->seg))
        cpu_fault_why(c, EXC_NP, code, "gate not present");
    if (type == SYS_TASK_GATE)
        transfer_task_gate(c, d, call);
    else
        transfer_gate(c, d, call);
}

static void transfer(struct cpu *c, uint16_t sel, uint64_t off, unsigned osize,
                     bool call)
{
    struct descriptor d;

    off = cut(off, osize);
    if (real_or_v86(c)) {
        transfer_real(c, sel, off, osize, call);
        return;
    }
    if (seg_null(sel))
        cpu_fault_why(c, EXC_GP, 0, "far transfer: null selector");
    if (!seg_fetch(c, sel, &d))
        cpu_fault_why(c, EXC_GP, sel_code(sel), "selector beyond table");
    if (seg_is_code(&d.seg))
        transfer_direct(c, &d, off, osize, call);
    else if (SEG_S(&d.seg))
        cpu_fault_why(c, EXC_GP, sel_code(sel), "far transfer to data");
    else
        transfer_system(c, &d, call);
}

void far_jump(struct cpu *c, uint16_t sel, uint64_t off, unsigned osize)
{
    transfer(c, sel, off, osize, false);
}

void far_call(struct cpu *c, uint16_t sel, uint64_t off, unsigned osize)
{
    transfer(c, sel, off, osize, true);
}

void far_check_return_cs(struct cpu *c, uint16_t sel, struct descriptor *cs)
{
    uint32_t code = sel_code(sel);
    unsigned rpl = sel & SEL_RPL, dpl;

    if (seg_null(sel))
        cpu_fault_why(c, EXC_GP, 0, "return to null CS");
    if (!seg_fetch(c, sel, cs))
        cpu_fault_why(c, EXC_GP, code, "return CS beyond table");
    dpl = SEG_DPL(&cs->seg);
    if (!seg_is_code(&cs->seg) || rpl < c->cpl)
        cpu_fault_why(c, EXC_GP, code, "return CS: no code or RPL < CPL");
    if (cpu_long(c) && SEG_L(&cs->seg) && SEG_DB(&cs->seg))
        cpu_fault_why(c, EXC_GP, code, "return CS with L and D");
    if (seg_is_conforming(&cs->seg) ? dpl > rpl : dpl != rpl)
        cpu_fault_why(c, EXC_GP, code, "return CS: DPL");
    if (!SEG_P(&cs->seg))
        cpu_fault_why(c, EXC_NP, code, "return CS not present");
}

void far_check_return_ss(struct cpu *c, uint16_t sel,
                         const struct descriptor *cs, struct descriptor *ss)
{
    unsigned rpl = cs->seg.selector & SEL_RPL;

    if (seg_null(sel) && cpu_long(c) && SEG_L(&cs->seg) && rpl != 3 &&
        (sel & SEL_RPL) == rpl) {
        *ss = (struct descriptor){.seg.selector = sel};
        return;
    }
    seg_check_stack(c, sel, rpl, EXC_GP, ss);
}

void far_commit_return(struct cpu *c, struct descriptor *cs,
                       struct descriptor *ss, uint64_t rip, uint64_t rsp,
                       unsigned extra)
{
    bool outer = (cs->seg.selector & SEL_RPL) > c->cpl;
    uint64_t mask = UINT64_MAX;

    if (ss->seg.usable)
        seg_mark_accessed(c, ss);
    seg_mark_accessed(c, cs);
    seg_set_cs(c, cs, cs->seg.selector & SEL_RPL);
    c->seg[SEG_SS] = ss->seg;
    c->rip = rip;
    if (!(cpu_long(c) && SEG_L(&cs->seg)))
        mask = SEG_DB(&ss->seg) ? UINT32_MAX : 0xffff;
    set_rsp(c, (rsp & mask) + extra, mask);
    if (outer)
        seg_drop_inner(c);
}

static void return_real(struct cpu *c, unsigned osize, unsigned extra)
{
    uint64_t rip = stack_peek(c, 0, osize);
    uint16_t sel = (uint16_t)stack_peek(c, osize, osize);

    if (rip > c->seg[SEG_CS].limit)
        cpu_fault_why(c, EXC_GP, 0, "return beyond CS limit");
    stack_adjust(c, (int64_t)(2 * osize + extra));
    seg_set_real(c, SEG_CS, sel);
    c->rip = rip;
    cpu_update_transfer(c);
}

void far_return(struct cpu *c, unsigned osize, unsigned extra)
{
    struct descriptor cs, ss;
    uint64_t rip, rsp;
    uint16_t sel;

    if (real_or_v86(c)) {
        return_real(c, osize, extra);
        return;
    }
    rip = stack_peek(c, 0, osize);
    sel = (uint16_t)stack_peek(c, osize, osize);
    far_check_return_cs(c, sel, &cs);
    if ((sel & SEL_RPL) == c->cpl) {
        seg_check_rip(c, &cs.seg, rip);
        seg_mark_accessed(c, &cs);
        stack_adjust(c, (int64_t)(2 * osize + extra));
        commit_cs(c, &cs, rip);
        return;
    }
    rsp = stack_peek(c, 2 * osize + extra, osize);
    sel = (uint16_t)stack_peek(c, 3 * osize + extra, osize);
    far_check_return_ss(c, sel, &cs, &ss);
    seg_check_rip(c, &cs.seg, rip);
    far_commit_return(c, &cs, &ss, rip, rsp, extra);
    cpu_update_transfer(c);
}

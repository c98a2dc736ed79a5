/*
 * interrupt.c - the way of an interrupt or exception to its handler.
 *
 * SDM vol. 3 ch. 6.10-6.14 (IDT, gates, stacks), 20.1.4 (real mode), 20.3
 * (virtual-8086 mode and VME); pseudocode of INT n in vol. 2.
 */
#include "cpu/access.h"
#include "cpu/exception.h"
#include "cpu/flags.h"
#include "cpu/probe.h"
#include "cpu/same_level.h"
#include "cpu/seg.h"
#include "cpu/task.h"

struct gate {
    uint16_t selector;
    uint64_t offset;
    uint8_t type, dpl, ist;
    bool present;
};

/* 6.13: index in the IDT, IDT bit; EXT is added by cpu_fault_why. */
static uint32_t idt_code(unsigned vector)
{
    return vector * 8 + 2;
}

static uint64_t linear(const struct cpu *c, uint64_t laddr)
{
    return cpu_long(c) ? laddr : (uint32_t)laddr;
}

/* 20.1.4: the IVT holds far pointers; FLAGS, CS and IP are pushed as words. */
static void int_real(struct cpu *c, unsigned vector)
{
    bool first = c->quirks & QUIRK_VECTOR_FIRST;
    uint64_t at = linear(c, c->idtr.base + vector * 4);
    struct push_frame f;
    uint32_t entry = 0;

    if (vector * 4 + 3 > c->idtr.limit)
        cpu_fault_why(c, EXC_GP, 0, "vector beyond the IVT limit");
    if (first)
        entry = (uint32_t)lin_read(c, at, 4, false);
    frame_current(c, &f);
    frame_push(c, &f, c->rflags & 0xffff, 2);
    frame_push(c, &f, c->seg[SEG_CS].selector, 2);
    frame_push(c, &f, c->rip & 0xffff, 2);
    if (!first)
        entry = (uint32_t)lin_read(c, at, 4, false);
    set_rsp(c, f.rsp, f.mask);
    seg_set_real(c, SEG_CS, (uint16_t)(entry >> 16));
    c->rip = entry & 0xffff;
    c->rflags &= ~(uint64_t)(EFL_IF | EFL_TF | EFL_AC | EFL_RF);
}

static struct gate gate_decode(uint64_t raw, uint64_t high)
{
    return (struct gate){
        .selector = (uint16_t)(raw >> 16),
        .offset = (raw & 0xffff) | (raw >> 48) << 16 | high << 32,
        .type = raw >> 40 & 31, /* with the S bit: 16 and up are no gates */
        .dpl = raw >> 45 & 3,
        .ist = raw >> 32 & 7,
        .present = raw >> 47 & 1,
    };
}

/* Reads and checks the IDT entry (pseudocode of INT n, PROTECTED-MODE and
 * IA-32e-MODE). */
static struct gate idt_read(struct cpu *c, unsigned vector,
                            enum int_source source)
{
    unsigned size = cpu_long(c) ? 16 : 8;
    uint64_t at = c->idtr.base + vector * size, high = 0;
    struct gate g;
    bool good;

    if (vector * size + size - 1 > c->idtr.limit)
        cpu_fault_why(c, EXC_GP, idt_code(vector), "vector beyond IDT limit");
    if (cpu_long(c))
        high = lin_read(c, at + 8, 8, false);
    g = gate_decode(seg_raw(c, lin_read(c, linear(c, at), 8, false)), high);
    good = g.type == SYS_INT32 || g.type == SYS_TRAP32;
    if (!cpu_long(c)) {
        good |= g.type == SYS_INT16 || g.type == SYS_TRAP16 ||
                g.type == SYS_TASK_GATE;
        if (g.type == SYS_INT16 || g.type == SYS_TRAP16)
            g.offset &= 0xffff;
    }
    if (!good)
        cpu_fault_why(c, EXC_GP, idt_code(vector), "IDT entry is no gate");
    if (source == INT_SOFT && g.dpl < c->cpl)
        cpu_fault_why(c, EXC_GP, idt_code(vector), "INT n: gate DPL < CPL");
    if (!g.present)
        cpu_fault_why(c, EXC_NP, idt_code(vector), "gate not present");
    return g;
}

/* The handler's code segment; the new CPL in *cpl. */
static void int_code_segment(struct cpu *c, const struct gate *g,
                             struct descriptor *cs, unsigned *cpl)
{
    uint32_t code = sel_code(g->selector);
    unsigned dpl;

    if (seg_null(g->selector))
        cpu_fault_why(c, EXC_GP, 0, "gate with null selector");
    if (!seg_fetch(c, g->selector, cs))
        cpu_fault_why(c, EXC_GP, code, "gate selector beyond table");
    dpl = SEG_DPL(&cs->seg);
    if (!seg_is_code(&cs->seg) || dpl > c->cpl)
        cpu_fault_why(c, EXC_GP, code, "gate target no code or DPL > CPL");
    if (cpu_long(c) && (!SEG_L(&cs->seg) || SEG_DB(&cs->seg)))
        cpu_fault_why(c, EXC_GP, code, "gate target is not 64-bit code");
    if (!SEG_P(&cs->seg))
        cpu_fault_why(c, EXC_NP, code, "gate target not present");
    *cpl = seg_is_conforming(&cs->seg) ? c->cpl : dpl;
    /* 20.3.1: from virtual-8086 mode the handler must run at CPL 0. */
    if (c->rflags & EFL_VM && *cpl != 0)
        cpu_fault_why(c, EXC_GP, code, "handler of a v86 task not at CPL 0");
}

/* 6.12.1: flags after the image was saved. */
static void int_clear_flags(struct cpu *c, const struct gate *g)
{
    c->rflags &= ~(uint64_t)(EFL_TF | EFL_VM | EFL_RF | EFL_NT);
    if (!(g->type & 1))
        c->rflags &= ~(uint64_t)EFL_IF;
}

static void int_task_gate(struct cpu *c, const struct gate *g, bool has_code,
                          uint32_t code)
{
    struct descriptor d;
    uint32_t err = sel_code(g->selector);
    unsigned type;

    if (g->selector & SEL_TI || !seg_fetch(c, g->selector, &d))
        cpu_fault_why(c, EXC_GP, err, "task gate: TSS not in GDT");
    type = d.seg.access & 31;
    if (type != SYS_TSS16 && type != SYS_TSS32)
        cpu_fault_why(c, EXC_GP, err, "task gate: no available TSS");
    if (!SEG_P(&d.seg))
        cpu_fault_why(c, EXC_NP, err, "task gate: TSS not present");
    task_switch(c, &d, TASK_INT);
    if (has_code)
        stack_push(c, code, type == SYS_TSS32 ? 4 : 2);
    task_check_rip(c);
}

static void int_protected(struct cpu *c, unsigned vector,
                          enum int_source source, bool has_code, uint32_t code)
{
    struct gate g = idt_read(c, vector, source);
    struct descriptor cs, ss;
    struct push_frame f;
    unsigned cpl, size = g.type & 8 ? 4 : 2;
    bool v86 = (c->rflags & EFL_VM) != 0, inner;

    if (g.type == SYS_TASK_GATE) {
        int_task_gate(c, &g, has_code, code);
        return;
    }
    int_code_segment(c, &g, &cs, &cpl);
    inner = cpl < c->cpl;
    if (inner) {
        uint16_t sel;
        uint32_t esp;

        tss_inner_stack(c, cpl, &sel, &esp);
        seg_check_stack(c, sel, cpl, EXC_TS, &ss);
        ss.seg.selector = sel;
        frame_new(&f, &ss.seg, esp, cpl);
        f.code = sel_code(sel);
    } else {
        frame_current(c, &f);
    }
    seg_check_rip(c, &cs.seg, g.offset);
    if (v86) {
        frame_push(c, &f, c->seg[SEG_GS].selector, size);
        frame_push(c, &f, c->seg[SEG_FS].selector, size);
        frame_push(c, &f, c->seg[SEG_DS].selector, size);
        frame_push(c, &f, c->seg[SEG_ES].selector, size);
    }
    if (inner) {
        frame_push(c, &f, c->seg[SEG_SS].selector, size);
        frame_push(c, &f, c->gpr[RSP], size);
    }
    frame_push(c, &f, c->rflags, size);
    frame_push(c, &f, c->seg[SEG_CS].selector, size);
    frame_push(c, &f, c->rip, size);
    if (has_code)
        frame_push(c, &f, code, size);
    if (inner)
        seg_mark_accessed(c, &ss);
    seg_mark_accessed(c, &cs);
    if (inner)
        c->seg[SEG_SS] = ss.seg;
    set_rsp(c, f.rsp, f.mask);
    seg_set_cs(c, &cs, cpl);
    c->rip = g.offset;
    int_clear_flags(c, &g);
    if (v86)
        for (unsigned s = 0; s < 4; s++)
            seg_set_null(
                c, (const uint8_t[]){SEG_ES, SEG_DS, SEG_FS, SEG_GS}[s], 0);
}

/* 6.14: 64-bit gates. The frame always holds SS:RSP and is aligned to 16. */
static void int_long(struct cpu *c, unsigned vector, enum int_source source,
                     bool has_code, uint32_t code)
{
    struct gate g = idt_read(c, vector, source);
    struct descriptor cs;
    struct push_frame f = {.mask = UINT64_MAX};
    unsigned cpl;
    bool inner;

    int_code_segment(c, &g, &cs, &cpl);
    inner = cpl < c->cpl;
    if (g.ist)
        f.rsp = tss_rsp64(c, g.ist * 8u + 28);
    else if (inner)
        f.rsp = tss_rsp64(c, cpl * 8 + 4);
    else
        f.rsp = c->gpr[RSP];
    f.rsp &= ~(uint64_t)15;
    f.user = cpl == 3;
    seg_check_rip(c, &cs.seg, g.offset);
    frame_push(c, &f, c->seg[SEG_SS].selector, 8);
    frame_push(c, &f, c->gpr[RSP], 8);
    frame_push(c, &f, c->rflags, 8);
    frame_push(c, &f, c->seg[SEG_CS].selector, 8);
    frame_push(c, &f, c->rip, 8);
    if (has_code)
        frame_push(c, &f, code, 8);
    seg_mark_accessed(c, &cs);
    if (inner)
        seg_set_null(c, SEG_SS, (uint16_t)cpl);
    c->gpr[RSP] = f.rsp;
    seg_set_cs(c, &cs, cpl);
    c->rip = g.offset;
    int_clear_flags(c, &g);
}

void cpu_interrupt(struct cpu *c, unsigned vector, enum int_source source,
                   bool has_code, uint32_t code)
{
    flags_sync(c);
    if (UNLIKELY(c->probe_mask & (PROBE_INTERRUPT | PROBE_EXCEPTION)))
        probe_interrupt(c, vector, source, code);
    /* Traps of the instruction are lost to its interrupt (17.3.1.4); a task
     * switch may leave a new one. */
    c->pending_dbg = 0;
    c->hard_interrupts += source == INT_HARD;
    if (source == INT_HARD || source == INT_EXC)
        c->insn_rip = c->rip; /* a fault of the delivery returns here */
    else
        c->rflags &= ~(uint64_t)EFL_RF;
    /* Table 6-5 counts interrupts and INT n as benign. */
    c->fault_class = source == INT_EXC ? exc_class(vector) : CLASS_BENIGN;
    c->fault_ext = source != INT_SOFT; /* 6.13 */
    if (same_level_interrupt(c, vector, source, has_code, code)) {
        c->fault_depth = 0;
        c->events &= ~(uint32_t)(EV_SHADOW | EV_WAITS);
        return;
    }
    c->fault_depth++;
    if (!(c->cr0 & CR0_PE))
        int_real(c, vector);
    else if (cpu_long(c))
        int_long(c, vector, source, has_code, code);
    else
        int_protected(c, vector, source, has_code, code);
    c->fault_depth = 0;
    c->events &= ~(uint32_t)(EV_SHADOW | EV_WAITS);
    cpu_update_transfer(c);
}

/* 20.3.3: pushes FLAGS, CS, IP on the 8086 program's stack and takes the far
 * pointer at linear address 4n. */
static void v86_call_8086(struct cpu *c, unsigned vector)
{
    bool iopl3 = (c->rflags & EFL_IOPL) == EFL_IOPL;
    uint64_t image = c->rflags & 0xffff;
    struct push_frame f;
    uint32_t entry;

    if (!iopl3) {
        /* With IOPL below 3 the program sees VIF as IF, and IOPL 3. */
        image = (image & ~(uint64_t)EFL_IF) | EFL_IOPL;
        if (c->rflags & EFL_VIF)
            image |= EFL_IF;
    }
    frame_current(c, &f);
    frame_push(c, &f, image, 2);
    frame_push(c, &f, c->seg[SEG_CS].selector, 2);
    frame_push(c, &f, c->rip & 0xffff, 2);
    entry = (uint32_t)lin_read(c, vector * 4, 4, true);
    set_rsp(c, f.rsp, f.mask);
    seg_set_real(c, SEG_CS, (uint16_t)(entry >> 16));
    c->rip = entry & 0xffff;
    c->rflags &= ~(uint64_t)(EFL_TF | EFL_RF | (iopl3 ? EFL_IF : EFL_VIF));
    c->pending_dbg = 0;
    cpu_update_transfer(c);
}

bool v86_int_redirect(struct cpu *c, unsigned vector)
{
    bool iopl3 = (c->rflags & EFL_IOPL) == EFL_IOPL;

    if (c->cr4 & CR4_VME) {
        const struct segment *tr = &c->seg[SEG_TR];
        uint32_t at;

        /* 20.3: the 32 bytes below the I/O map, one bit for each vector. */
        if (tr->limit < 103)
            cpu_fault_why(c, EXC_GP, 0, "v86 INT n: TSS without bitmap");
        at = (uint32_t)lin_read(c, tr->base + 102, 2, false) - 32 + vector / 8;
        if (at > tr->limit)
            cpu_fault_why(c, EXC_GP, 0, "v86 INT n: bitmap beyond TSS");
        if (!(lin_read(c, tr->base + at, 1, false) >> (vector & 7) & 1)) {
            v86_call_8086(c, vector);
            return true;
        }
    }
    if (!iopl3)
        cpu_fault_why(c, EXC_GP, 0, "v86 INT n: IOPL < 3");
    return false;
}

/*
 * iret.c - IRET in all modes, and loading of RFLAGS.
 *
 * SDM vol. 2 (IRET), vol. 3 ch. 6.12, 6.14.3, 7.3, 20.2, 20.3.
 */
#include "cpu/access.h"
#include "cpu/debugreg.h"
#include "cpu/exception.h"
#include "cpu/far.h"
#include "cpu/flags.h"
#include "cpu/gate.h"
#include "cpu/same_level.h"
#include "cpu/task.h"

void rflags_changed(struct cpu *c)
{
    if (c->rflags & (EFL_TF | EFL_VIP) ||
        (c->rflags & EFL_RF && debug_watches_code(c)))
        cpu_raise(c, EV_TRAP);
    if (c->rflags & EFL_IF && c->events & EV_INTR)
        cpu_raise(c, EV_INTR); /* it waited for IF */
}

void rflags_load(struct cpu *c, uint64_t image, uint64_t mask)
{
    uint64_t old = flags_sync(c);

    if (UNLIKELY(c->quirks & QUIRK_FLAGS_ONES))
        image |= EFL_IOPL | EFL_NT;
    if (UNLIKELY(c->quirks & QUIRK_FLAGS_ZEROS && c->mode == MODE_REAL))
        mask &= ~(uint64_t)(EFL_IOPL | EFL_NT);
    if (UNLIKELY(!cpu_has(c, FEAT_486NI))) /* how programs know a 386 */
        mask &= ~(uint64_t)(EFL_AC | EFL_ID);
    c->rflags = (old & ~mask) | (image & mask);
    c->fl_kind = FL_EFLAGS;
    rflags_changed(c);
    if ((old ^ c->rflags) & (EFL_AC | EFL_VM))
        cpu_update_mode(c);
}

enum {
    /* What IRET may always load; 32-bit forms add the second line. */
    IRET_LOW = EFL_ARITH | EFL_TF | EFL_DF | EFL_NT,
    IRET_HIGH = EFL_RF | EFL_AC | EFL_ID,
};

/* Flags that an IRET at privilege `cpl` loads. */
static uint64_t iret_mask(const struct cpu *c, unsigned cpl, unsigned osize)
{
    uint64_t mask = IRET_LOW;

    if (osize > 2)
        mask |= IRET_HIGH;
    if (cpl <= (c->rflags & EFL_IOPL) >> 12)
        mask |= EFL_IF;
    if (cpl == 0) {
        mask |= EFL_IOPL;
        if (osize > 2)
            mask |= EFL_VIF | EFL_VIP;
    }
    return mask;
}

/* Real mode, and virtual-8086 mode with what it may load. */
static void iret_8086(struct cpu *c, unsigned osize, uint64_t mask)
{
    uint64_t rip = stack_peek(c, 0, osize);
    uint16_t sel = (uint16_t)stack_peek(c, osize, osize);
    uint64_t image = stack_peek(c, 2 * osize, osize);

    if (rip > c->seg[SEG_CS].limit)
        cpu_fault_why(c, EXC_GP, 0, "IRET beyond CS limit");
    stack_adjust(c, 3 * osize);
    seg_set_real(c, SEG_CS, sel);
    c->rip = rip;
    rflags_load(c, image, mask);
    cpu_update_transfer(c);
}

/* 20.3.3 with VME: a 16-bit IRET moves the image's IF to VIF. */
static void iret_vme(struct cpu *c)
{
    uint64_t image = stack_peek(c, 4, 2);

    if (image & EFL_TF || (image & EFL_IF && c->rflags & EFL_VIP))
        cpu_fault_why(c, EXC_GP, 0, "v86 IRET: TF, or IF with VIP");
    iret_8086(c, 2, IRET_LOW);
    c->rflags &= ~(uint64_t)EFL_VIF;
    if (image & EFL_IF)
        c->rflags |= EFL_VIF;
}

static void iret_v86(struct cpu *c, unsigned osize)
{
    if ((c->rflags & EFL_IOPL) == EFL_IOPL)
        iret_8086(c, osize, IRET_LOW | EFL_IF | (osize > 2 ? IRET_HIGH : 0));
    else if (c->cr4 & CR4_VME && osize == 2)
        iret_vme(c);
    else
        cpu_fault_why(c, EXC_GP, 0, "v86 IRET: IOPL < 3");
}

/* From CPL 0 to a virtual-8086 task: nine dwords. */
static void iret_to_v86(struct cpu *c, uint64_t image)
{
    static const uint8_t order[] = {SEG_ES, SEG_DS, SEG_FS, SEG_GS};
    uint32_t v[9];

    for (unsigned i = 0; i < 9; i++)
        v[i] = (uint32_t)stack_peek(c, i * 4, 4);
    if (v[0] > 0xffff)
        cpu_fault_why(c, EXC_GP, 0, "IRET to v86: EIP above FFFFh");
    flags_sync(c);
    c->rflags = (image & 0x003f7fd5) | 2;
    c->fl_kind = FL_EFLAGS;
    c->cpl = 3;
    seg_set_real(c, SEG_CS, (uint16_t)v[1]);
    seg_set_real(c, SEG_SS, (uint16_t)v[4]);
    for (unsigned i = 0; i < 4; i++)
        seg_set_real(c, order[i], (uint16_t)v[5 + i]);
    c->rip = v[0];
    c->gpr[RSP] = v[3];
    rflags_changed(c);
    cpu_update_mode(c);
}

static void iret_protected(struct cpu *c, unsigned osize)
{
    uint64_t mask = iret_mask(c, c->cpl, osize), rip, rsp, image;
    struct descriptor cs, ss;
    uint16_t sel, ss_sel;

    if (same_level_iret(c, osize, mask))
        return;
    rip = stack_peek(c, 0, osize);
    sel = (uint16_t)stack_peek(c, osize, osize);
    image = stack_peek(c, 2 * osize, osize);
    if (osize == 4 && image & EFL_VM && c->cpl == 0 && !cpu_long(c)) {
        iret_to_v86(c, image);
        return;
    }
    far_check_return_cs(c, sel, &cs);
    if ((sel & SEL_RPL) == c->cpl && c->mode != MODE_LONG64) {
        seg_check_rip(c, &cs.seg, rip);
        seg_mark_accessed(c, &cs);
        stack_adjust(c, 3 * osize);
        seg_set_cs(c, &cs, c->cpl);
        c->rip = rip;
    } else {
        /* 6.14.3: in 64-bit mode SS:RSP is always on the stack. */
        rsp = stack_peek(c, 3 * osize, osize);
        ss_sel = (uint16_t)stack_peek(c, 4 * osize, osize);
        far_check_return_ss(c, ss_sel, &cs, &ss);
        seg_check_rip(c, &cs.seg, rip);
        far_commit_return(c, &cs, &ss, rip, rsp, 0);
    }
    rflags_load(c, image, mask);
    cpu_update_transfer(c);
}

void far_iret(struct cpu *c, unsigned osize)
{
    flags_sync(c);
    /* 6.7.1: NMIs are open again, even if the instruction faults. */
    if (c->nmi_masked) {
        c->nmi_masked = false;
        cpu_raise(c, 0);
    }
    if (c->mode == MODE_V86) {
        iret_v86(c, osize);
    } else if (c->mode == MODE_REAL) {
        iret_8086(c, osize,
                  IRET_LOW | EFL_IF | EFL_IOPL | (osize > 2 ? IRET_HIGH : 0));
    } else if (c->rflags & EFL_NT) {
        if (cpu_long(c))
            cpu_fault_why(c, EXC_GP, 0, "IRET: NT in long mode");
        task_return(c);
    } else {
        iret_protected(c, osize);
    }
}

/*
 * ops_far.c - far branches, interrupts by instruction, system calls, flags
 * with privilege, HLT.
 *
 * SDM vol. 2, each instruction's pseudocode; vol. 3 ch. 5.8.7 (SYSENTER),
 * 5.8.8 (SYSCALL), 20.3 and 20.4 (VME, PVI).
 */
#include "cpu/debugreg.h"
#include "cpu/exception.h"
#include "cpu/flags.h"
#include "cpu/gate.h"
#include "cpu/operand.h"
#include "cpu/ops_sys.h"
#include "cpu/probe.h"
#include "cpu/seg.h"

void op_jmp_ap(struct cpu *c, const struct decoded *d)
{
    far_jump(c, d->imm2, d->imm, d->osize);
}

void op_call_ap(struct cpu *c, const struct decoded *d)
{
    far_call(c, d->imm2, d->imm, d->osize);
}

static uint16_t read_far(struct cpu *c, const struct decoded *d, uint64_t *off)
{
    uint64_t ea = mem_ea(c, d);

    *off = read_mv(c, d->seg, ea, d->osize);
    return mem_read16(c, d->seg, mem_ea_add(d, ea, d->osize));
}

void op_jmp_mp(struct cpu *c, const struct decoded *d)
{
    uint64_t off;
    uint16_t sel = read_far(c, d, &off);

    far_jump(c, sel, off, d->osize);
}

void op_call_mp(struct cpu *c, const struct decoded *d)
{
    uint64_t off;
    uint16_t sel = read_far(c, d, &off);

    far_call(c, sel, off, d->osize);
}

void op_retf(struct cpu *c, const struct decoded *d)
{
    far_return(c, d->osize, 0);
}

void op_retf_iw(struct cpu *c, const struct decoded *d)
{
    far_return(c, d->osize, d->imm & 0xffff);
}

void op_iret(struct cpu *c, const struct decoded *d)
{
    far_iret(c, d->osize);
}

void op_int_ib(struct cpu *c, const struct decoded *d)
{
    unsigned vector = d->imm & 0xff;

    if (c->mode == MODE_V86 && v86_int_redirect(c, vector))
        return;
    cpu_interrupt(c, vector, INT_SOFT, false, 0);
}

void op_int3(struct cpu *c, const struct decoded *d)
{
    (void)d;
    cpu_interrupt(c, EXC_BP, INT_SOFT, false, 0);
}

void op_into(struct cpu *c, const struct decoded *d)
{
    (void)d;
    if (flags_sync(c) & EFL_OF)
        cpu_interrupt(c, EXC_OF, INT_SOFT, false, 0);
}

void op_int1(struct cpu *c, const struct decoded *d)
{
    (void)d;
    cpu_interrupt(c, EXC_DB, INT_ICEBP, false, 0);
}

/* Flat segments as SYSENTER, SYSCALL and their returns force them. */
static void flat_cs(struct cpu *c, uint16_t sel, unsigned cpl, bool wide)
{
    c->seg[SEG_CS] = (struct segment){
        .limit = UINT32_MAX,
        .selector = sel,
        .access = (uint8_t)(0x9b | cpl << 5),
        .flags = wide ? 0xa : 0xc,
        .usable = true,
    };
    c->cpl = (uint8_t)cpl;
}

static void flat_ss(struct cpu *c, uint16_t sel, unsigned cpl)
{
    c->seg[SEG_SS] = (struct segment){
        .limit = UINT32_MAX,
        .selector = sel,
        .access = (uint8_t)(0x93 | cpl << 5),
        .flags = 0xc,
        .usable = true,
    };
}

void op_sysenter(struct cpu *c, const struct decoded *d)
{
    uint16_t cs = (uint16_t)(c->msr.sysenter_cs & 0xfffc);
    bool wide = cpu_long(c);

    (void)d;
    if (!(c->cr0 & CR0_PE) || !cs)
        cpu_fault_why(c, EXC_GP, 0, "SYSENTER: real mode or CS is 0");
    flags_sync(c);
    c->rflags &= ~(uint64_t)(EFL_VM | EFL_IF | EFL_RF);
    flat_cs(c, cs, 0, wide);
    flat_ss(c, (uint16_t)(cs + 8), 0);
    c->gpr[RSP] = c->msr.sysenter_esp & (wide ? UINT64_MAX : UINT32_MAX);
    c->rip = c->msr.sysenter_eip & (wide ? UINT64_MAX : UINT32_MAX);
    cpu_update_transfer(c);
}

void op_sysexit(struct cpu *c, const struct decoded *d)
{
    uint16_t cs = (uint16_t)(c->msr.sysenter_cs & 0xfffc);
    bool wide = d->osize == 8;
    uint64_t rip = c->gpr[RDX], rsp = c->gpr[RCX];

    if (!(c->cr0 & CR0_PE) || !cs || c->cpl)
        cpu_fault_why(c, EXC_GP, 0, "SYSEXIT: mode, CPL or CS");
    if (wide && !(addr_canonical(rip) && addr_canonical(rsp)))
        cpu_fault_why(c, EXC_GP, 0, "SYSEXIT: target not canonical");
    cs = (uint16_t)((cs + (wide ? 32 : 16)) | 3);
    flat_cs(c, cs, 3, wide);
    flat_ss(c, (uint16_t)(cs + 8), 3);
    c->gpr[RSP] = wide ? rsp : (uint32_t)rsp;
    c->rip = wide ? rip : (uint32_t)rip;
    cpu_update_transfer(c);
}

/* Outside 64-bit mode only processors of AMD's line have the pair. */
static void need_syscall(struct cpu *c)
{
    if (!(c->efer & EFER_SCE) || !(c->cr0 & CR0_PE) ||
        (c->mode != MODE_LONG64 && !cpu_has(c, FEAT_LEGACY_SYSCALL_SYSRET)))
        cpu_fault(c, EXC_UD);
}

void op_syscall(struct cpu *c, const struct decoded *d)
{
    uint16_t cs = (uint16_t)(c->msr.star >> 32 & 0xfffc);

    (void)d;
    need_syscall(c);
    flags_sync(c);
    if (cpu_long(c)) {
        c->gpr[RCX] = c->rip;
        c->gpr[R8 + 3] = c->rflags & ~(uint64_t)EFL_RF;
        c->rip = c->mode == MODE_LONG64 ? c->msr.lstar : c->msr.cstar;
        rflags_load(c, 0, (c->msr.fmask & UINT32_MAX & ~2u) | EFL_RF);
        /* The step is judged by the new TF. */
        if (!(c->rflags & EFL_TF))
            c->pending_dbg &= ~(uint64_t)DR6_BS;
    } else {
        c->gpr[RCX] = (uint32_t)c->rip;
        c->rip = (uint32_t)c->msr.star;
        c->rflags &= ~(uint64_t)(EFL_VM | EFL_IF | EFL_RF);
    }
    flat_cs(c, cs, 0, cpu_long(c));
    flat_ss(c, (uint16_t)(cs + 8), 0);
    cpu_update_transfer(c);
}

void op_sysret(struct cpu *c, const struct decoded *d)
{
    uint16_t base = (uint16_t)(c->msr.star >> 48);
    bool wide = d->osize == 8;

    need_syscall(c);
    if (c->cpl)
        cpu_fault_why(c, EXC_GP, 0, "SYSRET at CPL > 0");
    if (wide && !addr_canonical(c->gpr[RCX]))
        cpu_fault_why(c, EXC_GP, 0, "SYSRET: RCX not canonical");
    flat_cs(c, (uint16_t)((base + (wide ? 16 : 0)) | 3), 3, wide);
    flat_ss(c, (uint16_t)((base + 8) | 3), 3);
    c->rip = wide ? c->gpr[RCX] : (uint32_t)c->gpr[RCX];
    if (cpu_long(c))
        rflags_load(c, (c->gpr[R8 + 3] & 0x3c7fd7) | 2, UINT64_MAX);
    else
        rflags_load(c, EFL_IF, EFL_IF);
    cpu_update_transfer(c);
}

static unsigned iopl(const struct cpu *c)
{
    return (c->rflags & EFL_IOPL) >> 12;
}

void op_pushf(struct cpu *c, const struct decoded *d)
{
    /* The image never shows VM and RF. */
    uint64_t image = flags_sync(c) & ~(uint64_t)(EFL_VM | EFL_RF);

    if (c->mode == MODE_V86 && iopl(c) < 3) {
        if (!(c->cr4 & CR4_VME) || d->osize != 2)
            cpu_fault_why(c, EXC_GP, 0, "v86 PUSHF: IOPL < 3");
        image = (image & ~(uint64_t)EFL_IF) | EFL_IOPL;
        if (c->rflags & EFL_VIF)
            image |= EFL_IF;
    }
    stack_push(c, image, d->osize);
}

/* v86 with IOPL < 3: the image's IF goes to VIF. */
static void popf_vme(struct cpu *c, const struct decoded *d)
{
    uint64_t image;

    if (!(c->cr4 & CR4_VME) || d->osize != 2)
        cpu_fault_why(c, EXC_GP, 0, "v86 POPF: IOPL < 3");
    image = stack_peek(c, 0, 2);
    if (image & EFL_TF || (image & EFL_IF && c->rflags & EFL_VIP))
        cpu_fault_why(c, EXC_GP, 0, "v86 POPF: TF, or IF with VIP");
    stack_adjust(c, 2);
    if (image & EFL_IF)
        image |= EFL_VIF;
    rflags_load(c, image, EFL_ARITH | EFL_TF | EFL_DF | EFL_NT | EFL_VIF);
}

void op_popf(struct cpu *c, const struct decoded *d)
{
    uint64_t mask = EFL_ARITH | EFL_TF | EFL_DF | EFL_NT;
    uint64_t image;

    if (c->mode == MODE_V86 && iopl(c) < 3) {
        popf_vme(c, d);
        return;
    }
    if (d->osize > 2)
        mask |= EFL_AC | EFL_ID | EFL_RF;
    if (c->cpl <= iopl(c)) /* v86 with IOPL 3 as well: CPL is 3 there */
        mask |= EFL_IF;
    if (c->cpl == 0)
        mask |= EFL_IOPL;
    image = stack_pop(c, d->osize) & ~(uint64_t)EFL_RF;
    rflags_load(c, image, mask);
}

/*
 * What CLI and STI act on: IF, or VIF with VME and PVI (table 3-7 of vol. 2,
 * CLI). #GP(0) where it may do neither.
 */
static uint64_t interrupt_flag(struct cpu *c)
{
    if (c->cpl <= iopl(c))
        return EFL_IF;
    if (c->cpl == 3 && c->cr4 & (c->mode == MODE_V86 ? CR4_VME : CR4_PVI))
        return EFL_VIF;
    cpu_fault_why(c, EXC_GP, 0, "CLI or STI: CPL > IOPL");
}

void op_cli(struct cpu *c, const struct decoded *d)
{
    (void)d;
    c->rflags &= ~interrupt_flag(c);
}

void op_sti(struct cpu *c, const struct decoded *d)
{
    uint64_t flag = interrupt_flag(c);

    (void)d;
    if (flag == EFL_VIF && c->rflags & EFL_VIP)
        cpu_fault_why(c, EXC_GP, 0, "STI with VIP");
    /* No interrupt before the end of the next instruction. */
    if (flag == EFL_IF && !(c->rflags & EFL_IF))
        cpu_raise(c, EV_SHADOW);
    c->rflags |= flag;
}

void op_hlt(struct cpu *c, const struct decoded *d)
{
    (void)d;
    if (c->cpl)
        cpu_fault_why(c, EXC_GP, 0, "HLT at CPL > 0");
    if (UNLIKELY(c->probe_mask & PROBE_HALT))
        probe_note(c, &(struct probe_hit){.what = PROBE_HALT});
    cpu_raise(c, EV_HALT);
}

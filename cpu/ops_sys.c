/*
 * ops_sys.c - control and debug registers, caches and TLB, time stamp, MSRs,
 * MONITOR and MWAIT.
 *
 * SDM vol. 2, each instruction's pseudocode; vol. 3 ch. 2.5, 2.8, 17.2.
 * Departures: no performance counters (they read 0); the processor's own
 * stores between MONITOR and MWAIT do not count.
 */
#include "cpu/ops_sys.h"
#include "cpu/apic.h"
#include "cpu/cr.h"
#include "cpu/debugreg.h"
#include "cpu/exception.h"
#include "cpu/flags.h"
#include "cpu/msr.h"
#include "cpu/operand.h"
#include "cpu/paging.h"
#include "cpu/probe.h"
#include "cpu/seg.h"
#include "cpu/tlb.h"

static void need_cpl0(struct cpu *c, const char *why)
{
    if (c->cpl)
        cpu_fault_why(c, EXC_GP, 0, why);
}

/* Moves of control and debug registers are as wide as the mode. */
static unsigned native_size(const struct cpu *c)
{
    return c->mode == MODE_LONG64 ? 8 : 4;
}

/* CR0, 2, 3, 4 and 8; LOCK MOV CR0 is CR8 on AMD's (ALTMOVCR8). */
static unsigned cr_number(struct cpu *c, const struct decoded *d)
{
    unsigned n = d->reg;

    if (n == 0 && d->lock && cpu_has(c, FEAT_ALTMOVCR8))
        n = 8;
    if (n != 0 && n != 2 && n != 3 && (n != 4 || !cr4_valid(c)) &&
        (n != 8 || !cpu_has(c, FEAT_LONGMODE)))
        cpu_fault(c, EXC_UD);
    need_cpl0(c, "MOV CRn at CPL > 0");
    return n;
}

void op_mov_rd_cd(struct cpu *c, const struct decoded *d)
{
    uint64_t v;

    switch (cr_number(c, d)) {
    case 0:
        v = c->cr0;
        break;
    case 2:
        v = c->cr2;
        break;
    case 3:
        v = c->cr3;
        break;
    case 4:
        v = c->cr4;
        break;
    default:
        v = c->apic.tpr >> 4 & 15;
        break;
    }
    reg_write(c, d->rm, v, native_size(c));
}

void op_mov_cd_rd(struct cpu *c, const struct decoded *d)
{
    uint64_t v = c->gpr[d->rm];

    if (native_size(c) == 4)
        v = (uint32_t)v;
    switch (cr_number(c, d)) {
    case 0:
        cr0_write(c, v);
        break;
    case 2:
        c->cr2 = v;
        break;
    case 3:
        cr3_write(c, v);
        break;
    case 4:
        cr4_write(c, v);
        break;
    default:
        if (v > 15)
            cpu_fault_why(c, EXC_GP, 0, "CR8: reserved bits");
        apic_set_tpr(c, (uint8_t)(v << 4));
        break;
    }
}

void op_smsw_ev(struct cpu *c, const struct decoded *d)
{
    if (c->cr4 & CR4_UMIP && c->cpl)
        cpu_fault_why(c, EXC_GP, 0, "UMIP");
    write_rv_mw(c, d, c->cr0);
}

/* Loads PE, MP, EM and TS; PE can be set but not cleared. */
void op_lmsw_ew(struct cpu *c, const struct decoded *d)
{
    uint64_t v;

    need_cpl0(c, "LMSW at CPL > 0");
    v = read_ew(c, d) & (CR0_PE | CR0_MP | CR0_EM | CR0_TS);
    v |= c->cr0 & ~(uint64_t)(CR0_MP | CR0_EM | CR0_TS);
    cr0_write(c, v);
}

void op_clts(struct cpu *c, const struct decoded *d)
{
    (void)d;
    need_cpl0(c, "CLTS at CPL > 0");
    c->cr0 &= ~(uint64_t)CR0_TS;
    cpu_update_mode(c);
}

/* 17.2.2: DR4 and DR5 are DR6 and DR7 unless CR4.DE; 17.2.4: GD. */
static unsigned dr_number(struct cpu *c, const struct decoded *d)
{
    unsigned n = d->reg;

    if (n > 7 || ((n == 4 || n == 5) && c->cr4 & CR4_DE))
        cpu_fault(c, EXC_UD);
    need_cpl0(c, "MOV DRn at CPL > 0");
    if (c->dr[7] & DR7_GD) {
        c->pending_dbg |= DR6_BD;
        cpu_fault_why(c, EXC_DB, 0, "general detect");
    }
    return n == 4 || n == 5 ? n + 2 : n;
}

void op_mov_rd_dd(struct cpu *c, const struct decoded *d)
{
    reg_write(c, d->rm, c->dr[dr_number(c, d)], native_size(c));
}

void op_mov_dd_rd(struct cpu *c, const struct decoded *d)
{
    unsigned n = dr_number(c, d);
    uint64_t v = c->gpr[d->rm];

    if (native_size(c) == 4)
        v = (uint32_t)v;
    if (n >= 6 && v >> 32)
        cpu_fault_why(c, EXC_GP, 0, "DR6 or DR7: upper half");
    if (n == 6)
        v = (v & 0xe00f) | DR6_FIXED;
    else if (n == 7)
        v = (v & 0xffff23ff) | DR7_FIXED;
    c->dr[n] = v;
    if (n == 6)
        return;
    tlb_forget(c); /* watched pages are marked there */
    cpu_raise(c, EV_TRAP);
}

void op_invlpg(struct cpu *c, const struct decoded *d)
{
    uint64_t laddr = mem_ea(c, d);

    need_cpl0(c, "INVLPG at CPL > 0");
    /* No limit or canonical check; a bad address has no entries. */
    if (c->mode != MODE_LONG64)
        laddr = (uint32_t)(laddr + c->seg[d->seg].base);
    else if (d->seg == SEG_FS || d->seg == SEG_GS)
        laddr += c->seg[d->seg].base;
    tlb_flush_page(c, laddr);
}

void op_invpcid(struct cpu *c, const struct decoded *d)
{
    uint64_t ea = mem_ea(c, d), pcid, laddr, type;

    need_cpl0(c, "INVPCID at CPL > 0");
    type = native_size(c) == 8 ? c->gpr[d->reg] : (uint32_t)c->gpr[d->reg];
    pcid = mem_read64(c, d->seg, ea);
    laddr = mem_read64(c, d->seg, mem_ea_add(d, ea, 8));
    if (type > 3 || pcid >> 12)
        cpu_fault_why(c, EXC_GP, 0, "INVPCID: type or reserved bits");
    if (type < 2 && pcid && !(c->cr4 & CR4_PCIDE))
        cpu_fault_why(c, EXC_GP, 0, "INVPCID: PCID without PCIDE");
    if (type == 0 && !addr_canonical(laddr))
        cpu_fault_why(c, EXC_GP, 0, "INVPCID: address not canonical");
    if (type == 0)
        tlb_flush_pcid_page(c, (uint16_t)pcid, laddr);
    else if (type == 1)
        tlb_flush_pcid(c, (uint16_t)pcid);
    else if (type == 2)
        tlb_flush_all(c);
    else
        tlb_flush_pcids(c);
}

void op_invd(struct cpu *c, const struct decoded *d)
{
    (void)d;
    need_cpl0(c, "INVD at CPL > 0");
}

void op_wbinvd(struct cpu *c, const struct decoded *d)
{
    (void)d;
    need_cpl0(c, "WBINVD at CPL > 0");
}

static void write_edx_eax(struct cpu *c, uint64_t v)
{
    c->gpr[RAX] = (uint32_t)v;
    c->gpr[RDX] = v >> 32;
}

static void read_tsc(struct cpu *c)
{
    if (c->cr4 & CR4_TSD && c->cpl)
        cpu_fault_why(c, EXC_GP, 0, "RDTSC: CR4.TSD at CPL > 0");
    write_edx_eax(c, cpu_ticks(c) + c->msr.tsc_offset);
}

void op_rdtsc(struct cpu *c, const struct decoded *d)
{
    (void)d;
    read_tsc(c);
}

void op_rdtscp(struct cpu *c, const struct decoded *d)
{
    (void)d;
    read_tsc(c);
    c->gpr[RCX] = (uint32_t)c->msr.tsc_aux;
}

void op_rdpmc(struct cpu *c, const struct decoded *d)
{
    enum { COUNTERS = 8 };

    (void)d;
    if (c->cpl && !(c->cr4 & CR4_PCE))
        cpu_fault_why(c, EXC_GP, 0, "RDPMC: CR4.PCE at CPL > 0");
    if ((uint32_t)c->gpr[RCX] >= COUNTERS)
        cpu_fault_why(c, EXC_GP, 0, "RDPMC: no such counter");
    write_edx_eax(c, 0); /* never enabled, so never counted */
}

void op_rdmsr(struct cpu *c, const struct decoded *d)
{
    uint64_t v;

    (void)d;
    need_cpl0(c, "RDMSR at CPL > 0");
    if (!msr_read(c, (uint32_t)c->gpr[RCX], &v))
        cpu_fault_why(c, EXC_GP, 0, "RDMSR: no such MSR");
    if (UNLIKELY(c->probe_mask & PROBE_MSR))
        probe_note(c,
                   &(struct probe_hit){PROBE_MSR, .addr = (uint32_t)c->gpr[RCX],
                                       .value = v});
    write_edx_eax(c, v);
}

void op_wrmsr(struct cpu *c, const struct decoded *d)
{
    uint64_t v = c->gpr[RDX] << 32 | (uint32_t)c->gpr[RAX];

    (void)d;
    need_cpl0(c, "WRMSR at CPL > 0");
    if (!msr_write(c, (uint32_t)c->gpr[RCX], v))
        cpu_fault_why(c, EXC_GP, 0, "WRMSR: no such MSR or bad value");
    if (UNLIKELY(c->probe_mask & PROBE_MSR))
        probe_note(c,
                   &(struct probe_hit){PROBE_MSR, .addr = (uint32_t)c->gpr[RCX],
                                       .value = v, .write = true});
}

void op_monitor(struct cpu *c, const struct decoded *d)
{
    uint64_t off = c->gpr[RAX];
    struct walk w;
    uint64_t laddr;

    if (c->cpl)
        cpu_fault(c, EXC_UD);
    if ((uint32_t)c->gpr[RCX])
        cpu_fault_why(c, EXC_GP, 0, "MONITOR: unknown extension");
    off = d->asize == 8 ? off : d->asize == 4 ? (uint32_t)off : (uint16_t)off;
    laddr = mem_linear(c, d->seg, off, 1, false);
    lin_read(c, laddr, 1, false); /* faults as a load does */
    if (!paging_walk(c, laddr, WALK_READ, false, false, &w))
        cpu_page_fault(c, laddr, w.error);
    c->monitor.paddr = w.paddr | (laddr & 0xfc0);
    c->monitor.armed = true;
}

void op_mwait(struct cpu *c, const struct decoded *d)
{
    enum { BREAK_ON_MASKED = 1 };
    bool armed = c->monitor.armed, masked = c->gpr[RCX] & BREAK_ON_MASKED;

    (void)d;
    if (c->cpl)
        cpu_fault(c, EXC_UD);
    if (c->gpr[RCX] & UINT32_MAX & ~(uint32_t)BREAK_ON_MASKED)
        cpu_fault_why(c, EXC_GP, 0, "MWAIT: unknown extension");
    c->monitor.armed = false;
    if (c->opt.mwait_is_nop || !armed)
        return;
    if (UNLIKELY(c->probe_mask & PROBE_HALT))
        probe_note(c, &(struct probe_hit){.what = PROBE_HALT});
    cpu_raise(c, EV_HALT | EV_MWAIT | (masked ? EV_MASKED : 0));
}

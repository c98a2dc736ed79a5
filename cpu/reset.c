/*
 * reset.c - state after power-on, RESET and INIT.
 *
 * SDM vol. 3 ch. 9.1 and table 9-1; 10.4.7 for the local APIC, 11.11 and
 * 11.12 for MTRRs and PAT. Departure: the built-in self test is not run, EAX
 * is 0 as after one that passed.
 */
#include "cpu/reset.h"
#include "cpu/apic.h"
#include "cpu/debugreg.h"
#include "cpu/flags.h"
#include "cpu/fpu/fpu.h"
#include "cpu/probe.h"
#include "cpu/seg.h"
#include "cpu/tlb.h"

enum { MXCSR_RESET = 0x1f80, FCW_RESET = 0x40, FTW_RESET = 0x5555 };

static void reset_segments(struct cpu *c)
{
    for (unsigned s = 0; s <= SEG_GS; s++)
        c->seg[s] =
            (struct segment){.limit = 0xffff, .access = 0x93, .usable = true};
    c->seg[SEG_CS].selector = 0xf000;
    c->seg[SEG_CS].base = 0xffff0000;
    c->seg[SEG_CS].access = 0x9b;
    c->seg[SEG_LDTR] =
        (struct segment){.limit = 0xffff, .access = 0x82, .usable = true};
    c->seg[SEG_TR] =
        (struct segment){.limit = 0xffff, .access = 0x8b, .usable = true};
    c->gdtr = c->idtr = (struct table_reg){.limit = 0xffff};
}

/* What both RESET and INIT set. */
static void reset_core(struct cpu *c)
{
    memset(c->gpr, 0, sizeof c->gpr);
    c->gpr[RDX] = cpu_signature(c);
    c->rip = c->insn_rip = 0xfff0;
    c->rflags = c->quirks & QUIRK_FLAGS_ONES ? 0xf002 : 2;
    c->fl_kind = FL_EFLAGS;
    reset_segments(c);
    if (c->quirks & QUIRK_WRAP_64K) { /* the 8086: FFFF:0000 */
        seg_set_real(c, SEG_CS, 0xffff);
        c->rip = c->insn_rip = 0;
    }
    /* INIT keeps CD and NW; ET reads 1. */
    c->cr0 = (c->cr0 & (CR0_CD | CR0_NW)) | CR0_ET;
    c->cr2 = c->cr3 = c->cr4 = c->efer = 0;
    memset(c->pdpte, 0, sizeof c->pdpte);
    memset(c->dr, 0, sizeof c->dr);
    c->dr[6] = DR6_FIXED;
    c->dr[7] = DR7_FIXED;
    c->cpl = 0;
    c->activity = 0;
    c->nmi_masked = c->in_smm = false;
    c->pending_dbg = 0;
    c->monitor = (struct monitor){0};
    c->fault_depth = 0;
    c->events = c->intr_line ? EV_INTR : 0;
    c->attention = true;
}

/* What only power-on and RESET set. */
static void reset_rest(struct cpu *c)
{
    c->cr0 |= CR0_ET;
    if (cpu_has(c, FEAT_486NI))
        c->cr0 |= CR0_CD | CR0_NW;
    c->xcr0 = 1;
    c->smbase = 0x30000;
    c->fpu = (struct fpu){.cw = FCW_RESET, .tw = FTW_RESET};
    memset(c->vec, 0, sizeof c->vec);
    c->mxcsr = MXCSR_RESET;
    memset(&c->msr, 0, sizeof c->msr);
    c->msr.pat = UINT64_C(0x0007040600070406);
    c->msr.misc_enable = 1; /* fast string operation */
    c->msr.tsc_offset = 0 - cpu_ticks(c);
    c->ignne = c->opt.force_ignne;
    apic_reset(c);
}

void cpu_reset(struct cpu *c, bool hard)
{
    reset_core(c);
    if (hard)
        reset_rest(c);
    fpu_update_ferr(c);
    cpu_update_mode(c);
    tlb_forget(c);
    if (UNLIKELY(c->probe_mask & PROBE_RESET))
        probe_note(c, &(struct probe_hit){.what = PROBE_RESET, .write = hard});
}

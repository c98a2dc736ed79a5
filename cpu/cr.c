/*
 * cr.c - control registers and EFER: checks, and all that a change entails.
 *
 * SDM vol. 3 ch. 2.5, 4.1, 4.10.4 (what flushes the TLB), 9.8.5; vol. 2, MOV
 * to and from control registers.
 */
#include "cpu/cr.h"
#include "cpu/exception.h"
#include "cpu/fpu/fpu.h"
#include "cpu/paging.h"
#include "cpu/probe.h"
#include "cpu/seg.h"

static NORETURN void gp(struct cpu *c, const char *why)
{
    cpu_fault_why(c, EXC_GP, 0, why);
}

static uint64_t cr0_valid(const struct cpu *c)
{
    uint64_t v = CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_PG;

    if (cpu_has(c, FEAT_486NI))
        v |= CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD;
    return v;
}

/* 9.8.5: what must hold when PG is set with EFER.LME. */
static void check_enter_long(struct cpu *c)
{
    if (!(c->cr4 & CR4_PAE))
        gp(c, "CR0.PG with LME: PAE is clear");
    if (SEG_L(&c->seg[SEG_CS]))
        gp(c, "CR0.PG with LME: CS.L is set");
    if (c->seg[SEG_TR].usable && !(c->seg[SEG_TR].access & 8))
        gp(c, "CR0.PG with LME: 16-bit TSS");
}

void cr0_write(struct cpu *c, uint64_t v)
{
    uint64_t old = c->cr0, change;

    if (v >> 32)
        gp(c, "CR0: upper half");
    v = (v & cr0_valid(c)) | CR0_ET;
    if (v & CR0_PG && !(v & CR0_PE))
        gp(c, "CR0: PG without PE");
    if (v & CR0_NW && !(v & CR0_CD))
        gp(c, "CR0: NW without CD");
    change = old ^ v;
    if (change & CR0_PG) {
        if (v & CR0_PG && c->efer & EFER_LME)
            check_enter_long(c);
        if (!(v & CR0_PG) && (c->mode == MODE_LONG64 || c->cr4 & CR4_PCIDE))
            gp(c, "CR0: PG cleared in 64-bit mode or with PCIDE");
    }
    if (change & CR0_PG && c->efer & EFER_LME) {
        c->efer =
            v & CR0_PG ? c->efer | EFER_LMA : c->efer & ~(uint64_t)EFER_LMA;
    }
    c->cr0 = v;
    /* 4.4.1: these bits reload the PDPTE registers. */
    if (change & (CR0_PG | CR0_CD | CR0_NW) && !paging_load_cr3(c, c->cr3)) {
        c->cr0 = old;
        gp(c, "CR0: reserved bits in a PDPTE");
    }
    /* Without paging before and after, no translation changes. */
    if (change & CR0_PG || (v & CR0_PG && change & (CR0_PE | CR0_WP)))
        tlb_flush_all(c);
    if (change & CR0_NE)
        fpu_update_ferr(c);
    cpu_update_mode(c);
}

void cr3_write(struct cpu *c, uint64_t v)
{
    const uint64_t no_flush = (uint64_t)1 << 63;
    uint64_t old = c->cr3;
    bool keep = c->cr4 & CR4_PCIDE && v & no_flush;

    if (keep)
        v &= ~no_flush;
    if (cpu_long(c)) {
        if (v >> paging_phys_bits(c))
            gp(c, "CR3: bits beyond MAXPHYADDR");
    } else {
        v = (uint32_t)v;
    }
    if (!paging_load_cr3(c, v))
        gp(c, "CR3: reserved bits in a PDPTE");
    if (UNLIKELY(c->probe_mask & PROBE_CR3))
        probe_note(c, &(struct probe_hit){PROBE_CR3, .value = v, .old = old});
    tlb_switch_pcid(c);
    if (c->cr0 & CR0_PG && !keep)
        tlb_flush_nonglobal(c);
}

uint64_t cr4_valid(const struct cpu *c)
{
    static const struct {
        enum cpu_feature feature;
        uint32_t bits;
    } rows[] = {
        {FEAT_VME, CR4_VME | CR4_PVI},
        {FEAT_PENTIUM_NI, CR4_TSD | CR4_MCE},
        {FEAT_DEBUGEXT, CR4_DE},
        {FEAT_PSE, CR4_PSE},
        {FEAT_PAE, CR4_PAE},
        {FEAT_PGE, CR4_PGE},
        {FEAT_P6NI, CR4_PCE},
        {FEAT_MMX, CR4_PCE},
        {FEAT_SSE, CR4_OSFXSR | CR4_OSXMMEXCPT},
        {FEAT_UMIP, CR4_UMIP},
        {FEAT_FSGSBASE, CR4_FSGSBASE},
        {FEAT_PCID, CR4_PCIDE},
        {FEAT_XSAVE, CR4_OSXSAVE},
        {FEAT_SMEP, CR4_SMEP},
        {FEAT_SMAP, CR4_SMAP},
    };
    uint64_t v = 0;

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
        if (cpu_has(c, rows[i].feature))
            v |= rows[i].bits;
    return v;
}

void cr4_write(struct cpu *c, uint64_t v)
{
    const uint64_t paging = CR4_PSE | CR4_PAE | CR4_PGE | CR4_SMEP;
    uint64_t old = c->cr4, change = old ^ v;

    if (v & ~cr4_valid(c))
        gp(c, "CR4: reserved bit");
    if (cpu_long(c) && !(v & CR4_PAE))
        gp(c, "CR4: PAE cleared in long mode");
    if (change & v & CR4_PCIDE && (!cpu_long(c) || c->cr3 & 0xfff))
        gp(c, "CR4: PCIDE outside long mode or with CR3[11:0] set");
    c->cr4 = v;
    if (change & paging && !paging_load_cr3(c, c->cr3)) {
        c->cr4 = old;
        gp(c, "CR4: reserved bits in a PDPTE");
    }
    if (change & (paging | CR4_PCIDE | CR4_SMAP))
        tlb_flush_all(c);
    cpu_update_mode(c);
}

uint64_t efer_valid(const struct cpu *c)
{
    uint64_t v = 0;

    if (cpu_has(c, FEAT_LONGMODE))
        v |= EFER_SCE | EFER_LME | EFER_LMA;
    if (cpu_has(c, FEAT_LEGACY_SYSCALL_SYSRET))
        v |= EFER_SCE;
    if (cpu_has(c, FEAT_NX))
        v |= EFER_NXE;
    return v;
}

bool efer_write(struct cpu *c, uint64_t v)
{
    uint64_t change;

    if (v & ~efer_valid(c))
        return false;
    v = (v & ~(uint64_t)EFER_LMA) | (c->efer & EFER_LMA);
    change = v ^ c->efer;
    if (change & EFER_LME && c->cr0 & CR0_PG)
        return false;
    c->efer = v;
    if (change & EFER_NXE)
        tlb_flush_all(c);
    cpu_update_mode(c);
    return true;
}

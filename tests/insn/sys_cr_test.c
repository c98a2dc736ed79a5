/*
 * sys_cr_test.c - control and debug registers, reset, the saved state.
 *
 * SDM vol. 3 ch. 2.5, 9.1, 9.8.5, 17.2, 17.3; vol. 2, MOV CRn and DRn.
 */
#include "core/state.h"
#include "cpu/cr.h"
#include "cpu/debugreg.h"
#include "cpu/reset.h"
#include "cpu/seg.h"
#include "tests/insn/sysrig.h"
#include <stdlib.h>

#define MOV_CR0_EAX "\x0f\x22\xc0"
#define MOV_CR3_EAX "\x0f\x22\xd8"
#define MOV_CR4_EAX "\x0f\x22\xe0"
#define MOV_DR0_EAX "\x0f\x23\xc0"
#define MOV_DR6_EAX "\x0f\x23\xf0"
#define MOV_DR7_EAX "\x0f\x23\xf8"

static void control(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    c->gpr[RAX] = CR0_PG;
    FAULTS(r, MOV_CR0_EAX, EXC_GP, 0, "PG without PE");
    c->gpr[RAX] = CR0_PE | CR0_NW;
    FAULTS(r, MOV_CR0_EAX, EXC_GP, 0, "NW without CD");
    c->gpr[RAX] = CR0_PE | 0x8;
    WORKS(r, MOV_CR0_EAX, "MOV CR0");
    tap_eq(&r->tap, c->cr0, CR0_PE | CR0_ET | CR0_TS, "ET is fixed");
    WORKS(r, "\x0f\x06", "CLTS");
    tap_eq(&r->tap, c->cr0, CR0_PE | CR0_ET, "TS clear");
    c->gpr[RAX] = 0xe;
    WORKS(r, "\x0f\x01\xf0", "LMSW");
    tap_eq(&r->tap, c->cr0, CR0_ET | 0xf, "PE stays, MP EM TS set");
    c->gpr[RAX] = 1u << 31;
    FAULTS(r, MOV_CR4_EAX, EXC_GP, 0, "CR4: reserved bit");
    c->gpr[RAX] = CR4_PCIDE;
    FAULTS(r, MOV_CR4_EAX, EXC_GP, 0, "PCIDE outside long mode");
    c->gpr[RAX] = CR4_PAE | CR4_PGE;
    WORKS(r, MOV_CR4_EAX, "MOV CR4");
    tap_eq(&r->tap, c->cr4, CR4_PAE | CR4_PGE, "CR4");
    FAULTS(r, "\x0f\x22\xc8", EXC_UD, 0, "CR1");
    FAULTS(r, "\x0f\x22\xe8", EXC_UD, 0, "CR5");
    poke64(r, TABLES, 3);
    c->gpr[RAX] = TABLES;
    WORKS(r, MOV_CR3_EAX, "CR3 without paging");
    c->gpr[RAX] = CR0_PE | CR0_PG;
    FAULTS(r, MOV_CR0_EAX, EXC_GP, 0, "PG with a bad PDPTE");
    tap_ok(&r->tap, !(c->cr0 & CR0_PG), "CR0 unchanged");
    sysrig_protected(r, 3);
    FAULTS(r, MOV_CR0_EAX, EXC_GP, 0, "MOV CR0 at CPL 3");
    FAULTS(r, "\x0f\x20\xc0", EXC_GP, 0, "reading CR0 at CPL 3");
    FAULTS(r, "\x0f\x06", EXC_GP, 0, "CLTS at CPL 3");
    FAULTS(r, "\x0f\x01\x38", EXC_GP, 0, "INVLPG at CPL 3");
    FAULTS(r, "\x0f\x09", EXC_GP, 0, "WBINVD at CPL 3");
    FAULTS(r, "\x0f\x32", EXC_GP, 0, "RDMSR at CPL 3");
}

static void long_mode(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    poke64(r, TABLES, (TABLES + 0x1000) | 7);
    poke64(r, TABLES + 0x1000, (TABLES + 0x2000) | 7);
    poke64(r, TABLES + 0x2000, 0x87);
    c->cr3 = TABLES;
    tap_ok(&r->tap, !efer_write(c, 2), "EFER: reserved bit");
    tap_ok(&r->tap, efer_write(c, EFER_LME), "LME");
    c->gpr[RAX] = CR0_PE | CR0_PG;
    FAULTS(r, MOV_CR0_EAX, EXC_GP, 0, "PG with LME without PAE");
    c->cr4 |= CR4_PAE;
    c->seg[SEG_TR].access = 0x83;
    FAULTS(r, MOV_CR0_EAX, EXC_GP, 0, "PG with LME and a 16-bit TSS");
    c->seg[SEG_TR].access = 0x8b;
    WORKS(r, MOV_CR0_EAX, "PG with LME");
    tap_ok(&r->tap, c->efer & EFER_LMA && c->mode == MODE_COMPAT, "LMA");
    tap_ok(&r->tap, !efer_write(c, 0), "LME cannot change with PG");
    WORKS(r, "\xea\x00\x20\x01\x00\x70\x00", "JMP to 64-bit code");
    tap_eq(&r->tap, c->mode, MODE_LONG64, "64-bit mode");
    c->gpr[RAX] = CR0_PE;
    FAULTS(r, MOV_CR0_EAX, EXC_GP, 0, "PG cleared in 64-bit mode");
    c->gpr[RAX] = UINT64_C(1) << 32 | CR0_PE | CR0_PG;
    FAULTS(r, MOV_CR0_EAX, EXC_GP, 0, "CR0: upper half");
    c->gpr[RAX] = CR4_PGE;
    FAULTS(r, MOV_CR4_EAX, EXC_GP, 0, "PAE cleared in long mode");
    c->gpr[RAX] = UINT64_C(1) << 40;
    FAULTS(r, MOV_CR3_EAX, EXC_GP, 0, "CR3 beyond MAXPHYADDR");
    c->gpr[RAX] = CR4_PAE | CR4_PCIDE;
    WORKS(r, MOV_CR4_EAX, "PCIDE");
    c->gpr[RAX] = UINT64_C(1) << 63 | TABLES | 5;
    WORKS(r, MOV_CR3_EAX, "CR3 with bit 63");
    tap_eq(&r->tap, c->cr3, TABLES | 5, "bit 63 is not kept");
    c->gpr[RBX] = 0x6000;
    poke64(r, 0x6008, UINT64_C(1) << 47);
    c->gpr[RCX] = 4;
    FAULTS(r, "\x66\x0f\x38\x82\x0b", EXC_GP, 0, "INVPCID type 4");
    c->gpr[RCX] = 0;
    FAULTS(r, "\x66\x0f\x38\x82\x0b", EXC_GP, 0, "INVPCID: not canonical");
    c->gpr[RCX] = 1;
    WORKS(r, "\x66\x0f\x38\x82\x0b", "INVPCID type 1");
    c->gpr[RAX] = 5;
    WORKS(r, "\x44\x0f\x22\xc0", "MOV CR8");
    tap_eq(&r->tap, c->apic.tpr, 0x50, "TPR");
    WORKS(r, "\x44\x0f\x20\xc3", "reading CR8");
    tap_eq(&r->tap, c->gpr[RBX], 5, "CR8");
    c->gpr[RAX] = 16;
    FAULTS(r, "\x44\x0f\x22\xc0", EXC_GP, 0, "CR8 above 15");
}

static void tsc(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 3);
    c->tick_base = 0x100000123;
    c->budget = 0;
    c->msr.tsc_offset = 5;
    WORKS(r, "\x0f\x31", "RDTSC");
    tap_ok(&r->tap, c->gpr[RDX] == 1 && c->gpr[RAX] == 0x128, "value");
    c->cr4 |= CR4_TSD;
    FAULTS(r, "\x0f\x31", EXC_GP, 0, "RDTSC with TSD");
    FAULTS(r, "\x0f\x33", EXC_GP, 0, "RDPMC without PCE");
    c->tick_base = 0;
}

static void debug_registers(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    c->gpr[RAX] = 0xffffffff;
    WORKS(r, MOV_DR6_EAX, "MOV DR6");
    tap_eq(&r->tap, c->dr[6], 0xffffefff, "fixed bits of DR6");
    c->gpr[RAX] = 0;
    WORKS(r, MOV_DR7_EAX, "MOV DR7");
    tap_eq(&r->tap, c->dr[7], 0x400, "fixed bits of DR7");
    WORKS(r, "\x0f\x23\xe0", "DR4 is DR6");
    tap_eq(&r->tap, c->dr[6], 0xffff0ff0, "DR6");
    c->cr4 |= CR4_DE;
    FAULTS(r, "\x0f\x23\xe0", EXC_UD, 0, "DR4 with DE");
    c->dr[7] |= DR7_GD;
    FAULTS(r, MOV_DR0_EAX, EXC_DB, 0, "general detect");
    set_idt(r, 1, gate(CODE0, HANDLER, 0x8e, 0));
    deliver(r);
    tap_ok(&r->tap, c->dr[6] & DR6_BD && !(c->dr[7] & DR7_GD),
           "BD set, GD clear");
    sysrig_protected(r, 3);
    FAULTS(r, MOV_DR0_EAX, EXC_GP, 0, "MOV DR0 at CPL 3");
}

/* One instruction the way the run loop does it with debug_active. */
static bool step(struct sysrig *r, const char *bytes, unsigned n)
{
    struct cpu *c = r->c;

    c->insn_rip = c->rip;
    c->events &= ~(uint32_t)EV_SHADOW;
    if (setjmp(c->fault_env)) {
        deliver(r);
        return false;
    }
    debug_begin_insn(c);
    if (!exec(r, bytes, n)) {
        deliver(r);
        return false;
    }
    if (setjmp(c->fault_env)) {
        deliver(r);
        return false;
    }
    debug_end_insn(c);
    return true;
}

#define STEP(r, text) step(r, text, sizeof(text) - 1)

static void traps(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    set_idt(r, 1, gate(CODE0, HANDLER, 0x8e, 0));
    set_idt(r, 0x30, gate(CODE0, HANDLER + 0x100, 0x8e, 0));
    c->rflags |= EFL_TF;
    tap_ok(&r->tap, debug_active(c), "TF makes it active");
    STEP(r, "\xfa");
    tap_eq(&r->tap, c->rip, HANDLER, "single step");
    tap_ok(&r->tap, c->dr[6] & DR6_BS && !(c->rflags & EFL_TF),
           "BS set, TF clear");
    tap_eq(&r->tap, peek(r, (uint32_t)c->gpr[RSP]), CODE + 1, "after it");
    sysrig_protected(r, 0);
    set_idt(r, 0x30, gate(CODE0, HANDLER + 0x100, 0x8e, 0));
    c->rflags |= EFL_TF;
    STEP(r, "\xcd\x30");
    tap_eq(&r->tap, c->rip, HANDLER + 0x100, "no step after INT n");
    sysrig_protected(r, 0);
    set_idt(r, 1, gate(CODE0, HANDLER, 0x8e, 0));
    c->rflags |= EFL_TF;
    c->gpr[RAX] = DATA0;
    STEP(r, "\x8e\xd0");
    tap_eq(&r->tap, c->rip, CODE + 2, "no step after MOV SS");
    STEP(r, "\xfa");
    tap_eq(&r->tap, c->rip, HANDLER, "but after the next");
    sysrig_protected(r, 0);
    set_idt(r, 1, gate(CODE0, HANDLER, 0x8e, 0));
    c->dr[0] = CODE;
    c->dr[7] |= 1;
    STEP(r, "\xfa");
    tap_eq(&r->tap, c->rip, HANDLER, "instruction breakpoint");
    tap_eq(&r->tap, c->dr[6] & 15, 1, "B0");
    tap_eq(&r->tap, peek(r, (uint32_t)c->gpr[RSP] + 8) & EFL_RF, 0,
           "RF is left to the handler");
    c->rip = CODE;
    c->rflags |= EFL_RF;
    STEP(r, "\xfa");
    tap_eq(&r->tap, c->rip, CODE + 1, "RF skips it");
    tap_ok(&r->tap, !(c->rflags & EFL_RF), "once");
}

static void virtual_interrupt(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_v86(r, 0);
    c->rflags |= EFL_VIF | EFL_VIP;
    tap_ok(&r->tap, !debug_active(c), "VIF and VIP without VME");
    c->cr4 |= CR4_VME;
    set_idt(r, 13, gate(CODE0, HANDLER, 0x8e, 0));
    tap_ok(&r->tap, debug_active(c), "with VME they matter");
    STEP(r, "\x90");
    tap_eq(&r->tap, c->rip, HANDLER, "#GP before the next instruction");
}

static void watch(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    c->dr[1] = 0x5004;
    c->dr[7] |= 4 | 0xdu << 20; /* L1, writes, 4 bytes */
    tap_ok(&r->tap, debug_watches_page(c, 0x5fff), "page watched");
    tap_ok(&r->tap, !debug_watches_page(c, 0x6000), "next page not");
    tap_ok(&r->tap, !debug_watch_hits(c, 0x5004, 4, false), "read");
    tap_ok(&r->tap, !debug_watch_hits(c, 0x5000, 4, true), "write before");
    tap_ok(&r->tap, debug_watch_hits(c, 0x5001, 4, true), "overlapping");
    tap_eq(&r->tap, c->pending_dbg, 2, "B1 noted");
    c->pending_dbg = 0;
    c->dr[2] = 0x60;
    c->dr[7] |= 0x10 | 0x2u << 24;
    tap_ok(&r->tap, !debug_io_hits(c, 0x60, 1), "port without DE");
    c->cr4 |= CR4_DE;
    tap_ok(&r->tap, debug_io_hits(c, 0x60, 1), "port");
    c->pending_dbg = 0;
}

static void after_reset(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 3);
    c->mxcsr = 0x1fa0;
    c->msr.pat = 1;
    c->gpr[RBX] = 1;
    cpu_reset(c, false);
    tap_ok(&r->tap, c->mxcsr == 0x1fa0 && c->msr.pat == 1,
           "INIT keeps MXCSR and MSRs");
    tap_ok(&r->tap, c->mode == MODE_REAL && c->gpr[RBX] == 0, "real mode");
    tap_eq(&r->tap, c->seg[SEG_CS].base + c->rip, 0xfffffff0, "vector");
    tap_eq(&r->tap, c->cr0, CR0_ET, "CD and NW kept clear");
    cpu_reset(c, true);
    tap_eq(&r->tap, c->cr0, CR0_ET | CR0_CD | CR0_NW, "CR0");
    tap_eq(&r->tap, c->gpr[RDX], 0x306c3, "signature in EDX");
    tap_eq(&r->tap, c->mxcsr, 0x1f80, "MXCSR");
    tap_eq(&r->tap, c->idtr.limit, 0xffff, "IDTR limit");
    tap_eq(&r->tap, c->fpu.cw, 0x40, "x87 control word");
}

static bool refused(struct sysrig *r)
{
    struct error err;
    bool ok = cpu_class.post_load(&r->c->dev, &err);

    return !ok;
}

static void state(struct sysrig *r)
{
    struct cpu *c = r->c;
    void *base = device_state(&c->dev);
    struct state_buf b = {0};
    struct error err;
    uint64_t hash;

    sysrig_v86(r, 2);
    tap_eq(&r->tap, state_uncovered(cpu_class.fields, cpu_class.state_size), 0,
           "every byte of the state has a row");
    cpu_class.pre_save(&c->dev);
    state_pack(cpu_class.fields, base, &b);
    hash = state_hash(cpu_class.fields, base, 1);
    cpu_reset(c, true);
    tap_ok(&r->tap,
           state_unpack(cpu_class.fields, base, 1, b.data, b.len, &err) &&
               cpu_class.post_load(&c->dev, &err),
           "saved and loaded");
    tap_eq(&r->tap, state_hash(cpu_class.fields, base, 1), hash, "equal");
    tap_eq(&r->tap, c->mode, MODE_V86, "mode is derived again");
    state_buf_free(&b);
    c->cpl = 0;
    tap_ok(&r->tap, refused(r), "v86 at CPL 0 is refused");
    c->cpl = 3;
    c->cr0 &= ~(uint64_t)CR0_PE;
    tap_ok(&r->tap, refused(r), "v86 in real mode is refused");
    sysrig_protected(r, 0);
    c->gpr[GPR_NIL] = 1;
    tap_ok(&r->tap, refused(r), "null register");
    sysrig_protected(r, 0);
    c->efer = EFER_LMA;
    tap_ok(&r->tap, refused(r), "LMA without LME");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    control(&r);
    long_mode(&r);
    tsc(&r);
    debug_registers(&r);
    traps(&r);
    virtual_interrupt(&r);
    watch(&r);
    after_reset(&r);
    state(&r);
    return sysrig_done(&r);
}

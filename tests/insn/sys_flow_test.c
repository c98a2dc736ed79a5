/*
 * sys_flow_test.c - what happens between instructions: SMI, NMI, INIT, traps,
 * string instructions that are interrupted, the ends of code.
 *
 * SDM vol. 3 ch. 6.7, 6.9, 17.2, 17.3, 34; vol. 1, 3.3.
 */
#include "cpu/apic.h"
#include "cpu/debugreg.h"
#include "cpu/exception.h"
#include "cpu/seg.h"
#include "cpu/tlb.h"
#include "tests/insn/sysrig.h"

static void put(struct sysrig *r, uint32_t at, const char *code, size_t n)
{
    phys_poke(r->sv.phys, at, code, n);
}
#define PUT(r, at, text) put(r, at, text, sizeof(text) - 1)

static enum run_result run(struct sysrig *r, unsigned ticks)
{
    return cpu_run(r->c, r->clock.now + ticks);
}

/* INC of a counter at 6000h + 4n, and what follows it. */
static void counter(struct sysrig *r, uint32_t at, unsigned n, const char *rest,
                    size_t len)
{
    PUT(r, at, "\xff\x05");
    poke(r, at + 2, 0x6000 + 4 * n);
    put(r, at + 6, rest, len);
}

/* ---- system management mode (34.4, 34.5) ---- */

enum { SMBASE = 0x30000, MAP = SMBASE + 0x8000 };

static void smi(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    c->smbase = SMBASE;
    PUT(r, CODE, "\x40\x40\x40\xf4"); /* INC EAX, three times; HLT */
    PUT(r, MAP,
        "\x66\xbb\x78\x56\x34\x12"         /* MOV EBX,12345678h */
        "\x66\x67\x89\x1d\x00\x60\x00\x00" /* MOV [6000h],EBX */
        "\x0f\xaa");                       /* RSM */
    c->gpr[RAX] = 0x10;
    c->gpr[RBX] = 0xb0b0;
    c->rflags |= EFL_IF;
    run(r, 1);
    cpu_raise(c, EV_SMI);
    run(r, 1);
    tap_ok(&r->tap, c->in_smm && !(c->cr0 & (CR0_PE | CR0_PG)), "in SMM");
    tap_eq(&r->tap, c->seg[SEG_CS].base + c->rip, MAP, "CS:IP");
    tap_eq(&r->tap, c->seg[SEG_DS].limit, UINT32_MAX, "limits of 4 GiB");
    tap_eq(&r->tap, c->rflags, 2, "RFLAGS");
    tap_ok(&r->tap, c->nmi_masked, "NMIs wait");
    tap_eq(&r->tap, peek(r, MAP + 0x7ff8), 0x11, "RAX in the save map");
    tap_eq(&r->tap, peek(r, MAP + 0x7f78), CODE + 1, "RIP in it");
    cpu_raise(c, EV_SMI);
    run(r, 1);
    tap_eq(&r->tap, c->gpr[RBX], 0x12345678, "a second SMI waits");
    c->events &= ~(uint32_t)EV_SMI;
    run(r, 2);
    tap_eq(&r->tap, peek(r, 0x6000), 0x12345678, "store of the handler");
    tap_ok(&r->tap, !c->in_smm && c->cr0 & CR0_PE, "RSM");
    tap_eq(&r->tap, c->gpr[RBX], 0xb0b0, "RBX is back");
    tap_ok(&r->tap, c->rflags & EFL_IF && !c->nmi_masked, "IF, NMI");
    run(r, 10);
    tap_ok(&r->tap, c->gpr[RAX] == 0x13 && c->events & EV_HALT, "goes on");
    cpu_raise(c, EV_SMI);
    run(r, 4);
    tap_ok(&r->tap, !c->in_smm && c->events & EV_HALT,
           "HLT goes on after an SMI");
    tap_eq(&r->tap, c->rip, CODE + 4, "behind the HLT");
    sysrig_protected(r, 0);
    FAULTS(r, "\x0f\xaa", EXC_UD, 0, "RSM outside SMM");
}

static void smi_changes(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 3);
    c->smbase = SMBASE;
    PUT(r, CODE, "\x90\x90\xeb\xfe");
    PUT(r, MAP,
        "\x66\x67\xc7\x05\x00\xff\x03\x00\x00\x00\x05\x00" /* base */
        "\x0f\xaa");
    cpu_raise(c, EV_SMI);
    run(r, 3);
    tap_eq(&r->tap, c->smbase, 0x50000, "SMBASE moves");
    tap_ok(&r->tap, c->mode == MODE_LONG64 && c->cpl == 3, "64-bit, CPL 3");
    tap_eq(&r->tap, c->rip, CODE, "RIP");
    PUT(r, 0x58000,
        "\x66\x67\xc7\x05\x58\xff\x05\x00\x00\x00\x00\x80"
        "\x0f\xaa"); /* CR0 with PG and without PE */
    cpu_raise(c, EV_SMI);
    tap_eq(&r->tap, run(r, 10), RUN_SHUTDOWN, "an impossible CR0 shuts down");
    sysrig_protected(r, 0);
    c->smbase = SMBASE;
    memset(c->features, 0xff, sizeof c->features);
    feature_clear(c->features, FEAT_LONGMODE);
    PUT(r, CODE, "\x40\xf4");
    PUT(r, MAP, "\x0f\xaa");
    c->gpr[RSI] = 0x51515151;
    cpu_raise(c, EV_SMI);
    run(r, 1);
    tap_eq(&r->tap, peek(r, MAP + 0x7fe8), 0x51515151, "32-bit map: ESI");
    tap_eq(&r->tap, peek(r, MAP + 0x7efc), 0x20000, "revision");
    run(r, 10);
    tap_ok(&r->tap, c->events & EV_HALT && c->gpr[RAX] == 1, "RSM of 32 bits");
    memset(c->features, 0xff, sizeof c->features);
}

/* ---- MONITOR, MWAIT (8.10.4; vol. 2) ---- */

/* EAX = 6000h, ECX = 0; MONITOR; ECX = `ecx`; MWAIT; INC EBX; HLT; INC EBX. */
static void wait_code(struct sysrig *r, unsigned ecx)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    PUT(r, CODE, "\x0f\x01\xc8\x89\xf1\x0f\x01\xc9\x43\xf4\x43\xf4");
    c->gpr[RAX] = 0x6000;
    c->gpr[RCX] = c->gpr[RBX] = 0;
    c->gpr[RSI] = ecx;
    c->smbase = SMBASE;
}

/* Runs on; EBX tells how far it came. */
static void waits(struct sysrig *r, unsigned ebx, const char *name)
{
    run(r, 20);
    tap_ok(&r->tap, r->c->gpr[RBX] == ebx && r->c->events & EV_HALT,
           "%s (EBX %u, events %x)", name, (unsigned)r->c->gpr[RBX],
           r->c->events);
}

static void mwait_events(struct sysrig *r)
{
    struct cpu *c = r->c;

    wait_code(r, 1);
    waits(r, 0, "MWAIT, ECX 1: waits");
    cpu_raise(c, EV_INTR);
    waits(r, 1, "... until a masked interrupt, which is not taken");
    waits(r, 1, "it does not end the HLT behind");
    wait_code(r, 1);
    cpu_raise(c, EV_INTR);
    waits(r, 1, "pending already");
    wait_code(r, 0);
    cpu_raise(c, EV_INTR);
    waits(r, 0, "ECX 0: a masked interrupt does not end it");
    PUT(r, MAP, "\x0f\xaa");
    cpu_raise(c, EV_SMI);
    waits(r, 1, "RSM returns behind MWAIT");
    cpu_raise(c, EV_SMI);
    waits(r, 1, "... but to a HLT");
    c->events &= ~(uint32_t)EV_INTR;
}

static void mwait_stores(struct sysrig *r)
{
    uint8_t bytes[0x100] = {0};

    wait_code(r, 0);
    waits(r, 0, "MWAIT, ECX 0: waits");
    phys_write(r->sv.phys, 0x6040, bytes, 4);
    phys_write(r->sv.phys, 0x5ff0, bytes, 16);
    phys_read(r->sv.phys, 0x6000, bytes, 4);
    waits(r, 0, "writes by a device before and behind the line, a read");
    phys_write(r->sv.phys, 0x603f, bytes, 4);
    waits(r, 1, "to its last byte");
    wait_code(r, 1);
    waits(r, 0, "MWAIT, ECX 1: waits");
    phys_write(r->sv.phys, 0x5fff, bytes, sizeof bytes);
    waits(r, 1, "a write over the whole line");
    phys_write(r->sv.phys, 0x6000, bytes, 1);
    waits(r, 1, "it does not end the HLT behind");
    wait_code(r, 0);
    run(r, 1);
    phys_write(r->sv.phys, 0x5fff, bytes, 2);
    waits(r, 1, "a write between MONITOR and MWAIT: does not wait");
    wait_code(r, 0);
    PUT(r, CODE + 3, "\xf4\x43\xf4");
    waits(r, 0, "MONITOR, HLT");
    phys_write(r->sv.phys, 0x6000, bytes, 4);
    waits(r, 0, "a write to the line does not end HLT");
}

/* ---- NMI, INIT (6.7.1, 9.1) ---- */

static void nmi(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    set_idt(r, 2, gate(CODE0, HANDLER, 0x8e, 0));
    PUT(r, CODE, "\x40\x40\x40\xf4");
    counter(r, HANDLER, 0, "\xcf", 1);
    run(r, 1);
    cpu_raise(c, EV_NMI);
    run(r, 1);
    tap_ok(&r->tap, c->rip == HANDLER && c->nmi_masked, "NMI with IF clear");
    cpu_raise(c, EV_NMI);
    run(r, 1);
    tap_eq(&r->tap, c->rip, HANDLER + 6, "the second waits for IRET");
    run(r, 20);
    tap_eq(&r->tap, peek(r, 0x6000), 2, "and comes");
    tap_ok(&r->tap, c->events & EV_HALT && c->gpr[RAX] == 3, "HLT");
    cpu_raise(c, EV_INIT);
    run(r, 1);
    tap_ok(&r->tap,
           c->seg[SEG_CS].selector == 0xf000 && !(c->cr0 & CR0_PE) &&
               !(c->events & EV_HALT),
           "INIT");
}

/* ---- strings (vol. 2, REP) ---- */

static uint8_t take_vector(void *opaque)
{
    apic_intr_pin(opaque, 0, false);
    return 0x30;
}

static void raise_intr(void *opaque)
{
    apic_intr_pin(opaque, 0, true);
}

static void interrupted_string(struct sysrig *r)
{
    struct cpu *c = r->c;
    struct timer t;

    sysrig_protected(r, 0);
    set_idt(r, 0x30, gate(CODE0, HANDLER, 0x8e, 0));
    PUT(r, CODE, "\xf3\xa4\xf4");                          /* REP MOVSB; HLT */
    counter(r, HANDLER, 0, "\x89\xcd\x8b\x1c\x24\xcf", 6); /* ECX, EIP */
    c->apic.base = 0;
    c->intack = take_vector;
    c->intack_opaque = c;
    c->rflags |= EFL_IF;
    c->gpr[RSI] = 0x5000;
    c->gpr[RDI] = 0x7000;
    c->gpr[RCX] = 100;
    for (unsigned n = 0; n < 100; n += 4)
        poke(r, 0x5000 + n, 0x01010101 * (n + 1));
    timer_init(&t, &r->clock, "test", raise_intr, c);
    timer_arm_tick(&t, r->clock.now + 37);
    run(r, 2000);
    tap_ok(&r->tap, c->events & EV_HALT, "interrupted REP comes to its end");
    tap_eq(&r->tap, peek(r, 0x6000), 1, "one interrupt");
    tap_eq(&r->tap, c->gpr[RBP], 63, "after 37 bytes");
    tap_eq(&r->tap, c->gpr[RBX], CODE, "EIP is the REP's");
    tap_ok(&r->tap,
           !c->gpr[RCX] && c->gpr[RSI] == 0x5064 &&
               peek(r, 0x7060) == peek(r, 0x5060),
           "all is copied");
    timer_destroy(&t);
}

/* A page that is not there in the middle of it, which the handler maps. */
static void faulting_string(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 0);
    poke64(r, TABLES + 0x2008, (TABLES + 0x3000) | 7); /* 4 KiB at 200000h */
    poke64(r, TABLES + 0x3000, 0x50007);
    set_idt64(r, 14, CODE64, HANDLER, 0x8e, 0);
    PUT(r, CODE, "\xf3\x48\xab\xf4"); /* REP STOSQ; HLT */
    PUT(r, HANDLER,
        "\x48\x89\xcd\x48\x89\xfb" /* RCX, RDI */
        "\xc7\x04\x25\x08\x30\x04\x00\x07\x10\x05\x00"
        "\x58\x48\xcf"); /* POP RAX; IRETQ */
    c->gpr[RAX] = UINT64_C(0x1122334455667788);
    c->gpr[RDI] = 0x200ff8 - 8 * 9;
    c->gpr[RCX] = 20;
    run(r, 1000);
    tap_ok(&r->tap, c->events & EV_HALT, "faulting REP comes to its end");
    tap_eq(&r->tap, c->gpr[RBP], 10, "RCX of the fault");
    tap_eq(&r->tap, c->gpr[RBX], 0x201000, "RDI of the fault");
    tap_eq(&r->tap, c->cr2, 0x201000, "CR2");
    tap_eq(&r->tap, peek(r, 0x50ff8), 0x55667788, "before it");
    tap_eq(&r->tap, c->gpr[RDI], 0x201050, "RDI at the end");
}

/* ---- the ends of code ---- */

static void code_ends(struct sysrig *r)
{
    struct cpu *c = r->c;
    static const char nops[16] = {0x66, 0x66, 0x66, 0x66,      0x66, 0x66,
                                  0x66, 0x66, 0x66, 0x66,      0x66, 0x66,
                                  0x66, 0x66, 0x66, (char)0x90};

    sysrig_protected(r, 0);
    set_idt(r, 13, gate(CODE0, HANDLER, 0x8e, 0));
    PUT(r, HANDLER, "\xf4");
    set_gdt(r, SEL_TEST, descriptor(CODE, 9, 0x9a, 4));
    PUT(r, CODE, "\xea\x08\x00\x00\x00\xa0\x00"); /* JMP SEL_TEST:8 */
    PUT(r, CODE + 8, "\x40\x40\x40");
    c->gpr[RAX] = 0;
    run(r, 10);
    tap_eq(&r->tap, c->rip, HANDLER + 1, "#GP at the end of CS");
    tap_eq(&r->tap, c->gpr[RAX], 2, "what stood before it ran");
    tap_eq(&r->tap, peek(r, (uint32_t)c->gpr[RSP] + 4), 10, "EIP of the fault");
    sysrig_protected(r, 0);
    set_idt(r, 13, gate(CODE0, HANDLER, 0x8e, 0));
    PUT(r, HANDLER, "\xf4");
    set_gdt(r, SEL_TEST, descriptor(CODE, 9, 0x9a, 4));
    PUT(r, CODE, "\xea\x08\x00\x00\x00\xa0\x00");
    PUT(r, CODE + 8, "\xb8\x11\x11\x11\x11"); /* MOV EAX,... over the end */
    run(r, 10);
    tap_eq(&r->tap, c->rip, HANDLER + 1, "an instruction over the end of CS");
    tap_eq(&r->tap, peek(r, (uint32_t)c->gpr[RSP] + 4), 8, "its EIP");
    sysrig_protected(r, 0);
    set_idt(r, 13, gate(CODE0, HANDLER, 0x8e, 0));
    PUT(r, HANDLER, "\xf4");
    put(r, CODE, nops, sizeof nops);
    run(r, 10);
    tap_eq(&r->tap, c->rip, HANDLER + 1, "16 bytes are too many");
    sysrig_real(r);
    poke(r, 13 * 4, HANDLER >> 4 << 16);
    PUT(r, HANDLER, "\xf4");
    PUT(r, CODE + 0xfffe, "\x40\x40");
    c->rip = 0xfffe;
    c->gpr[RAX] = 0;
    run(r, 10);
    tap_ok(&r->tap, c->rip == 1 && c->gpr[RAX] == 2,
           "real mode: IP does not wrap");
    sysrig_long(r, 0);
    set_idt64(r, 13, CODE64, HANDLER, 0x8e, 0);
    PUT(r, HANDLER, "\xf4");
    PUT(r, CODE, "\xff\xe0"); /* JMP RAX */
    c->gpr[RAX] = UINT64_C(1) << 47;
    run(r, 10);
    tap_eq(&r->tap, c->rip, HANDLER + 1, "JMP to what is not canonical");
    c->events = 0;
    c->rip = UINT64_C(1) << 47;
    run(r, 10);
    tap_eq(&r->tap, c->rip, HANDLER + 1, "RIP that is not canonical");
}

/* ---- traps (17.2, 17.3) ---- */

static void io_breakpoint(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    set_idt(r, 1, gate(CODE0, HANDLER, 0x8e, 0));
    PUT(r, CODE, "\xe4\x60\xe4\x61\xe6\x60\x66\xe5\x5f\xf4");
    counter(r, HANDLER, 0, "\x8b\x1c\x24\xcf", 4);
    c->cr4 |= CR4_DE;
    c->dr[3] = 0x60;
    c->dr[7] |= 0x80 | 2u << 28;
    run(r, 100);
    tap_ok(&r->tap, c->events & EV_HALT, "I/O breakpoint: HLT");
    tap_eq(&r->tap, peek(r, 0x6000), 3, "IN 60h, OUT 60h, IN AX,5Fh");
    tap_eq(&r->tap, c->gpr[RBX], CODE + 9, "after the last");
    tap_eq(&r->tap, c->dr[6] & 15, 8, "DR6");
}

static void task_trap(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    poke(r, TSS_B + 32, CODE + 0x40);
    poke(r, TSS_B + 36, 2);
    poke(r, TSS_B + 56, 0x24000);
    poke(r, TSS_B + 76, CODE0);
    for (unsigned at = 72; at <= 92; at += 4)
        if (at != 76)
            poke(r, TSS_B + at, DATA0);
    poke(r, TSS_B + 100, 1);
    set_idt(r, 1, gate(CODE0, HANDLER, 0x8e, 0));
    PUT(r, CODE, "\xea\x00\x00\x00\x00\x38\x00");
    PUT(r, CODE + 0x40, "\x40\xf4");
    PUT(r, HANDLER, "\x8b\x1c\x24\x0f\x21\xf1\xcf"); /* EIP, DR6 */
    run(r, 100);
    tap_ok(&r->tap, c->events & EV_HALT, "TSS.T: HLT");
    tap_eq(&r->tap, c->gpr[RBX], CODE + 0x40, "before the first instruction");
    tap_ok(&r->tap, c->gpr[RCX] & DR6_BT, "DR6.BT");
}

/* TF before MOV SS: one trap, behind the next instruction (6.8.3). */
static void shadowed_step(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    set_idt(r, 1, gate(CODE0, HANDLER, 0x8e, 0));
    PUT(r, CODE, "\x8e\xd0\x43\x43\xf4"); /* MOV SS,AX; INC EBX twice; HLT */
    counter(r, HANDLER, 0, "\x8b\x0c\x24\x81\x64\x24\x08\xff\xfe\xff\xff\xcf",
            12); /* EIP; TF off in the image */
    c->gpr[RAX] = DATA0;
    c->rflags |= EFL_TF;
    cpu_raise(c, EV_TRAP);
    run(r, 100);
    tap_ok(&r->tap, c->events & EV_HALT, "step over MOV SS: HLT");
    tap_eq(&r->tap, peek(r, 0x6000), 1, "one trap");
    tap_eq(&r->tap, c->gpr[RCX], CODE + 3, "behind the INC");
}

/* The jump's target is known from the first round: the step ends all the
 * same. */
static void stepped_jump(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    set_idt(r, 1, gate(CODE0, HANDLER, 0x8e, 0));
    PUT(r, CODE,
        "\x49\x74\x02\xff\xe0" /* DEC ECX; JZ; JMP EAX */
        "\xff\xe2");           /* JMP EDX */
    PUT(r, CODE + 0x100, "\x43\x43\x43\xf4");
    counter(r, HANDLER, 0, "\x8b\x2c\x24\x81\x64\x24\x08\xff\xfe\xff\xff\xcf",
            12); /* EIP; TF off in the image */
    c->gpr[RAX] = CODE;
    c->gpr[RDX] = CODE + 0x100;
    c->gpr[RCX] = 40;
    run(r, 1000);
    c->events = 0;
    c->rip = CODE + 5;
    c->rflags |= EFL_TF;
    run(r, 100);
    tap_eq(&r->tap, peek(r, 0x6000), 1, "step over an indirect jump: one trap");
    tap_eq(&r->tap, c->gpr[RBP], CODE + 0x100, "at its target");
}

static void virtual_interrupts(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 3);
    set_idt(r, 13, gate(CODE0, HANDLER, 0x8e, 0));
    PUT(r, CODE, "\x90\xfb\x90\xeb\xfe"); /* NOP; STI; NOP */
    PUT(r, HANDLER, "\xf4");
    c->cr4 |= CR4_PVI;
    c->rflags |= EFL_VIP;
    cpu_raise(c, EV_TRAP);
    run(r, 20);
    tap_ok(&r->tap, c->events & EV_HALT, "PVI: STI with VIP faults");
    tap_eq(&r->tap, peek(r, (uint32_t)c->gpr[RSP] + 4), CODE + 1, "at the STI");
}

/* FFFFFh and above, with the line low (8086 programs that wrap). */
static void a20(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_real(r);
    phys_set_a20(r->sv.phys, false);
    tlb_flush_all(c);
    poke(r, 0x500, 0x11223344);
    seg_set_real(c, SEG_DS, 0xffff);
    cpu_update_mode(c);
    PUT(r, CODE, "\x66\xa1\x10\x05\xf4"); /* MOV EAX,[510h]; HLT */
    run(r, 10);
    tap_eq(&r->tap, c->gpr[RAX], 0x11223344, "FFFF:0510 is 500h without A20");
    phys_set_a20(r->sv.phys, true);
    tlb_flush_all(c);
    c->events = 0;
    c->rip = 0;
    run(r, 10);
    tap_ok(&r->tap, (uint32_t)c->gpr[RAX] != 0x11223344, "and not with it");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    smi(&r);
    smi_changes(&r);
    mwait_events(&r);
    mwait_stores(&r);
    nmi(&r);
    interrupted_string(&r);
    faulting_string(&r);
    code_ends(&r);
    io_breakpoint(&r);
    task_trap(&r);
    shadowed_step(&r);
    stepped_jump(&r);
    virtual_interrupts(&r);
    a20(&r);
    return sysrig_done(&r);
}

/*
 * sys_far_test.c - far JMP, CALL, RET, call gates, system calls, flags with
 * privilege.
 *
 * SDM vol. 2, each instruction; vol. 3 ch. 5.8.
 */
#include "cpu/seg.h"
#include "tests/insn/sysrig.h"

static void real_mode(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_real(r);
    WORKS(r, "\x9a\x34\x12\x78\x56", "real: CALL far");
    tap_eq(&r->tap, c->seg[SEG_CS].base + c->rip, 0x56780 + 0x1234, "target");
    tap_eq(&r->tap, peek(r, STACK0 + 0xffc), 0x10000005, "return address");
    WORKS(r, "\xca\x02\x00", "real: RETF 2");
    tap_eq(&r->tap, c->gpr[RSP], 0x1002, "SP");
    tap_eq(&r->tap, c->rip, 5, "IP");
    FAULTS(r, "\x66\xea\x00\x00\x01\x00\x00\x10", EXC_GP, 0,
           "real: EIP beyond 64 KiB");
    WORKS(r, "\x66\x9d", "real: POPFD");
}

static void direct(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    WORKS(r, "\xea\x00\x20\x01\x00\x08\x00", "JMP far");
    tap_eq(&r->tap, c->rip, 0x12000, "EIP");
    WORKS(r, "\xea\x10\x00\x00\x00\x58\x00", "JMP to 16-bit code");
    tap_eq(&r->tap, c->code_bits, 16, "16-bit code");
    sysrig_protected(r, 0);
    FAULTS(r, "\xea\x00\x20\x01\x00\x00\x00", EXC_GP, 0, "null");
    FAULTS(r, "\xea\x00\x20\x01\x00\x10\x00", EXC_GP, 0x10, "data");
    FAULTS(r, "\xea\x00\x20\x01\x00\x18\x00", EXC_GP, 0x18, "DPL 3");
    FAULTS(r, "\xea\x00\x20\x01\x00\x09\x00", EXC_GP, 8, "RPL > CPL");
    FAULTS(r, "\xea\x00\x00\x01\x00\x58\x00", EXC_GP, 0, "beyond limit");
    sysrig_protected(r, 3);
    WORKS(r, "\x9a\x00\x20\x01\x00\x68\x00", "CALL conforming");
    tap_eq(&r->tap, c->cpl, 3, "CPL stays");
    tap_eq(&r->tap, c->seg[SEG_CS].selector, CONF0 | 3, "RPL is the CPL");
    WORKS(r, "\xcb", "RETF");
    tap_eq(&r->tap, c->seg[SEG_CS].selector, CODE3, "CS back");
    poke(r, STACK3 - 8, CODE);
    poke(r, STACK3 - 4, CODE0);
    c->gpr[RSP] = STACK3 - 8;
    FAULTS(r, "\xcb", EXC_GP, CODE0, "RETF to an inner ring");
}

static void call_gates(struct sysrig *r)
{
    struct cpu *c = r->c;
    const char *name = "CALL by gate to CPL 0";

    sysrig_protected(r, 3);
    set_gdt(r, SEL_GATE, gate(CODE0, HANDLER, 0xec, 2));
    poke(r, STACK3, 0x11111111);
    poke(r, STACK3 + 4, 0x22222222);
    WORKS(r, "\x9a\x00\x00\x00\x00\x93\x00", name);
    tap_eq(&r->tap, c->cpl, 0, "CPL 0");
    tap_eq(&r->tap, c->rip, HANDLER, "EIP from the gate");
    tap_eq(&r->tap, c->gpr[RSP], STACK0 - 24, "frame and two parameters");
    tap_eq(&r->tap, peek(r, STACK0 - 4), DATA3, "SS");
    tap_eq(&r->tap, peek(r, STACK0 - 8), STACK3, "ESP");
    tap_eq(&r->tap, peek(r, STACK0 - 12), 0x22222222, "parameter 2");
    tap_eq(&r->tap, peek(r, STACK0 - 16), 0x11111111, "parameter 1");
    tap_eq(&r->tap, peek(r, STACK0 - 20), CODE3, "CS");
    tap_eq(&r->tap, peek(r, STACK0 - 24), CODE + 7, "EIP");
    c->seg[SEG_FS] = c->seg[SEG_SS]; /* of CPL 0 */
    WORKS(r, "\xca\x08\x00", "RETF 8 to CPL 3");
    tap_eq(&r->tap, c->cpl, 3, "CPL 3");
    tap_eq(&r->tap, c->gpr[RSP], STACK3 + 8, "both stacks drop parameters");
    tap_ok(&r->tap, !c->seg[SEG_FS].usable && c->seg[SEG_DS].usable,
           "inner FS dropped, outer DS kept");
    FAULTS(r, "\xea\x00\x00\x00\x00\x93\x00", EXC_GP, CODE0,
           "JMP cannot go inwards");
    set_gdt(r, SEL_GATE, gate(CODE0, HANDLER, 0x8c, 2));
    FAULTS(r, "\x9a\x00\x00\x00\x00\x93\x00", EXC_GP, SEL_GATE, "gate DPL");
    set_gdt(r, SEL_GATE, gate(CODE0, HANDLER, 0x6c, 2));
    FAULTS(r, "\x9a\x00\x00\x00\x00\x93\x00", EXC_NP, SEL_GATE, "gate P");
    poke(r, TSS_A + 4, 8);
    set_gdt(r, SEL_TEST, descriptor(0, 0x100, 0x92, 4));
    poke(r, TSS_A + 8, SEL_TEST);
    set_gdt(r, SEL_GATE, gate(CODE0, HANDLER, 0xec, 2));
    FAULTS(r, "\x9a\x00\x00\x00\x00\x93\x00", EXC_SS, SEL_TEST,
           "no room on the inner stack");
}

static void call_gate_64(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 3);
    set_gdt(r, SEL_GATE, gate(CODE64, HANDLER, 0xec, 5));
    poke64(r, GDT + SEL_GATE + 8, 0xffffffff);
    c->gpr[RBX] = 0x6000;
    poke(r, 0x6004, SEL_GATE | 3);
    WORKS(r, "\xff\x1b", "64-bit call gate");
    tap_eq(&r->tap, c->rip, UINT64_C(0xffffffff00012000), "RIP");
    tap_eq(&r->tap, c->gpr[RSP], STACK0 - 32, "four qwords");
    tap_eq(&r->tap, c->seg[SEG_SS].selector, 0, "null SS");
    WORKS(r, "\x48\xcb", "RETFQ");
    tap_eq(&r->tap, c->gpr[RSP], STACK3, "RSP");
    set_gdt(r, SEL_GATE, gate(CODE0, HANDLER, 0xec, 0));
    FAULTS(r, "\xff\x1b", EXC_GP, CODE0, "gate to 32-bit code");
    poke64(r, GDT + SEL_GATE + 8, UINT64_C(1) << 40);
    FAULTS(r, "\xff\x1b", EXC_GP, SEL_GATE, "upper type not 0");
    poke(r, 0x6004, CODE3);
    poke(r, 0x6000, 0x12345);
    WORKS(r, "\xff\x2b", "JMP to compatibility mode");
    tap_ok(&r->tap, c->mode == MODE_COMPAT && c->rip == 0x12345, "compat");
}

static void system_calls(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 3);
    c->msr.star = UINT64_C(0x00230008) << 32;
    c->msr.lstar = UINT64_C(0xffffffff81000000);
    c->msr.fmask = EFL_IF | EFL_TF | EFL_CF;
    c->rflags |= EFL_IF | EFL_CF | EFL_ID;
    WORKS(r, "\x0f\x05", "SYSCALL");
    tap_eq(&r->tap, c->rip, UINT64_C(0xffffffff81000000), "RIP is LSTAR");
    tap_eq(&r->tap, c->gpr[RCX], CODE + 2, "RCX");
    tap_eq(&r->tap, c->gpr[11], 2 | EFL_IF | EFL_CF | EFL_ID, "R11");
    tap_eq(&r->tap, c->rflags, 2 | EFL_ID, "RFLAGS masked");
    tap_ok(&r->tap,
           c->cpl == 0 && c->seg[SEG_CS].selector == 8 &&
               c->seg[SEG_SS].selector == 0x10,
           "CS and SS from STAR");
    WORKS(r, "\x48\x0f\x07", "SYSRETQ");
    tap_eq(&r->tap, c->rip, CODE + 2, "RIP");
    tap_ok(&r->tap,
           c->seg[SEG_CS].selector == 0x33 && c->seg[SEG_SS].selector == 0x2b &&
               c->cpl == 3,
           "CS + 16, SS + 8");
    tap_ok(&r->tap, c->rflags & EFL_IF, "RFLAGS from R11");
    FAULTS(r, "\x48\x0f\x07", EXC_GP, 0, "SYSRET at CPL 3");
    c->efer &= ~(uint64_t)EFER_SCE;
    FAULTS(r, "\x0f\x05", EXC_UD, 0, "SYSCALL without SCE");
    sysrig_protected(r, 3);
    FAULTS(r, "\x0f\x34", EXC_GP, 0, "SYSENTER with CS 0");
    c->msr.sysenter_cs = 8;
    c->msr.sysenter_esp = 0x7000;
    c->msr.sysenter_eip = 0x8000;
    c->rflags |= EFL_IF;
    WORKS(r, "\x0f\x34", "SYSENTER");
    tap_ok(&r->tap,
           c->rip == 0x8000 && c->gpr[RSP] == 0x7000 && !c->cpl &&
               !(c->rflags & EFL_IF),
           "EIP, ESP, CPL, IF");
    c->gpr[RCX] = STACK3;
    c->gpr[RDX] = CODE;
    WORKS(r, "\x0f\x35", "SYSEXIT");
    tap_ok(&r->tap,
           c->rip == CODE && c->gpr[RSP] == STACK3 && c->cpl == 3 &&
               c->seg[SEG_CS].selector == 0x1b,
           "back at CPL 3");
    FAULTS(r, "\x0f\x35", EXC_GP, 0, "SYSEXIT at CPL 3");
}

static void flags(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 3);
    poke(r, STACK3, 0xffffffff);
    c->events = 0;
    WORKS(r, "\x9d", "POPFD at CPL 3, IOPL 0");
    tap_eq(&r->tap, c->rflags,
           2 | EFL_ARITH | EFL_TF | EFL_DF | EFL_NT | EFL_AC | EFL_ID,
           "what it may change");
    tap_ok(&r->tap, c->events & EV_TRAP, "TF asks for attention");
    FAULTS(r, "\xfa", EXC_GP, 0, "CLI with CPL > IOPL");
    c->cr4 |= CR4_PVI;
    WORKS(r, "\xfb", "PVI: STI");
    tap_ok(&r->tap, c->rflags & EFL_VIF && !(c->rflags & EFL_IF), "VIF");
    WORKS(r, "\xfa", "PVI: CLI");
    tap_ok(&r->tap, !(c->rflags & EFL_VIF), "VIF clear");
    sysrig_protected(r, 0);
    poke(r, (uint32_t)c->gpr[RSP], 0xffffffff);
    WORKS(r, "\x9d", "POPFD at CPL 0");
    tap_eq(&r->tap, c->rflags,
           2 | EFL_ARITH | EFL_TF | EFL_DF | EFL_NT | EFL_AC | EFL_ID | EFL_IF |
               EFL_IOPL,
           "all but VM, RF, VIF, VIP");
    c->rflags = 2 | EFL_RF | EFL_VIF;
    WORKS(r, "\x9c", "PUSHFD");
    tap_eq(&r->tap, peek(r, (uint32_t)c->gpr[RSP]), 2 | EFL_VIF,
           "RF is not in the image");
    c->events = 0;
    WORKS(r, "\xfb", "STI");
    tap_ok(&r->tap, c->events & EV_SHADOW, "STI makes a shadow");
    c->events = 0;
    WORKS(r, "\xfb", "STI again");
    tap_ok(&r->tap, !(c->events & EV_SHADOW), "no shadow when IF was set");
    WORKS(r, "\xf4", "HLT");
    tap_ok(&r->tap, c->events & EV_HALT, "halted");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    real_mode(&r);
    direct(&r);
    call_gates(&r);
    call_gate_64(&r);
    system_calls(&r);
    flags(&r);
    return sysrig_done(&r);
}

/*
 * sys_int_test.c - delivery of interrupts and exceptions, and IRET.
 *
 * SDM vol. 3 ch. 6 (gates, stacks, error codes, double faults), 20 (v86).
 */
#include "cpu/debugreg.h"
#include "cpu/seg.h"
#include "tests/insn/sysrig.h"

#define INT_30 "\xcd\x30"

static void real_mode(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_real(r);
    poke(r, 0x30 * 4, 0x56781234);
    c->rflags |= EFL_IF | EFL_TF | EFL_CF;
    WORKS(r, INT_30, "real: INT n");
    tap_eq(&r->tap, c->seg[SEG_CS].selector, 0x5678, "CS");
    tap_eq(&r->tap, c->rip, 0x1234, "IP");
    tap_eq(&r->tap, c->rflags, 2 | EFL_CF, "IF and TF clear");
    tap_eq(&r->tap, peek16(r, STACK0 + 0xffe), 2 | EFL_IF | EFL_TF | EFL_CF,
           "pushed flags");
    tap_eq(&r->tap, peek(r, STACK0 + 0xffa), 0x10000002, "pushed CS:IP");
    WORKS(r, "\xcf", "real: IRET");
    tap_eq(&r->tap, c->rip, 2, "back");
    tap_eq(&r->tap, c->rflags, 2 | EFL_IF | EFL_TF | EFL_CF, "flags back");
    c->idtr.limit = 0x30 * 4 + 2;
    FAULTS(r, INT_30, EXC_GP, 0, "vector beyond the IVT limit");
    c->gpr[RSP] = 1;
    c->idtr.limit = 0x3ff;
    FAULTS(r, INT_30, EXC_SS, 0, "stack wraps in the middle of a word");
}

static void same_ring(struct sysrig *r)
{
    struct cpu *c = r->c;
    uint32_t sp = STACK0 - 0x1000;

    sysrig_protected(r, 0);
    set_idt(r, 0x30, gate(CODE0, HANDLER, 0x8e, 0));
    c->rflags |= EFL_IF | EFL_NT;
    WORKS(r, INT_30, "interrupt gate, same ring");
    tap_eq(&r->tap, c->rip, HANDLER, "EIP");
    tap_eq(&r->tap, c->gpr[RSP], sp - 12, "three dwords");
    tap_eq(&r->tap, peek(r, sp - 4), 2 | EFL_IF | EFL_NT, "EFLAGS");
    tap_eq(&r->tap, peek(r, sp - 8), CODE0, "CS");
    tap_eq(&r->tap, peek(r, sp - 12), CODE + 2, "EIP of the next");
    tap_eq(&r->tap, c->rflags, 2, "IF and NT clear");
    WORKS(r, "\xcf", "IRETD");
    tap_eq(&r->tap, c->gpr[RSP], sp, "ESP back");
    c->rflags &= ~(uint64_t)EFL_NT;
    set_idt(r, 0x30, gate(CODE0, HANDLER, 0x87, 0));
    WORKS(r, INT_30, "16-bit trap gate");
    tap_eq(&r->tap, c->gpr[RSP], sp - 6, "three words");
    tap_ok(&r->tap, c->rflags & EFL_IF, "trap gate keeps IF");
    tap_eq(&r->tap, c->rip, HANDLER & 0xffff, "16-bit offset");
}

static void bad_gates(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    set_idt(r, 0x30, gate(CODE0, HANDLER, 0x0e, 0));
    FAULTS(r, INT_30, EXC_NP, 0x182, "gate not present");
    set_idt(r, 0x30, gate(CODE0, HANDLER, 0x8c, 0));
    FAULTS(r, INT_30, EXC_GP, 0x182, "call gate in the IDT");
    c->idtr.limit = 0x186;
    FAULTS(r, INT_30, EXC_GP, 0x182, "beyond the IDT");
    c->idtr.limit = 0x7ff;
    set_idt(r, 0x30, gate(0, HANDLER, 0x8e, 0));
    FAULTS(r, INT_30, EXC_GP, 0, "null selector in a gate");
    tap_ok(&r->tap, !interrupt(r, 0x30) && c->fault.code == 1,
           "an external event sets EXT");
    c->fault_depth = 0;
    set_idt(r, 0x30, gate(DATA0, HANDLER, 0x8e, 0));
    FAULTS(r, INT_30, EXC_GP, DATA0, "data selector in a gate");
    set_gdt(r, SEL_TEST, descriptor(0, 0x100, 0x9a, 4));
    set_idt(r, 0x30, gate(SEL_TEST, 0x101, 0x8e, 0));
    FAULTS(r, INT_30, EXC_GP, 0, "offset beyond the code limit");
    set_gdt(r, SEL_TEST, descriptor(0, 0x100, 0x1a, 4));
    FAULTS(r, INT_30, EXC_NP, SEL_TEST, "code not present");
    sysrig_protected(r, 3);
    set_idt(r, 0x30, gate(CODE0, HANDLER, 0x8e, 0));
    FAULTS(r, INT_30, EXC_GP, 0x182, "INT n with gate DPL < CPL");
    set_idt(r, 3, gate(CODE0, HANDLER, 0x8e, 0));
    FAULTS(r, "\xcc", EXC_GP, 0x1a, "INT3 looks at the DPL too");
    set_idt(r, 1, gate(CODE0, HANDLER, 0x8e, 0));
    WORKS(r, "\xf1", "INT1 does not");
    sysrig_protected(r, 3);
    set_idt(r, 0x30, gate(CODE0, HANDLER, 0xee, 0));
    poke(r, TSS_A + 8, 0);
    FAULTS(r, INT_30, EXC_TS, 0, "null SS0");
    poke(r, TSS_A + 8, DATA3);
    FAULTS(r, INT_30, EXC_TS, DATA3 & ~3, "SS0 with RPL 3");
    set_gdt(r, SEL_TEST, descriptor(0, 0xfffff, 0x12, 12));
    poke(r, TSS_A + 8, SEL_TEST);
    FAULTS(r, INT_30, EXC_SS, SEL_TEST, "SS0 not present");
    set_gdt(r, SEL_TEST, descriptor(0, 0x100, 0x92, 4));
    FAULTS(r, INT_30, EXC_SS, SEL_TEST, "ESP0 beyond the limit of SS0");
    c->seg[SEG_TR].limit = 8;
    FAULTS(r, INT_30, EXC_TS, SEL_TSS_A, "TSS too short for SS0");
}

static void inner_ring(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 3);
    set_idt(r, 13, gate(CODE0, HANDLER, 0x8e, 0));
    c->rflags |= EFL_IF;
    tap_ok(&r->tap, !EXEC(r, "\xf4"), "HLT at CPL 3 faults");
    deliver(r);
    tap_eq(&r->tap, c->cpl, 0, "CPL 0");
    tap_eq(&r->tap, c->gpr[RSP], STACK0 - 24, "six dwords");
    tap_eq(&r->tap, peek(r, STACK0 - 4), DATA3, "SS");
    tap_eq(&r->tap, peek(r, STACK0 - 8), STACK3, "ESP");
    tap_eq(&r->tap, peek(r, STACK0 - 12), 2 | EFL_IF | EFL_RF,
           "EFLAGS with RF");
    tap_eq(&r->tap, peek(r, STACK0 - 16), CODE3, "CS");
    tap_eq(&r->tap, peek(r, STACK0 - 20), CODE, "EIP of the fault");
    tap_eq(&r->tap, peek(r, STACK0 - 24), 0, "error code");
    tap_eq(&r->tap, c->seg[SEG_SS].selector, DATA0, "new SS");
    tap_ok(&r->tap, !c->fault_depth, "delivery is over");
    c->gpr[RSP] += 4;
    WORKS(r, "\xcf", "IRETD to CPL 3");
    tap_eq(&r->tap, c->cpl, 3, "CPL 3");
    tap_eq(&r->tap, c->gpr[RSP], STACK3, "ESP");
    tap_ok(&r->tap, c->rflags & EFL_RF, "RF is back");
    tap_ok(&r->tap, c->seg[SEG_DS].usable, "DS of CPL 3 stays");
    sysrig_protected(r, 0);
    c->gpr[RSP] = STACK0 - 20;
    poke(r, STACK0 - 20, CODE);
    poke(r, STACK0 - 16, CODE3);
    poke(r, STACK0 - 12, EFL_IOPL | EFL_IF | 2);
    poke(r, STACK0 - 8, STACK3);
    poke(r, STACK0 - 4, DATA3);
    WORKS(r, "\xcf", "IRETD to CPL 3 with data of CPL 0");
    tap_ok(&r->tap, !c->seg[SEG_DS].usable && !c->seg[SEG_ES].usable,
           "inner data segments are dropped");
    poke(r, STACK3, CODE);
    poke(r, STACK3 + 4, CODE3);
    poke(r, STACK3 + 8, 2);
    c->rflags &= ~(uint64_t)EFL_IOPL;
    WORKS(r, "\xcf", "IRETD at CPL 3, IOPL 0");
    tap_ok(&r->tap, c->rflags & EFL_IF, "cannot clear IF");
}

static void double_fault(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 3);
    set_idt(r, 8, gate(CODE0, HANDLER, 0x8e, 0));
    tap_ok(&r->tap, !EXEC(r, "\xf4"), "HLT faults");
    deliver(r); /* #GP has no gate: #GP again: #DF */
    tap_eq(&r->tap, c->rip, HANDLER, "contributory twice: #DF");
    tap_eq(&r->tap, peek(r, STACK0 - 24), 0, "error code of #DF");
    tap_eq(&r->tap, peek(r, STACK0 - 20), CODE, "EIP");
    sysrig_protected(r, 3);
    c->events = 0;
    tap_ok(&r->tap, !EXEC(r, "\xf4"), "HLT faults again");
    deliver(r);
    tap_ok(&r->tap, c->events & EV_SHUTDOWN, "no gate for #DF: shutdown");
    sysrig_protected(r, 3);
    set_idt(r, 11, gate(CODE0, HANDLER, 0x8e, 0));
    set_idt(r, 6, gate(CODE0, HANDLER, 0x0e, 0));
    tap_ok(&r->tap, !EXEC(r, "\x0f\x0b"), "UD2");
    deliver(r);
    tap_eq(&r->tap, c->rip, HANDLER, "#NP during #UD is served by itself");
    tap_eq(&r->tap, peek(r, STACK0 - 24), 6 * 8 + 3, "its code has EXT");
}

static void from_v86(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_v86(r, 3);
    set_idt(r, 0x30, gate(CODE0, HANDLER, 0xee, 0));
    WORKS(r, INT_30, "v86: INT n with IOPL 3");
    tap_eq(&r->tap, c->gpr[RSP], STACK0 - 36, "nine dwords");
    tap_eq(&r->tap, peek(r, STACK0 - 4), 0x1105, "GS");
    tap_eq(&r->tap, peek(r, STACK0 - 8), 0x1104, "FS");
    tap_eq(&r->tap, peek(r, STACK0 - 12), 0x1103, "DS");
    tap_eq(&r->tap, peek(r, STACK0 - 16), 0x1100, "ES");
    tap_eq(&r->tap, peek(r, STACK0 - 20), STACK3 >> 4, "SS");
    tap_eq(&r->tap, peek(r, STACK0 - 28), 2 | EFL_VM | EFL_IOPL | EFL_IF,
           "EFLAGS with VM");
    tap_ok(&r->tap, c->mode == MODE_PROT && !c->seg[SEG_DS].usable,
           "protected mode, DS null");
    WORKS(r, "\xcf", "IRETD to v86");
    tap_ok(&r->tap, c->mode == MODE_V86 && c->cpl == 3, "v86 again");
    tap_eq(&r->tap, c->seg[SEG_DS].base, 0x11030, "DS base");
    tap_eq(&r->tap, c->gpr[RSP], 0x1000, "ESP");
    set_idt(r, 0x30, gate(CONF0, HANDLER, 0xee, 0));
    FAULTS(r, INT_30, EXC_GP, CONF0, "v86 to conforming code");
    sysrig_v86(r, 0);
    FAULTS(r, INT_30, EXC_GP, 0, "v86: INT n with IOPL 0");
    FAULTS(r, "\xfa", EXC_GP, 0, "v86: CLI with IOPL 0");
    FAULTS(r, "\x9c", EXC_GP, 0, "v86: PUSHF with IOPL 0");
    FAULTS(r, "\xcf", EXC_GP, 0, "v86: IRET with IOPL 0");
    set_idt(r, 3, gate(CODE0, HANDLER, 0xee, 0));
    WORKS(r, "\xcc", "v86: INT3 needs no IOPL");
}

static void vme(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_v86(r, 0);
    c->cr4 |= CR4_VME;
    poke16(r, TSS_A + 102, 0x100);
    poke(r, 0x30 * 4, 0x34560012);
    c->rflags |= EFL_VIF;
    WORKS(r, INT_30, "VME: INT n to the 8086 handler");
    tap_ok(&r->tap, c->mode == MODE_V86 && c->rip == 0x12, "its IP");
    tap_eq(&r->tap, c->seg[SEG_CS].selector, 0x3456, "its CS");
    tap_eq(&r->tap, peek16(r, STACK3 + 0xffe), 2 | EFL_IF | EFL_IOPL,
           "image shows VIF as IF and IOPL 3");
    tap_ok(&r->tap, !(c->rflags & EFL_VIF) && c->rflags & EFL_IF,
           "VIF clear, IF not");
    WORKS(r, "\xcf", "VME: IRET");
    tap_ok(&r->tap, c->rflags & EFL_VIF, "VIF back");
    WORKS(r, "\xfa", "VME: CLI");
    tap_ok(&r->tap, !(c->rflags & EFL_VIF), "VIF clear");
    c->rflags |= EFL_VIP;
    FAULTS(r, "\xfb", EXC_GP, 0, "VME: STI with VIP");
    poke16(r, TSS_A + 0x100 - 32 + 6, 1);
    FAULTS(r, INT_30, EXC_GP, 0, "VME: redirection bit set, IOPL 0");
}

static void long_mode(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 3);
    c->gpr[RSP] = STACK3 - 3;
    set_idt64(r, 0x30, CODE64, UINT64_C(0xffffffff80000000), 0xee, 0);
    WORKS(r, INT_30, "64-bit gate");
    tap_eq(&r->tap, c->rip, UINT64_C(0xffffffff80000000), "RIP");
    tap_eq(&r->tap, c->gpr[RSP], STACK0 - 40, "five qwords");
    tap_eq(&r->tap, peek(r, STACK0 - 8), DATA3, "SS");
    tap_eq(&r->tap, peek(r, STACK0 - 16), STACK3 - 3, "RSP");
    tap_eq(&r->tap, c->seg[SEG_SS].selector, 0, "null SS");
    WORKS(r, "\x48\xcf", "IRETQ");
    tap_eq(&r->tap, c->gpr[RSP], STACK3 - 3, "RSP back");
    tap_eq(&r->tap, c->cpl, 3, "CPL 3");
    sysrig_long(r, 0);
    c->gpr[RSP] = STACK0 - 3;
    set_idt64(r, 0x30, CODE64, HANDLER, 0x8e, 1);
    WORKS(r, INT_30, "IST 1");
    tap_eq(&r->tap, c->gpr[RSP], IST1 - 40, "RSP from the IST");
    WORKS(r, "\x48\xcf", "IRETQ, same ring");
    tap_eq(&r->tap, c->gpr[RSP], STACK0 - 3, "takes RSP as well");
    set_idt64(r, 0x30, CODE0, HANDLER, 0x8e, 0);
    FAULTS(r, INT_30, EXC_GP, CODE0, "32-bit handler");
    set_idt64(r, 0x30, CODE64, HANDLER, 0x86, 0);
    FAULTS(r, INT_30, EXC_GP, 0x182, "16-bit gate in long mode");
    set_idt64(r, 0x30, CODE64, UINT64_C(1) << 47, 0x8e, 0);
    FAULTS(r, INT_30, EXC_GP, 0, "handler not canonical");
    poke64(r, TSS_A + 36, UINT64_C(1) << 47);
    set_idt64(r, 0x30, CODE64, HANDLER, 0x8e, 1);
    FAULTS(r, INT_30, EXC_SS, 0, "IST stack not canonical");
    c->rflags |= EFL_NT;
    FAULTS(r, "\x48\xcf", EXC_GP, 0, "IRETQ with NT");
}

static void page_fault(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 0);
    set_idt64(r, 14, CODE64, HANDLER, 0x8e, 0);
    c->gpr[RBX] = 0x5000004;
    tap_ok(&r->tap, !EXEC(r, "\x0f\x01\x1b"), "LIDT from nowhere");
    tap_eq(&r->tap, c->fault.vector, EXC_PF, "#PF");
    deliver(r);
    tap_eq(&r->tap, c->cr2, 0x5000004, "CR2");
    tap_eq(&r->tap, c->rip, HANDLER, "handler");
    tap_eq(&r->tap, peek(r, (uint32_t)c->gpr[RSP]), 0, "error code");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    real_mode(&r);
    same_ring(&r);
    bad_gates(&r);
    inner_ring(&r);
    double_fault(&r);
    from_v86(&r);
    vme(&r);
    long_mode(&r);
    page_fault(&r);
    return sysrig_done(&r);
}

/*
 * sys_task_test.c - hardware task switching (SDM vol. 3 ch. 7).
 */
#include "cpu/access.h"
#include "cpu/debugreg.h"
#include "cpu/paging.h"
#include "cpu/seg.h"
#include "tests/insn/sysrig.h"

enum { STACK_B = 0x24000 };

/* A 32-bit TSS at CPL 0 with marks in its registers. */
static void make_tss(struct sysrig *r, uint32_t at)
{
    poke(r, at + 32, HANDLER);
    poke(r, at + 36, 2 | EFL_IF);
    for (unsigned i = 0; i < 8; i++)
        poke(r, at + 40 + i * 4, 0xb0000000 + i);
    poke(r, at + 56, STACK_B);
    poke(r, at + 72, DATA0);
    poke(r, at + 76, CODE0);
    poke(r, at + 80, DATA0);
    poke(r, at + 84, DATA0);
    poke(r, at + 96, SEL_LDT);
}

static unsigned type_of(struct sysrig *r, uint16_t sel)
{
    return peek(r, GDT + sel + 4) >> 8 & 15;
}

#define JMP_B  "\xea\x00\x00\x00\x00\x38\x00"
#define CALL_B "\x9a\x00\x00\x00\x00\x38\x00"
#define JMP_C  "\xea\x00\x00\x00\x00\x80\x00"

static void jump(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    make_tss(r, TSS_B);
    c->gpr[RBX] = 0x12345678;
    c->rflags |= EFL_CF;
    c->dr[7] |= 0x3ff;
    WORKS(r, JMP_B, "JMP to a TSS");
    tap_eq(&r->tap, c->rip, HANDLER, "EIP");
    tap_eq(&r->tap, c->gpr[RBX], 0xb0000003, "EBX");
    tap_eq(&r->tap, c->gpr[RSP], STACK_B, "ESP");
    tap_eq(&r->tap, c->rflags, 2 | EFL_IF, "EFLAGS");
    tap_eq(&r->tap, c->seg[SEG_TR].selector, SEL_TSS_B, "TR");
    tap_ok(&r->tap, c->seg[SEG_LDTR].usable, "LDT loaded");
    tap_ok(&r->tap, c->cr0 & CR0_TS, "CR0.TS");
    tap_eq(&r->tap, c->dr[7] & 0x3ff, 0x2aa, "local breakpoints off");
    tap_eq(&r->tap, type_of(r, SEL_TSS_A), 9, "old task available");
    tap_eq(&r->tap, type_of(r, SEL_TSS_B), 11, "new task busy");
    tap_eq(&r->tap, peek(r, TSS_A + 32), CODE + 7, "saved EIP");
    tap_eq(&r->tap, peek(r, TSS_A + 36), 3, "saved EFLAGS");
    tap_eq(&r->tap, peek(r, TSS_A + 52), 0x12345678, "saved EBX");
    tap_eq(&r->tap, peek(r, TSS_A + 76), CODE0, "saved CS");
    FAULTS(r, JMP_B, EXC_GP, SEL_TSS_B, "JMP to a busy TSS");
    set_gdt(r, SEL_TSS_A, descriptor(TSS_A, 0x66, 0x89, 0));
    FAULTS(r, "\xea\x00\x00\x00\x00\x28\x00", EXC_TS, SEL_TSS_A,
           "TSS too short");
    set_gdt(r, SEL_TSS_A, descriptor(TSS_A, 0x67, 0x09, 0));
    FAULTS(r, "\xea\x00\x00\x00\x00\x28\x00", EXC_NP, SEL_TSS_A,
           "TSS not present");
}

static void call_and_return(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    make_tss(r, TSS_B);
    WORKS(r, CALL_B, "CALL to a TSS");
    tap_ok(&r->tap, c->rflags & EFL_NT, "NT");
    tap_eq(&r->tap, peek16(r, TSS_B), SEL_TSS_A, "back link");
    tap_eq(&r->tap, type_of(r, SEL_TSS_A), 11, "caller stays busy");
    WORKS(r, "\xcf", "IRET to the caller");
    tap_eq(&r->tap, c->rip, CODE + 7, "EIP");
    tap_eq(&r->tap, c->seg[SEG_TR].selector, SEL_TSS_A, "TR");
    tap_eq(&r->tap, type_of(r, SEL_TSS_B), 9, "callee available");
    tap_eq(&r->tap, peek(r, TSS_B + 36), 2 | EFL_IF, "saved without NT");
    poke16(r, TSS_A, SEL_TSS_B);
    c->rflags |= EFL_NT;
    FAULTS(r, "\xcf", EXC_TS, SEL_TSS_B, "back link to a task not busy");
    sysrig_protected(r, 3);
    FAULTS(r, CALL_B, EXC_GP, SEL_TSS_B, "CPL 3 and TSS DPL 0");
    set_gdt(r, SEL_GATE, gate(SEL_TSS_B, 0, 0xe5, 0));
    make_tss(r, TSS_B);
    WORKS(r, "\x9a\x00\x00\x00\x00\x93\x00", "CALL by task gate");
    tap_eq(&r->tap, c->cpl, 0, "CPL of the new task");
}

static void by_interrupt(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 3);
    make_tss(r, TSS_B);
    set_idt(r, 13, gate(SEL_TSS_B, 0, 0x85, 0));
    tap_ok(&r->tap, !EXEC(r, "\xf4"), "HLT faults");
    deliver(r);
    tap_eq(&r->tap, c->rip, HANDLER, "#GP by task gate");
    tap_eq(&r->tap, c->gpr[RSP], STACK_B - 4, "error code on the new stack");
    tap_eq(&r->tap, peek(r, TSS_A + 32), CODE, "EIP of the fault");
    tap_ok(&r->tap, peek(r, TSS_A + 36) & EFL_RF, "RF in the old task");
    tap_ok(&r->tap, c->rflags & EFL_NT, "nested");
}

static void bad_tasks(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    make_tss(r, TSS_B);
    poke(r, TSS_B + 80, DATA3);
    tap_ok(&r->tap, !EXEC(r, JMP_B), "new SS with RPL 3");
    tap_ok(&r->tap, c->fault.vector == EXC_TS && c->fault.code == (DATA3 & ~3),
           "#TS(SS)");
    tap_eq(&r->tap, c->rip, HANDLER, "in the new task");
    tap_eq(&r->tap, c->seg[SEG_TR].selector, SEL_TSS_B, "TR is new");
    sysrig_protected(r, 0);
    make_tss(r, TSS_B);
    poke(r, TSS_B + 96, CODE0);
    tap_ok(&r->tap, !EXEC(r, JMP_B), "new LDT is code");
    tap_ok(&r->tap, c->fault.vector == EXC_TS && c->fault.code == CODE0,
           "#TS(LDT)");
    sysrig_protected(r, 0);
    make_tss(r, TSS_B);
    set_gdt(r, SEL_TEST, descriptor(0, 0xff, 0x12, 4));
    poke(r, TSS_B + 88, SEL_TEST);
    tap_ok(&r->tap, !EXEC(r, JMP_B), "new FS not present");
    tap_ok(&r->tap, c->fault.vector == EXC_NP && c->fault.code == SEL_TEST,
           "#NP(FS)");
    sysrig_protected(r, 0);
    make_tss(r, TSS_B);
    poke(r, TSS_B + 100, 1);
    WORKS(r, JMP_B, "TSS with T");
    tap_ok(&r->tap, c->pending_dbg & DR6_BT && c->events & EV_TRAP,
           "debug trap pending");
}

static void to_v86(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    make_tss(r, TSS_B);
    poke(r, TSS_B + 36, 2 | EFL_VM);
    poke(r, TSS_B + 32, 0x100);
    poke(r, TSS_B + 76, 0x1200);
    WORKS(r, JMP_B, "task in v86 mode");
    tap_ok(&r->tap, c->mode == MODE_V86 && c->cpl == 3, "v86");
    tap_eq(&r->tap, c->seg[SEG_CS].base, 0x12000, "CS base");
}

static void tss16(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    poke16(r, TSS_C + 14, 0x2000);
    poke16(r, TSS_C + 16, 2);
    poke16(r, TSS_C + 18, 0xaaaa);
    poke16(r, TSS_C + 26, 0x3000);
    poke16(r, TSS_C + 34, DATA0);
    poke16(r, TSS_C + 36, CODE16);
    poke16(r, TSS_C + 38, DATA16);
    poke16(r, TSS_C + 40, DATA0);
    c->gpr[RAX] = 0x12345678;
    WORKS(r, JMP_C, "JMP to a 16-bit TSS");
    tap_eq(&r->tap, c->rip, 0x2000, "IP");
    tap_eq(&r->tap, c->gpr[RAX], 0xffffaaaa, "AX, upper half ones");
    tap_eq(&r->tap, c->code_bits, 16, "16-bit code");
    tap_ok(&r->tap, !c->seg[SEG_FS].usable, "FS null");
    tap_eq(&r->tap, type_of(r, SEL_TSS_C), 3, "busy");
    WORKS(r, "\xea\x00\x00\x28\x00", "JMP back");
    tap_eq(&r->tap, c->gpr[RAX], 0x12345678, "EAX whole");
    tap_eq(&r->tap, peek16(r, TSS_C + 14), 0x2005, "IP saved");
}

/* SDM vol. 3, 7.3: CR3 of the new task is loaded when paging is on; with PAE
 * its four PDPTEs are checked (4.4.1). */
static void with_paging(struct sysrig *r)
{
    enum { TABLE_A = TABLES, TABLE_B = TABLES + 0x1000, PD = TABLES + 0x2000 };
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    make_tss(r, TSS_B);
    poke(r, TSS_B + 28, TABLE_B);
    poke(r, TABLE_A, 0x83);
    poke(r, TABLE_B, 0x83);
    poke(r, TABLE_B + 4, 0x83); /* the same 4 MiB a second time */
    c->cr4 |= CR4_PSE;
    c->cr3 = TABLE_A;
    c->cr0 |= CR0_PG;
    cpu_update_mode(c);
    WORKS(r, JMP_B, "JMP to a task with tables of its own");
    tap_eq(&r->tap, c->cr3, TABLE_B, "CR3");
    tap_eq(&r->tap, mem_read32(c, SEG_DS, 0x400000 + TSS_B + 32), HANDLER,
           "what its tables map");
    tap_eq(&r->tap, peek(r, TSS_A + 28), 0, "CR3 is not saved");

    sysrig_protected(r, 0);
    make_tss(r, TSS_B);
    poke(r, TSS_B + 28, TABLE_B);
    poke64(r, PD, 0x83);
    poke64(r, TABLE_A, PD | 1);
    poke64(r, TABLE_B, PD | 1 | 2); /* bit 1 of a PDPTE is reserved */
    c->cr4 |= CR4_PAE;
    c->cr0 |= CR0_PG;
    tap_ok(&r->tap, paging_load_cr3(c, TABLE_A), "PDPTEs of the old task");
    cpu_update_mode(c);
    tap_ok(&r->tap, !EXEC(r, JMP_B), "bad PDPTE of the new task");
    tap_ok(&r->tap, c->fault.vector == EXC_GP && !c->fault.code, "#GP(0)");
    tap_eq(&r->tap, c->cr3, TABLE_A, "CR3 stays");
}

static void no_task(struct sysrig *r)
{
    sysrig_protected(r, 0);
    make_tss(r, TSS_B);
    r->c->seg[SEG_TR].usable = false;
    FAULTS(r, JMP_B, EXC_TS, SEL_TSS_A, "no task to save");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    jump(&r);
    call_and_return(&r);
    by_interrupt(&r);
    bad_tasks(&r);
    to_v86(&r);
    tss16(&r);
    with_paging(&r);
    no_task(&r);
    return sysrig_done(&r);
}

/*
 * sys_edge_test.c - the rarer faults of segments, gates, tasks, returns and
 * registers of the system.
 *
 * SDM vol. 3 ch. 3.4, 5.3 (limits), 5.8 (gates), 6.11, 7 (tasks), 20 (v86);
 * vol. 2, each instruction.
 */
#include "cpu/seg.h"
#include "tests/insn/sysrig.h"

#define CALL_GATE "\x9a\x00\x00\x00\x00\x90\x00"
#define JMP_GATE  "\xea\x00\x00\x00\x00\x90\x00"
#define JMP_TEST  "\xea\x00\x00\x00\x00\xa0\x00"
#define JMP_B     "\xea\x00\x00\x00\x00\x38\x00"
#define RETF      "\xcb"

/* ---- limits (5.3) ---- */

/* FS with this descriptor; ECX bytes from EBX by LODSB at both ends. */
static void limit(struct sysrig *r, uint64_t raw, uint32_t good, uint32_t bad,
                  const char *name)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    set_gdt(r, SEL_TEST, raw);
    c->gpr[RAX] = SEL_TEST;
    WORKS(r, "\x8e\xe0", name); /* MOV FS,AX */
    c->gpr[RSI] = good;
    WORKS(r, "\x64\xac", "LODSB at the end");
    c->gpr[RSI] = bad;
    FAULTS(r, "\x64\xac", EXC_GP, 0, "LODSB beyond it");
}

static void limits(struct sysrig *r)
{
    struct cpu *c = r->c;

    limit(r, descriptor(0x5000, 0x7ff, 0x92, 4), 0x7ff, 0x800, "data");
    limit(r, descriptor(0x5000, 1, 0x92, 12), 0x1fff, 0x2000, "G");
    limit(r, descriptor(0x5000, 0x7ff, 0x96, 4), 0x800, 0x7ff, "expand-down");
    limit(r, descriptor(0x5000, 0x7ff, 0x96, 0), 0xffff, 0x10000,
          "expand-down of 64 KiB");
    limit(r, descriptor(0x5000, 0x7ff, 0x9a, 4), 0x7ff, 0x800, "code");
    sysrig_protected(r, 0);
    set_gdt(r, SEL_TEST, descriptor(0x5000, 0x7ff, 0x96, 4));
    c->gpr[RAX] = SEL_TEST;
    WORKS(r, "\x8e\xd0", "expand-down stack"); /* MOV SS,AX */
    c->events = 0;
    c->gpr[RSP] = 0x804;
    WORKS(r, "\x9c", "PUSHF down to its end");
    FAULTS(r, "\x9c", EXC_SS, 0, "PUSHF beyond it");
    sysrig_protected(r, 0);
    set_gdt(r, SEL_TEST, descriptor(0, 0xfff, 0x90, 4));
    c->gpr[RAX] = SEL_TEST;
    WORKS(r, "\x8e\xe0", "read-only data");
    c->gpr[RDI] = 0x10;
    FAULTS(r, "\x64\x0f\x01\x27", EXC_GP, 0, "store to it");
    sysrig_protected(r, 0);
    c->seg[SEG_FS].usable = false;
    cpu_update_mode(c);
    FAULTS(r, "\x64\xac", EXC_GP, 0, "null FS");
    sysrig_protected(r, 0);
    FAULTS(r, "\x2e\x0f\x01\x27", EXC_GP, 0, "store to code");
}

/* ---- call gates (5.8.3 to 5.8.5) ---- */

static void call_gates(struct sysrig *r)
{
    struct cpu *c = r->c;
    uint32_t sp;

    sysrig_protected(r, 0);
    sp = (uint32_t)c->gpr[RSP];
    set_gdt(r, SEL_GATE, gate(CODE0, HANDLER, 0x8c, 3));
    WORKS(r, CALL_GATE, "CALL by gate, same ring");
    tap_eq(&r->tap, c->rip, HANDLER, "EIP");
    tap_eq(&r->tap, c->gpr[RSP], sp - 8, "no parameters are copied");
    tap_eq(&r->tap, peek(r, sp - 8), CODE + 7, "return EIP");
    WORKS(r, RETF, "RETF");
    WORKS(r, JMP_GATE, "JMP by gate");
    tap_eq(&r->tap, c->gpr[RSP], sp, "JMP pushes nothing");
    sysrig_protected(r, 0);
    set_gdt(r, SEL_GATE, gate(CODE16, 0x2000, 0x84, 0));
    WORKS(r, CALL_GATE, "16-bit gate");
    tap_eq(&r->tap, peek16(r, sp - 4), (CODE + 7) & 0xffff, "words pushed");
    sysrig_protected(r, 0);
    set_gdt(r, SEL_GATE, gate(0, HANDLER, 0x8c, 0));
    FAULTS(r, CALL_GATE, EXC_GP, 0, "gate with null selector");
    set_gdt(r, SEL_GATE, gate(0xff8, HANDLER, 0x8c, 0));
    FAULTS(r, CALL_GATE, EXC_GP, 0xff8, "gate: selector beyond the GDT");
    set_gdt(r, SEL_GATE, gate(DATA0, HANDLER, 0x8c, 0));
    FAULTS(r, CALL_GATE, EXC_GP, DATA0, "gate to data");
    set_gdt(r, SEL_TEST, descriptor(0, 0xfffff, 0x1a, 12));
    set_gdt(r, SEL_GATE, gate(SEL_TEST, HANDLER, 0x8c, 0));
    FAULTS(r, CALL_GATE, EXC_NP, SEL_TEST, "gate to code not present");
    set_gdt(r, SEL_TEST, descriptor(0, 0xff, 0x9a, 4));
    FAULTS(r, CALL_GATE, EXC_GP, 0, "gate: offset beyond the limit");
    set_gdt(r, SEL_GATE, gate(CODE3 & ~3, HANDLER, 0x8c, 0));
    FAULTS(r, JMP_GATE, EXC_GP, CODE3 & ~3, "gate outwards");
    set_gdt(r, SEL_GATE, gate(SEL_TSS_A, 0, 0x85, 0));
    FAULTS(r, JMP_GATE, EXC_GP, SEL_TSS_A, "task gate to a busy TSS");
    set_gdt(r, SEL_GATE, gate(SEL_LDT | 4, 0, 0x85, 0));
    FAULTS(r, JMP_GATE, EXC_GP, SEL_LDT | 4, "task gate into the LDT");
    set_gdt(r, SEL_GATE, gate(0, 0, 0x05, 0));
    FAULTS(r, JMP_GATE, EXC_NP, SEL_GATE, "task gate not present");
    set_gdt(r, SEL_GATE, gate(0, 0, 0x8e, 0));
    FAULTS(r, JMP_GATE, EXC_GP, SEL_GATE, "JMP to an interrupt gate");
    poke64(r, LDT + 8, descriptor(TSS_B, 0x67, 0x89, 0));
    FAULTS(r, "\xea\x00\x00\x00\x00\x0c\x00", EXC_GP, 0xc, "TSS in the LDT");
}

static void call_gates_64(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 3);
    c->gpr[RBX] = 0x6000;
    poke(r, 0x6004, GDT_LIMIT - 7); /* the upper half is not there */
    set_gdt(r, GDT_LIMIT - 7, gate(CODE64, HANDLER, 0xec, 0));
    FAULTS(r, "\xff\x1b", EXC_GP, GDT_LIMIT - 7, "gate cut off by the limit");
    set_gdt(r, SEL_GATE, gate(CODE64, 0, 0xec, 0));
    poke64(r, GDT + SEL_GATE + 8, 0x8000);
    poke(r, 0x6004, SEL_GATE);
    FAULTS(r, "\xff\x1b", EXC_GP, 0, "target not canonical");
    poke64(r, GDT + SEL_GATE + 8, 0);
    poke64(r, TSS_A + 4, UINT64_C(1) << 47);
    FAULTS(r, "\xff\x1b", EXC_SS, 0, "RSP0 not canonical");
    poke64(r, TSS_A + 4, UINT64_C(0xffff800000000000));
    FAULTS(r, "\xff\x1b", EXC_SS, 0, "frame not canonical");
    c->seg[SEG_TR].limit = 10;
    FAULTS(r, "\xff\x1b", EXC_TS, SEL_TSS_A, "TSS too short for RSP0");
    set_gdt(r, SEL_TEST, descriptor(0, 0xfffff, 0xfa, 14));
    poke(r, 0x6004, SEL_TEST);
    FAULTS(r, "\xff\x2b", EXC_GP, SEL_TEST, "code with L and D");
    sysrig_long(r, 0);
    c->gpr[RBX] = 0x6000;
    poke(r, 0x6004, SEL_TSS_B);
    FAULTS(r, "\xff\x2b", EXC_GP, SEL_TSS_B, "no tasks in long mode");
}

/* ---- returns ---- */

static void frame(struct sysrig *r, uint32_t eip, uint32_t cs)
{
    poke(r, (uint32_t)r->c->gpr[RSP], eip);
    poke(r, (uint32_t)r->c->gpr[RSP] + 4, cs);
}

static void outer_frame(struct sysrig *r, uint32_t cs, uint32_t ss)
{
    frame(r, CODE, cs);
    poke(r, (uint32_t)r->c->gpr[RSP] + 8, STACK3);
    poke(r, (uint32_t)r->c->gpr[RSP] + 12, ss);
}

static void returns(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    frame(r, CODE, 0);
    FAULTS(r, RETF, EXC_GP, 0, "RETF to null");
    frame(r, CODE, 0xff8);
    FAULTS(r, RETF, EXC_GP, 0xff8, "RETF beyond the GDT");
    frame(r, CODE, DATA0);
    FAULTS(r, RETF, EXC_GP, DATA0, "RETF to data");
    frame(r, CODE, CODE3 & ~3);
    FAULTS(r, RETF, EXC_GP, CODE3 & ~3, "RETF: RPL 0 of code with DPL 3");
    set_gdt(r, SEL_TEST, descriptor(0, 0xfffff, 0x1a, 12));
    frame(r, CODE, SEL_TEST);
    FAULTS(r, RETF, EXC_NP, SEL_TEST, "RETF: code not present");
    set_gdt(r, SEL_TEST, descriptor(0, 0xff, 0x9a, 4));
    frame(r, 0x100, SEL_TEST);
    FAULTS(r, RETF, EXC_GP, 0, "RETF beyond the code's limit");
    outer_frame(r, CODE3, 0);
    FAULTS(r, RETF, EXC_GP, 0, "RETF outwards: null SS");
    outer_frame(r, CODE3, DATA0);
    FAULTS(r, RETF, EXC_GP, DATA0, "RETF outwards: SS with RPL 0");
    outer_frame(r, CODE3, CODE3);
    FAULTS(r, RETF, EXC_GP, CODE3 & ~3, "RETF outwards: SS is code");
    set_gdt(r, SEL_TEST, descriptor(0, 0xfffff, 0x72, 12));
    outer_frame(r, CODE3, SEL_TEST | 3);
    FAULTS(r, RETF, EXC_SS, SEL_TEST, "RETF outwards: SS not present");
    outer_frame(r, CONF0 | 3, DATA3);
    WORKS(r, RETF, "RETF outwards into conforming code");
    tap_eq(&r->tap, c->cpl, 3, "CPL 3");
    sysrig_long(r, 0);
    set_gdt(r, SEL_TEST, descriptor(0, 0xfffff, 0x9a, 14));
    frame(r, CODE, SEL_TEST);
    FAULTS(r, RETF, EXC_GP, SEL_TEST, "RETF to code with L and D");
    poke64(r, (uint32_t)c->gpr[RSP], UINT64_C(1) << 47);
    poke64(r, (uint32_t)c->gpr[RSP] + 8, CODE64);
    FAULTS(r, "\x48\xcb", EXC_GP, 0, "RETFQ: RIP not canonical");
    for (unsigned n = 0; n < 5; n++)
        poke64(r, (uint32_t)c->gpr[RSP] + n * 8,
               n == 0   ? CODE
               : n == 1 ? CODE64
               : n == 2 ? 2
               : n == 3 ? STACK0
                        : 0);
    WORKS(r, "\x48\xcf", "IRETQ within CPL 0 with a null SS");
    tap_ok(&r->tap, !c->seg[SEG_SS].usable && c->gpr[RSP] == STACK0, "SS, RSP");
}

/* ---- system segments ---- */

static void system_segments(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    c->gpr[RAX] = SEL_TEST;
    set_gdt(r, SEL_TEST, descriptor(LDT, 0xff, 0x02, 0));
    FAULTS(r, "\x0f\x00\xd0", EXC_NP, SEL_TEST, "LLDT: not present");
    set_gdt(r, SEL_TEST, descriptor(TSS_B, 0x67, 0x09, 0));
    FAULTS(r, "\x0f\x00\xd8", EXC_NP, SEL_TEST, "LTR: not present");
    FAULTS(r, "\x0f\x00\xd0", EXC_GP, SEL_TEST, "LLDT: a TSS");
    set_gdt(r, SEL_TEST, descriptor(LDT, 0xff, 0x82, 0));
    FAULTS(r, "\x0f\x00\xd8", EXC_GP, SEL_TEST, "LTR: an LDT");
    c->gpr[RAX] = 0;
    FAULTS(r, "\x0f\x00\xd8", EXC_GP, 0, "LTR: null");
    c->gpr[RAX] = 4 | 8;
    FAULTS(r, "\x0f\x00\xd0", EXC_GP, 12, "LLDT: in the LDT");
    c->gpr[RAX] = UINT32_MAX;
    WORKS(r, "\x0f\x00\xc8", "STR EAX");
    tap_eq(&r->tap, c->gpr[RAX], SEL_TSS_A, "upper half is cleared");
    sysrig_long(r, 0);
    c->gpr[RAX] = GDT_LIMIT - 7;
    set_gdt(r, GDT_LIMIT - 7, descriptor(TSS_B, 0x67, 0x89, 0));
    FAULTS(r, "\x0f\x00\xd8", EXC_GP, GDT_LIMIT - 7, "LTR: cut off");
    set_gdt(r, SEL_GATE, descriptor(TSS_B, 0x67, 0x89, 0));
    c->gpr[RAX] = SEL_GATE;
    poke64(r, GDT + SEL_GATE + 8, 0x8000);
    FAULTS(r, "\x0f\x00\xd8", EXC_GP, SEL_GATE, "LTR: base not canonical");
    poke64(r, GDT + SEL_GATE + 8, UINT64_C(1) << 40);
    FAULTS(r, "\x0f\x00\xd8", EXC_GP, SEL_GATE, "LTR: upper type");
    poke64(r, GDT + SEL_GATE + 8, 0x7fff);
    WORKS(r, "\x0f\x00\xd8", "LTR");
    tap_eq(&r->tap, c->seg[SEG_TR].base, UINT64_C(0x7fff00000000) + TSS_B,
           "base of 64 bits");
    sysrig_protected(r, 0);
    tap_ok(&r->tap, !decodes(r, "\x0f\x01\xf8", 3),
           "no SWAPGS outside 64-bit mode");
    sysrig_protected(r, 3);
    set_gdt(r, SEL_TSS_C, descriptor(TSS_C, 0x2b, 0x81, 0));
    seg_load_tr(c, SEL_TSS_C);
    FAULTS(r, "\xe4\x60", EXC_GP, 0, "IN: a 16-bit TSS has no map");
}

/* ---- tasks (7.3, table 7-1) ---- */

static void make_task(struct sysrig *r)
{
    sysrig_protected(r, 0);
    poke(r, TSS_B + 32, HANDLER);
    poke(r, TSS_B + 36, 2);
    poke(r, TSS_B + 56, 0x24000);
    poke(r, TSS_B + 76, CODE0);
    for (unsigned at = 72; at <= 92; at += 4)
        if (at != 76)
            poke(r, TSS_B + at, DATA0);
}

/* A new task with `v` at `at` of its TSS faults in it. */
static void bad_task(struct sysrig *r, unsigned at, uint32_t v, unsigned vector,
                     uint32_t code, const char *name)
{
    struct cpu *c = r->c;
    bool ran;

    make_task(r);
    set_gdt(r, SEL_TEST, descriptor(0, 0xfffff, 0x12, 12)); /* not present */
    set_gdt(r, SEL_GATE, descriptor(0, 0xfffff, 0x1a, 12)); /* the same */
    poke(r, TSS_B + at, v);
    ran = EXEC(r, JMP_B);
    tap_ok(&r->tap,
           !ran && c->fault.vector == vector && c->fault.code == code &&
               c->seg[SEG_TR].selector == SEL_TSS_B,
           "%s (%u, %x)", name, c->fault.vector, c->fault.code);
    c->fault_depth = 0;
}

static void tasks(struct sysrig *r)
{
    struct cpu *c = r->c;

    bad_task(r, 76, 0, EXC_TS, 0, "new task: null CS");
    bad_task(r, 76, DATA0, EXC_TS, DATA0, "CS is data");
    bad_task(r, 76, CODE3 & ~3u, EXC_TS, CODE3 & ~3u, "CS: DPL");
    bad_task(r, 76, SEL_GATE, EXC_NP, SEL_GATE, "CS not present");
    bad_task(r, 80, 0, EXC_TS, 0, "null SS");
    bad_task(r, 80, CODE0, EXC_TS, CODE0, "SS is code");
    bad_task(r, 80, SEL_TEST, EXC_SS, SEL_TEST, "SS not present");
    bad_task(r, 84, 0xff8, EXC_TS, 0xff8, "DS beyond the GDT");
    bad_task(r, 84, SEL_TSS_A, EXC_TS, SEL_TSS_A, "DS is a TSS");
    bad_task(r, 88, DATA0 | 3, EXC_TS, DATA0, "FS: RPL > DPL");
    bad_task(r, 72, SEL_TEST, EXC_NP, SEL_TEST, "ES not present");
    bad_task(r, 96, 0xff8, EXC_TS, 0xff8, "LDT beyond the GDT");
    bad_task(r, 96, 12, EXC_TS, 12, "LDT in the LDT");
    make_task(r);
    set_gdt(r, SEL_LDT, descriptor(LDT, 0xff, 0x02, 0));
    poke(r, TSS_B + 96, SEL_LDT);
    tap_ok(&r->tap,
           !EXEC(r, JMP_B) && c->fault.vector == EXC_TS &&
               c->fault.code == SEL_LDT,
           "LDT not present");
    make_task(r);
    c->seg[SEG_TR].limit = 0x60;
    FAULTS(r, JMP_B, EXC_TS, SEL_TSS_A, "old TSS too short");
    make_task(r);
    poke16(r, TSS_A, SEL_TSS_B);
    set_gdt(r, SEL_TSS_B, descriptor(TSS_B, 0x67, 0x0b, 0));
    c->rflags |= EFL_NT;
    FAULTS(r, "\xcf", EXC_NP, SEL_TSS_B, "IRET: back link not present");
    poke16(r, TSS_A, 0xff8);
    FAULTS(r, "\xcf", EXC_TS, 0xff8, "IRET: back link beyond the GDT");
    make_task(r);
    poke(r, TSS_B + 32, 0x12345);
    set_gdt(r, CODE0, descriptor(0, 0x12344, 0x9a, 4));
    tap_ok(&r->tap, !EXEC(r, JMP_B) && c->fault.vector == EXC_GP,
           "EIP of the new task beyond its CS");
    tap_eq(&r->tap, c->seg[SEG_TR].selector, SEL_TSS_B, "in the new task");
}

/* ---- v86 (20.2, 20.3) ---- */

static void v86(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_v86(r, 0);
    FAULTS(r, "\x9c", EXC_GP, 0, "PUSHF, IOPL 0");
    FAULTS(r, "\x9d", EXC_GP, 0, "POPF");
    FAULTS(r, "\xfa", EXC_GP, 0, "CLI");
    FAULTS(r, "\xcf", EXC_GP, 0, "IRET");
    FAULTS(r, "\xcd\x30", EXC_GP, 0, "INT n");
    c->cr4 |= CR4_VME;
    c->rflags |= EFL_VIF;
    WORKS(r, "\x9c", "VME: PUSHF");
    tap_ok(&r->tap, peek16(r, STACK3 + 0xffe) & EFL_IF, "IF is VIF");
    poke16(r, STACK3 + 0xffe, EFL_TF);
    FAULTS(r, "\x9d", EXC_GP, 0, "VME: POPF with TF");
    c->rflags |= EFL_VIP;
    poke16(r, STACK3 + 0xffe, EFL_IF);
    FAULTS(r, "\x9d", EXC_GP, 0, "VME: POPF of IF with VIP");
    FAULTS(r, "\xfb", EXC_GP, 0, "VME: STI with VIP");
    c->rflags &= ~(uint64_t)EFL_VIP;
    poke16(r, STACK3 + 0xffe, 2);
    WORKS(r, "\x9d", "VME: POPF");
    tap_ok(&r->tap, !(c->rflags & EFL_VIF), "VIF");
    c->gpr[RSP] = 0xffa;
    poke16(r, STACK3 + 0xffe, EFL_TF);
    FAULTS(r, "\xcf", EXC_GP, 0, "VME: IRET with TF");
    poke16(r, STACK3 + 0xffe, EFL_IF);
    WORKS(r, "\xcf", "VME: IRET");
    tap_ok(&r->tap, c->rflags & EFL_VIF, "IRET sets VIF");
    c->seg[SEG_TR].limit = 0x66;
    FAULTS(r, "\xcd\x30", EXC_GP, 0, "VME: TSS without bitmap");
    sysrig_v86(r, 3);
    poke(r, (STACK3 & ~0xfu) + 0xffc, 0);
    FAULTS(r, "\xf4", EXC_GP, 0, "HLT is privileged");
}

/* ---- registers ---- */

static void set_msr(struct cpu *c, uint32_t index, uint64_t v)
{
    c->gpr[RCX] = index;
    c->gpr[RAX] = (uint32_t)v;
    c->gpr[RDX] = v >> 32;
}

static void msr(struct sysrig *r, uint32_t index, uint64_t v, bool good,
                const char *name)
{
    struct cpu *c = r->c;

    set_msr(c, index, v);
    if (!good) {
        FAULTS(r, "\x0f\x30", EXC_GP, 0, name);
        return;
    }
    WORKS(r, "\x0f\x30", name);
    c->gpr[RAX] = c->gpr[RDX] = UINT64_MAX;
    tap_ok(&r->tap,
           EXEC(r, "\x0f\x32") && (c->gpr[RDX] << 32 | c->gpr[RAX]) == v,
           "%s: read back", name);
}

static void registers(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 0);
    msr(r, 0xc0000100, UINT64_C(0xffff800000001000), true, "FS base");
    tap_eq(&r->tap, c->seg[SEG_FS].base, UINT64_C(0xffff800000001000), "FS");
    msr(r, 0xc0000100, UINT64_C(1) << 47, false, "FS base not canonical");
    msr(r, 0xc0000080, EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE, true, "EFER");
    msr(r, 0xc0000080, EFER_SCE, false, "EFER.LME off with paging on");
    msr(r, 0xc0000080, UINT64_C(1) << 40, false, "EFER: reserved bit");
    msr(r, 0x277, UINT64_C(0x0007040600070406), true, "PAT");
    msr(r, 0x277, 2, false, "PAT: type 2");
    msr(r, 0x250, UINT64_C(0x0606060606060606), true, "MTRR, fixed");
    msr(r, 0x250, 3, false, "MTRR: type 3");
    msr(r, 0x10, 12345678, true, "TSC"); /* the clock stands still */
    msr(r, 0x174, 8, true, "SYSENTER_CS");
    msr(r, 0x175, UINT64_C(1) << 63, false, "SYSENTER_ESP not canonical");
    msr(r, 0xc0000081, UINT64_C(0x23001000000000), true, "STAR");
    msr(r, 0x12345, 0, false, "no such MSR");
    c->gpr[RCX] = 0x12345;
    FAULTS(r, "\x0f\x32", EXC_GP, 0, "RDMSR of it");
    c->gpr[RCX] = 99;
    FAULTS(r, "\x0f\x33", EXC_GP, 0, "RDPMC: no such counter");
    sysrig_protected(r, 3);
    FAULTS(r, "\x0f\x32", EXC_GP, 0, "RDMSR at CPL 3");
    FAULTS(r, "\x0f\x33", EXC_GP, 0, "RDPMC at CPL 3");
    c->cr4 |= CR4_TSD;
    FAULTS(r, "\x0f\x31", EXC_GP, 0, "RDTSC with CR4.TSD");
    sysrig_real(r);
    c->cr4 |= CR4_PAE;
    c->efer = EFER_LME;
    c->cr0 |= CR0_PE;
    c->seg[SEG_CS].flags |= 2;
    cpu_update_mode(c);
    c->gpr[RAX] = c->cr0 | CR0_PG;
    FAULTS(r, "\x0f\x22\xc0", EXC_GP, 0, "long mode out of a segment with L");
}

static void invalidation(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 0);
    c->gpr[RBX] = 0x6000;
    c->gpr[RAX] = 4;
    FAULTS(r, "\x66\x0f\x38\x82\x03", EXC_GP, 0, "INVPCID: type 4");
    c->gpr[RAX] = 0;
    poke64(r, 0x6000, 1);
    FAULTS(r, "\x66\x0f\x38\x82\x03", EXC_GP, 0, "INVPCID: PCID without PCIDE");
    c->cr4 |= CR4_PCIDE;
    poke64(r, 0x6008, UINT64_C(1) << 50);
    FAULTS(r, "\x66\x0f\x38\x82\x03", EXC_GP, 0, "INVPCID: not canonical");
    poke64(r, 0x6008, 0x1000);
    for (unsigned type = 0; type < 4; type++) {
        c->gpr[RAX] = type;
        WORKS(r, "\x66\x0f\x38\x82\x03", "INVPCID");
    }
    poke64(r, 0x6000, 0x1000);
    FAULTS(r, "\x66\x0f\x38\x82\x03", EXC_GP, 0, "INVPCID: reserved bit");
    c->seg[SEG_FS].base = 0x1000;
    WORKS(r, "\x64\x0f\x01\x3b", "INVLPG FS:[RBX]");
    sysrig_long(r, 3);
    FAULTS(r, "\x66\x0f\x38\x82\x03", EXC_GP, 0, "INVPCID at CPL 3");
    FAULTS(r, "\x0f\x01\x3b", EXC_GP, 0, "INVLPG at CPL 3");
    FAULTS(r, "\x0f\x08", EXC_GP, 0, "INVD at CPL 3");
    FAULTS(r, "\x0f\x09", EXC_GP, 0, "WBINVD at CPL 3");
}

/* MONITOR arms, MWAIT waits (vol. 2). */
static void monitor(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 0);
    c->gpr[RAX] = 0x6000;
    c->gpr[RCX] = 1;
    FAULTS(r, "\x0f\x01\xc8", EXC_GP, 0, "MONITOR: ECX");
    c->gpr[RCX] = 0;
    c->gpr[RAX] = 0x400000;
    FAULTS(r, "\x0f\x01\xc8", EXC_PF, 0, "MONITOR: page not present");
    c->gpr[RAX] = UINT64_C(1) << 47;
    FAULTS(r, "\x0f\x01\xc8", EXC_GP, 0, "MONITOR: not canonical");
    c->gpr[RAX] = 0x6010;
    WORKS(r, "\x0f\x01\xc8", "MONITOR");
    tap_ok(&r->tap, c->monitor.armed && c->monitor.paddr == 0x6000, "its line");
    c->gpr[RCX] = 2;
    FAULTS(r, "\x0f\x01\xc9", EXC_GP, 0, "MWAIT: ECX");
    c->gpr[RCX] = 0;
    c->events = 0;
    WORKS(r, "\x0f\x01\xc9", "MWAIT");
    tap_ok(&r->tap, c->events & EV_HALT && !c->monitor.armed, "it waits");
    c->events = 0;
    WORKS(r, "\x0f\x01\xc9", "MWAIT, nothing armed");
    tap_ok(&r->tap, !(c->events & EV_HALT), "it does not wait");
    sysrig_long(r, 3);
    FAULTS(r, "\x0f\x01\xc8", EXC_UD, 0, "MONITOR at CPL 3");
    FAULTS(r, "\x0f\x01\xc9", EXC_UD, 0, "MWAIT at CPL 3");
}

static void system_calls(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 0);
    c->msr.sysenter_cs = 8;
    c->gpr[RDX] = UINT64_C(1) << 47;
    FAULTS(r, "\x48\x0f\x35", EXC_GP, 0, "SYSEXIT: RDX not canonical");
    c->gpr[RCX] = UINT64_C(1) << 47;
    FAULTS(r, "\x48\x0f\x07", EXC_GP, 0, "SYSRET: RCX not canonical");
    sysrig_protected(r, 3);
    c->efer |= EFER_SCE;
    c->msr.star = UINT64_C(0x0013000800012000);
    c->rflags |= EFL_IF | EFL_CF;
    WORKS(r, "\x0f\x05", "SYSCALL in legacy mode");
    tap_ok(&r->tap, c->rip == 0x12000 && c->gpr[RCX] == CODE + 2 && !c->cpl,
           "EIP from STAR, ECX");
    tap_eq(&r->tap, c->rflags, 2 | EFL_CF, "IF");
    WORKS(r, "\x0f\x07", "SYSRET in legacy mode");
    tap_ok(&r->tap, c->rip == CODE + 2 && c->cpl == 3 && c->rflags & EFL_IF,
           "EIP, CPL, IF");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    limits(&r);
    call_gates(&r);
    call_gates_64(&r);
    returns(&r);
    system_segments(&r);
    tasks(&r);
    v86(&r);
    registers(&r);
    invalidation(&r);
    monitor(&r);
    system_calls(&r);
    return sysrig_done(&r);
}

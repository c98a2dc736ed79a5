/*
 * sys_seg_test.c - loading of segment registers, descriptor tables, I/O map.
 *
 * SDM vol. 3 ch. 3.4, 3.5, 5; vol. 2, MOV, LAR, LSL, VERR, ARPL.
 */
#include "cpu/seg.h"
#include "tests/insn/sysrig.h"

#define MOV_DS_AX "\x8e\xd8"
#define MOV_SS_AX "\x8e\xd0"
#define MOV_ES_AX "\x8e\xc0"

static void real_mode(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_real(r);
    c->gpr[RAX] = 0x1234;
    c->seg[SEG_DS].limit = UINT32_MAX;
    WORKS(r, MOV_DS_AX, "real: MOV DS");
    tap_eq(&r->tap, c->seg[SEG_DS].base, 0x12340, "real: base");
    tap_eq(&r->tap, c->seg[SEG_DS].limit, UINT32_MAX, "real: limit stays");
    FAULTS(r, "\x8e\xc8", EXC_UD, 0, "MOV CS");
    FAULTS(r, "\x8e\xf0", EXC_UD, 0, "MOV Sw: register 6");
    WORKS(r, "\x1e", "real: PUSH DS");
    WORKS(r, "\x07", "real: POP ES");
    tap_eq(&r->tap, c->seg[SEG_ES].selector, 0x1234, "POP ES");
    tap_eq(&r->tap, c->gpr[RSP], 0x1000, "SP back");
}

static void data_loads(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    c->gpr[RAX] = 3;
    WORKS(r, MOV_DS_AX, "null selector in DS");
    tap_ok(&r->tap, !c->seg[SEG_DS].usable, "DS unusable");
    FAULTS(r, MOV_SS_AX, EXC_GP, 0, "null selector in SS");
    c->gpr[RAX] = DATA0;
    WORKS(r, MOV_DS_AX, "data");
    c->gpr[RAX] = GDT_LIMIT + 1;
    FAULTS(r, MOV_DS_AX, EXC_GP, GDT_LIMIT + 1, "beyond the GDT");
    c->gpr[RAX] = 0x104;
    FAULTS(r, MOV_DS_AX, EXC_GP, 0x104, "beyond the LDT");
    c->gpr[RAX] = SEL_TSS_A;
    FAULTS(r, MOV_DS_AX, EXC_GP, SEL_TSS_A, "system descriptor");
    set_gdt(r, SEL_TEST, descriptor(0, 0xff, 0x98, 4));
    c->gpr[RAX] = SEL_TEST;
    FAULTS(r, MOV_DS_AX, EXC_GP, SEL_TEST, "execute-only code");
    set_gdt(r, SEL_TEST, descriptor(0x12345678, 0xff, 0x12, 4));
    FAULTS(r, MOV_DS_AX, EXC_NP, SEL_TEST, "not present");
    FAULTS(r, MOV_SS_AX, EXC_SS, SEL_TEST, "SS not present");
    set_gdt(r, SEL_TEST, descriptor(0x12345678, 0x10, 0x92, 12));
    WORKS(r, MOV_DS_AX, "big data");
    tap_eq(&r->tap, c->seg[SEG_DS].base, 0x12345678, "base");
    tap_eq(&r->tap, c->seg[SEG_DS].limit, 0x10fff, "granularity");
    tap_eq(&r->tap, peek(r, GDT + SEL_TEST + 4) >> 8 & 0xff, 0x93,
           "accessed bit");
    c->gpr[RAX] = DATA0 | 1;
    FAULTS(r, MOV_DS_AX, EXC_GP, DATA0, "RPL > DPL");
    FAULTS(r, MOV_SS_AX, EXC_GP, DATA0, "SS: RPL is not CPL");
    c->gpr[RAX] = CODE0;
    FAULTS(r, MOV_SS_AX, EXC_GP, CODE0, "SS: code");
    c->gpr[RAX] = DATA3 & ~3;
    FAULTS(r, MOV_SS_AX, EXC_GP, DATA3 & ~3, "SS: DPL is not CPL");
    c->events = 0;
    c->gpr[RAX] = DATA0;
    WORKS(r, MOV_SS_AX, "SS");
    tap_ok(&r->tap, c->events & EV_SHADOW, "MOV SS makes a shadow");
    sysrig_protected(r, 3);
    c->gpr[RAX] = DATA0 | 3;
    FAULTS(r, MOV_ES_AX, EXC_GP, DATA0, "CPL 3 loads DPL 0");
    c->gpr[RAX] = CONF0 | 3;
    WORKS(r, MOV_ES_AX, "CPL 3 loads conforming code");
}

static void looks(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 3);
    c->gpr[RAX] = DATA0;
    c->gpr[RBX] = 1;
    WORKS(r, "\x0f\x02\xd8", "LAR of an inner segment");
    tap_ok(&r->tap, !(c->rflags & EFL_ZF) && c->gpr[RBX] == 1, "ZF clear");
    c->gpr[RAX] = DATA3;
    WORKS(r, "\x0f\x02\xd8", "LAR");
    tap_ok(&r->tap, c->rflags & EFL_ZF, "ZF set");
    tap_eq(&r->tap, c->gpr[RBX], 0xcff300, "access rights");
    WORKS(r, "\x0f\x03\xd8", "LSL");
    tap_eq(&r->tap, c->gpr[RBX], UINT32_MAX, "limit");
    c->gpr[RAX] = SEL_TSS_A;
    c->cpl = 0;
    WORKS(r, "\x66\x0f\x03\xd8", "LSL of a TSS");
    tap_eq(&r->tap, c->gpr[RBX], 0xffff03ff, "16-bit limit");
    set_gdt(r, SEL_TEST, gate(CODE0, 0, 0xec, 0));
    c->gpr[RAX] = SEL_TEST;
    WORKS(r, "\x0f\x03\xd8", "LSL of a gate");
    tap_ok(&r->tap, !(c->rflags & EFL_ZF), "no limit");
    WORKS(r, "\x0f\x02\xd8", "LAR of a gate");
    tap_ok(&r->tap, c->rflags & EFL_ZF, "has rights");
    c->gpr[RAX] = CODE3;
    WORKS(r, "\x0f\x00\xe0", "VERR of readable code");
    tap_ok(&r->tap, c->rflags & EFL_ZF, "readable");
    WORKS(r, "\x0f\x00\xe8", "VERW of code");
    tap_ok(&r->tap, !(c->rflags & EFL_ZF), "not writable");
    c->gpr[RAX] = 0xffff0010;
    c->gpr[RCX] = 3;
    WORKS(r, "\x63\xc8", "ARPL");
    tap_eq(&r->tap, c->gpr[RAX], 0xffff0013, "RPL raised");
    tap_ok(&r->tap, c->rflags & EFL_ZF, "ARPL ZF");
    sysrig_real(r);
    c->cr4 |= CR4_UMIP;
    WORKS(r, "\x0f\x01\xe0", "SMSW in real mode");
    sysrig_protected(r, 3);
    c->cr4 |= CR4_UMIP;
    FAULTS(r, "\x0f\x01\xe0", EXC_GP, 0, "UMIP: SMSW");
    FAULTS(r, "\x0f\x00\xc0", EXC_GP, 0, "UMIP: SLDT");
    FAULTS(r, "\x0f\x01\x00", EXC_GP, 0, "UMIP: SGDT");
}

static void tables(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    tap_eq(&r->tap, peek(r, GDT + SEL_TSS_A + 4) >> 8 & 0xff, 0x8b,
           "LTR marks the TSS busy");
    c->gpr[RAX] = SEL_TSS_A;
    FAULTS(r, "\x0f\x00\xd8", EXC_GP, SEL_TSS_A, "LTR of a busy TSS");
    c->gpr[RAX] = SEL_TSS_B | 4;
    FAULTS(r, "\x0f\x00\xd8", EXC_GP, SEL_TSS_B | 4, "LTR from the LDT");
    c->gpr[RAX] = 0;
    FAULTS(r, "\x0f\x00\xd8", EXC_GP, 0, "LTR null");
    WORKS(r, "\x0f\x00\xd0", "LLDT null");
    tap_ok(&r->tap, !c->seg[SEG_LDTR].usable, "no LDT");
    c->gpr[RAX] = DATA0;
    FAULTS(r, "\x0f\x00\xd0", EXC_GP, DATA0, "LLDT of data");
    c->gpr[RBX] = 0x6000;
    poke(r, 0x6000, 0x33441234);
    poke(r, 0x6004, 0x1122);
    WORKS(r, "\x0f\x01\x1b", "LIDT");
    tap_eq(&r->tap, c->idtr.base, 0x11223344, "base");
    tap_eq(&r->tap, c->idtr.limit, 0x1234, "limit");
    WORKS(r, "\x0f\x01\x4b\x10", "SIDT");
    tap_eq(&r->tap, peek(r, 0x6012), 0x11223344, "stored base");
    sysrig_protected(r, 3);
    FAULTS(r, "\x0f\x01\x1b", EXC_GP, 0, "LIDT at CPL 3");
    sysrig_long(r, 0);
    c->gpr[RBX] = 0x6000;
    poke16(r, 0x6000, 0x77);
    poke64(r, 0x6002, UINT64_C(0x0000900000000000));
    FAULTS(r, "\x0f\x01\x13", EXC_GP, 0, "LGDT: base not canonical");
    poke64(r, 0x6002, UINT64_C(0xffff900000000000));
    WORKS(r, "\x0f\x01\x13", "LGDT in 64-bit mode");
    tap_eq(&r->tap, c->gdtr.base, UINT64_C(0xffff900000000000), "64 bits");
    sysrig_long(r, 0);
    c->gpr[RAX] = 0;
    WORKS(r, MOV_SS_AX, "null SS in 64-bit mode at CPL 0");
    c->seg[SEG_GS].base = 5;
    c->msr.kernel_gs_base = 7;
    WORKS(r, "\x0f\x01\xf8", "SWAPGS");
    tap_eq(&r->tap, c->seg[SEG_GS].base, 7, "GS base");
    tap_eq(&r->tap, c->msr.kernel_gs_base, 5, "kernel GS base");
    FAULTS(r, "\xf3\x48\x0f\xae\xc0", EXC_UD, 0, "RDFSBASE without CR4 bit");
    c->cr4 |= CR4_FSGSBASE;
    c->gpr[RCX] = UINT64_C(1) << 47;
    FAULTS(r, "\xf3\x48\x0f\xae\xd1", EXC_GP, 0, "WRFSBASE not canonical");
    WORKS(r, "\xf3\x0f\xae\xd1", "WRFSBASE of 32 bits");
    tap_eq(&r->tap, c->seg[SEG_FS].base, 0, "FS base");
}

static void io_rights(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 3);
    FAULTS(r, "\xe4\x60", EXC_GP, 0, "IN without map");
    poke16(r, TSS_A + 102, 0x100);
    poke16(r, TSS_A + 0x100 + 0x60 / 8, 0xfff0);
    WORKS(r, "\xe4\x60", "IN AL,60h allowed by the map");
    FAULTS(r, "\xe4\x64", EXC_GP, 0, "IN AL,64h forbidden");
    WORKS(r, "\xe5\x60", "IN EAX,60h covers 60h to 63h");
    FAULTS(r, "\xe5\x61", EXC_GP, 0, "IN EAX,61h touches 64h");
    c->gpr[RDX] = 0x17f8; /* last byte of the map is at the limit */
    FAULTS(r, "\xec", EXC_GP, 0, "IN beyond the map");
    c->gpr[RDX] = 0x17f0;
    WORKS(r, "\xec", "IN at its end");
    c->rflags |= EFL_IOPL;
    WORKS(r, "\xe4\x64", "IOPL 3 needs no map");
    sysrig_v86(r, 3);
    FAULTS(r, "\xe4\x64", EXC_GP, 0, "v86 needs the map at IOPL 3 too");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    real_mode(&r);
    data_loads(&r);
    looks(&r);
    tables(&r);
    io_rights(&r);
    return sysrig_done(&r);
}

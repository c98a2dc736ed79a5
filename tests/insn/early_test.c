/*
 * early_test.c - what the 8086 and the 80286 do and no capture shows: POP CS,
 * the undefined opcodes, protected mode of the 80286, LOADALL.
 *
 * 80286 Programmer's Reference Manual (210498); iAPX 86,88 User's Manual.
 */
#include "cpu/mode.h"
#include "cpu/models/model.h"
#include "cpu/seg.h"
#include "tests/insn/sysrig.h"

enum {
    KCODE = 0x08,
    KDATA = 0x10,
    KWIDE = 0x18, /* as a 386 would read it: G, D, base above 16 MiB */
    KTSS = 0x20,
    KTSS2 = 0x28,
    KGATE386 = 0x30,
    KTSS386 = 0x38,
    KCODE3 = 0x43,
    KDATA3 = 0x4b,
    KGATE = 0x53,
    KNEW_SS = 0x58,
    KSTACK = 0x2000,
};

static void use_model(struct sysrig *r, const struct cpu_model *m)
{
    struct cpu *c = r->c;

    c->model = m;
    c->quirks = m->quirks;
    memset(c->features, 0, sizeof c->features);
    for (const uint16_t *f = m->features; *f != FEAT_COUNT; f++)
        feature_set(c->features, (enum cpu_feature) * f);
}

static void real_286(struct sysrig *r)
{
    use_model(r, &cpu_model_i80286);
    sysrig_real(r);
}

/* Through LMSW and a far jump, as a program does it. */
static void protected_286(struct sysrig *r)
{
    struct cpu *c = r->c;

    real_286(r);
    set_gdt(r, KCODE, descriptor(CODE, 0xffff, 0x9a, 0));
    set_gdt(r, KDATA, descriptor(STACK0, 0xffff, 0x92, 0));
    set_gdt(r, KWIDE, descriptor(0x12030000, 0xf0fff, 0x92, 0xc));
    set_gdt(r, KTSS, descriptor(TSS_A, 0x2b, 0x81, 0));
    set_gdt(r, KTSS2, descriptor(TSS_B, 0x2b, 0x81, 0));
    set_gdt(r, KGATE386, gate(KCODE, 0x100, 0x8c, 0));
    set_gdt(r, KTSS386, descriptor(TSS_C, 0x67, 0x89, 0));
    set_gdt(r, KCODE3 & ~3, descriptor(CODE, 0xffff, 0xfa, 0));
    set_gdt(r, KDATA3 & ~3, descriptor(STACK3, 0xffff, 0xf2, 0));
    set_gdt(r, KGATE & ~3, gate(KCODE, 0x200, 0xe4, 1));
    set_gdt(r, KNEW_SS, descriptor(0x30000, 0xffff, 0x92, 0));
    c->gdtr = (struct table_reg){GDT, 0x5f};
    c->idtr = (struct table_reg){IDT, 0x7ff};
    c->gpr[RAX] = 1;
    EXEC(r, "\x0f\x01\xf0"); /* LMSW AX */
    EXEC(r, "\xea\x00\x00\x08\x00");
    c->gpr[RAX] = KDATA;
    EXEC(r, "\x8e\xd0");
    EXEC(r, "\x8e\xd8");
    c->gpr[RSP] = KSTACK;
    c->gpr[RAX] = KTSS;
    EXEC(r, "\x0f\x00\xd8"); /* LTR AX */
    c->rip = 0;
}

static void test_8086(struct sysrig *r)
{
    struct cpu *c = r->c;

    use_model(r, &cpu_model_i8086);
    sysrig_real(r);
    tap_eq(&r->tap, c->rflags & 0xf000, 0xf000, "8086: FLAGS 12-15 are 1");
    c->gpr[RSP] = 0x100;
    poke16(r, 0x20100, 0x3456);
    tap_ok(&r->tap,
           EXEC(r, "\x0f") && c->seg[SEG_CS].selector == 0x3456 &&
               c->seg[SEG_CS].base == 0x34560 && c->gpr[RSP] == 0x102,
           "8086: 0F is POP CS");
    c->gpr[RAX] = 0x1234;
    tap_ok(&r->tap, EXEC(r, "\x8e\xc8") && c->seg[SEG_CS].selector == 0x1234,
           "8086: MOV CS");
    tap_ok(&r->tap, !decodes(r, "\x66\x40", 2), "8086: 66 is no prefix");
    tap_ok(&r->tap, decodes(r, "\xf1\xf7\xf1", 3), "8086: F1 is a prefix");
    c->gpr[RAX] = 0xff80;
    c->gpr[RBX] = 1;
    c->seg[SEG_CS].selector = 0x1000;
    poke(r, 0, 0x20001111);
    tap_ok(&r->tap,
           EXEC(r, "\xf6\xfb") && c->rip == 0x1111 &&
               c->seg[SEG_CS].selector == 0x2000,
           "8086: IDIV with the quotient -128 is a divide error");
    c->gpr[RAX] = 6;
    c->gpr[RBX] = 7;
    EXEC(r, "\xf3\xf6\xe3");
    tap_eq(&r->tap, c->gpr[RAX] & 0xffff, 0x10000 - 42,
           "8086: REP MUL negates the product");
}

static void test_real_286(struct sysrig *r)
{
    struct cpu *c = r->c;

    real_286(r);
    c->gpr[RAX] = 0;
    EXEC(r, "\x0f\x01\xe0"); /* SMSW AX */
    tap_eq(&r->tap, c->gpr[RAX] & 0xffff, 0xfff0, "286: SMSW after reset");
    poke16(r, 0x21000, 0x7002);
    EXEC(r, "\x9d");
    tap_eq(&r->tap, c->rflags & 0xf000, 0,
           "286: POPF in real mode leaves IOPL and NT at 0");
    tap_ok(&r->tap, !decodes(r, "\x0f\x20\xc0", 3), "286: no MOV CR0");
    tap_ok(&r->tap, !decodes(r, "\x66\x40", 2), "286: 66 is no prefix");
    tap_ok(&r->tap, !decodes(r, "\x0f\xb6\xc0", 3), "286: no MOVZX");
    FAULTS(r, "\x8e\xe0", EXC_UD, 0, "286: no FS");
    c->gdtr = (struct table_reg){0x123456, 0x789a};
    EXEC(r, "\x0f\x01\x06\x00\x40"); /* SGDT [4000] */
    tap_ok(&r->tap,
           peek(r, 0x4000) == 0x3456789a && peek16(r, 0x4004) == 0xff12,
           "286: SGDT stores FFh behind the base");
    c->idtr = (struct table_reg){0x123457, 0x789b};
    EXEC(r, "\x0f\x01\x0e\x00\x40"); /* SIDT [4000] */
    tap_ok(&r->tap,
           peek(r, 0x4000) == 0x3457789b && peek16(r, 0x4004) == 0xff12,
           "286: SIDT does too");
    c->idtr = (struct table_reg){IDT, 0x3ff};
    c->gpr[RBP] = 0xffff;
    FAULTS(r, "\xc4\x46\x00", EXC_GP, 0,
           "286: a stack operand past FFFFh is #GP in real mode");
}

static void test_descriptors(struct sysrig *r)
{
    struct cpu *c = r->c;

    protected_286(r);
    tap_ok(&r->tap, c->mode == MODE_PROT && c->code_bits == 16,
           "286: LMSW enters protected mode");
    c->gpr[RAX] = KWIDE;
    WORKS(r, "\x8e\xc0", "286: MOV ES");
    tap_ok(&r->tap,
           c->seg[SEG_ES].base == 0x030000 && c->seg[SEG_ES].limit == 0x0fff,
           "286: bytes 6 and 7 of a descriptor are not looked at");
    FAULTS(r, "\x9a\x00\x00\x30\x00", EXC_GP, KGATE386,
           "286: no call gates of the 386");
    FAULTS(r, "\xea\x00\x00\x38\x00", EXC_GP, KTSS386,
           "286: no TSS of the 386");
    c->gpr[RAX] = KGATE386;
    EXEC(r, "\x0f\x02\xd0"); /* LAR DX,AX */
    tap_ok(&r->tap, !(c->rflags & EFL_ZF), "286: LAR refuses 386 types");
    c->gpr[RAX] = 0;
    EXEC(r, "\x0f\x01\xf0");
    tap_ok(&r->tap, c->cr0 & CR0_PE, "286: LMSW does not leave");
    set_idt(r, 0x30, gate(KCODE, 0x300, 0x8e, 0));
    FAULTS(r, "\xcd\x30", EXC_GP, 0x30 * 8 + 2,
           "286: no interrupt gates of the 386");
    set_idt(r, 0x31, gate(KCODE, 0x300, 0x86, 0));
    WORKS(r, "\xcd\x31", "286: INT through its own gate");
    tap_ok(&r->tap, c->rip == 0x300 && c->gpr[RSP] == KSTACK - 6,
           "286: with a frame of words");
}

static void test_rings(struct sysrig *r)
{
    struct cpu *c = r->c;

    protected_286(r);
    poke16(r, TSS_A + 2, 0x1000);
    poke16(r, TSS_A + 4, KNEW_SS);
    /* To ring 3 by a return: SS, SP, CS, IP. */
    poke16(r, STACK0 + KSTACK - 2, KDATA3);
    poke16(r, STACK0 + KSTACK - 4, 0x800);
    poke16(r, STACK0 + KSTACK - 6, KCODE3);
    poke16(r, STACK0 + KSTACK - 8, 0x40);
    c->gpr[RSP] = KSTACK - 8;
    WORKS(r, "\xcb", "286: RETF to ring 3");
    tap_ok(&r->tap, c->cpl == 3 && c->rip == 0x40 && c->gpr[RSP] == 0x800,
           "286: and there it is");
    poke16(r, STACK3 + 0x800, 0xbeef);
    WORKS(r, "\x9a\x00\x00\x53\x00", "286: CALL through its call gate");
    tap_ok(&r->tap,
           c->cpl == 0 && c->rip == 0x200 && c->gpr[RSP] == 0x1000 - 10 &&
               peek16(r, 0x30000 + 0x1000 - 6) == 0xbeef,
           "286: with one parameter copied to the inner stack");
}

static void test_task(struct sysrig *r)
{
    struct cpu *c = r->c;

    protected_286(r);
    poke16(r, TSS_B + 14, 0x55);   /* IP */
    poke16(r, TSS_B + 16, 2);      /* FLAGS */
    poke16(r, TSS_B + 18, 0xa5a5); /* AX */
    poke16(r, TSS_B + 26, 0x700);  /* SP */
    poke16(r, TSS_B + 34, 0);      /* ES */
    poke16(r, TSS_B + 36, KCODE);
    poke16(r, TSS_B + 38, KNEW_SS);
    poke16(r, TSS_B + 40, KDATA);
    poke16(r, TSS_B + 42, 0);
    WORKS(r, "\x9a\x00\x00\x28\x00", "286: CALL to a TSS");
    tap_ok(&r->tap,
           c->rip == 0x55 && (c->gpr[RAX] & 0xffff) == 0xa5a5 &&
               c->seg[SEG_SS].selector == KNEW_SS && c->rflags & EFL_NT &&
               peek16(r, TSS_B) == KTSS,
           "286: the new task runs, nested");
    WORKS(r, "\xcf", "286: IRET of a nested task");
    tap_ok(&r->tap,
           c->seg[SEG_TR].selector == KTSS &&
               c->seg[SEG_SS].selector == KDATA && !(c->rflags & EFL_NT),
           "286: and back");
}

static void put_cache(struct sysrig *r, uint32_t at, uint32_t base,
                      unsigned access, unsigned limit)
{
    poke16(r, at, (uint16_t)base);
    poke16(r, at + 2, (uint16_t)(base >> 16 | access << 8));
    poke16(r, at + 4, (uint16_t)limit);
}

static void test_loadall(struct sysrig *r)
{
    struct cpu *c = r->c;

    real_286(r);
    poke16(r, 0x806, 0);
    poke16(r, 0x818, 0x0202);
    poke16(r, 0x81a, 0x1234);
    poke16(r, 0x81e, 0x1111); /* DS */
    poke16(r, 0x822, 0x1000); /* CS */
    for (unsigned n = 0; n < 8; n++)
        poke16(r, 0x826 + 2 * n, (uint16_t)(0x100 + n));
    put_cache(r, 0x836, 0x200000, 0x93, 0xffff);
    put_cache(r, 0x83c, 0x10000, 0x93, 0xffff);
    put_cache(r, 0x842, 0x20000, 0x93, 0xffff);
    put_cache(r, 0x848, 0x345678, 0x93, 0x8fff);
    put_cache(r, 0x84e, 0x012345, 0, 0x77);
    put_cache(r, 0x854, 0, 0x82, 0xffff);
    put_cache(r, 0x85a, 0, 0, 0x3ff);
    put_cache(r, 0x860, 0, 0x81, 0x2b);
    WORKS(r, "\x0f\x05", "286: LOADALL");
    tap_ok(&r->tap,
           c->rip == 0x1234 && c->gpr[RDI] == 0x100 && c->gpr[RAX] == 0x107 &&
               c->rflags & EFL_IF,
           "286: registers from 800h");
    tap_ok(&r->tap,
           c->seg[SEG_DS].base == 0x345678 && c->seg[SEG_DS].limit == 0x8fff &&
               c->seg[SEG_DS].selector == 0x1111 && c->gdtr.base == 0x012345 &&
               c->gdtr.limit == 0x77,
           "286: descriptor caches are loaded as they are");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    test_8086(&r);
    test_real_286(&r);
    test_descriptors(&r);
    test_rings(&r);
    test_task(&r);
    test_loadall(&r);
    return sysrig_done(&r);
}

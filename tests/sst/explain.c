/*
 * explain.c - why a vector may differ.
 *
 * 386 behaviour: SDM vol. 3, 22 (compatibility) and 80386 Programmer's
 * Reference Manual, ch. 14 and 15 (differences from the 8086 and 80286).
 */
#include "tests/sst/explain.h"

static const struct {
    unsigned cpu;
    const char *form;
    uint16_t index;
    const char *text;
} captures[] = {
    {286, "E7", 1100,
     "OUT to port 2: the record has 0 for what was AX; a HALT cycle shows as "
     "address 2, data 0"},
};

const char *explain_capture(unsigned cpu, const struct sst_form *form,
                            const struct sst_vector *v)
{
    for (size_t n = 0; n < ARRAY_LEN(captures); n++)
        if (captures[n].cpu == cpu && captures[n].index == v->index &&
            !strcmp(captures[n].form, form->name))
            return captures[n].text;
    return NULL;
}

/* ---- facts about a vector ---- */

/* Number of prefixes. */
static unsigned prefixes(const struct sst_vector *v)
{
    unsigned n = 0;

    while (n < v->length &&
           memchr("\x26\x2e\x36\x3e\xf0\xf1\xf2\xf3", v->bytes[n], 8))
        n++;
    return n;
}

static bool has_lock(const struct sst_vector *v)
{
    unsigned n = prefixes(v);

    return memchr(v->bytes, 0xf0, n) || memchr(v->bytes, 0xf1, n);
}

static uint8_t modrm(const struct sst_vector *v)
{
    unsigned n = prefixes(v) + 1;

    return n < v->length ? v->bytes[n] : 0;
}

static bool other_reg(const struct sst_vector *v)
{
    return (modrm(v) >> 3 & 7) != 0;
}

static bool high_segment(const struct sst_vector *v)
{
    return modrm(v) & 0x20 || (modrm(v) >> 3 & 7) == 1;
}

static bool push_sp(const struct sst_vector *v)
{
    return v->bytes[prefixes(v)] == 0x54 || modrm(v) == 0xf4;
}

static bool sp_is_1(const struct sst_vector *v)
{
    return v->before[SST_SP] == 1;
}

static bool over_31(const struct sst_vector *v)
{
    return (v->before[SST_CX] & 0xff) > 31;
}

/* The captured bytes end with a HLT. */
static bool no_count(const struct sst_vector *v)
{
    uint8_t op = v->bytes[prefixes(v)];

    return !((op < 0xd0 ? v->bytes[v->length - 2] : v->before[SST_CX]) & 31);
}

static bool over_10(const struct sst_vector *v)
{
    return v->length - 1 > 10;
}

static bool is_gp(const struct sst_vector *v)
{
    return v->exception == EXC_GP;
}

static bool is_ud(const struct sst_vector *v)
{
    return v->exception == EXC_UD;
}

static bool is_de(const struct sst_vector *v)
{
    return v->exception == EXC_DE;
}

static bool pops_high_flags(const struct sst_vector *v)
{
    uint16_t sp = v->before[SST_SP];
    unsigned at = (v->bytes[prefixes(v)] == 0xcf ? sp + 5 : sp + 1) & 0xffff;
    uint32_t addr = ((uint32_t)v->before[SST_SS] << 4) + at, a;
    uint8_t value;

    for (unsigned n = 0; n < v->ram_before; n++) {
        sst_byte(v->ram_before_at, n, &a, &value);
        if (a == addr && value & 0xf0)
            return true;
    }
    return false;
}

/* ---- the table ---- */

#define ALL (DIFF_REGISTERS | DIFF_FLAGS | DIFF_IP | DIFF_RAM | DIFF_BUS)

const struct generation generations[] = {
    {86, "60 61 62 63 64 65 66 67 68 69 6A 6B 6C 6D 6E 6F", NULL, ALL,
     "60-6F: Jcc on the 8086; PUSHA to OUTS and prefixes since the 80186 and "
     "the 386"},
    {86, "C0 C1 C8 C9", NULL, ALL,
     "C0 C1 C8 C9: returns on the 8086; shifts, ENTER and LEAVE since the "
     "80186"},
    {86, "54 FF.6", push_sp, DIFF_RAM | DIFF_BUS,
     "PUSH SP: the 8086 stores SP after the decrement, the 80286 and later "
     "before"},
    {86, "FF.7", NULL, ALL, "FF /7: PUSH on the 8086, #UD since the 80186"},
    {86, "8F C6 C7", other_reg, ALL,
     "8F C6 C7: the 8086 does not look at ModRM.reg; #UD since the 80186"},
    {86, "8C 8E", high_segment, ALL,
     "8C 8E: the 8086 takes two bits of the segment register's number; FS, "
     "GS or #UD since the 80286"},
    {86, "2F 37 3F", NULL, DIFF_REGISTERS | DIFF_FLAGS,
     "AAA AAS DAS: carries between and within AL and AH are those of the "
     "80286"},
    {86, "9D CF", NULL, DIFF_FLAGS, "FLAGS 12-15: always 1 on the 8086"},
    {86, "CC CD CE", NULL, DIFF_BUS,
     "interrupts: the 8086 reads the vector before it pushes"},
    {86, "D0.6 D1.6 D2.6 D3.6", NULL, ALL,
     "D0-D3 /6: SETMO on the 8086, a second SHL since the 80186"},
    {86,
     "D2.0 D2.1 D2.2 D2.3 D2.4 D2.5 D2.7 D3.0 D3.1 D3.2 D3.3 D3.4 D3.5 D3.7",
     over_31, ALL, "shifts: the 8086 uses all of CL, later ones five bits"},
    {86, "D8 D9 DA DB DC DD DE DF", NULL, ALL,
     "ESC: the 8086 without an 8087 reads its operand; the i386 has a 387"},
    {86, "D4 F6.6 F6.7 F7.6 F7.7", NULL, ALL,
     "divide errors: the 8086 returns behind the instruction, reads the "
     "vector first, fails at the most negative quotient; REP negates"},
    {86, "E8", sp_is_1, ALL,
     "operands wrap at 64 KiB on the 8086; #GP, #SS since the 80286"},

    {286, "*", over_10, ALL,
     "more than 10 bytes: #GP on the 80286; 15 are allowed since the 386"},
    {286, "*", has_lock, ALL,
     "LOCK before what cannot lock: ignored up to the 80286, #UD since"},
    {286, "*", is_gp, ALL,
     "overruns in real mode: always #GP on the 80286, which has moved string "
     "registers by then; #SS for stack operands since the 386"},
    {286, "8C 8E", is_ud, ALL, "MOV FS, MOV GS: #UD before the 386"},
    {286, "D4", is_de, DIFF_RAM | DIFF_BUS | DIFF_FLAGS,
     "AAM 0: flags that the division leaves behind"},
    {286, "9D CF", pops_high_flags, DIFF_FLAGS | DIFF_BUS,
     "FLAGS 12-14: 0 in real mode of the 80286; IOPL and NT can be loaded "
     "since the 386"},
    {286, "60 61 A6 A7 CF", NULL, DIFF_BUS,
     "PUSHA POPA CMPS IRET: order of the accesses"},
    {286,
     "C0.0 C0.1 C0.2 C0.3 C0.4 C0.5 C0.6 C0.7 C1.0 C1.1 C1.2 C1.3 C1.4 C1.5 "
     "C1.6 C1.7 D2.0 D2.1 D2.2 D2.3 D2.4 D2.5 D2.6 D2.7 D3.0 D3.1 D3.2 D3.3 "
     "D3.4 D3.5 D3.6 D3.7",
     no_count, DIFF_BUS,
     "shifts by 0 of memory: the 80286 does not write it back"},
    {286, "D8", NULL, ALL,
     "ESC: the 80286 writes to ports F8 and FC; the i386 has a 387"},
    {0, NULL, NULL, 0, NULL},
};

static bool names_form(const char *list, const char *name)
{
    size_t len = strlen(name);

    if (!strcmp(list, "*"))
        return true;
    for (const char *p = list; (p = strstr(p, name)); p += len)
        if ((p == list || p[-1] == ' ') && (!p[len] || p[len] == ' '))
            return true;
    return false;
}

int explain_generation(unsigned cpu, const struct sst_form *form,
                       const struct sst_vector *v, unsigned diff)
{
    for (int n = 0; generations[n].text; n++) {
        const struct generation *g = &generations[n];

        if (g->cpu == cpu && names_form(g->forms, form->name) &&
            (!g->applies || g->applies(v)) && !(diff & ~g->diff))
            return n;
    }
    return -1;
}

/*
 * vec_class_test.c - the exceptions of the state that every x87, MMX, SSE and
 * AVX instruction needs, row by row of x86.tab.
 *
 * SDM vol. 2, 2.4 and tables 2-15 to 2-30 (exception types), vol. 3, tables
 * 13-1 and 2-2 (CR0.TS, EM, CR4.OSFXSR, OSXSAVE, XCR0). A case is one
 * instruction of a row, run once as it is and once under each condition. What
 * a row must do follows from its map and operands alone.
 */
#include "gen/insn_table.h"
#include "tests/insn/oracle_gen.h"
#include "tests/tap.h"

enum kind { NEITHER, MMX, SSE, VEX, X87 };

enum { INSTANCES = 12, NO_VECTOR = -1 };

struct condition {
    const char *name;
    void (*set)(struct cpu *c);
    int expect[5]; /* by kind; NO_VECTOR: as without the condition */
    uint8_t prefix;
};

static void set_ts(struct cpu *c)
{
    c->cr0 |= CR0_TS;
}

static void set_em(struct cpu *c)
{
    c->cr0 |= CR0_EM;
}

static void no_osfxsr(struct cpu *c)
{
    c->cr4 &= ~(uint64_t)CR4_OSFXSR;
}

static void no_osxsave(struct cpu *c)
{
    c->cr4 &= ~(uint64_t)CR4_OSXSAVE;
}

static void no_ymm(struct cpu *c)
{
    c->xcr0 = 3;
}

static void em_and_ts(struct cpu *c)
{
    c->cr0 |= CR0_EM | CR0_TS;
}

static const struct condition conditions[] = {
    {"CR0.TS", set_ts, {NO_VECTOR, EXC_NM, EXC_NM, EXC_NM, EXC_NM}, 0},
    {"CR0.EM", set_em, {NO_VECTOR, EXC_UD, EXC_UD, NO_VECTOR, EXC_NM}, 0},
    {"CR0.EM and TS",
     em_and_ts,
     {NO_VECTOR, EXC_UD, EXC_UD, EXC_NM, EXC_NM},
     0},
    {"CR4.OSFXSR",
     no_osfxsr,
     {NO_VECTOR, NO_VECTOR, EXC_UD, NO_VECTOR, NO_VECTOR},
     0},
    {"CR4.OSXSAVE",
     no_osxsave,
     {NO_VECTOR, NO_VECTOR, NO_VECTOR, EXC_UD, NO_VECTOR},
     0},
    {"XCR0.YMM",
     no_ymm,
     {NO_VECTOR, NO_VECTOR, NO_VECTOR, EXC_UD, NO_VECTOR},
     0},
    {"LOCK", NULL, {NO_VECTOR, EXC_UD, EXC_UD, EXC_UD, EXC_UD}, 0xf0},
    {"66 before VEX",
     NULL,
     {NO_VECTOR, NO_VECTOR, NO_VECTOR, EXC_UD, NO_VECTOR},
     0x66},
    {"F2 before VEX",
     NULL,
     {NO_VECTOR, NO_VECTOR, NO_VECTOR, EXC_UD, NO_VECTOR},
     0xf2},
    {"F3 before VEX",
     NULL,
     {NO_VECTOR, NO_VECTOR, NO_VECTOR, EXC_UD, NO_VECTOR},
     0xf3},
    {"REX before VEX",
     NULL,
     {NO_VECTOR, NO_VECTOR, NO_VECTOR, EXC_UD, NO_VECTOR},
     0x41},
};

static bool has(const struct insn_info *in, unsigned first, unsigned last)
{
    for (unsigned k = 0; k < 4; k++) {
        unsigned loc = operand_info[in->operand[k]].loc;

        if (loc >= first && loc <= last)
            return true;
    }
    return false;
}

static enum kind kind_of(const struct insn_info *in, const struct row *r)
{
    const char *m = in->mnemonic;

    if (r->map == MAP_3DNOW)
        return MMX;
    if (r->map == MAP_ONE)
        return (r->opcode & 0xf8) == 0xd8 ? X87 : NEITHER;
    if (r->map >= MAP_VEX_0F)
        return has(in, LOC_V, LOC_XMM0) || strstr(m, "zero") ||
                       strstr(m, "mxcsr")
                   ? VEX
                   : NEITHER;
    if (has(in, LOC_V, LOC_XMM0) || strstr(m, "mxcsr"))
        return SSE;
    return has(in, LOC_P, LOC_N) || !strcmp(m, "emms") ? MMX : NEITHER;
}

struct bench {
    struct tap tap;
    struct exec *x;
    struct gen gen;
    unsigned cases[ARRAY_LEN(conditions)], bad[ARRAY_LEN(conditions)];
};

/* The vector that the code ends with; NO_VECTOR: none. */
static int run(struct bench *b, const uint8_t *code, unsigned len,
               const struct exec_state *in, const struct condition *k)
{
    uint8_t bytes[32];
    unsigned n = 0;
    struct exec_state out = *in;

    memset(bytes, 0xcc, sizeof bytes);
    if (k && k->prefix == 0x41) {
        while (n < len && code[n] != 0xc4 && code[n] != 0xc5) {
            bytes[n] = code[n];
            n++;
        }
        bytes[n] = k->prefix;
        memcpy(bytes + n + 1, code + n, len - n);
        len++;
    } else if (k && k->prefix) {
        bytes[0] = k->prefix;
        memcpy(bytes + 1, code, len);
        len++;
    } else {
        memcpy(bytes, code, len);
    }
    if (len > 15)
        return EXC_UD;
    exec_poke(b->x, EXEC_CODE, bytes, sizeof bytes);
    exec_load(b->x, in);
    if (k && k->set) {
        k->set(exec_cpu(b->x));
        cpu_update_mode(exec_cpu(b->x));
    }
    exec_step(b->x, 1);
    exec_store(b->x, &out);
    return out.raised ? out.vector : NO_VECTOR;
}

static void one(struct bench *b, const struct row *r, enum kind kind)
{
    uint8_t code[16];
    struct decoded d;
    struct exec_state in;
    int plain;

    if (!gen_form(&b->gen, r, EXEC_CODE, code, &d))
        return;
    gen_state(&b->gen, &in);
    in.rip = EXEC_CODE;
    in.mxcsr |= 0x1f80;
    plain = run(b, code, d.len, &in, NULL);
    if (d.lock || plain == EXC_UD)
        return;
    for (unsigned n = 0; n < ARRAY_LEN(conditions); n++) {
        const struct condition *k = &conditions[n];
        int want = k->expect[kind], got;

        if (want == NO_VECTOR && k->prefix)
            continue; /* another instruction, perhaps */
        got = run(b, code, d.len, &in, k);
        if (want == NO_VECTOR)
            want = plain;
        b->cases[n]++;
        if (got == want)
            continue;
        if (b->bad[n]++ < 8)
            printf("# %s: %s (opcode %02x) raises %d, not %d\n", k->name,
                   d.info->mnemonic, r->opcode, got, want);
    }
}

static void all_rows(struct bench *b)
{
    for (unsigned map = 0; map < MAP_COUNT; map++)
        for (unsigned op = 0; op < 256; op++)
            for (unsigned m = insn_first[map][op]; m < insn_first[map][op + 1];
                 m++) {
                struct row r = {(uint16_t)m, (uint8_t)map, (uint8_t)op};
                const struct insn_info *in = &insn_table[insn_matches[m].info];
                enum kind kind = kind_of(in, &r);

                if (kind == NEITHER || gen_comparison(in) == COMPARE_NOT)
                    continue;
                for (unsigned n = 0; n < INSTANCES; n++)
                    one(b, &r, kind);
            }
}

int main(void)
{
    static struct bench b;
    struct error err;

    b.x = exec_create("corei7_haswell_4770",
                      "sha gfni vaes_vpclmulqdq sse4a 3dnow 3dnow_ext", &err);
    if (!b.x) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    b.gen.bits = 64;
    b.gen.features = exec_cpu(b.x)->features;
    b.gen.seed = 1;
    all_rows(&b);
    for (unsigned n = 0; n < ARRAY_LEN(conditions); n++)
        tap_ok(&b.tap, !b.bad[n] && b.cases[n], "%s: %u of %u cases are wrong",
               conditions[n].name, b.bad[n], b.cases[n]);
    exec_destroy(b.x);
    return tap_done(&b.tap);
}

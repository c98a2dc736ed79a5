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
    unsigned rows, missed, aligned, misaligned; /* the last: wrong ones */
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

static bool in_list(const char *m, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(m, *list))
            return true;
    return false;
}

/* Raises #GP when its memory operand is not aligned. */
static bool wants_alignment(const struct decoded *d, enum kind kind)
{
    static const char *const vex[] = {"vmovaps",   "vmovapd",  "vmovdqa",
                                      "vmovntps",  "vmovntpd", "vmovntdq",
                                      "vmovntdqa", NULL};
    static const char *const free[] = {"movups",    "movupd",    "movdqu",
                                       "lddqu",     "pcmpestri", "pcmpestrm",
                                       "pcmpistri", "pcmpistrm", NULL};
    unsigned size = 0;

    if (kind == VEX)
        return in_list(d->info->mnemonic, vex);
    if (kind != SSE || in_list(d->info->mnemonic, free))
        return false;
    for (unsigned k = 0; k < 4; k++) {
        const struct operand_info *o = &operand_info[d->info->operand[k]];

        if (o->loc == LOC_W || o->loc == LOC_M || o->loc == LOC_U)
            size = o->msize;
    }
    return size == SZ_DQ || size == SZ_X;
}

/* The operand aligned and not, where one register says where it is. */
static void alignment(struct bench *b, const struct decoded *d,
                      const uint8_t *code, const struct exec_state *state,
                      enum kind kind)
{
    struct exec_state in = *state;
    bool gp[2];

    if (d->mod == 3 || d->base >= 16 || d->index != REG_NONE || d->asize != 8 ||
        d->seg == SEG_FS || d->seg == SEG_GS)
        return;
    in.rflags &= ~(uint64_t)EFL_AC;
    in.gpr[RDI] = EXEC_DATA + 0x400; /* MASKMOVDQU */
    for (unsigned n = 0; n < 2; n++) {
        memset(exec_data(b->x) + 0x800, 0, 80);
        in.gpr[d->base] = EXEC_DATA + 0x800 + n - (uint64_t)d->disp;
        gp[n] = run(b, code, d->len, &in, NULL) == EXC_GP;
    }
    b->aligned++;
    if (!gp[0] && gp[1] == wants_alignment(d, kind))
        return;
    if (b->misaligned++ < 8)
        printf("# %s: #GP %d aligned, %d not\n", d->info->mnemonic, gp[0],
               gp[1]);
}

/* False: not a case of this row. */
static bool one(struct bench *b, const struct row *r, enum kind kind)
{
    uint8_t code[16];
    struct decoded d;
    struct exec_state in;
    int plain;

    if (!gen_form(&b->gen, r, EXEC_CODE, code, &d))
        return false;
    gen_state(&b->gen, &in);
    in.rip = EXEC_CODE;
    in.mxcsr |= 0x1f80;
    in.mxcsr &= ~0x3fu;
    plain = run(b, code, d.len, &in, NULL);
    if (d.lock || plain == EXC_UD)
        return false;
    if (kind == SSE || kind == VEX)
        alignment(b, &d, code, &in, kind);
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
    return true;
}

static void row(void *opaque, const struct row *r)
{
    struct bench *b = opaque;
    const struct insn_info *in = gen_row_info(r);
    enum kind kind = kind_of(in, r);
    unsigned ran = 0;

    if (kind == NEITHER || gen_comparison(in) == COMPARE_NOT ||
        !feature_test(b->gen.features, in->feature))
        return;
    for (unsigned n = 0; n < INSTANCES; n++)
        ran += one(b, r, kind);
    b->rows++;
    if (ran)
        return;
    b->missed++;
    printf("# no case of %s (opcode %02x)\n", in->mnemonic, r->opcode);
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
    gen_each_row(row, &b);
    for (unsigned n = 0; n < ARRAY_LEN(conditions); n++)
        tap_ok(&b.tap, !b.bad[n] && b.cases[n], "%s: %u of %u cases are wrong",
               conditions[n].name, b.bad[n], b.cases[n]);
    tap_ok(&b.tap, !b.missed, "%u of %u rows without a case", b.missed, b.rows);
    tap_ok(&b.tap, !b.misaligned && b.aligned, "alignment: %u of %u are wrong",
           b.misaligned, b.aligned);
    exec_destroy(b.x);
    return tap_done(&b.tap);
}

/*
 * x87_test.c - x87 instructions against the host's x87, whole state compared.
 *
 * Each case makes a random x87 state (registers, tags, top of stack, masks,
 * rounding, precision), lets the host run one instruction between FRSTOR and
 * FNSAVE, runs the handler on the same state, and compares control, status
 * and tag word, all eight registers, and the arithmetic flags for those
 * instructions that use them. Transcendental results may differ by a few
 * units of the last place; flags and special cases may not.
 * Usage: x87_test [cases per instruction]
 */
#include "cpu/access.h"
#include "cpu/flags.h"
#include "cpu/fpu/fpu.h"
#include "cpu/fpu/ops.h"
#include "cpu/icache.h"
#include "cpu/tlb.h"
#include "memory/phys.h"
#include "tests/tap.h"
#include "tests/unit/fp_cases.h"
#include <stdlib.h>

#if defined(__x86_64__)

/* An FNSAVE image, 32-bit layout. */
struct image {
    uint8_t b[108];
};

/* A memory operand of any size. */
struct memory {
    uint8_t b[16];
};

enum kind {
    KIND_EXACT,
    KIND_EFLAGS, /* comparison with the result in EFLAGS */
    KIND_MEMORY,
    KIND_TRANSCENDENTAL, /* results within a few units of the last place */
};

struct op {
    const char *name;
    uint8_t opcode, modrm;
    enum kind kind;
    insn_fn *fn;
    void (*native)(struct image *im, uint8_t *flags, struct memory *m);
    unsigned bytes; /* of the memory operand */
};

/* flags: SF ZF AF PF CF as LAHF has them, in and out. */
#define NATIVE(name, text)                                                     \
    static void n_##name(struct image *im, uint8_t *flags, struct memory *m)   \
    {                                                                          \
        __asm__ volatile("frstor %[im]\n\tmovb %[fl], %%ah\n\tsahf\n\t" text   \
                         "\n\tlahf\n\tmovb %%ah, %[fl]\n\tfnsave %[im]"        \
                         : [im] "+m"(*im), [fl] "+m"(*flags), [m] "+m"(*m)     \
                         :                                                     \
                         : "rax", "cc");                                       \
    }

#define OPS(X)                                                                 \
    X(fadd_st0_sti, 0xd8, 0xc3, EXACT, "fadd %%st(3), %%st")                   \
    X(fmul_st0_sti, 0xd8, 0xc9, EXACT, "fmul %%st(1), %%st")                   \
    X(fsub_st0_sti, 0xd8, 0xe1, EXACT, "fsub %%st(1), %%st")                   \
    X(fsubr_st0_sti, 0xd8, 0xe9, EXACT, ".byte 0xd8, 0xe9")                    \
    X(fdiv_st0_sti, 0xd8, 0xf1, EXACT, "fdiv %%st(1), %%st")                   \
    X(fdivr_st0_sti, 0xd8, 0xf9, EXACT, ".byte 0xd8, 0xf9")                    \
    X(fadd_sti_st0, 0xdc, 0xc1, EXACT, ".byte 0xdc, 0xc1")                     \
    X(fmul_sti_st0, 0xdc, 0xc9, EXACT, ".byte 0xdc, 0xc9")                     \
    X(fsubr_sti_st0, 0xdc, 0xe1, EXACT, ".byte 0xdc, 0xe1")                    \
    X(fsub_sti_st0, 0xdc, 0xe9, EXACT, ".byte 0xdc, 0xe9")                     \
    X(fdivr_sti_st0, 0xdc, 0xf1, EXACT, ".byte 0xdc, 0xf1")                    \
    X(fdiv_sti_st0, 0xdc, 0xf9, EXACT, ".byte 0xdc, 0xf9")                     \
    X(faddp, 0xde, 0xc1, EXACT, ".byte 0xde, 0xc1")                            \
    X(fmulp, 0xde, 0xc8, EXACT, ".byte 0xde, 0xc8")                            \
    X(fsubrp, 0xde, 0xe1, EXACT, ".byte 0xde, 0xe1")                           \
    X(fsubp, 0xde, 0xe9, EXACT, ".byte 0xde, 0xe9")                            \
    X(fdivrp, 0xde, 0xf1, EXACT, ".byte 0xde, 0xf1")                           \
    X(fdivp, 0xde, 0xf9, EXACT, ".byte 0xde, 0xf9")                            \
    X(fchs, 0xd9, 0xe0, EXACT, "fchs")                                         \
    X(fabs, 0xd9, 0xe1, EXACT, "fabs")                                         \
    X(fsqrt, 0xd9, 0xfa, EXACT, "fsqrt")                                       \
    X(frndint, 0xd9, 0xfc, EXACT, "frndint")                                   \
    X(fscale, 0xd9, 0xfd, EXACT, "fscale")                                     \
    X(fxtract, 0xd9, 0xf4, EXACT, "fxtract")                                   \
    X(fprem, 0xd9, 0xf8, EXACT, "fprem")                                       \
    X(fprem1, 0xd9, 0xf5, EXACT, "fprem1")                                     \
    X(fcom_sti, 0xd8, 0xd1, EXACT, "fcom %%st(1)")                             \
    X(fcomp_sti, 0xd8, 0xd9, EXACT, "fcomp %%st(1)")                           \
    X(fcompp, 0xde, 0xd9, EXACT, "fcompp")                                     \
    X(fucom_sti, 0xdd, 0xe1, EXACT, "fucom %%st(1)")                           \
    X(fucomp_sti, 0xdd, 0xe9, EXACT, "fucomp %%st(1)")                         \
    X(fucompp, 0xda, 0xe9, EXACT, "fucompp")                                   \
    X(fcomi, 0xdb, 0xf1, EFLAGS, "fcomi %%st(1), %%st")                        \
    X(fcomip, 0xdf, 0xf1, EFLAGS, "fcomip %%st(1), %%st")                      \
    X(fucomi, 0xdb, 0xe9, EFLAGS, "fucomi %%st(1), %%st")                      \
    X(fucomip, 0xdf, 0xe9, EFLAGS, "fucomip %%st(1), %%st")                    \
    X(ftst, 0xd9, 0xe4, EXACT, "ftst")                                         \
    X(fxam, 0xd9, 0xe5, EXACT, "fxam")                                         \
    X(fld_sti, 0xd9, 0xc2, EXACT, "fld %%st(2)")                               \
    X(fst_sti, 0xdd, 0xd2, EXACT, "fst %%st(2)")                               \
    X(fstp_sti, 0xdd, 0xda, EXACT, "fstp %%st(2)")                             \
    X(fxch_sti, 0xd9, 0xc9, EXACT, "fxch %%st(1)")                             \
    X(fcmovb, 0xda, 0xc1, EXACT, "fcmovb %%st(1), %%st")                       \
    X(fcmove, 0xda, 0xc9, EXACT, "fcmove %%st(1), %%st")                       \
    X(fcmovbe, 0xda, 0xd1, EXACT, "fcmovbe %%st(1), %%st")                     \
    X(fcmovu, 0xda, 0xd9, EXACT, "fcmovu %%st(1), %%st")                       \
    X(fcmovnb, 0xdb, 0xc1, EXACT, "fcmovnb %%st(1), %%st")                     \
    X(fcmovne, 0xdb, 0xc9, EXACT, "fcmovne %%st(1), %%st")                     \
    X(fcmovnbe, 0xdb, 0xd1, EXACT, "fcmovnbe %%st(1), %%st")                   \
    X(fcmovnu, 0xdb, 0xd9, EXACT, "fcmovnu %%st(1), %%st")                     \
    X(fld1, 0xd9, 0xe8, EXACT, "fld1")                                         \
    X(fldl2t, 0xd9, 0xe9, EXACT, "fldl2t")                                     \
    X(fldl2e, 0xd9, 0xea, EXACT, "fldl2e")                                     \
    X(fldpi, 0xd9, 0xeb, EXACT, "fldpi")                                       \
    X(fldlg2, 0xd9, 0xec, EXACT, "fldlg2")                                     \
    X(fldln2, 0xd9, 0xed, EXACT, "fldln2")                                     \
    X(fldz, 0xd9, 0xee, EXACT, "fldz")                                         \
    X(fnop, 0xd9, 0xd0, EXACT, "fnop")                                         \
    X(fnclex, 0xdb, 0xe2, EXACT, "fnclex")                                     \
    X(fninit, 0xdb, 0xe3, EXACT, "fninit")                                     \
    X(fdecstp, 0xd9, 0xf6, EXACT, "fdecstp")                                   \
    X(fincstp, 0xd9, 0xf7, EXACT, "fincstp")                                   \
    X(ffree_sti, 0xdd, 0xc2, EXACT, "ffree %%st(2)")                           \
    X(ffreep_sti, 0xdf, 0xc2, EXACT, ".byte 0xdf, 0xc2")                       \
    X(fsin, 0xd9, 0xfe, TRANSCENDENTAL, "fsin")                                \
    X(fcos, 0xd9, 0xff, TRANSCENDENTAL, "fcos")                                \
    X(fsincos, 0xd9, 0xfb, TRANSCENDENTAL, "fsincos")                          \
    X(fptan, 0xd9, 0xf2, TRANSCENDENTAL, "fptan")                              \
    X(fpatan, 0xd9, 0xf3, TRANSCENDENTAL, "fpatan")                            \
    X(f2xm1, 0xd9, 0xf0, TRANSCENDENTAL, "f2xm1")                              \
    X(fyl2x, 0xd9, 0xf1, TRANSCENDENTAL, "fyl2x")                              \
    X(fyl2xp1, 0xd9, 0xf9, TRANSCENDENTAL, "fyl2xp1")

/* Memory forms: handler, opcode, /digit, operand size, mnemonic. */
#define MEMORY_OPS(X)                                                          \
    X(fadd_m32fp, 0xd8, 0, 4, "fadds")                                         \
    X(fmul_m32fp, 0xd8, 1, 4, "fmuls")                                         \
    X(fcom_m32fp, 0xd8, 2, 4, "fcoms")                                         \
    X(fcomp_m32fp, 0xd8, 3, 4, "fcomps")                                       \
    X(fsub_m32fp, 0xd8, 4, 4, "fsubs")                                         \
    X(fsubr_m32fp, 0xd8, 5, 4, "fsubrs")                                       \
    X(fdiv_m32fp, 0xd8, 6, 4, "fdivs")                                         \
    X(fdivr_m32fp, 0xd8, 7, 4, "fdivrs")                                       \
    X(fadd_m64fp, 0xdc, 0, 8, "faddl")                                         \
    X(fmul_m64fp, 0xdc, 1, 8, "fmull")                                         \
    X(fcom_m64fp, 0xdc, 2, 8, "fcoml")                                         \
    X(fcomp_m64fp, 0xdc, 3, 8, "fcompl")                                       \
    X(fsub_m64fp, 0xdc, 4, 8, "fsubl")                                         \
    X(fsubr_m64fp, 0xdc, 5, 8, "fsubrl")                                       \
    X(fdiv_m64fp, 0xdc, 6, 8, "fdivl")                                         \
    X(fdivr_m64fp, 0xdc, 7, 8, "fdivrl")                                       \
    X(fiadd_m32int, 0xda, 0, 4, "fiaddl")                                      \
    X(fiadd_m16int, 0xde, 0, 2, "fiadds")                                      \
    X(fimul_m32int, 0xda, 1, 4, "fimull")                                      \
    X(fimul_m16int, 0xde, 1, 2, "fimuls")                                      \
    X(ficom_m32int, 0xda, 2, 4, "ficoml")                                      \
    X(ficom_m16int, 0xde, 2, 2, "ficoms")                                      \
    X(ficomp_m32int, 0xda, 3, 4, "ficompl")                                    \
    X(ficomp_m16int, 0xde, 3, 2, "ficomps")                                    \
    X(fisub_m32int, 0xda, 4, 4, "fisubl")                                      \
    X(fisub_m16int, 0xde, 4, 2, "fisubs")                                      \
    X(fisubr_m32int, 0xda, 5, 4, "fisubrl")                                    \
    X(fisubr_m16int, 0xde, 5, 2, "fisubrs")                                    \
    X(fidiv_m32int, 0xda, 6, 4, "fidivl")                                      \
    X(fidiv_m16int, 0xde, 6, 2, "fidivs")                                      \
    X(fidivr_m32int, 0xda, 7, 4, "fidivrl")                                    \
    X(fidivr_m16int, 0xde, 7, 2, "fidivrs")                                    \
    X(fld_m32fp, 0xd9, 0, 4, "flds")                                           \
    X(fst_m32fp, 0xd9, 2, 4, "fsts")                                           \
    X(fstp_m32fp, 0xd9, 3, 4, "fstps")                                         \
    X(fld_m64fp, 0xdd, 0, 8, "fldl")                                           \
    X(fst_m64fp, 0xdd, 2, 8, "fstl")                                           \
    X(fstp_m64fp, 0xdd, 3, 8, "fstpl")                                         \
    X(fld_m80fp, 0xdb, 5, 10, "fldt")                                          \
    X(fstp_m80fp, 0xdb, 7, 10, "fstpt")                                        \
    X(fild_m16int, 0xdf, 0, 2, "filds")                                        \
    X(fild_m32int, 0xdb, 0, 4, "fildl")                                        \
    X(fild_m64int, 0xdf, 5, 8, "fildll")                                       \
    X(fist_m16int, 0xdf, 2, 2, "fists")                                        \
    X(fistp_m16int, 0xdf, 3, 2, "fistps")                                      \
    X(fist_m32int, 0xdb, 2, 4, "fistl")                                        \
    X(fistp_m32int, 0xdb, 3, 4, "fistpl")                                      \
    X(fistp_m64int, 0xdf, 7, 8, "fistpll")                                     \
    X(fisttp_m16int, 0xdf, 1, 2, "fisttps")                                    \
    X(fisttp_m32int, 0xdb, 1, 4, "fisttpl")                                    \
    X(fisttp_m64int, 0xdd, 1, 8, "fisttpll")                                   \
    X(fbld, 0xdf, 4, 10, "fbld")                                               \
    X(fbstp, 0xdf, 6, 10, "fbstp")                                             \
    X(fnstcw, 0xd9, 7, 2, "fnstcw")                                            \
    X(fnstsw_m16, 0xdd, 7, 2, "fnstsw")                                        \
    X(fldcw, 0xd9, 5, 2, "fldcw")

#define DEFINE(name, opcode, modrm, kind, text) NATIVE(name, text)
#define DEFINE_MEMORY(name, opcode, digit, size, mnemonic)                     \
    NATIVE(name, mnemonic " %[m]")
OPS(DEFINE)
MEMORY_OPS(DEFINE_MEMORY)
#define ROW(name, opcode, modrm, kind, text)                                   \
    {#name, opcode, modrm, KIND_##kind, op_##name, n_##name, 0},
#define ROW_MEMORY(name, opcode, digit, size, mnemonic)                        \
    {#name, opcode, digit << 3 | 5, KIND_MEMORY, op_##name, n_##name, size},
static const struct op ops[] = {OPS(ROW) MEMORY_OPS(ROW_MEMORY)};

/* Operands that suit the operation, so that not all cases are special. */
static struct f80 operand(const struct op *op, unsigned i, uint64_t *seed,
                          struct f80 other)
{
    struct f80 v = fp_random_f80(seed, other);
    uint64_t r = fp_random(seed);
    unsigned low = 0x3fff - 70, span = 140;

    if (r & 3)
        return v;
    if (op->fn == op_f2xm1 || op->fn == op_fyl2xp1)
        span = op->fn == op_f2xm1 || i == 0 ? 70 : 140;
    if (op->fn == op_fscale && i == 1)
        low = 0x3fff - 4, span = 18;
    return f80_make((uint16_t)(low + (r >> 8) % span) |
                        (uint16_t)(r >> 40 & 0x8000),
                    v.frac | UINT64_C(1) << 63);
}

static void make_state(const struct op *op, uint64_t *seed, struct fpu *f)
{
    static const uint16_t pc[4] = {0x000, 0x100, 0x200, 0x300};
    uint64_t r = fp_random(seed);
    unsigned top = r >> 8 & 7, full;
    struct f80 other = f80_make(0x3fff, 0);

    *f = (struct fpu){0};
    f->cw = (uint16_t)(0x40 | pc[r & 3] | (r >> 2 & 3) << 10);
    f->cw |= r & 16 ? r >> 16 & FP_ALL : FP_ALL;
    f->sw = (uint16_t)(top << FSW_TOP_SHIFT);
    f->sw |= (uint16_t)(r >> 24) & (FSW_CC | FSW_SF | FP_ALL);
    f->sw &= (uint16_t) ~(FP_ALL & ~f->cw); /* nothing pending */
    for (unsigned i = 0; i < 8; i++) {
        other = operand(op, i, seed, other);
        f->r[(top + i) & 7] = other;
    }
    /* Mostly ST(0) to ST(3) valid and ST(7) empty; else anything. */
    full = (unsigned)(r >> 40) & 0xff;
    if (r >> 48 & 7)
        full = 0x0f << top | 0x0f >> (8 - top);
    fpu_unpack_ftw(f, (uint8_t)full);
}

static void to_image(const struct fpu *f, struct image *im)
{
    unsigned top = f->sw >> FSW_TOP_SHIFT & 7;

    memset(im, 0, sizeof *im);
    st_le16(im->b, f->cw);
    st_le16(im->b + 4, f->sw);
    st_le16(im->b + 8, f->tw);
    for (unsigned i = 0; i < 8; i++) {
        st_le64(im->b + 28 + 10 * i, f->r[(top + i) & 7].frac);
        st_le16(im->b + 36 + 10 * i, f->r[(top + i) & 7].se);
    }
}

static void from_image(const struct image *im, struct fpu *f)
{
    unsigned top;

    *f = (struct fpu){0};
    f->cw = ld_le16(im->b);
    f->sw = ld_le16(im->b + 4);
    f->tw = ld_le16(im->b + 8);
    top = f->sw >> FSW_TOP_SHIFT & 7;
    for (unsigned i = 0; i < 8; i++)
        f->r[(top + i) & 7] = f80_make(ld_le16(im->b + 36 + 10 * i),
                                       ld_le64(im->b + 28 + 10 * i));
}

/* Distance in units of the last place, for finite numbers of one sign. */
static uint64_t distance(struct f80 a, struct f80 b)
{
    /* Numbers of one sign are ordered as their exponents and fractions. */
    uint64_t x = (uint64_t)a.se << 63 | (a.frac & INT64_MAX);
    uint64_t y = (uint64_t)b.se << 63 | (b.frac & INT64_MAX);
    uint64_t diff = x - y;
    int exp = (a.se & 0x7fff) - (b.se & 0x7fff);

    if ((a.se & 0x7fff) == 0x7fff || (b.se & 0x7fff) == 0x7fff ||
        (a.se ^ b.se) >> 15 || exp < -1 || exp > 1)
        return UINT64_MAX;
    return diff >> 63 ? 0 - diff : diff;
}

static bool registers_agree(const struct op *op, const struct fpu *a,
                            const struct fpu *b)
{
    uint64_t limit = op->kind == KIND_TRANSCENDENTAL ? 4 : 0;

    for (unsigned i = 0; i < 8; i++) {
        if (a->r[i].se == b->r[i].se && a->r[i].frac == b->r[i].frac)
            continue;
        if (!limit || distance(a->r[i], b->r[i]) > limit)
            return false;
    }
    return true;
}

/* Status bits in which AMD, Intel and the SDM differ: C1 of a transcendental
 * result, C1 after FCOMI (the SDM clears it). */
static uint16_t ignored_status(const struct op *op)
{
    bool c1 = op->kind == KIND_TRANSCENDENTAL || op->kind == KIND_EFLAGS;

    return c1 ? FSW_C1 : 0;
}

static bool agree(const struct op *op, const struct fpu *want,
                  const struct fpu *got)
{
    uint16_t ignored = ignored_status(op);

    return want->cw == got->cw && !((want->sw ^ got->sw) & ~ignored) &&
           want->tw == got->tw && registers_agree(op, want, got);
}

static void show(const char *name, const struct fpu *f)
{
    printf("#   %s cw %04x sw %04x tw %04x", name, f->cw, f->sw, f->tw);
    for (unsigned i = 0; i < 8; i++) {
        struct f80 v = f->r[((f->sw >> FSW_TOP_SHIFT) + i) & 7];

        printf("%s%04x:%016llx", i & 3 ? " " : "\n#     ", v.se,
               (unsigned long long)v.frac);
    }
    printf("\n");
}

#define OPERAND_AT 0x2340 /* where the memory operand lies */

static struct memory random_memory(const struct op *op, uint64_t *seed)
{
    uint64_t r = fp_random(seed);
    struct memory m = {{0}};
    struct f80 v;

    st_le64(m.b, fp_random_fraction(seed, 64));
    st_le16(m.b + 8, (uint16_t)fp_random(seed));
    if (op->fn == op_fbld || r & 1) /* digits above nine count as well */
        return m;
    if (op->bytes == 4) {
        st_le32(m.b, (uint32_t)fp_random_bits(seed, 8, 23, 0));
    } else if (op->bytes == 8) {
        st_le64(m.b, fp_random_bits(seed, 11, 52, 0));
    } else {
        v = fp_random_f80(seed, f80_make(0x3fff, 0));
        st_le64(m.b, v.frac);
        st_le16(m.b + 8, v.se);
    }
    return m;
}

/* One case: what the host and the handler make of it. */
struct outcome {
    struct fpu fpu;
    struct memory memory;
    uint8_t flags;
};

static struct outcome by_host(const struct op *op, const struct outcome *start)
{
    struct outcome r = *start;
    struct image im;

    to_image(&start->fpu, &im);
    op->native(&im, &r.flags, &r.memory);
    from_image(&im, &r.fpu);
    return r;
}

static struct outcome by_handler(struct cpu *c, const struct op *op,
                                 const struct outcome *start)
{
    struct decoded d = {.opcode = op->opcode,
                        .modrm = op->modrm,
                        .mod = op->bytes ? 0 : 3,
                        .mode = 32,
                        .osize = 4,
                        .asize = 4,
                        .seg = SEG_DS,
                        .base = REG_NONE,
                        .index = REG_NONE,
                        .disp = OPERAND_AT};
    struct outcome r = *start;

    c->fpu = start->fpu;
    flags_set_arith(c, start->flags);
    mem_write_bytes(c, SEG_DS, OPERAND_AT, r.memory.b, sizeof r.memory.b, 1);
    op->fn(c, &d);
    mem_read_bytes(c, SEG_DS, OPERAND_AT, r.memory.b, sizeof r.memory.b, 1);
    r.flags = (uint8_t)flags_sync(c) | 2;
    r.fpu = c->fpu;
    r.fpu.fip = r.fpu.fdp = r.fpu.fcs = r.fpu.fds = r.fpu.fop = 0;
    return r;
}

static bool outcomes_agree(const struct op *op, const struct outcome *want,
                           const struct outcome *got)
{
    bool withheld =
        op->kind == KIND_EFLAGS && want->fpu.sw & ~want->fpu.cw & FP_IE;

    return agree(op, &want->fpu, &got->fpu) &&
           (withheld || want->flags == got->flags) &&
           !memcmp(&want->memory, &got->memory, sizeof want->memory);
}

static void show_outcome(const char *name, const struct outcome *o)
{
    printf("#   %s flags %02x memory %04x:%016llx\n", name, o->flags,
           ld_le16(o->memory.b + 8), (unsigned long long)ld_le64(o->memory.b));
    show(name, &o->fpu);
}

static void run(struct tap *t, struct cpu *c, const struct op *op,
                unsigned cases)
{
    uint64_t seed = 1;
    unsigned bad = 0;

    for (unsigned i = 0; i < cases; i++) {
        struct outcome start, want, got;

        start.flags = (uint8_t)(fp_random(&seed) & 0xd5) | 2;
        start.memory = random_memory(op, &seed);
        make_state(op, &seed, &start.fpu);
        want = by_host(op, &start);
        got = by_handler(c, op, &start);
        if (!outcomes_agree(op, &want, &got) && bad++ < 4) {
            printf("# %s\n", op->name);
            show_outcome("from", &start);
            show_outcome("want", &want);
            show_outcome("got ", &got);
        }
    }
    tap_ok(t, bad == 0, "%s: %u of %u cases agree with the host", op->name,
           cases - bad, cases);
}

/* Protected mode without paging, data segments flat. */
static bool processor_init(struct cpu *c, struct log *log)
{
    struct error err;

    c->phys = phys_create(1 << 20, UINT32_C(0xc0000000), log, &err);
    if (!c->phys || !icache_create(c) || !tlb_create(c))
        return false;
    c->cr0 = CR0_PE | CR0_NE;
    for (unsigned i = 0; i < 6; i++)
        c->seg[i] = (struct segment){.limit = UINT32_MAX,
                                     .selector = 8,
                                     .access = 0x93,
                                     .flags = 12,
                                     .usable = true};
    c->seg[SEG_CS].access = 0x9b;
    cpu_update_mode(c);
    return true;
}

static void against_host(struct tap *t, unsigned cases)
{
    struct cpu *c = calloc(1, sizeof *c);
    struct log log;

    log_init(&log);
    if (tap_ok(t, c && processor_init(c, &log), "a processor with memory")) {
        for (size_t i = 0; i < ARRAY_LEN(ops); i++)
            run(t, c, &ops[i], cases);
    }
    if (c) {
        icache_destroy(c);
        tlb_destroy(c);
        phys_destroy(c->phys);
    }
    free(c);
    log_close(&log);
}

#else

static void against_host(struct tap *t, unsigned cases)
{
    tap_ok(t, true, "%u cases # SKIP not an x86-64 host", cases);
}

#endif

int main(int argc, char **argv)
{
    unsigned cases = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 3000;
    struct tap t = {0};

    against_host(&t, cases);
    return tap_done(&t);
}

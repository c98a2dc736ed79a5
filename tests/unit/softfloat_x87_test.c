/*
 * softfloat_x87_test.c - extended arithmetic against the host's x87.
 *
 * Random and edge operands, all rounding and precision controls, random
 * masks: values, exception flags and C1 must agree bit for bit. Unmasked
 * exceptions stay pending in the host until cleared, so nothing traps.
 * Usage: softfloat_x87_test [cases per operation]
 */
#include "tests/tap.h"
#include "tests/unit/fp_cases.h"
#include <stdlib.h>

#if defined(__x86_64__)

struct host {
    uint16_t cw, sw;
};

enum shape {
    SHAPE_STACK1, /* ST(0) -> ST(0) */
    SHAPE_STACK2, /* ST(0), ST(1) -> ST(0) */
    SHAPE_PAIR,   /* ST(0) -> ST(1), ST(0) */
    SHAPE_M32,    /* ST(0), m32 -> ST(0) */
    SHAPE_M64,
    SHAPE_LOAD32, /* m32 -> ST(0) */
    SHAPE_LOAD64,
    SHAPE_STORE, /* ST(0) -> m */
    SHAPE_FLAGS, /* ST(0), ST(1) -> C3 C2 C0 */
    SHAPE_REM,
};

struct op {
    const char *name;
    enum shape shape;
    void (*native)(const union fp_val *in, union fp_val *out, struct host *h);
    void (*soft)(const union fp_val *in, union fp_val *out, struct fp_env *e);
};

#define STACK(name, insn)                                                      \
    static void n_##name(const union fp_val *in, union fp_val *out,            \
                         struct host *h)                                       \
    {                                                                          \
        __asm__ volatile(                                                      \
            "fninit\n\tfldcw %[cw]\n\tfldt %[b]\n\tfldt %[a]\n\t" insn         \
            "\n\tfnstsw %[sw]\n\tfnclex\n\t"                                   \
            "fstpt %[r]\n\tfstpt %[s]\n\tfninit"                               \
            : [r] "=m"(out[0]), [s] "=m"(out[1]), [sw] "=m"(h->sw)             \
            : [a] "m"(in[0]), [b] "m"(in[1]), [cw] "m"(h->cw));                \
    }

#define MEMORY(name, insn)                                                     \
    static void n_##name(const union fp_val *in, union fp_val *out,            \
                         struct host *h)                                       \
    {                                                                          \
        __asm__ volatile("fninit\n\tfldcw %[cw]\n\tfldt %[a]\n\t" insn         \
                         " %[b]\n\tfnstsw %[sw]\n\tfnclex\n\t"                 \
                         "fstpt %[r]\n\tfninit"                                \
                         : [r] "=m"(out[0]), [sw] "=m"(h->sw)                  \
                         : [a] "m"(in[0]), [b] "m"(in[1]), [cw] "m"(h->cw));   \
    }

#define LOAD(name, insn)                                                       \
    static void n_##name(const union fp_val *in, union fp_val *out,            \
                         struct host *h)                                       \
    {                                                                          \
        __asm__ volatile("fninit\n\tfldz\n\tfldcw %[cw]\n\t" insn              \
                         " %[b]\n\tfnstsw %[sw]\n\tfnclex\n\t"                 \
                         "fstpt %[r]\n\tfninit"                                \
                         : [r] "=m"(out[0]), [sw] "=m"(h->sw)                  \
                         : [b] "m"(in[1]), [cw] "m"(h->cw));                   \
    }

#define STORE(name, insn)                                                      \
    static void n_##name(const union fp_val *in, union fp_val *out,            \
                         struct host *h)                                       \
    {                                                                          \
        __asm__ volatile("fninit\n\tfldcw %[cw]\n\tfldt %[a]\n\t" insn         \
                         " %[r]\n\tfnstsw %[sw]\n\tfninit"                     \
                         : [r] "+m"(out[0]), [sw] "=m"(h->sw)                  \
                         : [a] "m"(in[0]), [cw] "m"(h->cw));                   \
    }

#define SOFT2(name)                                                            \
    static void s_##name(const union fp_val *in, union fp_val *out,            \
                         struct fp_env *e)                                     \
    {                                                                          \
        out[0].f80 = f80_##name(in[0].f80, in[1].f80, e);                      \
    }

#define SOFT1(name)                                                            \
    static void s_##name(const union fp_val *in, union fp_val *out,            \
                         struct fp_env *e)                                     \
    {                                                                          \
        out[0].f80 = f80_##name(in[0].f80, e);                                 \
    }

#define SOFT_MEM(name, width)                                                  \
    static void s_##name##_m##width(const union fp_val *in, union fp_val *out, \
                                    struct fp_env *e)                          \
    {                                                                          \
        struct f80 b = f##width##_widen(in[1].u##width, e);                    \
        out[0].f80 = f80_##name(in[0].f80, b, e);                              \
    }

#define SOFT_STORE(name, width, call)                                          \
    static void s_##name(const union fp_val *in, union fp_val *out,            \
                         struct fp_env *e)                                     \
    {                                                                          \
        e->x87_bias = false;                                                   \
        out[0].u##width = (uint##width##_t)call(in[0].f80, e);                 \
    }

STACK(add, "fadd %%st(1), %%st")
STACK(sub, "fsub %%st(1), %%st")
STACK(mul, "fmul %%st(1), %%st")
STACK(div, "fdiv %%st(1), %%st")
STACK(sqrt, "fsqrt")
STACK(round, "frndint")
STACK(scale, "fscale")
STACK(prem, "fprem")
STACK(prem1, "fprem1")
STACK(fcom, "fcom %%st(1)")
STACK(fucom, "fucom %%st(1)")
STACK(extract, "fxtract")
MEMORY(add_m32, "fadds")
MEMORY(mul_m32, "fmuls")
MEMORY(add_m64, "faddl")
MEMORY(div_m64, "fdivl")
LOAD(fld_m32, "flds")
LOAD(fld_m64, "fldl")
STORE(fst_m32, "fsts")
STORE(fst_m64, "fstl")
STORE(fist_m16, "fists")
STORE(fist_m32, "fistl")
STORE(fist_m64, "fistpll")
STORE(fisttp_m16, "fisttps")
STORE(fisttp_m32, "fisttpl")
STORE(fisttp_m64, "fisttpll")
SOFT2(add)
SOFT2(sub)
SOFT2(mul)
SOFT2(div)
SOFT2(scale)
SOFT1(sqrt)
SOFT1(round)
SOFT_MEM(add, 32)
SOFT_MEM(mul, 32)
SOFT_MEM(add, 64)
SOFT_MEM(div, 64)
SOFT_STORE(fst_m32, 32, f80_to_f32)
SOFT_STORE(fst_m64, 64, f80_to_f64)
SOFT_STORE(fist_m16, 16, f80_to_i16)
SOFT_STORE(fist_m32, 32, f80_to_i32)
SOFT_STORE(fist_m64, 64, f80_to_i64)
SOFT_STORE(fisttp_m16, 16, f80_to_i16_trunc)
SOFT_STORE(fisttp_m32, 32, f80_to_i32_trunc)
SOFT_STORE(fisttp_m64, 64, f80_to_i64_trunc)

static void s_fld_m32(const union fp_val *in, union fp_val *out,
                      struct fp_env *e)
{
    out[0].f80 = f32_to_f80(in[1].u32, e);
}

static void s_fld_m64(const union fp_val *in, union fp_val *out,
                      struct fp_env *e)
{
    out[0].f80 = f64_to_f80(in[1].u64, e);
}

static void s_extract(const union fp_val *in, union fp_val *out,
                      struct fp_env *e)
{
    out[0].f80 = f80_extract(in[0].f80, &out[1].f80, e);
}

/* C3 C2 C0 as they stand in the status word. */
static uint64_t relation_bits(enum fp_relation r)
{
    static const uint16_t bits[] = {0x0100, 0x4000, 0x0000, 0x4500};

    return bits[r];
}

static void s_fcom(const union fp_val *in, union fp_val *out, struct fp_env *e)
{
    out[0].u64 = relation_bits(f80_compare(in[0].f80, in[1].f80, e));
}

static void s_fucom(const union fp_val *in, union fp_val *out, struct fp_env *e)
{
    out[0].u64 = relation_bits(f80_compare_quiet(in[0].f80, in[1].f80, e));
}

static void s_rem(const union fp_val *in, union fp_val *out, bool nearest,
                  struct fp_env *e)
{
    uint64_t q;
    bool partial;

    out[0].f80 = f80_rem(in[0].f80, in[1].f80, nearest, &partial, &q, e);
    out[1].u64 = partial ? 0x0400
                         : (q & 4 ? 0x0100 : 0) | (q & 2 ? 0x4000 : 0) |
                               (q & 1 ? 0x0200 : 0);
}

static void s_prem(const union fp_val *in, union fp_val *out, struct fp_env *e)
{
    s_rem(in, out, false, e);
}

static void s_prem1(const union fp_val *in, union fp_val *out, struct fp_env *e)
{
    s_rem(in, out, true, e);
}

static const struct op ops[] = {
    {"fadd", SHAPE_STACK2, n_add, s_add},
    {"fsub", SHAPE_STACK2, n_sub, s_sub},
    {"fmul", SHAPE_STACK2, n_mul, s_mul},
    {"fdiv", SHAPE_STACK2, n_div, s_div},
    {"fsqrt", SHAPE_STACK1, n_sqrt, s_sqrt},
    {"frndint", SHAPE_STACK1, n_round, s_round},
    {"fscale", SHAPE_STACK2, n_scale, s_scale},
    {"fxtract", SHAPE_PAIR, n_extract, s_extract},
    {"fprem", SHAPE_REM, n_prem, s_prem},
    {"fprem1", SHAPE_REM, n_prem1, s_prem1},
    {"fcom", SHAPE_FLAGS, n_fcom, s_fcom},
    {"fucom", SHAPE_FLAGS, n_fucom, s_fucom},
    {"fadd m32fp", SHAPE_M32, n_add_m32, s_add_m32},
    {"fmul m32fp", SHAPE_M32, n_mul_m32, s_mul_m32},
    {"fadd m64fp", SHAPE_M64, n_add_m64, s_add_m64},
    {"fdiv m64fp", SHAPE_M64, n_div_m64, s_div_m64},
    {"fld m32fp", SHAPE_LOAD32, n_fld_m32, s_fld_m32},
    {"fld m64fp", SHAPE_LOAD64, n_fld_m64, s_fld_m64},
    {"fst m32fp", SHAPE_STORE, n_fst_m32, s_fst_m32},
    {"fst m64fp", SHAPE_STORE, n_fst_m64, s_fst_m64},
    {"fist m16int", SHAPE_STORE, n_fist_m16, s_fist_m16},
    {"fist m32int", SHAPE_STORE, n_fist_m32, s_fist_m32},
    {"fistp m64int", SHAPE_STORE, n_fist_m64, s_fist_m64},
    {"fisttp m16int", SHAPE_STORE, n_fisttp_m16, s_fisttp_m16},
    {"fisttp m32int", SHAPE_STORE, n_fisttp_m32, s_fisttp_m32},
    {"fisttp m64int", SHAPE_STORE, n_fisttp_m64, s_fisttp_m64},
};

/* Exponents that matter to integer conversion, and to FSCALE's ST(1). */
static struct f80 near_integer(uint64_t *seed)
{
    uint64_t r = fp_random(seed);
    uint16_t exp = (uint16_t)(16383 - 3 + r % 70);

    return f80_make((uint16_t)(exp | (r >> 48 & 0x8000)),
                    fp_random_fraction(seed, 63) | UINT64_C(1) << 63);
}

static void make_case(const struct op *op, uint64_t *seed, union fp_val *in,
                      struct host *h)
{
    static const uint16_t pc[4] = {0x000, 0x100, 0x200, 0x300};
    uint64_t r = fp_random(seed);

    memset(in, 0, 2 * sizeof *in);
    h->cw = (uint16_t)(pc[r & 3] | (r >> 2 & 3) << 10 | 0x40);
    h->cw |= r & 16 ? r >> 8 & FP_ALL : FP_ALL;
    in[0].f80 = fp_random_f80(seed, f80_make(0x3fff, 0));
    if ((op->shape == SHAPE_STORE || op->soft == s_round) && (r & 0x10000))
        in[0].f80 = near_integer(seed);
    in[1].f80 = fp_random_f80(seed, in[0].f80);
    if (op->soft == s_scale && (r & 0x10000))
        in[1].f80 = f80_make((uint16_t)(r >> 48 & 0x8000) |
                                 (uint16_t)(0x3ffd + (r >> 20) % 18),
                             fp_random(seed) | UINT64_C(1) << 63);
    if (op->shape == SHAPE_M32 || op->shape == SHAPE_LOAD32) {
        memset(&in[1], 0, sizeof in[1]);
        in[1].u32 = (uint32_t)fp_random_bits(seed, 8, 23, 0);
    } else if (op->shape == SHAPE_M64 || op->shape == SHAPE_LOAD64) {
        memset(&in[1], 0, sizeof in[1]);
        in[1].u64 = fp_random_bits(seed, 11, 52, 0);
    }
}

static bool same_f80(struct f80 a, struct f80 b)
{
    return a.frac == b.frac && a.se == b.se;
}

/* Whether the value is defined: no unmasked exception withheld it. */
static bool value_counts(const struct op *op, const struct host *h)
{
    uint16_t unmasked = h->sw & ~h->cw & FP_ALL;

    if (unmasked & FP_PRE)
        return false;
    return op->shape != SHAPE_STORE || !(unmasked & (FP_OE | FP_UE));
}

static bool agrees(const struct op *op, const struct host *h,
                   const union fp_val *want, const union fp_val *got,
                   const struct fp_env *e)
{
    if ((h->sw & FP_ALL) != e->flags)
        return false;
    if (op->shape == SHAPE_FLAGS)
        return (h->sw & 0x4500) == got[0].u64 || (e->flags & ~h->cw & FP_IE);
    if (op->shape != SHAPE_REM && (h->sw >> 9 & 1) != e->rounded_up)
        return false;
    if (!value_counts(op, h))
        return true;
    if (op->shape == SHAPE_STORE)
        return want[0].u64 == got[0].u64;
    if (op->shape == SHAPE_REM && (h->sw & 0x4700) != got[1].u64)
        return false;
    /* FXTRACT pushes: the significand is on top, the exponent below. */
    if (op->shape == SHAPE_PAIR && !same_f80(want[1].f80, got[1].f80))
        return false;
    return same_f80(want[0].f80, got[0].f80);
}

static void show(const struct op *op, const union fp_val *in,
                 const struct host *h, const union fp_val *want,
                 const union fp_val *got, const struct fp_env *e)
{
    printf("# %s cw %04x  %04x:%016llx  %04x:%016llx\n", op->name, h->cw,
           in[0].f80.se, (unsigned long long)in[0].f80.frac, in[1].f80.se,
           (unsigned long long)in[1].f80.frac);
    for (int i = 0; i < 2; i++)
        printf("#   want %04x:%016llx  got %04x:%016llx\n", want[i].f80.se,
               (unsigned long long)want[i].f80.frac, got[i].f80.se,
               (unsigned long long)got[i].f80.frac);
    printf("#   want sw %04x, got flags %02x c1 %d\n", h->sw, e->flags,
           e->rounded_up);
}

static void run(struct tap *t, const struct op *op, unsigned cases)
{
    unsigned bad = 0;
    uint64_t seed = 1;

    for (unsigned i = 0; i < cases; i++) {
        union fp_val in[2], want[2], got[2];
        struct host h;
        struct fp_env e;

        make_case(op, &seed, in, &h);
        memset(want, 0, sizeof want);
        memset(got, 0, sizeof got);
        op->native(in, want, &h);
        e = fp_env_x87(h.cw);
        op->soft(in, got, &e);
        if (!agrees(op, &h, want, got, &e) && bad++ < 5)
            show(op, in, &h, want, got, &e);
    }
    tap_ok(t, bad == 0, "%s: %u of %u cases agree with the host", op->name,
           cases - bad, cases);
}

int main(int argc, char **argv)
{
    unsigned cases = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 20000;
    struct tap t = {0};

    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        run(&t, &ops[i], cases);
    return tap_done(&t);
}

#else

int main(void)
{
    struct tap t = {0};

    tap_ok(&t, true, "x87 oracle # SKIP not an x86-64 host");
    return tap_done(&t);
}

#endif

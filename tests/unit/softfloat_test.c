/*
 * softfloat_test.c - SSE arithmetic and conversions against the host's SSE.
 *
 * Random and edge operands with all roundings, DAZ and FTZ: values and flags
 * must agree bit for bit. With exceptions unmasked the host traps: a SIGFPE
 * handler notes the flags that MXCSR had and masks everything, so that the
 * instruction completes. A small table of known results runs on any host.
 * Usage: softfloat_test [cases per operation]
 */
#include "tests/tap.h"
#include "tests/unit/fp_cases.h"
#include <stdlib.h>

/* Known results, so that hosts without an oracle test something too. */
static void known_results(struct tap *t)
{
    struct fp_env e = fp_env_sse(0x1f80);
    struct fp_env x = fp_env_x87(0x037f);
    struct f80 third;

    tap_eq(t, f32_add(0x3f800000, 0x40000000, &e), 0x40400000, "f32: 1 + 2");
    tap_eq(t, f32_div(0x3f800000, 0x40400000, &e), 0x3eaaaaab, "f32: 1 / 3");
    tap_eq(t, e.flags, FP_PE, "f32: 1 / 3 is inexact");
    tap_eq(t, f64_sqrt(UINT64_C(0x4000000000000000), &e),
           UINT64_C(0x3ff6a09e667f3bcd), "f64: square root of 2");
    tap_eq(
        t,
        f64_mul(UINT64_C(0x0010000000000000), UINT64_C(0x3fe0000000000000), &e),
        UINT64_C(0x0008000000000000), "f64: half the least normal");
    e.flags = 0;
    tap_eq(
        t,
        f64_sub(UINT64_C(0x7ff0000000000000), UINT64_C(0x7ff0000000000000), &e),
        F64_DEFAULT_NAN, "f64: infinity minus infinity");
    tap_eq(t, e.flags, FP_IE, "f64: infinity minus infinity is invalid");
    tap_eq(t, (uint32_t)f64_to_i32(UINT64_C(0x41e0000000000000), &e),
           0x80000000, "f64: 2^31 does not fit an int32");
    third = f80_div(i64_to_f80(1), i64_to_f80(3), &x);
    tap_eq(t, third.frac, UINT64_C(0xaaaaaaaaaaaaaaab), "f80: 1 / 3");
    tap_eq(t, third.se, 0x3ffd, "f80: exponent of 1 / 3");
    tap_ok(t, x.rounded_up, "f80: 1 / 3 rounds up");
    tap_eq(t, f80_classify(f80_make(0x3fff, 1)), FP_CLASS_UNSUPPORTED,
           "f80: an unnormal is unsupported");
}

/* Few hosts have f16 arithmetic. But f64 has more than twice its digits, so
 * that rounding to f64 first and then to f16 cannot go wrong. */
static uint16_t f16_by_f64(unsigned op, uint16_t a, uint16_t b,
                           struct fp_env *e)
{
    uint64_t x = f16_to_f64(a, e), y = op == 4 ? 0 : f16_to_f64(b, e);

    switch (op) {
    case 0:
        return f64_to_f16(f64_add(x, y, e), e);
    case 1:
        return f64_to_f16(f64_sub(x, y, e), e);
    case 2:
        return f64_to_f16(f64_mul(x, y, e), e);
    case 3:
        return f64_to_f16(f64_div(x, y, e), e);
    default:
        return f64_to_f16(f64_sqrt(x, e), e);
    }
}

static uint16_t f16_direct(unsigned op, uint16_t a, uint16_t b,
                           struct fp_env *e)
{
    switch (op) {
    case 0:
        return f16_add(a, b, e);
    case 1:
        return f16_sub(a, b, e);
    case 2:
        return f16_mul(a, b, e);
    case 3:
        return f16_div(a, b, e);
    default:
        return f16_sqrt(a, e);
    }
}

static void f16_arithmetic(struct tap *t, unsigned cases)
{
    static const char *const names[] = {"f16 add", "f16 sub", "f16 mul",
                                        "f16 div", "f16 sqrt"};

    for (unsigned op = 0; op < ARRAY_LEN(names); op++) {
        uint64_t seed = op;
        unsigned bad = 0;

        for (unsigned i = 0; i < cases; i++) {
            uint16_t a = (uint16_t)fp_random_bits(&seed, 5, 10, 0x3c00);
            uint16_t b = (uint16_t)fp_random_bits(&seed, 5, 10, a);
            struct fp_env e = fp_env_sse(0x1f80 | (i & 3) << 13);
            struct fp_env g = e;
            uint16_t want = f16_by_f64(op, a, b, &e);
            uint16_t got = f16_direct(op, a, b, &g);

            /* The conversion of a denormal raises DE whatever comes next. */
            bad += want != got || (e.flags & ~FP_DE) != (g.flags & ~FP_DE) ||
                   (g.flags & ~e.flags);
        }
        tap_eq(t, bad, 0, names[op]);
    }
}

#if defined(__x86_64__)
#include <signal.h>
#include <ucontext.h>

#define MASKED 0x1f80u /* MXCSR: all masked, to nearest */

enum need { NEED_SSE2, NEED_SSE41, NEED_F16C, NEED_FMA, NEED_AVX512 };

struct op {
    const char *name;
    enum need need;
    int in_bits;  /* width of the operands: 16, 32, 64; 0 integers */
    int out_bits; /* of the result */
    void (*native)(const union fp_val *in, union fp_val *out, uint32_t *csr);
    void (*soft)(const union fp_val *in, union fp_val *out, struct fp_env *e);
};

static const uint32_t host_csr = MASKED;

#define RUN(before, text, after)                                               \
    __asm__ volatile(                                                          \
        "ldmxcsr %[c]\n\t" before "\n\t" text "\n\t" after                     \
        "\n\tstmxcsr %[c]\n\tldmxcsr %[h]"                                     \
        : [r] "+m"(*out), [c] "+m"(*csr)                                       \
        : [a] "m"(in[0]), [b] "m"(in[1]), [d] "m"(in[2]), [h] "m"(host_csr)    \
        : "xmm0", "xmm1", "xmm2", "rax", "rdx", "cc")

#define NATIVE(name, before, text, after)                                      \
    static void n_##name(const union fp_val *in, union fp_val *out,            \
                         uint32_t *csr)                                        \
    {                                                                          \
        RUN(before, text, after);                                              \
    }

/* xmm0 = in[0] op in[1], or op in[1] alone, with and without a mov before. */
#define SS(name, insn)                                                         \
    NATIVE(name, "movd %[a], %%xmm0", insn " %[b], %%xmm0", "movd %%xmm0, %[r]")
#define SD(name, insn)                                                         \
    NATIVE(name, "movq %[a], %%xmm0", insn " %[b], %%xmm0", "movq %%xmm0, %[r]")
#define FMA_S(name, insn)                                                      \
    NATIVE(name,                                                               \
           "movd %[a], %%xmm0\n\tmovd %[b], %%xmm1\n\tmovd %[d], %%xmm2",      \
           insn " %%xmm2, %%xmm1, %%xmm0", "movd %%xmm0, %[r]")
#define FMA_D(name, insn)                                                      \
    NATIVE(name,                                                               \
           "movq %[a], %%xmm0\n\tmovq %[b], %%xmm1\n\tmovq %[d], %%xmm2",      \
           insn " %%xmm2, %%xmm1, %%xmm0", "movq %%xmm0, %[r]")
#define TO_R32(name, insn)                                                     \
    NATIVE(name, "", insn " %[a], %%eax", "movl %%eax, %[r]")
#define TO_R64(name, insn)                                                     \
    NATIVE(name, "", insn " %[a], %%rax", "movq %%rax, %[r]")
#define FLAGS_S(name, insn)                                                    \
    NATIVE(name, "movd %[a], %%xmm0", insn " %[b], %%xmm0",                    \
           "lahf\n\tmovzbl %%ah, %%eax\n\tmovq %%rax, %[r]")
#define FLAGS_D(name, insn)                                                    \
    NATIVE(name, "movq %[a], %%xmm0", insn " %[b], %%xmm0",                    \
           "lahf\n\tmovzbl %%ah, %%eax\n\tmovq %%rax, %[r]")

#define SOFT(name, expression)                                                 \
    static void s_##name(const union fp_val *in, union fp_val *out,            \
                         struct fp_env *e)                                     \
    {                                                                          \
        expression;                                                            \
    }
#define A32 in[0].u32
#define B32 in[1].u32
#define C32 in[2].u32
#define A64 in[0].u64
#define B64 in[1].u64
#define C64 in[2].u64
#define R32 out->u32
#define R64 out->u64

/* EFLAGS after COMISS: ZF PF CF; bit 1 is always set. */
static uint64_t eflags_of(enum fp_relation r)
{
    static const uint8_t bits[] = {0x03, 0x42, 0x02, 0x47};

    return bits[r];
}

SS(addss, "addss")
SS(subss, "subss")
SS(mulss, "mulss")
SS(divss, "divss")
SS(minss, "minss")
SS(maxss, "maxss")
SD(addsd, "addsd")
SD(subsd, "subsd")
SD(mulsd, "mulsd")
SD(divsd, "divsd")
SD(minsd, "minsd")
SD(maxsd, "maxsd")
NATIVE(sqrtss, "", "sqrtss %[a], %%xmm0", "movd %%xmm0, %[r]")
NATIVE(sqrtsd, "", "sqrtsd %[a], %%xmm0", "movq %%xmm0, %[r]")
NATIVE(cvtss2sd, "", "cvtss2sd %[a], %%xmm0", "movq %%xmm0, %[r]")
NATIVE(cvtsd2ss, "", "cvtsd2ss %[a], %%xmm0", "movd %%xmm0, %[r]")
NATIVE(roundss, "", "roundss $4, %[a], %%xmm0", "movd %%xmm0, %[r]")
NATIVE(roundsd, "", "roundsd $4, %[a], %%xmm0", "movq %%xmm0, %[r]")
NATIVE(roundsd_quiet, "", "roundsd $10, %[a], %%xmm0", "movq %%xmm0, %[r]")
NATIVE(cvtph2ps, "movd %[a], %%xmm1", "vcvtph2ps %%xmm1, %%xmm0",
       "movd %%xmm0, %[r]")
NATIVE(cvtps2ph, "movd %[a], %%xmm1", "vcvtps2ph $4, %%xmm1, %%xmm0",
       "movd %%xmm0, %[r]")
FLAGS_S(comiss, "comiss")
FLAGS_S(ucomiss, "ucomiss")
FLAGS_D(comisd, "comisd")
FLAGS_D(ucomisd, "ucomisd")
TO_R32(cvtss2si, "cvtss2si")
TO_R64(cvtss2si64, "cvtss2si")
TO_R32(cvttss2si, "cvttss2si")
TO_R64(cvttss2si64, "cvttss2si")
TO_R32(cvtsd2si, "cvtsd2si")
TO_R64(cvtsd2si64, "cvtsd2si")
TO_R32(cvttsd2si, "cvttsd2si")
TO_R64(cvttsd2si64, "cvttsd2si")
TO_R32(cvtss2usi, "vcvtss2usi")
TO_R64(cvtss2usi64, "vcvtss2usi")
TO_R32(cvttsd2usi, "vcvttsd2usi")
TO_R64(cvttsd2usi64, "vcvttsd2usi")
NATIVE(cvtsi2ss, "", "cvtsi2ssl %[a], %%xmm0", "movd %%xmm0, %[r]")
NATIVE(cvtsi2ss64, "", "cvtsi2ssq %[a], %%xmm0", "movd %%xmm0, %[r]")
NATIVE(cvtsi2sd, "", "cvtsi2sdl %[a], %%xmm0", "movq %%xmm0, %[r]")
NATIVE(cvtsi2sd64, "", "cvtsi2sdq %[a], %%xmm0", "movq %%xmm0, %[r]")
NATIVE(cvtusi2ss, "", "vcvtusi2ssl %[a], %%xmm0, %%xmm0", "movd %%xmm0, %[r]")
NATIVE(cvtusi2sd64, "", "vcvtusi2sdq %[a], %%xmm0, %%xmm0", "movq %%xmm0, %[r]")
FMA_S(fma213ss, "vfmadd213ss")
FMA_S(fms132ss, "vfmsub132ss")
FMA_S(fnma231ss, "vfnmadd231ss")
FMA_D(fma213sd, "vfmadd213sd")
FMA_D(fnms132sd, "vfnmsub132sd")
FMA_D(fma231sd, "vfmadd231sd")
SS(scalefss, "vscalefss %[b], %%xmm0, %%xmm0 #")
SD(scalefsd, "vscalefsd %[b], %%xmm0, %%xmm0 #")
NATIVE(rndscaless, "", "vrndscaless $0x34, %[a], %%xmm0, %%xmm0",
       "movd %%xmm0, %[r]")
NATIVE(rndscalesd, "", "vrndscalesd $0xf9, %[a], %%xmm0, %%xmm0",
       "movq %%xmm0, %[r]")

SOFT(addss, R32 = f32_add(A32, B32, e))
SOFT(subss, R32 = f32_sub(A32, B32, e))
SOFT(mulss, R32 = f32_mul(A32, B32, e))
SOFT(divss, R32 = f32_div(A32, B32, e))
SOFT(minss, R32 = f32_min(A32, B32, e))
SOFT(maxss, R32 = f32_max(A32, B32, e))
SOFT(addsd, R64 = f64_add(A64, B64, e))
SOFT(subsd, R64 = f64_sub(A64, B64, e))
SOFT(mulsd, R64 = f64_mul(A64, B64, e))
SOFT(divsd, R64 = f64_div(A64, B64, e))
SOFT(minsd, R64 = f64_min(A64, B64, e))
SOFT(maxsd, R64 = f64_max(A64, B64, e))
SOFT(sqrtss, R32 = f32_sqrt(A32, e))
SOFT(sqrtsd, R64 = f64_sqrt(A64, e))
SOFT(cvtss2sd, R64 = f32_to_f64(A32, e))
SOFT(cvtsd2ss, R32 = f64_to_f32(A64, e))
SOFT(roundss, R32 = f32_round(A32, e->rounding, false, e))
SOFT(roundsd, R64 = f64_round(A64, e->rounding, false, e))
SOFT(roundsd_quiet, R64 = f64_round(A64, FP_ROUND_UP, true, e))
SOFT(cvtph2ps, R32 = f16_to_f32(in[0].u16, e))
SOFT(cvtps2ph, R32 = f32_to_f16(A32, e))
SOFT(comiss, R64 = eflags_of(f32_compare(A32, B32, e)))
SOFT(ucomiss, R64 = eflags_of(f32_compare_quiet(A32, B32, e)))
SOFT(comisd, R64 = eflags_of(f64_compare(A64, B64, e)))
SOFT(ucomisd, R64 = eflags_of(f64_compare_quiet(A64, B64, e)))
SOFT(cvtss2si, R32 = (uint32_t)f32_to_i32(A32, e))
SOFT(cvtss2si64, R64 = (uint64_t)f32_to_i64(A32, e))
SOFT(cvttss2si, R32 = (uint32_t)f32_to_i32_trunc(A32, e))
SOFT(cvttss2si64, R64 = (uint64_t)f32_to_i64_trunc(A32, e))
SOFT(cvtsd2si, R32 = (uint32_t)f64_to_i32(A64, e))
SOFT(cvtsd2si64, R64 = (uint64_t)f64_to_i64(A64, e))
SOFT(cvttsd2si, R32 = (uint32_t)f64_to_i32_trunc(A64, e))
SOFT(cvttsd2si64, R64 = (uint64_t)f64_to_i64_trunc(A64, e))
SOFT(cvtss2usi, R32 = f32_to_u32(A32, e))
SOFT(cvtss2usi64, R64 = f32_to_u64(A32, e))
SOFT(cvttsd2usi, R32 = f64_to_u32_trunc(A64, e))
SOFT(cvttsd2usi64, R64 = f64_to_u64_trunc(A64, e))
SOFT(cvtsi2ss, R32 = i32_to_f32((int32_t)A32, e))
SOFT(cvtsi2ss64, R32 = i64_to_f32((int64_t)A64, e))
SOFT(cvtsi2sd, (void)e; R64 = i32_to_f64((int32_t)A32))
SOFT(cvtsi2sd64, R64 = i64_to_f64((int64_t)A64, e))
SOFT(cvtusi2ss, R32 = u32_to_f32(A32, e))
SOFT(cvtusi2sd64, R64 = u64_to_f64(A64, e))
SOFT(fma213ss, R32 = f32_fma(B32, A32, C32, 0, e))
SOFT(fms132ss, R32 = f32_fma(A32, C32, B32, FP_NEG_ADDEND, e))
SOFT(fnma231ss, R32 = f32_fma(B32, C32, A32, FP_NEG_PRODUCT, e))
SOFT(fma213sd, R64 = f64_fma(B64, A64, C64, 0, e))
SOFT(fnms132sd, R64 = f64_fma(A64, C64, B64, FP_NEG_PRODUCT | FP_NEG_ADDEND, e))
SOFT(fma231sd, R64 = f64_fma(B64, C64, A64, 0, e))
SOFT(scalefss, R32 = f32_scalef(A32, B32, e))
SOFT(scalefsd, R64 = f64_scalef(A64, B64, e))
SOFT(rndscaless, R32 = f32_rndscale(A32, 0x34, e))
SOFT(rndscalesd, R64 = f64_rndscale(A64, 0xf9, e))

#define OP(need, in, out, name)                                                \
    {                                                                          \
#name, NEED_##need, in, out, n_##name, s_##name                        \
    }

static const struct op ops[] = {
    OP(SSE2, 32, 32, addss),          OP(SSE2, 32, 32, subss),
    OP(SSE2, 32, 32, mulss),          OP(SSE2, 32, 32, divss),
    OP(SSE2, 32, 32, minss),          OP(SSE2, 32, 32, maxss),
    OP(SSE2, 64, 64, addsd),          OP(SSE2, 64, 64, subsd),
    OP(SSE2, 64, 64, mulsd),          OP(SSE2, 64, 64, divsd),
    OP(SSE2, 64, 64, minsd),          OP(SSE2, 64, 64, maxsd),
    OP(SSE2, 32, 32, sqrtss),         OP(SSE2, 64, 64, sqrtsd),
    OP(SSE2, 32, 64, cvtss2sd),       OP(SSE2, 64, 32, cvtsd2ss),
    OP(SSE41, 32, 32, roundss),       OP(SSE41, 64, 64, roundsd),
    OP(SSE41, 64, 64, roundsd_quiet), OP(F16C, 16, 32, cvtph2ps),
    OP(F16C, 32, 16, cvtps2ph),       OP(SSE2, 32, 64, comiss),
    OP(SSE2, 32, 64, ucomiss),        OP(SSE2, 64, 64, comisd),
    OP(SSE2, 64, 64, ucomisd),        OP(SSE2, 32, 32, cvtss2si),
    OP(SSE2, 32, 64, cvtss2si64),     OP(SSE2, 32, 32, cvttss2si),
    OP(SSE2, 32, 64, cvttss2si64),    OP(SSE2, 64, 32, cvtsd2si),
    OP(SSE2, 64, 64, cvtsd2si64),     OP(SSE2, 64, 32, cvttsd2si),
    OP(SSE2, 64, 64, cvttsd2si64),    OP(AVX512, 32, 32, cvtss2usi),
    OP(AVX512, 32, 64, cvtss2usi64),  OP(AVX512, 64, 32, cvttsd2usi),
    OP(AVX512, 64, 64, cvttsd2usi64), OP(SSE2, 0, 32, cvtsi2ss),
    OP(SSE2, 0, 32, cvtsi2ss64),      OP(SSE2, 0, 64, cvtsi2sd),
    OP(SSE2, 0, 64, cvtsi2sd64),      OP(AVX512, 0, 32, cvtusi2ss),
    OP(AVX512, 0, 64, cvtusi2sd64),   OP(FMA, 32, 32, fma213ss),
    OP(FMA, 32, 32, fms132ss),        OP(FMA, 32, 32, fnma231ss),
    OP(FMA, 64, 64, fma213sd),        OP(FMA, 64, 64, fnms132sd),
    OP(FMA, 64, 64, fma231sd),        OP(AVX512, 32, 32, scalefss),
    OP(AVX512, 64, 64, scalefsd),     OP(AVX512, 32, 32, rndscaless),
    OP(AVX512, 64, 64, rndscalesd),
};

static bool host_has(enum need need)
{
    switch (need) {
    case NEED_SSE41:
        return __builtin_cpu_supports("sse4.1");
    case NEED_F16C:
        return __builtin_cpu_supports("avx2");
    case NEED_FMA:
        return __builtin_cpu_supports("fma");
    case NEED_AVX512:
        return __builtin_cpu_supports("avx512f");
    default:
        return true;
    }
}

/* Flags at the first trap of the operation under test; the only way out of
 * a signal handler is a file-scope object. */
static volatile sig_atomic_t trapped_csr;

static void on_sigfpe(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;

    (void)sig;
    (void)info;
    trapped_csr = (sig_atomic_t)uc->uc_mcontext.fpregs->mxcsr;
    uc->uc_mcontext.fpregs->mxcsr = MASKED;
}

static uint64_t operand(const struct op *op, uint64_t *seed, uint64_t other)
{
    uint64_t r;

    switch (op->in_bits) {
    case 16:
        return fp_random_bits(seed, 5, 10, other);
    case 32:
        return fp_random_bits(seed, 8, 23, other);
    case 64:
        return fp_random_bits(seed, 11, 52, other);
    default:
        r = fp_random(seed);
        return fp_random_fraction(seed, 64) >> (r & 63) ^
               (r & 64 ? UINT64_MAX : 0);
    }
}

static uint64_t result_bits(const struct op *op, const union fp_val *v)
{
    return op->out_bits == 16 ? v->u16 : op->out_bits == 32 ? v->u32 : v->u64;
}

/* One case; trap: with random masks. Returns whether host and soft agree. */
static bool one(const struct op *op, uint64_t *seed, bool trap, bool verbose)
{
    union fp_val in[3], want = {0}, got = {0};
    uint64_t r = fp_random(seed);
    uint32_t mode = (uint32_t)((r & 3) << 13 | (r & 4) << 4 | (r & 8) << 12);
    uint32_t csr = mode | (trap ? (uint32_t)(r >> 8 & FP_ALL) << 7 : MASKED);
    struct fp_env e = fp_env_sse(csr);
    uint32_t host = csr;
    bool good;

    memset(in, 0, sizeof in);
    in[0].u64 = operand(op, seed, UINT64_C(0x3ff0000000000000));
    in[1].u64 = operand(op, seed, in[0].u64);
    in[2].u64 = operand(op, seed, in[1].u64);
    trapped_csr = 0;
    op->native(in, &want, &host);
    op->soft(in, &got, &e);
    if (trapped_csr)
        good = ((uint32_t)trapped_csr & FP_ALL) == fp_sse_flags(&e);
    else
        good = (host & FP_ALL) == e.flags && !(e.flags & ~e.masks) &&
               result_bits(op, &want) == result_bits(op, &got);
    if (!good && verbose)
        printf("# %s csr %04x %016llx %016llx %016llx\n"
               "#   want %016llx %04x trap %04x, got %016llx %04x\n",
               op->name, csr, (unsigned long long)in[0].u64,
               (unsigned long long)in[1].u64, (unsigned long long)in[2].u64,
               (unsigned long long)want.u64, host, (unsigned)trapped_csr,
               (unsigned long long)got.u64, e.flags);
    return good;
}

static void run(struct tap *t, const struct op *op, unsigned cases)
{
    unsigned bad = 0, traps = cases / 20;
    uint64_t seed = 1;

    if (!host_has(op->need)) {
        tap_ok(t, true, "%s # SKIP the host lacks it", op->name);
        return;
    }
    for (unsigned i = 0; i < cases + traps; i++)
        bad += !one(op, &seed, i >= cases, bad < 5);
    tap_ok(t, bad == 0, "%s: %u of %u cases agree with the host", op->name,
           cases + traps - bad, cases + traps);
}

static void against_host(struct tap *t, unsigned cases)
{
    struct sigaction sa = {0};

    sa.sa_sigaction = on_sigfpe;
    sa.sa_flags = SA_SIGINFO;
    sigaction(SIGFPE, &sa, NULL);
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        run(t, &ops[i], cases);
}

#else

static void against_host(struct tap *t, unsigned cases)
{
    tap_ok(t, true, "%u cases # SKIP not an x86-64 host", cases);
}

#endif

int main(int argc, char **argv)
{
    unsigned cases = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 20000;
    struct tap t = {0};

    known_results(&t);
    f16_arithmetic(&t, cases);
    against_host(&t, cases);
    return tap_done(&t);
}

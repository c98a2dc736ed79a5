/*
 * softfloat.h - IEEE 754 arithmetic of the x86: SSE formats and x87 extended.
 *
 * Intel SDM vol. 1 ch. 4.8 and 4.9 (formats, exceptions), 8 (x87), 11.5 and
 * 14 (SSE, AVX, FMA). Values are raw bit patterns: uint16_t, uint32_t and
 * uint64_t for the interchange formats, struct f80 for the extended one.
 *
 * Every operation reads its mode from a struct fp_env and ORs the exceptions
 * it finds into env->flags. The masks matter to the value (masked response or
 * wrapped exponent) and to the flags:
 *
 *  - Order of detection: unsupported or signalling operand and other invalid
 *    operations (IE) first; a quiet NaN operand then decides the result with
 *    no further flag; then ZE; then a denormal operand (DE); then, from
 *    rounding, OE, UE and PE. So an operation that raises IE for its
 *    arithmetic (inf - inf, 0 * inf, sqrt of a negative) or ZE raises no DE.
 *  - If IE, DE or ZE is raised unmasked, the operation ends there: OE, UE and
 *    PE are not raised and the returned value must not be used.
 *  - Unmasked OE or UE: with x87_bias the value is the rounded result with its
 *    exponent wrapped by 24576; otherwise the value must not be used. UE is
 *    raised for a tiny result if unmasked, for a tiny and inexact one if
 *    masked. Tininess is judged after rounding.
 *
 * The caller decides about #XM or #MF by env->flags & ~env->masks. A packed
 * instruction runs all its elements with one env, then takes fp_sse_flags().
 */
#ifndef CPU_SOFTFLOAT_SOFTFLOAT_H
#define CPU_SOFTFLOAT_SOFTFLOAT_H

#include "core/base.h"

/* Exception bits: positions of MXCSR, the x87 status and control words. */
enum {
    FP_IE = 1 << 0, /* invalid operation */
    FP_DE = 1 << 1, /* denormal operand */
    FP_ZE = 1 << 2, /* division by zero */
    FP_OE = 1 << 3, /* overflow */
    FP_UE = 1 << 4, /* underflow */
    FP_PE = 1 << 5, /* inexact */
    FP_PRE = FP_IE | FP_DE | FP_ZE,
    FP_ALL = 0x3f,
};

/* Rounding: the encoding of MXCSR.RC, of the x87 RC and of ROUNDSS imm8. */
enum {
    FP_ROUND_NEAREST = 0, /* ties to even */
    FP_ROUND_DOWN = 1,
    FP_ROUND_UP = 2,
    FP_ROUND_ZERO = 3,
};

struct f80 {
    uint64_t frac; /* significand, integer bit in bit 63 */
    uint16_t se;   /* sign in bit 15, biased exponent below */
};

struct fp_env {
    uint8_t rounding;  /* FP_ROUND_* */
    uint8_t precision; /* significand bits of f80 results: 24, 53 or 64 */
    uint8_t masks;     /* FP_* bits that are masked */
    uint8_t flags;     /* FP_* bits raised, accumulated */
    bool daz;          /* denormal f16, f32, f64 operands count as zero */
    bool ftz;          /* tiny results become zero if UE is masked */
    bool x87;          /* of two NaNs the larger significand, not the first */
    bool x87_bias;     /* unmasked OE, UE: wrap the exponent by 24576 */
    bool denormal;     /* an operand was denormal before it was widened */
    bool rounded_up;   /* the last rounding enlarged the magnitude: x87 C1 */
};

enum fp_relation { FP_LESS, FP_EQUAL, FP_GREATER, FP_UNORDERED };

enum fp_class {
    FP_CLASS_ZERO,
    FP_CLASS_DENORMAL, /* f80: also pseudo-denormal */
    FP_CLASS_NORMAL,
    FP_CLASS_INFINITY,
    FP_CLASS_QNAN,
    FP_CLASS_SNAN,
    FP_CLASS_UNSUPPORTED, /* f80: unnormal, pseudo-infinity, pseudo-NaN */
};

/* Default NaN ("real indefinite") and integer indefinite values. */
#define F16_DEFAULT_NAN   ((uint16_t)0xfe00)
#define F32_DEFAULT_NAN   UINT32_C(0xffc00000)
#define F64_DEFAULT_NAN   UINT64_C(0xfff8000000000000)
#define FP_I16_INDEFINITE INT16_MIN
#define FP_I32_INDEFINITE INT32_MIN
#define FP_I64_INDEFINITE INT64_MIN
#define FP_U32_INDEFINITE UINT32_MAX
#define FP_U64_INDEFINITE UINT64_MAX

static inline struct f80 f80_make(uint16_t se, uint64_t frac)
{
    return (struct f80){.frac = frac, .se = se};
}

#define F80_DEFAULT_NAN f80_make(0xffff, UINT64_C(0xc000000000000000))

/* The mode that an MXCSR value selects, no flags raised. */
static inline struct fp_env fp_env_sse(uint32_t mxcsr)
{
    return (struct fp_env){
        .rounding = mxcsr >> 13 & 3,
        .precision = 64,
        .masks = mxcsr >> 7 & FP_ALL,
        .daz = mxcsr >> 6 & 1,
        .ftz = mxcsr >> 15 & 1,
    };
}

/* The mode that an x87 control word selects for results that go to the
 * register stack. PC = 01 is reserved; hardware treats it as 64 bits. Stores
 * to memory clear x87_bias. */
static inline struct fp_env fp_env_x87(uint16_t fcw)
{
    static const uint8_t bits[4] = {24, 64, 53, 64};

    return (struct fp_env){
        .rounding = fcw >> 10 & 3,
        .precision = bits[fcw >> 8 & 3],
        .masks = fcw & FP_ALL,
        .x87 = true,
        .x87_bias = true,
    };
}

/* What a finished SSE instruction ORs into MXCSR: with an unmasked IE, DE or
 * ZE in any element none is computed, so nothing is known of OE, UE, PE
 * (SDM vol. 1, 11.5.3). #XM is due if the result has bits outside masks. */
static inline uint8_t fp_sse_flags(const struct fp_env *e)
{
    return e->flags & (e->flags & ~e->masks & FP_PRE ? FP_PRE : FP_ALL);
}

/* ---- classification: no flags, DAZ not applied ---- */

enum fp_class f16_classify(uint16_t a);
enum fp_class f32_classify(uint32_t a);
enum fp_class f64_classify(uint64_t a);
enum fp_class f80_classify(struct f80 a);

static inline bool f16_is_nan(uint16_t a)
{
    return (a & 0x7fff) > 0x7c00;
}

static inline bool f32_is_nan(uint32_t a)
{
    return (a & 0x7fffffff) > 0x7f800000;
}

static inline bool f64_is_nan(uint64_t a)
{
    return (a & INT64_MAX) > UINT64_C(0x7ff0000000000000);
}

static inline bool f32_is_snan(uint32_t a)
{
    return f32_is_nan(a) && !(a & UINT32_C(0x00400000));
}

static inline bool f64_is_snan(uint64_t a)
{
    return f64_is_nan(a) && !(a & UINT64_C(0x0008000000000000));
}

/* True NaNs only; pseudo-NaNs are FP_CLASS_UNSUPPORTED. */
static inline bool f80_is_nan(struct f80 a)
{
    return (a.se & 0x7fff) == 0x7fff && a.frac > UINT64_C(1) << 63;
}

/* ---- arithmetic ---- */

uint16_t f16_add(uint16_t a, uint16_t b, struct fp_env *e);
uint16_t f16_sub(uint16_t a, uint16_t b, struct fp_env *e);
uint16_t f16_mul(uint16_t a, uint16_t b, struct fp_env *e);
uint16_t f16_div(uint16_t a, uint16_t b, struct fp_env *e);
uint16_t f16_sqrt(uint16_t a, struct fp_env *e);

uint32_t f32_add(uint32_t a, uint32_t b, struct fp_env *e);
uint32_t f32_sub(uint32_t a, uint32_t b, struct fp_env *e);
uint32_t f32_mul(uint32_t a, uint32_t b, struct fp_env *e);
uint32_t f32_div(uint32_t a, uint32_t b, struct fp_env *e);
uint32_t f32_sqrt(uint32_t a, struct fp_env *e);

uint64_t f64_add(uint64_t a, uint64_t b, struct fp_env *e);
uint64_t f64_sub(uint64_t a, uint64_t b, struct fp_env *e);
uint64_t f64_mul(uint64_t a, uint64_t b, struct fp_env *e);
uint64_t f64_div(uint64_t a, uint64_t b, struct fp_env *e);
uint64_t f64_sqrt(uint64_t a, struct fp_env *e);

struct f80 f80_add(struct f80 a, struct f80 b, struct fp_env *e);
struct f80 f80_sub(struct f80 a, struct f80 b, struct fp_env *e);
struct f80 f80_mul(struct f80 a, struct f80 b, struct fp_env *e);
struct f80 f80_div(struct f80 a, struct f80 b, struct fp_env *e);
struct f80 f80_sqrt(struct f80 a, struct fp_env *e);

/* x * y + z with one rounding. FP_NEG_PRODUCT and FP_NEG_ADDEND negate a part
 * without touching NaNs: VFMSUB is FP_NEG_ADDEND, VFNMADD FP_NEG_PRODUCT,
 * VFNMSUB both. A NaN result is the first NaN of x, y, z: pass the operands in
 * the order of SDM vol. 1 table 14-17: 132 (op1, op3, op2), 213 (op2, op1,
 * op3), 231 (op2, op3, op1). */
enum { FP_NEG_PRODUCT = 1, FP_NEG_ADDEND = 2 };
uint16_t f16_fma(uint16_t x, uint16_t y, uint16_t z, unsigned negate,
                 struct fp_env *e);
uint32_t f32_fma(uint32_t x, uint32_t y, uint32_t z, unsigned negate,
                 struct fp_env *e);
uint64_t f64_fma(uint64_t x, uint64_t y, uint64_t z, unsigned negate,
                 struct fp_env *e);

/* Integral value in the same format (ROUNDSS, FRNDINT).
 * rounding is explicit (pass e->rounding for "current"); quiet suppresses PE.
 * A denormal raises DE in f80_round only. */
uint16_t f16_round(uint16_t a, unsigned rounding, bool quiet, struct fp_env *e);
uint32_t f32_round(uint32_t a, unsigned rounding, bool quiet, struct fp_env *e);
uint64_t f64_round(uint64_t a, unsigned rounding, bool quiet, struct fp_env *e);
struct f80 f80_round(struct f80 a, struct fp_env *e);

/* VRNDSCALESS: rounds to a multiple of 2^-M, all by imm8. */
uint16_t f16_rndscale(uint16_t a, unsigned imm8, struct fp_env *e);
uint32_t f32_rndscale(uint32_t a, unsigned imm8, struct fp_env *e);
uint64_t f64_rndscale(uint64_t a, unsigned imm8, struct fp_env *e);

/* a * 2^floor(b), the AVX-512 VSCALEF. */
uint32_t f32_scalef(uint32_t a, uint32_t b, struct fp_env *e);
uint64_t f64_scalef(uint64_t a, uint64_t b, struct fp_env *e);

/* MINSS and MAXSS: b if either is NaN (IE for any NaN) or both are zeros. */
uint16_t f16_min(uint16_t a, uint16_t b, struct fp_env *e);
uint16_t f16_max(uint16_t a, uint16_t b, struct fp_env *e);
uint32_t f32_min(uint32_t a, uint32_t b, struct fp_env *e);
uint32_t f32_max(uint32_t a, uint32_t b, struct fp_env *e);
uint64_t f64_min(uint64_t a, uint64_t b, struct fp_env *e);
uint64_t f64_max(uint64_t a, uint64_t b, struct fp_env *e);

/* compare: IE for any NaN (COMISS, CMPLTSS, FCOM). compare_quiet: IE for
 * signalling NaN or unsupported only (UCOMISS, CMPEQSS, FUCOM). */
enum fp_relation f16_compare(uint16_t a, uint16_t b, struct fp_env *e);
enum fp_relation f16_compare_quiet(uint16_t a, uint16_t b, struct fp_env *e);
enum fp_relation f32_compare(uint32_t a, uint32_t b, struct fp_env *e);
enum fp_relation f32_compare_quiet(uint32_t a, uint32_t b, struct fp_env *e);
enum fp_relation f64_compare(uint64_t a, uint64_t b, struct fp_env *e);
enum fp_relation f64_compare_quiet(uint64_t a, uint64_t b, struct fp_env *e);
enum fp_relation f80_compare(struct f80 a, struct f80 b, struct fp_env *e);
enum fp_relation f80_compare_quiet(struct f80 a, struct f80 b,
                                   struct fp_env *e);

/* ---- conversion between formats ---- */

/* VCVTPH2PS reads denormals exactly whatever DAZ says and never raises DE;
 * VCVTPS2PH ignores FTZ. f16_to_f32 and f32_to_f16 do just that. The _x forms
 * are those of AVX512-FP16 (VCVTPH2PSX, VCVTPS2PHX), with no special case. */
uint32_t f16_to_f32(uint16_t a, struct fp_env *e);
uint16_t f32_to_f16(uint32_t a, struct fp_env *e);
uint32_t f16_to_f32x(uint16_t a, struct fp_env *e);
uint16_t f32_to_f16x(uint32_t a, struct fp_env *e);
uint64_t f16_to_f64(uint16_t a, struct fp_env *e);
uint16_t f64_to_f16(uint64_t a, struct fp_env *e);
uint64_t f32_to_f64(uint32_t a, struct fp_env *e);
uint32_t f64_to_f32(uint64_t a, struct fp_env *e);
struct f80 f32_to_f80(uint32_t a, struct fp_env *e);
struct f80 f64_to_f80(uint64_t a, struct fp_env *e);

/* The same for a memory operand of x87 arithmetic: raises nothing and leaves
 * signalling NaNs alone, but notes a denormal in e->denormal so that the
 * operation raises DE in its turn. */
struct f80 f32_widen(uint32_t a, struct fp_env *e);
struct f80 f64_widen(uint64_t a, struct fp_env *e);
uint32_t f80_to_f32(struct f80 a, struct fp_env *e);
uint64_t f80_to_f64(struct f80 a, struct fp_env *e);

/* ---- conversion to integers ---- */

/* Round by e->rounding; the _trunc forms toward zero. Out of range, infinity
 * or NaN: IE (and no PE) and the indefinite value. None of them raises DE. */
int16_t f80_to_i16(struct f80 a, struct fp_env *e);
int32_t f80_to_i32(struct f80 a, struct fp_env *e);
int64_t f80_to_i64(struct f80 a, struct fp_env *e);
int16_t f80_to_i16_trunc(struct f80 a, struct fp_env *e);
int32_t f80_to_i32_trunc(struct f80 a, struct fp_env *e);
int64_t f80_to_i64_trunc(struct f80 a, struct fp_env *e);

int32_t f16_to_i32(uint16_t a, struct fp_env *e);
int64_t f16_to_i64(uint16_t a, struct fp_env *e);
uint32_t f16_to_u32(uint16_t a, struct fp_env *e);
uint64_t f16_to_u64(uint16_t a, struct fp_env *e);
int32_t f16_to_i32_trunc(uint16_t a, struct fp_env *e);
int64_t f16_to_i64_trunc(uint16_t a, struct fp_env *e);
uint32_t f16_to_u32_trunc(uint16_t a, struct fp_env *e);
uint64_t f16_to_u64_trunc(uint16_t a, struct fp_env *e);

int32_t f32_to_i32(uint32_t a, struct fp_env *e);
int64_t f32_to_i64(uint32_t a, struct fp_env *e);
uint32_t f32_to_u32(uint32_t a, struct fp_env *e);
uint64_t f32_to_u64(uint32_t a, struct fp_env *e);
int32_t f32_to_i32_trunc(uint32_t a, struct fp_env *e);
int64_t f32_to_i64_trunc(uint32_t a, struct fp_env *e);
uint32_t f32_to_u32_trunc(uint32_t a, struct fp_env *e);
uint64_t f32_to_u64_trunc(uint32_t a, struct fp_env *e);

int32_t f64_to_i32(uint64_t a, struct fp_env *e);
int64_t f64_to_i64(uint64_t a, struct fp_env *e);
uint32_t f64_to_u32(uint64_t a, struct fp_env *e);
uint64_t f64_to_u64(uint64_t a, struct fp_env *e);
int32_t f64_to_i32_trunc(uint64_t a, struct fp_env *e);
int64_t f64_to_i64_trunc(uint64_t a, struct fp_env *e);
uint32_t f64_to_u32_trunc(uint64_t a, struct fp_env *e);
uint64_t f64_to_u64_trunc(uint64_t a, struct fp_env *e);

/* ---- conversion from integers ---- */

struct f80 i64_to_f80(int64_t a); /* exact; serves FILD of all sizes */
uint64_t i32_to_f64(int32_t a);   /* exact */
uint64_t u32_to_f64(uint32_t a);  /* exact */
uint64_t i64_to_f64(int64_t a, struct fp_env *e);
uint64_t u64_to_f64(uint64_t a, struct fp_env *e);
uint32_t i32_to_f32(int32_t a, struct fp_env *e);
uint32_t u32_to_f32(uint32_t a, struct fp_env *e);
uint32_t i64_to_f32(int64_t a, struct fp_env *e);
uint32_t u64_to_f32(uint64_t a, struct fp_env *e);
uint16_t i64_to_f16(int64_t a, struct fp_env *e);
uint16_t u64_to_f16(uint64_t a, struct fp_env *e);

/* ---- x87 only ---- */

/* FPREM (nearest false) and FPREM1 (nearest true). Reduces the exponent
 * difference by at most 63 per call; *partial tells that more is to do (C2).
 * Else *quotient has the low bits of the quotient (C0 C3 C1 are bits 2 1 0). */
struct f80 f80_rem(struct f80 a, struct f80 b, bool nearest, bool *partial,
                   uint64_t *quotient, struct fp_env *e);

/* FSCALE: a * 2^trunc(b). */
struct f80 f80_scale(struct f80 a, struct f80 b, struct fp_env *e);

/* FXTRACT: returns the significand as a value in [1, 2), *exponent gets the
 * unbiased exponent. Zero: ZE and minus infinity. */
struct f80 f80_extract(struct f80 a, struct f80 *exponent, struct fp_env *e);

#endif

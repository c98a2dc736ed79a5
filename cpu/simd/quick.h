/*
 * quick.h - SSE arithmetic by the host's own, where that is sure to be exact.
 *
 * C's double and float are IEEE 754 formats here, rounded to nearest, and its
 * operators give the one correct result, on any host. So it is taken as it is
 * where no flag of MXCSR can change: operands are zero, normal or infinite,
 * the result is normal and not the smallest, or an exact zero; and PE is set
 * already and masked, as it is in a program soon after its first division.
 * Everything else - NaN, denormals, overflow, underflow, other rounding - is
 * for softfloat. Intel SDM vol. 1, 4.8, 4.9 and 11.5.
 */
#ifndef CPU_SIMD_QUICK_H
#define CPU_SIMD_QUICK_H

#include "cpu/simd/float.h"
#include <float.h>

/* The host computes in just these formats, without excess precision. */
#define QUICK_HOST                                                             \
    (FLT_EVAL_METHOD == 0 && FLT_RADIX == 2 && DBL_MANT_DIG == 53 &&           \
     DBL_MAX_EXP == 1024 && FLT_MANT_DIG == 24 && FLT_MAX_EXP == 128)

/* Rounding to nearest; PE is masked and set. */
static inline bool quick_inexact(const struct cpu *c)
{
    const uint32_t pe = FP_PE, pm = FP_PE << 7, rc = 3u << 13;

    return QUICK_HOST && (c->mxcsr & (rc | pm | pe)) == (pm | pe);
}

#define QUICK_FORMAT(w, type, frac_bits, exp_max)                              \
    static inline type quick_value##w(uint##w##_t a)                           \
    {                                                                          \
        type v;                                                                \
                                                                               \
        memcpy(&v, &a, sizeof v);                                              \
        return v;                                                              \
    }                                                                          \
                                                                               \
    static inline uint##w##_t quick_bits##w(type v)                            \
    {                                                                          \
        uint##w##_t a;                                                         \
                                                                               \
        memcpy(&a, &v, sizeof a);                                              \
        return a;                                                              \
    }                                                                          \
                                                                               \
    static inline bool quick_zero##w(uint##w##_t a)                            \
    {                                                                          \
        return (uint##w##_t)(a << 1) == 0;                                     \
    }                                                                          \
                                                                               \
    /* Neither denormal nor NaN. */                                            \
    static inline bool quick_plain##w(uint##w##_t a)                           \
    {                                                                          \
        uint##w##_t magnitude = (uint##w##_t)(a << 1);                         \
        uint##w##_t one = (uint##w##_t)1 << (frac_bits + 1);                   \
                                                                               \
        return magnitude - one <= one * (exp_max - 1) || magnitude == 0;       \
    }                                                                          \
                                                                               \
    /* Finite, and above the smallest normal numbers. */                       \
    static inline bool quick_middle##w(uint##w##_t a)                          \
    {                                                                          \
        uint##w##_t magnitude = (uint##w##_t)(a << 1);                         \
        uint##w##_t one = (uint##w##_t)1 << (frac_bits + 1);                   \
                                                                               \
        return magnitude - 2 * one < one * (exp_max - 2);                      \
    }                                                                          \
                                                                               \
    static inline unsigned quick_exp##w(uint##w##_t a)                         \
    {                                                                          \
        return (unsigned)(a >> frac_bits) & exp_max;                           \
    }                                                                          \
                                                                               \
    /* The most usual case of + - * /: no zero or denormal among the operands, \
     * and a result in the middle, so neither was NaN or an infinity. */       \
    static inline bool quick_usual##w(uint##w##_t a, uint##w##_t b,            \
                                      uint##w##_t r)                           \
    {                                                                          \
        return quick_exp##w(a) && quick_exp##w(b) &&                           \
               quick_exp##w(r) - 2 < exp_max - 2;                              \
    }                                                                          \
                                                                               \
    /* The result in *r, or false: softfloat has to say. */                    \
    static ALWAYS_INLINE bool quick##w##_add(uint##w##_t a, uint##w##_t b,     \
                                             uint##w##_t *r)                   \
    {                                                                          \
        *r = quick_bits##w(quick_value##w(a) + quick_value##w(b));             \
        return quick_plain##w(a) && quick_plain##w(b) &&                       \
               (quick_middle##w(*r) || quick_zero##w(*r));                     \
    }                                                                          \
                                                                               \
    static ALWAYS_INLINE bool quick##w##_sub(uint##w##_t a, uint##w##_t b,     \
                                             uint##w##_t *r)                   \
    {                                                                          \
        *r = quick_bits##w(quick_value##w(a) - quick_value##w(b));             \
        return quick_plain##w(a) && quick_plain##w(b) &&                       \
               (quick_middle##w(*r) || quick_zero##w(*r));                     \
    }                                                                          \
                                                                               \
    /* A zero that is no underflow has a zero factor. */                       \
    static ALWAYS_INLINE bool quick##w##_mul(uint##w##_t a, uint##w##_t b,     \
                                             uint##w##_t *r)                   \
    {                                                                          \
        *r = quick_bits##w(quick_value##w(a) * quick_value##w(b));             \
        return quick_plain##w(a) && quick_plain##w(b) &&                       \
               (quick_middle##w(*r) ||                                         \
                (quick_zero##w(*r) &&                                          \
                 (quick_zero##w(a) || quick_zero##w(b))));                     \
    }                                                                          \
                                                                               \
    static ALWAYS_INLINE bool quick##w##_div(uint##w##_t a, uint##w##_t b,     \
                                             uint##w##_t *r)                   \
    {                                                                          \
        if (quick_zero##w(b))                                                  \
            return false;                                                      \
        *r = quick_bits##w(quick_value##w(a) / quick_value##w(b));             \
        return quick_plain##w(a) && quick_plain##w(b) &&                       \
               (quick_middle##w(*r) ||                                         \
                (quick_zero##w(*r) && quick_zero##w(a)));                      \
    }                                                                          \
                                                                               \
    static ALWAYS_INLINE bool quick##w##_min(uint##w##_t a, uint##w##_t b,     \
                                             uint##w##_t *r)                   \
    {                                                                          \
        *r = quick_value##w(a) < quick_value##w(b) ? a : b;                    \
        return quick_plain##w(a) && quick_plain##w(b);                         \
    }                                                                          \
                                                                               \
    static ALWAYS_INLINE bool quick##w##_max(uint##w##_t a, uint##w##_t b,     \
                                             uint##w##_t *r)                   \
    {                                                                          \
        *r = quick_value##w(a) > quick_value##w(b) ? a : b;                    \
        return quick_plain##w(a) && quick_plain##w(b);                         \
    }                                                                          \
                                                                               \
    static ALWAYS_INLINE bool quick##w##_compare(uint##w##_t a, uint##w##_t b, \
                                                 enum fp_relation *r)          \
    {                                                                          \
        type x = quick_value##w(a), y = quick_value##w(b);                     \
                                                                               \
        *r = x < y ? FP_LESS : x > y ? FP_GREATER : FP_EQUAL;                  \
        return QUICK_HOST && quick_plain##w(a) && quick_plain##w(b);           \
    }

QUICK_FORMAT(64, double, 52, 2047)
QUICK_FORMAT(32, float, 23, 255)

static ALWAYS_INLINE bool quick64_sqrt(uint64_t a, uint64_t *r)
{
    if (!quick_middle64(a) || a >> 63)
        return false;
    *r = quick_bits64(__builtin_sqrt(quick_value64(a)));
    return true;
}

static ALWAYS_INLINE bool quick32_sqrt(uint32_t a, uint32_t *r)
{
    if (!quick_middle32(a) || a >> 31)
        return false;
    *r = quick_bits32(__builtin_sqrtf(quick_value32(a)));
    return true;
}

/* ---- exact conversions ---- */

/* Widening is exact. */
static ALWAYS_INLINE bool quick_widen(uint32_t a, uint64_t *r)
{
    *r = quick_bits64((double)quick_value32(a));
    return QUICK_HOST && quick_plain32(a);
}

/* To float, where the result is normal: above 2^-125 and below 2^127. */
static ALWAYS_INLINE bool quick_narrow(uint64_t a, uint32_t *r)
{
    uint64_t magnitude = a << 1, one = UINT64_C(1) << 53;

    if (magnitude != 0 && magnitude - (1023 - 125) * one >= 252 * one)
        return false;
    *r = quick_bits32((float)quick_value64(a));
    return true;
}

/* Up to 2^53 an integer is a double. */
static ALWAYS_INLINE bool quick_integer(int64_t v, uint64_t *r)
{
    const int64_t limit = INT64_C(1) << 53;

    *r = quick_bits64((double)v);
    return QUICK_HOST && v >= -limit && v <= limit;
}

/* Truncation, in the range of 32 bits; *exact: nothing was cut off. */
static ALWAYS_INLINE bool quick_truncate(uint64_t a, int32_t *r, bool *exact)
{
    double v = quick_value64(a);

    if (!(QUICK_HOST && v > -2147483649.0 && v < 2147483648.0))
        return false;
    *r = (int32_t)v;
    *exact = *r == v;
    return true;
}

#endif

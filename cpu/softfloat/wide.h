/*
 * wide.h - the common number all of softfloat computes with; private to it.
 *
 * Operands are unpacked to a class, a sign, an unbiased exponent and a 64-bit
 * significand with its integer bit on top. An operation makes an exact or
 * sticky 128-bit significand, fp_round() fits it to a format, fp_pack() or
 * f80_pack() makes the bit pattern.
 */
#ifndef CPU_SOFTFLOAT_WIDE_H
#define CPU_SOFTFLOAT_WIDE_H

#include "cpu/softfloat/softfloat.h"

#define FP_TOP   (UINT64_C(1) << 63) /* integer bit of a significand */
#define FP_QUIET (UINT64_C(1) << 62) /* set in quiet NaNs */

struct fp_format {
    int precision; /* significand bits, integer bit included */
    int emax;      /* largest unbiased exponent, and the bias */
    int frac_bits; /* stored fraction bits */
};

/* NaNs keep their payload in frac, left-justified below the integer bit.
 * A rounded denormal has exp = emin and no integer bit. */
struct fp_num {
    enum fp_class cls;
    bool sign;
    int32_t exp;
    uint64_t frac;
};

static const struct fp_format fp_f16 = {11, 15, 10};
static const struct fp_format fp_f32 = {24, 127, 23};
static const struct fp_format fp_f64 = {53, 1023, 52};
static const struct fp_format fp_f80 = {64, 16383, 63};

/* The extended format at the precision that PC selects. */
static inline struct fp_format fp_f80_format(const struct fp_env *e)
{
    return (struct fp_format){e->precision, 16383, 63};
}

static inline bool fp_is_nan(struct fp_num a)
{
    return a.cls == FP_CLASS_QNAN || a.cls == FP_CLASS_SNAN;
}

static inline bool fp_is_inf(struct fp_num a)
{
    return a.cls == FP_CLASS_INFINITY;
}

static inline bool fp_is_zero(struct fp_num a)
{
    return a.cls == FP_CLASS_ZERO;
}

/* Raises flags; true if one of them is unmasked and ends the operation. */
static inline bool fp_raise(struct fp_env *e, unsigned flags)
{
    e->flags |= flags;
    return flags & ~e->masks;
}

static inline struct fp_num fp_zero(bool sign)
{
    return (struct fp_num){.cls = FP_CLASS_ZERO, .sign = sign};
}

static inline struct fp_num fp_infinity(bool sign)
{
    return (struct fp_num){.cls = FP_CLASS_INFINITY, .sign = sign};
}

static inline struct fp_num fp_default_nan(void)
{
    return (struct fp_num){FP_CLASS_QNAN, true, 0, FP_TOP | FP_QUIET};
}

/* IE for the operation itself, and the masked response to it. */
static inline struct fp_num fp_invalid(struct fp_env *e)
{
    fp_raise(e, FP_IE);
    return fp_default_nan();
}

static inline struct fp_num fp_quieted(struct fp_num a)
{
    a.cls = FP_CLASS_QNAN;
    a.frac |= FP_QUIET;
    return a;
}

/* Raises DE for a denormal operand; true if that ends the operation. */
static inline bool fp_denormal(struct fp_num a, struct fp_num b,
                               struct fp_env *e)
{
    bool found =
        a.cls == FP_CLASS_DENORMAL || b.cls == FP_CLASS_DENORMAL || e->denormal;
    return found && fp_raise(e, FP_DE);
}

/* v must not be zero. */
static inline unsigned fp_clz64(uint64_t v)
{
    return (unsigned)__builtin_clzll(v);
}

static inline unsigned fp_clz128(uint128 v)
{
    uint64_t high = (uint64_t)(v >> 64);

    return high ? fp_clz64(high) : 64 + fp_clz64((uint64_t)v);
}

/* Shifts right; bits shifted out leave their OR in bit 0. */
static inline uint128 fp_shift_sticky(uint128 v, unsigned n)
{
    if (n == 0)
        return v;
    if (n > 127)
        return v != 0;
    return v >> n | ((v << (128 - n)) != 0);
}

/* (high, low) / d in two digits of 32 bits; d has its top bit set and is above
 * high. A digit from the upper half of d is at most two too large. */
static inline uint64_t fp_div_digits(uint64_t high, uint64_t low, uint64_t d,
                                     uint64_t *rest)
{
    uint64_t upper = d >> 32, lower = (uint32_t)d, q = 0;

    for (int i = 0; i < 2; i++) {
        uint64_t digit = high / upper, product = digit * lower;

        high = (high - digit * upper) << 32 | low >> 32;
        low <<= 32;
        if (high < product) {
            digit--;
            high += d;
            if (high >= d && high < product) { /* no carry yet */
                digit--;
                high += d;
            }
        }
        high -= product;
        q = q << 32 | digit;
    }
    *rest = high;
    return q;
}

/* (high, low) / d; d has its top bit set and is above high. */
static inline uint64_t fp_div_wide(uint64_t high, uint64_t low, uint64_t d,
                                   uint64_t *rest)
{
    if (!host_div_wide(&high, &low, d))
        return fp_div_digits(high, low, d, rest);
    *rest = high;
    return low;
}

/* Whether rounding off rest (of a unit of 2 * half) enlarges the magnitude. */
static inline bool fp_rounds_up(unsigned rounding, bool sign, bool odd,
                                uint128 rest, uint128 half)
{
    switch (rounding) {
    case FP_ROUND_NEAREST:
        return rest > half || (rest == half && odd);
    case FP_ROUND_DOWN:
        return sign && rest;
    case FP_ROUND_UP:
        return !sign && rest;
    default:
        return false;
    }
}

struct fp_num fp_unpack(const struct fp_format *f, uint64_t raw,
                        const struct fp_env *e);
uint64_t fp_pack(const struct fp_format *f, struct fp_num a);
struct fp_num f80_unpack(struct f80 a);
struct f80 f80_pack(struct fp_num a);

/* Rounds (-1)^sign * sig / 2^126 * 2^exp, sig not zero and sticky in bit 0. */
struct fp_num fp_round(const struct fp_format *f, bool sign, int32_t exp,
                       uint128 sig, struct fp_env *e);

/* True if NaNs or unsupported operands decide the result, which is in *r. */
bool fp_nan_operands(struct fp_num a, struct fp_num b, struct fp_num *r,
                     struct fp_env *e);

/* Rounds a finite number to the integer *mag; true if inexact. exp < 64. */
bool fp_integer(struct fp_num a, unsigned rounding, uint128 *mag, bool *up);

#endif

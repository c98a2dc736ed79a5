/*
 * fast80.h - the common case of f80 arithmetic: normal numbers or zeros in,
 * a normal number or zero out. Private to softfloat.
 *
 * As in fast.h each function does the whole operation and returns true, or
 * changes nothing and returns false: then the general code does it. Exponents
 * are biased here, significands have their integer bit in bit 63.
 */
#ifndef CPU_SOFTFLOAT_FAST80_H
#define CPU_SOFTFLOAT_FAST80_H

#include "cpu/softfloat/wide.h"

#define F80_BIAS 16383

static inline int fast80_exp(struct f80 a)
{
    return a.se & 0x7fff;
}

static inline bool fast80_normal(struct f80 a)
{
    return (unsigned)fast80_exp(a) - 1 < 0x7ffe && a.frac >> 63;
}

static inline bool fast80_zero(struct f80 a)
{
    return !(a.frac | (a.se & 0x7fff));
}

/* A denormal that was widened looks normal, but has to raise DE. */
static inline bool fast80_normals(struct f80 a, struct f80 b,
                                  const struct fp_env *e)
{
    return fast80_normal(a) && fast80_normal(b) && !e->denormal;
}

static inline bool fast80_exact(struct f80 v, struct fp_env *e, struct f80 *r)
{
    e->rounded_up = false;
    *r = v;
    return true;
}

static inline bool fast80_up(const struct fp_env *e, bool sign, bool odd,
                             uint64_t rest, uint64_t half)
{
    if (LIKELY(e->rounding == FP_ROUND_NEAREST))
        return rest > half - odd; /* half itself too, if odd */
    return rest && e->rounding == (sign ? FP_ROUND_DOWN : FP_ROUND_UP);
}

/* Rounds high with the fraction low / 2^64 behind it, sticky in bit 0. */
static ALWAYS_INLINE bool fast80_round(bool sign, int exp, uint64_t high,
                                       uint64_t low, struct fp_env *e,
                                       struct f80 *r)
{
    uint64_t unit = 1, half = FP_TOP;
    bool up;

    /* With the largest exponent a carry could overflow. */
    if (UNLIKELY(exp < 1 || exp >= 0x7ffe))
        return false;
    if (e->precision != 64) {
        unit <<= 64 - e->precision;
        low = (high & (unit - 1)) << 1 | (low != 0);
        half = unit;
        high &= 0 - unit;
    }
    /* No branch here: what is rounded off is as good as random. */
    up = fast80_up(e, sign, (high & unit) != 0, low, half);
    e->flags |= (unsigned)(low != 0) * FP_PE;
    e->rounded_up = up;
    high += unit & (0 - (uint64_t)up);
    if (UNLIKELY(!high)) {
        high = FP_TOP;
        exp++;
    }
    *r = f80_make((uint16_t)(exp | sign << 15), high);
    return true;
}

/* A sum of which one part or both are zero. */
static inline bool fast80_add_zero(struct f80 a, struct f80 b, struct fp_env *e,
                                   struct f80 *r)
{
    bool za = fast80_zero(a), zb = fast80_zero(b);

    if (e->denormal)
        return false;
    if (za && zb) {
        if (a.se != b.se)
            a.se = e->rounding == FP_ROUND_DOWN ? 0x8000 : 0;
        return fast80_exact(a, e, r);
    }
    if (za && fast80_normal(b))
        return fast80_round(b.se >> 15, fast80_exp(b), b.frac, 0, e, r);
    if (zb && fast80_normal(a))
        return fast80_round(a.se >> 15, fast80_exp(a), a.frac, 0, e, r);
    return false;
}

/*
 * The sum of two normal numbers that are not far apart, exact in 128 bits.
 * Which one is larger and whether the signs differ is as good as random, so it
 * is done with masks.
 */
static ALWAYS_INLINE bool fast80_sum(struct f80 a, struct f80 b,
                                     struct fp_env *e, struct f80 *r)
{
    uint128 ka = (uint128)(a.se & 0x7fff) << 64 | a.frac;
    uint128 kb = (uint128)(b.se & 0x7fff) << 64 | b.frac;
    uint64_t swap = 0 - (uint64_t)(ka < kb);
    uint64_t frac = (a.frac ^ b.frac) & swap;
    uint64_t minus = 0 - (uint64_t)((a.se ^ b.se) >> 15 & 1);
    unsigned se = a.se ^ ((a.se ^ b.se) & (unsigned)swap), shift;
    int d = ((fast80_exp(a) - fast80_exp(b)) ^ (int)swap) - (int)swap;
    uint128 n, s;

    if (UNLIKELY(d >= 64))
        return false;
    n = (uint128)(a.frac ^ frac) << 63;
    s = ((uint128)(b.frac ^ frac) << 63) >> d;
    n += (s ^ ((uint128)minus << 64 | minus)) + (minus & 1);
    if (UNLIKELY(!(n >> 64))) {
        if (!n)
            return fast80_exact(
                f80_make(e->rounding == FP_ROUND_DOWN ? 0x8000 : 0, 0), e, r);
        shift = 64 + fp_clz64((uint64_t)n);
        return fast80_round(se >> 15, (int)(se & 0x7fff) + 1 - (int)shift,
                            (uint64_t)n << (shift - 64), 0, e, r);
    }
    shift = fp_clz64((uint64_t)(n >> 64));
    n <<= shift;
    return fast80_round(se >> 15, (int)(se & 0x7fff) + 1 - (int)shift,
                        (uint64_t)(n >> 64), (uint64_t)n, e, r);
}

static inline struct f80 fast80_negated(struct f80 a)
{
    a.se ^= 0x8000;
    return a;
}

static ALWAYS_INLINE bool fast80_add(struct f80 a, struct f80 b, bool subtract,
                                     struct fp_env *e, struct f80 *r)
{
    b.se ^= (uint16_t)(subtract << 15);
    return LIKELY(fast80_normals(a, b, e)) ? fast80_sum(a, b, e, r)
                                           : fast80_add_zero(a, b, e, r);
}

static ALWAYS_INLINE bool fast80_mul(struct f80 a, struct f80 b,
                                     struct fp_env *e, struct f80 *r)
{
    uint16_t sign = (a.se ^ b.se) & 0x8000;
    uint128 product;
    bool two;

    if (UNLIKELY(!fast80_normals(a, b, e))) {
        bool za = fast80_zero(a), zb = fast80_zero(b);

        if (e->denormal || !(za || zb) || !(za || fast80_normal(a)) ||
            !(zb || fast80_normal(b)))
            return false;
        return fast80_exact(f80_make(sign, 0), e, r);
    }
    product = (uint128)a.frac * b.frac;
    two = product >> 127;
    product += product & (two - (uint128)1);
    return fast80_round(sign != 0,
                        fast80_exp(a) + fast80_exp(b) - F80_BIAS + two,
                        (uint64_t)(product >> 64), (uint64_t)product, e, r);
}

/* The fraction that rounds as rest / d does: 0, below half, half, above. */
static inline uint64_t fast80_rest(uint64_t rest, uint64_t d)
{
    uint64_t other = d - rest;

    return (uint64_t)(rest >= other) << 63 | ((rest != other) & (rest != 0));
}

static ALWAYS_INLINE bool fast80_div(struct f80 a, struct f80 b,
                                     struct fp_env *e, struct f80 *r)
{
    uint16_t sign = (a.se ^ b.se) & 0x8000;
    uint64_t q, rest, less;

    if (UNLIKELY(!fast80_normals(a, b, e))) {
        if (e->denormal || !fast80_zero(a) || !fast80_normal(b))
            return false;
        return fast80_exact(f80_make(sign, 0), e, r);
    }
    less = a.frac < b.frac;
    q = fp_div_wide(a.frac >> (less ^ 1), a.frac << 63 & (less - 1), b.frac,
                    &rest);
    return fast80_round(sign != 0,
                        fast80_exp(a) - fast80_exp(b) + F80_BIAS - (int)less, q,
                        fast80_rest(rest, b.frac), e, r);
}

/* True if both are ordered without any exception. */
static inline bool fast80_compare(struct f80 a, struct f80 b, struct fp_env *e,
                                  enum fp_relation *r)
{
    bool za = fast80_zero(a), zb = fast80_zero(b);
    bool less, equal;

    if (UNLIKELY(!(fast80_normal(a) || za) || !(fast80_normal(b) || zb) ||
                 e->denormal))
        return false;
    e->rounded_up = false;
    if (za && zb) {
        *r = FP_EQUAL;
    } else if ((a.se ^ b.se) & 0x8000) {
        *r = a.se >> 15 ? FP_LESS : FP_GREATER;
    } else {
        equal = a.se == b.se && a.frac == b.frac;
        less = a.se != b.se ? a.se < b.se : a.frac < b.frac;
        *r = equal ? FP_EQUAL : less != a.se >> 15 ? FP_LESS : FP_GREATER;
    }
    return true;
}

/* ---- conversion ---- */

static inline bool fast80_widen(const struct fp_format *f, uint64_t raw,
                                struct f80 *r)
{
    unsigned max = 2 * (unsigned)f->emax + 1;
    unsigned exp = (unsigned)(raw >> f->frac_bits) & max;
    uint64_t frac = raw << (63 - f->frac_bits) << 1 >> 1;
    uint16_t sign =
        (uint16_t)((raw >> (f->frac_bits + 1) & (max / 2 + 1)) ? 0x8000 : 0);

    if (UNLIKELY(exp - 1 >= max - 1)) {
        *r = f80_make(sign, 0);
        return !exp && !frac;
    }
    exp += F80_BIAS - (unsigned)f->emax;
    *r = f80_make((uint16_t)(sign | exp), frac | FP_TOP);
    return true;
}

static inline bool fast80_narrow(const struct fp_format *f, struct f80 a,
                                 struct fp_env *e, uint64_t *r)
{
    unsigned drop = 64 - (unsigned)f->precision;
    int exp = fast80_exp(a) - F80_BIAS + f->emax;
    uint64_t rest = a.frac & ((UINT64_C(1) << drop) - 1);
    uint64_t sign = (a.se >> 15) * (2 * (uint64_t)f->emax + 2) << f->frac_bits;
    bool up;

    if (UNLIKELY(exp < 1 || exp >= 2 * f->emax || !(a.frac >> 63))) {
        if (!fast80_zero(a))
            return false;
        e->rounded_up = false;
        *r = sign;
        return true;
    }
    up = fast80_up(e, a.se >> 15, a.frac >> drop & 1, rest,
                   UINT64_C(1) << (drop - 1));
    e->flags |= (unsigned)(rest != 0) * FP_PE;
    e->rounded_up = up;
    /* The integer bit and a carry each increment the exponent. */
    *r = sign | (((uint64_t)(exp - 1) << f->frac_bits) + (a.frac >> drop) + up);
    return true;
}

/* Rounds a number of 1 <= |a| < 2^63 to the integer *mag <= limit. */
static inline bool fast80_integer(struct f80 a, unsigned rounding,
                                  uint64_t limit, uint64_t *mag,
                                  struct fp_env *e)
{
    unsigned exp = (unsigned)fast80_exp(a) - F80_BIAS;
    struct fp_env mode = {.rounding = (uint8_t)rounding};
    uint64_t v, rest;
    bool up;

    if (exp > 62 || !(a.frac >> 63))
        return false;
    v = a.frac >> (63 - exp);
    rest = a.frac << (exp + 1);
    up = fast80_up(&mode, a.se >> 15, v & 1, rest, FP_TOP);
    if (v + up > limit)
        return false;
    if (rest)
        e->flags |= FP_PE;
    e->rounded_up = up;
    *mag = v + up;
    return true;
}

#endif

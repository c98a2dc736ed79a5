/*
 * fast.h - the common case of f16, f32 and f64 arithmetic: two normal numbers
 * and a normal result. Private to softfloat.
 *
 * Each function does the operation and returns true, or changes nothing and
 * returns false: then the general code does it. Exponents are biased here.
 */
#ifndef CPU_SOFTFLOAT_FAST_H
#define CPU_SOFTFLOAT_FAST_H

#include "cpu/softfloat/wide.h"

struct fp_fast {
    uint64_t a, b; /* significands with the integer bit in bit 62 */
    int ea, eb;
    bool sa, sb;
};

static inline bool fast_unpack(const struct fp_format *f, uint64_t a,
                               uint64_t b, struct fp_fast *x)
{
    unsigned max = 2 * (unsigned)f->emax + 1;
    uint64_t mask = (UINT64_C(1) << f->frac_bits) - 1;
    unsigned ea = (unsigned)(a >> f->frac_bits) & max;
    unsigned eb = (unsigned)(b >> f->frac_bits) & max;

    if (UNLIKELY(ea - 1 >= max - 1 || eb - 1 >= max - 1))
        return false;
    *x = (struct fp_fast){
        .a = ((a & mask) | (mask + 1)) << (62 - f->frac_bits),
        .b = ((b & mask) | (mask + 1)) << (62 - f->frac_bits),
        .ea = (int)ea,
        .eb = (int)eb,
        .sa = a >> (f->frac_bits + 1) & (max / 2 + 1),
        .sb = b >> (f->frac_bits + 1) & (max / 2 + 1),
    };
    return true;
}

/* sig: integer bit in bit 63, sticky bit in bit 0. */
static inline bool fast_round(const struct fp_format *f, bool sign, int exp,
                              uint64_t sig, struct fp_env *e, uint64_t *r)
{
    unsigned drop = 64 - (unsigned)f->precision;
    uint64_t rest = sig & ((UINT64_C(1) << drop) - 1);
    uint64_t packed;

    if (UNLIKELY(exp < 1 || exp >= 2 * f->emax))
        return false;
    if (rest)
        e->flags |= FP_PE;
    sig >>= drop;
    /* A carry out of the fraction increments the exponent. */
    packed = ((uint64_t)(exp - 1) << f->frac_bits) + sig +
             fp_rounds_up(e->rounding, sign, sig & 1, rest,
                          UINT64_C(1) << (drop - 1));
    *r = packed | (uint64_t)sign * (2 * (uint64_t)f->emax + 2) << f->frac_bits;
    return true;
}

static inline bool fast_add(const struct fp_format *f, uint64_t a, uint64_t b,
                            bool subtract, struct fp_env *e, uint64_t *r)
{
    struct fp_fast x;
    uint64_t sum;
    unsigned d, shift;

    if (!fast_unpack(f, a, b, &x))
        return false;
    x.sb ^= subtract;
    if (x.ea < x.eb || (x.ea == x.eb && x.a < x.b))
        x = (struct fp_fast){x.b, x.a, x.eb, x.ea, x.sb, x.sa};
    d = (unsigned)(x.ea - x.eb);
    x.b = d > 62 ? 1 : x.b >> d | (x.b << (63 - d) << 1 != 0);
    sum = x.sa == x.sb ? x.a + x.b : x.a - x.b;
    if (!sum)
        return false;
    shift = fp_clz64(sum);
    return fast_round(f, x.sa, x.ea + 1 - (int)shift, sum << shift, e, r);
}

static inline bool fast_mul(const struct fp_format *f, uint64_t a, uint64_t b,
                            struct fp_env *e, uint64_t *r)
{
    struct fp_fast x;
    uint128 product;
    uint64_t sig;
    bool two;

    if (!fast_unpack(f, a, b, &x))
        return false;
    product = (uint128)(x.a << 1) * (x.b << 1);
    two = product >> 127;
    product <<= !two;
    sig = (uint64_t)(product >> 64) | ((uint64_t)product != 0);
    return fast_round(f, x.sa != x.sb, x.ea + x.eb - f->emax + two, sig, e, r);
}

static inline bool fast_div(const struct fp_format *f, uint64_t a, uint64_t b,
                            struct fp_env *e, uint64_t *r)
{
    struct fp_fast x;
    uint64_t q, rest;
    bool less;

    if (!fast_unpack(f, a, b, &x))
        return false;
    less = x.a < x.b;
    q = fp_div_wide(x.a << less, 0, x.b << 1, &rest);
    q |= rest != 0;
    return fast_round(f, x.sa != x.sb, x.ea - x.eb + f->emax - less, q, e, r);
}

#endif

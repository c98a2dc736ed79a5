/*
 * hp.h - numbers of 128 significant bits for the transcendental functions.
 *
 * A number is (-1)^sign * sig / 2^127 * 2^exp with the top bit of sig set, or
 * zero with sig 0. Results are cut off: each operation is off by less than
 * two units of the last place, far below the 64 bits that are delivered.
 * Plain uint128 values called q... are fractions of 2^128.
 */
#ifndef CPU_SOFTFLOAT_HP_H
#define CPU_SOFTFLOAT_HP_H

#include "cpu/softfloat/wide.h"

struct hp {
    bool sign;
    int32_t exp;
    uint128 sig;
};

#define HP_Q(high, low) ((uint128)UINT64_C(high) << 64 | UINT64_C(low))

/* High half of the 256-bit product. */
static inline uint128 hp_mul_high(uint128 a, uint128 b)
{
    uint64_t al = (uint64_t)a, ah = (uint64_t)(a >> 64);
    uint64_t bl = (uint64_t)b, bh = (uint64_t)(b >> 64);
    uint128 low = (uint128)al * bl;
    uint128 m1 = (uint128)al * bh, m2 = (uint128)ah * bl;
    uint128 mid = (low >> 64) + (uint64_t)m1 + (uint64_t)m2;

    return (uint128)ah * bh + (m1 >> 64) + (m2 >> 64) + (mid >> 64);
}

static inline struct hp hp_make(bool sign, int32_t exp, uint128 sig)
{
    unsigned shift;

    if (!sig)
        return (struct hp){.sign = sign};
    shift = fp_clz128(sig);
    return (struct hp){sign, exp - (int32_t)shift, sig << shift};
}

static inline struct hp hp_from(struct fp_num a)
{
    return (struct hp){a.sign, a.exp, (uint128)a.frac << 64};
}

static inline struct hp hp_from_int(int32_t v)
{
    uint32_t mag = v < 0 ? 0 - (uint32_t)v : (uint32_t)v;

    return hp_make(v < 0, 127, mag);
}

static inline struct hp hp_mul(struct hp a, struct hp b)
{
    return hp_make(a.sign != b.sign, a.exp + b.exp + 1,
                   hp_mul_high(a.sig, b.sig));
}

/* a times the fraction q / 2^128. */
static inline struct hp hp_scale_q(struct hp a, uint128 q)
{
    return hp_make(a.sign, a.exp, hp_mul_high(a.sig, q));
}

/* b must not be zero. */
static inline struct hp hp_div(struct hp a, struct hp b)
{
    bool sign = a.sign != b.sign;
    uint128 rest = a.sig, q = 0;

    if (!a.sig)
        return (struct hp){.sign = sign};
    for (int i = 0; i < 128; i++) {
        bool carry = i && rest >> 127;

        if (i)
            rest <<= 1;
        q <<= 1;
        if (carry || rest >= b.sig) {
            rest -= b.sig;
            q |= 1;
        }
    }
    return hp_make(sign, a.exp - b.exp, q);
}

static inline struct hp hp_neg(struct hp a)
{
    a.sign = !a.sign;
    return a;
}

static inline struct hp hp_add(struct hp a, struct hp b)
{
    int32_t exp;

    if (!a.sig || !b.sig)
        return a.sig ? a : b;
    exp = a.exp > b.exp ? a.exp : b.exp;
    /* One bit of headroom for the carry. */
    a.sig = fp_shift_sticky(a.sig, (unsigned)(exp - a.exp)) >> 1;
    b.sig = fp_shift_sticky(b.sig, (unsigned)(exp - b.exp)) >> 1;
    if (a.sign == b.sign)
        return hp_make(a.sign, exp + 1, a.sig + b.sig);
    return a.sig >= b.sig ? hp_make(a.sign, exp + 1, a.sig - b.sig)
                          : hp_make(b.sign, exp + 1, b.sig - a.sig);
}

/* As the fraction of 2^128 it is; |a| must be below 1. */
static inline uint128 hp_to_q(struct hp a)
{
    unsigned shift = (unsigned)(-1 - a.exp);

    return shift > 127 ? 0 : a.sig >> shift;
}

#endif

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

/* The next 64 digits of *rest / b; *rest < b, b has its top bit set. The digit
 * from the upper half of b is at most two too large. */
static inline uint64_t hp_div_digit(uint128 *rest, uint128 b)
{
    uint64_t high = (uint64_t)(*rest >> 64), low = (uint64_t)*rest;
    uint64_t upper = (uint64_t)(b >> 64), digit = UINT64_MAX, r;
    uint128 product, left;
    bool over = false;

    if (high < upper) {
        digit = fp_div_wide(high, low, upper, &r);
    } else {
        r = low + upper;
        over = r < low;
    }
    product = (uint128)digit * (uint64_t)b;
    left = (uint128)r << 64;
    *rest = left - product;
    if (!over && left < product) {
        digit--;
        *rest += b;
        if (*rest >= b) { /* no carry yet */
            digit--;
            *rest += b;
        }
    }
    return digit;
}

/* b must not be zero. */
static inline struct hp hp_div(struct hp a, struct hp b)
{
    bool sign = a.sign != b.sign;
    bool one = a.sig >= b.sig;
    uint128 rest = one ? a.sig - b.sig : a.sig, q;

    if (!a.sig)
        return (struct hp){.sign = sign};
    q = (uint128)hp_div_digit(&rest, b.sig) << 64;
    q |= hp_div_digit(&rest, b.sig);
    return hp_make(sign, a.exp - b.exp, (uint128)one << 127 | q >> 1);
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

/*
 * A power series. The head has the coefficients of x^0 on, as fractions of
 * 2^128. What follows the last of them is worth less than 2^-64 and needs
 * half of the digits: the tail has the coefficients from that one on, divided
 * by twice it, as fractions of 2^64.
 */
struct hp_series {
    const uint128 *head;
    const uint64_t *tail;
    uint8_t heads, tails;
};

/* Its sum for the fraction x of 2^128, with alternating signs if asked for. */
static inline uint128 hp_sum(const struct hp_series *s, uint128 x,
                             bool alternating)
{
    uint64_t x64 = (uint64_t)(x >> 64), t = s->tail[s->tails - 1];
    uint128 sum, last = s->head[s->heads - 1];

    for (unsigned k = s->tails - 1u; k-- > 0;) {
        uint64_t term = (uint64_t)((uint128)x64 * t >> 64);

        t = alternating ? s->tail[k] - term : s->tail[k] + term;
    }
    sum = (((uint128)(uint64_t)last * t >> 64) + (last >> 64) * t) << 1;
    for (unsigned k = s->heads - 1u; k-- > 0;) {
        uint128 term = hp_mul_high(x, sum);

        sum = alternating ? s->head[k] - term : s->head[k] + term;
    }
    return sum;
}

/* As the fraction of 2^128 it is; |a| must be below 1. */
static inline uint128 hp_to_q(struct hp a)
{
    unsigned shift = (unsigned)(-1 - a.exp);

    return shift > 127 ? 0 : a.sig >> shift;
}

#endif

/*
 * f80exp.c - exponential and logarithms of the x87.
 *
 * Intel SDM vol. 2: F2XM1, FYL2X, FYL2XP1.
 */
#include "cpu/softfloat/f80math.h"
#include "cpu/softfloat/hp.h"

static const struct hp ln_2 = {false, -1,
                               HP_Q(0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af)};
static const struct hp log2_e = {false, 0,
                                 HP_Q(0xb8aa3b295c17f0bb, 0xbe87fed0691d3e89)};

/* ---- 2^a - 1 ---- */

/* (e^t - 1) / t halved, as a fraction of 2^128, for t = q / 2^128 (negative
 * if sign) up to ln 2: 1 + t/2 (1 + t/3 (1 + ...)). */
static uint128 expm1_series(uint128 q, bool sign)
{
    const uint128 half = (uint128)1 << 127;
    uint128 sum = half;

    for (unsigned k = 32; k >= 2; k--) {
        uint128 term = hp_div_small(hp_mul_high(q, sum), k);

        sum = sign ? half - term : half + term;
    }
    return sum;
}

struct f80 f80_exp2m1(struct f80 raw, struct fp_env *e)
{
    struct fp_num a = f80_unpack(raw), nan;
    struct hp t;

    e->rounded_up = false;
    if (fp_nan_operands(a, fp_zero(false), &nan, e))
        return f80_pack(nan);
    if (fp_is_zero(a))
        return raw;
    if (fp_is_inf(a))
        return a.sign ? f80_make(0xbfff, FP_TOP) : raw;
    if (fp_denormal(a, a, e))
        return f80_make(0, 0);
    fp_raise(e, FP_PE);
    if (a.exp >= 0) /* +1 and -1 have exact results: hardware raises PE */
        return a.exp > 0 || a.frac != FP_TOP ? raw
               : a.sign                      ? f80_make(0xbffe, FP_TOP)
                                             : raw;
    t = hp_mul(hp_from(a), ln_2);
    t = hp_scale_q(t, expm1_series(hp_to_q(t), t.sign));
    return f80_pack(
        fp_round(&fp_f80, t.sign, t.exp + 1, fp_shift_sticky(t.sig, 1) | 1, e));
}

/* ---- logarithms ---- */

/* log2((1 + z) / (1 - z)) = 2 log2(e) (z + z^3/3 + ...) for |z| < 0.18. */
static struct hp log2_ratio(struct hp z)
{
    const uint128 half = (uint128)1 << 127;
    uint128 q = hp_to_q(hp_mul(z, z));
    uint128 sum = 0;
    struct hp r;

    for (unsigned k = 53; k >= 3; k -= 2)
        sum = hp_div_small(half, k) + hp_mul_high(q, sum);
    r = hp_mul(hp_scale_q(z, half + hp_mul_high(q, sum)), log2_e);
    r.exp += 2; /* the factor 2, and sum was halved */
    return r;
}

/* log2(x) for x > 0: the exponent and the logarithm of a significand between
 * sqrt(1/2) and sqrt(2), so that the two never cancel. */
static struct hp log2_of(struct hp x)
{
    const uint128 root2 = HP_Q(0xb504f333f9de6484, 0);
    struct hp one = hp_from_int(1), m = x;
    int32_t exp = x.exp;

    exp += x.sig >= root2;
    m.exp -= exp;
    m = hp_div(hp_add(m, hp_neg(one)), hp_add(m, one));
    return hp_add(hp_from_int(exp), log2_ratio(m));
}

/* y times a logarithm that is inexact unless the argument was a power of two,
 * when it is a small integer. Hardware raises PE even then. */
static struct f80 product(struct fp_num y, struct hp log, bool exact,
                          struct fp_env *e)
{
    struct hp p = hp_mul(hp_from(y), log);
    struct fp_num r =
        fp_round(&fp_f80, p.sign, p.exp, fp_shift_sticky(p.sig, 1) | !exact, e);

    fp_raise(e, r.cls == FP_CLASS_DENORMAL ? FP_PE | FP_UE : FP_PE);
    return f80_pack(r);
}

/* The product of y with a logarithm that is zero or infinite, or with any
 * logarithm if y is zero or infinite. */
static struct f80 special_product(struct fp_num y, struct fp_num log,
                                  struct fp_env *e)
{
    bool sign = y.sign != log.sign;

    if ((fp_is_zero(y) && fp_is_inf(log)) || (fp_is_inf(y) && fp_is_zero(log)))
        return f80_pack(fp_invalid(e));
    if (fp_is_inf(y) || fp_is_inf(log))
        return f80_pack(fp_infinity(sign));
    return f80_pack(fp_zero(sign));
}

struct f80 f80_ylog2x(struct f80 ry, struct f80 rx, struct fp_env *e)
{
    struct fp_num y = f80_unpack(ry), x = f80_unpack(rx), r;
    bool power_of_2 = x.frac == FP_TOP;

    e->rounded_up = false;
    if (fp_nan_operands(y, x, &r, e))
        return f80_pack(r);
    if (x.sign && !fp_is_zero(x))
        return f80_pack(fp_invalid(e));
    if (fp_is_zero(x)) {
        if (!fp_is_zero(y) && !fp_is_inf(y))
            fp_raise(e, FP_ZE);
        return special_product(y, fp_infinity(true), e);
    }
    if (fp_is_inf(x) && fp_is_zero(y))
        return f80_pack(fp_invalid(e));
    if (fp_is_inf(y) && power_of_2 && x.exp == 0)
        return f80_pack(fp_invalid(e));
    if (fp_denormal(y, x, e))
        return f80_make(0, 0);
    if (fp_is_inf(x))
        return special_product(y, x, e);
    if (power_of_2 && x.exp == 0)
        return f80_pack(fp_zero(y.sign));
    x.sign = x.exp < 0; /* sign of the logarithm */
    if (fp_is_zero(y) || fp_is_inf(y))
        return special_product(y, x, e);
    x.sign = false;
    return product(y, log2_of(hp_from(x)), power_of_2, e);
}

/* log2(1 + x): by z = x / (2 + x) near zero, where 1 + x would lose x. */
static struct hp log2_1p(struct fp_num x)
{
    struct hp a = hp_from(x);

    if (x.exp < -1 - x.sign)
        return log2_ratio(hp_div(a, hp_add(a, hp_from_int(2))));
    return log2_of(hp_add(a, hp_from_int(1)));
}

struct f80 f80_ylog2xp1(struct f80 ry, struct f80 rx, struct fp_env *e)
{
    struct fp_num y = f80_unpack(ry), x = f80_unpack(rx), r;
    bool zero = fp_is_zero(x) || fp_is_zero(y);

    e->rounded_up = false;
    if (fp_nan_operands(y, x, &r, e))
        return f80_pack(r);
    if (zero && (fp_is_inf(x) || fp_is_inf(y)))
        return f80_pack(fp_invalid(e));
    if (fp_is_inf(x) && x.sign)
        return f80_pack(fp_invalid(e));
    if (fp_denormal(y, x, e))
        return f80_make(0, 0);
    if (zero || fp_is_inf(x) || fp_is_inf(y))
        return special_product(y, x, e);
    if (x.sign && x.exp >= 0) { /* 1 + x not positive: nothing is defined */
        fp_raise(e, FP_PE);
        return rx;
    }
    return product(y, log2_1p(x), false, e);
}

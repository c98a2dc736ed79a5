/*
 * extended.c - partial remainder, scaling and exponent extraction.
 *
 * Intel SDM vol. 2: FPREM, FPREM1, FSCALE, FXTRACT, VSCALEF.
 */
#include "cpu/softfloat/wide.h"

static const struct fp_num no_value = {.cls = FP_CLASS_ZERO};

/* Exponent difference from which FPREM only reduces in part. */
#define REM_LIMIT 64

/* A remainder rest / 2^63 * 2^exp: exact, but may be denormal. */
static struct fp_num remainder_value(bool sign, int32_t exp, uint128 rest,
                                     struct fp_env *e)
{
    if (!rest)
        return fp_zero(sign);
    return fp_round(&fp_f80, sign, exp, rest << 63, e);
}

/* One step for a far larger dividend: takes off a multiple of b * 2^(d - n)
 * with an n of 32 to 63. */
static struct fp_num rem_partial(struct fp_num a, struct fp_num b, int32_t d,
                                 struct fp_env *e)
{
    int n = 32 + d % 32;
    uint128 rest = ((uint128)a.frac << n) % b.frac;

    return remainder_value(a.sign, b.exp + d - n, rest, e);
}

/* The last step: the exponent difference d is below REM_LIMIT. */
static struct fp_num rem_final(struct fp_num a, struct fp_num b, int32_t d,
                               bool nearest, uint64_t *quotient,
                               struct fp_env *e)
{
    uint128 n, rest;
    uint64_t q;

    if (d < -1 || (d < 0 && !nearest)) /* less than half of b */
        return fp_round(&fp_f80, a.sign, a.exp, (uint128)a.frac << 63, e);
    if (d < 0) { /* between a quarter of b and b: in units of half b's last */
        n = a.frac;
        rest = n;
        q = 0;
        if (rest > b.frac) {
            q = 1;
            rest = ((uint128)b.frac << 1) - rest;
        }
        *quotient = q;
        return remainder_value(a.sign ^ (q != 0), b.exp - 1, rest, e);
    }
    n = (uint128)a.frac << d;
    q = (uint64_t)(n / b.frac);
    rest = n % b.frac;
    if (nearest && (rest * 2 > b.frac || (rest * 2 == b.frac && (q & 1)))) {
        q++;
        rest = b.frac - rest;
        a.sign = !a.sign;
    }
    *quotient = q;
    return remainder_value(a.sign, b.exp, rest, e);
}

struct f80 f80_rem(struct f80 ra, struct f80 rb, bool nearest, bool *partial,
                   uint64_t *quotient, struct fp_env *e)
{
    struct fp_num a = f80_unpack(ra), b = f80_unpack(rb), r;
    int32_t d = a.exp - b.exp;

    *partial = false;
    *quotient = 0;
    e->rounded_up = false;
    if (fp_nan_operands(a, b, &r, e))
        return f80_pack(r);
    if (fp_is_inf(a) || fp_is_zero(b))
        return f80_pack(fp_invalid(e));
    if (fp_denormal(a, b, e))
        return f80_pack(no_value);
    if (fp_is_zero(a))
        return ra;
    if (fp_is_inf(b))
        return f80_pack(remainder_value(a.sign, a.exp, a.frac, e));
    if (d >= REM_LIMIT) {
        *partial = true;
        return f80_pack(rem_partial(a, b, d, e));
    }
    return f80_pack(rem_final(a, b, d, nearest, quotient, e));
}

/* The integer part of b, toward zero or down, held to what can matter. */
static int32_t scale_exponent(struct fp_num b, unsigned rounding)
{
    uint128 mag;
    bool up;

    if (fp_is_zero(b))
        return 0;
    if (b.exp > 16)
        return b.sign ? -0x20000 : 0x20000;
    fp_integer(b, rounding, &mag, &up);
    return b.sign ? -(int32_t)mag : (int32_t)mag;
}

static struct fp_num scale(const struct fp_format *f, struct fp_num a,
                           struct fp_num b, unsigned rounding, struct fp_env *e)
{
    bool both = rounding == FP_ROUND_ZERO; /* VSCALEF ignores a denormal b */
    struct fp_num r;

    e->rounded_up = false;
    /* Table "VSCALEF special cases": an infinity overrides a quiet NaN. */
    if (!both && a.cls == FP_CLASS_QNAN && fp_is_inf(b))
        return b.sign ? fp_zero(false) : b;
    if (fp_nan_operands(a, b, &r, e))
        return r;
    if (fp_is_inf(b) && (b.sign ? fp_is_inf(a) : fp_is_zero(a)))
        return fp_invalid(e);
    if (fp_denormal(a, both ? b : a, e))
        return no_value;
    if (fp_is_inf(b) && !fp_is_inf(a))
        return b.sign ? fp_zero(a.sign) : fp_infinity(a.sign);
    if (fp_is_inf(a) || fp_is_zero(a))
        return a;
    return fp_round(f, a.sign, a.exp + scale_exponent(b, rounding),
                    (uint128)a.frac << 63, e);
}

struct f80 f80_scale(struct f80 a, struct f80 b, struct fp_env *e)
{
    return f80_pack(
        scale(&fp_f80, f80_unpack(a), f80_unpack(b), FP_ROUND_ZERO, e));
}

uint32_t f32_scalef(uint32_t a, uint32_t b, struct fp_env *e)
{
    const struct fp_format *f = &fp_f32;

    return (uint32_t)fp_pack(
        f, scale(f, fp_unpack(f, a, e), fp_unpack(f, b, e), FP_ROUND_DOWN, e));
}

uint64_t f64_scalef(uint64_t a, uint64_t b, struct fp_env *e)
{
    const struct fp_format *f = &fp_f64;

    return fp_pack(
        f, scale(f, fp_unpack(f, a, e), fp_unpack(f, b, e), FP_ROUND_DOWN, e));
}

struct f80 f80_extract(struct f80 raw, struct f80 *exponent, struct fp_env *e)
{
    struct fp_num a = f80_unpack(raw), r;
    int32_t exp = a.exp;

    e->rounded_up = false;
    if (fp_nan_operands(a, fp_zero(false), &r, e)) {
        *exponent = f80_pack(r);
        return f80_pack(r);
    }
    if (fp_is_inf(a)) {
        *exponent = f80_pack(fp_infinity(false));
        return raw;
    }
    if (fp_is_zero(a)) {
        fp_raise(e, FP_ZE);
        *exponent = f80_pack(fp_infinity(true));
        return raw;
    }
    fp_denormal(a, a, e);
    a.exp = 0;
    *exponent = i64_to_f80(exp);
    return f80_pack(a);
}

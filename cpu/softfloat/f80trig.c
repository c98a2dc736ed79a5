/*
 * f80trig.c - sine, cosine, tangent and arc tangent of the x87.
 *
 * Intel SDM vol. 1: 8.3.7, 8.3.8; vol. 2: FSIN, FCOS, FSINCOS, FPTAN, FPATAN.
 */
#include "cpu/softfloat/f80math.h"
#include "cpu/softfloat/hp.h"

/* An inexact result; the sticky bit stands for what the series left out. */
static struct f80 rounded(struct hp a, struct fp_env *e)
{
    return f80_pack(
        fp_round(&fp_f80, a.sign, a.exp, fp_shift_sticky(a.sig, 1) | 1, e));
}

/* ---- sine, cosine, tangent ---- */

/* An angle within a quarter of pi of quadrant * pi / 2. */
struct angle {
    struct hp rest;
    unsigned quadrant;
};

/* The processor's pi has 66 significant bits (SDM vol. 1, 8.3.8), so half of
 * it is HALF_PI / 2^65 and the remainder comes out exact. */
static struct angle reduce(struct fp_num a)
{
    const uint128 half_pi = HP_Q(0xc90fdaa22168c234, 0xc000000000000000) >> 62;
    struct angle r = {hp_from(a), 0};
    uint128 x, rest;
    bool sign = a.sign;

    if (a.exp < -1) /* below one half: less than a quarter of pi */
        return r;
    x = (uint128)a.frac << (a.exp + 2);
    r.quadrant = (unsigned)(x / half_pi) & 3;
    rest = x % half_pi;
    if (rest * 2 > half_pi) {
        rest = half_pi - rest;
        r.quadrant++;
        sign = !sign;
    }
    if (a.sign)
        r.quadrant = 0 - r.quadrant;
    r.quadrant &= 3;
    r.rest = hp_make(sign, 127 - 65, rest);
    return r;
}

/* sin(x) / x: x^2k / (2k + 1)!, alternating */
static const uint128 sin_head[] = {
    HP_Q(0xffffffffffffffff, 0xffffffffffffffff),
    HP_Q(0x2aaaaaaaaaaaaaaa, 0xaaaaaaaaaaaaaaaa),
    HP_Q(0x0222222222222222, 0x2222222222222222),
    HP_Q(0x000d00d00d00d00d, 0x00d00d00d00d00d0),
    HP_Q(0x00002e3bc74aad8e, 0x671f5583911ca002),
    HP_Q(0x0000006b99159fd5, 0x138e3f9d1f92e0df),
    HP_Q(0x00000000b092309d, 0x43684be51c198e91),
    HP_Q(0x0000000000d73f9f, 0x399dc0f88ec32b58),
    HP_Q(0x000000000000ca96, 0x3b81856a53593028),
    HP_Q(0x0000000000000097, 0xa4da340a0ab92650),
    HP_Q(0x0000000000000000, 0x5c6e3bdb73d5c62f),
};

static const uint64_t sin_tail[] = {
    UINT64_C(0x8000000000000000), UINT64_C(0x0040c246d47d7869),
    UINT64_C(0x00001ba165e69bef), UINT64_C(0x0000000a137908f9),
    UINT64_C(0x00000000032d3b98), UINT64_C(0x000000000000dfdb),
    UINT64_C(0x0000000000000036), UINT64_C(0x0000000000000000),
};

static const struct hp_series sin_series = {
    sin_head, sin_tail, ARRAY_LEN(sin_head), ARRAY_LEN(sin_tail)};

/* cos(x): x^2k / (2k)!, alternating */
static const uint128 cos_head[] = {
    HP_Q(0xffffffffffffffff, 0xffffffffffffffff),
    HP_Q(0x8000000000000000, 0x0000000000000000),
    HP_Q(0x0aaaaaaaaaaaaaaa, 0xaaaaaaaaaaaaaaaa),
    HP_Q(0x005b05b05b05b05b, 0x05b05b05b05b05b0),
    HP_Q(0x0001a01a01a01a01, 0xa01a01a01a01a01a),
    HP_Q(0x0000049f93edde27, 0xd71cbbc05b4fa999),
    HP_Q(0x00000008f76c77fc, 0x6c4bdaa26d4c3d67),
    HP_Q(0x000000000c9cba54, 0x603e4e905d6f8a2e),
    HP_Q(0x00000000000d73f9, 0xf399dc0f88ec32b5),
    HP_Q(0x0000000000000b41, 0x3c31dcbecbbdd802),
    HP_Q(0x0000000000000007, 0x950ae900808941ea),
};

static const uint64_t cos_tail[] = {
    UINT64_C(0x8000000000000000), UINT64_C(0x0046ed29011bb4a4),
    UINT64_C(0x000020e4b6434beb), UINT64_C(0x0000000cf4770b89),
    UINT64_C(0x0000000004630928), UINT64_C(0x0000000000014a74),
    UINT64_C(0x0000000000000055), UINT64_C(0x0000000000000000),
};

static const struct hp_series cos_series = {
    cos_head, cos_tail, ARRAY_LEN(cos_head), ARRAY_LEN(cos_tail)};

static struct hp sine(const struct angle *a)
{
    uint128 q = hp_to_q(hp_mul(a->rest, a->rest));
    struct hp r = a->quadrant & 1
                      ? hp_make(false, -1, hp_sum(&cos_series, q, true))
                      : hp_scale_q(a->rest, hp_sum(&sin_series, q, true));

    r.sign ^= a->quadrant >> 1;
    return r;
}

static struct hp cosine(const struct angle *a)
{
    struct angle ahead = {a->rest, (a->quadrant + 1) & 3};

    return sine(&ahead);
}

/* Near zero the quotient could come out on the wrong side of the angle, or of
 * its inverse: the square is lost. The angle itself is the next smaller number,
 * and the inverse the next larger one. */
static struct hp tangent(const struct angle *a)
{
    struct hp r = a->rest;

    if (r.exp < -50 && a->quadrant & 1) {
        r = hp_div(hp_from_int(-1), r);
        return hp_make(r.sign, r.exp, r.sig - 1);
    }
    if (r.exp < -50)
        return r;
    return hp_div(sine(a), cosine(a));
}

enum trig_case { TRIG_RANGE, TRIG_DONE, TRIG_ZERO, TRIG_COMPUTE };

/* What all four have in common; *r is set for TRIG_DONE. */
static enum trig_case trig_operand(struct fp_num a, struct f80 *r,
                                   struct fp_env *e)
{
    struct fp_num nan;

    e->rounded_up = false;
    if (fp_nan_operands(a, fp_zero(false), &nan, e)) {
        *r = f80_pack(nan);
        return TRIG_DONE;
    }
    if (fp_is_inf(a)) {
        *r = f80_pack(fp_invalid(e));
        return TRIG_DONE;
    }
    if (fp_is_zero(a))
        return TRIG_ZERO;
    if (a.exp >= 63)
        return TRIG_RANGE;
    if (fp_denormal(a, a, e)) {
        *r = f80_make(0, 0);
        return TRIG_DONE;
    }
    return TRIG_COMPUTE;
}

bool f80_sincos(struct f80 raw, struct f80 *s, struct f80 *c, struct fp_env *e)
{
    struct fp_num a = f80_unpack(raw);
    struct angle angle;

    switch (trig_operand(a, s, e)) {
    case TRIG_RANGE:
        return false;
    case TRIG_DONE:
        *c = *s;
        return true;
    case TRIG_ZERO:
        *s = raw;
        *c = i64_to_f80(1);
        return true;
    case TRIG_COMPUTE:
        break;
    }
    angle = reduce(a);
    *s = rounded(sine(&angle), e);
    *c = rounded(cosine(&angle), e);
    return true;
}

bool f80_sin(struct f80 raw, struct f80 *s, struct fp_env *e)
{
    struct fp_num a = f80_unpack(raw);
    enum trig_case found = trig_operand(a, s, e);
    struct angle angle;

    if (found == TRIG_ZERO)
        *s = raw;
    if (found == TRIG_COMPUTE) {
        angle = reduce(a);
        *s = rounded(sine(&angle), e);
    }
    return found != TRIG_RANGE;
}

bool f80_cos(struct f80 raw, struct f80 *c, struct fp_env *e)
{
    struct fp_num a = f80_unpack(raw);
    enum trig_case found = trig_operand(a, c, e);
    struct angle angle;

    if (found == TRIG_ZERO)
        *c = i64_to_f80(1);
    if (found == TRIG_COMPUTE) {
        angle = reduce(a);
        *c = rounded(cosine(&angle), e);
    }
    return found != TRIG_RANGE;
}

bool f80_tan(struct f80 raw, struct f80 *t, struct fp_env *e)
{
    struct fp_num a = f80_unpack(raw);
    enum trig_case found = trig_operand(a, t, e);
    struct angle angle;

    if (found == TRIG_ZERO)
        *t = raw;
    if (found == TRIG_COMPUTE) {
        angle = reduce(a);
        *t = rounded(tangent(&angle), e);
    }
    return found != TRIG_RANGE;
}

/* ---- arc tangent ---- */

static const struct hp hp_pi = {false, 1,
                                HP_Q(0xc90fdaa22168c234, 0xc4c6628b80dc1cd1)};

/* atan(k / 8) */
static const struct hp atan_eighths[9] = {
    {false, 0, HP_Q(0x0000000000000000, 0x0000000000000000)},
    {false, -4, HP_Q(0xfeadd4d5617b6e32, 0xc897989f3e888ef8)},
    {false, -3, HP_Q(0xfadbafc96406eb15, 0x6dc79ef5f7a217e6)},
    {false, -2, HP_Q(0xb7b0ca0f26f78473, 0x8aa32122dcfe4483)},
    {false, -2, HP_Q(0xed63382b0dda7b45, 0x6fe445ecbc3a8d03)},
    {false, -1, HP_Q(0x8f005d5ef7f59f9b, 0x5c835e1665c43748)},
    {false, -1, HP_Q(0xa4bc7d1934f70924, 0x19a87f2a457dac9f)},
    {false, -1, HP_Q(0xb8053e2bc2319e73, 0xcb2da55210a4443d)},
    {false, -1, HP_Q(0xc90fdaa22168c234, 0xc4c6628b80dc1cd1)},
};

/* atan(t) / t: t^2k / (2k + 1), alternating */
static const uint128 atan_head[] = {
    HP_Q(0xffffffffffffffff, 0xffffffffffffffff),
    HP_Q(0x5555555555555555, 0x5555555555555555),
    HP_Q(0x3333333333333333, 0x3333333333333333),
    HP_Q(0x2492492492492492, 0x4924924924924924),
    HP_Q(0x1c71c71c71c71c71, 0xc71c71c71c71c71c),
    HP_Q(0x1745d1745d1745d1, 0x745d1745d1745d17),
    HP_Q(0x13b13b13b13b13b1, 0x3b13b13b13b13b13),
    HP_Q(0x1111111111111111, 0x1111111111111111),
    HP_Q(0x0f0f0f0f0f0f0f0f, 0x0f0f0f0f0f0f0f0f),
    HP_Q(0x0d79435e50d79435, 0xe50d79435e50d794),
};

static const uint64_t atan_tail[] = {
    UINT64_C(0x8000000000000000), UINT64_C(0x73cf3cf3cf3cf3cf),
    UINT64_C(0x69bd37a6f4de9bd3), UINT64_C(0x6147ae147ae147ae),
    UINT64_C(0x5a12f684bda12f68), UINT64_C(0x53dcb08d3dcb08d3),
    UINT64_C(0x4e739ce739ce739c), UINT64_C(0x49b26c9b26c9b26c),
};

static const struct hp_series atan_series = {
    atan_head, atan_tail, ARRAY_LEN(atan_head), ARRAY_LEN(atan_tail)};

/* For |t| up to 1/16. */
static struct hp atan_small(struct hp t)
{
    uint128 q = hp_to_q(hp_mul(t, t));

    return hp_scale_q(t, hp_sum(&atan_series, q, true));
}

/* atan(t) for t in (0, 1]: the nearest k/8 apart, atan(t) = atan(k/8) +
 * atan((t - k/8) / (1 + t k/8)). */
static struct hp atan_unit(struct hp t)
{
    unsigned k = 0;
    struct hp c, top, bottom;

    if (t.exp >= -4)
        k = (unsigned)((t.sig >> 120 >> (-t.exp)) + 8) >> 4;
    if (k == 0)
        return atan_small(t);
    c = hp_make(false, 127 - 3, k);
    top = hp_add(t, hp_neg(c));
    bottom = hp_add(hp_from_int(1), hp_mul(t, c));
    return hp_add(atan_eighths[k], atan_small(hp_div(top, bottom)));
}

/* Angle of (|x|, |y|), both finite and not zero, then mirrored for x < 0. */
static struct hp angle_of(struct fp_num y, struct fp_num x)
{
    struct hp a = hp_from(y), b = hp_from(x), r;
    bool steep = y.exp != x.exp ? y.exp > x.exp : y.frac > x.frac;

    a.sign = b.sign = false;
    if (steep) { /* pi/2 - atan(x / y) */
        struct hp half_pi = hp_pi;

        half_pi.exp--;
        r = hp_add(half_pi, hp_neg(atan_unit(hp_div(b, a))));
    } else {
        r = atan_unit(hp_div(a, b));
    }
    return x.sign ? hp_add(hp_pi, hp_neg(r)) : r;
}

/* n / 4 of pi. */
static struct f80 quarters(unsigned n, bool sign, struct fp_env *e)
{
    struct hp r = hp_mul(hp_pi, hp_from_int((int32_t)n));

    r.exp -= 2;
    r.sign = sign;
    return rounded(r, e);
}

struct f80 f80_atan2(struct f80 ry, struct f80 rx, struct fp_env *e)
{
    struct fp_num y = f80_unpack(ry), x = f80_unpack(rx), nan;
    struct hp r;

    e->rounded_up = false;
    if (fp_nan_operands(y, x, &nan, e))
        return f80_pack(nan);
    if (fp_denormal(y, x, e))
        return f80_make(0, 0);
    if (fp_is_inf(y) && fp_is_inf(x))
        return quarters(x.sign ? 3 : 1, y.sign, e);
    if (fp_is_zero(y) || fp_is_inf(x))
        return x.sign ? quarters(4, y.sign, e) : f80_pack(fp_zero(y.sign));
    if (fp_is_inf(y) || fp_is_zero(x))
        return quarters(2, y.sign, e);
    r = angle_of(y, x);
    r.sign = y.sign;
    return rounded(r, e);
}

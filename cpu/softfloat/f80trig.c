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

/* 1 - q/(n(n+1)) (1 - q/((n+2)(n+3)) (1 - ...)), q the square of the angle:
 * cosine for n = 1, sine divided by the angle for n = 2. */
static uint128 trig_series(uint128 q, unsigned n)
{
    const uint128 one = ~(uint128)0;
    uint128 sum = one;

    for (unsigned k = n + 34;; k -= 2) {
        sum = one - hp_div_small(hp_mul_high(q, sum), k * (k + 1));
        if (k == n)
            return sum;
    }
}

static struct hp sine(const struct angle *a)
{
    uint128 q = hp_to_q(hp_mul(a->rest, a->rest));
    struct hp r = a->quadrant & 1 ? hp_make(false, -1, trig_series(q, 1))
                                  : hp_scale_q(a->rest, trig_series(q, 2));

    r.sign ^= a->quadrant >> 1;
    return r;
}

static struct hp cosine(const struct angle *a)
{
    struct angle ahead = {a->rest, (a->quadrant + 1) & 3};

    return sine(&ahead);
}

/* Near zero the quotient could come out below the angle: the square is lost,
 * and the angle itself is the next smaller number. */
static struct hp tangent(const struct angle *a)
{
    if (a->rest.exp < -50 && !(a->quadrant & 1))
        return a->rest;
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

/* atan(t) for |t| up to 1/16: t (1 - q/3 + q^2/5 - ...), q = t^2. */
static struct hp atan_small(struct hp t)
{
    const uint128 one = ~(uint128)0;
    uint128 q = hp_to_q(hp_mul(t, t));
    uint128 sum = 0;

    for (unsigned k = 33; k >= 3; k -= 2)
        sum = hp_div_small(one, k) - hp_mul_high(q, sum);
    return hp_scale_q(t, one - hp_mul_high(q, sum));
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

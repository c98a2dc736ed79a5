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

/* (e^t - 1) / t, halved: t^k / (k + 1)! */
static const uint128 exp_head[] = {
    HP_Q(0x8000000000000000, 0x0000000000000000),
    HP_Q(0x4000000000000000, 0x0000000000000000),
    HP_Q(0x1555555555555555, 0x5555555555555555),
    HP_Q(0x0555555555555555, 0x5555555555555555),
    HP_Q(0x0111111111111111, 0x1111111111111111),
    HP_Q(0x002d82d82d82d82d, 0x82d82d82d82d82d8),
    HP_Q(0x0006806806806806, 0x8068068068068068),
    HP_Q(0x0000d00d00d00d00, 0xd00d00d00d00d00d),
    HP_Q(0x0000171de3a556c7, 0x338faac1c88e5001),
    HP_Q(0x0000024fc9f6ef13, 0xeb8e5de02da7d4cc),
};

static const uint64_t exp_tail[] = {
    UINT64_C(0x8000000000000000), UINT64_C(0x0ba2e8ba2e8ba2e8),
    UINT64_C(0x00f83e0f83e0f83e), UINT64_C(0x0013187758e9ebb6),
    UINT64_C(0x00015d2d18a2fe8d), UINT64_C(0x0000174745e8bba3),
    UINT64_C(0x00000174745e8bba),
};

static const struct hp_series exp_series = {
    exp_head, exp_tail, ARRAY_LEN(exp_head), ARRAY_LEN(exp_tail)};

/* 2^(j / 16) - 1 and 2^(-j / 16) - 1 */
static const struct hp sixteenths[2][17] = {
    {
        {false, 0, 0},
        {false, -5, HP_Q(0xb5586cf9890f6298, 0xb92b71842a983642)},
        {false, -4, HP_Q(0xb95c1e3ea8bd6e6f, 0xbe4628758a53c901)},
        {false, -3, HP_Q(0x8e1e9b9d588e19b0, 0x7eb6c70572d64ec0)},
        {false, -3, HP_Q(0xc1bf828c6dc54b7a, 0x356918c17217b7b2)},
        {false, -3, HP_Q(0xf7a993048d088d6d, 0x0488f84f5dcfee8b)},
        {false, -2, HP_Q(0x97fb5aa6c544e3a8, 0x72f5fd885c41c06c)},
        {false, -2, HP_Q(0xb560fba90a852b19, 0x2602a323d668bb11)},
        {false, -2, HP_Q(0xd413cccfe7799211, 0x65f626cdd52afa7c)},
        {false, -2, HP_Q(0xf4228e7d6030dafa, 0xa2047ed9b43ebde8)},
        {false, -1, HP_Q(0x8ace5422aa0db5ba, 0x7c55a192c9bb3e6e)},
        {false, -1, HP_Q(0x9c49182a3f0901c7, 0xc46b071f2be58dda)},
        {false, -1, HP_Q(0xae89f995ad3ad5e8, 0x734d1773205a7fbc)},
        {false, -1, HP_Q(0xc199bdd85529c222, 0x0cb12a091ba66794)},
        {false, -1, HP_Q(0xd5818dcfba48725d, 0xa05aeb66e0dca9f5)},
        {false, -1, HP_Q(0xea4afa2a490d9858, 0xf73a18f5db301f86)},
        {false, 0, HP_Q(0x8000000000000000, 0x0000000000000000)},
    },
    {
        {false, 0, 0},
        {true, -5, HP_Q(0xada82eadb7933d38, 0x462f3851267f03c9)},
        {true, -4, HP_Q(0xa9f9c8c116de3689, 0x7e9452647c8d5829)},
        {true, -4, HP_Q(0xf999089eab58f777, 0xcd3b57db916661ae)},
        {true, -3, HP_Q(0xa2ec0cd4a58a542f, 0x1965d119bf4b0087)},
        {true, -3, HP_Q(0xc76dcfab81edfc70, 0x7729f1c1a834e44a)},
        {true, -3, HP_Q(0xea6357baabe4948b, 0x0754bcda6c898322)},
        {true, -2, HP_Q(0x85eeb8c14fe79282, 0xaefdc09325e0a10b)},
        {true, -2, HP_Q(0x95f619980c4336f7, 0x4d04ec99156a82c1)},
        {true, -2, HP_Q(0xa54f822b7abd6a73, 0x6cfeae6e14cba277)},
        {true, -2, HP_Q(0xb40252ac9d5d8e2b, 0xc685013bd1df1fc9)},
        {true, -2, HP_Q(0xc2159b3edcbddca4, 0xbeddc1ec288c045d)},
        {true, -2, HP_Q(0xcf901f5ce48ead21, 0x72a5b9cfa37a1213)},
        {true, -2, HP_Q(0xdc785918a9dc7993, 0xe0524e3ea34a6c4f)},
        {true, -2, HP_Q(0xe8d47c382ae85232, 0x08373af14eb586df)},
        {true, -2, HP_Q(0xf4aa7930676f09d6, 0x746d48e7bd567c9b)},
        {true, -1, HP_Q(0x8000000000000000, 0x0000000000000000)},
    }};

/* 2^a - 1 for 0 < |a| < 1: the nearest j/16 apart, so that few terms do. */
static struct hp exp2m1(struct hp a)
{
    struct hp j = {false, 0, 0}, p, r;
    unsigned k = 0;

    if (a.exp >= -5)
        k = (unsigned)((a.sig >> 122 >> -a.exp) + 1) >> 1 & 31;
    j = hp_make(!a.sign, 127 - 4, k);
    r = hp_mul(hp_add(a, j), ln_2);
    r = hp_scale_q(r, hp_sum(&exp_series, hp_to_q(r), r.sign));
    r.exp += 1;
    if (!k)
        return r;
    p = sixteenths[a.sign][k];
    return hp_add(p, hp_add(r, hp_mul(p, r)));
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
    t = exp2m1(hp_from(a));
    return f80_pack(
        fp_round(&fp_f80, t.sign, t.exp, fp_shift_sticky(t.sig, 1) | 1, e));
}

/* ---- logarithms ---- */

/* artanh(z) / z, halved: z^2k / (2k + 1) */
static const uint128 log_head[] = {
    HP_Q(0x8000000000000000, 0x0000000000000000),
    HP_Q(0x2aaaaaaaaaaaaaaa, 0xaaaaaaaaaaaaaaaa),
    HP_Q(0x1999999999999999, 0x9999999999999999),
    HP_Q(0x1249249249249249, 0x2492492492492492),
    HP_Q(0x0e38e38e38e38e38, 0xe38e38e38e38e38e),
    HP_Q(0x0ba2e8ba2e8ba2e8, 0xba2e8ba2e8ba2e8b),
    HP_Q(0x09d89d89d89d89d8, 0x9d89d89d89d89d89),
    HP_Q(0x0888888888888888, 0x8888888888888888),
    HP_Q(0x0787878787878787, 0x8787878787878787),
    HP_Q(0x06bca1af286bca1a, 0xf286bca1af286bca),
    HP_Q(0x0618618618618618, 0x6186186186186186),
    HP_Q(0x0590b21642c8590b, 0x21642c8590b21642),
    HP_Q(0x051eb851eb851eb8, 0x51eb851eb851eb85),
    HP_Q(0x04bda12f684bda12, 0xf684bda12f684bda),
};

static const uint64_t log_tail[] = {
    UINT64_C(0x8000000000000000), UINT64_C(0x772c234f72c234f7),
    UINT64_C(0x6f7bdef7bdef7bde), UINT64_C(0x68ba2e8ba2e8ba2e),
    UINT64_C(0x62be2be2be2be2be), UINT64_C(0x5d67c8a60dd67c8a),
    UINT64_C(0x589d89d89d89d89d), UINT64_C(0x544aed44aed44aed),
    UINT64_C(0x505f417d05f417d0), UINT64_C(0x4ccccccccccccccc),
    UINT64_C(0x49882b9310572620), UINT64_C(0x4687d6343eb1a1f5),
    UINT64_C(0x43c3c3c3c3c3c3c3),
};

static const struct hp_series log_series = {
    log_head, log_tail, ARRAY_LEN(log_head), ARRAY_LEN(log_tail)};

/* log2((1 + z) / (1 - z)) = 2 log2(e) (z + z^3/3 + ...) for |z| < 0.18. */
static struct hp log2_ratio(struct hp z)
{
    uint128 q = hp_to_q(hp_mul(z, z));
    struct hp r = hp_mul(hp_scale_q(z, hp_sum(&log_series, q, false)), log2_e);

    r.exp += 2; /* the factor 2, and the series is halved */
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

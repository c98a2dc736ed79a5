/*
 * convert.c - between formats, to and from integers, to integral values.
 *
 * Intel SDM vol. 1: 4.8.4.2 (integer indefinite), 8.5.1.2; vol. 2: the CVT
 * instructions, FIST, FISTTP, FRNDINT, ROUNDSS, VCVTPH2PS, VCVTPS2PH.
 */
#include "cpu/softfloat/fast80.h"

static const struct fp_num no_value = {.cls = FP_CLASS_ZERO};

/* One number into another format. */
static struct fp_num convert(const struct fp_format *f, struct fp_num a,
                             struct fp_env *e)
{
    struct fp_num r;

    e->rounded_up = false;
    if (fp_nan_operands(a, fp_zero(false), &r, e))
        return r;
    if (fp_is_inf(a) || fp_is_zero(a))
        return a;
    if (fp_denormal(a, a, e))
        return no_value;
    return fp_round(f, a.sign, a.exp, (uint128)a.frac << 63, e);
}

uint32_t f16_to_f32(uint16_t a, struct fp_env *e)
{
    struct fp_env exact = *e;
    uint32_t r;

    exact.daz = false;
    exact.masks |= FP_DE;
    exact.flags = 0;
    r = f16_to_f32x(a, &exact);
    e->flags |= exact.flags & FP_IE;
    return r;
}

uint16_t f32_to_f16(uint32_t a, struct fp_env *e)
{
    bool ftz = e->ftz;
    uint16_t r;

    e->ftz = false;
    r = f32_to_f16x(a, e);
    e->ftz = ftz;
    return r;
}

uint32_t f16_to_f32x(uint16_t a, struct fp_env *e)
{
    return (uint32_t)fp_pack(&fp_f32,
                             convert(&fp_f32, fp_unpack(&fp_f16, a, e), e));
}

uint16_t f32_to_f16x(uint32_t a, struct fp_env *e)
{
    return (uint16_t)fp_pack(&fp_f16,
                             convert(&fp_f16, fp_unpack(&fp_f32, a, e), e));
}

uint64_t f16_to_f64(uint16_t a, struct fp_env *e)
{
    return fp_pack(&fp_f64, convert(&fp_f64, fp_unpack(&fp_f16, a, e), e));
}

uint16_t f64_to_f16(uint64_t a, struct fp_env *e)
{
    return (uint16_t)fp_pack(&fp_f16,
                             convert(&fp_f16, fp_unpack(&fp_f64, a, e), e));
}

uint64_t f32_to_f64(uint32_t a, struct fp_env *e)
{
    return fp_pack(&fp_f64, convert(&fp_f64, fp_unpack(&fp_f32, a, e), e));
}

uint32_t f64_to_f32(uint64_t a, struct fp_env *e)
{
    return (uint32_t)fp_pack(&fp_f32,
                             convert(&fp_f32, fp_unpack(&fp_f64, a, e), e));
}

/* FLD loads a denormal even if it raises DE unmasked. */
static struct f80 load(const struct fp_format *f, uint64_t raw,
                       struct fp_env *e)
{
    struct fp_num a = fp_unpack(f, raw, e);

    if (a.cls != FP_CLASS_DENORMAL)
        return f80_pack(convert(&fp_f80, a, e));
    fp_raise(e, FP_DE);
    return f80_pack(a);
}

struct f80 f32_to_f80(uint32_t a, struct fp_env *e)
{
    struct f80 r;

    if (UNLIKELY(!fast80_widen(&fp_f32, a, &r)))
        return load(&fp_f32, a, e);
    e->rounded_up = false;
    return r;
}

struct f80 f64_to_f80(uint64_t a, struct fp_env *e)
{
    struct f80 r;

    if (UNLIKELY(!fast80_widen(&fp_f64, a, &r)))
        return load(&fp_f64, a, e);
    e->rounded_up = false;
    return r;
}

static struct f80 widen(const struct fp_format *f, uint64_t raw,
                        struct fp_env *e)
{
    struct fp_num a = fp_unpack(f, raw, e);

    e->denormal = a.cls == FP_CLASS_DENORMAL;
    return f80_pack(a);
}

struct f80 f32_widen(uint32_t a, struct fp_env *e)
{
    struct f80 r;

    if (UNLIKELY(!fast80_widen(&fp_f32, a, &r)))
        return widen(&fp_f32, a, e);
    e->denormal = false;
    return r;
}

struct f80 f64_widen(uint64_t a, struct fp_env *e)
{
    struct f80 r;

    if (UNLIKELY(!fast80_widen(&fp_f64, a, &r)))
        return widen(&fp_f64, a, e);
    e->denormal = false;
    return r;
}

/* FST knows no DE, and an unmasked OE or UE keeps it from storing anything,
 * so that the result is not judged inexact. */
static struct fp_num store(const struct fp_format *f, struct fp_num a,
                           struct fp_env *e)
{
    struct fp_env s = *e;
    struct fp_num r;

    if (a.cls == FP_CLASS_DENORMAL)
        a.cls = FP_CLASS_NORMAL;
    s.flags = 0;
    r = convert(f, a, &s);
    e->rounded_up = s.rounded_up;
    if (s.flags & ~s.masks & (FP_OE | FP_UE)) {
        s.flags &= ~FP_PE;
        e->rounded_up = false;
    }
    e->flags |= s.flags;
    return r;
}

uint32_t f80_to_f32(struct f80 a, struct fp_env *e)
{
    uint64_t r;

    if (LIKELY(fast80_narrow(&fp_f32, a, e, &r)))
        return (uint32_t)r;
    return (uint32_t)fp_pack(&fp_f32, store(&fp_f32, f80_unpack(a), e));
}

uint64_t f80_to_f64(struct f80 a, struct fp_env *e)
{
    uint64_t r;

    if (LIKELY(fast80_narrow(&fp_f64, a, e, &r)))
        return r;
    return fp_pack(&fp_f64, store(&fp_f64, f80_unpack(a), e));
}

/* ---- to integers ---- */

/* Rounds a to a magnitude of at most limit, or below zero at most limit_neg;
 * returns it in two's complement. False, and IE, if it does not fit. */
static bool to_integer(struct fp_num a, unsigned rounding, uint64_t limit,
                       uint64_t limit_neg, uint64_t *value, struct fp_env *e)
{
    bool up = false, inexact;
    uint128 mag;

    e->rounded_up = false;
    if (a.cls > FP_CLASS_NORMAL || (!fp_is_zero(a) && a.exp > 63)) {
        fp_raise(e, FP_IE);
        return false;
    }
    inexact = fp_integer(a, rounding, &mag, &up);
    if (mag > (a.sign ? limit_neg : limit)) {
        fp_raise(e, FP_IE);
        return false;
    }
    if (inexact)
        fp_raise(e, FP_PE);
    e->rounded_up = up;
    *value = a.sign ? 0 - (uint64_t)mag : (uint64_t)mag;
    return true;
}

static int64_t to_signed(struct fp_num a, unsigned rounding, int bits,
                         struct fp_env *e)
{
    uint64_t limit_neg = UINT64_C(1) << (bits - 1), value;

    if (!to_integer(a, rounding, limit_neg - 1, limit_neg, &value, e))
        return INT64_MIN >> (64 - bits);
    return (int64_t)value;
}

static uint64_t to_unsigned(struct fp_num a, unsigned rounding, int bits,
                            struct fp_env *e)
{
    uint64_t limit = UINT64_MAX >> (64 - bits), value;

    if (!to_integer(a, rounding, limit, 0, &value, e))
        return limit;
    return value;
}

#define TO_INTEGERS(fmt, T)                                                    \
    static struct fp_num fmt##_in(T a, const struct fp_env *e)                 \
    {                                                                          \
        return fp_unpack(&fp_##fmt, a, e);                                     \
    }                                                                          \
    int32_t fmt##_to_i32(T a, struct fp_env *e)                                \
    {                                                                          \
        return (int32_t)to_signed(fmt##_in(a, e), e->rounding, 32, e);         \
    }                                                                          \
    int64_t fmt##_to_i64(T a, struct fp_env *e)                                \
    {                                                                          \
        return to_signed(fmt##_in(a, e), e->rounding, 64, e);                  \
    }                                                                          \
    uint32_t fmt##_to_u32(T a, struct fp_env *e)                               \
    {                                                                          \
        return (uint32_t)to_unsigned(fmt##_in(a, e), e->rounding, 32, e);      \
    }                                                                          \
    uint64_t fmt##_to_u64(T a, struct fp_env *e)                               \
    {                                                                          \
        return to_unsigned(fmt##_in(a, e), e->rounding, 64, e);                \
    }                                                                          \
    int32_t fmt##_to_i32_trunc(T a, struct fp_env *e)                          \
    {                                                                          \
        return (int32_t)to_signed(fmt##_in(a, e), FP_ROUND_ZERO, 32, e);       \
    }                                                                          \
    int64_t fmt##_to_i64_trunc(T a, struct fp_env *e)                          \
    {                                                                          \
        return to_signed(fmt##_in(a, e), FP_ROUND_ZERO, 64, e);                \
    }                                                                          \
    uint32_t fmt##_to_u32_trunc(T a, struct fp_env *e)                         \
    {                                                                          \
        return (uint32_t)to_unsigned(fmt##_in(a, e), FP_ROUND_ZERO, 32, e);    \
    }                                                                          \
    uint64_t fmt##_to_u64_trunc(T a, struct fp_env *e)                         \
    {                                                                          \
        return to_unsigned(fmt##_in(a, e), FP_ROUND_ZERO, 64, e);              \
    }

TO_INTEGERS(f16, uint16_t)
TO_INTEGERS(f32, uint32_t)
TO_INTEGERS(f64, uint64_t)

static int64_t f80_to_signed(struct f80 a, unsigned rounding, int bits,
                             struct fp_env *e)
{
    uint64_t limit = (UINT64_C(1) << (bits - 1)) - 1, mag;

    if (UNLIKELY(!fast80_integer(a, rounding, limit, &mag, e)))
        return to_signed(f80_unpack(a), rounding, bits, e);
    return a.se >> 15 ? -(int64_t)mag : (int64_t)mag;
}

int16_t f80_to_i16(struct f80 a, struct fp_env *e)
{
    return (int16_t)f80_to_signed(a, e->rounding, 16, e);
}

int32_t f80_to_i32(struct f80 a, struct fp_env *e)
{
    return (int32_t)f80_to_signed(a, e->rounding, 32, e);
}

int64_t f80_to_i64(struct f80 a, struct fp_env *e)
{
    return f80_to_signed(a, e->rounding, 64, e);
}

int16_t f80_to_i16_trunc(struct f80 a, struct fp_env *e)
{
    return (int16_t)f80_to_signed(a, FP_ROUND_ZERO, 16, e);
}

int32_t f80_to_i32_trunc(struct f80 a, struct fp_env *e)
{
    return (int32_t)f80_to_signed(a, FP_ROUND_ZERO, 32, e);
}

int64_t f80_to_i64_trunc(struct f80 a, struct fp_env *e)
{
    return f80_to_signed(a, FP_ROUND_ZERO, 64, e);
}

/* ---- from integers ---- */

static struct fp_num from_integer(const struct fp_format *f, bool sign,
                                  uint64_t mag, struct fp_env *e)
{
    e->rounded_up = false;
    if (!mag)
        return fp_zero(false);
    return fp_round(f, sign, 63, (uint128)mag << 63, e);
}

static uint64_t from_signed(const struct fp_format *f, int64_t a,
                            struct fp_env *e)
{
    uint64_t mag = a < 0 ? 0 - (uint64_t)a : (uint64_t)a;

    return fp_pack(f, from_integer(f, a < 0, mag, e));
}

static uint64_t from_unsigned(const struct fp_format *f, uint64_t a,
                              struct fp_env *e)
{
    return fp_pack(f, from_integer(f, false, a, e));
}

struct f80 i64_to_f80(int64_t a)
{
    uint64_t mag = a < 0 ? 0 - (uint64_t)a : (uint64_t)a;
    unsigned shift;

    if (!mag)
        return f80_make(0, 0);
    shift = fp_clz64(mag);
    return f80_make((uint16_t)((a < 0) << 15 | (F80_BIAS + 63 - (int)shift)),
                    mag << shift);
}

uint64_t i32_to_f64(int32_t a)
{
    return from_signed(&fp_f64, a, &(struct fp_env){0});
}

uint64_t u32_to_f64(uint32_t a)
{
    return from_unsigned(&fp_f64, a, &(struct fp_env){0});
}

uint64_t i64_to_f64(int64_t a, struct fp_env *e)
{
    return from_signed(&fp_f64, a, e);
}

uint64_t u64_to_f64(uint64_t a, struct fp_env *e)
{
    return from_unsigned(&fp_f64, a, e);
}

uint32_t i32_to_f32(int32_t a, struct fp_env *e)
{
    return (uint32_t)from_signed(&fp_f32, a, e);
}

uint32_t u32_to_f32(uint32_t a, struct fp_env *e)
{
    return (uint32_t)from_unsigned(&fp_f32, a, e);
}

uint32_t i64_to_f32(int64_t a, struct fp_env *e)
{
    return (uint32_t)from_signed(&fp_f32, a, e);
}

uint32_t u64_to_f32(uint64_t a, struct fp_env *e)
{
    return (uint32_t)from_unsigned(&fp_f32, a, e);
}

uint16_t i64_to_f16(int64_t a, struct fp_env *e)
{
    return (uint16_t)from_signed(&fp_f16, a, e);
}

uint16_t u64_to_f16(uint64_t a, struct fp_env *e)
{
    return (uint16_t)from_unsigned(&fp_f16, a, e);
}

/* ---- to integral values ---- */

/* a rounded to a multiple of 2^-scale. */
static struct fp_num integral(struct fp_num a, unsigned rounding, int scale,
                              bool quiet, int precision, struct fp_env *e)
{
    struct fp_num r;
    bool up, inexact;
    uint128 mag;
    unsigned shift;

    e->rounded_up = false;
    if (fp_nan_operands(a, fp_zero(false), &r, e))
        return r;
    if (fp_is_inf(a) || fp_is_zero(a) || a.exp + scale >= precision - 1)
        return a;
    a.exp += scale;
    inexact = fp_integer(a, rounding, &mag, &up);
    if (inexact && !quiet)
        fp_raise(e, FP_PE);
    e->rounded_up = up;
    if (!mag)
        return fp_zero(a.sign);
    shift = fp_clz64((uint64_t)mag);
    return (struct fp_num){FP_CLASS_NORMAL, a.sign, 63 - (int)shift - scale,
                           (uint64_t)mag << shift};
}

#define INTEGRAL(fmt, T)                                                       \
    T fmt##_round(T a, unsigned rounding, bool quiet, struct fp_env *e)        \
    {                                                                          \
        const struct fp_format *f = &fp_##fmt;                                 \
        return (T)fp_pack(f, integral(fp_unpack(f, a, e), rounding, 0, quiet,  \
                                      f->precision, e));                       \
    }                                                                          \
    T fmt##_rndscale(T a, unsigned imm8, struct fp_env *e)                     \
    {                                                                          \
        const struct fp_format *f = &fp_##fmt;                                 \
        return (T)fp_pack(                                                     \
            f, integral(fp_unpack(f, a, e), imm8 & 4 ? e->rounding : imm8 & 3, \
                        imm8 >> 4 & 15, imm8 >> 3 & 1, f->precision, e));      \
    }

INTEGRAL(f16, uint16_t)
INTEGRAL(f32, uint32_t)
INTEGRAL(f64, uint64_t)

struct f80 f80_round(struct f80 a, struct fp_env *e)
{
    struct fp_num x;
    uint64_t mag;

    if (!e->denormal && fast80_integer(a, e->rounding, UINT64_MAX, &mag, e)) {
        struct f80 r = i64_to_f80((int64_t)mag);

        /* 2^63 came out negative; any sign gives way to a's. */
        r.se = (r.se & 0x7fff) | (a.se & 0x8000);
        return r;
    }
    x = f80_unpack(a);
    if (fp_denormal(x, x, e))
        return a;
    return f80_pack(integral(x, e->rounding, 0, false, 64, e));
}

/*
 * compare.c - ordering, minimum and maximum.
 *
 * Intel SDM vol. 2: COMISS, UCOMISS, CMPSS, MINSS, MAXSS, FCOM, FUCOM.
 */
#include "cpu/softfloat/fast80.h"

/* Order of the magnitudes of two numbers that are not NaN. */
static int magnitude_order(struct fp_num a, struct fp_num b)
{
    if (fp_is_inf(a) || fp_is_inf(b))
        return fp_is_inf(a) - fp_is_inf(b);
    if (fp_is_zero(a) || fp_is_zero(b))
        return fp_is_zero(b) - fp_is_zero(a);
    if (a.exp != b.exp)
        return a.exp > b.exp ? 1 : -1;
    return (a.frac > b.frac) - (a.frac < b.frac);
}

static enum fp_relation order(struct fp_num a, struct fp_num b)
{
    int diff;

    if (fp_is_zero(a) && fp_is_zero(b))
        return FP_EQUAL;
    if (a.sign != b.sign)
        return a.sign ? FP_LESS : FP_GREATER;
    diff = magnitude_order(a, b);
    if (diff == 0)
        return FP_EQUAL;
    return (diff > 0) == a.sign ? FP_LESS : FP_GREATER;
}

static enum fp_relation compare(struct fp_num a, struct fp_num b, bool quiet,
                                struct fp_env *e)
{
    struct fp_num nan;

    e->rounded_up = false;
    if (fp_nan_operands(a, b, &nan, e)) {
        if (!quiet)
            fp_raise(e, FP_IE);
        return FP_UNORDERED;
    }
    fp_denormal(a, b, e);
    return order(a, b);
}

/* An operand as a result: itself, signalling NaN or not, but DAZ shows. */
static uint64_t chosen(const struct fp_format *f, uint64_t raw,
                       const struct fp_env *e)
{
    struct fp_num a = fp_unpack(f, raw, e);

    return fp_is_zero(a) ? fp_pack(f, a) : raw;
}

#define COMPARISON(fmt, T)                                                     \
    enum fp_relation fmt##_compare(T a, T b, struct fp_env *e)                 \
    {                                                                          \
        const struct fp_format *f = &fp_##fmt;                                 \
        return compare(fp_unpack(f, a, e), fp_unpack(f, b, e), false, e);      \
    }                                                                          \
    enum fp_relation fmt##_compare_quiet(T a, T b, struct fp_env *e)           \
    {                                                                          \
        const struct fp_format *f = &fp_##fmt;                                 \
        return compare(fp_unpack(f, a, e), fp_unpack(f, b, e), true, e);       \
    }                                                                          \
    T fmt##_min(T a, T b, struct fp_env *e)                                    \
    {                                                                          \
        bool first = fmt##_compare(a, b, e) == FP_LESS;                        \
        return (T)chosen(&fp_##fmt, first ? a : b, e);                         \
    }                                                                          \
    T fmt##_max(T a, T b, struct fp_env *e)                                    \
    {                                                                          \
        bool first = fmt##_compare(a, b, e) == FP_GREATER;                     \
        return (T)chosen(&fp_##fmt, first ? a : b, e);                         \
    }

COMPARISON(f16, uint16_t)
COMPARISON(f32, uint32_t)
COMPARISON(f64, uint64_t)

enum fp_relation f80_compare(struct f80 a, struct f80 b, struct fp_env *e)
{
    enum fp_relation r;

    if (LIKELY(fast80_compare(a, b, e, &r)))
        return r;
    return compare(f80_unpack(a), f80_unpack(b), false, e);
}

enum fp_relation f80_compare_quiet(struct f80 a, struct f80 b, struct fp_env *e)
{
    enum fp_relation r;

    if (LIKELY(fast80_compare(a, b, e, &r)))
        return r;
    return compare(f80_unpack(a), f80_unpack(b), true, e);
}

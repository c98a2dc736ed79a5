/*
 * arith.c - add, subtract, multiply, divide, square root, multiply-add.
 *
 * Intel SDM vol. 1: 4.9.1 (exceptions), 8.3.5 (x87 arithmetic), 14.5 (FMA).
 */
#include "cpu/softfloat/fast.h"
#include "cpu/softfloat/fast80.h"

/* An operation that a denormal operand ended: the value is not used. */
static const struct fp_num no_value = {.cls = FP_CLASS_ZERO};

/* Sum of two finite, non-zero wide numbers, exponents in units of bit 126.
 * Bits lost from the smaller one leave a sticky bit; then no more than one
 * leading bit can cancel, so the result still rounds correctly. */
static struct fp_num sum(const struct fp_format *f, bool sa, int32_t ea,
                         uint128 a, bool sb, int32_t eb, uint128 b,
                         struct fp_env *e)
{
    int32_t exp = ea > eb ? ea : eb;

    a = fp_shift_sticky(a, (unsigned)(exp - ea));
    b = fp_shift_sticky(b, (unsigned)(exp - eb));
    if (sa == sb)
        return fp_round(f, sa, exp, a + b, e);
    if (a == b)
        return fp_zero(e->rounding == FP_ROUND_DOWN);
    return a > b ? fp_round(f, sa, exp, a - b, e)
                 : fp_round(f, sb, exp, b - a, e);
}

/* x + 0: x itself, rounded to the format (the x87 with reduced precision). */
static struct fp_num alone(const struct fp_format *f, struct fp_num a,
                           struct fp_env *e)
{
    return fp_round(f, a.sign, a.exp, (uint128)a.frac << 63, e);
}

static struct fp_num add(const struct fp_format *f, struct fp_num a,
                         struct fp_num b, bool subtract, struct fp_env *e)
{
    struct fp_num r;

    e->rounded_up = false;
    if (fp_nan_operands(a, b, &r, e))
        return r;
    b.sign ^= subtract;
    if (fp_is_inf(a) && fp_is_inf(b) && a.sign != b.sign)
        return fp_invalid(e);
    if (fp_denormal(a, b, e))
        return no_value;
    if (fp_is_inf(a) || fp_is_inf(b))
        return fp_is_inf(a) ? a : b;
    if (fp_is_zero(a) && fp_is_zero(b))
        return a.sign == b.sign ? a : fp_zero(e->rounding == FP_ROUND_DOWN);
    if (fp_is_zero(a) || fp_is_zero(b))
        return alone(f, fp_is_zero(a) ? b : a, e);
    return sum(f, a.sign, a.exp, (uint128)a.frac << 63, b.sign, b.exp,
               (uint128)b.frac << 63, e);
}

static struct fp_num mul(const struct fp_format *f, struct fp_num a,
                         struct fp_num b, struct fp_env *e)
{
    bool sign = a.sign != b.sign;
    struct fp_num r;

    e->rounded_up = false;
    if (fp_nan_operands(a, b, &r, e))
        return r;
    if ((fp_is_inf(a) && fp_is_zero(b)) || (fp_is_zero(a) && fp_is_inf(b)))
        return fp_invalid(e);
    if (fp_denormal(a, b, e))
        return no_value;
    if (fp_is_inf(a) || fp_is_inf(b))
        return fp_infinity(sign);
    if (fp_is_zero(a) || fp_is_zero(b))
        return fp_zero(sign);
    return fp_round(f, sign, a.exp + b.exp, (uint128)a.frac * b.frac, e);
}

/* a / b to 126 bits or so and a sticky bit, the value scaled by 2^126. */
static uint128 quotient(uint64_t a, uint64_t b)
{
    uint128 n = (uint128)a << 63;
    uint128 q = n / b;
    uint128 rest = (n - q * b) << 63;
    uint128 low = rest / b;

    return q << 63 | low | (low * b != rest);
}

static struct fp_num divide(const struct fp_format *f, struct fp_num a,
                            struct fp_num b, struct fp_env *e)
{
    bool sign = a.sign != b.sign;
    struct fp_num r;

    e->rounded_up = false;
    if (fp_nan_operands(a, b, &r, e))
        return r;
    if ((fp_is_inf(a) && fp_is_inf(b)) || (fp_is_zero(a) && fp_is_zero(b)))
        return fp_invalid(e);
    if (fp_is_zero(b) && !fp_is_inf(a)) {
        fp_raise(e, FP_ZE);
        return fp_infinity(sign);
    }
    if (fp_denormal(a, b, e))
        return no_value;
    if (fp_is_inf(a))
        return fp_infinity(sign);
    if (fp_is_inf(b) || fp_is_zero(a))
        return fp_zero(sign);
    return fp_round(f, sign, a.exp - b.exp, quotient(a.frac, b.frac), e);
}

/*
 * Integer square roots with remainder, of numbers with one of the top two bits
 * set. The host's square root is a guess that is put right; half the digits of
 * the longer one come from the top half of the number, and one division of what
 * remains by twice that root gives the rest, at most one too large.
 */
static uint64_t root_32(uint64_t n, uint64_t *rest)
{
    uint64_t root = (uint64_t)__builtin_sqrt((double)n);

    root = root > UINT32_MAX ? UINT32_MAX : root;
    while (root * root > n)
        root--;
    while (n - root * root > 2 * root)
        root++;
    *rest = n - root * root;
    return root;
}

static uint128 root_64(uint128 n, uint128 *rest)
{
    uint64_t r;
    uint64_t high = root_32((uint64_t)(n >> 64), &r);
    uint128 left = (uint128)r << 32 | (uint32_t)(n >> 32);
    uint64_t half = (uint64_t)(left >> 1); /* left is below 2^65 */
    uint64_t q = half / high;
    uint128 root = ((uint128)high << 32) + q;
    int128 d = (int128)((left - (uint128)q * 2 * high) << 32 | (uint32_t)n) -
               (int128)((uint128)q * q);

    if (d < 0)
        d += (int128)(2 * root-- - 1);
    *rest = (uint128)d;
    return root;
}

/* Square root of frac / 2^63 (twice: of double that) to 66 bits and sticky,
 * scaled by 2^126. */
static uint128 root_of(uint64_t frac, bool twice)
{
    uint128 rest, root = root_64((uint128)frac << (63 + twice), &rest);

    for (int i = 0; i < 2; i++) {
        uint128 trial = root << 2 | 1;

        rest <<= 2;
        root <<= 1;
        if (rest >= trial) {
            rest -= trial;
            root |= 1;
        }
    }
    return root << 61 | (rest != 0);
}

static bool fast80_sqrt(struct f80 a, struct fp_env *e, struct f80 *r)
{
    int exp = fast80_exp(a) - F80_BIAS;
    bool odd = exp & 1;
    uint128 root, rest;

    if (UNLIKELY(!fast80_normal(a) || a.se >> 15 || e->denormal)) {
        if (!fast80_zero(a) || e->denormal)
            return false;
        return fast80_exact(a, e, r);
    }
    root = root_64((uint128)a.frac << (63 + odd), &rest);
    /* Half a unit more squared is above by root + 1/4: never a tie. */
    return fast80_round(false, (exp - odd) / 2 + F80_BIAS, (uint64_t)root,
                        rest > root ? FP_TOP | 1 : rest != 0, e, r);
}

static struct fp_num root(const struct fp_format *f, struct fp_num a,
                          struct fp_env *e)
{
    bool odd = a.exp & 1;
    struct fp_num r;

    e->rounded_up = false;
    if (fp_nan_operands(a, fp_zero(false), &r, e))
        return r;
    if (fp_is_zero(a))
        return a;
    if (a.sign)
        return fp_invalid(e);
    if (fp_denormal(a, a, e))
        return no_value;
    if (fp_is_inf(a))
        return a;
    return fp_round(f, false, (a.exp - odd) / 2, root_of(a.frac, odd), e);
}

/* A NaN among three operands; infinity times zero is invalid even then,
 * but does not outrank the NaN as result (SDM vol. 1 table 14-17). */
static bool fma_nan(struct fp_num x, struct fp_num y, struct fp_num z,
                    struct fp_num *r, struct fp_env *e)
{
    bool found = fp_is_nan(x) || fp_is_nan(y) || fp_is_nan(z);

    if (LIKELY(!found))
        return false;
    if (x.cls == FP_CLASS_SNAN || y.cls == FP_CLASS_SNAN ||
        z.cls == FP_CLASS_SNAN)
        fp_raise(e, FP_IE);
    *r = fp_quieted(fp_is_nan(x) ? x : fp_is_nan(y) ? y : z);
    return true;
}

static struct fp_num fma_wide(const struct fp_format *f, struct fp_num x,
                              struct fp_num y, struct fp_num z, unsigned negate,
                              struct fp_env *e)
{
    bool sign = x.sign ^ y.sign ^ (negate & FP_NEG_PRODUCT);
    bool inf = fp_is_inf(x) || fp_is_inf(y);
    bool zero = fp_is_zero(x) || fp_is_zero(y);
    int32_t exp = x.exp + y.exp;
    struct fp_num r;
    uint128 product;

    if (fma_nan(x, y, z, &r, e))
        return r;
    z.sign ^= (negate & FP_NEG_ADDEND) != 0;
    if ((inf && zero) || (inf && fp_is_inf(z) && z.sign != sign))
        return fp_invalid(e);
    if (fp_denormal(x, y, e) || fp_denormal(z, z, e))
        return no_value;
    if (inf || fp_is_inf(z))
        return inf ? fp_infinity(sign) : z;
    if (zero && fp_is_zero(z))
        return z.sign == sign ? z : fp_zero(e->rounding == FP_ROUND_DOWN);
    if (zero)
        return alone(f, z, e);
    product = (uint128)x.frac * y.frac;
    if (product >> 127) { /* at most 106 bits are in use: nothing is lost */
        product >>= 1;
        exp++;
    }
    if (fp_is_zero(z))
        return fp_round(f, sign, exp, product, e);
    return sum(f, sign, exp, product, z.sign, z.exp, (uint128)z.frac << 63, e);
}

#define ARITHMETIC(fmt, T)                                                     \
    T fmt##_add(T a, T b, struct fp_env *e)                                    \
    {                                                                          \
        const struct fp_format *f = &fp_##fmt;                                 \
        uint64_t r;                                                            \
        if (LIKELY(fast_add(f, a, b, false, e, &r)))                           \
            return (T)r;                                                       \
        return (T)fp_pack(                                                     \
            f, add(f, fp_unpack(f, a, e), fp_unpack(f, b, e), false, e));      \
    }                                                                          \
    T fmt##_sub(T a, T b, struct fp_env *e)                                    \
    {                                                                          \
        const struct fp_format *f = &fp_##fmt;                                 \
        uint64_t r;                                                            \
        if (LIKELY(fast_add(f, a, b, true, e, &r)))                            \
            return (T)r;                                                       \
        return (T)fp_pack(                                                     \
            f, add(f, fp_unpack(f, a, e), fp_unpack(f, b, e), true, e));       \
    }                                                                          \
    T fmt##_mul(T a, T b, struct fp_env *e)                                    \
    {                                                                          \
        const struct fp_format *f = &fp_##fmt;                                 \
        uint64_t r;                                                            \
        if (LIKELY(fast_mul(f, a, b, e, &r)))                                  \
            return (T)r;                                                       \
        return (T)fp_pack(f,                                                   \
                          mul(f, fp_unpack(f, a, e), fp_unpack(f, b, e), e));  \
    }                                                                          \
    T fmt##_div(T a, T b, struct fp_env *e)                                    \
    {                                                                          \
        const struct fp_format *f = &fp_##fmt;                                 \
        uint64_t r;                                                            \
        if (LIKELY(fast_div(f, a, b, e, &r)))                                  \
            return (T)r;                                                       \
        return (T)fp_pack(                                                     \
            f, divide(f, fp_unpack(f, a, e), fp_unpack(f, b, e), e));          \
    }                                                                          \
    T fmt##_sqrt(T a, struct fp_env *e)                                        \
    {                                                                          \
        const struct fp_format *f = &fp_##fmt;                                 \
        return (T)fp_pack(f, root(f, fp_unpack(f, a, e), e));                  \
    }                                                                          \
    T fmt##_fma(T x, T y, T z, unsigned negate, struct fp_env *e)              \
    {                                                                          \
        const struct fp_format *f = &fp_##fmt;                                 \
        struct fp_num r = fma_wide(f, fp_unpack(f, x, e), fp_unpack(f, y, e),  \
                                   fp_unpack(f, z, e), negate, e);             \
        return (T)fp_pack(f, r);                                               \
    }

ARITHMETIC(f16, uint16_t)
ARITHMETIC(f32, uint32_t)
ARITHMETIC(f64, uint64_t)

struct f80 f80_add(struct f80 a, struct f80 b, struct fp_env *e)
{
    struct fp_format f;
    struct f80 r;

    if (LIKELY(fast80_add(a, b, false, e, &r)))
        return r;
    f = fp_f80_format(e);
    return f80_pack(add(&f, f80_unpack(a), f80_unpack(b), false, e));
}

struct f80 f80_sub(struct f80 a, struct f80 b, struct fp_env *e)
{
    struct fp_format f;
    struct f80 r;

    if (LIKELY(fast80_add(a, b, true, e, &r)))
        return r;
    f = fp_f80_format(e);
    return f80_pack(add(&f, f80_unpack(a), f80_unpack(b), true, e));
}

struct f80 f80_mul(struct f80 a, struct f80 b, struct fp_env *e)
{
    struct fp_format f;
    struct f80 r;

    if (LIKELY(fast80_mul(a, b, e, &r)))
        return r;
    f = fp_f80_format(e);
    return f80_pack(mul(&f, f80_unpack(a), f80_unpack(b), e));
}

struct f80 f80_div(struct f80 a, struct f80 b, struct fp_env *e)
{
    struct fp_format f;
    struct f80 r;

    if (LIKELY(fast80_div(a, b, e, &r)))
        return r;
    f = fp_f80_format(e);
    return f80_pack(divide(&f, f80_unpack(a), f80_unpack(b), e));
}

struct f80 f80_sqrt(struct f80 a, struct fp_env *e)
{
    struct fp_format f;
    struct f80 r;

    if (LIKELY(fast80_sqrt(a, e, &r)))
        return r;
    f = fp_f80_format(e);
    return f80_pack(root(&f, f80_unpack(a), e));
}

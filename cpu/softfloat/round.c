/*
 * round.c - bit patterns to numbers and back, and the one rounding step.
 *
 * Intel SDM vol. 1: 4.8 (formats, rounding), 4.9.1 (exceptions and masked
 * responses), 8.5 (x87 responses), 11.5.2 (SSE responses).
 */
#include "cpu/softfloat/wide.h"

/* Distance by which the x87 wraps the exponent of an unmasked over- or
 * underflow (SDM vol. 1, 8.5.4 and 8.5.5). */
#define WRAP 24576

struct fp_num fp_unpack(const struct fp_format *f, uint64_t raw,
                        const struct fp_env *e)
{
    int biased_max = 2 * f->emax + 1;
    int biased = (int)(raw >> f->frac_bits) & biased_max;
    uint64_t frac = raw << (63 - f->frac_bits) & (FP_TOP - 1);
    bool sign = raw >> (f->frac_bits + 1) & (unsigned)(f->emax + 1);
    struct fp_num a = {FP_CLASS_NORMAL, sign, biased - f->emax, frac | FP_TOP};

    if (LIKELY(biased && biased != biased_max))
        return a;
    if (biased == biased_max) {
        a.cls = !frac             ? FP_CLASS_INFINITY
                : frac & FP_QUIET ? FP_CLASS_QNAN
                                  : FP_CLASS_SNAN;
    } else if (!frac || e->daz) {
        a.cls = FP_CLASS_ZERO;
    } else {
        unsigned shift = fp_clz64(frac);

        a.cls = FP_CLASS_DENORMAL;
        a.frac = frac << shift;
        a.exp = 1 - f->emax - (int)shift;
    }
    return a;
}

struct fp_num f80_unpack(struct f80 raw)
{
    int biased = raw.se & 0x7fff;
    struct fp_num a = {FP_CLASS_NORMAL, raw.se >> 15, biased - 16383, raw.frac};

    if (biased == 0) {
        unsigned shift = raw.frac ? fp_clz64(raw.frac) : 0;

        a.cls = raw.frac ? FP_CLASS_DENORMAL : FP_CLASS_ZERO;
        a.frac = raw.frac << shift;
        a.exp = 1 - 16383 - (int)shift;
    } else if (!(raw.frac & FP_TOP)) {
        a.cls = FP_CLASS_UNSUPPORTED;
    } else if (biased == 0x7fff) {
        a.cls = raw.frac == FP_TOP    ? FP_CLASS_INFINITY
                : raw.frac & FP_QUIET ? FP_CLASS_QNAN
                                      : FP_CLASS_SNAN;
    }
    return a;
}

uint64_t fp_pack(const struct fp_format *f, struct fp_num a)
{
    uint64_t biased = (uint64_t)(2 * f->emax + 1);
    uint64_t frac = 0;

    switch (a.cls) {
    case FP_CLASS_ZERO:
        biased = 0;
        break;
    case FP_CLASS_INFINITY:
        break;
    case FP_CLASS_NORMAL:
    case FP_CLASS_DENORMAL:
        biased = a.frac & FP_TOP ? (uint64_t)(a.exp + f->emax) : 0;
        frac = a.frac;
        break;
    default:
        frac = a.frac;
        break;
    }
    frac = (frac & (FP_TOP - 1)) >> (63 - f->frac_bits);
    return ((uint64_t)a.sign * (uint64_t)(2 * f->emax + 2) | biased)
               << f->frac_bits |
           frac;
}

struct f80 f80_pack(struct fp_num a)
{
    uint16_t sign = (uint16_t)(a.sign << 15);

    switch (a.cls) {
    case FP_CLASS_ZERO:
        return f80_make(sign, 0);
    case FP_CLASS_INFINITY:
        return f80_make(sign | 0x7fff, FP_TOP);
    case FP_CLASS_NORMAL:
    case FP_CLASS_DENORMAL:
        if (a.frac & FP_TOP)
            sign |= (uint16_t)(a.exp + 16383);
        return f80_make(sign, a.frac);
    default:
        return f80_make(sign | 0x7fff, a.frac | FP_TOP);
    }
}

/* Cuts sig to its top bits: bit 126 becomes bit 63 of *frac. Returns whether
 * anything was cut off; *up whether the magnitude grew, *carry whether it
 * grew to 2. */
static bool cut(uint128 sig, int precision, unsigned rounding, bool sign,
                uint64_t *frac, bool *up, bool *carry)
{
    uint128 unit = (uint128)1 << (127 - precision);
    uint128 rest = sig & (unit - 1);

    sig -= rest;
    *up = fp_rounds_up(rounding, sign, (sig & unit) != 0, rest, unit >> 1);
    if (*up)
        sig += unit;
    *carry = sig >> 127 != 0;
    *frac = *carry ? FP_TOP : (uint64_t)(sig >> 63);
    return rest != 0;
}

/* Masked overflow: infinity or the largest number, by direction. */
static struct fp_num overflowed(const struct fp_format *f, bool sign,
                                struct fp_env *e)
{
    bool away = e->rounding == FP_ROUND_NEAREST ||
                e->rounding == (sign ? FP_ROUND_DOWN : FP_ROUND_UP);

    fp_raise(e, FP_OE | FP_PE);
    e->rounded_up = away;
    if (away)
        return fp_infinity(sign);
    return (struct fp_num){FP_CLASS_NORMAL, sign, f->emax,
                           UINT64_MAX << (64 - f->precision)};
}

/* Masked underflow: the denormal or zero nearest in direction. */
static struct fp_num underflowed(const struct fp_format *f, bool sign,
                                 int32_t exp, uint128 sig, struct fp_env *e)
{
    int32_t emin = 1 - f->emax;
    struct fp_num r = {FP_CLASS_DENORMAL, sign, emin, 0};
    bool up, carry;

    if (e->ftz) {
        fp_raise(e, FP_UE | FP_PE);
        e->rounded_up = false;
        return fp_zero(sign);
    }
    sig = fp_shift_sticky(sig, (unsigned)(emin - exp));
    if (cut(sig, f->precision, e->rounding, sign, &r.frac, &up, &carry))
        fp_raise(e, FP_UE | FP_PE);
    e->rounded_up = up;
    if (!r.frac)
        r.cls = FP_CLASS_ZERO;
    return r;
}

/* Unmasked overflow or underflow of a result that goes to an x87 register.
 * FSCALE can be so far out that not even wrapping helps (SDM, FSCALE). */
static struct fp_num wrapped(const struct fp_format *f, struct fp_num r,
                             int32_t exp, struct fp_env *e)
{
    r.exp = exp;
    if (!e->x87_bias || LIKELY(exp <= f->emax && exp >= 1 - f->emax))
        return r;
    fp_raise(e, FP_PE);
    e->rounded_up = exp > f->emax;
    return exp > f->emax ? fp_infinity(r.sign) : fp_zero(r.sign);
}

struct fp_num fp_round(const struct fp_format *f, bool sign, int32_t exp,
                       uint128 sig, struct fp_env *e)
{
    struct fp_num r = {.cls = FP_CLASS_NORMAL, .sign = sign};
    bool up, carry, inexact;

    if (sig >> 127) {
        sig = fp_shift_sticky(sig, 1);
        exp++;
    } else if (!(sig >> 126)) {
        unsigned shift = fp_clz128(sig) - 1;

        sig <<= shift;
        exp -= (int32_t)shift;
    }
    inexact = cut(sig, f->precision, e->rounding, sign, &r.frac, &up, &carry);
    r.exp = exp + carry;
    if (LIKELY(r.exp >= 1 - f->emax && r.exp <= f->emax)) {
        if (inexact)
            fp_raise(e, FP_PE);
        e->rounded_up = up;
        return r;
    }
    if (r.exp > f->emax) {
        if (e->masks & FP_OE)
            return overflowed(f, sign, e);
        fp_raise(e, FP_OE | (inexact ? FP_PE : 0));
        e->rounded_up = up;
        return wrapped(f, r, r.exp - WRAP, e);
    }
    if (e->masks & FP_UE)
        return underflowed(f, sign, exp, sig, e);
    fp_raise(e, FP_UE | (inexact ? FP_PE : 0));
    e->rounded_up = up;
    return wrapped(f, r, r.exp + WRAP, e);
}

bool fp_nan_operands(struct fp_num a, struct fp_num b, struct fp_num *r,
                     struct fp_env *e)
{
    bool second;

    if (a.cls == FP_CLASS_UNSUPPORTED || b.cls == FP_CLASS_UNSUPPORTED) {
        *r = fp_invalid(e);
        return true;
    }
    if (LIKELY(!fp_is_nan(a) && !fp_is_nan(b)))
        return false;
    if (a.cls == FP_CLASS_SNAN || b.cls == FP_CLASS_SNAN)
        fp_raise(e, FP_IE);
    /* SDM vol. 1 table 4-7. The x87 prefers a quiet NaN to a signalling one,
     * then the larger significand, then the positive one. */
    second = !fp_is_nan(a);
    if (e->x87 && fp_is_nan(a) && fp_is_nan(b)) {
        if (a.cls != b.cls)
            second = b.cls == FP_CLASS_QNAN;
        else if (a.frac != b.frac)
            second = b.frac > a.frac;
        else
            second = a.sign && !b.sign;
    }
    *r = fp_quieted(second ? b : a);
    return true;
}

bool fp_integer(struct fp_num a, unsigned rounding, uint128 *mag, bool *up)
{
    uint128 half = (uint128)1 << 63;
    uint128 v = 0, rest;

    if (!fp_is_zero(a))
        v = fp_shift_sticky((uint128)a.frac << 64, (unsigned)(63 - a.exp));
    rest = v & (half * 2 - 1);
    v >>= 64;
    *up = fp_rounds_up(rounding, a.sign, v & 1, rest, half);
    *mag = v + *up;
    return rest != 0;
}

enum fp_class f16_classify(uint16_t a)
{
    return fp_unpack(&fp_f16, a, &(struct fp_env){0}).cls;
}

enum fp_class f32_classify(uint32_t a)
{
    return fp_unpack(&fp_f32, a, &(struct fp_env){0}).cls;
}

enum fp_class f64_classify(uint64_t a)
{
    return fp_unpack(&fp_f64, a, &(struct fp_env){0}).cls;
}

enum fp_class f80_classify(struct f80 a)
{
    return f80_unpack(a).cls;
}

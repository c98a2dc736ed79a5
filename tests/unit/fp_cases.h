/*
 * fp_cases.h - operands for the floating-point tests: edges and random ones.
 *
 * A fixed generator, so that every run tests the same values.
 */
#ifndef TESTS_UNIT_FP_CASES_H
#define TESTS_UNIT_FP_CASES_H

#include "cpu/softfloat/softfloat.h"

union fp_val {
    uint64_t u64;
    uint32_t u32;
    uint16_t u16;
    struct f80 f80;
};

static inline uint64_t fp_random(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* A fraction of the given width: random, sparse, all ones but a few, or with
 * a run of equal bits, where rounding has its edges. */
static inline uint64_t fp_random_fraction(uint64_t *seed, int bits)
{
    uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    uint64_t r = fp_random(seed);
    uint64_t one = UINT64_C(1) << (r >> 8) % (unsigned)bits;
    uint64_t two = UINT64_C(1) << (r >> 16) % (unsigned)bits;

    switch (r & 7) {
    case 0:
        return 0;
    case 1:
        return (one | two) & mask;
    case 2:
        return ~(one | two) & mask;
    case 3:
        return (one - two) & mask;
    case 4:
        return fp_random(seed) & ~(one - 1) & mask;
    default:
        return fp_random(seed) & mask;
    }
}

/* A biased exponent: either end, around the middle, or anything. near: of
 * another operand, so that sums cancel now and then. */
static inline unsigned fp_random_exponent(uint64_t *seed, int bits,
                                          unsigned near)
{
    unsigned max = (1u << bits) - 1;
    uint64_t r = fp_random(seed);
    unsigned small = (unsigned)(r >> 16) % 5;

    switch (r & 15) {
    case 0:
        return 0;
    case 1:
        return max;
    case 2:
        return small;
    case 3:
        return max - small;
    case 4:
    case 5:
    case 6:
        return (max / 2 + (unsigned)(r >> 16) % 140 - 70) & max;
    case 7:
    case 8:
    case 9:
        return (near + (unsigned)(r >> 16) % 9 - 4) & max;
    case 10:
        return (near + (unsigned)(r >> 16) % 130 - 65) & max;
    case 11:
        return (max - near + (unsigned)(r >> 16) % 70 - 35) & max;
    default:
        return (unsigned)(r >> 16) & max;
    }
}

static inline uint64_t fp_random_bits(uint64_t *seed, int exp_bits,
                                      int frac_bits, uint64_t other)
{
    unsigned near = (unsigned)(other >> frac_bits) & ((1u << exp_bits) - 1);
    uint64_t exp = fp_random_exponent(seed, exp_bits, near);
    uint64_t sign = fp_random(seed) >> 63;

    return (sign << exp_bits | exp) << frac_bits |
           fp_random_fraction(seed, frac_bits);
}

static inline struct f80 fp_random_f80(uint64_t *seed, struct f80 other)
{
    unsigned exp = fp_random_exponent(seed, 15, other.se & 0x7fff);
    uint64_t frac = fp_random_fraction(seed, 63);
    uint64_t r = fp_random(seed);

    /* The integer bit is right but for one value in 32. */
    if ((exp != 0) != ((r & 31) == 0))
        frac |= UINT64_C(1) << 63;
    return f80_make((uint16_t)(exp | (r >> 48 & 0x8000)), frac);
}

#endif

/*
 * big.h - numbers of 256 significant bits, and the functions of the x87's
 * transcendental instructions to some 240 of them: what results are measured
 * against. Independent of cpu/softfloat; slow and simple.
 */
#ifndef TESTS_INSN_BIG_H
#define TESTS_INSN_BIG_H

#include "core/base.h"

/* (-1)^sign * m * 2^(exp - 255); m[3] is the highest and has its top bit set,
 * or all are 0. */
struct big {
    bool sign;
    int32_t exp;
    uint64_t m[4];
};

struct big big_from(bool sign, int32_t exp, uint64_t sig); /* sig * 2^exp */
struct big big_int(int64_t v);
struct big big_neg(struct big a);
struct big big_add(struct big a, struct big b);
struct big big_mul(struct big a, struct big b);
struct big big_div(struct big a, struct big b);
bool big_is_zero(const struct big *a);

/* The angle less a multiple of half the 66-bit pi of the x87 (SDM vol. 1,
 * 8.3.8), which is counted in *quadrant. |a| < 2^63. */
struct big big_reduce(struct big a, unsigned *quadrant);
/* |a| < 1. */
void big_sincos(struct big a, struct big *sine, struct big *cosine);
struct big big_atan2(struct big y, struct big x);
struct big big_exp2m1(struct big a);  /* |a| <= 1 */
struct big big_log2(struct big a);    /* a > 0 */
struct big big_log2_1p(struct big a); /* -1 < a */

#endif

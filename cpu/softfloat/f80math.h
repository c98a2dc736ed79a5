/*
 * f80math.h - the x87's transcendental functions.
 *
 * Computed with 128 significant bits and rounded once, by env->rounding and
 * to 64 bits whatever env->precision says: the error is below one unit of the
 * last place in every mode. Special operands as in the tables of the SDM,
 * vol. 2; flags as in softfloat.h.
 */
#ifndef CPU_SOFTFLOAT_F80MATH_H
#define CPU_SOFTFLOAT_F80MATH_H

#include "cpu/softfloat/softfloat.h"

/* Radians are reduced with the 66-bit pi of the hardware (SDM vol. 1, 8.3.8).
 * False, with nothing done, for |a| >= 2^63: the x87 sets C2. */
bool f80_sin(struct f80 a, struct f80 *sine, struct fp_env *e);
bool f80_cos(struct f80 a, struct f80 *cosine, struct fp_env *e);
bool f80_sincos(struct f80 a, struct f80 *sine, struct f80 *cosine,
                struct fp_env *e);
bool f80_tan(struct f80 a, struct f80 *tangent, struct fp_env *e);

/* Angle of the point (x, y): FPATAN with ST(1) = y, ST(0) = x. */
struct f80 f80_atan2(struct f80 y, struct f80 x, struct fp_env *e);

/* 2^a - 1; beyond |a| <= 1, where the SDM defines nothing, a itself. */
struct f80 f80_exp2m1(struct f80 a, struct fp_env *e);

/* y * log2(x) and y * log2(x + 1). */
struct f80 f80_ylog2x(struct f80 y, struct f80 x, struct fp_env *e);
struct f80 f80_ylog2xp1(struct f80 y, struct f80 x, struct fp_env *e);

#endif

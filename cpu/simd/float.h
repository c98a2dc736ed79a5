/*
 * float.h - bodies of the floating-point handlers.
 *
 * Every element is computed before anything is written: an unmasked exception
 * in one of them leaves the destination alone (SDM vol. 1, 11.5.3).
 */
#ifndef CPU_SIMD_FLOAT_H
#define CPU_SIMD_FLOAT_H

#include "cpu/simd/simd.h"

typedef uint32_t fp32_fn(uint32_t a, uint32_t b, struct fp_env *e);
typedef uint64_t fp64_fn(uint64_t a, uint64_t b, struct fp_env *e);
typedef uint32_t fp32_unary_fn(uint32_t a, struct fp_env *e);
typedef uint64_t fp64_unary_fn(uint64_t a, struct fp_env *e);

/* V, W packed; V, H|V, W scalar. */
void simd_unary32(struct cpu *c, const struct decoded *d, fp32_unary_fn *fn);
void simd_unary64(struct cpu *c, const struct decoded *d, fp64_unary_fn *fn);
void simd_scalar_unary32(struct cpu *c, const struct decoded *d,
                         fp32_unary_fn *fn);

#endif

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

/* V, H|V, W: packed, or the low element with the rest of the first source. */
void simd_packed32(struct cpu *c, const struct decoded *d, fp32_fn *fn);
void simd_packed64(struct cpu *c, const struct decoded *d, fp64_fn *fn);
void simd_scalar32(struct cpu *c, const struct decoded *d, fp32_fn *fn);
void simd_scalar64(struct cpu *c, const struct decoded *d, fp64_fn *fn);

/* V, W packed; V, H|V, W scalar. */
void simd_unary32(struct cpu *c, const struct decoded *d, fp32_unary_fn *fn);
void simd_unary64(struct cpu *c, const struct decoded *d, fp64_unary_fn *fn);
void simd_scalar_unary32(struct cpu *c, const struct decoded *d,
                         fp32_unary_fn *fn);
void simd_scalar_unary64(struct cpu *c, const struct decoded *d,
                         fp64_unary_fn *fn);

/* Handlers of the four shapes from functions fn32 and fn64. */
#define FP_OP(name, fn32, fn64)                                                \
    HANDLER1(name##ps_vps_wps, simd_packed32, fn32)                            \
    HANDLER1(name##pd_vpd_wpd, simd_packed64, fn64)                            \
    HANDLER1(name##ss_vss_wss, simd_scalar32, fn32)                            \
    HANDLER1(name##sd_vsd_wsd, simd_scalar64, fn64)                            \
    HANDLER1(v##name##ps_vps_hps_wps, simd_packed32, fn32)                     \
    HANDLER1(v##name##pd_vpd_hpd_wpd, simd_packed64, fn64)                     \
    HANDLER1(v##name##ss_vss_hss_wss, simd_scalar32, fn32)                     \
    HANDLER1(v##name##sd_vsd_hsd_wsd, simd_scalar64, fn64)

#endif

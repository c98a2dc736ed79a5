/*
 * fma.c - fused multiply and add.
 *
 * Intel SDM vol. 2, VFMADD132PD and the like; vol. 1 table 14-17 for the
 * order in which NaNs count.
 */
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

/* Which operands are multiplied: the digits in the mnemonic. */
enum order { ORDER_132, ORDER_213, ORDER_231 };

static uint32_t fma32(enum order o, const struct vec *v[3], unsigned i,
                      unsigned negate, struct fp_env *e)
{
    uint32_t a = vec_u32(v[0], i), b = vec_u32(v[1], i), w = vec_u32(v[2], i);

    switch (o) {
    case ORDER_132:
        return f32_fma(a, w, b, negate, e);
    case ORDER_213:
        return f32_fma(b, a, w, negate, e);
    default:
        return f32_fma(b, w, a, negate, e);
    }
}

static uint64_t fma64(enum order o, const struct vec *v[3], unsigned i,
                      unsigned negate, struct fp_env *e)
{
    uint64_t a = vec_u64(v[0], i), b = vec_u64(v[1], i), w = vec_u64(v[2], i);

    switch (o) {
    case ORDER_132:
        return f64_fma(a, w, b, negate, e);
    case ORDER_213:
        return f64_fma(b, a, w, negate, e);
    default:
        return f64_fma(b, w, a, negate, e);
    }
}

/* negate: FP_NEG_* of the even elements, with those of the odd ones << 4. */
static void packed32(struct cpu *c, const struct decoded *d, enum order o,
                     unsigned negate)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *v[3] = {&c->vec[d->reg], &c->vec[d->vvvv],
                              simd_src(c, d, &tmp)};

    for (unsigned i = 0; i < simd_bytes(d) / 4; i++)
        vec_set_u32(&r, i, fma32(o, v, i, negate >> (i & 1) * 4 & 15, &e));
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

static void packed64(struct cpu *c, const struct decoded *d, enum order o,
                     unsigned negate)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *v[3] = {&c->vec[d->reg], &c->vec[d->vvvv],
                              simd_src(c, d, &tmp)};

    for (unsigned i = 0; i < simd_bytes(d) / 8; i++)
        vec_set_u64(&r, i, fma64(o, v, i, negate >> (i & 1) * 4 & 15, &e));
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

static void scalar32(struct cpu *c, const struct decoded *d, enum order o,
                     unsigned negate)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r = c->vec[d->reg];
    const struct vec *v[3] = {&c->vec[d->reg], &c->vec[d->vvvv],
                              simd_rm(c, d, &tmp, 4, 1)};

    vec_set_u32(&r, 0, fma32(o, v, 0, negate & 15, &e));
    simd_finish(c, &e);
    simd_write(c, d, d->reg, &r, 16);
}

static void scalar64(struct cpu *c, const struct decoded *d, enum order o,
                     unsigned negate)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r = c->vec[d->reg];
    const struct vec *v[3] = {&c->vec[d->reg], &c->vec[d->vvvv],
                              simd_rm(c, d, &tmp, 8, 1)};

    vec_set_u64(&r, 0, fma64(o, v, 0, negate & 15, &e));
    simd_finish(c, &e);
    simd_write(c, d, d->reg, &r, 16);
}

#define BOTH(even, odd) ((even) | (odd) << 4)

#define PACKED(name, order, even, odd)                                         \
    HANDLER2(name##order##ps_vps_hps_wps, packed32, ORDER_##order,             \
             BOTH(even, odd))                                                  \
    HANDLER2(name##order##pd_vpd_hpd_wpd, packed64, ORDER_##order,             \
             BOTH(even, odd))

#define ALL(name, order, negate)                                               \
    PACKED(name, order, negate, negate)                                        \
    HANDLER2(name##order##ss_vss_hss_wss, scalar32, ORDER_##order, negate)     \
    HANDLER2(name##order##sd_vsd_hsd_wsd, scalar64, ORDER_##order, negate)

ALL(vfmadd, 132, 0)
ALL(vfmadd, 213, 0)
ALL(vfmadd, 231, 0)
ALL(vfmsub, 132, FP_NEG_ADDEND)
ALL(vfmsub, 213, FP_NEG_ADDEND)
ALL(vfmsub, 231, FP_NEG_ADDEND)
ALL(vfnmadd, 132, FP_NEG_PRODUCT)
ALL(vfnmadd, 213, FP_NEG_PRODUCT)
ALL(vfnmadd, 231, FP_NEG_PRODUCT)
ALL(vfnmsub, 132, FP_NEG_PRODUCT | FP_NEG_ADDEND)
ALL(vfnmsub, 213, FP_NEG_PRODUCT | FP_NEG_ADDEND)
ALL(vfnmsub, 231, FP_NEG_PRODUCT | FP_NEG_ADDEND)
PACKED(vfmaddsub, 132, FP_NEG_ADDEND, 0)
PACKED(vfmaddsub, 213, FP_NEG_ADDEND, 0)
PACKED(vfmaddsub, 231, FP_NEG_ADDEND, 0)
PACKED(vfmsubadd, 132, 0, FP_NEG_ADDEND)
PACKED(vfmsubadd, 213, 0, FP_NEG_ADDEND)
PACKED(vfmsubadd, 231, 0, FP_NEG_ADDEND)

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

/* First and second factor, addend: of the first, second and third operand. */
static const uint8_t places[][3] = {
    [ORDER_132] = {0, 2, 1}, [ORDER_213] = {1, 0, 2}, [ORDER_231] = {1, 2, 0}};

/* negate: FP_NEG_* of the even elements, with those of the odd ones << 4. */
#define BODIES(w)                                                              \
    static uint##w##_t fma##w(const uint8_t *at, const struct vec *v[3],       \
                              unsigned i, unsigned negate, struct fp_env *e)   \
    {                                                                          \
        return f##w##_fma(vec_u##w(v[at[0]], i), vec_u##w(v[at[1]], i),        \
                          vec_u##w(v[at[2]], i), negate, e);                   \
    }                                                                          \
                                                                               \
    static void packed##w(struct cpu *c, const struct decoded *d,              \
                          enum order o, unsigned negate)                       \
    {                                                                          \
        struct fp_env e = fp_env_sse(c->mxcsr);                                \
        struct vec tmp, r;                                                     \
        const struct vec *v[3] = {&c->vec[d->reg], &c->vec[d->vvvv],           \
                                  simd_src(c, d, &tmp)};                       \
                                                                               \
        for (unsigned i = 0; i < simd_bytes(d) / (w / 8); i++)                 \
            vec_set_u##w(                                                      \
                &r, i,                                                         \
                fma##w(places[o], v, i, negate >> (i & 1) * 4 & 15, &e));      \
        simd_finish(c, &e);                                                    \
        simd_commit(c, d, &r);                                                 \
    }                                                                          \
                                                                               \
    static void scalar##w(struct cpu *c, const struct decoded *d,              \
                          enum order o, unsigned negate)                       \
    {                                                                          \
        struct fp_env e = fp_env_sse(c->mxcsr);                                \
        struct vec tmp, r = c->vec[d->reg];                                    \
        const struct vec *v[3] = {&c->vec[d->reg], &c->vec[d->vvvv],           \
                                  simd_rm(c, d, &tmp, w / 8, 1)};              \
                                                                               \
        vec_set_u##w(&r, 0, fma##w(places[o], v, 0, negate & 15, &e));         \
        simd_finish(c, &e);                                                    \
        simd_write(c, d, d->reg, &r, 16);                                      \
    }

BODIES(32)
BODIES(64)

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

/*
 * shift.c - packed shifts.
 *
 * Intel SDM vol. 2: a count above the element's width gives zeros, or for
 * arithmetic shifts the sign in every bit.
 */
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

/* ---- one count for all elements ---- */

typedef void shift_fn(struct vec *r, const struct vec *a, unsigned n,
                      uint64_t count);

#define LOGICAL(name, bits, op)                                                \
    static ALWAYS_INLINE void k_##name(struct vec *r, const struct vec *a,     \
                                       unsigned n, uint64_t count)             \
    {                                                                          \
        uint##bits##_t keep = count < bits ? (uint##bits##_t) ~0ull : 0;       \
        unsigned k = (unsigned)count % bits;                                   \
                                                                               \
        for (unsigned i = 0; i < n / (bits / 8); i++)                          \
            vec_set_u##bits(                                                   \
                r, i, (uint##bits##_t)((vec_u##bits(a, i) op k) & keep));      \
    }

#define ARITHMETIC(name, bits)                                                 \
    static ALWAYS_INLINE void k_##name(struct vec *r, const struct vec *a,     \
                                       unsigned n, uint64_t count)             \
    {                                                                          \
        unsigned k = count < bits ? (unsigned)count : bits - 1;                \
                                                                               \
        for (unsigned i = 0; i < n / (bits / 8); i++) {                        \
            int##bits##_t x = (int##bits##_t)vec_u##bits(a, i);                \
                                                                               \
            vec_set_u##bits(r, i, (uint##bits##_t)(x >> k));                   \
        }                                                                      \
    }

LOGICAL(psllw, 16, <<)
LOGICAL(pslld, 32, <<)
LOGICAL(psllq, 64, <<)
LOGICAL(psrlw, 16, >>)
LOGICAL(psrld, 32, >>)
LOGICAL(psrlq, 64, >>)
ARITHMETIC(psraw, 16)
ARITHMETIC(psrad, 32)

/* V, H|V, Wdq: the count is the low quadword of 16 bytes. */
static ALWAYS_INLINE void by_vector(struct cpu *c, const struct decoded *d,
                                    shift_fn *fn)
{
    struct vec tmp, r;
    const struct vec *b;

    if (LIKELY(simd_legacy_ok(c, d))) {
        b = simd_legacy_src(c, d, &tmp);
        fn(&r, &c->vec[d->reg], 16, vec_u64(b, 0));
        memcpy(c->vec[d->reg].b, r.b, 16);
        return;
    }
    b = simd_rm(c, d, &tmp, 16, simd_align(c, d));
    fn(&r, simd_src1(c, d), simd_bytes(d), vec_u64(b, 0));
    simd_commit(c, d, &r);
}

/* U, Ib; VEX: H, U, Ib */
static ALWAYS_INLINE void by_imm(struct cpu *c, const struct decoded *d,
                                 shift_fn *fn)
{
    struct vec r;

    if (LIKELY(simd_legacy_ok(c, d))) {
        fn(&r, &c->vec[d->rm], 16, (uint8_t)d->imm);
        memcpy(c->vec[d->rm].b, r.b, 16);
        return;
    }
    simd_check(c, d);
    fn(&r, &c->vec[d->rm], simd_bytes(d), (uint8_t)d->imm);
    simd_write(c, d, d->vex ? d->vvvv : d->rm, &r, simd_bytes(d));
}

static void mmx_by_vector(struct cpu *c, const struct decoded *d, shift_fn *fn)
{
    uint64_t count = simd_mmx_src(c, d, 8);
    struct vec a, r;

    vec_set_u64(&a, 0, fpu_mmx_read(c, d->reg));
    fn(&r, &a, 8, count);
    fpu_mmx_write(c, d->reg, vec_u64(&r, 0));
}

static void mmx_by_imm(struct cpu *c, const struct decoded *d, shift_fn *fn)
{
    struct vec a, r;

    fpu_mmx_enter(c);
    vec_set_u64(&a, 0, fpu_mmx_read(c, d->rm));
    fn(&r, &a, 8, (uint8_t)d->imm);
    fpu_mmx_write(c, d->rm, vec_u64(&r, 0));
}

#define SHIFT(name)                                                            \
    HANDLER1(name##_pq_qq, mmx_by_vector, k_##name)                            \
    HANDLER1(name##_nq_ib, mmx_by_imm, k_##name)                               \
    HANDLER1(name##_vx_wx, by_vector, k_##name)                                \
    HANDLER1(name##_ux_ib, by_imm, k_##name)                                   \
    HANDLER1(v##name##_vx_hx_wdq, by_vector, k_##name)                         \
    HANDLER1(v##name##_hx_ux_ib, by_imm, k_##name)

SHIFT(psllw)
SHIFT(pslld)
SHIFT(psllq)
SHIFT(psrlw)
SHIFT(psrld)
SHIFT(psrlq)
SHIFT(psraw)
SHIFT(psrad)

/* ---- bytes of a lane ---- */

static void k_pslldq(struct vec *r, const struct vec *a, unsigned n,
                     uint64_t count)
{
    for (unsigned i = 0; i < n; i++)
        r->b[i] = i % 16 >= count ? a->b[i - count] : 0;
}

static void k_psrldq(struct vec *r, const struct vec *a, unsigned n,
                     uint64_t count)
{
    for (unsigned i = 0; i < n; i++)
        r->b[i] = i % 16 + count < 16 ? a->b[i + count] : 0;
}

HANDLER1(pslldq_ux_ib, by_imm, k_pslldq)
HANDLER1(psrldq_ux_ib, by_imm, k_psrldq)
HANDLER1(vpslldq_hx_ux_ib, by_imm, k_pslldq)
HANDLER1(vpsrldq_hx_ux_ib, by_imm, k_psrldq)

/* ---- a count for each element (AVX2) ---- */

EACH(vpsllvd, 32, y < 32 ? x << y : 0)
EACH(vpsllvq, 64, y < 64 ? x << y : 0)
EACH(vpsrlvd, 32, y < 32 ? x >> y : 0)
EACH(vpsrlvq, 64, y < 64 ? x >> y : 0)
EACH(vpsravd, 32, (int32_t)x >> (y < 32 ? y : 31))

HANDLER1(vpsllvd_vx_hx_wx, simd_binary, k_vpsllvd)
HANDLER1(vpsllvq_vx_hx_wx, simd_binary, k_vpsllvq)
HANDLER1(vpsrlvd_vx_hx_wx, simd_binary, k_vpsrlvd)
HANDLER1(vpsrlvq_vx_hx_wx, simd_binary, k_vpsrlvq)
HANDLER1(vpsravd_vx_hx_wx, simd_binary, k_vpsravd)

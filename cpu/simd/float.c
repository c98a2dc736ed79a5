/*
 * float.c - SSE and AVX floating-point arithmetic and rounding.
 *
 * Intel SDM vol. 2; vol. 1, 11.5. RCPPS and RSQRTPS give the reciprocal of the
 * middle of the operand's interval of 2^-11, rounded to 12 bits: within the
 * architectural 1.5 * 2^-12, as Intel's tables are, but bits may differ from
 * any given processor.
 */
#include "cpu/simd/float.h"
#include "cpu/simd/quick.h"
#include "gen/insn_handlers.h"

/* ---- bodies ---- */

#define W 32
#include "cpu/simd/float_width.inc"
#undef W
#define W 64
#include "cpu/simd/float_width.inc"
#undef W

/* V, H|V, W: packed, by the host where `quick` can do all elements. */
static ALWAYS_INLINE void packed32(struct cpu *c, const struct decoded *d,
                                   bool may, quick32_fn *quick, fp32_fn *fn)
{
    struct vec tmp;
    const struct vec *b, *a;
    uint64_t v[2];
    uint32_t low, high;

    if (LIKELY(simd_legacy_ok(c, d)))
        b = simd_legacy_src(c, d, &tmp);
    else
        b = simd_src(c, d, &tmp);
    a = simd_src1(c, d);
    may = may && !d->vl;
    for (unsigned i = 0; i < 2; i++) {
        may = may && quick(vec_u32(a, 2 * i), vec_u32(b, 2 * i), &low) &&
              quick(vec_u32(a, 2 * i + 1), vec_u32(b, 2 * i + 1), &high);
        if (may)
            v[i] = low | (uint64_t)high << 32;
    }
    if (UNLIKELY(!may)) {
        packed32_soft(c, d, a, b, fn);
        return;
    }
    vec_set_u64(&c->vec[d->reg], 0, v[0]);
    vec_set_u64(&c->vec[d->reg], 1, v[1]);
    if (UNLIKELY(d->vex))
        simd_clear_above(&c->vec[d->reg], 16);
}

/* V, H|V, W: packed, by the host where `quick` can do all elements. */
static ALWAYS_INLINE void packed64(struct cpu *c, const struct decoded *d,
                                   bool may, quick64_fn *quick, fp64_fn *fn)
{
    struct vec tmp;
    const struct vec *b, *a;
    uint64_t v[2];

    if (LIKELY(simd_legacy_ok(c, d)))
        b = simd_legacy_src(c, d, &tmp);
    else
        b = simd_src(c, d, &tmp);
    a = simd_src1(c, d);
    may = may && !d->vl;
    for (unsigned i = 0; i < 2; i++)
        may = may && quick(vec_u64(a, i), vec_u64(b, i), &v[i]);
    if (UNLIKELY(!may)) {
        packed64_soft(c, d, a, b, fn);
        return;
    }
    vec_set_u64(&c->vec[d->reg], 0, v[0]);
    vec_set_u64(&c->vec[d->reg], 1, v[1]);
    if (UNLIKELY(d->vex))
        simd_clear_above(&c->vec[d->reg], 16);
}

void simd_scalar_unary32(struct cpu *c, const struct decoded *d,
                         fp32_unary_fn *fn)
{
    struct vec tmp;

    scalar_unary32_soft(c, d, simd_rm(c, d, &tmp, 4, 1), fn);
}

/* ---- the four operations and their like ---- */

/* Bodies and handlers of the four shapes; `may`: when to try the host. */
#define FP_BODY(name, shape, w, op, may)                                       \
    static void do_##name(struct cpu *c, const struct decoded *d)              \
    {                                                                          \
        shape##w(c, d, may, quick##w##_##op, f##w##_##op);                     \
    }

#define FP_OP(name, may)                                                       \
    FP_BODY(name##ps, packed, 32, name, may)                                   \
    FP_BODY(name##pd, packed, 64, name, may)                                   \
    FP_BODY(name##ss, scalar, 32, name, may)                                   \
    FP_BODY(name##sd, scalar, 64, name, may)                                   \
    HANDLER(name##ps_vps_wps, do_##name##ps)                                   \
    HANDLER(name##pd_vpd_wpd, do_##name##pd)                                   \
    HANDLER(name##ss_vss_wss, do_##name##ss)                                   \
    HANDLER(name##sd_vsd_wsd, do_##name##sd)                                   \
    HANDLER(v##name##ps_vps_hps_wps, do_##name##ps)                            \
    HANDLER(v##name##pd_vpd_hpd_wpd, do_##name##pd)                            \
    HANDLER(v##name##ss_vss_hss_wss, do_##name##ss)                            \
    HANDLER(v##name##sd_vsd_hsd_wsd, do_##name##sd)

FP_OP(add, quick_inexact(c))
FP_OP(sub, quick_inexact(c))
FP_OP(mul, quick_inexact(c))
FP_OP(div, quick_inexact(c))
FP_OP(min, QUICK_HOST)
FP_OP(max, QUICK_HOST)

HANDLER1(sqrtps_vps_wps, simd_unary32, f32_sqrt)
HANDLER1(sqrtpd_vpd_wpd, simd_unary64, f64_sqrt)
HANDLER(sqrtss_vss_wss, sqrt_scalar32)
HANDLER(sqrtsd_vsd_wsd, sqrt_scalar64)
HANDLER1(vsqrtps_vps_wps, simd_unary32, f32_sqrt)
HANDLER1(vsqrtpd_vpd_wpd, simd_unary64, f64_sqrt)
HANDLER(vsqrtss_vss_hss_wss, sqrt_scalar32)
HANDLER(vsqrtsd_vsd_hsd_wsd, sqrt_scalar64)

/* ---- neighbours (SSE3) ---- */

/* First source's pairs into the low half of a lane, the second's into the
 * high half. */
static void horizontal32(struct cpu *c, const struct decoded *d, fp32_fn *fn)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);

    for (unsigned i = 0; i < simd_bytes(d) / 4; i++) {
        const struct vec *v = i & 2 ? b : a;
        unsigned k = (i & ~3u) + (i & 1) * 2;

        vec_set_u32(&r, i, fn(vec_u32(v, k), vec_u32(v, k + 1), &e));
    }
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

static void horizontal64(struct cpu *c, const struct decoded *d, fp64_fn *fn)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);

    for (unsigned i = 0; i < simd_bytes(d) / 8; i++) {
        const struct vec *v = i & 1 ? b : a;
        unsigned k = i & ~1u;

        vec_set_u64(&r, i, fn(vec_u64(v, k), vec_u64(v, k + 1), &e));
    }
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

HANDLER1(haddps_vps_wps, horizontal32, f32_add)
HANDLER1(vhaddps_vps_hps_wps, horizontal32, f32_add)
HANDLER1(hsubps_vps_wps, horizontal32, f32_sub)
HANDLER1(vhsubps_vps_hps_wps, horizontal32, f32_sub)
HANDLER1(haddpd_vpd_wpd, horizontal64, f64_add)
HANDLER1(vhaddpd_vpd_hpd_wpd, horizontal64, f64_add)
HANDLER1(hsubpd_vpd_wpd, horizontal64, f64_sub)
HANDLER1(vhsubpd_vpd_hpd_wpd, horizontal64, f64_sub)

/* Even elements subtract, odd ones add. */
static void addsubps(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);

    for (unsigned i = 0; i < simd_bytes(d) / 4; i++) {
        fp32_fn *fn = i & 1 ? f32_add : f32_sub;

        vec_set_u32(&r, i, fn(vec_u32(a, i), vec_u32(b, i), &e));
    }
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

static void addsubpd(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);

    for (unsigned i = 0; i < simd_bytes(d) / 8; i++) {
        fp64_fn *fn = i & 1 ? f64_add : f64_sub;

        vec_set_u64(&r, i, fn(vec_u64(a, i), vec_u64(b, i), &e));
    }
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

HANDLER(addsubps_vps_wps, addsubps)
HANDLER(vaddsubps_vps_hps_wps, addsubps)
HANDLER(addsubpd_vpd_wpd, addsubpd)
HANDLER(vaddsubpd_vpd_hpd_wpd, addsubpd)

/* ---- dot products (SSE4.1) ---- */

/* After products and after each sum: an unmasked exception ends it there. */
static void end_stage(struct cpu *c, const struct fp_env *e)
{
    if (e->flags & ~e->masks)
        simd_finish(c, e);
}

/* imm8: products taken 7-4, places that get the sum 3-0. */
static void dpps(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    unsigned imm = (uint8_t)d->imm, n = simd_bytes(d) / 4;
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);

    for (unsigned i = 0; i < n; i++)
        vec_set_u32(&r, i,
                    imm >> (i % 4 + 4) & 1
                        ? f32_mul(vec_u32(a, i), vec_u32(b, i), &e)
                        : 0);
    end_stage(c, &e);
    for (unsigned i = 0; i < n; i += 2)
        vec_set_u32(&r, i, f32_add(vec_u32(&r, i), vec_u32(&r, i + 1), &e));
    end_stage(c, &e);
    for (unsigned lane = 0; lane < n; lane += 4) {
        uint32_t sum = f32_add(vec_u32(&r, lane), vec_u32(&r, lane + 2), &e);

        for (unsigned i = 0; i < 4; i++)
            vec_set_u32(&r, lane + i, imm >> i & 1 ? sum : 0);
    }
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

/* imm8: products 5-4, places 1-0. */
static void dppd(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    unsigned imm = (uint8_t)d->imm;
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);
    uint64_t p[2], sum;

    for (unsigned i = 0; i < 2; i++)
        p[i] =
            imm >> (i + 4) & 1 ? f64_mul(vec_u64(a, i), vec_u64(b, i), &e) : 0;
    end_stage(c, &e);
    sum = f64_add(p[0], p[1], &e);
    for (unsigned i = 0; i < 2; i++)
        vec_set_u64(&r, i, imm >> i & 1 ? sum : 0);
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

HANDLER(dpps_vps_wps_ib, dpps)
HANDLER(vdpps_vps_hps_wps_ib, dpps)
HANDLER(dppd_vdq_wdq_ib, dppd)
HANDLER(vdppd_vdq_hdq_wdq_ib, dppd)

/* ---- ROUND (SSE4.1): imm8 bit 3 no PE, bit 2 MXCSR.RC, bits 1-0 mode ---- */

static unsigned round_mode(const struct cpu *c, const struct decoded *d)
{
    return d->imm & 4 ? c->mxcsr >> 13 & 3 : d->imm & 3;
}

static void roundps(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp);

    for (unsigned i = 0; i < simd_bytes(d) / 4; i++)
        vec_set_u32(&r, i,
                    f32_round(vec_u32(b, i), round_mode(c, d), d->imm & 8, &e));
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

static void roundpd(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp);

    for (unsigned i = 0; i < simd_bytes(d) / 8; i++)
        vec_set_u64(&r, i,
                    f64_round(vec_u64(b, i), round_mode(c, d), d->imm & 8, &e));
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

static void roundss(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_rm(c, d, &tmp, 4, 1);

    r = *simd_src1(c, d);
    vec_set_u32(&r, 0,
                f32_round(vec_u32(b, 0), round_mode(c, d), d->imm & 8, &e));
    simd_finish(c, &e);
    simd_write(c, d, d->reg, &r, 16);
}

static void roundsd(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_rm(c, d, &tmp, 8, 1);

    r = *simd_src1(c, d);
    vec_set_u64(&r, 0,
                f64_round(vec_u64(b, 0), round_mode(c, d), d->imm & 8, &e));
    simd_finish(c, &e);
    simd_write(c, d, d->reg, &r, 16);
}

HANDLER(roundps_vps_wps_ib, roundps)
HANDLER(roundpd_vpd_wpd_ib, roundpd)
HANDLER(roundss_vss_wss_ib, roundss)
HANDLER(roundsd_vsd_wsd_ib, roundsd)
HANDLER(vroundps_vps_wps_ib, roundps)
HANDLER(vroundpd_vpd_wpd_ib, roundpd)
HANDLER(vroundss_vss_hss_wss_ib, roundss)
HANDLER(vroundsd_vsd_hsd_wsd_ib, roundsd)

/* ---- approximations: no exception, denormals are zeros both ways ---- */

#define F32_INFINITY UINT32_C(0x7f800000)
#define F32_QUIET    UINT32_C(0x00400000)

/* 1 / (1.fraction in the middle of its interval) in [1/2, 1), as 13 bits with
 * the value 8192 for 1. */
static uint32_t reciprocal(uint32_t fraction)
{
    uint32_t x = 2 * (fraction >> 12) + 4097; /* times 2^-12 */

    return ((1u << 25) + x / 2) / x;
}

static uint32_t rcp(uint32_t a, struct fp_env *e)
{
    uint32_t sign = a & 1u << 31, exp = a >> 23 & 0xff;

    (void)e;
    if (exp == 0)
        return sign | F32_INFINITY;
    if (exp == 0xff)
        return a & 0x7fffff ? a | F32_QUIET : sign;
    if (exp >= 253) /* the result would be denormal */
        return sign;
    return sign | (253 - exp) << 23 | (reciprocal(a & 0x7fffff) - 4096) << 11;
}

static uint32_t square_root(uint64_t v)
{
    uint64_t r = 0;

    for (uint64_t bit = UINT64_C(1) << 19; bit; bit >>= 1) {
        if ((r | bit) * (r | bit) <= v)
            r |= bit;
    }
    return (uint32_t)r;
}

/* The same for the root of 1.fraction or, with `odd`, of twice that. */
static uint32_t reciprocal_root(uint32_t fraction, unsigned odd)
{
    uint64_t x = 2 * (fraction >> 13) + 2049; /* times 2^-11 */

    return (square_root((UINT64_C(1) << 39) / (x << odd)) + 1) / 2;
}

static uint32_t rsqrt(uint32_t a, struct fp_env *e)
{
    uint32_t sign = a & 1u << 31, exp = a >> 23 & 0xff;
    unsigned odd = ~exp & 1; /* the bias is odd */
    int half = ((int)(exp - odd) - 127) / 2;

    (void)e;
    if (exp == 0xff && a & 0x7fffff)
        return a | F32_QUIET;
    if (exp == 0)
        return sign | F32_INFINITY;
    if (sign)
        return F32_DEFAULT_NAN;
    if (exp == 0xff)
        return 0;
    return (uint32_t)(126 - half) << 23 |
           (reciprocal_root(a & 0x7fffff, odd) - 4096) << 11;
}

HANDLER1(rcpps_vps_wps, simd_unary32, rcp)
HANDLER1(rcpss_vss_wss, simd_scalar_unary32, rcp)
HANDLER1(vrcpps_vps_wps, simd_unary32, rcp)
HANDLER1(vrcpss_vss_hss_wss, simd_scalar_unary32, rcp)
HANDLER1(rsqrtps_vps_wps, simd_unary32, rsqrt)
HANDLER1(rsqrtss_vss_wss, simd_scalar_unary32, rsqrt)
HANDLER1(vrsqrtps_vps_wps, simd_unary32, rsqrt)
HANDLER1(vrsqrtss_vss_hss_wss, simd_scalar_unary32, rsqrt)

/*
 * convert.c - SSE, AVX and F16C conversions.
 *
 * Intel SDM vol. 2. CVTPI2PS and CVTPI2PD of memory leave the x87 state alone;
 * every use of an MMX register enters MMX state.
 */
#include "cpu/simd/float.h"
#include "cpu/simd/quick.h"
#include "gen/insn_handlers.h"

/* ---- elements of one size ---- */

static uint32_t dq_to_ps(uint32_t a, struct fp_env *e)
{
    return i32_to_f32((int32_t)a, e);
}

static uint32_t ps_to_dq(uint32_t a, struct fp_env *e)
{
    return (uint32_t)f32_to_i32(a, e);
}

static uint32_t ps_to_dq_trunc(uint32_t a, struct fp_env *e)
{
    return (uint32_t)f32_to_i32_trunc(a, e);
}

HANDLER1(cvtdq2ps_vps_wx, simd_unary32, dq_to_ps)
HANDLER1(vcvtdq2ps_vps_wx, simd_unary32, dq_to_ps)
HANDLER1(cvtps2dq_vx_wps, simd_unary32, ps_to_dq)
HANDLER1(vcvtps2dq_vx_wps, simd_unary32, ps_to_dq)
HANDLER1(cvttps2dq_vx_wps, simd_unary32, ps_to_dq_trunc)
HANDLER1(vcvttps2dq_vx_wps, simd_unary32, ps_to_dq_trunc)

/* ---- 32 bits to 64 ---- */

typedef uint64_t widen_fn(uint32_t a, struct fp_env *e);

static uint64_t dq_to_pd(uint32_t a, struct fp_env *e)
{
    (void)e;
    return i32_to_f64((int32_t)a);
}

static void widen(struct cpu *c, const struct decoded *d, widen_fn *fn)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_rm(c, d, &tmp, simd_bytes(d) / 2, 1);

    for (unsigned i = 0; i < simd_bytes(d) / 8; i++)
        vec_set_u64(&r, i, fn(vec_u32(b, i), &e));
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

HANDLER1(cvtps2pd_vpd_wq, widen, f32_to_f64)
HANDLER1(vcvtps2pd_vpd_wh, widen, f32_to_f64)
HANDLER1(cvtdq2pd_vpd_wq, widen, dq_to_pd)
HANDLER1(vcvtdq2pd_vpd_wh, widen, dq_to_pd)

/* ---- 64 bits to 32: the upper half of the result is zero ---- */

typedef uint32_t narrow_fn(uint64_t a, struct fp_env *e);

static uint32_t pd_to_dq(uint64_t a, struct fp_env *e)
{
    return (uint32_t)f64_to_i32(a, e);
}

static uint32_t pd_to_dq_trunc(uint64_t a, struct fp_env *e)
{
    return (uint32_t)f64_to_i32_trunc(a, e);
}

static void narrow(struct cpu *c, const struct decoded *d, narrow_fn *fn)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r = {{0}};
    const struct vec *b = simd_src(c, d, &tmp);

    for (unsigned i = 0; i < simd_bytes(d) / 8; i++)
        vec_set_u32(&r, i, fn(vec_u64(b, i), &e));
    simd_finish(c, &e);
    simd_write(c, d, d->reg, &r, 16);
}

HANDLER1(cvtpd2ps_vps_wpd, narrow, f64_to_f32)
HANDLER1(vcvtpd2ps_vh_wpd, narrow, f64_to_f32)
HANDLER1(cvtpd2dq_vx_wpd, narrow, pd_to_dq)
HANDLER1(vcvtpd2dq_vh_wpd, narrow, pd_to_dq)
HANDLER1(cvttpd2dq_vx_wpd, narrow, pd_to_dq_trunc)
HANDLER1(vcvttpd2dq_vh_wpd, narrow, pd_to_dq_trunc)

/* ---- scalars ---- */

/* The low element of n bytes, with the rest of the first source. */
static ALWAYS_INLINE void put_scalar(struct cpu *c, const struct decoded *d,
                                     uint64_t v, unsigned n)
{
    if (d->vex)
        simd_write(c, d, d->reg, simd_src1(c, d), 16);
    if (n == 8)
        vec_set_u64(&c->vec[d->reg], 0, v);
    else
        vec_set_u32(&c->vec[d->reg], 0, (uint32_t)v);
}

static void cvtss2sd(struct cpu *c, const struct decoded *d)
{
    struct fp_env e;
    struct vec tmp;
    uint32_t a = vec_u32(simd_rm(c, d, &tmp, 4, 1), 0);
    uint64_t v;

    if (UNLIKELY(!quick_widen(a, &v))) {
        e = fp_env_sse(c->mxcsr);
        v = f32_to_f64(a, &e);
        simd_finish(c, &e);
    }
    put_scalar(c, d, v, 8);
}

static void cvtsd2ss(struct cpu *c, const struct decoded *d)
{
    struct fp_env e;
    struct vec tmp;
    uint64_t a = vec_u64(simd_rm(c, d, &tmp, 8, 1), 0);
    uint32_t v;

    if (UNLIKELY(!quick_inexact(c) || !quick_narrow(a, &v))) {
        e = fp_env_sse(c->mxcsr);
        v = f64_to_f32(a, &e);
        simd_finish(c, &e);
    }
    put_scalar(c, d, v, 4);
}

HANDLER(cvtss2sd_vsd_wss, cvtss2sd)
HANDLER(vcvtss2sd_vsd_hsd_wss, cvtss2sd)
HANDLER(cvtsd2ss_vss_wsd, cvtsd2ss)
HANDLER(vcvtsd2ss_vss_hss_wsd, cvtsd2ss)

/* Ey, sign-extended. */
static int64_t read_ey(struct cpu *c, const struct decoded *d)
{
    bool wide = d->osize == 8;
    uint64_t v;

    simd_check(c, d);
    if (d->mod == 3)
        v = c->gpr[d->rm];
    else
        v = wide ? simd_read64(c, d) : simd_read32(c, d);
    return wide ? (int64_t)v : (int32_t)v;
}

static void cvtsi2ss(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    int64_t v = read_ey(c, d);
    struct vec r = *simd_src1(c, d);

    vec_set_u32(&r, 0, i64_to_f32(v, &e));
    simd_finish(c, &e);
    simd_write(c, d, d->reg, &r, 16);
}

static void cvtsi2sd(struct cpu *c, const struct decoded *d)
{
    int64_t v = read_ey(c, d);
    struct fp_env e;
    uint64_t r;

    if (UNLIKELY(!quick_integer(v, &r))) {
        e = fp_env_sse(c->mxcsr);
        r = i64_to_f64(v, &e);
        simd_finish(c, &e);
    }
    put_scalar(c, d, r, 8);
}

HANDLER(cvtsi2ss_vss_ey, cvtsi2ss)
HANDLER(vcvtsi2ss_vss_hss_ey, cvtsi2ss)
HANDLER(cvtsi2sd_vsd_ey, cvtsi2sd)
HANDLER(vcvtsi2sd_vsd_hsd_ey, cvtsi2sd)

static void cvtss2si(struct cpu *c, const struct decoded *d, bool trunc)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp;
    uint32_t a = vec_u32(simd_rm(c, d, &tmp, 4, 1), 0);
    uint64_t v;

    if (d->osize == 8)
        v = (uint64_t)(trunc ? f32_to_i64_trunc(a, &e) : f32_to_i64(a, &e));
    else
        v = (uint32_t)(trunc ? f32_to_i32_trunc(a, &e) : f32_to_i32(a, &e));
    simd_finish(c, &e);
    c->gpr[d->reg] = v;
}

static void cvtsd2si(struct cpu *c, const struct decoded *d, bool trunc)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp;
    uint64_t a = vec_u64(simd_rm(c, d, &tmp, 8, 1), 0), v;
    int32_t quick;
    bool exact;

    if (trunc && quick_truncate(a, &quick, &exact) &&
        (exact || quick_inexact(c))) {
        c->gpr[d->reg] =
            d->osize == 8 ? (uint64_t)(int64_t)quick : (uint32_t)quick;
        return;
    }
    if (d->osize == 8)
        v = (uint64_t)(trunc ? f64_to_i64_trunc(a, &e) : f64_to_i64(a, &e));
    else
        v = (uint32_t)(trunc ? f64_to_i32_trunc(a, &e) : f64_to_i32(a, &e));
    simd_finish(c, &e);
    c->gpr[d->reg] = v;
}

HANDLER1(cvtss2si_gy_wss, cvtss2si, false)
HANDLER1(vcvtss2si_gy_wss, cvtss2si, false)
HANDLER1(cvttss2si_gy_wss, cvtss2si, true)
HANDLER1(vcvttss2si_gy_wss, cvtss2si, true)
HANDLER1(cvtsd2si_gy_wsd, cvtsd2si, false)
HANDLER1(vcvtsd2si_gy_wsd, cvtsd2si, false)
HANDLER1(cvttsd2si_gy_wsd, cvtsd2si, true)
HANDLER1(vcvttsd2si_gy_wsd, cvtsd2si, true)

/* ---- MMX ---- */

/* Two integers of Qq. */
static uint64_t read_qq(struct cpu *c, const struct decoded *d)
{
    simd_check(c, d);
    if (d->mod != 3)
        return simd_read64(c, d);
    fpu_mmx_check(c);
    return fpu_mmx_read(c, d->rm);
}

void op_cvtpi2ps_vps_qq(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    uint64_t v = read_qq(c, d);
    uint32_t low = i32_to_f32((int32_t)v, &e);
    uint32_t high = i32_to_f32((int32_t)(v >> 32), &e);

    simd_finish(c, &e);
    if (d->mod == 3)
        fpu_mmx_enter(c);
    vec_set_u32(&c->vec[d->reg], 0, low);
    vec_set_u32(&c->vec[d->reg], 1, high);
}

void op_cvtpi2pd_vpd_qq(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_qq(c, d);

    if (d->mod == 3)
        fpu_mmx_enter(c);
    vec_set_u64(&c->vec[d->reg], 0, i32_to_f64((int32_t)v));
    vec_set_u64(&c->vec[d->reg], 1, i32_to_f64((int32_t)(v >> 32)));
}

static void write_pq(struct cpu *c, const struct decoded *d,
                     const struct fp_env *e, uint32_t low, uint32_t high)
{
    simd_finish(c, e);
    fpu_mmx_enter(c);
    fpu_mmx_write(c, d->reg, low | (uint64_t)high << 32);
}

static void ps_to_pi(struct cpu *c, const struct decoded *d, fp32_unary_fn *fn)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp;
    const struct vec *b;
    uint32_t low, high;

    simd_check(c, d);
    fpu_mmx_check(c);
    b = simd_rm(c, d, &tmp, 8, 1);
    low = fn(vec_u32(b, 0), &e);
    high = fn(vec_u32(b, 1), &e);
    write_pq(c, d, &e, low, high);
}

static void pd_to_pi(struct cpu *c, const struct decoded *d, narrow_fn *fn)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp;
    const struct vec *b;
    uint32_t low, high;

    simd_check(c, d);
    fpu_mmx_check(c);
    b = simd_src(c, d, &tmp);
    low = fn(vec_u64(b, 0), &e);
    high = fn(vec_u64(b, 1), &e);
    write_pq(c, d, &e, low, high);
}

HANDLER1(cvtps2pi_pq_wq, ps_to_pi, ps_to_dq)
HANDLER1(cvttps2pi_pq_wq, ps_to_pi, ps_to_dq_trunc)
HANDLER1(cvtpd2pi_pq_wpd, pd_to_pi, pd_to_dq)
HANDLER1(cvttpd2pi_pq_wpd, pd_to_pi, pd_to_dq_trunc)

/* ---- half precision (F16C) ---- */

void op_vcvtph2ps_vps_wh(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_rm(c, d, &tmp, simd_bytes(d) / 2, 1);

    for (unsigned i = 0; i < simd_bytes(d) / 4; i++)
        vec_set_u32(&r, i, f16_to_f32(vec_u16(b, i), &e));
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

/* imm8 bit 2: round by MXCSR.RC, else by bits 1-0. */
void op_vcvtps2ph_wh_vps_ib(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    const struct vec *a = &c->vec[d->reg];
    unsigned n = simd_bytes(d) / 2;
    struct vec r = {{0}};

    simd_check(c, d);
    if (!(d->imm & 4))
        e.rounding = d->imm & 3;
    for (unsigned i = 0; i < n / 2; i++)
        vec_set_u16(&r, i, f32_to_f16(vec_u32(a, i), &e));
    if (d->mod == 3) {
        simd_finish(c, &e);
        simd_write(c, d, d->rm, &r, 16);
        return;
    }
    mem_probe_write(c, d->seg, mem_ea(c, d), n);
    simd_finish(c, &e);
    mem_write_bytes(c, d->seg, mem_ea(c, d), r.b, n, 1);
}

/*
 * compare.c - SSE and AVX comparisons and tests.
 *
 * Intel SDM vol. 2, CMPPD (table of predicates), COMISD, PTEST, VTESTPD.
 */
#include "cpu/flags.h"
#include "cpu/simd/float.h"
#include "cpu/simd/quick.h"
#include "gen/insn_handlers.h"

/* ---- CMPPS and the like ---- */

/* Relations (bit n: enum fp_relation n) that make predicate 0-15 true. */
enum {
    REL_LT = 1 << FP_LESS,
    REL_EQ = 1 << FP_EQUAL,
    REL_GT = 1 << FP_GREATER,
    REL_UN = 1 << FP_UNORDERED,
};

static const uint8_t true_for[16] = {
    REL_EQ,
    REL_LT,
    REL_LT | REL_EQ,
    REL_UN,
    REL_LT | REL_GT | REL_UN,
    REL_EQ | REL_GT | REL_UN,
    REL_GT | REL_UN,
    REL_LT | REL_EQ | REL_GT,
    REL_EQ | REL_UN,
    REL_LT | REL_UN,
    REL_LT | REL_EQ | REL_UN,
    0,
    REL_LT | REL_GT,
    REL_EQ | REL_GT,
    REL_GT,
    REL_LT | REL_EQ | REL_GT | REL_UN,
};

/* Those that raise IE for quiet NaNs, too: 1 2 5 6 9 10 13 14, and of the
 * predicates 16-31 the others. */
#define SIGNALLING 0x6666u

static unsigned predicate(const struct decoded *d)
{
    return d->imm & (d->vex ? 31 : 7);
}

static bool is_quiet(unsigned p)
{
    return (SIGNALLING >> (p & 15) & 1) == p >> 4;
}

static uint32_t cmp32(uint32_t a, uint32_t b, unsigned p, struct fp_env *e)
{
    enum fp_relation r;

    if (UNLIKELY(!quick32_compare(a, b, &r)))
        r = is_quiet(p) ? f32_compare_quiet(a, b, e) : f32_compare(a, b, e);
    return true_for[p & 15] >> r & 1 ? UINT32_MAX : 0;
}

static uint64_t cmp64(uint64_t a, uint64_t b, unsigned p, struct fp_env *e)
{
    enum fp_relation r;

    if (UNLIKELY(!quick64_compare(a, b, &r)))
        r = is_quiet(p) ? f64_compare_quiet(a, b, e) : f64_compare(a, b, e);
    return true_for[p & 15] >> r & 1 ? UINT64_MAX : 0;
}

static void cmpps(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);

    for (unsigned i = 0; i < simd_bytes(d) / 4; i++)
        vec_set_u32(&r, i,
                    cmp32(vec_u32(a, i), vec_u32(b, i), predicate(d), &e));
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

static void cmppd(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);

    for (unsigned i = 0; i < simd_bytes(d) / 8; i++)
        vec_set_u64(&r, i,
                    cmp64(vec_u64(a, i), vec_u64(b, i), predicate(d), &e));
    simd_finish(c, &e);
    simd_commit(c, d, &r);
}

static void cmpss(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_rm(c, d, &tmp, 4, 1);

    r = *simd_src1(c, d);
    vec_set_u32(&r, 0, cmp32(vec_u32(&r, 0), vec_u32(b, 0), predicate(d), &e));
    simd_finish(c, &e);
    simd_write(c, d, d->reg, &r, 16);
}

static void cmpsd(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = fp_env_sse(c->mxcsr);
    struct vec tmp, r;
    const struct vec *b = simd_rm(c, d, &tmp, 8, 1);

    r = *simd_src1(c, d);
    vec_set_u64(&r, 0, cmp64(vec_u64(&r, 0), vec_u64(b, 0), predicate(d), &e));
    simd_finish(c, &e);
    simd_write(c, d, d->reg, &r, 16);
}

HANDLER(cmpps_vps_wps_ib, cmpps)
HANDLER(cmppd_vpd_wpd_ib, cmppd)
HANDLER(cmpss_vss_wss_ib, cmpss)
HANDLER(cmpsd_vsd_wsd_ib, cmpsd)
HANDLER(vcmpps_vps_hps_wps_ib, cmpps)
HANDLER(vcmppd_vpd_hpd_wpd_ib, cmppd)
HANDLER(vcmpss_vss_hss_wss_ib, cmpss)
HANDLER(vcmpsd_vsd_hsd_wsd_ib, cmpsd)

/* ---- COMISS and the like: the result in ZF, PF, CF ---- */

static const uint8_t relation_flags[4] = {
    [FP_LESS] = EFL_CF,
    [FP_EQUAL] = EFL_ZF,
    [FP_GREATER] = 0,
    [FP_UNORDERED] = EFL_ZF | EFL_PF | EFL_CF,
};

#define COMIS(w)                                                               \
    typedef enum fp_relation fp##w##_relate_fn(uint##w##_t a, uint##w##_t b,   \
                                               struct fp_env *e);              \
                                                                               \
    static NOINLINE void comis##w##_soft(struct cpu *c, uint##w##_t a,         \
                                         uint##w##_t b, fp##w##_relate_fn *fn) \
    {                                                                          \
        struct fp_env e = fp_env_sse(c->mxcsr);                                \
        enum fp_relation r = fn(a, b, &e);                                     \
                                                                               \
        simd_finish(c, &e);                                                    \
        flags_set_arith(c, relation_flags[r]);                                 \
    }                                                                          \
                                                                               \
    static ALWAYS_INLINE void comis##w(struct cpu *c, const struct decoded *d, \
                                       fp##w##_relate_fn *fn)                  \
    {                                                                          \
        struct vec tmp;                                                        \
        uint##w##_t b = vec_u##w(simd_rm(c, d, &tmp, w / 8, 1), 0);            \
        uint##w##_t a = vec_u##w(&c->vec[d->reg], 0);                          \
        enum fp_relation r;                                                    \
                                                                               \
        if (LIKELY(quick##w##_compare(a, b, &r)))                              \
            flags_set_arith(c, relation_flags[r]);                             \
        else                                                                   \
            comis##w##_soft(c, a, b, fn);                                      \
    }

COMIS(32)
COMIS(64)

HANDLER1(comiss_vss_wss, comis32, f32_compare)
HANDLER1(vcomiss_vss_wss, comis32, f32_compare)
HANDLER1(ucomiss_vss_wss, comis32, f32_compare_quiet)
HANDLER1(vucomiss_vss_wss, comis32, f32_compare_quiet)
HANDLER1(comisd_vsd_wsd, comis64, f64_compare)
HANDLER1(vcomisd_vsd_wsd, comis64, f64_compare)
HANDLER1(ucomisd_vsd_wsd, comis64, f64_compare_quiet)
HANDLER1(vucomisd_vsd_wsd, comis64, f64_compare_quiet)

/* ---- PTEST: ZF if the AND is zero, CF if the ANDN is, of masked bits ---- */

static void test_bits(struct cpu *c, const struct decoded *d, uint64_t mask)
{
    struct vec tmp;
    const struct vec *b = simd_src(c, d, &tmp), *a = &c->vec[d->reg];
    uint64_t both = 0, second = 0;

    for (unsigned i = 0; i < simd_bytes(d) / 8; i++) {
        both |= vec_u64(a, i) & vec_u64(b, i) & mask;
        second |= ~vec_u64(a, i) & vec_u64(b, i) & mask;
    }
    flags_set_arith(c, (both ? 0u : EFL_ZF) | (second ? 0u : EFL_CF));
}

HANDLER1(ptest_vx_wx, test_bits, UINT64_MAX)
HANDLER1(vptest_vx_wx, test_bits, UINT64_MAX)
HANDLER1(vtestps_vps_wps, test_bits, UINT64_C(0x8000000080000000))
HANDLER1(vtestpd_vpd_wpd, test_bits, UINT64_C(0x8000000000000000))

/*
 * shuffle.c - packing, interleaving, shuffles, blends, inserts and extracts
 * of integer and floating-point elements.
 *
 * Intel SDM vol. 2. Everything works within lanes of 16 bytes (MMX: 8).
 */
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

/* ---- pack with saturation ---- */

/* Elements of the first source into the low half of each lane, of the second
 * into the high half. */
#define PACK(name, to, from, low, high)                                        \
    static ALWAYS_INLINE void k_##name(struct vec *r, const struct vec *a,     \
                                       const struct vec *b, unsigned n)        \
    {                                                                          \
        const unsigned per = simd_lane(n) / (to / 8);                          \
                                                                               \
        for (unsigned i = 0; i < n / (to / 8); i++) {                          \
            const struct vec *v = i % per < per / 2 ? a : b;                   \
            unsigned k = i / per * (per / 2) + i % (per / 2);                  \
            int##from##_t x = (int##from##_t)vec_u##from(v, k);                \
                                                                               \
            x = x < (low) ? (low) : x > (high) ? (high) : x;                   \
            vec_set_u##to(r, i, (uint##to##_t)x);                              \
        }                                                                      \
    }

PACK(packsswb, 8, 16, INT8_MIN, INT8_MAX)
PACK(packuswb, 8, 16, 0, UINT8_MAX)
PACK(packssdw, 16, 32, INT16_MIN, INT16_MAX)
PACK(packusdw, 16, 32, 0, UINT16_MAX)

MMX_XMM_OP(packsswb)
MMX_XMM_OP(packuswb)
MMX_XMM_OP(packssdw)
XMM_OP(packusdw)

/* ---- interleave ---- */

/* half 0: the low halves of the lanes, 1: the high ones. */
#define UNPACK(name, bits, half)                                               \
    static ALWAYS_INLINE void k_##name(struct vec *r, const struct vec *a,     \
                                       const struct vec *b, unsigned n)        \
    {                                                                          \
        const unsigned per = simd_lane(n) / (bits / 8);                        \
                                                                               \
        for (unsigned i = 0; i < n / (bits / 8); i += 2) {                     \
            unsigned k = i / per * per + i % per / 2 + (half)*per / 2;         \
                                                                               \
            vec_set_u##bits(r, i, vec_u##bits(a, k));                          \
            vec_set_u##bits(r, i + 1, vec_u##bits(b, k));                      \
        }                                                                      \
    }

/* Four bytes, or two words, of x spread out to every other place. */
static inline uint64_t spread8(uint32_t x)
{
    uint64_t v = (x | (uint64_t)x << 16) & UINT64_C(0x0000ffff0000ffff);

    return (v | v << 8) & UINT64_C(0x00ff00ff00ff00ff);
}

static inline uint64_t spread16(uint32_t x)
{
    return (x | (uint64_t)x << 16) & UINT64_C(0x0000ffff0000ffff);
}

/* Small elements, eight bytes of the result at a time. */
#define UNPACK_SMALL(name, bits, half)                                         \
    static ALWAYS_INLINE void k_##name(struct vec *r, const struct vec *a,     \
                                       const struct vec *b, unsigned n)        \
    {                                                                          \
        const unsigned per = simd_lane(n) / 8;                                 \
                                                                               \
        for (unsigned i = 0; i < n / 8; i++) {                                 \
            unsigned k = i / per * per * 2 + i % per + (half)*per;             \
                                                                               \
            vec_set_u64(r, i,                                                  \
                        spread##bits(vec_u32(a, k)) |                          \
                            spread##bits(vec_u32(b, k)) << bits);              \
        }                                                                      \
    }

UNPACK_SMALL(punpcklbw, 8, 0)
UNPACK_SMALL(punpcklwd, 16, 0)
UNPACK_SMALL(punpckhbw, 8, 1)
UNPACK_SMALL(punpckhwd, 16, 1)
UNPACK(punpckldq, 32, 0)
UNPACK(punpcklqdq, 64, 0)
UNPACK(punpckhdq, 32, 1)
UNPACK(punpckhqdq, 64, 1)

/* The low forms read only four bytes of memory in MMX. */
#define MMX_UNPACK_LOW(name)                                                   \
    void op_##name##_pq_qd(struct cpu *c, const struct decoded *d)             \
    {                                                                          \
        simd_mmx_binary(c, d, 4, k_##name);                                    \
    }

MMX_UNPACK_LOW(punpcklbw)
MMX_UNPACK_LOW(punpcklwd)
MMX_UNPACK_LOW(punpckldq)
XMM_OP(punpcklbw)
XMM_OP(punpcklwd)
XMM_OP(punpckldq)
XMM_OP(punpcklqdq)
MMX_XMM_OP(punpckhbw)
MMX_XMM_OP(punpckhwd)
MMX_XMM_OP(punpckhdq)
XMM_OP(punpckhqdq)

HANDLER(unpcklps_vps_wps, do_punpckldq)
HANDLER(unpcklpd_vpd_wpd, do_punpcklqdq)
HANDLER(unpckhps_vps_wps, do_punpckhdq)
HANDLER(unpckhpd_vpd_wpd, do_punpckhqdq)
HANDLER(vunpcklps_vps_hps_wps, do_punpckldq)
HANDLER(vunpcklpd_vpd_hpd_wpd, do_punpcklqdq)
HANDLER(vunpckhps_vps_hps_wps, do_punpckhdq)
HANDLER(vunpckhpd_vpd_hpd_wpd, do_punpckhqdq)

/* ---- shuffle by imm8 ---- */

static void k_pshufd(struct vec *r, const struct vec *a, const struct vec *b,
                     unsigned n, unsigned imm)
{
    (void)a;
    for (unsigned i = 0; i < n / 4; i++)
        vec_set_u32(r, i, vec_u32(b, (i & ~3u) | (imm >> i % 4 * 2 & 3)));
}

/* Four words from `first` on; the other half of the lane is copied. */
static inline void shuffle_words(struct vec *r, const struct vec *b, unsigned n,
                                 unsigned imm, unsigned first)
{
    for (unsigned i = 0; i < n / 2; i++) {
        unsigned from = i;

        if ((i & 4) == first)
            from = (i & ~3u) | (imm >> i % 4 * 2 & 3);
        vec_set_u16(r, i, vec_u16(b, from));
    }
}

static void k_pshuflw(struct vec *r, const struct vec *a, const struct vec *b,
                      unsigned n, unsigned imm)
{
    (void)a;
    shuffle_words(r, b, n, imm, 0);
}

static void k_pshufhw(struct vec *r, const struct vec *a, const struct vec *b,
                      unsigned n, unsigned imm)
{
    (void)a;
    shuffle_words(r, b, n, imm, 4);
}

HANDLER1(pshufw_pq_qq_ib, simd_mmx_binary_imm, k_pshuflw)
HANDLER1(pshufd_vx_wx_ib, simd_binary_imm, k_pshufd)
HANDLER1(vpshufd_vx_wx_ib, simd_binary_imm, k_pshufd)
HANDLER1(pshuflw_vx_wx_ib, simd_binary_imm, k_pshuflw)
HANDLER1(vpshuflw_vx_wx_ib, simd_binary_imm, k_pshuflw)
HANDLER1(pshufhw_vx_wx_ib, simd_binary_imm, k_pshufhw)
HANDLER1(vpshufhw_vx_wx_ib, simd_binary_imm, k_pshufhw)
HANDLER1(vpermilps_vps_wps_ib, simd_binary_imm, k_pshufd)

static void k_shufps(struct vec *r, const struct vec *a, const struct vec *b,
                     unsigned n, unsigned imm)
{
    for (unsigned i = 0; i < n / 4; i++)
        vec_set_u32(r, i,
                    vec_u32(i & 2 ? b : a, (i & ~3u) | (imm >> i % 4 * 2 & 3)));
}

/* One bit of imm8 for each element. */
static void k_shufpd(struct vec *r, const struct vec *a, const struct vec *b,
                     unsigned n, unsigned imm)
{
    for (unsigned i = 0; i < n / 8; i++)
        vec_set_u64(r, i, vec_u64(i & 1 ? b : a, (i & ~1u) | (imm >> i & 1)));
}

static void k_vpermilpd(struct vec *r, const struct vec *a, const struct vec *b,
                        unsigned n, unsigned imm)
{
    (void)a;
    k_shufpd(r, b, b, n, imm);
}

HANDLER1(shufps_vps_wps_ib, simd_binary_imm, k_shufps)
HANDLER1(vshufps_vps_hps_wps_ib, simd_binary_imm, k_shufps)
HANDLER1(shufpd_vpd_wpd_ib, simd_binary_imm, k_shufpd)
HANDLER1(vshufpd_vpd_hpd_wpd_ib, simd_binary_imm, k_shufpd)
HANDLER1(vpermilpd_vpd_wpd_ib, simd_binary_imm, k_vpermilpd)

/* The concatenation of both sources shifted right by bytes. */
static void k_palignr(struct vec *r, const struct vec *a, const struct vec *b,
                      unsigned n, unsigned imm)
{
    unsigned lane = simd_lane(n);

    for (unsigned i = 0; i < n; i++) {
        unsigned base = i / lane * lane, k = i % lane + imm;

        r->b[i] = k < lane       ? b->b[base + k]
                  : k < 2 * lane ? a->b[base + k - lane]
                                 : 0;
    }
}

HANDLER1(palignr_pq_qq_ib, simd_mmx_binary_imm, k_palignr)
HANDLER1(palignr_vx_wx_ib, simd_binary_imm, k_palignr)
HANDLER1(vpalignr_vx_hx_wx_ib, simd_binary_imm, k_palignr)

/* ---- shuffle by a vector ---- */

static ALWAYS_INLINE void k_pshufb(struct vec *r, const struct vec *a,
                                   const struct vec *b, unsigned n)
{
    unsigned last = simd_lane(n) - 1;

    for (unsigned i = 0; i < n; i++)
        r->b[i] = b->b[i] & 0x80 ? 0 : a->b[(i & ~last) | (b->b[i] & last)];
}

MMX_XMM_OP(pshufb)

/* ---- blends ---- */

#define BLEND(name, bits, period)                                              \
    static void k_##name(struct vec *r, const struct vec *a,                   \
                         const struct vec *b, unsigned n, unsigned imm)        \
    {                                                                          \
        for (unsigned i = 0; i < n / (bits / 8); i++)                          \
            vec_set_u##bits(r, i,                                              \
                            vec_u##bits(imm >> i % (period)&1 ? b : a, i));    \
    }

BLEND(pblendw, 16, 8)
BLEND(blendps, 32, 8)
BLEND(blendpd, 64, 8)

HANDLER1(pblendw_vx_wx_ib, simd_binary_imm, k_pblendw)
HANDLER1(vpblendw_vx_hx_wx_ib, simd_binary_imm, k_pblendw)
HANDLER1(blendps_vps_wps_ib, simd_binary_imm, k_blendps)
HANDLER1(vblendps_vps_hps_wps_ib, simd_binary_imm, k_blendps)
HANDLER1(vpblendd_vx_hx_wx_ib, simd_binary_imm, k_blendps)
HANDLER1(blendpd_vpd_wpd_ib, simd_binary_imm, k_blendpd)
HANDLER1(vblendpd_vpd_hpd_wpd_ib, simd_binary_imm, k_blendpd)

/* Chosen by the sign bits of XMM0 or of the register in imm8 bits 7-4, for
 * elements of `size` bytes. */
static void blend_variable(struct cpu *c, const struct decoded *d,
                           unsigned size)
{
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);
    unsigned which = c->mode == MODE_LONG64 ? 15 : 7;
    const struct vec *mask = &c->vec[d->vex ? d->imm >> 4 & which : 0];

    for (unsigned i = 0; i < simd_bytes(d); i += size) {
        const struct vec *v = mask->b[i + size - 1] & 0x80 ? b : a;

        memcpy(r.b + i, v->b + i, size);
    }
    simd_commit(c, d, &r);
}

HANDLER1(pblendvb_vdq_wdq_xmm0, blend_variable, 1)
HANDLER1(vpblendvb_vx_hx_wx_lx, blend_variable, 1)
HANDLER1(blendvps_vps_wps_xmm0, blend_variable, 4)
HANDLER1(vblendvps_vps_hps_wps_lps, blend_variable, 4)
HANDLER1(blendvpd_vpd_wpd_xmm0, blend_variable, 8)
HANDLER1(vblendvpd_vpd_hpd_wpd_lpd, blend_variable, 8)

/* ---- widening ---- */

#define WIDEN(name, from, to, type)                                            \
    static void do_##name(struct cpu *c, const struct decoded *d)              \
    {                                                                          \
        unsigned n = simd_bytes(d);                                            \
        struct vec tmp, r;                                                     \
        const struct vec *v = simd_rm(c, d, &tmp, n / ((to) / (from)), 1);     \
                                                                               \
        for (unsigned i = 0; i < n / (to / 8); i++)                            \
            vec_set_u##to(&r, i, (uint##to##_t)(type)vec_u##from(v, i));       \
        simd_commit(c, d, &r);                                                 \
    }

WIDEN(pmovsxbw, 8, 16, int8_t)
WIDEN(pmovsxbd, 8, 32, int8_t)
WIDEN(pmovsxbq, 8, 64, int8_t)
WIDEN(pmovsxwd, 16, 32, int16_t)
WIDEN(pmovsxwq, 16, 64, int16_t)
WIDEN(pmovsxdq, 32, 64, int32_t)
WIDEN(pmovzxbw, 8, 16, uint8_t)
WIDEN(pmovzxbd, 8, 32, uint8_t)
WIDEN(pmovzxbq, 8, 64, uint8_t)
WIDEN(pmovzxwd, 16, 32, uint16_t)
WIDEN(pmovzxwq, 16, 64, uint16_t)
WIDEN(pmovzxdq, 32, 64, uint32_t)

#define WIDEN_HANDLERS(kind, legacy, vex)                                      \
    HANDLER(pmovsx##kind##_vdq_##legacy, do_pmovsx##kind)                      \
    HANDLER(vpmovsx##kind##_vx_##vex, do_pmovsx##kind)                         \
    HANDLER(pmovzx##kind##_vdq_##legacy, do_pmovzx##kind)                      \
    HANDLER(vpmovzx##kind##_vx_##vex, do_pmovzx##kind)

WIDEN_HANDLERS(bw, wq, wh)
WIDEN_HANDLERS(bd, wd, wf)
WIDEN_HANDLERS(bq, ww, we)
WIDEN_HANDLERS(wd, wq, wh)
WIDEN_HANDLERS(wq, wd, wf)
WIDEN_HANDLERS(dq, wq, wh)

/* ---- insert ---- */

/* A general register or `size` bytes of memory. */
static uint64_t general_or_memory(struct cpu *c, const struct decoded *d,
                                  unsigned size)
{
    uint64_t ea;

    if (d->mod == 3)
        return c->gpr[d->rm];
    ea = mem_ea(c, d);
    switch (size) {
    case 1:
        return mem_read8(c, d->seg, ea);
    case 2:
        return mem_read16(c, d->seg, ea);
    case 4:
        return mem_read32(c, d->seg, ea);
    default:
        return mem_read64(c, d->seg, ea);
    }
}

/* Element imm8 of the first source is replaced. */
static void pinsr(struct cpu *c, const struct decoded *d, unsigned size)
{
    struct vec r;
    uint8_t v[8];

    simd_check(c, d);
    st_le64(v, general_or_memory(c, d, size));
    r = *simd_src1(c, d);
    memcpy(r.b + (d->imm & (16 / size - 1)) * size, v, size);
    simd_write(c, d, d->reg, &r, 16);
}

HANDLER1(pinsrb_vdq_rymb_ib, pinsr, 1)
HANDLER1(pinsrw_vdq_rymw_ib, pinsr, 2)
HANDLER1(pinsrd_vdq_ed_ib, pinsr, 4)
HANDLER1(pinsrq_vdq_eq_ib, pinsr, 8)
HANDLER1(vpinsrb_vdq_hdq_rymb_ib, pinsr, 1)
HANDLER1(vpinsrw_vdq_hdq_rymw_ib, pinsr, 2)
HANDLER1(vpinsrd_vdq_hdq_ed_ib, pinsr, 4)
HANDLER1(vpinsrq_vdq_hdq_eq_ib, pinsr, 8)

void op_pinsrw_pq_rymw_ib(struct cpu *c, const struct decoded *d)
{
    struct vec r;
    uint64_t v;

    fpu_mmx_check(c);
    v = general_or_memory(c, d, 2);
    fpu_mmx_enter(c);
    vec_set_u64(&r, 0, fpu_mmx_read(c, d->reg));
    vec_set_u16(&r, d->imm & 3, (uint16_t)v);
    fpu_mmx_write(c, d->reg, vec_u64(&r, 0));
}

/* imm8: source element 7-6 (registers), place 5-4, elements to clear 3-0. */
static void insertps(struct cpu *c, const struct decoded *d)
{
    unsigned imm = (uint8_t)d->imm;
    struct vec tmp, r;
    const struct vec *b = simd_rm(c, d, &tmp, 4, 1);

    r = *simd_src1(c, d);
    vec_set_u32(&r, imm >> 4 & 3, vec_u32(b, d->mod == 3 ? imm >> 6 : 0));
    for (unsigned i = 0; i < 4; i++) {
        if (imm >> i & 1)
            vec_set_u32(&r, i, 0);
    }
    simd_write(c, d, d->reg, &r, 16);
}

HANDLER(insertps_vdq_wd_ib, insertps)
HANDLER(vinsertps_vdq_hdq_wd_ib, insertps)

/* ---- extract ---- */

/* To a general register (zero-extended) or memory. */
static void pextr(struct cpu *c, const struct decoded *d, unsigned size)
{
    const struct vec *v = &c->vec[d->reg];
    uint8_t out[8] = {0};

    simd_check(c, d);
    memcpy(out, v->b + (d->imm & (16 / size - 1)) * size, size);
    if (d->mod == 3)
        c->gpr[d->rm] = ld_le64(out);
    else
        mem_write_bytes(c, d->seg, mem_ea(c, d), out, size, 1);
}

HANDLER1(pextrb_rymb_vdq_ib, pextr, 1)
HANDLER1(pextrw_rymw_vdq_ib, pextr, 2)
HANDLER1(pextrd_ed_vdq_ib, pextr, 4)
HANDLER1(pextrq_eq_vdq_ib, pextr, 8)
HANDLER1(extractps_ed_vdq_ib, pextr, 4)
HANDLER1(vpextrb_rymb_vdq_ib, pextr, 1)
HANDLER1(vpextrw_rymw_vdq_ib, pextr, 2)
HANDLER1(vpextrd_ed_vdq_ib, pextr, 4)
HANDLER1(vpextrq_eq_vdq_ib, pextr, 8)
HANDLER1(vextractps_ed_vdq_ib, pextr, 4)

static void pextrw_g_u(struct cpu *c, const struct decoded *d)
{
    simd_check(c, d);
    c->gpr[d->reg] = vec_u16(&c->vec[d->rm], d->imm & 7);
}

HANDLER(pextrw_gd_udq_ib, pextrw_g_u)
HANDLER(vpextrw_gd_udq_ib, pextrw_g_u)

void op_pextrw_gd_nq_ib(struct cpu *c, const struct decoded *d)
{
    fpu_mmx_enter(c);
    c->gpr[d->reg] = (uint16_t)(fpu_mmx_read(c, d->rm) >> (d->imm & 3) * 16);
}

/*
 * move.c - MMX, SSE and AVX data movement.
 *
 * Intel SDM vol. 2. Non-temporal hints mean nothing here. MASKMOVQ and
 * MASKMOVDQU fault for the bytes between the first and the last selected one
 * only, and not at all if there is none.
 */
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

/* ---- whole vectors ---- */

static void load_aligned(struct cpu *c, const struct decoded *d)
{
    unsigned n = simd_bytes(d);
    struct vec tmp;

    simd_commit(c, d, simd_rm(c, d, &tmp, n, n));
}

static void load_unaligned(struct cpu *c, const struct decoded *d)
{
    struct vec tmp;

    simd_commit(c, d, simd_rm(c, d, &tmp, simd_bytes(d), 1));
}

static void store(struct cpu *c, const struct decoded *d, unsigned align)
{
    const struct vec *v = &c->vec[d->reg];
    unsigned n = simd_bytes(d);

    simd_check(c, d);
    if (d->mod == 3)
        simd_write(c, d, d->rm, v, n);
    else
        simd_store(c, d, v, n, align);
}

static void store_aligned(struct cpu *c, const struct decoded *d)
{
    store(c, d, simd_bytes(d));
}

static void store_unaligned(struct cpu *c, const struct decoded *d)
{
    store(c, d, 1);
}

#define MOVE(name, body)                                                       \
    HANDLER(name, body)                                                        \
    HANDLER(v##name, body)

MOVE(movaps_vps_wps, load_aligned)
MOVE(movapd_vpd_wpd, load_aligned)
MOVE(movdqa_vx_wx, load_aligned)
MOVE(movntdqa_vx_mx, load_aligned)
MOVE(movups_vps_wps, load_unaligned)
MOVE(movupd_vpd_wpd, load_unaligned)
MOVE(movdqu_vx_wx, load_unaligned)
MOVE(lddqu_vx_mx, load_unaligned)
MOVE(movaps_wps_vps, store_aligned)
MOVE(movapd_wpd_vpd, store_aligned)
MOVE(movdqa_wx_vx, store_aligned)
MOVE(movntps_mps_vps, store_aligned)
MOVE(movntpd_mpd_vpd, store_aligned)
MOVE(movntdq_mx_vx, store_aligned)
MOVE(movups_wps_vps, store_unaligned)
MOVE(movupd_wpd_vpd, store_unaligned)
MOVE(movdqu_wx_vx, store_unaligned)

/* ---- low scalar of n bytes ---- */

/* From memory: the rest of XMM becomes zero. */
static ALWAYS_INLINE void load_scalar(struct cpu *c, const struct decoded *d,
                                      unsigned n)
{
    struct vec tmp;
    const struct vec *v;
    struct vec *r = &c->vec[d->reg];

    simd_check(c, d);
    v = simd_memory(c, d, &tmp, n, 1);
    vec_set_u64(r, 0, n == 8 ? vec_u64(v, 0) : vec_u32(v, 0));
    vec_set_u64(r, 1, 0);
    if (d->vex)
        simd_clear_above(r, 16);
}

static void store_scalar(struct cpu *c, const struct decoded *d, unsigned n)
{
    simd_check(c, d);
    simd_store(c, d, &c->vec[d->reg], n, 1);
}

/* Between registers: the rest is that of the first source. */
static ALWAYS_INLINE void merge_scalar(struct cpu *c, const struct decoded *d,
                                       unsigned to, unsigned from, unsigned n)
{
    struct vec r;

    simd_check(c, d);
    if (LIKELY(!d->vex)) {
        memmove(c->vec[to].b, c->vec[from].b, n);
        return;
    }
    r = c->vec[d->vvvv];
    memcpy(r.b, c->vec[from].b, n);
    simd_write(c, d, to, &r, 16);
}

static ALWAYS_INLINE void mov_v_w(struct cpu *c, const struct decoded *d,
                                  unsigned n)
{
    if (d->mod == 3)
        merge_scalar(c, d, d->reg, d->rm, n);
    else
        load_scalar(c, d, n);
}

static ALWAYS_INLINE void mov_w_v(struct cpu *c, const struct decoded *d,
                                  unsigned n)
{
    if (d->mod == 3)
        merge_scalar(c, d, d->rm, d->reg, n);
    else
        store_scalar(c, d, n);
}

HANDLER1(movss_vss_wss, mov_v_w, 4)
HANDLER1(vmovss_vss_hss_uss, mov_v_w, 4)
HANDLER1(vmovss_vss_md, mov_v_w, 4)
HANDLER1(movss_wss_vss, mov_w_v, 4)
HANDLER1(vmovss_uss_hss_vss, mov_w_v, 4)
HANDLER1(vmovss_md_vss, mov_w_v, 4)
HANDLER1(movsd_vsd_wsd, mov_v_w, 8)
HANDLER1(vmovsd_vsd_hsd_usd, mov_v_w, 8)
HANDLER1(vmovsd_vsd_mq, mov_v_w, 8)
HANDLER1(movsd_wsd_vsd, mov_w_v, 8)
HANDLER1(vmovsd_usd_hsd_vsd, mov_w_v, 8)
HANDLER1(vmovsd_mq_vsd, mov_w_v, 8)
HANDLER1(movntss_md_vss, store_scalar, 4)
HANDLER1(movntsd_mq_vsd, store_scalar, 8)

/* ---- halves of XMM ---- */

/* Half `to` of the first source is replaced by half `from` of a register, or
 * by memory. */
static ALWAYS_INLINE void load_half(struct cpu *c, const struct decoded *d,
                                    unsigned to, unsigned from)
{
    struct vec tmp;
    const struct vec *v = simd_rm(c, d, &tmp, 8, 1);
    uint64_t half = vec_u64(v, d->mod == 3 ? from : 0);
    uint64_t other = vec_u64(simd_src1(c, d), !to);
    struct vec *r = &c->vec[d->reg];

    vec_set_u64(r, to, half);
    vec_set_u64(r, !to, other);
    if (d->vex)
        simd_clear_above(r, 16);
}

static void store_half(struct cpu *c, const struct decoded *d, unsigned half)
{
    simd_check(c, d);
    simd_write64(c, d, vec_u64(&c->vec[d->reg], half));
}

HANDLER2(movlps_vq_mq, load_half, 0, 0)
HANDLER2(vmovlps_vq_hq_mq, load_half, 0, 0)
HANDLER2(movlpd_vq_mq, load_half, 0, 0)
HANDLER2(vmovlpd_vq_hq_mq, load_half, 0, 0)
HANDLER2(movhlps_vq_uq, load_half, 0, 1)
HANDLER2(vmovhlps_vq_hq_uq, load_half, 0, 1)
HANDLER2(movhps_vq_mq, load_half, 1, 0)
HANDLER2(vmovhps_vq_hq_mq, load_half, 1, 0)
HANDLER2(movhpd_vq_mq, load_half, 1, 0)
HANDLER2(vmovhpd_vq_hq_mq, load_half, 1, 0)
HANDLER2(movlhps_vq_uq, load_half, 1, 0)
HANDLER2(vmovlhps_vq_hq_uq, load_half, 1, 0)
HANDLER1(movlps_mq_vq, store_half, 0)
HANDLER1(vmovlps_mq_vq, store_half, 0)
HANDLER1(movlpd_mq_vq, store_half, 0)
HANDLER1(vmovlpd_mq_vq, store_half, 0)
HANDLER1(movhps_mq_vq, store_half, 1)
HANDLER1(vmovhps_mq_vq, store_half, 1)
HANDLER1(movhpd_mq_vq, store_half, 1)
HANDLER1(vmovhpd_mq_vq, store_half, 1)

/* ---- duplicating moves ---- */

/* Elements 0 0 2 2 or 1 1 3 3. */
static void dup32(struct cpu *c, const struct decoded *d, unsigned odd)
{
    struct vec tmp, r;
    const struct vec *v = simd_src(c, d, &tmp);

    for (unsigned i = 0; i < simd_bytes(d) / 4; i++)
        vec_set_u32(&r, i, vec_u32(v, (i & ~1u) | odd));
    simd_commit(c, d, &r);
}

HANDLER1(movsldup_vps_wps, dup32, 0)
HANDLER1(vmovsldup_vps_wps, dup32, 0)
HANDLER1(movshdup_vps_wps, dup32, 1)
HANDLER1(vmovshdup_vps_wps, dup32, 1)

static void movddup(struct cpu *c, const struct decoded *d)
{
    unsigned n = simd_bytes(d);
    struct vec tmp, r;
    const struct vec *v = simd_rm(c, d, &tmp, n == 16 ? 8 : n, 1);

    for (unsigned i = 0; i < n / 8; i++)
        vec_set_u64(&r, i, vec_u64(v, i & ~1u));
    simd_commit(c, d, &r);
}

MOVE(movddup_vx_wq, movddup)
HANDLER(vmovddup_vqq_wqq, movddup)

/* ---- between general and vector registers ---- */

static void movd_v_e(struct cpu *c, const struct decoded *d)
{
    struct vec r = {{0}};

    simd_check(c, d);
    vec_set_u64(&r, 0,
                d->mod == 3 ? (uint32_t)c->gpr[d->rm] : simd_read32(c, d));
    simd_write(c, d, d->reg, &r, 16);
}

static void movq_v_e(struct cpu *c, const struct decoded *d)
{
    struct vec r = {{0}};

    simd_check(c, d);
    vec_set_u64(&r, 0, d->mod == 3 ? c->gpr[d->rm] : simd_read64(c, d));
    simd_write(c, d, d->reg, &r, 16);
}

static void movd_e_v(struct cpu *c, const struct decoded *d)
{
    uint32_t v = vec_u32(&c->vec[d->reg], 0);

    simd_check(c, d);
    if (d->mod == 3)
        c->gpr[d->rm] = v;
    else
        simd_write32(c, d, v);
}

static void movq_e_v(struct cpu *c, const struct decoded *d)
{
    uint64_t v = vec_u64(&c->vec[d->reg], 0);

    simd_check(c, d);
    if (d->mod == 3)
        c->gpr[d->rm] = v;
    else
        simd_write64(c, d, v);
}

/* MOVQ to XMM: eight bytes, the others zero. */
static void movq_v_w(struct cpu *c, const struct decoded *d)
{
    struct vec tmp, r = {{0}};

    vec_set_u64(&r, 0, vec_u64(simd_rm(c, d, &tmp, 8, 1), 0));
    simd_write(c, d, d->reg, &r, 16);
}

static void movq_w_v(struct cpu *c, const struct decoded *d)
{
    struct vec r = {{0}};

    if (d->mod != 3) {
        store_half(c, d, 0);
        return;
    }
    simd_check(c, d);
    vec_set_u64(&r, 0, vec_u64(&c->vec[d->reg], 0));
    simd_write(c, d, d->rm, &r, 16);
}

MOVE(movd_vdq_ed, movd_v_e)
MOVE(movq_vdq_eq, movq_v_e)
MOVE(movd_ed_vdq, movd_e_v)
MOVE(movq_eq_vdq, movq_e_v)
MOVE(movq_vq_wq, movq_v_w)
MOVE(movq_wq_vq, movq_w_v)

/* ---- sign bits ---- */

static void movmskps(struct cpu *c, const struct decoded *d)
{
    const struct vec *v = &c->vec[d->rm];
    uint32_t r = 0;

    simd_check(c, d);
    for (unsigned i = 0; i < simd_bytes(d) / 4; i++)
        r |= vec_u32(v, i) >> 31 << i;
    c->gpr[d->reg] = r;
}

static void movmskpd(struct cpu *c, const struct decoded *d)
{
    const struct vec *v = &c->vec[d->rm];
    uint32_t r = 0;

    simd_check(c, d);
    for (unsigned i = 0; i < simd_bytes(d) / 8; i++)
        r |= (uint32_t)(vec_u64(v, i) >> 63) << i;
    c->gpr[d->reg] = r;
}

static uint32_t sign_bits8(const struct vec *v, unsigned n)
{
    uint32_t r = 0;

    for (unsigned i = 0; i < n; i++)
        r |= (uint32_t)(v->b[i] >> 7) << i;
    return r;
}

static void pmovmskb(struct cpu *c, const struct decoded *d)
{
    simd_check(c, d);
    c->gpr[d->reg] = sign_bits8(&c->vec[d->rm], simd_bytes(d));
}

MOVE(movmskps_gd_ups, movmskps)
MOVE(movmskpd_gd_upd, movmskpd)
MOVE(pmovmskb_gd_ux, pmovmskb)

void op_pmovmskb_gd_nq(struct cpu *c, const struct decoded *d)
{
    struct vec v;

    fpu_mmx_enter(c);
    vec_set_u64(&v, 0, fpu_mmx_read(c, d->rm));
    c->gpr[d->reg] = sign_bits8(&v, 8);
}

/* ---- MMX ---- */

void op_movd_pq_ed(struct cpu *c, const struct decoded *d)
{
    uint32_t v;

    fpu_mmx_check(c);
    v = d->mod == 3 ? (uint32_t)c->gpr[d->rm] : simd_read32(c, d);
    fpu_mmx_enter(c);
    fpu_mmx_write(c, d->reg, v);
}

void op_movq_pq_eq(struct cpu *c, const struct decoded *d)
{
    uint64_t v;

    fpu_mmx_check(c);
    v = d->mod == 3 ? c->gpr[d->rm] : simd_read64(c, d);
    fpu_mmx_enter(c);
    fpu_mmx_write(c, d->reg, v);
}

void op_movq_pq_qq(struct cpu *c, const struct decoded *d)
{
    uint64_t v = simd_mmx_src(c, d, 8);

    fpu_mmx_write(c, d->reg, v);
}

void op_movd_ed_pq(struct cpu *c, const struct decoded *d)
{
    uint32_t v = (uint32_t)fpu_mmx_read(c, d->reg);

    fpu_mmx_check(c);
    if (d->mod == 3)
        c->gpr[d->rm] = v;
    else
        simd_write32(c, d, v);
    fpu_mmx_enter(c);
}

static void mmx_store(struct cpu *c, const struct decoded *d)
{
    fpu_mmx_check(c);
    simd_write64(c, d, fpu_mmx_read(c, d->reg));
    fpu_mmx_enter(c);
}

void op_movq_eq_pq(struct cpu *c, const struct decoded *d)
{
    if (d->mod != 3) {
        mmx_store(c, d);
        return;
    }
    fpu_mmx_enter(c);
    c->gpr[d->rm] = fpu_mmx_read(c, d->reg);
}

void op_movq_qq_pq(struct cpu *c, const struct decoded *d)
{
    if (d->mod != 3) {
        mmx_store(c, d);
        return;
    }
    fpu_mmx_enter(c);
    fpu_mmx_write(c, d->rm, fpu_mmx_read(c, d->reg));
}

HANDLER(movntq_mq_pq, mmx_store)

void op_movq2dq_vdq_nq(struct cpu *c, const struct decoded *d)
{
    struct vec r = {{0}};

    simd_check(c, d);
    fpu_mmx_enter(c);
    vec_set_u64(&r, 0, fpu_mmx_read(c, d->rm));
    simd_write(c, d, d->reg, &r, 16);
}

void op_movdq2q_pq_uq(struct cpu *c, const struct decoded *d)
{
    simd_check(c, d);
    fpu_mmx_enter(c);
    fpu_mmx_write(c, d->reg, vec_u64(&c->vec[d->rm], 0));
}

/* ---- masked stores to DS:rDI ---- */

static void mask_store(struct cpu *c, const struct decoded *d,
                       const struct vec *v, const struct vec *mask, unsigned n)
{
    unsigned seg = d->seg_override != 0xff ? d->seg_override : SEG_DS;
    uint64_t ea = mem_ea_add(d, c->gpr[RDI], 0);
    uint32_t bits = sign_bits8(mask, n);
    unsigned first = 0, end = n;

    if (!bits)
        return;
    while (!(bits >> first & 1))
        first++;
    while (!(bits >> (end - 1) & 1))
        end--;
    mem_probe_write(c, seg, mem_ea_add(d, ea, first), end - first);
    for (unsigned i = first; i < end; i++) {
        if (bits >> i & 1)
            mem_write8(c, seg, mem_ea_add(d, ea, i), v->b[i]);
    }
}

void op_maskmovq_pq_nq(struct cpu *c, const struct decoded *d)
{
    struct vec v, mask;

    fpu_mmx_check(c);
    vec_set_u64(&v, 0, fpu_mmx_read(c, d->reg));
    vec_set_u64(&mask, 0, fpu_mmx_read(c, d->rm));
    mask_store(c, d, &v, &mask, 8);
    fpu_mmx_enter(c);
}

static void maskmovdqu(struct cpu *c, const struct decoded *d)
{
    simd_check(c, d);
    mask_store(c, d, &c->vec[d->reg], &c->vec[d->rm], 16);
}

MOVE(maskmovdqu_vdq_udq, maskmovdqu)

/* ---- clearing ---- */

static void clear_from(struct cpu *c, const struct decoded *d, unsigned n)
{
    simd_check(c, d);
    for (unsigned i = 0; i < (c->mode == MODE_LONG64 ? 16u : 8u); i++)
        simd_clear_above(&c->vec[i], n);
}

HANDLER1(vzeroupper, clear_from, 16)
HANDLER1(vzeroall, clear_from, 0)

/*
 * avx.c - what AVX and AVX2 have beyond wider SSE: broadcasts, permutations
 * across lanes, masked moves, gathers.
 *
 * Intel SDM vol. 2. Masked moves fault for selected elements only. A gather
 * that faults keeps the elements it has, their mask bits clear.
 */
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

/* ---- broadcast of `size` bytes ---- */

static void broadcast(struct cpu *c, const struct decoded *d, unsigned size)
{
    struct vec tmp, r;
    const struct vec *b = simd_rm(c, d, &tmp, size, 1);

    for (unsigned i = 0; i < simd_bytes(d); i += size)
        memcpy(r.b + i, b->b, size);
    simd_commit(c, d, &r);
}

HANDLER1(vpbroadcastb_vx_wb, broadcast, 1)
HANDLER1(vpbroadcastw_vx_ww, broadcast, 2)
HANDLER1(vpbroadcastd_vx_wd, broadcast, 4)
HANDLER1(vpbroadcastq_vx_wq, broadcast, 8)
HANDLER1(vbroadcastss_vx_wd, broadcast, 4)
HANDLER1(vbroadcastsd_vqq_wq, broadcast, 8)
HANDLER1(vbroadcastf128_vqq_mdq, broadcast, 16)
HANDLER1(vbroadcasti128_vqq_mdq, broadcast, 16)

/* ---- permutations ---- */

static void k_vpermilps(struct vec *r, const struct vec *a, const struct vec *b,
                        unsigned n)
{
    for (unsigned i = 0; i < n / 4; i++)
        vec_set_u32(r, i, vec_u32(a, (i & ~3u) | (vec_u32(b, i) & 3)));
}

static void k_vpermilpd(struct vec *r, const struct vec *a, const struct vec *b,
                        unsigned n)
{
    for (unsigned i = 0; i < n / 8; i++)
        vec_set_u64(r, i, vec_u64(a, (i & ~1u) | (vec_u64(b, i) >> 1 & 1)));
}

/* The indices are the first source. */
static void k_vpermd(struct vec *r, const struct vec *a, const struct vec *b,
                     unsigned n)
{
    for (unsigned i = 0; i < n / 4; i++)
        vec_set_u32(r, i, vec_u32(b, vec_u32(a, i) & 7));
}

static void k_vpermq(struct vec *r, const struct vec *a, const struct vec *b,
                     unsigned n, unsigned imm)
{
    (void)a;
    for (unsigned i = 0; i < n / 8; i++)
        vec_set_u64(r, i, vec_u64(b, imm >> 2 * i & 3));
}

/* For each half: bits 1-0 choose one of four halves, bit 3 zero. */
static void k_vperm2x128(struct vec *r, const struct vec *a,
                         const struct vec *b, unsigned n, unsigned imm)
{
    for (unsigned i = 0; i < n; i += 16, imm >>= 4) {
        if (imm & 8)
            memset(r->b + i, 0, 16);
        else
            memcpy(r->b + i, (imm & 2 ? b : a)->b + 16 * (imm & 1), 16);
    }
}

HANDLER1(vpermilps_vps_hps_wps, simd_binary, k_vpermilps)
HANDLER1(vpermilpd_vpd_hpd_wpd, simd_binary, k_vpermilpd)
HANDLER1(vpermd_vqq_hqq_wqq, simd_binary, k_vpermd)
HANDLER1(vpermps_vqq_hqq_wqq, simd_binary, k_vpermd)
HANDLER1(vpermq_vqq_wqq_ib, simd_binary_imm, k_vpermq)
HANDLER1(vpermpd_vqq_wqq_ib, simd_binary_imm, k_vpermq)
HANDLER1(vperm2f128_vqq_hqq_wqq_ib, simd_binary_imm, k_vperm2x128)
HANDLER1(vperm2i128_vqq_hqq_wqq_ib, simd_binary_imm, k_vperm2x128)

/* ---- halves of YMM ---- */

static void insert128(struct cpu *c, const struct decoded *d)
{
    struct vec tmp, r;
    const struct vec *b = simd_rm(c, d, &tmp, 16, 1);

    r = *simd_src1(c, d);
    memcpy(r.b + 16 * (d->imm & 1), b->b, 16);
    simd_commit(c, d, &r);
}

static void extract128(struct cpu *c, const struct decoded *d)
{
    struct vec r;

    simd_check(c, d);
    memcpy(r.b, c->vec[d->reg].b + 16 * (d->imm & 1), 16);
    if (d->mod == 3)
        simd_write(c, d, d->rm, &r, 16);
    else
        mem_write_bytes(c, d->seg, mem_ea(c, d), r.b, 16, 1);
}

HANDLER(vinsertf128_vqq_hqq_wdq_ib, insert128)
HANDLER(vinserti128_vqq_hqq_wdq_ib, insert128)
HANDLER(vextractf128_wdq_vqq_ib, extract128)
HANDLER(vextracti128_wdq_vqq_ib, extract128)

/* ---- masked moves: the sign of each element of VEX.vvvv selects ---- */

static bool selected(const struct vec *mask, unsigned i, unsigned size)
{
    return mask->b[i + size - 1] & 0x80;
}

static void mask_load(struct cpu *c, const struct decoded *d, unsigned size)
{
    const struct vec *mask = &c->vec[d->vvvv];
    struct vec r = {{0}};
    uint64_t ea;

    simd_check(c, d);
    ea = mem_ea(c, d);
    for (unsigned i = 0; i < simd_bytes(d); i += size) {
        if (selected(mask, i, size))
            mem_read_bytes(c, d->seg, mem_ea_add(d, ea, i), r.b + i, size, 1);
    }
    simd_commit(c, d, &r);
}

static void mask_store(struct cpu *c, const struct decoded *d, unsigned size)
{
    const struct vec *mask = &c->vec[d->vvvv], *v = &c->vec[d->reg];
    uint64_t ea;

    simd_check(c, d);
    ea = mem_ea(c, d);
    for (unsigned i = 0; i < simd_bytes(d); i += size) {
        if (selected(mask, i, size))
            mem_probe_write(c, d->seg, mem_ea_add(d, ea, i), size);
    }
    for (unsigned i = 0; i < simd_bytes(d); i += size) {
        if (selected(mask, i, size))
            mem_write_bytes(c, d->seg, mem_ea_add(d, ea, i), v->b + i, size, 1);
    }
}

HANDLER1(vmaskmovps_vx_hx_mx, mask_load, 4)
HANDLER1(vmaskmovpd_vx_hx_mx, mask_load, 8)
HANDLER1(vpmaskmovd_vx_hx_mx, mask_load, 4)
HANDLER1(vpmaskmovq_vx_hx_mx, mask_load, 8)
HANDLER1(vmaskmovps_mx_hx_vx, mask_store, 4)
HANDLER1(vmaskmovpd_mx_hx_vx, mask_store, 8)
HANDLER1(vpmaskmovd_mx_hx_vx, mask_store, 4)
HANDLER1(vpmaskmovq_mx_hx_vx, mask_store, 8)

/* ---- gathers ---- */

static uint64_t gather_ea(const struct cpu *c, const struct decoded *d,
                          unsigned i, unsigned index_size)
{
    const struct vec *v = &c->vec[d->index];
    uint64_t index =
        index_size == 4 ? (uint64_t)(int32_t)vec_u32(v, i) : vec_u64(v, i);
    uint64_t base = d->base == REG_NONE ? 0 : c->gpr[d->base];

    return mem_ea_add(d, base + (uint64_t)d->disp, index << d->scale);
}

/* Elements of data_size bytes at addresses made of indices of index_size. */
static void gather(struct cpu *c, const struct decoded *d, unsigned data_size,
                   unsigned index_size)
{
    struct vec *r = &c->vec[d->reg], *mask = &c->vec[d->vvvv];
    unsigned wider = data_size > index_size ? data_size : index_size;
    unsigned count = simd_bytes(d) / wider, bytes = count * data_size;

    simd_check(c, d);
    if (d->reg == d->vvvv || d->reg == d->index || d->vvvv == d->index)
        cpu_fault(c, EXC_UD);
    for (unsigned i = 0; i < count; i++) {
        uint8_t *m = mask->b + i * data_size;
        uint8_t buf[8];

        if (m[data_size - 1] & 0x80) {
            /* So that a fault finds an all-ones or all-zeros element. */
            memset(m, 0xff, data_size);
            mem_read_bytes(c, d->seg, gather_ea(c, d, i, index_size), buf,
                           data_size, 1);
            memcpy(r->b + i * data_size, buf, data_size);
        }
        memset(m, 0, data_size);
    }
    simd_clear_above(r, bytes);
    simd_clear_above(mask, 0);
}

HANDLER2(vpgatherdd_vx_vmd_hx, gather, 4, 4)
HANDLER2(vpgatherqd_vx_vmq_hx, gather, 4, 8)
HANDLER2(vpgatherdq_vx_vmd_hx, gather, 8, 4)
HANDLER2(vpgatherqq_vx_vmq_hx, gather, 8, 8)
HANDLER2(vgatherdps_vx_vmd_hx, gather, 4, 4)
HANDLER2(vgatherqps_vx_vmq_hx, gather, 4, 8)
HANDLER2(vgatherdpd_vx_vmd_hx, gather, 8, 4)
HANDLER2(vgatherqpd_vx_vmq_hx, gather, 8, 8)

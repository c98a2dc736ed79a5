/*
 * xsave.c - saving and loading of x87, SSE and AVX state; MXCSR, XCR0, EMMS.
 *
 * Intel SDM vol. 2 (FXSAVE, LDMXCSR, XSAVE...), vol. 1 ch. 13. The components
 * are x87, SSE and AVX; with these three the compacted form has every
 * component where the standard form has it. Choices where the SDM leaves one:
 * XSAVEOPT and XSAVES know no modified optimisation; with CR4.OSFXSR = 0 FXSAVE
 * and FXRSTOR leave MXCSR and the XMM registers alone.
 */
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

/* Layout of an area (SDM vol. 1 ch. 13.4). */
enum {
    AREA_MXCSR = 24,
    AREA_MXCSR_MASK = 28,
    AREA_ST = 32,
    AREA_XMM = 160,
    AREA_FX_BYTES = 512,
    AREA_XSTATE_BV = 512,
    AREA_XCOMP_BV = 520,
    AREA_AVX = 576,
    AREA_BYTES = 832,
};

#define XCOMP_COMPACT (UINT64_C(1) << 63)

/* Registers that the instruction can see. */
static unsigned vec_count(const struct cpu *c)
{
    return c->mode == MODE_LONG64 ? 16 : 8;
}

static void check_mxcsr(struct cpu *c, uint32_t v)
{
    if (v & ~simd_mxcsr_mask(c))
        cpu_fault_code(c, EXC_GP, 0);
}

static void load_xmm(struct cpu *c, const uint8_t *image)
{
    for (unsigned i = 0; i < vec_count(c); i++)
        memcpy(c->vec[i].b, image + AREA_XMM + 16 * i, 16);
}

static void store_xmm(const struct cpu *c, uint8_t *image)
{
    for (unsigned i = 0; i < vec_count(c); i++)
        memcpy(image + AREA_XMM + 16 * i, c->vec[i].b, 16);
}

/* ---- MXCSR, EMMS ---- */

static void load_mxcsr(struct cpu *c, const struct decoded *d)
{
    uint32_t v;

    simd_check(c, d);
    v = mem_read32(c, d->seg, mem_ea(c, d));
    check_mxcsr(c, v);
    c->mxcsr = v;
}

static void store_mxcsr(struct cpu *c, const struct decoded *d)
{
    simd_check(c, d);
    mem_write32(c, d->seg, mem_ea(c, d), c->mxcsr);
}

HANDLER(ldmxcsr_md, load_mxcsr)
HANDLER(stmxcsr_md, store_mxcsr)
HANDLER(vldmxcsr_md, load_mxcsr)
HANDLER(vstmxcsr_md, store_mxcsr)

void op_emms(struct cpu *c, const struct decoded *d)
{
    (void)d;
    fpu_mmx_check(c);
    fpu_emms(c);
}

/* ---- FXSAVE, FXRSTOR ---- */

void op_fxsave(struct cpu *c, const struct decoded *d)
{
    uint8_t image[AREA_FX_BYTES];
    unsigned bytes = AREA_XMM;
    uint64_t ea = mem_ea(c, d);

    fpu_check_nm(c);
    fpu_fxsave(c, image, d->rex & 8);
    st_le32(image + AREA_MXCSR, c->mxcsr);
    st_le32(image + AREA_MXCSR_MASK, simd_mxcsr_mask(c));
    if (c->cr4 & CR4_OSFXSR) {
        store_xmm(c, image);
        bytes += 16 * vec_count(c);
    }
    /* What is reserved is not written, but must be there. */
    if (!(mem_linear(c, d->seg, ea, 1, true) & 15))
        mem_probe_write(c, d->seg, ea, sizeof image);
    mem_write_bytes(c, d->seg, ea, image, bytes, 16);
}

void op_fxrstor(struct cpu *c, const struct decoded *d)
{
    uint8_t image[AREA_FX_BYTES];
    bool sse = c->cr4 & CR4_OSFXSR;

    fpu_check_nm(c);
    mem_read_bytes(c, d->seg, mem_ea(c, d), image, sizeof image, 16);
    if (sse) {
        check_mxcsr(c, ld_le32(image + AREA_MXCSR));
        c->mxcsr = ld_le32(image + AREA_MXCSR);
        load_xmm(c, image);
    }
    fpu_fxrstor(c, image, d->rex & 8);
}

/* ---- XSAVE ---- */

static bool sse_in_use(const struct cpu *c)
{
    static const uint8_t zero[16];

    for (unsigned i = 0; i < vec_count(c); i++) {
        if (memcmp(c->vec[i].b, zero, 16))
            return true;
    }
    return false;
}

static bool avx_in_use(const struct cpu *c)
{
    static const uint8_t zero[16];

    for (unsigned i = 0; i < vec_count(c); i++) {
        if (memcmp(c->vec[i].b + 16, zero, 16))
            return true;
    }
    return false;
}

/* SDM vol. 1, 13.6: the initial configuration has zeros in the registers. */
static bool x87_in_use(const struct cpu *c)
{
    const struct fpu *f = &c->fpu;

    if (f->cw != 0x37f || f->sw || f->tw != 0xffff || f->fop || f->fip ||
        f->fdp || f->fcs || f->fds)
        return true;
    for (unsigned i = 0; i < 8; i++) {
        if (f->r[i].frac || f->r[i].se)
            return true;
    }
    return false;
}

/* XINUSE: components that are not in their initial state. */
static uint64_t in_use(const struct cpu *c)
{
    return (x87_in_use(c) ? XSTATE_X87 : 0u) |
           (sse_in_use(c) ? XSTATE_SSE : 0u) |
           (avx_in_use(c) ? XSTATE_AVX : 0u);
}

/* The checks of all XSAVE and XRSTOR forms; the components asked for. */
static uint64_t xsave_begin(struct cpu *c)
{
    if (!(c->cr4 & CR4_OSXSAVE))
        cpu_fault(c, EXC_UD);
    if (c->cr0 & CR0_TS)
        cpu_fault(c, EXC_NM);
    return ((uint32_t)c->gpr[RAX] | c->gpr[RDX] << 32) & c->xcr0;
}

static void save_bytes(struct cpu *c, const struct decoded *d, uint64_t ea,
                       const uint8_t *image, unsigned from, unsigned n)
{
    mem_write_bytes(c, d->seg, mem_ea_add(d, ea, from), image + from, n, 1);
}

/* The data of components `which`; MXCSR goes with SSE and AVX. */
static void save_components(struct cpu *c, const struct decoded *d, uint64_t ea,
                            uint64_t which, bool mxcsr)
{
    uint8_t image[AREA_BYTES];
    unsigned n = 16 * vec_count(c);

    if (which & XSTATE_X87) {
        fpu_fxsave(c, image, d->rex & 8);
        save_bytes(c, d, ea, image, 0, AREA_MXCSR);
        save_bytes(c, d, ea, image, AREA_ST, AREA_XMM - AREA_ST);
    }
    if (mxcsr) {
        st_le32(image + AREA_MXCSR, c->mxcsr);
        st_le32(image + AREA_MXCSR_MASK, simd_mxcsr_mask(c));
        save_bytes(c, d, ea, image, AREA_MXCSR, 8);
    }
    if (which & XSTATE_SSE) {
        store_xmm(c, image);
        save_bytes(c, d, ea, image, AREA_XMM, n);
    }
    if (which & XSTATE_AVX) {
        for (unsigned i = 0; i < n / 16; i++)
            memcpy(image + AREA_AVX + 16 * i, c->vec[i].b + 16, 16);
        save_bytes(c, d, ea, image, AREA_AVX, n);
    }
}

/* The start of the area, aligned to 64, with legacy part and header. */
static uint64_t area(struct cpu *c, const struct decoded *d, bool write)
{
    uint64_t ea = mem_ea(c, d);

    if (mem_linear(c, d->seg, ea, AREA_AVX, write) & 63)
        cpu_fault_code(c, EXC_GP, 0);
    return ea;
}

/* All that may be written is there, or nothing is. The half that other modes
 * than the 64-bit one leave alone must be there too. */
static void probe_area(struct cpu *c, const struct decoded *d, uint64_t ea,
                       uint64_t rfbm)
{
    mem_probe_write(c, d->seg, ea, rfbm & XSTATE_AVX ? AREA_BYTES : AREA_AVX);
}

/* XSAVE, XSAVEOPT: which of the components asked for are written. */
static void save_standard(struct cpu *c, const struct decoded *d, bool opt)
{
    uint64_t rfbm = xsave_begin(c), used = in_use(c), ea, bv;
    uint8_t image[AREA_BYTES];

    ea = area(c, d, true);
    probe_area(c, d, ea, rfbm);
    bv = mem_read64(c, d->seg, mem_ea_add(d, ea, AREA_XSTATE_BV));
    save_components(c, d, ea, opt ? rfbm & used : rfbm,
                    rfbm & (XSTATE_SSE | XSTATE_AVX));
    st_le64(image + AREA_XSTATE_BV, (bv & ~rfbm) | (rfbm & used));
    save_bytes(c, d, ea, image, AREA_XSTATE_BV, 8);
}

static void save_compact(struct cpu *c, const struct decoded *d)
{
    uint64_t rfbm = xsave_begin(c), used = in_use(c), ea;
    uint8_t image[AREA_BYTES];

    if (c->mxcsr != MXCSR_DEFAULT)
        used |= XSTATE_SSE;
    ea = area(c, d, true);
    probe_area(c, d, ea, rfbm & used);
    save_components(c, d, ea, rfbm & used, rfbm & used & XSTATE_SSE);
    st_le64(image + AREA_XSTATE_BV, rfbm & used);
    st_le64(image + AREA_XCOMP_BV, XCOMP_COMPACT | rfbm);
    save_bytes(c, d, ea, image, AREA_XSTATE_BV, 16);
}

static void require_cpl0(struct cpu *c)
{
    if (!(c->cr4 & CR4_OSXSAVE))
        cpu_fault(c, EXC_UD);
    if (c->cpl)
        cpu_fault_code(c, EXC_GP, 0);
}

void op_xsave(struct cpu *c, const struct decoded *d)
{
    save_standard(c, d, false);
}

void op_xsaveopt(struct cpu *c, const struct decoded *d)
{
    save_standard(c, d, true);
}

void op_xsavec(struct cpu *c, const struct decoded *d)
{
    save_compact(c, d);
}

/* No supervisor component exists: XSAVES is a privileged XSAVEC. */
void op_xsaves(struct cpu *c, const struct decoded *d)
{
    require_cpl0(c);
    save_compact(c, d);
}

/* ---- XRSTOR ---- */

static bool any_set(const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (p[i])
            return true;
    }
    return false;
}

static bool is_compact(const struct cpu *c, const uint8_t *image)
{
    return ld_le64(image + AREA_XCOMP_BV) & XCOMP_COMPACT &&
           cpu_has(c, FEAT_XSAVEC);
}

/* #GP for a header that no XSAVE made (SDM vol. 1, 13.8 and 13.12). */
static void check_header(struct cpu *c, const uint8_t *image, bool compact,
                         bool supervisor)
{
    uint64_t bv = ld_le64(image + AREA_XSTATE_BV);
    uint64_t comp = ld_le64(image + AREA_XCOMP_BV);
    bool bad;

    if (compact) {
        comp &= ~XCOMP_COMPACT;
        bad = comp & ~c->xcr0 || bv & ~comp ||
              any_set(image + AREA_XCOMP_BV + 8, 48);
    } else {
        bad = supervisor || bv & ~c->xcr0 || any_set(image + AREA_XCOMP_BV, 16);
    }
    if (bad)
        cpu_fault_code(c, EXC_GP, 0);
}

static void load_x87(struct cpu *c, const struct decoded *d,
                     const uint8_t *image, bool init)
{
    if (!init) {
        fpu_fxrstor(c, image, d->rex & 8);
        return;
    }
    memset(c->fpu.r, 0, sizeof c->fpu.r);
    fpu_init(&c->fpu);
    fpu_update_ferr(c);
}

static void load_avx(struct cpu *c, const uint8_t *image)
{
    for (unsigned i = 0; i < vec_count(c); i++)
        memcpy(c->vec[i].b + 16, image + AREA_AVX + 16 * i, 16);
}

static void restore(struct cpu *c, const struct decoded *d, bool supervisor)
{
    uint64_t rfbm = xsave_begin(c), load, ea = area(c, d, false);
    uint8_t image[AREA_BYTES] = {0};
    const unsigned vectors = XSTATE_SSE | XSTATE_AVX;
    uint32_t mxcsr = c->mxcsr;
    bool compact;

    mem_read_bytes(c, d->seg, ea, image, AREA_AVX, 1);
    compact = is_compact(c, image);
    /* In the standard form all that is asked for must be there, in use or not:
     * so processors do, looking at its last byte before they judge the header,
     * and SDM vol. 1, 13.8.1 allows it. */
    if (!compact && rfbm & XSTATE_AVX)
        mem_read8(c, d->seg, mem_ea_add(d, ea, AREA_BYTES - 1));
    check_header(c, image, compact, supervisor);
    load = rfbm & ld_le64(image + AREA_XSTATE_BV);
    if ((compact ? load : rfbm) & XSTATE_AVX)
        mem_read_bytes(c, d->seg, mem_ea_add(d, ea, AREA_AVX), image + AREA_AVX,
                       AREA_BYTES - AREA_AVX, 1);
    if (!(load & XSTATE_AVX))
        memset(image + AREA_AVX, 0, AREA_BYTES - AREA_AVX);
    /* The standard form loads MXCSR even where SSE is in its initial state. */
    if (compact ? load & XSTATE_SSE : rfbm & vectors) {
        mxcsr = ld_le32(image + AREA_MXCSR);
        check_mxcsr(c, mxcsr);
    } else if (compact && rfbm & XSTATE_SSE) {
        mxcsr = MXCSR_DEFAULT;
    }
    c->mxcsr = mxcsr;
    if (!(load & XSTATE_SSE))
        memset(image + AREA_XMM, 0, 256);
    if (rfbm & XSTATE_SSE)
        load_xmm(c, image);
    if (rfbm & XSTATE_AVX)
        load_avx(c, image);
    if (rfbm & XSTATE_X87)
        load_x87(c, d, image, !(load & XSTATE_X87));
}

void op_xrstor(struct cpu *c, const struct decoded *d)
{
    restore(c, d, false);
}

void op_xrstors(struct cpu *c, const struct decoded *d)
{
    require_cpl0(c);
    restore(c, d, true);
}

/* ---- XCR0 ---- */

void op_xgetbv(struct cpu *c, const struct decoded *d)
{
    uint64_t v = c->xcr0;

    (void)d;
    if (!(c->cr4 & CR4_OSXSAVE))
        cpu_fault(c, EXC_UD);
    if ((uint32_t)c->gpr[RCX] == 1 && cpu_has(c, FEAT_XSAVEC))
        v &= in_use(c);
    else if ((uint32_t)c->gpr[RCX])
        cpu_fault_code(c, EXC_GP, 0);
    c->gpr[RAX] = (uint32_t)v;
    c->gpr[RDX] = v >> 32;
}

void op_xsetbv(struct cpu *c, const struct decoded *d)
{
    uint64_t v = (uint32_t)c->gpr[RAX] | c->gpr[RDX] << 32;
    uint64_t valid = XSTATE_X87 | XSTATE_SSE;

    (void)d;
    if (cpu_has(c, FEAT_AVX))
        valid |= XSTATE_AVX;
    if (!(c->cr4 & CR4_OSXSAVE))
        cpu_fault(c, EXC_UD);
    if (c->cpl || (uint32_t)c->gpr[RCX] || v & ~valid || !(v & XSTATE_X87) ||
        (v & XSTATE_AVX && !(v & XSTATE_SSE)))
        cpu_fault_code(c, EXC_GP, 0);
    c->xcr0 = v;
}

/*
 * fpu.c - x87 state: FNINIT, tags, exceptions, FXSAVE image, MMX aliasing.
 *
 * Intel SDM vol. 1: 8.1 (registers), 8.6 and 8.7 (exceptions, FERR#), 9.5
 * (MMX); vol. 3 ch. 12. Known departure: with CR0.NE = 0 the processor does
 * not freeze at the next waiting instruction until the interrupt comes: FERR#
 * is driven as soon as the exception is found, so the interrupt is there
 * first unless the guest holds it off.
 */
#include "cpu/fpu/x87.h"

void fpu_init(struct fpu *f)
{
    f->cw = FPU_CW_INIT;
    f->sw = 0;
    f->tw = 0xffff;
    f->fop = 0;
    f->fip = f->fdp = 0;
    f->fcs = f->fds = 0;
}

void fpu_check_nm(struct cpu *c)
{
    if (UNLIKELY(c->cr0 & (CR0_EM | CR0_TS)))
        cpu_fault(c, EXC_NM);
}

void fpu_update_ferr(struct cpu *c)
{
    line_set(&c->ferr, (c->fpu.sw & FSW_ES) && !(c->cr0 & CR0_NE));
}

void fpu_check_pending(struct cpu *c)
{
    if (LIKELY(!(c->fpu.sw & FSW_ES)))
        return;
    if (c->cr0 & CR0_NE)
        cpu_fault(c, EXC_MF);
    if (!c->ignne)
        fpu_update_ferr(c);
}

/* ---- MMX ---- */

void fpu_mmx_check(struct cpu *c)
{
    if (UNLIKELY(c->cr0 & CR0_EM))
        cpu_fault(c, EXC_UD);
    if (UNLIKELY(c->cr0 & CR0_TS))
        cpu_fault(c, EXC_NM);
    fpu_check_pending(c);
}

void fpu_mmx_enter(struct cpu *c)
{
    fpu_mmx_check(c);
    c->fpu.sw &= (uint16_t)~FSW_TOP;
    c->fpu.tw = 0;
}

void fpu_emms(struct cpu *c)
{
    c->fpu.tw = 0xffff;
}

/* ---- tags ---- */

unsigned fpu_tag(struct f80 a)
{
    unsigned exp = a.se & 0x7fff;

    if (exp == 0)
        return a.frac ? FTAG_SPECIAL : FTAG_ZERO;
    return exp != 0x7fff && a.frac >> 63 ? FTAG_VALID : FTAG_SPECIAL;
}

uint8_t fpu_pack_ftw(const struct fpu *f)
{
    unsigned ftw = 0;

    for (unsigned i = 0; i < 8; i++) {
        if ((f->tw >> 2 * i & 3) != FTAG_EMPTY)
            ftw |= 1u << i;
    }
    return (uint8_t)ftw;
}

void fpu_unpack_ftw(struct fpu *f, uint8_t ftw)
{
    unsigned tw = 0;

    for (unsigned i = 0; i < 8; i++) {
        unsigned tag = ftw >> i & 1 ? fpu_tag(f->r[i]) : FTAG_EMPTY;
        tw |= tag << 2 * i;
    }
    f->tw = (uint16_t)tw;
}

/* ---- FXSAVE image ---- */

void fpu_fxsave(const struct cpu *c, uint8_t *image, bool wide)
{
    const struct fpu *f = &c->fpu;

    memset(image, 0, 24);
    st_le16(image, f->cw);
    st_le16(image + 2, f->sw);
    image[4] = fpu_pack_ftw(f);
    st_le16(image + 6, f->fop);
    if (wide) {
        st_le64(image + 8, f->fip);
        st_le64(image + 16, f->fdp);
    } else {
        st_le32(image + 8, (uint32_t)f->fip);
        st_le16(image + 12, f->fcs);
        st_le32(image + 16, (uint32_t)f->fdp);
        st_le16(image + 20, f->fds);
    }
    memset(image + 32, 0, 128);
    for (unsigned i = 0; i < 8; i++) {
        struct f80 v = x87_st(c, i);

        st_le64(image + 32 + 16 * i, v.frac);
        st_le16(image + 40 + 16 * i, v.se);
    }
}

/* ES and B follow from flags and masks, whatever an image says. */
static uint16_t summarised(uint16_t sw, uint16_t cw)
{
    sw &= (uint16_t) ~(FSW_ES | FSW_B);
    return sw & ~cw & FP_ALL ? sw | FSW_ES | FSW_B : sw;
}

void x87_set_control(struct cpu *c, uint16_t cw, uint16_t sw)
{
    c->fpu.cw = (cw & 0x1f3f) | 0x40; /* reserved bits; bit 6 reads as 1 */
    c->fpu.sw = summarised(sw, c->fpu.cw);
    fpu_update_ferr(c);
}

void fpu_fxrstor(struct cpu *c, const uint8_t *image, bool wide)
{
    struct fpu *f = &c->fpu;

    x87_set_control(c, ld_le16(image), ld_le16(image + 2));
    f->fop = ld_le16(image + 6) & 0x7ff;
    f->fip = wide ? ld_le64(image + 8) : ld_le32(image + 8);
    f->fdp = wide ? ld_le64(image + 16) : ld_le32(image + 16);
    f->fcs = wide ? 0 : ld_le16(image + 12);
    f->fds = wide ? 0 : ld_le16(image + 20);
    for (unsigned i = 0; i < 8; i++)
        f->r[x87_phys(c, i)] = f80_make(ld_le16(image + 40 + 16 * i),
                                        ld_le64(image + 32 + 16 * i));
    fpu_unpack_ftw(f, image[4]);
}

/* ---- helpers of the handlers ---- */

void x87_raise(struct cpu *c, unsigned flags)
{
    c->fpu.sw |= (uint16_t)flags;
    if (flags & ~c->fpu.cw & FP_ALL) {
        c->fpu.sw |= FSW_ES | FSW_B;
        fpu_update_ferr(c);
    }
}

bool x87_underflow(struct cpu *c)
{
    x87_raise(c, FP_IE | FSW_SF);
    x87_set_c1(c, false);
    return x87_masked(c, FP_IE);
}

bool x87_overflow(struct cpu *c)
{
    x87_raise(c, FP_IE | FSW_SF);
    x87_set_c1(c, true);
    return x87_masked(c, FP_IE);
}

void x87_underflow_to(struct cpu *c, unsigned i)
{
    if (x87_underflow(c))
        x87_set_st(c, i, F80_DEFAULT_NAN);
}

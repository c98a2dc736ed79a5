/*
 * control.c - x87 control instructions: words, environment, save area, stack.
 *
 * Intel SDM vol. 1: 8.1.10 (image layouts), 8.3.12; vol. 2.
 */
#include "cpu/fpu/x87.h"

#define ENV_MAX  28
#define SAVE_MAX (ENV_MAX + 80)

void op_fwait(struct cpu *c, const struct decoded *d)
{
    (void)d;
    if ((c->cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS))
        cpu_fault(c, EXC_NM);
    fpu_check_pending(c);
}

void op_fnop(struct cpu *c, const struct decoded *d)
{
    x87_enter(c);
    x87_note(c, d);
}

/* FENI, FDISI (8087) and FSETPM (80287): accepted and ignored. */
void op_fneni(struct cpu *c, const struct decoded *d)
{
    (void)d;
    fpu_check_nm(c);
}

void op_fldcw(struct cpu *c, const struct decoded *d)
{
    uint16_t cw;

    x87_enter(c);
    cw = mem_read16(c, d->seg, mem_ea(c, d));
    x87_set_control(c, cw, c->fpu.sw);
}

void op_fnstcw(struct cpu *c, const struct decoded *d)
{
    fpu_check_nm(c);
    mem_write16(c, d->seg, mem_ea(c, d), c->fpu.cw);
}

void op_fnstsw_m16(struct cpu *c, const struct decoded *d)
{
    fpu_check_nm(c);
    mem_write16(c, d->seg, mem_ea(c, d), c->fpu.sw);
}

void op_fnstsw_ax(struct cpu *c, const struct decoded *d)
{
    (void)d;
    fpu_check_nm(c);
    c->gpr[RAX] = (c->gpr[RAX] & ~(uint64_t)0xffff) | c->fpu.sw;
}

void op_fnclex(struct cpu *c, const struct decoded *d)
{
    (void)d;
    fpu_check_nm(c);
    c->fpu.sw &= (uint16_t) ~(FP_ALL | FSW_SF | FSW_ES | FSW_B);
    fpu_update_ferr(c);
}

void op_fninit(struct cpu *c, const struct decoded *d)
{
    (void)d;
    fpu_check_nm(c);
    fpu_init(&c->fpu);
    fpu_update_ferr(c);
}

void op_fincstp(struct cpu *c, const struct decoded *d)
{
    x87_enter(c);
    x87_note(c, d);
    x87_set_c1(c, false);
    x87_move_top(c, 1);
}

void op_fdecstp(struct cpu *c, const struct decoded *d)
{
    x87_enter(c);
    x87_note(c, d);
    x87_set_c1(c, false);
    x87_move_top(c, -1);
}

void op_ffree_sti(struct cpu *c, const struct decoded *d)
{
    x87_enter(c);
    x87_note(c, d);
    x87_set_c1(c, false);
    x87_set_tag(c, d->modrm & 7, FTAG_EMPTY);
}

/* DF C0+i, undocumented: frees ST(i), then pops. */
void op_ffreep_sti(struct cpu *c, const struct decoded *d)
{
    x87_enter(c);
    x87_note(c, d);
    x87_set_c1(c, false);
    x87_set_tag(c, d->modrm & 7, FTAG_EMPTY);
    x87_pop(c);
}

/* ---- environment ---- */

/* Real and virtual-8086 mode keep linear addresses in the image. */
static bool linear_image(const struct cpu *c)
{
    return c->mode == MODE_REAL || c->mode == MODE_V86;
}

static void env_pack16(const struct cpu *c, uint16_t tw, uint8_t *p)
{
    const struct fpu *f = &c->fpu;
    uint32_t ip = (uint32_t)f->fip, dp = (uint32_t)f->fdp;
    uint16_t ip_high = f->fcs, dp_high = f->fds;

    if (linear_image(c)) {
        ip += (uint32_t)f->fcs << 4;
        dp += (uint32_t)f->fds << 4;
        ip_high = (uint16_t)((ip >> 4 & 0xf000) | f->fop);
        dp_high = dp >> 4 & 0xf000;
    }
    st_le16(p, f->cw);
    st_le16(p + 2, f->sw);
    st_le16(p + 4, tw);
    st_le16(p + 6, (uint16_t)ip);
    st_le16(p + 8, ip_high);
    st_le16(p + 10, (uint16_t)dp);
    st_le16(p + 12, dp_high);
}

static void env_pack32(const struct cpu *c, uint16_t tw, uint8_t *p)
{
    const uint32_t reserved = 0xffff0000;
    const struct fpu *f = &c->fpu;
    uint32_t ip = (uint32_t)f->fip, dp = (uint32_t)f->fdp;
    uint32_t ip_high = f->fcs | (uint32_t)f->fop << 16;
    uint32_t dp_high = reserved | f->fds;

    if (linear_image(c)) {
        ip += (uint32_t)f->fcs << 4;
        dp += (uint32_t)f->fds << 4;
        ip_high = (ip >> 16) << 12 | f->fop;
        dp_high = (dp >> 16) << 12;
        ip |= reserved;
        dp |= reserved;
    }
    st_le32(p, reserved | f->cw);
    st_le32(p + 4, reserved | f->sw);
    st_le32(p + 8, reserved | tw);
    st_le32(p + 12, ip);
    st_le32(p + 16, ip_high);
    st_le32(p + 20, dp);
    st_le32(p + 24, dp_high);
}

/* Makes the image; its length. The tags are judged anew, for MMX writes
 * registers without touching them. */
static unsigned env_pack(const struct cpu *c, unsigned osize, uint8_t *p)
{
    struct fpu f = c->fpu;

    fpu_unpack_ftw(&f, fpu_pack_ftw(&f));
    if (osize == 2) {
        env_pack16(c, f.tw, p);
        return 14;
    }
    env_pack32(c, f.tw, p);
    return ENV_MAX;
}

static unsigned env_size(unsigned osize)
{
    return osize == 2 ? 14 : ENV_MAX;
}

/* Of the tags only "empty" is taken; the others follow from the contents. */
static void env_tags(struct cpu *c, uint16_t tw)
{
    c->fpu.tw = tw;
    fpu_unpack_ftw(&c->fpu, fpu_pack_ftw(&c->fpu));
}

static void env_unpack(struct cpu *c, unsigned osize, const uint8_t *p)
{
    struct fpu *f = &c->fpu;
    uint32_t ip, ip_high, dp, dp_high;

    if (osize == 2) {
        x87_set_control(c, ld_le16(p), ld_le16(p + 2));
        env_tags(c, ld_le16(p + 4));
        ip = ld_le16(p + 6);
        ip_high = ld_le16(p + 8);
        dp = ld_le16(p + 10);
        dp_high = ld_le16(p + 12);
    } else {
        x87_set_control(c, ld_le16(p), ld_le16(p + 4));
        env_tags(c, ld_le16(p + 8));
        ip = ld_le32(p + 12);
        ip_high = ld_le32(p + 16);
        dp = ld_le32(p + 20);
        dp_high = ld_le32(p + 24);
    }
    if (linear_image(c)) {
        f->fop = ip_high & 0x7ff;
        f->fip = (ip & 0xffff) | (ip_high & 0x0ffff000) << 4;
        f->fdp = (dp & 0xffff) | (dp_high & 0x0ffff000) << 4;
        f->fcs = f->fds = 0;
        return;
    }
    f->fip = ip;
    f->fdp = dp;
    f->fcs = (uint16_t)ip_high;
    f->fds = (uint16_t)dp_high;
    f->fop = osize == 2 ? 0 : ip_high >> 16 & 0x7ff;
}

/* Of the words of an environment. */
static unsigned word_size(const struct decoded *d)
{
    return d->osize == 2 ? 2 : 4;
}

void op_fnstenv(struct cpu *c, const struct decoded *d)
{
    uint8_t image[ENV_MAX];
    unsigned n;

    fpu_check_nm(c);
    n = env_pack(c, d->osize, image);
    x87_write_bytes(c, d, mem_ea(c, d), image, n, word_size(d));
    x87_set_control(c, c->fpu.cw | FP_ALL, c->fpu.sw);
}

void op_fldenv(struct cpu *c, const struct decoded *d)
{
    uint8_t image[ENV_MAX];

    x87_enter(c);
    x87_read_bytes(c, d, mem_ea(c, d), image, env_size(d->osize), word_size(d));
    env_unpack(c, d->osize, image);
}

void op_fnsave(struct cpu *c, const struct decoded *d)
{
    uint8_t image[SAVE_MAX];
    unsigned n;

    fpu_check_nm(c);
    n = env_pack(c, d->osize, image);
    for (unsigned i = 0; i < 8; i++, n += 10) {
        struct f80 v = x87_st(c, i);

        st_le64(image + n, v.frac);
        st_le16(image + n + 8, v.se);
    }
    x87_write_bytes(c, d, mem_ea(c, d), image, n, word_size(d));
    fpu_init(&c->fpu);
    fpu_update_ferr(c);
}

void op_frstor(struct cpu *c, const struct decoded *d)
{
    uint8_t image[SAVE_MAX];
    unsigned n = env_size(d->osize);
    unsigned top;

    x87_enter(c);
    x87_read_bytes(c, d, mem_ea(c, d), image, n + 80, word_size(d));
    top = ld_le16(image + (d->osize == 2 ? 2 : 4)) >> FSW_TOP_SHIFT;
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *p = image + n + 10 * i;

        c->fpu.r[(top + i) & 7] = f80_make(ld_le16(p + 8), ld_le64(p));
    }
    env_unpack(c, d->osize, image);
}

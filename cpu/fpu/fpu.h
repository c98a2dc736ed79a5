/*
 * fpu.h - the x87 unit as the rest of the processor sees it.
 *
 * Intel SDM vol. 1 ch. 8 (x87), 9.5 and vol. 3 ch. 12 (MMX on its registers),
 * vol. 2 FXSAVE. Handlers are declared in cpu/fpu/ops.h.
 */
#ifndef CPU_FPU_FPU_H
#define CPU_FPU_FPU_H

#include "cpu/cpu.h"

/* Status word; exception flags are FP_IE ... FP_PE of softfloat.h. */
enum {
    FSW_SF = 1 << 6, /* stack fault */
    FSW_ES = 1 << 7, /* an unmasked exception is pending */
    FSW_C0 = 1 << 8,
    FSW_C1 = 1 << 9,
    FSW_C2 = 1 << 10,
    FSW_TOP = 7 << 11,
    FSW_TOP_SHIFT = 11,
    FSW_C3 = 1 << 14,
    FSW_B = 1 << 15, /* same as ES since the 387 */
    FSW_CC = FSW_C0 | FSW_C1 | FSW_C2 | FSW_C3,
};

enum { FTAG_VALID, FTAG_ZERO, FTAG_SPECIAL, FTAG_EMPTY };

#define FPU_CW_INIT 0x037f /* FNINIT: all masked, 64 bits, to nearest */

/* What FNINIT does. The registers keep their values, tagged empty. */
void fpu_init(struct fpu *f);

/* #NM if CR0.EM or CR0.TS is set. */
void fpu_check_nm(struct cpu *c);
/* A waiting instruction: with an unmasked exception pending #MF, or by
 * CR0.NE = 0 the FERR# pin, which the board turns into IRQ 13. */
void fpu_check_pending(struct cpu *c);
/* Drives FERR# as ES and CR0.NE say; for whoever changes either. */
void fpu_update_ferr(struct cpu *c);

/* Before an MMX instruction: #UD if CR0.EM, #NM if CR0.TS, pending #MF; then
 * TOP = 0 and every tag valid. Call it after the last memory read that can
 * fault and before touching c->fpu.r[]. */
void fpu_mmx_enter(struct cpu *c);
/* The same checks without the change of TOP and tags. */
void fpu_mmx_check(struct cpu *c);
/* EMMS after fpu_mmx_check: every tag empty. */
void fpu_emms(struct cpu *c);

/* MMn; a write sets the exponent and sign bits to ones (SDM vol. 1, 9.2). */
static inline uint64_t fpu_mmx_read(const struct cpu *c, unsigned n)
{
    return c->fpu.r[n & 7].frac;
}

static inline void fpu_mmx_write(struct cpu *c, unsigned n, uint64_t v)
{
    c->fpu.r[n & 7] = f80_make(0xffff, v);
}

/* Tag that a register's contents deserve. */
unsigned fpu_tag(struct f80 a);
/* Abridged tag byte of FXSAVE: bit n set if Rn is not empty. Unpacking judges
 * the tags by c's registers, so load those first. */
uint8_t fpu_pack_ftw(const struct fpu *f);
void fpu_unpack_ftw(struct fpu *f, uint8_t ftw);

/* The x87 parts of a FXSAVE or XSAVE image of at least 160 bytes: 0..23 and
 * 32..159 (MXCSR and its mask at 24..31 are left alone). wide: 64-bit
 * pointers (REX.W or the 64-bit XSAVE forms). Loading updates FERR#. */
void fpu_fxsave(const struct cpu *c, uint8_t *image, bool wide);
void fpu_fxrstor(struct cpu *c, const uint8_t *image, bool wide);

#endif

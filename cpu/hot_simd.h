/*
 * HOT: hot_simd.h - hot handlers of SSE instructions in their legacy form.
 *
 * Each takes the place of a plain handler: its slot is filled like that of
 * hot_plain(), with the operands besides, and it goes there whenever
 * something is not as usual (SSE switched off, an operand that the TLB does
 * not know or that is not aligned, a floating-point exception).
 */
#ifndef CPU_HOT_SIMD_H
#define CPU_HOT_SIMD_H

#include "cpu/hot.h"

/* Where the operand by ModRM.rm is. */
enum hot_simd_form {
    VF_REG,
    VF_B64, /* 64-bit: base + disp */
    VF_X64, /* 64-bit: base + index * scale + disp */
    VF_RIP, /* 64-bit: next RIP + disp */
    VF_X32, /* flat 32-bit, or 64-bit with 32-bit addresses */
    VF_COUNT
};

/* form[n] is NULL where there is none. An insn_fn may have two entries. */
struct hot_simd {
    insn_fn *plain;
    hot_fn *form[VF_COUNT];
};

/* Ends with plain NULL; empty on big-endian hosts. */
extern const struct hot_simd hot_simd_table[];

#endif

/*
 * flags.h - lazy arithmetic flags.
 *
 * Instructions store what they did (kind and two words), not the flags. The
 * kinds: FL_RAW holds the result sign-extended in fl_a (ZF, SF, PF follow)
 * and in fl_b: bit 63 CF, bit 62 CF^OF, bit 3 AF; FL_LOG the sign-extended
 * result (CF OF AF are 0); FL_SUBz both sign-extended operands; FL_ADDz the
 * sign-extended result and one operand; FL_INCz and FL_DECz the sign-extended
 * result and the CF that was there; FL_EFLAGS the flags themselves in rflags.
 * Plain handlers only need the functions below.
 */
#ifndef CPU_FLAGS_H
#define CPU_FLAGS_H

#include "cpu/cpu.h"

enum flag_kind {
    FL_EFLAGS,
    FL_RAW,
    FL_LOG,
    FL_SUB8,
    FL_SUB16,
    FL_SUB32,
    FL_SUB64,
    FL_ADD8,
    FL_ADD16,
    FL_ADD32,
    FL_ADD64,
    FL_INC8,
    FL_INC16,
    FL_INC32,
    FL_INC64,
    FL_DEC8,
    FL_DEC16,
    FL_DEC32,
    FL_DEC64,
};

/* Puts the arithmetic flags into c->rflags; returns all of RFLAGS. */
uint64_t flags_sync(struct cpu *c);

/* Replaces the six arithmetic flags (others in `v` are ignored). */
static inline void flags_set_arith(struct cpu *c, uint64_t v)
{
    c->rflags = (c->rflags & ~(uint64_t)EFL_ARITH) | (v & EFL_ARITH);
    c->fl_kind = FL_EFLAGS;
}

/* Changes only the flags in `mask`. */
static inline void flags_change(struct cpu *c, uint64_t mask, uint64_t v)
{
    uint64_t f = flags_sync(c);

    c->rflags = (f & ~mask) | (v & mask);
    c->fl_kind = FL_EFLAGS;
}

/* SZP of a result of `size` bytes; CF, OF, AF clear. */
uint64_t flags_szp(uint64_t result, unsigned size);

/* Condition code 0..15 (SDM appendix B). */
bool flags_cond(struct cpu *c, unsigned cc);

#endif

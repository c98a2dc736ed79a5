/*
 * x87.h - what the x87 instruction handlers share; private to cpu/fpu.
 *
 * The course of an instruction: x87_enter() checks for #NM and a pending
 * exception; operands are read; the operation runs with a struct fp_env; a
 * result that goes to memory is written (this may fault, so nothing has
 * changed yet); x87_commit() or a stack fault changes the state.
 */
#ifndef CPU_FPU_X87_H
#define CPU_FPU_X87_H

#include "cpu/access.h"
#include "cpu/fpu/fpu.h"
#include "cpu/fpu/ops.h"

static inline unsigned x87_top(const struct cpu *c)
{
    return c->fpu.sw >> FSW_TOP_SHIFT & 7;
}

/* Physical number of ST(i). */
static inline unsigned x87_phys(const struct cpu *c, unsigned i)
{
    return (x87_top(c) + i) & 7;
}

static inline struct f80 x87_st(const struct cpu *c, unsigned i)
{
    return c->fpu.r[x87_phys(c, i)];
}

static inline bool x87_empty(const struct cpu *c, unsigned i)
{
    return (c->fpu.tw >> 2 * x87_phys(c, i) & 3) == FTAG_EMPTY;
}

static inline void x87_set_tag(struct cpu *c, unsigned i, unsigned tag)
{
    unsigned shift = 2 * x87_phys(c, i);

    c->fpu.tw = (uint16_t)((c->fpu.tw & ~(3u << shift)) | tag << shift);
}

static inline void x87_set_st(struct cpu *c, unsigned i, struct f80 v)
{
    unsigned exp = v.se & 0x7fff;

    c->fpu.r[x87_phys(c, i)] = v;
    x87_set_tag(c, i,
                LIKELY(exp - 1 < 0x7ffe && v.frac >> 63) ? FTAG_VALID
                                                         : fpu_tag(v));
}

static inline void x87_move_top(struct cpu *c, int by)
{
    unsigned top = (x87_top(c) + (unsigned)by) & 7;

    c->fpu.sw = (uint16_t)((c->fpu.sw & ~FSW_TOP) | top << FSW_TOP_SHIFT);
}

static inline void x87_pop(struct cpu *c)
{
    x87_set_tag(c, 0, FTAG_EMPTY);
    x87_move_top(c, 1);
}

static inline void x87_push(struct cpu *c, struct f80 v)
{
    x87_move_top(c, -1);
    x87_set_st(c, 0, v);
}

static inline void x87_set_c1(struct cpu *c, bool c1)
{
    c->fpu.sw = (uint16_t)((c->fpu.sw & ~FSW_C1) | (c1 ? FSW_C1 : 0));
}

/* #AC for what is no single integer or float; SDM vol. 3, table 6-7: 8 bytes
 * for an 80-bit number, the size of its words for an environment. Comes after
 * the page faults of the access. */
static inline void x87_align(struct cpu *c, const struct decoded *d,
                             uint64_t ea, unsigned align)
{
    if (UNLIKELY(c->ac_check) &&
        mem_linear(c, d->seg, ea, 1, false) & (align - 1))
        cpu_fault_code(c, EXC_AC, 0);
}

static inline void x87_read_bytes(struct cpu *c, const struct decoded *d,
                                  uint64_t ea, uint8_t *m, unsigned n,
                                  unsigned align)
{
    mem_read_bytes(c, d->seg, ea, m, n, 1);
    x87_align(c, d, ea, align);
}

/* Faults as x87_write_bytes does; writes nothing. */
static inline void x87_probe_write(struct cpu *c, const struct decoded *d,
                                   uint64_t ea, unsigned n, unsigned align)
{
    mem_probe_write(c, d->seg, ea, n);
    x87_align(c, d, ea, align);
}

static inline void x87_write_bytes(struct cpu *c, const struct decoded *d,
                                   uint64_t ea, const uint8_t *m, unsigned n,
                                   unsigned align)
{
    if (UNLIKELY(c->ac_check))
        x87_probe_write(c, d, ea, n, align);
    mem_write_bytes(c, d->seg, ea, m, n, 1);
}

/* Replaces the condition codes given in mask. */
static inline void x87_set_cc(struct cpu *c, unsigned mask, unsigned cc)
{
    c->fpu.sw = (uint16_t)((c->fpu.sw & ~mask) | cc);
}

static inline bool x87_masked(const struct cpu *c, unsigned flags)
{
    return (c->fpu.cw & flags) == flags;
}

/* Mode for a result that goes to a register, and to memory. */
static inline struct fp_env x87_env(const struct cpu *c)
{
    return fp_env_x87(c->fpu.cw);
}

static inline struct fp_env x87_store_env(const struct cpu *c)
{
    struct fp_env e = fp_env_x87(c->fpu.cw);

    e.x87_bias = false;
    return e;
}

/* True if the flags found so far keep a register, or memory, result back. */
static inline bool x87_withheld(const struct fp_env *e)
{
    return e->flags & ~e->masks & FP_PRE;
}

static inline bool x87_store_withheld(const struct fp_env *e)
{
    return e->flags & ~e->masks & (FP_PRE | FP_OE | FP_UE);
}

/* Start of a waiting, non-control instruction. */
static inline void x87_enter(struct cpu *c)
{
    if (LIKELY(!(c->cr0 & (CR0_EM | CR0_TS)) && !(c->fpu.sw & FSW_ES)))
        return;
    fpu_check_nm(c);
    fpu_check_pending(c);
}

/* Notes FOP, FIP, FCS; the memory form FDP and FDS as well. Call it when no
 * more access of the instruction can fault. */
static inline void x87_note(struct cpu *c, const struct decoded *d)
{
    c->fpu.fop = (uint16_t)((d->opcode & 7u) << 8 | d->modrm);
    c->fpu.fip = c->insn_rip;
    c->fpu.fcs = c->seg[SEG_CS].selector;
}

static inline void x87_note_mem(struct cpu *c, const struct decoded *d,
                                uint64_t ea)
{
    x87_note(c, d);
    c->fpu.fdp = ea;
    c->fpu.fds = c->seg[d->seg].selector;
}

/* Loads both words; ES and B follow from the flags and masks. */
void x87_set_control(struct cpu *c, uint16_t cw, uint16_t sw);
/* ORs exceptions into the status word; sets ES and B if one is unmasked. */
void x87_raise(struct cpu *c, unsigned flags);
/* Ends an operation: raises its flags, sets C1. False: no register result. */
static inline bool x87_commit(struct cpu *c, const struct fp_env *e)
{
    if (UNLIKELY(e->flags & ~c->fpu.cw & FP_ALL))
        x87_raise(c, e->flags);
    c->fpu.sw |= e->flags;
    x87_set_c1(c, e->rounded_up);
    return !x87_withheld(e);
}

/* Stack faults: true if masked, when the caller stores the default NaN. */
bool x87_underflow(struct cpu *c);
bool x87_overflow(struct cpu *c);
/* Underflow with the masked response of writing ST(i). */
void x87_underflow_to(struct cpu *c, unsigned i);
/* Pushes v, or deals with a stack overflow. */
static inline void x87_push_checked(struct cpu *c, struct f80 v)
{
    if (LIKELY(x87_empty(c, 7))) {
        x87_set_c1(c, false);
        x87_push(c, v);
    } else if (x87_overflow(c)) {
        x87_push(c, F80_DEFAULT_NAN);
    }
}

#endif

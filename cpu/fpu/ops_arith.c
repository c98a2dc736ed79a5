/*
 * ops_arith.c - x87 arithmetic: the six basic operations in all their forms,
 * sign, square root, rounding, remainder, scaling, extraction.
 *
 * Intel SDM vol. 1: 8.3.5, 8.3.9; vol. 2.
 */
#include "cpu/fpu/x87.h"

enum arith { ADD, MUL, SUB, SUBR, DIV, DIVR, SCALE };

/* Destination op source; the R forms reverse the operands. This and its
 * callers are inlined into each handler, where op is a constant. */
static ALWAYS_INLINE struct f80 arith(enum arith op, struct f80 a, struct f80 b,
                                      struct fp_env *e)
{
    switch (op) {
    case ADD:
        return f80_add(a, b, e);
    case MUL:
        return f80_mul(a, b, e);
    case SUB:
        return f80_sub(a, b, e);
    case SUBR:
        return f80_sub(b, a, e);
    case DIV:
        return f80_div(a, b, e);
    case DIVR:
        return f80_div(b, a, e);
    default:
        return f80_scale(a, b, e);
    }
}

/* ST(dst) = ST(dst) op ST(src). */
static ALWAYS_INLINE void arith_reg(struct cpu *c, const struct decoded *d,
                                    unsigned dst, unsigned src, enum arith op,
                                    bool pop)
{
    struct fp_env e = x87_env(c);
    struct f80 r = F80_DEFAULT_NAN;
    bool done;

    x87_enter(c);
    x87_note(c, d);
    if (UNLIKELY(x87_empty(c, dst) || x87_empty(c, src))) {
        done = x87_underflow(c);
    } else {
        r = arith(op, x87_st(c, dst), x87_st(c, src), &e);
        done = x87_commit(c, &e);
    }
    if (!done)
        return;
    x87_set_st(c, dst, r);
    if (pop)
        x87_pop(c);
}

/* ST(0) = ST(0) op b, b widened with e. */
static ALWAYS_INLINE void arith_mem(struct cpu *c, struct f80 b, enum arith op,
                                    struct fp_env *e)
{
    struct f80 r;

    if (UNLIKELY(x87_empty(c, 0))) {
        x87_underflow_to(c, 0);
        return;
    }
    r = arith(op, x87_st(c, 0), b, e);
    if (x87_commit(c, e))
        x87_set_st(c, 0, r);
}

static ALWAYS_INLINE void arith_m32(struct cpu *c, const struct decoded *d,
                                    enum arith op)
{
    struct fp_env e = x87_env(c);
    uint64_t ea;
    uint32_t m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = mem_read32(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    arith_mem(c, f32_widen(m, &e), op, &e);
}

static ALWAYS_INLINE void arith_m64(struct cpu *c, const struct decoded *d,
                                    enum arith op)
{
    struct fp_env e = x87_env(c);
    uint64_t ea, m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = mem_read64(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    arith_mem(c, f64_widen(m, &e), op, &e);
}

static ALWAYS_INLINE void arith_int(struct cpu *c, const struct decoded *d,
                                    bool wide, enum arith op)
{
    struct fp_env e = x87_env(c);
    uint64_t ea;
    int64_t m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = wide ? (int32_t)mem_read32(c, d->seg, ea)
             : (int16_t)mem_read16(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    arith_mem(c, i64_to_f80(m), op, &e);
}

/* The operations on ST(i) exist with ST(0) or ST(i) as the destination; the
 * memory forms with four types. FSUB and FSUBR are "destination minus source"
 * and the reverse in all of them (the D8 and DC encodings differ). */
#define OP_M32(name, op)                                                       \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        arith_m32(c, d, op);                                                   \
    }
#define OP_M64(name, op)                                                       \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        arith_m64(c, d, op);                                                   \
    }
#define OP_INT16(name, op)                                                     \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        arith_int(c, d, false, op);                                            \
    }
#define OP_INT32(name, op)                                                     \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        arith_int(c, d, true, op);                                             \
    }
#define OP_TO_ST0(name, op)                                                    \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        arith_reg(c, d, 0, d->modrm & 7, op, false);                           \
    }
#define OP_TO_STI(name, op)                                                    \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        arith_reg(c, d, d->modrm & 7, 0, op, false);                           \
    }
#define OP_POP(name, op)                                                       \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        arith_reg(c, d, d->modrm & 7, 0, op, true);                            \
    }

OP_M32(fadd_m32fp, ADD)
OP_M64(fadd_m64fp, ADD)
OP_INT16(fiadd_m16int, ADD)
OP_INT32(fiadd_m32int, ADD)
OP_TO_ST0(fadd_st0_sti, ADD)
OP_TO_STI(fadd_sti_st0, ADD)
OP_POP(faddp, ADD)

OP_M32(fmul_m32fp, MUL)
OP_M64(fmul_m64fp, MUL)
OP_INT16(fimul_m16int, MUL)
OP_INT32(fimul_m32int, MUL)
OP_TO_ST0(fmul_st0_sti, MUL)
OP_TO_STI(fmul_sti_st0, MUL)
OP_POP(fmulp, MUL)

OP_M32(fsub_m32fp, SUB)
OP_M64(fsub_m64fp, SUB)
OP_INT16(fisub_m16int, SUB)
OP_INT32(fisub_m32int, SUB)
OP_TO_ST0(fsub_st0_sti, SUB)
OP_TO_STI(fsub_sti_st0, SUB)
OP_POP(fsubp, SUB)

OP_M32(fsubr_m32fp, SUBR)
OP_M64(fsubr_m64fp, SUBR)
OP_INT16(fisubr_m16int, SUBR)
OP_INT32(fisubr_m32int, SUBR)
OP_TO_ST0(fsubr_st0_sti, SUBR)
OP_TO_STI(fsubr_sti_st0, SUBR)
OP_POP(fsubrp, SUBR)

OP_M32(fdiv_m32fp, DIV)
OP_M64(fdiv_m64fp, DIV)
OP_INT16(fidiv_m16int, DIV)
OP_INT32(fidiv_m32int, DIV)
OP_TO_ST0(fdiv_st0_sti, DIV)
OP_TO_STI(fdiv_sti_st0, DIV)
OP_POP(fdivp, DIV)

OP_M32(fdivr_m32fp, DIVR)
OP_M64(fdivr_m64fp, DIVR)
OP_INT16(fidivr_m16int, DIVR)
OP_INT32(fidivr_m32int, DIVR)
OP_TO_ST0(fdivr_st0_sti, DIVR)
OP_TO_STI(fdivr_sti_st0, DIVR)
OP_POP(fdivrp, DIVR)

/* ---- one operand ---- */

static void change_sign(struct cpu *c, const struct decoded *d, uint16_t keep,
                        uint16_t flip)
{
    struct f80 v;

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0)) {
        x87_underflow_to(c, 0);
        return;
    }
    v = x87_st(c, 0);
    v.se = (v.se & keep) ^ flip;
    x87_set_c1(c, false);
    x87_set_st(c, 0, v);
}

void op_fchs(struct cpu *c, const struct decoded *d)
{
    change_sign(c, d, 0xffff, 0x8000);
}

void op_fabs(struct cpu *c, const struct decoded *d)
{
    change_sign(c, d, 0x7fff, 0);
}

static void unary(struct cpu *c, const struct decoded *d,
                  struct f80 (*fn)(struct f80 a, struct fp_env *e))
{
    struct fp_env e = x87_env(c);
    struct f80 r;

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0)) {
        x87_underflow_to(c, 0);
        return;
    }
    r = fn(x87_st(c, 0), &e);
    if (x87_commit(c, &e))
        x87_set_st(c, 0, r);
}

void op_fsqrt(struct cpu *c, const struct decoded *d)
{
    unary(c, d, f80_sqrt);
}

void op_frndint(struct cpu *c, const struct decoded *d)
{
    unary(c, d, f80_round);
}

void op_fscale(struct cpu *c, const struct decoded *d)
{
    arith_reg(c, d, 0, 1, SCALE, false);
}

/* The exponent replaces the operand, the significand is pushed. */
void op_fxtract(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = x87_env(c);
    struct f80 significand, exponent;

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0) || !x87_empty(c, 7)) {
        if (x87_empty(c, 0) ? x87_underflow(c) : x87_overflow(c)) {
            x87_set_st(c, 0, F80_DEFAULT_NAN);
            x87_push(c, F80_DEFAULT_NAN);
        }
        return;
    }
    significand = f80_extract(x87_st(c, 0), &exponent, &e);
    if (x87_commit(c, &e)) {
        x87_set_st(c, 0, exponent);
        x87_push(c, significand);
    }
}

/* The low three bits of the quotient go to C0, C3 and C1. */
static void remainder_op(struct cpu *c, const struct decoded *d, bool nearest)
{
    struct fp_env e = x87_env(c);
    bool partial;
    uint64_t q;
    struct f80 r;

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0) || x87_empty(c, 1)) {
        x87_set_cc(c, FSW_C2, 0);
        x87_underflow_to(c, 0);
        return;
    }
    r = f80_rem(x87_st(c, 0), x87_st(c, 1), nearest, &partial, &q, &e);
    x87_set_cc(c, FSW_C2, 0);
    if (!x87_commit(c, &e))
        return;
    x87_set_st(c, 0, r);
    if (f80_is_nan(r)) /* there is no quotient */
        return;
    x87_set_cc(c, FSW_CC,
               partial ? FSW_C2
                       : (q & 4 ? FSW_C0 : 0u) | (q & 2 ? FSW_C3 : 0u) |
                             (q & 1 ? FSW_C1 : 0u));
}

void op_fprem(struct cpu *c, const struct decoded *d)
{
    remainder_op(c, d, false);
}

void op_fprem1(struct cpu *c, const struct decoded *d)
{
    remainder_op(c, d, true);
}

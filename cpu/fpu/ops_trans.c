/*
 * ops_trans.c - x87 transcendental instructions.
 *
 * Intel SDM vol. 1: 8.3.7 to 8.3.10; vol. 2. Results are correctly rounded to
 * within one unit of the last place; real processors differ from each other
 * in that last place.
 */
#include "cpu/fpu/x87.h"
#include "cpu/softfloat/f80math.h"

typedef bool angle_fn(struct f80 a, struct f80 *r, struct fp_env *e);

enum binary { ATAN2, YLOG2X, YLOG2XP1 };

static struct f80 binary(enum binary op, struct f80 y, struct f80 x,
                         struct fp_env *e)
{
    switch (op) {
    case ATAN2:
        return f80_atan2(y, x, e);
    case YLOG2X:
        return f80_ylog2x(y, x, e);
    default:
        return f80_ylog2xp1(y, x, e);
    }
}

/* C2 tells that the operand is out of range and still there. */
static void out_of_range(struct cpu *c)
{
    x87_set_cc(c, FSW_C1 | FSW_C2, FSW_C2);
}

static void sine_or_cosine(struct cpu *c, const struct decoded *d, angle_fn *fn)
{
    struct fp_env e = x87_env(c);
    struct f80 r;

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0)) {
        x87_set_cc(c, FSW_C2, 0);
        x87_underflow_to(c, 0);
        return;
    }
    if (!fn(x87_st(c, 0), &r, &e)) {
        out_of_range(c);
        return;
    }
    x87_set_cc(c, FSW_C2, 0);
    if (x87_commit(c, &e))
        x87_set_st(c, 0, r);
}

void op_fsin(struct cpu *c, const struct decoded *d)
{
    sine_or_cosine(c, d, f80_sin);
}

void op_fcos(struct cpu *c, const struct decoded *d)
{
    sine_or_cosine(c, d, f80_cos);
}

/* FSINCOS and FPTAN replace ST(0) and push; true if a stack fault ended it. */
static bool two_results_fault(struct cpu *c)
{
    bool masked;

    if (!x87_empty(c, 0) && x87_empty(c, 7))
        return false;
    x87_set_cc(c, FSW_C2, 0);
    masked = x87_empty(c, 0) ? x87_underflow(c) : x87_overflow(c);
    if (masked) {
        x87_set_st(c, 0, F80_DEFAULT_NAN);
        x87_push(c, F80_DEFAULT_NAN);
    }
    return true;
}

void op_fsincos(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = x87_env(c);
    struct f80 s, k;

    x87_enter(c);
    x87_note(c, d);
    if (two_results_fault(c))
        return;
    if (!f80_sincos(x87_st(c, 0), &s, &k, &e)) {
        out_of_range(c);
        return;
    }
    x87_set_cc(c, FSW_C2, 0);
    if (x87_commit(c, &e)) {
        x87_set_st(c, 0, s);
        x87_push(c, k);
    }
}

/* Pushes 1 after the tangent, as the 8087's partial tangent needed; a NaN is
 * pushed twice. */
void op_fptan(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = x87_env(c);
    struct f80 t;

    x87_enter(c);
    x87_note(c, d);
    if (two_results_fault(c))
        return;
    if (!f80_tan(x87_st(c, 0), &t, &e)) {
        out_of_range(c);
        return;
    }
    x87_set_cc(c, FSW_C2, 0);
    if (x87_commit(c, &e)) {
        x87_set_st(c, 0, t);
        x87_push(c, f80_is_nan(t) ? t : i64_to_f80(1));
    }
}

void op_f2xm1(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = x87_env(c);
    struct f80 r;

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0)) {
        x87_underflow_to(c, 0);
        return;
    }
    r = f80_exp2m1(x87_st(c, 0), &e);
    if (x87_commit(c, &e))
        x87_set_st(c, 0, r);
}

/* ST(1) = op(ST(1), ST(0)), then pop. */
static void two_operands(struct cpu *c, const struct decoded *d, enum binary op)
{
    struct fp_env e = x87_env(c);
    struct f80 r = F80_DEFAULT_NAN;
    bool done;

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0) || x87_empty(c, 1)) {
        done = x87_underflow(c);
    } else {
        r = binary(op, x87_st(c, 1), x87_st(c, 0), &e);
        done = x87_commit(c, &e);
    }
    if (done) {
        x87_set_st(c, 1, r);
        x87_pop(c);
    }
}

void op_fpatan(struct cpu *c, const struct decoded *d)
{
    two_operands(c, d, ATAN2);
}

void op_fyl2x(struct cpu *c, const struct decoded *d)
{
    two_operands(c, d, YLOG2X);
}

void op_fyl2xp1(struct cpu *c, const struct decoded *d)
{
    two_operands(c, d, YLOG2XP1);
}

/*
 * ops_compare.c - x87 comparison, test and examination.
 *
 * Intel SDM vol. 1: 8.3.6, tables 8-6 to 8-8; vol. 2. Known departure: the SDM
 * leaves the condition codes and EFLAGS alone when an invalid comparison is
 * not masked; processors set them to "unordered" and so do we.
 */
#include "cpu/flags.h"
#include "cpu/fpu/x87.h"

static enum fp_relation relation(struct f80 a, struct f80 b, bool quiet,
                                 struct fp_env *e)
{
    return quiet ? f80_compare_quiet(a, b, e) : f80_compare(a, b, e);
}

#define FSW_CC_RELATION (FSW_C0 | FSW_C2 | FSW_C3)

static unsigned relation_cc(enum fp_relation r)
{
    static const uint16_t cc[] = {
        [FP_LESS] = FSW_C0,
        [FP_EQUAL] = FSW_C3,
        [FP_GREATER] = 0,
        [FP_UNORDERED] = FSW_C0 | FSW_C2 | FSW_C3,
    };

    return cc[r];
}

static void pop_times(struct cpu *c, unsigned pops)
{
    while (pops--)
        x87_pop(c);
}

/* An empty operand compares as unordered. */
static void compare_underflow(struct cpu *c, unsigned pops)
{
    bool masked = x87_underflow(c);

    x87_set_cc(c, FSW_CC_RELATION, FSW_CC_RELATION);
    if (masked)
        pop_times(c, pops);
}

static void compare_values(struct cpu *c, struct f80 b, bool quiet,
                           unsigned pops, struct fp_env *e)
{
    enum fp_relation r = relation(x87_st(c, 0), b, quiet, e);
    bool done = x87_commit(c, e);

    x87_set_cc(c, FSW_CC_RELATION, relation_cc(r));
    if (done)
        pop_times(c, pops);
}

static void compare_reg(struct cpu *c, const struct decoded *d, unsigned i,
                        bool quiet, unsigned pops)
{
    struct fp_env e = x87_env(c);

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0) || x87_empty(c, i))
        compare_underflow(c, pops);
    else
        compare_values(c, x87_st(c, i), quiet, pops, &e);
}

static void compare_mem(struct cpu *c, struct f80 b, unsigned pops,
                        struct fp_env *e)
{
    if (x87_empty(c, 0))
        compare_underflow(c, pops);
    else
        compare_values(c, b, false, pops, e);
}

static void compare_m32(struct cpu *c, const struct decoded *d, unsigned pops)
{
    struct fp_env e = x87_env(c);
    uint64_t ea;
    uint32_t m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = mem_read32(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    compare_mem(c, f32_widen(m, &e), pops, &e);
}

static void compare_m64(struct cpu *c, const struct decoded *d, unsigned pops)
{
    struct fp_env e = x87_env(c);
    uint64_t ea, m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = mem_read64(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    compare_mem(c, f64_widen(m, &e), pops, &e);
}

static void compare_int(struct cpu *c, const struct decoded *d, bool wide,
                        unsigned pops)
{
    struct fp_env e = x87_env(c);
    uint64_t ea;
    int64_t m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = wide ? (int32_t)mem_read32(c, d->seg, ea)
             : (int16_t)mem_read16(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    compare_mem(c, i64_to_f80(m), pops, &e);
}

#define OP_M32(name, pops)                                                     \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        compare_m32(c, d, pops);                                               \
    }
#define OP_M64(name, pops)                                                     \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        compare_m64(c, d, pops);                                               \
    }
#define OP_INT16(name, pops)                                                   \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        compare_int(c, d, false, pops);                                        \
    }
#define OP_INT32(name, pops)                                                   \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        compare_int(c, d, true, pops);                                         \
    }
#define OP_REG(name, i, quiet, pops)                                           \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        compare_reg(c, d, i, quiet, pops);                                     \
    }

OP_M32(fcom_m32fp, 0)
OP_M32(fcomp_m32fp, 1)
OP_M64(fcom_m64fp, 0)
OP_M64(fcomp_m64fp, 1)
OP_INT16(ficom_m16int, 0)
OP_INT16(ficomp_m16int, 1)
OP_INT32(ficom_m32int, 0)
OP_INT32(ficomp_m32int, 1)
OP_REG(fcom_sti, d->modrm & 7, false, 0)
OP_REG(fcomp_sti, d->modrm & 7, false, 1)
OP_REG(fcompp, 1, false, 2)
OP_REG(fucom_sti, d->modrm & 7, true, 0)
OP_REG(fucomp_sti, d->modrm & 7, true, 1)
OP_REG(fucompp, 1, true, 2)

/* ---- into EFLAGS ---- */

static void set_eflags(struct cpu *c, enum fp_relation r)
{
    static const uint8_t flags[] = {
        [FP_LESS] = EFL_CF,
        [FP_EQUAL] = EFL_ZF,
        [FP_GREATER] = 0,
        [FP_UNORDERED] = EFL_ZF | EFL_PF | EFL_CF,
    };

    flags_set_arith(c, flags[r]);
}

static void compare_eflags(struct cpu *c, const struct decoded *d, bool quiet,
                           unsigned pops)
{
    struct fp_env e = x87_env(c);
    enum fp_relation r = FP_UNORDERED;
    unsigned i = d->modrm & 7;
    bool done;

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0) || x87_empty(c, i)) {
        done = x87_underflow(c);
    } else {
        r = relation(x87_st(c, 0), x87_st(c, i), quiet, &e);
        done = x87_commit(c, &e);
    }
    set_eflags(c, r);
    if (done)
        pop_times(c, pops);
}

#define OP_EFLAGS(name, quiet, pops)                                           \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        compare_eflags(c, d, quiet, pops);                                     \
    }

OP_EFLAGS(fcomi, false, 0)
OP_EFLAGS(fcomip, false, 1)
OP_EFLAGS(fucomi, true, 0)
OP_EFLAGS(fucomip, true, 1)

/* ---- ST(0) alone ---- */

void op_ftst(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = x87_env(c);

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0))
        compare_underflow(c, 0);
    else
        compare_values(c, f80_make(0, 0), false, 0, &e);
}

void op_fxam(struct cpu *c, const struct decoded *d)
{
    static const uint16_t cc[] = {
        [FP_CLASS_UNSUPPORTED] = 0,
        [FP_CLASS_QNAN] = FSW_C0,
        [FP_CLASS_SNAN] = FSW_C0,
        [FP_CLASS_NORMAL] = FSW_C2,
        [FP_CLASS_INFINITY] = FSW_C2 | FSW_C0,
        [FP_CLASS_ZERO] = FSW_C3,
        [FP_CLASS_DENORMAL] = FSW_C3 | FSW_C2,
    };
    struct f80 v;
    unsigned found;

    x87_enter(c);
    x87_note(c, d);
    v = x87_st(c, 0);
    found = x87_empty(c, 0) ? FSW_C3 | FSW_C0 : cc[f80_classify(v)];
    x87_set_cc(c, FSW_CC, found | (v.se >> 15 ? FSW_C1 : 0u));
}

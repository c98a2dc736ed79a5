/*
 * ops_move.c - x87 loads, stores, exchanges, conditional moves, constants.
 *
 * Intel SDM vol. 1: 8.3.3, 8.3.4; vol. 2. FBLD of digits above nine, undefined
 * by the SDM, adds them with their weight as hardware does.
 */
#include "cpu/flags.h"
#include "cpu/fpu/x87.h"

/* ---- loads ---- */

/* Pushes a value that needed conversion with e. */
static void push_converted(struct cpu *c, struct f80 v, const struct fp_env *e)
{
    if (!x87_empty(c, 7)) {
        x87_push_checked(c, v); /* overflow: the conversion raises nothing */
        return;
    }
    x87_commit(c, e);
    if (!(e->flags & ~e->masks & FP_IE)) /* even if it raised DE unmasked */
        x87_push(c, v);
}

void op_fld_m32fp(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = x87_env(c);
    uint64_t ea;
    uint32_t m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = mem_read32(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    push_converted(c, f32_to_f80(m, &e), &e);
}

void op_fld_m64fp(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = x87_env(c);
    uint64_t ea, m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = mem_read64(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    push_converted(c, f64_to_f80(m, &e), &e);
}

void op_fld_m80fp(struct cpu *c, const struct decoded *d)
{
    uint8_t m[10];
    uint64_t ea;

    x87_enter(c);
    ea = mem_ea(c, d);
    x87_read_bytes(c, d, ea, m, sizeof m, 8);
    x87_note_mem(c, d, ea);
    x87_push_checked(c, f80_make(ld_le16(m + 8), ld_le64(m)));
}

void op_fld_sti(struct cpu *c, const struct decoded *d)
{
    unsigned i = d->modrm & 7;

    x87_enter(c);
    x87_note(c, d);
    if (!x87_empty(c, i))
        x87_push_checked(c, x87_st(c, i));
    else if (x87_underflow(c))
        x87_push(c, F80_DEFAULT_NAN);
}

void op_fild_m16int(struct cpu *c, const struct decoded *d)
{
    uint64_t ea;
    int16_t m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = (int16_t)mem_read16(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    x87_push_checked(c, i64_to_f80(m));
}

void op_fild_m32int(struct cpu *c, const struct decoded *d)
{
    uint64_t ea;
    int32_t m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = (int32_t)mem_read32(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    x87_push_checked(c, i64_to_f80(m));
}

void op_fild_m64int(struct cpu *c, const struct decoded *d)
{
    uint64_t ea;
    int64_t m;

    x87_enter(c);
    ea = mem_ea(c, d);
    m = (int64_t)mem_read64(c, d->seg, ea);
    x87_note_mem(c, d, ea);
    x87_push_checked(c, i64_to_f80(m));
}

/* 18 digits, two a byte, least significant first; sign in the last byte. */
static struct f80 from_bcd(const uint8_t *m)
{
    uint64_t v = 0;
    struct f80 r;

    for (unsigned i = 9; i-- > 0;)
        v = v * 100 + (m[i] >> 4) * 10u + (m[i] & 15u);
    r = i64_to_f80((int64_t)v);
    r.se |= (uint16_t)((m[9] & 0x80) << 8);
    return r;
}

void op_fbld(struct cpu *c, const struct decoded *d)
{
    uint8_t m[10];
    uint64_t ea;

    x87_enter(c);
    ea = mem_ea(c, d);
    x87_read_bytes(c, d, ea, m, sizeof m, 8);
    x87_note_mem(c, d, ea);
    x87_push_checked(c, from_bcd(m));
}

/* ---- stores ---- */

/* The first half of a store: whether memory gets anything, be it the value
 * or the masked response to an empty ST(0). Changes nothing. */
static bool store_happens(const struct cpu *c, const struct fp_env *e)
{
    return x87_empty(c, 0) ? x87_masked(c, FP_IE) : !x87_store_withheld(e);
}

/* The second half, when the write is done. */
static void store_commit(struct cpu *c, const struct decoded *d, uint64_t ea,
                         const struct fp_env *e, bool pop)
{
    bool happened = store_happens(c, e);

    x87_note_mem(c, d, ea);
    if (x87_empty(c, 0))
        x87_underflow(c);
    else
        x87_commit(c, e);
    if (happened && pop)
        x87_pop(c);
}

#define OP_STORE(name, bits, convert, indefinite, pop)                         \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        struct fp_env e = x87_store_env(c);                                    \
        uint##bits##_t v = (uint##bits##_t)(indefinite);                       \
        uint64_t ea;                                                           \
                                                                               \
        x87_enter(c);                                                          \
        ea = mem_ea(c, d);                                                     \
        if (!x87_empty(c, 0))                                                  \
            v = (uint##bits##_t)convert(x87_st(c, 0), &e);                     \
        if (store_happens(c, &e))                                              \
            mem_write##bits(c, d->seg, ea, v);                                 \
        else /* faults of the access come first (vol. 3, table 6-2) */         \
            x87_probe_write(c, d, ea, bits / 8, bits / 8);                     \
        store_commit(c, d, ea, &e, pop);                                       \
    }

OP_STORE(fst_m32fp, 32, f80_to_f32, F32_DEFAULT_NAN, false)
OP_STORE(fstp_m32fp, 32, f80_to_f32, F32_DEFAULT_NAN, true)
OP_STORE(fst_m64fp, 64, f80_to_f64, F64_DEFAULT_NAN, false)
OP_STORE(fstp_m64fp, 64, f80_to_f64, F64_DEFAULT_NAN, true)
OP_STORE(fist_m16int, 16, f80_to_i16, FP_I16_INDEFINITE, false)
OP_STORE(fistp_m16int, 16, f80_to_i16, FP_I16_INDEFINITE, true)
OP_STORE(fist_m32int, 32, f80_to_i32, FP_I32_INDEFINITE, false)
OP_STORE(fistp_m32int, 32, f80_to_i32, FP_I32_INDEFINITE, true)
OP_STORE(fistp_m64int, 64, f80_to_i64, FP_I64_INDEFINITE, true)
OP_STORE(fisttp_m16int, 16, f80_to_i16_trunc, FP_I16_INDEFINITE, true)
OP_STORE(fisttp_m32int, 32, f80_to_i32_trunc, FP_I32_INDEFINITE, true)
OP_STORE(fisttp_m64int, 64, f80_to_i64_trunc, FP_I64_INDEFINITE, true)

static void pack_f80(struct f80 v, uint8_t *m)
{
    st_le64(m, v.frac);
    st_le16(m + 8, v.se);
}

void op_fstp_m80fp(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = x87_store_env(c);
    uint8_t m[10];
    uint64_t ea;

    x87_enter(c);
    ea = mem_ea(c, d);
    pack_f80(x87_empty(c, 0) ? F80_DEFAULT_NAN : x87_st(c, 0), m);
    if (store_happens(c, &e))
        x87_write_bytes(c, d, ea, m, sizeof m, 8);
    else
        x87_probe_write(c, d, ea, sizeof m, 8);
    store_commit(c, d, ea, &e, true);
}

/* Packed BCD of a, or the indefinite if it has more than 18 digits. */
static void to_bcd(struct f80 a, uint8_t *m, struct fp_env *e)
{
    const int64_t limit = INT64_C(1000000000000000000);
    struct fp_env trial = *e;
    int64_t v = f80_to_i64(a, &trial);
    uint64_t mag = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    if (trial.flags & FP_IE || v <= -limit || v >= limit) {
        static const uint8_t indefinite[10] = {[7] = 0xc0, 0xff, 0xff};

        memcpy(m, indefinite, 10);
        e->flags |= FP_IE;
        return;
    }
    *e = trial;
    for (unsigned i = 0; i < 9; i++, mag /= 100)
        m[i] = (uint8_t)(mag / 10 % 10 << 4 | mag % 10);
    m[9] = (uint8_t)(a.se >> 8 & 0x80);
}

void op_fbstp(struct cpu *c, const struct decoded *d)
{
    struct fp_env e = x87_store_env(c);
    uint8_t m[10];
    uint64_t ea;

    x87_enter(c);
    ea = mem_ea(c, d);
    if (x87_empty(c, 0))
        to_bcd(F80_DEFAULT_NAN, m, &(struct fp_env){0});
    else
        to_bcd(x87_st(c, 0), m, &e);
    if (store_happens(c, &e))
        x87_write_bytes(c, d, ea, m, sizeof m, 8);
    else
        x87_probe_write(c, d, ea, sizeof m, 8);
    store_commit(c, d, ea, &e, true);
}

/* ---- between registers ---- */

static void store_reg(struct cpu *c, const struct decoded *d, bool pop)
{
    struct f80 v = F80_DEFAULT_NAN;

    x87_enter(c);
    x87_note(c, d);
    if (!x87_empty(c, 0)) {
        v = x87_st(c, 0);
        x87_set_c1(c, false);
    } else if (!x87_underflow(c)) {
        return;
    }
    x87_set_st(c, d->modrm & 7, v);
    if (pop)
        x87_pop(c);
}

void op_fst_sti(struct cpu *c, const struct decoded *d)
{
    store_reg(c, d, false);
}

void op_fstp_sti(struct cpu *c, const struct decoded *d)
{
    store_reg(c, d, true);
}

/* D9 D8+i, not documented: FSTP, but an empty register is popped without a
 * store and without an exception. */
void op_fstpnce_sti(struct cpu *c, const struct decoded *d)
{
    x87_enter(c);
    x87_note(c, d);
    if (!x87_empty(c, 0))
        x87_set_st(c, d->modrm & 7, x87_st(c, 0));
    x87_set_c1(c, false);
    x87_pop(c);
}

void op_fxch_sti(struct cpu *c, const struct decoded *d)
{
    unsigned i = d->modrm & 7;
    struct f80 a, b;

    x87_enter(c);
    x87_note(c, d);
    a = x87_empty(c, 0) ? F80_DEFAULT_NAN : x87_st(c, 0);
    b = x87_empty(c, i) ? F80_DEFAULT_NAN : x87_st(c, i);
    if (x87_empty(c, 0) || x87_empty(c, i)) {
        if (!x87_underflow(c))
            return;
    }
    x87_set_c1(c, false);
    x87_set_st(c, 0, b);
    x87_set_st(c, i, a);
}

/* Both registers must be there even if the condition is false. */
static void conditional_move(struct cpu *c, const struct decoded *d, bool move)
{
    unsigned i = d->modrm & 7;

    x87_enter(c);
    x87_note(c, d);
    if (x87_empty(c, 0) || x87_empty(c, i)) {
        x87_underflow_to(c, 0);
        return;
    }
    if (move)
        x87_set_st(c, 0, x87_st(c, i));
}

/* Condition codes 2, 4, 6 and 10: B, E, BE, P. */
#define OP_FCMOV(name, cc, wanted)                                             \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        conditional_move(c, d, flags_cond(c, cc) == wanted);                   \
    }

OP_FCMOV(fcmovb, 2, true)
OP_FCMOV(fcmove, 4, true)
OP_FCMOV(fcmovbe, 6, true)
OP_FCMOV(fcmovu, 10, true)
OP_FCMOV(fcmovnb, 2, false)
OP_FCMOV(fcmovne, 4, false)
OP_FCMOV(fcmovnbe, 6, false)
OP_FCMOV(fcmovnu, 10, false)

/* ---- constants ---- */

/* A constant cut off at 64 bits; rounded by RC since the 387. above_half: the
 * rest that was cut off is more than half a unit. */
static void load_constant(struct cpu *c, const struct decoded *d, uint16_t se,
                          uint64_t frac, bool above_half)
{
    unsigned rounding;

    x87_enter(c);
    x87_note(c, d);
    rounding = x87_env(c).rounding;
    frac +=
        rounding == FP_ROUND_UP || (rounding == FP_ROUND_NEAREST && above_half);
    x87_push_checked(c, f80_make(se, frac));
}

void op_fldl2t(struct cpu *c, const struct decoded *d)
{
    load_constant(c, d, 0x4000, UINT64_C(0xd49a784bcd1b8afe), false);
}

void op_fldl2e(struct cpu *c, const struct decoded *d)
{
    load_constant(c, d, 0x3fff, UINT64_C(0xb8aa3b295c17f0bb), true);
}

void op_fldpi(struct cpu *c, const struct decoded *d)
{
    load_constant(c, d, 0x4000, UINT64_C(0xc90fdaa22168c234), true);
}

void op_fldlg2(struct cpu *c, const struct decoded *d)
{
    load_constant(c, d, 0x3ffd, UINT64_C(0x9a209a84fbcff798), true);
}

void op_fldln2(struct cpu *c, const struct decoded *d)
{
    load_constant(c, d, 0x3ffe, UINT64_C(0xb17217f7d1cf79ab), true);
}

void op_fld1(struct cpu *c, const struct decoded *d)
{
    x87_enter(c);
    x87_note(c, d);
    x87_push_checked(c, i64_to_f80(1));
}

void op_fldz(struct cpu *c, const struct decoded *d)
{
    x87_enter(c);
    x87_note(c, d);
    x87_push_checked(c, i64_to_f80(0));
}

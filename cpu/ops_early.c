/*
 * ops_early.c - integer instructions as the 8086 and the 80286 do them.
 *
 * iAPX 86,88 User's Manual; what it leaves open as captured from real parts.
 * The rows of x86.tab that lead here need like_8086 or like_286.
 */
#include "cpu/access.h"
#include "cpu/exception.h"
#include "cpu/flags.h"
#include "cpu/mode.h"
#include "cpu/operand.h"
#include "cpu/seg.h"
#include "gen/insn_handlers.h"

/* ---- operands of 1 or 2 bytes ---- */

static uint16_t get_reg(const struct cpu *c, unsigned r, unsigned size)
{
    if (size == 2)
        return (uint16_t)c->gpr[r];
    return (uint8_t)(r < 4 ? c->gpr[r] : c->gpr[r - 4] >> 8);
}

static void set_reg(struct cpu *c, unsigned r, uint16_t v, unsigned size)
{
    if (size == 2)
        reg_write(c, r, v, 2);
    else if (r < 4)
        c->gpr[r] = (c->gpr[r] & ~(uint64_t)0xff) | (uint8_t)v;
    else
        c->gpr[r - 4] =
            (c->gpr[r - 4] & ~(uint64_t)0xff00) | (uint64_t)(uint8_t)v << 8;
}

static uint16_t get_rm(struct cpu *c, const struct decoded *d)
{
    if (d->mod == 3)
        return get_reg(c, d->rm, d->osize);
    return d->osize == 1 ? mem_read8(c, d->seg, mem_ea(c, d))
                         : mem_read16(c, d->seg, mem_ea(c, d));
}

/* ---- decimal ---- */

static void set_al(struct cpu *c, unsigned v)
{
    c->gpr[RAX] = (c->gpr[RAX] & ~(uint64_t)0xff) | (uint8_t)v;
}

/* Signed overflow of the byte a becoming r by adding (or taking away) b. */
static uint64_t overflow(unsigned a, unsigned b, unsigned r)
{
    bool down = b & 0x8000; /* a negative number */

    b = down ? 0 - b : b;
    return (down ? (a ^ b) & (a ^ r) : ~(a ^ b) & (a ^ r)) & 0x80 ? EFL_OF : 0;
}

/* The high digit is judged by the old AL, and more mildly when AF was set;
 * a borrow of the first step is not looked at. */
static void packed_8086(struct cpu *c, unsigned low, unsigned high)
{
    uint64_t flags = flags_sync(c);
    uint8_t al = (uint8_t)c->gpr[RAX], r;
    bool af = flags & EFL_AF, cf = flags & EFL_CF;
    unsigned by = 0;

    if (al > (af ? 0x9f : 0x99) || cf) {
        by += high;
        cf = true;
    }
    if ((al & 15) > 9 || af) {
        by += low;
        af = true;
    }
    r = (uint8_t)(al + by);
    set_al(c, r);
    flags_set_arith(c, flags_szp(r, 1) | (cf ? EFL_CF : 0) | (af ? EFL_AF : 0) |
                           overflow(al, by, r));
}

void op_daa_8086(struct cpu *c, const struct decoded *d)
{
    (void)d;
    packed_8086(c, 6, 0x60);
}

void op_das_8086(struct cpu *c, const struct decoded *d)
{
    (void)d;
    packed_8086(c, 0u - 6, 0u - 0x60);
}

/* Those of the sum, before its high digit is cleared; AL is the old one. */
static void unpacked_flags(struct cpu *c, unsigned sum, bool adjust,
                           unsigned by)
{
    flags_set_arith(c, flags_szp(sum, 1) |
                           overflow((uint8_t)c->gpr[RAX], by, sum) |
                           (adjust ? EFL_CF | EFL_AF : 0));
}

/* AL and AH are adjusted each for itself: no carry between them. */
static void unpacked_8086(struct cpu *c, unsigned al_by, unsigned ah_by)
{
    unsigned al = c->gpr[RAX] & 0xff, ah = c->gpr[RAX] >> 8 & 0xff;
    bool adjust = (al & 15) > 9 || flags_sync(c) & EFL_AF;

    if (adjust) {
        al += al_by;
        ah += ah_by;
    }
    unpacked_flags(c, al & 0xff, adjust, adjust ? al_by : 0);
    reg_write(c, RAX, (ah & 0xff) << 8 | (al & 15), 2);
}

void op_aaa_8086(struct cpu *c, const struct decoded *d)
{
    (void)d;
    unpacked_8086(c, 6, 1);
}

void op_aas_8086(struct cpu *c, const struct decoded *d)
{
    (void)d;
    unpacked_8086(c, 0u - 6, 0u - 1);
}

/* AX moves as a whole. */
static void unpacked_286(struct cpu *c, unsigned by)
{
    unsigned ax = (uint16_t)c->gpr[RAX];
    bool adjust = (ax & 15) > 9 || flags_sync(c) & EFL_AF;
    unsigned low = by == 0x106 ? 6 : 0u - 6;

    if (adjust)
        ax += by;
    unpacked_flags(c, (c->gpr[RAX] + (adjust ? low : 0)) & 0xff, adjust,
                   adjust ? low : 0);
    reg_write(c, RAX, ax & 0xff0f, 2);
}

void op_aaa_286(struct cpu *c, const struct decoded *d)
{
    (void)d;
    unpacked_286(c, 0x106);
}

void op_aas_286(struct cpu *c, const struct decoded *d)
{
    (void)d;
    unpacked_286(c, 0u - 0x106);
}

/* Flags are those of the addition. */
void op_aad_8086(struct cpu *c, const struct decoded *d)
{
    unsigned al = c->gpr[RAX] & 0xff;
    unsigned add = (c->gpr[RAX] >> 8 & 0xff) * (d->imm & 0xff) & 0xff;
    unsigned r = al + add;

    reg_write(c, RAX, r & 0xff, 2);
    flags_set_arith(c, flags_szp(r & 0xff, 1) | (r & 0x100 ? EFL_CF : 0) |
                           overflow(al, add, r) |
                           ((al ^ add ^ r) & 0x10 ? EFL_AF : 0));
}

/* But that OF is CF. */
void op_aad_286(struct cpu *c, const struct decoded *d)
{
    op_aad_8086(c, d);
    flags_change(c, EFL_OF, c->rflags & EFL_CF ? EFL_OF : 0);
}

/* OF of the whole correction. */
void op_daa_286(struct cpu *c, const struct decoded *d)
{
    uint8_t al = (uint8_t)c->gpr[RAX], r;

    op_daa(c, d);
    r = (uint8_t)c->gpr[RAX];
    flags_change(c, EFL_OF, overflow(al, (uint8_t)(r - al), r));
}

void op_das_286(struct cpu *c, const struct decoded *d)
{
    uint8_t al = (uint8_t)c->gpr[RAX], r;

    op_das(c, d);
    r = (uint8_t)c->gpr[RAX];
    flags_change(c, EFL_OF, overflow(al, 0u - (uint8_t)(al - r), r));
}

/* A divide error of the 8086 is a trap: it returns behind the instruction. */
static void divide_error_8086(struct cpu *c)
{
    flags_set_arith(c, flags_szp(0, 1));
    cpu_interrupt(c, EXC_DE, INT_SOFT, false, 0);
}

void op_aam_8086(struct cpu *c, const struct decoded *d)
{
    if (!(d->imm & 0xff))
        divide_error_8086(c);
    else
        op_aam_ib(c, d);
}

/* The divider has shifted AL once when it gives up; flags show that. */
void op_aam_286(struct cpu *c, const struct decoded *d)
{
    if (!(d->imm & 0xff)) {
        flags_set_arith(c, flags_szp((uint8_t)(c->gpr[RAX] << 1), 1));
        cpu_fault(c, EXC_DE);
    }
    op_aam_ib(c, d);
}

/* ---- multiplication and division of the 8086 ---- */

/* REP shares a flag of the microcode with the sign of the result: it negates
 * products and the quotients of IDIV. */
static void multiply(struct cpu *c, const struct decoded *d, bool is_signed,
                     bool negate, uint64_t af)
{
    unsigned bits = 8 * d->osize;
    uint32_t a = get_reg(c, RAX, d->osize), b = get_rm(c, d), r;
    uint16_t low, high, spread;
    bool wide;

    if (is_signed)
        r = bits == 8 ? (uint32_t)((int8_t)a * (int8_t)b)
                      : (uint32_t)((int16_t)a * (int16_t)b);
    else
        r = a * b;
    if (negate)
        r = 0 - r;
    low = (uint16_t)(bits == 8 ? r & 0xff : r);
    high = (uint16_t)(bits == 8 ? r >> 8 & 0xff : r >> 16);
    spread =
        (uint16_t)(is_signed && low >> (bits - 1) ? (bits == 8 ? 0xff : 0xffff)
                                                  : 0);
    wide = high != spread;
    if (bits == 8) {
        reg_write(c, RAX, r & 0xffff, 2);
    } else {
        reg_write(c, RAX, low, 2);
        reg_write(c, RDX, high, 2);
    }
    flags_set_arith(c, flags_szp(high, d->osize) | af |
                           (wide ? EFL_CF | EFL_OF : 0));
}

void op_mul_8086(struct cpu *c, const struct decoded *d)
{
    multiply(c, d, false, d->rep != 0, 0);
}

void op_imul_8086(struct cpu *c, const struct decoded *d)
{
    multiply(c, d, true, d->rep != 0, 0);
}

/* AF is set; SF, ZF and PF are those of the upper half. */
void op_mul_286(struct cpu *c, const struct decoded *d)
{
    multiply(c, d, false, false, EFL_AF);
}

void op_imul_286(struct cpu *c, const struct decoded *d)
{
    multiply(c, d, true, false, EFL_AF);
}

void op_imul3_286(struct cpu *c, const struct decoded *d)
{
    int32_t r = (int16_t)get_rm(c, d) * (int16_t)d->imm;
    bool wide = r != (int16_t)r;

    reg_write(c, d->reg, (uint16_t)r, 2);
    flags_set_arith(c, flags_szp((uint32_t)r >> 16, 2) | EFL_AF |
                           (wide ? EFL_CF | EFL_OF : 0));
}

static uint32_t dividend(const struct cpu *c, unsigned size)
{
    return size == 1
               ? (uint16_t)c->gpr[RAX]
               : (uint32_t)(uint16_t)c->gpr[RDX] << 16 | (uint16_t)c->gpr[RAX];
}

static void set_quotient(struct cpu *c, uint32_t q, uint32_t r, unsigned size)
{
    if (size == 1) {
        reg_write(c, RAX, (r & 0xff) << 8 | (q & 0xff), 2);
    } else {
        reg_write(c, RAX, q & 0xffff, 2);
        reg_write(c, RDX, r & 0xffff, 2);
    }
}

void op_div_8086(struct cpu *c, const struct decoded *d)
{
    unsigned bits = 8 * d->osize;
    uint32_t b = get_rm(c, d), n = dividend(c, d->osize);

    if (n >> bits >= b) {
        divide_error_8086(c);
        return;
    }
    set_quotient(c, n / b, n % b, d->osize);
}

/* The most negative quotient counts as an overflow. */
void op_idiv_8086(struct cpu *c, const struct decoded *d)
{
    unsigned bits = 8 * d->osize;
    uint32_t b = get_rm(c, d), n = dividend(c, d->osize), q, r;
    bool n_negative = n >> (2 * bits - 1) & 1, b_negative = b >> (bits - 1) & 1;

    if (n_negative)
        n = 0 - n;
    if (b_negative)
        b = 0 - b;
    if (bits == 8)
        n &= 0xffff;
    b &= bits == 8 ? 0xff : 0xffff;
    if (n >> bits >= b || n / b >> (bits - 1)) {
        divide_error_8086(c);
        return;
    }
    q = n / b;
    r = n % b;
    if ((n_negative ^ b_negative) ^ (d->rep != 0))
        q = 0 - q;
    set_quotient(c, q, n_negative ? 0 - r : r, d->osize);
}

/* ---- shifts and rotations ---- */

struct shifter {
    uint16_t v, top; /* top: the sign's bit */
    bool cf, of, af;
};

/* By one; op as in ModRM.reg. */
static void shift_once(struct shifter *s, unsigned op)
{
    uint16_t v = s->v, mask = (uint16_t)(s->top | (s->top - 1));
    bool out = op & 1 ? v & 1 : v & s->top;
    uint16_t r = (uint16_t)(op & 1 ? v >> 1 : v << 1);

    switch (op) {
    case 0:
        r |= out;
        break;
    case 1:
        r |= out ? s->top : 0;
        break;
    case 2:
        r |= s->cf;
        break;
    case 3:
        r |= s->cf ? s->top : 0;
        break;
    case 7:
        r |= v & s->top;
        break;
    default:
        break;
    }
    r &= mask;
    if (!(op & 1))
        s->af = v & 8; /* a shift to the left is an addition */
    s->cf = out;
    if (op & 1)
        s->of = op != 7 && ((r ^ (r << 1)) & s->top);
    else
        s->of = ((r & s->top) != 0) != out;
    s->v = r;
}

/* af: what a shift to the right makes of AF. */
static void shift(struct cpu *c, const struct decoded *d, unsigned op,
                  unsigned count, bool af)
{
    struct shifter s = {.top = d->osize == 1 ? 0x80 : 0x8000};
    uint64_t f = flags_sync(c), r;

    s.v = d->mod == 3
              ? get_reg(c, d->rm, d->osize)
              : (uint16_t)mem_rmw_read(c, d->seg, mem_ea(c, d), d->osize);
    s.cf = f & EFL_CF;
    s.of = f & EFL_OF;
    s.af = af;
    for (unsigned n = 0; n < count; n++)
        shift_once(&s, op);
    if (d->mod == 3)
        set_reg(c, d->rm, s.v, d->osize);
    else
        mem_rmw_write(c, s.v);
    if (!count)
        return;
    r = (s.cf ? EFL_CF : 0) | (s.of ? EFL_OF : 0);
    if (op < 4)
        flags_change(c, EFL_CF | EFL_OF, r);
    else
        flags_set_arith(c, flags_szp(s.v, d->osize) | r | (s.af ? EFL_AF : 0));
}

/* The count is all of CL, one clock loop for each; a count of 0 still writes
 * the operand back. */
void op_shift_8086(struct cpu *c, const struct decoded *d)
{
    shift(c, d, d->reg, d->opcode < 0xd2 ? 1 : c->gpr[RCX] & 0xff, false);
}

/* Set minus one, where later processors have a second SHL: SETMO always,
 * SETMOC if CL is not 0. */
void op_setmo_8086(struct cpu *c, const struct decoded *d)
{
    if (d->opcode >= 0xd2 && !(c->gpr[RCX] & 0xff)) {
        shift(c, d, 6, 0, false);
        return;
    }
    if (d->mod == 3) {
        set_reg(c, d->rm, 0xffff, d->osize);
    } else {
        mem_rmw_read(c, d->seg, mem_ea(c, d), d->osize);
        mem_rmw_write(c, d->osize == 1 ? 0xff : 0xffff);
    }
    flags_set_arith(c, EFL_SF | EFL_PF);
}

/* Five bits of the count; with 0 the operand is read only. */
void op_shift_286(struct cpu *c, const struct decoded *d)
{
    unsigned count = d->opcode < 0xd0   ? d->imm & 31
                     : d->opcode < 0xd2 ? 1
                                        : c->gpr[RCX] & 31;
    unsigned op = d->reg == 6 ? 4 : d->reg;

    if (!count)
        get_rm(c, d);
    else
        shift(c, d, op, count, true);
}

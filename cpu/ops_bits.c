/*
 * ops_bits.c - bit tests in memory by a register index, BMI1, BMI2, ADX,
 * MOVBE and CRC32.
 *
 * SDM vol. 2. The undefined AF and PF of BMI instructions are cleared.
 */
#include "cpu/access.h"
#include "cpu/flags.h"
#include "cpu/operand.h"
#include "gen/insn_handlers.h"

/* ---- operands of 4 or 8 bytes ---- */

static uint64_t cut(const struct decoded *d, uint64_t v)
{
    return d->osize == 8 ? v : (uint32_t)v;
}

static uint64_t read_ey(struct cpu *c, const struct decoded *d)
{
    if (d->mod == 3)
        return cut(d, c->gpr[d->rm]);
    return read_mv(c, d->seg, mem_ea(c, d), d->osize);
}

static void write_gy(struct cpu *c, const struct decoded *d, uint64_t v)
{
    c->gpr[d->reg] = cut(d, v);
}

static uint64_t read_by(const struct cpu *c, const struct decoded *d)
{
    return cut(d, c->gpr[d->vvvv]);
}

static unsigned bits(const struct decoded *d)
{
    return 8u * d->osize;
}

/* SF and ZF of the result, CF as given, the others clear. */
static void set_bmi_flags(struct cpu *c, const struct decoded *d, uint64_t r,
                          bool cf)
{
    flags_set_arith(c, (flags_szp(r, d->osize) & (EFL_SF | EFL_ZF)) |
                           (cf ? EFL_CF : 0));
}

/* ---- BT, BTS, BTR, BTC with a bit string in memory ---- */

/* The unit of operand size that holds the bit; the index is signed. */
static uint64_t bit_address(struct cpu *c, const struct decoded *d,
                            uint64_t *mask)
{
    uint64_t v = c->gpr[d->reg];
    int64_t index = d->osize == 2   ? (int16_t)v
                    : d->osize == 4 ? (int32_t)v
                                    : (int64_t)v;
    unsigned low = (unsigned)index & (bits(d) - 1);
    int64_t unit = (index - (int64_t)low) / (int64_t)bits(d);

    *mask = (uint64_t)1 << low;
    return mem_ea_add(d, mem_ea(c, d), (uint64_t)(unit * d->osize));
}

void op_bt(struct cpu *c, const struct decoded *d)
{
    uint64_t mask, ea = bit_address(c, d, &mask);
    uint64_t v = read_mv(c, d->seg, ea, d->osize);

    flags_change(c, EFL_CF, v & mask ? EFL_CF : 0);
}

#define BIT_CHANGE(name, result)                                               \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        uint64_t mask, ea = bit_address(c, d, &mask);                          \
        uint64_t v = mem_rmw_read(c, d->seg, ea, d->osize);                    \
                                                                               \
        mem_rmw_write(c, result);                                              \
        flags_change(c, EFL_CF, (v & mask) ? EFL_CF : 0);                      \
    }

BIT_CHANGE(bts, v | mask)
BIT_CHANGE(btr, v & ~mask)
BIT_CHANGE(btc, v ^ mask)

/* ---- BMI1 ---- */

void op_andn(struct cpu *c, const struct decoded *d)
{
    uint64_t r = ~read_by(c, d) & read_ey(c, d);

    write_gy(c, d, r);
    set_bmi_flags(c, d, cut(d, r), false);
}

void op_bextr(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_ey(c, d), control = c->gpr[d->vvvv];
    unsigned start = control & 0xff, len = control >> 8 & 0xff;
    uint64_t r = start < 64 ? v >> start : 0;

    if (len < 64)
        r &= ((uint64_t)1 << len) - 1;
    write_gy(c, d, r);
    flags_set_arith(c, cut(d, r) ? 0 : EFL_ZF);
}

void op_blsr(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_ey(c, d), r = cut(d, v & (v - 1));

    c->gpr[d->vvvv] = r;
    set_bmi_flags(c, d, r, !v);
}

void op_blsmsk(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_ey(c, d), r = cut(d, v ^ (v - 1));

    c->gpr[d->vvvv] = r;
    set_bmi_flags(c, d, r, !v);
}

void op_blsi(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_ey(c, d), r = cut(d, v & (0 - v));

    c->gpr[d->vvvv] = r;
    set_bmi_flags(c, d, r, v);
}

/* ---- BMI2 ---- */

void op_bzhi(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_ey(c, d);
    unsigned n = (uint8_t)c->gpr[d->vvvv];

    if (n < bits(d))
        v &= ((uint64_t)1 << n) - 1;
    write_gy(c, d, v);
    set_bmi_flags(c, d, v, n >= bits(d));
}

void op_pext(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_by(c, d), r = 0, bit = 1;

    for (uint64_t mask = read_ey(c, d); mask; mask &= mask - 1, bit <<= 1) {
        if (v & mask & (0 - mask))
            r |= bit;
    }
    write_gy(c, d, r);
}

void op_pdep(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_by(c, d), r = 0;

    for (uint64_t mask = read_ey(c, d); mask; mask &= mask - 1, v >>= 1) {
        if (v & 1)
            r |= mask & (0 - mask);
    }
    write_gy(c, d, r);
}

/* The high half wins when both go to one register. */
void op_mulx(struct cpu *c, const struct decoded *d)
{
    uint128 r = (uint128)cut(d, c->gpr[RDX]) * read_ey(c, d);

    c->gpr[d->vvvv] = cut(d, (uint64_t)r);
    write_gy(c, d, (uint64_t)(r >> bits(d)));
}

void op_rorx(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_ey(c, d);
    unsigned n = d->imm & (bits(d) - 1);

    write_gy(c, d, n ? v >> n | v << (bits(d) - n) : v);
}

static unsigned shift_count(const struct cpu *c, const struct decoded *d)
{
    return c->gpr[d->vvvv] & (bits(d) - 1);
}

void op_shlx(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_ey(c, d);

    write_gy(c, d, v << shift_count(c, d));
}

void op_shrx(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_ey(c, d);

    write_gy(c, d, v >> shift_count(c, d));
}

void op_sarx(struct cpu *c, const struct decoded *d)
{
    uint64_t v = read_ey(c, d);
    int64_t s = d->osize == 8 ? (int64_t)v : (int32_t)v;

    write_gy(c, d, (uint64_t)(s >> shift_count(c, d)));
}

/* ---- ADX ---- */

static void add_with(struct cpu *c, const struct decoded *d, uint64_t flag)
{
    bool carry = flags_sync(c) & flag;
    uint128 r = (uint128)cut(d, c->gpr[d->reg]) + read_ey(c, d) + carry;

    write_gy(c, d, (uint64_t)r);
    flags_change(c, flag, r >> bits(d) ? flag : 0);
}

void op_adcx(struct cpu *c, const struct decoded *d)
{
    add_with(c, d, EFL_CF);
}

void op_adox(struct cpu *c, const struct decoded *d)
{
    add_with(c, d, EFL_OF);
}

/* ---- MOVBE: F0 loads, F1 stores ---- */

static uint64_t swap_bytes(uint64_t v, unsigned size)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < size; i++, v >>= 8)
        r = r << 8 | (v & 0xff);
    return r;
}

void op_movbe(struct cpu *c, const struct decoded *d)
{
    uint64_t v, ea = mem_ea(c, d);

    if (d->opcode == 0xf0) {
        v = read_mv(c, d->seg, ea, d->osize);
        reg_write(c, d->reg, swap_bytes(v, d->osize), d->osize);
        return;
    }
    v = swap_bytes(c->gpr[d->reg], d->osize);
    if (d->osize == 2)
        mem_write16(c, d->seg, ea, (uint16_t)v);
    else if (d->osize == 4)
        mem_write32(c, d->seg, ea, (uint32_t)v);
    else
        mem_write64(c, d->seg, ea, v);
}

/* ---- CRC32: polynomial 11EDC6F41, bits reflected ---- */

static void crc32_bytes(struct cpu *c, const struct decoded *d, uint64_t v,
                        unsigned size)
{
    uint32_t crc = (uint32_t)c->gpr[d->reg];

    for (unsigned i = 0; i < size; i++, v >>= 8) {
        crc ^= (uint8_t)v;
        for (unsigned k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
    c->gpr[d->reg] = crc;
}

void op_crc32_gd_eb(struct cpu *c, const struct decoded *d)
{
    uint64_t v;

    if (d->mod != 3)
        v = mem_read8(c, d->seg, mem_ea(c, d));
    else if (!d->rex && d->rm >= 4)
        v = c->gpr[d->rm - 4] >> 8; /* AH, CH, DH, BH */
    else
        v = c->gpr[d->rm];
    crc32_bytes(c, d, v, 1);
}

void op_crc32_gd_ev(struct cpu *c, const struct decoded *d)
{
    uint64_t v = d->mod == 3 ? c->gpr[d->rm]
                             : read_mv(c, d->seg, mem_ea(c, d), d->osize);

    crc32_bytes(c, d, v, d->osize);
}

/*
 * flags.c - evaluate lazy flags when somebody looks.
 */
#include "cpu/flags.h"
#include "cpu/hot_dialect.h"

static uint64_t szp(uint64_t r)
{
    return (r == 0 ? EFL_ZF : 0) | (r >> 63 ? EFL_SF : 0) |
           (hot_parity(r) ? EFL_PF : 0);
}

static uint64_t raw_flags(uint64_t r, uint64_t aux)
{
    return szp(r) | (aux >> 63 ? EFL_CF : 0) |
           ((aux ^ (aux << 1)) >> 63 ? EFL_OF : 0) | (aux & 8 ? EFL_AF : 0);
}

/* Sign-extension makes one width serve all: only the result is cut. */
static uint64_t sub_flags(uint64_t a, uint64_t b, uint64_t r)
{
    return szp(r) | (a < b ? EFL_CF : 0) |
           (((a ^ b) & (a ^ r)) >> 63 ? EFL_OF : 0) |
           ((a ^ b ^ r) & 0x10 ? EFL_AF : 0);
}

static uint64_t add_flags(uint64_t r, uint64_t a, uint64_t b)
{
    return szp(r) | (r < b ? EFL_CF : 0) |
           (((r ^ a) & (r ^ b)) >> 63 ? EFL_OF : 0) |
           ((a ^ b ^ r) & 0x10 ? EFL_AF : 0);
}

/* The most negative number of 8, 16, 32 or 64 bits. */
static uint64_t lowest(unsigned size)
{
    return (uint64_t)INT64_MIN >> (64 - (8u << size)) |
           ~(UINT64_MAX >> (64 - (8u << size)));
}

static uint64_t lazy_flags(const struct cpu *c)
{
    uint64_t a = c->fl_a, b = c->fl_b;

    switch (c->fl_kind) {
    case FL_RAW:
        return raw_flags(a, b);
    case FL_LOG:
        return szp(a);
    case FL_SUB8:
        return sub_flags(a, b, SX(8, a - b));
    case FL_SUB16:
        return sub_flags(a, b, SX(16, a - b));
    case FL_SUB32:
        return sub_flags(a, b, SX(32, a - b));
    case FL_SUB64:
        return sub_flags(a, b, a - b);
    case FL_ADD8:
        return add_flags(a, SX(8, a - b), b);
    case FL_ADD16:
        return add_flags(a, SX(16, a - b), b);
    case FL_ADD32:
        return add_flags(a, SX(32, a - b), b);
    case FL_ADD64:
        return add_flags(a, a - b, b);
    case FL_INC8:
    case FL_INC16:
    case FL_INC32:
    case FL_INC64:
        return szp(a) | (b ? EFL_CF : 0) |
               (a == lowest(c->fl_kind - FL_INC8) ? EFL_OF : 0) |
               (a & 15 ? 0 : EFL_AF);
    default:
        return szp(a) | (b ? EFL_CF : 0) |
               (a == ~lowest(c->fl_kind - FL_DEC8) ? EFL_OF : 0) |
               ((a & 15) == 15 ? EFL_AF : 0);
    }
}

uint64_t flags_sync(struct cpu *c)
{
    if (c->fl_kind != FL_EFLAGS)
        flags_set_arith(c, lazy_flags(c));
    return c->rflags;
}

uint64_t flags_szp(uint64_t result, unsigned size)
{
    unsigned shift = 64 - 8 * size;

    return szp((uint64_t)((int64_t)(result << shift) >> shift));
}

bool flags_cond(struct cpu *c, unsigned cc)
{
    return hot_cond(c, cc);
}

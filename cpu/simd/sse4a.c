/*
 * sse4a.c - AMD's bit field instructions EXTRQ and INSERTQ.
 *
 * AMD64 manual vol. 4. A field is six bits of length (0: 64) and six of
 * index. The upper half of the result, which is undefined, becomes zero, and
 * so do bits of a field beyond bit 63.
 */
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

static uint64_t field_mask(unsigned length)
{
    length &= 63;
    return length ? (UINT64_C(1) << length) - 1 : UINT64_MAX;
}

static void finish(struct cpu *c, unsigned reg, uint64_t v)
{
    vec_set_u64(&c->vec[reg], 0, v);
    vec_set_u64(&c->vec[reg], 1, 0);
}

static void extract(struct cpu *c, unsigned reg, unsigned length,
                    unsigned index)
{
    uint64_t v = vec_u64(&c->vec[reg], 0) >> (index & 63);

    finish(c, reg, v & field_mask(length));
}

static void insert(struct cpu *c, const struct decoded *d, unsigned length,
                   unsigned index)
{
    uint64_t mask = field_mask(length) << (index & 63);
    uint64_t v = vec_u64(&c->vec[d->rm], 0) << (index & 63);
    uint64_t old = vec_u64(&c->vec[d->reg], 0);

    finish(c, d->reg, (old & ~mask) | (v & mask));
}

void op_extrq_udq_ib_ib(struct cpu *c, const struct decoded *d)
{
    simd_check(c, d);
    extract(c, d->rm, (unsigned)d->imm, d->imm2);
}

/* Length and index are bytes 0 and 1 of the source. */
void op_extrq_vdq_udq(struct cpu *c, const struct decoded *d)
{
    const struct vec *b = &c->vec[d->rm];

    simd_check(c, d);
    extract(c, d->reg, b->b[0], b->b[1]);
}

void op_insertq_vdq_udq_ib_ib(struct cpu *c, const struct decoded *d)
{
    simd_check(c, d);
    insert(c, d, (unsigned)d->imm, d->imm2);
}

/* Length and index are bytes 8 and 9 of the source. */
void op_insertq_vdq_udq(struct cpu *c, const struct decoded *d)
{
    const struct vec *b = &c->vec[d->rm];

    simd_check(c, d);
    insert(c, d, b->b[8], b->b[9]);
}

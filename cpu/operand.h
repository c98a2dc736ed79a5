/*
 * operand.h - register and word operands for the plain system handlers.
 */
#ifndef CPU_OPERAND_H
#define CPU_OPERAND_H

#include "cpu/access.h"

/* A register write of 2, 4 or 8 bytes: 2 keeps the upper part, 4 clears it. */
static inline void reg_write(struct cpu *c, unsigned r, uint64_t v,
                             unsigned size)
{
    if (size == 2)
        c->gpr[r] = (c->gpr[r] & ~(uint64_t)0xffff) | (uint16_t)v;
    else
        c->gpr[r] = size == 4 ? (uint32_t)v : v;
}

/* Ew. */
static inline uint16_t read_ew(struct cpu *c, const struct decoded *d)
{
    if (d->mod == 3)
        return (uint16_t)c->gpr[d->rm];
    return mem_read16(c, d->seg, mem_ea(c, d));
}

/* Rv/Mw: a register of the operand size (zero-extended) or a word in memory. */
static inline void write_rv_mw(struct cpu *c, const struct decoded *d,
                               uint64_t v)
{
    if (d->mod == 3)
        reg_write(c, d->rm, v, d->osize);
    else
        mem_write16(c, d->seg, mem_ea(c, d), (uint16_t)v);
}

static inline uint64_t read_mv(struct cpu *c, unsigned seg, uint64_t off,
                               unsigned size)
{
    switch (size) {
    case 2:
        return mem_read16(c, seg, off);
    case 4:
        return mem_read32(c, seg, off);
    default:
        return mem_read64(c, seg, off);
    }
}

#endif

/*
 * access.h - the only way from an instruction to guest memory.
 *
 * Offsets are effective addresses already cut to the address size; segment
 * limits, types, canonical form, alignment check, paging and MMIO are all
 * handled here. An access that faults changes nothing; one that crosses a
 * page checks both pages before it writes. All values are host integers.
 */
#ifndef CPU_ACCESS_H
#define CPU_ACCESS_H

#include "cpu/cpu.h"

/* Effective address of the ModRM (or moffs) operand, cut to d->asize. */
uint64_t mem_ea(const struct cpu *c, const struct decoded *d);

/* Adds `delta` and cuts to the address size again (second operands of
 * BOUND, far pointers, FNSAVE images). */
static inline uint64_t mem_ea_add(const struct decoded *d, uint64_t ea,
                                  uint64_t delta)
{
    ea += delta;
    return d->asize == 8   ? ea
           : d->asize == 4 ? (uint32_t)ea
                           : (uint16_t)ea;
}

uint8_t mem_read8(struct cpu *c, unsigned seg, uint64_t off);
uint16_t mem_read16(struct cpu *c, unsigned seg, uint64_t off);
uint32_t mem_read32(struct cpu *c, unsigned seg, uint64_t off);
uint64_t mem_read64(struct cpu *c, unsigned seg, uint64_t off);
void mem_write8(struct cpu *c, unsigned seg, uint64_t off, uint8_t v);
void mem_write16(struct cpu *c, unsigned seg, uint64_t off, uint16_t v);
void mem_write32(struct cpu *c, unsigned seg, uint64_t off, uint32_t v);
void mem_write64(struct cpu *c, unsigned seg, uint64_t off, uint64_t v);

/* n <= 4096 bytes in guest order. `align`: power of two; #GP(0) (never #AC)
 * when the address is not a multiple of it, as aligned SSE operands want;
 * 1 for none. */
void mem_read_bytes(struct cpu *c, unsigned seg, uint64_t off, void *buf,
                    unsigned n, unsigned align);
void mem_write_bytes(struct cpu *c, unsigned seg, uint64_t off,
                     const void *buf, unsigned n, unsigned align);
/* Faults as a write of n bytes would; writes nothing. */
void mem_probe_write(struct cpu *c, unsigned seg, uint64_t off, unsigned n);

/* Read with write permission checked, then write to the same place. */
uint64_t mem_rmw_read(struct cpu *c, unsigned seg, uint64_t off, unsigned size);
void mem_rmw_write(struct cpu *c, uint64_t v);

/* Linear address of seg:off after limit, type and canonical checks (#GP or
 * #SS with code 0). write: 0 read, 1 write. */
uint64_t mem_linear(struct cpu *c, unsigned seg, uint64_t off, unsigned size,
                    bool write);

/*
 * Accesses by linear address, for descriptor tables, TSS, IDT and new
 * stacks. `user`: with the rights of CPL 3, else as a supervisor access that
 * the processor makes by itself (SMAP applies whatever RFLAGS.AC is).
 */
uint64_t lin_read(struct cpu *c, uint64_t laddr, unsigned size, bool user);
void lin_write(struct cpu *c, uint64_t laddr, uint64_t v, unsigned size,
               bool user);
/* Faults as a write would; writes nothing. */
void lin_probe_write(struct cpu *c, uint64_t laddr, unsigned n, bool user);

/* Push and pop on the current stack with the given operand size (2, 4, 8);
 * RSP changes only when the access succeeded. */
void stack_push(struct cpu *c, uint64_t v, unsigned size);
uint64_t stack_pop(struct cpu *c, unsigned size);
/* Value at RSP + delta, RSP unchanged. */
uint64_t stack_peek(struct cpu *c, unsigned delta, unsigned size);
/* RSP += delta within the stack width. */
void stack_adjust(struct cpu *c, int64_t delta);

/* Ports, with the I/O permission check already done by the caller. */
uint32_t port_in(struct cpu *c, uint16_t port, unsigned size);
void port_out(struct cpu *c, uint16_t port, uint32_t v, unsigned size);

#endif

/*
 * ops_io.c - IN and OUT (SDM vol. 2; vol. 1 ch. 18 for the permission check).
 */
#include "cpu/operand.h"
#include "cpu/ops_sys.h"
#include "cpu/seg.h"

static void in_al(struct cpu *c, uint16_t port)
{
    cpu_check_io(c, port, 1);
    c->gpr[RAX] =
        (c->gpr[RAX] & ~(uint64_t)0xff) | (port_in(c, port, 1) & 0xff);
}

/* The widest port access is a dword, REX.W or not. */
static unsigned io_size(const struct decoded *d)
{
    return d->osize == 2 ? 2 : 4;
}

static void in_eax(struct cpu *c, const struct decoded *d, uint16_t port)
{
    unsigned size = io_size(d);

    cpu_check_io(c, port, size);
    reg_write(c, RAX, port_in(c, port, size), size);
}

static void out_al(struct cpu *c, uint16_t port)
{
    cpu_check_io(c, port, 1);
    port_out(c, port, c->gpr[RAX] & 0xff, 1);
}

static void out_eax(struct cpu *c, const struct decoded *d, uint16_t port)
{
    unsigned size = io_size(d);

    cpu_check_io(c, port, size);
    port_out(c, port,
             (uint32_t)(size == 2 ? c->gpr[RAX] & 0xffff : c->gpr[RAX]), size);
}

static uint16_t dx(const struct cpu *c)
{
    return (uint16_t)c->gpr[RDX];
}

void op_in_al_ib(struct cpu *c, const struct decoded *d)
{
    in_al(c, d->imm & 0xff);
}

void op_in_eax_ib(struct cpu *c, const struct decoded *d)
{
    in_eax(c, d, d->imm & 0xff);
}

void op_in_al_dx(struct cpu *c, const struct decoded *d)
{
    (void)d;
    in_al(c, dx(c));
}

void op_in_eax_dx(struct cpu *c, const struct decoded *d)
{
    in_eax(c, d, dx(c));
}

void op_out_ib_al(struct cpu *c, const struct decoded *d)
{
    out_al(c, d->imm & 0xff);
}

void op_out_ib_eax(struct cpu *c, const struct decoded *d)
{
    out_eax(c, d, d->imm & 0xff);
}

void op_out_dx_al(struct cpu *c, const struct decoded *d)
{
    (void)d;
    out_al(c, dx(c));
}

void op_out_dx_eax(struct cpu *c, const struct decoded *d)
{
    out_eax(c, d, dx(c));
}

/*
 * ops_misc.c - decimal arithmetic, frames, table look-up, hints and the other
 * integer instructions that no hot body serves.
 *
 * SDM vol. 2. Flags that the SDM leaves undefined are those of the result
 * (SZP) or clear.
 */
#include "cpu/access.h"
#include "cpu/exception.h"
#include "cpu/flags.h"
#include "cpu/operand.h"
#include "cpu/paging.h"
#include "gen/insn_handlers.h"

static void set_al(struct cpu *c, uint8_t v)
{
    c->gpr[RAX] = (c->gpr[RAX] & ~(uint64_t)0xff) | v;
}

static void set_ah(struct cpu *c, uint8_t v)
{
    c->gpr[RAX] = (c->gpr[RAX] & ~(uint64_t)0xff00) | (uint64_t)v << 8;
}

/* ---- no operation, no instruction ---- */

void op_ud(struct cpu *c, const struct decoded *d)
{
    (void)d;
    cpu_fault_why(c, EXC_UD, 0, "no such instruction in this model or mode");
}

/* Hints and fences: memory here is strongly ordered and has no cache. */
#define HINT(name)                                                             \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        (void)c;                                                               \
        (void)d;                                                               \
    }

HINT(nop)
HINT(pause)
HINT(prefetch)
HINT(lfence)
HINT(mfence)
HINT(sfence)
HINT(serialize)

/* Cache line instructions do nothing but fault as a one-byte load would. */
static void touch_line(struct cpu *c, const struct decoded *d)
{
    uint64_t laddr = mem_linear(c, d->seg, mem_ea(c, d), 1, false);
    struct walk w;

    if (!paging_walk(c, laddr, WALK_READ, c->cpl == 3, false, &w))
        cpu_page_fault(c, laddr, w.error);
}

void op_clflush(struct cpu *c, const struct decoded *d)
{
    touch_line(c, d);
}

void op_clflushopt(struct cpu *c, const struct decoded *d)
{
    touch_line(c, d);
}

void op_clwb(struct cpu *c, const struct decoded *d)
{
    touch_line(c, d);
}

/* AMD: clears the 64-byte line that holds the address in rAX. */
void op_clzero(struct cpu *c, const struct decoded *d)
{
    static const uint8_t zero[64];
    uint64_t line = mem_ea_add(d, c->gpr[RAX], 0) & ~(uint64_t)63;

    mem_write_bytes(c, d->seg, line, zero, sizeof zero, 1);
}

/* ---- decimal arithmetic ---- */

static void set_decimal_flags(struct cpu *c, bool cf, bool af)
{
    flags_set_arith(c, flags_szp((uint8_t)c->gpr[RAX], 1) | (cf ? EFL_CF : 0) |
                           (af ? EFL_AF : 0));
}

/* DAA and DAS differ in the sign of the adjustment and in where DAS keeps a
 * borrow of its first step. */
static void adjust_packed(struct cpu *c, bool subtract)
{
    uint64_t flags = flags_sync(c);
    uint8_t al = (uint8_t)c->gpr[RAX], r = al;
    bool cf = false, af = (al & 15) > 9 || flags & EFL_AF;
    bool old_cf = flags & EFL_CF;

    if (af) {
        r = (uint8_t)(subtract ? r - 6 : r + 6);
        cf = old_cf || (subtract ? al < 6 : al > 0xf9);
    }
    if (al > 0x99 || old_cf) {
        r = (uint8_t)(subtract ? r - 0x60 : r + 0x60);
        cf = true;
    } else if (!subtract) {
        cf = false;
    }
    set_al(c, r);
    set_decimal_flags(c, cf, af);
}

void op_daa(struct cpu *c, const struct decoded *d)
{
    (void)d;
    adjust_packed(c, false);
}

void op_das(struct cpu *c, const struct decoded *d)
{
    (void)d;
    adjust_packed(c, true);
}

/* AAA and AAS since the 286: AX moves by 0x106 as a whole. */
static void adjust_unpacked(struct cpu *c, unsigned by)
{
    uint64_t flags = flags_sync(c);
    uint16_t ax = (uint16_t)c->gpr[RAX];
    bool adjust = (ax & 15) > 9 || flags & EFL_AF;

    if (adjust)
        ax = (uint16_t)(ax + by);
    reg_write(c, RAX, ax & 0xff0f, 2);
    set_decimal_flags(c, adjust, adjust);
}

void op_aaa(struct cpu *c, const struct decoded *d)
{
    (void)d;
    adjust_unpacked(c, 0x106);
}

void op_aas(struct cpu *c, const struct decoded *d)
{
    (void)d;
    adjust_unpacked(c, 0u - 0x106);
}

void op_aam_ib(struct cpu *c, const struct decoded *d)
{
    uint8_t al = (uint8_t)c->gpr[RAX], base = (uint8_t)d->imm;

    if (!base)
        cpu_fault(c, EXC_DE);
    set_ah(c, al / base);
    set_al(c, al % base);
    set_decimal_flags(c, false, false);
}

void op_aad_ib(struct cpu *c, const struct decoded *d)
{
    uint16_t ax = (uint16_t)c->gpr[RAX];

    reg_write(c, RAX, (uint8_t)(ax + (ax >> 8) * (unsigned)d->imm), 2);
    set_decimal_flags(c, false, false);
}

/* ---- flags and AL ---- */

void op_salc(struct cpu *c, const struct decoded *d)
{
    (void)d;
    set_al(c, flags_sync(c) & EFL_CF ? 0xff : 0);
}

void op_lahf(struct cpu *c, const struct decoded *d)
{
    (void)d;
    set_ah(c, (uint8_t)(flags_sync(c) | 2));
}

void op_sahf(struct cpu *c, const struct decoded *d)
{
    (void)d;
    flags_change(c, EFL_SF | EFL_ZF | EFL_AF | EFL_PF | EFL_CF,
                 c->gpr[RAX] >> 8);
}

void op_xlat(struct cpu *c, const struct decoded *d)
{
    uint64_t ea = mem_ea_add(d, c->gpr[RBX], (uint8_t)c->gpr[RAX]);

    set_al(c, mem_read8(c, d->seg, ea));
}

static void change_ac(struct cpu *c, uint64_t ac)
{
    if (c->cpl)
        cpu_fault(c, EXC_UD);
    c->rflags = (c->rflags & ~(uint64_t)EFL_AC) | ac;
    cpu_update_mode(c);
}

void op_clac(struct cpu *c, const struct decoded *d)
{
    (void)d;
    change_ac(c, 0);
}

void op_stac(struct cpu *c, const struct decoded *d)
{
    (void)d;
    change_ac(c, EFL_AC);
}

/* ---- frames and many registers ---- */

static void write_stack(struct cpu *c, uint64_t sp, uint64_t v, unsigned size)
{
    sp &= c->stack_mask;
    if (size == 2)
        mem_write16(c, SEG_SS, sp, (uint16_t)v);
    else if (size == 4)
        mem_write32(c, SEG_SS, sp, (uint32_t)v);
    else
        mem_write64(c, SEG_SS, sp, v);
}

void op_pusha(struct cpu *c, const struct decoded *d)
{
    uint64_t sp = c->gpr[RSP];

    for (unsigned r = RAX; r <= RDI; r++) {
        sp -= d->osize;
        write_stack(c, sp, c->gpr[r], d->osize);
    }
    stack_adjust(c, -8 * (int64_t)d->osize);
}

void op_popa(struct cpu *c, const struct decoded *d)
{
    uint64_t v[8];

    /* Lowest address first: CR2 of a page fault tells. */
    for (unsigned r = RDI + 1; r-- > RAX;)
        v[r] = stack_peek(c, (RDI - r) * d->osize, d->osize);
    for (unsigned r = RAX; r <= RDI; r++) {
        if (r != RSP)
            reg_write(c, r, v[r], d->osize);
    }
    stack_adjust(c, 8 * (int64_t)d->osize);
}

/* The address is formed after RSP has moved (SDM POP). */
void op_pop(struct cpu *c, const struct decoded *d)
{
    uint64_t v = stack_peek(c, 0, d->osize);
    uint64_t ea, rsp = c->gpr[RSP];

    if (d->mod == 3) {
        stack_adjust(c, d->osize);
        reg_write(c, d->rm, v, d->osize);
        return;
    }
    stack_adjust(c, d->osize);
    ea = mem_ea(c, d);
    c->gpr[RSP] = rsp;
    if (d->osize == 2)
        mem_write16(c, d->seg, ea, (uint16_t)v);
    else if (d->osize == 4)
        mem_write32(c, d->seg, ea, (uint32_t)v);
    else
        mem_write64(c, d->seg, ea, v);
    stack_adjust(c, d->osize);
}

void op_enter(struct cpu *c, const struct decoded *d)
{
    unsigned size = d->osize, level = d->imm2 & 31;
    uint64_t sp = c->gpr[RSP], bp = c->gpr[RBP], frame;

    sp -= size;
    write_stack(c, sp, bp, size);
    frame = (c->gpr[RSP] & ~c->stack_mask) | (sp & c->stack_mask);
    if (level) {
        for (unsigned i = 1; i < level; i++) {
            bp -= size;
            sp -= size;
            write_stack(c, sp, read_mv(c, SEG_SS, bp & c->stack_mask, size),
                        size);
        }
        sp -= size;
        write_stack(c, sp, frame, size);
    }
    sp -= d->imm;
    /* Faults as a push on the finished frame would. */
    mem_probe_write(c, SEG_SS, sp & c->stack_mask, size);
    reg_write(c, RBP, frame, size);
    stack_adjust(c, (int64_t)(sp - c->gpr[RSP]));
}

void op_bound_gv_ma(struct cpu *c, const struct decoded *d)
{
    uint64_t ea = mem_ea(c, d), high_ea = mem_ea_add(d, ea, d->osize);
    int32_t low, high, v;

    if (d->osize == 2) {
        low = (int16_t)mem_read16(c, d->seg, ea);
        high = (int16_t)mem_read16(c, d->seg, high_ea);
        v = (int16_t)c->gpr[d->reg];
    } else {
        low = (int32_t)mem_read32(c, d->seg, ea);
        high = (int32_t)mem_read32(c, d->seg, high_ea);
        v = (int32_t)c->gpr[d->reg];
    }
    if (v < low || v > high)
        cpu_fault(c, EXC_BR);
}

/* ---- compare and exchange of pairs ---- */

void op_cmpxchg8b_mq(struct cpu *c, const struct decoded *d)
{
    uint64_t want = c->gpr[RDX] << 32 | (uint32_t)c->gpr[RAX];
    uint64_t with = c->gpr[RCX] << 32 | (uint32_t)c->gpr[RBX];
    uint64_t old = mem_rmw_read(c, d->seg, mem_ea(c, d), 8);

    /* The write cycle happens in either case. */
    mem_rmw_write(c, old == want ? with : old);
    if (old != want) {
        c->gpr[RAX] = (uint32_t)old;
        c->gpr[RDX] = old >> 32;
    }
    flags_change(c, EFL_ZF, old == want ? EFL_ZF : 0);
}

void op_cmpxchg16b_mdq(struct cpu *c, const struct decoded *d)
{
    uint8_t old[16], with[16];
    uint64_t ea = mem_ea(c, d);
    bool equal;

    /* A write from the start: so says the error code of a page fault. */
    if (mem_linear(c, d->seg, ea, sizeof old, true) & 15)
        cpu_fault_code(c, EXC_GP, 0);
    mem_probe_write(c, d->seg, ea, sizeof old);
    mem_read_bytes(c, d->seg, ea, old, sizeof old, 16);
    equal = ld_le64(old) == c->gpr[RAX] && ld_le64(old + 8) == c->gpr[RDX];
    st_le64(with, c->gpr[RBX]);
    st_le64(with + 8, c->gpr[RCX]);
    mem_write_bytes(c, d->seg, ea, equal ? with : old, sizeof old, 16);
    if (!equal) {
        c->gpr[RAX] = ld_le64(old);
        c->gpr[RDX] = ld_le64(old + 8);
    }
    flags_change(c, EFL_ZF, equal ? EFL_ZF : 0);
}

/* ---- stores past the cache, chance, processor number ---- */

static void store_gy(struct cpu *c, const struct decoded *d)
{
    uint64_t ea = mem_ea(c, d);

    if (d->osize == 8)
        mem_write64(c, d->seg, ea, c->gpr[d->reg]);
    else
        mem_write32(c, d->seg, ea, (uint32_t)c->gpr[d->reg]);
}

void op_movnti_my_gy(struct cpu *c, const struct decoded *d)
{
    store_gy(c, d);
}

void op_movdiri_my_gy(struct cpu *c, const struct decoded *d)
{
    store_gy(c, d);
}

/* A number is always ready: CF is set. */
static void random_number(struct cpu *c, const struct decoded *d)
{
    reg_write(c, d->rm, rng_next(&c->rng), d->osize);
    flags_set_arith(c, EFL_CF);
}

void op_rdrand_rv(struct cpu *c, const struct decoded *d)
{
    random_number(c, d);
}

void op_rdseed_rv(struct cpu *c, const struct decoded *d)
{
    random_number(c, d);
}

void op_rdpid_rd(struct cpu *c, const struct decoded *d)
{
    c->gpr[d->rm] = (uint32_t)c->msr.tsc_aux;
}

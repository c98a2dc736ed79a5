/*
 * trace_flags.c - which flags of a trace have to be stored, and which only
 * if something comes in between.
 *
 * Flags are dead when a later instruction overwrites them before anything that
 * might look at them. A memory access does look, but only if it goes the slow
 * way: to a fault, a device, an event. If the result and the operands are still
 * in their registers there, nothing is stored beforehand: the access owes the
 * flags, and trace_flags_due() makes them before the slow way is taken.
 */
#include "cpu/hot_dialect.h"
#include "cpu/icache_int.h"
#include "cpu/optable.h"
#include "gen/insn_handlers.h"

/* While going backwards through the trace. */
struct liveness {
    struct flag_plan *p;
    uint64_t live; /* seen by somebody */
    uint64_t late; /* seen only on the slow way of the instructions below */
    uint32_t late_by;
    uint32_t written; /* registers, before the last of them */
};

static bool nop(const struct decoded *d)
{
    return d->info->fn == op_nop;
}

/* Everything that may look at the flags before or while it runs. */
static bool observes(const struct flag_plan *p, unsigned n,
                     const struct hot_fact *f)
{
    const struct decoded *d = p->dec[n];

    if (d->info->flags_read)
        return true;
    if (nop(d) || (f->lea && p->op[n]) || (f->rotate && p->dead[n]))
        return false;
    if (!p->op[n] || d->mod != 3 || d->info->attr & (ATTR_JUMP | ATTR_COND))
        return true;
    return !hot_reg_table[p->op[n]] || hot_slow_table[p->op[n]];
}

/* Only on its slow way, which begins with hot_slow_twin(). */
static bool observes_late(const struct flag_plan *p, unsigned n,
                          const struct hot_fact *f)
{
    return f->blind && !p->slow[n] && !p->dec[n]->info->flags_read;
}

/* A count of 0 would leave the flags as they are. */
static bool shifts(const struct decoded *d)
{
    return operand_info[d->info->operand[1]].loc == LOC_ONE ||
           d->imm & (d->osize == 8 ? 63 : 31);
}

static uint64_t flags_killed(const struct decoded *d, const struct hot_fact *f)
{
    if (f->shift && shifts(d))
        return EFL_ARITH;
    if (f->rotate && shifts(d))
        return EFL_CF | EFL_OF;
    return f->kills;
}

/* The register of operand k, and the one of which it may be the second byte;
 * none in memory and for constants. */
static uint32_t register_of(const struct decoded *d, unsigned k)
{
    unsigned r;

    switch (operand_info[d->info->operand[k]].loc) {
    case LOC_E:
        if (d->mod != 3)
            return 0;
        r = d->rm;
        break;
    case LOC_M:
    case LOC_I:
    case LOC_SI:
        return 0;
    case LOC_R:
    case LOC_Z:
        r = d->rm;
        break;
    case LOC_G:
        r = d->reg;
        break;
    default:
        return UINT32_MAX;
    }
    return UINT32_C(1) << (r & 15) | UINT32_C(1) << (r & 3);
}

static uint32_t registers_written(const struct flag_plan *p, unsigned n,
                                  const struct hot_fact *f)
{
    const struct decoded *d = p->dec[n];

    if (nop(d))
        return 0;
    if (!p->op[n] || !f->moves)
        return UINT32_MAX;
    if (f->stack)
        return register_of(d, 0) | UINT32_C(1) << RSP;
    return register_of(d, 0);
}

/* Are its flags still to be had from the registers at all that owe them? */
static bool lasts(const struct liveness *l, unsigned n,
                  const struct hot_fact *f)
{
    const struct decoded *d = l->p->dec[n];
    uint32_t to = register_of(d, 0), from;

    if (!f->owes || !to || to & l->written)
        return false;
    if (f->owes == OWES_LOG || f->owes == OWES_INC || f->owes == OWES_DEC)
        return true;
    from = register_of(d, 1);
    return !(from & (to | l->written));
}

static void set_flags(struct liveness *l, unsigned n, const struct hot_fact *f,
                      uint64_t kills)
{
    struct flag_plan *p = l->p;
    uint64_t mine = kills ? kills : EFL_ARITH;

    p->dead[n] = p->op[n] && f->no_flags && !(l->live & mine);
    if (p->dead[n] && l->late & mine) {
        p->dead[n] = lasts(l, n, f);
        for (unsigned k = 0; p->dead[n] && k < p->n; k++)
            if (l->late_by >> k & 1)
                p->due[k] = (uint8_t)(n + 1);
        /* What it takes over from before, CF of INC, must be there. */
        l->live |= l->late & ~kills;
        l->late = 0;
        l->late_by = 0;
    }
    if (kills && !p->dead[n]) {
        l->live |= l->late & ~kills;
        l->late = 0;
        l->late_by = 0;
    }
    l->live &= ~kills;
    l->late &= ~kills;
    if (!l->late)
        l->late_by = 0;
}

void trace_flags(const struct icache *ic, struct flag_plan *p)
{
    struct liveness l = {.p = p, .live = EFL_ARITH};

    memset(p->due, 0, sizeof p->due);
    for (unsigned n = p->n; n-- > 0;) {
        const struct hot_fact *f = &ic->fact[p->op[n]];

        set_flags(&l, n, f, flags_killed(p->dec[n], f));
        l.written |= registers_written(p, n, f);
        if (!observes(p, n, f))
            continue;
        if (!observes_late(p, n, f)) {
            l.live = EFL_ARITH;
            l.late = 0;
            l.late_by = 0;
            continue;
        }
        if (!l.late_by)
            l.written = 0;
        l.late = EFL_ARITH & ~l.live;
        l.late_by |= UINT32_C(1) << n;
    }
}

void trace_flags_due(struct cpu *c, const struct trace *t, unsigned due)
{
    const struct insn *i = &t->insn[due - 1];
    uint16_t op = t->cold[due - 1].op;
    const struct hot_fact *f = &c->icache->fact[op];
    unsigned z = f->owes_size;
    uint64_t r, b;

#define OF_SIZE(v8, v16, v32, v64)                                             \
    (z == 0 ? SX(8, v8) : z == 1 ? SX(16, v16) : z == 2 ? SX(32, v32) : (v64))
    r = OF_SIZE(R8(i->d), R16(i->d), R32(i->d), R64(i->d));
    b = f->owes_imm ? SX(32, i->imm)
                    : OF_SIZE(R8(i->s), R16(i->s), R32(i->s), R64(i->s));
    b = OF_SIZE(b, b, b, b);
    switch (f->owes) {
    case OWES_ADD:
        FL_SET(FL_ADD8 + z, r, b);
        break;
    case OWES_SUB:
        r = r + b;
        FL_SET(FL_SUB8 + z, OF_SIZE(r, r, r, r), b);
        break;
    case OWES_INC:
        FL_SET(FL_INC8 + z, r, hot_cf(c));
        break;
    case OWES_DEC:
        FL_SET(FL_DEC8 + z, r, hot_cf(c));
        break;
    default:
        c->fl_a = r;
        c->fl_kind = FL_LOG;
        break;
    }
#undef OF_SIZE
}

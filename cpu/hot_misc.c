/*
 * HOT: hot_misc.c - slots that belong to no instruction: plain handlers,
 * ends of traces, exits to the run loop.
 */
#include "cpu/hot_dialect.h"
#include "cpu/probe.h"

/* Leaves with c->rip and c->budget already true. */
HOT_RET hot_left(HOT_ARGS)
{
    (void)i;
    (void)budget;
    c->budget -= 1;
    HOT_OUT;
}

/* Direct branch that is not linked yet, or must not be followed now. */
HOT_RET hot_unlinked(HOT_ARGS)
{
    struct trace *t = trace_of(i);

    c->rip = t->cold[i->idx].target;
    c->budget = budget + i->refund;
    if (!hot_linked(i))
        icache_want_link(c, i);
    HOT_OUT;
}

HOT_RET hot_stop(HOT_ARGS)
{
    i = container_of(i, struct link_stop, fn)->from;
    HOT_CALL(hot_unlinked);
}

/* The deadline falls into the trace that was just entered. */
HOT_RET hot_budget_out(HOT_ARGS)
{
    struct trace *t = container_of(i, struct trace, insn);

    c->rip = t->rip;
    c->budget = budget + t->n;
    HOT_OUT;
}

/* What all slots of a dead trace become. NOPs without a slot may be something
 * else by now: they are decoded again. */
HOT_RET hot_resync(HOT_ARGS)
{
    struct trace *t = trace_of(i);
    const struct slot_cold *k = &t->cold[i->idx];

    c->rip = t->rip + k->from;
    c->budget = budget + t->n - k->from_before;
    HOT_OUT;
}

/* A trace that ends without a branch. */
HOT_RET hot_fall(HOT_ARGS)
{
    JUMP_DIRECT;
}

/* Stub in front of a trace on another page, or a dead trace that another one
 * has replaced: good while no translation has changed since it was made. */
HOT_RET hot_far(HOT_ARGS)
{
    struct trace *stub = container_of(i, struct trace, insn);

    if (UNLIKELY(stub->stamp != c->stamp)) {
        c->rip = stub->rip;
        c->budget = budget + stub->n;
        icache_want_restamp(c, stub);
        HOT_OUT;
    }
    JUMP_DIRECT;
}

HOT_RET hot_slow_twin(HOT_ARGS)
{
    struct trace *t = trace_of(i);
    const struct slot_cold *k = &t->cold[i->idx];
    hot_fn *f = hot_slow_table[k->op];

    if (k->flags_due)
        trace_flags_due(c, t, k->flags_due);
    HOT_CALL(f);
}

/* After a slow twin: on with the trace, or out at this boundary. */
HOT_RET hot_slow_next(HOT_ARGS)
{
    if (UNLIKELY(c->attention)) {
        struct trace *t = trace_of(i);
        const struct slot_cold *k = &t->cold[i->idx];

        c->rip = t->rip + k->off + k->len;
        c->budget = budget + t->n - k->before - 1;
        HOT_OUT;
    }
    NEXT;
}

/* An ordinary C function for the instruction. It may use up budget (REP). */
HOT_RET hot_plain(HOT_ARGS)
{
    const struct decoded *d = i->dec;
    uint64_t rip = trace_of(i)->rip;

    c->insn_rip = rip + (uint16_t)i->imm;
    c->rip = rip + ((uint32_t)i->imm >> 16);
    c->budget = budget + i->refund + 1;
    d->info->fn(c, d);
    budget = c->budget - i->refund - 1;
    if (UNLIKELY(c->attention || budget < 0)) {
        c->budget -= 1;
        HOT_OUT;
    }
    NEXT;
}

/* The same for an instruction after which nothing may be assumed. */
HOT_RET hot_plain_end(HOT_ARGS)
{
    const struct decoded *d = i->dec;
    uint64_t rip = trace_of(i)->rip;

    c->insn_rip = rip + (uint16_t)i->imm;
    c->rip = rip + ((uint32_t)i->imm >> 16);
    c->budget = budget + i->refund + 1;
    d->info->fn(c, d);
    c->budget -= 1;
    HOT_OUT;
}

/* A code point of the debugger. At a deadline, or when somebody wants a look,
 * other things may come before the instruction: then it is asked again. */
HOT_RET hot_probe(HOT_ARGS)
{
    c->rip = trace_of(i)->rip;
    c->budget = budget;
    if (budget > 0 && !c->attention)
        probe_arrive(c);
    HOT_OUT;
}

/* XCHG of a register with itself, which does nothing else. */
HOT_RET hot_magic(HOT_ARGS)
{
    struct trace *t = trace_of(i);
    const struct slot_cold *k = &t->cold[i->idx];

    c->insn_rip = t->rip + k->off;
    c->rip = c->insn_rip + k->len;
    c->budget = budget + t->n - k->before - 1;
    probe_note(c,
               &(struct probe_hit){.what = PROBE_MAGIC, .addr = c->insn_rip});
    HOT_OUT;
}

hot_fn *const *const hot_tables[HT_COUNT] = {
    [HT_REG] = hot_reg_table,     [HT_B64] = hot_b64_table,
    [HT_X64] = hot_x64_table,     [HT_X64_1] = hot_x64_1_table,
    [HT_X64_4] = hot_x64_4_table, [HT_X64_8] = hot_x64_8_table,
    [HT_ABS] = hot_abs_table,     [HT_B32] = hot_b32_table,
    [HT_X32] = hot_x32_table,     [HT_X32_1] = hot_x32_1_table,
    [HT_X32_4] = hot_x32_4_table, [HT_SEG64] = hot_seg64_table,
    [HT_SEG32] = hot_seg32_table, [HT_SLOW] = hot_slow_table,
};

const char *const hot_names[HOT_COUNT] = {
    "none",
#define HOT(name) #name,
#include "cpu/hot_names.inc"
};

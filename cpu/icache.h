/*
 * icache.h - traces: where they are kept, found, built, linked and killed.
 */
#ifndef CPU_ICACHE_H
#define CPU_ICACHE_H

#include "cpu/hot.h"

#define JUMP_BITS    13
#define JUMP_ENTRIES (1u << JUMP_BITS)

/* Last trace seen for a branch target; good while the stamp matches. */
struct jump_entry {
    uint64_t rip, stamp;
    struct insn *first; /* its first slot */
    int64_t n;          /* its instructions */
};

static ALWAYS_INLINE unsigned jump_index(uint64_t rip)
{
    return ((uint32_t)rip * 0x9e3779b1u) >> (32 - JUMP_BITS);
}

bool icache_create(struct cpu *c);
void icache_destroy(struct cpu *c);

/* The trace at CS:RIP, at most `max` instructions long; raises the faults of
 * fetching. A trace cut short by `max` is good for one run only. */
struct trace *icache_lookup(struct cpu *c, int64_t max);
/* The one instruction at CS:RIP, whatever code points a debugger has. */
struct trace *icache_one(struct cpu *c);
/* No trace leads to another one: each branch comes to the run loop; each
 * instruction does if `single`. */
void icache_keep_apart(struct cpu *c, bool apart, bool single);
/* After icache_enter(c, t) of such a trace: did it leave by a taken branch?
 * *from: RIP of the branch. */
bool icache_branched(const struct cpu *c, const struct trace *t,
                     uint64_t *from);
/* Runs from the start of a trace until some handler leaves. */
void icache_enter(struct cpu *c, struct trace *t);

/* The mode id for the current mode_key and CS; sets c->stamp as well. */
void icache_set_mode(struct cpu *c);
/* Translations changed: nothing that depends on one may be followed. */
void icache_new_generation(struct cpu *c);
/* The generation of translations, and the way back to one that was left; it
 * begins a new one if that is 0 or too old. */
uint64_t icache_generation(const struct cpu *c);
void icache_resume(struct cpu *c, uint64_t generation);
/* Bytes at a physical address change: kills what was decoded from them. */
void icache_invalidate(struct cpu *c, uint64_t paddr, unsigned len);
/* Drops everything at the next lookup. */
void icache_flush_later(struct cpu *c);

/* Makes the flags of slot `due` minus 1 of a trace, whose result and operands
 * are still in their registers. */
void trace_flags_due(struct cpu *c, const struct trace *t, unsigned due);

/* Called by handlers that leave: patch this slot or stub with whatever the
 * next lookup finds. */
void icache_want_link(struct cpu *c, struct insn *i);
void icache_want_restamp(struct cpu *c, struct trace *stub);

#endif

/*
 * probe.c - where a debugger looks into a processor.
 */
#include "cpu/probe.h"
#include "cpu/icache.h"
#include "cpu/tlb.h"

/* Does the debugger (not a listener) want to know? */
static bool debugger_wants(const struct cpu *c, uint32_t what)
{
    return c->probe && c->probe->mask & what;
}

static void tell(const struct cpu *c, const struct probe_hit *h)
{
    const struct probe_listener *l = c->listener;

    if (l && l->mask & h->what)
        l->event(l->opaque, h);
}

void probe_begin(struct cpu *c)
{
    struct probe *p = c->probe;

    p->stop = false;
    p->hit_count = 0;
    p->pass_tick = c->dev.sv->clock->now;
}

void probe_changed(struct cpu *c)
{
    tlb_forget(c);
    icache_flush_later(c);
}

void probe_update(struct cpu *c)
{
    const uint32_t apart = PROBE_BRANCH | PROBE_INSN;
    uint32_t old = c->probe_mask;

    c->probe_mask =
        (c->probe ? c->probe->mask : 0) | (c->listener ? c->listener->mask : 0);
    if ((old ^ c->probe_mask) & apart)
        icache_keep_apart(c, (c->probe_mask & apart) != 0,
                          (c->probe_mask & PROBE_INSN) != 0);
    if ((old ^ c->probe_mask) & PROBE_DATA)
        tlb_forget(c);
    /* What runs now does not look at the mask any more. */
    c->attention = true;
}

void probe_record_branches(struct cpu *c, bool on)
{
    if (on)
        c->probe->mask |= PROBE_BRANCH;
    else
        c->probe->mask &= ~(uint32_t)PROBE_BRANCH;
    probe_update(c);
}

static bool sorted_has(const uint64_t *a, size_t n, uint64_t v)
{
    size_t low = 0;

    while (low < n) {
        size_t mid = low + (n - low) / 2;

        if (a[mid] == v)
            return true;
        if (a[mid] < v)
            low = mid + 1;
        else
            n = mid;
    }
    return false;
}

bool probe_code_at(const struct cpu *c, uint64_t rip, uint64_t laddr,
                   uint64_t paddr)
{
    const struct probe *p = c->probe;
    const uint64_t at[PROBE_SPACES] = {laddr, paddr, rip};

    if (!debugger_wants(c, PROBE_CODE))
        return false;
    for (unsigned s = 0; s < PROBE_SPACES; s++)
        if (sorted_has(p->code[s], p->code_count[s], at[s]))
            return true;
    return false;
}

static uint64_t next_linear(const struct cpu *c)
{
    return c->mode == MODE_LONG64 ? c->rip
                                  : (uint32_t)(c->rip + c->seg[SEG_CS].base);
}

/* Offsets of virtual points match in every segment: only `wants` looks at the
 * selector. */
static bool arrive(struct cpu *c, uint64_t la, uint64_t paddr)
{
    struct probe_hit h = {
        .what = PROBE_CODE, .addr = la, .paddr = paddr, .len = 1};
    struct probe *p = c->probe;

    if (!p->wants(p->opaque, &h)) {
        p->pass_tick = cpu_ticks(c);
        c->attention = true;
        return false;
    }
    probe_note(c, &h);
    return true;
}

bool probe_arrive(struct cpu *c)
{
    uint64_t la = next_linear(c);

    return arrive(c, la, tlb_fetch(c, la)->paddr | (la & PAGE_MASK));
}

bool probe_blocks(struct cpu *c)
{
    uint64_t la = next_linear(c), paddr;

    if (!(c->probe_mask & PROBE_CODE) || probe_passes(c))
        return false;
    paddr = tlb_fetch(c, la)->paddr | (la & PAGE_MASK);
    return probe_code_at(c, c->rip, la, paddr) && arrive(c, la, paddr);
}

bool probe_passes(struct cpu *c)
{
    return c->probe_mask & PROBE_CODE && c->probe->pass_tick == cpu_ticks(c);
}

/* The run ends behind this instruction if the debugger wants it. */
static void note_stop(struct cpu *c, const struct probe_hit *h)
{
    struct probe *p = c->probe;

    if (!debugger_wants(c, h->what) || !p->wants(p->opaque, h))
        return;
    p->stop = true;
    c->attention = true;
    /* A read-modify-write is one access, known by its write. */
    for (unsigned n = 0; n < p->hit_count; n++)
        if (p->hits[n].what == h->what && p->hits[n].addr == h->addr &&
            p->hits[n].len == h->len && !p->hits[n].write && h->write) {
            p->hits[n] = *h;
            return;
        }
    if (p->hit_count < PROBE_HITS)
        p->hits[p->hit_count++] = *h;
}

void probe_note(struct cpu *c, const struct probe_hit *h)
{
    tell(c, h);
    note_stop(c, h);
}

bool probe_fault(struct cpu *c)
{
    struct probe *p = c->probe;
    struct probe_hit h = {.what = PROBE_EXCEPTION,
                          .addr = c->fault.vector,
                          .value = c->fault.code};
    unsigned kept = 0;

    if (!p)
        return false;
    /* The instruction will be done again: so will its accesses. */
    for (unsigned n = 0; n < p->hit_count && !c->fault_depth; n++)
        if (!(p->hits[n].what & (PROBE_DATA | PROBE_MSR)) || p->hits[n].bus)
            p->hits[kept++] = p->hits[n];
    if (kept != p->hit_count && !c->fault_depth) {
        p->hit_count = kept;
        p->stop = kept != 0;
    }
    if (!(p->mask & PROBE_EXCEPTION))
        return false;
    if (c->fault_depth || p->fault_tick == cpu_ticks(c)) {
        /* What was being delivered cannot be asked for twice. */
        if (c->fault_depth)
            note_stop(c, &h);
        return false;
    }
    if (!p->wants(p->opaque, &h))
        return false;
    p->fault_tick = cpu_ticks(c);
    note_stop(c, &h);
    return true;
}

/* For the debugger: an interrupt, or an exception that is no fault. */
static void stop_at(struct cpu *c, const struct probe_hit *h)
{
    struct probe *p = c->probe;

    if (!debugger_wants(c, h->what))
        return;
    if (h->what == PROBE_INTERRUPT ||
        (h->addr == EXC_DB && p->fault_tick + 1 < cpu_ticks(c)))
        note_stop(c, h);
}

void probe_interrupt(struct cpu *c, unsigned vector, enum int_source source,
                     uint32_t code)
{
    bool exc = source == INT_EXC;
    struct probe_hit h = {.what = exc ? PROBE_EXCEPTION : PROBE_INTERRUPT,
                          .addr = vector,
                          .value = exc ? code : next_linear(c),
                          .write = source == INT_HARD};

    tell(c, &h);
    stop_at(c, &h);
}

/* ---- data ---- */

bool probe_watches_page(const struct cpu *c, uint64_t laddr, uint64_t paddr)
{
    const struct probe *p = c->probe;

    if (c->listener && c->listener->mask & PROBE_DATA)
        return true;
    if (!debugger_wants(c, PROBE_DATA))
        return false;
    for (size_t n = 0; n < p->data_count; n++) {
        const struct probe_range *r = &p->data[n];
        uint64_t page = (r->physical ? paddr : laddr) >> PAGE_SHIFT;

        if (page >= r->addr >> PAGE_SHIFT &&
            page <= (r->addr + r->len - 1) >> PAGE_SHIFT)
            return true;
    }
    return false;
}

void probe_access(struct cpu *c, uint64_t laddr, uint64_t paddr, unsigned len,
                  bool write, uint64_t old, uint64_t value)
{
    const struct probe *p = c->probe;
    struct probe_hit h = {.what = PROBE_DATA,
                          .addr = laddr,
                          .paddr = paddr,
                          .value = value,
                          .old = old,
                          .len = len,
                          .write = write};

    tell(c, &h);
    if (!debugger_wants(c, PROBE_DATA))
        return;
    for (size_t n = 0; n < p->data_count; n++) {
        const struct probe_range *r = &p->data[n];
        uint64_t at = r->physical ? paddr : laddr;

        if ((write ? r->write : r->read) &&
            at - r->addr + len - 1 < r->len + len - 1) {
            note_stop(c, &h);
            return;
        }
    }
}

void probe_bus(struct cpu *c, uint64_t paddr, size_t len, bool write,
               uint64_t value)
{
    const struct probe *p = c->probe;

    if (!debugger_wants(c, PROBE_DATA))
        return;
    for (size_t n = 0; n < p->data_count; n++) {
        const struct probe_range *r = &p->data[n];

        if (r->physical && (write ? r->write : r->read) &&
            paddr - r->addr + len - 1 < r->len + len - 1) {
            note_stop(c, &(struct probe_hit){.what = PROBE_DATA,
                                             .addr = paddr,
                                             .paddr = paddr,
                                             .value = value,
                                             .len = (unsigned)len,
                                             .write = write,
                                             .bus = true});
            return;
        }
    }
}

void probe_flush(struct cpu *c, unsigned what, uint64_t addr)
{
    tell(c,
         &(struct probe_hit){.what = PROBE_TLB, .addr = addr, .value = what});
}

/* ---- branches ---- */

static void branch(struct cpu *c, uint64_t from)
{
    struct probe *p = c->probe;

    tell(c, &(struct probe_hit){
                .what = PROBE_BRANCH, .addr = c->rip, .value = from});
    if (debugger_wants(c, PROBE_BRANCH))
        p->branches[p->branch_count++ % PROBE_BRANCHES] =
            (struct probe_branch){from, c->rip, c->seg[SEG_CS].selector};
}

/* ---- instructions ---- */

void probe_enter(struct cpu *c, struct trace *t)
{
    const struct probe_listener *l = c->listener;
    bool insn = l && l->mask & PROBE_INSN && t->n;
    uint64_t from;

    if (insn) {
        c->told_tick = cpu_ticks(c);
        c->told = true;
        l->before(l->opaque, t);
    }
    icache_enter(c, t);
    if (insn) {
        c->told = false;
        l->after(l->opaque, cpu_ticks(c) - c->told_tick);
    }
    if (c->probe_mask & PROBE_BRANCH && icache_branched(c, t, &from))
        branch(c, from);
}

void probe_cut_short(struct cpu *c)
{
    const struct probe_listener *l = c->listener;
    uint64_t ticks = cpu_ticks(c) - c->told_tick;

    if (c->told && l && ticks)
        l->after(l->opaque, ticks);
    c->told = false;
}

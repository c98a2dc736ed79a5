/*
 * icache.c - find, keep, link and kill traces.
 *
 * Three levels: a direct-mapped table by RIP (good while the stamp matches),
 * a hash by physical address, and building. A stamp is the translation
 * generation and the mode id, so one compare says that an address still
 * means the same bytes, decoded for the same mode.
 */
#include "cpu/exception.h"
#include "cpu/icache_int.h"
#include "cpu/probe.h"
#include <assert.h>
#include <stdlib.h>

static unsigned trace_hash(uint64_t paddr, uint32_t mode_id)
{
    uint64_t h = (paddr ^ ((uint64_t)mode_id << 40)) * 0x9e3779b97f4a7c15u;

    return (unsigned)(h >> 48) & (TRACE_HASH - 1);
}

static unsigned page_hash(uint64_t paddr)
{
    return (unsigned)((paddr >> PAGE_SHIFT) * 0x9e3779b1u >> 8) &
           (PAGE_HASH - 1);
}

static void forget_jumps(struct jump_entry *j)
{
    for (unsigned n = 0; n < JUMP_ENTRIES; n++)
        j[n] = (struct jump_entry){.stamp = UINT64_MAX};
}

bool icache_create(struct cpu *c)
{
    struct icache *ic = calloc(1, sizeof *ic);

    if (!ic)
        return false;
    ic->arena = malloc(ARENA_BYTES);
    if (!ic->arena) {
        free(ic);
        return false;
    }
    forget_jumps(ic->jumps);
    forget_jumps(ic->no_jumps);
    trace_facts(ic);
    c->icache = ic;
    c->jumps = ic->jumps;
    return true;
}

void icache_destroy(struct cpu *c)
{
    if (!c->icache)
        return;
    free(c->icache->arena);
    free(c->icache);
    c->icache = NULL;
}

static void set_stamp(struct cpu *c)
{
    c->stamp = c->icache->generation << MODE_ID_BITS | c->mode_id;
}

void icache_new_generation(struct cpu *c)
{
    icache_resume(c, 0);
}

uint64_t icache_generation(const struct cpu *c)
{
    return c->icache ? c->icache->generation : 0;
}

void icache_resume(struct cpu *c, uint64_t generation)
{
    struct icache *ic = c->icache;

    if (!ic)
        return;
    ic->generation = generation > ic->dropped ? generation : ++ic->newest;
    set_stamp(c);
}

/* All traces go: no generation that anybody remembers leads to one. */
static void drop_generations(struct cpu *c)
{
    c->icache->dropped = c->icache->newest;
    icache_new_generation(c);
}

static void forget_pages(struct cpu *c)
{
    struct icache *ic = c->icache;

    for (unsigned n = 0; n < PAGE_HASH; n++) {
        for (struct code_page *p = ic->pages[n]; p; p = p->next)
            phys_set_code(c->phys, p->page, false);
        ic->pages[n] = NULL;
    }
}

static void flush_now(struct cpu *c)
{
    struct icache *ic = c->icache;

    forget_pages(c);
    forget_jumps(ic->jumps);
    memset(ic->hash, 0, sizeof ic->hash);
    ic->used = 0;
    ic->flush = false;
    ic->want_link = NULL;
    ic->want_stamp = NULL;
    ic->scratch = NULL;
    ic->flushed++;
    drop_generations(c);
}

void icache_flush_later(struct cpu *c)
{
    c->icache->flush = true;
    c->icache->scratch = NULL;
    c->attention = true;
    drop_generations(c);
}

static bool mode_is(const struct mode_entry *m, const struct cpu *c)
{
    const struct segment *cs = &c->seg[SEG_CS];

    return m->key == c->mode_key && m->cs_base == cs->base &&
           m->cs_limit == cs->limit;
}

static unsigned mode_hash(const struct cpu *c)
{
    uint32_t h =
        c->mode_key ^ (uint32_t)c->seg[SEG_CS].base ^ c->seg[SEG_CS].limit << 7;

    return h * 0x9e3779b1u >> 24 & (MODE_HASH - 1);
}

/* Finds or makes the number of the mode. */
static unsigned mode_number(struct cpu *c)
{
    struct icache *ic = c->icache;
    const struct segment *cs = &c->seg[SEG_CS];
    unsigned n;

    for (n = 0; n < ic->mode_count; n++)
        if (mode_is(&ic->modes[n], c))
            return n;
    if (n == MODE_IDS) {
        /* Numbers are used up: start again with nothing cached. */
        ic->mode_count = n = 0;
        ic->flush = true;
        drop_generations(c);
    }
    ic->modes[n] = (struct mode_entry){cs->base, cs->limit, c->mode_key};
    ic->mode_count++;
    return n;
}

void icache_set_mode(struct cpu *c)
{
    struct icache *ic = c->icache;
    uint16_t *recent;

    if (LIKELY(c->mode_id < ic->mode_count &&
               mode_is(&ic->modes[c->mode_id], c))) {
        set_stamp(c);
        return;
    }
    recent = &ic->mode_recent[mode_hash(c)];
    if (*recent >= ic->mode_count || !mode_is(&ic->modes[*recent], c))
        *recent = (uint16_t)mode_number(c);
    c->mode_id = *recent;
    set_stamp(c);
}

void *icache_alloc(struct icache *ic, bool cached, size_t *scratch_used,
                   size_t n)
{
    void *p;

    n = (n + 31) & ~(size_t)31;
    if (cached) {
        p = ic->arena + ic->used;
        ic->used += n;
        assert(ic->used <= ARENA_BYTES);
    } else {
        p = (uint8_t *)ic->scratch_space + *scratch_used;
        *scratch_used += n;
        assert(*scratch_used <= SCRATCH_BYTES);
    }
    return p;
}

/* host: where the page is, NULL: not in memory. */
static struct code_page *page_get(struct cpu *c, uint64_t paddr,
                                  const uint8_t *host)
{
    struct icache *ic = c->icache;
    uint64_t page = paddr & ~(uint64_t)PAGE_MASK;
    struct code_page **head = &ic->pages[page_hash(page)], *p;

    for (p = *head; p; p = p->next)
        if (p->page == page)
            return p;
    p = icache_alloc(ic, true, NULL, sizeof *p);
    *p = (struct code_page){.page = page, .host = host, .next = *head};
    *head = p;
    phys_set_code(c->phys, page, true);
    if (host)
        tlb_protect_code(c, host);
    return p;
}

/* The page behind a crossing instruction: a write to it must be seen as well,
 * also while its translation is still in the TLB. */
static struct code_page *second_page(struct cpu *c, const struct trace *t)
{
    struct phys_page second;

    phys_lookup(c->phys, t->paddr2, &second);
    return page_get(c, t->paddr2, second.host);
}

static void hash_enter(struct icache *ic, struct trace *t)
{
    struct trace **head = &ic->hash[trace_hash(t->paddr, t->mode_id)];

    t->hash_next = *head;
    *head = t;
}

/* Enters a new trace into its pages' lists. */
/* Does the trace hold any of the n bytes at paddr? */
static bool trace_has(const struct trace *t, uint64_t paddr, unsigned n)
{
    unsigned first = PAGE_SIZE - (unsigned)(t->paddr & PAGE_MASK);

    first = t->bytes < first ? t->bytes : first;
    if (paddr < t->paddr + first && t->paddr < paddr + n)
        return true;
    return t->crosses && paddr < t->paddr2 + (t->bytes - first) &&
           t->paddr2 < paddr + n;
}

/* A trace comes or goes: brings up to date what is known of its bytes. */
static void memos_note(struct code_page *p, struct trace *t, bool comes)
{
    struct trace *before = comes ? NULL : t;

    for (unsigned n = 0; n < CODE_MEMOS; n++) {
        struct code_memo *m = &p->memo[n];

        if (!m->n || !trace_has(t, p->page + m->at, m->n))
            continue;
        if (m->only == before)
            m->only = comes ? t : NULL;
        else
            m->n = 0; /* there are several */
    }
}

static void page_add(struct code_page *p, struct trace **next, struct trace *t,
                     uint32_t chunks)
{
    *next = p->traces;
    p->traces = t;
    p->chunks |= chunks;
    memos_note(p, t, true);
}

static void trace_publish(struct cpu *c, struct trace *t,
                          const struct itlb_entry *f)
{
    page_add(page_get(c, t->paddr, f->page.host), &t->page_next, t, t->chunks);
    if (t->crosses)
        page_add(second_page(c, t), &t->page2_next, t, t->chunks2);
}

static struct trace **list_next(struct trace *t, uint64_t page)
{
    return (t->paddr & ~(uint64_t)PAGE_MASK) == page ? &t->page_next
                                                     : &t->page2_next;
}

/* A dead trace stays in the hash: the next one of its address, mode and number
 * of instructions is built in its place, where links lead already. */
static void trace_kill(struct icache *ic, struct trace *t)
{
    struct jump_entry *j = &ic->jumps[jump_index(t->rip)];

    if (t->dead)
        return;
    t->dead = true;
    ic->killed++;
    for (unsigned n = 0; n < t->slots; n++)
        t->insn[n].fn = hot_resync;
    if (j->first == t->insn)
        j->stamp = UINT64_MAX;
}

static void page_remove(struct code_page *p, struct trace *t)
{
    for (struct trace **q = &p->traces; *q; q = list_next(*q, p->page))
        if (*q == t) {
            *q = *list_next(t, p->page);
            memos_note(p, t, false);
            return;
        }
}

/* Removes t from the lists of the page it shares with another one. */
static void page_unlink(struct icache *ic, struct trace *t, uint64_t page)
{
    for (struct code_page *p = ic->pages[page_hash(page)]; p; p = p->next)
        if (p->page == page)
            page_remove(p, t);
}

/* The end of a trace that has been taken out of the list of page p. */
static void trace_end(struct icache *ic, struct code_page *p, struct trace *t)
{
    uint64_t first = t->paddr & ~(uint64_t)PAGE_MASK;

    if (t->crosses)
        page_unlink(ic, t, first == p->page ? t->paddr2 : first);
    trace_kill(ic, t);
}

static uint32_t chunk_mask(uint64_t paddr, unsigned len)
{
    unsigned first = (paddr & PAGE_MASK) >> 7;
    unsigned last = (unsigned)((paddr & PAGE_MASK) + len - 1) >> 7;

    last = last > 31 ? 31 : last;
    return (UINT32_MAX >> (31 - last)) & (UINT32_MAX << first);
}

static struct code_memo *memo_of(struct code_page *p, uint64_t paddr)
{
    return &p->memo[paddr >> 1 & (CODE_MEMOS - 1)];
}

/* Patches or kills the traces of a page that hold any of the n bytes at
 * paddr. */
static void page_search(struct cpu *c, struct code_page *p, uint64_t paddr,
                        unsigned n)
{
    struct trace **q = &p->traces, *only = NULL;
    unsigned patched = 0;
    uint32_t left = 0;

    while (*q) {
        struct trace *t = *q;
        bool first = (t->paddr & ~(uint64_t)PAGE_MASK) == p->page;
        bool has = trace_has(t, paddr, n);

        if (!has || trace_patch(c, t, paddr, n, p->host)) {
            left |= first ? t->chunks : t->chunks2;
            patched += has;
            only = has ? t : only;
            q = list_next(t, p->page);
            continue;
        }
        *q = *list_next(t, p->page);
        memos_note(p, t, false);
        trace_end(c->icache, p, t);
    }
    p->chunks = left;
    if (patched <= 1)
        *memo_of(p, paddr) =
            (struct code_memo){paddr & PAGE_MASK, (uint16_t)n, only};
}

/* The same; bytes that are written again and again, such as those that a
 * loader puts into its code before each BIOS call, are found at once. What was
 * made last stands first in the list. */
static void page_invalidate(struct cpu *c, struct code_page *p, uint64_t paddr,
                            unsigned n)
{
    struct code_memo *m = memo_of(p, paddr);
    struct trace *t = m->only;

    if (m->n != n || m->at != (paddr & PAGE_MASK)) {
        page_search(c, p, paddr, n);
    } else if (t && !trace_patch(c, t, paddr, n, p->host)) {
        page_remove(p, t);
        trace_end(c->icache, p, t);
    }
}

void icache_invalidate(struct cpu *c, uint64_t paddr, unsigned len)
{
    struct icache *ic = c->icache;
    uint64_t killed = ic->killed;

    while (len) {
        uint64_t page = paddr & ~(uint64_t)PAGE_MASK;
        unsigned room = PAGE_SIZE - (unsigned)(paddr & PAGE_MASK);
        unsigned n = len < room ? len : room;
        uint32_t mask = chunk_mask(paddr, n);
        struct trace *s = ic->scratch;

        for (struct code_page *p = ic->pages[page_hash(page)]; p; p = p->next)
            if (p->page == page && (p->chunks & mask))
                page_invalidate(c, p, paddr, n);
        if (s && trace_has(s, paddr, n))
            trace_kill(ic, s);
        paddr += n;
        len -= n;
    }
    /* A REP that writes over itself must be decoded again. */
    if (ic->killed != killed)
        c->attention = true;
}

void icache_want_link(struct cpu *c, struct insn *i)
{
    struct icache *ic = c->icache;

    /* A trace cut short lives for one run only; but branches are told. */
    if (ic->apart || trace_of(i) != ic->scratch)
        ic->want_link = i;
}

void icache_want_restamp(struct cpu *c, struct trace *stub)
{
    c->icache->want_stamp = stub;
}

/* A stub that checks the stamp, for links that depend on a translation. */
static struct trace *stub_make(struct cpu *c, struct trace *to)
{
    struct trace *s =
        icache_alloc(c->icache, true, NULL, sizeof *s + sizeof(struct insn));

    memset(s, 0, sizeof *s + sizeof(struct insn));
    s->rip = to->rip;
    s->slots = 1;
    s->stamp = c->stamp;
    s->insn[0].fn = hot_far;
    hot_link(&s->insn[0], 0, to);
    return s;
}

/* What is found where a debugger has a code point: no instruction, only a
 * slot that says so. */
static struct trace *probe_make(struct cpu *c, uint64_t paddr)
{
    struct trace *t =
        icache_alloc(c->icache, true, NULL, sizeof *t + sizeof(struct insn));

    memset(t, 0, sizeof *t + sizeof(struct insn));
    t->rip = c->rip;
    t->cs_base = c->seg[SEG_CS].base;
    t->paddr = paddr;
    t->mode_id = c->mode_id;
    t->slots = 1;
    t->insn[0].fn = hot_probe;
    return t;
}

/* Connects the slot (or stub) that led to this lookup with its result. */
static void link_up(struct cpu *c, struct trace *t)
{
    struct icache *ic = c->icache;
    struct insn *i = ic->want_link;
    struct trace *stub = ic->want_stamp;

    ic->want_link = NULL;
    ic->want_stamp = NULL;
    if (stub && stub != t && stub->rip == t->rip && !t->dead) {
        hot_link(&stub->insn[0], stub->n, t);
        stub->stamp = c->stamp;
    }
    if (i && !ic->apart) {
        struct trace *from = trace_of(i);
        bool near = !t->crosses && !from->crosses &&
                    (from->rip >> PAGE_SHIFT) == (t->rip >> PAGE_SHIFT) &&
                    (from->paddr >> PAGE_SHIFT) == (t->paddr >> PAGE_SHIFT);

        if (from->dead || from->mode_id != t->mode_id ||
            from->cold[i->idx].target != t->rip)
            return;
        hot_link(i, i->refund, near ? t : stub_make(c, t));
    }
}

/* Second level: by physical address. */
static struct trace *find(struct cpu *c, uint64_t la, uint64_t paddr)
{
    struct icache *ic = c->icache;
    struct trace *t = ic->hash[trace_hash(paddr, c->mode_id)];

    for (; t; t = t->hash_next) {
        if (t->paddr != paddr || t->rip != c->rip || t->mode_id != c->mode_id ||
            t->dead)
            continue;
        if (t->crosses) {
            uint64_t last = (la | PAGE_MASK) + 1;

            last = cpu_long(c) ? last : (uint32_t)last;
            if (tlb_fetch(c, last)->paddr != t->paddr2)
                continue;
        }
        return t;
    }
    return NULL;
}

/* Between the levels: after a flush mostly the same trace is found again. */
static struct trace *find_again(const struct cpu *c, const struct jump_entry *j,
                                uint64_t paddr)
{
    struct trace *t;

    if (!j->first)
        return NULL;
    t = trace_of(j->first);
    return t->paddr == paddr && t->rip == c->rip && t->mode_id == c->mode_id &&
                   !t->dead && !t->crosses
               ? t
               : NULL;
}

static bool is_dead_one(const struct cpu *c, const struct trace *t,
                        uint64_t paddr)
{
    return t->dead && t->paddr == paddr && t->rip == c->rip &&
           t->mode_id == c->mode_id;
}

struct trace *icache_find_dead(const struct cpu *c, uint64_t paddr, unsigned n,
                               size_t room)
{
    struct trace *t = c->icache->hash[trace_hash(paddr, c->mode_id)];

    for (; t; t = t->hash_next)
        if (is_dead_one(c, t, paddr) && t->n == n && t->room >= room)
            return t;
    return NULL;
}

/* Links that know another number of instructions lead to dead traces, and
 * from there to the new one. Of code that is never the same twice a few are
 * kept; what leads to others looks the trace up. */
static void forward_dead(struct cpu *c, struct trace *t)
{
    struct trace **q = &c->icache->hash[trace_hash(t->paddr, t->mode_id)];
    unsigned kept = 0;

    while (*q) {
        struct trace *d = *q;

        if (is_dead_one(c, d, t->paddr)) {
            d->insn[0].fn = hot_far;
            hot_link(&d->insn[0], d->n, t);
            d->stamp = c->stamp;
            if (++kept > DEAD_KEPT) {
                *q = d->hash_next;
                continue;
            }
        }
        q = &d->hash_next;
    }
}

/* A new trace, in the place of a dead one if that is possible. */
static struct trace *make(struct cpu *c, uint64_t la,
                          const struct itlb_entry *f, unsigned most)
{
    struct icache *ic = c->icache;
    struct trace *t;
    bool replaces;

    if (ic->want_link && trace_of(ic->want_link)->dead)
        ic->want_link = NULL;
    t = trace_build(c, la, f, most, true, &replaces);
    if (!replaces)
        hash_enter(ic, t);
    forward_dead(c, t);
    trace_publish(c, t, f);
    return t;
}

void icache_keep_apart(struct cpu *c, bool apart, bool single)
{
    struct icache *ic = c->icache;

    ic->apart = apart;
    ic->single = single;
    c->jumps = apart ? ic->no_jumps : ic->jumps;
    icache_flush_later(c);
}

static uint64_t code_linear(struct cpu *c)
{
    uint64_t la;

    if (c->mode == MODE_LONG64) {
        la = c->rip;
        if ((uint64_t)((int64_t)(la << 16) >> 16) != la)
            cpu_fault_why(c, EXC_GP, 0, "RIP not canonical");
        return la;
    }
    if (c->rip > c->seg[SEG_CS].limit) {
        if (!(c->quirks & QUIRK_WRAP_64K))
            cpu_fault_why(c, EXC_GP, 0, "EIP beyond CS limit");
        c->insn_rip = c->rip &= 0xffff;
    }
    return (uint32_t)(c->seg[SEG_CS].base + c->rip);
}

/* A trace of at most n instructions, good for one run. */
static struct trace *scratch_trace(struct cpu *c, uint64_t la,
                                   const struct itlb_entry *f, unsigned n)
{
    struct icache *ic = c->icache;
    uint64_t paddr = f->paddr | (la & PAGE_MASK);
    bool no;
    struct trace *t = trace_build(c, la, f, f->page.host ? n : 1, false, &no);

    page_get(c, paddr, f->page.host)->chunks |= t->chunks;
    if (t->crosses)
        second_page(c, t)->chunks |= t->chunks2;
    ic->scratch = t;
    ic->want_link = NULL;
    ic->want_stamp = NULL;
    return t;
}

static void make_room(struct cpu *c)
{
    struct icache *ic = c->icache;

    ic->scratch = NULL;
    if (UNLIKELY(ic->flush ||
                 ic->used + (size_t)(TRACE_MAX + 4) * 256 > ARENA_BYTES))
        flush_now(c);
}

struct trace *icache_one(struct cpu *c)
{
    uint64_t la;

    make_room(c);
    c->insn_rip = c->rip;
    la = code_linear(c);
    return scratch_trace(c, la, tlb_fetch(c, la), 1);
}

struct trace *icache_lookup(struct cpu *c, int64_t max)
{
    struct icache *ic = c->icache;
    struct jump_entry *j = &ic->jumps[jump_index(c->rip)];
    const struct itlb_entry *f;
    unsigned most = ic->single ? 1 : TRACE_MAX;
    struct trace *t;
    uint64_t la, paddr;

    make_room(c);
    if (LIKELY(j->rip == c->rip && j->stamp == c->stamp)) {
        t = trace_of(j->first);
        if (j->n <= max) {
            if (ic->want_link || ic->want_stamp)
                link_up(c, t);
            return t;
        }
    }
    ic->looked_up++;
    __builtin_prefetch(j->first);
    c->insn_rip = c->rip;
    la = code_linear(c);
    f = tlb_fetch(c, la);
    paddr = f->paddr | (la & PAGE_MASK);
    t = find_again(c, j, paddr);
    if (!t)
        t = find(c, la, paddr);
    if (t && (int64_t)t->n > max) {
        t = NULL;
    } else if (!t && UNLIKELY(probe_code_at(c, c->rip, la, paddr))) {
        t = probe_make(c, paddr);
        hash_enter(ic, t);
        trace_publish(c, t, f);
    } else if (!t && max >= most && f->page.host && !trace_wraps(c)) {
        t = make(c, la, f, most);
    }
    if (!t)
        return scratch_trace(c, la, f, max > most ? most : (unsigned)max);
    *j = (struct jump_entry){c->rip, c->stamp, t->insn, t->n};
    if (ic->want_link || ic->want_stamp)
        link_up(c, t);
    return t;
}

void icache_enter(struct cpu *c, struct trace *t)
{
#if HOT_LOOP
    struct insn *i = t->insn;

    c->budget -= t->n;
    while (i)
        i = i->fn(c, c->budget, i);
#else
    t->insn[0].fn(c, c->budget - t->n, t->insn);
#endif
}

bool icache_branched(const struct cpu *c, const struct trace *t, uint64_t *from)
{
    const struct insn *i = c->icache->want_link;
    const struct slot_cold *last;

    if (!t->n || t->dead)
        return false;
    /* A direct branch asks for its link; at the end of a trace the next one
     * begins there, which is no branch. */
    if (i && trace_of((struct insn *)i) == t) {
        const struct slot_cold *k = &t->cold[i->idx];

        if (!k->len)
            return false; /* the slot that ends a trace */
        if (i->refund != t->n - k->before - 1)
            k++; /* fused with the comparison: the branch is behind it */
        *from = t->rip + k->off;
        return c->rip != *from + k->len;
    }
    last = &t->cold[t->slots - 1];
    *from = t->rip + last->off;
    return last->len && c->rip != *from + last->len &&
           (c->rip < t->rip || c->rip > *from);
}

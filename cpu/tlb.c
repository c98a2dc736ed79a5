/*
 * tlb.c - fill and flush the translation caches.
 *
 * Flushing bumps the generation in c->stamp, so that links and hashes that
 * depend on a translation are checked again. Each TLB has generations of its
 * own: with a PCID its links and hashes come back. SDM vol. 3, 4.10.
 */
#include "cpu/tlb.h"
#include "cpu/debugreg.h"
#include "cpu/icache.h"
#include "cpu/paging.h"
#include "cpu/probe.h"
#include <stdlib.h>

#define BANK_ALIGN 64u /* entries do not cross lines of the host's caches */

/* ---- sets of pages ---- */

static unsigned small_bit(uint64_t la)
{
    uint64_t page = la >> PAGE_SHIFT;

    return (unsigned)(page ^ page >> 12 ^ page >> 24) & (PAGE_SET_BITS - 1);
}

static unsigned large_bit(uint64_t la)
{
    return (unsigned)(la >> 22) & (PAGE_SET_LARGE - 1);
}

static void set_add(struct page_set *s, uint64_t la, unsigned shift)
{
    unsigned k = shift == PAGE_SHIFT ? small_bit(la) : large_bit(la);
    uint64_t *words = shift == PAGE_SHIFT ? s->small : s->large;

    words[k / 64] |= UINT64_C(1) << (k % 64);
    s->giant |= shift > 22;
}

static bool set_has_large(const struct page_set *s, uint64_t la)
{
    unsigned k = large_bit(la);

    return s->giant || s->large[k / 64] >> (k % 64) & 1;
}

static bool set_has(const struct page_set *s, uint64_t la)
{
    unsigned k = small_bit(la);

    return s->small[k / 64] >> (k % 64) & 1 || set_has_large(s, la);
}

/* ---- emptying ---- */

static void slot_clear(struct tlb *t, unsigned r, unsigned n)
{
    t->data[r][n].tag_r = t->data[r][n].tag_w = tlb_none(n);
    t->slow[r][n].tag = tlb_none(n);
}

/* Empties the slots in the list, all or those that are not global. */
static void clear_data(struct tlb *t, bool keep_global)
{
    unsigned kept = 0;

    for (unsigned k = 0; k < t->filled_count; k++) {
        unsigned r = t->filled[k] / TLB_ENTRIES, n = t->filled[k] % TLB_ENTRIES;

        if (keep_global && t->slow[r][n].global) {
            t->filled[kept++] = t->filled[k];
            continue;
        }
        slot_clear(t, r, n);
        t->slow[r][n].listed = false;
    }
    t->filled_count = kept;
}

static void clear_fetch(struct tlb *t, bool keep_global)
{
    unsigned kept = 0;

    if (t->filled_fetch_count)
        t->code = (struct page_set){0};
    for (unsigned k = 0; k < t->filled_fetch_count; k++) {
        unsigned n = t->filled_fetch[k];
        struct itlb_entry *f = &t->fetch[n];

        if (keep_global && f->global) {
            t->filled_fetch[kept++] = (uint16_t)n;
            set_add(&t->code, f->tag, f->shift);
            continue;
        }
        f->tag = tlb_none(n);
        f->listed = false;
    }
    t->filled_fetch_count = kept;
}

/* Links that were good with the translations of t are not any more. */
static void end_generation(struct cpu *c, struct tlb *t)
{
    if (t == c->tlb)
        icache_new_generation(c);
    else
        t->generation = 0;
}

static void told(struct cpu *c, unsigned what, uint64_t addr)
{
    if (UNLIKELY(c->probe_mask & PROBE_TLB))
        probe_flush(c, what, addr);
}

static void drop_local(struct cpu *c, struct tlb *t)
{
    clear_data(t, true);
    clear_fetch(t, true);
    end_generation(c, t);
}

static void drop_all(struct cpu *c, struct tlb *t)
{
    clear_data(t, false);
    clear_fetch(t, false);
    t->pieces = (struct page_set){0};
    end_generation(c, t);
}

/* ---- one for each PCID ---- */

/* SDM vol. 3, 4.10.1: without PCIDE the current PCID is 0. */
static unsigned current_pcid(const struct cpu *c)
{
    return c->cr4 & CR4_PCIDE ? c->cr3 & (PCIDS - 1) : 0;
}

static struct tlb *find_bank(struct tlb_set *s, unsigned pcid)
{
    return s->bank_of[pcid] ? &s->bank[s->bank_of[pcid] - 1] : NULL;
}

/* Zero is the tag of page 0, so it matches nothing in all slots but one: a
 * TLB that is not used needs no memory of the host. */
static void bank_init(struct tlb *t)
{
    for (unsigned r = 0; r < RIGHTS_COUNT; r++)
        slot_clear(t, r, 0);
    t->fetch[0].tag = tlb_none(0);
}

/* Gives the one that was not chosen for the longest time to another PCID. */
static struct tlb *take_bank(struct cpu *c, unsigned pcid)
{
    struct tlb_set *s = c->tlbs;
    struct tlb *t = s->bank;

    for (unsigned k = 1; k < TLB_BANKS; k++)
        if (s->bank[k].used < t->used)
            t = &s->bank[k];
    if (t->used) {
        drop_all(c, t);
        s->bank_of[t->pcid] = 0;
    } else {
        bank_init(t);
    }
    t->pcid = (uint16_t)pcid;
    s->bank_of[pcid] = (uint8_t)(t - s->bank + 1);
    return t;
}

void tlb_switch_pcid(struct cpu *c)
{
    unsigned pcid = current_pcid(c);
    struct tlb *t = find_bank(c->tlbs, pcid);

    if (t == c->tlb)
        return;
    if (!t)
        t = take_bank(c, pcid);
    c->tlb->generation = icache_generation(c);
    t->used = ++c->tlbs->clock;
    c->tlb = t;
    c->dtlb = t->data[c->access_rights];
    icache_resume(c, t->generation);
}

/* ---- flushing ---- */

/* Guests that switch modes in a loop flush often and fill little. */
void tlb_forget(struct cpu *c)
{
    struct tlb_set *s = c->tlbs;

    for (unsigned k = 0; k < TLB_BANKS; k++)
        if (s->bank[k].used)
            drop_all(c, &s->bank[k]);
    s->global = (struct page_set){0};
    tlb_switch_pcid(c);
}

void tlb_flush_all(struct cpu *c)
{
    told(c, PROBE_FLUSH_ALL, 0);
    tlb_forget(c);
}

void tlb_flush_nonglobal(struct cpu *c)
{
    told(c, PROBE_FLUSH_LOCAL, 0);
    drop_local(c, c->tlb);
}

void tlb_flush_pcid(struct cpu *c, uint16_t pcid)
{
    struct tlb *t = find_bank(c->tlbs, pcid);

    told(c, PROBE_FLUSH_PCID, pcid);
    if (t)
        drop_local(c, t);
}

void tlb_flush_pcids(struct cpu *c)
{
    struct tlb_set *s = c->tlbs;

    told(c, PROBE_FLUSH_LOCAL, 0);
    for (unsigned k = 0; k < TLB_BANKS; k++)
        if (s->bank[k].used)
            drop_local(c, &s->bank[k]);
}

/* 4.10.4.1: all translations of the large page that holds la. */
static void drop_large(struct tlb *t, uint64_t la, bool global_only)
{
    for (unsigned k = 0; k < t->filled_count; k++) {
        unsigned r = t->filled[k] / TLB_ENTRIES, n = t->filled[k] % TLB_ENTRIES;
        const struct tlb_slow *s = &t->slow[r][n];

        if (s->shift != PAGE_SHIFT && (s->tag ^ la) >> s->shift == 0 &&
            (s->global || !global_only))
            slot_clear(t, r, n);
    }
    for (unsigned k = 0; k < t->filled_fetch_count; k++) {
        struct itlb_entry *f = &t->fetch[t->filled_fetch[k]];

        if (f->shift != PAGE_SHIFT && (f->tag ^ la) >> f->shift == 0 &&
            (f->global || !global_only))
            f->tag = tlb_none(t->filled_fetch[k]);
    }
}

static void drop_page(struct cpu *c, struct tlb *t, uint64_t la,
                      bool global_only)
{
    unsigned n = tlb_index(la), f = n & (ITLB_ENTRIES - 1);

    for (unsigned r = 0; r < RIGHTS_COUNT; r++)
        if (!global_only || t->slow[r][n].global)
            slot_clear(t, r, n);
    if (!global_only || t->fetch[f].global)
        t->fetch[f].tag = tlb_none(f);
    if (set_has_large(&t->pieces, la))
        drop_large(t, la, global_only);
    if (set_has(&t->code, la))
        end_generation(c, t);
}

void tlb_flush_page(struct cpu *c, uint64_t la)
{
    struct tlb_set *s = c->tlbs;

    told(c, PROBE_FLUSH_PAGE, la);
    drop_page(c, c->tlb, la, false);
    if (!set_has(&s->global, la))
        return;
    for (unsigned k = 0; k < TLB_BANKS; k++)
        if (s->bank[k].used && &s->bank[k] != c->tlb)
            drop_page(c, &s->bank[k], la, true);
}

/* Global pages need not be dropped, but may. */
void tlb_flush_pcid_page(struct cpu *c, uint16_t pcid, uint64_t la)
{
    struct tlb *t = find_bank(c->tlbs, pcid);

    told(c, PROBE_FLUSH_PAGE, la);
    if (t)
        drop_page(c, t, la, false);
}

/* Takes the write tags of one host page away, NULL: of all. */
static void drop_bank_writes(struct tlb *t, const uint8_t *host)
{
    for (unsigned k = 0; k < t->filled_count; k++) {
        unsigned r = t->filled[k] / TLB_ENTRIES, n = t->filled[k] % TLB_ENTRIES;
        struct tlb_entry *e = &t->data[r][n];

        if (!host || e->host == host)
            e->tag_w = tlb_none(n);
    }
}

static void drop_writes(struct cpu *c, const uint8_t *host)
{
    for (unsigned k = 0; k < TLB_BANKS; k++)
        drop_bank_writes(&c->tlbs->bank[k], host);
}

void tlb_protect_code(struct cpu *c, const uint8_t *host)
{
    drop_writes(c, host);
}

const uint8_t *tlb_table_find(struct cpu *c, uint64_t page)
{
    struct table_page *e =
        &c->tlbs->tables[page >> PAGE_SHIFT & (TABLE_PAGES - 1)];
    struct phys_page p;

    phys_lookup(c->phys, page, &p);
    *e = (struct table_page){page + 1, p.host};
    return p.host;
}

static void on_remap(void *opaque)
{
    struct cpu *c = opaque;

    memset(c->tlbs->tables, 0, sizeof c->tlbs->tables);
    tlb_forget(c);
    icache_flush_later(c);
}

static void on_clean(void *opaque)
{
    drop_writes(opaque, NULL);
}

static void on_code_write(void *opaque, uint64_t paddr, unsigned len)
{
    icache_invalidate(opaque, paddr, len);
}

/* SDM vol. 3, 8.10.4: a write to the line that MONITOR was given. */
static void monitor_write(struct cpu *c, uint64_t paddr, size_t len)
{
    enum { LINE = 64 }; /* CPUID leaf 5 */

    if (paddr >= c->monitor.paddr + LINE || paddr + len <= c->monitor.paddr)
        return;
    c->monitor.armed = false;
    if (c->events & EV_MWAIT)
        c->events &= ~(uint32_t)EV_WAITS;
}

/* Devices, and the processor's own accesses to system management memory. */
static void on_transfer(void *opaque, uint64_t paddr, size_t len, bool write,
                        const uint8_t *bytes)
{
    struct cpu *c = opaque;
    uint8_t first[8] = {0};

    if (write && (c->monitor.armed || c->events & EV_MWAIT))
        monitor_write(c, paddr, len);
    if (LIKELY(!(c->probe_mask & PROBE_DATA) || !c->running))
        return;
    if (bytes)
        memcpy(first, bytes, len < 8 ? len : 8);
    probe_bus(c, paddr, len, write, ld_le64(first));
}

bool tlb_create(struct cpu *c)
{
    struct tlb_set *s = calloc(1, sizeof *s);
    size_t room = TLB_BANKS * sizeof *s->bank + BANK_ALIGN;

    if (!s)
        return false;
    s->memory = calloc(1, room);
    if (!s->memory) {
        free(s);
        return false;
    }
    s->bank = (struct tlb *)(((uintptr_t)s->memory + BANK_ALIGN - 1) &
                             ~(uintptr_t)(BANK_ALIGN - 1));
    c->tlbs = s;
    c->tlb = take_bank(c, 0);
    c->tlb->used = ++s->clock;
    c->dtlb = c->tlb->data[RIGHTS_SUPER];
    s->listener = (struct phys_listener){.opaque = c,
                                         .remap = on_remap,
                                         .clean = on_clean,
                                         .code_write = on_code_write,
                                         .transfer = on_transfer};
    phys_listen(c->phys, &s->listener);
    return true;
}

void tlb_destroy(struct cpu *c)
{
    if (!c->tlbs)
        return;
    free(c->tlbs->memory);
    free(c->tlbs);
    c->tlbs = NULL;
    c->tlb = NULL;
}

/*
 * Gives the fast path what it may do alone. A page that a debug register or
 * the debugger watches stays slow altogether.
 */
static void set_fast(struct cpu *c, struct tlb_entry *e, struct tlb_slow *s)
{
    const struct phys_page *p = &s->page;
    bool watched =
        debug_watches_page(c, s->tag) ||
        (c->probe_mask & PROBE_DATA && probe_watches_page(c, s->tag, e->paddr));
    uint64_t none = tlb_none(tlb_index(s->tag));

    e->host = p->host;
    e->tag_r = p->host && !watched ? s->tag : none;
    e->tag_w = none;
    if (!p->host || !p->writable || !s->write_ok || watched)
        return;
    if (p->flags && (*p->flags & PAGE_CODE))
        return;
    if (p->flags)
        *p->flags |= PAGE_WRITTEN;
    e->tag_w = s->tag;
}

/* For what drops it. */
static void note(struct cpu *c, uint64_t la, const struct walk *w)
{
    if (w->page_shift != PAGE_SHIFT)
        set_add(&c->tlb->pieces, la, w->page_shift);
    if (w->global)
        set_add(&c->tlbs->global, la, w->page_shift);
}

const struct tlb_slow *tlb_get(struct cpu *c, uint64_t la, bool write,
                               enum tlb_rights rights)
{
    unsigned n = tlb_index(la);
    struct tlb_slow *s = &c->tlb->slow[rights][n];
    struct tlb_entry *e = &c->tlb->data[rights][n];
    uint64_t page = la & ~(uint64_t)PAGE_MASK;
    struct walk w;

    if (s->tag == page && (!write || s->write_ok)) {
        if (write && e->tag_w != page)
            set_fast(c, e, s);
        return s;
    }
    if (!paging_walk(c, la, write ? WALK_WRITE : WALK_READ,
                     rights == RIGHTS_USER, rights == RIGHTS_SUPER, &w))
        cpu_page_fault(c, la, w.error);
    phys_lookup(c->phys, w.paddr, &s->page);
    s->tag = page;
    /* CR0.WP matters here: the walk has allowed this very write. */
    s->write_ok = write || (w.writable && w.dirty);
    s->global = w.global;
    s->shift = w.page_shift;
    note(c, la, &w);
    if (!s->listed) {
        s->listed = true;
        c->tlb->filled[c->tlb->filled_count++] =
            (uint16_t)(rights * TLB_ENTRIES + n);
    }
    e->paddr = w.paddr;
    set_fast(c, e, s);
    return s;
}

const struct itlb_entry *tlb_fetch(struct cpu *c, uint64_t la)
{
    uint64_t page = la & ~(uint64_t)PAGE_MASK;
    uint64_t tag = page | (c->cpl == 3);
    unsigned n = tlb_index(la) & (ITLB_ENTRIES - 1);
    struct itlb_entry *f = &c->tlb->fetch[n];
    struct walk w;

    if (f->tag == tag)
        return f;
    if (!paging_walk(c, la, WALK_FETCH, c->cpl == 3, false, &w))
        cpu_page_fault(c, la, w.error);
    phys_lookup(c->phys, w.paddr, &f->page);
    f->tag = tag;
    f->paddr = w.paddr;
    f->global = w.global;
    f->shift = w.page_shift;
    note(c, la, &w);
    set_add(&c->tlb->code, la, w.page_shift);
    if (!f->listed) {
        f->listed = true;
        c->tlb->filled_fetch[c->tlb->filled_fetch_count++] = (uint16_t)n;
    }
    return f;
}

/*
 * tlb.c - fill and flush the translation caches.
 *
 * Flushing bumps the generation in c->stamp, so that links and hashes that
 * depend on a translation are checked again. SDM vol. 3, 4.10.
 */
#include "cpu/tlb.h"
#include "cpu/debugreg.h"
#include "cpu/icache.h"
#include "cpu/paging.h"
#include "cpu/probe.h"
#include <stdlib.h>

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

    for (unsigned k = 0; k < t->filled_fetch_count; k++) {
        unsigned n = t->filled_fetch[k];

        if (keep_global && t->fetch[n].global) {
            t->filled_fetch[kept++] = (uint16_t)n;
            continue;
        }
        t->fetch[n].tag = tlb_none(n);
        t->fetch[n].listed = false;
    }
    t->filled_fetch_count = kept;
}

static void told(struct cpu *c, unsigned what, uint64_t addr)
{
    if (UNLIKELY(c->probe_mask & PROBE_TLB))
        probe_flush(c, what, addr);
}

/* Guests that switch modes in a loop flush often and fill little. */
void tlb_forget(struct cpu *c)
{
    struct tlb *t = c->tlb;

    clear_data(t, false);
    clear_fetch(t, false);
    memset(t->large, 0, sizeof t->large);
    t->giant = false;
    icache_new_generation(c);
}

void tlb_flush_all(struct cpu *c)
{
    told(c, PROBE_FLUSH_ALL, 0);
    tlb_forget(c);
}

static void drop_local(struct cpu *c)
{
    clear_data(c->tlb, true);
    clear_fetch(c->tlb, true);
    icache_new_generation(c);
}

void tlb_flush_nonglobal(struct cpu *c)
{
    told(c, PROBE_FLUSH_LOCAL, 0);
    drop_local(c);
}

/* ---- large pages ---- */

static unsigned large_region(uint64_t la)
{
    return (unsigned)(la >> 22) & (LARGE_REGIONS - 1);
}

static void note_large(struct tlb *t, uint64_t la, unsigned shift)
{
    unsigned k = large_region(la);

    if (shift == PAGE_SHIFT)
        return;
    t->large[k / 64] |= UINT64_C(1) << (k % 64);
    t->giant |= shift > 22;
}

static bool large_near(const struct tlb *t, uint64_t la)
{
    unsigned k = large_region(la);

    return t->giant || t->large[k / 64] >> (k % 64) & 1;
}

/* SDM vol. 3, 4.10.4.1: all translations of the page that holds la. */
static void drop_large(struct tlb *t, uint64_t la)
{
    for (unsigned k = 0; k < t->filled_count; k++) {
        unsigned r = t->filled[k] / TLB_ENTRIES, n = t->filled[k] % TLB_ENTRIES;
        const struct tlb_slow *s = &t->slow[r][n];

        if (s->shift != PAGE_SHIFT && (s->tag ^ la) >> s->shift == 0)
            slot_clear(t, r, n);
    }
    for (unsigned k = 0; k < t->filled_fetch_count; k++) {
        struct itlb_entry *f = &t->fetch[t->filled_fetch[k]];

        if (f->shift != PAGE_SHIFT && (f->tag ^ la) >> f->shift == 0)
            f->tag = tlb_none(t->filled_fetch[k]);
    }
}

void tlb_flush_page(struct cpu *c, uint64_t la)
{
    struct tlb *t = c->tlb;
    unsigned n = tlb_index(la), f = n & (ITLB_ENTRIES - 1);

    told(c, PROBE_FLUSH_PAGE, la);
    for (unsigned r = 0; r < RIGHTS_COUNT; r++)
        slot_clear(t, r, n);
    t->fetch[f].tag = tlb_none(f);
    if (large_near(t, la))
        drop_large(t, la);
    icache_new_generation(c);
}

/* Entries carry no PCID: dropping all non-global ones is a legal, stricter
 * form (SDM vol. 3, 4.10.4.1 allows more to be invalidated). */
void tlb_flush_pcid(struct cpu *c, uint16_t pcid)
{
    told(c, PROBE_FLUSH_PCID, pcid);
    drop_local(c);
}

/* Takes the write tags of one host page away, NULL: of all. */
static void drop_writes(struct cpu *c, const uint8_t *host)
{
    struct tlb *t = c->tlb;

    for (unsigned k = 0; k < t->filled_count; k++) {
        unsigned r = t->filled[k] / TLB_ENTRIES, n = t->filled[k] % TLB_ENTRIES;
        struct tlb_entry *e = &t->data[r][n];

        if (!host || e->host == host)
            e->tag_w = tlb_none(n);
    }
}

void tlb_protect_code(struct cpu *c, const uint8_t *host)
{
    drop_writes(c, host);
}

const uint8_t *tlb_table_find(struct cpu *c, uint64_t page)
{
    struct table_page *e =
        &c->tlb->tables[page >> PAGE_SHIFT & (TABLE_PAGES - 1)];
    struct phys_page p;

    phys_lookup(c->phys, page, &p);
    *e = (struct table_page){page + 1, p.host};
    return p.host;
}

static void on_remap(void *opaque)
{
    struct cpu *c = opaque;

    memset(c->tlb->tables, 0, sizeof c->tlb->tables);
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

/* Devices, and the processor's own accesses to system management memory. */
static void on_transfer(void *opaque, uint64_t paddr, size_t len, bool write,
                        const uint8_t *bytes)
{
    struct cpu *c = opaque;
    uint8_t first[8] = {0};

    if (LIKELY(!(c->probe_mask & PROBE_DATA) || !c->running))
        return;
    if (bytes)
        memcpy(first, bytes, len < 8 ? len : 8);
    probe_bus(c, paddr, len, write, ld_le64(first));
}

bool tlb_create(struct cpu *c)
{
    struct tlb *t = calloc(1, sizeof *t);

    if (!t)
        return false;
    c->tlb = t;
    c->dtlb = t->data[RIGHTS_SUPER];
    for (unsigned r = 0; r < RIGHTS_COUNT; r++)
        for (unsigned n = 0; n < TLB_ENTRIES; n++)
            slot_clear(t, r, n);
    for (unsigned n = 0; n < ITLB_ENTRIES; n++)
        t->fetch[n].tag = tlb_none(n);
    t->listener = (struct phys_listener){.opaque = c,
                                         .remap = on_remap,
                                         .clean = on_clean,
                                         .code_write = on_code_write,
                                         .transfer = on_transfer};
    phys_listen(c->phys, &t->listener);
    return true;
}

void tlb_destroy(struct cpu *c)
{
    free(c->tlb);
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
    note_large(c->tlb, la, w.page_shift);
    if (!s->listed) {
        s->listed = true;
        c->tlb->filled[c->tlb->filled_count++] =
            (uint16_t)(rights * TLB_ENTRIES + n);
    }
    e->paddr = w.paddr;
    set_fast(c, e, s);
    c->tlb->fills++;
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
    note_large(c->tlb, la, w.page_shift);
    if (!f->listed) {
        f->listed = true;
        c->tlb->filled_fetch[c->tlb->filled_fetch_count++] = (uint16_t)n;
    }
    c->tlb->fills++;
    return f;
}

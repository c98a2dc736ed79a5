/*
 * cmd_paging.c - page, tlb, info tab: translation of linear addresses.
 *
 * The walk here changes nothing (no A and D bits), unlike the processor's.
 * Entries: SDM vol. 3 ch. 4.3 to 4.5.
 */
#include "cpu/cpu.h"
#include "cpu/paging.h"
#include "cpu/tlb.h"
#include "debugger/handlers.h"
#include "debugger/internal.h"
#include "debugger/walk.h"

#include <inttypes.h>

#define PTE_P  UINT64_C(1)
#define PTE_PS UINT64_C(0x80)

bool to_physical(struct debugger *d, uint64_t laddr, uint64_t *paddr)
{
    return paging_translate_debug(target_cpu(d->t), laddr, paddr);
}

/* Format of the tables in force. */
enum kind { KIND_32, KIND_PAE, KIND_LONG };

static enum kind kind_of(const struct cpu *c)
{
    return cpu_long(c) ? KIND_LONG : c->cr4 & CR4_PAE ? KIND_PAE : KIND_32;
}

unsigned walk_levels(const struct cpu *c)
{
    static const unsigned levels[] = {2, 3, 4};

    return levels[kind_of(c)];
}

const char *walk_level_name(const struct cpu *c, unsigned level)
{
    static const char *const names[] = {"PTE", "PDE", "PDPE", "PML4"};

    (void)c;
    return names[level];
}

static unsigned level_shift(enum kind k, unsigned level)
{
    return k == KIND_32 ? 12 + 10 * level : 12 + 9 * level;
}

static bool large(const struct cpu *c, enum kind k, unsigned level,
                  uint64_t entry)
{
    if (!(entry & PTE_PS) || !level)
        return false;
    if (k == KIND_32)
        return level == 1 && c->cr4 & CR4_PSE;
    return level == 1 || (level == 2 && k == KIND_LONG);
}

static uint64_t entry_base(enum kind k, unsigned shift, uint64_t e)
{
    uint64_t base =
        e & (k == KIND_32 ? UINT64_C(0xfffff000) : UINT64_C(0xffffffffff000));

    if (k == KIND_32 && shift == 22) /* PSE-36: bits 13-20 are 32-39 */
        base = (e & 0xffc00000) | (e >> 13 & 0xff) << 32;
    return base & ~((UINT64_C(1) << shift) - 1);
}

bool walk_page(struct debugger *d, uint64_t laddr, struct page_walk *w)
{
    const struct cpu *c = target_cpu(d->t);
    enum kind k = kind_of(c);
    unsigned bytes = k == KIND_32 ? 4 : 8;
    uint64_t table = c->cr3 & (k == KIND_PAE  ? UINT64_C(0xffffffe0)
                               : k == KIND_32 ? UINT64_C(0xfffff000)
                                              : UINT64_C(0xffffffffff000));

    *w = (struct page_walk){.paging = (c->cr0 & CR0_PG) != 0};
    if (!w->paging) {
        w->mapped = true;
        w->paddr = laddr;
        w->shift = 12;
        return true;
    }
    for (unsigned level = walk_levels(c); level-- > 0;) {
        unsigned shift = level_shift(k, level);
        unsigned index =
            (unsigned)(laddr >> shift) & (k == KIND_32 ? 0x3ff : 0x1ff);
        uint8_t raw[8] = {0};
        uint64_t e;

        if (k == KIND_PAE && level == 2)
            index &= 3;
        w->level = level;
        w->entry_addr[w->count] = table + (uint64_t)index * bytes;
        if (!read_physical(d, table + (uint64_t)index * bytes, raw, bytes))
            return false;
        /* The processor keeps the four PDPTEs of PAE paging. */
        e = k == KIND_PAE && level == 2 ? c->pdpte[index] : ld_le64(raw);
        w->entry[w->count] = e;
        w->levels[w->count++] = level;
        if (!(e & PTE_P))
            return false;
        if (!level || large(c, k, level, e)) {
            w->mapped = true;
            w->shift = shift;
            w->paddr = entry_base(k, shift, e) |
                       (laddr & ((UINT64_C(1) << shift) - 1));
            return true;
        }
        table = entry_base(k, 12, e);
    }
    return false;
}

static const char *pick(uint64_t e, unsigned bit, const char *set,
                        const char *clear)
{
    return e >> bit & 1 ? set : clear;
}

void print_page_entry(struct debugger *d, const struct cpu *c, unsigned level,
                      uint64_t e)
{
    bool leaf = !level || large(c, kind_of(c), level, e);

    say(d, "%4s: 0x%016" PRIx64 " ", walk_level_name(c, level), e);
    if (cpu_long(c) || c->cr4 & CR4_PAE)
        say(d, "%s", pick(e, 63, "XD", "xd"));
    say(d, level ? "   %s " : "  %s ", level ? pick(e, 7, "PS", "ps") : "  ");
    if (leaf)
        say(d, " %s %s %s", pick(e, 8, "G", "g"),
            pick(e, level ? 12 : 7, "PAT", "pat"), pick(e, 6, "D", "d"));
    else
        say(d, "       ");
    say(d, " %s %s %s %s %s %s\n", pick(e, 5, "A", "a"),
        pick(e, 4, "PCD", "pcd"), pick(e, 3, "PWT", "pwt"),
        pick(e, 2, "U", "S"), pick(e, 1, "W", "R"), pick(e, 0, "P", "p"));
}

void cmd_page(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    struct page_walk w;
    uint64_t laddr, page;

    if (!arg_expr(d, &laddr) || !arg_end(d))
        return;
    walk_page(d, laddr, &w);
    data_open(d, "entries", '[');
    for (unsigned i = 0; i < w.count; i++) {
        print_page_entry(d, c, w.levels[i], w.entry[i]);
        data_hex(d, NULL, w.entry[i]);
    }
    data_close(d, ']');
    data_bool(d, "mapped", w.mapped);
    page = laddr & ~UINT64_C(0xfff);
    if (w.mapped) {
        say(d,
            "linear page 0x%016" PRIx64 " maps to physical page "
            "0x%012" PRIx64 "\n",
            page, w.paddr & ~UINT64_C(0xfff));
        data_hex(d, "physical", w.paddr);
    } else {
        say(d, "physical address not available for linear 0x%016" PRIx64 "\n",
            page);
    }
}

void cmd_tlb(struct debugger *d)
{
    static const char *const rights[] = {"user", "supervisor",
                                         "supervisor, AC"};
    const struct cpu *c = target_cpu(d->t);
    unsigned found = 0;
    uint64_t laddr;

    if (!arg_expr(d, &laddr) || !arg_end(d))
        return;
    for (unsigned r = 0; r < RIGHTS_COUNT; r++) {
        const struct tlb_slow *s = &c->tlb->slow[r][tlb_index(laddr)];

        if (s->tag != (laddr & ~(uint64_t)PAGE_MASK))
            continue;
        found++;
        say(d,
            "DTLB[%u] (%s): linear page 0x%016" PRIx64 " -> physical "
            "0x%012" PRIx64 "%s%s\n",
            tlb_index(laddr), rights[r], s->tag,
            c->tlb->data[r][tlb_index(laddr)].paddr,
            s->write_ok ? ", writable" : "", s->global ? ", global" : "");
    }
    if (!found)
        say(d, "linear 0x%016" PRIx64 " is not in the data TLB\n", laddr);
}

/* ---- info tab ---- */

struct run {
    bool open;
    uint64_t lin, end, phys; /* end: first address after it */
    unsigned lines;
};

#define TAB_LINES_MAX 20000u

static void close_run(struct debugger *d, struct run *r)
{
    if (!r->open)
        return;
    r->open = false;
    if (++r->lines > TAB_LINES_MAX)
        return;
    say(d,
        "0x%016" PRIx64 "-0x%016" PRIx64 " -> 0x%012" PRIx64 "-0x%012" PRIx64
        "\n",
        r->lin, r->end - 1, r->phys, r->phys + (r->end - 1 - r->lin));
    data_open(d, NULL, '{');
    data_hex(d, "linear", r->lin);
    data_hex(d, "last", r->end - 1);
    data_hex(d, "physical", r->phys);
    data_close(d, '}');
}

static void add_page(struct debugger *d, struct run *r, uint64_t lin,
                     uint64_t phys, uint64_t size)
{
    if (r->open && lin == r->end && phys == r->phys + (r->end - r->lin)) {
        r->end = lin + size;
        return;
    }
    close_run(d, r);
    r->lin = lin;
    r->phys = phys;
    r->end = lin + size;
    r->open = true;
}

/* Bit 47 says what the bits above it are. */
static uint64_t canonical(enum kind k, uint64_t lin)
{
    return k == KIND_LONG && lin >> 47 & 1 ? lin | UINT64_C(0xffff) << 48 : lin;
}

/* Depth is that of the tables, at most four. */
static void scan(struct debugger *d, struct run *r, enum kind k, unsigned level,
                 uint64_t table, uint64_t lin)
{
    const struct cpu *c = target_cpu(d->t);
    unsigned bytes = k == KIND_32 ? 4 : 8, shift = level_shift(k, level);
    unsigned count = k == KIND_32                  ? 1024
                     : k == KIND_PAE && level == 2 ? 4
                                                   : 512;
    uint8_t raw[4096] = {0};

    if (r->lines > TAB_LINES_MAX ||
        !read_physical(d, table, raw, (size_t)count * bytes))
        return;
    for (unsigned i = 0; i < count; i++) {
        uint64_t e = bytes == 4 ? ld_le32(raw + 4 * i) : ld_le64(raw + 8 * i);
        uint64_t at = lin | (uint64_t)i << shift;

        if (k == KIND_PAE && level == 2)
            e = c->pdpte[i];
        if (!(e & PTE_P))
            continue;
        if (!level || large(c, k, level, e))
            add_page(d, r, canonical(k, at), entry_base(k, shift, e),
                     UINT64_C(1) << shift);
        else
            scan(d, r, k, level - 1, entry_base(k, 12, e), at);
    }
}

void info_tab(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    struct run r = {0};
    enum kind k = kind_of(c);
    uint64_t top = c->cr3 & (k == KIND_PAE  ? UINT64_C(0xffffffe0)
                             : k == KIND_32 ? UINT64_C(0xfffff000)
                                            : UINT64_C(0xffffffffff000));

    if (!arg_end(d))
        return;
    if (!(c->cr0 & CR0_PG)) {
        say(d, "paging off\n");
        return;
    }
    say(d, "cr3: 0x%012" PRIx64 "\n", c->cr3);
    data_hex(d, "cr3", c->cr3);
    data_open(d, "map", '[');
    scan(d, &r, k, walk_levels(c) - 1, top, 0);
    close_run(d, &r);
    data_close(d, ']');
    if (r.lines > TAB_LINES_MAX)
        say(d, "... and more; only %u ranges are shown\n", TAB_LINES_MAX);
}

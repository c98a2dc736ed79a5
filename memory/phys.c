/*
 * phys.c - the physical address space: RAM, ROM, memory-mapped devices.
 *
 * The regions are a short list; the flat view is a sorted array of spans
 * rebuilt from it on every change. A span has two sides, because the PAM
 * registers of PC chipsets send reads and writes of one address to different
 * places (440FX datasheet 290549, 3.2.18). All storage that a rebuild needs
 * is taken when a region is made, so no act of the guest allocates.
 */
#include "memory/phys.h"
#include "core/hash.h"
#include "memory/ram.h"

#include <inttypes.h>
#include <stdlib.h>

#define PHYS_LIMIT ((uint64_t)1 << PHYS_BITS_MAX)
#define FOUR_GIB   ((uint64_t)1 << 32)
#define RAM_MAX    ((uint64_t)64 << 30)
#define MIB        ((uint64_t)1 << 20)
#define A20_BIT    ((uint64_t)1 << 20)

struct phys_region {
    struct phys *phys;
    char name[24];
    enum region_kind kind;
    bool enabled;
    bool read_ram, write_ram; /* alias only */
    int priority;
    uint64_t base, size;
    uint64_t ram_offset; /* RAM and alias */
    uint8_t *host;       /* of offset 0; NULL for MMIO */
    uint8_t *flags;      /* of the first page; RAM, alias, video */
    const struct mmio_ops *ops;
    void *opaque;
    struct phys_region *next; /* newer ones first */
};

/* [start, end) where reads go to one region and writes to one region. */
struct span {
    uint64_t start, end;
    struct phys_region *rd, *wr; /* NULL: nobody */
};

struct phys {
    uint8_t *ram;
    uint8_t *ram_flags;
    uint64_t *page_hash; /* of each page of RAM, 0 for zeros */
    uint64_t hash_sum;   /* of all of them */
    uint64_t ram_bytes, below_4g;
    struct phys_region *regions;
    size_t region_count;

    struct span *spans; /* sorted, without overlap; holes are left out */
    uint64_t *cuts;     /* scratch of the rebuild */
    size_t span_count, region_cap;
    struct span *last;
    /* Offsets of RAM between which some byte may show at a second address. */
    uint64_t alias_start, alias_end;

    uint64_t a20_mask;
    unsigned depth; /* of phys_begin */
    bool changed;
    struct phys_listener *listeners;
    struct log_source log;
};

/* ---- the flat view ---- */

static bool takes_reads(const struct phys_region *r)
{
    return r->kind != REGION_ALIAS || r->read_ram;
}

static bool takes_writes(const struct phys_region *r)
{
    return r->kind != REGION_ALIAS || r->write_ram;
}

static uint64_t region_end(const struct phys_region *r)
{
    uint64_t room = r->base < PHYS_LIMIT ? PHYS_LIMIT - r->base : 0;

    return r->base + (r->size < room ? r->size : room);
}

static int compare_u64(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static size_t collect_cuts(struct phys *p)
{
    size_t n = 0, kept = 0;

    for (struct phys_region *r = p->regions; r; r = r->next) {
        if (!r->enabled || r->base >= region_end(r))
            continue;
        p->cuts[n++] = r->base;
        p->cuts[n++] = region_end(r);
    }
    qsort(p->cuts, n, sizeof *p->cuts, compare_u64);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || p->cuts[i] != p->cuts[kept - 1])
            p->cuts[kept++] = p->cuts[i];
    return kept;
}

static struct span top_at(struct phys *p, uint64_t start, uint64_t end)
{
    struct span s = {.start = start, .end = end};

    for (struct phys_region *r = p->regions; r; r = r->next) {
        if (!r->enabled || start < r->base || start >= region_end(r))
            continue;
        if (takes_reads(r) && (!s.rd || r->priority > s.rd->priority))
            s.rd = r;
        if (takes_writes(r) && (!s.wr || r->priority > s.wr->priority))
            s.wr = r;
    }
    return s;
}

static void find_aliases(struct phys *p)
{
    p->alias_start = UINT64_MAX;
    p->alias_end = 0;
    for (struct phys_region *r = p->regions; r; r = r->next) {
        if (!r->enabled || r->kind != REGION_ALIAS)
            continue;
        if (r->ram_offset < p->alias_start)
            p->alias_start = r->ram_offset;
        if (r->ram_offset + r->size > p->alias_end)
            p->alias_end = r->ram_offset + r->size;
    }
}

static void rebuild(struct phys *p)
{
    size_t cuts = collect_cuts(p), n = 0;

    for (size_t i = 0; i + 1 < cuts; i++) {
        struct span s = top_at(p, p->cuts[i], p->cuts[i + 1]);
        struct span *prev = n ? &p->spans[n - 1] : NULL;

        if (!s.rd && !s.wr)
            continue;
        if (prev && prev->end == s.start && prev->rd == s.rd &&
            prev->wr == s.wr)
            prev->end = s.end;
        else
            p->spans[n++] = s;
    }
    p->span_count = n;
    p->last = p->spans;
    find_aliases(p);
}

static void map_changed(struct phys *p)
{
    p->changed = true;
    if (p->depth)
        return;
    p->changed = false;
    rebuild(p);
    for (struct phys_listener *l = p->listeners; l; l = l->next)
        if (l->remap)
            l->remap(l->opaque);
}

void phys_begin(struct phys *p)
{
    p->depth++;
}

void phys_commit(struct phys *p)
{
    if (p->depth)
        p->depth--;
    if (p->depth == 0 && p->changed)
        map_changed(p);
}

/* The span that holds addr (A20 already applied), or NULL in a hole. */
static struct span *find(struct phys *p, uint64_t addr)
{
    size_t lo = 0, hi = p->span_count;

    if (LIKELY(hi && addr >= p->last->start && addr < p->last->end))
        return p->last;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        struct span *s = &p->spans[mid];

        if (addr < s->start)
            hi = mid;
        else if (addr >= s->end)
            lo = mid + 1;
        else
            return p->last = s;
    }
    return NULL;
}

/* ---- creation ---- */

static bool grow(struct phys *p)
{
    size_t cap = p->region_cap ? p->region_cap * 2 : 16;
    uint64_t *cuts;
    struct span *spans;

    if (p->region_count < p->region_cap)
        return true;
    cuts = realloc(p->cuts, 2 * cap * sizeof *cuts);
    if (!cuts)
        return false;
    p->cuts = cuts;
    spans = realloc(p->spans, 2 * cap * sizeof *spans);
    if (!spans)
        return false;
    p->spans = p->last = spans;
    p->region_cap = cap;
    return true;
}

static struct phys_region *region_new(struct phys *p, const char *name,
                                      enum region_kind kind, uint64_t base,
                                      uint64_t size, int priority)
{
    struct phys_region *r;
    size_t n = strlen(name);

    if (!grow(p) || !(r = calloc(1, sizeof *r)))
        return NULL;
    r->phys = p;
    memcpy(r->name, name, n < sizeof r->name ? n : sizeof r->name - 1);
    r->kind = kind;
    r->enabled = true;
    r->priority = priority;
    r->base = kind == REGION_MMIO ? base : base & ~(uint64_t)PAGE_MASK;
    r->size = kind == REGION_MMIO ? size : size & ~(uint64_t)PAGE_MASK;
    r->next = p->regions;
    p->regions = r;
    p->region_count++;
    return r;
}

/* RAM of [offset, offset + size), cut where RAM ends. */
static struct phys_region *region_of_ram(struct phys *p, const char *name,
                                         enum region_kind kind, uint64_t base,
                                         uint64_t size, int priority,
                                         uint64_t offset)
{
    struct phys_region *r;

    offset &= ~(uint64_t)PAGE_MASK;
    if (offset >= p->ram_bytes)
        offset = p->ram_bytes;
    if (size > p->ram_bytes - offset)
        size = p->ram_bytes - offset;
    r = region_new(p, name, kind, base, size, priority);
    if (!r)
        return NULL;
    r->ram_offset = offset;
    r->host = p->ram + offset;
    r->flags = p->ram_flags + (offset >> PAGE_SHIFT);
    r->read_ram = r->write_ram = true;
    return r;
}

static bool map_ram(struct phys *p)
{
    if (!region_of_ram(p, "ram", REGION_RAM, 0, p->below_4g, 0, 0))
        return false;
    return p->ram_bytes == p->below_4g ||
           region_of_ram(p, "ram above 4 GiB", REGION_RAM, FOUR_GIB,
                         p->ram_bytes - p->below_4g, 0, p->below_4g);
}

struct phys *phys_create(uint64_t ram_bytes, uint64_t hole_start,
                         struct log *log, struct error *err)
{
    struct phys *p;

    if (ram_bytes == 0 || ram_bytes % MIB || ram_bytes > RAM_MAX ||
        ram_bytes > SIZE_MAX / 2) {
        error_set(err, EXIT_USAGE,
                  "memory size of %" PRIu64 " bytes: use whole MiB, 1 to %u",
                  ram_bytes, (unsigned)(RAM_MAX / MIB));
        return NULL;
    }
    hole_start &= ~(uint64_t)PAGE_MASK;
    if (hole_start == 0 || hole_start > FOUR_GIB)
        hole_start = FOUR_GIB;
    p = calloc(1, sizeof *p);
    if (!p) {
        error_set(err, EXIT_IO, "out of host memory");
        return NULL;
    }
    if (log)
        log_source_init(log, &p->log, "MEM");
    p->a20_mask = ~(uint64_t)0;
    p->ram_bytes = ram_bytes;
    p->below_4g = ram_bytes < hole_start ? ram_bytes : hole_start;
    p->ram = ram_alloc((size_t)ram_bytes);
    p->ram_flags = calloc((size_t)(ram_bytes >> PAGE_SHIFT), 1);
    p->page_hash = calloc((size_t)(ram_bytes >> PAGE_SHIFT), 8);
    if (!p->ram || !p->ram_flags || !p->page_hash || !map_ram(p)) {
        error_set(err, EXIT_IO,
                  "the host has no room for %" PRIu64 " MiB of guest memory; "
                  "make memory smaller",
                  ram_bytes / MIB);
        phys_destroy(p);
        return NULL;
    }
    rebuild(p);
    return p;
}

static void region_free(struct phys_region *r)
{
    if (r->kind == REGION_VIDEO)
        free(r->flags);
    free(r);
}

void phys_destroy(struct phys *p)
{
    struct phys_region *next;

    if (!p)
        return;
    for (struct phys_region *r = p->regions; r; r = next) {
        next = r->next;
        region_free(r);
    }
    if (p->log.log)
        log_source_destroy(&p->log);
    ram_free(p->ram, (size_t)p->ram_bytes);
    free(p->ram_flags);
    free(p->page_hash);
    free(p->spans);
    free(p->cuts);
    free(p);
}

uint64_t phys_ram_bytes(const struct phys *p)
{
    return p->ram_bytes;
}

uint8_t *phys_ram(struct phys *p)
{
    return p->ram;
}

uint8_t *phys_ram_flags(struct phys *p)
{
    return p->ram_flags;
}

uint64_t phys_ram_below_4g(const struct phys *p)
{
    return p->below_4g;
}

/* ---- the map ---- */

struct phys_region *phys_map_mmio(struct phys *p, const char *name,
                                  uint64_t base, uint64_t size, int priority,
                                  const struct mmio_ops *ops, void *opaque)
{
    struct phys_region *r =
        region_new(p, name, REGION_MMIO, base, size, priority);

    if (!r)
        return NULL;
    r->ops = ops;
    r->opaque = opaque;
    map_changed(p);
    return r;
}

struct phys_region *phys_map_rom(struct phys *p, const char *name,
                                 uint64_t base, uint64_t size, int priority,
                                 uint8_t *host, const struct mmio_ops *ops,
                                 void *opaque)
{
    struct phys_region *r =
        region_new(p, name, REGION_ROM, base, size, priority);

    if (!r)
        return NULL;
    r->host = host;
    r->ops = ops;
    r->opaque = opaque;
    map_changed(p);
    return r;
}

struct phys_region *phys_map_video(struct phys *p, const char *name,
                                   uint64_t base, uint64_t size, int priority,
                                   uint8_t *host)
{
    uint8_t *flags = calloc((size_t)(size >> PAGE_SHIFT) + 1, 1);
    struct phys_region *r;

    if (!flags)
        return NULL;
    r = region_new(p, name, REGION_VIDEO, base, size, priority);
    if (!r) {
        free(flags);
        return NULL;
    }
    r->host = host;
    r->flags = flags;
    map_changed(p);
    return r;
}

struct phys_region *phys_map_alias(struct phys *p, const char *name,
                                   uint64_t base, uint64_t size, int priority,
                                   uint64_t ram_offset)
{
    struct phys_region *r =
        region_of_ram(p, name, REGION_ALIAS, base, size, priority, ram_offset);

    if (r)
        map_changed(p);
    return r;
}

void phys_alias_access(struct phys_region *r, bool read_ram, bool write_ram)
{
    if (r->read_ram == read_ram && r->write_ram == write_ram)
        return;
    r->read_ram = read_ram;
    r->write_ram = write_ram;
    map_changed(r->phys);
}

void phys_region_enable(struct phys_region *r, bool enabled)
{
    if (r->enabled == enabled)
        return;
    r->enabled = enabled;
    map_changed(r->phys);
}

void phys_region_move(struct phys_region *r, uint64_t base)
{
    if (r->kind != REGION_MMIO)
        base &= ~(uint64_t)PAGE_MASK;
    if (r->base == base)
        return;
    r->base = base;
    if (r->enabled)
        map_changed(r->phys);
}

void phys_region_remove(struct phys_region *r)
{
    struct phys *p = r->phys;
    struct phys_region **at = &p->regions;

    while (*at && *at != r)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = r->next;
    p->region_count--;
    /* The view must not name a freed region, not even inside a group. */
    rebuild(p);
    map_changed(p);
    region_free(r);
}

void phys_set_a20(struct phys *p, bool enabled)
{
    if (phys_a20(p) == enabled)
        return;
    p->a20_mask = enabled ? ~(uint64_t)0 : ~A20_BIT;
    map_changed(p);
}

bool phys_a20(const struct phys *p)
{
    return p->a20_mask & A20_BIT;
}

void phys_info(const struct phys *p, struct out *out)
{
    out_printf(out, "A20 %s, RAM %" PRIu64 " MiB, %" PRIu64 " below 4 GiB\n",
               phys_a20(p) ? "on" : "off", p->ram_bytes / MIB,
               p->below_4g / MIB);
    for (size_t i = 0; i < p->span_count; i++) {
        const struct span *s = &p->spans[i];

        out_printf(out, "%010" PRIx64 "-%010" PRIx64 "  ", s->start,
                   s->end - 1);
        if (s->rd == s->wr)
            out_printf(out, "%s\n", s->rd->name);
        else
            out_printf(out, "read %s, write %s\n",
                       s->rd ? s->rd->name : "nobody",
                       s->wr ? s->wr->name : "nobody");
    }
}

void phys_listen(struct phys *p, struct phys_listener *l)
{
    l->next = p->listeners;
    p->listeners = l;
}

/* ---- dirty and code tracking ---- */

static void tell_clean(struct phys *p)
{
    for (struct phys_listener *l = p->listeners; l; l = l->next)
        if (l->clean)
            l->clean(l->opaque);
}

static void tell_code_at(struct phys *p, uint64_t addr, unsigned len)
{
    for (struct phys_listener *l = p->listeners; l; l = l->next)
        if (l->code_write)
            l->code_write(l->opaque, addr, len);
}

/* RAM that shows at one address only, as most of it does. */
static bool shows_once(const struct phys *p, const uint8_t *host)
{
    uint64_t off = (uint64_t)((uintptr_t)host - (uintptr_t)p->ram);

    return off < p->ram_bytes && !(off >= p->alias_start && off < p->alias_end);
}

/* Every address at which the bytes show: code may run from any of them. */
static void tell_code(struct phys *p, const uint8_t *host, uint64_t addr,
                      unsigned len)
{
    tell_code_at(p, addr, len);
    if (LIKELY(shows_once(p, host)))
        return;
    for (struct phys_region *r = p->regions; r; r = r->next) {
        uint64_t seen;

        if (!r->enabled || !r->host || (uintptr_t)host < (uintptr_t)r->host ||
            (uintptr_t)host - (uintptr_t)r->host >= r->size)
            continue;
        seen = r->base + ((uintptr_t)host - (uintptr_t)r->host);
        if (seen != addr)
            tell_code_at(p, seen, len);
    }
}

static uint8_t *flag_of(const struct phys_region *r, uint64_t off)
{
    return r->flags ? &r->flags[off >> PAGE_SHIFT] : NULL;
}

/* Stores len bytes inside one page. Code that is written over with itself, as
 * loaders do, stays decoded. */
static void page_write(struct phys *p, uint8_t *flag, uint8_t *host,
                       uint64_t addr, const void *from, unsigned len)
{
    *flag |= PAGE_WRITTEN;
    if (LIKELY(!(*flag & PAGE_CODE))) {
        memcpy(host, from, len);
    } else if (memcmp(host, from, len) != 0) {
        memcpy(host, from, len);
        tell_code(p, host, addr, len);
    }
}

void phys_set_code(struct phys *p, uint64_t paddr, bool has_code)
{
    struct span *s = find(p, paddr & p->a20_mask);
    uint8_t *flag;

    if (!s || !s->rd)
        return;
    flag = flag_of(s->rd, (paddr & p->a20_mask) - s->rd->base);
    if (flag && has_code)
        *flag |= PAGE_CODE;
    else if (flag)
        *flag &= (uint8_t)~PAGE_CODE;
}

static bool clear_dirty(uint8_t *flags, uint64_t count)
{
    bool any = false;

    for (uint64_t i = 0; i < count; i++) {
        any |= flags[i] & PAGE_DIRTY;
        flags[i] &= (uint8_t)~PAGE_DIRTY;
    }
    return any;
}

bool phys_video_take_dirty(struct phys_region *r, uint64_t off, uint64_t len)
{
    uint64_t first, last;

    if (r->kind != REGION_VIDEO || off >= r->size || len == 0)
        return false;
    if (len > r->size - off)
        len = r->size - off;
    first = off >> PAGE_SHIFT;
    last = (off + len - 1) >> PAGE_SHIFT;
    if (!clear_dirty(r->flags + first, last - first + 1))
        return false;
    tell_clean(r->phys);
    return true;
}

void phys_clean(struct phys *p)
{
    if (clear_dirty(p->ram_flags, p->ram_bytes >> PAGE_SHIFT))
        tell_clean(p);
}

/* The sum does not depend on the order, so one page can change in it. */
static void rehash(struct phys *p, uint64_t i)
{
    static const uint8_t zero[PAGE_SIZE];
    const uint8_t *page = p->ram + (i << PAGE_SHIFT);
    uint64_t h = 0;

    /* A page of zeros and an untouched one are the same memory. */
    if (memcmp(page, zero, PAGE_SIZE) != 0)
        h = hash_bytes(page, PAGE_SIZE, i);
    p->hash_sum += h - p->page_hash[i];
    p->page_hash[i] = h;
}

uint64_t phys_hash(struct phys *p, uint64_t seed)
{
    uint64_t count = p->ram_bytes >> PAGE_SHIFT;
    uint8_t sum[8];
    bool any = false;

    for (uint64_t i = 0; i < count; i++) {
        if (LIKELY(!(p->ram_flags[i] & PAGE_UNHASHED)))
            continue;
        rehash(p, i);
        p->ram_flags[i] &= (uint8_t)~PAGE_UNHASHED;
        any = true;
    }
    if (any)
        tell_clean(p);
    st_le64(sum, p->hash_sum);
    return hash_bytes(sum, sizeof sum, seed);
}

/* ---- access ---- */

static uint64_t ones(unsigned size)
{
    return size >= 8 ? UINT64_MAX : ((uint64_t)1 << (size * 8)) - 1;
}

static uint64_t load_host(const uint8_t *h, unsigned size)
{
    switch (size) {
    case 1:
        return *h;
    case 2:
        return ld_le16(h);
    case 4:
        return ld_le32(h);
    default:
        return ld_le64(h);
    }
}

static void store_host(uint8_t *h, uint64_t v, unsigned size)
{
    switch (size) {
    case 1:
        *h = (uint8_t)v;
        break;
    case 2:
        st_le16(h, (uint16_t)v);
        break;
    case 4:
        st_le32(h, (uint32_t)v);
        break;
    default:
        st_le64(h, v);
        break;
    }
}

/* Where one access spans two regions it is made of single bytes. */
static uint64_t load_split(struct phys *p, uint64_t addr, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= phys_load(p, addr + i, 1) << (8 * i);
    return v;
}

uint64_t phys_load(struct phys *p, uint64_t paddr, unsigned size)
{
    uint64_t addr = paddr & p->a20_mask, off;
    struct span *s = find(p, addr);
    struct phys_region *r;

    if (size > 1 && (s ? s->end - addr < size : !!find(p, addr + size - 1)))
        return load_split(p, addr, size);
    if (!s || !s->rd)
        return ones(size);
    r = s->rd;
    off = addr - r->base;
    if (LIKELY(r->host != NULL))
        return load_host(r->host + off, size);
    if (!r->ops || !r->ops->read)
        return ones(size);
    return r->ops->read(r->opaque, off, size) & ones(size);
}

void phys_store(struct phys *p, uint64_t paddr, uint64_t value, unsigned size)
{
    uint64_t addr = paddr & p->a20_mask, off;
    struct span *s = find(p, addr);
    struct phys_region *r;

    value &= ones(size);
    if (size > 1 && (s ? s->end - addr < size : !!find(p, addr + size - 1))) {
        for (unsigned i = 0; i < size; i++)
            phys_store(p, addr + i, value >> (8 * i), 1);
        return;
    }
    if (!s || !s->wr)
        return;
    r = s->wr;
    off = addr - r->base;
    if (LIKELY(r->flags != NULL)) {
        uint8_t *flag = flag_of(r, off), *host = r->host + off;

        *flag |= PAGE_WRITTEN;
        if (UNLIKELY(*flag & PAGE_CODE) && load_host(host, size) != value) {
            store_host(host, value, size);
            tell_code(p, host, addr, size);
            return;
        }
        store_host(host, value, size);
    } else if (r->ops && r->ops->write) {
        r->ops->write(r->opaque, off, value, size);
    } else if (r->kind == REGION_ROM && p->log.log) {
        log_debug(&p->log, "write to %s at %" PRIx64 " ignored", r->name, addr);
    }
}

/* Bytes from addr to the end of its page, at most len. */
static size_t page_chunk(uint64_t addr, size_t len)
{
    size_t room = PAGE_SIZE - (size_t)(addr & PAGE_MASK);

    return len < room ? len : room;
}

/* The widest naturally aligned access, up to 4 bytes as a PCI bus does. */
static unsigned bus_width(uint64_t addr, size_t len)
{
    unsigned w = 4;

    while (w > len || (addr & (w - 1)))
        w >>= 1;
    return w;
}

static void tell_transfer(const struct phys *p, uint64_t paddr, size_t len,
                          bool write, const uint8_t *bytes)
{
    for (const struct phys_listener *l = p->listeners; l; l = l->next)
        if (l->transfer)
            l->transfer(l->opaque, paddr & p->a20_mask, len, write, bytes);
}

void phys_read(struct phys *p, uint64_t paddr, void *buf, size_t len)
{
    uint8_t *to = buf;

    tell_transfer(p, paddr, len, false, NULL);
    while (len) {
        uint64_t addr = paddr & p->a20_mask;
        struct span *s = find(p, addr);
        size_t n = page_chunk(addr, len);

        if (s && s->rd && s->rd->host && s->end - addr >= n) {
            memcpy(to, s->rd->host + (addr - s->rd->base), n);
        } else {
            uint8_t v[8];

            n = bus_width(addr, n);
            st_le64(v, phys_load(p, addr, (unsigned)n));
            memcpy(to, v, n);
        }
        to += n;
        paddr += n;
        len -= n;
    }
}

void phys_write(struct phys *p, uint64_t paddr, const void *buf, size_t len)
{
    const uint8_t *from = buf;

    tell_transfer(p, paddr, len, true, from);
    while (len) {
        uint64_t addr = paddr & p->a20_mask;
        struct span *s = find(p, addr);
        size_t n = page_chunk(addr, len);

        if (s && s->wr && s->wr->flags && s->end - addr >= n) {
            uint64_t off = addr - s->wr->base;
            uint8_t *host = s->wr->host + off;

            page_write(p, flag_of(s->wr, off), host, addr, from, (unsigned)n);
        } else {
            uint8_t v[8] = {0};

            n = bus_width(addr, n);
            memcpy(v, from, n);
            phys_store(p, addr, ld_le64(v), (unsigned)n);
        }
        from += n;
        paddr += n;
        len -= n;
    }
}

void phys_poke(struct phys *p, uint64_t paddr, const void *buf, size_t len)
{
    const uint8_t *from = buf;

    while (len) {
        uint64_t addr = paddr & p->a20_mask;
        struct span *s = find(p, addr);
        size_t n = page_chunk(addr, len);

        if (s && s->end - addr < n)
            n = (size_t)(s->end - addr);
        if (s && s->rd && s->rd->host && !s->rd->flags) {
            uint8_t *host = s->rd->host + (addr - s->rd->base);

            memcpy(host, from, n);
            tell_code(p, host, addr, (unsigned)n);
        } else {
            phys_write(p, addr, from, n);
        }
        from += n;
        paddr += n;
        len -= n;
    }
}

/* ---- lookup ---- */

/* A page that no single region describes is sent back here by address. */
static uint64_t mixed_read(void *opaque, uint64_t off, unsigned size)
{
    return phys_load(opaque, off, size);
}

static void mixed_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    phys_store(opaque, off, v, size);
}

static const struct mmio_ops mixed_ops = {mixed_read, mixed_write};

void phys_lookup(struct phys *p, uint64_t paddr, struct phys_page *out)
{
    uint64_t page = paddr & p->a20_mask & ~(uint64_t)PAGE_MASK;
    struct span *s = find(p, page);
    bool whole = s && s->start <= page && s->end - page >= PAGE_SIZE;
    struct phys_region *r = whole ? s->rd : NULL;

    *out = (struct phys_page){.ops = &mixed_ops, .opaque = p, .off = page};
    if (r && r->host) {
        out->host = r->host + (page - r->base);
        out->writable = s->wr == r && r->flags;
        out->flags = flag_of(r, page - r->base);
    }
    if (r && r == s->wr && r->kind == REGION_MMIO && r->ops) {
        out->ops = r->ops;
        out->opaque = r->opaque;
        out->off = page - r->base;
    }
}

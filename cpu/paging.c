/*
 * paging.c - translation of linear to physical addresses.
 *
 * SDM vol. 3 ch. 4.3 (32-bit), 4.4 (PAE), 4.5 (4-level), 4.6 (rights), 4.7
 * (error codes), 4.8 (accessed and dirty). Departures: no protection keys, no
 * 5-level paging; A is set only by a walk that succeeds.
 */
#include "cpu/paging.h"
#include "cpu/models/model.h"
#include "cpu/probe.h"
#include "cpu/tlb.h"
#include "memory/phys.h"

enum {
    PTE_P = 1 << 0,
    PTE_RW = 1 << 1,
    PTE_US = 1 << 2,
    PTE_A = 1 << 5,
    PTE_D = 1 << 6,
    PTE_PS = 1 << 7,
    PTE_G = 1 << 8,
};

#define PTE_NX ((uint64_t)1 << 63)

/* The entries that a walk met, leaf last. */
struct trail {
    uint64_t addr[4], entry[4];
    unsigned count, size; /* size: bytes in an entry */
    unsigned seen;        /* entries read: one more if it is not present */
    unsigned shift;       /* of the page */
    uint64_t base;        /* physical address of the page */
    bool user_ok, writable, nx;
};

enum trail_end { TRAIL_OK, TRAIL_NOT_PRESENT, TRAIL_RESERVED };

unsigned paging_phys_bits(const struct cpu *c)
{
    return c->model->phys_bits;
}

/* Physical address bits from bit 12 up. */
static uint64_t frame_mask(const struct cpu *c)
{
    return (((uint64_t)1 << paging_phys_bits(c)) - 1) & ~(uint64_t)PAGE_MASK;
}

/* Bits low..high inclusive. */
static uint64_t bits(unsigned high, unsigned low)
{
    return ((uint64_t)2 << high) - ((uint64_t)1 << low);
}

static void tell(struct cpu *c, uint64_t addr, unsigned size, bool write,
                 uint64_t e)
{
    if (UNLIKELY(c->probe_mask & PROBE_DATA))
        probe_bus(c, addr, size, write, e);
}

/* Reads the next entry; false if it is not present. */
static bool trail_step(struct cpu *c, struct trail *t, uint64_t addr)
{
    const uint8_t *p = tlb_table(c, addr);
    uint64_t e = !p             ? phys_load(c->phys, addr, t->size)
                 : t->size == 8 ? ld_le64(p)
                                : ld_le32(p);

    tell(c, addr, t->size, false, e);
    t->addr[t->count] = addr;
    t->entry[t->count] = e;
    t->seen = t->count + 1;
    if (!(e & PTE_P))
        return false;
    t->count++;
    t->writable &= (e & PTE_RW) != 0;
    t->user_ok &= (e & PTE_US) != 0;
    t->nx |= t->size == 8 && (e & PTE_NX);
    return true;
}

/* 4.3. PSE-36 puts bits 32 and up of a 4 MiB page at 13. */
static enum trail_end walk_32(struct cpu *c, uint64_t laddr, struct trail *t)
{
    unsigned width = paging_phys_bits(c), high_bits = width - 32;
    uint64_t e;

    if (width > 40)
        high_bits = 8;

    t->size = 4;
    if (!trail_step(c, t, (c->cr3 & 0xfffff000) + (laddr >> 22) * 4))
        return TRAIL_NOT_PRESENT;
    e = t->entry[0];
    if (e & PTE_PS && c->cr4 & CR4_PSE) {
        if (e & bits(21, 13 + high_bits))
            return TRAIL_RESERVED;
        t->shift = 22;
        t->base = (e & 0xffc00000) | (e >> 13 & 0xff) << 32;
        return TRAIL_OK;
    }
    if (!trail_step(c, t, (e & 0xfffff000) + (laddr >> 12 & 0x3ff) * 4))
        return TRAIL_NOT_PRESENT;
    t->shift = 12;
    t->base = t->entry[1] & 0xfffff000;
    return TRAIL_OK;
}

/* Reserved bits common to all 8-byte entries (figures 4-7 and 4-11). */
static uint64_t reserved_64(const struct cpu *c)
{
    uint64_t r = bits(cpu_long(c) ? 51 : 62, 12) & ~frame_mask(c);

    return c->efer & EFER_NXE ? r : r | PTE_NX;
}

/* 4.4 and 4.5: levels from `top` (3 for the PML4) down to the page table. */
static enum trail_end walk_64(struct cpu *c, uint64_t laddr, unsigned top,
                              uint64_t table, struct trail *t)
{
    uint64_t reserved = reserved_64(c), frames = frame_mask(c), e;

    t->size = 8;
    for (unsigned level = top;; level--) {
        unsigned shift = 12 + 9 * level;

        if (!trail_step(c, t, table + (laddr >> shift & 511) * 8))
            return TRAIL_NOT_PRESENT;
        e = t->entry[t->count - 1];
        if (e & reserved)
            return TRAIL_RESERVED;
        if (level == 0 || e & PTE_PS) {
            t->shift = shift;
            if (level == 3 || (level == 2 && !cpu_has(c, FEAT_1G_PAGES)))
                return TRAIL_RESERVED;
            if (level && e & bits(shift - 1, 13))
                return TRAIL_RESERVED;
            t->base = e & frames & ~(((uint64_t)1 << shift) - 1);
            return TRAIL_OK;
        }
        table = e & frames;
    }
}

static enum trail_end walk_tables(struct cpu *c, uint64_t laddr,
                                  struct trail *t)
{
    t->count = t->seen = 0;
    t->user_ok = t->writable = true;
    t->nx = false;
    if (cpu_long(c))
        return walk_64(c, laddr, 3, c->cr3 & frame_mask(c), t);
    laddr = (uint32_t)laddr;
    if (!(c->cr4 & CR4_PAE))
        return walk_32(c, laddr, t);
    /* 4.4.2: bits 31:30 choose a register, which carries no rights. */
    if (!(c->pdpte[laddr >> 30] & PTE_P))
        return TRAIL_NOT_PRESENT;
    return walk_64(c, laddr, 1, c->pdpte[laddr >> 30] & frame_mask(c), t);
}

/* 4.6.1: may this access be made through these entries? */
static bool rights(const struct cpu *c, const struct trail *t,
                   enum walk_access access, bool user, bool implicit)
{
    if (user) {
        if (!t->user_ok || (access == WALK_WRITE && !t->writable))
            return false;
        return access != WALK_FETCH || !t->nx;
    }
    if (access == WALK_FETCH)
        return !t->nx && !(t->user_ok && c->cr4 & CR4_SMEP);
    if (t->user_ok && c->cr4 & CR4_SMAP && (implicit || !(c->rflags & EFL_AC)))
        return false;
    return access != WALK_WRITE || t->writable || !(c->cr0 & CR0_WP);
}

/* 4.7. */
static uint32_t error_code(const struct cpu *c, enum walk_access access,
                           bool user)
{
    uint32_t code = user ? PF_U : 0;

    if (access == WALK_WRITE)
        code |= PF_W;
    if (access == WALK_FETCH &&
        (c->cr4 & CR4_SMEP || (c->cr4 & CR4_PAE && c->efer & EFER_NXE)))
        code |= PF_I;
    return code;
}

/* 4.8: A in every entry used, D in the leaf of a write. */
static void mark_used(struct cpu *c, struct trail *t, bool write)
{
    for (unsigned i = 0; i < t->count; i++) {
        uint64_t e = t->entry[i] | PTE_A;

        if (write && i == t->count - 1)
            e |= PTE_D;
        if (e != t->entry[i]) {
            tell(c, t->addr[i], t->size, true, e);
            phys_store(c->phys, t->addr[i], e, t->size);
        }
        t->entry[i] = e;
    }
}

/* Notes where the walk ended, for people who ask why. */
static bool refuse(struct cpu *c, const struct trail *t)
{
    struct fault *f = &c->fault;

    f->level = 0;
    f->entry = f->entry_addr = 0;
    if (t->seen) {
        f->entry_addr = t->addr[t->seen - 1];
        f->entry = t->entry[t->seen - 1];
        f->level = (uint8_t)((cpu_long(c) ? 4 : 2) - t->seen + 1);
    }
    return false;
}

bool paging_walk(struct cpu *c, uint64_t laddr, enum walk_access access,
                 bool user, bool implicit, struct walk *w)
{
    struct trail t;
    uint64_t leaf;

    if (!(c->cr0 & CR0_PG)) {
        uint64_t lines =
            c->quirks & QUIRK_NARROW_BUS ? frame_mask(c) : UINT64_MAX;

        *w = (struct walk){
            .paddr = laddr & 0xfffff000 & lines,
            .page_shift = PAGE_SHIFT,
            .user_ok = true,
            .writable = true,
            .dirty = true,
        };
        return true;
    }
    *w = (struct walk){.error = error_code(c, access, user)};
    switch (walk_tables(c, laddr, &t)) {
    case TRAIL_NOT_PRESENT:
        return refuse(c, &t);
    case TRAIL_RESERVED:
        w->error |= PF_P | PF_RSVD;
        return refuse(c, &t);
    case TRAIL_OK:
        break;
    }
    if (!rights(c, &t, access, user, implicit)) {
        w->error |= PF_P;
        return refuse(c, &t);
    }
    mark_used(c, &t, access == WALK_WRITE);
    leaf = t.entry[t.count - 1];
    w->paddr = t.base |
               (laddr & (((uint64_t)1 << t.shift) - 1) & ~(uint64_t)PAGE_MASK);
    w->page_shift = (uint8_t)t.shift;
    w->user_ok = t.user_ok;
    w->writable = t.writable;
    w->nx = t.nx;
    w->global = leaf & PTE_G && c->cr4 & CR4_PGE;
    w->dirty = (leaf & PTE_D) != 0;
    w->error = 0;
    return true;
}

bool paging_translate_debug(struct cpu *c, uint64_t laddr, uint64_t *paddr)
{
    struct trail t;
    uint64_t mask;

    if (!(c->cr0 & CR0_PG)) {
        *paddr = laddr & UINT32_MAX;
        return true;
    }
    if (walk_tables(c, laddr, &t) != TRAIL_OK)
        return false;
    mask = ((uint64_t)1 << t.shift) - 1;
    *paddr = t.base | (laddr & mask);
    return true;
}

void paging_path(struct cpu *c, uint64_t laddr, struct page_path *p)
{
    struct trail t;

    *p = (struct page_path){.top = 0};
    if (!(c->cr0 & CR0_PG))
        return;
    p->mapped = walk_tables(c, laddr, &t) == TRAIL_OK;
    p->top = cpu_long(c) ? 4 : 2;
    p->count = t.seen;
    p->entry_bytes = t.size;
    for (unsigned n = 0; n < t.seen; n++) {
        p->addr[n] = t.addr[n];
        p->entry[n] = t.entry[n];
    }
}

bool paging_load_cr3(struct cpu *c, uint64_t cr3)
{
    uint64_t entry[4];
    /* Figure 4-7: bits 2:1, 8:5 and those beyond MAXPHYADDR. */
    uint64_t reserved = bits(63, 12) & ~frame_mask(c);

    reserved |= bits(2, 1) | bits(8, 5);
    if (c->cr0 & CR0_PG && c->cr4 & CR4_PAE && !cpu_long(c)) {
        for (unsigned i = 0; i < 4; i++) {
            entry[i] = phys_load(c->phys, (cr3 & 0xffffffe0) + i * 8, 8);
            tell(c, (cr3 & 0xffffffe0) + i * 8, 8, false, entry[i]);
            if (entry[i] & PTE_P && entry[i] & reserved)
                return false;
        }
        memcpy(c->pdpte, entry, sizeof entry);
    }
    c->cr3 = cr3;
    return true;
}

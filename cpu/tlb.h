/*
 * HOT: tlb.h - host pointers for guest pages, checked with one compare.
 *
 * An access of n bytes at `la` hits when la - tag <= 4096 - n: this one
 * unsigned compare tests the page, the permission and that the access stays
 * inside. Whatever is special (MMIO, code pages and clean pages for writes,
 * watched pages) carries tlb_none(), which no address can match, and takes
 * the slow path of access.c.
 *
 * Each recent PCID has a TLB of its own, and c->tlb is that of the current
 * one. A global page is in each that has used it.
 */
#ifndef CPU_TLB_H
#define CPU_TLB_H

#include "cpu/cpu.h"
#include "memory/phys.h"

/* As many as the pages of 16 MiB, so that what lies at a distance of a few MiB
 * does not meet; flushing costs what was filled, not what there is. */
#define TLB_ENTRIES 4096u

struct tlb_entry {
    uint64_t tag_r, tag_w;
    uint8_t *host;
    uint64_t paddr; /* of the page; valid when either tag or slow_tag is */
};

/* What the slow path knows of the same slot. */
struct tlb_slow {
    uint64_t tag;  /* page, or tlb_none */
    bool write_ok; /* translation allows writing and D is set */
    bool global;
    bool listed;   /* in tlb.filled, perhaps emptied since */
    uint8_t shift; /* of the guest's page: 12, 21, 22, 30 */
    struct phys_page page;
};

/* Arrays by the rights of the access. */
enum tlb_rights {
    RIGHTS_USER,     /* CPL 3 */
    RIGHTS_SUPER,    /* CPL 0-2, and implicit accesses */
    RIGHTS_SUPER_AC, /* CPL 0-2 with SMAP on and RFLAGS.AC set */
    RIGHTS_COUNT
};

#define ITLB_ENTRIES 512u

struct itlb_entry {
    uint64_t tag; /* linear page | user bit, tlb_none when empty */
    uint64_t paddr;
    bool global, listed;
    uint8_t shift;
    struct phys_page page;
};

/* Where pages of tables are in the host's memory, good until something is
 * mapped anew. */
#define TABLE_PAGES 64u

struct table_page {
    uint64_t paddr;      /* of the page, plus 1; 0: empty */
    const uint8_t *host; /* NULL: not plain memory */
};

/* Pages that may be somewhere, by hash: what is in it is found, and perhaps
 * something else. Large pages by 4 MiB regions. */
#define PAGE_SET_BITS  4096u
#define PAGE_SET_LARGE 1024u

struct page_set {
    uint64_t small[PAGE_SET_BITS / 64];
    uint64_t large[PAGE_SET_LARGE / 64];
    bool giant; /* a page of 1 GiB, anywhere */
};

struct tlb {
    struct tlb_entry data[RIGHTS_COUNT][TLB_ENTRIES];
    struct tlb_slow slow[RIGHTS_COUNT][TLB_ENTRIES];
    struct itlb_entry fetch[ITLB_ENTRIES];
    /* Slots that may hold something: rights * TLB_ENTRIES + slot. */
    uint16_t filled[RIGHTS_COUNT * TLB_ENTRIES];
    uint16_t filled_fetch[ITLB_ENTRIES];
    unsigned filled_count, filled_fetch_count;
    /* Pieces of large pages are in slots of their own, but INVLPG drops the
     * whole page: where there are any. */
    struct page_set pieces;
    /* Code that links and hashes of the generation may lead to. */
    struct page_set code;
    uint64_t generation; /* while another TLB is the current one; 0: over */
    uint64_t used;       /* when it was last chosen; 0: never */
    uint16_t pcid;
};

/* Linux keeps six address spaces, and each has two PCIDs if the kernel hides
 * itself from programs. */
#define TLB_BANKS 16u
#define PCIDS     4096u

struct tlb_set {
    struct tlb *bank;       /* [TLB_BANKS] */
    void *memory;           /* of them */
    uint8_t bank_of[PCIDS]; /* number of the one with this PCID, plus 1 */
    uint64_t clock;         /* counts choices */
    struct page_set global; /* global pages in any of them */
    struct table_page tables[TABLE_PAGES];
    struct phys_listener listener;
};

/* The tag of a slot that matches nothing: a page whose accesses use another
 * slot. (No fixed value would do: they may be anywhere, canonical or not.) */
static inline uint64_t tlb_none(unsigned slot)
{
    return (uint64_t)(slot ^ 1) << PAGE_SHIFT;
}

static inline unsigned tlb_index(uint64_t la)
{
    return (unsigned)(la >> PAGE_SHIFT) & (TLB_ENTRIES - 1);
}

bool tlb_create(struct cpu *c);
void tlb_destroy(struct cpu *c);

/*
 * Finds or makes the slot for an access; raises #PF. `write` also sets D.
 * Never caches an error.
 */
const struct tlb_slow *tlb_get(struct cpu *c, uint64_t la, bool write,
                               enum tlb_rights rights);
/* For instruction fetch at the current privilege; raises #PF. */
const struct itlb_entry *tlb_fetch(struct cpu *c, uint64_t la);

/* Drops everything, not by an act of the guest. */
void tlb_forget(struct cpu *c);

/* Finds the page of a table at a physical address. */
const uint8_t *tlb_table_find(struct cpu *c, uint64_t paddr);
/* The host's address of an aligned entry of a table in plain memory, or NULL.
 */
static inline const uint8_t *tlb_table(struct cpu *c, uint64_t paddr)
{
    uint64_t page = paddr & ~(uint64_t)PAGE_MASK;
    const struct table_page *e =
        &c->tlbs->tables[paddr >> PAGE_SHIFT & (TABLE_PAGES - 1)];
    const uint8_t *host =
        LIKELY(e->paddr == page + 1) ? e->host : tlb_table_find(c, page);

    return host ? host + (paddr & PAGE_MASK) : NULL;
}

/*
 * The host's address of n bytes at a linear address, when the TLB says that
 * they are plain memory, all on one page, that may be read or written with
 * these rights; else NULL. Never faults, and changes nothing.
 */
static inline uint8_t *tlb_plain(const struct cpu *c, uint64_t laddr,
                                 unsigned n, bool write, enum tlb_rights rights)
{
    const struct tlb_entry *e = &c->tlb->data[rights][tlb_index(laddr)];
    uint64_t off = laddr - (write ? e->tag_w : e->tag_r);

    return LIKELY(off <= PAGE_SIZE - n) ? e->host + off : NULL;
}

/* A page got its first decoded instruction: writes must go the slow way. */
void tlb_protect_code(struct cpu *c, const uint8_t *host);
/* ... and lost the last one. */

#endif

/*
 * paging.h - translation of linear to physical addresses (SDM vol. 3 ch. 4).
 */
#ifndef CPU_PAGING_H
#define CPU_PAGING_H

#include "cpu/cpu.h"

enum walk_access { WALK_READ, WALK_WRITE, WALK_FETCH };

/* Bits of a page-fault error code. */
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16 };

/* What a translation found; valid for the whole 4 KiB page. */
struct walk {
    uint64_t paddr;     /* of the page */
    uint8_t page_shift; /* 12, 21, 22, 30 */
    bool user_ok;       /* U/S bits of all levels allow user access */
    bool writable;      /* R/W bits of all levels */
    bool nx;
    bool global;
    bool dirty;     /* D is set (after this walk for writes) */
    uint32_t error; /* page-fault error code when the walk fails */
};

/*
 * Walks the tables of the current CR3 for an access and sets A and D as
 * hardware does. `user`: CPL 3 rights; `implicit`: a supervisor access that
 * the processor makes by itself. Returns false with w->error filled in when
 * the access is not allowed; raises nothing. With CR0.PG clear the address is
 * returned as it is. Does not look at any TLB.
 */
bool paging_walk(struct cpu *c, uint64_t laddr, enum walk_access access,
                 bool user, bool implicit, struct walk *w);
/*
 * Sets CR3; with PAE paging also reads the four PDPTE registers (SDM vol. 3
 * ch. 4.4.1). False, and nothing changed, if a present one has reserved bits
 * set. Flushes nothing.
 */
bool paging_load_cr3(struct cpu *c, uint64_t cr3);
/* MAXPHYADDR of the model. */
unsigned paging_phys_bits(const struct cpu *c);
/* The entries that a translation meets, for a debugger; changes nothing. */
struct page_path {
    bool mapped;          /* as far as the entries say; rights are not asked */
    unsigned top;         /* level of the first one: 4 PML4, 2 page directory
                             (32-bit and PAE); 0: no paging */
    unsigned count;       /* read; the last one is the page's, or the culprit */
    unsigned entry_bytes; /* 4 or 8 */
    uint64_t addr[4], entry[4];
};
void paging_path(struct cpu *c, uint64_t laddr, struct page_path *p);
/* For the debugger: no A/D updates, no permission checks. */
bool paging_translate_debug(struct cpu *c, uint64_t laddr, uint64_t *paddr);

#endif

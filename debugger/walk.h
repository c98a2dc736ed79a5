/*
 * walk.h - the way through the page tables to one address, for people.
 */
#ifndef DEBUGGER_WALK_H
#define DEBUGGER_WALK_H

#include "debugger/internal.h"

/* Entries from the top; of a failed walk the last one is why. */
struct page_walk {
    bool paging, mapped;
    unsigned count, level; /* level 0: page table */
    unsigned levels[5];
    uint64_t entry[5], entry_addr[5];
    uint64_t paddr;
    unsigned shift; /* of the page: 12, 21, 22, 30 */
};

/* False: not mapped. */
bool walk_page(struct debugger *d, uint64_t laddr, struct page_walk *w);
unsigned walk_levels(const struct cpu *c);
const char *walk_level_name(const struct cpu *c, unsigned level);
void print_page_entry(struct debugger *d, const struct cpu *c, unsigned level,
                      uint64_t entry);

#endif

/*
 * descriptor.h - segment and gate descriptors in words.
 */
#ifndef DEBUGGER_DESCRIPTOR_H
#define DEBUGGER_DESCRIPTOR_H

#include "debugger/internal.h"

/* A code or data segment: the two dwords of its descriptor. */
void print_segment_kind(struct debugger *d, uint32_t high, uint32_t low,
                        uint64_t base);
/* Any descriptor; upper: the second half of a 16-byte one. */
void print_descriptor(struct debugger *d, uint32_t high, uint32_t low,
                      uint64_t upper);

#endif

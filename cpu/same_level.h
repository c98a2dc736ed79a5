/*
 * same_level.h - interrupts and IRET that stay in the loaded code segment.
 *
 * Shortcuts for what system code does most: the gate or the frame names the
 * code segment that CS holds, at the same privilege, and everything that is
 * read and written is plain memory. Then CS, SS and the mode stay as they are.
 * False: nothing has been done, and the long way decides.
 */
#ifndef CPU_SAME_LEVEL_H
#define CPU_SAME_LEVEL_H

#include "cpu/exception.h"

/* As cpu_interrupt's middle part, in protected and 64-bit mode. */
bool same_level_interrupt(struct cpu *c, unsigned vector,
                          enum int_source source, bool has_code, uint32_t code);
/* IRET with this operand size; the flags that it may load are in `mask`. */
bool same_level_iret(struct cpu *c, unsigned osize, uint64_t mask);

#endif

/*
 * debugreg.h - breakpoints of DR0-DR7 (SDM vol. 3 ch. 17.2).
 */
#ifndef CPU_DEBUGREG_H
#define CPU_DEBUGREG_H

#include "cpu/cpu.h"

/* Does an enabled data breakpoint lie in the 4 KiB page of laddr? */
bool debug_watch_page(const struct cpu *c, uint64_t laddr);
/* An access happened: records DR6 bits and raises EV_TRAP when one hits. */
void debug_watch_access(struct cpu *c, uint64_t laddr, unsigned len,
                        bool write);
/* The same for a port access. */
void debug_watch_port(struct cpu *c, uint16_t port, unsigned len);
/* Is any instruction breakpoint enabled? */
bool debug_has_code_breaks(const struct cpu *c);
/* Instruction breakpoint at the current CS:RIP: the DR6 bits, 0 for none. */
uint64_t debug_code_hit(const struct cpu *c);

#endif

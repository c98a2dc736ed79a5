/*
 * debugreg.h - debug registers, breakpoints, single step (SDM vol. 3 ch. 17).
 *
 * Protocol of the run loop. While debug_active() is true it runs one
 * instruction at a time, between these two calls, both at a point where a
 * fault may be raised (setjmp armed):
 *   debug_begin_insn(c)  c->insn_rip = c->rip set; #DB fault for an
 *                        instruction breakpoint, and notes the single step
 *   debug_end_insn(c)    delivers the #DB trap of what was noted
 * If the instruction faults or takes an interrupt, what was noted is
 * dropped; debug_end_insn is then not called. EV_TRAP is raised whenever
 * debug_active() may have become true; the run loop clears it when it has
 * asked.
 */
#ifndef CPU_DEBUGREG_H
#define CPU_DEBUGREG_H

#include "cpu/cpu.h"

enum {
    DR6_BD = 1 << 13, /* debug register access with GD set */
    DR6_BS = 1 << 14, /* single step */
    DR6_BT = 1 << 15, /* task switch to a TSS with T set */
    DR7_FIXED = 0x400,
    DR7_GD = 1 << 13,
    /* In c->pending_dbg only: MOV SS delays traps by one instruction. */
    DEBUG_HOLD = 1 << 30,
};

/* Bits of DR6 that always read as ones. */
#define DR6_FIXED 0xffff0ff0u

/* TF or RF is set, a trap is pending, an instruction breakpoint enabled, or
 * VIF and VIP are both set where that is a #GP (SDM vol. 3 ch. 20.3). */
bool debug_active(const struct cpu *c);
void debug_begin_insn(struct cpu *c);
void debug_end_insn(struct cpu *c);
/* MOV SS and POP SS: traps wait for the end of the next instruction. */
void debug_hold(struct cpu *c);
/* DR6 takes c->pending_dbg, which becomes 0; DR7.GD is cleared. */
void debug_report(struct cpu *c);

/* Is any instruction breakpoint enabled? */
bool debug_watches_code(const struct cpu *c);
/* Is any data (I/O) breakpoint enabled: must accesses be told? */
bool debug_watches_data(const struct cpu *c);
bool debug_watches_io(const struct cpu *c);
/* Does an access of len bytes touch a data breakpoint? Notes the trap. The
 * access functions call it after the access succeeded. */
bool debug_watch_hits(struct cpu *c, uint64_t laddr, unsigned len, bool write);
/* The same for a port (needs CR4.DE). */
bool debug_io_hits(struct cpu *c, uint16_t port, unsigned len);
/* Does an enabled data breakpoint lie in the 4 KiB page? For TLB fills. */
bool debug_watches_page(const struct cpu *c, uint64_t laddr);

#endif

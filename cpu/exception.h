/*
 * exception.h - faults, and the way of every event to its handler.
 *
 * A fault in a handler fills c->fault and leaves by longjmp to the run loop,
 * which calls cpu_deliver_exception(). A fault during that delivery takes the
 * same way: the run loop's setjmp stays armed and calls it again. What was
 * being delivered is kept in c->fault_depth, fault_class and fault_ext, so
 * the second call can tell a double fault and a shutdown from a plain one.
 * All three are clear between instructions.
 *
 * Protocol of the run loop:
 *   if (setjmp(c->fault_env)) cpu_deliver_exception(c);  -- may come back
 *   external interrupt: cpu_interrupt(c, vector, INT_HARD, false, 0), with
 *     EFL_RF set in c->rflags beforehand if c->rip is at a repeated string
 *     instruction that has begun; NMI the same with vector 2 and
 *     c->nmi_masked = true afterwards.
 */
#ifndef CPU_EXCEPTION_H
#define CPU_EXCEPTION_H

#include "cpu/cpu.h"

enum int_source {
    INT_HARD,  /* INTR, NMI: external, restarts at c->rip */
    INT_SOFT,  /* INT n, INT3, INTO: gate DPL is checked */
    INT_EXC,   /* exception */
    INT_ICEBP, /* INT1: like INT_SOFT without the DPL check, EXT set */
};

/* Classes of SDM vol. 3 table 6-5. */
enum { CLASS_BENIGN, CLASS_CONTRIBUTORY, CLASS_PAGE, CLASS_DOUBLE };

uint8_t exc_class(unsigned vector);
/* What follows from the vector: SDM vol. 3 table 6-1. */
bool exc_has_code(unsigned vector);

/* As cpu_fault_code, naming the check that failed (static text). For the
 * vectors without an error code `code` is ignored. */
NORETURN void cpu_fault_why(struct cpu *c, unsigned vector, uint32_t code,
                            const char *why);

/* Delivers c->fault; c->rip is the faulting instruction's. Sets CR2, DR6 and
 * RF in the saved image, turns into #DF or EV_SHUTDOWN by table 6-5. */
void cpu_deliver_exception(struct cpu *c);

/*
 * Calls the handler of `vector` with c->rip as the return address. Faults
 * (longjmp) leave the state as before the call, with c->rip at c->insn_rip
 * for INT_SOFT and INT_ICEBP and unchanged for the others.
 */
void cpu_interrupt(struct cpu *c, unsigned vector, enum int_source source,
                   bool has_code, uint32_t code);

/*
 * INT n in virtual-8086 mode (SDM vol. 3 ch. 20.3): true if it was delivered
 * to the 8086 program's own handler; otherwise it may go on to the protected
 * mode handler. #GP(0) if it may do neither.
 */
bool v86_int_redirect(struct cpu *c, unsigned vector);

#endif

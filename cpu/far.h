/*
 * far.h - steps that far RET and IRET share (gate.c, iret.c).
 */
#ifndef CPU_FAR_H
#define CPU_FAR_H

#include "cpu/seg.h"

/* The checks of a return's code segment, SDM vol. 2, RET and IRET. */
void far_check_return_cs(struct cpu *c, uint16_t sel, struct descriptor *cs);
/* The stack segment of a return to cs: null is allowed for 64-bit code that
 * is not at CPL 3. */
void far_check_return_ss(struct cpu *c, uint16_t sel,
                         const struct descriptor *cs, struct descriptor *ss);
/* Loads CS, SS, RIP and RSP + extra; drops what an outer ring may not see.
 * The caller calls cpu_update_mode. */
void far_commit_return(struct cpu *c, struct descriptor *cs,
                       struct descriptor *ss, uint64_t rip, uint64_t rsp,
                       unsigned extra);

#endif

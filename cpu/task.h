/*
 * task.h - hardware task switching (SDM vol. 3 ch. 7).
 */
#ifndef CPU_TASK_H
#define CPU_TASK_H

#include "cpu/seg.h"

enum task_source { TASK_JMP, TASK_CALL, TASK_INT, TASK_IRET };

/*
 * Switches to the task of TSS descriptor `d`, whose type and presence the
 * caller has checked; c->rip is saved as the old task's. Faults up to the
 * commit point belong to the old task, later ones to the new one (c->insn_rip
 * is then the new EIP). Follow it with task_check_rip.
 */
void task_switch(struct cpu *c, struct descriptor *d, enum task_source source);
/* The last check of table 7-1, after an error code was pushed. */
void task_check_rip(struct cpu *c);
/* IRET with NT set: back to the task named by the back link. */
void task_return(struct cpu *c);

#endif

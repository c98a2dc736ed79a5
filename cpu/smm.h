/*
 * smm.h - system management mode (SDM vol. 3 ch. 34).
 */
#ifndef CPU_SMM_H
#define CPU_SMM_H

#include "cpu/cpu.h"

/* Takes an SMI: saves the state at SMBASE + FE00h (or FC00h in the 64-bit
 * layout), enters SMM. */
void smm_enter(struct cpu *c);

#endif

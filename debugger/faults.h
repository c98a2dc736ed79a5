/*
 * faults.h - the exceptions that the guest raised, for `explain`.
 */
#ifndef DEBUGGER_FAULTS_H
#define DEBUGGER_FAULTS_H

#include "debugger/internal.h"

/* Begins to record; by debugger_create. */
void faults_watch(struct debugger *d);
void faults_free(struct debugger *d);

#endif

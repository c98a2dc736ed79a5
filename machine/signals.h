/*
 * signals.h - requests to end (SIGINT, SIGTERM, SIGHUP), asked for.
 *
 * They are blocked and polled, so that they arrive between two instructions
 * of the guest and need no state outside this struct.
 */
#ifndef MACHINE_SIGNALS_H
#define MACHINE_SIGNALS_H

#include <stdbool.h>

struct signals;

/* Also makes a peer that went away an error of write(), not our end. */
struct signals *signals_take(void);
/* What has come, 0 for nothing; `why` is told in a few words. After the first
 * one the signals act as they did before, for those who cannot wait. */
int signals_look(struct signals *s, const char **why);
/* From now on SIGINT is no request to end, but the debugger's, whom it stops:
 * it waits for signals_take_interrupt alone. */
void signals_leave_interrupt(struct signals *s);
/* Takes a SIGINT that has come; the others stay. */
bool signals_take_interrupt(struct signals *s);
/* Has one come that was not looked at? For those who would wait. */
bool signals_pending(void);
/* NULL is allowed. */
void signals_release(struct signals *s);

#endif

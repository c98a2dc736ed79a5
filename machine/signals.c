/*
 * signals.c - requests to end, asked for between two slices of the guest.
 */
#include "machine/signals.h"
#include "core/err.h"
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct signals {
    sigset_t ours, before;
};

struct signals *signals_take(void)
{
    struct signals *s = calloc(1, sizeof *s);

    if (!s)
        error_no_memory();
    sigemptyset(&s->ours);
    sigaddset(&s->ours, SIGINT);
    sigaddset(&s->ours, SIGTERM);
    sigaddset(&s->ours, SIGHUP);
    sigprocmask(SIG_BLOCK, &s->ours, &s->before);
    signal(SIGPIPE, SIG_IGN);
    return s;
}

int signals_look(struct signals *s, const char **why)
{
    struct timespec now = {0};
    int n = sigtimedwait(&s->ours, NULL, &now);

    if (n <= 0)
        return 0;
    *why = n == SIGINT    ? "interrupted"
           : n == SIGTERM ? "terminated"
                          : "the terminal is gone";
    sigprocmask(SIG_SETMASK, &s->before, NULL);
    return n;
}

void signals_leave_interrupt(struct signals *s)
{
    sigdelset(&s->ours, SIGINT);
}

bool signals_take_interrupt(struct signals *s)
{
    struct timespec now = {0};
    sigset_t set;

    (void)s;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    return sigtimedwait(&set, NULL, &now) == SIGINT;
}

void signals_release(struct signals *s)
{
    if (!s)
        return;
    sigprocmask(SIG_SETMASK, &s->before, NULL);
    free(s);
}

bool signals_pending(void)
{
    sigset_t set;

    return !sigpending(&set) &&
           (sigismember(&set, SIGINT) > 0 || sigismember(&set, SIGTERM) > 0 ||
            sigismember(&set, SIGHUP) > 0);
}

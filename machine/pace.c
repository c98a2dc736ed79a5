/*
 * pace.c - how guest time follows the host's.
 */
#include "machine/pace.h"

#define FORGIVEN_SECONDS 0.25

struct pace pace_make(const char *sync)
{
    struct pace p = {.mode = PACE_NONE};

    if (!strcmp(sync, "slowdown"))
        p.mode = PACE_SLOWDOWN;
    else if (!strcmp(sync, "realtime") || !strcmp(sync, "both"))
        p.mode = PACE_REALTIME;
    return p;
}

double pace_ahead(struct pace *p, double host, double guest)
{
    double ahead;

    if (p->mode == PACE_NONE)
        return 0;
    if (!p->started) {
        p->started = true;
        p->offset = host - guest;
    }
    ahead = guest + p->offset - host;
    if (p->mode == PACE_SLOWDOWN && ahead < -FORGIVEN_SECONDS) {
        p->offset = host - guest - FORGIVEN_SECONDS;
        ahead = -FORGIVEN_SECONDS;
    }
    return ahead;
}

double pace_guest(const struct pace *p, double host)
{
    return host - p->offset;
}

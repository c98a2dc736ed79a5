/*
 * pace.h - how guest time follows the host's: `clock: sync=`.
 *
 * Guest time is a count of instructions and never reads a host clock; all
 * that can be done is to let the guest wait. A guest that is ahead of the
 * host sleeps. One that is behind, because its instructions take the host
 * longer than `ips` promises, makes up for it while it is idle: under
 * `realtime` and `both` for all that was lost, under `slowdown` for a quarter
 * of a second at most.
 */
#ifndef MACHINE_PACE_H
#define MACHINE_PACE_H

#include "core/base.h"

enum pace_mode { PACE_NONE, PACE_SLOWDOWN, PACE_REALTIME };

struct pace {
    enum pace_mode mode;
    double offset; /* host seconds minus guest seconds when in step */
    bool started;
};

/* `sync` as in bochsrc. */
struct pace pace_make(const char *sync);
/* Seconds by which the guest is ahead of the host, less than 0 when it is
 * behind; both arguments in seconds from any fixed start. 0 for `none`. */
double pace_ahead(struct pace *p, double host, double guest);
/* Guest seconds that belong to that moment of the host; only after
 * pace_ahead(). */
double pace_guest(const struct pace *p, double host);

#endif

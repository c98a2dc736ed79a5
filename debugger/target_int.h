/*
 * target_int.h - what the files of the target share.
 */
#ifndef DEBUGGER_TARGET_INT_H
#define DEBUGGER_TARGET_INT_H

#include "cpu/probe.h"
#include "debugger/target.h"

#define TARGET_OBSERVERS 4

struct target {
    struct cpu *c;
    struct target_host host;
    struct probe probe;
    struct point **points; /* owned, in the order of their ids */
    size_t point_count, point_cap;
    unsigned next_id;
    unsigned step_over; /* id of a point of ours, or 0 */
    bool dirty;         /* probe's tables are not those of the points */
    bool running;
    uint64_t slices; /* of this run */
    volatile int interrupted; /* also set by signal handlers */
    bool break_wanted;
    struct target_observer observers[TARGET_OBSERVERS];
    uint8_t (*watched)[32]; /* register points: last values, by point */
};

/* target_regs.c: applies a write; err as target_reg_write. */
bool regs_write(struct cpu *c, const struct target_reg *r, const uint8_t in[32],
                struct error *err);
void regs_read(struct cpu *c, const struct target_reg *r, uint8_t out[32]);

/* Through the log if there is one. */
bool target_change(struct target *t, const uint8_t *data, size_t n,
                   struct error *err);

/* target_points.c */
/* Makes the probe's tables. */
void points_apply(struct target *t);
/* After a run that a probe ended: true and *s filled in when one of the
 * points wants to stop. */
bool points_decide(struct target *t, struct stop *s);
bool points_wants(void *opaque, const struct probe_hit *h);
/* Register points: remember values; has one changed? */
void points_remember_registers(struct target *t);
bool points_any_register(const struct target *t);
bool points_register_changed(struct target *t, struct stop *s);

#endif

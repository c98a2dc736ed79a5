/*
 * clock.h - guest time and timers.
 *
 * The one clock counts ticks: retired guest instructions plus skipped idle
 * time. `ips` ticks are one guest second; nanoseconds are derived, exactly
 * and without drift, from the tick count. Timers fire between instructions,
 * at exactly their tick; timers due at one tick fire in the order they were
 * armed. Deadlines of all registered timers are saved and restored by the
 * clock (by name), so devices do not store them.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include "core/base.h"

#define CLOCK_NEVER UINT64_MAX

struct clock;
struct error;
struct state_buf; /* core/state.h */

struct timer {
    struct clock *clock;
    const char *name; /* unique in the machine: "pit0.counter0"; not owned */
    void (*fire)(void *opaque);
    void *opaque;
    uint64_t deadline; /* tick, CLOCK_NEVER when off */
    uint64_t seq;      /* order among equals */
    size_t slot;       /* place in the heap */
    struct timer *next;
};

struct clock {
    uint64_t now; /* current tick; kept true by the CPU at each device access */
    uint64_t ips; /* ticks per guest second */
    uint64_t seq;
    uint64_t next_deadline; /* CLOCK_NEVER when no timer is armed */
    struct timer **heap;
    size_t count, cap;
    struct timer *all; /* every registered timer */
    /* Called when next_deadline moves earlier, so that the CPU shortens its
     * current run; may be NULL. */
    void (*earlier)(void *opaque);
    void *opaque;
};

void clock_init(struct clock *k, uint64_t ips);
void clock_destroy(struct clock *k);

/* Guest nanoseconds since power-on. */
static inline uint64_t clock_ns(const struct clock *k)
{
    return mul_div_u64(k->now, 1000000000u, k->ips);
}

/* First tick at which clock_ns() is at least `ns`. */
static inline uint64_t clock_ns_to_tick(const struct clock *k, uint64_t ns)
{
    return mul_div_up_u64(ns, k->ips, 1000000000u);
}

/* Periods of a `hz` oscillator since power-on, for counters derived from
 * time (PIT 1193182, ACPI PM 3579545, HPET). */
static inline uint64_t clock_cycles(const struct clock *k, uint64_t hz)
{
    return mul_div_u64(k->now, hz, k->ips);
}

/* First tick at which clock_cycles(hz) is at least `cycles`. */
static inline uint64_t clock_cycles_to_tick(const struct clock *k,
                                            uint64_t cycles, uint64_t hz)
{
    return mul_div_up_u64(cycles, k->ips, hz);
}

/* Registers; does not arm. `name` must outlive the timer. */
void timer_init(struct timer *t, struct clock *k, const char *name,
                void (*fire)(void *), void *opaque);
void timer_destroy(struct timer *t);
/* Re-arms at an absolute tick or time. One that is not after k->now is moved
 * to k->now + 1, the next instruction boundary, so that a timer that arms
 * itself cannot stop time. CLOCK_NEVER cancels. */
void timer_arm_tick(struct timer *t, uint64_t tick);
void timer_arm_ns(struct timer *t, uint64_t abs_ns);
void timer_arm_in_ns(struct timer *t, uint64_t delta_ns);
void timer_cancel(struct timer *t);

static inline bool timer_armed(const struct timer *t)
{
    return t->deadline != CLOCK_NEVER;
}

/* Fires everything due at or before k->now. */
void clock_run_due(struct clock *k);
/* Moves time on to `tick`, stopping at each deadline on the way. For idle
 * processors and tests. */
void clock_advance_to(struct clock *k, uint64_t tick);

/* A hash of the time, of which timers are armed, for when, and in which order
 * those due at one tick will fire. */
uint64_t clock_hash(const struct clock *k, uint64_t seed);
/* Time and the deadlines of all timers, by name. */
void clock_save(const struct clock *k, struct state_buf *b);
/* Checks all, then applies. A timer that the data does not name is off; a
 * name that nobody registered is an error. Does not call `earlier`. */
bool clock_load(struct clock *k, const uint8_t *data, size_t len,
                struct error *err);
/* The checks of clock_load alone. */
bool clock_check(const struct clock *k, const uint8_t *data, size_t len,
                 struct error *err);

#endif

/*
 * line.h - a wire: whoever drives it does not know who listens.
 */
#ifndef CORE_LINE_H
#define CORE_LINE_H

#include "core/base.h"

struct line {
    void (*set)(void *sink, unsigned n, bool level); /* NULL: not connected */
    void *sink;
    unsigned n; /* which input of the sink */
};

/* Levels, not pulses: drive true, later false. Driving the same level again
 * is allowed and must be harmless in every sink. */
static inline void line_set(const struct line *l, bool level)
{
    if (l->set)
        l->set(l->sink, l->n, level);
}

/* Edge-triggered users: high, then low. */
static inline void line_pulse(const struct line *l)
{
    line_set(l, true);
    line_set(l, false);
}

#endif

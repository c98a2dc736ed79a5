/*
 * points.h - breakpoints and watchpoints as the user sees them.
 */
#ifndef DEBUGGER_POINTS_H
#define DEBUGGER_POINTS_H

#include "debugger/internal.h"

/* Adds; letter and what as in struct dbg_point. */
struct dbg_point *point_add(struct debugger *d, const struct point *wanted,
                            char letter, const char *what);
/* NULL: none. */
struct dbg_point *point_by_number(struct debugger *d, uint64_t number);
void point_remove(struct debugger *d, struct dbg_point *p);
/* It stops only while this is CR3. */
void point_in_space(struct dbg_point *p, uint64_t space);
/* Compiles it; the point keeps a copy of the text. */
bool point_condition(struct dbg_point *p, const char *text, struct error *err);

#endif

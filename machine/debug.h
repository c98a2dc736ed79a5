/*
 * debug.h - the debuggers of a session: who they are and how the guest runs
 * under them.
 */
#ifndef MACHINE_DEBUG_H
#define MACHINE_DEBUG_H

#include "debugger/gdb.h"
#include "machine/session.h"

struct debug {
    struct session *s;
    struct target *t;
    uint64_t turn_tick;       /* when the host had its last turn in a run */
    struct gdb *gdb;          /* NULL: none */
    struct debugger *monitor; /* gdb's monitor commands; made when used */
    FILE *answer;             /* ... what they print, into text */
    char *text;
    size_t text_len;
    struct console *console; /* machine/console.h; NULL: none */
};

/* Sets s->debug when the configuration wants a debugger. False: see err. */
bool debug_open(struct session *s, struct error *err);
void debug_close(struct session *s);
/* The main loop of a session with debuggers; what the commands want as the
 * exit code. */
int debug_loop(struct debug *d);
/* The plugins, for a console: `session` is a struct session. */
bool debug_instrument(void *session, const char *text,
                      void (*say)(void *say_opaque, const char *line),
                      void *say_opaque);
/* In each turn of the host, also in the middle of a run. */
void debug_poll(struct debug *d);

#endif

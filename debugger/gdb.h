/*
 * gdb.h - the stub that gdb talks to (`target remote`).
 *
 * The protocol is that of the gdb manual, appendix "Remote Protocol", all-stop.
 * Addresses of gdb are linear: in real mode, and wherever a segment has a
 * base, the stub adds the base of CS to the program counter and that of SS to
 * the stack pointer. The registers are laid out for the width of the code at
 * the time when gdb asks for the description: `unset tdesc filename` in gdb
 * asks again, after a change of mode.
 */
#ifndef DEBUGGER_GDB_H
#define DEBUGGER_GDB_H

#include "debugger/target.h"

struct gdb;

/* Bytes to gdb; false: it is gone. */
typedef bool gdb_write_fn(void *opaque, const void *p, size_t n);
/* A line for the debugger's own commands; the answer is malloc'ed. */
typedef char *gdb_monitor_fn(void *opaque, const char *line);

/*
 * A stub that listens at `where`: PORT or HOST:PORT (TCP; PORT alone is
 * 127.0.0.1), or unix:PATH. wait: the guest does not run before gdb has come
 * and lets it. NULL: see err.
 */
struct gdb *gdb_listen(struct target *t, const char *where, bool wait,
                       struct error *err);
/* One without a socket, for tests: connected, fed by gdb_feed. */
struct gdb *gdb_create(struct target *t, gdb_write_fn *write, void *opaque);
void gdb_destroy(struct gdb *g);

void gdb_set_monitor(struct gdb *g, gdb_monitor_fn *fn, void *opaque);
/* Is gdb there? NULL is allowed. */
bool gdb_connected(const struct gdb *g);
/* The port in use, 0 for none. */
unsigned gdb_port(const struct gdb *g);

/* Bytes from gdb. */
void gdb_feed(struct gdb *g, const uint8_t *p, size_t n);
/* Accepts, reads, answers; never waits, but packets that run the guest run
 * it. For the host's turn, also in the middle of a run. */
void gdb_poll(struct gdb *g);
/* For sessions without another front end: until the session is over. */
void gdb_serve(struct gdb *g);

#endif

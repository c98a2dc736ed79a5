/*
 * streams.h - the other ends of serial ports: files, terminals, sockets.
 */
#ifndef MACHINE_STREAMS_H
#define MACHINE_STREAMS_H

#include "core/host.h"

struct machine;
struct streams;

struct streams *streams_create(struct machine *m);
void streams_destroy(struct streams *s);

/* See struct host. Modes: null, file, term, raw (a device or pty by path),
 * pty (made here, its name is logged), stdio, socket-client, socket-server
 * (HOST:PORT), pipe-client, pipe-server (Unix socket path). Nothing waits: a
 * server accepts when somebody comes. */
bool streams_open(struct streams *s, const char *device, const char *mode,
                  const char *where, struct host_stream *out,
                  struct error *err);
/* Takes what has arrived and posts it; never waits. */
void streams_poll(struct streams *s);
/* Sleeps for at most so many seconds; not longer than until something has
 * arrived that streams_poll() would take. */
void streams_wait(struct streams *s, double seconds);

#endif

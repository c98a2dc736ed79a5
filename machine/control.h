/*
 * control.h - a Unix socket through which any program says the verbs.
 *
 * JSON lines. Request: {"id":1,"verb":"wait-serial","args":["login:","2G"]};
 * id and args may be missing. Answer: the event as in the log, with the id:
 * {"tick":..,"event":"wait-serial","args":[..],"ok":true,..,"id":1}. Events in
 * between ("stopped") are not sent. The guest runs only while a verb lets it.
 */
#ifndef MACHINE_CONTROL_H
#define MACHINE_CONTROL_H

#include "machine/script.h"

/* Listens at `path` (a stale socket is replaced), serves one client after the
 * other until `quit`, a signal, or, when `once`, the end of the first one. */
bool control_serve(struct script *s, const char *path, bool once);

#endif

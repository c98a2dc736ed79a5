/*
 * plugins.h - plugins that watch a machine: loading, calling, closing them.
 */
#ifndef INSTRUMENT_PLUGINS_H
#define INSTRUMENT_PLUGINS_H

#include "core/err.h"
#include "cpu/cpu.h"

struct plugins;

/* What the command line asked for; both belong to it. */
struct plugin_list {
    const char *given[32]; /* "FILE.so", "FILE.so,ARGUMENTS" */
    unsigned count;
};

bool plugin_list_add(struct plugin_list *l, const char *text,
                     struct error *err);

/* Loads all of them, for this processor. *out stays NULL if there are none.
 * False: one cannot be loaded or refused its arguments; err names it. */
bool plugins_open(const struct plugin_list *l, struct cpu *c, struct log *log,
                  const char *program, struct plugins **out, struct error *err);
/* The machine goes, another one takes its place: nobody is called between. */
void plugins_detach(struct plugins *p);
void plugins_attach(struct plugins *p, struct cpu *c, struct log *log);
/* Their last call; nobody listens any more. NULL is nothing. */
void plugins_close(struct plugins *p);

/* The debugger's `instrument TEXT`: to each plugin that takes commands.
 * False: none of them knows it, or there is none. */
bool plugins_command(struct plugins *p, const char *text,
                     void (*say)(void *opaque, const char *line), void *opaque);
/* Nobody is called until plugins_listen(p, true). */
void plugins_listen(struct plugins *p, bool on);
/* Name of the i-th, NULL: no more. */
const char *plugins_name(const struct plugins *p, unsigned i);

#endif

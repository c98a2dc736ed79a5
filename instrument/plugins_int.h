/*
 * plugins_int.h - what the files of instrumentation share.
 */
#ifndef INSTRUMENT_PLUGINS_INT_H
#define INSTRUMENT_PLUGINS_INT_H

#include "cpu/probe.h"
#include "instrument/klochs-plugin.h"
#include "instrument/plugins.h"

struct plugin {
    struct plugin *next;
    void *library; /* of dlopen */
    char *name;    /* as it was given, without folder */
    struct klochs_plugin p;
    uint64_t room[64]; /* behind p, for plugins made with a later header */
};

struct plugins {
    struct plugin *first;
    struct cpu *c; /* NULL: there is no machine at the moment */
    bool on;       /* plugins_listen's */
    struct klochs_host host;
    struct log_source log;
    struct probe_listener listener;
    uint32_t wanted;         /* mask of the listener while it listens */
    bool between;            /* c->rip is the next instruction's */
    struct klochs_insn insn; /* the one that runs */
};

/* Fills in the functions of p->host. */
void plugin_reads(struct plugins *p);
/* Sets p->listener and p->wanted from what the plugins want. */
void plugin_calls(struct plugins *p);

#endif

/*
 * session.h - one run of the program: what was asked, and the main loop.
 */
#ifndef MACHINE_SESSION_H
#define MACHINE_SESSION_H

#include "instrument/plugins.h"
#include "machine/machine.h"
#include "machine/pace.h"
#include "machine/show.h"
#include "machine/typist.h"

struct debug;
struct signals;

struct session {
    struct config *cfg;
    struct typist *typist;
    bool commands;                    /* start in the debugger */
    const char *debug_rc, *debug_log; /* its files; NULL: none */
    bool headless;       /* no display, first serial port on stdout */
    bool dump_screen;    /* print the text screen at the end */
    bool benchmark;      /* reaching max_insns is what was wanted */
    uint64_t max_insns;  /* 0: no limit */
    double max_seconds;  /* 0: no limit */
    uint64_t hash_every; /* 0: never */
    uint64_t next_hash;
    const char *restore; /* saved state to go on from, NULL: power on */
    char *config_text;   /* what was asked for, before defaults; owned */
    struct machine *m;
    struct show show;
    struct pace pace;
    struct signals *signals;        /* machine/signals.h */
    struct plugin_list plugin_list; /* that watch the guest */
    struct plugins *plugins;        /* loaded; NULL: none */
    struct debug *debug;            /* machine/debug.h; NULL: no debugger */
    double start;                   /* host seconds */
};

/* -1: go on; otherwise the exit code. cmdline.c */
int session_parse(struct session *s, int argc, char **argv, struct error *err);
/* The exit code. */
int session_run(struct session *s, struct error *err);
/* Loads the plugins for s->m. */
bool session_plugins(struct session *s, struct error *err);
/* Fills the machine that was just created from a file. */
bool session_restore(struct session *s, const char *path, struct error *err);
void session_free(struct session *s);

/* The host's turn: streams, display, signals, limits, debuggers. False: the
 * session is over. */
bool session_turn(struct session *s);
/* A slice of the guest, up to tick `limit` at most; or a nap, when the guest
 * is ahead of the host's clock. */
void session_slice(struct session *s, uint64_t limit);

#endif

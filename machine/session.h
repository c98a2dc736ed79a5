/*
 * session.h - one run of the program: what was asked, and the main loop.
 */
#ifndef MACHINE_SESSION_H
#define MACHINE_SESSION_H

#include "machine/machine.h"
#include "machine/pace.h"
#include "machine/show.h"
#include "machine/typist.h"

struct signals;

struct session {
    struct config *cfg;
    struct typist *typist;
    bool debug;          /* start in the debugger */
    const char *debug_rc, *debug_log; /* files; NULL: none */
    bool headless;       /* no display, first serial port on stdout */
    bool dump_screen;    /* print the text screen at the end */
    bool benchmark;      /* reaching max_insns is what was wanted */
    uint64_t max_insns;  /* 0: no limit */
    double max_seconds;  /* 0: no limit */
    double start;        /* host seconds when the run began */
    uint64_t hash_every; /* 0: never */
    uint64_t next_hash;
    struct machine *m;
    struct show show;
    struct pace pace;
    struct signals *signals; /* machine/signals.h */
};

/* -1: go on; otherwise the exit code. cmdline.c */
int session_parse(struct session *s, int argc, char **argv, struct error *err);
/* The exit code. */
int session_run(struct session *s, struct error *err);
void session_free(struct session *s);

/* For the debugger, whose runs take the place of the main loop. */
/* The host's turn: input, display, signals. False: the machine has stopped. */
bool session_turn(struct session *s);
/* Runs until tick `until` or the end of the slice, at the pace asked for. */
void session_slice(struct session *s, uint64_t until);
/* debug.c: the debugger instead of the main loop; the exit code. */
int debug_session(struct session *s, struct error *err);

#endif

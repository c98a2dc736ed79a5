/*
 * session.h - one run of the program: what was asked, and the main loop.
 */
#ifndef MACHINE_SESSION_H
#define MACHINE_SESSION_H

#include "machine/machine.h"

struct session {
    struct config *cfg;
    bool headless;
    bool dump_screen;      /* print the text screen at the end */
    uint64_t max_insns;    /* 0: no limit */
    double max_seconds;    /* 0: no limit */
    uint64_t hash_every;   /* 0: never */
    const char *type[16];  /* TEXT=keys */
    unsigned type_count, type_next;
    struct machine *m;
    char seen[4096];       /* tail of the serial output */
    size_t seen_len;
};

/* -1: go on; otherwise the exit code. */
int session_parse(struct session *s, int argc, char **argv,
                  struct error *err);
/* The exit code. */
int session_run(struct session *s, struct error *err);
void session_free(struct session *s);

#endif

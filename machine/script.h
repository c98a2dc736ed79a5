/*
 * script.h - a machine that a script drives: the verbs and what they share.
 *
 * One table of verbs serves scripts, the control socket and the docs. What a
 * verb does to the guest depends on guest time alone, so that two runs of a
 * script are alike to the tick.
 */
#ifndef MACHINE_SCRIPT_H
#define MACHINE_SCRIPT_H

#include "machine/script_log.h"
#include "machine/script_serial.h"
#include "machine/session.h"

/* Exit status beside enum exit_code: a wait or a check was not fulfilled. */
enum { EXIT_CHECK = 1 };

enum {
    SCRIPT_MAX_ARGS = 64,
    SCRIPT_LOOK_TICKS = 100000,     /* between two looks at a text screen */
    SCRIPT_PICTURE_TICKS = 1000000, /* between two looks at a picture */
};

struct script {
    struct script_log *log;
    const char *out_dir;        /* where screen shots go */
    const char *const *defines; /* NAME=VALUE, ends with NULL */
    const char *script_dir;     /* $DIR */
    struct plugin_list plugins; /* for each machine */
    FILE *serial_copy;          /* raw output of the first port, or NULL */

    char *words[SCRIPT_MAX_ARGS * 4]; /* the machine's arguments, owned */
    unsigned word_count;
    bool powered; /* ses is in use */
    struct session ses;
    struct machine *m; /* NULL before power-on */
    struct script_serial serial;

    uint64_t patience;   /* ticks that a wait lasts when it does not say */
    uint64_t max_ticks;  /* 0: no limit */
    double max_seconds;  /* 0: no limit */
    double start;        /* host seconds */
    uint64_t busy_until; /* tick of the last key */
    bool told_stop;      /* the log knows that the machine stopped */
    bool quit;           /* `quit` was said */
    struct out fields;   /* of the present event: `,"name":value` */
    struct error err;    /* why the present verb failed */
};

struct verb {
    const char *name;
    const char *args; /* "REGEX [TICKS]" */
    uint8_t min, max; /* number of arguments */
    bool needs_machine;
    const char *help;
    /* argv[0] is the first argument, a NULL follows the last. False with
     * s->err filled in. */
    bool (*run)(struct script *s, char **argv);
};

extern const struct verb script_verbs[]; /* ends with name NULL */

/* ---- script.c ---- */
/* `klochs test ...`; argv[0] is "test". */
int script_main(int argc, char **argv);
bool verb_case(struct script *s, char **argv);

/* ---- script_line.c: words, the dispatcher ---- */
/* Splits a line into words; `raw` as written, `argv` with variables put in.
 * Both owned by the caller. -1: a mistake, in s->err. */
int script_split(struct script *s, const char *line, char **raw, char **argv);
void script_free_words(char **words, int n);
/* Looks the verb up, runs it, logs the event. `raw` is what the log shows.
 * False with s->err filled in. `id`: of the control socket, else NULL; the
 * log's line stays in log->last for the answer. */
bool script_do(struct script *s, int argc, char **argv, char **raw);
/* 12, 12k, 12M, 12G ticks; 12s, 12ms of guest time. */
bool script_ticks(struct script *s, const char *text, uint64_t *out);
bool script_number(struct script *s, const char *text, int64_t min, int64_t max,
                   int64_t *out);

/* ---- script_run.c: the machine ---- */
double script_host_seconds(void);
void script_begin(struct script *s);
bool script_power_on(struct script *s);
void script_power_off(struct script *s);
/*
 * Runs until `done` says so (asked now and at each multiple of `every`, and
 * after a byte that the serial matcher wanted), at the latest to tick `until`.
 * False, with s->err filled in, at a limit, a refused text, a signal, or when
 * the machine stopped before. `*met`: what `done` said last.
 */
bool script_run_until(struct script *s, uint64_t until, uint64_t every,
                      bool (*done)(struct script *s, void *opaque),
                      void *opaque, bool *met);
/* Runs up to tick `until`. A machine that stops is no failure here. */
bool script_run_to(struct script *s, uint64_t until);

bool verb_save(struct script *s, char **argv);
bool verb_restore(struct script *s, char **argv);

/* ---- script_picture.c ---- */
bool verb_screenshot(struct script *s, char **argv);
bool verb_picture(struct script *s, char **argv);
bool verb_wait_picture(struct script *s, char **argv);
bool verb_wait_still(struct script *s, char **argv);
/* The picture at a failure, as a file for people. */
void script_keep_picture(struct script *s, const char *name);

/* ---- script_input.c ---- */
bool verb_type(struct script *s, char **argv);
bool verb_press(struct script *s, char **argv);
bool verb_release(struct script *s, char **argv);
bool verb_mouse(struct script *s, char **argv);
bool verb_click(struct script *s, char **argv);
bool verb_send(struct script *s, char **argv);
bool verb_insert(struct script *s, char **argv);
bool verb_eject(struct script *s, char **argv);
bool verb_reset(struct script *s, char **argv);
bool verb_power_button(struct script *s, char **argv);

/* Markdown of the table, for docs/test-verbs.md. */
void script_print_verbs(struct out *o);

#endif

/*
 * err.h - one host or configuration error, carried up to whoever can show it.
 *
 * Functions that can fail for the host's or the user's reasons return bool
 * and take a `struct error *`. `error_set` returns false, so that
 * `return error_set(err, EXIT_OPEN, ...)` is the usual form. Guest faults and
 * guest oddities never use this.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#include "core/base.h"

/* Exit codes of the program; docs and the man page print this table. */
enum exit_code {
    EXIT_CLEAN = 0,     /* guest powered off, or was told to stop */
    EXIT_USAGE = 64,    /* command line or configuration file is wrong */
    EXIT_BAD_DATA = 65, /* an image, ROM or state file is damaged */
    EXIT_NO_OPEN = 66,  /* a file or host device cannot be opened */
    EXIT_INTERNAL = 70, /* our own bug */
    EXIT_TRIPLE = 72,   /* triple fault with reset_on_triple_fault=0 */
    EXIT_PANIC = 73,    /* a log event whose action is fatal */
    EXIT_IO = 74,       /* reading or writing an open file failed */
    EXIT_LIMIT = 124,   /* --max-insns or --max-seconds reached */
};
/* 1..63 are passed through from the guest's exit port. */

struct error {
    enum exit_code code;
    char text[480]; /* one line, no newline, says what to do about it */
};

/* Always returns false. err may be NULL. */
bool error_set(struct error *err, enum exit_code code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Puts "prefix: " in front of the text already there. Returns false. */
bool error_prefix(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * The candidate nearest to `word` by edit distance, or NULL when none is
 * near enough to be a plausible misspelling. `list` ends with NULL.
 */
const char *error_nearest(const char *word, const char *const *list);

/* Says so and ends the program with EXIT_INTERNAL. Only for small requests
 * while a machine is put together, never for sizes that a guest or a file
 * chooses. */
NORETURN void error_no_memory(void);

#endif

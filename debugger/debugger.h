/*
 * debugger.h - the internal debugger: Bochs's command language, and more.
 *
 * Commands are text; results are text in Bochs's formats or, on request, one
 * JSON object a command. One table of commands (cmd_table.c) gives dispatch,
 * help, docs/debugger.md and completion.
 */
#ifndef DEBUGGER_DEBUGGER_H
#define DEBUGGER_DEBUGGER_H

#include "core/device.h"
#include "debugger/target.h"

struct debugger;

struct debugger_setup {
    struct target *target;
    const struct device_list *devices; /* for `info device`; may be NULL */
    FILE *out;                         /* results */
    FILE *log;                         /* a copy with the commands; or NULL */
    /* The next line of input without its newline, from malloc; NULL at the
     * end. NULL as the function: there is none. */
    char *(*read_line)(void *opaque, const char *prompt);
    void *opaque;
    /* Has the user asked for an interruption since the last call? May be
     * NULL. Asked between commands and between single steps. */
    bool (*interrupted)(void *opaque);
    /* A word for the plugins: `stop`, `start`, "" for a list, or theirs.
     * False: nobody knows it. May be NULL. */
    bool (*instrument)(void *opaque, const char *text,
                       void (*say)(void *say_opaque, const char *line),
                       void *say_opaque);
    void *instrument_opaque;
};

struct debugger *debugger_create(const struct debugger_setup *setup);
void debugger_destroy(struct debugger *d);

/*
 * Where the machine stands, the commands of `rc_file` (NULL: none), then
 * those of read_line until `quit` or the end of input. The exit code.
 */
int debugger_run(struct debugger *d, const char *rc_file);
/* One line as if it had been typed. False after `quit`. */
bool debugger_line(struct debugger *d, const char *line);

/* What the guest asked for, done when the run that target_break() ends has
 * ended; it then goes on, unless text is NULL: then it stops there. Safe in
 * the middle of an instruction. */
void debugger_later(struct debugger *d, const char *text);

/*
 * Calls `each` for every text that could stand where `line` ends; *start is
 * where in `line` the word to complete begins. Commands, registers, symbols;
 * *files: names of files would do as well.
 */
void debugger_complete(struct debugger *d, const char *line, size_t *start,
                       bool *files,
                       void (*each)(void *opaque, const char *text),
                       void *opaque);

/* Symbols for all address spaces, as `ldsym global`. *count: how many there
 * are now. */
bool debugger_symbols(struct debugger *d, const char *path, size_t *count,
                      struct error *err);

/* docs/debugger.md's tables, from the table of commands. */
void debugger_print_docs(struct out *out);

#endif

/*
 * line_edit.c - lines from the user: edited on a terminal, plain elsewhere.
 *
 * libedit and GNU readline offer the same functions under the same names;
 * whichever is installed is loaded when the first prompt needs it.
 */
#include "machine/line_edit.h"
#include "core/err.h"
#include "core/dl.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct editor {
    char *(*readline)(const char *prompt);
    void (*add_history)(const char *line);
    char **(*matches)(const char *text, char *(*next)(const char *, int));
    char **(**attempted)(const char *text, int start, int end);
    char **line; /* the library's buffer */
};

struct line_edit {
    line_complete_fn *complete;
    void *opaque;
    void *library;
    struct editor api;
    char *last;
    /* Candidates of the completion in work. */
    char **found;
    size_t count, next;
};

static const struct dl_symbol symbols[] = {
    {"readline", offsetof(struct editor, readline)},
    {"add_history", offsetof(struct editor, add_history)},
    {"rl_completion_matches", offsetof(struct editor, matches)},
    {"rl_attempted_completion_function", offsetof(struct editor, attempted)},
    {"rl_line_buffer", offsetof(struct editor, line)},
    {NULL, 0}};

/* The library's callbacks carry no argument: this one is valid during
 * line_edit_read alone. */
static struct line_edit *current;

static void forget(struct line_edit *e)
{
    for (size_t n = 0; n < e->count; n++)
        free(e->found[n]);
    free(e->found);
    e->found = NULL;
    e->count = e->next = 0;
}

static void keep(void *opaque, const char *text)
{
    struct line_edit *e = opaque;
    char **more = realloc(e->found, (e->count + 1) * sizeof *more);
    char *copy;

    if (!more)
        error_no_memory();
    e->found = more;
    copy = strdup(text);
    if (!copy)
        error_no_memory();
    e->found[e->count++] = copy;
}

static char *next_match(const char *text, int state)
{
    struct line_edit *e = current;
    char *copy;

    (void)text;
    if (!state)
        e->next = 0;
    if (e->next >= e->count)
        return NULL;
    copy = strdup(e->found[e->next++]);
    if (!copy)
        error_no_memory();
    return copy;
}

/* NULL: the library completes names of files. */
static char **attempt(const char *text, int start, int end)
{
    struct line_edit *e = current;
    char *line = strndup(*e->api.line, (size_t)end);
    size_t from;
    bool files;

    if (!line)
        error_no_memory();
    forget(e);
    e->complete(e->opaque, line, &from, &files, keep, e);
    free(line);
    if (!e->count || from != (size_t)start)
        return NULL;
    return e->api.matches(text, next_match);
}

struct line_edit *line_edit_create(line_complete_fn *complete, void *opaque)
{
    static const char *const names[] = {"libedit.so.2",     "libedit.so.0",
                                        "libreadline.so.8", "libreadline.so.7",
                                        "libedit.so",       NULL};
    struct line_edit *e = calloc(1, sizeof *e);
    struct error err;

    if (!e)
        error_no_memory();
    e->complete = complete;
    e->opaque = opaque;
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        e->library = dl_open("line editing", names, symbols, &e->api, &err);
    if (e->library)
        *e->api.attempted = attempt;
    return e;
}

void line_edit_destroy(struct line_edit *e)
{
    if (!e)
        return;
    if (e->library)
        *e->api.attempted = NULL;
    forget(e);
    free(e->last);
    free(e);
}

static char *read_plain(const char *prompt)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    fputs(prompt, stdout);
    fflush(stdout);
    n = getline(&line, &cap, stdin);
    if (n < 0) {
        free(line);
        putchar('\n');
        return NULL;
    }
    if (n && line[n - 1] == '\n')
        line[n - 1] = '\0';
    return line;
}

char *line_edit_read(struct line_edit *e, const char *prompt)
{
    char *line;

    if (!e->library)
        return read_plain(prompt);
    current = e;
    line = e->api.readline(prompt);
    current = NULL;
    if (!line) {
        putchar('\n');
        return NULL;
    }
    /* The same line once more is no news. */
    if (*line && (!e->last || strcmp(e->last, line) != 0)) {
        e->api.add_history(line);
        free(e->last);
        e->last = strdup(line);
    }
    return line;
}

/*
 * debugger.c - lines into commands, scripts, the prompt.
 */
#include "debugger/internal.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_MAX_LEN  4096
#define SOURCE_DEPTH  16
#define COMMAND_DEPTH 16

struct debugger *debugger_create(const struct debugger_setup *setup)
{
    struct debugger *d = calloc(1, sizeof *d);

    if (!d)
        error_no_memory();
    d->set = *setup;
    d->t = setup->target;
    d->next_number = 1;
    d->prompt = 1;
    d->x_format = 'x';
    d->x_size = 1;
    return d;
}

void debugger_destroy(struct debugger *d)
{
    if (!d)
        return;
    points_free(d);
    symbols_destroy(d->syms);
    free(d->layout);
    free(d);
}

/* ---- one command ---- */

static size_t name_length(const char *p)
{
    size_t n = 0;

    if (*p == '?')
        return 1;
    while (isalnum((unsigned char)p[n]) || p[n] == '_' ||
           (p[n] == '-' && n && isalpha((unsigned char)p[n + 1])))
        n++;
    return n;
}

static void print_syntax_error(struct debugger *d)
{
    char bad[64];

    lexer_copy(&d->lx, bad, sizeof bad);
    if (d->lx.kind == TOK_STRING)
        snprintf(bad, sizeof bad, "\"%.*s\"",
                 (int)(d->lx.len < 40 ? d->lx.len : 40), d->lx.start);
    if (!arg_more(d))
        snprintf(bad, sizeof bad, "\n");
    say(d, "%s:%u: syntax error at '%s'\n", d->input->name, d->input->line,
        bad);
    data_text(d, "error", "syntax error");
    data_text(d, "at", bad);
}

static void carry_out(struct debugger *d, const char *text)
{
    const struct command *c = NULL;
    char name[32];
    size_t n = name_length(text);

    if (n < sizeof name) {
        memcpy(name, text, n);
        name[n] = '\0';
        c = command_find(name);
    }
    if (c) {
        lexer_init(&d->lx, text + n);
        c->run(d);
    } else {
        lexer_init(&d->lx, text);
        syntax_error(d);
    }
    if (d->syntax)
        print_syntax_error(d);
}

/* Takes the word --json out of a command. */
static bool take_json(char *text)
{
    bool quoted = false;

    for (char *p = text; *p; p++) {
        quoted ^= *p == '"';
        if (quoted || strncmp(p, "--json", 6) || (p > text && p[-1] != ' ') ||
            (p[6] && p[6] != ' '))
            continue;
        memmove(p, p + 6, strlen(p + 6) + 1);
        return true;
    }
    return false;
}

static void trim(char *s)
{
    size_t n = strlen(s), skip = strspn(s, " \t\r\n\v\f");

    while (n > skip && isspace((unsigned char)s[n - 1]))
        n--;
    memmove(s, s + skip, n - skip);
    s[n - skip] = '\0';
}

/* A command without separators. False when it failed. */
static bool one_command(struct debugger *d, char *text)
{
    bool json = take_json(text), outer_json = d->json, ok;

    trim(text);
    if (!*text)
        return true;
    if (d->depth >= COMMAND_DEPTH) {
        fail(d, "commands are nested too deeply");
        return false;
    }
    d->depth++;
    d->failed = d->syntax = false;
    json = (json || d->json_always) && !outer_json;
    if (json) {
        d->json = true;
        say_begin(d);
    }
    carry_out(d, text);
    if (json)
        say_end(d, text);
    ok = !d->failed;
    if (d->syntax && *d->input->name) {
        say(d, "%s: ERROR in source file causes exit\n", d->input->name);
        d->quit = true;
        d->exit_code = 1;
    }
    d->depth--;
    fflush(d->set.out);
    return ok;
}

bool debugger_commands_text(struct debugger *d, const char *text)
{
    const char *next = text;
    bool ok = true;

    while (next && !d->quit) {
        const char *at = next;
        size_t n = lexer_split(at, &next);
        char *copy = strndup(at, n);

        if (!copy)
            error_no_memory();
        ok &= one_command(d, copy);
        free(copy);
    }
    return ok;
}

bool debugger_line(struct debugger *d, const char *line)
{
    struct dbg_input here = {.name = "", .line = d->prompt};
    bool outermost = !d->input;

    if (outermost)
        d->input = &here;
    if (d->set.log)
        fprintf(d->set.log, "%s\n", line);
    debugger_commands_text(d, line);
    if (outermost)
        d->input = NULL;
    return !d->quit;
}

/* ---- scripts ---- */

/* One line of any length without its newline; NULL at the end. */
static char *file_line(FILE *f)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n = getline(&line, &cap, f);

    if (n < 0) {
        free(line);
        return NULL;
    }
    if (n && line[n - 1] == '\n')
        line[n - 1] = '\0';
    return line;
}

bool debugger_source(struct debugger *d, const char *path)
{
    struct dbg_input in = {d->input, path, 0};
    unsigned depth = 0;
    char *line;
    FILE *f;

    for (struct dbg_input *i = d->input; i; i = i->outer)
        depth++;
    if (depth > SOURCE_DEPTH) {
        fail(d, "%s: scripts are nested too deeply", path);
        return false;
    }
    f = fopen(path, "r");
    if (!f) {
        fail(d, "can not open file '%s' for reading: %s", path,
             strerror(errno));
        return false;
    }
    d->input = &in;
    while (!d->quit && (line = file_line(f))) {
        in.line++;
        debugger_line(d, line);
        free(line);
    }
    d->input = in.outer;
    fclose(f);
    return true;
}

/* ---- the prompt ---- */

static void prompt_loop(struct debugger *d)
{
    char prompt[32];

    while (!d->quit && d->set.read_line) {
        char *line;

        snprintf(prompt, sizeof prompt, "<bochs:%u> ", d->prompt);
        fflush(d->set.out);
        line = d->set.read_line(d->set.opaque, prompt);
        if (!line)
            return;
        trim(line);
        if (*line)
            snprintf(d->last, sizeof d->last, "%s", line);
        debugger_line(d, *line ? line : d->last);
        d->prompt++;
        free(line);
    }
}

int debugger_run(struct debugger *d, const char *rc_file)
{
    struct dbg_input here = {.name = "", .line = 1};

    say(d, "Next at t=%" PRIu64 "\n", target_ticks(d->t));
    print_position(d, false);
    if (rc_file) {
        d->input = &here;
        if (!debugger_source(d, rc_file)) {
            d->quit = true;
            d->exit_code = EXIT_NO_OPEN;
        }
        d->input = NULL;
    }
    prompt_loop(d);
    print_position(d, true);
    fflush(d->set.out);
    return d->exit_code;
}

/* ---- completion ---- */

static bool begins(const char *text, const char *with, size_t n)
{
    return !strncmp(text, with, n);
}

static void complete_commands(const char *word, size_t n,
                              void (*each)(void *, const char *), void *opaque)
{
    for (const struct command *c = debugger_commands; c->name; c++) {
        char names[160], *save = NULL;

        snprintf(names, sizeof names, "%s %s", c->name,
                 c->aliases ? c->aliases : "");
        for (char *w = strtok_r(names, " ", &save); w;
             w = strtok_r(NULL, " ", &save))
            if (begins(w, word, n))
                each(opaque, w);
    }
}

/* The words between "on|off" and the like of a syntax line. */
static void complete_words(const char *syntax, const char *word, size_t n,
                           void (*each)(void *, const char *), void *opaque)
{
    for (const char *p = syntax; *p;) {
        size_t k = 0;
        char text[40];

        while (islower((unsigned char)p[k]) || (k && p[k] == '-'))
            k++;
        if (k > 1 && k < sizeof text &&
            (p == syntax || !isalnum((unsigned char)p[-1]))) {
            memcpy(text, p, k);
            text[k] = '\0';
            if (begins(text, word, n))
                each(opaque, text);
        }
        p += k ? k : 1;
    }
}

void debugger_complete(struct debugger *d, const char *line, size_t *start,
                       bool *files,
                       void (*each)(void *opaque, const char *text),
                       void *opaque)
{
    const char *next = line, *at = line, *word;
    const struct command *c;
    char name[32];
    size_t n;

    while (next) {
        at = next;
        lexer_split(at, &next);
    }
    at += strspn(at, " \t");
    word = at + strlen(at);
    while (word > at && !strchr(" \t\"+-*/&|^!<>=():@", word[-1]))
        word--;
    *start = (size_t)(word - line);
    *files = false;
    n = name_length(at);
    if (!strpbrk(at, " \t")) {
        word = at;
        *start = (size_t)(word - line);
        complete_commands(word, strlen(word), each, opaque);
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)(n < 31 ? n : 31), at);
    c = command_find(name);
    if (!c)
        return;
    n = strlen(word);
    complete_words(c->syntax, word, n, each, opaque);
    for (const char *k = c->complete ? c->complete : ""; *k; k++) {
        if (*k == 'c')
            complete_commands(word, n, each, opaque);
        for (size_t i = 0; *k == 'r' && i < target_reg_count(); i++)
            if (begins(target_reg_at(i)->name, word, n))
                each(opaque, target_reg_at(i)->name);
        for (size_t i = 0; *k == 's' && i < symbols_count(d->syms); i++)
            if (begins(symbols_get(d->syms, i)->name, word, n))
                each(opaque, symbols_get(d->syms, i)->name);
        *files |= *k == 'f';
    }
}

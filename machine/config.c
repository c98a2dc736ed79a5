/*
 * config.c - the settings as given, looked up by directive and key.
 */
#include "machine/config.h"
#include "core/option.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct setting {
    const struct config_row *row;
    char *value;
    char where[128];
    struct setting *next;
};

struct config {
    struct setting *first;
};

struct config *config_create(void)
{
    return calloc(1, sizeof(struct config));
}

void config_destroy(struct config *c)
{
    struct setting *s = c ? c->first : NULL;

    while (s) {
        struct setting *next = s->next;

        free(s->value);
        free(s);
        s = next;
    }
    free(c);
}

static const struct config_row *find_row(const char *directive,
                                         const char *key)
{
    const struct config_row *r = config_rows;

    for (; r->directive; r++)
        if (!strcmp(r->directive, directive) && !strcmp(r->key, key))
            return r;
    return NULL;
}

static bool unknown(const char *directive, const char *key, const char *where,
                    struct error *err)
{
    const char *names[512] = {0};
    const char *near;
    bool known = false;
    size_t n = 0;

    for (const struct config_row *r = config_rows; r->directive; r++)
        known |= !strcmp(r->directive, directive);
    for (const struct config_row *r = config_rows; r->directive; r++) {
        const char *word = known ? r->key : r->directive;

        if (known && strcmp(r->directive, directive))
            continue;
        if (n && !strcmp(names[n - 1], word))
            continue;
        if (n < ARRAY_LEN(names) - 1)
            names[n++] = word;
    }
    near = error_nearest(known ? key : directive, names);
    if (known)
        return error_set(err, EXIT_USAGE,
                         "%s: %s has no parameter '%s'%s%s%s", where,
                         directive, key, near ? "; did you mean '" : "",
                         near ? near : "", near ? "'?" : "");
    return error_set(err, EXIT_USAGE, "%s: unknown directive '%s'%s%s%s",
                     where, directive, near ? "; did you mean '" : "",
                     near ? near : "", near ? "'?" : "");
}

/* Parses with the option parser to check; the text is what is kept. */
static bool check(const struct config_row *r, const char *value,
                  const char *where, struct error *err)
{
    union {
        bool b;
        int64_t i;
        int32_t e;
        char *s;
    } v = {0};
    const struct option row[] = {{r->key, r->type, 0, NULL, r->help},
                                 {.key = NULL}};
    bool ok = option_set(row, &v, r->directive, r->key, value, err);

    if (!ok)
        return error_prefix(err, "%s", where);
    options_free(row, &v);
    return true;
}

bool config_set(struct config *c, const char *directive, const char *key,
                const char *value, const char *where, struct error *err)
{
    const struct config_row *r = find_row(directive, key);
    struct setting *s;

    if (!r)
        return unknown(directive, key, where, err);
    if (!check(r, value, where, err))
        return false;
    for (s = c->first; s && s->row != r; s = s->next)
        ;
    if (!s) {
        s = calloc(1, sizeof *s);
        if (!s)
            error_no_memory();
        s->row = r;
        s->next = c->first;
        c->first = s;
    }
    free(s->value);
    s->value = strdup(value);
    snprintf(s->where, sizeof s->where, "%s", where);
    if (!s->value)
        error_no_memory();
    return true;
}

bool config_given(const struct config *c, const char *directive)
{
    for (const struct setting *s = c->first; s; s = s->next)
        if (!strcmp(s->row->directive, directive))
            return true;
    return false;
}

const char *config_given_text(const struct config *c, const char *directive,
                              const char *key)
{
    for (const struct setting *s = c->first; s; s = s->next)
        if (!strcmp(s->row->directive, directive) && !strcmp(s->row->key, key))
            return s->value;
    return NULL;
}

const char *config_text(const struct config *c, const char *directive,
                        const char *key)
{
    const struct config_row *r = find_row(directive, key);
    const char *given = config_given_text(c, directive, key);

    assert(r);
    return given ? given : r->dflt;
}

int64_t config_int(const struct config *c, const char *directive,
                   const char *key)
{
    const char *t = config_text(c, directive, key);

    return t ? (int64_t)strtoull(t, NULL, 0) : 0;
}

bool config_bool(const struct config *c, const char *directive,
                 const char *key)
{
    const char *t = config_text(c, directive, key);

    return t && (!strcmp(t, "1") || !strcmp(t, "true") || !strcmp(t, "yes") ||
                 !strcmp(t, "on"));
}

/*
 * config.c - the settings as given, looked up by directive and key.
 */
#include "machine/config.h"
#include "core/option.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct setting {
    const struct config_row *row;
    char *key; /* as given; differs from the row's for "*" */
    char *value;
    char where[128];
    struct setting *next;
};

struct note {
    char *text;
    struct note *next;
};

enum { MAX_SETTINGS = 4096, MAX_NOTES = 200 };

struct config {
    struct setting *first, **tail;
    unsigned count;
    struct note *notes, **notes_tail;
    unsigned note_count;
};

static char *copy(const char *text)
{
    char *p = strdup(text);

    if (!p)
        error_no_memory();
    return p;
}

struct config *config_create(void)
{
    struct config *c = calloc(1, sizeof *c);

    if (c) {
        c->tail = &c->first;
        c->notes_tail = &c->notes;
    }
    return c;
}

static void free_setting(struct setting *s)
{
    free(s->key);
    free(s->value);
    free(s);
}

void config_destroy(struct config *c)
{
    while (c && c->first) {
        struct setting *s = c->first;

        c->first = s->next;
        free_setting(s);
    }
    while (c && c->notes) {
        struct note *n = c->notes;

        c->notes = n->next;
        free(n->text);
        free(n);
    }
    free(c);
}

void config_note(struct config *c, const char *where, const char *fmt, ...)
{
    struct note *n;
    char text[400];
    va_list ap;
    int k = snprintf(text, sizeof text, "%.130s: ", where);

    if (c->note_count++ >= MAX_NOTES)
        return;
    va_start(ap, fmt);
    vsnprintf(text + k, sizeof text - (size_t)k, fmt, ap);
    va_end(ap);
    n = calloc(1, sizeof *n);
    if (!n)
        error_no_memory();
    n->text = copy(text);
    *c->notes_tail = n;
    c->notes_tail = &n->next;
}

/* ---- rows ---- */

const struct config_directive *config_find_directive(const char *name)
{
    const struct config_directive *d = config_directives;

    for (; d->name; d++)
        if (!strcmp(d->name, name))
            return d;
    return NULL;
}

static const struct config_row *find_row(const char *directive, const char *key)
{
    const struct config_row *r = config_rows, *any = NULL;

    for (; r->directive; r++) {
        if (strcmp(r->directive, directive))
            continue;
        if (!strcmp(r->key, key))
            return r;
        if (!strcmp(r->key, "*"))
            any = r;
    }
    return any;
}

static bool unknown_directive(const char *name, const char *where,
                              struct error *err)
{
    const char *names[256] = {0};
    const char *near;
    size_t n = 0;

    for (size_t i = 0; config_directives[i].name; i++)
        if (n < ARRAY_LEN(names) - 1)
            names[n++] = config_directives[i].name;
    near = error_nearest(name, names);
    return error_set(err, EXIT_USAGE, "%s: unknown directive '%.80s'%s%s%s",
                     where, name, near ? "; did you mean '" : "",
                     near ? near : "", near ? "'?" : "");
}

static bool unknown(const char *directive, const char *key, const char *where,
                    struct error *err)
{
    const char *names[64] = {0};
    const char *near;
    size_t n = 0;

    if (!config_find_directive(directive))
        return unknown_directive(directive, where, err);
    for (const struct config_row *r = config_rows; r->directive; r++)
        if (!strcmp(r->directive, directive) && n < ARRAY_LEN(names) - 1)
            names[n++] = r->key;
    near = error_nearest(key, names);
    return error_set(err, EXIT_USAGE, "%s: %s has no parameter '%.80s'%s%s%s",
                     where, directive, key, near ? "; did you mean '" : "",
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
    const char *key = strcmp(r->directive, "boot") ? r->key : "boot device";
    const struct option row[] = {{key, r->type, 0, NULL, r->help},
                                 {.key = NULL}};
    bool ok = option_set(row, &v, r->directive, key, value, err);

    if (!ok)
        return error_prefix(err, "%s", where);
    options_free(row, &v);
    return true;
}

/* ---- settings ---- */

static struct setting *find_setting(const struct config *c,
                                    const char *directive, const char *key)
{
    for (struct setting *s = c->first; s; s = s->next)
        if (!strcmp(s->row->directive, directive) && !strcmp(s->key, key))
            return s;
    return NULL;
}

static bool add_setting(struct config *c, const struct config_row *r,
                        const char *key, const char *value, const char *where,
                        struct error *err)
{
    struct setting *s;

    if (c->count >= MAX_SETTINGS)
        return error_set(err, EXIT_USAGE, "%s: more than %d settings", where,
                         MAX_SETTINGS);
    s = calloc(1, sizeof *s);
    if (!s)
        error_no_memory();
    s->row = r;
    s->key = copy(key);
    s->value = copy(value);
    snprintf(s->where, sizeof s->where, "%s", where);
    *c->tail = s;
    c->tail = &s->next;
    c->count++;
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
    s = find_setting(c, directive, key);
    if (!s)
        return add_setting(c, r, key, value, where, err);
    free(s->value);
    s->value = copy(value);
    snprintf(s->where, sizeof s->where, "%s", where);
    return true;
}

void config_unset(struct config *c, const char *directive, const char *key)
{
    for (struct setting **p = &c->first; *p; p = &(*p)->next) {
        struct setting *s = *p;

        if (strcmp(s->row->directive, directive) || strcmp(s->key, key))
            continue;
        *p = s->next;
        if (!s->next)
            c->tail = p;
        free_setting(s);
        c->count--;
        return;
    }
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
    const struct setting *s = find_setting(c, directive, key);

    return s ? s->value : NULL;
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

    /* As option.c reads it: no octal. */
    return t ? (int64_t)strtoull(
                   t, NULL,
                   !strncmp(t, "0x", 2) || !strncmp(t, "0X", 2) ? 16 : 10)
             : 0;
}

static bool is_true(const char *t)
{
    return !strcmp(t, "1") || !strcmp(t, "true") || !strcmp(t, "yes") ||
           !strcmp(t, "on");
}

bool config_bool(const struct config *c, const char *directive, const char *key)
{
    const char *t = config_text(c, directive, key);

    return t && is_true(t);
}

bool config_each(const struct config *c, const char *directive,
                 bool (*each)(void *opaque, const char *key, const char *value,
                              const char *where),
                 void *opaque)
{
    for (const struct setting *s = c->first; s; s = s->next)
        if (!strcmp(s->row->directive, directive) &&
            !each(opaque, s->key, s->value, s->where))
            return false;
    return true;
}

/* ---- the check of the whole ---- */

static bool is_off(const struct config_row *r, const char *value)
{
    static const char *const off[] = {"",    "-",    "0",    "false",   "no",
                                      "off", "none", "null", "disabled"};

    for (size_t n = 0; n < ARRAY_LEN(off); n++)
        if (!strcmp(off[n], value))
            return true;
    /* A card that is mentioned is wanted. */
    return r->dflt && strcmp(r->key, "enabled") && !strcmp(r->dflt, value);
}

/* Is `word` one of "a|b|c"? */
static bool listed(const char *list, const char *word)
{
    size_t n = strlen(word);

    while (list && *list) {
        size_t len = strcspn(list, "|");

        if (len == n && !strncmp(list, word, n))
            return true;
        list += len + (list[len] == '|');
    }
    return false;
}

/* A directive is off as a whole when it has `enabled` and that says so. */
static bool switched_off(const struct config *c, const struct setting *s)
{
    const char *enabled = config_given_text(c, s->row->directive, "enabled");

    return enabled && !is_true(enabled);
}

/* Has an earlier setting of this directive been complained about? */
static bool repeated(const struct config *c, const struct setting *s)
{
    for (const struct setting *o = c->first; o != s; o = o->next)
        if (!strcmp(o->row->directive, s->row->directive) &&
            o->row->state == s->row->state && !is_off(o->row, o->value))
            return true;
    return false;
}

static void note_missing(struct config *c, const struct setting *s)
{
    const struct config_row *r = s->row;

    if (r->state == CONFIG_NOT_YET) {
        if (!strcmp(r->key, "*") || !strcmp(r->key, "enabled")) {
            if (!repeated(c, s))
                config_note(c, s->where,
                            "%s is not there yet (docs/known-gaps.md)",
                            r->directive);
        } else {
            config_note(c, s->where,
                        "%s: %s=%.80s is not there yet (docs/known-gaps.md)",
                        r->directive, s->key, s->value);
        }
        return;
    }
    config_note(c, s->where,
                "%s: %s=%.80s is not there yet (docs/known-gaps.md); '%s' is "
                "used",
                r->directive, s->key, s->value, r->dflt ? r->dflt : "nothing");
}

static bool refuse(const struct setting *s, struct error *err)
{
    return error_set(err, EXIT_USAGE,
                     "%s: %s: %s=%.80s is not there yet (docs/known-gaps.md)",
                     s->where, s->row->directive, s->key, s->value);
}

bool config_check(struct config *c, struct out *notes, struct error *err)
{
    for (struct setting *s = c->first; s; s = s->next) {
        const struct config_row *r = s->row;
        bool partly = r->not_yet && listed(r->not_yet, s->value);

        if (!partly && (r->not_yet || (r->state != CONFIG_NOT_YET &&
                                       r->state != CONFIG_REFUSED)))
            continue;
        if (!partly && (switched_off(c, s) || is_off(r, s->value)))
            continue;
        if (r->state == CONFIG_REFUSED)
            return refuse(s, err);
        note_missing(c, s);
        if (partly && r->dflt) {
            free(s->value);
            s->value = copy(r->dflt);
        }
    }
    for (const struct note *n = c->notes; n; n = n->next)
        out_printf(notes, "klochs: warning: %s\n", n->text);
    return true;
}

/* ---- printing ---- */

/* So that it is read back as it is: a backslash before the closing quote would
 * be taken for one of \" and \$. */
static void print_value(struct out *out, const char *value)
{
    size_t n = strlen(value), end = n;

    if (n && !strpbrk(value, " \t,#\"$")) {
        out_printf(out, "%s", value);
        return;
    }
    while (end && value[end - 1] == '\\')
        end--;
    out_printf(out, "\"");
    for (size_t k = 0; k < end; k++)
        out_printf(out, value[k] == '"' || value[k] == '$' ? "\\%c" : "%c",
                   value[k]);
    out_printf(out, "\"%s", value + end);
}

static void print_param(struct out *out, const char *key, const char *value,
                        const char *bare, unsigned *n, const char *directive)
{
    bool is_bare = bare && (!strcmp(bare, key) || !strcmp(bare, "1"));

    if ((*n)++ == 0)
        out_printf(out, "%s: ", directive);
    else
        out_printf(out, ", ");
    if (!is_bare)
        out_printf(out, "%s=", key);
    print_value(out, value);
}

static void print_directive(const struct config *c,
                            const struct config_directive *d, bool everything,
                            struct out *out)
{
    unsigned n = 0;

    for (const struct config_row *r = config_rows; r->directive; r++) {
        if (strcmp(r->directive, d->name))
            continue;
        for (const struct setting *s = c->first; s; s = s->next)
            if (s->row == r)
                print_param(out, s->key, s->value, d->bare, &n, d->name);
        if (everything && r->dflt && r->state == CONFIG_WORKS &&
            !config_given_text(c, r->directive, r->key))
            print_param(out, r->key, r->dflt, d->bare, &n, d->name);
    }
    if (n)
        out_printf(out, "\n");
}

void config_print(const struct config *c, bool everything, struct out *out)
{
    for (const struct config_directive *d = config_directives; d->name; d++)
        print_directive(c, d, everything, out);
}

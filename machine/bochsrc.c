/*
 * bochsrc.c - the grammar of the configuration file.
 *
 * `name: key=value, key=value`; blanks outside double quotes are dropped, #
 * starts a comment, $NAME stands for an environment variable, `#include FILE`
 * reads another file. Within quotes \" and \$ stand for these characters
 * themselves. Later values win.
 */
#include "machine/bochsrc.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { LINE_MAX_CHARS = 4096, PARAM_MAX = 64, FILE_MAX = 1 << 20, DEPTH = 8 };

/* Stands for a comma inside quotes while a line is taken apart. */
#define COMMA '\1'

/* Where Debian's package bochsbios puts the ROMs. */
#define DEFAULT_BXSHARE "/usr/share/bochs"

/* ---- characters ---- */

struct squeezer {
    const char *in, *where;
    char *out;
    size_t n, size;
    bool quoted;
    struct error *err;
};

static bool put(struct squeezer *q, char c)
{
    if (q->n + 1 >= q->size)
        return error_set(q->err, EXIT_USAGE,
                         "%s: line longer than %d characters", q->where,
                         LINE_MAX_CHARS - 1);
    q->out[q->n++] = c;
    return true;
}

/* At the $ of $NAME: letters and underscores, as Bochs has it. */
static bool variable(struct squeezer *q)
{
    char name[64];
    const char *value;
    size_t n = 0;

    while (isalpha((unsigned char)q->in[1 + n]) || q->in[1 + n] == '_')
        n++;
    if (!n)
        return put(q, *q->in++);
    snprintf(name, sizeof name, "%.*s", (int)(n < 63 ? n : 63), q->in + 1);
    q->in += 1 + n;
    value = getenv(name);
    if (!value && !strcmp(name, "BXSHARE"))
        value = DEFAULT_BXSHARE;
    if (!value)
        return error_set(q->err, EXIT_USAGE,
                         "%s: the environment variable %s is not set", q->where,
                         name);
    for (; *value; value++)
        if (!put(q, *value == ',' ? COMMA : *value))
            return false;
    return true;
}

/* Drops blanks, comments and quotes; fills in variables. */
static bool squeeze(const char *in, char *out, size_t size, const char *where,
                    struct error *err)
{
    struct squeezer q = {in, where, out, 0, size, false, err};

    while (*q.in && *q.in != '\n' && (q.quoted || *q.in != '#')) {
        char c = *q.in;

        if (q.quoted && c == '\\' && (q.in[1] == '"' || q.in[1] == '$')) {
            if (!put(&q, q.in[1]))
                return false;
            q.in += 2;
            continue;
        }
        if (c == '$') {
            if (!variable(&q))
                return false;
            continue;
        }
        q.in++;
        if (c == '"')
            q.quoted = !q.quoted;
        else if ((q.quoted || !isspace((unsigned char)c)) && c != '\r' &&
                 !put(&q, q.quoted && c == ',' ? COMMA : c))
            return false;
    }
    out[q.n] = 0;
    if (q.quoted)
        return error_set(err, EXIT_USAGE, "%s: missing closing quote", where);
    return true;
}

/* ---- directives ---- */

struct line {
    struct config *cfg;
    const char *name, *where;
    struct error *err;
    unsigned bare; /* values without a name so far */
};

/* The alias for a key, or for a bare value when key is NULL. */
static const struct config_alias *find_alias(const char *name, const char *key)
{
    const struct config_alias *a = config_aliases;

    for (; a->directive; a++) {
        if (strcmp(a->directive, name))
            continue;
        if (key && a->key ? !strcmp(a->key, key)
                          : !a->key && (key != NULL) == !a->new_key)
            return a;
    }
    return NULL;
}

/* Features that the model table of Bochs 2.7 let one put together. */
static bool generic_model(struct line *l, const char *name, const char *key,
                          const char *value)
{
    if (strcmp(name, "cpu") || strcmp(key, "model") ||
        strcmp(value, "bx_generic"))
        return false;
    config_unset(l->cfg, "cpu", "model");
    config_note(l->cfg, l->where,
                "cpu: model=bx_generic is gone; the default model is used");
    return true;
}

static bool set(struct line *l, const char *name, const char *key,
                const char *value)
{
    if (generic_model(l, name, key, value))
        return true;
    return config_set(l->cfg, name, key, value, l->where, l->err);
}

static bool set_named(struct line *l, const char *key, const char *value)
{
    const struct config_alias *a = find_alias(l->name, key);

    if (!a)
        return set(l, l->name, key, value);
    return set(l, a->new_directive, a->new_key ? a->new_key : key, value);
}

static bool set_bare(struct line *l, const char *value)
{
    const struct config_alias *a = find_alias(l->name, NULL);
    const struct config_directive *d = config_find_directive(l->name);
    char key[8];

    if (a)
        return set(l, a->new_directive, a->new_key, value);
    if (d && d->bare && !strcmp(d->bare, "1")) {
        if (++l->bare > 3)
            return error_set(l->err, EXIT_USAGE,
                             "%s: '%s' takes three values, not more", l->where,
                             l->name);
        snprintf(key, sizeof key, "%u", l->bare);
        return set(l, l->name, key, value);
    }
    if (d && d->bare)
        return set(l, l->name, d->bare, value);
    if (!d)
        return set(l, l->name, value, "");
    return error_set(l->err, EXIT_USAGE, "%s: '%.80s' in '%s' is not key=value",
                     l->where, value, l->name);
}

static bool one_param(struct line *l, char *param)
{
    char *eq = strchr(param, '=');

    for (char *p = param; *p; p++)
        if (*p == COMMA)
            *p = ',';
    if (!eq)
        return set_bare(l, param);
    *eq = 0;
    return set_named(l, param, eq + 1);
}

/* A list given again replaces the former one. */
static void forget_list(struct line *l)
{
    if (strcmp(l->name, "boot"))
        return;
    config_unset(l->cfg, "boot", "1");
    config_unset(l->cfg, "boot", "2");
    config_unset(l->cfg, "boot", "3");
}

bool bochsrc_line(struct config *cfg, const char *line, const char *where,
                  struct error *err)
{
    char text[LINE_MAX_CHARS], *colon, *p;
    struct line l = {.cfg = cfg, .where = where, .err = err};
    unsigned n = 0;

    if (!squeeze(line, text, sizeof text, where, err))
        return false;
    if (!*text)
        return true;
    colon = strchr(text, ':');
    if (!colon)
        return error_set(
            err, EXIT_USAGE,
            "%s: '%.80s' is not a directive (name: key=value, ...)", where,
            text);
    *colon = 0;
    l.name = text;
    forget_list(&l);
    for (p = colon + 1; *p;) {
        char *end = p + strcspn(p, ",");
        bool last = !*end;

        *end = 0;
        if (*p && ++n > PARAM_MAX)
            return error_set(err, EXIT_USAGE, "%s: more than %d parameters",
                             where, PARAM_MAX);
        if (*p && !one_param(&l, p))
            return false;
        p = last ? end : end + 1;
    }
    if (!n && !config_find_directive(text) && !find_alias(text, NULL))
        return set(&l, text, "", "");
    return true;
}

/* ---- files ---- */

static bool include(struct config *cfg, const char *path,
                    const char *included_by, unsigned depth, const char *where,
                    struct error *err);

/* The file name of an `#include` line, copied to `path`; false: it is none. */
static bool include_line(const char *line, size_t len, char *path, size_t size)
{
    static const char word[] = "#include";
    size_t n = sizeof word - 1;

    if (len <= n || strncmp(line, word, n) || !isspace((unsigned char)line[n]))
        return false;
    line += n;
    len -= n;
    while (len && (isspace((unsigned char)*line) || *line == '"'))
        line++, len--;
    while (len &&
           (isspace((unsigned char)line[len - 1]) || line[len - 1] == '"'))
        len--;
    snprintf(path, size, "%.*s", (int)(len < size ? len : size - 1), line);
    return true;
}

static bool parse_text(struct config *cfg, const char *text, size_t len,
                       const char *name, unsigned depth, struct error *err)
{
    unsigned number = 0;

    if (memchr(text, 0, len))
        return error_set(err, EXIT_BAD_DATA, "'%s' is not a text", name);
    for (const char *end = text + len; text < end;) {
        const char *eol = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((eol ? eol : end) - text);
        char line[LINE_MAX_CHARS], where[300], path[LINE_MAX_CHARS];

        snprintf(where, sizeof where, "%.250s:%u", name, ++number);
        if (n >= sizeof line)
            return error_set(err, EXIT_USAGE,
                             "%s: line longer than %d characters", where,
                             LINE_MAX_CHARS - 1);
        memcpy(line, text, n);
        line[n] = 0;
        if (include_line(line, n, path, sizeof path)) {
            if (!include(cfg, path, name, depth + 1, where, err))
                return false;
        } else if (!bochsrc_line(cfg, line, where, err)) {
            return false;
        }
        text += n + (eol != NULL);
    }
    return true;
}

/* An included file is looked for here, then beside the one that names it. */
static FILE *open_included(const char *path, const char *included_by)
{
    FILE *f = fopen(path, "r");
    const char *slash = included_by ? strrchr(included_by, '/') : NULL;
    char beside[LINE_MAX_CHARS];

    if (f || !slash || *path == '/')
        return f;
    if ((size_t)snprintf(beside, sizeof beside, "%.*s/%s",
                         (int)(slash - included_by), included_by,
                         path) >= sizeof beside)
        return NULL;
    return fopen(beside, "r");
}

/* The contents, to be freed; NULL with `err` filled in. */
static char *read_whole(FILE *f, const char *path, size_t *len,
                        struct error *err)
{
    struct stat st;
    char *text;

    if (fstat(fileno(f), &st) || S_ISDIR(st.st_mode)) {
        error_set(err, EXIT_NO_OPEN, "'%s' is a folder", path);
        return NULL;
    }
    text = malloc(FILE_MAX + 1);
    if (!text)
        error_no_memory();
    *len = fread(text, 1, FILE_MAX + 1, f);
    if (!ferror(f) && *len <= FILE_MAX)
        return text;
    if (ferror(f))
        error_set(err, EXIT_IO, "cannot read '%s': %s", path, strerror(errno));
    else
        error_set(err, EXIT_BAD_DATA,
                  "'%s' is larger than 1 MiB; that is no configuration file",
                  path);
    free(text);
    return NULL;
}

/* included_by NULL: the file that was asked for. */
static char *open_and_read(const char *path, const char *included_by,
                           unsigned depth, size_t *len, struct error *err)
{
    FILE *f;
    char *text;

    if (depth > DEPTH) {
        error_set(err, EXIT_USAGE, "#include nested deeper than %d", DEPTH);
        return NULL;
    }
    f = open_included(path, included_by);
    if (!f) {
        error_set(err, EXIT_NO_OPEN, "cannot open '%s': %s", path,
                  strerror(errno));
        return NULL;
    }
    text = read_whole(f, path, len, err);
    fclose(f);
    return text;
}

/* Errors in the file name it; errors with the file name `where`, if any. */
static bool include(struct config *cfg, const char *path,
                    const char *included_by, unsigned depth, const char *where,
                    struct error *err)
{
    size_t len;
    char *text = open_and_read(path, included_by, depth, &len, err);
    bool ok;

    if (!text)
        return where ? error_prefix(err, "%s", where) : false;
    ok = parse_text(cfg, text, len, path, depth, err);
    free(text);
    return ok;
}

bool bochsrc_file(struct config *cfg, const char *path, struct error *err)
{
    return include(cfg, path, NULL, 0, NULL, err);
}

bool bochsrc_text(struct config *cfg, const char *text, size_t len,
                  const char *name, struct error *err)
{
    return parse_text(cfg, text, len, name, 0, err);
}

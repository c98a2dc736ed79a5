/*
 * bochsrc.c - the grammar of the configuration file.
 *
 * `name: key=value, key=value`; blanks outside double quotes are dropped, #
 * starts a comment, $NAME stands for an environment variable.
 */
#include "machine/bochsrc.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE_MAX_CHARS = 4096, PARAM_MAX = 40 };

/* Drops blanks, comments and quotes; commas inside quotes become \1. */
static bool squeeze(const char *in, char *out, size_t size, const char *where,
                    struct error *err)
{
    bool quoted = false;
    size_t n = 0;

    for (; *in && *in != '\n' && *in != '\r'; in++) {
        if (*in == '"') {
            quoted = !quoted;
            continue;
        }
        if (!quoted && *in == '#')
            break;
        if (!quoted && isspace((unsigned char)*in))
            continue;
        if (n + 1 >= size)
            return error_set(err, EXIT_USAGE, "%s: line too long", where);
        out[n++] = quoted && *in == ',' ? '\1' : *in;
    }
    out[n] = 0;
    if (quoted)
        return error_set(err, EXIT_USAGE, "%s: missing closing quote", where);
    return true;
}

/* Directives whose parameters stand alone. */
static bool positional(struct config *cfg, const char *name, const char *word,
                       unsigned n, const char *where, struct error *err)
{
    char key[4];

    if (!strcmp(name, "boot")) {
        snprintf(key, sizeof key, "%u", n + 1);
        return config_set(cfg, name, key, word, where, err);
    }
    if (!strcmp(name, "log"))
        return config_set(cfg, name, "file", word, where, err);
    if (!strcmp(name, "megs"))
        return config_set(cfg, "memory", "guest", word, where, err);
    if (!strcmp(name, "display_library"))
        return config_set(cfg, name, "name", word, where, err);
    return error_set(err, EXIT_USAGE, "%s: '%s' in '%s' is not key=value",
                     where, word, name);
}

static bool one_param(struct config *cfg, const char *name, char *param,
                      unsigned n, const char *where, struct error *err)
{
    char *eq = strchr(param, '=');

    for (char *p = param; *p; p++)
        if (*p == '\1')
            *p = ',';
    if (!eq)
        return positional(cfg, name, param, n, where, err);
    *eq = 0;
    return config_set(cfg, name, param, eq + 1, where, err);
}

bool bochsrc_line(struct config *cfg, const char *line, const char *where,
                  struct error *err)
{
    char text[LINE_MAX_CHARS], *colon, *p;

    if (!squeeze(line, text, sizeof text, where, err))
        return false;
    if (!*text)
        return true;
    colon = strchr(text, ':');
    if (!colon)
        return error_set(err, EXIT_USAGE,
                         "%s: '%s' is not a directive (name: key=value)",
                         where, text);
    *colon = 0;
    p = colon + 1;
    for (unsigned n = 0; *p && n < PARAM_MAX; n++) {
        char *end = p + strcspn(p, ",");
        bool last = !*end;

        *end = 0;
        if (*p && !one_param(cfg, text, p, n, where, err))
            return false;
        p = last ? end : end + 1;
    }
    return true;
}

bool bochsrc_file(struct config *cfg, const char *path, struct error *err)
{
    FILE *f = fopen(path, "r");
    char line[LINE_MAX_CHARS], where[300];
    unsigned n = 0;
    bool ok = true;

    if (!f)
        return error_set(err, EXIT_NO_OPEN, "cannot open '%s': %s", path,
                         strerror(errno));
    while (ok && fgets(line, sizeof line, f)) {
        snprintf(where, sizeof where, "%.250s:%u", path, ++n);
        ok = bochsrc_line(cfg, line, where, err);
    }
    fclose(f);
    return ok;
}

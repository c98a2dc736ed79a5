/*
 * option.c - parse and print the values of option tables.
 */
#include "core/option.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum { MAX_KEYS = 128, TEXT_MAX = 4096 };

static bool starts(const char *s, const char *with)
{
    return !strncmp(s, with, strlen(with));
}

static bool is_text(const char *type)
{
    return !strcmp(type, "path") || !strcmp(type, "string");
}

const struct option *option_find(const struct option *table, const char *key)
{
    for (; table && table->key; table++) {
        if (!strcmp(table->key, key))
            return table;
    }
    return NULL;
}

static bool unknown_key(const struct option *table, const char *what,
                        const char *key, struct error *err)
{
    const char *keys[MAX_KEYS + 1];
    const char *near;
    unsigned n = 0;

    for (; table && table->key && n < MAX_KEYS; table++)
        keys[n++] = table->key;
    keys[n] = NULL;
    near = error_nearest(key, keys);
    if (near)
        return error_set(err, EXIT_USAGE,
                         "%s: unknown option '%s'; did you mean '%s'?", what,
                         key, near);
    return error_set(err, EXIT_USAGE, "%s: unknown option '%s'", what, key);
}

static bool parse_bool(const char *v, bool *out)
{
    static const char *const words[][2] = {
        {"0", "1"}, {"false", "true"}, {"no", "yes"}, {"off", "on"}};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        for (unsigned b = 0; b < 2; b++) {
            if (!strcmp(v, words[i][b])) {
                *out = b;
                return true;
            }
        }
    }
    return false;
}

/* Decimal or 0x hex with a sign; the whole text, nothing else. */
static bool parse_int(const char *v, int64_t *out)
{
    const char *digits = v + (*v == '-' || *v == '+');
    int base = starts(digits, "0x") || starts(digits, "0X") ? 16 : 10;
    char *end;

    digits += base == 16 ? 2 : 0;
    if (!strchr("0123456789abcdefABCDEF", *digits) || !*digits)
        return false;
    errno = 0;
    *out = strtoll(v, &end, base);
    return errno == 0 && end != v && *end == '\0';
}

/* "int:LO..HI"; a bare "int" takes anything. */
static void int_limits(const char *type, int64_t *lo, int64_t *hi)
{
    char *end;
    const char *p = type + strlen("int");

    *lo = INT64_MIN;
    *hi = INT64_MAX;
    if (*p != ':')
        return;
    *lo = strtoll(p + 1, &end, 0);
    assert(starts(end, ".."));
    *hi = strtoll(end + 2, &end, 0);
    assert(*end == '\0');
}

/* Index of `v` among the words of "enum:a|b|c", -1 if it is none. */
static int32_t enum_index(const char *type, const char *v)
{
    const char *p = type + strlen("enum:");
    size_t n = strlen(v);

    for (int32_t i = 0;; i++) {
        size_t len = strcspn(p, "|");

        if (len == n && !strncmp(p, v, n))
            return i;
        if (p[len] == '\0')
            return -1;
        p += len + 1;
    }
}

static bool set_enum(const struct option *o, void *at, const char *what,
                     const char *value, struct error *err)
{
    const char *list = o->type + strlen("enum:"), *near;
    char words[512];
    const char *array[MAX_KEYS + 1];
    unsigned n = 0;
    int32_t index = enum_index(o->type, value);

    if (index >= 0) {
        memcpy(at, &index, sizeof index);
        return true;
    }
    snprintf(words, sizeof words, "%s", list);
    for (char *w = words; w && n < MAX_KEYS;) {
        char *bar = strchr(w, '|');

        if (bar)
            *bar++ = '\0';
        array[n++] = w;
        w = bar;
    }
    array[n] = NULL;
    near = error_nearest(value, array);
    if (near)
        return error_set(err, EXIT_USAGE,
                         "%s: '%s' is no %s; did you mean '%s'?", what, value,
                         o->key, near);
    return error_set(err, EXIT_USAGE, "%s: '%s' is no %s; it is one of %s",
                     what, value, o->key, list);
}

static bool set_int(const struct option *o, void *at, const char *what,
                    const char *value, struct error *err)
{
    int64_t lo, hi, v;

    int_limits(o->type, &lo, &hi);
    if (!parse_int(value, &v))
        return error_set(err, EXIT_USAGE, "%s: %s=%s is not a whole number",
                         what, o->key, value);
    if (v < lo || v > hi)
        return error_set(err, EXIT_USAGE,
                         "%s: %s=%s is not within %" PRId64 "..%" PRId64, what,
                         o->key, value, lo, hi);
    memcpy(at, &v, sizeof v);
    return true;
}

static bool set_text(const struct option *o, void *at, const char *what,
                     const char *value, struct error *err)
{
    char *copy, *old;

    if (strlen(value) > TEXT_MAX)
        return error_set(err, EXIT_USAGE, "%s: %s is longer than %d bytes",
                         what, o->key, TEXT_MAX);
    copy = strdup(value);
    if (!copy)
        return error_set(err, EXIT_INTERNAL, "out of memory");
    memcpy(&old, at, sizeof old);
    free(old);
    memcpy(at, &copy, sizeof copy);
    return true;
}

static bool set_bool(const struct option *o, void *at, const char *what,
                     const char *value, struct error *err)
{
    bool b;

    if (!parse_bool(value, &b))
        return error_set(err, EXIT_USAGE, "%s: %s=%s is neither 0 nor 1", what,
                         o->key, value);
    memcpy(at, &b, sizeof b);
    return true;
}

static bool set_value(const struct option *o, void *base, const char *what,
                      const char *value, struct error *err)
{
    void *at = (char *)base + o->offset;

    if (!strcmp(o->type, "bool"))
        return set_bool(o, at, what, value, err);
    if (starts(o->type, "int"))
        return set_int(o, at, what, value, err);
    if (starts(o->type, "enum:"))
        return set_enum(o, at, what, value, err);
    assert(is_text(o->type));
    return set_text(o, at, what, value, err);
}

void options_default(const struct option *table, void *base)
{
    for (; table && table->key; table++) {
        struct error err = {0};
        bool good;

        if (!table->dflt)
            continue;
        good = set_value(table, base, "default", table->dflt, &err);
        if (!good && err.code == EXIT_INTERNAL)
            error_no_memory();
        assert(good);
    }
}

void options_free(const struct option *table, void *base)
{
    for (; table && table->key; table++) {
        char *at = (char *)base + table->offset, *text;

        if (!is_text(table->type))
            continue;
        memcpy(&text, at, sizeof text);
        free(text);
        text = NULL;
        memcpy(at, &text, sizeof text);
    }
}

bool option_set(const struct option *table, void *base, const char *what,
                const char *key, const char *value, struct error *err)
{
    const struct option *o = option_find(table, key);

    if (!o)
        return unknown_key(table, what, key, err);
    return set_value(o, base, what, value, err);
}

static void print_enum(const struct option *o, int32_t index, struct out *out)
{
    const char *p = o->type + strlen("enum:");

    for (; index > 0; index--) {
        p += strcspn(p, "|");
        if (*p == '\0')
            return;
        p++;
    }
    out_write(out, p, strcspn(p, "|"));
}

void option_print(const struct option *o, const void *base, struct out *out)
{
    const char *at = (const char *)base + o->offset;

    if (!strcmp(o->type, "bool")) {
        bool b;

        memcpy(&b, at, sizeof b);
        out_printf(out, "%d", b);
    } else if (starts(o->type, "int")) {
        int64_t v;

        memcpy(&v, at, sizeof v);
        out_printf(out, "%" PRId64, v);
    } else if (starts(o->type, "enum:")) {
        int32_t index;

        memcpy(&index, at, sizeof index);
        print_enum(o, index, out);
    } else {
        const char *text;

        memcpy(&text, at, sizeof text);
        out_printf(out, "%s", text ? text : "");
    }
}

/*
 * script_json.c - the little JSON (RFC 8259) that events and the control
 * socket need.
 */
#include "machine/script_json.h"
#include "gui/cp437.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

/* ---- writing ---- */

void json_put_text(struct out *o, const char *p, size_t n)
{
    const char *end = p + n;

    out_write(o, "\"", 1);
    while (p < end) {
        uint32_t c = utf8_decode(&p, end);
        char text[4];

        if (c == '"' || c == '\\')
            out_printf(o, "\\%c", (char)c);
        else if (c == '\n')
            out_printf(o, "\\n");
        else if (c < ' ' || c == 0x7f)
            out_printf(o, "\\u%04x", c);
        else
            out_write(o, text, utf8_encode(c, text));
    }
    out_write(o, "\"", 1);
}

void json_field(struct out *o, const char *name, const char *text)
{
    out_printf(o, ",\"%s\":", name);
    json_put_text(o, text, strlen(text));
}

void json_field_u64(struct out *o, const char *name, uint64_t value)
{
    out_printf(o, ",\"%s\":%" PRIu64, name, value);
}

/* ---- reading ---- */

static void blanks(const char **p)
{
    *p += strspn(*p, " \t\r\n");
}

static bool take(const char **p, char c)
{
    blanks(p);
    if (**p != c)
        return false;
    ++*p;
    return true;
}

/* After `\u`: four digits, or two surrogates. */
static bool hex4(const char **p, uint32_t *out)
{
    char digits[5] = {0};

    for (unsigned n = 0; n < 4; n++) {
        if (!isxdigit((unsigned char)(*p)[n]))
            return false;
        digits[n] = (*p)[n];
    }
    *out = (uint32_t)strtoul(digits, NULL, 16);
    *p += 4;
    return true;
}

static bool escape(const char **p, struct out *o)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = *(*p)++, text[4];
    const char *at = c ? strchr(from, c) : NULL;
    uint32_t code, low;

    if (at) {
        out_write(o, &to[at - from], 1);
        return true;
    }
    if (c != 'u' || !hex4(p, &code))
        return false;
    if (code >= 0xd800 && code < 0xdc00) {
        if ((*p)[0] != '\\' || (*p)[1] != 'u')
            return false;
        *p += 2;
        if (!hex4(p, &low) || low < 0xdc00 || low > 0xdfff)
            return false;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (!code) /* our strings end there */
        return false;
    out_write(o, text, utf8_encode(code, text));
    return true;
}

/* A string (decoded), number, true, false or null (as written). NULL: none. */
static char *scalar(const char **p, bool *quoted)
{
    struct out o;
    bool good = true;

    out_to_string(&o);
    out_write(&o, "", 0);
    *quoted = take(p, '"');
    if (*quoted) {
        while (good && **p && **p != '"') {
            if (**p == '\\') {
                ++*p;
                good = escape(p, &o);
            } else {
                out_write(&o, (*p)++, 1);
            }
        }
        good = good && *(*p)++ == '"';
    } else {
        size_t n = strspn(*p, "abcdefghijklmnopqrstuvwxyz0123456789+-.E");

        out_write(&o, *p, n);
        *p += n;
        good = n != 0;
    }
    if (!good || o.failed) {
        out_free(&o);
        return NULL;
    }
    if (!o.text && !(o.text = strdup("")))
        error_no_memory();
    return o.text;
}

static bool parse_args(struct json_request *r, const char **p)
{
    bool quoted;

    if (!take(p, '['))
        return false;
    if (take(p, ']'))
        return true;
    do {
        if (r->count == JSON_MAX_ARGS ||
            !(r->args[r->count] = scalar(p, &quoted)))
            return false;
        r->count++;
    } while (take(p, ','));
    return take(p, ']');
}

static bool parse_member(struct json_request *r, const char **p)
{
    bool quoted, good = true;
    char *key = scalar(p, &quoted), *value;

    if (!key || !quoted || !take(p, ':')) {
        free(key);
        return false;
    }
    blanks(p);
    if (!strcmp(key, "args")) {
        good = !r->count && parse_args(r, p);
    } else {
        const char *start = *p;

        value = scalar(p, &quoted);
        good = value != NULL;
        if (good && !strcmp(key, "verb") && quoted && !r->verb) {
            r->verb = value;
            value = NULL;
        } else if (good && !strcmp(key, "id") && !r->id) {
            r->id = strndup(start, (size_t)(*p - start));
        } else {
            good = false;
        }
        free(value);
    }
    free(key);
    return good;
}

bool json_parse_request(struct json_request *r, const char *line,
                        struct error *err)
{
    const char *p = line;
    bool good;

    *r = (struct json_request){.count = 0};
    good = take(&p, '{');
    while (good) {
        good = parse_member(r, &p);
        if (!take(&p, ','))
            break;
    }
    good = good && take(&p, '}');
    blanks(&p);
    if (good && !*p && r->verb)
        return true;
    return error_set(err, EXIT_USAGE,
                     "not a request; one is an object in a line: "
                     "{\"id\":1,\"verb\":\"type\",\"args\":[\"ls\\\\n\"]}");
}

void json_free_request(struct json_request *r)
{
    free(r->id);
    free(r->verb);
    for (unsigned n = 0; n < r->count; n++)
        free(r->args[n]);
    *r = (struct json_request){.count = 0};
}

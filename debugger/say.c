/*
 * say.c - output of commands: text in Bochs's formats, or JSON.
 *
 * In JSON each command is one line:
 *   {"command": "...", "ok": true, "data": {...}, "text": ["line", ...]}
 * Values wider than a double's 53 bits are strings in hex.
 */
#include "debugger/internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

static void emit(struct debugger *d, const char *text, size_t n)
{
    if (d->json) {
        out_write(&d->text, text, n);
        return;
    }
    fwrite(text, 1, n, d->set.out);
    if (d->set.log)
        fwrite(text, 1, n, d->set.log);
}

static void emit_v(struct debugger *d, const char *fmt, va_list ap)
{
    char small[1024], *big = small;
    va_list again;
    int n;

    va_copy(again, ap);
    n = vsnprintf(small, sizeof small, fmt, ap);
    if (n >= (int)sizeof small) {
        big = malloc((size_t)n + 1);
        if (!big)
            error_no_memory();
        vsnprintf(big, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    if (n > 0)
        emit(d, big, (size_t)n);
    if (big != small)
        free(big);
}

void say(struct debugger *d, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit_v(d, fmt, ap);
    va_end(ap);
}

void fail(struct debugger *d, const char *fmt, ...)
{
    va_list ap;

    d->failed = true;
    va_start(ap, fmt);
    emit_v(d, fmt, ap);
    va_end(ap);
    emit(d, "\n", 1);
}

void json_bytes(struct out *o, const char *s, size_t n)
{
    out_write(o, "\"", 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)s[i];

        if (ch == '"' || ch == '\\')
            out_printf(o, "\\%c", ch);
        else if (ch < 0x20 || ch >= 0x7f)
            out_printf(o, "\\u%04x", ch);
        else
            out_write(o, &s[i], 1);
    }
    out_write(o, "\"", 1);
}

static bool member(struct debugger *d, const char *name)
{
    if (!d->json)
        return false;
    if (d->data_comma)
        out_write(&d->data, ", ", 2);
    d->data_comma = true;
    if (name) {
        json_bytes(&d->data, name, strlen(name));
        out_write(&d->data, ": ", 2);
    }
    return true;
}

void data_hex(struct debugger *d, const char *name, uint64_t v)
{
    if (member(d, name))
        out_printf(&d->data, "\"0x%" PRIx64 "\"", v);
}

void data_int(struct debugger *d, const char *name, uint64_t v)
{
    if (member(d, name))
        out_printf(&d->data, "%" PRIu64, v);
}

void data_bool(struct debugger *d, const char *name, bool v)
{
    if (member(d, name))
        out_printf(&d->data, "%s", v ? "true" : "false");
}

void data_text(struct debugger *d, const char *name, const char *v)
{
    if (member(d, name))
        json_bytes(&d->data, v, strlen(v));
}

void data_open(struct debugger *d, const char *name, char bracket)
{
    if (!member(d, name))
        return;
    out_write(&d->data, &bracket, 1);
    d->data_comma = false;
}

void data_close(struct debugger *d, char bracket)
{
    if (!d->json)
        return;
    out_write(&d->data, &bracket, 1);
    d->data_comma = true;
}

void say_begin(struct debugger *d)
{
    out_to_string(&d->text);
    out_to_string(&d->data);
    d->data_comma = false;
}

void say_end(struct debugger *d, const char *command)
{
    const char *p = d->text.text ? d->text.text : "";
    struct out o;

    out_to_string(&o);
    out_printf(&o, "{\"command\": ");
    json_bytes(&o, command, strlen(command));
    out_printf(&o, ", \"ok\": %s, \"data\": {%s}, \"text\": [",
               d->failed ? "false" : "true", d->data.text ? d->data.text : "");
    for (bool first = true; *p; first = false) {
        size_t n = strcspn(p, "\n");

        if (!first)
            out_write(&o, ", ", 2);
        json_bytes(&o, p, n);
        p += n + (p[n] == '\n');
    }
    out_printf(&o, "]}\n");
    d->json = false;
    if (o.text)
        emit(d, o.text, o.len);
    out_free(&o);
    out_free(&d->text);
    out_free(&d->data);
}

/*
 * out.c - print to a file or into a growing string.
 */
#include "core/out.h"

#include <stdarg.h>
#include <stdlib.h>

void out_to_file(struct out *o, FILE *f)
{
    *o = (struct out){.file = f};
}

void out_to_string(struct out *o)
{
    *o = (struct out){0};
}

void out_free(struct out *o)
{
    free(o->text);
    o->text = NULL;
    o->len = o->cap = 0;
}

/* Room for n more bytes and the final NUL. */
static bool reserve(struct out *o, size_t n)
{
    size_t cap = o->cap ? o->cap : 128;
    char *p;

    if (n >= SIZE_MAX / 2 - o->len)
        return false;
    while (cap <= o->len + n)
        cap *= 2;
    if (cap == o->cap)
        return true;
    p = realloc(o->text, cap);
    if (!p)
        return false;
    o->text = p;
    o->cap = cap;
    return true;
}

void out_write(struct out *o, const void *p, size_t n)
{
    if (o->failed || n == 0)
        return;
    if (o->file) {
        o->failed = fwrite(p, 1, n, o->file) != n;
        return;
    }
    if (!reserve(o, n)) {
        o->failed = true;
        return;
    }
    memcpy(o->text + o->len, p, n);
    o->len += n;
    o->text[o->len] = '\0';
}

void out_printf(struct out *o, const char *fmt, ...)
{
    va_list ap;
    int n;

    if (o->failed)
        return;
    va_start(ap, fmt);
    if (o->file) {
        n = vfprintf(o->file, fmt, ap);
        o->failed = n < 0;
        va_end(ap);
        return;
    }
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || !reserve(o, (size_t)n)) {
        o->failed = true;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(o->text + o->len, o->cap - o->len, fmt, ap);
    va_end(ap);
    o->len += (size_t)n;
}

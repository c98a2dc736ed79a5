/*
 * script_serial.c - the output of the first serial port, as lines to match.
 */
#include "machine/script_serial.h"
#include "core/err.h"
#include <stdio.h>
#include <stdlib.h>

void script_serial_init(struct script_serial *t)
{
    *t = (struct script_serial){.text = calloc(1, SCRIPT_SERIAL_MAX + 1)};
    if (!t->text)
        error_no_memory();
}

void script_serial_free(struct script_serial *t)
{
    for (unsigned n = 0; n < t->refused_count; n++)
        regfree(&t->refused[n]);
    free(t->text);
    *t = (struct script_serial){.text = NULL};
}

void script_serial_clear(struct script_serial *t)
{
    t->len = t->line = 0;
    t->text[0] = 0;
    t->in_escape = t->in_csi = false;
    t->complaint[0] = 0;
}

/* Bytes that a terminal would show; a control sequence becomes a blank. */
static bool visible(struct script_serial *t, uint8_t c, char *out)
{
    *out = (char)c;
    if (t->in_csi) {
        t->in_csi = c < 0x40 || c > 0x7e;
        *out = ' ';
        return !t->in_csi;
    }
    if (t->in_escape) {
        t->in_escape = false;
        t->in_csi = c == '[';
        return false;
    }
    t->in_escape = c == 0x1b;
    return c && c != '\r' && c != 0x1b;
}

/* Forgets the oldest `n` bytes. */
static void forget(struct script_serial *t, size_t n)
{
    t->len -= n;
    t->line = t->line > n ? t->line - n : 0;
    memmove(t->text, t->text + n, t->len + 1);
}

/* Looks into one line, which ends with NUL. True: found and forgotten. */
static bool look(struct script_serial *t, size_t at)
{
    regmatch_t m;

    if (regexec(t->want, t->text + at, 1, &m, 0))
        return false;
    snprintf(t->match, sizeof t->match, "%.*s", (int)(m.rm_eo - m.rm_so),
             t->text + at + m.rm_so);
    t->want = NULL;
    t->found = true;
    return true;
}

static void look_for_refused(struct script_serial *t)
{
    const char *line = t->text + t->line;

    for (unsigned n = 0; n < t->refused_count && !t->complaint[0]; n++)
        if (!regexec(&t->refused[n], line, 0, NULL, 0))
            snprintf(t->complaint, sizeof t->complaint, "%s", line);
}

bool script_serial_byte(struct script_serial *t, uint8_t c)
{
    bool news = false;
    char out;

    if (!visible(t, c, &out))
        return false;
    if (t->len == SCRIPT_SERIAL_MAX)
        forget(t, SCRIPT_SERIAL_MAX / 2);
    if (out == '\n' || t->len - t->line >= SCRIPT_LINE_MAX) {
        bool complained = t->complaint[0];

        look_for_refused(t);
        news = !complained && t->complaint[0];
        if (out == '\n') {
            t->text[t->len++] = out;
            t->text[t->len] = 0;
            t->line = t->len;
            return news;
        }
        t->line = t->len;
    }
    t->text[t->len++] = out;
    t->text[t->len] = 0;
    if (t->want && look(t, t->line)) {
        forget(t, t->len);
        news = true;
    }
    return news;
}

bool script_serial_want(struct script_serial *t, const regex_t *re)
{
    size_t at = 0;

    t->want = re;
    t->found = false;
    while (at < t->len) {
        char *end = memchr(t->text + at, '\n', t->len - at);
        regmatch_t m;
        bool fits;

        if (end)
            *end = 0;
        fits = !regexec(re, t->text + at, 1, &m, 0);
        if (fits)
            look(t, at);
        if (end)
            *end = '\n';
        if (fits) {
            forget(t, at + (size_t)m.rm_eo);
            return true;
        }
        at = end ? (size_t)(end - t->text) + 1 : t->len;
    }
    return false;
}

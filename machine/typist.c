/*
 * typist.c - types into the guest when it has said what was waited for.
 */
#include "machine/typist.h"
#include "machine/keys.h"
#include "machine/screen_text.h"
#include <stdio.h>
#include <stdlib.h>

enum { SERIAL_MAX = 1 << 16 };

struct entry {
    char *wait;
    char *text; /* as written */
    struct keys keys;
    struct entry *next;
};

struct typist {
    struct entry *first, **tail;
    uint64_t busy_until; /* tick of the last key posted */
    unsigned screen_old; /* so often the screen shows it from before */
    bool in_escape, in_csi;
    size_t len;
    char serial[SERIAL_MAX + 1]; /* what came since the last match */
};

struct typist *typist_create(void)
{
    struct typist *t = calloc(1, sizeof *t);

    if (!t)
        error_no_memory();
    t->tail = &t->first;
    return t;
}

static void free_entry(struct entry *e)
{
    if (!e)
        return;
    free(e->wait);
    free(e->text);
    keys_free(&e->keys);
    free(e);
}

void typist_destroy(struct typist *t)
{
    while (t && t->first) {
        struct entry *e = t->first;

        t->first = e->next;
        free_entry(e);
    }
    free(t);
}

/* ---- entries ---- */

bool typist_add(struct typist *t, const char *text, struct error *err)
{
    const char *eq = strchr(text, '=');
    struct entry *e;

    if (!eq || eq == text || eq - text > 400)
        return error_set(err, EXIT_USAGE,
                         "--type '%.60s': it is WAIT=KEYS, with a text of at "
                         "most 400 bytes to wait for",
                         text);
    e = calloc(1, sizeof *e);
    if (!e || !(e->wait = strndup(text, (size_t)(eq - text))) ||
        !(e->text = strdup(eq + 1)))
        error_no_memory();
    *t->tail = e;
    t->tail = &e->next;
    return true;
}

bool typist_prepare(struct typist *t, const struct keymap *map,
                    struct error *err)
{
    for (struct entry *e = t->first; e; e = e->next)
        if (!keys_parse(&e->keys, map, e->text, err))
            return error_prefix(err, "--type");
    return true;
}

bool typist_done(const struct typist *t)
{
    return !t->first;
}

/* ---- waiting ---- */

/* Bytes that a terminal would show; a control sequence becomes a blank. */
static bool visible(struct typist *t, uint8_t c, char *out)
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
static void forget(struct typist *t, size_t n)
{
    t->len -= n;
    memmove(t->serial, t->serial + n, t->len + 1);
}

void typist_serial(struct typist *t, const uint8_t *p, size_t n)
{
    char c;

    for (; n && t->first; n--, p++) {
        if (!visible(t, *p, &c))
            continue;
        if (t->len == SERIAL_MAX)
            forget(t, SERIAL_MAX / 2);
        t->serial[t->len++] = c;
        t->serial[t->len] = 0;
    }
}

/* True: found, and everything up to it is forgotten. */
static bool seen_on_serial(struct typist *t, const char *wait)
{
    const char *at = strstr(t->serial, wait);
    size_t keep = strlen(wait) - 1;

    if (at) {
        forget(t, (size_t)(at - t->serial) + strlen(wait));
        return true;
    }
    if (t->len > keep)
        forget(t, t->len - keep);
    return false;
}

/* How often it starts before `end` (NULL: anywhere); *last is behind the last
 * one. */
static unsigned occurrences(const char *text, const char *wait, const char *end,
                            const char **last)
{
    unsigned n = 0;
    const char *p = text;

    while ((p = strstr(p, wait)) != NULL && (!end || p < end)) {
        p += strlen(wait);
        n++;
        if (last)
            *last = p;
    }
    return n;
}

/*
 * The screen has no beginning, so what is new on it is told by counting: more
 * of the text than there was when the entry before was found. What vanishes
 * in between no longer counts as old.
 */
static bool seen_on_screen(struct typist *t, const char *wait,
                           const char *screen, const char **end)
{
    unsigned n = occurrences(screen, wait, NULL, end);

    if (n > t->screen_old) {
        forget(t, t->len);
        return true;
    }
    t->screen_old = n;
    return false;
}

void typist_look(struct typist *t, struct machine *m)
{
    struct out o;
    const char *screen;

    if (!t->first)
        return;
    out_to_string(&o);
    screen_text(&m->screen, &o);
    screen = o.text ? o.text : "";
    while (t->first) {
        struct entry *e = t->first;
        const char *end = NULL;
        bool found = seen_on_serial(t, e->wait);

        if (!found && !seen_on_screen(t, e->wait, screen, &end))
            break;
        t->busy_until = keys_post(&e->keys, m, t->busy_until);
        t->first = e->next;
        if (!t->first)
            t->tail = &t->first;
        else
            t->screen_old =
                occurrences(screen, t->first->wait, found ? NULL : end, NULL);
        free_entry(e);
    }
    out_free(&o);
}

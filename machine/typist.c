/*
 * typist.c - types into the guest when it has said what was waited for.
 */
#include "machine/typist.h"
#include "gui/keymap.h"
#include "machine/screen_text.h"
#include <stdio.h>
#include <stdlib.h>

/* Guest time, in milliseconds: from the text to the first key, and between
 * two keys or a press and its release. A typist of flesh is slower, but no
 * guest's keyboard buffer or debouncing needs more. */
enum { FIRST_MS = 200, STEP_MS = 20 };

enum { SERIAL_MAX = 1 << 16 };

struct entry {
    char *wait;
    struct key_event *keys;
    size_t count;
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
    free(e->keys);
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

/* ---- keys ---- */

struct key_name {
    const char *name;
    uint8_t key;
};

static const struct key_name key_names[] = {
    {"up", KEY_UP},         {"down", KEY_DOWN},
    {"left", KEY_LEFT},     {"right", KEY_RIGHT},
    {"home", KEY_HOME},     {"end", KEY_END},
    {"pgup", KEY_PGUP},     {"pgdn", KEY_PGDN},
    {"insert", KEY_INSERT}, {"delete", KEY_DELETE},
    {"enter", KEY_ENTER},   {"ret", KEY_ENTER},
    {"tab", KEY_TAB},       {"backspace", KEY_BACKSPACE},
    {"esc", KEY_ESC},       {"space", KEY_SPACE},
    {"spc", KEY_SPACE},     {"caps", KEY_CAPS},
    {"num", KEY_NUM},       {"scroll", KEY_SCROLL},
    {"print", KEY_PRINT},   {"pause", KEY_PAUSE},
    {"menu", KEY_MENU},     {"lwin", KEY_LWIN},
    {"rwin", KEY_RWIN},     {"shift", KEY_LSHIFT},
    {"ctrl", KEY_LCTRL},    {"alt", KEY_LALT},
    {"altgr", KEY_RALT},    {"f1", KEY_F1},
    {"f2", KEY_F2},         {"f3", KEY_F3},
    {"f4", KEY_F4},         {"f5", KEY_F5},
    {"f6", KEY_F6},         {"f7", KEY_F7},
    {"f8", KEY_F8},         {"f9", KEY_F9},
    {"f10", KEY_F10},       {"f11", KEY_F11},
    {"f12", KEY_F12},
};

static void add_events(struct entry *e, const struct key_event *ev, unsigned n)
{
    struct key_event *keys = realloc(e->keys, (e->count + n) * sizeof *e->keys);

    if (!keys)
        error_no_memory();
    memcpy(keys + e->count, ev, n * sizeof *ev);
    e->keys = keys;
    e->count += n;
}

static bool add_press(struct entry *e, struct key_press p)
{
    struct key_event ev[KEYMAP_MAX_EVENTS];

    add_events(e, ev, keymap_events(p, ev));
    return true;
}

/* One part of <ctrl-alt-delete>. */
static uint8_t named_key(const char *name, size_t n)
{
    struct key_press p;

    for (size_t i = 0; i < ARRAY_LEN(key_names); i++)
        if (strlen(key_names[i].name) == n &&
            !strncmp(key_names[i].name, name, n))
            return key_names[i].key;
    if (n == 1 && keymap_char((unsigned char)*name, &p))
        return p.key;
    return KEY_NONE;
}

static bool no_such_key(const char *word, size_t n, struct error *err)
{
    const char *names[ARRAY_LEN(key_names) + 1] = {0};
    char copy[32];
    const char *near;

    snprintf(copy, sizeof copy, "%.*s", (int)n, word);
    for (size_t i = 0; i < ARRAY_LEN(key_names); i++)
        names[i] = key_names[i].name;
    near = error_nearest(copy, names);
    return error_set(err, EXIT_USAGE, "no key is called <%s>%s%s%s", copy,
                     near ? "; did you mean <" : "", near ? near : "",
                     near ? ">?" : "; the sign < is typed as <lt>");
}

/* All parts down in order, then up in reverse. */
static bool add_chord(struct entry *e, const char *p, size_t n,
                      struct error *err)
{
    struct key_event down[8];
    const char *word = p;
    size_t left = n;
    unsigned count = 0;

    if (n == 2 && !strncmp(p, "lt", 2))
        return add_press(e, (struct key_press){KEY_COMMA, KEYMAP_SHIFT});
    while (left && count < ARRAY_LEN(down)) {
        const char *dash = memchr(word, '-', left);
        size_t k = dash && dash > word ? (size_t)(dash - word) : left;
        uint8_t key = named_key(word, k);

        if (!key)
            return no_such_key(p, n, err);
        down[count++] = (struct key_event){key, true};
        word += k < left ? k + 1 : k;
        left -= k < left ? k + 1 : k;
    }
    if (!count)
        return no_such_key(p, n, err);
    add_events(e, down, count);
    while (count--)
        add_events(e, &(struct key_event){down[count].key, false}, 1);
    return true;
}

/* Length of the name in <name>, 0 when it is none. */
static size_t chord_length(const char *p)
{
    size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return n && p[n] == '>' ? n : 0;
}

static char escaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'b':
        return '\b';
    case 'e':
        return '\x1b';
    default:
        return c;
    }
}

static bool parse_keys(struct entry *e, const char *p, struct error *err)
{
    while (*p) {
        struct key_press press;
        size_t n = *p == '<' ? chord_length(p + 1) : 0;
        char c = *p;

        if (n) {
            if (!add_chord(e, p + 1, n, err))
                return false;
            p += n + 2;
            continue;
        }
        if (c == '\\' && p[1])
            c = escaped(*++p);
        p++;
        if (!keymap_char((unsigned char)c, &press))
            return error_set(err, EXIT_USAGE,
                             "no key of a US keyboard gives the byte %02Xh",
                             (unsigned char)c);
        add_press(e, press);
    }
    return true;
}

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
    if (!e || !(e->wait = strndup(text, (size_t)(eq - text))))
        error_no_memory();
    if (!parse_keys(e, eq + 1, err)) {
        free_entry(e);
        return error_prefix(err, "--type");
    }
    *t->tail = e;
    t->tail = &e->next;
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

static void post_keys(struct typist *t, struct machine *m,
                      const struct entry *e)
{
    uint64_t step = m->clock.ips * STEP_MS / 1000;
    uint64_t at = m->clock.now + m->clock.ips * FIRST_MS / 1000;

    if (at < t->busy_until + step)
        at = t->busy_until + step;
    for (size_t n = 0; n < e->count; n++, at += step) {
        struct input_event ev = {.tick = at,
                                 .kind = INPUT_KEY,
                                 .device = "kbd",
                                 .a = e->keys[n].key,
                                 .b = e->keys[n].pressed};

        m->host.post(m->host.opaque, &ev);
        t->busy_until = at;
    }
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
        post_keys(t, m, e);
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

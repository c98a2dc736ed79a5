/*
 * keys.c - keys written as text, and pressed by way of the input queue.
 */
#include "machine/keys.h"
#include <stdio.h>
#include <stdlib.h>

/* Guest time, in milliseconds: from the text to the first key, and between
 * two keys or a press and its release. A typist of flesh is slower, but no
 * guest's keyboard buffer or debouncing needs more. */
enum { FIRST_MS = 200, STEP_MS = 20 };

void keys_free(struct keys *k)
{
    free(k->events);
    *k = (struct keys){.count = 0};
}

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

static void add_events(struct keys *k, const struct key_event *ev, unsigned n)
{
    struct key_event *more =
        realloc(k->events, (k->count + n) * sizeof *k->events);

    if (!more)
        error_no_memory();
    memcpy(more + k->count, ev, n * sizeof *ev);
    k->events = more;
    k->count += n;
}

static bool add_press(struct keys *k, struct key_press p)
{
    struct key_event ev[KEYMAP_MAX_EVENTS];

    add_events(k, ev, keymap_events(p, ev));
    return true;
}

/* One part of <ctrl-alt-delete>. */
uint8_t keys_named(const char *name, size_t n)
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
static bool add_chord(struct keys *k, const char *p, size_t n,
                      struct error *err)
{
    struct key_event down[8];
    const char *word = p;
    size_t left = n;
    unsigned count = 0;

    if (n == 2 && !strncmp(p, "lt", 2))
        return add_press(k, (struct key_press){KEY_COMMA, KEYMAP_SHIFT});
    while (left && count < ARRAY_LEN(down)) {
        const char *dash = memchr(word, '-', left);
        size_t len = dash && dash > word ? (size_t)(dash - word) : left;
        uint8_t key = keys_named(word, len);

        if (!key)
            return no_such_key(p, n, err);
        down[count++] = (struct key_event){key, true};
        word += len < left ? len + 1 : len;
        left -= len < left ? len + 1 : len;
    }
    if (!count)
        return no_such_key(p, n, err);
    add_events(k, down, count);
    while (count--)
        add_events(k, &(struct key_event){down[count].key, false}, 1);
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

bool keys_parse(struct keys *k, const char *p, struct error *err)
{
    while (*p) {
        struct key_press press;
        size_t n = *p == '<' ? chord_length(p + 1) : 0;
        char c = *p;

        if (n) {
            if (!add_chord(k, p + 1, n, err))
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
        add_press(k, press);
    }
    return true;
}

uint64_t keys_post(const struct keys *k, struct machine *m, uint64_t busy_until)
{
    uint64_t step = m->clock.ips * STEP_MS / 1000;
    uint64_t at = m->clock.now + m->clock.ips * FIRST_MS / 1000;

    if (at < busy_until + step)
        at = busy_until + step;
    for (size_t n = 0; n < k->count; n++, at += step) {
        struct input_event ev = {.tick = at,
                                 .kind = INPUT_KEY,
                                 .device = "kbd",
                                 .a = k->events[n].key,
                                 .b = k->events[n].pressed};

        m->host.post(m->host.opaque, &ev);
        busy_until = at;
    }
    return busy_until;
}

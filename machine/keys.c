/*
 * keys.c - keys written as text, and pressed by way of the input queue.
 */
#include "machine/keys.h"
#include "gui/cp437.h"
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

bool keys_keymap(const struct config *cfg, const struct keymap **out,
                 struct error *err)
{
    const char *name = config_given_text(cfg, "keyboard", "keymap");

    *out = NULL;
    return !name || !*name || keymap_open(name, out, err) ||
           error_prefix(err, "keyboard");
}

bool keys_add_char(struct keys *k, const struct keymap *map, uint32_t code)
{
    struct key_press p[KEYMAP_MAX_PRESSES];
    unsigned n = keymap_presses(map, code, p);

    for (unsigned i = 0; i < n; i++)
        add_press(k, p[i]);
    return n;
}

/* One part of <ctrl-alt-delete>. */
uint8_t keys_named(const struct keymap *map, const char *name, size_t n)
{
    struct key_press p;

    for (size_t i = 0; i < ARRAY_LEN(key_names); i++)
        if (strlen(key_names[i].name) == n &&
            !strncmp(key_names[i].name, name, n))
            return key_names[i].key;
    if (n == 1 && keymap_char(map, (unsigned char)*name, &p))
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
static bool add_chord(struct keys *k, const struct keymap *map, const char *p,
                      size_t n, struct error *err)
{
    struct key_event down[8];
    const char *word = p;
    size_t left = n;
    unsigned count = 0;

    if (n == 2 && !strncmp(p, "lt", 2))
        return keys_add_char(k, map, '<');
    while (left && count < ARRAY_LEN(down)) {
        const char *dash = memchr(word, '-', left);
        size_t len = dash && dash > word ? (size_t)(dash - word) : left;
        uint8_t key = keys_named(map, word, len);

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

static uint32_t escaped(uint32_t c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'b':
        return '\b';
    case 'e':
        return 0x1b;
    default:
        return c;
    }
}

bool keys_parse(struct keys *k, const struct keymap *map, const char *p,
                struct error *err)
{
    const char *end = p + strlen(p);

    while (p < end) {
        size_t n = *p == '<' ? chord_length(p + 1) : 0;
        bool escape = *p == '\\' && p[1];
        uint32_t c;

        if (n) {
            if (!add_chord(k, map, p + 1, n, err))
                return false;
            p += n + 2;
            continue;
        }
        p += escape;
        c = utf8_decode(&p, end);
        if (escape)
            c = escaped(c);
        if (!keys_add_char(k, map, c))
            return error_set(err, EXIT_USAGE,
                             "no key of the keymap gives the character U+%04X",
                             (unsigned)c);
    }
    return true;
}

uint64_t keys_post(const struct keys *k, struct machine *m, uint64_t busy_until)
{
    return keys_post_every(k, m, STEP_MS * 1000, busy_until);
}

uint64_t keys_post_every(const struct keys *k, struct machine *m,
                         uint32_t step_us, uint64_t busy_until)
{
    uint64_t step = m->clock.ips * step_us / 1000000;
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

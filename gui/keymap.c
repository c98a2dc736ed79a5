/*
 * keymap.c - text to presses on a keyboard of some country.
 */
#include "gui/keymap.h"
#include "gui/cp437.h"
#include "gui/keymap_file.h"
#include "gui/layouts.h"

#include <stdio.h>
#include <stdlib.h>

#define NO_DEAD_KEYS "-nodeadkeys"

static bool is_mark(uint32_t code)
{
    return code >= 0x300 && code < 0x370;
}

/* ---- layouts ---- */

static bool in_words(const char *words, const char *name, size_t n)
{
    while (*words) {
        size_t len = strcspn(words, " ");

        if (len == n && !strncmp(words, name, n))
            return true;
        words += len + (words[len] == ' ');
    }
    return false;
}

static const struct layout *find_layout(const char *name, size_t n)
{
    for (const struct layout *l = layouts; l->names; l++)
        if (in_words(l->names, name, n))
            return l;
    return NULL;
}

static const struct layout *us_layout(void)
{
    return find_layout("us", 2);
}

static uint8_t modifiers_of(unsigned level)
{
    return (uint8_t)((level & 1 ? KEYMAP_SHIFT : 0) |
                     (level & 2 ? KEYMAP_ALTGR : 0));
}

/* The key whose character at some level is `code`; dead keys by their mark. */
static bool find_in_layout(const struct layout *l, uint32_t code,
                           struct key_press *out)
{
    for (unsigned n = 0; n < LAYOUT_LEVELS * LAYOUT_ROWS; n++) {
        unsigned level = n / LAYOUT_ROWS, row = n % LAYOUT_ROWS, column = 0;
        const char *p = l->rows[level][row];
        const char *end = p ? p + strlen(p) : NULL;

        for (; p < end && column < LAYOUT_COLUMNS; column++) {
            if (utf8_decode(&p, end) != code)
                continue;
            out->key = layout_keys[row][column];
            out->modifiers = modifiers_of(level);
            return true;
        }
    }
    return false;
}

/* ---- keymaps ---- */

static bool find(const struct keymap *m, uint32_t code, struct key_press *out)
{
    if (code == ' ') {
        *out = (struct key_press){.key = KEY_SPACE};
        return true;
    }
    if (!m)
        return find_in_layout(us_layout(), code, out);
    if (m->layout)
        return find_in_layout(m->layout, code, out);
    for (size_t i = 0; i < m->count; i++) {
        if (m->entries[i].code == code) {
            *out = m->entries[i].press;
            return true;
        }
    }
    return false;
}

/* The code behind `base` in pairs, 0 if none; or the other way round. */
static bool find_pair(const char *pairs, uint32_t code, uint32_t *base)
{
    const char *p = pairs, *end = p + strlen(p);

    while (p < end) {
        *base = utf8_decode(&p, end);
        if (p < end && utf8_decode(&p, end) == code)
            return true;
    }
    return false;
}

/* ASCII has signs of its own for three marks. */
static uint32_t sign_of(uint32_t code)
{
    return code == '\'' ? 0xb4 : code == '"' ? 0xa8 : code;
}

static unsigned find_composed(const struct keymap *m, uint32_t code,
                              struct key_press out[KEYMAP_MAX_PRESSES])
{
    for (const struct layout_mark *k = layout_marks; k->mark; k++) {
        uint32_t base;

        if (!find(m, k->mark, &out[0]) || !find_pair(k->pairs, code, &base))
            continue;
        if (base == ' ' && m && m->no_dead_keys)
            return 1;
        if (find(m, base, &out[1]))
            return m && m->no_dead_keys ? 0 : 2;
    }
    return 0;
}

static unsigned presses(const struct keymap *m, uint32_t code,
                        struct key_press out[KEYMAP_MAX_PRESSES])
{
    unsigned n;

    if (is_mark(code))
        return 0;
    if (find(m, code, &out[0]))
        return 1;
    n = find_composed(m, code, out);
    if (!n && sign_of(code) != code)
        n = find_composed(m, sign_of(code), out);
    if (!n && code < 0x7f && m)
        n = find(NULL, code, &out[0]);
    return n;
}

/* What no keyboard has but text often does. */
static uint32_t plain_form(uint32_t c)
{
    switch (c) {
    case 0x00a0: /* no-break space */
        return ' ';
    case 0x2018: /* quotation marks */
    case 0x2019:
        return '\'';
    case 0x201c:
    case 0x201d:
    case 0x201e:
        return '"';
    case 0x2010: /* hyphens, dashes, minus */
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2212:
        return '-';
    default:
        return c;
    }
}

static uint8_t fixed_key(uint32_t code)
{
    switch (code) {
    case '\n':
    case '\r':
        return KEY_ENTER;
    case '\t':
        return KEY_TAB;
    case '\b':
    case 0x7f:
        return KEY_BACKSPACE;
    case 0x1b:
        return KEY_ESC;
    default:
        return KEY_NONE;
    }
}

/* Ctrl with the letter, or with the key that has the sign 40h above on a US
 * keyboard: guests go by its position. */
static unsigned control(const struct keymap *m, uint32_t code,
                        struct key_press *out)
{
    bool letter = code >= 1 && code <= 26;

    if (!letter || !find(m, code + 0x60, out))
        find(NULL, code ? code + (letter ? 0x60 : 0x40) : '2', out);
    out->modifiers = KEYMAP_CTRL;
    return 1;
}

unsigned keymap_presses(const struct keymap *m, uint32_t code,
                        struct key_press out[KEYMAP_MAX_PRESSES])
{
    unsigned n;

    memset(out, 0, KEYMAP_MAX_PRESSES * sizeof *out);
    out[0].key = fixed_key(code);
    if (out[0].key)
        return 1;
    if (code < 0x20)
        return control(m, code, out);
    n = presses(m, code, out);
    return n ? n : presses(m, plain_form(code), out);
}

bool keymap_char(const struct keymap *m, uint32_t code, struct key_press *out)
{
    struct key_press p[KEYMAP_MAX_PRESSES];
    bool one = keymap_presses(m, code, p) == 1;

    *out = one ? p[0] : (struct key_press){0};
    return one;
}

bool keymap_key(const struct keymap *m, uint32_t code, struct key_press *out)
{
    *out = (struct key_press){0};
    if (find(m, code, out) || keymap_char(m, code, out))
        return true;
    /* A sign that only a dead key shows, such as ^ on a German keyboard. */
    for (const struct layout_mark *k = layout_marks; k->mark; k++) {
        uint32_t base;

        if (find_pair(k->pairs, code, &base) && base == ' ')
            return find(m, k->mark, out);
    }
    return false;
}

unsigned keymap_events(struct key_press p,
                       struct key_event out[KEYMAP_MAX_EVENTS])
{
    static const uint8_t modifier[] = {KEY_LSHIFT, KEY_LCTRL, KEY_LALT,
                                       KEY_RALT};
    unsigned n = 0;

    for (unsigned i = 0; i < ARRAY_LEN(modifier); i++)
        if (p.modifiers >> i & 1)
            out[n++] = (struct key_event){modifier[i], true};
    out[n++] = (struct key_event){p.key, true};
    out[n++] = (struct key_event){p.key, false};
    for (unsigned i = ARRAY_LEN(modifier); i-- > 0;)
        if (p.modifiers >> i & 1)
            out[n++] = (struct key_event){modifier[i], false};
    return n;
}

/* ---- life ---- */

static bool no_layout(const char *name, struct error *err)
{
    const char *names[64] = {0};
    char first[64][8], word[16];
    const char *near;
    size_t n = 0;

    for (; layouts[n].names && n < ARRAY_LEN(first); n++) {
        snprintf(first[n], sizeof first[n], "%.*s",
                 (int)strcspn(layouts[n].names, " "), layouts[n].names);
        names[n] = first[n];
    }
    snprintf(word, sizeof word, "%s", name);
    near = error_nearest(word, names);
    return error_set(err, EXIT_USAGE,
                     "keymap '%s' is neither a file nor a layout%s%s%s", name,
                     near ? "; did you mean '" : "", near ? near : "",
                     near ? "'?" : " (de, fr, gb, us, ...)");
}

/* de of /usr/share/bochs/keymaps/x11-pc-de.map, else nothing. */
static const struct layout *layout_of_file(const char *path)
{
    const char *base = strrchr(path, '/');
    const char *at = strstr(base ? base : path, "-pc-");
    const char *end = at ? strstr(at, ".map") : NULL;

    return end && !end[4] ? find_layout(at + 4, (size_t)(end - at - 4)) : NULL;
}

bool keymap_open(const char *name, const struct keymap **out, struct error *err)
{
    size_t n = strlen(name), tail = strlen(NO_DEAD_KEYS);
    bool no_dead = n > tail && !strcmp(name + n - tail, NO_DEAD_KEYS);
    const struct layout *l = find_layout(name, no_dead ? n - tail : n);
    struct keymap *m;

    *out = NULL;
    if (!l && keymap_file_exists(name))
        return keymap_file_read(name, out, err);
    if (!l)
        l = layout_of_file(name);
    if (!l)
        return no_layout(name, err);
    if (l == us_layout())
        return true;
    m = calloc(1, sizeof *m);
    if (!m)
        return error_set(err, EXIT_NO_OPEN, "keymap: out of memory");
    m->layout = l;
    m->no_dead_keys = no_dead;
    *out = m;
    return true;
}

void keymap_close(const struct keymap *m)
{
    if (!m)
        return;
    free(m->entries);
    free((void *)(uintptr_t)m);
}

/*
 * term_keys.c - what a terminal sends, as key presses.
 *
 * ECMA-48 control sequences as xterm, the Linux console and VT220s use them
 * (XTerm Control Sequences, "PC-Style Function Keys").
 */
#include "gui/term_keys.h"
#include "gui/cp437.h"
#include "gui/keymap.h"

#define ESC       '\033'
#define PREFIX    0x1d /* Ctrl-] */
#define MAX_VALUE 1000u

static void send_press(const struct display_events *ev, struct key_press p)
{
    struct key_event e[KEYMAP_MAX_EVENTS];
    unsigned n = keymap_events(p, e);

    for (unsigned i = 0; i < n; i++)
        ev->key(ev->opaque, e[i].key, e[i].pressed);
}

static void send_char(const struct term_keys *k,
                      const struct display_events *ev, uint32_t code,
                      uint8_t modifiers)
{
    struct key_press p[KEYMAP_MAX_PRESSES];
    unsigned n = keymap_presses(k->keymap, code, p);

    for (unsigned i = 0; i < n; i++) {
        p[i].modifiers |= modifiers;
        send_press(ev, p[i]);
    }
}

/* The key of `CSI number ~`. */
static uint8_t tilde_key(unsigned n)
{
    static const uint8_t keys[] = {
        [1] = KEY_HOME, [2] = KEY_INSERT, [3] = KEY_DELETE, [4] = KEY_END,
        [5] = KEY_PGUP, [6] = KEY_PGDN,   [7] = KEY_HOME,   [8] = KEY_END,
        [11] = KEY_F1,  [12] = KEY_F2,    [13] = KEY_F3,    [14] = KEY_F4,
        [15] = KEY_F5,  [17] = KEY_F6,    [18] = KEY_F7,    [19] = KEY_F8,
        [20] = KEY_F9,  [21] = KEY_F10,   [23] = KEY_F11,   [24] = KEY_F12,
    };

    return n < ARRAY_LEN(keys) ? keys[n] : KEY_NONE;
}

/* The key of `CSI letter` or `SS3 letter`. */
static uint8_t letter_key(char c)
{
    static const char letters[] = "ABCDEFHPQRS";
    static const uint8_t keys[] = {KEY_UP,   KEY_DOWN, KEY_RIGHT, KEY_LEFT,
                                   KEY_KP_5, KEY_END,  KEY_HOME,  KEY_F1,
                                   KEY_F2,   KEY_F3,   KEY_F4};
    const char *p = c ? strchr(letters, c) : NULL;

    return p ? keys[p - letters] : KEY_NONE;
}

/* xterm: 1 + (1 Shift, 2 Alt, 4 Ctrl). */
static uint8_t xterm_modifiers(unsigned n)
{
    unsigned m = n ? n - 1 : 0;

    return (uint8_t)((m & 1 ? KEYMAP_SHIFT : 0) | (m & 2 ? KEYMAP_ALT : 0) |
                     (m & 4 ? KEYMAP_CTRL : 0));
}

/* `ESC [ ...` or `ESC O x`. Returns the bytes used, 0 when it is not whole. */
static size_t parse_sequence(const char *p, size_t n,
                             const struct display_events *ev)
{
    unsigned value[2] = {0, 0}, which = 0;
    struct key_press k = {0};
    size_t i = 2;

    if (n > 3 && p[1] == '[' && p[2] == '[') { /* Linux console: F1-F5 */
        if (p[3] >= 'A' && p[3] <= 'E')
            send_press(ev, (struct key_press){
                               .key = (uint8_t)(KEY_F1 + (p[3] - 'A'))});
        return 4;
    }
    for (; i < n && p[i] >= 0x20 && p[i] < 0x40; i++) {
        if (p[i] == ';')
            which = 1;
        else if (p[i] >= '0' && p[i] <= '9' && value[which] < MAX_VALUE)
            value[which] = value[which] * 10 + (unsigned)(p[i] - '0');
    }
    if (i >= n || (i == 2 && p[1] == '[' && p[i] == '['))
        return 0;
    if (p[i] == 'Z') /* back tab */
        k = (struct key_press){KEY_TAB, KEYMAP_SHIFT};
    else
        k.key = p[i] == '~' ? tilde_key(value[0]) : letter_key(p[i]);
    k.modifiers |= xterm_modifiers(value[1]);
    if (k.key)
        send_press(ev, k);
    return i + 1;
}

/* A command of the display itself, typed after Ctrl-]. */
static void prefixed(const struct term_keys *k, char c,
                     const struct display_events *ev)
{
    switch (c) {
    case 'q':
        ev->command(ev->opaque, HOST_QUIT);
        break;
    case 'r':
        ev->command(ev->opaque, HOST_RESET);
        break;
    case 'p':
        ev->command(ev->opaque, HOST_POWER_BUTTON);
        break;
    case 's':
        ev->action(ev->opaque, DISPLAY_SCREENSHOT);
        break;
    case 'w':
        ev->action(ev->opaque, DISPLAY_SAVE_STATE);
        break;
    case 'd':
        send_press(ev,
                   (struct key_press){KEY_DELETE, KEYMAP_CTRL | KEYMAP_ALT});
        break;
    case PREFIX:
        send_char(k, ev, PREFIX, 0);
        break;
    default:
        break;
    }
}

/* Bytes that a UTF-8 lead byte announces. */
static size_t utf8_length(char c)
{
    uint8_t b = (uint8_t)c;

    return b < 0xc0 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
}

/* One key from the front of p; 0 when more bytes are needed. */
static size_t parse_key(struct term_keys *k, const char *p, size_t n,
                        const struct display_events *ev)
{
    const char *q = p;
    uint8_t alt = 0;

    if (k->overlong) {
        k->overlong = *p < 0x40; /* its final byte is 40h or more */
        return 1;
    }
    if (k->prefix) {
        k->prefix = false;
        prefixed(k, *p, ev);
        return 1;
    }
    if (*p == PREFIX) {
        k->prefix = true;
        return 1;
    }
    if (*p == ESC) {
        if (n < 2)
            return 0;
        if (p[1] == '[' || p[1] == 'O')
            return parse_sequence(p, n, ev);
        if (p[1] == ESC) {
            send_char(k, ev, ESC, 0);
            return 1;
        }
        alt = KEYMAP_ALT;
        q++;
    }
    if (utf8_length(*q) > (size_t)(p + n - q))
        return 0;
    send_char(k, ev, utf8_decode(&q, p + n), alt);
    return (size_t)(q - p);
}

void term_keys_feed(struct term_keys *k, const char *p, size_t n,
                    const struct display_events *ev)
{
    while (n || k->len) {
        size_t take = sizeof k->buf - k->len, used, left;

        if (take > n)
            take = n;
        memcpy(k->buf + k->len, p, take);
        k->len += take;
        p += take;
        n -= take;
        for (used = 0; used < k->len;) {
            size_t got = parse_key(k, k->buf + used, k->len - used, ev);

            if (!got)
                break;
            used += got;
        }
        left = k->len - used;
        if (!used && left == sizeof k->buf) { /* nothing is that long */
            left = 0;
            k->overlong = true;
        }
        memmove(k->buf, k->buf + used, left);
        k->len = left;
        if (!n)
            return;
    }
}

void term_keys_idle(struct term_keys *k, const struct display_events *ev)
{
    if (!k->len)
        return;
    if (k->buf[0] == ESC) {
        send_char(k, ev, ESC, 0);
        for (size_t i = 1; i < k->len; i++)
            send_char(k, ev, (uint8_t)k->buf[i], 0);
    }
    k->len = 0;
}

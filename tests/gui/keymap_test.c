/*
 * keymap_test.c - text to key presses, terminal input to key presses.
 */
#include "gui/cp437.h"
#include "gui/keymap.h"
#include "gui/term_keys.h"
#include "tests/tap.h"

struct recorder {
    char text[512];
    size_t len;
    int command; /* -1: none */
};

static void on_key(void *opaque, unsigned key, bool pressed)
{
    struct recorder *r = opaque;
    size_t room = sizeof r->text - r->len;

    r->len += (size_t)snprintf(r->text + r->len, room, "%s%s%02x",
                               r->len ? " " : "", pressed ? "+" : "-", key);
}

static void on_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    (void)opaque;
    (void)dx;
    (void)dy;
    (void)dz;
    (void)buttons;
}

static void on_command(void *opaque, enum host_command command)
{
    ((struct recorder *)opaque)->command = (int)command;
}

static void check_keys(struct tap *t, const char *typed, const char *want)
{
    struct recorder r = {.command = -1};
    struct display_events ev = {&r, on_key, on_mouse, on_command};
    struct term_keys k = {0};

    /* Byte by byte: no sequence may depend on how reads cut it. */
    for (const char *p = typed; *p; p++)
        term_keys_feed(&k, p, 1, &ev);
    term_keys_idle(&k, &ev);
    tap_ok(t, !strcmp(r.text, want), "keys %s: got %s", want, r.text);
}

static void test_chars(struct tap *t)
{
    static const struct {
        uint32_t code;
        uint8_t key, modifiers;
    } rows[] = {
        {'a', KEY_A, 0},
        {'Z', KEY_Z, KEYMAP_SHIFT},
        {'0', KEY_0, 0},
        {'@', KEY_2, KEYMAP_SHIFT},
        {'_', KEY_MINUS, KEYMAP_SHIFT},
        {'\\', KEY_BACKSLASH, 0},
        {'"', KEY_QUOTE, KEYMAP_SHIFT},
        {'~', KEY_GRAVE, KEYMAP_SHIFT},
        {' ', KEY_SPACE, 0},
        {'\n', KEY_ENTER, 0},
        {3, KEY_C, KEYMAP_CTRL},
        {0x1c, KEY_BACKSLASH, KEYMAP_CTRL},
        {0x7f, KEY_BACKSPACE, 0},
        {0x2019, KEY_QUOTE, 0},
    };
    struct key_press p;
    unsigned none = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool got = keymap_char(rows[i].code, &p);

        tap_ok(t,
               got && p.key == rows[i].key && p.modifiers == rows[i].modifiers,
               "character %x", (unsigned)rows[i].code);
    }
    for (uint32_t c = 0; c < 0x7f; c++)
        none += !keymap_char(c, &p) || !p.key;
    tap_eq(t, none, 0, "every ASCII character has a key");
    tap_ok(t, !keymap_char(0xe9, &p), "e acute has none on a US keyboard");
}

static void test_terminal(struct tap *t)
{
    check_keys(t, "a", "+1e -1e");
    check_keys(t, "A", "+2a +1e -1e -2a");
    check_keys(t, "\r", "+1c -1c");
    check_keys(t, "\033[A", "+c8 -c8");
    check_keys(t, "\033OP", "+3b -3b");
    check_keys(t, "\033[[E", "+3f -3f");
    check_keys(t, "\033[15~\033[24~", "+3f -3f +58 -58");
    check_keys(t, "\033[3;5~", "+1d +d3 -d3 -1d");
    check_keys(t, "\033[Z", "+2a +0f -0f -2a");
    check_keys(t, "\033x", "+38 +2d -2d -38");
    check_keys(t, "\033", "+01 -01");
    check_keys(t, "\003", "+1d +2e -2e -1d");
    check_keys(t, "\xe2\x80\x99", "+28 -28");
    check_keys(t, "\035d", "+1d +38 +d3 -d3 -38 -1d");
    check_keys(t, "\033[999999999999999999999999999999999999999999~b",
               "+30 -30");
}

static void test_prefix(struct tap *t)
{
    struct recorder r = {.command = -1};
    struct display_events ev = {&r, on_key, on_mouse, on_command};
    struct term_keys k = {0};

    term_keys_feed(&k, "\035q", 2, &ev);
    tap_ok(t, r.command == HOST_QUIT && !r.len, "Ctrl-] q quits");
    term_keys_feed(&k, "q", 1, &ev);
    tap_ok(t, !strcmp(r.text, "+10 -10"), "then q is a key again");
}

static void test_unicode(struct tap *t)
{
    char buf[4];
    unsigned bad = 0;
    const char *p = "\xc0\x80", *end = p + 2;

    for (uint32_t c = 1; c < 0x110000; c += 7) {
        unsigned n = utf8_encode(c, buf);
        const char *q = buf;

        bad += utf8_decode(&q, buf + n) != c || q != buf + n;
    }
    tap_eq(t, bad, 0, "UTF-8 both ways");
    tap_eq(t, utf8_decode(&p, end), 0xfffd, "overlong form is refused");
    tap_eq(t, cp437_unicode[0xc4], 0x2500, "CP437 line");
    tap_eq(t, cp437_unicode[0x01], 0x263a, "CP437 face");
}

int main(void)
{
    struct tap t = {0};

    test_chars(&t);
    test_terminal(&t);
    test_prefix(&t);
    test_unicode(&t);
    return tap_done(&t);
}

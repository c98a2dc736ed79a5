/*
 * keymap_test.c - text to key presses, terminal input to key presses.
 */
#include "gui/cp437.h"
#include "gui/keymap.h"
#include "gui/layouts.h"
#include "gui/term_keys.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <unistd.h>

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
    struct display_events ev = {
        .opaque = &r, .key = on_key, .mouse = on_mouse, .command = on_command};
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
        bool got = keymap_char(NULL, rows[i].code, &p);

        tap_ok(t,
               got && p.key == rows[i].key && p.modifiers == rows[i].modifiers,
               "character %x", (unsigned)rows[i].code);
    }
    for (uint32_t c = 0; c < 0x7f; c++)
        none += !keymap_char(NULL, c, &p) || !p.key;
    tap_eq(t, none, 0, "every ASCII character has a key");
    tap_ok(t, !keymap_char(NULL, 0xe9, &p),
           "e acute has none on a US keyboard");
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
    struct display_events ev = {
        .opaque = &r, .key = on_key, .mouse = on_mouse, .command = on_command};
    struct term_keys k = {0};

    term_keys_feed(&k, "\035q", 2, &ev);
    tap_ok(t, r.command == HOST_QUIT && !r.len, "Ctrl-] q quits");
    term_keys_feed(&k, "q", 1, &ev);
    tap_ok(t, !strcmp(r.text, "+10 -10"), "then q is a key again");
}

/* As "key modifiers" in hexadecimal, for each press. */
static void check_text(struct tap *t, const struct keymap *m, const char *what,
                       const char *text, const char *want)
{
    const char *p = text, *end = p + strlen(p);
    char got[128] = "";

    while (p < end) {
        struct key_press k[KEYMAP_MAX_PRESSES];
        unsigned n = keymap_presses(m, utf8_decode(&p, end), k);

        for (unsigned i = 0; i < n; i++)
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%02x.%x",
                     *got ? " " : "", k[i].key, k[i].modifiers);
    }
    tap_ok(t, !strcmp(got, want), "%s: %s is %s", what, text, got);
}

/* What is printed on the keys: ISO/IEC 9995 national layouts, as sold. */
static void test_layouts(struct tap *t)
{
    static const struct {
        const char *layout, *text, *want;
    } rows[] = {
        {"de", "zY", "15.0 2c.1"},
        {"de", "\xc3\xa4?@\\", "28.0 0c.1 10.8 0c.8"},
        {"de", "^\xc3\xa9", "29.0 39.0 0d.0 12.0"},
        {"de-nodeadkeys", "^`", "29.0 0d.1"},
        {"fr", "aA1.", "10.0 10.1 02.1 33.1"},
        {"fr", "@~#", "0b.8 03.8 04.8"},
        {"uk", "\"@#", "03.1 28.1 2b.0"},
        {"es", "\xc3\xb1\xc2\xbf", "27.0 0d.1"},
        {"it", "\xc3\xa0[", "28.0 1a.8"},
        {"da", "\xc3\xb8@", "28.0 03.8"},
        {"sv", "\xc3\xb6{", "27.0 08.8"},
        {"pl", "\xc4\x85\xc5\xbb", "1e.8 2c.9"},
        {"hu", "\xc5\xb1", "2b.0"},
        {"ru", "\xd0\xb9q", "10.0 10.0"},
        {"br", "/?\xc3\xa7", "73.0 73.1 27.0"},
        {"ch", "\xc3\xa8$", "1a.1 2b.0"},
        {"pt", "\xc3\xa3", "2b.0 1e.0"},
        {"dvorak", "aeo", "1e.0 20.0 1f.0"},
        {"us", "<>\\", "33.1 34.1 2b.0"},
    };
    const struct keymap *m;
    struct error err = {0};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!keymap_open(rows[i].layout, &m, &err)) {
            tap_ok(t, false, "%s: %s", rows[i].layout, err.text);
            continue;
        }
        check_text(t, m, rows[i].layout, rows[i].text, rows[i].want);
        keymap_close(m);
    }
    tap_ok(t, !keymap_open("uss", &m, &err) && strstr(err.text, "us"),
           "a misspelled name: %s", err.text);
    tap_ok(t, keymap_open("/nowhere/x11-pc-de.map", &m, &err) && m != NULL,
           "the file of another host stands for its layout");
    keymap_close(m);
}

/* Every layout writes everything that programs are written in. */
static void test_ascii(struct tap *t)
{
    for (const struct layout *l = layouts; l->names; l++) {
        char name[16], missing[128] = "";
        const struct keymap *m;
        struct key_press k[KEYMAP_MAX_PRESSES];

        snprintf(name, sizeof name, "%.*s", (int)strcspn(l->names, " "),
                 l->names);
        if (!keymap_open(name, &m, NULL)) {
            tap_ok(t, false, "layout %s", name);
            continue;
        }
        for (char c = ' '; c < 0x7f; c++)
            if (!keymap_presses(m, (uint8_t)c, k))
                snprintf(missing + strlen(missing), 4, "%c", c);
        tap_ok(t, !*missing, "all of ASCII on %s: not %s", name, missing);
        keymap_close(m);
    }
}

static void test_file(struct tap *t)
{
    static const char text[] = "# comment\n"
                               "BX_KEY_Z                  'y'  XK_y\n"
                               "BX_KEY_7+BX_KEY_ALT_R\t'{' XK_braceleft\n"
                               "BX_KEY_SINGLE_QUOTE '\xe4' XK_adiaeresis\n"
                               "BX_KEY_GRAVE+BX_KEY_SHIFT_L '\xc2\xb0' XK_x\n"
                               "BX_KEY_BACKSLASH apostrophe XK_apostrophe\n"
                               "BX_KEY_F1 none XK_F1\n";
    char path[] = "/tmp/klochs-keymapXXXXXX.map";
    int fd = mkstemps(path, 4);
    const struct keymap *m = NULL;
    struct error err = {0};

    tap_ok(t, write(fd, text, sizeof text - 1) == sizeof text - 1, "file");
    close(fd);
    tap_ok(t, keymap_open(path, &m, &err), "read: %s", err.text);
    check_text(t, m, "file", "y{\xc3\xa4\xc2\xb0'q",
               "2c.0 08.8 28.0 29.1 2b.0 10.0");
    keymap_close(m);
    truncate(path, 20);
    tap_ok(t, !keymap_open(path, &m, &err), "cut: %s", err.text);
    unlink(path);
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
    test_layouts(&t);
    test_ascii(&t);
    test_file(&t);
    return tap_done(&t);
}

/*
 * typist_test.c - waiting for texts, typing keys at fixed ticks.
 */
#include "machine/typist.h"
#include "tests/tap.h"
#include <stdlib.h>

struct rig {
    struct machine m;
    struct input_event ev[256];
    unsigned count;
    uint16_t cells[80 * 25];
};

static void post(void *opaque, const struct input_event *ev)
{
    struct rig *r = container_of(opaque, struct rig, m);

    if (r->count < ARRAY_LEN(r->ev))
        r->ev[r->count++] = *ev;
}

static bool text(void *opaque, struct frame *out)
{
    struct rig *r = opaque;

    out->is_text = true;
    out->columns = 80;
    out->rows = 25;
    out->cells = r->cells;
    return true;
}

static void put(struct rig *r, unsigned row, const char *s)
{
    for (unsigned x = 0; x < 80; x++)
        r->cells[row * 80 + x] = (uint16_t)(0x700 | (*s ? *s++ : ' '));
}

static struct rig *make(void)
{
    struct rig *r = calloc(1, sizeof *r);

    if (!r)
        exit(99);
    r->m.clock.ips = 50000000;
    r->m.clock.now = 7000000;
    r->m.host = (struct host){.opaque = &r->m, .post = post};
    r->m.screen = (struct screen){.opaque = r, .text = text};
    for (unsigned n = 0; n < 25; n++)
        put(r, n, "");
    return r;
}

static void say(struct typist *t, const char *s)
{
    typist_serial(t, (const uint8_t *)s, strlen(s));
}

static unsigned look(struct typist *t, struct rig *r)
{
    r->count = 0;
    typist_look(t, &r->m);
    return r->count;
}

static bool key(const struct rig *r, unsigned n, unsigned k, bool pressed)
{
    return n < r->count && r->ev[n].kind == INPUT_KEY && r->ev[n].a == k &&
           r->ev[n].b == pressed && !strcmp(r->ev[n].device, "kbd");
}

static void test_serial(struct tap *tap)
{
    struct rig *r = make();
    struct typist *t = typist_create();

    typist_add(t, "login:=aB\\n", NULL);
    typist_add(t, "login:=<down><ctrl-alt-delete>", NULL);
    typist_add(t, "never=x", NULL);
    typist_prepare(t, NULL, NULL);
    say(t, "some log");
    tap_eq(tap, look(t, r), 0, "half of the text is not enough");
    say(t, "\x1b[1;32min\x1b[0m: ");
    tap_eq(tap, look(t, r), 0, "a control sequence counts as a blank");
    say(t, "\r\nlog in: login");
    tap_eq(tap, look(t, r), 0, "no match");
    say(t, ": x");
    tap_eq(tap, look(t, r), 8, "a, Shift B, Enter");
    tap_ok(tap, key(r, 0, KEY_A, true) && key(r, 1, KEY_A, false), "a");
    tap_ok(tap, key(r, 2, KEY_LSHIFT, true) && key(r, 5, KEY_LSHIFT, false),
           "Shift around B");
    tap_ok(tap, key(r, 6, KEY_ENTER, true), "Enter");
    tap_eq(tap, r->ev[0].tick, 7000000 + 10000000, "first after 200 ms");
    tap_eq(tap, r->ev[1].tick - r->ev[0].tick, 1000000, "20 ms between");
    tap_eq(tap, look(t, r), 0, "the same text is not found twice");
    say(t, "login:");
    tap_eq(tap, look(t, r), 8, "the second time it is");
    tap_ok(tap, key(r, 0, KEY_DOWN, true) && key(r, 1, KEY_DOWN, false),
           "<down>");
    tap_ok(tap,
           key(r, 2, KEY_LCTRL, true) && key(r, 3, KEY_LALT, true) &&
               key(r, 4, KEY_DELETE, true) && key(r, 5, KEY_DELETE, false) &&
               key(r, 7, KEY_LCTRL, false),
           "a chord");
    tap_ok(tap, r->ev[0].tick >= 17000000 + 8 * 1000000,
           "keys of two entries do not mix");
    typist_destroy(t);
    free(r);
}

static void test_screen(struct tap *tap)
{
    struct rig *r = make();
    struct typist *t = typist_create();

    typist_add(t, "boot:=1", NULL);
    typist_add(t, "boot:=2", NULL);
    typist_add(t, "boot:=3", NULL);
    typist_add(t, "below=", NULL);
    typist_add(t, "above=4", NULL);
    typist_prepare(t, NULL, NULL);
    put(r, 3, "boot: here");
    tap_eq(tap, look(t, r), 2, "found on the screen");
    tap_eq(tap, look(t, r), 0, "what was there is old");
    put(r, 5, "boot:");
    tap_eq(tap, look(t, r), 2, "a second one is new");
    put(r, 3, "");
    tap_eq(tap, look(t, r), 0, "the first scrolls away");
    put(r, 4, "boot:");
    tap_eq(tap, look(t, r), 2, "one more than are left is new");
    put(r, 1, "above");
    put(r, 9, "below");
    tap_eq(tap, look(t, r), 0, "waiting only; what stood above it is old");
    put(r, 10, "above");
    tap_eq(tap, look(t, r), 2, "and below it, new");
    tap_ok(tap, typist_done(t), "done");
    typist_destroy(t);
    free(r);
}

static bool accepted(const char *entry, struct error *err)
{
    struct typist *t = typist_create();
    bool good = typist_add(t, entry, err) && typist_prepare(t, NULL, err);

    typist_destroy(t);
    return good;
}

static void test_errors(struct tap *tap)
{
    static const char *const bad[] = {"no sign", "=keys", "x=<dwon>",
                                      "x=\xc3\xa4"};
    struct error err = {0};

    for (size_t n = 0; n < ARRAY_LEN(bad); n++) {
        err = (struct error){0};
        tap_ok(tap, !accepted(bad[n], &err) && err.code == EXIT_USAGE,
               "refused: %s", err.text);
    }
    tap_ok(tap, accepted("x=cat <file >out; a<b", &err), "a lone < is itself");
    tap_ok(tap, accepted("a=b=c", &err), "only the first = splits");
}

int main(void)
{
    struct tap t = {0};

    test_serial(&t);
    test_screen(&t);
    test_errors(&t);
    return tap_done(&t);
}

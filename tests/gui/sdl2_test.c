/*
 * sdl2_test.c - the SDL 2 display on SDL's dummy video driver.
 */
#include "gui/display.h"
#include "gui/sdl2_api.h"
#include "tests/tap.h"

#include <dlfcn.h>
#include <stdlib.h>

extern const struct display_class display_sdl2;

static bool picture(void *opaque, struct frame *out)
{
    static const uint32_t pixels[320 * 200];
    unsigned *calls = opaque;

    *out = (struct frame){.width = *calls % 2 ? 320 : 160,
                          .height = 200,
                          .pixels = pixels,
                          .version = ++*calls};
    return true;
}

struct seen {
    char text[256]; /* keys, as +1e -1e */
    char changed[64];
    unsigned mouse;
};

static void on_key(void *opaque, unsigned key, bool pressed)
{
    struct seen *s = opaque;
    size_t n = strlen(s->text);

    snprintf(s->text + n, sizeof s->text - n, "%s%c%02x", n ? " " : "",
             pressed ? '+' : '-', key);
}

static void on_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    struct seen *s = opaque;

    (void)dx;
    (void)dy;
    (void)dz;
    (void)buttons;
    s->mouse++;
}

static void no_command(void *opaque, enum host_command command)
{
    (void)opaque;
    (void)command;
}

static void on_change(void *opaque, const char *drive, const char *path)
{
    struct seen *s = opaque;

    snprintf(s->changed, sizeof s->changed, "%s %s", drive, path);
}

/* What the window system would tell SDL. */
struct sdl {
    int (*push)(struct sdl2_event *e);
    char *(*copy)(const char *text);
};

static bool find_sdl(struct sdl *sdl)
{
    void *library = dlopen("libSDL2-2.0.so.0", RTLD_NOW | RTLD_LOCAL), *p;

    if (!library)
        return false;
    p = dlsym(library, "SDL_PushEvent");
    memcpy(&sdl->push, &p, sizeof p);
    p = dlsym(library, "SDL_strdup");
    memcpy(&sdl->copy, &p, sizeof p);
    return sdl->push && sdl->copy;
}

static void push_key(const struct sdl *sdl, int usage, bool pressed)
{
    struct sdl2_event e;

    memset(&e, 0, sizeof e);
    e.type = pressed ? SDL2_KEYDOWN : SDL2_KEYUP;
    e.u.key.scancode = usage;
    sdl->push(&e);
}

static void drop(const struct sdl *sdl, struct display *d, const char *file)
{
    char *copy = sdl->copy(file);
    struct sdl2_event e;

    memset(&e, 0, sizeof e);
    e.type = SDL2_DROPFILE;
    memcpy((char *)&e + offsetof(struct sdl2_event, window), &copy,
           sizeof copy);
    sdl->push(&e);
    d->cls->poll(d);
}

static void test_drop(struct tap *t, const struct sdl *sdl, struct display *d,
                      struct seen *s)
{
    struct display_status st = {.drive_count = 3};

    snprintf(st.drives[0].id, sizeof st.drives[0].id, "floppya");
    snprintf(st.drives[1].id, sizeof st.drives[1].id, "ata0-master");
    snprintf(st.drives[2].id, sizeof st.drives[2].id, "ata1-master");
    st.drives[0].removable = st.drives[2].removable = true;
    d->cls->status(d, &st);
    drop(sdl, d, "/tmp/small.img");
    tap_ok(t, !strcmp(s->changed, "floppya /tmp/small.img"),
           "a dropped image: %s", s->changed);
    drop(sdl, d, "/tmp/x.ISO");
    tap_ok(t, !strcmp(s->changed, "ata1-master /tmp/x.ISO"), "a CD: %s",
           s->changed);
}

static void move(const struct sdl *sdl, struct display *d)
{
    struct sdl2_event e;

    memset(&e, 0, sizeof e);
    e.type = SDL2_MOUSEMOTION;
    e.u.motion.xrel = 1;
    sdl->push(&e);
    d->cls->poll(d);
}

/* toggle=ctrl+alt: alone it captures, with another key it does not. */
static void test_chord(struct tap *t, const struct sdl *sdl, struct display *d,
                       struct seen *s)
{
    enum { CTRL = 224, ALT = 226, A = 4 };
    static const struct {
        int usage;
        bool pressed;
    } with_a[] = {{CTRL, true}, {ALT, true},  {A, true},
                  {A, false},   {ALT, false}, {CTRL, false}};

    *s->text = 0;
    for (size_t i = 0; i < ARRAY_LEN(with_a); i++)
        push_key(sdl, with_a[i].usage, with_a[i].pressed);
    d->cls->poll(d);
    move(sdl, d);
    tap_ok(t, !strcmp(s->text, "+1d +38 +1e -1e -38 -1d") && !s->mouse,
           "Ctrl+Alt+A is the guest's: %s", s->text);
    push_key(sdl, CTRL, true);
    push_key(sdl, ALT, true);
    push_key(sdl, ALT, false);
    push_key(sdl, CTRL, false);
    d->cls->poll(d);
    move(sdl, d);
    tap_eq(t, s->mouse, 1, "Ctrl+Alt captures the mouse");
}

int main(void)
{
    struct tap t = {0};
    unsigned calls = 0;
    struct seen seen = {.mouse = 0};
    struct screen screen = {&calls, picture, picture};
    struct display_setup setup = {.title = "test",
                                  .options = "scale=9",
                                  .events = {.opaque = &seen,
                                             .key = on_key,
                                             .mouse = on_mouse,
                                             .command = no_command,
                                             .change = on_change}};
    struct display *d = NULL;
    struct error err = {0};
    struct sdl sdl;

    setenv("SDL_VIDEODRIVER", "dummy", 1);
    tap_ok(&t, !display_sdl2.open(&setup, &d, &err), "bad option: %s",
           err.text);
    setup.options = "scale=2 toggle=ctrl+alt";
    if (!display_sdl2.open(&setup, &d, &err)) {
        tap_ok(&t, strstr(err.text, "not installed") != NULL,
               "a clear message without the library: %s", err.text);
        return tap_done(&t);
    }
    display_sdl2.poll(d);
    display_sdl2.update(d, NULL);
    display_sdl2.update(d, &screen);
    display_sdl2.update(d, &screen);
    display_sdl2.status(d, &(struct display_status){.text = "running"});
    tap_eq(&t, calls, 2, "each update pulls one picture");
    if (find_sdl(&sdl)) {
        test_drop(&t, &sdl, d, &seen);
        test_chord(&t, &sdl, d, &seen);
    }
    display_sdl2.close(d);
    return tap_done(&t);
}

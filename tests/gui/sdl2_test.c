/*
 * sdl2_test.c - the SDL 2 display on SDL's dummy video driver.
 */
#include "gui/display.h"
#include "tests/tap.h"

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

static void no_key(void *opaque, unsigned key, bool pressed)
{
    (void)opaque;
    (void)key;
    (void)pressed;
}

static void no_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    (void)opaque;
    (void)dx;
    (void)dy;
    (void)dz;
    (void)buttons;
}

static void no_command(void *opaque, enum host_command command)
{
    (void)opaque;
    (void)command;
}

int main(void)
{
    struct tap t = {0};
    unsigned calls = 0;
    struct screen screen = {&calls, picture, picture};
    struct display_setup setup = {
        .title = "test",
        .options = "scale=9",
        .events = {.key = no_key, .mouse = no_mouse, .command = no_command}};
    struct display *d = NULL;
    struct error err = {0};

    setenv("SDL_VIDEODRIVER", "dummy", 1);
    tap_ok(&t, !display_sdl2.open(&setup, &d, &err), "bad option: %s",
           err.text);
    setup.options = "scale=2 toggle=ctrl+f10";
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
    display_sdl2.close(d);
    return tap_done(&t);
}

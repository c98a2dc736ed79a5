/*
 * sdl2.c - the display in a window of the host's desktop.
 *
 * The SDL 2 library is opened when the display is.
 */
#include "core/dl.h"
#include "gui/window_sdl2.h"

#include <stdio.h>
#include <stdlib.h>

#define SYM(field, symbol)                                                     \
    {                                                                          \
        symbol, offsetof(struct sdl2_api, field)                               \
    }

static const struct dl_symbol sdl2_symbols[] = {
    SYM(init, "SDL_Init"),
    SYM(quit, "SDL_Quit"),
    SYM(get_error, "SDL_GetError"),
    SYM(set_hint, "SDL_SetHint"),
    SYM(create_window, "SDL_CreateWindow"),
    SYM(destroy_window, "SDL_DestroyWindow"),
    SYM(set_title, "SDL_SetWindowTitle"),
    SYM(set_size, "SDL_SetWindowSize"),
    SYM(set_fullscreen, "SDL_SetWindowFullscreen"),
    SYM(create_renderer, "SDL_CreateRenderer"),
    SYM(destroy_renderer, "SDL_DestroyRenderer"),
    SYM(output_size, "SDL_GetRendererOutputSize"),
    SYM(create_texture, "SDL_CreateTexture"),
    SYM(destroy_texture, "SDL_DestroyTexture"),
    SYM(update_texture, "SDL_UpdateTexture"),
    SYM(set_color, "SDL_SetRenderDrawColor"),
    SYM(clear, "SDL_RenderClear"),
    SYM(copy, "SDL_RenderCopy"),
    SYM(present, "SDL_RenderPresent"),
    SYM(poll_event, "SDL_PollEvent"),
    SYM(relative_mouse, "SDL_SetRelativeMouseMode"),
    SYM(window_size, "SDL_GetWindowSize"),
    SYM(set_grab, "SDL_SetWindowGrab"),
    SYM(clipboard, "SDL_GetClipboardText"),
    SYM(free, "SDL_free"),
    SYM(stop_text, "SDL_StopTextInput"),
    {0},
};

extern const struct display_class display_sdl2;

static struct sdl2 *sdl2_of(struct display *d)
{
    return container_of(d, struct sdl2, base);
}

static void sdl2_poll(struct display *d)
{
    struct sdl2 *s = sdl2_of(d);
    struct sdl2_event e;

    while (s->api.poll_event(&e))
        sdl2_input(s, &e);
}

static void sdl2_update(struct display *d, const struct screen *screen)
{
    sdl2_draw(sdl2_of(d), screen);
}

static void sdl2_status(struct display *d, const struct display_status *status)
{
    struct sdl2 *s = sdl2_of(d);
    bool new_text = strcmp(s->status.text, status->text) != 0;

    s->status = *status;
    s->stale = s->stale || !s->hide_line;
    if (new_text)
        sdl2_set_title(s);
}

/* ---- life ---- */

static void sdl2_close(struct display *d)
{
    struct sdl2 *s = sdl2_of(d);

    sdl2_free_picture(s);
    if (s->renderer)
        s->api.destroy_renderer(s->renderer);
    if (s->window)
        s->api.destroy_window(s->window);
    if (s->library)
        s->api.quit();
    free(s);
}

static bool read_options(struct sdl2 *s, const char *options, struct error *err)
{
    static const char *const toggles[] = {
        "ctrl+mbutton", "ctrl+f10", "ctrl+alt", "ctrl+alt+g", "f12", NULL};
    char v[32];

    if (display_option(options, "scale", v, sizeof v)) {
        if (v[0] < '1' || v[0] > '8' || v[1])
            return error_set(err, EXIT_USAGE,
                             "sdl2: scale=%s: 1 to 8 is possible", v);
        s->scale = (unsigned)(v[0] - '0');
    }
    s->fullscreen = display_option(options, "fullscreen", v, sizeof v);
    s->hide_speed = display_option(options, "hideIPS", v, sizeof v);
    s->hide_line = display_option(options, "nostatus", v, sizeof v);
    if (display_option(options, "toggle", v, sizeof v)) {
        unsigned i = 0;

        while (toggles[i] && strcmp(v, toggles[i]))
            i++;
        if (!toggles[i])
            return error_set(err, EXIT_USAGE,
                             "sdl2: toggle=%s: use ctrl+mbutton, ctrl+f10, "
                             "ctrl+alt, ctrl+alt+g or f12",
                             v);
        s->toggle = (enum sdl2_toggle)i;
    }
    return true;
}

static bool make_window(struct sdl2 *s, struct error *err)
{
    s->api.set_hint("SDL_NO_SIGNAL_HANDLERS", "1");
    s->api.set_hint("SDL_RENDER_SCALE_QUALITY", "0");
    s->api.set_hint("SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR", "0");
    s->api.set_hint("SDL_GRAB_KEYBOARD", "1");
    if (s->api.init(SDL2_INIT_VIDEO) != 0)
        return error_set(err, EXIT_NO_OPEN, "sdl2: no window system: %s",
                         s->api.get_error());
    s->window = s->api.create_window(
        s->title, SDL2_POS_UNDEFINED, SDL2_POS_UNDEFINED, 720, 420,
        SDL2_WINDOW_RESIZABLE | SDL2_WINDOW_HIGH_DPI);
    if (s->window)
        s->renderer = s->api.create_renderer(s->window, -1, 0);
    if (!s->renderer)
        return error_set(err, EXIT_NO_OPEN, "sdl2: cannot make a window: %s",
                         s->api.get_error());
    s->api.stop_text(); /* keys, not composed characters */
    if (s->fullscreen)
        s->api.set_fullscreen(s->window, SDL2_FULLSCREEN_DESKTOP);
    return true;
}

static bool sdl2_open(const struct display_setup *setup, struct display **out,
                      struct error *err)
{
    static const char *const names[] = {"libSDL2-2.0.so.0", "libSDL2-2.0.so",
                                        "libSDL2-2.0.0.dylib", NULL};
    struct sdl2 *s = calloc(1, sizeof *s);

    if (!s)
        return error_set(err, EXIT_NO_OPEN, "sdl2: out of memory");
    s->base.cls = &display_sdl2;
    s->events = setup->events;
    s->capture_on_click = setup->capture;
    s->stale = true;
    snprintf(s->title, sizeof s->title, "%s", setup->title);
    if (read_options(s, setup->options, err))
        s->library = dl_open("sdl2", names, sdl2_symbols, &s->api, err);
    if (!s->library || !make_window(s, err)) {
        sdl2_close(&s->base);
        return false;
    }
    *out = &s->base;
    return true;
}

const struct display_class display_sdl2 = {
    .name = "sdl2",
    .summary = "a window; Ctrl+Alt+M menu, Ctrl+Alt+F full screen",
    .options = "scale=1..8 fullscreen hideIPS nostatus "
               "toggle=ctrl+mbutton|ctrl+f10|ctrl+alt|ctrl+alt+g|f12 "
               "(captures and frees the mouse)",
    .open = sdl2_open,
    .poll = sdl2_poll,
    .update = sdl2_update,
    .status = sdl2_status,
    .close = sdl2_close,
};

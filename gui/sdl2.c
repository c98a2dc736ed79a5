/*
 * sdl2.c - the display in a window of the host's desktop.
 *
 * The SDL 2 library is opened when the display is. Keys go by position
 * (scancode), so the host's layout does not matter.
 */
#include "gui/display.h"
#include "core/dl.h"
#include "gui/sdl2_api.h"

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
    {0},
};

/* SDL scancodes are USB usages (HID Usage Tables, keyboard page). */
static const uint8_t usage_key[256] = {
    [4] = KEY_A,
    KEY_B,
    KEY_C,
    KEY_D,
    KEY_E,
    KEY_F,
    KEY_G,
    KEY_H,
    KEY_I,
    KEY_J,
    KEY_K,
    KEY_L,
    KEY_M,
    KEY_N,
    KEY_O,
    KEY_P,
    KEY_Q,
    KEY_R,
    KEY_S,
    KEY_T,
    KEY_U,
    KEY_V,
    KEY_W,
    KEY_X,
    KEY_Y,
    KEY_Z,
    [30] = KEY_1,
    KEY_2,
    KEY_3,
    KEY_4,
    KEY_5,
    KEY_6,
    KEY_7,
    KEY_8,
    KEY_9,
    KEY_0,
    KEY_ENTER,
    KEY_ESC,
    KEY_BACKSPACE,
    KEY_TAB,
    KEY_SPACE,
    KEY_MINUS,
    KEY_EQUAL,
    KEY_LBRACKET,
    KEY_RBRACKET,
    KEY_BACKSLASH,
    KEY_BACKSLASH,
    KEY_SEMICOLON,
    KEY_QUOTE,
    KEY_GRAVE,
    KEY_COMMA,
    KEY_DOT,
    KEY_SLASH,
    KEY_CAPS,
    [58] = KEY_F1,
    KEY_F2,
    KEY_F3,
    KEY_F4,
    KEY_F5,
    KEY_F6,
    KEY_F7,
    KEY_F8,
    KEY_F9,
    KEY_F10,
    KEY_F11,
    KEY_F12,
    [70] = KEY_PRINT,
    KEY_SCROLL,
    KEY_PAUSE,
    KEY_INSERT,
    KEY_HOME,
    KEY_PGUP,
    KEY_DELETE,
    KEY_END,
    KEY_PGDN,
    KEY_RIGHT,
    KEY_LEFT,
    KEY_DOWN,
    KEY_UP,
    KEY_NUM,
    KEY_KP_SLASH,
    KEY_KP_STAR,
    KEY_KP_MINUS,
    KEY_KP_PLUS,
    KEY_KP_ENTER,
    KEY_KP_1,
    KEY_KP_2,
    KEY_KP_3,
    KEY_KP_4,
    KEY_KP_5,
    KEY_KP_6,
    KEY_KP_7,
    KEY_KP_8,
    KEY_KP_9,
    KEY_KP_0,
    KEY_KP_DOT,
    KEY_102ND,
    KEY_MENU,
    KEY_POWER,
    KEY_KP_EQUAL,
    [127] = KEY_MUTE,
    KEY_VOLUME_UP,
    KEY_VOLUME_DOWN,
    [133] = KEY_KP_COMMA,
    [135] = KEY_RO,
    KEY_KATAKANA,
    KEY_YEN,
    KEY_HENKAN,
    KEY_MUHENKAN,
    [224] = KEY_LCTRL,
    KEY_LSHIFT,
    KEY_LALT,
    KEY_LWIN,
    KEY_RCTRL,
    KEY_RSHIFT,
    KEY_RALT,
    KEY_RWIN,
};

/* What switches the capture of the mouse. */
enum toggle {
    TOGGLE_CTRL_MBUTTON,
    TOGGLE_CTRL_F10,
    TOGGLE_CTRL_ALT_G,
    TOGGLE_F12
};

struct sdl2 {
    struct display base;
    struct display_events events;
    struct sdl2_api api;
    void *library, *window, *renderer, *texture;
    unsigned width, height; /* of the texture */
    unsigned scale;         /* option; 0: automatic */
    enum toggle toggle;
    bool down[256]; /* keys the guest believes pressed */
    bool captured, fullscreen, stale, blank;
    unsigned buttons;
    uint64_t version;
    char title[80], state[160];
};

extern const struct display_class display_sdl2;

static struct sdl2 *sdl2_of(struct display *d)
{
    return container_of(d, struct sdl2, base);
}

static void set_title(struct sdl2 *s)
{
    static const char *const hint[] = {"Ctrl+middle button", "Ctrl+F10",
                                       "Ctrl+Alt+G", "F12"};
    char text[320];

    snprintf(text, sizeof text, "%s%s%s%s%s%s", s->title,
             *s->state ? " - " : "", s->state, s->captured ? " - " : "",
             s->captured ? hint[s->toggle] : "",
             s->captured ? " frees the mouse" : "");
    s->api.set_title(s->window, text);
}

/* ---- input ---- */

static void capture(struct sdl2 *s, bool on)
{
    s->captured = on;
    s->api.relative_mouse(on);
    if (!on && s->buttons) {
        s->buttons = 0;
        s->events.mouse(s->events.opaque, 0, 0, 0, 0);
    }
    set_title(s);
}

static void send_key(struct sdl2 *s, unsigned key, bool pressed)
{
    if (!pressed && !s->down[key])
        return;
    s->down[key] = pressed;
    s->events.key(s->events.opaque, key, pressed);
}

/* Keys held when the window loses the focus are never seen to go up. */
static void release_all(struct sdl2 *s)
{
    for (unsigned k = 1; k < 256; k++)
        send_key(s, k, false);
}

static bool ctrl(const struct sdl2 *s)
{
    return s->down[KEY_LCTRL] || s->down[KEY_RCTRL];
}

static bool alt(const struct sdl2 *s)
{
    return s->down[KEY_LALT] || s->down[KEY_RALT];
}

/* Keys that the display keeps for itself. */
static bool own_key(struct sdl2 *s, unsigned key)
{
    if ((s->toggle == TOGGLE_CTRL_F10 && key == KEY_F10 && ctrl(s)) ||
        (s->toggle == TOGGLE_CTRL_ALT_G && key == KEY_G && ctrl(s) && alt(s)) ||
        (s->toggle == TOGGLE_F12 && key == KEY_F12)) {
        release_all(s);
        capture(s, !s->captured);
        return true;
    }
    if (key == KEY_F && ctrl(s) && alt(s)) {
        release_all(s);
        s->fullscreen = !s->fullscreen;
        s->api.set_fullscreen(s->window,
                              s->fullscreen ? SDL2_FULLSCREEN_DESKTOP : 0);
        s->stale = true;
        return true;
    }
    return false;
}

static void on_key(struct sdl2 *s, const struct sdl2_event *e)
{
    bool pressed = e->type == SDL2_KEYDOWN;
    uint32_t scancode = (uint32_t)e->u.key.scancode;
    unsigned key = scancode < 256 ? usage_key[scancode] : KEY_NONE;

    /* The guest's keyboard makes its own repetitions. */
    if (!key || (pressed && e->u.key.repeat))
        return;
    if (pressed && own_key(s, key))
        return;
    if (key == KEY_PAUSE && (s->down[KEY_BREAK] || (pressed && ctrl(s))))
        key = KEY_BREAK;
    send_key(s, key, pressed);
}

static void on_button(struct sdl2 *s, const struct sdl2_event *e)
{
    /* SDL counts left, middle, right; a PC left, right, middle. */
    static const uint8_t bits[4] = {0, 1, 4, 2};
    unsigned n = e->u.button.button;
    bool pressed = e->type == SDL2_MOUSEBUTTONDOWN;

    if (n > 3)
        return;
    if (pressed && n == 2 && s->toggle == TOGGLE_CTRL_MBUTTON && ctrl(s)) {
        release_all(s);
        capture(s, !s->captured);
        return;
    }
    if (!s->captured)
        return;
    s->buttons = pressed ? s->buttons | bits[n] : s->buttons & ~bits[n];
    s->events.mouse(s->events.opaque, 0, 0, 0, s->buttons);
}

static void on_window(struct sdl2 *s, unsigned event)
{
    if (event == SDL2_WINDOW_EXPOSED || event == SDL2_WINDOW_SIZE_CHANGED) {
        s->stale = true;
    } else if (event == SDL2_WINDOW_FOCUS_LOST) {
        release_all(s);
        if (s->captured)
            capture(s, false);
    }
}

static void sdl2_poll(struct display *d)
{
    struct sdl2 *s = sdl2_of(d);
    struct sdl2_event e;

    while (s->api.poll_event(&e)) {
        switch (e.type) {
        case SDL2_QUIT:
            s->events.command(s->events.opaque, HOST_QUIT);
            break;
        case SDL2_WINDOWEVENT:
            on_window(s, e.u.win.event);
            break;
        case SDL2_KEYDOWN:
        case SDL2_KEYUP:
            on_key(s, &e);
            break;
        case SDL2_MOUSEMOTION:
            if (s->captured)
                s->events.mouse(s->events.opaque, e.u.motion.xrel,
                                e.u.motion.yrel, 0, s->buttons);
            break;
        case SDL2_MOUSEBUTTONDOWN:
        case SDL2_MOUSEBUTTONUP:
            on_button(s, &e);
            break;
        case SDL2_MOUSEWHEEL:
            if (s->captured)
                s->events.mouse(s->events.opaque, 0, 0, e.u.wheel.y,
                                s->buttons);
            break;
        default:
            break;
        }
    }
}

/* ---- picture ---- */

/* Low resolutions are doubled, each way for itself: 320x200 and 640x200
 * both fill 640x400. */
static unsigned window_factor(const struct sdl2 *s, unsigned n, unsigned small)
{
    return s->scale ? s->scale * (n <= small ? 2 : 1) : n <= small ? 2 : 1;
}

static bool resize(struct sdl2 *s, unsigned w, unsigned h)
{
    if (s->texture)
        s->api.destroy_texture(s->texture);
    s->texture = s->api.create_texture(s->renderer, SDL2_XRGB8888,
                                       SDL2_TEXTURE_STREAMING, (int)w, (int)h);
    s->width = s->texture ? w : 0;
    s->height = s->texture ? h : 0;
    if (s->texture && !s->fullscreen)
        s->api.set_size(s->window, (int)(w * window_factor(s, w, 400)),
                        (int)(h * window_factor(s, h, 300)));
    return s->texture;
}

/* The middle of the window: the largest whole multiple of the picture that
 * fits, or the picture shrunk to fit. */
static struct sdl2_rect place(const struct sdl2 *s)
{
    int ww = 0, wh = 0, w, h, n;

    s->api.output_size(s->renderer, &ww, &wh);
    w = (int)(s->width * (s->width <= 400 ? 2 : 1));
    h = (int)(s->height * (s->height <= 300 ? 2 : 1));
    n = ww / w < wh / h ? ww / w : wh / h;
    if (n >= 1) {
        w *= n;
        h *= n;
    } else if ((int64_t)ww * h < (int64_t)wh * w) {
        h = (int)((int64_t)h * ww / w);
        w = ww;
    } else {
        w = (int)((int64_t)w * wh / h);
        h = wh;
    }
    return (struct sdl2_rect){(ww - w) / 2, (wh - h) / 2, w, h};
}

static void sdl2_update(struct display *d, const struct screen *screen)
{
    struct sdl2 *s = sdl2_of(d);
    struct frame f = {0};
    bool on =
        screen && screen->render(screen->opaque, &f) && f.width && f.height;

    if (!s->stale && (on ? !s->blank && f.version == s->version : s->blank))
        return;
    s->api.set_color(s->renderer, 0, 0, 0, 255);
    s->api.clear(s->renderer);
    if (on && (s->texture && s->width == f.width && s->height == f.height
                   ? true
                   : resize(s, f.width, f.height))) {
        struct sdl2_rect to = place(s);

        s->api.update_texture(s->texture, NULL, f.pixels, (int)f.width * 4);
        s->api.copy(s->renderer, s->texture, NULL, &to);
    }
    s->api.present(s->renderer);
    s->version = f.version;
    s->blank = !on;
    s->stale = false;
}

static void sdl2_status(struct display *d, const struct display_status *st)
{
    struct sdl2 *s = sdl2_of(d);

    snprintf(s->state, sizeof s->state, "%s", st->text);
    set_title(s);
}

/* ---- life ---- */

static void sdl2_close(struct display *d)
{
    struct sdl2 *s = sdl2_of(d);

    if (s->texture)
        s->api.destroy_texture(s->texture);
    if (s->renderer)
        s->api.destroy_renderer(s->renderer);
    if (s->window)
        s->api.destroy_window(s->window);
    if (s->library) {
        s->api.quit();
        dl_close(s->library);
    }
    free(s);
}

static bool read_options(struct sdl2 *s, const char *options, struct error *err)
{
    static const char *const toggles[] = {"ctrl+mbutton", "ctrl+f10",
                                          "ctrl+alt+g", "f12", NULL};
    char v[32];

    if (display_option(options, "scale", v, sizeof v)) {
        if (v[0] < '1' || v[0] > '8' || v[1])
            return error_set(err, EXIT_USAGE,
                             "sdl2: scale=%s: 1 to 8 is possible", v);
        s->scale = (unsigned)(v[0] - '0');
    }
    s->fullscreen = display_option(options, "fullscreen", v, sizeof v);
    if (display_option(options, "toggle", v, sizeof v)) {
        unsigned i = 0;

        while (toggles[i] && strcmp(v, toggles[i]))
            i++;
        if (!toggles[i])
            return error_set(err, EXIT_USAGE,
                             "sdl2: toggle=%s: use ctrl+mbutton, ctrl+f10, "
                             "ctrl+alt+g or f12",
                             v);
        s->toggle = (enum toggle)i;
    }
    return true;
}

static bool make_window(struct sdl2 *s, struct error *err)
{
    s->api.set_hint("SDL_NO_SIGNAL_HANDLERS", "1");
    s->api.set_hint("SDL_RENDER_SCALE_QUALITY", "0");
    s->api.set_hint("SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR", "0");
    if (s->api.init(SDL2_INIT_VIDEO) != 0)
        return error_set(err, EXIT_NO_OPEN, "sdl2: no window system: %s",
                         s->api.get_error());
    s->window =
        s->api.create_window(s->title, SDL2_POS_UNDEFINED, SDL2_POS_UNDEFINED,
                             720, 400, SDL2_WINDOW_RESIZABLE);
    if (s->window)
        s->renderer = s->api.create_renderer(s->window, -1, 0);
    if (!s->renderer)
        return error_set(err, EXIT_NO_OPEN, "sdl2: cannot make a window: %s",
                         s->api.get_error());
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
    .summary = "a window; Ctrl+Alt+F full screen",
    .options = "scale=1..8 fullscreen toggle=ctrl+mbutton|ctrl+f10|ctrl+alt+g"
               "|f12 (captures and frees the mouse)",
    .open = sdl2_open,
    .poll = sdl2_poll,
    .update = sdl2_update,
    .status = sdl2_status,
    .close = sdl2_close,
};

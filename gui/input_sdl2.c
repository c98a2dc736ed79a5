/*
 * input_sdl2.c - what the user does with the window.
 *
 * Keys go by position (scancode), so the host's layout does not matter.
 */
#include "gui/media.h"
#include "gui/statusline.h"
#include "gui/window_sdl2.h"

#include <stdio.h>

const char *sdl2_toggle_name(const struct sdl2 *s)
{
    static const char *const names[] = {"Ctrl+middle button", "Ctrl+F10",
                                        "Ctrl+Alt", "Ctrl+Alt+G", "F12"};

    return names[s->toggle];
}

static void capture(struct sdl2 *s, bool on)
{
    s->captured = on;
    s->stale = true;
    s->api.relative_mouse(on);
    s->api.set_grab(s->window, on); /* keys of the window manager, too */
    if (!on && s->buttons) {
        s->buttons = 0;
        s->events.mouse(s->events.opaque, 0, 0, 0, 0);
    }
    sdl2_set_title(s);
}

/* ---- what the menu and keys of our own do ---- */

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

static void paste(struct sdl2 *s)
{
    char *text = s->api.clipboard();

    if (!text)
        return;
    s->events.paste(s->events.opaque, text, strlen(text));
    s->api.free(text);
}

static void press_ctrl_alt_del(struct sdl2 *s)
{
    static const uint8_t keys[] = {KEY_LCTRL, KEY_LALT, KEY_DELETE};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        send_key(s, keys[i], true);
    release_all(s);
}

static void toggle_fullscreen(struct sdl2 *s)
{
    s->fullscreen = !s->fullscreen;
    s->api.set_fullscreen(s->window,
                          s->fullscreen ? SDL2_FULLSCREEN_DESKTOP : 0);
    s->stale = true;
}

static void open_menu(struct sdl2 *s)
{
    struct menu_hints hints = {sdl2_toggle_name(s)};

    release_all(s);
    if (s->captured)
        capture(s, false);
    menu_open(&s->menu, &s->status, &hints);
    s->stale = true;
}

static void obey(struct sdl2 *s, enum menu_choice choice)
{
    const struct display_events *ev = &s->events;

    switch (choice) {
    case MENU_CTRL_ALT_DEL:
        press_ctrl_alt_del(s);
        break;
    case MENU_PASTE:
        paste(s);
        break;
    case MENU_SCREENSHOT:
        ev->action(ev->opaque, DISPLAY_SCREENSHOT);
        break;
    case MENU_SAVE_STATE:
        ev->action(ev->opaque, DISPLAY_SAVE_STATE);
        break;
    case MENU_FULLSCREEN:
        toggle_fullscreen(s);
        break;
    case MENU_CAPTURE:
        capture(s, !s->captured);
        break;
    case MENU_RESET:
        ev->command(ev->opaque, HOST_RESET);
        break;
    case MENU_POWER_BUTTON:
        ev->command(ev->opaque, HOST_POWER_BUTTON);
        break;
    case MENU_QUIT:
        ev->command(ev->opaque, HOST_QUIT);
        break;
    case MENU_INSERT:
        ev->change(ev->opaque, s->menu.drive, s->menu.path);
        break;
    case MENU_EJECT:
        ev->change(ev->opaque, s->menu.drive, NULL);
        break;
    default:
        break;
    }
}

/* ---- keys ---- */

static bool ctrl(const struct sdl2 *s)
{
    return s->down[KEY_LCTRL] || s->down[KEY_RCTRL];
}

static bool alt(const struct sdl2 *s)
{
    return s->down[KEY_LALT] || s->down[KEY_RALT];
}

static enum menu_choice shortcut(const struct sdl2 *s, unsigned key)
{
    bool both = ctrl(s) && alt(s);

    if ((s->toggle == TOGGLE_CTRL_F10 && key == KEY_F10 && ctrl(s)) ||
        (s->toggle == TOGGLE_CTRL_ALT_G && key == KEY_G && both) ||
        (s->toggle == TOGGLE_F12 && key == KEY_F12))
        return MENU_CAPTURE;
    if (!both)
        return MENU_NONE;
    switch (key) {
    case KEY_F:
        return MENU_FULLSCREEN;
    case KEY_S:
        return MENU_SCREENSHOT;
    case KEY_V:
        return MENU_PASTE;
    default:
        return MENU_NONE;
    }
}

/* Keys that the display keeps for itself. */
static bool own_key(struct sdl2 *s, unsigned key)
{
    enum menu_choice choice = shortcut(s, key);

    if (key == KEY_M && ctrl(s) && alt(s)) {
        open_menu(s);
        return true;
    }
    if (choice == MENU_NONE)
        return false;
    release_all(s);
    obey(s, choice);
    return true;
}

static bool is_ctrl_or_alt(unsigned key)
{
    return key == KEY_LCTRL || key == KEY_RCTRL || key == KEY_LALT ||
           key == KEY_RALT;
}

/* toggle=ctrl+alt: both were down, no other key with them, one goes up. */
static void watch_chord(struct sdl2 *s, unsigned key, bool pressed)
{
    if (pressed)
        s->chord_only =
            is_ctrl_or_alt(key) && (s->chord_only || (!ctrl(s) && !alt(s)));
    else if (s->toggle == TOGGLE_CTRL_ALT && s->chord_only && ctrl(s) &&
             alt(s) && is_ctrl_or_alt(key)) {
        s->chord_only = false;
        release_all(s);
        capture(s, !s->captured);
    }
}

static void on_key(struct sdl2 *s, const struct sdl2_event *e)
{
    bool pressed = e->type == SDL2_KEYDOWN;
    uint32_t scancode = (uint32_t)e->u.key.scancode;
    unsigned key = scancode < 256 ? sdl2_usage_key[scancode] : KEY_NONE;

    if (!key)
        return;
    if (s->menu.open) {
        if (pressed) {
            obey(s, menu_key(&s->menu, key));
            s->stale = true;
        }
        return;
    }
    /* The guest's keyboard makes its own repetitions. */
    if (pressed && e->u.key.repeat)
        return;
    watch_chord(s, key, pressed);
    if (pressed && own_key(s, key))
        return;
    if (key == KEY_PAUSE && (s->down[KEY_BREAK] || (pressed && ctrl(s))))
        key = KEY_BREAK;
    send_key(s, key, pressed);
}

/* ---- mouse ---- */

/* From the window system's units to pixels. */
static void to_pixels(const struct sdl2 *s, const struct sdl2_layout *l, int *x,
                      int *y)
{
    int w = 0, h = 0;

    s->api.window_size(s->window, &w, &h);
    if (w > 0 && h > 0) {
        *x = (int)((int64_t)*x * l->width / w);
        *y = (int)((int64_t)*y * l->height / h);
    }
}

static void on_menu_pointer(struct sdl2 *s, int x, int y, bool pressed)
{
    struct sdl2_layout l = sdl2_layout(s);

    to_pixels(s, &l, &x, &y);
    x = x < l.menu.x ? -1 : (x - l.menu.x) / l.zoom;
    y = y < l.menu.y ? -1 : (y - l.menu.y) / l.zoom;
    obey(s, menu_pointer(&s->menu, x, y, pressed));
    s->stale = true;
}

/* A click on the status line; false: it was somewhere else. */
static bool on_line(struct sdl2 *s, int x, int y)
{
    struct sdl2_layout l = sdl2_layout(s);
    int what;

    to_pixels(s, &l, &x, &y);
    if (y < l.line.y || l.line.h <= 0)
        return false;
    what = statusline_at(&s->status, (unsigned)(l.line.w / l.zoom), x / l.zoom);
    if (what == STATUSLINE_MENU) {
        open_menu(s);
    } else if (what >= 0 && s->status.drives[what].removable) {
        release_all(s);
        menu_open_drive(&s->menu, s->status.drives[what].id);
        s->stale = true;
    }
    return true;
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
    if (!s->captured) {
        if (!pressed || n != 1)
            return;
        if (s->menu.open)
            on_menu_pointer(s, e->u.button.x, e->u.button.y, true);
        else if (!on_line(s, e->u.button.x, e->u.button.y) &&
                 s->capture_on_click)
            capture(s, true);
        return;
    }
    s->buttons = pressed ? s->buttons | bits[n] : s->buttons & ~bits[n];
    s->events.mouse(s->events.opaque, 0, 0, 0, s->buttons);
}

static void on_motion(struct sdl2 *s, const struct sdl2_event *e)
{
    if (s->captured)
        s->events.mouse(s->events.opaque, e->u.motion.xrel, e->u.motion.yrel, 0,
                        s->buttons);
    else if (s->menu.open)
        on_menu_pointer(s, e->u.motion.x, e->u.motion.y, false);
}

static void on_wheel(struct sdl2 *s, const struct sdl2_event *e)
{
    if (s->captured) {
        s->events.mouse(s->events.opaque, 0, 0, e->u.wheel.y, s->buttons);
    } else if (s->menu.open) {
        menu_wheel(&s->menu, e->u.wheel.y);
        s->stale = true;
    }
}

/* ---- window ---- */

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

static void on_drop(struct sdl2 *s, const struct sdl2_event *e)
{
    char *file = sdl2_dropped(e);
    const struct display_drive *d = file ? media_drive(&s->status, file) : NULL;

    if (d)
        s->events.change(s->events.opaque, d->id, file);
    if (file)
        s->api.free(file);
}

void sdl2_input(struct sdl2 *s, const struct sdl2_event *e)
{
    switch (e->type) {
    case SDL2_QUIT:
        s->events.command(s->events.opaque, HOST_QUIT);
        break;
    case SDL2_WINDOWEVENT:
        on_window(s, e->u.win.event);
        break;
    case SDL2_KEYDOWN:
    case SDL2_KEYUP:
        on_key(s, e);
        break;
    case SDL2_MOUSEMOTION:
        on_motion(s, e);
        break;
    case SDL2_MOUSEBUTTONDOWN:
    case SDL2_MOUSEBUTTONUP:
        on_button(s, e);
        break;
    case SDL2_MOUSEWHEEL:
        on_wheel(s, e);
        break;
    case SDL2_DROPFILE:
        on_drop(s, e);
        break;
    default:
        break;
    }
}

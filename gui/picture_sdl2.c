/*
 * picture_sdl2.c - what the window shows: the guest's picture in whole
 * multiples, the status line below it, the menu above it.
 */
#include "gui/statusline.h"
#include "gui/window_sdl2.h"

#include <stdio.h>

/* ---- places ---- */

/* Low resolutions are doubled, each way for itself: 320x200 and 640x200
 * both fill 640x400. */
static unsigned doubled(unsigned n, unsigned small)
{
    return n <= small ? 2 * n : n;
}

static unsigned shape_width(const struct sdl2 *s)
{
    return doubled(s->width ? s->width : 720, 400);
}

static unsigned shape_height(const struct sdl2 *s)
{
    return doubled(s->height ? s->height : 400, 300);
}

static bool line_visible(const struct sdl2 *s)
{
    return !s->hide_line && !s->fullscreen;
}

/* The middle of the window: the largest whole multiple of the picture that
 * fits, or the picture shrunk to fit. */
static struct sdl2_rect place(const struct sdl2 *s, int ww, int wh)
{
    int w = (int)shape_width(s), h = (int)shape_height(s);
    int n = ww / w < wh / h ? ww / w : wh / h;

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

/* Pixels of the screen to one of the window system's units, rounded. */
static int density(const struct sdl2 *s, int width)
{
    int points = 0, height = 0, zoom;

    s->api.window_size(s->window, &points, &height);
    zoom = points > 0 ? (width + points / 2) / points : 1;
    return zoom < 1 ? 1 : zoom > 8 ? 8 : zoom;
}

struct sdl2_layout sdl2_layout(const struct sdl2 *s)
{
    struct sdl2_layout l = {.width = 0};
    int line, w, h;

    s->api.output_size(s->renderer, &l.width, &l.height);
    l.zoom = density(s, l.width);
    line = line_visible(s) ? (int)STATUSLINE_HEIGHT * l.zoom : 0;
    if (line > l.height)
        line = l.height;
    l.line = (struct sdl2_rect){0, l.height - line, l.width, line};
    l.picture = place(s, l.width, l.height - line);
    w = (int)s->menu.canvas.width * l.zoom;
    h = (int)s->menu.canvas.height * l.zoom;
    l.menu =
        (struct sdl2_rect){(l.width - w) / 2, (l.height - line - h) / 2, w, h};
    if (l.menu.y < 0)
        l.menu.y = 0;
    return l;
}

/* ---- parts ---- */

void sdl2_set_title(struct sdl2 *s)
{
    char text[320];

    snprintf(text, sizeof text, "%s%s%s%s%s%s", s->title,
             *s->status.text ? " - " : "", s->hide_speed ? "" : s->status.text,
             s->captured ? " - " : "", s->captured ? sdl2_toggle_name(s) : "",
             s->captured ? " frees the mouse" : "");
    s->api.set_title(s->window, text);
}

/* The window follows the guest's mode, unless the user gave it a size of
 * their own. */
static void fit_window(struct sdl2 *s)
{
    unsigned scale = s->scale ? s->scale : 1;
    int w = 0, h = 0;

    s->api.window_size(s->window, &w, &h);
    if (s->fullscreen || (s->asked_w && (w != s->asked_w || h != s->asked_h)))
        return;
    s->asked_w = (int)(shape_width(s) * scale);
    s->asked_h = (int)(shape_height(s) * scale +
                       (line_visible(s) ? STATUSLINE_HEIGHT : 0));
    s->api.set_size(s->window, s->asked_w, s->asked_h);
}

static bool resize(struct sdl2 *s, unsigned w, unsigned h)
{
    if (s->texture)
        s->api.destroy_texture(s->texture);
    s->texture = s->api.create_texture(s->renderer, SDL2_XRGB8888,
                                       SDL2_TEXTURE_STREAMING, (int)w, (int)h);
    s->width = s->texture ? w : 0;
    s->height = s->texture ? h : 0;
    if (s->texture)
        fit_window(s);
    return s->texture;
}

static void copy_canvas(struct sdl2 *s, void **texture, const struct canvas *c,
                        const struct sdl2_rect *to)
{
    if (*texture)
        s->api.destroy_texture(*texture);
    *texture = s->api.create_texture(s->renderer, SDL2_XRGB8888,
                                     SDL2_TEXTURE_STREAMING, (int)c->width,
                                     (int)c->height);
    if (!*texture)
        return;
    s->api.update_texture(*texture, NULL, c->pixels, (int)c->width * 4);
    s->api.copy(s->renderer, *texture, NULL, to);
}

static void draw_line(struct sdl2 *s, const struct sdl2_layout *l)
{
    char hint[80];

    if (l->line.h <= 0 ||
        !canvas_resize(&s->line, (unsigned)(l->line.w / l->zoom),
                       STATUSLINE_HEIGHT))
        return;
    snprintf(hint, sizeof hint, "%s %s the mouse", sdl2_toggle_name(s),
             s->captured ? "frees" : "captures");
    statusline_draw(&s->line, &s->status, hint, s->hide_speed);
    copy_canvas(s, &s->line_texture, &s->line, &l->line);
}

static void draw_menu(struct sdl2 *s)
{
    struct sdl2_layout l;

    menu_draw(&s->menu);
    l = sdl2_layout(s); /* the menu has its size now */
    if (s->menu.canvas.pixels)
        copy_canvas(s, &s->menu_texture, &s->menu.canvas, &l.menu);
}

/* ---- all ---- */

/* True: the picture in the texture is another one now. */
static bool take_picture(struct sdl2 *s, const struct screen *screen)
{
    struct frame f = {0};
    bool on =
        screen && screen->render(screen->opaque, &f) && f.width && f.height;
    bool fits = s->texture && s->width == f.width && s->height == f.height;

    if (on ? fits && !s->blank && f.version == s->version : s->blank)
        return false;
    if (on && !fits)
        on = resize(s, f.width, f.height);
    if (on)
        s->api.update_texture(s->texture, NULL, f.pixels, (int)f.width * 4);
    s->version = f.version;
    s->blank = !on;
    return true;
}

void sdl2_draw(struct sdl2 *s, const struct screen *screen)
{
    struct sdl2_layout l;

    if (!take_picture(s, screen) && !s->stale)
        return;
    l = sdl2_layout(s);
    s->api.set_color(s->renderer, 0, 0, 0, 255);
    s->api.clear(s->renderer);
    if (!s->blank)
        s->api.copy(s->renderer, s->texture, NULL, &l.picture);
    draw_line(s, &l);
    if (s->menu.open)
        draw_menu(s);
    s->api.present(s->renderer);
    s->stale = false;
}

void sdl2_free_picture(struct sdl2 *s)
{
    void *textures[] = {s->texture, s->line_texture, s->menu_texture};

    for (size_t i = 0; i < ARRAY_LEN(textures); i++)
        if (textures[i])
            s->api.destroy_texture(textures[i]);
    canvas_free(&s->line);
    menu_free(&s->menu);
}

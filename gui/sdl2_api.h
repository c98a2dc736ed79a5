/*
 * sdl2_api.h - the part of the SDL 2 interface that the display uses.
 *
 * SDL is opened at run time, so its headers are not needed to build; the
 * layouts below are those of the stable SDL 2.0 binary interface (SDL_events.h,
 * SDL_video.h, SDL_render.h documentation).
 */
#ifndef GUI_SDL2_API_H
#define GUI_SDL2_API_H

#include "core/base.h"

enum {
    SDL2_INIT_VIDEO = 0x20,
    SDL2_WINDOW_RESIZABLE = 0x20,
    SDL2_WINDOW_HIGH_DPI = 0x2000,
    SDL2_FULLSCREEN_DESKTOP = 0x1001,
    SDL2_POS_UNDEFINED = 0x1fff0000,
    SDL2_XRGB8888 = 0x16161804,
    SDL2_TEXTURE_STREAMING = 1,

    SDL2_QUIT = 0x100,
    SDL2_WINDOWEVENT = 0x200,
    SDL2_KEYDOWN = 0x300,
    SDL2_KEYUP = 0x301,
    SDL2_MOUSEMOTION = 0x400,
    SDL2_MOUSEBUTTONDOWN = 0x401,
    SDL2_MOUSEBUTTONUP = 0x402,
    SDL2_MOUSEWHEEL = 0x403,
    SDL2_DROPFILE = 0x1000,

    SDL2_WINDOW_EXPOSED = 3,
    SDL2_WINDOW_SIZE_CHANGED = 6,
    SDL2_WINDOW_FOCUS_LOST = 13,
};

struct sdl2_rect {
    int x, y, w, h;
};

/* Every member of the union starts with type, time stamp, window; but for
 * SDL2_DROPFILE, where a pointer is in the place of the window
 * (sdl2_dropped). */
struct sdl2_event {
    uint32_t type, time, window;
    union {
        struct {
            uint8_t event, pad[3];
            int32_t data1, data2;
        } win;
        struct {
            uint8_t state, repeat, pad[2];
            int32_t scancode, sym;
            uint16_t mod;
        } key;
        struct {
            uint32_t which, state;
            int32_t x, y, xrel, yrel;
        } motion;
        struct {
            uint32_t which;
            uint8_t button, state, clicks, pad;
            int32_t x, y;
        } button;
        struct {
            uint32_t which;
            int32_t x, y;
        } wheel;
        uint8_t room[116]; /* more than any SDL 2 writes */
    } u;
};

static inline char *sdl2_dropped(const struct sdl2_event *e)
{
    char *file;

    memcpy(&file, (const char *)e + offsetof(struct sdl2_event, window),
           sizeof file);
    return file;
}

struct sdl2_api {
    int (*init)(uint32_t flags);
    void (*quit)(void);
    const char *(*get_error)(void);
    int (*set_hint)(const char *name, const char *value);
    void *(*create_window)(const char *title, int x, int y, int w, int h,
                           uint32_t flags);
    void (*destroy_window)(void *window);
    void (*set_title)(void *window, const char *title);
    void (*set_size)(void *window, int w, int h);
    int (*set_fullscreen)(void *window, uint32_t flags);
    void *(*create_renderer)(void *window, int index, uint32_t flags);
    void (*destroy_renderer)(void *renderer);
    int (*output_size)(void *renderer, int *w, int *h);
    void *(*create_texture)(void *renderer, uint32_t format, int access, int w,
                            int h);
    void (*destroy_texture)(void *texture);
    int (*update_texture)(void *texture, const struct sdl2_rect *rect,
                          const void *pixels, int pitch);
    int (*set_color)(void *renderer, uint8_t r, uint8_t g, uint8_t b,
                     uint8_t a);
    int (*clear)(void *renderer);
    int (*copy)(void *renderer, void *texture, const struct sdl2_rect *from,
                const struct sdl2_rect *to);
    void (*present)(void *renderer);
    int (*poll_event)(struct sdl2_event *event);
    int (*relative_mouse)(int enabled);
    void (*window_size)(void *window, int *w, int *h);
    void (*set_grab)(void *window, int on);
    char *(*clipboard)(void); /* to be released with free */
    void (*free)(void *p);
    void (*stop_text)(void);
};

#endif

/*
 * window_sdl2.h - the window of the SDL 2 display: what its files share.
 *
 * sdl2.c opens and closes it, input_sdl2.c takes what the user does,
 * picture_sdl2.c draws, keys_sdl2.c is the table of keys.
 */
#ifndef GUI_WINDOW_SDL2_H
#define GUI_WINDOW_SDL2_H

#include "gui/canvas.h"
#include "gui/display.h"
#include "gui/menu.h"
#include "gui/sdl2_api.h"

/* What switches the capture of the mouse. */
enum sdl2_toggle {
    TOGGLE_CTRL_MBUTTON,
    TOGGLE_CTRL_F10,
    TOGGLE_CTRL_ALT,
    TOGGLE_CTRL_ALT_G,
    TOGGLE_F12
};

struct sdl2 {
    struct display base;
    struct display_events events;
    struct sdl2_api api;
    void *library, *window, *renderer;
    char title[80];
    struct display_status status;

    /* options */
    unsigned scale; /* 0: automatic */
    enum sdl2_toggle toggle;
    bool capture_on_click, hide_speed, hide_line;

    /* input */
    bool down[256];  /* keys the guest believes pressed */
    bool chord_only; /* since Ctrl or Alt went down no other key has */
    bool captured, fullscreen;
    unsigned buttons;

    /* picture */
    void *texture, *line_texture, *menu_texture;
    unsigned width, height; /* of the guest's picture in its texture */
    int asked_w, asked_h;   /* the size we gave the window, 0: none yet */
    uint64_t version;       /* of the picture in the texture */
    bool blank;             /* shown without a picture */
    bool stale;             /* all must be drawn again */
    struct canvas line;
    struct menu menu;
};

/* ---- keys_sdl2.c ---- */
/* enum host_key by SDL scancode. */
extern const uint8_t sdl2_usage_key[256];

/* ---- input_sdl2.c ---- */
void sdl2_input(struct sdl2 *s, const struct sdl2_event *e);
/* "Ctrl+F10" */
const char *sdl2_toggle_name(const struct sdl2 *s);

/* ---- picture_sdl2.c ---- */
void sdl2_draw(struct sdl2 *s, const struct screen *screen);
void sdl2_free_picture(struct sdl2 *s);
/* Where the window shows what; pixels. */
struct sdl2_layout {
    int width, height;
    int zoom; /* of the line and the menu: 2 and more on dense screens */
    struct sdl2_rect picture, line, menu;
};
struct sdl2_layout sdl2_layout(const struct sdl2 *s);
void sdl2_set_title(struct sdl2 *s);

#endif

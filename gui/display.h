/*
 * display.h - a window on the machine: what every display offers.
 *
 * A display runs in the thread of the machine: the caller polls it a few
 * dozen times a second of host time and gives it the screen to look at. A
 * library it needs is opened at run time, so `open` may fail where another
 * display would not; the caller then tries the next of display_classes.
 */
#ifndef GUI_DISPLAY_H
#define GUI_DISPLAY_H

#include "core/err.h"
#include "core/host.h"
#include "gui/keymap.h"

enum display_action {
    DISPLAY_SCREENSHOT, /* the picture as a PNG file in the working folder */
    DISPLAY_SAVE_STATE, /* the machine as a file there */
};

/* What the user does; called from `poll` only. */
struct display_events {
    void *opaque;
    /* key: enum host_key. Held keys may repeat `pressed`. */
    void (*key)(void *opaque, unsigned key, bool pressed);
    /* Movement right and down since the last call, wheel away from the user,
     * buttons now: bit 0 left, 1 right, 2 middle. */
    void (*mouse)(void *opaque, int dx, int dy, int dz, unsigned buttons);
    void (*command)(void *opaque, enum host_command command);
    /* Text (UTF-8) for the guest, as if it were typed. */
    void (*paste)(void *opaque, const char *text, size_t n);
    /* Puts the image into a drive (its id); path NULL takes it out. */
    void (*change)(void *opaque, const char *drive, const char *path);
    void (*action)(void *opaque, enum display_action action);
};

enum {
    DISPLAY_DRIVES = 12,
    DISPLAY_SCROLL = 1,
    DISPLAY_NUM = 2,
    DISPLAY_CAPS = 4
};

struct display_drive {
    char id[16];   /* "floppya", "ata1-master" */
    char name[16]; /* for people: "A:", "disk", "CD" */
    char file[64]; /* end of the image's path, "" when there is none */
    bool removable, busy;
};

/* The state of the machine. */
struct display_status {
    char text[64];     /* "12.3 MIPS" */
    char message[160]; /* what was done last, "" when that was long ago */
    unsigned leds;     /* DISPLAY_SCROLL, _NUM, _CAPS as the guest has them */
    unsigned drive_count;
    struct display_drive drives[DISPLAY_DRIVES];
};

struct display_setup {
    const char *title;   /* name of the machine */
    const char *options; /* "key=value key ...", "" for none */
    struct display_events events;
    const struct keymap *keymap; /* of the guest; outlives the display */
    bool capture;                /* the first click captures the mouse */
};

struct display {
    const struct display_class *cls;
};

struct display_class {
    const char *name;    /* display_library: NAME */
    const char *summary; /* one line for --help */
    const char *options; /* one line on the options, "" when there are none */
    bool (*open)(const struct display_setup *setup, struct display **out,
                 struct error *err);
    /* Delivers what the user did since the last call. Never waits. */
    void (*poll)(struct display *d);
    /* Shows the picture, if it changed. screen NULL: there is no adapter. */
    void (*update)(struct display *d, const struct screen *screen);
    /* Called when something of it changed, a few times a second at most. */
    void (*status)(struct display *d, const struct display_status *status);
    void (*close)(struct display *d);
};

/* Every display of this build, by name; ends with NULL. Made by the build
 * from the files that define a display_NAME. */
extern const struct display_class *const display_classes[];

/* The value of `key` in "a=1 b c=2" (separated by spaces or commas), copied
 * to buf, "" for a bare key. false: not there. */
bool display_option(const char *options, const char *key, char *buf,
                    size_t size);

#endif

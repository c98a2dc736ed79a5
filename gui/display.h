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

/* What the user does; called from `poll` only. None may be NULL. */
struct display_events {
    void *opaque;
    /* key: enum host_key. Held keys may repeat `pressed`. */
    void (*key)(void *opaque, unsigned key, bool pressed);
    /* Movement right and down since the last call, wheel away from the user,
     * buttons now: bit 0 left, 1 right, 2 middle. */
    void (*mouse)(void *opaque, int dx, int dy, int dz, unsigned buttons);
    void (*command)(void *opaque, enum host_command command);
};

struct display_setup {
    const char *title;   /* name of the machine */
    const char *options; /* "key=value key ...", "" for none */
    struct display_events events;
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
    /* One line about the state of the machine ("stopped", "12 MIPS"). */
    void (*status)(struct display *d, const char *text);
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

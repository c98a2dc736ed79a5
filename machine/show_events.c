/*
 * show_events.c - what the user does at a display.
 */
#include "gui/cp437.h"
#include "gui/png.h"
#include "machine/keys.h"
#include "machine/show.h"
#include "machine/snapshot.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* So much text is pasted at once; the rest is dropped. */
#define PASTE_MAX 4096u

void show_message(struct show *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(s->message, sizeof s->message, fmt, ap);
    va_end(ap);
    s->message_until = 0; /* begins with the next status */
    if (s->m)
        log_info(&s->m->log_source, "%s", s->message);
}

static void post(struct show *s, const struct input_event *ev)
{
    if (s->m)
        s->m->host.post(s->m->host.opaque, ev);
}

static void on_key(void *opaque, unsigned key, bool pressed)
{
    post(opaque,
         &(struct input_event){
             .kind = INPUT_KEY, .device = "kbd", .a = key, .b = pressed});
}

static int clamp(int v, int limit)
{
    return v > limit ? limit : v < -limit ? -limit : v;
}

static void on_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    uint16_t x = (uint16_t)clamp(dx, 32767), y = (uint16_t)clamp(dy, 32767);

    post(opaque, &(struct input_event){.kind = INPUT_MOUSE,
                                       .device = "mouse",
                                       .a = x | (uint32_t)y << 16,
                                       .b = (uint8_t)clamp(dz, 127) |
                                            (buttons & 0xff) << 8});
}

static void on_command(void *opaque, enum host_command command)
{
    post(opaque,
         &(struct input_event){.kind = INPUT_COMMAND, .a = (uint32_t)command});
}

/* A line end of any system is one Enter. */
static void on_paste(void *opaque, const char *text, size_t n)
{
    struct show *s = opaque;
    struct keys k = {.count = 0};
    const char *p = text, *end = text + (n < PASTE_MAX ? n : PASTE_MAX);
    unsigned missing = 0;
    uint32_t before = 0;

    if (!s->m)
        return;
    while (p < end) {
        uint32_t c = utf8_decode(&p, end);

        if (c != '\n' || before != '\r')
            missing += !keys_add_char(&k, s->m->keymap, c);
        before = c;
    }
    s->paste_until = keys_post_every(&k, s->m, s->paste_us, s->paste_until);
    keys_free(&k);
    if (missing)
        show_message(s, "%u characters have no key in the keymap", missing);
    else if (n > PASTE_MAX)
        show_message(s, "only the first %u bytes are pasted", PASTE_MAX);
}

static void on_change(void *opaque, const char *drive, const char *path)
{
    struct show *s = opaque;
    struct device *d = s->m ? device_find(&s->m->devices, drive) : NULL;

    if (!d || !d->cls->input)
        return;
    if (path && access(path, R_OK)) {
        show_message(s, "%s: %s", path, strerror(errno));
        return;
    }
    post(s, &(struct input_event){.kind = INPUT_CHANGE,
                                  .device = d->id,
                                  .a = path != NULL,
                                  .data = (const uint8_t *)path,
                                  .len = path ? strlen(path) : 0});
    show_message(s, "%s: %s", drive, path ? path : "empty");
}

/* ---- files ---- */

/* klochs-1.png and so on: the first that is not there. */
static void free_name(char *path, size_t size, const char *suffix)
{
    unsigned n = 0;

    do
        snprintf(path, size, "klochs-%u.%s", ++n, suffix);
    while (!access(path, F_OK) && n < 10000);
}

static bool save_picture(struct show *s, const char *path, struct error *err)
{
    const struct screen *screen = &s->m->screen;
    struct frame f = {0};

    if (!screen->render || !screen->render(screen->opaque, &f) || !f.pixels)
        return error_set(err, EXIT_USAGE, "the screen is off");
    return png_write(path, &f, err);
}

static void on_action(void *opaque, enum display_action action)
{
    bool picture = action == DISPLAY_SCREENSHOT;
    struct show *s = opaque;
    struct error err = {0};
    char path[32];
    bool good;

    if (!s->m)
        return;
    free_name(path, sizeof path, picture ? "png" : "state");
    good = picture ? save_picture(s, path, &err)
                   : snapshot_save(s->m, s->config_text ? s->config_text : "",
                                   path, &err);
    if (good)
        show_message(s, "%s: %s", picture ? "screen shot" : "state saved",
                     path);
    else
        show_message(s, "%s", err.text);
}

struct display_events show_events(struct show *s)
{
    return (struct display_events){.opaque = s,
                                   .key = on_key,
                                   .mouse = on_mouse,
                                   .command = on_command,
                                   .paste = on_paste,
                                   .change = on_change,
                                   .action = on_action};
}

/*
 * show.c - the display of a run: chosen, opened, fed, listened to.
 */
#include "machine/show.h"
#include "machine/keys.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FRAME_SECONDS (1.0 / 60)

/* Guest time between pasted keys, unless keyboard: paste_delay= says. */
#define PASTE_US 20000u

/* ---- choice ---- */

/* Bochs's names for what we call differently. */
static const struct {
    const char *theirs, *ours;
} same[] = {{"x", "sdl2"},         {"x11", "sdl2"},      {"sdl", "sdl2"},
            {"win32", "sdl2"},     {"wx", "sdl2"},       {"carbon", "sdl2"},
            {"macintosh", "sdl2"}, {"amigaos", "sdl2"},  {"rfb", "vnc"},
            {"vncsrv", "vnc"},     {"nogui", "headless"}};

static const char *our_name(const char *name)
{
    for (size_t n = 0; n < ARRAY_LEN(same); n++)
        if (!strcmp(same[n].theirs, name))
            return same[n].ours;
    return name;
}

static const struct display_class *find_class(const char *name)
{
    for (unsigned n = 0; display_classes[n]; n++)
        if (!strcmp(display_classes[n]->name, name))
            return display_classes[n];
    return NULL;
}

static bool has_windows(void)
{
    const char *x = getenv("DISPLAY"), *w = getenv("WAYLAND_DISPLAY");

    return (x && *x) || (w && *w);
}

static bool open_class(struct show *s, const struct display_class *c,
                       const struct config *cfg, struct error *err)
{
    const char *given = config_text(cfg, "display_library", "options");
    const char *toggle = config_given_text(cfg, "mouse", "toggle");
    char options[512];
    struct display_setup setup = {.title = "Klochs",
                                  .options = options,
                                  .events = show_events(s),
                                  .keymap = s->keymap,
                                  .capture =
                                      config_bool(cfg, "mouse", "enabled")};

    /* The first of two equal keys counts. */
    snprintf(options, sizeof options, "%s%s%s", given, toggle ? " toggle=" : "",
             toggle ? toggle : "");
    return c->open(&setup, &s->display, err);
}

static bool open_best(struct show *s, const struct config *cfg)
{
    const struct display_class *window = find_class("sdl2");
    const struct display_class *term = find_class("term");

    if (window && has_windows() && open_class(s, window, cfg, NULL))
        return true;
    return term && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
           open_class(s, term, cfg, NULL);
}

static bool open_named(struct show *s, const char *name,
                       const struct config *cfg, struct error *err)
{
    const struct display_class *c = find_class(our_name(name));
    const char *names[32] = {0};
    const char *near;

    for (size_t n = 0; display_classes[n] && n < ARRAY_LEN(names) - 1; n++)
        names[n] = display_classes[n]->name;
    if (c) {
        if (open_class(s, c, cfg, err))
            return true;
        /* An old file that names the window system of another host. */
        if (strcmp(name, c->name) && open_best(s, cfg))
            return true;
        return false;
    }
    near = error_nearest(name, names);
    return error_set(err, EXIT_USAGE, "display_library: no display '%s'%s%s%s",
                     name, near ? "; did you mean '" : "", near ? near : "",
                     near ? "'?" : "; --help features lists them");
}

/* What is written to the terminal while the display has it would tear the
 * picture; it waits in a file. */
static void hold_stderr(struct show *s)
{
    FILE *f;

    if (!isatty(STDERR_FILENO))
        return;
    f = tmpfile();
    if (!f)
        return;
    fflush(stderr);
    s->saved_stderr = dup(STDERR_FILENO);
    if (s->saved_stderr >= 0)
        dup2(fileno(f), STDERR_FILENO);
    fclose(f);
}

/* The end of what was held back. */
static void release_stderr(struct show *s)
{
    char text[2048];
    ssize_t n;
    off_t end;

    if (s->saved_stderr < 0)
        return;
    fflush(stderr);
    end = lseek(STDERR_FILENO, 0, SEEK_END);
    n = pread(STDERR_FILENO, text, sizeof text,
              end > (off_t)sizeof text ? end - (off_t)sizeof text : 0);
    dup2(s->saved_stderr, STDERR_FILENO);
    close(s->saved_stderr);
    s->saved_stderr = -1;
    if (n > 0 && s->tell)
        fwrite(text, 1, (size_t)n, stderr);
}

static uint32_t paste_delay(const struct config *cfg)
{
    const char *text = config_given_text(cfg, "keyboard", "paste_delay");

    return text ? (uint32_t)config_int(cfg, "keyboard", "paste_delay")
                : PASTE_US;
}

bool show_open(struct show *s, const struct config *cfg, struct error *err)
{
    const char *name = config_given_text(cfg, "display_library", "name");

    *s = (struct show){.saved_stderr = -1, .paste_us = paste_delay(cfg)};
    if (!keys_keymap(cfg, &s->keymap, err))
        return false;
    if (name ? !open_named(s, name, cfg, err) : !open_best(s, cfg))
        return !name;
    if (!strcmp(s->display->cls->name, "headless")) {
        show_close(s);
        return true;
    }
    if (!strcmp(s->display->cls->name, "term"))
        hold_stderr(s);
    return true;
}

void show_close(struct show *s)
{
    if (s->display) {
        s->display->cls->close(s->display);
        s->display = NULL;
        release_stderr(s);
    }
    keymap_close(s->keymap);
    s->keymap = NULL;
}

/* ---- work ---- */

void show_work(struct show *s, double now)
{
    const struct display_class *c;

    if (!s->display || now < s->next_frame)
        return;
    c = s->display->cls;
    c->poll(s->display);
    c->update(s->display, s->m->screen.render ? &s->m->screen : NULL);
    show_status(s, now);
    s->next_frame = now + FRAME_SECONDS;
}

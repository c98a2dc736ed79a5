/*
 * headless.c - no display: the machine runs, nobody watches.
 *
 * The picture is drawn only when something else asks the screen for it
 * (screen shots, tests).
 */
#include "gui/display.h"

#include <stdlib.h>

extern const struct display_class display_headless;

static bool headless_open(const struct display_setup *setup,
                          struct display **out, struct error *err)
{
    struct display *d = malloc(sizeof *d);

    (void)setup;
    if (!d)
        return error_set(err, EXIT_NO_OPEN, "headless: out of memory");
    d->cls = &display_headless;
    *out = d;
    return true;
}

static void headless_poll(struct display *d)
{
    (void)d;
}

static void headless_update(struct display *d, const struct screen *screen)
{
    (void)d;
    (void)screen;
}

static void headless_status(struct display *d,
                            const struct display_status *status)
{
    (void)d;
    (void)status;
}

static void headless_close(struct display *d)
{
    free(d);
}

const struct display_class display_headless = {
    .name = "headless",
    .summary = "no display",
    .options = "",
    .open = headless_open,
    .poll = headless_poll,
    .update = headless_update,
    .status = headless_status,
    .close = headless_close,
};

/*
 * show.h - the display of a run: chosen, opened, fed, listened to.
 */
#ifndef MACHINE_SHOW_H
#define MACHINE_SHOW_H

#include "gui/display.h"
#include "machine/machine.h"

struct show {
    struct display *display; /* NULL: nobody watches */
    struct machine *m;       /* set before the first show_work */
    double next_frame, next_status;
    uint64_t status_insns;
    int saved_stderr; /* -1: as it was */
    bool tell;        /* close: print what was held back */
};

/*
 * Opens what `display_library` names, else the best there is: a window, the
 * terminal, nothing. Remember that `s` is kept by the display. False only
 * when a display was named that cannot be had.
 */
bool show_open(struct show *s, const struct config *cfg, struct error *err);
void show_close(struct show *s);
/* Takes what the user did, draws; does little when called more often than a
 * screen can show. `now`: host seconds. */
void show_work(struct show *s, double now);

#endif

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
    const struct keymap *keymap;       /* of the guest; owned */
    const char *config_text;           /* for saved states; NULL: none */
    uint32_t paste_us;                 /* guest time between pasted keys */
    uint64_t paste_until;              /* tick of the last one */
    struct display_status status;      /* as the display knows it */
    double message_until;              /* host seconds */
    char message[160];                 /* what was done last */
    uint64_t accesses[DISPLAY_DRIVES]; /* of each drive's medium, so far */
    double busy_until[DISPLAY_DRIVES]; /* its lamp is on */
    int saved_stderr;                  /* -1: as it was */
    bool tell;                         /* close: print what was held back */
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

/* ---- show_events.c: what the user does ---- */
struct display_events show_events(struct show *s);
/* Shown by the display for a while, and logged. */
void show_message(struct show *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- show_status.c ---- */
/* Tells the display what changed about the machine. */
void show_status(struct show *s, double now);

#endif

/*
 * term_keys.h - what a terminal sends, as key presses.
 *
 * A terminal tells of characters, not of keys: each comes as a press and a
 * release. Ctrl-] is the escape character of the display itself.
 */
#ifndef GUI_TERM_KEYS_H
#define GUI_TERM_KEYS_H

#include "gui/display.h"

struct term_keys {
    char buf[32]; /* an unfinished sequence */
    size_t len;
    bool prefix;   /* Ctrl-] was typed */
    bool overlong; /* the rest of a sequence is being dropped */
    const struct keymap *keymap;
};

#define TERM_KEYS_HELP                                                         \
    "Ctrl-] then q quit, r reset, p power button, d Ctrl+Alt+Del, "            \
    "s screen shot, w save the state, Ctrl-] itself"

void term_keys_feed(struct term_keys *k, const char *p, size_t n,
                    const struct display_events *ev);
/* Nothing more came for a while: an unfinished sequence is the Esc key. */
void term_keys_idle(struct term_keys *k, const struct display_events *ev);

#endif

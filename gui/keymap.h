/*
 * keymap.h - text to presses on a US keyboard, for typing and pasting.
 */
#ifndef GUI_KEYMAP_H
#define GUI_KEYMAP_H

#include "core/host.h"

enum { KEYMAP_SHIFT = 1, KEYMAP_CTRL = 2, KEYMAP_ALT = 4 };

struct key_press {
    uint8_t key;       /* enum host_key */
    uint8_t modifiers; /* KEYMAP_* */
};

struct key_event {
    uint8_t key;
    bool pressed;
};

#define KEYMAP_MAX_EVENTS 8

/* The press that gives a character. Control characters are Ctrl and a letter,
 * but for Enter, Tab, Backspace and Escape. false: no key gives it. */
bool keymap_char(uint32_t code, struct key_press *out);
/* Modifiers down, key down and up, modifiers up; returns how many. */
unsigned keymap_events(struct key_press p,
                       struct key_event out[KEYMAP_MAX_EVENTS]);

#endif

/*
 * keymap.h - text to presses on a keyboard of some country, for typing and
 * pasting.
 *
 * The keymap must be the one that the guest uses. Layouts are those of
 * gui/layouts.c, or a keymap file as Bochs has them.
 */
#ifndef GUI_KEYMAP_H
#define GUI_KEYMAP_H

#include "core/err.h"
#include "core/host.h"

enum { KEYMAP_SHIFT = 1, KEYMAP_CTRL = 2, KEYMAP_ALT = 4, KEYMAP_ALTGR = 8 };

struct key_press {
    uint8_t key;       /* enum host_key */
    uint8_t modifiers; /* KEYMAP_* */
};

struct key_event {
    uint8_t key;
    bool pressed;
};

#define KEYMAP_MAX_EVENTS  10
#define KEYMAP_MAX_PRESSES 2

/* NULL is the US keyboard. */
struct keymap;

/*
 * `name`: a layout ("de", "fr", ...; with "-nodeadkeys" behind it, dead keys
 * give their signs at once), or the path of a file. A file of Bochs that is
 * not there (x11-pc-de.map) stands for the layout of its name. "us" gives
 * NULL.
 */
bool keymap_open(const char *name, const struct keymap **out,
                 struct error *err);
void keymap_close(const struct keymap *m);

/*
 * The presses that give a character, one after the other; their number, 0
 * when no key gives it. Two: a dead key comes first. Control characters are
 * Ctrl and a letter, but for Enter, Tab, Backspace and Escape. ASCII that a
 * layout lacks (Russian has no Latin letters) is where a US keyboard has it.
 */
unsigned keymap_presses(const struct keymap *m, uint32_t code,
                        struct key_press out[KEYMAP_MAX_PRESSES]);
/* Only what one press gives; false: none does. */
bool keymap_char(const struct keymap *m, uint32_t code, struct key_press *out);
/* The key itself, whatever level it has the character at, of dead keys by
 * their combining mark; false: none has it. */
bool keymap_key(const struct keymap *m, uint32_t code, struct key_press *out);
/* Modifiers down, key down and up, modifiers up; returns how many. */
unsigned keymap_events(struct key_press p,
                       struct key_event out[KEYMAP_MAX_EVENTS]);

#endif

/*
 * keymap_file.h - what a keymap is, and reading one from a file.
 */
#ifndef GUI_KEYMAP_FILE_H
#define GUI_KEYMAP_FILE_H

#include "gui/keymap.h"

struct layout;

struct keymap_entry {
    uint32_t code;
    struct key_press press;
};

struct keymap {
    const struct layout *layout; /* NULL: the entries count */
    bool no_dead_keys;
    struct keymap_entry *entries; /* owned */
    size_t count;
};

/* Is there such a file, here or in $BXSHARE/keymaps? */
bool keymap_file_exists(const char *name);
/*
 * A keymap file of Bochs. A line:
 *   BX_KEY_0+BX_KEY_SHIFT_L  '='  XK_equal
 * that is a key, with modifiers maybe, the character in quotes (or space,
 * return, tab, backslash, apostrophe, none), and a name of the host's window
 * system, which is of no use here: windows tell keys by position. Characters
 * are UTF-8 or, failing that, Latin-1.
 */
bool keymap_file_read(const char *name, const struct keymap **out,
                      struct error *err);

#endif

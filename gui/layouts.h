/*
 * layouts.h - what is printed on the keys of the countries' keyboards.
 */
#ifndef GUI_LAYOUTS_H
#define GUI_LAYOUTS_H

#include "core/host.h"

enum { LAYOUT_LEVELS = 4, LAYOUT_ROWS = 5, LAYOUT_COLUMNS = 13 };

struct layout {
    const char *names; /* separated by blanks; NULL ends the table */
    const char *title;
    const char *rows[LAYOUT_LEVELS][LAYOUT_ROWS]; /* UTF-8; NULL: empty */
};

struct layout_mark {
    uint16_t mark; /* combining code point of the dead key; 0 ends */
    const char *pairs;
};

extern const uint8_t layout_keys[LAYOUT_ROWS][LAYOUT_COLUMNS];
extern const struct layout_mark layout_marks[];
extern const struct layout layouts[];

#endif

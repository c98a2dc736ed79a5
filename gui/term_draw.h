/*
 * term_draw.h - a frame as control sequences for a terminal.
 *
 * ECMA-48 sequences with the colour extensions of xterm; text in UTF-8.
 * Text modes are shown cell by cell, pictures with half blocks.
 */
#ifndef GUI_TERM_DRAW_H
#define GUI_TERM_DRAW_H

#include "core/host.h"
#include "core/out.h"

struct term_cell {
    uint32_t code;   /* Unicode */
    uint32_t fg, bg; /* TERM_RGB | 0xRRGGBB, or 0-15 in ANSI order */
    bool blink;
};

#define TERM_RGB 0x1000000u

struct term_view {
    unsigned columns, rows;  /* of the terminal */
    struct term_cell *shown; /* what the terminal shows */
    struct term_cell *next;
    bool known; /* `shown` is true */
};

/* false: out of memory. Forgets what the terminal shows. */
bool term_view_resize(struct term_view *v, unsigned columns, unsigned rows);
void term_view_free(struct term_view *v);
/* Appends what turns the terminal from the last picture to this one. A frame
 * larger than the terminal is shown around its cursor. f NULL: blank. */
void term_draw(struct term_view *v, const struct frame *f, struct out *o);

#endif

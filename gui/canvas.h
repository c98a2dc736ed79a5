/*
 * canvas.h - a picture that we draw ourselves: rectangles and text.
 *
 * Text is in the 8x16 font of our VGA BIOS. What leaves the canvas is cut
 * off.
 */
#ifndef GUI_CANVAS_H
#define GUI_CANVAS_H

#include "core/base.h"

enum { FONT_WIDTH = 8, FONT_HEIGHT = 16 };

/* By character (code page 437), a byte a row, the highest bit at the left. */
extern const uint8_t font_8x16[256 * FONT_HEIGHT];

struct canvas {
    unsigned width, height; /* pixels */
    uint32_t *pixels;       /* 0x00RRGGBB; owned */
};

/* Another size; the content is lost. False: out of memory, size 0. */
bool canvas_resize(struct canvas *c, unsigned width, unsigned height);
void canvas_free(struct canvas *c);
void canvas_fill(struct canvas *c, int x, int y, int w, int h, uint32_t color);
/* UTF-8; what the font lacks is a question mark. Returns the x behind it. At
 * most `columns` characters, the rest is cut and shown as dots. */
int canvas_text(struct canvas *c, int x, int y, const char *text,
                unsigned columns, uint32_t color);
/* Characters of a text. */
unsigned canvas_columns(const char *text);

#endif

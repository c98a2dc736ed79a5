/*
 * canvas.c - a picture that we draw ourselves: rectangles and text.
 */
#include "gui/canvas.h"
#include "gui/cp437.h"

#include <stdlib.h>

bool canvas_resize(struct canvas *c, unsigned width, unsigned height)
{
    if (c->pixels && c->width == width && c->height == height)
        return true;
    canvas_free(c);
    c->pixels = calloc((size_t)width * height + 1, sizeof *c->pixels);
    if (!c->pixels)
        return false;
    c->width = width;
    c->height = height;
    return true;
}

void canvas_free(struct canvas *c)
{
    free(c->pixels);
    *c = (struct canvas){.pixels = NULL};
}

void canvas_fill(struct canvas *c, int x, int y, int w, int h, uint32_t color)
{
    int right = x + w < (int)c->width ? x + w : (int)c->width;
    int bottom = y + h < (int)c->height ? y + h : (int)c->height;

    for (int j = y < 0 ? 0 : y; j < bottom; j++)
        for (int i = x < 0 ? 0 : x; i < right; i++)
            c->pixels[(size_t)j * c->width + (size_t)i] = color;
}

static uint8_t character(uint32_t code)
{
    if (code >= 0x20 && code < 0x7f)
        return (uint8_t)code;
    for (unsigned i = 0; i < 256; i++)
        if (cp437_unicode[i] == code)
            return (uint8_t)i;
    return '?';
}

static void draw(struct canvas *c, int x, int y, uint32_t code, uint32_t color)
{
    const uint8_t *glyph = font_8x16 + character(code) * FONT_HEIGHT;

    for (int j = 0; j < FONT_HEIGHT; j++)
        for (int i = 0; i < FONT_WIDTH; i++)
            if (glyph[j] >> (7 - i) & 1)
                canvas_fill(c, x + i, y + j, 1, 1, color);
}

unsigned canvas_columns(const char *text)
{
    const char *p = text, *end = p + strlen(p);
    unsigned n = 0;

    for (; p < end; n++)
        utf8_decode(&p, end);
    return n;
}

int canvas_text(struct canvas *c, int x, int y, const char *text,
                unsigned columns, uint32_t color)
{
    const char *p = text, *end = p + strlen(p);
    bool cut = canvas_columns(text) > columns;

    for (unsigned n = 0; p < end && n < columns; n++, x += FONT_WIDTH) {
        uint32_t code = utf8_decode(&p, end);

        draw(c, x, y, cut && n + 2 >= columns ? '.' : code, color);
    }
    return x;
}

/*
 * term_draw.c - a frame as control sequences for a terminal.
 */
#include "gui/term_draw.h"
#include "gui/cp437.h"

#include <stdlib.h>

#define UPPER_HALF 0x2580u

/* CGA order (blue is bit 0) to ANSI order (red is bit 0). */
static unsigned ansi_color(unsigned c)
{
    return (c & 10) | (c >> 2 & 1) | (c & 1) << 2;
}

bool term_view_resize(struct term_view *v, unsigned columns, unsigned rows)
{
    size_t n = (size_t)columns * rows;

    term_view_free(v);
    v->shown = calloc(n ? n : 1, sizeof *v->shown);
    v->next = calloc(n ? n : 1, sizeof *v->next);
    if (!v->shown || !v->next) {
        term_view_free(v);
        return false;
    }
    v->columns = columns;
    v->rows = rows;
    return true;
}

void term_view_free(struct term_view *v)
{
    free(v->shown);
    free(v->next);
    *v = (struct term_view){0};
}

/* First row (column) shown, so that the cursor is inside. */
static unsigned origin(unsigned have, unsigned want, int cursor)
{
    if (want <= have || cursor < (int)have)
        return 0;
    return (unsigned)cursor - have + 1;
}

static void compose_text(struct term_view *v, const struct frame *f,
                         unsigned ox, unsigned oy)
{
    for (unsigned y = 0; y < v->rows; y++) {
        for (unsigned x = 0; x < v->columns; x++) {
            struct term_cell *c = &v->next[y * v->columns + x];
            uint16_t cell;

            *c = (struct term_cell){.code = ' ', .fg = 7};
            if (x + ox >= f->columns || y + oy >= f->rows)
                continue;
            cell = f->cells[(y + oy) * f->columns + x + ox];
            c->code = cp437_unicode[cell & 0xff];
            c->fg = ansi_color(cell >> 8 & 15);
            c->bg = ansi_color(cell >> 12 & 7);
            c->blink = cell & 0x8000;
        }
    }
}

/* Mean colour of the pixels that fall on part (x, y) of w by h parts. */
static uint32_t sample(const struct frame *f, unsigned x, unsigned y,
                       unsigned w, unsigned h)
{
    unsigned x0 = (unsigned)((uint64_t)x * f->width / w);
    unsigned x1 = (unsigned)((uint64_t)(x + 1) * f->width / w);
    unsigned y0 = (unsigned)((uint64_t)y * f->height / h);
    unsigned y1 = (unsigned)((uint64_t)(y + 1) * f->height / h);
    uint64_t r = 0, g = 0, b = 0, n = 0;

    x1 += x1 == x0;
    y1 += y1 == y0;
    for (unsigned j = y0; j < y1; j++) {
        for (unsigned i = x0; i < x1; i++, n++) {
            uint32_t p = f->pixels[(size_t)j * f->width + i];

            r += p >> 16 & 0xff;
            g += p >> 8 & 0xff;
            b += p & 0xff;
        }
    }
    return TERM_RGB | (uint32_t)(r / n) << 16 | (uint32_t)(g / n) << 8 |
           (uint32_t)(b / n);
}

/* A character cell is about twice as high as wide: two pixels each, in the
 * largest area of the shape 4:3 that every PC monitor has. */
static void compose_picture(struct term_view *v, const struct frame *f)
{
    unsigned w = v->columns, h = v->rows * 2;

    if (w * 3 > h * 4)
        w = h * 4 / 3;
    else
        h = w * 3 / 4 & ~1u;
    for (unsigned y = 0; y < v->rows; y++) {
        for (unsigned x = 0; x < v->columns; x++) {
            struct term_cell *c = &v->next[y * v->columns + x];

            *c = (struct term_cell){.code = ' ', .fg = 7};
            if (x >= w || y >= h / 2)
                continue;
            c->code = UPPER_HALF;
            c->fg = sample(f, x, 2 * y, w, h);
            c->bg = sample(f, x, 2 * y + 1, w, h);
        }
    }
}

static void put_color(struct out *o, uint32_t color, bool background)
{
    unsigned base = background ? 40 : 30;

    if (color & TERM_RGB)
        out_printf(o, ";%u;2;%u;%u;%u", base + 8, color >> 16 & 0xff,
                   color >> 8 & 0xff, color & 0xff);
    else
        out_printf(o, ";%u", color < 8 ? base + color : base + 52 + color);
}

static bool same_look(const struct term_cell *a, const struct term_cell *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->blink == b->blink;
}

/* Sends the cells that changed. */
static void put_changes(struct term_view *v, struct out *o)
{
    const struct term_cell *look = NULL;

    for (unsigned y = 0; y < v->rows; y++) {
        bool there = false; /* the terminal's cursor is at this cell */

        for (unsigned x = 0; x < v->columns; x++) {
            const struct term_cell *c = &v->next[y * v->columns + x];
            const struct term_cell *old = &v->shown[y * v->columns + x];
            char utf8[4];

            if (v->known && c->code == old->code && same_look(c, old)) {
                there = false;
                continue;
            }
            if (!there)
                out_printf(o, "\033[%u;%uH", y + 1, x + 1);
            there = true;
            if (!look || !same_look(look, c)) {
                out_printf(o, "\033[0%s", c->blink ? ";5" : "");
                put_color(o, c->fg, false);
                put_color(o, c->bg, true);
                out_write(o, "m", 1);
            }
            look = c;
            out_write(o, utf8, utf8_encode(c->code, utf8));
        }
    }
    if (look)
        out_printf(o, "\033[0m");
}

void term_draw(struct term_view *v, const struct frame *f, struct out *o)
{
    unsigned ox = 0, oy = 0;
    struct term_cell *t;

    if (!v->columns || !v->rows)
        return;
    if (f && f->is_text) {
        ox = origin(v->columns, f->columns, f->cursor_x);
        oy = origin(v->rows, f->rows, f->cursor_y);
        compose_text(v, f, ox, oy);
    } else if (f && f->width && f->height) {
        compose_picture(v, f);
    } else {
        for (size_t i = 0; i < (size_t)v->columns * v->rows; i++)
            v->next[i] = (struct term_cell){.code = ' ', .fg = 7};
    }
    out_printf(o, "\033[?25l");
    put_changes(v, o);
    if (f && f->is_text && f->cursor_x >= 0 && f->cursor_y >= 0)
        out_printf(o, "\033[%u;%uH\033[?25h", (unsigned)f->cursor_y - oy + 1,
                   (unsigned)f->cursor_x - ox + 1);
    t = v->shown;
    v->shown = v->next;
    v->next = t;
    v->known = true;
}

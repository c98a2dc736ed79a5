/*
 * screen_text.c - the text screen as lines of UTF-8.
 */
#include "machine/screen_text.h"
#include "gui/cp437.h"

static bool blank(uint16_t cell)
{
    uint8_t c = (uint8_t)cell;

    return c == ' ' || c == 0 || c == 0xff;
}

static void put_cell(struct out *out, uint16_t cell)
{
    char text[4];

    out_write(
        out, text,
        utf8_encode(blank(cell) ? ' ' : cp437_unicode[cell & 0xff], text));
}

bool screen_text(const struct screen *screen, struct out *out)
{
    struct frame f = {0};

    if (!screen->text || !screen->text(screen->opaque, &f))
        return false;
    for (unsigned y = 0; y < f.rows; y++) {
        const uint16_t *row = f.cells + (size_t)y * f.columns;
        unsigned end = f.columns;

        while (end && blank(row[end - 1]))
            end--;
        for (unsigned x = 0; x < end; x++)
            put_cell(out, row[x]);
        out_printf(out, "\n");
    }
    return true;
}

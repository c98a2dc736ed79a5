/*
 * vga_text.c - text modes: scan lines of characters, and the bare cells.
 *
 * IBM PS/2 Hardware Interface Technical Reference, Video Subsystem:
 * characters in plane 0, attributes in plane 1, fonts in plane 2. The cursor
 * blinks with a period of 16 frames, characters with one of 32.
 */
#include "iodev/vga/vga.h"

#include <stdlib.h>

enum { BLINK_CURSOR = 1, BLINK_CHARACTERS = 2 };

uint32_t vga_blink(const struct vga *v)
{
    uint64_t frame = vga_frame_number(v);

    return (frame & 8 ? 0 : BLINK_CURSOR) | (frame & 16 ? 0 : BLINK_CHARACTERS);
}

unsigned vga_char_width(const struct vga *v)
{
    return v->s->seq[SR_CLOCKING] & 1 ? 8 : 9;
}

static const uint8_t *text_cell(const struct vga *v, const struct vga_rows *r,
                                const struct vga_row *row, unsigned column)
{
    uint32_t ma = row->start + (column >> r->count_shift);

    return v->vram + 4 * vga_plane_offset(r, ma & 0xffff, row->scan);
}

/* Plane offset of a font: 16 KiB steps, and 8 KiB for the highest bit. */
static uint32_t font_offset(const struct vga *v, bool map_a)
{
    unsigned sr3 = v->s->seq[SR_CHAR_MAP];
    unsigned n =
        map_a ? (sr3 >> 2 & 3) | (sr3 >> 3 & 4) : (sr3 & 3) | (sr3 >> 2 & 4);

    if (!(v->s->seq[SR_MEMORY_MODE] & 2)) /* 64 KiB adapter: one map */
        n = 0;
    return (n & 3) << 14 | (n >> 2) << 13;
}

static uint32_t cursor_address(const struct vga *v)
{
    const uint8_t *cr = v->s->crtc;
    uint32_t at = (uint32_t)cr[CR_CURSOR_HIGH] << 8 | cr[CR_CURSOR_LOW];

    return (at + (cr[CR_CURSOR_END] >> 5 & 3)) & 0xffff;
}

/* Column of the cursor in this row, -1 if it is not there. */
static int cursor_column(const struct vga *v, const struct vga_rows *r,
                         const struct vga_row *row)
{
    uint32_t d = (cursor_address(v) - row->start) & 0xffff;

    if (v->s->crtc[CR_CURSOR_START] & 0x20 || d >= r->chars)
        return -1;
    return (int)d;
}

static bool cursor_on_scan(const struct vga *v, unsigned scan)
{
    return scan >= (v->s->crtc[CR_CURSOR_START] & 31u) &&
           scan <= (v->s->crtc[CR_CURSOR_END] & 31u);
}

/* The dots of one character on one scan line, leftmost in bit 8. */
static unsigned char_dots(const struct vga *v, const struct vga_row *row,
                          uint8_t ch, uint8_t attr, uint32_t font)
{
    unsigned dots = v->vram[4 * (font + ch * 32u + row->scan) + 2];

    dots <<= 1;
    /* Line graphics characters continue into the ninth dot. */
    if (v->s->ar[AR_MODE] & 4 && ch >= 0xc0 && ch <= 0xdf)
        dots |= dots >> 1 & 1;
    if ((attr & 0x77) == 1 && row->scan == (v->s->crtc[CR_UNDERLINE] & 31u))
        dots = 0x1ff;
    return dots;
}

void vga_text_line(const struct vga *v, const struct vga_rows *r,
                   const uint32_t colors[16], unsigned line, uint32_t *out)
{
    struct vga_row row = vga_row(r, line);
    uint32_t font[2] = {font_offset(v, false), font_offset(v, true)};
    unsigned width = vga_char_width(v);
    bool blinking = v->s->ar[AR_MODE] & 8;
    uint32_t phase = vga_blink(v);
    int cursor = -1;

    if (phase & BLINK_CURSOR && cursor_on_scan(v, row.scan))
        cursor = cursor_column(v, r, &row);
    for (unsigned i = 0; i <= r->chars; i++) {
        const uint8_t *c = text_cell(v, r, &row, i);
        uint8_t attr = c[1];
        unsigned dots = char_dots(v, &row, c[0], attr, font[attr >> 3 & 1]);
        uint32_t fg = colors[attr & 15];
        uint32_t bg = colors[attr >> 4 & (blinking ? 7 : 15)];

        if (blinking && attr & 0x80 && !(phase & BLINK_CHARACTERS))
            fg = bg;
        if ((int)i == cursor) {
            fg = colors[attr & 15];
            dots = 0x1ff;
        }
        for (unsigned b = 0; b < width; b++)
            *out++ = dots & 0x100u >> b ? fg : bg;
    }
}

static bool reserve_cells(struct vga *v, size_t n)
{
    uint16_t *p;

    if (n <= v->pic.cell_cap)
        return true;
    p = realloc(v->pic.cells, n * sizeof *p);
    if (!p)
        return false;
    v->pic.cells = p;
    v->pic.cell_cap = n;
    return true;
}

bool vga_text_cells(struct vga *v, struct frame *out)
{
    struct vga_rows r;
    unsigned height, rows;

    vga_rows(v, &r);
    height = r.row_height << r.double_shift;
    rows = (r.lines + height - 1) / height;
    if (!reserve_cells(v, (size_t)rows * r.chars))
        return false;
    out->cursor_x = out->cursor_y = -1;
    for (unsigned y = 0; y < rows; y++) {
        struct vga_row row = vga_row(&r, y * height);
        int cursor = cursor_column(v, &r, &row);

        for (unsigned x = 0; x < r.chars; x++) {
            const uint8_t *c = text_cell(v, &r, &row, x);

            v->pic.cells[y * r.chars + x] = (uint16_t)(c[0] | c[1] << 8);
        }
        if (cursor >= 0 && out->cursor_y < 0) {
            out->cursor_x = cursor;
            out->cursor_y = (int)y;
        }
    }
    out->is_text = true;
    out->columns = r.chars;
    out->rows = rows;
    out->cells = v->pic.cells;
    out->cell_width = vga_char_width(v);
    out->cell_height = height;
    return true;
}

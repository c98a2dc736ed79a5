/*
 * vga_render.c - the picture, a pure function of guest state and guest time.
 *
 * IBM PS/2 Hardware Interface Technical Reference, Video Subsystem, and the
 * Bochs display interface. Graphics modes come out at one pixel for one
 * distinct pixel: repeated scan lines and doubled dots are not repeated here,
 * scaling is the display's job. Known departures: overscan is not shown; the
 * shift-load bits of the sequencer and the blinking of graphics are ignored.
 */
#include "iodev/vga/vga.h"

#include <stdlib.h>

#define MAX_CHARS 257u /* one more than CR01 can ask for: panning */

void vga_rows(const struct vga *v, struct vga_rows *r)
{
    const uint8_t *cr = v->s->crtc;
    struct vga_timing t;

    vga_timing(v, &t);
    r->lines = t.vdisp;
    r->chars = t.hdisp;
    r->double_shift = cr[CR_MAX_SCAN] >> 7;
    r->row_height = (cr[CR_MAX_SCAN] & 31u) + 1;
    r->line_compare = cr[CR_LINE_COMPARE] | (cr[CR_OVERFLOW] & 0x10u) << 4 |
                      (cr[CR_MAX_SCAN] & 0x40u) << 3;
    if (cr[CR_MODE] & 4)
        r->line_compare = r->line_compare * 2 + 1;
    r->preset = cr[CR_PRESET_ROW] & 31;
    r->byte_pan = cr[CR_PRESET_ROW] >> 5 & 3;
    r->start = (uint32_t)cr[CR_START_HIGH] << 8 | cr[CR_START_LOW];
    r->stride = cr[CR_OFFSET] * 2u;
    r->count_shift = cr[CR_UNDERLINE] & 0x20 ? 2 : cr[CR_MODE] & 8 ? 1 : 0;
    r->mode = cr[CR_MODE];
    r->underline = cr[CR_UNDERLINE];
    r->pan_top_only = v->s->ar[AR_MODE] & 0x20;
}

struct vga_row vga_row(const struct vga_rows *r, unsigned line)
{
    struct vga_row row = {.split = line > r->line_compare};
    unsigned y = row.split ? line - r->line_compare - 1 : line;

    y >>= r->double_shift;
    if (!row.split)
        y += r->preset;
    row.row = y / r->row_height;
    row.scan = y % r->row_height;
    row.start = row.row * r->stride;
    if (!row.split)
        row.start += r->start;
    if (!row.split || !r->pan_top_only)
        row.start += r->byte_pan;
    row.start &= 0xffff;
    return row;
}

static uint32_t dac_color(const struct vga *v, unsigned index)
{
    const uint8_t *c = &v->s->dac[3 * (index & v->s->pel_mask)];
    uint32_t rgb = 0;

    if (v->s->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC)
        return (uint32_t)c[0] << 16 | c[1] << 8 | c[2];
    for (unsigned i = 0; i < 3; i++)
        rgb = rgb << 8 | ((c[i] << 2 | c[i] >> 4) & 0xff);
    return rgb;
}

void vga_colors16(const struct vga *v, uint32_t out[16])
{
    const uint8_t *ar = v->s->ar;

    for (unsigned i = 0; i < 16; i++) {
        unsigned c = ar[i & ar[AR_PLANE_ENABLE] & 15];

        if (ar[AR_MODE] & 0x80)
            c = (c & 15) | (ar[AR_COLOR_SELECT] & 3u) << 4;
        out[i] = dac_color(v, c | (ar[AR_COLOR_SELECT] & 12u) << 4);
    }
}

/* Pixels to skip at the left, AR13. */
static unsigned pel_pan(const struct vga *v, const struct vga_rows *r,
                        bool split)
{
    unsigned pan = v->s->ar[AR_PAN];

    if (split && r->pan_top_only)
        return 0;
    if (vga_text_mode(v) && vga_char_width(v) == 9)
        return pan >= 8 ? 0 : pan + 1;
    pan &= 7;
    return v->s->ar[AR_MODE] & 0x40 ? pan >> 1 : pan;
}

/* Eight pixels of four planes. */
static void planar_pixels(uint32_t planes, uint8_t *out)
{
    for (unsigned b = 0; b < 8; b++) {
        uint32_t p = planes >> (7 - b);

        out[b] =
            (uint8_t)((p & 1) | (p >> 7 & 2) | (p >> 14 & 4) | (p >> 21 & 8));
    }
}

/* GR5 bit 5: pairs of bits; planes 0 and 2 first, then 1 and 3. */
static void interleaved_pixels(uint32_t planes, uint8_t *out)
{
    for (unsigned b = 0; b < 8; b++) {
        uint32_t p = planes >> (b < 4 ? 0 : 8) >> (6 - 2 * (b & 3));

        out[b] = (uint8_t)((p & 3) | (p >> 14 & 12));
    }
}

/* GR5 bit 6: the bytes of the planes one after the other, high half first. */
static void nibble_pixels(uint32_t planes, uint8_t *out)
{
    for (unsigned b = 0; b < 8; b++)
        out[b] = (uint8_t)(planes >> 8 * (b / 2) >> (b & 1 ? 0 : 4) & 15);
}

/* One character clock: 8 pixels, or 4 when the attribute controller joins
 * two of them into one of 8 bits (AR10 bit 6). Returns how many. */
static unsigned clock_pixels(const struct vga *v, uint32_t planes, uint8_t *out)
{
    unsigned shift = v->s->gr[GR_MODE] >> 5 & 3;

    if (shift & 2)
        nibble_pixels(planes, out);
    else if (shift & 1)
        interleaved_pixels(planes, out);
    else
        planar_pixels(planes, out);
    if (!(v->s->ar[AR_MODE] & 0x40))
        return 8;
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(out[2 * i] << 4 | out[2 * i + 1]);
    return 4;
}

static void graphics_line(const struct vga *v, const struct vga_rows *r,
                          const uint32_t *colors, unsigned line, uint32_t *out,
                          unsigned width)
{
    struct vga_row row = vga_row(r, line);
    uint8_t buf[MAX_CHARS * 8], *p = buf;

    for (unsigned i = 0; i <= r->chars; i++) {
        uint32_t ma = (row.start + (i >> r->count_shift)) & 0xffff;

        p += clock_pixels(
            v, ld_le32(v->vram + 4 * vga_plane_offset(r, ma, row.scan)), p);
    }
    p = buf + pel_pan(v, r, row.split);
    for (unsigned x = 0; x < width; x++)
        out[x] = colors[p[x]];
}

/* Scan lines that show the same pixels, by design of the mode. */
static unsigned repeat(const struct vga_rows *r)
{
    unsigned n = 1u << r->double_shift;

    if ((r->mode & 3) == 3 && !r->preset)
        n *= r->row_height;
    return n;
}

static bool reserve_pixels(struct vga *v, unsigned width, unsigned height)
{
    size_t n = (size_t)width * height;
    uint32_t *p;

    if (n > v->pic.pixel_cap) {
        p = realloc(v->pic.pixels, n * sizeof *p);
        if (!p)
            return false;
        v->pic.pixels = p;
        v->pic.pixel_cap = n;
    }
    v->pic.width = width;
    v->pic.height = height;
    return true;
}

static bool draw_graphics(struct vga *v)
{
    struct vga_rows r;
    uint32_t colors[256];
    bool wide = v->s->ar[AR_MODE] & 0x40;
    unsigned n, width, height;

    vga_rows(v, &r);
    n = repeat(&r);
    width = r.chars * (wide ? 4 : 8);
    height = r.lines >= n ? r.lines / n : 1;
    if (!reserve_pixels(v, width, height))
        return false;
    if (wide) {
        unsigned mask = v->s->ar[AR_PLANE_ENABLE] & 15u;

        for (unsigned i = 0; i < 256; i++)
            colors[i] = dac_color(v, i & (mask | mask << 4));
    } else {
        vga_colors16(v, colors);
    }
    for (unsigned y = 0; y < height; y++)
        graphics_line(v, &r, colors, y * n, v->pic.pixels + (size_t)y * width,
                      width);
    return true;
}

static bool draw_text(struct vga *v)
{
    struct vga_rows r;
    uint32_t colors[16], buf[MAX_CHARS * 9];
    unsigned width;

    vga_rows(v, &r);
    width = r.chars * vga_char_width(v);
    if (!reserve_pixels(v, width, r.lines))
        return false;
    vga_colors16(v, colors);
    for (unsigned y = 0; y < r.lines; y++) {
        bool split = y > r.line_compare;

        vga_text_line(v, &r, colors, y, buf);
        memcpy(v->pic.pixels + (size_t)y * width, buf + pel_pan(v, &r, split),
               width * sizeof *buf);
    }
    return true;
}

static uint32_t expand5(uint32_t c)
{
    return c << 3 | c >> 2;
}

/* `n` pixels of a linear mode at `p`. */
static void linear_pixels(const uint8_t *p, unsigned bpp, const uint32_t *dac,
                          uint32_t *out, unsigned n)
{
    for (unsigned x = 0; x < n; x++) {
        uint32_t c;

        switch (bpp) {
        case 8:
            out[x] = dac[p[x]];
            break;
        case 15:
            c = ld_le16(p + 2 * x);
            out[x] = expand5(c >> 10 & 31) << 16 | expand5(c >> 5 & 31) << 8 |
                     expand5(c & 31);
            break;
        case 16:
            c = ld_le16(p + 2 * x);
            out[x] = expand5(c >> 11) << 16 | (c >> 3 & 0xfc) << 8 |
                     (c >> 9 & 3) << 8 | expand5(c & 31);
            break;
        case 24:
            out[x] = ld_le16(p + 3 * x) | (uint32_t)p[3 * x + 2] << 16;
            break;
        default:
            out[x] = ld_le32(p + 4 * x) & 0xffffff;
            break;
        }
    }
}

/* Four planes, offsets beyond the 64 KiB of a VGA. */
static void planar_line(const struct vga *v, const uint32_t *colors,
                        size_t start, unsigned pan, uint32_t *out,
                        unsigned width)
{
    size_t cells = v->vram_bytes / 4;
    uint8_t px[8];

    for (unsigned x = 0; x < width; x++) {
        unsigned at = x + pan;

        if (x == 0 || at % 8 == 0)
            planar_pixels(ld_le32(v->vram + 4 * ((start + at / 8) % cells)),
                          px);
        out[x] = colors[px[at % 8]];
    }
}

static bool draw_linear(struct vga *v)
{
    const uint16_t *d = v->s->dispi;
    unsigned w = d[DISPI_XRES], h = d[DISPI_YRES], bpp = d[DISPI_BPP];
    unsigned bytes = (bpp + 7) / 8, xoff = d[DISPI_X_OFFSET];
    size_t pitch = dispi_pitch(v);
    uint32_t colors[256];

    if (!reserve_pixels(v, w, h))
        return false;
    if (bpp == 4)
        vga_colors16(v, colors);
    else
        for (unsigned i = 0; i < 256; i++)
            colors[i] = dac_color(v, i);
    for (unsigned y = 0; y < h; y++) {
        uint32_t *out = v->pic.pixels + (size_t)y * w;
        size_t at = (size_t)(y + d[DISPI_Y_OFFSET]) * pitch;

        if (bpp == 4) {
            planar_line(v, colors, at + xoff / 8, xoff % 8, out, w);
            continue;
        }
        at += (size_t)xoff * bytes;
        if (at + (size_t)w * bytes <= v->vram_bytes)
            linear_pixels(v->vram + at, bpp, colors, out, w);
        else /* panned beyond the memory */
            memset(out, 0, w * sizeof *out);
    }
    return true;
}

/* Is there a picture at all? */
static bool display_on(const struct vga *v)
{
    if (!(v->s->ar_index & AR_INDEX_PAS))
        return false;
    if (dispi_on(v))
        return true;
    return !(v->s->seq[SR_CLOCKING] & 0x20) && v->s->crtc[CR_MODE] & 0x80;
}

/* Moves the version on if anything visible may have changed. */
static void notice_changes(struct vga *v)
{
    bool text = vga_text_mode(v);
    uint32_t blink = text ? vga_blink(v) : 0;

    if (v->lfb && phys_video_take_dirty(v->lfb, 0, v->vram_bytes))
        v->touched = true;
    if (!v->touched && blink == v->pic.blink && text == v->pic.text)
        return;
    v->touched = false;
    v->pic.blink = blink;
    v->pic.text = text;
    v->pic.drawn = false;
    v->pic.version++;
}

bool vga_text(void *opaque, struct frame *out)
{
    struct vga *v = opaque;

    if (!display_on(v) || !vga_text_mode(v))
        return false;
    notice_changes(v);
    *out = (struct frame){.version = v->pic.version};
    if (!vga_text_cells(v, out))
        return false;
    out->width = out->columns * out->cell_width;
    out->height = out->rows * out->cell_height;
    return true;
}

bool vga_render(void *opaque, struct frame *out)
{
    struct vga *v = opaque;
    bool text = vga_text_mode(v);

    if (!display_on(v))
        return false;
    notice_changes(v);
    if (!v->pic.drawn)
        v->pic.drawn = dispi_on(v) ? draw_linear(v)
                       : text      ? draw_text(v)
                                   : draw_graphics(v);
    if (!v->pic.drawn)
        return false;
    *out = (struct frame){.cursor_x = -1, .cursor_y = -1};
    if (text && !vga_text_cells(v, out))
        return false;
    out->width = v->pic.width;
    out->height = v->pic.height;
    out->pixels = v->pic.pixels;
    out->version = v->pic.version;
    return true;
}

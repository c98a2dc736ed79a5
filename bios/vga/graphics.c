/*
 * graphics.c - characters and pixels of the graphics modes: the drawing behind
 * INT 10h 06h-0Ah, 0Eh, and INT 10h 0Ch, 0Dh.
 *
 * A scan line is bytes from line_address() on. A line of the display interface
 * may lie in any 64 KiB of the frame: each access goes through reach().
 */
#include "bios/vga/rom.h"

enum { CHUNK = 64 };

struct surface {
    enum kind kind;
    uint32_t page;  /* address of the page */
    uint16_t pitch; /* bytes from line to line (of one plane) */
    uint8_t cell;   /* bytes of a character cell in a line */
    uint8_t height; /* lines of a character */
    uint8_t depth;  /* bytes a pixel, KIND_DIRECT */
    bool windowed;  /* the display interface is on */
    uint32_t bank;  /* the one chosen */
};

static void surface_of(struct surface *s, uint8_t page)
{
    s->kind = current_kind();
    s->windowed = bda.mode == 0xff && dispi_on();
    s->height = (uint8_t)bda.char_height;
    s->depth = 1;
    s->bank = s->windowed ? dispi_read(DISPI_BANK) & 0x1fffu : 0;
    s->page = s->windowed ? 0 : (uint32_t)page * bda.page_bytes;
    switch (s->kind) {
    case KIND_CGA4:
        s->pitch = 80;
        s->cell = 2;
        s->page = 0;
        break;
    case KIND_BYTE:
        s->pitch = 320;
        s->cell = 8;
        s->page = 0;
        break;
    case KIND_DIRECT:
        s->depth = (uint8_t)((dispi_read(DISPI_BPP) + 7) / 8);
        s->pitch = dispi_pitch();
        s->cell = (uint8_t)(8 * s->depth);
        break;
    default:
        s->pitch = s->windowed ? dispi_pitch() : bda.columns;
        s->cell = 1;
        if (s->kind == KIND_CGA2)
            s->page = 0;
        break;
    }
}

static bool is_cga(struct surface *s)
{
    return s->kind == KIND_CGA4 || s->kind == KIND_CGA2;
}

static uint16_t segment_of(struct surface *s)
{
    return is_cga(s) ? SEGMENT_B800 : SEGMENT_A000;
}

static uint32_t line_address(struct surface *s, uint32_t line)
{
    if (is_cga(s))
        return (line & 1) * 0x2000 + (line >> 1) * 80;
    return s->page + line * s->pitch;
}

/* Offset in the window; chooses the bank when there is one. Ports are slow, so
 * the bank is remembered. */
static uint16_t reach(struct surface *s, uint32_t address)
{
    if (s->windowed && address >> 16 != s->bank) {
        s->bank = address >> 16;
        dispi_write(DISPI_BANK, (uint16_t)s->bank);
    }
    return (uint16_t)address;
}

/* How many of `n` bytes lie in the same 64 KiB. */
static uint32_t within_bank(uint32_t address, uint32_t n)
{
    uint32_t room = 0x10000 - (address & 0xffff);

    return n < room ? n : room;
}

/* ---- spans ---- */

/* Planar memory copies through the latches: write mode 1. */
static void copy_planar(struct surface *s, uint32_t to, uint32_t from,
                        uint32_t n)
{
    uint8_t mode = in_index(PORT_GR, 5);

    out_index(PORT_GR, 5, (uint8_t)((mode & 0xf4) | 1));
    out_index(PORT_SEQ, 2, 0x0f);
    while (n) {
        uint32_t part = within_bank(to, within_bank(from, n));

        if (s->windowed && (to ^ from) >> 16) {
            /* Reading fills the latches; the write may be in another bank. */
            far_read8(SEGMENT_A000, reach(s, from));
            far_write8(SEGMENT_A000, reach(s, to), 0);
            part = 1;
        } else {
            uint16_t source = reach(s, from);

            far_copy(SEGMENT_A000, (uint16_t)to, SEGMENT_A000, source, part);
        }
        to += part;
        from += part;
        n -= part;
    }
    out_index(PORT_GR, 5, mode);
}

static void copy_direct(struct surface *s, uint32_t to, uint32_t from,
                        uint32_t n)
{
    uint8_t buffer[CHUNK];
    uint16_t stack, at = (uint16_t)(uintptr_t)buffer;

    __asm__("movw %%ss, %0" : "=r"(stack));
    while (n) {
        uint32_t part = within_bank(to, within_bank(from, n));

        if (part > CHUNK)
            part = CHUNK;
        far_copy(stack, at, SEGMENT_A000, reach(s, from), part);
        far_copy(SEGMENT_A000, reach(s, to), stack, at, part);
        to += part;
        from += part;
        n -= part;
    }
}

static void copy_span(struct surface *s, uint32_t to, uint32_t from, uint32_t n)
{
    uint16_t seg = segment_of(s);

    if (s->kind == KIND_PLANAR)
        copy_planar(s, to, from, n);
    else if (s->kind == KIND_DIRECT)
        copy_direct(s, to, from, n);
    else
        far_copy(seg, (uint16_t)to, seg, (uint16_t)from, n);
}

/* Colours of a mode of more than 8 bits: the 16 of the CGA. */
static uint32_t direct_color(uint8_t color, uint16_t bpp)
{
    uint32_t on = color & 8 ? 0xff : 0xaa, off = color & 8 ? 0x55 : 0;
    uint32_t red = color & 4 ? on : off, green = color & 2 ? on : off;
    uint32_t blue = color & 1 ? on : off;

    if ((color & 15) == 6)
        green = 0x55;
    switch (bpp) {
    case 8:
        return color;
    case 15:
        return red >> 3 << 10 | green >> 3 << 5 | blue >> 3;
    case 16:
        return red >> 3 << 11 | green >> 2 << 5 | blue >> 3;
    default:
        return red << 16 | green << 8 | blue;
    }
}

static void put_direct(struct surface *s, uint32_t address, uint32_t color,
                       bool invert)
{
    for (unsigned i = 0; i < s->depth; i++, color >>= 8) {
        uint16_t at = reach(s, address + i);
        uint8_t old = invert ? far_read8(SEGMENT_A000, at) : 0;

        far_write8(SEGMENT_A000, at, (uint8_t)color ^ old);
    }
}

static void fill_planar(struct surface *s, uint32_t address, uint32_t n,
                        uint8_t color)
{
    out_index(PORT_SEQ, 2, 0x0f);
    out_index(PORT_GR, 0, color);
    out_index(PORT_GR, 1, 0x0f);
    out_index(PORT_GR, 8, 0xff);
    while (n) {
        uint32_t part = within_bank(address, n);

        far_fill8(SEGMENT_A000, reach(s, address), 0, part);
        address += part;
        n -= part;
    }
    out_index(PORT_GR, 0, 0);
    out_index(PORT_GR, 1, 0);
}

static void fill_span(struct surface *s, uint32_t address, uint32_t n,
                      uint8_t color)
{
    switch (s->kind) {
    case KIND_PLANAR:
        fill_planar(s, address, n, color);
        break;
    case KIND_DIRECT: {
        uint32_t pixel = direct_color(color, dispi_read(DISPI_BPP));

        for (; n; n -= s->depth, address += s->depth)
            put_direct(s, address, pixel, false);
        break;
    }
    case KIND_CGA4:
        color = (uint8_t)((color & 3) * 0x55);
        far_fill8(SEGMENT_B800, (uint16_t)address, color, n);
        break;
    case KIND_CGA2:
        far_fill8(SEGMENT_B800, (uint16_t)address, color & 1 ? 0xff : 0, n);
        break;
    default:
        far_fill8(SEGMENT_A000, (uint16_t)address, color, n);
        break;
    }
}

/* ---- scrolling ---- */

void graphics_scroll(const struct rectangle *area, uint8_t lines, bool down,
                     uint8_t color)
{
    struct surface s;
    uint32_t n, x, height, shift;

    surface_of(&s, bda.page);
    n = (area->right - area->left + 1u) * s.cell;
    x = (uint32_t)area->left * s.cell;
    height = (area->bottom - area->top + 1u) * s.height;
    shift = (uint32_t)lines * s.height;
    for (uint32_t i = 0; i < height; i++) {
        uint32_t line = (uint32_t)area->top * s.height;
        uint32_t to;

        line += down ? height - 1 - i : i;
        to = line_address(&s, line) + x;
        if (i + shift < height)
            copy_span(&s, to,
                      line_address(&s, down ? line - shift : line + shift) + x,
                      n);
        else
            fill_span(&s, to, n, color);
    }
}

/* ---- characters ---- */

struct glyph {
    uint16_t seg, off;
};

/* The upper half of the small font of a CGA has a vector of its own. */
static struct glyph find_glyph(uint8_t c)
{
    struct glyph g;
    struct font f;
    unsigned vector = VECTOR_FONT;

    if (bda.mode >= 4 && bda.mode <= 6 && c >= 0x80) {
        vector = VECTOR_FONT_HIGH;
        c -= 0x80;
    }
    font_pointer(vector, &f);
    g.off = (uint16_t)(f.off + c * bda.char_height);
    g.seg = f.seg;
    return g;
}

/* The eight bits twice as wide, each bit pair `color`. */
static uint16_t widen(uint8_t bits, uint8_t color)
{
    uint16_t v = 0;

    for (unsigned i = 0; i < 8; i++)
        if (bits & 0x80 >> i)
            v |= (uint16_t)((color & 3) << (14 - 2 * i));
    return v;
}

static void put_planar(struct surface *s, uint32_t address, uint8_t bits,
                       uint8_t color)
{
    uint16_t at = reach(s, address);

    if (color & 0x80) {
        out_index(PORT_GR, 3, 0x18);
        out_index(PORT_SEQ, 2, color & 0x0f);
        far_read8(SEGMENT_A000, at);
        far_write8(SEGMENT_A000, at, bits);
        out_index(PORT_GR, 3, 0);
    } else {
        out_index(PORT_SEQ, 2, 0x0f);
        far_write8(SEGMENT_A000, at, 0);
        out_index(PORT_SEQ, 2, color & 0x0f);
        far_write8(SEGMENT_A000, at, bits);
    }
    out_index(PORT_SEQ, 2, 0x0f);
}

static void put_cga(struct surface *s, uint32_t address, uint8_t bits,
                    uint8_t color)
{
    uint16_t at = (uint16_t)address, v, old = 0;

    if (s->kind == KIND_CGA2) {
        v = color & 1 ? bits : 0;
        if (color & 0x80)
            old = far_read8(SEGMENT_B800, at);
        far_write8(SEGMENT_B800, at, (uint8_t)(v ^ old));
        return;
    }
    v = widen(bits, color);
    v = (uint16_t)(v >> 8 | v << 8); /* leftmost pixels in the first byte */
    if (color & 0x80)
        old = far_read16(SEGMENT_B800, at);
    far_write16(SEGMENT_B800, at, v ^ old);
}

static void put_packed(struct surface *s, uint32_t address, uint8_t bits,
                       uint8_t color)
{
    bool invert = s->kind == KIND_DIRECT && color & 0x80;
    uint32_t pixel = color;

    if (s->kind == KIND_DIRECT)
        pixel = direct_color(color & 0x7f, dispi_read(DISPI_BPP));
    for (unsigned i = 0; i < 8; i++, address += s->depth)
        put_direct(s, address, bits & 0x80 >> i ? pixel : 0, invert);
}

void graphics_char(uint8_t page, uint8_t row, uint8_t column, uint8_t c,
                   uint8_t color)
{
    struct glyph g = find_glyph(c);
    struct surface s;

    if (row > bda.last_row || column >= bda.columns)
        return;
    surface_of(&s, page);
    for (unsigned i = 0; i < s.height; i++) {
        uint8_t bits = far_read8(g.seg, (uint16_t)(g.off + i));
        uint32_t at = line_address(&s, (uint32_t)row * s.height + i) +
                      (uint32_t)column * s.cell;

        if (s.kind == KIND_PLANAR)
            put_planar(&s, at, bits, color);
        else if (is_cga(&s))
            put_cga(&s, at, bits, color);
        else
            put_packed(&s, at, bits, color);
    }
}

/* Which of the eight pixels from `address` on are not background. */
static uint8_t get_bits(struct surface *s, uint32_t address)
{
    uint8_t bits = 0, mode;
    uint16_t v;

    switch (s->kind) {
    case KIND_PLANAR: /* read mode 1: which pixels have colour 0 */
        mode = in_index(PORT_GR, 5);
        out_index(PORT_GR, 2, 0);
        out_index(PORT_GR, 7, 0x0f);
        out_index(PORT_GR, 5, mode | 8);
        bits = (uint8_t)~far_read8(SEGMENT_A000, reach(s, address));
        out_index(PORT_GR, 5, mode);
        return bits;
    case KIND_CGA2:
        return far_read8(SEGMENT_B800, (uint16_t)address);
    case KIND_CGA4:
        v = far_read16(SEGMENT_B800, (uint16_t)address);
        v = (uint16_t)(v >> 8 | v << 8);
        for (unsigned i = 0; i < 8; i++)
            if (v >> (14 - 2 * i) & 3)
                bits |= 0x80 >> i;
        return bits;
    default:
        for (unsigned i = 0; i < 8u * s->depth; i++)
            if (far_read8(SEGMENT_A000, reach(s, address + i)))
                bits |= 0x80 >> i / s->depth;
        return bits;
    }
}

/* 0: no character looks like that. */
uint8_t graphics_read_char(uint8_t page, uint8_t row, uint8_t column)
{
    struct surface s;
    uint8_t cell[32];

    if (row > bda.last_row || column >= bda.columns)
        return 0;
    surface_of(&s, page);
    if (s.height > sizeof cell)
        return 0;
    for (unsigned i = 0; i < s.height; i++)
        cell[i] = get_bits(&s, line_address(&s, (uint32_t)row * s.height + i) +
                                   (uint32_t)column * s.cell);
    for (unsigned c = 0; c < 256; c++) {
        struct glyph g = find_glyph((uint8_t)c);
        unsigned i = 0;

        while (i < s.height &&
               far_read8(g.seg, (uint16_t)(g.off + i)) == cell[i])
            i++;
        if (i == s.height)
            return (uint8_t)c;
    }
    return 0;
}

/* ---- pixels ---- */

static void write_cga_pixel(struct surface *s, uint32_t x, uint32_t line,
                            uint8_t color)
{
    unsigned size = s->kind == KIND_CGA4 ? 2 : 1;
    unsigned shift = 8 - size - (x * size & 7);
    uint16_t at = (uint16_t)(line_address(s, line) + x * size / 8);
    uint8_t mask = (uint8_t)(((1 << size) - 1) << shift);
    uint8_t old = far_read8(SEGMENT_B800, at);
    uint8_t v = (uint8_t)(color << shift) & mask;

    far_write8(SEGMENT_B800, at,
               color & 0x80 ? old ^ v : (uint8_t)((old & ~mask) | v));
}

static void write_planar_pixel(struct surface *s, uint32_t x, uint32_t line,
                               uint8_t color)
{
    uint16_t at = reach(s, line_address(s, line) + x / 8);

    out_index(PORT_SEQ, 2, 0x0f);
    out_index(PORT_GR, 8, (uint8_t)(0x80 >> (x & 7)));
    out_index(PORT_GR, 3, color & 0x80 ? 0x18 : 0);
    out_index(PORT_GR, 0, color);
    out_index(PORT_GR, 1, 0x0f);
    far_read8(SEGMENT_A000, at);
    far_write8(SEGMENT_A000, at, 0);
    out_index(PORT_GR, 0, 0);
    out_index(PORT_GR, 1, 0);
    out_index(PORT_GR, 3, 0);
    out_index(PORT_GR, 8, 0xff);
}

/* 0Ch: AL colour, bit 7: exclusive or (not with 256 colours), BH page, CX
 * column, DX line. */
void pixel_write_service(struct regs *r)
{
    uint32_t x = r->c.w, line = r->d.w;
    uint8_t color = r->a.l;
    struct surface s;

    surface_of(&s, r->b.h);
    switch (s.kind) {
    case KIND_TEXT:
    case KIND_NONE:
        break;
    case KIND_CGA4:
    case KIND_CGA2:
        write_cga_pixel(&s, x, line, color);
        break;
    case KIND_PLANAR:
        write_planar_pixel(&s, x, line, color);
        break;
    default:
        put_direct(&s, line_address(&s, line) + x * s.depth,
                   s.kind == KIND_BYTE
                       ? color
                       : direct_color(color, dispi_read(DISPI_BPP)),
                   false);
        break;
    }
}

static uint8_t read_planar_pixel(struct surface *s, uint32_t x, uint32_t line)
{
    uint16_t at = reach(s, line_address(s, line) + x / 8);
    uint8_t color = 0;

    for (uint8_t plane = 0; plane < 4; plane++) {
        out_index(PORT_GR, 4, plane);
        if (far_read8(SEGMENT_A000, at) & 0x80 >> (x & 7))
            color |= (uint8_t)(1 << plane);
    }
    out_index(PORT_GR, 4, 0);
    return color;
}

/* 0Dh: BH page, CX column, DX line -> AL colour. */
void pixel_read_service(struct regs *r)
{
    uint32_t x = r->c.w, line = r->d.w;
    struct surface s;
    unsigned size;

    surface_of(&s, r->b.h);
    switch (s.kind) {
    case KIND_TEXT:
    case KIND_NONE:
        break;
    case KIND_CGA4:
    case KIND_CGA2:
        size = s.kind == KIND_CGA4 ? 2 : 1;
        r->a.l = far_read8(SEGMENT_B800,
                           (uint16_t)(line_address(&s, line) + x * size / 8));
        r->a.l = (uint8_t)(r->a.l >> (8 - size - (x * size & 7)) &
                           ((1 << size) - 1));
        break;
    case KIND_PLANAR:
        r->a.l = read_planar_pixel(&s, x, line);
        break;
    default:
        r->a.l = far_read8(SEGMENT_A000,
                           reach(&s, line_address(&s, line) + x * s.depth));
        break;
    }
}

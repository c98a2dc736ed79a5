/*
 * script_screen.c - the screen as lines of text, in text and graphics modes.
 */
#include "machine/script_screen.h"
#include "core/hash.h"
#include "gui/cp437.h"
#include "machine/screen_text.h"
#include <stdlib.h>

enum {
    GLYPHS = 256,
    GLYPH_MAX = 16, /* rows */
    FONTS_MAX = 7,
    SLOTS = 4096, /* of the table that finds glyphs; a power of two */
    BLANK = ' ',
    UNKNOWN = -1,
    /* Pixels by which a glyph may differ: fonts of other systems are drawn
     * after the ROM's, not all to the pixel. The next best one must be worse
     * by that many. */
    NEAR_PIXELS = 3,
    NEAR_MARGIN = 2,
};

struct font {
    unsigned height;
    uint8_t rows[GLYPHS][GLYPH_MAX];
};

struct fonts {
    struct font font[FONTS_MAX];
    unsigned count;
    /* font << 8 | character, + 1; 0: free. */
    uint16_t slot[SLOTS];
};

/* ---- finding fonts in the guest's memory ---- */

static bool all(const uint8_t *p, unsigned n, uint8_t value)
{
    while (n--)
        if (p[n] != value)
            return false;
    return true;
}

/*
 * Code page 437 has cells whose look is given: blank (20h, FFh), full block
 * (DBh), left and right half (DDh, DEh), vertical line (B3h).
 */
static bool is_font(const uint8_t *p, unsigned height)
{
    const uint8_t *line = p + 0xb3 * height;

    return all(p + 0xdb * height, height, 0xff) &&
           all(p + 0xdd * height, height, 0xf0) &&
           all(p + 0xde * height, height, 0x0f) && line[0] &&
           all(line, height, line[0]) && all(p + 0x20 * height, height, 0) &&
           !all(p + 'A' * height, height, 0);
}

static void add_font(struct fonts *f, const uint8_t *p, unsigned height)
{
    struct font *font;

    if (f->count == FONTS_MAX)
        return;
    font = &f->font[f->count++];
    font->height = height;
    for (unsigned c = 0; c < GLYPHS; c++)
        memcpy(font->rows[c], p + c * height, height);
}

static void fonts_in(struct fonts *f, const uint8_t *mem, size_t n)
{
    static const uint8_t heights[] = {16, 14, 8};

    for (unsigned k = 0; k < ARRAY_LEN(heights); k++) {
        unsigned h = heights[k];

        for (size_t at = 0; at + GLYPHS * h <= n; at++) {
            /* The full block first: nearly all places fail there. */
            if (mem[at + 0xdb * h] != 0xff || !is_font(mem + at, h))
                continue;
            add_font(f, mem + at, h);
            break;
        }
    }
}

/* The font that the guest's BIOS draws with: INT 43h, for 8 rows only its
 * lower half, the upper one at INT 1Fh; 40:85h is the height. */
static void font_of_vectors(struct fonts *f, struct phys *phys)
{
    uint8_t vector[4], high[4], glyphs[GLYPHS * GLYPH_MAX];
    uint8_t height = (uint8_t)phys_load(phys, 0x485, 1);
    uint32_t lower, upper;

    if (height != 8 && height != 14 && height != 16)
        return;
    phys_read(phys, 4 * 0x43, vector, 4);
    phys_read(phys, 4 * 0x1f, high, 4);
    lower = ld_le16(vector) + 16u * ld_le16(vector + 2);
    upper = height == 8 ? ld_le16(high) + 16u * ld_le16(high + 2)
                        : lower + 128u * height;
    if (lower < 0x500 || upper < 0x500)
        return;
    phys_read(phys, lower, glyphs, 128u * height);
    phys_read(phys, upper, glyphs + 128u * height, 128u * height);
    if (all(glyphs + 'A' * height, height, 0) ||
        !all(glyphs + BLANK * height, height, 0))
        return;
    add_font(f, glyphs, height);
}

/* ---- a font that the guest brought along ---- */

enum { RAM_FONT_HEIGHT = 16, FULL_BLOCK = 0xdb };

/* A run of exactly 16 bytes FFh around byte `at`; its start. */
static bool full_block(const uint8_t *ram, uint64_t bytes, uint64_t at,
                       uint64_t *start)
{
    uint64_t from = at, to = at;

    while (from > 0 && at - from < RAM_FONT_HEIGHT && ram[from - 1] == 0xff)
        from--;
    while (to < bytes && to - from <= RAM_FONT_HEIGHT && ram[to] == 0xff)
        to++;
    *start = from;
    return to - from == RAM_FONT_HEIGHT;
}

static bool is_ram_font(const uint8_t *ram, uint64_t bytes, uint64_t at)
{
    return at + GLYPHS * RAM_FONT_HEIGHT <= bytes &&
           is_font(ram + at, RAM_FONT_HEIGHT);
}

/* A font in the page of RAM at `page`, 0: none. Any run of 16 bytes covers 8
 * that are aligned. */
static uint64_t font_in_page(const uint8_t *ram, uint64_t bytes, uint64_t page)
{
    for (uint64_t at = page; at < page + PAGE_SIZE; at += 8) {
        uint64_t start;

        if (ld_le64(ram + at) != UINT64_MAX ||
            !full_block(ram, bytes, at, &start) ||
            start <= FULL_BLOCK * RAM_FONT_HEIGHT)
            continue;
        start -= FULL_BLOCK * RAM_FONT_HEIGHT;
        if (is_ram_font(ram, bytes, start))
            return start;
    }
    return 0;
}

/* Linux draws its frame buffer console with a font of its own, which is a
 * table like the ROM's somewhere in the kernel. */
static void font_in_ram(struct fonts *f, struct machine *m, bool search)
{
    uint64_t bytes = phys_ram_bytes(m->sv.phys);
    const uint8_t *ram = phys_ram(m->sv.phys);
    const uint8_t *flags = phys_ram_flags(m->sv.phys);

    if (m->screen_font && !is_ram_font(ram, bytes, m->screen_font))
        m->screen_font = 0;
    /* The first megabyte has copies of the ROM's. */
    for (uint64_t page = 0x100000; search && !m->screen_font && page < bytes;
         page += PAGE_SIZE)
        if (flags[page >> PAGE_SHIFT] & PAGE_TOUCHED)
            m->screen_font = font_in_page(ram, bytes, page);
    if (m->screen_font)
        add_font(f, ram + m->screen_font, RAM_FONT_HEIGHT);
}

static size_t slot_of(const uint8_t *rows, unsigned height)
{
    return hash_bytes(rows, height, height) & (SLOTS - 1);
}

static void index_glyph(struct fonts *f, unsigned n, unsigned c)
{
    struct font *font = &f->font[n];
    size_t at = slot_of(font->rows[c], font->height);

    if (all(font->rows[c], font->height, 0))
        return;
    while (f->slot[at])
        at = (at + 1) & (SLOTS - 1);
    f->slot[at] = (uint16_t)((n << 8 | c) + 1);
}

/* search: also for a font that is not known yet, which takes longer. */
static struct fonts *find_fonts(struct machine *m, bool search)
{
    static const struct {
        uint32_t base, size;
    } roms[] = {{0xc0000, 0x20000}, {0xf0000, 0x10000}};
    struct fonts *f = calloc(1, sizeof *f);
    struct phys *phys = m->sv.phys;
    uint8_t *mem = malloc(0x20000);

    if (!f || !mem)
        error_no_memory();
    font_in_ram(f, m, search);
    font_of_vectors(f, phys);
    for (unsigned n = 0; n < ARRAY_LEN(roms); n++) {
        phys_read(phys, roms[n].base, mem, roms[n].size);
        fonts_in(f, mem, roms[n].size);
    }
    free(mem);
    /* Characters that look alike are the printable ASCII ones. */
    for (unsigned n = 0; n < f->count; n++) {
        for (unsigned c = 0x20; c < 0x7f; c++)
            index_glyph(f, n, c);
        for (unsigned c = 0; c < GLYPHS; c++)
            if (c < 0x20 || c >= 0x7f)
                index_glyph(f, n, c);
    }
    return f;
}

/* ---- comparing ---- */

static int exact(const struct fonts *f, const uint8_t *rows, unsigned height)
{
    size_t at = slot_of(rows, height);

    for (; f->slot[at]; at = (at + 1) & (SLOTS - 1)) {
        unsigned n = (f->slot[at] - 1u) >> 8, c = (f->slot[at] - 1u) & 255;

        if (f->font[n].height == height &&
            !memcmp(f->font[n].rows[c], rows, height))
            return (int)c;
    }
    return UNKNOWN;
}

static unsigned bits(uint8_t v)
{
    unsigned n = 0;

    for (; v; v &= (uint8_t)(v - 1))
        n++;
    return n;
}

/* The printable ASCII character that is nearest, if it is near and no other
 * one nearly as near. */
static int nearest(const struct fonts *f, const uint8_t *rows, unsigned height)
{
    unsigned best = NEAR_PIXELS + NEAR_MARGIN + 1, second = best;
    int found = UNKNOWN;

    for (unsigned n = 0; n < f->count; n++) {
        for (int c = 0x21; f->font[n].height == height && c < 0x7f; c++) {
            unsigned d = 0;

            for (unsigned y = 0; y < height && d < second; y++)
                d += bits(rows[y] ^ f->font[n].rows[c][y]);
            if (d < best) {
                second = c == found ? second : best;
                best = d;
                found = c;
            } else if (d < second && c != found) {
                second = d;
            }
        }
    }
    return best <= NEAR_PIXELS && second >= best + NEAR_MARGIN ? found
                                                               : UNKNOWN;
}

/* A picture whose pixels are sx by sy as they are drawn. */
struct picture {
    const struct frame *f;
    unsigned sx, sy, width, height;
};

static uint32_t pixel(const struct picture *p, unsigned x, unsigned y)
{
    return p->f->pixels[(size_t)y * p->sy * p->f->width + x * p->sx];
}

/* A cell of two colours as bits; set is whatever the upper left is not. */
static bool cut(const struct picture *p, unsigned x0, unsigned y0,
                unsigned height, uint8_t *rows, bool *blank)
{
    uint32_t paper = pixel(p, x0, y0), ink = paper;

    for (unsigned y = 0; y < height; y++) {
        rows[y] = 0;
        for (unsigned x = 0; x < 8; x++) {
            uint32_t c = pixel(p, x0 + x, y0 + y);

            if (c == paper)
                continue;
            if (ink == paper)
                ink = c;
            else if (c != ink)
                return false;
            rows[y] |= (uint8_t)(0x80 >> x);
        }
    }
    *blank = ink == paper;
    return true;
}

static int read_cell(const struct fonts *f, const struct picture *p, unsigned x,
                     unsigned y, unsigned height, bool near)
{
    uint8_t rows[GLYPH_MAX], inverse[GLYPH_MAX];
    bool blank;
    int c;

    if (!cut(p, x, y, height, rows, &blank))
        return UNKNOWN;
    if (blank)
        return BLANK;
    for (unsigned n = 0; n < height; n++)
        inverse[n] = (uint8_t)~rows[n];
    c = exact(f, rows, height);
    if (c == UNKNOWN)
        c = exact(f, inverse, height);
    if (c == UNKNOWN && near)
        c = nearest(f, rows, height);
    if (c == UNKNOWN && near)
        c = nearest(f, inverse, height);
    return c;
}

struct reading {
    unsigned height, columns, rows;
    unsigned found; /* cells with a character of a font, to the pixel */
    int16_t *cells; /* owned */
};

static struct reading read_picture(const struct fonts *f,
                                   const struct picture *p, unsigned height)
{
    struct reading r = {
        .height = height, .columns = p->width / 8, .rows = p->height / height};

    r.cells = calloc((size_t)r.columns * r.rows + 1, sizeof *r.cells);
    if (!r.cells)
        error_no_memory();
    for (unsigned y = 0; y < r.rows; y++) {
        for (unsigned x = 0; x < r.columns; x++) {
            int c = read_cell(f, p, 8 * x, y * height, height, false);

            r.cells[y * r.columns + x] = (int16_t)c;
            r.found += c != UNKNOWN && c != BLANK;
        }
    }
    return r;
}

/* A second look, which costs more, at what was not found. */
static void read_unknown(const struct fonts *f, const struct picture *p,
                         struct reading *r)
{
    for (unsigned y = 0; y < r->rows; y++)
        for (unsigned x = 0; x < r->columns; x++)
            if (r->cells[y * r->columns + x] == UNKNOWN)
                r->cells[y * r->columns + x] = (int16_t)read_cell(
                    f, p, 8 * x, y * r->height, r->height, true);
}

/* Is each pixel drawn twice, across or down? */
static bool doubled(const struct frame *f, bool down)
{
    unsigned step_x = down ? 1 : 2, step_y = down ? 2 : 1;
    size_t other = down ? f->width : 1;

    if (f->width % 2 || f->height % 2)
        return false;
    for (unsigned y = 0; y < f->height; y += step_y) {
        const uint32_t *row = f->pixels + (size_t)y * f->width;

        for (unsigned x = 0; x < f->width; x += step_x)
            if (row[x] != row[x + other])
                return false;
    }
    return true;
}

static void print_reading(const struct reading *r, struct out *out)
{
    for (unsigned y = 0; y < r->rows; y++) {
        const int16_t *row = r->cells + (size_t)y * r->columns;
        unsigned end = r->columns;

        while (end && row[end - 1] == BLANK)
            end--;
        for (unsigned x = 0; x < end; x++) {
            char text[4];
            uint32_t c = row[x] == UNKNOWN ? 0xfffd : cp437_unicode[row[x]];

            out_write(out, text, utf8_encode(c, text));
        }
        out_write(out, "\n", 1);
    }
}

/* With the height at which most characters are found. */
static struct reading best_reading(const struct fonts *f,
                                   const struct picture *p)
{
    static const uint8_t heights[] = {16, 14, 8};
    struct reading best = {.cells = NULL};

    for (unsigned n = 0; n < ARRAY_LEN(heights); n++) {
        struct reading r = read_picture(f, p, heights[n]);

        if (!best.cells || r.found > best.found) {
            free(best.cells);
            best = r;
        } else {
            free(r.cells);
        }
    }
    return best;
}

static bool all_known(const struct reading *r)
{
    for (size_t n = 0; n < (size_t)r->columns * r->rows; n++)
        if (r->cells[n] == UNKNOWN)
            return false;
    return r->found;
}

static void read_graphics(struct machine *m, const struct frame *frame,
                          struct out *out)
{
    struct fonts *f = find_fonts(m, false);
    struct picture p = {.f = frame, .sx = 1, .sy = 1};
    struct reading best;

    if (doubled(frame, false))
        p.sx = 2;
    if (doubled(frame, true))
        p.sy = 2;
    p.width = frame->width / p.sx;
    p.height = frame->height / p.sy;
    best = best_reading(f, &p);
    if (!all_known(&best)) {
        free(best.cells);
        free(f);
        f = find_fonts(m, true);
        best = best_reading(f, &p);
    }
    if (best.found) {
        read_unknown(f, &p, &best);
        print_reading(&best, out);
    }
    free(best.cells);
    free(f);
}

uint64_t script_screen_version(struct machine *m)
{
    struct frame f = {0};

    if (!m->screen.render || !m->screen.render(m->screen.opaque, &f))
        return 0;
    return f.version;
}

bool script_screen_is_graphics(struct machine *m)
{
    struct frame f = {0};

    return !m->screen.text || !m->screen.text(m->screen.opaque, &f);
}

void script_screen(struct machine *m, struct out *out, bool *graphics)
{
    struct frame f = {0};

    *graphics = !screen_text(&m->screen, out);
    if (!*graphics || !m->screen.render ||
        !m->screen.render(m->screen.opaque, &f) || !f.pixels)
        return;
    read_graphics(m, &f, out);
}

/*
 * mkfont - compiles drawings of characters into the fonts of the VGA BIOS.
 *
 * mkfont FONT16.txt FONT8.txt writes C to standard output: font_8x16, font_8x14
 * (made from the first by leaving out two rows) and font_8x8. With one file
 * only font_8x16 is written, for the program itself (gui/canvas.h).
 *
 * A drawing is a line `CODE @ROW [xCOLUMN] [cut ROW]` (code in hexadecimal,
 * first row, column of its left edge, row that 8x14 leaves out), then its rows,
 * # for ink, `ROW *N` for N equal ones, then an empty line. `x COLUMN` alone
 * changes the usual left edge. Codes from 100h on are parts. Characters can
 * also be made from others: `CODE = [not|mirror|flip|turn|squeeze] CODE [+
 * PART]`: negative, left to right, upside down within its own rows, both, or
 * one (16 rows) or two (8 rows) rows lower at the top to make room for an
 * accent. Frames and shades (B0h to DFh) are drawn by rule.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODES = 0x140, ROWS = 16 };

struct glyph {
    uint8_t row[ROWS];
    int cut; /* row left out in 8x14, 0: found by rule */
    bool drawn;
};

struct font {
    struct glyph glyph[CODES];
    unsigned height;
    const char *path;
    unsigned line;
};

static void fail(const struct font *f, const char *what)
{
    fprintf(stderr, "%s:%u: %s\n", f->path, f->line, what);
    exit(1);
}

/* ---- characters from characters ---- */

static void first_and_last(const struct font *f, const struct glyph *g,
                           unsigned *first, unsigned *last)
{
    *first = 0;
    *last = f->height - 1;
    while (*first < *last && !g->row[*first])
        ++*first;
    while (*last > *first && !g->row[*last])
        --*last;
}

static uint8_t mirrored(uint8_t v)
{
    uint8_t out = 0;

    for (unsigned i = 0; i < 8; i++)
        if (v & 1 << i)
            out |= (uint8_t)(0x80 >> i);
    return out;
}

/* Mirrors within the columns that are used, so that spacing stays. */
static void mirror(const struct font *f, struct glyph *g)
{
    uint8_t all = 0;
    unsigned left = 0, right = 0;

    for (unsigned i = 0; i < f->height; i++)
        all |= g->row[i];
    if (!all)
        return;
    while (!(all & 0x80 >> left))
        left++;
    while (!(all & 1 << right))
        right++;
    for (unsigned i = 0; i < f->height; i++) {
        unsigned v = (unsigned)mirrored(g->row[i]) << 8 >> right << left;

        g->row[i] = (uint8_t)(v >> 8);
    }
}

static void flip(const struct font *f, struct glyph *g)
{
    unsigned first, last;

    first_and_last(f, g, &first, &last);
    for (; first < last; first++, last--) {
        uint8_t v = g->row[first];

        g->row[first] = g->row[last];
        g->row[last] = v;
    }
}

static unsigned distance(uint8_t a, uint8_t b)
{
    unsigned n = 0;

    for (unsigned v = a ^ b; v; v &= v - 1)
        n++;
    return n;
}

/* The row of [first, last] that is missed least: most like the next one, then
 * nearest to the middle. */
static unsigned least_row(const struct glyph *g, unsigned first, unsigned last)
{
    unsigned best = first, best_cost = ~0u;

    for (unsigned i = first; i <= last; i++) {
        unsigned off =
            2 * i > first + last ? 2 * i - first - last : first + last - 2 * i;
        unsigned cost = distance(g->row[i], g->row[i + 1]) * 64 + off;

        if (cost < best_cost) {
            best_cost = cost;
            best = i;
        }
    }
    return best;
}

/* Takes a row out; those above it move down. */
static void squeeze(const struct font *f, struct glyph *g)
{
    unsigned first, last, times = f->height == 16 ? 1 : 2;

    while (times--) {
        unsigned row;

        first_and_last(f, g, &first, &last);
        row = least_row(g, first, last - 1);
        memmove(g->row + first + 1, g->row + first, row - first);
        g->row[first] = 0;
    }
}

static void derive(struct font *f, char *text)
{
    char *words[8];
    unsigned n = 0;
    struct glyph g;
    long to, from;

    for (char *w = strtok(text, " "); w && n < 8; w = strtok(NULL, " "))
        words[n++] = w;
    if (n < 3 || strcmp(words[1], "="))
        fail(f, "not understood");
    to = strtol(words[0], NULL, 16);
    if (n == 3 || *words[3] == '+') {
        memmove(words + 3, words + 2, (n++ - 2) * sizeof *words);
        words[2] = "copy";
    }
    from = strtol(words[3], NULL, 16);
    if (to < 0 || to >= CODES || from < 0 || from >= CODES ||
        !f->glyph[from].drawn)
        fail(f, "no such character");
    g = f->glyph[from];
    if (!strcmp(words[2], "mirror") || !strcmp(words[2], "turn"))
        mirror(f, &g);
    if (!strcmp(words[2], "flip") || !strcmp(words[2], "turn"))
        flip(f, &g);
    if (!strcmp(words[2], "squeeze"))
        squeeze(f, &g);
    if (!strcmp(words[2], "not"))
        for (unsigned i = 0; i < f->height; i++)
            g.row[i] ^= 0xff;
    if (n == 6) {
        from = strtol(words[5], NULL, 16);
        if (from < 0 || from >= CODES || !f->glyph[from].drawn)
            fail(f, "no such part");
        for (unsigned i = 0; i < f->height; i++)
            g.row[i] |= f->glyph[from].row[i];
    }
    f->glyph[to] = g;
}

/* ---- drawings ---- */

static void draw_row(struct font *f, struct glyph *g, unsigned *row,
                     unsigned column, const char *text)
{
    const char *star = strchr(text, '*');
    unsigned times = star ? (unsigned)strtoul(star + 1, NULL, 10) : 1;
    uint8_t v = 0;

    for (; *text == '#' || *text == '.'; text++, column++)
        if (*text == '#') {
            if (column > 7)
                fail(f, "wider than 8");
            v |= (uint8_t)(0x80 >> column);
        }
    if (!times || *row + times > f->height)
        fail(f, "too many rows");
    while (times--)
        g->row[(*row)++] = v;
}

static void read_font(struct font *f, const char *path, unsigned height)
{
    char text[160];
    unsigned row = 0, column = 0, usual = 0;
    struct glyph *g = NULL;
    FILE *in = fopen(path, "r");

    memset(f, 0, sizeof *f);
    f->height = height;
    f->path = path;
    if (!in) {
        perror(path);
        exit(1);
    }
    while (fgets(text, sizeof text, in)) {
        char *at;

        f->line++;
        text[strcspn(text, "\r\n")] = 0;
        at = strchr(text, '@');
        if (!*text) {
            g = NULL;
        } else if (g) {
            draw_row(f, g, &row, column, text);
        } else if (at) {
            unsigned long code = strtoul(text, NULL, 16);
            const char *x = strstr(at, " x"), *cut = strstr(at, " cut ");

            if (code >= CODES)
                fail(f, "no such code");
            g = &f->glyph[code];
            g->drawn = true;
            g->cut = cut ? atoi(cut + 5) : 0;
            row = (unsigned)strtoul(at + 1, NULL, 10);
            column = x ? (unsigned)strtoul(x + 2, NULL, 10) : usual;
        } else if (!strncmp(text, "x ", 2)) {
            usual = (unsigned)strtoul(text + 2, NULL, 10);
        } else if (*text != '#') {
            derive(f, text);
        }
    }
    fclose(in);
}

/* ---- frames and shades ---- */

/* Lines that leave the middle of B3h to DAh: left, right, up, down; 1 single,
 * 2 double. */
static const char frames[][5] = {
    "0011", "1011", "2011", "1022", "1002", "2001", "2022", "0022", /* B3 */
    "2002", "2020", "1020", "2010", "1001", "0110", "1110", "1101", /* BB */
    "0111", "1100", "1111", "0211", "0122", "0220", "0202", "2220", /* C3 */
    "2202", "0222", "2200", "2222", "2210", "1120", "2201", "1102", /* CB */
    "0120", "0210", "0201", "0102", "1122", "2211", "1010", "0101", /* D3 */
};

/*
 * How far a line goes that comes from the near edge: `near`, `center` and `far`
 * are where it meets the lines that cross it. `w` is its weight, `opposite`
 * that of its continuation, `this_side` and `other_side` those of the crossing
 * lines (of a double line: on the side of this one of the two).
 */
static int reach(int w, int opposite, int this_side, int other_side,
                 const int stop[3])
{
    int crossing = this_side > other_side ? this_side : other_side;

    if (crossing < 2)
        return stop[1];
    if (w == 1) {
        if (opposite)
            return stop[1];
        return this_side && other_side ? stop[0] : stop[2];
    }
    if (this_side)
        return stop[0];
    return opposite ? stop[1] : stop[2];
}

struct frame {
    int left, right, up, down, height;
    bool ink[ROWS][8];
};

static void ink_row(struct frame *f, int y, int from, int to)
{
    for (int x = from; x <= to; x++)
        f->ink[y][x] = true;
}

static void ink_column(struct frame *f, int x, int from, int to)
{
    for (int y = from; y <= to; y++)
        f->ink[y][x] = f->ink[y][x + 1] = true;
}

static void draw_horizontal(struct frame *f)
{
    static const int from_left[3] = {2, 4, 6}, from_right[3] = {5, 3, 1};
    int middle = f->height / 2 - 1;

    for (int track = -1; track <= 1; track++) {
        int above = track > 0 ? f->down : f->up;
        int below = track > 0 ? f->up : f->down;

        if ((f->left == 2) == (track != 0) && f->left)
            ink_row(f, middle + track, 0,
                    reach(f->left, f->right, above, below, from_left));
        if ((f->right == 2) == (track != 0) && f->right)
            ink_row(f, middle + track,
                    reach(f->right, f->left, above, below, from_right), 7);
    }
}

static void draw_vertical(struct frame *f)
{
    int middle = f->height / 2 - 1;
    int from_top[3] = {middle - 1, middle, middle + 1};
    int from_bottom[3] = {middle + 1, middle, middle - 1};

    for (int track = -1; track <= 1; track++) {
        int x = 3 + 2 * track;
        int near = track > 0 ? f->right : f->left;
        int off = track > 0 ? f->left : f->right;

        if ((f->up == 2) == (track != 0) && f->up)
            ink_column(f, x, 0, reach(f->up, f->down, near, off, from_top));
        if ((f->down == 2) == (track != 0) && f->down)
            ink_column(f, x, reach(f->down, f->up, near, off, from_bottom),
                       f->height - 1);
    }
}

static void draw_frame(struct glyph *g, const char *lines, unsigned height)
{
    struct frame f = {
        .left = lines[0] - '0',
        .right = lines[1] - '0',
        .up = lines[2] - '0',
        .down = lines[3] - '0',
        .height = (int)height,
    };

    draw_horizontal(&f);
    draw_vertical(&f);
    memset(g, 0, sizeof *g);
    for (unsigned y = 0; y < height; y++)
        for (unsigned x = 0; x < 8; x++)
            if (f.ink[y][x])
                g->row[y] |= (uint8_t)(0x80 >> x);
    g->drawn = true;
}

/* B0h-DFh of one height into a finished font. */
static void draw_rules(struct glyph *glyph, unsigned height)
{
    static const uint8_t shades[3][2] = {
        {0x44, 0x11}, {0xaa, 0x55}, {0xbb, 0xee}};

    for (unsigned i = 0; i < sizeof frames / sizeof *frames; i++)
        draw_frame(&glyph[0xb3 + i], frames[i], height);
    for (unsigned y = 0; y < height; y++) {
        bool lower = y >= height / 2;

        for (unsigned i = 0; i < 3; i++)
            glyph[0xb0 + i].row[y] = shades[i][y & 1];
        glyph[0xdb].row[y] = 0xff;
        glyph[0xdc].row[y] = lower ? 0xff : 0;
        glyph[0xdd].row[y] = 0xf0;
        glyph[0xde].row[y] = 0x0f;
        glyph[0xdf].row[y] = lower ? 0 : 0xff;
    }
    for (unsigned i = 0xb0; i <= 0xdf; i++)
        glyph[i].drawn = true;
}

/* ---- output ---- */

/* 16 rows to 14: the last one and one of the body of small letters. */
static void shorten(struct glyph *g)
{
    unsigned row = g->cut ? (unsigned)g->cut : least_row(g, 5, 10);

    memmove(g->row + row, g->row + row + 1, ROWS - 1 - row);
    g->row[14] = g->row[15] = 0;
}

static void print_font(const struct font *f, unsigned height, const char *place)
{
    struct glyph glyph[256];

    for (unsigned c = 0; c < 256; c++) {
        glyph[c] = f->glyph[c];
        if (height == 14 && (c < 0xb0 || c > 0xdf))
            shorten(&glyph[c]);
    }
    draw_rules(glyph, height);
    printf("\nconst uint8_t %sfont_8x%u[%u] = {\n", place, height,
           256 * height);
    for (unsigned c = 0; c < 256; c++) {
        if (!glyph[c].drawn && !f->glyph[c].drawn) {
            fprintf(stderr, "%s: character %02x is missing\n", f->path, c);
            exit(1);
        }
        printf("    ");
        for (unsigned i = 0; i < height; i++)
            printf("0x%02x,", glyph[c].row[i]);
        printf(" /* %02x */\n", c);
    }
    printf("};\n");
}

int main(int argc, char **argv)
{
    static struct font tall, small;

    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: mkfont FONT16 [FONT8]\n");
        return 64;
    }
    read_font(&tall, argv[1], 16);
    if (argc == 2) {
        printf("/* Made by tools/mkfont. */\n#include \"gui/canvas.h\"\n");
        print_font(&tall, 16, "");
        return 0;
    }
    read_font(&small, argv[2], 8);
    printf("/* Made by tools/mkfont. */\n#include \"bios/vga/rom.h\"\n");
    print_font(&tall, 16, "ROM ");
    print_font(&tall, 14, "ROM ");
    print_font(&small, 8, "ROM ");
    printf("\nconst uint8_t ROM font_none[1] = {0};\n");
    return 0;
}

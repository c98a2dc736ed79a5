/*
 * script_png.c - reading PNG files to compare pictures with.
 *
 * PNG (W3C, second edition), zlib (RFC 1950), deflate (RFC 1951). Checksums
 * are checked: a damaged reference shall not look like a wrong picture.
 */
#include "machine/script_png.h"
#include "core/hash.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FILE_MAX = 64 << 20,
    SIDE_MAX = 8192, /* pixels */
    CODE_BITS = 15,
    LITERALS = 288,
    DISTANCES = 32,
};

/* ---- deflate ---- */

struct inflate {
    const uint8_t *in;
    size_t in_len, at;
    uint32_t bits;
    unsigned count;
    uint8_t *out;
    size_t out_len, filled;
    bool bad;
};

/* A canonical Huffman code: how many codes of each length, and the symbols in
 * the order of their codes. */
struct code {
    uint16_t count[CODE_BITS + 1];
    uint16_t symbol[LITERALS];
};

static unsigned take_bits(struct inflate *z, unsigned n)
{
    unsigned v;

    while (z->count < n) {
        if (z->at >= z->in_len) {
            z->bad = true;
            return 0;
        }
        z->bits |= (uint32_t)z->in[z->at++] << z->count;
        z->count += 8;
    }
    v = z->bits & ((1u << n) - 1);
    z->bits >>= n;
    z->count -= n;
    return v;
}

static void make_code(struct code *c, const uint8_t *length, unsigned n)
{
    uint16_t place[CODE_BITS + 2] = {0};

    memset(c, 0, sizeof *c);
    for (unsigned i = 0; i < n; i++)
        c->count[length[i]]++;
    c->count[0] = 0;
    for (unsigned b = 1; b <= CODE_BITS; b++)
        place[b + 1] = (uint16_t)(place[b] + c->count[b]);
    for (unsigned i = 0; i < n; i++)
        if (length[i])
            c->symbol[place[length[i]]++] = (uint16_t)i;
}

/* Codes of one length are consecutive numbers: count down bit by bit. */
static unsigned take_symbol(struct inflate *z, const struct code *c)
{
    int code = 0, first = 0, index = 0;

    for (unsigned b = 1; b <= CODE_BITS && !z->bad; b++) {
        code |= (int)take_bits(z, 1);
        if (code - first < c->count[b])
            return c->symbol[index + code - first];
        index += c->count[b];
        first = (first + c->count[b]) << 1;
        code <<= 1;
    }
    z->bad = true;
    return 0;
}

static void put_byte(struct inflate *z, uint8_t v)
{
    if (z->filled < z->out_len)
        z->out[z->filled++] = v;
    else
        z->bad = true;
}

static void copy_match(struct inflate *z, unsigned length, unsigned distance)
{
    if (distance > z->filled)
        z->bad = true;
    while (length-- && !z->bad)
        put_byte(z, z->out[z->filled - distance]);
}

/* Length symbols come in groups of four, distances in groups of two; each
 * group but the first two has one more extra bit (RFC 1951, 3.2.5). */
static unsigned take_length(struct inflate *z, unsigned symbol)
{
    unsigned s = symbol - 257, extra;

    if (s == 28)
        return 258;
    if (s < 8)
        return s + 3;
    extra = s / 4 - 1;
    return 3 + ((4 + s % 4) << extra) + take_bits(z, extra);
}

static unsigned take_distance(struct inflate *z, unsigned s)
{
    unsigned extra;

    if (s >= 30)
        z->bad = true;
    if (s < 4 || z->bad)
        return s + 1;
    extra = s / 2 - 1;
    return 1 + ((2 + s % 2) << extra) + take_bits(z, extra);
}

static void coded_block(struct inflate *z, const struct code *literals,
                        const struct code *distances)
{
    while (!z->bad) {
        unsigned s = take_symbol(z, literals), length;

        if (s == 256 || z->bad)
            return;
        if (s < 256) {
            put_byte(z, (uint8_t)s);
            continue;
        }
        if (s > 285) {
            z->bad = true;
            return;
        }
        length = take_length(z, s);
        copy_match(z, length, take_distance(z, take_symbol(z, distances)));
    }
}

static void fixed_block(struct inflate *z)
{
    struct code literals, distances;
    uint8_t length[LITERALS];

    for (unsigned n = 0; n < LITERALS; n++)
        length[n] = n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8;
    make_code(&literals, length, LITERALS);
    memset(length, 5, DISTANCES);
    make_code(&distances, length, DISTANCES);
    coded_block(z, &literals, &distances);
}

static void dynamic_block(struct inflate *z)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t length[LITERALS + DISTANCES] = {0};
    struct code lengths, literals, distances;
    unsigned nl = take_bits(z, 5) + 257, nd = take_bits(z, 5) + 1;
    unsigned nc = take_bits(z, 4) + 4, n = 0;

    for (unsigned i = 0; i < nc; i++)
        length[order[i]] = (uint8_t)take_bits(z, 3);
    make_code(&lengths, length, 19);
    memset(length, 0, sizeof length);
    if (nl > 286 || nd > 30)
        z->bad = true;
    while (n < nl + nd && !z->bad) {
        unsigned s = take_symbol(z, &lengths), again = 1;
        uint8_t value = (uint8_t)s;

        if (s == 16) {
            again = 3 + take_bits(z, 2);
            z->bad |= n == 0;
            value = n ? length[n - 1] : 0;
        } else if (s > 16) {
            again = s == 17 ? 3 + take_bits(z, 3) : 11 + take_bits(z, 7);
            value = 0;
        }
        if (n + again > nl + nd)
            z->bad = true;
        while (again-- && !z->bad)
            length[n++] = value;
    }
    if (z->bad)
        return;
    make_code(&literals, length, nl);
    make_code(&distances, length + nl, nd);
    coded_block(z, &literals, &distances);
}

static void stored_block(struct inflate *z)
{
    unsigned n, check;

    z->bits = z->count = 0;
    n = take_bits(z, 16);
    check = take_bits(z, 16);
    if ((n ^ check) != 0xffff || z->at + n > z->in_len)
        z->bad = true;
    while (n-- && !z->bad)
        put_byte(z, z->in[z->at++]);
}

/* Exactly out_len bytes, whose Adler-32 follows. */
static bool inflate(const uint8_t *in, size_t n, uint8_t *out, size_t out_len)
{
    struct inflate z = {.in = in, .in_len = n, .out = out, .out_len = out_len};
    uint32_t a = 1, b = 0, sum = 0;
    bool last = false;

    if (n < 6 || (in[0] & 15) != 8 || (in[0] << 8 | in[1]) % 31 || in[1] & 0x20)
        return false;
    z.at = 2;
    while (!last && !z.bad) {
        unsigned type;

        last = take_bits(&z, 1);
        type = take_bits(&z, 2);
        if (type == 0)
            stored_block(&z);
        else if (type == 1)
            fixed_block(&z);
        else if (type == 2)
            dynamic_block(&z);
        else
            z.bad = true;
    }
    for (size_t i = 0; i < z.filled; i++) {
        a = (a + out[i]) % 65521;
        b = (b + a) % 65521;
    }
    z.bits = z.count = 0;
    for (unsigned i = 0; i < 4; i++)
        sum = sum << 8 | take_bits(&z, 8);
    return !z.bad && z.filled == out_len && sum == (b << 16 | a);
}

/* ---- PNG ---- */

struct png {
    unsigned width, height, type, channels;
    uint8_t *data; /* all IDAT, owned */
    size_t len;
    uint8_t palette[768];
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static bool header(struct png *p, const uint8_t *h, size_t n)
{
    static const uint8_t channels[7] = {1, 0, 3, 1, 2, 0, 4};

    if (n != 13)
        return false;
    p->width = be32(h);
    p->height = be32(h + 4);
    p->type = h[9];
    p->channels = p->type < 7 ? channels[p->type] : 0;
    return p->width && p->height && p->width <= SIDE_MAX &&
           p->height <= SIDE_MAX && h[8] == 8 && p->channels && !h[10] &&
           !h[11] && !h[12];
}

static bool chunks(struct png *p, const uint8_t *f, size_t n)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};
    size_t at = 8;

    if (n < 8 || memcmp(f, signature, 8))
        return false;
    while (at + 12 <= n) {
        size_t len = be32(f + at);
        const uint8_t *type = f + at + 4, *data = f + at + 8;

        if (len > n - at - 12 ||
            crc32_bytes(type, len + 4, 0) != be32(data + len))
            return false;
        at += len + 12;
        if (!memcmp(type, "IEND", 4))
            return p->width && p->len;
        if (!memcmp(type, "IHDR", 4)) {
            if (p->width || !header(p, data, len))
                return false;
        } else if (!memcmp(type, "PLTE", 4)) {
            if (len > sizeof p->palette)
                return false;
            memcpy(p->palette, data, len);
        } else if (!memcmp(type, "IDAT", 4)) {
            memcpy(p->data + p->len, data, len);
            p->len += len;
        } else if (!(type[0] & 0x20)) {
            return false; /* a critical chunk that we do not know */
        }
    }
    return false;
}

static uint8_t paeth(uint8_t left, uint8_t above, uint8_t corner)
{
    int guess = left + above - corner;
    int a = abs(guess - left), b = abs(guess - above), c = abs(guess - corner);

    return a <= b && a <= c ? left : b <= c ? above : corner;
}

/* Undoes the filter of each line (PNG, 9.2), in place. */
static bool unfilter(uint8_t *raw, size_t stride, unsigned height, unsigned bpp)
{
    for (unsigned y = 0; y < height; y++) {
        uint8_t *row = raw + y * (stride + 1), filter = *row++;
        const uint8_t *above = row - (stride + 1);

        if (filter > 4)
            return false;
        for (size_t x = 0; x < stride; x++) {
            uint8_t a = x >= bpp ? row[x - bpp] : 0, b = y ? above[x] : 0;
            uint8_t c = x >= bpp && y ? above[x - bpp] : 0;
            uint8_t add[5] = {0, a, b, (uint8_t)((a + b) / 2), paeth(a, b, c)};

            row[x] = (uint8_t)(row[x] + add[filter]);
        }
    }
    return true;
}

static uint32_t color(const struct png *p, const uint8_t *s)
{
    if (p->type == 3)
        s = p->palette + 3 * *s;
    else if (p->type == 0 || p->type == 4)
        return s[0] * 0x010101u;
    return (uint32_t)s[0] << 16 | (uint32_t)s[1] << 8 | s[2];
}

static bool decode(struct png *p, struct png_picture *out)
{
    size_t stride = (size_t)p->width * p->channels;
    size_t bytes = (stride + 1) * p->height;
    uint8_t *raw = malloc(bytes);
    bool good;

    if (!raw)
        error_no_memory();
    good = inflate(p->data, p->len, raw, bytes) &&
           unfilter(raw, stride, p->height, p->channels);
    out->pixels = calloc((size_t)p->width * p->height, 4);
    if (!out->pixels)
        error_no_memory();
    out->width = p->width;
    out->height = p->height;
    for (unsigned y = 0; good && y < p->height; y++)
        for (unsigned x = 0; x < p->width; x++)
            out->pixels[(size_t)y * p->width + x] =
                color(p, raw + y * (stride + 1) + 1 + x * p->channels);
    free(raw);
    return good;
}

static uint8_t *read_all(const char *path, size_t *n, struct error *err)
{
    FILE *f = fopen(path, "rb");
    uint8_t *p = f ? malloc(FILE_MAX) : NULL;

    if (!f) {
        error_set(err, EXIT_NO_OPEN, "cannot open '%s': %s", path,
                  strerror(errno));
        return NULL;
    }
    if (!p)
        error_no_memory();
    *n = fread(p, 1, FILE_MAX, f);
    fclose(f);
    return p;
}

bool png_read(const char *path, struct png_picture *out, struct error *err)
{
    struct png p = {.width = 0};
    size_t n;
    uint8_t *file = read_all(path, &n, err);
    bool good;

    *out = (struct png_picture){.width = 0};
    if (!file)
        return false;
    p.data = malloc(n + 1);
    if (!p.data)
        error_no_memory();
    good = chunks(&p, file, n) && decode(&p, out);
    free(p.data);
    free(file);
    if (good)
        return true;
    png_picture_free(out);
    return error_set(err, EXIT_BAD_DATA,
                     "'%s' is damaged, or no PNG of 8 bits a channel without "
                     "interlacing",
                     path);
}

void png_picture_free(struct png_picture *p)
{
    free(p->pixels);
    *p = (struct png_picture){.width = 0};
}

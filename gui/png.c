/*
 * png.c - a picture as a PNG file, without any library.
 *
 * PNG (W3C, second edition), zlib (RFC 1950), deflate (RFC 1951). One block
 * with the fixed codes; the only matches looked for are a repetition of the
 * pixel to the left and of the line above, which is most of what there is to
 * find on a screen.
 */
#include "gui/png.h"

#include <errno.h>

#define MATCH_MIN 3u
#define MATCH_MAX 258u

struct deflate {
    struct out *out;
    uint32_t bits;
    unsigned count; /* bits waiting in `bits` */
};

static void put_bits(struct deflate *z, uint32_t value, unsigned n)
{
    z->bits |= value << z->count;
    z->count += n;
    while (z->count >= 8) {
        uint8_t byte = (uint8_t)z->bits;

        out_write(z->out, &byte, 1);
        z->bits >>= 8;
        z->count -= 8;
    }
}

/* Huffman codes go out highest bit first. */
static void put_code(struct deflate *z, uint32_t code, unsigned n)
{
    uint32_t r = 0;

    for (unsigned i = 0; i < n; i++)
        r |= (code >> i & 1) << (n - 1 - i);
    put_bits(z, r, n);
}

/* Literal or length symbol by the fixed code, RFC 1951, 3.2.6. */
static void put_symbol(struct deflate *z, unsigned s)
{
    if (s < 144)
        put_code(z, 0x30 + s, 8);
    else if (s < 256)
        put_code(z, 0x190 + s - 144, 9);
    else if (s < 280)
        put_code(z, s - 256, 7);
    else
        put_code(z, 0xc0 + s - 280, 8);
}

/* Symbols come in groups of four (lengths) or two (distances) that double
 * their span; all but the first two groups have extra bits. */
static void put_match(struct deflate *z, unsigned length, unsigned distance)
{
    unsigned l = length - MATCH_MIN, d = distance - 1, extra = 0;

    if (length == MATCH_MAX) {
        put_symbol(z, 285);
    } else {
        while (l >> extra >= 8)
            extra++;
        put_symbol(z, 257 + 4 * extra + (l >> extra));
        put_bits(z, l & ((1u << extra) - 1), extra);
    }
    for (extra = 0; d >> extra >= 4; extra++)
        ;
    put_code(z, 2 * extra + (d >> extra), 5);
    put_bits(z, d & ((1u << extra) - 1), extra);
}

static unsigned match_length(const uint8_t *p, size_t at, size_t n,
                             size_t distance)
{
    unsigned length = 0;

    if (distance > at || distance > 32768)
        return 0;
    while (length < MATCH_MAX && at + length < n &&
           p[at + length] == p[at + length - distance])
        length++;
    return length;
}

static void deflate(struct out *out, const uint8_t *p, size_t n, size_t line)
{
    static const uint8_t head[2] = {0x78, 0x01};
    struct deflate z = {.out = out};
    uint32_t a = 1, b = 0;
    uint8_t sum[4];

    out_write(out, head, sizeof head);
    put_bits(&z, 1, 1); /* last block */
    put_bits(&z, 1, 2); /* fixed codes */
    for (size_t i = 0; i < n;) {
        unsigned left = match_length(p, i, n, 3);
        unsigned above = match_length(p, i, n, line);
        unsigned best = left >= above ? left : above;

        if (best >= MATCH_MIN) {
            put_match(&z, best, left >= above ? 3 : (unsigned)line);
            i += best;
        } else {
            put_symbol(&z, p[i++]);
        }
    }
    put_symbol(&z, 256);
    put_bits(&z, 0, (8 - z.count) & 7);
    for (size_t i = 0; i < n; i++) { /* Adler-32, RFC 1950 */
        a = (a + p[i]) % 65521;
        b = (b + a) % 65521;
    }
    for (unsigned i = 0; i < 4; i++)
        sum[i] = (uint8_t)((b << 16 | a) >> (24 - 8 * i));
    out_write(out, sum, sizeof sum);
}

static void put_be32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t crc32_of(uint32_t crc, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (unsigned b = 0; b < 8; b++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return crc;
}

static void put_chunk(struct out *o, const char *type, const void *data,
                      size_t n)
{
    uint8_t word[4];
    uint32_t crc;

    put_be32(word, (uint32_t)n);
    out_write(o, word, 4);
    out_write(o, type, 4);
    if (n)
        out_write(o, data, n);
    crc = crc32_of(UINT32_MAX, (const uint8_t *)type, 4);
    crc = crc32_of(crc, data, n);
    put_be32(word, ~crc);
    out_write(o, word, 4);
}

void png_encode(const struct frame *f, struct out *o)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};
    size_t line = 1 + 3 * (size_t)f->width;
    struct out raw, data;
    uint8_t head[13] = {[8] = 8, [9] = 2}; /* 8 bits each of red green blue */

    out_to_string(&raw);
    out_to_string(&data);
    for (unsigned y = 0; y < f->height; y++) {
        const uint32_t *p = f->pixels + (size_t)y * f->width;

        out_write(&raw, "", 1); /* filter: none */
        for (unsigned x = 0; x < f->width; x++) {
            uint8_t rgb[3] = {(uint8_t)(p[x] >> 16), (uint8_t)(p[x] >> 8),
                              (uint8_t)p[x]};

            out_write(&raw, rgb, 3);
        }
    }
    if (!raw.failed)
        deflate(&data, (const uint8_t *)raw.text, raw.len, line);
    put_be32(head, f->width);
    put_be32(head + 4, f->height);
    out_write(o, signature, sizeof signature);
    put_chunk(o, "IHDR", head, sizeof head);
    put_chunk(o, "IDAT", data.text, data.len);
    put_chunk(o, "IEND", NULL, 0);
    o->failed = o->failed || raw.failed || data.failed;
    out_free(&raw);
    out_free(&data);
}

bool png_write(const char *path, const struct frame *f, struct error *err)
{
    struct out o;
    FILE *file = fopen(path, "wb");
    bool good;

    if (!file)
        return error_set(err, EXIT_NO_OPEN, "cannot write %s: %s", path,
                         strerror(errno));
    out_to_string(&o);
    png_encode(f, &o);
    good = !o.failed && fwrite(o.text, 1, o.len, file) == o.len;
    good = fclose(file) == 0 && good;
    out_free(&o);
    return good || error_set(err, EXIT_IO, "cannot write all of %s", path);
}

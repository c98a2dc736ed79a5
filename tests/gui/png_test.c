/*
 * png_test.c - PNG files, read back by a decoder of the same few features.
 */
#include "gui/display.h"
#include "gui/png.h"
#include "tests/tap.h"

#include <stdlib.h>

struct reader {
    const uint8_t *p;
    size_t n, bit;
};

static unsigned get(struct reader *r, unsigned n)
{
    unsigned v = 0;

    for (unsigned i = 0; i < n && r->bit < 8 * r->n; i++, r->bit++)
        v |= (unsigned)(r->p[r->bit / 8] >> r->bit % 8 & 1) << i;
    return v;
}

static unsigned get_code(struct reader *r, unsigned n, unsigned v)
{
    while (n--)
        v = v << 1 | get(r, 1);
    return v;
}

/* RFC 1951, 3.2.6 */
static unsigned symbol(struct reader *r)
{
    unsigned c = get_code(r, 7, 0);

    if (c < 24)
        return c + 256;
    c = get_code(r, 1, c);
    if (c >= 0x30 && c < 0xc0)
        return c - 0x30;
    if (c >= 0xc0 && c < 0xc8)
        return c - 0xc0 + 280;
    return get_code(r, 1, c) - 0x190 + 144;
}

static size_t inflate(struct reader *r, uint8_t *out, size_t size)
{
    /* RFC 1951, 3.2.5 */
    static const uint16_t base[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                    15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                    67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                    2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    size_t n = 0;

    if (get(r, 16) != 0x0178 || get(r, 3) != 3)
        return 0;
    for (;;) {
        unsigned s = symbol(r), length, d, distance, more;

        if (s == 256 || r->bit >= 8 * r->n)
            return n;
        if (s < 256) {
            if (n < size)
                out[n++] = (uint8_t)s;
            continue;
        }
        length = base[s - 257] + get(r, extra[s - 257]);
        d = get_code(r, 5, 0);
        more = d < 4 ? 0 : d / 2 - 1;
        distance = d < 4 ? d + 1 : ((2 + d % 2) << more) + 1;
        distance += get(r, more);
        if (distance > n)
            return 0;
        while (length-- && n < size) {
            out[n] = out[n - distance];
            n++;
        }
    }
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static void check(struct tap *t, unsigned w, unsigned h, bool noisy)
{
    uint32_t *px = malloc(4 * (size_t)w * h), seed = 1;
    size_t raw = (size_t)h * (1 + 3 * (size_t)w), n, bad = 0;
    uint8_t *got = malloc(raw);
    struct frame f = {.width = w, .height = h, .pixels = px};
    struct out o;
    struct reader r;

    for (size_t i = 0; i < (size_t)w * h; i++) {
        seed = seed * 1103515245 + 12345;
        px[i] = noisy ? seed >> 8 : i / w / 8 * 0x010203 % 0x1000000;
    }
    out_to_string(&o);
    png_encode(&f, &o);
    r = (struct reader){.p = (const uint8_t *)o.text + 41, .n = o.len - 41};
    tap_ok(t,
           be32((const uint8_t *)o.text + 16) == w &&
               be32((const uint8_t *)o.text + 20) == h,
           "size in the header");
    n = inflate(&r, got, raw);
    tap_eq(t, n, raw, "length of the data");
    for (unsigned y = 0; y < h && n == raw; y++)
        for (unsigned x = 0; x < w; x++) {
            const uint8_t *p = got + y * (1 + 3 * (size_t)w) + 1 + 3 * x;

            bad += ((uint32_t)p[0] << 16 | p[1] << 8 | p[2]) != px[y * w + x];
        }
    tap_eq(t, bad, 0, "every pixel");
    tap_ok(t, noisy || o.len < raw / 20, "flat areas pack (%zu of %zu)", o.len,
           raw);
    out_free(&o);
    free(px);
    free(got);
}

/* Check values of RFC 1952 and RFC 1950 users: a known small file. */
static void test_known(struct tap *t)
{
    uint32_t px = 0x123456;
    struct frame f = {.width = 1, .height = 1, .pixels = &px};
    struct out o;
    const uint8_t *p;

    out_to_string(&o);
    png_encode(&f, &o);
    p = (const uint8_t *)o.text;
    tap_eq(t, be32(p + 29), 0x907753de, "CRC of the IHDR of a 1x1 RGB image");
    tap_eq(t, be32(p + o.len - 4), 0xae426082, "CRC of IEND");
    tap_eq(t, be32(p + o.len - 20), 0x00f8009d, "Adler-32 of 00 12 34 56");
    out_free(&o);
}

static void test_option(struct tap *t)
{
    char buf[8];

    tap_ok(t,
           display_option("a=1, port=5901 x", "port", buf, sizeof buf) &&
               !strcmp(buf, "5901"),
           "display option with a value");
    tap_ok(t, display_option("a=1 x", "x", buf, sizeof buf) && !*buf,
           "without one");
    tap_ok(t, !display_option("ports=1", "port", buf, sizeof buf),
           "not by a prefix");
}

int main(void)
{
    struct tap t = {0};

    check(&t, 64, 48, false);
    check(&t, 720, 400, false);
    check(&t, 33, 17, true);
    test_known(&t);
    test_option(&t);
    return tap_done(&t);
}

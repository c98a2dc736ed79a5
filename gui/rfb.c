/*
 * rfb.c - one viewer of the Remote Framebuffer Protocol, without its socket.
 */
#include "gui/rfb.h"
#include "gui/keymap.h"

#include <stdlib.h>

#define ENCODING_RAW  0u
#define ENCODING_SIZE 0xffffff21u /* -223, desktop size */

static uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static void put8(struct out *o, unsigned v)
{
    uint8_t b = (uint8_t)v;

    out_write(o, &b, 1);
}

static void put16(struct out *o, unsigned v)
{
    put8(o, v >> 8);
    put8(o, v);
}

static void put32(struct out *o, uint32_t v)
{
    put16(o, v >> 16);
    put16(o, v);
}

void rfb_open(struct rfb_client *c)
{
    *c = (struct rfb_client){.phase = RFB_VERSION};
    out_to_string(&c->out);
    out_write(&c->out, "RFB 003.008\n", 12);
}

void rfb_free(struct rfb_client *c)
{
    free(c->dirty);
    out_free(&c->out);
}

/* ---- tiles ---- */

static unsigned tiles_across(const struct rfb_picture *pic)
{
    return (pic->width + RFB_TILE - 1) / RFB_TILE;
}

static unsigned tiles_down(const struct rfb_picture *pic)
{
    return (pic->height + RFB_TILE - 1) / RFB_TILE;
}

void rfb_mark(struct rfb_client *c, const struct rfb_picture *pic, unsigned x,
              unsigned y)
{
    size_t i = (size_t)y * tiles_across(pic) + x;

    if (i < c->tiles)
        c->dirty[i] = 1;
}

static void mark_all(struct rfb_client *c, const struct rfb_picture *pic)
{
    size_t n = (size_t)tiles_across(pic) * tiles_down(pic);

    if (n != c->tiles) {
        free(c->dirty);
        c->dirty = malloc(n ? n : 1);
        c->tiles = c->dirty ? n : 0;
        c->dead = c->dead || !c->dirty;
    }
    if (c->tiles)
        memset(c->dirty, 1, c->tiles);
}

/* ---- hello ---- */

static void server_init(struct rfb_client *c, const struct rfb_picture *pic,
                        const char *name)
{
    static const uint8_t format[16] = {32, 24,  0,  1, 0, 255, 0, 255,
                                       0,  255, 16, 8, 0, 0,   0, 0};
    uint32_t len = (uint32_t)strlen(name);

    c->width = pic->width;
    c->height = pic->height;
    c->format = (struct rfb_format){
        .bytes = 4, .max = {255, 255, 255}, .shift = {16, 8, 0}};
    put16(&c->out, c->width);
    put16(&c->out, c->height);
    out_write(&c->out, format, sizeof format);
    put32(&c->out, len);
    out_write(&c->out, name, len);
    c->phase = RFB_RUNNING;
    mark_all(c, pic);
}

/* 7.1.1: "RFB 003.00x\n"; anything unknown counts as 3.3. */
static void on_version(struct rfb_client *c, const uint8_t *p)
{
    if (memcmp(p, "RFB ", 4) != 0) {
        c->dead = true;
        return;
    }
    c->minor = p[10] == '7' ? 7 : p[10] == '8' ? 8 : 3;
    if (c->minor == 3) {
        put32(&c->out, 1); /* None, decided by the server */
        c->phase = RFB_CLIENT_INIT;
    } else {
        put8(&c->out, 1);
        put8(&c->out, 1);
        c->phase = RFB_SECURITY;
    }
}

static void on_security(struct rfb_client *c, uint8_t type)
{
    if (type != 1) {
        c->dead = true;
        return;
    }
    if (c->minor == 8)
        put32(&c->out, 0); /* good */
    c->phase = RFB_CLIENT_INIT;
}

/* ---- messages ---- */

static void set_format(struct rfb_client *c, const uint8_t *p,
                       const struct rfb_picture *pic)
{
    struct rfb_format f = {.bytes = p[4] / 8u, .big_endian = p[6]};

    for (unsigned i = 0; i < 3; i++) {
        f.max[i] = be16(p + 8 + 2 * i);
        f.shift[i] = p[14 + i];
        if (f.shift[i] > 31)
            c->dead = true;
    }
    /* True colour only: no viewer of this century asks for a palette. */
    if ((f.bytes != 1 && f.bytes != 2 && f.bytes != 4) || p[4] % 8 || !p[7])
        c->dead = true;
    if (c->dead)
        return;
    c->format = f;
    mark_all(c, pic);
}

static void update_request(struct rfb_client *c, const uint8_t *p,
                           const struct rfb_picture *pic)
{
    c->wants_update = true;
    if (!p[1]) /* not incremental */
        mark_all(c, pic);
}

/* The message at the front of p; returns its length, 0 when more is needed. */
static size_t on_message(struct rfb_client *c, const uint8_t *p, size_t n,
                         const struct rfb_picture *pic,
                         const struct rfb_events *ev)
{
    static const uint8_t sizes[] = {20, 0, 4, 10, 8, 6, 8};
    size_t size = p[0] < sizeof sizes ? sizes[p[0]] : 0;

    if (!size) {
        c->dead = true;
        return n;
    }
    if (n < size)
        return 0;
    switch (p[0]) {
    case 0:
        set_format(c, p, pic);
        break;
    case 2:
        c->encodings = be16(p + 2);
        c->can_resize = false;
        break;
    case 3:
        update_request(c, p, pic);
        break;
    case 4:
        ev->key(ev->opaque, be32(p + 4), p[1]);
        break;
    case 5:
        ev->pointer(ev->opaque, be16(p + 2), be16(p + 4), p[1]);
        break;
    default: /* clipboard: not used */
        c->skip = be32(p + 4);
        break;
    }
    return size;
}

/* One unit from the front of p; returns the bytes used, 0: more needed. */
static size_t take(struct rfb_client *c, const uint8_t *p, size_t n,
                   const struct rfb_picture *pic, const char *name,
                   const struct rfb_events *ev)
{
    if (c->skip) {
        size_t k = c->skip < n ? c->skip : n;

        c->skip -= (uint32_t)k;
        return k;
    }
    if (c->encodings) {
        if (n < 4)
            return 0;
        c->encodings--;
        c->can_resize = c->can_resize || be32(p) == ENCODING_SIZE;
        return 4;
    }
    switch (c->phase) {
    case RFB_VERSION:
        if (n < 12)
            return 0;
        on_version(c, p);
        return 12;
    case RFB_SECURITY:
        on_security(c, *p);
        return 1;
    case RFB_CLIENT_INIT:
        server_init(c, pic, name);
        return 1;
    default:
        return on_message(c, p, n, pic, ev);
    }
}

void rfb_input(struct rfb_client *c, const uint8_t *p, size_t n,
               const struct rfb_picture *pic, const char *name,
               const struct rfb_events *ev)
{
    while (n && !c->dead) {
        size_t room = sizeof c->in - c->in_len, used = 0, got = 1;

        if (room > n)
            room = n;
        memcpy(c->in + c->in_len, p, room);
        c->in_len += room;
        p += room;
        n -= room;
        while (used < c->in_len && got && !c->dead) {
            got = take(c, c->in + used, c->in_len - used, pic, name, ev);
            used += got;
        }
        c->in_len -= used;
        memmove(c->in, c->in + used, c->in_len);
    }
    c->dead = c->dead || c->out.failed;
}

/* ---- pictures ---- */

void rfb_resized(struct rfb_client *c, const struct rfb_picture *pic)
{
    if (c->phase == RFB_RUNNING)
        mark_all(c, pic);
}

static void put_pixel(struct rfb_client *c, uint32_t rgb)
{
    const struct rfb_format *f = &c->format;
    uint32_t v = 0;
    uint8_t b[4];

    for (unsigned i = 0; i < 3; i++) {
        uint32_t part = rgb >> (16 - 8 * i) & 0xff;

        v |= (part * f->max[i] + 127) / 255 << f->shift[i];
    }
    for (unsigned i = 0; i < f->bytes; i++)
        b[i] = (uint8_t)(v >> 8 * (f->big_endian ? f->bytes - 1 - i : i));
    out_write(&c->out, b, f->bytes);
}

static void put_rectangle(struct rfb_client *c, const struct rfb_picture *pic,
                          unsigned x, unsigned y, unsigned w, unsigned h)
{
    bool native = c->format.bytes == 4 && !c->format.big_endian &&
                  c->format.max[0] == 255 && c->format.max[1] == 255 &&
                  c->format.max[2] == 255 && c->format.shift[0] == 16 &&
                  c->format.shift[1] == 8 && c->format.shift[2] == 0;

    put16(&c->out, x);
    put16(&c->out, y);
    put16(&c->out, w);
    put16(&c->out, h);
    put32(&c->out, ENCODING_RAW);
    for (unsigned j = y; j < y + h; j++) {
        const uint32_t *row = pic->pixels + (size_t)j * pic->width + x;

        if (native && !HOST_BIG_ENDIAN) {
            out_write(&c->out, row, 4 * (size_t)w);
            continue;
        }
        for (unsigned i = 0; i < w; i++)
            put_pixel(c, row[i]);
    }
}

/* Runs of changed tiles in a row of tiles become one rectangle each. Calls
 * put_rectangle if `put`; returns how many there are. */
static unsigned rectangles(struct rfb_client *c, const struct rfb_picture *pic,
                           bool put)
{
    unsigned across = tiles_across(pic), count = 0;
    unsigned right = c->width < pic->width ? c->width : pic->width;
    unsigned bottom = c->height < pic->height ? c->height : pic->height;

    for (unsigned ty = 0; ty * RFB_TILE < bottom; ty++) {
        for (unsigned tx = 0; tx * RFB_TILE < right; tx++) {
            const uint8_t *d = c->dirty + (size_t)ty * across;
            unsigned x = tx * RFB_TILE, y = ty * RFB_TILE, x1, y1;

            if (!d[tx])
                continue;
            while (tx < across && d[tx])
                tx++;
            x1 = tx * RFB_TILE < right ? tx * RFB_TILE : right;
            y1 = y + RFB_TILE < bottom ? y + RFB_TILE : bottom;
            if (put)
                put_rectangle(c, pic, x, y, x1 - x, y1 - y);
            count++;
        }
    }
    return count;
}

void rfb_update(struct rfb_client *c, const struct rfb_picture *pic)
{
    bool resize =
        c->can_resize && (c->width != pic->width || c->height != pic->height);
    unsigned count;

    if (c->phase != RFB_RUNNING || !c->wants_update || c->dead || !c->tiles)
        return;
    if (resize) {
        c->width = pic->width;
        c->height = pic->height;
    }
    count = rectangles(c, pic, false);
    if (!count && !resize)
        return;
    put8(&c->out, 0);
    put8(&c->out, 0);
    put16(&c->out, count + resize);
    if (resize) {
        put16(&c->out, 0);
        put16(&c->out, 0);
        put16(&c->out, c->width);
        put16(&c->out, c->height);
        put32(&c->out, ENCODING_SIZE);
    }
    rectangles(c, pic, true);
    memset(c->dirty, 0, c->tiles);
    c->wants_update = false;
    c->dead = c->dead || c->out.failed;
}

/* ---- keys ---- */

/* Keysyms FE50h.. of dead keys, as combining marks. */
static uint32_t dead_key(uint32_t keysym)
{
    static const uint16_t marks[] = {0x300, 0x301, 0x302, 0x303, 0x304,
                                     0x306, 0x307, 0x308, 0x30a, 0x30b,
                                     0x30c, 0x327, 0x328};

    return keysym >= 0xfe50 && keysym < 0xfe50 + ARRAY_LEN(marks)
               ? marks[keysym - 0xfe50]
               : 0;
}

unsigned rfb_key(const struct keymap *map, uint32_t keysym)
{
    /* X11 keysyms FF00h-FFFFh (X Window System Protocol, appendix A). */
    static const uint8_t high[256] = {
        [0x08] = KEY_BACKSPACE, [0x09] = KEY_TAB,      [0x0d] = KEY_ENTER,
        [0x13] = KEY_PAUSE,     [0x14] = KEY_SCROLL,   [0x15] = KEY_SYSRQ,
        [0x1b] = KEY_ESC,       [0x50] = KEY_HOME,     [0x51] = KEY_LEFT,
        [0x52] = KEY_UP,        [0x53] = KEY_RIGHT,    [0x54] = KEY_DOWN,
        [0x55] = KEY_PGUP,      [0x56] = KEY_PGDN,     [0x57] = KEY_END,
        [0x61] = KEY_PRINT,     [0x63] = KEY_INSERT,   [0x67] = KEY_MENU,
        [0x6b] = KEY_BREAK,     [0x7e] = KEY_RALT,     [0x7f] = KEY_NUM,
        [0x8d] = KEY_KP_ENTER,  [0x95] = KEY_KP_7,     [0x96] = KEY_KP_4,
        [0x97] = KEY_KP_8,      [0x98] = KEY_KP_6,     [0x99] = KEY_KP_2,
        [0x9a] = KEY_KP_9,      [0x9b] = KEY_KP_3,     [0x9c] = KEY_KP_1,
        [0x9d] = KEY_KP_5,      [0x9e] = KEY_KP_0,     [0x9f] = KEY_KP_DOT,
        [0xaa] = KEY_KP_STAR,   [0xab] = KEY_KP_PLUS,  [0xac] = KEY_KP_COMMA,
        [0xad] = KEY_KP_MINUS,  [0xae] = KEY_KP_DOT,   [0xaf] = KEY_KP_SLASH,
        [0xb0] = KEY_KP_0,      [0xb1] = KEY_KP_1,     [0xb2] = KEY_KP_2,
        [0xb3] = KEY_KP_3,      [0xb4] = KEY_KP_4,     [0xb5] = KEY_KP_5,
        [0xb6] = KEY_KP_6,      [0xb7] = KEY_KP_7,     [0xb8] = KEY_KP_8,
        [0xb9] = KEY_KP_9,      [0xbd] = KEY_KP_EQUAL, [0xbe] = KEY_F1,
        [0xbf] = KEY_F2,        [0xc0] = KEY_F3,       [0xc1] = KEY_F4,
        [0xc2] = KEY_F5,        [0xc3] = KEY_F6,       [0xc4] = KEY_F7,
        [0xc5] = KEY_F8,        [0xc6] = KEY_F9,       [0xc7] = KEY_F10,
        [0xc8] = KEY_F11,       [0xc9] = KEY_F12,      [0xe1] = KEY_LSHIFT,
        [0xe2] = KEY_RSHIFT,    [0xe3] = KEY_LCTRL,    [0xe4] = KEY_RCTRL,
        [0xe5] = KEY_CAPS,      [0xe7] = KEY_LALT,     [0xe8] = KEY_RALT,
        [0xe9] = KEY_LALT,      [0xea] = KEY_RALT,     [0xeb] = KEY_LWIN,
        [0xec] = KEY_RWIN,      [0xff] = KEY_DELETE,
    };
    struct key_press p;

    if (keysym >> 8 == 0xff)
        return high[keysym & 0xff];
    if (keysym == 0xfe03) /* AltGr */
        return KEY_RALT;
    if (keysym == 0xfe20) /* Shift+Tab */
        return KEY_TAB;
    /* Latin-1 keysyms are their code points, others have a mark. */
    if (keysym >> 24 == 1)
        keysym &= 0xffffff;
    else if (keysym >> 8 == 0xfe)
        keysym = dead_key(keysym);
    if (keysym >= 0x20 && keymap_key(map, keysym, &p))
        return p.key;
    return KEY_NONE;
}

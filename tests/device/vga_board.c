/*
 * vga_board.c - a board with nothing but a clock, buses and a VGA.
 *
 * The register values are those of the IBM VGA BIOS parameter table (PS/2
 * and PC BIOS Interface Technical Reference) and, for mode X, of Abrash's
 * 320x240 set-up.
 */
#include "tests/device/vga_board.h"
#include "iodev/vga/isa_vga.h"

#include <stdlib.h>

const uint8_t text_palette[16] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
                                  0x14, 0x07, 0x38, 0x39, 0x3a, 0x3b,
                                  0x3c, 0x3d, 0x3e, 0x3f};

/* clang-format off */
const struct vga_regs mode_text = {
    .misc = 0x67,
    .seq = {3, 0x00, 0x03, 0x00, 0x02},
    .crtc = {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00,
             0x4f, 0x0d, 0x0e, 0x00, 0x00, 0x00, 0x00, 0x9c, 0x8e,
             0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff},
    .gr = {0, 0, 0, 0, 0, 0x10, 0x0e, 0, 0xff},
    .ar = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a,
           0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0x00, 0x0f, 0x08, 0x00},
};

const struct vga_regs mode_12h = {
    .misc = 0xe3,
    .seq = {3, 0x01, 0x0f, 0x00, 0x06},
    .crtc = {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0b, 0x3e, 0x00,
             0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xea, 0x8c,
             0xdf, 0x28, 0x00, 0xe7, 0x04, 0xe3, 0xff},
    .gr = {0, 0, 0, 0, 0, 0, 0x05, 0x0f, 0xff},
    .ar = {0, 1, 2,  3,  4,  5,  6,    7, 8,    9, 10,
           11, 12, 13, 14, 15, 0x01, 0, 0x0f, 0, 0},
};

const struct vga_regs mode_13h = {
    .misc = 0x63,
    .seq = {3, 0x01, 0x0f, 0x00, 0x0e},
    .crtc = {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0x00,
             0x41, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x9c, 0x8e,
             0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff},
    .gr = {0, 0, 0, 0, 0, 0x40, 0x05, 0x0f, 0xff},
    .ar = {0, 1, 2,  3,  4,  5,  6,    7, 8,    9, 10,
           11, 12, 13, 14, 15, 0x41, 0, 0x0f, 0, 0},
};

const struct vga_regs mode_x = {
    .misc = 0xe3,
    .seq = {3, 0x01, 0x0f, 0x00, 0x06},
    .crtc = {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0d, 0x3e, 0x00,
             0x41, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xea, 0xac,
             0xdf, 0x28, 0x00, 0xe7, 0x06, 0xe3, 0xff},
    .gr = {0, 0, 0, 0, 0, 0x40, 0x05, 0x0f, 0xff},
    .ar = {0, 1, 2,  3,  4,  5,  6,    7, 8,    9, 10,
           11, 12, 13, 14, 15, 0x41, 0, 0x0f, 0, 0},
};

/* Mode 4: 320x200, 4 colours. */
const struct vga_regs mode_cga = {
    .misc = 0x63,
    .seq = {3, 0x09, 0x03, 0x00, 0x02},
    .crtc = {0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0x00,
             0xc1, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x9c, 0x8e,
             0x8f, 0x14, 0x00, 0x96, 0xb9, 0xa2, 0xff},
    .gr = {0, 0, 0, 0, 0, 0x30, 0x0f, 0x0f, 0xff},
    .ar = {0, 1, 2,  3,  4,  5,  6,    7, 8,    9, 10,
           11, 12, 13, 14, 15, 0x01, 0, 0x03, 0, 0},
};

/* clang-format on */

static void set_screen(void *opaque, const struct screen *s)
{
    ((struct board *)opaque)->screen = s;
}

void board_open(struct board *b)
{
    struct error err = {0};

    memset(b, 0, sizeof *b);
    log_init(&b->log);
    b->log.action[LOG_ERROR] = b->log.action[LOG_INFO] = LOG_IGNORE;
    clock_init(&b->clock, 1000000000);
    b->host = (struct host){.opaque = b, .set_screen = set_screen};
    b->sv = (struct services){.clock = &b->clock,
                              .io = io_bus_create(&b->log),
                              .log = &b->log,
                              .host = &b->host};
    b->sv.phys = phys_create(1 << 20, 0xc0000000, &b->log, &err);
    b->list.tail = &b->list.first;
    if (b->sv.io && b->sv.phys)
        b->vga = device_create(&b->list, &b->sv, &vga_class, "vga", 0);
    if (!b->vga || !device_set_option(b->vga, "vbe_memsize", "4", &err) ||
        !device_init(b->vga, &err)) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
    device_reset(b->vga, RESET_HARDWARE);
}

void board_close(struct board *b)
{
    device_list_destroy(&b->list);
    io_bus_destroy(b->sv.io);
    phys_destroy(b->sv.phys);
    clock_destroy(&b->clock);
    log_close(&b->log);
}

void out8(struct board *b, uint16_t port, unsigned value)
{
    io_write(b->sv.io, port, value, 1);
}

unsigned in8(struct board *b, uint16_t port)
{
    return io_read(b->sv.io, port, 1);
}

void out_index(struct board *b, uint16_t port, unsigned index, unsigned value)
{
    io_write(b->sv.io, port, index | value << 8, 2);
}

unsigned in_index(struct board *b, uint16_t port, unsigned index)
{
    out8(b, port, index);
    return in8(b, (uint16_t)(port + 1));
}

void out_attribute(struct board *b, unsigned index, unsigned value)
{
    in8(b, 0x3da);
    out8(b, 0x3c0, index);
    out8(b, 0x3c0, value);
    out8(b, 0x3c0, 0x20);
}

void out_color(struct board *b, unsigned index, unsigned r, unsigned g,
               unsigned bl)
{
    out8(b, 0x3c8, index);
    out8(b, 0x3c9, r);
    out8(b, 0x3c9, g);
    out8(b, 0x3c9, bl);
}

void dispi(struct board *b, unsigned index, unsigned value)
{
    io_write(b->sv.io, 0x1ce, index, 2);
    io_write(b->sv.io, 0x1cf, value, 2);
}

unsigned in_dispi(struct board *b, unsigned index)
{
    io_write(b->sv.io, 0x1ce, index, 2);
    return io_read(b->sv.io, 0x1cf, 2);
}

void poke8(struct board *b, uint32_t paddr, unsigned value)
{
    phys_store(b->sv.phys, paddr, value, 1);
}

unsigned peek8(struct board *b, uint32_t paddr)
{
    return (unsigned)phys_load(b->sv.phys, paddr, 1);
}

void set_mode(struct board *b, const struct vga_regs *m)
{
    out8(b, 0x3c2, m->misc);
    for (unsigned i = 0; i < 5; i++)
        out_index(b, 0x3c4, i, m->seq[i]);
    out_index(b, 0x3d4, 0x11, m->crtc[0x11] & 0x7f);
    for (unsigned i = 0; i < 25; i++)
        if (i != 0x11)
            out_index(b, 0x3d4, i, m->crtc[i]);
    out_index(b, 0x3d4, 0x11, m->crtc[0x11]);
    for (unsigned i = 0; i < 9; i++)
        out_index(b, 0x3ce, i, m->gr[i]);
    in8(b, 0x3da);
    for (unsigned i = 0; i < 21; i++) {
        out8(b, 0x3c0, i);
        out8(b, 0x3c0, m->ar[i]);
    }
    out8(b, 0x3c0, 0x20);
    out8(b, 0x3c6, 0xff);
}

void set_dac_ramp(struct board *b)
{
    out8(b, 0x3c8, 0);
    for (unsigned i = 0; i < 256; i++) {
        out8(b, 0x3c9, i & 63);
        out8(b, 0x3c9, i / 4);
        out8(b, 0x3c9, 63 - (i & 63));
    }
}

static uint32_t six(unsigned c)
{
    return (c << 2 | c >> 4) & 0xff;
}

uint32_t ramp_color(unsigned n)
{
    return six(n & 63) << 16 | six(n / 4) << 8 | six(63 - (n & 63));
}

unsigned frame_diff(const struct frame *f,
                    uint32_t (*want)(unsigned x, unsigned y))
{
    unsigned bad = 0;

    for (unsigned y = 0; y < f->height; y++)
        for (unsigned x = 0; x < f->width; x++)
            bad += f->pixels[y * f->width + x] != want(x, y);
    return bad;
}

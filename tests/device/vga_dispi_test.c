/*
 * vga_dispi_test.c - the Bochs display interface: modes, banks, DDC.
 */
#include "tests/device/vga_board.h"

#define LFB 0xe0000000u

enum {
    ID,
    XRES,
    YRES,
    BPP,
    ENABLE,
    BANK,
    VWIDTH,
    VHEIGHT,
    XOFF,
    YOFF,
    MEM,
    DDC
};

static void mode(struct board *b, unsigned w, unsigned h, unsigned bpp)
{
    dispi(b, ENABLE, 0);
    dispi(b, XRES, w);
    dispi(b, YRES, h);
    dispi(b, BPP, bpp);
    dispi(b, ENABLE, 0x41);
}

static void test_registers(struct tap *t, struct board *b)
{
    tap_eq(t, in_dispi(b, ID), 0xb0c5, "version");
    dispi(b, ID, 0xb0c2);
    tap_eq(t, in_dispi(b, ID), 0xb0c2, "version can be lowered");
    dispi(b, ID, 0xb0c6);
    tap_eq(t, in_dispi(b, ID), 0xb0c2, "not to an unknown one");
    tap_eq(t, in_dispi(b, MEM), 64, "4 MiB in units of 64 KiB");
    dispi(b, ENABLE, 2);
    tap_eq(t, in_dispi(b, XRES), 2560, "greatest width");
    tap_eq(t, in_dispi(b, YRES), 1600, "greatest height");
    tap_eq(t, in_dispi(b, BPP), 32, "greatest depth");
    mode(b, 640, 480, 32);
    tap_eq(t, in_dispi(b, ENABLE), 0x41, "mode is on");
    tap_eq(t, in_dispi(b, VHEIGHT), (4u << 20) / 2560, "rows that fit");
    dispi(b, XRES, 800);
    tap_eq(t, in_dispi(b, XRES), 640, "no change of size while on");
    dispi(b, VWIDTH, 1024);
    tap_eq(t, in_dispi(b, VHEIGHT), 1024, "virtual width changes the height");
    dispi(b, VWIDTH, 4096);
    tap_eq(t, in_dispi(b, VWIDTH), 1024, "a width that does not fit");
    mode(b, 1280, 1024, 32);
    tap_eq(t, in_dispi(b, ENABLE), 0x40, "5 MiB in 4 are refused");
    mode(b, 1280, 1024, 7);
    tap_eq(t, in_dispi(b, BPP), 32, "7 bits per pixel do not exist");
}

static uint32_t want_linear(unsigned x, unsigned y)
{
    return (x * 2 & 0xf8) << 16 | (y * 4 & 0xf8) << 8 | 0xf8;
}

/* The same with the low bits that 5-bit components repeat. */
static uint32_t want_five(unsigned x, unsigned y)
{
    uint32_t c = want_linear(x, y);

    return c | (c >> 5 & 0x070707);
}

static uint32_t want_six(unsigned x, unsigned y)
{
    uint32_t c = want_linear(x, y);

    return c | (c >> 5 & 0x070007) | (c >> 6 & 0x000300);
}

static uint32_t want_ramp(unsigned x, unsigned y)
{
    return ramp_color((x ^ y) & 0xff);
}

static void test_depths(struct tap *t, struct board *b)
{
    static const struct {
        unsigned bpp, bytes;
        uint32_t (*want)(unsigned x, unsigned y);
    } depths[] = {
        {8, 1, want_ramp},    {15, 2, want_five},   {16, 2, want_six},
        {24, 3, want_linear}, {32, 4, want_linear},
    };

    out8(b, 0x3c0, 0x20);
    set_dac_ramp(b);
    for (size_t i = 0; i < ARRAY_LEN(depths); i++) {
        unsigned bytes = depths[i].bytes;
        struct frame f = {0};

        mode(b, 128, 64, depths[i].bpp);
        for (unsigned y = 0; y < 64; y++)
            for (unsigned x = 0; x < 128; x++) {
                uint32_t c = want_linear(x, y), r = c >> 19;
                uint32_t g = c >> 11 & 31;
                uint8_t p[4];

                if (bytes == 1)
                    c = x ^ y;
                else if (depths[i].bpp == 15)
                    c = r << 10 | g << 5 | 31;
                else if (depths[i].bpp == 16)
                    c = r << 11 | g << 6 | 31;
                st_le32(p, c);
                phys_write(b->sv.phys, LFB + (y * 128 + x) * bytes, p, bytes);
            }
        b->screen->render(b->screen->opaque, &f);
        tap_ok(t,
               f.width == 128 && f.height == 64 &&
                   frame_diff(&f, depths[i].want) == 0,
               "every pixel at %u bits", depths[i].bpp);
    }
}

static void test_view(struct tap *t, struct board *b)
{
    struct frame f;
    uint64_t version;

    mode(b, 320, 200, 32);
    dispi(b, VWIDTH, 640);
    dispi(b, XOFF, 10);
    dispi(b, YOFF, 5);
    phys_store(b->sv.phys, LFB + (5 * 640 + 10) * 4, 0x123456, 4);
    b->screen->render(b->screen->opaque, &f);
    tap_eq(t, f.pixels[0], 0x123456, "view panned to 10,5");
    version = f.version;
    b->screen->render(b->screen->opaque, &f);
    tap_eq(t, f.version, version, "nothing written, same version");
    phys_store(b->sv.phys, LFB + (5 * 640 + 11) * 4, 0x654321, 4);
    b->screen->render(b->screen->opaque, &f);
    tap_ok(t, f.version != version && f.pixels[1] == 0x654321,
           "a write to the frame buffer is noticed");
    dispi(b, YOFF, 0xffff);
    b->screen->render(b->screen->opaque, &f);
    tap_eq(t, f.pixels[0], 0, "black beyond the memory");
}

static void test_banks(struct tap *t, struct board *b)
{
    mode(b, 640, 480, 8);
    dispi(b, BANK, 2);
    phys_store(b->sv.phys, 0xa0010, 0xdeadbeef, 4);
    tap_eq(t, phys_load(b->sv.phys, LFB + 0x20010, 4), 0xdeadbeef,
           "bank 2 shows in the frame buffer");
    dispi(b, BANK, 0x4000);
    phys_store(b->sv.phys, 0xa0010, 0x11, 1);
    tap_eq(t, phys_load(b->sv.phys, 0xa0010, 1), 0xef,
           "separate banks for reading and writing");
    dispi(b, BANK, 64);
    tap_eq(t, in_dispi(b, BANK), 0, "a bank beyond the memory");
    dispi(b, ENABLE, 0);
    dispi(b, ENABLE, 0xd1);
    dispi(b, BANK, 1);
    phys_store(b->sv.phys, 0xa0000, 0x77, 1);
    tap_eq(t, phys_load(b->sv.phys, LFB + 0x8000, 1), 0x77,
           "32 KiB granularity");
    tap_eq(t, phys_load(b->sv.phys, LFB + 0x20010, 4), 0xdeadbeef,
           "NOCLEARMEM keeps the memory");
    mode(b, 640, 480, 8);
    tap_eq(t, phys_load(b->sv.phys, LFB + 0x20010, 4), 0,
           "without it the picture is cleared");
}

static void test_planar(struct tap *t, struct board *b)
{
    struct frame f;
    uint32_t at = 600 * 128; /* of the row in a plane: beyond 64 KiB */

    set_mode(b, &mode_12h);
    mode(b, 1024, 768, 4);
    dispi(b, BANK, at >> 16);
    out_index(b, 0x3c4, 2, 0x05);
    poke8(b, 0xa0000 + (at & 0xffff), 0x80);
    b->screen->render(b->screen->opaque, &f);
    tap_ok(t, f.width == 1024 && f.pixels[600 * 1024] == ramp_color(5),
           "4 bits per pixel reach beyond 64 KiB a plane");
}

static void test_dac8(struct tap *t, struct board *b)
{
    struct frame f;

    mode(b, 64, 64, 8);
    out_color(b, 0, 63, 0, 1);
    dispi(b, ENABLE, 0x61);
    out8(b, 0x3c7, 0);
    tap_eq(t, in8(b, 0x3c9), 0xff, "colours are widened to 8 bits");
    out_color(b, 0, 0x81, 0x42, 0x24);
    b->screen->render(b->screen->opaque, &f);
    tap_eq(t, f.pixels[0], 0x814224, "8 bits of colour arrive");
    dispi(b, ENABLE, 0x41);
    out8(b, 0x3c7, 0);
    tap_eq(t, in8(b, 0x3c9), 0x20, "and are cut to 6 again");
}

static void wires(struct board *b, unsigned scl, unsigned sda)
{
    out8(b, 0x1cf, 0x80 | scl | sda << 1);
}

static void start(struct board *b)
{
    wires(b, 0, 1);
    wires(b, 1, 1);
    wires(b, 1, 0);
    wires(b, 0, 0);
}

static unsigned clock_bit(struct board *b, unsigned sda)
{
    unsigned level;

    wires(b, 0, sda);
    wires(b, 1, sda);
    level = in8(b, 0x1cf) >> 3 & 1;
    wires(b, 0, sda);
    return level;
}

/* Sends a byte; the acknowledge bit, 0 when the monitor took it. */
static unsigned send(struct board *b, unsigned byte)
{
    for (unsigned i = 0; i < 8; i++)
        clock_bit(b, byte >> (7 - i) & 1);
    return clock_bit(b, 1);
}

static void test_ddc(struct tap *t, struct board *b)
{
    uint8_t edid[128], sum = 0;

    out8(b, 0x1ce, DDC);
    out8(b, 0x1cf, 0x83);
    tap_eq(t, in8(b, 0x1cf), 0x8f, "DDC is there, wires are high");
    start(b);
    tap_eq(t, send(b, 0x60), 1, "nobody at another address");
    start(b);
    tap_eq(t, send(b, 0xa0), 0, "the monitor answers");
    tap_eq(t, send(b, 0x00), 0, "and takes the offset");
    start(b);
    tap_eq(t, send(b, 0xa1), 0, "addressed for reading");
    for (unsigned i = 0; i < 128; i++) {
        edid[i] = 0;
        for (unsigned j = 0; j < 8; j++)
            edid[i] = (uint8_t)(edid[i] << 1 | clock_bit(b, 1));
        clock_bit(b, i == 127);
        sum = (uint8_t)(sum + edid[i]);
    }
    tap_ok(t, edid[0] == 0 && edid[1] == 0xff && edid[7] == 0, "EDID header");
    tap_eq(t, sum, 0, "EDID checksum");
    tap_eq(t, clock_bit(b, 1), 1, "silent after the last byte");
}

int main(void)
{
    struct tap t = {0};
    struct board b;

    board_open(&b);
    test_registers(&t, &b);
    test_depths(&t, &b);
    test_view(&t, &b);
    test_banks(&t, &b);
    test_planar(&t, &b);
    test_dac8(&t, &b);
    test_ddc(&t, &b);
    board_close(&b);
    return tap_done(&t);
}

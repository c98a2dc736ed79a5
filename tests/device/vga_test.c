/*
 * vga_test.c - registers, memory, timing and pictures of the VGA.
 *
 * IBM PS/2 Hardware Interface Technical Reference, Video Subsystem, 1992.
 */
#include "core/state.h"
#include "tests/device/vga_board.h"

#define FONT_ROW 0xa5u

static void test_registers(struct tap *t, struct board *b)
{
    out8(b, 0x3c2, 0x63);
    out_index(b, 0x3d4, 0x11, 0x00);
    out_index(b, 0x3d4, 0x00, 0x5f);
    out_index(b, 0x3d4, 0x07, 0x0f);
    out_index(b, 0x3d4, 0x11, 0x80);
    out_index(b, 0x3d4, 0x00, 0x12);
    out_index(b, 0x3d4, 0x07, 0xf0);
    tap_eq(t, in_index(b, 0x3d4, 0x00), 0x5f, "CR00 is locked by CR11 bit 7");
    tap_eq(t, in_index(b, 0x3d4, 0x07), 0x1f,
           "only bit 4 of CR07 passes the lock");
    out_index(b, 0x3d4, 0x18, 0xab);
    tap_eq(t, in_index(b, 0x3d4, 0x18), 0xab, "CR18 is not locked");
    tap_eq(t, in8(b, 0x3b4), 0xff, "mono CRTC absent in colour emulation");
    out8(b, 0x3c2, 0x62);
    tap_eq(t, in_index(b, 0x3b4, 0x18), 0xab, "CRTC moves to 3B4h");
    tap_eq(t, in8(b, 0x3d5), 0xff, "and leaves 3D4h");
    out8(b, 0x3c2, 0x63);
    tap_eq(t, in8(b, 0x3cc), 0x63, "miscellaneous output reads back");

    in8(b, 0x3da);
    out8(b, 0x3c0, 0x05);
    out8(b, 0x3c0, 0xff);
    tap_eq(t, in8(b, 0x3c1), 0x3f, "palette registers have 6 bits");
    tap_eq(t, in8(b, 0x3c0), 0x05, "attribute index reads back");
    out8(b, 0x3c0, 0x06);
    in8(b, 0x3da);
    out8(b, 0x3c0, 0x07);
    tap_eq(t, in8(b, 0x3c0) | in_index(b, 0x3d4, 0x24) << 8, 0x8000,
           "status 1 read resets the flip-flop, the next write is an index");
    out_index(b, 0x3c4, 4, 0xff);
    tap_eq(t, in_index(b, 0x3c4, 4), 0x0e, "SR4 keeps its three bits");
    out_index(b, 0x3ce, 5, 0xff);
    tap_eq(t, in_index(b, 0x3ce, 5), 0x7b, "GR5 keeps its bits");
}

static void test_dac(struct tap *t, struct board *b)
{
    out8(b, 0x3c8, 10);
    for (unsigned i = 1; i <= 6; i++)
        out8(b, 0x3c9, i + 0xc0);
    tap_eq(t, in8(b, 0x3c7), 0, "DAC state: writing");
    tap_eq(t, in8(b, 0x3c8), 12, "address stepped by two colours");
    out8(b, 0x3c7, 10);
    tap_eq(t, in8(b, 0x3c7), 3, "DAC state: reading");
    tap_eq(t, in8(b, 0x3c9), 1, "red, cut to 6 bits");
    tap_eq(t, in8(b, 0x3c9), 2, "green");
    tap_eq(t, in8(b, 0x3c9), 3, "blue");
    tap_eq(t, in8(b, 0x3c9), 4, "red of the next colour");
}

static void test_write_modes(struct tap *t, struct board *b)
{
    set_mode(b, &mode_12h);
    for (unsigned p = 0; p < 4; p++) {
        out_index(b, 0x3c4, 2, 1 << p);
        poke8(b, 0xa0000, 0x10 + p);
    }
    out_index(b, 0x3c4, 2, 0x0f);
    for (unsigned p = 0; p < 4; p++) {
        out_index(b, 0x3ce, 4, p);
        tap_eq(t, peek8(b, 0xa0000), 0x10 + p, "map mask and read map");
    }
    out_index(b, 0x3ce, 5, 1);
    poke8(b, 0xa0123, 0xff);
    out_index(b, 0x3ce, 5, 0);
    out_index(b, 0x3ce, 4, 2);
    tap_eq(t, peek8(b, 0xa0123), 0x12, "write mode 1 stores the latches");

    out_index(b, 0x3ce, 5, 2);
    out_index(b, 0x3ce, 8, 0x0f);
    poke8(b, 0xa0123, 0x0a); /* planes 1 and 3 */
    out_index(b, 0x3ce, 5, 0);
    out_index(b, 0x3ce, 8, 0xff);
    out_index(b, 0x3ce, 4, 3);
    tap_eq(t, peek8(b, 0xa0123), 0x1f, "write mode 2 under the bit mask");
    out_index(b, 0x3ce, 4, 2);
    tap_eq(t, peek8(b, 0xa0123), 0x10, "the other planes get zeros there");

    out_index(b, 0x3ce, 0, 0x05);
    out_index(b, 0x3ce, 1, 0x0c);
    poke8(b, 0xa0200, 0x33);
    out_index(b, 0x3ce, 1, 0x00);
    tap_eq(t, peek8(b, 0xa0200), 0xff, "set/reset fills an enabled plane");
    out_index(b, 0x3ce, 4, 3);
    tap_eq(t, peek8(b, 0xa0200), 0x00, "with its own bit");
    out_index(b, 0x3ce, 4, 1);
    tap_eq(t, peek8(b, 0xa0200), 0x33, "others take the CPU's byte");

    out_index(b, 0x3ce, 5, 3);
    out_index(b, 0x3ce, 8, 0xf0);
    out_index(b, 0x3ce, 3, 0x04); /* rotate by 4 */
    peek8(b, 0xa0200);
    poke8(b, 0xa0200, 0x53); /* mask 35h & f0h = 30h */
    out_index(b, 0x3ce, 5, 0);
    out_index(b, 0x3ce, 8, 0xff);
    out_index(b, 0x3ce, 3, 0);
    tap_eq(t, peek8(b, 0xa0200), 0x03, "write mode 3 clears under the mask");
    out_index(b, 0x3ce, 4, 0);
    tap_eq(t, peek8(b, 0xa0200), 0x33, "and sets where the plane's bit is 1");

    out_index(b, 0x3ce, 3, 0x18); /* XOR */
    poke8(b, 0xa0200, 0xff);
    out_index(b, 0x3ce, 3, 0x00);
    tap_eq(t, peek8(b, 0xa0200), 0xcc, "XOR with the latch");

    poke8(b, 0xa0300, 0x0f);
    out_index(b, 0x3c4, 2, 0x03);
    poke8(b, 0xa0300, 0x3c);
    out_index(b, 0x3ce, 5, 8);
    out_index(b, 0x3ce, 2, 0x0f);
    tap_eq(t, peek8(b, 0xa0300), 0x0c, "read mode 1 compares four planes");
    out_index(b, 0x3ce, 7, 0x03);
    tap_eq(t, peek8(b, 0xa0300), 0x3c, "but not those of no interest");
    out_index(b, 0x3ce, 5, 0);
    phys_store(b->sv.phys, 0xa0400, 0x44332211, 4);
    out_index(b, 0x3ce, 4, 1);
    tap_eq(t, phys_load(b->sv.phys, 0xa0400, 4), 0x44332211,
           "a doubleword is four bytes");
    tap_eq(t, peek8(b, 0xb8000), 0xff, "nothing outside the mapping");
    out8(b, 0x3c2, 0xe1);
    tap_eq(t, peek8(b, 0xa0400), 0xff, "nothing with RAM disabled");
}

static void test_chains(struct tap *t, struct board *b)
{
    set_mode(b, &mode_13h);
    phys_store(b->sv.phys, 0xa0008, 0x8877665544332211u, 8);
    tap_eq(t, phys_load(b->sv.phys, 0xa0008, 8), 0x8877665544332211u,
           "chain 4 reads back");
    tap_eq(t, peek8(b, 0xa000e), 0x77, "byte by byte");
    out_index(b, 0x3c4, 4, 6);
    out_index(b, 0x3ce, 4, 2);
    tap_eq(t, peek8(b, 0xa000c), 0x77, "plane 2 holds it at offset & ~3");
    tap_eq(t, peek8(b, 0xa0009), 0x00, "and nothing in between");
    set_mode(b, &mode_13h);
    out_index(b, 0x3c4, 2, 0x01);
    phys_store(b->sv.phys, 0xa0008, 0, 4);
    tap_eq(t, phys_load(b->sv.phys, 0xa0008, 4), 0x44332200,
           "map mask holds under chain 4");
    set_mode(b, &mode_text);
    phys_store(b->sv.phys, 0xb8004, 0x1f41, 2);
    tap_eq(t, phys_load(b->sv.phys, 0xb8004, 2), 0x1f41, "odd/even");
    tap_eq(t, peek8(b, 0xa0004), 0xff, "text memory only at B8000h");
    out_index(b, 0x3ce, 5, 0);
    out_index(b, 0x3ce, 6, 4);
    out_index(b, 0x3ce, 4, 1);
    tap_eq(t, peek8(b, 0xa0004), 0x1f, "attribute in plane 1, even offset");
}

/* Loads FONT_ROW as row 3 of character `ch` through plane 2. */
static void load_font(struct board *b, unsigned ch)
{
    out_index(b, 0x3c4, 2, 4);
    out_index(b, 0x3c4, 4, 6);
    out_index(b, 0x3ce, 5, 0);
    out_index(b, 0x3ce, 6, 4);
    poke8(b, 0xa0000 + ch * 32 + 3, FONT_ROW);
    set_mode(b, &mode_text);
}

static uint32_t want_text(unsigned x, unsigned y)
{
    unsigned column = x / 9, row = y / 16, dot = x % 9;
    unsigned fg = 7, bg = 0;
    bool on = false;

    if (row == 1 && column == 2) {
        fg = 14;
        bg = 4;
        on = y % 16 == 3 && FONT_ROW << 1 >> (8 - dot) & 1;
    } else if (row == 1 && column == 3) { /* line graphics: dot 8 repeats 7 */
        on = y % 16 == 3 && (dot == 8 || FONT_ROW >> (7 - dot) & 1);
    }
    return ramp_color(text_palette[on ? fg : bg]);
}

static void test_text(struct tap *t, struct board *b)
{
    struct frame f;

    set_mode(b, &mode_text);
    set_dac_ramp(b);
    load_font(b, 'A');
    load_font(b, 0xc4);
    for (unsigned i = 0; i < 80 * 25; i++)
        phys_store(b->sv.phys, 0xb8000 + 2 * i, 0x0720, 2);
    phys_store(b->sv.phys, 0xb8000 + 2 * 82, 0x4e41, 2);
    phys_store(b->sv.phys, 0xb8000 + 2 * 83, 0x07c4, 2);
    out_index(b, 0x3d4, 0x0a, 0x20); /* no cursor */
    tap_ok(t, b->screen->render(b->screen->opaque, &f), "text mode renders");
    tap_eq(t, f.width, 720, "80 columns of 9 dots");
    tap_eq(t, f.height, 400, "25 rows of 16 lines");
    tap_eq(t, frame_diff(&f, want_text), 0, "every dot of the text screen");
    tap_ok(t, f.is_text && f.columns == 80 && f.rows == 25, "cells, 80x25");
    tap_eq(t, f.cells[82], 0x4e41, "cell with attribute");
    tap_eq(t, (uint32_t)f.cursor_x, UINT32_MAX, "cursor hidden");
    out_index(b, 0x3d4, 0x0a, 0x0d);
    out_index(b, 0x3d4, 0x0f, 0x53);
    tap_ok(t, b->screen->text(b->screen->opaque, &f), "text cells alone");
    tap_ok(t, f.cursor_x == 3 && f.cursor_y == 1, "cursor at column 3, row 1");
    b->screen->render(b->screen->opaque, &f);
    tap_eq(t, f.pixels[(16 + 13) * 720 + 27], ramp_color(text_palette[7]),
           "cursor drawn in the colour of text");
    {
        uint64_t version = f.version;

        b->screen->render(b->screen->opaque, &f);
        tap_eq(t, f.version, version, "same version while nothing happens");
        b->clock.now += 1000000000u / 70 * 8; /* 8 frames later */
        b->screen->render(b->screen->opaque, &f);
        tap_ok(t, f.version != version, "blinking is a new version");
        tap_eq(t, f.pixels[(16 + 13) * 720 + 27], ramp_color(text_palette[0]),
               "cursor gone for 8 frames");
    }
    out_index(b, 0x3d4, 0x0c, 0x00);
    out_index(b, 0x3d4, 0x0d, 80); /* start address: scrolled by a row */
    b->screen->text(b->screen->opaque, &f);
    tap_eq(t, f.cells[2], 0x4e41, "start address scrolls");
    out_index(b, 0x3d4, 0x07, 0x0f); /* line compare 08fh, locked bits stay */
    out_index(b, 0x3d4, 0x09, 0x0f);
    out_index(b, 0x3d4, 0x18, 0x8f);
    b->screen->text(b->screen->opaque, &f);
    tap_eq(t, f.cells[9 * 80 + 82], 0x4e41, "below line compare: address 0");
    out_index(b, 0x3c4, 1, 0x20);
    tap_ok(t, !b->screen->render(b->screen->opaque, &f), "screen off");
}

static uint32_t want_13h(unsigned x, unsigned y)
{
    return ramp_color((x * 3 + y * 7) & 0xff);
}

static void test_13h(struct tap *t, struct board *b)
{
    struct frame f;

    set_mode(b, &mode_13h);
    for (unsigned y = 0; y < 200; y++)
        for (unsigned x = 0; x < 320; x++)
            poke8(b, 0xa0000 + y * 320 + x, (x * 3 + y * 7) & 0xff);
    tap_ok(t, b->screen->render(b->screen->opaque, &f), "mode 13h renders");
    tap_ok(t, f.width == 320 && f.height == 200 && !f.is_text, "320x200");
    tap_eq(t, frame_diff(&f, want_13h), 0, "every pixel of mode 13h");
    tap_ok(t, !b->screen->text(b->screen->opaque, &f), "no text cells");
    out_attribute(b, 0x13, 4);
    b->screen->render(b->screen->opaque, &f);
    tap_eq(t, f.pixels[0], want_13h(2, 0), "panning by two pixels");
    out_attribute(b, 0x13, 0);
    out8(b, 0x3c6, 0x0f);
    b->screen->render(b->screen->opaque, &f);
    tap_eq(t, f.pixels[100], ramp_color(300 & 0x0f), "pel mask");
    out8(b, 0x3c6, 0xff);
}

static uint32_t want_12h(unsigned x, unsigned y)
{
    return ramp_color((x ^ y) & 15);
}

static void test_12h(struct tap *t, struct board *b)
{
    struct frame f;

    set_mode(b, &mode_12h);
    for (unsigned p = 0; p < 4; p++) {
        out_index(b, 0x3c4, 2, 1 << p);
        for (unsigned i = 0; i < 640 * 480 / 8; i++) {
            unsigned bits = 0;

            for (unsigned j = 0; j < 8; j++)
                bits = bits << 1 | (((i * 8 + j) ^ (i / 80)) >> p & 1);
            poke8(b, 0xa0000 + i, bits);
        }
    }
    tap_ok(t, b->screen->render(b->screen->opaque, &f), "mode 12h renders");
    tap_ok(t, f.width == 640 && f.height == 480, "640x480");
    tap_eq(t, frame_diff(&f, want_12h), 0, "every pixel of mode 12h");
    out_attribute(b, 0x12, 0x01);
    b->screen->render(b->screen->opaque, &f);
    tap_eq(t, f.pixels[3], ramp_color(1), "colour plane enable");
    out_attribute(b, 0x12, 0x0f);
    out_attribute(b, 0x10, 0x81);
    out_attribute(b, 0x14, 0x0b);
    b->screen->render(b->screen->opaque, &f);
    tap_eq(t, f.pixels[5], ramp_color(0xb5), "colour select");
    out_index(b, 0x3c4, 2, 15);
    poke8(b, 0xa9600, 0xff);
    out_attribute(b, 0x10, 0x01);
    out_attribute(b, 0x14, 0);
    out_index(b, 0x3d4, 0x0c, 0x96);
    out_attribute(b, 0x13, 3);
    b->screen->render(b->screen->opaque, &f);
    tap_ok(t, f.pixels[4] == ramp_color(15) && f.pixels[5] != f.pixels[4],
           "start address and panning by three");
}

static uint32_t want_x(unsigned x, unsigned y)
{
    return ramp_color((x + y * 2) & 0xff);
}

static void test_mode_x(struct tap *t, struct board *b)
{
    struct frame f;

    set_mode(b, &mode_x);
    for (unsigned p = 0; p < 4; p++) {
        out_index(b, 0x3c4, 2, 1 << p);
        for (unsigned i = 0; i < 80 * 240; i++)
            poke8(b, 0xa0000 + i, (i % 80 * 4 + p + i / 80 * 2) & 0xff);
    }
    tap_ok(t, b->screen->render(b->screen->opaque, &f), "mode X renders");
    tap_ok(t, f.width == 320 && f.height == 240, "320x240");
    tap_eq(t, frame_diff(&f, want_x), 0, "every pixel of mode X");
    out_index(b, 0x3d4, 0x09, 0x01);
    out_index(b, 0x3d4, 0x11, 0x2c);
    out_index(b, 0x3d4, 0x07, 0x2e);
    out_index(b, 0x3d4, 0x18, 199); /* line compare 199: 100 rows above */
    b->screen->render(b->screen->opaque, &f);
    tap_ok(t,
           f.pixels[99 * 320] == want_x(0, 99) &&
               f.pixels[100 * 320] == want_x(0, 0),
           "split screen at line 200");
}

static uint32_t want_cga(unsigned x, unsigned y)
{
    return ramp_color((x / 5 + y) & 3);
}

static void test_cga(struct tap *t, struct board *b)
{
    struct frame f;

    set_mode(b, &mode_cga);
    for (unsigned y = 0; y < 200; y++)
        for (unsigned i = 0; i < 80; i++) {
            unsigned v = 0;

            for (unsigned j = 0; j < 4; j++)
                v = v << 2 | (((i * 4 + j) / 5 + y) & 3);
            poke8(b, 0xb8000 + (y & 1) * 0x2000 + y / 2 * 80 + i, v);
        }
    tap_ok(t, b->screen->render(b->screen->opaque, &f), "mode 4 renders");
    tap_ok(t, f.width == 320 && f.height == 200, "320x200");
    tap_eq(t, frame_diff(&f, want_cga), 0, "every pixel of mode 4");
}

static void test_timing(struct tap *t, struct board *b)
{
    unsigned lines = 0, retrace = 0, frames = 0;
    bool was_retrace = true, was_blank = true;
    uint64_t start;

    set_mode(b, &mode_text);
    /* 100 characters of 9 dots at 28.322 MHz, 449 lines: 70.09 Hz. */
    start = b->clock.now;
    while (b->clock.now < start + 100000000) {
        unsigned s = in8(b, 0x3da);

        b->clock.now += 500;
        frames += (s & 8) && !was_retrace;
        retrace += !!(s & 8);
        lines += !(s & 1) && was_blank;
        was_retrace = s & 8;
        was_blank = s & 1;
    }
    tap_eq(t, frames, 7, "7 retraces in 100 ms");
    tap_ok(t, lines >= 2790 && lines <= 2820, "400 lines a frame (%u)", lines);
    tap_ok(t, retrace >= 850 && retrace <= 940,
           "retrace lasts two of 449 lines (%u)", retrace);
    tap_eq(t, in8(b, 0x3c2) & 0x80, 0, "no vertical interrupt");
    out_index(b, 0x3d4, 0x11, 0x1e);
    tap_ok(t, b->clock.next_deadline != CLOCK_NEVER, "interrupt is armed");
    b->clock.now = b->clock.next_deadline;
    tap_eq(t, in8(b, 0x3da) & 8, 8, "it is due when the retrace starts");
    clock_run_due(&b->clock);
    tap_eq(t, in8(b, 0x3c2) & 0x80, 0x80, "interrupt pending");
    out_index(b, 0x3d4, 0x11, 0x2e);
    tap_eq(t, in8(b, 0x3c2) & 0x80, 0, "cleared through CR11");
}

static void test_state(struct tap *t, struct board *b)
{
    const struct device_class *c = b->vga->cls;
    struct state_buf s = {0};
    struct error err = {0};
    uint64_t before = state_hash(c->fields, device_state(b->vga), 0);
    size_t bytes = 0;

    tap_eq(t, state_uncovered(c->fields, c->state_size), 0,
           "the field table covers the state");
    state_pack(c->fields, device_state(b->vga), &s);
    device_reset(b->vga, RESET_HARDWARE);
    tap_ok(t, state_hash(c->fields, device_state(b->vga), 0) != before,
           "reset changes the state");
    tap_ok(t,
           state_unpack(c->fields, device_state(b->vga), c->state_version,
                        s.data, s.len, &err) &&
               c->post_load(b->vga, &err),
           "state loads");
    tap_eq(t, state_hash(c->fields, device_state(b->vga), 0), before,
           "and is the same again");
    tap_ok(t, c->memory(b->vga, &bytes) && bytes == 4 << 20,
           "4 MiB of video memory to save");
    state_buf_free(&s);
}

int main(void)
{
    struct tap t = {0};
    struct board b;
    struct frame f;

    board_open(&b);
    tap_ok(&t, !b.screen->render(b.screen->opaque, &f),
           "no picture after reset");
    test_registers(&t, &b);
    test_dac(&t, &b);
    test_write_modes(&t, &b);
    test_chains(&t, &b);
    test_text(&t, &b);
    test_13h(&t, &b);
    test_12h(&t, &b);
    test_mode_x(&t, &b);
    test_cga(&t, &b);
    test_timing(&t, &b);
    test_state(&t, &b);
    board_close(&b);
    return tap_done(&t);
}

/*
 * graphics.c - 05h to 0Eh in graphics modes.
 */
#include "tests/vgabios/guest/guest.h"

static void begin(const char *service, uint8_t mode)
{
    say(service);
    say(" mode ");
    hex(mode, 2);
    line("");
}

static void test_pixels(uint8_t mode)
{
    static const uint16_t points[][2] = {{0, 0},    {1, 0},     {7, 1},  {8, 1},
                                         {100, 50}, {319, 199}, {33, 77}};

    set_mode(mode);
    for (unsigned i = 0; i < sizeof points / sizeof *points; i++)
        video(0x0c00 + i * 3 + 1, 0, points[i][0], points[i][1]);
    begin("0c", mode);
    sum_screen();
    end();
    begin("0d", mode);
    for (unsigned i = 0; i < sizeof points / sizeof *points; i++)
        value("al", video(0x0d00, 0, points[i][0], points[i][1]).a & 0xff, 2);
    end();
    for (unsigned i = 0; i < sizeof points / sizeof *points; i++)
        video(0x0c83, 0, points[i][0], points[i][1]);
    begin("0c xor", mode);
    sum_screen();
    end();
}

static void draw_lines(void)
{
    for (uint16_t y = 0; y < 200; y += 3)
        for (uint16_t x = 0; x < 60; x += 7)
            video(0x0c00u | ((x + y) & 15), 0, (uint16_t)(x + y), y);
}

static void test_scroll(uint8_t mode)
{
    static const uint16_t calls[][4] = {{0x0601, 0x0000, 0x0000, 0x184f},
                                        {0x0602, 0x0300, 0x0203, 0x0a0c},
                                        {0x0703, 0x0100, 0x0102, 0x0b0a},
                                        {0x0600, 0x0200, 0x0501, 0x0703}};

    set_mode(mode);
    draw_lines();
    for (unsigned i = 0; i < 4; i++) {
        video(calls[i][0], calls[i][1], calls[i][2], calls[i][3]);
        begin(calls[i][0] >> 8 == 6 ? "06" : "07", mode);
        sum_screen();
        end();
    }
}

static void test_characters(uint8_t mode)
{
    set_mode(mode);
    use_test_font();
    video(0x0200, 0, 0, 0x0203);
    video(0x0941, 0x000b, 3, 0);
    begin("09", mode);
    sum_screen();
    end();
    begin("08", mode);
    value("al", video(0x0800, 0, 0, 0).a & 0xff, 2);
    end();
    video(0x09e7, 0x0087, 2, 0);
    begin("09 xor", mode);
    sum_screen();
    end();
    video(0x0200, 0, 0, 0x0402);
    video(0x0a99, 0x0005, 2, 0);
    begin("0a", mode);
    sum_screen();
    end();
    begin("08 upper half", mode);
    value("al", video(0x0800, 0, 0, 0).a & 0xff, 2);
    end();
    video(0x0200, 0, 0, 0x1826);
    for (const char *p = "xyz\r\n!"; *p; p++)
        video(0x0e00u | (uint8_t)*p, 0x0006, 0, 0);
    begin("0e", mode);
    sum_screen();
    bytes("data", 0x40, 0x50, 2);
    end();
}

static void test_graphics_page(void)
{
    set_mode(0x0d);
    video(0x0502, 0, 0, 0);
    video(0x0c05, 0x0200, 10, 10);
    line("05 graphics page 2");
    bytes("start", 0x40, 0x4e, 2);
    value("high", in_index(0x3d4, 12), 2);
    value("low", in_index(0x3d4, 13), 2);
    value("pixel", video(0x0d00, 0x0200, 10, 10).a & 0xff, 2);
    value("other", video(0x0d00, 0x0000, 10, 10).a & 0xff, 2);
    end();
}

void test_graphics(void)
{
    static const uint8_t modes[] = {0x04, 0x06, 0x0d, 0x0e, 0x0f,
                                    0x10, 0x11, 0x12, 0x13};

    for (unsigned i = 0; i < sizeof modes; i++) {
        test_pixels(modes[i]);
        test_scroll(modes[i]);
        test_characters(modes[i]);
    }
    test_graphics_page();
}

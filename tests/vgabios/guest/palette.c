/*
 * palette.c - 0Bh and 10h.
 */
#include "tests/vgabios/guest/guest.h"

static void report_attributes(const char *what)
{
    line(what);
    say(" attr=");
    for (uint8_t i = 0; i < 21; i++)
        hex(in_attribute(i), 2);
    bytes("cga", 0x40, 0x65, 2);
    end();
}

static void test_cga(void)
{
    set_mode(4);
    video(0x0b00, 0x0013, 0, 0);
    report_attributes("0b background");
    video(0x0b00, 0x000a, 0, 0);
    report_attributes("0b background 2");
    video(0x0b00, 0x0100, 0, 0);
    report_attributes("0b palette 0");
    video(0x0b00, 0x0101, 0, 0);
    report_attributes("0b palette 1");
    set_mode(3);
    video(0x0b00, 0x0005, 0, 0);
    report_attributes("0b border of text");
}

static void test_attributes(void)
{
    set_mode(3);
    video(0x1000, 0x2a03, 0, 0);
    report_attributes("1000 one");
    video(0x1001, 0x1500, 0, 0);
    report_attributes("1001 overscan");
    for (uint8_t i = 0; i < 17; i++)
        poke8(SCRATCH, i, (uint8_t)(i * 3));
    video_buffer(0x1002, 0, 0, 0);
    report_attributes("1002 all");
    video(0x1003, 0, 0, 0);
    report_attributes("1003 intensity");
    video(0x1003, 1, 0, 0);
    report_attributes("1003 blink");
    line("1007 one");
    value("bh", video(0x1007, 0x0007, 0, 0).b >> 8 & 0xff, 2);
    end();
    line("1008 overscan");
    value("bh", video(0x1008, 0, 0, 0).b >> 8 & 0xff, 2);
    end();
    video_buffer(0x1009, 0, 0, 0x100);
    line("1009 all");
    bytes("table", SCRATCH, 0x100, 17);
    end();
}

static void test_dac(void)
{
    struct call r;

    set_mode(3);
    video(0x1010, 0x0021, 0x1234, 0x3f00);
    line("1010 one");
    report_dac();
    end();
    r = video(0x1015, 0x0021, 0, 0);
    line("1015 one");
    value("dh", r.d >> 8 & 0xff, 2);
    value("cx", r.c & 0xffff, 4);
    end();
    for (uint8_t i = 0; i < 60; i++)
        poke8(SCRATCH, i, (i * 5) & 63);
    video_buffer(0x1012, 0x0010, 20, 0);
    line("1012 block");
    report_dac();
    end();
    video_buffer(0x1017, 0x000f, 5, 0x200);
    line("1017 block");
    bytes("table", SCRATCH, 0x200, 15);
    end();
    video(0x1018, 0x007f, 0, 0);
    line("1018 mask");
    value("port", inb(0x3c6), 2);
    value("bl", video(0x1019, 0, 0, 0).b & 0xff, 2);
    end();
    video(0x1018, 0x00ff, 0, 0);
    video(0x101b, 0x0004, 40, 0);
    line("101b grey");
    report_dac();
    end();
}

static void test_dac_pages(void)
{
    set_mode(3);
    for (unsigned i = 0; i < 2; i++) {
        video(0x1013, i << 8, 0, 0);
        video(0x1013, 0x0301, 0, 0);
        report_attributes(i ? "1013 16 pages" : "1013 4 pages");
        line(i ? "101a 16 pages" : "101a 4 pages");
        value("bx", video(0x101a, 0, 0, 0).b & 0xffff, 4);
        end();
    }
}

void test_palette(void)
{
    test_cga();
    test_attributes();
    test_dac();
    test_dac_pages();
}

/*
 * text.c - 01h to 0Ah, 0Eh, 0Fh, 13h in text modes.
 */
#include "tests/vgabios/guest/guest.h"

static void fill(void)
{
    for (unsigned i = 0; i < 0x4000; i += 2)
        poke16(0xb800, (uint16_t)i, (uint16_t)(i * 37 + (i >> 8)));
}

static void test_cursor_shape(void)
{
    static const uint16_t shapes[] = {0x0607, 0x0007, 0x0407, 0x0707,
                                      0x0507, 0x2000, 0x2607, 0x0d0e,
                                      0x0003, 0x0203, 0x0706};

    for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        video(0x0100, 0, shapes[i], 0);
        say("01 shape ");
        hex(shapes[i], 4);
        line("");
        value("start", in_index(0x3d4, 10), 2);
        value("end", in_index(0x3d4, 11), 2);
        value("data", peek16(0x40, 0x60), 4);
        end();
    }
    video(0x1201, 0x34, 0, 0);
    video(0x0100, 0, 0x0607, 0);
    line("01 without emulation");
    value("start", in_index(0x3d4, 10), 2);
    value("end", in_index(0x3d4, 11), 2);
    end();
    video(0x1200, 0x34, 0, 0);
    video(0x0100, 0, 0x0607, 0);
}

static void report_cursor(const char *what)
{
    line(what);
    bytes("data", 0x40, 0x50, 16);
    value("high", in_index(0x3d4, 14), 2);
    value("low", in_index(0x3d4, 15), 2);
    end();
}

static void test_cursor_place(void)
{
    struct call r;

    video(0x0200, 0x0000, 0, 0x0510);
    report_cursor("02 page 0");
    video(0x0200, 0x0300, 0, 0x1001);
    report_cursor("02 page 3");
    video(0x0200, 0x0900, 0, 0x0202);
    report_cursor("02 page 9");
    r = video(0x0300, 0x0300, 0, 0);
    line("03 page 3");
    value("cx", r.c, 4);
    value("dx", r.d, 4);
    end();
    r = video(0x0400, 0, 0, 0);
    line("04 light pen");
    value("ah", r.a >> 8 & 0xff, 2);
    end();
}

static void test_pages(void)
{
    for (unsigned page = 0; page < 10; page += 3) {
        video(0x0500 | page, 0, 0, 0);
        say("05 page ");
        hex(page, 1);
        line("");
        bytes("start", 0x40, 0x4e, 2);
        bytes("page", 0x40, 0x62, 1);
        value("high", in_index(0x3d4, 12), 2);
        value("low", in_index(0x3d4, 13), 2);
        value("cursor", in_index(0x3d4, 14), 2);
        value("cursor", in_index(0x3d4, 15), 2);
        value("0f", video(0x0f00, 0, 0, 0).b >> 8 & 0xff, 2);
        end();
    }
    video(0x0500, 0, 0, 0);
}

static void scroll(const char *what, uint16_t ax, uint16_t bx, uint16_t cx,
                   uint16_t dx)
{
    fill();
    video(ax, bx, cx, dx);
    line(what);
    sum_screen();
    end();
}

static void test_scroll(void)
{
    scroll("06 one", 0x0601, 0x1700, 0x0000, 0x184f);
    scroll("06 window", 0x0603, 0x2e00, 0x0205, 0x0a20);
    scroll("06 clear", 0x0600, 0x0700, 0x0000, 0x184f);
    scroll("06 many", 0x0640, 0x0700, 0x0303, 0x0606);
    scroll("06 beyond the screen", 0x0602, 0x0700, 0x0000, 0x60ff);
    scroll("07 one", 0x0701, 0x1700, 0x0000, 0x184f);
    scroll("07 window", 0x0703, 0x2e00, 0x0205, 0x0a20);
    scroll("07 clear", 0x0700, 0x1f00, 0x0101, 0x1010);
    video(0x0502, 0, 0, 0);
    scroll("06 page 2", 0x0601, 0x1700, 0x0000, 0x184f);
    video(0x0500, 0, 0, 0);
}

static void test_characters(void)
{
    fill();
    video(0x0200, 0x0100, 0, 0x0203);
    line("08 page 1");
    value("ax", video(0x0800, 0x0100, 0, 0).a & 0xffff, 4);
    end();
    video(0x0941, 0x011e, 3, 0);
    line("09 three");
    sum_screen();
    bytes("data", 0x40, 0x50, 4);
    end();
    video(0x0a42, 0x011e, 5, 0);
    line("0a five");
    sum_screen();
    end();
    video(0x0941, 0x011e, 0, 0);
    line("09 none");
    sum_screen();
    end();
    video(0x0943, 0x0007, 90, 0);
    line("09 over the end of the line");
    sum_screen();
    end();
}

static void type(const char *what, const char *text)
{
    for (; *text; text++)
        video(0x0e00u | (uint8_t)*text, 0x0007, 0, 0);
    line(what);
    sum_screen();
    bytes("data", 0x40, 0x50, 2);
    end();
}

static void test_teletype(void)
{
    fill();
    video(0x0200, 0, 0, 0x0000);
    type("0e plain", "Hello");
    type("0e control", "ab\b\bc\a\r\nd");
    type("0e backspace at the left edge", "\r\b\bx");
    video(0x0200, 0, 0, 0x034e);
    type("0e wrap", "wrap");
    video(0x0200, 0, 0, 0x184d);
    type("0e wrap and scroll", "scroll");
    video(0x0200, 0, 0, 0x1804);
    type("0e line feed and scroll", "\n");
    fill();
    video(0x0200, 0x0200, 0, 0x0101);
    video(0x0e58, 0x0200, 0, 0);
    line("0e other page");
    sum_screen();
    bytes("data", 0x40, 0x50, 6);
    end();
}

/* Channel 2 makes a square wave, and the speaker is off again. */
static void test_bell(void)
{
    video(0x0e07, 0x0007, 0, 0);
    line("0e bell");
    value("gate", inb(0x61) & 3, 1);
    outb(0x43, 0xe8);
    value("timer", inb(0x42) & 0x3f, 2);
    end();
}

static void string(const char *what, uint8_t al, uint16_t dx)
{
    static const char text[] = "one\r\nt\b\at\x1fw\x2o\x3";
    struct call r = {.a = 0x1300u | al,
                     .b = 0x001e,
                     .c = al & 2 ? 6 : 12,
                     .d = dx,
                     .bp = (uint32_t)(uintptr_t)text};

    fill();
    video(0x0200, 0, 0, 0x0102);
    call_video(&r);
    line(what);
    sum_screen();
    bytes("data", 0x40, 0x50, 2);
    end();
}

static void test_strings(void)
{
    string("13 cursor stays", 0, 0x0304);
    string("13 cursor moves", 1, 0x0304);
    string("13 attributes", 2, 0x0304);
    string("13 attributes, cursor moves", 3, 0x0304);
    string("13 at the end of the screen", 1, 0x184e);
}

void test_text(void)
{
    set_mode(3);
    line("0f text");
    value("ax", video(0x0f00, 0, 0, 0).a & 0xffff, 4);
    end();
    test_cursor_shape();
    test_cursor_place();
    test_pages();
    test_scroll();
    set_mode(3);
    test_characters();
    test_teletype();
    test_bell();
    test_strings();
    set_mode(1);
    line("0f 40 columns");
    value("ax", video(0x0f00, 0, 0, 0).a & 0xffff, 4);
    end();
}

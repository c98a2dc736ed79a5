/*
 * fonts.c - 11h.
 */
#include "tests/vgabios/guest/guest.h"

/* Sum over a block of plane 2, of `height` rows of each character. */
static void plane_2(uint8_t block, uint8_t height)
{
    uint8_t misc = in_index(0x3ce, 6), mode = in_index(0x3ce, 5);
    uint8_t memory = in_index(0x3c4, 4);
    uint16_t at = (uint16_t)(block << 14);
    uint32_t s = 2166136261u;

    out_index(0x3ce, 4, 2);
    out_index(0x3ce, 5, 0);
    out_index(0x3ce, 6, 4);
    out_index(0x3c4, 4, 7);
    for (unsigned c = 0; c < 256; c++)
        for (unsigned i = 0; i < height; i++)
            s = (s ^ peek8(0xa000, (uint16_t)(at + 32 * c + i))) * 16777619u;
    out_index(0x3c4, 4, memory);
    out_index(0x3ce, 4, 0);
    out_index(0x3ce, 5, mode);
    out_index(0x3ce, 6, misc);
    value("font", s, 8);
}

static void report_height(const char *what)
{
    line(what);
    report_crtc();
    bytes("rows", 0x40, 0x84, 3);
    bytes("page", 0x40, 0x4c, 2);
    bytes("cursor", 0x40, 0x60, 2);
    end();
}

static void load_user_font(uint16_t ax, uint16_t bx, uint16_t cx, uint16_t dx)
{
    struct call r = {
        .a = ax, .b = bx, .c = cx, .d = dx, .bp = 0x4000, .es = SCRATCH};

    call_video(&r);
}

static void test_text_fonts(void)
{
    set_mode(3);
    use_test_font();
    load_user_font(0x1100, 0x1001, 256, 0);
    line("1100 block 1");
    plane_2(1, 16);
    end();
    report_height("1100 nothing else changes");
    load_user_font(0x1100, 0x0801, 10, 0x41);
    line("1100 some characters of 8 rows");
    plane_2(1, 16);
    end();
    video(0x1103, 0x0004, 0, 0);
    line("1103 blocks");
    value("map", in_index(0x3c4, 3), 2);
    end();
    video(0x1103, 0, 0, 0);
    load_user_font(0x1110, 0x0c00, 256, 0);
    report_height("1110 12 rows");
    set_mode(3);
    video(0x1111, 0, 0, 0);
    report_height("1111 8x14");
    set_mode(3);
    video(0x1112, 0, 0, 0);
    report_height("1112 8x8");
    video(0x1114, 0, 0, 0);
    report_height("1114 8x16");
    set_mode(1);
    video(0x1112, 0, 0, 0);
    report_height("1112 8x8, 40 columns");
    set_mode(7);
    video(0x1112, 0, 0, 0);
    report_height("1112 8x8, mode 7");
}

/* The fonts of the ROM are its own: what counts is that the loaded one is the
 * one that 30h points to. */
static void test_own_fonts(void)
{
    static const uint8_t fonts[][3] = {
        {0x01, 2, 14}, {0x02, 3, 8}, {0x04, 6, 16}};

    for (unsigned i = 0; i < 3; i++) {
        uint8_t height = fonts[i][2];
        uint32_t s = 2166136261u;
        struct call r;

        set_mode(3);
        video(0x1100u | fonts[i][0], 0x0002, 0, 0);
        r = video(0x1130, (uint32_t)fonts[i][1] << 8, 0, 0);
        for (unsigned n = 0; n < 256u * height; n++)
            s = (s ^ peek8(r.es, (uint16_t)(r.bp + n))) * 16777619u;
        say("11");
        hex(fonts[i][0], 2);
        line(" is the font of 30h");
        value("font", s, 8);
        plane_2(2, height);
        end();
    }
}

static void test_font_info(void)
{
    set_mode(3);
    for (unsigned i = 0; i < 9; i++) {
        struct call r = video(0x1130, i << 8, 0, 0);

        say("1130 font ");
        hex(i, 1);
        line("");
        value("cx", r.c & 0xffff, 4);
        value("dl", r.d & 0xff, 2);
        end();
    }
}

static void report_vectors(const char *what)
{
    line(what);
    bytes("rows", 0x40, 0x84, 3);
    value("own", peek16(0, 4 * 0x43 + 2) == SCRATCH, 1);
    value("high", peek16(0, 4 * 0x1f), 4);
    end();
}

static void test_graphics_fonts(void)
{
    set_mode(0x12);
    load_user_font(0x1120, 0, 0, 0);
    report_vectors("1120 upper half");
    load_user_font(0x1121, 2, 9, 0);
    report_vectors("1121 own font, 25 rows");
    load_user_font(0x1121, 0, 9, 30);
    report_vectors("1121 own font, 30 rows");
    video(0x1122, 1, 0, 0);
    report_vectors("1122 14 rows");
    video(0x1123, 3, 0, 0);
    report_vectors("1123 43 rows");
    video(0x1124, 2, 0, 0);
    report_vectors("1124 25 rows");
}

void test_fonts(void)
{
    test_text_fonts();
    test_own_fonts();
    test_font_info();
    test_graphics_fonts();
}

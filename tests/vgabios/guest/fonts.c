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

/* ---- the save table: tables of ours in SCRATCH:8000 ---- */

enum {
    TABLE = 0x8000,
    SECOND = 0x8040,
    FONT_1 = 0x8060,
    FONT_2 = 0x8080,
    FONT_G = 0x80a0,
    PALETTE = 0x80c0,
    DATA = 0x8100,
    COPIED = 0x8200
};

static void poke_far(uint16_t at, uint16_t off)
{
    poke16(SCRATCH, at, off);
    poke16(SCRATCH, (uint16_t)(at + 2), SCRATCH);
}

static void make_tables(void)
{
    static const uint8_t modes[] = {3, 0xff};

    for (uint16_t i = TABLE; i < COPIED + 32; i++)
        poke8(SCRATCH, i, 0);
    for (uint16_t i = 0; i < 4; i++) /* rows of registers: the ROM's */
        poke8(SCRATCH, (uint16_t)(TABLE + i),
              peek8(peek16(0x40, 0xaa), (uint16_t)(peek16(0x40, 0xa8) + i)));
    poke_far(TABLE + 4, COPIED);
    poke_far(TABLE + 8, FONT_1);
    poke_far(TABLE + 12, FONT_G);
    poke_far(TABLE + 16, SECOND);
    poke16(SCRATCH, SECOND, 26);
    poke_far(SECOND + 6, FONT_2);
    poke_far(SECOND + 10, PALETTE);
    /* 12 rows, block 1, 256 characters from 0, as many rows as fit. */
    poke8(SCRATCH, FONT_1, 12);
    poke8(SCRATCH, FONT_1 + 1, 1);
    poke16(SCRATCH, FONT_1 + 2, 256);
    poke_far(FONT_1 + 6, 0x4000);
    poke8(SCRATCH, FONT_1 + 10, 0xff);
    poke8(SCRATCH, FONT_2, 12);
    poke8(SCRATCH, FONT_2 + 1, 2);
    poke_far(FONT_2 + 3, 0x4100);
    poke8(SCRATCH, FONT_G, 40);
    poke16(SCRATCH, FONT_G + 1, 12);
    poke_far(FONT_G + 3, 0x4000);
    poke8(SCRATCH, FONT_G + 7, 0x12);
    poke8(SCRATCH, FONT_G + 8, 0xff);
    poke8(SCRATCH, PALETTE, 1);
    poke16(SCRATCH, PALETTE + 4, 3);
    poke16(SCRATCH, PALETTE + 6, 14);
    poke_far(PALETTE + 8, DATA);
    poke16(SCRATCH, PALETTE + 12, 2);
    poke16(SCRATCH, PALETTE + 14, 1);
    poke_far(PALETTE + 16, DATA);
    for (uint16_t i = 0; i < 6; i++)
        poke8(SCRATCH, (uint16_t)(DATA + i), (uint8_t)(0x21 + 3 * i));
    for (uint16_t i = 0; i < 2; i++) {
        poke8(SCRATCH, (uint16_t)(FONT_1 + 11 + i), modes[i]);
        poke8(SCRATCH, (uint16_t)(FONT_2 + 7 + i), modes[i]);
        poke8(SCRATCH, (uint16_t)(PALETTE + 20 + i), modes[i]);
    }
}

static void test_save_table(void)
{
    uint16_t off = peek16(0x40, 0xa8), seg = peek16(0x40, 0xaa);

    set_mode(3);
    use_test_font();
    make_tables();
    poke16(0x40, 0xa8, TABLE);
    poke16(0x40, 0xaa, SCRATCH);
    video(0x0003, 0, 0, 0);
    line("00 save table, text");
    plane_2(1, 12);
    plane_2(2, 12);
    value("map", in_index(0x3c4, 3), 2);
    value("under", in_index(crtc_port(), 0x14), 2);
    end();
    report_height("00 save table, height");
    line("00 save table, palette");
    report_dac();
    value("14", in_attribute(14), 2);
    value("15", in_attribute(15), 2);
    value("border", in_attribute(0x11), 2);
    bytes("copy", SCRATCH, COPIED, 17);
    video(0x1000, 0x2a05, 0, 0);
    bytes("written", SCRATCH, COPIED, 17);
    end();
    video(0x0012, 0, 0, 0);
    line("00 save table, graphics");
    bytes("rows", 0x40, 0x84, 3);
    value("own", peek16(0, 4 * 0x43 + 2) == SCRATCH, 1);
    end();
    video(0x0001, 0, 0, 0);
    line("00 save table, another mode");
    value("map", in_index(0x3c4, 3), 2);
    bytes("rows", 0x40, 0x84, 3);
    end();
    poke16(0x40, 0xa8, off);
    poke16(0x40, 0xaa, seg);
    set_mode(3);
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
    test_save_table();
}

/*
 * modes.c - 00h: what each mode leaves in the data area and the registers.
 */
#include "tests/vgabios/guest/guest.h"

static const uint8_t modes[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
                                0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x6a};

static void begin(const char *what, uint8_t mode)
{
    say("00 mode ");
    hex(mode, 2);
    line(what);
}

static void test_mode(uint8_t mode)
{
    struct call r = video(mode, 0, 0, 0);

    begin(" data", mode);
    value("al", r.a & 0xff, 2);
    bytes("mode", 0x40, 0x49, 1);
    bytes("columns", 0x40, 0x4a, 2);
    bytes("page", 0x40, 0x4c, 4);
    bytes("cursor", 0x40, 0x60, 2);
    bytes("crtc", 0x40, 0x63, 2);
    bytes("cga", 0x40, 0x65, 2);
    bytes("rows", 0x40, 0x84, 3);
    bytes("control", 0x40, 0x87, 1);
    end();
    begin(" options", mode);
    bytes("switches", 0x40, 0x88, 2);
    value("equipment", peek16(0x40, 0x10) & 0x30, 2);
    end();
    begin(" crtc", mode);
    report_crtc();
    end();
    begin(" registers", mode);
    report_registers();
    end();
    begin(" dac", mode);
    report_dac();
    end();
    begin(" memory", mode);
    sum_screen();
    end();
}

/* Bit 7 of the mode, rows of the other numbers of lines, no such mode. */
static void test_variants(void)
{
    set_mode(3);
    poke16(0xb800, 100, 0x1234);
    video(0x83, 0, 0, 0);
    line("00 kept");
    value("word", peek16(0xb800, 100), 4);
    value("control", peek8(0x40, 0x87), 2);
    value("0f", video(0x0f00, 0, 0, 0).a & 0xffff, 4);
    end();
    for (uint8_t lines = 0; lines < 3; lines++) {
        video(0x1200u | lines, 0x30, 0, 0);
        for (uint8_t mode = 1; mode < 8; mode += 2) {
            if (mode == 5)
                continue;
            set_mode(mode);
            begin(lines == 0   ? " 200 lines"
                  : lines == 1 ? " 350 lines"
                               : " 400 lines",
                  mode);
            report_crtc();
            bytes("rows", 0x40, 0x84, 3);
            end();
        }
    }
    set_mode(3);
    set_mode(0x55);
    line("00 unknown mode");
    bytes("mode", 0x40, 0x49, 1);
    end();
}

void test_modes(void)
{
    for (unsigned i = 0; i < sizeof modes; i++)
        test_mode(modes[i]);
    test_variants();
}

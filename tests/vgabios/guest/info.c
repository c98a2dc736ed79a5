/*
 * info.c - 12h, 1Ah, 1Bh, 1Ch.
 */
#include "tests/vgabios/guest/guest.h"

static void test_alternate(void)
{
    struct call r;

    set_mode(3);
    r = video(0x1200, 0x0010, 0, 0);
    line("12 10 configuration");
    value("bx", r.b & 0xffff, 4);
    value("cx", r.c & 0xffff, 4);
    end();
    for (uint8_t al = 0; al < 4; al++) {
        r = video(0x1200u | al, 0x30, 0, 0);
        say("12 30 lines ");
        hex(al, 1);
        line("");
        value("al", r.a & 0xff, 2);
        bytes("options", 0x40, 0x88, 2);
        end();
    }
    video(0x1202, 0x30, 0, 0);
    r = video(0x1201, 0x31, 0, 0);
    video(0x1010, 0x0005, 0x0101, 0x0100);
    set_mode(3);
    line("12 31 palette kept");
    value("al", r.a & 0xff, 2);
    bytes("options", 0x40, 0x89, 1);
    report_dac();
    end();
    video(0x1200, 0x31, 0, 0);
    r = video(0x1201, 0x32, 0, 0);
    line("12 32 addressing off");
    value("al", r.a & 0xff, 2);
    value("misc", inb(0x3cc), 2);
    end();
    video(0x1200, 0x32, 0, 0);
    r = video(0x1200, 0x33, 0, 0);
    set_mode(3);
    line("12 33 grey");
    value("al", r.a & 0xff, 2);
    bytes("options", 0x40, 0x89, 1);
    report_dac();
    end();
    video(0x1201, 0x33, 0, 0);
    r = video(0x1201, 0x34, 0, 0);
    line("12 34 no cursor emulation");
    value("al", r.a & 0xff, 2);
    bytes("control", 0x40, 0x87, 1);
    end();
    video(0x1200, 0x34, 0, 0);
    r = video(0x1201, 0x36, 0, 0);
    line("12 36 screen off");
    value("al", r.a & 0xff, 2);
    value("clocking", in_index(0x3c4, 1), 2);
    end();
    r = video(0x1200, 0x36, 0, 0);
    line("12 36 screen on");
    value("al", r.a & 0xff, 2);
    value("clocking", in_index(0x3c4, 1), 2);
    end();
    set_mode(3);
}

static void test_combination(void)
{
    struct call r = video(0x1a00, 0, 0, 0);

    line("1a read");
    value("al", r.a & 0xff, 2);
    value("bx", r.b & 0xffff, 4);
    end();
    r = video(0x1a01, 0x0007, 0, 0);
    line("1a write");
    value("al", r.a & 0xff, 2);
    value("bx", video(0x1a00, 0, 0, 0).b & 0xffff, 4);
    end();
    video(0x1a01, 0x0008, 0, 0);
}

static void test_state_info(void)
{
    static const uint8_t modes[] = {0x03, 0x01, 0x04, 0x06, 0x07, 0x0d,
                                    0x0f, 0x10, 0x11, 0x12, 0x13};

    for (unsigned i = 0; i < sizeof modes; i++) {
        struct call r;

        set_mode(modes[i]);
        r = video_buffer(0x1b00, 0, 0, 0);
        say("1b mode ");
        hex(modes[i], 2);
        line("");
        value("al", r.a & 0xff, 2);
        bytes("table", SCRATCH, 4, 0x3c);
        end();
    }
    line("1b static");
    bytes("table", peek16(SCRATCH, 2), peek16(SCRATCH, 0), 16);
    end();
}

static void disturb(void)
{
    video(0x0013, 0, 0, 0);
    video(0x1010, 0x0010, 0x0101, 0x0100);
}

/* What is saved comes back; how much room it takes is each BIOS's own. */
static void test_state(void)
{
    struct call r;

    set_mode(3);
    video(0x0200, 0, 0, 0x0708);
    video(0x1010, 0x0010, 0x0203, 0x0400);
    video(0x1000, 0x0103, 0, 0);
    r = video_buffer(0x1c00, 0, 7, 0);
    line("1c size");
    value("al", r.a & 0xff, 2);
    value("some", (r.b & 0xffff) > 0 && (r.b & 0xffff) < 64, 1);
    end();
    r = video_buffer(0x1c01, 0, 7, 0);
    disturb();
    video_buffer(0x1c02, 0, 7, 0);
    line("1c restored");
    value("al", r.a & 0xff, 2);
    report_crtc();
    report_registers();
    report_dac();
    bytes("data", 0x40, 0x49, 0x1e);
    bytes("rows", 0x40, 0x84, 3);
    end();
}

void test_info(void)
{
    test_alternate();
    test_combination();
    test_state_info();
    test_state();
}

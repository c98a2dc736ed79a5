/*
 * vbe.c - 4F00h to 4F0Ah, 4F15h.
 */
#include "tests/vgabios/guest/guest.h"

enum { PM_CODE = 0x20000 }; /* where the protected-mode code is copied to */

static uint32_t peek32(uint16_t seg, uint16_t off)
{
    return peek16(seg, off) | (uint32_t)peek16(seg, (uint16_t)(off + 2)) << 16;
}

static void far_string(const char *name, uint32_t pointer)
{
    uint8_t first = peek8((uint16_t)(pointer >> 16), (uint16_t)pointer);

    value(name, first >= ' ' && first < 0x7f, 1);
}

static void test_controller(void)
{
    struct call r;
    uint32_t list;

    for (uint16_t i = 0; i < 512; i++)
        poke8(SCRATCH, i, 0);
    poke16(SCRATCH, 0, 0x4256);
    poke16(SCRATCH, 2, 0x3245);
    r = video_buffer(0x4f00, 0, 0, 0);
    line("4f00 controller");
    value("ax", r.a & 0xffff, 4);
    bytes("signature", SCRATCH, 0, 4);
    bytes("version", SCRATCH, 4, 2);
    bytes("capabilities", SCRATCH, 10, 4);
    bytes("memory", SCRATCH, 18, 2);
    far_string("oem", peek32(SCRATCH, 6));
    far_string("vendor", peek32(SCRATCH, 22));
    far_string("product", peek32(SCRATCH, 26));
    far_string("revision", peek32(SCRATCH, 30));
    end();
    list = peek32(SCRATCH, 14);
    for (uint16_t i = 0; i < 128; i++) {
        uint16_t mode =
            peek16((uint16_t)(list >> 16), (uint16_t)(list + 2 * i));

        poke16(SCRATCH, (uint16_t)(0x400 + 2 * i), mode);
        if (mode == 0xffff)
            break;
        say("4f00 listed ");
        hex(mode, 4);
        line("");
        end();
    }
}

static void test_modes_info(void)
{
    for (uint16_t i = 0; peek16(SCRATCH, (uint16_t)(0x400 + i)) != 0xffff;
         i += 2) {
        uint16_t mode = peek16(SCRATCH, (uint16_t)(0x400 + i));
        struct call r;

        for (uint16_t n = 0; n < 256; n++)
            poke8(SCRATCH, n, 0xee);
        r = video_buffer(0x4f01, 0, mode, 0);
        say("4f01 ");
        hex(mode, 4);
        line("");
        value("ax", r.a & 0xffff, 4);
        if ((r.a & 0xffff) != 0x004f) {
            end();
            continue;
        }
        value("attributes", peek16(SCRATCH, 0) & 0x9b, 2);
        bytes("windows", SCRATCH, 2, 10);
        value("pitch", peek16(SCRATCH, 0x10), 4);
        value("x", peek16(SCRATCH, 0x12), 4);
        value("y", peek16(SCRATCH, 0x14), 4);
        bytes("cell", SCRATCH, 0x16, 2);
        bytes("planes", SCRATCH, 0x18, 1);
        bytes("bpp", SCRATCH, 0x19, 1);
        bytes("model", SCRATCH, 0x1b, 1);
        bytes("pages", SCRATCH, 0x1d, 1);
        bytes("masks", SCRATCH, 0x1f, 9);
        value("frame", peek32(SCRATCH, 0x28), 8);
        bytes("linear", SCRATCH, 0x32, 2);
        end();
    }
    line("4f01 no such mode");
    value("ax", video_buffer(0x4f01, 0, 0x1fe, 0).a & 0xffff, 4);
    end();
}

static void report_dispi(void)
{
    for (uint16_t i = 1; i < 10; i++)
        if (i != 7)
            value("d", in_dispi(i), 4);
}

static void test_set(const char *what, uint16_t mode)
{
    struct call r = video(0x4f02, mode, 0, 0);

    line(what);
    value("ax", r.a & 0xffff, 4);
    r = video(0x4f03, 0, 0, 0);
    value("ax", r.a & 0xffff, 4);
    value("mode", r.b & 0xffff, 4);
    report_dispi();
    end();
}

static void test_lines(const char *what, uint16_t bx, uint16_t cx)
{
    struct call r = video(0x4f06, bx, cx, 0);

    line(what);
    value("ax", r.a & 0xffff, 4);
    if ((r.a & 0xffff) == 0x004f) {
        value("bytes", r.b & 0xffff, 4);
        value("pixels", r.c & 0xffff, 4);
        value("lines", r.d & 0xffff, 4);
    }
    end();
}

static void test_window(void)
{
    struct call r;

    r = video(0x4f05, 0x0000, 0, 3);
    poke8(0xa000, 0x10, 0x5a);
    line("4f05 set");
    value("ax", r.a & 0xffff, 4);
    r = video(0x4f05, 0x0100, 0, 0);
    value("ax", r.a & 0xffff, 4);
    value("dx", r.d & 0xffff, 4);
    value("bank", in_dispi(5), 4);
    video(0x4f05, 0x0000, 0, 0);
    value("other", peek8(0xa000, 0x10), 2);
    video(0x4f05, 0x0000, 0, 3);
    value("same", peek8(0xa000, 0x10), 2);
    end();
    line("4f05 too far");
    value("ax", video(0x4f05, 0x0000, 0, 0x1fff).a & 0xffff, 4);
    end();
    line("4f05 window B");
    value("ax", video(0x4f05, 0x0001, 0, 0).a & 0xffff, 4);
    end();
    video(0x4f05, 0x0000, 0, 0);
}

static void test_start(void)
{
    struct call r = video(0x4f07, 0x0000, 16, 32);

    line("4f07 set");
    value("ax", r.a & 0xffff, 4);
    r = video(0x4f07, 0x0001, 0, 0);
    value("ax", r.a & 0xffff, 4);
    value("bh", r.b >> 8 & 0xff, 2);
    value("cx", r.c & 0xffff, 4);
    value("dx", r.d & 0xffff, 4);
    report_dispi();
    end();
    r = video(0x4f07, 0x0080, 0, 0);
    line("4f07 in a retrace");
    value("ax", r.a & 0xffff, 4);
    report_dispi();
    end();
}

static void test_dac(void)
{
    struct call r = video(0x4f08, 0x0001, 0, 0);

    line("4f08 get");
    value("ax", r.a & 0xffff, 4);
    value("bh", r.b >> 8 & 0xff, 2);
    end();
    r = video(0x4f08, 0x0800, 0, 0);
    line("4f08 set");
    value("ax", r.a & 0xffff, 4);
    value("bh", r.b >> 8 & 0xff, 2);
    for (uint8_t i = 0; i < 16; i++)
        poke8(SCRATCH, i, (uint8_t)(i * 16 + 1));
    r = video_buffer(0x4f09, 0, 4, 0x20);
    end();
    line("4f09 set");
    value("ax", r.a & 0xffff, 4);
    report_dac();
    end();
    r = video_buffer(0x4f09, 1, 4, 0x1f);
    line("4f09 get");
    value("ax", r.a & 0xffff, 4);
    bytes("table", SCRATCH, 0, 3);
    bytes("table", SCRATCH, 4, 3);
    bytes("table", SCRATCH, 8, 3);
    end();
    r = video(0x4f08, 0x0600, 0, 0);
    line("4f08 back");
    value("ax", r.a & 0xffff, 4);
    value("bh", r.b >> 8 & 0xff, 2);
    end();
}

static void test_state(void)
{
    struct call r = video_buffer(0x4f04, 0, 15, 0);

    line("4f04 size");
    value("ax", r.a & 0xffff, 4);
    value("some", (r.b & 0xffff) > 0 && (r.b & 0xffff) < 64, 1);
    end();
    video(0x4f02, 0x0112, 0, 0);
    video(0x4f07, 0x0000, 8, 3);
    r = video_buffer(0x4f04, 0, 15, 1);
    video(0x4f02, 0x0101, 0, 0);
    line("4f04 saved, restored");
    value("ax", r.a & 0xffff, 4);
    r = video_buffer(0x4f04, 0, 15, 2);
    value("ax", r.a & 0xffff, 4);
    report_dispi();
    value("mode", video(0x4f03, 0, 0, 0).b & 0xffff, 4);
    end();
}

static void test_protected(void)
{
    struct call r = video(0x4f0a, 0, 0, 0), p = {0};
    uint16_t n = (uint16_t)r.c, off = (uint16_t)r.di;

    line("4f0a table");
    value("ax", r.a & 0xffff, 4);
    value("some", n > 16 && n < 0x1000, 1);
    end();
    if ((r.a & 0xffff) != 0x004f)
        return;
    for (uint16_t i = 0; i < n; i++)
        poke8(PM_CODE >> 4, i, peek8(r.es, (uint16_t)(off + i)));
    video(0x4f02, 0x0101, 0, 0);
    p.a = 0x4f05;
    p.d = 2;
    call_protected(PM_CODE + peek16(PM_CODE >> 4, 0), &p);
    line("4f0a window");
    value("bank", in_dispi(5), 4);
    end();
    p = (struct call){.a = 0x4f07, .c = (640 * 5 + 8) / 4};
    call_protected(PM_CODE + peek16(PM_CODE >> 4, 2), &p);
    line("4f0a start");
    value("x", in_dispi(8), 4);
    value("y", in_dispi(9), 4);
    end();
    for (uint8_t i = 0; i < 16; i++)
        poke8(SCRATCH, i, (uint8_t)(i * 3 + 1));
    p = (struct call){.a = 0x4f09, .c = 4, .d = 0x40, .di = SCRATCH << 4};
    call_protected(PM_CODE + peek16(PM_CODE >> 4, 4), &p);
    line("4f0a palette");
    report_dac();
    end();
}

/* The entry point of VBE 3.0, in a copy of the ROM. */
enum { COPY = 0x5000, COPY_DATA = 0x6000 };

static uint16_t find_pm_info(void)
{
    for (uint16_t i = 0; i < 0x8000; i++)
        if (peek8(0xc000, i) == 'P' && peek8(0xc000, i + 1u) == 'M' &&
            peek8(0xc000, i + 2u) == 'I' && peek8(0xc000, i + 3u) == 'D')
            return i;
    return 0;
}

static struct call entry_16(uint16_t at, uint32_t a, uint32_t b, uint32_t c,
                            uint32_t d)
{
    struct call r = {.a = a, .b = b, .c = c, .d = d};

    call_protected_16(peek16(COPY, at), &r);
    return r;
}

static void prepare_copy(uint16_t info)
{
    static const uint8_t selectors[5] = {0x38, 0x40, 0x48, 0x50, 0x30};

    for (uint32_t i = 0; i < 0x10000; i++)
        poke8(COPY, (uint16_t)i, peek8(0xc000, (uint16_t)i));
    for (uint16_t i = 0; i < 0x600; i++)
        poke8(COPY_DATA, i, 0);
    for (unsigned i = 0; i < 5; i++)
        poke16(COPY, (uint16_t)(info + 8 + 2 * i), selectors[i]);
    poke8(COPY, (uint16_t)(info + 18), 1);
}

static void test_entry_point(void)
{
    uint16_t info = find_pm_info(), at = (uint16_t)(info + 4);
    uint8_t total = 0;
    struct call r;

    line("4fpm block");
    value("found", info != 0, 1);
    if (!info) {
        end();
        return;
    }
    for (uint16_t i = 0; i < 20; i++)
        total = (uint8_t)(total + peek8(0xc000, (uint16_t)(info + i)));
    value("sum", total, 2);
    bytes("defaults", 0xc000, (uint16_t)(info + 8), 11);
    end();
    prepare_copy(info);
    entry_16((uint16_t)(info + 6), 0, 0, 0, 0);
    line("4fpm initialized");
    bytes("mode", COPY_DATA, 0x449, 5);
    bytes("rows", COPY_DATA, 0x484, 3);
    end();
    r = entry_16(at, 0x4f02, 0x4103, 0, 0);
    line("4fpm 4f02");
    value("ax", r.a & 0xffff, 4);
    report_dispi();
    value("mode", entry_16(at, 0x4f03, 0, 0, 0).b & 0xffff, 4);
    end();
    r = entry_16(at, 0x4f07, 0x0000, 8, 3);
    line("4fpm 4f07");
    value("ax", r.a & 0xffff, 4);
    value("x", in_dispi(8), 4);
    value("y", in_dispi(9), 4);
    end();
    r = entry_16(at, 0x4f01, 0, 0x0103, 0);
    line("4fpm 4f01");
    value("ax", r.a & 0xffff, 4);
    bytes("size", SCRATCH, 0x12, 4);
    end();
    r = entry_16(at, 0x0003, 0, 0, 0);
    entry_16(at, 0x0941, 0x001e, 3, 0);
    line("4fpm 00 text mode");
    bytes("text", 0xb800, 0, 8);
    bytes("mode", COPY_DATA, 0x449, 5);
    value("enable", in_dispi(4), 4);
    end();
    entry_16(at, 0x0012, 0, 0, 0);
    entry_16(at, 0x0e42, 0x0007, 0, 0);
    line("4fpm 0e in mode 12");
    sum("screen", 0xa000, 0, 0x9600);
    end();
    video(0x4f02, 0x0101, 0, 0);
}

static void test_clock(void)
{
    struct call r = video(0x4f0b, 0, 25175000, 0x0101);

    line("4f0b");
    value("ax", r.a & 0xffff, 4);
    value("ecx", r.c, 8);
    r = video(0x4f0b, 0, 25175000, 0x01fe);
    value("no mode", r.a & 0xffff, 4);
    end();
}

static void test_ddc(void)
{
    struct call r = video(0x4f15, 0, 0, 0);
    uint8_t total = 0;

    line("4f15 capabilities");
    value("ax", r.a & 0xffff, 4);
    value("bl", r.b & 3, 1);
    end();
    r = video_buffer(0x4f15, 1, 0, 0);
    for (uint16_t i = 0; i < 128; i++)
        total = (uint8_t)(total + peek8(SCRATCH, i));
    line("4f15 edid");
    value("ax", r.a & 0xffff, 4);
    bytes("head", SCRATCH, 0, 8);
    value("sum", total, 2);
    end();
}

static void test_power(void)
{
    static const uint16_t calls[] = {0x0000, 0x0401, 0x0002,
                                     0x0001, 0x0002, 0x0101};

    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct call r = video(0x4f10, calls[i], 0, 0);

        say("4f10 bx ");
        hex(calls[i], 4);
        line("");
        value("ax", r.a & 0xffff, 4);
        if ((r.a & 0xffff) == 0x004f)
            value("bx", r.b & 0xffff, 4);
        value("clocking", in_index(0x3c4, 1), 2);
        end();
    }
}

/* The window function that mode information points to. */
static void test_window_function(void)
{
    uint16_t off, seg;

    video_buffer(0x4f01, 0, 0x101, 0);
    off = peek16(SCRATCH, 0x0c);
    seg = peek16(SCRATCH, 0x0e);
    line("4f05 far call");
    if (seg) {
        uint32_t target = (uint32_t)seg << 16 | off;
        uint32_t b = 0, d = 2;

        __asm__ volatile("pushl %2\n\tmovl %%esp, %%esi\n\tlcallw *(%%esi)\n\t"
                         "popl %%esi"
                         : "+b"(b), "+d"(d)
                         : "r"(target)
                         : "eax", "esi", "memory", "cc");
        value("bank", in_dispi(5), 4);
    }
    end();
    video(0x4f05, 0x0000, 0, 0);
}

/* Text is also there in linear modes. */
static void test_vbe_text(const char *what, uint16_t mode)
{
    video(0x4f02, mode, 0, 0);
    use_test_font();
    video(0x0200, 0, 0, 0x0203);
    video(0x0941, 0x000e, 2, 0);
    line(what);
    value("0f", video(0x0f00, 0, 0, 0).a & 0xffff, 4);
    value("08", video(0x0800, 0, 0, 0).a & 0xff, 2);
    sum("screen", 0xa000, 0, 0xfff0);
    end();
}

void test_vbe(void)
{
    test_controller();
    test_modes_info();
    test_set("4f02 101", 0x0101);
    test_window();
    test_lines("4f06 get", 1, 0);
    test_lines("4f06 1024 pixels", 0, 1024);
    test_lines("4f06 1000 bytes", 2, 1000);
    test_lines("4f06 too short", 0, 320);
    test_lines("4f06 largest", 3, 0);
    test_start();
    test_dac();
    test_state();
    test_set("4f02 linear 4118", 0x4118);
    test_set("4f02 kept 8115", 0x8115);
    test_set("4f02 planar 102", 0x0102);
    test_set("4f02 no such mode", 0x01fe);
    test_set("4f02 standard 12", 0x0012);
    test_set("4f02 standard 3", 0x0003);
    line("4f05 in text");
    value("ax", video(0x4f05, 0x0000, 0, 1).a & 0xffff, 4);
    end();
    line("4f7f unknown");
    value("ax", video(0x4f7f, 0, 0, 0).a & 0xffff, 4);
    end();
    test_protected();
    test_entry_point();
    test_clock();
    test_ddc();
    test_power();
    test_vbe_text("0e linear 101", 0x0101);
    test_vbe_text("0e linear 112", 0x0112);
    test_vbe_text("0e planar 102", 0x0102);
    line("00 leaves linear modes");
    set_mode(3);
    value("enable", in_dispi(4), 4);
    end();
    video(0x4f02, 0x0101, 0, 0);
    test_window_function();
}

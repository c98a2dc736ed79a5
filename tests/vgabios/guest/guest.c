/*
 * guest.c - a guest that calls each function of INT 10h and says what came
 * back: helpers and the order of the tests.
 */
#include "tests/vgabios/guest/guest.h"

void guest_main(void);

struct call video(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    struct call call = {.a = a, .b = b, .c = c, .d = d};

    call_video(&call);
    return call;
}

struct call video_buffer(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    struct call call = {.a = a, .b = b, .c = c, .d = d, .es = SCRATCH};

    call_video(&call);
    return call;
}

uint8_t peek8(uint16_t seg, uint16_t off)
{
    uint8_t v;

    __asm__ volatile("movw %1, %%fs\n\tmovb %%fs:(%2), %0"
                     : "=q"(v)
                     : "r"(seg), "r"((uint32_t)off)
                     : "memory");
    return v;
}

uint16_t peek16(uint16_t seg, uint16_t off)
{
    return (uint16_t)(peek8(seg, off) | peek8(seg, (uint16_t)(off + 1)) << 8);
}

void poke8(uint16_t seg, uint16_t off, uint8_t v)
{
    __asm__ volatile("movw %0, %%fs\n\tmovb %1, %%fs:(%2)"
                     :
                     : "r"(seg), "q"(v), "r"((uint32_t)off)
                     : "memory");
}

void poke16(uint16_t seg, uint16_t off, uint16_t v)
{
    poke8(seg, off, (uint8_t)v);
    poke8(seg, (uint16_t)(off + 1), (uint8_t)(v >> 8));
}

uint8_t in_index(uint16_t port, uint8_t index)
{
    outb(port, index);
    return inb((uint16_t)(port + 1));
}

void out_index(uint16_t port, uint8_t index, uint8_t v)
{
    outb(port, index);
    outb((uint16_t)(port + 1), v);
}

uint16_t crtc_port(void)
{
    return inb(0x3cc) & 1 ? 0x3d4 : 0x3b4;
}

uint8_t in_attribute(uint8_t index)
{
    uint16_t status = (uint16_t)(crtc_port() + 6);
    uint8_t v;

    inb(status);
    outb(0x3c0, index | 0x20);
    v = inb(0x3c1);
    inb(status);
    return v;
}

uint16_t in_dispi(uint16_t index)
{
    outw(0x1ce, index);
    return inw(0x1cf);
}

/* ---- report ---- */

void say(const char *text)
{
    for (; *text; text++)
        outb(0xe9, (uint8_t)*text);
}

void hex(uint32_t v, unsigned digits)
{
    while (digits--)
        outb(0xe9, (uint8_t) "0123456789abcdef"[v >> 4 * digits & 15]);
}

void value(const char *name, uint32_t v, unsigned digits)
{
    say(" ");
    say(name);
    say("=");
    hex(v, digits);
}

void line(const char *service_and_what)
{
    say(service_and_what);
    say(":");
}

void end(void)
{
    say("\n");
}

void bytes(const char *name, uint16_t seg, uint16_t off, unsigned n)
{
    say(" ");
    say(name);
    say("=");
    while (n--)
        hex(peek8(seg, off++), 2);
}

/* FNV-1a, 32 bits. */
static uint32_t add_to_sum(uint32_t s, uint8_t v)
{
    return (s ^ v) * 16777619u;
}

void sum(const char *name, uint16_t seg, uint16_t off, uint32_t n)
{
    uint32_t s = 2166136261u;

    while (n--)
        s = add_to_sum(s, peek8(seg, off++));
    value(name, s, 8);
}

void sum_screen(void)
{
    uint8_t mode = peek8(0x40, 0x49);

    if (mode == 7) {
        sum("screen", 0xb000, 0, 0x1000);
    } else if (mode < 7) {
        sum("screen", 0xb800, 0, 0x4000);
    } else if (mode == 0x13) {
        sum("screen", 0xa000, 0, 64000);
    } else {
        for (uint8_t plane = 0; plane < 4; plane++) {
            out_index(0x3ce, 4, plane);
            sum("plane", 0xa000, 0, 38400);
        }
        out_index(0x3ce, 4, 0);
    }
}

void report_crtc(void)
{
    say(" crtc=");
    for (uint8_t i = 0; i < 25; i++)
        hex(in_index(crtc_port(), i), 2);
}

void report_registers(void)
{
    value("misc", inb(0x3cc), 2);
    say(" seq=");
    for (uint8_t i = 1; i < 5; i++)
        hex(in_index(0x3c4, i), 2);
    say(" gr=");
    for (uint8_t i = 0; i < 9; i++)
        hex(in_index(0x3ce, i), 2);
    say(" attr=");
    for (uint8_t i = 0; i < 21; i++)
        hex(in_attribute(i), 2);
}

void report_dac(void)
{
    uint32_t s = 2166136261u;

    outb(0x3c7, 0);
    for (unsigned i = 0; i < 768; i++)
        s = add_to_sum(s, inb(0x3c9));
    value("dac", s, 8);
    value("mask", inb(0x3c6), 2);
}

/* 8x8 to 8x16: any height may be read from it. */
void use_test_font(void)
{
    for (unsigned i = 0; i < 256 * 16; i++)
        poke8(SCRATCH, (uint16_t)(0x4000 + i),
              (uint8_t)(i * 7 + (i >> 4) * 13));
    poke16(0, 4 * 0x43, 0x4000);
    poke16(0, 4 * 0x43 + 2, SCRATCH);
    poke16(0, 4 * 0x1f, 0x4400);
    poke16(0, 4 * 0x1f + 2, SCRATCH);
}

void set_mode(uint8_t mode)
{
    video(mode, 0, 0, 0);
}

void guest_main(void)
{
    test_modes();
    test_text();
    test_graphics();
    test_palette();
    test_fonts();
    test_info();
    test_vbe();
    set_mode(3);
    say("done\n");
    for (const char *p = "Shutdown"; *p; p++)
        outb(0x8900, (uint8_t)*p);
    outb(0xf4, 0);
}

/* kbc_test.c - 8042, PS/2 keyboard and mouse (IBM PS/2 technical reference). */
#include "iodev/kbc.h"
#include "iodev/ps2kbd.h"
#include "iodev/ps2mouse.h"
#include "tests/device/rig.h"

struct board {
    struct rig r;
    struct device *kbc, *kbd, *mouse;
    struct probe irq1, irq12, a20, reset;
};

#define MS 1000000ull

static void run(struct board *b)
{
    rig_run_ns(&b->r, 2 * MS);
}

static void command(struct board *b, uint8_t cmd)
{
    rig_out(&b->r, 0x64, cmd);
}

/* Next byte, or 0x1000 when none comes. */
static unsigned next(struct board *b)
{
    for (unsigned i = 0; i < 50 && !(rig_in(&b->r, 0x64) & 1); i++)
        run(b);
    return rig_in(&b->r, 0x64) & 1 ? rig_in(&b->r, 0x60) : 0x1000u;
}

static void expect(struct board *b, const char *name, unsigned n,
                   const uint8_t *want)
{
    char got[64] = "";
    bool good = true;

    for (unsigned i = 0; i < n; i++) {
        unsigned v = next(b);

        good &= v == want[i];
        sprintf(got + strlen(got), " %02x", v);
    }
    tap_ok(&b->r.tap, good && !(rig_in(&b->r, 0x64) & 1), "%s:%s", name, got);
}

#define EXPECT(b, name, ...)                                                   \
    expect(b, name, sizeof((const uint8_t[]){__VA_ARGS__}),                    \
           (const uint8_t[]){__VA_ARGS__})

static void key(struct board *b, uint8_t k, bool press)
{
    rig_input(b->kbd, INPUT_KEY, k, press, NULL, 0);
}

static void kbd(struct board *b, uint8_t v)
{
    rig_out(&b->r, 0x60, v);
}

static void mouse(struct board *b, uint8_t v)
{
    command(b, 0xd4);
    rig_out(&b->r, 0x60, v);
}

static void move(struct board *b, int dx, int dy, int dz, unsigned buttons)
{
    rig_input(b->mouse, INPUT_MOUSE,
              (uint32_t)((dx & 0xffff) | (uint32_t)(dy & 0xffff) << 16),
              (uint32_t)(dz & 0xff) | buttons << 8, NULL, 0);
}

static void test_controller(struct board *b)
{
    struct tap *t = &b->r.tap;

    tap_ok(t, b->a20.level, "A20 is open after reset");
    tap_eq(t, rig_in(&b->r, 0x64), 0x10, "status after reset");
    command(b, 0xaa);
    EXPECT(b, "self-test", 0x55);
    tap_eq(t, rig_in(&b->r, 0x64) & 0x0c, 0x0c, "SYS flag, last was command");
    command(b, 0xab);
    EXPECT(b, "keyboard line test", 0x00);
    command(b, 0x60);
    rig_out(&b->r, 0x60, 0x67);
    command(b, 0x20);
    EXPECT(b, "command byte reads back", 0x67);
    command(b, 0xd1);
    rig_out(&b->r, 0x60, 0xdd);
    tap_ok(t, !b->a20.level, "output port closes A20");
    command(b, 0xd0);
    EXPECT(b, "output port reads back", 0xcd);
    command(b, 0xdf);
    tap_ok(t, b->a20.level, "DFh opens A20");
    command(b, 0xfe);
    tap_eq(t, b->reset.rises, 1, "FEh pulses reset");
    tap_ok(t, !b->reset.level, "and lets go");
    command(b, 0xff);
    tap_eq(t, b->reset.rises, 1, "FFh pulses nothing");
    command(b, 0xd2);
    rig_out(&b->r, 0x60, 0x99);
    tap_ok(t, b->irq1.level, "D2h looks like the keyboard");
    EXPECT(b, "with its byte", 0x99);
    command(b, 0xd3);
    rig_out(&b->r, 0x60, 0x77);
    tap_ok(t, b->irq12.level && (rig_in(&b->r, 0x64) & 0x20),
           "D3h looks like the mouse");
    EXPECT(b, "with its byte", 0x77);
}

static void test_keyboard(struct board *b)
{
    struct tap *t = &b->r.tap;

    kbd(b, 0xff);
    EXPECT(b, "reset: ACK, self-test passed", 0xfa, 0xaa);
    kbd(b, 0xf2);
    EXPECT(b, "ID, translated", 0xfa, 0xab, 0x41);
    kbd(b, 0xee);
    EXPECT(b, "echo", 0xee);
    kbd(b, 0xed);
    EXPECT(b, "LED command", 0xfa);
    kbd(b, 0x05);
    EXPECT(b, "LED argument", 0xfa);
    tap_eq(t, ps2kbd_leds(b->kbd), 5, "LEDs");
    key(b, 0x1e, true);
    tap_ok(t, !b->irq1.level, "a byte takes its time");
    rig_run_ns(&b->r, 150001);
    tap_ok(t, b->irq1.level, "IRQ 1");
    key(b, 0x1e, false);
    EXPECT(b, "A, translated", 0x1e, 0x9e);
    tap_ok(t, !b->irq1.level, "reading lowers IRQ 1");
    key(b, 0xcb, true);
    key(b, 0xcb, false);
    EXPECT(b, "cursor left", 0xe0, 0x4b, 0xe0, 0xcb);
    key(b, 0xb7, true);
    key(b, 0xb7, false);
    EXPECT(b, "print screen", 0xe0, 0x2a, 0xe0, 0x37, 0xe0, 0xb7, 0xe0, 0xaa);
    key(b, 0xc5, true);
    key(b, 0xc5, false);
    EXPECT(b, "pause", 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5);
    key(b, KEY_LCTRL, true);
    key(b, KEY_PAUSE, true);
    key(b, KEY_PAUSE, false);
    key(b, KEY_LCTRL, false);
    EXPECT(b, "Ctrl-Break", 0x1d, 0xe0, 0x46, 0xe0, 0xc6, 0x9d);
    key(b, KEY_F7, true);
    key(b, KEY_F7, false);
    EXPECT(b, "F7", 0x41, 0xc1);
}

static void leds(struct board *b, uint8_t v)
{
    kbd(b, 0xed);
    next(b);
    kbd(b, v);
    next(b);
}

/* IBM PS/2 Hardware Interface Technical Reference, "Keyboards", scan code
 * sets 1 and 2: the cursor keys and / with Shift and Num Lock. */
static void test_extra_codes(struct board *b)
{
    leds(b, 2);
    key(b, KEY_UP, true);
    key(b, KEY_UP, false);
    EXPECT(b, "cursor up with Num Lock", 0xe0, 0x2a, 0xe0, 0x48, 0xe0, 0xc8,
           0xe0, 0xaa);
    key(b, KEY_KP_SLASH, true);
    key(b, KEY_KP_SLASH, false);
    EXPECT(b, "/ does not look at Num Lock", 0xe0, 0x35, 0xe0, 0xb5);
    key(b, KEY_RSHIFT, true);
    key(b, KEY_UP, true);
    key(b, KEY_UP, false);
    EXPECT(b, "Shift and Num Lock outweigh each other", 0x36, 0xe0, 0x48, 0xe0,
           0xc8);
    leds(b, 0);
    key(b, KEY_UP, true);
    key(b, KEY_UP, false);
    EXPECT(b, "Shift is lifted", 0xe0, 0xb6, 0xe0, 0x48, 0xe0, 0xc8, 0xe0,
           0x36);
    key(b, KEY_LSHIFT, true);
    key(b, KEY_KP_SLASH, true);
    EXPECT(b, "both", 0x2a, 0xe0, 0xaa, 0xe0, 0xb6, 0xe0, 0x35);
    key(b, KEY_KP_SLASH, false);
    key(b, KEY_LSHIFT, false);
    key(b, KEY_RSHIFT, false);
    EXPECT(b, "and back", 0xe0, 0xb5, 0xe0, 0x2a, 0xe0, 0x36, 0xaa, 0xb6);
}

static void test_sets(struct board *b)
{
    command(b, 0x60);
    rig_out(&b->r, 0x60, 0x23); /* no translation */
    key(b, 0x41, true);
    key(b, 0x41, false);
    EXPECT(b, "set 2: F7", 0x83, 0xf0, 0x83);
    kbd(b, 0xf0);
    EXPECT(b, "set select", 0xfa);
    kbd(b, 0x03);
    EXPECT(b, "set 3", 0xfa);
    kbd(b, 0xf0);
    next(b);
    kbd(b, 0x00);
    EXPECT(b, "which set", 0xfa, 0x03);
    key(b, 0xc8, true);
    key(b, 0xc8, false);
    EXPECT(b, "set 3: cursor up, no break code", 0x63);
    key(b, 0x2a, true);
    key(b, 0x2a, false);
    EXPECT(b, "set 3: shift", 0x12, 0xf0, 0x12);
    kbd(b, 0xfa);
    EXPECT(b, "all keys make/break/typematic", 0xfa);
    key(b, 0xc8, true);
    key(b, 0xc8, false);
    EXPECT(b, "set 3: cursor up", 0x63, 0xf0, 0x63);
    kbd(b, 0xf0);
    next(b);
    kbd(b, 0x01);
    next(b);
    key(b, 0xc8, true);
    key(b, 0xc8, false);
    EXPECT(b, "set 1 from the keyboard", 0xe0, 0x48, 0xe0, 0xc8);
    kbd(b, 0xf6);
    EXPECT(b, "defaults", 0xfa);
    command(b, 0x60);
    rig_out(&b->r, 0x60, 0x67);
}

static void test_typematic(struct board *b)
{
    struct tap *t = &b->r.tap;
    unsigned n = 0;

    key(b, 0x10, true);
    next(b);
    key(b, 0x10, true);
    rig_run_ns(&b->r, 490 * MS);
    tap_ok(t, !(rig_in(&b->r, 0x64) & 1), "host repeats are dropped");
    for (unsigned i = 0; i < 1010; i++) {
        rig_run_ns(&b->r, MS);
        if (rig_in(&b->r, 0x64) & 1)
            n += rig_in(&b->r, 0x60) == 0x10;
    }
    tap_eq(t, n, 11, "10.9 repeats a second after half a second");
    key(b, 0x10, false);
    next(b);
    command(b, 0xad);
    for (unsigned i = 0x10; i < 0x28; i++)
        key(b, (uint8_t)i, true);
    command(b, 0xae);
    for (n = 0; n < 15; n++)
        next(b);
    tap_eq(t, next(b), 0xff, "a full queue ends with the overrun code");
    for (unsigned i = 0x10; i < 0x28; i++)
        key(b, (uint8_t)i, false);
    while (next(b) != 0x1000)
        continue;
    kbd(b, 0xf5);
    next(b);
    key(b, 0x10, true);
    key(b, 0x10, false);
    tap_eq(t, next(b), 0x1000, "F5h stops scanning");
    kbd(b, 0xf4);
    EXPECT(b, "F4h", 0xfa);
}

static void test_mouse(struct board *b)
{
    struct tap *t = &b->r.tap;

    command(b, 0xa8);
    while (next(b) != 0x1000)
        continue; /* its power-on self-test */
    mouse(b, 0xff);
    EXPECT(b, "mouse reset", 0xfa, 0xaa, 0x00);
    mouse(b, 0xf2);
    EXPECT(b, "mouse ID", 0xfa, 0x00);
    mouse(b, 0xe9);
    EXPECT(b, "status", 0xfa, 0x00, 0x02, 100);
    move(b, 5, 5, 0, 0);
    tap_eq(t, next(b), 0x1000, "disabled mouse says nothing");
    mouse(b, 0xf4);
    EXPECT(b, "enable", 0xfa);
    move(b, 5, 3, 0, 1);
    tap_ok(t, !b->irq12.level, "nothing before the sample period");
    EXPECT(b, "packet: right, down, left button", 0x29, 5, 0xfd);
    move(b, -300, -1, 0, 0);
    EXPECT(b, "long way, two packets", 0x18, 0x01, 1, 0x18, 0xd3, 0);
    mouse(b, 0xe7);
    next(b);
    move(b, 3, 0, 0, 0);
    EXPECT(b, "scaling 2:1", 0x08, 3, 0);
    move(b, 10, 0, 0, 0);
    EXPECT(b, "scaling 2:1, far", 0x08, 20, 0);
    mouse(b, 0xf0);
    next(b);
    move(b, 4, 0, 0, 0);
    tap_eq(t, next(b), 0x1000, "remote mode waits");
    mouse(b, 0xeb);
    EXPECT(b, "until asked", 0xfa, 0x08, 4, 0);
    mouse(b, 0xee);
    next(b);
    mouse(b, 0xf2);
    EXPECT(b, "wrap mode", 0xf2);
    mouse(b, 0xec);
    EXPECT(b, "leaves wrap mode", 0xfa);
}

static void rate(struct board *b, uint8_t v)
{
    mouse(b, 0xf3);
    next(b);
    mouse(b, v);
    next(b);
}

static void test_wheel(struct board *b)
{
    mouse(b, 0xff);
    EXPECT(b, "mouse reset", 0xfa, 0xaa, 0x00);
    rate(b, 200);
    rate(b, 100);
    rate(b, 80);
    mouse(b, 0xf2);
    EXPECT(b, "IntelliMouse ID", 0xfa, 0x03);
    mouse(b, 0xf4);
    next(b);
    move(b, 0, 0, 1, 4);
    EXPECT(b, "wheel away from the user", 0x0c, 0, 0, 0xff);
    rate(b, 200);
    rate(b, 200);
    rate(b, 80);
    mouse(b, 0xf2);
    EXPECT(b, "five buttons", 0xfa, 0x04);
    move(b, 0, 0, -2, 8);
    EXPECT(b, "wheel and a side button", 0x08, 0, 0, 0x12);
}

static void test_no_mouse(struct tap *t)
{
    static struct board b;

    rig_init(&b.r, 1000000);
    b.r.tap = *t;
    b.kbc = rig_add(&b.r, &kbc_class, "kbc", 0);
    mouse(&b, 0xf2);
    tap_eq(&b.r.tap, rig_in(&b.r, 0x64) & 0x61, 0x61, "no mouse: timeout");
    tap_eq(&b.r.tap, rig_in(&b.r, 0x60), 0xfe, "and FEh");
    *t = b.r.tap;
    rig_free(&b.r);
}

int main(void)
{
    static struct board b;

    rig_init(&b.r, 1000000);
    b.kbc = rig_add(&b.r, &kbc_class, "kbc", 0);
    b.kbd = rig_make(&b.r, &ps2kbd_class, "kbd", 0);
    b.mouse = rig_make(&b.r, &ps2mouse_class, "mouse", 0);
    kbc_attach(b.kbc, 0, b.kbd, &ps2kbd_ops);
    kbc_attach(b.kbc, 1, b.mouse, &ps2mouse_ops);
    rig_start(&b.r, b.kbd);
    rig_start(&b.r, b.mouse);
    rig_probe(&b.r, &b.irq1, b.kbc, "irq1", 0);
    rig_probe(&b.r, &b.irq12, b.kbc, "irq12", 0);
    rig_probe(&b.r, &b.a20, b.kbc, "a20", 0);
    rig_probe(&b.r, &b.reset, b.kbc, "reset", 0);
    device_reset(b.kbc, RESET_HARDWARE);
    test_controller(&b);
    test_keyboard(&b);
    test_extra_codes(&b);
    test_sets(&b);
    test_typematic(&b);
    test_mouse(&b);
    test_wheel(&b);
    test_no_mouse(&b.r.tap);
    rig_round_trip(&b.r, b.kbc);
    rig_round_trip(&b.r, b.kbd);
    rig_round_trip(&b.r, b.mouse);
    tap_ok(&b.r.tap, rig_refuses(&b.r, b.kbd, PS2_FIFO_SIZE, 16),
           "a queue out of range is refused");
    return rig_done(&b.r);
}

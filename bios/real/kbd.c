/*
 * kbd.c - INT 09h and INT 16h: the keyboard.
 *
 * Scan codes of set 1 (the controller translates). The buffer at 40:1E holds
 * what function 10h gives; the old functions change or drop keys that an
 * 84-key keyboard has not.
 */
#include "bios/real/real.h"

/* 40:17 */
enum {
    RIGHT_SHIFT = 0x01,
    LEFT_SHIFT = 0x02,
    CTRL = 0x04,
    ALT = 0x08,
    SCROLL = 0x10,
    NUM = 0x20,
    CAPS = 0x40,
    INSERT = 0x80,
};

/* 40:18 */
enum { LEFT_CTRL = 0x01, LEFT_ALT = 0x02, SYSREQ = 0x04, PAUSED = 0x08 };

/* 40:96 */
enum {
    AFTER_E1 = 0x01,
    AFTER_E0 = 0x02,
    RIGHT_CTRL = 0x04,
    RIGHT_ALT = 0x08,
    ENHANCED = 0x10
};

/* 40:97 */
enum { LED_ACK = 0x10, LED_RESEND = 0x20, LED_UPDATE = 0x40 };

#define FIRST_BREAK 0x80
#define SEND_READS  60000u

void irq_keyboard(struct regs *r);
void int16(struct regs *r);

struct key {
    u16 plain, shift, ctrl, alt;
};

#define LETTER(scan, c)                                                        \
    {                                                                          \
        (scan) << 8 | (c), (scan) << 8 | ((c)-0x20), (scan) << 8 | ((c)-0x60), \
            (scan) << 8                                                        \
    }

/* By scan code: BIOS codes of the IBM enhanced keyboard. */
TABLE struct key keys[0x59] = {
    [0x01] = {0x011b, 0x011b, 0x011b, 0x0100},
    [0x02] = {0x0231, 0x0221, 0, 0x7800},
    [0x03] = {0x0332, 0x0340, 0x0300, 0x7900},
    [0x04] = {0x0433, 0x0423, 0, 0x7a00},
    [0x05] = {0x0534, 0x0524, 0, 0x7b00},
    [0x06] = {0x0635, 0x0625, 0, 0x7c00},
    [0x07] = {0x0736, 0x075e, 0x071e, 0x7d00},
    [0x08] = {0x0837, 0x0826, 0, 0x7e00},
    [0x09] = {0x0938, 0x092a, 0, 0x7f00},
    [0x0a] = {0x0a39, 0x0a28, 0, 0x8000},
    [0x0b] = {0x0b30, 0x0b29, 0, 0x8100},
    [0x0c] = {0x0c2d, 0x0c5f, 0x0c1f, 0x8200},
    [0x0d] = {0x0d3d, 0x0d2b, 0, 0x8300},
    [0x0e] = {0x0e08, 0x0e08, 0x0e7f, 0x0e00},
    [0x0f] = {0x0f09, 0x0f00, 0x9400, 0xa500},
    [0x10] = LETTER(0x10, 'q'),
    [0x11] = LETTER(0x11, 'w'),
    [0x12] = LETTER(0x12, 'e'),
    [0x13] = LETTER(0x13, 'r'),
    [0x14] = LETTER(0x14, 't'),
    [0x15] = LETTER(0x15, 'y'),
    [0x16] = LETTER(0x16, 'u'),
    [0x17] = LETTER(0x17, 'i'),
    [0x18] = LETTER(0x18, 'o'),
    [0x19] = LETTER(0x19, 'p'),
    [0x1a] = {0x1a5b, 0x1a7b, 0x1a1b, 0x1a00},
    [0x1b] = {0x1b5d, 0x1b7d, 0x1b1d, 0x1b00},
    [0x1c] = {0x1c0d, 0x1c0d, 0x1c0a, 0x1c00},
    [0x1e] = LETTER(0x1e, 'a'),
    [0x1f] = LETTER(0x1f, 's'),
    [0x20] = LETTER(0x20, 'd'),
    [0x21] = LETTER(0x21, 'f'),
    [0x22] = LETTER(0x22, 'g'),
    [0x23] = LETTER(0x23, 'h'),
    [0x24] = LETTER(0x24, 'j'),
    [0x25] = LETTER(0x25, 'k'),
    [0x26] = LETTER(0x26, 'l'),
    [0x27] = {0x273b, 0x273a, 0, 0x2700},
    [0x28] = {0x2827, 0x2822, 0, 0x2800},
    [0x29] = {0x2960, 0x297e, 0, 0x2900},
    [0x2b] = {0x2b5c, 0x2b7c, 0x2b1c, 0x2b00},
    [0x2c] = LETTER(0x2c, 'z'),
    [0x2d] = LETTER(0x2d, 'x'),
    [0x2e] = LETTER(0x2e, 'c'),
    [0x2f] = LETTER(0x2f, 'v'),
    [0x30] = LETTER(0x30, 'b'),
    [0x31] = LETTER(0x31, 'n'),
    [0x32] = LETTER(0x32, 'm'),
    [0x33] = {0x332c, 0x333c, 0, 0x3300},
    [0x34] = {0x342e, 0x343e, 0, 0x3400},
    [0x35] = {0x352f, 0x353f, 0, 0x3500},
    [0x37] = {0x372a, 0x372a, 0x9600, 0x3700},
    [0x39] = {0x3920, 0x3920, 0x3920, 0x3920},
    [0x3b] = {0x3b00, 0x5400, 0x5e00, 0x6800},
    [0x3c] = {0x3c00, 0x5500, 0x5f00, 0x6900},
    [0x3d] = {0x3d00, 0x5600, 0x6000, 0x6a00},
    [0x3e] = {0x3e00, 0x5700, 0x6100, 0x6b00},
    [0x3f] = {0x3f00, 0x5800, 0x6200, 0x6c00},
    [0x40] = {0x4000, 0x5900, 0x6300, 0x6d00},
    [0x41] = {0x4100, 0x5a00, 0x6400, 0x6e00},
    [0x42] = {0x4200, 0x5b00, 0x6500, 0x6f00},
    [0x43] = {0x4300, 0x5c00, 0x6600, 0x7000},
    [0x44] = {0x4400, 0x5d00, 0x6700, 0x7100},
    [0x47] = {0x4700, 0x4737, 0x7700, 0},
    [0x48] = {0x4800, 0x4838, 0x8d00, 0},
    [0x49] = {0x4900, 0x4939, 0x8400, 0},
    [0x4a] = {0x4a2d, 0x4a2d, 0x8e00, 0x4a00},
    [0x4b] = {0x4b00, 0x4b34, 0x7300, 0},
    [0x4c] = {0x4cf0, 0x4c35, 0x8f00, 0},
    [0x4d] = {0x4d00, 0x4d36, 0x7400, 0},
    [0x4e] = {0x4e2b, 0x4e2b, 0x9000, 0x4e00},
    [0x4f] = {0x4f00, 0x4f31, 0x7500, 0},
    [0x50] = {0x5000, 0x5032, 0x9100, 0},
    [0x51] = {0x5100, 0x5133, 0x7600, 0},
    [0x52] = {0x5200, 0x5230, 0x9200, 0},
    [0x53] = {0x5300, 0x532e, 0x9300, 0},
    [0x56] = {0x565c, 0x567c, 0, 0},
    [0x57] = {0x8500, 0x8700, 0x8900, 0x8b00},
    [0x58] = {0x8600, 0x8800, 0x8a00, 0x8c00},
};

/* ---- the buffer ---------------------------------------------------------- */

static u16 next(u16 at)
{
    at = (u16)(at + 2);
    return at >= bda16(BDA_KBD_END) ? bda16(BDA_KBD_START) : at;
}

bool kbd_store(u16 key)
{
    u16 tail = bda16(BDA_KBD_TAIL), after = next(tail);

    if (after == bda16(BDA_KBD_HEAD))
        return false;
    poke16(0x40, tail, key);
    set_bda16(BDA_KBD_TAIL, after);
    return true;
}

/* ---- the controller ------------------------------------------------------ */

static bool kbc_wait_input(void)
{
    for (u32 n = 0; n < SEND_READS; n++)
        if (!(inb(KBC_CMD) & KBC_IBF))
            return true;
    return false;
}

/* To the keyboard; its answer comes by IRQ 1 or is polled by the caller. */
bool kbc_send(u8 v)
{
    if (!kbc_wait_input())
        return false;
    outb(KBC_DATA, v);
    return true;
}

/* Sends and waits for FAh; scan codes that come between are lost. */
static bool kbd_command(u8 v)
{
    if (!kbc_send(v))
        return false;
    for (u32 n = 0; n < SEND_READS; n++)
        if ((inb(KBC_CMD) & (KBC_OBF | KBC_AUX)) == KBC_OBF)
            return inb(KBC_DATA) == 0xfa;
    return false;
}

/* Shows the lock states, when they have changed. */
void kbd_leds(void)
{
    u8 want = bda8(BDA_KBD_FLAGS) >> 4 & 7;
    u8 have = bda8(BDA_KBD_LEDS);

    if ((have & 7) == want || have & LED_UPDATE)
        return;
    set_bda8(BDA_KBD_LEDS, have | LED_UPDATE);
    outb(KBC_CMD, 0xad); /* answers come back through polling */
    kbc_wait_input();
    if (kbd_command(0xed))
        kbd_command(want);
    kbc_wait_input();
    outb(KBC_CMD, 0xae);
    set_bda8(BDA_KBD_LEDS, (u8)((have & ~0x47) | want));
}

/* ---- INT 09h ------------------------------------------------------------- */

static void change(u32 cell, u8 bits, bool on)
{
    u8 v = bda8(cell);

    set_bda8(cell, (u8)(on ? v | bits : v & ~bits));
}

static void lock_key(u8 flag, u8 held, bool make)
{
    if (make && !(bda8(BDA_KBD_FLAGS2) & held))
        set_bda8(BDA_KBD_FLAGS, bda8(BDA_KBD_FLAGS) ^ flag);
    change(BDA_KBD_FLAGS2, held, make);
}

static void ctrl_key(bool right, bool make)
{
    u32 cell = right ? BDA_KBD_MODE : BDA_KBD_FLAGS2;

    change(cell, right ? RIGHT_CTRL : LEFT_CTRL, make);
    change(BDA_KBD_FLAGS, CTRL,
           (bda8(BDA_KBD_FLAGS2) & LEFT_CTRL) |
               (bda8(BDA_KBD_MODE) & RIGHT_CTRL));
}

static void alt_key(bool right, bool make)
{
    u32 cell = right ? BDA_KBD_MODE : BDA_KBD_FLAGS2;
    u8 number;

    change(cell, right ? RIGHT_ALT : LEFT_ALT, make);
    change(BDA_KBD_FLAGS, ALT,
           (bda8(BDA_KBD_FLAGS2) & LEFT_ALT) |
               (bda8(BDA_KBD_MODE) & RIGHT_ALT));
    number = bda8(BDA_ALT_KEYPAD);
    if (!make && number) {
        set_bda8(BDA_ALT_KEYPAD, 0);
        kbd_store(number);
    }
}

/* Shift, lock and such keys; false for all others. */
static bool state_key(u8 scan, bool e0, bool make)
{
    switch (scan) {
    case 0x1d:
        ctrl_key(e0, make);
        return true;
    case 0x38:
        alt_key(e0, make);
        return true;
    case 0x2a:
        if (!e0) /* E0 2A is no shift key but wraps another one */
            change(BDA_KBD_FLAGS, LEFT_SHIFT, make);
        return true;
    case 0x36:
        if (!e0)
            change(BDA_KBD_FLAGS, RIGHT_SHIFT, make);
        return true;
    case 0x3a:
        lock_key(CAPS, CAPS, make);
        return true;
    case 0x45:
        if (e0)
            return false;
        lock_key(NUM, NUM, make);
        return true;
    case 0x46:
        if (e0 || bda8(BDA_KBD_FLAGS) & CTRL)
            return false;
        lock_key(SCROLL, SCROLL, make);
        return true;
    default:
        return false;
    }
}

static void break_key(void)
{
    set_bda8(BDA_BREAK, 0x80);
    set_bda16(BDA_KBD_HEAD, bda16(BDA_KBD_START));
    set_bda16(BDA_KBD_TAIL, bda16(BDA_KBD_START));
    hook_int(0x1b);
    kbd_store(0);
}

static void restart(void)
{
    set_bda16(BDA_WARM_BOOT, 0x1234);
    cmos_write(CMOS_SHUTDOWN, 0);
    kbc_wait_input();
    outb(KBC_CMD, 0xfe);
    for (;;)
        __asm__ volatile("hlt");
}

static void pause(void)
{
    u8 flags = bda8(BDA_KBD_FLAGS2);

    if (flags & PAUSED)
        return;
    set_bda8(BDA_KBD_FLAGS2, flags | PAUSED);
    eoi_master();
    while (bda8(BDA_KBD_FLAGS2) & PAUSED)
        wait_irq();
}

/* Code of a key of the gray blocks (after E0), 0 none. */
static u16 gray_key(u8 scan, u8 flags)
{
    u16 code;

    if (scan == 0x1c)
        return flags & ALT ? 0xa600 : flags & CTRL ? 0xe00a : 0xe00d;
    if (scan == 0x35)
        return flags & ALT ? 0xa400 : flags & CTRL ? 0x9500 : 0xe02f;
    if (scan < 0x47 || scan > 0x53)
        return 0;
    if (flags & ALT)
        return (u16)((scan + 0x50) << 8);
    code = flags & CTRL ? keys[scan].ctrl : (u16)(scan << 8);
    return code | 0xe0;
}

/* Digits of the keypad with Alt make a character. */
static bool alt_digit(u8 scan)
{
    TABLE u8 digit[13] = {7, 8, 9, 0xff, 4, 5, 6, 0xff, 1, 2, 3, 0, 0xff};
    u8 v;

    if (scan < 0x47 || scan > 0x53)
        return false;
    v = digit[scan - 0x47];
    if (v == 0xff)
        return false;
    set_bda8(BDA_ALT_KEYPAD, (u8)(bda8(BDA_ALT_KEYPAD) * 10 + v));
    return true;
}

static u16 plain_key(u8 scan, u8 flags)
{
    bool shift = flags & (LEFT_SHIFT | RIGHT_SHIFT);
    u16 letter = keys[scan].plain & 0xff;

    if (flags & ALT)
        return keys[scan].alt;
    if (flags & CTRL)
        return keys[scan].ctrl;
    if (flags & CAPS && letter >= 'a' && letter <= 'z')
        shift = !shift;
    if (flags & NUM && scan >= 0x47 && scan <= 0x53 && scan != 0x4a &&
        scan != 0x4e)
        shift = !shift;
    return shift ? keys[scan].shift : keys[scan].plain;
}

static void make_key(u8 scan, bool e0)
{
    u8 flags = bda8(BDA_KBD_FLAGS);
    u16 code;

    if (scan == 0x53 && (flags & (CTRL | ALT)) == (CTRL | ALT))
        restart();
    if (bda8(BDA_KBD_FLAGS2) & PAUSED) {
        change(BDA_KBD_FLAGS2, PAUSED, false);
        return;
    }
    if (scan == 0x46) { /* E0 46 or Ctrl and Scroll Lock */
        break_key();
        return;
    }
    if (e0 && scan == 0x37) {
        if (flags & CTRL)
            kbd_store(0x7200);
        else
            hook_int(0x05);
        return;
    }
    if (!e0 && scan == 0x54) { /* Alt and Print Screen */
        return;
    }
    if (e0) {
        code = gray_key(scan, flags);
    } else {
        if (flags & ALT && alt_digit(scan))
            return;
        code = scan < ARRAY_LEN(keys) ? plain_key(scan, flags) : 0;
    }
    if (scan == 0x52 && !(flags & (CTRL | ALT)) &&
        !(code & 0xff && code != 0x52e0))
        set_bda8(BDA_KBD_FLAGS, bda8(BDA_KBD_FLAGS) ^ INSERT);
    if (code)
        kbd_store(code);
}

/* INT 15h 4Fh may change the scan code or take it away. */
static bool intercept(u8 *scan)
{
    struct regs r = {.flags = 0};

    r.a.x = (u16)(0x4f00 | *scan);
    r.flags = CF;
    __asm__ volatile("stc" : : : "cc", "memory");
    call_int(0x15, &r);
    *scan = r.a.l;
    return r.flags & CF;
}

static void take_scan(u8 scan)
{
    u8 mode = bda8(BDA_KBD_MODE);
    bool e0 = mode & AFTER_E0, make = scan < FIRST_BREAK;

    if (scan == 0xe0) {
        set_bda8(BDA_KBD_MODE, mode | AFTER_E0);
        return;
    }
    if (scan == 0xe1) {
        set_bda8(BDA_KBD_MODE, mode | AFTER_E1);
        return;
    }
    if (mode & AFTER_E1) { /* E1 1D 45, E1 9D C5 */
        if ((scan & 0x7f) == 0x1d)
            return;
        change(BDA_KBD_MODE, AFTER_E1, false);
        if (scan == 0x45)
            pause();
        return;
    }
    change(BDA_KBD_MODE, AFTER_E0, false);
    scan &= 0x7f;
    if (!state_key(scan, e0, make) && make)
        make_key(scan, e0);
}

void irq_keyboard(struct regs *r)
{
    u8 scan;

    (void)r;
    if (!(inb(KBC_CMD) & KBC_OBF)) {
        eoi_master();
        return;
    }
    scan = inb(KBC_DATA);
    irq_on();
    if (scan != 0xfa && scan != 0xfe && scan != 0x00 && intercept(&scan))
        take_scan(scan);
    kbd_leds();
    irq_off();
    eoi_master();
}

/* ---- INT 16h ------------------------------------------------------------- */

/* What the 84-key functions make of a key; 0 drops it. */
static u16 old_key(u16 key)
{
    u8 ascii = (u8)key, scan = (u8)(key >> 8);

    if (scan == 0xe0)
        return ascii == 0x2f ? 0x352f : (u16)(0x1c00 | ascii);
    if (ascii == 0xe0 && scan)
        return (u16)(scan << 8);
    if (ascii == 0xf0 && scan)
        return 0;
    return scan > 0x84 ? 0 : key;
}

/* The key at the head, kept or taken; false when there is none. */
static bool look(bool enhanced, bool take, u16 *key)
{
    for (;;) {
        u16 head, code;

        irq_off();
        head = bda16(BDA_KBD_HEAD);
        if (head == bda16(BDA_KBD_TAIL)) {
            irq_on();
            return false;
        }
        code = peek16(0x40, head);
        *key = code;
        if (enhanced) {
            if ((code & 0xff) == 0xf0 && code >> 8)
                *key = code & 0xff00;
        } else if (code) {
            *key = old_key(code);
        }
        if (take || (!enhanced && code && !*key))
            set_bda16(BDA_KBD_HEAD, next(head));
        irq_on();
        if (!*key && code)
            continue; /* dropped: the next one */
        return true;
    }
}

static void read_key(struct regs *r, bool enhanced)
{
    u16 key;

    while (!look(enhanced, true, &key)) {
        irq_off();
        if (bda16(BDA_KBD_HEAD) == bda16(BDA_KBD_TAIL))
            wait_irq();
        irq_on();
    }
    r->a.x = key;
}

static void peek_key(struct regs *r, bool enhanced)
{
    u16 key;
    bool there = look(enhanced, false, &key);

    if (there)
        r->a.x = key;
    set_flag(r, ZF, !there);
}

static void set_rate(struct regs *r)
{
    if (r->a.l == 5 && r->b.h <= 3 && r->b.l <= 0x1f) {
        outb(KBC_CMD, 0xad);
        kbc_wait_input();
        if (kbd_command(0xf3))
            kbd_command((u8)(r->b.h << 5 | r->b.l));
        kbc_wait_input();
        outb(KBC_CMD, 0xae);
    }
}

void int16(struct regs *r)
{
    u8 flags, flags2, mode;

    switch (r->a.h) {
    case 0x00:
    case 0x10:
        read_key(r, r->a.h == 0x10);
        break;
    case 0x01:
    case 0x11:
        peek_key(r, r->a.h == 0x11);
        break;
    case 0x02:
        r->a.l = bda8(BDA_KBD_FLAGS);
        break;
    case 0x03:
        set_rate(r);
        break;
    case 0x05:
        r->a.l = !kbd_store(r->c.x);
        set_flag(r, CF, r->a.l != 0);
        break;
    case 0x09: /* typematic rate can be set; 10h-12h are there */
        r->a.l = 0x30;
        break;
    case 0x0a:
        r->b.x = 0x41ab;
        break;
    case 0x12:
        flags = bda8(BDA_KBD_FLAGS);
        flags2 = bda8(BDA_KBD_FLAGS2);
        mode = bda8(BDA_KBD_MODE);
        r->a.l = flags;
        r->a.h = (u8)((flags2 & 0x73) | (mode & (RIGHT_CTRL | RIGHT_ALT)) |
                      (flags2 & SYSREQ ? 0x80 : 0));
        break;
    default:
        break;
    }
}

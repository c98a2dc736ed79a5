/*
 * menu.c - the boot menu: F12 or Esc during POST.
 *
 * A list is moved through with the arrow keys, Home, End and the first letter
 * or number of an entry; Enter boots, Esc goes on without a choice. There is
 * a wait for the key only when the configuration asks for the menu
 * (fw_cfg: boot_menu); else a key that was hit during POST counts. Tab shows
 * what POST has said.
 */
#include "bios/post/post.h"

/* 16-bit, in real/entry.S. */
extern const u8 post_rest[];

enum { FWCFG_BOOT_MENU = 0x0e, WAIT_TICKS = 46 };
enum {
    KEY_ESC = 0x011b,
    KEY_TAB = 0x0f09,
    KEY_ENTER = 0x1c0d,
    KEY_F12 = 0x8600,
    KEY_UP = 0x48,
    KEY_DOWN = 0x50,
    KEY_HOME = 0x47,
    KEY_END = 0x4f
};
enum { FIRST_ROW = 3 };

static bool key_there(void)
{
    struct regs r = {.flags = 0};

    r.a.x = 0x1100;
    real_call(CALL_INT, 0x16, &r);
    return !(r.flags & 0x40);
}

static u16 key(void)
{
    struct regs r = {.flags = 0};

    r.a.x = 0x1000;
    real_call(CALL_INT, 0x16, &r);
    return r.a.x;
}

static void cursor(u8 row, u8 column)
{
    struct regs r = {.flags = 0};

    r.a.x = 0x0200;
    r.d.x = (u16)(row << 8 | column);
    real_call(CALL_INT, 0x10, &r);
}

static void clear_screen(void)
{
    struct regs r = {.flags = 0};

    r.a.x = 0x0003;
    real_call(CALL_INT, 0x10, &r);
}

static bool wanted(void)
{
    bool ask = fwcfg_present() && fwcfg_value(FWCFG_BOOT_MENU, 2) != 0;
    u32 start = *mem32(0x46c);

    if (ask)
        say("\nPress F12 or Esc for the boot menu, Tab for what POST did.\n");
    do {
        while (key_there()) {
            u16 k = key();

            if (k == KEY_F12 || k == KEY_ESC)
                return true;
            if (k == KEY_TAB)
                verbose_on();
        }
        if (ask) {
            struct regs r = {.flags = 0};

            /* until the next interrupt */
            real_call(CALL_C, (u32)post_rest, &r);
        }
    } while (ask && *mem32(0x46c) - start < WAIT_TICKS);
    return false;
}

static void show(unsigned n, bool chosen)
{
    cursor((u8)(FIRST_ROW + n), 0);
    say("  %c %u. %s", chosen ? '>' : ' ', n + 1,
        (const char *)bd.boot[n].name);
}

/* -1 for Esc. */
static int choose(unsigned count)
{
    unsigned at = 0, before = 0;

    for (;;) {
        u16 k;
        u8 scan;

        show(before, false);
        show(at, true);
        before = at;
        k = key();
        scan = (u8)(k >> 8);
        if (k == KEY_ESC)
            return -1;
        if ((u8)k == '\r')
            return (int)at;
        if (scan == KEY_UP)
            at = at ? at - 1 : count - 1;
        else if (scan == KEY_DOWN)
            at = at + 1 < count ? at + 1 : 0;
        else if (scan == KEY_HOME)
            at = 0;
        else if (scan == KEY_END)
            at = count - 1;
        else if ((u8)k > '0' && (u8)k <= '9' && (k & 0xffu) - '0' <= count)
            return (int)(k & 0xff) - '1';
    }
}

/* The chosen one first, then the others in their order. */
static void move_first(unsigned n)
{
    struct boot_entry e = *(struct boot_entry *)&bd.boot[n];

    for (; n; n--)
        bd.boot[n] = bd.boot[n - 1];
    bd.boot[0] = e;
}

void boot_menu(void)
{
    unsigned count = bd.boot_count + bd.boot_others;
    int n;

    for (unsigned k = 0; k < count; k++)
        debug("boot %u: %s\n", k + 1, (const char *)bd.boot[k].name);
    if (!wanted() || !count)
        return;
    clear_screen();
    say("Boot from (arrows, Enter; Esc leaves the order as it is):\n");
    for (unsigned k = 0; k < count; k++)
        show(k, false);
    n = choose(count);
    cursor((u8)(FIRST_ROW + count + 1), 0);
    if (n < 0)
        return;
    if ((unsigned)n >= bd.boot_count) {
        bd.boot_count++;
        bd.boot_others--;
    }
    move_first((unsigned)n);
}

/*
 * boot.c - INT 18h and 19h: the first bootable thing of the list is started.
 *
 * BIOS Boot Specification 1.01, sections 6 and 7, without INT 19h hooks of
 * its own.
 */
#include "bios/real/real.h"

#define BOOT_OFF 0x7c00u

void int19_boot(void);
void int18_boot_failed(void);
void kernel_failed(void);

static void put_char(char c)
{
    struct regs r = {.flags = 0};

    outb(DEBUG_402, (u8)c);
    if (c == '\n')
        put_char('\r');
    r.a.x = (u16)(0x0e00 | (u8)c);
    r.b.x = 0x0007;
    call_int(0x10, &r);
}

static void put_text(const volatile char __seg_fs *s)
{
    while (*s)
        put_char(*s++);
}

static void put_hex(u8 v)
{
    TABLE char digits[] = "0123456789ABCDEF";

    put_char(digits[v >> 4]);
    put_char(digits[v & 15]);
}

static void failed(const volatile char __seg_fs *why, u8 code)
{
    TABLE char middle[] = ": ";

    put_text(middle);
    put_text(why);
    if (code) {
        put_char(' ');
        put_hex(code);
    }
    put_char('\n');
}

static u8 load_sector(u8 drive)
{
    struct regs r = {.flags = 0};

    r.a.x = 0x0201;
    r.c.x = 0x0001;
    r.d.x = drive;
    r.b.x = BOOT_OFF;
    call_int(0x13, &r);
    return r.flags & CF ? r.a.h : 0;
}

static void try_sector(u8 drive, bool check)
{
    TABLE char unreadable[] = "not readable";
    TABLE char unbootable[] = "not bootable";
    u8 code = 0;

    for (unsigned n = 0; n < 3; n++) {
        struct regs r = {.flags = 0};

        poke16(0, BOOT_OFF + 510, 0);
        code = load_sector(drive);
        if (!code)
            break;
        r.d.x = drive;
        call_int(0x13, &r); /* reset */
    }
    if (code) {
        failed(unreadable, code);
        return;
    }
    if (check && peek16(0, BOOT_OFF + 510) != 0xaa55) {
        failed(unbootable, 0);
        return;
    }
    put_char('\n');
    boot_jump(BOOT_OFF, drive);
}

static void try_cd(u8 unit)
{
    TABLE char unbootable[] = "not bootable, code";
    u8 code = eltorito_boot(unit);

    if (code) {
        failed(unbootable, code);
        return;
    }
    put_char('\n');
    eltorito_jump();
}

static void try_entry(unsigned n)
{
    TABLE char booting[] = "Booting ";
    u8 kind = bd.boot[n].kind, unit = bd.boot[n].unit;

    put_text(booting);
    put_text(bd.boot[n].name);
    if (kind == BOOT_FLOPPY) {
        try_sector(unit, bd.check_floppy_signature);
    } else if (kind == BOOT_DISK) {
        try_sector((u8)(0x80 + unit), true);
    } else if (kind == BOOT_CD) {
        try_cd(unit);
    } else if (kind == BOOT_KERNEL) {
        put_char('\n');
        kernel_jump();
    } else {
        struct regs r = {.flags = 0};
        TABLE char back[] = "The ROM came back.\n";

        put_char('\n');
        r.a.x = bd.boot[n].bdf;
        r.es = CODE_SEG;
        r.di.x = bd.pnp_off;
        call_far((u32)bd.boot[n].rom_seg << 16 | bd.boot[n].rom_off, &r);
        put_text(back);
    }
}

static void nothing_left(void)
{
    TABLE char text[] = "No bootable device.\n";

    put_text(text);
    for (;;)
        wait_irq();
}

/* From entry n on. */
static void boot_from(unsigned n)
{
    for (; n < bd.boot_count; n++) {
        bd.boot_at = (u16)(n + 1);
        try_entry(n);
    }
    nothing_left();
}

void int19_boot(void)
{
    boot_from(0);
}

/* A boot sector or ROM gives up: the next one. */
void int18_boot_failed(void)
{
    boot_from(bd.boot_at);
}

/* It could not be loaded (post/kernel.c): the next one. */
void kernel_failed(void)
{
    TABLE char text[] = "The kernel could not be loaded.\n";

    put_text(text);
    boot_from(bd.boot_at);
}

/*
 * eltorito.c - INT 13h on a CD that emulates a hard disk, and 4Ah-4Dh.
 *
 * The CD (made by bios_test.sh): boot catalogue in block 19, this program as
 * a disk of 20 cylinders, 2 heads, 18 sectors from block 20; from block 400 a
 * floppy of 1.44 MB whose sectors begin with their number, the first is a
 * boot sector (second.S). The hard disk: 20/16/63, sectors begin with their
 * number.
 */
#include "tests/bios/guest.h"

enum { FLOPPY_BLOCK = 400, CATALOGUE_BLOCK = 19 };

static u8 packet[0x13] __attribute__((aligned(4)));

static struct regs emulation(u32 eax, u8 drive)
{
    struct regs r = fresh(eax);

    r.d.l = drive;
    r.si.x = (u16)(u32)packet;
    int_call(0x13, &r);
    return r;
}

static struct regs read(u8 drive, u16 cx, u8 head)
{
    struct regs r = fresh(0x0201);

    *(u32 *)buffer = 0;
    r.c.x = cx;
    r.d.l = drive;
    r.d.h = head;
    r.b.x = (u16)(u32)buffer;
    int_call(0x13, &r);
    return r;
}

static void booted(void)
{
    struct regs r = fresh(0x0800);

    r.d.l = 0x80;
    ok(start_drive == 0x80, "the CD's disk is drive 80h", &r);
    int_call(0x13, &r);
    ok(!cf(&r) && r.c.x == 0x1312 && r.d.x == 0x0102,
       "13h 08h: 20/2/18, two disks", &r);
    r = read(0x80, 0x0001, 0);
    ok(!cf(&r) && *(u16 *)(buffer + 510) == 0xaa55 && buffer[0x1be] == 0x80,
       "13h 02h: its boot sector", &r);
    r = fresh(0x0301);
    r.c.x = 0x0001;
    r.d.l = 0x80;
    r.b.x = (u16)(u32)buffer;
    int_call(0x13, &r);
    ok(cf(&r) && r.a.h == 3, "13h 03h: write-protected", &r);
    r = read(0x80, 0x1401, 0);
    ok(cf(&r), "13h 02h: beyond its end", &r);
    r = read(0x81, 0x0101, 0);
    ok(!cf(&r) && *(u32 *)buffer == 1008, "the real disk is drive 81h", &r);
    r = fresh(0x1500);
    r.d.l = 0x80;
    int_call(0x13, &r);
    ok(!cf(&r) && r.a.h == 3 && r.d.x == 720, "13h 15h: 720 sectors", &r);
}

static void catalogue(void)
{
    static u8 command[8];
    struct regs r = fresh(0x4d00);

    command[0] = 8;
    command[1] = 1;
    *(u16 *)(command + 2) = (u16)(u32)buffer;
    *(u16 *)(command + 4) = SEGMENT;
    r.d.l = 0x7f;
    r.si.x = (u16)(u32)command;
    int_call(0x13, &r);
    ok(!cf(&r) && buffer[0] == 1 && *(u16 *)(buffer + 30) == 0xaa55 &&
           buffer[32] == 0x88 && buffer[33] == 4,
       "13h 4Dh: the boot catalogue", &r);
}

static void status(void)
{
    struct regs r = emulation(0x4b01, 0x80);

    ok(!cf(&r) && packet[0] == 0x13 && packet[1] == 4 && packet[2] == 0x80 &&
           *(u32 *)(packet + 4) == CATALOGUE_BLOCK + 1 && packet[16] == 0x13 &&
           packet[17] == 0x12 && packet[18] == 1,
       "13h 4B01h: the disk's packet", &r);
    r = emulation(0x4a00, 0);
    ok(cf(&r), "13h 4Ah: not while another is emulated", &r);
    r = emulation(0x4b00, 0x12);
    ok(cf(&r), "13h 4B00h: not of another drive", &r);
    r = emulation(0x4b00, 0x7f);
    ok(!cf(&r) && packet[1] == 4, "13h 4B00h: emulation ends", &r);
    r = read(0x80, 0x0101, 0);
    ok(!cf(&r) && *(u32 *)buffer == 1008, "the real disk is 80h again", &r);
    r = fresh(0x0800);
    r.d.l = 0x80;
    int_call(0x13, &r);
    ok(!cf(&r) && r.d.l == 1, "13h 08h: one disk", &r);
    r = emulation(0x4b01, 0x7f);
    ok(cf(&r), "13h 4B01h: nothing is emulated", &r);
}

/* As a second disk, then as the first; the packet is that of 4Bh. */
static void disk_again(void)
{
    struct regs r;

    packet[2] = 0x81;
    r = emulation(0x4a00, 0);
    ok(!cf(&r), "13h 4Ah: disk 81h", &r);
    r = read(0x80, 0x0101, 0);
    ok(!cf(&r) && *(u32 *)buffer == 1008, "the real disk stays 80h", &r);
    r = read(0x81, 0x0001, 0);
    ok(!cf(&r) && buffer[0x1be] == 0x80, "the image is read", &r);
    r = emulation(0x4b00, 0x81);
    ok(!cf(&r), "13h 4B00h: disk 81h ends", &r);
    packet[2] = 0x83;
    r = emulation(0x4a00, 0);
    ok(cf(&r), "13h 4Ah: no disk 83h", &r);
    packet[2] = 0x80;
    packet[16] = packet[17] = packet[18] = 0;
    r = emulation(0x4a00, 0);
    ok(!cf(&r), "13h 4Ah: geometry of the partition table", &r);
    r = fresh(0x0800);
    r.d.l = 0x80;
    int_call(0x13, &r);
    ok(!cf(&r) && r.c.x == 0x1312 && r.d.h == 1, "13h 08h: 20/2/18", &r);
    r = emulation(0x4b00, 0x80);
}

static void floppy(void)
{
    u16 equipment = (u16)peek(0x40, 0x10, 2);
    struct regs r;

    packet[1] = 2;
    packet[2] = 0;
    *(u32 *)(packet + 4) = FLOPPY_BLOCK;
    r = emulation(0x4a00, 0);
    ok(!cf(&r), "13h 4Ah: a floppy", &r);
    r = read(0, 0x0302, 1);
    ok(!cf(&r) && *(u32 *)buffer == (3 * 2 + 1) * 18 + 1,
       "13h 02h: read from it", &r);
    r = fresh(0x1500);
    int_call(0x13, &r);
    ok(!cf(&r) && r.a.h == 1, "13h 15h: a floppy", &r);
    ok(peek(0x40, 0x10, 1) & 1, "11h: it is there", &r);
    r = emulation(0x4b00, 0);
    ok(!cf(&r) && peek(0x40, 0x10, 2) == equipment, "13h 4B00h: ends", &r);
    *(u16 *)(packet + 14) = 1;
    *(u16 *)(packet + 12) = 0;
    packet[3] = 3; /* no such channel */
    r = emulation(0x4c00, 0);
    ok(cf(&r), "13h 4Ch: comes back without such a drive", &r);
    packet[3] = 1;
}

void main(void)
{
    struct regs r;

    serial_fast();
    booted();
    catalogue();
    status();
    disk_again();
    floppy();
    plan(1);
    r = emulation(0x4c00, 0);
    ok(false, "13h 4Ch: boots the floppy", &r);
}

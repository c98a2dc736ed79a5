/*
 * edd.c - INT 13h 41h-4Eh: disks and CDs by block number (EDD 3.0).
 *
 * Phoenix Enhanced Disk Drive Specification 3.0; disks have sectors of 512
 * bytes, CDs blocks of 2048.
 */
#include "bios/real/real.h"

enum {
    OK = 0x00,
    BAD_COMMAND = 0x01,
    NOT_LOCKED = 0xb0,
    LOCKED = 0xb1,
    NOT_REMOVABLE = 0xb2,
    LOCK_COUNT = 0xb4,
};

enum { READ_VERIFY_SECTORS = 0x40 };

/* Disk address packet at DS:SI. */
enum { DAP_SIZE = 0, DAP_COUNT = 2, DAP_OFF = 4, DAP_SEG = 6, DAP_LBA = 8 };

/* Result buffer of 48h. */
enum {
    INFO_DMA = 1,
    INFO_GEOMETRY = 2,
    INFO_REMOVABLE = 4,
    INFO_VERIFY = 8,
    INFO_CHANGE_LINE = 0x10,
    INFO_LOCKABLE = 0x20,
    INFO_NO_MEDIUM = 0x40
};

static u8 move(unsigned drive, u8 function, u32 low, u32 high, u16 n, u16 seg,
               u16 off)
{
    u16 some;

    if (bd.drive[drive].kind == DRIVE_CD) {
        if (function == 0x43)
            return BAD_COMMAND;
        return function == 0x42 ? atapi_read(drive, low, n, seg, off) : OK;
    }
    if (function == 0x44) {
        for (u8 status; n; n -= some, low += some) {
            some = n < 256 ? n : 256; /* which is 0 */
            status = ata_command(drive, READ_VERIFY_SECTORS, low, some & 255);
            if (status)
                return status;
        }
        return OK;
    }
    if (function == 0x47)
        return OK;
    return ata_transfer(drive, low, high, n, seg, off, function == 0x43);
}

static void transfer(struct regs *r, unsigned drive)
{
    u16 ds = r->ds, si = r->si.x;
    u16 n = peek16(ds, si + DAP_COUNT);
    u32 low = peek32(ds, si + DAP_LBA), high = peek32(ds, si + DAP_LBA + 4);
    u64 lba = (u64)high << 32 | low;
    u8 status;

    if (peek8(ds, si + DAP_SIZE) < 16) {
        answer(r, BAD_COMMAND);
        return;
    }
    if (bd.drive[drive].kind == DRIVE_DISK &&
        (lba >= bd.drive[drive].sectors || n > bd.drive[drive].sectors - lba)) {
        answer(r, BAD_COMMAND);
        poke16(ds, si + DAP_COUNT, 0);
        return;
    }
    status = move(drive, r->a.h, low, high, n, peek16(ds, si + DAP_SEG),
                  peek16(ds, si + DAP_OFF));
    if (status)
        poke16(ds, si + DAP_COUNT, 0);
    answer(r, status);
}

/* 45h: AL 0 locks, 1 unlocks, 2 asks. */
static void lock(struct regs *r, unsigned drive)
{
    u8 locks = bd.drive[drive].locks;

    if (!bd.drive[drive].removable) {
        answer(r, OK);
        r->a.l = 1;
        return;
    }
    if (r->a.l == 0) {
        if (locks == 0xff) {
            answer(r, LOCK_COUNT);
            return;
        }
        locks++;
    } else if (r->a.l == 1) {
        if (!locks) {
            answer(r, NOT_LOCKED);
            return;
        }
        locks--;
    }
    if (!locks != !bd.drive[drive].locks)
        atapi_lock(drive, locks != 0);
    bd.drive[drive].locks = locks;
    answer(r, OK);
    r->a.l = locks != 0;
}

static void eject(struct regs *r, unsigned drive)
{
    if (!bd.drive[drive].removable)
        answer(r, NOT_REMOVABLE);
    else if (bd.drive[drive].locks)
        answer(r, LOCKED);
    else
        answer(r, atapi_eject(drive, true));
}

/* The device path of the result buffer, EDD 3.0 table 6. */
static void device_path(u16 ds, u16 si, unsigned drive)
{
    TABLE char host[8] = "PCI ", interface[8] = "ATA     ";
    TABLE char atapi[8] = "ATAPI   ", isa[4] = "ISA ";
    bool cd = bd.drive[drive].kind == DRIVE_CD;
    u8 sum = 0;

    poke16(ds, si + 30, 0xbedd);
    poke8(ds, si + 32, 36);
    for (unsigned n = 33; n < 66; n++)
        poke8(ds, si + n, 0);
    for (unsigned n = 0; n < 4; n++)
        poke8(ds, si + 36 + n, (u8)(drive < 4 ? host[n] : isa[n]));
    for (unsigned n = 0; n < 8; n++)
        poke8(ds, si + 40 + n, (u8)(cd ? atapi[n] : interface[n]));
    if (drive < 4) { /* interface path: bus 0, slot 1, function 1, channel */
        poke8(ds, si + 49, 1);
        poke8(ds, si + 50, 1);
        poke8(ds, si + 51, (u8)(drive / 2));
    } else {
        poke16(ds, si + 48, bd.drive[drive].io);
    }
    poke8(ds, si + 56, bd.drive[drive].slave);
    for (unsigned n = 30; n < 65; n++)
        sum = (u8)(sum + peek8(ds, si + n));
    poke8(ds, si + 65, (u8)-sum);
}

/* The extended parameter table, EDD 3.0 table 5, for one drive at a time. */
static void device_table(u16 ds, u16 si, unsigned drive)
{
    u8 sum = 0;
    bool cd = bd.drive[drive].kind == DRIVE_CD;

    bd.edd.io = bd.drive[drive].io;
    bd.edd.control = bd.drive[drive].control;
    bd.edd.head_prefix = (u8)(0xe0 | bd.drive[drive].slave << 4);
    bd.edd.internal = 0xcb;
    bd.edd.irq = bd.drive[drive].irq;
    bd.edd.block_count = 1;
    bd.edd.dma = 0;
    bd.edd.pio = 0;
    bd.edd.options = (u16)(cd ? 0x0070
                              : 0x0010 | /* LBA */
                                    (bd.drive[drive].translation ? 0x08 : 0) |
                                    (bd.drive[drive].translation == 1) << 9);
    bd.edd.reserved = 0;
    bd.edd.revision = 0x11;
    for (unsigned n = 0; n < 15; n++)
        sum = (u8)(sum + ((volatile u8 __seg_fs *)&bd.edd)[n]);
    bd.edd.checksum = (u8)-sum;
    poke16(ds, si + 26, (u16)(u32)&bd.edd);
    poke16(ds, si + 28, DATA_SEG);
}

static void parameters(struct regs *r, unsigned drive)
{
    u16 ds = r->ds, si = r->si.x, size = peek16(ds, si);
    bool cd = bd.drive[drive].kind == DRIVE_CD;
    u64 sectors = cd ? (u64)-1 : bd.drive[drive].sectors;
    u16 flags = cd ? INFO_REMOVABLE | INFO_CHANGE_LINE | INFO_LOCKABLE : 0;

    if (size < 26) {
        answer(r, BAD_COMMAND);
        return;
    }
    if (!cd && sectors <= 16514064) /* CHS is true up to 16383 cylinders */
        flags = INFO_GEOMETRY | INFO_DMA;
    poke16(ds, si + 2, flags);
    poke32(ds, si + 4, cd ? 0xffffffff : bd.drive[drive].physical.cylinders);
    poke32(ds, si + 8, cd ? 0xffffffff : bd.drive[drive].physical.heads);
    poke32(ds, si + 12, cd ? 0xffffffff : bd.drive[drive].physical.spt);
    poke32(ds, si + 16, (u32)sectors);
    poke32(ds, si + 20, (u32)(sectors >> 32));
    poke16(ds, si + 24, bd.drive[drive].sector_bytes);
    if (size >= 66) {
        device_path(ds, si, drive);
        size = 66;
    } else if (size >= 30) {
        size = 30;
    } else {
        size = 26;
    }
    if (size >= 30)
        device_table(ds, si, drive);
    poke16(ds, si, size);
    answer(r, OK);
}

/* 4Eh: nothing of the hardware configuration can be changed. */
static void set_hardware(struct regs *r)
{
    switch (r->a.l) {
    case 0x01: /* prefetch off */
    case 0x03: /* PIO mode 0 */
    case 0x04: /* default PIO mode */
    case 0x06: /* default DMA mode: none */
        answer(r, OK);
        r->a.l = 0;
        break;
    default:
        answer(r, BAD_COMMAND);
        break;
    }
}

void edd_service(struct regs *r, unsigned drive)
{
    switch (r->a.h) {
    case 0x41:
        if (r->b.x != 0x55aa) {
            answer(r, BAD_COMMAND);
            break;
        }
        r->b.x = 0xaa55;
        /* Packets; for removables locking too; the parameter table. */
        r->c.x = bd.drive[drive].removable ? 0x0007 : 0x0005;
        answer(r, OK);
        r->a.h = 0x30; /* version 3.0 */
        break;
    case 0x42:
    case 0x43:
    case 0x44:
    case 0x47:
        transfer(r, drive);
        break;
    case 0x45:
        lock(r, drive);
        break;
    case 0x46:
        eject(r, drive);
        break;
    case 0x48:
        parameters(r, drive);
        break;
    case 0x49:
        answer(r, 0x06); /* changed: nobody watches the tray */
        if (!bd.drive[drive].removable)
            answer(r, OK);
        break;
    case 0x4e:
        set_hardware(r);
        break;
    default:
        answer(r, BAD_COMMAND);
        break;
    }
}

/*
 * disk.c - INT 13h for hard disks and CDs, and who answers for which drive.
 *
 * Numbers: 00h-7Fh floppies, 80h-... disks, E0h-... CDs (EDD only). An
 * emulated floppy or disk of a bootable CD takes a number of its kind, the
 * first when it was booted, and moves those behind it up.
 */
#include "bios/real/real.h"

enum {
    OK = 0x00,
    BAD_COMMAND = 0x01,
    SECTOR_NOT_FOUND = 0x04,
};

enum {
    READ_VERIFY_SECTORS = 0x40,
};

void int13(struct regs *r);

/* Index in bd.drive of the number in DL, or -1. */
static int drive_of(u8 dl)
{
    if (dl >= 0xe0)
        return dl - 0xe0 < bd.cds ? bd.cd[dl - 0xe0] : -1;
    if (bd.emulation.active && bd.emulation.media == 4 &&
        dl > bd.emulation.drive)
        dl--;
    dl = (u8)(dl - 0x80);
    return dl < bd.disks ? bd.disk[dl] : -1;
}

/* CHS of the caller to LBA; false when there is no such sector. */
static bool chs_to_lba(const struct regs *r, unsigned drive, u32 *lba)
{
    u32 cylinder = (u32)r->c.h | (u32)(r->c.l & 0xc0) << 2;
    u32 head = r->d.h, sector = r->c.l & 0x3f;
    u32 heads = bd.drive[drive].logical.heads;
    u32 spt = bd.drive[drive].logical.spt;

    if (!sector || sector > spt || head >= heads ||
        cylinder >= bd.drive[drive].logical.cylinders)
        return false;
    *lba = (cylinder * heads + head) * spt + sector - 1;
    return true;
}

static void chs_transfer(struct regs *r, unsigned drive, u8 function)
{
    u8 count = r->a.l, status;
    u32 lba;

    if (!count || count > 128) {
        answer(r, BAD_COMMAND);
        return;
    }
    if (!chs_to_lba(r, drive, &lba)) {
        answer(r, SECTOR_NOT_FOUND);
        r->a.l = 0;
        return;
    }
    if (function == 0x04)
        status = ata_command(drive, READ_VERIFY_SECTORS, lba, count);
    else
        status =
            ata_transfer(drive, lba, 0, count, r->es, r->b.x, function == 0x03);
    if (status)
        r->a.l = 0;
    answer(r, status);
}

static void get_parameters(struct regs *r, unsigned drive)
{
    u16 cylinders = bd.drive[drive].logical.cylinders;
    u16 heads = bd.drive[drive].logical.heads;
    u16 spt = bd.drive[drive].logical.spt;

    cylinders = cylinders > 1 ? (u16)(cylinders - 1) : 0; /* the last */
    r->c.h = (u8)cylinders;
    r->c.l = (u8)((cylinders >> 2 & 0xc0) | (spt & 0x3f));
    r->d.h = (u8)(heads - 1);
    r->d.l = bda8(BDA_DISKS);
    r->a.l = 0;
    answer(r, OK);
}

/* Sectors that CHS reaches. */
static void get_type(struct regs *r, unsigned drive)
{
    u32 n = (u32)(bd.drive[drive].logical.cylinders) *
            bd.drive[drive].logical.heads * bd.drive[drive].logical.spt;

    r->c.x = (u16)(n >> 16);
    r->d.x = (u16)n;
    r->a.h = 3;
    set_flag(r, CF, false);
}

static void disk_service(struct regs *r, unsigned drive)
{
    u8 function = r->a.h;

    switch (function) {
    case 0x00: /* reset */
    case 0x09: /* initialise parameters */
    case 0x0c: /* seek */
    case 0x0d: /* reset disks */
    case 0x10: /* ready? */
    case 0x11: /* recalibrate */
    case 0x14: /* diagnostics */
        answer(r, OK);
        break;
    case 0x01:
        r->a.h = bda8(BDA_DISK_STATUS);
        set_flag(r, CF, r->a.h != 0);
        set_bda8(BDA_DISK_STATUS, 0);
        return;
    case 0x02:
    case 0x03:
    case 0x04:
        chs_transfer(r, drive, function);
        break;
    case 0x08:
        get_parameters(r, drive);
        break;
    case 0x15:
        get_type(r, drive);
        return;
    default:
        if (function >= 0x41 && function <= 0x4e) {
            edd_service(r, drive);
            return;
        }
        answer(r, BAD_COMMAND);
        break;
    }
    set_bda8(BDA_DISK_STATUS, r->a.h);
}

static void cd_service(struct regs *r, unsigned drive)
{
    switch (r->a.h) {
    case 0x00:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x11:
    case 0x14:
        answer(r, OK);
        break;
    case 0x10:
        answer(r, atapi_ready(drive));
        break;
    case 0x01:
        r->a.h = bda8(BDA_DISK_STATUS);
        set_flag(r, CF, r->a.h != 0);
        return;
    case 0x15:
        r->a.h = 0x02;
        set_flag(r, CF, true);
        return;
    default:
        if (r->a.h >= 0x41 && r->a.h <= 0x4e)
            edd_service(r, drive);
        else
            answer(r, BAD_COMMAND);
        break;
    }
    set_bda8(BDA_DISK_STATUS, r->a.h);
}

void int13_disk(struct regs *r)
{
    int drive = drive_of(r->d.l);

    if (drive < 0) {
        answer(r, BAD_COMMAND);
        if (r->a.h == 0x15)
            r->a.h = 0;
        set_bda8(BDA_DISK_STATUS, BAD_COMMAND);
    } else if (bd.drive[drive].kind == DRIVE_CD) {
        cd_service(r, (unsigned)drive);
    } else {
        disk_service(r, (unsigned)drive);
    }
}

void int13(struct regs *r)
{
    irq_on();
    if (r->a.h >= 0x4a && r->a.h <= 0x4d) {
        eltorito_service(r);
        return;
    }
    if (eltorito_owns(r->d.l)) {
        eltorito_service(r);
        return;
    }
    if (r->d.l >= 0x80) {
        int13_disk(r);
        return;
    }
    if (bd.emulation.active && bd.emulation.media < 4)
        r->d.l--; /* an emulated A: makes the first real drive B: */
    floppy_service(r);
    if (bd.emulation.active && bd.emulation.media < 4 && r->a.h != 0x08)
        r->d.l++;
}

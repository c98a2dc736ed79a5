/*
 * ata.c - ATA disks by programmed input and output.
 *
 * ANSI INCITS 361 (ATA/ATAPI-6). Commands run with nIEN set and are polled,
 * so that no interrupt reaches a handler that somebody else has put into the
 * vector.
 */
#include "bios/real/real.h"

enum { DATA, ERROR, COUNT, LBA_LOW, LBA_MID, LBA_HIGH, DEVICE, STATUS };
enum { BSY = 0x80, DRDY = 0x40, DF = 0x20, DRQ = 0x08, ERR = 0x01 };
enum { NIEN = 0x02, SRST = 0x04, HD15 = 0x08 };

enum {
    READ_SECTORS = 0x20,
    READ_SECTORS_EXT = 0x24,
    WRITE_SECTORS = 0x30,
    WRITE_SECTORS_EXT = 0x34,
    PACKET_IDENTIFY = 0xa1,
    FLUSH_CACHE = 0xe7,
    IDENTIFY = 0xec,
};

/* INT 13h. */
enum {
    OK = 0x00,
    NOT_FOUND = 0x04,
    DATA_ERROR = 0x10,
    CONTROLLER = 0x20,
    TIMED_OUT = 0x80,
    NOT_READY = 0xaa,
    WRITE_FAULT = 0xcc,
};

/* Reads of the status register; an ISA read takes about a microsecond. */
#define WAIT_READS   8000000u
#define DETECT_READS 2000000u

void ata_detect(void);

void ata_input(u16 io, u16 seg, u32 off, unsigned bytes)
{
    u32 count = bytes / 4;

    seg = (u16)(seg + (off >> 4));
    off &= 15;
    __asm__ volatile("pushw %%es\n\t"
                     "movw %w3, %%es\n\t"
                     "addr32 rep insl\n\t"
                     "popw %%es"
                     : "+D"(off), "+c"(count)
                     : "d"(io), "r"(seg)
                     : "memory");
}

static void ata_output(u16 io, u16 seg, u32 off, unsigned bytes)
{
    u32 count = bytes / 4;

    seg = (u16)(seg + (off >> 4));
    off &= 15;
    __asm__ volatile("pushw %%ds\n\t"
                     "movw %w3, %%ds\n\t"
                     "addr32 rep outsl\n\t"
                     "popw %%ds"
                     : "+S"(off), "+c"(count)
                     : "d"(io), "r"(seg)
                     : "memory");
}

void ata_skip(u16 io, unsigned bytes)
{
    for (; bytes; bytes -= 2)
        (void)inw(io);
}

static bool wait_reads(u16 io, u8 mask, u8 value, u32 reads)
{
    while (reads--)
        if ((inb((u16)(io + STATUS)) & mask) == value)
            return true;
    return false;
}

bool ata_wait_status(u16 io, u8 mask, u8 value)
{
    return wait_reads(io, mask, value, WAIT_READS);
}

/* Selects a device without interrupts and waits until it takes commands. */
u8 ata_select(unsigned drive, u8 head)
{
    u16 io = bd.drive[drive].io;

    outb(bd.drive[drive].control, HD15 | NIEN);
    if (!ata_wait_status(io, BSY | DRQ, 0))
        return TIMED_OUT;
    outb((u16)(io + DEVICE), (u8)(0xa0 | bd.drive[drive].slave << 4 | head));
    inb(bd.drive[drive].control); /* 400 ns for BSY to show */
    return ata_wait_status(io, BSY | DRQ, 0) ? OK : TIMED_OUT;
}

/* Interrupts on again, for those who come after us; a pending one is lost by
 * the reading of the status. */
static u8 finish(unsigned drive, u8 status)
{
    inb((u16)(bd.drive[drive].io + STATUS));
    outb(bd.drive[drive].control, HD15);
    return status;
}

static u8 error_code(u16 io, bool write)
{
    u8 error = inb((u16)(io + ERROR));

    if (inb((u16)(io + STATUS)) & DF)
        return WRITE_FAULT;
    if (error & 0x10) /* IDNF */
        return NOT_FOUND;
    if (error & 0x40) /* UNC */
        return DATA_ERROR;
    return write ? WRITE_FAULT : CONTROLLER;
}

/* LBA48 commands take each register twice, high part first. */
static void set_address(u16 io, u32 low, u32 high, unsigned n, bool ext)
{
    if (ext) {
        outb((u16)(io + COUNT), (u8)(n >> 8));
        outb((u16)(io + LBA_LOW), (u8)(low >> 24));
        outb((u16)(io + LBA_MID), (u8)high);
        outb((u16)(io + LBA_HIGH), (u8)(high >> 8));
    }
    outb((u16)(io + COUNT), (u8)n);
    outb((u16)(io + LBA_LOW), (u8)low);
    outb((u16)(io + LBA_MID), (u8)(low >> 8));
    outb((u16)(io + LBA_HIGH), (u8)(low >> 16));
}

static u8 move_sectors(unsigned drive, unsigned n, u16 seg, u32 off, bool write)
{
    u16 io = bd.drive[drive].io;

    while (n--) {
        if (!ata_wait_status(io, BSY, 0))
            return TIMED_OUT;
        if (inb((u16)(io + STATUS)) & (ERR | DF))
            return error_code(io, write);
        if (!ata_wait_status(io, DRQ, DRQ))
            return CONTROLLER;
        if (write)
            ata_output(io, seg, off, 512);
        else
            ata_input(io, seg, off, 512);
        seg = (u16)(seg + 512 / 16);
    }
    if (!ata_wait_status(io, BSY, 0))
        return TIMED_OUT;
    if (inb((u16)(io + STATUS)) & (ERR | DF))
        return error_code(io, write);
    return OK;
}

/* Geometry of a drive that knows no LBA. */
static u8 set_chs(unsigned drive, u32 lba)
{
    u16 io = bd.drive[drive].io, spt = bd.drive[drive].physical.spt;
    u32 track = lba / spt;
    u32 cylinder = track / bd.drive[drive].physical.heads;

    outb((u16)(io + LBA_LOW), (u8)(lba % spt + 1));
    outb((u16)(io + LBA_MID), (u8)cylinder);
    outb((u16)(io + LBA_HIGH), (u8)(cylinder >> 8));
    return (u8)(track % bd.drive[drive].physical.heads);
}

static u8 transfer_part(unsigned drive, u32 low, u32 high, unsigned n, u16 seg,
                        u32 off, bool write)
{
    u16 io = bd.drive[drive].io;
    bool ext = high || low + n > 0x0fffffff;
    bool lba = bd.drive[drive].lba48 != 0xff;
    u8 status = ata_select(drive, (u8)(lba ? 0x40 : 0));
    u8 head = (u8)(0x40 | (low >> 24 & 15));

    if (status)
        return finish(drive, status);
    set_address(io, low, high, n, ext);
    if (!lba)
        head = set_chs(drive, low);
    else if (ext)
        head = 0x40;
    outb((u16)(io + DEVICE), (u8)(0xa0 | bd.drive[drive].slave << 4 | head));
    if (write)
        outb((u16)(io + STATUS), ext ? WRITE_SECTORS_EXT : WRITE_SECTORS);
    else
        outb((u16)(io + STATUS), ext ? READ_SECTORS_EXT : READ_SECTORS);
    inb(bd.drive[drive].control);
    return finish(drive, move_sectors(drive, n, seg, off, write));
}

u8 ata_transfer(unsigned drive, u32 lba_low, u32 lba_high, unsigned n, u16 seg,
                u32 off, bool write)
{
    while (n) {
        unsigned part = n > 128 ? 128 : n;
        u8 status =
            transfer_part(drive, lba_low, lba_high, part, seg, off, write);

        if (status)
            return status;
        n -= part;
        lba_high += lba_low + part < lba_low;
        lba_low += part;
        seg = (u16)(seg + part * 32);
    }
    return OK;
}

/* A command without data, with an address for verify and seek. */
u8 ata_command(unsigned drive, u8 command, u32 lba, unsigned n)
{
    u16 io = bd.drive[drive].io;
    u8 status = ata_select(drive, 0x40), head = (u8)(0x40 | (lba >> 24 & 15));

    if (status)
        return finish(drive, status);
    set_address(io, lba, 0, n, false);
    if (bd.drive[drive].lba48 == 0xff)
        head = set_chs(drive, lba);
    outb((u16)(io + DEVICE), (u8)(0xa0 | bd.drive[drive].slave << 4 | head));
    outb((u16)(io + STATUS), command);
    inb(bd.drive[drive].control);
    if (!ata_wait_status(io, BSY, 0))
        return finish(drive, TIMED_OUT);
    if (inb((u16)(io + STATUS)) & (ERR | DF))
        return finish(drive, error_code(io, false));
    return finish(drive, OK);
}

/* ---- what is there ------------------------------------------------------ */

static bool channel_present(u16 io, u16 control)
{
    for (unsigned slave = 0; slave < 2; slave++) {
        outb((u16)(io + DEVICE), (u8)(0xa0 | slave << 4));
        inb(control);
        outb((u16)(io + COUNT), 0x55);
        outb((u16)(io + LBA_LOW), 0xaa);
        if (inb((u16)(io + COUNT)) == 0x55 && inb((u16)(io + LBA_LOW)) == 0xaa)
            return true;
    }
    return false;
}

static void reset_channel(u16 io, u16 control)
{
    outb(control, HD15 | NIEN | SRST);
    for (unsigned n = 0; n < 8; n++)
        inb(control); /* 5 us */
    outb(control, HD15 | NIEN);
    outb((u16)(io + DEVICE), 0xa0);
    inb(control);
    wait_reads(io, BSY, 0, DETECT_READS);
}

static bool identify(unsigned drive, u8 command, u16 *id)
{
    u16 io = bd.drive[drive].io;
    u16 ss;

    outb((u16)(io + DEVICE), (u8)(0xa0 | bd.drive[drive].slave << 4));
    inb(bd.drive[drive].control);
    if (inb((u16)(io + STATUS)) == 0 && command == IDENTIFY)
        return false; /* master answers for a slave that is not there */
    wait_reads(io, BSY, 0, DETECT_READS);
    outb((u16)(io + STATUS), command);
    inb(bd.drive[drive].control);
    if (!wait_reads(io, BSY, 0, DETECT_READS))
        return false;
    u8 status = inb((u16)(io + STATUS));

    if (!(status & DRQ) || (status & ERR) || status == 0xff)
        return false;
    __asm__("movw %%ss, %w0" : "=r"(ss));
    ata_input(io, ss, (u32)id, 512);
    return true;
}

static void copy_model(unsigned drive, const u16 *id)
{
    unsigned n = 40;

    for (unsigned k = 0; k < 20; k++) {
        bd.drive[drive].model[2 * k] = (char)(id[27 + k] >> 8);
        bd.drive[drive].model[2 * k + 1] = (char)id[27 + k];
    }
    while (n && bd.drive[drive].model[n - 1] == ' ')
        n--;
    bd.drive[drive].model[n] = 0;
}

/* Cylinders, heads, sectors as INT 13h shows them: Phoenix EDD 3.0, annex C. */
static void translate(unsigned drive)
{
    u32 c = bd.drive[drive].physical.cylinders;
    u32 h = bd.drive[drive].physical.heads, s = bd.drive[drive].physical.spt;
    u64 all = bd.drive[drive].sectors;
    u8 how = bd.drive[drive].translation;

    if (how == TRANSLATE_LBA) {
        u32 some = all > 0x3fffffff ? 0x3fffffff : (u32)all;

        s = 63;
        for (h = 16; h < 128 && some / (63 * h) > 1024; h *= 2)
            ;
        if (some / (63 * h) > 1024)
            h = 255;
        c = some / (63 * h);
    } else if (how == TRANSLATE_LARGE || how == TRANSLATE_R_ECHS) {
        if (how == TRANSLATE_R_ECHS && h == 16) {
            h = 15;
            c = c * 16 / 15;
        }
        while (c > 1024 && h < 128) {
            c /= 2;
            h *= 2;
        }
    }
    if (c > 1024)
        c = 1024;
    bd.drive[drive].logical.cylinders = (u16)c;
    bd.drive[drive].logical.heads = (u16)h;
    bd.drive[drive].logical.spt = (u16)s;
}

static void take_disk(unsigned drive, const u16 *id)
{
    u32 sectors = (u32)id[60] | (u32)id[61] << 16;

    bd.drive[drive].kind = DRIVE_DISK;
    bd.drive[drive].sector_bytes = 512;
    bd.drive[drive].physical.cylinders = id[1];
    bd.drive[drive].physical.heads = id[3];
    bd.drive[drive].physical.spt = id[6];
    bd.drive[drive].lba48 = (id[83] & 0x4400) == 0x4400;
    if (!(id[49] & 0x0200)) { /* no LBA */
        bd.drive[drive].lba48 = 0xff;
        sectors = (u32)id[1] * id[3] * id[6];
    }
    bd.drive[drive].sectors = sectors;
    if (bd.drive[drive].lba48 == 1)
        bd.drive[drive].sectors = (u64)id[100] | (u64)id[101] << 16 |
                                  (u64)id[102] << 32 | (u64)id[103] << 48;
    bd.drive[drive].translation =
        (u8)(cmos_read((u8)(CMOS_TRANSLATION + drive / 4)) >>
                 (2 * (drive & 3)) &
             3);
    translate(drive);
    bd.disk[bd.disks] = (u8)drive;
    bd.disks++;
}

static void detect_drive(unsigned drive)
{
    u16 id[256];

    if (identify(drive, IDENTIFY, id)) {
        copy_model(drive, id);
        take_disk(drive, id);
    } else if (identify(drive, PACKET_IDENTIFY, id)) {
        copy_model(drive, id);
        if ((id[0] >> 8 & 0x1f) != 5) /* MMC: CD and DVD */
            return;
        bd.drive[drive].kind = DRIVE_CD;
        bd.drive[drive].removable = 1;
        bd.drive[drive].sector_bytes = 2048;
        bd.cd[bd.cds] = (u8)drive;
        bd.cds++;
    }
}

TABLE u16 channel_io[4] = {0x1f0, 0x170, 0x1e8, 0x168};
TABLE u16 channel_control[4] = {0x3f6, 0x376, 0x3e6, 0x366};
TABLE u8 channel_irq[4] = {14, 15, 11, 9};

/* Called once, by POST. */
void ata_detect(void)
{
    for (unsigned n = 0; n < MAX_DRIVES; n++) {
        bd.drive[n].index = (u8)n;
        bd.drive[n].io = channel_io[n / 2];
        bd.drive[n].control = channel_control[n / 2];
        bd.drive[n].irq = channel_irq[n / 2];
        bd.drive[n].slave = n & 1;
    }
    for (unsigned n = 0; n < MAX_DRIVES; n += 2) {
        if (!channel_present(channel_io[n / 2], channel_control[n / 2]))
            continue;
        reset_channel(channel_io[n / 2], channel_control[n / 2]);
        detect_drive(n);
        detect_drive(n + 1);
        outb((u16)(channel_io[n / 2] + DEVICE), 0xa0);
        outb(channel_control[n / 2], HD15);
    }
}

/*
 * atapi.c - CD-ROM drives: ATA PACKET commands (SFF-8020i, MMC).
 */
#include "bios/real/real.h"

enum { DATA, ERROR, COUNT, LBA_LOW, BYTES_LOW, BYTES_HIGH, DEVICE, STATUS };
enum { BSY = 0x80, DF = 0x20, DRQ = 0x08, ERR = 0x01 };
enum {
    TEST_UNIT_READY = 0x00,
    REQUEST_SENSE = 0x03,
    START_STOP_UNIT = 0x1b,
    PREVENT_REMOVAL = 0x1e,
    READ_10 = 0x28,
    PACKET = 0xa0,
};
enum { NO_MEDIUM = 0x31, TIMED_OUT = 0x80, NOT_READY = 0xaa, BAD = 0x20 };

#define BLOCK   2048u
#define RETRIES 8u

struct packet {
    u8 b[12];
};

static void send_packet(u16 io, const struct packet *p)
{
    for (unsigned n = 0; n < 12; n += 2)
        outw(io, (u16)(p->b[n] | p->b[n + 1] << 8));
}

/* Data of one command: what the drive offers, up to `bytes`. */
static u8 move_data(u16 io, u16 seg, u32 off, u32 bytes)
{
    for (;;) {
        u32 offered, taken;
        u8 status;

        if (!ata_wait_status(io, BSY, 0))
            return TIMED_OUT;
        status = inb((u16)(io + STATUS));
        if (status & (ERR | DF))
            return BAD;
        if (!(status & DRQ))
            return 0;
        offered = (u32)inb((u16)(io + BYTES_LOW)) |
                  (u32)inb((u16)(io + BYTES_HIGH)) << 8;
        taken = offered < bytes ? offered & ~3u : bytes & ~3u;
        ata_input(io, seg, off, taken);
        seg = (u16)(seg + (taken >> 4));
        off += taken & 15;
        bytes -= taken;
        ata_skip(io, offered - taken);
    }
}

static u8 command(unsigned drive, const struct packet *p, u16 seg, u32 off,
                  u32 bytes)
{
    u16 io = bd.drive[drive].io;
    u8 status = ata_select(drive, 0);

    if (!status) {
        outb((u16)(io + ERROR), 0); /* features: no DMA */
        outb((u16)(io + BYTES_LOW), (u8)BLOCK);
        outb((u16)(io + BYTES_HIGH), (u8)(BLOCK >> 8));
        outb((u16)(io + STATUS), PACKET);
        inb(bd.drive[drive].control);
        if (!ata_wait_status(io, BSY, 0) ||
            !ata_wait_status(io, DRQ | ERR, DRQ))
            status = TIMED_OUT;
    }
    if (!status) {
        send_packet(io, p);
        inb(bd.drive[drive].control);
        status = move_data(io, seg, off, bytes);
    }
    inb((u16)(io + STATUS));
    outb(bd.drive[drive].control, 0x08);
    return status;
}

/* Sense key in the high byte, additional sense code in the low one. */
static u16 sense(unsigned drive)
{
    struct packet p;
    u8 data[20];
    u16 ss;

    for (unsigned n = 0; n < 12; n++)
        p.b[n] = 0;
    p.b[0] = REQUEST_SENSE;
    p.b[4] = 18;
    for (unsigned n = 0; n < 20; n++)
        data[n] = 0;
    __asm__("movw %%ss, %w0" : "=r"(ss));
    command(drive, &p, ss, (u32)data, 20);
    return (u16)(data[2] << 8 | data[12]);
}

/* Runs a command again while the drive reports a changed medium, or that it
 * is becoming ready. */
static u8 retry(unsigned drive, const struct packet *p, u16 seg, u32 off,
                u32 bytes)
{
    u8 status = 0;

    for (unsigned n = 0; n < RETRIES; n++) {
        u16 why;

        status = command(drive, p, seg, off, bytes);
        if (!status || status == TIMED_OUT)
            return status;
        why = sense(drive);
        if ((why & 0x0fff) == 0x023a) /* not ready, no medium */
            return NO_MEDIUM;
        if ((why & 0x0f00) == 0x0500) /* illegal request */
            return 0x01;
    }
    return status;
}

static void fill(struct packet *p, u8 code)
{
    for (unsigned n = 0; n < 12; n++)
        p->b[n] = 0;
    p->b[0] = code;
}

u8 atapi_read(unsigned drive, u32 lba, unsigned n, u16 seg, u32 off)
{
    struct packet p;

    while (n) {
        unsigned part = n > 16 ? 16 : n;
        u8 status;

        fill(&p, READ_10);
        p.b[2] = (u8)(lba >> 24);
        p.b[3] = (u8)(lba >> 16);
        p.b[4] = (u8)(lba >> 8);
        p.b[5] = (u8)lba;
        p.b[8] = (u8)part;
        status = retry(drive, &p, seg, off, part * BLOCK);
        if (status)
            return status;
        lba += part;
        n -= part;
        seg = (u16)(seg + part * (BLOCK / 16));
    }
    return 0;
}

u8 atapi_ready(unsigned drive)
{
    struct packet p;

    fill(&p, TEST_UNIT_READY);
    return retry(drive, &p, 0, 0, 0);
}

u8 atapi_eject(unsigned drive, bool eject)
{
    struct packet p;

    fill(&p, START_STOP_UNIT);
    p.b[4] = eject ? 2 : 3;
    return retry(drive, &p, 0, 0, 0);
}

u8 atapi_lock(unsigned drive, bool lock)
{
    struct packet p;

    fill(&p, PREVENT_REMOVAL);
    p.b[4] = lock;
    return retry(drive, &p, 0, 0, 0);
}

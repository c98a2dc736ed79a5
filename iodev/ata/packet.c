/*
 * packet.c - ATAPI: the PACKET protocol and the commands of a CD-ROM drive.
 *
 * Sources: ATA/ATAPI-6, 8.23 and 9.8-9.10; MMC-3 (T10/1363D r10g); SPC-2.
 * Departures: no audio playback (PLAY commands are refused as on a drive
 * without an audio output), one data track, raw sectors carry no correction
 * codes.
 */
#include "iodev/ata/drive.h"

enum { /* sense keys and additional codes */
       NOT_READY = 2,
       MEDIUM_ERROR = 3,
       ILLEGAL_REQUEST = 5,
       UNIT_ATTENTION = 6,
       ASC_UNRECOVERED_READ = 0x11,
       ASC_INVALID_COMMAND = 0x20,
       ASC_LBA_RANGE = 0x21,
       ASC_INVALID_FIELD = 0x24,
       ASC_MEDIUM_CHANGED = 0x28,
       ASC_NO_MEDIUM = 0x3a,
       ASC_REMOVAL = 0x53,
       ASC_ILLEGAL_MODE = 0x64,
};

#define CD_SECTOR  2048u
#define RAW_SECTOR 2352u

/* ---- ends ---- */

void packet_sense(struct ata_drive *d, uint8_t key, uint8_t asc, uint8_t ascq)
{
    d->s.sense = key;
    d->s.asc = asc;
    d->s.ascq = ascq;
}

static void good(struct ata_drive *d)
{
    d->s.count.now = ATA_CD | ATA_IO;
    d->s.left = 0;
    packet_sense(d, 0, 0, 0);
    drive_done(d);
}

/* CHECK CONDITION with the sense that packet_sense left. */
static void check_condition(struct ata_drive *d)
{
    d->s.count.now = ATA_CD | ATA_IO;
    d->s.left = 0;
    drive_fail(d, (uint8_t)(d->s.sense << 4 | ATA_ABRT));
}

static void refuse(struct ata_drive *d, uint8_t key, uint8_t asc)
{
    /* 3Ah/53h: qualifier 2 says tray open, or removal prevented. */
    uint8_t ascq =
        (asc == ASC_NO_MEDIUM && d->s.tray_open) || asc == ASC_REMOVAL ? 2 : 0;

    packet_sense(d, key, asc, ascq);
    check_condition(d);
}

/* ---- data to the host ---- */

/* A raw mode 1 sector around the user data at p + 16 (ECMA-130, 14). */
static void wrap_raw(uint8_t *p, uint64_t lba)
{
    uint32_t msf = (uint32_t)lba + 150;
    uint8_t parts[3] = {(uint8_t)(msf / 75 / 60), (uint8_t)(msf / 75 % 60),
                        (uint8_t)(msf % 75)};

    memset(p, 0xff, 12);
    p[0] = p[11] = 0;
    for (unsigned i = 0; i < 3; i++)
        p[12 + i] = (uint8_t)(parts[i] / 10 << 4 | parts[i] % 10);
    p[15] = 1;
    memset(p + 16 + CD_SECTOR, 0, RAW_SECTOR - 16 - CD_SECTOR);
}

/* Fills the buffer with the next whole sectors; false after an error. */
static bool refill(struct ata_drive *d)
{
    uint32_t size = d->s.cd_sector == RAW_SECTOR ? RAW_SECTOR : CD_SECTOR;
    uint32_t n = ATA_BUFFER_BYTES / size;
    bool ok = d->image != NULL;

    n = n < d->s.left ? n : d->s.left;
    if (ok && size == CD_SECTOR)
        ok = block_read(d->image, d->s.lba, n, d->s.buffer);
    for (uint32_t i = 0; ok && size == RAW_SECTOR && i < n; i++) {
        uint8_t *p = d->s.buffer + i * RAW_SECTOR;

        ok = block_read(d->image, d->s.lba + i, 1, p + 16);
        wrap_raw(p, d->s.lba + i);
    }
    if (!ok) {
        refuse(d, MEDIUM_ERROR, ASC_UNRECOVERED_READ);
        return false;
    }
    d->s.lba += n;
    d->s.left -= n;
    d->s.pos = 0;
    d->s.len = n * size;
    return true;
}

/* Offers the next piece of at most `limit` bytes by PIO: `len` becomes the
 * end of the piece, `piece_end` remembers the end of the buffered data. */
static void next_piece(struct ata_drive *d)
{
    uint32_t left = d->s.len - d->s.pos, n;

    if (left == 0) {
        if (d->s.left == 0) {
            good(d);
            return;
        }
        if (!refill(d))
            return;
        left = d->s.len;
    }
    n = left < d->s.limit ? left : d->s.limit;
    d->s.count.now = ATA_IO;
    d->s.mid.now = (uint8_t)n;
    d->s.high.now = (uint8_t)(n >> 8);
    d->s.piece_end = d->s.len;
    drive_pio(d, PHASE_PIO_IN, d->s.pos + n, true);
}

bool packet_dma_next(struct ata_drive *d)
{
    if (d->s.left)
        return refill(d);
    good(d);
    return false;
}

/* Sends buffer[0..len) and then `left` sectors. */
static void send(struct ata_drive *d, uint32_t len)
{
    d->s.pos = 0;
    d->s.len = len;
    if (len == 0 && d->s.left == 0) {
        good(d);
    } else if (d->s.packet_dma) {
        d->s.count.now = ATA_IO;
        drive_dma(d, true);
    } else {
        next_piece(d);
    }
}

/* Sends what a builder made, cut to the allocation length. */
static void answer(struct ata_drive *d, int len, uint32_t allocation)
{
    if (len < 0)
        check_condition(d);
    else
        send(d, (uint32_t)len < allocation ? (uint32_t)len : allocation);
}

/* ---- commands ---- */

static void read_sectors(struct ata_drive *d, uint64_t lba, uint32_t n,
                         uint16_t size)
{
    if (lba > d->image->sectors || n > d->image->sectors - lba) {
        refuse(d, ILLEGAL_REQUEST, ASC_LBA_RANGE);
        return;
    }
    d->s.lba = lba;
    d->s.left = n;
    d->s.cd_sector = size;
    send(d, 0);
}

static void read_cd(struct ata_drive *d)
{
    const uint8_t *c = d->s.packet;
    uint32_t n = (uint32_t)c[6] << 16 | ld_be16(c + 7);

    switch (c[9] & 0xf8) {
    case 0x00:
        good(d);
        break;
    case 0x10:
        read_sectors(d, ld_be32(c + 2), n, CD_SECTOR);
        break;
    case 0xf8:
        read_sectors(d, ld_be32(c + 2), n, RAW_SECTOR);
        break;
    default:
        refuse(d, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
        break;
    }
}

static void seek(struct ata_drive *d)
{
    if (ld_be32(d->s.packet + 2) < d->image->sectors)
        good(d);
    else
        refuse(d, ILLEGAL_REQUEST, ASC_LBA_RANGE);
}

static void read_capacity(struct ata_drive *d)
{
    st_be32(d->s.buffer, (uint32_t)(d->image->sectors - 1));
    st_be32(d->s.buffer + 4, CD_SECTOR);
    send(d, 8);
}

static void request_sense(struct ata_drive *d)
{
    uint8_t *p = d->s.buffer;

    if (d->s.attention) {
        d->s.attention = false;
        packet_sense(d, UNIT_ATTENTION, ASC_MEDIUM_CHANGED, 0);
    }
    memset(p, 0, 18);
    p[0] = 0x70;
    p[2] = d->s.sense;
    p[7] = 10;
    p[12] = d->s.asc;
    p[13] = d->s.ascq;
    answer(d, 18, d->s.packet[4]);
}

/* LoEj and Start in byte 4 (MMC-3, 5.32). */
static void start_stop(struct ata_drive *d)
{
    struct error err = {0};

    switch (d->s.packet[4] & 3) {
    case 2: /* eject */
        if (d->s.locked) {
            refuse(d, ILLEGAL_REQUEST, ASC_REMOVAL);
            return;
        }
        media_eject(d);
        break;
    case 3: /* load: the disc that lies in the tray */
        d->s.tray_open = false;
        if (!d->image && d->path && *d->path && strcmp(d->path, "none") &&
            !media_insert(d, d->path, &err))
            log_error(&d->dev.log, "%s", err.text);
        break;
    }
    good(d);
}

/* The parameter list comes as PIO data (or by DMA); it is accepted: no page
 * has changeable values that matter here. */
static void mode_select(struct ata_drive *d)
{
    uint32_t n =
        d->s.packet[0] == 0x55 ? ld_be16(d->s.packet + 7) : d->s.packet[4];

    if (n == 0) {
        good(d);
        return;
    }
    if (d->s.packet_dma || n > d->s.limit) {
        refuse(d, ILLEGAL_REQUEST, ASC_INVALID_FIELD);
        return;
    }
    d->s.parameters = true;
    d->s.count.now = 0;
    d->s.mid.now = (uint8_t)n;
    d->s.high.now = (uint8_t)(n >> 8);
    d->s.pos = 0;
    drive_pio(d, PHASE_PIO_OUT, n, true);
}

static uint32_t allocation(const uint8_t *c)
{
    switch (c[0]) {
    case 0x12: /* INQUIRY */
    case 0x1a: /* MODE SENSE(6) */
        return c[4];
    case 0xad: /* READ DVD STRUCTURE */
    case 0xbd: /* MECHANISM STATUS */
        return ld_be16(c + 8);
    default:
        return ld_be16(c + 7);
    }
}

enum { NEEDS_MEDIUM = 1, IGNORES_ATTENTION = 2 };

struct packet_op {
    uint8_t code, flags;
    int (*build)(struct ata_drive *d); /* answers with data, or */
    void (*run)(struct ata_drive *d);  /* does it all */
};

static void prevent_allow(struct ata_drive *d)
{
    d->s.locked = d->s.packet[4] & 1;
    good(d);
}

static void read_10(struct ata_drive *d)
{
    const uint8_t *c = d->s.packet;

    read_sectors(d, ld_be32(c + 2), ld_be16(c + 7), CD_SECTOR);
}

static void read_12(struct ata_drive *d)
{
    const uint8_t *c = d->s.packet;

    read_sectors(d, ld_be32(c + 2), ld_be32(c + 6), CD_SECTOR);
}

static void play_audio(struct ata_drive *d)
{
    refuse(d, ILLEGAL_REQUEST, ASC_ILLEGAL_MODE);
}

/* clang-format off */
static const struct packet_op ops[] = {
    {0x00, NEEDS_MEDIUM, NULL, good}, /* TEST UNIT READY */
    {0x03, IGNORES_ATTENTION, NULL, request_sense},
    {0x12, IGNORES_ATTENTION, mmc_inquiry, NULL},
    {0x15, 0, NULL, mode_select},
    {0x1a, 0, mmc_mode_sense, NULL},
    {0x1b, 0, NULL, start_stop},
    {0x1e, 0, NULL, prevent_allow},
    {0x25, NEEDS_MEDIUM, NULL, read_capacity},
    {0x28, NEEDS_MEDIUM, NULL, read_10},
    {0x2b, NEEDS_MEDIUM, NULL, seek},
    {0x42, NEEDS_MEDIUM, mmc_read_subchannel, NULL},
    {0x43, NEEDS_MEDIUM, mmc_read_toc, NULL},
    {0x45, NEEDS_MEDIUM, NULL, play_audio},
    {0x46, IGNORES_ATTENTION, mmc_get_configuration, NULL},
    {0x47, NEEDS_MEDIUM, NULL, play_audio},
    {0x4a, IGNORES_ATTENTION, mmc_get_event_status, NULL},
    {0x4b, NEEDS_MEDIUM, NULL, play_audio}, /* PAUSE/RESUME */
    {0x4e, NEEDS_MEDIUM, NULL, good},       /* STOP PLAY/SCAN */
    {0x51, NEEDS_MEDIUM, mmc_read_disc_info, NULL},
    {0x52, NEEDS_MEDIUM, mmc_read_track_info, NULL},
    {0x55, 0, NULL, mode_select},
    {0x5a, 0, mmc_mode_sense, NULL},
    {0xa8, NEEDS_MEDIUM, NULL, read_12},
    {0xad, NEEDS_MEDIUM, mmc_read_dvd_structure, NULL},
    {0xbb, 0, NULL, good}, /* SET CD SPEED */
    {0xbd, 0, mmc_mechanism_status, NULL},
    {0xbe, NEEDS_MEDIUM, NULL, read_cd},
};
/* clang-format on */

static void run_packet(struct ata_drive *d)
{
    const struct packet_op *op = NULL;
    uint8_t code = d->s.packet[0];

    for (unsigned i = 0; i < ARRAY_LEN(ops); i++)
        if (ops[i].code == code)
            op = &ops[i];
    d->s.left = 0;
    if (!op) {
        log_debug(&d->dev.log, "packet command %02x is not known", code);
        refuse(d, ILLEGAL_REQUEST, ASC_INVALID_COMMAND);
    } else if (d->s.attention && !(op->flags & IGNORES_ATTENTION)) {
        d->s.attention = false;
        refuse(d, UNIT_ATTENTION, ASC_MEDIUM_CHANGED);
    } else if ((op->flags & NEEDS_MEDIUM) && !d->image) {
        refuse(d, NOT_READY, ASC_NO_MEDIUM);
    } else if (op->build) {
        answer(d, op->build(d), allocation(d->s.packet));
    } else {
        op->run(d);
    }
}

/* ---- protocol ---- */

void packet_step(struct ata_drive *d, enum ata_step step)
{
    switch (step) {
    case STEP_PACKET:
        run_packet(d);
        break;
    case STEP_PACKET_IN:
        /* Behind the piece just read lies the rest of the buffer. */
        if (d->s.piece_end > d->s.len)
            d->s.len = d->s.piece_end;
        next_piece(d);
        break;
    default: /* STEP_PACKET_OUT */
        good(d);
        break;
    }
}

void packet_received(struct ata_drive *d)
{
    if (!d->s.parameters) {
        memcpy(d->s.packet, d->s.buffer, ATA_PACKET_BYTES);
        drive_after(d, STEP_PACKET, ATA_COMMAND_NS);
    } else {
        drive_after(d, STEP_PACKET_OUT, ATA_COMMAND_NS);
    }
}

static void start_packet(struct ata_drive *d)
{
    uint32_t limit = (uint32_t)d->s.high.now << 8 | d->s.mid.now;

    d->s.parameters = false;
    d->s.packet_dma = d->s.features.now & 1;
    if (d->s.packet_dma && !drive_has_dma(d)) {
        drive_fail(d, ATA_ABRT);
        return;
    }
    /* Only the last piece may be odd; 0 and FFFFh mean the most. */
    limit = limit & 0xfffe ? limit & 0xfffe : 0xfffe;
    d->s.limit = (uint16_t)limit;
    d->s.count.now = ATA_CD;
    d->s.pos = d->s.piece_end = 0;
    drive_pio(d, PHASE_PIO_OUT, ATA_PACKET_BYTES, false);
}

void packet_command(struct ata_drive *d)
{
    switch (d->s.command) {
    case 0xa0:
        start_packet(d);
        break;
    case 0xa1:
        identify_cdrom(d, d->s.buffer);
        d->s.pos = 0;
        drive_pio(d, PHASE_PIO_IN, 512, true);
        break;
    case 0xe1: /* IDLE IMMEDIATE */
    case 0xe0: /* STANDBY IMMEDIATE */
        drive_done(d);
        break;
    case 0xe5: /* CHECK POWER MODE */
        d->s.count.now = 0xff;
        drive_done(d);
        break;
    case 0xe6:
        drive_done(d);
        d->s.asleep = true;
        break;
    case 0xef:
        if (drive_set_features(d))
            drive_done(d);
        else
            drive_fail(d, ATA_ABRT);
        break;
    case 0xec: /* IDENTIFY DEVICE, READ SECTOR(S): abort with signature */
    case 0x20:
        drive_signature(d);
        drive_fail(d, ATA_ABRT);
        break;
    default:
        drive_fail(d, ATA_ABRT);
        break;
    }
}

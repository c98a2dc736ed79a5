/*
 * disk.c - commands of an ATA disk.
 *
 * Source: ATA/ATAPI-6 (T13/1410D r3b), chapter 8.
 * Departures: no SMART, security, queued commands, READ/WRITE BUFFER or
 * FORMAT TRACK; SET MAX ADDRESS lasts until power-on whatever the volatile
 * bit says, SET MAX passwords are not there.
 */
#include "iodev/ata/drive.h"

enum { EXT = 1, MULTIPLE = 2, DMA = 4, WRITE = 8, VERIFY = 16 };

/* ---- addresses ---- */

static uint64_t lba48(const struct ata_drive_state *s)
{
    return (uint64_t)s->high.previous << 40 | (uint64_t)s->mid.previous << 32 |
           (uint64_t)s->low.previous << 24 | (uint64_t)s->high.now << 16 |
           (uint64_t)s->mid.now << 8 | s->low.now;
}

/* False: a CHS address outside the translation. */
static bool get_address(const struct ata_drive *d, bool ext, uint64_t *lba)
{
    const struct ata_drive_state *s = &d->s;
    uint32_t cylinder = (uint32_t)s->high.now << 8 | s->mid.now;
    uint32_t head = s->device & 15u;

    if (ext) {
        *lba = lba48(s);
        return true;
    }
    if (s->device & ATA_LBA) {
        *lba = (uint64_t)head << 24 | cylinder << 8 | s->low.now;
        return true;
    }
    if (head >= s->heads || s->low.now == 0 || s->low.now > s->spt)
        return false;
    *lba = ((uint64_t)cylinder * s->heads + head) * s->spt + s->low.now - 1u;
    return true;
}

/* Puts an address into the task file in the form the command used. */
static void put_address(struct ata_drive *d, bool ext, uint64_t lba)
{
    struct ata_drive_state *s = &d->s;

    if (!ext && !(s->device & ATA_LBA) && s->heads && s->spt) {
        uint64_t track = lba / s->spt, cylinder = track / s->heads;

        s->low.now = (uint8_t)(lba % s->spt + 1);
        s->device = (uint8_t)((s->device & 0xf0) | track % s->heads);
        s->mid.now = (uint8_t)cylinder;
        s->high.now = (uint8_t)(cylinder >> 8);
        return;
    }
    s->low.now = (uint8_t)lba;
    s->mid.now = (uint8_t)(lba >> 8);
    s->high.now = (uint8_t)(lba >> 16);
    if (ext) {
        s->low.previous = (uint8_t)(lba >> 24);
        s->mid.previous = (uint8_t)(lba >> 32);
        s->high.previous = (uint8_t)(lba >> 40);
    } else {
        s->device = (uint8_t)((s->device & 0xf0) | (lba >> 24 & 15));
    }
}

static uint32_t get_count(const struct ata_drive_state *s, bool ext)
{
    uint32_t n =
        ext ? (uint32_t)s->count.previous << 8 | s->count.now : s->count.now;

    return n ? n : ext ? 65536 : 256;
}

/* ---- transfers ---- */

static unsigned flags_of(uint8_t command);

static void bad_sector(struct ata_drive *d, uint8_t error)
{
    put_address(d, flags_of(d->s.command) & EXT, d->s.lba);
    drive_fail(d, error);
}

/* Sectors of the next block: one, or what SET MULTIPLE said, or a buffer. */
static uint32_t block_sectors(const struct ata_drive *d, unsigned flags)
{
    uint32_t max = 1;

    if (flags & MULTIPLE)
        max = d->s.multiple;
    else if (flags & (DMA | VERIFY))
        max = ATA_BUFFER_BYTES / d->image->sector_size;
    return d->s.left < max ? d->s.left : max;
}

/* Reads the next block into the buffer; false after ending the command. */
static bool fetch(struct ata_drive *d, unsigned flags)
{
    uint32_t n = block_sectors(d, flags);

    if (!block_read(d->image, d->s.lba, n, d->s.buffer)) {
        bad_sector(d, ATA_UNC);
        return false;
    }
    d->s.lba += n;
    d->s.left -= n;
    d->s.pos = 0;
    d->s.len = n * d->image->sector_size;
    put_address(d, flags & EXT, d->s.lba - 1);
    return true;
}

/* Writes the full buffer; false after ending the command. */
static bool store(struct ata_drive *d, unsigned flags)
{
    uint32_t n = d->s.len / d->image->sector_size;

    if (n == 0 || n > d->s.left ||
        !block_write(d->image, d->s.lba, n, d->s.buffer) ||
        (!d->s.write_cache && !block_flush(d->image))) {
        bad_sector(d, ATA_ABRT);
        return false;
    }
    d->s.lba += n;
    d->s.left -= n;
    d->s.pos = d->s.len = 0;
    put_address(d, flags & EXT, d->s.lba - 1);
    return true;
}

void disk_read_block(struct ata_drive *d)
{
    if (d->image && fetch(d, flags_of(d->s.command)))
        drive_pio(d, PHASE_PIO_IN, d->s.len, true);
}

static void want_block(struct ata_drive *d, unsigned flags, bool interrupt)
{
    d->s.pos = 0;
    drive_pio(d, PHASE_PIO_OUT, block_sectors(d, flags) * d->image->sector_size,
              interrupt);
}

void disk_buffer_full(struct ata_drive *d)
{
    unsigned flags = flags_of(d->s.command);

    if (!d->image || !store(d, flags))
        return;
    if (d->s.left)
        want_block(d, flags, true);
    else
        drive_done(d);
}

bool disk_dma_next(struct ata_drive *d)
{
    unsigned flags = flags_of(d->s.command);

    if (!d->image)
        return false;
    if ((flags & WRITE) && d->s.len && !store(d, flags))
        return false;
    if (!d->s.left) {
        d->s.count.now = d->s.count.previous = 0;
        drive_done(d);
        return false;
    }
    if (!(flags & WRITE))
        return fetch(d, flags);
    d->s.pos = 0;
    d->s.len = block_sectors(d, flags) * d->image->sector_size;
    return true;
}

static void verify(struct ata_drive *d, unsigned flags)
{
    while (d->s.left)
        if (!fetch(d, flags))
            return;
    drive_done(d);
}

static void transfer(struct ata_drive *d, unsigned flags)
{
    uint64_t lba;
    uint32_t n = get_count(&d->s, flags & EXT);

    if ((flags & MULTIPLE) && !d->s.multiple) {
        drive_fail(d, ATA_ABRT);
        return;
    }
    if ((flags & DMA) && !drive_has_dma(d)) {
        drive_fail(d, ATA_ABRT);
        return;
    }
    if (!get_address(d, flags & EXT, &lba) || lba >= d->s.sectors ||
        n > d->s.sectors - lba) {
        log_error(&d->dev.log, "command %02x: address beyond the disk",
                  d->s.command);
        drive_fail(d, ATA_IDNF);
        return;
    }
    d->s.lba = lba;
    d->s.left = n;
    d->s.standby = false;
    if (flags & VERIFY)
        verify(d, flags);
    else if (flags & DMA)
        drive_dma(d, !(flags & WRITE));
    else if (flags & WRITE)
        want_block(d, flags, false);
    else
        disk_read_block(d);
}

/* ---- other commands ---- */

static void set_multiple(struct ata_drive *d, unsigned flags)
{
    uint8_t n = d->s.count.now;

    (void)flags;
    if (n > ATA_MAX_MULTIPLE || (n & (n - 1))) {
        d->s.multiple = 0;
        drive_fail(d, ATA_ABRT);
        return;
    }
    d->s.multiple = n;
    drive_done(d);
}

static void identify(struct ata_drive *d, unsigned flags)
{
    (void)flags;
    identify_disk(d, d->s.buffer);
    d->s.pos = 0;
    drive_pio(d, PHASE_PIO_IN, 512, true);
}

static void seek(struct ata_drive *d, unsigned flags)
{
    uint64_t lba;

    (void)flags;
    if (get_address(d, false, &lba) && lba < d->s.sectors)
        drive_done(d);
    else
        drive_fail(d, ATA_IDNF);
}

/* INITIALIZE DEVICE PARAMETERS: a new CHS translation. */
static void set_translation(struct ata_drive *d, unsigned flags)
{
    (void)flags;
    if (d->s.count.now == 0) {
        drive_fail(d, ATA_ABRT);
        return;
    }
    d->s.heads = (uint8_t)((d->s.device & 15) + 1);
    d->s.spt = d->s.count.now;
    drive_done(d);
}

static void flush(struct ata_drive *d, unsigned flags)
{
    (void)flags;
    if (block_flush(d->image))
        drive_done(d);
    else
        drive_fail(d, ATA_ABRT);
}

static void set_features(struct ata_drive *d, unsigned flags)
{
    (void)flags;
    if (drive_set_features(d))
        drive_done(d);
    else
        drive_fail(d, ATA_ABRT);
}

/* READ NATIVE MAX ADDRESS: the last sector, ever. */
static void native_max(struct ata_drive *d, unsigned flags)
{
    uint64_t last = d->native_sectors - 1;

    if (!(flags & EXT)) {
        d->s.device |= ATA_LBA;
        last = last > 0xffffffe ? 0xffffffe : last;
    }
    put_address(d, flags & EXT, last);
    drive_done(d);
}

static void set_max(struct ata_drive *d, unsigned flags)
{
    uint64_t last;

    /* Without EXT, other features values are SET MAX passwords and locks. */
    if ((!(flags & EXT) && d->s.features.now != 0) ||
        !get_address(d, flags & EXT, &last) || last >= d->native_sectors) {
        drive_fail(d, ATA_ABRT);
        return;
    }
    d->s.sectors = last + 1;
    drive_done(d);
}

static void check_power(struct ata_drive *d, unsigned flags)
{
    (void)flags;
    d->s.count.now = d->s.standby ? 0x00 : 0xff;
    drive_done(d);
}

static void standby(struct ata_drive *d, unsigned flags)
{
    (void)flags;
    d->s.standby = true;
    block_flush(d->image);
    drive_done(d);
}

static void wake(struct ata_drive *d, unsigned flags)
{
    (void)flags;
    d->s.standby = false;
    drive_done(d);
}

static void go_to_sleep(struct ata_drive *d, unsigned flags)
{
    (void)flags;
    block_flush(d->image);
    drive_done(d);
    d->s.asleep = true;
}

struct disk_op {
    uint8_t code, flags;
    void (*run)(struct ata_drive *d, unsigned flags);
};

/* clang-format off */
static const struct disk_op ops[] = {
    {0x20, 0, transfer}, /* READ SECTOR(S) */
    {0x21, 0, transfer},
    {0x24, EXT, transfer},
    {0x25, EXT | DMA, transfer},
    {0x27, EXT, native_max},
    {0x29, EXT | MULTIPLE, transfer},
    {0x30, WRITE, transfer}, /* WRITE SECTOR(S) */
    {0x31, WRITE, transfer},
    {0x34, EXT | WRITE, transfer},
    {0x35, EXT | DMA | WRITE, transfer},
    {0x37, EXT, set_max},
    {0x39, EXT | MULTIPLE | WRITE, transfer},
    {0x40, VERIFY, transfer},
    {0x41, VERIFY, transfer},
    {0x42, EXT | VERIFY, transfer},
    {0x91, 0, set_translation},
    {0x94, 0, standby}, /* the numbers of ATA-1 and those of ATA-2 */
    {0x95, 0, wake},
    {0x96, 0, standby},
    {0x97, 0, wake},
    {0x98, 0, check_power},
    {0x99, 0, go_to_sleep},
    {0xc4, MULTIPLE, transfer},
    {0xc5, MULTIPLE | WRITE, transfer},
    {0xc6, 0, set_multiple},
    {0xc8, DMA, transfer},
    {0xc9, DMA, transfer},
    {0xca, DMA | WRITE, transfer},
    {0xcb, DMA | WRITE, transfer},
    {0xe0, 0, standby},
    {0xe1, 0, wake},
    {0xe2, 0, standby},
    {0xe3, 0, wake},
    {0xe5, 0, check_power},
    {0xe6, 0, go_to_sleep},
    {0xe7, 0, flush},
    {0xea, EXT, flush},
    {0xec, 0, identify},
    {0xef, 0, set_features},
    {0xf8, 0, native_max},
    {0xf9, 0, set_max},
};
/* clang-format on */

static const struct disk_op *find(uint8_t command)
{
    for (unsigned i = 0; i < ARRAY_LEN(ops); i++)
        if (ops[i].code == command)
            return &ops[i];
    return NULL;
}

static unsigned flags_of(uint8_t command)
{
    const struct disk_op *op = find(command);

    return op ? op->flags : 0;
}

void disk_command(struct ata_drive *d)
{
    const struct disk_op *op = find(d->s.command);

    if (op && d->image) {
        op->run(d, op->flags);
    } else if (d->s.command >= 0x10 && d->s.command <= 0x1f) {
        drive_done(d); /* RECALIBRATE */
    } else if (d->s.command >= 0x70 && d->s.command <= 0x7f && d->image) {
        seek(d, 0);
    } else {
        if (d->s.command != 0) /* NOP always aborts */
            log_debug(&d->dev.log, "command %02x is not known", d->s.command);
        drive_fail(d, ATA_ABRT);
    }
}

/*
 * identify.c - IDENTIFY (PACKET) DEVICE data and SET FEATURES.
 *
 * Source: ATA/ATAPI-6 (T13/1410D r3b), 8.15, 8.16 and 8.46. Multiword DMA
 * mode 2 and Ultra DMA mode 2 are the fastest that a PIIX offers.
 */
#include "iodev/ata/drive.h"

#define MWDMA_MODES 0x07u
#define UDMA_MODES  0x07u
#define PIO4        0x0cu /* SET FEATURES value of PIO mode 4 */

static void word(uint8_t *out, unsigned n, uint32_t v)
{
    st_le16(out + 2 * n, (uint16_t)v);
}

static void dword(uint8_t *out, unsigned n, uint32_t v)
{
    st_le32(out + 2 * n, v);
}

/* Text is stored with the first character of each word in the high byte. */
static void text(uint8_t *out, unsigned n, unsigned words, const char *s)
{
    size_t len = s ? strlen(s) : 0;

    for (unsigned i = 0; i < 2 * words; i++)
        out[2 * n + (i ^ 1)] = i < len ? (uint8_t)s[i] : ' ';
}

static void modes(const struct ata_drive *d, uint8_t *out)
{
    unsigned mode = d->s.transfer_mode;

    word(out, 64, 0x0003); /* PIO 3 and 4 */
    word(out, 65, 120);
    word(out, 66, 120);
    word(out, 67, 120);
    word(out, 68, 120);
    if (!drive_has_dma(d)) {
        word(out, 53, 0x0003);
        return;
    }
    word(out, 53, 0x0007);
    word(out, 63, MWDMA_MODES | (mode >> 3 == 4 ? 0x100u << (mode & 7) : 0));
    word(out, 88, UDMA_MODES | (mode >> 3 == 8 ? 0x100u << (mode & 7) : 0));
}

static void names(const struct ata_drive *d, uint8_t *out)
{
    bool own = d->serial && *d->serial;

    text(out, 10, 10, own ? d->serial : d->dev.id);
    text(out, 23, 4, "1.0");
    text(out, 27, 20, d->model);
}

static void geometry(const struct ata_drive *d, uint8_t *out)
{
    uint32_t cylinders = d->cylinders < 16383 ? d->cylinders : 16383;
    uint32_t per_cylinder = (uint32_t)d->s.heads * d->s.spt, now;

    word(out, 1, cylinders);
    word(out, 3, d->heads);
    /* ATA-1 words, retired since: unformatted bytes of a track and a sector.
     * Bochs's BIOS moves as many bytes for each sector as word 5 says. */
    word(out, 4, d->spt * (uint32_t)d->sect_size);
    word(out, 5, (uint32_t)d->sect_size);
    word(out, 6, d->spt);
    if (!per_cylinder)
        return;
    /* Words 54-58: the current translation. */
    now = (uint32_t)(d->native_sectors / per_cylinder < 65535
                         ? d->native_sectors / per_cylinder
                         : 65535);
    now = now < 16383 ? now : 16383;
    word(out, 54, now);
    word(out, 55, d->s.heads);
    word(out, 56, d->s.spt);
    dword(out, 57, now * per_cylinder);
}

void identify_disk(struct ata_drive *d, uint8_t *out)
{
    uint64_t sectors = d->s.sectors;
    uint32_t size = d->image->sector_size;
    bool slave = d->s.device & ATA_DEV;

    memset(out, 0, 512);
    word(out, 0, 0x0040); /* fixed drive */
    geometry(d, out);
    names(d, out);
    word(out, 47, 0x8000 | ATA_MAX_MULTIPLE);
    word(out, 48, 1);                                       /* 32-bit PIO */
    word(out, 49, 0x0e00 | (drive_has_dma(d) ? 0x100 : 0)); /* LBA, IORDY */
    word(out, 50, 0x4000);
    word(out, 51, 0x0200);
    word(out, 59, d->s.multiple ? 0x100u | d->s.multiple : 0);
    dword(out, 60, sectors > 0xfffffff ? 0xfffffff : (uint32_t)sectors);
    modes(d, out);
    word(out, 80, 0x007e); /* ATA-1 to ATA-6 */
    word(out, 82, 0x4468); /* NOP, HPA, look-ahead, write cache, power */
    word(out, 83, 0x7400); /* FLUSH CACHE (EXT), 48-bit addresses */
    word(out, 84, 0x4000);
    word(out, 85,
         0x4408u | (d->s.look_ahead ? 0x40u : 0) |
             (d->s.write_cache ? 0x20u : 0));
    word(out, 86, 0x3400);
    word(out, 87, 0x4000);
    word(out, 93, slave ? 0x4b00 : 0x400b);
    dword(out, 100, (uint32_t)sectors);
    dword(out, 102, (uint32_t)(sectors >> 32));
    if (size > 512) {
        word(out, 106, 0x5000); /* logical sector of more than 256 words */
        dword(out, 117, size / 2);
    }
}

void identify_cdrom(struct ata_drive *d, uint8_t *out)
{
    memset(out, 0, 512);
    word(out, 0, 0x85c0); /* ATAPI, CD-ROM, removable, fast DRQ, 12 bytes */
    names(d, out);
    word(out, 49, 0x0a00 | (drive_has_dma(d) ? 0x100 : 0));
    word(out, 50, 0x4000);
    modes(d, out);
    word(out, 71, 30); /* ns from PACKET to bus release, unused */
    word(out, 72, 30);
    word(out, 80, 0x007e);
    word(out, 82, 0x4210); /* NOP, DEVICE RESET, PACKET */
    word(out, 83, 0x4000);
    word(out, 84, 0x4000);
    word(out, 85, 0x4210);
    word(out, 87, 0x4000);
    word(out, 93, d->s.device & ATA_DEV ? 0x4b00 : 0x400b);
}

/* Subcommand 03h: the mode is the type in bits 7:3, the number in 2:0. */
static bool set_mode(struct ata_drive *d)
{
    uint8_t mode = d->s.count.now;

    switch (mode >> 3) {
    case 0: /* PIO default */
        break;
    case 1: /* PIO with flow control, 0 to 4 */
        if (mode > PIO4)
            return false;
        break;
    case 4: /* multiword DMA */
        if (!drive_has_dma(d) || !(MWDMA_MODES >> (mode & 7) & 1))
            return false;
        break;
    case 8: /* Ultra DMA */
        if (!drive_has_dma(d) || !(UDMA_MODES >> (mode & 7) & 1))
            return false;
        break;
    default:
        return false;
    }
    /* The PIO mode is not reported; the DMA mode stays selected. */
    if (mode >> 3 >= 4)
        d->s.transfer_mode = mode;
    return true;
}

bool drive_set_features(struct ata_drive *d)
{
    bool disk = d->type == ATA_DISK;

    switch (d->s.features.now) {
    case 0x03:
        return set_mode(d);
    case 0x02:
    case 0x82:
        if (disk)
            d->s.write_cache = d->s.features.now == 0x02;
        return disk && (d->s.write_cache || block_flush(d->image));
    case 0x55:
    case 0xaa:
        if (disk)
            d->s.look_ahead = d->s.features.now == 0xaa;
        return disk;
    case 0x66: /* software reset keeps or clears settings: we keep */
    case 0xcc:
    case 0x05: /* advanced power management, acoustics: accepted */
    case 0x85:
    case 0x42:
    case 0xc2:
        return true;
    default:
        return false;
    }
}

/*
 * cmos_setup.c - what the board tells the BIOS through CMOS RAM.
 *
 * Locations as IBM AT firmware has them, with the extensions that Bochs's
 * BIOS and SeaBIOS read: 34h/35h RAM above 16 MiB in 64 KiB units, 5Bh-5Dh
 * above 4 GiB, 38h/3Dh boot order, 39h/3Ah disk translation.
 */
#include "machine/cmos_setup.h"
#include "iodev/ata/ata.h"
#include "iodev/cmos.h"
#include "iodev/floppy/floppy.h"

static void set16(struct device *cmos, unsigned at, uint64_t v)
{
    cmos_set(cmos, at, (uint8_t)v);
    cmos_set(cmos, at + 1, (uint8_t)(v >> 8));
}

static void set_memory(struct machine *m, struct device *cmos)
{
    uint64_t low = phys_ram_below_4g(m->sv.phys);
    uint64_t high = phys_ram_bytes(m->sv.phys) - low;
    uint64_t ext = low > 0x100000 ? (low - 0x100000) >> 10 : 0;
    uint64_t above = low > 0x1000000 ? (low - 0x1000000) >> 16 : 0;

    set16(cmos, 0x15, 640);
    set16(cmos, 0x17, ext > 0xffff ? 0xffff : ext);
    set16(cmos, 0x30, ext > 0xffff ? 0xffff : ext);
    set16(cmos, 0x34, above > 0xffff ? 0xffff : above);
    high >>= 16;
    cmos_set(cmos, 0x5b, (uint8_t)high);
    cmos_set(cmos, 0x5c, (uint8_t)(high >> 8));
    cmos_set(cmos, 0x5d, (uint8_t)(high >> 16));
    cmos_set(cmos, 0x5f, 0); /* processors - 1 */
}

/* User-defined type 47 with geometry at 1Bh (first) or 24h (second). */
static void set_disk(struct device *cmos, unsigned n,
                     const struct ata_geometry *g)
{
    unsigned at = n ? 0x24 : 0x1b;
    uint8_t types = cmos_get(cmos, 0x12);

    cmos_set(cmos, 0x12, (uint8_t)(types | (n ? 0x0f : 0xf0)));
    cmos_set(cmos, n ? 0x1a : 0x19, 47);
    set16(cmos, at, g->cylinders);
    cmos_set(cmos, at + 2, (uint8_t)g->heads);
    set16(cmos, at + 3, 0xffff);
    cmos_set(cmos, at + 5, (uint8_t)(0xc0 | (g->heads > 8) << 3));
    set16(cmos, at + 6, g->cylinders);
    cmos_set(cmos, at + 8, (uint8_t)g->spt);
}

/* 0 none, 1 LBA, 2 large, 3 revised large; auto as Bochs chooses. */
static unsigned translation(const struct ata_geometry *g)
{
    switch (g->translation) {
    case ATA_TRANSLATION_NONE:
        return 0;
    case ATA_TRANSLATION_LBA:
        return 1;
    case ATA_TRANSLATION_LARGE:
    case ATA_TRANSLATION_ECHS:
        return 2;
    case ATA_TRANSLATION_RECHS:
        return 3;
    default:
        break;
    }
    if (g->cylinders <= 1024 && g->heads <= 16 && g->spt <= 63)
        return 0;
    if ((uint64_t)g->cylinders * g->heads <= 131072)
        return 2;
    return 1;
}

static void set_disks(struct device *cmos, struct device *const drive[8])
{
    unsigned bits = 0;

    for (unsigned n = 0; n < 8; n++) {
        struct ata_geometry g = ata_drive_geometry(drive[n]);

        if (g.kind != ATA_DISK)
            continue;
        if (n < 2)
            set_disk(cmos, n, &g);
        bits |= translation(&g) << (2 * n);
    }
    set16(cmos, 0x39, bits);
}

static unsigned boot_code(const char *name)
{
    if (!name || !*name || !strcmp(name, "none"))
        return 0;
    if (!strcmp(name, "floppy") || !strcmp(name, "a"))
        return 1;
    if (!strcmp(name, "disk") || !strcmp(name, "c"))
        return 2;
    if (!strcmp(name, "cdrom"))
        return 3;
    return 4; /* network: a ROM that boots */
}

/* Without a wish: what has something in it, floppy first. */
static void default_boot(struct device *const *drive,
                         struct device *const *floppy, unsigned order[3])
{
    unsigned n = 0;
    bool disk = false, cd = false;

    if (floppy_of(floppy[0])->image)
        order[n++] = 1;
    for (unsigned k = 0; k < 8; k++) {
        struct ata_geometry g = ata_drive_geometry(drive[k]);

        disk |= g.kind == ATA_DISK;
        cd |= g.kind == ATA_CDROM && g.has_media;
    }
    if (cd)
        order[n++] = 3;
    if (disk)
        order[n++] = 2;
}

static void set_boot(const struct config *cfg, struct device *cmos,
                     struct device *const drive[8],
                     struct device *const floppy[2])
{
    unsigned order[3] = {boot_code(config_text(cfg, "boot", "1")),
                         boot_code(config_text(cfg, "boot", "2")),
                         boot_code(config_text(cfg, "boot", "3"))};
    bool nocheck = config_bool(cfg, "floppy_bootsig_check", "disabled");

    if (!order[0])
        default_boot(drive, floppy, order);
    cmos_set(cmos, 0x3d, (uint8_t)(order[0] | order[1] << 4));
    cmos_set(cmos, 0x38, (uint8_t)(nocheck | order[2] << 4));
}

static void set_checksum(struct device *cmos)
{
    unsigned sum = 0;

    for (unsigned n = 0x10; n <= 0x2d; n++)
        sum += cmos_get(cmos, n);
    cmos_set(cmos, 0x2e, (uint8_t)(sum >> 8));
    cmos_set(cmos, 0x2f, (uint8_t)sum);
}

void cmos_setup(struct machine *m, const struct config *cfg,
                struct device *cmos, struct device *const drive[8],
                struct device *const floppy[2])
{
    unsigned a = floppy_cmos_type(floppy[0]);
    unsigned b = floppy_cmos_type(floppy[1]);
    unsigned drives = (a != 0) + (b != 0);

    cmos_set(cmos, 0x10, (uint8_t)(a << 4 | b));
    /* Equipment: floppies, x87, mouse port. */
    cmos_set(cmos, 0x14,
             (uint8_t)(0x06 | (drives ? 1 | (drives - 1) << 6 : 0)));
    set_memory(m, cmos);
    set_disks(cmos, drive);
    set_boot(cfg, cmos, drive, floppy);
    set_checksum(cmos);
}

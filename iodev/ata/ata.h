/*
 * ata.h - ATA channels and the drives on them.
 *
 * A channel (class "ata", ids ata0..ata3) decodes the ports; a drive (class
 * "ata_drive", ids ata0-master, ata0-slave, ...) is a disk or a CD-ROM. The
 * board creates both, sets their options, joins them with ata_attach before
 * device_init, and connects the channel's "irq".
 */
#ifndef IODEV_ATA_ATA_H
#define IODEV_ATA_ATA_H

#include "core/device.h"

extern const struct device_class ata_class;
extern const struct device_class ata_drive_class;

/* n: 0 master, 1 slave. */
void ata_attach(struct device *channel, unsigned n, struct device *drive);

/* ---- what firmware setup (CMOS) needs to know ---- */

enum ata_kind { ATA_NONE, ATA_DISK, ATA_CDROM };

enum ata_translation {
    ATA_TRANSLATION_NONE,
    ATA_TRANSLATION_LBA,
    ATA_TRANSLATION_LARGE,
    ATA_TRANSLATION_ECHS, /* another word for large */
    ATA_TRANSLATION_RECHS,
    ATA_TRANSLATION_AUTO,
};

struct ata_geometry {
    enum ata_kind kind;
    uint64_t sectors; /* of a disk */
    uint32_t cylinders, heads, spt;
    enum ata_translation translation;
    bool has_media; /* CD-ROM */
};

/* Valid after device_init. drive may be NULL: kind is ATA_NONE. */
struct ata_geometry ata_drive_geometry(struct device *drive);

/* ---- bus master (PCI IDE function) ---- */

struct ata_bus_master {
    void *opaque;
    /* The engine is started in this direction. */
    bool (*ready)(void *opaque, bool to_memory);
    /* Moves up to n bytes along the descriptor table; fewer when it ends. */
    size_t (*move)(void *opaque, uint8_t *buf, size_t n, bool to_memory);
    /* The drive has no more data (or gave up). */
    void (*finished)(void *opaque);
};

/* `bm` must outlive the channel. Without one, drives report no DMA. */
void ata_set_bus_master(struct device *channel,
                        const struct ata_bus_master *bm);
/* The engine was started: a drive that waits for it goes on. */
void ata_bus_master_started(struct device *channel);

#endif

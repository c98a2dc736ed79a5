/*
 * floppy.h - a floppy disk drive and the disk in it.
 *
 * Class "floppy", ids floppya and floppyb: the board sets the options and
 * joins them to the controller with fdc_attach.
 */
#ifndef IODEV_FLOPPY_FLOPPY_H
#define IODEV_FLOPPY_FLOPPY_H

#include "core/device.h"
#include "iodev/block/block.h"

enum floppy_type {
    FLOPPY_AUTO,
    FLOPPY_NONE, /* no drive */
    FLOPPY_160K,
    FLOPPY_180K,
    FLOPPY_320K,
    FLOPPY_360K,
    FLOPPY_720K,
    FLOPPY_1_2,
    FLOPPY_1_44,
    FLOPPY_2_88,
};

struct floppy {
    struct device dev;
    struct floppy_state {
        uint8_t track; /* where the head is */
        bool changed;  /* DSKCHG: the door was opened since the last step */
        bool loaded;
    } s;

    /* options */
    int32_t type, mode, cache, status;
    bool write_protected;
    char *path;

    struct block_image *image; /* NULL: no disk */
    enum floppy_type drive;    /* what `type` came to */
    /* Of the disk; sectors are 512 bytes. */
    unsigned cylinders, heads, spt;
    unsigned rate_kbps;
};

extern const struct device_class floppy_class;

static inline struct floppy *floppy_of(struct device *dev)
{
    return container_of(dev, struct floppy, dev);
}

/* CMOS register 10h: 0 none, 1 360K, 2 1.2M, 3 720K, 4 1.44M, 5 2.88M. drive
 * may be NULL. Valid after device_init. */
uint8_t floppy_cmos_type(struct device *drive);

/* The cylinder under the head: in a 1.2M drive a disk of 40 tracks takes two
 * steps to each. */
unsigned floppy_cylinder(const struct floppy *f);
/* Moves the head; the step resets DSKCHG if a disk is in. */
void floppy_step_to(struct floppy *f, int track);
/* One sector; false: not on the disk, protected, or the host failed. */
bool floppy_read(struct floppy *f, unsigned head, unsigned sector,
                 uint8_t *buf);
bool floppy_write(struct floppy *f, unsigned head, unsigned sector,
                  const uint8_t *buf);
static inline bool floppy_protected(const struct floppy *f)
{
    return f->image && f->image->read_only;
}

#endif

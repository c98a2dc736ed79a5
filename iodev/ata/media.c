/*
 * media.c - discs going in and out of a CD-ROM drive.
 */
#include "iodev/ata/drive.h"

#include <stdlib.h>

enum { EVENT_NEW_MEDIA = 2, EVENT_MEDIA_REMOVAL = 3 };

/* A download that broke off is no image of the size that its volume
 * descriptor tells (ECMA-119 8.4.8): worth a word, since a guest fails later
 * and elsewhere. */
static void check_volume(struct ata_drive *d, struct block_image *image)
{
    uint8_t pvd[2048];
    uint32_t told;

    if (image->sectors <= 16 || !block_read(image, 16, 1, pvd) ||
        memcmp(pvd, "\1CD001", 6))
        return;
    told = ld_le32(pvd + 80);
    if (told > image->sectors)
        log_warn(&d->dev.log,
                 "%s: cut off? Its volume has %u sectors, the file %llu",
                 image->path, told, (unsigned long long)image->sectors);
}

bool media_insert(struct ata_drive *d, const char *path, struct error *err)
{
    struct block_params p = {.path = path,
                             .access = BLOCK_READ_ONLY,
                             .sector_size = 2048,
                             .optical = true};
    struct block_image *image = block_open(&p, &d->dev.log, err);

    if (!image)
        return false;
    block_close(d->image);
    d->image = image;
    d->s.loaded = true;
    d->s.tray_open = false;
    d->s.attention = true;
    d->s.media_event = EVENT_NEW_MEDIA;
    log_info(&d->dev.log, "%s inserted, %llu sectors", path,
             (unsigned long long)image->sectors);
    check_volume(d, image);
    return true;
}

void media_eject(struct ata_drive *d)
{
    if (d->image)
        log_info(&d->dev.log, "%s ejected", d->image->path);
    block_close(d->image);
    d->image = NULL;
    d->s.loaded = false;
    d->s.tray_open = true;
    d->s.locked = false;
    d->s.media_event = EVENT_MEDIA_REMOVAL;
}

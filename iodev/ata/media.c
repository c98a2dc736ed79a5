/*
 * media.c - discs going in and out of a CD-ROM drive.
 */
#include "iodev/ata/drive.h"

#include <stdlib.h>

enum { EVENT_NEW_MEDIA = 2, EVENT_MEDIA_REMOVAL = 3 };

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

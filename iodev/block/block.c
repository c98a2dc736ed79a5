/*
 * block.c - disk images: opening by format, checks common to all formats.
 */
#include "iodev/block/block.h"
#include "iodev/block/driver.h"

#include <errno.h>

#include <stdlib.h>

struct block_image *block_open(const struct block_params *params,
                               struct log_source *log, struct error *err)
{
    struct block_params base = *params;
    struct block_image *img;

    if (!params->path || !*params->path) {
        error_set(err, EXIT_USAGE, "no image file: set path=");
        return NULL;
    }
    if (params->mode != BLOCK_FLAT)
        base.access = BLOCK_READ_ONLY;
    img = flat_open(&base, log, err);
    if (img && params->mode != BLOCK_FLAT)
        img = overlay_open(params, img, log, err);
    return img;
}

void block_close(struct block_image *img)
{
    char *path;

    if (!img)
        return;
    block_flush(img);
    path = img->path;
    img->driver->close(img);
    free(path);
}

static bool on_disk(struct block_image *img, const char *what, uint64_t lba,
                    uint32_t count)
{
    if (lba < img->sectors && count <= img->sectors - lba)
        return true;
    log_error(img->log, "%s of sectors %llu+%u beyond the end (%llu)", what,
              (unsigned long long)lba, count, (unsigned long long)img->sectors);
    return false;
}

bool block_read(struct block_image *img, uint64_t lba, uint32_t count,
                uint8_t *buf)
{
    size_t n = (size_t)count * img->sector_size;

    if (!on_disk(img, "read", lba, count))
        return false;
    img->accesses++;
    if (img->driver->read(img, lba * img->sector_size, n, buf))
        return true;
    log_error(img->log, "%s: reading sectors %llu+%u failed", img->path,
              (unsigned long long)lba, count);
    return false;
}

bool block_write(struct block_image *img, uint64_t lba, uint32_t count,
                 const uint8_t *buf)
{
    size_t n = (size_t)count * img->sector_size;

    if (!on_disk(img, "write", lba, count))
        return false;
    if (img->read_only) {
        log_error(img->log, "%s is read-only", img->path);
        return false;
    }
    img->accesses++;
    if (img->driver->write(img, lba * img->sector_size, n, buf))
        return true;
    log_error(img->log, "%s: writing sectors %llu+%u failed", img->path,
              (unsigned long long)lba, count);
    return false;
}

bool block_flush(struct block_image *img)
{
    if (img->read_only || img->cache == BLOCK_UNSAFE)
        return true;
    if (img->driver->flush(img))
        return true;
    log_error(img->log, "%s: flushing failed", img->path);
    return false;
}

/* ---- saved states ---- */

bool block_save_changes(struct block_image *img, struct state_buf *b)
{
    if (!img->driver->save || img->driver->save(img, b))
        return true;
    log_error(img->log, "%s: changes cannot be read", img->path);
    return false;
}

bool block_check_changes(const struct block_image *img, const uint8_t *data,
                         size_t len, struct error *err)
{
    uint64_t bytes = img->sectors * img->sector_size, next = 0;

    if (len && !img->driver->save)
        return error_set(err, EXIT_BAD_DATA,
                         "%s: the state has changes to it; open it with "
                         "mode=volatile or undoable",
                         img->path);
    for (; len; data += 8 + DRIVER_CHUNK, len -= 8 + DRIVER_CHUNK) {
        uint64_t pos = len < 8 + DRIVER_CHUNK ? UINT64_MAX : ld_le64(data);

        if (pos < next || pos >= bytes || pos % DRIVER_CHUNK)
            return error_set(err, EXIT_BAD_DATA, "%s: damaged list of changes",
                             img->path);
        next = pos + 1;
    }
    return true;
}

bool block_load_changes(struct block_image *img, const uint8_t *data,
                        size_t len, struct error *err)
{
    if (!block_check_changes(img, data, len, err))
        return false;
    if (!img->driver->load || img->driver->load(img, data, len))
        return true;
    return error_set(err, EXIT_IO, "%s: changes cannot be written: %s",
                     img->path, strerror(errno));
}

/*
 * driver.h - what an image format implements; only for iodev/block.
 */
#ifndef IODEV_BLOCK_DRIVER_H
#define IODEV_BLOCK_DRIVER_H

#include "iodev/block/block.h"

#include <sys/stat.h>

#define DRIVER_CHUNK 4096u /* of changes, in bytes */

/* Byte positions; the caller has checked them against the size. */
struct block_driver {
    const char *name;
    bool (*read)(struct block_image *img, uint64_t pos, size_t n, uint8_t *buf);
    bool (*write)(struct block_image *img, uint64_t pos, size_t n,
                  const uint8_t *buf);
    bool (*flush)(struct block_image *img);
    void (*close)(struct block_image *img); /* frees img */
    /* Changes as records of u64 position and DRIVER_CHUNK bytes (the last of
     * the disk padded with zeros). NULL: the format has none. */
    bool (*save)(struct block_image *img, struct state_buf *b);
    bool (*load)(struct block_image *img, const uint8_t *data, size_t len);
};

struct block_image *flat_open(const struct block_params *params,
                              struct log_source *log, struct error *err);
/* Takes over `base`, also when it fails. */
struct block_image *overlay_open(const struct block_params *params,
                                 struct block_image *base,
                                 struct log_source *log, struct error *err);

/* Opens and locks; *writable tells which way. -1 and *err on failure. */
int host_open(const char *path, enum block_access access, bool dsync,
              bool *writable, struct log_source *log, struct error *err);
/* Exclusive or shared lock of the whole file. */
bool host_lock(int fd, const char *path, bool exclusive, struct log_source *log,
               struct error *err);
/* Whole transfers; short reads at the end of the file give zeros. */
bool host_pread(int fd, void *buf, size_t n, uint64_t pos);
bool host_pwrite(int fd, const void *buf, size_t n, uint64_t pos);

#endif

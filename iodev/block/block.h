/*
 * block.h - disk images: numbered sectors in a host file.
 *
 * Formats (key `mode` of a drive):
 *   flat      the file is the disk, byte for byte
 *   volatile  the file is only read; changes live in an unlinked temporary
 *             file in $TMPDIR (or /tmp) and are gone at the end
 *   undoable  the file is only read; changes live in PATH.redolog, which is
 *             made when missing, and kept
 * A file that may be written is locked for this process, one that is only
 * read is locked against writers (open file description locks).
 */
#ifndef IODEV_BLOCK_BLOCK_H
#define IODEV_BLOCK_BLOCK_H

#include "core/base.h"
#include "core/err.h"
#include "core/log.h"

enum block_mode { BLOCK_FLAT, BLOCK_UNDOABLE, BLOCK_VOLATILE };
/* For option tables: the words in the order of the enum. */
#define BLOCK_MODES "enum:flat|undoable|volatile"

enum block_cache {
    BLOCK_WRITEBACK,    /* guest flushes reach the medium */
    BLOCK_WRITETHROUGH, /* every write does */
    BLOCK_UNSAFE,       /* nothing is forced; fastest */
};
#define BLOCK_CACHES "enum:writeback|writethrough|unsafe"

enum block_access {
    BLOCK_READ_ONLY,
    BLOCK_READ_WRITE,
    BLOCK_READ_WRITE_IF_ALLOWED, /* else read-only, with a log line */
};

struct block_params {
    const char *path;
    const char *overlay; /* undoable: its file; NULL or "": PATH.redolog */
    enum block_mode mode;
    enum block_cache cache;
    enum block_access access;
    uint32_t sector_size; /* 512..4096, a power of two */
    uint64_t sectors;     /* not 0: the disk is so long whatever the file is;
                             what the file lacks reads as zeros */
    bool optical;         /* 2048-byte sectors; a raw 2352-byte image is seen
                             through, a short last sector reads as zeros */
};

struct block_driver;

struct block_image {
    uint64_t sectors;
    uint64_t accesses; /* reads and writes so far, for lamps */
    uint32_t sector_size;
    bool read_only;
    enum block_cache cache;
    char *path;             /* owned */
    struct log_source *log; /* of the device that opened it */
    const struct block_driver *driver;
};

/* Length of a file in bytes. */
bool block_file_size(const char *path, uint64_t *bytes, struct error *err);
/* NULL and *err on failure. `log` must outlive the image. */
struct block_image *block_open(const struct block_params *params,
                               struct log_source *log, struct error *err);
/* NULL is allowed. Flushes first. */
void block_close(struct block_image *img);

/* Whole sectors. False, after a log line, when the range is not on the disk,
 * the image is read-only or the host fails. */
bool block_read(struct block_image *img, uint64_t lba, uint32_t count,
                uint8_t *buf);
bool block_write(struct block_image *img, uint64_t lba, uint32_t count,
                 const uint8_t *buf);
/* Everything written so far survives a crash of the host, unless the cache
 * mode is unsafe. */
bool block_flush(struct block_image *img);

/* ---- saved states ---- */
struct state_buf; /* core/state.h */

/* Appends what differs from the file below: nothing for `flat`. False after a
 * log line. */
bool block_save_changes(struct block_image *img, struct state_buf *b);
/* Only looks whether the data could be loaded. */
bool block_check_changes(const struct block_image *img, const uint8_t *data,
                         size_t len, struct error *err);
/* The disk is then the file below with these changes and no others. */
bool block_load_changes(struct block_image *img, const uint8_t *data,
                        size_t len, struct error *err);

#endif

/*
 * overlay.c - changes to an image that is itself never written.
 *
 * The overlay file, all little-endian: a header of 4096 bytes, a bitmap with
 * one bit per 4096-byte chunk of the disk, then the chunks, each at its own
 * place; chunks that were never written are holes. A chunk's bit is set after
 * its data is in the file, so a crash loses at most what was not flushed.
 *   0  "KlochsOv"   8 u32 version 1   12 u32 chunk bytes   16 u64 disk bytes
 *   24 i64 base's modification time, ns   32 u32 CRC-32 of bytes 0-31
 */
#include "core/hash.h"
#include "core/state.h"
#include "iodev/block/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define HEADER_BYTES 4096u
#define CHUNK        DRIVER_CHUNK
#define VERSION      1u
#define CRC_AT       32u

struct overlay {
    struct block_image img;
    struct block_image *base;
    int fd;
    bool temporary;     /* nobody will read the header and the bitmap */
    uint64_t bytes;     /* of the disk */
    uint64_t data_at;   /* file position of chunk 0 */
    size_t bitmap_size; /* bytes, a multiple of 8 */
    uint8_t *bitmap;
};

static struct overlay *overlay_of(struct block_image *img)
{
    return container_of(img, struct overlay, img);
}

static bool present(const struct overlay *o, uint64_t chunk)
{
    return o->bitmap[chunk / 8] >> (chunk % 8) & 1;
}

static bool set_present(struct overlay *o, uint64_t chunk)
{
    size_t byte = (size_t)(chunk / 8);

    o->bitmap[byte] |= (uint8_t)(1u << (chunk % 8));
    return o->temporary ||
           host_pwrite(o->fd, o->bitmap + byte, 1, HEADER_BYTES + byte);
}

/* ---- the driver ---- */

static bool base_read(struct overlay *o, uint64_t pos, size_t n, uint8_t *buf)
{
    return o->base->driver->read(o->base, pos, n, buf);
}

/* The bytes from pos, at most n, that lie in chunks of one kind. */
static size_t run_length(const struct overlay *o, uint64_t pos, size_t n)
{
    bool kind = present(o, pos / CHUNK);
    uint64_t end = pos - pos % CHUNK + CHUNK;

    while (end < pos + n && present(o, end / CHUNK) == kind)
        end += CHUNK;
    return end < pos + n ? (size_t)(end - pos) : n;
}

static bool overlay_read(struct block_image *img, uint64_t pos, size_t n,
                         uint8_t *buf)
{
    struct overlay *o = overlay_of(img);

    while (n) {
        size_t run = run_length(o, pos, n);

        if (!(present(o, pos / CHUNK)
                  ? host_pread(o->fd, buf, run, o->data_at + pos)
                  : base_read(o, pos, run, buf)))
            return false;
        buf += run;
        pos += run;
        n -= run;
    }
    return true;
}

/* A write inside one chunk: fills it from the base the first time. */
static bool write_part(struct overlay *o, uint64_t pos, size_t n,
                       const uint8_t *buf)
{
    uint64_t start = pos - pos % CHUNK;
    size_t size = o->bytes - start < CHUNK ? (size_t)(o->bytes - start) : CHUNK;
    uint8_t chunk[CHUNK];

    if (present(o, pos / CHUNK) || n == size)
        return host_pwrite(o->fd, buf, n, o->data_at + pos) &&
               (present(o, pos / CHUNK) || set_present(o, pos / CHUNK));
    if (!base_read(o, start, size, chunk))
        return false;
    memcpy(chunk + (pos - start), buf, n);
    return host_pwrite(o->fd, chunk, size, o->data_at + start) &&
           set_present(o, pos / CHUNK);
}

static bool overlay_write(struct block_image *img, uint64_t pos, size_t n,
                          const uint8_t *buf)
{
    struct overlay *o = overlay_of(img);

    while (n) {
        size_t part = CHUNK - (size_t)(pos % CHUNK);

        part = part < n ? part : n;
        if (!write_part(o, pos, part, buf))
            return false;
        buf += part;
        pos += part;
        n -= part;
    }
    return true;
}

static bool overlay_flush(struct block_image *img)
{
    struct overlay *o = overlay_of(img);

    return o->temporary || fdatasync(o->fd) == 0;
}

static void overlay_close(struct block_image *img)
{
    struct overlay *o = overlay_of(img);

    if (o->fd >= 0)
        close(o->fd);
    block_close(o->base);
    free(o->bitmap);
    free(o);
}

/* ---- saved states ---- */

static size_t chunk_size(const struct overlay *o, uint64_t pos)
{
    return o->bytes - pos < CHUNK ? (size_t)(o->bytes - pos) : CHUNK;
}

static bool overlay_save(struct block_image *img, struct state_buf *b)
{
    struct overlay *o = overlay_of(img);

    for (uint64_t pos = 0; pos < o->bytes; pos += CHUNK) {
        uint8_t chunk[CHUNK] = {0};

        if (!present(o, pos / CHUNK))
            continue;
        if (!host_pread(o->fd, chunk, chunk_size(o, pos), o->data_at + pos))
            return false;
        state_buf_put_u64(b, pos);
        state_buf_put(b, chunk, CHUNK);
    }
    return true;
}

static bool overlay_load(struct block_image *img, const uint8_t *data,
                         size_t len)
{
    struct overlay *o = overlay_of(img);

    memset(o->bitmap, 0, o->bitmap_size);
    if (!o->temporary &&
        !host_pwrite(o->fd, o->bitmap, o->bitmap_size, HEADER_BYTES))
        return false;
    for (; len; data += 8 + CHUNK, len -= 8 + CHUNK) {
        uint64_t pos = ld_le64(data);

        if (!host_pwrite(o->fd, data + 8, chunk_size(o, pos),
                         o->data_at + pos) ||
            !set_present(o, pos / CHUNK))
            return false;
    }
    return true;
}

static const struct block_driver overlay_driver = {
    .name = "overlay",
    .read = overlay_read,
    .write = overlay_write,
    .flush = overlay_flush,
    .close = overlay_close,
    .save = overlay_save,
    .load = overlay_load,
};

/* ---- opening ---- */

static void make_header(const struct overlay *o, int64_t mtime, uint8_t *h)
{
    memset(h, 0, HEADER_BYTES);
    memcpy(h, "KlochsOv", 8);
    st_le32(h + 8, VERSION);
    st_le32(h + 12, CHUNK);
    st_le64(h + 16, o->bytes);
    st_le64(h + 24, (uint64_t)mtime);
    st_le32(h + CRC_AT, crc32_bytes(h, CRC_AT, 0));
}

static bool check_header(const struct overlay *o, const char *path,
                         int64_t mtime, const uint8_t *h, struct error *err)
{
    if (memcmp(h, "KlochsOv", 8) || ld_le32(h + 8) != VERSION)
        return error_set(err, EXIT_BAD_DATA,
                         "%s is not an overlay of this program; move it away",
                         path);
    if (ld_le32(h + CRC_AT) != crc32_bytes(h, CRC_AT, 0) ||
        ld_le32(h + 12) != CHUNK)
        return error_set(err, EXIT_BAD_DATA, "%s is damaged (header)", path);
    if (ld_le64(h + 16) != o->bytes || (int64_t)ld_le64(h + 24) != mtime)
        return error_set(err, EXIT_BAD_DATA,
                         "%s was made for another version of %s; delete it to "
                         "start over from the image as it is now",
                         path, o->base->path);
    return true;
}

/* No bits for chunks beyond the end of the disk. */
static bool check_bitmap(const struct overlay *o, const char *path,
                         struct error *err)
{
    uint64_t chunks = (o->bytes + CHUNK - 1) / CHUNK;

    for (uint64_t c = chunks; c < (uint64_t)o->bitmap_size * 8; c++)
        if (present(o, c))
            return error_set(err, EXIT_BAD_DATA, "%s is damaged (bitmap)",
                             path);
    return true;
}

static bool open_redolog(struct overlay *o, const char *path, int64_t mtime,
                         struct error *err)
{
    uint8_t want[HEADER_BYTES], have[HEADER_BYTES];
    off_t size;
    int flags = O_RDWR | O_CREAT | O_CLOEXEC |
                (o->img.cache == BLOCK_WRITETHROUGH ? O_DSYNC : 0);

    o->fd = open(path, flags, 0666);
    if (o->fd < 0)
        return error_set(err, EXIT_NO_OPEN, "%s: %s", path, strerror(errno));
    if (!host_lock(o->fd, path, true, o->img.log, err))
        return false;
    make_header(o, mtime, want);
    size = lseek(o->fd, 0, SEEK_END);
    if (size == 0) {
        if (host_pwrite(o->fd, want, sizeof want, 0) &&
            ftruncate(o->fd, (off_t)o->data_at) == 0)
            return true;
        return error_set(err, EXIT_IO, "%s: %s", path, strerror(errno));
    }
    if (size < 0 || !host_pread(o->fd, have, sizeof have, 0))
        return error_set(err, EXIT_IO, "%s: %s", path, strerror(errno));
    if (!check_header(o, path, mtime, have, err))
        return false;
    if ((uint64_t)size < o->data_at)
        return error_set(err, EXIT_BAD_DATA, "%s is cut short", path);
    if (!host_pread(o->fd, o->bitmap, o->bitmap_size, HEADER_BYTES))
        return error_set(err, EXIT_IO, "%s: %s", path, strerror(errno));
    return check_bitmap(o, path, err);
}

static bool open_temporary(struct overlay *o, struct error *err)
{
    const char *dir = getenv("TMPDIR");
    char path[1024];

    snprintf(path, sizeof path, "%s/klochs-XXXXXX", dir && *dir ? dir : "/tmp");
    o->fd = mkostemp(path, O_CLOEXEC);
    if (o->fd < 0)
        return error_set(err, EXIT_NO_OPEN, "%s: %s; set TMPDIR", path,
                         strerror(errno));
    unlink(path);
    o->temporary = true;
    return true;
}

/* Both files are known by now; the base's path is left to `o`. */
static bool open_files(struct overlay *o, const struct block_params *params,
                       struct error *err)
{
    bool own = params->overlay && *params->overlay;
    char path[4096];
    struct stat st;

    if (params->mode == BLOCK_VOLATILE)
        return open_temporary(o, err);
    if (stat(params->path, &st) != 0)
        return error_set(err, EXIT_NO_OPEN, "%s: %s", params->path,
                         strerror(errno));
    if (snprintf(path, sizeof path, "%s%s",
                 own ? params->overlay : params->path,
                 own ? "" : ".redolog") >= (int)sizeof path)
        return error_set(err, EXIT_USAGE, "path of the image is too long");
    return open_redolog(
        o, path, (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
        err);
}

struct block_image *overlay_open(const struct block_params *params,
                                 struct block_image *base,
                                 struct log_source *log, struct error *err)
{
    struct overlay *o = calloc(1, sizeof *o);
    uint64_t chunks;

    if (!o)
        error_no_memory();
    o->img = (struct block_image){.sectors = base->sectors,
                                  .sector_size = base->sector_size,
                                  .cache = params->cache,
                                  .path = strdup(params->path),
                                  .log = log,
                                  .driver = &overlay_driver};
    o->base = base;
    o->fd = -1;
    o->bytes = base->sectors * base->sector_size;
    chunks = (o->bytes + CHUNK - 1) / CHUNK;
    o->bitmap_size = (size_t)((chunks + 63) / 64 * 8);
    o->data_at =
        HEADER_BYTES + ((uint64_t)o->bitmap_size + CHUNK - 1) / CHUNK * CHUNK;
    o->bitmap = calloc(1, o->bitmap_size);
    if (o->img.path && o->bitmap && open_files(o, params, err))
        return &o->img;
    if (!o->img.path || !o->bitmap)
        error_set(err, EXIT_IO, "%s: out of host memory", params->path);
    free(o->img.path);
    overlay_close(&o->img);
    return NULL;
}

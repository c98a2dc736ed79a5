/*
 * flat.c - an image that is the disk byte for byte, and host file helpers.
 */
#include "iodev/block/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* A raw CD image: 12 bytes of sync, 4 of header, data, 288 of correction. */
#define RAW_SECTOR 2352u
#define RAW_DATA   16u

struct flat {
    struct block_image img;
    int fd;
    uint64_t bytes;
    bool raw_cd;
};

static struct flat *flat_of(struct block_image *img)
{
    return container_of(img, struct flat, img);
}

/* ---- host files ---- */

bool host_pread(int fd, void *buf, size_t n, uint64_t pos)
{
    uint8_t *p = buf;

    while (n) {
        ssize_t got = pread(fd, p, n, (off_t)pos);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0) {
            memset(p, 0, n);
            return true;
        }
        p += got;
        pos += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

bool host_pwrite(int fd, const void *buf, size_t n, uint64_t pos)
{
    const uint8_t *p = buf;

    while (n) {
        ssize_t put = pwrite(fd, p, n, (off_t)pos);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        p += put;
        pos += (uint64_t)put;
        n -= (size_t)put;
    }
    return true;
}

bool host_lock(int fd, const char *path, bool exclusive, struct log_source *log,
               struct error *err)
{
    struct flock fl = {.l_type = exclusive ? F_WRLCK : F_RDLCK,
                       .l_whence = SEEK_SET};

    if (fcntl(fd, F_OFD_SETLK, &fl) == 0)
        return true;
    if (errno == EAGAIN || errno == EACCES)
        return error_set(err, EXIT_NO_OPEN, "%s is in use by another machine%s",
                         path,
                         exclusive ? "; stop that one, or use mode=volatile"
                                   : " that writes to it");
    log_warn(log, "%s: cannot be locked (%s), goes on without", path,
             strerror(errno));
    return true;
}

int host_open(const char *path, enum block_access access, bool dsync,
              bool *writable, struct log_source *log, struct error *err)
{
    int flags = O_CLOEXEC | (dsync ? O_DSYNC : 0), fd;

    *writable = access != BLOCK_READ_ONLY;
    fd = open(path, flags | (*writable ? O_RDWR : O_RDONLY));
    if (fd < 0 && access == BLOCK_READ_WRITE_IF_ALLOWED &&
        (errno == EACCES || errno == EROFS || errno == EPERM)) {
        log_info(log, "%s: %s, opened read-only", path, strerror(errno));
        *writable = false;
        fd = open(path, flags | O_RDONLY);
    }
    if (fd < 0) {
        error_set(err, EXIT_NO_OPEN, "%s: %s%s", path, strerror(errno),
                  *writable && errno != ENOENT
                      ? "; to leave the file alone use mode=volatile"
                      : "");
        return -1;
    }
    if (!host_lock(fd, path, *writable, log, err)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* ---- the driver ---- */

static bool raw_read(struct flat *f, uint64_t pos, size_t n, uint8_t *buf)
{
    uint32_t size = f->img.sector_size;

    for (size_t done = 0; done < n; done += size)
        if (!host_pread(f->fd, buf + done, size,
                        (pos + done) / size * RAW_SECTOR + RAW_DATA))
            return false;
    return true;
}

static bool flat_read(struct block_image *img, uint64_t pos, size_t n,
                      uint8_t *buf)
{
    struct flat *f = flat_of(img);

    return f->raw_cd ? raw_read(f, pos, n, buf)
                     : host_pread(f->fd, buf, n, pos);
}

static bool flat_write(struct block_image *img, uint64_t pos, size_t n,
                       const uint8_t *buf)
{
    return host_pwrite(flat_of(img)->fd, buf, n, pos);
}

static bool flat_flush(struct block_image *img)
{
    /* EINVAL: a special file that has nothing to synchronise. */
    return fdatasync(flat_of(img)->fd) == 0 || errno == EINVAL;
}

static void flat_close(struct block_image *img)
{
    close(flat_of(img)->fd);
    free(flat_of(img));
}

static const struct block_driver flat_driver = {
    .name = "flat",
    .read = flat_read,
    .write = flat_write,
    .flush = flat_flush,
    .close = flat_close,
};

/* Sizes that a plain image cannot have but a raw one must, and sync bytes. */
static bool is_raw_cd(struct flat *f)
{
    static const uint8_t sync[12] = {0,    0xff, 0xff, 0xff, 0xff, 0xff,
                                     0xff, 0xff, 0xff, 0xff, 0xff, 0};
    uint8_t head[16];

    return f->bytes % RAW_SECTOR == 0 && f->bytes &&
           host_pread(f->fd, head, sizeof head, 0) &&
           !memcmp(head, sync, sizeof sync) && head[15] == 1;
}

static bool set_geometry(struct flat *f, const struct block_params *params,
                         struct error *err)
{
    uint32_t size = params->sector_size;

    if (size < 512 || size > 4096 || (size & (size - 1)))
        return error_set(err, EXIT_USAGE, "sector size %u: use 512 to 4096",
                         size);
    f->img.sector_size = size;
    f->raw_cd = params->optical && is_raw_cd(f);
    if (f->raw_cd)
        f->img.sectors = f->bytes / RAW_SECTOR;
    else
        f->img.sectors = f->bytes / size + (params->optical && f->bytes % size);
    if (params->sectors) {
        f->img.sectors = params->sectors;
        return true;
    }
    if (f->img.sectors == 0)
        return error_set(err, EXIT_BAD_DATA, "%s is empty", params->path);
    if (!params->optical && f->bytes % size)
        return error_set(err, EXIT_BAD_DATA,
                         "%s: size of %llu bytes is not a multiple of %u",
                         params->path, (unsigned long long)f->bytes, size);
    return true;
}

bool block_file_size(const char *path, uint64_t *bytes, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

    if (end < 0)
        error_set(err, EXIT_NO_OPEN, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    *bytes = end < 0 ? 0 : (uint64_t)end;
    return end >= 0;
}

struct block_image *flat_open(const struct block_params *params,
                              struct log_source *log, struct error *err)
{
    struct flat *f = calloc(1, sizeof *f);
    bool writable, good;
    struct stat st;
    off_t end = 0;

    if (!f)
        error_no_memory();
    f->img.driver = &flat_driver;
    f->img.log = log;
    f->img.cache = params->cache;
    f->fd = host_open(params->path, params->access,
                      params->cache == BLOCK_WRITETHROUGH, &writable, log, err);
    if (f->fd < 0) {
        free(f);
        return NULL;
    }
    f->img.read_only = !writable;
    good = fstat(f->fd, &st) == 0 && !S_ISDIR(st.st_mode) &&
           (end = lseek(f->fd, 0, SEEK_END)) >= 0;
    f->bytes = (uint64_t)end;
    if (!good)
        error_set(err, EXIT_NO_OPEN, "%s is not an image file", params->path);
    f->img.path = strdup(params->path);
    if (!f->img.path)
        error_no_memory();
    if (good && set_geometry(f, params, err))
        return &f->img;
    free(f->img.path);
    flat_close(&f->img);
    return NULL;
}

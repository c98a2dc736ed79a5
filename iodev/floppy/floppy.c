/*
 * floppy.c - a floppy disk drive and the disk in it.
 *
 * The format follows from the size of the image. A shorter image than the
 * drive's own format reads as zeros where the file ends.
 * Departures: sectors of 512 bytes only; no deleted marks, no copy
 * protection.
 */
#include "iodev/floppy/floppy.h"

#include "core/host.h"

#include <stdlib.h>

#define LAST_TRACK 84 /* the head stops there */

struct format {
    enum floppy_type drive; /* that was made for it */
    uint8_t cylinders, heads, spt;
    uint16_t rate_kbps;
};

static const struct format formats[] = {
    {FLOPPY_160K, 40, 1, 8, 250},   {FLOPPY_180K, 40, 1, 9, 250},
    {FLOPPY_320K, 40, 2, 8, 250},   {FLOPPY_360K, 40, 2, 9, 250},
    {FLOPPY_720K, 80, 2, 9, 250},   {FLOPPY_1_2, 80, 2, 15, 500},
    {FLOPPY_1_44, 80, 2, 18, 500},  {FLOPPY_1_44, 80, 2, 21, 500},
    {FLOPPY_1_44, 82, 2, 21, 500},  {FLOPPY_1_44, 80, 2, 23, 500},
    {FLOPPY_2_88, 80, 2, 36, 1000},
};

static uint64_t format_sectors(const struct format *f)
{
    return (uint64_t)f->cylinders * f->heads * f->spt;
}

/* Exact size first; then the drive's own format for a shorter image. */
static const struct format *find_format(enum floppy_type drive, uint64_t bytes)
{
    for (unsigned i = 0; i < ARRAY_LEN(formats); i++)
        if (format_sectors(&formats[i]) * 512 == bytes)
            return &formats[i];
    for (unsigned i = 0; i < ARRAY_LEN(formats); i++)
        if (formats[i].drive == drive &&
            format_sectors(&formats[i]) * 512 >= bytes)
            return &formats[i];
    return NULL;
}

static void eject(struct floppy *f)
{
    if (f->image)
        log_info(&f->dev.log, "%s ejected", f->image->path);
    block_close(f->image);
    f->image = NULL;
    f->s.loaded = false;
    f->s.changed = true;
}

static bool insert(struct floppy *f, const char *path, struct error *err)
{
    struct block_params p = {.path = path,
                             .mode = (enum block_mode)f->mode,
                             .cache = (enum block_cache)f->cache,
                             .access = f->write_protected
                                           ? BLOCK_READ_ONLY
                                           : BLOCK_READ_WRITE_IF_ALLOWED,
                             .sector_size = 512};
    const struct format *format;
    struct block_image *image;
    uint64_t bytes;

    if (!block_file_size(path, &bytes, err))
        return false;
    format =
        find_format(f->type == FLOPPY_AUTO ? FLOPPY_1_44 : f->drive, bytes);
    if (!format)
        return error_set(err, EXIT_BAD_DATA,
                         "%s: %llu bytes is no floppy disk format", path,
                         (unsigned long long)bytes);
    p.sectors = format_sectors(format);
    image = block_open(&p, &f->dev.log, err);
    if (!image)
        return false;
    if (f->write_protected)
        image->read_only = true;
    block_close(f->image);
    f->image = image;
    f->cylinders = format->cylinders;
    f->heads = format->heads;
    f->spt = format->spt;
    f->rate_kbps = format->rate_kbps;
    /* 80-track 1.2M drives turn at 360 rpm. */
    if (f->drive == FLOPPY_1_2 && f->rate_kbps == 250)
        f->rate_kbps = 300;
    f->s.loaded = true;
    f->s.changed = true;
    return true;
}

uint8_t floppy_cmos_type(struct device *drive)
{
    static const uint8_t types[] = {
        [FLOPPY_160K] = 1, [FLOPPY_180K] = 1, [FLOPPY_320K] = 1,
        [FLOPPY_360K] = 1, [FLOPPY_720K] = 3, [FLOPPY_1_2] = 2,
        [FLOPPY_1_44] = 4, [FLOPPY_2_88] = 5,
    };

    return drive ? types[floppy_of(drive)->drive] : 0;
}

/* ---- for the controller ---- */

unsigned floppy_cylinder(const struct floppy *f)
{
    bool twice = f->drive == FLOPPY_1_2 && f->cylinders == 40;

    return twice ? f->s.track / 2u : f->s.track;
}

void floppy_step_to(struct floppy *f, int track)
{
    f->s.track = (uint8_t)(track < 0            ? 0
                           : track > LAST_TRACK ? LAST_TRACK
                                                : track);
    if (f->image)
        f->s.changed = false;
}

static bool locate(const struct floppy *f, unsigned head, unsigned sector,
                   uint64_t *lba)
{
    unsigned cylinder = floppy_cylinder(f);

    if (!f->image || cylinder >= f->cylinders || head >= f->heads ||
        sector < 1 || sector > f->spt)
        return false;
    *lba = ((uint64_t)cylinder * f->heads + head) * f->spt + sector - 1;
    return true;
}

bool floppy_read(struct floppy *f, unsigned head, unsigned sector, uint8_t *buf)
{
    uint64_t lba;

    return locate(f, head, sector, &lba) && block_read(f->image, lba, 1, buf);
}

bool floppy_write(struct floppy *f, unsigned head, unsigned sector,
                  const uint8_t *buf)
{
    uint64_t lba;

    return locate(f, head, sector, &lba) && block_write(f->image, lba, 1, buf);
}

/* ---- life ---- */

static bool floppy_init(struct device *dev, struct error *err)
{
    struct floppy *f = floppy_of(dev);
    bool given = f->path && *f->path && strcmp(f->path, "none");
    uint64_t bytes = 0;

    f->drive = (enum floppy_type)f->type;
    if (f->type == FLOPPY_NONE)
        return true;
    if (f->type == FLOPPY_AUTO) {
        const struct format *format = NULL;

        if (given && f->status && !block_file_size(f->path, &bytes, err))
            return false;
        format = find_format(FLOPPY_1_44, bytes);
        f->drive = format ? format->drive : FLOPPY_1_44;
    }
    return !given || !f->status || insert(f, f->path, err);
}

static void floppy_reset(struct device *dev, enum reset_kind kind)
{
    struct floppy *f = floppy_of(dev);

    if (kind == RESET_SOFTWARE) /* INIT reaches the processor alone */
        return;
    /* The head stays where it is on a real one; power-on finds it at 0. */
    f->s = (struct floppy_state){.changed = true, .loaded = f->image != NULL};
}

static bool floppy_post_load(struct device *dev, struct error *err)
{
    struct floppy *f = floppy_of(dev);

    if (f->s.track > LAST_TRACK)
        return error_set(err, EXIT_BAD_DATA, "%s: track %u", dev->id,
                         f->s.track);
    if (f->s.loaded != (f->image != NULL))
        return error_set(err, EXIT_BAD_DATA,
                         "%s: saved with%s a disk; insert or eject it first",
                         dev->id, f->s.loaded ? "" : "out");
    return true;
}

static void floppy_input(struct device *dev, const struct input_event *ev)
{
    struct floppy *f = floppy_of(dev);
    struct error err = {0};
    char path[1024];

    if (ev->kind != INPUT_CHANGE || f->drive == FLOPPY_NONE)
        return;
    eject(f);
    if (!ev->a)
        return;
    if (!ev->data || ev->len == 0 || ev->len >= sizeof path) {
        log_error(&dev->log, "insert without a usable path");
        return;
    }
    memcpy(path, ev->data, ev->len);
    path[ev->len] = 0;
    if (!insert(f, path, &err))
        log_error(&dev->log, "%s", err.text);
}

static void floppy_info(struct device *dev, struct out *out)
{
    struct floppy *f = floppy_of(dev);

    if (f->image)
        out_printf(out, "%s: %u/%u/%u, %u kbit/s%s\n", f->image->path,
                   f->cylinders, f->heads, f->spt, f->rate_kbps,
                   f->image->read_only ? ", write-protected" : "");
    else
        out_printf(out, "no disk\n");
}

static void floppy_destroy(struct device *dev)
{
    block_close(floppy_of(dev)->image);
    floppy_of(dev)->image = NULL;
}

static const struct field floppy_fields[] = {
    FIELD(struct floppy_state, track, "track the head is on"),
    FIELD(struct floppy_state, changed, "disk change signal"),
    FIELD(struct floppy_state, loaded, "a disk is in"),
    FIELD_END,
};

#define AT(m) offsetof(struct floppy, m)

/* clang-format off */
static const struct option floppy_options[] = {
    {"type", "enum:auto|none|160k|180k|320k|360k|720k|1_2|1_44|2_88", AT(type),
     "auto", "kind of drive; auto: from the image"},
    {"path", "path", AT(path), NULL, "image file"},
    {"mode", BLOCK_MODES, AT(mode), "flat", "image format"},
    {"cache", BLOCK_CACHES, AT(cache), "writeback",
     "when written data is forced to the medium"},
    {"status", "enum:ejected|inserted", AT(status), "inserted",
     "disk in the drive"},
    {"write_protected", "bool", AT(write_protected), "0",
     "the disk's write-protect tab"},
    {0},
};
/* clang-format on */

const struct device_class floppy_class = {
    .name = "floppy",
    .summary = "floppy disk drive",
    DEVICE_STATE(struct floppy, s),
    .state_version = 1,
    .fields = floppy_fields,
    .options = floppy_options,
    .init = floppy_init,
    .reset = floppy_reset,
    .post_load = floppy_post_load,
    .info = floppy_info,
    .input = floppy_input,
    .destroy = floppy_destroy,
};

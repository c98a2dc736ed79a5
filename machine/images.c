/*
 * images.c - images named on the command line, put into drives, and kernels.
 */
#include "machine/images.h"
#include "machine/sniff.h"
#include <stdio.h>

#define WHERE "command line"

static bool is_free(const struct config *cfg, const char *drive)
{
    const char *type = config_given_text(cfg, drive, "type");

    return !config_given_text(cfg, drive, "path") &&
           (!type || !strcmp(type, "none"));
}

static bool put_drive(struct config *cfg, unsigned first, const char *type,
                      const char *path, struct error *err)
{
    for (unsigned k = 0; k < 8; k++) {
        unsigned n = (first + k) % 8;
        char drive[16], channel[8];

        snprintf(channel, sizeof channel, "ata%u", n / 2);
        snprintf(drive, sizeof drive, "%s-%s", channel,
                 n & 1 ? "slave" : "master");
        if (is_free(cfg, drive))
            return config_set(cfg, channel, "enabled", "1", WHERE, err) &&
                   config_set(cfg, drive, "type", type, WHERE, err) &&
                   config_set(cfg, drive, "path", path, WHERE, err);
    }
    return error_set(err, EXIT_USAGE,
                     "no place for '%s': all eight ATA drives are taken", path);
}

static bool put_floppy(struct config *cfg, const char *path, struct error *err)
{
    static const char *const drives[] = {"floppya", "floppyb"};

    for (unsigned n = 0; n < 2; n++)
        if (!config_given(cfg, drives[n]))
            return config_set(cfg, drives[n], "image", path, WHERE, err);
    return error_set(err, EXIT_USAGE,
                     "no place for '%s': both floppy drives are taken", path);
}

static bool put_kernel(struct config *cfg, const char *path, struct error *err)
{
    const char *other = config_given_text(cfg, "kernel", "path");

    if (!other)
        return config_set(cfg, "kernel", "path", path, WHERE, err);
    return error_set(err, EXIT_USAGE,
                     "'%.150s' is a second kernel; '%.150s' is booted", path,
                     other);
}

static bool any_disk(const struct config *cfg)
{
    const char *type = config_given_text(cfg, "ata0-master", "type");

    return type && !strcmp(type, "disk");
}

/* Disks first, so that a CD finds its place whatever the order. */
bool images_place(struct config *cfg, const char *const *paths, unsigned count,
                  struct error *err)
{
    enum image_kind kind;

    for (unsigned n = 0; n < count; n++) {
        if (!sniff_image(paths[n], &kind, err))
            return false;
        if (kind == IMAGE_DISK && !put_drive(cfg, 0, "disk", paths[n], err))
            return false;
        if (kind == IMAGE_FLOPPY && !put_floppy(cfg, paths[n], err))
            return false;
        if (kind == IMAGE_KERNEL && !put_kernel(cfg, paths[n], err))
            return false;
    }
    for (unsigned n = 0; n < count; n++) {
        if (!sniff_image(paths[n], &kind, err))
            return false;
        if (kind == IMAGE_CDROM &&
            !put_drive(cfg, any_disk(cfg) ? 2 : 0, "cdrom", paths[n], err))
            return false;
    }
    return true;
}

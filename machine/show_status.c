/*
 * show_status.c - what a display shows of the machine beside its screen.
 */
#include "iodev/ata/ata.h"
#include "iodev/block/block.h"
#include "iodev/floppy/floppy.h"
#include "iodev/ps2kbd.h"
#include "machine/show.h"
#include "machine/snapshot.h"
#include <stdio.h>

#define MESSAGE_SECONDS 6.0
#define LAMP_SECONDS    0.15
#define SPEED_SECONDS   1.0

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* "A:", "CD", "disk", with a number where there are more. */
static void name_drive(struct display_drive *to, struct device *d,
                       unsigned disks, unsigned cds)
{
    if (d->cls == &floppy_class)
        snprintf(to->name, sizeof to->name, "%c:", 'A' + (int)d->instance);
    else if (to->removable)
        snprintf(to->name, sizeof to->name, cds ? "CD%u" : "CD", cds + 1);
    else
        snprintf(to->name, sizeof to->name, disks ? "disk%u" : "disk",
                 disks + 1);
}

static bool exists(struct device *d)
{
    return d->cls == &floppy_class ? floppy_of(d)->drive != FLOPPY_NONE
                                   : ata_drive_geometry(d).kind != ATA_NONE;
}

static void look_at_drive(struct show *s, struct device *d, unsigned n,
                          struct display_drive *to, double now)
{
    struct block_image *img = snapshot_medium(d);
    uint64_t accesses = img ? img->accesses : 0;

    snprintf(to->id, sizeof to->id, "%s", d->id);
    to->removable =
        d->cls == &floppy_class || ata_drive_geometry(d).kind == ATA_CDROM;
    if (img)
        snprintf(to->file, sizeof to->file, "%.63s", file_name(img->path));
    if (accesses != s->accesses[n])
        s->busy_until[n] = now + LAMP_SECONDS;
    s->accesses[n] = accesses;
    to->busy = now < s->busy_until[n];
}

static void look_at_drives(struct show *s, struct display_status *to,
                           double now)
{
    unsigned disks = 0, cds = 0;

    for (struct device *d = s->m->devices.first; d; d = d->next) {
        struct display_drive *k = &to->drives[to->drive_count];

        if (!snapshot_is_drive(d) || !exists(d) ||
            to->drive_count == DISPLAY_DRIVES)
            continue;
        look_at_drive(s, d, to->drive_count++, k, now);
        name_drive(k, d, disks, cds);
        if (d->cls != &floppy_class) {
            cds += k->removable;
            disks += !k->removable;
        }
    }
}

static void look_at_speed(struct show *s, struct display_status *to, double now)
{
    uint64_t insns = s->m->cpu->icount;
    double seconds = now - s->next_status + SPEED_SECONDS;

    memcpy(to->text, s->status.text, sizeof to->text);
    if (!s->next_status) {
        s->next_status = now + SPEED_SECONDS;
        s->status_insns = insns;
    }
    if (now < s->next_status)
        return;
    snprintf(to->text, sizeof to->text, "%.1f MIPS",
             (double)(insns - s->status_insns) / seconds / 1e6);
    s->status_insns = insns;
    s->next_status = now + SPEED_SECONDS;
}

void show_status(struct show *s, double now)
{
    struct device *kbd = device_find(&s->m->devices, "kbd");
    struct display_status next;

    memset(&next, 0, sizeof next); /* compared as bytes */
    look_at_speed(s, &next, now);
    look_at_drives(s, &next, now);
    if (kbd)
        next.leds = ps2kbd_leds(kbd);
    if (*s->message && !s->message_until)
        s->message_until = now + MESSAGE_SECONDS;
    if (*s->message && now < s->message_until)
        snprintf(next.message, sizeof next.message, "%s", s->message);
    if (!memcmp(&next, &s->status, sizeof next))
        return;
    s->status = next;
    s->display->cls->status(s->display, &s->status);
}

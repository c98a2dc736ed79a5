/*
 * media.h - files of the host that may go into a drive.
 */
#ifndef GUI_MEDIA_H
#define GUI_MEDIA_H

#include "gui/display.h"

/* Entries of a folder, folders first, each part in order of names. */
struct media_list {
    struct media_file {
        char *name; /* owned */
        bool folder;
    } * files; /* owned */
    unsigned count;
};

/* False when the folder cannot be read; the list is empty then. Hidden files
 * are left out. */
bool media_read(struct media_list *l, const char *folder);
void media_free(struct media_list *l);

/* The drive for an image that was dropped on the window: what is called like a
 * CD or is bigger than floppy disks goes into the first CD drive, else into
 * the first floppy drive. NULL: there is none. */
const struct display_drive *media_drive(const struct display_status *s,
                                        const char *path);

#endif

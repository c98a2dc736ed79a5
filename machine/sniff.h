/*
 * sniff.h - what kind of image a file is, by its contents.
 */
#ifndef MACHINE_SNIFF_H
#define MACHINE_SNIFF_H

#include "core/err.h"

enum image_kind { IMAGE_DISK, IMAGE_CDROM, IMAGE_FLOPPY, IMAGE_KERNEL };

/* false: it cannot be opened, or is something that no drive takes; the
 * message says what to do with it. */
bool sniff_image(const char *path, enum image_kind *kind, struct error *err);

/* bochsrc's key ("1_44") of the floppy format with this many bytes, NULL when
 * there is none. */
const char *sniff_floppy_key(uint64_t bytes);

#endif

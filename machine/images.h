/*
 * images.h - images named on the command line, put into drives.
 */
#ifndef MACHINE_IMAGES_H
#define MACHINE_IMAGES_H

#include "machine/config.h"

/* Disks go to the first free places, ata0-master first; a CD to ata1-master
 * when there is a disk; floppies to A: and B:. */
bool images_place(struct config *cfg, const char *const *paths, unsigned count,
                  struct error *err);

#endif

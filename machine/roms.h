/*
 * roms.h - firmware images: found, read, put into the address space.
 */
#ifndef MACHINE_ROMS_H
#define MACHINE_ROMS_H

#include "machine/machine.h"

#define ROM_PATH_MAX 4096

/* System BIOS below 4 GiB and its last 128 KiB below 1 MiB, VGA BIOS at
 * C0000h (or in the adapter's ROM BAR, see roms_vga_path). */
bool roms_load(struct machine *m, const struct config *cfg, struct error *err);
/* The VGA BIOS that is chosen, written to `path` of ROM_PATH_MAX bytes;
 * *in_bar: it belongs into the display adapter's expansion ROM. false: none was
 * found. */
bool roms_vga_path(const struct config *cfg, char *path, bool *in_bar);

#endif

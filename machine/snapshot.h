/*
 * snapshot.h - a whole machine in a file, and back (docs/state-format.md).
 *
 * Sections: config (the directives it was made from), machine, clock, ram,
 * one for each device, memory (video RAM), disk (the medium in each drive and
 * what was changed on it in modes undoable and volatile). ROMs and the disks
 * below are not in the file; they are named and checked.
 */
#ifndef MACHINE_SNAPSHOT_H
#define MACHINE_SNAPSHOT_H

#include "core/statefile.h"
#include "machine/machine.h"

struct block_image; /* iodev/block/block.h */

/* The medium in a drive; NULL: none, or it is no drive. */
struct block_image *snapshot_medium(struct device *d);
bool snapshot_is_drive(const struct device *d);

/* Between two runs. `config` is the text that snapshot_config gives back. */
bool snapshot_save(struct machine *m, const char *config, const char *path,
                   struct error *err);
/* The directives to make the machine from, as lines; owned by the caller.
 * NULL on failure. */
char *snapshot_config(const struct state_file *f, struct error *err);
/* Everything that can be told without changing `m`. */
bool snapshot_check(struct machine *m, const struct state_file *f,
                    struct error *err);
/* Into a machine that was just created and has not run. When it fails the
 * machine is good for nothing but machine_destroy. */
bool snapshot_load(struct machine *m, const struct state_file *f,
                   struct error *err);

#endif

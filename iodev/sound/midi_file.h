/*
 * midi_file.h - what a guest says to MIDI instruments, as a file.
 */
#ifndef IODEV_SOUND_MIDI_FILE_H
#define IODEV_SOUND_MIDI_FILE_H

#include "core/err.h"

struct midi_file;

/* A Standard MIDI File, or with `raw` the bytes as they come. */
struct midi_file *midi_file_open(const char *path, bool raw, struct error *err);
/* A byte of the stream at guest time ns. NULL is allowed. */
void midi_file_byte(struct midi_file *f, uint8_t v, uint64_t ns);
void midi_file_close(struct midi_file *f);

#endif

/*
 * sound.h - where sound goes: a file, the host's loudspeaker.
 */
#ifndef GUI_SOUND_H
#define GUI_SOUND_H

#include "core/err.h"
#include "core/sound.h"

/*
 * A RIFF WAVE file of 16-bit stereo, or without a header when `raw`. Frame n
 * of the stream is frame n of the file, silence between being left as a hole;
 * the sizes in the header are right once it is closed. What a WAVE file
 * cannot hold (4 GiB) is lost.
 */
bool sound_file_open(const char *path, unsigned rate, bool raw,
                     struct sound_sink *out, struct error *err);

/*
 * The host's sound, by way of the SDL 2 library, which is opened now. Nothing
 * ever waits: what the host cannot play in time is lost, and when the guest
 * is late there is silence.
 */
typedef bool sound_open_fn(unsigned rate, struct sound_sink *out,
                           struct error *err);
sound_open_fn sound_sdl2_open;

/* The way to the host's sound in this build, NULL for none. Made by the build
 * with the table of displays. */
extern sound_open_fn *const sound_host_open;

#endif

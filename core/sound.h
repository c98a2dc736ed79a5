/*
 * sound.h - mixes the sources of sound of a machine into one stereo stream.
 *
 * A source is a pair of converters that hold their level; it tells when the
 * level changes, in guest time. Each change becomes a band-limited step, so
 * that nothing above half the sample rate comes back as something else. Frame
 * n of the output is guest time n / rate: what is written depends on the
 * guest alone, never on when the host looked. Silence is not written.
 */
#ifndef CORE_SOUND_H
#define CORE_SOUND_H

#include "core/base.h"
#include "core/host.h"

#define SOUND_UNITY 65536u /* gain of 1 */

struct sound;

/* Takes stereo frames, left first; their numbers ascend, with gaps where
 * there is silence. */
struct sound_sink {
    void *opaque;
    void (*write)(void *opaque, uint64_t frame, const int16_t *samples,
                  size_t frames);
    void (*close)(void *opaque); /* may be NULL */
};

/* rate: frames a second, 8000 to 192000. Owns the sink from now on.
 * NULL only when out of memory; the sink is closed then. */
struct sound *sound_create(unsigned rate, const struct sound_sink *sink);
/* Writes all that is left, closes the sink. */
void sound_destroy(struct sound *s);

/* As host->sound. A time long gone (the machine was put back to an earlier
 * state) restarts the stream there. */
void sound_level(struct sound *s, enum host_sound source, uint64_t ns, int left,
                 int right);
/* In parts of SOUND_UNITY; holds from the next level on. At first 1. */
void sound_gain(struct sound *s, enum host_sound source, unsigned left,
                unsigned right);
/* The source changes `rate` times a second: what is above half of that is an
 * image of what is below, and is not heard. 0: at any time, as at first. */
void sound_band(struct sound *s, enum host_sound source, unsigned rate);
/* Writes what can no longer change, the clock being at ns. */
void sound_flush(struct sound *s, uint64_t ns);

#endif

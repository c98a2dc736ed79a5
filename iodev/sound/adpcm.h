/*
 * adpcm.h - Creative's ADPCM: 4, 2.6 and 2 bits a sample.
 */
#ifndef IODEV_SOUND_ADPCM_H
#define IODEV_SOUND_ADPCM_H

#include "core/base.h"

enum { ADPCM_NONE, ADPCM_2, ADPCM_2_6, ADPCM_4, ADPCM_KINDS };

struct adpcm {
    uint8_t level; /* the last sample, unsigned */
    uint8_t step;  /* index of the step size */
};

/* Samples in a byte: 4, 3 or 2. */
unsigned adpcm_samples(unsigned kind);
/* Decodes a byte into unsigned 8-bit samples; returns how many. */
unsigned adpcm_decode(struct adpcm *a, unsigned kind, uint8_t byte,
                      uint8_t out[4]);
/* Is it a state that decoding can leave? */
bool adpcm_valid(const struct adpcm *a, unsigned kind);

#endif

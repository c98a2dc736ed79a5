/*
 * adpcm.c - Creative's ADPCM: 4, 2.6 and 2 bits a sample.
 *
 * Reference: Creative, Sound Blaster Series Hardware Programming Guide, and
 * what players of VOC files agree on. A code is a sign and a magnitude m; the
 * sample moves by m * step + step / 2. Large magnitudes double the step, zero
 * halves it. 2.6 bits: two codes of 3 bits and one of 2, which lacks the
 * lowest bit, in each byte.
 */
#include "iodev/sound/adpcm.h"

static const struct kind {
    uint8_t samples;
    uint8_t bits;
    uint8_t grows; /* from this magnitude on */
    uint8_t steps;
    uint8_t step[6];
} kinds[ADPCM_KINDS] = {
    [ADPCM_NONE] = {1, 8, 0, 1, {1}},
    [ADPCM_2] = {4, 2, 1, 6, {1, 2, 4, 8, 16, 32}},
    [ADPCM_2_6] = {3, 3, 3, 5, {1, 2, 4, 8, 10}},
    [ADPCM_4] = {2, 4, 5, 4, {1, 2, 4, 8}},
};

unsigned adpcm_samples(unsigned kind)
{
    return kinds[kind].samples;
}

bool adpcm_valid(const struct adpcm *a, unsigned kind)
{
    return kind < ADPCM_KINDS && a->step < kinds[kind].steps;
}

static uint8_t next(struct adpcm *a, const struct kind *k, unsigned code)
{
    unsigned sign = 1u << (k->bits - 1), m = code & (sign - 1);
    int step = k->step[a->step];
    int move = (int)m * step + step / 2;
    int v = code & sign ? a->level - move : a->level + move;

    if (m >= k->grows && a->step + 1 < k->steps)
        a->step++;
    else if (m == 0 && a->step > 0)
        a->step--;
    a->level = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    return a->level;
}

unsigned adpcm_decode(struct adpcm *a, unsigned kind, uint8_t byte,
                      uint8_t out[4])
{
    const struct kind *k = &kinds[kind];

    for (unsigned n = 0; n < k->samples; n++) {
        unsigned code;

        if (kind == ADPCM_2_6)
            code = n < 2 ? byte >> (5 - 3 * n) & 7 : (byte & 3u) << 1;
        else
            code = byte >> (8 - k->bits * (n + 1));
        out[n] = next(a, k, code & ((1u << k->bits) - 1));
    }
    return k->samples;
}

/*
 * sound.c - mixes the sources of sound of a machine into one stereo stream.
 *
 * A step at any time between two frames is added to a ring as the samples of
 * a windowed sinc around it; their running sum is the level. The sum of the
 * taps is exact, so that levels return to where they were. A high-pass of a
 * few Hz takes the place of the capacitor behind a converter.
 */
#include "core/sound.h"

#include <math.h>
#include <stdlib.h>

enum {
    TAPS = 32,
    HALF = TAPS / 2,
    PHASE_BITS = 9,
    PHASES = 1 << PHASE_BITS,
    SCALE_BITS = 15, /* of the taps, hence of the sums */
    DC_SHIFT = 10,   /* 7 Hz at 44.1 kHz */
    RING = 1 << 13,  /* frames */
    BLOCK = 512
};

struct sound {
    struct sound_sink sink;
    unsigned rate;
    uint64_t lag;  /* frames: SOUND_LAG_NS */
    uint64_t base; /* the first frame that is not yet summed */
    uint64_t end;  /* the ring holds nothing from here on */
    int64_t sum[2], dc[2];
    struct {
        int level[2];
        unsigned gain[2];
    } source[SOUND_SOURCES];
    int64_t ring[RING][2];
    int16_t kernel[PHASES][TAPS];
    int16_t block[2 * BLOCK];
    size_t in_block;
    uint64_t block_frame;
};

/* A sinc that ends below half the sample rate, in a Blackman window. */
static double impulse(double t)
{
    const double pi = 3.14159265358979323846, cut = 0.92;
    double w = 2 * pi * t / TAPS;
    double window = 0.42 + 0.5 * cos(w) + 0.08 * cos(2 * w);

    if (fabs(t) >= HALF)
        return 0;
    return window * (fabs(t) < 1e-9 ? cut : sin(pi * cut * t) / (pi * t));
}

static void make_kernel(struct sound *s)
{
    for (unsigned p = 0; p < PHASES; p++) {
        double at = HALF - 0.5 + (double)p / PHASES, all = 0;
        int left = 1 << SCALE_BITS;

        for (unsigned i = 0; i < TAPS; i++)
            all += impulse(i - at);
        for (unsigned i = 0; i < TAPS; i++) {
            double tap = impulse(i - at) / all * (1 << SCALE_BITS);

            s->kernel[p][i] = (int16_t)lrint(tap);
            left -= s->kernel[p][i];
        }
        /* What rounding left over goes to the tap next to the step. */
        s->kernel[p][HALF - 1] = (int16_t)(s->kernel[p][HALF - 1] + left);
    }
}

struct sound *sound_create(unsigned rate, const struct sound_sink *sink)
{
    struct sound *s = calloc(1, sizeof *s);

    if (!s) {
        if (sink->close)
            sink->close(sink->opaque);
        return NULL;
    }
    s->sink = *sink;
    s->rate = rate;
    s->lag = mul_div_up_u64(SOUND_LAG_NS, rate, 1000000000);
    for (unsigned n = 0; n < SOUND_SOURCES; n++)
        s->source[n].gain[0] = s->source[n].gain[1] = SOUND_UNITY;
    make_kernel(s);
    return s;
}

/* ---- out ---- */

static void write_block(struct sound *s)
{
    if (s->in_block)
        s->sink.write(s->sink.opaque, s->block_frame, s->block, s->in_block);
    s->in_block = 0;
}

static int16_t clip(int64_t v)
{
    return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
}

/* The frame at `base`; true when nothing is to be heard any more. */
static bool next_frame(struct sound *s)
{
    int64_t *step = s->ring[s->base % RING];
    int16_t *out = &s->block[2 * s->in_block];
    bool silent = true;

    /* The sinc is centred on its step: it begins HALF - 1 frames before. */
    if (s->in_block == 0)
        s->block_frame = s->base - (HALF - 1);
    for (unsigned k = 0; k < 2; k++) {
        int64_t y;

        s->sum[k] += step[k];
        step[k] = 0;
        y = s->sum[k] - s->dc[k];
        s->dc[k] += y >> DC_SHIFT;
        out[k] = clip((y + (1 << (SCALE_BITS - 1))) >> SCALE_BITS);
        silent &= out[k] == 0;
    }
    if (s->base++ >= HALF - 1 && ++s->in_block == BLOCK)
        write_block(s);
    return silent;
}

/* Sums up to, not including, `frame`. */
static void emit(struct sound *s, uint64_t frame)
{
    while (s->base < frame) {
        bool quiet = s->in_block == 0 && s->base >= s->end;

        if (quiet && s->sum[0] == s->dc[0] && s->sum[1] == s->dc[1]) {
            s->base = frame;
        } else if (next_frame(s) && s->base >= s->end) {
            memcpy(s->dc, s->sum, sizeof s->dc);
            write_block(s);
        }
    }
}

void sound_flush(struct sound *s, uint64_t ns)
{
    uint64_t frame = mul_div_u64(ns, s->rate, 1000000000);

    if (frame > s->lag)
        emit(s, frame - s->lag);
    write_block(s);
}

void sound_destroy(struct sound *s)
{
    if (!s)
        return;
    emit(s, s->end + 1);
    while (s->sum[0] != s->dc[0] || s->sum[1] != s->dc[1])
        emit(s, s->base + 1);
    write_block(s);
    if (s->sink.close)
        s->sink.close(s->sink.opaque);
    free(s);
}

/* ---- in ---- */

/* Forgets everything; the stream goes on at `frame`. */
static void restart(struct sound *s, uint64_t frame)
{
    write_block(s);
    memset(s->ring, 0, sizeof s->ring);
    memset(s->sum, 0, sizeof s->sum);
    memset(s->dc, 0, sizeof s->dc);
    for (unsigned n = 0; n < SOUND_SOURCES; n++)
        memset(s->source[n].level, 0, sizeof s->source[n].level);
    s->base = s->end = frame;
}

/* Makes room in the ring for a step at `frame`. */
static uint64_t reach(struct sound *s, uint64_t frame)
{
    if (frame + RING / 2 < s->base)
        restart(s, frame);
    else if (frame < s->base)
        frame = s->base; /* a source is later than it may be */
    if (frame + TAPS > s->base + RING)
        emit(s, frame - s->lag);
    return frame;
}

void sound_level(struct sound *s, enum host_sound source, uint64_t ns, int left,
                 int right)
{
    uint64_t at = mul_div_u64(ns, (uint64_t)s->rate << PHASE_BITS, 1000000000);
    uint64_t frame = reach(s, at >> PHASE_BITS);
    const int16_t *taps = s->kernel[at & (PHASES - 1)];
    const int level[2] = {left, right};

    for (unsigned k = 0; k < 2; k++) {
        int64_t v = (int64_t)level[k] * s->source[source].gain[k] / SOUND_UNITY;
        int64_t delta = v - s->source[source].level[k];

        if (!delta)
            continue;
        s->source[source].level[k] = (int)v;
        for (unsigned i = 0; i < TAPS; i++)
            s->ring[(frame + i) % RING][k] += delta * taps[i];
        if (s->end < frame + TAPS)
            s->end = frame + TAPS;
    }
}

void sound_gain(struct sound *s, enum host_sound source, unsigned left,
                unsigned right)
{
    s->source[source].gain[0] = left;
    s->source[source].gain[1] = right;
}

/*
 * sound.c - mixes the sources of sound of a machine into one stereo stream.
 *
 * A step at any time between two frames is added to a ring as the changes,
 * from frame to frame, of a step without high frequencies; their running sum
 * is the level. They add up exactly, so that levels return to where they
 * were. A high-pass of a few Hz takes the place of the capacitor behind a
 * converter.
 */
#include "core/sound.h"

#include <math.h>
#include <stdlib.h>

enum {
    HALF = 16,    /* frames over which a step rises and falls, either side */
    STRETCH = 16, /* ... times this for a source of a low rate */
    DELAY = HALF * STRETCH + 2,
    FINE = 256, /* entries of the table for a frame */
    POINTS = 2 * HALF * FINE,
    PHASE_BITS = 9,
    SCALE_BITS = 20, /* of the table, hence of the sums */
    DC_SHIFT = 10,   /* 7 Hz at 44.1 kHz */
    RING = 1 << 13,  /* frames */
    BLOCK = 512
};

/* Frames of the ring are those of the output, DELAY later. */
struct sound {
    struct sound_sink sink;
    unsigned rate;
    uint64_t lag;  /* frames: SOUND_LAG_NS */
    uint64_t base; /* the first frame that is not yet summed */
    uint64_t end;  /* the ring holds nothing from here on */
    int64_t sum[2], dc[2];
    struct source {
        int level[2];
        unsigned gain[2];
        uint32_t pitch; /* entries for a frame, in 65536ths */
    } source[SOUND_SOURCES];
    int64_t ring[RING][2];
    int32_t step[POINTS + 2];
    int16_t block[2 * BLOCK];
    size_t in_block;
    uint64_t block_frame;
};

/* A sinc that ends below half the sample rate, in a Blackman window. */
static double impulse(double t)
{
    const double pi = 3.14159265358979323846, cut = 0.92;
    double w = pi * t / HALF;
    double window = 0.42 + 0.5 * cos(w) + 0.08 * cos(2 * w);

    return window * (fabs(t) < 1e-9 ? cut : sin(pi * cut * t) / (pi * t));
}

/* The integral of the impulse, from 0 to 1. */
static void make_step(struct sound *s)
{
    double all = 0, sum = 0;

    for (unsigned n = 0; n < POINTS; n++)
        all += impulse((n + 0.5) / FINE - HALF);
    for (unsigned n = 0; n < POINTS; n++) {
        s->step[n] = (int32_t)lrint(sum / all * (1 << SCALE_BITS));
        sum += impulse((n + 0.5) / FINE - HALF);
    }
    s->step[POINTS] = s->step[POINTS + 1] = 1 << SCALE_BITS;
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
    for (unsigned n = 0; n < SOUND_SOURCES; n++) {
        s->source[n].gain[0] = s->source[n].gain[1] = SOUND_UNITY;
        s->source[n].pitch = FINE << 16;
    }
    make_step(s);
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

    if (s->in_block == 0)
        s->block_frame = s->base - DELAY;
    for (unsigned k = 0; k < 2; k++) {
        int64_t y;

        s->sum[k] += step[k];
        step[k] = 0;
        y = s->sum[k] - s->dc[k];
        s->dc[k] += y >> DC_SHIFT;
        out[k] = clip((y + (1 << (SCALE_BITS - 1))) >> SCALE_BITS);
        silent &= out[k] == 0;
    }
    if (s->base++ >= DELAY && ++s->in_block == BLOCK)
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
    if (frame + 2 * DELAY + 2 > s->base + RING)
        emit(s, frame - s->lag);
    return frame;
}

/* The step at a point of the table, in 65536ths of an entry. */
static int32_t step_at(const struct sound *s, int64_t point)
{
    int64_t last = (int64_t)POINTS << 16;
    const int32_t *v;

    point = point < 0 ? 0 : point > last ? last : point;
    v = s->step + (point >> 16);
    return v[0] + (int32_t)((v[1] - v[0]) * (point & 0xffff) >> 16);
}

/* Adds a step of one side, `part` PHASES after `frame`. */
static void add_step(struct sound *s, const struct source *from, unsigned side,
                     uint64_t frame, unsigned part, int64_t height)
{
    const int64_t middle = (int64_t)HALF * FINE << 16, pitch = from->pitch;
    int64_t far = middle / pitch + 1; /* frames to either end */
    int64_t point = middle - far * pitch - (part * pitch >> PHASE_BITS);
    uint64_t at = frame + DELAY - (uint64_t)far;
    int32_t before = 0;

    for (int64_t n = 0; n <= 2 * far + 1; n++) {
        int32_t now = step_at(s, point);

        s->ring[at++ % RING][side] += height * (now - before);
        before = now;
        point += pitch;
    }
    if (s->end < at)
        s->end = at;
}

void sound_level(struct sound *s, enum host_sound source, uint64_t ns, int left,
                 int right)
{
    uint64_t at = mul_div_u64(ns, (uint64_t)s->rate << PHASE_BITS, 1000000000);
    uint64_t frame = reach(s, at >> PHASE_BITS);
    struct source *from = &s->source[source];
    const int level[2] = {left, right};

    for (unsigned k = 0; k < 2; k++) {
        int64_t v = (int64_t)level[k] * from->gain[k] / SOUND_UNITY;

        if (v == from->level[k])
            continue;
        add_step(s, from, k, frame, at & ((1u << PHASE_BITS) - 1),
                 v - from->level[k]);
        from->level[k] = (int)v;
    }
}

void sound_band(struct sound *s, enum host_sound source, unsigned rate)
{
    uint32_t least = (FINE << 16) / STRETCH + 1;
    uint64_t pitch = (uint64_t)(FINE << 16) * rate / s->rate;

    if (rate == 0 || rate > s->rate)
        pitch = FINE << 16;
    s->source[source].pitch = pitch < least ? least : (uint32_t)pitch;
}

void sound_gain(struct sound *s, enum host_sound source, unsigned left,
                unsigned right)
{
    s->source[source].gain[0] = left;
    s->source[source].gain[1] = right;
}

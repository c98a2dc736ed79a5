/* sound_test.c - the mixer: steps, time, silence, files that repeat. */
#include "core/sound.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>

enum { RATE = 44100, LIMIT = 1 << 17 };

/* A sink that keeps everything, holes as zeros. */
struct tape {
    int16_t samples[2 * LIMIT];
    uint64_t frames; /* up to the last one written */
    uint64_t written;
    bool descends, closed;
};

static void tape_write(void *opaque, uint64_t frame, const int16_t *samples,
                       size_t frames)
{
    struct tape *t = opaque;

    t->descends |= frame < t->frames;
    for (size_t n = 0; n < frames && frame + n < LIMIT; n++)
        memcpy(t->samples + 2 * (frame + n), samples + 2 * n, 4);
    t->frames = frame + frames;
    t->written += frames;
}

static void tape_close(void *opaque)
{
    ((struct tape *)opaque)->closed = true;
}

static struct sound *start(struct tape *tape)
{
    struct sound_sink sink = {tape, tape_write, tape_close};

    memset(tape, 0, sizeof *tape);
    return sound_create(RATE, &sink);
}

static uint64_t ns_of(uint64_t num, uint64_t den)
{
    return num * 1000000000 / den;
}

static void test_step(struct tap *t, struct tape *tape)
{
    struct sound *s = start(tape);
    bool quiet = true, flat = true;
    int peak = 0;

    sound_level(s, SOUND_WAVE, ns_of(1000, RATE), 10000, -5000);
    sound_destroy(s);
    for (unsigned n = 0; n < 980; n++)
        quiet &= tape->samples[2 * n] == 0 && tape->samples[2 * n + 1] == 0;
    for (unsigned n = 1016; n < 1030; n++)
        flat &= abs(tape->samples[2 * n] + 2 * tape->samples[2 * n + 1]) <= 2;
    for (unsigned n = 980; n < 1020; n++)
        peak = tape->samples[2 * n] > peak ? tape->samples[2 * n] : peak;
    tap_ok(t, quiet, "silence before the step");
    tap_ok(t, abs(tape->samples[2 * 1000] - 5000) < 500,
           "half of it at the frame of its time: %d", tape->samples[2 * 1000]);
    tap_ok(t, flat && tape->samples[2 * 1016] > 9700, "then the level: %d",
           tape->samples[2 * 1016]);
    tap_ok(t, peak < 11500, "overshoot below 15 percent: %d", peak);
    tap_eq(t, (uint16_t)tape->samples[2 * (tape->frames - 1)], 0,
           "a level that stays dies away");
    tap_ok(t, tape->frames < RATE / 2, "within half a second");
    tap_ok(t, tape->closed && !tape->descends, "frames ascend, then the end");
}

static void test_silence(struct tap *t, struct tape *tape)
{
    struct sound *s = start(tape);
    uint64_t late = ns_of(100000, RATE);

    sound_level(s, SOUND_FM, 0, 100, 100);
    sound_level(s, SOUND_FM, 1000000, 0, 0);
    sound_flush(s, 500000000);
    tap_eq(t, tape->frames < 20000, 1, "the tail ends");
    sound_level(s, SOUND_FM, late, 8000, 8000);
    sound_destroy(s);
    tap_ok(t, tape->written < 60000, "silence is not written: %u frames",
           (unsigned)tape->written);
    tap_ok(t, abs(tape->samples[2 * 100000] - 4000) < 400,
           "what follows is at its time");
}

/* Square wave of a source, flushed every `every` ns or not at all. */
static void play(struct tape *tape, unsigned hz, uint64_t every)
{
    struct sound *s = start(tape);
    uint64_t next = every;

    for (unsigned n = 0; n < 2 * hz; n++) {
        uint64_t ns = ns_of(n, 2 * hz);

        if (every && ns > next) {
            sound_flush(s, ns);
            next += every;
        }
        sound_level(s, SOUND_SPEAKER, ns, n & 1 ? 0 : 16000, n & 1 ? 0 : 16000);
    }
    sound_destroy(s);
}

static void test_repeats(struct tap *t, struct tape *a, struct tape *b)
{
    play(a, 1000, 0);
    play(b, 1000, 12345678);
    tap_ok(t,
           a->frames == b->frames &&
               !memcmp(a->samples, b->samples, sizeof a->samples),
           "when the host looks changes nothing");
    tap_ok(t, a->frames > RATE && a->frames < RATE * 3 / 2, "one second of it");
}

/* Energy at one frequency against all (Goertzel), in thousandths. */
static unsigned share(const struct tape *tape, double hz)
{
    double pi = 3.14159265358979323846, re = 0, im = 0, all = 0;
    unsigned n = 20000, from = 20000;

    for (unsigned i = 0; i < n; i++) {
        double v = tape->samples[2 * (from + i)], at = 2 * pi * hz * i / RATE;

        re += v * cos(at);
        im += v * sin(at);
        all += v * v;
    }
    return (unsigned)(2000 * (re * re + im * im) / (all * n));
}

static void test_aliases(struct tap *t, struct tape *tape)
{
    unsigned at, alias;

    /* The third harmonic, 30 kHz, would come back at 14.1 kHz. */
    play(tape, 10000, 0);
    at = share(tape, 10000);
    tap_ok(t, at > 990, "10 kHz is all there is: %u in 1000", at);
    play(tape, 3000, 0);
    alias = share(tape, 1000);
    at = share(tape, 3000);
    tap_ok(t, at > 854 && at < 872, "3 kHz square: 1 in 1 + 1/9 + 1/25: %u",
           at);
    tap_ok(t, alias == 0, "nothing where there should be nothing: %u", alias);
}

/* A sine of 1 kHz in samples at 8 kHz has images at 7 and 9 kHz. */
static void test_band(struct tap *t, struct tape *tape)
{
    unsigned with = 0, without = 0;

    for (unsigned k = 0; k < 2; k++) {
        struct sound *s = start(tape);

        if (k)
            sound_band(s, SOUND_WAVE, 8000);
        for (unsigned n = 0; n < 8000; n++) {
            int v = (int)(16000 * sin(2 * 3.14159265358979 * n / 8));

            sound_level(s, SOUND_WAVE, ns_of(n, 8000), v, v);
        }
        sound_level(s, SOUND_WAVE, 1000000000, 0, 0);
        sound_destroy(s);
        with = share(tape, 7000) + share(tape, 9000);
        if (!k)
            without = with;
    }
    tap_ok(t, without > 20 && with == 0,
           "images are filtered when the rate is known: %u, %u", without, with);
    tap_ok(t, share(tape, 1000) > 995, "nothing else is: %u",
           share(tape, 1000));
    tap_ok(t, tape->frames > 44000 && tape->frames < 60000, "and it ends");
}

/* The lowest rates are those that need the longest steps. */
static void test_low(struct tap *t, struct tape *tape)
{
    struct sound *s = start(tape);

    sound_band(s, SOUND_WAVE, 1);
    sound_level(s, SOUND_WAVE, 0, 10000, 10000);
    sound_level(s, SOUND_WAVE, ns_of(500, RATE), 0, 0);
    sound_destroy(s);
    tap_ok(t,
           abs(tape->samples[2 * 250] - 7900) < 600 &&
               tape->samples[2 * 250] == tape->samples[2 * 250 + 1],
           "a rate of next to nothing: %d", tape->samples[2 * 250]);
}

static void test_mix(struct tap *t, struct tape *tape)
{
    struct sound *s = start(tape);

    sound_gain(s, SOUND_FM, SOUND_UNITY / 2, 0);
    sound_level(s, SOUND_FM, 1000000, 10000, 10000);
    sound_level(s, SOUND_WAVE, 1000000, 1000, 2000);
    sound_destroy(s);
    tap_ok(t,
           abs(tape->samples[2 * 70] - 5900) < 150 &&
               abs(tape->samples[2 * 70 + 1] - 1965) < 60,
           "gains and sum: %d %d", tape->samples[2 * 70],
           tape->samples[2 * 70 + 1]);
    s = start(tape);
    for (unsigned n = 0; n < SOUND_SOURCES; n++)
        sound_level(s, (enum host_sound)n, 1000000, 30000, -30000);
    sound_destroy(s);
    tap_ok(t,
           tape->samples[2 * 70] == 32767 &&
               tape->samples[2 * 70 + 1] == -32768,
           "too much is clipped");
}

static void test_back(struct tap *t, struct tape *tape)
{
    struct sound *s = start(tape);

    sound_level(s, SOUND_FM, 2000000000, 5000, 5000);
    sound_flush(s, 2100000000);
    sound_level(s, SOUND_FM, 100000000, 6000, 6000);
    sound_destroy(s);
    tap_ok(t, abs(tape->samples[2 * 4410] - 3000) < 300,
           "an earlier state goes on at its own time: %d",
           tape->samples[2 * 4410]);
}

int main(void)
{
    struct tap t = {0};
    struct tape *a = malloc(sizeof *a), *b = malloc(sizeof *b);

    if (!a || !b)
        return 1;
    test_step(&t, a);
    test_silence(&t, a);
    test_repeats(&t, a, b);
    test_aliases(&t, a);
    test_band(&t, a);
    test_low(&t, a);
    test_mix(&t, a);
    test_back(&t, a);
    free(a);
    free(b);
    return tap_done(&t);
}

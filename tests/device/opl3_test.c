/* opl3_test.c - YMF262 (Yamaha LSI-4MF2622): ports, timers, sound. */
#include "core/state.h"
#include "iodev/sound/opl3.h"
#include "iodev/sound/opl3_synth.h"
#include "tests/device/rig.h"

#include <stdlib.h>

enum { BASE = 0x220, ADLIB = 0x388, RATE = 44100, LIMIT = 1 << 17 };

/* What the mixer wrote. */
struct tape {
    int16_t samples[2 * LIMIT];
    uint64_t frames;
};

static struct tape tape;

static void tape_write(void *opaque, uint64_t frame, const int16_t *samples,
                       size_t frames)
{
    struct tape *t = opaque;

    for (size_t n = 0; n < frames && frame + n < LIMIT; n++)
        memcpy(t->samples + 2 * (frame + n), samples + 2 * n, 4);
    t->frames = frame + frames;
}

static struct device *start(struct rig *r)
{
    struct sound_sink sink = {&tape, tape_write, NULL};
    struct tap kept = r->tap;

    rig_init(r, 10000000);
    r->tap = kept;
    memset(&tape, 0, sizeof tape);
    r->mixer = sound_create(RATE, &sink);
    return rig_add(r, &opl3_class, "opl3", BASE);
}

static void put(struct rig *r, unsigned reg, uint8_t v)
{
    rig_out(r, (uint16_t)(ADLIB + (reg >> 8) * 2), reg & 255);
    rig_out(r, ADLIB + 1, v);
}

static const struct opl3_state *state_of(struct device *dev)
{
    return device_state(dev);
}

/* An operator at once at full level, that holds it. */
static void operator_on(struct rig *r, unsigned reg, uint8_t level)
{
    put(r, 0x20 + reg, 0x21);
    put(r, 0x40 + reg, level);
    put(r, 0x60 + reg, 0xf0);
    put(r, 0x80 + reg, 0x0f);
}

/* F-number 580 in block 4 is 440 Hz. */
static void key(struct rig *r, unsigned channel, bool on)
{
    put(r, 0xa0 + channel, 580 & 255);
    put(r, 0xb0 + channel, (uint8_t)((on ? 0x20 : 0) | 4 << 2 | 580 >> 8));
}

/* Rising zero crossings a second of a side of the tape, in tenths. */
static unsigned pitch(unsigned side, unsigned from, unsigned frames)
{
    unsigned first = 0, last = 0, n = 0;

    for (unsigned i = from + 1; i < from + frames; i++) {
        if (tape.samples[2 * i - 2 + side] >= 0 ||
            tape.samples[2 * i + side] < 0)
            continue;
        last = i;
        if (!n++)
            first = i;
    }
    return n < 2 ? 0 : (n - 1) * RATE * 10 / (last - first);
}

static int peak(unsigned side, unsigned from, unsigned frames)
{
    int v = 0;

    for (unsigned i = from; i < from + frames; i++)
        if (abs(tape.samples[2 * i + side]) > v)
            v = abs(tape.samples[2 * i + side]);
    return v;
}

/* ---- the chip alone ---- */

static void test_tables(struct tap *t)
{
    static const uint16_t log_sin[] = {2137, 1731, 1543, 1419};
    static const uint16_t exps[] = {0, 3, 6, 8};
    struct opl3_tables rom;
    unsigned sum = 0;

    opl3_make_tables(&rom);
    tap_ok(t,
           !memcmp(rom.log_sin, log_sin, sizeof log_sin) &&
               rom.log_sin[255] == 0,
           "log-sine ROM");
    tap_ok(t, !memcmp(rom.exp, exps, sizeof exps) && rom.exp[255] == 1018,
           "exponential ROM");
    for (unsigned n = 0; n < 256; n++)
        sum = (sum * 31 + rom.log_sin[n]) * 31 + rom.exp[n];
    tap_eq(t, sum, 0x462b4399, "the same on every host");
}

/* Samples of one operator heard alone, at phase steps of 1/1024. */
static void one_wave(unsigned wave, int *out)
{
    static struct opl3_state s;
    struct opl3_tables rom;
    struct opl3_voice v[OPL3_OPERATORS];

    opl3_make_tables(&rom);
    memset(&s, 0, sizeof s);
    for (unsigned n = 0; n < OPL3_OPERATORS; n++)
        s.op[n].env = OPL3_ENV_OFF;
    s.regs[0x105] = 1;
    s.regs[0x23] = 0x21;
    s.regs[0x63] = 0xf0;
    s.regs[0x83] = 0x0f;
    s.regs[0xe3] = (uint8_t)wave;
    s.regs[0xc0] = 0x10;        /* left */
    s.regs[0xb0] = 0x20 | 0x06; /* F-number 512, block 1: 512 a sample */
    opl3_prepare(&s, v);
    opl3_update_keys(&s);
    for (unsigned n = 0; n < 1025; n++) {
        int both[2];

        opl3_sample(&s, &rom, v, both);
        if (n)
            out[n - 1] = both[0];
    }
}

static void test_waves(struct tap *t)
{
    static int w[8][1024];
    bool good = true;

    for (unsigned n = 0; n < 8; n++)
        one_wave(n, w[n]);
    /* The first sample made has attenuation: the attack takes one. */
    tap_eq(t, (unsigned)w[0][255], 4084, "peak of a sine");
    for (unsigned n = 0; n < 511; n++) {
        good &= w[0][n] == ~w[0][n + 512];                /* sine */
        good &= w[1][n] == w[0][n] && w[1][n + 512] == 0; /* half */
        good &= w[2][n] == w[0][n] && w[2][n + 512] == w[0][n];
        good &= w[3][n] == (n < 255 ? w[0][n] : n > 256 ? 0 : w[3][n]);
        good &= w[6][n] == 4084 && w[6][n + 512] == ~4084;
        good &= w[4][n + 512] == 0 && w[5][n + 512] == 0;
        good &= w[7][n] >= w[7][n + 1];
        if (n < 255)
            good &= w[4][n] == w[0][2 * n + 1] && w[5][n] == w[4][n] &&
                    w[4][n + 256] == ~w[4][n] && w[5][n + 256] == w[5][n];
    }
    tap_ok(t, good, "the eight waveforms");
    tap_ok(t,
           w[7][0] > 3900 && w[7][32] > 1900 && w[7][32] < 2100 &&
               w[7][1022 - 32] < -1900,
           "the last one halves every 32 steps: %d %d %d", w[7][0], w[7][32],
           w[7][1022 - 32]);
}

/* Samples until an envelope has fallen from 0 to `to`. */
static unsigned decay(uint8_t ksr, uint8_t dr, uint8_t block, unsigned to)
{
    static struct opl3_state s;
    struct opl3_tables rom;
    struct opl3_voice v[OPL3_OPERATORS];
    int both[2];
    unsigned n = 0;

    opl3_make_tables(&rom);
    memset(&s, 0, sizeof s);
    for (unsigned k = 0; k < OPL3_OPERATORS; k++)
        s.op[k].env = OPL3_ENV_OFF;
    s.regs[0x20] = ksr | 1;
    s.regs[0x60] = 0xf0 | dr;
    s.regs[0x80] = 0xf0;
    s.regs[0xb0] = (uint8_t)(0x20 | block << 2);
    opl3_prepare(&s, v);
    opl3_update_keys(&s);
    while (s.op[0].env != 0)
        opl3_sample(&s, &rom, v, both);
    while (s.op[0].env < to && ++n < 10000000)
        opl3_sample(&s, &rom, v, both);
    return n;
}

static void test_rates(struct tap *t)
{
    unsigned fast = decay(0, 15, 0, 480), ten = decay(0, 10, 0, 480);
    unsigned more = decay(0x10, 10, 1, 480), next = decay(0x10, 10, 2, 480);

    /* 2.40 ms from 0 to 96 dB at 50 kHz. */
    tap_eq(t, fast, 120, "RATE 60");
    tap_ok(t, abs((int)ten - 3840) < 10, "RATE 40 takes 32 times that: %u",
           ten);
    tap_ok(t, abs((int)more - 3840 * 4 / 6) < 10, "RATE 42: 4/6 of it: %u",
           more);
    tap_ok(t, abs((int)next - 1920) < 10, "RATE 44: half: %u", next);
}

/* ---- the device ---- */

/* The sequence by which programs find an AdLib card. */
static void test_timers(struct tap *t, struct rig *r)
{
    struct device *dev = start(r);

    put(r, 4, 0x60);
    put(r, 4, 0x80);
    tap_eq(t, rig_in(r, ADLIB), 0, "status at rest");
    put(r, 2, 0xff);
    put(r, 4, 0x21);
    rig_run_ns(r, 70000);
    tap_eq(t, rig_in(r, ADLIB), 0, "timer 1 runs for 80 us");
    rig_run_ns(r, 15000);
    tap_eq(t, rig_in(r, ADLIB), 0xc0, "and sets its flag and IRQ");
    put(r, 4, 0x60);
    tap_eq(t, rig_in(r, BASE), 0xc0, "which stay");
    put(r, 4, 0x80);
    tap_eq(t, rig_in(r, BASE + 8), 0, "until reset");
    put(r, 3, 0xfe);
    put(r, 4, 0x42);
    rig_run_ns(r, 630000);
    tap_eq(t, rig_in(r, ADLIB), 0, "timer 2 runs for 2 * 320 us");
    rig_run_ns(r, 20000);
    tap_eq(t, rig_in(r, ADLIB), 0xa0, "timer 2");
    put(r, 4, 0x80);
    put(r, 4, 0x63);
    rig_run_ns(r, 10000000);
    tap_eq(t, rig_in(r, ADLIB), 0, "masked timers set no flags");
    tap_eq(t, r->clock.next_deadline, CLOCK_NEVER, "no timer of ours runs");
    rig_round_trip(r, dev);
    rig_free(r);
}

static void test_arrays(struct tap *t, struct rig *r)
{
    struct device *dev = start(r);
    const struct opl3_state *s = state_of(dev);

    put(r, 0x120, 0x11);
    tap_ok(t, s->regs[0x20] == 0x11 && !s->regs[0x120],
           "one array without NEW");
    put(r, 0x105, 1);
    put(r, 0x120, 0x22);
    tap_ok(t, s->regs[0x20] == 0x11 && s->regs[0x120] == 0x22, "two with it");
    rig_out(r, BASE + 8, 0x40);
    rig_out(r, BASE + 9, 0x3f);
    tap_eq(t, s->regs[0x40], 0x3f, "ports of the Sound Blaster");
    rig_free(r);
}

static void test_tone(struct tap *t, struct rig *r)
{
    struct device *dev = start(r);
    unsigned loud, quiet;

    operator_on(r, 0, 0x3f); /* the modulator is silent */
    operator_on(r, 3, 0);
    put(r, 0xc0, 0);
    tap_eq(t, r->clock.next_deadline, CLOCK_NEVER, "no timer before a key");
    key(r, 0, true);
    tap_ok(t, r->clock.next_deadline != CLOCK_NEVER, "one while it plays");
    rig_run_ns(r, 500000000);
    put(r, 0x43, 0x08); /* 8 * 0.75 dB less: half */
    rig_run_ns(r, 500000000);
    key(r, 0, false);
    rig_run_ns(r, 1000000000);
    tap_eq(t, r->clock.next_deadline, CLOCK_NEVER, "none after the release");
    rig_round_trip(r, dev);
    rig_free(r);
    tap_eq(t, (pitch(0, 5000, 15000) + 5) / 10, 440, "440 Hz");
    loud = (unsigned)peak(0, 5000, 15000);
    quiet = (unsigned)peak(1, 25000, 15000);
    tap_ok(t, loud > 4000 && loud < 4170, "full level: %u", loud);
    tap_ok(t, abs((int)quiet * 2 - (int)loud) < 60, "TL: half of it: %u",
           quiet);
    tap_ok(t, peak(0, 46000, 20000) < 40, "silence: %d", peak(0, 46000, 20000));
}

static void test_stereo(struct tap *t, struct rig *r)
{
    start(r);
    put(r, 0x105, 1);
    operator_on(r, 3, 0);
    operator_on(r, 0x103, 0);
    put(r, 0x40, 0x3f);
    put(r, 0x140, 0x3f);
    put(r, 0x123, 0x22); /* an octave higher */
    put(r, 0xc0, 0x10);
    put(r, 0x1c0, 0x20);
    key(r, 0, true);
    key(r, 0x100, true);
    rig_run_ns(r, 600000000);
    rig_free(r);
    tap_eq(t, (pitch(0, 5000, 20000) + 5) / 10, 440, "CHA: left");
    tap_eq(t, (pitch(1, 5000, 20000) + 5) / 10, 880, "CHB: right, array 1");
}

/* Four operators; those of `heard` at full level, the others 42 dB less. */
static void four(struct rig *r, uint8_t cnt_a, uint8_t cnt_b, unsigned heard)
{
    start(r);
    put(r, 0x105, 1);
    put(r, 0x104, 1);
    operator_on(r, 0x00, heard & 1 ? 0 : 0x38);
    operator_on(r, 0x03, heard & 2 ? 0 : 0x38);
    operator_on(r, 0x08, heard & 4 ? 0 : 0x38);
    operator_on(r, 0x0b, 0);
    put(r, 0xc0, cnt_a | 0x30);
    put(r, 0xc3, cnt_b | 0x30);
    key(r, 0, true);
    rig_run_ns(r, 300000000);
    rig_free(r);
}

static void test_four(struct tap *t, struct rig *r)
{
    static const struct {
        uint8_t a, b, heard;
        int level;
        const char *name;
    } way[] = {{0, 0, 8, 4084, "1 > 2 > 3 > 4"},
               {0, 1, 8 | 2, 2 * 4084, "1 > 2, 3 > 4"},
               {1, 0, 8 | 1, 2 * 4084, "1, 2 > 3 > 4"},
               {1, 1, 8 | 4 | 1, 3 * 4084, "1, 2 > 3, 4"}};

    for (size_t n = 0; n < ARRAY_LEN(way); n++) {
        int v;

        four(r, way[n].a, way[n].b, way[n].heard);
        v = peak(0, 3000, 9000);
        tap_ok(t, abs(v - way[n].level) < way[n].level / 8, "%s: %d",
               way[n].name, v);
    }
}

static void test_rhythm(struct tap *t, struct rig *r)
{
    static const uint8_t ops[] = {0x10, 0x13, 0x11, 0x14, 0x12, 0x15};
    static const struct {
        uint8_t bit;
        const char *name;
    } drum[] = {{0x10, "bass drum"},
                {0x08, "snare drum"},
                {0x04, "tom-tom"},
                {0x02, "cymbal"},
                {0x01, "hi-hat"}};

    for (size_t n = 0; n < ARRAY_LEN(drum); n++) {
        struct device *dev = start(r);

        for (size_t k = 0; k < ARRAY_LEN(ops); k++) {
            put(r, 0x20 + ops[k], 0x01);
            put(r, 0x60 + ops[k], 0xf6);
            put(r, 0x80 + ops[k], 0xf6);
        }
        for (unsigned c = 6; c < 9; c++)
            key(r, c, false);
        put(r, 0xbd, 0x20);
        put(r, 0xbd, 0x20 | drum[n].bit);
        rig_run_ns(r, 400000000);
        tap_ok(t, state_of(dev)->op[12].key == (n == 0), "key of the drum");
        rig_free(r);
        tap_ok(t,
               peak(0, 0, 4000) > 3000 &&
                   peak(0, 16000, 1000) < peak(0, 0, 4000) / 2,
               "%s sounds, and dies away: %d, %d", drum[n].name,
               peak(0, 0, 4000), peak(0, 16000, 1000));
    }
}

/* Each instrument is where its channel is. */
static void test_rhythm_stereo(struct tap *t, struct rig *r)
{
    start(r);
    put(r, 0x105, 1);
    operator_on(r, 0x14, 0); /* snare drum, of channel 7 */
    operator_on(r, 0x12, 0); /* tom-tom, of channel 8 */
    put(r, 0xc6, 0x30);
    put(r, 0xc7, 0x10);
    put(r, 0xc8, 0x20);
    key(r, 7, false);
    key(r, 8, false);
    put(r, 0xbd, 0x28);
    rig_run_ns(r, 300000000);
    put(r, 0xbd, 0x24);
    rig_run_ns(r, 300000000);
    rig_free(r);
    tap_ok(t, peak(0, 2000, 10000) > 5000 && peak(1, 2000, 10000) == 0,
           "the snare drum to the left");
    tap_ok(t,
           peak(1, 16000, 9000) > 5000 && pitch(1, 16000, 9000) > 4390 &&
               pitch(1, 16000, 9000) < 4410,
           "the tom-tom to the right: %u", pitch(1, 16000, 9000));
}

/* AM and VIB: levels and pitches move. */
static void test_lfo(struct tap *t, struct rig *r)
{
    int low = 1 << 20, high = 0;

    start(r);
    operator_on(r, 3, 0);
    put(r, 0x40, 0x3f);
    put(r, 0x23, 0xa1);
    put(r, 0xbd, 0x80);
    key(r, 0, true);
    rig_run_ns(r, 900000000);
    rig_free(r);
    for (unsigned i = 4000; i < 36000; i += 500) {
        int v = peak(0, i, 500);

        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    /* 4.8 dB are a factor of 1.74. */
    tap_ok(t, high > low * 165 / 100 && high < low * 185 / 100,
           "tremolo of 4.8 dB: %d to %d", low, high);
    start(r);
    operator_on(r, 3, 0);
    put(r, 0x40, 0x3f);
    put(r, 0x23, 0x61);
    put(r, 0xbd, 0x40);
    key(r, 0, true);
    rig_run_ns(r, 1500000000);
    rig_free(r);
    low = 1 << 20;
    high = 0;
    for (unsigned i = 4000; i < 60000; i += 400) {
        int v = (int)pitch(0, i, 1200);

        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    /* F-number 580: 4 of it up and down, 12 cents. */
    tap_ok(t, high > 4415 && high < 4450 && low < 4385 && low > 4350,
           "vibrato: %d to %d tenths of a hertz", low, high);
}

/* In how many pieces the samples are made must not matter. */
static void test_pieces(struct tap *t, struct rig *r)
{
    struct state_buf b[2] = {{0}, {0}};

    for (unsigned k = 0; k < 2; k++) {
        struct device *dev = start(r);

        operator_on(r, 0, 0x10);
        operator_on(r, 3, 0);
        put(r, 0xc0, 0x0e);
        put(r, 0xbd, 0x31);
        key(r, 0, true);
        for (unsigned n = 0; n < 1000; n++) {
            rig_run_ns(r, 777777);
            if (k)
                dev->cls->pre_save(dev);
            if (n == 600)
                key(r, 0, false);
        }
        device_save(dev, &b[k]);
        rig_free(r);
    }
    tap_ok(t, b[0].len == b[1].len && !memcmp(b[0].data, b[1].data, b[0].len),
           "who looks changes nothing");
    state_buf_free(&b[0]);
    state_buf_free(&b[1]);
}

int main(void)
{
    static struct rig r;

    setvbuf(stdout, NULL, _IOLBF, 0);
    test_tables(&r.tap);
    test_waves(&r.tap);
    test_rates(&r.tap);
    test_timers(&r.tap, &r);
    test_arrays(&r.tap, &r);
    test_tone(&r.tap, &r);
    test_stereo(&r.tap, &r);
    test_four(&r.tap, &r);
    test_rhythm(&r.tap, &r);
    test_rhythm_stereo(&r.tap, &r);
    test_lfo(&r.tap, &r);
    test_pieces(&r.tap, &r);
    return tap_done(&r.tap);
}

/*
 * speaker_test.c - what the PC speaker sounds like: counter 2 of the 8254
 * (Intel 231164-005) through bits 0 and 1 of port 61h (290550, 2.5.5.1).
 */
#include "iodev/pit.h"
#include "iodev/speaker.h"
#include "tests/device/rig.h"

#include <stdlib.h>

enum { RATE = 48000, LIMIT = 1 << 17 };

struct tape {
    int16_t samples[2 * LIMIT];
    uint64_t frames;
};

static struct tape tape;
static struct rig r;

static void tape_write(void *opaque, uint64_t frame, const int16_t *samples,
                       size_t frames)
{
    struct tape *t = opaque;

    for (size_t n = 0; n < frames && frame + n < LIMIT; n++)
        memcpy(t->samples + 2 * (frame + n), samples + 2 * n, 4);
    t->frames = frame + frames;
}

static struct device *start(void)
{
    struct sound_sink sink = {&tape, tape_write, NULL};
    struct tap kept = r.tap;
    struct device *pit, *dev;

    rig_init(&r, 20000000);
    r.tap = kept;
    memset(&tape, 0, sizeof tape);
    r.mixer = sound_create(RATE, &sink);
    pit = rig_add(&r, &pit_class, "pit", 0x40);
    dev = rig_add(&r, &speaker_class, "speaker", 0);
    device_wire(pit, "out", 2, dev, "out2", 0);
    device_wire(dev, "gate2", 0, pit, "gate", 2);
    rig_out(&r, 0x61, 0);
    return dev;
}

static void counter(unsigned mode, unsigned count)
{
    rig_out(&r, 0x43, (uint8_t)(0xb0 | mode << 1));
    rig_out(&r, 0x42, count & 255);
    rig_out(&r, 0x42, count >> 8);
}

/* Rising flanks a second, in tenths. */
static unsigned pitch(unsigned from, unsigned frames)
{
    unsigned first = 0, last = 0, n = 0;

    for (unsigned i = from + 1; i < from + frames; i++) {
        if (tape.samples[2 * i - 2] >= 0 || tape.samples[2 * i] < 0)
            continue;
        last = i;
        if (!n++)
            first = i;
    }
    return n < 2 ? 0 : (n - 1) * RATE * 10 / (last - first);
}

static int peak(unsigned from, unsigned frames)
{
    int v = 0;

    for (unsigned i = from; i < from + frames; i++)
        if (abs(tape.samples[2 * i]) > v)
            v = abs(tape.samples[2 * i]);
    return v;
}

static void test_tones(struct tap *t)
{
    struct device *dev = start();

    counter(3, 2712); /* 439.96 Hz */
    rig_out(&r, 0x61, 3);
    rig_run_ns(&r, 500000000);
    counter(3, 1193); /* 1000.15 Hz */
    rig_run_ns(&r, 500000000);
    rig_out(&r, 0x61, 0);
    tap_ok(t, rig_in(&r, 0x61) & 0x20, "OUT 2 rests high");
    rig_run_ns(&r, 500000000);
    rig_round_trip(&r, dev);
    rig_free(&r);
    tap_ok(t, abs((int)pitch(4800, 19000) - 4400) < 4, "440 Hz: %u tenths",
           pitch(4800, 19000));
    tap_ok(t, abs((int)pitch(28800, 19000) - 10001) < 10,
           "1 kHz from half a second on: %u tenths", pitch(28800, 19000));
    tap_ok(t, peak(10000, 10000) > 15000 && peak(10000, 10000) < 22000,
           "both sides of the middle: %d", peak(10000, 10000));
    tap_ok(t, tape.frames < 60000, "silence afterwards: %u frames",
           (unsigned)tape.frames);
}

/* The cone follows the data bit alone while OUT 2 is high. */
static void test_bit(struct tap *t)
{
    start();
    counter(3, 0);
    rig_out(&r, 0x61, 0); /* no gate: OUT is high */
    for (unsigned n = 0; n < 2000; n++) {
        rig_run_ns(&r, 250000);
        rig_out(&r, 0x61, n & 1 ? 0 : 2);
    }
    rig_free(&r);
    tap_ok(t, abs((int)pitch(4800, 18000) - 20000) < 10,
           "2 kHz by port 61h alone: %u tenths", pitch(4800, 18000));
}

/* Above hearing only the mean remains: how programs play samples. */
static void test_mean(struct tap *t)
{
    start();
    counter(3, 36); /* 33 kHz */
    rig_out(&r, 0x61, 3);
    rig_run_ns(&r, 400000000);
    rig_free(&r);
    tap_ok(t, peak(9600, 9000) < 200, "33 kHz is not heard: %d",
           peak(9600, 9000));
    /* One-shots of 7 and 22 us every 30 us, changing 1000 times a second. */
    start();
    rig_out(&r, 0x61, 3);
    rig_out(&r, 0x43, 0x90); /* counter 2, low byte, mode 0 */
    for (unsigned n = 0; n < 16666; n++) {
        rig_out(&r, 0x42, n * 30 / 1000 & 1 ? 8 : 26);
        rig_run_ns(&r, 30000);
    }
    rig_free(&r);
    tap_ok(t,
           abs((int)pitch(4800, 18000) - 5000) < 60 &&
               peak(4800, 18000) > 7000 && peak(4800, 18000) < 14000,
           "widths of pulses: %u tenths, %d", pitch(4800, 18000),
           peak(4800, 18000));
}

static void test_idle(struct tap *t)
{
    start();
    rig_run_ns(&r, 1000000000);
    tap_ok(t, r.sound[SOUND_SPEAKER].changes == 0, "nothing, nothing heard");
    rig_free(&r);
    tap_eq(t, tape.frames, 0, "nothing written");
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_tones(&r.tap);
    test_bit(&r.tap);
    test_mean(&r.tap);
    test_idle(&r.tap);
    return tap_done(&r.tap);
}

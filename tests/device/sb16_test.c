/*
 * sb16_test.c - Sound Blaster 16 (Creative, Sound Blaster Series Hardware
 * Programming Guide: chapter 6 the DSP, chapter 4 the CT1745).
 */
#include "core/rng.h"
#include "core/state.h"
#include "iodev/sound/sb16.h"
#include "iodev/sound/sb16_state.h"
#include "tests/device/rig.h"

#include <stdlib.h>
#include <unistd.h>

enum { BASE = 0x220, LEVELS = 4096 };

/* Everything that the host heard. */
struct heard {
    uint64_t ns;
    int left, right;
};

struct board {
    struct rig r;
    struct device *dma, *card;
    struct probe irq[4];
    struct heard heard[LEVELS];
    unsigned count;
};

static struct board b;

static void hear(void *opaque, enum host_sound source, uint64_t ns, int left,
                 int right)
{
    (void)opaque;
    (void)source;
    if (b.count < LEVELS)
        b.heard[b.count] = (struct heard){ns, left, right};
    b.count++;
}

static void start(const char *midimode, const char *midifile)
{
    static const uint8_t channels[] = {0, 1, 3, 5, 6, 7};
    struct tap kept = b.r.tap;

    rig_init(&b.r, 10000000);
    b.r.tap = kept;
    b.r.host.sound = hear;
    b.dma = rig_add(&b.r, &dma_class, "dma", 0);
    b.card = rig_make(&b.r, &sb16_class, "sb16", BASE);
    device_set_option(b.card, "midimode", midimode, NULL);
    if (midifile)
        device_set_option(b.card, "midifile", midifile, NULL);
    for (size_t n = 0; n < ARRAY_LEN(channels); n++) {
        unsigned k = channels[n];

        dma_set_client(b.dma, k, sb16_dma_client(b.card, k));
        device_wire(b.card, "dreq", k, b.dma, "dreq", k);
    }
    for (unsigned n = 0; n < 4; n++)
        rig_probe(&b.r, &b.irq[n], b.card, "irq", n);
    rig_start(&b.r, b.card);
    rig_out(&b.r, 0xd6, 0xc0);
    rig_out(&b.r, 0xd4, 0x00);
    b.count = 0;
}

static void stop(void)
{
    rig_free(&b.r);
}

static void dsp(uint8_t v)
{
    rig_out(&b.r, BASE + 0xc, v);
}

static uint8_t answer(void)
{
    return rig_in(&b.r, BASE + 0xa);
}

static bool has_answer(void)
{
    return rig_in(&b.r, BASE + 0xe) & 0x80;
}

static void mixer(uint8_t reg, uint8_t v)
{
    rig_out(&b.r, BASE + 4, reg);
    rig_out(&b.r, BASE + 5, v);
}

static uint8_t mixer_in(uint8_t reg)
{
    rig_out(&b.r, BASE + 4, reg);
    return rig_in(&b.r, BASE + 5);
}

static void reset(void)
{
    rig_out(&b.r, BASE + 6, 1);
    rig_run_ns(&b.r, 5000);
    rig_out(&b.r, BASE + 6, 0);
    rig_run_ns(&b.r, 100000);
    answer();
}

/* Bytes on channel 1, words on 5; memory to card (48h) or back (44h), with
 * 10h auto-init. */
static void program_dma(unsigned channel, uint8_t mode, uint32_t address,
                        unsigned count)
{
    unsigned wide = channel >= 4, n = channel & 3;
    uint16_t base = wide ? 0xc0 : 0, step = wide ? 2 : 1;
    uint32_t unit = wide ? address >> 1 & 0xffff : address & 0xffff;

    rig_out(&b.r, wide ? 0xd4 : 0x0a, (uint8_t)(4 | n));
    rig_out(&b.r, wide ? 0xd8 : 0x0c, 0);
    rig_out(&b.r, wide ? 0xd6 : 0x0b, (uint8_t)(mode | n));
    rig_out(&b.r, (uint16_t)(base + n * 2 * step), unit & 255);
    rig_out(&b.r, (uint16_t)(base + n * 2 * step), unit >> 8);
    rig_out(&b.r, (uint16_t)(base + (n * 2 + 1) * step), (count - 1) & 255);
    rig_out(&b.r, (uint16_t)(base + (n * 2 + 1) * step), (count - 1) >> 8);
    rig_out(&b.r, wide ? 0x8b : 0x83, (uint8_t)(address >> 16));
    rig_out(&b.r, wide ? 0xd4 : 0x0a, (uint8_t)n);
}

/* Memory of which byte k is k. */
static void fill(uint32_t address, unsigned n)
{
    for (unsigned k = 0; k < n; k++)
        phys_store(b.r.sv.phys, address + k, k & 255, 1);
}

static bool idle(void)
{
    return b.r.clock.next_deadline == CLOCK_NEVER;
}

/* ---- the DSP ---- */

static void test_reset(struct tap *t)
{
    start("1", NULL);
    tap_ok(t, !has_answer(), "nothing to read after power-on");
    rig_out(&b.r, BASE + 6, 1);
    rig_run_ns(&b.r, 3000);
    rig_out(&b.r, BASE + 6, 0);
    tap_ok(t, !has_answer(), "the reset takes its time");
    rig_run_ns(&b.r, 100000);
    tap_ok(t, has_answer(), "but not more than 100 us");
    tap_eq(t, answer(), 0xaa, "AAh");
    tap_ok(t, !has_answer() && !(rig_in(&b.r, BASE + 0xc) & 0x80),
           "ready for a command");
    tap_ok(t, idle(), "no timer runs");
    dsp(0xe1);
    tap_eq(t, (unsigned)(answer() << 8 | answer()), 0x0405, "version 4.05");
    dsp(0xe0);
    dsp(0x5a);
    tap_eq(t, answer(), 0xa5, "E0h: complement");
    dsp(0xe4);
    dsp(0x77);
    dsp(0xe8);
    tap_eq(t, answer(), 0x77, "E4h, E8h: test register");
    tap_eq(t, answer(), 0x77, "an empty buffer gives the last byte");
    dsp(0xe3);
    tap_ok(t, answer() == 'C' && answer() == 'O' && answer() == 'P',
           "E3h: copyright");
    while (has_answer())
        answer();
    dsp(0xd8);
    tap_eq(t, answer(), 0, "speaker off");
    dsp(0xd1);
    dsp(0xd8);
    tap_eq(t, answer(), 0xff, "speaker on");
    dsp(0x41);
    reset();
    dsp(0xe1);
    tap_eq(t, answer(), 4, "a reset forgets half a command");
    stop();
}

static void test_identity(struct tap *t)
{
    start("1", NULL);
    reset();
    program_dma(1, 0x44, 0x20000, 2);
    dsp(0xe2);
    dsp(0x55);
    dsp(0xe2);
    dsp(0xaa);
    /* AA + (55 ^ 96), then + (AA ^ A5) */
    tap_eq(t, phys_load(b.r.sv.phys, 0x20000, 2), 0x7c6d,
           "E2h: answers by DMA");
    tap_ok(t, idle(), "no timer runs");
    stop();
}

static void test_irqs(struct tap *t)
{
    start("1", NULL);
    reset();
    dsp(0xf2);
    tap_ok(t, b.irq[1].level && !b.irq[0].level, "F2h: IRQ 5 at first");
    tap_eq(t, mixer_in(0x82) & 7, 1, "status: 8 bits");
    rig_in(&b.r, BASE + 0xf);
    tap_ok(t, b.irq[1].level, "port Fh is not for this one");
    rig_in(&b.r, BASE + 0xe);
    tap_ok(t, !b.irq[1].level, "port Eh is");
    mixer(0x80, 0x08);
    tap_eq(t, mixer_in(0x80), 0xf8, "IRQ 10 chosen");
    dsp(0xf3);
    tap_ok(t, b.irq[3].level && !b.irq[1].level, "F3h: there it is");
    tap_eq(t, mixer_in(0x82) & 7, 2, "status: 16 bits");
    rig_in(&b.r, BASE + 0xe);
    tap_ok(t, b.irq[3].level, "port Eh is not for this one");
    rig_in(&b.r, BASE + 0xf);
    tap_ok(t, !b.irq[3].level && mixer_in(0x82) == 0x20, "port Fh is");
    stop();
}

/* ---- transfers ---- */

static bool spaced(unsigned from, unsigned n, uint64_t first, uint64_t step)
{
    for (unsigned k = 0; k < n; k++) {
        int64_t off = (int64_t)(b.heard[from + k].ns - first - k * step);

        if (off < -2 || off > 102) /* a tick */
            return false;
    }
    return true;
}

static void test_single(struct tap *t)
{
    uint64_t began;
    bool right = true;

    start("1", NULL);
    reset();
    fill(0x10000, 100);
    program_dma(1, 0x48, 0x10000, 100);
    dsp(0x40);
    dsp(156); /* 10 kHz */
    began = clock_ns(&b.r.clock);
    dsp(0x14);
    dsp(99);
    dsp(0);
    rig_run_ns(&b.r, 9950000);
    tap_ok(t, !b.irq[1].level, "14h: not yet at the end");
    rig_run_ns(&b.r, 60000);
    tap_ok(t, b.irq[1].level, "interrupt after 100 samples of 100 us");
    tap_eq(t, b.count, 100, "100 samples were heard");
    for (unsigned k = 0; k < 100; k++)
        right &= b.heard[k].left == ((int)k - 128) * 256 &&
                 b.heard[k].right == b.heard[k].left;
    tap_ok(t, right, "unsigned, on both sides");
    tap_ok(t, spaced(0, 100, began, 100000), "each at its time");
    tap_ok(t, idle(), "then nothing runs");
    tap_ok(t, rig_in(&b.r, 0x0f) & 2, "terminal count masks the channel");
    rig_in(&b.r, BASE + 0xe);
    /* Without data time waits. */
    b.count = 0;
    dsp(0x14);
    dsp(9);
    dsp(0);
    rig_run_ns(&b.r, 5000000);
    tap_ok(t, b.count == 0 && idle(), "a masked channel is waited for");
    began = clock_ns(&b.r.clock);
    program_dma(1, 0x48, 0x10000, 100);
    rig_run_ns(&b.r, 2000000);
    tap_ok(t, b.count == 10 && spaced(0, 10, began, 100000) && b.irq[1].level,
           "it goes on when there is data");
    dsp(0x14);
    dsp(9);
    dsp(0);
    rig_round_trip(&b.r, b.card);
    stop();
}

static void test_auto_init(struct tap *t)
{
    unsigned irqs;

    start("1", NULL);
    reset();
    fill(0x10000, 256);
    program_dma(1, 0x58, 0x10000, 200);
    dsp(0x40);
    dsp(156);
    dsp(0x48);
    dsp(49);
    dsp(0);
    dsp(0x1c);
    for (unsigned k = 0; k < 10; k++) {
        rig_run_ns(&b.r, 5000000);
        rig_in(&b.r, BASE + 0xe);
    }
    tap_ok(t, b.irq[1].rises >= 9 && b.irq[1].rises <= 10,
           "1Ch: an interrupt for each block: %u", b.irq[1].rises);
    tap_ok(t,
           b.heard[200].left == b.heard[0].left &&
               b.heard[399].left == b.heard[199].left,
           "the DMA buffer goes round");
    dsp(0xda);
    rig_run_ns(&b.r, 6000000);
    tap_ok(t, idle(), "DAh: ends with the block");
    tap_eq(t, b.count % 50, 0, "which was played");
    rig_in(&b.r, BASE + 0xe);
    dsp(0x1c);
    rig_run_ns(&b.r, 2000000);
    b.count = 0;
    irqs = b.irq[1].rises;
    dsp(0x14);
    dsp(19);
    dsp(0);
    rig_run_ns(&b.r, 3100000);
    rig_in(&b.r, BASE + 0xe);
    rig_run_ns(&b.r, 10000000);
    tap_ok(t, b.irq[1].rises == irqs + 2 && b.count == 30 + 20 && idle(),
           "14h ends it too: the rest of the block, then 20 samples: %u",
           b.count);
    rig_in(&b.r, BASE + 0xe);
    dsp(0x90);
    rig_run_ns(&b.r, 6000000);
    tap_ok(t, !idle(), "90h: as 1Ch");
    reset();
    tap_ok(t, idle() && !b.irq[1].level, "a reset stops it");
    dsp(0x1c);
    rig_run_ns(&b.r, 6000000);
    rig_round_trip(&b.r, b.card);
    stop();
}

/* 16 bits, signed, stereo: B6h, mode 30h. */
static void test_wide(struct tap *t)
{
    uint64_t began;

    start("1", NULL);
    reset();
    for (unsigned k = 0; k < 400; k++)
        phys_store(b.r.sv.phys, 0x20000 + 2 * k,
                   (uint16_t)(k & 1 ? -(int)k * 10 : (int)k * 10), 2);
    program_dma(5, 0x58, 0x20000, 400);
    dsp(0x41);
    dsp(20000 >> 8);
    dsp(20000 & 255);
    began = clock_ns(&b.r.clock);
    dsp(0xb6);
    dsp(0x30);
    dsp(199);
    dsp(0);
    rig_run_ns(&b.r, 5010000);
    tap_ok(t, b.irq[1].level && (mixer_in(0x82) & 7) == 2,
           "B6h: a 16-bit interrupt after 200 words, 5 ms");
    tap_ok(t, b.heard[7].left == 140 && b.heard[7].right == -150,
           "left, then right");
    /* A pair sounds when its right half is there. */
    tap_ok(t, spaced(0, 100, began + 25000, 50000), "pairs at 20 kHz");
    dsp(0xd5);
    rig_run_ns(&b.r, 10000000);
    b.count = 0;
    rig_run_ns(&b.r, 10000000);
    tap_ok(t, b.count == 0 && idle(), "D5h: pause");
    dsp(0xd6);
    rig_run_ns(&b.r, 2000000);
    tap_ok(t, b.count >= 40, "D6h: it goes on: %u", b.count);
    dsp(0xd9);
    rig_run_ns(&b.r, 10000000);
    tap_ok(t, idle(), "D9h: the end");
    rig_in(&b.r, BASE + 0xf);
    /* A card without a 16-bit channel. */
    mixer(0x81, 0x02);
    program_dma(1, 0x48, 0x20000, 40);
    b.count = 0;
    dsp(0xb0);
    dsp(0x10);
    dsp(19);
    dsp(0);
    rig_run_ns(&b.r, 2000000);
    tap_ok(t, b.count == 20 && b.heard[3].left == -30 && b.irq[1].level,
           "words come as bytes without a 16-bit channel");
    stop();
}

/* Records 8 bits while it plays 16: each has its interrupt and channel. */
static void test_both(struct tap *t)
{
    start("1", NULL);
    reset();
    fill(0x20000, 512);
    program_dma(5, 0x58, 0x20000, 256);
    program_dma(1, 0x54, 0x30000, 1000);
    dsp(0x41);
    dsp(20000 >> 8);
    dsp(20000 & 255);
    dsp(0xb6); /* 16 bits out, mono, blocks of 5 ms */
    dsp(0x10);
    dsp(99);
    dsp(0);
    dsp(0xcc); /* 8 bits in, blocks of 10 ms */
    dsp(0x00);
    dsp(199);
    dsp(0);
    rig_run_ns(&b.r, 5100000);
    tap_eq(t, mixer_in(0x82) & 7, 2, "the 16-bit block is at its end");
    rig_in(&b.r, BASE + 0xf);
    tap_ok(t, !b.irq[1].level, "its interrupt is taken");
    rig_run_ns(&b.r, 5000000);
    tap_eq(t, mixer_in(0x82) & 7, 3, "now both are");
    rig_in(&b.r, BASE + 0xf);
    tap_ok(t, b.irq[1].level, "one acknowledged, one still there");
    tap_eq(t, b.count, 200, "200 samples were heard");
    tap_ok(t, phys_load(b.r.sv.phys, 0x300c0, 8) == 0x8080808080808080,
           "200 were recorded");
    dsp(0xfb);
    tap_eq(t, answer(), 0x06, "FBh: out with 16, in with 8 bits");
    dsp(0xd0);
    rig_run_ns(&b.r, 5000000);
    tap_eq(t, b.count, 300, "D0h pauses one of them");
    rig_round_trip(&b.r, b.card);
    stop();
}

static void test_others(struct tap *t)
{
    start("1", NULL);
    reset();
    dsp(0x10);
    dsp(0xc0);
    tap_ok(t, b.count == 1 && b.heard[0].left == 64 * 256, "10h: direct");
    dsp(0x20);
    tap_eq(t, answer(), 0x80, "20h: silence comes in");
    dsp(0x40);
    dsp(156);
    dsp(0x80);
    dsp(99);
    dsp(0);
    rig_run_ns(&b.r, 9900000);
    tap_ok(t, !b.irq[1].level && b.heard[1].left == 0, "80h: silence");
    rig_run_ns(&b.r, 200000);
    tap_ok(t, b.irq[1].level && idle(), "then an interrupt");
    rig_in(&b.r, BASE + 0xe);
    phys_store(b.r.sv.phys, 0x30000, 0, 8);
    program_dma(1, 0x44, 0x30000, 8);
    dsp(0x24);
    dsp(7);
    dsp(0);
    rig_run_ns(&b.r, 900000);
    tap_ok(t,
           phys_load(b.r.sv.phys, 0x30000, 8) == 0x8080808080808080 &&
               b.irq[1].level,
           "24h: silence is recorded");
    rig_in(&b.r, BASE + 0xe);
    program_dma(5, 0x44, 0x30000, 2);
    dsp(0xb8);
    dsp(0x10);
    dsp(1);
    dsp(0);
    rig_run_ns(&b.r, 900000);
    tap_ok(t,
           phys_load(b.r.sv.phys, 0x30000, 4) == 0 && (mixer_in(0x82) & 7) == 2,
           "B8h: signed, in words");
    dsp(0x07);
    dsp(0xe0);
    dsp(0xff);
    tap_eq(t, answer(), 0, "an unknown command is passed over");
    stop();
}

static void test_adpcm(struct tap *t)
{
    /* A reference, then codes that go up, grow, and go down. */
    static const uint8_t four[] = {0x80, 0x5f, 0x10};
    static const uint8_t two[] = {0x80, 0x50};
    static const uint8_t two_six[] = {0x80, 0x6e}; /* 3, 3, 4 */
    bool right;

    start("1", NULL);
    reset();
    dsp(0x40);
    dsp(156);
    phys_poke(b.r.sv.phys, 0x10000, four, sizeof four);
    program_dma(1, 0x48, 0x10000, sizeof four);
    dsp(0x75);
    dsp(sizeof four - 1);
    dsp(0);
    rig_run_ns(&b.r, 900000);
    /* 128 + 5; step 2: -7 * 2 - 1; step 4: + 1 * 4 + 2; 0 * 4 + 2 */
    right = b.heard[0].left == 5 * 256 && b.heard[1].left == -10 * 256 &&
            b.heard[2].left == -4 * 256 && b.heard[3].left == -2 * 256;
    tap_ok(t, b.count == 4 && right && b.irq[1].level,
           "75h: 4 bits: %d %d %d %d", b.heard[0].left / 256,
           b.heard[1].left / 256, b.heard[2].left / 256, b.heard[3].left / 256);
    tap_ok(t, spaced(1, 3, b.heard[0].ns + 100000, 100000),
           "the rate is that of samples");
    rig_in(&b.r, BASE + 0xe);
    b.count = 0;
    phys_poke(b.r.sv.phys, 0x10000, two, sizeof two);
    program_dma(1, 0x48, 0x10000, sizeof two);
    dsp(0x17);
    dsp(sizeof two - 1);
    dsp(0);
    rig_run_ns(&b.r, 1900000);
    /* + 1; step 2: + 3; step 4: + 2; step 2: + 1 */
    right = b.heard[0].left == 1 * 256 && b.heard[1].left == 4 * 256 &&
            b.heard[2].left == 6 * 256 && b.heard[3].left == 7 * 256;
    tap_ok(t, b.count == 4 && right, "17h: 2 bits: %d %d %d %d",
           b.heard[0].left / 256, b.heard[1].left / 256, b.heard[2].left / 256,
           b.heard[3].left / 256);
    b.count = 0;
    phys_poke(b.r.sv.phys, 0x10000, two_six, sizeof two_six);
    program_dma(1, 0x48, 0x10000, sizeof two_six);
    dsp(0x77);
    dsp(sizeof two_six - 1);
    dsp(0);
    rig_run_ns(&b.r, 1900000);
    /* + 3; step 2: + 3 * 2 + 1; step 4, code 100b: - 0 * 4 - 2 */
    right = b.heard[0].left == 3 * 256 && b.heard[1].left == 10 * 256 &&
            b.heard[2].left == 8 * 256;
    tap_ok(t, b.count == 3 && right, "77h: 2.6 bits: %d %d %d",
           b.heard[0].left / 256, b.heard[1].left / 256, b.heard[2].left / 256);
    stop();
}

/* ---- the mixer ---- */

static void test_mixer(struct tap *t)
{
    const unsigned *wave = b.r.sound[SOUND_WAVE].gain;
    const unsigned *fm = b.r.sound[SOUND_FM].gain;

    start("1", NULL);
    tap_ok(t,
           mixer_in(0x30) == 0xc0 && mixer_in(0x36) == 0 &&
               mixer_in(0x44) == 0x80 && mixer_in(0x3c) == 0x1f,
           "values after a reset");
    tap_ok(t, wave[0] > 65536 / 27 && wave[0] < 65536 / 23, "-14 dB twice: %u",
           wave[0]);
    mixer(0x30, 0xff);
    mixer(0x31, 0xff);
    mixer(0x32, 0xff);
    mixer(0x33, 0xf8 - 5 * 8);
    tap_eq(t, mixer_in(0x30), 0xf8, "only the bits that exist");
    tap_eq(t, wave[0], 65536, "full volume");
    tap_ok(t, wave[1] > 20700 && wave[1] < 20750, "-10 dB: %u", wave[1]);
    mixer(0x41, 0x40);
    tap_eq(t, wave[0], 131072, "output gain 6 dB");
    mixer(0x26, 0xf0);
    tap_ok(t,
           mixer_in(0x34) == 0xf8 && mixer_in(0x35) == 0x08 &&
               fm[0] == 131072 && fm[1] < 100,
           "26h is another view of 34h, 35h");
    mixer(0x22, 0x5a);
    tap_eq(t, mixer_in(0x22), 0x5a, "22h keeps its 4 bits");
    mixer(0x84, 0x06);
    tap_eq(t, mixer_in(0x84), 0x06, "others are kept");
    mixer(0x81, 0xff);
    tap_eq(t, mixer_in(0x81), 0xeb, "channels 2 and 4 cannot be chosen");
    mixer(0x81, 0x28);
    mixer(0, 0);
    tap_ok(t, mixer_in(0x81) == 0x28 && mixer_in(0x30) == 0xc0,
           "reset leaves the choice of channels");
    rig_round_trip(&b.r, b.card);
    stop();
}

/* ---- MIDI ---- */

static void test_mpu(struct tap *t)
{
    start("1", NULL);
    tap_eq(t, rig_in(&b.r, 0x331) & 0xc0, 0x80, "MPU-401: nothing to read");
    rig_out(&b.r, 0x331, 0xff);
    tap_eq(t, rig_in(&b.r, 0x331) & 0xc0, 0, "reset is answered");
    tap_eq(t, rig_in(&b.r, 0x330), 0xfe, "by ACK");
    rig_out(&b.r, 0x331, 0x3f);
    tap_eq(t, rig_in(&b.r, 0x330), 0xfe, "so is the UART command");
    rig_out(&b.r, 0x331, 0xff);
    tap_eq(t, rig_in(&b.r, 0x331) & 0x80, 0x80, "but no reset in UART mode");
    rig_out(&b.r, 0x331, 0xff);
    tap_eq(t, rig_in(&b.r, 0x330), 0xfe, "which it leaves");
    rig_round_trip(&b.r, b.card);
    stop();
}

static void midi(uint8_t v)
{
    rig_out(&b.r, 0x330, v);
}

static void test_midi_file(struct tap *t)
{
    static const uint8_t want[] = {
        'M',  'T',  'h',  'd', 0,    0,    0,    6,    0,    0,    0,
        1,    0x01, 0xf4, 'M', 'T',  'r',  'k',  0,    0,    0,    31,
        0x00, 0x90, 60,   100, 0x83, 0x74, 0x90, 60,   0,    0x00, 0xc1,
        5,    0x00, 0xf0, 4,   0x7e, 0x7f, 0x09, 0xf7, 0x0a, 0xe2, 0x00,
        0x40, 0x00, 0x80, 60,  64,   0,    0xff, 0x2f, 0,
    };
    char path[] = "/tmp/klochs-midi-XXXXXX.mid";
    uint8_t got[128];
    size_t n;
    FILE *f;
    int fd = mkstemps(path, 4);

    close(fd);
    start("2", path);
    reset();
    rig_out(&b.r, 0x331, 0x3f);
    midi(0x90);
    midi(60);
    midi(100);
    rig_run_ns(&b.r, 500000000);
    midi(60);   /* running status */
    midi(0xfe); /* real time, in between */
    midi(0);
    midi(0xc1);
    midi(5);
    midi(0xf0);
    midi(0x7e);
    midi(0x7f);
    midi(0x09);
    midi(0xf7);
    midi(0x33); /* belongs to nothing */
    rig_run_ns(&b.r, 10000000);
    midi(0xe2);
    midi(0x00);
    midi(0x40);
    dsp(0x38); /* the DSP's way */
    dsp(0x80);
    dsp(0x34);
    dsp(60);
    dsp(64);
    reset();
    dsp(0xe1);
    tap_eq(t, answer(), 4, "a reset ends the UART mode of the DSP");
    stop();
    f = fopen(path, "rb");
    n = f ? fread(got, 1, sizeof got, f) : 0;
    if (f)
        fclose(f);
    unlink(path);
    tap_ok(t, n == sizeof want && !memcmp(got, want, n),
           "a Standard MIDI File of it: %u bytes", (unsigned)n);
}

static void test_bad(struct tap *t)
{
    struct error err = {.text = ""};
    struct device *dev;

    start("1", NULL);
    tap_ok(
        t,
        rig_refuses(&b.r, b.card,
                    offsetof(struct sb16_state, transfer[1].adpcm), 9) &&
            rig_refuses(&b.r, b.card, offsetof(struct sb16_state, need), 4) &&
            rig_refuses(&b.r, b.card, offsetof(struct sb16_state, out_at), 64),
        "impossible states are refused");
    dev = rig_make(&b.r, &sb16_class, "other", 0x240);
    device_set_option(dev, "midimode", "2", NULL);
    tap_ok(t, !device_init(dev, &err) && strstr(err.text, "midifile"),
           "a MIDI file needs a name: %s", err.text);
    stop();
}

/* Random traffic to card, mixer and DMA controllers, states on the way. */
static void test_noise(struct tap *t)
{
    static const uint16_t dma_ports[] = {0x02, 0x03, 0x08, 0x09, 0x0a, 0x0b,
                                         0x0c, 0x0e, 0x83, 0x8b, 0xc4, 0xc6,
                                         0xd2, 0xd4, 0xd6, 0xd8};
    struct rng g;
    unsigned irqs, good = 0;

    start("1", NULL);
    reset();
    rng_seed(&g, 5);
    for (unsigned n = 0; n < 200000; n++) {
        uint64_t v = rng_next(&g);

        switch (v >> 8 & 7) {
        case 0:
            rig_in(&b.r, (uint16_t)(BASE + 4 + (v >> 16) % 12));
            break;
        case 1:
            mixer((uint8_t)((v >> 16) % 0x90), (uint8_t)v);
            break;
        case 2:
            rig_out(&b.r, dma_ports[(v >> 16) % ARRAY_LEN(dma_ports)],
                    (uint8_t)v);
            break;
        case 3:
            rig_run_ns(&b.r, (v >> 16) % 300000);
            break;
        case 4: /* a short length ends what waits for one */
            dsp((uint8_t)v & 15);
            dsp(0);
            break;
        default:
            dsp((uint8_t)v);
            break;
        }
        if (n % 1000 == 0) {
            struct state_buf saved = {0};

            device_save(b.card, &saved);
            good += device_load(b.card, b.card->cls->state_version, saved.data,
                                saved.len, NULL);
            state_buf_free(&saved);
            program_dma(1, 0x58, 0x10000, 1000);
            program_dma(5, 0x58, 0x20000, 1000);
            mixer(0x80, 2);
            mixer(0x81, 0x22);
        }
        if (n % 64 == 0)
            reset();
    }
    irqs = b.irq[0].rises + b.irq[1].rises + b.irq[2].rises + b.irq[3].rises;
    tap_ok(t, good == 200 && b.count > 4000 && irqs > 300,
           "random traffic: %u levels, %u interrupts", b.count, irqs);
    stop();
}

int main(void)
{
    struct tap *t = &b.r.tap;

    setvbuf(stdout, NULL, _IOLBF, 0);
    test_reset(t);
    test_identity(t);
    test_irqs(t);
    test_single(t);
    test_auto_init(t);
    test_wide(t);
    test_both(t);
    test_others(t);
    test_adpcm(t);
    test_mixer(t);
    test_mpu(t);
    test_midi_file(t);
    test_bad(t);
    test_noise(t);
    return tap_done(t);
}

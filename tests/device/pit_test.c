/*
 * pit_test.c - 8254 (Intel 231164-005): the waveforms of figures 15 to 20,
 * read-back and latches. One tick of the bench is one CLK pulse.
 */
#include "iodev/pit.h"
#include "tests/device/rig.h"

struct board {
    struct rig r;
    struct device *pit;
    struct probe out[3];
};

enum { C0 = 0x40, C1, C2, CW };

static void control(struct board *b, uint8_t v)
{
    rig_out(&b->r, CW, v);
}

static uint16_t read2(struct board *b, uint16_t port)
{
    uint8_t low = rig_in(&b->r, port);

    return (uint16_t)(low | rig_in(&b->r, port) << 8);
}

/* OUT after each of the next pulses, as the datasheet draws it. */
static void waveform(struct board *b, unsigned n, const char *want,
                     const char *name)
{
    char got[64] = "";
    size_t len = strlen(want);

    for (size_t i = 0; i < len; i++) {
        rig_run_ticks(&b->r, 1);
        got[i] = b->out[n].level ? 'H' : 'L';
    }
    tap_ok(&b->r.tap, strcmp(got, want) == 0, "%s: got %s, want %s", name, got,
           want);
}

static void test_mode0(struct board *b)
{
    struct tap *t = &b->r.tap;

    control(b, 0x10);
    rig_out(&b->r, C0, 4);
    tap_ok(t, !b->out[0].level, "mode 0: OUT low after the control word");
    waveform(b, 0, "LLLLHHH", "mode 0: high N+1 pulses after the write");
    tap_eq(t, rig_in(&b->r, C0), 0xfe, "mode 0: counting goes on past zero");
    rig_out(&b->r, C0, 3);
    tap_ok(t, !b->out[0].level, "mode 0: a new count lowers OUT");
    rig_run_ticks(&b->r, 2);
    rig_drive(b->pit, "gate", 0, false);
    waveform(b, 0, "LLLLLL", "mode 0: GATE low holds the count");
    tap_eq(t, rig_in(&b->r, C0), 2, "mode 0: held at 2");
    rig_drive(b->pit, "gate", 0, true);
    waveform(b, 0, "LH", "mode 0: goes on where it was");
    control(b, 0x30);
    rig_out(&b->r, C0, 0x05);
    rig_run_ticks(&b->r, 100);
    tap_ok(t, !b->out[0].level, "mode 0: first byte of two does not start");
    rig_out(&b->r, C0, 0x00);
    waveform(b, 0, "LLLLLH", "mode 0: second byte does");
    rig_drive(b->pit, "gate", 0, false);
    control(b, 0x10);
    rig_out(&b->r, C0, 2);
    rig_run_ticks(&b->r, 5);
    rig_drive(b->pit, "gate", 0, true);
    waveform(b, 0, "LH", "mode 0: loaded while GATE was low, N pulses left");
}

static void test_mode1(struct board *b)
{
    control(b, 0x12);
    waveform(b, 0, "HH", "mode 1: OUT starts high");
    rig_out(&b->r, C0, 3);
    waveform(b, 0, "HHHH", "mode 1: waits for a trigger");
    rig_drive(b->pit, "gate", 0, false);
    rig_drive(b->pit, "gate", 0, true);
    waveform(b, 0, "LLLHH", "mode 1: pulse of N");
    rig_drive(b->pit, "gate", 0, false);
    rig_drive(b->pit, "gate", 0, true);
    waveform(b, 0, "LL", "mode 1: second pulse");
    rig_drive(b->pit, "gate", 0, false);
    rig_drive(b->pit, "gate", 0, true);
    rig_out(&b->r, C0, 5);
    waveform(b, 0, "LLLLLH", "mode 1: retriggered, with the new count");
    rig_drive(b->pit, "gate", 0, false);
    waveform(b, 0, "HH", "mode 1: GATE low changes nothing");
    rig_drive(b->pit, "gate", 0, true);
    rig_run_ticks(&b->r, 20);
}

static void test_mode2(struct board *b)
{
    struct tap *t = &b->r.tap;

    control(b, 0x14);
    rig_out(&b->r, C0, 3);
    waveform(b, 0, "HHLHHLHHL", "mode 2: low for one pulse in N");
    rig_out(&b->r, C0, 4);
    waveform(b, 0, "HHHLHHHL", "mode 2: new count after the period");
    rig_run_ticks(&b->r, 1);
    rig_out(&b->r, C0, 3);
    waveform(b, 0, "HHLHHLH", "mode 2: not before");
    rig_run_ticks(&b->r, 1);
    rig_drive(b->pit, "gate", 0, false);
    waveform(b, 0, "HHHH", "mode 2: GATE low stops with OUT high");
    rig_drive(b->pit, "gate", 0, true);
    waveform(b, 0, "HHLHHL", "mode 2: GATE rising starts the period anew");
    control(b, 0x3c);
    rig_out(&b->r, C0, 0);
    rig_out(&b->r, C0, 0);
    rig_run_ticks(&b->r, 65536);
    tap_ok(t, !b->out[0].level, "mode 6 is mode 2, a count of 0 is 65536");
    rig_run_ticks(&b->r, 1);
    tap_ok(t, b->out[0].level, "high again a pulse later");
    control(b, 0x35);
    rig_out(&b->r, C0, 0x00);
    rig_out(&b->r, C0, 0x10);
    rig_run_ticks(&b->r, 1000);
    tap_eq(t, read2(b, C0), 1, "BCD 1000 after 1000 pulses");
    rig_run_ticks(&b->r, 2);
    tap_eq(t, read2(b, C0), 0x999, "BCD counts decimal");
}

static void test_mode3(struct board *b)
{
    struct tap *t = &b->r.tap;

    control(b, 0x16);
    rig_out(&b->r, C0, 4);
    waveform(b, 0, "HHLLHHLL", "mode 3: even count");
    control(b, 0x16);
    rig_out(&b->r, C0, 5);
    waveform(b, 0, "HHHLLHHHLL", "mode 3: odd count");
    control(b, 0x16);
    rig_out(&b->r, C0, 4);
    rig_run_ticks(&b->r, 1);
    rig_out(&b->r, C0, 6);
    waveform(b, 0, "HLLLHHHLLL", "mode 3: new count after the half-cycle");
    rig_drive(b->pit, "gate", 0, false);
    tap_ok(t, b->out[0].level, "mode 3: GATE low raises OUT at once");
    waveform(b, 0, "HHHH", "mode 3: and stops");
    rig_drive(b->pit, "gate", 0, true);
    waveform(b, 0, "HHHLLLH", "mode 3: GATE rising starts anew");
    control(b, 0x36);
    rig_out(&b->r, C0, 10);
    rig_out(&b->r, C0, 0);
    rig_run_ticks(&b->r, 2);
    tap_eq(t, read2(b, C0), 8, "mode 3: counts by two");
}

static void test_modes_4_5(struct board *b)
{
    control(b, 0x18);
    rig_out(&b->r, C0, 3);
    waveform(b, 0, "HHHLHHHH", "mode 4: strobe N+1 pulses after the write");
    rig_out(&b->r, C0, 3);
    rig_run_ticks(&b->r, 2);
    rig_drive(b->pit, "gate", 0, false);
    waveform(b, 0, "HHHH", "mode 4: GATE low holds");
    rig_drive(b->pit, "gate", 0, true);
    waveform(b, 0, "HLH", "mode 4: then goes on");
    rig_out(&b->r, C0, 5);
    rig_run_ticks(&b->r, 3);
    rig_out(&b->r, C0, 2);
    waveform(b, 0, "HHLH", "mode 4: software retrigger");
    control(b, 0x1a);
    rig_out(&b->r, C0, 3);
    waveform(b, 0, "HHHHHH", "mode 5: waits for a trigger");
    rig_drive(b->pit, "gate", 0, false);
    rig_drive(b->pit, "gate", 0, true);
    waveform(b, 0, "HHHLHHH", "mode 5: strobe N+1 pulses after it");
    rig_drive(b->pit, "gate", 0, false);
    rig_drive(b->pit, "gate", 0, true);
    rig_run_ticks(&b->r, 2);
    rig_drive(b->pit, "gate", 0, false);
    rig_drive(b->pit, "gate", 0, true);
    waveform(b, 0, "HHHLH", "mode 5: retriggered");
}

static void test_latches(struct board *b)
{
    struct tap *t = &b->r.tap;

    control(b, 0x74);
    rig_out(&b->r, C1, 0x34);
    control(b, 0xe4);
    tap_eq(t, rig_in(&b->r, C1), 0xf4, "status: OUT, null count, RW, mode");
    rig_out(&b->r, C1, 0x12);
    rig_run_ticks(&b->r, 1);
    control(b, 0xe4);
    tap_eq(t, rig_in(&b->r, C1), 0xb4, "null count falls with the load");
    control(b, 0x40);
    rig_run_ticks(&b->r, 100);
    control(b, 0x40);
    tap_eq(t, read2(b, C1), 0x1234, "the first latch command holds");
    tap_eq(t, read2(b, C1), 0x1234 - 100, "unlatched reads follow the count");
    control(b, 0xc4);
    rig_run_ticks(&b->r, 10);
    tap_eq(t, rig_in(&b->r, C1), 0xb4, "read-back: status comes first");
    tap_eq(t, read2(b, C1), 0x1234 - 100, "then the latched count");
    tap_eq(t, rig_in(&b->r, CW), 0xff, "control word does not read");
    rig_in(&b->r, C1);
    control(b, 0x74);
    rig_out(&b->r, C1, 0x20);
    rig_out(&b->r, C1, 0x00);
    rig_run_ticks(&b->r, 1);
    tap_eq(t, rig_in(&b->r, C1), 0x20, "control word resets the read toggle");
    control(b, 0x64);
    rig_out(&b->r, C1, 0x02);
    rig_run_ticks(&b->r, 1);
    tap_eq(t, rig_in(&b->r, C1), 0x02, "MSB only: the low byte is zero");
    control(b, 0x54);
    rig_out(&b->r, C1, 18);
    rig_run_ticks(&b->r, 18ull * 1000000000 + 1);
    control(b, 0x40);
    tap_eq(t, rig_in(&b->r, C1), 18, "no drift in an unwatched counter");
}

static void test_time(struct rig *r)
{
    struct device *pit = rig_add(r, &pit_class, "pit", 0x40);
    struct probe out0;

    rig_probe(r, &out0, pit, "out", 0);
    rig_out(r, CW, 0x36);
    rig_out(r, C0, 0);
    rig_out(r, C0, 0);
    rig_run_ns(r, 3600ull * 1000000000);
    tap_eq(&r->tap, out0.falls, 65543, "an hour of 18.2 Hz");
    rig_out(r, CW, 0x34);
    rig_out(r, C0, 0xa9);
    rig_out(r, C0, 0x04);
    out0.falls = 0;
    rig_run_ns(r, 1000000000);
    tap_eq(&r->tap, out0.falls, 1000, "short low pulses are not lost");
}

int main(void)
{
    static struct board b;
    static struct rig r;

    rig_init(&b.r, PIT_HZ);
    b.pit = rig_add(&b.r, &pit_class, "pit", 0x40);
    rig_probe(&b.r, &b.out[0], b.pit, "out", 0);
    test_mode0(&b);
    test_mode1(&b);
    test_mode2(&b);
    test_mode3(&b);
    test_modes_4_5(&b);
    test_latches(&b);
    rig_round_trip(&b.r, b.pit);
    rig_init(&r, 4000000);
    r.tap = b.r.tap;
    test_time(&r);
    rig_free(&b.r);
    return rig_done(&r);
}

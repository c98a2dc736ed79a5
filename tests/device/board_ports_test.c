/* board_ports_test.c - port 92h, port 61h, debug ports. */
#include "iodev/debugport.h"
#include "iodev/ferr.h"
#include "iodev/pit.h"
#include "iodev/port92.h"
#include "iodev/speaker.h"
#include "tests/device/rig.h"

#include <stdlib.h>
#include <unistd.h>

static struct rig r;

static void test_port92(struct tap *t)
{
    struct device *dev = rig_add(&r, &port92_class, "port92", 0);
    struct probe a20, reset;

    rig_probe(&r, &a20, dev, "a20", 0);
    rig_probe(&r, &reset, dev, "reset", 0);
    device_reset(dev, RESET_HARDWARE);
    tap_ok(t, a20.level, "A20 is open while the 8042 says so");
    rig_drive(dev, "kbc_a20", 0, false);
    tap_ok(t, !a20.level, "and closes with it");
    rig_out(&r, 0x92, 0x02);
    tap_ok(t, a20.level, "either gate opens it");
    tap_eq(t, rig_in(&r, 0x92), 0x02, "reads back");
    rig_out(&r, 0x92, 0x03);
    rig_out(&r, 0x92, 0x03);
    tap_eq(t, reset.rises, 1, "bit 0 resets on 0 to 1 only");
    rig_round_trip(&r, dev);
    tap_ok(t, rig_refuses(&r, dev, 0, 4), "reserved bits are refused");
}

/* 82371SB (PIIX3): FERR# and IGNNE#. */
static void test_ferr(struct tap *t)
{
    struct device *dev = rig_add(&r, &ferr_class, "ferr", 0);
    struct probe irq, ignne;

    rig_probe(&r, &irq, dev, "irq", 0);
    rig_probe(&r, &ignne, dev, "ignne", 0);
    device_reset(dev, RESET_HARDWARE);
    rig_out(&r, 0xf0, 0);
    tap_ok(t, !ignne.level, "port F0h without an error does nothing");
    rig_drive(dev, "ferr", 0, true);
    tap_ok(t, irq.level && !ignne.level, "FERR# requests IRQ 13");
    rig_out(&r, 0xf0, 0);
    tap_ok(t, !irq.level && ignne.level, "port F0h: IGNNE# instead");
    rig_drive(dev, "ferr", 0, true);
    tap_eq(t, irq.rises, 1, "the same level is no new error");
    rig_drive(dev, "ferr", 0, false);
    tap_ok(t, !ignne.level, "IGNNE# goes with FERR#");
    rig_drive(dev, "ferr", 0, true);
    rig_drive(dev, "ferr", 0, false);
    tap_ok(t, irq.level, "the request waits for port F0h");
    rig_out(&r, 0xf1, 0);
    tap_ok(t, !irq.level && !ignne.level, "or F1h");
    rig_drive(dev, "ferr", 0, true);
    rig_round_trip(&r, dev);
}

static void test_speaker(struct tap *t)
{
    struct device *pit = rig_add(&r, &pit_class, "pit", 0x40);
    struct device *dev = rig_add(&r, &speaker_class, "speaker", 0);
    const unsigned *edges = &r.sound[SOUND_SPEAKER].changes;
    unsigned toggles = 0, before;
    uint8_t last;

    device_wire(pit, "out", 2, dev, "out2", 0);
    device_wire(dev, "gate2", 0, pit, "gate", 2);
    rig_out(&r, 0x61, 0);
    rig_out(&r, 0x43, 0xb6);
    rig_out(&r, 0x42, 1193 & 255);
    rig_out(&r, 0x42, 1193 >> 8);
    rig_run_ns(&r, 10000000);
    tap_eq(t, *edges, 0, "silent while the gate is closed");
    rig_out(&r, 0x61, 0x01);
    rig_run_ns(&r, 10000000);
    tap_eq(t, *edges, 0, "silent without speaker data");
    rig_out(&r, 0x61, 0x03);
    before = *edges;
    rig_run_ns(&r, 1000000000);
    tap_eq(t, *edges - before, 2000, "1 kHz");
    rig_out(&r, 0x61, 0x00);
    tap_eq(t, rig_in(&r, 0x61) & 0x2f, 0x20, "OUT 2 is high at rest");
    rig_out(&r, 0x43, 0xb0);
    tap_eq(t, rig_in(&r, 0x61) & 0x20, 0, "mode 0 lowers it");
    last = rig_in(&r, 0x61);
    for (unsigned i = 0; i < 10000; i++) {
        uint8_t v;

        rig_run_ticks(&r, 4);
        v = rig_in(&r, 0x61);
        toggles += (v ^ last) >> 4 & 1;
        last = v;
    }
    tap_ok(t, toggles >= 662 && toggles <= 664,
           "refresh toggles every 15.085 us: %u in 10 ms", toggles);
    rig_round_trip(&r, dev);
}

static void test_debugport(struct tap *t)
{
    char path[] = "/tmp/klochs-e9-XXXXXX", got[16] = "";
    struct device *dev = rig_make(&r, &debugport_class, "debugport", 0);
    int fd = mkstemp(path);
    FILE *f;

    tap_ok(t, fd >= 0, "temporary file");
    close(fd);
    device_set_option(dev, "port_e9_hack", "1", NULL);
    device_set_option(dev, "e9_file", path, NULL);
    device_set_option(dev, "exit_port", "0xf4", NULL);
    device_set_option(dev, "exit_style", "qemu", NULL);
    rig_start(&r, dev);
    tap_eq(t, rig_in(&r, 0xe9), 0xe9, "E9h reads E9h");
    for (const char *s = "hello\n"; *s; s++)
        rig_out(&r, 0xe9, (uint8_t)*s);
    f = fopen(path, "r");
    tap_ok(t, f && fgets(got, sizeof got, f) && !strcmp(got, "hello\n"),
           "a line arrives");
    if (f)
        fclose(f);
    unlink(path);
    rig_out(&r, 0x80, 0x55);
    tap_eq(t, rig_in(&r, 0x80), 0x55, "POST latch");
    tap_eq(t, rig_in(&r, 0x402), 0xe9, "BIOS message port is there");
    for (unsigned i = 0; i < 1000; i++)
        rig_out(&r, 0x402, 'x');
    for (const char *s = "SShutdow"; *s; s++)
        rig_out(&r, 0x8900, (uint8_t)*s);
    tap_eq(t, (uint64_t)(int64_t)r.stop_code, UINT64_MAX, "not yet");
    rig_out(&r, 0x8900, 'n');
    tap_eq(t, (uint64_t)r.stop_code, 0, "Shutdown");
    io_write(r.sv.io, 0xf4, 0x10, 4);
    tap_eq(t, (uint64_t)r.stop_code, 0x21, "exit port, (v << 1) | 1");
    rig_round_trip(&r, dev);
}

int main(void)
{
    rig_init(&r, 4000000);
    test_port92(&r.tap);
    test_ferr(&r.tap);
    test_speaker(&r.tap);
    test_debugport(&r.tap);
    return rig_done(&r);
}

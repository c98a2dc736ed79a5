/*
 * apic_devices_test.c - I/O APIC (Intel 290566), HPET (IA-PC HPET 1.0a),
 * fw_cfg.
 */
#include "iodev/fwcfg.h"
#include "iodev/hpet.h"
#include "iodev/ioapic.h"
#include "tests/device/rig.h"

static struct rig r;

/* ---- I/O APIC ---- */

struct message {
    unsigned count;
    uint8_t dest, mode, vector;
    bool logical, level;
};

static struct message msg;

static void on_message(void *opaque, uint8_t dest, bool logical, uint8_t mode,
                       uint8_t vector, bool level)
{
    struct message *m = opaque;

    *m = (struct message){m->count + 1, dest, mode, vector, logical, level};
}

static void set_reg(uint8_t reg, uint32_t v)
{
    phys_store(r.sv.phys, IOAPIC_BASE, reg, 4);
    phys_store(r.sv.phys, IOAPIC_BASE + 0x10, v, 4);
}

static uint32_t get_reg(uint8_t reg)
{
    phys_store(r.sv.phys, IOAPIC_BASE, reg, 4);
    return (uint32_t)phys_load(r.sv.phys, IOAPIC_BASE + 0x10, 4);
}

static void test_ioapic(struct tap *t)
{
    static const struct apic_bus bus = {&msg, on_message};
    struct device *dev = rig_add(&r, &ioapic_class, "ioapic", 0);

    ioapic_set_bus(dev, &bus);
    tap_eq(t, get_reg(1), 0x00170011, "version 11h, 24 entries");
    set_reg(0, 0xffffffff);
    tap_eq(t, get_reg(0), 0x0f000000, "four ID bits");
    tap_eq(t, get_reg(0x10), 0x00010000, "entries start masked");
    set_reg(0x12, 0xffffffff);
    tap_eq(t, get_reg(0x12), 0x0001afff, "read-only bits of an entry");
    rig_drive(dev, "irq", 1, true);
    tap_eq(t, msg.count, 0, "masked");
    set_reg(0x13, 0x03000000);
    set_reg(0x12, 0x0931);
    tap_eq(t, msg.count, 0, "a masked edge is not held");
    rig_drive(dev, "irq", 1, false);
    rig_drive(dev, "irq", 1, true);
    tap_ok(t,
           msg.count == 1 && msg.vector == 0x31 && msg.mode == 1 &&
               msg.logical && msg.dest == 3 && !msg.level,
           "edge message");
    rig_drive(dev, "irq", 1, true);
    tap_eq(t, msg.count, 1, "one message per edge");

    set_reg(0x30, 0x18040);
    rig_drive(dev, "irq", 16, true);
    set_reg(0x30, 0x08040);
    tap_ok(t, msg.count == 2 && msg.vector == 0x40 && msg.level,
           "a masked level is kept");
    tap_eq(t, get_reg(0x30), 0x0c040, "remote IRR");
    rig_drive(dev, "irq", 16, false);
    rig_drive(dev, "irq", 16, true);
    tap_eq(t, msg.count, 2, "silent until EOI");
    ioapic_eoi(dev, 0x41);
    tap_eq(t, msg.count, 2, "of its own vector");
    ioapic_eoi(dev, 0x40);
    tap_eq(t, msg.count, 3, "EOI with the pin up sends again");
    rig_drive(dev, "irq", 16, false);
    ioapic_eoi(dev, 0x40);
    tap_eq(t, msg.count, 3, "with the pin down it does not");
    tap_eq(t, get_reg(0x30), 0x08040, "remote IRR is clear");
    set_reg(0x10, 0x8700);
    rig_drive(dev, "irq", 0, true);
    tap_ok(t, msg.mode == 7 && !msg.level, "ExtINT is an edge");
    tap_eq(t, get_reg(0x10) & 0x4000, 0, "without remote IRR");
    rig_round_trip(&r, dev);
    tap_ok(t, rig_refuses(&r, dev, 1, 0x10), "reserved bits are refused");
}

/* ---- HPET ---- */

static void hset(unsigned reg, uint64_t v, unsigned size)
{
    phys_store(r.sv.phys, HPET_BASE + reg, v, size);
}

static uint64_t hget(unsigned reg, unsigned size)
{
    return phys_load(r.sv.phys, HPET_BASE + reg, size);
}

static void test_hpet(struct tap *t)
{
    struct device *dev = rig_add(&r, &hpet_class, "hpet", 0);
    struct probe pin, irq0, irq8;
    uint64_t start;

    rig_probe(&r, &pin, dev, "irq", 20);
    rig_probe(&r, &irq0, dev, "irq0", 0);
    rig_probe(&r, &irq8, dev, "irq8", 0);
    tap_eq(t, hget(0, 8), 0x009896808086a201, "capabilities");
    tap_eq(t, hget(4, 4), 10000000, "period in femtoseconds");
    hset(0xf0, 0, 8);
    rig_run_ns(&r, 1000);
    tap_eq(t, hget(0xf0, 8), 0, "halted");
    hset(0x10, 1, 4);
    rig_run_ns(&r, 1000);
    tap_eq(t, hget(0xf0, 8), 100, "100 counts in a microsecond");
    rig_drive(dev, "pit", 0, true);
    tap_ok(t, irq0.level, "the PIT passes");
    rig_drive(dev, "pit", 0, false);

    hset(0x108, hget(0xf0, 8) + 1000, 8);
    hset(0x100, 0x2806, 4); /* level, enabled, pin 20 */
    start = r.clock.now;
    rig_run_ns(&r, 20000);
    tap_ok(t, pin.level, "level interrupt");
    tap_eq(t, (pin.rise_tick - start) * 1000000000 / r.clock.ips, 10000,
           "at its time");
    tap_eq(t, hget(0x20, 4), 1, "status");
    hset(0x20, 1, 4);
    tap_ok(t, !pin.level, "cleared by writing one");
    rig_run_ns(&r, 100000);
    tap_ok(t, !pin.level, "one shot");

    hset(0x10, 0, 4);
    hset(0xf0, 0, 8);
    hset(0x100, 0x004c, 4); /* periodic, enabled, VAL_SET */
    hset(0x108, 500, 4);
    hset(0x108, 200, 4);
    hset(0x10, 3, 4);
    irq0.rises = 0;
    rig_run_ns(&r, 5000);
    tap_eq(t, irq0.rises, 1, "legacy: first at the accumulator");
    rig_run_ns(&r, 20000);
    tap_eq(t, irq0.rises, 11, "then every period");
    tap_eq(t, hget(0x108, 8), 2700, "comparator moves on");
    irq0.rises = 0;
    rig_drive(dev, "pit", 0, false);
    rig_drive(dev, "pit", 0, true);
    tap_eq(t, irq0.rises, 0, "legacy: the PIT is cut off");
    hset(0x10, 0, 4);
    hset(0x10, 1, 4);
    hset(0x100, 0x0008, 4); /* periodic, not enabled: nothing wakes for it */
    start = hget(0x108, 8);
    tap_ok(t, r.clock.next_deadline == CLOCK_NEVER, "nothing is armed");
    rig_run_ns(&r, 20000);
    tap_eq(t, hget(0x108, 8), start + 2000, "but the comparator moves on");
    hset(0x100, 0x280c, 4); /* heard again, on pin 20 */
    pin.rises = 0;
    rig_run_ns(&r, 20000);
    tap_eq(t, pin.rises, 10, "enabled in the middle: every period");
    tap_eq(t, hget(0x108, 8), start + 4000, "where it would have been");
    hset(0x100, 0x004c, 4);
    hset(0x10, 3, 4);
    hset(0x120, 0x0104, 4); /* 32 bits */
    hset(0x128, 0xffffffff12345678, 8);
    tap_eq(t, hget(0x128, 8), 0x12345678, "32-bit timer");
    hset(0x10, 0, 4);
    tap_ok(t, irq0.level, "the PIT is back");
    start = hget(0xf0, 8);
    rig_run_ns(&r, 5000);
    tap_eq(t, hget(0xf0, 8), start, "halting keeps the count");
    rig_round_trip(&r, dev);
}

/* ---- fw_cfg ---- */

static void fetch(uint16_t key, char *to, unsigned n)
{
    io_write(r.sv.io, 0x510, key, 2);
    for (unsigned i = 0; i < n; i++)
        to[i] = (char)rig_in(&r, 0x511);
}

static void put_be32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t dma(uint32_t control, uint32_t len, uint32_t to)
{
    uint8_t req[16] = {0};

    put_be32(req, control);
    put_be32(req + 4, len);
    put_be32(req + 12, to);
    phys_write(r.sv.phys, 0x1000, req, sizeof req);
    io_write(r.sv.io, 0x518, 0x00100000, 4); /* 1000h, big-endian */
    return (uint32_t)phys_load(r.sv.phys, 0x1000, 4);
}

static void test_fwcfg(struct tap *t)
{
    struct device *dev = rig_add(&r, &fwcfg_class, "fwcfg", 0);
    char buf[256];

    tap_ok(t,
           fwcfg_add_int(dev, FWCFG_NB_CPUS, 4, 2) &&
               fwcfg_add_file(dev, "etc/e820", "0123456789", 10) &&
               fwcfg_add_file(dev, "bootorder", "/pci\n", 5) &&
               fwcfg_add_file(dev, "etc/e820", "abcdef", 6),
           "items are taken");
    tap_ok(t,
           !fwcfg_add_file(dev,
                           "a/name/that/has/more/than/fifty-five/characters/"
                           "in/it/all",
                           "", 0),
           "a long name is not");
    fetch(0, buf, 5);
    tap_ok(t, memcmp(buf, "QEMU", 5) == 0, "signature, zeros beyond");
    fetch(1, buf, 4);
    tap_eq(t, (uint8_t)buf[0], 3, "traditional and DMA interface");
    fetch(5, buf, 2);
    tap_eq(t, (uint8_t)buf[0], 4, "CPUs");
    fetch(0x19, buf, 4 + 2 * 64);
    tap_eq(t, (uint8_t)buf[3], 2, "two files");
    tap_ok(t,
           strcmp(buf + 12, "bootorder") == 0 && buf[7] == 5 && buf[9] == 0x20,
           "first entry");
    tap_ok(t, strcmp(buf + 76, "etc/e820") == 0 && buf[71] == 6, "second");
    fetch(0x21, buf, 6);
    tap_ok(t, memcmp(buf, "abcdef", 6) == 0, "contents, replaced");
    fetch(0x3fff, buf, 1);
    tap_eq(t, (uint8_t)buf[0], 0, "an unknown key reads zeros");

    tap_eq(t, io_read(r.sv.io, 0x514, 4), 0x554d4551, "DMA signature");
    phys_store(r.sv.phys, 0x2000, UINT64_MAX, 8);
    tap_eq(t, dma(0x0021000a, 8, 0x2000), 0, "select and read");
    tap_eq(t, phys_load(r.sv.phys, 0x2000, 8), 0x0000666564636261,
           "data, zeros beyond");
    dma(0x0021000c, 2, 0);
    tap_eq(t, dma(0x00000002, 1, 0x2000), 0, "skip, then read");
    tap_eq(t, phys_load(r.sv.phys, 0x2000, 1), 'c', "third byte");
    tap_eq(t, dma(0x00210010, 1, 0x2000), 0x01000000, "writing is an error");
    tap_eq(t, dma(0x0021000a, 0xffffffff, 0x2000), 0x01000000,
           "a monster request is refused");
    rig_round_trip(&r, dev);
}

int main(void)
{
    rig_init(&r, 100000000);
    test_ioapic(&r.tap);
    test_hpet(&r.tap);
    test_fwcfg(&r.tap);
    return rig_done(&r);
}

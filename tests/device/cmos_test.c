/* cmos_test.c - MC146818 clock and RAM. */
#include "iodev/cmos.h"
#include "tests/device/rig.h"

struct board {
    struct rig r;
    struct device *cmos;
    struct probe irq, nmi;
};

#define SECOND 1000000000ull

static uint8_t get(struct board *b, uint8_t reg)
{
    rig_out(&b->r, 0x70, reg);
    return rig_in(&b->r, 0x71);
}

static void put(struct board *b, uint8_t reg, uint8_t v)
{
    rig_out(&b->r, 0x70, reg);
    rig_out(&b->r, 0x71, v);
}

/* hour, minute, second, day, month, year as the registers hold them */
static void set_clock(struct board *b, const uint8_t v[6])
{
    static const uint8_t regs[6] = {4, 2, 0, 7, 8, 9};

    put(b, 11, get(b, 11) | 0x80);
    for (unsigned i = 0; i < 6; i++)
        put(b, regs[i], v[i]);
    put(b, 11, get(b, 11) & 0x7f);
}

static void test_time(struct board *b)
{
    struct tap *t = &b->r.tap;

    tap_eq(t, get(b, 9), 0x24, "year");
    tap_eq(t, get(b, 0x32), 0x20, "century");
    tap_eq(t, get(b, 8), 0x02, "month");
    tap_eq(t, get(b, 7), 0x29, "day");
    tap_eq(t, get(b, 6), 5, "Thursday is 5");
    tap_eq(t, get(b, 4), 0x23, "hour");
    rig_run_ns(&b->r, SECOND / 2 - 1000000);
    tap_eq(t, get(b, 0), 0x59, "no update before half a second");
    rig_run_ns(&b->r, 1000000);
    tap_eq(t, get(b, 0), 0, "first update");
    tap_eq(t, get(b, 7), 0x01, "leap day is over");
    tap_eq(t, get(b, 8), 0x03, "March");
    tap_eq(t, get(b, 6), 6, "Friday");
    set_clock(b, (const uint8_t[]){0x23, 0x59, 0x59, 0x31, 0x12, 0x99});
    rig_run_ns(&b->r, SECOND);
    tap_eq(t, get(b, 9), 0, "year wraps");
    tap_eq(t, get(b, 0x32), 0x21, "century advances");
    put(b, 11, 0x04); /* binary, 12 hours */
    set_clock(b, (const uint8_t[]){11, 59, 59, 1, 2, 3});
    rig_run_ns(&b->r, SECOND);
    tap_eq(t, get(b, 4), 0x8c, "12 h, binary: noon is 12 PM");
    set_clock(b, (const uint8_t[]){0x8b, 59, 59, 28, 2, 3});
    rig_run_ns(&b->r, SECOND);
    tap_eq(t, get(b, 4), 12, "midnight is 12 AM");
    tap_eq(t, get(b, 7), 1, "no leap day in 2103");
    put(b, 11, 0x80 | 0x02);
    rig_run_ns(&b->r, 3 * SECOND);
    tap_eq(t, get(b, 2), 0, "SET stops the calendar");
    put(b, 11, 0x02);
}

static void test_interrupts(struct board *b)
{
    struct tap *t = &b->r.tap;
    unsigned ticks = 0;

    get(b, 12);
    put(b, 11, 0x12);
    rig_run_ns(&b->r, SECOND);
    tap_ok(t, b->irq.level, "update-ended interrupt");
    tap_eq(t, get(b, 12) & 0xb0, 0x90, "IRQF and UF");
    tap_ok(t, !b->irq.level, "reading C acknowledges");
    tap_eq(t, get(b, 12) & 0xf0, 0, "and clears the flags");
    put(b, 11, 0x92);
    tap_eq(t, get(b, 11), 0x82, "SET clears UIE");
    set_clock(b, (const uint8_t[]){0x10, 0x20, 0x28, 1, 1, 0x24});
    put(b, 1, 0x30);
    put(b, 3, 0xff);
    put(b, 5, 0xc0);
    get(b, 12);
    put(b, 11, 0x22);
    rig_run_ns(&b->r, SECOND);
    tap_ok(t, !b->irq.level, "no alarm yet");
    rig_run_ns(&b->r, SECOND);
    tap_eq(t, get(b, 12) & 0xa0, 0xa0, "alarm, with don't-care bytes");

    put(b, 10, 0x26);
    put(b, 11, 0x42);
    get(b, 12);
    b->irq.rises = 0;
    for (unsigned i = 0; i < 1000; i++) {
        rig_run_ns(&b->r, SECOND / 1000);
        ticks += get(b, 12) >> 6 & 1;
    }
    tap_ok(t, ticks >= 999 && b->irq.rises == ticks,
           "about 1000 looks see one tick each of 1024 Hz (%u)", ticks);
    put(b, 10, 0x2f);
    put(b, 11, 0x02);
    get(b, 12);
    rig_run_ns(&b->r, SECOND / 2);
    tap_eq(t, get(b, 12) & 0xc0, 0x40, "PF without PIE asks for nothing");
    tap_eq(t, get(b, 12) & 0x40, 0, "and comes once per period");
}

static void test_uip(struct board *b)
{
    struct tap *t = &b->r.tap;
    uint64_t start, end, guard = 0;

    put(b, 10, 0x76);
    tap_eq(t, get(b, 10), 0x76, "divider reset");
    rig_run_ns(&b->r, 2 * SECOND);
    put(b, 10, 0x26);
    start = clock_ns(&b->r.clock);
    while (!(get(b, 10) & 0x80) && guard++ < 100000)
        rig_run_ns(&b->r, 10000);
    end = clock_ns(&b->r.clock);
    tap_ok(t, end - start > 497700000 && end - start < 497900000,
           "UIP 2.228 ms before the update, half a second after release");
    start = end;
    while ((get(b, 10) & 0x80) && guard++ < 200000)
        rig_run_ns(&b->r, 10000);
    end = clock_ns(&b->r.clock);
    tap_ok(t, end - start > 2200000 && end - start < 2250000,
           "UIP lasts 2.228 ms");
}

static void test_ports(struct board *b)
{
    struct tap *t = &b->r.tap;

    put(b, 0x40, 0xa5);
    tap_eq(t, get(b, 0x40), 0xa5, "RAM");
    tap_eq(t, cmos_get(b->cmos, 0x40), 0xa5, "board sees it");
    cmos_set(b->cmos, 0x90, 0x77);
    rig_out(&b->r, 0x72, 0x10);
    tap_eq(t, rig_in(&b->r, 0x73), 0x77, "extended bank");
    put(b, 13, 0);
    tap_eq(t, get(b, 13), 0x80, "D is read-only: battery good");
    rig_out(&b->r, 0x70, 0x8d);
    tap_ok(t, b->nmi.level, "NMI masked");
    rig_out(&b->r, 0x70, 0x0d);
    tap_ok(t, !b->nmi.level, "NMI open");
    put(b, 11, 0x72);
    device_reset(b->cmos, RESET_HARDWARE);
    tap_eq(t, get(b, 11), 0x02, "reset clears the enables");
    tap_eq(t, get(b, 0x40), 0xa5, "and keeps RAM");
}

int main(void)
{
    static struct board b;

    rig_init(&b.r, 1000000);
    b.r.time0 = 1709251199; /* 2024-02-29 23:59:59 UTC */
    b.cmos = rig_add(&b.r, &cmos_class, "cmos", 0);
    rig_probe(&b.r, &b.irq, b.cmos, "irq", 0);
    rig_probe(&b.r, &b.nmi, b.cmos, "nmi_mask", 0);
    test_time(&b);
    test_interrupts(&b);
    test_uip(&b);
    test_ports(&b);
    rig_round_trip(&b.r, b.cmos);
    return rig_done(&b.r);
}

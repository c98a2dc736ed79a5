/* pic_test.c - 8259A (Intel 231468-003) and its ELCR. */
#include "iodev/elcr.h"
#include "iodev/pic.h"
#include "tests/device/rig.h"

struct board {
    struct rig r;
    struct device *master, *slave, *elcr;
    struct probe intr;
};

static void init_pics(struct board *b, uint8_t icw4_master)
{
    static const uint8_t icws[2][3] = {{0x08, 0x04, 0x01}, {0x70, 0x02, 0x01}};

    for (unsigned i = 0; i < 2; i++) {
        uint16_t base = i ? 0xa0 : 0x20;

        rig_out(&b->r, base, 0x11);
        rig_out(&b->r, base + 1, icws[i][0]);
        rig_out(&b->r, base + 1, icws[i][1]);
        rig_out(&b->r, base + 1, i ? icws[i][2] : icw4_master);
    }
}

static void setup(struct board *b)
{
    rig_init(&b->r, 1000000);
    b->master = rig_add(&b->r, &pic_class, "pic0", 0x20);
    b->slave = rig_add(&b->r, &pic_class, "pic1", 0xa0);
    b->elcr = rig_add(&b->r, &elcr_class, "elcr", 0);
    pic_set_slave(b->master, 2, b->slave);
    device_wire(b->slave, "intr", 0, b->master, "ir", 2);
    for (unsigned i = 0; i < 16; i++)
        device_wire(b->elcr, "level", i, i < 8 ? b->master : b->slave,
                    "level_mode", i & 7);
    rig_probe(&b->r, &b->intr, b->master, "intr", 0);
    init_pics(b, 0x01);
}

static void irq(struct board *b, unsigned n, bool level)
{
    rig_drive(n < 8 ? b->master : b->slave, "ir", n & 7, level);
}

static uint8_t isr(struct board *b, uint16_t base)
{
    rig_out(&b->r, base, 0x0b);
    return rig_in(&b->r, base);
}

static uint8_t irr(struct board *b, uint16_t base)
{
    rig_out(&b->r, base, 0x0a);
    return rig_in(&b->r, base);
}

/* All pins low, everything ended. */
static void quiet(struct board *b)
{
    for (unsigned i = 0; i < 16; i++)
        if (i != 2)
            irq(b, i, false);
    init_pics(b, 0x01);
}

static void test_basic(struct board *b)
{
    struct tap *t = &b->r.tap;

    tap_eq(t, rig_in(&b->r, 0x21), 0, "ICW1 clears IMR");
    rig_out(&b->r, 0x21, 0xfe);
    tap_eq(t, rig_in(&b->r, 0x21), 0xfe, "OCW1 reads back");
    irq(b, 1, true);
    tap_ok(t, !b->intr.level, "a masked request gives no INT");
    tap_eq(t, irr(b, 0x20), 0x02, "but shows in IRR");
    rig_out(&b->r, 0x21, 0);
    tap_ok(t, b->intr.level, "unmasking raises INT");
    tap_eq(t, pic_intack(b->master), 0x09, "vector is ICW2 plus level");
    tap_eq(t, isr(b, 0x20), 0x02, "ISR bit set");
    tap_eq(t, irr(b, 0x20), 0, "IRR bit reset by INTA");
    tap_ok(t, !b->intr.level, "INT drops");
    irq(b, 3, true);
    tap_ok(t, !b->intr.level, "fully nested: lower priority waits");
    irq(b, 0, true);
    tap_eq(t, pic_intack(b->master), 0x08, "higher priority nests");
    rig_out(&b->r, 0x20, 0x20);
    tap_eq(t, isr(b, 0x20), 0x02, "EOI ends the highest in service");
    rig_out(&b->r, 0x20, 0x61);
    tap_eq(t, isr(b, 0x20), 0, "specific EOI");
    tap_eq(t, pic_intack(b->master), 0x0b, "the waiting one is next");
    quiet(b);
}

static void test_spurious(struct board *b)
{
    struct tap *t = &b->r.tap;

    irq(b, 3, true);
    irq(b, 3, false);
    tap_ok(t, !b->intr.level, "a request that goes away lowers INT");
    tap_eq(t, pic_intack(b->master), 0x0f, "and INTA then answers level 7");
    tap_eq(t, isr(b, 0x20), 0, "without an ISR bit");
    irq(b, 9, true);
    tap_ok(t, b->intr.level, "slave raises INT");
    rig_out(&b->r, 0xa1, 0x02);
    rig_drive(b->master, "ir", 2, true);
    tap_eq(t, pic_intack(b->master), 0x77, "slave's spurious level 7");
    tap_eq(t, isr(b, 0x20), 0x04, "leaves the master's IR2 in service");
    tap_eq(t, isr(b, 0xa0), 0, "and nothing in the slave");
    rig_drive(b->master, "ir", 2, false);
    quiet(b);
}

static void test_edge_level(struct board *b)
{
    struct tap *t = &b->r.tap;

    irq(b, 5, true);
    pic_intack(b->master);
    rig_out(&b->r, 0x20, 0x20);
    tap_ok(t, !b->intr.level, "edge: a held pin asks once");
    irq(b, 5, false);
    rig_out(&b->r, 0x4d0, 0xff);
    tap_eq(t, rig_in(&b->r, 0x4d0), 0xf8, "ELCR: IRQ 0-2 stay edge");
    rig_out(&b->r, 0x4d1, 0xff);
    tap_eq(t, rig_in(&b->r, 0x4d1), 0xde, "ELCR: IRQ 8 and 13 stay edge");
    irq(b, 5, true);
    pic_intack(b->master);
    rig_out(&b->r, 0x20, 0x20);
    tap_ok(t, b->intr.level, "level: a held pin asks again after EOI");
    irq(b, 5, false);
    tap_ok(t, !b->intr.level, "and stops when it falls");
    rig_out(&b->r, 0x4d0, 0);
    rig_out(&b->r, 0x4d1, 0);
    irq(b, 4, true);
    init_pics(b, 1);
    tap_ok(t, !b->intr.level, "ICW1 resets the edge sense circuit");
    quiet(b);
}

static void test_cascade(struct board *b)
{
    struct tap *t = &b->r.tap;

    irq(b, 12, true);
    tap_eq(t, pic_intack(b->master), 0x74, "slave supplies the vector");
    tap_eq(t, isr(b, 0x20), 0x04, "master has IR2 in service");
    tap_eq(t, isr(b, 0xa0), 0x10, "slave has IR4 in service");
    irq(b, 10, true);
    tap_ok(t, !b->intr.level, "normal nesting: the slave is locked out");
    rig_out(&b->r, 0xa0, 0x20);
    rig_out(&b->r, 0x20, 0x20);
    tap_eq(t, pic_intack(b->master), 0x72, "after both EOIs the next comes");
    quiet(b);

    init_pics(b, 0x11);
    irq(b, 12, true);
    pic_intack(b->master);
    irq(b, 10, true);
    tap_ok(t, b->intr.level, "special fully nested: the slave asks again");
    tap_eq(t, pic_intack(b->master), 0x72, "and is answered");
    irq(b, 3, true);
    tap_ok(t, !b->intr.level, "lower levels of the master still wait");
    quiet(b);

    rig_out(&b->r, 0xa0, 0x11);
    rig_out(&b->r, 0xa1, 0x70);
    rig_out(&b->r, 0xa1, 0x05);
    rig_out(&b->r, 0xa1, 0x01);
    irq(b, 12, true);
    tap_eq(t, pic_intack(b->master), 0xff, "a slave with another ID is silent");
    quiet(b);
}

static void test_rotation(struct board *b)
{
    struct tap *t = &b->r.tap;

    irq(b, 3, true);
    pic_intack(b->master);
    irq(b, 3, false);
    rig_out(&b->r, 0x20, 0xa0);
    irq(b, 3, true);
    irq(b, 4, true);
    tap_eq(t, pic_intack(b->master), 0x0c, "rotate on EOI: 3 is now lowest");
    quiet(b);
    rig_out(&b->r, 0x20, 0xc4);
    irq(b, 0, true);
    irq(b, 5, true);
    tap_eq(t, pic_intack(b->master), 0x0d, "set priority: 4 lowest, 5 first");
    rig_out(&b->r, 0x20, 0xe5);
    tap_eq(t, isr(b, 0x20), 0, "rotate on specific EOI ends it");
    irq(b, 5, false);
    irq(b, 5, true);
    tap_eq(t, pic_intack(b->master), 0x08, "and makes 5 lowest");
    quiet(b);
    init_pics(b, 0x03);
    rig_out(&b->r, 0x20, 0x80);
    irq(b, 1, true);
    pic_intack(b->master);
    tap_eq(t, isr(b, 0x20), 0, "AEOI leaves no ISR bit");
    irq(b, 1, false);
    irq(b, 1, true);
    irq(b, 6, true);
    tap_eq(t, pic_intack(b->master), 0x0e, "rotate in AEOI mode");
    quiet(b);
}

static void test_special_mask(struct board *b)
{
    struct tap *t = &b->r.tap;

    irq(b, 1, true);
    pic_intack(b->master);
    irq(b, 6, true);
    rig_out(&b->r, 0x21, 0x02);
    tap_ok(t, !b->intr.level, "mask alone does not free lower levels");
    rig_out(&b->r, 0x20, 0x68);
    tap_eq(t, pic_intack(b->master), 0x0e, "special mask mode does");
    rig_out(&b->r, 0x20, 0x20);
    tap_eq(t, isr(b, 0x20), 0x02, "EOI passes over the masked level");
    rig_out(&b->r, 0x20, 0x48);
    rig_out(&b->r, 0x20, 0x20);
    tap_eq(t, isr(b, 0x20), 0, "without it EOI takes any level");
    quiet(b);
}

static void test_poll(struct board *b)
{
    struct tap *t = &b->r.tap;

    irq(b, 4, true);
    rig_out(&b->r, 0x20, 0x0c);
    tap_eq(t, rig_in(&b->r, 0x20), 0x84, "poll answers I and the level");
    tap_eq(t, isr(b, 0x20), 0x10, "and sets ISR");
    rig_out(&b->r, 0x20, 0x0c);
    tap_eq(t, rig_in(&b->r, 0x20) & 0x80, 0, "nothing more to poll");
    tap_eq(t, rig_in(&b->r, 0x21), 0, "the next read is a normal one");
    quiet(b);
}

static void test_single(struct board *b)
{
    struct tap *t = &b->r.tap;

    rig_out(&b->r, 0x20, 0x12);
    rig_out(&b->r, 0x21, 0x47);
    rig_out(&b->r, 0x21, 0x55);
    tap_eq(t, rig_in(&b->r, 0x21), 0x55, "SNGL, no IC4: ICW2 then OCW1");
    rig_out(&b->r, 0x21, 0);
    rig_drive(b->master, "ir", 2, true);
    tap_eq(t, pic_intack(b->master), 0x42, "single: IR2 is no cascade");
    rig_drive(b->master, "ir", 2, false);
    rig_out(&b->r, 0x20, 0x1a);
    rig_out(&b->r, 0x21, 0x40);
    irq(b, 7, true);
    pic_intack(b->master);
    rig_out(&b->r, 0x20, 0x20);
    tap_ok(t, b->intr.level, "LTIM makes every input level-triggered");
    quiet(b);
}

int main(void)
{
    static struct board b;

    setup(&b);
    test_basic(&b);
    test_spurious(&b);
    test_edge_level(&b);
    test_cascade(&b);
    test_rotation(&b);
    test_special_mask(&b);
    test_poll(&b);
    test_single(&b);
    irq(&b, 3, true);
    irq(&b, 9, true);
    rig_round_trip(&b.r, b.master);
    rig_round_trip(&b.r, b.slave);
    rig_round_trip(&b.r, b.elcr);
    tap_ok(&b.r.tap, rig_refuses(&b.r, b.elcr, 0, 1), "bad ELCR is refused");
    return rig_done(&b.r);
}

/* dma_test.c - 8237A (Intel 231466-005) and the AT page registers. */
#include "iodev/dma.h"
#include "tests/device/rig.h"

struct board {
    struct rig r;
    struct device *dma;
    /* The mock device. */
    uint8_t data[256];
    size_t at, limit;
    unsigned tcs;
};

static size_t dev_read(void *opaque, uint8_t *to, size_t n)
{
    struct board *b = opaque;
    size_t i = 0;

    while (i < n && b->at < b->limit)
        to[i++] = b->data[b->at++ & 255];
    return i;
}

static size_t dev_write(void *opaque, const uint8_t *from, size_t n)
{
    struct board *b = opaque;
    size_t i = 0;

    while (i < n && b->at < b->limit)
        b->data[b->at++ & 255] = from[i++];
    return i;
}

static void dev_tc(void *opaque)
{
    ((struct board *)opaque)->tcs++;
}

/* One channel of the first chip. */
static void program(struct board *b, unsigned ch, uint8_t mode, uint8_t page,
                    uint16_t addr, uint16_t count)
{
    static const uint16_t pages[] = {0x87, 0x83, 0x81, 0x82};

    rig_out(&b->r, 0x0a, 4 | ch);
    rig_out(&b->r, 0x0c, 0);
    rig_out(&b->r, 0x0b, mode | ch);
    rig_out(&b->r, (uint16_t)(ch * 2), addr & 255);
    rig_out(&b->r, (uint16_t)(ch * 2), addr >> 8);
    rig_out(&b->r, (uint16_t)(ch * 2 + 1), count & 255);
    rig_out(&b->r, (uint16_t)(ch * 2 + 1), count >> 8);
    rig_out(&b->r, pages[ch], page);
    b->at = 0;
    b->tcs = 0;
    rig_out(&b->r, 0x0a, ch);
}

static uint16_t word(struct board *b, uint16_t port)
{
    uint8_t low = rig_in(&b->r, port);

    return (uint16_t)(low | rig_in(&b->r, port) << 8);
}

static void test_to_memory(struct board *b)
{
    struct tap *t = &b->r.tap;

    rig_drive(b->dma, "dreq", 2, false);
    program(b, 2, 0x44, 0x02, 0x0000, 99);
    b->limit = 60;
    rig_drive(b->dma, "dreq", 2, true);
    tap_eq(t, phys_load(b->r.sv.phys, 0x2003b, 1), 59, "60 bytes have come");
    tap_eq(t, b->tcs, 0, "no TC yet");
    rig_out(&b->r, 0x0c, 0);
    tap_eq(t, word(b, 4), 60, "current address");
    tap_eq(t, word(b, 5), 39, "current count");
    b->limit = 256;
    rig_drive(b->dma, "dreq", 2, true);
    tap_eq(t, b->at, 100, "the rest at the next DREQ");
    tap_eq(t, b->tcs, 1, "TC");
    tap_eq(t, rig_in(&b->r, 0x08), 0x44, "status: TC and DREQ of channel 2");
    tap_eq(t, rig_in(&b->r, 0x08), 0x40, "TC is cleared by reading");
    tap_eq(t, rig_in(&b->r, 0x0f) & 4, 4, "the channel masks itself");
    tap_eq(t, word(b, 5), 0xffff, "count rolled over");
}

static void test_from_memory(struct board *b)
{
    struct tap *t = &b->r.tap;

    phys_store(b->r.sv.phys, 0x3fffe, 0x2211, 2);
    phys_store(b->r.sv.phys, 0x30000, 0x33, 1);
    phys_store(b->r.sv.phys, 0x40000, 0x77, 1);
    rig_drive(b->dma, "dreq", 1, true);
    program(b, 1, 0x58, 0x03, 0xfffe, 2);
    tap_ok(t, b->data[0] == 0x11 && b->data[1] == 0x22 && b->data[2] == 0x33,
           "unmasking starts it; the address wraps inside the page");
    tap_ok(t, b->tcs > 1, "autoinit goes on by itself");
    tap_eq(t, rig_in(&b->r, 0x0f) & 2, 0, "and leaves the mask alone");
    tap_eq(t, b->at, 256, "until the device has had enough");
    rig_drive(b->dma, "dreq", 1, false);
    program(b, 1, 0x68, 0x02, 0x0003, 3);
    b->limit = 256;
    rig_drive(b->dma, "dreq", 1, true);
    tap_ok(t, b->data[0] == 3 && b->data[3] == 0, "decrementing address");
    rig_drive(b->dma, "dreq", 1, false);
    rig_out(&b->r, 0x0a, 5);
}

static void test_verify(struct board *b)
{
    struct tap *t = &b->r.tap;

    phys_store(b->r.sv.phys, 0x50000, 0xee, 1);
    rig_drive(b->dma, "dreq", 2, false);
    program(b, 2, 0x42, 0x05, 0, 9);
    rig_drive(b->dma, "dreq", 2, true);
    tap_eq(t, b->at, 10, "verify takes the bytes");
    tap_eq(t, phys_load(b->r.sv.phys, 0x50000, 1), 0xee, "and drops them");
    rig_drive(b->dma, "dreq", 2, false);
}

static void test_gates(struct board *b)
{
    struct tap *t = &b->r.tap;

    program(b, 2, 0x44, 0x02, 0, 9);
    rig_out(&b->r, 0x08, 0x04);
    rig_drive(b->dma, "dreq", 2, true);
    tap_eq(t, b->at, 0, "a disabled controller waits");
    rig_out(&b->r, 0xd4, 0x04);
    rig_out(&b->r, 0x08, 0x00);
    tap_eq(t, b->at, 0, "so does one whose cascade is masked");
    rig_out(&b->r, 0xd4, 0x00);
    tap_eq(t, b->at, 10, "then all goes through");
    rig_out(&b->r, 0x0d, 0);
    tap_eq(t, rig_in(&b->r, 0x0f), 0xff, "master clear masks all channels");
    rig_out(&b->r, 0x0e, 0);
    tap_eq(t, rig_in(&b->r, 0x0f), 0xf0, "clear mask register");
    rig_drive(b->dma, "dreq", 2, false);
}

static void test_words(struct board *b)
{
    struct tap *t = &b->r.tap;

    for (unsigned i = 0; i < 256; i++)
        b->data[i] = (uint8_t)i;
    rig_out(&b->r, 0xd8, 0);
    rig_out(&b->r, 0xd6, 0x45);
    rig_out(&b->r, 0xc4, 0x00);
    rig_out(&b->r, 0xc4, 0x80);
    rig_out(&b->r, 0xc6, 0x03);
    rig_out(&b->r, 0xc6, 0x00);
    rig_out(&b->r, 0x8b, 0x07);
    rig_out(&b->r, 0xd4, 0x01);
    b->at = 0;
    b->tcs = 0;
    rig_drive(b->dma, "dreq", 5, true);
    tap_eq(t, b->at, 8, "channel 5: four words");
    tap_eq(t, phys_load(b->r.sv.phys, 0x70000, 8), 0x0706050403020100,
           "word address, page bit 0 ignored");
    tap_eq(t, b->tcs, 1, "TC");
}

int main(void)
{
    static struct board b;
    static struct dma_client client = {&b, dev_read, dev_write, dev_tc};

    rig_init(&b.r, 1000000);
    b.dma = rig_add(&b.r, &dma_class, "dma", 0);
    for (unsigned ch = 1; ch < 8; ch++)
        dma_set_client(b.dma, ch, &client);
    for (unsigned i = 0; i < 256; i++)
        b.data[i] = (uint8_t)i;
    rig_out(&b.r, 0xd6, 0xc0);
    rig_out(&b.r, 0xd4, 0x00);
    test_to_memory(&b);
    test_from_memory(&b);
    test_verify(&b);
    test_gates(&b);
    test_words(&b);
    rig_round_trip(&b.r, b.dma);
    tap_ok(&b.r.tap,
           rig_refuses(&b.r, b.dma, 8 * sizeof(uint16_t) * 5 + 1, 0x80),
           "a fifth channel in the mask is refused");
    return rig_done(&b.r);
}

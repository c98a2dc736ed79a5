/*
 * fdc_test.c - 82077AA floppy controller with drives and the 8237.
 *
 * Source: Intel 290166-007, chapters 4 to 6.
 */
#include "iodev/dma.h"
#include "iodev/floppy/fdc.h"
#include "iodev/floppy/floppy.h"
#include "tests/device/pci_rig.h"

#include <unistd.h>

#define BUFFER 0x20000u

struct board {
    struct rig r;
    struct device *fdc, *dma, *a, *b;
    struct probe irq;
    char path[64], path2[64];
};

static void make_file(char *path, const char *name, unsigned sectors)
{
    uint8_t s[512];
    FILE *f;

    sprintf(path, "/tmp/klochs-%s-%d.img", name, (int)getpid());
    f = fopen(path, "wb");
    if (!f)
        exit(1);
    for (unsigned i = 0; i < sectors; i++) {
        memset(s, (int)i, sizeof s);
        st_le16(s, (uint16_t)i);
        fwrite(s, sizeof s, 1, f);
    }
    fclose(f);
}

static void set(struct device *d, const char *key, const char *value)
{
    struct error err = {0};

    if (!device_set_option(d, key, value, &err)) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
}

static void start(struct board *b)
{
    struct rig *r = &b->r;

    make_file(b->path, "fda", 2880);
    make_file(b->path2, "fdb", 720);
    rig_start(r);
    b->dma = rig_create(r, &dma_class, "dma");
    b->fdc = rig_create(r, &fdc_class, "fdc");
    b->a = rig_create(r, &floppy_class, "floppya");
    b->b = rig_create(r, &floppy_class, "floppyb");
    set(b->fdc, "implied_seek", "0");
    set(b->a, "path", b->path);
    set(b->b, "type", "1_2");
    fdc_attach(b->fdc, 0, b->a);
    fdc_attach(b->fdc, 1, b->b);
    dma_set_client(b->dma, 2, fdc_dma_client(b->fdc));
    device_wire(b->fdc, "dreq", 0, b->dma, "dreq", 2);
    probe_wire(b->fdc, "irq", 0, &b->irq);
    rig_init(r);
}

/* ---- helpers ---- */

static void send(struct rig *r, const uint8_t *bytes, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        outb(r, 0x3f5, bytes[i]);
}

static unsigned results(struct rig *r, uint8_t *out)
{
    unsigned n = 0;

    while ((inb(r, 0x3f4) & 0xd0) == 0xd0 && n < 16)
        out[n++] = inb(r, 0x3f5);
    return n;
}

static unsigned sense_interrupt(struct rig *r, uint8_t *out)
{
    outb(r, 0x3f5, 0x08);
    return results(r, out);
}

/* mode: 44h writes memory, 48h reads it. */
static void dma_setup(struct rig *r, unsigned mode, unsigned bytes)
{
    outb(r, 0xd6, 0xc0); /* cascade */
    outb(r, 0xd4, 0);
    outb(r, 0x0a, 6);
    outb(r, 0x0c, 0);
    outb(r, 0x0b, mode | 2);
    outb(r, 0x04, BUFFER & 0xff);
    outb(r, 0x04, BUFFER >> 8 & 0xff);
    outb(r, 0x81, BUFFER >> 16);
    outb(r, 0x05, (bytes - 1) & 0xff);
    outb(r, 0x05, (bytes - 1) >> 8);
    outb(r, 0x0a, 2);
}

static void seek_to(struct rig *r, unsigned unit, unsigned cylinder)
{
    uint8_t cmd[3] = {0x0f, (uint8_t)unit, (uint8_t)cylinder}, res[16];

    send(r, cmd, 3);
    rig_run_us(r, 10000);
    sense_interrupt(r, res);
}

/* ---- tests ---- */

/* 4.1 and 5.2.6. */
static void test_reset(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    uint8_t res[16];

    tap_eq(t, inb(r, 0x3f4), 0, "in reset: not ready");
    outb(r, 0x3f2, 0x0c);
    rig_run_us(r, 1000);
    tap_ok(t, b->irq.level, "interrupt after reset");
    tap_eq(t, inb(r, 0x3f4), 0x80, "ready for a command");
    for (unsigned n = 0; n < 4; n++) {
        unsigned len = sense_interrupt(r, res);

        tap_ok(t, len == 2 && res[0] == (0xc0 | n) && res[1] == 0,
               "SENSE INTERRUPT STATUS, drive %u", n);
    }
    tap_ok(t, !b->irq.level, "no more interrupt");
    tap_ok(t, sense_interrupt(r, res) == 1 && res[0] == 0x80,
           "nothing to sense: invalid");
    outb(r, 0x3f5, 0x1d);
    tap_ok(t, results(r, res) == 1 && res[0] == 0x80, "invalid command");
    outb(r, 0x3f5, 0x10);
    tap_ok(t, results(r, res) == 1 && res[0] == 0x90, "VERSION");
    outb(r, 0x3f2, 0x08);
    outb(r, 0x3f2, 0x0c);
    rig_run_us(r, 1000);
    send(r, (const uint8_t[]){0x03, 0xdf, 0x02}, 3);
    for (unsigned n = 0; n < 4; n++)
        sense_interrupt(r, res);
    send(r, (const uint8_t[]){0x13, 0, 0x57, 0x11}, 4);
    outb(r, 0x3f5, 0x94);
    tap_ok(t, results(r, res) == 1 && res[0] == 0x10, "LOCK");
    outb(r, 0x3f5, 0x0e);
    tap_ok(t,
           results(r, res) == 10 && res[4] == 0xdf && res[5] == 0x02 &&
               res[7] == 0x80 && res[8] == 0x57 && res[9] == 0x11,
           "DUMPREG");
    outb(r, 0x3f4, 0x80);
    rig_run_us(r, 1000);
    tap_ok(t, !b->irq.level, "polling off: no interrupt after reset");
    outb(r, 0x3f5, 0x0e);
    results(r, res);
    tap_eq(t, res[8], 0x57, "locked configuration survives");
    outb(r, 0x3f5, 0x14);
    results(r, res);
    send(r, (const uint8_t[]){0x13, 0, 0x00, 0x00}, 4);
}

static void test_seek(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    uint8_t res[16];

    outb(r, 0x3f2, 0x1c);
    tap_eq(t, inb(r, 0x3f7), 0x80, "disk change at power-on");
    send(r, (const uint8_t[]){0x0f, 0, 5}, 3);
    tap_eq(t, inb(r, 0x3f4), 0x81, "drive 0 seeks, commands are welcome");
    rig_run_us(r, 10000);
    tap_ok(t, b->irq.level, "interrupt");
    tap_ok(t, sense_interrupt(r, res) == 2 && res[0] == 0x20 && res[1] == 5,
           "seek end on cylinder 5");
    tap_eq(t, inb(r, 0x3f7), 0, "a step clears disk change");
    send(r, (const uint8_t[]){0xcf, 0, 3}, 3);
    rig_run_us(r, 10000);
    sense_interrupt(r, res);
    tap_eq(t, res[1], 8, "relative seek inwards");
    send(r, (const uint8_t[]){0x07, 0}, 2);
    rig_run_us(r, 10000);
    tap_ok(t, sense_interrupt(r, res) == 2 && res[0] == 0x20 && res[1] == 0,
           "RECALIBRATE");
    send(r, (const uint8_t[]){0x04, 0}, 2);
    tap_ok(t, results(r, res) == 1 && res[0] == 0x38, "SENSE DRIVE: track 0");
    send(r, (const uint8_t[]){0x07, 3}, 2);
    rig_run_us(r, 10000);
    sense_interrupt(r, res);
    tap_eq(t, res[0], 0x73, "no drive 3: equipment check");
}

static void test_read(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    struct phys *p = r->sv.phys;
    uint8_t res[16];

    seek_to(r, 0, 2);
    dma_setup(r, 0x44, 1024);
    send(r, (const uint8_t[]){0xe6, 0, 2, 0, 18, 2, 18, 0x1b, 0xff}, 9);
    tap_eq(t, inb(r, 0x3f4) & 0xf0, 0x10, "busy, no data by the FIFO");
    rig_run_us(r, 10000);
    tap_ok(t, b->irq.level, "interrupt");
    tap_ok(t,
           results(r, res) == 7 && (res[0] & 0xc0) == 0 && !res[1] && !res[2],
           "READ DATA ends well");
    tap_ok(t, res[3] == 2 && res[4] == 1 && res[5] == 2 && res[6] == 2,
           "id after multi-track: head 1, record 2");
    tap_ok(t, !b->irq.level, "reading results clears the interrupt");
    tap_ok(t,
           phys_load(p, BUFFER, 2) == 2 * 36 + 17 &&
               phys_load(p, BUFFER + 512, 2) == 2 * 36 + 18,
           "sectors 18 of head 0 and 1 of head 1");
    dma_setup(r, 0x44, 1024);
    send(r, (const uint8_t[]){0x66, 0, 2, 0, 18, 2, 18, 0x1b, 0xff}, 9);
    rig_run_us(r, 10000);
    tap_ok(t, results(r, res) == 7 && res[0] == 0x40 && res[1] == 0x80,
           "past the last sector without MT: end of cylinder");
    dma_setup(r, 0x44, 512);
    send(r, (const uint8_t[]){0x66, 0, 2, 0, 19, 2, 19, 0x1b, 0xff}, 9);
    rig_run_us(r, 10000);
    tap_ok(t, results(r, res) == 7 && res[0] == 0x40 && res[1] == 0x04,
           "sector 19: no data");
    send(r, (const uint8_t[]){0x66, 0, 3, 0, 1, 2, 18, 0x1b, 0xff}, 9);
    rig_run_us(r, 10000);
    tap_ok(t, results(r, res) == 7 && res[2] == 0x10, "wrong cylinder");
    send(r, (const uint8_t[]){0x4a, 4}, 2);
    rig_run_us(r, 10000);
    tap_ok(t,
           results(r, res) == 7 && res[0] == 4 && res[3] == 2 && res[4] == 1 &&
               res[5] >= 1 && res[5] <= 18 && res[6] == 2,
           "READ ID");
    send(r, (const uint8_t[]){0x13, 0, 0x40, 0}, 4);
    dma_setup(r, 0x44, 512);
    send(r, (const uint8_t[]){0xe6, 0, 7, 0, 1, 2, 18, 0x1b, 0xff}, 9);
    rig_run_us(r, 10000);
    results(r, res);
    tap_ok(t, res[0] == 0 && phys_load(p, BUFFER, 2) == 7 * 36, "implied seek");
    send(r, (const uint8_t[]){0x13, 0, 0, 0}, 4);
    dma_setup(r, 0x44, 512);
    send(r, (const uint8_t[]){0xe6, 0, 7, 0, 2, 2, 18, 0x1b, 0xff}, 9);
    rig_round_trip(r, b->fdc);
}

static void test_write(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    struct phys *p = r->sv.phys;
    struct block_image *image = floppy_of(b->a)->image;
    uint8_t res[16], sector[512];

    outb(r, 0x3f2, 0x18);
    outb(r, 0x3f2, 0x1c);
    rig_run_us(r, 1000);
    for (unsigned n = 0; n < 4; n++)
        sense_interrupt(r, res);
    send(r, (const uint8_t[]){0x03, 0xdf, 0x02}, 3);
    send(r, (const uint8_t[]){0x07, 0}, 2);
    rig_run_us(r, 10000);
    sense_interrupt(r, res);
    for (unsigned i = 0; i < 700; i++)
        phys_store(p, BUFFER + i, 0xa5, 1);
    dma_setup(r, 0x48, 700);
    send(r, (const uint8_t[]){0xc5, 0, 0, 0, 3, 2, 18, 0x1b, 0xff}, 9);
    rig_run_us(r, 10000);
    tap_ok(t, results(r, res) == 7 && res[0] == 0 && res[5] == 5,
           "WRITE DATA, 700 bytes");
    block_read(image, 2, 1, sector);
    tap_ok(t, sector[0] == 0xa5 && sector[511] == 0xa5, "first sector");
    block_read(image, 3, 1, sector);
    tap_ok(t, sector[187] == 0xa5 && sector[188] == 0,
           "second: filled up with zeros");
    for (unsigned i = 0; i < 18; i++)
        phys_store(p, BUFFER + 4 * i, 0x02000000u | (i + 1) << 16, 4);
    dma_setup(r, 0x48, 72);
    send(r, (const uint8_t[]){0x4d, 0, 2, 18, 0x6c, 0xf6}, 6);
    rig_run_us(r, 10000);
    tap_ok(t, results(r, res) == 7 && res[0] == 0, "FORMAT TRACK");
    block_read(image, 17, 1, sector);
    tap_eq(t, sector[100], 0xf6, "filled");
    block_read(image, 18, 1, sector);
    tap_eq(t, sector[100], 18, "the other side is not");
    /* Non-DMA mode. */
    send(r, (const uint8_t[]){0x03, 0xdf, 0x03}, 3);
    send(r, (const uint8_t[]){0x66, 4, 0, 1, 1, 2, 1, 0x1b, 0xff}, 9);
    rig_run_us(r, 1000);
    tap_ok(t, inb(r, 0x3f4) == 0xf0 && b->irq.level, "PIO: data is ready");
    for (unsigned i = 0; i < 512; i++)
        sector[i] = inb(r, 0x3f5);
    rig_run_us(r, 1000);
    tap_ok(t, sector[0] == 18 && sector[511] == 18, "data through the FIFO");
    tap_ok(t, results(r, res) == 7 && res[1] == 0x80,
           "ends at EOT with EN for want of terminal count");
    send(r, (const uint8_t[]){0x03, 0xdf, 0x02}, 3);
    send(r, (const uint8_t[]){0xd6, 0, 0, 0, 1, 2, 18, 0x1b, 4}, 9);
    rig_run_us(r, 10000);
    tap_ok(t, results(r, res) == 7, "VERIFY");
}

static void test_media(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    uint8_t res[16];
    struct input_event ev = {.kind = INPUT_CHANGE,
                             .a = 1,
                             .data = (const uint8_t *)b->path2,
                             .len = strlen(b->path2)};

    tap_eq(t, floppy_cmos_type(b->a), 4, "1.44M by the size of the image");
    outb(r, 0x3f2, 0x2d);
    tap_eq(t, inb(r, 0x3f7), 0x80, "no disk in B");
    dma_setup(r, 0x44, 512);
    send(r, (const uint8_t[]){0xe6, 1, 0, 0, 1, 2, 9, 0x1b, 0xff}, 9);
    rig_run_us(r, 3000000);
    tap_eq(t, inb(r, 0x3f4) & 0x90, 0x10, "reading without a disk hangs");
    outb(r, 0x3f2, 0x29);
    outb(r, 0x3f2, 0x2d);
    rig_run_us(r, 1000);
    tap_eq(t, inb(r, 0x3f4), 0x80, "until reset");
    for (unsigned n = 0; n < 4; n++)
        sense_interrupt(r, res);
    b->b->cls->input(b->b, &ev);
    tap_ok(t, floppy_of(b->b)->spt == 9 && floppy_of(b->b)->cylinders == 40,
           "a 360K disk");
    seek_to(r, 1, 20);
    dma_setup(r, 0x44, 512);
    send(r, (const uint8_t[]){0xe6, 1, 10, 0, 1, 2, 9, 0x1b, 0xff}, 9);
    rig_run_us(r, 10000);
    results(r, res);
    tap_ok(t, res[0] == 1 && phys_load(r->sv.phys, BUFFER, 2) == 180,
           "two steps to a cylinder in a 1.2M drive");
    ev.a = 0;
    b->b->cls->input(b->b, &ev);
    tap_ok(t, inb(r, 0x3f7) == 0x80, "ejected");
    rig_round_trip(r, b->a);
}

int main(void)
{
    static struct board b;
    int rc;

    start(&b);
    test_reset(&b);
    test_seek(&b);
    test_read(&b);
    test_write(&b);
    test_media(&b);
    rc = rig_end(&b.r);
    unlink(b.path);
    unlink(b.path2);
    return rc;
}

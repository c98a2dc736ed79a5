/*
 * storage_fuzz_test.c - random port traffic on the PCI and storage chips,
 * wired and alone: nothing may crash, hang, or lose state in a save.
 */
#include "core/rng.h"
#include "iodev/ata/ata.h"
#include "iodev/dma.h"
#include "iodev/floppy/fdc.h"
#include "iodev/floppy/floppy.h"
#include "iodev/pci/i440fx.h"
#include "iodev/pci/piix3.h"
#include "iodev/pci/piix3ide.h"
#include "iodev/pci/piix4pm.h"
#include "tests/device/pci_rig.h"

#include <unistd.h>

static const uint16_t ports[] = {
    0x1f0,  0x1f1,  0x1f2,  0x1f3,  0x1f4,  0x1f5,  0x1f6,  0x1f7,  0x3f6,
    0x170,  0x171,  0x172,  0x173,  0x174,  0x175,  0x176,  0x177,  0x376,
    0x3f2,  0x3f3,  0x3f4,  0x3f5,  0x3f7,  0xcf8,  0xcf9,  0xcfc,  0xcfd,
    0xcfe,  0xb2,   0xb3,   0x0a,   0x0b,   0x0c,   0x04,   0x05,   0x81,
    0xc000, 0xc002, 0xc004, 0xc008, 0xc00a, 0xc00c, 0xb000, 0xb002, 0xb004,
    0xb008, 0xb020, 0xb028, 0xb100, 0xb102,
};

/* Commands and values that lead somewhere, mixed with noise. */
static uint32_t value_for(struct rng *rng, uint16_t port)
{
    static const uint8_t ata[] = {0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35,
                                  0x39, 0x40, 0x90, 0x91, 0xa0, 0xa0, 0xa0,
                                  0xa1, 0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0xe7,
                                  0xec, 0xef, 0x08, 0xf8, 0xf9};
    static const uint8_t fdc[] = {0x03, 0x04, 0x45, 0x66, 0x07, 0x08, 0x4a,
                                  0x4d, 0x0e, 0x0f, 0x13, 0x14, 0xd6, 0x02,
                                  0x4c, 0x49, 0x00, 0x01, 0x02, 0x12};
    uint64_t x = rng_next(rng);

    if (x & 1)
        return (uint32_t)(x >> 32);
    x >>= 8;
    if ((port & 0x3ff) == 0x1f7 || port == 0x177)
        return ata[x % sizeof ata];
    if (port == 0x3f5)
        return fdc[x % sizeof fdc];
    if (port == 0x3f2)
        return 0x1c | (x & 3);
    if (port == 0xcf8)
        return 0x80000000u | (x & 0x1ffc);
    if (port == 0x3f6 || port == 0x376)
        return x % 64 ? 0 : (uint32_t)x & 0x86;
    return (uint32_t)(x & 7);
}

static void make_file(char *path, const char *name, off_t bytes)
{
    FILE *f;

    sprintf(path, "/tmp/klochs-%s-%d.img", name, (int)getpid());
    f = fopen(path, "wb");
    if (!f || ftruncate(fileno(f), bytes) != 0)
        exit(1);
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

static const uint8_t packets[32] = {
    0x00, 0x03, 0x12, 0x15, 0x1a, 0x1b, 0x1e, 0x25, 0x28, 0x2b, 0x42,
    0x43, 0x46, 0x4a, 0x51, 0x52, 0x55, 0x5a, 0xa8, 0xad, 0xbb, 0xbd,
    0xbe, 0x28, 0x28, 0x28, 0xbe, 0xa8, 0x43, 0x5a, 0x03, 0x46};

static void traffic(struct rig *r, struct rng *rng, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint64_t x = rng_next(rng);
        uint16_t port = ports[x % ARRAY_LEN(ports)];
        unsigned size = 1u << (x >> 20) % 3;

        if (x >> 32 & 1)
            io_write(r->sv.io, port, value_for(rng, port), size);
        else
            io_read(r->sv.io, port, size);
        if ((x >> 40) % 256 == 0) /* a whole packet or sector */
            for (unsigned k = 0; k < 256; k++)
                outw(r, x >> 50 & 1 ? 0x170 : 0x1f0,
                     k ? (unsigned)rng_next(rng) & 0x3f3f
                       : packets[x >> 56 & 31]);
        if ((x >> 33) % 8 == 0)
            rig_run_us(r, (x >> 48) % 2000);
    }
}

/* Every byte of a packed state, changed, is refused or taken; then the chip
 * still runs. */
static void test_damage(struct rig *r, struct rng *rng, struct device *d)
{
    struct state_buf saved = {0};

    device_save(d, &saved);
    for (unsigned i = 0; i < 300 && saved.len; i++) {
        size_t at = rng_next(rng) % saved.len;
        uint8_t old = saved.data[at];

        saved.data[at] = (uint8_t)rng_next(rng);
        device_load(d, d->cls->state_version, saved.data, saved.len, NULL);
        traffic(r, rng, 20);
        saved.data[at] = old;
    }
    tap_ok(&r->tap,
           device_load(d, d->cls->state_version, saved.data, saved.len, NULL),
           "%s: survives damaged states", d->id);
    state_buf_free(&saved);
}

static void test_wired(void)
{
    static struct rig r;
    struct rng rng;
    struct device *pci, *north, *south, *pm, *ide, *ch[2], *disk, *cd, *fdc;
    struct device *dma, *floppy;
    char disk_path[64], cd_path[64], floppy_path[64];

    make_file(disk_path, "fz-disk", 4000 * 512);
    make_file(cd_path, "fz-cd", 100 * 2048);
    make_file(floppy_path, "fz-fd", 1474560);
    rng_seed(&rng, 12345);
    rig_start(&r);
    pci = rig_create(&r, &pci_class, "pci");
    north = rig_create(&r, &i440fx_class, "i440fx");
    south = rig_create(&r, &piix3_class, "piix3");
    ide = rig_create(&r, &piix3ide_class, "piix3ide");
    pm = rig_create(&r, &piix4pm_class, "piix4pm");
    ch[0] = rig_create(&r, &ata_class, "ata0");
    ch[1] = device_create(&r.list, &r.sv, &ata_class, "ata1", 1);
    disk = rig_create(&r, &ata_drive_class, "ata0-master");
    cd = rig_create(&r, &ata_drive_class, "ata1-master");
    dma = rig_create(&r, &dma_class, "dma");
    fdc = rig_create(&r, &fdc_class, "fdc");
    floppy = rig_create(&r, &floppy_class, "floppya");
    set(disk, "type", "disk");
    set(disk, "path", disk_path);
    set(disk, "mode", "volatile");
    set(cd, "type", "cdrom");
    set(cd, "path", cd_path);
    set(floppy, "path", floppy_path);
    pci_attach(pci, 0, i440fx_pci(north));
    pci_attach(pci, 8, piix3_pci(south));
    pci_attach(pci, 9, piix3ide_pci(ide));
    pci_attach(pci, 11, piix4pm_pci(pm));
    piix3_set_bus(south, pci);
    for (unsigned n = 0; n < 2; n++) {
        piix3ide_attach(ide, n, ch[n]);
        device_wire(ch[n], "irq", 0, ide, "intrq", n);
        device_wire(ide, "irq", n, south, "isa", 14 + n);
    }
    for (unsigned n = 0; n < 8; n++)
        device_wire(south, "apmc", n, pm, "apmc", n);
    device_wire(south, "apmc_write", 0, pm, "apmc_write", 0);
    ata_attach(ch[0], 0, disk);
    ata_attach(ch[1], 0, cd);
    fdc_attach(fdc, 0, floppy);
    dma_set_client(dma, 2, fdc_dma_client(fdc));
    device_wire(fdc, "dreq", 0, dma, "dreq", 2);
    rig_init(&r);
    for (unsigned round = 0; round < 40; round++) {
        cfg_write(&r, 9, 0x20, 0xc001, 4);
        cfg_write(&r, 9, 4, 5, 2);
        cfg_write(&r, 11, 0x40, 0xb001, 4);
        cfg_write(&r, 11, 0x90, 0xb101, 4);
        cfg_write(&r, 11, 0x80, 1, 1);
        cfg_write(&r, 11, 0xd2, 1, 1);
        outb(&r, 0xd4, 0);
        traffic(&r, &rng, 3000);
    }
    tap_ok(&r.tap, true, "random traffic");
    for (struct device *d = r.list.first; d; d = d->next)
        rig_round_trip(&r, d);
    for (struct device *d = r.list.first; d; d = d->next)
        test_damage(&r, &rng, d);
    /* Everything still answers. */
    outb(&r, 0x3f6, 4);
    outb(&r, 0x3f6, 0);
    outb(&r, 0x1f6, 0xa0);
    rig_run_us(&r, 100000);
    tap_eq(&r.tap, inb(&r, 0x1f7) & 0xc0, 0x40, "the disk is ready");
    rig_end(&r);
    unlink(disk_path);
    unlink(cd_path);
    unlink(floppy_path);
    if (r.tap.failed)
        exit(1);
}

int main(void)
{
    test_wired();
    return 0;
}

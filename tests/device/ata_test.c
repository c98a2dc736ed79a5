/*
 * ata_test.c - ATA channel, disk, CD-ROM, bus master.
 *
 * Sources: ATA/ATAPI-6 (T13/1410D), MMC-3, Intel 290550 (PIIX3).
 */
#include "iodev/ata/ata.h"
#include "iodev/pci/piix3ide.h"
#include "tests/device/pci_rig.h"

#include <unistd.h>

#define DISK_SECTORS 20160u /* 20 cylinders of 16 heads and 63 sectors */
#define CD_SECTORS   40u
#define DEVFN_IDE    9u
#define BMIDE        0xc000u
#define PRD_TABLE    0x1000u
#define DMA_BUFFER   0x100000u

struct board {
    struct rig r;
    struct device *pci, *ide, *ch, *ch1, *disk, *cd;
    struct probe irq[2];
    char disk_path[64], cd_path[64], cd2_path[64];
};

static void make_file(char *path, const char *name, unsigned sectors,
                      unsigned size)
{
    uint8_t s[2048];
    FILE *f;

    sprintf(path, "/tmp/klochs-%s-%d.img", name, (int)getpid());
    f = fopen(path, "wb");
    if (!f)
        exit(1);
    for (unsigned i = 0; i < sectors; i++) {
        memset(s, (int)(i * 7), size);
        st_le32(s, i);
        fwrite(s, size, 1, f);
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

    make_file(b->disk_path, "disk", DISK_SECTORS, 512);
    make_file(b->cd_path, "cd", CD_SECTORS, 2048);
    make_file(b->cd2_path, "cd2", CD_SECTORS * 2, 2048);
    rig_start(r);
    b->pci = rig_create(r, &pci_class, "pci");
    b->ide = rig_create(r, &piix3ide_class, "piix3ide");
    b->ch = rig_create(r, &ata_class, "ata0");
    b->ch1 = device_create(&r->list, &r->sv, &ata_class, "ata1", 1);
    b->disk = rig_create(r, &ata_drive_class, "ata0-master");
    b->cd = rig_create(r, &ata_drive_class, "ata1-slave");
    set(b->disk, "type", "disk");
    set(b->disk, "path", b->disk_path);
    set(b->disk, "model", "Test disk");
    set(b->cd, "type", "cdrom");
    set(b->cd, "path", b->cd_path);
    ata_attach(b->ch, 0, b->disk);
    ata_attach(b->ch1, 1, b->cd);
    pci_attach(b->pci, DEVFN_IDE, piix3ide_pci(b->ide));
    piix3ide_attach(b->ide, 0, b->ch);
    piix3ide_attach(b->ide, 1, b->ch1);
    device_wire(b->ch, "irq", 0, b->ide, "intrq", 0);
    device_wire(b->ch1, "irq", 0, b->ide, "intrq", 1);
    probe_wire(b->ide, "irq", 0, &b->irq[0]);
    probe_wire(b->ide, "irq", 1, &b->irq[1]);
    rig_init(r);
    cfg_write(r, DEVFN_IDE, 0x20, BMIDE | 1, 4);
    cfg_write(r, DEVFN_IDE, 4, 5, 2);
}

/* ---- helpers ---- */

static void task(struct rig *r, unsigned count, uint32_t lba, unsigned device)
{
    outb(r, 0x1f6, device | (lba >> 24 & 15));
    outb(r, 0x1f2, count);
    outb(r, 0x1f3, lba & 0xff);
    outb(r, 0x1f4, lba >> 8 & 0xff);
    outb(r, 0x1f5, lba >> 16 & 0xff);
}

static uint8_t command(struct rig *r, unsigned cmd)
{
    outb(r, 0x1f7, cmd);
    rig_run_us(r, 1000);
    return inb(r, 0x3f6);
}

static void read_words(struct rig *r, unsigned port, uint8_t *buf, unsigned n)
{
    for (unsigned i = 0; i < n; i += 2)
        st_le16(buf + i, inw(r, port));
}

/* ---- disk ---- */

static void test_presence(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;

    tap_eq(t, inb(r, 0x1f7), 0x50, "power-on status: DRDY DSC");
    tap_ok(t,
           inb(r, 0x1f2) == 1 && inb(r, 0x1f3) == 1 && inb(r, 0x1f4) == 0 &&
               inb(r, 0x1f5) == 0,
           "disk signature");
    tap_eq(t, inb(r, 0x1f1), 1, "diagnostic code: passed");
    outb(r, 0x1f6, 0x10);
    tap_eq(t, inb(r, 0x1f7), 0, "missing slave: the master answers 00h");
    tap_ok(t,
           inb(r, 0x1f2) == 0 && inb(r, 0x1f3) == 0 && inb(r, 0x1f4) == 0 &&
               inb(r, 0x1f5) == 0,
           "and shows no signature");
    outb(r, 0x1f6, 0xa0);
    outb(r, 0x3f6, 0x04);
    tap_eq(t, inb(r, 0x3f6) & 0x80, 0x80, "BSY while SRST");
    outb(r, 0x3f6, 0x00);
    rig_run_us(r, 1000);
    tap_eq(t, inb(r, 0x3f6), 0x50, "ready after SRST");
    outb(r, 0x176, 0x10);
    tap_eq(t, inb(r, 0x177), 0, "CD-ROM: DRDY clear after reset");
    tap_ok(t, inb(r, 0x174) == 0x14 && inb(r, 0x175) == 0xeb,
           "packet signature");
    outb(r, 0x177, 0xec);
    rig_run_us(r, 1000);
    tap_ok(t,
           (inb(r, 0x177) & 1) && inb(r, 0x171) == 4 && inb(r, 0x175) == 0xeb,
           "IDENTIFY DEVICE aborts with signature");
}

static void test_identify(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    struct ata_geometry g = ata_drive_geometry(b->disk);
    uint8_t id[512];
    unsigned rises = b->irq[0].rises;

    task(r, 0, 0, 0xa0);
    outb(r, 0x1f7, 0xec);
    tap_eq(t, inb(r, 0x1f7) & 0x88, 0x80, "BSY right after the command");
    rig_run_us(r, 1000);
    tap_eq(t, inb(r, 0x3f6), 0x58, "IDENTIFY: DRQ");
    tap_ok(t, b->irq[0].level && b->irq[0].rises == rises + 1, "INTRQ");
    inb(r, 0x1f7);
    tap_ok(t, !b->irq[0].level, "reading status releases INTRQ");
    read_words(r, 0x1f0, id, 512);
    tap_eq(t, inb(r, 0x1f7), 0x50, "all read: DRQ clear");
    tap_eq(t, ld_le16(id + 2), 20, "cylinders");
    tap_eq(t, ld_le16(id + 10), 512, "bytes of a sector, for Bochs's BIOS");
    tap_eq(t, ld_le32(id + 120), DISK_SECTORS, "words 60-61");
    tap_eq(t, ld_le64(id + 200), DISK_SECTORS, "words 100-103");
    tap_ok(t, !memcmp(id + 54, "eTtsd si k", 10), "model, swapped");
    tap_ok(t, ld_le16(id + 98) & 0x100, "DMA is offered");
    tap_ok(t, g.kind == ATA_DISK && g.cylinders == 20 && g.heads == 16,
           "geometry for CMOS");
}

static void test_pio(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    uint8_t buf[2048];
    unsigned rises;

    task(r, 2, 1000, 0xe0);
    tap_eq(t, command(r, 0x20), 0x58, "READ SECTORS");
    rises = b->irq[0].rises;
    inb(r, 0x1f7);
    read_words(r, 0x1f0, buf, 512);
    tap_eq(t, ld_le32(buf), 1000, "first sector");
    tap_eq(t, inb(r, 0x1f7) & 0x88, 0x80, "BSY between blocks");
    rig_run_us(r, 100);
    tap_eq(t, b->irq[0].rises, rises + 1, "interrupt for each block");
    for (unsigned i = 0; i < 512; i += 4)
        st_le32(buf + i, inl(r, 0x1f0));
    tap_eq(t, ld_le32(buf), 1001, "second sector by dword reads");
    tap_eq(t, inb(r, 0x1f7), 0x50, "end");
    /* CHS 1/2/3 = (1 * 16 + 2) * 63 + 2. */
    outb(r, 0x1f6, 0xa2);
    outb(r, 0x1f2, 1);
    outb(r, 0x1f3, 3);
    outb(r, 0x1f4, 1);
    outb(r, 0x1f5, 0);
    command(r, 0x20);
    read_words(r, 0x1f0, buf, 512);
    tap_eq(t, ld_le32(buf), 1136, "CHS address");
    task(r, 4, 2000, 0xe0);
    tap_eq(t, command(r, 0xc4) & 1, 1, "READ MULTIPLE before SET MULTIPLE");
    task(r, 4, 0, 0xe0);
    tap_eq(t, command(r, 0xc6), 0x50, "SET MULTIPLE 4");
    task(r, 4, 2000, 0xe0);
    tap_eq(t, command(r, 0xc4), 0x58, "READ MULTIPLE");
    read_words(r, 0x1f0, buf, 2048);
    tap_ok(t, ld_le32(buf + 1536) == 2003 && inb(r, 0x1f7) == 0x50,
           "four sectors in one block");
    task(r, 1, 50, 0xe0);
    rises = b->irq[0].rises;
    inb(r, 0x1f7);
    tap_eq(t, command(r, 0x30), 0x58, "WRITE SECTORS: DRQ");
    tap_eq(t, b->irq[0].rises, rises, "no interrupt for the first block");
    for (unsigned i = 0; i < 256; i++)
        outw(r, 0x1f0, 0xbeef);
    rig_run_us(r, 100);
    tap_ok(t, inb(r, 0x3f6) == 0x50 && b->irq[0].level, "written");
    task(r, 1, 50, 0xe0);
    command(r, 0x20);
    tap_eq(t, inw(r, 0x1f0), 0xbeef, "reads back");
    task(r, 1, DISK_SECTORS, 0xe0);
    tap_ok(t, command(r, 0x20) == 0x51 && inb(r, 0x1f1) == 0x10,
           "beyond the end: IDNF");
    /* 48-bit: count 0001h, address 00 00 00 00 12 34h. */
    outb(r, 0x1f6, 0x40);
    for (unsigned i = 0; i < 2; i++) {
        outb(r, 0x1f2, i);
        outb(r, 0x1f3, i ? 0x34 : 0);
        outb(r, 0x1f4, i ? 0x12 : 0);
        outb(r, 0x1f5, 0);
    }
    tap_eq(t, command(r, 0x24), 0x58, "READ SECTORS EXT");
    read_words(r, 0x1f0, buf, 512);
    tap_eq(t, ld_le32(buf), 0x1234, "48-bit address");
    outb(r, 0x3f6, 0x80);
    tap_eq(t, inb(r, 0x1f2), 0, "HOB shows the previous count");
    outb(r, 0x3f6, 0x02);
    task(r, 1, 0, 0xe0);
    command(r, 0x20);
    tap_ok(t, !b->irq[0].level, "nIEN holds INTRQ back");
    outb(r, 0x3f6, 0x00);
    tap_ok(t, b->irq[0].level, "and lets it go");
    rig_round_trip(r, b->disk);
    tap_eq(t, inw(r, 0x1f0), 0, "the transfer goes on after a load");
}

static void test_misc(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;

    command(r, 0x00);
    tap_ok(t, inb(r, 0x1f7) == 0x51 && inb(r, 0x1f1) == 4, "NOP aborts");
    tap_eq(t, command(r, 0x10), 0x50, "RECALIBRATE");
    task(r, 0, 5, 0xe0);
    tap_eq(t, command(r, 0x70), 0x50, "SEEK");
    task(r, 0, 0, 0xe0);
    tap_eq(t, command(r, 0x40), 0x50, "VERIFY 256 sectors");
    tap_eq(t, inb(r, 0x1f3), 0xff, "address of the last one");
    tap_eq(t, command(r, 0xe7), 0x50, "FLUSH CACHE");
    command(r, 0xe0);
    command(r, 0xe5);
    tap_eq(t, inb(r, 0x1f2), 0, "CHECK POWER MODE: standby");
    command(r, 0xe1);
    command(r, 0xe5);
    tap_eq(t, inb(r, 0x1f2), 0xff, "active");
    task(r, 0, 0, 0xe0);
    command(r, 0xf8);
    tap_eq(t, inb(r, 0x1f3) | inb(r, 0x1f4) << 8, DISK_SECTORS - 1,
           "READ NATIVE MAX");
    outb(r, 0x1f1, 0);
    task(r, 0, 999, 0xe0);
    tap_eq(t, command(r, 0xf9), 0x50, "SET MAX ADDRESS 999");
    task(r, 1, 1000, 0xe0);
    tap_eq(t, command(r, 0x20), 0x51, "sector 1000 is gone");
    task(r, 0, DISK_SECTORS - 1, 0xe0);
    command(r, 0xf9);
    outb(r, 0x1f1, 0x03);
    outb(r, 0x1f2, 0x42);
    tap_eq(t, command(r, 0xef), 0x50, "SET FEATURES: UDMA 2");
    outb(r, 0x1f2, 0x47);
    tap_eq(t, command(r, 0xef), 0x51, "UDMA 7 is refused");
    outb(r, 0x1f2, 63);
    outb(r, 0x1f6, 0xa7);
    tap_eq(t, command(r, 0x91), 0x50, "INITIALIZE DEVICE PARAMETERS");
    outb(r, 0x1f6, 0xa8);
    outb(r, 0x1f3, 1);
    tap_eq(t, command(r, 0x20), 0x51, "head 8 of 8 is not there");
    command(r, 0x90);
    tap_eq(t, inb(r, 0x1f1), 1, "EXECUTE DEVICE DIAGNOSTIC");
}

/* PIIX3 2.4, SFF-8038i. */
static void test_dma(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    struct phys *p = r->sv.phys;
    unsigned rises;

    phys_store(p, PRD_TABLE, DMA_BUFFER, 4);
    phys_store(p, PRD_TABLE + 4, 1024, 4);
    phys_store(p, PRD_TABLE + 8, DMA_BUFFER + 0x10000, 4);
    phys_store(p, PRD_TABLE + 12, 0x80000000u | 1024, 4);
    outl(r, BMIDE + 4, PRD_TABLE);
    tap_eq(t, inl(r, BMIDE + 4), PRD_TABLE, "BMIDTP reads back");
    outb(r, BMIDE + 2, 0x06);
    outb(r, BMIDE, 0x08);
    task(r, 4, 300, 0xe0);
    inb(r, 0x1f7);
    rises = b->irq[0].rises;
    tap_eq(t, command(r, 0xc8) & 0x88, 0x08, "READ DMA waits for the engine");
    outb(r, BMIDE, 0x09);
    tap_eq(t, inb(r, BMIDE + 2), 1, "active");
    rig_run_us(r, 1000);
    tap_ok(t, b->irq[0].rises == rises + 1, "interrupt at the end");
    tap_eq(t, inb(r, BMIDE + 2), 4, "interrupt bit, not active");
    tap_eq(t, inb(r, 0x1f7), 0x50, "drive is done");
    tap_ok(t,
           phys_load(p, DMA_BUFFER + 512, 4) == 301 &&
               phys_load(p, DMA_BUFFER + 0x10000, 4) == 302,
           "scattered to both regions");
    outb(r, BMIDE, 0x08);
    outb(r, BMIDE + 2, 0x04);
    tap_eq(t, inb(r, BMIDE + 2), 0, "interrupt bit cleared by writing 1");
    phys_store(p, DMA_BUFFER, 0xcafe, 4);
    outb(r, BMIDE, 0x01);
    task(r, 4, 600, 0xe0);
    tap_eq(t, command(r, 0xca), 0x50, "WRITE DMA, engine started first");
    outb(r, BMIDE, 0x00);
    task(r, 1, 600, 0xe0);
    command(r, 0x20);
    tap_eq(t, inw(r, 0x1f0), 0xcafe, "written");
    /* A table that is too short. */
    phys_store(p, PRD_TABLE + 4, 0x80000000u | 512, 4);
    task(r, 4, 300, 0xe0);
    outb(r, BMIDE, 0x09);
    tap_eq(t, command(r, 0xc8) & 8, 8, "short table: the drive waits");
    tap_eq(t, inb(r, BMIDE + 2) & 1, 0, "the engine has stopped");
    rig_round_trip(r, b->ide);
    rig_round_trip(r, b->disk);
    outb(r, 0x3f6, 4);
    outb(r, 0x3f6, 0);
    rig_run_us(r, 1000);
    tap_eq(t, inb(r, 0x1f7), 0x50, "SRST ends it");
}

/* ---- CD-ROM ---- */

static void packet(struct rig *r, const uint8_t *cdb, unsigned limit, bool dma)
{
    outb(r, 0x176, 0xb0);
    outb(r, 0x171, dma);
    outb(r, 0x174, limit & 0xff);
    outb(r, 0x175, limit >> 8);
    outb(r, 0x177, 0xa0);
    rig_run_us(r, 100);
    for (unsigned i = 0; i < 12; i += 2)
        outw(r, 0x170, ld_le16(cdb + i));
    rig_run_us(r, 1000);
}

static unsigned sense(struct rig *r, uint8_t *buf)
{
    static const uint8_t cdb[12] = {0x03, 0, 0, 0, 18};

    packet(r, cdb, 18, false);
    read_words(r, 0x170, buf, 18);
    rig_run_us(r, 100);
    return (unsigned)buf[2] << 8 | buf[12];
}

static void test_cdrom(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    static uint8_t buf[65536];
    static const uint8_t ready[12] = {0x00};
    static const uint8_t capacity[12] = {0x25};
    static const uint8_t toc[12] = {0x43, 2, 0, 0, 0, 0, 0, 0, 20};
    static const uint8_t read10[12] = {0x28, 0, 0, 0, 0, 5, 0, 0, 3};
    static const uint8_t too_far[12] = {0x28, 0, 0, 0, 0, 39, 0, 0, 2};
    static const uint8_t raw[12] = {0xbe, 0, 0, 0, 0, 7, 0, 0, 1, 0xf8};
    static const uint8_t inquiry[12] = {0x12, 0, 0, 0, 36};

    outb(r, 0x176, 0xb0);
    outb(r, 0x177, 0xa1);
    rig_run_us(r, 1000);
    tap_eq(t, inw(r, 0x170), 0x85c0, "IDENTIFY PACKET DEVICE");
    for (unsigned i = 0; i < 255; i++)
        inw(r, 0x170);
    packet(r, ready, 0, false);
    tap_ok(t, (inb(r, 0x177) & 1) && inb(r, 0x171) == 0x64,
           "unit attention after power-on");
    tap_eq(t, sense(r, buf), 0x628, "sense: medium may have changed");
    packet(r, ready, 0, false);
    tap_ok(t, inb(r, 0x177) == 0x50 && inb(r, 0x172) == 3, "ready");
    packet(r, inquiry, 36, false);
    tap_ok(t, inb(r, 0x172) == 2 && inb(r, 0x174) == 36, "36 bytes come");
    tap_ok(t, b->irq[1].level, "interrupt");
    read_words(r, 0x170, buf, 36);
    rig_run_us(r, 100);
    tap_ok(t, buf[0] == 5 && buf[1] == 0x80 && inb(r, 0x177) == 0x50,
           "INQUIRY");
    packet(r, capacity, 8, false);
    read_words(r, 0x170, buf, 8);
    rig_run_us(r, 100);
    tap_ok(t, buf[3] == CD_SECTORS - 1 && buf[6] == 8, "READ CAPACITY");
    packet(r, toc, 20, false);
    read_words(r, 0x170, buf, 20);
    rig_run_us(r, 100);
    tap_ok(t,
           buf[1] == 18 && buf[6] == 1 && buf[10] == 2 && buf[14] == 0xaa &&
               buf[19] == (150 + CD_SECTORS) % 75,
           "READ TOC in MSF");
    packet(r, read10, 2048, false);
    tap_eq(t, inb(r, 0x174) | inb(r, 0x175) << 8, 2048, "first piece");
    read_words(r, 0x170, buf, 2048);
    rig_run_us(r, 100);
    read_words(r, 0x170, buf + 2048, 2048);
    rig_run_us(r, 100);
    read_words(r, 0x170, buf + 4096, 2048);
    rig_run_us(r, 100);
    tap_ok(t,
           ld_le32(buf) == 5 && ld_le32(buf + 2048) == 6 &&
               ld_le32(buf + 4096) == 7 && inb(r, 0x177) == 0x50,
           "READ(10) in three pieces");
    packet(r, read10, 3001, false);
    tap_eq(t, inb(r, 0x174) | inb(r, 0x175) << 8, 3000, "odd limit: even");
    read_words(r, 0x170, buf, 3000);
    rig_run_us(r, 100);
    read_words(r, 0x170, buf + 3000, 3000);
    rig_run_us(r, 100);
    tap_eq(t, inb(r, 0x174), 144, "the rest");
    read_words(r, 0x170, buf + 6000, 144);
    rig_run_us(r, 100);
    tap_ok(t, ld_le32(buf + 4096) == 7, "data in uneven pieces");
    packet(r, too_far, 2048, false);
    tap_ok(t, inb(r, 0x177) & 1, "beyond the end");
    tap_eq(t, sense(r, buf), 0x521, "sense: LBA out of range");
    packet(r, raw, 0xfffe, false);
    read_words(r, 0x170, buf, 2352);
    rig_run_us(r, 100);
    tap_ok(t,
           buf[1] == 0xff && buf[13] == 2 && buf[14] == 7 &&
               ld_le32(buf + 16) == 7,
           "READ CD, raw sector");
    rig_round_trip(r, b->cd);
    /* DMA */
    phys_store(r->sv.phys, PRD_TABLE, DMA_BUFFER, 4);
    phys_store(r->sv.phys, PRD_TABLE + 4, 0x80000000u | 6144, 4);
    cfg_write(r, DEVFN_IDE, 0x20, BMIDE | 1, 4);
    cfg_write(r, DEVFN_IDE, 4, 5, 2);
    outl(r, BMIDE + 12, PRD_TABLE);
    outb(r, BMIDE + 8, 0x09);
    packet(r, read10, 0, true);
    tap_ok(t,
           inb(r, 0x177) == 0x50 &&
               phys_load(r->sv.phys, DMA_BUFFER + 4096, 4) == 7,
           "READ(10) by DMA");
    tap_eq(t, inb(r, BMIDE + 10) & 5, 4, "bus master done");
}

/* One row: a packet, how many bytes come, and one of them. */
struct mmc_row {
    const char *name;
    uint8_t cdb[12];
    unsigned bytes, at, want;
};

/* clang-format off */
static const struct mmc_row mmc_rows[] = {
    {"READ TOC sessions", {0x43, 0, 1, 0, 0, 0, 0, 0, 99}, 12, 6, 1},
    {"READ TOC raw", {0x43, 2, 2, 0, 0, 0, 0, 0, 99}, 48, 7, 0xa0},
    {"READ TOC, lead-out alone", {0x43, 0, 0, 0, 0, 0, 0xaa, 0, 99}, 12, 6,
     0xaa},
    {"MODE SENSE(10), all pages", {0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 99}, 62, 8, 1},
    {"MODE SENSE(10), capabilities", {0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 99}, 30, 9,
     20},
    {"MODE SENSE(6), changeable", {0x1a, 0, 0x41, 0, 99}, 12, 7, 0},
    {"GET CONFIGURATION, current", {0x46, 1, 0, 0, 0, 0, 0, 0, 99}, 60, 7, 8},
    {"GET CONFIGURATION, one", {0x46, 2, 0, 3, 0, 0, 0, 0, 99}, 16, 9, 3},
    {"GET EVENT STATUS, other class", {0x4a, 1, 0, 0, 2, 0, 0, 0, 8}, 4, 2,
     0x80},
    {"READ DISC INFORMATION", {0x51, 0, 0, 0, 0, 0, 0, 0, 99}, 34, 2, 0x0e},
    {"READ TRACK INFORMATION", {0x52, 1, 0, 0, 0, 1, 0, 0, 99}, 36, 27,
     CD_SECTORS},
    {"READ SUB-CHANNEL, header", {0x42, 0, 0, 0, 0, 0, 0, 0, 99}, 4, 1, 0x15},
    {"READ SUB-CHANNEL, position", {0x42, 2, 0x40, 1, 0, 0, 0, 0, 99}, 16, 5,
     0x14},
    {"READ SUB-CHANNEL, ISRC", {0x42, 0, 0x40, 3, 0, 0, 0, 0, 99}, 24, 4, 3},
    {"MECHANISM STATUS", {0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 99}, 8, 5, 1},
    {"READ(12)", {0xa8, 0, 0, 0, 0, 9, 0, 0, 0, 1}, 2048, 0, 9},
    {"READ CD, user data", {0xbe, 0, 0, 0, 0, 9, 0, 0, 1, 0x10}, 2048, 0, 9},
    {"INQUIRY, short allocation", {0x12, 0, 0, 0, 6}, 6, 4, 31},
};

/* These end without data: sense key << 8 | additional code. */
static const struct {
    uint8_t cdb[12];
    unsigned sense;
} mmc_refused[] = {
    {{0x43, 0, 0, 0, 0, 0, 5, 0, 99}, 0x524},   /* READ TOC from track 5 */
    {{0x5a, 0, 0x07, 0, 0, 0, 0, 0, 9}, 0x524}, /* no such page */
    {{0x5a, 0, 0xc1, 0, 0, 0, 0, 0, 9}, 0x539}, /* saved values */
    {{0x46, 3}, 0x524},
    {{0x4a, 0}, 0x524},
    {{0x47}, 0x564},    /* PLAY AUDIO MSF */
    {{0xad}, 0x530},    /* READ DVD STRUCTURE of a CD */
    {{0x12, 1}, 0x524}, /* vital product data */
    {{0x2b, 0, 0, 0, 9}, 0x521},
    {{0xbe, 0, 0, 0, 0, 0, 0, 0, 1, 0x40}, 0x524},
    {{0xc0}, 0x520},
};
/* clang-format on */

static void test_mmc(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    static const uint8_t mode_select[12] = {0x55, 0x10, 0, 0, 0, 0, 0, 0, 16};
    uint8_t buf[2048];

    for (unsigned i = 0; i < ARRAY_LEN(mmc_rows); i++) {
        const struct mmc_row *m = &mmc_rows[i];
        unsigned n;

        packet(r, m->cdb, 0xfffe, false);
        n = inb(r, 0x174) | (unsigned)inb(r, 0x175) << 8;
        if (n > sizeof buf || (inb(r, 0x177) & 9) != 8)
            n = 0;
        read_words(r, 0x170, buf, n);
        rig_run_us(r, 100);
        tap_ok(t, n == m->bytes && buf[m->at] == m->want, "%s: %u bytes, %02x",
               m->name, n, buf[m->at]);
    }
    for (unsigned i = 0; i < ARRAY_LEN(mmc_refused); i++) {
        packet(r, mmc_refused[i].cdb, 0xfffe, false);
        tap_eq(t, sense(r, buf), mmc_refused[i].sense, "refused");
    }
    packet(r, mode_select, 16, false);
    tap_ok(t, (inb(r, 0x177) & 8) && inb(r, 0x172) == 0,
           "MODE SELECT wants its parameters");
    for (unsigned i = 0; i < 8; i++)
        outw(r, 0x170, 0);
    rig_run_us(r, 100);
    tap_eq(t, inb(r, 0x177), 0x50, "and takes them");
    outb(r, 0x177, 0x08);
    tap_eq(t, inb(r, 0x177) & 0x80, 0x80, "DEVICE RESET");
    rig_run_us(r, 1000);
    tap_ok(t, inb(r, 0x177) == 0 && inb(r, 0x175) == 0xeb, "its signature");
}

static void test_media(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    static const uint8_t ready[12] = {0x00};
    static const uint8_t capacity[12] = {0x25};
    static const uint8_t lock[12] = {0x1e, 0, 0, 0, 1};
    static const uint8_t unlock[12] = {0x1e, 0, 0, 0, 0};
    static const uint8_t eject[12] = {0x1b, 0, 0, 0, 2};
    static const uint8_t event[12] = {0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8};
    uint8_t buf[64];
    struct input_event ev = {.kind = INPUT_CHANGE,
                             .a = 1,
                             .data = (const uint8_t *)b->cd2_path,
                             .len = strlen(b->cd2_path)};

    packet(r, lock, 0, false);
    packet(r, eject, 0, false);
    tap_ok(t, inb(r, 0x177) & 1, "a locked tray stays shut");
    tap_eq(t, sense(r, buf), 0x553, "sense: removal prevented");
    packet(r, unlock, 0, false);
    packet(r, eject, 0, false);
    tap_eq(t, inb(r, 0x177), 0x50, "ejected");
    packet(r, ready, 0, false);
    tap_eq(t, sense(r, buf), 0x23a, "sense: no medium");
    tap_eq(t, buf[13], 2, "tray open");
    b->cd->cls->input(b->cd, &ev);
    packet(r, event, 8, false);
    read_words(r, 0x170, buf, 8);
    rig_run_us(r, 100);
    tap_ok(t, buf[4] == 2 && buf[5] == 2, "event: new medium");
    packet(r, ready, 0, false);
    tap_eq(t, sense(r, buf), 0x628, "sense: changed");
    packet(r, capacity, 8, false);
    read_words(r, 0x170, buf, 8);
    rig_run_us(r, 100);
    tap_eq(t, buf[3], CD_SECTORS * 2 - 1, "the other disc");
}

int main(void)
{
    static struct board b;
    int rc;

    start(&b);
    test_presence(&b);
    test_identify(&b);
    test_pio(&b);
    test_misc(&b);
    test_dma(&b);
    test_cdrom(&b);
    test_mmc(&b);
    test_media(&b);
    rc = rig_end(&b.r);
    unlink(b.disk_path);
    unlink(b.cd_path);
    unlink(b.cd2_path);
    return rc;
}

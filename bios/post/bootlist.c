/*
 * bootlist.c - drives, and the order in which they are tried.
 */
#include "bios/post/post.h"

/* 16-bit functions of real/, by their offsets. */
extern const u8 ata_detect[];

static void floppies(void)
{
    u8 types = cmos_read(CMOS_FLOPPIES);
    unsigned n = !!(types >> 4) + !!(types & 15);

    bd.floppies = (u8)n;
    bd.floppy_rate[0] = bd.floppy_rate[1] = 0xff;
    if (n)
        *mem16(0x410) |= (u16)(1 | (n - 1) << 6);
    *mem8(0x48f) = (u8)((types >> 4 ? 0x07 : 0) | (types & 15 ? 0x70 : 0));
}

/* INT 41h and 46h. */
static void disk_table(unsigned n)
{
    volatile struct drive *d = &bd.drive[bd.disk[n]];
    volatile struct fixed_disk_table *t = &bd.fdpt[n];
    u32 at = DATA_BASE + offsetof(struct bios_data, fdpt) + n * sizeof *t;

    t->cylinders = d->logical.cylinders;
    t->heads = (u8)d->logical.heads;
    t->spt = (u8)d->logical.spt;
    t->control = d->physical.heads > 8 ? 0xc8 : 0xc0;
    t->precompensation = 0xffff;
    t->landing_zone = d->physical.cylinders;
    if (d->translation) {
        t->signature = 0xa0;
        t->physical_spt = (u8)d->physical.spt;
        t->physical_cylinders = d->physical.cylinders;
        t->physical_heads = (u8)d->physical.heads;
        t->checksum = checksum((const void *)at, sizeof *t);
    }
    *mem32(n ? 0x46 * 4 : 0x41 * 4) = (u32)DATA_SEG << 16 | (at - DATA_BASE);
}

void drives_init(void)
{
    floppies();
    real_call(CALL_C, (u32)ata_detect, NULL);
    for (unsigned n = 0; n < 2 && n < bd.disks; n++)
        disk_table(n);
    *mem8(0x475) = bd.disks;
    for (unsigned n = 0; n < MAX_DRIVES; n++) {
        volatile struct drive *d = &bd.drive[n];

        if (d->kind)
            say("ata%u-%s: %s %s", n / 2, n & 1 ? "slave" : "master",
                d->kind == DRIVE_CD ? "CD-ROM" : "disk",
                (const char *)d->model);
        if (d->kind == DRIVE_DISK)
            say(", %u MiB", (u32)(d->sectors >> 11));
        if (d->kind)
            say("\n");
    }
}

static void name(char *to, const char *a, const char *b)
{
    unsigned n = 0;

    for (; *a && n < 43; a++)
        to[n++] = *a;
    for (; *b && n < 43; b++)
        to[n++] = *b;
    to[n] = 0;
}

static volatile struct boot_entry *add(u8 kind, u8 unit, const char *a,
                                       const char *b)
{
    volatile struct boot_entry *e = &bd.boot[bd.boot_count];

    if (bd.boot_count == MAX_BOOT)
        return NULL;
    bd.boot_count++;
    e->kind = kind;
    e->unit = unit;
    name((char *)e->name, a, b);
    return e;
}

/* ---- option ROMs --------------------------------------------------------- */

enum { MAX_ROMS = 6 };

static struct rom_entry {
    u16 seg, off, bdf;
    char name[44];
} roms[MAX_ROMS];
static unsigned rom_count;

void boot_add_rom(u16 seg, u16 off, u16 bdf, const char *text)
{
    struct rom_entry *r = &roms[rom_count];

    if (rom_count == MAX_ROMS)
        return;
    rom_count++;
    r->seg = seg;
    r->off = off;
    r->bdf = bdf;
    name(r->name, text, "");
}

static void add_roms(void)
{
    for (unsigned n = 0; n < rom_count; n++) {
        volatile struct boot_entry *e =
            add(BOOT_ROM, 0, "network: ", roms[n].name);

        if (!e)
            return;
        e->rom_seg = roms[n].seg;
        e->rom_off = roms[n].off;
        e->bdf = roms[n].bdf;
    }
}

/* Disks that a ROM has put behind ours. */
static void add_foreign_disks(void)
{
    for (u8 n = bd.disks; n < *mem8(0x475); n++)
        add(BOOT_DISK, n, "disk of an option ROM", "");
}

/* What the emulator was told to boot comes before all drives. */
static void add_kernel(void)
{
    char text[KERNEL_NAME];

    if (kernel_there(text))
        add(BOOT_KERNEL, 0, "kernel ", text);
}

static void add_kind(u8 kind)
{
    switch (kind) {
    case BOOT_FLOPPY:
        if (bd.floppies)
            add(kind, 0, "floppy A:", "");
        break;
    case BOOT_DISK:
        for (u8 n = 0; n < bd.disks; n++)
            add(kind, n, "disk ", (const char *)bd.drive[bd.disk[n]].model);
        add_foreign_disks();
        break;
    case BOOT_CD:
        for (u8 n = 0; n < bd.cds; n++)
            add(kind, n, "CD-ROM ", (const char *)bd.drive[bd.cd[n]].model);
        break;
    case BOOT_ROM:
        add_roms();
        break;
    default:
        break;
    }
}

/* Behind those in order come the others, for the menu. CMOS 3Dh: first choice
 * in bits 3:0, second in 7:4; third in 38h, 7:4. */
void boot_list(void)
{
    u8 first = cmos_read(CMOS_BOOT), third = cmos_read(CMOS_BOOT_THIRD);
    u16 listed;

    bd.check_floppy_signature = !(third & 1);
    if (!first && !(third >> 4))
        first = 0x21;
    add_kernel();
    add_kind(first & 15);
    add_kind(first >> 4);
    add_kind(third >> 4);
    bd.boot_others = bd.boot_count;
    for (u8 kind = BOOT_FLOPPY; kind <= BOOT_ROM; kind++)
        if (kind != (first & 15) && kind != first >> 4 && kind != third >> 4)
            add_kind(kind);
    listed = bd.boot_others;
    bd.boot_others = (u16)(bd.boot_count - listed);
    bd.boot_count = listed;
}

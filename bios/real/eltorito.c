/*
 * eltorito.c - booting from CD, and INT 13h for the image it booted.
 *
 * "El Torito" Bootable CD-ROM Format Specification 1.0: boot record volume
 * descriptor in block 17, boot catalogue, and the four kinds of images.
 */
#include "bios/real/real.h"

#define SCRATCH_SEG 0x0800 /* below 7C00h, before boot only */

enum {
    OK = 0x00,
    BAD_COMMAND = 0x01,
    WRITE_PROTECTED = 0x03,
    SECTOR_NOT_FOUND = 0x04
};

static u16 stack_segment(void)
{
    u16 ss;

    __asm__("movw %%ss, %w0" : "=r"(ss));
    return ss;
}

bool eltorito_owns(u8 dl)
{
    return bd.emulation.active && bd.emulation.media &&
           bd.emulation.drive == dl;
}

/* ---- boot --------------------------------------------------------------- */

static bool scratch_is(u32 off, const volatile char __seg_fs *text)
{
    for (; *text; text++, off++)
        if (peek8(SCRATCH_SEG, off) != (u8)*text)
            return false;
    return true;
}

/* A drive table's bytes, as INT 13h 08h has them: the last of each. */
static void geometry_from(u8 cylinder, u8 sector, u8 head)
{
    bd.emulation.geometry.heads = (u16)(head + 1);
    bd.emulation.geometry.spt = sector & 0x3f;
    bd.emulation.geometry.cylinders =
        (u16)(((sector & 0xc0) << 2 | cylinder) + 1);
}

/* An emulated hard disk's geometry is that of its first partition's end. */
static u8 disk_geometry(void)
{
    u8 block[2048];
    u8 status = atapi_read(bd.cd[bd.emulation.cd], bd.emulation.lba, 1,
                           stack_segment(), (u32)block);

    if (!status)
        geometry_from(block[0x1be + 7], block[0x1be + 6], block[0x1be + 5]);
    return status;
}

static u8 set_geometry(void)
{
    TABLE u16 floppy[3][3] = {{80, 2, 15}, {80, 2, 18}, {80, 2, 36}};
    u8 media = bd.emulation.media;

    if (media == 4)
        return disk_geometry();
    if (media) {
        bd.emulation.geometry.cylinders = floppy[media - 1][0];
        bd.emulation.geometry.heads = floppy[media - 1][1];
        bd.emulation.geometry.spt = floppy[media - 1][2];
    }
    return 0;
}

/* One drive more of its kind. */
static void start_emulation(void)
{
    bd.emulation.active = 1;
    if (bd.emulation.media == 4) {
        set_bda8(BDA_DISKS, (u8)(bda8(BDA_DISKS) + 1));
    } else if (bd.emulation.media) {
        u16 equipment = bda16(BDA_EQUIPMENT);

        if (equipment & 1)
            equipment = (u16)((equipment & ~0xc0) | 0x41);
        set_bda16(BDA_EQUIPMENT, equipment | 1);
    }
}

static void stop_emulation(void)
{
    bd.emulation.active = 0;
    if (bd.emulation.media == 4) {
        set_bda8(BDA_DISKS, (u8)(bda8(BDA_DISKS) - 1));
    } else if (bd.emulation.media) {
        u16 equipment = (u16)(bda16(BDA_EQUIPMENT) & ~0xc1);

        if (bd.floppies)
            equipment = (u16)(equipment | 1 | (bd.floppies - 1) << 6);
        set_bda16(BDA_EQUIPMENT, equipment);
    }
}

static u8 load_image(void)
{
    return atapi_read(bd.cd[bd.emulation.cd], bd.emulation.lba,
                      (bd.emulation.load_sectors + 3u) / 4,
                      bd.emulation.load_segment, 0);
}

/* Loads the image's begin. 0, or the code of CDROM failures that we show. */
u8 eltorito_boot(unsigned cd)
{
    TABLE char identifier[] = "EL TORITO SPECIFICATION";
    unsigned drive = bd.cd[cd];
    u16 segment;
    u8 media;

    bd.emulation.active = 0;
    if (atapi_ready(drive))
        return 0x02;
    if (atapi_read(drive, 17, 1, SCRATCH_SEG, 0))
        return 0x03;
    if (peek8(SCRATCH_SEG, 0) || !scratch_is(7, identifier))
        return 0x04;
    if (atapi_read(drive, peek32(SCRATCH_SEG, 0x47), 1, SCRATCH_SEG, 0))
        return 0x07;
    if (peek8(SCRATCH_SEG, 0) != 1 || peek16(SCRATCH_SEG, 30) != 0xaa55)
        return 0x08;
    if (peek8(SCRATCH_SEG, 32) != 0x88)
        return 0x0b;
    media = peek8(SCRATCH_SEG, 33) & 0x0f;
    segment = peek16(SCRATCH_SEG, 34);
    if (media > 4)
        return 0x0c;
    bd.emulation.media = media;
    bd.emulation.cd = (u8)cd;
    bd.emulation.load_segment = segment ? segment : 0x07c0;
    bd.emulation.load_sectors = peek16(SCRATCH_SEG, 38);
    bd.emulation.lba = peek32(SCRATCH_SEG, 40);
    bd.emulation.drive = (u8)(!media ? 0xe0 + cd : media == 4 ? 0x80 : 0);
    if (load_image() || set_geometry())
        return 0x0d;
    start_emulation();
    return 0;
}

/* ---- the emulated drive -------------------------------------------------- */

/* Blocks hold four sectors. The image may begin and end anywhere in one: the
 * sectors of cut blocks are taken from the drive's data as they pass. */
static u8 read_sectors(u32 sector, unsigned n, u16 seg, u16 off)
{
    unsigned drive = bd.cd[bd.emulation.cd];
    u16 ss = stack_segment();
    u8 block[2048];

    seg = (u16)(seg + (off >> 4));
    off &= 15;
    while (n) {
        u32 lba = bd.emulation.lba + sector / 4;
        unsigned first = sector & 3, some = 4 - first;
        u8 status;

        if (!first && n >= 4) {
            some = n & ~3u;
            status = atapi_read(drive, lba, some / 4, seg, off);
        } else {
            some = some < n ? some : n;
            status = atapi_read(drive, lba, 1, ss, (u32)block);
            for (unsigned k = 0; k < some * 512; k += 2)
                poke16(seg, off + k, *(const u16 *)(block + first * 512 + k));
        }
        if (status)
            return status;
        sector += some;
        n -= some;
        seg = (u16)(seg + some * 32);
    }
    return OK;
}

static void emulated_read(struct regs *r)
{
    u32 cylinder = (u32)r->c.h | (u32)(r->c.l & 0xc0) << 2;
    u32 sector = r->c.l & 0x3f;
    u32 heads = bd.emulation.geometry.heads, spt = bd.emulation.geometry.spt;

    if (!sector || sector > spt || r->d.h >= heads ||
        cylinder >= bd.emulation.geometry.cylinders) {
        answer(r, SECTOR_NOT_FOUND);
        r->a.l = 0;
        return;
    }
    if (r->a.h == 0x04) {
        answer(r, OK);
        return;
    }
    answer(r, read_sectors((cylinder * heads + r->d.h) * spt + sector - 1,
                           r->a.l, r->es, r->b.x));
    if (r->a.h)
        r->a.l = 0;
}

static void emulated_parameters(struct regs *r)
{
    TABLE u8 type[4] = {0, 2, 4, 6};
    u16 last = (u16)(bd.emulation.geometry.cylinders - 1);

    r->c.h = (u8)last;
    r->c.l = (u8)((last >> 2 & 0xc0) | bd.emulation.geometry.spt);
    r->d.h = (u8)(bd.emulation.geometry.heads - 1);
    if (bd.emulation.media == 4) {
        r->d.l = bda8(BDA_DISKS);
    } else {
        u16 equipment = bda16(BDA_EQUIPMENT);

        r->d.l = (u8)((equipment & 1) + (equipment >> 6 & 3));
        r->b.x = type[bd.emulation.media];
        r->es = peek16(0, 0x1e * 4 + 2);
        r->di.x = peek16(0, 0x1e * 4);
    }
    r->a.l = 0;
    answer(r, OK);
}

static void emulated_service(struct regs *r)
{
    switch (r->a.h) {
    case 0x00:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x11:
    case 0x14:
    case 0x16:
        answer(r, OK);
        break;
    case 0x01:
        r->a.h = bda8(BDA_DISK_STATUS);
        set_flag(r, CF, r->a.h != 0);
        return;
    case 0x02:
    case 0x04:
        emulated_read(r);
        break;
    case 0x03:
    case 0x05:
        answer(r, WRITE_PROTECTED);
        break;
    case 0x08:
        emulated_parameters(r);
        break;
    case 0x15:
        if (bd.emulation.media == 4) {
            u32 n = (u32)bd.emulation.geometry.cylinders *
                    bd.emulation.geometry.heads * bd.emulation.geometry.spt;

            r->c.x = (u16)(n >> 16);
            r->d.x = (u16)n;
        }
        r->a.h = bd.emulation.media == 4 ? 3 : 1;
        set_flag(r, CF, false);
        return;
    default:
        answer(r, BAD_COMMAND);
        break;
    }
    set_bda8(BDA_DISK_STATUS, r->a.h);
}

/* The specification packet of 4Ah-4Ch at DS:SI. */
static void fill_packet(const struct regs *r)
{
    u16 ds = r->ds, si = r->si.x;
    u16 last = (u16)(bd.emulation.geometry.cylinders - 1);
    unsigned drive = bd.cd[bd.emulation.cd];

    poke8(ds, si + 0, 0x13);
    poke8(ds, si + 1, bd.emulation.media);
    poke8(ds, si + 2, bd.emulation.drive);
    poke8(ds, si + 3, (u8)(drive / 2)); /* controller */
    poke32(ds, si + 4, bd.emulation.lba);
    poke16(ds, si + 8, bd.drive[drive].slave);
    poke16(ds, si + 10, 0);
    poke16(ds, si + 12, bd.emulation.load_segment);
    poke16(ds, si + 14, bd.emulation.load_sectors);
    if (bd.emulation.media) {
        poke8(ds, si + 16, (u8)last);
        poke8(ds, si + 17,
              (u8)((last >> 2 & 0xc0) | bd.emulation.geometry.spt));
        poke8(ds, si + 18, (u8)(bd.emulation.geometry.heads - 1));
    } else {
        poke8(ds, si + 16, 0);
        poke16(ds, si + 17, 0);
    }
}

/* The index in bd.cd of the drive that a packet names; -1 when there is none.
 */
static int packet_cd(u16 ds, u16 si)
{
    for (unsigned n = 0; n < bd.cds; n++)
        if (bd.cd[n] / 2 == peek8(ds, si + 3) &&
            bd.drive[bd.cd[n]].slave == (peek16(ds, si + 8) & 1))
            return (int)n;
    return -1;
}

/* An emulated disk may become the first, or any up to one behind the last:
 * the others make room. */
static bool drive_fits(u8 media, u8 drive)
{
    if (media == 4)
        return drive >= 0x80 && drive <= 0x80 + bd.disks;
    return media ? drive == 0 : drive >= 0x81;
}

/* 4Ah, and 4Ch's first part: emulation as a packet at DS:SI wants it. */
static u8 initiate(u16 ds, u16 si)
{
    u8 media = peek8(ds, si + 1) & 0x0f, drive = peek8(ds, si + 2);
    u8 spt = peek8(ds, si + 17);
    u16 segment = peek16(ds, si + 12);
    int cd = packet_cd(ds, si);

    if (peek8(ds, si) < 0x13 || media > 4 || cd < 0 ||
        !drive_fits(media, drive) ||
        (bd.emulation.active && bd.emulation.media))
        return BAD_COMMAND;
    bd.emulation.active = 0;
    bd.emulation.media = media;
    bd.emulation.drive = drive;
    bd.emulation.cd = (u8)cd;
    bd.emulation.lba = peek32(ds, si + 4);
    bd.emulation.load_segment = segment ? segment : 0x07c0;
    bd.emulation.load_sectors = peek16(ds, si + 14);
    if (media == 4 && spt & 0x3f)
        geometry_from(peek8(ds, si + 16), spt, peek8(ds, si + 18));
    else if (set_geometry())
        return SECTOR_NOT_FOUND;
    start_emulation();
    return OK;
}

/* 4Ch: comes back only when there is nothing to boot. */
static u8 initiate_and_boot(u16 ds, u16 si)
{
    u8 status = initiate(ds, si);

    if (!status) {
        status = load_image();
        if (!status)
            eltorito_jump();
        stop_emulation();
    }
    return status;
}

void eltorito_jump(void)
{
    u16 segment = bd.emulation.load_segment;
    u32 to = segment == 0x07c0 ? 0x7c00 : (u32)segment << 16;

    bd.stack_busy = 0;
    boot_jump(to, bd.emulation.drive);
}

/* 4Dh: packet {bytes, blocks, buffer, first block} tells where to the boot
 * catalogue goes; 64 entries are a block. */
static void read_catalogue(struct regs *r)
{
    u16 ds = r->ds, si = r->si.x;
    u32 where = peek32(ds, si + 2);
    u16 first = peek16(ds, si + 6);
    unsigned drive = bd.cd[bd.emulation.cd];
    u8 block[2048];

    if (atapi_read(drive, 17, 1, stack_segment(), (u32)block)) {
        answer(r, SECTOR_NOT_FOUND);
        return;
    }
    answer(r, atapi_read(drive, *(u32 *)(block + 0x47) + first,
                         peek8(ds, si + 1), (u16)(where >> 16), (u16)where));
}

void eltorito_service(struct regs *r)
{
    switch (r->a.h) {
    case 0x4a:
        answer(r, initiate(r->ds, r->si.x));
        return;
    case 0x4c:
        answer(r, initiate_and_boot(r->ds, r->si.x));
        return;
    case 0x4b:
        if (!bd.emulation.active ||
            (r->d.l != 0x7f && r->d.l != bd.emulation.drive)) {
            answer(r, BAD_COMMAND);
            return;
        }
        fill_packet(r);
        if (r->a.l == 0)
            stop_emulation();
        answer(r, OK);
        return;
    case 0x4d:
        if (bd.emulation.active)
            read_catalogue(r);
        else
            answer(r, BAD_COMMAND);
        return;
    default:
        emulated_service(r);
        return;
    }
}

/*
 * optrom.c - option ROMs: of the video adapter, of PCI functions, and those
 * that lie at C8000h-DFFFFh.
 *
 * PCI 2.1, section 6.3; Plug and Play BIOS Specification 1.0A, section 3;
 * BIOS Boot Specification 1.01, section 3. A ROM runs in RAM, which it may
 * change and shrink until POST ends. With a PnP expansion header it offers a
 * bootstrap entry vector, which goes on the boot list, or a boot connection
 * vector, which is called and adds disks.
 */
#include "bios/post/post.h"

enum { PAM0 = 0x59, ROM_BAR = 0x30, COMMAND = 0x04, CLASS = 0x08 };

#define VGA_AT    0xc0000u
#define ROMS_AT   0xc8000u
#define ROMS_END  0xe0000u
#define ROM_BLOCK 512u

/* PnP expansion header. */
enum {
    PNP_POINTER = 0x1a,
    PNP_NEXT = 6,
    PNP_PRODUCT = 0x10,
    PNP_BCV = 0x16,
    PNP_BEV = 0x1a
};
enum { MAX_HEADERS = 16, HEADER_BYTES = 32 };

static u32 next_rom;

static bool is_rom(u32 at)
{
    return *mem16(at) == 0xaa55 && *mem8(at + 2);
}

static bool sums_up(u32 at)
{
    return !checksum((const void *)at, *mem8(at + 2) * ROM_BLOCK);
}

/* RAM in place of ROM for C0000h-DFFFFh: bit 0 to read, bit 1 to write. */
static void shadow(u32 from, u32 bytes, u8 access)
{
    for (u32 at = from & ~0x3fffu; at < from + bytes; at += 0x4000) {
        unsigned window = (at - VGA_AT) / 0x4000;
        unsigned reg = PAM0 + 1 + window / 2, shift = window & 1 ? 4 : 0;
        u8 v = pci_read8(0, reg);

        pci_write8(0, reg, (u8)((v & ~(0xf << shift)) | access << shift));
    }
}

/* What is seen there goes into RAM, with what shares its windows. By a copy:
 * QEMU has no RAM that is written and not read. */
static void to_ram(u32 at, u32 bytes)
{
    static u8 copy[0x4000];

    for (u32 w = at & ~0x3fffu; w < at + bytes; w += 0x4000) {
        u8 reg = (u8)(PAM0 + 1 + (w - VGA_AT) / 0x8000);

        if (pci_read8(0, reg) >> (w & 0x4000 ? 4 : 0) & 1)
            continue;
        memcpy(copy, (const void *)w, sizeof copy);
        shadow(w, 0x4000, 3);
        memcpy((void *)w, copy, sizeof copy);
    }
}

static void call(u32 at, u16 off, u16 bdf)
{
    struct regs r = {.flags = 0};

    r.a.x = bdf;
    r.b.x = 0xffff;
    r.d.x = 0xffff;
    r.es = CODE_SEG;
    r.di.x = bd.pnp_off;
    real_call(CALL_FAR, at << 12 | off, &r);
}

static void run(u32 at, u16 bdf)
{
    debug("option ROM at %x, %u bytes\n", at, *mem8(at + 2) * ROM_BLOCK);
    call(at, 3, bdf);
}

/* What its headers offer; the chain ends with 0. */
static void connect(u32 at, u16 bdf)
{
    u32 end = at + *mem8(at + 2) * ROM_BLOCK;
    u16 off = *mem16(at + PNP_POINTER);

    for (unsigned n = 0; off && n < MAX_HEADERS; n++) {
        u32 h = at + off;
        u16 name;

        if (h + HEADER_BYTES > end || *mem32(h) != 0x506e5024)
            return;
        name = *mem16(h + PNP_PRODUCT);
        if (*mem16(h + PNP_BEV))
            boot_add_rom((u16)(at >> 4), *mem16(h + PNP_BEV), bdf,
                         name ? (const char *)at + name : "option ROM");
        else if (*mem16(h + PNP_BCV))
            call(at, *mem16(h + PNP_BCV), bdf);
        off = *mem16(h + PNP_NEXT);
    }
}

/* Image for this machine in a ROM that the function shows at `from`. */
static u32 pci_image(u32 from, u32 limit)
{
    for (u32 at = from; at + ROM_BLOCK <= from + limit;) {
        u32 data = at + *mem16(at + 0x18);

        if (*mem16(at) != 0xaa55 || *mem32(data) != 0x52494350)
            return 0;
        if (*mem8(data + 0x14) == 0)
            return at;
        if (*mem8(data + 0x15) & 0x80)
            return 0;
        at += *mem16(data + 0x10) * ROM_BLOCK;
    }
    return 0;
}

/* Copies the ROM of a PCI function to the next place. 0 when it has none. */
static u32 pci_rom(u16 bdf)
{
    u32 bar = pci_read32(bdf, ROM_BAR), mask, image, bytes, to = next_rom;
    u16 command = pci_read16(bdf, COMMAND);

    pci_write32(bdf, ROM_BAR, 0xfffff800);
    mask = pci_read32(bdf, ROM_BAR) & 0xfffff800;
    pci_write32(bdf, ROM_BAR, bar);
    if (!mask || !(bar & 0xfffff800))
        return 0;
    pci_write32(bdf, ROM_BAR, bar | 1);
    pci_write16(bdf, COMMAND, command | 2);
    image = pci_image(bar & 0xfffff800, -mask);
    if (image) {
        bytes = *mem8(image + 2) * ROM_BLOCK;
        if (to + bytes > ROMS_END) {
            image = 0;
        } else {
            to_ram(to, bytes);
            memcpy((void *)to, (const void *)image, bytes);
        }
    }
    pci_write32(bdf, ROM_BAR, bar & ~1u);
    pci_write16(bdf, COMMAND, command);
    return image ? to : 0;
}

static void advance(u32 at)
{
    u32 end = at + *mem8(at + 2) * ROM_BLOCK;

    next_rom = (end + 2047) & ~2047u;
}

/* 80x25 text: not every video ROM sets a mode by itself. */
static void text_mode(void)
{
    struct regs r = {.flags = 0};

    r.a.x = 0x0003;
    real_call(CALL_INT, 0x10, &r);
}

/* Not every board's reset closes the shadow RAM, where ROMs of the last start
 * would be found, as they have shrunk. */
static void show_roms(void)
{
    for (u8 reg = PAM0 + 1; has_pam() && reg <= PAM0 + 4; reg++)
        pci_write8(0, reg, 0);
}

void vga_rom_init(void)
{
    show_roms();
    next_rom = VGA_AT;
    bd.vga_bdf = 0xffff;
    if (is_rom(VGA_AT) && sums_up(VGA_AT)) {
        advance(VGA_AT);
        if (has_pam()) /* some keep variables beside their code */
            to_ram(VGA_AT, *mem8(VGA_AT + 2) * ROM_BLOCK);
        run(VGA_AT, pci.vga == 0xffff ? 0 : pci.vga);
    } else if (pci.vga != 0xffff && pci_rom(pci.vga)) {
        advance(VGA_AT);
        run(VGA_AT, pci.vga);
    } else {
        debug("no video ROM\n");
        return;
    }
    bd.vga_bdf = pci.vga == 0xffff ? 0 : pci.vga;
    text_mode();
}

static void start(u32 at, u16 bdf)
{
    run(at, bdf);
    connect(at, bdf);
    advance(at);
}

/* Those of PCI functions get the places behind those that are there. */
static void pci_roms(void)
{
    for (int at = pci_next(-1); at >= 0; at = pci_next(at)) {
        u32 rom = at == pci.vga ? 0 : pci_rom((u16)at);

        if (rom)
            start(rom, (u16)at);
    }
}

void option_roms_init(void)
{
    if (next_rom < ROMS_AT)
        next_rom = ROMS_AT;
    for (u32 at = next_rom; at < ROMS_END; at += 2048) {
        if (!is_rom(at) || at + *mem8(at + 2) * ROM_BLOCK > ROMS_END ||
            !sums_up(at))
            continue;
        if (has_pam())
            to_ram(at, *mem8(at + 2) * ROM_BLOCK);
        start(at, 0);
        at = next_rom - 2048;
    }
    if (has_pam())
        pci_roms();
}

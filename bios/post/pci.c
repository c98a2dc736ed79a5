/*
 * pci.c - PCI functions get addresses, interrupts and are turned on.
 *
 * PCI Local Bus Specification 2.1; Intel 82371SB (PIIX3, 290550-002) and
 * 82371AB (PIIX4, 290562-001). PCI-to-PCI Bridge Architecture 1.1: buses behind
 * bridges are numbered as they are met; a bridge's windows are sized like BARs
 * that hold those behind it. All memory goes through the window that is not
 * prefetchable; VGA behind a bridge is not found.
 */
#include "bios/post/post.h"

enum {
    VENDOR = 0x00,
    COMMAND = 0x04,
    CLASS = 0x08,
    HEADER = 0x0e,
    BAR0 = 0x10,
    ROM_BAR = 0x30,
    INTERRUPT_LINE = 0x3c,
    INTERRUPT_PIN = 0x3d,
    /* of bridges */
    BUSES = 0x18,
    IO_WINDOW = 0x1c,
    MEMORY_WINDOW = 0x20,
    PREFETCH_WINDOW = 0x24,
    IO_HIGH = 0x30,
};

enum { IO_ON = 1, MEMORY_ON = 2, MASTER_ON = 4 };
enum { CLASS_IDE = 0x0101, CLASS_VGA = 0x0300 };
enum { MAX_BUS = 31 };

/* PIIX. */
enum {
    PIRQ_ROUTE = 0x60,
    IDETIM = 0x40,
    PM_BASE = 0x40,
    SMB_BASE = 0x90,
    PM_MISC = 0x80,
    SMB_CONFIG = 0xd2,
    XBCS = 0x4e
};

#define IO_FIRST     0xc000u
#define MEMORY_FIRST 0xe0000000u
#define MEMORY_END   0xfec00000u
#define PM_IO        0xb000u
#define SMB_IO       0xb100u
#define IO_STEP      0x1000u /* windows of bridges */
#define MEMORY_STEP  0x100000u
#define MAX_BARS     96

struct bar {
    u16 bdf;
    u8 reg;
    u8 behind; /* a bridge's window: the bus there */
    bool io, wide;
    u32 size;
};

struct pci_info pci;
static struct bar bars[MAX_BARS];
static unsigned bar_count;
static u16 bridges[MAX_BUS + 1]; /* to each bus */

/* PIRQA-D to interrupts, as other firmware of this board has them. */
static const u8 routes[4] = {10, 10, 11, 11};

int pci_next(int at)
{
    for (at++; at < (bd.pci_last_bus + 1) << 8; at++) {
        if (at & 7) {
            u16 first = (u16)(at & ~7);

            if (!(pci_read8(first, HEADER) & 0x80)) {
                at |= 7;
                continue;
            }
        }
        if (pci_read16((u16)at, VENDOR) != 0xffff)
            return at;
        if (!(at & 7))
            at |= 7;
    }
    return -1;
}

/* Pins of slot n are turned by one a slot, slot 1 begins with PIRQA. */
u8 pirq_irq(unsigned slot, unsigned pin)
{
    return routes[(slot - 1 + pin) & 3];
}

/* Bridges turn them the same way. */
static u8 function_irq(u16 bdf, unsigned pin)
{
    while (bdf >> 8) {
        pin += bdf >> 3 & 31;
        bdf = bridges[bdf >> 8];
    }
    return pirq_irq(bdf >> 3, pin);
}

/* ---- addresses ----------------------------------------------------------- */

static void probe(u16 bdf, unsigned reg)
{
    u32 old = pci_read32(bdf, reg), v;
    struct bar *b = &bars[bar_count];
    bool rom = reg == ROM_BAR;

    pci_write32(bdf, reg, rom ? 0xfffff800 : 0xffffffff);
    v = pci_read32(bdf, reg);
    pci_write32(bdf, reg, old);
    if (!v || v == 0xffffffff || bar_count == MAX_BARS)
        return;
    b->bdf = bdf;
    b->reg = (u8)reg;
    b->behind = 0;
    b->io = !rom && v & 1;
    b->wide = !b->io && !rom && (v & 6) == 4;
    v &= b->io ? ~3u : rom ? 0xfffff800 : ~15u;
    if (b->io)
        v |= 0xffff0000;
    b->size = -v;
    bar_count++;
}

static void collect(u16 bdf)
{
    unsigned last = pci_read8(bdf, HEADER) & 0x7f ? 0x14 : 0x24;

    for (unsigned reg = BAR0; reg <= last; reg += 4) {
        unsigned before = bar_count;

        probe(bdf, reg);
        if (bar_count > before && bars[before].wide)
            reg += 4;
    }
    if (last == 0x24)
        probe(bdf, ROM_BAR);
}

static void assign(unsigned bus, bool io, u32 at, u32 end);

/* Base and limit; the limit's low bits count as ones. */
static void place_window(const struct bar *b, u32 at)
{
    u32 last = at + b->size - 1;

    if (b->io) {
        pci_write16(b->bdf, IO_WINDOW,
                    (u16)((at >> 8 & 0xf0) | (last & 0xf000)));
        pci_write32(b->bdf, IO_HIGH, 0);
    } else {
        pci_write32(b->bdf, MEMORY_WINDOW,
                    (at >> 16 & 0xfff0) | (last & 0xfff00000));
    }
    debug("PCI %02x:%02x.%u bus %u: %s %x-%x\n", b->bdf >> 8, b->bdf >> 3 & 31u,
          b->bdf & 7u, b->behind, b->io ? "ports" : "memory", at, last);
    assign(b->behind, b->io, at, at + b->size);
}

static void place(const struct bar *b, u32 at)
{
    u16 command = pci_read16(b->bdf, COMMAND);

    if (b->behind) {
        place_window(b, at);
        return;
    }

    pci_write32(b->bdf, b->reg, at);
    if (b->wide)
        pci_write32(b->bdf, b->reg + 4u, 0);
    if (b->reg != ROM_BAR)
        command |= b->io ? IO_ON : MEMORY_ON;
    pci_write16(b->bdf, COMMAND, command);
    debug("PCI %02x:%02x.%u bar %x: %s %x, %u bytes\n", b->bdf >> 8,
          b->bdf >> 3 & 31u, b->bdf & 7u, b->reg, b->io ? "ports" : "memory",
          at, b->size);
}

/* The largest first, so that each is aligned without gaps. */
static void assign(unsigned bus, bool io, u32 at, u32 end)
{
    for (;;) {
        struct bar *best = NULL;

        for (unsigned n = 0; n < bar_count; n++)
            if (bars[n].bdf >> 8 == bus && bars[n].io == io && bars[n].size &&
                (!best || bars[n].size > best->size))
                best = &bars[n];
        if (!best)
            return;
        at = (at + best->size - 1) & ~(best->size - 1);
        if (at + best->size > end || at + best->size < at) {
            debug("PCI: no room for %u bytes\n", best->size);
        } else {
            place(best, at);
            at += best->size;
        }
        best->size = 0;
    }
}

/* A window for what the buses behind a bridge need; none: it stays closed. */
static void add_window(u16 bridge, u8 behind, bool io)
{
    u32 need = 0, size = io ? IO_STEP : MEMORY_STEP;

    for (unsigned n = 0; n < bar_count; n++)
        if (bars[n].bdf >> 8 == behind && bars[n].io == io)
            need += bars[n].size;
    while (size < need)
        size <<= 1;
    if (!need || bar_count == MAX_BARS)
        return;
    bars[bar_count++] =
        (struct bar){.bdf = bridge,
                     .reg = (u8)(io ? IO_WINDOW : MEMORY_WINDOW),
                     .behind = behind,
                     .io = io,
                     .size = size};
}

static void scan(unsigned bus);

/* Primary, secondary and subordinate bus in one register; the last is 255
 * until all behind it are known. */
static void scan_bridge(u16 bdf)
{
    u8 behind = (u8)(bd.pci_last_bus + 1);
    u32 buses = (u32)(bdf >> 8) | (u32)behind << 8;

    pci_write16(bdf, COMMAND, IO_ON | MEMORY_ON | MASTER_ON);
    pci_write16(bdf, IO_WINDOW, 0x00f0); /* base above limit: closed */
    pci_write32(bdf, MEMORY_WINDOW, 0x0000fff0);
    pci_write32(bdf, PREFETCH_WINDOW, 0x0000fff0);
    if (behind > MAX_BUS)
        return;
    bd.pci_last_bus = behind;
    bridges[behind] = bdf;
    pci_write32(bdf, BUSES, buses | 0xff0000);
    scan(behind);
    pci_write32(bdf, BUSES, buses | (u32)bd.pci_last_bus << 16);
    add_window(bdf, behind, true);
    add_window(bdf, behind, false);
}

/* All functions of a bus, and at each bridge what is behind it. */
static void scan(unsigned bus)
{
    for (unsigned n = 0; n < 256; n++) {
        u16 bdf = (u16)(bus << 8 | n);
        u32 id = pci_read32(bdf, VENDOR);

        if ((id & 0xffff) == 0xffff) {
            if (!(n & 7))
                n |= 7;
            continue;
        }
        debug("PCI %02x:%02x.%u %04x:%04x\n", bus, n >> 3, n & 7u, id & 0xffff,
              id >> 16);
        collect(bdf);
        if ((pci_read8(bdf, HEADER) & 0x7f) == 1)
            scan_bridge(bdf);
        if (!(n & 7) && !(pci_read8(bdf, HEADER) & 0x80))
            n |= 7;
    }
}

/* ---- chips --------------------------------------------------------------- */

static void init_isa_routes(u16 bdf)
{
    u16 levels = 0;

    for (unsigned n = 0; n < 4; n++) {
        pci_write8(bdf, PIRQ_ROUTE + n, routes[n]);
        levels |= (u16)(1 << routes[n]);
    }
    outb(0x4d0, (u8)levels);
    outb(0x4d1, (u8)(levels >> 8));
}

static void init_isa(u16 bdf)
{
    pci.isa = bd.isa_bdf = bdf;
    init_isa_routes(bdf);
}

static void init_ide(u16 bdf)
{
    pci.ide = bdf;
    pci_write16(bdf, IDETIM, 0x8000); /* decode both channels */
    pci_write16(bdf, IDETIM + 2, 0x8000);
}

static void init_pm_ports(u16 bdf)
{
    pci_write8(bdf, INTERRUPT_LINE, 9); /* SCI */
    pci_write32(bdf, PM_BASE, PM_IO | 1);
    pci_write8(bdf, PM_MISC, 0x01);
    pci_write32(bdf, SMB_BASE, SMB_IO | 1);
    pci_write8(bdf, SMB_CONFIG, 0x09);
}

static void init_pm(u16 bdf)
{
    pci.pm = bd.pm_bdf = bdf;
    bd.pm_base = PM_IO;
    init_pm_ports(bdf);
}

/* After S3, when the chips were reset; what a system restores itself is left
 * to it. Uses no variables but bd. */
void pci_resume(void)
{
    init_isa_routes(bd.isa_bdf);
    if (bd.pm_base)
        init_pm_ports(bd.pm_bdf);
}

static void init_function(u16 bdf)
{
    u32 id = pci_read32(bdf, VENDOR);
    u16 class = pci_read16(bdf, CLASS + 2);
    u8 pin = pci_read8(bdf, INTERRUPT_PIN);

    if (id == 0x70008086 || id == 0x71108086)
        init_isa(bdf);
    else if (id == 0x70108086 || id == 0x71118086)
        init_ide(bdf);
    if (pin && id != 0x71138086)
        pci_write8(bdf, INTERRUPT_LINE, function_irq(bdf, pin - 1u));
    if (id == 0x71138086)
        init_pm(bdf);
    if (class == CLASS_VGA && pci.vga == 0xffff && !(bdf >> 8))
        pci.vga = bdf;
    if (class == CLASS_IDE)
        pci_write16(bdf, COMMAND, pci_read16(bdf, COMMAND) | IO_ON | MASTER_ON);
}

void pci_init(void)
{
    extern u8 pci32_last_bus[];

    pci.isa = pci.ide = pci.pm = pci.vga = 0xffff;
    outl(PCI_ADDRESS, 0x80000000);
    if (inl(PCI_ADDRESS) != 0x80000000 || pci_read16(0, VENDOR) == 0xffff) {
        debug("no PCI\n");
        return;
    }
    pci.present = true;
    scan(0);
    *mem8(CODE_BASE + (u32)pci32_last_bus) = bd.pci_last_bus;
    assign(0, true, IO_FIRST, 0x10000);
    assign(0, false, MEMORY_FIRST, MEMORY_END);
    for (int at = pci_next(-1); at >= 0; at = pci_next(at))
        init_function((u16)at);
}

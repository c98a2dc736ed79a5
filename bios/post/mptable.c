/*
 * mptable.c - $PIR, _32_ and the tables of the MultiProcessor
 * Specification 1.4.
 *
 * $PIR: Microsoft's PCI IRQ Routing Table Specification 1.0.
 */
#include "bios/post/post.h"

enum { PIR_SLOTS = 6, PIR_HEADER = 32, PIR_ENTRY = 16 };
enum { MP_HEADER = 44, ISA_BUS = 1, PCI_BUS = 0 };

#define LAPIC_AT  0xfee00000u
#define IOAPIC_AT 0xfec00000u

void pir_init(void)
{
    u32 bytes = PIR_HEADER + PIR_SLOTS * PIR_ENTRY;
    u8 *t;

    if (!pci.present || pci.isa == 0xffff)
        return;
    t = anchor_alloc(bytes, 16);
    if (!t)
        return;
    memset(t, 0, bytes);
    bd.pir_off = (u16)(u32)t;
    memcpy(t, "$PIR", 4);
    t[5] = 1; /* version 1.0 */
    *(u16 *)(t + 6) = (u16)bytes;
    t[9] = (u8)pci.isa;            /* the router */
    *(u32 *)(t + 12) = 0x122e8086; /* works as the PIIX's */
    for (unsigned n = 0; n < PIR_SLOTS; n++) {
        u8 *e = t + PIR_HEADER + n * PIR_ENTRY;
        unsigned device = n + 1;

        e[1] = (u8)(device << 3);
        for (unsigned pin = 0; pin < 4; pin++) {
            e[2 + 3 * pin] = (u8)(0x60 + ((device - 1 + pin) & 3));
            *(u16 *)(e + 3 + 3 * pin) = 0x0c20; /* 5, 10, 11 */
        }
        e[14] = (u8)(n ? n : 0); /* slot 0: on the board */
    }
    t[31] = checksum(t, bytes);
}

/* Where the BIOS32 service directory is called (real/pci32.S). */
void bios32_init(void)
{
    extern const u8 bios32_directory[];
    u8 *t = pci.present ? anchor_alloc(16, 16) : NULL;

    if (!t)
        return;
    memset(t, 0, 16);
    memcpy(t, "_32_", 4);
    *(u32 *)(t + 4) = CODE_BASE + (u32)bios32_directory;
    t[9] = 1;
    t[10] = checksum(t, 16);
}

/* ---- MP ------------------------------------------------------------------ */

static u8 *processor(u8 *p, unsigned n)
{
    p[0] = 0;
    p[1] = cpu.apic_id[n];
    p[2] = 0x14;
    p[3] = (u8)(1 | (n ? 0 : 2)); /* usable, bootstrap */
    *(u32 *)(p + 4) = cpu.signature;
    *(u32 *)(p + 8) = cpu.features;
    return p + 20;
}

static u8 *bus(u8 *p, u8 id, const char *type)
{
    p[0] = 1;
    p[1] = id;
    memcpy(p + 2, type, 6);
    return p + 8;
}

/* kind 3 I/O, 4 local; what 0 INT, 1 NMI, 3 ExtINT. */
static u8 *interrupt(u8 *p, u8 kind, u8 what, u8 from_bus, u8 from, u8 to,
                     u8 pin)
{
    p[0] = kind;
    p[1] = what;
    p[4] = from_bus;
    p[5] = from;
    p[6] = to;
    p[7] = pin;
    return p + 8;
}

static u8 *interrupts(u8 *p, unsigned *count)
{
    for (int at = pci_next(-1); at >= 0; at = pci_next(at)) {
        u8 pin = pci_read8((u16)at, 0x3d);
        u8 device = (u8)(at >> 3);

        if (!pin || at == pci.pm || at >> 8) /* bus 0 */
            continue;
        p = interrupt(p, 3, 0, PCI_BUS, (u8)(device << 2 | (pin - 1)),
                      cpu.ioapic_id, pirq_irq(device, pin - 1u));
        *(u16 *)(p - 6) = 0x000d; /* active high, level */
        ++*count;
    }
    for (u8 n = 0; n < 16; n++) {
        if (n == 2)
            continue;
        p = interrupt(p, 3, 0, ISA_BUS, n, cpu.ioapic_id, n ? n : 2);
        if (n == 9)
            *(u16 *)(p - 6) = 0x000d;
        ++*count;
    }
    p = interrupt(p, 4, 3, ISA_BUS, 0, 0xff, 0);
    p = interrupt(p, 4, 1, ISA_BUS, 0, 0xff, 1);
    *count += 2;
    return p;
}

void mp_init(void)
{
    u8 *f, *t, *p;
    unsigned count = 0;

    if (!cpu.has_apic || !cpu.has_ioapic)
        return;
    f = anchor_alloc(16, 16);
    t = anchor_alloc(MP_HEADER + 20 * cpu.count + 16 + 8 + 8 * 48, 16);
    if (!f || !t)
        return;
    p = t + MP_HEADER;
    for (unsigned n = 0; n < cpu.count; n++, count++)
        p = processor(p, n);
    p = bus(p, PCI_BUS, "PCI   ");
    p = bus(p, ISA_BUS, "ISA   ");
    p[0] = 2;
    p[1] = cpu.ioapic_id;
    p[2] = 0x11;
    p[3] = 1;
    *(u32 *)(p + 4) = IOAPIC_AT;
    p += 8;
    count += 3;
    p = interrupts(p, &count);
    memcpy(t, "PCMP", 4);
    *(u16 *)(t + 4) = (u16)(p - t);
    t[6] = 4;
    memcpy(t + 8, "KLOCHS  PC          ", 20);
    *(u16 *)(t + 34) = (u16)count;
    *(u32 *)(t + 36) = LAPIC_AT;
    t[7] = checksum(t, (u32)(p - t));
    memcpy(f, "_MP_", 4);
    *(u32 *)(f + 4) = (u32)t;
    f[8] = 1;
    f[9] = 4;
    f[10] = checksum(f, 16);
}

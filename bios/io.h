/*
 * io.h - ports, and the registers of the chips that every PC has.
 */
#ifndef BIOS_IO_H
#define BIOS_IO_H

#include "bios/ports.h"
#include "bios/types.h"

enum {
    PIC0_CMD = 0x20,
    PIC0_DATA = 0x21,
    PIT_CH0 = 0x40,
    PIT_CH2 = 0x42,
    PIT_MODE = 0x43,
    KBC_DATA = 0x60,
    PORT_B = 0x61,
    KBC_CMD = 0x64,
    CMOS_INDEX = 0x70,
    CMOS_DATA = 0x71,
    POST_CODE = 0x80,
    PORT_92 = 0x92,
    PIC1_CMD = 0xa0,
    PIC1_DATA = 0xa1,
    APM_CONTROL = 0xb2,
    APM_STATUS = 0xb3,
    DEBUG_402 = 0x402,
    PCI_ADDRESS = 0xcf8,
    PCI_DATA = 0xcfc,
};

/* KBC_CMD read. */
enum { KBC_OBF = 0x01, KBC_IBF = 0x02, KBC_AUX = 0x20 };

/* CMOS cells; those above 2Fh as emulators of PCs agree on them. */
enum {
    CMOS_STATUS_A = 0x0a,
    CMOS_STATUS_B = 0x0b,
    CMOS_STATUS_C = 0x0c,
    CMOS_STATUS_D = 0x0d,
    CMOS_SHUTDOWN = 0x0f,
    CMOS_FLOPPIES = 0x10,
    CMOS_DISKS = 0x12,
    CMOS_EQUIPMENT = 0x14,
    CMOS_DISK0 = 0x1b,
    CMOS_DISK1 = 0x24,
    CMOS_EXTENDED = 0x30,
    CMOS_CENTURY = 0x32,
    CMOS_ABOVE_16M = 0x34,
    CMOS_BOOT_THIRD = 0x38,
    CMOS_TRANSLATION = 0x39,
    CMOS_BOOT = 0x3d,
    CMOS_ABOVE_4G = 0x5b,
    CMOS_PROCESSORS = 0x5f,
};

static inline u8 cmos_read(u8 index)
{
    outb(CMOS_INDEX, index);
    return inb(CMOS_DATA);
}

static inline void cmos_write(u8 index, u8 v)
{
    outb(CMOS_INDEX, index);
    outb(CMOS_DATA, v);
}

static inline u16 cmos_read16(u8 index)
{
    return (u16)(cmos_read(index) | cmos_read((u8)(index + 1)) << 8);
}

static inline u32 pci_address(u16 bdf, unsigned reg)
{
    return 0x80000000u | (u32)bdf << 8 | (reg & 0xfcu);
}

static inline u32 pci_read32(u16 bdf, unsigned reg)
{
    outl(PCI_ADDRESS, pci_address(bdf, reg));
    return inl(PCI_DATA);
}

static inline u16 pci_read16(u16 bdf, unsigned reg)
{
    outl(PCI_ADDRESS, pci_address(bdf, reg));
    return inw((u16)(PCI_DATA + (reg & 2)));
}

static inline u8 pci_read8(u16 bdf, unsigned reg)
{
    outl(PCI_ADDRESS, pci_address(bdf, reg));
    return inb((u16)(PCI_DATA + (reg & 3)));
}

static inline void pci_write32(u16 bdf, unsigned reg, u32 v)
{
    outl(PCI_ADDRESS, pci_address(bdf, reg));
    outl(PCI_DATA, v);
}

static inline void pci_write16(u16 bdf, unsigned reg, u16 v)
{
    outl(PCI_ADDRESS, pci_address(bdf, reg));
    outw((u16)(PCI_DATA + (reg & 2)), v);
}

static inline void pci_write8(u16 bdf, unsigned reg, u8 v)
{
    outl(PCI_ADDRESS, pci_address(bdf, reg));
    outb((u16)(PCI_DATA + (reg & 3)), v);
}

#endif

/*
 * dispi.c - the Bochs display interface, and where its frame buffer is.
 *
 * Ports 1CEh (index) and 1CFh (data), 16 bits wide. The PCI adapter 1234:1111
 * has the frame buffer in BAR 0 and, on QEMU, registers and EDID in BAR 2; an
 * ISA adapter has the frame buffer at E0000000h.
 */
#include "bios/vga/rom.h"

enum { PORT_DISPI_INDEX = 0x1ce, PORT_DISPI_DATA = 0x1cf };
enum { PORT_PCI_ADDRESS = 0xcf8, PORT_PCI_DATA = 0xcfc };

#define ADAPTER 0x11111234u

uint16_t dispi_read(uint16_t index)
{
    outw(PORT_DISPI_INDEX, index);
    return inw(PORT_DISPI_DATA);
}

void dispi_write(uint16_t index, uint16_t v)
{
    outw(PORT_DISPI_INDEX, index);
    outw(PORT_DISPI_DATA, v);
}

bool dispi_there(void)
{
    return (dispi_read(DISPI_ID) & 0xfff0) == 0xb0c0;
}

bool dispi_init(void)
{
    for (uint16_t id = 0xb0c5; id >= 0xb0c0; id--) {
        dispi_write(DISPI_ID, id);
        if (dispi_read(DISPI_ID) == id)
            return true;
    }
    return false;
}

bool dispi_on(void)
{
    return dispi_there() && dispi_read(DISPI_ENABLE) & DISPI_ENABLED;
}

uint16_t dispi_pitch(void)
{
    uint16_t width = dispi_read(DISPI_VIRT_WIDTH);
    uint16_t bpp = dispi_read(DISPI_BPP);

    return bpp == 4 ? width / 8 : (uint16_t)(width * ((bpp + 7) / 8));
}

void dispi_limits(uint16_t *x, uint16_t *y, uint16_t *bpp)
{
    uint16_t old = dispi_read(DISPI_ENABLE);

    dispi_write(DISPI_ENABLE, old | DISPI_GETCAPS);
    *x = dispi_read(DISPI_XRES);
    *y = dispi_read(DISPI_YRES);
    *bpp = dispi_read(DISPI_BPP);
    dispi_write(DISPI_ENABLE, old);
}

uint16_t dispi_memory_64k(void)
{
    uint16_t id = dispi_read(DISPI_ID);

    if (id >= 0xb0c5)
        return dispi_read(DISPI_MEMORY_64K);
    return id == 0xb0c4 ? 128 : 64;
}

static uint32_t pci_read(uint32_t device, uint32_t reg)
{
    outl(PORT_PCI_ADDRESS, 0x80000000u | device << 11 | reg);
    return inl(PORT_PCI_DATA);
}

uint32_t pci_bar(unsigned n)
{
    uint32_t old = inl(PORT_PCI_ADDRESS), bar = 0;

    outl(PORT_PCI_ADDRESS, 0x80000000u);
    if (inl(PORT_PCI_ADDRESS) == 0x80000000u)
        for (uint32_t device = 0; device < 32 && !bar; device++)
            if (pci_read(device, 0) == ADAPTER)
                bar = pci_read(device, 0x10 + 4 * n);
    outl(PORT_PCI_ADDRESS, old);
    return bar & 1 ? 0 : bar & ~0x0fu;
}

/*
 * pci_vga.c - the same VGA as a PCI function, 1234:1111.
 *
 * Ports: those of isa_vga.c. BAR 2, after QEMU's description of its standard
 * VGA (docs/specs/standard-vga): 000h-3FFh EDID, 400h-41Fh the ports
 * 3C0h-3DFh, 500h-515h DISPI registers, 600h size of and 604h byte order
 * (always little) of the extended registers.
 */
#include "iodev/vga/pci_vga.h"
#include "iodev/vga/vga.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MMIO_SIZE           4096u
#define ROM_MAX             0x80000u
#define LITTLE_ENDIAN_MAGIC 0x1e1e1e1eu

struct pci_vga {
    struct device dev;
    struct pci_vga_state {
        struct vga_state vga[1];
        uint8_t config[PCI_CONFIG_SIZE];
    } s;

    struct pci_function pci;
    struct vga vga;
    struct phys_region *mmio, *rom;
    uint8_t *rom_data;
    char *romfile;
};

static struct pci_vga *adapter_of(struct device *dev)
{
    return container_of(dev, struct pci_vga, dev);
}

static struct vga *vga_of(struct device *dev)
{
    return &adapter_of(dev)->vga;
}

struct pci_function *pci_vga_function(struct device *dev)
{
    return &adapter_of(dev)->pci;
}

/* ---- ports ---- */

static uint32_t pci_vga_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return vga_port_read(vga_of(dev), port);
}

static void pci_vga_write(struct device *dev, uint16_t port, uint32_t value,
                          unsigned size)
{
    (void)size;
    vga_port_write(vga_of(dev), port, (uint8_t)value);
}

static uint32_t pci_dispi_read(struct device *dev, uint16_t port, unsigned size)
{
    return dispi_port_read(vga_of(dev), port, size);
}

static void pci_dispi_write(struct device *dev, uint16_t port, uint32_t value,
                            unsigned size)
{
    dispi_port_write(vga_of(dev), port, value, size);
}

/* ---- BAR 2 ---- */

static uint8_t mmio_read8(struct pci_vga *a, uint64_t off)
{
    uint8_t edid[EDID_BYTES];

    if (off < EDID_BYTES && a->vga.opt.ddc) {
        ddc_edid(edid);
        return edid[off];
    }
    if (off >= 0x400 && off < 0x420)
        return vga_port_read(&a->vga, (uint16_t)(off - 0x400 + 0x3c0));
    if (off >= 0x500 && off < 0x500 + 2 * DISPI_DDC)
        return (uint8_t)(dispi_read(&a->vga, (unsigned)(off - 0x500) / 2) >>
                         8 * (off & 1));
    if (off >= 0x600 && off < 0x604)
        return off == 0x600 ? 8 : 0;
    if (off >= 0x604 && off < 0x608)
        return LITTLE_ENDIAN_MAGIC & 0xff;
    return off < 0x400 ? 0 : 0xff;
}

static uint64_t mmio_read(void *opaque, uint64_t off, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)mmio_read8(opaque, off + i) << 8 * i;
    return value;
}

static void mmio_write(void *opaque, uint64_t off, uint64_t value,
                       unsigned size)
{
    struct pci_vga *a = opaque;

    if (off >= 0x400 && off < 0x420) {
        for (unsigned i = 0; i < size && off + i < 0x420; i++)
            vga_port_write(&a->vga, (uint16_t)(off + i - 0x400 + 0x3c0),
                           (uint8_t)(value >> 8 * i));
    } else if (off >= 0x500 && off < 0x500 + 2 * DISPI_DDC && !(off & 1)) {
        unsigned first = (unsigned)(off - 0x500) / 2;

        /* Bytes arrive as values of their own. */
        dispi_write(&a->vga, first, (uint16_t)value);
        for (unsigned i = 1; i < size / 2 && first + i < DISPI_DDC; i++)
            dispi_write(&a->vga, first + i, (uint16_t)(value >> 16 * i));
    } else {
        log_debug(&a->dev.log, "write to register page at %03x", (unsigned)off);
    }
}

static const struct mmio_ops mmio_ops = {mmio_read, mmio_write};

/* ---- expansion ROM ---- */

/* Reads the file into a buffer of a power of two, filled up with FFh. */
static bool rom_load(struct pci_vga *a, uint32_t *size, struct error *err)
{
    FILE *f = fopen(a->romfile, "rb");
    uint32_t room = PAGE_SIZE;
    size_t n;

    if (!f)
        return error_set(err, EXIT_NO_OPEN, "cannot open video ROM %s: %s",
                         a->romfile, strerror(errno));
    a->rom_data = malloc(ROM_MAX + 1);
    n = a->rom_data ? fread(a->rom_data, 1, ROM_MAX + 1, f) : 0;
    if (ferror(f)) {
        fclose(f);
        return error_set(err, EXIT_IO, "cannot read video ROM %s", a->romfile);
    }
    fclose(f);
    if (!n || n > ROM_MAX)
        return error_set(err, EXIT_BAD_DATA,
                         "video ROM %s is empty or larger than %u KiB",
                         a->romfile, ROM_MAX >> 10);
    while (room < n)
        room *= 2;
    memset(a->rom_data + n, 0xff, ROM_MAX - n);
    *size = room;
    return true;
}

/* ---- verbs ---- */

static const struct pci_ident pci_vga_ident = {
    .vendor = 0x1234,
    .device = 0x1111,
    .class_code = 0x030000,
    .revision = 2, /* has BAR 2 */
    .command_mask = PCI_COMMAND_IO | PCI_COMMAND_MEM,
};

static bool pci_vga_init(struct device *dev, struct error *err)
{
    struct pci_vga *a = adapter_of(dev);
    struct phys *p = dev->sv->phys;
    uint32_t rom_size = 0;

    if (!vga_init(&a->vga, &a->s.vga[0], dev, "pcivga.vretrace", err))
        return false;
    pci_function_init(&a->pci, dev, a->s.config, &pci_vga_ident);
    if (a->vga.lfb)
        pci_bar_mem(&a->pci, 0, (uint32_t)a->vga.vram_bytes, true, a->vga.lfb);
    a->mmio = phys_map_mmio(p, "vga registers", 0xfebf0000, MMIO_SIZE,
                            PCI_MEM_PRIORITY, &mmio_ops, a);
    pci_bar_mem(&a->pci, 2, MMIO_SIZE, false, a->mmio);
    if (a->romfile && *a->romfile) {
        if (!rom_load(a, &rom_size, err))
            return false;
        a->rom = phys_map_rom(p, "vga expansion rom", 0xfebe0000, rom_size,
                              PCI_MEM_PRIORITY, a->rom_data, NULL, NULL);
        pci_bar_mem(&a->pci, PCI_ROM_SLOT, rom_size, false, a->rom);
    }
    return true;
}

static void pci_vga_reset(struct device *dev, enum reset_kind kind)
{
    vga_reset(vga_of(dev), kind);
    pci_function_reset(&adapter_of(dev)->pci);
}

static bool pci_vga_post_load(struct device *dev, struct error *err)
{
    return vga_post_load(vga_of(dev), err) &&
           pci_function_restore(&adapter_of(dev)->pci, err);
}

static void pci_vga_info(struct device *dev, struct out *out)
{
    vga_info(vga_of(dev), out);
}

static uint8_t *pci_vga_memory(struct device *dev, size_t *size)
{
    *size = vga_of(dev)->vram_bytes;
    return vga_of(dev)->vram;
}

static void pci_vga_destroy(struct device *dev)
{
    struct pci_vga *a = adapter_of(dev);

    if (a->pci.dev)
        pci_function_destroy(&a->pci);
    if (a->mmio)
        phys_region_remove(a->mmio);
    if (a->rom)
        phys_region_remove(a->rom);
    vga_destroy(&a->vga);
    free(a->rom_data);
}

static const struct port_range pci_vga_ports[] = {
    {0x3b4, 2, IO8, pci_vga_read, pci_vga_write, "CRTC, mono"},
    {0x3ba, 1, IO8, pci_vga_read, pci_vga_write, "status 1"},
    {0x3c0, 16, IO8, pci_vga_read, pci_vga_write, "VGA registers"},
    {0x3d4, 2, IO8, pci_vga_read, pci_vga_write, "CRTC, colour"},
    {0x3da, 1, IO8, pci_vga_read, pci_vga_write, "status 1"},
    {0x1ce, 1, IO8 | IO16, pci_dispi_read, pci_dispi_write, "DISPI index"},
    {0x1cf, 1, IO8 | IO16, pci_dispi_read, pci_dispi_write, "DISPI data"},
    {0},
};

static const struct option pci_vga_options[] = {
    VGA_OPTIONS(struct pci_vga, vga),
    {"romfile", "path", offsetof(struct pci_vga, romfile), NULL,
     "file in the expansion ROM; none: no ROM"},
    {0},
};

static const struct line_out pci_vga_lines[] = {
    {"irq", offsetof(struct pci_vga, vga.irq), 1},
    {0},
};

static const struct field pci_vga_fields[] = {
    FIELD_STRUCTS(struct pci_vga_state, vga, vga_fields, "the VGA"),
    PCI_CONFIG_FIELD(struct pci_vga_state),
    FIELD_END,
};

const struct device_class pcivga_class = {
    .name = "pcivga",
    .summary = "VGA with Bochs VBE extensions, PCI bus",
    DEVICE_STATE(struct pci_vga, s),
    .state_version = VGA_STATE_VERSION,
    .fields = pci_vga_fields,
    .ports = pci_vga_ports,
    .options = pci_vga_options,
    .lines_out = pci_vga_lines,
    .init = pci_vga_init,
    .reset = pci_vga_reset,
    .post_load = pci_vga_post_load,
    .info = pci_vga_info,
    .memory = pci_vga_memory,
    .destroy = pci_vga_destroy,
};

/*
 * isa_vga.c - VGA with the Bochs display interface on the ISA bus.
 *
 * Ports: 3B4h-3B5h, 3BAh, 3C0h-3CFh, 3D4h-3D5h, 3DAh; 1CEh-1CFh. Memory:
 * A0000h-BFFFFh, linear frame buffer at E0000000h. The video BIOS at C0000h
 * is the board's.
 */
#include "iodev/vga/isa_vga.h"
#include "iodev/vga/vga.h"

struct isa_vga {
    struct device dev;
    struct vga_state s;
    struct vga vga;
};

static struct vga *vga_of(struct device *dev)
{
    return &container_of(dev, struct isa_vga, dev)->vga;
}

static uint32_t isa_vga_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return vga_port_read(vga_of(dev), port);
}

static void isa_vga_write(struct device *dev, uint16_t port, uint32_t value,
                          unsigned size)
{
    (void)size;
    vga_port_write(vga_of(dev), port, (uint8_t)value);
}

static uint32_t isa_dispi_read(struct device *dev, uint16_t port, unsigned size)
{
    return dispi_port_read(vga_of(dev), port, size);
}

static void isa_dispi_write(struct device *dev, uint16_t port, uint32_t value,
                            unsigned size)
{
    dispi_port_write(vga_of(dev), port, value, size);
}

static bool isa_vga_init(struct device *dev, struct error *err)
{
    struct isa_vga *a = container_of(dev, struct isa_vga, dev);

    return vga_init(&a->vga, &a->s, dev, "vga.vretrace", err);
}

static void isa_vga_reset(struct device *dev, enum reset_kind kind)
{
    vga_reset(vga_of(dev), kind);
}

static bool isa_vga_post_load(struct device *dev, struct error *err)
{
    return vga_post_load(vga_of(dev), err);
}

static void isa_vga_info(struct device *dev, struct out *out)
{
    vga_info(vga_of(dev), out);
}

static uint8_t *isa_vga_memory(struct device *dev, size_t *size)
{
    *size = vga_of(dev)->vram_bytes;
    return vga_of(dev)->vram;
}

static void isa_vga_destroy(struct device *dev)
{
    vga_destroy(vga_of(dev));
}

static const struct port_range isa_vga_ports[] = {
    {0x3b4, 2, IO8, isa_vga_read, isa_vga_write, "CRTC, mono"},
    {0x3ba, 1, IO8, isa_vga_read, isa_vga_write, "status 1"},
    {0x3c0, 16, IO8, isa_vga_read, isa_vga_write, "VGA registers"},
    {0x3d4, 2, IO8, isa_vga_read, isa_vga_write, "CRTC, colour"},
    {0x3da, 1, IO8, isa_vga_read, isa_vga_write, "status 1"},
    {0x1ce, 1, IO8 | IO16, isa_dispi_read, isa_dispi_write, "DISPI index"},
    {0x1cf, 1, IO8 | IO16, isa_dispi_read, isa_dispi_write, "DISPI data"},
    {0},
};

static const struct option isa_vga_options[] = {
    VGA_OPTIONS(struct isa_vga, vga),
    {0},
};

static const struct line_out isa_vga_lines[] = {
    {"irq", offsetof(struct isa_vga, vga.irq), 1},
    {0},
};

const struct device_class vga_class = {
    .name = "vga",
    .summary = "VGA with Bochs VBE extensions, ISA bus",
    DEVICE_STATE(struct isa_vga, s),
    .state_version = VGA_STATE_VERSION,
    .fields = vga_fields,
    .ports = isa_vga_ports,
    .options = isa_vga_options,
    .lines_out = isa_vga_lines,
    .init = isa_vga_init,
    .reset = isa_vga_reset,
    .post_load = isa_vga_post_load,
    .info = isa_vga_info,
    .memory = isa_vga_memory,
    .destroy = isa_vga_destroy,
};

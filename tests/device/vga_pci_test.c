/*
 * vga_pci_test.c - the VGA as a PCI function: BARs and the register page.
 */
#include "core/state.h"
#include "iodev/vga/pci_vga.h"
#include "tests/device/pci_rig.h"

#define DEVFN   (2u << 3)
#define LFB     0xfd000000u
#define REGS    0xfc000000u
#define ROM     0xfb000000u
#define ROMFILE "vga_pci_test.rom"

static const struct screen *shown; /* as the mock host was told */

static void set_screen(void *opaque, const struct screen *s)
{
    (void)opaque;
    shown = s;
}

static void test_bars(struct rig *r)
{
    struct tap *t = &r->tap;

    tap_eq(t, cfg_read(r, DEVFN, 0, 4), 0x11111234, "identity");
    tap_eq(t, cfg_read(r, DEVFN, 8, 4), 0x03000002, "class, revision");
    cfg_write(r, DEVFN, 0x10, 0xffffffff, 4);
    tap_eq(t, cfg_read(r, DEVFN, 0x10, 4), 0xff000008, "BAR 0: 16 MiB");
    cfg_write(r, DEVFN, 0x18, 0xffffffff, 4);
    tap_eq(t, cfg_read(r, DEVFN, 0x18, 4), 0xfffff000, "BAR 2: 4 KiB");
    cfg_write(r, DEVFN, 0x30, 0xfffffffe, 4);
    tap_eq(t, cfg_read(r, DEVFN, 0x30, 4), 0xffffe000, "ROM: 8 KiB");
    cfg_write(r, DEVFN, 0x10, LFB, 4);
    cfg_write(r, DEVFN, 0x18, REGS, 4);
    cfg_write(r, DEVFN, 0x30, ROM | 1, 4);
    tap_eq(t, phys_load(r->sv.phys, LFB, 4), 0xffffffff, "not decoded yet");
    cfg_write(r, DEVFN, 4, 2, 2);
    tap_eq(t, phys_load(r->sv.phys, ROM, 2), 0xaa55, "expansion ROM");
    tap_eq(t, phys_load(r->sv.phys, ROM + 0x1fff, 1), 0xff, "filled up");
}

static void test_page(struct rig *r)
{
    struct tap *t = &r->tap;
    struct frame f;

    tap_eq(t, phys_load(r->sv.phys, REGS, 8), 0x00ffffffffffff00u, "EDID");
    tap_eq(t, phys_load(r->sv.phys, REGS + 0x500, 2), 0xb0c5, "DISPI id");
    tap_eq(t, phys_load(r->sv.phys, REGS + 0x600, 4), 8, "extended size");
    tap_eq(t, phys_load(r->sv.phys, REGS + 0x604, 4), 0x1e1e1e1e,
           "little-endian");
    phys_store(r->sv.phys, REGS + 0x502, 64, 2);
    phys_store(r->sv.phys, REGS + 0x504, 32, 2);
    phys_store(r->sv.phys, REGS + 0x506, 32, 2);
    phys_store(r->sv.phys, REGS + 0x508, 0x41, 2);
    phys_store(r->sv.phys, REGS + 0x400, 0x20, 1); /* 3C0h: picture on */
    phys_store(r->sv.phys, LFB + 4, 0x00c0ffee, 4);
    tap_ok(t,
           shown && shown->render(shown->opaque, &f) && f.width == 64 &&
               f.height == 32 && f.pixels[1] == 0xc0ffee,
           "a mode set through the page shows the frame buffer");
    phys_store(r->sv.phys, REGS + 0x408, 0x0201, 2); /* 3C8h, 3C9h */
    tap_eq(t, phys_load(r->sv.phys, REGS + 0x408, 1), 1, "ports in the page");
}

int main(void)
{
    static const uint8_t rom[5000] = {0x55, 0xaa, 10};
    struct rig r;
    struct device *bus, *vga;
    struct error err = {0};
    FILE *f = fopen(ROMFILE, "wb");

    if (!f || fwrite(rom, 1, sizeof rom, f) != sizeof rom || fclose(f)) {
        printf("Bail out! cannot write " ROMFILE "\n");
        return 1;
    }
    rig_start(&r);
    r.host.set_screen = set_screen;
    bus = rig_create(&r, &pci_class, "pci");
    vga = rig_create(&r, &pcivga_class, "vga");
    tap_ok(&r.tap, device_set_option(vga, "romfile", ROMFILE, &err),
           "option romfile");
    if (!device_init(bus, &err) || !device_init(vga, &err)) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    remove(ROMFILE);
    pci_attach(bus, DEVFN, pci_vga_function(vga));
    device_reset(bus, RESET_HARDWARE);
    device_reset(vga, RESET_HARDWARE);
    test_bars(&r);
    test_page(&r);
    rig_round_trip(&r, vga);
    tap_eq(&r.tap, phys_load(r.sv.phys, REGS + 0x502, 2), 64,
           "BARs are mapped again after a load");
    return rig_end(&r);
}

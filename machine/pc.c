/*
 * pc.c - the board: which devices there are and which wire goes where.
 *
 * An i440FX/PIIX3 PC. Read top down: create, options, wires, interfaces,
 * init, CMOS. Interrupts: ISA devices -> isairq (OR) -> PIIX3, which adds the
 * PCI interrupts routed there -> isairq (fan-out) -> 8259A pair and I/O APIC
 * -> processor.
 */
#include "cpu/apic.h"
#include "cpu/reset.h"
#include "iodev/ata/ata.h"
#include "iodev/cmos.h"
#include "iodev/debugport.h"
#include "iodev/dma.h"
#include "iodev/elcr.h"
#include "iodev/ferr.h"
#include "iodev/floppy/fdc.h"
#include "iodev/floppy/floppy.h"
#include "iodev/fwcfg.h"
#include "iodev/hpet.h"
#include "iodev/ioapic.h"
#include "iodev/iodebug.h"
#include "iodev/isairq.h"
#include "iodev/kbc.h"
#include "iodev/parallel.h"
#include "iodev/pci/i440fx.h"
#include "iodev/pci/piix3.h"
#include "iodev/pci/piix3ide.h"
#include "iodev/pci/piix4pm.h"
#include "iodev/pic.h"
#include "iodev/pit.h"
#include "iodev/port92.h"
#include "iodev/ps2kbd.h"
#include "iodev/ps2mouse.h"
#include "iodev/serial.h"
#include "iodev/sound/opl3.h"
#include "iodev/sound/sb16.h"
#include "iodev/speaker.h"
#include "iodev/vga/pci_vga.h"
#include "machine/cmos_setup.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/roms.h"
#include <stdio.h>

struct board {
    struct machine *m;
    const struct config *cfg;
    struct error *err;
    bool failed;
    struct device *pic[2], *pit, *elcr, *cmos, *dma, *kbc, *kbd, *mouse;
    struct device *port92, *speaker, *debugport, *pci, *i440fx, *piix3;
    struct device *ide, *pm, *vga, *ata[4], *drive[8];
    struct device *fdc, *floppy[2], *ferr;
    struct device *sb16, *opl3;
    struct device *isairq, *ioapic, *hpet, *fwcfg, *serial[4], *parallel[2];
};

/* ---- creation ---- */

static struct device *add(struct board *b, const struct device_class *cls,
                          const char *id, unsigned instance)
{
    struct device *d =
        device_create(&b->m->devices, &b->m->sv, cls, id, instance);

    if (!d)
        error_no_memory();
    return d;
}

static void option(struct board *b, struct device *d, const char *key,
                   const char *value)
{
    if (!b->failed && value && !device_set_option(d, key, value, b->err))
        b->failed = true;
}

/* Passes the given parameters of a directive on, names being the same. */
static void pass_options(struct board *b, struct device *d,
                         const char *directive)
{
    for (const struct option *o = d->cls->options; o && o->key; o++)
        for (const struct config_row *r = config_rows; r->directive; r++)
            if (!strcmp(r->directive, directive) && !strcmp(r->key, o->key))
                option(b, d, o->key,
                       config_given_text(b->cfg, directive, o->key));
}

static void create_cpu(struct board *b)
{
    struct device *d = add(b, &cpu_class, "cpu0", 0);

    if (!d)
        return;
    b->m->cpu = container_of(d, struct cpu, dev);
    pass_options(b, d, "cpu");
}

static void create_ata(struct board *b)
{
    for (unsigned n = 0; n < 4 && !b->failed; n++) {
        char id[16];

        snprintf(id, sizeof id, "ata%u", n);
        if (!config_bool(b->cfg, id, "enabled"))
            continue;
        b->ata[n] = add(b, &ata_class, id, n);
        if (b->failed)
            return;
        option(b, b->ata[n], "ioaddr1", config_text(b->cfg, id, "ioaddr1"));
        option(b, b->ata[n], "ioaddr2", config_text(b->cfg, id, "ioaddr2"));
        for (unsigned k = 0; k < 2 && !b->failed; k++) {
            snprintf(id, sizeof id, "ata%u-%s", n, k ? "slave" : "master");
            b->drive[2 * n + k] = add(b, &ata_drive_class, id, 2 * n + k);
            if (b->failed)
                return;
            pass_options(b, b->drive[2 * n + k], id);
            ata_attach(b->ata[n], k, b->drive[2 * n + k]);
        }
    }
}

/* Ports of COM1-4 and LPT1-2. */
static void create_ports(struct board *b)
{
    static const uint16_t com[4] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
    static const uint16_t lpt[2] = {0x378, 0x278};
    char id[16], directive[16];

    for (unsigned n = 0; n < 4 && !b->failed; n++) {
        snprintf(directive, sizeof directive, "com%u", n + 1);
        snprintf(id, sizeof id, "serial%u", n);
        if (!config_bool(b->cfg, directive, "enabled"))
            continue;
        b->serial[n] = add(b, &serial_class, id, n);
        b->serial[n]->io_base = com[n];
        pass_options(b, b->serial[n], directive);
    }
    for (unsigned n = 0; n < 2 && !b->failed; n++) {
        snprintf(directive, sizeof directive, "parport%u", n + 1);
        snprintf(id, sizeof id, "parallel%u", n);
        if (!config_bool(b->cfg, directive, "enabled"))
            continue;
        b->parallel[n] = add(b, &parallel_class, id, n);
        b->parallel[n]->io_base = lpt[n];
        pass_options(b, b->parallel[n], directive);
    }
}

/* floppya: 1_44=PATH is type 1_44 with that image; image=PATH goes by size. */
static void floppy_options(struct board *b, struct device *d,
                           const char *directive)
{
    static const char *const sizes[] = {"2_88", "1_44", "1_2",  "720k",
                                        "360k", "320k", "180k", "160k"};

    option(b, d, "path", config_given_text(b->cfg, directive, "image"));
    for (unsigned n = 0; n < ARRAY_LEN(sizes); n++) {
        const char *path = config_given_text(b->cfg, directive, sizes[n]);

        if (!path)
            continue;
        option(b, d, "type", sizes[n]);
        option(b, d, "path", path);
    }
    pass_options(b, d, directive);
}

static void create_floppies(struct board *b)
{
    b->fdc = add(b, &fdc_class, "fdc", 0);
    for (unsigned n = 0; n < 2; n++) {
        const char *id = n ? "floppyb" : "floppya";

        b->floppy[n] = add(b, &floppy_class, id, n);
        floppy_options(b, b->floppy[n], id);
        fdc_attach(b->fdc, n, b->floppy[n]);
    }
    dma_set_client(b->dma, 2, fdc_dma_client(b->fdc));
    device_wire(b->fdc, "dreq", 0, b->dma, "dreq", 2);
}

/* A card with its jumpers at the usual places. */
static void create_sb16(struct board *b)
{
    static const uint8_t channels[] = {0, 1, 3, 5, 6, 7};

    if (!config_given(b->cfg, "sb16") ||
        !config_bool(b->cfg, "sb16", "enabled"))
        return;
    b->sb16 = add(b, &sb16_class, "sb16", 0);
    b->opl3 = add(b, &opl3_class, "opl3", 0);
    if (b->failed)
        return;
    b->sb16->io_base = b->opl3->io_base = 0x220;
    pass_options(b, b->sb16, "sb16");
    for (size_t n = 0; n < ARRAY_LEN(channels); n++) {
        unsigned k = channels[n];

        dma_set_client(b->dma, k, sb16_dma_client(b->sb16, k));
        device_wire(b->sb16, "dreq", k, b->dma, "dreq", k);
    }
}

static void create_chips(struct board *b)
{
    b->isairq = add(b, &isairq_class, "isairq", 0);
    b->ioapic = add(b, &ioapic_class, "ioapic", 0);
    b->hpet = add(b, &hpet_class, "hpet", 0);
    if (config_bool(b->cfg, "fw_cfg", "enabled"))
        b->fwcfg = add(b, &fwcfg_class, "fwcfg", 0);
    b->pic[0] = add(b, &pic_class, "pic0", 0);
    b->pic[1] = add(b, &pic_class, "pic1", 1);
    b->elcr = add(b, &elcr_class, "elcr", 0);
    b->pit = add(b, &pit_class, "pit", 0);
    b->cmos = add(b, &cmos_class, "cmos", 0);
    b->dma = add(b, &dma_class, "dma", 0);
    b->ferr = add(b, &ferr_class, "ferr", 0);
    b->kbc = add(b, &kbc_class, "kbc", 0);
    b->kbd = add(b, &ps2kbd_class, "kbd", 0);
    b->mouse = add(b, &ps2mouse_class, "mouse", 0);
    b->port92 = add(b, &port92_class, "port92", 0);
    b->speaker = add(b, &speaker_class, "speaker", 0);
    b->debugport = add(b, &debugport_class, "debugport", 0);
    add(b, &iodebug_class, "iodebug", 0);
    b->pci = add(b, &pci_class, "pci", 0);
    b->i440fx = add(b, &i440fx_class, "i440fx", 0);
    b->piix3 = add(b, &piix3_class, "piix3", 0);
    b->ide = add(b, &piix3ide_class, "piix3ide", 0);
    b->pm = add(b, &piix4pm_class, "piix4pm", 0);
    b->vga = add(b, &pcivga_class, "pcivga", 0);
    if (b->failed)
        return;
    b->pit->io_base = 0x40;
    b->pic[0]->io_base = 0x20;
    b->pic[1]->io_base = 0xa0;
    pass_options(b, b->kbc, "keyboard");
    pass_options(b, b->mouse, "mouse");
    option(b, b->cmos, "image", config_given_text(b->cfg, "cmosimage", "file"));
    option(b, b->cmos, "rtc_init",
           config_given_text(b->cfg, "cmosimage", "rtc_init"));
    pass_options(b, b->mouse, "mouse");
    pass_options(b, b->vga, "vga");
    option(b, b->debugport, "port_e9_hack",
           config_text(b->cfg, "port_e9_hack", "enabled"));
    option(b, b->debugport, "exit_port",
           config_text(b->cfg, "debug_exit", "port"));
    option(b, b->debugport, "exit_style",
           config_text(b->cfg, "debug_exit", "style"));
    create_floppies(b);
    create_ata(b);
    create_ports(b);
    create_sb16(b);
}

static void create_vga_rom(struct board *b)
{
    char path[ROM_PATH_MAX];
    bool in_bar;

    if (roms_vga_path(b->cfg, path, &in_bar) && in_bar)
        option(b, b->vga, "romfile", path);
}

/* ---- wires ---- */

/* Connects an ISA device's pin to IRQ n; k: which of the line's cards. */
static void wire_isa(struct board *b, struct device *d, const char *pin,
                     unsigned pin_n, unsigned irq, unsigned k)
{
    device_wire(d, pin, pin_n, b->isairq, "isa", 4 * irq + k);
}

static void wire_controllers(struct board *b)
{
    for (unsigned n = 0; n < 16; n++) {
        struct device *pic = b->pic[n / 8];

        device_wire(b->isairq, "line", n, b->piix3, "isa", n);
        device_wire(b->piix3, "irq", n, b->isairq, "irq", n);
        if (n != 2) {
            device_wire(b->isairq, "pic", n, pic, "ir", n & 7);
            device_wire(b->isairq, "apic", n, b->ioapic, "irq", n ? n : 2);
        }
        device_wire(b->elcr, "level", n, pic, "level_mode", n & 7);
    }
    pic_set_slave(b->pic[0], 2, b->pic[1]);
    device_wire(b->pic[1], "intr", 0, b->pic[0], "ir", 2);
    *device_line(b->pic[0], "intr", 0) =
        (struct line){apic_intr_pin, b->m->cpu, 0};
    for (unsigned n = 0; n < 4; n++)
        device_wire(b->pci, "intx", n, b->piix3, "pirq", n);
    for (unsigned n = 16; n < IOAPIC_PINS; n++)
        device_wire(b->hpet, "irq", n, b->ioapic, "irq", n);
}

/* The clock chip's interrupt goes to two places. */
static void rtc_line(void *opaque, unsigned n, bool level)
{
    struct machine *m = opaque;

    (void)n;
    for (unsigned k = 0; k < ARRAY_LEN(m->rtc); k++)
        line_set(&m->rtc[k], level);
}

static void wire_interrupts(struct board *b)
{
    static const uint8_t com_irq[4] = {4, 3, 4, 3}, lpt_irq[2] = {7, 5};
    static const uint8_t sb16_irq[4] = {9, 5, 7, 10};

    wire_controllers(b);
    device_wire(b->pit, "out", 0, b->hpet, "pit", 0);
    b->m->rtc[0] = device_input(b->hpet, "rtc", 0);
    b->m->rtc[1] = device_input(b->pm, "rtc", 0);
    *device_line(b->cmos, "irq", 0) = (struct line){rtc_line, b->m, 0};
    wire_isa(b, b->hpet, "irq0", 0, 0, 0);
    wire_isa(b, b->hpet, "irq8", 0, 8, 0);
    wire_isa(b, b->kbc, "irq1", 0, 1, 0);
    wire_isa(b, b->fdc, "irq", 0, 6, 0);
    wire_isa(b, b->kbc, "irq12", 0, 12, 0);
    wire_isa(b, b->pm, "sci", 0, 9, 0);
    wire_isa(b, b->ferr, "irq", 0, 13, 0);
    for (unsigned n = 0; n < 4 && b->sb16; n++)
        wire_isa(b, b->sb16, "irq", n, sb16_irq[n], 1);
    for (unsigned n = 0; n < 4; n++)
        if (b->serial[n])
            wire_isa(b, b->serial[n], "irq", 0, com_irq[n], n);
    for (unsigned n = 0; n < 2; n++)
        if (b->parallel[n])
            wire_isa(b, b->parallel[n], "irq", 0, lpt_irq[n], 0);
}

static void wire_ata(struct board *b)
{
    for (unsigned n = 0; n < 4; n++) {
        char id[16];

        if (!b->ata[n])
            continue;
        snprintf(id, sizeof id, "ata%u", n);
        if (n < 2) {
            device_wire(b->ata[n], "irq", 0, b->ide, "intrq", n);
            wire_isa(b, b->ide, "irq", n, 14 + n, 0);
            piix3ide_attach(b->ide, n, b->ata[n]);
        } else {
            wire_isa(b, b->ata[n], "irq", 0,
                     (unsigned)config_int(b->cfg, id, "irq"), n);
        }
    }
}

static void a20_changed(void *opaque, unsigned n, bool level)
{
    struct machine *m = opaque;

    (void)n;
    phys_set_a20(m->sv.phys, level);
}

/* Resets happen between instructions. n: enum reset_kind. */
static void reset_line(void *opaque, unsigned n, bool level)
{
    struct machine *m = opaque;

    if (!level)
        return;
    m->reset_wanted = true;
    m->reset_kind = (enum reset_kind)n;
    cpu_raise(m->cpu, EV_STOP);
}

static void smi_line(void *opaque, unsigned n, bool level)
{
    struct machine *m = opaque;

    (void)n;
    if (level)
        cpu_raise(m->cpu, EV_SMI);
}

/*
 * RCIN#, a shutdown cycle and the soft reset of CF9h reach the processor
 * alone, as INIT. With shutdown code 0 in CMOS the BIOS makes a cold start of
 * it: SeaBIOS resets the chips first, Bochs's BIOS trusts the board to do it
 * and then misses a serial port that Linux left with its FIFO on. So the
 * board does, unless the code asks to go on (80286 way out of protected mode).
 */
void pc_soft_reset(struct machine *m)
{
    if (cmos_get(device_find(&m->devices, "cmos"), 0x0f) == 0)
        reset_line(m, RESET_HARDWARE, true);
    else
        cpu_raise(m->cpu, EV_INIT);
}

static void init_line(void *opaque, unsigned n, bool level)
{
    (void)n;
    if (level)
        pc_soft_reset(opaque);
}

static void ignne_line(void *opaque, unsigned n, bool level)
{
    struct machine *m = opaque;

    (void)n;
    m->cpu->ignne = level || m->cpu->opt.force_ignne;
}

/* The processor loses its power after this instruction, the memory does not. */
static void suspend_line(void *opaque, unsigned n, bool level)
{
    struct machine *m = opaque;

    (void)n;
    if (!level)
        return;
    m->sleep_wanted = true;
    cpu_raise(m->cpu, EV_STOP);
}

/* Reset follows; the BIOS finds the shutdown code of a resume. */
static void wake_line(void *opaque, unsigned n, bool level)
{
    struct machine *m = opaque;

    (void)n;
    if (!level)
        return;
    cmos_set(device_find(&m->devices, "cmos"), 0x0f, 0xfe);
    reset_line(m, RESET_HARDWARE, true);
}

static void wire_control(struct board *b)
{
    struct machine *m = b->m;

    device_wire(b->kbc, "a20", 0, b->port92, "kbc_a20", 0);
    *device_line(b->port92, "a20", 0) = (struct line){a20_changed, m, 0};
    *device_line(b->kbc, "reset", 0) = (struct line){init_line, m, 0};
    *device_line(b->port92, "reset", 0) = (struct line){init_line, m, 0};
    *device_line(b->piix3, "reset_hard", 0) =
        (struct line){reset_line, m, RESET_HARDWARE};
    *device_line(b->piix3, "reset_soft", 0) = (struct line){init_line, m, 0};
    *device_line(b->piix3, "smi", 0) = (struct line){smi_line, m, 0};
    *device_line(b->pm, "smi", 0) = (struct line){smi_line, m, 0};
    for (unsigned n = 0; n < 8; n++)
        device_wire(b->piix3, "apmc", n, b->pm, "apmc", n);
    device_wire(b->piix3, "apmc_write", 0, b->pm, "apmc_write", 0);
    device_wire(b->pit, "out", 2, b->speaker, "out2", 0);
    device_wire(b->speaker, "gate2", 0, b->pit, "gate", 2);
    *device_line(b->pm, "s3", 0) = (struct line){suspend_line, m, 0};
    *device_line(b->pm, "wake", 0) = (struct line){wake_line, m, 0};
    device_wire(b->i440fx, "smiact", 0, b->pm, "smiact", 0);
    m->cpu->ferr = device_input(b->ferr, "ferr", 0);
    *device_line(b->ferr, "ignne", 0) = (struct line){ignne_line, m, 0};
    m->cpu->smm_active = device_input(b->i440fx, "smm", 0);
}

static void apic_message(void *opaque, uint8_t dest, bool logical,
                         uint8_t delivery_mode, uint8_t vector,
                         bool level_trigger)
{
    apic_deliver(opaque, dest, logical, delivery_mode, vector, level_trigger);
}

static void pc_eoi(void *opaque, uint8_t vector)
{
    ioapic_eoi(opaque, vector);
}

static uint8_t pc_intack(void *opaque)
{
    return pic_intack(opaque);
}

static void attach(struct board *b)
{
    kbc_attach(b->kbc, 0, b->kbd, &ps2kbd_ops);
    kbc_attach(b->kbc, 1, b->mouse, &ps2mouse_ops);
    pci_attach(b->pci, 0 << 3 | 0, i440fx_pci(b->i440fx));
    pci_attach(b->pci, 1 << 3 | 0, piix3_pci(b->piix3));
    pci_attach(b->pci, 1 << 3 | 1, piix3ide_pci(b->ide));
    pci_attach(b->pci, 1 << 3 | 3, piix4pm_pci(b->pm));
    pci_attach(b->pci, 2 << 3 | 0, pci_vga_function(b->vga));
    piix3_set_bus(b->piix3, b->pci);
    b->m->cpu->intack = pc_intack;
    b->m->cpu->intack_opaque = b->pic[0];
    b->m->cpu->eoi = pc_eoi;
    b->m->cpu->eoi_opaque = b->ioapic;
    b->m->apic_bus = (struct apic_bus){b->m->cpu, apic_message};
    ioapic_set_bus(b->ioapic, &b->m->apic_bus);
}

/* What SeaBIOS and OVMF ask for: RAM size and map, processors. */
static void fill_fwcfg(struct board *b)
{
    uint64_t low = phys_ram_below_4g(b->m->sv.phys);
    uint64_t all = phys_ram_bytes(b->m->sv.phys);
    uint8_t e820[40] = {0};

    if (!b->fwcfg)
        return;
    st_le64(e820 + 8, low);
    st_le32(e820 + 16, 1);
    st_le64(e820 + 20, UINT64_C(1) << 32);
    st_le64(e820 + 28, all - low);
    st_le32(e820 + 36, 1);
    fwcfg_add_int(b->fwcfg, FWCFG_RAM_SIZE, low, 8);
    fwcfg_add_int(b->fwcfg, FWCFG_NB_CPUS, 1, 2);
    fwcfg_add_int(b->fwcfg, FWCFG_MAX_CPUS, 1, 2);
    fwcfg_add_int(b->fwcfg, FWCFG_BOOT_MENU,
                  config_bool(b->cfg, "fw_cfg", "boot_menu"), 2);
    if (config_bool(b->cfg, "fw_cfg", "verbose"))
        fwcfg_add_file(b->fwcfg, "opt/org.klochs/verbose", "1", 1);
    fwcfg_add_int(b->fwcfg, FWCFG_IRQ0_OVERRIDE, 1, 4);
    fwcfg_add_file(b->fwcfg, "etc/e820", e820, all > low ? 40 : 20);
}

static bool init_all(struct board *b)
{
    for (struct device *d = b->m->devices.first; d; d = d->next)
        if (!device_init(d, b->err))
            return false;
    return true;
}

bool pc_build(struct machine *m, const struct config *cfg, struct error *err)
{
    struct board b = {.m = m, .cfg = cfg, .err = err};

    create_cpu(&b);
    create_chips(&b);
    if (b.failed)
        return false;
    create_vga_rom(&b);
    if (b.failed)
        return false;
    wire_interrupts(&b);
    wire_ata(&b);
    wire_control(&b);
    attach(&b);
    if (!init_all(&b) || !roms_load(m, cfg, err))
        return false;
    fill_fwcfg(&b);
    if (!kernel_offer(cfg, b.fwcfg, phys_ram_below_4g(m->sv.phys), err))
        return false;
    if (!config_given_text(cfg, "cmosimage", "file"))
        cmos_setup(m, cfg, b.cmos, b.drive, b.floppy);
    return true;
}

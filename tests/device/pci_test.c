/*
 * pci_test.c - PCI bus, 82441FX, PIIX3 ISA bridge, PIIX4 power management.
 *
 * Sources: PCI 2.1; Intel 290549 (82441FX), 290550 (PIIX3), 290562 (PIIX4).
 */
#include "iodev/pci/i440fx.h"
#include "iodev/pci/piix3.h"
#include "iodev/pci/piix4pm.h"
#include "tests/device/pci_rig.h"

/* A card with one I/O BAR, one memory BAR and an interrupt pin. */
struct card {
    struct device dev;
    struct card_state {
        uint8_t config[PCI_CONFIG_SIZE];
        uint8_t reg;
    } s;
    struct pci_function pci;
    uint8_t memory[8192];
};

static uint32_t card_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return (uint32_t)(container_of(dev, struct card, dev)->s.reg + port);
}

static void card_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    (void)port;
    (void)size;
    container_of(dev, struct card, dev)->s.reg = (uint8_t)value;
}

static const struct port_range card_ports[] = {
    {0, 16, IO8, card_read, card_write, "test"},
    {0},
};

static const struct pci_ident card_ident = {
    .vendor = 0x1234,
    .device = 0x5678,
    .class_code = 0xff0000,
    .interrupt_pin = 1,
    .command_mask = 7,
};

static bool card_init(struct device *dev, struct error *err)
{
    struct card *c = container_of(dev, struct card, dev);

    (void)err;
    pci_function_init(&c->pci, dev, c->s.config, &card_ident);
    pci_bar_io(&c->pci, 0, 16, card_ports);
    pci_bar_mem(&c->pci, 1, 8192, true,
                phys_map_video(dev->sv->phys, "card", 0, 8192, PCI_MEM_PRIORITY,
                               c->memory));
    return true;
}

static void card_reset(struct device *dev, enum reset_kind kind)
{
    (void)kind;
    pci_function_reset(&container_of(dev, struct card, dev)->pci);
}

static bool card_post_load(struct device *dev, struct error *err)
{
    return pci_function_restore(&container_of(dev, struct card, dev)->pci, err);
}

static void card_destroy(struct device *dev)
{
    pci_function_destroy(&container_of(dev, struct card, dev)->pci);
}

static const struct field card_fields[] = {
    PCI_CONFIG_FIELD(struct card_state),
    FIELD(struct card_state, reg, "a register"),
    FIELD_END,
};

static const struct device_class card_class = {
    .name = "card",
    .summary = "test card",
    DEVICE_STATE(struct card, s),
    .state_version = 1,
    .fields = card_fields,
    .init = card_init,
    .reset = card_reset,
    .post_load = card_post_load,
    .destroy = card_destroy,
};

struct board {
    struct rig r;
    struct device *pci, *north, *south, *pm, *card1, *card2;
    struct probe irq[16], apic[4], hard, soft, sci, smi, s3, wake;
};

enum { DEVFN_PM = 0x0b, DEVFN_CARD1 = 0x18, DEVFN_CARD2 = 0x38 };

static void start(struct board *b)
{
    struct rig *r = &b->r;

    rig_start(r);
    b->pci = rig_create(r, &pci_class, "pci");
    b->north = rig_create(r, &i440fx_class, "i440fx");
    b->south = rig_create(r, &piix3_class, "piix3");
    b->pm = rig_create(r, &piix4pm_class, "piix4pm");
    b->card1 = rig_create(r, &card_class, "card1");
    b->card2 = rig_create(r, &card_class, "card2");
    pci_attach(b->pci, 0, i440fx_pci(b->north));
    pci_attach(b->pci, 8, piix3_pci(b->south));
    pci_attach(b->pci, DEVFN_PM, piix4pm_pci(b->pm));
    pci_attach(b->pci, DEVFN_CARD1,
               &container_of(b->card1, struct card, dev)->pci);
    pci_attach(b->pci, DEVFN_CARD2,
               &container_of(b->card2, struct card, dev)->pci);
    piix3_set_bus(b->south, b->pci);
    for (unsigned n = 0; n < 4; n++) {
        device_wire(b->pci, "intx", n, b->south, "pirq", n);
        probe_wire(b->south, "apic", n, &b->apic[n]);
    }
    for (unsigned n = 0; n < 16; n++)
        probe_wire(b->south, "irq", n, &b->irq[n]);
    for (unsigned n = 0; n < 8; n++)
        device_wire(b->south, "apmc", n, b->pm, "apmc", n);
    device_wire(b->south, "apmc_write", 0, b->pm, "apmc_write", 0);
    probe_wire(b->south, "reset_hard", 0, &b->hard);
    probe_wire(b->south, "reset_soft", 0, &b->soft);
    probe_wire(b->pm, "sci", 0, &b->sci);
    probe_wire(b->pm, "smi", 0, &b->smi);
    probe_wire(b->pm, "s3", 0, &b->s3);
    probe_wire(b->pm, "wake", 0, &b->wake);
    device_wire(b->north, "smiact", 0, b->pm, "smiact", 0);
    rig_init(r);
}

/* PCI 2.1, 3.7.4.1 and 6.2. */
static void test_config(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;

    tap_eq(t, cfg_read(r, 0, 0, 4), 0x12378086, "host bridge identity");
    tap_eq(t, cfg_read(r, 8, 0, 4), 0x70008086, "ISA bridge identity");
    tap_eq(t, cfg_read(r, 8, 0x0e, 1), 0x80, "ISA bridge is multifunction");
    tap_eq(t, cfg_read(r, DEVFN_PM, 2, 2), 0x7113, "word read of device id");
    tap_eq(t, cfg_read(r, 0x40, 0, 4), 0xffffffff, "empty slot reads ones");
    outl(r, 0xcf8, 0x80010000);
    tap_eq(t, inl(r, 0xcfc), 0xffffffff, "bus 1 is empty");
    outl(r, 0xcf8, 0x7f000003);
    tap_eq(t, inl(r, 0xcf8), 0, "reserved CONFADD bits read 0");
    tap_eq(t, inl(r, 0xcfc), 0xffffffff, "CONFADD bit 31 clear: no cycle");
    outl(r, 0xcf8, 0x80000000);
    outb(r, 0xcf8, 0x55);
    tap_eq(t, inl(r, 0xcf8), 0x80000000, "byte writes do not reach CONFADD");
    cfg_write(r, 0, 0, 0, 4);
    tap_eq(t, cfg_read(r, 0, 0, 4), 0x12378086, "identity is read-only");
}

/* PCI 2.1, 6.2.5. */
static void test_bars(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;

    cfg_write(r, DEVFN_CARD1, 0x10, 0xffffffff, 4);
    tap_eq(t, cfg_read(r, DEVFN_CARD1, 0x10, 4), 0xfffffff1, "size I/O BAR");
    cfg_write(r, DEVFN_CARD1, 0x14, 0xffffffff, 4);
    tap_eq(t, cfg_read(r, DEVFN_CARD1, 0x14, 4), 0xffffe008, "size mem BAR");
    cfg_write(r, DEVFN_CARD1, 0x10, 0xc101, 4);
    tap_eq(t, inb(r, 0xc102), 0xff, "I/O decoding is off at reset");
    cfg_write(r, DEVFN_CARD1, 4, 1, 2);
    outb(r, 0xc100, 0x40);
    tap_eq(t, inb(r, 0xc102), 0x42, "the BAR's ports answer");
    cfg_write(r, DEVFN_CARD1, 0x10, 0xc200, 2);
    tap_eq(t, inb(r, 0xc102), 0xff, "moved away");
    tap_eq(t, inb(r, 0xc203), 0x43, "moved here");
    cfg_write(r, DEVFN_CARD1, 0x14, 0xe0000000, 4);
    phys_store(r->sv.phys, 0xe0001000, 0x77, 1);
    tap_eq(t, phys_load(r->sv.phys, 0xe0001000, 1), 0xff, "memory is off");
    cfg_write(r, DEVFN_CARD1, 4, 3, 2);
    phys_store(r->sv.phys, 0xe0001000, 0x77, 1);
    tap_eq(t, phys_load(r->sv.phys, 0xe0001000, 1), 0x77, "memory answers");
    cfg_write(r, DEVFN_CARD1, 0x14, 0x00100000, 4);
    phys_store(r->sv.phys, 0x00101000, 0x11, 1);
    cfg_write(r, DEVFN_CARD1, 0x14, 0xe0000000, 4);
    tap_eq(t, phys_load(r->sv.phys, 0x00101000, 1), 0x11,
           "DRAM wins over a BAR");
    rig_round_trip(r, b->card1);
    tap_eq(t, inb(r, 0xc203), 0x43, "I/O BAR is mapped after a load");
    tap_eq(t, phys_load(r->sv.phys, 0xe0001000, 1), 0x77,
           "memory BAR is mapped after a load");
}

/* PIIX3 2.2.9; both cards share line C (devices 3 and 7). */
static void test_routing(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    struct pci_function *f1 = pci_find(b->pci, DEVFN_CARD1);
    struct pci_function *f2 = pci_find(b->pci, DEVFN_CARD2);
    struct line isa11 = device_input(b->south, "isa", 11);

    pci_set_irq(f1, true);
    tap_ok(t, b->apic[2].level, "INTA# of device 3 is line C");
    tap_ok(t, !b->irq[11].level, "not routed at reset");
    cfg_write(r, 8, 0x62, 0x0b, 1);
    tap_ok(t, b->irq[11].level, "routed to IRQ 11");
    pci_set_irq(f2, true);
    pci_set_irq(f1, false);
    tap_ok(t, b->irq[11].level, "the other card holds the line");
    line_set(&isa11, true);
    pci_set_irq(f2, false);
    tap_ok(t, b->irq[11].level && !b->apic[2].level, "ISA holds IRQ 11");
    line_set(&isa11, false);
    tap_ok(t, !b->irq[11].level, "released by all");
    pci_set_irq(f1, true);
    cfg_write(r, 8, 0x62, 0x05, 1);
    tap_ok(t, b->irq[5].level && !b->irq[11].level, "moved to IRQ 5");
    cfg_write(r, 8, 0x62, 0x80, 1);
    tap_ok(t, !b->irq[5].level, "switched off");
    cfg_write(r, 8, 0x62, 0x0d, 1);
    tap_ok(t, !b->irq[13].level, "IRQ 13 cannot be chosen");
    rig_round_trip(r, b->pci);
    rig_round_trip(r, b->south);
    pci_set_irq(f1, false);
}

/* PIIX3 2.5.4.1: RCPU 0 to 1 resets, SRST says which way. */
static void test_cf9(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;

    outb(r, 0xcf9, 0x02);
    tap_ok(t, b->hard.rises == 0, "SRST alone does nothing");
    outb(r, 0xcf9, 0x06);
    tap_ok(t, b->hard.rises == 1 && b->soft.rises == 0, "hard reset");
    outb(r, 0xcf9, 0x06);
    tap_ok(t, b->hard.rises == 1, "only the edge counts");
    tap_eq(t, inb(r, 0xcf9), 0x06, "reads back");
    outb(r, 0xcf9, 0x00);
    outb(r, 0xcf9, 0x04);
    tap_ok(t, b->hard.rises == 1 && b->soft.rises == 1, "soft reset");
}

/* 82441FX 3.2.18. */
static void test_pam(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    struct phys *p = r->sv.phys;
    static uint8_t rom[0x10000];

    memset(rom, 0x5a, sizeof rom);
    phys_map_rom(p, "bios", 0xf0000, sizeof rom, I440FX_PRIORITY_DEVICES, rom,
                 NULL, NULL);
    tap_eq(t, phys_load(p, 0xf1234, 1), 0x5a, "PAM0 reset: ROM");
    tap_eq(t, phys_load(p, 0xd0000, 1), 0xff, "no ROM at D0000h: empty bus");
    phys_store(p, 0xd0000, 1, 1);
    cfg_write(r, 0, 0x59, 0x20, 1);
    phys_store(p, 0xf1234, 0x99, 1);
    tap_eq(t, phys_load(p, 0xf1234, 1), 0x5a, "write-only: reads ROM");
    cfg_write(r, 0, 0x59, 0x10, 1);
    tap_eq(t, phys_load(p, 0xf1234, 1), 0x99, "read-only: the shadow");
    phys_store(p, 0xf1234, 0x11, 1);
    tap_eq(t, phys_load(p, 0xf1234, 1), 0x99, "read-only: write ignored");
    cfg_write(r, 0, 0x59, 0x30, 1);
    phys_store(p, 0xf1234, 0x22, 1);
    tap_eq(t, phys_load(p, 0xf1234, 1), 0x22, "read and write");
    cfg_write(r, 0, 0x5d, 0x30, 1); /* PAM4 high: DC000h-DFFFFh */
    phys_store(p, 0xdc000, 0x33, 1);
    phys_store(p, 0xd8000, 0x33, 1);
    tap_eq(t, phys_load(p, 0xdc000, 1), 0x33, "PAM4 high nibble");
    tap_eq(t, phys_load(p, 0xd8000, 1), 0xff, "PAM4 low nibble is closed");
    rig_round_trip(r, b->north);
    tap_eq(t, phys_load(p, 0xf1234, 1), 0x22, "the map follows a load");
    tap_eq(t, cfg_read(r, 0, 0x60, 1), 2, "DRB0: 16 MiB");
    tap_eq(t, cfg_read(r, 0, 0x67, 1), 2, "DRB7");
}

/* 82441FX 3.2.21. */
static void test_smram(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    struct phys *p = r->sv.phys;
    struct line smm0 = device_input(b->north, "smm", 0);
    struct line smm1 = device_input(b->north, "smm", 1);

    tap_eq(t, cfg_read(r, 0, 0x72, 1), 0x02, "SMRAM at reset");
    cfg_write(r, 0, 0x72, 0x4a, 1);
    phys_store(p, 0xa8000, 0xc3, 1);
    tap_eq(t, phys_load(p, 0xa8000, 1), 0xc3, "open");
    cfg_write(r, 0, 0x72, 0x0a, 1);
    tap_eq(t, phys_load(p, 0xa8000, 1), 0xff, "closed");
    line_set(&smm0, true);
    line_set(&smm1, true);
    line_set(&smm0, false);
    tap_eq(t, phys_load(p, 0xa8000, 1), 0xc3, "shown while a CPU is in SMM");
    line_set(&smm1, false);
    tap_eq(t, phys_load(p, 0xa8000, 1), 0xff, "hidden after RSM");
    cfg_write(r, 0, 0x72, 0x5a, 1);
    tap_eq(t, cfg_read(r, 0, 0x72, 1), 0x1a, "D_LCK clears D_OPEN");
    cfg_write(r, 0, 0x72, 0x42, 1);
    tap_eq(t, cfg_read(r, 0, 0x72, 1), 0x1a, "locked until reset");
    device_reset(b->north, RESET_HARDWARE);
    cfg_write(r, 0, 0x72, 0x4a, 1);
    tap_eq(t, cfg_read(r, 0, 0x72, 1), 0x4a, "unlocked by reset");
}

static void press_power(struct board *b)
{
    struct input_event ev = {.kind = INPUT_COMMAND, .a = HOST_POWER_BUTTON};

    b->pm->cls->input(b->pm, &ev);
}

/* F1h and F0h at port B2h are for the SMM handler; what it leaves is done for
 * it when it ends. APMC_EN is set, one SMI was raised. */
static void test_smm_yields(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    struct line smm = device_input(b->north, "smm", 0);

    outw(r, 0xb004, 0);
    outb(r, 0xb2, 0xf1);
    tap_ok(t, b->smi.rises == 2 && !(inw(r, 0xb004) & 1), "SMM comes first");
    line_set(&smm, true);
    line_set(&smm, false);
    tap_eq(t, inw(r, 0xb004) & 1, 1, "a handler that knows nothing of it");
    outb(r, 0xb2, 0xf0);
    line_set(&smm, true);
    outw(r, 0xb004, 1);
    line_set(&smm, false);
    tap_eq(t, inw(r, 0xb004) & 1, 1, "a handler that sees to it");
}

/* 290562-001, 7.2.2: PMSTS events raise SMI while SCI_EN is clear. */
static void test_power_button(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    unsigned before = b->smi.rises;

    outw(r, 0xb002, 0x100);
    outw(r, 0xb004, 0);
    press_power(b);
    tap_eq(t, b->smi.rises, before, "power button: no SMI without SMI_EN");
    outl(r, 0xb028, 1);
    press_power(b);
    tap_eq(t, b->smi.rises, before + 1, "power button: SMI");
    outw(r, 0xb004, 1);
    press_power(b);
    tap_eq(t, b->smi.rises, before + 1, "power button: SCI with SCI_EN");
    outl(r, 0xb028, 0);
}

/* PIIX4 7.2. */
static void test_pm(struct board *b)
{
    struct rig *r = &b->r;
    struct tap *t = &r->tap;
    struct input_event ev = {.kind = INPUT_COMMAND, .a = HOST_POWER_BUTTON};

    cfg_write(r, DEVFN_PM, 0x40, 0xb001, 4);
    tap_eq(t, inl(r, 0xb008), 0xffffffff, "PM ports off without PMIOSE");
    cfg_write(r, DEVFN_PM, 0x80, 1, 1);
    tap_ok(t, inl(r, 0xb008) < 0x1000000, "PM timer has 24 bits");
    {
        uint32_t before = inl(r, 0xb008);

        rig_run_us(r, 1000000);
        tap_eq(t, (inl(r, 0xb008) - before) & 0xffffff, 3579545,
               "PM timer counts 3.579545 MHz");
    }
    outw(r, 0xb000, 0xffff);
    tap_eq(t, inw(r, 0xb000), 0, "PMSTS cleared");
    outw(r, 0xb002, 0x0001);
    outw(r, 0xb004, 0x0001);
    tap_ok(t, !b->sci.level, "no SCI yet");
    rig_run_us(r, 2400000);
    tap_ok(t, b->sci.level, "SCI when bit 23 changes");
    tap_eq(t, inw(r, 0xb000), 1, "TMROF_STS");
    outw(r, 0xb000, 1);
    tap_ok(t, !b->sci.level, "cleared");
    outw(r, 0xb002, 0x0100);
    b->pm->cls->input(b->pm, &ev);
    tap_ok(t, b->sci.level && inw(r, 0xb000) == 0x100, "power button");
    outw(r, 0xb000, 0x100);
    rig_round_trip(r, b->pm);
    tap_eq(t, inw(r, 0xb002), 0x100, "ports are mapped after a load");
    device_input(b->pm, "gpe", 8).set(b->pm, 8, true);
    outw(r, 0xafe2, 0x100);
    tap_ok(t, inw(r, 0xafe0) == 0x100 && inw(r, 0xb00c) == 0x100,
           "GPE status in both places");
    tap_ok(t, b->sci.level, "a general purpose event raises SCI");
    outw(r, 0xafe0, 0x100);
    tap_ok(t, !b->sci.level && inl(r, 0xae00) == 0, "cleared; no hot-plug");
    outb(r, 0xb2, 0xf0);
    tap_eq(t, inw(r, 0xb004) & 1, 0, "ACPI disable through APMC");
    outb(r, 0xb2, 0xf1);
    tap_eq(t, inw(r, 0xb004) & 1, 1, "ACPI enable through APMC");
    tap_ok(t, b->smi.rises == 0, "no SMI without APMC_EN");
    cfg_write(r, DEVFN_PM, 0x58, 1u << 25, 4);
    outb(r, 0xb2, 0x10);
    tap_ok(t, b->smi.rises == 1, "SMI from APMC");
    tap_eq(t, inb(r, 0xb2), 0x10, "APMC reads back");
    test_smm_yields(b);
    test_power_button(b);
    outw(r, 0xb000, 0xffff);
    outw(r, 0xb004, 0x2401);
    tap_ok(t, b->s3.level && !b->wake.rises, "suspend to RAM");
    line_pulse(&(struct line){device_input(b->pm, "rtc", 0).set, b->pm, 0});
    tap_ok(t, !b->wake.rises, "the alarm does not wake unless enabled");
    press_power(b);
    tap_ok(t, b->wake.rises == 1, "the power button wakes");
    device_reset(b->pm, RESET_HARDWARE);
    cfg_write(r, DEVFN_PM, 0x40, 0xb001, 4);
    cfg_write(r, DEVFN_PM, 0x80, 1, 1);
    tap_ok(t, !b->s3.level && (inw(r, 0xb000) & 0x8000), "woken: RSM_STS");
    tap_eq(t, inw(r, 0xb000), 0x8500, "woken: by what");
    tap_eq(t, (uint64_t)(int64_t)r->stopped, UINT64_MAX, "still running");
    outw(r, 0xb004, 0x2000);
    tap_eq(t, (uint64_t)r->stopped, 0, "soft off ends the run");
    cfg_write(r, DEVFN_PM, 0x90, 0xb101, 4);
    cfg_write(r, DEVFN_PM, 0xd2, 1, 1);
    outb(r, 0xb102, 0x48);
    tap_eq(t, inb(r, 0xb100), 4, "SMBus: nobody answers");
}

int main(void)
{
    static struct board b;

    start(&b);
    test_config(&b);
    test_bars(&b);
    test_routing(&b);
    test_cf9(&b);
    test_pam(&b);
    test_smram(&b);
    test_pm(&b);
    return rig_end(&b.r);
}

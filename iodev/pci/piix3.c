/*
 * piix3.c - Intel 82371SB (PIIX3) function 0, the PCI to ISA bridge.
 *
 * PCI 8086:7000. Ports: B2h APMC, B3h APMS, CF9h reset control (through the
 * PCI bus). Datasheet: Intel 290550-002, sections 2.2 and 2.5.
 * ISA interrupt requests pass through here because PIRQ routing ORs PCI
 * requests into the same 8259 inputs.
 * Departures: ISA timing, chip select, DMA aliasing and power registers are
 * stored only; SMI sources other than APMC are not connected.
 */
#include "iodev/pci/piix3.h"

enum {
    IORT = 0x4c,
    XBCS = 0x4e,
    PIRQRCA = 0x60,
    TOM = 0x69,
    MSTAT = 0x6a,
    MBIRQ0 = 0x70,
    MBDMA0 = 0x76,
    PCSC = 0x78,
    APICBASE = 0x80,
    DLC = 0x82,
    SMICNTL = 0xa0,
    SMIEN = 0xa2,
    SEE = 0xa4,
    FTMR = 0xa8,
    SMIREQ = 0xaa,
    CTLTMR = 0xac,
    CTHTMR = 0xae,
};

#define PIRQ_OFF 0x80u /* PIRQRC bit 7: not routed */
#define CSMIGATE 0x01u /* SMICNTL */
#define SAPMC    0x80u /* SMIEN and SMIREQ: APMC write */
#define RC_RCPU  0x04u /* CF9h: 0 to 1 starts the reset */
#define RC_SRST  0x02u /* CF9h: hard reset */

/* IRQ 0, 1, 2, 8 and 13 cannot be chosen (section 2.2.9). */
#define ROUTABLE 0xdef8u

struct piix3 {
    struct device dev;
    struct piix3_state {
        uint8_t config[PCI_CONFIG_SIZE];
        uint8_t apmc, apms;
        uint8_t reset_control; /* CF9h */
        uint8_t pirq;          /* PCI lines A-D asserted */
        uint16_t isa;          /* ISA requests asserted */
    } s;

    struct pci_function pci;
    struct line irq[16], apic[4];
    struct line reset_hard, reset_soft;
    struct line smi, apmc[8], apmc_write;
};

static struct piix3 *piix3_of(struct device *dev)
{
    return container_of(dev, struct piix3, dev);
}

struct pci_function *piix3_pci(struct device *dev)
{
    return &piix3_of(dev)->pci;
}

/* ---- interrupt routing ---- */

/* The 8259 inputs that PCI lines pull. */
static uint16_t pci_requests(const struct piix3 *b)
{
    uint16_t irqs = 0;

    for (unsigned n = 0; n < 4; n++) {
        uint8_t route = b->s.config[PIRQRCA + n];

        if ((b->s.pirq >> n & 1) && !(route & PIRQ_OFF) &&
            (ROUTABLE >> (route & 15) & 1))
            irqs |= (uint16_t)(1u << (route & 15));
    }
    return irqs;
}

static void drive_irqs(struct piix3 *b)
{
    uint16_t irqs = (uint16_t)(b->s.isa | pci_requests(b));

    for (unsigned n = 0; n < 16; n++)
        line_set(&b->irq[n], irqs >> n & 1);
}

static void piix3_pirq(void *dev, unsigned n, bool level)
{
    struct piix3 *b = dev;

    b->s.pirq = (uint8_t)((b->s.pirq & ~(1u << n)) | (unsigned)level << n);
    line_set(&b->apic[n], level);
    drive_irqs(b);
}

static void piix3_isa(void *dev, unsigned n, bool level)
{
    struct piix3 *b = dev;

    b->s.isa = (uint16_t)((b->s.isa & ~(1u << n)) | (unsigned)level << n);
    line_set(&b->irq[n], level || (pci_requests(b) >> n & 1));
}

static void piix3_written(struct device *dev, unsigned reg, uint8_t old)
{
    struct piix3 *b = piix3_of(dev);

    if (reg < PIRQRCA || reg > PIRQRCA + 3 || b->s.config[reg] == old)
        return;
    log_debug(&dev->log, "PIRQ%c# -> IRQ %u%s", 'A' + (int)(reg - PIRQRCA),
              b->s.config[reg] & 15u,
              b->s.config[reg] & PIRQ_OFF ? " (off)" : "");
    drive_irqs(b);
}

/* ---- ports ---- */

static uint32_t apm_read(struct device *dev, uint16_t port, unsigned size)
{
    struct piix3 *b = piix3_of(dev);

    (void)size;
    return port & 1 ? b->s.apms : b->s.apmc;
}

static void apm_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    struct piix3 *b = piix3_of(dev);

    (void)size;
    if (port & 1) {
        b->s.apms = (uint8_t)value;
        return;
    }
    b->s.apmc = (uint8_t)value;
    for (unsigned n = 0; n < 8; n++)
        line_set(&b->apmc[n], value >> n & 1);
    if ((b->s.config[SMIEN] & SAPMC) && (b->s.config[SMICNTL] & CSMIGATE)) {
        b->s.config[SMIREQ] |= SAPMC;
        line_pulse(&b->smi);
    }
    line_pulse(&b->apmc_write);
}

static uint32_t cf9_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)port;
    (void)size;
    return piix3_of(dev)->s.reset_control;
}

static void cf9_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    struct piix3 *b = piix3_of(dev);
    uint8_t old = b->s.reset_control;

    (void)port;
    (void)size;
    b->s.reset_control = value & (RC_RCPU | RC_SRST);
    if ((value & RC_RCPU) && !(old & RC_RCPU)) {
        log_info(&dev->log, "%s reset through port CF9h",
                 value & RC_SRST ? "hard" : "soft");
        line_pulse(value & RC_SRST ? &b->reset_hard : &b->reset_soft);
    }
}

/* ---- life ---- */

static const struct pci_ident piix3_ident = {
    .vendor = 0x8086,
    .device = 0x7000,
    .command = 0x0007,
    .status = 0x0200,
    .class_code = 0x060100,
    .header_type = 0x80,
    .command_mask = 0x0008, /* special cycles */
};

static void set_masks(struct pci_function *f)
{
    pci_writable(f, IORT, 1, 0x7f);
    pci_writable(f, XBCS, 2, 0x01ff);
    pci_writable(f, PIRQRCA, 4, 0x8f8f8f8f);
    pci_writable(f, TOM, 1, 0xfe);
    pci_writable(f, MSTAT, 2, 0x0012);
    f->clear[MSTAT + 1] = 0x80;
    pci_writable(f, MBIRQ0, 1, 0xef);
    pci_writable(f, MBDMA0, 2, 0x8f8f);
    pci_writable(f, PCSC, 2, 0xfffe);
    pci_writable(f, APICBASE, 1, 0x7f);
    pci_writable(f, DLC, 1, 0x0f);
    pci_writable(f, SMICNTL, 1, 0x1f);
    pci_writable(f, SMIEN, 2, 0x01ff);
    pci_writable(f, SEE, 4, 0xffffffff);
    pci_writable(f, FTMR, 1, 0xff);
    pci_writable(f, SMIREQ, 2, 0x01ff);
    pci_writable(f, CTLTMR, 1, 0xff);
    pci_writable(f, CTHTMR, 1, 0xff);
}

static bool piix3_init(struct device *dev, struct error *err)
{
    struct piix3 *b = piix3_of(dev);

    (void)err;
    pci_function_init(&b->pci, dev, b->s.config, &piix3_ident);
    b->pci.written = piix3_written;
    set_masks(&b->pci);
    return true;
}

void piix3_set_bus(struct device *dev, struct device *bus)
{
    pci_claim_cf9(bus, dev, cf9_read, cf9_write);
}

static void piix3_reset(struct device *dev, enum reset_kind kind)
{
    struct piix3 *b = piix3_of(dev);
    uint8_t *c = b->s.config;
    /* Levels at our input pins are other chips' doing. */
    struct piix3_state s = {.pirq = b->s.pirq, .isa = b->s.isa};

    if (kind == RESET_SOFTWARE) /* INIT reaches the processor alone */
        return;
    b->s = s;
    pci_function_reset(&b->pci);
    c[IORT] = 0x4d;
    c[XBCS] = 0x03;
    for (unsigned n = 0; n < 4; n++)
        c[PIRQRCA + n] = PIRQ_OFF;
    c[TOM] = 0x02;
    c[MBIRQ0] = 0x80;
    c[MBDMA0] = c[MBDMA0 + 1] = 0x0c;
    c[PCSC] = 0x02;
    c[SMICNTL] = 0x08;
    c[FTMR] = 0x0f;
    drive_irqs(b);
    for (unsigned n = 0; n < 8; n++)
        line_set(&b->apmc[n], false);
}

static bool piix3_post_load(struct device *dev, struct error *err)
{
    struct piix3 *b = piix3_of(dev);

    if (b->s.pirq > 15 || (b->s.reset_control & ~(RC_RCPU | RC_SRST)))
        return error_set(err, EXIT_BAD_DATA,
                         "PIIX3 state is out of range (pirq %02x, CF9h %02x)",
                         b->s.pirq, b->s.reset_control);
    return pci_function_restore(&b->pci, err);
}

static void piix3_info(struct device *dev, struct out *out)
{
    struct piix3 *b = piix3_of(dev);

    for (unsigned n = 0; n < 4; n++) {
        uint8_t route = b->s.config[PIRQRCA + n];

        out_printf(out, "PIRQ%c#: ", (char)('A' + n));
        if (route & PIRQ_OFF)
            out_printf(out, "not routed");
        else
            out_printf(out, "IRQ %u", route & 15u);
        out_printf(out, "%s\n", b->s.pirq >> n & 1 ? ", asserted" : "");
    }
}

static void piix3_destroy(struct device *dev)
{
    pci_function_destroy(&piix3_of(dev)->pci);
}

static const struct field piix3_fields[] = {
    PCI_CONFIG_FIELD(struct piix3_state),
    FIELD(struct piix3_state, apmc, "APM control, port B2h"),
    FIELD(struct piix3_state, apms, "APM status, port B3h"),
    FIELD(struct piix3_state, reset_control, "reset control, port CF9h"),
    FIELD(struct piix3_state, pirq, "PCI interrupt lines asserted"),
    FIELD(struct piix3_state, isa, "ISA interrupt requests asserted"),
    FIELD_END,
};

static const struct port_range piix3_ports[] = {
    {0xb2, 2, IO8, apm_read, apm_write, "APM control and status"},
    {0},
};

static const struct line_out piix3_lines_out[] = {
    {"irq", offsetof(struct piix3, irq), 16},
    {"apic", offsetof(struct piix3, apic), 4},
    {"reset_hard", offsetof(struct piix3, reset_hard), 1},
    {"reset_soft", offsetof(struct piix3, reset_soft), 1},
    {"smi", offsetof(struct piix3, smi), 1},
    {"apmc", offsetof(struct piix3, apmc), 8},
    {"apmc_write", offsetof(struct piix3, apmc_write), 1},
    {0},
};

static const struct line_in piix3_lines_in[] = {
    {"pirq", 4, piix3_pirq},
    {"isa", 16, piix3_isa},
    {0},
};

const struct device_class piix3_class = {
    .name = "piix3",
    .summary = "82371SB PCI to ISA bridge",
    DEVICE_STATE(struct piix3, s),
    .state_version = 1,
    .fields = piix3_fields,
    .ports = piix3_ports,
    .lines_out = piix3_lines_out,
    .lines_in = piix3_lines_in,
    .init = piix3_init,
    .reset = piix3_reset,
    .post_load = piix3_post_load,
    .info = piix3_info,
    .destroy = piix3_destroy,
};

/*
 * piix4pm.c - Intel 82371AB (PIIX4) function 3: ACPI registers and SMBus.
 *
 * PCI 8086:7113; 64 I/O ports at PMBA (config 40h) when PMREGMISC.PMIOSE is
 * set, 16 ports at SMBBA (90h) when SMBHSTCFG.SMB_HST_EN is. Datasheet: Intel
 * 290562-001, chapters 7 and 11.
 * Departures: no device activity timers and traps (their registers are
 * stored); nobody answers on the SMBus; processor clock control is stored
 * only; APMC raises SMI when DEVACTB.APMC_EN is set, whatever SMI_EN says; of
 * the other SMI sources there are BIOS_STS and, with SCI_EN clear, the power
 * button.
 * APMC values F1h and F0h set and clear SCI_EN here as the SMM handler of an
 * ACPI firmware would, so that firmware without one can offer ACPI. A handler
 * that writes PMCNTRL itself before SMIACT# goes high again does without.
 * Not of the chip: AFE0h-AFE3h repeat GPSTS and GPEN, AE00h-AE0Fh read zero.
 * The ACPI tables of emulators' firmware look there for events and for PCI
 * slots that were pulled; ports that read ones would say all of them were.
 */
#include "iodev/pci/piix4pm.h"

#include "core/host.h"

#define PM_PORTS   64u
#define SMB_PORTS  16u
#define PMTMR_HZ   3579545u
#define PMTMR_MASK 0xffffffu
#define PMTMR_HALF 0x800000u /* TMROF_STS follows every change of bit 23 */

/* Configuration space. */
enum {
    PMBA = 0x40,
    CNTA = 0x44,
    DEVACTB = 0x58,
    PMREGMISC = 0x80, /* bit 0: PMIOSE */
    SMBBA = 0x90,
    SMBHSTCFG = 0xd2, /* bit 0: SMB_HST_EN, bits 3:1: interrupt */
    SMBREV = 0xd6,
};

#define APMC_EN 0x02u /* DEVACTB bit 25, in the byte at 5Bh */

/* I/O registers, chapter 7.2. */
enum {
    PMSTS = 0x00,
    PMEN = 0x02,
    PMCNTRL = 0x04,
    PMTMR = 0x08,
    GPSTS = 0x0c,
    GPEN = 0x0e,
    PCNTRL = 0x10,
    GLBSTS = 0x18,
    DEVSTS = 0x1c,
    GLBEN = 0x20,
    GLBCTL = 0x28,
    DEVCTL = 0x2c,
    GPIREG = 0x30,
    GPOREG = 0x34,
};

enum {
    TMROF_STS = 0x0001,
    GBL_STS = 0x0020,
    PWRBTN_STS = 0x0100,
    RTC_STS = 0x0400,
    RSM_STS = 0x8000,
    SCI_SOURCES = TMROF_STS | GBL_STS | PWRBTN_STS | RTC_STS,
    SCI_EN = 0x01,  /* PMCNTRL */
    GBL_RLS = 0x04, /* PMCNTRL: tells the firmware */
    SUS_EN = 0x20,  /* PMCNTRL bit 13, in the high byte */
    APM_STS = 0x20, /* GLBSTS */
    BIOS_STS = 0x01,
    BIOS_EN = 0x02, /* GLBEN: GBL_RLS raises SMI */
    SMI_EN = 0x01,  /* GLBCTL */
    BIOS_RLS = 0x02,
};

enum {
    SMBHSTSTS = 0,
    SMBHSTCNT = 2,
    SMB_DEV_ERR = 0x04,
    SMB_SOURCES = 0x1e,
    SMB_START = 0x40,
    SMB_INTEREN = 0x01,
};

struct piix4pm {
    struct device dev;
    struct piix4pm_state {
        uint8_t config[PCI_CONFIG_SIZE];
        uint8_t pm[PM_PORTS];
        uint8_t smb[SMB_PORTS];
        uint8_t apmc;
        uint64_t timer_start;   /* PMTMR_HZ cycles at which PMTMR was 0 */
        uint64_t next_overflow; /* ... at which TMROF_STS is set next */
        bool suspended;         /* in S3 until reset */
        bool apmc_open;         /* F1h or F0h written, SMM may see to it */
    } s;

    struct pci_function pci;
    struct line sci, smi, s3, wake;
    struct timer overflow;
    char timer_name[32];
    bool pm_mapped, smb_mapped;
    uint16_t pm_base, smb_base;
};

static struct piix4pm *piix4pm_of(struct device *dev)
{
    return container_of(dev, struct piix4pm, dev);
}

struct pci_function *piix4pm_pci(struct device *dev)
{
    return &piix4pm_of(dev)->pci;
}

static uint64_t cycles_now(const struct piix4pm *p)
{
    return clock_cycles(p->dev.sv->clock, PMTMR_HZ);
}

/* ---- SCI ---- */

static bool smb_wants(const struct piix4pm *p, unsigned interrupt)
{
    return (p->s.smb[SMBHSTCNT] & SMB_INTEREN) &&
           (p->s.smb[SMBHSTSTS] & SMB_SOURCES) &&
           (p->s.config[SMBHSTCFG] >> 1 & 7) == interrupt;
}

/* Brings TMROF_STS up to date, drives SCI, arms the timer. */
static void update(struct piix4pm *p)
{
    uint16_t sts, en = ld_le16(p->s.pm + PMEN);
    bool sci;

    if (cycles_now(p) >= p->s.next_overflow)
        p->s.pm[PMSTS] |= TMROF_STS;
    sts = ld_le16(p->s.pm + PMSTS);
    sci = (sts & en & SCI_SOURCES) ||
          (ld_le16(p->s.pm + GPSTS) & ld_le16(p->s.pm + GPEN));
    line_set(&p->sci, (sci && (p->s.pm[PMCNTRL] & SCI_EN)) || smb_wants(p, 4));
    if ((en & TMROF_STS) && !(sts & TMROF_STS))
        timer_arm_tick(&p->overflow,
                       clock_cycles_to_tick(p->dev.sv->clock,
                                            p->s.next_overflow, PMTMR_HZ));
    else
        timer_cancel(&p->overflow);
}

static void overflow_fire(void *opaque)
{
    update(opaque);
}

/* The next change of PMTMR bit 23. */
static void plan_overflow(struct piix4pm *p)
{
    uint64_t ran = cycles_now(p) - p->s.timer_start;

    p->s.next_overflow = p->s.timer_start + (ran / PMTMR_HALF + 1) * PMTMR_HALF;
}

/* ---- PM registers ---- */

/* Bits the guest can change, and bits that writing 1 clears, by byte. */
static const uint8_t pm_mask[PM_PORTS] = {
    [PMEN] = 0x21,        [PMEN + 1] = 0x05,   [PMCNTRL] = 0x03,
    [PMCNTRL + 1] = 0x1c, [GPEN] = 0x01,       [GPEN + 1] = 0x0f,
    [PCNTRL] = 0x1e,      [PCNTRL + 1] = 0x3e, [GLBEN] = 0x03,
    [GLBEN + 1] = 0x0f,   [GLBCTL] = 0x05,     [GLBCTL + 1] = 0xff,
    [GLBCTL + 2] = 0x01,  [GLBCTL + 3] = 0x07, [DEVCTL] = 0xff,
    [DEVCTL + 1] = 0xff,  [DEVCTL + 2] = 0xff, [DEVCTL + 3] = 0x0f,
    [GPOREG] = 0xff,      [GPOREG + 1] = 0xff, [GPOREG + 2] = 0xff,
    [GPOREG + 3] = 0x7f,
};

static const uint8_t pm_clear[PM_PORTS] = {
    [PMSTS] = 0x31,      [PMSTS + 1] = 0x8d,  [GPSTS] = 0x81,
    [GPSTS + 1] = 0x0f,  [GLBSTS] = 0x25,     [GLBSTS + 1] = 0x0d,
    [DEVSTS] = 0xff,     [DEVSTS + 1] = 0xff, [DEVSTS + 2] = 0xff,
    [DEVSTS + 3] = 0xff,
};

/* What ends S3: the power button always, the alarm and events when enabled. */
static void wake_up(struct piix4pm *p)
{
    uint16_t sts = ld_le16(p->s.pm + PMSTS), en = ld_le16(p->s.pm + PMEN);

    if (p->s.suspended &&
        (sts & (PWRBTN_STS | (en & RTC_STS)) ||
         ld_le16(p->s.pm + GPSTS) & ld_le16(p->s.pm + GPEN))) {
        log_info(&p->dev.log, "wakes from suspend to RAM");
        line_pulse(&p->wake);
    }
}

/* SUS_TYP (PMCNTRL 12:10), section 7.2.3; firmware tables name types 0 and 1
 * as S5 and S3. */
static void enter_sleep(struct piix4pm *p)
{
    unsigned type = p->s.pm[PMCNTRL + 1] >> 2 & 7;
    struct host *host = p->dev.sv->host;

    switch (type) {
    case 0:
        log_info(&p->dev.log, "soft off");
        if (host && host->stop)
            host->stop(host->opaque, EXIT_CLEAN, "ACPI soft off");
        break;
    case 1:
        log_info(&p->dev.log, "suspend to RAM");
        p->s.suspended = true;
        line_set(&p->s3, true);
        wake_up(p);
        break;
    default:
        log_info(&p->dev.log, "suspend type %u: wakes at once", type);
        p->s.pm[PMSTS + 1] |= RSM_STS >> 8;
        break;
    }
}

static uint32_t pm_read(struct device *dev, uint16_t port, unsigned size)
{
    struct piix4pm *p = piix4pm_of(dev);
    uint64_t timer = cycles_now(p) - p->s.timer_start;
    uint8_t regs[PM_PORTS + 4] = {0};

    update(p);
    memcpy(regs, p->s.pm, PM_PORTS);
    st_le32(regs + PMTMR, (uint32_t)timer & PMTMR_MASK);
    (void)size; /* the bus cuts the value to the size of the access */
    return ld_le32(regs + (port & (PM_PORTS - 1)));
}

static void pm_write_byte(struct piix4pm *p, unsigned reg, uint8_t v)
{
    uint8_t *r = &p->s.pm[reg];

    *r = (uint8_t)((*r & ~pm_mask[reg]) | (v & pm_mask[reg]));
    *r &= (uint8_t) ~(v & pm_clear[reg]);
    switch (reg) {
    case PMSTS:
        if (v & TMROF_STS)
            plan_overflow(p);
        break;
    case PMCNTRL:
        p->s.apmc_open = false;
        if (v & GBL_RLS) {
            p->s.pm[GLBSTS] |= BIOS_STS;
            if (p->s.pm[GLBEN] & BIOS_EN)
                line_pulse(&p->smi);
        }
        break;
    case PMCNTRL + 1:
        if (v & SUS_EN)
            enter_sleep(p);
        break;
    case GLBCTL:
        if (v & BIOS_RLS)
            p->s.pm[PMSTS] |= GBL_STS;
        break;
    }
}

static void pm_write(struct device *dev, uint16_t port, uint32_t value,
                     unsigned size)
{
    struct piix4pm *p = piix4pm_of(dev);

    update(p); /* an overflow that is due comes before its clearing */
    for (unsigned i = 0; i < size; i++)
        pm_write_byte(p, (port + i) & (PM_PORTS - 1),
                      (uint8_t)(value >> (8 * i)));
    update(p);
}

/* ---- SMBus host controller: every address stays unanswered ---- */

static uint32_t smb_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return piix4pm_of(dev)->s.smb[port & (SMB_PORTS - 1)];
}

static void smb_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    struct piix4pm *p = piix4pm_of(dev);
    uint8_t v = (uint8_t)value;

    (void)size;
    switch (port & (SMB_PORTS - 1)) {
    case SMBHSTSTS:
        p->s.smb[SMBHSTSTS] &= (uint8_t) ~(v & SMB_SOURCES);
        break;
    case 1: /* SMBSLVSTS */
        p->s.smb[1] &= (uint8_t) ~(v & 0x3c);
        break;
    case SMBHSTCNT:
        p->s.smb[SMBHSTCNT] = v & 0x1d;
        if (v & SMB_START) {
            p->s.smb[SMBHSTSTS] |= SMB_DEV_ERR;
            if (smb_wants(p, 0))
                line_pulse(&p->smi);
        }
        break;
    default:
        p->s.smb[port & (SMB_PORTS - 1)] = v;
        break;
    }
    update(p);
}

/* ---- ports that emulators' firmware takes for granted ---- */

static uint32_t gpe_read(struct device *dev, uint16_t port, unsigned size)
{
    return pm_read(dev, (uint16_t)(GPSTS + (port & 3)), size);
}

static void gpe_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    pm_write(dev, (uint16_t)(GPSTS + (port & 3)), value, size);
}

static uint32_t hotplug_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)dev;
    (void)port;
    (void)size;
    return 0; /* no slot went up or down, none can be pulled */
}

static const struct port_range piix4pm_ports[] = {
    {0xae00, 16, IO8 | IO16 | IO32, hotplug_read, NULL, "no PCI hot-plug"},
    {0xafe0, 4, IO8 | IO16 | IO32, gpe_read, gpe_write, "ACPI GPE block 0"},
    {0},
};

static const struct port_range pm_range = {0,       PM_PORTS, IO8 | IO16 | IO32,
                                           pm_read, pm_write, "ACPI registers"};
static const struct port_range smb_range = {0,        SMB_PORTS, IO8,
                                            smb_read, smb_write, "SMBus host"};

static void remap(struct piix4pm *p, const struct port_range *r, bool *mapped,
                  uint16_t *base, bool want, uint16_t where)
{
    if (*mapped && (!want || *base != where)) {
        io_unmap_at(p->dev.sv->io, &p->dev, r, *base);
        *mapped = false;
    }
    if (want && !*mapped) {
        io_map_at(p->dev.sv->io, &p->dev, r, where);
        *mapped = true;
        *base = where;
    }
}

static void update_ports(struct piix4pm *p)
{
    uint16_t pm = ld_le16(p->s.config + PMBA) & 0xffc0;
    uint16_t smb = ld_le16(p->s.config + SMBBA) & 0xfff0;

    remap(p, &pm_range, &p->pm_mapped, &p->pm_base,
          (p->s.config[PMREGMISC] & 1) && pm, pm);
    remap(p, &smb_range, &p->smb_mapped, &p->smb_base,
          (p->s.config[SMBHSTCFG] & 1) && smb, smb);
}

static void piix4pm_written(struct device *dev, unsigned reg, uint8_t old)
{
    struct piix4pm *p = piix4pm_of(dev);

    (void)old;
    if (reg == PMBA || reg == PMBA + 1 || reg == PMREGMISC || reg == SMBBA ||
        reg == SMBBA + 1 || reg == SMBHSTCFG) {
        update_ports(p);
        update(p);
    }
}

/* ---- inputs ---- */

static void raise_status(struct piix4pm *p, unsigned reg, uint16_t bits)
{
    st_le16(p->s.pm + reg, (uint16_t)(ld_le16(p->s.pm + reg) | bits));
    wake_up(p);
    update(p);
}

static void piix4pm_apmc(void *dev, unsigned n, bool level)
{
    struct piix4pm *p = dev;

    p->s.apmc = (uint8_t)((p->s.apmc & ~(1u << n)) | (level ? 1u << n : 0));
}

/* ACPI enable and disable, unless a handler has seen to it. */
static void finish_apmc(struct piix4pm *p)
{
    if (!p->s.apmc_open)
        return;
    p->s.apmc_open = false;
    if (p->s.apmc == 0xf1)
        p->s.pm[PMCNTRL] |= SCI_EN;
    else if (p->s.apmc == 0xf0)
        p->s.pm[PMCNTRL] &= (uint8_t)~SCI_EN;
    update(p);
}

static void piix4pm_apmc_write(void *dev, unsigned n, bool level)
{
    struct piix4pm *p = dev;

    (void)n;
    if (!level)
        return;
    p->s.apmc_open = true;
    if (p->s.config[DEVACTB + 3] & APMC_EN) {
        p->s.pm[GLBSTS] |= APM_STS;
        line_pulse(&p->smi);
    } else {
        finish_apmc(p);
    }
}

/* SMIACT#, high while SMM is active: the handler is through. */
static void piix4pm_smiact(void *dev, unsigned n, bool level)
{
    (void)n;
    if (!level)
        finish_apmc(dev);
}

static void piix4pm_rtc(void *dev, unsigned n, bool level)
{
    (void)n;
    if (level)
        raise_status(dev, PMSTS, RTC_STS);
}

static void piix4pm_gpe(void *dev, unsigned n, bool level)
{
    if (level)
        raise_status(dev, GPSTS, (uint16_t)(1u << n));
}

static void piix4pm_input(struct device *dev, const struct input_event *ev)
{
    if (ev->kind == INPUT_COMMAND && ev->a == HOST_POWER_BUTTON) {
        struct piix4pm *p = piix4pm_of(dev);

        log_info(&dev->log, "power button pressed");
        raise_status(p, PMSTS, PWRBTN_STS);
        if (!p->s.suspended && (p->s.pm[GLBCTL] & SMI_EN) &&
            (p->s.pm[PMEN + 1] & PWRBTN_STS >> 8) &&
            !(p->s.pm[PMCNTRL] & SCI_EN))
            line_pulse(&p->smi);
    }
}

/* ---- life ---- */

static const struct pci_ident piix4pm_ident = {
    .vendor = 0x8086,
    .device = 0x7113,
    .status = 0x0280,
    .class_code = 0x068000,
    .revision = 3,
    .interrupt_pin = 1,
    .command_mask = 0x0001,
};

static bool piix4pm_init(struct device *dev, struct error *err)
{
    struct piix4pm *p = piix4pm_of(dev);
    struct pci_function *f = &p->pci;

    (void)err;
    pci_function_init(f, dev, p->s.config, &piix4pm_ident);
    f->written = piix4pm_written;
    pci_writable(f, PMBA, 4, 0x0000ffc0);
    for (unsigned reg = CNTA; reg < PMREGMISC; reg += 4)
        pci_writable(f, reg, 4, 0xffffffff);
    pci_writable(f, PMREGMISC, 1, 0x01);
    pci_writable(f, SMBBA, 4, 0x0000fff0);
    pci_writable(f, SMBHSTCFG, 4, 0xffffff0f);
    snprintf(p->timer_name, sizeof p->timer_name, "%s.pmtmr", dev->id);
    timer_init(&p->overflow, dev->sv->clock, p->timer_name, overflow_fire, p);
    return true;
}

static void piix4pm_reset(struct device *dev, enum reset_kind kind)
{
    struct piix4pm *p = piix4pm_of(dev);
    struct piix4pm_state s = {.apmc = p->s.apmc};

    if (kind == RESET_SOFTWARE) /* INIT reaches the processor alone */
        return;
    s.timer_start = s.next_overflow = cycles_now(p);
    st_le32(s.pm + GPOREG, 0x7fffbfff);
    if (p->s.suspended) {
        /* The registers sit in the resume well: waking keeps what the
         * sleeper enabled, and says what it was and RSM_STS. */
        memcpy(s.pm + PMEN, p->s.pm + PMEN, 2);
        memcpy(s.pm + GPSTS, p->s.pm + GPSTS, 4);
        st_le16(s.pm + PMSTS,
                RSM_STS | (ld_le16(p->s.pm + PMSTS) & (PWRBTN_STS | RTC_STS)));
    }
    p->s = s;
    line_set(&p->s3, false);
    pci_function_reset(&p->pci);
    p->s.config[PMBA] = 1;
    p->s.config[SMBBA] = 1;
    plan_overflow(p);
    update_ports(p);
    update(p);
}

static bool piix4pm_post_load(struct device *dev, struct error *err)
{
    struct piix4pm *p = piix4pm_of(dev);

    if (p->s.next_overflow < p->s.timer_start ||
        (p->s.next_overflow - p->s.timer_start) % PMTMR_HALF)
        return error_set(err, EXIT_BAD_DATA,
                         "ACPI timer overflow is not a multiple of its period");
    if (!pci_function_restore(&p->pci, err))
        return false;
    update_ports(p);
    return true;
}

static void piix4pm_info(struct device *dev, struct out *out)
{
    struct piix4pm *p = piix4pm_of(dev);

    out_printf(out, "PM ports ");
    if (p->pm_mapped)
        out_printf(out, "at %04x", p->pm_base);
    else
        out_printf(out, "off");
    out_printf(out, ", PMSTS %04x PMEN %04x PMCNTRL %04x PMTMR %06x\n",
               ld_le16(p->s.pm + PMSTS), ld_le16(p->s.pm + PMEN),
               ld_le16(p->s.pm + PMCNTRL),
               (uint32_t)(cycles_now(p) - p->s.timer_start) & PMTMR_MASK);
}

static void piix4pm_destroy(struct device *dev)
{
    struct piix4pm *p = piix4pm_of(dev);

    remap(p, &pm_range, &p->pm_mapped, &p->pm_base, false, 0);
    remap(p, &smb_range, &p->smb_mapped, &p->smb_base, false, 0);
    pci_function_destroy(&p->pci);
    timer_destroy(&p->overflow);
}

static const struct field piix4pm_fields[] = {
    PCI_CONFIG_FIELD(struct piix4pm_state),
    FIELD_ARRAY(struct piix4pm_state, pm, "registers at PMBA"),
    FIELD_ARRAY(struct piix4pm_state, smb, "registers at SMBBA"),
    FIELD(struct piix4pm_state, apmc, "byte on the APMC pins"),
    FIELD(struct piix4pm_state, timer_start, "cycle at which PMTMR was 0"),
    FIELD(struct piix4pm_state, next_overflow, "cycle of the next TMROF_STS"),
    FIELD(struct piix4pm_state, suspended, "in suspend-to-RAM"),
    FIELD(struct piix4pm_state, apmc_open, "APMC command left to SMM"),
    FIELD_END,
};

static const struct line_out piix4pm_lines_out[] = {
    {"sci", offsetof(struct piix4pm, sci), 1},
    {"smi", offsetof(struct piix4pm, smi), 1},
    {"s3", offsetof(struct piix4pm, s3), 1},
    {"wake", offsetof(struct piix4pm, wake), 1},
    {0},
};

static const struct line_in piix4pm_lines_in[] = {
    {"apmc", 8, piix4pm_apmc},     {"apmc_write", 1, piix4pm_apmc_write},
    {"smiact", 1, piix4pm_smiact}, {"rtc", 1, piix4pm_rtc},
    {"gpe", 16, piix4pm_gpe},      {0},
};

const struct device_class piix4pm_class = {
    .name = "piix4pm",
    .summary = "82371AB power management and SMBus",
    DEVICE_STATE(struct piix4pm, s),
    .state_version = 1,
    .fields = piix4pm_fields,
    .ports = piix4pm_ports,
    .lines_out = piix4pm_lines_out,
    .lines_in = piix4pm_lines_in,
    .init = piix4pm_init,
    .reset = piix4pm_reset,
    .post_load = piix4pm_post_load,
    .info = piix4pm_info,
    .input = piix4pm_input,
    .destroy = piix4pm_destroy,
};

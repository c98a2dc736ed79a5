/*
 * i440fx.c - Intel 82441FX PCI and memory controller (host bridge).
 *
 * PCI 8086:1237, no ports of its own. Datasheet: Intel 290549-001.
 * PAM0-PAM6 (59h-5Fh) send reads and writes of C0000h-FFFFFh to DRAM or to
 * the PCI bus; SMRAM (72h) opens DRAM behind A0000h-BFFFFh. Input "smm" is the
 * SMIACT# of each CPU, output "smiact" says that one of them is active.
 * Departures: DRAM timing, parity, and arbitration registers are stored only;
 * D_CLS does not hide SMRAM from data accesses (code and data share one map);
 * with several CPUs SMRAM shows to all while one is in SMM; DRB starts at the
 * size of the installed memory instead of 01h, so firmware need not probe.
 */
#include "iodev/pci/i440fx.h"

enum {
    PMCCFG = 0x50,
    DETURBO = 0x52,
    DBC = 0x53,
    AXC = 0x54,
    DRT = 0x55,
    DRAMC = 0x57,
    DRAMT = 0x58,
    PAM0 = 0x59,
    DRB0 = 0x60,
    FDHC = 0x68,
    MTT = 0x70,
    CLT = 0x71,
    SMRAM = 0x72,
    ERRCMD = 0x90,
    ERRSTS = 0x91,
};

/* SMRAM, section 3.2.21. */
enum {
    D_OPEN = 0x40,
    D_CLS = 0x20,
    D_LCK = 0x10,
    G_SMRAME = 0x08,
    C_BASE_SEG = 0x02, /* the only value: A0000h */
};

#define PAM_WINDOWS 13u
#define DRB_UNIT    (8u << 20)

struct i440fx {
    struct device dev;
    struct i440fx_state {
        uint8_t config[PCI_CONFIG_SIZE];
        uint64_t in_smm; /* CPUs whose SMIACT# is active */
    } s;

    struct pci_function pci;
    struct phys_region *bus;              /* nobody there */
    struct phys_region *pam[PAM_WINDOWS]; /* F0000h, then C0000h up by 4000h */
    struct phys_region *smram;
    struct line smiact;
};

static struct i440fx *i440fx_of(struct device *dev)
{
    return container_of(dev, struct i440fx, dev);
}

struct pci_function *i440fx_pci(struct device *dev)
{
    return &i440fx_of(dev)->pci;
}

/* ---- the map ---- */

/* Window 0 is F0000h-FFFFFh, the high half of PAM0; the others are 16 KiB
 * pieces, two to a register, low half first. */
static uint32_t pam_base(unsigned w)
{
    return w ? 0xc0000 + (w - 1) * 0x4000 : 0xf0000;
}

static uint8_t pam_bits(const struct i440fx *b, unsigned w)
{
    unsigned nibble = w + 1;

    return b->s.config[PAM0 + nibble / 2] >> (4 * (nibble & 1)) & 3;
}

static void update_map(struct i440fx *b)
{
    uint8_t smram = b->s.config[SMRAM];
    bool open;

    if (!b->smram)
        return;
    phys_begin(b->dev.sv->phys);
    for (unsigned w = 0; w < PAM_WINDOWS; w++) {
        uint8_t bits = pam_bits(b, w); /* bit 0 read, bit 1 write enable */

        phys_region_enable(b->pam[w], bits != 0);
        phys_alias_access(b->pam[w], bits & 1, bits & 2);
    }
    open = (smram & G_SMRAME) && ((smram & D_OPEN) || b->s.in_smm);
    phys_region_enable(b->smram, open);
    phys_commit(b->dev.sv->phys);
}

static void i440fx_smm(void *dev, unsigned cpu, bool level)
{
    struct i440fx *b = dev;
    uint64_t bit = 1ull << (cpu & 63);
    bool before = b->s.in_smm;

    b->s.in_smm = level ? b->s.in_smm | bit : b->s.in_smm & ~bit;
    if (before != !!b->s.in_smm) {
        update_map(b);
        line_set(&b->smiact, level);
    }
}

/* ---- configuration space ---- */

/* D_LCK makes itself, D_OPEN and G_SMRAME read-only until reset. */
static void smram_mask(struct i440fx *b)
{
    bool locked = b->s.config[SMRAM] & D_LCK;

    b->pci.mask[SMRAM] = locked ? D_CLS : D_OPEN | D_CLS | D_LCK | G_SMRAME;
}

static void i440fx_written(struct device *dev, unsigned reg, uint8_t old)
{
    struct i440fx *b = i440fx_of(dev);

    if (reg == SMRAM) {
        if (b->s.config[SMRAM] & D_LCK)
            b->s.config[SMRAM] &= (uint8_t)~D_OPEN;
        smram_mask(b);
    } else if (reg < PAM0 || reg > PAM0 + 6) {
        return;
    }
    if (b->s.config[reg] != old)
        update_map(b);
}

static uint64_t bus_read(void *opaque, uint64_t off, unsigned size)
{
    (void)opaque;
    (void)off;
    (void)size;
    return UINT64_MAX;
}

static void bus_write(void *opaque, uint64_t off, uint64_t value, unsigned size)
{
    struct i440fx *b = opaque;

    log_debug(&b->dev.log, "write of %llx (%u bytes) to %llx: nobody there",
              (unsigned long long)value, size,
              (unsigned long long)(off + 0xa0000));
}

static const struct mmio_ops bus_ops = {bus_read, bus_write};

static const struct pci_ident i440fx_ident = {
    .vendor = 0x8086,
    .device = 0x1237,
    .command = 0x0006,
    .status = 0x0280,
    .class_code = 0x060000,
    .revision = 2,
    .command_mask = 0x0140, /* SERRE, PERRE */
};

static void set_masks(struct pci_function *f)
{
    pci_writable(f, PMCCFG, 2, 0xffff);
    pci_writable(f, DETURBO, 1, 0xff);
    pci_writable(f, DBC, 1, 0xff);
    pci_writable(f, AXC, 1, 0xff);
    pci_writable(f, DRT, 2, 0xffff);
    pci_writable(f, DRAMC, 1, 0xff);
    pci_writable(f, DRAMT, 1, 0xff);
    pci_writable(f, PAM0, 1, 0x30); /* the low half is reserved */
    pci_writable(f, PAM0 + 1, 4, 0x33333333);
    pci_writable(f, PAM0 + 5, 2, 0x3333);
    pci_writable(f, DRB0, 4, 0xffffffff);
    pci_writable(f, DRB0 + 4, 4, 0xffffffff);
    pci_writable(f, FDHC, 1, 0xc0);
    pci_writable(f, MTT, 1, 0xf8);
    pci_writable(f, CLT, 1, 0xf8);
    pci_writable(f, ERRCMD, 1, 0xff);
    f->clear[ERRSTS] = 0x11;
}

static bool map_windows(struct i440fx *b, struct error *err)
{
    struct phys *p = b->dev.sv->phys;
    bool good = true;

    b->bus = phys_map_mmio(p, "pci bus", 0xa0000, 0x60000, I440FX_PRIORITY_BUS,
                           &bus_ops, b);
    for (unsigned w = 0; w < PAM_WINDOWS; w++) {
        uint32_t base = pam_base(w);

        b->pam[w] = phys_map_alias(p, "pam", base, w ? 0x4000 : 0x10000,
                                   I440FX_PRIORITY_PAM, base);
        good = good && b->pam[w];
    }
    b->smram = phys_map_alias(p, "smram", 0xa0000, 0x20000,
                              I440FX_PRIORITY_SMRAM, 0xa0000);
    if (!good || !b->bus || !b->smram)
        return error_set(err, EXIT_IO, "out of host memory");
    return true;
}

static bool i440fx_init(struct device *dev, struct error *err)
{
    struct i440fx *b = i440fx_of(dev);

    pci_function_init(&b->pci, dev, b->s.config, &i440fx_ident);
    b->pci.written = i440fx_written;
    set_masks(&b->pci);
    smram_mask(b);
    return !dev->sv->phys || map_windows(b, err);
}

/* DRBn: end of row n in units of 8 MiB, cumulative, one byte. Rows of up to
 * 128 MiB; what does not fit 8 rows is not told here (CMOS tells it). */
static void set_row_boundaries(struct i440fx *b)
{
    struct phys *p = b->dev.sv->phys;
    uint64_t units = p ? phys_ram_below_4g(p) / DRB_UNIT : 1;

    for (unsigned row = 0; row < 8; row++) {
        uint64_t end = 16ull * (row + 1);

        end = end < units ? end : units;
        b->s.config[DRB0 + row] = (uint8_t)(end > 0xff ? 0xff : end);
    }
}

static void i440fx_reset(struct device *dev, enum reset_kind kind)
{
    struct i440fx *b = i440fx_of(dev);
    uint64_t in_smm = b->s.in_smm; /* the CPUs' pins, not ours to clear */
    uint8_t *c = b->s.config;

    if (kind == RESET_SOFTWARE) /* INIT reaches the processor alone */
        return;
    b->s = (struct i440fx_state){.in_smm = in_smm};
    pci_function_reset(&b->pci);
    c[PMCCFG + 1] = 0x01;
    c[DBC] = 0x80;
    c[DRAMC] = 0x01;
    c[DRAMT] = 0x10;
    c[CLT] = 0x10;
    c[SMRAM] = C_BASE_SEG;
    set_row_boundaries(b);
    smram_mask(b);
    update_map(b);
}

static bool i440fx_post_load(struct device *dev, struct error *err)
{
    struct i440fx *b = i440fx_of(dev);

    if (!pci_function_restore(&b->pci, err))
        return false;
    smram_mask(b);
    update_map(b);
    return true;
}

static void i440fx_info(struct device *dev, struct out *out)
{
    static const char *const access[] = {"bus", "read DRAM", "write DRAM",
                                         "DRAM"};
    struct i440fx *b = i440fx_of(dev);
    uint8_t smram = b->s.config[SMRAM];

    for (unsigned w = 1; w <= PAM_WINDOWS; w++)
        out_printf(out, "%05x: %s\n", pam_base(w % PAM_WINDOWS),
                   access[pam_bits(b, w % PAM_WINDOWS)]);
    out_printf(out, "SMRAM: %s%s%s\n",
               smram & G_SMRAME ? "enabled" : "disabled",
               smram & D_OPEN ? ", open" : "", smram & D_LCK ? ", locked" : "");
}

static void i440fx_destroy(struct device *dev)
{
    struct i440fx *b = i440fx_of(dev);

    pci_function_destroy(&b->pci);
    if (b->bus)
        phys_region_remove(b->bus);
    if (b->smram)
        phys_region_remove(b->smram);
    for (unsigned w = 0; w < PAM_WINDOWS; w++)
        if (b->pam[w])
            phys_region_remove(b->pam[w]);
}

static const struct field i440fx_fields[] = {
    PCI_CONFIG_FIELD(struct i440fx_state),
    FIELD(struct i440fx_state, in_smm, "CPUs in system management mode"),
    FIELD_END,
};

static const struct line_out i440fx_lines_out[] = {
    {"smiact", offsetof(struct i440fx, smiact), 1},
    {0},
};

static const struct line_in i440fx_lines_in[] = {
    {"smm", 64, i440fx_smm},
    {0},
};

const struct device_class i440fx_class = {
    .name = "i440fx",
    .summary = "82441FX host bridge",
    DEVICE_STATE(struct i440fx, s),
    .state_version = 1,
    .fields = i440fx_fields,
    .lines_out = i440fx_lines_out,
    .lines_in = i440fx_lines_in,
    .init = i440fx_init,
    .reset = i440fx_reset,
    .post_load = i440fx_post_load,
    .info = i440fx_info,
    .destroy = i440fx_destroy,
};

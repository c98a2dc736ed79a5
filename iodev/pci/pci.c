/*
 * pci.c - PCI bus 0 with configuration mechanism #1.
 *
 * Ports: CF8h CONFADD (dword accesses only), CFCh-CFFh CONFDATA; byte accesses
 * to CF9h go to the south bridge.
 * Source: PCI Local Bus Specification 2.1, sections 3.7.4.1 and 6.2; 82441FX
 * datasheet (290549) section 3.1.
 * Departures: buses other than 0 are empty; no parity or system errors; an
 * I/O BAR at 0 or reaching over FFFFh, a memory BAR at 0 or ending at the top
 * of 4 GiB is treated as not yet assigned.
 */
#include "iodev/pci/pci.h"

#include <assert.h>

#define CONFADD_ENABLE 0x80000000u
#define FUNCTIONS      256u

struct pci {
    struct device dev;
    struct pci_state {
        uint32_t address;                /* CONFADD */
        uint8_t asserted[FUNCTIONS / 8]; /* functions that pull their INTx */
    } s;

    struct line intx[4]; /* INTA..INTD of the board, after swizzling */
    struct pci_function *fn[FUNCTIONS];
    struct device *cf9_owner;
    port_read_fn *cf9_read;
    port_write_fn *cf9_write;
};

static struct pci *pci_of(struct device *dev)
{
    return container_of(dev, struct pci, dev);
}

/* ---- functions ---- */

void pci_function_init(struct pci_function *f, struct device *dev,
                       uint8_t *config, const struct pci_ident *ident)
{
    f->dev = dev;
    f->config = config;
    f->ident = ident;
    pci_writable(f, PCI_COMMAND, 2, ident->command_mask);
    pci_writable(f, PCI_LATENCY, 1, 0xf8);
    if (ident->interrupt_pin)
        pci_writable(f, PCI_INTERRUPT_LINE, 1, 0xff);
    /* Status bits 15:11 and 8 are RW1C in every type 0 header. */
    f->clear[PCI_STATUS + 1] = 0xf9;
}

void pci_writable(struct pci_function *f, unsigned reg, unsigned bytes,
                  uint32_t mask)
{
    assert(reg + bytes <= PCI_CONFIG_SIZE && bytes <= 4);
    for (unsigned i = 0; i < bytes; i++)
        f->mask[reg + i] = (uint8_t)(mask >> (8 * i));
}

static unsigned bar_reg(unsigned n)
{
    return n == PCI_ROM_SLOT ? PCI_ROM : PCI_BAR0 + 4 * n;
}

void pci_bar_io(struct pci_function *f, unsigned n, uint32_t size,
                const struct port_range *ports)
{
    assert(n < PCI_BARS && size >= 4 && size <= 256 && !(size & (size - 1)));
    f->bar[n] =
        (struct pci_bar){.size = size, .flags = 1, .io = true, .ports = ports};
    pci_writable(f, bar_reg(n), 4, ~(size - 1));
}

void pci_bar_mem(struct pci_function *f, unsigned n, uint32_t size,
                 bool prefetch, struct phys_region *region)
{
    bool rom = n == PCI_ROM_SLOT;

    assert(n <= PCI_ROM_SLOT && size >= PAGE_SIZE && !(size & (size - 1)));
    f->bar[n] = (struct pci_bar){
        .size = size, .flags = prefetch ? 8 : 0, .region = region};
    /* Bit 0 of the ROM register is its enable bit. */
    pci_writable(f, bar_reg(n), 4, ~(size - 1) | rom);
    if (region)
        phys_region_enable(region, false);
}

static void bar_unmap(struct pci_function *f, struct pci_bar *b)
{
    if (!b->mapped)
        return;
    b->mapped = false;
    if (b->region) {
        phys_region_enable(b->region, false);
        return;
    }
    for (const struct port_range *r = b->ports; r && r->count; r++)
        io_unmap_at(f->dev->sv->io, f->dev, r, (uint16_t)b->base);
}

static void bar_map(struct pci_function *f, struct pci_bar *b, uint32_t base)
{
    if (b->mapped && b->base == base)
        return;
    bar_unmap(f, b);
    b->mapped = true;
    b->base = base;
    if (b->region) {
        phys_region_move(b->region, base);
        phys_region_enable(b->region, true);
        return;
    }
    for (const struct port_range *r = b->ports; r && r->count; r++)
        io_map_at(f->dev->sv->io, f->dev, r, (uint16_t)base);
}

/* Where the BAR wants to be, 0 for nowhere. */
static uint32_t bar_wanted(const struct pci_function *f, unsigned n)
{
    const struct pci_bar *b = &f->bar[n];
    uint32_t v = ld_le32(f->config + bar_reg(n));
    uint32_t base = v & ~(b->size - 1);
    uint8_t command = f->config[PCI_COMMAND];

    if (b->io)
        return (command & PCI_COMMAND_IO) && base <= 0x10000 - b->size ? base
                                                                       : 0;
    if (!(command & PCI_COMMAND_MEM) || (n == PCI_ROM_SLOT && !(v & 1)))
        return 0;
    return base + (b->size - 1) == UINT32_MAX ? 0 : base;
}

void pci_update_bars(struct pci_function *f)
{
    struct phys *phys = f->dev->sv->phys;

    if (phys)
        phys_begin(phys);
    for (unsigned n = 0; n <= PCI_ROM_SLOT; n++) {
        uint32_t base = f->bar[n].size ? bar_wanted(f, n) : 0;

        if (base)
            bar_map(f, &f->bar[n], base);
        else
            bar_unmap(f, &f->bar[n]);
    }
    if (phys)
        phys_commit(phys);
}

void pci_function_reset(struct pci_function *f)
{
    const struct pci_ident *id = f->ident;
    uint8_t *c = f->config;

    pci_set_irq(f, false);
    memset(c, 0, PCI_CONFIG_SIZE);
    st_le16(c + PCI_VENDOR_ID, id->vendor);
    st_le16(c + PCI_DEVICE_ID, id->device);
    st_le16(c + PCI_COMMAND, id->command);
    st_le16(c + PCI_STATUS, id->status);
    c[PCI_REVISION] = id->revision;
    c[PCI_CLASS] = (uint8_t)id->class_code;
    st_le16(c + PCI_CLASS + 1, (uint16_t)(id->class_code >> 8));
    c[PCI_HEADER_TYPE] = id->header_type;
    st_le16(c + PCI_SUBSYSTEM_VENDOR, id->subsystem_vendor);
    st_le16(c + PCI_SUBSYSTEM, id->subsystem);
    c[PCI_INTERRUPT_PIN] = id->interrupt_pin;
    for (unsigned n = 0; n <= PCI_ROM_SLOT; n++)
        if (f->bar[n].size)
            c[bar_reg(n)] = f->bar[n].flags;
    pci_update_bars(f);
}

bool pci_function_restore(struct pci_function *f, struct error *err)
{
    const struct pci_ident *id = f->ident;

    if (ld_le16(f->config + PCI_VENDOR_ID) != id->vendor ||
        ld_le16(f->config + PCI_DEVICE_ID) != id->device ||
        f->config[PCI_INTERRUPT_PIN] != id->interrupt_pin)
        return error_set(err, EXIT_BAD_DATA,
                         "saved PCI configuration space belongs to another "
                         "device (%04x:%04x)",
                         ld_le16(f->config + PCI_VENDOR_ID),
                         ld_le16(f->config + PCI_DEVICE_ID));
    for (unsigned n = 0; n <= PCI_ROM_SLOT; n++)
        if (f->bar[n].size && !f->bar[n].io == (f->config[bar_reg(n)] & 1) &&
            n != PCI_ROM_SLOT)
            return error_set(err, EXIT_BAD_DATA,
                             "saved PCI base address register %u is of the "
                             "wrong kind",
                             n);
    pci_update_bars(f);
    return true;
}

void pci_function_destroy(struct pci_function *f)
{
    if (!f->dev)
        return;
    for (unsigned n = 0; n <= PCI_ROM_SLOT; n++)
        bar_unmap(f, &f->bar[n]);
}

uint32_t pci_config_read(struct pci_function *f, unsigned reg, unsigned size)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint32_t)f->config[(reg + i) % PCI_CONFIG_SIZE] << (8 * i);
    return v;
}

static bool moves_bars(unsigned reg)
{
    return reg == PCI_COMMAND ||
           (reg >= PCI_BAR0 && reg < PCI_BAR0 + 4 * PCI_BARS) ||
           (reg >= PCI_ROM && reg < PCI_ROM + 4);
}

void pci_config_write(struct pci_function *f, unsigned reg, uint32_t value,
                      unsigned size)
{
    struct phys *phys = f->dev->sv->phys;
    uint8_t old[4] = {0};
    bool bars = false;

    assert(size <= sizeof old);
    for (unsigned i = 0; i < size; i++) {
        unsigned r = (reg + i) % PCI_CONFIG_SIZE;
        uint8_t v = (uint8_t)(value >> (8 * i));

        old[i] = f->config[r];
        f->config[r] = (uint8_t)((old[i] & ~f->mask[r]) | (v & f->mask[r]));
        f->config[r] &= (uint8_t) ~(v & f->clear[r]);
        bars = bars || moves_bars(r);
    }
    if (phys)
        phys_begin(phys);
    if (bars)
        pci_update_bars(f);
    for (unsigned i = 0; i < size && f->written; i++)
        f->written(f->dev, (reg + i) % PCI_CONFIG_SIZE, old[i]);
    if (phys)
        phys_commit(phys);
}

/* ---- interrupts ---- */

/* Board wiring of a PIIX3 PC: INTA# of device 1 is line A, of device 2 line
 * B, and so on; the pins of one device take the following lines. */
static unsigned intx_of(const struct pci_function *f)
{
    unsigned device = f->devfn >> 3;

    return (device + 3 + (f->ident->interrupt_pin - 1u)) & 3;
}

static void drive_intx(struct pci *p, unsigned n)
{
    bool level = false;

    for (unsigned i = 0; i < FUNCTIONS; i++)
        if (p->fn[i] && (p->s.asserted[i / 8] >> (i % 8) & 1) &&
            intx_of(p->fn[i]) == n)
            level = true;
    line_set(&p->intx[n], level);
}

void pci_set_irq(struct pci_function *f, bool level)
{
    struct pci *p = f->bus ? pci_of(f->bus) : NULL;
    uint8_t bit = (uint8_t)(1u << (f->devfn % 8)), *byte;

    if (!p || !f->ident->interrupt_pin)
        return;
    byte = &p->s.asserted[f->devfn / 8];
    if (level == !!(*byte & bit))
        return;
    *byte = (uint8_t)(level ? *byte | bit : *byte & ~bit);
    drive_intx(p, intx_of(f));
}

/* ---- bus ---- */

void pci_attach(struct device *bus, unsigned devfn, struct pci_function *f)
{
    struct pci *p = pci_of(bus);

    assert(devfn < FUNCTIONS && !p->fn[devfn]);
    p->fn[devfn] = f;
    f->bus = bus;
    f->devfn = devfn;
}

struct pci_function *pci_find(struct device *bus, unsigned devfn)
{
    return devfn < FUNCTIONS ? pci_of(bus)->fn[devfn] : NULL;
}

void pci_claim_cf9(struct device *bus, struct device *owner, port_read_fn *read,
                   port_write_fn *write)
{
    struct pci *p = pci_of(bus);

    p->cf9_owner = owner;
    p->cf9_read = read;
    p->cf9_write = write;
}

/* The function CONFADD selects; NULL if nobody answers. */
static struct pci_function *selected(const struct pci *p)
{
    uint32_t a = p->s.address;

    if (!(a & CONFADD_ENABLE) || (a >> 16 & 0xff) != 0)
        return NULL;
    return p->fn[a >> 8 & 0xff];
}

static uint32_t pci_port_read(struct device *dev, uint16_t port, unsigned size)
{
    struct pci *p = pci_of(dev);
    struct pci_function *f;
    unsigned off = port & 7u;

    if (off == 0 && size == 4)
        return p->s.address;
    if (off == 1 && size == 1 && p->cf9_read)
        return p->cf9_read(p->cf9_owner, port, 1);
    f = off >= 4 ? selected(p) : NULL;
    if (!f || !f->config || (off & 3) + size > 4)
        return UINT32_MAX;
    return pci_config_read(f, (p->s.address & 0xfc) + (off & 3), size);
}

static void pci_port_write(struct device *dev, uint16_t port, uint32_t value,
                           unsigned size)
{
    struct pci *p = pci_of(dev);
    struct pci_function *f;
    unsigned off = port & 7u;

    if (off == 0 && size == 4) {
        p->s.address = value & 0x80fffffc; /* bits 30:24, 1:0 are reserved */
        return;
    }
    if (off == 1 && size == 1 && p->cf9_write) {
        p->cf9_write(p->cf9_owner, port, value, 1);
        return;
    }
    f = off >= 4 ? selected(p) : NULL;
    if (!f || !f->config || (off & 3) + size > 4) {
        log_debug(&dev->log, "write of %x to port %x: nobody answers (%08x)",
                  value, port, p->s.address);
        return;
    }
    pci_config_write(f, (p->s.address & 0xfc) + (off & 3), value, size);
}

static void pci_reset(struct device *dev, enum reset_kind kind)
{
    struct pci *p = pci_of(dev);

    if (kind == RESET_SOFTWARE) /* INIT reaches the processor alone */
        return;
    p->s = (struct pci_state){0};
    for (unsigned n = 0; n < 4; n++)
        line_set(&p->intx[n], false);
}

static bool pci_post_load(struct device *dev, struct error *err)
{
    struct pci *p = pci_of(dev);

    if (p->s.address & ~0x80fffffcu)
        return error_set(err, EXIT_BAD_DATA, "CONFADD has reserved bits set");
    return true;
}

static void pci_info(struct device *dev, struct out *out)
{
    struct pci *p = pci_of(dev);

    for (unsigned i = 0; i < FUNCTIONS; i++) {
        const struct pci_function *f = p->fn[i];

        if (!f || !f->config)
            continue;
        out_printf(out, "%02x.%x %04x:%04x class %02x%02x%02x %s", i >> 3,
                   i & 7, ld_le16(f->config), ld_le16(f->config + 2),
                   f->config[0xb], f->config[0xa], f->config[9], f->dev->id);
        if (f->ident->interrupt_pin)
            out_printf(out, " INT%c -> line %c, IRQ %u",
                       'A' + f->ident->interrupt_pin - 1,
                       (char)('A' + intx_of(f)), f->config[PCI_INTERRUPT_LINE]);
        for (unsigned n = 0; n <= PCI_ROM_SLOT; n++)
            if (f->bar[n].mapped)
                out_printf(out, " %s%u=%x+%x", f->bar[n].io ? "io" : "mem", n,
                           f->bar[n].base, f->bar[n].size);
        out_printf(out, "\n");
    }
}

static const struct field pci_fields[] = {
    FIELD(struct pci_state, address, "CONFADD, port CF8h"),
    FIELD_ARRAY(struct pci_state, asserted,
                "functions asserting their interrupt pin, by devfn"),
    FIELD_END,
};

static const struct port_range pci_ports[] = {
    {0xcf8, 8, IO8 | IO16 | IO32, pci_port_read, pci_port_write,
     "PCI configuration address and data, reset control"},
    {0},
};

static const struct line_out pci_lines_out[] = {
    {"intx", offsetof(struct pci, intx), 4},
    {0},
};

const struct device_class pci_class = {
    .name = "pci",
    .summary = "PCI bus 0, configuration mechanism 1",
    DEVICE_STATE(struct pci, s),
    .state_version = 1,
    .fields = pci_fields,
    .ports = pci_ports,
    .lines_out = pci_lines_out,
    .reset = pci_reset,
    .post_load = pci_post_load,
    .info = pci_info,
};

/*
 * piix3ide.c - Intel 82371SB (PIIX3) function 1, bus master IDE.
 *
 * PCI 8086:7010; 16 I/O ports at BAR 4. Datasheet: Intel 290550-002, sections
 * 2.3 and 2.4 and SFF-8038i.
 * Departures: the legacy ports answer whether or not IDETIM enables their
 * decoding; timing registers are stored only.
 */
#include "iodev/pci/piix3ide.h"

#include "iodev/ata/ata.h"

enum {
    IDETIM = 0x40,
    SIDETIM = 0x44,
};

enum { /* bus master registers of a channel, 8 ports each */
       BMICX = 0,
       BMISX = 2,
       BMIDTPX = 4,
};

enum {
    SSBM = 0x01,   /* BMIC: start */
    RWCON = 0x08,  /* BMIC: 1 writes to memory */
    BMIDEA = 0x01, /* BMIS: active */
    DMA_ERROR = 0x02,
    INTERRUPT = 0x04,
    DMA_CAPABLE = 0x60,
};

struct bm_channel {
    uint8_t command, status;
    uint32_t table;     /* BMIDTP */
    uint32_t next;      /* address of the next descriptor */
    uint32_t at, bytes; /* rest of the current region */
    bool last;          /* the current region is the last */
    bool intrq;         /* level from the drive */
};

struct piix3ide {
    struct device dev;
    struct piix3ide_state {
        uint8_t config[PCI_CONFIG_SIZE];
        struct bm_channel ch[2];
    } s;

    struct pci_function pci;
    struct line irq[2];
    struct device *channel[2];
    struct bm_link {
        struct piix3ide *ide;
        unsigned n;
        struct ata_bus_master bm;
    } link[2];
};

static struct piix3ide *piix3ide_of(struct device *dev)
{
    return container_of(dev, struct piix3ide, dev);
}

struct pci_function *piix3ide_pci(struct device *dev)
{
    return &piix3ide_of(dev)->pci;
}

/* ---- the engine ---- */

static bool bm_ready(void *opaque, bool to_memory)
{
    struct bm_link *l = opaque;
    struct bm_channel *c = &l->ide->s.ch[l->n];

    return (c->status & BMIDEA) && pci_is_master(&l->ide->pci) &&
           !(c->command & RWCON) == !to_memory;
}

/* Fetches the next descriptor: base, byte count (0 is 64 KiB), bit 31 of the
 * second word marks the last. False when there is none. */
static bool next_region(struct piix3ide *d, struct bm_channel *c)
{
    uint8_t prd[8];

    if (c->last)
        return false;
    phys_read(d->dev.sv->phys, c->next, prd, sizeof prd);
    c->next += (uint32_t)sizeof prd;
    c->at = ld_le32(prd) & ~1u;
    c->bytes = ld_le16(prd + 4) & 0xfffe;
    if (!c->bytes)
        c->bytes = 0x10000;
    c->last = prd[7] & 0x80;
    return true;
}

static size_t bm_move(void *opaque, uint8_t *buf, size_t n, bool to_memory)
{
    struct bm_link *l = opaque;
    struct bm_channel *c = &l->ide->s.ch[l->n];
    struct phys *phys = l->ide->dev.sv->phys;
    size_t done = 0;

    while (phys && done < n) {
        size_t part;

        if (!c->bytes && !next_region(l->ide, c))
            break;
        part = n - done < c->bytes ? n - done : c->bytes;
        if (to_memory)
            phys_write(phys, c->at, buf + done, part);
        else
            phys_read(phys, c->at, buf + done, part);
        done += part;
        c->at += (uint32_t)part;
        c->bytes -= (uint32_t)part;
    }
    /* Table used up: the engine stops (2.4.2); if the drive wants more it
     * waits for ever, as the real one does. */
    if (done < n)
        c->status &= (uint8_t)~BMIDEA;
    return done;
}

/* With regions left over the engine stays active, as SFF-8038i says. */
static void bm_finished(void *opaque)
{
    struct bm_link *l = opaque;
    struct bm_channel *c = &l->ide->s.ch[l->n];

    if (!c->bytes && c->last)
        c->status &= (uint8_t)~BMIDEA;
}

void piix3ide_attach(struct device *dev, unsigned n, struct device *channel)
{
    struct piix3ide *d = piix3ide_of(dev);
    struct bm_link *l = &d->link[n & 1];

    d->channel[n & 1] = channel;
    *l = (struct bm_link){
        .ide = d, .n = n & 1, .bm = {l, bm_ready, bm_move, bm_finished}};
    ata_set_bus_master(channel, &l->bm);
}

/* ---- ports ---- */

static uint32_t bm_read(struct device *dev, uint16_t port, unsigned size)
{
    struct bm_channel *c = &piix3ide_of(dev)->s.ch[port >> 3 & 1];
    uint8_t regs[12] = {0};

    (void)size; /* the bus cuts the value */
    regs[BMICX] = c->command;
    regs[BMISX] = c->status;
    st_le32(regs + BMIDTPX, c->table);
    return ld_le32(regs + (port & 7));
}

static void write_command(struct piix3ide *d, unsigned n, uint8_t v)
{
    struct bm_channel *c = &d->s.ch[n];
    bool was = c->command & SSBM;

    /* The direction must not change while active (2.4.1). */
    if (!(c->status & BMIDEA))
        c->command = (uint8_t)((c->command & SSBM) | (v & RWCON));
    c->command = (uint8_t)((c->command & RWCON) | (v & SSBM));
    if (!(v & SSBM)) {
        c->status &= (uint8_t)~BMIDEA;
        c->bytes = 0;
        c->last = false;
    } else if (!was) {
        c->next = c->table;
        c->bytes = 0;
        c->last = false;
        c->status |= BMIDEA;
        if (d->channel[n])
            ata_bus_master_started(d->channel[n]);
    }
}

static void write_byte(struct piix3ide *d, unsigned reg, uint8_t v)
{
    struct bm_channel *c = &d->s.ch[reg >> 3 & 1];
    unsigned shift = 8 * (reg & 3);

    switch (reg & 7) {
    case BMICX:
        write_command(d, reg >> 3 & 1, v);
        break;
    case BMISX: /* error and interrupt: write 1 to clear */
        c->status = (uint8_t)((c->status & ~DMA_CAPABLE) | (v & DMA_CAPABLE));
        c->status &= (uint8_t) ~(v & (DMA_ERROR | INTERRUPT));
        break;
    case BMIDTPX:
    case BMIDTPX + 1:
    case BMIDTPX + 2:
    case BMIDTPX + 3:
        c->table = (c->table & ~(0xffu << shift)) | (uint32_t)v << shift;
        c->table &= ~3u;
        break;
    }
}

static void bm_write(struct device *dev, uint16_t port, uint32_t value,
                     unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        write_byte(piix3ide_of(dev), (port + i) & 15u,
                   (uint8_t)(value >> (8 * i)));
}

/* The interrupt bit is set by the rising edge of the drive's line. */
static void piix3ide_intrq(void *dev, unsigned n, bool level)
{
    struct piix3ide *d = dev;
    struct bm_channel *c = &d->s.ch[n];

    if (level && !c->intrq)
        c->status |= INTERRUPT;
    c->intrq = level;
    line_set(&d->irq[n], level);
}

/* ---- life ---- */

static const struct port_range bm_ports[] = {
    {0, 16, IO8 | IO16 | IO32, bm_read, bm_write, "bus master IDE"},
    {0},
};

static const struct pci_ident piix3ide_ident = {
    .vendor = 0x8086,
    .device = 0x7010,
    .status = 0x0280,
    .class_code = 0x010180,
    .command_mask = PCI_COMMAND_IO | PCI_COMMAND_MASTER,
};

static bool piix3ide_init(struct device *dev, struct error *err)
{
    struct piix3ide *d = piix3ide_of(dev);

    (void)err;
    pci_function_init(&d->pci, dev, d->s.config, &piix3ide_ident);
    pci_bar_io(&d->pci, 4, 16, bm_ports);
    pci_writable(&d->pci, IDETIM, 4, 0xffffffff);
    pci_writable(&d->pci, SIDETIM, 1, 0xff);
    return true;
}

static void piix3ide_reset(struct device *dev, enum reset_kind kind)
{
    struct piix3ide *d = piix3ide_of(dev);
    bool intrq[2] = {d->s.ch[0].intrq, d->s.ch[1].intrq};

    if (kind == RESET_SOFTWARE) /* INIT reaches the processor alone */
        return;
    d->s = (struct piix3ide_state){
        .ch = {{.intrq = intrq[0]}, {.intrq = intrq[1]}}};
    pci_function_reset(&d->pci);
}

static bool piix3ide_post_load(struct device *dev, struct error *err)
{
    struct piix3ide *d = piix3ide_of(dev);

    for (unsigned n = 0; n < 2; n++)
        if (d->s.ch[n].bytes > 0x10000)
            return error_set(err, EXIT_BAD_DATA,
                             "bus master region of %u bytes", d->s.ch[n].bytes);
    return pci_function_restore(&d->pci, err);
}

static void piix3ide_destroy(struct device *dev)
{
    pci_function_destroy(&piix3ide_of(dev)->pci);
}

#define ROW(m, h) FIELD(struct bm_channel, m, h)

static const struct field bm_fields[] = {
    ROW(command, "BMIC register"),
    ROW(status, "BMIS register"),
    ROW(table, "descriptor table pointer"),
    ROW(next, "address of the next descriptor"),
    ROW(at, "address in the current region"),
    ROW(bytes, "bytes left in the current region"),
    ROW(last, "current region is the last"),
    ROW(intrq, "interrupt request of the drive"),
    FIELD_END,
};

static const struct field piix3ide_fields[] = {
    PCI_CONFIG_FIELD(struct piix3ide_state),
    FIELD_STRUCTS(struct piix3ide_state, ch, bm_fields, "channels"),
    FIELD_END,
};

static const struct line_out piix3ide_lines_out[] = {
    {"irq", offsetof(struct piix3ide, irq), 2},
    {0},
};

static const struct line_in piix3ide_lines_in[] = {
    {"intrq", 2, piix3ide_intrq},
    {0},
};

const struct device_class piix3ide_class = {
    .name = "piix3ide",
    .summary = "82371SB bus master IDE",
    DEVICE_STATE(struct piix3ide, s),
    .state_version = 1,
    .fields = piix3ide_fields,
    .lines_out = piix3ide_lines_out,
    .lines_in = piix3ide_lines_in,
    .init = piix3ide_init,
    .reset = piix3ide_reset,
    .post_load = piix3ide_post_load,
    .destroy = piix3ide_destroy,
};

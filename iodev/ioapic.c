/*
 * ioapic.c - Intel 82093AA I/O APIC.
 *
 * Memory: FEC00000h. Datasheet: Intel 290566-001.
 * Departures: messages arrive at once, so the delivery status always reads
 * idle; pins are active high, the polarity bit is kept only.
 */
#include "iodev/ioapic.h"
#include "memory/phys.h"

enum {
    REG_ID = 0x00,
    REG_VERSION = 0x01,
    REG_ARBITRATION = 0x02,
    REG_REDIRECTION = 0x10,
    VERSION = 0x11,
    RTE_LOGICAL = 0x0800,
    RTE_STATUS = 0x1000,
    RTE_REMOTE_IRR = 0x4000,
    RTE_LEVEL = 0x8000,
    RTE_MASK = 0x10000,
    RTE_LOW_WRITABLE = 0x1afff,
    MODE_FIXED = 0,
    MODE_LOWEST = 1
};

struct ioapic {
    struct device dev;

    struct ioapic_state {
        uint32_t low[IOAPIC_PINS];  /* redirection table, bits 31-0 */
        uint32_t high[IOAPIC_PINS]; /* bits 63-32 */
        uint32_t pins;
        uint8_t select; /* IOREGSEL */
        uint8_t id;
    } s;

    const struct apic_bus *bus;
    struct phys_region *region;
};

static struct ioapic *ioapic_of(struct device *dev)
{
    return container_of(dev, struct ioapic, dev);
}

/* Only fixed and lowest-priority interrupts can be level-triggered: the
 * others are edges whatever bit 15 says (datasheet 3.2.4, delivery mode). */
static bool is_level(uint32_t rte)
{
    return (rte & RTE_LEVEL) && (rte >> 8 & 7) <= MODE_LOWEST;
}

static void deliver(struct ioapic *a, unsigned n)
{
    uint32_t rte = a->s.low[n];

    if (is_level(rte))
        a->s.low[n] |= RTE_REMOTE_IRR;
    if (a->bus && a->bus->deliver)
        a->bus->deliver(a->bus->opaque, (uint8_t)(a->s.high[n] >> 24),
                        rte & RTE_LOGICAL, rte >> 8 & 7, (uint8_t)rte,
                        is_level(rte));
}

/* A level that is up, open and not already being served goes out. */
static void check_level(struct ioapic *a, unsigned n)
{
    uint32_t rte = a->s.low[n];

    if ((a->s.pins >> n & 1) && is_level(rte) &&
        !(rte & (RTE_MASK | RTE_REMOTE_IRR)))
        deliver(a, n);
}

static void set_irq(void *dev, unsigned n, bool level)
{
    struct ioapic *a = ioapic_of(dev);
    uint32_t bit = (uint32_t)1 << n;
    bool rises = level && !(a->s.pins & bit);

    a->s.pins = level ? a->s.pins | bit : a->s.pins & ~bit;
    if (!rises)
        return;
    /* "Edge-sensitive interrupts signaled on a masked pin are ignored." */
    if (is_level(a->s.low[n]))
        check_level(a, n);
    else if (!(a->s.low[n] & RTE_MASK))
        deliver(a, n);
}

void ioapic_set_bus(struct device *dev, const struct apic_bus *bus)
{
    ioapic_of(dev)->bus = bus;
}

void ioapic_eoi(struct device *dev, uint8_t vector)
{
    struct ioapic *a = ioapic_of(dev);

    for (unsigned n = 0; n < IOAPIC_PINS; n++) {
        if ((uint8_t)a->s.low[n] != vector || !(a->s.low[n] & RTE_REMOTE_IRR))
            continue;
        a->s.low[n] &= ~(uint32_t)RTE_REMOTE_IRR;
        check_level(a, n);
    }
}

/* ---- registers ---- */

static uint32_t read_reg(const struct ioapic *a, unsigned reg)
{
    unsigned n = (reg - REG_REDIRECTION) / 2;

    if (reg >= REG_REDIRECTION && n < IOAPIC_PINS)
        return reg & 1 ? a->s.high[n] : a->s.low[n];
    switch (reg) {
    case REG_ID:
    case REG_ARBITRATION:
        return (uint32_t)a->s.id << 24;
    case REG_VERSION:
        return VERSION | (IOAPIC_PINS - 1) << 16;
    default:
        return 0;
    }
}

static void write_low(struct ioapic *a, unsigned n, uint32_t v)
{
    uint32_t irr = a->s.low[n] & RTE_REMOTE_IRR;

    a->s.low[n] = (v & RTE_LOW_WRITABLE) | irr;
    /* Going over to edge drops the remote IRR; drivers rely on it. */
    if (!is_level(v))
        a->s.low[n] &= ~(uint32_t)RTE_REMOTE_IRR;
    check_level(a, n);
}

static void write_reg(struct ioapic *a, unsigned reg, uint32_t v)
{
    unsigned n = (reg - REG_REDIRECTION) / 2;

    if (reg == REG_ID)
        a->s.id = v >> 24 & 15;
    else if (reg < REG_REDIRECTION || n >= IOAPIC_PINS)
        log_debug(&a->dev.log, "write to register %02x ignored", reg);
    else if (reg & 1)
        a->s.high[n] = v & 0xff000000;
    else
        write_low(a, n, v);
}

/*
 * Memory map: 00h IOREGSEL, 10h IOWIN; registers are 32 bits wide.
 */
static uint64_t ioapic_read(void *opaque, uint64_t off, unsigned size)
{
    const struct ioapic *a = opaque;
    uint32_t v = 0;

    (void)size;
    if ((off & ~3ull) == 0x00)
        v = a->s.select;
    else if ((off & ~3ull) == 0x10)
        v = read_reg(a, a->s.select);
    return v >> (8 * (off & 3));
}

static void ioapic_write(void *opaque, uint64_t off, uint64_t value,
                         unsigned size)
{
    struct ioapic *a = opaque;

    (void)size;
    if (off == 0x00)
        a->s.select = (uint8_t)value;
    else if (off == 0x10)
        write_reg(a, a->s.select, (uint32_t)value);
}

static const struct mmio_ops ioapic_ops = {ioapic_read, ioapic_write};

/* ---- class ---- */

static bool ioapic_init(struct device *dev, struct error *err)
{
    struct ioapic *a = ioapic_of(dev);

    if (!dev->sv->phys)
        return true;
    a->region = phys_map_mmio(dev->sv->phys, dev->id, IOAPIC_BASE, 0x1000, 20,
                              &ioapic_ops, a);
    return a->region || error_set(err, EXIT_INTERNAL, "out of memory");
}

static void ioapic_reset(struct device *dev, enum reset_kind kind)
{
    struct ioapic *a = ioapic_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    a->s = (struct ioapic_state){.pins = a->s.pins};
    for (unsigned n = 0; n < IOAPIC_PINS; n++)
        a->s.low[n] = RTE_MASK;
}

static bool ioapic_post_load(struct device *dev, struct error *err)
{
    const struct ioapic_state *s = &ioapic_of(dev)->s;
    bool good = s->pins >> IOAPIC_PINS == 0 && s->id < 16;

    for (unsigned n = 0; n < IOAPIC_PINS; n++)
        good &= !(s->low[n] & ~(uint32_t)(RTE_LOW_WRITABLE | RTE_REMOTE_IRR)) &&
                !(s->high[n] & 0xffffff);
    return good ||
           error_set(err, EXIT_BAD_DATA, "%s: reserved bits set", dev->id);
}

static void ioapic_info(struct device *dev, struct out *out)
{
    const struct ioapic *a = ioapic_of(dev);

    for (unsigned n = 0; n < IOAPIC_PINS; n++) {
        uint32_t v = a->s.low[n];

        if (v & RTE_MASK)
            continue;
        out_printf(out, "pin %u: vector %02x, mode %u, %s %02x, %s%s%s\n", n,
                   v & 255, v >> 8 & 7, v & RTE_LOGICAL ? "logical" : "APIC",
                   a->s.high[n] >> 24, is_level(v) ? "level" : "edge",
                   v & RTE_REMOTE_IRR ? ", in service" : "",
                   a->s.pins >> n & 1 ? ", asserted" : "");
    }
}

static void ioapic_destroy(struct device *dev)
{
    if (ioapic_of(dev)->region)
        phys_region_remove(ioapic_of(dev)->region);
}

static const struct field ioapic_fields[] = {
    FIELD_ARRAY(struct ioapic_state, low, "redirection entries, low half"),
    FIELD_ARRAY(struct ioapic_state, high, "redirection entries, high half"),
    FIELD(struct ioapic_state, pins, "asserted inputs"),
    FIELD(struct ioapic_state, select, "IOREGSEL"),
    FIELD(struct ioapic_state, id, "APIC ID"),
    FIELD_END,
};

static const struct line_in ioapic_lines_in[] = {
    {"irq", IOAPIC_PINS, set_irq},
    {.name = NULL},
};

const struct device_class ioapic_class = {
    .name = "ioapic",
    .summary = "82093AA I/O APIC",
    DEVICE_STATE(struct ioapic, s),
    .state_version = 1,
    .fields = ioapic_fields,
    .lines_in = ioapic_lines_in,
    .init = ioapic_init,
    .reset = ioapic_reset,
    .post_load = ioapic_post_load,
    .info = ioapic_info,
    .destroy = ioapic_destroy,
};

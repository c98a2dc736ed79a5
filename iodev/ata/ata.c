/*
 * ata.c - one ATA channel: ports, drive selection, interrupt line.
 *
 * Ports: command block of 8 at `ioaddr1`, device control and alternate status
 * at `ioaddr2` + 6 (1F0h/3F6h, 170h/376h, 1E8h/3E6h, 168h/366h). Source:
 * ATA/ATAPI-6 (T13/1410D r3b), chapters 7 and 9.
 * Departures: the drive address register (ioaddr2 + 7) is left to the floppy
 * controller, as on every board since ATA-2.
 */
#include "iodev/ata/drive.h"

enum {
    REG_DATA,
    REG_ERROR, /* features when written */
    REG_COUNT,
    REG_LOW,
    REG_MID,
    REG_HIGH,
    REG_DEVICE,
    REG_STATUS, /* command when written */
};

enum {
    CONTROL_NIEN = 0x02,
    CONTROL_SRST = 0x04,
    CONTROL_HOB = 0x80,
};

struct ata {
    struct device dev;
    struct ata_state {
        uint8_t selected; /* 0 or 1 */
        uint8_t control;  /* device control register */
    } s;

    int64_t ioaddr1, ioaddr2;
    struct line irq;
    struct ata_drive *drive[2];
    const struct ata_bus_master *bm;
    struct port_range data, command, control;
};

static struct ata *ata_of(struct device *dev)
{
    return container_of(dev, struct ata, dev);
}

static bool is_there(const struct ata_drive *d)
{
    return d && d->type != ATA_NONE;
}

/* NULL when nobody is at the selected place. */
static struct ata_drive *selected(const struct ata *a)
{
    struct ata_drive *d = a->drive[a->s.selected];

    return is_there(d) ? d : NULL;
}

void ata_attach(struct device *channel, unsigned n, struct device *drive)
{
    ata_of(channel)->drive[n & 1] = ata_drive_of(drive);
    ata_drive_of(drive)->channel = channel;
}

void ata_update_irq(struct device *channel)
{
    struct ata *a = channel ? ata_of(channel) : NULL;
    struct ata_drive *d;

    if (!a)
        return;
    d = selected(a);
    line_set(&a->irq, d && d->s.intrq && !(a->s.control & CONTROL_NIEN));
}

/* ---- bus master ---- */

void ata_set_bus_master(struct device *channel, const struct ata_bus_master *bm)
{
    ata_of(channel)->bm = bm;
}

const struct ata_bus_master *ata_bus_master(struct device *channel)
{
    return channel ? ata_of(channel)->bm : NULL;
}

void ata_bus_master_started(struct device *channel)
{
    struct ata_drive *d = selected(ata_of(channel));

    if (d)
        drive_try_dma(d);
}

/* ---- ports ---- */

static uint32_t data_read(struct device *dev, uint16_t port, unsigned size)
{
    struct ata_drive *d = selected(ata_of(dev));

    (void)port;
    return d ? drive_data_read(d, size) : UINT32_MAX;
}

static void data_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    struct ata_drive *d = selected(ata_of(dev));

    (void)port;
    if (d)
        drive_data_write(d, value, size);
}

static uint32_t data_block_read(struct device *dev, uint16_t port, uint8_t *to,
                           uint32_t count, unsigned size)
{
    struct ata *a = ata_of(dev);
    struct ata_drive *d = port == a->data.first ? selected(a) : NULL;

    return d ? drive_block_read(d, to, count, size) : 0;
}

static uint32_t data_block_write(struct device *dev, uint16_t port,
                            const uint8_t *from, uint32_t count, unsigned size)
{
    struct ata *a = ata_of(dev);
    struct ata_drive *d = port == a->data.first ? selected(a) : NULL;

    return d ? drive_block_write(d, from, count, size) : 0;
}

/* Status as the bus shows it: a missing slave is answered by the master with
 * 00h (9.16.1); a channel without drives floats high. */
static uint8_t status(const struct ata *a)
{
    const struct ata_drive *d = selected(a);

    if (d)
        return d->s.status;
    return is_there(a->drive[0]) || is_there(a->drive[1]) ? 0 : 0xff;
}

static uint8_t pair_read(const struct ata *a, const struct ata_pair *p)
{
    return a->s.control & CONTROL_HOB ? p->previous : p->now;
}

static uint32_t command_read(struct device *dev, uint16_t port, unsigned size)
{
    struct ata *a = ata_of(dev);
    struct ata_drive *d = selected(a);
    unsigned reg = (unsigned)(port - a->ioaddr1) & 7;

    (void)size;
    if (reg == REG_STATUS) {
        uint8_t v = status(a);

        if (d && d->s.intrq) {
            d->s.intrq = false;
            ata_update_irq(dev);
        }
        return v;
    }
    /* The master answers for a missing slave; but not with a signature, which
     * BIOSes that do not look at the status would believe. Zeros are what
     * Linux knows as nobody together with a status of zero. */
    if (!d && a->s.selected == 1 && is_there(a->drive[0])) {
        if (reg >= REG_COUNT && reg <= REG_HIGH)
            return 0;
        d = a->drive[0];
    }
    if (!d)
        return 0xff;
    switch (reg) {
    case REG_ERROR:
        return d->s.error;
    case REG_COUNT:
        return pair_read(a, &d->s.count);
    case REG_LOW:
        return pair_read(a, &d->s.low);
    case REG_MID:
        return pair_read(a, &d->s.mid);
    case REG_HIGH:
        return pair_read(a, &d->s.high);
    default:
        return (d->s.device & ~(unsigned)ATA_DEV) |
               (a->s.selected ? ATA_DEV : 0);
    }
}

static void write_command(struct ata *a, uint8_t command)
{
    struct ata_drive *d = selected(a);

    if (command == 0x90) { /* EXECUTE DEVICE DIAGNOSTIC is for both */
        a->s.selected = 0;
        for (unsigned n = 0; n < 2; n++)
            if (is_there(a->drive[n]))
                drive_diagnose(a->drive[n]);
    } else if (d) {
        drive_command(d, command);
    }
    ata_update_irq(&a->dev);
}

static void command_write(struct device *dev, uint16_t port, uint32_t value,
                          unsigned size)
{
    struct ata *a = ata_of(dev);
    unsigned reg = (unsigned)(port - a->ioaddr1) & 7;
    uint8_t v = (uint8_t)value;

    (void)size;
    a->s.control &= (uint8_t)~CONTROL_HOB;
    if (reg == REG_STATUS) {
        write_command(a, v);
        return;
    }
    if (reg == REG_DEVICE)
        a->s.selected = !!(v & ATA_DEV);
    for (unsigned n = 0; n < 2; n++)
        if (is_there(a->drive[n]))
            drive_write_register(a->drive[n], reg, v);
    if (reg == REG_DEVICE)
        ata_update_irq(dev);
}

static uint32_t control_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)port;
    (void)size;
    return status(ata_of(dev));
}

static void control_write(struct device *dev, uint16_t port, uint32_t value,
                          unsigned size)
{
    struct ata *a = ata_of(dev);
    uint8_t old = a->s.control;

    (void)port;
    (void)size;
    a->s.control = value & (CONTROL_HOB | CONTROL_SRST | CONTROL_NIEN);
    if ((old ^ value) & CONTROL_SRST) {
        a->s.selected = 0;
        for (unsigned n = 0; n < 2; n++)
            if (is_there(a->drive[n]))
                drive_srst(a->drive[n], value & CONTROL_SRST);
    }
    ata_update_irq(dev);
}

/* ---- life ---- */

static const struct {
    uint16_t io1, io2;
} defaults[4] = {
    {0x1f0, 0x3f0}, {0x170, 0x370}, {0x1e8, 0x3e0}, {0x168, 0x360}};

static bool ata_init(struct device *dev, struct error *err)
{
    struct ata *a = ata_of(dev);

    if (!a->ioaddr1)
        a->ioaddr1 = defaults[dev->instance & 3].io1;
    if (!a->ioaddr2)
        a->ioaddr2 = defaults[dev->instance & 3].io2;
    a->data = (struct port_range){.first = (uint16_t)a->ioaddr1,
                                  .count = 1,
                                  .widths = IO8 | IO16 | IO32,
                                  .read = data_read,
                                  .write = data_write,
                                  .help = "data"};
    a->command = (struct port_range){.first = (uint16_t)(a->ioaddr1 + 1),
                                     .count = 7,
                                     .widths = IO8,
                                     .read = command_read,
                                     .write = command_write,
                                     .help = "task file"};
    a->control = (struct port_range){.first = (uint16_t)(a->ioaddr2 + 6),
                                     .count = 1,
                                     .widths = IO8,
                                     .read = control_read,
                                     .write = control_write,
                                     .help = "device control"};
    return io_map(dev->sv->io, dev, &a->data, err) &&
           io_map(dev->sv->io, dev, &a->command, err) &&
           io_map(dev->sv->io, dev, &a->control, err);
}

static void ata_reset(struct device *dev, enum reset_kind kind)
{
    struct ata *a = ata_of(dev);

    if (kind == RESET_SOFTWARE) /* INIT reaches the processor alone */
        return;
    a->s = (struct ata_state){.selected = 0};
    ata_update_irq(dev);
}

static bool ata_post_load(struct device *dev, struct error *err)
{
    struct ata *a = ata_of(dev);

    if (a->s.selected > 1)
        return error_set(err, EXIT_BAD_DATA, "selected drive %u",
                         a->s.selected);
    return true;
}

static void ata_info(struct device *dev, struct out *out)
{
    struct ata *a = ata_of(dev);

    out_printf(out, "ports %03x and %03x\n", (unsigned)a->ioaddr1,
               (unsigned)a->ioaddr2 + 6);
    for (unsigned n = 0; n < 2; n++)
        if (is_there(a->drive[n]))
            out_printf(out, "%s: %s, status %02x\n", n ? "slave" : "master",
                       a->drive[n]->type == ATA_DISK ? "disk" : "CD-ROM",
                       a->drive[n]->s.status);
}

static const struct field ata_fields[] = {
    FIELD(struct ata_state, selected, "drive selected"),
    FIELD(struct ata_state, control, "device control register"),
    FIELD_END,
};

static const struct option ata_options[] = {
    {"ioaddr1", "int:0..0xffff", offsetof(struct ata, ioaddr1), "0",
     "command block ports; 0: the usual ones of this channel"},
    {"ioaddr2", "int:0..0xffff", offsetof(struct ata, ioaddr2), "0",
     "control block ports; 0: the usual ones of this channel"},
    {0},
};

static const struct line_out ata_lines_out[] = {
    {"irq", offsetof(struct ata, irq), 1},
    {0},
};

const struct device_class ata_class = {
    .name = "ata",
    .summary = "ATA channel",
    DEVICE_STATE(struct ata, s),
    .state_version = 1,
    .fields = ata_fields,
    .options = ata_options,
    .lines_out = ata_lines_out,
    .init = ata_init,
    .reset = ata_reset,
    .post_load = ata_post_load,
    .info = ata_info,
    .block_read = data_block_read,
    .block_write = data_block_write,
};

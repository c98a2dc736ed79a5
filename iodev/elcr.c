/*
 * elcr.c - edge/level control registers of the PIIX interrupt controllers.
 *
 * Ports: 4D0h (IRQ 0-7), 4D1h (IRQ 8-15). Datasheet: Intel 290550 (PIIX3),
 * 2.5.6: IRQ 0, 1, 2, 8 and 13 are always edge-triggered.
 */
#include "iodev/elcr.h"

struct elcr {
    struct device dev;

    struct elcr_state {
        uint8_t level[2];
    } s;

    struct line out[16];
};

static const uint8_t writable[2] = {0xf8, 0xde};

static struct elcr *elcr_of(struct device *dev)
{
    return container_of(dev, struct elcr, dev);
}

static void drive(struct elcr *e)
{
    for (unsigned i = 0; i < 16; i++)
        line_set(&e->out[i], e->s.level[i / 8] >> (i % 8) & 1);
}

static uint32_t elcr_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return elcr_of(dev)->s.level[port & 1];
}

static void elcr_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    struct elcr *e = elcr_of(dev);

    (void)size;
    e->s.level[port & 1] = (uint8_t)value & writable[port & 1];
    drive(e);
}

static void elcr_reset(struct device *dev, enum reset_kind kind)
{
    struct elcr *e = elcr_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    e->s = (struct elcr_state){{0, 0}};
    drive(e);
}

static bool elcr_post_load(struct device *dev, struct error *err)
{
    struct elcr *e = elcr_of(dev);

    if ((e->s.level[0] & ~writable[0]) || (e->s.level[1] & ~writable[1]))
        return error_set(err, EXIT_BAD_DATA, "%s: a fixed IRQ is level",
                         dev->id);
    return true;
}

static const struct field elcr_fields[] = {
    FIELD_ARRAY(struct elcr_state, level, "level-triggered IRQs, a bit each"),
    FIELD_END,
};

static const struct port_range elcr_ports[] = {
    {0x4d0, 2, IO8, elcr_read, elcr_write, "edge/level control"},
    {.count = 0},
};

static const struct line_out elcr_lines_out[] = {
    {"level", offsetof(struct elcr, out), 16},
    {.name = NULL},
};

const struct device_class elcr_class = {
    .name = "elcr",
    .summary = "edge/level control of the interrupt inputs",
    DEVICE_STATE(struct elcr, s),
    .state_version = 1,
    .fields = elcr_fields,
    .ports = elcr_ports,
    .lines_out = elcr_lines_out,
    .reset = elcr_reset,
    .post_load = elcr_post_load,
};

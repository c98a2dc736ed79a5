/*
 * ferr.c - x87 errors the AT way: FERR# becomes IRQ 13, port F0h ends it.
 *
 * Ports: F0h (write: takes IRQ 13 back and lets the processor ignore the
 * error until FERR# goes), F1h (the same; it reset the 80287). Datasheet:
 * Intel 290550 (PIIX3), 2.5.8 and the description of FERR# and IGNNE#.
 */
#include "iodev/ferr.h"

struct ferr {
    struct device dev;

    struct ferr_state {
        bool ferr;  /* the pin */
        bool irq;   /* set by its rising edge */
        bool ignne; /* set by a write while the pin is high */
    } s;

    struct line irq, ignne;
};

static struct ferr *ferr_of(struct device *dev)
{
    return container_of(dev, struct ferr, dev);
}

static void drive(const struct ferr *f)
{
    line_set(&f->irq, f->s.irq);
    line_set(&f->ignne, f->s.ignne);
}

static void ferr_pin(void *opaque, unsigned n, bool level)
{
    struct ferr *f = opaque;

    (void)n;
    if (f->s.ferr == level)
        return;
    f->s.ferr = level;
    if (level)
        f->s.irq = true;
    else
        f->s.ignne = false;
    drive(f);
}

static void clear_write(struct device *dev, uint16_t port, uint32_t value,
                        unsigned size)
{
    struct ferr *f = ferr_of(dev);

    (void)port;
    (void)value;
    (void)size;
    f->s.irq = false;
    f->s.ignne = f->s.ferr;
    drive(f);
}

static void ferr_reset(struct device *dev, enum reset_kind kind)
{
    struct ferr *f = ferr_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    f->s = (struct ferr_state){.ferr = false};
    drive(f);
}

static const struct field ferr_fields[] = {
    FIELD(struct ferr_state, ferr, "FERR# is asserted"),
    FIELD(struct ferr_state, irq, "IRQ 13 is requested"),
    FIELD(struct ferr_state, ignne, "IGNNE# is asserted"),
    FIELD_END,
};

static const struct port_range ferr_ports[] = {
    {0xf0, 2, IO8, NULL, clear_write, "coprocessor error"},
    {.count = 0},
};

static const struct line_out ferr_lines_out[] = {
    {"irq", offsetof(struct ferr, irq), 1},
    {"ignne", offsetof(struct ferr, ignne), 1},
    {.name = NULL},
};

static const struct line_in ferr_lines_in[] = {
    {"ferr", 1, ferr_pin},
    {.name = NULL},
};

const struct device_class ferr_class = {
    .name = "ferr",
    .summary = "x87 errors by IRQ 13",
    DEVICE_STATE(struct ferr, s),
    .state_version = 1,
    .fields = ferr_fields,
    .ports = ferr_ports,
    .lines_out = ferr_lines_out,
    .lines_in = ferr_lines_in,
    .reset = ferr_reset,
};

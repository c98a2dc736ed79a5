/*
 * port92.c - fast A20 gate and reset of the PIIX, port 92h.
 *
 * Datasheet: Intel 290550 (PIIX3), 2.5.4.2: FAST_A20 is ORed with the
 * keyboard controller's A20GATE; FAST_INIT resets the CPU on 0 to 1.
 */
#include "iodev/port92.h"

enum { FAST_INIT = 0x01, FAST_A20 = 0x02 };

struct port92 {
    struct device dev;

    struct port92_state {
        uint8_t value;
        bool kbc_a20;
    } s;

    struct line a20, reset;
};

static struct port92 *port92_of(struct device *dev)
{
    return container_of(dev, struct port92, dev);
}

static void drive_a20(struct port92 *p)
{
    line_set(&p->a20, p->s.kbc_a20 || (p->s.value & FAST_A20));
}

static void set_kbc_a20(void *dev, unsigned n, bool level)
{
    struct port92 *p = port92_of(dev);

    (void)n;
    p->s.kbc_a20 = level;
    drive_a20(p);
}

static uint32_t port92_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)port;
    (void)size;
    return port92_of(dev)->s.value;
}

static void port92_write(struct device *dev, uint16_t port, uint32_t value,
                         unsigned size)
{
    struct port92 *p = port92_of(dev);
    bool reset = (value & FAST_INIT) && !(p->s.value & FAST_INIT);

    (void)port;
    (void)size;
    p->s.value = (uint8_t)value & (FAST_INIT | FAST_A20);
    drive_a20(p);
    if (reset)
        line_pulse(&p->reset);
}

static bool port92_init(struct device *dev, struct error *err)
{
    (void)err;
    port92_of(dev)->s.kbc_a20 = true;
    return true;
}

static void port92_reset(struct device *dev, enum reset_kind kind)
{
    struct port92 *p = port92_of(dev);

    if (kind == RESET_SOFTWARE) {
        p->s.value &= FAST_A20; /* a later 0 to 1 must be seen */
        return;
    }
    p->s = (struct port92_state){.kbc_a20 = p->s.kbc_a20};
    drive_a20(p);
}

static bool port92_post_load(struct device *dev, struct error *err)
{
    if (port92_of(dev)->s.value > (FAST_INIT | FAST_A20))
        return error_set(err, EXIT_BAD_DATA, "%s: reserved bits set", dev->id);
    return true;
}

static const struct field port92_fields[] = {
    FIELD(struct port92_state, value, "bit 0 reset, bit 1 A20"),
    FIELD(struct port92_state, kbc_a20, "the keyboard controller's gate"),
    FIELD_END,
};

static const struct port_range port92_ports[] = {
    {0x92, 1, IO8, port92_read, port92_write, "fast A20 and reset"},
    {.count = 0},
};

static const struct line_out port92_lines_out[] = {
    {"a20", offsetof(struct port92, a20), 1},
    {"reset", offsetof(struct port92, reset), 1},
    {.name = NULL},
};

static const struct line_in port92_lines_in[] = {
    {"kbc_a20", 1, set_kbc_a20},
    {.name = NULL},
};

const struct device_class port92_class = {
    .name = "port92",
    .summary = "fast A20 gate and reset",
    DEVICE_STATE(struct port92, s),
    .state_version = 1,
    .fields = port92_fields,
    .ports = port92_ports,
    .lines_out = port92_lines_out,
    .lines_in = port92_lines_in,
    .init = port92_init,
    .reset = port92_reset,
    .post_load = port92_post_load,
};

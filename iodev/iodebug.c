/*
 * iodebug.c - the ports through which a guest speaks to the debugger.
 *
 * Ports: 8A00h commands, 8A01h data, 16 bits each, as of Bochs:
 *   8A00h  8A00h begins, 8AFFh ends (and drops what is monitored)
 *          8A01h, 8A02h choose the register for what is written to 8A01h,
 *          which is shifted in from the right, 16 bits at a time
 *          8A80h accesses to memory from register 0 up to register 1 stop
 *          8AE0h stops; 8AE2h, 8AE3h instruction trace off, on;
 *          8AE4h, 8AE5h register trace off, on
 *   8A00h  reads 8A00h while it is on, else 0
 * The guest sees the same whether a debugger listens or not.
 */
#include "iodev/iodebug.h"
#include "core/host.h"

struct iodebug {
    struct device dev;

    struct iodebug_state {
        bool on;
        uint8_t chosen; /* register that data goes to */
        uint32_t reg[2];
    } s;
};

static struct iodebug *iodebug_of(struct device *dev)
{
    return container_of(dev, struct iodebug, dev);
}

static void ask(struct iodebug *p, enum host_debug what, uint32_t a, uint32_t b)
{
    const struct host *h = p->dev.sv->host;

    if (h && h->debug)
        h->debug(h->opaque, what, a, b);
}

static uint32_t command_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)port;
    (void)size;
    return iodebug_of(dev)->s.on ? 0x8a00 : 0;
}

static void command_write(struct device *dev, uint16_t port, uint32_t value,
                          unsigned size)
{
    struct iodebug *p = iodebug_of(dev);

    (void)port;
    (void)size;
    if (value == 0x8a00)
        p->s.on = true;
    if (!p->s.on)
        return;
    switch (value) {
    case 0x8a01:
    case 0x8a02:
        p->s.chosen = (uint8_t)(value - 0x8a01);
        break;
    case 0x8a80:
        ask(p, HOST_DEBUG_WATCH, p->s.reg[0], p->s.reg[1]);
        p->s.reg[0] = p->s.reg[1] = 0;
        break;
    case 0x8ae0:
        ask(p, HOST_DEBUG_BREAK, 0, 0);
        break;
    case 0x8ae2:
    case 0x8ae3:
        ask(p, HOST_DEBUG_TRACE, value & 1, 0);
        break;
    case 0x8ae4:
    case 0x8ae5:
        ask(p, HOST_DEBUG_TRACE_REGS, value & 1, 0);
        break;
    case 0x8aff:
        p->s = (struct iodebug_state){0};
        ask(p, HOST_DEBUG_UNWATCH, 0, 0);
        break;
    default:
        break;
    }
}

static void data_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    struct iodebug *p = iodebug_of(dev);
    uint32_t *r = &p->s.reg[p->s.chosen];

    (void)port;
    (void)size;
    if (p->s.on)
        *r = *r << 16 | (value & 0xffff);
}

static void iodebug_reset(struct device *dev, enum reset_kind kind)
{
    (void)kind;
    iodebug_of(dev)->s = (struct iodebug_state){0};
}

static bool iodebug_post_load(struct device *dev, struct error *err)
{
    if (iodebug_of(dev)->s.chosen > 1)
        return error_set(err, EXIT_BAD_DATA, "iodebug: no such register");
    return true;
}

static const struct field iodebug_fields[] = {
    FIELD(struct iodebug_state, on, "begun with 8A00h"),
    FIELD(struct iodebug_state, chosen, "register that data goes to"),
    FIELD_ARRAY(struct iodebug_state, reg, "begin and end of a range"),
    FIELD_END,
};

static const struct port_range iodebug_ports[] = {
    {0x8a00, 1, IO16, command_read, command_write, "commands"},
    {0x8a01, 1, IO16, NULL, data_write, "data"},
    {.count = 0},
};

const struct device_class iodebug_class = {
    .name = "iodebug",
    .summary = "requests of the guest to the debugger",
    DEVICE_STATE(struct iodebug, s),
    .state_version = 1,
    .fields = iodebug_fields,
    .ports = iodebug_ports,
    .reset = iodebug_reset,
    .post_load = iodebug_post_load,
};

/*
 * parallel.c - PC parallel port with a printer that writes a file.
 *
 * Ports: io_base + 0 data, + 1 status, + 2 control (378h, 278h).
 * Reference: IBM AT Technical Reference, "Parallel port". The printer takes
 * each byte in 10 us and acknowledges it for 5.
 * Departures: output only; no EPP or ECP.
 */
#include "iodev/parallel.h"

#include <errno.h>
#include <stdio.h>

enum {
    ST_ERROR = 0x08, /* high: no error */
    ST_SELECT = 0x10,
    ST_ACK = 0x40,  /* low: byte taken */
    ST_BUSY = 0x80, /* high: not busy */
    CT_STROBE = 0x01,
    CT_INIT = 0x04, /* low: initialize the printer */
    CT_IRQ = 0x10,
    CT_WRITABLE = 0x3f,
    BUSY_NS = 10000,
    ACK_NS = 5000
};

enum { READY, BUSY, ACKNOWLEDGE };

struct parallel {
    struct device dev;

    struct parallel_state {
        uint8_t data, control;
        uint8_t phase; /* READY, BUSY, ACKNOWLEDGE */
        uint8_t taken; /* byte that the printer has latched */
    } s;

    struct line irq;
    struct timer timer;
    char timer_name[24];
    char *path;
    FILE *file;
};

static struct parallel *parallel_of(struct device *dev)
{
    return container_of(dev, struct parallel, dev);
}

/* nACK is low during the acknowledge; its rising edge interrupts. */
static void update_irq(struct parallel *p)
{
    line_set(&p->irq, (p->s.control & CT_IRQ) && p->s.phase == ACKNOWLEDGE);
}

static void fire(void *opaque)
{
    struct parallel *p = opaque;

    if (p->s.phase == BUSY) {
        if (p->file) {
            putc(p->s.taken, p->file);
            if (p->s.taken == '\n' || p->s.taken == '\f')
                fflush(p->file);
        }
        p->s.phase = ACKNOWLEDGE;
        timer_arm_in_ns(&p->timer, ACK_NS);
    } else {
        p->s.phase = READY;
    }
    update_irq(p);
}

static void write_control(struct parallel *p, uint8_t v)
{
    bool strobe = (v & CT_STROBE) && !(p->s.control & CT_STROBE);

    p->s.control = v & CT_WRITABLE;
    if (!(v & CT_INIT)) {
        p->s.phase = READY;
        timer_cancel(&p->timer);
    } else if (strobe && p->s.phase == READY) {
        p->s.taken = p->s.data;
        p->s.phase = BUSY;
        timer_arm_in_ns(&p->timer, BUSY_NS);
    }
    update_irq(p);
}

static uint8_t status(const struct parallel *p)
{
    return ST_ERROR | ST_SELECT | 0x07 |
           (p->s.phase == ACKNOWLEDGE ? 0 : ST_ACK) |
           (p->s.phase == READY ? ST_BUSY : 0);
}

static uint32_t parallel_read(struct device *dev, uint16_t port, unsigned size)
{
    struct parallel *p = parallel_of(dev);

    (void)size;
    switch (port & 3) {
    case 0:
        return p->s.data;
    case 1:
        return status(p);
    default:
        return p->s.control | 0xc0;
    }
}

static void parallel_write(struct device *dev, uint16_t port, uint32_t value,
                           unsigned size)
{
    struct parallel *p = parallel_of(dev);

    (void)size;
    switch (port & 3) {
    case 0:
        p->s.data = (uint8_t)value;
        break;
    case 2:
        write_control(p, (uint8_t)value);
        break;
    default:
        break; /* status is read-only */
    }
}

static bool parallel_init(struct device *dev, struct error *err)
{
    struct parallel *p = parallel_of(dev);

    snprintf(p->timer_name, sizeof p->timer_name, "%s.byte", dev->id);
    timer_init(&p->timer, dev->sv->clock, p->timer_name, fire, p);
    if (!p->path || !*p->path)
        return true;
    p->file = fopen(p->path, "wb");
    if (!p->file)
        return error_set(err, EXIT_NO_OPEN, "cannot write %s: %s", p->path,
                         strerror(errno));
    return true;
}

static void parallel_reset(struct device *dev, enum reset_kind kind)
{
    struct parallel *p = parallel_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    p->s = (struct parallel_state){.control = 0};
    timer_cancel(&p->timer);
    update_irq(p);
}

static bool parallel_post_load(struct device *dev, struct error *err)
{
    const struct parallel_state *s = &parallel_of(dev)->s;

    if (s->phase > ACKNOWLEDGE || s->control > CT_WRITABLE)
        return error_set(err, EXIT_BAD_DATA, "%s: impossible phase", dev->id);
    return true;
}

static void parallel_destroy(struct device *dev)
{
    struct parallel *p = parallel_of(dev);

    timer_destroy(&p->timer);
    if (p->file)
        fclose(p->file);
}

static const struct field parallel_fields[] = {
    FIELD(struct parallel_state, data, "data register"),
    FIELD(struct parallel_state, control, "control register"),
    FIELD(struct parallel_state, phase, "0 ready, 1 busy, 2 acknowledge"),
    FIELD(struct parallel_state, taken, "byte in the printer"),
    FIELD_END,
};

static const struct option parallel_options[] = {
    {"file", "path", offsetof(struct parallel, path), NULL,
     "file that receives what is printed"},
    {.key = NULL},
};

static const struct port_range parallel_ports[] = {
    {0, 3, IO8, parallel_read, parallel_write, "data, status, control"},
    {.count = 0},
};

static const struct line_out parallel_lines_out[] = {
    {"irq", offsetof(struct parallel, irq), 1},
    {.name = NULL},
};

const struct device_class parallel_class = {
    .name = "parallel",
    .summary = "parallel port with a printer",
    DEVICE_STATE(struct parallel, s),
    .state_version = 1,
    .fields = parallel_fields,
    .ports = parallel_ports,
    .options = parallel_options,
    .lines_out = parallel_lines_out,
    .init = parallel_init,
    .reset = parallel_reset,
    .post_load = parallel_post_load,
    .destroy = parallel_destroy,
};

/*
 * serial.c - PC serial port: a 16550A on the ISA bus.
 *
 * Ports: io_base + 0..7 (3F8h, 2F8h, 3E8h, 2E8h); registers in uart.c.
 */
#include "iodev/serial.h"
#include "core/host.h"
#include "iodev/uart.h"

struct serial {
    struct device dev;

    struct serial_state {
        struct uart_regs uart[1];
    } s;

    struct line irq;
    struct uart uart;
    struct host_stream stream;
    int32_t mode;
    char *where;
};

static const char mode_type[] =
    "enum:null|file|term|raw|socket-client|socket-server|pipe-client|"
    "pipe-server|pty|stdio";

static const char *const mode_names[] = {
    "null",          "file",        "term",        "raw", "socket-client",
    "socket-server", "pipe-client", "pipe-server", "pty", "stdio"};

static struct serial *serial_of(struct device *dev)
{
    return container_of(dev, struct serial, dev);
}

static void set_irq(void *opaque, bool level)
{
    line_set(&((struct serial *)opaque)->irq, level);
}

static void send(void *opaque, uint8_t byte)
{
    struct serial *p = opaque;

    if (p->stream.write)
        p->stream.write(p->stream.opaque, &byte, 1);
}

static uint32_t serial_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return uart_read(&serial_of(dev)->uart, port & 7);
}

static void serial_write(struct device *dev, uint16_t port, uint32_t value,
                         unsigned size)
{
    (void)size;
    uart_write(&serial_of(dev)->uart, port & 7, (uint8_t)value);
}

static bool serial_init(struct device *dev, struct error *err)
{
    struct serial *p = serial_of(dev);
    const struct host *h = dev->sv->host;

    p->uart = (struct uart){
        .dev = dev,
        .r = p->s.uart,
        .opaque = p,
        .irq = set_irq,
        .send = send,
    };
    uart_init(&p->uart);
    if (p->mode == 0)
        return true;
    if (!h || !h->open_stream)
        return error_set(err, EXIT_USAGE,
                         "mode=%s is not possible here; use mode=null",
                         mode_names[p->mode]);
    return h->open_stream(h->opaque, dev->id, mode_names[p->mode],
                          p->where ? p->where : "", &p->stream, err);
}

static void serial_reset(struct device *dev, enum reset_kind kind)
{
    if (kind == RESET_HARDWARE)
        uart_reset(&serial_of(dev)->uart);
}

static bool serial_post_load(struct device *dev, struct error *err)
{
    if (!uart_valid(serial_of(dev)->s.uart))
        return error_set(err, EXIT_BAD_DATA, "%s: impossible FIFO", dev->id);
    return true;
}

static void serial_input(struct device *dev, const struct input_event *ev)
{
    if (ev->kind == INPUT_BYTES)
        uart_receive(&serial_of(dev)->uart, ev->data, ev->len);
}

static void serial_info(struct device *dev, struct out *out)
{
    static const char parity[8] = "NONENMNS";
    const struct uart_regs *r = serial_of(dev)->s.uart;

    out_printf(out, "%u baud, %u%c%s, FIFO %s, %u in, %u out, mode %s\n",
               uart_baud(r), 5u + (r->lcr & 3), parity[r->lcr >> 3 & 7],
               r->lcr & 4 ? "2" : "1", r->fcr & 1 ? "on" : "off", r->rx->count,
               r->tx->count, mode_names[serial_of(dev)->mode]);
}

static void serial_destroy(struct device *dev)
{
    struct serial *p = serial_of(dev);

    uart_destroy(&p->uart);
    if (p->stream.close)
        p->stream.close(p->stream.opaque);
}

static const struct field serial_fields[] = {
    FIELD_STRUCTS(struct serial_state, uart, uart_fields, "16550A"),
    FIELD_END,
};

static const struct option serial_options[] = {
    {"mode", mode_type, offsetof(struct serial, mode), "null",
     "where the other end is"},
    {"dev", "string", offsetof(struct serial, where), NULL,
     "its file, device, pipe or host:port"},
    {.key = NULL},
};

static const struct port_range serial_ports[] = {
    {0, 8, IO8, serial_read, serial_write, "16550A registers"},
    {.count = 0},
};

static const struct line_out serial_lines_out[] = {
    {"irq", offsetof(struct serial, irq), 1},
    {.name = NULL},
};

const struct device_class serial_class = {
    .name = "serial",
    .summary = "serial port, 16550A",
    DEVICE_STATE(struct serial, s),
    .state_version = 1,
    .fields = serial_fields,
    .ports = serial_ports,
    .options = serial_options,
    .lines_out = serial_lines_out,
    .init = serial_init,
    .reset = serial_reset,
    .post_load = serial_post_load,
    .info = serial_info,
    .input = serial_input,
    .destroy = serial_destroy,
};

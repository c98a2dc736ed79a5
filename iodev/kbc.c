/*
 * kbc.c - 8042 keyboard and mouse controller.
 *
 * Ports: 60h data, 64h status and command.
 * Reference: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and
 * auxiliary device controller"; IBM AT Technical Reference, section 4.
 * Departures: commands finish at once, so the input buffer is never seen
 * full; the password never matches; test commands C1h, C2h, ACh have no
 * answer. A CPU-only reset leaves the controller alone, as on an AT, where
 * the system flag then tells the BIOS that this was no power-on.
 */
#include "iodev/kbc.h"

enum {
    ST_OBF = 0x01,
    ST_SYS = 0x04,
    ST_A2 = 0x08,
    ST_INH = 0x10, /* keyboard not locked */
    ST_MOBF = 0x20,
    ST_TIMEOUT = 0x40,

    CB_INT = 0x01,
    CB_INT2 = 0x02,
    CB_SYS = 0x04,
    CB_KBD_OFF = 0x10,
    CB_AUX_OFF = 0x20,
    CB_XLAT = 0x40,

    OUT_RUN = 0x01, /* low resets the CPU */
    OUT_A20 = 0x02,
    OUT_IRQ1 = 0x10,
    OUT_IRQ12 = 0x20,

    KBD = 0,
    AUX = 1,
    INPUT_PORT = 0xb0 /* not locked, no jumper, 512 KiB on board */
};

struct kbc {
    struct device dev;

    struct kbc_state {
        uint8_t ram[32];  /* [0] is the command byte */
        uint8_t out;      /* output buffer */
        uint8_t status;   /* port 64h without SYS and INH */
        uint8_t out_port; /* without the IRQ bits */
        uint8_t command;  /* waits for its data byte, 0: none */
        uint8_t reply;    /* of the controller, waits for a free buffer */
        bool reply_waits, reply_aux, reply_timeout;
        bool break_next; /* F0 seen while translating */
        bool data[2];    /* levels of the data pins */
    } s;

    struct line irq1, irq12, a20, reset;
    struct device *port[2];
    const struct ps2_ops *ops[2];
    struct timer timer;
    char timer_name[24];
    int64_t serial_delay; /* microseconds a byte takes */
};

static struct kbc *kbc_of(struct device *dev)
{
    return container_of(dev, struct kbc, dev);
}

static uint8_t command_byte(const struct kbc *k)
{
    return k->s.ram[0];
}

/* ---- output buffer ---- */

static void update_irqs(struct kbc *k)
{
    bool full = k->s.status & ST_OBF, aux = k->s.status & ST_MOBF;

    line_set(&k->irq1, full && !aux && (command_byte(k) & CB_INT));
    line_set(&k->irq12, full && aux && (command_byte(k) & CB_INT2));
}

static void fill(struct kbc *k, uint8_t byte, uint8_t flags)
{
    k->s.out = byte;
    k->s.status &= (uint8_t) ~(ST_MOBF | ST_TIMEOUT);
    k->s.status |= ST_OBF | flags;
    update_irqs(k);
}

static bool enabled(const struct kbc *k, unsigned port)
{
    return !(command_byte(k) & (port == KBD ? CB_KBD_OFF : CB_AUX_OFF));
}

static bool port_ready(const struct kbc *k, unsigned port)
{
    return k->ops[port] && k->s.data[port] && enabled(k, port);
}

/* Gets the next byte on its way, if the output buffer is free. */
static void pump(struct kbc *k)
{
    if (k->s.status & ST_OBF)
        return;
    if (k->s.reply_waits) {
        k->s.reply_waits = false;
        fill(k, k->s.reply,
             (k->s.reply_aux ? ST_MOBF : 0) |
                 (k->s.reply_timeout ? ST_TIMEOUT : 0));
        return;
    }
    if (!timer_armed(&k->timer) && (port_ready(k, KBD) || port_ready(k, AUX)))
        timer_arm_in_ns(&k->timer, (uint64_t)k->serial_delay * 1000);
}

/* F0 xx becomes the set 1 code with bit 7; E0 and E1 pass. True: there is a
 * byte for the host. */
static bool translate(struct kbc *k, uint8_t *byte)
{
    uint8_t code;

    if (!(command_byte(k) & CB_XLAT))
        return true;
    if (*byte == 0xf0) {
        k->s.break_next = true;
        return false;
    }
    if (*byte >= 0xe0) /* prefixes and answers to commands */
        return true;
    code = ps2_set2_to_set1(*byte);
    *byte = k->s.break_next ? code | 0x80 : code;
    k->s.break_next = false;
    return true;
}

/* A byte from the wire is complete. */
static void fire(void *opaque)
{
    struct kbc *k = opaque;
    unsigned port = port_ready(k, KBD) ? KBD : AUX;
    uint8_t byte;

    if (!(k->s.status & ST_OBF) && !k->s.reply_waits && port_ready(k, port) &&
        k->ops[port]->take(k->port[port], &byte)) {
        if (port == AUX)
            fill(k, byte, ST_MOBF);
        else if (translate(k, &byte))
            fill(k, byte, 0);
    }
    pump(k);
}

static void reply(struct kbc *k, uint8_t byte)
{
    k->s.reply = byte;
    k->s.reply_waits = true;
    k->s.reply_aux = k->s.reply_timeout = false;
    pump(k);
}

static void set_data(void *dev, unsigned n, bool level)
{
    struct kbc *k = kbc_of(dev);

    k->s.data[n] = level;
    pump(k);
}

/* ---- input buffer ---- */

static void send(struct kbc *k, unsigned port, uint8_t byte)
{
    if (k->ops[port]) {
        k->ops[port]->send(k->port[port], byte);
        pump(k);
        return;
    }
    /* Nobody clocks the byte out: FEh and the timeout flag. */
    k->s.reply = 0xfe;
    k->s.reply_waits = k->s.reply_timeout = true;
    k->s.reply_aux = port == AUX;
    pump(k);
}

static void write_out_port(struct kbc *k, uint8_t v)
{
    k->s.out_port = v & (uint8_t) ~(OUT_IRQ1 | OUT_IRQ12);
    line_set(&k->a20, v & OUT_A20);
    if (!(v & OUT_RUN)) {
        k->s.out_port |= OUT_RUN;
        line_pulse(&k->reset);
    }
}

static uint8_t read_out_port(const struct kbc *k)
{
    uint8_t v = k->s.out_port;

    if (k->s.status & ST_OBF)
        v |= k->s.status & ST_MOBF ? OUT_IRQ12 : OUT_IRQ1;
    return v;
}

static void write_ram(struct kbc *k, unsigned n, uint8_t v)
{
    k->s.ram[n] = v;
    if (n == 0) {
        update_irqs(k);
        pump(k);
    }
}

/* The data byte of a two-byte command; true: it was one. */
static bool command_data(struct kbc *k, uint8_t v)
{
    uint8_t cmd = k->s.command;

    k->s.command = 0;
    switch (cmd) {
    case 0xa5: /* password, up to a zero */
        k->s.command = v ? 0xa5 : 0;
        return true;
    case 0xd1:
        write_out_port(k, v);
        return true;
    case 0xd2:
        reply(k, v);
        return true;
    case 0xd3:
        k->s.reply = v;
        k->s.reply_waits = k->s.reply_aux = true;
        k->s.reply_timeout = false;
        pump(k);
        return true;
    case 0xd4:
        send(k, AUX, v);
        return true;
    default:
        if (cmd < 0x60 || cmd > 0x7f)
            return false;
        write_ram(k, cmd & 0x1f, v);
        return true;
    }
}

static void write_data(struct kbc *k, uint8_t v)
{
    k->s.status &= (uint8_t)~ST_A2;
    if (command_data(k, v))
        return;
    /* Sending to the keyboard turns its interface on. */
    k->s.ram[0] &= (uint8_t)~CB_KBD_OFF;
    send(k, KBD, v);
}

static void self_test(struct kbc *k)
{
    k->s.ram[0] = CB_KBD_OFF | CB_AUX_OFF | CB_SYS;
    k->s.break_next = false;
    k->s.status &= (uint8_t) ~(ST_OBF | ST_MOBF);
    update_irqs(k);
    reply(k, 0x55);
}

/* Commands F0h-FFh pull down the output port bits whose bit is 0. */
static void pulse(struct kbc *k, uint8_t cmd)
{
    if (!(cmd & OUT_RUN))
        line_pulse(&k->reset);
}

static void write_command(struct kbc *k, uint8_t cmd)
{
    k->s.status |= ST_A2;
    k->s.command = 0;
    switch (cmd) {
    case 0xa4:
        reply(k, 0xf1); /* no password */
        break;
    case 0xa6:
        break;
    case 0xa7:
        k->s.ram[0] |= CB_AUX_OFF;
        break;
    case 0xa8:
        write_ram(k, 0, k->s.ram[0] & (uint8_t)~CB_AUX_OFF);
        break;
    case 0xa9:
    case 0xab:
        reply(k, 0x00); /* lines are fine */
        break;
    case 0xaa:
        self_test(k);
        break;
    case 0xad:
        k->s.ram[0] |= CB_KBD_OFF;
        break;
    case 0xae:
        write_ram(k, 0, k->s.ram[0] & (uint8_t)~CB_KBD_OFF);
        break;
    case 0xc0:
        reply(k, INPUT_PORT);
        break;
    case 0xd0:
        reply(k, read_out_port(k));
        break;
    case 0xdd:
    case 0xdf:
        write_out_port(k, cmd == 0xdf ? k->s.out_port | OUT_A20
                                      : k->s.out_port & (uint8_t)~OUT_A20);
        break;
    case 0xe0:
        reply(k, 0x00);
        break;
    case 0xa5:
    case 0xd1:
    case 0xd2:
    case 0xd3:
    case 0xd4:
        k->s.command = cmd;
        break;
    default:
        if (cmd >= 0xf0)
            pulse(k, cmd);
        else if (cmd >= 0x20 && cmd <= 0x3f)
            reply(k, k->s.ram[cmd & 0x1f]);
        else if (cmd >= 0x60 && cmd <= 0x7f)
            k->s.command = cmd;
        else
            log_error(&k->dev.log, "unknown command %02x", cmd);
        break;
    }
}

/*
 * Ports: 60h reads the output buffer, writes a data byte; 64h reads the
 * status, writes a command.
 */
static uint32_t kbc_read(struct device *dev, uint16_t port, unsigned size)
{
    struct kbc *k = kbc_of(dev);
    uint8_t v = k->s.out;

    (void)size;
    if (port & 4)
        return k->s.status | ST_INH | (command_byte(k) & CB_SYS);
    if (k->s.status & ST_OBF) {
        k->s.status &= (uint8_t) ~(ST_OBF | ST_MOBF | ST_TIMEOUT);
        update_irqs(k);
        pump(k);
    }
    return v;
}

static void kbc_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    (void)size;
    if (port & 4)
        write_command(kbc_of(dev), (uint8_t)value);
    else
        write_data(kbc_of(dev), (uint8_t)value);
}

/* ---- class ---- */

void kbc_attach(struct device *kbc, unsigned port, struct device *dev,
                const struct ps2_ops *ops)
{
    struct kbc *k = kbc_of(kbc);

    k->port[port & 1] = dev;
    k->ops[port & 1] = ops;
    device_wire(dev, "data", 0, kbc, "data", port & 1);
}

static bool kbc_init(struct device *dev, struct error *err)
{
    struct kbc *k = kbc_of(dev);

    (void)err;
    snprintf(k->timer_name, sizeof k->timer_name, "%s.serial", dev->id);
    timer_init(&k->timer, dev->sv->clock, k->timer_name, fire, k);
    return true;
}

static void kbc_reset(struct device *dev, enum reset_kind kind)
{
    struct kbc *k = kbc_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    k->s = (struct kbc_state){
        .ram[0] = CB_KBD_OFF | CB_AUX_OFF,
        .out_port = 0xcf,
        .data = {k->s.data[0], k->s.data[1]},
    };
    timer_cancel(&k->timer);
    line_set(&k->a20, true);
    update_irqs(k);
}

static void kbc_info(struct device *dev, struct out *out)
{
    struct kbc *k = kbc_of(dev);

    out_printf(out, "status %02x, command byte %02x, output port %02x\n",
               k->s.status | ST_INH | (command_byte(k) & CB_SYS),
               command_byte(k), read_out_port(k));
    for (unsigned i = 0; i < 2; i++)
        out_printf(out, "%s: %s, %s%s\n", i ? "mouse" : "keyboard",
                   k->port[i] ? k->port[i]->id : "nothing connected",
                   enabled(k, i) ? "enabled" : "disabled",
                   k->s.data[i] ? ", has data" : "");
}

static void kbc_destroy(struct device *dev)
{
    timer_destroy(&kbc_of(dev)->timer);
}

static const struct field kbc_fields[] = {
    FIELD_ARRAY(struct kbc_state, ram, "controller RAM, command byte first"),
    FIELD(struct kbc_state, out, "output buffer"),
    FIELD(struct kbc_state, status, "status bits"),
    FIELD(struct kbc_state, out_port, "output port"),
    FIELD(struct kbc_state, command, "command that waits for data"),
    FIELD(struct kbc_state, reply, "controller's answer"),
    FIELD(struct kbc_state, reply_waits, "the answer is not in the buffer yet"),
    FIELD(struct kbc_state, reply_aux, "it pretends to be the mouse's"),
    FIELD(struct kbc_state, reply_timeout, "it reports a timeout"),
    FIELD(struct kbc_state, break_next, "translation saw F0"),
    FIELD_ARRAY(struct kbc_state, data, "keyboard, mouse have bytes"),
    FIELD_END,
};

static const struct option kbc_options[] = {
    {"serial_delay", "int:5..100000", offsetof(struct kbc, serial_delay), "150",
     "microseconds that a byte takes from keyboard or mouse"},
    {.key = NULL},
};

static const struct port_range kbc_ports[] = {
    {0x60, 1, IO8, kbc_read, kbc_write, "8042 data"},
    {0x64, 1, IO8, kbc_read, kbc_write, "8042 status, command"},
    {.count = 0},
};

static const struct line_out kbc_lines_out[] = {
    {"irq1", offsetof(struct kbc, irq1), 1},
    {"irq12", offsetof(struct kbc, irq12), 1},
    {"a20", offsetof(struct kbc, a20), 1},
    {"reset", offsetof(struct kbc, reset), 1},
    {.name = NULL},
};

static const struct line_in kbc_lines_in[] = {
    {"data", 2, set_data},
    {.name = NULL},
};

const struct device_class kbc_class = {
    .name = "kbc",
    .summary = "8042 keyboard and mouse controller",
    DEVICE_STATE(struct kbc, s),
    .state_version = 1,
    .fields = kbc_fields,
    .ports = kbc_ports,
    .options = kbc_options,
    .lines_out = kbc_lines_out,
    .lines_in = kbc_lines_in,
    .init = kbc_init,
    .reset = kbc_reset,
    .info = kbc_info,
    .destroy = kbc_destroy,
};

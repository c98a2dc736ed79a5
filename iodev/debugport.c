/*
 * debugport.c - ports through which a guest talks to the people who run it.
 *
 * Ports: 80h and the page registers without a channel (84h-86h, 88h,
 * 8Ch-8Eh): POST latch; E9h: characters to standard output or a file
 * (port_e9_hack), reads E9h; 402h, 403h: BIOS messages to the log, 402h reads
 * E9h; 400h, 401h: a BIOS panics in that line; 500h, 503h messages of the VGA
 * BIOS, 501h, 502h its panics; 8900h: the word "Shutdown" ends the run, D stops
 * in the debugger;
 * exit_port: ends the run with a code of the guest's choice.
 */
#include "iodev/debugport.h"
#include "core/host.h"

#include <errno.h>
#include <stdio.h>

enum { E9 = 0xe9, LINE_MAX_BYTES = 200, STYLE_PLAIN = 0, STYLE_QEMU = 1 };

enum { BIOS, BIOS_DEBUG, VBIOS, VBIOS_DEBUG, CHANNELS };

/* A line of text in the making; goes to the log when it ends. */
struct message {
    char text[LINE_MAX_BYTES + 1];
    unsigned len;
};

struct debugport {
    struct device dev;

    struct debugport_state {
        uint8_t post[16];      /* 80h-8Fh */
        uint8_t shutdown_seen; /* letters of the word so far */
    } s;

    struct message message[CHANNELS];
    struct log_source source[2]; /* BIOS, VBIOS */
    struct port_range exit_range;
    FILE *file;
    bool e9;
    char *e9_file;
    int64_t exit_port;
    int32_t exit_style;
};

static struct debugport *debugport_of(struct device *dev)
{
    return container_of(dev, struct debugport, dev);
}

static void stop(struct debugport *p, int code, const char *why)
{
    const struct host *h = p->dev.sv->host;

    log_info(&p->dev.log, "%s, code %d", why, code);
    if (h && h->stop)
        h->stop(h->opaque, code, why);
}

/* ---- messages ---- */

static void end_line(struct debugport *p, unsigned channel)
{
    struct message *m = &p->message[channel];
    enum log_level level = channel & 1 ? LOG_DEBUG : LOG_INFO;

    m->text[m->len] = '\0';
    if (m->len)
        log_at(&p->source[channel / 2], level, "%s", m->text);
    m->len = 0;
}

static void add_char(struct debugport *p, unsigned channel, uint8_t c)
{
    struct message *m = &p->message[channel];

    if (c == '\n') {
        end_line(p, channel);
        return;
    }
    if (c == '\r' || c == '\0')
        return;
    if (m->len == LINE_MAX_BYTES)
        end_line(p, channel);
    m->text[m->len++] = c >= 0x20 && c < 0x7f ? (char)c : '.';
}

static uint32_t bios_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)dev;
    (void)size;
    return port == 0x402 ? E9 : 0xff;
}

static void bios_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    struct debugport *p = debugport_of(dev);
    bool vga = port >= 0x500;
    static const uint8_t text_port[2][2] = {{2, 3}, {0, 3}};

    (void)size;
    if ((port & 3) == text_port[vga][0])
        add_char(p, vga ? VBIOS : BIOS, (uint8_t)value);
    else if ((port & 3) == text_port[vga][1])
        add_char(p, vga ? VBIOS_DEBUG : BIOS_DEBUG, (uint8_t)value);
    else
        log_error(&p->source[vga], "panic, line %u", (unsigned)value);
}

static uint32_t e9_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)port;
    (void)size;
    return debugport_of(dev)->e9 ? E9 : 0xff;
}

static void e9_write(struct device *dev, uint16_t port, uint32_t value,
                     unsigned size)
{
    struct debugport *p = debugport_of(dev);

    (void)port;
    (void)size;
    if (!p->e9)
        return;
    putc((int)(value & 0xff), p->file);
    if ((value & 0xff) == '\n')
        fflush(p->file);
}

/* ---- POST codes, the end ---- */

static uint32_t post_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return debugport_of(dev)->s.post[port & 15];
}

static void post_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    (void)size;
    debugport_of(dev)->s.post[port & 15] = (uint8_t)value;
    if (port == 0x80)
        log_debug(&dev->log, "POST code %02x", (unsigned)value);
}

static void shutdown_write(struct device *dev, uint16_t port, uint32_t value,
                           unsigned size)
{
    static const char word[] = "Shutdown";
    struct debugport *p = debugport_of(dev);
    uint8_t c = (uint8_t)value;

    (void)port;
    (void)size;
    if (c == 'D' && dev->sv->host && dev->sv->host->debug)
        dev->sv->host->debug(dev->sv->host->opaque, HOST_DEBUG_BREAK, 0, 0);
    if (c == (uint8_t)word[p->s.shutdown_seen])
        p->s.shutdown_seen++;
    else
        p->s.shutdown_seen = c == (uint8_t)word[0];
    if (p->s.shutdown_seen == sizeof word - 1) {
        p->s.shutdown_seen = 0;
        stop(p, EXIT_CLEAN, "guest shutdown through port 8900h");
    }
}

static void exit_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    struct debugport *p = debugport_of(dev);

    (void)port;
    (void)size;
    if (p->exit_style == STYLE_QEMU)
        value = value << 1 | 1;
    stop(p, (int)(value & 0xff), "guest exit port");
}

/* ---- class ---- */

static bool open_file(struct debugport *p, struct error *err)
{
    p->file = stdout;
    if (!p->e9_file || !*p->e9_file)
        return true;
    p->file = fopen(p->e9_file, "wb");
    if (!p->file)
        return error_set(err, EXIT_NO_OPEN, "cannot write %s: %s", p->e9_file,
                         strerror(errno));
    return true;
}

static bool debugport_init(struct device *dev, struct error *err)
{
    struct debugport *p = debugport_of(dev);

    log_source_init(dev->sv->log, &p->source[0], "BIOS");
    log_source_init(dev->sv->log, &p->source[1], "VBIOS");
    if (!open_file(p, err))
        return false;
    if (p->exit_port == 0)
        return true;
    p->exit_range = (struct port_range){
        .first = (uint16_t)p->exit_port,
        .count = 4,
        .widths = IO8 | IO16 | IO32,
        .write = exit_write,
        .help = "ends the run",
    };
    return io_map(dev->sv->io, dev, &p->exit_range, err);
}

static void debugport_reset(struct device *dev, enum reset_kind kind)
{
    if (kind == RESET_HARDWARE)
        debugport_of(dev)->s = (struct debugport_state){.post = {0}};
}

static bool debugport_post_load(struct device *dev, struct error *err)
{
    if (debugport_of(dev)->s.shutdown_seen > 7)
        return error_set(err, EXIT_BAD_DATA, "%s: impossible word", dev->id);
    return true;
}

static void debugport_destroy(struct device *dev)
{
    struct debugport *p = debugport_of(dev);

    for (unsigned i = 0; i < CHANNELS; i++)
        end_line(p, i);
    if (p->file)
        fflush(p->file);
    if (p->file && p->file != stdout)
        fclose(p->file);
    log_source_destroy(&p->source[0]);
    log_source_destroy(&p->source[1]);
}

static const struct field debugport_fields[] = {
    FIELD_ARRAY(struct debugport_state, post, "POST codes, 80h to 8Fh"),
    FIELD(struct debugport_state, shutdown_seen, "letters of Shutdown seen"),
    FIELD_END,
};

static const struct option debugport_options[] = {
    {"port_e9_hack", "bool", offsetof(struct debugport, e9), "0",
     "characters written to port E9h are printed"},
    {"e9_file", "path", offsetof(struct debugport, e9_file), NULL,
     "print them into this file instead of standard output"},
    {"exit_port", "int:0..0xfffc", offsetof(struct debugport, exit_port), "0",
     "port whose write ends the run, 0: none; usual: 0xf4"},
    {"exit_style", "enum:plain|qemu", offsetof(struct debugport, exit_style),
     "plain", "exit code: the value, or value * 2 + 1"},
    {.key = NULL},
};

static const struct port_range debugport_ports[] = {
    {0x80, 1, IO8, post_read, post_write, "POST code"},
    {0x84, 3, IO8, post_read, post_write, "spare page registers"},
    {0x88, 1, IO8, post_read, post_write, "spare page register"},
    {0x8c, 3, IO8, post_read, post_write, "spare page registers"},
    {0xe9, 1, IO8, e9_read, e9_write, "debug console"},
    {0x400, 2, IO8 | IO16, bios_read, bios_write, "BIOS panics"},
    {0x402, 2, IO8, bios_read, bios_write, "BIOS messages"},
    {0x500, 1, IO8, bios_read, bios_write, "VGA BIOS messages"},
    {0x501, 2, IO8 | IO16, bios_read, bios_write, "VGA BIOS panics"},
    {0x503, 1, IO8, bios_read, bios_write, "VGA BIOS debug messages"},
    {0x8900, 1, IO8, NULL, shutdown_write, "shutdown"},
    {.count = 0},
};

const struct device_class debugport_class = {
    .name = "debugport",
    .summary = "debug console, POST latch, BIOS messages, exit ports",
    DEVICE_STATE(struct debugport, s),
    .state_version = 1,
    .fields = debugport_fields,
    .ports = debugport_ports,
    .options = debugport_options,
    .init = debugport_init,
    .reset = debugport_reset,
    .post_load = debugport_post_load,
    .destroy = debugport_destroy,
};

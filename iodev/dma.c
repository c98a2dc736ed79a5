/*
 * dma.c - the two 8237A DMA controllers of an AT, with their page registers.
 *
 * Ports: 00h-0Fh (channels 0-3), C0h-DFh (4-7, even ports), pages 81h-83h,
 * 87h, 89h-8Bh, 8Fh; the other ports of 80h-8Fh belong to the POST latch.
 * Datasheet: Intel 231466-005 (8237A), 290550 (PIIX3) 2.3.
 * Departures: a block moves in no time, so priority and compressed timing do
 * not show; no memory-to-memory transfers (an AT cannot do them either, its
 * page registers follow DACK); DREQ and DACK polarity bits are kept only.
 */
#include "iodev/dma.h"
#include "memory/phys.h"

enum {
    CMD_MEM_TO_MEM = 0x01,
    CMD_DISABLE = 0x04,
    MODE_READ = 0x08,  /* memory to device */
    MODE_WRITE = 0x04, /* device to memory */
    MODE_TYPE = 0x0c,
    MODE_AUTOINIT = 0x10,
    MODE_DECREMENT = 0x20,
    MODE_CASCADE = 0xc0,
    CASCADE_CHANNEL = 4,
    CHUNK = 4096,
    /* More than a block of 64 Ki words: an autoinitializing channel whose
     * device is never satisfied gets its turn again at the next DREQ. */
    PUMP_MAX = 0x20000
};

struct dma_channel {
    uint16_t base_addr, base_count;
    uint16_t addr, count;
    uint8_t mode; /* D7..D2 of the mode register */
    uint8_t page;
};

struct dma_chip {
    uint8_t command, mask, request, tc;
    bool flip_flop; /* next byte is the high one */
};

struct dma {
    struct device dev;

    struct dma_state {
        struct dma_channel channel[8];
        struct dma_chip chip[2];
        uint8_t dreq; /* pins */
    } s;

    const struct dma_client *client[8];
    bool busy; /* inside a client's callback */
};

static struct dma *dma_of(struct device *dev)
{
    return container_of(dev, struct dma, dev);
}

void dma_set_client(struct device *dev, unsigned channel,
                    const struct dma_client *client)
{
    dma_of(dev)->client[channel & 7] = client;
}

/* ---- transfers ---- */

static bool open_channel(const struct dma *d, unsigned n)
{
    const struct dma_chip *chip = &d->s.chip[n / 4];

    if ((chip->command & CMD_DISABLE) || (chip->mask >> (n & 3) & 1))
        return false;
    return n >= 4 || open_channel(d, CASCADE_CHANNEL);
}

static bool requested(const struct dma *d, unsigned n)
{
    return ((d->s.dreq >> n & 1) || (d->s.chip[n / 4].request >> (n & 3) & 1));
}

static uint64_t address(const struct dma *d, unsigned n)
{
    const struct dma_channel *c = &d->s.channel[n];

    /* Channels 5-7 drive A16..A1; the page supplies A23..A17. */
    if (n >= 4)
        return (uint64_t)(c->page & 0xfe) << 16 | (uint64_t)c->addr << 1;
    return (uint64_t)c->page << 16 | c->addr;
}

/* Units (bytes or words) that lie in one piece of memory. */
static size_t contiguous(const struct dma_channel *c, unsigned width)
{
    size_t n = (size_t)c->count + 1, wrap = 0x10000u - c->addr;

    if (c->mode & MODE_DECREMENT)
        return 1;
    if (n > wrap)
        n = wrap;
    return n < CHUNK / width ? n : CHUNK / width;
}

/* Moves up to n bytes; how many the device took or gave. */
static size_t move(struct dma *d, unsigned ch, size_t n)
{
    const struct dma_client *client = d->client[ch];
    struct phys *phys = d->dev.sv->phys;
    uint8_t buf[CHUNK];
    size_t got = 0;

    switch (d->s.channel[ch].mode & MODE_TYPE) {
    case MODE_READ:
        if (!client->write)
            return 0;
        phys_read(phys, address(d, ch), buf, n);
        return client->write(client->opaque, buf, n);
    case MODE_WRITE:
        got = client->read ? client->read(client->opaque, buf, n) : 0;
        phys_write(phys, address(d, ch), buf, got);
        return got;
    default: /* verify: the device is acknowledged, memory is not written */
        return client->read ? client->read(client->opaque, buf, n) : 0;
    }
}

static void terminal_count(struct dma *d, unsigned ch)
{
    struct dma_channel *c = &d->s.channel[ch];
    struct dma_chip *chip = &d->s.chip[ch / 4];
    uint8_t bit = (uint8_t)(1u << (ch & 3));

    chip->tc |= bit;
    chip->request &= (uint8_t)~bit;
    if (c->mode & MODE_AUTOINIT) {
        c->addr = c->base_addr;
        c->count = c->base_count;
    } else {
        chip->mask |= bit;
    }
    if (d->client[ch]->tc)
        d->client[ch]->tc(d->client[ch]->opaque);
}

static void pump_channel(struct dma *d, unsigned ch)
{
    struct dma_channel *c = &d->s.channel[ch];
    unsigned width = ch >= 4 ? 2 : 1;
    size_t total = 0;

    while (requested(d, ch) && open_channel(d, ch) && total < PUMP_MAX) {
        size_t want = contiguous(c, width) * width;
        size_t got = move(d, ch, want);

        got = got > want ? want : got;
        total += got;
        c->addr = (uint16_t)(c->mode & MODE_DECREMENT ? c->addr - got / width
                                                      : c->addr + got / width);
        if (got / width > c->count) {
            c->count = 0xffff;
            terminal_count(d, ch);
        } else {
            c->count = (uint16_t)(c->count - got / width);
        }
        if (got < want)
            break;
    }
}

static void pump(struct dma *d)
{
    if (d->busy)
        return;
    d->busy = true;
    for (unsigned ch = 0; ch < 8; ch++)
        if (ch != CASCADE_CHANNEL && d->client[ch] &&
            (d->s.channel[ch].mode & MODE_CASCADE) != MODE_CASCADE)
            pump_channel(d, ch);
    d->busy = false;
}

static void set_dreq(void *dev, unsigned n, bool level)
{
    struct dma *d = dma_of(dev);
    uint8_t bit = (uint8_t)(1u << n);

    if (!level) {
        d->s.dreq &= (uint8_t)~bit;
        return;
    }
    d->s.dreq |= bit;
    pump(d);
}

/* ---- registers ---- */

static uint8_t read_word(struct dma_chip *chip, uint16_t v)
{
    bool high = chip->flip_flop;

    chip->flip_flop = !high;
    return (uint8_t)(high ? v >> 8 : v);
}

static void write_word(struct dma_chip *chip, uint16_t *base, uint16_t *current,
                       uint8_t v)
{
    bool high = chip->flip_flop;

    chip->flip_flop = !high;
    *base = (uint16_t)(high ? (*base & 0x00ff) | v << 8 : (*base & 0xff00) | v);
    *current = *base;
}

static void master_clear(struct dma_chip *chip)
{
    *chip = (struct dma_chip){.mask = 0x0f};
}

static void write_command(struct dma *d, struct dma_chip *chip, uint8_t v)
{
    chip->command = v;
    if (v & CMD_MEM_TO_MEM)
        log_error(&d->dev.log, "memory-to-memory transfer is not modelled");
}

/*
 * Register map of one chip
 *   0..7  address and count of channel reg / 2
 *   8  status / command     c  - / clear byte pointer
 *   9  - / request          d  temporary / master clear
 *   a  - / single mask      e  - / clear mask
 *   b  - / mode             f  mask (PIIX) / mask
 */
static uint8_t chip_read(struct dma *d, unsigned n, unsigned reg)
{
    struct dma_chip *chip = &d->s.chip[n];
    struct dma_channel *c = &d->s.channel[n * 4 + (reg / 2 & 3)];
    uint8_t v;

    if (reg < 8)
        return read_word(chip, reg & 1 ? c->count : c->addr);
    switch (reg) {
    case 0x8:
        v = (uint8_t)(chip->tc | ((d->s.dreq >> (n * 4) & 15) | chip->request)
                                     << 4);
        chip->tc = 0;
        return v;
    case 0xd:
        return 0;
    case 0xf:
        return chip->mask | 0xf0;
    default:
        return 0xff;
    }
}

static void chip_write(struct dma *d, unsigned n, unsigned reg, uint8_t v)
{
    struct dma_chip *chip = &d->s.chip[n];
    struct dma_channel *c = &d->s.channel[n * 4 + (reg / 2 & 3)];
    uint8_t bit = (uint8_t)(1u << (v & 3));

    if (reg < 8) {
        if (reg & 1)
            write_word(chip, &c->base_count, &c->count, v);
        else
            write_word(chip, &c->base_addr, &c->addr, v);
        return;
    }
    switch (reg) {
    case 0x8:
        write_command(d, chip, v);
        break;
    case 0x9:
        chip->request =
            v & 4 ? chip->request | bit : chip->request & (uint8_t)~bit;
        break;
    case 0xa:
        chip->mask = v & 4 ? chip->mask | bit : chip->mask & (uint8_t)~bit;
        break;
    case 0xb:
        d->s.channel[n * 4 + (v & 3)].mode = v & 0xfc;
        break;
    case 0xc:
        chip->flip_flop = false;
        break;
    case 0xd:
        master_clear(chip);
        break;
    case 0xe:
        chip->mask = 0;
        break;
    default:
        chip->mask = v & 0x0f;
        break;
    }
    pump(d);
}

static uint32_t low_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return chip_read(dma_of(dev), 0, port & 15);
}

static void low_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    (void)size;
    chip_write(dma_of(dev), 0, port & 15, (uint8_t)value);
}

static uint32_t high_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return chip_read(dma_of(dev), 1, port >> 1 & 15);
}

static void high_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    (void)size;
    chip_write(dma_of(dev), 1, port >> 1 & 15, (uint8_t)value);
}

/* Channel of each page register at 80h + n. */
static unsigned page_channel(uint16_t port)
{
    static const uint8_t channel[16] = {0, 2, 3, 1, 0, 0, 0, 0,
                                        0, 6, 7, 5, 0, 0, 0, 4};

    return channel[port & 15];
}

static uint32_t page_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return dma_of(dev)->s.channel[page_channel(port)].page;
}

static void page_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    (void)size;
    dma_of(dev)->s.channel[page_channel(port)].page = (uint8_t)value;
}

/* ---- class ---- */

static void dma_reset(struct device *dev, enum reset_kind kind)
{
    struct dma *d = dma_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    d->s = (struct dma_state){.dreq = d->s.dreq};
    master_clear(&d->s.chip[0]);
    master_clear(&d->s.chip[1]);
}

static bool dma_post_load(struct device *dev, struct error *err)
{
    const struct dma_state *s = &dma_of(dev)->s;

    for (unsigned i = 0; i < 2; i++)
        if ((s->chip[i].mask | s->chip[i].request | s->chip[i].tc) > 15)
            return error_set(err, EXIT_BAD_DATA, "%s: more than 4 channels",
                             dev->id);
    return true;
}

static void dma_info(struct device *dev, struct out *out)
{
    static const char *const types[] = {"verify", "to memory", "from memory",
                                        "illegal"};
    static const char *const modes[] = {"demand", "single", "block", "cascade"};
    struct dma *d = dma_of(dev);

    for (unsigned n = 0; n < 8; n++) {
        const struct dma_channel *c = &d->s.channel[n];

        out_printf(out, "channel %u: %06llx, %u left, %s, %s%s%s%s\n", n,
                   (unsigned long long)address(d, n), c->count + 1u,
                   modes[c->mode >> 6], types[c->mode >> 2 & 3],
                   c->mode & MODE_AUTOINIT ? ", autoinit" : "",
                   open_channel(d, n) ? "" : ", masked",
                   requested(d, n) ? ", DREQ" : "");
    }
}

static const struct field channel_fields[] = {
    FIELD(struct dma_channel, base_addr, "base address"),
    FIELD(struct dma_channel, base_count, "base count"),
    FIELD(struct dma_channel, addr, "current address"),
    FIELD(struct dma_channel, count, "current count"),
    FIELD(struct dma_channel, mode, "mode register"),
    FIELD(struct dma_channel, page, "page register"),
    FIELD_END,
};

static const struct field chip_fields[] = {
    FIELD(struct dma_chip, command, "command register"),
    FIELD(struct dma_chip, mask, "masked channels"),
    FIELD(struct dma_chip, request, "software requests"),
    FIELD(struct dma_chip, tc, "terminal counts since status was read"),
    FIELD(struct dma_chip, flip_flop, "next byte is the high one"),
    FIELD_END,
};

static const struct field dma_fields[] = {
    FIELD_STRUCTS(struct dma_state, channel, channel_fields, "channels"),
    FIELD_STRUCTS(struct dma_state, chip, chip_fields, "controllers"),
    FIELD(struct dma_state, dreq, "levels at the DREQ pins"),
    FIELD_END,
};

static const struct port_range dma_ports[] = {
    {0x00, 16, IO8, low_read, low_write, "8237A, channels 0-3"},
    {0xc0, 32, IO8, high_read, high_write, "8237A, channels 4-7"},
    {0x81, 3, IO8, page_read, page_write, "pages of channels 2, 3, 1"},
    {0x87, 1, IO8, page_read, page_write, "page of channel 0"},
    {0x89, 3, IO8, page_read, page_write, "pages of channels 6, 7, 5"},
    {0x8f, 1, IO8, page_read, page_write, "page of channel 4"},
    {.count = 0},
};

static const struct line_in dma_lines_in[] = {
    {"dreq", 8, set_dreq},
    {.name = NULL},
};

const struct device_class dma_class = {
    .name = "dma",
    .summary = "two 8237A DMA controllers with page registers",
    DEVICE_STATE(struct dma, s),
    .state_version = 1,
    .fields = dma_fields,
    .ports = dma_ports,
    .lines_in = dma_lines_in,
    .reset = dma_reset,
    .post_load = dma_post_load,
    .info = dma_info,
};

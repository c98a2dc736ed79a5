/*
 * hpet.c - high precision event timers.
 *
 * Memory: FED00000h, 1 KiB. Specification: IA-PC HPET 1.0a.
 * Three timers of 64 bits at 100 MHz, all able to be periodic; no FSB
 * delivery. The counter follows from guest time.
 */
#include "iodev/hpet.h"
#include "memory/phys.h"

#define HZ        100000000u
#define PERIOD_FS 10000000ull
#define ROUTES    0x00f00000u /* I/O APIC pins 20-23 */
#define NEVER     UINT64_MAX

enum {
    TIMERS = 3,
    CFG_ENABLE = 1,
    CFG_LEGACY = 2,
    T_LEVEL = 0x0002,
    T_ENABLE = 0x0004,
    T_PERIODIC = 0x0008,
    T_CAPS = 0x0030, /* periodic, 64 bits */
    T_VAL_SET = 0x0040,
    T_32BIT = 0x0100,
    T_ROUTE_SHIFT = 9,
    T_WRITABLE = 0x3f4e
};

struct hpet_timer {
    uint64_t comparator, period;
    uint64_t due; /* HZ cycle of the next match; 0: not known, NEVER */
    uint32_t config;
};

struct hpet {
    struct device dev;

    struct hpet_state {
        struct hpet_timer timer[TIMERS];
        uint64_t counter; /* at `since`, or while halted */
        uint64_t since;   /* HZ cycle at which `counter` was true */
        uint8_t config;
        uint8_t status;
        bool pit, rtc;     /* input pins */
        bool high[TIMERS]; /* output of each timer */
    } s;

    struct line irq[24], irq0, irq8;
    struct timer timers[TIMERS];
    struct hpet_slot {
        struct hpet *hpet;
        unsigned n;
        char name[24];
    } slot[TIMERS];
    struct phys_region *region;
};

static struct hpet *hpet_of(struct device *dev)
{
    return container_of(dev, struct hpet, dev);
}

static uint64_t cycles(const struct hpet *h)
{
    return clock_cycles(h->dev.sv->clock, HZ);
}

static uint64_t counter(const struct hpet *h)
{
    if (!(h->s.config & CFG_ENABLE))
        return h->s.counter;
    return h->s.counter + (cycles(h) - h->s.since);
}

/* ---- outputs ---- */

static bool legacy(const struct hpet *h)
{
    return h->s.config & CFG_LEGACY;
}

static void drive_legacy(struct hpet *h)
{
    line_set(&h->irq0, legacy(h) ? h->s.high[0] : h->s.pit);
    line_set(&h->irq8, legacy(h) ? h->s.high[1] : h->s.rtc);
}

/* Timers 0 and 1 have no pin of their own in legacy mode. */
static void drive(struct hpet *h, unsigned n, bool level)
{
    h->s.high[n] = level;
    if (legacy(h) && n < 2)
        drive_legacy(h);
    else
        line_set(&h->irq[(h->s.timer[n].config >> T_ROUTE_SHIFT & 31) % 24],
                 level);
}

static void set_pit(void *dev, unsigned n, bool level)
{
    (void)n;
    hpet_of(dev)->s.pit = level;
    drive_legacy(hpet_of(dev));
}

static void set_rtc(void *dev, unsigned n, bool level)
{
    (void)n;
    hpet_of(dev)->s.rtc = level;
    drive_legacy(hpet_of(dev));
}

/* ---- timers ---- */

static uint64_t mask_of(const struct hpet_timer *t)
{
    return t->config & T_32BIT ? UINT32_MAX : UINT64_MAX;
}

/* Does anything but the comparator show that it matches? If not, nothing is
 * done when it does: an idle guest that has left it running can sleep. */
static bool heard(const struct hpet_timer *t)
{
    return t->config & (T_ENABLE | T_LEVEL);
}

/* Moves the comparator of a periodic timer that is not heard over the matches
 * that there were. */
static void settle(const struct hpet *h, struct hpet_timer *t)
{
    uint64_t now = cycles(h), period = t->period & mask_of(t), steps;

    if (heard(t) || !(t->config & T_PERIODIC) || !period || !t->due ||
        now < t->due)
        return;
    steps = (now - t->due) / period + 1;
    t->comparator = (t->comparator + steps * period) & mask_of(t);
    t->due += steps * period;
}

static void settle_all(struct hpet *h)
{
    for (unsigned n = 0; n < TIMERS; n++)
        settle(h, &h->s.timer[n]);
}

/* `again`: a match at the present count has been dealt with. */
static void arm(struct hpet *h, unsigned n, bool again)
{
    struct hpet_timer *t = &h->s.timer[n];
    uint64_t now = cycles(h);
    uint64_t left = (t->comparator - counter(h)) & mask_of(t);

    if (left == 0 && again)
        left = t->config & T_32BIT ? (uint64_t)1 << 32 : UINT64_MAX;
    /* Beyond a thousand years is never. */
    t->due =
        h->s.config & CFG_ENABLE && left <= UINT64_MAX / 4 ? now + left : NEVER;
    if (t->due == NEVER || !heard(t))
        timer_cancel(&h->timers[n]);
    else
        timer_arm_tick(&h->timers[n],
                       clock_cycles_to_tick(h->dev.sv->clock, t->due, HZ));
}

static void arm_all(struct hpet *h)
{
    for (unsigned n = 0; n < TIMERS; n++)
        arm(h, n, false);
}

/* The next comparator value of a periodic timer that lies ahead. */
static void advance(struct hpet *h, struct hpet_timer *t)
{
    uint64_t mask = mask_of(t), late = (counter(h) - t->comparator) & mask;

    if (t->period & mask)
        t->comparator += (late / (t->period & mask) + 1) * (t->period & mask);
    t->comparator &= mask;
}

static void fire(void *opaque)
{
    struct hpet_slot *slot = opaque;
    struct hpet *h = slot->hpet;
    unsigned n = slot->n;
    struct hpet_timer *t = &h->s.timer[n];

    if (t->config & T_PERIODIC)
        advance(h, t);
    arm(h, n, true);
    if (t->config & T_LEVEL)
        h->s.status |= (uint8_t)(1u << n);
    if (!(t->config & T_ENABLE))
        return;
    /* An edge leaves the pin high: an 8259A forgets a request that falls. */
    if (!(t->config & T_LEVEL))
        drive(h, n, false);
    drive(h, n, true);
}

/* ---- registers ---- */

static void write_config(struct hpet *h, uint8_t v)
{
    bool was = h->s.config & CFG_ENABLE, is = v & CFG_ENABLE;

    settle_all(h);
    h->s.counter = counter(h);
    h->s.since = cycles(h);
    if ((was && !is) || ((h->s.config ^ v) & CFG_LEGACY))
        for (unsigned n = 0; n < TIMERS; n++)
            drive(h, n, false);
    h->s.config = v & (CFG_ENABLE | CFG_LEGACY);
    drive_legacy(h);
    if (was != is)
        arm_all(h);
}

static void write_status(struct hpet *h, uint8_t v)
{
    for (unsigned n = 0; n < TIMERS; n++)
        if (v & h->s.status & (1u << n)) {
            h->s.status &= (uint8_t) ~(1u << n);
            drive(h, n, false);
        }
}

static void write_timer_config(struct hpet *h, unsigned n, uint32_t v)
{
    struct hpet_timer *t = &h->s.timer[n];

    settle(h, t);
    /* The pin may change: let go of the old one. */
    if (((t->config ^ v) & (T_ENABLE | T_LEVEL | 31u << T_ROUTE_SHIFT)) &&
        h->s.high[n])
        drive(h, n, false);
    t->config = v & T_WRITABLE;
    if (t->config & T_32BIT) {
        t->comparator &= UINT32_MAX;
        t->period &= UINT32_MAX;
    }
    if ((t->config & (T_ENABLE | T_LEVEL)) == (T_ENABLE | T_LEVEL) &&
        (h->s.status >> n & 1))
        drive(h, n, true);
    arm(h, n, false);
}

static void write_comparator(struct hpet *h, unsigned n, uint64_t v)
{
    struct hpet_timer *t = &h->s.timer[n];

    settle(h, t);
    v &= mask_of(t);
    if (!(t->config & T_PERIODIC) || (t->config & T_VAL_SET))
        t->comparator = v;
    if (t->config & T_PERIODIC)
        t->period = v;
    t->config &= ~(uint32_t)T_VAL_SET;
    arm(h, n, false);
}

static uint64_t read_comparator(const struct hpet *h, unsigned n)
{
    struct hpet_timer t = h->s.timer[n];

    settle(h, &t);
    return t.comparator;
}

/*
 * Memory map
 *   000h capabilities   010h configuration   020h status   0F0h counter
 *   100h + 20h * n      configuration, + 8 comparator of timer n
 */
static uint64_t read_reg(const struct hpet *h, unsigned reg)
{
    unsigned n = (reg - 0x100) / 0x20;

    switch (reg) {
    case 0x00:
        return PERIOD_FS << 32 | 0x8086u << 16 | 0xa001 | (TIMERS - 1) << 8;
    case 0x10:
        return h->s.config;
    case 0x20:
        return h->s.status;
    case 0xf0:
        return counter(h);
    default:
        break;
    }
    if (reg < 0x100 || n >= TIMERS)
        return 0;
    switch (reg & 0x18) {
    case 0x00:
        return (uint64_t)ROUTES << 32 | h->s.timer[n].config | T_CAPS;
    case 0x08:
        return read_comparator(h, n);
    default:
        return 0;
    }
}

static void write_reg(struct hpet *h, unsigned reg, uint64_t v)
{
    unsigned n = (reg - 0x100) / 0x20;

    if (reg == 0x10)
        write_config(h, (uint8_t)v);
    else if (reg == 0x20)
        write_status(h, (uint8_t)v);
    else if (reg == 0xf0 && !(h->s.config & CFG_ENABLE))
        h->s.counter = v;
    else if (reg == 0xf0)
        log_error(&h->dev.log, "counter written while it runs, ignored");
    else if (reg >= 0x100 && n < TIMERS && (reg & 0x18) == 0)
        write_timer_config(h, n, (uint32_t)v);
    else if (reg >= 0x100 && n < TIMERS && (reg & 0x18) == 8)
        write_comparator(h, n, v);
}

static uint64_t hpet_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return read_reg(opaque, (unsigned)off & 0x3f8) >> (8 * (off & 7));
}

/* What the half that is not written keeps. A comparator write of a periodic
 * timer without VAL_SET goes to the period. */
static uint64_t other_half(const struct hpet *h, unsigned reg)
{
    unsigned n = (reg - 0x100) / 0x20;
    const struct hpet_timer *t = &h->s.timer[n % TIMERS];

    if (reg == 0x20)
        return 0;
    if (reg >= 0x100 && (reg & 0x18) == 8 && (t->config & T_PERIODIC) &&
        !(t->config & T_VAL_SET))
        return t->period;
    return read_reg(h, reg);
}

static void hpet_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct hpet *h = opaque;
    unsigned reg = (unsigned)off & 0x3f8, shift = 8 * (off & 7);
    uint64_t mask;

    if (size == 8 && shift == 0) {
        write_reg(h, reg, v);
        return;
    }
    if (size != 4 || (shift & 31)) {
        log_error(&h->dev.log, "write of %u bytes at %03x ignored", size,
                  (unsigned)off);
        return;
    }
    mask = (uint64_t)UINT32_MAX << shift;
    write_reg(h, reg, (other_half(h, reg) & ~mask) | (v << shift & mask));
}

static const struct mmio_ops hpet_ops = {hpet_read, hpet_write};

/* ---- class ---- */

static bool hpet_init(struct device *dev, struct error *err)
{
    struct hpet *h = hpet_of(dev);

    for (unsigned n = 0; n < TIMERS; n++) {
        struct hpet_slot *slot = &h->slot[n];

        slot->hpet = h;
        slot->n = n;
        snprintf(slot->name, sizeof slot->name, "%s.%u", dev->id, n);
        timer_init(&h->timers[n], dev->sv->clock, slot->name, fire, slot);
    }
    if (!dev->sv->phys)
        return true;
    h->region = phys_map_mmio(dev->sv->phys, dev->id, HPET_BASE, 0x1000, 20,
                              &hpet_ops, h);
    return h->region || error_set(err, EXIT_INTERNAL, "out of memory");
}

static void hpet_reset(struct device *dev, enum reset_kind kind)
{
    struct hpet *h = hpet_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    for (unsigned n = 0; n < TIMERS; n++)
        drive(h, n, false);
    h->s = (struct hpet_state){.pit = h->s.pit, .rtc = h->s.rtc};
    for (unsigned n = 0; n < TIMERS; n++)
        h->s.timer[n].comparator = UINT64_MAX;
    arm_all(h);
    drive_legacy(h);
}

static bool hpet_post_load(struct device *dev, struct error *err)
{
    const struct hpet_state *s = &hpet_of(dev)->s;
    bool good = s->config <= 3 && s->status < 1u << TIMERS;

    for (unsigned n = 0; n < TIMERS; n++)
        good &= !(s->timer[n].config & ~(uint32_t)T_WRITABLE);
    return good ||
           error_set(err, EXIT_BAD_DATA, "%s: reserved bits set", dev->id);
}

static void hpet_info(struct device *dev, struct out *out)
{
    const struct hpet *h = hpet_of(dev);

    out_printf(out, "counter %016llx, %s%s\n", (unsigned long long)counter(h),
               h->s.config & CFG_ENABLE ? "running" : "halted",
               legacy(h) ? ", legacy replacement" : "");
    for (unsigned n = 0; n < TIMERS; n++)
        out_printf(out, "timer %u: %s, %s, compares %016llx\n", n,
                   h->s.timer[n].config & T_ENABLE ? "enabled" : "disabled",
                   h->s.timer[n].config & T_PERIODIC ? "periodic" : "one-shot",
                   (unsigned long long)read_comparator(h, n));
}

static void hpet_destroy(struct device *dev)
{
    struct hpet *h = hpet_of(dev);

    for (unsigned n = 0; n < TIMERS; n++)
        timer_destroy(&h->timers[n]);
    if (h->region)
        phys_region_remove(h->region);
}

static const struct field timer_fields[] = {
    FIELD(struct hpet_timer, comparator, "comparator"),
    FIELD(struct hpet_timer, period, "period"),
    FIELD(struct hpet_timer, config, "configuration, writable bits"),
    FIELD_SINCE(struct hpet_timer, due, "cycle of the next match", 2),
    FIELD_END,
};

static const struct field hpet_fields[] = {
    FIELD_STRUCTS(struct hpet_state, timer, timer_fields, "timers"),
    FIELD(struct hpet_state, counter, "main counter at `since`"),
    FIELD(struct hpet_state, since, "cycle of 100 MHz"),
    FIELD(struct hpet_state, config, "enable, legacy replacement"),
    FIELD(struct hpet_state, status, "active level interrupts"),
    FIELD(struct hpet_state, pit, "level from the PIT"),
    FIELD(struct hpet_state, rtc, "level from the clock"),
    FIELD_ARRAY(struct hpet_state, high, "levels of the timers' outputs"),
    FIELD_END,
};

static const struct line_out hpet_lines_out[] = {
    {"irq", offsetof(struct hpet, irq), 24},
    {"irq0", offsetof(struct hpet, irq0), 1},
    {"irq8", offsetof(struct hpet, irq8), 1},
    {.name = NULL},
};

static const struct line_in hpet_lines_in[] = {
    {"pit", 1, set_pit},
    {"rtc", 1, set_rtc},
    {.name = NULL},
};

const struct device_class hpet_class = {
    .name = "hpet",
    .summary = "high precision event timers",
    DEVICE_STATE(struct hpet, s),
    .state_version = 2,
    .fields = hpet_fields,
    .lines_out = hpet_lines_out,
    .lines_in = hpet_lines_in,
    .init = hpet_init,
    .reset = hpet_reset,
    .post_load = hpet_post_load,
    .info = hpet_info,
    .destroy = hpet_destroy,
};

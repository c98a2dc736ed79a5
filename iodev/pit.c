/*
 * pit.c - Intel 8254 programmable interval timer.
 *
 * Ports: io_base + 0..2 counters, + 3 control word (40h-43h on a PC).
 * Datasheet: Intel 231164-005.
 * Departures: none known. A count of 1 in modes 2 and 3, which the datasheet
 * forbids, holds OUT high or gives the longest low half-cycle. The chip has
 * no reset pin: a software reset leaves it alone, as on an AT.
 *
 * Counters are not clocked one by one: each remembers the CLK pulse up to
 * which it was worked out and is brought up to date when somebody looks, or
 * by a timer at the next edge of OUT if the pin is connected.
 */
#include "iodev/pit.h"

enum { RW_LATCH, RW_LSB, RW_MSB, RW_BOTH };

#define NO_EDGE UINT64_MAX

struct counter {
    uint64_t at; /* CLK pulses since power-on that are accounted for */
    uint16_t cr; /* as written, binary or BCD */
    uint16_t ce; /* binary, 0 stands for the whole modulus right after load */
    uint16_t latch;
    uint8_t control; /* RW1..BCD of the control word */
    uint8_t status;
    bool out, gate;
    bool have_count;   /* CR was written since the control word */
    bool load;         /* CR goes to CE at the next CLK */
    bool loaded;       /* CE was loaded since the control word */
    bool held;         /* mode 0 between the two bytes of a count */
    bool armed;        /* modes 4 and 5: strobe still to come */
    bool odd;          /* mode 3: the count in use */
    bool null_count;   /* CR newer than CE */
    bool write_msb;    /* next byte written is the high one */
    bool read_msb;     /* next byte read is the high one */
    bool latched;      /* `latch` waits to be read */
    bool status_ready; /* `status` waits to be read */
};

struct pit {
    struct device dev;

    struct pit_state {
        struct counter counters[3];
    } s;

    struct line out[3];
    struct timer timer[3];
    struct pit_edge {
        struct pit *pit;
        unsigned n;
        char name[24];
    } edge[3];
};

static struct pit *pit_of(struct device *dev)
{
    return container_of(dev, struct pit, dev);
}

/* ---- one counter ---- */

/* M2 is a don't care for modes 2 and 3 (figure 7). */
static unsigned mode_of(const struct counter *c)
{
    unsigned m = c->control >> 1 & 7;

    return m > 5 ? m & 3 : m;
}

static unsigned rw_of(const struct counter *c)
{
    return c->control >> 4 & 3;
}

static uint32_t modulus(const struct counter *c)
{
    return c->control & 1 ? 10000 : 65536;
}

static uint16_t from_bcd(uint16_t v)
{
    return (uint16_t)(((v >> 12) * 1000 + (v >> 8 & 15) * 100 +
                       (v >> 4 & 15) * 10 + (v & 15)) %
                      10000);
}

static uint16_t to_bcd(uint16_t v)
{
    return (uint16_t)((v / 1000 % 10) << 12 | (v / 100 % 10) << 8 |
                      (v / 10 % 10) << 4 | v % 10);
}

static uint16_t count_written(const struct counter *c)
{
    return c->control & 1 ? from_bcd(c->cr) : c->cr;
}

static uint16_t count_shown(const struct counter *c)
{
    return c->control & 1 ? to_bcd(c->ce) : c->ce;
}

/* GATE stops the modes that it does not trigger, and modes 2 and 3. */
static bool runs(const struct counter *c)
{
    unsigned m = mode_of(c);

    return c->loaded && !c->held && (c->gate || m == 1 || m == 5);
}

/* CE after k more pulses in which nothing else happens. */
static void count_down(struct counter *c, uint64_t k)
{
    uint32_t mod = modulus(c), step = mode_of(c) == 3 ? 2 : 1;

    if (runs(c))
        c->ce = (uint16_t)((c->ce + mod - k * step % mod) % mod);
}

/* Pulses until c->ce reaches zero. */
static uint64_t to_zero(const struct counter *c)
{
    return c->ce ? c->ce : modulus(c);
}

/*
 * Pulses until OUT changes or CE is reloaded, when no load is pending; at
 * least 1. NO_EDGE: not before somebody touches the counter.
 */
static uint64_t to_event(const struct counter *c)
{
    unsigned m = mode_of(c);

    if (m >= 4 && !c->out)
        return 1;
    if (!runs(c))
        return NO_EDGE;
    switch (m) {
    case 0:
    case 1:
        return c->out ? NO_EDGE : to_zero(c);
    case 2:
        if (c->ce == 1)
            return c->out && count_written(c) == 1 ? NO_EDGE : 1;
        return to_zero(c) - 1;
    case 3:
        return c->out && c->odd ? c->ce / 2u + 1 : to_zero(c) / 2;
    default:
        return c->armed ? to_zero(c) : NO_EDGE;
    }
}

static void load_ce(struct counter *c)
{
    uint16_t n = count_written(c);

    c->load = false;
    c->loaded = true;
    c->null_count = false;
    c->odd = n & 1;
    c->ce = mode_of(c) == 3 ? n & 0xfffe : n;
}

/* The CLK pulse at which to_event() said that something happens. */
static void event(struct counter *c)
{
    switch (mode_of(c)) {
    case 0:
    case 1:
        c->ce = 0;
        c->out = true;
        break;
    case 2:
        if (c->ce == 1) {
            load_ce(c);
            c->out = true;
        } else {
            c->ce = 1;
            c->out = false;
        }
        break;
    case 3:
        load_ce(c);
        c->out = !c->out;
        break;
    default:
        if (!c->out) {
            c->out = true;
            count_down(c, 1);
        } else {
            c->ce = 0;
            c->out = c->armed = false;
        }
        break;
    }
}

/* The pulse that moves CR to CE. */
static void event_load(struct counter *c)
{
    load_ce(c);
    switch (mode_of(c)) {
    case 1:
        c->out = false;
        break;
    case 2:
    case 3:
        c->out = true;
        break;
    case 4:
    case 5:
        c->out = c->armed = true;
        break;
    default:
        break;
    }
}

/* Whole periods of modes 2 and 3 change nothing. */
static uint64_t period(const struct counter *c)
{
    unsigned m = mode_of(c);
    uint16_t n = count_written(c);

    if ((m != 2 && m != 3) || !runs(c) || c->load || c->null_count || n == 1)
        return 0;
    return n ? n : modulus(c);
}

static void set_gate_level(struct counter *c, bool level)
{
    unsigned m = mode_of(c);
    bool rising = level && !c->gate;

    c->gate = level;
    if (rising && c->have_count && m != 0 && m != 4)
        c->load = true;
    if (!level && (m == 2 || m == 3))
        c->out = true;
}

/* Counter `n` up to the present pulse, with every edge of OUT on the way. */
static struct counter *bring_up(struct pit *p, unsigned n)
{
    struct counter *c = &p->s.counters[n];
    uint64_t now = clock_cycles(p->dev.sv->clock, PIT_HZ);

    while (c->at < now) {
        uint64_t left = now - c->at, whole = period(c);
        uint64_t k = c->load ? 1 : to_event(c);
        bool before = c->out;

        if (whole && left >= 2 * whole) {
            c->at += (left / whole - 1) * whole;
            continue;
        }
        if (k > left) {
            count_down(c, left);
            c->at = now;
            break;
        }
        c->at += k;
        if (c->load)
            event_load(c);
        else
            event(c);
        if (c->out != before)
            line_set(&p->out[n], c->out);
    }
    return c;
}

/* After a change from outside: tells the pin, arms the timer anew. */
static void settle(struct pit *p, unsigned n, bool before)
{
    struct counter *c = &p->s.counters[n], ahead = *c;
    uint64_t k = 0;

    if (c->out != before)
        line_set(&p->out[n], c->out);
    if (!p->out[n].set)
        return;
    if (ahead.load) {
        event_load(&ahead);
        k = 1;
    }
    if (ahead.out == c->out) {
        uint64_t more = to_event(&ahead);

        k = more == NO_EDGE ? NO_EDGE : k + more;
    }
    if (k == NO_EDGE)
        timer_cancel(&p->timer[n]);
    else
        timer_arm_tick(&p->timer[n], clock_cycles_to_tick(p->dev.sv->clock,
                                                          c->at + k, PIT_HZ));
}

static void fire(void *opaque)
{
    struct pit_edge *e = opaque;
    struct counter *c = bring_up(e->pit, e->n);

    settle(e->pit, e->n, c->out);
}

static void set_gate(void *dev, unsigned n, bool level)
{
    struct pit *p = pit_of(dev);
    struct counter *c = bring_up(p, n);
    bool before = c->out;

    if (c->gate == level)
        return;
    set_gate_level(c, level);
    settle(p, n, before);
}

bool pit_out(struct device *dev, unsigned n)
{
    return bring_up(pit_of(dev), n)->out;
}

/* ---- programming ---- */

/* "When a control word is written to a counter, all control logic is
 * immediately reset and OUT goes to a known initial state." */
static void program(struct pit *p, unsigned n, uint8_t control)
{
    struct counter *c = bring_up(p, n);
    bool before = c->out;

    *c = (struct counter){
        .at = c->at,
        .control = control & 0x3f,
        .gate = c->gate,
        .null_count = true,
    };
    c->out = mode_of(c) != 0;
    settle(p, n, before);
}

static void latch_count(struct counter *c)
{
    if (c->latched)
        return;
    c->latched = true;
    c->latch = count_shown(c);
}

static void latch_status(struct counter *c)
{
    if (c->status_ready)
        return;
    c->status_ready = true;
    c->status = (uint8_t)(c->out << 7 | c->null_count << 6 | c->control);
}

/* Read-back command (figure 10): D5 and D4 are active low. */
static void read_back(struct pit *p, uint8_t v)
{
    for (unsigned n = 0; n < 3; n++) {
        struct counter *c;

        if (!(v >> (n + 1) & 1))
            continue;
        c = bring_up(p, n);
        if (!(v & 0x20))
            latch_count(c);
        if (!(v & 0x10))
            latch_status(c);
    }
}

static void write_control(struct pit *p, uint8_t v)
{
    unsigned n = v >> 6;

    if (n == 3)
        read_back(p, v);
    else if ((v >> 4 & 3) == RW_LATCH)
        latch_count(bring_up(p, n));
    else
        program(p, n, v);
}

/* A whole count is in CR; when it takes effect depends on the mode. */
static void count_complete(struct counter *c)
{
    c->null_count = true;
    c->have_count = true;
    c->held = false;
    switch (mode_of(c)) {
    case 0:
        c->out = false;
        c->load = true;
        break;
    case 2:
    case 3:
        /* Later counts wait for the end of the (half-)cycle. */
        c->load |= !c->loaded;
        break;
    case 4:
        c->load = true;
        break;
    default:
        break; /* modes 1 and 5 wait for a trigger */
    }
}

static void write_count(struct pit *p, unsigned n, uint8_t v)
{
    struct counter *c = bring_up(p, n);
    bool before = c->out;

    switch (rw_of(c)) {
    case RW_LSB:
        c->cr = v;
        count_complete(c);
        break;
    case RW_MSB:
        c->cr = (uint16_t)(v << 8);
        count_complete(c);
        break;
    case RW_BOTH:
        if (c->write_msb) {
            c->cr = (uint16_t)((c->cr & 0xff) | v << 8);
            count_complete(c);
        } else {
            c->cr = (c->cr & 0xff00) | v;
            if (mode_of(c) == 0) {
                c->held = true;
                c->load = false;
                c->out = false;
            }
        }
        c->write_msb = !c->write_msb;
        break;
    default:
        log_error(&p->dev.log, "count for counter %u without a control word",
                  n);
        break;
    }
    settle(p, n, before);
}

static uint8_t read_count(struct counter *c)
{
    uint16_t v = c->latched ? c->latch : count_shown(c);
    bool msb = rw_of(c) == RW_MSB || (rw_of(c) == RW_BOTH && c->read_msb);

    if (c->status_ready) {
        c->status_ready = false;
        return c->status;
    }
    if (rw_of(c) == RW_BOTH)
        c->read_msb = !c->read_msb;
    if (msb || rw_of(c) != RW_BOTH)
        c->latched = false;
    return (uint8_t)(msb ? v >> 8 : v);
}

/*
 * Register map (A1, A0)
 *   0..2   read: status or count, as latched   write: count
 *   3      read: nothing drives the bus        write: control word
 */
static uint32_t pit_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    if ((port & 3) == 3)
        return 0xff;
    return read_count(bring_up(pit_of(dev), port & 3));
}

static void pit_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    (void)size;
    if ((port & 3) == 3)
        write_control(pit_of(dev), (uint8_t)value);
    else
        write_count(pit_of(dev), port & 3, (uint8_t)value);
}

/* ---- class ---- */

static bool pit_init(struct device *dev, struct error *err)
{
    struct pit *p = pit_of(dev);

    (void)err;
    for (unsigned n = 0; n < 3; n++) {
        struct pit_edge *e = &p->edge[n];

        e->pit = p;
        e->n = n;
        snprintf(e->name, sizeof e->name, "%s.out%u", dev->id, n);
        timer_init(&p->timer[n], dev->sv->clock, e->name, fire, e);
        p->s.counters[n].gate = true; /* an open input floats high */
    }
    return true;
}

static void pit_reset(struct device *dev, enum reset_kind kind)
{
    struct pit *p = pit_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    for (unsigned n = 0; n < 3; n++) {
        struct counter *c = bring_up(p, n);
        bool before = c->out;

        *c = (struct counter){.at = c->at, .gate = c->gate};
        settle(p, n, before);
    }
}

static void pit_pre_save(struct device *dev)
{
    for (unsigned n = 0; n < 3; n++)
        bring_up(pit_of(dev), n);
}

static bool pit_post_load(struct device *dev, struct error *err)
{
    for (unsigned n = 0; n < 3; n++) {
        struct counter *c = &pit_of(dev)->s.counters[n];

        if (c->control > 0x3f || c->ce >= modulus(c) ||
            (mode_of(c) == 3 && (c->ce & 1)))
            return error_set(err, EXIT_BAD_DATA,
                             "%s: impossible state of counter %u", dev->id, n);
    }
    return true;
}

static void pit_info(struct device *dev, struct out *out)
{
    for (unsigned n = 0; n < 3; n++) {
        struct counter *c = bring_up(pit_of(dev), n);
        uint32_t count = count_written(c) ? count_written(c) : modulus(c);

        out_printf(out, "counter %u: mode %u, count %u of %u, %u.%03u Hz%s\n",
                   n, mode_of(c), c->ce, count, PIT_HZ / count,
                   (unsigned)((uint64_t)(PIT_HZ % count) * 1000 / count),
                   c->loaded ? "" : ", not started");
    }
}

static void pit_destroy(struct device *dev)
{
    for (unsigned n = 0; n < 3; n++)
        timer_destroy(&pit_of(dev)->timer[n]);
}

static const struct field counter_fields[] = {
    FIELD(struct counter, at, "CLK pulses accounted for"),
    FIELD(struct counter, cr, "count register, as written"),
    FIELD(struct counter, ce, "counting element, binary"),
    FIELD(struct counter, latch, "output latch"),
    FIELD(struct counter, control, "control word, RW1 to BCD"),
    FIELD(struct counter, status, "latched status byte"),
    FIELD(struct counter, out, "level of OUT"),
    FIELD(struct counter, gate, "level of GATE"),
    FIELD(struct counter, have_count, "a count was written"),
    FIELD(struct counter, load, "the next CLK loads the count"),
    FIELD(struct counter, loaded, "counting has begun"),
    FIELD(struct counter, held, "mode 0, between two bytes of a count"),
    FIELD(struct counter, armed, "modes 4 and 5, strobe to come"),
    FIELD(struct counter, odd, "mode 3, odd count"),
    FIELD(struct counter, null_count, "count written and not yet loaded"),
    FIELD(struct counter, write_msb, "next write is the high byte"),
    FIELD(struct counter, read_msb, "next read is the high byte"),
    FIELD(struct counter, latched, "count latch is full"),
    FIELD(struct counter, status_ready, "status latch is full"),
    FIELD_END,
};

static const struct field pit_fields[] = {
    FIELD_STRUCTS(struct pit_state, counters, counter_fields, "counters"),
    FIELD_END,
};

static const struct port_range pit_ports[] = {
    {0, 4, IO8, pit_read, pit_write, "8254 counters, control word"},
    {.count = 0},
};

static const struct line_out pit_lines_out[] = {
    {"out", offsetof(struct pit, out), 3},
    {.name = NULL},
};

static const struct line_in pit_lines_in[] = {
    {"gate", 3, set_gate},
    {.name = NULL},
};

const struct device_class pit_class = {
    .name = "pit",
    .summary = "8254 interval timer",
    DEVICE_STATE(struct pit, s),
    .state_version = 1,
    .fields = pit_fields,
    .ports = pit_ports,
    .lines_out = pit_lines_out,
    .lines_in = pit_lines_in,
    .init = pit_init,
    .reset = pit_reset,
    .pre_save = pit_pre_save,
    .post_load = pit_post_load,
    .info = pit_info,
    .destroy = pit_destroy,
};

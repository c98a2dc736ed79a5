/*
 * opl3.c - Yamaha YMF262 (OPL3) FM synthesizer with AdLib's ports.
 *
 * Ports: io_base + 0-3 and, as 388h-38Bh, + 168h; + 8, 9 as + 0, 1. Even ones
 * take a register's number (+ 2: array 1) and give the status, odd ones take
 * its value. Datasheet: Yamaha YMF262 (LSI-4MF2622).
 * Departures: the interrupt pin is not connected, as on sound cards; outputs
 * C and D are not there; registers take effect at the next sample, without
 * waiting times; the test register has no effect; while nothing sounds, the
 * noise generator stands still.
 *
 * Samples are made in guest time, in arrears: before a register changes,
 * before the state is looked at, else by a timer that runs only while
 * something sounds. Timers 1 and 2 are worked out when somebody looks.
 */
#include "iodev/sound/opl3.h"
#include "core/host.h"
#include "iodev/sound/opl3_synth.h"

enum {
    R_TIMER1 = 0x02,
    R_TIMER2 = 0x03,
    R_TIMERS = 0x04,
    R_NEW = 0x105,
    TIMER_RESET = 0x80,
    ST_IRQ = 0x80,
    ST_TIMER1 = 0x40, /* timer 2: 20h; so are the masks in R_TIMERS */
    BATCH = 256,      /* samples, 5 ms */
    BACKLOG = 4096    /* more are lost: a damaged state, not a guest */
};

struct opl3 {
    struct device dev;
    struct opl3_state s;

    struct opl3_tables tables;
    struct opl3_voice voices[OPL3_OPERATORS];
    bool changed; /* voices are older than the registers */
    int told[2];  /* what the host heard last */
    struct timer timer;
    char timer_name[24];
};

static struct opl3 *opl3_of(struct device *dev)
{
    return container_of(dev, struct opl3, dev);
}

/* ---- samples ---- */

static uint64_t present(const struct opl3 *p)
{
    return clock_cycles(p->dev.sv->clock, OPL3_CLOCK) / OPL3_DIVIDER;
}

static void tell(struct opl3 *p, uint64_t sample, const int out[2])
{
    const struct host *h = p->dev.sv->host;
    uint64_t ns =
        mul_div_u64(sample, UINT64_C(1000000000) * OPL3_DIVIDER, OPL3_CLOCK);

    if (out[0] == p->told[0] && out[1] == p->told[1])
        return;
    p->told[0] = out[0];
    p->told[1] = out[1];
    if (h && h->sound)
        h->sound(h->opaque, SOUND_FM, ns, out[0], out[1]);
}

static bool silent(struct opl3 *p)
{
    if (p->changed)
        opl3_prepare(&p->s, p->voices);
    p->changed = false;
    return opl3_silent(&p->s, p->voices);
}

/* Makes all samples up to the present. Silence changes nothing but time, so
 * that it makes no difference in how many pieces they are made. */
static void catch_up(struct opl3 *p)
{
    uint64_t now = present(p);

    if (now - p->s.sample > BACKLOG && !silent(p))
        p->s.sample = now < BACKLOG ? 0 : now - BACKLOG;
    while (p->s.sample != now) {
        uint64_t at = p->s.sample;
        int out[2] = {0, 0};

        if (silent(p))
            p->s.sample = now;
        else
            opl3_sample(&p->s, &p->tables, p->voices, out);
        tell(p, at, out);
    }
}

static void arm(struct opl3 *p)
{
    uint64_t next = (p->s.sample / BATCH + 1) * BATCH;

    if (silent(p))
        timer_cancel(&p->timer);
    else
        timer_arm_tick(&p->timer,
                       clock_cycles_to_tick(p->dev.sv->clock,
                                            next * OPL3_DIVIDER, OPL3_CLOCK));
}

static void fire(void *opaque)
{
    struct opl3 *p = opaque;

    catch_up(p);
    arm(p);
}

/* ---- timers ---- */

/* Samples from load to overflow: 80 and 320 us for each step. */
static uint64_t period(const struct opl3 *p, unsigned n)
{
    return (256u - p->s.regs[R_TIMER1 + n]) * (n ? 16u : 4u);
}

static void update_timers(struct opl3 *p)
{
    uint64_t now = present(p);

    for (unsigned n = 0; n < 2; n++) {
        uint64_t length = period(p, n), *start = &p->s.timer_start[n];
        uint8_t flag = ST_TIMER1 >> n;

        if (!(p->s.regs[R_TIMERS] >> n & 1) || now < *start + length)
            continue;
        *start += (now - *start) / length * length;
        if (!(p->s.regs[R_TIMERS] & flag))
            p->s.status |= flag | ST_IRQ;
    }
}

/* RST MT1 MT2 - - - ST2 ST1 */
static void write_timers(struct opl3 *p, uint8_t v)
{
    uint8_t started = v & ~p->s.regs[R_TIMERS];

    if (v & TIMER_RESET) {
        p->s.status = 0;
        return;
    }
    for (unsigned n = 0; n < 2; n++)
        if (started >> n & 1)
            p->s.timer_start[n] = present(p);
    p->s.regs[R_TIMERS] = v;
}

/* ---- ports ---- */

static bool has_keys(uint16_t r)
{
    uint8_t low = (uint8_t)r;

    return (low >= 0xb0 && low <= 0xb8) || r == 0xbd || r == 0x104 ||
           r == R_NEW;
}

static void write_register(struct opl3 *p, uint8_t v)
{
    uint16_t r = p->s.address;

    if (r >= R_TIMER1 && r <= R_TIMERS) {
        update_timers(p);
        if (r == R_TIMERS)
            write_timers(p, v);
        else
            p->s.regs[r] = v;
        return;
    }
    catch_up(p);
    p->s.regs[r] = v;
    p->changed = true;
    if (has_keys(r))
        opl3_update_keys(&p->s);
    if (!timer_armed(&p->timer))
        arm(p);
}

static uint32_t opl3_read(struct device *dev, uint16_t port, unsigned size)
{
    struct opl3 *p = opl3_of(dev);

    (void)size;
    if (port & 1)
        return 0xff;
    update_timers(p);
    return p->s.status;
}

/* Without NEW there is only one array, but for the register that has it. */
static void opl3_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    struct opl3 *p = opl3_of(dev);
    uint16_t address = (uint16_t)((port & 2) << 7 | (value & 0xff));

    (void)size;
    if (port & 1)
        write_register(p, (uint8_t)value);
    else if ((p->s.regs[R_NEW] & 1) || address == R_NEW)
        p->s.address = address;
    else
        p->s.address = address & 0xff;
}

/* ---- class ---- */

static bool opl3_init(struct device *dev, struct error *err)
{
    struct opl3 *p = opl3_of(dev);

    (void)err;
    opl3_make_tables(&p->tables);
    snprintf(p->timer_name, sizeof p->timer_name, "%s.samples", dev->id);
    timer_init(&p->timer, dev->sv->clock, p->timer_name, fire, p);
    return true;
}

/* IC#: all registers are cleared. */
static void opl3_reset(struct device *dev, enum reset_kind kind)
{
    struct opl3 *p = opl3_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    catch_up(p);
    p->s = (struct opl3_state){.sample = p->s.sample, .noise = 1};
    for (unsigned n = 0; n < OPL3_OPERATORS; n++)
        p->s.op[n] =
            (struct opl3_operator){.env = OPL3_ENV_OFF, .stage = OPL3_RELEASE};
    p->changed = true;
    timer_cancel(&p->timer);
    tell(p, p->s.sample, (int[2]){0, 0});
}

static void opl3_pre_save(struct device *dev)
{
    catch_up(opl3_of(dev));
    update_timers(opl3_of(dev));
}

static bool opl3_post_load(struct device *dev, struct error *err)
{
    struct opl3 *p = opl3_of(dev);
    bool good =
        p->s.address < 512 && p->s.noise < 1u << 23 && !(p->s.status & 0x1f);

    for (unsigned n = 0; n < OPL3_OPERATORS; n++) {
        const struct opl3_operator *op = &p->s.op[n];

        good &= op->phase < 1u << 19 && op->env <= OPL3_ENV_OFF &&
                op->stage <= OPL3_RELEASE;
        for (unsigned k = 0; k < 2; k++)
            good &= op->out[k] >= -4096 && op->out[k] < 4096;
    }
    p->changed = true;
    if (!good)
        return error_set(err, EXIT_BAD_DATA, "%s: impossible operator",
                         dev->id);
    return true;
}

static void opl3_info(struct device *dev, struct out *out)
{
    static const char *const stages[] = {"attack", "decay", "sustain",
                                         "release"};
    struct opl3 *p = opl3_of(dev);

    catch_up(p);
    opl3_prepare(&p->s, p->voices);
    for (unsigned n = 0; n < OPL3_OPERATORS; n++) {
        const struct opl3_operator *op = &p->s.op[n];
        const struct opl3_voice *v = &p->voices[n];

        if (op->env == OPL3_ENV_OFF && !op->key)
            continue;
        out_printf(out,
                   "operator %u: wave %u, F-number %u, block %u, x%u/2, %s, "
                   "-%u.%02u dB\n",
                   n, v->wave, v->fnum, v->block, v->multiple,
                   stages[op->stage], (op->env + v->level) * 3u / 16,
                   (op->env + v->level) * 3u % 16 * 100 / 16);
    }
}

static void opl3_destroy(struct device *dev)
{
    timer_destroy(&opl3_of(dev)->timer);
}

static const struct field operator_fields[] = {
    FIELD(struct opl3_operator, phase, "phase, 19 bits"),
    FIELD(struct opl3_operator, env, "attenuation, 511 is off"),
    FIELD(struct opl3_operator, stage,
          "0 attack, 1 decay, 2 sustain, 3 release"),
    FIELD(struct opl3_operator, key, "key is on"),
    FIELD_ARRAY(struct opl3_operator, out, "last two samples"),
    FIELD_END,
};

static const struct field opl3_fields[] = {
    FIELD_ARRAY(struct opl3_state, regs, "registers, array 1 from 100h on"),
    FIELD(struct opl3_state, address, "register to be written next"),
    FIELD(struct opl3_state, status, "status register"),
    FIELD_ARRAY(struct opl3_state, timer_start, "sample of the last load"),
    FIELD(struct opl3_state, sample, "samples made since power-on"),
    FIELD(struct opl3_state, noise, "noise generator"),
    FIELD_STRUCTS(struct opl3_state, op, operator_fields, "operators"),
    FIELD_END,
};

static const struct port_range opl3_ports[] = {
    {0x000, 4, IO8, opl3_read, opl3_write, "YMF262 address and data"},
    {0x008, 2, IO8, opl3_read, opl3_write, "the same, array 0"},
    {0x168, 4, IO8, opl3_read, opl3_write, "the same (AdLib, 388h)"},
    {.count = 0},
};

const struct device_class opl3_class = {
    .name = "opl3",
    .summary = "YMF262 (OPL3) FM synthesizer",
    DEVICE_STATE(struct opl3, s),
    .state_version = 1,
    .fields = opl3_fields,
    .ports = opl3_ports,
    .init = opl3_init,
    .reset = opl3_reset,
    .pre_save = opl3_pre_save,
    .post_load = opl3_post_load,
    .info = opl3_info,
    .destroy = opl3_destroy,
};

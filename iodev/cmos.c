/*
 * cmos.c - MC146818 real-time clock and battery-backed RAM.
 *
 * Ports: 70h index and NMI mask, 71h data; 72h/73h the extended 128 bytes.
 * Datasheet: Motorola MC146818A (ADI1027); Intel 290550 (PIIX3) 2.5.
 * Departures: no daylight saving (DSE is kept, without effect), no square
 * wave pin; dividers other than 32768 Hz stop the clock; byte 32h counts
 * centuries, which the chip leaves to the BIOS.
 *
 * All times are periods of the 32768 Hz crystal, exact from guest time. The
 * update cycle is one instant; UIP announces it 2228 us ahead, which is the
 * sum of the 244 us warning and the 1984 us that an update takes.
 */
#include "iodev/cmos.h"
#include "core/host.h"

#include <errno.h>
#include <stdio.h>

#define CRYSTAL_HZ 32768u
#define UIP_CYCLES 73u /* 2228 us */

enum {
    REG_SEC = 0,
    REG_SEC_ALARM = 1,
    REG_MIN = 2,
    REG_MIN_ALARM = 3,
    REG_HOUR = 4,
    REG_HOUR_ALARM = 5,
    REG_WEEKDAY = 6,
    REG_DAY = 7,
    REG_MONTH = 8,
    REG_YEAR = 9,
    REG_A = 10,
    REG_B = 11,
    REG_C = 12,
    REG_D = 13,
    REG_CENTURY = 0x32,

    A_UIP = 0x80,
    B_24H = 0x02,
    B_DM = 0x04,
    B_UIE = 0x10,
    B_AIE = 0x20,
    B_PIE = 0x40,
    B_SET = 0x80,
    C_UF = 0x10,
    C_AF = 0x20,
    C_PF = 0x40,
    C_IRQF = 0x80,
    D_VRT = 0x80,
    PM = 0x80
};

struct cmos {
    struct device dev;

    struct cmos_state {
        uint8_t ram[128], ext[128];
        uint8_t index, ext_index;
        bool nmi_mask;
        uint64_t origin; /* crystal cycle at which the divider started */
        uint64_t seen;   /* cycle up to which periodic ticks are known */
    } s;

    struct line irq, nmi_mask;
    struct timer update, periodic;
    char update_name[32], periodic_name[32];
    char *image;
    int32_t rtc_init;
};

static struct cmos *cmos_of(struct device *dev)
{
    return container_of(dev, struct cmos, dev);
}

/* ---- the calendar ---- */

static unsigned decode(const struct cmos *c, uint8_t v)
{
    return c->s.ram[REG_B] & B_DM ? v : (v >> 4) * 10u + (v & 15);
}

static uint8_t encode(const struct cmos *c, unsigned v)
{
    return (uint8_t)(c->s.ram[REG_B] & B_DM ? v : v / 10 << 4 | v % 10);
}

static unsigned decode_hour(const struct cmos *c)
{
    uint8_t v = c->s.ram[REG_HOUR];

    if (c->s.ram[REG_B] & B_24H)
        return decode(c, v);
    return decode(c, v & 0x7f) % 12 + (v & PM ? 12 : 0);
}

static uint8_t encode_hour(const struct cmos *c, unsigned h)
{
    if (c->s.ram[REG_B] & B_24H)
        return encode(c, h);
    return encode(c, h % 12 ? h % 12 : 12) | (h >= 12 ? PM : 0);
}

/* The chip knows two digits of the year: every fourth one is a leap year. */
static unsigned days_in(unsigned month, unsigned year)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31};

    if (month < 1 || month > 12)
        return 31;
    return days[month - 1] + (month == 2 && year % 4 == 0);
}

/* Adds one to a register; true when it wrapped from `last` to `first`. */
static bool bump(struct cmos *c, unsigned reg, unsigned first, unsigned last)
{
    unsigned v = decode(c, c->s.ram[reg]);
    bool wraps = v >= last;

    c->s.ram[reg] = encode(c, wraps ? first : v + 1);
    return wraps;
}

static void next_day(struct cmos *c)
{
    unsigned month = decode(c, c->s.ram[REG_MONTH]);
    unsigned year = decode(c, c->s.ram[REG_YEAR]);

    bump(c, REG_WEEKDAY, 1, 7);
    if (bump(c, REG_DAY, 1, days_in(month, year)) &&
        bump(c, REG_MONTH, 1, 12) && bump(c, REG_YEAR, 0, 99))
        bump(c, REG_CENTURY, 0, 99);
}

static void next_second(struct cmos *c)
{
    unsigned hour;

    if (!bump(c, REG_SEC, 0, 59) || !bump(c, REG_MIN, 0, 59))
        return;
    hour = decode_hour(c) + 1;
    c->s.ram[REG_HOUR] = encode_hour(c, hour > 23 ? 0 : hour);
    if (hour > 23)
        next_day(c);
}

/* Seconds since 1970-01-01 to the registers, Gregorian calendar. */
static void set_time(struct cmos *c, int64_t t)
{
    int64_t days = t / 86400, rest = t % 86400;
    unsigned year = 1970, month = 1;

    if (rest < 0) {
        rest += 86400;
        days--;
    }
    if (days < 0 || days > 2932896) /* outside 1970..9999 */
        days = 0;
    c->s.ram[REG_WEEKDAY] = encode(c, (unsigned)((days + 4) % 7) + 1);
    for (;; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

        if (days < 365 + leap)
            break;
        days -= 365 + leap;
    }
    for (;; month++) {
        bool century = year % 100 == 0 && year % 400 != 0;
        unsigned n = days_in(month, century ? 1 : year);

        if (days < n)
            break;
        days -= n;
    }
    c->s.ram[REG_SEC] = encode(c, (unsigned)(rest % 60));
    c->s.ram[REG_MIN] = encode(c, (unsigned)(rest / 60 % 60));
    c->s.ram[REG_HOUR] = encode_hour(c, (unsigned)(rest / 3600));
    c->s.ram[REG_DAY] = encode(c, (unsigned)days + 1);
    c->s.ram[REG_MONTH] = encode(c, month);
    c->s.ram[REG_YEAR] = encode(c, year % 100);
    c->s.ram[REG_CENTURY] = encode(c, year / 100);
}

/* ---- divider, interrupts ---- */

static uint64_t cycles_now(const struct cmos *c)
{
    return clock_cycles(c->dev.sv->clock, CRYSTAL_HZ);
}

static bool running(const struct cmos *c)
{
    return (c->s.ram[REG_A] & 0x70) == 0x20;
}

/* Crystal cycles between periodic flags, 0: none (table 5). */
static uint64_t period(const struct cmos *c)
{
    unsigned rs = c->s.ram[REG_A] & 15;

    if (rs == 0 || !running(c))
        return 0;
    return (uint64_t)1 << (rs < 3 ? rs + 6 : rs - 1);
}

static void update_irq(struct cmos *c)
{
    uint8_t flags = c->s.ram[REG_C] & (C_PF | C_AF | C_UF);
    bool irq = flags & c->s.ram[REG_B];

    c->s.ram[REG_C] = flags | (irq ? C_IRQF : 0);
    line_set(&c->irq, irq);
}

/* Sets PF if a periodic tick has passed unseen. */
static void see_periodic(struct cmos *c)
{
    uint64_t now = cycles_now(c), p = period(c);

    if (p && now >= c->s.origin && c->s.seen >= c->s.origin &&
        (now - c->s.origin) / p != (c->s.seen - c->s.origin) / p)
        c->s.ram[REG_C] |= C_PF;
    c->s.seen = now;
}

/* A timer is worth its while only when PF would interrupt. */
static void arm_periodic(struct cmos *c)
{
    uint64_t p = period(c), now = cycles_now(c);

    if (!p || !(c->s.ram[REG_B] & B_PIE) || (c->s.ram[REG_C] & C_PF)) {
        timer_cancel(&c->periodic);
        return;
    }
    now = c->s.origin + ((now - c->s.origin) / p + 1) * p;
    timer_arm_tick(&c->periodic,
                   clock_cycles_to_tick(c->dev.sv->clock, now, CRYSTAL_HZ));
}

static void fire_periodic(void *opaque)
{
    struct cmos *c = opaque;

    see_periodic(c);
    update_irq(c);
    arm_periodic(c);
}

/* The first update comes half a second after the divider is released. */
static uint64_t next_update(const struct cmos *c)
{
    uint64_t first = c->s.origin + CRYSTAL_HZ / 2, now = cycles_now(c);

    if (now < first)
        return first;
    return now + CRYSTAL_HZ - (now - first) % CRYSTAL_HZ;
}

static void arm_update(struct cmos *c)
{
    if (running(c))
        timer_arm_tick(
            &c->update,
            clock_cycles_to_tick(c->dev.sv->clock, next_update(c), CRYSTAL_HZ));
    else
        timer_cancel(&c->update);
}

static bool alarm_matches(const struct cmos *c, unsigned alarm, unsigned reg)
{
    uint8_t v = c->s.ram[alarm];

    return (v & 0xc0) == 0xc0 || v == c->s.ram[reg];
}

static void fire_update(void *opaque)
{
    struct cmos *c = opaque;

    if (!(c->s.ram[REG_B] & B_SET)) {
        next_second(c);
        c->s.ram[REG_C] |= C_UF;
        if (alarm_matches(c, REG_SEC_ALARM, REG_SEC) &&
            alarm_matches(c, REG_MIN_ALARM, REG_MIN) &&
            alarm_matches(c, REG_HOUR_ALARM, REG_HOUR))
            c->s.ram[REG_C] |= C_AF;
        update_irq(c);
    }
    arm_update(c);
}

static bool update_in_progress(const struct cmos *c)
{
    return running(c) && !(c->s.ram[REG_B] & B_SET) &&
           next_update(c) - cycles_now(c) <= UIP_CYCLES;
}

/* ---- registers ---- */

static void write_a(struct cmos *c, uint8_t v)
{
    bool was_running = running(c);

    see_periodic(c);
    c->s.ram[REG_A] = v & 0x7f;
    if (running(c) && !was_running)
        c->s.origin = c->s.seen = cycles_now(c);
    if (running(c) != was_running)
        arm_update(c);
    arm_periodic(c);
}

static void write_b(struct cmos *c, uint8_t v)
{
    see_periodic(c);
    /* "UIE is cleared by SET going high" (register B). */
    c->s.ram[REG_B] = v & B_SET ? v & (uint8_t)~B_UIE : v;
    update_irq(c);
    arm_periodic(c);
}

static uint8_t read_c(struct cmos *c)
{
    uint8_t v;

    see_periodic(c);
    update_irq(c);
    v = c->s.ram[REG_C];
    c->s.ram[REG_C] = 0;
    update_irq(c);
    arm_periodic(c);
    return v;
}

/*
 * Register map: 00h-09h time, date and alarms; 0Ah-0Dh registers A to D;
 * 0Eh-7Fh RAM.
 */
static uint8_t read_reg(struct cmos *c, unsigned reg)
{
    switch (reg) {
    case REG_A:
        return c->s.ram[REG_A] | (update_in_progress(c) ? A_UIP : 0);
    case REG_C:
        return read_c(c);
    case REG_D:
        return D_VRT;
    default:
        return c->s.ram[reg];
    }
}

static void write_reg(struct cmos *c, unsigned reg, uint8_t v)
{
    switch (reg) {
    case REG_A:
        write_a(c, v);
        break;
    case REG_B:
        write_b(c, v);
        break;
    case REG_C:
    case REG_D:
        break; /* read only */
    default:
        c->s.ram[reg] = v;
        break;
    }
}

static uint32_t cmos_read(struct device *dev, uint16_t port, unsigned size)
{
    struct cmos *c = cmos_of(dev);

    (void)size;
    switch (port & 3) {
    case 1:
        return read_reg(c, c->s.index);
    case 2:
        return c->s.ext_index;
    case 3:
        return c->s.ext[c->s.ext_index];
    default:
        return 0xff; /* 70h is write-only */
    }
}

static void cmos_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    struct cmos *c = cmos_of(dev);
    uint8_t v = (uint8_t)value;

    (void)size;
    switch (port & 3) {
    case 0:
        c->s.index = v & 0x7f;
        c->s.nmi_mask = v & 0x80;
        line_set(&c->nmi_mask, c->s.nmi_mask);
        break;
    case 1:
        write_reg(c, c->s.index, v);
        break;
    case 2:
        c->s.ext_index = v & 0x7f;
        break;
    default:
        c->s.ext[c->s.ext_index] = v;
        break;
    }
}

void cmos_set(struct device *dev, unsigned index, uint8_t value)
{
    struct cmos *c = cmos_of(dev);

    if (index < 128)
        c->s.ram[index] = value;
    else if (index < 256)
        c->s.ext[index - 128] = value;
}

uint8_t cmos_get(struct device *dev, unsigned index)
{
    const struct cmos *c = cmos_of(dev);

    if (index < 128)
        return c->s.ram[index];
    return index < 256 ? c->s.ext[index - 128] : 0xff;
}

/* ---- class ---- */

static bool load_image(struct cmos *c, struct error *err)
{
    FILE *f = fopen(c->image, "rb");
    size_t n;

    if (!f)
        return error_set(err, EXIT_NO_OPEN, "cannot open CMOS image %s: %s",
                         c->image, strerror(errno));
    n = fread(c->s.ram, 1, sizeof c->s.ram, f);
    if (n == sizeof c->s.ram)
        n += fread(c->s.ext, 1, sizeof c->s.ext, f);
    fclose(f);
    if (n < sizeof c->s.ram)
        return error_set(err, EXIT_BAD_DATA,
                         "CMOS image %s is shorter than 128 bytes", c->image);
    c->s.ram[REG_A] &= 0x7f;
    c->s.ram[REG_C] = 0;
    return true;
}

static bool cmos_init(struct device *dev, struct error *err)
{
    struct cmos *c = cmos_of(dev);
    const struct host *h = dev->sv->host;
    bool image = c->image && *c->image;

    c->s.ram[REG_A] = 0x26;
    c->s.ram[REG_B] = B_24H;
    if (image && !load_image(c, err))
        return false;
    if (!image || c->rtc_init == 0)
        set_time(c, h && h->time0 ? h->time0(h->opaque) : 0);
    snprintf(c->update_name, sizeof c->update_name, "%s.update", dev->id);
    snprintf(c->periodic_name, sizeof c->periodic_name, "%s.periodic", dev->id);
    timer_init(&c->update, dev->sv->clock, c->update_name, fire_update, c);
    timer_init(&c->periodic, dev->sv->clock, c->periodic_name, fire_periodic,
               c);
    c->s.origin = c->s.seen = cycles_now(c);
    return true;
}

/* RESET# clears the enables and flags; time and RAM live on the battery. */
static void cmos_reset(struct device *dev, enum reset_kind kind)
{
    struct cmos *c = cmos_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    see_periodic(c);
    c->s.ram[REG_B] &= (uint8_t) ~(B_PIE | B_AIE | B_UIE | 0x08);
    c->s.ram[REG_C] = 0;
    c->s.index = c->s.ext_index = 0;
    c->s.nmi_mask = false;
    line_set(&c->nmi_mask, false);
    update_irq(c);
    arm_periodic(c);
    arm_update(c);
}

static void cmos_pre_save(struct device *dev)
{
    see_periodic(cmos_of(dev));
}

static bool cmos_post_load(struct device *dev, struct error *err)
{
    const struct cmos_state *s = &cmos_of(dev)->s;

    if (s->index > 127 || s->ext_index > 127 || s->ram[REG_A] > 127 ||
        s->seen < s->origin)
        return error_set(err, EXIT_BAD_DATA, "%s: impossible index or time",
                         dev->id);
    return true;
}

static void cmos_info(struct device *dev, struct out *out)
{
    struct cmos *c = cmos_of(dev);

    out_printf(out, "%02u%02u-%02u-%02u %02u:%02u:%02u, weekday %u, %s\n",
               decode(c, c->s.ram[REG_CENTURY]), decode(c, c->s.ram[REG_YEAR]),
               decode(c, c->s.ram[REG_MONTH]), decode(c, c->s.ram[REG_DAY]),
               decode_hour(c), decode(c, c->s.ram[REG_MIN]),
               decode(c, c->s.ram[REG_SEC]), decode(c, c->s.ram[REG_WEEKDAY]),
               running(c) ? "running" : "stopped");
    for (unsigned i = 0; i < 128; i++)
        out_printf(out, "%s%02x%s", i % 16 ? " " : "  ", c->s.ram[i],
                   i % 16 == 15 ? "\n" : "");
}

static void cmos_destroy(struct device *dev)
{
    struct cmos *c = cmos_of(dev);

    timer_destroy(&c->update);
    timer_destroy(&c->periodic);
}

static const struct field cmos_fields[] = {
    FIELD_ARRAY(struct cmos_state, ram, "time, registers A to D, RAM"),
    FIELD_ARRAY(struct cmos_state, ext, "extended RAM"),
    FIELD(struct cmos_state, index, "byte that port 71h shows"),
    FIELD(struct cmos_state, ext_index, "byte that port 73h shows"),
    FIELD(struct cmos_state, nmi_mask, "NMI is masked"),
    FIELD(struct cmos_state, origin, "crystal cycle of the divider's start"),
    FIELD(struct cmos_state, seen, "crystal cycle of the last look"),
    FIELD_END,
};

static const struct option cmos_options[] = {
    {"image", "path", offsetof(struct cmos, image), NULL,
     "file of 128 (or 256) bytes to start from"},
    {"rtc_init", "enum:time0|image", offsetof(struct cmos, rtc_init), "time0",
     "take the time from clock: time0, or from the image"},
    {.key = NULL},
};

static const struct port_range cmos_ports[] = {
    {0x70, 4, IO8, cmos_read, cmos_write, "RTC and CMOS index, data"},
    {.count = 0},
};

static const struct line_out cmos_lines_out[] = {
    {"irq", offsetof(struct cmos, irq), 1},
    {"nmi_mask", offsetof(struct cmos, nmi_mask), 1},
    {.name = NULL},
};

const struct device_class cmos_class = {
    .name = "cmos",
    .summary = "MC146818 real-time clock and CMOS RAM",
    DEVICE_STATE(struct cmos, s),
    .state_version = 1,
    .fields = cmos_fields,
    .ports = cmos_ports,
    .options = cmos_options,
    .lines_out = cmos_lines_out,
    .init = cmos_init,
    .reset = cmos_reset,
    .pre_save = cmos_pre_save,
    .post_load = cmos_post_load,
    .info = cmos_info,
    .destroy = cmos_destroy,
};

/*
 * pic.c - Intel 8259A programmable interrupt controller.
 *
 * Ports: io_base (A0 = 0) and io_base + 1 (A0 = 1).
 * Datasheet: Intel 231468-003.
 * Departures: the MCS-80/85 mode (ICW4 uPM = 0) answers with an 8086 vector;
 * buffered mode has no visible effect. The chip has no reset pin: a software
 * reset leaves it alone, as on an AT.
 */
#include "iodev/pic.h"

enum {
    ICW1_IC4 = 0x01,
    ICW1_SNGL = 0x02,
    ICW1_LTIM = 0x08,
    ICW1_MARK = 0x10,
    ICW4_AEOI = 0x02,
    ICW4_SFNM = 0x10,
    OCW2_EOI = 0x20,
    OCW2_SL = 0x40,
    OCW2_R = 0x80,
    OCW3_RIS = 0x01,
    OCW3_RR = 0x02,
    OCW3_P = 0x04,
    OCW3_MARK = 0x08,
    OCW3_SMM = 0x20,
    OCW3_ESMM = 0x40,
    NO_LEVEL = 8
};

struct pic {
    struct device dev;

    struct pic_state {
        uint8_t pins;       /* levels at IR0..IR7 */
        uint8_t level_mode; /* level pins of the ELCR */
        uint8_t edges;      /* edge latches */
        uint8_t imr, isr;
        uint8_t icw1, icw2, icw3, icw4;
        uint8_t icw_step; /* ICW expected at A0 = 1, 0 when ready */
        uint8_t lowest;   /* level of lowest priority */
        bool rotate_aeoi;
        bool special_mask;
        bool poll; /* next read is an acknowledge */
        bool read_isr;
    } s;

    /* Wiring. */
    struct line intr;
    struct pic *slave[8];
    bool is_slave;
};

static struct pic *pic_of(struct device *dev)
{
    return container_of(dev, struct pic, dev);
}

/* A request is an edge that is still there, or the level itself: a pin that
 * falls before INTA takes its request with it (IRR in the block diagram). */
static uint8_t requests(const struct pic *p)
{
    uint8_t level = p->s.icw1 & ICW1_LTIM ? 0xff : p->s.level_mode;

    return p->s.pins & (p->s.edges | level);
}

static bool cascades(const struct pic *p, unsigned level)
{
    return !p->is_slave && !(p->s.icw1 & ICW1_SNGL) &&
           (p->s.icw3 >> level & 1) != 0;
}

/* The level to be acknowledged now, NO_LEVEL if none. */
static unsigned winner(const struct pic *p)
{
    uint8_t want = requests(p) & (uint8_t)~p->s.imr;
    /* Special mask: a masked level in service holds nobody back. */
    uint8_t busy = p->s.special_mask ? p->s.isr & (uint8_t)~p->s.imr : p->s.isr;

    if (p->s.icw_step || !want)
        return NO_LEVEL;
    for (unsigned i = 1; i <= 8; i++) {
        unsigned level = (p->s.lowest + i) & 7;
        uint8_t bit = (uint8_t)(1u << level);

        /* Special fully nested: a slave in service may ask again. */
        if (busy & bit) {
            bool again = (p->s.icw4 & ICW4_SFNM) && cascades(p, level);

            return again && (want & bit) ? level : NO_LEVEL;
        }
        if (want & bit)
            return level;
    }
    return NO_LEVEL;
}

static void update(struct pic *p)
{
    line_set(&p->intr, winner(p) != NO_LEVEL);
}

static void set_ir(void *dev, unsigned n, bool level)
{
    struct pic *p = pic_of(dev);
    uint8_t bit = (uint8_t)(1u << n);

    if (level && !(p->s.pins & bit)) {
        p->s.pins |= bit;
        p->s.edges |= bit;
    } else if (!level) {
        p->s.pins &= (uint8_t)~bit;
        p->s.edges &= (uint8_t)~bit;
    }
    update(p);
}

static void set_level_mode(void *dev, unsigned n, bool level)
{
    struct pic *p = pic_of(dev);
    uint8_t bit = (uint8_t)(1u << n);

    p->s.level_mode =
        level ? p->s.level_mode | bit : p->s.level_mode & (uint8_t)~bit;
    update(p);
}

/* ---- acknowledge and end of interrupt ---- */

static void acknowledge(struct pic *p, unsigned level)
{
    uint8_t bit = (uint8_t)(1u << level);

    p->s.edges &= (uint8_t)~bit;
    if (!(p->s.icw4 & ICW4_AEOI))
        p->s.isr |= bit;
    else if (p->s.rotate_aeoi)
        p->s.lowest = (uint8_t)level;
    /* INT falls during INTA; a master sees a new edge for the next one. */
    line_set(&p->intr, false);
    update(p);
}

static uint8_t inta(struct pic *p)
{
    unsigned level = winner(p);

    if (level == NO_LEVEL) {
        log_debug(&p->dev.log, "spurious interrupt");
        return (p->s.icw2 & 0xf8) | 7;
    }
    acknowledge(p, level);
    if (cascades(p, level)) {
        struct pic *slave = p->slave[level];

        /* A slave answers to the number in its own ICW3 only; else the bus
         * floats. */
        return slave && (slave->s.icw3 & 7) == level ? inta(slave) : 0xff;
    }
    return (uint8_t)((p->s.icw2 & 0xf8) | level);
}

uint8_t pic_intack(struct device *master)
{
    return inta(pic_of(master));
}

void pic_set_slave(struct device *master, unsigned ir, struct device *slave)
{
    pic_of(master)->slave[ir & 7] = pic_of(slave);
    pic_of(slave)->is_slave = true;
}

/* OCW2 without SL acts on the level of highest priority in service. In
 * special mask mode masked levels are passed over ("special mask mode"). */
static unsigned highest_in_service(const struct pic *p)
{
    uint8_t isr = p->s.special_mask ? p->s.isr & (uint8_t)~p->s.imr : p->s.isr;

    for (unsigned i = 1; i <= 8; i++) {
        unsigned level = (p->s.lowest + i) & 7;

        if (isr >> level & 1)
            return level;
    }
    return NO_LEVEL;
}

static void write_ocw2(struct pic *p, uint8_t v)
{
    unsigned level = v & OCW2_SL ? v & 7u : highest_in_service(p);

    if (v & OCW2_EOI) {
        if (level == NO_LEVEL)
            return;
        p->s.isr &= (uint8_t) ~(1u << level);
        if (v & OCW2_R)
            p->s.lowest = (uint8_t)level;
    } else if ((v & (OCW2_R | OCW2_SL)) == (OCW2_R | OCW2_SL)) {
        p->s.lowest = (uint8_t)level;
    } else if (!(v & OCW2_SL)) {
        p->s.rotate_aeoi = v & OCW2_R;
    }
}

static void write_ocw3(struct pic *p, uint8_t v)
{
    if (v & OCW3_ESMM)
        p->s.special_mask = v & OCW3_SMM;
    p->s.poll = v & OCW3_P;
    if (!(v & OCW3_P) && (v & OCW3_RR))
        p->s.read_isr = v & OCW3_RIS;
}

/* ---- initialization ---- */

/* "Initialization command words", items a to f. */
static void write_icw1(struct pic *p, uint8_t v)
{
    p->s = (struct pic_state){
        .pins = p->s.pins,
        .level_mode = p->s.level_mode,
        .icw1 = v,
        .icw2 = p->s.icw2,
        .icw3 = v & ICW1_SNGL ? 0 : 7,
        .icw4 = v & ICW1_IC4 ? p->s.icw4 : 0,
        .icw_step = 2,
        .lowest = 7,
    };
}

static void write_icw(struct pic *p, uint8_t v)
{
    bool wants_icw4 = p->s.icw1 & ICW1_IC4;

    switch (p->s.icw_step) {
    case 2:
        p->s.icw2 = v;
        p->s.icw_step = !(p->s.icw1 & ICW1_SNGL) ? 3 : wants_icw4 ? 4 : 0;
        break;
    case 3:
        p->s.icw3 = v;
        p->s.icw_step = wants_icw4 ? 4 : 0;
        break;
    default:
        p->s.icw4 = v;
        p->s.icw_step = 0;
        if (!(v & 1))
            log_error(&p->dev.log, "MCS-80/85 mode asked for, not modelled");
        break;
    }
}

/*
 * Register map (A0 = address bit 0)
 *   A0  read                      write
 *   0   IRR, ISR or poll answer   ICW1 (D4 = 1), OCW2, OCW3 (D3 = 1)
 *   1   IMR or poll answer        ICW2..ICW4 in sequence, then OCW1
 */
static uint32_t pic_read(struct device *dev, uint16_t port, unsigned size)
{
    struct pic *p = pic_of(dev);

    (void)size;
    if (p->s.poll) {
        unsigned level = winner(p);

        p->s.poll = false;
        if (level == NO_LEVEL)
            return 0;
        acknowledge(p, level);
        return 0x80 | level;
    }
    if (port & 1)
        return p->s.imr;
    return p->s.read_isr ? p->s.isr : requests(p);
}

static void pic_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    struct pic *p = pic_of(dev);
    uint8_t v = (uint8_t)value;

    (void)size;
    if (port & 1) {
        if (p->s.icw_step)
            write_icw(p, v);
        else
            p->s.imr = v;
    } else if (v & ICW1_MARK) {
        write_icw1(p, v);
    } else if (v & OCW3_MARK) {
        write_ocw3(p, v);
    } else {
        write_ocw2(p, v);
    }
    update(p);
}

/* ---- class ---- */

static void pic_reset(struct device *dev, enum reset_kind kind)
{
    struct pic *p = pic_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    p->s = (struct pic_state){
        .pins = p->s.pins,
        .level_mode = p->s.level_mode,
        .imr = 0xff,
        .lowest = 7,
    };
    update(p);
}

static bool pic_post_load(struct device *dev, struct error *err)
{
    const struct pic_state *s = &pic_of(dev)->s;

    if (s->lowest > 7 || s->icw_step > 4 || s->icw_step == 1)
        return error_set(err, EXIT_BAD_DATA, "%s: impossible ICW or priority",
                         dev->id);
    return true;
}

static void pic_info(struct device *dev, struct out *out)
{
    struct pic *p = pic_of(dev);
    unsigned level = winner(p);

    out_printf(out, "requests %02x, unmasked %02x, in service %02x\n",
               requests(p), requests(p) & (uint8_t)~p->s.imr, p->s.isr);
    if (level == NO_LEVEL)
        out_printf(out, "INT low\n");
    else
        out_printf(out, "INT high for IR%u, vector %02x\n", level,
                   (p->s.icw2 & 0xf8) | level);
}

static const struct field pic_fields[] = {
    FIELD(struct pic_state, pins, "levels at the IR inputs"),
    FIELD(struct pic_state, level_mode, "inputs that the ELCR makes level"),
    FIELD(struct pic_state, edges, "edges seen and not acknowledged"),
    FIELD(struct pic_state, imr, "masked levels (OCW1)"),
    FIELD(struct pic_state, isr, "levels in service"),
    FIELD(struct pic_state, icw1, "edge or level, single or cascade"),
    FIELD(struct pic_state, icw2, "vector of level 0"),
    FIELD(struct pic_state, icw3, "levels with slaves, or the slave's number"),
    FIELD(struct pic_state, icw4, "automatic EOI, special fully nested mode"),
    FIELD(struct pic_state, icw_step, "next ICW expected, 0 when ready"),
    FIELD(struct pic_state, lowest, "level of lowest priority"),
    FIELD(struct pic_state, rotate_aeoi, "rotate at each automatic EOI"),
    FIELD(struct pic_state, special_mask, "special mask mode (OCW3)"),
    FIELD(struct pic_state, poll, "the next read acknowledges (OCW3 P)"),
    FIELD(struct pic_state, read_isr, "A0 = 0 reads ISR instead of IRR"),
    FIELD_END,
};

static const struct port_range pic_ports[] = {
    {0, 2, IO8, pic_read, pic_write, "8259A command/status, mask"},
    {.count = 0},
};

static const struct line_out pic_lines_out[] = {
    {"intr", offsetof(struct pic, intr), 1},
    {.name = NULL},
};

static const struct line_in pic_lines_in[] = {
    {"ir", 8, set_ir},
    {"level_mode", 8, set_level_mode},
    {.name = NULL},
};

const struct device_class pic_class = {
    .name = "pic",
    .summary = "8259A interrupt controller",
    DEVICE_STATE(struct pic, s),
    .state_version = 1,
    .fields = pic_fields,
    .ports = pic_ports,
    .lines_out = pic_lines_out,
    .lines_in = pic_lines_in,
    .reset = pic_reset,
    .post_load = pic_post_load,
    .info = pic_info,
};

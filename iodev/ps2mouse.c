/*
 * ps2mouse.c - PS/2 mouse, with wheel after the IntelliMouse knock.
 *
 * Reference: IBM PS/2 Hardware Interface Technical Reference, "Mouse";
 * Microsoft, "Mouse wheel support" (sample rates 200, 100, 80 give ID 3;
 * 200, 200, 80 ID 4).
 * Departures: the self-test takes 10 ms instead of 300 to 500; resolution is
 * kept and reported, host counts are not scaled by it.
 */
#include "iodev/ps2mouse.h"
#include "core/host.h"

enum {
    ACK = 0xfa,
    RESEND = 0xfe,
    BAT_NS = 10000000,
    REPLIES = 0,
    PACKETS = 1,
    TYPE_PS2 = 0,
    TYPE_IMPS2 = 1,
    MOTION_MAX = 0x4000 /* counts kept while nobody fetches them */
};

struct ps2mouse {
    struct device dev;

    struct ps2mouse_state {
        struct ps2_fifo queue[2];
        int32_t dx, dy, dz;        /* not yet reported; dy upwards */
        uint8_t buttons, reported; /* now; in the last packet */
        uint8_t id;                /* 0, 3 or 4 */
        uint8_t rate, resolution;
        uint8_t rates[2];  /* the two before, for the knock */
        uint8_t command;   /* waits for its argument, 0: none */
        uint8_t last;      /* byte for RESEND */
        bool double_scale; /* 2:1 */
        bool remote, wrap;
        bool reporting; /* enabled by F4h */
        bool bat;
    } s;

    struct line data;
    struct timer sample, bat;
    char sample_name[32], bat_name[32];
    int32_t type;
};

static struct ps2mouse *mouse_of(const struct device *dev)
{
    return container_of((struct device *)(uintptr_t)dev, struct ps2mouse, dev);
}

static void update(struct ps2mouse *m)
{
    line_set(&m->data, m->s.queue[REPLIES].count ||
                           (m->s.queue[PACKETS].count && !m->s.command));
}

static void answer(struct ps2mouse *m, uint8_t byte)
{
    ps2_fifo_put(&m->s.queue[REPLIES], byte);
    update(m);
}

static bool mouse_take(struct device *dev, uint8_t *byte)
{
    struct ps2mouse *m = mouse_of(dev);
    bool got = ps2_fifo_get(&m->s.queue[REPLIES], byte) ||
               (!m->s.command && ps2_fifo_get(&m->s.queue[PACKETS], byte));

    if (got)
        m->s.last = *byte;
    update(m);
    return got;
}

/* ---- packets ---- */

/* Takes at most [-limit, limit] from a counter. */
static int32_t take_some(int32_t *counter, int32_t limit)
{
    int32_t v = *counter;

    if (v > limit)
        v = limit;
    if (v < -limit)
        v = -limit;
    *counter -= v;
    return v;
}

/* Scaling 2:1, for stream mode only. */
static int32_t scaled(const struct ps2mouse *m, int32_t v)
{
    static const uint8_t table[6] = {0, 1, 1, 3, 6, 9};
    int32_t size = v < 0 ? -v : v;

    if (!m->s.double_scale || m->s.remote)
        return v;
    size = size < 6 ? table[size] : 2 * size;
    if (size > 255)
        size = 255;
    return v < 0 ? -size : size;
}

static void put_packet(struct ps2mouse *m, struct ps2_fifo *q)
{
    int32_t dx = scaled(m, take_some(&m->s.dx, 255));
    int32_t dy = scaled(m, take_some(&m->s.dy, 255));
    /* The wheel counts downwards. */
    int32_t dz = -take_some(&m->s.dz, 7);

    m->s.reported = m->s.buttons;
    ps2_fifo_put(q, (uint8_t)((m->s.buttons & 7) | 0x08 | (dx < 0) << 4 |
                              (dy < 0) << 5));
    ps2_fifo_put(q, (uint8_t)dx);
    ps2_fifo_put(q, (uint8_t)dy);
    if (m->s.id == 3)
        ps2_fifo_put(q, (uint8_t)dz);
    else if (m->s.id == 4)
        ps2_fifo_put(q, (uint8_t)((dz & 15) | (m->s.buttons & 0x18) << 1));
    update(m);
}

static bool anything_new(const struct ps2mouse *m)
{
    uint8_t seen = m->s.id == 4 ? 0x1f : 7;

    return m->s.dx || m->s.dy || (m->s.id && m->s.dz) ||
           ((m->s.buttons ^ m->s.reported) & seen);
}

static bool streaming(const struct ps2mouse *m)
{
    return m->s.reporting && !m->s.remote && !m->s.wrap && !m->s.bat;
}

static void arm_sample(struct ps2mouse *m)
{
    if (!timer_armed(&m->sample))
        timer_arm_in_ns(&m->sample, 1000000000ull / m->s.rate);
}

/* One sample period is over; packets nobody takes hold the next one up. */
static void fire_sample(void *opaque)
{
    struct ps2mouse *m = opaque;

    if (!streaming(m) || !anything_new(m))
        return;
    if (ps2_fifo_room(&m->s.queue[PACKETS]) >= 4)
        put_packet(m, &m->s.queue[PACKETS]);
    arm_sample(m);
}

static void move(int32_t *counter, int32_t by)
{
    int64_t v = (int64_t)*counter + by;

    if (v > MOTION_MAX)
        v = MOTION_MAX;
    if (v < -MOTION_MAX)
        v = -MOTION_MAX;
    *counter = (int32_t)v;
}

static void mouse_input(struct device *dev, const struct input_event *ev)
{
    struct ps2mouse *m = mouse_of(dev);

    if (ev->kind != INPUT_MOUSE)
        return;
    m->s.buttons = (uint8_t)(ev->b >> 8) & 0x1f;
    /* Without reporting the mouse counts nothing (F5h). */
    if (!m->s.reporting && !m->s.remote)
        return;
    move(&m->s.dx, (int16_t)(ev->a & 0xffff));
    move(&m->s.dy, -(int32_t)(int16_t)(ev->a >> 16));
    if (m->s.id)
        move(&m->s.dz, (int8_t)(ev->b & 0xff));
    if (streaming(m) && anything_new(m))
        arm_sample(m);
}

/* ---- commands ---- */

static void forget_motion(struct ps2mouse *m)
{
    m->s.queue[PACKETS] = (struct ps2_fifo){.head = 0};
    m->s.dx = m->s.dy = m->s.dz = 0;
}

static void defaults(struct ps2mouse *m)
{
    forget_motion(m);
    m->s.rate = 100;
    m->s.resolution = 2;
    m->s.double_scale = m->s.remote = m->s.wrap = m->s.reporting = false;
    timer_cancel(&m->sample);
}

static void start_bat(struct ps2mouse *m)
{
    defaults(m);
    m->s.queue[REPLIES] = (struct ps2_fifo){.head = 0};
    m->s.id = 0;
    m->s.rates[0] = m->s.rates[1] = 0;
    m->s.command = 0;
    m->s.bat = true;
    timer_arm_in_ns(&m->bat, BAT_NS);
    update(m);
}

static void fire_bat(void *opaque)
{
    struct ps2mouse *m = opaque;

    m->s.bat = false;
    answer(m, 0xaa);
    answer(m, 0x00);
}

static void knock(struct ps2mouse *m, uint8_t rate)
{
    if (m->type == TYPE_IMPS2 && rate == 80 && m->s.rates[0] == 200) {
        if (m->s.rates[1] == 100)
            m->s.id = 3;
        else if (m->s.rates[1] == 200 && m->s.id == 3)
            m->s.id = 4;
    }
    m->s.rates[0] = m->s.rates[1];
    m->s.rates[1] = rate;
}

static void argument(struct ps2mouse *m, uint8_t v)
{
    uint8_t cmd = m->s.command;

    m->s.command = 0;
    if (cmd == 0xe8 && v <= 3) {
        m->s.resolution = v;
        answer(m, ACK);
    } else if (cmd == 0xf3 && v > 0) {
        m->s.rate = v;
        knock(m, v);
        answer(m, ACK);
    } else {
        answer(m, RESEND);
    }
}

static void send_status(struct ps2mouse *m)
{
    uint8_t b = m->s.buttons;

    answer(m, ACK);
    answer(m, (uint8_t)((b & 1) << 2 | (b >> 2 & 1) << 1 | (b >> 1 & 1) |
                        m->s.double_scale << 4 | m->s.reporting << 5 |
                        m->s.remote << 6));
    answer(m, m->s.resolution);
    answer(m, m->s.rate);
}

static void set_mode(struct ps2mouse *m, bool remote)
{
    forget_motion(m);
    m->s.remote = remote;
    answer(m, ACK);
}

static void command(struct ps2mouse *m, uint8_t v)
{
    switch (v) {
    case 0xe6:
    case 0xe7:
        m->s.double_scale = v & 1;
        answer(m, ACK);
        break;
    case 0xe8:
    case 0xf3:
        m->s.command = v;
        answer(m, ACK);
        break;
    case 0xe9:
        send_status(m);
        break;
    case 0xea:
    case 0xf0:
        set_mode(m, v == 0xf0);
        break;
    case 0xeb:
        answer(m, ACK);
        put_packet(m, &m->s.queue[REPLIES]);
        break;
    case 0xec:
        answer(m, ACK); /* leaves wrap mode */
        break;
    case 0xee:
        forget_motion(m);
        m->s.wrap = true;
        answer(m, ACK);
        break;
    case 0xf2:
        answer(m, ACK);
        answer(m, m->s.id);
        break;
    case 0xf4:
    case 0xf5:
        forget_motion(m);
        m->s.reporting = v == 0xf4;
        m->s.reported = m->s.buttons;
        answer(m, ACK);
        break;
    case 0xf6:
        defaults(m);
        answer(m, ACK);
        break;
    case 0xfe:
        answer(m, m->s.last);
        break;
    case 0xff:
        start_bat(m);
        answer(m, ACK);
        break;
    default:
        log_debug(&m->dev.log, "unknown command %02x", v);
        answer(m, RESEND);
        break;
    }
}

static void mouse_send(struct device *dev, uint8_t v)
{
    struct ps2mouse *m = mouse_of(dev);

    /* A command cuts off an answer that is still to be sent. */
    m->s.queue[REPLIES] = (struct ps2_fifo){.head = 0};
    if (m->s.bat) {
        m->s.bat = false;
        timer_cancel(&m->bat);
    }
    if (m->s.command) {
        argument(m, v);
    } else if (m->s.wrap && v != 0xec && v != 0xff) {
        answer(m, v);
    } else {
        m->s.wrap = false;
        command(m, v);
    }
    update(m);
}

bool ps2mouse_active(const struct device *dev)
{
    return streaming(mouse_of(dev));
}

const struct ps2_ops ps2mouse_ops = {mouse_send, mouse_take};

/* ---- class ---- */

static bool mouse_init(struct device *dev, struct error *err)
{
    struct ps2mouse *m = mouse_of(dev);

    (void)err;
    snprintf(m->sample_name, sizeof m->sample_name, "%s.sample", dev->id);
    snprintf(m->bat_name, sizeof m->bat_name, "%s.bat", dev->id);
    timer_init(&m->sample, dev->sv->clock, m->sample_name, fire_sample, m);
    timer_init(&m->bat, dev->sv->clock, m->bat_name, fire_bat, m);
    m->s.rate = 100;
    return true;
}

static void mouse_reset(struct device *dev, enum reset_kind kind)
{
    struct ps2mouse *m = mouse_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    memset(&m->s, 0, sizeof m->s);
    start_bat(m);
}

static bool in_range(int32_t v)
{
    return v >= -MOTION_MAX && v <= MOTION_MAX;
}

static bool mouse_post_load(struct device *dev, struct error *err)
{
    const struct ps2mouse_state *s = &mouse_of(dev)->s;

    if (!ps2_fifo_valid(&s->queue[0]) || !ps2_fifo_valid(&s->queue[1]) ||
        s->rate == 0 || s->id > 4 || !in_range(s->dx) || !in_range(s->dy) ||
        !in_range(s->dz))
        return error_set(err, EXIT_BAD_DATA,
                         "%s: impossible queue, rate or motion", dev->id);
    return true;
}

static void mouse_destroy(struct device *dev)
{
    timer_destroy(&mouse_of(dev)->sample);
    timer_destroy(&mouse_of(dev)->bat);
}

static const struct field mouse_fields[] = {
    FIELD_STRUCTS(struct ps2mouse_state, queue, ps2_fifo_fields,
                  "answers, packets"),
    FIELD(struct ps2mouse_state, dx, "motion not reported, to the right"),
    FIELD(struct ps2mouse_state, dy, "motion not reported, upwards"),
    FIELD(struct ps2mouse_state, dz, "wheel not reported, away"),
    FIELD(struct ps2mouse_state, buttons, "buttons now"),
    FIELD(struct ps2mouse_state, reported, "buttons in the last packet"),
    FIELD(struct ps2mouse_state, id, "0 PS/2, 3 wheel, 4 five buttons"),
    FIELD(struct ps2mouse_state, rate, "samples a second"),
    FIELD(struct ps2mouse_state, resolution, "log2 of counts per mm"),
    FIELD_ARRAY(struct ps2mouse_state, rates, "rates set before"),
    FIELD(struct ps2mouse_state, command, "command that waits for argument"),
    FIELD(struct ps2mouse_state, last, "last byte sent"),
    FIELD(struct ps2mouse_state, double_scale, "scaling 2:1"),
    FIELD(struct ps2mouse_state, remote, "remote mode"),
    FIELD(struct ps2mouse_state, wrap, "wrap mode"),
    FIELD(struct ps2mouse_state, reporting, "data reporting enabled"),
    FIELD(struct ps2mouse_state, bat, "self-test runs"),
    FIELD_END,
};

static const struct option mouse_options[] = {
    {"type", "enum:ps2|imps2", offsetof(struct ps2mouse, type), "imps2",
     "imps2 has a wheel for drivers that know the knock"},
    {.key = NULL},
};

static const struct line_out mouse_lines_out[] = {
    {"data", offsetof(struct ps2mouse, data), 1},
    {.name = NULL},
};

const struct device_class ps2mouse_class = {
    .name = "ps2mouse",
    .summary = "PS/2 mouse",
    DEVICE_STATE(struct ps2mouse, s),
    .state_version = 1,
    .fields = mouse_fields,
    .options = mouse_options,
    .lines_out = mouse_lines_out,
    .init = mouse_init,
    .reset = mouse_reset,
    .post_load = mouse_post_load,
    .input = mouse_input,
    .destroy = mouse_destroy,
};

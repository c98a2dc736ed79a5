/*
 * speaker.c - port 61h: speaker, gate of PIT counter 2, refresh toggle.
 *
 * Ports: 61h (NMI status and control of the PIIX; its aliases 63h, 65h, 67h
 * are not decoded). Datasheet: Intel 290550 (PIIX3), 2.5.5.1.
 * Departures: the toggle of bit 4 assumes the usual count of 18 in counter 1;
 * no parity or IOCHK# errors ever happen.
 */
#include "iodev/speaker.h"
#include "core/host.h"

#define PIT_HZ 1193182u

enum {
    GATE2 = 0x01,
    SPEAKER = 0x02,
    CONTROL = 0x0f, /* the bits that are written */
    REFRESH = 0x10,
    OUT2 = 0x20,
    REFRESH_COUNT = 18,
    FULL = 32767
};

struct speaker {
    struct device dev;

    struct speaker_state {
        uint8_t control;
        bool out2;
        bool cone;
    } s;

    struct line gate2;
};

static struct speaker *speaker_of(struct device *dev)
{
    return container_of(dev, struct speaker, dev);
}

static void move_cone(struct speaker *p)
{
    const struct host *h = p->dev.sv->host;
    bool cone = (p->s.control & SPEAKER) && p->s.out2;

    if (cone == p->s.cone)
        return;
    p->s.cone = cone;
    if (h && h->sound)
        h->sound(h->opaque, SOUND_SPEAKER, clock_ns(p->dev.sv->clock),
                 cone ? FULL : 0, cone ? FULL : 0);
}

static void set_out2(void *dev, unsigned n, bool level)
{
    struct speaker *p = speaker_of(dev);

    (void)n;
    p->s.out2 = level;
    move_cone(p);
}

static uint32_t speaker_read(struct device *dev, uint16_t port, unsigned size)
{
    const struct speaker *p = speaker_of(dev);
    uint64_t refreshes = clock_cycles(dev->sv->clock, PIT_HZ) / REFRESH_COUNT;

    (void)port;
    (void)size;
    return p->s.control | (refreshes & 1 ? REFRESH : 0u) |
           (p->s.out2 ? OUT2 : 0u);
}

static void speaker_write(struct device *dev, uint16_t port, uint32_t value,
                          unsigned size)
{
    struct speaker *p = speaker_of(dev);

    (void)port;
    (void)size;
    p->s.control = (uint8_t)value & CONTROL;
    line_set(&p->gate2, p->s.control & GATE2);
    move_cone(p);
}

static void speaker_reset(struct device *dev, enum reset_kind kind)
{
    if (kind == RESET_HARDWARE)
        speaker_write(dev, 0, 0, 1);
}

static bool speaker_post_load(struct device *dev, struct error *err)
{
    if (speaker_of(dev)->s.control > CONTROL)
        return error_set(err, EXIT_BAD_DATA, "%s: read-only bits set", dev->id);
    return true;
}

static const struct field speaker_fields[] = {
    FIELD(struct speaker_state, control, "gate 2, speaker, error disables"),
    FIELD(struct speaker_state, out2, "level of the PIT's OUT 2"),
    FIELD(struct speaker_state, cone, "level of the speaker"),
    FIELD_END,
};

static const struct port_range speaker_ports[] = {
    {0x61, 1, IO8, speaker_read, speaker_write, "NMI status and control"},
    {.count = 0},
};

static const struct line_out speaker_lines_out[] = {
    {"gate2", offsetof(struct speaker, gate2), 1},
    {.name = NULL},
};

static const struct line_in speaker_lines_in[] = {
    {"out2", 1, set_out2},
    {.name = NULL},
};

const struct device_class speaker_class = {
    .name = "speaker",
    .summary = "PC speaker and port 61h",
    DEVICE_STATE(struct speaker, s),
    .state_version = 1,
    .fields = speaker_fields,
    .ports = speaker_ports,
    .lines_out = speaker_lines_out,
    .lines_in = speaker_lines_in,
    .reset = speaker_reset,
    .post_load = speaker_post_load,
};

/*
 * rig.c - a test bench for chips: clock, ports, memory, log, a mock host.
 */
#include "tests/device/rig.h"
#include "core/state.h"

#include <stdlib.h>

static void need(bool good, const char *what)
{
    if (good)
        return;
    printf("Bail out! %s\n", what);
    exit(1);
}

static void host_stop(void *opaque, int code, const char *why)
{
    (void)why;
    ((struct rig *)opaque)->stop_code = code;
}

static int64_t host_time0(void *opaque)
{
    return ((struct rig *)opaque)->time0;
}

static void host_sound(void *opaque, enum host_sound source, uint64_t ns,
                       int left, int right)
{
    struct rig *r = opaque;
    struct rig_level *l = &r->sound[source];

    l->changes++;
    l->ns = ns;
    l->left = left;
    l->right = right;
    if (r->mixer)
        sound_level(r->mixer, source, ns, left, right);
}

static void host_gain(void *opaque, enum host_sound source, unsigned left,
                      unsigned right)
{
    struct rig *r = opaque;

    r->sound[source].gain[0] = left;
    r->sound[source].gain[1] = right;
    if (r->mixer)
        sound_gain(r->mixer, source, left, right);
}

static void stream_write(void *opaque, const uint8_t *p, size_t n)
{
    struct rig *r = opaque;

    for (size_t i = 0; i < n && r->sent_len < sizeof r->sent; i++)
        r->sent[r->sent_len++] = p[i];
}

static void stream_close(void *opaque)
{
    (void)opaque;
}

static bool host_open(void *opaque, const char *device, const char *mode,
                      const char *where, struct host_stream *out,
                      struct error *err)
{
    (void)device;
    (void)mode;
    (void)where;
    (void)err;
    *out = (struct host_stream){opaque, stream_write, stream_close};
    return true;
}

static void host_band(void *opaque, enum host_sound source, unsigned rate)
{
    struct rig *r = opaque;

    r->sound[source].band = rate;
    if (r->mixer)
        sound_band(r->mixer, source, rate);
}

void rig_init(struct rig *r, uint64_t ips)
{
    struct error err;

    *r = (struct rig){.stop_code = -1};
    setvbuf(stdout, NULL, _IOLBF, 0);
    clock_init(&r->clock, ips);
    log_init(&r->log);
    log_set_action(&r->log, NULL, LOG_ERROR, LOG_IGNORE);
    log_set_action(&r->log, NULL, LOG_INFO, LOG_IGNORE);
    r->host = (struct host){
        .opaque = r,
        .open_stream = host_open,
        .stop = host_stop,
        .time0 = host_time0,
        .sound = host_sound,
        .sound_gain = host_gain,
        .sound_band = host_band,
    };
    r->sv = (struct services){
        .clock = &r->clock,
        .io = io_bus_create(&r->log),
        .phys = phys_create(1 << 20, 0xc0000000, &r->log, &err),
        .log = &r->log,
        .host = &r->host,
    };
    need(r->sv.io && r->sv.phys, "no memory");
}

void rig_free(struct rig *r)
{
    sound_destroy(r->mixer);
    r->mixer = NULL;
    device_list_destroy(&r->devices);
    phys_destroy(r->sv.phys);
    io_bus_destroy(r->sv.io);
    clock_destroy(&r->clock);
    log_close(&r->log);
}

int rig_done(struct rig *r)
{
    rig_free(r);
    return tap_done(&r->tap);
}

struct device *rig_make(struct rig *r, const struct device_class *cls,
                        const char *id, uint16_t io_base)
{
    struct device *dev = device_create(&r->devices, &r->sv, cls, id, 0);

    need(dev != NULL, "no memory");
    dev->io_base = io_base;
    return dev;
}

void rig_start(struct rig *r, struct device *dev)
{
    struct error err = {.text = ""};

    (void)r;
    if (!device_init(dev, &err))
        need(false, err.text);
    device_reset(dev, RESET_HARDWARE);
}

struct device *rig_add(struct rig *r, const struct device_class *cls,
                       const char *id, uint16_t io_base)
{
    struct device *dev = rig_make(r, cls, id, io_base);

    rig_start(r, dev);
    return dev;
}

static void probe_set(void *sink, unsigned n, bool level)
{
    struct probe *b = sink;

    (void)n;
    if (level == b->level)
        return;
    b->level = level;
    if (level) {
        b->rises++;
        b->rise_tick = b->rig->clock.now;
    } else {
        b->falls++;
        b->fall_tick = b->rig->clock.now;
    }
}

void rig_probe(struct rig *r, struct probe *b, struct device *dev,
               const char *out, unsigned n)
{
    *b = (struct probe){.rig = r};
    *device_line(dev, out, n) = (struct line){probe_set, b, 0};
}

void rig_drive(struct device *dev, const char *in, unsigned n, bool level)
{
    struct line l = device_input(dev, in, n);

    line_set(&l, level);
}

void rig_out(struct rig *r, uint16_t port, uint32_t v)
{
    io_write(r->sv.io, port, v, 1);
}

uint8_t rig_in(struct rig *r, uint16_t port)
{
    return (uint8_t)io_read(r->sv.io, port, 1);
}

void rig_run_ticks(struct rig *r, uint64_t ticks)
{
    clock_advance_to(&r->clock, r->clock.now + ticks);
}

void rig_run_ns(struct rig *r, uint64_t ns)
{
    clock_advance_to(&r->clock,
                     clock_ns_to_tick(&r->clock, clock_ns(&r->clock) + ns));
}

void rig_input(struct device *dev, enum input_kind kind, uint32_t a, uint32_t b,
               const void *data, size_t len)
{
    struct input_event ev = {
        .tick = dev->sv->clock->now,
        .kind = kind,
        .device = dev->id,
        .a = a,
        .b = b,
        .data = data,
        .len = len,
    };

    dev->cls->input(dev, &ev);
}

void rig_round_trip(struct rig *r, struct device *dev)
{
    struct state_buf a = {0}, b = {0};
    struct error err = {.text = ""};
    bool good;

    device_save(dev, &a);
    device_reset(dev, RESET_HARDWARE);
    good = device_load(dev, dev->cls->state_version, a.data, a.len, &err);
    device_save(dev, &b);
    tap_ok(&r->tap, good && a.len == b.len && !memcmp(a.data, b.data, a.len),
           "%s: state survives a save and a load %s", dev->id, err.text);
    tap_eq(&r->tap, state_uncovered(dev->cls->fields, dev->cls->state_size), 0,
           "the field table covers the state");
    state_buf_free(&a);
    state_buf_free(&b);
}

bool rig_refuses(struct rig *r, struct device *dev, size_t state_offset,
                 uint8_t value)
{
    uint8_t *at = (uint8_t *)device_state(dev) + state_offset, was = *at;
    struct state_buf b = {0};
    bool refused;

    (void)r;
    *at = value;
    state_pack(dev->cls->fields, device_state(dev), &b);
    *at = was;
    refused = !device_load(dev, dev->cls->state_version, b.data, b.len, NULL);
    state_buf_free(&b);
    return refused;
}

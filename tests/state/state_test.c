/*
 * state_test.c - every class of device: can its state be trusted?
 *
 * Each class gets a bench of its own: clock, ports, memory, a host that does
 * nothing, no wires. Pseudo-random traffic (ports, memory windows, input pins,
 * input events, time, resets) drives it. Then:
 *   - the field table covers the state;
 *   - the same traffic twice gives the same results and the same state;
 *   - saved and restored into a fresh instance, it saves as the same, and
 *     goes on exactly like the original under more traffic (lockstep);
 *   - damaged data is refused and leaves the instance as it was, or gives a
 *     state that the instance can live with.
 * Two classes made here prove that the bench finds what it looks for.
 */
#include "core/device.h"
#include "core/hash.h"
#include "core/host.h"
#include "core/rng.h"
#include "core/state.h"
#include "memory/phys.h"
#include "tests/tap.h"

#include <stdlib.h>

enum {
    RAM_BYTES = 4 << 20,
    STEPS = 12000,      /* of traffic before the save */
    LOCKSTEP = 4000,    /* of traffic after it */
    FEW = 40,           /* of traffic on a state from damaged data */
    MAX_DAMAGES = 1500, /* cuts and flips tried on long data */
};

struct bench {
    struct log log;
    struct clock clock;
    struct io_bus *io;
    struct phys *phys;
    struct host host;
    struct services sv;
    struct device_list list;
    struct device *dev;
    struct error err;
    struct rng rng;
    uint64_t seen; /* hash of everything that was read */
};

/* What examine() found out; all good is all true. */
struct verdict {
    bool starts, covered, repeats, restores, lockstep, refuses, shows;
    size_t uncovered, bytes;
    char why[600];
};

/* --- A host that does nothing --------------------------------------------- */

static void host_post(void *opaque, const struct input_event *ev)
{
    (void)opaque;
    (void)ev;
}

static void stream_write(void *opaque, const uint8_t *p, size_t n)
{
    struct bench *b = opaque;

    b->seen = hash_bytes(p, n, b->seen);
}

static void stream_close(void *opaque)
{
    (void)opaque;
}

static bool host_open_stream(void *opaque, const char *device, const char *mode,
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

static void host_set_screen(void *opaque, const struct screen *s)
{
    (void)opaque;
    (void)s;
}

static void host_stop(void *opaque, int exit_code, const char *why)
{
    struct bench *b = opaque;

    (void)why;
    b->seen = hash_bytes(&(uint8_t){(uint8_t)exit_code}, 1, b->seen);
}

static int64_t host_time0(void *opaque)
{
    (void)opaque;
    return 946684800; /* 1 January 2000 */
}

static void host_sound(void *opaque, enum host_sound source, uint64_t ns,
                       int left, int right)
{
    uint8_t bytes[17];
    struct bench *b = opaque;

    st_le64(bytes, ns);
    st_le32(bytes + 8, (uint32_t)left);
    st_le32(bytes + 12, (uint32_t)right);
    bytes[16] = (uint8_t)source;
    b->seen = hash_bytes(bytes, sizeof bytes, b->seen);
}

static void host_gain(void *opaque, enum host_sound source, unsigned left,
                      unsigned right)
{
    host_sound(opaque, source, 0, (int)left, (int)right);
}

static void host_band(void *opaque, enum host_sound source, unsigned rate)
{
    host_sound(opaque, source, 1, (int)rate, 0);
}

/* --- The bench ------------------------------------------------------------ */

static bool bench_open(struct bench *b, const struct device_class *cls)
{
    memset(b, 0, sizeof *b);
    log_init(&b->log);
    b->log.lines_left = 0; /* formats everything, prints nothing */
    clock_init(&b->clock, 4000000);
    b->io = io_bus_create(&b->log);
    b->phys = phys_create(RAM_BYTES, 0xc0000000u, &b->log, &b->err);
    b->host = (struct host){
        .opaque = b,
        .post = host_post,
        .open_stream = host_open_stream,
        .set_screen = host_set_screen,
        .stop = host_stop,
        .time0 = host_time0,
        .sound = host_sound,
        .sound_gain = host_gain,
        .sound_band = host_band,
    };
    b->sv = (struct services){.clock = &b->clock,
                              .io = b->io,
                              .phys = b->phys,
                              .log = &b->log,
                              .host = &b->host};
    if (!b->io || !b->phys)
        return false;
    b->dev = device_create(&b->list, &b->sv, cls, cls->name, 0);
    if (!b->dev || !device_init(b->dev, &b->err))
        return false;
    device_reset(b->dev, RESET_HARDWARE);
    rng_seed(&b->rng, 1);
    return true;
}

static void bench_close(struct bench *b)
{
    device_list_destroy(&b->list);
    if (b->phys)
        phys_destroy(b->phys);
    io_bus_destroy(b->io);
    clock_destroy(&b->clock);
}

static void saw(struct bench *b, uint64_t v)
{
    uint8_t bytes[8];

    st_le64(bytes, v);
    b->seen = hash_bytes(bytes, sizeof bytes, b->seen);
}

/* Values that registers know: small, single bits, all ones, anything. */
static uint32_t interesting(struct rng *rng)
{
    uint64_t r = rng_next(rng);
    uint32_t v = (uint32_t)(r >> 32);

    switch (r % 4) {
    case 0:
        return v % 16;
    case 1:
        return 1u << v % 32;
    case 2:
        return r & 64 ? 0xffffffffu : 0;
    default:
        return v;
    }
}

static void step_port(struct bench *b)
{
    const struct port_range *r = b->dev->cls->ports;
    unsigned n = 0, size = 1u << rng_next(&b->rng) % 3;
    uint16_t port;

    while (r && r[n].count)
        n++;
    if (n) {
        r += rng_next(&b->rng) % n;
        port = (uint16_t)(b->dev->io_base + r->first +
                          rng_next(&b->rng) % r->count);
    } else {
        port = (uint16_t)rng_next(&b->rng);
    }
    if (rng_next(&b->rng) % 3 == 0)
        saw(b, io_read(b->io, port, size));
    else
        io_write(b->io, port, interesting(&b->rng), size);
}

/* Where devices of a PC put their registers and windows. */
static void step_memory(struct bench *b)
{
    static const uint64_t windows[] = {0xa0000,    0xb8000,    0xe0000000,
                                       0xfec00000, 0xfed00000, 0xfee00000};
    uint64_t r = rng_next(&b->rng), at = windows[r % ARRAY_LEN(windows)];
    unsigned size = 1u << (r >> 8) % 4;

    at += (r >> 16) % 0x1000 / size * size;
    if (r >> 63)
        saw(b, phys_load(b->phys, at, size));
    else
        phys_store(b->phys, at, interesting(&b->rng), size);
}

static void step_pin(struct bench *b)
{
    const struct line_in *in = b->dev->cls->lines_in;
    unsigned n = 0;
    struct line l;

    while (in && in[n].name)
        n++;
    if (!n)
        return;
    in += rng_next(&b->rng) % n;
    l = device_input(b->dev, in->name,
                     (unsigned)(rng_next(&b->rng) % in->count));
    line_set(&l, rng_next(&b->rng) & 1);
}

static void step_input(struct bench *b)
{
    static const uint8_t bytes[] = "input";
    uint64_t r = rng_next(&b->rng);
    struct input_event ev = {.tick = b->clock.now, .device = b->dev->id};

    if (!b->dev->cls->input)
        return;
    switch (r % 3) {
    case 0:
        ev.kind = INPUT_KEY;
        ev.a = (uint32_t)(r >> 8) & 0xff;
        ev.b = (uint32_t)(r >> 16) & 1;
        break;
    case 1:
        ev.kind = INPUT_MOUSE;
        ev.a = (uint32_t)(r >> 8);
        ev.b = (uint32_t)(r >> 40) & 0x7ff;
        break;
    default:
        ev.kind = INPUT_BYTES;
        ev.data = bytes;
        ev.len = r >> 60;
        ev.len = ev.len < sizeof bytes ? ev.len : sizeof bytes;
        break;
    }
    b->dev->cls->input(b->dev, &ev);
}

static void traffic(struct bench *b, unsigned steps)
{
    while (steps--) {
        uint64_t r = rng_next(&b->rng) % 100;

        if (r < 70)
            step_port(b);
        else if (r < 76)
            step_memory(b);
        else if (r < 84)
            step_pin(b);
        else if (r < 88)
            step_input(b);
        else if (r < 99)
            clock_advance_to(&b->clock,
                             b->clock.now + 1 + rng_next(&b->rng) % 2000);
        else if (rng_next(&b->rng) % 20 == 0)
            device_reset(b->dev, r & 1 ? RESET_SOFTWARE : RESET_HARDWARE);
    }
}

/* --- Saving --------------------------------------------------------------- */

struct saved {
    struct state_buf dev, clock;
    uint8_t *ram, *memory;
    size_t memory_size;
};

static void save(struct bench *b, struct saved *s)
{
    uint8_t *memory = NULL;

    memset(s, 0, sizeof *s);
    device_save(b->dev, &s->dev);
    clock_save(&b->clock, &s->clock);
    s->ram = malloc(RAM_BYTES);
    memcpy(s->ram, phys_ram(b->phys), RAM_BYTES);
    if (b->dev->cls->memory)
        memory = b->dev->cls->memory(b->dev, &s->memory_size);
    if (memory) {
        s->memory = malloc(s->memory_size);
        memcpy(s->memory, memory, s->memory_size);
    }
}

static bool restore(struct bench *b, const struct saved *s)
{
    size_t size = 0;
    uint8_t *memory = NULL;

    memcpy(phys_ram(b->phys), s->ram, RAM_BYTES);
    if (b->dev->cls->memory)
        memory = b->dev->cls->memory(b->dev, &size);
    if (memory && s->memory && size == s->memory_size)
        memcpy(memory, s->memory, size);
    return size == s->memory_size &&
           clock_load(&b->clock, s->clock.data, s->clock.len, &b->err) &&
           device_load(b->dev, b->dev->cls->state_version, s->dev.data,
                       s->dev.len, &b->err);
}

static bool same_buf(const struct state_buf *a, const struct state_buf *b)
{
    return a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len));
}

static bool same(const struct saved *a, const struct saved *b)
{
    return same_buf(&a->dev, &b->dev) && same_buf(&a->clock, &b->clock) &&
           !memcmp(a->ram, b->ram, RAM_BYTES) &&
           a->memory_size == b->memory_size &&
           (!a->memory || !memcmp(a->memory, b->memory, a->memory_size));
}

static void saved_free(struct saved *s)
{
    state_buf_free(&s->dev);
    state_buf_free(&s->clock);
    free(s->ram);
    free(s->memory);
}

/* Do two benches hold the same state? Says where not. */
static bool equal(struct bench *a, struct bench *b, const char *when,
                  struct verdict *v)
{
    struct saved x, y;
    bool good;

    save(a, &x);
    save(b, &y);
    good = same(&x, &y) && a->seen == b->seen;
    if (!good && !v->why[0]) {
        struct out o;

        out_to_string(&o);
        if (a->dev->cls->fields)
            state_diff(a->dev->cls->fields, device_state(a->dev),
                       device_state(b->dev), &o);
        snprintf(v->why, sizeof v->why, "%s:%s%s%s%s\n%s", when,
                 a->seen == b->seen ? "" : " what was read",
                 same_buf(&x.clock, &y.clock) ? "" : " timers",
                 memcmp(x.ram, y.ram, RAM_BYTES) ? " RAM" : "",
                 same_buf(&x.dev, &y.dev) ? "" : " fields",
                 o.text ? o.text : "");
        out_free(&o);
    }
    saved_free(&x);
    saved_free(&y);
    return good;
}

/* --- Damage --------------------------------------------------------------- */

static uint64_t fields_hash(const struct device *dev)
{
    return dev->cls->fields ? state_hash(dev->cls->fields, device_state(dev), 0)
                            : 0;
}

static bool cuts(struct bench *b, const struct saved *s)
{
    size_t step = 7 + s->dev.len / MAX_DAMAGES;
    uint64_t before = fields_hash(b->dev);

    for (size_t n = 0; n < s->dev.len; n += step) {
        /* A copy of just that length, so that a sanitizer sees an overrun. */
        uint8_t *part = malloc(n + 1);
        bool taken;

        memcpy(part, s->dev.data, n);
        taken =
            device_load(b->dev, b->dev->cls->state_version, part, n, &b->err);
        free(part);
        if (taken || fields_hash(b->dev) != before)
            return false;
    }
    return true;
}

static bool flips(struct bench *b, const struct saved *s)
{
    size_t step = 1 + s->dev.len / MAX_DAMAGES;
    uint64_t before = fields_hash(b->dev);

    for (size_t n = 0; n < s->dev.len; n += step) {
        uint8_t was = s->dev.data[n];
        struct error err = {0};

        s->dev.data[n] ^= (uint8_t)(n & 1 ? 0xff : 1u << n / 2 % 8);
        if (!device_load(b->dev, b->dev->cls->state_version, s->dev.data,
                         s->dev.len, &err)) {
            s->dev.data[n] = was;
            if (!err.text[0] || fields_hash(b->dev) != before)
                return false;
            continue;
        }
        s->dev.data[n] = was;
        traffic(b, FEW);
        if (!restore(b, s) || fields_hash(b->dev) != before)
            return false;
    }
    return true;
}

static bool shows(struct bench *b)
{
    struct out o;
    bool good;

    out_to_string(&o);
    device_info(b->dev, &o);
    good = o.text && strlen(o.text) > strlen(b->dev->id) && !o.failed;
    for (const struct option *p = b->dev->cls->options; p && p->key; p++)
        option_print(p, b->dev, &o);
    out_free(&o);
    return good;
}

/* --- One class ------------------------------------------------------------ */

static void examine_running(struct bench *a, struct bench *b, struct bench *c,
                            struct verdict *v)
{
    struct saved s;

    traffic(a, STEPS);
    traffic(b, STEPS);
    v->repeats = equal(a, b, "the same traffic twice", v);
    v->shows = shows(a);

    save(a, &s);
    v->bytes = s.dev.len;
    v->restores = restore(c, &s);
    if (!v->restores && !v->why[0])
        snprintf(v->why, sizeof v->why, "restore: %s", c->err.text);
    c->rng = a->rng;
    c->seen = a->seen;
    v->restores = v->restores && equal(a, c, "after the restore", v);
    traffic(a, LOCKSTEP);
    traffic(c, LOCKSTEP);
    v->lockstep = equal(a, c, "in lockstep", v);

    v->refuses = restore(b, &s) && cuts(b, &s) && flips(b, &s);
    saved_free(&s);
}

static void examine(const struct device_class *cls, struct verdict *v)
{
    struct bench *bench = calloc(3, sizeof *bench);

    memset(v, 0, sizeof *v);
    v->uncovered = cls->fields ? state_uncovered(cls->fields, cls->state_size)
                               : cls->state_size;
    v->covered = v->uncovered == 0;
    v->starts = true;
    for (unsigned i = 0; i < 3; i++) {
        if (!bench_open(&bench[i], cls)) {
            v->starts = false;
            snprintf(v->why, sizeof v->why, "%s", bench[i].err.text);
        }
    }
    if (v->starts)
        examine_running(&bench[0], &bench[1], &bench[2], v);
    for (unsigned i = 0; i < 3; i++)
        bench_close(&bench[i]);
    free(bench);
}

static void report(struct tap *t, const struct device_class *cls)
{
    struct verdict v;

    examine(cls, &v);
    tap_ok(t, v.starts, "%s: starts on a bare bench", cls->name);
    tap_ok(t, v.covered, "%s: %zu bytes of state that no field describes",
           cls->name, v.uncovered);
    if (!v.starts) {
        printf("# %s\n", v.why);
        return;
    }
    tap_ok(t, v.repeats, "%s: repeats exactly", cls->name);
    tap_ok(t, v.restores, "%s: %zu bytes, restored and saved again the same",
           cls->name, v.bytes);
    tap_ok(t, v.lockstep, "%s: restored and original in lockstep", cls->name);
    tap_ok(t, v.refuses, "%s: refuses or survives damaged data", cls->name);
    tap_ok(t, v.shows, "%s: shows itself", cls->name);
    for (char *p = v.why, *end; *p; p = end) {
        end = p + strcspn(p, "\n");
        printf("# %.*s\n", (int)(end - p), p);
        end += *end == '\n';
    }
}

/* --- Two classes of our own ----------------------------------------------- */

/* A counter with a timer, an input, and an array of channels. */
struct sample {
    struct device dev;
    struct sample_state {
        uint32_t fired;
        uint16_t index;
        bool level;
        struct sample_channel {
            uint8_t mode;
            uint16_t count;
        } ch[4];
    } s;
    struct timer timer;
    unsigned hidden; /* the careless class keeps guest state here */
};

static struct sample *sample_of(struct device *dev)
{
    return container_of(dev, struct sample, dev);
}

static void sample_fire(void *opaque)
{
    struct sample *x = opaque;

    x->s.fired++;
    timer_arm_in_ns(&x->timer, 100000u + x->s.ch[0].count);
}

static bool sample_init(struct device *dev, struct error *err)
{
    struct sample *x = sample_of(dev);

    (void)err;
    timer_init(&x->timer, dev->sv->clock, "sample", sample_fire, x);
    return true;
}

static void sample_reset(struct device *dev, enum reset_kind kind)
{
    struct sample *x = sample_of(dev);

    (void)kind;
    x->s = (struct sample_state){.ch = {{.mode = 3}}};
    timer_arm_in_ns(&x->timer, 50000);
}

static bool sample_post_load(struct device *dev, struct error *err)
{
    return sample_of(dev)->s.index < 4 ||
           error_set(err, EXIT_BAD_DATA, "no such channel");
}

static void sample_set(void *opaque, unsigned n, bool level)
{
    struct sample *x = opaque;

    (void)n;
    x->s.level = level;
}

static uint32_t sample_read(struct device *dev, uint16_t port, unsigned size)
{
    struct sample *x = sample_of(dev);

    (void)size;
    return port == 0 ? x->s.fired
                     : (uint32_t)x->s.ch[x->s.index].count + x->s.level;
}

static void sample_write(struct device *dev, uint16_t port, uint32_t value,
                         unsigned size)
{
    struct sample *x = sample_of(dev);

    (void)size;
    if (port == 0)
        x->s.index = value & 3;
    else
        x->s.ch[x->s.index].count += (uint16_t)value;
}

static uint32_t careless_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)port;
    (void)size;
    return sample_of(dev)->hidden++;
}

static const struct field sample_channel_fields[] = {
    FIELD(struct sample_channel, mode, "mode"),
    FIELD(struct sample_channel, count, "count"),
    FIELD_END,
};

static const struct field sample_fields[] = {
    FIELD(struct sample_state, fired, "ticks of the timer"),
    FIELD(struct sample_state, index, "channel"),
    FIELD(struct sample_state, level, "level of the pin"),
    FIELD_STRUCTS(struct sample_state, ch, sample_channel_fields, "channels"),
    FIELD_END,
};

static const struct port_range sample_relative[] = {
    {0, 2, IO8 | IO16, sample_read, sample_write, "index, data"},
    {0},
};

static const struct port_range careless_ports[] = {
    {0, 2, IO8, careless_read, sample_write, "index, data"},
    {0},
};

static const struct line_in sample_in[] = {{"in", 1, sample_set}, {0}};

static const struct device_class sample_class = {
    .name = "sample",
    .summary = "a careful class",
    DEVICE_STATE(struct sample, s),
    .state_version = 1,
    .fields = sample_fields,
    .ports = sample_relative,
    .lines_in = sample_in,
    .init = sample_init,
    .reset = sample_reset,
    .post_load = sample_post_load,
};

static const struct device_class careless_class = {
    .name = "careless",
    .summary = "state outside of `s`, half of `s` not described",
    DEVICE_STATE(struct sample, s),
    .state_version = 1,
    .fields = sample_fields + 1,
    .ports = careless_ports,
    .init = sample_init,
    .reset = sample_reset,
    .post_load = sample_post_load,
};

static void own_classes(struct tap *t)
{
    struct verdict v;

    report(t, &sample_class);
    examine(&careless_class, &v);
    tap_ok(t, v.starts && v.uncovered == 4, "the bench sees what is uncovered");
    tap_ok(t, v.repeats && !v.lockstep, "and what is hidden");
}

int main(int argc, char **argv)
{
    struct tap t = {0};

    if (argc < 2)
        own_classes(&t);
    for (const struct device_class *const *c = device_classes; *c; c++) {
        if (argc < 2 || !strcmp(argv[1], (*c)->name))
            report(&t, *c);
    }
    return tap_done(&t);
}

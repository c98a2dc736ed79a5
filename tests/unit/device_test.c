/*
 * device_test.c - the life of a device, its wires and its state section.
 */
#include "core/device.h"
#include "core/state.h"
#include "tests/tap.h"

#include <stdlib.h>

struct chip {
    struct device dev;
    struct chip_state {
        uint8_t index, value;
        bool level[4];
    } s;
    struct line out[2];
    bool broken; /* option */
    char *name;  /* option */
    char *log;   /* where calls are noted; set by the test */
    unsigned derived;
};

static struct chip *chip_of(struct device *dev)
{
    return container_of(dev, struct chip, dev);
}

static void note(struct chip *c, const char *what)
{
    if (c->log)
        strcat(strcat(c->log, what), " ");
}

static bool chip_init(struct device *dev, struct error *err)
{
    struct chip *c = chip_of(dev);

    note(c, "init");
    return !c->broken || error_set(err, EXIT_NO_OPEN, "no such image");
}

static void chip_reset(struct device *dev, enum reset_kind kind)
{
    struct chip *c = chip_of(dev);

    note(c, kind == RESET_HARDWARE ? "hard" : "soft");
    c->s = (struct chip_state){.value = 0x11};
}

static void chip_set(void *opaque, unsigned n, bool level)
{
    struct chip *c = opaque;

    c->s.level[n] = level;
}

static void chip_pre_save(struct device *dev)
{
    note(chip_of(dev), "pre");
}

static bool chip_post_load(struct device *dev, struct error *err)
{
    struct chip *c = chip_of(dev);

    if (c->s.index > 9)
        return error_set(err, EXIT_BAD_DATA, "index %u", c->s.index);
    c->derived = c->s.index * 2u;
    return true;
}

static void chip_info(struct device *dev, struct out *out)
{
    (void)dev;
    out_printf(out, "more\n");
}

static void chip_destroy(struct device *dev)
{
    note(chip_of(dev), dev->id);
}

static uint32_t chip_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return port ? chip_of(dev)->s.value : chip_of(dev)->s.index;
}

static const struct field chip_fields[] = {
    FIELD(struct chip_state, index, "index register"),
    FIELD(struct chip_state, value, "data register"),
    FIELD_ARRAY(struct chip_state, level, "levels of the inputs"),
    FIELD_END,
};

static const struct port_range chip_ports[] = {
    {0, 2, IO8, chip_read, NULL, "index and data"},
    {0},
};

static const struct option chip_options[] = {
    {"broken", "bool", offsetof(struct chip, broken), "0", "fails"},
    {"name", "string", offsetof(struct chip, name), "x", "a name"},
    {0},
};

static const struct line_out chip_out[] = {
    {"irq", offsetof(struct chip, out), 2},
    {0},
};

static const struct line_in chip_in[] = {
    {"in", 4, chip_set},
    {0},
};

static const struct device_class chip_class = {
    .name = "chip",
    .summary = "a chip for tests",
    DEVICE_STATE(struct chip, s),
    .state_version = 2,
    .fields = chip_fields,
    .ports = chip_ports,
    .options = chip_options,
    .lines_out = chip_out,
    .lines_in = chip_in,
    .init = chip_init,
    .reset = chip_reset,
    .pre_save = chip_pre_save,
    .post_load = chip_post_load,
    .info = chip_info,
    .destroy = chip_destroy,
};

static const struct device_class bare_class = {
    .name = "bare",
    .summary = "has nothing",
    .size = sizeof(struct device),
};

struct fixture {
    struct log log;
    struct clock clock;
    struct services sv;
    struct device_list list;
    char calls[256];
};

static struct chip *add(struct fixture *f, const char *id, uint16_t base)
{
    struct device *dev = device_create(&f->list, &f->sv, &chip_class, id, 0);

    dev->io_base = base;
    chip_of(dev)->log = f->calls;
    return chip_of(dev);
}

static void setup(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    log_init(&f->log);
    clock_init(&f->clock, 1000000);
    f->sv = (struct services){
        .clock = &f->clock, .io = io_bus_create(&f->log), .log = &f->log};
}

static void teardown(struct fixture *f)
{
    device_list_destroy(&f->list);
    io_bus_destroy(f->sv.io);
    clock_destroy(&f->clock);
}

static void life(struct tap *t)
{
    struct fixture f;
    struct error err = {0};
    struct chip *a, *b, *c;

    setup(&f);
    a = add(&f, "chip0", 0x100);
    b = add(&f, "chip1", 0x101);
    c = add(&f, "chip2", 0x200);
    tap_ok(t, f.list.first == &a->dev && a->dev.next == &b->dev,
           "in the order of creation");
    tap_ok(t,
           device_find(&f.list, "chip1") == &b->dev &&
               !device_find(&f.list, "chip"),
           "found by id");
    tap_ok(t, !strcmp(a->name, "x") && !strcmp(a->dev.log.tag, "CHIP0"),
           "defaults and log tag");
    tap_ok(t, device_set_option(&c->dev, "broken", "1", &err), "an option");
    tap_ok(t,
           !device_set_option(&c->dev, "brokn", "1", &err) &&
               strstr(err.text, "chip2") && strstr(err.text, "'broken'"),
           "%s", err.text);
    tap_ok(t, device_init(&a->dev, &err), "starts");
    tap_ok(t, !device_init(&b->dev, &err) && strstr(err.text, "chip0"), "%s",
           err.text);
    tap_ok(t,
           !device_init(&c->dev, &err) &&
               !strcmp(err.text, "chip2: no such image"),
           "%s", err.text);
    device_reset(&a->dev, RESET_HARDWARE);
    device_reset(&a->dev, RESET_SOFTWARE);
    tap_eq(t, io_read(f.sv.io, 0x101, 1), 0x11, "answers at its ports");
    add(&f, "unused", 0x300);
    device_create(&f.list, &f.sv, &bare_class, "bare", 0);
    device_reset(device_find(&f.list, "bare"), RESET_HARDWARE);
    tap_ok(t, device_init(device_find(&f.list, "bare"), &err),
           "a class with nothing");
    f.calls[0] = '\0';
    device_list_destroy(&f.list);
    tap_ok(t, !strcmp(f.calls, "chip2 chip1 chip0 "),
           "destroyed in reverse, if started: %s", f.calls);
    tap_ok(t, f.log.sources && !f.log.sources->next,
           "only the bus is left as a log source");
    teardown(&f);
}

static void wires(struct tap *t)
{
    struct fixture f;
    struct chip *a, *b;
    struct line in;

    setup(&f);
    a = add(&f, "a", 0);
    b = add(&f, "b", 0);
    line_set(device_line(&a->dev, "irq", 1), true);
    tap_ok(t, !b->s.level[3], "an unconnected wire is no trouble");
    device_wire(&a->dev, "irq", 1, &b->dev, "in", 3);
    line_set(&a->out[1], true);
    line_set(&a->out[0], true);
    tap_ok(t, b->s.level[3] && !b->s.level[0] && !b->s.level[1],
           "the wire ends where it should");
    line_pulse(&a->out[1]);
    tap_ok(t, !b->s.level[3], "a pulse ends low");
    in = device_input(&b->dev, "in", 2);
    line_set(&in, true);
    tap_ok(t, b->s.level[2], "driven by what is no device");
    teardown(&f);
}

static void state(struct tap *t)
{
    struct fixture f;
    struct error err = {0};
    struct state_buf one = {0};
    struct device *bare;
    struct out o;
    struct chip *a, *b;

    setup(&f);
    a = add(&f, "a", 0);
    b = add(&f, "b", 0);
    a->s = (struct chip_state){.index = 4, .value = 5, .level = {[1] = true}};
    device_save(&a->dev, &one);
    tap_ok(t, !strcmp(f.calls, "pre "), "pre_save comes first");
    tap_ok(t,
           device_load(&b->dev, 2, one.data, one.len, &err) &&
               b->s.value == 5 && b->s.level[1] && b->derived == 8,
           "loaded, derived data rebuilt");
    tap_ok(t, !device_load(&b->dev, 3, one.data, one.len, &err), "%s",
           err.text);
    /* A value that only post_load can judge. */
    a->s.index = 200;
    one.len = 0;
    device_save(&a->dev, &one);
    b->derived = 0;
    tap_ok(t, device_check(&b->dev, 2, one.data, one.len, &err),
           "of good form");
    tap_ok(t, !device_load(&b->dev, 2, one.data, one.len, &err), "%s",
           err.text);
    tap_ok(t, b->s.index == 4 && b->derived == 8, "all is as it was");
    tap_ok(t,
           !device_load(&b->dev, 2, one.data, one.len - 1, &err) &&
               !strncmp(err.text, "b: ", 3),
           "%s", err.text);
    bare = device_create(&f.list, &f.sv, &bare_class, "bare", 0);
    tap_ok(t,
           device_load(bare, 0, NULL, 0, &err) &&
               !device_load(bare, 0, one.data, 1, &err),
           "a class without state takes none");
    out_to_string(&o);
    device_info(&b->dev, &o);
    tap_ok(t,
           o.text && !strncmp(o.text, "b: a chip for tests\n", 20) &&
               strstr(o.text, "index register") && strstr(o.text, "more\n"),
           "info: summary, fields, the rest");
    out_free(&o);
    state_buf_free(&one);
    teardown(&f);
}

int main(void)
{
    struct tap t = {0};

    life(&t);
    wires(&t);
    state(&t);
    return tap_done(&t);
}

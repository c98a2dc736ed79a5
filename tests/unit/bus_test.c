/*
 * bus_test.c - owners, widths and splitting of port accesses.
 */
#include "core/bus.h"
#include "core/device.h"
#include "tests/tap.h"

/* A device that notes each access and answers with its bytes. */
struct probe {
    struct device dev;
    struct {
        uint16_t port;
        unsigned size;
        uint32_t value;
    } seen[16];
    unsigned count;
};

static void note(struct device *dev, uint16_t port, unsigned size,
                 uint32_t value)
{
    struct probe *p = container_of(dev, struct probe, dev);

    if (p->count < ARRAY_LEN(p->seen)) {
        p->seen[p->count].port = port;
        p->seen[p->count].size = size;
        p->seen[p->count].value = value;
    }
    p->count++;
}

static uint32_t probe_read(struct device *dev, uint16_t port, unsigned size)
{
    note(dev, port, size, 0);
    return 0xa0b0c0d0u + 0x01010101u * port;
}

static void probe_write(struct device *dev, uint16_t port, uint32_t value,
                        unsigned size)
{
    note(dev, port, size, value);
}

static const struct port_range bytes = {0,          8,           IO8,
                                        probe_read, probe_write, "bytes"};
static const struct port_range wide = {
    0, 8, IO8 | IO16 | IO32, probe_read, probe_write, "wide"};
static const struct port_range data_port = {
    0, 1, IO16 | IO32, probe_read, probe_write, "data"};
static const struct port_range after = {1,          7,           IO8,
                                        probe_read, probe_write, "rest"};
static const struct port_range dwords = {
    0, 4, IO32, probe_read, probe_write, "PCI address"};
static const struct port_range words = {0,          4,           IO8 | IO16,
                                        probe_read, probe_write, "words"};
static const struct port_range mute = {0, 1, IO8, NULL, NULL, "mute"};

struct fixture {
    struct log log;
    struct io_bus *io;
    struct probe a, b;
};

static void setup(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    log_init(&f->log);
    f->io = io_bus_create(&f->log);
    log_source_init(&f->log, &f->a.dev.log, "a");
    log_source_init(&f->log, &f->b.dev.log, "b");
    strcpy(f->a.dev.id, "serial0");
    strcpy(f->b.dev.id, "serial1");
}

static void teardown(struct fixture *f)
{
    io_bus_destroy(f->io);
}

static bool saw(const struct probe *p, unsigned i, uint16_t port, unsigned size,
                uint32_t value)
{
    return i < p->count && p->seen[i].port == port && p->seen[i].size == size &&
           p->seen[i].value == value;
}

static void nobody(struct tap *t)
{
    struct fixture f;

    setup(&f);
    tap_eq(t, io_read(f.io, 0x300, 1), 0xff, "byte of nobody");
    tap_eq(t, io_read(f.io, 0x300, 2), 0xffff, "word of nobody");
    tap_eq(t, io_read(f.io, 0xffff, 4), 0xffffffff, "doubleword at the end");
    io_write(f.io, 0xffff, 0x12345678, 4);
    tap_ok(t, !io_owner(f.io, 0x300), "no owner");
    tap_ok(t, io_map(f.io, &f.a.dev, &mute, NULL), "a range with no handlers");
    tap_eq(t, io_read(f.io, 0, 1), 0xff, "reads as nobody");
    io_write(f.io, 0, 1, 1);
    teardown(&f);
}

static void conflicts(struct tap *t)
{
    struct fixture f;
    struct error err = {0};

    setup(&f);
    f.a.dev.io_base = 0x3f8;
    tap_ok(t, io_map(f.io, &f.a.dev, &bytes, &err), "the first owner");
    tap_ok(t,
           io_owner(f.io, 0x3ff) && !strcmp(io_owner(f.io, 0x3ff), "serial0") &&
               !io_owner(f.io, 0x400) && !io_owner(f.io, 0x3f7),
           "owns its ports and no more");
    f.b.dev.io_base = 0x3f4;
    tap_ok(t,
           !io_map(f.io, &f.b.dev, &bytes, &err) &&
               strstr(err.text, "serial0") && strstr(err.text, "serial1") &&
               strstr(err.text, "0x3f8"),
           "%s", err.text);
    tap_ok(t, !io_owner(f.io, 0x3f4), "a refused range owns nothing");
    f.b.dev.io_base = 0xfffc;
    tap_ok(t, !io_map(f.io, &f.b.dev, &bytes, &err), "%s", err.text);
    f.b.dev.io_base = 0xfff8;
    tap_ok(t, io_map(f.io, &f.b.dev, &bytes, &err), "up to the last port");
    tap_eq(t, io_read(f.io, 0xffff, 2), 0xffd7,
           "a word at the last port wraps to port 0");
    tap_ok(t, saw(&f.b, 0, 7, 1, 0), "ports are relative to the base");
    teardown(&f);
}

static void splitting(struct tap *t)
{
    struct fixture f;

    setup(&f);
    f.a.dev.io_base = 0x100;
    io_map(f.io, &f.a.dev, &bytes, NULL);
    tap_eq(t, io_read(f.io, 0x100, 4), 0xd3d2d1d0, "bytes: low byte first");
    tap_ok(t, f.a.count == 4 && saw(&f.a, 0, 0, 1, 0) && saw(&f.a, 3, 3, 1, 0),
           "four reads in order");
    f.a.count = 0;
    io_write(f.io, 0x106, 0x44332211, 4);
    tap_ok(t,
           f.a.count == 2 && saw(&f.a, 0, 6, 1, 0x11) &&
               saw(&f.a, 1, 7, 1, 0x22),
           "what lies beyond the range is lost");

    f.b.dev.io_base = 0x200;
    io_map(f.io, &f.b.dev, &wide, NULL);
    tap_eq(t, io_read(f.io, 0x204, 4), 0xa4b4c4d4, "whole where it is taken");
    io_write(f.io, 0x206, 0x44332211, 4);
    tap_ok(t, f.b.count == 2 && saw(&f.b, 1, 6, 2, 0x2211),
           "halved where it crosses the end");
    io_write(f.io, 0x200, 0xffffff12, 1);
    tap_ok(t, saw(&f.b, 2, 0, 1, 0x12), "values are cut to their size");
    tap_eq(t, io_read(f.io, 0x200, 1), 0xd0, "and so are results");
    teardown(&f);
}

static void odd_widths(struct tap *t)
{
    struct fixture f;

    setup(&f);
    f.a.dev.io_base = f.b.dev.io_base = 0x1f0;
    io_map(f.io, &f.a.dev, &data_port, NULL);
    io_map(f.io, &f.b.dev, &after, NULL);
    io_write(f.io, 0x1f0, 0x8765, 2);
    tap_ok(t, f.a.count == 1 && saw(&f.a, 0, 0, 2, 0x8765) && !f.b.count,
           "a wide port takes all, its neighbours see nothing");
    io_write(f.io, 0x1f1, 0x8765, 2);
    tap_ok(t, f.b.count == 2 && saw(&f.b, 1, 2, 1, 0x87),
           "beside it, bytes as ever");

    f.a.dev.io_base = 0xcf8;
    f.a.count = 0;
    io_map(f.io, &f.a.dev, &dwords, NULL);
    tap_eq(t, io_read(f.io, 0xcf8, 1), 0xff,
           "a byte of a doubleword register: nobody");
    io_write(f.io, 0xcf9, 6, 1);
    tap_eq(t, f.a.count, 0, "neither read nor written");

    f.a.dev.io_base = 0x500;
    io_map(f.io, &f.a.dev, &words, NULL);
    io_write(f.io, 0x500, 0x44332211, 4);
    tap_ok(t,
           f.a.count == 2 && saw(&f.a, 0, 0, 2, 0x2211) &&
               saw(&f.a, 1, 2, 2, 0x4433),
           "a doubleword to words");
    teardown(&f);
}

static void moving(struct tap *t)
{
    struct fixture f;

    setup(&f);
    f.a.dev.io_base = 0x1000;
    io_map(f.io, &f.a.dev, &bytes, NULL);
    io_map_at(f.io, &f.b.dev, &wide, 0x0ffc);
    tap_ok(t,
           !strcmp(io_owner(f.io, 0x0ffc), "serial1") &&
               !strcmp(io_owner(f.io, 0x1000), "serial0"),
           "a base register does not take the ports of others");
    io_unmap_at(f.io, &f.b.dev, &wide, 0x0ffc);
    tap_ok(t,
           !io_owner(f.io, 0x0ffc) &&
               !strcmp(io_owner(f.io, 0x1000), "serial0"),
           "and gives up only its own");
    io_unmap_at(f.io, &f.b.dev, &wide, 0x0ffc);
    io_map_at(f.io, &f.b.dev, &wide, 0xc000);
    io_write(f.io, 0xc003, 9, 1);
    tap_ok(t, saw(&f.b, 0, 3, 1, 9), "ports relative to the new base");
    io_unmap_at(f.io, &f.b.dev, &wide, 0xc000);
    io_map_at(f.io, &f.b.dev, &wide, 0xfffc);
    tap_ok(t, io_owner(f.io, 0xffff) && !io_owner(f.io, 0),
           "cut at the end of the port space");
    io_unmap_at(f.io, &f.b.dev, &wide, 0xfffc);
    for (unsigned i = 0; i < 200000; i++) {
        io_map_at(f.io, &f.b.dev, &wide, (uint16_t)(i * 8));
        io_unmap_at(f.io, &f.b.dev, &wide, (uint16_t)(i * 8));
    }
    io_map_at(f.io, &f.b.dev, &wide, 0xc000);
    tap_ok(t, io_owner(f.io, 0xc000) != NULL,
           "moving it for ever uses nothing up");
    teardown(&f);
}

int main(void)
{
    struct tap t = {0};

    nobody(&t);
    conflicts(&t);
    splitting(&t);
    odd_widths(&t);
    moving(&t);
    return tap_done(&t);
}

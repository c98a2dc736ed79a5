/*
 * pci_rig.h - a small machine without a processor for tests of chips.
 */
#ifndef TESTS_DEVICE_PCI_RIG_H
#define TESTS_DEVICE_PCI_RIG_H

#include "core/device.h"
#include "core/host.h"
#include "core/state.h"
#include "memory/phys.h"
#include "tests/tap.h"
#include <stdlib.h>

struct rig {
    struct tap tap;
    struct log log;
    struct clock clock;
    struct host host;
    struct services sv;
    struct device_list list;
    int stopped; /* exit code given to host->stop, -1: none */
};

static inline void rig_stop(void *opaque, int code, const char *why)
{
    struct rig *r = opaque;

    (void)why;
    r->stopped = code;
}

/* 16 MiB of RAM, 1000 ticks a microsecond. */
static inline void rig_start(struct rig *r)
{
    *r = (struct rig){.stopped = -1};
    log_init(&r->log);
    log_set_action(&r->log, NULL, LOG_INFO, LOG_IGNORE);
    log_set_action(&r->log, NULL, LOG_ERROR, LOG_IGNORE);
    clock_init(&r->clock, 1000000000u);
    r->host.opaque = r;
    r->host.stop = rig_stop;
    r->sv = (struct services){
        .clock = &r->clock,
        .io = io_bus_create(&r->log),
        .phys = phys_create(16u << 20, 0xc0000000u, &r->log, NULL),
        .log = &r->log,
        .host = &r->host};
}

static inline int rig_end(struct rig *r)
{
    device_list_destroy(&r->list);
    io_bus_destroy(r->sv.io);
    phys_destroy(r->sv.phys);
    clock_destroy(&r->clock);
    log_close(&r->log);
    return tap_done(&r->tap);
}

static inline struct device *
rig_create(struct rig *r, const struct device_class *cls, const char *id)
{
    return device_create(&r->list, &r->sv, cls, id, 0);
}

static inline void rig_init(struct rig *r)
{
    struct error err = {0};

    for (struct device *d = r->list.first; d; d = d->next)
        if (!device_init(d, &err)) {
            printf("Bail out! %s: %s\n", d->id, err.text);
            exit(1);
        }
    for (struct device *d = r->list.first; d; d = d->next)
        device_reset(d, RESET_HARDWARE);
}

static inline void rig_run_us(struct rig *r, uint64_t us)
{
    clock_advance_to(&r->clock, r->clock.now + us * 1000);
}

static inline uint8_t inb(struct rig *r, unsigned port)
{
    return (uint8_t)io_read(r->sv.io, (uint16_t)port, 1);
}

static inline uint16_t inw(struct rig *r, unsigned port)
{
    return (uint16_t)io_read(r->sv.io, (uint16_t)port, 2);
}

static inline uint32_t inl(struct rig *r, unsigned port)
{
    return io_read(r->sv.io, (uint16_t)port, 4);
}

static inline void outb(struct rig *r, unsigned port, unsigned v)
{
    io_write(r->sv.io, (uint16_t)port, v, 1);
}

static inline void outw(struct rig *r, unsigned port, unsigned v)
{
    io_write(r->sv.io, (uint16_t)port, v, 2);
}

static inline void outl(struct rig *r, unsigned port, uint32_t v)
{
    io_write(r->sv.io, (uint16_t)port, v, 4);
}

static inline uint32_t cfg_read(struct rig *r, unsigned devfn, unsigned reg,
                                unsigned size)
{
    outl(r, 0xcf8, 0x80000000u | devfn << 8 | (reg & 0xfc));
    return io_read(r->sv.io, (uint16_t)(0xcfc + (reg & 3)), size);
}

static inline void cfg_write(struct rig *r, unsigned devfn, unsigned reg,
                             uint32_t v, unsigned size)
{
    outl(r, 0xcf8, 0x80000000u | devfn << 8 | (reg & 0xfc));
    io_write(r->sv.io, (uint16_t)(0xcfc + (reg & 3)), v, size);
}

/* A probe at the end of a wire. */
struct probe {
    bool level;
    unsigned rises;
};

static inline void probe_set(void *sink, unsigned n, bool level)
{
    struct probe *p = (struct probe *)sink + n;

    p->rises += level && !p->level;
    p->level = level;
}

static inline void probe_wire(struct device *d, const char *out, unsigned n,
                              struct probe *p)
{
    *device_line(d, out, n) = (struct line){probe_set, p, 0};
}

/* Saves, resets, loads: the state must be what it was. */
static inline void rig_round_trip(struct rig *r, struct device *d)
{
    struct state_buf before = {0}, after = {0};
    struct error err = {0};
    bool good;

    device_save(d, &before);
    device_reset(d, RESET_HARDWARE);
    good = device_load(d, d->cls->state_version, before.data, before.len, &err);
    device_save(d, &after);
    tap_ok(&r->tap,
           good && before.len == after.len &&
               !memcmp(before.data, after.data, before.len),
           "%s: state survives save, reset and load %s", d->id, err.text);
    tap_eq(&r->tap, state_uncovered(d->cls->fields, d->cls->state_size), 0,
           "the field table covers the state");
    state_buf_free(&before);
    state_buf_free(&after);
}

#endif

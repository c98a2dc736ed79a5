/*
 * device.h - what a device is: one const class, one struct per instance.
 *
 * Life of an instance: device_create (zeroed, option defaults applied),
 * device_set_option, device_wire, device_init (class init: timers, host
 * resources; then its port ranges are mapped), device_reset, ... ,
 * device_destroy. An instance is
 *   struct chip { struct device dev; struct chip_state s; wiring; options; }
 * where `s` holds guest state and only that.
 */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

#include "core/bus.h"
#include "core/clock.h"
#include "core/field.h"
#include "core/line.h"
#include "core/log.h"
#include "core/option.h"
#include "core/out.h"

struct phys; /* memory/phys.h */
struct host; /* core/host.h */
struct input_event;
struct state_buf; /* core/state.h */

enum reset_kind {
    RESET_HARDWARE, /* power on, RESET# pin */
    RESET_SOFTWARE, /* keyboard controller, triple fault, port 92h, CF9h */
};

/* What the board offers to every device. */
struct services {
    struct clock *clock;
    struct io_bus *io;
    struct phys *phys;
    struct log *log;
    struct host *host;
};

/* An output pin (or an array of them): a struct line in the instance. */
struct line_out {
    const char *name;
    uint32_t offset; /* of the first struct line in the instance */
    uint32_t count;
};

/* An input pin (or an array of them). */
struct line_in {
    const char *name;
    uint32_t count;
    void (*set)(void *dev, unsigned n, bool level); /* dev: the instance */
};

struct device_class {
    const char *name;    /* `info` name, state section, log tag */
    const char *summary; /* one line for --help and docs/devices.md */
    size_t size;         /* sizeof the instance struct */

    /* Guest state: one sub-struct, described completely by `fields`. */
    uint32_t state_offset, state_size;
    uint16_t state_version;
    const struct field *fields;

    const struct port_range *ports;   /* ends with count 0; may be NULL */
    const struct option *options;     /* ends with key NULL; may be NULL */
    const struct line_out *lines_out; /* ends with name NULL; may be NULL */
    const struct line_in *lines_in;   /* ends with name NULL; may be NULL */

    /* All may be NULL. */
    bool (*init)(struct device *dev, struct error *err);
    void (*reset)(struct device *dev, enum reset_kind kind);
    void (*pre_save)(struct device *dev); /* bring `s` up to date */
    /* Checks `s` (from a file: trust nothing), rebuilds derived data. */
    bool (*post_load)(struct device *dev, struct error *err);
    void (*info)(struct device *dev, struct out *out); /* beyond the fields */
    /* Host input (keys, serial bytes, media changes), in guest order. */
    void (*input)(struct device *dev, const struct input_event *ev);
    /* Memory of its own that is guest state too big for `fields` (video RAM):
     * saved, restored and hashed beside them. May be NULL. */
    uint8_t *(*memory)(struct device *dev, size_t *size);
    /*
     * Up to `count` elements of `size` bytes at a port whose handler takes
     * them whole, as REP INS and OUTS move them. Returns how many the device
     * took, 0 for any other port: only those after which nothing differs but
     * its own place in a buffer, no wire, no timer, no log.
     */
    uint32_t (*block_read)(struct device *dev, uint16_t port, uint8_t *to,
                           uint32_t count, unsigned size);
    uint32_t (*block_write)(struct device *dev, uint16_t port,
                            const uint8_t *from, uint32_t count, unsigned size);
    /* Releases what init took. Called once for each device whose init was
     * called, also when that failed half way; the instance started zeroed. */
    void (*destroy)(struct device *dev);
};

/* Every class there is, in the order of their names; ends with NULL.
 * Defined in machine/devices.c. */
extern const struct device_class *const device_classes[];

#define DEVICE_STATE(T, m)                                                     \
    .size = sizeof(T), .state_offset = offsetof(T, m),                         \
    .state_size = sizeof(((T *)0)->m)

struct device {
    const struct device_class *cls;
    const struct services *sv;
    char id[16];       /* "ata0"; equals cls->name for singletons */
    unsigned instance; /* 0, 1, ... among those of the class */
    uint16_t io_base;  /* added to the class's port ranges */
    bool initialised;  /* device_init got as far as the class's init */
    struct log_source log;
    struct device *next;
};

static inline void *device_state(const struct device *d)
{
    return (char *)(uintptr_t)d + d->cls->state_offset;
}

/* A machine's devices, in the order of creation. */
struct device_list {
    struct device *first, **tail;
};

/* NULL only when out of memory. The list owns the device. */
struct device *device_create(struct device_list *list,
                             const struct services *sv,
                             const struct device_class *cls, const char *id,
                             unsigned instance);
struct device *device_find(const struct device_list *list, const char *id);
/* Parses by the class's option table; errors name the nearest valid key. */
bool device_set_option(struct device *dev, const char *key, const char *value,
                       struct error *err);
/* Connects output pin `out`[on] to input pin `in`[in_n]. Unknown pin names
 * and indices are our own bug and assert. */
void device_wire(struct device *from, const char *out, unsigned on,
                 struct device *to, const char *in, unsigned in_n);
/* The output pin itself, for a sink that is not a device (the CPU). */
struct line *device_line(struct device *dev, const char *out, unsigned n);
/* An input pin as a line, for a driver that is not a device. */
struct line device_input(struct device *dev, const char *in, unsigned n);
bool device_init(struct device *dev, struct error *err);
void device_reset(struct device *dev, enum reset_kind kind);
/*
 * The state section of a device: its fields after pre_save, and back. Load
 * unpacks into a copy of the state, so that data of the wrong form leaves
 * the device untouched; then the class's post_load checks the values. If
 * that refuses, the former state is put back and post_load run on it.
 */
void device_save(struct device *dev, struct state_buf *b);
bool device_load(struct device *dev, uint16_t version, const uint8_t *data,
                 size_t len, struct error *err);
/* The checks of form alone: names, lengths, booleans. */
bool device_check(const struct device *dev, uint16_t version,
                  const uint8_t *data, size_t len, struct error *err);
/* Class name, fields, then the class's own info. */
void device_info(struct device *dev, struct out *out);
void device_list_destroy(struct device_list *list);

#endif

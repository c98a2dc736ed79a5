/*
 * device.c - make, wire, start, show and save instances of device classes.
 */
#include "core/device.h"
#include "core/state.h"

#include <assert.h>
#include <stdlib.h>

struct device *device_create(struct device_list *list,
                             const struct services *sv,
                             const struct device_class *cls, const char *id,
                             unsigned instance)
{
    struct device *dev = calloc(1, cls->size);

    if (!dev)
        return NULL;
    assert(strlen(id) < sizeof dev->id);
    assert(!device_find(list, id));
    dev->cls = cls;
    dev->sv = sv;
    snprintf(dev->id, sizeof dev->id, "%s", id);
    dev->instance = instance;
    log_source_init(sv->log, &dev->log, id);
    options_default(cls->options, dev);
    if (!list->tail)
        list->tail = &list->first;
    *list->tail = dev;
    list->tail = &dev->next;
    return dev;
}

struct device *device_find(const struct device_list *list, const char *id)
{
    for (struct device *d = list->first; d; d = d->next) {
        if (!strcmp(d->id, id))
            return d;
    }
    return NULL;
}

bool device_set_option(struct device *dev, const char *key, const char *value,
                       struct error *err)
{
    return option_set(dev->cls->options, dev, dev->id, key, value, err);
}

struct line *device_line(struct device *dev, const char *out, unsigned n)
{
    const struct line_out *o = dev->cls->lines_out;

    while (o && o->name && strcmp(o->name, out))
        o++;
    assert(o && o->name && n < o->count);
    return (struct line *)(void *)((char *)dev + o->offset) + n;
}

/* Inputs of a class are numbered per pin: `set` of an array pin gets the
 * index within the array. */
struct line device_input(struct device *dev, const char *in, unsigned n)
{
    const struct line_in *i = dev->cls->lines_in;

    while (i && i->name && strcmp(i->name, in))
        i++;
    assert(i && i->name && n < i->count);
    return (struct line){.set = i->set, .sink = dev, .n = n};
}

void device_wire(struct device *from, const char *out, unsigned on,
                 struct device *to, const char *in, unsigned in_n)
{
    *device_line(from, out, on) = device_input(to, in, in_n);
}

bool device_init(struct device *dev, struct error *err)
{
    const struct port_range *r = dev->cls->ports;

    dev->initialised = true;
    if (dev->cls->init && !dev->cls->init(dev, err))
        return error_prefix(err, "%s", dev->id);
    for (; r && r->count; r++) {
        if (!io_map(dev->sv->io, dev, r, err))
            return false;
    }
    return true;
}

void device_reset(struct device *dev, enum reset_kind kind)
{
    if (dev->cls->reset)
        dev->cls->reset(dev, kind);
}

void device_save(struct device *dev, struct state_buf *b)
{
    if (dev->cls->pre_save)
        dev->cls->pre_save(dev);
    if (dev->cls->fields)
        state_pack(dev->cls->fields, device_state(dev), b);
}

bool device_check(const struct device *dev, uint16_t version,
                  const uint8_t *data, size_t len, struct error *err)
{
    const struct device_class *cls = dev->cls;

    if (version > cls->state_version)
        return error_set(err, EXIT_BAD_DATA,
                         "%s: state of version %u, newer than this program's "
                         "%u: use a newer Klochs",
                         dev->id, version, cls->state_version);
    if (!cls->fields)
        return len == 0 || error_set(err, EXIT_BAD_DATA,
                                     "%s: state where none is kept", dev->id);
    return state_check(cls->fields, version, data, len, err) ||
           error_prefix(err, "%s", dev->id);
}

bool device_load(struct device *dev, uint16_t version, const uint8_t *data,
                 size_t len, struct error *err)
{
    const struct device_class *cls = dev->cls;
    struct error ignored;
    void *former;
    bool good;

    if (!device_check(dev, version, data, len, err))
        return false;
    former = malloc(cls->state_size + 1);
    if (!former)
        return error_set(err, EXIT_INTERNAL, "out of memory");
    if (cls->pre_save)
        cls->pre_save(dev);
    memcpy(former, device_state(dev), cls->state_size);
    good = !cls->fields || state_unpack(cls->fields, device_state(dev), version,
                                        data, len, err);
    if (good && cls->post_load && !cls->post_load(dev, err)) {
        memcpy(device_state(dev), former, cls->state_size);
        (void)cls->post_load(dev, &ignored);
        good = error_prefix(err, "%s", dev->id);
    }
    free(former);
    return good;
}

void device_info(struct device *dev, struct out *out)
{
    out_printf(out, "%s: %s\n", dev->id, dev->cls->summary);
    if (dev->cls->pre_save)
        dev->cls->pre_save(dev);
    if (dev->cls->fields)
        state_print(dev->cls->fields, device_state(dev), out);
    if (dev->cls->info)
        dev->cls->info(dev, out);
}

/* Last made, first destroyed: a device may use those made before it. */
static void destroy_from(struct device *dev)
{
    struct device *reversed = NULL;

    while (dev) {
        struct device *next = dev->next;

        dev->next = reversed;
        reversed = dev;
        dev = next;
    }
    while (reversed) {
        dev = reversed;
        reversed = dev->next;
        if (dev->initialised && dev->cls->destroy)
            dev->cls->destroy(dev);
        options_free(dev->cls->options, dev);
        log_source_destroy(&dev->log);
        free(dev);
    }
}

void device_list_destroy(struct device_list *list)
{
    destroy_from(list->first);
    *list = (struct device_list){0};
}

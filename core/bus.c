/*
 * bus.c - port numbers to handlers: one table look-up per access.
 */
#include "core/bus.h"
#include "core/device.h"

#include <stdlib.h>

enum { PORTS = 0x10000, MAX_MAPPINGS = 0xffff };

struct mapping {
    struct device *dev; /* NULL: the slot is free */
    const struct port_range *range;
    uint16_t base;
};

struct io_bus {
    struct log_source log;
    uint16_t owner[PORTS]; /* index of the mapping, 0: nobody */
    struct mapping *maps;  /* [0] is never used */
    unsigned count, cap;
};

struct io_bus *io_bus_create(struct log *log)
{
    struct io_bus *io = calloc(1, sizeof *io);

    if (!io)
        return NULL;
    io->count = 1;
    log_source_init(log, &io->log, "IO");
    return io;
}

void io_bus_destroy(struct io_bus *io)
{
    if (!io)
        return;
    log_source_destroy(&io->log);
    free(io->maps);
    free(io);
}

/* A free slot, 0 when there is none. */
static unsigned new_slot(struct io_bus *io)
{
    for (unsigned i = 1; i < io->count; i++) {
        if (!io->maps[i].dev)
            return i;
    }
    if (io->count >= io->cap) {
        unsigned cap = io->cap ? 2 * io->cap : 64;
        struct mapping *maps;

        if (io->count >= MAX_MAPPINGS)
            return 0;
        maps = realloc(io->maps, cap * sizeof *maps);
        if (!maps)
            return 0;
        io->maps = maps;
        io->cap = cap;
    }
    return io->count++;
}

/* First port and the one after the last, cut at the end of the port space. */
static unsigned range_first(const struct port_range *r, uint16_t base)
{
    unsigned first = (unsigned)base + r->first;

    return first < PORTS ? first : PORTS;
}

static unsigned range_end(const struct port_range *r, uint16_t base)
{
    unsigned end = (unsigned)base + r->first + r->count;

    return end < PORTS ? end : PORTS;
}

bool io_map(struct io_bus *io, struct device *dev, const struct port_range *r,
            struct error *err)
{
    unsigned first = range_first(r, dev->io_base);
    unsigned end = range_end(r, dev->io_base);
    unsigned slot;

    if ((unsigned)dev->io_base + r->first + r->count > PORTS)
        return error_set(err, EXIT_USAGE,
                         "%s: ports from 0x%x on end beyond 0xffff", dev->id,
                         first);
    for (unsigned p = first; p < end; p++) {
        if (io->owner[p])
            return error_set(err, EXIT_USAGE,
                             "port 0x%x is claimed by %s and by %s: move or "
                             "disable one of them",
                             p, io->maps[io->owner[p]].dev->id, dev->id);
    }
    slot = new_slot(io);
    if (!slot)
        return error_set(err, EXIT_INTERNAL, "no room for more port ranges");
    io->maps[slot] = (struct mapping){dev, r, dev->io_base};
    for (unsigned p = first; p < end; p++)
        io->owner[p] = (uint16_t)slot;
    return true;
}

void io_map_at(struct io_bus *io, struct device *dev,
               const struct port_range *r, uint16_t base)
{
    unsigned end = range_end(r, base), slot = new_slot(io);

    if (!slot) {
        log_error(&dev->log, "no room for ports at 0x%04x", base);
        return;
    }
    io->maps[slot] = (struct mapping){dev, r, base};
    for (unsigned p = range_first(r, base); p < end; p++) {
        if (!io->owner[p])
            io->owner[p] = (uint16_t)slot;
    }
}

void io_unmap_at(struct io_bus *io, struct device *dev,
                 const struct port_range *r, uint16_t base)
{
    for (unsigned i = 1; i < io->count; i++) {
        struct mapping *m = &io->maps[i];

        if (m->dev != dev || m->range != r || m->base != base)
            continue;
        for (unsigned p = range_first(r, base); p < range_end(r, base); p++) {
            if (io->owner[p] == i)
                io->owner[p] = 0;
        }
        *m = (struct mapping){0};
        return;
    }
}

/*
 * Does the range that owns the first port take the access whole? Yes if it
 * has that width and all the bytes; or if it is narrower than the access,
 * which is how a chip says that one port is wide (the ATA data port, whose
 * upper byte is not the error register).
 */
static bool takes(const struct mapping *m, uint16_t port, unsigned size)
{
    const struct port_range *r = m->range;
    unsigned end = (unsigned)m->base + r->first + r->count;

    return (r->widths & size) != 0 && (r->count < size || port + size <= end);
}

uint32_t io_read(struct io_bus *io, uint16_t port, unsigned size)
{
    unsigned owner = io->owner[port], half = size / 2;
    uint32_t mask = UINT32_MAX >> (32 - 8 * size);

    if (owner && takes(&io->maps[owner], port, size)) {
        /* A copy: the handler may map and unmap. */
        struct mapping m = io->maps[owner];

        if (m.range->read)
            return m.range->read(m.dev, (uint16_t)(port - m.base), size) & mask;
    } else if (half) {
        uint32_t low = io_read(io, port, half);

        return low | io_read(io, (uint16_t)(port + half), half) << 8 * half;
    }
    log_debug(&io->log, "read of %u from port 0x%04x: nobody there", size,
              port);
    return mask;
}

void io_write(struct io_bus *io, uint16_t port, uint32_t value, unsigned size)
{
    unsigned owner = io->owner[port], half = size / 2;
    uint32_t mask = UINT32_MAX >> (32 - 8 * size);

    value &= mask;
    if (owner && takes(&io->maps[owner], port, size)) {
        struct mapping m = io->maps[owner];

        if (m.range->write) {
            m.range->write(m.dev, (uint16_t)(port - m.base), value, size);
            return;
        }
    } else if (half) {
        io_write(io, port, value, half);
        io_write(io, (uint16_t)(port + half), value >> 8 * half, half);
        return;
    }
    log_debug(&io->log, "write of 0x%x to port 0x%04x: nobody there",
              (unsigned)value, port);
}

/* NULL: the access is split, or nobody has the port. */
static const struct mapping *whole(const struct io_bus *io, uint16_t port,
                                   unsigned size)
{
    const struct mapping *m = &io->maps[io->owner[port]];

    return io->owner[port] && takes(m, port, size) ? m : NULL;
}

uint32_t io_read_block(struct io_bus *io, uint16_t port, uint8_t *to,
                       uint32_t count, unsigned size)
{
    const struct mapping *m = whole(io, port, size);

    if (!m || !m->range->read || !m->dev->cls->block_read)
        return 0;
    return m->dev->cls->block_read(m->dev, (uint16_t)(port - m->base), to,
                                   count, size);
}

uint32_t io_write_block(struct io_bus *io, uint16_t port, const uint8_t *from,
                        uint32_t count, unsigned size)
{
    const struct mapping *m = whole(io, port, size);

    if (!m || !m->range->write || !m->dev->cls->block_write)
        return 0;
    return m->dev->cls->block_write(m->dev, (uint16_t)(port - m->base), from,
                                    count, size);
}

const char *io_owner(const struct io_bus *io, uint16_t port)
{
    unsigned owner = io->owner[port];

    return owner ? io->maps[owner].dev->id : NULL;
}

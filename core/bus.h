/*
 * bus.h - the 64 KiB I/O port space.
 *
 * Each port belongs to at most one range. Accesses wider than a range takes
 * are split, low byte first, as an ISA bridge does; a port that nobody owns
 * reads all ones and ignores writes (logged at debug level).
 */
#ifndef CORE_BUS_H
#define CORE_BUS_H

#include "core/base.h"
#include "core/err.h"
#include "core/log.h"

struct device;

/* `port` is relative to dev->io_base (absolute where that is 0). */
typedef uint32_t port_read_fn(struct device *dev, uint16_t port, unsigned size);
typedef void port_write_fn(struct device *dev, uint16_t port, uint32_t value,
                           unsigned size);

enum { IO8 = 1, IO16 = 2, IO32 = 4 };

struct port_range {
    uint16_t first, count; /* relative to the device's io_base */
    unsigned widths;       /* IO8 | IO16 | IO32 */
    port_read_fn *read;    /* NULL: reads as if nobody were there */
    port_write_fn *write;  /* NULL: writes ignored */
    const char *help;      /* docs */
};

struct io_bus;

struct io_bus *io_bus_create(struct log *log);
void io_bus_destroy(struct io_bus *io);

/*
 * Maps one range at dev->io_base + r->first. `r` must outlive the mapping.
 * Fails, naming both owners, where a port is taken already.
 */
bool io_map(struct io_bus *io, struct device *dev, const struct port_range *r,
            struct error *err);
/* Maps at a base of the guest's choice (PCI I/O BARs): handlers see
 * port - base. Ports that others own keep their owner. Remap after unmap. */
void io_map_at(struct io_bus *io, struct device *dev,
               const struct port_range *r, uint16_t base);
void io_unmap_at(struct io_bus *io, struct device *dev,
                 const struct port_range *r, uint16_t base);

uint32_t io_read(struct io_bus *io, uint16_t port, unsigned size);
void io_write(struct io_bus *io, uint16_t port, uint32_t value, unsigned size);

/*
 * The same for up to `count` elements of `size` bytes at one port, which the
 * buffer holds in the guest's order. Returns how many were moved: those of
 * which nobody but the device could tell that they came at once, maybe none.
 * The others are for io_read() and io_write().
 */
uint32_t io_read_block(struct io_bus *io, uint16_t port, uint8_t *to,
                       uint32_t count, unsigned size);
uint32_t io_write_block(struct io_bus *io, uint16_t port, const uint8_t *from,
                        uint32_t count, unsigned size);

/* Id of the device that owns a port, NULL if nobody; for `info` and docs. */
const char *io_owner(const struct io_bus *io, uint16_t port);

#endif

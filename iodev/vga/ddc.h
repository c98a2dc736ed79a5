/*
 * ddc.h - a monitor's DDC2B data: an I2C memory that holds the EDID.
 *
 * The host side drives the two open-collector wires; the monitor answers on
 * the data wire. VESA DDC standard 3.0; NXP UM10204 for the bus.
 */
#ifndef IODEV_VGA_DDC_H
#define IODEV_VGA_DDC_H

#include "core/field.h"

struct ddc_state {
    bool scl, sda;    /* as the host drives them; true: released */
    bool pull;        /* the monitor holds the data wire low */
    uint8_t phase;    /* enum ddc_phase */
    uint8_t bits;     /* clocks seen in this byte */
    uint8_t shift;    /* byte coming in or going out */
    uint8_t offset;   /* next EDID byte */
    bool reading;     /* addressed for reading */
    bool have_offset; /* the offset byte of a write has come */
};

extern const struct field ddc_fields[];

#define EDID_BYTES 128

void ddc_reset(struct ddc_state *d);
/* The host changes its wires. `edid` has EDID_BYTES bytes. */
void ddc_drive(struct ddc_state *d, const uint8_t *edid, bool scl, bool sda);
/* Level of the data wire as both ends drive it. */
static inline bool ddc_sda(const struct ddc_state *d)
{
    return d->sda && !d->pull;
}

/* The built-in monitor. Fills EDID_BYTES bytes. */
void ddc_edid(uint8_t *edid);

#endif

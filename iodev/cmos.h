/*
 * cmos.h - MC146818 real-time clock and battery-backed RAM.
 *
 * Pins: out "irq" (IRQ 8), "nmi_mask" (high while port 70h bit 7 is set).
 */
#ifndef IODEV_CMOS_H
#define IODEV_CMOS_H

#include "core/device.h"

extern const struct device_class cmos_class;

/* The board's own writes: index 0..127 the clock's bank, 128..255 the
 * extended one. No side effects, no limits. */
void cmos_set(struct device *dev, unsigned index, uint8_t value);
uint8_t cmos_get(struct device *dev, unsigned index);

#endif

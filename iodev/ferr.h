/*
 * ferr.h - x87 errors the AT way: FERR# becomes IRQ 13, port F0h ends it.
 *
 * Pins
 *   in  ferr    the processor's FERR#, high: asserted
 *   out irq     IRQ 13
 *   out ignne   the processor's IGNNE#, high: asserted
 */
#ifndef IODEV_FERR_H
#define IODEV_FERR_H

#include "core/device.h"

extern const struct device_class ferr_class;

#endif

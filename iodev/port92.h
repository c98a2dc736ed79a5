/*
 * port92.h - fast A20 gate and reset of the PIIX, port 92h.
 *
 * Pins: in "kbc_a20" (high until driven); out "a20", which is open when
 * either gate is, and "reset" (high for an instant).
 */
#ifndef IODEV_PORT92_H
#define IODEV_PORT92_H

#include "core/device.h"

extern const struct device_class port92_class;

#endif

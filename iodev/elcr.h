/*
 * elcr.h - edge/level control registers of the PIIX interrupt controllers.
 *
 * Pins: out "level"[16], one per IRQ, to "level_mode" of the two 8259A.
 */
#ifndef IODEV_ELCR_H
#define IODEV_ELCR_H

#include "core/device.h"

extern const struct device_class elcr_class;

#endif

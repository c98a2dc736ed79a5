/*
 * pit.h - Intel 8254 programmable interval timer.
 *
 * Pins: in "gate"[3] (high until driven), out "out"[3]. A PC wires out[0] to
 * IRQ 0, out[2] to the speaker, whose port 61h drives gate[2].
 */
#ifndef IODEV_PIT_H
#define IODEV_PIT_H

#include "core/device.h"

#define PIT_HZ 1193182u

extern const struct device_class pit_class;

/* Level of OUT n now, also where nobody listens to the pin. */
bool pit_out(struct device *dev, unsigned n);

#endif

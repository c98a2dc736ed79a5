/*
 * kbc.h - 8042 keyboard and mouse controller.
 *
 * Pins: in "data"[2] (from the "data" pins of keyboard and mouse); out
 * "irq1", "irq12", "a20", "reset" (high for an instant: reset the CPU).
 */
#ifndef IODEV_KBC_H
#define IODEV_KBC_H

#include "core/device.h"
#include "iodev/ps2.h"

extern const struct device_class kbc_class;

/* Board wiring: `dev` on port 0 (keyboard) or 1 (mouse); wires its "data"
 * pin as well. A port without a device answers with a timeout. */
void kbc_attach(struct device *kbc, unsigned port, struct device *dev,
                const struct ps2_ops *ops);

#endif

/*
 * ps2mouse.h - PS/2 mouse, with wheel after the IntelliMouse knock.
 *
 * Pins: out "data". Connect with kbc_attach(kbc, 1, dev, &ps2mouse_ops).
 * Takes INPUT_MOUSE events: dx to the right, dy downwards (as screens
 * count), dz in wheel notches away from the user; buttons: bit 0 left,
 * 1 right, 2 middle, 3 and 4 side.
 */
#ifndef IODEV_PS2MOUSE_H
#define IODEV_PS2MOUSE_H

#include "core/device.h"
#include "iodev/ps2.h"

extern const struct device_class ps2mouse_class;
extern const struct ps2_ops ps2mouse_ops;

/* Is the guest listening (streaming and enabled); for displays. */
bool ps2mouse_active(const struct device *dev);

#endif

/*
 * ps2kbd.h - 101/102-key PS/2 keyboard.
 *
 * Pins: out "data". Connect with kbc_attach(kbc, 0, dev, &ps2kbd_ops). Takes
 * INPUT_KEY events; repeated presses of a held key are ignored, because the
 * keyboard repeats by itself.
 */
#ifndef IODEV_PS2KBD_H
#define IODEV_PS2KBD_H

#include "core/device.h"
#include "iodev/ps2.h"

extern const struct device_class ps2kbd_class;
extern const struct ps2_ops ps2kbd_ops;

/* Bits as in command EDh: 0 scroll, 1 num, 2 caps lock; for displays. */
uint8_t ps2kbd_leds(const struct device *dev);

#endif

/*
 * parallel.h - PC parallel port with a printer that writes a file.
 *
 * io_base 378h, 278h; ids "parallel0", "parallel1". Pins: out "irq" (IRQ 7,
 * 5).
 */
#ifndef IODEV_PARALLEL_H
#define IODEV_PARALLEL_H

#include "core/device.h"

extern const struct device_class parallel_class;

#endif

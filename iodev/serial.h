/*
 * serial.h - PC serial port: a 16550A on the ISA bus.
 *
 * io_base 3F8h, 2F8h, 3E8h, 2E8h; ids "serial0".."serial3". Pins: out "irq"
 * (IRQ 4, 3, 4, 3; ports that share a line need an OR in between). Received
 * bytes are INPUT_BYTES events.
 */
#ifndef IODEV_SERIAL_H
#define IODEV_SERIAL_H

#include "core/device.h"

extern const struct device_class serial_class;

#endif

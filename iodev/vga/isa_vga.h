/*
 * isa_vga.h - VGA with the Bochs display interface on the ISA bus.
 *
 * The linear frame buffer lies at E0000000h. Option `extension=none` makes a
 * plain VGA of it. Output pin "irq": the vertical interrupt.
 */
#ifndef IODEV_VGA_ISA_VGA_H
#define IODEV_VGA_ISA_VGA_H

#include "core/device.h"

extern const struct device_class vga_class;

#endif

/*
 * isairq.h - the interrupt lines of the ISA slots, and where they end.
 *
 * Pins
 *   in  isa[64]   IRQ n of up to four cards: isa[4 * n + k], wired-OR
 *   out line[16]  the ORed requests, to the south bridge
 *   in  irq[16]   the south bridge's final requests
 *   out pic[16], apic[16]  the same, to the 8259A pair and the I/O APIC
 */
#ifndef IODEV_ISAIRQ_H
#define IODEV_ISAIRQ_H

#include "core/device.h"

extern const struct device_class isairq_class;

#endif

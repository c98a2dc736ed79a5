/*
 * ioapic.h - Intel 82093AA I/O APIC.
 *
 * Pins: in "irq"[24], high = asserted, whatever the polarity bit says. On a
 * PC: pin 0 the 8259A's INTR, 2 the timer (IRQ 0), 1 and 3-15 the ISA IRQs,
 * 16-23 PCI.
 */
#ifndef IODEV_IOAPIC_H
#define IODEV_IOAPIC_H

#include "core/device.h"

#define IOAPIC_BASE 0xfec00000u
#define IOAPIC_PINS 24

extern const struct device_class ioapic_class;

/* The local APICs, as one sees them from the bus. delivery_mode: 0 fixed,
 * 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT. */
struct apic_bus {
    void *opaque;
    void (*deliver)(void *opaque, uint8_t dest, bool logical,
                    uint8_t delivery_mode, uint8_t vector, bool level_trigger);
};

/* Board wiring; `bus` must outlive the machine. */
void ioapic_set_bus(struct device *dev, const struct apic_bus *bus);
/* A local APIC has ended a level-triggered interrupt. */
void ioapic_eoi(struct device *dev, uint8_t vector);

#endif

/*
 * hpet.h - high precision event timers.
 *
 * Pins: out "irq"[24] to the I/O APIC's pins. In legacy replacement mode the
 * timers take over IRQ 0 and IRQ 8; so the PIT and the clock are wired through
 * here: in "pit", "rtc"; out "irq0", "irq8".
 */
#ifndef IODEV_HPET_H
#define IODEV_HPET_H

#include "core/device.h"

#define HPET_BASE 0xfed00000u

extern const struct device_class hpet_class;

#endif

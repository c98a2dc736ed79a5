/*
 * pic.h - Intel 8259A programmable interrupt controller.
 *
 * Pins: in "ir"[8], "level_mode"[8] (high: that input is level-triggered,
 * whatever ICW1 says); out "intr". A PC has two at io_base 20h and A0h.
 */
#ifndef IODEV_PIC_H
#define IODEV_PIC_H

#include "core/device.h"

extern const struct device_class pic_class;

/* Board wiring: `slave` sits on the cascade bus of `master` at input `ir`.
 * Its "intr" pin is wired to "ir"[ir] of the master as well. */
void pic_set_slave(struct device *master, unsigned ir, struct device *slave);

/*
 * Both INTA cycles of an interrupt acknowledge: the vector, from the slave
 * where ICW3 says so. Without a request the answer is the spurious level 7,
 * which sets no ISR bit (datasheet, "8259A interrupt sequence").
 */
uint8_t pic_intack(struct device *master);

#endif

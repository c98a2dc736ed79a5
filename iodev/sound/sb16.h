/*
 * sb16.h - Sound Blaster 16: DSP 4.05, mixer CT1745, MPU-401.
 *
 * Pins: out "irq"[4], for IRQ 9 (2), 5, 7 and 10; out "dreq"[8]. The FM
 * synthesizer on the card is a device of its own (iodev/sound/opl3.h).
 */
#ifndef IODEV_SOUND_SB16_H
#define IODEV_SOUND_SB16_H

#include "core/device.h"
#include "iodev/dma.h"

extern const struct device_class sb16_class;

/* The card at the other end of a DMA channel: 0, 1, 3, 5, 6 or 7. */
const struct dma_client *sb16_dma_client(struct device *dev, unsigned channel);

#endif

/*
 * dma.h - the two 8237A DMA controllers of an AT, with their page registers.
 *
 * Pins: in "dreq"[8]. Channels 0-3 move bytes, 5-7 words; 4 is the cascade.
 */
#ifndef IODEV_DMA_H
#define IODEV_DMA_H

#include "core/device.h"

extern const struct device_class dma_class;

/*
 * The device at the other end of a channel. A block is moved at once when
 * DREQ is high and the channel is open; the device paces itself by raising
 * DREQ only when it wants data. n counts bytes, even on channels 5-7. A
 * result below n means that the device has had enough for now: the rest
 * waits until DREQ is driven high again.
 */
struct dma_client {
    void *opaque;
    size_t (*read)(void *opaque, uint8_t *to, size_t n); /* device -> memory */
    size_t (*write)(void *opaque, const uint8_t *from, size_t n);
    void (*tc)(void *opaque); /* terminal count, after its last byte */
};

/* `client` must outlive the machine. */
void dma_set_client(struct device *dev, unsigned channel,
                    const struct dma_client *client);

#endif

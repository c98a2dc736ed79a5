/*
 * fdc.h - 82077AA floppy disk controller.
 */
#ifndef IODEV_FLOPPY_FDC_H
#define IODEV_FLOPPY_FDC_H

#include "core/device.h"
#include "iodev/dma.h"

/* Pins: out "irq" (IRQ 6), out "dreq" (DMA channel 2). */
extern const struct device_class fdc_class;

/* n: 0 drive A, 1 drive B. Before device_init. */
void fdc_attach(struct device *fdc, unsigned n, struct device *drive);
/* For dma_set_client(dma, 2, ...); belongs to the controller. Valid at once
 * after device_create. */
const struct dma_client *fdc_dma_client(struct device *fdc);

#endif

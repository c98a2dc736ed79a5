/*
 * piix3ide.h - 82371SB function 1: bus master IDE.
 */
#ifndef IODEV_PCI_PIIX3IDE_H
#define IODEV_PCI_PIIX3IDE_H

#include "iodev/pci/pci.h"

/*
 * Pins
 *   in  intrq[2]   "irq" of channels ata0 and ata1
 *   out irq[2]     the same levels, on to ISA IRQ 14 and 15
 */
extern const struct device_class piix3ide_class;

/* Attach at device 1, function 1. */
struct pci_function *piix3ide_pci(struct device *dev);
/* n: 0 primary, 1 secondary. Makes DMA available to the channel's drives. */
void piix3ide_attach(struct device *dev, unsigned n, struct device *channel);

#endif

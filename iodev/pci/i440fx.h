/*
 * i440fx.h - 82441FX host bridge: the north bridge's place on the bus.
 */
#ifndef IODEV_PCI_I440FX_H
#define IODEV_PCI_I440FX_H

#include "iodev/pci/pci.h"

/*
 * Priorities of what may show between A0000h and FFFFFh. RAM is 0. The bridge
 * puts an empty PCI bus over it; ROMs and the VGA window go above that; PAM
 * and SMRAM windows of DRAM above those.
 */
enum {
    I440FX_PRIORITY_BUS = 1,
    I440FX_PRIORITY_DEVICES = 10, /* for ROM and VGA regions of the board */
    I440FX_PRIORITY_PAM = 20,
    I440FX_PRIORITY_SMRAM = 30,
};

extern const struct device_class i440fx_class;

/* Attach at device 0, function 0. */
struct pci_function *i440fx_pci(struct device *dev);

#endif

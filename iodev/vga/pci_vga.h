/*
 * pci_vga.h - the same VGA as a PCI function, 1234:1111.
 *
 * BAR 0 is the frame buffer, BAR 2 a page with the registers in memory, the
 * expansion ROM holds the file named by the option `romfile`. The VGA ports
 * and A0000h-BFFFFh are decoded whatever the command register says.
 */
#ifndef IODEV_VGA_PCI_VGA_H
#define IODEV_VGA_PCI_VGA_H

#include "iodev/pci/pci.h"

extern const struct device_class pcivga_class;

/* For pci_attach; usually device 2, function 0. */
struct pci_function *pci_vga_function(struct device *dev);

#endif

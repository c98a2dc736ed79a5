/*
 * piix3.h - 82371SB south bridge, function 0: PCI to ISA.
 */
#ifndef IODEV_PCI_PIIX3_H
#define IODEV_PCI_PIIX3_H

#include "iodev/pci/pci.h"

/*
 * Pins
 *   in  pirq[4]    INTA..INTD of the PCI bus ("intx")
 *   in  isa[16]    interrupt requests of ISA devices
 *   out irq[16]    to 8259 inputs: isa[n] OR the PIRQs routed to n
 *   out apic[4]    PIRQ A..D for I/O APIC inputs 16-19
 *   out reset_hard, reset_soft  pulses from port CF9h (and INIT)
 *   out smi        pulse: APMC written with SMICNTL and SMIEN open
 *   out apmc[8]    the last byte written to port B2h
 *   out apmc_write pulse after apmc[] is valid
 */
extern const struct device_class piix3_class;

/* Attach at device 1, function 0. */
struct pci_function *piix3_pci(struct device *dev);
/* Port CF9h lies inside the PCI bus's range. */
void piix3_set_bus(struct device *dev, struct device *bus);

#endif

/*
 * piix4pm.h - 82371AB (PIIX4) power management and SMBus function.
 */
#ifndef IODEV_PCI_PIIX4PM_H
#define IODEV_PCI_PIIX4PM_H

#include "iodev/pci/pci.h"

/*
 * Pins
 *   in  apmc[8], apmc_write  from the ISA bridge: the byte at port B2h
 *   in  smiact     high while a processor is in system management mode
 *   in  rtc        alarm of the real-time clock (rising edge)
 *   in  gpe[16]    sources of GPSTS (rising edge)
 *   out sci        ACPI interrupt, level: IRQ 9
 *   out smi        pulse
 *   out s3         high from entry of suspend-to-RAM to the next reset
 *   out wake       pulse: suspend-to-RAM ends, the board resets
 * Input event: INPUT_COMMAND with HOST_POWER_BUTTON. Soft-off calls
 * host->stop with EXIT_CLEAN.
 */
extern const struct device_class piix4pm_class;

/* Attach at device 1, function 3. */
struct pci_function *piix4pm_pci(struct device *dev);

#endif

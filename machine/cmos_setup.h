/*
 * cmos_setup.h - what the board tells the BIOS through CMOS RAM.
 */
#ifndef MACHINE_CMOS_SETUP_H
#define MACHINE_CMOS_SETUP_H

#include "machine/machine.h"

/* drive[8]: ATA drives by channel and position, NULL where there is none;
 * floppy[2]: drives A and B. */
void cmos_setup(struct machine *m, const struct config *cfg,
                struct device *cmos, struct device *const drive[8],
                struct device *const floppy[2]);

#endif

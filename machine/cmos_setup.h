/*
 * cmos_setup.h - what the board tells the BIOS through CMOS RAM.
 */
#ifndef MACHINE_CMOS_SETUP_H
#define MACHINE_CMOS_SETUP_H

#include "machine/machine.h"

/* drive[8]: ATA drives by channel and position, NULL where there is none. */
void cmos_setup(struct machine *m, const struct config *cfg,
                struct device *cmos, struct device *const drive[8]);

#endif

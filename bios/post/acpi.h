/*
 * acpi.h - the parts of the ACPI tables.
 */
#ifndef BIOS_POST_ACPI_H
#define BIOS_POST_ACPI_H

#include "bios/post/aml.h"

/* The body of the DSDT, behind the header. */
void dsdt_write(struct aml *a);
bool hpet_present(void);

#endif

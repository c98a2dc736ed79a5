/*
 * debugport.h - ports through which a guest talks to the people who run it.
 *
 * No pins. host->stop ends the run for port 8900h and the exit port.
 */
#ifndef IODEV_DEBUGPORT_H
#define IODEV_DEBUGPORT_H

#include "core/device.h"

extern const struct device_class debugport_class;

#endif

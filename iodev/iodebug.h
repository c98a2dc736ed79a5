/*
 * iodebug.h - the ports through which a guest speaks to the debugger.
 *
 * No pins. host->debug hears what is asked for.
 */
#ifndef IODEV_IODEBUG_H
#define IODEV_IODEBUG_H

#include "core/device.h"

extern const struct device_class iodebug_class;

#endif

/*
 * opl3.h - Yamaha YMF262 (OPL3) FM synthesizer with AdLib's ports.
 *
 * What it plays goes to host->sound as SOUND_FM.
 */
#ifndef IODEV_SOUND_OPL3_H
#define IODEV_SOUND_OPL3_H

#include "core/device.h"

extern const struct device_class opl3_class;

/* Samples a second, as a fraction. */
#define OPL3_CLOCK   14318180u
#define OPL3_DIVIDER 288u

#endif

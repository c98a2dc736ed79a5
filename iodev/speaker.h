/*
 * speaker.h - port 61h: speaker, gate of PIT counter 2, refresh toggle.
 *
 * Pins: in "out2" (from the PIT's out[2]); out "gate2" (to its gate[2]). The
 * cone's level goes to host->sound.
 */
#ifndef IODEV_SPEAKER_H
#define IODEV_SPEAKER_H

#include "core/device.h"

extern const struct device_class speaker_class;

#endif

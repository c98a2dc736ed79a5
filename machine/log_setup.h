/*
 * log_setup.h - prefix and actions of the log, as configured.
 */
#ifndef MACHINE_LOG_SETUP_H
#define MACHINE_LOG_SETUP_H

#include "core/log.h"
#include "machine/config.h"

/* For a log without sources: what holds for every device. */
void log_setup_defaults(struct log *log, const struct config *cfg);
/* When all sources are there: what was said for single devices. A device that
 * this machine does not have is an info line from `src`. */
void log_setup_devices(struct log *log, const struct config *cfg,
                       struct log_source *src);

#endif

/*
 * bochsrc.h - the grammar of the configuration file.
 */
#ifndef MACHINE_BOCHSRC_H
#define MACHINE_BOCHSRC_H

#include "machine/config.h"

/* One directive: "name: key=value, key=value". `where` for messages. */
bool bochsrc_line(struct config *cfg, const char *line, const char *where,
                  struct error *err);
/* A whole file. */
bool bochsrc_file(struct config *cfg, const char *path, struct error *err);

#endif

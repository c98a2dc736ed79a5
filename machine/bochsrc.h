/*
 * bochsrc.h - the grammar of the configuration file.
 */
#ifndef MACHINE_BOCHSRC_H
#define MACHINE_BOCHSRC_H

#include "machine/config.h"

/* One directive: "name: key=value, key=value". `where` for messages. */
bool bochsrc_line(struct config *cfg, const char *line, const char *where,
                  struct error *err);
/* A whole file, with what it includes. */
bool bochsrc_file(struct config *cfg, const char *path, struct error *err);
/* The same from memory; `name` for messages. Contents may be anything. */
bool bochsrc_text(struct config *cfg, const char *text, size_t len,
                  const char *name, struct error *err);
/*
 * When all has been given: what can be told only from the whole, then
 * config_check. Lines for the user go to `notes`.
 */
bool bochsrc_finish(struct config *cfg, struct out *notes, struct error *err);

#endif

/*
 * config.h - what the user wants, as directives with parameters.
 *
 * The names are bochsrc's. One table (config_rows.c) states each directive's
 * parameters with type, default and help; the rc file, the command line and
 * the docs read it. A value remembers where it was given.
 */
#ifndef MACHINE_CONFIG_H
#define MACHINE_CONFIG_H

#include "core/err.h"
#include "core/out.h"

enum config_state {
    CONFIG_WORKS,
    CONFIG_IGNORED, /* accepted for old files, means nothing here */
    CONFIG_NOT_YET, /* known; an error when it is switched on */
};

struct config_row {
    const char *directive; /* "ata0-master" */
    const char *key;       /* "path" */
    const char *type;      /* as in core/option.h */
    const char *dflt;      /* NULL: none */
    const char *help;
    enum config_state state;
};

extern const struct config_row config_rows[]; /* ends with directive NULL */

struct config;

struct config *config_create(void); /* NULL: out of memory */
void config_destroy(struct config *c);

/* `where` ("file:12" or "command line") is copied for messages. */
bool config_set(struct config *c, const char *directive, const char *key,
                const char *value, const char *where, struct error *err);
/* Was the directive mentioned at all? */
bool config_given(const struct config *c, const char *directive);
/* The value as given, else the default, else NULL. Asking for a row that is
 * not in the table is our bug and asserts. */
const char *config_text(const struct config *c, const char *directive,
                        const char *key);
/* Only what was given: NULL when the default applies. */
const char *config_given_text(const struct config *c, const char *directive,
                              const char *key);
int64_t config_int(const struct config *c, const char *directive,
                   const char *key);
bool config_bool(const struct config *c, const char *directive,
                 const char *key);

#endif

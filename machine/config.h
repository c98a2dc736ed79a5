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
    CONFIG_NOT_YET, /* known; a warning when it is switched on */
    CONFIG_REFUSED, /* known; an error when it is switched on */
};

struct config_row {
    const char *directive; /* "ata0-master" */
    const char *key;       /* "path"; "*": any other key */
    const char *type;      /* as in core/option.h */
    const char *dflt;      /* NULL: none */
    const char *help;
    enum config_state state;
    /* Of a row that works: "|"-separated values that do not yet. */
    const char *not_yet;
};

extern const struct config_row config_rows[]; /* ends with directive NULL */

/* Directives with one line on what they are for, in the order of the docs. */
struct config_directive {
    const char *name;
    const char *help;
    const char *bare; /* key of a value without "key=", NULL: there is none */
};

extern const struct config_directive config_directives[]; /* name NULL ends */

/* Old spellings. key NULL: the directive's bare value, or any key. */
struct config_alias {
    const char *directive, *key;
    const char *new_directive, *new_key; /* new_key NULL: the same key */
};

extern const struct config_alias config_aliases[]; /* directive NULL ends */

struct config;

struct config *config_create(void); /* NULL: out of memory */
void config_destroy(struct config *c);

/* `where` ("file:12" or "command line") is copied for messages. */
bool config_set(struct config *c, const char *directive, const char *key,
                const char *value, const char *where, struct error *err);
/* Forgets what was given. */
void config_unset(struct config *c, const char *directive, const char *key);
/* A note to the user that config_check will print. */
PRINTF_LIKE(3, 4)
void config_note(struct config *c, const char *where, const char *fmt, ...);
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
/* Calls `each` for every given key of a directive, "*" rows included, in the
 * order in which they were first given. False as soon as `each` says so. */
bool config_each(const struct config *c, const char *directive,
                 bool (*each)(void *opaque, const char *key, const char *value,
                              const char *where),
                 void *opaque);

/*
 * When all has been given: what is switched on but not there yet becomes a
 * line in `notes` and falls back to the default, or is an error.
 */
bool config_check(struct config *c, struct out *notes, struct error *err);
/* In the form of a configuration file: what was given, or everything. */
void config_print(const struct config *c, bool everything, struct out *out);
/* The reference: Markdown, or the body of a manual page. */
void config_print_markdown(struct out *out);
void config_print_man(struct out *out);

const struct config_directive *config_find_directive(const char *name);

#endif

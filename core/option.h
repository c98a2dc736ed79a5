/*
 * option.h - a value the user can set: described once, parsed everywhere.
 *
 * An option table belongs to a struct; each row says where in it the parsed
 * value lives. Types:
 *   bool              0 1 false true no yes off on    -> bool
 *   int:LO..HI        decimal, 0x hex                 -> int64_t
 *   path, string      text; the table owns the copy   -> char *
 *   enum:a|b|c        one of the words, its index     -> int32_t
 */
#ifndef CORE_OPTION_H
#define CORE_OPTION_H

#include "core/base.h"
#include "core/err.h"
#include "core/out.h"

struct option {
    const char *key;
    const char *type;
    uint32_t offset;  /* into the owning struct */
    const char *dflt; /* parsed by the same code; NULL: zero */
    const char *help;
};

/* Sets every default. A default that does not parse is our bug: asserts. */
void options_default(const struct option *table, void *base);
/* Frees the owned strings. */
void options_free(const struct option *table, void *base);
/* `what` names the directive or device in the message. */
bool option_set(const struct option *table, void *base, const char *what,
                const char *key, const char *value, struct error *err);
/* Prints the current value in the form that option_set takes. */
void option_print(const struct option *o, const void *base, struct out *out);
const struct option *option_find(const struct option *table, const char *key);

#endif

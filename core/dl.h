/*
 * dl.h - a library opened at run time, and its functions as a struct.
 */
#ifndef CORE_DL_H
#define CORE_DL_H

#include "core/err.h"

struct dl_symbol {
    const char *name;
    size_t offset; /* of the function pointer in the struct */
};

/*
 * Opens the first of `names` (ends with NULL) that is there and fills `api`
 * by `table` (ends with name NULL). `what` names the user of it in errors.
 * Returns NULL on failure. A library stays to the end of the program: some
 * leave threads or exit handlers behind.
 */
void *dl_open(const char *what, const char *const *names,
              const struct dl_symbol *table, void *api, struct error *err);

#endif

/*
 * dl.c - a library opened at run time, and its functions as a struct.
 */
#include "core/dl.h"

#include <dlfcn.h>

void *dl_open(const char *what, const char *const *names,
              const struct dl_symbol *table, void *api, struct error *err)
{
    void *library = NULL;

    for (unsigned i = 0; names[i] && !library; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        error_set(err, EXIT_NO_OPEN, "%s: the library %s is not installed",
                  what, names[0]);
        return NULL;
    }
    for (; table->name; table++) {
        void *p = dlsym(library, table->name);

        if (!p) {
            error_set(err, EXIT_NO_OPEN,
                      "%s: %s has no %s; a newer one is "
                      "needed",
                      what, names[0], table->name);
            return NULL;
        }
        /* POSIX: a function pointer has the form of an object pointer. */
        memcpy((char *)api + table->offset, &p, sizeof p);
    }
    return library;
}

/*
 * tap.h - the few lines a test program needs to speak TAP.
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include "core/base.h"
#include <stdarg.h>
#include <stdio.h>

struct tap {
    unsigned run, failed;
};

PRINTF_LIKE(3, 4)
static inline bool tap_ok(struct tap *t, bool good, const char *fmt, ...)
{
    va_list ap;

    printf("%sok %u - ", good ? "" : "not ", ++t->run);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    t->failed += !good;
    return good;
}

/* Compares numbers and shows both when they differ. */
static inline bool tap_eq(struct tap *t, uint64_t got, uint64_t want,
                          const char *name)
{
    if (got == want)
        return tap_ok(t, true, "%s", name);
    return tap_ok(t, false, "%s: got %llx, want %llx", name,
                  (unsigned long long)got, (unsigned long long)want);
}

/* Prints the plan; the program's exit status. */
static inline int tap_done(const struct tap *t)
{
    printf("1..%u\n", t->run);
    return t->failed != 0;
}

#endif

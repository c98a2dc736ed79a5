/*
 * out.h - where printed text goes: a file, or a growing string.
 */
#ifndef CORE_OUT_H
#define CORE_OUT_H

#include "core/base.h"
#include <stdio.h>

struct out {
    FILE *file; /* not owned; NULL collects into text */
    char *text; /* owned, NUL-terminated, NULL while empty */
    size_t len, cap;
    bool failed; /* out of memory or a write error; later output is dropped */
};

void out_to_file(struct out *o, FILE *f);
void out_to_string(struct out *o);
/* Frees a collected string; the FILE stays open. */
void out_free(struct out *o);
void out_write(struct out *o, const void *p, size_t n);
void out_printf(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif

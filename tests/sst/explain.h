/*
 * explain.h - why a vector may differ.
 */
#ifndef TESTS_SST_EXPLAIN_H
#define TESTS_SST_EXPLAIN_H

#include "tests/sst/compare.h"

/* Something other than the processor is behind this one; NULL: no. */
const char *explain_capture(unsigned cpu, const struct sst_form *form,
                            const struct sst_vector *v);

/* What the 386 does otherwise than the captured processor, in the vectors
 * that one reason covers. */
struct generation {
    unsigned cpu;
    const char *forms; /* names separated by blanks; "*": all */
    bool (*applies)(const struct sst_vector *v); /* NULL: always */
    unsigned diff; /* DIFF_* that it can bring about */
    const char *text;
};

extern const struct generation generations[]; /* ends with text NULL */

/* Index of the reason for this difference on an i386; -1: there is none. */
int explain_generation(unsigned cpu, const struct sst_form *form,
                       const struct sst_vector *v, unsigned diff);

#endif

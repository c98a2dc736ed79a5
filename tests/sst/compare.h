/*
 * compare.h - does a run agree with the capture?
 */
#ifndef TESTS_SST_COMPARE_H
#define TESTS_SST_COMPARE_H

#include "tests/sst/rig.h"

/* What may differ; bits. */
enum {
    DIFF_REGISTERS = 1,
    DIFF_FLAGS = 2,
    DIFF_IP = 4, /* CS or IP */
    DIFF_RAM = 8,
    DIFF_BUS = 16,
};

/*
 * What differs between the run that has just ended and the vector, or 0.
 * `text`, if not NULL, gets one line for people.
 */
unsigned compare(struct rig *r, unsigned cpu, const struct sst_form *form,
                 const struct sst_vector *v, char *text, size_t text_size);

#endif

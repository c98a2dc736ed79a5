/*
 * oracle.h - the same code on this host's processor and on ours.
 *
 * Environment: KLOCHS_ORACLE_SECONDS (how long a program may take, default
 * 5), KLOCHS_ORACLE_SEED (start of the random numbers), KLOCHS_ORACLE_CASE
 * (run only this case of each part, as a failure names it).
 */
#ifndef TESTS_INSN_ORACLE_H
#define TESTS_INSN_ORACLE_H

#include "tests/insn/native.h"
#include "tests/insn/oracle_gen.h"
#include "tests/tap.h"

struct oracle {
    struct tap tap;
    struct native *native;
    struct exec *x;
    struct gen gen;
    uint64_t seed, only; /* only: UINT64_MAX for all */
    double seconds;
    uint64_t cases, faults, differ;
    unsigned shown;
    bool skip;
    uint8_t data[EXEC_DATA_SIZE]; /* at the start of a case */
};

/* One kind of case. */
struct oracle_part {
    const char *name;
    unsigned bits;
    bool legacy;
    enum family family;
    unsigned shortest, longest; /* instructions */
    bool loop;
    unsigned share; /* of the time, in parts */
};

/* Prints "1..0 # skip" and sets `skip` where there is nothing to compare
 * with. */
void oracle_open(struct oracle *o);
void oracle_close(struct oracle *o);
/* Runs cases of each part for its share of the time; a TAP line for each. */
void oracle_parts(struct oracle *o, const struct oracle_part *parts,
                  unsigned n);

#endif

/*
 * oracle_compare.h - what differs between two results of the same code: `e`
 * of the emulated processor, `n` of the host's.
 */
#ifndef TESTS_INSN_ORACLE_COMPARE_H
#define TESTS_INSN_ORACLE_COMPARE_H

#include "tests/insn/oracle_gen.h"
#include <stdarg.h>
#include <stdio.h>

struct differences {
    char text[900];
    size_t len; /* 0: none */
};

PRINTF_LIKE(2, 3)
void differ(struct differences *d, const char *fmt, ...);

/* General registers, RIP, vector, flags but the undefined ones. `start` is
 * where the program begins, as RIP. */
void compare_integer(struct differences *d, const struct prog *p,
                     const struct exec_state *e, const struct exec_state *n,
                     uint64_t start);
/* Error code and CR2. */
void compare_fault(struct differences *d, const struct exec_state *e,
                   const struct exec_state *n);
/* The data windows. */
void compare_data(struct differences *d, const uint8_t *ours,
                  const uint8_t *want);
/* The x87 registers, or MXCSR and the vectors. */
void compare_vectors(struct differences *d, const struct prog *p,
                     const struct exec_state *e, const struct exec_state *n,
                     bool x87);

/* Faults whose order or kind the manuals leave open. */
bool compare_tolerates(const struct prog *p, const struct exec_state *e,
                       const struct exec_state *n, uint64_t start);

#endif

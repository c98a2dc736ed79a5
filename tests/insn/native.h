/*
 * native.h - run user-mode code on the processor of the host.
 *
 * x86-64 Linux only; elsewhere native_open says why not. The code and data
 * windows of machine/exec.h are mapped at the same addresses here. A signal
 * handler puts the given state into its own context, and the signal that ends
 * the code (INT3, a fault, or an alarm when it does not end) brings back the
 * result. System calls from the code window are refused.
 */
#ifndef TESTS_INSN_NATIVE_H
#define TESTS_INSN_NATIVE_H

#include "machine/exec.h"

struct native; /* one at a time */

/* Can anything be run here at all? False: *why says what is missing. */
bool native_possible(const char **why);
/* NULL: not here; *why says what is missing. */
struct native *native_open(const char **why);
/* Can it run 16-bit code (needs modify_ldt). */
bool native_has16(const struct native *n);
/* What cpuid of the host says. */
bool native_has(enum cpu_feature f);

uint8_t *native_code(struct native *n); /* EXEC_CODE_SIZE bytes */
uint8_t *native_data(struct native *n); /* EXEC_DATA_SIZE bytes */

/* Runs until an exception, as exec_run does; CPL 3 only. False: it did not
 * end within a tenth of a second. */
bool native_run(struct native *n, const struct exec_state *in,
                struct exec_state *out);

/* The same without signals where nothing faults, some ten times as
 * fast. native_put_exit writes what stands for INT3 behind the code at
 * `at` (offset in the window) and says how many bytes that takes (at most 8);
 * `end` is where that is. Coming there is told as INT3 would be. Bytes 3f00
 * to 3f7f of the code window are taken. */
unsigned native_put_exit(struct native *n, unsigned at, unsigned bits);
bool native_run_direct(struct native *n, const struct exec_state *in,
                       struct exec_state *out, uint64_t end);

/* A clock of the host that only goes forwards. */
double native_seconds(void);

#endif

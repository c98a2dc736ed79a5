/*
 * conf.h - the conformance suite: every row of x86.tab that user mode can run,
 * case by case against the processor of the host.
 *
 * A case has a name, ROW:INSTANCE:STATE. The instance number gives the mode
 * and, with the seed, the instruction; the state number the state it starts
 * from. So any case can be run again by its name.
 */
#ifndef TESTS_INSN_CONF_H
#define TESTS_INSN_CONF_H

#include "gen/insn_table.h"
#include "tests/insn/native.h"
#include "tests/insn/oracle_compare.h"
#include <stdio.h>

enum {
    CONF_STATES = 8, /* of an instance */
    CONF_MODES = 8,  /* instance numbers go round these */
    POOL = 64,       /* contents of the data window */
    ROW_MATCHES = 16
};

/* What an instruction had that a row can have. */
enum {
    SEEN_64 = 1 << 0,
    SEEN_32 = 1 << 1,
    SEEN_16 = 1 << 2,
    SEEN_LEGACY = 1 << 3,
    SEEN_REG = 1 << 4,
    SEEN_MEM = 1 << 5,
    SEEN_O16 = 1 << 6,
    SEEN_O32 = 1 << 7,
    SEEN_O64 = 1 << 8,
    SEEN_66 = 1 << 9,
    SEEN_67 = 1 << 10,
    SEEN_F2 = 1 << 11,
    SEEN_F3 = 1 << 12,
    SEEN_LOCK = 1 << 13,
    SEEN_REX = 1 << 14,
    SEEN_SEG = 1 << 15,
    SEEN_256 = 1 << 16,
    SEEN_TF = 1 << 17,
};

struct row_stats {
    uint64_t cases, faults;
    uint64_t failed;
    uint64_t masked;    /* differ in what compare_tolerates lets pass */
    uint64_t undefined; /* differ in undefined flags only */
    uint64_t leaving;   /* came to their end and left flags undefined */
    uint64_t near;      /* approximations that are not bit for bit equal */
    uint64_t vectors;   /* bit n: exception n was seen */
    uint32_t seen;      /* SEEN_* */
    uint32_t worst;     /* of `near`: units in the last place */
    uint32_t next;      /* instance: those before it are counted here */
};

struct system_rule; /* conf_system.c */

struct form {
    unsigned n;
    struct row match[ROW_MATCHES];
    enum comparison how;
    const struct system_rule *rule; /* for `how` COMPARE_NOT */
    const char *why_not;            /* NULL: it is run */
};

struct conf {
    struct native *native;
    struct exec *x;
    struct gen gen;
    struct form form[INSN_COUNT];
    uint64_t seed;
    uint8_t pool[POOL][EXEC_DATA_SIZE];
    uint8_t scratch[EXEC_DATA_SIZE]; /* the pool's, with operands put in */
    uint8_t code[EXEC_CODE_SIZE];    /* the window between instructions */
    uint8_t exit[8];                 /* what native_put_exit has put there */
    const uint8_t *native_holds, *ours_holds; /* of the pool, or NULL */
};

struct conf_case {
    unsigned row, instance, state;
    struct prog p; /* one instruction */
    unsigned at;   /* where, in the code window */
    bool direct;   /* native_run_direct */
    bool stepped;  /* with TF: ends in #DB after one instruction */
    struct exec_state in;
    const uint8_t *data;
};

enum conf_result {
    CONF_SAME,
    CONF_UNDEFINED,
    CONF_NEAR,
    CONF_MASKED,
    CONF_FAILED,
    CONF_TIMEOUT
};

struct conf_outcome {
    struct exec_state ours, want;
    struct differences d;
    bool leaving; /* see row_stats */
    uint32_t ulps;
};

/* NULL and *why, where there is nothing to compare with. `seed` makes the
 * contents of memory. */
struct conf *conf_open(uint64_t seed, const char **why);
void conf_close(struct conf *f);

/* The instruction of an instance, put into both code windows; false: the row
 * has none in this mode. */
bool conf_instruction(struct conf *f, unsigned row, unsigned instance,
                      struct conf_case *k);
/* The state number k->state for it. */
void conf_state(struct conf *f, struct conf_case *k);
/* Runs it on both. */
enum conf_result conf_run(struct conf *f, const struct conf_case *k,
                          struct conf_outcome *o);
/* After the last state: takes the instruction out again; false when code was
 * changed in different ways. */
bool conf_clean(struct conf *f, const struct conf_case *k);

/* conf_system.c: NULL for rows that need none of it. */
const struct system_rule *system_rule(const struct insn_info *in);
/* Immediates; then registers and memory (k->data); then what only the host
 * can know. Nothing for rows without a rule. */
void system_code(struct conf *f, struct conf_case *k);
void system_state(struct conf *f, struct conf_case *k);
void system_level(struct conf *f, const struct conf_case *k,
                  struct conf_outcome *o);

uint32_t conf_seen(const struct conf_case *k);

/* Makes a failing case as small as it fails still and prints it with a line
 * for `klochs exec`. */
void conf_show(struct conf *f, const struct conf_case *k);

/* The table; the sum of failed cases. */
uint64_t conf_report(const struct conf *f, const struct row_stats *s, FILE *out,
                     bool all);

struct conf_defaults {
    uint64_t cases, seconds; /* for each row; of the whole */
    unsigned jobs;           /* processes */
};

/* The main program: runs all rows, prints TAP. The environment may say
 * otherwise: KLOCHS_CONF_CASES, _SECONDS, _JOBS, _SEED; _ROW (a mnemonic),
 * _CASE (ROW:INSTANCE:STATE), _TABLE (file for the table). And arguments:
 * --cases N for all rows together, --seconds N, --jobs N, --seed N, --table
 * FILE, --state FILE, in which a run goes on where the last one ended. */
int conf_program(const struct conf_defaults *d, int argc, char **argv);

/* conf_store.c: the statistics, in a file where `path` is given. What another
 * seed or another build of the program has left there is dropped. NULL: it
 * cannot be made. */
struct row_stats *conf_store_open(const char *path, uint64_t seed);

#endif

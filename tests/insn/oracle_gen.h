/*
 * oracle_gen.h - random instructions and states, made from x86.tab.
 */
#ifndef TESTS_INSN_ORACLE_GEN_H
#define TESTS_INSN_ORACLE_GEN_H

#include "cpu/optable.h"
#include "machine/exec.h"

/* Which rows of x86.tab. */
enum family {
    FAM_INT,
    FAM_HOT,     /* those of them with hot bodies */
    FAM_PRODUCE, /* those that write flags */
    FAM_CONSUME, /* those that read flags; as a family of a program: both */
    FAM_X87,
    FAM_SSE, /* MMX too */
    FAM_AVX,
    FAM_COUNT
};

enum { ROWS_MAX = 1600, PROG_MAX = 24 };

struct row {
    uint16_t match; /* index into insn_matches */
    uint8_t map, opcode;
};

struct gen {
    uint64_t seed;
    unsigned bits;
    const uint64_t *features; /* of the processor that is compared */
    unsigned count[FAM_COUNT];
    struct row rows[FAM_COUNT][ROWS_MAX];
    uint32_t pinned; /* registers that instructions should not change */
    bool registers;  /* rather than memory */
    bool unmasked;   /* exceptions of x87 and SSE; odd x87 numbers */
    bool loop;       /* RCX must not change at all */
};

/* Instructions in a row. Every one of off[0..n] is a place where a run may
 * end; undef[k] are the flags that are undefined there. */
struct prog {
    uint8_t bytes[PROG_MAX * 16];
    unsigned n, len;
    uint16_t off[PROG_MAX + 1];
    uint16_t undef[PROG_MAX + 1];
    struct decoded dec[PROG_MAX];
};

/* How a row's results can be compared with the host's. */
enum comparison {
    COMPARE_NOT, /* depends on the system, on time, or on tables */
    COMPARE_EXACT,
    COMPARE_NEAR_X87, /* an approximation: to the last place or so */
    COMPARE_NEAR_SSE, /* twelve bits */
};

enum comparison gen_comparison(const struct insn_info *in);

/* Calls fn for every row of x86.tab, in the order of the decoder's tables. */
void gen_each_row(void (*fn)(void *opaque, const struct row *r), void *opaque);
const struct insn_info *gen_row_info(const struct row *r);

/* `usable`: may this row be run at all (host, handler). */
void gen_init(struct gen *g, const uint64_t *features,
              bool (*usable)(const struct insn_info *));
uint64_t gen_next(struct gen *g);
unsigned gen_below(struct gen *g, unsigned n);

static inline bool gen_one_in(struct gen *g, unsigned n)
{
    return gen_below(g, n) == 0;
}

/* Edge values and random ones. */
uint64_t gen_value(struct gen *g);
/* Start state: RBX RSP RBP RSI RDI R12 to R14 point into the data. */
void gen_state(struct gen *g, struct exec_state *s);
void gen_data(struct gen *g, uint8_t *data, unsigned n);
/* One instruction for code at `rip` (linear). */
bool gen_insn(struct gen *g, enum family f, uint64_t rip, uint8_t *bytes,
              struct decoded *d);
/* One instruction of this row. */
bool gen_form(struct gen *g, const struct row *r, uint64_t rip, uint8_t *bytes,
              struct decoded *d);
/* n instructions; with `loop`, they are repeated a few times. */
void gen_prog(struct gen *g, struct prog *p, enum family f, unsigned n,
              uint64_t rip, bool loop);
/* Flags that the instruction leaves undefined. */
uint16_t gen_undefined(const struct decoded *d);

#endif

/*
 * exec.h - a machine of a processor and two windows of memory, for running a
 * few instructions on a given state.
 *
 * No chips and no firmware: a page of code, a page of data, flat segments
 * (16-bit ones with a base), and handlers that only note that an exception
 * was delivered. Used by `klochs exec` and by the tests that compare
 * instructions with other processors.
 */
#ifndef MACHINE_EXEC_H
#define MACHINE_EXEC_H

#include "core/err.h"
#include "cpu/cpu.h"

struct exec;

/* Linear addresses. Everything else below 4 GiB but the machine's own tables
 * (64 KiB at EXEC_SYSTEM, for CPL 0 only) is not present. */
#define EXEC_CODE      UINT64_C(0x10000000) /* user, writable, executable */
#define EXEC_CODE_SIZE 0x4000u
#define EXEC_DATA      UINT64_C(0x20000000) /* user, writable, no execute */
#define EXEC_DATA_SIZE 0x2000u
#define EXEC_SYSTEM    UINT64_C(0xd3a40000)

/* The LDT: data and code segments of each kind that user mode can have. */
enum { EXEC_LDT = 14 };
extern const uint64_t exec_ldt[EXEC_LDT];

struct exec_state {
    uint64_t gpr[16];
    uint64_t rip; /* offset in CS: 16-bit code has EXEC_CODE as base */
    uint64_t rflags;
    uint64_t fs_base, gs_base;
    struct fpu fpu;
    struct vec vec[16];
    uint32_t mxcsr;

    /* Set by the caller, unchanged by exec_run. */
    uint8_t bits;       /* 16, 32, 64 */
    uint8_t cpl;        /* 0 or 3 */
    bool legacy;        /* 16 and 32 bits: protected mode without long mode */
    uint8_t segs_given; /* bit n: seg[n] instead of the flat one, which for
                           FS and GS has fs_base and gs_base */
    struct segment seg[6]; /* ES CS SS DS FS GS */

    /* Set by exec_run: the exception that ended the run, if one did. RIP is
     * the one that was pushed. */
    bool raised;
    bool shutdown; /* triple fault: nothing else counts */
    uint8_t vector;
    uint32_t code;        /* error code, 0 for vectors that have none */
    uint64_t cr2;         /* of a page fault */
    uint64_t ticks;       /* instructions retired, and 1 for the exception */
    uint16_t selector[6]; /* ES CS SS DS FS GS; CS and SS as pushed */
};

/* `features`: names to add to the model's, or NULL. NULL: see err. */
struct exec *exec_create(const char *model, const char *features,
                         struct error *err);
void exec_destroy(struct exec *x);

/* A sound state to start from: registers 0, x87 and SSE as after FNINIT and
 * reset, RIP at EXEC_CODE (0 for 16 bits), RSP in the middle of the data. */
void exec_state_init(struct exec_state *s, unsigned bits, unsigned cpl);

/* Bytes of the code and data windows; false outside of them. */
bool exec_poke(struct exec *x, uint64_t laddr, const void *bytes, unsigned n);
bool exec_peek(struct exec *x, uint64_t laddr, void *bytes, unsigned n);
/* The windows themselves. The code is for reading: see exec_poke. */
uint8_t *exec_data(struct exec *x);
const uint8_t *exec_code(struct exec *x);

/* Runs `count` ticks (instructions; a delivered exception is one as well)
 * from state `in`, or up to the first exception. out may be in. */
void exec_run(struct exec *x, const struct exec_state *in,
              struct exec_state *out, uint64_t count);
/* The two halves of it, to run on in several steps. exec_step is false after
 * an exception. */
void exec_load(struct exec *x, const struct exec_state *in);
bool exec_step(struct exec *x, uint64_t count);
void exec_store(struct exec *x, struct exec_state *out);

/* The processor, for tests that look closer. */
struct cpu *exec_cpu(struct exec *x);

/* `klochs exec`; argv[0] is "exec". The exit code. */
int exec_main(int argc, char **argv);

#endif

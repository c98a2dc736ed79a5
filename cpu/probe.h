/*
 * probe.h - where a debugger looks into a processor.
 *
 * Without a debugger c->probe is NULL and c->probe_mask 0, and nothing here
 * costs anything: only functions that are slow anyway test the mask. Code
 * points live in the trace builder: a trace ends before such an instruction,
 * and what is found at its address is a trace of no instruction that notes
 * the arrival, so all other code runs as fast as ever. Pages with data points
 * have no entry in the fast TLB.
 *
 * What happens is noted in probe.hits and makes cpu_run() return RUN_BREAK at
 * the next instruction boundary; the guest's state does not depend on it.
 *
 * Instrumentation listens at the same places (struct probe_listener). It is
 * told, and cannot stop or change anything. While it wants to hear of each
 * instruction, a trace is one instruction long and none leads to another, so
 * that each comes by the run loop.
 */
#ifndef CPU_PROBE_H
#define CPU_PROBE_H

#include "cpu/exception.h"

/* Bits of c->probe_mask. */
enum {
    PROBE_DATA = 1 << 0,
    PROBE_PORT = 1 << 1,
    PROBE_MSR = 1 << 2,
    PROBE_EXCEPTION = 1 << 3,
    PROBE_INTERRUPT = 1 << 4,
    PROBE_MODE = 1 << 5,
    PROBE_CR3 = 1 << 6,
    PROBE_CODE = 1 << 7,
    PROBE_MAGIC = 1 << 8,
    PROBE_BRANCH = 1 << 9, /* taken branches go to probe.branches */
    /* Of listeners alone. */
    PROBE_INSN = 1 << 10,
    PROBE_TLB = 1 << 11,
    PROBE_RESET = 1 << 12,
    PROBE_HALT = 1 << 13,
    PROBE_SMM = 1 << 14, /* value 1: entered, 0: left */
};

/* Values of a PROBE_TLB hit. */
enum { PROBE_FLUSH_ALL, PROBE_FLUSH_LOCAL, PROBE_FLUSH_PAGE, PROBE_FLUSH_PCID };

struct trace; /* cpu/hot.h */

enum probe_space { PROBE_LINEAR, PROBE_PHYSICAL, PROBE_OFFSET, PROBE_SPACES };

/* Bytes whose access is noted. */
struct probe_range {
    bool physical, read, write;
    uint64_t addr, len;
};

struct probe_hit {
    uint32_t what;  /* one PROBE_* bit */
    uint64_t addr;  /* linear address, port, MSR or vector */
    uint64_t paddr; /* of data */
    uint64_t value; /* new; of an exception: the error code; of an interrupt:
                       linear address it came at; of a branch: RIP of it */
    uint64_t old;
    unsigned len;
    bool write; /* of an interrupt: of the hardware; of a reset: not INIT */
    bool bus;   /* data by no instruction: a page walk or DMA; addr is paddr */
};

/* Instrumentation. All calls are made in the middle of a run, by the guest's
 * acts alone: what they do must not change what the guest can see. */
struct probe_listener {
    uint32_t mask; /* what it is told of */
    void *opaque;
    void (*event)(void *opaque, const struct probe_hit *h);
    /* PROBE_INSN: the one instruction of a trace is about to run; state is as
     * before it. It has used `ticks` of time (1, or the repetitions); 0 is
     * not told: then it has faulted. */
    void (*before)(void *opaque, const struct trace *t);
    void (*after)(void *opaque, uint64_t ticks);
};

struct probe_branch {
    uint64_t from, to; /* RIP */
    uint16_t cs;
};

#define PROBE_HITS     16u
#define PROBE_BRANCHES 1000u

struct probe {
    uint32_t mask; /* what the debugger wants; then probe_update */
    /* Set by the debugger while the processor stands; then probe_changed. */
    uint64_t *code[PROBE_SPACES]; /* sorted */
    size_t code_count[PROBE_SPACES];
    struct probe_range *data;
    size_t data_count;
    uint8_t magic; /* bit r: XCHG of 16-bit register r with itself stops */
    /* Does anybody want this? Called in the middle of an instruction: it may
     * look at the hit and nothing else. For PROBE_CODE it may look at CS. */
    bool (*wants)(void *opaque, const struct probe_hit *h);
    void *opaque;

    /* The result of a run. */
    bool stop;
    struct probe_hit hits[PROBE_HITS];
    unsigned hit_count;

    uint64_t pass_tick;  /* at this tick a code point does not stop */
    uint64_t fault_tick; /* nor does a fault: its stop was reported */

    struct probe_branch branches[PROBE_BRANCHES];
    uint64_t branch_count; /* ever; the ring's last is at count - 1 */
};

/* Before a run: forgets the hits; the instruction at hand is passed. */
void probe_begin(struct cpu *c);
/* Code points, magic or data ranges are others now. */
void probe_changed(struct cpu *c);
/* PROBE_BRANCH on or off; with it branches cost a look-up each. */
void probe_record_branches(struct cpu *c, bool on);
/* c->probe, its mask, c->listener or its mask is another one now. */
void probe_update(struct cpu *c);

/* ---- for the processor ---- */
/* Is there a code point for the instruction at this place? */
bool probe_code_at(const struct cpu *c, uint64_t rip, uint64_t laddr,
                   uint64_t paddr);
/* The instruction at CS:RIP is about to run. True: a code point stops it. */
bool probe_arrive(struct cpu *c);
/* The same without a trace at hand. May raise the faults of a fetch. */
bool probe_blocks(struct cpu *c);
/* The next instruction must run whatever points there are. */
bool probe_passes(struct cpu *c);
/* True: c->fault is not delivered now, the run ends before it. */
bool probe_fault(struct cpu *c);
/* `vector` is being delivered. */
void probe_interrupt(struct cpu *c, unsigned vector, enum int_source source,
                     uint32_t code);
bool probe_watches_page(const struct cpu *c, uint64_t laddr, uint64_t paddr);
void probe_access(struct cpu *c, uint64_t laddr, uint64_t paddr, unsigned len,
                  bool write, uint64_t old, uint64_t value);
/* A page walk's or a device's access: physical data points see it. */
void probe_bus(struct cpu *c, uint64_t paddr, size_t len, bool write,
               uint64_t value);
/* Anything else. */
void probe_note(struct cpu *c, const struct probe_hit *h);
/* Runs a trace that listeners or the ring of branches want to see. */
void probe_enter(struct cpu *c, struct trace *t);
/* An instruction has faulted: what it has repeated before counts. */
void probe_cut_short(struct cpu *c);
/* Translations go: one of PROBE_FLUSH_*, an address or a PCID. */
void probe_flush(struct cpu *c, unsigned what, uint64_t addr);

#endif

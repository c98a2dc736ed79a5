/*
 * HOT: hot.h - slots, traces and the calling convention of hot handlers.
 *
 * A trace is up to TRACE_MAX decoded instructions of one page. Each is a
 * 32-byte slot with a handler; a handler does its work and tail-calls the
 * next slot's. RIP, instruction count and events are not touched on the way:
 * they follow from the slot when somebody needs them. `budget` is what is
 * left of the instructions up to the next deadline, the whole current trace
 * already paid for. It is the second argument, not the third, because compilers
 * like to work in the third one's register and would have to move it away.
 *
 * Compiled where tail calls are not certain (no optimisation, sanitizers)
 * the same handlers return the next slot to a loop (HOT_LOOP).
 */
#ifndef CPU_HOT_H
#define CPU_HOT_H

#include "cpu/cpu.h"
#include "cpu/flags.h"
#include "cpu/tlb.h"

#if !defined(__OPTIMIZE__) || HOST_SANITIZED || defined(HOT_FORCE_LOOP)
#define HOT_LOOP 1
#else
#define HOT_LOOP 0
#endif

#define TRACE_MAX 32

struct insn;

#if HOT_LOOP
typedef struct insn *hot_fn(struct cpu *c, int64_t budget, struct insn *i);
#else
typedef void hot_fn(struct cpu *c, int64_t budget, struct insn *i);
#endif

struct insn {
    hot_fn *fn;
    uint8_t d, s;  /* byte offsets of register operands in c->gpr */
    uint8_t b, x;  /* byte offsets of base and index; the nil register */
    uint8_t scale; /* shift of the index */
    union {
        uint8_t seg; /* segment of the memory operand */
        int8_t pay;  /* of a direct branch that is taken, what is added to the
                        budget: refund less the instructions of the trace it
                        leads to */
    };
    uint8_t idx;    /* this slot's number in its trace */
    uint8_t refund; /* instructions behind this one, when the trace is left
                       here */
    int32_t disp;
    int32_t imm;
    union {
        uint64_t q;                /* imm64, absolute address, return address */
        const struct decoded *dec; /* of a plain handler; imm has the offset
                                      of it and, above, of what follows */
        struct insn *link; /* first slot of where a direct branch goes, or
                              the stop of its own cold part */
    };
};

/* Where a direct branch goes that is not linked; begins like a slot. */
struct link_stop {
    hot_fn *fn; /* hot_stop */
    struct insn *from;
};

/* What only slow paths and exits need of a slot. */
struct slot_cold {
    struct link_stop stop;
    uint16_t off;        /* of the instruction from the trace's start */
    uint16_t from;       /* of the NOPs before it that have no slot */
    uint8_t from_before; /* instructions before those */
    uint8_t len;
    uint8_t before;      /* instructions before this one */
    uint8_t constants;   /* where its displacement or immediate begins; 0: not
                            to be patched */
    uint8_t flags_due;   /* slot whose flags are made before the slow way is
                            taken, plus 1 */
    uint16_t op;         /* enum hot_op of the slow twin */
    uint64_t target;     /* RIP a direct branch goes to */
    struct decoded *dec; /* memory operands and plain handlers */
};

struct code_page;

struct trace {
    uint64_t rip, cs_base;
    uint64_t paddr, paddr2; /* paddr2: second page of a crossing instruction */
    uint64_t stamp;         /* for cross-page stubs and crossing traces */
    uint32_t mode_id;
    uint8_t n; /* instructions */
    uint8_t slots;
    bool dead, crosses;
    uint16_t bytes;           /* of guest code */
    uint32_t chunks, chunks2; /* 128-byte pieces of the page(s) it covers */
    uint32_t room; /* bytes of memory from here on that are its own */
    struct trace *hash_next;
    struct trace *page_next, *page2_next;
    struct slot_cold *cold;
    struct insn insn[];
};

/* Handler tables: where the memory operand is and how it is checked. */
enum hot_table {
    HT_REG,   /* no memory operand */
    HT_B64,   /* 64-bit: base + disp */
    HT_X64,   /* 64-bit: base + index * scale + disp */
    HT_X64_1, /* the same with a scale of 1, 4 or 8 */
    HT_X64_4,
    HT_X64_8,
    HT_ABS, /* 64-bit: address in q (RIP-relative, moffs) */
    HT_B32, /* flat 32-bit: base + disp */
    HT_X32, /* flat 32-bit, or 64-bit with 32-bit addresses */
    HT_X32_1,
    HT_X32_4,
    HT_SEG64, /* 64-bit with FS or GS base */
    HT_SEG32, /* 16/32-bit with segment base and limit */
    HT_SLOW,  /* every check by function call */
    HT_COUNT
};

enum hot_op {
    HOT_NONE,
#define OP_R(name, ...)  HOT_##name,
#define OP_RS(name, ...) HOT_##name,
#define OP_M(name, ...)  HOT_##name,
#define OP_F(name, ...)  HOT_##name,
#include "cpu/hot_ops.inc"
#undef OP_R
#undef OP_RS
#undef OP_M
#undef OP_F
    HOT_COUNT
};

/* Each [HOT_COUNT], NULL where the form does not exist. */
extern hot_fn *const hot_reg_table[];
extern hot_fn *const hot_b64_table[];
extern hot_fn *const hot_x64_table[];
extern hot_fn *const hot_x64_1_table[];
extern hot_fn *const hot_x64_4_table[];
extern hot_fn *const hot_x64_8_table[];
extern hot_fn *const hot_abs_table[];
extern hot_fn *const hot_b32_table[];
extern hot_fn *const hot_x32_table[];
extern hot_fn *const hot_x32_1_table[];
extern hot_fn *const hot_x32_4_table[];
extern hot_fn *const hot_seg64_table[];
extern hot_fn *const hot_seg32_table[];
extern hot_fn *const hot_slow_table[];
/* All of them. */
extern hot_fn *const *const hot_tables[HT_COUNT];

/* Slots that the trace builder makes itself (cpu/hot_misc.c). */
hot_fn hot_plain, hot_plain_end, hot_fall, hot_resync, hot_far, hot_probe,
    hot_magic;
/* Where hot handlers go when they cannot go on by themselves. */
hot_fn hot_slow_twin, hot_slow_next, hot_stop, hot_unlinked, hot_budget_out,
    hot_left;

/* Name of a hot op, as mkinsn and the builder match it. */
extern const char *const hot_names[];

static inline struct trace *trace_of(struct insn *i)
{
    return container_of(i - i->idx, struct trace, insn);
}

static inline bool hot_linked(struct insn *i)
{
    return (void *)i->link != &trace_of(i)->cold[i->idx].stop;
}

/* To the first slot of `t`, from a slot that gives back `refund`. */
static inline void hot_link(struct insn *i, unsigned refund, struct trace *t)
{
    i->link = t->insn;
    i->pay = (int8_t)((int)refund - t->n);
}

#endif

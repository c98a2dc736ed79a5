/*
 * icache_int.h - what icache.c and trace.c share.
 */
#ifndef CPU_ICACHE_INT_H
#define CPU_ICACHE_INT_H

#include "cpu/hot_simd.h"
#include "cpu/icache.h"

#define ARENA_BYTES   (96u << 20)
#define TRACE_HASH    65536u
#define PAGE_HASH     16384u
#define MODE_ID_BITS  10u
#define MODE_IDS      (1u << MODE_ID_BITS)
#define MODE_HASH     256u
#define SCRATCH_BYTES 16384u

/* What was found when these bytes of a page were last written: the one trace
 * that holds any of them, or none. */
struct code_memo {
    uint16_t at;
    uint16_t n; /* 0: nothing known */
    struct trace *only;
};

#define CODE_MEMOS 16u
#define DEAD_KEPT  4u /* dead traces of one address and mode in the hash */

/* A page from which instructions were decoded. */
struct code_page {
    uint64_t page;       /* physical address */
    uint32_t chunks;     /* 128-byte pieces that traces depend on */
    const uint8_t *host; /* until something is mapped anew; may be NULL */
    struct trace *traces;
    struct code_page *next;
    struct code_memo memo[CODE_MEMOS];
};

struct mode_entry {
    uint64_t cs_base;
    uint32_t cs_limit, key;
};

/* How flags are left behind, for the specialised consumers. */
enum flag_class {
    FLAGS_OTHER,
    FLAGS_SUB,
    FLAGS_LOG,
    FLAGS_RESULT, /* fl_a is the result */
    FLAGS_KEPT
};

/* Flags that can be made later from the registers. */
enum owed_flags {
    OWES_NOTHING,
    OWES_LOG,
    OWES_ADD,
    OWES_SUB,
    OWES_INC,
    OWES_DEC
};

/* Facts about a hot op, derived from its name once. */
struct hot_fact {
    uint16_t no_flags;     /* its _nf twin or 0 */
    uint16_t after_sub;    /* _S twin or 0 */
    uint16_t after_log;    /* _L twin or 0 */
    uint16_t after_result; /* the same if it looks at the result only */
    uint16_t fused[16];    /* with the branch of each condition, or 0 */
    uint8_t condition;     /* of a conditional branch, plus 1 */
    uint16_t kills;        /* arithmetic flags that always get new values */
    bool stack;            /* uses SS:rSP */
    bool shift;   /* of a register by a constant: all flags, if it is not 0 */
    bool rotate;  /* ROL, ROR, RCL, RCR of a register by a constant */
    bool blind;   /* never looks at flags, but in its slow twin */
    bool moves;   /* writes its first operand at most; and RSP if `stack` */
    uint8_t owes; /* enum owed_flags */
    uint8_t owes_size; /* operands of 8 << this bits */
    bool owes_imm;     /* the second one is a constant */
    bool lea, call, counts, movabs;
    bool direct;    /* jumps to a target known here */
    uint8_t leaves; /* enum flag_class */
};

/* Two hot ops that have a handler together. */
struct hot_pair {
    uint16_t first, second, op; /* op 0: empty */
};

#define PAIR_SLOTS 4096u /* several times as many as there are pairs */
#define SIMD_SLOTS 1024u /* several times as many as there are entries */

struct icache {
    uint8_t *arena;
    size_t used;
    bool flush;                  /* at the next lookup */
    uint64_t generation, newest; /* of translations: now, and ever */
    uint64_t dropped;            /* up to this one all traces are gone */
    struct trace *hash[TRACE_HASH];
    struct code_page *pages[PAGE_HASH];
    struct jump_entry jumps[JUMP_ENTRIES];
    struct jump_entry no_jumps[JUMP_ENTRIES]; /* nothing is ever found here */
    bool apart;                               /* see icache_keep_apart */
    bool single;
    struct mode_entry modes[MODE_IDS];
    unsigned mode_count;
    uint16_t mode_recent[MODE_HASH]; /* number last found, by hash */
    struct insn *want_link; /* slot to be patched after the next lookup */
    struct trace *want_stamp;
    struct trace *scratch; /* the running cut-short trace, if any */
    uint64_t scratch_space[SCRATCH_BYTES / 8];
    struct hot_fact fact[HOT_COUNT];
    struct hot_pair pair[PAIR_SLOTS]; /* by hash of both */
    struct hot_simd simd[SIMD_SLOTS]; /* by hash of the plain handler */
    uint64_t built, killed, flushed, looked_up;
};

/* Builds the trace at c->rip (linear address la, physical paddr, code bytes
 * from `f`). cached: may live in the arena and be found again. *replaces: it
 * took the place of a dead trace, in the hash as well. */
struct trace *trace_build(struct cpu *c, uint64_t la,
                          const struct itlb_entry *f, unsigned max, bool cached,
                          bool *replaces);
/* A dead trace of the address, the mode at hand and n instructions, with room
 * for that many bytes; or NULL. */
struct trace *icache_find_dead(const struct cpu *c, uint64_t paddr, unsigned n,
                               size_t room);
/* The n bytes at paddr, on the page that is at `page`, have changed: brings the
 * trace up to date, or returns false when it must be built anew. */
bool trace_patch(struct cpu *c, struct trace *t, uint64_t paddr, unsigned n,
                 const uint8_t *page);
/* The flags of a trace. */
struct flag_plan {
    unsigned n; /* instructions */
    struct decoded *const *dec;
    uint16_t op[TRACE_MAX]; /* enum hot_op, or 0 */
    bool slow[TRACE_MAX];   /* its handler is the slow twin */
    bool dead[TRACE_MAX];   /* out: need not be stored */
    uint8_t due[TRACE_MAX]; /* out: instruction whose flags this one has to
                               make before it goes the slow way, plus 1 */
};

/* Fills the rest of a plan. */
void trace_flags(const struct icache *ic, struct flag_plan *p);
/* For slot_cold.constants. */
uint8_t trace_constants(const struct icache *ic, const struct decoded *d,
                        uint16_t op);
static inline struct decode_env trace_env(const struct cpu *c)
{
    return (struct decode_env){c->code_bits,
                               c->mode == MODE_REAL || c->mode == MODE_V86,
                               c->features, c->quirks};
}
/* Code that may run over the end of its 64 KiB and goes on at offset 0
 * (8086): its bytes are fetched one by one, and no trace of it is kept. */
static inline bool trace_wraps(const struct cpu *c)
{
    return UNLIKELY(c->quirks & QUIRK_WRAP_64K) && c->rip > 0xfff0;
}
/* Fills icache.fact, .pair and .simd; these find the entries of the latter,
 * empty ones if there is nothing. */
void trace_facts(struct icache *ic);
struct hot_pair *trace_pair(struct icache *ic, uint16_t first, uint16_t second);
struct hot_simd *trace_simd(struct icache *ic, insn_fn *plain);
/* Memory for a trace and its parts; never fails (the caller made room). */
void *icache_alloc(struct icache *ic, bool cached, size_t *scratch_used,
                   size_t n);

#endif

/*
 * HOT: hot_fast.h - memory words of the fast tables, on top of the including
 * file's EA, LINEAR_R, LINEAR_W (declare `la_`) and stack words.
 *
 * Whatever the TLB entry does not plainly allow tail-calls the slow twin
 * before anything has changed.
 */
#ifndef CPU_HOT_FAST_H
#define CPU_HOT_FAST_H

#include "cpu/hot_dialect.h"

/* A handler that makes no call: while it runs, nobody else changes the
 * processor or the slot. */
#define HOT_FAST_ARGS                                                          \
    struct cpu *restrict c, int64_t budget, struct insn *restrict i

#define MISS HOT_CALL(hot_slow_twin)

#define LD_8(p)  (*(const uint8_t *)(p))
#define LD_16(p) ld_le16(p)
#define LD_32(p) ld_le32(p)
#define LD_64(p) ld_le64(p)
#define ST_8(p, v)  (*(uint8_t *)(p) = (uint8_t)(v))
#define ST_16(p, v) st_le16(p, (uint16_t)(v))
#define ST_32(p, v) st_le32(p, (uint32_t)(v))
#define ST_64(p, v) st_le64(p, (uint64_t)(v))

/* p points at `n` bytes of guest memory at linear address la. */
#define TLB_HIT(la, tag, n, p)                                                 \
    const struct tlb_entry *p##e = &c->dtlb[tlb_index(la)];                    \
    uint64_t p##t = (la)-p##e->tag;                                            \
    if (UNLIKELY(p##t > PAGE_SIZE - (n)))                                      \
        MISS;                                                                  \
    uint8_t *p = p##e->host + p##t

#define LOAD_Z(z, v)                                                           \
    LINEAR_R((z) / 8);                                                         \
    TLB_HIT(la_, tag_r, (z) / 8, p_);                                          \
    uint##z##_t v = LD_##z(p_)
#define STORE_Z(z, v)                                                          \
    LINEAR_W((z) / 8);                                                         \
    TLB_HIT(la_, tag_w, (z) / 8, p_);                                          \
    ST_##z(p_, v)
#define RMW_Z(z, v)                                                            \
    LINEAR_W((z) / 8);                                                         \
    TLB_HIT(la_, tag_w, (z) / 8, p_);                                          \
    uint##z##_t v = LD_##z(p_)
#define LOAD8(v)     LOAD_Z(8, v)
#define LOAD16(v)    LOAD_Z(16, v)
#define LOAD32(v)    LOAD_Z(32, v)
#define LOAD64(v)    LOAD_Z(64, v)
#define STORE8(v)    STORE_Z(8, v)
#define STORE16(v)   STORE_Z(16, v)
#define STORE32(v)   STORE_Z(32, v)
#define STORE64(v)   STORE_Z(64, v)
#define RMW8(v)      RMW_Z(8, v)
#define RMW16(v)     RMW_Z(16, v)
#define RMW32(v)     RMW_Z(32, v)
#define RMW64(v)     RMW_Z(64, v)
#define RMWPUT8(v)   ST_8(p_, v)
#define RMWPUT16(v)  ST_16(p_, v)
#define RMWPUT32(v)  ST_32(p_, v)
#define RMWPUT64(v)  ST_64(p_, v)

/* SP_SUB(n) SP_NOW: stack offsets; SP_LA(sp, n, end): declares sla_ after
 * checks; SP_SET(v). */
#define STACK_PUSH_Z(z, v)                                                     \
    uint64_t sp_ = SP_SUB((z) / 8);                                            \
    SP_LINEAR(sp_, (z) / 8, write_end);                                        \
    TLB_HIT(sla_, tag_w, (z) / 8, s_);                                         \
    ST_##z(s_, v);                                                             \
    SP_SET(sp_)
#define STACK_TOP_Z(z, v)                                                      \
    uint64_t sp_ = SP_AT(c->gpr[RSP]);                                         \
    SP_LINEAR(sp_, (z) / 8, read_end);                                         \
    TLB_HIT(sla_, tag_r, (z) / 8, s_);                                         \
    uint##z##_t v = LD_##z(s_)
#define STACK_PUSH_TWO_Z(z, v, w)                                              \
    uint64_t sp_ = SP_SUB((z) / 4);                                            \
    SP_LINEAR(sp_, (z) / 4, write_end);                                        \
    TLB_HIT(sla_, tag_w, (z) / 4, s_);                                         \
    uint##z##_t v_ = (v), w_ = (w);                                            \
    ST_##z(s_ + (z) / 8, v_);                                                  \
    ST_##z(s_, w_);                                                            \
    SP_SET(sp_)
#define STACK_TOP_TWO_Z(z, v, w)                                               \
    uint64_t sp_ = SP_AT(c->gpr[RSP]);                                         \
    SP_LINEAR(sp_, (z) / 4, read_end);                                         \
    TLB_HIT(sla_, tag_r, (z) / 4, s_);                                         \
    uint##z##_t v = LD_##z(s_), w = LD_##z(s_ + (z) / 8)
#define STACK_LEAVE_Z(z)                                                       \
    uint64_t sp_ = SP_AT(c->gpr[RBP]);                                         \
    SP_LINEAR(sp_, (z) / 8, read_end);                                         \
    TLB_HIT(sla_, tag_r, (z) / 8, s_);                                         \
    uint##z##_t v = LD_##z(s_);                                                \
    SP_SET(SP_AT(sp_ + (z) / 8));                                              \
    W##z(8 * RBP + ACC##z##_OFF, v)
#define STACK_PUSH16(v) STACK_PUSH_Z(16, v)
#define STACK_PUSH32(v) STACK_PUSH_Z(32, v)
#define STACK_PUSH64(v) STACK_PUSH_Z(64, v)
#define STACK_TOP16(v)  STACK_TOP_Z(16, v)
#define STACK_TOP32(v)  STACK_TOP_Z(32, v)
#define STACK_TOP64(v)  STACK_TOP_Z(64, v)
#define STACK_PUSH_TWO32(v, w) STACK_PUSH_TWO_Z(32, v, w)
#define STACK_PUSH_TWO64(v, w) STACK_PUSH_TWO_Z(64, v, w)
#define STACK_TOP_TWO32(v, w)  STACK_TOP_TWO_Z(32, v, w)
#define STACK_TOP_TWO64(v, w)  STACK_TOP_TWO_Z(64, v, w)
#define STACK_DROP(n)   SP_SET(SP_AT(c->gpr[RSP] + (n)))
#define STACK_LEAVE16   STACK_LEAVE_Z(16)
#define STACK_LEAVE32   STACK_LEAVE_Z(32)
#define STACK_LEAVE64   STACK_LEAVE_Z(64)

#define FLAGS_READY                                                            \
    if (UNLIKELY(c->fl_kind != FL_EFLAGS))                                     \
        MISS
#define DIVIDE_ERROR MISS
#define DIV_WIDE(b)  MISS
#define IDIV_WIDE(b) MISS
#define CHECK_TARGET (void)0

/* Where the builder puts the return address of a CALL through memory. */
#define RETURN_MEMORY (i->q)

/* Indirect: only a target that is known to be good is taken here. Such a
 * branch is the last of its trace: there is nothing to give back. */
#define JUMP_TO(v, COMMIT)                                                     \
    do {                                                                       \
        const struct jump_entry *j_ = &c->jumps[jump_index(v)];                \
        if (UNLIKELY(j_->rip != (v) || j_->stamp != c->stamp))                 \
            MISS;                                                              \
        COMMIT;                                                                \
        budget -= j_->n;                                                       \
        i = j_->first;                                                         \
        if (UNLIKELY(budget < 0))                                              \
            HOT_CALL(hot_budget_out);                                          \
        HOT_GO;                                                                \
    } while (0)

#endif

/*
 * hot_slow.c - slow twins: the same bodies, every access by function call.
 *
 * A twin first makes the precise state visible (RIP, count), so that faults
 * and devices see it; afterwards the trace goes on, unless somebody asked
 * for attention meanwhile.
 */
#include "cpu/access.h"
#include "cpu/exception.h"
#include "cpu/hot_dialect.h"

/* RIP, next RIP and remaining count of the instruction in slot i. */
static struct slot_cold *sync_state(HOT_ARGS)
{
    struct trace *t = trace_of(i);
    struct slot_cold *k = &t->cold[i->idx];

    c->insn_rip = t->rip + k->off;
    c->rip = c->insn_rip + k->len;
    c->budget = budget + t->n - k->before;
    return k;
}

/* SDM vol. 2, JMP/CALL/RET: #GP(0) beyond the limit or not canonical. */
static void check_target(struct cpu *c, uint64_t rip)
{
    bool bad = c->mode == MODE_LONG64
                   ? (uint64_t)((int64_t)(rip << 16) >> 16) != rip
                   : rip > c->seg[SEG_CS].limit;

    if (bad)
        cpu_fault_why(c, EXC_GP, 0, "branch target beyond the limit");
}

static void div_wide(struct cpu *c, uint64_t b)
{
    uint128 n = (uint128)c->gpr[RDX] << 64 | c->gpr[RAX];
    uint128 q = n / b;

    if (q >> 64)
        cpu_fault(c, EXC_DE);
    c->gpr[RAX] = (uint64_t)q;
    c->gpr[RDX] = (uint64_t)(n % b);
}

static void idiv_wide(struct cpu *c, uint64_t b)
{
    bool neg_n = (c->gpr[RDX] >> 63) != 0, neg_b = (b >> 63) != 0;
    uint128 n = (uint128)c->gpr[RDX] << 64 | c->gpr[RAX];
    uint64_t d = neg_b ? 0 - b : b;
    uint128 q, r;

    n = neg_n ? 0 - n : n;
    q = n / d;
    r = n % d;
    if (q > (uint128)(UINT64_C(1) << 63) - (neg_n == neg_b))
        cpu_fault(c, EXC_DE);
    c->gpr[RAX] = neg_n == neg_b ? (uint64_t)q : 0 - (uint64_t)q;
    c->gpr[RDX] = neg_n ? 0 - (uint64_t)r : (uint64_t)r;
}

#define SYNC struct slot_cold *k_ = sync_state(c, budget, i)
#define EA   mem_ea(c, sync_state(c, budget, i)->dec)
#undef NEXT
#define NEXT HOT_CALL(hot_slow_next)

#define LOAD_Z(z, v)                                                           \
    SYNC;                                                                      \
    uint##z##_t v = mem_read##z(c, k_->dec->seg, mem_ea(c, k_->dec))
#define STORE_Z(z, v)                                                          \
    SYNC;                                                                      \
    mem_write##z(c, k_->dec->seg, mem_ea(c, k_->dec), v)
#define RMW_Z(z, v)                                                            \
    SYNC;                                                                      \
    uint##z##_t v = (uint##z##_t)mem_rmw_read(                                 \
        c, k_->dec->seg, mem_ea(c, k_->dec), (z) / 8)
#define LOAD8(v)    LOAD_Z(8, v)
#define LOAD16(v)   LOAD_Z(16, v)
#define LOAD32(v)   LOAD_Z(32, v)
#define LOAD64(v)   LOAD_Z(64, v)
#define STORE8(v)   STORE_Z(8, v)
#define STORE16(v)  STORE_Z(16, v)
#define STORE32(v)  STORE_Z(32, v)
#define STORE64(v)  STORE_Z(64, v)
#define RMW8(v)     RMW_Z(8, v)
#define RMW16(v)    RMW_Z(16, v)
#define RMW32(v)    RMW_Z(32, v)
#define RMW64(v)    RMW_Z(64, v)
#define RMWPUT8(v)  mem_rmw_write(c, v)
#define RMWPUT16(v) mem_rmw_write(c, v)
#define RMWPUT32(v) mem_rmw_write(c, v)
#define RMWPUT64(v) mem_rmw_write(c, v)

#define STACK_PUSH16(v) (sync_state(c, budget, i), stack_push(c, v, 2))
#define STACK_PUSH32(v) (sync_state(c, budget, i), stack_push(c, v, 4))
#define STACK_PUSH64(v) (sync_state(c, budget, i), stack_push(c, v, 8))
#define STACK_TOP_Z(z, v)                                                      \
    sync_state(c, budget, i);                                                  \
    uint##z##_t v = (uint##z##_t)stack_peek(c, 0, (z) / 8)
#define STACK_TOP16(v) STACK_TOP_Z(16, v)
#define STACK_TOP32(v) STACK_TOP_Z(32, v)
#define STACK_TOP64(v) STACK_TOP_Z(64, v)
#define STACK_DROP(n)  stack_adjust(c, (int64_t)(n))
/* SP := BP, then BP is popped; SP must stay as it was if the pop faults. */
#define STACK_LEAVE_Z(z)                                                       \
    sync_state(c, budget, i);                                                  \
    uint##z##_t v =                                                            \
        mem_read##z(c, SEG_SS, c->gpr[RBP] & c->stack_mask);                   \
    uint64_t keep_ = c->stack_mask == 0xffff                                   \
                         ? c->gpr[RSP] & ~UINT64_C(0xffff)                     \
                         : 0;                                                  \
    c->gpr[RSP] = keep_ | (c->gpr[RBP] & c->stack_mask);                       \
    stack_adjust(c, (z) / 8);                                                  \
    W##z(8 * RBP + ACC##z##_OFF, v)
#define STACK_LEAVE16 STACK_LEAVE_Z(16)
#define STACK_LEAVE32 STACK_LEAVE_Z(32)
#define STACK_LEAVE64 STACK_LEAVE_Z(64)

#define FLAGS_READY (void)flags_sync(c)
#define DIVIDE_ERROR                                                           \
    do {                                                                       \
        sync_state(c, budget, i);                                              \
        cpu_fault(c, EXC_DE);                                                  \
    } while (0)
#define DIV_WIDE(b)  (sync_state(c, budget, i), div_wide(c, b))
#define IDIV_WIDE(b) (sync_state(c, budget, i), idiv_wide(c, b))
#define CHECK_TARGET                                                           \
    check_target(c, sync_state(c, budget, i)->target)
#define RETURN_MEMORY c->rip

#undef JUMP_DIRECT
#define JUMP_DIRECT                                                            \
    do {                                                                       \
        if (UNLIKELY(c->attention))                                            \
            HOT_CALL(hot_unlinked);                                            \
        budget += i->pay;                                                      \
        i = i->link;                                                           \
        if (UNLIKELY(budget < 0))                                              \
            HOT_CALL(hot_budget_out);                                          \
        HOT_GO;                                                                \
    } while (0)

#define JUMP_TO(v, COMMIT)                                                     \
    do {                                                                       \
        sync_state(c, budget, i);                                              \
        check_target(c, v);                                                    \
        COMMIT;                                                                \
        c->rip = (v);                                                          \
        HOT_CALL(hot_left);                                                    \
    } while (0)

#define OP_R(name, ...)
#define OP_F(name, ...)
#define OP_M(name, ...)                                                        \
    static HOT_RET h_##name(HOT_ARGS)                                          \
    {                                                                          \
        __VA_ARGS__                                                            \
    }
#define OP_RS(name, ...) OP_M(name, __VA_ARGS__)
#include "cpu/hot_ops.inc"
#undef OP_M
#undef OP_RS

#define OP_M(name, ...)  [HOT_##name] = h_##name,
#define OP_RS(name, ...) OP_M(name, )
hot_fn *const hot_slow_table[HOT_COUNT] = {
#include "cpu/hot_ops.inc"
};

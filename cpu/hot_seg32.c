/*
 * HOT: hot_seg32.c - hot handlers with operands of segments with a base
 * or a limit.
 */
#include "cpu/hot_fast.h"

#define EA                                                                     \
    ((uint64_t)((R64(i->b) + (R64(i->x) << i->scale) +                         \
                (uint64_t)(int64_t)i->disp) & i->q))
#define LINEAR(n, end)                                                         \
    uint64_t ea_ = EA;                                                         \
    const struct seg_fast *f_ = &c->fast[i->seg];                              \
    if (UNLIKELY(ea_ + (n) > f_->end))                                         \
        MISS;                                                                  \
    uint64_t la_ = (uint32_t)(ea_ + f_->base)
#define LINEAR_R(n) LINEAR(n, read_end)
#define LINEAR_W(n) LINEAR(n, write_end)
#undef RETURN_MEMORY
#define RETURN_MEMORY (uint32_t)i->imm
#define SP_AT(v)  ((v)&c->stack_mask)
#define SP_SUB(n) SP_AT(c->gpr[RSP] - (n))
#define SP_SET(v)                                                              \
    (c->gpr[RSP] = (c->gpr[RSP] & 0xffffffff & ~c->stack_mask) | (v))
#define SP_LINEAR(sp, n, end)                                                  \
    if (UNLIKELY((sp) + (n) > c->fast[SEG_SS].end))                            \
        MISS;                                                                  \
    uint64_t sla_ = (uint32_t)((sp) + c->fast[SEG_SS].base)

#define OP_R(name, ...)
#define OP_RS(name, ...)
#define OP_M(name, ...)                                                        \
    static HOT_RET h_##name(HOT_FAST_ARGS)                                     \
    {                                                                          \
        __VA_ARGS__                                                            \
    }
#define OP_F(name, ...) OP_M(name, __VA_ARGS__)
#include "cpu/hot_ops.inc"
#undef OP_M

#define OP_M(name, ...) [HOT_##name] = h_##name,
hot_fn *const hot_seg32_table[HOT_COUNT] = {
#include "cpu/hot_ops.inc"
};

/*
 * HOT: hot_x32.c - hot handlers with flat 32-bit operands at
 * base + index * scale + disp.
 */
#include "cpu/hot_fast.h"

#define EA                                                                     \
    ((uint64_t)((uint32_t)R64(i->b) + ((uint32_t)R64(i->x) << i->scale) +      \
                (uint32_t)i->disp))
#define LINEAR_R(n) uint64_t la_ = EA
#define LINEAR_W(n) LINEAR_R(n)
#define SP_AT(v)   ((uint64_t)(uint32_t)(v))
#define SP_SUB(n)  SP_AT(c->gpr[RSP] - (n))
#define SP_SET(v)  (c->gpr[RSP] = (v))
#define SP_LINEAR(sp, n, end) uint64_t sla_ = (sp)

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
hot_fn *const hot_x32_table[HOT_COUNT] = {
#include "cpu/hot_ops.inc"
};

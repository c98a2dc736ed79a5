/*
 * HOT: hot_abs.c - hot handlers with 64-bit operands at a fixed address
 * (RIP-relative, moffs).
 */
#include "cpu/hot_fast.h"

#define EA ((uint64_t)(i->q))
#define LINEAR_R(n) uint64_t la_ = EA
#define LINEAR_W(n) LINEAR_R(n)
#undef RETURN_MEMORY
#define RETURN_MEMORY RETURN_RIP
#define SP_AT(v)              (v)
#define SP_SUB(n)             (c->gpr[RSP] - (n))
#define SP_SET(v)             (c->gpr[RSP] = (v))
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
hot_fn *const hot_abs_table[HOT_COUNT] = {
#include "cpu/hot_ops.inc"
};

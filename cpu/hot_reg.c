/*
 * HOT: hot_reg.c - hot handlers without a memory operand.
 */
#include "cpu/hot_fast.h"

#define OP_M(name, ...)
#define OP_F(name, ...)
#define OP_R(name, ...)                                                        \
    static HOT_RET h_##name(HOT_FAST_ARGS)                                     \
    {                                                                          \
        __VA_ARGS__                                                            \
    }
#define OP_RS(name, ...) OP_R(name, __VA_ARGS__)
#include "cpu/hot_ops.inc"
#undef OP_R
#undef OP_RS

#define OP_R(name, ...)  [HOT_##name] = h_##name,
#define OP_RS(name, ...) OP_R(name, )
hot_fn *const hot_reg_table[HOT_COUNT] = {
#include "cpu/hot_ops.inc"
};

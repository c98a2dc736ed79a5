/*
 * HOT: hot_simd.c - the bodies of hot_simd.inc, once for each kind of operand.
 *
 * Vectors are the compiler's own, which make the best of any host. Elements
 * are in guest order, so this serves little-endian hosts only.
 */
#include "cpu/hot_simd.h"
#include "cpu/fpu/x87.h"
#include "cpu/hot_fast.h"
#include "cpu/simd/quick.h"
#include "cpu/softfloat/fast80.h"
#include "gen/insn_handlers.h"

#undef MISS
#define MISS                  HOT_CALL(hot_plain)

#define VECTOR(T, name, size) typedef T name __attribute__((vector_size(size)))
VECTOR(uint8_t, v16u8, 16);
VECTOR(int8_t, v16i8, 16);
VECTOR(uint16_t, v8u16, 16);
VECTOR(int16_t, v8i16, 16);
VECTOR(uint32_t, v4u32, 16);
VECTOR(int32_t, v4i32, 16);
VECTOR(uint64_t, v2u64, 16);
VECTOR(float, v4f32, 16);
VECTOR(double, v2f64, 16);

#if defined(__clang__)
#define SHUFFLE(T, a, b, ...) (T) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(T, a, b, ...) __builtin_shuffle(a, b, (T){__VA_ARGS__})
#endif

/* Wherever it lies, and whatever was there. */
#define AT(T, p)                                                               \
    (((struct { T v; } __attribute__((packed, may_alias)) *)(void *)(p))->v)
#define VD(T) AT(T, c->vec[i->d].b)
#define VS(T) AT(T, c->vec[i->s].b)

#define SSE_ON                                                                 \
    if (UNLIKELY((c->cr0 & (CR0_EM | CR0_TS)) | (~c->cr4 & CR4_OSFXSR)))       \
    MISS

#define X87_ON                                                                 \
    if (UNLIKELY((c->cr0 & (CR0_EM | CR0_TS)) | (c->fpu.sw & FSW_ES)))         \
    MISS

#define HANDLER_OF(form, name, CHECK, ...)                                     \
    static HOT_RET h_##form##_##name(HOT_ARGS)                                 \
    {                                                                          \
        CHECK;                                                                 \
        __VA_ARGS__;                                                           \
        NEXT;                                                                  \
    }

/* ---- registers ---- */
#define SRC(T, b)   T b = VS(T)
#define LOOSE(T, b) T b = VS(T)
#define V_MEM(name, ...)
#define F_MEM(name, ...)
#define F_REG(name, ...) HANDLER_OF(reg, name, X87_ON, __VA_ARGS__)
#define V_REG(name, ...) HANDLER_OF(reg, name, SSE_ON, __VA_ARGS__)
#define V_ANY(name, ...) HANDLER_OF(reg, name, SSE_ON, __VA_ARGS__)
#include "cpu/hot_simd.inc"

/* ---- memory ---- */
#undef SRC
#undef LOOSE
#undef V_MEM
#undef V_REG
#undef V_ANY
#undef F_MEM
#undef F_REG
#define ALIGNED                                                                \
    if (UNLIKELY(la_ & 15))                                                    \
    MISS
#define LOOSE(T, b)                                                            \
    uint64_t la_ = EA;                                                         \
    TLB_HIT(la_, tag_r, sizeof(T), p_);                                        \
    T b = AT(T, p_)
#define SRC(T, b)                                                              \
    uint64_t la_ = EA;                                                         \
    ALIGNED;                                                                   \
    TLB_HIT(la_, tag_r, sizeof(T), p_);                                        \
    T b = AT(T, p_)
#define PUT(T, v)                                                              \
    uint64_t la_ = EA;                                                         \
    TLB_HIT(la_, tag_w, sizeof(T), p_);                                        \
    AT(T, p_) = (v)
#define PUT_ALIGNED(T, v)                                                      \
    uint64_t la_ = EA;                                                         \
    ALIGNED;                                                                   \
    TLB_HIT(la_, tag_w, sizeof(T), p_);                                        \
    AT(T, p_) = (v)
#define V_REG(name, ...)
#define F_REG(name, ...)
#define V_ANY(name, ...) V_MEM(name, __VA_ARGS__)

#define DISP             ((uint64_t)(int64_t)i->disp)
#define EA               (R64(i->b) + DISP)
#define V_MEM(name, ...) HANDLER_OF(b64, name, SSE_ON, __VA_ARGS__)
#define F_MEM(name, ...) HANDLER_OF(b64, name, X87_ON, __VA_ARGS__)
#include "cpu/hot_simd.inc"
#undef EA
#undef V_MEM
#undef F_MEM
#define EA               (R64(i->b) + (R64(i->x) << i->scale) + DISP)
#define V_MEM(name, ...) HANDLER_OF(x64, name, SSE_ON, __VA_ARGS__)
#define F_MEM(name, ...) HANDLER_OF(x64, name, X87_ON, __VA_ARGS__)
#include "cpu/hot_simd.inc"
#undef EA
#undef V_MEM
#undef F_MEM
#define EA               (trace_of(i)->rip + ((uint32_t)i->imm >> 16) + DISP)
#define V_MEM(name, ...) HANDLER_OF(rip, name, SSE_ON, __VA_ARGS__)
#define F_MEM(name, ...) HANDLER_OF(rip, name, X87_ON, __VA_ARGS__)
#include "cpu/hot_simd.inc"
#undef EA
#undef V_MEM
#undef F_MEM
#define EA               (uint32_t)(R64(i->b) + (R64(i->x) << i->scale) + DISP)
#define V_MEM(name, ...) HANDLER_OF(x32, name, SSE_ON, __VA_ARGS__)
#define F_MEM(name, ...) HANDLER_OF(x32, name, X87_ON, __VA_ARGS__)
#include "cpu/hot_simd.inc"

/* ---- the table ---- */
#undef V_ANY
#undef V_REG
#undef V_MEM
#undef F_REG
#undef F_MEM
#define IN_MEMORY(name)                                                        \
    [VF_B64] = h_b64_##name, [VF_X64] = h_x64_##name, [VF_RIP] = h_rip_##name, \
    [VF_X32] = h_x32_##name
#define V_REG(name, ...) {op_##name, {[VF_REG] = h_reg_##name}},
#define F_REG(name, ...) V_REG(name, )
#define F_MEM(name, ...) V_MEM(name, )
#define V_MEM(name, ...) {op_##name, {IN_MEMORY(name)}},
#define V_ANY(name, ...)                                                       \
    {op_##name, {[VF_REG] = h_reg_##name, IN_MEMORY(name)}},

const struct hot_simd hot_simd_table[] = {
#include "cpu/hot_simd.inc"
    {NULL, {NULL}}};

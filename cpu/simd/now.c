/*
 * now.c - AMD's 3DNow!: floating-point pairs in MMX registers.
 *
 * AMD 3DNow! Technology Manual (21928). There are no exceptions and no
 * rounding control: results round to nearest, conversions truncate, denormals
 * are zeros, what overflows becomes the largest number. Infinities and NaNs
 * are not supported operands: here they behave as in SSE. The approximations
 * are better than the 14 and 15 bits promised, so that the refining steps,
 * computed as the iterations they stand for, end within the promised 24 bits;
 * bits may differ from any given processor.
 */
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

#define F32_LARGEST UINT32_C(0x7f7fffff)
#define F32_ONE     UINT32_C(0x3f800000)
#define F32_TWO     UINT32_C(0x40000000)
#define F32_THREE   UINT32_C(0x40400000)
#define F32_HALF    UINT32_C(0x3f000000)

static struct fp_env env(void)
{
    return (struct fp_env){
        .masks = FP_ALL, .precision = 64, .daz = true, .ftz = true};
}

/* An infinite result of finite operands is cut to the largest number. */
static uint32_t saturate(uint32_t r, const struct fp_env *e)
{
    if (e->flags & (FP_OE | FP_ZE) && (r & 0x7fffffff) > F32_LARGEST)
        return (r & 1u << 31) | F32_LARGEST;
    return r;
}

static uint32_t add(uint32_t x, uint32_t y)
{
    struct fp_env e = env();
    uint32_t r = f32_add(x, y, &e);

    return saturate(r, &e);
}

static uint32_t sub(uint32_t x, uint32_t y)
{
    struct fp_env e = env();
    uint32_t r = f32_sub(x, y, &e);

    return saturate(r, &e);
}

static uint32_t mul(uint32_t x, uint32_t y)
{
    struct fp_env e = env();
    uint32_t r = f32_mul(x, y, &e);

    return saturate(r, &e);
}

static enum fp_relation compare(uint32_t x, uint32_t y)
{
    struct fp_env e = env();

    return f32_compare_quiet(x, y, &e);
}

static bool is_zero(uint32_t x)
{
    return !(x & 0x7f800000);
}

static uint32_t smaller(uint32_t x, uint32_t y)
{
    uint32_t r = compare(x, y) == FP_GREATER ? y : x;

    return is_zero(r) ? 0 : r;
}

static uint32_t larger(uint32_t x, uint32_t y)
{
    uint32_t r = compare(x, y) == FP_LESS ? y : x;

    return is_zero(r) ? 0 : r;
}

EACH(pfadd, 32, add(x, y))
EACH(pfsub, 32, sub(x, y))
EACH(pfsubr, 32, sub(y, x))
EACH(pfmul, 32, mul(x, y))
EACH(pfmin, 32, smaller(x, y))
EACH(pfmax, 32, larger(x, y))
EACH(pfcmpeq, 32, compare(x, y) == FP_EQUAL ? UINT32_MAX : 0)
EACH(pfcmpgt, 32, compare(x, y) == FP_GREATER ? UINT32_MAX : 0)
EACH(pfcmpge, 32, compare(y, x) <= FP_EQUAL ? UINT32_MAX : 0)

MMX_OP(pfadd)
MMX_OP(pfsub)
MMX_OP(pfsubr)
MMX_OP(pfmul)
MMX_OP(pfmin)
MMX_OP(pfmax)
MMX_OP(pfcmpeq)
MMX_OP(pfcmpgt)
MMX_OP(pfcmpge)

/* ---- pairs combined ---- */

#define PAIRS(name, low, high)                                                 \
    static void k_##name(struct vec *r, const struct vec *a,                   \
                         const struct vec *b, unsigned n)                      \
    {                                                                          \
        (void)n;                                                               \
        vec_set_u32(r, 0, low(vec_u32(a, 0), vec_u32(a, 1)));                  \
        vec_set_u32(r, 1, high(vec_u32(b, 0), vec_u32(b, 1)));                 \
    }

PAIRS(pfacc, add, add)
PAIRS(pfnacc, sub, sub)
PAIRS(pfpnacc, sub, add)

MMX_OP(pfacc)
MMX_OP(pfnacc)
MMX_OP(pfpnacc)

/* ---- conversions ---- */

static uint32_t from_int(int32_t v)
{
    struct fp_env e = env();

    e.rounding = FP_ROUND_ZERO;
    return i32_to_f32(v, &e);
}

/* Saturated to low ... high. */
static int32_t to_int(uint32_t x, int32_t low, int32_t high)
{
    struct fp_env e = env();
    int64_t v;

    if ((x & 0x7fffffff) >= 0x4f000000) /* 2^31 and beyond */
        return x >> 31 ? low : high;
    v = f32_to_i32_trunc(x, &e);
    return v < low ? low : v > high ? high : (int32_t)v;
}

EACH(pi2fd, 32, from_int((int32_t)y))
EACH(pi2fw, 32, from_int((int16_t)y))
EACH(pf2id, 32, to_int(y, INT32_MIN, INT32_MAX))
EACH(pf2iw, 32, to_int(y, INT16_MIN, INT16_MAX))

MMX_OP(pi2fd)
MMX_OP(pi2fw)
MMX_OP(pf2id)
MMX_OP(pf2iw)

/* ---- reciprocals: the low element, into both ---- */

static uint32_t reciprocal(uint32_t x)
{
    struct fp_env e = env();
    uint32_t r = f32_div(F32_ONE, x, &e);

    return saturate(r, &e);
}

/* The sign is set aside and given to the result. */
static uint32_t reciprocal_root(uint32_t x)
{
    struct fp_env e = env();
    uint32_t sign = x & 1u << 31;
    uint32_t r = f32_div(F32_ONE, f32_sqrt(x ^ sign, &e), &e);

    return saturate(r, &e) | sign;
}

#define BROADCAST(name, fn)                                                    \
    static void k_##name(struct vec *r, const struct vec *a,                   \
                         const struct vec *b, unsigned n)                      \
    {                                                                          \
        (void)a;                                                               \
        (void)n;                                                               \
        vec_set_u32(r, 0, fn(vec_u32(b, 0)));                                  \
        vec_set_u32(r, 1, vec_u32(r, 0));                                      \
    }

BROADCAST(pfrcp, reciprocal)
BROADCAST(pfrsqrt, reciprocal_root)

/* One Newton-Raphson iteration: x the operand, y the approximation (for the
 * root x its square, y the operand); then the product with it. */
EACH(pfrcpit1, 32, sub(F32_TWO, mul(x, y)))
EACH(pfrsqit1, 32, mul(sub(F32_THREE, mul(x, y)), F32_HALF))
EACH(pfrcpit2, 32, mul(x, y))

MMX_OP(pfrcp)
MMX_OP(pfrsqrt)
MMX_OP(pfrcpit1)
MMX_OP(pfrsqit1)
MMX_OP(pfrcpit2)

/* ---- integers ---- */

EACH(pavgusb, 8, (x + y + 1) >> 1)
EACH(pmulhrw, 16, ((int16_t)x * (int16_t)y + 0x8000) >> 16)

static void k_pswapd(struct vec *r, const struct vec *a, const struct vec *b,
                     unsigned n)
{
    (void)a;
    (void)n;
    vec_set_u32(r, 0, vec_u32(b, 1));
    vec_set_u32(r, 1, vec_u32(b, 0));
}

MMX_OP(pavgusb)
MMX_OP(pmulhrw)
MMX_OP(pswapd)

void op_femms(struct cpu *c, const struct decoded *d)
{
    (void)d;
    fpu_mmx_check(c);
    fpu_emms(c);
}

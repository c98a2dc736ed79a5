/*
 * int.c - packed integer arithmetic, comparison and logic.
 *
 * Intel SDM vol. 2. x is the element of the first source, y of the second.
 */
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

/* ---- saturation ---- */

static inline int8_t sat_i8(int v)
{
    return (int8_t)(v > INT8_MAX ? INT8_MAX : v < INT8_MIN ? INT8_MIN : v);
}

static inline uint8_t sat_u8(int v)
{
    return (uint8_t)(v > UINT8_MAX ? UINT8_MAX : v < 0 ? 0 : v);
}

static inline int16_t sat_i16(int v)
{
    return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
}

static inline uint16_t sat_u16(int v)
{
    return (uint16_t)(v > UINT16_MAX ? UINT16_MAX : v < 0 ? 0 : v);
}

/* ---- sums and differences ---- */

EACH(paddb, 8, x + y)
EACH(paddw, 16, x + y)
EACH(paddd, 32, x + y)
EACH(paddq, 64, x + y)
EACH(psubb, 8, x - y)
EACH(psubw, 16, x - y)
EACH(psubd, 32, x - y)
EACH(psubq, 64, x - y)
EACH(paddsb, 8, sat_i8((int8_t)x + (int8_t)y))
EACH(paddsw, 16, sat_i16((int16_t)x + (int16_t)y))
EACH(paddusb, 8, sat_u8(x + y))
EACH(paddusw, 16, sat_u16(x + y))
EACH(psubsb, 8, sat_i8((int8_t)x - (int8_t)y))
EACH(psubsw, 16, sat_i16((int16_t)x - (int16_t)y))
EACH(psubusb, 8, sat_u8(x - y))
EACH(psubusw, 16, sat_u16(x - y))
EACH(pavgb, 8, (x + y + 1) >> 1)
EACH(pavgw, 16, (x + y + 1) >> 1)

MMX_XMM_OP(paddb)
MMX_XMM_OP(paddw)
MMX_XMM_OP(paddd)
MMX_XMM_OP(paddq)
MMX_XMM_OP(psubb)
MMX_XMM_OP(psubw)
MMX_XMM_OP(psubd)
MMX_XMM_OP(psubq)
MMX_XMM_OP(paddsb)
MMX_XMM_OP(paddsw)
MMX_XMM_OP(paddusb)
MMX_XMM_OP(paddusw)
MMX_XMM_OP(psubsb)
MMX_XMM_OP(psubsw)
MMX_XMM_OP(psubusb)
MMX_XMM_OP(psubusw)
MMX_XMM_OP(pavgb)
MMX_XMM_OP(pavgw)

/* ---- products ---- */

static inline int16_t mul_round(uint16_t x, uint16_t y)
{
    return (int16_t)((((int16_t)x * (int16_t)y >> 14) + 1) >> 1);
}

/* The even elements of 32 bits, to 64. */
static inline uint64_t mul_even(uint64_t x, uint64_t y)
{
    return (x & UINT32_MAX) * (y & UINT32_MAX);
}

static inline uint64_t mul_even_signed(uint64_t x, uint64_t y)
{
    return (uint64_t)((int64_t)(int32_t)x * (int32_t)y);
}

/* Two products of 16 bits: the sum wraps in one case, 4 times 8000h. */
static inline uint32_t madd(uint32_t x, uint32_t y)
{
    uint32_t low = (uint32_t)((int16_t)x * (int16_t)y);
    uint32_t high = (uint32_t)((int16_t)(x >> 16) * (int16_t)(y >> 16));

    return low + high;
}

/* Unsigned bytes of the first source times signed ones of the second. */
static inline int16_t maddubs(uint16_t x, uint16_t y)
{
    return sat_i16((x & 0xff) * (int8_t)y + (x >> 8) * (int8_t)(y >> 8));
}

EACH(pmullw, 16, (uint32_t)x *y)
EACH(pmulhw, 16, (int16_t)x *(int16_t)y >> 16)
EACH(pmulhuw, 16, (uint32_t)x *y >> 16)
EACH(pmulhrsw, 16, mul_round(x, y))
EACH(pmulld, 32, x *y)
EACH(pmuludq, 64, mul_even(x, y))
EACH(pmuldq, 64, mul_even_signed(x, y))
EACH(pmaddwd, 32, madd(x, y))
EACH(pmaddubsw, 16, maddubs(x, y))

MMX_XMM_OP(pmullw)
MMX_XMM_OP(pmulhw)
MMX_XMM_OP(pmulhuw)
MMX_XMM_OP(pmulhrsw)
XMM_OP(pmulld)
MMX_XMM_OP(pmuludq)
XMM_OP(pmuldq)
MMX_XMM_OP(pmaddwd)
MMX_XMM_OP(pmaddubsw)

/* ---- comparison, minimum, maximum ---- */

EACH(pcmpeqb, 8, x == y ? 0xff : 0)
EACH(pcmpeqw, 16, x == y ? 0xffff : 0)
EACH(pcmpeqd, 32, x == y ? UINT32_MAX : 0)
EACH(pcmpeqq, 64, x == y ? UINT64_MAX : 0)
EACH(pcmpgtb, 8, (int8_t)x > (int8_t)y ? 0xff : 0)
EACH(pcmpgtw, 16, (int16_t)x > (int16_t)y ? 0xffff : 0)
EACH(pcmpgtd, 32, (int32_t)x > (int32_t)y ? UINT32_MAX : 0)
EACH(pcmpgtq, 64, (int64_t)x > (int64_t)y ? UINT64_MAX : 0)
EACH(pminub, 8, x < y ? x : y)
EACH(pmaxub, 8, x > y ? x : y)
EACH(pminuw, 16, x < y ? x : y)
EACH(pmaxuw, 16, x > y ? x : y)
EACH(pminud, 32, x < y ? x : y)
EACH(pmaxud, 32, x > y ? x : y)
EACH(pminsb, 8, (int8_t)x < (int8_t)y ? x : y)
EACH(pmaxsb, 8, (int8_t)x > (int8_t)y ? x : y)
EACH(pminsw, 16, (int16_t)x < (int16_t)y ? x : y)
EACH(pmaxsw, 16, (int16_t)x > (int16_t)y ? x : y)
EACH(pminsd, 32, (int32_t)x < (int32_t)y ? x : y)
EACH(pmaxsd, 32, (int32_t)x > (int32_t)y ? x : y)

MMX_XMM_OP(pcmpeqb)
MMX_XMM_OP(pcmpeqw)
MMX_XMM_OP(pcmpeqd)
XMM_OP(pcmpeqq)
MMX_XMM_OP(pcmpgtb)
MMX_XMM_OP(pcmpgtw)
MMX_XMM_OP(pcmpgtd)
XMM_OP(pcmpgtq)
MMX_XMM_OP(pminub)
MMX_XMM_OP(pmaxub)
XMM_OP(pminuw)
XMM_OP(pmaxuw)
XMM_OP(pminud)
XMM_OP(pmaxud)
XMM_OP(pminsb)
XMM_OP(pmaxsb)
MMX_XMM_OP(pminsw)
MMX_XMM_OP(pmaxsw)
XMM_OP(pminsd)
XMM_OP(pmaxsd)

/* ---- sign and magnitude ---- */

EACH(psignb, 8, (int8_t)y < 0 ? 0 - x : y ? x : 0)
EACH(psignw, 16, (int16_t)y < 0 ? 0 - x : y ? x : 0)
EACH(psignd, 32, (int32_t)y < 0 ? 0 - x : y ? x : 0)
EACH(pabsb, 8, (int8_t)y < 0 ? 0 - y : y)
EACH(pabsw, 16, (int16_t)y < 0 ? 0 - y : y)
EACH(pabsd, 32, (int32_t)y < 0 ? 0 - y : y)

MMX_XMM_OP(psignb)
MMX_XMM_OP(psignw)
MMX_XMM_OP(psignd)

/* One operand: the first source is not looked at. */
#define XMM_UNARY(name)                                                        \
    static void do_##name(struct cpu *c, const struct decoded *d)              \
    {                                                                          \
        simd_binary(c, d, k_##name);                                           \
    }                                                                          \
    HANDLER(name##_vx_wx, do_##name)                                           \
    HANDLER(v##name##_vx_wx, do_##name)

MMX_OP(pabsb)
MMX_OP(pabsw)
MMX_OP(pabsd)
XMM_UNARY(pabsb)
XMM_UNARY(pabsw)
XMM_UNARY(pabsd)

/* ---- logic ---- */

EACH(pand, 64, x &y)
EACH(pandn, 64, ~x &y)
EACH(por, 64, x | y)
EACH(pxor, 64, x ^ y)

MMX_XMM_OP(pand)
MMX_XMM_OP(pandn)
MMX_XMM_OP(por)
MMX_XMM_OP(pxor)

#define LOGIC(name, as)                                                        \
    HANDLER(name##ps_vps_wps, do_##as)                                         \
    HANDLER(name##pd_vpd_wpd, do_##as)                                         \
    HANDLER(v##name##ps_vps_hps_wps, do_##as)                                  \
    HANDLER(v##name##pd_vpd_hpd_wpd, do_##as)

LOGIC(and, pand)
LOGIC(andn, pandn)
LOGIC(or, por)
LOGIC(xor, pxor)

/* ---- sums across ---- */

/* Sum of absolute differences of eight bytes. */
static ALWAYS_INLINE void k_psadbw(struct vec *r, const struct vec *a,
                                   const struct vec *b, unsigned n)
{
    for (unsigned i = 0; i < n; i += 8) {
        unsigned sum = 0;

        for (unsigned k = i; k < i + 8; k++)
            sum += a->b[k] > b->b[k] ? (unsigned)(a->b[k] - b->b[k])
                                     : (unsigned)(b->b[k] - a->b[k]);
        vec_set_u64(r, i / 8, sum);
    }
}

MMX_XMM_OP(psadbw)

/* Neighbours x and y combined: of the first source into the low half of a
 * lane, of the second into the high half. */
#define HORIZONTAL(name, bits, expr)                                           \
    static ALWAYS_INLINE void k_##name(struct vec *r, const struct vec *a,     \
                                       const struct vec *b, unsigned n)        \
    {                                                                          \
        const unsigned per = simd_lane(n) / (bits / 8);                        \
                                                                               \
        for (unsigned i = 0; i < n / (bits / 8); i++) {                        \
            const struct vec *v = i % per < per / 2 ? a : b;                   \
            unsigned k = i / per * per + i % (per / 2) * 2;                    \
            uint##bits##_t x = vec_u##bits(v, k), y = vec_u##bits(v, k + 1);   \
                                                                               \
            vec_set_u##bits(r, i, (uint##bits##_t)(expr));                     \
        }                                                                      \
    }

HORIZONTAL(phaddw, 16, x + y)
HORIZONTAL(phaddd, 32, x + y)
HORIZONTAL(phaddsw, 16, sat_i16((int16_t)x + (int16_t)y))
HORIZONTAL(phsubw, 16, x - y)
HORIZONTAL(phsubd, 32, x - y)
HORIZONTAL(phsubsw, 16, sat_i16((int16_t)x - (int16_t)y))

MMX_XMM_OP(phaddw)
MMX_XMM_OP(phaddd)
MMX_XMM_OP(phaddsw)
MMX_XMM_OP(phsubw)
MMX_XMM_OP(phsubd)
MMX_XMM_OP(phsubsw)

/* Sums of four absolute differences: imm8 bits 1-0 choose the block of the
 * second source, bit 2 the offset in the first; 5-3 for the upper lane. */
static void k_mpsadbw(struct vec *r, const struct vec *a, const struct vec *b,
                      unsigned n, unsigned imm)
{
    for (unsigned lane = 0; lane < n; lane += 16, imm >>= 3) {
        const uint8_t *x = a->b + lane + (imm & 4);
        const uint8_t *y = b->b + lane + 4 * (imm & 3);

        for (unsigned i = 0; i < 8; i++) {
            unsigned sum = 0;

            for (unsigned k = 0; k < 4; k++)
                sum += x[i + k] > y[k] ? (unsigned)(x[i + k] - y[k])
                                       : (unsigned)(y[k] - x[i + k]);
            vec_set_u16(r, lane / 2 + i, (uint16_t)sum);
        }
    }
}

HANDLER1(mpsadbw_vx_wx_ib, simd_binary_imm, k_mpsadbw)
HANDLER1(vmpsadbw_vx_hx_wx_ib, simd_binary_imm, k_mpsadbw)

/* The smallest word and its index. */
static void phminposuw(struct cpu *c, const struct decoded *d)
{
    struct vec tmp, r = {{0}};
    const struct vec *v = simd_src(c, d, &tmp);
    unsigned at = 0;

    for (unsigned i = 1; i < 8; i++) {
        if (vec_u16(v, i) < vec_u16(v, at))
            at = i;
    }
    vec_set_u16(&r, 0, vec_u16(v, at));
    vec_set_u16(&r, 1, (uint16_t)at);
    simd_commit(c, d, &r);
}

HANDLER(phminposuw_vdq_wdq, phminposuw)
HANDLER(vphminposuw_vdq_wdq, phminposuw)

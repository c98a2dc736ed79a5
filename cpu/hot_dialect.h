/*
 * HOT: hot_dialect.h - the vocabulary of hot handler bodies.
 *
 * Bodies in hot_ops.inc are written once with these words. Each hot_*.c file
 * defines how a memory operand is reached (the EA, LOAD, STORE words) and
 * includes the bodies; everything else is the same in all tables. Words:
 *   R8 R16 R32 R64(o)         register at byte offset o
 *   W8 W16 W32 W64(o, v)      write it; W32 clears the upper half
 *   LOADz(v) STOREz(v)        memory operand of the instruction
 *   RMWz(v), RMWPUTz(v)       read it with write permission, write it back
 *   NEXT                      go on with the next slot
 *   MISS                      start over in the slow twin; nothing is done yet
 *   JUMP_DIRECT, JUMP_TO(v, commit)   branches
 *   FL*_...                   flags; FLN_... are the dead-flag twins
 */
#ifndef CPU_HOT_DIALECT_H
#define CPU_HOT_DIALECT_H

#include "cpu/hot.h"
#include "cpu/icache.h"

#define HOT_ARGS struct cpu *c, int64_t budget, struct insn *i

#if HOT_LOOP
#define HOT_RET struct insn *
#define HOT_CALL(f) return f(c, budget, i)
#define HOT_GO                                                                 \
    do {                                                                       \
        c->budget = budget;                                                    \
        return i;                                                              \
    } while (0)
#define HOT_OUT return NULL
#else
#define HOT_RET void
/* gcc turns a call before a return into a jump; clang is told to. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpedantic"
#define HOT_CALL(f) __attribute__((musttail)) return f(c, budget, i)
#define HOT_GO      __attribute__((musttail)) return i->fn(c, budget, i)
#else
#define HOT_CALL(f)                                                            \
    do {                                                                       \
        f(c, budget, i);                                                       \
        return;                                                                \
    } while (0)
#define HOT_GO                                                                 \
    do {                                                                       \
        i->fn(c, budget, i);                                                   \
        return;                                                                \
    } while (0)
#endif
#define HOT_OUT return
#endif

/* Without OPAQUE gcc keeps both the old slot and the new one and needs twice
 * the instructions to go on. */
#define NEXT                                                                   \
    do {                                                                       \
        i++;                                                                   \
        OPAQUE(i);                                                             \
        HOT_GO;                                                                \
    } while (0)

/* Registers by byte offset: AH is offset 1 on a little-endian host; the
 * builder adjusts offsets on big-endian ones. */
#define REG_AT(T, o) (*(T *)(void *)((char *)c->gpr + (o)))
#define R8(o)        REG_AT(uint8_t, o)
#define R16(o)       REG_AT(uint16_t, o)
#define R32(o)       REG_AT(uint32_t, o)
#define R64(o)       REG_AT(uint64_t, o)
#define W8(o, v)     (R8(o) = (uint8_t)(v))
#define W16(o, v)    (R16(o) = (uint16_t)(v))
#define W32(o, v)                                                              \
    (REG_AT(uint64_t, HOST_BIG_ENDIAN ? (o)&0xf8 : (o)) = (uint32_t)(v))
#define W64(o, v) (R64(o) = (uint64_t)(v))

/* Implicit registers. */
#define REG8_AL  (*(uint8_t *)((char *)&c->gpr[RAX] + 7 * HOST_BIG_ENDIAN))
#define REG8_CL  ((uint8_t)c->gpr[RCX])

#define SX(z, v)  ((uint64_t)(int64_t)(int##z##_t)(v))
#define IMMz(z)   ((uint##z##_t)i->imm)

/* ---- flags (cpu/flags.h explains the kinds) ---- */
/* y first: that of INC and DEC is made from the CF that is still there. */
#define FL_SET(k, x, y)                                                        \
    (c->fl_b = (y), c->fl_a = (x), c->fl_kind = (uint32_t)(k))
/* CF and OF in the form of FL_RAW's fl_b. */
#define CO(cf, of)                                                             \
    (((uint64_t)(cf) << 63) | ((uint64_t)((cf) ^ (of)) << 62))
/* Carry vector of an addition or subtraction, moved to the top. */
#define CARRIES(z, cv)                                                         \
    ((z) == 64 ? (uint64_t)(cv)                                                \
               : ((uint64_t)(cv) << (64 - (z))) | ((cv)&8))
#define CV_ADD(z, a, b, r) ((uint##z##_t)(((a) & (b)) | (((a) | (b)) & ~(r))))
#define CV_SUB(z, a, b, r) ((uint##z##_t)((~(a) & (b)) | (~((a) ^ (b)) & (r))))

#define FLY_ADD(z, a, b, r) FL_SET(FL_ADD##z, SX(z, r), SX(z, b))
#define FLY_SUB(z, a, b, r) FL_SET(FL_SUB##z, SX(z, a), SX(z, b))
#define FLY_LOG(z, r)       (c->fl_a = SX(z, r), c->fl_kind = FL_LOG)
#define FLY_ADC(z, a, b, r)                                                    \
    FL_SET(FL_RAW, SX(z, r), CARRIES(z, CV_ADD(z, a, b, r)))
#define FLY_SBB(z, a, b, r)                                                    \
    FL_SET(FL_RAW, SX(z, r), CARRIES(z, CV_SUB(z, a, b, r)))
#define FLY_INC(z, a, r) FL_SET(FL_INC##z, SX(z, r), hot_cf(c))
#define FLY_DEC(z, a, r) FL_SET(FL_DEC##z, SX(z, r), hot_cf(c))
#define FLY_CO(z, r, cf, of) FL_SET(FL_RAW, SX(z, r), CO(cf, of))

#define FLN_ADD(z, a, b, r)
#define FLN_SUB(z, a, b, r)
#define FLN_LOG(z, r)
#define FLN_ADC(z, a, b, r)
#define FLN_SBB(z, a, b, r)
#define FLN_INC(z, a, r)
#define FLN_DEC(z, a, r)
#define FLN_CO(z, r, cf, of) ((void)(cf), (void)(of))

/* CF from whatever kind is there; no call. Most often there was a sum, which is
 * smaller than an operand, or a difference. */
static ALWAYS_INLINE uint64_t hot_cf(const struct cpu *c)
{
    uint32_t kind = c->fl_kind;

    if (LIKELY(kind - FL_SUB8 <= FL_ADD64 - FL_SUB8))
        return c->fl_a < c->fl_b;
    if (kind >= FL_INC8)
        return c->fl_b;
    if (kind == FL_LOG)
        return 0;
    return kind == FL_RAW ? c->fl_b >> 63 : c->rflags & 1;
}

static ALWAYS_INLINE bool hot_parity(uint64_t v)
{
    return !__builtin_parity((uint8_t)v);
}

/* Bits set in v, without a call on any host. */
static ALWAYS_INLINE unsigned hot_popcount(uint64_t v)
{
    v -= (v >> 1) & UINT64_C(0x5555555555555555);
    v = (v & UINT64_C(0x3333333333333333)) +
        ((v >> 2) & UINT64_C(0x3333333333333333));
    v = (v + (v >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)((v * UINT64_C(0x0101010101010101)) >> 56);
}

/* Conditions after FL_SUBz: both operands sign-extended, so that one compare
 * serves all sizes. O, S, P (cc 0, 1, 8-11) need the size and are not
 * offered. */
#define COND_SUB_2 (c->fl_a < c->fl_b)
#define COND_SUB_4 (c->fl_a == c->fl_b)
#define COND_SUB_6 (c->fl_a <= c->fl_b)
#define COND_SUB_12 ((int64_t)c->fl_a < (int64_t)c->fl_b)
#define COND_SUB_14 ((int64_t)c->fl_a <= (int64_t)c->fl_b)
#define COND_SUB_3  (!COND_SUB_2)
#define COND_SUB_5  (!COND_SUB_4)
#define COND_SUB_7  (!COND_SUB_6)
#define COND_SUB_13 (!COND_SUB_12)
#define COND_SUB_15 (!COND_SUB_14)
/* After FL_LOG: CF and OF are 0. */
#define COND_LOG_4  (c->fl_a == 0)
#define COND_LOG_5  (c->fl_a != 0)
#define COND_LOG_6  COND_LOG_4
#define COND_LOG_7  COND_LOG_5
#define COND_LOG_8  ((int64_t)c->fl_a < 0)
#define COND_LOG_9  ((int64_t)c->fl_a >= 0)
#define COND_LOG_12 COND_LOG_8
#define COND_LOG_13 COND_LOG_9
#define COND_LOG_14 ((int64_t)c->fl_a <= 0)
#define COND_LOG_15 ((int64_t)c->fl_a > 0)
/* From a raw word. */
#define RAW_OF ((c->fl_b ^ (c->fl_b << 1)) >> 63)
#define RAW_CF (c->fl_b >> 63)
#define RAW_SF (c->fl_a >> 63)

/*
 * Any condition of FL_RAW, FL_LOG, FL_SUBz and FL_ADDz; FL_EFLAGS as well.
 * Out of line work is never needed, so that Jcc stays free of calls.
 */
static ALWAYS_INLINE bool hot_cond(const struct cpu *c, unsigned cc)
{
    uint64_t a = c->fl_a, b = c->fl_b, r = a, of = 0, cf = 0;
    bool pf;

    switch (c->fl_kind) {
    case FL_EFLAGS: {
        uint64_t f = c->rflags;
        uint64_t s = (f >> 7) & 1, o = (f >> 11) & 1, z = (f >> 6) & 1;
        bool v = false;

        switch (cc >> 1) {
        case 0:
            v = o;
            break;
        case 1:
            v = f & 1;
            break;
        case 2:
            v = z;
            break;
        case 3:
            v = (f & 1) | z;
            break;
        case 4:
            v = s;
            break;
        case 5:
            v = (f >> 2) & 1;
            break;
        case 6:
            v = s ^ o;
            break;
        default:
            v = (s ^ o) | z;
            break;
        }
        return v ^ (cc & 1);
    }
    case FL_RAW:
        of = RAW_OF;
        cf = RAW_CF;
        break;
    case FL_LOG:
        break;
#define SUB_CASE(z)                                                            \
    case FL_SUB##z:                                                            \
        r = SX(z, a - b);                                                      \
        of = ((a ^ b) & (a ^ r)) >> 63;                                        \
        cf = a < b;                                                            \
        break;
    SUB_CASE(8)
    SUB_CASE(16)
    SUB_CASE(32)
    SUB_CASE(64)
#undef SUB_CASE
#define ADD_CASE(z)                                                            \
    case FL_ADD##z: {                                                          \
        uint64_t x = SX(z, a - b);                                             \
        of = ((r ^ x) & (r ^ b)) >> 63;                                        \
        cf = a < b;                                                            \
        break;                                                                 \
    }
    ADD_CASE(8)
    ADD_CASE(16)
    ADD_CASE(32)
    ADD_CASE(64)
#undef ADD_CASE
#define COUNT_CASE(z)                                                          \
    case FL_INC##z:                                                            \
        of = a == SX(z, UINT64_C(1) << ((z)-1));                               \
        cf = b;                                                                \
        break;                                                                 \
    case FL_DEC##z:                                                            \
        of = a == SX(z, (UINT64_C(1) << ((z)-1)) - 1);                         \
        cf = b;                                                                \
        break;
    COUNT_CASE(8)
    COUNT_CASE(16)
    COUNT_CASE(32)
    COUNT_CASE(64)
#undef COUNT_CASE
    default:
        break;
    }
    pf = hot_parity(r);
    switch (cc >> 1) {
    case 0:
        return of ^ (cc & 1);
    case 1:
        return cf ^ (cc & 1);
    case 2:
        return (r == 0) ^ (cc & 1);
    case 3:
        return (cf || r == 0) ^ (cc & 1);
    case 4:
        return (r >> 63) ^ (cc & 1);
    case 5:
        return pf ^ (cc & 1);
    case 6:
        return ((r >> 63) ^ of) ^ (cc & 1);
    default:
        return (((r >> 63) ^ of) || r == 0) ^ (cc & 1);
    }
}

/* ---- leaving a trace ---- */
/* The slot has the price of the trace ready, and what is not linked leads to
 * its stop: no question is asked but that of the deadline. */
#define JUMP_DIRECT                                                            \
    do {                                                                       \
        budget += i->pay;                                                      \
        i = i->link;                                                           \
        if (UNLIKELY(budget < 0))                                              \
            HOT_CALL(hot_budget_out);                                          \
        HOT_GO;                                                                \
    } while (0)

#endif

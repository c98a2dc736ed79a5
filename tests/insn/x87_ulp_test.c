/*
 * x87_ulp_test.c - how far the x87's transcendental functions are from the
 * true values, over their ranges, and how often they equal the host's
 * processor bit for bit.
 *
 * The bound is 1 unit in the last place in each rounding mode (SDM vol. 1,
 * 8.3.10: "less than 1 ulp"), and a half and a bit to nearest. Angles are
 * reduced by the 66-bit pi (8.3.8), of which the true value is taken as well.
 */
#include "cpu/softfloat/f80math.h"
#include "tests/insn/big.h"
#include "tests/insn/oracle_gen.h"
#include "tests/tap.h"
#include <math.h>

enum { CASES = 4000 };

enum function { SIN, COS, TAN, ATAN2, EXP2M1, YLOG2X, YLOG2XP1, FUNCTIONS };

struct measured {
    double ours, nearest, host; /* largest errors */
    unsigned cases, same;
};

/* ---- operands ---- */

static struct f80 any(struct gen *g, int lowest, int highest)
{
    int e = lowest + (int)gen_below(g, (unsigned)(highest - lowest + 1));
    uint64_t frac = gen_next(g) | UINT64_C(1) << 63;

    if (gen_one_in(g, 8))
        frac = UINT64_C(1) << 63 | gen_below(g, 16);
    else if (gen_one_in(g, 8))
        frac = UINT64_MAX - gen_below(g, 16);
    return f80_make((uint16_t)((16383 + e) | (gen_next(g) & 0x8000)), frac);
}

/* The nearest to a multiple of half pi, where most is lost. */
static struct f80 near_multiple(struct gen *g)
{
    uint128 half = (uint128)UINT64_C(0xc90fdaa22168c234) << 2 | 3;
    uint128 v = half * (1 + gen_below(g, 1u << gen_below(g, 30)));
    int e = 0;

    while (v >> 64) {
        v = (v >> 1) + (v >> 64 == 1 && v & 1);
        e++;
    }
    /* 66 bits are pi: half pi * 2^65. */
    return f80_make((uint16_t)(16383 - 65 + 63 + e), (uint64_t)v);
}

static struct f80 operand(struct gen *g, enum function f, bool second)
{
    struct f80 r;

    switch (f) {
    case SIN:
    case COS:
    case TAN:
        return gen_one_in(g, 4) ? near_multiple(g)
                                : any(g, gen_one_in(g, 4) ? -1000 : -20, 62);
    case EXP2M1:
        return any(g, gen_one_in(g, 4) ? -1000 : -10, -1);
    case ATAN2:
        return any(g, -30, 30);
    case YLOG2X:
        r = any(g, gen_one_in(g, 2) ? -8000 : -2, second ? 8000 : 1);
        r.se &= second ? 0xffff : 0x7fff;
        return r;
    default: /* |x| < 1 - sqrt(1/2) */
        r = second ? any(g, -1000, 1000) : any(g, -300, -2);
        if (!second && (r.se & 0x7fff) == 16381)
            r.frac = (r.frac >> 3) | UINT64_C(1) << 63;
        return r;
    }
}

/* ---- values ---- */

static struct big big_of(struct f80 a)
{
    return big_from(a.se >> 15, (a.se & 0x7fff) - 16383 - 63, a.frac);
}

static struct big angle(enum function f, struct f80 a)
{
    unsigned q;
    struct big s, c, r = big_reduce(big_of(a), &q);

    big_sincos(r, &s, &c);
    if (f == TAN)
        return q & 1 ? big_neg(big_div(c, s)) : big_div(s, c);
    if (f == COS)
        q++;
    r = q & 1 ? c : s;
    return q & 2 ? big_neg(r) : r;
}

static struct big truth(enum function f, struct f80 a, struct f80 b)
{
    switch (f) {
    case ATAN2:
        return big_atan2(big_of(a), big_of(b));
    case EXP2M1:
        return big_exp2m1(big_of(a));
    case YLOG2X:
        return big_mul(big_of(b), big_log2(big_of(a)));
    case YLOG2XP1:
        return big_mul(big_of(b), big_log2_1p(big_of(a)));
    default:
        return angle(f, a);
    }
}

static struct f80 ours(enum function f, struct f80 a, struct f80 b,
                       unsigned rounding)
{
    struct fp_env e = fp_env_x87((uint16_t)(0x37f | rounding << 10));
    struct f80 r = {0};

    switch (f) {
    case SIN:
        f80_sin(a, &r, &e);
        return r;
    case COS:
        f80_cos(a, &r, &e);
        return r;
    case TAN:
        f80_tan(a, &r, &e);
        return r;
    case ATAN2:
        return f80_atan2(a, b, &e);
    case EXP2M1:
        return f80_exp2m1(a, &e);
    case YLOG2X:
        return f80_ylog2x(b, a, &e);
    default:
        return f80_ylog2xp1(b, a, &e);
    }
}

/* In units of the last of 64 bits of the true value. */
static double error(struct f80 r, struct big want)
{
    struct big d = big_add(big_of(r), big_neg(want));

    if (big_is_zero(&d))
        return 0;
    if (d.exp - want.exp > 8)
        return 1e9;
    if (d.exp - want.exp < -128)
        return 0;
    return ldexp((double)d.m[3], d.exp - want.exp);
}

static bool normal(struct f80 r)
{
    unsigned e = r.se & 0x7fff;

    return e > 0 && e < 0x7fff;
}

/* ---- the host ---- */

#if defined(__x86_64__)

static bool have_host(void)
{
    return true;
}

static struct f80 host(enum function f, struct f80 a, struct f80 b)
{
    uint8_t x[16] = {0}, y[16] = {0};
    struct f80 r;

    memcpy(x, &a.frac, 8);
    memcpy(x + 8, &a.se, 2);
    memcpy(y, &b.frac, 8);
    memcpy(y + 8, &b.se, 2);
#define X87(code)                                                              \
    __asm__ volatile("fldt %1\nfldt %0\n" code "\nfstpt %0\nfinit"             \
                     : "+m"(x)                                                 \
                     : "m"(y)                                                  \
                     : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)",      \
                       "st(6)", "st(7)")
    if (f == SIN)
        X87("fsin");
    else if (f == COS)
        X87("fcos");
    else if (f == TAN)
        X87("fptan\nfstp %%st(0)");
    else if (f == ATAN2)
        X87("fxch\nfstp %%st(1)\nfldt %0\nfldt %1\nfpatan");
    else if (f == EXP2M1)
        X87("f2xm1");
    else if (f == YLOG2X)
        X87("fyl2x");
    else
        X87("fyl2xp1");
#undef X87
    memcpy(&r.frac, x, 8);
    memcpy(&r.se, x + 8, 2);
    return r;
}

#else

static bool have_host(void)
{
    return false;
}

static struct f80 host(enum function f, struct f80 a, struct f80 b)
{
    (void)f;
    (void)b;
    return a;
}

#endif

/* ---- measuring ---- */

static void larger(double *max, double v)
{
    if (v > *max)
        *max = v;
}

static void measure(struct gen *g, enum function f, struct measured *m)
{
    for (unsigned n = 0; n < CASES; n++) {
        struct f80 a = operand(g, f, false), b = operand(g, f, true), r, h;
        unsigned rounding = gen_below(g, 4);
        struct big want;

        r = ours(f, a, b, FP_ROUND_NEAREST);
        if (!normal(r) || (f == YLOG2X && a.frac == UINT64_C(1) << 63))
            continue;
        want = truth(f, a, b);
        m->cases++;
        larger(&m->nearest, error(r, want));
        larger(&m->ours, error(ours(f, a, b, rounding), want));
        if (!have_host())
            continue;
        h = host(f, a, b);
        m->same += h.se == r.se && h.frac == r.frac;
        larger(&m->host, error(h, want));
    }
}

int main(void)
{
    static const char *const names[] = {"FSIN",  "FCOS",  "FPTAN",  "FPATAN",
                                        "F2XM1", "FYL2X", "FYL2XP1"};
    struct tap tap = {0};
    static struct gen g;

    g.seed = 1;
    for (unsigned f = 0; f < FUNCTIONS; f++) {
        struct measured m = {0};

        measure(&g, (enum function)f, &m);
        printf("# | %s | %.4f | %.4f | ", names[f], m.nearest, m.ours);
        if (have_host())
            printf("%.4f | %.2f %% |\n", m.host,
                   100.0 * m.same / (m.cases ? m.cases : 1));
        else
            printf("- | - |\n");
        tap_ok(&tap, m.cases > CASES / 2, "%s: %u cases", names[f], m.cases);
        tap_ok(&tap, m.nearest <= 0.501, "%s to nearest: at most %.4f units",
               names[f], m.nearest);
        tap_ok(&tap, m.ours <= 1.0, "%s in any mode: at most %.4f units",
               names[f], m.ours);
    }
    return tap_done(&tap);
}

/*
 * oracle_state.c - chance, values worth trying, states to start from.
 */
#include "tests/insn/oracle_gen.h"

/* ---- chance ---- */

uint64_t gen_next(struct gen *g)
{
    uint64_t z = g->seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

unsigned gen_below(struct gen *g, unsigned n)
{
    return (unsigned)(gen_next(g) >> 33) % n;
}

uint64_t gen_value(struct gen *g)
{
    uint64_t v = gen_next(g);

    switch (gen_below(g, 14)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    case 2:
        return UINT64_C(1) << (v & 63);
    case 3:
        return v & 0xff;
    case 4:
        return (uint64_t)(int32_t)v;
    case 5:
        return UINT64_C(0x8000000000000000) >> (v & 1 ? 32 : 0);
    case 6:
        return (UINT64_C(1) << (v & 63)) - 1;
    case 7:
        return v & 1 ? 0x8080 : 0x7f7f7f7f;
    case 8:
        return ~(v & 0xff);
    case 9: { /* equal halves: comparisons that come out equal */
        v &= 0xff;
        return v * UINT64_C(0x0101010101010101);
    }
    default:
        return v;
    }
}

/* Doubles and pairs of floats worth trying. */
static uint64_t float_value(struct gen *g)
{
    static const uint64_t odd[] = {
        0,
        UINT64_C(0x8000000000000000),
        UINT64_C(0x3ff0000000000000),
        UINT64_C(0xbff0000000000000),
        UINT64_C(0x7ff0000000000000),
        UINT64_C(0xfff0000000000000),
        UINT64_C(0x7ff8000000000001),
        UINT64_C(0x7ff0000000000001),
        1,
        UINT64_C(0x000fffffffffffff),
        UINT64_C(0x7fefffffffffffff),
        UINT64_C(0x4000000000000000),
        UINT64_C(0x3fe0000000000000),
        UINT64_C(0x41dfffffffc00000),
        UINT64_C(0x7f8000003f800000),
        UINT64_C(0x7fc00000ff800001),
        UINT64_C(0x0000000180000000),
        UINT64_C(0x3f8000003f800000),
        UINT64_C(0x00000001007fffff),
    };
    uint64_t v = gen_next(g);

    switch (gen_below(g, 4)) {
    case 0:
        return odd[v % ARRAY_LEN(odd)];
    case 1: /* a double around 1 */
        return (v & UINT64_C(0x800fffffffffffff)) |
               (uint64_t)(0x3ff - 32 + gen_below(g, 64)) << 52;
    case 2: /* two floats around 1 */
        return (v & UINT64_C(0x807fffff807fffff)) |
               (uint64_t)(0x7f - 16 + gen_below(g, 32)) << 55 |
               (uint64_t)(0x7f - 16 + gen_below(g, 32)) << 23;
    default:
        return v;
    }
}

/* ---- states ---- */

void gen_data(struct gen *g, uint8_t *data, unsigned n)
{
    for (unsigned k = 0; k < n; k += 8)
        st_le64(data + k, gen_one_in(g, 3) ? float_value(g) : gen_value(g));
}

/* Where conversions to integers and decimals begin to fail; 1. */
static struct f80 x87_edge(struct gen *g)
{
    static const struct f80 edge[] = {
        {.se = 0x3fff, .frac = UINT64_C(0x8000000000000000)},
        {.se = 0x400d, .frac = UINT64_C(0xfffe000000000000)},
        {.se = 0x400e, .frac = UINT64_C(0x8000000000000000)},
        {.se = 0x401d, .frac = UINT64_C(0xfffffffe00000000)},
        {.se = 0x401e, .frac = UINT64_C(0x8000000000000000)},
        {.se = 0x403d, .frac = UINT64_C(0xfffffffffffffffe)},
        {.se = 0x403e, .frac = UINT64_C(0x8000000000000000)},
        {.se = 0x403a, .frac = UINT64_C(0xde0b6b3a763ffff0)}, /* 10^18 - 1 */
        {.se = 0x403a, .frac = UINT64_C(0xde0b6b3a76400000)}, /* 10^18 */
    };
    struct f80 r = edge[gen_below(g, ARRAY_LEN(edge))];

    if (gen_one_in(g, 2))
        r.se |= 0x8000;
    return r;
}

static void gen_x87(struct gen *g, struct exec_state *s)
{
    struct fpu *f = &s->fpu;

    f->cw = 0x37f;
    if (gen_one_in(g, 3))
        f->cw = (uint16_t)(0x7f | gen_below(g, 4) << 10 |
                           (gen_below(g, 3) + 1) % 4 << 8);
    if ((f->cw & 0x300) == 0x100)
        f->cw |= 0x300;
    f->sw = (uint16_t)(gen_below(g, 8) << 11 | gen_below(g, 8) << 8);
    if (g->unmasked && gen_one_in(g, 3)) { /* each set of masks and flags */
        f->cw = (uint16_t)((f->cw & ~0x3fu) | gen_below(g, 64));
        f->sw |= (uint16_t)gen_below(g, 64);
        if (gen_below(g, 4)) /* nothing is pending */
            f->sw &= (uint16_t) ~(~f->cw & 0x3fu);
        if (f->sw & ~f->cw & 0x3f)
            f->sw |= 0x8080;
    }
    f->tw = 0;
    for (unsigned n = 0; n < 8; n++) {
        struct f80 *r = &f->r[n];
        unsigned tag = 0;

        r->frac = gen_next(g) | UINT64_C(1) << 63;
        r->se = (uint16_t)((gen_next(g) & 0x8000) |
                           (0x3fff - 40 + gen_below(g, 80)));
        switch (gen_below(g, 10)) {
        case 0:
            *r = (struct f80){.se = r->se & 0x8000};
            tag = 1;
            break;
        case 1:
            r->frac = UINT64_C(1) << 63;
            r->se |= 0x7fff;
            tag = 2;
            break;
        case 2:
            r->frac |= UINT64_C(3) << 62;
            r->se |= 0x7fff;
            tag = 2;
            break;
        case 3:
            r->frac &= ~(UINT64_C(1) << 62);
            r->frac |= 1;
            r->se |= 0x7fff;
            tag = 2;
            break;
        case 6:
            if (g->unmasked)
                *r = x87_edge(g);
            break;
        case 5: /* denormals, pseudo-denormals, what no operation makes */
            if (!g->unmasked)
                break;
            r->se = gen_one_in(g, 2) ? r->se & 0x8000 : r->se;
            r->frac = gen_next(g) >> gen_below(g, 64);
            r->frac |= !r->frac;
            tag = !(r->se & 0x7fff) || !(r->frac >> 63) ? 2 : 0;
            break;
        case 4:
            r->frac = UINT64_C(1) << 63 | (uint64_t)gen_below(g, 2000)
                                              << gen_below(g, 50);
            break;
        default:
            break;
        }
        if (gen_one_in(g, 10))
            tag = 3;
        f->tw |= (uint16_t)(tag << 2 * n);
    }
}

void gen_state(struct gen *g, struct exec_state *s)
{
    uint64_t b = g->bits == 16 ? 0 : EXEC_DATA;
    uint64_t m = g->bits == 64 ? UINT64_MAX : UINT32_MAX;

    exec_state_init(s, g->bits, 3);
    for (unsigned n = 0; n < 16; n++)
        s->gpr[n] = g->bits != 64 && n > 7 ? 0 : gen_value(g) & m;
    s->gpr[RBX] = b + 0x400 + gen_below(g, 0x800);
    s->gpr[RSP] = b + 0x1000 + (gen_below(g, 0x400) & ~7u);
    s->gpr[RBP] = b + 0x600 + gen_below(g, 0x400);
    s->gpr[RSI] = b + 0x800 + gen_below(g, 0x400);
    s->gpr[RDI] = b + 0xc00 + gen_below(g, 0x800);
    if (gen_one_in(g, 3)) { /* aligned, and at the end of a page */
        s->gpr[RBX] &= ~UINT64_C(31);
        s->gpr[RSI] &= ~UINT64_C(31);
        s->gpr[RDI] = b + 0x1000 - gen_below(g, 16);
    }
    if (!gen_one_in(g, 3))
        s->gpr[RCX] &= 0xff;
    if (g->bits == 64) {
        s->gpr[9] &= gen_one_in(g, 4) ? m : 0x3ff;
        s->gpr[12] = b + 0x900;
        s->gpr[13] = b + 0x1c00 - gen_below(g, 64);
        s->gpr[14] = b + 0x700 + gen_below(g, 0x100);
        s->fs_base = b + 0x200 - (gen_one_in(g, 2) ? b : 0);
        s->gs_base = b + 0x300 - (gen_one_in(g, 2) ? b : 0);
    }
    s->rflags = 0x202 | (gen_next(g) & EFL_ARITH) |
                (gen_one_in(g, 8) ? EFL_DF : 0) |
                (gen_one_in(g, 10) ? EFL_AC : 0);
    gen_x87(g, s);
    s->mxcsr = 0x1f80;
    if (gen_one_in(g, 3))
        s->mxcsr |= gen_below(g, 4) << 13 | (gen_one_in(g, 3) ? 0x8000 : 0) |
                    (gen_one_in(g, 3) ? 0x40 : 0);
    if (g->unmasked && gen_one_in(g, 4)) {
        s->mxcsr &= ~0x1fbfu;
        s->mxcsr |= gen_below(g, 64) << 7 | gen_below(g, 64);
    }
    for (unsigned n = 0; n < 16; n++)
        for (unsigned k = 0; k < 4; k++)
            vec_set_u64(&s->vec[n], k,
                        gen_one_in(g, 2) ? gen_value(g) : float_value(g));
}

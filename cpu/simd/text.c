/*
 * text.c - the string comparisons of SSE4.2: PCMPESTRI, PCMPISTRM and so on.
 *
 * Intel SDM vol. 1, 12.10.6 to 12.10.8 and vol. 2, 4.1. The first source (a)
 * is the set or pattern, the second (b) the text.
 */
#include "cpu/flags.h"
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

/* imm8. */
enum {
    WORDS = 1, /* else bytes */
    SIGNED = 2,
    AGGREGATE = 3 << 2,
    EQUAL_ANY = 0 << 2,
    RANGES = 1 << 2,
    EQUAL_EACH = 2 << 2,
    EQUAL_ORDERED = 3 << 2,
    NEGATE = 1 << 4,
    VALID_ONLY = 1 << 5, /* negate valid elements only */
    MOST = 1 << 6,       /* index of the highest bit; mask of elements */
};

struct text {
    const struct vec *a, *b;
    unsigned length_a, length_b, count, imm;
};

static int32_t element(const struct vec *v, unsigned i, unsigned imm)
{
    switch (imm & (WORDS | SIGNED)) {
    case 0:
        return vec_u8(v, i);
    case WORDS:
        return vec_u16(v, i);
    case SIGNED:
        return (int8_t)vec_u8(v, i);
    default:
        return (int16_t)vec_u16(v, i);
    }
}

static bool same(const struct text *t, unsigned a, unsigned b)
{
    return element(t->a, a, t->imm) == element(t->b, b, t->imm);
}

static bool in_set(const struct text *t, unsigned i)
{
    for (unsigned k = 0; k < t->length_a; k++) {
        if (same(t, k, i))
            return true;
    }
    return false;
}

static bool in_ranges(const struct text *t, unsigned i)
{
    int32_t v = element(t->b, i, t->imm);

    for (unsigned k = 0; k + 1 < t->length_a; k += 2) {
        if (v >= element(t->a, k, t->imm) && v <= element(t->a, k + 1, t->imm))
            return true;
    }
    return false;
}

/* The pattern begins at i, as far as both can be seen. */
static bool begins(const struct text *t, unsigned i)
{
    for (unsigned k = 0; k < t->length_a && i + k < t->count; k++) {
        if (i + k >= t->length_b || !same(t, k, i + k))
            return false;
    }
    return true;
}

static bool matches(const struct text *t, unsigned i)
{
    switch (t->imm & AGGREGATE) {
    case EQUAL_ANY:
        return i < t->length_b && in_set(t, i);
    case RANGES:
        return i < t->length_b && in_ranges(t, i);
    case EQUAL_EACH:
        if (i >= t->length_a || i >= t->length_b)
            return i >= t->length_a && i >= t->length_b;
        return same(t, i, i);
    default:
        return begins(t, i);
    }
}

/* IntRes2 of the SDM. */
static unsigned compare(const struct text *t)
{
    unsigned r = 0;

    for (unsigned i = 0; i < t->count; i++) {
        bool negate =
            t->imm & NEGATE && (!(t->imm & VALID_ONLY) || i < t->length_b);

        r |= (unsigned)(matches(t, i) != negate) << i;
    }
    return r;
}

/* Length in a register: its magnitude, at most `count`. */
static unsigned explicit_length(const struct cpu *c, const struct decoded *d,
                                unsigned reg, unsigned count)
{
    int64_t v = d->rex & 8 ? (int64_t)c->gpr[reg] : (int32_t)c->gpr[reg];

    if (v < 0)
        v = v < -(int64_t)count ? (int64_t)count : -v;
    return v > (int64_t)count ? count : (unsigned)v;
}

static unsigned implicit_length(const struct vec *v, unsigned count,
                                unsigned imm)
{
    unsigned n = 0;

    while (n < count && element(v, n, imm))
        n++;
    return n;
}

static unsigned run(struct cpu *c, const struct decoded *d, bool explicit,
                    unsigned *count)
{
    struct vec tmp;
    struct text t = {.b = simd_rm(c, d, &tmp, 16, 1), .a = &c->vec[d->reg]};
    unsigned r;

    t.imm = (uint8_t)d->imm;
    t.count = *count = t.imm & WORDS ? 8 : 16;
    if (explicit) {
        t.length_a = explicit_length(c, d, RAX, t.count);
        t.length_b = explicit_length(c, d, RDX, t.count);
    } else {
        t.length_a = implicit_length(t.a, t.count, t.imm);
        t.length_b = implicit_length(t.b, t.count, t.imm);
    }
    r = compare(&t);
    flags_set_arith(c, (r ? EFL_CF : 0u) | (r & 1 ? EFL_OF : 0u) |
                           (t.length_b < t.count ? EFL_ZF : 0u) |
                           (t.length_a < t.count ? EFL_SF : 0u));
    return r;
}

static void to_index(struct cpu *c, const struct decoded *d, bool explicit)
{
    unsigned count, r = run(c, d, explicit, &count), at = count;

    for (unsigned i = 0; i < count; i++) {
        if (!(r >> i & 1))
            continue;
        at = i;
        if (!(d->imm & MOST))
            break;
    }
    c->gpr[RCX] = at;
}

static void to_mask(struct cpu *c, const struct decoded *d, bool explicit)
{
    unsigned count, r = run(c, d, explicit, &count);
    struct vec v = {{0}};

    if (!(d->imm & MOST))
        vec_set_u16(&v, 0, (uint16_t)r);
    else
        for (unsigned i = 0; i < 16; i++)
            v.b[i] = r >> (count == 8 ? i / 2 : i) & 1 ? 0xff : 0;
    simd_write(c, d, 0, &v, 16);
}

HANDLER1(pcmpestri_vdq_wdq_ib, to_index, true)
HANDLER1(vpcmpestri_vdq_wdq_ib, to_index, true)
HANDLER1(pcmpistri_vdq_wdq_ib, to_index, false)
HANDLER1(vpcmpistri_vdq_wdq_ib, to_index, false)
HANDLER1(pcmpestrm_vdq_wdq_ib, to_mask, true)
HANDLER1(vpcmpestrm_vdq_wdq_ib, to_mask, true)
HANDLER1(pcmpistrm_vdq_wdq_ib, to_mask, false)
HANDLER1(vpcmpistrm_vdq_wdq_ib, to_mask, false)

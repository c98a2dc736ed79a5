/*
 * sha.c - SHA-1 and SHA-256 rounds and message schedules.
 *
 * FIPS 180-4 and Intel SDM vol. 2. Doubleword 3 of a register is the first of
 * the four words in SHA-1, the last in the SHA-256 schedule.
 */
#include "cpu/simd/simd.h"
#include "gen/insn_handlers.h"

static inline uint32_t rol(uint32_t v, unsigned n)
{
    return v << n | v >> (32 - n);
}

static inline uint32_t ror(uint32_t v, unsigned n)
{
    return v >> n | v << (32 - n);
}

static inline uint32_t choose(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) ^ (~x & z);
}

static inline uint32_t majority(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) ^ (x & z) ^ (y & z);
}

/* ---- SHA-1 ---- */

static void k_sha1nexte(struct vec *r, const struct vec *a, const struct vec *b,
                        unsigned n)
{
    memcpy(r->b, b->b, n);
    vec_set_u32(r, 3, vec_u32(b, 3) + rol(vec_u32(a, 3), 30));
}

static void k_sha1msg1(struct vec *r, const struct vec *a, const struct vec *b,
                       unsigned n)
{
    (void)n;
    vec_set_u32(r, 3, vec_u32(a, 1) ^ vec_u32(a, 3));
    vec_set_u32(r, 2, vec_u32(a, 0) ^ vec_u32(a, 2));
    vec_set_u32(r, 1, vec_u32(b, 3) ^ vec_u32(a, 1));
    vec_set_u32(r, 0, vec_u32(b, 2) ^ vec_u32(a, 0));
}

static void k_sha1msg2(struct vec *r, const struct vec *a, const struct vec *b,
                       unsigned n)
{
    uint32_t w16 = rol(vec_u32(a, 3) ^ vec_u32(b, 2), 1);

    (void)n;
    vec_set_u32(r, 3, w16);
    vec_set_u32(r, 2, rol(vec_u32(a, 2) ^ vec_u32(b, 1), 1));
    vec_set_u32(r, 1, rol(vec_u32(a, 1) ^ vec_u32(b, 0), 1));
    vec_set_u32(r, 0, rol(vec_u32(a, 0) ^ w16, 1));
}

/* Function and constant of rounds 20 * which and up. */
static uint32_t sha1_f(unsigned which, uint32_t x, uint32_t y, uint32_t z)
{
    static const uint32_t k[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc,
                                  0xca62c1d6};

    switch (which) {
    case 0:
        return k[0] + choose(x, y, z);
    case 2:
        return k[2] + majority(x, y, z);
    default:
        return k[which] + (x ^ y ^ z);
    }
}

/* Four rounds; E is already in the first word of the second source. */
static void k_sha1rnds4(struct vec *r, const struct vec *a, const struct vec *b,
                        unsigned n, unsigned imm)
{
    uint32_t s[4], e = 0;

    (void)n;
    for (unsigned i = 0; i < 4; i++)
        s[i] = vec_u32(a, 3 - i);
    for (unsigned i = 0; i < 4; i++) {
        uint32_t next = sha1_f(imm & 3, s[1], s[2], s[3]) + rol(s[0], 5) +
                        vec_u32(b, 3 - i) + e;

        e = s[3];
        s[3] = s[2];
        s[2] = rol(s[1], 30);
        s[1] = s[0];
        s[0] = next;
    }
    for (unsigned i = 0; i < 4; i++)
        vec_set_u32(r, 3 - i, s[i]);
}

HANDLER1(sha1nexte_vdq_wdq, simd_binary, k_sha1nexte)
HANDLER1(sha1msg1_vdq_wdq, simd_binary, k_sha1msg1)
HANDLER1(sha1msg2_vdq_wdq, simd_binary, k_sha1msg2)
HANDLER1(sha1rnds4_vdq_wdq_ib, simd_binary_imm, k_sha1rnds4)

/* ---- SHA-256 ---- */

static inline uint32_t sigma0(uint32_t v)
{
    return ror(v, 7) ^ ror(v, 18) ^ v >> 3;
}

static inline uint32_t sigma1(uint32_t v)
{
    return ror(v, 17) ^ ror(v, 19) ^ v >> 10;
}

static void k_sha256msg1(struct vec *r, const struct vec *a,
                         const struct vec *b, unsigned n)
{
    (void)n;
    for (unsigned i = 0; i < 4; i++)
        vec_set_u32(r, i,
                    vec_u32(a, i) +
                        sigma0(i < 3 ? vec_u32(a, i + 1) : vec_u32(b, 0)));
}

static void k_sha256msg2(struct vec *r, const struct vec *a,
                         const struct vec *b, unsigned n)
{
    (void)n;
    vec_set_u32(r, 0, vec_u32(a, 0) + sigma1(vec_u32(b, 2)));
    vec_set_u32(r, 1, vec_u32(a, 1) + sigma1(vec_u32(b, 3)));
    vec_set_u32(r, 2, vec_u32(a, 2) + sigma1(vec_u32(r, 0)));
    vec_set_u32(r, 3, vec_u32(a, 3) + sigma1(vec_u32(r, 1)));
}

/* Two rounds: C D G H in the destination, A B E F in the second source, the
 * sums of schedule and constant in XMM0. */
static void sha256rnds2(struct cpu *c, const struct decoded *d)
{
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = &c->vec[d->reg];
    uint32_t s[8] = {vec_u32(b, 3), vec_u32(b, 2), vec_u32(a, 3),
                     vec_u32(a, 2), vec_u32(b, 1), vec_u32(b, 0),
                     vec_u32(a, 1), vec_u32(a, 0)};

    for (unsigned i = 0; i < 2; i++) {
        uint32_t t1 = choose(s[4], s[5], s[6]) + s[7] + vec_u32(&c->vec[0], i) +
                      (ror(s[4], 6) ^ ror(s[4], 11) ^ ror(s[4], 25));
        uint32_t t2 = majority(s[0], s[1], s[2]) +
                      (ror(s[0], 2) ^ ror(s[0], 13) ^ ror(s[0], 22));

        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    vec_set_u32(&r, 3, s[0]);
    vec_set_u32(&r, 2, s[1]);
    vec_set_u32(&r, 1, s[4]);
    vec_set_u32(&r, 0, s[5]);
    simd_commit(c, d, &r);
}

HANDLER1(sha256msg1_vdq_wdq, simd_binary, k_sha256msg1)
HANDLER1(sha256msg2_vdq_wdq, simd_binary, k_sha256msg2)
HANDLER(sha256rnds2_vdq_wdq_xmm0, sha256rnds2)

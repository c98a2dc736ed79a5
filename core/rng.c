/*
 * rng.c - xoroshiro128+ (Blackman and Vigna), seeded through splitmix64.
 */
#include "core/rng.h"

static uint64_t rotate_left(uint64_t v, unsigned n)
{
    return v << n | v >> (64 - n);
}

static uint64_t splitmix(uint64_t *at)
{
    uint64_t z = *at += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void rng_seed(struct rng *r, uint64_t seed)
{
    /* splitmix64 is a permutation, so the two words are not both zero, the
     * one state that xoroshiro cannot leave. */
    r->s[0] = splitmix(&seed);
    r->s[1] = splitmix(&seed);
}

uint64_t rng_next(struct rng *r)
{
    uint64_t a = r->s[0], b = r->s[1], result = a + b;

    b ^= a;
    r->s[0] = rotate_left(a, 24) ^ b ^ b << 16;
    r->s[1] = rotate_left(b, 37);
    return result;
}

/*
 * hash_test.c - known CRCs; the hash tells inputs apart; the generator.
 */
#include "core/hash.h"
#include "core/rng.h"
#include "tests/tap.h"

/* Check value of the catalogue of CRCs for CRC-32/ISO-HDLC. */
static void crc(struct tap *t)
{
    static uint8_t big[10000];
    uint32_t whole, slow = 0;
    bool good = true;

    tap_eq(t, crc32_bytes("123456789", 9, 0), 0xcbf43926, "check value");
    tap_eq(t, crc32_bytes("", 0, 0), 0, "of nothing");
    tap_eq(t, crc32_bytes("a", 1, 0), 0xe8b7be43, "of one letter");
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * i >> 3);
    whole = crc32_bytes(big, sizeof big, 0);
    for (size_t i = 0; i < sizeof big; i++)
        slow = crc32_bytes(big + i, 1, slow);
    tap_eq(t, whole, slow, "long and short ways agree");
    for (size_t cut = 2040; cut < 2060; cut++) {
        uint32_t c = crc32_bytes(big, cut, 0);

        good = good && crc32_bytes(big + cut, sizeof big - cut, c) == whole;
    }
    tap_ok(t, good, "in two pieces, at odd addresses");
}

static void hash(struct tap *t)
{
    static uint8_t zeros[64];
    uint64_t seen[64 + 64 * 8];
    unsigned n = 0;
    bool distinct = true;
    uint8_t block[64] = {0};

    for (size_t len = 0; len < 64; len++)
        seen[n++] = hash_bytes(zeros, len, 0);
    for (unsigned bit = 0; bit < 64 * 8; bit++) {
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
        seen[n++] = hash_bytes(block, sizeof block, 0);
        block[bit / 8] = 0;
    }
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < i; k++)
            distinct = distinct && seen[i] != seen[k];
    }
    tap_ok(t, distinct, "length and every single bit count");
    tap_ok(t, hash_bytes("ab", 2, 1) != hash_bytes("ab", 2, 2), "seeds count");
    tap_eq(t, hash_bytes("klochs", 6, 7), hash_bytes("klochs", 6, 7),
           "the same again");
    /* Written down once, so that a file made elsewhere compares. */
    tap_eq(t, hash_bytes("The quick brown fox jumps", 25, 0),
           UINT64_C(0x6ce37bc0f33cb464), "a fixed value on every host");
}

static void rng(struct tap *t)
{
    struct rng a, b;
    unsigned ones = 0;
    bool same = true;

    rng_seed(&a, 42);
    b = a;
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t v = rng_next(&a);

        same = same && v == rng_next(&b);
        for (; v; v &= v - 1)
            ones++;
    }
    tap_ok(t, same, "the same seed, the same sequence");
    tap_ok(t, ones > 31500 && ones < 32500, "about half the bits: %u", ones);
    rng_seed(&b, 43);
    tap_ok(t, rng_next(&a) != rng_next(&b), "another seed, another sequence");
    rng_seed(&b, 0);
    tap_ok(t, b.s[0] || b.s[1], "seed 0 is no trap");
}

int main(void)
{
    struct tap t = {0};

    crc(&t);
    hash(&t);
    rng(&t);
    return tap_done(&t);
}

/*
 * bigcode.c - a thousand different functions called in random order, about
 * 100 KiB of code: what an operating system does to caches of decoded code.
 */
#include "tests/bench/guest/bench.h"

/* Names end in four octal digits, so that 0##d is the function's number. */
#define N(d) (0##d##u)

#define FUNCTION(d)                                                            \
    static NOINLINE uint32_t f##d(uint32_t a, uint32_t *v)                     \
    {                                                                          \
        uint32_t b = v[N(d) & 15];                                             \
                                                                               \
        if ((N(d) & 3) == 0)                                                   \
            a += b * (N(d) * 2 + 1);                                           \
        else if ((N(d) & 3) == 1)                                              \
            a = (a ^ N(d) * 0x10101u) - (b >> (N(d) % 7 + 1));                 \
        else if ((N(d) & 3) == 2)                                              \
            a = (a << (N(d) % 13 + 1) | a >> (31 - N(d) % 13)) ^ b;            \
        else                                                                   \
            a -= (b & (N(d) * 77u + 1)) + N(d);                                \
        if (a & (1u << (N(d) % 29)))                                           \
            v[(N(d) + 3) & 15] += a;                                           \
        else if ((N(d) & 4) && b > a)                                          \
            v[(N(d) + 5) & 15] ^= b + N(d);                                    \
        if (N(d) & 8)                                                          \
            for (uint32_t i = 0; i <= (N(d) >> 4 & 3); i++)                    \
                a = a * 5 + v[i + (N(d) & 7)];                                 \
        v[N(d) & 15] = a + (b << (N(d) % 5));                                  \
        return (N(d) & 16) ? a ^ (uint32_t)(uint8_t)b : a + (uint16_t)b;       \
    }

#define NAME(d) f##d,

/* clang-format off */
#define EIGHT_A(m, d)                                                          \
    m(d##0) m(d##1) m(d##2) m(d##3) m(d##4) m(d##5) m(d##6) m(d##7)
#define EIGHT_B(m, d)                                                          \
    EIGHT_A(m, d##0) EIGHT_A(m, d##1) EIGHT_A(m, d##2) EIGHT_A(m, d##3)        \
    EIGHT_A(m, d##4) EIGHT_A(m, d##5) EIGHT_A(m, d##6) EIGHT_A(m, d##7)
#define EIGHT_C(m, d)                                                          \
    EIGHT_B(m, d##0) EIGHT_B(m, d##1) EIGHT_B(m, d##2) EIGHT_B(m, d##3)        \
    EIGHT_B(m, d##4) EIGHT_B(m, d##5) EIGHT_B(m, d##6) EIGHT_B(m, d##7)
/* clang-format on */

EIGHT_C(FUNCTION, 0)
EIGHT_C(FUNCTION, 1)

static uint32_t (*const functions[])(uint32_t, uint32_t *) = {
    EIGHT_C(NAME, 0) EIGHT_C(NAME, 1)};

uint32_t k_bigcode(uint32_t reps)
{
    uint32_t v[16], a = 1, seed = 5150;

    for (uint32_t i = 0; i < 16; i++)
        v[i] = rng_next(&seed);
    for (uint32_t r = 0; r < reps; r++)
        for (uint32_t i = 0; i < 1024; i++)
            a = functions[rng_next(&seed) & 1023](a, v);
    return mix(a, v[7]);
}

/*
 * sse2.c - SSE2 kernels in the compiler's vector types; only called when
 * CPUID has SSE2. Compiled with -msse2, scalar doubles included.
 */
#include "tests/bench/guest/bench.h"

enum { BODIES = 64, PIXELS = 4096 };

typedef double v2d __attribute__((vector_size(16)));
typedef uint8_t v16b __attribute__((vector_size(16)));
typedef int16_t v8w __attribute__((vector_size(16)));
typedef int32_t v4d __attribute__((vector_size(16)));

static double square_root(double x)
{
    double r;

    __asm__("sqrtsd %1, %0" : "=x"(r) : "x"(x));
    return r;
}

/* Half scalar, half packed arithmetic. */
uint32_t k_sse2d(uint32_t reps)
{
    static double x[BODIES], y[BODIES], m[BODIES];
    uint32_t sum = 0, seed = 161803;

    for (uint32_t i = 0; i < BODIES; i++) {
        x[i] = (int32_t)(rng_next(&seed) & 0xffff) / 256.0;
        y[i] = (int32_t)(rng_next(&seed) & 0xffff) / 512.0;
        m[i] = 1.0 + (int32_t)(rng_next(&seed) & 0xff) / 256.0;
    }
    for (uint32_t r = 0; r < reps; r++) {
        uint32_t me = r % BODIES;
        double force = 0;
        v2d center = {0, 0}, mass = {0, 0};
        union {
            double d;
            uint32_t u[2];
        } v;

        for (uint32_t i = 0; i < BODIES; i++) {
            double dx = x[i] - x[me], dy = y[i] - y[me];
            double square = dx * dx + dy * dy + 0.015625;

            if (square < 20000.0)
                force += m[i] * dx / (square * square_root(square));
        }
        for (uint32_t i = 0; i < BODIES; i += 2) {
            v2d weight = {m[i], m[i + 1]}, place = {x[i], x[i + 1]};

            center += weight * place;
            mass += weight;
        }
        x[me] += force * 0.125 - (center[0] - center[1]) / mass[0] * 1e-6;
        v.d = x[me];
        sum = mix(sum, v.u[0] ^ v.u[1]);
    }
    return sum;
}

/* Blends two rows of pixels and counts, in bytes, words and dwords. */
uint32_t k_sse2i(uint32_t reps)
{
    static v16b a[PIXELS / 16], b[PIXELS / 16];
    v4d total = {0, 0, 0, 0};
    uint32_t seed = 141421;

    for (uint32_t i = 0; i < PIXELS; i++) {
        ((uint8_t *)a)[i] = (uint8_t)rng_next(&seed);
        ((uint8_t *)b)[i] = (uint8_t)rng_next(&seed);
    }
    for (uint32_t r = 0; r < reps; r++)
        for (uint32_t i = 0; i < PIXELS / 16; i++) {
            v16b more = (v16b)(a[i] > b[i]), zero = {0};
            v16b high = (a[i] & more) | (b[i] & ~more);
            v8w low = (v8w)__builtin_shuffle(
                high, zero,
                (v16b){0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23});

            low = low * (int16_t)(r | 1) + (low << 3);
            total += (v4d)low >> 2;
            total ^= (v4d)(low == (v8w)zero);
            b[i] = high + (v16b)low - a[i];
        }
    return mix(
        mix(mix((uint32_t)total[0], (uint32_t)total[1]), (uint32_t)total[2]),
        (uint32_t)total[3]);
}

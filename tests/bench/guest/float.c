/*
 * float.c - x87 kernels. Constants and results stay inside of functions, since
 * 64-bit code is compiled without the registers that would carry doubles.
 */
#include "tests/bench/guest/bench.h"

enum { BODIES = 64 };

static uint32_t bits_of(const double *d)
{
    union {
        double d;
        uint32_t u[2];
    } v = {.d = *d};

    return v.u[0] ^ v.u[1];
}

/* Sums, products, quotients and roots in double and extended precision. */
uint32_t k_x87(uint32_t reps)
{
    static double x[BODIES], y[BODIES], force[BODIES];
    uint32_t sum = 0, seed = 271828;

    for (uint32_t i = 0; i < BODIES; i++) {
        x[i] = (int32_t)(rng_next(&seed) & 0xffff) / 256.0;
        y[i] = (int32_t)(rng_next(&seed) & 0xffff) / 512.0;
    }
    for (uint32_t r = 0; r < reps; r++) {
        uint32_t me = r % BODIES;
        long double total = 0;

        for (uint32_t i = 0; i < BODIES; i++) {
            double dx = x[i] - x[me], dy = y[i] - y[me];
            double square = dx * dx + dy * dy + 0.015625;
            double root;

            __asm__("fsqrt" : "=t"(root) : "0"(square));
            force[i] = dx / (square * root);
            total += force[i];
        }
        x[me] += (double)total * 0.125;
        sum = mix(sum, bits_of(&x[me]) ^ bits_of(&force[r * 5 % BODIES]));
    }
    return sum;
}

static int32_t rounded(const long double *v)
{
    int32_t n;

    __asm__("fistpl %0" : "=m"(n) : "t"(*v) : "st");
    return n;
}

/*
 * Transcendental instructions. The last bits differ between emulators, as they
 * do between processors, so the sums count hundredths.
 */
uint32_t k_x87math(uint32_t reps)
{
    uint32_t sum = 0;

    for (uint32_t r = 0; r < reps; r++) {
        long double x = (int32_t)(r % 1000) * 0.0013L + 0.1L, s, c, t, e, l;

        __asm__("fsincos" : "=t"(c), "=u"(s) : "0"(x));
        __asm__("fpatan" : "=t"(t) : "0"(c), "u"(s) : "st(1)");
        __asm__("f2xm1" : "=t"(e) : "0"(x * 0.5L));
        __asm__("fyl2x" : "=t"(l) : "0"(x), "u"(c) : "st(1)");
        s = (s + t + e + l) * 100 + 0.0037L;
        sum = mix(sum, (uint32_t)rounded(&s));
    }
    return sum;
}

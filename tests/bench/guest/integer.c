/*
 * integer.c - kernels of plain integer code with a small footprint.
 */
#include "tests/bench/guest/bench.h"

enum { SIEVE_SIZE = 262144, CRC_BYTES = 65536, SORT_COUNT = 16384, DIM = 48 };

uint32_t k_sieve(uint32_t reps)
{
    uint8_t *composite = arena;
    uint32_t sum = 0;

    for (uint32_t r = 0; r < reps; r++) {
        uint32_t count = 0;

        for (uint32_t i = 0; i < SIEVE_SIZE; i++)
            composite[i] = 0;
        for (uint32_t i = 2; i < SIEVE_SIZE; i++) {
            if (composite[i])
                continue;
            count++;
            for (uint32_t j = i + i; j < SIEVE_SIZE; j += i)
                composite[j] = 1;
        }
        sum = mix(sum, count + r);
    }
    return sum;
}

uint32_t k_crc32(uint32_t reps)
{
    static uint32_t table[256];
    uint32_t crc = 0xffffffff, seed = 12345;

    for (uint32_t n = 0; n < 256; n++) {
        uint32_t c = n;

        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
        table[n] = c;
    }
    for (uint32_t i = 0; i < CRC_BYTES; i++)
        arena[i] = (uint8_t)rng_next(&seed);
    for (uint32_t r = 0; r < reps; r++)
        for (uint32_t i = 0; i < CRC_BYTES; i++)
            crc = table[(crc ^ arena[i]) & 0xff] ^ crc >> 8;
    return ~crc;
}

static NOINLINE void quicksort(uint32_t *a, int32_t low, int32_t high)
{
    while (low < high) {
        uint32_t pivot = a[low + (high - low) / 2];
        int32_t i = low, j = high;

        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                uint32_t t = a[i];

                a[i++] = a[j];
                a[j--] = t;
            }
        }
        quicksort(a, low, j);
        low = i;
    }
}

uint32_t k_sort(uint32_t reps)
{
    uint32_t *a = (uint32_t *)(void *)arena;
    uint32_t sum = 0, seed = 777;

    for (uint32_t r = 0; r < reps; r++) {
        for (uint32_t i = 0; i < SORT_COUNT; i++)
            a[i] = rng_next(&seed);
        quicksort(a, 0, SORT_COUNT - 1);
        for (uint32_t i = 1; i < SORT_COUNT; i++)
            sum += a[i - 1] > a[i];
        sum = mix(sum, a[r % SORT_COUNT]);
    }
    return sum;
}

uint32_t k_matint(uint32_t reps)
{
    static int32_t a[DIM][DIM], b[DIM][DIM], c[DIM][DIM];
    uint32_t sum = 0, seed = 4242;

    for (uint32_t i = 0; i < DIM; i++)
        for (uint32_t j = 0; j < DIM; j++) {
            a[i][j] = (int32_t)(rng_next(&seed) & 0xffff);
            b[i][j] = (int32_t)(rng_next(&seed) & 0xffff);
        }
    for (uint32_t r = 0; r < reps; r++) {
        for (uint32_t i = 0; i < DIM; i++)
            for (uint32_t j = 0; j < DIM; j++) {
                uint32_t t = 0;

                for (uint32_t k = 0; k < DIM; k++)
                    t += (uint32_t)a[i][k] * (uint32_t)b[k][j];
                c[i][j] = (int32_t)t;
            }
        a[r % DIM][(r * 7) % DIM] ^= c[(r * 5) % DIM][r % DIM] & 0xffff;
        sum = mix(sum, (uint32_t)c[r % DIM][(r * 3) % DIM]);
    }
    return sum;
}

static NOINLINE uint32_t fib(uint32_t n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

uint32_t k_fib(uint32_t reps)
{
    uint32_t sum = 0;

    for (uint32_t r = 0; r < reps; r++)
        sum = mix(sum, fib(14 + (r & 3)));
    return sum;
}

uint32_t k_divmix(uint32_t reps)
{
    uint32_t sum = 1, seed = 99;

    for (uint32_t r = 0; r < reps; r++)
        for (uint32_t i = 1; i <= 4096; i++) {
            uint32_t x = rng_next(&seed), low, rest;
            int32_t s = (int32_t)x;

            sum += x / i + x % (i + 7);
            sum ^= (uint32_t)(s / (int32_t)(i + 3));
            __asm__("divl %4"
                    : "=a"(low), "=d"(rest)
                    : "0"(x), "1"(i - 1), "r"(i)
                    : "cc");
            sum += low ^ rest;
        }
    return sum;
}

/* Branches that depend on random bits, none of them well predictable. */
uint32_t k_branchy(uint32_t reps)
{
    uint32_t state = 0, count[8] = {0}, seed = 31337;

    for (uint32_t r = 0; r < reps; r++)
        for (uint32_t i = 0; i < 4096; i++) {
            uint32_t x = rng_next(&seed);

            if (x & 1) {
                if (x & 0x100)
                    state += 3;
                else
                    state ^= x;
            } else if (x & 0x2000) {
                state -= x >> 7;
            }
            if ((int32_t)(state + x) < 0)
                count[0]++;
            else if (x > 0x50000000)
                count[1] += 2;
            else if ((x & 0x18) == 0x10)
                count[2] ^= state;
            if (state & 0x40)
                count[(state >> 3) & 7]++;
            if (x << 3 < state)
                state = state >> 1 | state << 31;
            else
                state++;
        }
    for (uint32_t i = 0; i < 8; i++)
        state = mix(state, count[i]);
    return state;
}

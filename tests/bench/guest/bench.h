/*
 * bench.h - what the kernels of the benchmark payload share.
 *
 * Bare metal, 64 MiB of RAM, one file of this folder for 32 and 64 bits. A
 * kernel takes a repeat count and returns a checksum that depends on all of
 * its work and on nothing else, so that every emulator must print the same.
 */
#ifndef TESTS_BENCH_GUEST_BENCH_H
#define TESTS_BENCH_GUEST_BENCH_H

#include <stddef.h>
#include <stdint.h>

#define NOINLINE __attribute__((noinline, noclone))

enum {
    ARENA_BYTES = 0x2000000,
    HOLE_ADDR = 0x3800000,   /* never mapped by the 4 KiB tables */
    WINDOW_ADDR = 0x3a00000, /* page that kernels map as they like */
    PAGE_BYTES = 4096
};

/* Free memory from 1000000h on; a kernel fills it before it reads it. */
extern uint8_t arena[];

/* Handlers of interrupt 40h, #UD and #PF count here. */
extern volatile uint32_t interrupt_count;

static inline uint32_t rng_next(uint32_t *state)
{
    uint32_t x = *state;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

static inline uint32_t mix(uint32_t sum, uint32_t value)
{
    sum = (sum << 5 | sum >> 27) ^ value;
    return sum * 0x85ebca6bu + 0x9e3779b9u;
}

/*
 * 4 KiB pages over the first 64 MiB, one to one but for HOLE_ADDR. Without
 * them: no paging (32 bits) or 2 MiB pages (64 bits).
 */
void paging_4k(void);
void paging_default(void);
/* Maps the page at WINDOW_ADDR; drops its translation. */
void window_map(uint32_t paddr);

uint32_t k_sieve(uint32_t reps);
uint32_t k_crc32(uint32_t reps);
uint32_t k_sort(uint32_t reps);
uint32_t k_lz(uint32_t reps);
uint32_t k_matint(uint32_t reps);
uint32_t k_interp(uint32_t reps);
uint32_t k_fib(uint32_t reps);
uint32_t k_divmix(uint32_t reps);
uint32_t k_branchy(uint32_t reps);
uint32_t k_bigcode(uint32_t reps);

uint32_t k_str(uint32_t reps);
uint32_t k_repstr(uint32_t reps);
uint32_t k_repmovs(uint32_t reps);
uint32_t k_memloop(uint32_t reps);
uint32_t k_chase_small(uint32_t reps);
uint32_t k_chase_big(uint32_t reps);

uint32_t k_x87(uint32_t reps);
uint32_t k_x87math(uint32_t reps);
uint32_t k_sse2d(uint32_t reps);
uint32_t k_sse2i(uint32_t reps);

uint32_t k_portio(uint32_t reps);
uint32_t k_intiret(uint32_t reps);
uint32_t k_except_ud(uint32_t reps);
uint32_t k_except_pf(uint32_t reps);
uint32_t k_invlpg(uint32_t reps);
uint32_t k_cr3(uint32_t reps);
uint32_t k_smc(uint32_t reps);

#endif

/*
 * rng.h - the machine's only source of chance, seeded and saved.
 */
#ifndef CORE_RNG_H
#define CORE_RNG_H

#include "core/base.h"

struct rng {
    uint64_t s[2];
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);

#endif

/*
 * ram.c - one big zeroed host allocation whose pages cost nothing until used.
 *
 * MAP_ANONYMOUS and MAP_NORESERVE are extensions that every Unix in use has;
 * hosts without them get calloc, which is lazy for such sizes as well.
 */
#include "memory/ram.h"

#include <stdlib.h>
#include <sys/mman.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

#ifdef MAP_ANONYMOUS

uint8_t *ram_alloc(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

void ram_free(uint8_t *ram, size_t bytes)
{
    if (ram)
        munmap(ram, bytes);
}

#else

uint8_t *ram_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

void ram_free(uint8_t *ram, size_t bytes)
{
    (void)bytes;
    free(ram);
}

#endif

/*
 * ram.h - one big zeroed host allocation whose pages cost nothing until used.
 */
#ifndef MEMORY_RAM_H
#define MEMORY_RAM_H

#include "core/base.h"

/* Page-aligned and zero-filled; NULL when the host refuses. */
uint8_t *ram_alloc(size_t bytes);
void ram_free(uint8_t *ram, size_t bytes);

#endif

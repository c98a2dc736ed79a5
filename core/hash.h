/*
 * hash.h - a fast 64-bit hash for state comparison; not for secrets.
 *
 * The result depends only on the bytes, never on the host.
 */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include "core/base.h"

uint64_t hash_bytes(const void *p, size_t n, uint64_t seed);

/* For large memory that is mostly zero: blocks of 4 KiB, those of zeros alone
 * are only looked at. */
uint64_t hash_sparse(const void *p, size_t n, uint64_t seed);

/* CRC-32 (IEEE 802.3), for file sections; `crc` is 0 or the result for what
 * came before. */
uint32_t crc32_bytes(const void *p, size_t n, uint32_t crc);

#endif

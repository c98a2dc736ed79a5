/*
 * hash.c - a multiply-and-fold hash for state, CRC-32 for files.
 */
#include "core/hash.h"

/* Odd constants with mixed bits (fractions of square roots). */
#define MIX_A 0x6a09e667f3bcc909u
#define MIX_B 0xbb67ae8584caa73bu
#define MIX_C 0x3c6ef372fe94f82bu

/* Both halves of the 128-bit product, so that every input bit reaches every
 * output bit in one step. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    uint128 p = (uint128)a * b;

    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

uint64_t hash_bytes(const void *data, size_t n, uint64_t seed)
{
    const uint8_t *p = data;
    uint64_t h = fold(seed ^ MIX_A, MIX_B ^ (uint64_t)n);
    uint8_t tail[16] = {0};

    for (; n >= 16; n -= 16, p += 16)
        h = fold(ld_le64(p) ^ MIX_B ^ h, ld_le64(p + 8) ^ MIX_C) + h;
    if (n) {
        memcpy(tail, p, n);
        h = fold(ld_le64(tail) ^ MIX_B ^ h, ld_le64(tail + 8) ^ MIX_C) + h;
    }
    return fold(h ^ MIX_C, MIX_A);
}

uint64_t hash_sparse(const void *data, size_t n, uint64_t seed)
{
    static const uint8_t zero[4096];
    const uint8_t *p = data;
    uint64_t h = fold(seed ^ MIX_A, MIX_C ^ (uint64_t)n);

    for (size_t at = 0; at < n; at += sizeof zero) {
        size_t len = n - at < sizeof zero ? n - at : sizeof zero;

        if (memcmp(p + at, zero, len) != 0)
            h = hash_bytes(p + at, len, h ^ at);
    }
    return h;
}

#define CRC_POLY 0xedb88320u /* IEEE 802.3, bit-reversed */

static uint32_t crc_step(uint32_t crc, unsigned bits)
{
    while (bits--)
        crc = crc >> 1 ^ ((crc & 1) ? CRC_POLY : 0);
    return crc;
}

/* Eight bytes a step. The tables are made on the stack for each long buffer:
 * 2048 words are nothing beside the data, and nothing is shared. */
static uint32_t crc_long(const uint8_t *p, size_t n, uint32_t crc)
{
    uint32_t t[8][256];

    for (uint32_t i = 0; i < 256; i++)
        t[0][i] = crc_step(i, 8);
    for (unsigned k = 1; k < 8; k++) {
        for (unsigned i = 0; i < 256; i++)
            t[k][i] = t[k - 1][i] >> 8 ^ t[0][t[k - 1][i] & 0xff];
    }
    for (; n >= 8; n -= 8, p += 8) {
        uint32_t a = crc ^ ld_le32(p), b = ld_le32(p + 4);

        crc = t[7][a & 0xff] ^ t[6][a >> 8 & 0xff] ^ t[5][a >> 16 & 0xff] ^
              t[4][a >> 24] ^ t[3][b & 0xff] ^ t[2][b >> 8 & 0xff] ^
              t[1][b >> 16 & 0xff] ^ t[0][b >> 24];
    }
    for (; n; n--, p++)
        crc = crc >> 8 ^ t[0][(crc ^ *p) & 0xff];
    return crc;
}

uint32_t crc32_bytes(const void *data, size_t n, uint32_t crc)
{
    const uint8_t *p = data;

    crc = ~crc;
    if (n >= 2048)
        return ~crc_long(p, n, crc);
    for (; n; n--, p++)
        crc = crc_step(crc ^ *p, 8);
    return ~crc;
}

/*
 * types.h - short integer names for the firmware.
 *
 * The firmware is freestanding: nothing of the host's library is used. Both
 * processor modes (16-bit services, 32-bit POST) are little-endian.
 */
#ifndef BIOS_TYPES_H
#define BIOS_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define PACKED       __attribute__((packed))
#define ARRAY_LEN(a) (sizeof(a) / sizeof(a)[0])

#endif

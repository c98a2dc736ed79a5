/*
 * base.h - the few compiler and byte-order helpers that everything uses.
 *
 * Compiler extensions are allowed here and nowhere else.
 */
#ifndef CORE_BASE_H
#define CORE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LIKELY(x)       __builtin_expect(!!(x), 1)
#define UNLIKELY(x)     __builtin_expect(!!(x), 0)
#define NORETURN        __attribute__((noreturn))
#define NOINLINE        __attribute__((noinline))
#define ALWAYS_INLINE   inline __attribute__((always_inline))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define UNUSED          __attribute__((unused))
#define ARRAY_LEN(a)    (sizeof(a) / sizeof((a)[0]))

/* The compiler knows nothing of the value from here on. */
#define OPAQUE(v) __asm__("" : "+r"(v))

#define container_of(p, T, m) ((T *)(void *)((char *)(p)-offsetof(T, m)))

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HOST_BIG_ENDIAN 1
#else
#define HOST_BIG_ENDIAN 0
#endif

/* AddressSanitizer adds calls and frames: gcc defines a macro, clang a
 * feature. */
#if defined(__SANITIZE_ADDRESS__)
#define HOST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOST_SANITIZED 1
#endif
#endif
#ifndef HOST_SANITIZED
#define HOST_SANITIZED 0
#endif

/* Guest memory and every file format here is little-endian, at any address. */
static inline uint16_t ld_le16(const void *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return HOST_BIG_ENDIAN ? __builtin_bswap16(v) : v;
}

static inline uint32_t ld_le32(const void *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return HOST_BIG_ENDIAN ? __builtin_bswap32(v) : v;
}

static inline uint64_t ld_le64(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return HOST_BIG_ENDIAN ? __builtin_bswap64(v) : v;
}

static inline void st_le16(void *p, uint16_t v)
{
    v = HOST_BIG_ENDIAN ? __builtin_bswap16(v) : v;
    memcpy(p, &v, sizeof v);
}

static inline void st_le32(void *p, uint32_t v)
{
    v = HOST_BIG_ENDIAN ? __builtin_bswap32(v) : v;
    memcpy(p, &v, sizeof v);
}

static inline void st_le64(void *p, uint64_t v)
{
    v = HOST_BIG_ENDIAN ? __builtin_bswap64(v) : v;
    memcpy(p, &v, sizeof v);
}

/* 64x64 -> 128 products and a 128/64 quotient, kept here because the type
 * is an extension. */
__extension__ typedef unsigned __int128 uint128;
__extension__ typedef __int128 int128;

/* (high, low) / d for d > high, where the host divides so by itself: *low
 * becomes the quotient, *high the remainder. False: it does not. */
static inline bool host_div_wide(uint64_t *high, uint64_t *low, uint64_t d)
{
#ifdef __x86_64__
    __asm__("divq %2" : "+d"(*high), "+a"(*low) : "r"(d) : "cc");
    return true;
#else
    (void)high;
    (void)low;
    (void)d;
    return false;
#endif
}

/* a * b / d without losing the high half; the quotient must fit 64 bits. */
static inline uint64_t mul_div_u64(uint64_t a, uint64_t b, uint64_t d)
{
    return (uint64_t)((uint128)a * b / d);
}

/* The same, rounded up. */
static inline uint64_t mul_div_up_u64(uint64_t a, uint64_t b, uint64_t d)
{
    return (uint64_t)(((uint128)a * b + d - 1) / d);
}

#endif

/*
 * vec.h - one vector register, in guest byte order on every host.
 *
 * Elements are reached through the accessors below; on little-endian hosts
 * they compile to plain loads and stores.
 */
#ifndef CPU_VEC_H
#define CPU_VEC_H

#include "core/base.h"

#define VEC_BYTES 64 /* room for 512-bit registers */

struct vec {
    uint8_t b[VEC_BYTES];
};

static inline uint8_t vec_u8(const struct vec *v, unsigned i)
{
    return v->b[i];
}

static inline uint16_t vec_u16(const struct vec *v, unsigned i)
{
    return ld_le16(v->b + 2 * i);
}

static inline uint32_t vec_u32(const struct vec *v, unsigned i)
{
    return ld_le32(v->b + 4 * i);
}

static inline uint64_t vec_u64(const struct vec *v, unsigned i)
{
    return ld_le64(v->b + 8 * i);
}

static inline void vec_set_u8(struct vec *v, unsigned i, uint8_t x)
{
    v->b[i] = x;
}

static inline void vec_set_u16(struct vec *v, unsigned i, uint16_t x)
{
    st_le16(v->b + 2 * i, x);
}

static inline void vec_set_u32(struct vec *v, unsigned i, uint32_t x)
{
    st_le32(v->b + 4 * i, x);
}

static inline void vec_set_u64(struct vec *v, unsigned i, uint64_t x)
{
    st_le64(v->b + 8 * i, x);
}

#endif

/*
 * field.h - describe a struct member once, use it for everything.
 *
 * A field table is the only description of a chip's guest-visible state.
 * Saving, restoring, hashing, `info NAME`, state diff and the device docs all
 * walk it, so nothing about a member is ever said twice.
 */
#ifndef CORE_FIELD_H
#define CORE_FIELD_H

#include "core/base.h"

enum field_type {
    FIELD_U8,
    FIELD_U16,
    FIELD_U32,
    FIELD_U64,
    FIELD_I32,
    FIELD_I64,
    FIELD_BOOL,
    FIELD_STRUCT,
};

struct field {
    const char *name; /* key in the save file and in `info` */
    const char *help; /* one line, shown by `info` and the docs */
    enum field_type type;
    uint32_t offset;         /* from the start of the state struct */
    uint32_t size;           /* of one element */
    uint32_t count;          /* 1 for a scalar */
    uint16_t since;          /* state version that introduced it, 0 = first */
    const struct field *sub; /* for FIELD_STRUCT */
};

/* The element type is deduced, so a table cannot lie about a width. */
#define FIELD_TYPE_OF(lv)                                                      \
    _Generic((lv), uint8_t                                                     \
             : FIELD_U8, uint16_t                                              \
             : FIELD_U16, uint32_t                                             \
             : FIELD_U32, uint64_t                                             \
             : FIELD_U64, int32_t                                              \
             : FIELD_I32, int64_t                                              \
             : FIELD_I64, bool                                                 \
             : FIELD_BOOL)

#define FIELD_AT(T, m) (((T *)0)->m)

#define FIELD(T, m, h)                                                         \
    {                                                                          \
        .name = #m, .help = h, .type = FIELD_TYPE_OF(FIELD_AT(T, m)),          \
        .offset = offsetof(T, m), .size = sizeof(FIELD_AT(T, m)), .count = 1   \
    }

/* One that states of a version before `v` do not have: it is 0 then. */
#define FIELD_SINCE(T, m, h, v)                                                \
    {                                                                          \
        .name = #m, .help = h, .type = FIELD_TYPE_OF(FIELD_AT(T, m)),          \
        .offset = offsetof(T, m), .size = sizeof(FIELD_AT(T, m)), .count = 1,  \
        .since = v                                                             \
    }

#define FIELD_ARRAY(T, m, h)                                                   \
    {                                                                          \
        .name = #m, .help = h, .type = FIELD_TYPE_OF(FIELD_AT(T, m)[0]),       \
        .offset = offsetof(T, m), .size = sizeof(FIELD_AT(T, m)[0]),           \
        .count = sizeof(FIELD_AT(T, m)) / sizeof(FIELD_AT(T, m)[0])            \
    }

#define FIELD_STRUCTS(T, m, subtable, h)                                       \
    {                                                                          \
        .name = #m, .help = h, .type = FIELD_STRUCT, .offset = offsetof(T, m), \
        .size = sizeof(FIELD_AT(T, m)[0]),                                     \
        .count = sizeof(FIELD_AT(T, m)) / sizeof(FIELD_AT(T, m)[0]),           \
        .sub = subtable                                                        \
    }

#define FIELD_END                                                              \
    {                                                                          \
        .name = NULL                                                           \
    }

#endif

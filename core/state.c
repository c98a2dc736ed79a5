/*
 * state.c - walk field tables: pack, unpack, hash, print, diff, coverage.
 *
 * A packed table is a sequence of records:
 *   u8 length of the name, name, u32 length of the value, value.
 * The value of a scalar or array is its elements, little-endian. The value of
 * a FIELD_STRUCT is, for each element, u32 length and a packed table.
 */
#include "core/state.h"
#include "core/hash.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

void state_buf_free(struct state_buf *b)
{
    free(b->data);
    *b = (struct state_buf){0};
}

/* Room for n more bytes at the end, NULL (and `failed`) when out of memory. */
static uint8_t *extend(struct state_buf *b, size_t n)
{
    size_t cap = b->cap ? b->cap : 256;
    uint8_t *p;

    if (b->failed || n > SIZE_MAX / 4 - b->len) {
        b->failed = true;
        return NULL;
    }
    while (cap < b->len + n)
        cap *= 2;
    if (cap != b->cap) {
        p = realloc(b->data, cap);
        if (!p) {
            b->failed = true;
            return NULL;
        }
        b->data = p;
        b->cap = cap;
    }
    b->len += n;
    return b->data + b->len - n;
}

void state_buf_put(struct state_buf *b, const void *p, size_t n)
{
    uint8_t *to = n ? extend(b, n) : NULL;

    if (to)
        memcpy(to, p, n);
}

void state_buf_put_u16(struct state_buf *b, uint16_t v)
{
    uint8_t t[2];

    st_le16(t, v);
    state_buf_put(b, t, sizeof t);
}

void state_buf_put_u32(struct state_buf *b, uint32_t v)
{
    uint8_t t[4];

    st_le32(t, v);
    state_buf_put(b, t, sizeof t);
}

void state_buf_put_u64(struct state_buf *b, uint64_t v)
{
    uint8_t t[8];

    st_le64(t, v);
    state_buf_put(b, t, sizeof t);
}

/* --- Elements ------------------------------------------------------------- */

static size_t value_bytes(const struct field *f)
{
    return (size_t)f->size * f->count;
}

/* Host order to little-endian or back: the same exchange of bytes. */
static void copy_elements(const struct field *f, uint8_t *to,
                          const uint8_t *from)
{
    size_t n = value_bytes(f);

    if (!HOST_BIG_ENDIAN || f->size == 1) {
        memcpy(to, from, n);
        return;
    }
    for (size_t i = 0; i < n; i += f->size) {
        for (size_t k = 0; k < f->size; k++)
            to[i + k] = from[i + f->size - 1 - k];
    }
}

static uint64_t load_element(const struct field *f, const void *base,
                             uint32_t i)
{
    const uint8_t *p = (const uint8_t *)base + f->offset + (size_t)i * f->size;
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;

    switch (f->size) {
    case 1:
        return *p;
    case 2:
        memcpy(&v16, p, sizeof v16);
        return v16;
    case 4:
        memcpy(&v32, p, sizeof v32);
        return v32;
    default:
        memcpy(&v64, p, sizeof v64);
        return v64;
    }
}

static const uint8_t *element_at(const struct field *f, const void *base,
                                 uint32_t i)
{
    return (const uint8_t *)base + f->offset + (size_t)i * f->size;
}

/* --- Pack ----------------------------------------------------------------- */

/* Writes the length of what follows `at` into the four bytes before it. */
static void patch_length(struct state_buf *b, size_t at)
{
    if (!b->failed)
        st_le32(b->data + at - 4, (uint32_t)(b->len - at));
}

void state_pack(const struct field *f, const void *base, struct state_buf *b)
{
    for (; f->name; f++) {
        uint8_t name_len = (uint8_t)strlen(f->name);
        size_t value_at;

        assert(strlen(f->name) < 256);
        state_buf_put(b, &name_len, 1);
        state_buf_put(b, f->name, name_len);
        state_buf_put_u32(b, 0);
        value_at = b->len;
        if (f->type != FIELD_STRUCT) {
            uint8_t *to = extend(b, value_bytes(f));

            if (to)
                copy_elements(f, to, (const uint8_t *)base + f->offset);
        }
        for (uint32_t i = 0; f->type == FIELD_STRUCT && i < f->count; i++) {
            size_t element;

            state_buf_put_u32(b, 0);
            element = b->len;
            state_pack(f->sub, element_at(f, base, i), b);
            patch_length(b, element);
        }
        patch_length(b, value_at);
    }
}

/* --- Unpack --------------------------------------------------------------- */

struct record {
    const char *name;
    size_t name_len;
    const uint8_t *value;
    size_t value_len;
};

/* Reads the record at *p and moves *p behind it; false when cut short. */
static bool next_record(const uint8_t **p, const uint8_t *end, struct record *r)
{
    size_t left = (size_t)(end - *p);

    if (left < 1 || left < 1 + (size_t) * *p + 4)
        return false;
    r->name_len = **p;
    r->name = (const char *)*p + 1;
    r->value = *p + 1 + r->name_len + 4;
    r->value_len = ld_le32(r->value - 4);
    if (r->value_len > (size_t)(end - r->value))
        return false;
    *p = r->value + r->value_len;
    return true;
}

static const struct field *field_named(const struct field *f,
                                       const struct record *r)
{
    for (; f->name; f++) {
        if (strlen(f->name) == r->name_len &&
            !memcmp(f->name, r->name, r->name_len))
            return f;
    }
    return NULL;
}

/* Looks a name up in data whose records were found to be whole. */
static unsigned find_record(const char *name, const uint8_t *data, size_t len,
                            struct record *found)
{
    const uint8_t *p = data;
    struct record r;
    unsigned n = 0;

    while (p < data + len && next_record(&p, data + len, &r)) {
        if (r.name_len == strlen(name) && !memcmp(r.name, name, r.name_len)) {
            *found = r;
            n++;
        }
    }
    return n;
}

static bool check_value(const struct field *f, uint16_t version,
                        const struct record *r, struct error *err)
{
    const uint8_t *p = r->value, *end = p + r->value_len;

    if (f->type != FIELD_STRUCT) {
        if (r->value_len != value_bytes(f))
            return error_set(err, EXIT_BAD_DATA,
                             "state: %s has %zu bytes, expected %zu", f->name,
                             r->value_len, value_bytes(f));
        for (; f->type == FIELD_BOOL && p < end; p++) {
            if (*p > 1)
                return error_set(err, EXIT_BAD_DATA,
                                 "state: %s is neither true nor false",
                                 f->name);
        }
        return true;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        size_t n = end - p >= 4 ? ld_le32(p) : SIZE_MAX;

        if (end - p < 4 || n > (size_t)(end - p) - 4)
            return error_set(err, EXIT_BAD_DATA,
                             "state: %s has %u elements, expected %u", f->name,
                             i, f->count);
        if (!state_check(f->sub, version, p + 4, n, err))
            return error_prefix(err, "%s[%u]", f->name, i);
        p += 4 + n;
    }
    if (p != end)
        return error_set(err, EXIT_BAD_DATA,
                         "state: %s has more than %u elements", f->name,
                         f->count);
    return true;
}

bool state_check(const struct field *f, uint16_t version, const uint8_t *data,
                 size_t len, struct error *err)
{
    const uint8_t *p = data, *end = data + len;
    struct record r;

    while (p < end) {
        if (!next_record(&p, end, &r))
            return error_set(err, EXIT_BAD_DATA, "state is cut short");
        if (!field_named(f, &r))
            return error_set(err, EXIT_BAD_DATA, "state: unknown field '%.*s'",
                             (int)r.name_len, r.name);
    }
    for (; f->name; f++) {
        unsigned n = find_record(f->name, data, len, &r);

        if (n == 0 && f->since > version)
            continue;
        if (n != 1)
            return error_set(err, EXIT_BAD_DATA,
                             n ? "state: field %s is there twice"
                               : "state: field %s is missing",
                             f->name);
        if (!check_value(f, version, &r, err))
            return false;
    }
    return true;
}

/* Writes data that state_check has passed. */
static void apply(const struct field *f, void *base, const uint8_t *data,
                  size_t len)
{
    const uint8_t *p = data;
    struct record r;

    while (p < data + len && next_record(&p, data + len, &r)) {
        const struct field *to = field_named(f, &r);
        uint8_t *at = (uint8_t *)base + to->offset;
        const uint8_t *from = r.value;

        if (to->type != FIELD_STRUCT) {
            copy_elements(to, at, from);
            continue;
        }
        for (uint32_t i = 0; i < to->count; i++) {
            size_t n = ld_le32(from);

            apply(to->sub, at + (size_t)i * to->size, from + 4, n);
            from += 4 + n;
        }
    }
}

bool state_unpack(const struct field *f, void *base, uint16_t version,
                  const uint8_t *data, size_t len, struct error *err)
{
    if (!state_check(f, version, data, len, err))
        return false;
    apply(f, base, data, len);
    return true;
}

/* --- Hash, print, diff ---------------------------------------------------- */

uint64_t state_hash(const struct field *f, const void *base, uint64_t seed)
{
    for (; f->name; f++) {
        const uint8_t *at = (const uint8_t *)base + f->offset;

        if (f->type == FIELD_STRUCT) {
            for (uint32_t i = 0; i < f->count; i++)
                seed = state_hash(f->sub, element_at(f, base, i), seed);
        } else if (!HOST_BIG_ENDIAN || f->size == 1) {
            seed = hash_bytes(at, value_bytes(f), seed);
        } else {
            uint8_t *swapped = malloc(value_bytes(f));

            if (!swapped)
                error_no_memory();
            copy_elements(f, swapped, at);
            seed = hash_bytes(swapped, value_bytes(f), seed);
            free(swapped);
        }
    }
    return seed;
}

enum { PRINT_ELEMENTS = 64, PRINT_PER_LINE = 16, NAME_LEN = 128 };

static void print_element(const struct field *f, const void *base, uint32_t i,
                          struct out *out)
{
    uint64_t v = load_element(f, base, i);

    if (f->type == FIELD_BOOL)
        out_printf(out, "%d", v != 0);
    else if (f->type == FIELD_I32)
        out_printf(out, "%" PRId32, (int32_t)v);
    else if (f->type == FIELD_I64)
        out_printf(out, "%" PRId64, (int64_t)v);
    else
        out_printf(out, "%0*" PRIx64, (int)f->size * 2, v);
}

static void print_array(const struct field *f, const void *base,
                        const char *name, struct out *out)
{
    uint32_t shown = f->count < PRINT_ELEMENTS ? f->count : PRINT_ELEMENTS;

    out_printf(out, "  %s[%u]  %s", name, f->count, f->help);
    for (uint32_t i = 0; i < shown; i++) {
        out_printf(out, i % PRINT_PER_LINE ? " " : "\n    %04x: ", i);
        print_element(f, base, i, out);
    }
    if (shown < f->count)
        out_printf(out, "\n    ... %u more", f->count - shown);
    out_printf(out, "\n");
}

static void print_fields(const struct field *f, const void *base,
                         const char *prefix, struct out *out)
{
    for (; f->name; f++) {
        char name[NAME_LEN];

        for (uint32_t i = 0; f->type == FIELD_STRUCT && i < f->count; i++) {
            if (f->count == 1)
                snprintf(name, sizeof name, "%s%s.", prefix, f->name);
            else
                snprintf(name, sizeof name, "%s%s[%u].", prefix, f->name, i);
            print_fields(f->sub, element_at(f, base, i), name, out);
        }
        if (f->type == FIELD_STRUCT)
            continue;
        snprintf(name, sizeof name, "%s%s", prefix, f->name);
        if (f->count > 1) {
            print_array(f, base, name, out);
            continue;
        }
        out_printf(out, "  %-24s ", name);
        print_element(f, base, 0, out);
        out_printf(out, "  %s\n", f->help);
    }
}

void state_print(const struct field *f, const void *base, struct out *out)
{
    print_fields(f, base, "", out);
}

/* One line for a field: its first differing element and how many differ. */
static bool diff_values(const struct field *f, const void *a, const void *b,
                        const char *prefix, struct out *out)
{
    uint32_t different = 0;

    for (uint32_t i = 0; i < f->count; i++) {
        if (load_element(f, a, i) == load_element(f, b, i))
            continue;
        if (different++)
            continue;
        out_printf(out, "  %s%s", prefix, f->name);
        if (f->count > 1)
            out_printf(out, "[%u]", i);
        out_printf(out, ": ");
        print_element(f, a, i, out);
        out_printf(out, " / ");
        print_element(f, b, i, out);
    }
    if (different > 1)
        out_printf(out, " and %u more", different - 1);
    if (different)
        out_printf(out, "\n");
    return different != 0;
}

static unsigned diff_fields(const struct field *f, const void *a, const void *b,
                            const char *prefix, struct out *out)
{
    unsigned n = 0;

    for (; f->name; f++) {
        if (f->type != FIELD_STRUCT) {
            n += diff_values(f, a, b, prefix, out);
            continue;
        }
        for (uint32_t i = 0; i < f->count; i++) {
            char name[NAME_LEN];

            snprintf(name, sizeof name, "%s%s[%u].", prefix, f->name, i);
            n += diff_fields(f->sub, element_at(f, a, i), element_at(f, b, i),
                             name, out);
        }
    }
    return n;
}

unsigned state_diff(const struct field *f, const void *a, const void *b,
                    struct out *out)
{
    return diff_fields(f, a, b, "", out);
}

/* --- Coverage ------------------------------------------------------------- */

static size_t alignment(const struct field *f)
{
    size_t most = 1;

    if (f->type != FIELD_STRUCT)
        return f->size;
    for (const struct field *s = f->sub; s->name; s++) {
        size_t a = alignment(s);

        if (a > most)
            most = a;
    }
    return most;
}

/* The row with the lowest offset at or after `at`. */
static const struct field *next_field(const struct field *f, size_t at)
{
    const struct field *best = NULL;

    for (; f->name; f++) {
        if (f->offset >= at && (!best || f->offset < best->offset))
            best = f;
    }
    return best;
}

size_t state_uncovered(const struct field *table, size_t size)
{
    size_t at = 0, missing = 0, most = 1;
    const struct field *f;

    while ((f = next_field(table, at)) != NULL) {
        size_t a = alignment(f), gap = f->offset - at;

        if (gap >= a)
            missing += gap;
        if (a > most)
            most = a;
        if (f->type == FIELD_STRUCT)
            missing += f->count * state_uncovered(f->sub, f->size);
        at = f->offset + value_bytes(f);
    }
    if (at > size)
        return missing + (at - size);
    return missing + (size - at >= most ? size - at : 0);
}

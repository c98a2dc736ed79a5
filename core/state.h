/*
 * state.h - walk field tables: save, load, hash, print, diff, coverage.
 *
 * A packed table is a list of records by name, little-endian, so that a file
 * written by one version can be read by the next (docs/state-format.md).
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "core/err.h"
#include "core/field.h"
#include "core/out.h"

/* A growing byte buffer; `failed` after running out of memory. */
struct state_buf {
    uint8_t *data;
    size_t len, cap;
    bool failed;
};

void state_buf_free(struct state_buf *b);
void state_buf_put(struct state_buf *b, const void *p, size_t n);
void state_buf_put_u16(struct state_buf *b, uint16_t v);
void state_buf_put_u32(struct state_buf *b, uint32_t v);
void state_buf_put_u64(struct state_buf *b, uint64_t v);

void state_pack(const struct field *f, const void *base, struct state_buf *b);
/*
 * Checks everything first, then writes `base`. Unknown names and bad lengths
 * are errors; a name missing from the data keeps its present value only if
 * its row's `since` is newer than `version`.
 */
bool state_unpack(const struct field *f, void *base, uint16_t version,
                  const uint8_t *data, size_t len, struct error *err);
/* The checks of state_unpack alone. */
bool state_check(const struct field *f, uint16_t version, const uint8_t *data,
                 size_t len, struct error *err);
/* Host-independent 64-bit hash of the values. */
uint64_t state_hash(const struct field *f, const void *base, uint64_t seed);
void state_print(const struct field *f, const void *base, struct out *out);
/* Prints the fields that differ; returns how many. */
unsigned state_diff(const struct field *f, const void *a, const void *b,
                    struct out *out);
/* Bytes of [0, size) that no row describes and that are not alignment
 * padding; 0 when the table is complete. */
size_t state_uncovered(const struct field *f, size_t size);

#endif

/*
 * statefile.h - the container of a saved machine: named, checked sections.
 *
 * Little-endian. Header: magic "KLOCHSST", u32 format version, u32 number of
 * sections, u64 length of the file, u32 CRC of those 24 bytes. Each section:
 * class name (24 bytes), id (16 bytes), both padded with zeros, u16 version,
 * u16 zero, u64 length, u32 CRC of the data, u32 CRC of the 56 bytes before;
 * then the data. A reader checks the whole file before it hands out anything.
 */
#ifndef CORE_STATEFILE_H
#define CORE_STATEFILE_H

#include "core/err.h"
#include "core/state.h"

#define STATE_FILE_FORMAT   1u
#define STATE_FILE_SECTIONS 4096u               /* most sections in a file */
#define STATE_FILE_BYTES    (UINT64_C(8) << 30) /* longest file read */

struct state_section {
    char class_name[24], id[16];
    uint16_t version;
    const uint8_t *data; /* within the file's buffer */
    size_t len;
};

struct state_file {
    struct state_section *sections;
    unsigned count;
    uint8_t *owned; /* what state_file_read has read, else NULL */
};

/* Writing: begin, one section after the other, end; all into `b`. */
void state_file_begin(struct state_buf *b);
/* Class names of up to 23, ids of up to 15 characters; longer: asserts. The
 * pair is unique in a file. */
void state_file_section(struct state_buf *b, const char *class_name,
                        const char *id, uint16_t version, const void *data,
                        size_t len);
/* Completes the header. False when `b` ran out of memory or of sections. */
bool state_file_end(struct state_buf *b, struct error *err);
/* To a new file beside `path`, which then takes its place, so that a full
 * disk never costs the old state. */
bool state_file_write(const char *path, const struct state_buf *b,
                      struct error *err);

/* Checks all of `data`, which must outlive `f`. f->count is 0 on failure. */
bool state_file_parse(struct state_file *f, const uint8_t *data, size_t len,
                      struct error *err);
/* Reads a whole file, then as above. */
bool state_file_read(struct state_file *f, const char *path, struct error *err);
/* NULL when the file has no such section. */
const struct state_section *state_file_find(const struct state_file *f,
                                            const char *class_name,
                                            const char *id);
void state_file_free(struct state_file *f);

#endif

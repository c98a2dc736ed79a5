/*
 * statefile.c - write and check files of saved state.
 */
#include "core/statefile.h"
#include "core/hash.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = {'K', 'L', 'O', 'C', 'H', 'S', 'S', 'T'};

enum { /* offsets */
       H_FORMAT = 8,
       H_COUNT = 12,
       H_LENGTH = 16,
       H_CRC = 24,
       H_SIZE = 28,
       S_CLASS = 0,
       S_ID = 24,
       S_VERSION = 40,
       S_ZERO = 42,
       S_LENGTH = 44,
       S_DATA_CRC = 52,
       S_CRC = 56,
       S_SIZE = 60
};

void state_file_begin(struct state_buf *b)
{
    uint8_t head[H_SIZE] = {0};

    b->len = 0;
    memcpy(head, magic, sizeof magic);
    st_le32(head + H_FORMAT, STATE_FILE_FORMAT);
    state_buf_put(b, head, sizeof head);
}

void state_file_section(struct state_buf *b, const char *class_name,
                        const char *id, uint16_t version, const void *data,
                        size_t len)
{
    uint8_t head[S_SIZE] = {0};

    assert(strlen(class_name) < S_ID - S_CLASS);
    assert(strlen(id) < S_VERSION - S_ID);
    memcpy(head + S_CLASS, class_name, strlen(class_name));
    memcpy(head + S_ID, id, strlen(id));
    st_le16(head + S_VERSION, version);
    st_le64(head + S_LENGTH, len);
    st_le32(head + S_DATA_CRC, crc32_bytes(data, len, 0));
    st_le32(head + S_CRC, crc32_bytes(head, S_CRC, 0));
    state_buf_put(b, head, sizeof head);
    state_buf_put(b, data, len);
    if (!b->failed)
        st_le32(b->data + H_COUNT, ld_le32(b->data + H_COUNT) + 1);
}

bool state_file_end(struct state_buf *b, struct error *err)
{
    if (b->failed)
        return error_set(err, EXIT_INTERNAL,
                         "not enough memory to save the machine");
    if (ld_le32(b->data + H_COUNT) > STATE_FILE_SECTIONS)
        return error_set(err, EXIT_INTERNAL, "more than %u state sections",
                         STATE_FILE_SECTIONS);
    st_le64(b->data + H_LENGTH, b->len);
    st_le32(b->data + H_CRC, crc32_bytes(b->data, H_CRC, 0));
    return true;
}

bool state_file_write(const char *path, const struct state_buf *b,
                      struct error *err)
{
    char *name = NULL;
    FILE *f = NULL;
    bool good = false;
    size_t room = strlen(path) + sizeof ".new";

    name = malloc(room);
    if (!name)
        return error_set(err, EXIT_INTERNAL, "out of memory");
    snprintf(name, room, "%s.new", path);
    f = fopen(name, "wb");
    if (!f) {
        error_set(err, EXIT_NO_OPEN, "cannot write %s: %s", name,
                  strerror(errno));
        goto out;
    }
    good = fwrite(b->data, 1, b->len, f) == b->len && fflush(f) == 0 &&
           fsync(fileno(f)) == 0;
    good = fclose(f) == 0 && good;
    good = good && rename(name, path) == 0;
    if (!good) {
        error_set(err, EXIT_IO, "writing %s failed: %s", path, strerror(errno));
        remove(name);
    }
out:
    free(name);
    return good;
}

static bool check_header(const uint8_t *data, size_t len, struct error *err)
{
    if (len < H_SIZE || memcmp(data, magic, sizeof magic))
        return error_set(err, EXIT_BAD_DATA, "not a Klochs state file");
    if (ld_le32(data + H_FORMAT) != STATE_FILE_FORMAT)
        return error_set(err, EXIT_BAD_DATA,
                         "state file of format %u; this Klochs reads %u",
                         (unsigned)ld_le32(data + H_FORMAT), STATE_FILE_FORMAT);
    if (crc32_bytes(data, H_CRC, 0) != ld_le32(data + H_CRC))
        return error_set(err, EXIT_BAD_DATA, "the header is damaged");
    if (ld_le64(data + H_LENGTH) != len)
        return error_set(err, EXIT_BAD_DATA,
                         "%llu bytes long, but it says %llu: cut short?",
                         (unsigned long long)len,
                         (unsigned long long)ld_le64(data + H_LENGTH));
    if (ld_le32(data + H_COUNT) > STATE_FILE_SECTIONS)
        return error_set(err, EXIT_BAD_DATA, "more than %u sections",
                         STATE_FILE_SECTIONS);
    return true;
}

/* Reads the section at `at`; returns the offset behind it, 0 if damaged. */
static size_t read_section(const uint8_t *data, size_t at, size_t len,
                           struct state_section *s, struct error *err)
{
    const uint8_t *head = data + at;
    uint64_t size;

    if (len - at < S_SIZE) {
        error_set(err, EXIT_BAD_DATA, "a section is cut short");
        return 0;
    }
    size = ld_le64(head + S_LENGTH);
    if (crc32_bytes(head, S_CRC, 0) != ld_le32(head + S_CRC) ||
        head[S_ID - 1] || head[S_VERSION - 1] || ld_le16(head + S_ZERO) ||
        size > len - at - S_SIZE) {
        error_set(err, EXIT_BAD_DATA, "the header of a section is damaged");
        return 0;
    }
    memcpy(s->class_name, head + S_CLASS, sizeof s->class_name);
    memcpy(s->id, head + S_ID, sizeof s->id);
    s->version = ld_le16(head + S_VERSION);
    s->data = head + S_SIZE;
    s->len = (size_t)size;
    if (crc32_bytes(s->data, s->len, 0) != ld_le32(head + S_DATA_CRC)) {
        error_set(err, EXIT_BAD_DATA, "the data of section %s/%s is damaged",
                  s->class_name, s->id);
        return 0;
    }
    return at + S_SIZE + s->len;
}

static bool parse_sections(struct state_file *f, const uint8_t *data,
                           size_t len, struct error *err)
{
    unsigned count = ld_le32(data + H_COUNT);
    size_t at = H_SIZE;

    for (unsigned i = 0; i < count; i++) {
        struct state_section *s = &f->sections[i];

        at = read_section(data, at, len, s, err);
        if (!at)
            return false;
        if (state_file_find(f, s->class_name, s->id))
            return error_set(err, EXIT_BAD_DATA, "section %s/%s is there twice",
                             s->class_name, s->id);
        f->count = i + 1;
    }
    if (at != len)
        return error_set(err, EXIT_BAD_DATA, "data after the last section");
    return true;
}

bool state_file_parse(struct state_file *f, const uint8_t *data, size_t len,
                      struct error *err)
{
    *f = (struct state_file){0};
    if (!check_header(data, len, err))
        return false;
    f->sections =
        calloc((size_t)ld_le32(data + H_COUNT) + 1, sizeof *f->sections);
    if (!f->sections)
        return error_set(err, EXIT_INTERNAL, "out of memory");
    if (parse_sections(f, data, len, err))
        return true;
    state_file_free(f);
    return false;
}

/* The whole of a regular file; NULL on failure. */
static uint8_t *slurp(const char *path, size_t *len, struct error *err)
{
    FILE *in = fopen(path, "rb");
    uint8_t *data = NULL;
    struct stat st;

    if (!in) {
        error_set(err, EXIT_NO_OPEN, "cannot open: %s", strerror(errno));
        return NULL;
    }
    if (fstat(fileno(in), &st) || !S_ISREG(st.st_mode)) {
        error_set(err, EXIT_NO_OPEN, "not a regular file");
    } else if ((uint64_t)st.st_size > STATE_FILE_BYTES) {
        error_set(err, EXIT_BAD_DATA, "too long for a state file");
    } else if ((data = malloc((size_t)st.st_size + 1)) == NULL) {
        error_set(err, EXIT_INTERNAL, "not enough memory to load it");
    } else if (fread(data, 1, (size_t)st.st_size, in) != (size_t)st.st_size) {
        error_set(err, EXIT_IO, "reading failed");
        free(data);
        data = NULL;
    } else {
        *len = (size_t)st.st_size;
    }
    fclose(in);
    return data;
}

bool state_file_read(struct state_file *f, const char *path, struct error *err)
{
    size_t len = 0;
    uint8_t *data = slurp(path, &len, err);

    *f = (struct state_file){0};
    if (!data)
        return error_prefix(err, "%s", path);
    if (!state_file_parse(f, data, len, err)) {
        free(data);
        return error_prefix(err, "%s", path);
    }
    f->owned = data;
    return true;
}

const struct state_section *state_file_find(const struct state_file *f,
                                            const char *class_name,
                                            const char *id)
{
    for (unsigned i = 0; i < f->count; i++) {
        if (!strcmp(f->sections[i].class_name, class_name) &&
            !strcmp(f->sections[i].id, id))
            return &f->sections[i];
    }
    return NULL;
}

void state_file_free(struct state_file *f)
{
    free(f->sections);
    free(f->owned);
    *f = (struct state_file){0};
}

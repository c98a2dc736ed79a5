/*
 * dwarf_lines.c - source lines of addresses from .debug_line.
 *
 * DWARF versions 2 to 5, section 6.2 of the standard ("Line Number
 * Information"). A unit of another version, or one that is damaged, is passed
 * over; its code then has no lines.
 */
#include "debugger/symbols.h"

#include <stdio.h>
#include <stdlib.h>

/* Files of one unit; more are shown as "?". */
#define FILES_MAX 4096

enum {
    LNS_COPY = 1,
    LNS_ADVANCE_PC,
    LNS_ADVANCE_LINE,
    LNS_SET_FILE,
    LNS_SET_COLUMN,
    LNS_NEGATE_STMT,
    LNS_BASIC_BLOCK,
    LNS_CONST_ADD_PC,
    LNS_FIXED_ADVANCE_PC,
    LNE_END_SEQUENCE = 1,
    LNE_SET_ADDRESS,
    LNE_DEFINE_FILE,
    LNCT_PATH = 1,
    LNCT_DIRECTORY = 2,
    FORM_BLOCK2 = 0x03,
    FORM_BLOCK4 = 0x04,
    FORM_DATA2 = 0x05,
    FORM_DATA4 = 0x06,
    FORM_DATA8 = 0x07,
    FORM_STRING = 0x08,
    FORM_BLOCK = 0x09,
    FORM_BLOCK1 = 0x0a,
    FORM_DATA1 = 0x0b,
    FORM_STRP = 0x0e,
    FORM_UDATA = 0x0f,
    FORM_DATA16 = 0x1e,
    FORM_LINE_STRP = 0x1f
};

struct reader {
    const uint8_t *p, *end;
    bool bad; /* read beyond the end */
};

static uint64_t fixed(struct reader *r, unsigned n)
{
    uint64_t v = 0;

    if ((size_t)(r->end - r->p) < n) {
        r->bad = true;
        r->p = r->end;
        return 0;
    }
    for (unsigned i = 0; i < n && i < 8; i++)
        v |= (uint64_t)r->p[i] << 8 * i;
    r->p += n;
    return v;
}

static uint64_t uleb(struct reader *r)
{
    uint64_t v = 0;

    for (unsigned shift = 0; !r->bad; shift += 7) {
        uint64_t b = fixed(r, 1);

        if (shift < 64)
            v |= (b & 0x7f) << shift;
        if (!(b & 0x80))
            break;
    }
    return v;
}

static int64_t sleb(struct reader *r)
{
    uint64_t v = 0, b = 0;
    unsigned shift = 0;

    do {
        b = fixed(r, 1);
        if (shift < 64)
            v |= (b & 0x7f) << shift;
        shift += 7;
    } while (b & 0x80 && !r->bad);
    if (shift < 64 && b & 0x40)
        v |= ~UINT64_C(0) << shift;
    return (int64_t)v;
}

static const char *string(struct reader *r)
{
    const char *s = (const char *)r->p;
    const uint8_t *zero = memchr(r->p, 0, (size_t)(r->end - r->p));

    if (!zero) {
        r->bad = true;
        r->p = r->end;
        return "";
    }
    r->p = zero + 1;
    return s;
}

struct unit {
    struct symbols *out;
    struct reader r; /* of this unit alone */
    const uint8_t *program;
    const uint8_t *str, *line_str;
    size_t str_size, line_str_size;
    uint64_t offset;
    unsigned version, min_len, line_range, opcode_base;
    int line_base;
    bool stmt; /* at the start of a sequence */
    bool wide; /* 64-bit DWARF */
    uint8_t lengths[256];
    const char *dirs[FILES_MAX];
    unsigned dir_count;
    uint32_t files[FILES_MAX];
    unsigned file_count;
};

static void add_file(struct unit *u, const char *name, uint64_t dir)
{
    char path[1024];
    const char *folder = dir < u->dir_count ? u->dirs[dir] : NULL;

    if (u->file_count == FILES_MAX)
        return;
    if (folder && *folder && *name != '/')
        snprintf(path, sizeof path, "%.500s/%.500s", folder, name);
    else
        snprintf(path, sizeof path, "%.1000s", name);
    u->files[u->file_count++] = symbols_add_file(u->out, path);
}

/* Versions 2 to 4: file numbers and directories begin with 1. */
static void old_tables(struct unit *u)
{
    u->dirs[u->dir_count++] = "";
    u->files[u->file_count++] = UINT32_MAX;
    while (!u->r.bad) {
        const char *s = string(&u->r);

        if (!*s)
            break;
        if (u->dir_count < FILES_MAX)
            u->dirs[u->dir_count++] = s;
    }
    while (!u->r.bad) {
        const char *s = string(&u->r);
        uint64_t dir;

        if (!*s)
            break;
        dir = uleb(&u->r);
        uleb(&u->r); /* time */
        uleb(&u->r); /* length */
        add_file(u, s, dir);
    }
}

static const char *from_table(const uint8_t *p, size_t size, uint64_t at)
{
    if (at >= size || !memchr(p + at, 0, size - at))
        return "?";
    return (const char *)p + at;
}

/* A value of one of the forms that version 5 allows here. */
static uint64_t form(struct unit *u, uint64_t kind, const char **text)
{
    struct reader *r = &u->r;
    uint64_t v;

    switch (kind) {
    case FORM_STRING:
        *text = string(r);
        return 0;
    case FORM_LINE_STRP:
        v = fixed(r, u->wide ? 8 : 4);
        *text = from_table(u->line_str, u->line_str_size, v);
        return 0;
    case FORM_STRP:
        v = fixed(r, u->wide ? 8 : 4);
        *text = from_table(u->str, u->str_size, v);
        return 0;
    case FORM_DATA1:
        return fixed(r, 1);
    case FORM_DATA2:
        return fixed(r, 2);
    case FORM_DATA4:
        return fixed(r, 4);
    case FORM_DATA8:
        return fixed(r, 8);
    case FORM_DATA16:
        return fixed(r, 16);
    case FORM_UDATA:
        return uleb(r);
    case FORM_BLOCK:
        v = uleb(r);
        break;
    case FORM_BLOCK1:
        v = fixed(r, 1);
        break;
    case FORM_BLOCK2:
        v = fixed(r, 2);
        break;
    case FORM_BLOCK4:
        v = fixed(r, 4);
        break;
    default:
        r->bad = true;
        return 0;
    }
    if (v > (uint64_t)(r->end - r->p))
        r->bad = true;
    else
        r->p += v;
    return 0;
}

/* Version 5: both tables say themselves what they hold. */
static void new_table(struct unit *u, bool files)
{
    uint64_t kinds[32][2], count;
    unsigned columns = (unsigned)fixed(&u->r, 1);

    if (columns > 32) {
        u->r.bad = true;
        return;
    }
    for (unsigned i = 0; i < columns; i++) {
        kinds[i][0] = uleb(&u->r);
        kinds[i][1] = uleb(&u->r);
    }
    count = uleb(&u->r);
    for (uint64_t n = 0; n < count && columns && !u->r.bad; n++) {
        const char *name = "?", *text = "?";
        uint64_t dir = 0;

        for (unsigned i = 0; i < columns; i++) {
            uint64_t v = form(u, kinds[i][1], &text);

            if (kinds[i][0] == LNCT_PATH)
                name = text;
            else if (kinds[i][0] == LNCT_DIRECTORY)
                dir = v;
        }
        if (files)
            add_file(u, name, dir);
        else if (u->dir_count < FILES_MAX)
            u->dirs[u->dir_count++] = name;
    }
}

/* Up to the first instruction of the line program. */
static bool header(struct unit *u)
{
    struct reader *r = &u->r;
    uint64_t length;

    u->version = (unsigned)fixed(r, 2);
    if (u->version < 2 || u->version > 5)
        return false;
    if (u->version == 5)
        fixed(r, 2); /* address and segment selector sizes */
    length = fixed(r, u->wide ? 8 : 4);
    if (length > (uint64_t)(r->end - r->p))
        return false;
    u->program = r->p + length;
    u->min_len = (unsigned)fixed(r, 1);
    if (u->version >= 4)
        fixed(r, 1); /* operations per instruction: 1 on x86 */
    u->stmt = fixed(r, 1) != 0;
    u->line_base = (int8_t)fixed(r, 1);
    u->line_range = (unsigned)fixed(r, 1);
    u->opcode_base = (unsigned)fixed(r, 1);
    if (!u->line_range || !u->opcode_base)
        return false;
    for (unsigned i = 1; i < u->opcode_base; i++)
        u->lengths[i] = (uint8_t)fixed(r, 1);
    if (u->version == 5) {
        new_table(u, false);
        new_table(u, true);
    } else {
        old_tables(u);
    }
    return !r->bad;
}

struct state {
    uint64_t addr, file;
    int64_t line;
    bool stmt; /* a place to stop at */
};

static struct state start_state(const struct unit *u)
{
    return (struct state){0, 1, 1, u->stmt};
}

/* Rows that are no place to stop at belong to the one before. */
static void row(struct unit *u, const struct state *s, bool end)
{
    uint32_t file = s->file < u->file_count ? u->files[s->file] : UINT32_MAX;
    int64_t line = s->line < 0 || s->line > INT32_MAX ? 0 : s->line;

    if (!s->stmt && !end)
        return;
    symbols_add_line(u->out, s->addr + u->offset, file,
                     end ? 0 : (uint32_t)line);
}

static void extended(struct unit *u, struct state *s)
{
    uint64_t len = uleb(&u->r);
    const uint8_t *next;

    if (!len || len > (uint64_t)(u->r.end - u->r.p)) {
        u->r.bad = true;
        return;
    }
    next = u->r.p + len;
    switch (fixed(&u->r, 1)) {
    case LNE_END_SEQUENCE:
        row(u, s, true);
        *s = start_state(u);
        break;
    case LNE_SET_ADDRESS:
        s->addr = fixed(&u->r, len - 1 < 8 ? (unsigned)len - 1 : 8);
        break;
    default:
        break;
    }
    u->r.p = next;
}

static void standard(struct unit *u, struct state *s, unsigned op)
{
    switch (op) {
    case LNS_COPY:
        row(u, s, false);
        break;
    case LNS_ADVANCE_PC:
        s->addr += uleb(&u->r) * u->min_len;
        break;
    case LNS_ADVANCE_LINE:
        s->line = (int64_t)((uint64_t)s->line + (uint64_t)sleb(&u->r));
        break;
    case LNS_SET_FILE:
        s->file = uleb(&u->r);
        break;
    case LNS_NEGATE_STMT:
        s->stmt = !s->stmt;
        break;
    case LNS_CONST_ADD_PC:
        s->addr +=
            (uint64_t)((255 - u->opcode_base) / u->line_range) * u->min_len;
        break;
    case LNS_FIXED_ADVANCE_PC:
        s->addr += fixed(&u->r, 2);
        break;
    default:
        for (unsigned i = 0; i < u->lengths[op]; i++)
            uleb(&u->r);
        break;
    }
}

static void run_program(struct unit *u)
{
    struct state s = start_state(u);

    u->r.p = u->program;
    while (u->r.p < u->r.end && !u->r.bad) {
        unsigned op = (unsigned)fixed(&u->r, 1);

        if (op >= u->opcode_base) {
            unsigned k = op - u->opcode_base;

            s.addr += (uint64_t)(k / u->line_range) * u->min_len;
            s.line += u->line_base + (int)(k % u->line_range);
            row(u, &s, false);
        } else if (op) {
            standard(u, &s, op);
        } else {
            extended(u, &s);
        }
    }
}

bool symbols_load_dwarf_lines(struct symbols *s, const uint8_t *line,
                              size_t line_size, const uint8_t *str,
                              size_t str_size, const uint8_t *line_str,
                              size_t line_str_size, uint64_t offset,
                              struct error *err)
{
    struct reader r = {line, line + line_size, false};
    struct unit *u = NULL;

    while (r.p < r.end && !r.bad) {
        uint64_t len = fixed(&r, 4);
        bool wide = len == UINT32_MAX;

        if (wide)
            len = fixed(&r, 8);
        if (r.bad || len > (uint64_t)(r.end - r.p))
            return error_set(err, EXIT_BAD_DATA, "the line table is cut off");
        free(u);
        u = calloc(1, sizeof *u);
        if (!u)
            error_no_memory();
        *u = (struct unit){.out = s,
                           .r = {r.p, r.p + len, false},
                           .str = str,
                           .str_size = str_size,
                           .line_str = line_str,
                           .line_str_size = line_str_size,
                           .offset = offset,
                           .wide = wide};
        r.p += len;
        if (header(u))
            run_program(u);
    }
    free(u);
    return true;
}

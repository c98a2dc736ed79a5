/*
 * coff_symbols.c - names in COFF objects and PE programs of x86.
 *
 * Microsoft's PE Format, revision 11: "COFF File Header", "COFF Symbol
 * Table", "The .edata Section". Programs without a symbol table still have
 * the names that they export. Addresses are those at the preferred base.
 */
#include "debugger/symbols.h"

enum {
    MACHINE_386 = 0x14c,
    MACHINE_AMD64 = 0x8664,
    FILE_HEADER = 20,
    SECTION_HEADER = 40,
    SYMBOL = 18,
    CLASS_EXTERNAL = 2,
    CLASS_STATIC = 3,
    CLASS_LABEL = 6,
    EXPORTS_MAX = 1 << 20
};

struct coff {
    const uint8_t *data;
    size_t size;
    size_t header; /* of the file */
    uint64_t base; /* ImageBase; 0: an object */
    uint32_t export_rva;
    unsigned sections;
    size_t section; /* headers of sections */
};

/* NULL when [at, at + n) is not all there. */
static const uint8_t *part(const struct coff *c, uint64_t at, uint64_t n)
{
    return at <= c->size && n <= c->size - at ? c->data + at : NULL;
}

static bool machine(const uint8_t *p)
{
    unsigned m = ld_le16(p);

    return m == MACHINE_386 || m == MACHINE_AMD64;
}

static bool open_coff(struct coff *c, const uint8_t *data, size_t size)
{
    const uint8_t *h, *o;
    unsigned optional, magic;

    *c = (struct coff){.data = data, .size = size};
    if (size >= 64 && data[0] == 'M' && data[1] == 'Z') {
        h = part(c, ld_le32(data + 60), 4 + FILE_HEADER);
        if (!h || memcmp(h, "PE\0\0", 4) != 0)
            return false;
        c->header = (size_t)(h + 4 - data);
    }
    h = part(c, c->header, FILE_HEADER);
    if (!h || !machine(h))
        return false;
    c->sections = ld_le16(h + 2);
    optional = ld_le16(h + 16);
    /* An object has no optional header and no characteristics of a program:
     * two bytes alone are too little to know it by. */
    if (!c->header && (optional || ld_le16(h + 18) & 2 || !c->sections))
        return false;
    c->section = c->header + FILE_HEADER + optional;
    o = part(c, c->header + FILE_HEADER, optional);
    if (!o || !part(c, c->section, (uint64_t)c->sections * SECTION_HEADER))
        return false;
    if (optional < 100)
        return true;
    magic = ld_le16(o);
    if (magic == 0x20b) {
        c->base = ld_le64(o + 24);
        c->export_rva = optional >= 120 ? ld_le32(o + 112) : 0;
    } else if (magic == 0x10b) {
        c->base = ld_le32(o + 28);
        c->export_rva = ld_le32(o + 96);
    }
    return true;
}

bool symbols_is_coff(const uint8_t *data, size_t size)
{
    struct coff c;

    return open_coff(&c, data, size);
}

/* Section `number` counts from 1. */
static const uint8_t *section(const struct coff *c, unsigned number)
{
    if (!number || number > c->sections)
        return NULL;
    return c->data + c->section + (size_t)(number - 1) * SECTION_HEADER;
}

static void read_table(struct symbols *s, const struct coff *c, uint64_t offset)
{
    const uint8_t *h = c->data + c->header;
    uint64_t at = ld_le32(h + 8), count = ld_le32(h + 12);
    const uint8_t *table = part(c, at, count * SYMBOL), *strings;
    uint32_t size;

    if (!at || !table)
        return;
    strings = part(c, at + count * SYMBOL, 4);
    size = strings ? ld_le32(strings) : 0;
    if (!strings || !part(c, at + count * SYMBOL, size))
        size = 0;
    for (uint64_t i = 0; i < count; i += 1 + table[i * SYMBOL + 17]) {
        const uint8_t *y = table + i * SYMBOL;
        const uint8_t *home = section(c, ld_le16(y + 12));
        const char *name = (const char *)y;
        size_t n = strnlen(name, 8);
        uint32_t far = ld_le32(y + 4);

        if (!ld_le32(y)) { /* a long name */
            if (far >= size || !memchr(strings + far, 0, size - far))
                continue;
            name = (const char *)strings + far;
            n = strlen(name);
        }
        if (!home || !n || *name == '.' ||
            (y[16] != CLASS_EXTERNAL && y[16] != CLASS_STATIC &&
             y[16] != CLASS_LABEL))
            continue;
        symbols_add(s, name, n,
                    c->base + ld_le32(home + 12) + ld_le32(y + 8) + offset, 0);
    }
}

/* The bytes that will be at an address relative to the image base. */
static const uint8_t *at_rva(const struct coff *c, uint32_t rva, uint64_t n)
{
    for (unsigned i = 1; i <= c->sections; i++) {
        const uint8_t *h = section(c, i);
        uint32_t start = ld_le32(h + 12), size = ld_le32(h + 16);

        if (rva >= start && rva - start < size && n <= size - (rva - start))
            return part(c, (uint64_t)ld_le32(h + 20) + (rva - start), n);
    }
    return NULL;
}

static void read_exports(struct symbols *s, const struct coff *c,
                         uint64_t offset)
{
    const uint8_t *d = at_rva(c, c->export_rva, 40);
    uint32_t functions, names;
    const uint8_t *f, *y, *o;

    if (!c->export_rva || !d)
        return;
    functions = ld_le32(d + 20);
    names = ld_le32(d + 24);
    if (functions > EXPORTS_MAX || names > EXPORTS_MAX)
        return;
    f = at_rva(c, ld_le32(d + 28), 4ull * functions);
    y = at_rva(c, ld_le32(d + 32), 4ull * names);
    o = at_rva(c, ld_le32(d + 36), 2ull * names);
    if (!f || !y || !o)
        return;
    for (uint32_t i = 0; i < names; i++) {
        unsigned ordinal = ld_le16(o + 2 * (size_t)i);
        const uint8_t *name = at_rva(c, ld_le32(y + 4 * (size_t)i), 1);
        size_t n = 0, room;

        if (!name || ordinal >= functions)
            continue;
        room = c->size - (size_t)(name - c->data);
        n = strnlen((const char *)name, room);
        if (n && n < room)
            symbols_add(s, (const char *)name, n,
                        c->base + ld_le32(f + 4 * (size_t)ordinal) + offset, 0);
    }
}

bool symbols_load_coff(struct symbols *s, const uint8_t *data, size_t size,
                       uint64_t offset, struct error *err)
{
    struct coff c;

    if (!open_coff(&c, data, size))
        return error_set(err, EXIT_BAD_DATA, "not a COFF file of x86");
    read_table(s, &c, offset);
    if (!symbols_count(s))
        read_exports(s, &c, offset);
    if (!symbols_count(s))
        return error_set(err, EXIT_BAD_DATA,
                         "the COFF file has no symbols (stripped?)");
    return true;
}

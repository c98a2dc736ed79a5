/*
 * elf_symbols.c - symbol and line tables of an ELF file.
 *
 * Both classes, little-endian (the guest's order). Read by hand: what is
 * needed of the format are the section headers, .symtab and .debug_line, and
 * a library for that may not be there. System V ABI, chapter 4.
 */
#include "debugger/symbols.h"

enum {
    SHT_SYMTAB = 2,
    SHT_DYNSYM = 11,
    STT_SECTION = 3,
    STT_FILE = 4,
    SHN_UNDEF = 0,
    SHN_ABS = 0xfff1,
    SHN_LORESERVE = 0xff00,
    SHF_COMPRESSED = 1 << 11
};

struct elf {
    const uint8_t *data;
    size_t size;
    bool wide; /* 64-bit */
    uint64_t shoff;
    unsigned shentsize, shnum, shstrndx;
};

struct section {
    uint32_t name, type, link;
    uint64_t flags, addr, offset, size, entsize;
};

static uint64_t word(const struct elf *e, const uint8_t *p)
{
    return e->wide ? ld_le64(p) : ld_le32(p);
}

static bool read_section(const struct elf *e, unsigned i, struct section *s)
{
    const uint8_t *p;

    if (i >= e->shnum)
        return false;
    p = e->data + e->shoff + (size_t)i * e->shentsize;
    s->name = ld_le32(p);
    s->type = ld_le32(p + 4);
    if (e->wide) {
        s->flags = ld_le64(p + 8);
        s->addr = ld_le64(p + 16);
        s->offset = ld_le64(p + 24);
        s->size = ld_le64(p + 32);
        s->link = ld_le32(p + 40);
        s->entsize = ld_le64(p + 56);
    } else {
        s->flags = ld_le32(p + 8);
        s->addr = ld_le32(p + 12);
        s->offset = ld_le32(p + 16);
        s->size = ld_le32(p + 20);
        s->link = ld_le32(p + 24);
        s->entsize = ld_le32(p + 36);
    }
    return s->offset <= e->size && s->size <= e->size - s->offset;
}

static bool open_elf(struct elf *e, const uint8_t *data, size_t size,
                     struct error *err)
{
    size_t head;

    *e = (struct elf){.data = data, .size = size};
    if (size < 52 || data[5] != 1 || (data[4] != 1 && data[4] != 2))
        return error_set(err, EXIT_BAD_DATA,
                         "not an ELF file for a little-endian machine");
    e->wide = data[4] == 2;
    head = e->wide ? 64 : 52;
    if (size < head)
        return error_set(err, EXIT_BAD_DATA, "the ELF header is cut off");
    e->shoff = word(e, data + (e->wide ? 40 : 32));
    e->shentsize = ld_le16(data + head - 6);
    e->shnum = ld_le16(data + head - 4);
    e->shstrndx = ld_le16(data + head - 2);
    if (e->shentsize < (e->wide ? 64u : 40u) || e->shoff > size ||
        (size - e->shoff) / e->shentsize < e->shnum)
        return error_set(err, EXIT_BAD_DATA,
                         "the ELF section headers are damaged");
    return true;
}

/* The terminated string at `at` of a string table, or "". */
static const char *text_at(const uint8_t *p, size_t size, uint64_t at)
{
    if (at >= size || !memchr(p + at, 0, size - at))
        return "";
    return (const char *)p + at;
}

static void read_symbols(struct symbols *out, const struct elf *e,
                         const struct section *s, uint64_t offset)
{
    struct section strings, home;
    size_t entry = e->wide ? 24 : 16;

    if (!read_section(e, s->link, &strings))
        return;
    for (uint64_t at = 0; at + entry <= s->size; at += entry) {
        const uint8_t *p = e->data + s->offset + at;
        uint64_t value = e->wide ? ld_le64(p + 8) : ld_le32(p + 4);
        uint64_t size = e->wide ? ld_le64(p + 16) : ld_le32(p + 8);
        unsigned type = p[e->wide ? 4 : 12] & 15;
        unsigned index = ld_le16(p + (e->wide ? 6 : 14));
        const char *name =
            text_at(e->data + strings.offset, strings.size, ld_le32(p));

        if (type == STT_SECTION || type == STT_FILE || !*name ||
            index == SHN_UNDEF || (index >= SHN_LORESERVE && index != SHN_ABS))
            continue;
        /* In relocatable files values count from the section. */
        if (ld_le16(e->data + 16) == 1 && read_section(e, index, &home))
            value += home.addr;
        symbols_add(out, name, strlen(name), value + offset, size);
    }
}

static bool find_section(const struct elf *e, const char *name,
                         struct section *s)
{
    struct section names;

    if (!read_section(e, e->shstrndx, &names))
        return false;
    for (unsigned i = 1; i < e->shnum; i++)
        if (read_section(e, i, s) &&
            !strcmp(text_at(e->data + names.offset, names.size, s->name), name))
            return true;
    memset(s, 0, sizeof *s);
    return false;
}

/* Compressed as the standard has it, or as GNU had it before. */
static bool lines_packed(const struct elf *e)
{
    struct section s;

    return (find_section(e, ".debug_line", &s) && s.flags & SHF_COMPRESSED) ||
           find_section(e, ".zdebug_line", &s);
}

/* Version 5 has names in a section that may be compressed by itself. */
static bool strings_packed(const struct elf *e)
{
    struct section s;

    return (find_section(e, ".debug_str", &s) && s.flags & SHF_COMPRESSED) ||
           (find_section(e, ".debug_line_str", &s) && s.flags & SHF_COMPRESSED);
}

bool symbols_load_elf(struct symbols *s, const uint8_t *data, size_t size,
                      uint64_t offset, bool *packed, struct error *err)
{
    struct section sec, str, line_str;
    struct elf e;
    bool found = false;

    *packed = false;
    if (!open_elf(&e, data, size, err))
        return false;
    for (unsigned pass = SHT_SYMTAB; pass <= SHT_DYNSYM && !found;
         pass += SHT_DYNSYM - SHT_SYMTAB)
        for (unsigned i = 1; i < e.shnum; i++)
            if (read_section(&e, i, &sec) && sec.type == pass) {
                read_symbols(s, &e, &sec, offset);
                found = true;
            }
    if (!found)
        return error_set(err, EXIT_BAD_DATA,
                         "the ELF file has no symbol table (stripped?)");
    *packed = lines_packed(&e) || strings_packed(&e);
    if (*packed || !find_section(&e, ".debug_line", &sec))
        return true;
    find_section(&e, ".debug_str", &str);
    find_section(&e, ".debug_line_str", &line_str);
    return symbols_load_dwarf_lines(
        s, data + sec.offset, sec.size, data + str.offset, str.size,
        data + line_str.offset, line_str.size, offset, err);
}

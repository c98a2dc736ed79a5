/*
 * symbols.h - names of addresses: text files, ELF and COFF symbol tables.
 *
 * A symbol belongs to one address space (a value of CR3) or to all. Questions
 * see the symbols of the space that is current, then those of all. Addresses
 * are linear.
 */
#ifndef DEBUGGER_SYMBOLS_H
#define DEBUGGER_SYMBOLS_H

#include "core/err.h"
#include "core/out.h"

struct symbol {
    uint64_t addr;
    uint64_t size; /* 0: up to the next one */
    char *name;
};

/* A line of a source file begins at an address. */
struct source_line {
    uint64_t addr;
    uint32_t file;  /* number of its name */
    uint32_t line;  /* 0: no line from here on */
    uint32_t order; /* of rows at one address the last one counts */
};

struct symbols;
struct dw_module;

/* The space of symbols for all; CR3 counts without its low 12 bits. */
#define SYMBOLS_GLOBAL UINT64_MAX

struct symbols *symbols_create(void);
void symbols_destroy(struct symbols *s);
/* From now on *cr3 says which space is current; NULL: only that of all. */
void symbols_follow(struct symbols *s, const uint64_t *cr3);
/* A file of lines "HEX NAME" or "HEX TYPE NAME" (nm, System.map), an ELF file
 * with its symbol and line tables, or a COFF or PE one; `offset` is added to
 * each address. True with a text in err: a warning. */
bool symbols_load(struct symbols *s, const char *path, uint64_t offset,
                  uint64_t space, struct error *err);
/* s may be NULL, here and below. The name of the current space, or of all. */
bool symbols_value(const struct symbols *s, const char *name, uint64_t *addr);
/* All that have the name: static functions may share it. How many of at most
 * `max`. */
size_t symbols_values(const struct symbols *s, const char *name, uint64_t *out,
                      size_t max);
/* The last one that begins at or before addr and reaches it; NULL: none. */
const struct symbol *symbols_at(const struct symbols *s, uint64_t addr);
/* Of those that can be seen now: the current space's, then those of all,
 * each by address. */
size_t symbols_count(const struct symbols *s);
/* The space whose symbol reaches the address, SYMBOLS_GLOBAL: that of all, or
 * none. */
uint64_t symbols_space_at(const struct symbols *s, uint64_t addr);
/* Nothing was loaded for any space. */
bool symbols_empty(const struct symbols *s);
const struct symbol *symbols_get(const struct symbols *s, size_t i);

/* ---- source lines ---- */
size_t symbols_line_count(const struct symbols *s);
/* The row in force at addr; NULL: no source there. */
const struct source_line *symbols_line_at(const struct symbols *s,
                                          uint64_t addr);
const char *symbols_file(const struct symbols *s, uint32_t file);
/* Where the code of FILE:LINE begins in each function that has some of it, or
 * that of the next line with code; how many of at most `max`. FILE may lack
 * its folders. */
size_t symbols_line_addrs(const struct symbols *s, const char *file,
                          unsigned line, uint64_t *out, size_t max);
/* The first of these. */
bool symbols_line_addr(const struct symbols *s, const char *file, unsigned line,
                       uint64_t *addr);
/* Does more than one line begin at the address? */
bool symbols_lines_share(const struct symbols *s, uint64_t addr);
/* The next row behind addr's with another address; NULL: none. */
const struct source_line *symbols_next_line(const struct symbols *s,
                                            uint64_t addr);

/* ---- debug information: files whose symbols can be seen now ---- */
/* The first one, then the one after m. */
struct dw_module *symbols_module(const struct symbols *s,
                                 const struct dw_module *m);
/* One with a unit that holds the linear address. */
struct dw_module *symbols_module_at(const struct symbols *s, uint64_t addr);

/* Used by the readers of file formats: copies; order does not matter. */
void symbols_add(struct symbols *s, const char *name, size_t len, uint64_t addr,
                 uint64_t size);
uint32_t symbols_add_file(struct symbols *s, const char *name);
/* The last file added if it has this name, or a new one. */
uint32_t symbols_file_number(struct symbols *s, const char *name);
void symbols_add_line(struct symbols *s, uint64_t addr, uint32_t file,
                      uint32_t line);

/* elf_symbols.c, coff_symbols.c, dwarf_lines.c: `data` is the whole file,
 * trusted nowhere. *packed: its line table is compressed. */
bool symbols_load_elf(struct symbols *s, const uint8_t *data, size_t size,
                      uint64_t offset, bool *packed, struct error *err);
bool symbols_is_coff(const uint8_t *data, size_t size);
bool symbols_load_coff(struct symbols *s, const uint8_t *data, size_t size,
                       uint64_t offset, struct error *err);
bool symbols_load_dwarf_lines(struct symbols *s, const uint8_t *line,
                              size_t line_size, const uint8_t *str,
                              size_t str_size, const uint8_t *line_str,
                              size_t line_str_size, uint64_t offset,
                              struct error *err);

#endif

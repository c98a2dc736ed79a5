/*
 * symbols.h - names of addresses: text files and ELF symbol tables.
 *
 * A symbol set may be meant for one address space (the value of CR3 when it
 * was loaded) or for all. Addresses are linear.
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
    uint32_t file; /* number of its name */
    uint32_t line; /* 0: no line from here on */
};

struct symbols;

struct symbols *symbols_create(void);
void symbols_destroy(struct symbols *s);
/* A file of lines "HEX NAME" or "HEX TYPE NAME" (nm, System.map), or an ELF
 * file with its symbol and line tables; `offset` is added to each address. */
bool symbols_load(struct symbols *s, const char *path, uint64_t offset,
                  struct error *err);
/* s may be NULL. */
bool symbols_value(const struct symbols *s, const char *name, uint64_t *addr);
/* The last one that begins at or before addr and reaches it; NULL: none. */
const struct symbol *symbols_at(const struct symbols *s, uint64_t addr);
size_t symbols_count(const struct symbols *s);
/* By address. */
const struct symbol *symbols_get(const struct symbols *s, size_t i);

/* ---- source lines ---- */
size_t symbols_line_count(const struct symbols *s);
/* The row in force at addr; NULL: no source there. */
const struct source_line *symbols_line_at(const struct symbols *s,
                                          uint64_t addr);
const char *symbols_file(const struct symbols *s, uint32_t file);
/* First address of FILE:LINE, or of the next line that has code. FILE may
 * lack its folders. */
bool symbols_line_addr(const struct symbols *s, const char *file, unsigned line,
                       uint64_t *addr);
/* Used by the readers of file formats: copies; order does not matter. */
void symbols_add(struct symbols *s, const char *name, size_t len, uint64_t addr,
                 uint64_t size);
uint32_t symbols_add_file(struct symbols *s, const char *name);
void symbols_add_line(struct symbols *s, uint64_t addr, uint32_t file,
                      uint32_t line);

/* elf_symbols.c, dwarf_lines.c: `data` is the whole file, trusted nowhere. */
bool symbols_load_elf(struct symbols *s, const uint8_t *data, size_t size,
                      uint64_t offset, struct error *err);
bool symbols_load_dwarf_lines(struct symbols *s, const uint8_t *line,
                              size_t line_size, const uint8_t *str,
                              size_t str_size, const uint8_t *line_str,
                              size_t line_str_size, uint64_t offset,
                              struct error *err);

#endif

/*
 * symbols.c - names of addresses: text files and ELF symbol tables.
 */
#include "debugger/symbols.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A symbol file larger than this is taken for a mistake. */
#define FILE_MAX ((size_t)1 << 30)

/* A symbol without a size reaches this far when nothing follows it. */
#define REACH_MAX (UINT64_C(1) << 20)

struct symbols {
    struct symbol *sym;
    size_t count, cap;
    struct source_line *line;
    size_t line_count, line_cap;
    char **file;
    size_t file_count, file_cap;
};

struct symbols *symbols_create(void)
{
    struct symbols *s = calloc(1, sizeof *s);

    if (!s)
        error_no_memory();
    return s;
}

void symbols_destroy(struct symbols *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        free(s->sym[i].name);
    for (size_t i = 0; i < s->file_count; i++)
        free(s->file[i]);
    free(s->sym);
    free(s->line);
    free(s->file);
    free(s);
}

static void *grown(void *p, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return p;
    *cap = *cap ? *cap * 2 : 64;
    p = realloc(p, *cap * size);
    if (!p)
        error_no_memory();
    return p;
}

void symbols_add(struct symbols *s, const char *name, size_t len, uint64_t addr,
                 uint64_t size)
{
    char *copy = malloc(len + 1);

    if (!copy)
        error_no_memory();
    memcpy(copy, name, len);
    copy[len] = '\0';
    s->sym = grown(s->sym, s->count, &s->cap, sizeof *s->sym);
    s->sym[s->count++] = (struct symbol){addr, size, copy};
}

uint32_t symbols_add_file(struct symbols *s, const char *name)
{
    char *copy = strdup(name);

    if (!copy)
        error_no_memory();
    s->file = grown(s->file, s->file_count, &s->file_cap, sizeof *s->file);
    s->file[s->file_count] = copy;
    return (uint32_t)s->file_count++;
}

void symbols_add_line(struct symbols *s, uint64_t addr, uint32_t file,
                      uint32_t line)
{
    s->line = grown(s->line, s->line_count, &s->line_cap, sizeof *s->line);
    s->line[s->line_count++] = (struct source_line){addr, file, line};
}

static int by_address(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;

    if (x->addr != y->addr)
        return x->addr < y->addr ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int by_line_address(const void *a, const void *b)
{
    const struct source_line *x = a, *y = b;

    if (x->addr != y->addr)
        return x->addr < y->addr ? -1 : 1;
    /* The end of one piece of code comes before the start of the next. */
    return (x->line > y->line) - (x->line < y->line);
}

static void sort(struct symbols *s)
{
    if (s->count)
        qsort(s->sym, s->count, sizeof *s->sym, by_address);
    if (s->line_count)
        qsort(s->line, s->line_count, sizeof *s->line, by_line_address);
}

/* ---- text ---- */

/* "HEX NAME", "HEX T NAME"; empty lines and # comments are passed over. */
static bool text_line(struct symbols *s, const char *p, uint64_t offset)
{
    char *end;
    uint64_t addr;
    size_t n;

    while (isspace((unsigned char)*p))
        p++;
    if (!*p || *p == '#')
        return true;
    addr = strtoull(p, &end, 16);
    if (end == p || !isspace((unsigned char)*end))
        return false;
    for (p = end; isspace((unsigned char)*p); p++)
        ;
    if (isalpha((unsigned char)p[0]) && isspace((unsigned char)p[1])) {
        const char *q = p + 1;

        while (isspace((unsigned char)*q))
            q++;
        p = *q ? q : p;
    }
    n = strcspn(p, " \t\r\n");
    if (!n)
        return false;
    symbols_add(s, p, n, addr + offset, 0);
    return true;
}

static bool load_text(struct symbols *s, char *text, const char *path,
                      uint64_t offset, struct error *err)
{
    unsigned number = 0;

    while (text) {
        char *next = strchr(text, '\n');

        if (next)
            *next++ = '\0';
        number++;
        if (!text_line(s, text, offset))
            return error_set(err, EXIT_BAD_DATA,
                             "%.200s:%u: not 'HEX NAME' of a symbol file", path,
                             number);
        text = next;
    }
    return true;
}

/* The whole file with a zero behind it. */
static uint8_t *read_all(const char *path, size_t *size, struct error *err)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t cap = 0, n;

    *size = 0;
    if (!f) {
        error_set(err, EXIT_NO_OPEN, "%.200s: %s", path, strerror(errno));
        return NULL;
    }
    do {
        if (*size + 65537 > cap) {
            cap = cap ? cap * 2 : 1 << 17;
            data = realloc(data, cap);
            if (!data)
                error_no_memory();
        }
        n = fread(data + *size, 1, 65536, f);
        *size += n;
    } while (n && *size < FILE_MAX);
    if (ferror(f) || *size >= FILE_MAX) {
        error_set(err, EXIT_IO, "%.200s: cannot be read as a whole", path);
        free(data);
        data = NULL;
    } else {
        data[*size] = 0;
    }
    fclose(f);
    return data;
}

bool symbols_load(struct symbols *s, const char *path, uint64_t offset,
                  struct error *err)
{
    struct symbols *fresh = symbols_create();
    size_t size;
    uint8_t *data = read_all(path, &size, err);
    bool ok = data != NULL;

    if (ok && size >= 4 && !memcmp(data, "\177ELF", 4))
        ok = symbols_load_elf(fresh, data, size, offset, err);
    else if (ok && memchr(data, 0, size))
        ok = error_set(err, EXIT_BAD_DATA,
                       "%.200s: neither ELF nor a text file of symbols", path);
    else if (ok)
        ok = load_text(fresh, (char *)data, path, offset, err);
    free(data);
    if (ok) {
        for (size_t i = 0; i < fresh->count; i++)
            symbols_add(s, fresh->sym[i].name, strlen(fresh->sym[i].name),
                        fresh->sym[i].addr, fresh->sym[i].size);
        size_t base = s->file_count;

        for (size_t i = 0; i < fresh->file_count; i++)
            symbols_add_file(s, fresh->file[i]);
        for (size_t i = 0; i < fresh->line_count; i++)
            symbols_add_line(s, fresh->line[i].addr,
                             fresh->line[i].file + (uint32_t)base,
                             fresh->line[i].line);
        sort(s);
    }
    symbols_destroy(fresh);
    return ok;
}

/* ---- questions ---- */

bool symbols_value(const struct symbols *s, const char *name, uint64_t *addr)
{
    for (size_t i = 0; s && i < s->count; i++)
        if (!strcmp(s->sym[i].name, name)) {
            *addr = s->sym[i].addr;
            return true;
        }
    return false;
}

const struct symbol *symbols_at(const struct symbols *s, uint64_t addr)
{
    size_t lo = 0, hi = s ? s->count : 0;
    const struct symbol *y;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (s->sym[mid].addr <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (!lo)
        return NULL;
    y = &s->sym[lo - 1];
    /* The first of several names of one address is the one to show. */
    while (y > s->sym && y[-1].addr == y->addr)
        y--;
    if (y->size ? addr - y->addr >= y->size : addr - y->addr >= REACH_MAX)
        return NULL;
    return y;
}

size_t symbols_count(const struct symbols *s)
{
    return s ? s->count : 0;
}

const struct symbol *symbols_get(const struct symbols *s, size_t i)
{
    return &s->sym[i];
}

size_t symbols_line_count(const struct symbols *s)
{
    return s ? s->line_count : 0;
}

const struct source_line *symbols_line_at(const struct symbols *s,
                                          uint64_t addr)
{
    size_t lo = 0, hi = s ? s->line_count : 0;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (s->line[mid].addr <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo && s->line[lo - 1].line ? &s->line[lo - 1] : NULL;
}

const char *symbols_file(const struct symbols *s, uint32_t file)
{
    return file < s->file_count ? s->file[file] : "?";
}

static bool same_file(const char *have, const char *want)
{
    size_t h = strlen(have), w = strlen(want);

    return h >= w && !strcmp(have + h - w, want) &&
           (h == w || have[h - w - 1] == '/');
}

bool symbols_line_addr(const struct symbols *s, const char *file, unsigned line,
                       uint64_t *addr)
{
    const struct source_line *best = NULL;

    for (size_t i = 0; s && i < s->line_count; i++) {
        const struct source_line *r = &s->line[i];

        if (r->line >= line && (!best || r->line < best->line) &&
            same_file(symbols_file(s, r->file), file))
            best = r;
    }
    if (best)
        *addr = best->addr;
    return best != NULL;
}

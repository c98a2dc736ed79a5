/*
 * symbols.c - names of addresses: text files and ELF symbol tables.
 */
#include "debugger/dw.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A symbol file larger than this is taken for a mistake. */
#define FILE_MAX ((size_t)1 << 30)

/* A symbol without a size reaches this far when nothing follows it. */
#define REACH_MAX (UINT64_C(1) << 20)

/* The symbols of one address space, or of all. */
struct set {
    struct set *next;
    uint64_t space;
    struct symbol *sym;
    size_t count, cap;
    struct source_line *line;
    size_t line_count, line_cap;
};

struct symbols {
    const uint64_t *cr3;     /* of the guest, or NULL */
    struct set *sets;        /* owned */
    struct set *to;          /* the one that is being filled */
    struct dw_module *dwarf; /* owned, in the order of loading */
    char **file;
    size_t file_count, file_cap;
};

static struct set *set_of(struct symbols *s, uint64_t space)
{
    struct set *k = s->sets;

    while (k && k->space != space)
        k = k->next;
    if (k)
        return k;
    k = calloc(1, sizeof *k);
    if (!k)
        error_no_memory();
    k->space = space;
    k->next = s->sets;
    s->sets = k;
    return k;
}

struct symbols *symbols_create(void)
{
    struct symbols *s = calloc(1, sizeof *s);

    if (!s)
        error_no_memory();
    s->to = set_of(s, SYMBOLS_GLOBAL);
    return s;
}

static void free_sets(struct symbols *s)
{
    for (struct set *k = s->sets, *next; k; k = next) {
        next = k->next;
        for (size_t i = 0; i < k->count; i++)
            free(k->sym[i].name);
        free(k->sym);
        free(k->line);
        free(k);
    }
}

void symbols_destroy(struct symbols *s)
{
    if (!s)
        return;
    free_sets(s);
    for (struct dw_module *m = s->dwarf, *next; m; m = next) {
        next = m->next;
        dw_destroy(m);
    }
    for (size_t i = 0; i < s->file_count; i++)
        free(s->file[i]);
    free(s->file);
    free(s);
}

void symbols_follow(struct symbols *s, const uint64_t *cr3)
{
    s->cr3 = cr3;
}

/* The k-th set that can be seen: the current space's, then that of all. */
static const struct set *visible(const struct symbols *s, unsigned k)
{
    const struct set *own = NULL, *all = NULL;

    for (const struct set *i = s ? s->sets : NULL; i; i = i->next) {
        if (i->space == SYMBOLS_GLOBAL)
            all = i;
        else if (s->cr3 && i->space == *s->cr3 >> 12 << 12)
            own = i;
    }
    if (!own) {
        own = all;
        all = NULL;
    }
    return k == 0 ? own : k == 1 ? all : NULL;
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
    struct set *k = s->to;
    char *copy = malloc(len + 1);

    if (!copy)
        error_no_memory();
    memcpy(copy, name, len);
    copy[len] = '\0';
    k->sym = grown(k->sym, k->count, &k->cap, sizeof *k->sym);
    k->sym[k->count++] = (struct symbol){addr, size, copy};
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

uint32_t symbols_file_number(struct symbols *s, const char *name)
{
    if (s->file_count && !strcmp(s->file[s->file_count - 1], name))
        return (uint32_t)s->file_count - 1;
    return symbols_add_file(s, name);
}

void symbols_add_line(struct symbols *s, uint64_t addr, uint32_t file,
                      uint32_t line)
{
    struct set *k = s->to;

    k->line = grown(k->line, k->line_count, &k->line_cap, sizeof *k->line);
    k->line[k->line_count] =
        (struct source_line){addr, file, line, (uint32_t)k->line_count};
    k->line_count++;
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
    if (!x->line != !y->line)
        return x->line ? 1 : -1;
    return (x->order > y->order) - (x->order < y->order);
}

static void sort(struct set *k)
{
    if (k->count)
        qsort(k->sym, k->count, sizeof *k->sym, by_address);
    if (k->line_count)
        qsort(k->line, k->line_count, sizeof *k->line, by_line_address);
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

/* What was read goes over; `fresh` is empty then. */
static void take_over(struct symbols *s, struct symbols *fresh, uint64_t space)
{
    struct set *from = fresh->to, *to = set_of(s, space);
    uint32_t base = (uint32_t)s->file_count;

    s->to = to;
    for (size_t i = 0; i < from->count; i++) {
        to->sym = grown(to->sym, to->count, &to->cap, sizeof *to->sym);
        to->sym[to->count++] = from->sym[i];
    }
    from->count = 0;
    for (size_t i = 0; i < fresh->file_count; i++)
        symbols_add_file(s, fresh->file[i]);
    for (size_t i = 0; i < from->line_count; i++)
        symbols_add_line(s, from->line[i].addr, from->line[i].file + base,
                         from->line[i].line);
    sort(to);
}

/* Debug information stays in its file until somebody asks. */
static void add_module(struct symbols *s, struct symbols *fresh,
                       const char *path, uint64_t offset, uint64_t space,
                       bool wide, bool packed, struct error *err)
{
    struct dw_module *m = dw_create(path, offset, space, wide);
    struct dw_module **end = &s->dwarf;

    while (*end)
        end = &(*end)->next;
    *end = m;
    if (packed && !dw_add_lines(m, fresh))
        error_set(err, EXIT_CLEAN,
                  "%.60s: the source lines are compressed and cannot be "
                  "read: %.80s",
                  path, m->why);
}

bool symbols_load(struct symbols *s, const char *path, uint64_t offset,
                  uint64_t space, struct error *err)
{
    struct symbols *fresh = symbols_create();
    size_t size;
    uint8_t *data = read_all(path, &size, err);
    bool ok = data != NULL, packed = false;

    err->text[0] = ok ? '\0' : err->text[0];
    if (ok && size >= 4 && !memcmp(data, "\177ELF", 4)) {
        ok = symbols_load_elf(fresh, data, size, offset, &packed, err);
        if (ok)
            add_module(s, fresh, path, offset, space, data[4] == 2, packed,
                       err);
    } else if (ok && symbols_is_coff(data, size)) {
        ok = symbols_load_coff(fresh, data, size, offset, err);
    } else if (ok && memchr(data, 0, size)) {
        ok = error_set(err, EXIT_BAD_DATA,
                       "%.200s: neither ELF, COFF nor a text file of symbols",
                       path);
    } else if (ok) {
        ok = load_text(fresh, (char *)data, path, offset, err);
    }
    free(data);
    if (ok)
        take_over(s, fresh, space);
    symbols_destroy(fresh);
    return ok;
}

/* ---- questions ---- */

bool symbols_value(const struct symbols *s, const char *name, uint64_t *addr)
{
    const struct set *k;

    for (unsigned v = 0; (k = visible(s, v)) != NULL; v++)
        for (size_t i = 0; i < k->count; i++)
            if (!strcmp(k->sym[i].name, name)) {
                *addr = k->sym[i].addr;
                return true;
            }
    return false;
}

size_t symbols_values(const struct symbols *s, const char *name, uint64_t *out,
                      size_t max)
{
    const struct set *k;
    size_t n = 0;

    for (unsigned v = 0; !n && (k = visible(s, v)) != NULL; v++)
        for (size_t i = 0; i < k->count && n < max; i++)
            if (!strcmp(k->sym[i].name, name))
                out[n++] = k->sym[i].addr;
    return n;
}

static const struct symbol *symbol_in(const struct set *k, uint64_t addr)
{
    size_t lo = 0, hi = k->count;
    const struct symbol *y;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (k->sym[mid].addr <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (!lo)
        return NULL;
    y = &k->sym[lo - 1];
    /* The first of several names of one address is the one to show. */
    while (y > k->sym && y[-1].addr == y->addr)
        y--;
    if (y->size ? addr - y->addr >= y->size : addr - y->addr >= REACH_MAX)
        return NULL;
    return y;
}

const struct symbol *symbols_at(const struct symbols *s, uint64_t addr)
{
    const struct symbol *y = NULL;
    const struct set *k;

    for (unsigned v = 0; !y && (k = visible(s, v)) != NULL; v++)
        y = symbol_in(k, addr);
    return y;
}

uint64_t symbols_space_at(const struct symbols *s, uint64_t addr)
{
    const struct set *own = visible(s, 0);

    return own && symbol_in(own, addr) ? own->space : SYMBOLS_GLOBAL;
}

size_t symbols_count(const struct symbols *s)
{
    const struct set *k;
    size_t n = 0;

    for (unsigned v = 0; (k = visible(s, v)) != NULL; v++)
        n += k->count;
    return n;
}

bool symbols_empty(const struct symbols *s)
{
    for (const struct set *k = s->sets; k; k = k->next)
        if (k->count)
            return false;
    return true;
}

const struct symbol *symbols_get(const struct symbols *s, size_t i)
{
    const struct set *own = visible(s, 0);

    return i < own->count ? &own->sym[i] : &visible(s, 1)->sym[i - own->count];
}

/* ---- source lines ---- */

size_t symbols_line_count(const struct symbols *s)
{
    const struct set *k;
    size_t n = 0;

    for (unsigned v = 0; (k = visible(s, v)) != NULL; v++)
        n += k->line_count;
    return n;
}

/* The rows up to this one begin at or before addr. */
static size_t lines_before(const struct set *k, uint64_t addr)
{
    size_t lo = 0, hi = k->line_count;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (k->line[mid].addr <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct source_line *symbols_line_at(const struct symbols *s,
                                          uint64_t addr)
{
    const struct set *k;

    for (unsigned v = 0; (k = visible(s, v)) != NULL; v++) {
        size_t n = lines_before(k, addr);

        if (n && k->line[n - 1].line)
            return &k->line[n - 1];
    }
    return NULL;
}

bool symbols_lines_share(const struct symbols *s, uint64_t addr)
{
    const struct set *k;

    for (unsigned v = 0; (k = visible(s, v)) != NULL; v++) {
        size_t n = lines_before(k, addr);

        for (size_t i = n; i-- > 0 && k->line[i].addr == addr;)
            if (k->line[i].line && k->line[i].line != k->line[n - 1].line)
                return true;
    }
    return false;
}

const struct source_line *symbols_next_line(const struct symbols *s,
                                            uint64_t addr)
{
    const struct set *k;

    for (unsigned v = 0; (k = visible(s, v)) != NULL; v++) {
        size_t n = lines_before(k, addr);

        if (n && k->line[n - 1].line)
            return n < k->line_count ? &k->line[n] : NULL;
    }
    return NULL;
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

/* The line asked for, or the next one that has code; 0: none. */
static uint32_t line_with_code(const struct symbols *s, const struct set *k,
                               const char *file, unsigned line)
{
    uint32_t best = 0;

    for (size_t i = 0; i < k->line_count; i++) {
        const struct source_line *r = &k->line[i];

        if (r->line >= line && (!best || r->line < best) &&
            same_file(symbols_file(s, r->file), file))
            best = r->line;
    }
    return best;
}

size_t symbols_line_addrs(const struct symbols *s, const char *file,
                          unsigned line, uint64_t *out, size_t max)
{
    const struct set *k;
    size_t n = 0;

    for (unsigned v = 0; !n && (k = visible(s, v)) != NULL; v++) {
        uint32_t best = line_with_code(s, k, file, line ? line : 1);

        for (size_t i = 0; best && i < k->line_count && n < max; i++) {
            const struct source_line *r = &k->line[i];
            const struct symbol *y = symbol_in(k, r->addr);
            bool known =
                r->line != best || !same_file(symbols_file(s, r->file), file);

            for (size_t o = 0; o < n; o++)
                known |= y && symbol_in(k, out[o]) == y;
            if (!known && (!n || out[n - 1] != r->addr))
                out[n++] = r->addr;
        }
    }
    return n;
}

bool symbols_line_addr(const struct symbols *s, const char *file, unsigned line,
                       uint64_t *addr)
{
    return symbols_line_addrs(s, file, line, addr, 1) != 0;
}

/* ---- debug information ---- */

struct dw_module *symbols_module(const struct symbols *s,
                                 const struct dw_module *m)
{
    struct dw_module *next = m ? m->next : s ? s->dwarf : NULL;

    while (next && next->space != SYMBOLS_GLOBAL &&
           (!s->cr3 || next->space != *s->cr3 >> 12 << 12))
        next = next->next;
    return next;
}

struct dw_module *symbols_module_at(const struct symbols *s, uint64_t addr)
{
    struct dw_module *m = NULL;
    struct dw_path p;

    while ((m = symbols_module(s, m)) != NULL)
        if (dw_path_at(m, addr - m->offset, &p))
            return m;
    return NULL;
}

/*
 * coverage.c - a plugin that notes which code has run, as a drcov file.
 *
 *   klochs --plugin coverage.so,guest.drcov ...
 *   klochs --plugin coverage.so,guest.drcov,0xc1000000-0xc1ffffff=vmlinux ...
 *
 * Arguments: the file, and any number of modules BASE-END=NAME (linear
 * addresses, END included) to which code belongs. What lies in none of them
 * gets modules of its own, one for each 4 GiB, named guest-BASE.
 *
 * drcov, version 2 with a module table of version 2, is what Lighthouse, bncov
 * and others read: lines of text, then for each basic block eight bytes: four
 * of offset from the module's base, two of length, two of the module's number,
 * little-endian. A block here is a straight run of instructions up to one that
 * may jump; the same code decoded from another address is another block.
 */
#include "klochs-plugin.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODULES_MAX = 1024, LENGTH_MAX = 4096 };

struct module {
    uint64_t base, end;
    char *name;
};

struct block {
    uint64_t start;
    uint32_t length; /* 0: an empty place of the hash */
};

struct coverage {
    char *path;
    struct module module[MODULES_MAX];
    unsigned modules;
    struct block *table; /* by hash of start and length */
    size_t size, used;
    struct block now; /* grows */
    int failed;       /* no memory */
};

/* ---- the set of blocks ---- */

static size_t place(const struct block *b, size_t size)
{
    uint64_t h = (b->start ^ (uint64_t)b->length << 48) * 0x9e3779b97f4a7c15u;

    return (size_t)(h >> 32) & (size - 1);
}

/* True when it was not there. */
static int insert(struct block *table, size_t size, const struct block *b)
{
    size_t n = place(b, size);

    for (; table[n].length; n = (n + 1) & (size - 1))
        if (table[n].start == b->start && table[n].length == b->length)
            return 0;
    table[n] = *b;
    return 1;
}

static void grow(struct coverage *v)
{
    size_t size = 2 * v->size;
    struct block *table = calloc(size, sizeof *table);

    if (!table) {
        v->failed = 1;
        return;
    }
    for (size_t n = 0; n < v->size; n++)
        if (v->table[n].length)
            insert(table, size, &v->table[n]);
    free(v->table);
    v->table = table;
    v->size = size;
}

static void end_block(struct coverage *v)
{
    if (!v->now.length || v->failed)
        return;
    v->used += (size_t)insert(v->table, v->size, &v->now);
    v->now.length = 0;
    if (2 * v->used > v->size)
        grow(v);
}

static void on_executed(void *self, unsigned cpu, const struct klochs_insn *i,
                        uint64_t ticks)
{
    struct coverage *v = self;

    (void)cpu;
    (void)ticks;
    if (v->now.length && (i->laddr != v->now.start + v->now.length ||
                          v->now.length + i->length > LENGTH_MAX))
        end_block(v);
    if (!v->now.length)
        v->now.start = i->laddr;
    v->now.length += i->length;
    if (i->kind & KLOCHS_JUMPS)
        end_block(v);
}

/* ---- the file ---- */

static void put_le(FILE *f, uint64_t v, unsigned bytes)
{
    for (; bytes; bytes--, v >>= 8)
        putc((int)(v & 0xff), f);
}

/* The module of an address; a new one when there is none. -1: too many. */
static int module_of(struct coverage *v, uint64_t addr)
{
    uint64_t base = addr & ~UINT64_C(0xffffffff);
    struct module *m;
    char name[32];

    for (unsigned n = 0; n < v->modules; n++)
        if (addr >= v->module[n].base && addr <= v->module[n].end)
            return (int)n;
    if (v->modules == MODULES_MAX)
        return -1;
    m = &v->module[v->modules];
    snprintf(name, sizeof name, "guest-%016" PRIx64, base);
    m->name = strdup(name);
    if (!m->name)
        return -1;
    m->base = base;
    m->end = base | UINT64_C(0xffffffff);
    return (int)v->modules++;
}

static int by_start(const void *a, const void *b)
{
    const struct block *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->length < y->length ? -1 : x->length > y->length;
}

/* Sorts what is there to the front; blocks without a module are dropped. */
static void settle(struct coverage *v)
{
    size_t n = 0;

    for (size_t k = 0; k < v->size; k++)
        if (v->table[k].length && module_of(v, v->table[k].start) >= 0)
            v->table[n++] = v->table[k];
    if (n < v->used)
        fprintf(stderr, "coverage: more modules than %d\n", (int)MODULES_MAX);
    v->used = n;
    qsort(v->table, n, sizeof *v->table, by_start);
}

static void write_file(struct coverage *v, FILE *f)
{
    settle(v);
    fprintf(f,
            "DRCOV VERSION: 2\n"
            "DRCOV FLAVOR: drcov\n"
            "Module Table: version 2, count %u\n"
            "Columns: id, base, end, entry, checksum, timestamp, path\n",
            v->modules);
    for (unsigned n = 0; n < v->modules; n++)
        fprintf(f,
                " %u, 0x%016" PRIx64 ", 0x%016" PRIx64
                ", 0x0000000000000000, 0x00000000, 0x00000000, %s\n",
                n, v->module[n].base, v->module[n].end, v->module[n].name);
    fprintf(f, "BB Table: %zu bbs\n", v->used);
    for (size_t n = 0; n < v->used; n++) {
        const struct block *b = &v->table[n];
        int m = module_of(v, b->start);

        put_le(f, b->start - v->module[m].base, 4);
        put_le(f, b->length, 2);
        put_le(f, (unsigned)m, 2);
    }
}

/* ---- life ---- */

/* BASE-END=NAME */
static const char *add_module(struct coverage *v, const char *text)
{
    struct module *m = &v->module[v->modules];
    char *end;

    if (v->modules == MODULES_MAX)
        return "too many modules";
    m->base = strtoull(text, &end, 0);
    if (end == text || *end != '-')
        return "a module is BASE-END=NAME";
    text = end + 1;
    m->end = strtoull(text, &end, 0);
    if (end == text || *end != '=' || !end[1])
        return "a module is BASE-END=NAME";
    if (m->end < m->base || m->end - m->base > UINT32_MAX)
        return "a module must not be larger than 4 GiB";
    m->name = strdup(end + 1);
    if (!m->name)
        return "no memory";
    v->modules++;
    return NULL;
}

static const char *parse(struct coverage *v, const char *arguments)
{
    char *copy = strdup(arguments), *rest = copy, *word;
    const char *why = NULL;

    if (!copy)
        return "no memory";
    while (!why && (word = strsep(&rest, ","))) {
        if (v->path)
            why = add_module(v, word);
        else if (!(v->path = strdup(word)))
            why = "no memory";
    }
    free(copy);
    return why || (v->path && *v->path) ? why
                                        : "wants the name of the file to write";
}

static void destroy(struct coverage *v)
{
    for (unsigned n = 0; n < v->modules; n++)
        free(v->module[n].name);
    free(v->table);
    free(v->path);
    free(v);
}

static void on_close(void *self)
{
    struct coverage *v = self;
    FILE *f;

    end_block(v);
    if (v->failed)
        fprintf(stderr, "coverage: no memory, the file is not complete\n");
    f = fopen(v->path, "wb");
    if (f)
        write_file(v, f);
    if (!f || fclose(f))
        fprintf(stderr, "coverage: cannot write '%s': %s\n", v->path,
                strerror(errno));
    destroy(v);
}

static int on_command(void *self, const char *text,
                      void (*say)(void *opaque, const char *line), void *opaque)
{
    const struct coverage *v = self;
    char line[80];

    if (strcmp(text, "coverage"))
        return 1;
    snprintf(line, sizeof line, "%zu blocks have run", v->used);
    say(opaque, line);
    return 0;
}

const char *klochs_plugin(const struct klochs_host *host, const char *arguments,
                          struct klochs_plugin *p)
{
    struct coverage *v = calloc(1, sizeof *v);
    const char *why;

    (void)host;
    if (!v)
        return "no memory";
    v->size = 1u << 16;
    v->table = calloc(v->size, sizeof *v->table);
    why = v->table ? parse(v, arguments) : "no memory";
    if (why) {
        destroy(v);
        return why;
    }
    p->version = KLOCHS_PLUGIN_VERSION;
    p->name = "coverage";
    p->self = v;
    p->executed = on_executed;
    p->command = on_command;
    p->close = on_close;
    return NULL;
}

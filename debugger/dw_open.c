/*
 * dw_open.c - files with debug information: opening, units, names.
 */
#include "debugger/dw.h"

#include "core/dl.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct dw_module *dw_create(const char *path, uint64_t offset, uint64_t space,
                            bool wide)
{
    struct dw_module *m = calloc(1, sizeof *m);

    if (!m)
        error_no_memory();
    m->path = strdup(path);
    if (!m->path)
        error_no_memory();
    m->offset = offset;
    m->space = space;
    m->wide = wide;
    m->fd = -1;
    return m;
}

void dw_destroy(struct dw_module *m)
{
    if (!m)
        return;
    if (m->cfi[1])
        m->api.cfi_end(m->cfi[1]);
    if (m->dw)
        m->api.end(m->dw);
    if (m->fd >= 0)
        close(m->fd);
    free(m->unit);
    free(m->name);
    free(m->path);
    free(m);
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

static void list_units(struct dw_module *m)
{
    uint64_t off = 0, next, abbrev;
    size_t header;
    uint8_t address, offset;

    while (m->api.next_cu(m->dw, off, &next, &header, &abbrev, &address,
                          &offset) == 0 &&
           next > off) {
        m->unit = grown(m->unit, m->unit_count, &m->unit_cap, sizeof *m->unit);
        m->unit[m->unit_count++] = off + header;
        off = next;
    }
}

bool dw_ready(struct dw_module *m)
{
    struct error err = {0};

    if (m->tried)
        return m->dw != NULL;
    m->tried = true;
    m->library = dw_library(&m->api, &err);
    if (!m->library) {
        snprintf(m->why, sizeof m->why, "%.150s", err.text);
        return false;
    }
    m->fd = open(m->path, O_RDONLY | O_CLOEXEC);
    if (m->fd >= 0)
        m->dw = m->api.begin(m->fd, 0);
    if (!m->dw) {
        snprintf(m->why, sizeof m->why, "%.100s has no debug information (-g)",
                 m->path);
        return false;
    }
    list_units(m);
    m->cfi[0] = m->api.cfi(m->dw);
    m->cfi[1] = m->api.cfi_elf(m->api.getelf(m->dw));
    return true;
}

/* ---- attributes ---- */

bool dw_has(const struct dw_module *m, struct dw_die *die, unsigned attr)
{
    struct dw_attr a;

    return m->api.attr(die, attr, &a) != NULL;
}

bool dw_declares(const struct dw_module *m, struct dw_die *die)
{
    struct dw_attr a;

    return m->api.own_attr(die, DW_AT_declaration, &a) != NULL;
}

uint64_t dw_number(const struct dw_module *m, struct dw_die *die, unsigned attr,
                   uint64_t otherwise)
{
    struct dw_attr a;
    uint64_t v;

    if (m->api.attr(die, attr, &a) && m->api.udata(&a, &v) == 0)
        return v;
    return otherwise;
}

bool dw_reference(const struct dw_module *m, struct dw_die *die, unsigned attr,
                  struct dw_die *out)
{
    struct dw_attr a;

    return m->api.attr(die, attr, &a) && m->api.ref(&a, out);
}

/* ---- by address ---- */

static bool is_scope(int tag)
{
    return tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block ||
           tag == DW_TAG_inlined_subroutine;
}

/* Into the scopes that hold pc. */
static void descend(struct dw_module *m, uint64_t pc, struct dw_path *p)
{
    struct dw_die die;
    bool deeper = true;

    while (deeper && p->count < DW_PATH) {
        deeper = m->api.child(&p->die[p->count - 1], &die) == 0;
        while (deeper) {
            int tag = m->api.tag(&die);

            if (is_scope(tag) && m->api.has_pc(&die, pc) == 1) {
                if (tag == DW_TAG_subprogram)
                    p->function = p->count;
                p->die[p->count++] = die;
                break;
            }
            deeper = m->api.sibling(&die, &die) == 0;
        }
    }
}

bool dw_path_at(struct dw_module *m, uint64_t pc, struct dw_path *p)
{
    struct dw_die unit;
    bool found;

    p->count = p->function = 0;
    if (!dw_ready(m))
        return false;
    found = m->api.addrdie(m->dw, pc, &unit) != NULL;
    /* Not every compiler writes the table of addresses. */
    for (size_t i = 0; i < m->unit_count && !found; i++)
        found = m->api.offdie(m->dw, m->unit[i], &unit) &&
                m->api.has_pc(&unit, pc) == 1;
    if (!found)
        return false;
    p->die[p->count++] = unit;
    descend(m, pc, p);
    return true;
}

/* ---- by name ---- */

static void add_name(struct dw_module *m, struct dw_die *die, uint64_t parent,
                     int tag)
{
    const char *name = m->api.name(die);

    if (!name || dw_declares(m, die))
        return;
    m->name = grown(m->name, m->name_count, &m->name_cap, sizeof *m->name);
    m->name[m->name_count++] =
        (struct dw_name){name, m->api.offset(die), parent, (unsigned)tag};
}

static void add_enumerators(struct dw_module *m, struct dw_die *type)
{
    struct dw_die e;
    uint64_t parent = m->api.offset(type);

    if (m->api.child(type, &e) != 0)
        return;
    do
        if (m->api.tag(&e) == DW_TAG_enumerator)
            add_name(m, &e, parent, DW_TAG_enumerator);
    while (m->api.sibling(&e, &e) == 0);
}

static void index_unit(struct dw_module *m, struct dw_die *unit)
{
    struct dw_die die;

    if (m->api.child(unit, &die) != 0)
        return;
    do {
        int tag = m->api.tag(&die);

        switch (tag) {
        case DW_TAG_enumeration_type:
            add_enumerators(m, &die);
            add_name(m, &die, 0, tag);
            break;
        case DW_TAG_subprogram:
            /* Not what is inlined everywhere: it has no code of its own. */
            if (dw_has(m, &die, DW_AT_low_pc) || dw_has(m, &die, DW_AT_ranges))
                add_name(m, &die, 0, tag);
            break;
        case DW_TAG_variable:
        case DW_TAG_base_type:
        case DW_TAG_typedef:
        case DW_TAG_structure_type:
        case DW_TAG_union_type:
            add_name(m, &die, 0, tag);
            break;
        default:
            break;
        }
    } while (m->api.sibling(&die, &die) == 0);
}

static int by_name(const void *a, const void *b)
{
    const struct dw_name *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    return order ? order : (x->die > y->die) - (x->die < y->die);
}

static void build_index(struct dw_module *m)
{
    struct dw_die unit;

    m->indexed = true;
    for (size_t i = 0; i < m->unit_count; i++)
        if (m->api.offdie(m->dw, m->unit[i], &unit))
            index_unit(m, &unit);
    if (m->name_count)
        qsort(m->name, m->name_count, sizeof *m->name, by_name);
}

static bool has_tag(const unsigned *tags, unsigned tag)
{
    while (*tags && *tags != tag)
        tags++;
    return *tags != 0;
}

/* The unit of a DIE: the last that begins before it. */
static size_t unit_of(const struct dw_module *m, uint64_t die)
{
    size_t lo = 0, hi = m->unit_count;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (m->unit[mid] <= die)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool dw_find(struct dw_module *m, const char *name, const unsigned *tags,
             const struct dw_die *near, const struct dw_name **found)
{
    size_t lo = 0, hi, home = 0;
    struct dw_die copy;

    *found = NULL;
    if (!dw_ready(m))
        return false;
    if (!m->indexed)
        build_index(m);
    if (near) {
        copy = *near;
        home = unit_of(m, m->api.offset(&copy));
    }
    hi = m->name_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (strcmp(m->name[mid].name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < m->name_count && !strcmp(m->name[lo].name, name); lo++) {
        if (!has_tag(tags, m->name[lo].tag))
            continue;
        if (!*found || unit_of(m, m->name[lo].die) == home)
            *found = &m->name[lo];
        if (!near || unit_of(m, (*found)->die) == home)
            break;
    }
    return *found != NULL;
}

/* ---- lines ---- */

static void unit_lines(struct dw_module *m, struct dw_die *unit,
                       struct symbols *s)
{
    const char *last = NULL;
    uint32_t file = UINT32_MAX;
    void *lines;
    size_t n;

    if (m->api.lines(unit, &lines, &n) != 0)
        return;
    for (size_t i = 0; i < n; i++) {
        void *l = m->api.line(lines, i);
        const char *name = l ? m->api.line_file(l, NULL, NULL) : NULL;
        uint64_t addr;
        int number = 0;
        bool end = false, stmt = true;

        if (!l || m->api.line_addr(l, &addr) != 0)
            continue;
        m->api.line_number(l, &number);
        m->api.line_end(l, &end);
        m->api.line_stmt(l, &stmt);
        if (!stmt && !end)
            continue;
        if (name && name != last) {
            file = symbols_file_number(s, name);
            last = name;
        }
        symbols_add_line(s, addr + m->offset, file,
                         end || number < 0 ? 0 : (uint32_t)number);
    }
}

bool dw_add_lines(struct dw_module *m, struct symbols *s)
{
    struct dw_die unit;

    if (!dw_ready(m))
        return false;
    for (size_t i = 0; i < m->unit_count; i++)
        if (m->api.offdie(m->dw, m->unit[i], &unit))
            unit_lines(m, &unit, s);
    return true;
}

/*
 * target_points.c - what stops a run: the list, the tables made from it for
 * the processor, and the decision after a hit.
 */
#include "debugger/target_int.h"
#include "memory/phys.h"
#include <stdlib.h>

/* ---- the list ---- */

unsigned target_add_point(struct target *t, const struct point *p)
{
    struct point *copy = malloc(sizeof *copy);

    if (t->point_count == t->point_cap) {
        size_t cap = t->point_cap ? 2 * t->point_cap : 16;
        struct point **list = realloc(t->points, cap * sizeof *list);

        if (!list)
            error_no_memory();
        t->points = list;
        t->point_cap = cap;
    }
    if (!copy)
        error_no_memory();
    *copy = *p;
    copy->id = t->next_id++;
    t->points[t->point_count++] = copy;
    t->dirty = true;
    return copy->id;
}

bool target_remove_point(struct target *t, unsigned id)
{
    for (size_t n = 0; n < t->point_count; n++) {
        if (t->points[n]->id != id)
            continue;
        free(t->points[n]);
        t->point_count--;
        memmove(&t->points[n], &t->points[n + 1],
                (t->point_count - n) * sizeof *t->points);
        t->dirty = true;
        return true;
    }
    return false;
}

struct point *target_point(struct target *t, unsigned id)
{
    for (size_t n = 0; n < t->point_count; n++)
        if (t->points[n]->id == id)
            return t->points[n];
    return NULL;
}

struct point *target_point_at(struct target *t, size_t i)
{
    return i < t->point_count ? t->points[i] : NULL;
}

void target_points_changed(struct target *t)
{
    t->dirty = true;
}

/* ---- tables ---- */

static bool is_data(const struct point *p)
{
    return p->kind == POINT_READ || p->kind == POINT_WRITE ||
           p->kind == POINT_ACCESS;
}

static uint32_t mask_of(const struct point *p)
{
    static const uint16_t bits[POINT_KIND_COUNT] = {
        [POINT_CODE] = PROBE_CODE,
        [POINT_READ] = PROBE_DATA,
        [POINT_WRITE] = PROBE_DATA,
        [POINT_ACCESS] = PROBE_DATA,
        [POINT_PORT_READ] = PROBE_PORT,
        [POINT_PORT_WRITE] = PROBE_PORT,
        [POINT_MSR] = PROBE_MSR,
        [POINT_EXCEPTION] = PROBE_EXCEPTION,
        [POINT_INTERRUPT] = PROBE_INTERRUPT,
        [POINT_MODE] = PROBE_MODE,
        [POINT_CR3] = PROBE_CR3,
    };

    return p->enabled ? bits[p->kind] : 0;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static enum probe_space probe_space_of(const struct point *p)
{
    return p->space == ADDR_PHYSICAL  ? PROBE_PHYSICAL
           : p->space == ADDR_VIRTUAL ? PROBE_OFFSET
                                      : PROBE_LINEAR;
}

/* Addresses of enabled code points of one space, sorted; the caller frees. */
static uint64_t *code_table(const struct target *t, enum probe_space space,
                            size_t *count)
{
    uint64_t *a = malloc((t->point_count + 1) * sizeof *a);
    size_t n = 0;

    if (!a)
        error_no_memory();
    for (size_t k = 0; k < t->point_count; k++)
        if (t->points[k]->enabled && t->points[k]->kind == POINT_CODE &&
            probe_space_of(t->points[k]) == space)
            a[n++] = t->points[k]->addr;
    if (n)
        qsort(a, n, sizeof *a, by_value);
    *count = n;
    return a;
}

static struct probe_range *data_table(struct target *t, size_t *count)
{
    struct probe_range *r = malloc((t->point_count + 1) * sizeof *r);
    size_t n = 0;

    if (!r)
        error_no_memory();
    for (size_t k = 0; k < t->point_count; k++) {
        const struct point *p = t->points[k];

        if (p->enabled && is_data(p))
            r[n++] = (struct probe_range){
                .physical = p->space == ADDR_PHYSICAL,
                .read = p->kind != POINT_WRITE,
                .write = p->kind != POINT_READ,
                .addr = target_address(t, p->space, p->selector, p->addr),
                .len = p->len ? p->len : 1};
    }
    *count = n;
    return r;
}

static bool same_range(const struct probe_range *a, const struct probe_range *b)
{
    return a->physical == b->physical && a->read == b->read &&
           a->write == b->write && a->addr == b->addr && a->len == b->len;
}

/* gdb takes its points out at each stop and puts them back: what is the same
 * as before costs nothing. */
void points_apply(struct target *t)
{
    struct probe *p = &t->probe;
    uint32_t mask = p->magic ? PROBE_MAGIC : 0;
    bool changed = (p->mask & PROBE_MAGIC) != mask;
    struct probe_range *data;
    size_t count;

    if (!t->dirty)
        return;
    t->dirty = false;
    for (size_t n = 0; n < t->point_count; n++)
        mask |= mask_of(t->points[n]);
    for (unsigned s = 0; s < PROBE_SPACES; s++) {
        uint64_t *a = code_table(t, (enum probe_space)s, &count);

        changed |= count != p->code_count[s] ||
                   (count && memcmp(a, p->code[s], count * sizeof *a));
        free(p->code[s]);
        p->code[s] = a;
        p->code_count[s] = count;
    }
    data = data_table(t, &count);
    changed |= count != p->data_count;
    for (size_t n = 0; n < count && !changed; n++)
        changed = !same_range(&data[n], &p->data[n]);
    free(p->data);
    p->data = data;
    p->data_count = count;
    p->mask = mask | (p->mask & PROBE_BRANCH);
    probe_update(t->c);
    if (changed)
        probe_changed(t->c);
}

/* ---- hits ---- */

static bool overlaps(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
    return a - b < b_len || b - a < a_len;
}

static bool matches_code(const struct target *t, const struct point *p,
                         const struct probe_hit *h)
{
    if (p->space == ADDR_VIRTUAL)
        return p->addr == t->c->rip &&
               p->selector == t->c->seg[SEG_CS].selector;
    return p->addr == (p->space == ADDR_PHYSICAL ? h->paddr : h->addr);
}

/* Does this point care about this hit, conditions aside? */
static bool matches(struct target *t, const struct point *p,
                    const struct probe_hit *h)
{
    uint64_t len = p->len ? p->len : 1;

    if (mask_of(p) != h->what)
        return false;
    switch (p->kind) {
    case POINT_CODE:
        return matches_code(t, p, h);
    case POINT_READ:
    case POINT_WRITE:
    case POINT_ACCESS:
        if (h->write ? p->kind == POINT_READ : p->kind == POINT_WRITE)
            return false;
        if (p->space == ADDR_PHYSICAL)
            return overlaps(p->addr, len, h->paddr, h->len);
        if (h->bus)
            return false;
        return overlaps(target_address(t, p->space, p->selector, p->addr), len,
                        h->addr, h->len);
    case POINT_PORT_READ:
    case POINT_PORT_WRITE:
        if (h->write != (p->kind == POINT_PORT_WRITE))
            return false;
        return !p->len || overlaps(p->addr, len, h->addr, h->len);
    case POINT_MSR:
    case POINT_EXCEPTION:
    case POINT_INTERRUPT:
        return !p->len || h->addr - p->addr < len;
    default:
        return true;
    }
}

bool points_wants(void *opaque, const struct probe_hit *h)
{
    struct target *t = opaque;

    if (h->what == PROBE_MAGIC)
        return true;
    for (size_t n = 0; n < t->point_count; n++)
        if (matches(t, t->points[n], h))
            return true;
    return false;
}

/* Counts the match; true: this point stops the run. */
static bool stops(struct target *t, struct point *p)
{
    p->hits++;
    if (p->condition && !p->condition(p->opaque, t, p))
        return false;
    if (p->ignore) {
        p->ignore--;
        return false;
    }
    return true;
}

static void decide_hit(struct target *t, const struct probe_hit *h,
                       struct stop *s, bool *found)
{
    if (h->what == PROBE_MAGIC && !*found) {
        *s = (struct stop){.kind = STOP_MAGIC, .addr = h->addr};
        *found = true;
        return;
    }
    for (size_t n = 0; n < t->point_count; n++) {
        struct point *p = t->points[n];

        if (!matches(t, p, h) || !stops(t, p) || *found)
            continue;
        *s = (struct stop){.kind = STOP_POINT,
                           .point = p->id,
                           .addr = h->addr,
                           .value = h->value,
                           .old = h->old,
                           .len = h->len,
                           .write = h->write,
                           .physical = h->bus};
        *found = true;
    }
}

bool points_decide(struct target *t, struct stop *s)
{
    bool found = false;

    for (unsigned n = 0; n < t->probe.hit_count; n++)
        decide_hit(t, &t->probe.hits[n], s, &found);
    return found;
}

/* ---- register points: by single steps ---- */

bool points_any_register(const struct target *t)
{
    for (size_t n = 0; n < t->point_count; n++)
        if (t->points[n]->enabled && t->points[n]->kind == POINT_REGISTER)
            return true;
    return false;
}

static uint64_t register_value(struct target *t, const struct point *p,
                               uint8_t out[32])
{
    const struct target_reg *r = target_reg_at(p->addr);

    memset(out, 0, 32);
    if (r)
        regs_read(t->c, r, out);
    return ld_le64(out);
}

void points_remember_registers(struct target *t)
{
    uint8_t(*w)[32] = realloc(t->watched, (t->point_count + 1) * sizeof *w);

    if (!w)
        error_no_memory();
    t->watched = w;
    for (size_t n = 0; n < t->point_count; n++)
        if (t->points[n]->kind == POINT_REGISTER)
            register_value(t, t->points[n], w[n]);
}

bool points_register_changed(struct target *t, struct stop *s)
{
    bool found = false;

    for (size_t n = 0; n < t->point_count; n++) {
        struct point *p = t->points[n];
        uint8_t now[32];
        uint64_t value, old;

        if (!p->enabled || p->kind != POINT_REGISTER)
            continue;
        value = register_value(t, p, now);
        old = ld_le64(t->watched[n]);
        if (!memcmp(now, t->watched[n], 32))
            continue;
        memcpy(t->watched[n], now, 32);
        if (!stops(t, p) || found)
            continue;
        *s = (struct stop){.kind = STOP_POINT,
                           .point = p->id,
                           .addr = p->addr,
                           .value = value,
                           .old = old,
                           .write = true};
        found = true;
    }
    return found;
}

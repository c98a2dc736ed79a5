/*
 * clock.c - timers in a binary heap, ordered by tick and then by arming.
 */
#include "core/clock.h"
#include "core/err.h"
#include "core/hash.h"
#include "core/state.h"

#include <assert.h>
#include <stdlib.h>

#define NO_SLOT SIZE_MAX

void clock_init(struct clock *k, uint64_t ips)
{
    assert(ips > 0);
    *k = (struct clock){.ips = ips, .next_deadline = CLOCK_NEVER};
}

void clock_destroy(struct clock *k)
{
    free(k->heap);
    k->heap = NULL;
    k->count = k->cap = 0;
    k->all = NULL;
    k->next_deadline = CLOCK_NEVER;
}

static bool before(const struct timer *a, const struct timer *b)
{
    return a->deadline < b->deadline ||
           (a->deadline == b->deadline && a->seq < b->seq);
}

static void place(struct clock *k, struct timer *t, size_t slot)
{
    k->heap[slot] = t;
    t->slot = slot;
}

/* Puts t at the free slot or where the heap order wants it. */
static void sift(struct clock *k, struct timer *t, size_t slot)
{
    while (slot > 0 && before(t, k->heap[(slot - 1) / 2])) {
        place(k, k->heap[(slot - 1) / 2], slot);
        slot = (slot - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * slot + 1;

        if (child >= k->count)
            break;
        if (child + 1 < k->count && before(k->heap[child + 1], k->heap[child]))
            child++;
        if (!before(k->heap[child], t))
            break;
        place(k, k->heap[child], slot);
        slot = child;
    }
    place(k, t, slot);
}

static void heap_remove(struct clock *k, struct timer *t)
{
    size_t slot = t->slot;
    struct timer *last;

    if (slot == NO_SLOT)
        return;
    t->slot = NO_SLOT;
    t->deadline = CLOCK_NEVER;
    last = k->heap[--k->count];
    if (last != t)
        sift(k, last, slot);
    k->next_deadline = k->count ? k->heap[0]->deadline : CLOCK_NEVER;
}

static void heap_insert(struct clock *k, struct timer *t)
{
    sift(k, t, k->count++);
    k->next_deadline = k->heap[0]->deadline;
}

void timer_init(struct timer *t, struct clock *k, const char *name,
                void (*fire)(void *), void *opaque)
{
    struct timer **end = &k->all;
    size_t registered = 1;

    for (; *end; end = &(*end)->next, registered++)
        assert(strcmp((*end)->name, name) != 0);
    *t = (struct timer){
        .clock = k,
        .name = name,
        .fire = fire,
        .opaque = opaque,
        .deadline = CLOCK_NEVER,
        .slot = NO_SLOT,
    };
    /* Room for every timer, so that arming never allocates. */
    if (registered > k->cap) {
        size_t cap = k->cap ? 2 * k->cap : 16;
        struct timer **heap = realloc(k->heap, cap * sizeof *heap);

        if (!heap)
            error_no_memory();
        k->heap = heap;
        k->cap = cap;
    }
    *end = t;
}

void timer_destroy(struct timer *t)
{
    struct timer **p;

    if (!t->clock)
        return;
    heap_remove(t->clock, t);
    for (p = &t->clock->all; *p; p = &(*p)->next) {
        if (*p == t) {
            *p = t->next;
            break;
        }
    }
    t->clock = NULL;
}

void timer_arm_tick(struct timer *t, uint64_t tick)
{
    struct clock *k = t->clock;
    uint64_t old = k->next_deadline;

    heap_remove(k, t);
    if (tick == CLOCK_NEVER)
        return;
    if (tick <= k->now)
        tick = k->now + 1;
    t->deadline = tick;
    t->seq = k->seq++;
    heap_insert(k, t);
    if (k->next_deadline < old && k->earlier)
        k->earlier(k->opaque);
}

void timer_arm_ns(struct timer *t, uint64_t abs_ns)
{
    /* With more than one tick in a nanosecond, late times have no tick. */
    if ((uint128)abs_ns * t->clock->ips / 1000000000u >= CLOCK_NEVER)
        timer_cancel(t);
    else
        timer_arm_tick(t, clock_ns_to_tick(t->clock, abs_ns));
}

void timer_arm_in_ns(struct timer *t, uint64_t delta_ns)
{
    uint64_t now = clock_ns(t->clock);

    /* A guest may program any interval: beyond the end of time is never. */
    if (delta_ns > UINT64_MAX - now)
        timer_cancel(t);
    else
        timer_arm_ns(t, now + delta_ns);
}

void timer_cancel(struct timer *t)
{
    heap_remove(t->clock, t);
}

void clock_run_due(struct clock *k)
{
    while (k->next_deadline <= k->now && k->count) {
        struct timer *t = k->heap[0];

        heap_remove(k, t);
        t->fire(t->opaque);
    }
}

void clock_advance_to(struct clock *k, uint64_t tick)
{
    clock_run_due(k);
    while (k->next_deadline <= tick && k->count) {
        k->now = k->next_deadline;
        clock_run_due(k);
    }
    if (k->now < tick)
        k->now = tick;
}

/* How many fire before t: the order of arming counts, its numbers do not. */
static uint64_t rank(const struct clock *k, const struct timer *t)
{
    uint64_t n = 0;

    for (size_t i = 0; i < k->count; i++)
        n += before(k->heap[i], t);
    return n;
}

uint64_t clock_hash(const struct clock *k, uint64_t seed)
{
    uint8_t v[16];
    uint64_t h;

    st_le64(v, k->now);
    st_le64(v + 8, k->ips);
    h = hash_bytes(v, sizeof v, seed);
    for (const struct timer *t = k->all; t; t = t->next) {
        if (!timer_armed(t))
            continue;
        st_le64(v, t->deadline);
        st_le64(v + 8, rank(k, t));
        h = hash_bytes(t->name, strlen(t->name), h);
        h = hash_bytes(v, sizeof v, h);
    }
    return h;
}

/*
 * now ips seq (u64), number of armed timers (u32), then for each, in the
 * order of registration: length of the name (u8), name, deadline, seq (u64).
 */
enum { CLOCK_HEAD = 28 };

void clock_save(const struct clock *k, struct state_buf *b)
{
    state_buf_put_u64(b, k->now);
    state_buf_put_u64(b, k->ips);
    state_buf_put_u64(b, k->seq);
    state_buf_put_u32(b, (uint32_t)k->count);
    for (const struct timer *t = k->all; t; t = t->next) {
        uint8_t n = (uint8_t)strlen(t->name);

        if (!timer_armed(t))
            continue;
        assert(strlen(t->name) < 256);
        state_buf_put(b, &n, 1);
        state_buf_put(b, t->name, n);
        state_buf_put_u64(b, t->deadline);
        state_buf_put_u64(b, t->seq);
    }
}

static struct timer *timer_find(const struct clock *k, const uint8_t *name,
                                size_t n)
{
    for (struct timer *t = k->all; t; t = t->next) {
        if (strlen(t->name) == n && !memcmp(t->name, name, n))
            return t;
    }
    return NULL;
}

/* The timer of the record at *p, which is moved behind it; NULL when the
 * record is damaged or nobody has registered the name. */
static struct timer *next_record(const struct clock *k, const uint8_t **p,
                                 const uint8_t *end, struct error *err)
{
    size_t n = *p < end ? **p : 0;
    struct timer *t;

    if (n == 0 || (size_t)(end - *p) < 1 + n + 16) {
        error_set(err, EXIT_BAD_DATA, "clock state is cut short");
        return NULL;
    }
    t = timer_find(k, *p + 1, n);
    if (!t)
        error_set(err, EXIT_BAD_DATA,
                  "clock state has a timer %.*s that this machine lacks",
                  (int)n, (const char *)*p + 1);
    *p += 1 + n + 16;
    return t;
}

bool clock_check(const struct clock *k, const uint8_t *data, size_t len,
                 struct error *err)
{
    const uint8_t *p = data + CLOCK_HEAD, *end = data + len;
    uint32_t count;

    if (len < CLOCK_HEAD)
        return error_set(err, EXIT_BAD_DATA, "clock state is cut short");
    if (ld_le64(data) == CLOCK_NEVER || ld_le64(data + 8) == 0)
        return error_set(err, EXIT_BAD_DATA, "clock state has no valid time");
    count = ld_le32(data + 24);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *first = data + CLOCK_HEAD, *record = p;
        struct timer *t = next_record(k, &p, end, err);

        if (!t)
            return false;
        if (ld_le64(p - 16) == CLOCK_NEVER)
            return error_set(err, EXIT_BAD_DATA, "timer %s has no deadline",
                             t->name);
        while (first < record) {
            if (next_record(k, &first, record, NULL) == t)
                return error_set(err, EXIT_BAD_DATA, "timer %s is there twice",
                                 t->name);
        }
    }
    if (p != end)
        return error_set(err, EXIT_BAD_DATA, "clock state is too long");
    return true;
}

bool clock_load(struct clock *k, const uint8_t *data, size_t len,
                struct error *err)
{
    const uint8_t *p = data + CLOCK_HEAD, *end = data + len;

    if (!clock_check(k, data, len, err))
        return false;
    for (struct timer *t = k->all; t; t = t->next)
        heap_remove(k, t);
    k->now = ld_le64(data);
    k->ips = ld_le64(data + 8);
    k->seq = ld_le64(data + 16);
    while (p < end) {
        struct timer *t = next_record(k, &p, end, err);

        t->deadline = ld_le64(p - 16);
        t->seq = ld_le64(p - 8);
        if (k->seq <= t->seq)
            k->seq = t->seq + 1;
        heap_insert(k, t);
    }
    return true;
}

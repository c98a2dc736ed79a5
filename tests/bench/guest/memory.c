/*
 * memory.c - kernels that move bytes: loops, string instructions, chases.
 */
#include "tests/bench/guest/bench.h"

enum {
    LOOP_BYTES = 1 << 20,
    NODE_BYTES = 64,
    SMALL_NODES = 256,  /* 16 KiB */
    BIG_NODES = 262144, /* 16 MiB */
    LINE_COUNT = 256
};

/* ---- C loops over bytes ---- */

static NOINLINE uint32_t length(const char *s)
{
    const char *p = s;

    while (*p)
        p++;
    return (uint32_t)(p - s);
}

static NOINLINE int compare(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (uint8_t)*a - (uint8_t)*b;
}

static NOINLINE void upper(char *to, const char *from)
{
    while (*from) {
        char c = *from++;

        *to++ = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    *to = 0;
}

static NOINLINE uint32_t find(const char *text, const char *what)
{
    for (uint32_t i = 0; text[i]; i++) {
        uint32_t n = 0;

        while (what[n] && text[i + n] == what[n])
            n++;
        if (!what[n])
            return i;
    }
    return ~0u;
}

uint32_t k_str(uint32_t reps)
{
    char *text = (char *)arena, *copy = text + 0x10000;
    uint32_t sum = 0, seed = 808;

    for (uint32_t r = 0; r < reps; r++) {
        uint32_t n = 200 + (rng_next(&seed) & 255);

        for (uint32_t i = 0; i < n; i++)
            text[i] = (char)('a' + (i * 7 + r) % 26);
        text[n] = 0;
        upper(copy, text);
        sum = mix(sum, length(copy) + (uint32_t)compare(text, copy));
        copy[n - 1] ^= 1;
        sum = mix(sum, find(text, "zgnz"));
        sum += find(text, text + n / 2);
    }
    return sum;
}

/* ---- string instructions on short strings ---- */

static uint32_t scan(const uint8_t *s, uint8_t what, size_t n)
{
    const uint8_t *p = s;

    __asm__ volatile("repne scasb"
                     : "+D"(p), "+c"(n)
                     : "a"(what)
                     : "memory", "cc");
    return (uint32_t)(p - s);
}

static uint32_t same(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t left = n;

    __asm__ volatile("repe cmpsb"
                     : "+S"(a), "+D"(b), "+c"(left)
                     : "0"(a)
                     : "memory", "cc");
    return (uint32_t)(n - left);
}

static uint32_t sum_words(const uint8_t *s, size_t n)
{
    uint32_t sum = 0, word;

    for (size_t i = 0; i < n; i++) {
        __asm__ volatile("lodsl" : "+S"(s), "=a"(word) : : "memory");
        sum += word;
    }
    return sum;
}

uint32_t k_repstr(uint32_t reps)
{
    uint8_t *a = arena, *b = arena + 0x1003; /* not aligned */
    uint32_t sum = 0, seed = 909;

    for (uint32_t i = 0; i < 1024; i++)
        a[i] = b[i] = (uint8_t)(rng_next(&seed) | 1);
    for (uint32_t r = 0; r < reps; r++) {
        uint32_t x = rng_next(&seed), at = x & 127,
                 length = 128 + (x >> 8 & 63);

        a[at] = 0;
        sum = mix(sum, scan(a, 0, length));
        sum = mix(sum, same(a, b, length));
        a[at] = b[at];
        sum += sum_words(b + (x >> 16 & 63), 16);
    }
    return sum;
}

/* ---- block moves by REP MOVS and REP STOS ---- */

static void move(void *to, const void *from, size_t n)
{
    size_t words = n >> 2, bytes = n & 3;

    __asm__ volatile("rep movsl\n\tmov %3, %2\n\trep movsb"
                     : "+D"(to), "+S"(from), "+c"(words)
                     : "r"(bytes)
                     : "memory");
}

static void move_bytes(void *to, const void *from, size_t n)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static void fill(void *to, uint32_t value, size_t words)
{
    __asm__ volatile("rep stosl"
                     : "+D"(to), "+c"(words)
                     : "a"(value)
                     : "memory");
}

uint32_t k_repmovs(uint32_t reps)
{
    uint32_t sum = 0, seed = 606;

    fill(arena, 0x01020304, 0x10000);
    for (uint32_t r = 0; r < reps; r++) {
        uint32_t x = rng_next(&seed), size = 64u << (r % 7);
        uint8_t *from = arena + (x & 0x7fff), *to = arena + 0x20000;

        *from ^= (uint8_t)x;
        move(to + (x >> 16 & 0xfff), from, size + (x & 3));
        move_bytes(to + 0x8000, to + (x >> 16 & 0xfff), size);
        sum = mix(sum, to[0x8000] + to[0x8000 + size / 2]);
        fill(to + 0x8000, x, size / 4);
        sum += to[0x8001];
    }
    return sum;
}

/* ---- block moves by loops ---- */

uint32_t k_memloop(uint32_t reps)
{
    volatile uint32_t *from = (volatile uint32_t *)(void *)arena;
    volatile uint32_t *to = from + LOOP_BYTES / 4;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < LOOP_BYTES / 4; i++)
        from[i] = i * 2654435761u;
    for (uint32_t r = 0; r < reps; r++) {
        for (uint32_t i = 0; i < LOOP_BYTES / 4; i++)
            to[i] = from[i];
        for (uint32_t i = 0; i < LOOP_BYTES / 4; i += 4)
            sum += to[i] ^ to[i + 1];
        from[(r * 4099) % (LOOP_BYTES / 4)] += sum;
    }
    return sum;
}

/* ---- pointer chases ---- */

struct node {
    struct node *next;
    uint32_t value;
};

static struct node *node_at(uint32_t n)
{
    return (struct node *)(void *)(arena + n * NODE_BYTES);
}

/* One cycle through all nodes in random order (Sattolo's shuffle). */
static void make_cycle(uint32_t count)
{
    uint32_t seed = 1234567;

    for (uint32_t i = 0; i < count; i++) {
        node_at(i)->next = node_at(i);
        node_at(i)->value = i;
    }
    for (uint32_t i = count - 1; i > 0; i--) {
        uint32_t j = rng_next(&seed) % i;
        struct node *t = node_at(i)->next;

        node_at(i)->next = node_at(j)->next;
        node_at(j)->next = t;
    }
}

static uint32_t chase(uint32_t count, uint32_t steps)
{
    const struct node *n = node_at(0);
    uint32_t sum = 0;

    make_cycle(count);
    for (uint32_t i = 0; i < steps; i++) {
        sum += n->value ^ i;
        n = n->next;
    }
    return mix(sum, n->value);
}

uint32_t k_chase_small(uint32_t reps)
{
    return chase(SMALL_NODES, reps * 4096);
}

uint32_t k_chase_big(uint32_t reps)
{
    return chase(BIG_NODES, reps * 4096);
}

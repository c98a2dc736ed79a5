/*
 * programs.c - small programs as kernels: a compressor, a bytecode machine.
 */
#include "tests/bench/guest/bench.h"

enum { TEXT_BYTES = 32768, HASH_SIZE = 4096, MIN_MATCH = 4, MAX_MATCH = 130 };

/* ---- LZ: a control byte, then literals or (length, 16-bit distance) ---- */

static void make_text(uint8_t *text, uint32_t seed)
{
    static const char words[8][8] = {"the ",   "trace ", "page ", "of ",
                                     "stack ", "and ",   "long ", "mode\n"};
    uint32_t n = 0;

    while (n < TEXT_BYTES) {
        uint32_t x = rng_next(&seed);
        const char *w = words[x & 7];

        if (!(x & 0x700))
            text[n++] = (uint8_t)('a' + (x >> 16) % 26);
        while (*w && n < TEXT_BYTES)
            text[n++] = (uint8_t)*w++;
    }
}

static uint32_t hash_of(const uint8_t *p)
{
    uint32_t v = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                 (uint32_t)p[3] << 24;

    return v * 2654435761u >> 20;
}

static uint32_t match_length(const uint8_t *a, const uint8_t *b, uint32_t limit)
{
    uint32_t n = 0;

    while (n < limit && a[n] == b[n])
        n++;
    return n;
}

static uint8_t *put_literals(uint8_t *out, const uint8_t *from, uint32_t n)
{
    while (n) {
        uint32_t part = n > 128 ? 128 : n;

        *out++ = (uint8_t)(part - 1);
        for (uint32_t i = 0; i < part; i++)
            *out++ = *from++;
        n -= part;
    }
    return out;
}

static NOINLINE uint32_t compress(const uint8_t *in, uint8_t *out)
{
    static uint32_t head[HASH_SIZE]; /* position + 1 */
    uint32_t pos = 0, pending = 0;
    uint8_t *o = out;

    for (uint32_t i = 0; i < HASH_SIZE; i++)
        head[i] = 0;
    while (pos + MIN_MATCH <= TEXT_BYTES) {
        uint32_t h = hash_of(in + pos), before = head[h], length = 0;
        uint32_t limit = TEXT_BYTES - pos;

        head[h] = pos + 1;
        if (before)
            length = match_length(in + before - 1, in + pos,
                                  limit > MAX_MATCH ? MAX_MATCH : limit);
        if (length < MIN_MATCH) {
            pos++;
            continue;
        }
        o = put_literals(o, in + pending, pos - pending);
        *o++ = (uint8_t)(0x80 + length - MIN_MATCH);
        *o++ = (uint8_t)(pos + 1 - before);
        *o++ = (uint8_t)((pos + 1 - before) >> 8);
        pos += length;
        pending = pos;
    }
    o = put_literals(o, in + pending, TEXT_BYTES - pending);
    return (uint32_t)(o - out);
}

static NOINLINE uint32_t expand(const uint8_t *in, uint32_t n, uint8_t *out)
{
    const uint8_t *end = in + n;
    uint8_t *o = out;

    while (in < end) {
        uint32_t control = *in++;

        if (control < 0x80) {
            for (uint32_t i = 0; i <= control; i++)
                *o++ = *in++;
        } else {
            const uint8_t *from = o - (in[0] | (uint32_t)in[1] << 8);

            in += 2;
            for (uint32_t i = 0; i < control - 0x80 + MIN_MATCH; i++)
                *o++ = *from++;
        }
    }
    return (uint32_t)(o - out);
}

uint32_t k_lz(uint32_t reps)
{
    uint8_t *text = arena, *packed = arena + 0x10000, *back = arena + 0x20000;
    uint32_t sum = 0;

    make_text(text, 2024);
    for (uint32_t r = 0; r < reps; r++) {
        uint32_t n = compress(text, packed);
        uint32_t m = expand(packed, n, back);
        uint32_t wrong = 0;

        for (uint32_t i = 0; i < TEXT_BYTES; i++)
            wrong += text[i] != back[i];
        sum = mix(sum, n + m * 3 + wrong * 5);
        text[(r * 97) % TEXT_BYTES] ^= 1;
    }
    return sum;
}

/* ---- bytecode machine: a stack, sixteen variables, a switch ---- */

enum opcode {
    PUSH, /* value */
    LOAD, /* variable */
    STORE,
    ADD,
    SUB,
    MUL,
    AND,
    SHR,
    LESS,
    JUMP,  /* target */
    JZERO, /* target */
    HALT
};

static NOINLINE uint32_t interpret(const uint8_t *code, uint32_t *var)
{
    uint32_t stack[32], *sp = stack;
    const uint8_t *pc = code;

    for (;;) {
        switch (*pc++) {
        case PUSH:
            *sp++ = *pc++;
            break;
        case LOAD:
            *sp++ = var[*pc++];
            break;
        case STORE:
            var[*pc++] = *--sp;
            break;
        case ADD:
            sp--;
            sp[-1] += sp[0];
            break;
        case SUB:
            sp--;
            sp[-1] -= sp[0];
            break;
        case MUL:
            sp--;
            sp[-1] *= sp[0];
            break;
        case AND:
            sp--;
            sp[-1] &= sp[0];
            break;
        case SHR:
            sp--;
            sp[-1] >>= sp[0] & 31;
            break;
        case LESS:
            sp--;
            sp[-1] = sp[-1] < sp[0];
            break;
        case JUMP:
            pc = code + *pc;
            break;
        case JZERO:
            pc = *--sp ? pc + 1 : code + *pc;
            break;
        default:
            return var[1];
        }
    }
}

/* Steps of the 3n+1 sequences from v3 up to v4: v0 is n, v1 counts. */
enum { OUTER = 0, INNER = 11, EVEN = 37, COUNT = 44, NEXT = 53, END = 62 };

/* clang-format off */
static const uint8_t program[] = {
    [OUTER] = LOAD, 3, LOAD, 4, LESS, JZERO, END,
    LOAD, 3, STORE, 0,
    [INNER] = PUSH, 1, LOAD, 0, LESS, JZERO, NEXT,
    LOAD, 0, PUSH, 1, AND, JZERO, EVEN,
    LOAD, 0, PUSH, 3, MUL, PUSH, 1, ADD, STORE, 0,
    JUMP, COUNT,
    [EVEN] = LOAD, 0, PUSH, 1, SHR, STORE, 0,
    [COUNT] = LOAD, 1, PUSH, 1, ADD, STORE, 1,
    JUMP, INNER,
    [NEXT] = LOAD, 3, PUSH, 1, ADD, STORE, 3,
    JUMP, OUTER,
    [END] = HALT,
};
/* clang-format on */

uint32_t k_interp(uint32_t reps)
{
    uint32_t sum = 0;

    for (uint32_t r = 0; r < reps; r++) {
        uint32_t var[16] = {0};

        var[3] = 1 + r % 1000;
        var[4] = var[3] + 100;
        sum = mix(sum, interpret(program, var));
    }
    return sum;
}

/*
 * debugger_test.c - the command language against a small processor: numbers,
 * symbols, completion, and lines of nonsense, which must never do harm.
 */
#include "core/rng.h"
#include "cpu/probe.h"
#include "debugger/debugger.h"
#include "debugger/expr.h"
#include "debugger/internal.h"
#include "debugger/symbols.h"
#include "tests/insn/sysrig.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct bench {
    struct sysrig r;
    struct target *t;
    struct debugger *d;
    uint64_t end; /* tick that ends a session */
    FILE *out;
};

static enum target_ran run(void *opaque, uint64_t until)
{
    struct bench *b = opaque;
    uint64_t end = b->r.clock.now + 1000;

    if (b->r.clock.now >= b->end)
        return TARGET_ENDED;
    if (cpu_run(b->r.c, end < until ? end : until) == RUN_SHUTDOWN)
        return TARGET_SHUTDOWN;
    return b->r.clock.now >= b->end ? TARGET_ENDED : TARGET_RAN;
}

/* A loop that stores, calls and returns. */
static const uint8_t program[] = {
    0xff, 0x05, 0x00, 0x60, 0x00, 0x00, /* inc dword [6000h] */
    0xe8, 0x02, 0x00, 0x00, 0x00,       /* call +2 */
    0xeb, 0xf3,                         /* jmp 0 */
    0x55, 0x89, 0xe5, 0x5d, 0xc3,       /* push ebp ... ret */
};

static void start(struct bench *b)
{
    struct target_host host = {.opaque = b, .run = run};
    struct debugger_setup setup = {.out = b->out};

    sysrig_protected(&b->r, 0);
    phys_poke(b->r.sv.phys, CODE, program, sizeof program);
    b->r.c->rip = CODE;
    b->r.c->gpr[RSP] = STACK0;
    b->r.c->rflags = 2;
    b->r.c->events = 0;
    b->end = b->r.clock.now + 20000;
    b->t = target_create(b->r.c, &host);
    setup.target = b->t;
    b->d = debugger_create(&setup);
}

static void finish(struct bench *b)
{
    debugger_destroy(b->d);
    target_destroy(b->t);
}

/* ---- numbers ---- */

static void test_numbers(struct tap *t)
{
    static const struct {
        const char *text;
        enum token_kind kind;
        uint64_t value;
    } cases[] = {{"31744", TOK_NUMBER, 31744},
                 {"0x7c00", TOK_NUMBER, 0x7c00},
                 {"7c00h", TOK_NUMBER, 0x7c00},
                 {"0FFh", TOK_NUMBER, 255},
                 {"010", TOK_NUMBER, 8},
                 {"08", TOK_NUMBER, 8},
                 {"0b101", TOK_NUMBER, 5},
                 {"0b1h", TOK_NUMBER, 0xb1},
                 {"0b12", TOK_BAD, 0},
                 {"0x", TOK_BAD, 0},
                 {"1_2", TOK_BAD, 0},
                 {"0", TOK_NUMBER, 0},
                 {"0xffffffffffffffff", TOK_NUMBER, UINT64_MAX},
                 {"_1", TOK_WORD, 0},
                 {"\"open", TOK_BAD, 0},
                 {"", TOK_END, 0},
                 {"<<", TOK_OP, 0}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct lexer l;

        lexer_init(&l, cases[i].text);
        tap_ok(t,
               l.kind == cases[i].kind &&
                   (l.kind != TOK_NUMBER || l.value == cases[i].value),
               "token '%s'", cases[i].text);
    }
}

static void test_deep(struct tap *t, struct bench *b)
{
    static char deep[4000];
    struct error err;
    struct expr e;
    struct lexer l;

    memset(deep, '(', sizeof deep - 1);
    lexer_init(&l, deep);
    tap_ok(t, !expr_parse(&e, &l, NULL, &err) && err.text[0],
           "4,000 parentheses are refused");
    memset(deep, '-', sizeof deep - 1);
    lexer_init(&l, deep);
    tap_ok(t, !expr_parse(&e, &l, NULL, &err), "4,000 signs are refused");
    for (size_t i = 0; i + 2 < sizeof deep; i += 2)
        memcpy(deep + i, "1+", 2);
    lexer_init(&l, deep);
    tap_ok(t, !expr_parse(&e, &l, NULL, &err) && err.text[0],
           "2,000 terms are refused");
    (void)b;
}

/* ---- completion ---- */

static void count_word(void *opaque, const char *text)
{
    unsigned *n = opaque;

    if (!strcmp(text, "trace-mem") || !strcmp(text, "eflags") ||
        !strcmp(text, "ldt"))
        ++*n;
}

static void test_completion(struct tap *t, struct bench *b)
{
    unsigned n = 0;
    size_t from;
    bool files;

    debugger_complete(b->d, "s; trace-", &from, &files, count_word, &n);
    tap_ok(t, n == 1 && from == 3, "commands are completed");
    n = 0;
    debugger_complete(b->d, "calc 1+efl", &from, &files, count_word, &n);
    tap_ok(t, n == 1 && from == 7, "registers are completed");
    n = 0;
    debugger_complete(b->d, "info l", &from, &files, count_word, &n);
    tap_ok(t, n == 1 && from == 5, "words of a command are completed");
    debugger_complete(b->d, "source x", &from, &files, count_word, &n);
    tap_ok(t, files, "files are");
}

/* ---- symbols of ELF files: this program's own, whole and damaged ---- */

static void test_elf(struct tap *t, struct rng *rng)
{
    struct symbols *s = symbols_create();
    struct error err = {0};
    uint64_t addr = 0, main_addr = 0;
    bool packed;
    size_t size = 0;
    uint8_t *data = NULL;
    FILE *f = fopen("/proc/self/exe", "rb");

    tap_ok(t, symbols_load(s, "/proc/self/exe", 0x1000, SYMBOLS_GLOBAL, &err),
           "symbols of an ELF file: %s", err.text);
    tap_ok(t,
           symbols_value(s, "symbols_load_elf", &addr) &&
               symbols_value(s, "main", &main_addr),
           "functions are found");
    tap_ok(t,
           symbols_at(s, addr + 1) &&
               !strcmp(symbols_at(s, addr + 1)->name, "symbols_load_elf"),
           "an address inside is this function's");
    symbols_destroy(s);
    if (f) {
        data = malloc(1 << 20);
        size = data ? fread(data, 1, 1 << 20, f) : 0;
        fclose(f);
    }
    for (unsigned i = 0; i < 300 && size > 100; i++) {
        size_t n = i % 2 ? size : (size_t)(rng_next(rng) % size);
        uint8_t *copy = malloc(n + 1);

        if (!copy)
            break;
        memcpy(copy, data, n);
        for (unsigned k = 0; k < 8 && n; k++)
            copy[rng_next(rng) % (k < 4 && n > 64 ? 64 : n)] =
                (uint8_t)rng_next(rng);
        s = symbols_create();
        symbols_load_elf(s, copy, n, 0, &packed, &err);
        symbols_destroy(s);
        free(copy);
    }
    tap_ok(t, true, "300 damaged ELF files do no harm");
    free(data);
}

static void test_dwarf_noise(struct tap *t, struct rng *rng)
{
    struct error err;

    for (unsigned i = 0; i < 3000; i++) {
        uint8_t data[200];
        struct symbols *s = symbols_create();

        for (size_t k = 0; k < sizeof data; k++)
            data[k] = (uint8_t)(rng_next(rng) >> (k & 7));
        st_le32(data, 190);
        st_le16(data + 4, (uint16_t)(2 + i % 4));
        if (i & 1)
            st_le32(data + 6, 30);
        symbols_load_dwarf_lines(s, data, 194, data, 200, data, 200, 0, &err);
        symbols_destroy(s);
    }
    tap_ok(t, true, "3,000 damaged line tables do no harm");
}

/* ---- nonsense ---- */

/* Words that make up lines; files are looked for in an empty folder. */
static const char *const words[] = {
    "0",      "1",     "7",       "0x6000", "0x5000",  "0xffffffff", "-1",
    "eax",    "rip",   "cs",      "cs:eip", "\"sym\"", "if",         "\"eax\"",
    "do",     "temp",  "log",     "count",  "=",       "+",          "*",
    "@",      "/4bx",  "/2wd",    "/3i",    "(",       ")",          ":",
    ";",      "all",   "off",     "on",     "r",       "w",          "lw",
    "reg",    "esp",   "stop",    "mode",   "size",    "$cpu",       "$json",
    "--json", "#",     "\"s\"",   "gdt",    "idt",     "tab",        "device",
    "tss",    "\"c\"", "\"r;s\"", "32",     "5",       "switch-mode"};

static void random_line(struct rng *rng, char *line, size_t size)
{
    size_t commands = 0, used = 0, n = rng_next(rng) % 6;

    while (debugger_commands[commands].name)
        commands++;
    if (rng_next(rng) % 8 == 0) {
        used = (size_t)(rng_next(rng) % (size - 1));
        for (size_t i = 0; i < used; i++)
            line[i] = (char)(1 + rng_next(rng) % 255);
        line[used] = '\0';
        return;
    }
    used = (size_t)snprintf(line, size, "%s",
                            debugger_commands[rng_next(rng) % commands].name);
    for (size_t i = 0; i < n && used < size - 20; i++)
        used += (size_t)snprintf(line + used, size - used, " %s",
                                 words[rng_next(rng) % ARRAY_LEN(words)]);
}

static void test_nonsense(struct tap *t, struct bench *b, struct rng *rng)
{
    char line[300];
    unsigned lines = 0;

    for (unsigned session = 0; session < 200; session++) {
        start(b);
        for (unsigned i = 0; i < 40; i++, lines++) {
            random_line(rng, line, sizeof line);
            if (!debugger_line(b->d, line))
                break;
        }
        finish(b);
        rewind(b->out);
        if (ftruncate(fileno(b->out), 0))
            break;
    }
    tap_ok(t, lines > 3000, "%u lines of nonsense do no harm", lines);
}

int main(void)
{
    char folder[] = "/tmp/klochs-dbg-XXXXXX", command[64];
    static struct bench b;
    struct rng rng;

    rng_seed(&rng, 1);
    if (!mkdtemp(folder) || chdir(folder))
        return 1;
    b.out = tmpfile();
    sysrig_init(&b.r);
    test_numbers(&b.r.tap);
    start(&b);
    test_deep(&b.r.tap, &b);
    test_completion(&b.r.tap, &b);
    finish(&b);
    test_elf(&b.r.tap, &rng);
    test_dwarf_noise(&b.r.tap, &rng);
    test_nonsense(&b.r.tap, &b, &rng);
    if (b.out)
        fclose(b.out);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command))
        return 1;
    return sysrig_done(&b.r);
}

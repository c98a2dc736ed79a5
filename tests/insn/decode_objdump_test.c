/*
 * decode_objdump_test.c - lengths against objdump, on real and random code.
 *
 * objdump of binutils is an independent decoder. Real code: programs and
 * libraries of the host, up to a bounded number of instructions. Random code:
 * bytes from a fixed generator. What objdump cannot name, and what this
 * processor does not have (EVEX, TSX, ...), is left out. Without objdump the
 * test says so and skips.
 */
#include "cpu/decode.h"
#include "tests/tap.h"
#include <stdlib.h>
#include <unistd.h>

enum { MAX_SHOWN = 10 };

struct tally {
    unsigned compared, lengths, unknown, shown;
};

static unsigned hex_bytes(const char *s, uint8_t *out, unsigned room)
{
    unsigned n = 0, v;
    int used;

    while (n < room && sscanf(s, " %2x%n", &v, &used) == 1) {
        out[n++] = (uint8_t)v;
        s += used;
    }
    return n;
}

/* What objdump prints for bytes that are no instruction, for instructions
 * with a prefix on a line of its own, and for sets that are not here. */
static bool left_out(const char *text)
{
    static const char *const words[] = {
        "(bad)", "zmm", "%k", "{%k", "xbegin", "xabort", "xend", "xtest",
        "bnd", "vm", "data16", "addr32", "rex", "cs ", "ds ", "ss ", "es ",
        "fs ", "gs ", "lock", "rep", "xacquire", "xrelease", "incssp",
        "rdssp", "tile", "enqcmd", "gf2p8", "clui", "stui", "testui",
    };

    if (!*text)
        return true;
    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        if (strstr(text, words[i]))
            return true;
    }
    return false;
}

static void compare(struct tally *t, const struct decode_env *env,
                    const uint8_t *b, unsigned n, const char *text)
{
    struct decoded d;

    if (left_out(text) || b[0] == 0x62)
        return;
    t->compared++;
    enum decode_status st = decode_insn(env, b, n, &d);
    bool bad = st != DECODE_OK || d.len != n;
    t->unknown += st != DECODE_OK;
    t->lengths += st == DECODE_OK && d.len != n;
    if (bad && t->shown < MAX_SHOWN) {
        t->shown++;
        printf("# status %d, length %u:", st, d.len);
        for (unsigned i = 0; i < n; i++)
            printf(" %02x", b[i]);
        printf("  %s", text);
    }
}

/* Runs objdump and compares line by line: "  addr:\tbytes\ttext". */
static bool run(struct tally *t, const struct decode_env *env,
                const char *command, unsigned limit)
{
    char line[512];
    FILE *in = popen(command, "r");

    if (!in)
        return false;
    while (t->compared < limit && fgets(line, sizeof line, in)) {
        uint8_t bytes[16];
        char *tab = strchr(line, '\t');
        char *text = tab ? strchr(tab + 1, '\t') : NULL;

        if (!text)
            continue;
        *text++ = 0;
        unsigned n = hex_bytes(tab + 1, bytes, sizeof bytes);
        if (n)
            compare(t, env, bytes, n, text);
    }
    /* A limit may stop us before objdump ends; its status says nothing. */
    pclose(in);
    return t->compared > 0;
}

static const uint64_t *all_features(void)
{
    static uint64_t f[FEATURE_WORDS];

    for (unsigned i = 0; i < FEAT_COUNT; i++)
        feature_set(f, (enum cpu_feature)i);
    return f;
}

static void real_code(struct tap *tap, const char *path)
{
    struct tally t = {0};
    struct decode_env env = {64, false, all_features()};
    char command[256];

    snprintf(command, sizeof command,
             "objdump -d --insn-width=16 %s 2>/dev/null", path);
    if (access(path, R_OK) || !run(&t, &env, command, 200000)) {
        tap_ok(tap, true, "%s # SKIP not here", path);
        return;
    }
    tap_ok(tap, t.lengths + t.unknown == 0,
           "%s: %u instructions, %u lengths differ, %u unknown", path,
           t.compared, t.lengths, t.unknown);
}

static void random_code(struct tap *tap, unsigned mode)
{
    static const char *const machine[] = {"i8086", "i386", "i386:x86-64"};
    char name[] = "/tmp/klochs-decode-XXXXXX", command[256];
    struct tally t = {0};
    struct decode_env env = {(uint8_t)mode, false, all_features()};
    uint64_t x = 0x9e3779b97f4a7c15u * mode;
    int fd = mkstemp(name);

    if (fd < 0) {
        tap_ok(tap, true, "random code # SKIP no temporary file");
        return;
    }
    FILE *out = fdopen(fd, "wb");
    for (unsigned i = 0; i < 300000; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        uint8_t b = (uint8_t)(x >> 56);
        /* More of the two-byte map than chance would give. */
        if (x >> 48 & 1 && (x >> 40 & 15) == 0)
            b = 0x0f;
        fputc(b, out);
    }
    fclose(out);
    snprintf(command, sizeof command,
             "objdump -D --insn-width=16 -b binary -m %s %s 2>/dev/null",
             machine[mode / 32], name);
    run(&t, &env, command, 200000);
    tap_ok(tap, t.compared > 1000 && t.lengths + t.unknown == 0,
           "random, %u bits: %u instructions, %u lengths differ, %u unknown",
           mode, t.compared, t.lengths, t.unknown);
    unlink(name);
}

int main(void)
{
    struct tap tap = {0};

    if (system("objdump --version >/dev/null 2>&1")) {
        printf("1..0 # SKIP objdump is not installed\n");
        return 0;
    }
    real_code(&tap, "/bin/busybox");
    real_code(&tap, "/lib/x86_64-linux-gnu/libc.so.6");
    real_code(&tap, "/lib/x86_64-linux-gnu/libm.so.6");
    random_code(&tap, 16);
    random_code(&tap, 32);
    random_code(&tap, 64);
    return tap_done(&tap);
}

/*
 * decode_objdump_test.c - lengths and names against objdump, on real and
 * random code.
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
    unsigned compared, lengths, unknown, names, shown;
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
static bool left_out(const uint8_t *b, unsigned n, const char *text)
{
    static const char *const words[] = {
        "(bad)",     "zmm",       "{k",       "xbegin",    "xabort",
        "xend",      "xtest",     "bnd",      "vm",        "data16",
        "data32",    "addr16",    "addr32",   "rex",       "notrack",
        "cs ",       "ds ",       "ss ",      "es ",       "fs ",
        "gs ",       "lock",      "cr14",     "rep",       "xacquire",
        "xrelease",  "ssp",       "tile",     "enqcmd",    "clui",
        "stui",      "testui",    "wrss",     "tr0",       "tr1",
        "tr2",       "tr3",       "tr4",      "tr5",       "tr6",
        "tr7",       "getsec",    "287 only", "aadd",      "aand",
        "aor",       "axor",      "xsha",     "xcrypt",    "xstore",
        "montmul",   "encl",      "clgi",     "stgi",      "invlpga",
        "invlpgb",   "skinit",    ".byte",    "ssbsy",     "serialize",
        "xsusldtrk", "xresldtrk", "pconfig",  "tlbsync",   "mcommit",
        "rdpru",     "extrq",     "wruss",    "movdir64b", "invept",
        "invvpid",   "256kl",     "128kl",    "wide",      "umwait",
        "tpause",    "umonitor",  "ptwrite",  "encodekey", "psmash",
        "pvalidate", "rmp",       "loadall",  "lwpcb",     "hreset",
    };

    if (!*text || b[0] == 0x62)
        return true;
    /* objdump joins WAIT to a floating-point instruction behind it. */
    if (n > 1 && (b[0] == 0x9b || b[1] == 0x9b))
        return true;
    /* FMA4. */
    if (b[0] == 0xc4 && (b[1] & 31) == 3 && b[3] >= 0x48 && b[3] < 0x80)
        return true;
    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        if (strstr(text, words[i]))
            return true;
    }
    return *text == 'k'; /* mask registers */
}

/* Near branches with 66 in 64-bit mode: objdump decodes them as AMD does. */
static bool differs_by_vendor(const struct decode_env *env, const uint8_t *b,
                              unsigned n)
{
    if (env->mode != 64 || b[0] != 0x66 || n < 3)
        return false;
    return b[1] == 0xe8 || b[1] == 0xe9 ||
           (b[1] == 0x0f && (b[2] & 0xf0) == 0x80);
}

/* Names: ours and objdump's where they differ. A `*` at the end stands for
 * any rest. */
static const char *const aliases[][2] = {
    {"jz", "je"},
    {"jnz", "jne"},
    {"jnb", "jae"},
    {"jnbe", "ja"},
    {"jnl", "jge"},
    {"jnle", "jg"},
    {"setz", "sete"},
    {"setnz", "setne"},
    {"setnb", "setae"},
    {"setnbe", "seta"},
    {"setnl", "setge"},
    {"setnle", "setg"},
    {"cmovz", "cmove"},
    {"cmovnz", "cmovne"},
    {"cmovnb", "cmovae"},
    {"cmovnbe", "cmova"},
    {"cmovnl", "cmovge"},
    {"cmovnle", "cmovg"},
    {"retf", "retf*"},
    {"callf", "call*"},
    {"jmpf", "jmp*"},
    {"ret", "ret*"},
    {"int1", "int1"},
    {"int1", "icebp"},
    {"pushad", "pusha*"},
    {"popad", "popa*"},
    {"pusha", "pusha*"},
    {"popa", "popa*"},
    {"pushf", "pushf*"},
    {"pushfd", "pushf*"},
    {"pushfq", "pushf*"},
    {"popf", "popf*"},
    {"popfd", "popf*"},
    {"popfq", "popf*"},
    {"iret", "iret*"},
    {"iretd", "iret*"},
    {"iretq", "iret*"},
    {"insb", "ins"},
    {"insw", "ins"},
    {"insd", "ins"},
    {"outsb", "outs"},
    {"outsw", "outs"},
    {"outsd", "outs"},
    {"movsb", "movs"},
    {"movsw", "movs"},
    {"movsd", "movs"},
    {"movsq", "movs"},
    {"cmpsb", "cmps"},
    {"cmpsw", "cmps"},
    {"cmpsd", "cmps"},
    {"cmpsq", "cmps"},
    {"stosb", "stos"},
    {"stosw", "stos"},
    {"stosd", "stos"},
    {"stosq", "stos"},
    {"lodsb", "lods"},
    {"lodsw", "lods"},
    {"lodsd", "lods"},
    {"lodsq", "lods"},
    {"scasb", "scas"},
    {"scasw", "scas"},
    {"scasd", "scas"},
    {"scasq", "scas"},
    {"xlatb", "xlat"},
    {"mov", "movabs"},
    {"nop", "xchg"},
    {"call", "call*"},
    {"jmp", "jmp*"},
    {"cmpps", "cmp*"},
    {"cmppd", "cmp*"},
    {"cmpss", "cmp*"},
    {"cmpsd", "cmp*"},
    {"vcmpps", "vcmp*"},
    {"vcmppd", "vcmp*"},
    {"vcmpss", "vcmp*"},
    {"vcmpsd", "vcmp*"},
    {"pclmulqdq", "pclmul*"},
    {"vpclmulqdq", "vpclmul*"},
    {"fcom2", "fcom"},
    {"fcomp3", "fcomp"},
    {"fcomp5", "fcomp"},
    {"fxch4", "fxch"},
    {"fxch7", "fxch"},
    {"fstp8", "fstp"},
    {"fstp9", "fstp"},
    {"fstpnce", "fstp*"},
    {"movsxd", "movs*"},
    {"fneni", "fneni*"},
    {"fndisi", "fndisi*"},
    {"fnsetpm", "fnsetpm*"},
    {"sysret", "sysret*"},
    {"sysexit", "sysexit*"},
    {"enter", "enter*"},
    {"leave", "leave*"},
    {"nop", "prefetch*"},
    {"nop", "cldemote"},
    {"prefetch", "prefetch*"},
    {"prefetchw", "prefetch*"},
    {"prefetchwt1", "prefetch*"},
    {"nop", "cl*"},
    {"lgdt", "lgdt*"},
    {"lidt", "lidt*"},
    {"sgdt", "sgdt*"},
    {"sidt", "sidt*"},
    {"fldenv", "fldenv*"},
    {"fnstenv", "fnstenv*"},
    {"fnsave", "fnsave*"},
    {"frstor", "frstor*"},
    {"push", "push*"},
    {"pop", "pop*"},
};

static bool same_name(const char *ours, const char *theirs)
{
    char word[32];
    size_t n = strcspn(theirs, " \t\n");

    if (n >= sizeof word)
        return false;
    memcpy(word, theirs, n);
    word[n] = 0;
    if (!strcmp(ours, word))
        return true;
    for (unsigned i = 0; i < ARRAY_LEN(aliases); i++) {
        const char *alias = aliases[i][1];
        size_t len = strlen(alias);

        if (strcmp(ours, aliases[i][0]) != 0)
            continue;
        if (alias[len - 1] == '*' ? !strncmp(word, alias, len - 1)
                                  : !strcmp(word, alias))
            return true;
    }
    return false;
}

static void compare(struct tally *t, const struct decode_env *env,
                    const uint8_t *b, unsigned n, const char *text)
{
    struct decoded d;

    if (left_out(b, n, text) || differs_by_vendor(env, b, n))
        return;
    t->compared++;
    enum decode_status st = decode_insn(env, b, n, &d);
    bool ok = st == DECODE_OK;
    bool name = !ok || same_name(d.info->mnemonic, text);
    t->unknown += !ok;
    t->lengths += ok && d.len != n;
    t->names += !name;
    if ((!ok || d.len != n || !name) && t->shown < MAX_SHOWN) {
        t->shown++;
        printf("# status %d, length %u, %s:", st, d.len,
               ok ? d.info->mnemonic : "?");
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
    struct decode_env env = {64, false, all_features(), 0};
    char command[256];

    snprintf(command, sizeof command,
             "objdump -d -M intel --insn-width=16 %s 2>/dev/null", path);
    if (access(path, R_OK) || !run(&t, &env, command, 200000)) {
        tap_ok(tap, true, "%s # SKIP not here", path);
        return;
    }
    tap_ok(tap, t.lengths + t.unknown + t.names == 0,
           "%s: %u instructions, %u lengths and %u names differ, %u unknown",
           path, t.compared, t.lengths, t.names, t.unknown);
}

static uint8_t chance(uint64_t *x)
{
    *x = *x * 6364136223846793005u + 1442695040888963407u;
    return (uint8_t)(*x >> 56);
}

/* A prefix and an escape to one of the maps, so that these get their share;
 * `vex` too where the bytes are not LES and LDS. */
static void put_escape(FILE *out, uint64_t *x)
{
    static const uint8_t prefix[8] = {0x66, 0xf2, 0xf3, 0x66};
    uint8_t p = prefix[chance(x) & 7], kind = chance(x) & 7;

    if (kind < 6 && p)
        fputc(p, out);
    if (kind < 6)
        fputc(0x0f, out);
    if (kind >= 3 && kind < 6)
        fputc(kind == 3 ? 0x3a : 0x38, out);
    if (kind == 6) {
        fputc(0xc4, out);
        fputc((chance(x) & 0x20) | 0xc1 | (chance(x) & 3), out);
        fputc(chance(x), out);
    } else if (kind == 7) {
        fputc(0xc5, out);
        fputc(0xc0 | chance(x), out);
    }
}

static void random_code(struct tap *tap, unsigned mode)
{
    static const char *const machine[] = {"i8086", "i386", "i386:x86-64"};
    char name[] = "/tmp/klochs-decode-XXXXXX", command[256];
    struct tally t = {0};
    struct decode_env env = {(uint8_t)mode, false, all_features(), 0};
    uint64_t x = 0x9e3779b97f4a7c15u * mode;
    int fd = mkstemp(name);

    if (fd < 0) {
        tap_ok(tap, true, "random code # SKIP no temporary file");
        return;
    }
    FILE *out = fdopen(fd, "wb");
    for (unsigned i = 0; i < 40000; i++) {
        unsigned n = chance(&x) & 7;

        if (i & 1)
            put_escape(out, &x);
        for (unsigned k = 0; k < n; k++)
            fputc(chance(&x), out);
    }
    fclose(out);
    snprintf(
        command, sizeof command,
        "objdump -D -M intel --insn-width=16 -b binary -m %s %s 2>/dev/null",
        machine[mode / 32], name);
    run(&t, &env, command, 200000);
    tap_ok(tap, t.compared > 1000 && t.lengths + t.unknown + t.names == 0,
           "random, %u bits: %u instructions, %u lengths and %u names differ, "
           "%u unknown",
           mode, t.compared, t.lengths, t.names, t.unknown);
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

/*
 * exec_main.c - `klochs exec`: instructions in, states out, one JSON object a
 * line.
 *
 * Input, all keys but "code" optional; numbers may be strings with 0x:
 *   id        anything, given back       bits    16, 32, 64 (default)
 *   code      hex bytes                  cpl     0, 3 (default)
 *   count     instructions, default 1    legacy  true: no long mode
 *   rax ... r15 rip rflags fs_base gs_base mxcsr fcw fsw ftw
 *   st0 ...   20 hex digits, sign and exponent first
 *   ymm0 ...  64 hex digits in memory order; xmm0 ...: 32
 *   mem       {"0x20000000": "00ff"}, in the code or data window
 * Output: id, vector, code, cr2 (of an exception), shutdown, every register
 * in the forms above, and mem: the bytes of the data window that changed.
 * The data window starts as zeros, the code window as INT3.
 */
#include "machine/exec.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 1 << 16, TEXT_MAX = 2 * 0x4000 + 1 };

struct job {
    const char *at; /* the next character of the line */
    const char *error;
    char id[128]; /* as given, with quotes */
    struct exec_state s;
    uint64_t count;
    bool rip_given, rsp_given;
    uint8_t code[EXEC_CODE_SIZE], data[EXEC_DATA_SIZE];
    unsigned code_len;
    char key[64], text[TEXT_MAX];
};

static const char *const gpr_names[16] = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

/* ---- reading ---- */

static bool fail(struct job *j, const char *why)
{
    if (!j->error)
        j->error = why;
    return false;
}

static void blanks(struct job *j)
{
    while (isspace((unsigned char)*j->at))
        j->at++;
}

static bool take(struct job *j, char c)
{
    blanks(j);
    if (*j->at != c)
        return false;
    j->at++;
    return true;
}

/* A string without escapes, or a bare word: number, true, false, null. */
static bool word(struct job *j, char *out, size_t room)
{
    size_t n = 0;
    bool quoted = take(j, '"');

    while (*j->at &&
           (quoted ? *j->at != '"' : isalnum((unsigned char)*j->at) != 0)) {
        if (n + 1 >= room || *j->at == '\\')
            return fail(j, "string too long or with an escape");
        out[n++] = *j->at++;
    }
    out[n] = 0;
    if (quoted && *j->at++ != '"')
        return fail(j, "string without an end");
    return n || quoted ? true : fail(j, "value expected");
}

static bool to_number(struct job *j, const char *text, uint64_t *v)
{
    char *end;

    *v = strtoull(text, &end, 0);
    return *text && !*end ? true : fail(j, "not a number");
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                      : -1;
}

/* Bytes written; fails for odd lengths and more than `room`. */
static bool to_bytes(struct job *j, const char *text, uint8_t *out,
                     unsigned room, unsigned *n)
{
    *n = 0;
    for (; *text; text += 2) {
        if (digit(text[0]) < 0 || digit(text[1]) < 0 || *n >= room)
            return fail(j, "bad hex bytes, or too many");
        out[(*n)++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
    }
    return true;
}

static bool memory(struct job *j)
{
    if (!take(j, '{'))
        return fail(j, "mem wants an object");
    if (take(j, '}'))
        return true;
    do {
        uint64_t la;
        uint8_t *to;
        unsigned room, n;

        if (!word(j, j->text, sizeof j->text) || !to_number(j, j->text, &la) ||
            !take(j, ':'))
            return fail(j, "address expected");
        if (la - EXEC_CODE < EXEC_CODE_SIZE) {
            to = j->code + (la - EXEC_CODE);
            room = EXEC_CODE_SIZE - (unsigned)(la - EXEC_CODE);
        } else if (la - EXEC_DATA < EXEC_DATA_SIZE) {
            to = j->data + (la - EXEC_DATA);
            room = EXEC_DATA_SIZE - (unsigned)(la - EXEC_DATA);
        } else {
            return fail(j, "address outside of code and data");
        }
        if (!word(j, j->text, sizeof j->text) ||
            !to_bytes(j, j->text, to, room, &n))
            return false;
    } while (take(j, ','));
    return take(j, '}') ? true : fail(j, "mem: } expected");
}

/* st0, xmm15, ymm3: the number behind the name; -1: not of this kind. */
static int indexed(const char *key, const char *prefix, unsigned limit)
{
    size_t n = strlen(prefix);
    char *end;
    unsigned long v;

    if (strncmp(key, prefix, n) || !isdigit((unsigned char)key[n]))
        return -1;
    v = strtoul(key + n, &end, 10);
    return *end || v >= limit ? -1 : (int)v;
}

static bool wide_register(struct job *j, bool *known)
{
    struct exec_state *s = &j->s;
    int x = indexed(j->key, "xmm", 16), y = indexed(j->key, "ymm", 16);
    int st = indexed(j->key, "st", 8);
    unsigned n;

    *known = true;
    if (x >= 0)
        return to_bytes(j, j->text, s->vec[x].b, 16, &n);
    if (y >= 0)
        return to_bytes(j, j->text, s->vec[y].b, 32, &n);
    if (st >= 0) {
        struct f80 *r = &s->fpu.r[((s->fpu.sw >> 11) + (unsigned)st) & 7];
        uint8_t b[10] = {0};

        if (!to_bytes(j, j->text, b, sizeof b, &n))
            return false;
        r->se = (uint16_t)(b[0] << 8 | b[1]);
        r->frac = 0;
        for (unsigned k = 2; k < 10; k++)
            r->frac = r->frac << 8 | b[k];
        return true;
    }
    *known = false;
    return true;
}

static bool number_key(struct job *j)
{
    struct exec_state *s = &j->s;
    uint64_t v;

    if (!to_number(j, j->text, &v))
        return false;
    for (unsigned n = 0; n < 16; n++)
        if (!strcmp(j->key, gpr_names[n])) {
            s->gpr[n] = v;
            j->rsp_given |= n == RSP;
            return true;
        }
    if (!strcmp(j->key, "count"))
        j->count = v;
    else if (!strcmp(j->key, "bits") && (v == 16 || v == 32 || v == 64))
        s->bits = (uint8_t)v;
    else if (!strcmp(j->key, "cpl") && (v == 0 || v == 3))
        s->cpl = (uint8_t)v;
    else if (!strcmp(j->key, "rip"))
        s->rip = v, j->rip_given = true;
    else if (!strcmp(j->key, "rflags"))
        s->rflags = v;
    else if (!strcmp(j->key, "fs_base"))
        s->fs_base = v;
    else if (!strcmp(j->key, "gs_base"))
        s->gs_base = v;
    else if (!strcmp(j->key, "mxcsr"))
        s->mxcsr = (uint32_t)v;
    else if (!strcmp(j->key, "fcw"))
        s->fpu.cw = (uint16_t)v;
    else if (!strcmp(j->key, "fsw"))
        s->fpu.sw = (uint16_t)v;
    else if (!strcmp(j->key, "ftw"))
        s->fpu.tw = (uint16_t)v;
    else
        return fail(j, "unknown key, or value out of range");
    return true;
}

static bool member(struct job *j)
{
    bool known;

    if (!word(j, j->key, sizeof j->key) || !take(j, ':'))
        return fail(j, "\"key\": expected");
    if (!strcmp(j->key, "mem"))
        return memory(j);
    blanks(j);
    if (!strcmp(j->key, "id")) {
        const char *from = j->at;

        if (!word(j, j->text, sizeof j->text) ||
            (size_t)(j->at - from) >= sizeof j->id)
            return fail(j, "id too long");
        memcpy(j->id, from, (size_t)(j->at - from));
        j->id[j->at - from] = 0;
        return true;
    }
    if (!word(j, j->text, sizeof j->text))
        return false;
    if (!strcmp(j->key, "code")) {
        return to_bytes(j, j->text, j->code, EXEC_CODE_SIZE, &j->code_len);
    } else if (!strcmp(j->key, "legacy")) {
        j->s.legacy = !strcmp(j->text, "true");
        return true;
    }
    return wide_register(j, &known) && (known || number_key(j));
}

static bool parse(struct job *j)
{
    if (!take(j, '{'))
        return fail(j, "{ expected");
    do {
        if (!member(j))
            return false;
    } while (take(j, ','));
    if (!take(j, '}'))
        return fail(j, "} expected");
    if (j->s.bits == 64 && j->s.legacy)
        return fail(j, "legacy is for 16 and 32 bits");
    if (j->s.bits == 16 && !j->rip_given)
        j->s.rip = 0;
    if (j->s.bits == 16 && !j->rsp_given)
        j->s.gpr[RSP] -= EXEC_DATA;
    return true;
}

/* ---- writing ---- */

static void put_hex(const uint8_t *p, unsigned n)
{
    while (n--)
        printf("%02x", *p++);
}

static void put_memory(const struct job *j, const uint8_t *now)
{
    bool first = true;

    printf(",\"mem\":{");
    for (unsigned n = 0; n < EXEC_DATA_SIZE;) {
        unsigned from = n;

        while (n < EXEC_DATA_SIZE && now[n] != j->data[n])
            n++;
        if (n > from) {
            printf("%s\"0x%llx\":\"", first ? "" : ",",
                   (unsigned long long)EXEC_DATA + from);
            put_hex(now + from, n - from);
            printf("\"");
            first = false;
        }
        n++;
    }
    printf("}}\n");
}

static void put_state(const struct job *j, const struct exec_state *s)
{
    if (s->raised)
        printf("\"vector\":%u,\"code\":%u,\"cr2\":\"0x%llx\",", s->vector,
               s->code, (unsigned long long)s->cr2);
    if (s->shutdown)
        printf("\"shutdown\":true,");
    for (unsigned n = 0; n < (j->s.bits == 64 ? 16u : 8u); n++)
        printf("\"%s\":\"0x%llx\",", gpr_names[n],
               (unsigned long long)s->gpr[n]);
    printf("\"rip\":\"0x%llx\",\"rflags\":\"0x%llx\",\"mxcsr\":%u,"
           "\"fcw\":%u,\"fsw\":%u,\"ftw\":%u",
           (unsigned long long)s->rip, (unsigned long long)s->rflags, s->mxcsr,
           s->fpu.cw, s->fpu.sw, s->fpu.tw);
    for (unsigned n = 0; n < 8; n++) {
        const struct f80 *r = &s->fpu.r[((s->fpu.sw >> 11) + n) & 7];

        printf(",\"st%u\":\"%04x%016llx\"", n, r->se,
               (unsigned long long)r->frac);
    }
    for (unsigned n = 0; n < (j->s.bits == 64 ? 16u : 8u); n++) {
        printf(",\"ymm%u\":\"", n);
        put_hex(s->vec[n].b, 32);
        printf("\"");
    }
}

static bool run_line(struct exec *x, const char *line)
{
    static const uint8_t stop = 0xcc;
    struct job *j = calloc(1, sizeof *j);
    struct exec_state out;
    bool good;

    if (!j)
        error_no_memory();
    memset(j->code, stop, sizeof j->code);
    exec_state_init(&j->s, 64, 3);
    j->at = line;
    j->count = 1;
    good = parse(j);
    printf("{%s%s%s", j->id[0] ? "\"id\":" : "", j->id, j->id[0] ? "," : "");
    if (good) {
        exec_poke(x, EXEC_CODE, j->code, EXEC_CODE_SIZE);
        memcpy(exec_data(x), j->data, EXEC_DATA_SIZE);
        exec_run(x, &j->s, &out, j->count);
        put_state(j, &out);
        put_memory(j, exec_data(x));
    } else {
        printf("\"error\":\"%s\"}\n", j->error);
    }
    free(j);
    return good;
}

static int usage(void)
{
    fputs("usage: klochs exec [-m MODEL] [-f FEATURES]\n"
          "Runs code on a bare processor: one JSON object a line in, one\n"
          "out. {\"code\":\"4801d8\",\"rax\":1,\"rbx\":\"0x10\"}\n",
          stderr);
    return EXIT_USAGE;
}

int exec_main(int argc, char **argv)
{
    const char *model = "corei7_haswell_4770", *features = NULL;
    struct error err = {0};
    struct exec *x;
    char *line;
    int code = EXIT_CLEAN;

    for (int n = 1; n < argc; n++) {
        if (n + 1 < argc && !strcmp(argv[n], "-m"))
            model = argv[++n];
        else if (n + 1 < argc && !strcmp(argv[n], "-f"))
            features = argv[++n];
        else
            return usage();
    }
    x = exec_create(model, features, &err);
    line = malloc(LINE_MAX_BYTES);
    if (!x || !line) {
        fprintf(stderr, "klochs exec: %s\n", x ? "out of memory" : err.text);
        exec_destroy(x);
        free(line);
        return x ? EXIT_INTERNAL : (int)err.code;
    }
    while (fgets(line, LINE_MAX_BYTES, stdin)) {
        if (line[strspn(line, " \t\r\n")] && !run_line(x, line))
            code = EXIT_BAD_DATA;
    }
    free(line);
    exec_destroy(x);
    return code;
}

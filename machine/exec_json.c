/*
 * exec_json.c - one job of `klochs exec`: a line of JSON in, a line out.
 *
 * Not a general JSON reader: objects of one level, numbers and strings
 * without escapes, which is all that the format needs. Text is made without
 * printf, which would take longer than the instructions.
 */
#include "machine/exec_json.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const gpr_names[16] = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

static const char *const seg_names[6] = {"es", "cs", "ss", "ds", "fs", "gs"};

/* ---- reading ---- */

static bool fail(struct exec_job *j, const char *why)
{
    if (!j->error)
        j->error = why;
    return false;
}

static void blanks(struct exec_job *j)
{
    while (isspace((unsigned char)*j->at))
        j->at++;
}

static bool take(struct exec_job *j, char c)
{
    blanks(j);
    if (*j->at != c)
        return false;
    j->at++;
    return true;
}

/* A string without escapes, or a bare word: number, true, false, null. */
static bool word(struct exec_job *j, char *out, size_t room)
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

static bool to_number(struct exec_job *j, const char *text, uint64_t *v)
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
static bool to_bytes(struct exec_job *j, const char *text, uint8_t *out,
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

static bool memory(struct exec_job *j)
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

static bool segment_member(struct exec_job *j, struct segment *g)
{
    uint64_t v;

    if (!word(j, j->key, sizeof j->key) || !take(j, ':') ||
        !word(j, j->text, sizeof j->text) || !to_number(j, j->text, &v))
        return fail(j, "\"key\": number expected in a segment");
    g->usable = true;
    if (!strcmp(j->key, "sel") && v <= UINT16_MAX)
        g->selector = (uint16_t)v;
    else if (!strcmp(j->key, "base"))
        g->base = v;
    else if (!strcmp(j->key, "limit") && v <= UINT32_MAX)
        g->limit = (uint32_t)v;
    else if (!strcmp(j->key, "access") && v <= UINT8_MAX)
        g->access = (uint8_t)v;
    else if (!strcmp(j->key, "flags") && v <= 15)
        g->flags = (uint8_t)v;
    else
        return fail(j, "sel, base, limit, access, flags make a segment");
    return true;
}

/* {} is a null selector: not usable. */
static bool segment(struct exec_job *j, unsigned n)
{
    j->s.seg[n] = (struct segment){0};
    j->s.segs_given |= (uint8_t)(1u << n);
    if (!take(j, '{'))
        return fail(j, "a segment is an object");
    if (take(j, '}'))
        return true;
    do {
        if (!segment_member(j, &j->s.seg[n]))
            return false;
    } while (take(j, ','));
    return take(j, '}') ? true : fail(j, "segment: } expected");
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

static bool wide_register(struct exec_job *j, bool *known)
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

static bool number_key(struct exec_job *j)
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

static bool member(struct exec_job *j)
{
    bool known;

    if (!word(j, j->key, sizeof j->key) || !take(j, ':'))
        return fail(j, "\"key\": expected");
    if (!strcmp(j->key, "mem"))
        return memory(j);
    for (unsigned n = 0; n < 6; n++)
        if (!strcmp(j->key, seg_names[n]))
            return segment(j, n);
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
    } else if (!strcmp(j->key, "model")) {
        if (strlen(j->text) >= sizeof j->model)
            return fail(j, "no such model");
        memcpy(j->model, j->text, strlen(j->text) + 1);
        return true;
    }
    return wide_register(j, &known) && (known || number_key(j));
}

static bool parse(struct exec_job *j)
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

bool exec_job_read(struct exec_job *j, const char *line)
{
    static const uint8_t stop = 0xcc;

    j->at = line;
    j->error = NULL;
    j->id[0] = j->model[0] = 0;
    j->count = 1;
    j->rip_given = j->rsp_given = false;
    j->code_len = 0;
    memset(j->code, stop, sizeof j->code);
    memset(j->data, 0, sizeof j->data);
    exec_state_init(&j->s, 64, 3);
    return parse(j);
}

/* ---- writing ---- */

static char *put(char *o, const char *s)
{
    size_t n = strlen(s);

    memcpy(o, s, n);
    return o + n;
}

static char *put_hex(char *o, const uint8_t *p, unsigned n)
{
    static const char digits[] = "0123456789abcdef";

    for (; n; n--, p++) {
        *o++ = digits[*p >> 4];
        *o++ = digits[*p & 15];
    }
    return o;
}

/* Big end first, as numbers are written. */
static char *put_digits(char *o, uint64_t v, unsigned bytes)
{
    while (bytes-- > 0) {
        uint8_t b = (uint8_t)(v >> 8 * bytes);

        o = put_hex(o, &b, 1);
    }
    return o;
}

enum { NO_INDEX = 100 };

static char *put_name(char *o, const char *name, unsigned index)
{
    *o++ = ',';
    *o++ = '"';
    o = put(o, name);
    if (index >= 10 && index < NO_INDEX)
        *o++ = (char)('0' + index / 10);
    if (index < NO_INDEX)
        *o++ = (char)('0' + index % 10);
    *o++ = '"';
    *o++ = ':';
    return o;
}

static char *put_quantity(char *o, const char *name, uint64_t v)
{
    char text[24];
    unsigned n = sizeof text;

    o = put_name(o, name, NO_INDEX);
    do
        text[--n] = (char)('0' + v % 10);
    while (v /= 10);
    memcpy(o, text + n, sizeof text - n);
    return o + sizeof text - n;
}

static char *put_address(char *o, uint64_t v)
{
    unsigned bits = 60;

    while (bits && !(v >> bits))
        bits -= 4;
    o = put(o, "\"0x");
    for (;; bits -= 4) {
        *o++ = "0123456789abcdef"[v >> bits & 15];
        if (!bits)
            break;
    }
    *o++ = '"';
    return o;
}

static char *put_register(char *o, const char *name, uint64_t v)
{
    return put_address(put_name(o, name, NO_INDEX), v);
}

static char *put_memory(char *o, const uint8_t *was, const uint8_t *now)
{
    bool first = true;

    o = put(o, ",\"mem\":{");
    for (unsigned n = 0; n < EXEC_DATA_SIZE;) {
        unsigned from = n;

        if (n % 64 == 0 && !memcmp(was + n, now + n, 64)) {
            n += 64;
            continue;
        }
        while (n < EXEC_DATA_SIZE && now[n] != was[n])
            n++;
        if (n > from) {
            if (!first)
                *o++ = ',';
            o = put_address(o, EXEC_DATA + from);
            o = put(o, ":\"");
            o = put_hex(o, now + from, n - from);
            *o++ = '"';
            first = false;
        }
        n += n == from;
    }
    return put(o, "}");
}

static char *put_integers(char *o, const struct exec_job *j,
                          const struct exec_state *s, bool brief)
{
    const struct exec_state *was = &j->s;

    for (unsigned n = 0; n < (was->bits == 64 ? 16u : 8u); n++)
        if (!brief || s->gpr[n] != was->gpr[n])
            o = put_register(o, gpr_names[n], s->gpr[n]);
    if (!brief || s->rip != was->rip)
        o = put_register(o, "rip", s->rip);
    if (!brief || s->rflags != was->rflags)
        o = put_register(o, "rflags", s->rflags);
    if (!brief || s->fs_base != was->fs_base)
        o = put_register(o, "fs_base", s->fs_base);
    if (!brief || s->gs_base != was->gs_base)
        o = put_register(o, "gs_base", s->gs_base);
    return o;
}

static char *put_segments(char *o, const struct exec_job *j,
                          const struct exec_state *s, bool brief)
{
    for (unsigned n = 0; n < 6; n++) {
        const struct segment *g = &s->seg[n], *was = &j->s.seg[n];
        char *first;

        /* CS and SS of an exception are those of its handler. */
        if (s->raised && (n == SEG_CS || n == SEG_SS))
            continue;
        if (brief && g->selector == was->selector && g->base == was->base &&
            g->limit == was->limit && g->access == was->access &&
            g->flags == was->flags && g->usable == was->usable)
            continue;
        o = put_name(o, seg_names[n], NO_INDEX);
        if (!g->usable) {
            o = put(o, "{}");
            continue;
        }
        first = o;
        o = put_quantity(o, "sel", g->selector);
        *first = '{'; /* for the comma */
        o = put_register(o, "base", g->base);
        o = put_register(o, "limit", g->limit);
        o = put_register(o, "access", g->access);
        o = put_quantity(o, "flags", g->flags);
        *o++ = '}';
    }
    return o;
}

static char *put_x87(char *o, const struct exec_job *j,
                     const struct exec_state *s, bool brief)
{
    const struct fpu *f = &s->fpu, *was = &j->s.fpu;
    unsigned top = f->sw >> 11, old = was->sw >> 11;

    if (!brief || f->cw != was->cw)
        o = put_quantity(o, "fcw", f->cw);
    if (!brief || f->sw != was->sw)
        o = put_quantity(o, "fsw", f->sw);
    if (!brief || f->tw != was->tw)
        o = put_quantity(o, "ftw", f->tw);
    for (unsigned n = 0; n < 8; n++) {
        const struct f80 *r = &f->r[(top + n) & 7];
        const struct f80 *w = &was->r[(old + n) & 7];

        if (brief && r->se == w->se && r->frac == w->frac)
            continue;
        o = put_name(o, "st", n);
        *o++ = '"';
        o = put_digits(o, r->se, 2);
        o = put_digits(o, r->frac, 8);
        *o++ = '"';
    }
    return o;
}

static char *put_vectors(char *o, const struct exec_job *j,
                         const struct exec_state *s, bool brief)
{
    if (!brief || s->mxcsr != j->s.mxcsr)
        o = put_quantity(o, "mxcsr", s->mxcsr);
    for (unsigned n = 0; n < (j->s.bits == 64 ? 16u : 8u); n++) {
        if (brief && !memcmp(s->vec[n].b, j->s.vec[n].b, 32))
            continue;
        o = put_name(o, "ymm", n);
        *o++ = '"';
        o = put_hex(o, s->vec[n].b, 32);
        *o++ = '"';
    }
    return o;
}

size_t exec_job_write(const struct exec_job *j, const struct exec_result *r,
                      char *out)
{
    char *o = out;

    if (j->id[0]) {
        o = put(o, ",\"id\":");
        o = put(o, j->id);
    }
    if (!r) {
        o = put(o, ",\"error\":\"");
        o = put(o, j->error ? j->error : "?");
        *o++ = '"';
    } else {
        const struct exec_state *s = r->state;

        if (s->raised) {
            o = put_quantity(o, "vector", s->vector);
            o = put_quantity(o, "code", s->code);
            o = put_register(o, "cr2", s->cr2);
        }
        if (s->shutdown)
            o = put(o, ",\"shutdown\":true");
        o = put_quantity(o, "ticks", s->ticks);
        o = put_integers(o, j, s, r->brief);
        o = put_vectors(o, j, s, r->brief);
        o = put_x87(o, j, s, r->brief);
        o = put_segments(o, j, s, r->brief);
        o = put_memory(o, j->data, r->data);
    }
    *out = '{'; /* where the first comma was */
    o = put(o, "}\n");
    return (size_t)(o - out);
}

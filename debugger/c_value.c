/*
 * c_value.c - values of C types: reading, printing, changing.
 */
#include "debugger/c_lang.h"

#include "cpu/cpu.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Elements and characters that are printed of one value. */
#define SHOWN_MAX   200u
#define NESTING_MAX 16u
#define REPEATS_MIN 10u
/* Elements that are looked at for one value. */
#define ELEMENTS_MAX 200000u

/* ---- bytes ---- */

bool c_bytes(struct c_work *w, const struct c_value *v, void *out, size_t n)
{
    memset(out, 0, n);
    if (v->lost)
        return error_set(&w->err, EXIT_USAGE, "the value is optimized out");
    if (!v->memory) {
        memcpy(out, v->data, n);
        return true;
    }
    return target_read(w->x.t, ADDR_LINEAR, 0, v->addr, out, n, &w->err);
}

static uint64_t cut(uint64_t n, unsigned bits, bool is_signed)
{
    if (bits >= 64)
        return n;
    n &= (UINT64_C(1) << bits) - 1;
    if (is_signed && n >> (bits - 1) & 1)
        n |= ~UINT64_C(0) << bits;
    return n;
}

static bool is_signed(struct c_work *w, struct c_type *t)
{
    return t->kind == C_ENUM ? c_enum_signed(w, t) : t->is_signed;
}

static bool bit_field(struct c_work *w, const struct c_value *v, uint64_t *out)
{
    uint8_t raw[9] = {0};
    size_t n = (v->bit_at + v->bit_size + 7) / 8;
    uint64_t x = 0;

    if (!c_bytes(w, v, raw, n))
        return false;
    for (unsigned i = 0; i < v->bit_size && i < 64; i++)
        x |= (uint64_t)(raw[(v->bit_at + i) / 8] >> (v->bit_at + i) % 8 & 1)
             << i;
    *out = cut(x, v->bit_size, is_signed(w, c_plain(w, v->type)));
    return true;
}

/* 80 bits: an integer bit is there. */
static double extended(const uint8_t *p)
{
    uint64_t mantissa = ld_le64(p);
    unsigned top = ld_le16(p + 8);
    int exponent = (int)(top & 0x7fff);
    double x;

    if (exponent == 0x7fff)
        x = mantissa << 1 ? NAN : INFINITY;
    else
        x = ldexp((double)mantissa, exponent - 16383 - 63);
    return top & 0x8000 ? -x : x;
}

bool c_to_double(struct c_work *w, const struct c_value *v, double *out)
{
    struct c_type *t = c_plain(w, v->type);
    uint8_t raw[16] = {0};
    uint32_t bits;
    uint64_t n, wide;
    float f;

    *out = 0;
    if (t->kind != C_FLOAT) {
        if (!c_to_int(w, v, &n))
            return false;
        *out = is_signed(w, t) ? (double)(int64_t)n : (double)n;
        return true;
    }
    if (t->size > 16 || !c_bytes(w, v, raw, (size_t)t->size))
        return false;
    if (t->size == 4) {
        bits = ld_le32(raw);
        memcpy(&f, &bits, 4);
        *out = (double)f;
    } else if (t->size == 8) {
        wide = ld_le64(raw);
        memcpy(out, &wide, 8);
    } else {
        *out = extended(raw);
    }
    return true;
}

bool c_to_int(struct c_work *w, const struct c_value *v, uint64_t *out)
{
    struct c_type *t = c_plain(w, v->type);
    uint8_t raw[8] = {0};
    double x;

    *out = 0;
    switch (t->kind) {
    case C_ARRAY:
    case C_FUNCTION:
        if (!v->memory)
            return error_set(&w->err, EXIT_USAGE, "this value has no address");
        *out = v->addr;
        return true;
    case C_FLOAT:
        if (!c_to_double(w, v, &x))
            return false;
        *out = x > -9.2e18 && x < 9.2e18 ? (uint64_t)(int64_t)x : 0;
        return true;
    case C_BOOL:
    case C_INT:
    case C_ENUM:
    case C_POINTER:
        if (v->bit_size)
            return bit_field(w, v, out);
        if (t->size > 8 || !c_bytes(w, v, raw, (size_t)t->size))
            break;
        *out = cut(ld_le64(raw), 8 * (unsigned)t->size, is_signed(w, t));
        return true;
    default:
        break;
    }
    if (!w->err.text[0])
        error_set(&w->err, EXIT_USAGE, "this is not a number");
    return false;
}

struct c_value c_from_int(struct c_work *w, struct c_type *t, uint64_t n)
{
    struct c_value v = {.type = t, .gpr = -1, .data = c_alloc(w, 32)};

    st_le64(v.data, n);
    return v;
}

struct c_value c_from_double(struct c_work *w, double x)
{
    struct c_value v = {.type = c_double(w), .gpr = -1, .data = c_alloc(w, 32)};
    uint64_t n;

    memcpy(&n, &x, 8);
    st_le64(v.data, n);
    return v;
}

/* ---- parts ---- */

static struct c_value part(const struct c_value *v, struct c_type *t,
                           uint64_t at)
{
    struct c_value p = *v;

    p.type = t;
    p.gpr = -1;
    p.bit_at = p.bit_size = 0;
    if (v->memory)
        p.addr += at;
    else if (!v->lost)
        p.data += at;
    return p;
}

static bool fits(struct c_work *w, const struct c_value *v, uint64_t at,
                 uint64_t n)
{
    uint64_t size = c_size(w, v->type);

    return v->memory || v->lost || (at <= size && n <= size - at);
}

static struct c_value member_value(const struct c_value *v,
                                   const struct c_member *k)
{
    struct c_value p = part(v, k->type, k->at);

    p.bit_at = k->bit_at;
    p.bit_size = k->bit_size;
    return p;
}

static uint64_t member_bytes(struct c_work *w, const struct c_member *k)
{
    return k->bit_size ? (k->bit_at + k->bit_size + 7) / 8 : c_size(w, k->type);
}

bool c_member_of(struct c_work *w, const struct c_value *v, const char *name,
                 struct c_value *out)
{
    struct c_type *t = c_plain(w, v->type);
    struct c_members next = {.begun = false};
    struct c_member k;

    while (c_next_member(w, t, &next, &k)) {
        struct c_value p = member_value(v, &k);

        if (!fits(w, v, k.at, member_bytes(w, &k)))
            continue;
        if (k.name && !strcmp(k.name, name)) {
            *out = p;
            return true;
        }
        if (k.name || w->depth > NESTING_MAX)
            continue;
        w->depth++;
        bool found = c_member_of(w, &p, name, out);

        w->depth--;
        if (found)
            return true;
    }
    return false;
}

bool c_element(struct c_work *w, const struct c_value *v, uint64_t i,
               struct c_value *out)
{
    struct c_type *t = c_plain(w, v->type);
    struct c_type *of = c_target(w, t);
    uint64_t n = c_size(w, of), base;

    if (t->kind == C_POINTER) {
        if (!c_to_int(w, v, &base))
            return false;
        *out = (struct c_value){
            .type = of, .memory = true, .addr = base + i * n, .gpr = -1};
        if (t->size == 4)
            out->addr = (uint32_t)out->addr;
        return true;
    }
    if (t->kind != C_ARRAY)
        return error_set(&w->err, EXIT_USAGE,
                         "only arrays and pointers have elements");
    if (!v->memory && (i >= t->count || !fits(w, v, i * n, n)))
        return error_set(&w->err, EXIT_USAGE, "there is no element %" PRIu64,
                         i);
    *out = part(v, of, i * n);
    return true;
}

/* ---- printing ---- */

static void print_any(struct c_work *w, const struct c_value *v, char format,
                      bool top, struct out *o);

static void put_char(struct out *o, uint8_t c, char quote)
{
    if (c == (uint8_t)quote || c == '\\')
        out_printf(o, "\\%c", c);
    else if (c >= 32 && c < 127)
        out_printf(o, "%c", c);
    else if (c == '\n')
        out_printf(o, "\\n");
    else if (c == '\t')
        out_printf(o, "\\t");
    else
        out_printf(o, "\\%03o", c);
}

/* Up to a zero. */
static void print_text(struct c_work *w, uint64_t addr, struct out *o)
{
    uint8_t c;

    out_printf(o, "\"");
    for (unsigned i = 0;; i++) {
        if (!target_read(w->x.t, ADDR_LINEAR, 0, addr + i, &c, 1, NULL)) {
            out_printf(o, "\"<0x%" PRIx64 " is not mapped>", addr + i);
            return;
        }
        if (!c)
            break;
        if (i == SHOWN_MAX) {
            out_printf(o, "\"...");
            return;
        }
        put_char(o, c, '"');
    }
    out_printf(o, "\"");
}

static void put_symbol(struct c_work *w, uint64_t addr, bool always,
                       struct out *o)
{
    const struct symbol *y = symbols_at(w->x.s, addr);

    if (!y || (!y->size && !always))
        return;
    if (addr == y->addr)
        out_printf(o, " <%.60s>", y->name);
    else
        out_printf(o, " <%.60s+%" PRIu64 ">", y->name, addr - y->addr);
}

static void print_pointer(struct c_work *w, struct c_type *t, uint64_t n,
                          bool top, struct out *o)
{
    struct c_type *of = c_plain(w, c_target(w, t));

    if (top && !of->is_char) {
        out_printf(o, "(");
        c_declare(w, t, "", o);
        out_printf(o, ") ");
    }
    out_printf(o, "0x%" PRIx64, n);
    if (!n)
        return;
    if (of->is_char) {
        out_printf(o, " ");
        print_text(w, n, o);
    } else {
        put_symbol(w, n, of->kind == C_FUNCTION, o);
    }
}

/* A value that no name has: flags with `|`, if names for all bits exist. */
static void print_enum(struct c_work *w, struct c_type *t, uint64_t n,
                       struct out *o)
{
    const char *name = c_enumerator(w, t, (int64_t)n);
    uint64_t left = n;
    unsigned parts = 0;
    struct out flags;

    if (name) {
        out_printf(o, "%s", name);
        return;
    }
    out_to_string(&flags);
    for (unsigned bit = 0; bit < 63 && left; bit++) {
        if (!(left >> bit & 1))
            continue;
        name = c_enumerator(w, t, (int64_t)(UINT64_C(1) << bit));
        if (!name)
            continue;
        out_printf(&flags, "%s%s", parts++ ? " | " : "", name);
        left &= ~(UINT64_C(1) << bit);
    }
    if (parts && !left)
        out_printf(o, "(%s)", flags.text);
    else
        out_printf(o, "%" PRId64, (int64_t)n);
    out_free(&flags);
}

static void print_double(double x, uint64_t size, struct out *o)
{
    char text[64];

    if (isnan(x)) {
        out_printf(o, "nan");
        return;
    }
    /* The shortest text that is this number. */
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        bool same = size == 4 ? (float)strtod(text, NULL) == (float)x
                              : strtod(text, NULL) == x;

        if (same && (!strchr(text, 'e') || fabs(x) < 1e-5 || fabs(x) > 1e16))
            break;
    }
    out_printf(o, "%s", text);
}

static void print_binary(uint64_t n, struct out *o)
{
    int bit = 63;

    while (bit > 0 && !(n >> bit & 1))
        bit--;
    for (; bit >= 0; bit--)
        out_printf(o, "%u", (unsigned)(n >> bit & 1));
}

static void print_formatted(struct c_work *w, uint64_t n, unsigned bits,
                            char format, struct out *o)
{
    uint64_t plain = cut(n, bits, false);

    switch (format) {
    case 'x':
        out_printf(o, "0x%" PRIx64, plain);
        break;
    case 'z':
        out_printf(o, "0x%0*" PRIx64, (int)(bits + 3) / 4, plain);
        break;
    case 'd':
        out_printf(o, "%" PRId64, (int64_t)cut(n, bits, true));
        break;
    case 'u':
        out_printf(o, "%" PRIu64, plain);
        break;
    case 'o':
        out_printf(o, "0%" PRIo64, plain);
        break;
    case 't':
        print_binary(plain, o);
        break;
    case 'a':
        out_printf(o, "0x%" PRIx64, plain);
        put_symbol(w, plain, true, o);
        break;
    default: /* c */
        out_printf(o, "%" PRId64 " '", (int64_t)cut(n, bits, true));
        put_char(o, (uint8_t)n, '\'');
        out_printf(o, "'");
        break;
    }
}

static void print_scalar(struct c_work *w, const struct c_value *v,
                         struct c_type *t, char format, bool top, struct out *o)
{
    unsigned bits = v->bit_size ? v->bit_size : 8 * (unsigned)t->size;
    uint64_t n;
    double x;

    if (t->kind == C_FLOAT && (!format || format == 'f')) {
        if (c_to_double(w, v, &x))
            print_double(x, t->size, o);
        return;
    }
    if (t->size > 8) {
        out_printf(o, "<a number of %" PRIu64 " bytes>", t->size);
        return;
    }
    if (!c_to_int(w, v, &n))
        return;
    if (format && format != 's' && format != 'f')
        print_formatted(w, n, bits, format, o);
    else if (t->kind == C_POINTER)
        print_pointer(w, v->type->kind == C_TYPEDEF ? t : v->type, n, top, o);
    else if (t->kind == C_ENUM)
        print_enum(w, t, n, o);
    else if (t->kind == C_BOOL && n < 2)
        out_printf(o, n ? "true" : "false");
    else if (t->is_char)
        print_formatted(w, n, bits, is_signed(w, t) ? 'c' : 'u', o);
    else if (t->is_signed)
        out_printf(o, "%" PRId64, (int64_t)n);
    else
        out_printf(o, "%" PRIu64, n);
    if ((!format || format == 's') && t->is_char && !is_signed(w, t)) {
        out_printf(o, " '");
        put_char(o, (uint8_t)n, '\'');
        out_printf(o, "'");
    }
}

static void print_members(struct c_work *w, const struct c_value *v,
                          struct c_type *t, char format, struct out *o)
{
    struct c_members next = {.begun = false};
    struct c_member k;
    unsigned n = 0;

    out_printf(o, "{");
    while (c_next_member(w, t, &next, &k)) {
        struct c_value p = member_value(v, &k);

        if (n++ == SHOWN_MAX) {
            out_printf(o, ", ...");
            break;
        }
        out_printf(o, "%s", n > 1 ? ", " : "");
        if (k.name)
            out_printf(o, "%s = ", k.name);
        if (!fits(w, v, k.at, member_bytes(w, &k)))
            out_printf(o, "?");
        else
            print_any(w, &p, format, false, o);
    }
    out_printf(o, "}");
}

/* A char array as text, if nothing but zeros is behind its first zero. */
static bool print_string(struct c_work *w, const struct c_value *v,
                         uint64_t count, struct out *o)
{
    uint8_t text[SHOWN_MAX];
    size_t n = count < SHOWN_MAX ? (size_t)count : SHOWN_MAX, end;

    if (!c_bytes(w, v, text, n))
        return false;
    for (end = n; end && !text[end - 1]; end--)
        ;
    if (memchr(text, 0, end))
        return false;
    out_printf(o, "\"");
    for (size_t i = 0; i < end; i++)
        put_char(o, text[i], '"');
    out_printf(o, count > n && end == n ? "\"..." : "\"");
    return true;
}

static char *element_text(struct c_work *w, const struct c_value *v, uint64_t i,
                          char format)
{
    struct c_value e;
    struct out o;

    out_to_string(&o);
    if (c_element(w, v, i, &e))
        print_any(w, &e, format, false, &o);
    else
        out_printf(&o, "?");
    return o.text ? o.text : strdup("");
}

static void print_array(struct c_work *w, const struct c_value *v,
                        struct c_type *t, char format, struct out *o)
{
    uint64_t shown = 0, i = 0;

    if (c_plain(w, c_target(w, t))->is_char && (!format || format == 's') &&
        t->count && print_string(w, v, t->count, o))
        return;
    out_printf(o, "{");
    while (i < t->count && !w->err.text[0]) {
        char *text = element_text(w, v, i, format);
        uint64_t same = 1;

        out_printf(o, "%s%s", shown ? ", " : "", text);
        while (i + same < t->count && same < 65536 &&
               w->elements++ < ELEMENTS_MAX) {
            char *other = element_text(w, v, i + same, format);
            bool equal = !strcmp(text, other) && !w->err.text[0];

            free(other);
            if (!equal)
                break;
            same++;
        }
        free(text);
        if (same >= REPEATS_MIN)
            out_printf(o, " <repeats %" PRIu64 " times>", same);
        i += same >= REPEATS_MIN ? same : 1;
        if ((++shown == SHOWN_MAX || w->elements > ELEMENTS_MAX) &&
            i < t->count) {
            out_printf(o, "...");
            break;
        }
    }
    out_printf(o, "}");
}

static void print_any(struct c_work *w, const struct c_value *v, char format,
                      bool top, struct out *o)
{
    struct c_type *t = c_plain(w, v->type);

    if (v->lost) {
        out_printf(o, "<optimized out>");
        return;
    }
    if (w->depth > NESTING_MAX) {
        out_printf(o, "{...}");
        return;
    }
    w->depth++;
    switch (t->kind) {
    case C_STRUCT:
    case C_UNION:
        print_members(w, v, t, format, o);
        break;
    case C_ARRAY:
        print_array(w, v, t, format, o);
        break;
    case C_FUNCTION:
        out_printf(o, "{");
        c_declare(w, t, "", o);
        out_printf(o, "} 0x%" PRIx64, v->addr);
        put_symbol(w, v->addr, true, o);
        break;
    case C_VOID:
        out_printf(o, v->memory ? "<no type> 0x%" PRIx64 : "void", v->addr);
        if (v->memory)
            put_symbol(w, v->addr, true, o);
        break;
    default:
        print_scalar(w, v, t, format, top, o);
        break;
    }
    w->depth--;
}

void c_print(struct c_work *w, const struct c_value *v, char format,
             struct out *o)
{
    print_any(w, v, format, true, o);
}

/* ---- changing ---- */

static bool write_register(struct c_work *w, int gpr, uint64_t n)
{
    static const char *const names[] = {
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
        "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    uint8_t raw[32] = {0};

    if (!w->f || w->f->how != FRAME_HERE)
        return error_set(&w->err, EXIT_USAGE,
                         "registers of outer frames cannot be changed");
    st_le64(raw, n);
    return target_reg_write(w->x.t, target_reg_find(names[gpr]), raw, &w->err);
}

static bool write_bits(struct c_work *w, const struct c_value *v, uint64_t n)
{
    uint8_t raw[9] = {0};
    size_t bytes = (v->bit_at + v->bit_size + 7) / 8;

    if (!c_bytes(w, v, raw, bytes))
        return false;
    for (unsigned i = 0; i < v->bit_size; i++) {
        unsigned at = v->bit_at + i;

        raw[at / 8] = (uint8_t)((raw[at / 8] & ~(1u << at % 8)) |
                                (unsigned)(n >> i & 1) << at % 8);
    }
    return target_write(w->x.t, ADDR_LINEAR, 0, v->addr, raw, bytes, &w->err);
}

bool c_assign(struct c_work *w, const struct c_value *v,
              const struct c_value *from)
{
    struct c_type *t = c_plain(w, v->type);
    uint8_t raw[8];
    uint64_t n;
    double x;
    float f;
    uint32_t bits;

    if (t->kind == C_FLOAT && (t->size == 4 || t->size == 8)) {
        if (!c_to_double(w, from, &x))
            return false;
        f = (float)x;
        memcpy(&bits, &f, 4);
        memcpy(&n, &x, 8);
        n = t->size == 4 ? bits : n;
    } else if (t->kind <= C_POINTER && t->kind != C_FLOAT && t->size <= 8) {
        if (!c_to_int(w, from, &n))
            return false;
    } else {
        return error_set(&w->err, EXIT_USAGE, "only numbers can be changed");
    }
    if (v->gpr >= 0 && t->kind != C_FLOAT)
        return write_register(w, v->gpr, cut(n, 8 * (unsigned)t->size, false));
    if (!v->memory)
        return error_set(&w->err, EXIT_USAGE, "this value has no place");
    if (v->bit_size)
        return write_bits(w, v, n);
    st_le64(raw, n);
    return target_write(w->x.t, ADDR_LINEAR, 0, v->addr, raw, (size_t)t->size,
                        &w->err);
}

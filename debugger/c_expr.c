/*
 * c_expr.c - expressions of C over the guest's variables.
 *
 * Operators, their precedence and the usual conversions are C's, without the
 * comma, ?:, ++ and calls; E@N is gdb's array of N objects from E on. $NAME is
 * a register.
 */
#include "debugger/c_lang.h"

#include "cpu/cpu.h"
#include "debugger/expr.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define WORD_MAX  96
#define DEPTH_MAX 60

struct parser {
    struct c_work *w;
    const char *p;
    unsigned depth;
};

static bool expression(struct parser *k, unsigned level, struct c_value *out);
static bool unary(struct parser *k, struct c_value *out);

static void blanks(struct parser *k)
{
    while (isspace((unsigned char)*k->p))
        k->p++;
}

/* An operator that is not the start of a longer one in `but`. */
static bool take(struct parser *k, const char *op, const char *but)
{
    size_t n = strlen(op);

    blanks(k);
    if (strncmp(k->p, op, n) != 0 || (k->p[n] && strchr(but, k->p[n])))
        return false;
    k->p += n;
    return true;
}

static bool word(struct parser *k, char out[WORD_MAX])
{
    size_t n = 0;

    blanks(k);
    if (!isalpha((unsigned char)*k->p) && *k->p != '_')
        return false;
    while (isalnum((unsigned char)k->p[n]) || k->p[n] == '_')
        n++;
    snprintf(out, WORD_MAX, "%.*s", (int)(n < WORD_MAX ? n : WORD_MAX - 1),
             k->p);
    k->p += n;
    return true;
}

static bool wrong(struct parser *k)
{
    if (!*k->p && !k->w->err.text[0])
        error_set(&k->w->err, EXIT_USAGE, "the expression is not complete");
    if (!k->w->err.text[0])
        error_set(&k->w->err, EXIT_USAGE, "cannot be understood at '%.40s'",
                  k->p);
    return false;
}

/* ---- types ---- */

static const char *const type_words[] = {
    "void",     "char",   "short", "int",    "long",
    "unsigned", "signed", "float", "double", "_Bool"};

struct words {
    unsigned count[ARRAY_LEN(type_words)];
    unsigned total;
};

enum {
    W_VOID,
    W_CHAR,
    W_SHORT,
    W_INT,
    W_LONG,
    W_UNSIGNED,
    W_SIGNED,
    W_FLOAT,
    W_DOUBLE,
    W_BOOL
};

static struct c_type *from_words(struct c_work *w, const struct words *k)
{
    bool is_unsigned = k->count[W_UNSIGNED];
    bool wide = w->m ? w->m->wide : target_code_bits(w->x.t) == 64;
    struct c_type *t = c_int(w, 4, !is_unsigned);
    const char *name = "int";

    if (k->count[W_VOID]) {
        t->kind = C_VOID;
        name = "void";
    } else if (k->count[W_BOOL]) {
        t->kind = C_BOOL;
        t->size = 1;
        name = "_Bool";
    } else if (k->count[W_FLOAT]) {
        t->kind = C_FLOAT;
        name = "float";
    } else if (k->count[W_DOUBLE]) {
        t->kind = C_FLOAT;
        t->size = !k->count[W_LONG] ? 8 : wide ? 16 : 12;
        name = k->count[W_LONG] ? "long double" : "double";
    } else if (k->count[W_CHAR]) {
        t->size = 1;
        t->is_char = true;
        name = is_unsigned ? "unsigned char" : "char";
    } else if (k->count[W_SHORT]) {
        t->size = 2;
        name = is_unsigned ? "unsigned short" : "short";
    } else if (k->count[W_LONG]) {
        t->size = k->count[W_LONG] > 1 || wide ? 8 : 4;
        name = k->count[W_LONG] > 1
                   ? is_unsigned ? "unsigned long long" : "long long"
               : is_unsigned ? "unsigned long"
                             : "long";
    } else if (is_unsigned) {
        name = "unsigned int";
    }
    t->name = name;
    t->m = NULL;
    t->known = true;
    return t;
}

/* struct NAME, or words of base types, or a typedef. NULL: none stands here,
 * and nothing is taken. */
static struct c_type *base(struct parser *k)
{
    const char *start = k->p;
    struct words have = {.total = 0};
    struct c_type *t = NULL;
    char name[WORD_MAX], tag[WORD_MAX];

    for (;;) {
        const char *before = k->p;
        size_t i = 0;

        if (!word(k, name))
            break;
        if (!strcmp(name, "const") || !strcmp(name, "volatile"))
            continue;
        while (i < ARRAY_LEN(type_words) && strcmp(name, type_words[i]) != 0)
            i++;
        if (i < ARRAY_LEN(type_words)) {
            have.count[i]++;
            have.total++;
            continue;
        }
        if (have.total || t) {
            k->p = before;
            break;
        }
        if (!strcmp(name, "struct") || !strcmp(name, "union") ||
            !strcmp(name, "enum")) {
            memcpy(tag, name, sizeof tag);
            if (!word(k, name))
                break;
            t = c_named_type(k->w, tag, name);
            if (!t)
                error_set(&k->w->err, EXIT_USAGE, "there is no %s %s", tag,
                          name);
        } else {
            struct c_value v;

            if (!c_variable(k->w, name, &v))
                t = c_named_type(k->w, "", name);
        }
        if (!t)
            break;
    }
    if (have.total)
        t = from_words(k->w, &have);
    if (!t)
        k->p = start;
    return t;
}

/* With stars and [N]. */
static struct c_type *type(struct parser *k)
{
    struct c_type *t = base(k);
    char name[WORD_MAX];

    while (t && take(k, "*", "")) {
        const char *before;

        t = c_pointer_to(k->w, t);
        do
            before = k->p;
        while (word(k, name) &&
               (!strcmp(name, "const") || !strcmp(name, "volatile")));
        k->p = before;
    }
    if (t && take(k, "[", "")) {
        char *end;
        uint64_t n = strtoull(k->p, &end, 0);

        k->p = end;
        if (!take(k, "]", ""))
            return NULL;
        t = c_array_of(k->w, t, n);
    }
    return t;
}

bool c_parse_type(struct c_work *w, const char *text, struct c_type **out)
{
    struct parser k = {w, text, 0};

    *out = type(&k);
    blanks(&k);
    return *out && !*k.p;
}

/* ---- operands ---- */

static bool number(struct parser *k, struct c_value *out)
{
    char *end;
    uint64_t n = strtoull(k->p, &end, 0);
    bool is_unsigned = false, decimal = *k->p != '0';

    if (*end == '.' || (!strncmp(k->p, "0x", 2) ? 0 : *end == 'e')) {
        *out = c_from_double(k->w, strtod(k->p, &end));
        k->p = end;
        return true;
    }
    while (*end && strchr("uUlL", *end))
        is_unsigned |= *end++ == 'u';
    if (isalnum((unsigned char)*end))
        return wrong(k);
    k->p = end;
    /* Decimal numbers are signed, the others take what they fit into. */
    is_unsigned |= !decimal && n > INT32_MAX && n <= UINT32_MAX;
    *out = c_from_int(k->w,
                      c_int(k->w,
                            n > (is_unsigned ? UINT32_MAX : INT32_MAX) ? 8 : 4,
                            !is_unsigned && n <= INT64_MAX),
                      n);
    return true;
}

static bool character(struct parser *k, struct c_value *out)
{
    static const char letters[] = "n\nt\tr\r0\0\\\\''";
    struct c_type *t = c_int(k->w, 1, true);
    char c = k->p[1];
    unsigned n = 2;

    if (c == '\\') {
        const char *at = k->p[2] ? memchr(letters, k->p[2], sizeof letters) : 0;

        if (!at)
            return wrong(k);
        c = at[1];
        n = 3;
    }
    if (!c || k->p[n] != '\'')
        return wrong(k);
    k->p += n + 1;
    t->is_char = true;
    t->name = "char";
    *out = c_from_int(k->w, t, (uint64_t)(int64_t)c);
    return true;
}

static bool frame_register(struct parser *k, const char *name,
                           const struct target_reg *r, uint64_t mask,
                           struct c_value *out)
{
    static const char *const gpr[] = {"ax", "cx", "dx", "bx",
                                      "sp", "bp", "si", "di"};
    struct c_work *w = k->w;
    uint64_t v = expr_register_value(w->x.t, r) & mask;
    int n = -1;

    if (r->bits > 64)
        return error_set(&w->err, EXIT_USAGE,
                         "%s is wider than a number: see r %s", name, name);
    /* Of an outer frame what its callees kept. */
    if (w->f && w->f->how != FRAME_HERE && r->cls == REG_GENERAL) {
        for (int i = 0; i < 8; i++)
            if (strlen(name) == 3 && !strcmp(name + 1, gpr[i]))
                n = i;
        if (name[0] == 'r' && isdigit((unsigned char)name[1]))
            n = atoi(name + 1);
        if (!strcmp(name, "rip") || !strcmp(name, "eip"))
            v = w->f->pc;
        else if (n < 0 || n > 15 || !(w->f->known >> n & 1))
            return error_set(&w->err, EXIT_USAGE,
                             "%s is not known in this frame", name);
        else
            v = w->f->gpr[n];
    }
    *out =
        c_from_int(w, c_int(w, r->bits > 32 ? 8 : 4, r->cls == REG_GENERAL), v);
    return true;
}

/* $rax, $pc, $sp, $fp */
static bool dollar(struct parser *k, struct c_value *out)
{
    const struct target_reg *r;
    bool wide = target_code_bits(k->w->x.t) == 64;
    uint64_t mask;
    char name[WORD_MAX];

    k->p++;
    if (!word(k, name))
        return wrong(k);
    if (!strcmp(name, "pc"))
        snprintf(name, sizeof name, "%s", "rip");
    else if (!strcmp(name, "sp"))
        snprintf(name, sizeof name, "%s", wide ? "rsp" : "esp");
    else if (!strcmp(name, "fp"))
        snprintf(name, sizeof name, "%s", wide ? "rbp" : "ebp");
    r = expr_register(name, &mask);
    if (!r)
        return error_set(&k->w->err, EXIT_USAGE, "there is no register '%s'",
                         name);
    return frame_register(k, name, r, mask, out);
}

static bool named(struct parser *k, struct c_value *out)
{
    const struct target_reg *r;
    uint64_t addr, mask;
    char name[WORD_MAX];

    if (!word(k, name))
        return wrong(k);
    if (c_variable(k->w, name, out))
        return true;
    if (symbols_value(k->w->x.s, name, &addr)) {
        /* An address of no type. */
        struct c_type *t = c_int(k->w, 4, false);

        t->kind = C_VOID;
        t->name = NULL;
        t->known = true;
        *out = (struct c_value){
            .type = t, .memory = true, .addr = addr, .gpr = -1};
        return true;
    }
    r = expr_register(name, &mask);
    if (r)
        return frame_register(k, name, r, mask, out);
    if (k->w->m && !dw_ready(k->w->m))
        return error_set(&k->w->err, EXIT_USAGE, "no '%s' is known: %s", name,
                         k->w->m->why);
    return error_set(&k->w->err, EXIT_USAGE, "no '%s' is known here", name);
}

static bool primary(struct parser *k, struct c_value *out)
{
    blanks(k);
    if (isdigit((unsigned char)*k->p))
        return number(k, out);
    if (*k->p == '\'')
        return character(k, out);
    if (*k->p == '$')
        return dollar(k, out);
    if (take(k, "(", ""))
        return expression(k, 0, out) && (take(k, ")", "") || wrong(k));
    return named(k, out);
}

/* ---- postfix ---- */

static bool member(struct parser *k, bool arrow, struct c_value *v)
{
    struct c_value object = *v;
    struct c_type *t = c_plain(k->w, v->type);
    char name[WORD_MAX];

    if (!word(k, name))
        return wrong(k);
    if (t->kind == C_POINTER && !c_element(k->w, v, 0, &object))
        return false;
    if (t->kind != C_POINTER && arrow)
        return error_set(&k->w->err, EXIT_USAGE, "-> wants a pointer");
    if (!c_member_of(k->w, &object, name, v))
        return error_set(&k->w->err, EXIT_USAGE, "there is no member '%s'",
                         name);
    return true;
}

static bool postfix(struct parser *k, struct c_value *out)
{
    struct c_value index;
    uint64_t i;

    if (!primary(k, out))
        return false;
    for (;;) {
        struct c_value v = *out;

        if (take(k, "[", "")) {
            if (!expression(k, 0, &index) || !take(k, "]", ""))
                return wrong(k);
            if (!c_to_int(k->w, &index, &i) || !c_element(k->w, &v, i, out))
                return false;
        } else if (take(k, "->", "")) {
            if (!member(k, true, out))
                return false;
        } else if (take(k, ".", "")) {
            if (!member(k, false, out))
                return false;
        } else {
            return true;
        }
    }
}

/* ---- unary ---- */

static bool address_of(struct parser *k, struct c_value *v)
{
    struct c_type *t = c_pointer_to(k->w, v->type);

    if (!v->memory || v->bit_size)
        return error_set(&k->w->err, EXIT_USAGE, "this value has no address");
    *v = c_from_int(k->w, t, v->addr);
    return true;
}

static bool dereference(struct parser *k, struct c_value *v)
{
    struct c_value pointer = *v;
    struct c_type *t = c_plain(k->w, v->type);

    if (t->kind == C_FUNCTION)
        return true;
    if (t->kind != C_POINTER && t->kind != C_ARRAY)
        return error_set(&k->w->err, EXIT_USAGE,
                         "* wants a pointer: *(TYPE *) EXPR");
    return c_element(k->w, &pointer, 0, v);
}

static bool size_of(struct parser *k, struct c_value *out)
{
    bool paren = take(k, "(", "");
    struct c_type *t = paren ? type(k) : NULL;

    if (!t) {
        if (!(paren ? expression(k, 0, out) : unary(k, out)))
            return false;
        t = out->type;
    }
    if (paren && !take(k, ")", ""))
        return wrong(k);
    *out = c_from_int(k->w, c_int(k->w, 8, false), c_size(k->w, t));
    return true;
}

/* "(TYPE)" in front of a value. */
static bool cast_type(struct parser *k, struct c_type **t)
{
    const char *start = k->p;

    *t = NULL;
    if (take(k, "(", ""))
        *t = type(k);
    if (*t && take(k, ")", ""))
        return true;
    k->p = start;
    return false;
}

static bool unary(struct parser *k, struct c_value *out)
{
    struct c_type *t;
    bool ok = false;

    if (k->depth > DEPTH_MAX)
        return error_set(&k->w->err, EXIT_USAGE, "the expression is too deep");
    k->depth++;
    blanks(k);
    if (cast_type(k, &t)) {
        struct c_value v;

        if (unary(k, &v))
            *out = c_cast(k->w, &v, t, &ok);
    } else if (k->w->err.text[0]) {
        ok = false;
    } else if (take(k, "&", "&")) {
        ok = unary(k, out) && address_of(k, out);
    } else if (take(k, "*", "")) {
        ok = unary(k, out) && dereference(k, out);
    } else if (*k->p == '-' || *k->p == '!' || *k->p == '~') {
        char op = *k->p++;

        ok = unary(k, out) && c_negate(k->w, op, out);
    } else if (!strncmp(k->p, "sizeof", 6) &&
               !isalnum((unsigned char)k->p[6])) {
        k->p += 6;
        ok = size_of(k, out);
    } else {
        ok = postfix(k, out);
    }
    k->depth--;
    return ok;
}

/* ---- binary ---- */

static const struct {
    const char *text, *but; /* what must not follow */
    enum c_op op;
    unsigned level;
} ops[] = {
    {"||", "", C_OP_LOR, 0},    {"&&", "", C_OP_LAND, 1},
    {"|", "|", C_OP_OR, 2},     {"^", "", C_OP_XOR, 3},
    {"&", "&", C_OP_AND, 4},    {"==", "", C_OP_EQ, 5},
    {"!=", "", C_OP_NE, 5},     {"<=", "", C_OP_LE, 6},
    {">=", "", C_OP_GE, 6},     {"<<", "", C_OP_SHL, 7},
    {">>", "", C_OP_SHR, 7},    {"<", "<", C_OP_LT, 6},
    {">", ">", C_OP_GT, 6},     {"+", "", C_OP_ADD, 8},
    {"-", ">", C_OP_SUB, 8},    {"*", "", C_OP_MUL, 9},
    {"/", "", C_OP_DIV, 9},     {"%", "", C_OP_MOD, 9},
    {"@", "", C_OP_REPEAT, 10},
};

#define TOP_LEVEL 11

static bool expression(struct parser *k, unsigned level, struct c_value *out)
{
    if (level == TOP_LEVEL)
        return unary(k, out);
    if (!expression(k, level + 1, out))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(ops);) {
        struct c_value a = *out, b;

        if (ops[i].level != level || !take(k, ops[i].text, ops[i].but)) {
            i++;
            continue;
        }
        if (!expression(k, level + 1, &b) ||
            !c_binary(k->w, ops[i].op, &a, &b, out))
            return false;
        i = 0;
    }
    return true;
}

bool c_evaluate(struct c_work *w, const char *text, const char **end,
                struct c_value *out)
{
    struct parser k = {w, text, 0};
    struct c_value from;

    if (!expression(&k, 0, out))
        return false;
    if (take(&k, "=", "=")) {
        if (!expression(&k, 0, &from) || !c_assign(w, out, &from))
            return false;
        if (!out->memory && out->gpr >= 0)
            *out = c_cast(w, &from, out->type, &(bool){true});
    }
    blanks(&k);
    if (end)
        *end = k.p;
    else if (*k.p)
        return wrong(&k);
    return true;
}

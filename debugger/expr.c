/*
 * expr.c - expressions of the debugger: parsed once, evaluated often.
 *
 * The levels of operators are those of Bochs, whose comparisons bind like
 * addition: scripts depend on it.
 */
#include "debugger/expr.h"

#include "cpu/cpu.h"
#include "debugger/c_lang.h"
#include "debugger/symbols.h"

#define MAX_DEPTH    40
#define NAME_MAX_LEN 64

struct parser {
    struct expr *e;
    struct lexer *l;
    const struct symbols *syms;
    struct error *err;
    unsigned depth;
};

static bool too_long(struct parser *p)
{
    return error_set(p->err, EXIT_USAGE, "the expression is too long");
}

static bool put(struct parser *p, enum expr_op op, uint64_t value)
{
    if (p->e->count == EXPR_ITEMS)
        return too_long(p);
    p->e->item[p->e->count++] = (struct expr_item){op, value, NULL};
    return true;
}

const struct target_reg *expr_register(const char *name, uint64_t *mask)
{
    static const struct {
        const char *name, *reg;
        uint64_t mask;
    } other[] = {{"eip", "rip", UINT32_MAX},       {"ip", "rip", UINT16_MAX},
                 {"rflags", "eflags", UINT64_MAX}, {"flags", "eflags", 0xffff},
                 {"eflags", "rflags", UINT32_MAX}, {"flags", "rflags", 0xffff}};
    const struct target_reg *r = target_reg_find(name);

    *mask = UINT64_MAX;
    for (size_t i = 0; i < ARRAY_LEN(other) && !r; i++)
        if (!strcmp(other[i].name, name)) {
            r = target_reg_find(other[i].reg);
            *mask = other[i].mask;
        }
    return r;
}

/* An expression of C, kept as text: what its names mean depends on where the
 * guest is. */
static bool put_c(struct parser *p, const char *text, size_t n)
{
    if (n + 1 > sizeof p->e->c - p->e->c_len)
        return too_long(p);
    if (!put(p, EX_C, p->e->c_len))
        return false;
    memcpy(p->e->c + p->e->c_len, text, n);
    p->e->c[p->e->c_len + n] = '\0';
    p->e->c_len += n + 1;
    p->e->syms = p->syms;
    return true;
}

/* {C expression} */
static bool braces(struct parser *p)
{
    const char *end = strchr(p->l->start, '}');

    if (!end)
        return error_set(p->err, EXIT_USAGE, "a } is missing");
    if (!put_c(p, p->l->start + 1, (size_t)(end - p->l->start) - 1))
        return false;
    p->l->next = end + 1;
    lexer_next(p->l);
    return true;
}

static bool named(struct parser *p)
{
    char name[NAME_MAX_LEN];
    uint64_t value, mask;
    const struct target_reg *r = NULL;

    lexer_copy(p->l, name, sizeof name);
    if (p->l->kind == TOK_WORD)
        r = expr_register(name, &mask);
    if (r) {
        if (!put(p, EX_REG, mask))
            return false;
        p->e->item[p->e->count - 1].reg = r;
    } else if (symbols_value(p->syms, name, &value)) {
        if (!put(p, EX_NUMBER, value))
            return false;
    } else if (p->l->kind == TOK_STRING) {
        return error_set(p->err, EXIT_USAGE, "unknown symbol: %s", name);
    } else if (!symbols_module(p->syms, NULL)) {
        return false;
    } else if (!put_c(p, name, strlen(name))) {
        return false;
    }
    lexer_next(p->l);
    return true;
}

static bool binary(struct parser *p, unsigned level);

static bool primary(struct parser *p)
{
    uint64_t v = p->l->value;

    if (p->l->kind == TOK_NUMBER) {
        lexer_next(p->l);
        return put(p, EX_NUMBER, v);
    }
    if (p->l->kind == TOK_WORD || p->l->kind == TOK_STRING)
        return named(p);
    if (lexer_is(p->l, "{"))
        return braces(p);
    if (!lexer_take(p->l, "("))
        return false;
    return binary(p, 0) && lexer_take(p->l, ")");
}

static bool unary(struct parser *p);

/* byte *E, qword @E: only these may stand after a size. */
static bool sized(struct parser *p, bool *found)
{
    static const char *const names[] = {"byte", "word", "dword", "qword"};

    *found = false;
    for (unsigned i = 0; i < 4; i++) {
        struct lexer l = *p->l;

        if (!lexer_take(&l, names[i]))
            continue;
        if (!lexer_is(&l, "*") && !lexer_is(&l, "@"))
            return true;
        *found = true;
        *p->l = l;
        bool linear = lexer_is(p->l, "*");

        lexer_next(p->l);
        return unary(p) &&
               put(p, linear ? EX_LINEAR : EX_PHYSICAL, UINT64_C(1) << i);
    }
    return true;
}

/* Operand with what is written behind it: seg:off, E$N. */
static bool postfix(struct parser *p)
{
    if (!primary(p))
        return false;
    while (lexer_take(p->l, "$")) {
        if (p->l->kind != TOK_NUMBER || p->l->value > 64)
            return false;
        if (!put(p, EX_DEREF, p->l->value))
            return false;
        lexer_next(p->l);
    }
    return true;
}

static bool unary(struct parser *p)
{
    static const struct {
        const char *text;
        enum expr_op op;
    } ops[] = {{"-", EX_NEG},
               {"!", EX_NOT},
               {"~", EX_INVERT},
               {"*", EX_LINEAR},
               {"@", EX_PHYSICAL}};
    bool found, ok;

    if (++p->depth > MAX_DEPTH)
        return too_long(p);
    if (!sized(p, &found))
        return false;
    ok = found;
    for (size_t i = 0; i < ARRAY_LEN(ops) && !found; i++)
        if (lexer_take(p->l, ops[i].text)) {
            found = true;
            ok = unary(p) && put(p, ops[i].op, 4);
        }
    if (!found)
        ok = postfix(p);
    if (ok && lexer_take(p->l, ":"))
        ok = postfix(p) && put(p, EX_SEGOFF, 0);
    p->depth--;
    return ok;
}

static const struct {
    const char *text;
    enum expr_op op;
    unsigned level;
} binary_ops[] = {
    {"&&", EX_LAND, 0}, {"||", EX_LOR, 0}, {"+", EX_ADD, 1}, {"-", EX_SUB, 1},
    {"|", EX_OR, 1},    {"^", EX_XOR, 1},  {"==", EX_EQ, 1}, {"!=", EX_NE, 1},
    {"<", EX_LT, 1},    {">", EX_GT, 1},   {"<=", EX_LE, 1}, {">=", EX_GE, 1},
    {"*", EX_MUL, 2},   {"/", EX_DIV, 2},  {"%", EX_MOD, 2}, {"&", EX_AND, 2},
    {"<<", EX_SHL, 2},  {">>", EX_SHR, 2},
};

#define TOP_LEVEL 3

static bool binary(struct parser *p, unsigned level)
{
    bool more = true;

    if (level == TOP_LEVEL)
        return unary(p);
    if (!level && ++p->depth > MAX_DEPTH)
        return too_long(p);
    if (!binary(p, level + 1))
        return false;
    while (more) {
        more = false;
        for (size_t i = 0; i < ARRAY_LEN(binary_ops); i++)
            if (binary_ops[i].level == level &&
                lexer_take(p->l, binary_ops[i].text)) {
                if (!binary(p, level + 1) || !put(p, binary_ops[i].op, 0))
                    return false;
                more = true;
                break;
            }
    }
    p->depth -= !level;
    return true;
}

bool expr_parse(struct expr *e, struct lexer *l, const struct symbols *syms,
                struct error *err)
{
    struct parser p = {e, l, syms, err, 0};

    e->count = e->c_len = 0;
    err->text[0] = '\0';
    return binary(&p, 0);
}

bool expr_parse_operand(struct expr *e, struct lexer *l,
                        const struct symbols *syms, struct error *err)
{
    struct parser p = {e, l, syms, err, 0};

    e->count = e->c_len = 0;
    err->text[0] = '\0';
    return postfix(&p);
}

/* ---- evaluation ---- */

uint64_t expr_register_value(struct target *t, const struct target_reg *r)
{
    uint8_t raw[64] = {0};
    uint64_t v;

    target_reg_read(t, r, raw);
    v = ld_le64(raw);
    return r->bits < 64 ? v & ((UINT64_C(1) << r->bits) - 1) : v;
}

bool expr_segment_base(struct target *t, uint16_t selector, uint64_t *base,
                       struct error *err)
{
    const struct cpu *c = target_cpu(t);
    uint64_t table = c->gdtr.base, at = selector & ~7u;
    uint32_t limit = c->gdtr.limit;
    uint8_t raw[8];

    *base = (uint64_t)selector << 4;
    if (!cpu_protected(c))
        return true;
    /* A loaded segment may be older than its descriptor. */
    for (unsigned s = 0; s < 6; s++)
        if (c->seg[s].selector == selector && c->seg[s].usable) {
            *base = c->seg[s].base;
            return true;
        }
    *base = 0;
    if (selector & 4) {
        table = c->seg[SEG_LDTR].base;
        limit = c->seg[SEG_LDTR].limit;
    }
    if (!(selector & ~7u) && !(selector & 4))
        return error_set(err, EXIT_USAGE, "selector %04x is null", selector);
    if (at + 7 > limit)
        return error_set(err, EXIT_USAGE,
                         "selector %04x is beyond the limit %04x of its table",
                         selector, limit);
    if (!target_read(t, ADDR_LINEAR, 0, table + at, raw, sizeof raw, err))
        return false;
    *base = (ld_le32(raw + 2) & 0xffffff) | (uint64_t)raw[7] << 24;
    return true;
}

static bool load(struct target *t, enum addr_kind space, uint64_t addr,
                 size_t n, uint64_t *out, struct error *err)
{
    uint8_t raw[8] = {0};

    *out = 0;
    if (!target_read(t, space, 0, addr, raw, n, err))
        return false;
    *out = ld_le64(raw);
    return true;
}

/* Pointers are as wide as the code's addresses. */
static bool deref(struct target *t, uint64_t depth, uint64_t *v,
                  struct error *err)
{
    unsigned bits = target_code_bits(t);

    for (uint64_t i = 0; i < depth; i++)
        if (!load(t, ADDR_LINEAR, *v, bits == 64 ? 8 : 4, v, err))
            return false;
    return true;
}

static uint64_t apply(enum expr_op op, uint64_t a, uint64_t b)
{
    switch (op) {
    case EX_MUL:
        return a * b;
    case EX_DIV:
        return b ? a / b : 0;
    case EX_MOD:
        return b ? a % b : 0;
    case EX_AND:
        return a & b;
    case EX_SHL:
        return b < 64 ? a << b : 0;
    case EX_SHR:
        return b < 64 ? a >> b : 0;
    case EX_ADD:
        return a + b;
    case EX_SUB:
        return a - b;
    case EX_OR:
        return a | b;
    case EX_XOR:
        return a ^ b;
    case EX_EQ:
        return a == b;
    case EX_NE:
        return a != b;
    case EX_LT:
        return a < b;
    case EX_GT:
        return a > b;
    case EX_LE:
        return a <= b;
    case EX_GE:
        return a >= b;
    case EX_LAND:
        return a && b;
    default:
        return a || b;
    }
}

/* Operations on the top of the stack alone. */
static bool apply_one(const struct expr_item *i, struct target *t,
                      uint64_t *top, struct error *err)
{
    switch (i->op) {
    case EX_NEG:
        *top = -*top;
        return true;
    case EX_NOT:
        *top = !*top;
        return true;
    case EX_INVERT:
        *top = ~*top;
        return true;
    case EX_LINEAR:
        return load(t, ADDR_LINEAR, *top, (size_t)i->value, top, err);
    case EX_PHYSICAL:
        return load(t, ADDR_PHYSICAL, *top, (size_t)i->value, top, err);
    default:
        return deref(t, i->value, top, err);
    }
}

/* In the innermost frame. */
static bool eval_c(const struct symbols *syms, struct target *t,
                   const char *text, uint64_t *out, struct error *err)
{
    struct dw_ctx x = {t, syms};
    struct c_value v;
    struct c_work w;
    struct frame f;
    bool ok;

    frame_here(&x, &f);
    c_begin(&w, t, syms, &f);
    ok = c_evaluate(&w, text, NULL, &v) && c_to_int(&w, &v, out);
    if (!ok)
        error_set(err, EXIT_USAGE, "%s", w.err.text);
    c_end(&w);
    return ok;
}

bool expr_eval(const struct expr *e, struct target *t, uint64_t *out,
               struct error *err)
{
    uint64_t stack[EXPR_ITEMS + 1] = {0}, base;
    size_t n = 0;

    *out = 0;
    for (size_t k = 0; k < e->count; k++) {
        const struct expr_item *i = &e->item[k];

        if (i->op == EX_NUMBER) {
            stack[n++] = i->value;
        } else if (i->op == EX_REG) {
            stack[n++] = expr_register_value(t, i->reg) & i->value;
        } else if (i->op == EX_C) {
            if (!eval_c(e->syms, t, e->c + i->value, &stack[n++], err))
                return false;
        } else if (i->op <= EX_DEREF) {
            if (!apply_one(i, t, &stack[n - 1], err))
                return false;
        } else if (i->op == EX_SEGOFF) {
            n--;
            if (!expr_segment_base(t, (uint16_t)stack[n - 1], &base, err))
                return false;
            stack[n - 1] = base + stack[n];
        } else {
            n--;
            stack[n - 1] = apply(i->op, stack[n - 1], stack[n]);
        }
    }
    *out = n ? stack[n - 1] : 0;
    return true;
}

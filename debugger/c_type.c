/*
 * c_type.c - types of the guest's C programs, as their declarations say them.
 */
#include "debugger/c_lang.h"

#include <stdio.h>
#include <stdlib.h>

/* Types inside of types: a file may say that one contains itself. */
#define NESTING_MAX 24
#define MEMBERS_MAX 4096

struct c_block {
    struct c_block *next;
    max_align_t room[];
};

void c_begin(struct c_work *w, struct target *t, const struct symbols *s,
             struct frame *f)
{
    *w = (struct c_work){.x = {t, s}, .f = f, .m = f ? f->m : NULL};
    if (!w->m)
        w->m = symbols_module(s, NULL);
}

void c_end(struct c_work *w)
{
    for (struct c_block *b = w->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    w->blocks = NULL;
}

void *c_alloc(struct c_work *w, size_t n)
{
    struct c_block *b = calloc(1, sizeof *b + n);

    if (!b)
        error_no_memory();
    b->next = w->blocks;
    w->blocks = b;
    return b->room;
}

static struct c_type *make(struct c_work *w, enum c_kind kind, uint64_t size)
{
    struct c_type *t = c_alloc(w, sizeof *t);

    t->kind = kind;
    t->size = size;
    return t;
}

static unsigned pointer_bytes(const struct c_work *w, const struct dw_module *m)
{
    if (m)
        return m->wide ? 8 : 4;
    return target_code_bits(w->x.t) == 64 ? 8 : 4;
}

struct c_type *c_int(struct c_work *w, unsigned bytes, bool is_signed)
{
    struct c_type *t = make(w, C_INT, bytes);

    t->is_signed = is_signed;
    t->name = bytes == 8  ? is_signed ? "long long" : "unsigned long long"
              : is_signed ? "int"
                          : "unsigned int";
    return t;
}

struct c_type *c_double(struct c_work *w)
{
    struct c_type *t = make(w, C_FLOAT, 8);

    t->name = "double";
    return t;
}

struct c_type *c_pointer_to(struct c_work *w, struct c_type *of)
{
    struct c_type *t = make(w, C_POINTER, pointer_bytes(w, of->m));

    t->of = of;
    t->m = of->m;
    t->known = true;
    return t;
}

struct c_type *c_array_of(struct c_work *w, struct c_type *of, uint64_t count)
{
    struct c_type *t = make(w, C_ARRAY, 0);

    t->of = of;
    t->m = of->m;
    t->count = count;
    t->known = true;
    return t;
}

/* ---- from debug information ---- */

static void base_type(struct c_type *t, uint64_t encoding)
{
    switch (encoding) {
    case DW_ATE_boolean:
        t->kind = C_BOOL;
        break;
    case DW_ATE_float:
        t->kind = C_FLOAT;
        break;
    default:
        t->kind = C_INT;
        t->is_signed =
            encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
        t->is_char = (encoding == DW_ATE_signed_char ||
                      encoding == DW_ATE_unsigned_char) &&
                     t->size == 1;
        break;
    }
}

/* Where only a declaration is, the whole type may be in another unit. */
static void complete(struct c_work *w, struct c_type *t, unsigned tag)
{
    const unsigned tags[] = {tag, 0};
    const struct dw_name *found = NULL;
    struct dw_module *m = NULL;

    if (!t->name || !dw_declares(t->m, &t->die))
        return;
    while ((m = symbols_module(w->x.s, m)) != NULL)
        if (dw_find(m, t->name, tags, NULL, &found) &&
            m->api.offdie(m->dw, found->die, &t->die)) {
            t->m = m;
            t->size = dw_number(m, &t->die, DW_AT_byte_size, 0);
            return;
        }
}

/* One array type for each dimension; the last one is the inmost. */
static struct c_type *array_type(struct c_work *w, struct dw_module *m,
                                 struct dw_die *die)
{
    struct c_type *t = c_type_of(w, m, die);
    uint64_t counts[8];
    unsigned n = 0;
    struct dw_die dim;

    if (m->api.child(die, &dim) == 0)
        do {
            uint64_t upper = dw_number(m, &dim, DW_AT_upper_bound, UINT64_MAX);

            if (m->api.tag(&dim) != DW_TAG_subrange_type || n == 8)
                continue;
            counts[n++] =
                dw_number(m, &dim, DW_AT_count,
                          (upper & UINT32_MAX) == UINT32_MAX ? 0 : upper + 1);
        } while (m->api.sibling(&dim, &dim) == 0);
    while (n)
        t = c_array_of(w, t, counts[--n]);
    return t;
}

struct c_type *c_type_at(struct c_work *w, struct dw_module *m,
                         struct dw_die *die)
{
    struct c_type *t = make(w, C_VOID, dw_number(m, die, DW_AT_byte_size, 0));
    int tag = m->api.tag(die);

    t->m = m;
    t->die = *die;
    t->name = m->api.name(die);
    switch (tag) {
    case DW_TAG_base_type:
        base_type(t, dw_number(m, die, DW_AT_encoding, DW_ATE_signed));
        break;
    case DW_TAG_pointer_type:
        t->kind = C_POINTER;
        t->size = pointer_bytes(w, m);
        break;
    case DW_TAG_array_type:
        if (++w->depth < NESTING_MAX)
            t = array_type(w, m, die);
        w->depth--;
        break;
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
        t->kind = tag == DW_TAG_union_type ? C_UNION : C_STRUCT;
        complete(w, t, (unsigned)tag);
        break;
    case DW_TAG_enumeration_type:
        t->kind = C_ENUM;
        complete(w, t, (unsigned)tag);
        break;
    case DW_TAG_subroutine_type:
    case DW_TAG_subprogram:
        t->kind = C_FUNCTION;
        t->name = NULL;
        break;
    case DW_TAG_typedef:
        t->kind = C_TYPEDEF;
        break;
    case DW_TAG_const_type:
        t->kind = C_CONST;
        break;
    case DW_TAG_volatile_type:
        t->kind = C_VOLATILE;
        break;
    case DW_TAG_restrict_type:
    case DW_TAG_atomic_type:
        t->kind = C_RESTRICT;
        break;
    default:
        break;
    }
    return t;
}

struct c_type *c_type_of(struct c_work *w, struct dw_module *m,
                         struct dw_die *die)
{
    struct dw_die of;
    struct c_type *t;

    if (dw_reference(m, die, DW_AT_type, &of))
        return c_type_at(w, m, &of);
    t = make(w, C_VOID, 0);
    t->m = m;
    return t;
}

struct c_type *c_target(struct c_work *w, struct c_type *t)
{
    if (!t->known) {
        t->of = t->m ? c_type_of(w, t->m, &t->die) : make(w, C_VOID, 0);
        t->known = true;
    }
    return t->of;
}

struct c_type *c_plain(struct c_work *w, struct c_type *t)
{
    for (unsigned i = 0; i < NESTING_MAX && t->kind >= C_TYPEDEF; i++)
        t = c_target(w, t);
    return t->kind >= C_TYPEDEF ? make(w, C_VOID, 0) : t;
}

uint64_t c_size(struct c_work *w, struct c_type *t)
{
    uint64_t n = 0;

    t = c_plain(w, t);
    if (t->kind != C_ARRAY)
        return t->kind == C_FUNCTION || t->kind == C_VOID ? 1 : t->size;
    if (++w->depth < NESTING_MAX)
        n = c_size(w, c_target(w, t));
    w->depth--;
    return n && t->count > (UINT64_C(1) << 40) / n ? 0 : t->count * n;
}

/* ---- names ---- */

static const struct {
    const char *tag;
    unsigned tags[5];
} tag_kinds[] = {
    {"struct", {DW_TAG_structure_type, 0}},
    {"union", {DW_TAG_union_type, 0}},
    {"enum", {DW_TAG_enumeration_type, 0}},
    {"", {DW_TAG_typedef, DW_TAG_base_type, 0}},
};

struct c_type *c_named_type(struct c_work *w, const char *tag, const char *name)
{
    const struct dw_name *found;
    struct dw_die die;

    for (size_t i = 0; i < ARRAY_LEN(tag_kinds); i++) {
        struct dw_module *m = w->m;

        if (strcmp(tag_kinds[i].tag, tag) != 0)
            continue;
        /* The module at hand first. */
        if (m && dw_find(m, name, tag_kinds[i].tags, NULL, &found) &&
            m->api.offdie(m->dw, found->die, &die))
            return c_type_at(w, m, &die);
        m = NULL;
        while ((m = symbols_module(w->x.s, m)) != NULL)
            if (dw_find(m, name, tag_kinds[i].tags, NULL, &found) &&
                m->api.offdie(m->dw, found->die, &die))
                return c_type_at(w, m, &die);
    }
    return NULL;
}

/* ---- declarations ---- */

static const char *qualifier(const struct c_type *t)
{
    return t->kind == C_CONST      ? "const"
           : t->kind == C_VOLATILE ? "volatile"
           : t->kind == C_RESTRICT ? "restrict"
                                   : NULL;
}

/* What stands before all declarators. */
static void specifier(struct c_work *w, struct c_type *t, struct out *o)
{
    switch (t->kind) {
    case C_CONST:
    case C_VOLATILE:
    case C_RESTRICT:
        out_printf(o, "%s ", qualifier(t));
        if (++w->depth < NESTING_MAX)
            specifier(w, c_target(w, t), o);
        w->depth--;
        break;
    case C_STRUCT:
        out_printf(o, "struct %.100s", t->name ? t->name : "{...}");
        break;
    case C_UNION:
        out_printf(o, "union %.100s", t->name ? t->name : "{...}");
        break;
    case C_ENUM:
        out_printf(o, "enum %.100s", t->name ? t->name : "{...}");
        break;
    default:
        out_printf(o, "%.100s", t->name ? t->name : "void");
        break;
    }
}

static void parameters(struct c_work *w, struct c_type *t, struct out *o)
{
    struct dw_die p;
    unsigned n = 0;

    out_printf(o, "(");
    if (t->m && t->m->api.child(&t->die, &p) == 0)
        do {
            int tag = t->m->api.tag(&p);

            if (tag == DW_TAG_formal_parameter) {
                out_printf(o, "%s", n++ ? ", " : "");
                c_declare(w, c_type_of(w, t->m, &p), "", o);
            } else if (tag == DW_TAG_unspecified_parameters) {
                out_printf(o, "%s...", n++ ? ", " : "");
            }
        } while (t->m->api.sibling(&p, &p) == 0);
    if (!n && t->m && dw_has(t->m, &t->die, DW_AT_prototyped))
        out_printf(o, "void");
    out_printf(o, ")");
}

/*
 * Declarators are written from the inside out: the text so far, with what
 * this type puts before and behind it.
 */
void c_declare(struct c_work *w, struct c_type *t, const char *name,
               struct out *o)
{
    char text[512], more[512];
    struct c_type *base = t;
    struct out params;

    snprintf(text, sizeof text, "%.200s", name);
    for (unsigned i = 0; i < NESTING_MAX; i++) {
        const char *inner = qualifier(t);
        struct c_type *to = t;

        /* Qualifiers of a pointer stand behind its star. */
        for (unsigned k = 0; inner && k < 4 && qualifier(to); k++)
            to = c_target(w, to);
        if (to->kind == C_POINTER) {
            snprintf(more, sizeof more, "*%s%s%.400s", inner ? inner : "",
                     inner && *text ? " " : "", text);
            base = c_target(w, to);
        } else if (to->kind == C_ARRAY) {
            bool paren = *text == '*';
            char count[32] = "";

            if (to->count)
                snprintf(count, sizeof count, "%llu",
                         (unsigned long long)to->count);
            snprintf(more, sizeof more, paren ? "(%.400s)[%s]" : "%.400s[%s]",
                     text, count);
            base = c_target(w, to);
        } else if (to->kind == C_FUNCTION && w->depth < NESTING_MAX) {
            bool paren = *text == '*';

            out_to_string(&params);
            w->depth++;
            parameters(w, to, &params);
            w->depth--;
            snprintf(more, sizeof more,
                     paren ? "(%.200s)%.200s" : "%.200s%.200s", text,
                     params.text ? params.text : "()");
            out_free(&params);
            base = c_target(w, to);
        } else {
            base = t;
            break;
        }
        snprintf(text, sizeof text, "%s", more);
        t = base;
    }
    specifier(w, base, o);
    if (*text)
        out_printf(o, " %s", text);
}

/* ---- members ---- */

/* Bytes from the start of the structure. */
static uint64_t member_place(struct dw_module *m, struct dw_die *die)
{
    struct dw_attr a;
    struct dw_op *ops;
    uint64_t v;
    size_t n;

    if (!m->api.attr(die, DW_AT_data_member_location, &a))
        return 0;
    if (m->api.udata(&a, &v) == 0)
        return v;
    if (m->api.location(&a, 0, &ops, &n, 1) == 1 && n == 1 &&
        (ops->atom == DW_OP_plus_uconst || ops->atom == DW_OP_constu))
        return ops->number;
    return 0;
}

static void read_member(struct c_work *w, struct dw_module *m,
                        struct dw_die *die, struct c_member *out)
{
    uint64_t bits = dw_number(m, die, DW_AT_bit_size, 0), at;

    *out = (struct c_member){.name = m->api.name(die),
                             .type = c_type_of(w, m, die),
                             .at = member_place(m, die)};
    if (!bits || bits > 64)
        return;
    at = out->at * 8;
    if (dw_has(m, die, DW_AT_data_bit_offset)) {
        at += dw_number(m, die, DW_AT_data_bit_offset, 0);
    } else if (dw_has(m, die, DW_AT_bit_offset)) {
        /* Before version 4: from the highest bit of the storage unit. */
        uint64_t unit =
            dw_number(m, die, DW_AT_byte_size, c_size(w, out->type));

        at += 8 * unit - dw_number(m, die, DW_AT_bit_offset, 0) - bits;
    }
    out->at = at / 8;
    out->bit_at = at % 8;
    out->bit_size = (unsigned)bits;
}

bool c_next_member(struct c_work *w, struct c_type *t, struct c_members *next,
                   struct c_member *out)
{
    bool more;

    if (!t->m || (t->kind != C_STRUCT && t->kind != C_UNION))
        return false;
    do {
        more = next->begun ? t->m->api.sibling(&next->die, &next->die) == 0
                           : t->m->api.child(&t->die, &next->die) == 0;
        next->begun = true;
    } while (more && t->m->api.tag(&next->die) != DW_TAG_member);
    if (more)
        read_member(w, t->m, &next->die, out);
    return more;
}

bool c_enum_signed(struct c_work *w, struct c_type *t)
{
    struct c_type *of = t;

    if (!t->m || !dw_has(t->m, &t->die, DW_AT_type))
        return true;
    of = c_plain(w, c_target(w, t));
    return of->kind != C_INT || of->is_signed;
}

int64_t c_enum_value(struct c_work *w, struct c_type *t, struct dw_die *die)
{
    struct dw_attr a;
    uint64_t u = 0;
    int64_t s = 0;

    if (!t->m->api.attr(die, DW_AT_const_value, &a))
        return 0;
    /* Short forms do not say whether they have a sign. */
    if (!c_enum_signed(w, t) && t->m->api.udata(&a, &u) == 0)
        return (int64_t)u;
    return t->m->api.sdata(&a, &s) == 0 ? s : 0;
}

const char *c_enumerator(struct c_work *w, struct c_type *t, int64_t v)
{
    struct dw_die e;

    if (!t->m || t->m->api.child(&t->die, &e) != 0)
        return NULL;
    do
        if (t->m->api.tag(&e) == DW_TAG_enumerator &&
            c_enum_value(w, t, &e) == v)
            return t->m->api.name(&e);
    while (t->m->api.sibling(&e, &e) == 0);
    return NULL;
}

/* ---- ptype ---- */

static void describe_at(struct c_work *w, struct c_type *t, unsigned indent,
                        uint64_t at, struct out *o);

static void describe_enum(struct c_work *w, struct c_type *t, unsigned indent,
                          struct out *o)
{
    struct dw_die e;

    out_printf(o, "enum %s%s{\n", t->name ? t->name : "", t->name ? " " : "");
    if (t->m->api.child(&t->die, &e) == 0)
        do {
            const char *name = t->m->api.name(&e);

            out_printf(o, "%*s%s = %lld,\n", (int)indent + 4, "",
                       name ? name : "?", (long long)c_enum_value(w, t, &e));
        } while (t->m->api.sibling(&e, &e) == 0);
    out_printf(o, "%*s}", (int)indent, "");
}

static void describe_member(struct c_work *w, const struct c_member *k,
                            unsigned indent, uint64_t at, struct out *o)
{
    struct c_type *plain = k->type;
    struct out text;

    out_printf(o, "%*s", (int)indent, "");
    if (!plain->name && (plain->kind == C_STRUCT || plain->kind == C_UNION ||
                         plain->kind == C_ENUM)) {
        describe_at(w, plain, indent, at + k->at, o);
        out_printf(o, "%s%s", k->name ? " " : "", k->name ? k->name : "");
    } else {
        out_to_string(&text);
        c_declare(w, k->type, k->name ? k->name : "", &text);
        out_printf(o, "%s", text.text ? text.text : "");
        out_free(&text);
    }
    if (k->bit_size)
        out_printf(o, " : %u; /* %llu.%u */\n", k->bit_size,
                   (unsigned long long)(at + k->at), k->bit_at);
    else
        out_printf(o, "; /* %llu */\n", (unsigned long long)(at + k->at));
}

static void describe_at(struct c_work *w, struct c_type *t, unsigned indent,
                        uint64_t at, struct out *o)
{
    struct c_members next = {.begun = false};
    struct c_member k;
    unsigned n = 0;

    if (t->kind == C_ENUM && t->m) {
        describe_enum(w, t, indent, o);
        return;
    }
    if ((t->kind != C_STRUCT && t->kind != C_UNION) || w->depth > 8) {
        c_declare(w, t, "", o);
        return;
    }
    w->depth++;
    out_printf(o, "%s %s%s{", t->kind == C_UNION ? "union" : "struct",
               t->name ? t->name : "", t->name ? " " : "");
    if (t->m && dw_declares(t->m, &t->die))
        out_printf(o, " /* not complete here */ }");
    else {
        out_printf(o, "\n");
        while (n++ < MEMBERS_MAX && c_next_member(w, t, &next, &k))
            describe_member(w, &k, indent + 4, at, o);
        out_printf(o, "%*s}", (int)indent, "");
    }
    w->depth--;
}

void c_describe(struct c_work *w, struct c_type *t, struct out *o)
{
    struct c_type *shown = t;

    for (unsigned i = 0; i < NESTING_MAX && shown->kind == C_TYPEDEF; i++)
        shown = c_target(w, shown);
    describe_at(w, shown, 0, 0, o);
    if (shown->kind == C_STRUCT || shown->kind == C_UNION)
        out_printf(o, " /* %llu bytes */",
                   (unsigned long long)c_size(w, shown));
}

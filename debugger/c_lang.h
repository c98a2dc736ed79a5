/*
 * c_lang.h - types and values of the guest's C programs, and expressions.
 *
 * All that one command makes is in its `struct c_work` and goes with it.
 */
#ifndef DEBUGGER_C_LANG_H
#define DEBUGGER_C_LANG_H

#include "core/out.h"
#include "debugger/dw.h"

enum c_kind {
    C_VOID,
    C_BOOL,
    C_INT,
    C_FLOAT,
    C_ENUM,
    C_POINTER,
    C_ARRAY,
    C_STRUCT,
    C_UNION,
    C_FUNCTION,
    C_TYPEDEF,
    C_CONST,
    C_VOLATILE,
    C_RESTRICT
};

struct c_type {
    enum c_kind kind;
    const char *name; /* NULL: none */
    uint64_t size;    /* bytes */
    bool is_signed, is_char;
    bool known;        /* `of` has been looked up */
    struct c_type *of; /* target, element, result, aliased type */
    uint64_t count;    /* elements; 0: not known */
    struct dw_module *m;
    struct dw_die die; /* if m */
};

/* A value: in memory, or bytes here. */
struct c_value {
    struct c_type *type;
    bool memory;
    uint64_t addr;
    int gpr;                   /* register that holds it, or -1 */
    unsigned bit_at, bit_size; /* of a bit-field, from the lowest bit */
    uint8_t *data;             /* if not in memory; size of the type */
    bool lost;                 /* optimized out */
};

struct c_work {
    struct dw_ctx x;
    struct frame *f;     /* NULL: no frame, globals alone */
    struct dw_module *m; /* whose pointers and ints are meant */
    struct error err;
    struct c_block *blocks;
    unsigned depth;
    unsigned elements; /* printed so far: there are arrays of arrays */
};

void c_begin(struct c_work *w, struct target *t, const struct symbols *s,
             struct frame *f);
void c_end(struct c_work *w);
void *c_alloc(struct c_work *w, size_t n); /* zeroed */

/* ---- types (c_type.c) ---- */
struct c_type *c_type_at(struct c_work *w, struct dw_module *m,
                         struct dw_die *die);
/* The type that a DIE says it has; void without one. */
struct c_type *c_type_of(struct c_work *w, struct dw_module *m,
                         struct dw_die *die);
/* Without typedef, const, volatile; never NULL. */
struct c_type *c_plain(struct c_work *w, struct c_type *t);
/* What a pointer points to, an array has, a function returns. */
struct c_type *c_target(struct c_work *w, struct c_type *t);
struct c_type *c_pointer_to(struct c_work *w, struct c_type *t);
struct c_type *c_array_of(struct c_work *w, struct c_type *t, uint64_t count);
struct c_type *c_int(struct c_work *w, unsigned bytes, bool is_signed);
struct c_type *c_double(struct c_work *w);
uint64_t c_size(struct c_work *w, struct c_type *t);
/* By name: "unsigned long", "struct list", a typedef. NULL: none. */
struct c_type *c_named_type(struct c_work *w, const char *tag,
                            const char *name);
/* "char *NAME[4]"; name "" for the type alone. */
void c_declare(struct c_work *w, struct c_type *t, const char *name,
               struct out *o);
/* With members. */
void c_describe(struct c_work *w, struct c_type *t, struct out *o);

struct c_member {
    const char *name; /* NULL: of an anonymous structure */
    struct c_type *type;
    uint64_t at; /* bytes from the start */
    unsigned bit_at, bit_size;
};

/* One member after the other; *next begins as {0}. False: no more. */
struct c_members {
    struct dw_die die;
    bool begun;
};
bool c_next_member(struct c_work *w, struct c_type *t, struct c_members *next,
                   struct c_member *out);
/* The value of an enumerator's DIE. */
int64_t c_enum_value(struct c_work *w, struct c_type *t, struct dw_die *die);
/* Enumerations are signed if their integer type is, or if none is told. */
bool c_enum_signed(struct c_work *w, struct c_type *t);
/* The name of an enumerator; NULL: none has the value. */
const char *c_enumerator(struct c_work *w, struct c_type *t, int64_t v);

/* ---- values (c_value.c) ---- */
/* The bytes; false: cannot be read (w->err). */
bool c_bytes(struct c_work *w, const struct c_value *v, void *out, size_t n);
bool c_to_int(struct c_work *w, const struct c_value *v, uint64_t *out);
bool c_to_double(struct c_work *w, const struct c_value *v, double *out);
struct c_value c_from_int(struct c_work *w, struct c_type *t, uint64_t n);
struct c_value c_from_double(struct c_work *w, double x);
bool c_member_of(struct c_work *w, const struct c_value *v, const char *name,
                 struct c_value *out);
bool c_element(struct c_work *w, const struct c_value *v, uint64_t i,
               struct c_value *out);
/* format: 0 natural, x d u o t c a s z as in `x`. */
void c_print(struct c_work *w, const struct c_value *v, char format,
             struct out *o);
/* Writes a number where v is. */
bool c_assign(struct c_work *w, const struct c_value *v,
              const struct c_value *from);

/* ---- operators (c_ops.c); false with w->err ---- */
enum c_op {
    C_OP_LOR,
    C_OP_LAND,
    C_OP_OR,
    C_OP_XOR,
    C_OP_AND,
    C_OP_EQ,
    C_OP_NE,
    C_OP_LE,
    C_OP_GE,
    C_OP_LT,
    C_OP_GT,
    C_OP_SHL,
    C_OP_SHR,
    C_OP_ADD,
    C_OP_SUB,
    C_OP_MUL,
    C_OP_DIV,
    C_OP_MOD,
    C_OP_REPEAT /* E@N */
};
bool c_binary(struct c_work *w, enum c_op op, const struct c_value *a,
              const struct c_value *b, struct c_value *out);
/* op: - ! ~ */
bool c_negate(struct c_work *w, char op, struct c_value *v);
struct c_value c_cast(struct c_work *w, const struct c_value *v,
                      struct c_type *t, bool *ok);

/* ---- variables, expressions (c_expr.c, c_vars.c) ---- */
bool c_variable(struct c_work *w, const char *name, struct c_value *out);
/* The value of a variable's DIE in w->f. */
struct c_value c_value_of_die(struct c_work *w, struct dw_module *m,
                              struct dw_die *die);
/* False with w->err. *end: where the expression ends, NULL: it must be all. */
bool c_evaluate(struct c_work *w, const char *text, const char **end,
                struct c_value *out);
/* A type alone, as in `ptype struct list`. */
bool c_parse_type(struct c_work *w, const char *text, struct c_type **out);

/* Scopes of the frame, innermost first: each formal parameter or variable. */
typedef void c_each_fn(void *opaque, struct c_work *w, struct dw_die *die,
                       bool parameter);
/* Those of one scope of the path. */
void c_each_in(struct c_work *w, struct dw_die *scope, c_each_fn *each,
               void *opaque);

#endif

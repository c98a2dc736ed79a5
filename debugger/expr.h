/*
 * expr.h - expressions of the debugger: parsed once, evaluated often.
 *
 * Values are unsigned, 64 bits wide. As in Bochs there are three levels:
 *   ! - ~ * @ and the sizes   the dword at a linear (*) or physical (@)
 *                             address; byte, word, dword, qword before them
 *   seg:off  E$N              linear address; N times the pointer at E
 *   * / % & << >>
 *   + - | ^ == != < > <= >=   from left to right
 *   && ||                     (not in Bochs)
 * Operands: numbers, registers, "symbol" or symbol, ( ), {C expression}, and
 * the name of a C variable that is no symbol: a local one.
 */
#ifndef DEBUGGER_EXPR_H
#define DEBUGGER_EXPR_H

#include "core/err.h"
#include "debugger/lexer.h"
#include "debugger/target.h"

struct symbols; /* debugger/symbols.h */

enum expr_op {
    EX_NUMBER,
    EX_REG,
    EX_C,
    EX_NEG,
    EX_NOT,
    EX_INVERT,
    EX_LINEAR,
    EX_PHYSICAL,
    EX_DEREF,
    EX_SEGOFF,
    EX_MUL,
    EX_DIV,
    EX_MOD,
    EX_AND,
    EX_SHL,
    EX_SHR,
    EX_ADD,
    EX_SUB,
    EX_OR,
    EX_XOR,
    EX_EQ,
    EX_NE,
    EX_LT,
    EX_GT,
    EX_LE,
    EX_GE,
    EX_LAND,
    EX_LOR
};

struct expr_item {
    enum expr_op op;
    uint64_t value; /* number, bytes of an access, depth, mask of a register,
                       where in `c` an expression of C begins */
    const struct target_reg *reg;
};

#define EXPR_ITEMS 128

/* In postfix order. */
struct expr {
    size_t count;
    const struct symbols *syms; /* of EX_C; must outlive it */
    char c[256];                /* texts of EX_C, each with its zero */
    size_t c_len;
    struct expr_item item[EXPR_ITEMS];
};

/*
 * Takes an expression from `l`, which then stands behind it. False: `l`
 * stands at what is not understood; err->text is empty for a plain syntax
 * error, else says more (unknown symbol).
 */
bool expr_parse(struct expr *e, struct lexer *l, const struct symbols *syms,
                struct error *err);
/* Only what may stand before a ':', or after it: for SEG:OFF as two. */
bool expr_parse_operand(struct expr *e, struct lexer *l,
                        const struct symbols *syms, struct error *err);
/* False, with *out 0: memory that cannot be read, a bad selector. A division
 * by 0 gives 0. */
bool expr_eval(const struct expr *e, struct target *t, uint64_t *out,
               struct error *err);
/* The parser's way to a register: by name, with eip, ip, flags and so on.
 * *mask: the bits that the name means. NULL: none. */
const struct target_reg *expr_register(const char *name, uint64_t *mask);
/* Low 64 bits. */
uint64_t expr_register_value(struct target *t, const struct target_reg *r);
/* Linear address at which a segment begins, as the processor would have it
 * in its mode now. */
bool expr_segment_base(struct target *t, uint16_t selector, uint64_t *base,
                       struct error *err);

#endif

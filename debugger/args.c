/*
 * args.c - how a command reads its arguments.
 */
#include "debugger/internal.h"

void syntax_error(struct debugger *d)
{
    if (!d->failed)
        d->syntax = true;
    d->failed = true;
}

bool arg_more(const struct debugger *d)
{
    return d->lx.kind != TOK_END;
}

bool arg_end(struct debugger *d)
{
    if (!arg_more(d))
        return true;
    syntax_error(d);
    return false;
}

bool arg_expr(struct debugger *d, uint64_t *v)
{
    struct error err = {0};
    struct expr e;

    *v = 0;
    if (!expr_parse(&e, &d->lx, d->syms, &err)) {
        if (err.text[0])
            fail(d, "%s", err.text);
        else
            syntax_error(d);
        return false;
    }
    if (!expr_eval(&e, d->t, v, &err))
        fail(d, "%s", err.text);
    /* As Bochs: an operand that cannot be read counts as 0. */
    d->last_value = *v;
    return true;
}

bool arg_expr_or(struct debugger *d, uint64_t *v, uint64_t otherwise)
{
    *v = otherwise;
    return !arg_more(d) || arg_expr(d, v);
}

bool arg_text(struct debugger *d, char *out, size_t size)
{
    if (!arg_more(d)) {
        syntax_error(d);
        return false;
    }
    lexer_whole_word(&d->lx);
    lexer_copy(&d->lx, out, size);
    lexer_next(&d->lx);
    return true;
}

bool arg_number(struct debugger *d, uint64_t *v)
{
    if (d->lx.kind != TOK_NUMBER) {
        syntax_error(d);
        return false;
    }
    *v = d->lx.value;
    lexer_next(&d->lx);
    return true;
}

bool eval_text(struct debugger *d, const char *text, uint64_t *v)
{
    struct lexer before = d->lx;
    bool ok;

    lexer_init(&d->lx, text);
    ok = arg_expr(d, v) && arg_end(d);
    d->lx = before;
    return ok;
}

/*
 * cmd_c.c - variables and types of the guest's C programs.
 */
#include "debugger/handlers.h"
#include "debugger/source.h"

#include <ctype.h>
#include <stdlib.h>

/* What is left of the line, without the quotes around it. */
static char *rest(struct debugger *d)
{
    const char *p = d->lx.start;
    size_t n = strlen(p);
    char *copy;

    while (n && isspace((unsigned char)p[n - 1]))
        n--;
    if (d->lx.kind == TOK_STRING) {
        n = d->lx.len;
    } else if (d->lx.kind == TOK_END) {
        syntax_error(d);
        return NULL;
    }
    copy = strndup(p, n);
    if (!copy)
        error_no_memory();
    return copy;
}

static void begin(struct debugger *d, struct c_work *w, struct frame *f)
{
    source_frame(d, f);
    c_begin(w, d->t, d->syms, f);
}

/* print [/F] EXPR */
void cmd_print(struct debugger *d)
{
    struct c_value v;
    struct c_work w;
    struct frame f;
    struct out o;
    char format = 0, *text;

    if (lexer_take(&d->lx, "/")) {
        char word[4];

        lexer_copy(&d->lx, word, sizeof word);
        if (strlen(word) != 1 || !strchr("xduotcaszf", *word)) {
            syntax_error(d);
            return;
        }
        format = *word;
        lexer_next(&d->lx);
    }
    text = rest(d);
    if (!text)
        return;
    begin(d, &w, &f);
    out_to_string(&o);
    if (c_evaluate(&w, text, NULL, &v))
        c_print(&w, &v, format, &o);
    if (w.err.text[0]) {
        fail(d, "%s", w.err.text);
    } else {
        say(d, "%s = %s\n", text, o.text ? o.text : "");
        data_text(d, "value", o.text ? o.text : "");
        if (v.memory)
            data_hex(d, "address", v.addr);
        if (w.m && !dw_ready(w.m))
            say(d, "%s\n", w.m->why);
    }
    out_free(&o);
    c_end(&w);
    free(text);
}

static void type_of(struct debugger *d, bool members)
{
    struct c_type *t = NULL;
    struct c_value v;
    struct c_work w;
    struct frame f;
    struct out o;
    char *text = rest(d);

    if (!text)
        return;
    begin(d, &w, &f);
    if (!c_parse_type(&w, text, &t) && !w.err.text[0] &&
        c_evaluate(&w, text, NULL, &v))
        t = v.type;
    out_to_string(&o);
    if (t && !w.err.text[0]) {
        if (members)
            c_describe(&w, t, &o);
        else
            c_declare(&w, t, "", &o);
        say(d, "type = %s\n", o.text ? o.text : "");
        data_text(d, "type", o.text ? o.text : "");
    } else {
        fail(d, "%s", w.err.text[0] ? w.err.text : "there is no such type");
    }
    out_free(&o);
    c_end(&w);
    free(text);
}

void cmd_ptype(struct debugger *d)
{
    type_of(d, true);
}

void cmd_whatis(struct debugger *d)
{
    type_of(d, false);
}

/* ---- the variables of a frame ---- */

struct listing {
    struct debugger *d;
    bool parameters;
    unsigned count;
};

static void list_variable(void *opaque, struct c_work *w, struct dw_die *die,
                          bool parameter)
{
    struct listing *l = opaque;
    const char *name = w->f->m->api.name(die);
    struct c_value v;
    struct out o;

    if (parameter != l->parameters || !name || dw_declares(w->f->m, die))
        return;
    v = c_value_of_die(w, w->f->m, die);
    out_to_string(&o);
    c_print(w, &v, 0, &o);
    if (w->err.text[0])
        out_printf(&o, "<%s>", w->err.text);
    w->err.text[0] = '\0';
    say(l->d, "%s = %s\n", name, o.text ? o.text : "");
    data_open(l->d, NULL, '{');
    data_text(l->d, "name", name);
    data_text(l->d, "value", o.text ? o.text : "");
    data_close(l->d, '}');
    out_free(&o);
    l->count++;
}

/* Of the scopes from the innermost one to the function's. */
static void list_scopes(struct debugger *d, bool parameters)
{
    struct listing l = {d, parameters, 0};
    struct c_work w;
    struct frame f;
    struct dw_path p;

    if (!arg_end(d))
        return;
    begin(d, &w, &f);
    if (!f.m || !dw_path_at(f.m, frame_module_pc(&f), &p) || !p.function) {
        if (w.m && !dw_ready(w.m))
            fail(d, "%s", w.m->why);
        else
            fail(d, "no C function is known here (ldsym an ELF file with -g)");
        c_end(&w);
        return;
    }
    data_open(d, "variables", '[');
    for (unsigned i = p.count; i-- > p.function;) {
        c_each_in(&w, &p.die[i], list_variable, &l);
        if (f.m->api.tag(&p.die[i]) == DW_TAG_inlined_subroutine)
            break;
    }
    data_close(d, ']');
    if (!l.count)
        say(d, parameters ? "no arguments\n" : "no locals\n");
    c_end(&w);
}

void cmd_locals(struct debugger *d)
{
    list_scopes(d, false);
}

void cmd_args(struct debugger *d)
{
    list_scopes(d, true);
}

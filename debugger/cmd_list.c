/*
 * cmd_list.c - the source text of the guest's programs, and steps by it.
 */
#include "cpu/cpu.h"
#include "debugger/handlers.h"
#include "debugger/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- text ---- */

/* The file as the compiler saw it; else of that name in this folder, or
 * beside the file with the symbols. */
static FILE *open_source(const struct debugger *d, const char *path)
{
    const char *name = strrchr(path, '/');
    struct dw_module *m = NULL;
    FILE *f = fopen(path, "r");
    char beside[600];

    name = name ? name + 1 : path;
    if (!f)
        f = fopen(name, "r");
    while (!f && (m = symbols_module(d->syms, m)) != NULL) {
        const char *end = strrchr(m->path, '/');

        if (!end)
            continue;
        snprintf(beside, sizeof beside, "%.*s/%.200s",
                 (int)(end - m->path < 380 ? end - m->path : 380), m->path,
                 name);
        f = fopen(beside, "r");
    }
    return f;
}

/* Lines from..to; mark is the one that is meant. False: no such file. */
static bool print_lines(struct debugger *d, const char *path, unsigned from,
                        unsigned to, unsigned mark)
{
    FILE *f = open_source(d, path);
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    if (!f)
        return false;
    for (unsigned k = 1; k <= to && (n = getline(&line, &cap, f)) >= 0; k++) {
        while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            line[--n] = '\0';
        if (k >= from)
            say(d, "%5u%s %s\n", k, k == mark ? ">" : ":", line);
    }
    free(line);
    fclose(f);
    return true;
}

void print_source_line(struct debugger *d, uint64_t addr)
{
    const struct source_line *l = symbols_line_at(d->syms, addr);

    if (!l)
        return;
    data_text(d, "file", symbols_file(d->syms, l->file));
    data_int(d, "line", l->line);
    say(d, "%s:%u\n", symbols_file(d->syms, l->file), l->line);
    print_lines(d, symbols_file(d->syms, l->file), l->line, l->line, l->line);
}

/* ---- places ---- */

static bool is_assembly(const char *file)
{
    const char *dot = strrchr(file, '.');

    return dot && (!strcmp(dot, ".S") || !strcmp(dot, ".s") ||
                   !strcmp(dot, ".asm") || !strcmp(dot, ".nasm"));
}

/* The second row of a function's lines is where its prologue ends; optimized
 * code whose body begins at once has several lines at its first address. */
uint64_t after_prologue(const struct symbols *s, uint64_t addr)
{
    const struct source_line *first = symbols_line_at(s, addr);
    const struct source_line *next = symbols_next_line(s, addr);
    const struct symbol *y = symbols_at(s, addr);

    if (symbols_lines_share(s, addr) ||
        (first && is_assembly(symbols_file(s, first->file))))
        return addr;
    if (!first || !next || !next->line || first->addr != addr ||
        symbols_at(s, next->addr) != y)
        return addr;
    return next->addr;
}

/* ---- list ---- */

static void list_around(struct debugger *d, const char *path, unsigned line)
{
    unsigned from = line > 5 ? line - 5 : 1;

    if (!print_lines(d, path, from, from + 10, line))
        say(d, "%s:%u (the file is not here)\n", path, line);
    d->list_line = from + 10;
}

static bool is_file(const char *have, const char *want)
{
    size_t h = strlen(have), w = strlen(want);

    return h >= w && !strcmp(have + h - w, want) &&
           (h == w || have[h - w - 1] == '/');
}

/* FILE:LINE of a source, with or without code there. */
static bool list_file(struct debugger *d)
{
    struct lexer l = d->lx;
    char word[256], *colon;
    unsigned line;
    uint32_t n = 0;

    lexer_whole_word(&l);
    lexer_copy(&l, word, sizeof word);
    colon = strrchr(word, ':');
    if (!colon || !strchr(word, '.') || sscanf(colon + 1, "%u", &line) != 1 ||
        !line)
        return false;
    *colon = '\0';
    d->lx = l;
    lexer_next(&d->lx);
    if (!arg_end(d))
        return true;
    while (d->syms && strcmp(symbols_file(d->syms, n), "?") != 0 &&
           !is_file(symbols_file(d->syms, n), word))
        n++;
    if (!d->syms || !strcmp(symbols_file(d->syms, n), "?")) {
        fail(d, "no source file '%s' is known (ldsym an ELF file with -g)",
             word);
        return true;
    }
    d->list_file = n;
    d->list_tick = target_ticks(d->t);
    data_text(d, "file", symbols_file(d->syms, n));
    data_int(d, "line", line);
    list_around(d, symbols_file(d->syms, n), line);
    return true;
}

/* list: the source around the frame, or what follows the last list. */
void cmd_list(struct debugger *d)
{
    const struct source_line *l;
    struct frame f;
    uint64_t addr;
    bool here = !arg_more(d);

    source_frame(d, &f);
    if (here && d->list_line && d->list_tick == target_ticks(d->t)) {
        unsigned from = d->list_line + 1;

        print_lines(d, symbols_file(d->syms, d->list_file), from, from + 9, 0);
        d->list_line = from + 9;
        return;
    }
    if (!here && list_file(d))
        return;
    addr = f.pc - !f.exact;
    if (!here) {
        lexer_take(&d->lx, "*");
        if (!arg_expr(d, &addr))
            return;
    }
    if (!arg_end(d))
        return;
    l = symbols_line_at(d->syms, addr);
    if (!l) {
        fail(d,
             "no source line is known at 0x%08" PRIx64
             " (ldsym an ELF file with -g)",
             addr);
        return;
    }
    data_text(d, "file", symbols_file(d->syms, l->file));
    data_int(d, "line", l->line);
    d->list_file = l->file;
    d->list_tick = target_ticks(d->t);
    list_around(d, symbols_file(d->syms, l->file), l->line);
}

/* ---- steps by lines ---- */

struct back {
    uint64_t sp;
};

/* A callee's frame is gone when the stack is above it. */
static bool above(void *opaque, struct target *t, const struct point *p)
{
    const struct back *b = opaque;
    uint64_t mask = target_cpu(t)->stack_mask;

    (void)p;
    return ((target_cpu(t)->gpr[RSP] - b->sp) & mask) <= mask / 2;
}

/* Runs to addr with the stack at or above sp. */
static struct stop run_back(struct debugger *d, uint64_t addr, uint64_t sp)
{
    struct back b = {sp};
    struct point p = {.kind = POINT_CODE,
                      .space = ADDR_LINEAR,
                      .addr = addr,
                      .len = 1,
                      .enabled = true,
                      .condition = above,
                      .opaque = &b};
    unsigned id = target_add_point(d->t, &p);
    struct stop s = target_continue(d->t, 0);

    target_remove_point(d->t, id);
    if (s.kind == STOP_POINT && s.point == id)
        s.kind = STOP_STEP;
    return s;
}

struct stepping {
    struct source_line from;
    uint64_t cfa; /* SP at or above it: the function has returned */
    bool has_cfa;
    bool into;
};

static uint64_t stack_pointer(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);

    return c->gpr[RSP] & c->stack_mask;
}

/* After a step from `before`: was it a CALL? *ret: where it returns to. */
static bool called(struct debugger *d, uint64_t before, uint64_t sp,
                   uint64_t *ret)
{
    struct dw_ctx x = source_ctx(d);
    uint64_t pc = target_pc(d->t), now = stack_pointer(d);
    uint8_t raw[8] = {0};

    if (now >= sp || pc - before <= 15 ||
        !frame_read_stack(&x, now, raw, target_code_bits(d->t) / 8))
        return false;
    *ret = frame_code_linear(&x, ld_le64(raw));
    return *ret > before && *ret - before <= 15;
}

/* One instruction; interrupts, repetitions and calls that are not wanted run
 * to their end. *arrived: a function with lines was entered. */
static struct stop one(struct debugger *d, const struct stepping *k,
                       bool *arrived)
{
    uint64_t before = target_pc(d->t), sp = stack_pointer(d), ret, skip;
    uint8_t op = 0;
    struct stop s;

    *arrived = false;
    read_linear(d, before, &op, 1);
    /* INT, far CALL, REP */
    if (op == 0xcd || op == 0xcc || op == 0x9a || op == 0xf2 || op == 0xf3)
        return target_step_over(d->t);
    s = target_step_program(d->t);
    if (s.kind != STOP_STEP || !called(d, before, sp, &ret))
        return s;
    if (!k->into || !symbols_line_at(d->syms, target_pc(d->t)))
        return run_back(d, ret, sp);
    *arrived = true;
    skip = after_prologue(d->syms, target_pc(d->t));
    return skip == target_pc(d->t) ? s : run_back(d, skip, 0);
}

/* Is this another line, or another call's? */
static bool elsewhere(struct debugger *d, const struct stepping *k)
{
    uint64_t pc = target_pc(d->t);
    const struct source_line *now = symbols_line_at(d->syms, pc);

    if (k->has_cfa && stack_pointer(d) >= k->cfa)
        return true;
    if (!now)
        return true;
    return (now->line != k->from.line || now->file != k->from.file) &&
           now->addr == pc;
}

static struct stop one_line(struct debugger *d, bool into)
{
    const struct source_line *l = symbols_line_at(d->syms, target_pc(d->t));
    struct dw_ctx x = source_ctx(d);
    struct stepping k = {.from = *l, .into = into};
    struct frame f, outer;
    struct stop s;
    bool arrived;

    frame_here(&x, &f);
    if (frame_outer(&x, &f, &outer) && f.how != FRAME_GUESS) {
        k.cfa = f.cfa;
        k.has_cfa = f.has_cfa;
    }
    do {
        s = one(d, &k, &arrived);
        if (s.kind == STOP_STEP)
            point_arrived(d, &s);
        if (d->set.interrupted && d->set.interrupted(d->set.opaque))
            s.kind = STOP_USER;
    } while (s.kind == STOP_STEP && !arrived && !elsewhere(d, &k));
    return s;
}

static void by_lines(struct debugger *d, bool into)
{
    struct stop s = {.kind = STOP_STEP};
    uint64_t n;

    if (!arg_expr_or(d, &n, 1) || !arg_end(d))
        return;
    if (!symbols_line_at(d->syms, target_pc(d->t))) {
        fail(d, "no source line is known here (ldsym an ELF file with -g)");
        return;
    }
    if (d->over) {
        fail(d, "the session has ended: the machine cannot run");
        return;
    }
    while (n-- && s.kind == STOP_STEP &&
           symbols_line_at(d->syms, target_pc(d->t)))
        s = one_line(d, into);
    run_stopped(d, &s);
}

void cmd_step_line(struct debugger *d)
{
    by_lines(d, true);
}

void cmd_next_line(struct debugger *d)
{
    by_lines(d, false);
}

/* ---- finish ---- */

/* ---- what a function returned: System V ABI of the i386 and of x86-64 ---- */

/* Which of two eightbytes have something but floating point in them. */
static void classify(struct c_work *w, struct c_type *type, uint64_t at,
                     bool integer[2])
{
    struct c_type *t = c_plain(w, type);
    struct c_members next = {.begun = false};
    struct c_member k;

    if (at >= 16 || ++w->depth > 16)
        return;
    if (t->kind == C_STRUCT || t->kind == C_UNION) {
        while (c_next_member(w, t, &next, &k))
            classify(w, k.type, at + k.at, integer);
    } else if (t->kind == C_ARRAY) {
        struct c_type *of = c_target(w, t);

        for (uint64_t i = 0; i < t->count && i < 16; i++)
            classify(w, of, at + i * c_size(w, of), integer);
    } else if (t->kind != C_FLOAT) {
        integer[at / 8] = true;
    }
    w->depth--;
}

/* Small ones in registers, the others where AX points to. */
static void structure_result(struct c_work *w, struct dw_module *m,
                             struct c_type *t, struct c_value *v)
{
    const struct cpu *c = target_cpu(w->x.t);
    const uint64_t whole[2] = {c->gpr[RAX], c->gpr[RDX]};
    bool integer[2] = {false, false};
    unsigned words = 0, vectors = 0;
    uint64_t size = c_size(w, t);

    if (!m->wide || size > 16) {
        v->memory = true;
        v->addr = m->wide ? c->gpr[RAX] : (uint32_t)c->gpr[RAX];
        return;
    }
    classify(w, t, 0, integer);
    for (unsigned i = 0; i < 2 && 8 * i < size; i++) {
        uint8_t raw[32] = {0};

        if (integer[i])
            st_le64(raw, whole[words++]);
        else
            dw_register(&w->x, w->f, m, 17 + vectors++, raw);
        memcpy(v->data + 8 * i, raw, 8);
    }
}

static void float_result(struct c_work *w, struct dw_module *m,
                         struct c_type *plain, struct c_value *v)
{
    uint8_t raw[32] = {0};
    struct c_type *wide = c_double(w);
    struct c_value top = {.type = wide, .gpr = -1, .data = raw};
    double number = 0;

    if (plain->size <= 8 && m->wide) {
        dw_register(&w->x, w->f, m, 17, v->data); /* XMM0 */
        return;
    }
    dw_register(&w->x, w->f, m, m->wide ? 33 : 11, raw); /* ST(0) */
    wide->size = 16;
    c_to_double(w, &top, &number);
    *v = c_from_double(w, number);
}

static bool result(struct c_work *w, struct dw_module *m, struct c_type *t,
                   struct c_value *v)
{
    const struct cpu *c = target_cpu(w->x.t);
    struct c_type *plain = c_plain(w, t);

    *v = c_from_int(w, t, 0);
    if (plain->kind == C_FLOAT) {
        float_result(w, m, plain, v);
    } else if (plain->kind == C_STRUCT || plain->kind == C_UNION) {
        structure_result(w, m, t, v);
    } else if (plain->kind <= C_POINTER && plain->kind != C_VOID &&
               plain->size <= 8) {
        st_le64(v->data, c->gpr[RAX]);
        if (plain->size == 8 && !m->wide)
            st_le32(v->data + 4, (uint32_t)c->gpr[RDX]);
    } else {
        return false;
    }
    return true;
}

static void print_result(struct debugger *d, struct dw_module *m,
                         struct dw_die *function)
{
    struct dw_ctx x = source_ctx(d);
    struct frame f;
    struct c_work w;
    struct c_value v;
    struct out text;

    frame_here(&x, &f);
    c_begin(&w, d->t, d->syms, &f);
    out_to_string(&text);
    if (result(&w, m, c_target(&w, c_type_at(&w, m, function)), &v)) {
        c_print(&w, &v, 0, &text);
        say(d, "Value returned: %s\n", text.text ? text.text : "");
        data_text(d, "value", text.text ? text.text : "");
    }
    out_free(&text);
    c_end(&w);
}

/* Runs to where the chosen frame returns to. */
void cmd_finish(struct debugger *d)
{
    struct dw_ctx x = source_ctx(d);
    struct frame f, outer;
    struct dw_die function;
    struct dw_module *m;
    struct stop s;
    bool known;

    if (!arg_end(d))
        return;
    source_frame(d, &f);
    if (d->over || !frame_outer(&x, &f, &outer) || outer.how == FRAME_GUESS) {
        fail(d, d->over ? "the session has ended: the machine cannot run"
                        : "finish: no return address is known");
        return;
    }
    m = f.m;
    known = source_function(&f, &function);
    s = run_back(d, outer.pc, f.cfa);
    known &= s.kind == STOP_STEP;
    run_stopped(d, &s);
    if (known)
        print_result(d, m, &function);
}

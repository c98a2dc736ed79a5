/*
 * cmd_stack.c - the stack and the frames on it.
 */
#include "cpu/cpu.h"
#include "debugger/handlers.h"
#include "debugger/source.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FRAMES_MAX 100000u

static unsigned stack_bytes(const struct cpu *c)
{
    return c->stack_mask == UINT64_MAX ? 8 : c->stack_mask == 0xffff ? 2 : 4;
}

static const char *name_of(struct debugger *d, uint64_t addr, char *buf,
                           size_t size)
{
    if (!symbols_at(d->syms, addr)) {
        snprintf(buf, size, "<unknown>");
        return buf;
    }
    symbol_text(d, addr, buf, size);
    return buf;
}

void cmd_print_stack(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    unsigned n = stack_bytes(c);
    uint64_t count, sp = c->gpr[RSP] & c->stack_mask;
    uint64_t base = c->mode == MODE_LONG64 ? 0 : c->seg[SEG_SS].base;
    char sym[80];

    if (!arg_expr_or(d, &count, 16) || !arg_end(d))
        return;
    say(d, "Stack address size %u\n", n);
    data_open(d, "stack", '[');
    for (uint64_t i = 0; i < count && i < FRAMES_MAX; i++) {
        uint8_t raw[8] = {0};
        uint64_t v;

        if (!read_linear(d, base + sp, raw, n)) {
            fail(d, "linear 0x%016" PRIx64 " is not mapped", base + sp);
            break;
        }
        v = ld_le64(raw);
        if (n == 8)
            say(d, " | STACK 0x%016" PRIx64 " [0x%08x:0x%08x] (%s)\n",
                base + sp, (unsigned)(v >> 32), (unsigned)v,
                name_of(d, v, sym, sizeof sym));
        else
            say(d, " | STACK 0x%0*" PRIx64 " [0x%0*" PRIx64 "] (%s)\n",
                (int)(2 * n), base + sp, (int)(2 * n), v,
                name_of(d, v + c->seg[SEG_CS].base, sym, sizeof sym));
        data_hex(d, NULL, v);
        sp = (sp + n) & c->stack_mask;
    }
    data_close(d, ']');
}

/* ---- frames ---- */

struct dw_ctx source_ctx(const struct debugger *d)
{
    return (struct dw_ctx){d->t, d->syms};
}

bool source_frame_at(struct debugger *d, unsigned n, struct frame *f)
{
    struct dw_ctx x = source_ctx(d);
    struct frame outer;

    frame_here(&x, f);
    for (; n; n--) {
        if (!frame_outer(&x, f, &outer))
            return false;
        *f = outer;
    }
    return true;
}

void source_frame(struct debugger *d, struct frame *f)
{
    if (d->frame_tick != target_ticks(d->t))
        d->frame = 0;
    if (!source_frame_at(d, d->frame, f))
        source_frame_at(d, 0, f);
}

bool source_function(const struct frame *f, struct dw_die *out)
{
    struct dw_path p;

    if (!f->m || !dw_path_at(f->m, frame_module_pc(f), &p) || !p.function)
        return false;
    *out = p.die[p.function];
    return true;
}

bool source_entry(struct debugger *d, const char *name, uint64_t *addr)
{
    struct c_value v;
    struct c_work w;
    bool found;

    if (symbols_value(d->syms, name, addr))
        return true;
    c_begin(&w, d->t, d->syms, NULL);
    found = c_variable(&w, name, &v) && v.type->kind == C_FUNCTION;
    *addr = found ? v.addr : 0;
    c_end(&w);
    return found;
}

struct arguments {
    struct out text;
    unsigned count;
};

static void add_argument(void *opaque, struct c_work *w, struct dw_die *die,
                         bool parameter)
{
    struct arguments *a = opaque;
    const char *name = w->f->m->api.name(die);
    struct c_value v;
    struct c_type *t;

    if (!parameter)
        return;
    out_printf(&a->text, "%s%.60s=", a->count++ ? ", " : "", name ? name : "?");
    v = c_value_of_die(w, w->f->m, die);
    t = c_plain(w, v.type);
    if (t->kind == C_STRUCT || t->kind == C_UNION || t->kind == C_ARRAY)
        out_printf(&a->text, "...");
    else
        c_print(w, &v, 0, &a->text);
    if (w->err.text[0])
        out_printf(&a->text, "?");
    w->err.text[0] = '\0';
}

/* "name (a=1, b=2)" of a scope of the frame. */
static void print_call(struct debugger *d, struct frame *f,
                       struct dw_die *scope)
{
    struct arguments a = {.count = 0};
    const char *name = f->m->api.name(scope);
    struct c_work w;

    c_begin(&w, d->t, d->syms, f);
    out_to_string(&a.text);
    c_each_in(&w, scope, add_argument, &a);
    say(d, "%.80s (%s)", name ? name : "?", a.text.text ? a.text.text : "");
    data_text(d, "function", name ? name : "?");
    data_text(d, "arguments", a.text.text ? a.text.text : "");
    out_free(&a.text);
    c_end(&w);
}

/* The functions that were inlined here, and the one that is really called. */
static void print_calls(struct debugger *d, const struct frame *f)
{
    struct frame copy = *f;
    const struct source_line *l = symbols_line_at(d->syms, f->pc - !f->exact);
    struct dw_path p;
    uint64_t line = 0;
    bool inner = true;

    if (l) {
        data_text(d, "file", symbols_file(d->syms, l->file));
        data_int(d, "line", l->line);
    }
    if (f->m && dw_path_at(f->m, frame_module_pc(f), &p))
        for (unsigned i = p.count; i-- > 1;) {
            bool whole = i == p.function;

            if (!whole && f->m->api.tag(&p.die[i]) != DW_TAG_inlined_subroutine)
                continue;
            say(d, inner ? " " : ", inlined into ");
            print_call(d, &copy, &p.die[i]);
            if (inner && l)
                say(d, " at %s:%u", symbols_file(d->syms, l->file), l->line);
            else if (!inner && line)
                say(d, " at line %" PRIu64, line);
            line = dw_number(f->m, &p.die[i], DW_AT_call_line, 0);
            inner = false;
            if (whole)
                break;
        }
    if (inner && l)
        say(d, " at %s:%u", symbols_file(d->syms, l->file), l->line);
}

void print_frame(struct debugger *d, const char *name, unsigned number,
                 const struct frame *f)
{
    static const char *const how[] = {"registers", "cfi", "frame pointer",
                                      "entry", "guess"};
    const struct cpu *c = target_cpu(d->t);
    uint64_t base = c->mode == MODE_LONG64 ? 0 : c->seg[SEG_CS].base;
    int n = c->mode == MODE_LONG64 ? 16 : 8;
    char sym[80];

    say(d, "#%-2u %0*" PRIx64 " -> %0*" PRIx64 " (%s)", number, n, f->gpr[RSP],
        n, f->pc - base, name_of(d, f->pc, sym, sizeof sym));
    data_open(d, name, '{');
    data_int(d, "number", number);
    data_hex(d, "frame", f->gpr[RSP]);
    data_hex(d, "ip", f->pc - base);
    data_text(d, "symbol", sym);
    data_text(d, "by", how[f->how]);
    print_calls(d, f);
    say(d, f->how == FRAME_GUESS ? " ?\n" : "\n");
    data_close(d, '}');
}

static void backtrace(struct debugger *d, uint64_t count)
{
    struct dw_ctx x = source_ctx(d);
    struct frame f, outer;
    bool guessed = false;

    data_open(d, "frames", '[');
    frame_here(&x, &f);
    for (unsigned i = 0; i < count && i < FRAMES_MAX; i++) {
        bool more = frame_outer(&x, &f, &outer);

        print_frame(d, NULL, i, &f);
        guessed |= f.how == FRAME_GUESS;
        if (!more)
            break;
        f = outer;
    }
    data_close(d, ']');
    if (guessed)
        say(d, "(?: found on the stack without frame information: it may be "
               "left over)\n");
}

/* ---- the raw chain, as in Bochs ---- */

static void print_link(struct debugger *d, unsigned n, uint64_t frame,
                       uint64_t ip, bool first)
{
    const struct cpu *c = target_cpu(d->t);
    uint64_t at = ip + (c->mode == MODE_LONG64 ? 0 : c->seg[SEG_CS].base);
    char sym[80];
    const char *name = name_of(d, at, sym, sizeof sym);

    say(d, "%0*" PRIx64 " -> %0*" PRIx64 " (%s)\n", (int)(2 * n), frame,
        (int)(2 * n), ip, first && !d->syms ? "(null)" : name);
    data_open(d, NULL, '{');
    data_hex(d, "frame", frame);
    data_hex(d, "ip", ip);
    data_text(d, "symbol", name);
    data_close(d, '}');
}

/* The chain of frame pointers: at each the outer one, then the address to
 * return to, which is what the line of a frame shows. */
static void walk(struct debugger *d, uint64_t count)
{
    const struct cpu *c = target_cpu(d->t);
    unsigned n = target_code_bits(d->t) / 8;
    uint64_t base = c->mode == MODE_LONG64 ? 0 : c->seg[SEG_SS].base;
    uint64_t mask = n == 8   ? UINT64_MAX
                    : n == 4 ? UINT32_MAX
                             : UINT64_C(0xffff);
    uint64_t bp = c->gpr[RBP] & mask;

    data_open(d, "frames", '[');
    print_link(d, n, n == 2 ? bp : c->gpr[RSP] & mask, c->rip & mask, true);
    for (uint64_t i = 0; i < count && i < FRAMES_MAX; i++) {
        uint8_t raw[16] = {0};

        if (!read_linear(d, base + bp, raw, 2 * n)) {
            say(d,
                "bx_dbg_read_linear: physical address not available for "
                "linear 0x%016" PRIx64 "\n",
                base + bp + n);
            break;
        }
        print_link(d, n, bp, ld_le64(raw + n) & mask, false);
        bp = ld_le64(raw) & mask;
    }
    data_close(d, ']');
}

/* 16-bit code without debug information, or no symbols at all: the chain is
 * all that there is. */
static bool only_chain(struct debugger *d)
{
    struct dw_ctx x = source_ctx(d);
    struct frame f;

    frame_here(&x, &f);
    return !f.m && (!d->syms || target_code_bits(d->t) == 16);
}

void cmd_bt(struct debugger *d)
{
    uint64_t count;

    if (!arg_expr_or(d, &count, 16) || !arg_end(d))
        return;
    if (only_chain(d))
        walk(d, count);
    else
        backtrace(d, count);
}

/* The chain of a 32-bit program, up to the first that cannot be one. */
void cmd_where(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);

    if (!arg_end(d))
        return;
    if (!cpu_protected(c)) {
        fail(d, "'where' only supported in protected mode");
        return;
    }
    if (only_chain(d))
        walk(d, 50);
    else
        backtrace(d, 50);
}

static void choose(struct debugger *d, uint64_t n)
{
    struct frame f;

    if (n > FRAMES_MAX || !source_frame_at(d, (unsigned)n, &f)) {
        fail(d, "there is no frame %" PRIu64, n);
        return;
    }
    d->frame = (unsigned)n;
    d->frame_tick = target_ticks(d->t);
    print_frame(d, "frame", d->frame, &f);
    print_source_line(d, f.pc - !f.exact);
}

void cmd_frame(struct debugger *d)
{
    struct frame f;
    uint64_t n;

    source_frame(d, &f); /* a run has made it 0 */
    if (arg_expr_or(d, &n, d->frame) && arg_end(d))
        choose(d, n);
}

void cmd_up(struct debugger *d)
{
    struct frame f;
    uint64_t n;

    source_frame(d, &f);
    if (arg_expr_or(d, &n, 1) && arg_end(d))
        choose(d, d->frame + n);
}

void cmd_down(struct debugger *d)
{
    struct frame f;
    uint64_t n;

    source_frame(d, &f);
    if (!arg_expr_or(d, &n, 1) || !arg_end(d))
        return;
    if (n > d->frame)
        fail(d, "the innermost frame is chosen already");
    else
        choose(d, d->frame - n);
}

void cmd_print_string(struct debugger *d)
{
    uint64_t addr;

    if (!arg_expr(d, &addr) || !arg_end(d))
        return;
    say(d, "0x%08" PRIx64 ": ", addr);
    for (unsigned i = 0; i < 65536; i++) {
        uint8_t ch = 0;

        if (!read_linear(d, addr + i, &ch, 1) || !ch)
            break;
        if (isgraph(ch) || ch == ' ')
            say(d, "%c", ch);
        else
            say(d, "\\%u", ch);
    }
    say(d, "\n");
}

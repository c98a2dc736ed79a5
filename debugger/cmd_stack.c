/*
 * cmd_stack.c - the stack, the frames on it, source lines.
 */
#include "cpu/cpu.h"
#include "debugger/handlers.h"
#include "debugger/internal.h"

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
    if (!symbols_at(d->syms, addr))
        return "<unknown>";
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

static void print_frame(struct debugger *d, unsigned n, uint64_t frame,
                        uint64_t ip, bool first)
{
    const struct cpu *c = target_cpu(d->t);
    uint64_t at = ip + (c->mode == MODE_LONG64 ? 0 : c->seg[SEG_CS].base);
    const struct source_line *l = symbols_line_at(d->syms, at);
    char sym[80];
    const char *name = name_of(d, at, sym, sizeof sym);

    say(d, "%0*" PRIx64 " -> %0*" PRIx64 " (%s)", (int)(2 * n), frame,
        (int)(2 * n), ip, first && !d->syms ? "(null)" : name);
    if (l)
        say(d, " %s:%u", symbols_file(d->syms, l->file), l->line);
    say(d, "\n");
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
    print_frame(d, n, n == 2 ? bp : c->gpr[RSP] & mask, c->rip & mask, true);
    for (uint64_t i = 0; i < count && i < FRAMES_MAX; i++) {
        uint8_t raw[16] = {0};

        if (!read_linear(d, base + bp, raw, 2 * n)) {
            say(d,
                "bx_dbg_read_linear: physical address not available for "
                "linear 0x%016" PRIx64 "\n",
                base + bp + n);
            break;
        }
        print_frame(d, n, bp, ld_le64(raw + n) & mask, false);
        bp = ld_le64(raw) & mask;
    }
    data_close(d, ']');
}

void cmd_bt(struct debugger *d)
{
    uint64_t count;

    if (arg_expr_or(d, &count, 16) && arg_end(d))
        walk(d, count);
}

/* The frames of a 32-bit program, up to the first that cannot be one. */
void cmd_where(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);

    if (!arg_end(d))
        return;
    if (!cpu_protected(c)) {
        fail(d, "'where' only supported in protected mode");
        return;
    }
    walk(d, 50);
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

/* ---- source ---- */

static void print_lines(struct debugger *d, const char *path, unsigned from,
                        unsigned to, unsigned mark)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    if (!f) {
        say(d, "%s:%u (the file is not here)\n", path, mark);
        return;
    }
    for (unsigned k = 1; k <= to && (n = getline(&line, &cap, f)) >= 0; k++) {
        while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            line[--n] = '\0';
        if (k >= from)
            say(d, "%5u%s %s\n", k, k == mark ? ">" : ":", line);
    }
    free(line);
    fclose(f);
}

/* list [ADDR | "FUNCTION"]: the source around it. */
void cmd_list(struct debugger *d)
{
    const struct source_line *l;
    uint64_t addr;
    unsigned from;

    if (!arg_expr_or(d, &addr, target_pc(d->t)) || !arg_end(d))
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
    from = l->line > 5 ? l->line - 5 : 1;
    print_lines(d, symbols_file(d->syms, l->file), from, from + 10, l->line);
}

/*
 * cmd_run.c - commands that let the machine run, and what is told meanwhile.
 */
#include "cpu/cpu.h"
#include "debugger/handlers.h"
#include "debugger/internal.h"
#include "debugger/values.h"

#include <inttypes.h>
#include <stdlib.h>

void cmd_continue(struct debugger *d)
{
    uint64_t v;

    if (lexer_take(&d->lx, "if")) {
        if (!arg_expr(d, &v) || !arg_end(d))
            return;
        say(d, "continue condition is %s\n", v ? "TRUE" : "FALSE");
        if (!v)
            return;
    } else if (!arg_end(d)) {
        return;
    }
    run_machine(d, 0, false);
}

/* There is one processor. */
static bool one_cpu(struct debugger *d, uint64_t n)
{
    if (!n)
        return true;
    fail(d, "Error: stepN: unknown cpu=%" PRIu64, n);
    return false;
}

void cmd_step(struct debugger *d)
{
    uint64_t n = 1, second;
    bool all = lexer_take(&d->lx, "all");

    if ((all || arg_more(d)) && !arg_expr(d, &n))
        return;
    if (arg_more(d) && !all) {
        if (!arg_expr(d, &second) || !arg_end(d) || !one_cpu(d, n))
            return;
        n = second;
    }
    if (arg_end(d) && n)
        run_machine(d, n, false);
}

void cmd_next(struct debugger *d)
{
    if (arg_end(d))
        run_machine(d, 1, true);
}

/* Runs to a linear address. */
static void run_to(struct debugger *d, uint64_t addr)
{
    struct point p = {.kind = POINT_CODE,
                      .space = ADDR_LINEAR,
                      .addr = addr,
                      .len = 1,
                      .enabled = true};
    unsigned id = target_add_point(d->t, &p);

    run_machine(d, 0, false);
    target_remove_point(d->t, id);
}

void cmd_run_to(struct debugger *d)
{
    uint64_t addr;

    if (arg_expr(d, &addr) && arg_end(d))
        run_to(d, addr);
}

/* A guest cannot choose it: only the low 8 bits are a status. */
void cmd_quit(struct debugger *d)
{
    uint64_t code;

    if (!arg_expr_or(d, &code, 0) || !arg_end(d))
        return;
    d->quit = true;
    d->exit_code = (int)(code & 0xff);
}

void cmd_ptime(struct debugger *d)
{
    if (!arg_end(d))
        return;
    say(d, "ptime: %" PRIu64 "\n", target_ticks(d->t));
    data_int(d, "ticks", target_ticks(d->t));
}

static void time_stop(struct debugger *d, uint64_t at)
{
    if (at <= target_ticks(d->t)) {
        fail(d, "Request for time break point in the past. "
                "I can't let you do that.");
        return;
    }
    if (d->time_stops == ARRAY_LEN(d->time_stop)) {
        fail(d, "there are %u time breakpoints already", d->time_stops);
        return;
    }
    d->time_stop[d->time_stops++] = at;
    say(d, "Time breakpoint inserted. Delta = %" PRIu64 "\n",
        at - target_ticks(d->t));
}

void cmd_sb(struct debugger *d)
{
    uint64_t delta;

    if (arg_expr(d, &delta) && arg_end(d))
        time_stop(d, target_ticks(d->t) + delta);
}

void cmd_sba(struct debugger *d)
{
    uint64_t at;

    if (arg_expr(d, &at) && arg_end(d))
        time_stop(d, at);
}

/* on, off, 1, 0. */
static bool on_off(struct debugger *d, bool *on)
{
    if (lexer_is(&d->lx, "on") || (d->lx.kind == TOK_NUMBER && d->lx.value))
        *on = true;
    else if (lexer_is(&d->lx, "off") || d->lx.kind == TOK_NUMBER)
        *on = false;
    else {
        syntax_error(d);
        return false;
    }
    lexer_next(&d->lx);
    return arg_end(d);
}

static void tracing(struct debugger *d, bool *flag, const char *what)
{
    if (!on_off(d, flag))
        return;
    say(d, "%s %s for CPU0\n", what, *flag ? "enabled" : "disabled");
    data_bool(d, "on", *flag);
}

void cmd_trace(struct debugger *d)
{
    tracing(d, &d->trace, "Tracing");
}

void cmd_trace_reg(struct debugger *d)
{
    tracing(d, &d->trace_reg, "Register-Tracing");
}

void cmd_trace_mem(struct debugger *d)
{
    struct point p = {.kind = POINT_ACCESS,
                      .space = ADDR_LINEAR,
                      .len = UINT64_MAX - 63,
                      .enabled = true};

    tracing(d, &d->trace_mem, "Memory-Tracing");
    if (d->failed)
        return;
    if (d->trace_mem && !d->mem_id)
        d->mem_id = target_add_point(d->t, &p);
    if (!d->trace_mem && d->mem_id) {
        target_remove_point(d->t, d->mem_id);
        d->mem_id = 0;
    }
}

/* ---- show ---- */

static const struct {
    const char *word;
    unsigned bits;
    const char *text;
} show_words[] = {
    {"mode", SHOW_MODE, "mode switch"},
    {"int", SHOW_SOFTINT | SHOW_EXTINT | SHOW_IRET,
     "interrupts tracing (extint/softint/iret)"},
    {"softint", SHOW_SOFTINT, "software interrupts"},
    {"extint", SHOW_EXTINT, "external interrupts"},
    {"iret", SHOW_IRET, "iret"},
    {"call", SHOW_CALL, "calls/returns"},
};

static void print_mask(struct debugger *d)
{
    static const struct {
        unsigned bit;
        const char *word;
    } order[] = {{SHOW_CALL, "call"},
                 {SHOW_SOFTINT, "softint"},
                 {SHOW_EXTINT, "extint"},
                 {SHOW_IRET, "iret"},
                 {SHOW_MODE, "mode"}};

    say(d, "show mask is:");
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        if (d->show & order[i].bit)
            say(d, " %s", order[i].word);
    say(d, d->show ? "\n" : " 0\n");
    data_int(d, "mask", d->show);
}

/* "pic" has two devices below it, as in Bochs. */
static bool show_pics(struct debugger *d, const char *path, bool xml)
{
    static const char *const names[] = {"master", "slave"};

    if (strcmp(path, "pic") != 0)
        return false;
    say(d, xml ? "<pic>\n" : "pic = {\n");
    for (unsigned n = 0; n < ARRAY_LEN(names); n++) {
        struct device *dev = value_device(d, n ? "pic1" : "pic0");
        struct value_ref v;

        if (dev && value_find(dev, "", &v))
            value_print(d, names[n], &v, 2, xml);
    }
    say(d, xml ? "</pic>\n" : "}\n");
    return true;
}

/* pic.master.imr -> pic0 and imr; else DEVICE[.PATH]. */
static struct device *split_path(struct debugger *d, char *path, char **rest)
{
    char *name = path;

    if (!strncmp(path, "pic.master", 10) || !strncmp(path, "pic.slave", 9)) {
        *rest = path + (path[4] == 'm' ? 10 : 9);
        name = path[4] == 'm' ? "pic0" : "pic1";
    } else {
        *rest = path + strcspn(path, ".");
    }
    if (**rest == '.')
        *(*rest)++ = '\0';
    else if (**rest)
        return NULL;
    return value_device(d, name);
}

/* The state of a device or of the processor, or one value of it. */
static void show_state(struct debugger *d)
{
    char name[128], path[128], *rest;
    const char *last;
    struct device *dev;
    struct value_ref v;
    bool xml;

    if (!arg_text(d, name, sizeof name))
        return;
    xml = lexer_take(&d->lx, "xml");
    if (!arg_end(d))
        return;
    say(d, "show param name: <%s>\n", name);
    if (show_pics(d, name, xml))
        return;
    memcpy(path, name, sizeof path);
    dev = split_path(d, path, &rest);
    if (dev && dev == &target_cpu(d->t)->dev && target_reg_find(rest)) {
        const struct target_reg *r = target_reg_find(rest);

        say(d, "%s = 0x%" PRIx64 "\n", rest, expr_register_value(d->t, r));
        return;
    }
    if (!dev || !value_find(dev, rest, &v)) {
        fail(d, "can't find param <%s> in global or default CPU tree", name);
        return;
    }
    last = strrchr(name, '.');
    value_print(d, last ? last + 1 : name, &v, 0, xml);
}

void cmd_show(struct debugger *d)
{
    char word[32];

    if (d->lx.kind == TOK_STRING) {
        show_state(d);
        return;
    }
    if (!arg_more(d)) {
        print_mask(d);
        return;
    }
    lexer_copy(&d->lx, word, sizeof word);
    lexer_next(&d->lx);
    if (!arg_end(d))
        return;
    for (size_t i = 0; i < ARRAY_LEN(show_words); i++)
        if (!strcmp(word, show_words[i].word)) {
            d->show ^= show_words[i].bits;
            say(d, "show %s: %s\n", show_words[i].text,
                d->show & show_words[i].bits ? "ON" : "OFF");
            print_mask(d);
            return;
        }
    if (!strcmp(word, "all") || !strcmp(word, "dbg_all")) {
        d->show = SHOW_ALL;
        say(d, "Enable all show flags\n");
    } else if (!strcmp(word, "off") || !strcmp(word, "dbg_none")) {
        d->show = 0;
        say(d, "Disable all show flags\n");
    } else if (!strcmp(word, "vga")) {
        say(d, "show vga: the display shows every change by itself\n");
        return;
    } else {
        fail(d,
             "Unrecognized arg: %s (only 'mode', 'int', 'softint', "
             "'extint', 'iret', 'call', 'all', 'off', 'dbg_all' and "
             "'dbg_none' are valid)",
             word);
        return;
    }
    print_mask(d);
}

/* ---- branches, profile ---- */

static void list_branches(struct debugger *d, uint64_t n)
{
    uint64_t from, to;
    size_t have = 0;
    char a[80], b[80];
    uint16_t cs;

    while (target_branch(d->t, have, &cs, &from, &to))
        have++;
    data_open(d, "branches", '[');
    for (size_t i = n < have ? have - (size_t)n : 0; i < have; i++) {
        target_branch(d->t, i, &cs, &from, &to);
        symbol_text(d, from, a, sizeof a);
        symbol_text(d, to, b, sizeof b);
        say(d, "%04x:%08" PRIx64 " (%s) -> %08" PRIx64 " (%s)\n", cs, from, a,
            to, b);
        data_open(d, NULL, '{');
        data_int(d, "cs", cs);
        data_hex(d, "from", from);
        data_hex(d, "to", to);
        data_close(d, '}');
    }
    data_close(d, ']');
}

void cmd_branches(struct debugger *d)
{
    bool on = lexer_is(&d->lx, "on");
    uint64_t n;

    if (on || lexer_is(&d->lx, "off")) {
        lexer_next(&d->lx);
        if (!arg_end(d))
            return;
        d->branches = on;
        target_record_branches(d->t, on);
        say(d, "branches are %srecorded\n", on ? "" : "not ");
    } else if (arg_expr_or(d, &n, 16) && arg_end(d)) {
        if (d->branches)
            list_branches(d, n);
        else
            fail(d, "branches are not recorded: branches on");
    }
}

struct bucket {
    const struct symbol *y;
    uint64_t addr, hits;
};

static int by_hits(const void *a, const void *b)
{
    const struct bucket *x = a, *y = b;

    if (x->hits != y->hits)
        return x->hits > y->hits ? -1 : 1;
    return (x->addr > y->addr) - (x->addr < y->addr);
}

#define BUCKETS 4096

static void count_sample(struct debugger *d, struct bucket *b, unsigned *used)
{
    uint64_t pc = target_pc(d->t);
    const struct symbol *y = symbols_at(d->syms, pc);
    uint64_t key = y ? y->addr : pc & ~UINT64_C(0xff);

    for (unsigned i = 0; i < *used; i++)
        if (b[i].addr == key) {
            b[i].hits++;
            return;
        }
    if (*used < BUCKETS)
        b[(*used)++] = (struct bucket){y, key, 1};
}

/* profile TICKS [EVERY]: where is the processor every so many ticks? */
void cmd_profile(struct debugger *d)
{
    uint64_t ticks, every, samples = 0, end;
    struct bucket *b;
    unsigned used = 0;
    struct stop s = {.kind = STOP_TIME};

    if (!arg_expr(d, &ticks) || !arg_expr_or(d, &every, 1000) || !arg_end(d))
        return;
    if (!every || d->over) {
        fail(d, d->over ? "the session has ended" : "every 0 ticks: never");
        return;
    }
    b = calloc(BUCKETS, sizeof *b);
    if (!b)
        error_no_memory();
    end = target_ticks(d->t) + ticks;
    while (target_ticks(d->t) < end && s.kind == STOP_TIME) {
        s = target_continue(d->t, every);
        /* The next run passes a breakpoint that is here. */
        if (s.kind == STOP_TIME) {
            s.kind = STOP_STEP;
            point_arrived(d, &s);
            s.kind = s.kind == STOP_STEP ? STOP_TIME : s.kind;
        }
        count_sample(d, b, &used);
        samples++;
    }
    if (used)
        qsort(b, used, sizeof *b, by_hits);
    say(d, "%" PRIu64 " samples\n", samples);
    data_open(d, "profile", '[');
    for (unsigned i = 0; i < used && i < 30; i++) {
        say(d, "%6.2f%% 0x%08" PRIx64 " %s\n",
            100.0 * (double)b[i].hits / (double)samples, b[i].addr,
            b[i].y ? b[i].y->name : "(no symbol)");
        data_open(d, NULL, '{');
        data_hex(d, "address", b[i].addr);
        data_text(d, "symbol", b[i].y ? b[i].y->name : "");
        data_int(d, "samples", b[i].hits);
        data_close(d, '}');
    }
    data_close(d, ']');
    free(b);
    if (s.kind != STOP_TIME)
        run_stopped(d, &s);
}

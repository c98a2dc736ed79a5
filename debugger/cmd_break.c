/*
 * cmd_break.c - breakpoints and watchpoints.
 */
#include "cpu/cpu.h"
#include "debugger/handlers.h"
#include "debugger/points.h"
#include "debugger/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- what may follow an address ---- */

/*
 * [if "COND" | if EXPR] [temp] [count N] [do "COMMANDS"] [log]
 * A bare condition reaches to the end of the line.
 */
static bool options(struct debugger *d, struct dbg_point *p, bool temporary)
{
    struct point *tp = target_point(d->t, p->id);
    struct error err = {0};
    char text[512];
    uint64_t n;

    tp->temporary = temporary;
    while (arg_more(d)) {
        if (lexer_take(&d->lx, "if")) {
            if (d->lx.kind == TOK_STRING) {
                lexer_copy(&d->lx, text, sizeof text);
                lexer_next(&d->lx);
            } else {
                snprintf(text, sizeof text, "%s", d->lx.start);
                d->lx.next = d->lx.start + strlen(d->lx.start);
                lexer_next(&d->lx);
            }
            if (!point_condition(p, text, &err)) {
                fail(d, "%s", err.text);
                return false;
            }
            say(d, "condition set: <%s>\n", text);
        } else if (lexer_take(&d->lx, "temp")) {
            tp->temporary = true;
        } else if (lexer_take(&d->lx, "log")) {
            p->log_only = true;
        } else if (lexer_take(&d->lx, "count")) {
            if (!arg_number(d, &n))
                return false;
            tp->ignore = n ? n - 1 : 0;
        } else if (lexer_take(&d->lx, "do")) {
            if (!arg_text(d, text, sizeof text))
                return false;
            free(p->commands);
            p->commands = strdup(text);
        } else {
            syntax_error(d);
            return false;
        }
    }
    return true;
}

/* In one address space, or SYMBOLS_GLOBAL. */
static void add_in(struct debugger *d, const struct point *wanted, char letter,
                   const char *what, bool temporary, uint64_t space)
{
    struct dbg_point *p = point_add(d, wanted, letter, what);

    point_in_space(p, space);
    if (!options(d, p, temporary)) {
        point_remove(d, p);
        d->next_number--;
    }
}

static void add(struct debugger *d, const struct point *wanted, char letter,
                const char *what, bool temporary)
{
    data_int(d, "number", d->next_number);
    add_in(d, wanted, letter, what, temporary, SYMBOLS_GLOBAL);
}

/* Places that one breakpoint command is about. */
#define PLACES_MAX 16u

struct places {
    uint64_t addr[PLACES_MAX];
    size_t count;
};

/* Behind the prologue, if a function begins there. */
static void skip_prologues(struct debugger *d, struct places *at)
{
    for (size_t i = 0; i < at->count; i++) {
        const struct symbol *y = symbols_at(d->syms, at->addr[i]);

        if (!y || y->addr == at->addr[i])
            at->addr[i] = after_prologue(d->syms, at->addr[i]);
    }
}

/* file.c:12. False: it is that, and there is no code. */
static bool source_places(struct debugger *d, struct places *at)
{
    struct lexer l = d->lx;
    char word[256], *colon;
    unsigned line = 0;

    at->count = 0;
    if (l.kind != TOK_WORD && l.kind != TOK_STRING)
        return true;
    lexer_whole_word(&l);
    lexer_copy(&l, word, sizeof word);
    colon = strrchr(word, ':');
    if (!colon || !strchr(word, '.') || sscanf(colon + 1, "%u", &line) != 1)
        return true;
    *colon = '\0';
    at->count = symbols_line_addrs(d->syms, word, line, at->addr, PLACES_MAX);
    if (!at->count) {
        fail(d, "no code is known for %s:%u", word, line);
        return false;
    }
    skip_prologues(d, at);
    d->lx = l;
    lexer_next(&d->lx);
    return true;
}

/* The name of a function: where it begins to do something. */
static void function_places(struct debugger *d, struct places *at)
{
    char name[64];

    at->count = 0;
    if (d->lx.kind != TOK_WORD)
        return;
    lexer_copy(&d->lx, name, sizeof name);
    at->count = symbols_values(d->syms, name, at->addr, PLACES_MAX);
    if (!at->count)
        at->count = source_entry(d, name, &at->addr[0]);
    if (!at->count)
        return;
    lexer_next(&d->lx);
    skip_prologues(d, at);
}

static bool code_address(struct debugger *d, uint64_t *addr)
{
    struct places at;

    if (!source_places(d, &at))
        return false;
    if (!at.count)
        return arg_expr(d, addr);
    *addr = at.addr[0];
    return true;
}

static struct point code_point(enum addr_kind space, uint64_t addr)
{
    return (struct point){
        .kind = POINT_CODE, .space = space, .addr = addr, .len = 1};
}

static void linear(struct debugger *d, bool temporary)
{
    uint64_t addr;
    struct point p;
    bool named = d->lx.kind == TOK_STRING;
    bool bare = !arg_more(d) || d->lx.kind == TOK_NUMBER;

    if (!arg_more(d))
        addr = target_pc(d->t);
    else if (named && !d->syms) {
        fail(d, "Global context not available");
        return;
    } else if (!code_address(d, &addr)) {
        return;
    }
    p = code_point(ADDR_LINEAR, addr);
    data_int(d, "number", d->next_number);
    /* A name means the place in its own address space. */
    add_in(d, &p, 'l', NULL, temporary,
           bare ? SYMBOLS_GLOBAL : symbols_space_at(d->syms, addr));
}

void cmd_lbreak(struct debugger *d)
{
    linear(d, false);
}

/* Breakpoints at what a name says, in its address space; a temporary one is
 * at the first place alone. */
static void at_places(struct debugger *d, struct places *at, bool temporary)
{
    struct lexer rest = d->lx;
    unsigned first = d->next_number;

    data_open(d, "numbers", '[');
    for (size_t i = 0; i < at->count && !d->failed; i++) {
        struct point p = code_point(ADDR_LINEAR, at->addr[i]);

        data_int(d, NULL, d->next_number);
        d->lx = rest; /* the options are for all of them */
        add_in(d, &p, 'l', NULL, temporary,
               symbols_space_at(d->syms, at->addr[i]));
        if (temporary)
            break;
    }
    data_close(d, ']');
    if (d->next_number - first > 1)
        say(d, "breakpoints %u to %u: %u places\n", first, d->next_number - 1,
            d->next_number - first);
}

/* A function or file.c:line has a linear address, as symbols do. True: it was
 * one of these. */
static bool break_at_name(struct debugger *d, bool temporary)
{
    struct places at;

    if (!source_places(d, &at))
        return true;
    if (!at.count)
        function_places(d, &at);
    if (at.count)
        at_places(d, &at, temporary);
    return at.count != 0;
}

void cmd_tbreak(struct debugger *d)
{
    if (!break_at_name(d, true))
        linear(d, true);
}

void cmd_vbreak(struct debugger *d)
{
    struct error err = {0};
    struct expr seg, off;
    struct point p;
    uint64_t selector, addr;

    if (!expr_parse_operand(&seg, &d->lx, d->syms, &err) ||
        !lexer_take(&d->lx, ":") ||
        !expr_parse_operand(&off, &d->lx, d->syms, &err)) {
        if (err.text[0])
            fail(d, "%s", err.text);
        else
            syntax_error(d);
        return;
    }
    if (!expr_eval(&seg, d->t, &selector, &err) ||
        !expr_eval(&off, d->t, &addr, &err)) {
        fail(d, "%s", err.text);
        return;
    }
    p = code_point(ADDR_VIRTUAL, addr);
    p.selector = (uint16_t)selector;
    add(d, &p, 'v', NULL, false);
}

/* ---- break on what happens ---- */

static const struct {
    const char *word;
    enum point_kind kind;
    bool number; /* may be limited to one */
} events[] = {{"exception", POINT_EXCEPTION, true},
              {"interrupt", POINT_INTERRUPT, true},
              {"mode", POINT_MODE, false},
              {"cr3", POINT_CR3, false},
              {"in", POINT_PORT_READ, true},
              {"out", POINT_PORT_WRITE, true},
              {"msr", POINT_MSR, true}};

static bool option_word(const struct debugger *d)
{
    static const char *const words[] = {"if", "temp", "log", "count", "do"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (lexer_is(&d->lx, words[i]))
            return true;
    return !arg_more(d);
}

/* True: it was one. */
static bool break_on_event(struct debugger *d)
{
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        struct point p = {.kind = events[i].kind, .space = ADDR_LINEAR};

        if (!lexer_take(&d->lx, events[i].word))
            continue;
        if (events[i].number && !option_word(d)) {
            if (!arg_expr(d, &p.addr))
                return true;
            p.len = 1;
        }
        add(d, &p, 'x', events[i].word, false);
        return true;
    }
    return false;
}

void cmd_break_on(struct debugger *d)
{
    if (!break_on_event(d))
        syntax_error(d);
}

void cmd_pbreak(struct debugger *d)
{
    struct point p;
    uint64_t addr;

    if (break_on_event(d) || break_at_name(d, false))
        return;
    lexer_take(&d->lx, "*");
    if (!arg_more(d)) {
        if (!to_physical(d, target_pc(d->t), &addr)) {
            fail(d, "the next instruction has no physical address");
            return;
        }
    } else if (!arg_expr(d, &addr)) {
        return;
    }
    p = code_point(ADDR_PHYSICAL, addr);
    add(d, &p, 'p', NULL, false);
}

/* ---- list and change ---- */

static void list_kind(struct debugger *d, char letter)
{
    static const char names[] = "vlpx";
    static const char *const text[] = {"vbreakpoint", "lbreakpoint",
                                       "pbreakpoint", "event"};

    for (struct dbg_point *p = d->points; p; p = p->next) {
        struct point *tp = target_point(d->t, p->id);

        if (p->letter != letter || !tp)
            continue;
        say(d, "%3u %-14s %s %s   ", p->number,
            text[strchr(names, letter) - names],
            tp->temporary ? "del " : "keep", tp->enabled ? "y" : "n");
        if (letter == 'v')
            say(d, "0x%04x:%016" PRIx64, tp->selector, tp->addr);
        else if (letter == 'l')
            say(d, "0x%016" PRIx64, tp->addr);
        else if (letter == 'p')
            say(d, "0x%012" PRIx64, tp->addr);
        else if (tp->len)
            say(d, "%s 0x%" PRIx64, p->what, tp->addr);
        else
            say(d, "%s", p->what);
        say(d, " %s", p->text ? p->text : "");
        if (p->space != SYMBOLS_GLOBAL)
            say(d, " in CR3 0x%" PRIx64, p->space);
        say(d, "\n");
        data_open(d, NULL, '{');
        data_int(d, "number", p->number);
        data_text(d, "type", text[strchr(names, letter) - names]);
        data_bool(d, "enabled", tp->enabled);
        data_hex(d, "address", tp->addr);
        data_int(d, "hits", tp->hits);
        if (p->text)
            data_text(d, "condition", p->text);
        data_close(d, '}');
    }
}

void cmd_blist(struct debugger *d)
{
    if (!arg_end(d))
        return;
    say(d, "Num Type           Disp Enb Address\n");
    data_open(d, "breakpoints", '[');
    for (const char *k = "vlpx"; *k; k++)
        list_kind(d, *k);
    data_close(d, ']');
}

static struct dbg_point *numbered(struct debugger *d)
{
    struct dbg_point *p;
    uint64_t n;

    if (!arg_expr(d, &n))
        return NULL;
    p = point_by_number(d, n);
    if (!p)
        fail(d, "Error: breakpoint %" PRIu64 " not found.", n);
    return p;
}

static void enable(struct debugger *d, bool on)
{
    struct dbg_point *p = numbered(d);
    struct point *tp = p ? target_point(d->t, p->id) : NULL;

    if (tp && arg_end(d)) {
        tp->enabled = on;
        target_points_changed(d->t);
    }
}

void cmd_bpe(struct debugger *d)
{
    enable(d, true);
}

void cmd_bpd(struct debugger *d)
{
    enable(d, false);
}

void cmd_delete(struct debugger *d)
{
    struct dbg_point *p;

    if (lexer_take(&d->lx, "all")) {
        if (arg_end(d))
            points_free(d);
        return;
    }
    p = numbered(d);
    if (p && arg_end(d))
        point_remove(d, p);
}

void cmd_ignore(struct debugger *d)
{
    struct dbg_point *p = numbered(d);
    struct point *tp = p ? target_point(d->t, p->id) : NULL;
    uint64_t n;

    if (!tp || !arg_expr(d, &n) || !arg_end(d))
        return;
    tp->ignore = n;
    say(d, "breakpoint %u: the next %" PRIu64 " are passed over\n", p->number,
        n);
}

void cmd_commands(struct debugger *d)
{
    struct dbg_point *p = numbered(d);
    char text[512];

    if (!p)
        return;
    if (!arg_more(d)) {
        free(p->commands);
        p->commands = NULL;
        return;
    }
    if (!arg_text(d, text, sizeof text))
        return;
    p->log_only = lexer_take(&d->lx, "log");
    if (!arg_end(d))
        return;
    free(p->commands);
    p->commands = strdup(text);
}

/* ---- watchpoints ---- */

static void list_watches(struct debugger *d)
{
    data_open(d, "watchpoints", '[');
    for (int pass = 0; pass < 2; pass++)
        for (struct dbg_point *p = d->points; p; p = p->next) {
            struct point *tp = target_point(d->t, p->id);
            bool write = p->kind == POINT_WRITE;
            uint8_t raw[2] = {0};

            if (p->letter != 'w' || !tp || write != pass)
                continue;
            read_physical(d, tp->addr, raw, sizeof raw);
            say(d, "%s 0x%012" PRIx64 " len=%" PRIu64 "\t\t(%04x)\n",
                write ? "wr" : "rd", tp->addr, tp->len, ld_le16(raw));
            data_open(d, NULL, '{');
            data_text(d, "access", write ? "write" : "read");
            data_hex(d, "address", tp->addr);
            data_int(d, "length", tp->len);
            data_close(d, '}');
        }
    data_close(d, ']');
    for (struct dbg_point *p = d->points; p; p = p->next)
        if (p->letter == 'x' && p->what && strchr(p->what, ' '))
            say(d, "%s (number %u)\n", p->what, p->number);
}

/* watch reg NAME */
static void watch_register(struct debugger *d)
{
    struct point p = {.kind = POINT_REGISTER};
    const struct target_reg *r;
    char name[32], what[64];

    if (!arg_text(d, name, sizeof name))
        return;
    r = target_reg_find(name);
    if (!r) {
        fail(d, "there is no register '%s'", name);
        return;
    }
    for (size_t i = 0; i < target_reg_count(); i++)
        if (target_reg_at(i) == r)
            p.addr = i;
    p.len = 1;
    snprintf(what, sizeof what, "register %s", r->name);
    add(d, &p, 'x', what, false);
}

/* watch lr|lw|la ADDR [LEN]: linear. */
static bool watch_linear(struct debugger *d)
{
    static const struct {
        const char *word;
        enum point_kind kind;
    } words[] = {{"lr", POINT_READ}, {"lw", POINT_WRITE}, {"la", POINT_ACCESS}};
    char what[64];

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct point p = {
            .kind = words[i].kind, .space = ADDR_LINEAR, .len = 1};

        if (!lexer_take(&d->lx, words[i].word))
            continue;
        if (!arg_expr(d, &p.addr))
            return true;
        if (d->lx.kind == TOK_NUMBER && !arg_number(d, &p.len))
            return true;
        snprintf(what, sizeof what, "linear %s 0x%" PRIx64 " len=%" PRIu64,
                 words[i].word + 1, p.addr, p.len);
        say(d, "%s\n", what);
        add(d, &p, 'x', what, false);
        return true;
    }
    return false;
}

static void watch_physical(struct debugger *d, bool write)
{
    struct point p = {.kind = write ? POINT_WRITE : POINT_READ,
                      .space = ADDR_PHYSICAL,
                      .len = 1};

    if (!arg_expr(d, &p.addr))
        return;
    if (d->lx.kind == TOK_NUMBER && !arg_number(d, &p.len))
        return;
    if (!p.len) {
        fail(d, "a watchpoint of no bytes never stops");
        return;
    }
    say(d, "%s watchpoint at 0x%012" PRIx64 " len=%" PRIu64 " inserted\n",
        write ? "write" : "read", p.addr, p.len);
    add(d, &p, 'w', NULL, false);
}

void cmd_watch(struct debugger *d)
{
    if (!arg_more(d)) {
        list_watches(d);
    } else if (lexer_take(&d->lx, "stop")) {
        if (arg_end(d)) {
            d->watch_continues = false;
            say(d, "Will stop on watch points\n");
        }
    } else if (lexer_take(&d->lx, "continue")) {
        if (arg_end(d)) {
            d->watch_continues = true;
            say(d, "Will not stop on watch points "
                   "(they will still be logged)\n");
        }
    } else if (lexer_take(&d->lx, "reg")) {
        watch_register(d);
    } else if (lexer_take(&d->lx, "r") || lexer_take(&d->lx, "read")) {
        watch_physical(d, false);
    } else if (lexer_take(&d->lx, "w") || lexer_take(&d->lx, "write")) {
        watch_physical(d, true);
    } else if (!watch_linear(d) && !break_on_event(d)) {
        syntax_error(d);
    }
}

void cmd_unwatch(struct debugger *d)
{
    bool all = !arg_more(d);
    uint64_t addr = 0;

    if (!all && (!arg_expr(d, &addr) || !arg_end(d)))
        return;
    for (struct dbg_point *p = d->points, *next; p; p = next) {
        struct point *tp = target_point(d->t, p->id);
        bool linear_watch = p->letter == 'x' && p->kind <= POINT_ACCESS;

        next = p->next;
        if (!tp || (p->letter != 'w' && !linear_watch) ||
            (!all && tp->addr != addr))
            continue;
        if (!all)
            say(d, "%s watchpoint at 0x%012" PRIx64 " removed\n",
                p->kind == POINT_WRITE ? "write" : "read", addr);
        point_remove(d, p);
    }
    if (all)
        say(d, "All watchpoints removed\n");
}

/* ---- switches ---- */

void cmd_modebp(struct debugger *d)
{
    struct point p = {.kind = POINT_MODE, .enabled = true};

    if (!arg_end(d))
        return;
    if (d->mode_id)
        target_remove_point(d->t, d->mode_id);
    d->mode_id = d->mode_id ? 0 : target_add_point(d->t, &p);
    say(d, "mode switch break %s\n", d->mode_id ? "enabled" : "disabled");
}

/* No model has VMX yet, so that it never stops. */
void cmd_vmexitbp(struct debugger *d)
{
    if (!arg_end(d))
        return;
    d->vmexit_break = !d->vmexit_break;
    say(d, "vmexit switch break %s\n",
        d->vmexit_break ? "enabled" : "disabled");
}

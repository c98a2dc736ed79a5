/*
 * points.c - breakpoints and watchpoints as the user sees them.
 *
 * The target keeps the points; here are their numbers, the texts of their
 * conditions and what to do at a stop.
 */
#include "debugger/points.h"

#include "cpu/cpu.h"
#include "debugger/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void point_free(struct dbg_point *p)
{
    free(p->text);
    free(p->cond);
    free(p->commands);
    free(p->what);
    free(p);
}

void points_free(struct debugger *d)
{
    while (d->points) {
        struct dbg_point *p = d->points;

        d->points = p->next;
        target_remove_point(d->t, p->id);
        point_free(p);
    }
}

struct dbg_point *point_by_id(struct debugger *d, unsigned id)
{
    struct dbg_point *p = d->points;

    while (p && p->id != id)
        p = p->next;
    return p;
}

struct dbg_point *point_by_number(struct debugger *d, uint64_t number)
{
    struct dbg_point *p = d->points;

    while (p && p->number != number)
        p = p->next;
    return p;
}

void point_remove(struct debugger *d, struct dbg_point *p)
{
    struct dbg_point **at = &d->points;

    while (*at && *at != p)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = p->next;
    target_remove_point(d->t, p->id);
    point_free(p);
}

static bool condition_holds(void *opaque, struct target *t,
                            const struct point *unused)
{
    struct dbg_point *p = opaque;
    struct error err = {0};
    uint64_t v;

    (void)unused;
    if (p->space != SYMBOLS_GLOBAL &&
        p->space != target_cpu(t)->cr3 >> 12 << 12)
        return false;
    return !p->cond || !expr_eval(p->cond, t, &v, &err) || v != 0;
}

struct dbg_point *point_add(struct debugger *d, const struct point *wanted,
                            char letter, const char *what)
{
    struct dbg_point *p = calloc(1, sizeof *p), **at = &d->points;
    struct point copy = *wanted;

    if (!p)
        error_no_memory();
    p->d = d;
    p->letter = letter;
    p->kind = wanted->kind;
    p->what = what ? strdup(what) : NULL;
    p->space = SYMBOLS_GLOBAL;
    p->number = d->next_number++;
    copy.enabled = true;
    p->id = target_add_point(d->t, &copy);
    while (*at)
        at = &(*at)->next;
    *at = p;
    return p;
}

void point_in_space(struct dbg_point *p, uint64_t space)
{
    struct point *tp = target_point(p->d->t, p->id);

    if (space == SYMBOLS_GLOBAL || !tp)
        return;
    p->space = space;
    tp->condition = condition_holds;
    tp->opaque = p;
}

bool point_condition(struct dbg_point *p, const char *text, struct error *err)
{
    struct expr *e = calloc(1, sizeof *e);
    struct point *tp = target_point(p->d->t, p->id);
    struct lexer l;

    if (!e)
        error_no_memory();
    lexer_init(&l, text);
    if (!tp || !expr_parse(e, &l, p->d->syms, err) || l.kind != TOK_END) {
        free(e);
        return err->text[0] ? false
                            : error_set(err, EXIT_USAGE,
                                        "not an expression: <%.200s>", text);
    }
    free(p->cond);
    free(p->text);
    p->cond = e;
    p->text = strdup(text);
    tp->condition = condition_holds;
    tp->opaque = p;
    return true;
}

/* ---- stops ---- */

static void report_code(struct debugger *d, const struct dbg_point *p)
{
    const struct cpu *c = target_cpu(d->t);
    uint64_t pc = target_pc(d->t);
    const struct symbol *y = symbols_at(d->syms, pc);

    if (p->letter == 'v')
        say(d, "(0) Breakpoint %u, in %04x:%04" PRIx64 " (0x%08" PRIx64 ")\n",
            p->number, c->seg[SEG_CS].selector, c->rip, pc);
    else
        say(d, "(0) Breakpoint %u, 0x%016" PRIx64 " in %s ()\n", p->number, pc,
            y ? y->name : "??");
}

static void report_data(struct debugger *d, const struct stop *s)
{
    uint64_t phys;

    if (s->physical || !to_physical(d, s->addr, &phys))
        phys = s->addr;
    say(d, "(0) Caught %s watch point at 0x%012" PRIx64 "\n",
        s->write ? "write" : "read", phys);
}

static void report_value(struct debugger *d, const struct dbg_point *p,
                         const struct stop *s)
{
    switch (p->kind) {
    case POINT_PORT_READ:
    case POINT_PORT_WRITE:
        say(d,
            "(0) Caught %s of port 0x%04" PRIx64 ": 0x%" PRIx64 " (len=%u)\n",
            s->write ? "write" : "read", s->addr, s->value, s->len);
        break;
    case POINT_MSR:
        say(d, "(0) Caught %s of MSR 0x%08" PRIx64 ": 0x%016" PRIx64 "\n",
            s->write ? "WRMSR" : "RDMSR", s->addr, s->value);
        break;
    case POINT_REGISTER:
        say(d, "(0) Caught change of %s: 0x%" PRIx64 " -> 0x%" PRIx64 "\n",
            p->what ? p->what : "register", s->old, s->value);
        break;
    case POINT_EXCEPTION:
        say(d,
            "(0) Caught exception 0x%02" PRIx64 " (error_code=0x%04" PRIx64
            ")\n",
            s->addr, s->value);
        break;
    case POINT_INTERRUPT:
        say(d, "(0) Caught interrupt 0x%02" PRIx64 "\n", s->addr);
        break;
    case POINT_CR3:
        say(d, "(0) Caught load of CR3: 0x%012" PRIx64 "\n",
            target_cpu(d->t)->cr3);
        break;
    default:
        break;
    }
}

static void report_point(struct debugger *d, const struct dbg_point *p,
                         const struct stop *s)
{
    data_int(d, "point", p->number);
    data_hex(d, "address", s->addr);
    data_hex(d, "value", s->value);
    switch (p->kind) {
    case POINT_CODE:
        report_code(d, p);
        break;
    case POINT_READ:
    case POINT_WRITE:
    case POINT_ACCESS:
        report_data(d, s);
        break;
    case POINT_MODE:
        say(d, "(0) Caught mode switch breakpoint switching to '%s'\n",
            mode_name(target_cpu(d->t)));
        break;
    default:
        report_value(d, p, s);
        break;
    }
}

/* The target may have dropped it at this stop already. */
static void drop_if_gone(struct debugger *d, struct dbg_point *p)
{
    if (!target_point(d->t, p->id))
        point_remove(d, p);
}

bool point_report(struct debugger *d, const struct stop *s)
{
    struct dbg_point *p = point_by_id(d, s->point);
    bool on = false;

    if (!p) {
        if (s->point && s->point == d->mode_id)
            say(d, "(0) Caught mode switch breakpoint switching to '%s'\n",
                mode_name(target_cpu(d->t)));
        return false;
    }
    report_point(d, p, s);
    on = p->log_only || (p->letter == 'w' && d->watch_continues);
    if (p->commands) {
        char *copy = strdup(p->commands);

        if (!copy)
            error_no_memory();
        drop_if_gone(d, p);
        debugger_commands_text(d, copy);
        free(copy);
        return on && !d->quit;
    }
    drop_if_gone(d, p);
    return on;
}

static bool is_here(struct debugger *d, const struct point *tp)
{
    const struct cpu *c = target_cpu(d->t);
    uint64_t pc = target_pc(d->t), phys;

    if (tp->kind != POINT_CODE || !tp->enabled)
        return false;
    if (tp->space == ADDR_VIRTUAL)
        return tp->addr == c->rip && tp->selector == c->seg[SEG_CS].selector;
    if (tp->space == ADDR_LINEAR)
        return tp->addr == pc;
    return to_physical(d, pc, &phys) && phys == tp->addr;
}

void point_arrived(struct debugger *d, struct stop *s)
{
    for (struct dbg_point *p = d->points; p; p = p->next) {
        struct point *tp = target_point(d->t, p->id);

        if (!tp || !is_here(d, tp) || tp->ignore ||
            (tp->condition && !tp->condition(tp->opaque, d->t, tp)))
            continue;
        tp->hits++;
        *s = (struct stop){
            .kind = STOP_POINT, .point = p->id, .addr = target_pc(d->t)};
        if (tp->temporary)
            target_remove_point(d->t, p->id);
        return;
    }
}

/*
 * cmd_misc.c - calculator, scripts, help, and what Bochs has besides.
 */
#include "core/statefile.h"
#include "cpu/cpu.h"
#include "cpu/probe.h"
#include "debugger/handlers.h"
#include "debugger/values.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void cmd_calc(struct debugger *d)
{
    uint64_t v;

    if (!arg_expr(d, &v) || !arg_end(d))
        return;
    say(d, "0x%" PRIx64 " %" PRId64 "\n", v, (int64_t)v);
    data_hex(d, "value", v);
}

void cmd_if(struct debugger *d)
{
    cmd_calc(d);
}

/* assert EXPR ["MESSAGE"]: ends a script with status 1 when it is 0. */
void cmd_assert(struct debugger *d)
{
    const char *text = d->lx.start;
    char message[256];
    uint64_t v;
    size_t n;

    if (!arg_expr(d, &v))
        return;
    n = (size_t)(d->lx.start - text);
    while (n && isspace((unsigned char)text[n - 1]))
        n--;
    snprintf(message, sizeof message, "%.*s", (int)(n < 255 ? n : 255), text);
    if (arg_more(d) && (!arg_text(d, message, sizeof message) || !arg_end(d)))
        return;
    if (d->failed || !v) {
        fail(d, "%s:%u: assertion failed: %s", d->input->name, d->input->line,
             message);
        d->exit_code = 1;
        d->quit = *d->input->name != '\0' || !d->set.read_line;
    }
    data_bool(d, "holds", v != 0);
}

void cmd_echo(struct debugger *d)
{
    if (d->lx.kind == TOK_STRING)
        say(d, "%.*s\n", (int)d->lx.len, d->lx.start);
    else
        say(d, "%s\n", d->lx.start);
}

/* ---- scripts ---- */

void cmd_source(struct debugger *d)
{
    char path[512];

    if (arg_text(d, path, sizeof path) && arg_end(d))
        debugger_source(d, path);
}

void cmd_addlyt(struct debugger *d)
{
    char path[512];

    if (!arg_text(d, path, sizeof path) || !arg_end(d))
        return;
    free(d->layout);
    d->layout = strdup(path);
}

void cmd_lyt(struct debugger *d)
{
    if (!arg_end(d))
        return;
    if (d->layout)
        debugger_source(d, d->layout);
    else
        fail(d, "there is no layout: addlyt \"FILE\"");
}

void cmd_remlyt(struct debugger *d)
{
    if (!arg_end(d))
        return;
    free(d->layout);
    d->layout = NULL;
}

/* ---- help ---- */

static void help_one(struct debugger *d, const struct command *c)
{
    const char *p = c->syntax;

    do {
        size_t n = strcspn(p, "\n");

        say(d, "%s", c->name);
        for (const char *a = c->aliases; a && *a; a++)
            say(d, "%s%c", a == c->aliases ? "|" : "", *a == ' ' ? '|' : *a);
        say(d, "%s%.*s\n", n ? " " : "", (int)n, p);
        p += n + (p[n] == '\n');
    } while (*p);
    say(d, "    %s\n", c->help);
    data_text(d, "syntax", c->syntax);
    data_text(d, "help", c->help);
}

static void help_all(struct debugger *d)
{
    const char *group = NULL;
    unsigned column = 0;

    say(d, "h|help - list of the commands\n"
           "h|help COMMAND - what a command does\n");
    data_open(d, "commands", '[');
    for (const struct command *c = debugger_commands; c->name; c++) {
        unsigned width = (unsigned)strlen(c->name) +
                         (c->aliases ? (unsigned)strlen(c->aliases) + 1 : 0);

        if (!group || strcmp(group, c->group) != 0) {
            say(d, "%s-*- %s -*-\n    ", group ? "\n" : "", c->group);
            group = c->group;
            column = 0;
        }
        if (column + width > 70) {
            say(d, "\n    ");
            column = 0;
        }
        say(d, "%s%s", column ? ", " : "", c->name);
        for (const char *a = c->aliases; a && *a; a++)
            say(d, "%s%c", a == c->aliases ? "|" : "", *a == ' ' ? '|' : *a);
        column += width + 2;
        data_text(d, NULL, c->name);
    }
    data_close(d, ']');
    say(d, "\n");
}

void cmd_help(struct debugger *d)
{
    const struct command *c;
    struct lexer l = d->lx;
    char name[32];

    if (!arg_more(d)) {
        help_all(d);
        return;
    }
    lexer_whole_word(&l);
    lexer_copy(&l, name, sizeof name);
    c = command_find(name);
    if (!c) {
        syntax_error(d);
        return;
    }
    lexer_next(&l);
    d->lx = l;
    if (arg_end(d))
        help_one(d, c);
}

/* ---- what Bochs has besides ---- */

static void answer(void *opaque, const char *line)
{
    say(opaque, "%s\n", line);
}

void cmd_instrument(struct debugger *d)
{
    char text[256] = "", word[128];

    while (arg_more(d) && arg_text(d, word, sizeof word)) {
        size_t n = strlen(text);

        snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "", word);
    }
    if (d->failed)
        return;
    if (!d->set.instrument)
        fail(d, "instrument: there is no plugin; --plugin FILE.so loads one");
    else if (!d->set.instrument(d->set.instrument_opaque, text, answer, d))
        fail(d, "instrument: no plugin knows '%s'", text);
}

void cmd_take(struct debugger *d)
{
    static const struct {
        const char *word, *text;
        uint32_t event;
    } kinds[] = {{"nmi", "NMI", EV_NMI},
                 {"smi", "SMI", EV_SMI},
                 {"irq", "IRQ", EV_TAKE_INTR}};
    char what[32];
    uint64_t n;

    if (!arg_text(d, what, sizeof what) || !arg_expr_or(d, &n, 1) ||
        !arg_end(d))
        return;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        if (!strcmp(what, kinds[k].word)) {
            cpu_raise(target_cpu(d->t), kinds[k].event);
            say(d, "Delivering %s to cpu0\n", kinds[k].text);
            return;
        }
    /* A DMA request never waits: the bus is granted at once. */
    if (strcmp(what, "dma") != 0)
        fail(d, "Error: Take '%s' not understood.", what);
    else if (!n)
        fail(d, "Error: take what n=0.");
}

void cmd_query(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);

    if (!lexer_take(&d->lx, "pending")) {
        syntax_error(d);
        return;
    }
    if (!arg_end(d))
        return;
    say(d, "pending%s%s%s%s\ndone\n", c->events & EV_INTR ? " intr" : "",
        c->events & EV_NMI ? " nmi" : "", c->events & EV_SMI ? " smi" : "",
        c->events & (EV_INTR | EV_NMI | EV_SMI) ? "" : " none");
    data_hex(d, "events", c->events);
}

/* Bochs's makers keep experiments there. */
void cmd_doit(struct debugger *d)
{
    uint64_t n;

    if (arg_expr_or(d, &n, 0))
        arg_end(d);
}

static bool restore_one(struct debugger *d, struct device *dev,
                        const struct state_file *f)
{
    const struct state_section *s =
        dev ? state_file_find(f, dev->cls->name, dev->id) : NULL;
    struct error err = {0};

    if (s && device_load(dev, s->version, s->data, s->len, &err))
        return true;
    if (err.text[0])
        say(d, "%s\n", err.text);
    return false;
}

/* restore "DEVICE" "FILE": of one of our states, not of Bochs's folders. */
void cmd_restore(struct debugger *d)
{
    char name[64], path[512];
    struct state_file f;
    struct error err = {0};
    bool good;

    if (!arg_text(d, name, sizeof name) || !arg_text(d, path, sizeof path) ||
        !arg_end(d))
        return;
    say(d, "restoring param (%s) state from file (%s)\n", name, path);
    if (!state_file_read(&f, path, &err)) {
        fail(d, "Error: %s", err.text);
        return;
    }
    good = restore_one(d, value_device(d, name), &f);
    if (good && !strcmp(name, "pic")) /* both, as Bochs has them in one */
        good = restore_one(d, value_device(d, "pic1"), &f);
    state_file_free(&f);
    /* What was decoded, translated and looked up may be old. */
    probe_changed(target_cpu(d->t));
    if (!good)
        fail(d, "Error: error occurred during restore");
}

/* setmagicbps "bx di", clrmagicbps: which xchg r,r stop. */
static void magic(struct debugger *d, bool set)
{
    static const char *const names[] = {"ax", "cx", "dx", "bx",
                                        "sp", "bp", "si", "di"};
    char text[64], *save = NULL;
    unsigned mask = 0;

    if (!arg_text(d, text, sizeof text) || !arg_end(d))
        return;
    for (char *w = strtok_r(text, " ,", &save); w;
         w = strtok_r(NULL, " ,", &save)) {
        unsigned i = 1;

        while (i < 8 && strcmp(w, names[i]) != 0)
            i++;
        if (i == 8) {
            fail(d, "'%s' is not one of cx dx bx sp bp si di", w);
            return;
        }
        mask |= 1u << i;
    }
    if (set)
        mask |= target_magic(d->t);
    else
        mask = target_magic(d->t) & ~mask;
    target_set_magic(d->t, (uint8_t)mask);
    data_int(d, "mask", mask);
}

void cmd_setmagic(struct debugger *d)
{
    magic(d, true);
}

void cmd_clrmagic(struct debugger *d)
{
    magic(d, false);
}

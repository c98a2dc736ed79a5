/*
 * insmix.c - a plugin that counts executed instructions by mnemonic.
 *
 *   klochs --plugin insmix.so,mix.txt ...
 *
 * The file (standard error without one) gets a line per mnemonic, the most
 * frequent first: executions, ticks (repetitions of REP count), share of the
 * ticks, name; then sums of everything that takes a tick. The debugger's
 * `instrument insmix` prints the ten first, `instrument insmix reset` starts
 * again from 0.
 */
#include "klochs-plugin.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct count {
    const char *name;
    uint64_t runs, ticks;
};

struct mix {
    const struct klochs_host *host;
    char *path;
    struct count *by_op; /* ops of the host, and one for what is undefined */
    uint32_t ops;
    uint64_t interrupts, exceptions, smis, inits;
};

static void on_executed(void *self, unsigned cpu, const struct klochs_insn *i,
                        uint64_t ticks)
{
    struct mix *m = self;
    struct count *c = &m->by_op[i->op < m->ops ? i->op : m->ops];

    (void)cpu;
    c->runs++;
    c->ticks += ticks;
}

/* INT n is an instruction with a tick of its own. */
static void on_interrupt(void *self, unsigned cpu, unsigned vector,
                         int hardware)
{
    struct mix *m = self;

    (void)cpu;
    (void)vector;
    m->interrupts += hardware != 0;
}

static void on_exception(void *self, unsigned cpu, unsigned vector,
                         uint32_t code)
{
    struct mix *m = self;

    (void)cpu;
    (void)vector;
    (void)code;
    m->exceptions++;
}

static void on_smm(void *self, unsigned cpu, int entered)
{
    struct mix *m = self;

    (void)cpu;
    m->smis += entered != 0;
}

/* A reset by hardware takes no tick: there is no clock before it. */
static void on_reset(void *self, unsigned cpu, int hardware)
{
    struct mix *m = self;

    (void)cpu;
    m->inits += !hardware;
}

/* ---- the result ---- */

static int by_name(const void *a, const void *b)
{
    const struct count *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static int by_ticks(const void *a, const void *b)
{
    const struct count *x = a, *y = b;

    if (x->ticks != y->ticks)
        return x->ticks < y->ticks ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* Rows of one mnemonic become one line. The caller frees. */
static struct count *sorted(const struct mix *m, size_t *count)
{
    struct count *list = malloc((m->ops + 1) * sizeof *list);
    size_t n = 0, kept = 0;

    if (!list)
        return NULL;
    for (uint32_t k = 0; k <= m->ops; k++)
        if (m->by_op[k].runs) {
            list[n] = m->by_op[k];
            list[n++].name =
                k < m->ops ? m->host->mnemonic(m->host, k) : "(bad)";
        }
    qsort(list, n, sizeof *list, by_name);
    for (size_t k = 0; k < n; k++) {
        if (kept && !strcmp(list[kept - 1].name, list[k].name)) {
            list[kept - 1].runs += list[k].runs;
            list[kept - 1].ticks += list[k].ticks;
        } else {
            list[kept++] = list[k];
        }
    }
    qsort(list, kept, sizeof *list, by_ticks);
    *count = kept;
    return list;
}

static struct count total(const struct mix *m)
{
    struct count sum = {0};

    for (uint32_t k = 0; k <= m->ops; k++) {
        sum.runs += m->by_op[k].runs;
        sum.ticks += m->by_op[k].ticks;
    }
    return sum;
}

static void print_line(char *out, size_t size, const struct count *c,
                       uint64_t all)
{
    snprintf(out, size, "%14" PRIu64 " %14" PRIu64 " %6.2f %%  %s", c->runs,
             c->ticks, all ? 100.0 * (double)c->ticks / (double)all : 0.0,
             c->name);
}

static void write_all(const struct mix *m, FILE *f)
{
    struct count sum = total(m);
    size_t n = 0;
    struct count *list = sorted(m, &n);
    char line[160];

    for (size_t k = 0; list && k < n; k++) {
        print_line(line, sizeof line, &list[k], sum.ticks);
        fprintf(f, "%s\n", line);
    }
    fprintf(f,
            "executions %" PRIu64 "\nticks %" PRIu64 "\ninterrupts %" PRIu64
            "\nexceptions %" PRIu64 "\nsmis %" PRIu64 "\ninits %" PRIu64
            "\nall %" PRIu64 "\n",
            sum.runs, sum.ticks, m->interrupts, m->exceptions, m->smis,
            m->inits, m->host->instructions(m->host, 0));
    free(list);
}

/* ---- life ---- */

static int on_command(void *self, const char *text,
                      void (*say)(void *opaque, const char *line), void *opaque)
{
    struct mix *m = self;
    struct count sum = total(m);
    struct count *list;
    size_t n = 0;
    char line[160];

    if (!strcmp(text, "insmix reset")) {
        memset(m->by_op, 0, (m->ops + 1) * sizeof *m->by_op);
        m->interrupts = m->exceptions = m->smis = m->inits = 0;
        return 0;
    }
    if (strcmp(text, "insmix"))
        return 1;
    list = sorted(m, &n);
    for (size_t k = 0; list && k < n && k < 10; k++) {
        print_line(line, sizeof line, &list[k], sum.ticks);
        say(opaque, line);
    }
    free(list);
    return 0;
}

static void on_close(void *self)
{
    struct mix *m = self;
    FILE *f = m->path ? fopen(m->path, "w") : stderr;

    if (!f)
        fprintf(stderr, "insmix: cannot write '%s': %s\n", m->path,
                strerror(errno));
    else
        write_all(m, f);
    if (f && f != stderr && fclose(f))
        fprintf(stderr, "insmix: writing '%s' failed\n", m->path);
    free(m->by_op);
    free(m->path);
    free(m);
}

const char *klochs_plugin(const struct klochs_host *host, const char *arguments,
                          struct klochs_plugin *p)
{
    struct mix *m = calloc(1, sizeof *m);

    if (!m)
        return "no memory";
    m->host = host;
    m->ops = host->ops;
    m->by_op = calloc(m->ops + 1, sizeof *m->by_op);
    m->path = *arguments ? strdup(arguments) : NULL;
    if (!m->by_op || (*arguments && !m->path))
        return "no memory"; /* the program ends */
    p->version = KLOCHS_PLUGIN_VERSION;
    p->name = "insmix";
    p->self = m;
    p->executed = on_executed;
    p->interrupt = on_interrupt;
    p->exception = on_exception;
    p->smm = on_smm;
    p->reset = on_reset;
    p->command = on_command;
    p->close = on_close;
    return NULL;
}

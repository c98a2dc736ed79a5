/*
 * events.c - a plugin that writes down what happens, one line each.
 *
 *   klochs --plugin events.so,FILE,KIND,KIND,... ...
 *
 * KIND: insn, branch, memory, port, exception, interrupt, msr, cr3, tlb, mode,
 * smm, halt, reset. Each line begins with the tick and the linear address of
 * the instruction at hand. Only callbacks of kinds that are asked for are
 * given to Klochs, as others would cost time.
 */
#include "klochs-plugin.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct log {
    const struct klochs_host *host;
    FILE *f;
};

static void put(const struct log *l, unsigned cpu, const char *fmt, ...)
{
    const struct klochs_host *h = l->host;
    uint64_t at = h->reg(h, cpu, KLOCHS_RIP);
    va_list args;

    if (h->reg(h, cpu, KLOCHS_BITS) != 64)
        at = (uint32_t)(at + h->reg(h, cpu, KLOCHS_CS_BASE));
    fprintf(l->f, "%" PRIu64 " %08" PRIx64 " ", h->ticks(h), at);
    va_start(args, fmt);
    vfprintf(l->f, fmt, args);
    va_end(args);
    putc('\n', l->f);
}

static void on_insn(void *self, unsigned cpu, const struct klochs_insn *i)
{
    const struct log *l = self;
    uint8_t bytes[15] = {0};
    char hex[31] = "", text[128];

    l->host->read(l->host, cpu, i->laddr, bytes, i->length);
    for (unsigned n = 0; n < i->length && n < sizeof bytes; n++)
        snprintf(hex + 2 * n, 3, "%02x", bytes[n]);
    if (!l->host->disassemble(l->host, cpu, i->laddr, text, sizeof text))
        strcpy(text, "(bad)");
    put(l, cpu, "insn %s %s", hex, text);
}

static void on_branch(void *self, unsigned cpu, uint64_t from, uint64_t to)
{
    put(self, cpu, "branch %" PRIx64 " -> %" PRIx64, from, to);
}

static void on_memory(void *self, unsigned cpu, uint64_t laddr, uint64_t paddr,
                      unsigned length, int write, uint64_t value)
{
    put(self, cpu, "%s %" PRIx64 " %" PRIx64 " %u %" PRIx64,
        write ? "write" : "read", laddr, paddr, length, value);
}

static void on_port(void *self, unsigned cpu, uint16_t port, unsigned length,
                    int write, uint32_t value)
{
    put(self, cpu, "%s %x %u %" PRIx32, write ? "out" : "in", (unsigned)port,
        length, value);
}

static void on_exception(void *self, unsigned cpu, unsigned vector,
                         uint32_t code)
{
    put(self, cpu, "exception %u %" PRIx32, vector, code);
}

static void on_interrupt(void *self, unsigned cpu, unsigned vector,
                         int hardware)
{
    put(self, cpu, "interrupt %x %s", vector, hardware ? "hard" : "soft");
}

static void on_msr(void *self, unsigned cpu, uint32_t msr, int write,
                   uint64_t value)
{
    put(self, cpu, "%s %" PRIx32 " %" PRIx64, write ? "wrmsr" : "rdmsr", msr,
        value);
}

static void on_cr3(void *self, unsigned cpu, uint64_t value)
{
    put(self, cpu, "cr3 %" PRIx64, value);
}

static void on_tlb(void *self, unsigned cpu, unsigned what, uint64_t address)
{
    static const char *const names[] = {"all", "local", "page", "pcid"};

    put(self, cpu, "tlb %s %" PRIx64, what < 4 ? names[what] : "?", address);
}

static void on_mode(void *self, unsigned cpu, unsigned mode)
{
    put(self, cpu, "mode %u", mode);
}

static void on_smm(void *self, unsigned cpu, int entered)
{
    put(self, cpu, "smm %d", entered);
}

static void on_halt(void *self, unsigned cpu)
{
    put(self, cpu, "halt");
}

static void on_reset(void *self, unsigned cpu, int hardware)
{
    put(self, cpu, "reset %d", hardware);
}

static void on_close(void *self)
{
    struct log *l = self;

    if (fclose(l->f))
        fprintf(stderr, "events: writing failed\n");
    free(l);
}

/* False: no such kind. */
static int want(struct klochs_plugin *p, const char *kind)
{
    if (!strcmp(kind, "insn"))
        p->instruction = on_insn;
    else if (!strcmp(kind, "branch"))
        p->branch = on_branch;
    else if (!strcmp(kind, "memory"))
        p->memory = on_memory;
    else if (!strcmp(kind, "port"))
        p->port = on_port;
    else if (!strcmp(kind, "exception"))
        p->exception = on_exception;
    else if (!strcmp(kind, "interrupt"))
        p->interrupt = on_interrupt;
    else if (!strcmp(kind, "msr"))
        p->msr = on_msr;
    else if (!strcmp(kind, "cr3"))
        p->cr3 = on_cr3;
    else if (!strcmp(kind, "tlb"))
        p->tlb = on_tlb;
    else if (!strcmp(kind, "mode"))
        p->mode = on_mode;
    else if (!strcmp(kind, "smm"))
        p->smm = on_smm;
    else if (!strcmp(kind, "halt"))
        p->halt = on_halt;
    else if (!strcmp(kind, "reset"))
        p->reset = on_reset;
    else
        return 0;
    return 1;
}

const char *klochs_plugin(const struct klochs_host *host, const char *arguments,
                          struct klochs_plugin *p)
{
    struct log *l = calloc(1, sizeof *l);
    char *copy = strdup(arguments), *rest = copy, *word;
    const char *why = NULL;

    if (!l || !copy)
        why = "no memory";
    while (!why && (word = strsep(&rest, ","))) {
        if (!l->f) {
            l->f = fopen(word, "w");
            why = l->f ? NULL : "cannot write the file it was given";
        } else if (!want(p, word)) {
            why = "knows insn branch memory port exception interrupt msr cr3 "
                  "tlb mode smm halt reset";
        }
    }
    free(copy);
    if (why) {
        if (l && l->f)
            fclose(l->f);
        free(l);
        return why;
    }
    l->host = host;
    p->version = KLOCHS_PLUGIN_VERSION;
    p->name = "events";
    p->self = l;
    p->close = on_close;
    return NULL;
}

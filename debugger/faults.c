/*
 * faults.c - what was wrong, in words: `explain`.
 *
 * A point that never stops sees every exception and keeps the last ones with
 * what the processor knew. The message names the check that failed, the
 * descriptor or the page-table entry. SDM vol. 3 ch. 6.15.
 */
#include "debugger/faults.h"

#include "cpu/cpu.h"
#include "cpu/exception.h"
#include "cpu/probe.h"
#include "debugger/descriptor.h"
#include "debugger/handlers.h"
#include "debugger/walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FAULTS 16

struct fault_record {
    uint8_t vector;
    bool has_code;
    uint32_t code;
    uint64_t cr2, rip, tick, linear;
    uint16_t cs;
    const char *why; /* static text */
    /* As it was then. */
    struct page_walk walk;
    uint64_t base, limit; /* of the table of the selector */
    bool have_raw;
    uint8_t raw[16]; /* its descriptor */
    unsigned size;
};

struct faults {
    unsigned id;
    unsigned skip; /* hits of this stop that were recorded already */
    uint64_t count;
    struct fault_record ring[FAULTS];
};

static void keep_descriptor(struct debugger *d, struct fault_record *r)
{
    const struct cpu *c = target_cpu(d->t);
    bool idt = r->code & 2, ldt = !idt && r->code & 4;
    uint64_t at;

    r->size = idt && cpu_long(c) ? 16 : 8;
    r->base = idt ? c->idtr.base : ldt ? c->seg[SEG_LDTR].base : c->gdtr.base;
    r->limit = idt   ? c->idtr.limit
               : ldt ? c->seg[SEG_LDTR].limit
                     : c->gdtr.limit;
    at = (uint64_t)(r->code >> 3 & 0x1fff) * r->size;
    r->have_raw = at + r->size - 1 <= r->limit &&
                  read_linear(d, r->base + at, r->raw, r->size);
}

static void keep_context(struct debugger *d, struct fault_record *r)
{
    if (r->vector == EXC_PF)
        walk_page(d, r->cr2, &r->walk);
    else if (r->vector >= EXC_TS && r->vector <= EXC_GP && r->has_code)
        keep_descriptor(d, r);
}

/* A stop has several hits when a fault was raised while another was being
 * delivered; of the last one the processor still knows all. */
static void record_hit(struct debugger *d, const struct probe_hit *h, bool last)
{
    struct faults *f = d->faults;
    const struct cpu *c = target_cpu(d->t);

    f->ring[f->count++ % FAULTS] =
        (struct fault_record){.vector = (uint8_t)h->addr,
                              .has_code = exc_has_code((unsigned)h->addr),
                              .code = (uint32_t)h->value,
                              .cr2 = last ? c->fault.cr2 : c->cr2,
                              .why = last ? c->fault.why : NULL,
                              .rip = c->rip,
                              .linear = target_pc(d->t),
                              .cs = c->seg[SEG_CS].selector,
                              .tick = target_ticks(d->t)};
    keep_context(d, &f->ring[(f->count - 1) % FAULTS]);
}

/* Asked once for each hit of a stop, after the last one. */
static bool record(void *opaque, struct target *t, const struct point *p)
{
    struct debugger *d = opaque;
    const struct probe *probe = target_cpu(t)->probe;
    unsigned count = 0, n = 0;

    (void)p;
    if (d->faults->skip) {
        d->faults->skip--;
        return false;
    }
    for (unsigned i = 0; i < probe->hit_count; i++)
        count += probe->hits[i].what == PROBE_EXCEPTION;
    for (unsigned i = 0; i < probe->hit_count; i++)
        if (probe->hits[i].what == PROBE_EXCEPTION)
            record_hit(d, &probe->hits[i], ++n == count);
    d->faults->skip = count ? count - 1 : 0;
    return false;
}

void faults_watch(struct debugger *d)
{
    struct point p = {.kind = POINT_EXCEPTION,
                      .enabled = true,
                      .condition = record,
                      .opaque = d};

    d->faults = calloc(1, sizeof *d->faults);
    if (!d->faults)
        error_no_memory();
    d->faults->id = target_add_point(d->t, &p);
}

void faults_free(struct debugger *d)
{
    if (!d->faults)
        return;
    target_remove_point(d->t, d->faults->id);
    free(d->faults);
    d->faults = NULL;
}

/* ---- words ---- */

static const char *vector_text(unsigned v)
{
    static const char *const names[20] = {"#DE divide error",
                                          "#DB debug",
                                          "NMI",
                                          "#BP breakpoint",
                                          "#OF overflow",
                                          "#BR bound range",
                                          "#UD invalid opcode",
                                          "#NM no x87 available",
                                          "#DF double fault",
                                          NULL,
                                          "#TS invalid TSS",
                                          "#NP segment not present",
                                          "#SS stack fault",
                                          "#GP general protection",
                                          "#PF page fault",
                                          NULL,
                                          "#MF x87 error",
                                          "#AC alignment check",
                                          "#MC machine check",
                                          "#XM SIMD exception"};

    return v < ARRAY_LEN(names) && names[v] ? names[v] : "exception";
}

static void explain_page(struct debugger *d, const struct fault_record *f)
{
    const struct cpu *c = target_cpu(d->t);
    const struct page_walk *w = &f->walk;

    say(d, "  %s of linear 0x%016" PRIx64 " by %s code: %s\n",
        f->code & 16  ? "fetch"
        : f->code & 2 ? "write"
                      : "read",
        f->cr2, f->code & 4 ? "user" : "supervisor",
        f->code & 8   ? "a reserved bit is set in an entry"
        : f->code & 1 ? "the page is there, its rights forbid it"
                      : "an entry is not present");
    for (unsigned i = 0; i < w->count; i++) {
        say(d, "  %s at physical 0x%012" PRIx64 "\n  ",
            walk_level_name(c, w->levels[i]), w->entry_addr[i]);
        print_page_entry(d, c, w->levels[i], w->entry[i]);
    }
    if (!w->mapped && w->count)
        say(d, "  the walk ends at level %u: this %s is not present\n",
            w->level, walk_level_name(c, w->level));
}

/* Error codes of #TS #NP #SS #GP: selector index, TI, IDT, EXT. */
static void explain_selector(struct debugger *d, const struct fault_record *f)
{
    bool idt = f->code & 2, ldt = !idt && f->code & 4;
    uint32_t index = f->code >> 3 & 0x1fff, low, high;
    const char *table = idt ? "IDT" : ldt ? "LDT" : "GDT";

    if (!f->code) {
        say(d, "  error code 0: no descriptor is to blame%s\n",
            f->why ? "" : "; look at the operands of the instruction");
        return;
    }
    say(d,
        "  error code 0x%04x: entry 0x%x of the %s (base 0x%016" PRIx64
        ", limit 0x%" PRIx64 ")%s\n",
        f->code, index, table, f->base, f->limit,
        f->code & 1 ? ", while an event was delivered (EXT)" : "");
    if ((uint64_t)index * f->size + f->size - 1 > f->limit) {
        say(d, "  this entry is beyond the limit of the table\n");
        return;
    }
    if (!f->have_raw) {
        say(d, "  this entry is not mapped\n");
        return;
    }
    low = ld_le32(f->raw);
    high = ld_le32(f->raw + 4);
    say(d, "  %s[0x%x]=", table, index);
    print_descriptor(d, high, low, f->size == 16 ? ld_le32(f->raw + 8) : 0);
    say(d, "; P=%u, DPL=%u\n", high >> 15 & 1, high >> 13 & 3);
}

static void explain_one(struct debugger *d, const struct fault_record *f)
{
    char sym[80];

    symbol_text(d, f->linear, sym, sizeof sym);
    say(d, "%s (vector 0x%02x) at %04x:%08" PRIx64 " (%s), t=%" PRIu64 "\n",
        vector_text(f->vector), f->vector, f->cs, f->rip, sym, f->tick);
    if (f->why)
        say(d, "  the check that failed: %s\n", f->why);
    if (f->vector == EXC_PF)
        explain_page(d, f);
    else if (f->vector >= EXC_TS && f->vector <= EXC_GP && f->has_code)
        explain_selector(d, f);
    data_open(d, NULL, '{');
    data_int(d, "vector", f->vector);
    if (f->has_code)
        data_hex(d, "code", f->code);
    data_text(d, "why", f->why ? f->why : "");
    data_hex(d, "rip", f->rip);
    data_int(d, "cs", f->cs);
    data_int(d, "ticks", f->tick);
    if (f->vector == EXC_PF)
        data_hex(d, "cr2", f->cr2);
    data_close(d, '}');
}

/* Faults that led to the last one happened at the same tick. */
void cmd_explain(struct debugger *d)
{
    struct faults *f = d->faults;
    uint64_t first, n;
    uint64_t kept = f->count < FAULTS ? f->count : FAULTS;

    if (!arg_expr_or(d, &n, 0) || !arg_end(d))
        return;
    if (!f->count) {
        say(d, "no exception has been raised since the debugger began\n");
        return;
    }
    first = f->count - 1;
    if (n) {
        first = f->count - (n < kept ? n : kept);
    } else {
        uint64_t tick = f->ring[first % FAULTS].tick;

        while (first > f->count - kept &&
               f->ring[(first - 1) % FAULTS].tick + 1 >= tick)
            tick = f->ring[--first % FAULTS].tick;
    }
    if (d->triple)
        say(d, "the processor shut down: a fault while #DF was delivered "
               "(triple fault)\n");
    data_bool(d, "triple", d->triple);
    data_open(d, "faults", '[');
    for (uint64_t i = first; i < f->count; i++) {
        if (!n && i > first)
            say(d, "while that was delivered:\n");
        explain_one(d, &f->ring[i % FAULTS]);
        if (d->triple && !n && i + 2 == f->count)
            say(d, "  after a second fault the double fault #DF (vector 0x08) "
                   "is to be delivered\n");
    }
    data_close(d, ']');
}

/*
 * faults.c - what was wrong, in words: `explain`.
 *
 * The processor keeps its last faults with the check that failed; descriptors
 * and page tables are read when somebody asks. SDM vol. 3 ch. 6.15.
 */
#include "cpu/cpu.h"
#include "cpu/exception.h"
#include "debugger/descriptor.h"
#include "debugger/handlers.h"
#include "debugger/walk.h"

#include <inttypes.h>

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
    struct page_walk w;

    say(d, "  %s of linear 0x%016" PRIx64 " by %s code: %s\n",
        f->code & 16  ? "fetch"
        : f->code & 2 ? "write"
                      : "read",
        f->laddr, f->code & 4 ? "user" : "supervisor",
        f->code & 8   ? "a reserved bit is set in an entry"
        : f->code & 1 ? "the page is there, its rights forbid it"
                      : "an entry is not present");
    if (f->level)
        say(d,
            "  the walk ended at the %s, physical 0x%012" PRIx64
            ", which was 0x%016" PRIx64 "\n",
            walk_level_name(c, f->level - 1u), f->entry_addr, f->entry);
    if (!walk_page(d, f->laddr, &w) || w.paging)
        for (unsigned i = 0; i < w.count; i++)
            print_page_entry(d, c, w.levels[i], w.entry[i]);
}

/* Error codes of #TS #NP #SS #GP: selector index, TI, IDT, EXT. */
static void explain_selector(struct debugger *d, const struct fault_record *f)
{
    const struct cpu *c = target_cpu(d->t);
    bool idt = f->code & 2, ldt = !idt && f->code & 4;
    uint32_t index = f->code >> 3 & 0x1fff, low, high;
    unsigned size = idt && cpu_long(c) ? 16 : 8;
    uint64_t base = idt   ? c->idtr.base
                    : ldt ? c->seg[SEG_LDTR].base
                          : c->gdtr.base;
    uint64_t limit = idt   ? c->idtr.limit
                     : ldt ? c->seg[SEG_LDTR].limit
                           : c->gdtr.limit;
    const char *table = idt ? "IDT" : ldt ? "LDT" : "GDT";
    uint8_t raw[16] = {0};

    if (!f->code) {
        say(d, "  error code 0: no descriptor is to blame\n");
        return;
    }
    say(d,
        "  error code 0x%04x: entry 0x%x of the %s (base 0x%016" PRIx64
        ", limit 0x%" PRIx64 ")%s\n",
        f->code, index, table, base, limit,
        f->code & 1 ? ", while an event was delivered (EXT)" : "");
    if ((uint64_t)index * size + size - 1 > limit) {
        say(d, "  this entry is beyond the limit of the table\n");
        return;
    }
    if (!read_linear(d, base + (uint64_t)index * size, raw, size)) {
        say(d, "  this entry is not mapped\n");
        return;
    }
    low = ld_le32(raw);
    high = ld_le32(raw + 4);
    say(d, "  %s[0x%x]=", table, index);
    print_descriptor(d, high, low, size == 16 ? ld_le32(raw + 8) : 0);
    say(d, "; P=%u, DPL=%u\n", high >> 15 & 1, high >> 13 & 3);
}

/* Have the tables changed since? After a reset they mean nothing. */
static bool still_there(struct debugger *d, const struct fault_record *f)
{
    return target_cpu(d->t)->mode == f->mode;
}

static void explain_one(struct debugger *d, const struct fault_record *f)
{
    say(d,
        "%s%s (vector 0x%02x) at %04x:%08" PRIx64 ", CPL %u, t=%" PRIu64 "\n",
        f->nested ? "while that was delivered: " : "", vector_text(f->vector),
        f->vector, f->cs, f->rip, f->cpl, f->tick);
    if (f->why)
        say(d, "  the check that failed: %s\n", f->why);
    if (!still_there(d, f))
        say(d, "  (the mode has changed since: its tables are not shown)\n");
    else if (f->vector == EXC_PF)
        explain_page(d, f);
    else if (f->vector >= EXC_TS && f->vector <= EXC_GP)
        explain_selector(d, f);
    if (f->shutdown)
        say(d, "  #DF could not be delivered: the processor shut down "
               "(triple fault)\n");
    data_open(d, NULL, '{');
    data_int(d, "vector", f->vector);
    data_hex(d, "code", f->code);
    data_text(d, "why", f->why ? f->why : "");
    data_hex(d, "rip", f->rip);
    data_int(d, "cs", f->cs);
    data_int(d, "ticks", f->tick);
    data_bool(d, "nested", f->nested);
    data_bool(d, "shutdown", f->shutdown);
    if (f->vector == EXC_PF)
        data_hex(d, "cr2", f->laddr);
    data_close(d, '}');
}

/* [N]: the last N; else the last one with those that led to it. */
void cmd_explain(struct debugger *d)
{
    const struct fault_record *f;
    uint64_t n;
    size_t count = 0;

    if (!arg_expr_or(d, &n, 0) || !arg_end(d))
        return;
    while ((f = target_fault(d->t, count)) && (n ? count < n : true)) {
        count++;
        if (!n && !f->nested)
            break;
    }
    if (!count)
        say(d, "no exception has been raised yet\n");
    data_open(d, "faults", '[');
    while (count-- > 0)
        explain_one(d, target_fault(d->t, count));
    data_close(d, ']');
}

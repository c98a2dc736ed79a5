/*
 * exception.c - raising faults and deciding what a fault becomes.
 *
 * SDM vol. 3 ch. 6 (325384): 6.13 error codes, 6.15 exception reference,
 * table 6-5 double faults, 17.3.1 debug exceptions.
 */
#include "cpu/exception.h"
#include "cpu/debugreg.h"

/* What a second fault during delivery of the first leads to. */
enum { SERIAL, DOUBLE, SHUTDOWN };

static const uint8_t second_fault[4][3] = {
    /* second:            benign  contributory  page */
    [CLASS_BENIGN] = {SERIAL, SERIAL, SERIAL},
    [CLASS_CONTRIBUTORY] = {SERIAL, DOUBLE, SERIAL},
    [CLASS_PAGE] = {SERIAL, DOUBLE, DOUBLE},
    [CLASS_DOUBLE] = {SERIAL, SHUTDOWN, SHUTDOWN},
};

uint8_t exc_class(unsigned vector)
{
    switch (vector) {
    case EXC_DE:
    case EXC_TS:
    case EXC_NP:
    case EXC_SS:
    case EXC_GP:
        return CLASS_CONTRIBUTORY;
    case EXC_PF:
        return CLASS_PAGE;
    case EXC_DF:
        return CLASS_DOUBLE;
    default:
        return CLASS_BENIGN;
    }
}

bool exc_has_code(unsigned vector)
{
    return vector == EXC_DF || (vector >= EXC_TS && vector <= EXC_PF) ||
           vector == EXC_AC;
}

void cpu_fault_why(struct cpu *c, unsigned vector, uint32_t code,
                   const char *why)
{
    /* 6.13: EXT tells that the fault came while an event external to the
     * program was delivered. A page fault has a code of its own kind. */
    if (c->fault_depth && c->fault_ext && vector >= EXC_TS && vector <= EXC_GP)
        code |= 1;
    c->fault.vector = (uint8_t)vector;
    c->fault.has_code = exc_has_code(vector);
    c->fault.code = c->fault.has_code ? code : 0;
    c->fault.why = why;
    c->rip = c->insn_rip;
    longjmp(c->fault_env, 1);
}

void cpu_fault(struct cpu *c, unsigned vector)
{
    cpu_fault_why(c, vector, 0, NULL);
}

void cpu_fault_code(struct cpu *c, unsigned vector, uint32_t code)
{
    cpu_fault_why(c, vector, code, NULL);
}

void cpu_page_fault(struct cpu *c, uint64_t laddr, uint32_t code)
{
    c->fault.cr2 = laddr;
    cpu_fault_why(c, EXC_PF, code, NULL);
}

/* Table 6-5. False: shutdown. */
static bool combine_faults(struct cpu *c, struct fault *f)
{
    if (!c->fault_depth)
        return true;
    switch (second_fault[c->fault_class][exc_class(f->vector)]) {
    case SHUTDOWN:
        return false;
    case DOUBLE:
        *f = (struct fault){.vector = EXC_DF,
                            .has_code = true,
                            .why = "second fault during delivery"};
        return true;
    default:
        return true;
    }
}

/* For `explain`: what happened, before anything else is made of it. */
static struct fault_record *record(struct cpu *c, const struct fault *f)
{
    struct fault_record *r = &c->faults.r[c->faults.count++ % FAULT_RECORDS];

    *r = (struct fault_record){.tick = cpu_ticks(c),
                               .rip = c->rip,
                               .why = f->why,
                               .code = f->code,
                               .cs = c->seg[SEG_CS].selector,
                               .vector = f->vector,
                               .mode = (uint8_t)c->mode,
                               .cpl = c->cpl,
                               .nested = c->fault_depth != 0};
    if (f->vector == EXC_PF) {
        r->laddr = f->cr2;
        r->entry_addr = f->entry_addr;
        r->entry = f->entry;
        r->level = f->level;
    }
    return r;
}

void cpu_deliver_exception(struct cpu *c)
{
    struct fault f = c->fault;
    struct fault_record *r = record(c, &f);

    if (f.vector == EXC_PF)
        c->cr2 = f.cr2; /* also when it then becomes a double fault */
    if (!combine_faults(c, &f)) {
        log_error(&c->dev.log, "fault %u while delivering #DF: shutdown",
                  f.vector);
        r->shutdown = true;
        c->fault_depth = 0;
        cpu_raise(c, EV_SHUTDOWN);
        return;
    }
    /* 17.3.1.1: RF is set in the image of every fault but that of an
     * instruction breakpoint, so that the restart does not hit again. */
    if (f.vector == EXC_DB) {
        if (c->pending_dbg & DR6_BD)
            c->rflags |= EFL_RF;
        debug_report(c);
    } else {
        c->rflags |= EFL_RF;
        c->pending_dbg = 0;
    }
    cpu_interrupt(c, f.vector, INT_EXC, f.has_code, f.code);
}

/*
 * run.c - the run loop: deadlines, events, traces.
 *
 * Between two deadlines (timers, the caller's limit) the processor runs
 * traces without looking at anything. It looks here: when a trace leaves,
 * when the budget is used up, when a fault jumps out. Events are taken in the
 * order of SDM vol. 3 table 6-2.
 */
#include "cpu/apic.h"
#include "cpu/debugreg.h"
#include "cpu/exception.h"
#include "cpu/icache.h"
#include "cpu/probe.h"
#include "cpu/reset.h"
#include "cpu/smm.h"

void cpu_raise(struct cpu *c, uint32_t events)
{
    c->events |= events;
    c->attention = true;
}

uint64_t cpu_ticks(struct cpu *c)
{
    return c->tick_base - (uint64_t)c->budget;
}

void cpu_sync_clock(struct cpu *c)
{
    struct clock *k = c->dev.sv->clock;

    k->now = cpu_ticks(c);
    c->icount += k->now - c->last_now;
    c->last_now = k->now;
}

/* Sets the budget to the next deadline; false when the limit is reached. */
static bool set_deadline(struct cpu *c, uint64_t until)
{
    struct clock *k = c->dev.sv->clock;
    uint64_t next;

    clock_run_due(k);
    if (k->now >= until)
        return false;
    next = k->next_deadline < until ? k->next_deadline : until;
    c->tick_base = next;
    c->budget = (int64_t)(next - k->now);
    return true;
}

/* Halted: jump straight to the next deadline. */
static bool idle(struct cpu *c, uint64_t until, enum run_result *why)
{
    struct clock *k = c->dev.sv->clock;
    uint64_t next = k->next_deadline < until ? k->next_deadline : until;

    if (k->next_deadline == CLOCK_NEVER && until == CLOCK_NEVER) {
        *why = RUN_IDLE;
        return false;
    }
    k->now = next > k->now ? next : k->now;
    c->last_now = k->now; /* idle time retires nothing */
    return true;
}

static bool interrupts_open(const struct cpu *c)
{
    return (c->rflags & EFL_IF) != 0;
}

static bool wakes(const struct cpu *c)
{
    uint32_t e = c->events;

    if (e & (EV_NMI | EV_SMI | EV_INIT | EV_RESET | EV_TAKE_INTR))
        return true;
    return e & EV_INTR && (interrupts_open(c) || e & EV_MASKED);
}

/* An event costs a tick, so that no chain of them can make time stand still.
 * It is charged before the delivery, once: whatever becomes of it, time does
 * not depend on where the deadlines are. */
static void charge_event(struct cpu *c)
{
    if (c->budget > 0)
        c->budget--;
}

static bool take_nmi(struct cpu *c)
{
    if (!(c->events & EV_NMI) || c->nmi_masked)
        return false;
    c->events &= ~(uint32_t)EV_NMI;
    c->nmi_masked = true;
    charge_event(c);
    cpu_interrupt(c, EXC_NMI, INT_HARD, false, 0);
    return true;
}

static bool take_interrupt(struct cpu *c)
{
    int vector;

    if (c->events & EV_TAKE_INTR)
        c->events &= ~(uint32_t)EV_TAKE_INTR;
    else if (!(c->events & EV_INTR) || !interrupts_open(c))
        return false;
    cpu_sync_clock(c);
    vector = apic_acknowledge(c);
    charge_event(c);
    if (vector >= 0)
        cpu_interrupt(c, (unsigned)vector, INT_HARD, false, 0);
    return true;
}

/* Takes the most urgent event; false when there was none. */
static bool take_event(struct cpu *c)
{
    /* SDM vol. 3, 34.10: RSM returns to HLT, but behind MWAIT. */
    uint32_t woken = c->events & EV_MWAIT ? 0 : c->events & EV_HALT;
    bool shadow = c->events & EV_SHADOW;

    c->events &= ~(uint32_t)EV_SHADOW;
    c->insn_rip = c->rip;
    if (c->events & EV_RESET) {
        charge_event(c);
        cpu_reset(c, true);
        return true;
    }
    if (c->events & EV_HALT && wakes(c)) {
        c->events &= ~(uint32_t)EV_WAITS;
        c->monitor.armed = false;
    }
    if (c->events & EV_SMI && !c->in_smm && !shadow) {
        c->events = (c->events & ~(uint32_t)EV_SMI) | woken; /* saved */
        charge_event(c);
        smm_enter(c);
        return true;
    }
    if (c->events & EV_INIT && !c->in_smm) {
        charge_event(c);
        cpu_reset(c, false);
        return true;
    }
    if (c->pending_dbg && !(c->pending_dbg & DEBUG_HOLD)) {
        charge_event(c);
        debug_end_insn(c);
        return true;
    }
    if (shadow)
        return false;
    return take_nmi(c) || take_interrupt(c);
}

/* Instruction breakpoints, TF and the interrupt shadow: one by one. */
static void single(struct cpu *c)
{
    c->insn_rip = c->rip;
    if (c->probe && probe_blocks(c))
        return;
    debug_begin_insn(c);
    /* With more to spend, an indirect branch goes on where it has been. */
    c->tick_base -= (uint64_t)(c->budget - 1);
    c->budget = 1;
    if (UNLIKELY(c->probe_mask & (PROBE_BRANCH | PROBE_INSN)))
        probe_enter(c, icache_one(c));
    else
        icache_enter(c, icache_one(c));
    debug_end_insn(c);
}

/* Before an instruction: RF only keeps instruction breakpoints away; without
 * one it can go. */
static bool drop_rf(struct cpu *c)
{
    if (debug_watches_code(c))
        return false;
    c->rflags &= ~(uint64_t)EFL_RF;
    return true;
}

/* Nothing has come up that the last instruction may have let in. */
static bool undisturbed(struct cpu *c)
{
    if (c->attention || c->rflags & EFL_TF)
        return false;
    if (c->rflags & EFL_RF && !drop_rf(c))
        return false;
    if (LIKELY(!(c->events & (EV_INTR | EV_NMI | EV_SMI | EV_INIT))))
        return true;
    return !(c->events & EV_INTR && interrupts_open(c)) &&
           !(c->events & EV_NMI && !c->nmi_masked) &&
           !(c->events & (EV_SMI | EV_INIT) && !c->in_smm);
}

/* The same with each taken branch or instruction told. */
static void run_told(struct cpu *c)
{
    while (c->budget > 0 && undisturbed(c))
        probe_enter(c, icache_lookup(c, c->budget));
}

/* Runs until something wants a look. */
static void run_traces(struct cpu *c)
{
    if (UNLIKELY(c->probe_mask & (PROBE_BRANCH | PROBE_INSN))) {
        run_told(c);
        return;
    }
    while (c->budget > 0 && undisturbed(c))
        icache_enter(c, icache_lookup(c, c->budget));
}

static bool must_return(struct cpu *c, enum run_result *why)
{
    if (c->probe && c->probe->stop) {
        *why = RUN_BREAK;
        return true;
    }
    if (c->events & EV_STOP) {
        c->events &= ~(uint32_t)EV_STOP;
        *why = RUN_STOP;
        return true;
    }
    if (c->events & EV_SHUTDOWN && !(c->events & (EV_RESET | EV_INIT))) {
        *why = RUN_SHUTDOWN;
        return true;
    }
    return false;
}

bool cpu_halted(const struct cpu *c)
{
    return c->events & (EV_HALT | EV_WAIT_SIPI) && !wakes(c);
}

/* One round between two looks. Faults jump out of it. */
static void round_trip(struct cpu *c)
{
    bool shadow = c->events & EV_SHADOW;

    if (take_event(c))
        return;
    if (cpu_halted(c))
        return;
    c->events &= ~(uint32_t)EV_TRAP;
    drop_rf(c);
    if (shadow || debug_active(c) || (c->probe && probe_passes(c))) {
        single(c);
        return;
    }
    run_traces(c);
}

enum run_result cpu_run(struct cpu *c, uint64_t until)
{
    struct clock *k = c->dev.sv->clock;
    enum run_result why = RUN_LIMIT;

    c->last_now = k->now;
    if (setjmp(c->fault_env) && !probe_fault(c)) {
        if (c->told)
            probe_cut_short(c);
        if (!c->fault_depth) /* else the event it belongs to has paid */
            charge_event(c);
        cpu_deliver_exception(c);
    }
    for (;;) {
        if (c->running)
            cpu_sync_clock(c);
        c->running = true;
        c->attention = false;
        if (must_return(c, &why))
            break;
        if (cpu_halted(c) && !idle(c, until, &why))
            break;
        if (!set_deadline(c, until))
            break;
        if (cpu_halted(c)) /* the timers that fired did not wake it */
            continue;
        if (UNLIKELY(c->probe && c->probe->stop)) /* a device's DMA */
            continue;
        round_trip(c);
    }
    c->running = false;
    return why;
}

/*
 * target.c - the run of a machine under a debugger.
 *
 * A run goes on in slices of the machine. What the probe noted ends a slice;
 * the points then decide whether that ends the run. The instruction at which
 * a run begins is passed by its code points, whatever brought us there.
 */
#include "cpu/disasm/disasm.h"
#include "cpu/paging.h"
#include "debugger/target_int.h"
#include <stdlib.h>

/* ---- life ---- */

struct target *target_create(struct cpu *c, const struct target_host *host)
{
    struct target *t = calloc(1, sizeof *t);

    if (!t)
        error_no_memory();
    t->c = c;
    t->host = *host;
    t->next_id = 1;
    t->probe.wants = points_wants;
    t->probe.opaque = t;
    t->probe.pass_tick = t->probe.fault_tick = UINT64_MAX;
    c->probe = &t->probe;
    return t;
}

void target_destroy(struct target *t)
{
    if (!t)
        return;
    t->c->probe = NULL;
    probe_update(t->c);
    probe_changed(t->c);
    for (size_t n = 0; n < t->point_count; n++)
        free(t->points[n]);
    for (unsigned s = 0; s < PROBE_SPACES; s++)
        free(t->probe.code[s]);
    free(t->probe.data);
    free(t->points);
    free(t->watched);
    free(t);
}

struct cpu *target_cpu(struct target *t)
{
    return t->c;
}

const struct target_host *target_host_of(const struct target *t)
{
    return &t->host;
}

uint64_t target_ticks(struct target *t)
{
    return t->c->dev.sv->clock->now;
}

uint64_t target_pc(struct target *t)
{
    const struct cpu *c = t->c;

    return c->mode == MODE_LONG64 ? c->rip
                                  : (uint32_t)(c->rip + c->seg[SEG_CS].base);
}

unsigned target_code_bits(struct target *t)
{
    return t->c->code_bits;
}

uint64_t target_slices(const struct target *t)
{
    return t->slices;
}

bool target_running(const struct target *t)
{
    return t->running;
}

void target_interrupt(struct target *t)
{
    t->interrupted = 1;
}

void target_break(struct target *t)
{
    t->break_wanted = true;
    t->probe.stop = true;
    t->c->attention = true;
}

void target_set_magic(struct target *t, uint8_t registers)
{
    if (t->probe.magic == registers)
        return;
    t->probe.magic = registers;
    t->dirty = true;
    probe_changed(t->c);
}

uint8_t target_magic(const struct target *t)
{
    return t->probe.magic;
}

/* ---- observers ---- */

bool target_observe(struct target *t, const struct target_observer *o)
{
    for (unsigned n = 0; n < TARGET_OBSERVERS; n++)
        if (!t->observers[n].stopped) {
            t->observers[n] = *o;
            return true;
        }
    return false;
}

void target_unobserve(struct target *t, void *opaque)
{
    for (unsigned n = 0; n < TARGET_OBSERVERS; n++)
        if (t->observers[n].stopped && t->observers[n].opaque == opaque)
            t->observers[n] = (struct target_observer){0};
}

/* ---- runs ---- */

static void run_begin(struct target *t)
{
    t->running = true;
    t->slices = 0;
    t->interrupted = 0;
    t->break_wanted = false;
    points_apply(t);
    probe_begin(t->c);
    if (points_any_register(t))
        points_remember_registers(t);
}

static struct stop run_end(struct target *t, struct stop s)
{
    struct point *p = s.kind == STOP_POINT ? target_point(t, s.point) : NULL;

    t->running = false;
    t->probe.stop = false;
    if (t->step_over) {
        if (p && p->id == t->step_over)
            s = (struct stop){.kind = STOP_STEP};
        target_remove_point(t, t->step_over);
        t->step_over = 0;
    } else if (p && p->temporary) {
        target_remove_point(t, p->id);
    }
    for (unsigned n = 0; n < TARGET_OBSERVERS; n++)
        if (t->observers[n].stopped)
            t->observers[n].stopped(t->observers[n].opaque, &s);
    return s;
}

/* What the probe noted: true when it ends the run. */
static bool noted(struct target *t, struct stop *s)
{
    bool end;

    if (!t->probe.stop)
        return false;
    end = points_decide(t, s);
    if (!end && t->break_wanted) {
        *s = (struct stop){.kind = STOP_BREAK_PORT};
        end = true;
    }
    t->break_wanted = false;
    /* A code point that does not want it now is passed; any other hit comes
     * after its instruction, and the next one may have a point of its own. */
    if (t->probe.hit_count && t->probe.hits[0].what == PROBE_CODE)
        t->probe.pass_tick = target_ticks(t);
    t->probe.stop = false;
    t->probe.hit_count = 0;
    /* A condition may have changed the points. */
    points_apply(t);
    return end;
}

/* One slice up to `until`: true when it ends the run. */
static bool slice(struct target *t, uint64_t until, struct stop *s)
{
    t->slices++;
    switch (t->host.run(t->host.opaque, until)) {
    case TARGET_ENDED:
        *s = (struct stop){.kind = STOP_END};
        return true;
    case TARGET_SHUTDOWN:
        *s = (struct stop){.kind = STOP_SHUTDOWN};
        return true;
    default:
        break;
    }
    if (noted(t, s) ||
        (points_any_register(t) && points_register_changed(t, s)))
        return true;
    if (t->interrupted) {
        *s = (struct stop){.kind = STOP_USER};
        return true;
    }
    return false;
}

/* The next tick at which something may be different. */
static uint64_t next_step(struct target *t, uint64_t n)
{
    const struct clock *k = t->c->dev.sv->clock;

    if (!cpu_halted(t->c))
        return n < UINT64_MAX - k->now ? k->now + n : UINT64_MAX;
    return k->next_deadline > k->now ? k->next_deadline : k->now + 1;
}

struct stop target_continue(struct target *t, uint64_t ticks)
{
    uint64_t end = ticks ? target_ticks(t) + ticks : UINT64_MAX;
    struct stop s = {.kind = STOP_TIME};

    run_begin(t);
    while (target_ticks(t) < end) {
        uint64_t until = end;

        if (points_any_register(t) && next_step(t, 1) < until)
            until = next_step(t, 1);
        if (slice(t, until, &s))
            return run_end(t, s);
    }
    return run_end(t, (struct stop){.kind = STOP_TIME});
}

/* Instructions are counted, not ticks: a halted processor sleeps until
 * something wakes it. */
struct stop target_step(struct target *t, uint64_t n)
{
    uint64_t goal = t->c->icount + n;
    struct stop s;

    run_begin(t);
    while (t->c->icount < goal) {
        uint64_t left = points_any_register(t) ? 1 : goal - t->c->icount;

        if (slice(t, next_step(t, left), &s))
            return run_end(t, s);
    }
    return run_end(t, (struct stop){.kind = STOP_STEP});
}

/* ---- stepping over ---- */

/* Is the stack no deeper than it was? Keeps a recursive call's own pass over
 * the next instruction from ending the step. */
static bool back_again(void *opaque, struct target *t, const struct point *p)
{
    uint64_t mask = t->c->stack_mask;
    uint64_t sp = target_point(t, p->id)->len;

    (void)opaque;
    /* Modulo the stack's width: half of it is enough to compare. */
    return ((t->c->gpr[RSP] - sp) & mask) <= mask / 2;
}

/* After an interrupt: other threads may run the same code meanwhile. */
static bool same_stack(void *opaque, struct target *t, const struct point *p)
{
    (void)opaque;
    return t->c->gpr[RSP] == target_point(t, p->id)->len;
}

typedef bool condition_fn(void *opaque, struct target *t,
                          const struct point *p);

/* A run up to the linear address, when the stack (now at sp) is as wanted. */
static struct stop run_to(struct target *t, uint64_t addr, uint64_t sp,
                          condition_fn *wanted)
{
    struct point p = {.kind = POINT_CODE,
                      .space = ADDR_LINEAR,
                      .addr = addr,
                      .len = sp, /* code points have no length of their own */
                      .enabled = true,
                      .condition = wanted};

    t->step_over = target_add_point(t, &p);
    return target_continue(t, 0);
}

struct stop target_step_program(struct target *t)
{
    const struct cpu *c = t->c;
    uint64_t pc = target_pc(t), sp = c->gpr[RSP], before;
    struct stop s;

    for (;;) {
        before = c->hard_interrupts;
        s = target_step(t, 1);
        if (s.kind != STOP_STEP || c->hard_interrupts == before)
            return s;
        s = run_to(t, pc, sp, same_stack);
        if (s.kind != STOP_STEP)
            return s;
    }
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(word, *list))
            return true;
    return false;
}

static bool steps_over(const struct decoded *d)
{
    static const char *const names[] = {
        "call",  "int",    "int3",    "into",    "int1",     "loop",
        "loope", "loopne", "callfar", "syscall", "sysenter", NULL};

    return is_one_of(d->info->mnemonic, names) ||
           !strncmp(d->info->mnemonic, "call", 4) ||
           (d->rep && d->info->attr & ATTR_STRING);
}

struct stop target_step_over(struct target *t)
{
    const struct cpu *c = t->c;
    struct decode_env env = {c->code_bits,
                             c->mode == MODE_REAL || c->mode == MODE_V86,
                             c->features, c->quirks};
    uint64_t pc = target_pc(t);
    struct decoded d;
    uint8_t bytes[15];
    size_t n = sizeof bytes;

    while (n && !target_read(t, ADDR_LINEAR, 0, pc, bytes, n, NULL))
        n--;
    if (!n || decode_insn(&env, bytes, (unsigned)n, &d) != DECODE_OK ||
        !steps_over(&d))
        return target_step(t, 1);
    return run_to(t, target_address(t, ADDR_LINEAR, 0, pc + d.len), c->gpr[RSP],
                  back_again);
}

/* ---- branches ---- */

void target_record_branches(struct target *t, bool on)
{
    t->probe.branch_count = 0;
    probe_record_branches(t->c, on);
}

bool target_branch(struct target *t, size_t i, uint16_t *cs, uint64_t *from,
                   uint64_t *to)
{
    const struct probe *p = &t->probe;
    size_t have =
        p->branch_count < PROBE_BRANCHES ? p->branch_count : PROBE_BRANCHES;
    const struct probe_branch *b;

    if (i >= have)
        return false;
    b = &p->branches[(p->branch_count - have + i) % PROBE_BRANCHES];
    *cs = b->cs;
    *from = b->from;
    *to = b->to;
    return true;
}

const struct fault_record *target_fault(struct target *t, size_t i)
{
    const struct fault_ring *f = &t->c->faults;

    if (i >= f->count || i >= FAULT_RECORDS)
        return NULL;
    return &f->r[(f->count - 1 - i) % FAULT_RECORDS];
}

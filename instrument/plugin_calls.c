/*
 * plugin_calls.c - from what the processor tells to the plugins' callbacks.
 */
#include "cpu/hot.h"
#include "gen/insn_table.h"
#include "instrument/plugins_int.h"

/* To all plugins that have the callback; the processor is number 0. */
#define CALL(p, callback, ...)                                                 \
    for (struct plugin *g = (p)->first; g; g = g->next)                        \
        if (g->p.callback)                                                     \
    g->p.callback(g->p.self, 0, __VA_ARGS__)

static uint16_t kind_of(const struct decoded *d, bool bad)
{
    uint32_t attr = d->info->attr;
    uint16_t kind = 0;

    if (bad)
        return KLOCHS_BAD;
    kind |= attr & (ATTR_JUMP | ATTR_COND) ? KLOCHS_JUMPS : 0;
    kind |= attr & ATTR_COND ? KLOCHS_CONDITIONAL : 0;
    kind |= attr & ATTR_IO ? KLOCHS_PORT : 0;
    kind |= d->rep && attr & ATTR_REP ? KLOCHS_REPEATS : 0;
    kind |= d->mod != 3 || attr & ATTR_STRING ? KLOCHS_MEMORY : 0;
    return kind;
}

static void describe(struct klochs_insn *i, const struct cpu *c,
                     const struct trace *t)
{
    const struct decoded *d = t->cold[0].dec;
    size_t row = (size_t)((uintptr_t)d->info - (uintptr_t)insn_table);
    bool bad = row >= sizeof insn_table; /* a row that decoding made up */

    i->rip = t->rip;
    i->laddr =
        c->mode == MODE_LONG64 ? t->rip : (uint32_t)(t->rip + t->cs_base);
    i->paddr = t->paddr;
    i->op = bad ? UINT32_MAX : (uint32_t)(row / sizeof *insn_table);
    i->kind = kind_of(d, bad);
    i->length = (uint8_t)t->bytes;
    i->bits = c->code_bits;
}

static void before(void *opaque, const struct trace *t)
{
    struct plugins *p = opaque;

    p->between = true;
    describe(&p->insn, p->c, t);
    CALL(p, instruction, &p->insn);
    p->between = false;
}

static void after(void *opaque, uint64_t ticks)
{
    struct plugins *p = opaque;

    p->between = true;
    CALL(p, executed, &p->insn, ticks);
}

/* ---- events ---- */

static void on_data(struct plugins *p, const struct probe_hit *h)
{
    CALL(p, memory, h->addr, h->paddr, h->len, h->write, h->value);
}

static void on_port(struct plugins *p, const struct probe_hit *h)
{
    CALL(p, port, (uint16_t)h->addr, h->len, h->write, (uint32_t)h->value);
}

static void on_msr(struct plugins *p, const struct probe_hit *h)
{
    CALL(p, msr, (uint32_t)h->addr, h->write, h->value);
}

static void on_exception(struct plugins *p, const struct probe_hit *h)
{
    CALL(p, exception, (unsigned)h->addr, (uint32_t)h->value);
}

static void on_interrupt(struct plugins *p, const struct probe_hit *h)
{
    CALL(p, interrupt, (unsigned)h->addr, h->write);
}

static void on_branch(struct plugins *p, const struct probe_hit *h)
{
    bool between = p->between;

    p->between = true;
    CALL(p, branch, h->value, h->addr);
    p->between = between;
}

static void on_cr3(struct plugins *p, const struct probe_hit *h)
{
    CALL(p, cr3, h->value);
}

static void on_flush(struct plugins *p, const struct probe_hit *h)
{
    CALL(p, tlb, (unsigned)h->value, h->addr);
}

static void on_mode(struct plugins *p, const struct probe_hit *h)
{
    CALL(p, mode, (unsigned)h->value);
}

static void on_smm(struct plugins *p, const struct probe_hit *h)
{
    CALL(p, smm, h->value != 0);
}

static void on_halt(struct plugins *p, const struct probe_hit *h)
{
    (void)h;
    for (struct plugin *g = p->first; g; g = g->next)
        if (g->p.halt)
            g->p.halt(g->p.self, 0);
}

static void on_reset(struct plugins *p, const struct probe_hit *h)
{
    CALL(p, reset, h->write);
}

static void event(void *opaque, const struct probe_hit *h)
{
    static const struct {
        uint32_t what;
        void (*call)(struct plugins *p, const struct probe_hit *h);
    } calls[] = {
        {PROBE_DATA, on_data},
        {PROBE_BRANCH, on_branch},
        {PROBE_PORT, on_port},
        {PROBE_MSR, on_msr},
        {PROBE_EXCEPTION, on_exception},
        {PROBE_INTERRUPT, on_interrupt},
        {PROBE_CR3, on_cr3},
        {PROBE_TLB, on_flush},
        {PROBE_MODE, on_mode},
        {PROBE_HALT, on_halt},
        {PROBE_RESET, on_reset},
        {PROBE_SMM, on_smm},
    };
    struct plugins *p = opaque;

    for (size_t n = 0; n < ARRAY_LEN(calls); n++)
        if (calls[n].what == h->what) {
            calls[n].call(p, h);
            return;
        }
}

void plugin_calls(struct plugins *p)
{
    uint32_t m = 0;

    for (const struct plugin *g = p->first; g; g = g->next) {
        m |= g->p.instruction || g->p.executed ? PROBE_INSN : 0;
        m |= g->p.branch ? PROBE_BRANCH : 0;
        m |= g->p.memory ? PROBE_DATA : 0;
        m |= g->p.port ? PROBE_PORT : 0;
        m |= g->p.exception ? PROBE_EXCEPTION : 0;
        m |= g->p.interrupt ? PROBE_INTERRUPT : 0;
        m |= g->p.msr ? PROBE_MSR : 0;
        m |= g->p.cr3 ? PROBE_CR3 : 0;
        m |= g->p.tlb ? PROBE_TLB : 0;
        m |= g->p.mode ? PROBE_MODE : 0;
        m |= g->p.smm ? PROBE_SMM : 0;
        m |= g->p.halt ? PROBE_HALT : 0;
        m |= g->p.reset ? PROBE_RESET : 0;
    }
    p->wanted = m;
    p->listener.opaque = p;
    p->listener.event = event;
    p->listener.before = before;
    p->listener.after = after;
}

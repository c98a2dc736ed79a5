/*
 * lockstep_test.c - one run of K instructions, K runs of one, and anything
 * between give the same state.
 *
 * A run of one instruction uses a trace of one slot: no flags are dropped,
 * no consumer knows its producer, nothing is linked. So this compares the
 * trace builder's work with the plain meaning of the instructions, and checks
 * that deadlines are exact. Some programs write into their own code, some get
 * an NMI at a given tick.
 */
#include "core/state.h"
#include "cpu/flags.h"
#include "tests/insn/oracle_gen.h"
#include "tests/tap.h"
#include <stdlib.h>
#include <time.h>

enum { SHOWN = 6 };

struct rig {
    struct tap tap;
    struct exec *x;
    struct gen gen;
    struct timer nmi;
    uint64_t seed, only;
    unsigned differ, shown;
    uint64_t cases;
    uint8_t data[EXEC_DATA_SIZE], code[EXEC_CODE_SIZE];
    struct prog prog;
    struct exec_state in;
    unsigned ticks, nmi_at; /* nmi_at: 0 for none */
};

/* What is left after a run. */
struct outcome {
    struct state_buf cpu;
    uint8_t data[EXEC_DATA_SIZE], code[EXEC_CODE_SIZE];
    uint64_t rip, retired;
    struct exec_state end; /* of what `cpu` holds, for messages */
};

static bool any(const struct insn_info *in)
{
    bool works = in->fn != NULL;

    for (unsigned k = 0; k < 8; k++)
        works = works || in->hot[k / 2][k % 2];
    return works;
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *s = getenv(name);

    return s ? strtoull(s, NULL, 0) : otherwise;
}

static void raise_nmi(void *opaque)
{
    cpu_raise(opaque, EV_NMI);
}

/* ---- runs ---- */

static void restore(struct rig *r, bool code)
{
    memcpy(exec_data(r->x), r->data, EXEC_DATA_SIZE);
    if (code || memcmp(exec_code(r->x), r->code, EXEC_CODE_SIZE))
        exec_poke(r->x, EXEC_CODE, r->code, EXEC_CODE_SIZE);
    exec_load(r->x, &r->in);
}

/* step: ticks at a time; 0: random ones. */
static void run(struct rig *r, unsigned step, bool cold, struct outcome *o)
{
    struct cpu *c = exec_cpu(r->x);
    uint64_t from = c->icount, now = c->dev.sv->clock->now;
    uint64_t mix = r->seed;

    restore(r, cold);
    if (r->nmi_at)
        timer_arm_tick(&r->nmi, now + r->nmi_at);
    for (unsigned left = r->ticks; left;) {
        unsigned n = step;

        if (!step) {
            mix = mix * UINT64_C(6364136223846793005) + 1;
            n = 1 + (unsigned)(mix >> 60);
        }
        n = n < left ? n : left;
        exec_step(r->x, n);
        left -= n;
    }
    timer_cancel(&r->nmi);
    flags_sync(c);
    o->retired = c->icount - from;
    c->icount = 0; /* these two go on from run to run */
    c->msr.tsc_offset = 0;
    o->rip = c->rip;
    o->cpu.len = 0;
    device_save(&c->dev, &o->cpu);
    c->icount = from + o->retired;
    exec_store(r->x, &o->end);
    memcpy(o->data, exec_data(r->x), EXEC_DATA_SIZE);
    memcpy(o->code, exec_code(r->x), EXEC_CODE_SIZE);
}

static const char *difference(const struct outcome *a, const struct outcome *b)
{
    if (a->rip != b->rip)
        return "rip";
    if (a->retired != b->retired)
        return "count";
    if (a->cpu.len != b->cpu.len ||
        memcmp(a->cpu.data, b->cpu.data, a->cpu.len))
        return "registers";
    if (memcmp(a->data, b->data, EXEC_DATA_SIZE))
        return "data";
    return memcmp(a->code, b->code, EXEC_CODE_SIZE) ? "code" : NULL;
}

static void show(struct rig *r, uint64_t id, const char *what,
                 const char *which, const struct outcome *a,
                 const struct outcome *b)
{
    const struct prog *p = &r->prog;

    r->differ++;
    if (r->shown++ >= SHOWN)
        return;
    printf("# case %llu, %u bits, %u ticks, nmi at %u: %s of %s (rip %llx, "
           "one by one %llx; %llu, %llu retired):",
           (unsigned long long)id, r->gen.bits, r->ticks, r->nmi_at, what,
           which, (unsigned long long)a->rip, (unsigned long long)b->rip,
           (unsigned long long)a->retired, (unsigned long long)b->retired);
    for (unsigned k = 0; k < p->n; k++) {
        printf(" ");
        for (unsigned n = p->off[k]; n < p->off[k + 1]; n++)
            printf("%02x", p->bytes[n]);
        printf("(%s)", p->dec[k].info->mnemonic);
    }
    for (unsigned k = 0; k < 16; k++)
        if (a->end.gpr[k] != b->end.gpr[k])
            printf(" r%u %llx, %llx", k, (unsigned long long)a->end.gpr[k],
                   (unsigned long long)b->end.gpr[k]);
    if (a->end.rflags != b->end.rflags)
        printf(" flags %llx, %llx", (unsigned long long)a->end.rflags,
               (unsigned long long)b->end.rflags);
    if (a->end.cr2 != b->end.cr2)
        printf(" cr2 %llx, %llx", (unsigned long long)a->end.cr2,
               (unsigned long long)b->end.cr2);
    printf("\n");
}

/* ---- cases ---- */

static void make_case(struct rig *r, uint64_t id, bool smc)
{
    struct gen *g = &r->gen;
    unsigned at, n;
    bool loop;
    static const uint8_t widths[] = {64, 64, 64, 32, 32, 16};

    g->seed = r->seed * UINT64_C(0xa0761d6478bd642f) + id;
    g->bits = widths[gen_below(g, 6)];
    loop = gen_below(g, 2);
    g->pinned = 0x72f8 | (loop ? 1u << RCX : 0);
    gen_data(g, r->data, EXEC_DATA_SIZE);
    gen_state(g, &r->in);
    r->in.legacy = g->bits != 64 && gen_below(g, 2);
    r->in.cpl = gen_below(g, 4) ? 3 : 0;
    at = gen_below(g, 4) ? 0x1800 + gen_below(g, 0x400)
                         : 0x2000 - gen_below(g, 40);
    n = 3 + gen_below(g, loop ? 9 : 18);
    gen_prog(g, &r->prog, FAM_INT, n, EXEC_CODE + at, loop);
    memset(r->code, 0x90, EXEC_CODE_SIZE);
    memcpy(r->code + at, r->prog.bytes, r->prog.len);
    r->in.rip = (g->bits == 16 ? 0 : EXEC_CODE) + at;
    if (loop)
        r->in.gpr[RCX] = 1 + gen_below(g, 15);
    if (gen_below(g, 8) == 0)
        r->in.rflags |= EFL_TF;
    if (smc && g->bits != 16) {
        r->in.gpr[RBX] = EXEC_CODE + at + gen_below(g, r->prog.len + 1);
        r->in.gpr[RDI] = EXEC_CODE + at + gen_below(g, r->prog.len + 1);
    }
    r->ticks = 1 + gen_below(g, loop ? 150 : 40);
    r->nmi_at = gen_below(g, 4) == 0 ? 1 + gen_below(g, r->ticks) : 0;
}

static void run_case(struct rig *r, uint64_t id, bool smc, struct outcome *o)
{
    static const struct {
        const char *name;
        unsigned step;
        bool cold;
    } ways[] = {
        {"one run", ~0u, true},          {"a second run", ~0u, false},
        {"runs of 40", 40, false},       {"random runs", 0, true},
        {"random runs, warm", 0, false},
    };

    make_case(r, id, smc);
    if (!r->prog.n)
        return;
    r->cases++;
    run(r, 1, true, &o[0]);
    for (unsigned k = 0; k < ARRAY_LEN(ways); k++) {
        const char *what;

        run(r, ways[k].step, ways[k].cold, &o[1]);
        what = difference(&o[1], &o[0]);
        if (what) {
            show(r, id, what, ways[k].name, &o[1], &o[0]);
            return;
        }
    }
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_part(struct rig *r, const char *name, bool smc, double seconds,
                     struct outcome *o)
{
    double end = now() + seconds;

    r->differ = r->shown = 0;
    r->cases = 0;
    if (r->only != UINT64_MAX)
        run_case(r, r->only, smc, o);
    else
        for (uint64_t id = 0; id % 32 || now() < end; id++)
            run_case(r, id, smc, o);
    tap_ok(&r->tap, !r->differ, "%s: %u of %llu cases differ", name, r->differ,
           (unsigned long long)r->cases);
}

int main(void)
{
    static struct rig r;
    static struct outcome o[2];
    struct error err;
    double seconds = (double)number("KLOCHS_ORACLE_SECONDS", 4);
    struct cpu *c;

    r.x = exec_create("corei7_haswell_4770", "adx", &err);
    if (!r.x) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    c = exec_cpu(r.x);
    timer_init(&r.nmi, c->dev.sv->clock, "test.nmi", raise_nmi, c);
    r.seed = number("KLOCHS_ORACLE_SEED", 1);
    r.only = number("KLOCHS_ORACLE_CASE", UINT64_MAX);
    printf("# seed %llu\n", (unsigned long long)r.seed);
    gen_init(&r.gen, c->features, any);
    run_part(&r, "plain", false, seconds / 2, o);
    run_part(&r, "code that is written to", true, seconds / 2, o);
    timer_destroy(&r.nmi);
    exec_destroy(r.x);
    free(o[0].cpu.data);
    free(o[1].cpu.data);
    return tap_done(&r.tap);
}

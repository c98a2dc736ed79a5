/*
 * conf_program.c - runs the rows of the conformance suite, in one process or
 * in several, and sums up.
 */
#undef _GNU_SOURCE /* its names of registers are those of cpu/decode.h */
#define _DEFAULT_SOURCE
#include "tests/insn/conf.h"
#include "tests/tap.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SHOWN_OF_ROW = 2, SHOWN = 60 };

struct plan {
    uint64_t seed, cases, total; /* cases for a row; for all, or 0 */
    double end;
    unsigned jobs, job;
    const char *only, *table, *state;
    unsigned shown;
    bool stop, failed; /* after the first round with a failure */
    struct row_stats *stats;
};

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *s = getenv(name);

    return s ? strtoull(s, NULL, 0) : otherwise;
}

static void count(struct row_stats *s, const struct conf_outcome *o,
                  enum conf_result r)
{
    s->cases++;
    s->faults += o->want.vector != EXC_BP;
    s->vectors |= UINT64_C(1) << (o->want.vector & 63);
    s->failed += r == CONF_FAILED;
    s->masked += r == CONF_MASKED;
    s->undefined += r == CONF_UNDEFINED;
    s->leaving += o->leaving;
    s->near += r == CONF_NEAR;
    if (r == CONF_NEAR && o->ulps > s->worst)
        s->worst = o->ulps;
}

static bool same_end(const struct exec_state *a, const struct exec_state *b)
{
    return !memcmp(a->gpr, b->gpr, sizeof a->gpr) && a->rip == b->rip &&
           a->rflags == b->rflags && a->vector == b->vector &&
           a->code == b->code && a->cr2 == b->cr2 &&
           !memcmp(a->selector, b->selector, sizeof a->selector);
}

/* An interrupt of the host may come between, after which its kernel cannot give
 * back the upper half of a 16-bit stack's pointer: what the host itself does
 * otherwise the second time proves nothing, unless it differs from us again. */
static enum conf_result confirm(struct conf *f, const struct conf_case *k,
                                const struct conf_outcome *o)
{
    static struct conf_outcome again;
    enum conf_result r = conf_run(f, k, &again);

    return r == CONF_FAILED || same_end(&o->want, &again.want) ? CONF_FAILED
                                                               : CONF_MASKED;
}

static void run_states(struct conf *f, struct plan *p, struct conf_case *k,
                       struct row_stats *s)
{
    static struct conf_outcome o;

    for (k->state = 0; k->state < CONF_STATES; k->state++) {
        enum conf_result r;

        conf_state(f, k);
        r = conf_run(f, k, &o);
        if (r == CONF_TIMEOUT)
            continue;
        if (r == CONF_FAILED)
            r = confirm(f, k, &o);
        if (!s->cases || k->state == 0)
            s->seen |= conf_seen(k);
        count(s, &o, r);
        p->failed = p->failed || r == CONF_FAILED;
        if (r == CONF_FAILED && s->failed <= SHOWN_OF_ROW && p->shown++ < SHOWN)
            conf_show(f, k);
    }
}

/* Counts it all at once, so that a run can be killed at any time. */
static void run_instance(struct conf *f, struct plan *p, unsigned row,
                         unsigned instance)
{
    struct row_stats s = p->stats[row];
    struct conf_case k = {0};
    uint64_t masked = s.masked;

    s.next = instance + 1;
    if (conf_instruction(f, row, instance, &k)) {
        run_states(f, p, &k, &s);
        if (!conf_clean(f, &k) && s.masked == masked) {
            s.failed++;
            printf("# case %u:%u code was changed in different ways\n", row,
                   instance);
        }
    }
    p->stats[row] = s;
}

static uint64_t cases_of_all(const struct plan *p)
{
    uint64_t n = 0;

    for (unsigned row = 0; row < INSN_COUNT; row++)
        n += p->stats[row].cases;
    return n;
}

/* One instance more of each row of this process that is not before `round`. */
static void run_round(struct conf *f, struct plan *p, unsigned round)
{
    for (unsigned row = p->job; row < INSN_COUNT; row += p->jobs) {
        if (f->form[row].why_not ||
            (p->only && strcmp(insn_table[row].mnemonic, p->only)))
            continue;
        if (p->stats[row].next <= round)
            run_instance(f, p, row, round);
    }
}

static void run_rows(struct conf *f, struct plan *p)
{
    uint64_t rounds = (p->cases + CONF_STATES - 1) / CONF_STATES;

    for (unsigned round = 0; p->total || round < rounds; round++) {
        if (p->total && cases_of_all(p) >= p->total)
            return;
        run_round(f, p, round);
        if (native_seconds() > p->end || (p->stop && p->failed))
            return;
    }
}

static void run_case(struct conf *f, struct plan *p, const char *name)
{
    struct conf_case k = {0};
    static struct conf_outcome o;
    unsigned row, instance;

    if (sscanf(name, "%u:%u:%u", &row, &instance, &k.state) != 3 ||
        row >= INSN_COUNT)
        return;
    if (!conf_instruction(f, row, instance, &k))
        return;
    conf_state(f, &k);
    count(&p->stats[row], &o, conf_run(f, &k, &o));
    conf_show(f, &k);
    conf_clean(f, &k);
}

static void work(struct plan *p)
{
    const char *why = NULL, *one = getenv("KLOCHS_CONF_CASE");
    struct conf *f = conf_open(p->seed, &why);

    if (!f) {
        printf("Bail out! %s\n", why);
        exit(1);
    }
    if (one)
        run_case(f, p, one);
    else
        run_rows(f, p);
    conf_close(f);
}

/* The processes share the statistics and write different rows of it. */
static bool run_jobs(struct plan *p)
{
    bool good = true;

    fflush(stdout);
    for (p->job = 0; p->job < p->jobs; p->job++)
        if (!fork()) {
            work(p);
            fflush(stdout);
            exit(0);
        }
    for (unsigned n = 0; n < p->jobs; n++) {
        int status;

        good = wait(&status) > 0 && status == 0 && good;
    }
    return good;
}

static void write_table(const struct conf *f, const struct plan *p)
{
    FILE *out = p->table ? fopen(p->table, "w") : NULL;

    if (!out)
        return;
    conf_report(f, p->stats, out, true);
    fclose(out);
}

static bool take_arguments(struct plan *p, int argc, char **argv,
                           uint64_t *seconds)
{
    for (int n = 1; n + 1 < argc; n += 2) {
        uint64_t v = strtoull(argv[n + 1], NULL, 0);

        if (!strcmp(argv[n], "--cases"))
            p->total = v;
        else if (!strcmp(argv[n], "--seconds"))
            *seconds = v;
        else if (!strcmp(argv[n], "--jobs"))
            p->jobs = (unsigned)v;
        else if (!strcmp(argv[n], "--seed"))
            p->seed = v;
        else if (!strcmp(argv[n], "--table"))
            p->table = argv[n + 1];
        else if (!strcmp(argv[n], "--state"))
            p->state = argv[n + 1];
        else
            return false;
    }
    return argc % 2 == 1;
}

static bool make_plan(struct plan *p, const struct conf_defaults *d, int argc,
                      char **argv)
{
    uint64_t seconds = number("KLOCHS_CONF_SECONDS", d->seconds);

    p->seed = number("KLOCHS_CONF_SEED", 1);
    p->cases = number("KLOCHS_CONF_CASES", d->cases);
    p->jobs = (unsigned)number("KLOCHS_CONF_JOBS", d->jobs);
    p->only = getenv("KLOCHS_CONF_ROW");
    p->table = getenv("KLOCHS_CONF_TABLE");
    p->stop = getenv("KLOCHS_CONF_STOP") != NULL;
    if (!take_arguments(p, argc, argv, &seconds)) {
        fprintf(stderr,
                "usage: %s [--cases N] [--seconds N] [--jobs N] "
                "[--seed N] [--table FILE] [--state FILE]\n",
                argv[0]);
        return false;
    }
    if (getenv("KLOCHS_CONF_CASE"))
        p->jobs = 1;
    p->end = native_seconds() + (double)seconds;
    p->stats = conf_store_open(p->state, p->seed);
    return p->stats && p->jobs;
}

static void judge(const struct conf *f, const struct plan *p, struct tap *tap,
                  bool ended, double seconds, uint64_t before)
{
    uint64_t cases = cases_of_all(p), failed;

    for (unsigned r = 0; r < INSN_COUNT; r++)
        if (p->stats[r].failed)
            printf("# row %u %s: %llu of %llu fail\n", r,
                   insn_table[r].mnemonic,
                   (unsigned long long)p->stats[r].failed,
                   (unsigned long long)p->stats[r].cases);
    failed = conf_report(f, p->stats, stdout, false);
    printf("# %.0f cases a second\n", (double)(cases - before) / seconds);
    write_table(f, p);
    tap_ok(tap, ended, "every process came to its end");
    tap_ok(tap, cases != 0, "there were cases");
    tap_ok(tap, !failed, "%llu of %llu cases fail", (unsigned long long)failed,
           (unsigned long long)cases);
}

int conf_program(const struct conf_defaults *d, int argc, char **argv)
{
    struct plan p = {0};
    struct tap tap = {0};
    struct conf *f;
    const char *why = NULL;
    double start = native_seconds();
    uint64_t before;
    bool ended;

    if (!native_possible(&why)) {
        printf("1..0 # skip %s\n", why);
        return 0;
    }
    if (!make_plan(&p, d, argc, argv))
        return 1;
    before = cases_of_all(&p);
    printf("# seed %llu\n", (unsigned long long)p.seed);
    ended = run_jobs(&p);
    f = conf_open(p.seed, &why);
    if (!f) {
        printf("Bail out! %s\n", why);
        return 1;
    }
    judge(f, &p, &tap, ended, native_seconds() - start, before);
    conf_close(f);
    return tap_done(&tap);
}

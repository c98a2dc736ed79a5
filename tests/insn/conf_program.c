/*
 * conf_program.c - runs the rows of the conformance suite, in one process or
 * in several, and sums up.
 */
#undef _GNU_SOURCE /* its names of registers are those of cpu/decode.h */
#define _DEFAULT_SOURCE
#include "tests/insn/conf.h"
#include "tests/tap.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SHOWN_OF_ROW = 2, SHOWN = 60 };

struct plan {
    uint64_t seed, cases;
    double end;
    unsigned jobs, job;
    const char *only;
    unsigned shown;
    bool stop, failed; /* after the first round with a failure */
    struct row_stats *stats;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

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
    s->near += r == CONF_NEAR;
    if (r == CONF_NEAR && o->ulps > s->worst)
        s->worst = o->ulps;
}

static void run_instance(struct conf *f, struct plan *p, unsigned row,
                         unsigned instance)
{
    struct row_stats *s = &p->stats[row];
    struct conf_case k = {0};
    static struct conf_outcome o;
    bool masked = false;

    if (!conf_instruction(f, row, instance, &k))
        return;
    for (k.state = 0; k.state < CONF_STATES; k.state++) {
        enum conf_result r;

        conf_state(f, &k);
        r = conf_run(f, &k, &o);
        if (r == CONF_TIMEOUT)
            continue;
        if (!s->cases || k.state == 0)
            s->seen |= conf_seen(&k);
        count(s, &o, r);
        masked = masked || r == CONF_MASKED;
        p->failed = p->failed || r == CONF_FAILED;
        if (r == CONF_FAILED && s->failed <= SHOWN_OF_ROW && p->shown++ < SHOWN)
            conf_show(f, &k);
    }
    if (!conf_clean(f, &k) && !masked) {
        s->failed++;
        printf("# case %u:%u code was changed in different ways\n", row,
               instance);
    }
}

static void run_rows(struct conf *f, struct plan *p)
{
    uint64_t rounds = (p->cases + CONF_STATES - 1) / CONF_STATES;

    for (unsigned instance = 0; instance < rounds; instance++) {
        for (unsigned row = p->job; row < INSN_COUNT; row += p->jobs) {
            if (f->form[row].why_not ||
                (p->only && strcmp(insn_table[row].mnemonic, p->only)))
                continue;
            run_instance(f, p, row, instance);
        }
        if (now() > p->end || (p->stop && p->failed))
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
            _exit(0);
        }
    for (unsigned n = 0; n < p->jobs; n++) {
        int status;

        good = wait(&status) > 0 && status == 0 && good;
    }
    return good;
}

static void write_table(const struct conf *f, const struct row_stats *s)
{
    const char *path = getenv("KLOCHS_CONF_TABLE");
    FILE *out = path ? fopen(path, "w") : NULL;

    if (!out)
        return;
    conf_report(f, s, out, true);
    fclose(out);
}

static bool make_plan(struct plan *p, const struct conf_defaults *d)
{
    p->seed = number("KLOCHS_CONF_SEED", 1);
    p->cases = number("KLOCHS_CONF_CASES", d->cases);
    p->jobs = (unsigned)number("KLOCHS_CONF_JOBS", d->jobs);
    if (getenv("KLOCHS_CONF_CASE"))
        p->jobs = 1;
    p->only = getenv("KLOCHS_CONF_ROW");
    p->stop = getenv("KLOCHS_CONF_STOP") != NULL;
    p->end = now() + (double)number("KLOCHS_CONF_SECONDS", d->seconds);
    p->stats = mmap(NULL, INSN_COUNT * sizeof *p->stats, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p->stats != MAP_FAILED && p->jobs;
}

static void judge(const struct conf *f, const struct plan *p, struct tap *tap,
                  bool ended, double seconds)
{
    uint64_t cases = 0, failed;

    for (unsigned r = 0; r < INSN_COUNT; r++) {
        cases += p->stats[r].cases;
        if (p->stats[r].failed)
            printf("# row %u %s: %llu of %llu fail\n", r,
                   insn_table[r].mnemonic,
                   (unsigned long long)p->stats[r].failed,
                   (unsigned long long)p->stats[r].cases);
    }
    failed = conf_report(f, p->stats, stdout, false);
    printf("# %.0f cases a second\n", (double)cases / seconds);
    write_table(f, p->stats);
    tap_ok(tap, ended, "every process came to its end");
    tap_ok(tap, cases != 0, "there were cases");
    tap_ok(tap, !failed, "%llu of %llu cases fail", (unsigned long long)failed,
           (unsigned long long)cases);
}

int conf_program(const struct conf_defaults *d)
{
    struct plan p = {0};
    struct tap tap = {0};
    struct conf *f;
    const char *why = NULL;
    double start = now();
    bool ended;

    if (!native_possible(&why)) {
        printf("1..0 # skip %s\n", why);
        return 0;
    }
    if (!make_plan(&p, d))
        return 1;
    printf("# seed %llu\n", (unsigned long long)p.seed);
    ended = run_jobs(&p);
    f = conf_open(p.seed, &why);
    if (!f) {
        printf("Bail out! %s\n", why);
        return 1;
    }
    judge(f, &p, &tap, ended, now() - start);
    conf_close(f);
    return tap_done(&tap);
}

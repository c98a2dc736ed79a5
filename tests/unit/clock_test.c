/*
 * clock_test.c - order, exactness and saving of timers.
 */
#include "core/clock.h"
#include "core/err.h"
#include "core/rng.h"
#include "core/state.h"
#include "tests/tap.h"

enum { MANY = 200 };

struct fixture {
    struct clock k;
    struct timer timer[MANY];
    char name[MANY][8];
    unsigned fired[10 * MANY];
    uint64_t at[10 * MANY];
    unsigned count, earlier;
    struct probe {
        struct fixture *f;
        unsigned n;
    } probe[MANY];
};

static void fire(void *opaque)
{
    struct probe *p = opaque;
    struct fixture *f = p->f;

    if (f->count < ARRAY_LEN(f->fired)) {
        f->fired[f->count] = p->n;
        f->at[f->count] = f->k.now;
    }
    f->count++;
}

static void note_earlier(void *opaque)
{
    ((struct fixture *)opaque)->earlier++;
}

static void setup(struct fixture *f, unsigned timers)
{
    memset(f, 0, sizeof *f);
    clock_init(&f->k, 1000000);
    f->k.earlier = note_earlier;
    f->k.opaque = f;
    for (unsigned i = 0; i < timers; i++) {
        snprintf(f->name[i], sizeof f->name[i], "t%u", i);
        f->probe[i] = (struct probe){f, i};
        timer_init(&f->timer[i], &f->k, f->name[i], fire, &f->probe[i]);
    }
}

static void order(struct tap *t)
{
    struct fixture f;

    setup(&f, 4);
    tap_ok(t, f.k.next_deadline == CLOCK_NEVER && !timer_armed(&f.timer[0]),
           "nothing armed");
    timer_arm_tick(&f.timer[2], 50);
    timer_arm_tick(&f.timer[0], 50);
    timer_arm_tick(&f.timer[1], 49);
    timer_arm_tick(&f.timer[3], 50);
    tap_eq(t, f.k.next_deadline, 49, "the first deadline");
    tap_eq(t, f.earlier, 2, "`earlier` for the first and for 49 only");
    f.k.now = 48;
    clock_run_due(&f.k);
    tap_eq(t, f.count, 0, "one tick early: nothing");
    f.k.now = 49;
    clock_run_due(&f.k);
    tap_eq(t, f.count, 1, "at its tick");
    f.k.now = 50;
    clock_run_due(&f.k);
    tap_ok(t,
           f.count == 4 && f.fired[1] == 2 && f.fired[2] == 0 &&
               f.fired[3] == 3,
           "equal ticks: in the order of arming");
    tap_ok(t, f.k.next_deadline == CLOCK_NEVER && !timer_armed(&f.timer[3]),
           "fired timers are off");
    clock_destroy(&f.k);
}

static void rearm(struct tap *t)
{
    struct fixture f;

    setup(&f, 3);
    timer_arm_tick(&f.timer[0], 10);
    timer_arm_tick(&f.timer[0], 30);
    tap_eq(t, f.k.count, 1, "armed again, there once");
    tap_eq(t, f.k.next_deadline, 30, "at the new tick");
    timer_cancel(&f.timer[0]);
    timer_cancel(&f.timer[0]);
    tap_eq(t, f.k.next_deadline, CLOCK_NEVER, "cancelled twice");
    f.k.now = 100;
    f.earlier = 0;
    timer_arm_tick(&f.timer[0], 5);
    tap_eq(t, f.timer[0].deadline, 101, "a past tick: the next boundary");
    timer_arm_tick(&f.timer[1], 100);
    tap_eq(t, f.timer[1].deadline, 101, "the present tick likewise");
    tap_eq(t, f.earlier, 1, "and the processor hears of it once");
    timer_arm_tick(&f.timer[0], CLOCK_NEVER);
    tap_ok(t, !timer_armed(&f.timer[0]), "CLOCK_NEVER cancels");
    timer_destroy(&f.timer[1]);
    tap_eq(t, f.k.next_deadline, CLOCK_NEVER, "destroyed timers do not fire");
    timer_init(&f.timer[1], &f.k, "t1", fire, &f.probe[1]);
    tap_ok(t,
           f.k.all == &f.timer[0] && f.timer[0].next == &f.timer[2] &&
               f.timer[2].next == &f.timer[1],
           "and their name is free again");
    clock_destroy(&f.k);
}

struct self {
    struct timer t;
    unsigned count;
};

static void again(void *opaque)
{
    struct self *s = opaque;

    s->count++;
    timer_arm_in_ns(&s->t, 0);
}

static void no_hang(struct tap *t)
{
    struct clock k;
    struct self s = {0};

    clock_init(&k, 1000);
    timer_init(&s.t, &k, "self", again, &s);
    timer_arm_tick(&s.t, 1);
    k.now = 5;
    clock_run_due(&k);
    tap_eq(t, s.count, 1, "a timer that arms itself at once fires once");
    tap_eq(t, k.next_deadline, 6, "and again at the next boundary");
    timer_arm_in_ns(&s.t, UINT64_MAX);
    tap_ok(t, !timer_armed(&s.t), "beyond the end of time is never");
    k.ips = 5000000000u;
    timer_arm_ns(&s.t, UINT64_MAX);
    tap_ok(t, !timer_armed(&s.t), "also with five ticks in a nanosecond");
    timer_arm_ns(&s.t, UINT64_MAX / 8);
    tap_eq(t, s.t.deadline, UINT64_MAX / 8 * 5, "half of that is in time");
    clock_destroy(&k);
}

/* The heap against a plain search, through arming, moving and cancelling. */
static void random_order(struct tap *t)
{
    struct fixture f;
    struct rng rng;
    bool good = true;

    setup(&f, MANY);
    rng_seed(&rng, 1);
    for (unsigned step = 0; step < 2000 && good; step++) {
        struct timer *x = &f.timer[rng_next(&rng) % MANY];
        uint64_t least = CLOCK_NEVER;

        if (rng_next(&rng) % 4)
            timer_arm_tick(x, f.k.now + 1 + rng_next(&rng) % 64);
        else
            timer_cancel(x);
        for (unsigned i = 0; i < MANY; i++) {
            if (f.timer[i].deadline < least)
                least = f.timer[i].deadline;
        }
        good = f.k.next_deadline == least;
        if (step % 8 == 0) {
            f.k.now++;
            f.count = 0;
            clock_run_due(&f.k);
            for (unsigned i = 1; i < f.count; i++)
                good = good &&
                       f.timer[f.fired[i - 1]].seq < f.timer[f.fired[i]].seq;
        }
    }
    tap_ok(t, good, "2000 random steps agree with a plain search");
    f.count = 0;
    clock_advance_to(&f.k, f.k.now + 100);
    for (unsigned i = 1; i < f.count; i++)
        good = good && f.at[i - 1] <= f.at[i];
    tap_ok(t, good && f.count && f.k.count == 0,
           "advancing fires all, each at its own tick");
    clock_destroy(&f.k);
}

static void units(struct tap *t)
{
    struct clock k;
    bool good = true;

    clock_init(&k, 3000000);
    for (uint64_t ns = 0; ns < 100000 && good; ns += 7) {
        uint64_t tick = clock_ns_to_tick(&k, ns);

        k.now = tick;
        good = clock_ns(&k) >= ns;
        k.now = tick - 1;
        good = good && (tick == 0 || clock_ns(&k) < ns);
    }
    tap_ok(t, good, "clock_ns_to_tick is the first tick not before");
    for (uint64_t c = 1; c < 5000 && good; c++) {
        k.now = clock_cycles_to_tick(&k, c, 1193182);
        good = clock_cycles(&k, 1193182) >= c;
        k.now--;
        good = good && clock_cycles(&k, 1193182) < c;
    }
    tap_ok(t, good, "clock_cycles_to_tick likewise");
    k.now = 3000000ull * 3600 * 24 * 365;
    tap_eq(t, clock_ns(&k), 1000000000ull * 3600 * 24 * 365,
           "a year later there is no drift");
    tap_eq(t, clock_cycles(&k, 1193182), 1193182ull * 3600 * 24 * 365,
           "nor in cycles");
    clock_destroy(&k);
}

static void saving(struct tap *t)
{
    struct fixture a, b;
    struct state_buf one = {0}, two = {0};
    struct error err = {0};
    bool refused = true;

    setup(&a, 6);
    setup(&b, 6);
    a.k.now = 1000;
    timer_arm_tick(&a.timer[4], 2000);
    timer_arm_tick(&a.timer[1], 2000);
    timer_arm_tick(&a.timer[5], 1500);
    timer_arm_tick(&b.timer[0], 7);
    clock_save(&a.k, &one);
    for (size_t n = 0; n < one.len; n++)
        refused = refused && !clock_load(&b.k, one.data, n, &err);
    tap_ok(t, refused, "no part of the data is taken");
    tap_ok(t, b.k.now == 0 && b.timer[0].deadline == 7,
           "and a refusal changes nothing");
    tap_ok(t, clock_load(&b.k, one.data, one.len, &err), "loads");
    clock_save(&b.k, &two);
    tap_ok(t, one.len == two.len && !memcmp(one.data, two.data, one.len),
           "and saves as the same");
    tap_ok(t,
           b.k.now == 1000 && !timer_armed(&b.timer[0]) &&
               b.k.next_deadline == 1500,
           "time and deadlines");
    clock_advance_to(&b.k, 3000);
    tap_ok(t,
           b.count == 3 && b.fired[0] == 5 && b.fired[1] == 4 &&
               b.fired[2] == 1,
           "the order among equals is saved too");
    clock_destroy(&b.k);
    setup(&b, 5); /* lacks t5 */
    tap_ok(t,
           !clock_load(&b.k, one.data, one.len, &err) && strstr(err.text, "t5"),
           "an unknown timer: %s", err.text);
    memset(one.data + 8, 0, 8);
    tap_ok(t, !clock_check(&a.k, one.data, one.len, &err), "no ips");
    st_le64(one.data + 8, 1);
    one.data[30] = '1'; /* t1 and t1 */
    one.data[30 + 19] = '1';
    tap_ok(t,
           !clock_check(&a.k, one.data, one.len, &err) &&
               strstr(err.text, "twice"),
           "a timer twice: %s", err.text);
    state_buf_free(&one);
    state_buf_free(&two);
    clock_destroy(&a.k);
    clock_destroy(&b.k);
}

static void hashing(struct tap *t)
{
    struct fixture a, b;
    uint64_t h;

    setup(&a, 3);
    setup(&b, 3);
    timer_arm_tick(&b.timer[1], 9); /* its number in the order is used up */
    timer_cancel(&b.timer[1]);
    timer_arm_tick(&a.timer[0], 50);
    timer_arm_tick(&b.timer[0], 50);
    timer_arm_tick(&a.timer[2], 50);
    h = clock_hash(&a.k, 1);
    tap_ok(t, clock_hash(&b.k, 1) != h, "hash: a timer that is off");
    timer_arm_tick(&b.timer[2], 51);
    tap_ok(t, clock_hash(&b.k, 1) != h, "hash: another deadline");
    timer_arm_tick(&b.timer[2], 50);
    tap_eq(t, clock_hash(&b.k, 1), h, "hash: the same");
    timer_arm_tick(&b.timer[0], 50);
    tap_ok(t, clock_hash(&b.k, 1) != h, "hash: another order at one tick");
    timer_arm_tick(&b.timer[2], 50);
    b.k.now = 1;
    tap_ok(t, clock_hash(&b.k, 1) != h, "hash: another time");
    clock_destroy(&a.k);
    clock_destroy(&b.k);
}

int main(void)
{
    struct tap t = {0};

    order(&t);
    rearm(&t);
    no_hang(&t);
    random_order(&t);
    units(&t);
    saving(&t);
    hashing(&t);
    return tap_done(&t);
}

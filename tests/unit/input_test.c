/*
 * input_test.c - input arrives in order, at its tick, whole, and bounded.
 */
#include "core/input.h"
#include "tests/tap.h"

#include <pthread.h>

struct sink {
    struct device dev;
    uint32_t got[4096];
    uint64_t tick;
    char text[32];
    unsigned count;
};

static void sink_input(struct device *dev, const struct input_event *ev)
{
    struct sink *s = container_of(dev, struct sink, dev);

    if (s->count < ARRAY_LEN(s->got))
        s->got[s->count] = ev->a;
    s->count++;
    s->tick = ev->tick;
    if (ev->len < sizeof s->text) {
        memcpy(s->text, ev->data, ev->len);
        s->text[ev->len] = '\0';
    }
}

static const struct device_class sink_class = {.name = "sink",
                                               .summary = "takes input",
                                               .size = sizeof(struct sink),
                                               .input = sink_input};
static const struct device_class deaf_class = {
    .name = "deaf", .summary = "takes none", .size = sizeof(struct sink)};

struct fixture {
    struct log log;
    struct log_source src;
    struct services sv;
    struct device_list list;
    struct sink *sink;
    struct input_queue *q;
    unsigned posted, delivered, commands;
    uint64_t logged_tick;
};

static void on_post(void *opaque)
{
    ((struct fixture *)opaque)->posted++;
}

static void on_deliver(void *opaque, const struct input_event *ev)
{
    struct fixture *f = opaque;

    f->delivered++;
    f->logged_tick = ev->tick;
}

static void on_command(void *opaque, const struct input_event *ev)
{
    if (ev->a == HOST_RESET)
        ((struct fixture *)opaque)->commands++;
}

static void setup(struct fixture *f)
{
    struct input_hooks hooks = {f, on_post, on_deliver, on_command};

    memset(f, 0, sizeof *f);
    log_init(&f->log);
    f->log.lines_left = 0;
    log_source_init(&f->log, &f->src, "input");
    f->sv.log = &f->log;
    f->q = input_create(&hooks);
    f->sink =
        container_of(device_create(&f->list, &f->sv, &sink_class, "kbd", 0),
                     struct sink, dev);
    device_create(&f->list, &f->sv, &deaf_class, "deaf", 0);
}

static void teardown(struct fixture *f)
{
    input_destroy(f->q);
    device_list_destroy(&f->list);
}

static bool post(struct fixture *f, uint64_t tick, const char *device,
                 uint32_t a)
{
    struct input_event ev = {
        .tick = tick, .kind = INPUT_KEY, .device = device, .a = a};

    return input_post(f->q, &ev);
}

static unsigned deliver(struct fixture *f, uint64_t now)
{
    return input_deliver(f->q, now, &f->list, &f->src);
}

static void order(struct tap *t)
{
    struct fixture f;

    setup(&f);
    tap_eq(t, input_next_tick(f.q), CLOCK_NEVER, "empty");
    post(&f, 100, "kbd", 1);
    post(&f, 50, "kbd", 2);
    post(&f, 100, "kbd", 3);
    post(&f, 0, "kbd", 4);
    tap_eq(t, f.posted, 4, "each post is announced");
    tap_eq(t, input_next_tick(f.q), 0, "as soon as possible is first");
    tap_eq(t, deliver(&f, 49), 1, "one is due at 49");
    tap_ok(t, f.sink->got[0] == 4 && f.sink->tick == 49 && f.logged_tick == 49,
           "stamped with the tick it was seen at");
    tap_eq(t, input_next_tick(f.q), 50, "the next");
    tap_eq(t, deliver(&f, 99), 1, "one more by 99");
    tap_eq(t, deliver(&f, 100), 2, "two at 100");
    tap_ok(t, f.sink->got[1] == 2 && f.sink->got[2] == 1 && f.sink->got[3] == 3,
           "by tick, then as posted");
    tap_eq(t, f.delivered, 4, "each was shown to the log");
    post(&f, 7, "kbd", 1);
    input_clear(f.q);
    tap_eq(t, deliver(&f, CLOCK_NEVER), 0, "cleared");
    teardown(&f);
}

static void addressing(struct tap *t)
{
    struct fixture f;
    uint8_t data[] = "hello";
    struct input_event ev = {
        .kind = INPUT_BYTES, .device = "kbd", .data = data, .len = 5};
    struct input_event command = {.kind = INPUT_COMMAND, .a = HOST_RESET};

    setup(&f);
    tap_ok(t, input_post(f.q, &ev), "posted");
    memset(data, 'x', sizeof data);
    deliver(&f, 1);
    tap_ok(t, !strcmp(f.sink->text, "hello"), "data is copied at the post");
    post(&f, 0, "nobody", 1);
    post(&f, 0, "deaf", 1);
    post(&f, 0, NULL, 1);
    tap_eq(t, deliver(&f, 2), 3, "events for nobody are taken");
    tap_eq(t, f.sink->count, 1, "and reach nobody");
    tap_ok(t,
           input_post(f.q, &command) && deliver(&f, 3) == 1 && f.commands == 1,
           "a command goes to the machine");
    tap_ok(t, !post(&f, 0, "an-id-that-is-too-long", 1), "too long an id");
    teardown(&f);
}

static void bounds(struct tap *t)
{
    static uint8_t block[100000];
    struct fixture f;
    struct input_event ev = {.kind = INPUT_BYTES,
                             .device = "kbd",
                             .data = block,
                             .len = sizeof block};
    unsigned n = 0;

    setup(&f);
    while (n < 1000 && input_post(f.q, &ev))
        n++;
    tap_ok(t, n > 30 && n < 42, "full after %u blocks of 100000", n);
    tap_eq(t, deliver(&f, 0), n, "all that was taken is delivered");
    tap_ok(t, input_post(f.q, &ev), "then there is room again");
    ev.len = INPUT_QUEUE_BYTES + 1;
    tap_ok(t, !input_post(f.q, &ev), "one that never fits is refused");
    input_clear(f.q);
    for (n = 0; n < 1000000 && post(&f, 0, "kbd", n); n++)
        ;
    tap_ok(t, n < 100000, "many small ones count as well: %u", n);
    teardown(&f);
}

static void *poster(void *opaque)
{
    for (unsigned i = 0; i < 1000; i++)
        post(opaque, 0, "kbd", i);
    return NULL;
}

static void threads(struct tap *t)
{
    struct input_hooks none = {0};
    struct fixture f;
    pthread_t a, b;
    unsigned n = 0;

    setup(&f);
    input_destroy(f.q);
    f.q = input_create(&none);
    pthread_create(&a, NULL, poster, &f);
    pthread_create(&b, NULL, poster, &f);
    for (uint64_t tick = 1; n < 2000; tick++)
        n += deliver(&f, tick);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    tap_eq(t, f.sink->count, 2000, "posts of two threads all arrive");
    teardown(&f);
}

int main(void)
{
    struct tap t = {0};

    order(&t);
    addressing(&t);
    bounds(&t);
    threads(&t);
    return tap_done(&t);
}

/*
 * input.c - queue of input events, posted by threads, delivered in guest time.
 */
#include "core/input.h"

#include <pthread.h>
#include <stdlib.h>

struct entry {
    struct entry *next, *prev;
    struct input_event ev; /* device and data point into this entry */
    char device[16];
    uint8_t data[];
};

struct input_queue {
    pthread_mutex_t lock; /* for all below; never held during a hook */
    struct entry *first, *last;
    size_t bytes;
    struct input_hooks hooks;
};

struct input_queue *input_create(const struct input_hooks *hooks)
{
    struct input_queue *q = calloc(1, sizeof *q);

    if (!q)
        return NULL;
    if (pthread_mutex_init(&q->lock, NULL)) {
        free(q);
        return NULL;
    }
    if (hooks)
        q->hooks = *hooks;
    return q;
}

void input_destroy(struct input_queue *q)
{
    if (!q)
        return;
    input_clear(q);
    pthread_mutex_destroy(&q->lock);
    free(q);
}

static struct entry *new_entry(const struct input_event *ev)
{
    const char *device = ev->device ? ev->device : "";
    struct entry *e;

    if (strlen(device) >= sizeof e->device || ev->len > INPUT_QUEUE_BYTES)
        return NULL;
    e = calloc(1, sizeof *e + ev->len);
    if (!e)
        return NULL;
    e->ev = *ev;
    memcpy(e->device, device, strlen(device));
    e->ev.device = e->device;
    e->ev.data = e->data;
    if (ev->len)
        memcpy(e->data, ev->data, ev->len);
    return e;
}

static size_t entry_bytes(const struct entry *e)
{
    return sizeof *e + e->ev.len;
}

/* Behind the last entry that is not later. */
static void insert(struct input_queue *q, struct entry *e)
{
    struct entry *after = q->last;

    while (after && after->ev.tick > e->ev.tick)
        after = after->prev;
    e->prev = after;
    e->next = after ? after->next : q->first;
    *(after ? &after->next : &q->first) = e;
    *(e->next ? &e->next->prev : &q->last) = e;
    q->bytes += entry_bytes(e);
}

bool input_post(struct input_queue *q, const struct input_event *ev)
{
    struct entry *e = new_entry(ev);
    bool room;

    if (!e)
        return false;
    pthread_mutex_lock(&q->lock);
    room = entry_bytes(e) <= INPUT_QUEUE_BYTES - q->bytes;
    if (room)
        insert(q, e);
    pthread_mutex_unlock(&q->lock);
    if (!room) {
        free(e);
        return false;
    }
    if (q->hooks.posted)
        q->hooks.posted(q->hooks.opaque);
    return true;
}

uint64_t input_next_tick(struct input_queue *q)
{
    uint64_t tick;

    pthread_mutex_lock(&q->lock);
    tick = q->first ? q->first->ev.tick : CLOCK_NEVER;
    pthread_mutex_unlock(&q->lock);
    return tick;
}

/* Takes the first entry if it is due; the caller frees it. */
static struct entry *take_due(struct input_queue *q, uint64_t now)
{
    struct entry *e;

    pthread_mutex_lock(&q->lock);
    e = q->first;
    if (e && e->ev.tick <= now) {
        q->first = e->next;
        *(e->next ? &e->next->prev : &q->last) = NULL;
        q->bytes -= entry_bytes(e);
    } else {
        e = NULL;
    }
    pthread_mutex_unlock(&q->lock);
    return e;
}

static void deliver(struct input_queue *q, const struct input_event *ev,
                    const struct device_list *devices, struct log_source *log)
{
    struct device *dev;

    if (q->hooks.delivered)
        q->hooks.delivered(q->hooks.opaque, ev);
    if (ev->kind == INPUT_COMMAND) {
        if (q->hooks.command)
            q->hooks.command(q->hooks.opaque, ev);
        return;
    }
    dev = device_find(devices, ev->device);
    if (dev && dev->cls->input)
        dev->cls->input(dev, ev);
    else
        log_error(log, "input for %s dropped: %s", ev->device,
                  dev ? "it takes none" : "no such device");
}

unsigned input_deliver(struct input_queue *q, uint64_t now,
                       const struct device_list *devices,
                       struct log_source *log)
{
    struct entry *e;
    unsigned n = 0;

    while ((e = take_due(q, now)) != NULL) {
        e->ev.tick = now;
        deliver(q, &e->ev, devices, log);
        free(e);
        n++;
    }
    return n;
}

void input_clear(struct input_queue *q)
{
    struct entry *e;

    while ((e = take_due(q, CLOCK_NEVER)) != NULL)
        free(e);
}

/*
 * input.h - the one queue through which the host world enters the machine.
 *
 * Any thread posts; the thread that runs the machine delivers, between
 * instructions. An event with tick 0 is due as soon as possible. What the
 * `delivered` hook is shown, stamped with the tick at which the guest saw it,
 * is a complete log of the input: posting it again replays the run.
 */
#ifndef CORE_INPUT_H
#define CORE_INPUT_H

#include "core/device.h"
#include "core/host.h"

#define INPUT_QUEUE_BYTES (4u << 20) /* cap on all that waits */

struct input_queue;

struct input_hooks {
    void *opaque;
    /* After a post, on the posting thread: wake or interrupt the run. */
    void (*posted)(void *opaque);
    /* Just before the device sees the event. */
    void (*delivered)(void *opaque, const struct input_event *ev);
    /* INPUT_COMMAND events go here instead of to a device. */
    void (*command)(void *opaque, const struct input_event *ev);
};

/* Any hook may be NULL. NULL only when out of memory. */
struct input_queue *input_create(const struct input_hooks *hooks);
void input_destroy(struct input_queue *q);

/*
 * Copies the event, its device id and its data. Kept in the order of ticks,
 * and of posting among equals. False, and the event is lost, when the queue
 * is full, out of memory, or the id is longer than 15 characters.
 */
bool input_post(struct input_queue *q, const struct input_event *ev);
/* Tick of the first event, CLOCK_NEVER when there is none. */
uint64_t input_next_tick(struct input_queue *q);
/* Delivers all that is due at `now`. An event for a device that is not there
 * or takes no input is logged to `log` and dropped. Returns how many were
 * taken from the queue. */
unsigned input_deliver(struct input_queue *q, uint64_t now,
                       const struct device_list *devices,
                       struct log_source *log);
/* Throws away what waits, as before a restore. */
void input_clear(struct input_queue *q);

#endif

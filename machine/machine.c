/*
 * machine.c - life of a machine, and what it offers its devices.
 */
#include "machine/machine.h"
#include "core/hash.h"
#include "core/state.h"
#include "cpu/reset.h"
#include "cpu/tlb.h"
#include "debugger/target.h"
#include "machine/keys.h"
#include "machine/log_setup.h"
#include "machine/streams.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---- services for devices ---- */

static void host_post(void *opaque, const struct input_event *ev)
{
    struct machine *m = opaque;

    if (!input_post(m->input, ev))
        log_error(&m->log_source, "input for '%s' lost: queue full",
                  ev->device ? ev->device : "machine");
}

static void host_set_screen(void *opaque, const struct screen *s)
{
    struct machine *m = opaque;

    m->screen = *s;
}

static void host_stop(void *opaque, int exit_code, const char *why)
{
    machine_stop(opaque, exit_code, why);
}

static int64_t host_time0(void *opaque)
{
    struct machine *m = opaque;

    return m->time0;
}

static void host_debug(void *opaque, enum host_debug what, uint32_t a,
                       uint32_t b)
{
    struct machine *m = opaque;

    if (m->on_debug)
        m->on_debug(m->on_debug_opaque, what, a, b);
}

static bool host_open_stream(void *opaque, const char *device, const char *mode,
                             const char *where, struct host_stream *out,
                             struct error *err)
{
    struct machine *m = opaque;

    return streams_open(m->streams, device, mode, where, out, err);
}

void machine_stop(struct machine *m, int exit_code, const char *why)
{
    if (m->stopped)
        return;
    m->stopped = true;
    m->exit_code = exit_code;
    snprintf(m->why, sizeof m->why, "%s", why);
    /* Only a running processor has to be told; the event is guest state. */
    if (m->cpu && m->cpu->running)
        cpu_raise(m->cpu, EV_STOP);
}

void machine_pause(struct machine *m)
{
    m->paused = true;
    if (m->cpu && m->cpu->running)
        cpu_raise(m->cpu, EV_STOP);
}

/* ---- log ---- */

static uint64_t log_ticks(void *opaque)
{
    struct machine *m = opaque;

    return m->clock.now;
}

static uint64_t log_ip(void *opaque)
{
    struct machine *m = opaque;

    return m->cpu ? m->cpu->insn_rip : 0;
}

static void log_fatal(void *opaque, const char *text)
{
    machine_stop(opaque, EXIT_PANIC, text);
}

/* ---- input ---- */

static void input_posted(void *opaque)
{
    struct machine *m = opaque;

    if (m->cpu)
        m->cpu->attention = true;
}

static void input_command(void *opaque, const struct input_event *ev)
{
    struct machine *m = opaque;
    struct device *pm;

    switch (ev->a) {
    case HOST_POWER_BUTTON:
        pm = device_find(&m->devices, "piix4pm");
        if (pm && pm->cls->input)
            pm->cls->input(pm, ev);
        break;
    case HOST_CHANGE:
        m->change_good = target_apply(m->cpu, ev->data, ev->len, m->change_err);
        break;
    case HOST_RESET:
        m->reset_wanted = true;
        m->reset_kind = RESET_HARDWARE;
        break;
    default:
        machine_stop(m, EXIT_CLEAN, "asked to quit");
        break;
    }
}

/* ---- time0 ---- */

/* `clock: time0=`: local, utc, seconds since 1970, or a ctime string. */
static bool parse_time0(const char *text, int64_t *out, struct error *err)
{
    time_t now = time(NULL);
    struct tm tm = {0};
    char *end;

    if (!strcmp(text, "utc") || !strcmp(text, "2")) {
        *out = now;
        return true;
    }
    if (!strcmp(text, "local") || !strcmp(text, "1")) {
        localtime_r(&now, &tm);
        *out = timegm(&tm);
        return true;
    }
    *out = strtoll(text, &end, 10);
    if (end != text && !*end)
        return true;
    if (strptime(text, "%a %b %d %H:%M:%S %Y", &tm)) {
        *out = timegm(&tm);
        return true;
    }
    return error_set(err, EXIT_USAGE,
                     "clock: time0='%s' is neither local, utc, seconds since "
                     "1970 nor like \"Sat Jan  1 00:00:00 2000\"",
                     text);
}

/* ---- life ---- */

static void fill_services(struct machine *m)
{
    m->host = (struct host){.opaque = m,
                            .post = host_post,
                            .open_stream = host_open_stream,
                            .set_screen = host_set_screen,
                            .stop = host_stop,
                            .debug = host_debug,
                            .time0 = host_time0};
    m->sv =
        (struct services){.clock = &m->clock, .log = &m->log, .host = &m->host};
    m->log.opaque = m;
    m->log.ticks = log_ticks;
    m->log.ip = log_ip;
    m->log.fatal = log_fatal;
}

static bool create_parts(struct machine *m, const struct config *cfg,
                         struct error *err)
{
    uint64_t ram = (uint64_t)config_int(cfg, "memory", "guest") << 20;
    struct input_hooks hooks = {
        .opaque = m, .posted = input_posted, .command = input_command};

    m->sv.phys = phys_create(ram, 0xc0000000, &m->log, err);
    if (!m->sv.phys)
        return false;
    m->sv.io = io_bus_create(&m->log);
    m->input = input_create(&hooks);
    m->streams = streams_create(m);
    if (!m->sv.io || !m->input || !m->streams)
        error_no_memory();
    return parse_time0(config_text(cfg, "clock", "time0"), &m->time0, err) &&
           sound_open(m, cfg, err) && pc_build(m, cfg, err);
}

struct machine *machine_create(const struct config *cfg, struct error *err)
{
    struct machine *m = calloc(1, sizeof *m);
    const char *log_path = config_text(cfg, "log", "file");

    if (!m)
        error_no_memory();
    log_init(&m->log);
    fill_services(m);
    log_source_init(&m->log, &m->log_source, "PC");
    clock_init(&m->clock, (uint64_t)config_int(cfg, "cpu", "ips"));
    if (!log_open_file(&m->log, log_path, err)) {
        machine_destroy(m);
        return NULL;
    }
    log_setup_defaults(&m->log, cfg);
    memcpy(m->log_source.action, m->log.action, sizeof m->log.action);
    if (!keys_keymap(cfg, &m->keymap, err) || !create_parts(m, cfg, err)) {
        machine_destroy(m);
        return NULL;
    }
    log_setup_devices(&m->log, cfg, &m->log_source);
    m->reset_on_triple_fault = config_bool(cfg, "cpu", "reset_on_triple_fault");
    machine_reset(m, RESET_HARDWARE);
    return m;
}

void machine_destroy(struct machine *m)
{
    if (!m)
        return;
    device_list_destroy(&m->devices);
    sound_close(m);
    streams_destroy(m->streams);
    input_destroy(m->input);
    io_bus_destroy(m->sv.io);
    phys_destroy(m->sv.phys);
    clock_destroy(&m->clock);
    for (unsigned n = 0; n < m->rom_count; n++)
        free(m->roms[n]);
    keymap_close(m->keymap);
    log_close(&m->log);
    free(m);
}

bool machine_change(struct machine *m, const uint8_t *data, size_t n,
                    struct error *err)
{
    struct input_event ev = {
        .kind = INPUT_COMMAND, .a = HOST_CHANGE, .data = data, .len = n};

    m->change_good = false;
    m->change_err = err;
    if (!input_post(m->input, &ev))
        return error_set(err, EXIT_INTERNAL, "the input queue is full");
    input_deliver(m->input, m->clock.now, &m->devices, &m->log_source);
    m->change_err = NULL;
    return m->change_good;
}

void machine_reset(struct machine *m, enum reset_kind kind)
{
    m->reset_wanted = false;
    phys_begin(m->sv.phys);
    for (struct device *d = m->devices.first; d; d = d->next)
        if (&m->cpu->dev != d)
            device_reset(d, kind);
    phys_commit(m->sv.phys);
    device_reset(&m->cpu->dev, kind); /* last: it sees the pins settled */
}

static void triple_fault(struct machine *m)
{
    m->cpu->events &= ~(uint32_t)EV_SHUTDOWN;
    if (!m->reset_on_triple_fault) {
        machine_stop(m, EXIT_TRIPLE, "triple fault");
        return;
    }
    log_error(&m->log_source, "triple fault: reset");
    pc_soft_reset(m);
}

/* Does a debugger look first? Once, before the fault does what it does. */
static bool stops_at_shutdown(struct machine *m)
{
    m->shut_down = m->debugged && !m->shut_down;
    return m->shut_down;
}

/* Suspend-to-RAM: no power for the processor; a reset brings it back. */
static void suspend(struct machine *m)
{
    m->sleep_wanted = false;
    device_reset(&m->cpu->dev, RESET_HARDWARE);
    cpu_raise(m->cpu, EV_WAIT_SIPI);
}

void machine_run(struct machine *m, uint64_t until)
{
    bool stop = false;

    m->paused = false;
    while (!stop && !m->stopped && !m->paused && m->clock.now < until) {
        uint64_t next;

        input_deliver(m->input, m->clock.now, &m->devices, &m->log_source);
        next = input_next_tick(m->input);
        switch (cpu_run(m->cpu, next < until ? next : until)) {
        case RUN_SHUTDOWN:
            if (stops_at_shutdown(m))
                return; /* the debugger shows it */
            triple_fault(m);
            break;
        case RUN_IDLE:
            return; /* only the host can go on */
        case RUN_BREAK:
            stop = true;
            break;
        default:
            break;
        }
        if (m->sleep_wanted)
            suspend(m);
        if (m->reset_wanted)
            machine_reset(m, m->reset_kind);
    }
}

uint64_t machine_idle_until(struct machine *m)
{
    uint64_t now = m->clock.now, next = m->clock.next_deadline;
    uint64_t input = input_next_tick(m->input);

    if (!cpu_halted(m->cpu) || m->reset_wanted || m->sleep_wanted)
        return now;
    next = input < next ? input : next;
    return next > now ? next : now;
}

uint64_t machine_hash(struct machine *m)
{
    uint64_t h = hash_bytes(&(uint8_t){1}, 1, m->clock.now);

    for (struct device *d = m->devices.first; d; d = d->next) {
        size_t n;
        uint8_t *mem;

        if (d->cls->pre_save)
            d->cls->pre_save(d);
        h = state_hash(d->cls->fields, (char *)d + d->cls->state_offset, h);
        mem = d->cls->memory ? d->cls->memory(d, &n) : NULL;
        if (mem)
            h = hash_sparse(mem, n, h);
    }
    return phys_hash(m->sv.phys, h);
}

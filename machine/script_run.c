/*
 * script_run.c - the machine of a script: power, running to a point, limits.
 *
 * Slices end at fixed ticks. The host is asked (signals, seconds) between
 * them; what it answers can only end the run.
 */
#include "machine/script.h"
#include "machine/script_json.h"
#include "machine/signals.h"
#include "machine/snapshot.h"
#include "machine/streams.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SLICE_TICKS 1000000u

double script_host_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void script_begin(struct script *s)
{
    script_serial_init(&s->serial);
    s->patience = UINT64_C(10000000000);
    s->start = script_host_seconds();
}

/* ---- power ---- */

/* Guest output of the first serial port, in the middle of an instruction. */
static void on_serial(void *opaque, const uint8_t *p, size_t n)
{
    struct script *s = opaque;

    if (s->serial_copy) {
        fwrite(p, 1, n, s->serial_copy);
        fflush(s->serial_copy);
    }
    for (; n; n--, p++)
        if (script_serial_byte(&s->serial, *p))
            machine_pause(s->m);
}

static bool set(struct script *s, const char *directive, const char *key,
                const char *value)
{
    return config_set(s->ses.cfg, directive, key, value, "klochs test",
                      &s->err);
}

/* What is left open: the first serial port is there and listened to, the log
 * tells of nothing that is not amiss. A port without a stream says nothing. */
static bool set_defaults(struct script *s)
{
    const struct config *c = s->ses.cfg;

    if (!config_given(c, "com1") && (!set(s, "com1", "mode", "file") ||
                                     !set(s, "com1", "dev", "/dev/null")))
        return false;
    return config_given(c, "info") || set(s, "info", "action", "ignore");
}

static bool check_session(struct script *s)
{
    if (s->ses.benchmark || s->ses.hash_every || s->ses.dump_screen ||
        !typist_done(s->ses.typist))
        return error_set(&s->err, EXIT_USAGE,
                         "machine: --type, --hash-every, --dump-screen and "
                         "-benchmark are verbs here");
    if (s->ses.commands)
        return error_set(&s->err, EXIT_USAGE,
                         "machine: there is no debugger in a script");
    if (s->ses.max_insns)
        s->max_ticks = s->ses.max_insns;
    if (s->ses.max_seconds > 0)
        s->max_seconds = s->ses.max_seconds;
    return true;
}

static bool make_machine(struct script *s)
{
    s->m = s->ses.m = machine_create(s->ses.cfg, &s->err);
    if (!s->m)
        return false;
    s->m->on_serial = on_serial;
    s->m->on_serial_opaque = s;
    return true;
}

bool script_power_on(struct script *s)
{
    char *argv[ARRAY_LEN(s->words) + 3] = {"klochs", "-n"};
    int argc = 2, code;

    if (s->m)
        return true;
    if (s->powered)
        return error_set(&s->err, EXIT_USAGE, "there is no machine any more");
    for (unsigned n = 0; n < s->word_count; n++)
        argv[argc++] = s->words[n];
    s->powered = true;
    s->ses = (struct session){.headless = true, .plugin_list = s->plugins};
    code = session_parse(&s->ses, argc, argv, &s->err);
    if (code >= 0 && !s->err.text[0])
        error_set(&s->err, EXIT_USAGE, "machine: an option that only prints");
    if (code >= 0 || !check_session(s))
        return false;
    if (!set_defaults(s))
        return false;
    s->ses.signals = signals_take();
    return make_machine(s) &&
           (!s->ses.restore ||
            session_restore(&s->ses, s->ses.restore, &s->err)) &&
           session_plugins(&s->ses, &s->err);
}

/* ---- saved states ---- */

bool verb_save(struct script *s, char **argv)
{
    const char *text = s->ses.config_text;

    return snapshot_save(s->m, text ? text : "", argv[0], &s->err);
}

/* Into a new machine of the same configuration. A file that is refused leaves
 * the old one as it is. */
bool verb_restore(struct script *s, char **argv)
{
    struct state_file f;
    bool good;

    if (!state_file_read(&f, argv[0], &s->err))
        return false;
    good = snapshot_check(s->m, &f, &s->err);
    if (good) {
        plugins_detach(s->ses.plugins);
        machine_destroy(s->m);
        s->m = s->ses.m = NULL;
        good = make_machine(s) && snapshot_load(s->m, &f, &s->err);
        if (good)
            plugins_attach(s->ses.plugins, s->m->cpu, &s->m->log);
        script_serial_clear(&s->serial);
        s->busy_until = 0;
        s->told_stop = false;
    }
    state_file_free(&f);
    return good || error_prefix(&s->err, "%s", argv[0]);
}

void script_power_off(struct script *s)
{
    if (s->powered)
        session_free(&s->ses);
    s->powered = false;
    s->m = NULL;
    for (unsigned n = 0; n < s->word_count; n++)
        free(s->words[n]);
    s->word_count = 0;
    script_serial_free(&s->serial);
}

/* ---- limits ---- */

/* Writes once that the machine is no longer there to be run. */
static void tell_stop(struct script *s)
{
    struct out o;

    if (s->told_stop)
        return;
    s->told_stop = true;
    out_to_string(&o);
    json_field_u64(&o, "status", (uint64_t)s->m->exit_code);
    json_field(&o, "why", s->m->why);
    script_log_event(s->log, s->m->clock.now, "stopped", o.text);
    out_free(&o);
}

static bool within_limits(struct script *s)
{
    const char *why;
    int n = signals_look(s->ses.signals, &why);

    if (n)
        return error_set(&s->err, (enum exit_code)(128 + n), "%s", why);
    if (s->max_seconds > 0 && script_host_seconds() - s->start > s->max_seconds)
        return error_set(&s->err, EXIT_LIMIT, "%g seconds of the host are over",
                         s->max_seconds);
    if (s->max_ticks && s->m->clock.now >= s->max_ticks)
        return error_set(&s->err, EXIT_LIMIT,
                         "the limit of %" PRIu64 " ticks is reached",
                         s->max_ticks);
    if (s->serial.complaint[0]) {
        error_set(&s->err, (enum exit_code)EXIT_CHECK,
                  "the serial text has a line that was refused: %s",
                  s->serial.complaint);
        s->serial.complaint[0] = 0;
        return false;
    }
    return true;
}

/* ---- running ---- */

static uint64_t next_multiple(uint64_t now, uint64_t of)
{
    return now - now % of + of;
}

bool script_run_until(struct script *s, uint64_t until, uint64_t every,
                      bool (*done)(struct script *s, void *opaque),
                      void *opaque, bool *met)
{
    struct machine *m = s->m;

    for (bool first = true;; first = false) {
        uint64_t next = next_multiple(m->clock.now, every);
        bool look = first || m->clock.now % every == 0 || m->stopped ||
                    m->clock.now >= until || s->serial.found;

        *met = look && done(s, opaque);
        if (*met)
            return true;
        if (!within_limits(s))
            return false;
        if (m->stopped) {
            tell_stop(s);
            return error_set(&s->err, (enum exit_code)EXIT_CHECK,
                             "the machine ended first: %s (status %d)", m->why,
                             m->exit_code);
        }
        if (m->clock.now >= until)
            return true;
        if (next_multiple(m->clock.now, SLICE_TICKS) < next)
            next = next_multiple(m->clock.now, SLICE_TICKS);
        if (s->max_ticks && s->max_ticks < next)
            next = s->max_ticks;
        streams_poll(m->streams);
        machine_run(m, until < next ? until : next);
    }
}

static bool stopped(struct script *s, void *opaque)
{
    (void)opaque;
    return s->m->stopped;
}

bool script_run_to(struct script *s, uint64_t until)
{
    bool met;
    bool good = script_run_until(s, until, SLICE_TICKS, stopped, NULL, &met);

    if (s->m->stopped)
        tell_stop(s);
    return good;
}

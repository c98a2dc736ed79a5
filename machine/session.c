/*
 * session.c - one run of the program: the main loop.
 *
 * The guest runs in slices that end at fixed ticks; between them the host
 * gets its turn: input, display, signals, limits, hashes.
 */
#include "machine/session.h"
#include "machine/cmdline.h"
#include "machine/debug.h"
#include "machine/screen_text.h"
#include "machine/signals.h"
#include "machine/snapshot.h"
#include "machine/streams.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SLICE_TICKS 1000000u

/* Guest time of a paced slice: short enough that nobody sees or hears it; with
 * nobody there long enough that a guest with a timer of 250 Hz does not wake
 * the host for each. */
#define SLICES_WATCHED   100u
#define SLICES_UNWATCHED 40u

/* The longest one, where `ips` is large. */
#define PACED_TICKS 4000000u

/* The longest sleep before signals are looked for again; and that when a
 * debugger or a sound device wants its turn. */
#define NAP_SECONDS       0.1
#define SHORT_NAP_SECONDS 0.01

static double host_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The shell's way of saying which signal it was. */
static void look_for_signal(struct session *s)
{
    const char *why;
    int n = signals_look(s->signals, &why);

    if (n)
        machine_stop(s->m, 128 + n, why);
}

/* ---- slices ---- */

static uint64_t next_multiple(uint64_t now, uint64_t of)
{
    return now - now % of + of;
}

/* Without pace runs are cut at ticks that do not depend on the host. A paced
 * one has been let go on by the host's clock: it gets a full slice. */
static uint64_t end_of_slice(const struct session *s)
{
    const struct clock *k = &s->m->clock;
    bool watched = s->show.display || s->debug || s->m->sound.all;
    uint64_t slice = k->ips / (watched ? SLICES_WATCHED : SLICES_UNWATCHED);

    if (s->pace.mode == PACE_NONE)
        return next_multiple(k->now, SLICE_TICKS);
    return k->now + (slice < PACED_TICKS ? slice + 1 : PACED_TICKS);
}

/* Where the session itself has something to do, `until` at most. */
static uint64_t next_stop(const struct session *s, uint64_t until)
{
    uint64_t now = s->m->clock.now;

    if (!typist_done(s->typist) && next_multiple(now, TYPIST_EVERY) < until)
        until = next_multiple(now, TYPIST_EVERY);
    if (s->hash_every && s->next_hash < until)
        until = s->next_hash;
    if (s->max_insns && s->max_insns < until)
        until = s->max_insns;
    return until;
}

static void print_hash(struct session *s)
{
    fprintf(stderr, "hash %" PRIu64 " %016" PRIx64 "\n", s->m->clock.now,
            machine_hash(s->m));
}

static void run_slice(struct session *s, uint64_t limit)
{
    struct machine *m = s->m;
    uint64_t before = m->clock.now;

    machine_run(m, next_stop(s, limit));
    if (!typist_done(s->typist) &&
        m->clock.now / TYPIST_EVERY != before / TYPIST_EVERY)
        typist_look(s->typist, m);
    if (s->hash_every && m->clock.now >= s->next_hash) {
        print_hash(s);
        s->next_hash = next_multiple(m->clock.now, s->hash_every);
    }
    if (s->max_insns && m->clock.now >= s->max_insns)
        machine_stop(m, s->benchmark ? EXIT_CLEAN : EXIT_LIMIT,
                     s->benchmark ? "-benchmark done" : "--max-insns reached");
}

static void nap(struct session *s, double seconds)
{
    double most = s->debug || s->m->sound.all ? SHORT_NAP_SECONDS : NAP_SECONDS;

    if (s->show.display)
        most = s->show.next_frame - host_seconds();
    seconds = seconds < most ? seconds : most;
    if (seconds > 0)
        streams_wait(s->m->streams, seconds);
}

bool session_turn(struct session *s)
{
    struct machine *m = s->m;
    double now = host_seconds();

    streams_poll(m->streams);
    sound_poll(m);
    show_work(&s->show, now);
    if (s->debug)
        debug_poll(s->debug); /* Ctrl-C is the debugger's */
    look_for_signal(s);
    if (s->max_seconds > 0 && now - s->start > s->max_seconds)
        machine_stop(m, EXIT_LIMIT, "--max-seconds reached");
    return !m->stopped;
}

/*
 * A guest that waits for an interrupt sleeps on the host as well, until its
 * next timer or until something comes from outside. Then its time is what the
 * host's says; that is known to be before the timer, so nothing is cut short.
 */
static void sleep_along(struct session *s, double seconds, uint64_t until)
{
    const struct clock *k = &s->m->clock;
    double guest;

    nap(s, seconds);
    guest = pace_guest(&s->pace, host_seconds());
    if (guest < (double)clock_ns(k) * 1e-9)
        return;
    guest *= (double)k->ips;
    run_slice(s, guest < (double)until ? (uint64_t)guest : until);
}

void session_slice(struct session *s, uint64_t limit)
{
    const struct clock *k = &s->m->clock;
    uint64_t until, end = end_of_slice(s);
    double guest, ahead, idle;

    if (s->pace.mode == PACE_NONE) {
        run_slice(s, end < limit ? end : limit);
        return;
    }
    guest = (double)clock_ns(k) * 1e-9;
    ahead = pace_ahead(&s->pace, host_seconds(), guest);
    until = machine_idle_until(s->m);
    until = until < limit ? until : limit;
    idle = (double)(until - k->now) / (double)k->ips;
    /* Timers that come thick are not worth a sleep each: a slice first. */
    if (ahead <= 0 && (until < end || ahead + idle <= 0))
        run_slice(s, end < limit ? end : limit);
    else if (idle > 0)
        sleep_along(s, ahead + idle, until);
    else
        nap(s, ahead);
}

static void main_loop(struct session *s)
{
    while (session_turn(s))
        session_slice(s, UINT64_MAX);
}

/* ---- begin and end ---- */

/* Without a display the run is headless, asked for or not. */
static bool open_display(struct session *s, struct error *err)
{
    s->show.saved_stderr = -1;
    if (s->headless)
        return true;
    if (!show_open(&s->show, s->cfg, err))
        return false;
    s->headless = s->show.display == NULL;
    return true;
}

/* What is left open depends on whether somebody watches. */
static bool set_defaults(struct session *s, struct error *err)
{
    struct config *c = s->cfg;

    /* The debugger reads standard input. */
    if (s->headless && !s->commands) {
        if (!config_given(c, "com1") &&
            !config_set(c, "com1", "mode", "stdio", "--headless", err))
            return false;
    } else if (!s->headless) {
        if (!config_given_text(c, "clock", "sync") &&
            !config_set(c, "clock", "sync", "slowdown", "default", err))
            return false;
        /* A paced guest is never faster than this, and most hosts can. */
        if (!config_given_text(c, "cpu", "ips") &&
            !config_set(c, "cpu", "ips", "200000000", "default", err))
            return false;
        /* Who looks at a window listens as well. */
        if (!strcmp(s->show.display->cls->name, "sdl2") &&
            !config_given_text(c, "sound", "driver") &&
            !config_given_text(c, "sound", "waveoutdrv") &&
            !config_set(c, "sound", "driver", "sdl", "default", err))
            return false;
        if (!config_given_text(c, "clock", "time0") &&
            !config_set(c, "clock", "time0", "local", "default", err))
            return false;
    }
    /* Nobody reads along while the terminal shows the screen. */
    if (s->show.saved_stderr >= 0 && !config_given(c, "info") &&
        !config_given(c, "log") &&
        !config_set(c, "info", "action", "ignore", "default", err))
        return false;
    s->pace =
        pace_make(s->benchmark ? "none" : config_text(c, "clock", "sync"));
    return true;
}

static void on_serial(void *opaque, const uint8_t *p, size_t n)
{
    typist_serial(opaque, p, n);
}

static void print_screen(struct session *s)
{
    struct out o;

    out_to_file(&o, stderr);
    if (!screen_text(&s->m->screen, &o))
        out_printf(&o, "screen: no text\n");
}

/* Is the terminal free for a question? Not when the guest has it. */
static bool can_ask(const struct session *s)
{
    return s->show.display && strcmp(s->show.display->cls->name, "term") &&
           isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static void report(struct session *s, double seconds)
{
    struct machine *m = s->m;
    uint64_t insns = m->cpu->icount;

    if (s->dump_screen)
        print_screen(s);
    if (s->hash_every)
        print_hash(s);
    log_info(&m->log_source, "stopped: %s", m->why);
    if (s->headless || m->exit_code)
        fprintf(stderr,
                "klochs: %s after %" PRIu64 " ticks (%" PRIu64
                " instructions), %.1f s, %.1f MIPS\n",
                m->why, m->clock.now, insns, seconds,
                seconds > 0 ? (double)insns / seconds / 1e6 : 0.0);
}

/* Commands and the guest's screen cannot share the terminal. */
static void free_terminal(struct session *s)
{
    if (s->commands && !config_given(s->cfg, "display_library") &&
        !getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY"))
        s->headless = true;
}

bool session_restore(struct session *s, const char *path, struct error *err)
{
    struct state_file f;
    bool good;

    if (!state_file_read(&f, path, err))
        return false;
    good =
        snapshot_load(s->m, &f, err) || error_prefix(err, "restoring %s", path);
    state_file_free(&f);
    return good;
}

bool session_plugins(struct session *s, struct error *err)
{
    return plugins_open(&s->plugin_list, s->m->cpu, &s->m->log,
                        "Klochs " KLOCHS_VERSION, &s->plugins, err);
}

int session_run(struct session *s, struct error *err)
{
    int code = EXIT_CLEAN;

    s->start = host_seconds();
    free_terminal(s);
    s->signals = signals_take();
    if (!open_display(s, err) || !set_defaults(s, err))
        return err->code;
    s->next_hash = s->hash_every;
    s->m = machine_create(s->cfg, err);
    if (!s->m) {
        show_close(&s->show);
        return err->code;
    }
    if (s->restore && !session_restore(s, s->restore, err)) {
        show_close(&s->show);
        return err->code;
    }
    s->m->on_serial = on_serial;
    s->m->on_serial_opaque = s->typist;
    s->show.m = s->m;
    s->show.config_text = s->config_text;
    if (!typist_prepare(s->typist, s->m->keymap, err)) {
        show_close(&s->show);
        return err->code;
    }
    if (can_ask(s) && !s->commands)
        s->m->log.ask = log_ask_terminal;
    if (!session_plugins(s, err) || !debug_open(s, err)) {
        show_close(&s->show);
        return err->code;
    }
    if (s->debug)
        code = debug_loop(s->debug);
    else
        main_loop(s);
    debug_close(s);
    plugins_close(s->plugins);
    s->plugins = NULL;
    s->show.tell = s->m->exit_code != EXIT_CLEAN;
    show_close(&s->show);
    if (s->commands && !s->m->stopped)
        return code;
    report(s, host_seconds() - s->start);
    return code ? code : s->m->exit_code;
}

void session_free(struct session *s)
{
    show_close(&s->show);
    debug_close(s);
    plugins_close(s->plugins);
    machine_destroy(s->m);
    typist_destroy(s->typist);
    config_destroy(s->cfg);
    free(s->config_text);
    signals_release(s->signals);
}

/*
 * debug.c - the debuggers of a session: who they are and how the guest runs
 * under them.
 */
#include "machine/debug.h"
#include "debugger/debugger.h"
#include "machine/console.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include <stdlib.h>

/* ---- what the target asks of the machine ---- */

/* Of many short slices only some give the host its turn, which takes longer
 * than they do; the first does, and one after a while of the guest. */
static bool wants_turn(struct session *s)
{
    enum { SLICES = 256, TICKS = 100000 };
    struct debug *d = s->debug;
    uint64_t now = s->m->clock.now;

    if (target_slices(d->t) % SLICES != 1 && now - d->turn_tick < TICKS)
        return false;
    d->turn_tick = now;
    return true;
}

static enum target_ran host_run(void *opaque, uint64_t until)
{
    struct session *s = opaque;
    bool seen;

    if (wants_turn(s) && !session_turn(s))
        return TARGET_ENDED;
    seen = s->m->shut_down;
    session_slice(s, until);
    if (s->m->stopped)
        return TARGET_ENDED;
    return s->m->shut_down && !seen ? TARGET_SHUTDOWN : TARGET_RAN;
}

static bool host_idle(void *opaque)
{
    return session_turn(opaque);
}

static bool host_change(void *opaque, const uint8_t *data, size_t n,
                        struct error *err)
{
    struct session *s = opaque;

    return machine_change(s->m, data, n, err);
}

static void host_quit(void *opaque)
{
    struct session *s = opaque;

    machine_stop(s->m, EXIT_CLEAN, "killed by gdb");
}

static void host_reset(void *opaque)
{
    struct session *s = opaque;

    machine_reset(s->m, RESET_HARDWARE);
}

/* ---- for gdb ---- */

bool debug_instrument(void *session, const char *text,
                      void (*say)(void *say_opaque, const char *line),
                      void *say_opaque)
{
    struct session *s = session;
    const char *name;

    if (!strcmp(text, "stop") || !strcmp(text, "start")) {
        plugins_listen(s->plugins, !strcmp(text, "start"));
        return true;
    }
    if (*text)
        return plugins_command(s->plugins, text, say, say_opaque);
    for (unsigned n = 0; (name = plugins_name(s->plugins, n)); n++)
        say(say_opaque, name);
    return true;
}

/* A command of gdb's `monitor`: the console's language, printed to gdb. */
static char *monitor(void *opaque, const char *line)
{
    struct debug *d = opaque;

    if (!d->monitor) {
        struct debugger_setup setup = {
            .target = d->t,
            .devices = &d->s->m->devices,
            .instrument = d->s->plugins ? debug_instrument : NULL,
            .instrument_opaque = d->s};

        d->answer = open_memstream(&d->text, &d->text_len);
        if (!d->answer)
            error_no_memory();
        setup.out = d->answer;
        d->monitor = debugger_create(&setup);
        kernel_symbols(d->s->m, d->s->cfg, d->monitor);
    }
    rewind(d->answer);
    debugger_line(d->monitor, line);
    fflush(d->answer);
    return strndup(d->text ? d->text : "", d->text_len);
}

/* Ports 8900h and 8A00h without a console: only the stop means something. */
static void guest_asks(void *opaque, enum host_debug what, uint32_t a,
                       uint32_t b)
{
    struct debug *d = opaque;

    (void)a;
    (void)b;
    if (what == HOST_DEBUG_BREAK && gdb_connected(d->gdb))
        target_break(d->t);
}

/* ---- life ---- */

static bool open_gdb(struct debug *d, struct error *err)
{
    const struct config *cfg = d->s->cfg;
    const char *where = config_given_text(cfg, "gdbstub", "listen");
    char port[32];

    if (!where) {
        snprintf(port, sizeof port, "%lld",
                 (long long)config_int(cfg, "gdbstub", "port"));
        where = port;
    }
    d->gdb = gdb_listen(d->t, where, config_bool(cfg, "gdbstub", "wait"), err);
    if (!d->gdb)
        return false;
    gdb_set_monitor(d->gdb, monitor, d);
    log_info(&d->s->m->log_source, "gdb stub listens at %s", where);
    return true;
}

bool debug_open(struct session *s, struct error *err)
{
    struct target_host h = {.opaque = s,
                            .run = host_run,
                            .idle = host_idle,
                            .change = host_change,
                            .quit = host_quit,
                            .reset = host_reset};
    bool gdb = config_bool(s->cfg, "gdbstub", "enabled");
    struct debug *d;

    if (!gdb && !s->commands)
        return true;
    d = calloc(1, sizeof *d);
    if (!d)
        error_no_memory();
    d->s = s;
    d->t = target_create(s->m->cpu, &h);
    if (s->commands)
        d->console = console_open(s, d->t, err);
    if ((s->commands && !d->console) || (gdb && !open_gdb(d, err))) {
        console_close(d->console);
        target_destroy(d->t);
        free(d);
        return false;
    }
    if (!d->console) {
        s->m->on_debug = guest_asks;
        s->m->on_debug_opaque = d;
    }
    target_set_magic(d->t, console_magic_registers(s->cfg));
    s->debug = d;
    return true;
}

void debug_close(struct session *s)
{
    struct debug *d = s->debug;

    if (!d)
        return;
    s->debug = NULL;
    s->m->on_debug = NULL;
    s->m->debugged = false;
    console_close(d->console);
    gdb_destroy(d->gdb);
    debugger_destroy(d->monitor);
    if (d->answer)
        fclose(d->answer);
    free(d->text);
    target_destroy(d->t);
    free(d);
}

int debug_loop(struct debug *d)
{
    if (d->console)
        return console_run(d->console);
    gdb_serve(d->gdb);
    return EXIT_CLEAN;
}

void debug_poll(struct debug *d)
{
    if (d->console)
        console_poll(d->console);
    if (d->gdb)
        gdb_poll(d->gdb);
    d->s->m->debugged = d->console || gdb_connected(d->gdb);
}

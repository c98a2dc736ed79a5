/*
 * debug.c - the debuggers of a session: who they are and how the guest runs
 * under them.
 */
#include "machine/debug.h"
#include "machine/console.h"
#include "machine/machine.h"
#include <stdlib.h>

/* ---- what the target asks of the machine ---- */

static enum target_ran host_run(void *opaque, uint64_t until)
{
    struct session *s = opaque;
    struct machine *m = s->m;
    bool seen = m->shut_down;

    if (!session_turn(s))
        return TARGET_ENDED;
    session_slice(s, until);
    if (m->stopped)
        return TARGET_ENDED;
    if (!(m->cpu->events & EV_SHUTDOWN))
        return TARGET_RAN;
    /* One that resets is shown once, the other stays. */
    return m->reset_on_triple_fault && (seen || !m->shut_down)
               ? TARGET_RAN
               : TARGET_SHUTDOWN;
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

/* A triple fault that nobody watches ends as it does without a debugger. */
static void host_quit(void *opaque)
{
    struct session *s = opaque;
    bool triple = s->m->cpu->events & EV_SHUTDOWN;

    machine_stop(s->m, triple ? EXIT_TRIPLE : EXIT_CLEAN,
                 triple ? "triple fault" : "killed by gdb");
}

static void host_reset(void *opaque)
{
    struct session *s = opaque;

    machine_reset(s->m, RESET_HARDWARE);
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
    struct debug *d;

    bool gdb = config_bool(s->cfg, "gdbstub", "enabled");

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
    s->debug = d;
    return true;
}

void debug_close(struct session *s)
{
    struct debug *d = s->debug;

    if (!d)
        return;
    s->debug = NULL;
    console_close(d->console);
    if (d->gdb)
        gdb_destroy(d->gdb);
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
}

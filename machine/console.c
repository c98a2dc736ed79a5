/*
 * debug.c - the debugger in the place of the main loop: `-dbg`.
 *
 * Connects the debugger's target to this machine: runs in slices, with the
 * host's turn between them; Ctrl-C, the magic XCHG, and what the guest asks
 * for through ports 8900h and 8A00h.
 */
#include "debugger/debugger.h"
#include "machine/line_edit.h"
#include "machine/session.h"
#include "machine/signals.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct debug {
    struct session *s;
    struct target *target;
    struct debugger *d;
    struct line_edit *edit;
    FILE *log;
};

/* ---- the machine for the target ---- */

static enum target_ran run(void *opaque, uint64_t until)
{
    struct debug *b = opaque;
    struct session *s = b->s;

    if (signals_take_interrupt(s->signals))
        target_interrupt(b->target);
    if (!session_turn(s))
        return TARGET_ENDED;
    session_slice(s, until);
    if (s->m->shut_down)
        return TARGET_SHUTDOWN;
    return s->m->stopped ? TARGET_ENDED : TARGET_RAN;
}

static bool idle(void *opaque)
{
    struct debug *b = opaque;

    return session_turn(b->s);
}

/* ---- the user ---- */

static char *read_line(void *opaque, const char *prompt)
{
    struct debug *b = opaque;
    char *line = line_edit_read(b->edit, prompt);

    /* Ctrl-C at the prompt means nothing to the run that comes. */
    signals_take_interrupt(b->s->signals);
    return line;
}

static bool interrupted(void *opaque)
{
    struct debug *b = opaque;

    return signals_take_interrupt(b->s->signals);
}

static void complete(void *opaque, const char *line, size_t *start, bool *files,
                     void (*each)(void *, const char *), void *each_opaque)
{
    struct debug *b = opaque;

    debugger_complete(b->d, line, start, files, each, each_opaque);
}

/* ---- the guest ---- */

static void guest_asks(void *opaque, enum host_debug what, uint32_t first,
                       uint32_t second)
{
    struct debug *b = opaque;
    char text[64] = "";

    switch (what) {
    case HOST_DEBUG_BREAK:
        break;
    case HOST_DEBUG_WATCH:
        if (second >= first)
            snprintf(text, sizeof text, "watch r 0x%x %u; watch w 0x%x %u",
                     first, second - first + 1, first, second - first + 1);
        break;
    case HOST_DEBUG_UNWATCH:
        snprintf(text, sizeof text, "unwatch");
        break;
    case HOST_DEBUG_TRACE:
        snprintf(text, sizeof text, "trace %s", first ? "on" : "off");
        break;
    case HOST_DEBUG_TRACE_REGS:
        snprintf(text, sizeof text, "trace-reg %s", first ? "on" : "off");
        break;
    }
    debugger_later(b->d, what == HOST_DEBUG_BREAK ? NULL : text);
    target_break(b->target);
}

/* ---- configuration ---- */

/* magic_break: 0, 1, or 1 and the registers ("1 cx dx"). Bit r: register r. */
static uint8_t magic_registers(const struct config *cfg)
{
    static const char *const names[] = {"ax", "cx", "dx", "bx",
                                        "sp", "bp", "si", "di"};
    const char *text = config_text(cfg, "magic_break", "enabled");
    uint8_t mask = 0;

    if (!text || !*text || *text == '0')
        return 0;
    for (unsigned r = 1; r < ARRAY_LEN(names); r++)
        if (strstr(text, names[r]))
            mask |= (uint8_t)(1u << r);
    return mask ? mask : 1u << 3;
}

static bool open_log(struct debug *b, struct error *err)
{
    const char *path = b->s->debug_log;

    if (!path)
        path = config_text(b->s->cfg, "debugger", "log");
    if (!path || !*path || !strcmp(path, "-"))
        return true;
    b->log = fopen(path, "w");
    return b->log || error_set(err, EXIT_NO_OPEN, "-dbglog %s: %s", path,
                               strerror(errno));
}

static void load_symbols(struct debug *b)
{
    const char *file = config_text(b->s->cfg, "debug_symbols", "file");
    const char *offset = config_text(b->s->cfg, "debug_symbols", "offset");
    char line[1200];

    if (!file || !*file)
        return;
    snprintf(line, sizeof line, "ldsym \"%.1000s\" %.100s", file,
             offset ? offset : "");
    debugger_line(b->d, line);
}

static void start(struct debug *b)
{
    struct machine *m = b->s->m;
    struct target_host host = {.opaque = b, .run = run, .idle = idle};
    struct debugger_setup setup = {.devices = &m->devices,
                                   .out = stdout,
                                   .log = b->log,
                                   .read_line = read_line,
                                   .opaque = b,
                                   .interrupted = interrupted};

    m->debugged = true;
    b->target = target_create(m->cpu, &host);
    target_set_magic(b->target, magic_registers(b->s->cfg));
    setup.target = b->target;
    b->d = debugger_create(&setup);
    b->edit = line_edit_create(complete, b);
    m->on_debug = guest_asks;
    m->on_debug_opaque = b;
}

int debug_session(struct session *s, struct error *err)
{
    struct debug b = {.s = s};
    int code;

    if (!open_log(&b, err))
        return err->code;
    start(&b);
    load_symbols(&b);
    code = debugger_run(b.d, s->debug_rc);
    s->m->on_debug = NULL;
    line_edit_destroy(b.edit);
    debugger_destroy(b.d);
    target_destroy(b.target);
    if (b.log)
        fclose(b.log);
    return code;
}

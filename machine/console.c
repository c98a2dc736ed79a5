/*
 * console.c - the debugger's commands at the terminal: `-dbg`.
 *
 * Ctrl-C, the magic XCHG, and what the guest asks
 * for through ports 8900h and 8A00h.
 */
#include "machine/console.h"
#include "debugger/debugger.h"
#include "machine/debug.h"
#include "machine/kernel.h"
#include "machine/line_edit.h"
#include "machine/signals.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct console {
    struct session *s;
    struct target *target;
    struct debugger *d;
    struct line_edit *edit;
    FILE *log;
};

/* ---- the user ---- */

/* gdb, if it may come, is served until somebody types. */
static void wait_for_user(struct console *b, const char *prompt)
{
    struct pollfd f = {.fd = STDIN_FILENO, .events = POLLIN};

    if (!config_bool(b->s->cfg, "gdbstub", "enabled") || !isatty(STDIN_FILENO))
        return;
    fputs(prompt, stdout);
    fflush(stdout);
    while (poll(&f, 1, 20) == 0 && session_turn(b->s))
        ;
    putchar('\r');
}

static char *read_line(void *opaque, const char *prompt)
{
    struct console *b = opaque;
    char *line;

    wait_for_user(b, prompt);
    line = line_edit_read(b->edit, prompt);
    /* Ctrl-C at the prompt means nothing to the run that comes. */
    signals_take_interrupt(b->s->signals);
    return line;
}

static bool interrupted(void *opaque)
{
    struct console *b = opaque;

    return signals_take_interrupt(b->s->signals);
}

static void complete(void *opaque, const char *line, size_t *start, bool *files,
                     void (*each)(void *, const char *), void *each_opaque)
{
    struct console *b = opaque;

    debugger_complete(b->d, line, start, files, each, each_opaque);
}

/* ---- the guest ---- */

static void guest_asks(void *opaque, enum host_debug what, uint32_t first,
                       uint32_t second)
{
    struct console *b = opaque;
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

/* 0, 1, or 1 and the registers ("1 cx dx"). Bit r: register r. */
uint8_t console_magic_registers(const struct config *cfg)
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

static bool open_log(struct console *b, struct error *err)
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

static void load_symbols(struct console *b)
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

static void start(struct console *b)
{
    struct machine *m = b->s->m;
    struct debugger_setup setup = {.target = b->target,
                                   .devices = &m->devices,
                                   .out = stdout,
                                   .log = b->log,
                                   .read_line = read_line,
                                   .opaque = b,
                                   .interrupted = interrupted,
                                   .instrument =
                                       b->s->plugins ? debug_instrument : NULL,
                                   .instrument_opaque = b->s};

    signals_leave_interrupt(b->s->signals);
    m->on_debug = guest_asks;
    m->on_debug_opaque = b;
    b->d = debugger_create(&setup);
    b->edit = line_edit_create(complete, b);
    load_symbols(b);
    kernel_symbols(b->s->m, b->s->cfg, b->d);
}

struct console *console_open(struct session *s, struct target *t,
                             struct error *err)
{
    struct console *b = calloc(1, sizeof *b);

    if (!b)
        error_no_memory();
    b->s = s;
    b->target = t;
    if (!open_log(b, err)) {
        free(b);
        return NULL;
    }
    start(b);
    return b;
}

int console_run(struct console *b)
{
    return debugger_run(b->d, b->s->debug_rc);
}

void console_poll(struct console *b)
{
    if (signals_take_interrupt(b->s->signals))
        target_interrupt(b->target);
}

void console_close(struct console *b)
{
    if (!b)
        return;
    line_edit_destroy(b->edit);
    debugger_destroy(b->d);
    if (b->log)
        fclose(b->log);
    free(b);
}

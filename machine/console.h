/*
 * console.h - the debugger's commands at the terminal: `-dbg`.
 */
#ifndef MACHINE_CONSOLE_H
#define MACHINE_CONSOLE_H

#include "debugger/target.h"
#include "machine/session.h"

struct console;

/* NULL: see err. */
struct console *console_open(struct session *s, struct target *t,
                             struct error *err);
/* Until the user quits; the exit code. */
int console_run(struct console *b);
/* In each turn of the host: Ctrl-C. Before the session's signals are. */
void console_poll(struct console *b);
/* magic_break: as a mask for target_set_magic. */
uint8_t console_magic_registers(const struct config *cfg);
/* NULL is allowed. */
void console_close(struct console *b);

#endif

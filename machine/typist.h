/*
 * typist.h - types into the guest when it has said what was waited for.
 *
 * An entry is WAIT=KEYS, split at its first `=`. Entries are worked off in
 * order. WAIT is looked for in the output of the first serial port (control
 * sequences left out) and on the text screen, in what appeared after the
 * entry before was found. All happens at fixed guest ticks, so that two runs
 * of the same machine type the same keys at the same instructions.
 *
 * KEYS: characters of the keymap; \n \t \b \e \\; <down> <f1> <esc> <ctrl-c>
 * <ctrl-alt-delete> and so on, <lt> for the sign <. None: only wait.
 */
#ifndef MACHINE_TYPIST_H
#define MACHINE_TYPIST_H

#include "gui/keymap.h"
#include "machine/machine.h"

/* Ticks between two looks at the screen. */
#define TYPIST_EVERY 1000000u

struct typist;

struct typist *typist_create(void);
void typist_destroy(struct typist *t);
/* `entry` is copied. */
bool typist_add(struct typist *t, const char *entry, struct error *err);
/* Once, when the keymap is known: checks the keys. */
bool typist_prepare(struct typist *t, const struct keymap *map,
                    struct error *err);
/* Nothing to wait for any more. */
bool typist_done(const struct typist *t);
/* Output of the guest's first serial port. */
void typist_serial(struct typist *t, const uint8_t *p, size_t n);
/* Looks, and posts keys. To be called whenever m's clock has reached a
 * multiple of TYPIST_EVERY. */
void typist_look(struct typist *t, struct machine *m);

#endif

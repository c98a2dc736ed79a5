/*
 * keys.h - keys written as text, and pressed by way of the input queue.
 *
 * Characters of a US keyboard; \n \t \b \e \\; <down> <f1> <esc> <ctrl-c>
 * <ctrl-alt-delete> and so on, <lt> for the sign <.
 */
#ifndef MACHINE_KEYS_H
#define MACHINE_KEYS_H

#include "gui/keymap.h"
#include "machine/machine.h"

struct keys {
    struct key_event *events; /* owned */
    size_t count;
};

/* Appends. On failure `k` holds what came before the mistake. */
bool keys_parse(struct keys *k, const char *text, struct error *err);
/* One key as in <name>, KEY_NONE when it is none. */
uint8_t keys_named(const char *name, size_t n);
void keys_free(struct keys *k);
/* Posts all of them at fixed distances of guest time, not before now and
 * `busy_until`. The tick of the last one, `busy_until` when there is none. */
uint64_t keys_post(const struct keys *k, struct machine *m,
                   uint64_t busy_until);

#endif

/*
 * keys.h - keys written as text, and pressed by way of the input queue.
 *
 * Characters, as UTF-8, through the keymap; \n \t \b \e \\; <down> <f1> <esc>
 * <ctrl-c> <ctrl-alt-delete> and so on, <lt> for the sign <.
 */
#ifndef MACHINE_KEYS_H
#define MACHINE_KEYS_H

#include "gui/keymap.h"
#include "machine/machine.h"

struct keys {
    struct key_event *events; /* owned */
    size_t count;
};

/* What `keyboard: keymap=` names; NULL is the US keyboard. */
bool keys_keymap(const struct config *cfg, const struct keymap **out,
                 struct error *err);
/* Appends. On failure `k` holds what came before the mistake. */
bool keys_parse(struct keys *k, const struct keymap *map, const char *text,
                struct error *err);
/* Appends what gives a character; false: no key does. */
bool keys_add_char(struct keys *k, const struct keymap *map, uint32_t code);
/* One key as in <name>, KEY_NONE when it is none. */
uint8_t keys_named(const struct keymap *map, const char *name, size_t n);
void keys_free(struct keys *k);
/* Posts all of them at fixed distances of guest time, not before now and
 * `busy_until`. The tick of the last one, `busy_until` when there is none. */
uint64_t keys_post(const struct keys *k, struct machine *m,
                   uint64_t busy_until);
/* The same with that distance. */
uint64_t keys_post_every(const struct keys *k, struct machine *m,
                         uint32_t step_us, uint64_t busy_until);

#endif

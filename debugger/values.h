/*
 * values.h - single values of a device's state, by name.
 *
 * What a device keeps is described by its table of fields (core/field.h):
 * "counters[1].ce" of the PIT is a value, "counters[1]" a group of them.
 */
#ifndef DEBUGGER_VALUES_H
#define DEBUGGER_VALUES_H

#include "core/device.h"
#include "debugger/internal.h"

/* A field, one element of it, or all fields (field NULL). */
struct value_ref {
    const struct field *field; /* NULL: the whole of `sub` */
    const struct field *sub;   /* of a group: its fields */
    const uint8_t *at;         /* the value, or what `sub` describes */
    bool element;              /* one of an array */
};

/* The device of that id or class, or that Bochs calls so. NULL: none. */
struct device *value_device(struct debugger *d, const char *name);
/* Brings the state up to date and looks a path up; "" is the whole. */
bool value_find(struct device *dev, const char *path, struct value_ref *out);
/* The number at a path; 0 if there is none. */
uint64_t value_of(struct device *dev, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* As Bochs prints its parameters: NAME = { ... }, or XML. */
void value_print(struct debugger *d, const char *name,
                 const struct value_ref *v, unsigned indent, bool xml);

/* Text as Bochs has it for `info device`; false: it has none for this name, or
 * there is no such chip. */
bool info_device_has(const char *name);
bool info_device_text(struct debugger *d, const char *name,
                      const char *options);

#endif

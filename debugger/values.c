/*
 * values.c - single values of a device's state, by name.
 */
#include "debugger/values.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* What Bochs calls them. */
static const char *our_name(const char *name)
{
    static const char *const names[][2] = {
        {"pci", "i440fx"},       {"pci2isa", "piix3"},      {"pic", "pic0"},
        {"keyboard", "kbc"},     {"floppy", "fdc"},         {"harddrv", "ata0"},
        {"serial", "serial0"},   {"parallel", "parallel0"}, {"vgacore", "vga"},
        {"pci_ide", "piix3ide"}, {"acpi", "piix4pm"},       {"apic", "cpu"},
        {"cmosram", "cmos"}};

    for (size_t k = 0; k < ARRAY_LEN(names); k++)
        if (!strcmp(names[k][0], name))
            return names[k][1];
    return name;
}

static struct device *find(struct debugger *d, const char *name)
{
    struct device *i;

    for (i = d->set.devices ? d->set.devices->first : NULL; i; i = i->next)
        if (!strcmp(i->id, name) || !strcmp(i->cls->name, name))
            return i;
    /* The same adapter on another bus. */
    return strcmp(name, "vga") ? NULL : find(d, "pcivga");
}

struct device *value_device(struct debugger *d, const char *name)
{
    struct device *dev = find(d, name);

    return dev ? dev : find(d, our_name(name));
}

/* ---- paths ---- */

static const struct field *field_named(const struct field *f, const char *name,
                                       size_t len)
{
    for (; f && f->name; f++)
        if (strlen(f->name) == len && !memcmp(f->name, name, len))
            return f;
    return NULL;
}

/* [NUMBER] at *path; without one the whole array. */
static bool index_of(const struct field *f, const char **path,
                     struct value_ref *v)
{
    char *end;
    unsigned long n;

    v->element = f->count == 1;
    if (**path != '[')
        return true;
    n = strtoul(*path + 1, &end, 0);
    if (end == *path + 1 || *end != ']' || n >= f->count)
        return false;
    *path = end + 1;
    v->element = true;
    v->at += n * f->size;
    return true;
}

bool value_find(struct device *dev, const char *path, struct value_ref *out)
{
    struct value_ref v = {.sub = dev->cls->fields};

    if (dev->cls->pre_save)
        dev->cls->pre_save(dev);
    v.at = device_state(dev);
    while (*path) {
        size_t len = strcspn(path, ".[");
        const struct field *f = field_named(v.sub, path, len);

        if (!f || (v.field && !v.element))
            return false;
        v.field = f;
        v.sub = f->type == FIELD_STRUCT ? f->sub : NULL;
        v.at += f->offset;
        path += len;
        if (!index_of(f, &path, &v) || (*path && *path != '.'))
            return false;
        path += *path == '.';
    }
    *out = v;
    return true;
}

static uint64_t load(const struct field *f, const uint8_t *at)
{
    uint64_t v = 0;
    uint8_t b;
    uint16_t w;
    uint32_t l;

    switch (f->size) {
    case 1:
        memcpy(&b, at, sizeof b);
        return b;
    case 2:
        memcpy(&w, at, sizeof w);
        return w;
    case 4:
        memcpy(&l, at, sizeof l);
        return f->type == FIELD_I32 ? (uint64_t)(int64_t)(int32_t)l : l;
    case 8:
        memcpy(&v, at, sizeof v);
        return v;
    default:
        return 0;
    }
}

uint64_t value_of(struct device *dev, const char *fmt, ...)
{
    struct value_ref v;
    char path[128];
    va_list args;

    va_start(args, fmt);
    vsnprintf(path, sizeof path, fmt, args);
    va_end(args);
    if (!dev || !value_find(dev, path, &v) || !v.field || v.sub || !v.element)
        return 0;
    return load(v.field, v.at);
}

/* ---- printing ---- */

static void print_one(const struct field *f, const uint8_t *at, char *out,
                      size_t size)
{
    uint64_t n = load(f, at);

    if (f->type == FIELD_BOOL)
        snprintf(out, size, "%s", n ? "true" : "false");
    else if (f->type == FIELD_I32 || f->type == FIELD_I64)
        snprintf(out, size, "%" PRId64, (int64_t)n);
    else
        snprintf(out, size, "0x%0*" PRIx64, (int)(2 * f->size), n);
}

static void begin_group(struct debugger *d, const char *name, unsigned indent,
                        bool xml)
{
    say(d, xml ? "%*s<%s>\n" : "%*s%s = {\n", (int)indent, "", name);
}

static void end_group(struct debugger *d, const char *name, unsigned indent,
                      bool xml)
{
    if (xml)
        say(d, "%*s</%s>\n", (int)indent, "", name);
    else
        say(d, "%*s}\n", (int)indent, "");
}

static void print_fields(struct debugger *d, const struct field *f,
                         const uint8_t *at, unsigned indent, bool xml)
{
    for (; f && f->name; f++)
        value_print(
            d, f->name,
            &(struct value_ref){.field = f,
                                .sub = f->type == FIELD_STRUCT ? f->sub : NULL,
                                .at = at + f->offset,
                                .element = f->count == 1},
            indent, xml);
}

/* An array: its elements by number. Bytes of memory by their number alone. */
static void print_array(struct debugger *d, const char *name,
                        const struct value_ref *v, unsigned indent, bool xml)
{
    struct value_ref e = *v;
    char number[16];

    if (!v->sub && v->field->size == 1 && v->field->count > 64) {
        say(d,
            xml ? "%*s<%s>'binary data size=%u'</%s>\n"
                : "%*s%s = 'binary data size=%u'\n",
            (int)indent, "", name, (unsigned)v->field->count, name);
        return;
    }
    begin_group(d, name, indent, xml);
    e.element = true;
    for (uint32_t n = 0; n < v->field->count; n++) {
        e.at = v->at + (size_t)n * v->field->size;
        snprintf(number, sizeof number, "%u", (unsigned)n);
        value_print(d, number, &e, indent + 2, xml);
    }
    end_group(d, name, indent, xml);
}

void value_print(struct debugger *d, const char *name,
                 const struct value_ref *v, unsigned indent, bool xml)
{
    char text[32];

    if (v->field && !v->element) {
        print_array(d, name, v, indent, xml);
    } else if (!v->field || v->sub) {
        begin_group(d, name, indent, xml);
        print_fields(d, v->sub, v->at, indent + 2, xml);
        end_group(d, name, indent, xml);
    } else {
        print_one(v->field, v->at, text, sizeof text);
        if (xml)
            say(d, "%*s<%s>%s</%s>\n", (int)indent, "", name, text, name);
        else
            say(d, "%*s%s = %s\n", (int)indent, "", name, text);
        data_hex(d, name, load(v->field, v->at));
    }
}

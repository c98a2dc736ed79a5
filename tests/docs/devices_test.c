/*
 * devices_test.c - docs/devices.md says what the device classes say.
 *
 * `make docs` makes the page (devices_test --print): the tables of each
 * class, and the comment at the head of the file that defines it.
 */
#include "core/device.h"
#include "tests/tap.h"

#include <glob.h>
#include <stdlib.h>

enum { MAX_SOURCE = 1 << 20 };

/* ---- files ---- */

/* NULL when it cannot be read; the caller frees it. */
static char *slurp(const char *dir, const char *path)
{
    char name[1024];
    char *text = malloc(MAX_SOURCE);
    FILE *f;
    size_t n;

    snprintf(name, sizeof name, "%s%s%s", dir, *dir ? "/" : "", path);
    f = fopen(name, "rb");
    if (!f || !text) {
        if (f)
            fclose(f);
        free(text);
        return NULL;
    }
    n = fread(text, 1, MAX_SOURCE - 1, f);
    text[n] = 0;
    fclose(f);
    return text;
}

static const char *source_dir(void)
{
    const char *dir = getenv("SRCDIR");

    return dir && *dir ? dir : ".";
}

/* Does this source define the class? */
static bool defines(const char *text, const char *class_name)
{
    const char *p = strstr(text, "\nconst struct device_class ");
    char want[64];

    snprintf(want, sizeof want, ".name = \"%s\"", class_name);
    for (; p; p = strstr(p + 1, "\nconst struct device_class ")) {
        const char *end = strstr(p, "\n};"), *hit = strstr(p, want);

        if (hit && end && hit < end)
            return true;
    }
    return false;
}

/* Text and path (below the source folder) of the file that defines a class. */
static char *find_source(const char *class_name, char *path, size_t size)
{
    static const char *const patterns[] = {"iodev/*.c", "iodev/*/*.c",
                                           "cpu/*.c"};
    size_t skip = strlen(source_dir()) + 1;
    char *found = NULL;

    for (size_t k = 0; k < ARRAY_LEN(patterns) && !found; k++) {
        char pattern[1024];
        glob_t g;

        snprintf(pattern, sizeof pattern, "%s/%s", source_dir(), patterns[k]);
        if (glob(pattern, 0, NULL, &g))
            continue;
        for (size_t n = 0; n < g.gl_pathc && !found; n++) {
            char *text = slurp("", g.gl_pathv[n]);

            if (text && defines(text, class_name)) {
                snprintf(path, size, "%s", g.gl_pathv[n] + skip);
                found = text;
            } else {
                free(text);
            }
        }
        globfree(&g);
    }
    return found;
}

/* ---- the page ---- */

/* Text of a table cell: a bar would end it. */
static void cell(struct out *o, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            out_write(o, "\\", 1);
        out_write(o, text, 1);
    }
}

static bool begins(const char *s, const char *word)
{
    return !strncmp(s, word, strlen(word));
}

/* The comment behind its first paragraph; departures begin a new one. */
static void print_header(struct out *o, const char *text)
{
    const char *end = strstr(text, "*/"), *p = strchr(text, '\n');
    bool heading = true, gap = true;

    for (; p && p < end; p = strchr(p + 1, '\n')) {
        const char *s = p + 1, *stop = strchr(s, '\n');

        if (!stop || stop > end)
            break;
        s += strspn(s, " *");
        if (s >= stop) {
            heading = false;
            gap = true;
        } else if (!heading) {
            gap |= begins(s, "Departure") || begins(s, "Known departure");
            out_printf(o, "%s%.*s\n", gap ? "\n" : "", (int)(stop - s), s);
            gap = false;
        }
    }
}

static void print_ports(struct out *o, const struct port_range *p)
{
    if (!p || !p->count)
        return;
    out_printf(o, "\n| Port | Access | What |\n|---|---|---|\n");
    for (; p->count; p++) {
        if (p->count == 1)
            out_printf(o, "| %03Xh |", p->first);
        else
            out_printf(o, "| %03Xh-%03Xh |", p->first,
                       p->first + p->count - 1u);
        out_printf(o, "%s%s%s bit, %s | ", p->widths & IO8 ? " 8" : "",
                   p->widths & IO16 ? " 16" : "", p->widths & IO32 ? " 32" : "",
                   p->read && p->write ? "read, write"
                   : p->read           ? "read"
                                       : "write");
        cell(o, p->help ? p->help : "");
        out_printf(o, " |\n");
    }
}

static void print_pin(struct out *o, const char *name, unsigned count,
                      bool first)
{
    out_printf(o, "%s`%s`", first ? "" : ", ", name);
    if (count > 1)
        out_printf(o, " (%u)", count);
}

static void print_pins(struct out *o, const struct device_class *c)
{
    if (c->lines_in && c->lines_in->name) {
        out_printf(o, "\nInput pins: ");
        for (const struct line_in *l = c->lines_in; l->name; l++)
            print_pin(o, l->name, l->count, l == c->lines_in);
        out_printf(o, ".\n");
    }
    if (c->lines_out && c->lines_out->name) {
        out_printf(o, "\nOutput pins: ");
        for (const struct line_out *l = c->lines_out; l->name; l++)
            print_pin(o, l->name, l->count, l == c->lines_out);
        out_printf(o, ".\n");
    }
}

static void print_options(struct out *o, const struct option *p)
{
    if (!p || !p->key)
        return;
    out_printf(o,
               "\n| Option | Values | Default | What |\n|---|---|---|---|\n");
    for (; p->key; p++) {
        out_printf(o, "| `%s` | ", p->key);
        cell(o, p->type);
        out_printf(o, " | %s%s%s | ", p->dflt && *p->dflt ? "`" : "",
                   p->dflt ? p->dflt : "", p->dflt && *p->dflt ? "`" : "");
        cell(o, p->help);
        out_printf(o, " |\n");
    }
}

static void print_fields(struct out *o, const struct field *f,
                         const char *prefix)
{
    static const char *const types[] = {"u8",  "u16", "u32",  "u64",
                                        "i32", "i64", "bool", "struct"};

    for (; f->name; f++) {
        char name[128], count[16] = "";

        if (f->count > 1)
            snprintf(count, sizeof count, "[%u]", f->count);
        snprintf(name, sizeof name, "%s%s%s", prefix, f->name, count);
        if (f->type == FIELD_STRUCT) {
            strncat(name, ".", sizeof name - strlen(name) - 1);
            print_fields(o, f->sub, name);
            continue;
        }
        out_printf(o, "| `%s` | %s | ", name, types[f->type]);
        cell(o, f->help);
        out_printf(o, " |\n");
    }
}

static void print_class(struct out *o, const struct device_class *c)
{
    char path[256] = "";
    char *source = find_source(c->name, path, sizeof path);

    out_printf(o, "\n## %s\n\n%s. Source: `%s`.\n", c->name, c->summary, path);
    if (source)
        print_header(o, source);
    free(source);
    print_ports(o, c->ports);
    print_pins(o, c);
    print_options(o, c->options);
    if (c->fields && c->fields->name) {
        out_printf(o,
                   "\nState, version %u%s:\n\n| Field | Type | What |\n"
                   "|---|---|---|\n",
                   c->state_version,
                   c->memory ? ", and memory of its own" : "");
        print_fields(o, c->fields, "");
    }
}

static void print_page(struct out *o)
{
    out_printf(
        o,
        "# Devices\n\n"
        "<!-- Made by `make docs`: change the class tables and the head of "
        "the source\n     file, not this page. -->\n\n"
        "Every class of device, with what its tables say: ports, pins, "
        "options, guest\nstate. Ports below 020h of `pic`, `pit`, `serial` "
        "and `parallel` are relative to\nthe base that the board gives to "
        "each instance; ports and memory windows that\nthe guest places (PCI "
        "base addresses) or that options move (ATA channels) are not\nin the "
        "tables. `machine/pc.c` says which instances there are, which wire "
        "goes\nwhere, and which directives of the configuration file set "
        "which option.\n\n");
    for (unsigned n = 0; device_classes[n]; n++)
        out_printf(o, "- [%s](#%s): %s\n", device_classes[n]->name,
                   device_classes[n]->name, device_classes[n]->summary);
    for (unsigned n = 0; device_classes[n]; n++)
        print_class(o, device_classes[n]);
}

/* ---- checks ---- */

static bool has_word(const char *text, const char *word)
{
    char want[128];

    snprintf(want, sizeof want, "`%s`", word);
    return strstr(text, want) != NULL;
}

/* The part of the page on one class; the caller frees it. */
static char *section_of(const char *page, const char *class_name)
{
    char head[64];
    const char *p, *end;

    snprintf(head, sizeof head, "\n## %s\n", class_name);
    p = strstr(page, head);
    if (!p)
        return NULL;
    end = strstr(p + 1, "\n## ");
    return end ? strndup(p, (size_t)(end - p)) : strdup(p);
}

static void check_class(struct tap *t, const char *page,
                        const struct device_class *c)
{
    char *section = section_of(page, c->name);
    char path[256];
    char *source = find_source(c->name, path, sizeof path);
    bool good = section != NULL;

    for (const struct option *p = c->options; good && p && p->key; p++)
        good = has_word(section, p->key);
    for (const struct line_out *l = c->lines_out; good && l && l->name; l++)
        good = has_word(section, l->name);
    for (const struct line_in *l = c->lines_in; good && l && l->name; l++)
        good = has_word(section, l->name);
    tap_ok(t, good, "%s: options and pins are in docs/devices.md", c->name);
    tap_ok(t, source != NULL, "%s: its source file is found", c->name);
    free(section);
    free(source);
}

int main(int argc, char **argv)
{
    struct tap t = {0};
    struct out o;
    char *made, *page;

    out_to_string(&o);
    print_page(&o);
    made = o.text;
    if (argc > 1 && !strcmp(argv[1], "--print")) {
        fputs(made, stdout);
        out_free(&o);
        return 0;
    }
    page = slurp(source_dir(), "docs/devices.md");
    if (!page || strcmp(page, made))
        printf("# run: make docs\n");
    tap_ok(&t, page && !strcmp(page, made), "docs/devices.md is up to date");
    for (unsigned n = 0; device_classes[n]; n++)
        check_class(&t, page ? page : "", device_classes[n]);
    free(page);
    out_free(&o);
    return tap_done(&t);
}

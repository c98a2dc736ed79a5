/*
 * config_docs.c - the reference of all directives, made from the tables.
 */
#include "machine/config.h"
#include <stdio.h>

static const char *state_word(const struct config_row *r)
{
    switch (r->state) {
    case CONFIG_IGNORED:
        return "accepted, without effect";
    case CONFIG_NOT_YET:
        return "not there yet: a warning";
    case CONFIG_REFUSED:
        return "not there yet: an error";
    default:
        return r->not_yet ? "partly" : "";
    }
}

/* "a|b" -> "a, b". */
static void print_list(const char *p, struct out *out)
{
    for (; *p; p++)
        if (*p == '|')
            out_printf(out, ", ");
        else
            out_write(out, p, 1);
}

/* "int:1..9" -> "1..9", "enum:a|b" -> "a, b". */
static void print_type(const char *type, struct out *out)
{
    const char *p = strchr(type, ':');

    if (p)
        print_list(p + 1, out);
    else
        out_printf(out, "%s", !strcmp(type, "bool") ? "0, 1" : type);
}

static void markdown_row(const struct config_row *r, struct out *out)
{
    const char *state = state_word(r);

    out_printf(out, "| `%s` | ", r->key);
    print_type(r->type, out);
    out_printf(out, " | %s%s%s | %s", r->dflt && *r->dflt ? "`" : "",
               r->dflt ? r->dflt : "", r->dflt && *r->dflt ? "`" : "", r->help);
    if (r->not_yet) {
        out_printf(out, "; not there yet: ");
        print_list(r->not_yet, out);
    } else if (*state) {
        out_printf(out, " (%s)", state);
    }
    out_printf(out, " |\n");
}

static void markdown_aliases(struct out *out)
{
    out_printf(out, "## Old spellings\n\n"
                    "| old | new |\n|---|---|\n");
    for (const struct config_alias *a = config_aliases; a->directive; a++) {
        out_printf(out, "| `%s:%s%s%s` | ", a->directive, a->key ? " " : "",
                   a->key ? a->key : "", a->key ? "=" : "");
        out_printf(out, "`%s:%s%s%s` |\n", a->new_directive,
                   a->new_key ? " " : "", a->new_key ? a->new_key : "",
                   a->new_key ? "=" : "");
    }
}

void config_print_markdown(struct out *out)
{
    out_printf(
        out,
        "# Configuration directives\n\n"
        "Made from `machine/config_rows.c` by `klochs --print-docs bochsrc`;\n"
        "do not edit. The grammar is described in `klochsrc(5)` and in\n"
        "[command-line.md](command-line.md). A parameter marked \"not there\n"
        "yet\" is named with its consequences in "
        "[known-gaps.md](known-gaps.md).\n\n");
    for (const struct config_directive *d = config_directives; d->name; d++) {
        out_printf(out, "## %s\n\n%s\n", d->name, d->help);
        if (d->bare)
            out_printf(out, "A value without a name is `%s`.\n", d->bare);
        out_printf(out, "\n| parameter | values | default | |\n"
                        "|---|---|---|---|\n");
        for (const struct config_row *r = config_rows; r->directive; r++)
            if (!strcmp(r->directive, d->name))
                markdown_row(r, out);
        out_printf(out, "\n");
    }
    markdown_aliases(out);
}

/* roff takes a backslash for its own and a leading dot for a request. */
static void man_text(const char *text, struct out *out)
{
    if (*text == '.' || *text == '\'')
        out_printf(out, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            out_printf(out, "\\e");
        else if (*text == '-')
            out_printf(out, "\\-");
        else
            out_write(out, text, 1);
    }
}

static void man_row(const struct config_row *r, struct out *out)
{
    const char *state = state_word(r);

    out_printf(out, ".TP\n.B ");
    man_text(r->key, out);
    out_printf(out, "=\n");
    man_text(r->help, out);
    out_printf(out, ".\nValues: ");
    print_type(r->type, out);
    if (r->dflt && *r->dflt) {
        out_printf(out, ". Default: ");
        man_text(r->dflt, out);
    }
    out_printf(out, ".\n");
    if (r->not_yet) {
        out_printf(out, "Not there yet: ");
        print_list(r->not_yet, out);
        out_printf(out, ".\n");
    } else if (*state) {
        man_text(state, out);
        out_printf(out, ".\n");
    }
}

static const char man_head[] =
    ".\\\" Made by klochs --print-docs man; do not edit.\n"
    ".TH KLOCHSRC 5 \"\" \"Klochs\" \"File Formats\"\n"
    ".SH NAME\n"
    "klochsrc \\- configuration of klochs\n"
    ".SH DESCRIPTION\n"
    "A configuration file, in the form of Bochs 2.7 and 3.x, has one "
    "directive a\nline:\n"
    ".PP\n.RS\n"
    ".IR name \": \" key = value \", \" key = value\n"
    ".RE\n.PP\n"
    "Blanks outside double quotes do not count, # begins a comment.\n"
    ".RI $ NAME\n"
    "stands for an environment variable; $BXSHARE is /usr/share/bochs unless\n"
    "set. A line\n"
    ".RI \"#include \" FILE\n"
    "reads another file. For each key the last value given counts.\n"
    ".PP\n"
    "What is marked as not there yet gives a warning when it is switched on,\n"
    "or an error where the guest could hardly run without it.\n"
    ".SH DIRECTIVES\n";

void config_print_man(struct out *out)
{
    out_printf(out, "%s", man_head);
    for (const struct config_directive *d = config_directives; d->name; d++) {
        out_printf(out, ".SS ");
        man_text(d->name, out);
        out_printf(out, "\n");
        man_text(d->help, out);
        out_printf(out, "\n");
        for (const struct config_row *r = config_rows; r->directive; r++)
            if (!strcmp(r->directive, d->name))
                man_row(r, out);
    }
    out_printf(out, ".SH SEE ALSO\n.BR klochs (1)\n");
}

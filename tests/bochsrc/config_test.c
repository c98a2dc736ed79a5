/*
 * config_test.c - the tables of directives hang together; settings.
 */
#include "machine/bochsrc.h"
#include "tests/tap.h"
#include <stdlib.h>

static bool has_row(const char *directive, const char *key)
{
    for (const struct config_row *r = config_rows; r->directive; r++)
        if (!strcmp(r->directive, directive) &&
            (!key || !strcmp(r->key, key) || !strcmp(r->key, "*")))
            return true;
    return false;
}

static void test_tables(struct tap *t)
{
    unsigned lost = 0, twice = 0, bad = 0, empty = 0, aliases = 0;

    for (const struct config_row *r = config_rows; r->directive; r++) {
        struct config *c = config_create();

        lost += !config_find_directive(r->directive);
        for (const struct config_row *o = config_rows; o != r; o++)
            twice +=
                !strcmp(o->directive, r->directive) && !strcmp(o->key, r->key);
        if (r->dflt &&
            !config_set(c, r->directive, r->key, r->dflt, "default", NULL)) {
            printf("# %s: %s=%s\n", r->directive, r->key, r->dflt);
            bad++;
        }
        config_destroy(c);
    }
    for (const struct config_directive *d = config_directives; d->name; d++)
        empty += !has_row(d->name, NULL);
    for (const struct config_alias *a = config_aliases; a->directive; a++)
        aliases += !has_row(a->new_directive, a->new_key);
    tap_eq(t, lost, 0, "every row's directive is described");
    tap_eq(t, twice, 0, "no row is there twice");
    tap_eq(t, bad, 0, "every default is a valid value");
    tap_eq(t, empty, 0, "every directive has parameters");
    tap_eq(t, aliases, 0, "every old spelling leads somewhere");
}

static void test_values(struct tap *t)
{
    struct config *c = config_create();
    struct error err = {0};

    tap_eq(t, (uint64_t)config_int(c, "memory", "guest"), 128, "a default");
    tap_ok(t, !config_given(c, "memory"), "not given");
    tap_ok(t, bochsrc_line(c, "memory: guest=010", "here:1", &err), "octal?");
    tap_eq(t, (uint64_t)config_int(c, "memory", "guest"), 10, "no: decimal");
    bochsrc_line(c, "ata0: ioaddr1=0x1f8", "here:1", &err);
    tap_eq(t, (uint64_t)config_int(c, "ata0", "ioaddr1"), 0x1f8, "hex");
    tap_ok(t,
           !bochsrc_line(c, "memory: guest=x", "here:7", &err) &&
               !strncmp(err.text, "here:7: ", 8),
           "an error says where: %s", err.text);
    tap_ok(t, config_bool(c, "ata0", "enabled"), "a boolean default");
    bochsrc_line(c, "ata0: enabled=0", "here:1", &err);
    tap_ok(t, !config_bool(c, "ata0", "enabled"), "a boolean");
    config_unset(c, "ata0", "enabled");
    tap_ok(t, config_bool(c, "ata0", "enabled"), "unset: the default again");
    bochsrc_line(c, "log: last", "here:1", &err);
    tap_ok(t, !strcmp(config_text(c, "log", "file"), "last"),
           "the list still grows after its end was unset");
    config_destroy(c);
}

static void test_print(struct tap *t)
{
    struct config *c = config_create(), *d = config_create();
    struct error err = {0};
    struct out a, b;

    out_to_string(&a);
    out_to_string(&b);
    config_print(c, true, &a);
    tap_ok(t, a.text && bochsrc_text(d, a.text, a.len, "printed", &err),
           "what is printed can be read: %s", err.text);
    config_print(d, true, &b);
    tap_ok(t, a.text && b.text && !strcmp(a.text, b.text),
           "and gives the same again");
    out_free(&a);
    out_free(&b);
    config_destroy(c);
    config_destroy(d);
}

int main(void)
{
    struct tap t = {0};

    test_tables(&t);
    test_values(&t);
    test_print(&t);
    return tap_done(&t);
}

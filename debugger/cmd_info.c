/*
 * cmd_info.c - info, symbols, explain.
 */
#include "cpu/cpu.h"
#include "cpu/exception.h"
#include "debugger/handlers.h"
#include "debugger/walk.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- devices ---- */

static void list_devices(struct debugger *d)
{
    struct device *i = d->set.devices ? d->set.devices->first : NULL;

    say(d, "devices supported by 'info device':\n\n");
    data_open(d, "devices", '[');
    for (; i; i = i->next) {
        say(d, "%s\n", i->id);
        data_text(d, NULL, i->id);
    }
    data_close(d, ']');
    say(d, "\n");
}

/* What Bochs calls them. */
static const char *our_name(const char *name)
{
    static const char *const names[][2] = {
        {"pci", "i440fx"}, {"pci2isa", "piix3"}, {"pic", "pic0"},
        {"pit", "pit0"},   {"dma", "dma0"},      {"keyboard", "kbc"},
        {"floppy", "fdc"}, {"harddrv", "ata0"},  {"serial", "serial0"},
        {"apic", "cpu"}};

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
    return NULL;
}

/* info device [NAME ["options"]] */
static void info_device(struct debugger *d)
{
    char name[64], options[64];
    struct device *dev;
    struct out o;

    if (!arg_more(d)) {
        list_devices(d);
        return;
    }
    if (!arg_text(d, name, sizeof name))
        return;
    if (arg_more(d) && (!arg_text(d, options, sizeof options) || !arg_end(d)))
        return;
    dev = find(d, name);
    if (!dev)
        dev = find(d, our_name(name));
    if (!dev) {
        fail(d, "info device: '%s' not found", name);
        return;
    }
    out_to_string(&o);
    if (dev->cls->pre_save)
        dev->cls->pre_save(dev);
    device_info(dev, &o);
    say(d, "%s", o.text ? o.text : "");
    out_free(&o);
}

/* ---- symbols ---- */

void cmd_ldsym(struct debugger *d)
{
    char path[512];
    struct error err = {0};
    uint64_t offset;

    /* Bochs keeps sets by CR3; here all are in one, as with "global". */
    lexer_take(&d->lx, "global");
    if (!arg_text(d, path, sizeof path) || !arg_expr_or(d, &offset, 0) ||
        !arg_end(d))
        return;
    if (!d->syms)
        d->syms = symbols_create();
    if (!symbols_load(d->syms, path, offset, &err)) {
        fail(d, "%s", err.text);
        if (!symbols_count(d->syms)) {
            symbols_destroy(d->syms);
            d->syms = NULL;
        }
    }
    data_int(d, "symbols", symbols_count(d->syms));
}

void cmd_slist(struct debugger *d)
{
    char prefix[64] = "";

    if (arg_more(d) && (!arg_text(d, prefix, sizeof prefix) || !arg_end(d)))
        return;
    if (!d->syms) {
        fail(d, "Global context not available");
        return;
    }
    data_open(d, "symbols", '[');
    for (size_t i = 0; i < symbols_count(d->syms); i++) {
        const struct symbol *y = symbols_get(d->syms, i);

        if (strncmp(y->name, prefix, strlen(prefix)) != 0)
            continue;
        say(d, *prefix ? "%016" PRIx64 ": %s\n" : "%17" PRIx64 ": %s\n",
            y->addr, y->name);
        data_open(d, NULL, '{');
        data_text(d, "name", y->name);
        data_hex(d, "address", y->addr);
        data_close(d, '}');
    }
    data_close(d, ']');
}

/* ---- info ---- */

static void info_cpu(struct debugger *d)
{
    if (!arg_end(d))
        return;
    print_registers(d);
    cmd_fp(d);
    cmd_mmx(d);
    cmd_sse(d);
    cmd_ymm(d);
    cmd_sreg(d);
    cmd_creg(d);
    cmd_dreg(d);
}

static void info_flags(struct debugger *d)
{
    const struct target_reg *r = target_reg_find("eflags");

    if (arg_end(d) && r)
        print_flags(d, expr_register_value(d->t, r));
}

static void info_linux(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    uint64_t addr;

    if (!arg_end(d))
        return;
    say(d,
        "CPU mode: %s, CR3 0x%012" PRIx64 ", GS base 0x%016" PRIx64
        ", kernel GS base 0x%016" PRIx64 "\n",
        mode_name(c), c->cr3, c->seg[SEG_GS].base, c->msr.kernel_gs_base);
    if (symbols_value(d->syms, "linux_banner", &addr)) {
        char text[200] = "";

        read_linear(d, addr, text, sizeof text - 1);
        text[strcspn(text, "\n")] = '\0';
        say(d, "%s\n", text);
    } else {
        say(d, "load its System.map with ldsym to see more\n");
    }
}

void cmd_info(struct debugger *d)
{
    static const struct {
        const char *word;
        void (*run)(struct debugger *d);
    } kinds[] = {{"break", cmd_blist},    {"cpu", info_cpu},
                 {"idt", info_idt},       {"ivt", info_ivt},
                 {"gdt", info_gdt},       {"ldt", info_ldt},
                 {"tss", info_tss},       {"tab", info_tab},
                 {"eflags", info_flags},  {"flags", info_flags},
                 {"device", info_device}, {"symbols", cmd_slist},
                 {"linux", info_linux},   {"watch", cmd_watch},
                 {"registers", cmd_regs}};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (lexer_take(&d->lx, kinds[i].word)) {
            kinds[i].run(d);
            return;
        }
    syntax_error(d);
}

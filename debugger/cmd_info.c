/*
 * cmd_info.c - info.
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
                 {"registers", cmd_regs}, {"locals", cmd_locals},
                 {"args", cmd_args}};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (lexer_take(&d->lx, kinds[i].word)) {
            kinds[i].run(d);
            return;
        }
    syntax_error(d);
}

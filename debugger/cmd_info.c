/*
 * cmd_info.c - info.
 */
#include "cpu/cpu.h"
#include "cpu/exception.h"
#include "debugger/handlers.h"
#include "debugger/values.h"
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

/* Bochs's text where it has one; the option "fields" shows ours. */
static void show_device(struct debugger *d, const char *name,
                        const char *options)
{
    struct device *dev;
    struct out o;

    if (strcmp(options, "fields") != 0 && info_device_text(d, name, options))
        return;
    dev = value_device(d, name);
    if (!dev) {
        fail(d, "info device: '%s' not found", name);
        return;
    }
    out_to_string(&o);
    device_info(dev, &o);
    say(d, "%s", o.text ? o.text : "");
    out_free(&o);
    if (*options && strcmp(options, "fields") != 0)
        say(d, "\nUnknown option: '%s'\n", options);
}

/* info device [NAME ["options"]] */
static void info_device(struct debugger *d)
{
    char name[64], options[128] = "";

    if (!arg_more(d)) {
        list_devices(d);
        return;
    }
    if (!arg_text(d, name, sizeof name))
        return;
    if (arg_more(d) && (!arg_text(d, options, sizeof options) || !arg_end(d)))
        return;
    show_device(d, name, options);
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

/* ---- Linux ---- */

/* A pointer of the kernel's size. */
static bool kernel_pointer(struct debugger *d, uint64_t addr, uint64_t *out)
{
    unsigned n = cpu_long(target_cpu(d->t)) ? 8 : 4;
    uint8_t b[8] = {0};

    if (!target_read(d->t, ADDR_LINEAR, 0, addr, b, n, NULL))
        return false;
    *out = ld_le64(b);
    return true;
}

static void kernel_text(struct debugger *d, const char *what, uint64_t addr)
{
    char text[200] = "";

    read_linear(d, addr, text, sizeof text - 1);
    text[strcspn(text, "\n")] = '\0';
    say(d, "%s%s\n", what, text);
    data_text(d, *what ? "command_line" : "banner", text);
}

/* Where task_struct has the name: init_task's is known. 0: not found. */
static unsigned comm_offset(struct debugger *d)
{
    enum { TASK_BYTES = 8192 };
    char task[TASK_BYTES];
    uint64_t init;

    if (!symbols_value(d->syms, "init_task", &init))
        return 0;
    for (unsigned at = 0; at < TASK_BYTES; at += 64)
        if (!target_read(d->t, ADDR_LINEAR, 0, init + at, task + at, 64, NULL))
            return 0;
    for (unsigned at = 4; at + 16 <= TASK_BYTES; at += 4)
        if (!strncmp(task + at, "swapper", 7))
            return at;
    return 0;
}

/* The running task: a variable of the processor, at an offset from where its
 * variables lie. */
static void current_task(struct debugger *d)
{
    uint64_t table, base, at, task;
    unsigned offset = comm_offset(d);
    char name[17] = "";

    if (!offset || !symbols_value(d->syms, "__per_cpu_offset", &table) ||
        (!symbols_value(d->syms, "current_task", &at) &&
         !symbols_value(d->syms, "pcpu_hot", &at)) ||
        !kernel_pointer(d, table, &base) ||
        !kernel_pointer(d, base + at, &task))
        return;
    read_linear(d, task + offset, name, sizeof name - 1);
    say(d, "Current task: %s at 0x%" PRIx64 "\n", name, task);
    data_text(d, "task", name);
}

static void info_linux(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    uint64_t addr, text;

    if (!arg_end(d))
        return;
    if (!(c->cr0 & CR0_PE)) {
        say(d, "Processor mode: real-address mode, maybe during boot "
               "sequence\n");
        return;
    }
    say(d, "Processor mode: %s, CPL=%u, %s\n", mode_name(c), (unsigned)c->cpl,
        c->cpl == 3 ? "user" : "kernel");
    if (!symbols_value(d->syms, "linux_banner", &addr)) {
        say(d, "load its System.map with ldsym to see more\n");
        return;
    }
    kernel_text(d, "", addr);
    if (symbols_value(d->syms, "saved_command_line", &addr) &&
        kernel_pointer(d, addr, &text))
        kernel_text(d, "Command line: ", text);
    if (symbols_value(d->syms, "jiffies", &addr) &&
        kernel_pointer(d, addr, &text))
        say(d, "jiffies: %" PRIu64 "\n", text);
    current_task(d);
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
    char name[32];

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (lexer_take(&d->lx, kinds[i].word)) {
            kinds[i].run(d);
            return;
        }
    /* info pic, as older versions of Bochs had it. */
    lexer_copy(&d->lx, name, sizeof name);
    if (info_device_has(name))
        info_device(d);
    else
        syntax_error(d);
}

/*
 * help.c - what --help prints, from the tables of the program.
 */
#include "core/device.h"
#include "cpu/features.h"
#include "cpu/models/model.h"
#include "debugger/debugger.h"
#include "gui/display.h"
#include "machine/cmdline.h"
#include "machine/config.h"
#include <stdio.h>

static void print_usage(struct out *out)
{
    out_printf(out,
               "usage: klochs [OPTION]... [IMAGE]... [DIRECTIVE]...\n\n"
               "Boots a PC from the images: hard disks, CDs and floppies, told "
               "apart by their\ncontents. A DIRECTIVE is a line of a "
               "configuration file, such as\n\"memory: guest=512\" or "
               "\"cpu: model=pentium\"; see klochsrc(5).\n\n");
    for (const struct cmd_option *o = cmd_options; o->name; o++) {
        char text[40];

        snprintf(text, sizeof text, "%s%s%s", o->name, o->arg ? " " : "",
                 o->arg ? o->arg : "");
        if (!o->help)
            out_printf(out, "  %s\n", text);
        else if (strlen(text) < 23)
            out_printf(out, "  %-23s %s\n", text, o->help);
        else
            out_printf(out, "  %s\n%26s%s\n", text, "", o->help);
    }
    out_printf(out,
               "\nExit status: 0 the guest powered off, 1-63 from its exit "
               "port, 64 usage, 65 bad\ndata, 66 cannot open, 70 internal "
               "error, 72 triple fault, 73 panic, 74 input or\noutput failed, "
               "124 limit reached, 130 interrupted, 143 terminated.\n");
}

static void print_devices(struct out *out)
{
    for (unsigned n = 0; device_classes[n]; n++)
        out_printf(out, "%-12s %s\n", device_classes[n]->name,
                   device_classes[n]->summary);
}

static void print_features(struct out *out)
{
    out_printf(out, "Devices:\n");
    for (unsigned n = 0; device_classes[n]; n++)
        out_printf(out, "  %-12s %s\n", device_classes[n]->name,
                   device_classes[n]->summary);
    out_printf(out, "\nDisplays (display_library):\n");
    for (unsigned n = 0; display_classes[n]; n++)
        out_printf(out, "  %-12s %s\n", display_classes[n]->name,
                   display_classes[n]->summary);
}

static void print_cpus(struct out *out)
{
    unsigned column = 0;

    out_printf(out, "Models (cpu: model=):\n");
    for (unsigned n = 0; cpu_models[n]; n++)
        out_printf(out, "  %-22s %s\n", cpu_models[n]->name,
                   cpu_models[n]->summary);
    out_printf(out, "\nFeatures (cpu: add_features=, exclude_features=):\n");
    for (unsigned n = 0; n < FEAT_COUNT; n++) {
        const char *name = feature_name((enum cpu_feature)n);

        if (column + strlen(name) + 1 > 76) {
            out_printf(out, "\n");
            column = 0;
        }
        out_printf(out, "%s%s", column ? " " : "  ", name);
        column += (unsigned)strlen(name) + (column ? 1 : 2);
    }
    out_printf(out, "\n");
}

bool help_print(const char *topic, struct out *out, struct error *err)
{
    if (!topic)
        print_usage(out);
    else if (!strcmp(topic, "features"))
        print_features(out);
    else if (!strcmp(topic, "cpu"))
        print_cpus(out);
    else if (!strcmp(topic, "devices"))
        print_devices(out);
    else
        return error_set(err, EXIT_USAGE,
                         "no help on '%s'; there is help on features, cpu and "
                         "devices",
                         topic);
    return true;
}

bool help_print_docs(const char *what, struct out *out, struct error *err)
{
    if (!strcmp(what, "bochsrc"))
        config_print_markdown(out);
    else if (!strcmp(what, "man"))
        config_print_man(out);
    else if (!strcmp(what, "debugger"))
        debugger_print_docs(out);
    else
        return error_set(
            err, EXIT_USAGE,
            "--print-docs prints bochsrc, debugger or man, not '%s'", what);
    return true;
}

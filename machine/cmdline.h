/*
 * cmdline.h - the options of the program, and what --help prints.
 */
#ifndef MACHINE_CMDLINE_H
#define MACHINE_CMDLINE_H

#include "core/err.h"
#include "core/out.h"

#define KLOCHS_VERSION "0.1"

enum cmd {
    CMD_APPEND,
    CMD_BENCHMARK,
    CMD_CONFIG_FILE,
    CMD_DBG,
    CMD_DBGLOG,
    CMD_DUMPSTATS,
    CMD_DUMP_SCREEN,
    CMD_GDB,
    CMD_HASH_EVERY,
    CMD_HEADLESS,
    CMD_HELP,
    CMD_IGNORED,
    CMD_INITRD,
    CMD_LIST_DEVICES,
    CMD_LOG,
    CMD_MAX_INSNS,
    CMD_MAX_SECONDS,
    CMD_NO_RC,
    CMD_PLUGIN,
    CMD_PRINT_CONFIG,
    CMD_PRINT_DOCS,
    CMD_QUICK_FILE,
    CMD_RC,
    CMD_RESTORE,
    CMD_SYMBOLS,
    CMD_TYPE,
    CMD_VERSION,
};

struct cmd_option {
    const char *name;
    const char *arg; /* what follows it; NULL: nothing */
    enum cmd cmd;
    const char *help; /* NULL: another spelling of the one before */
};

extern const struct cmd_option cmd_options[]; /* ends with name NULL */

/* topic: NULL, "features", "cpu", "devices". */
bool help_print(const char *topic, struct out *out, struct error *err);
/* what: "bochsrc" (docs/bochsrc.md), "debugger" (docs/debugger.md), "man"
 * (man/klochsrc.5). */
bool help_print_docs(const char *what, struct out *out, struct error *err);

#endif

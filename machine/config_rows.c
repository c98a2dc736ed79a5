/*
 * config_rows.c - every directive and parameter, once.
 *
 * length: a table.
 */
#include "machine/config.h"

#define BOOL "bool"
#define TEXT "string"
#define PATH "path"

/* One drive of a channel: ataN-master or ataN-slave. */
#define DRIVE(name)                                                            \
    {name, "type", "enum:none|disk|cdrom", "none", "kind of drive",            \
     CONFIG_WORKS},                                                            \
        {name, "path", PATH, NULL, "image file", CONFIG_WORKS},                \
        {name, "mode", TEXT, "flat", "image format", CONFIG_WORKS},            \
        {name, "journal", PATH, NULL, "overlay file", CONFIG_WORKS},           \
        {name, "cache", "enum:writeback|writethrough|unsafe", "writeback",     \
         "what FLUSH CACHE does", CONFIG_WORKS},                               \
        {name, "cylinders", "int:0..262143", "0", "0: from the size",          \
         CONFIG_WORKS},                                                        \
        {name, "heads", "int:0..16", "0", "0: 16", CONFIG_WORKS},              \
        {name, "spt", "int:0..63", "0", "sectors per track, 0: 63",            \
         CONFIG_WORKS},                                                        \
        {name, "sect_size", "int:512..4096", "512", "bytes of a sector",       \
         CONFIG_WORKS},                                                        \
        {name, "status", "enum:ejected|inserted", "inserted", "CD in drive",   \
         CONFIG_WORKS},                                                        \
        {name, "model", TEXT, "Generic 1234", "name in IDENTIFY",              \
         CONFIG_WORKS},                                                        \
        {name, "serial", TEXT, NULL, "serial number in IDENTIFY",              \
         CONFIG_WORKS},                                                        \
        {name, "biosdetect", "enum:none|auto|cmos", "auto", "kept for files",  \
         CONFIG_IGNORED},                                                      \
        {name, "translation", "enum:none|lba|large|echs|rechs|auto", "auto",   \
         "CHS translation told to the BIOS", CONFIG_WORKS}

#define CHANNEL(n, on, io1, io2, irq)                                          \
    {"ata" n, "enabled", BOOL, on, "is the channel there", CONFIG_WORKS},      \
        {"ata" n, "ioaddr1", "int:0..65535", io1, "command block",             \
         CONFIG_WORKS},                                                        \
        {"ata" n, "ioaddr2", "int:0..65535", io2, "control block",             \
         CONFIG_WORKS},                                                        \
        {"ata" n, "irq", "int:0..15", irq, "interrupt line", CONFIG_WORKS},    \
        DRIVE("ata" n "-master"), DRIVE("ata" n "-slave")

#define FLOPPY(n)                                                              \
    {"floppy" n, "image", PATH, NULL, "image, format by its size",             \
     CONFIG_WORKS},                                                            \
        {"floppy" n, "type", TEXT, NULL, "2_88 1_44 1_2 720k 360k none",       \
         CONFIG_WORKS},                                                        \
        {"floppy" n, "2_88", PATH, NULL, "image", CONFIG_WORKS},               \
        {"floppy" n, "1_44", PATH, NULL, "image", CONFIG_WORKS},               \
        {"floppy" n, "1_2", PATH, NULL, "image", CONFIG_WORKS},                \
        {"floppy" n, "720k", PATH, NULL, "image", CONFIG_WORKS},               \
        {"floppy" n, "360k", PATH, NULL, "image", CONFIG_WORKS},               \
        {"floppy" n, "320k", PATH, NULL, "image", CONFIG_WORKS},               \
        {"floppy" n, "180k", PATH, NULL, "image", CONFIG_WORKS},               \
        {"floppy" n, "160k", PATH, NULL, "image", CONFIG_WORKS},               \
        {"floppy" n, "status", "enum:ejected|inserted", "inserted",            \
         "is the disk in the drive", CONFIG_WORKS},                            \
        {"floppy" n, "write_protected", BOOL, "0", "notch", CONFIG_WORKS}

#define SERIAL(n, on)                                                          \
    {"com" n, "enabled", BOOL, on, "is the port there", CONFIG_WORKS},         \
        {"com" n, "mode",                                                      \
         "enum:null|file|term|raw|mouse|socket-client|socket-server|"          \
         "pipe-client|pipe-server|pty|stdio",                                  \
         "null", "where the other end is", CONFIG_WORKS},                      \
        {"com" n, "dev", TEXT, NULL, "file, device, HOST:PORT, pipe",          \
         CONFIG_WORKS}

const struct config_row config_rows[] = {
    {"memory", "guest", "int:1..65536", "128", "MiB of RAM", CONFIG_WORKS},
    {"memory", "host", "int:1..65536", NULL, "RAM is allocated as touched",
     CONFIG_IGNORED},
    {"memory", "block_size", "int:0..65536", NULL, "kept for files",
     CONFIG_IGNORED},
    {"romimage", "file", PATH, NULL, "system BIOS; default: SeaBIOS",
     CONFIG_WORKS},
    {"romimage", "address", "int:0..4294967295", "0", "0: ends at 4 GiB",
     CONFIG_WORKS},
    {"romimage", "options", TEXT, NULL, "fastboot", CONFIG_IGNORED},
    {"vgaromimage", "file", PATH, NULL, "VGA BIOS; default: by romimage",
     CONFIG_WORKS},
    {"boot", "1", TEXT, NULL, "first boot device", CONFIG_WORKS},
    {"boot", "2", TEXT, NULL, "second boot device", CONFIG_WORKS},
    {"boot", "3", TEXT, NULL, "third boot device", CONFIG_WORKS},
    {"floppy_bootsig_check", "disabled", BOOL, "0", "boot without 55AAh",
     CONFIG_WORKS},
    {"cpu", "model", TEXT, "core2_penryn_t9600", "processor model",
     CONFIG_WORKS},
    {"cpu", "ips", "int:1000000..4294967295", "50000000",
     "instructions in a guest second", CONFIG_WORKS},
    {"cpu", "count", TEXT, "1", "processors", CONFIG_WORKS},
    {"cpu", "reset_on_triple_fault", BOOL, "1", "reset, else stop",
     CONFIG_WORKS},
    {"cpu", "ignore_bad_msrs", BOOL, "1", "unknown MSRs read 0",
     CONFIG_WORKS},
    {"cpu", "cpuid_limit_winnt", BOOL, "0", "CPUID 0 reports leaf 2",
     CONFIG_WORKS},
    {"cpu", "mwait_is_nop", BOOL, "0", "MWAIT does not wait", CONFIG_WORKS},
    {"cpu", "add_features", TEXT, NULL, "on top of the model's",
     CONFIG_WORKS},
    {"cpu", "exclude_features", TEXT, NULL, "taken from the model",
     CONFIG_WORKS},
    {"cpu", "brand_string", TEXT, NULL, "CPUID brand", CONFIG_WORKS},
    {"cpu", "seed", "int:0..9223372036854775807", "1",
     "start of RDRAND's numbers", CONFIG_WORKS},
    {"clock", "time0", TEXT, "946684800",
     "RTC at power-on: local, utc, seconds since 1970, or a date",
     CONFIG_WORKS},
    {"clock", "sync", "enum:none|slowdown|realtime|both", "none",
     "how guest time follows the host's", CONFIG_WORKS},
    {"log", "file", PATH, "-", "log file, - for standard error",
     CONFIG_WORKS},
    {"display_library", "name", TEXT, NULL, "sdl2 term vnc headless",
     CONFIG_WORKS},
    {"display_library", "options", TEXT, "", "for the display", CONFIG_WORKS},
    {"vga", "extension", "enum:none|vbe", "vbe", "adapter", CONFIG_WORKS},
    {"vga", "vbe_memsize", "enum:4|8|16|32|64|128|256", "16", "video MiB",
     CONFIG_WORKS},
    {"keyboard", "serial_delay", "int:5..100000", "150",
     "microseconds for a byte", CONFIG_WORKS},
    {"mouse", "type", "enum:none|ps2|imps2", "imps2", "kind of mouse",
     CONFIG_WORKS},
    {"fw_cfg", "enabled", BOOL, "1", "configuration items for firmware",
     CONFIG_WORKS},
    {"fw_cfg", "boot_menu", BOOL, "0", "firmware waits for a key",
     CONFIG_WORKS},
    {"parport1", "enabled", BOOL, "1", "is the port there", CONFIG_WORKS},
    {"parport1", "file", PATH, NULL, "receives what is printed",
     CONFIG_WORKS},
    {"parport2", "enabled", BOOL, "0", "is the port there", CONFIG_WORKS},
    {"parport2", "file", PATH, NULL, "receives what is printed",
     CONFIG_WORKS},
    {"port_e9_hack", "enabled", BOOL, "0", "print what goes to port E9h",
     CONFIG_WORKS},
    {"debug_exit", "port", "int:0..65532", "0",
     "port whose write ends the run", CONFIG_WORKS},
    {"debug_exit", "style", "enum:plain|qemu", "plain",
     "exit code: the value, or value * 2 + 1", CONFIG_WORKS},
    CHANNEL("0", "1", "0x1f0", "0x3f0", "14"),
    CHANNEL("1", "1", "0x170", "0x370", "15"),
    CHANNEL("2", "0", "0x1e8", "0x3e0", "11"),
    CHANNEL("3", "0", "0x168", "0x360", "9"),
    FLOPPY("a"),
    FLOPPY("b"),
    SERIAL("1", "1"),
    SERIAL("2", "0"),
    SERIAL("3", "0"),
    SERIAL("4", "0"),
    {.directive = NULL}};

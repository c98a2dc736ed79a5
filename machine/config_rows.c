/*
 * config_rows.c - every directive and parameter, once.
 *
 * Names, values and defaults are those that Bochs 2.7 and 3.x take, so that
 * their files can be used; what Klochs adds says so.
 * length: tables.
 */
#include "machine/config.h"

/* clang-format off */

#define BOOL "bool"
#define TEXT "string"
#define PATH "path"

/* directive, key, type, default, help */
#define W(d, k, t, v, h) {d, k, t, v, h, CONFIG_WORKS, NULL}
#define I(d, k, t, v, h) {d, k, t, v, h, CONFIG_IGNORED, NULL}
#define N(d, k, t, v, h) {d, k, t, v, h, CONFIG_NOT_YET, NULL}
#define R(d, k, t, v, h) {d, k, t, v, h, CONFIG_REFUSED, NULL}
/* ... and the values that are not there yet; PR refuses them. */
#define P(d, k, t, v, h, n) {d, k, t, v, h, CONFIG_WORKS, n}
#define PR(d, k, t, v, h, n) {d, k, t, v, h, CONFIG_REFUSED, n}

/* One drive of a channel. */
#define DRIVE(d) \
    W(d, "type", "enum:none|disk|cdrom", "none", "kind of drive"), \
    W(d, "path", PATH, NULL, "image file or host device"), \
    PR(d, "mode", TEXT, "flat", \
       "image format: flat is written to; volatile forgets its changes at " \
       "the end, undoable keeps them in PATH.redolog; the image stays as it is", \
       "concat|dll|sparse|vmware3|vmware4|growing|vpc|vhdx|vbox|vvfat|external"), \
    W(d, "journal", PATH, NULL, "undoable: the file for the changes"), \
    W(d, "cache", "enum:writeback|writethrough|unsafe", "writeback", \
      "what the host does with written data (Klochs only)"), \
    W(d, "cylinders", "int:0..262143", "0", "0: from the size of the image"), \
    W(d, "heads", "int:0..16", "0", "0: 16"), \
    W(d, "spt", "int:0..63", "0", "sectors per track, 0: 63"), \
    W(d, "sect_size", "int:512..4096", "512", "bytes of a sector"), \
    W(d, "status", "enum:ejected|inserted", "inserted", "cdrom: is there a disc"), \
    W(d, "model", TEXT, "Generic 1234", "name in IDENTIFY"), \
    W(d, "serial", TEXT, NULL, "serial number in IDENTIFY (Klochs only)"), \
    I(d, "biosdetect", "enum:none|auto|cmos", "auto", "how the BIOS finds the drive"), \
    W(d, "translation", "enum:none|lba|large|echs|rechs|auto", "auto", \
      "CHS translation told to the BIOS")

#define CHANNEL(n, on, io1, io2, irq) \
    W("ata" n, "enabled", BOOL, on, "is the channel there"), \
    W("ata" n, "ioaddr1", "int:0..65535", io1, "command registers"), \
    W("ata" n, "ioaddr2", "int:0..65535", io2, "control registers"), \
    W("ata" n, "irq", "int:0..15", irq, "interrupt line"), \
    DRIVE("ata" n "-master"), DRIVE("ata" n "-slave")

#define FLOPPY(d) \
    W(d, "image", PATH, NULL, "image; its size says the format"), \
    W(d, "2_88", PATH, NULL, "image of 2.88 MB"), \
    W(d, "1_44", PATH, NULL, "image of 1.44 MB"), \
    W(d, "1_2", PATH, NULL, "image of 1.2 MB"), \
    W(d, "720k", PATH, NULL, "image of 720 KB"), \
    W(d, "360k", PATH, NULL, "image of 360 KB"), \
    W(d, "320k", PATH, NULL, "image of 320 KB"), \
    W(d, "180k", PATH, NULL, "image of 180 KB"), \
    W(d, "160k", PATH, NULL, "image of 160 KB"), \
    W(d, "type", "enum:2_88|1_44|1_2|720k|360k|320k|180k|160k|none", NULL, \
      "kind of drive, with or without a disk in it"), \
    W(d, "status", "enum:ejected|inserted", "inserted", "is the disk in the drive"), \
    W(d, "write_protected", BOOL, "0", "the notch of the disk")

#define SERIAL(n, on) \
    W("com" n, "enabled", BOOL, on, "is the port there"), \
    PR("com" n, "mode", \
       "enum:null|file|term|raw|mouse|socket-client|socket-server|" \
       "pipe-client|pipe-server|pty|stdio", "null", \
       "where the other end is; pty makes a terminal and logs its name, stdio " \
       "is standard input and output (both Klochs only)", "mouse"), \
    W("com" n, "dev", TEXT, NULL, "file, terminal, HOST:PORT or pipe")

#define PARALLEL(n, on) \
    W("parport" n, "enabled", BOOL, on, "is the port there"), \
    W("parport" n, "file", PATH, NULL, "file that receives what is printed")

#define OPTION_ROM(n) \
    W("optromimage" n, "file", PATH, NULL, "option ROM"), \
    W("optromimage" n, "address", "int:0..4294967295", "0", "where it goes, between 0xc0000 and 0xf0000"), \
    W("optramimage" n, "file", PATH, NULL, "put into RAM before the start"), \
    W("optramimage" n, "address", "int:0..4294967295", "0", "where it goes")

#define LOG_LEVEL(d, types, v) \
    W(d, "action", types, v, "for every device"), \
    W(d, "*", types, NULL, "for one device, by the name in the log")

/* A card that is not there, and all that can be said about it. */
#define CARD(d, on, what) \
    N(d, "enabled", BOOL, on, what), N(d, "*", TEXT, NULL, "anything else")

#define SLOT(k) \
    P("pci", k, "enum:none|pcivga|acpi|cirrus|voodoo|geforce|ne2k|e1000|pcipnic|es1370|" \
      "usb_uhci|usb_ohci|usb_ehci|usb_xhci|pcidev", "none", "card; pcivga is always there", \
      "cirrus|voodoo|geforce|ne2k|e1000|pcipnic|es1370|usb_uhci|usb_ohci|usb_ehci|usb_xhci|pcidev")

#define SOUND_DRIVERS "enum:default|alsa|oss|pulse|sdl|sdl2|osx|win|file|dummy"

const struct config_row config_rows[] = {
    /* memory and firmware */
    W("memory", "guest", "int:1..65536", "128", "MiB of RAM"),
    I("memory", "host", "int:1..65536", NULL, "RAM is taken from the host as the guest touches it"),
    I("memory", "block_size", "int:0..65536", NULL, "as host"),
    W("romimage", "file", PATH, NULL, "system BIOS; default: klochs-bios, our own"),
    W("romimage", "address", "int:0..4294967295", "0", "0: so that it ends at 4 GiB"),
    I("romimage", "options", TEXT, NULL, "fastboot"),
    R("romimage", "flash_data", PATH, NULL, "file for the flash contents"),
    W("vgaromimage", "file", PATH, NULL, "VGA BIOS; default: klochs-vgabios, our own"),
    OPTION_ROM("1"), OPTION_ROM("2"), OPTION_ROM("3"), OPTION_ROM("4"),
    W("cmosimage", "file", PATH, NULL, "CMOS RAM at power-on"),
    W("cmosimage", "rtc_init", "enum:time0|image", "time0", "where the clock starts"),
    W("fw_cfg", "enabled", BOOL, "1", "QEMU's firmware configuration device"),
    W("fw_cfg", "boot_menu", BOOL, "0", "the firmware waits for a key (Klochs only)"),
    W("fw_cfg", "verbose", BOOL, "0", "our BIOS shows on the screen what it does (Klochs only)"),

    /* boot */
    W("kernel", "path", PATH, NULL, "Linux bzImage, Multiboot kernel or ELF file with a PVH note (Klochs only)"),
    W("kernel", "initrd", PATH, NULL, "initrd; for Multiboot FILE[ ARGUMENTS][,...]: modules (Klochs only)"),
    W("kernel", "cmdline", TEXT, NULL, "command line of the kernel (Klochs only)"),
    W("kernel", "symbols", PATH, NULL, "symbols for the debugger; default: the kernel's own, or beside it (Klochs only)"),
    PR("boot", "1", "enum:none|floppy|disk|cdrom|network|usb|a|c", NULL, "first device", "usb"),
    PR("boot", "2", "enum:none|floppy|disk|cdrom|network|usb|a|c", NULL, "second device", "usb"),
    PR("boot", "3", "enum:none|floppy|disk|cdrom|network|usb|a|c", NULL, "third device", "usb"),
    W("floppy_bootsig_check", "disabled", BOOL, "0", "boot floppies without 55AAh at the end of sector 1"),

    /* processor */
    W("cpu", "model", TEXT, "corei7_haswell_4770", "processor model; `--help cpu` lists them"),
    W("cpu", "count", TEXT, "1", "PROCESSORS[:CORES[:THREADS]]; more than one is not there yet: an error"),
    I("cpu", "quantum", "int:1..32", "16", "instructions between two processors"),
    W("cpu", "ips", "int:1000000..4294967295", "50000000", "instructions in a second of guest time"),
    W("cpu", "reset_on_triple_fault", BOOL, "1", "reset the machine, else stop the run"),
    W("cpu", "cpuid_limit_winnt", BOOL, "0", "CPUID 0 reports leaf 2 as the last"),
    W("cpu", "ignore_bad_msrs", BOOL, "1", "unknown MSRs read 0, else #GP"),
    N("cpu", "msrs", PATH, NULL, "file that describes further MSRs"),
    W("cpu", "mwait_is_nop", BOOL, "0", "MWAIT does not wait"),
    W("cpu", "add_features", TEXT, NULL, "on top of the model's; `--help cpu` lists them"),
    W("cpu", "exclude_features", TEXT, NULL, "taken from the model"),
    W("cpu", "brand_string", TEXT, NULL, "CPUID brand string"),
    N("cpu", "force_ignne", BOOL, "0", "x87 errors are ignored"),
    N("cpu", "cpuid_freq", "enum:hardware|none|ips", "ips", "frequency in CPUID leaves 15h and 16h"),
    W("cpu", "seed", "int:0..9223372036854775807", "1", "start of RDRAND's numbers (Klochs only)"),

    /* time */
    W("clock", "sync", "enum:none|slowdown|realtime|both", "none",
      "how guest time follows the host's; with a display the default is slowdown"),
    W("clock", "time0", TEXT, "946684800",
      "clock at power-on: local, utc, seconds since 1970 or \"Sat Jan  1 00:00:00 2000\"; "
      "with a display the default is local"),
    I("clock", "rtc_sync", BOOL, "0", "there is one clock only"),

    /* log */
    W("log", "file", PATH, "-", "log file, - for standard error"),
    W("logprefix", "format", TEXT, "%t%e%d", "%t ticks, %i instruction pointer, %e level, %d device"),
    LOG_LEVEL("panic", "enum:ignore|report|warn|ask|fatal", "ask"),
    LOG_LEVEL("error", "enum:ignore|report|warn|ask|fatal", "report"),
    LOG_LEVEL("warn", "enum:ignore|report|warn|ask|fatal", "report"),
    LOG_LEVEL("info", "enum:ignore|report", "report"),
    LOG_LEVEL("debug", "enum:ignore|report", "ignore"),

    /* display and input */
    W("display_library", "name", TEXT, NULL,
      "sdl2, term, headless; x, sdl, win32, wx mean a window, nogui means headless; default: the best there is"),
    W("display_library", "options", TEXT, "", "for the display"),
    I("config_interface", "name", TEXT, NULL, "there are no menus"),
    P("vga", "extension", "enum:none|vbe|cirrus|voodoo|geforce", "vbe", "kind of adapter", "cirrus|voodoo|geforce"),
    I("vga", "update_freq", "int:0..100000000", "10", "displays look when they are ready"),
    I("vga", "realtime", BOOL, "1", "as update_freq"),
    P("vga", "ddc", TEXT, "builtin", "the monitor that DDC shows: disabled, builtin", "builtin_gui"),
    W("vga", "vbe_memsize", "enum:4|8|16|32|64|128|256", "16", "MiB of video memory"),
    CARD("voodoo", "1", "3D card"),
    CARD("geforce", "1", "3D card"),
    P("keyboard", "type", "enum:xt|at|mf", "mf", "kind of keyboard", "xt|at"),
    W("keyboard", "serial_delay", "int:5..100000", "150", "microseconds for a byte"),
    W("keyboard", "paste_delay", "int:1000..100000000", "20000", "microseconds between pasted keys"),
    W("keyboard", "keymap", TEXT, NULL, "the keyboard that the guest is set to, for text and VNC: a layout or a file of Bochs"),
    I("keyboard", "use_mapping", BOOL, NULL, "as keymap"),
    I("keyboard", "user_shortcut", TEXT, NULL, "keys of a button"),
    P("mouse", "type", "enum:none|ps2|imps2|serial|serial_wheel|serial_msys|inport|bus", "imps2",
      "kind of mouse", "none|serial|serial_wheel|serial_msys|inport|bus"),
    W("mouse", "enabled", BOOL, "0", "a click into the window captures the mouse"),
    W("mouse", "toggle", "enum:ctrl+mbutton|ctrl+f10|ctrl+alt|ctrl+alt+g|f12", "ctrl+mbutton",
      "what captures and frees the mouse in a window"),

    /* drives */
    FLOPPY("floppya"),
    FLOPPY("floppyb"),
    CHANNEL("0", "1", "0x1f0", "0x3f0", "14"),
    CHANNEL("1", "1", "0x170", "0x370", "15"),
    CHANNEL("2", "0", "0x1e8", "0x3e0", "11"),
    CHANNEL("3", "0", "0x168", "0x360", "9"),

    /* ports */
    SERIAL("1", "1"), SERIAL("2", "0"), SERIAL("3", "0"), SERIAL("4", "0"),
    PARALLEL("1", "1"), PARALLEL("2", "0"),

    /* chipset and cards */
    P("pci", "enabled", BOOL, "1", "the board has a PCI bus; without one is not there yet", "0|false|no|off"),
    P("pci", "chipset", "enum:i430fx|i440fx|i440bx", "i440fx", "the board's chips", "i430fx|i440bx"),
    SLOT("slot1"),
    SLOT("slot2"),
    SLOT("slot3"),
    SLOT("slot4"),
    SLOT("slot5"),
    N("pci", "advopts", TEXT, "", "devices to leave out"),
    W("speaker", "enabled", BOOL, "1", "is it to be heard; its port is there all the same"),
    P("speaker", "mode", "enum:none|sound|system|gui", "sound", "sound: by way of sound:", "system|gui"),
    W("speaker", "volume", "int:0..15", "8", "how loud"),
    W("sound", "driver", SOUND_DRIVERS, "default",
      "where sound goes: file, dummy (nowhere), any other: the host's sound by SDL 2; default: that of the host when there is a window, else nowhere"),
    W("sound", "waveoutdrv", SOUND_DRIVERS, NULL, "as driver, and before it"),
    W("sound", "waveout", PATH, NULL, "file: a WAVE file of all that sounds, FILE.raw for bare samples; frame n is guest time n / rate"),
    W("sound", "rate", "int:8000..192000", "44100", "frames a second (Klochs only)"),
    I("sound", "waveindrv", TEXT, NULL, "nothing is recorded: the guest hears silence"),
    I("sound", "wavein", TEXT, NULL, "as waveindrv"),
    I("sound", "midioutdrv", TEXT, NULL, "the host plays no MIDI; see sb16: midifile"),
    I("sound", "midiout", TEXT, NULL, "as midioutdrv"),
    W("sb16", "enabled", BOOL, "1", "a Sound Blaster 16 at 220h, MPU-401 at 330h, IRQ 5, DMA 1 and 5; only with a line for it"),
    W("sb16", "wavemode", "int:0..3", "1", "samples of the card go: 1 where sound goes, 2 to wavefile, 3 to both"),
    W("sb16", "wavefile", PATH, NULL, "as sound: waveout, of the card's samples alone"),
    W("sb16", "midimode", "int:0..3", "1", "what is said to MIDI instruments goes: 2 and 3 to midifile"),
    W("sb16", "midifile", PATH, NULL, "Standard MIDI File, when it ends in .mid; else the bare bytes"),
    I("sb16", "dmatimer", "int:0..4294967295", NULL, "the rate says when data is wanted"),
    I("sb16", "wave", TEXT, NULL, "device of the host, in old files"),
    I("sb16", "midi", TEXT, NULL, "as wave"),
    I("sb16", "loglevel", "int:0..5", NULL, "see debug:"),
    I("sb16", "log", PATH, NULL, "see log:"),
    CARD("es1370", "1", "sound card"),
    CARD("ne2k", "1", "network card"),
    CARD("e1000", "1", "network card"),
    CARD("pcipnic", "1", "network card"),
    CARD("usb_uhci", "1", "USB 1.1 controller"),
    CARD("usb_ohci", "1", "USB 1.1 controller"),
    CARD("usb_ehci", "1", "USB 2.0 controller"),
    CARD("usb_xhci", "1", "USB 3 controller"),
    CARD("usb_debug", "1", "USB debugger"),
    CARD("pcidev", "1", "host PCI device for the guest"),

    /* debugging */
    W("port_e9_hack", "enabled", BOOL, "0", "what the guest writes to port E9h goes to standard output"),
    I("port_e9_hack", "all_rings", BOOL, "0", "also from ring 3 without permission"),
    W("debug_exit", "port", "int:0..65532", "0", "a write to it ends the run; 0: none (Klochs only)"),
    W("debug_exit", "style", "enum:plain|qemu", "plain",
      "exit code: the value written, or value * 2 + 1 (Klochs only)"),
    W("magic_break", "enabled", TEXT, "0",
      "XCHG of a 16-bit register with itself stops in the debugger: 0, 1 (bx), or 1 with the names of registers"),
    W("debug_symbols", "file", PATH, NULL, "symbols for the debugger"),
    W("debug_symbols", "offset", TEXT, NULL, "added to each"),
    W("debugger", "log", PATH, NULL, "log of the debugger"),
    I("debugger", "gui", TEXT, NULL, "kind of debugger window"),
    I("print_timestamps", "enabled", BOOL, "0", "the debugger prints ticks"),
    W("gdbstub", "enabled", BOOL, "0", "gdb can come (`target remote`)"),
    W("gdbstub", "port", "int:1..65535", "1234", "TCP port, on the loopback interface"),
    W("gdbstub", "listen", TEXT, NULL, "PORT, HOST:PORT or unix:PATH instead of port (Klochs only)"),
    W("gdbstub", "wait", BOOL, "1", "the guest does not run before gdb says so (Klochs only)"),
    I("gdbstub", "text_base", TEXT, NULL, "address of the code"),
    I("gdbstub", "data_base", TEXT, NULL, "address of the data"),
    I("gdbstub", "bss_base", TEXT, NULL, "address of the bss"),
    I("iodebug", "all_rings", BOOL, "0", "debug ports from ring 3"),

    /* of no meaning here */
    I("plugin_ctrl", "*", TEXT, NULL, "everything is built in"),
    I("private_colormap", "enabled", BOOL, "0", "old X servers"),
    I("fullscreen", "enabled", BOOL, "0", "Amiga only"),
    I("screenmode", "name", TEXT, NULL, "Amiga only"),
    I("cpuid", "*", TEXT, NULL, "the model says what there is; see cpu"),
    {.directive = NULL}};

#define DRIVES(n) \
    {"ata" n, "An ATA channel.", NULL}, \
    {"ata" n "-master", "First drive of channel " n ".", NULL}, \
    {"ata" n "-slave", "Second drive of channel " n ".", NULL}

#define OPTION_ROMS(n) {"optromimage" n, "A further ROM.", NULL}
#define OPTION_RAMS(n) {"optramimage" n, "A file to be put into RAM.", NULL}

const struct config_directive config_directives[] = {
    {"memory", "Main memory.", NULL},
    {"romimage", "System BIOS.", NULL},
    {"vgaromimage", "VGA BIOS.", NULL},
    OPTION_ROMS("1"), OPTION_ROMS("2"), OPTION_ROMS("3"), OPTION_ROMS("4"),
    OPTION_RAMS("1"), OPTION_RAMS("2"), OPTION_RAMS("3"), OPTION_RAMS("4"),
    {"cmosimage", "Contents of the CMOS RAM.", NULL},
    {"fw_cfg", "Configuration device for firmware.", NULL},
    {"kernel", "A kernel that our BIOS boots without a drive, before all drives (Klochs only).", "path"},
    {"boot", "Order of boot devices: `boot: cdrom, disk`. Default: a floppy, CD or disk that is there.", "1"},
    {"floppy_bootsig_check", "Check of the boot sector's signature.", NULL},
    {"cpu", "The processor.", NULL},
    {"clock", "Guest time.", NULL},
    {"log", "Where the log goes.", "file"},
    {"logprefix", "How a line of the log begins.", "format"},
    {"panic", "What is done when the run is unlikely to make sense any more. `warn` is `report`; "
              "`ask` is `fatal` when nobody can answer.", NULL},
    {"error", "What is done when the guest does something odd.", NULL},
    {"warn", "What is done when something may surprise.", NULL},
    {"info", "What is done with information. On a terminal the default is ignore.", NULL},
    {"debug", "What is done with details of devices.", NULL},
    {"display_library", "The display.", "name"},
    {"config_interface", "Bochs's menus.", "name"},
    {"vga", "The display adapter.", NULL},
    {"voodoo", "A 3D card.", NULL},
    {"geforce", "A 3D card.", NULL},
    {"keyboard", "The keyboard.", NULL},
    {"mouse", "The mouse.", NULL},
    {"floppya", "The first floppy drive.", NULL},
    {"floppyb", "The second floppy drive.", NULL},
    DRIVES("0"), DRIVES("1"), DRIVES("2"), DRIVES("3"),
    {"com1", "The first serial port.", NULL},
    {"com2", "The second serial port.", NULL},
    {"com3", "The third serial port.", NULL},
    {"com4", "The fourth serial port.", NULL},
    {"parport1", "The first parallel port.", NULL},
    {"parport2", "The second parallel port.", NULL},
    {"pci", "The PCI bus.", NULL},
    {"speaker", "The PC speaker.", NULL},
    {"sound", "Where sound goes.", NULL},
    {"sb16", "A Sound Blaster 16 with its OPL3.", NULL},
    {"es1370", "A sound card.", NULL},
    {"ne2k", "A network card.", NULL},
    {"e1000", "A network card.", NULL},
    {"pcipnic", "A network card.", NULL},
    {"usb_uhci", "A USB controller.", NULL},
    {"usb_ohci", "A USB controller.", NULL},
    {"usb_ehci", "A USB controller.", NULL},
    {"usb_xhci", "A USB controller.", NULL},
    {"usb_debug", "The USB debugger.", NULL},
    {"pcidev", "A PCI device of the host.", NULL},
    {"port_e9_hack", "Output through port E9h.", NULL},
    {"debug_exit", "A port that ends the run (Klochs only).", NULL},
    {"magic_break", "Break by an instruction.", NULL},
    {"debug_symbols", "Symbols of the guest.", NULL},
    {"debugger", "The debugger.", NULL},
    {"print_timestamps", "Ticks in the debugger.", NULL},
    {"gdbstub", "Remote debugging with gdb.", NULL},
    {"iodebug", "The debug ports.", NULL},
    {"plugin_ctrl", "Plugins of Bochs.", NULL},
    {"private_colormap", "Colours of X.", NULL},
    {"fullscreen", "Full screen on an Amiga.", NULL},
    {"screenmode", "Screen of an Amiga.", "name"},
    {"cpuid", "Features of bx_generic in Bochs 2.7.", NULL},
    {.name = NULL}};

const struct config_alias config_aliases[] = {
    {"megs", NULL, "memory", "guest"},
    {"ips", NULL, "cpu", "ips"},
    {"time0", NULL, "clock", "time0"},
    {"cpuid", "brand_string", "cpu", "brand_string"},
    {"cpuid", "cpuid_limit_winnt", "cpu", "cpuid_limit_winnt"},
    {"cpuid", "mwait_is_nop", "cpu", "mwait_is_nop"},
    {"romimage", NULL, "romimage", "file"},
    {"vgaromimage", NULL, "vgaromimage", "file"},
    {"i440fxsupport", NULL, "pci", NULL},
    {"keyboard_type", NULL, "keyboard", "type"},
    {"keyboard_serial_delay", NULL, "keyboard", "serial_delay"},
    {"keyboard_paste_delay", NULL, "keyboard", "paste_delay"},
    {"keyboard_mapping", "enabled", "keyboard", "use_mapping"},
    {"keyboard_mapping", "map", "keyboard", "keymap"},
    {"user_shortcut", "keys", "keyboard", "user_shortcut"},
    {"user_shortcut", NULL, "keyboard", "user_shortcut"},
    {"vga_update_interval", NULL, "vga", "update_freq"},
    {"vga_update_freq", NULL, "vga", "update_freq"},
    {"debugger_log", NULL, "debugger", "log"},
    {"user_plugin", NULL, "plugin_ctrl", NULL},
    {"pnic", NULL, "pcipnic", NULL},
    {.directive = NULL}};

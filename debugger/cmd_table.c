/*
 * cmd_table.c - every command of the debugger, once.
 *
 * Dispatch, `help`, docs/debugger.md and completion read this table. In the
 * column of arguments, lines are alternatives; words in lower case are meant
 * literally.
 *
 * length: one row a command.
 */
#include "debugger/handlers.h"
#include "debugger/internal.h"

#define RUN    "Execution"
#define POINTS "Breakpoints and watchpoints"
#define REGS   "Registers"
#define MEM    "Memory and code"
#define TABLES "Processor and devices"
#define SYMS   "Symbols, source, frames"
#define TRACE  "Tracing"
#define SELF   "The debugger itself"

/* What may follow an address: cmd_break.c's options, told in docs.c. */
#define MORE "[OPTIONS]"

const struct command debugger_commands[] = {
    {"c", "cont continue", RUN, "\nif EXPR",
     "Runs until something stops it; with a condition only if it holds now.",
     cmd_continue, "rs"},
    {"s", "step", RUN, "[N]\nCPU N\nall N",
     "Executes N instructions (1), into calls and handlers.", cmd_step, "r"},
    {"n", "next p", RUN, "",
     "Executes one instruction, over CALL, INT, LOOP and repeated strings.",
     cmd_next, NULL},
    {"rla", "until", RUN, "ADDR", "Runs to a linear address.", cmd_run_to,
     "rs"},
    {"finish", "fin", RUN, "",
     "Runs to where the chosen frame returns to; prints the result of a C "
     "function.",
     cmd_finish, NULL},
    {"sl", "sline step-line", RUN, "[N]",
     "Steps until another source line begins, into functions that have lines.",
     cmd_step_line, NULL},
    {"nl", "nline next-line line", RUN, "[N]", "The same, over calls.",
     cmd_next_line, NULL},
    {"sb", NULL, RUN, "DELTA", "Time breakpoint, in ticks from now.", cmd_sb,
     NULL},
    {"sba", NULL, RUN, "TIME", "Time breakpoint at an absolute tick.", cmd_sba,
     NULL},
    {"ptime", NULL, RUN, "", "Prints the ticks since power-on.", cmd_ptime,
     NULL},
    {"take", NULL, RUN, "dma [N]\nirq\nsmi\nnmi",
     "Raises an NMI or SMI; takes what the interrupt controller has, masked "
     "or not (irq). A DMA request never waits here: dma does nothing.",
     cmd_take, NULL},
    {"query", NULL, RUN, "pending", "Prints the requests that wait.", cmd_query,
     NULL},

    {"vb", "vbreak", POINTS, "SEG:OFF " MORE,
     "Breakpoint where CS and the offset are these.", cmd_vbreak, "rs"},
    {"lb", "lbreak", POINTS,
     "[ADDR] " MORE "\n\"SYMBOL\" " MORE "\nFILE:LINE " MORE,
     "Breakpoint at a linear address; without one, at the next instruction. "
     "OPTIONS, in any order: if \"COND\", temp, count N, log, do \"COMMANDS\".",
     cmd_lbreak, "rs"},
    {"pb", "pbreak b break", POINTS,
     "[*]ADDR " MORE "\nFUNCTION " MORE "\nFILE:LINE " MORE
     "\nexception|interrupt|in|out|msr [N] " MORE "\nmode|cr3 " MORE,
     "Breakpoint at a physical address, a function or a source line, or on "
     "an event.",
     cmd_pbreak, "rs"},
    {"tb", "tbreak", POINTS,
     "ADDR " MORE "\nFUNCTION " MORE "\nFILE:LINE " MORE,
     "Breakpoint at a linear address, a function or a source line that is gone "
     "after its first stop.",
     cmd_tbreak, "rs"},
    {"catch", NULL, POINTS,
     "exception|interrupt|in|out|msr [N] " MORE "\nmode|cr3 " MORE,
     "Stops on an event: vectors, ports, MSRs (all without N), changes of "
     "mode, loads of CR3.",
     cmd_break_on, "rs"},
    {"blist", NULL, POINTS, "", "Lists the breakpoints.", cmd_blist, NULL},
    {"bpe", NULL, POINTS, "N", "Enables breakpoint N.", cmd_bpe, NULL},
    {"bpd", NULL, POINTS, "N", "Disables breakpoint N.", cmd_bpd, NULL},
    {"d", "del delete", POINTS, "N\nall", "Deletes breakpoints.", cmd_delete,
     NULL},
    {"ignore", NULL, POINTS, "N COUNT",
     "Passes over the next COUNT stops of breakpoint N.", cmd_ignore, NULL},
    {"commands", NULL, POINTS, "N [\"COMMANDS\" [log]]",
     "Commands to carry out at each stop of breakpoint N; with log it goes on "
     "by itself.",
     cmd_commands, NULL},
    {"watch", NULL, POINTS,
     "\nr|read ADDR [LEN] " MORE "\nw|write ADDR [LEN] " MORE
     "\nlr|lw|la ADDR [LEN] " MORE "\nreg NAME " MORE "\nin|out|msr [N] " MORE
     "\nstop\ncontinue",
     "Watches physical memory (r, w), linear memory (lr, lw, la: any access), "
     "a register, ports or MSRs. Alone: the list.",
     cmd_watch, "rs"},
    {"unwatch", NULL, POINTS, "[ADDR]", "Removes watchpoints of memory.",
     cmd_unwatch, "s"},
    {"modebp", NULL, POINTS, "", "Switches stops on mode changes.", cmd_modebp,
     NULL},
    {"vmexitbp", NULL, POINTS, "", "Switches stops on VM exits.", cmd_vmexitbp,
     NULL},
    {"setmagicbps", NULL, POINTS, "\"REGISTERS\"",
     "XCHG of these 16-bit registers with themselves stops: cx dx bx sp bp si "
     "di.",
     cmd_setmagic, NULL},
    {"clrmagicbps", NULL, POINTS, "\"REGISTERS\"", "And no longer.",
     cmd_clrmagic, NULL},

    {"r", "reg regs registers", REGS, "[NAME]",
     "General registers and flags, or any one register.", cmd_regs, "r"},
    {"fp", "fpu", REGS, "", "The x87.", cmd_fp, NULL},
    {"mmx", NULL, REGS, "", "MMX registers.", cmd_mmx, NULL},
    {"sse", "xmm", REGS, "", "XMM registers and MXCSR.", cmd_sse, NULL},
    {"ymm", NULL, REGS, "", "YMM registers.", cmd_ymm, NULL},
    {"zmm", NULL, REGS, "", "ZMM registers.", cmd_zmm, NULL},
    {"amx", "tile", REGS, "[N]", "AMX tiles.", cmd_amx, NULL},
    {"sreg", NULL, REGS, "", "Segment registers, GDTR, IDTR, LDTR, TR.",
     cmd_sreg, NULL},
    {"creg", "cr", REGS, "", "Control registers.", cmd_creg, NULL},
    {"dreg", "dr", REGS, "", "Debug registers.", cmd_dreg, NULL},
    {"set", NULL, REGS,
     "REG = EXPR\n$eflags = EXPR\n$auto_disassemble = 0|1\n$json = 0|1\n"
     "$cpu = N\nu on|off",
     "Changes a register or a setting.", cmd_set, "rs"},
    {"cpu", NULL, REGS, "N", "Chooses the processor: there is number 0.",
     cmd_cpu, NULL},

    {"x", NULL, MEM, "[/NUF] [ADDR]",
     "Linear memory. N: how many. F: x hex, d signed, u unsigned, o octal, t "
     "binary, c characters, s strings, i instructions, m as a dump. U: b h w g "
     "for 1, 2, 4, 8 bytes. Format and size are kept; without ADDR it goes "
     "on.",
     cmd_x, "rs"},
    {"xp", "dump", MEM, "[/NUF] [ADDR]", "The same of physical memory.", cmd_xp,
     "rs"},
    {"u", "disasm disassemble", MEM,
     "[/N] [FROM [TO]]\nswitch-mode\nsize = 0|16|32|64",
     "Disassembles; switches between Intel and AT&T syntax; sets the width of "
     "code (0: what it is).",
     cmd_disasm, "rs"},
    {"setpmem", NULL, MEM, "ADDR 1|2|4|8 VALUE", "Writes physical memory.",
     cmd_setpmem, "rs"},
    {"patch", NULL, MEM, "ADDR BYTE|\"TEXT\"...",
     "Writes linear memory, code that is running included.", cmd_patch, "rs"},
    {"writemem", NULL, MEM, "\"FILE\" ADDR LEN",
     "Writes linear memory into a file.", cmd_writemem, "fs"},
    {"loadmem", "load", MEM, "\"FILE\" ADDR",
     "Reads a file into linear memory.", cmd_loadmem, "fs"},
    {"find", NULL, MEM, "ADDR LEN BYTE|\"TEXT\"...",
     "Looks for bytes in linear memory.", cmd_find, "rs"},
    {"crc", NULL, MEM, "FROM TO", "CRC-32 of physical memory up to TO.",
     cmd_crc, NULL},
    {"deref", NULL, MEM, "ADDR DEPTH", "Follows pointers.", cmd_deref, "rs"},
    {"print-string", NULL, MEM, "ADDR", "A zero-terminated string.",
     cmd_print_string, "rs"},
    {"page", NULL, MEM, "ADDR", "The way of a linear address through paging.",
     cmd_page, "rs"},
    {"tlb", NULL, MEM, "ADDR", "What the TLB holds of a linear address.",
     cmd_tlb, "rs"},

    {"info", NULL, TABLES,
     "break\ncpu\nidt|ivt|gdt|ldt [N [M]]\ntss\ntab\neflags|flags\n"
     "device [\"NAME\" [\"OPTIONS\"]]\nsymbols [\"PREFIX\"]\nlinux\nwatch\n"
     "locals\nargs",
     "Prints the breakpoints, registers, tables, page map, devices, symbols. "
     "The option \"fields\" shows our fields where a device has Bochs's text.",
     cmd_info, NULL},
    {"explain", NULL, TABLES, "[N]",
     "Says of the last fault, or the last N, which check failed, with "
     "descriptor or page-table entries; of a triple fault the whole chain.",
     cmd_explain, NULL},

    {"ldsym", NULL, SYMS, "[global] \"FILE\" [OFFSET] [cr3=EXPR]",
     "Loads symbols: lines of HEX NAME, System.map, COFF and PE, ELF (with "
     "source lines and C). They are for the address space of CR3; for all with "
     "global or while CR3 is 0.",
     cmd_ldsym, "f"},
    {"slist", NULL, SYMS, "[\"PREFIX\"]", "Lists symbols.", cmd_slist, "s"},
    {"list", NULL, SYMS, "[ADDR]\nFUNCTION\nFILE:LINE",
     "Source lines around a place, the chosen frame's without one; again: the "
     "ten lines after them.",
     cmd_list, "rs"},
    {"print", NULL, SYMS, "[/F] EXPR\nPLACE = EXPR",
     "A value of C: variables, ->, [ ], casts, sizeof, E@N for N objects, $rax "
     "for registers. F: x d u o t c a s z. With = it changes the guest.",
     cmd_print, "rs"},
    {"ptype", NULL, SYMS, "EXPR\nTYPE",
     "A type of C with its members and where they are.", cmd_ptype, "s"},
    {"whatis", NULL, SYMS, "EXPR\nTYPE", "The name of a type of C.", cmd_whatis,
     "s"},
    {"locals", NULL, SYMS, "", "The local variables of the chosen frame.",
     cmd_locals, NULL},
    {"args", NULL, SYMS, "", "The arguments of the chosen frame.", cmd_args,
     NULL},
    {"frame", NULL, SYMS, "[N]", "Chooses a frame of bt for print and list.",
     cmd_frame, NULL},
    {"up", NULL, SYMS, "[N]", "Chooses the caller's frame.", cmd_up, NULL},
    {"down", NULL, SYMS, "[N]", "Chooses a frame further in.", cmd_down, NULL},
    {"print-stack", NULL, SYMS, "[N]", "The topmost words of the stack.",
     cmd_print_stack, NULL},
    {"bt", NULL, SYMS, "[N]",
     "Frames: by debug information, frame pointers, or return addresses found "
     "on the stack (these with a ?).",
     cmd_bt, NULL},
    {"where", NULL, SYMS, "", "The same, in protected mode.", cmd_where, NULL},

    {"trace", NULL, TRACE, "on|off", "Prints every instruction.", cmd_trace,
     NULL},
    {"trace-reg", NULL, TRACE, "on|off", "Prints the registers before each.",
     cmd_trace_reg, NULL},
    {"trace-mem", NULL, TRACE, "on|off", "Prints accesses to memory.",
     cmd_trace_mem, NULL},
    {"show", NULL, TRACE,
     "\nmode|int|softint|extint|iret|call|all|off|dbg_all|dbg_none|vga\n"
     "\"DEVICE[.VALUE]\" [xml]",
     "Switches messages on calls, interrupts, mode changes; prints a device's "
     "state or one value of it.",
     cmd_show, NULL},
    {"branches", NULL, TRACE, "on|off\n[N]",
     "Records taken branches, up to 1,000; prints the last N (16).",
     cmd_branches, NULL},
    {"profile", NULL, TRACE, "TICKS [EVERY]",
     "Runs and counts, every so many ticks (1000), in which symbol it is.",
     cmd_profile, NULL},
    {"instrument", NULL, TRACE, "\nstop|start\nTEXT",
     "Lists the plugins; they stop and go on listening; a command of theirs.",
     cmd_instrument, NULL},

    {"calc", "?", SELF, "EXPR", "Prints a value, in hex and decimal.", cmd_calc,
     "rs"},
    {"if", NULL, SELF, "EXPR", "The same.", cmd_if, "rs"},
    {"assert", NULL, SELF, "EXPR [\"MESSAGE\"]",
     "Ends a script with status 1 if EXPR is 0.", cmd_assert, "rs"},
    {"echo", NULL, SELF, "TEXT", "Prints a text.", cmd_echo, NULL},
    {"source", NULL, SELF, "FILE", "Carries out the commands in a file.",
     cmd_source, "f"},
    {"addlyt", NULL, SELF, "\"FILE\"",
     "Carries out a file's commands at every stop.", cmd_addlyt, "f"},
    {"lyt", NULL, SELF, "", "Carries them out now.", cmd_lyt, NULL},
    {"remlyt", NULL, SELF, "", "And no longer.", cmd_remlyt, NULL},
    {"restore", NULL, SELF, "\"DEVICE\" \"FILE\"",
     "A device's part of one of our saved states. Bochs's are refused.",
     cmd_restore, "f"},
    {"doit", NULL, SELF, "[N]", "Accepted, without effect.", cmd_doit, NULL},
    {"help", "h", SELF, "[COMMAND]", "This list, or what a command does.",
     cmd_help, "c"},
    {"q", "quit exit", SELF, "[STATUS]",
     "Ends the program with an exit status (0).", cmd_quit, NULL},
    {.name = NULL}};

static bool is_alias(const char *list, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = list; p && *p; p += strspn(p, " ")) {
        size_t k = strcspn(p, " ");

        if (k == n && !memcmp(p, name, n))
            return true;
        p += k;
    }
    return false;
}

const struct command *command_find(const char *name)
{
    const struct command *c = debugger_commands;

    if (!*name)
        return NULL;
    while (c->name && strcmp(c->name, name) != 0 && !is_alias(c->aliases, name))
        c++;
    return c->name ? c : NULL;
}

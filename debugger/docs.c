/*
 * docs.c - docs/debugger.md, from the table of commands.
 */
#include "debugger/internal.h"

static const char *const intro[] = {
    "# The debugger",
    "",
    "<!-- Written by `klochs --print-docs debugger`; do not edit. -->",
    "",
    "`klochs -dbg ...` stops before the first instruction and asks for "
    "commands; `-rc FILE`",
    "carries out a file of them first, `-dbglog FILE` keeps a copy of "
    "everything. The language is",
    "Bochs's, and so are the formats of what it prints: scripts and programs "
    "made for Bochs 2.7 and",
    "3.x work. A worked session is in [debugger-tour.md](debugger-tour.md).",
    "",
    "- Commands end with the line or with `;`. `#` begins a comment. An empty "
    "line repeats the",
    "  last one. Words that may hold blanks or signs stand in double quotes.",
    "- Ctrl-C stops a run. The end of the input is `quit`.",
    "- On a terminal, lines can be edited and completed if libedit or readline "
    "is installed.",
    "- In a script (`-rc`, `source`), a syntax error ends the program with "
    "status 1; so does an",
    "  `assert` that fails. `quit N` ends it with status N.",
    "- `--json` anywhere in a command makes its output one line of JSON: "
    "`command`, `ok`, `data`",
    "  (what it found) and `text` (the lines it would have printed). `set "
    "$json = 1` does so for all.",
    "- `magic_break: enabled=1` in the configuration, or `setmagicbps`, stops "
    "at `xchg bx, bx`. The",
    "  guest can also stop by writing `D` to port 8900h, or through port 8A00h "
    "(see `iodebug` in",
    "  [devices.md](devices.md)).",
    "- The symbols of a kernel that is named on the command line load by "
    "themselves: "
    "its own,\n"
    "  with source lines and C, or for a bzImage those of `vmlinux-VERSION`, "
    "`vmlinux`,\n"
    "  `System.map-VERSION` or `System.map` beside it; `--symbols FILE` names "
    "others. The log says\n"
    "  which. Linux moves itself away from them unless its command line has "
    "`nokaslr`.\n"
    "- A triple fault stops before the machine resets: `explain` tells the "
    "chain of faults, `c` goes",
    "  on with the reset.",
    "",
    "## Expressions",
    "",
    "Values have 64 bits and no sign. Numbers: `31744`, `0x7c00`, `7c00h`, "
    "`076000`, `0b101`.",
    "",
    "| form | value |",
    "|---|---|",
    "| `rax` `eax` `ax` `ah` `rip` `cs` `eflags` `cr3` ... | a register; "
    "completion knows all names |",
    "| `\"main\"` or `main` | the address of a symbol |",
    "| `{E}` | the value of an expression of C, in the innermost frame |",
    "| `n` | of a name that is no symbol and no register: of the C variable |",
    "| `SEG:OFF` | the linear address: by the descriptor in protected mode |",
    "| `*E`, `@E` | the dword at a linear, at a physical address |",
    "| `byte *E`, `word @E`, `qword *E` | other sizes |",
    "| `E$N` | N times the pointer at E |",
    "| `!E` `-E` `~E` `(E)` | |",
    "| `*` `/` `%` `&` `<<` `>>` | bind first; a division by 0 gives 0 |",
    "| `+` `-` `\\|` `^` `==` `!=` `<` `>` `<=` `>=` | then these, from left "
    "to right, as in Bochs |",
    "| `&&` `\\|\\|` | last |",
    "",
    "## C",
    "",
    "`print`, `ptype` and `whatis` take expressions of C: variables, members, "
    "elements, casts, `sizeof`,",
    "all operators but `?:`, `++` and the comma, `E@N` for N objects from E "
    "on, `$rax` for registers;",
    "no calls. `print PLACE = E` changes the guest. ELF files bring what is "
    "needed when compiled with",
    "`-g` (DWARF 2 to 5, compressed or not); it is read by libdw, which is "
    "loaded when first used.",
    "`frame`, `up` and `down` choose whose variables are meant.",
    "",
    "## Breakpoints",
    "",
    "OPTIONS, which may follow the address in any order:",
    "",
    "| words | meaning |",
    "|---|---|",
    "| `if \"COND\"` | stops only if the expression is not 0; it is compiled "
    "once. Without quotes it reaches to the end of the line |",
    "| `temp` | gone after its first stop |",
    "| `count N` | stops at the Nth time |",
    "| `do \"COMMANDS\"` | carried out at each stop |",
    "| `log` | says so and goes on |",
    "",
    "There is no limit on their number. A code breakpoint costs nothing "
    "elsewhere; a watched page",
    "makes accesses to it slow; a watched register means single steps.",
    "",
    "## Commands",
    NULL};

static void cell(struct out *o, const char *text)
{
    for (; *text; text++)
        out_printf(o, *text == '|' ? "\\%c" : "%c", *text);
}

static void syntax(struct out *o, const struct command *c)
{
    const char *p = c->syntax;
    bool first = true;

    do {
        size_t n = strcspn(p, "\n");
        char text[256];

        snprintf(text, sizeof text, "%.*s", (int)n, p);
        out_printf(o, "%s`%s%s", first ? "" : "<br>", c->name, n ? " " : "");
        cell(o, text);
        out_printf(o, "`");
        p += n + (p[n] == '\n');
        first = false;
    } while (*p);
}

static void aliases(struct out *o, const char *p)
{
    for (bool first = true; p && *p; first = false) {
        size_t n = strcspn(p, " ");

        out_printf(o, "%s`%.*s`", first ? "" : " ", (int)n, p);
        p += n + strspn(p + n, " ");
    }
}

void debugger_print_docs(struct out *o)
{
    const char *group = NULL;

    for (size_t i = 0; intro[i]; i++)
        out_printf(o, "%s\n", intro[i]);
    for (const struct command *c = debugger_commands; c->name; c++) {
        if (!group || strcmp(group, c->group) != 0) {
            group = c->group;
            out_printf(o,
                       "\n### %s\n\n| command | also | what it does |\n"
                       "|---|---|---|\n",
                       group);
        }
        out_printf(o, "| ");
        syntax(o, c);
        out_printf(o, " | ");
        aliases(o, c->aliases);
        out_printf(o, " | ");
        cell(o, c->help);
        out_printf(o, " |\n");
    }
}

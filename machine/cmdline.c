/*
 * cmdline.c - command line -> configuration and session.
 *
 * Options may stand anywhere. What else there is, is a directive when it
 * begins like `name:` and no file is called that, else an image. Files named
 * by -f (or found) are read first, then come the directives in their order,
 * then the images take the drives that are left.
 */
#include "machine/cmdline.h"
#include "machine/bochsrc.h"
#include "machine/images.h"
#include "machine/session.h"
#include "machine/snapshot.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const struct cmd_option cmd_options[] = {
    {"--headless", NULL, CMD_HEADLESS,
     "no display; serial port 1 is standard input and output"},
    {"--max-insns", "N", CMD_MAX_INSNS,
     "end after N ticks (instructions and idle time)"},
    {"--max-seconds", "S", CMD_MAX_SECONDS, "end after S seconds of the host"},
    {"--type", "WAIT=KEYS", CMD_TYPE,
     "when WAIT was seen on serial port 1 or the screen, type"},
    {"--hash-every", "N", CMD_HASH_EVERY,
     "print a hash of the machine's state every N ticks"},
    {"--initrd", "FILE", CMD_INITRD,
     "initrd of the kernel that is booted, or its Multiboot modules: "
     "FILE[ ARGUMENTS][,...]"},
    {"--append", "TEXT", CMD_APPEND, "command line of that kernel"},
    {"--symbols", "FILE", CMD_SYMBOLS, "its symbols, for the debugger"},
    {"--dump-screen", NULL, CMD_DUMP_SCREEN,
     "print the text screen at the end"},
    {"--print-config", NULL, CMD_PRINT_CONFIG,
     "print what was configured, and end"},
    {"-f", "FILE", CMD_CONFIG_FILE, "read this configuration file"},
    {"-n", NULL, CMD_NO_RC, "read no configuration file"},
    {"-q", NULL, CMD_IGNORED, "start at once (always so)"},
    {"-qf", "FILE", CMD_QUICK_FILE, "-q -f FILE"},
    {"-log", "FILE", CMD_LOG, "write the log to FILE"},
    {"-benchmark", "N", CMD_BENCHMARK, "end after N million ticks, status 0"},
    {"-dbg", NULL, CMD_DBG, "start in the debugger"},
    {"-debugger", NULL, CMD_DBG, "the same"},
    {"-rc", "FILE", CMD_RC,
     "-dbg, and carry out the debugger commands in FILE"},
    {"-dbglog", "FILE", CMD_DBGLOG,
     "-dbg, and write what it reads and prints to FILE"},
    {"--gdb", NULL, CMD_GDB,
     "wait for gdb at TCP port 1234; --gdb=PORT, --gdb=HOST:PORT, "
     "--gdb=unix:PATH elsewhere"},
    {"--plugin", "FILE.so[,ARGS]", CMD_PLUGIN,
     "let this plugin watch the guest; may be given several times"},
    {"-r", "PATH", CMD_RESTORE, "go on from a saved state"},
    {"-dumpstats", "N", CMD_DUMPSTATS, "accepted, without effect"},
    {"-unlock", NULL, CMD_IGNORED,
     "accepted: locks on images end with the program that holds them"},
    {"-noconsole", NULL, CMD_IGNORED, "accepted, without effect"},
    {"--list-devices", NULL, CMD_LIST_DEVICES, "print the kinds of devices"},
    {"--print-docs", "WHAT", CMD_PRINT_DOCS,
     "print a reference: bochsrc, debugger or man"},
    {"--help", NULL, CMD_HELP, "this text; --help features, --help cpu"},
    {"-h", NULL, CMD_HELP, "the same"},
    {"--version", NULL, CMD_VERSION, "print the version"},
    {.name = NULL}};

enum { MAX_WORDS = 128 };

struct cmdline {
    struct session *s;
    struct error *err;
    char **argv;
    int argc, at;
    char *lines[MAX_WORDS]; /* directives, owned */
    const char *images[MAX_WORDS];
    unsigned line_count, image_count;
    const char *file, *log, *gdb;
    const char *initrd, *append, *symbols;
    bool no_rc, print_config;
};

/* -1 to go on, else the exit code. */
enum { GO_ON = -1 };

static int fail(struct cmdline *c)
{
    return c->err->code;
}

/* ---- options ---- */

static int unknown_option(struct cmdline *c, const char *word)
{
    const char *names[ARRAY_LEN(cmd_options)];
    const char *near;
    size_t n;

    for (n = 0; cmd_options[n].name; n++)
        names[n] = cmd_options[n].name;
    names[n] = NULL;
    near = error_nearest(word, names);
    error_set(c->err, EXIT_USAGE, "unknown option '%.80s'%s%s%s", word,
              near ? "; did you mean '" : "", near ? near : "",
              near ? "'?" : "; --help lists them");
    return fail(c);
}

static int number(struct cmdline *c, const char *opt, const char *text,
                  uint64_t scale, uint64_t *out)
{
    char *end;
    uint64_t n = strtoull(text, &end, 0);

    if (!isdigit((unsigned char)*text) || *end || !n ||
        n > UINT64_MAX / 2 / scale) {
        error_set(c->err, EXIT_USAGE,
                  "%s wants a whole number above 0, not '%.80s'", opt, text);
        return fail(c);
    }
    *out = n * scale;
    return GO_ON;
}

static int seconds(struct cmdline *c, const char *text)
{
    char *end;

    c->s->max_seconds = strtod(text, &end);
    if (end != text && !*end && c->s->max_seconds > 0 &&
        c->s->max_seconds < 1e9)
        return GO_ON;
    error_set(c->err, EXIT_USAGE,
              "--max-seconds wants a number above 0, not '%.80s'", text);
    return fail(c);
}

static int print_and_end(struct cmdline *c, bool docs, const char *what)
{
    struct out o;
    bool ok;

    out_to_file(&o, stdout);
    ok =
        docs ? help_print_docs(what, &o, c->err) : help_print(what, &o, c->err);
    return ok ? EXIT_CLEAN : fail(c);
}

static int help(struct cmdline *c)
{
    const char *topic = c->at + 1 < c->argc ? c->argv[c->at + 1] : NULL;

    return print_and_end(c, false, topic && *topic != '-' ? topic : NULL);
}

static int run_option(struct cmdline *c, const struct cmd_option *o,
                      const char *arg)
{
    struct session *s = c->s;

    switch (o->cmd) {
    case CMD_HEADLESS:
        s->headless = true;
        return GO_ON;
    case CMD_DUMP_SCREEN:
        s->dump_screen = true;
        return GO_ON;
    case CMD_PRINT_CONFIG:
        c->print_config = true;
        return GO_ON;
    case CMD_NO_RC:
        c->no_rc = true;
        return GO_ON;
    case CMD_IGNORED:
    case CMD_DUMPSTATS:
        return GO_ON;
    case CMD_CONFIG_FILE:
    case CMD_QUICK_FILE:
        c->file = arg;
        return GO_ON;
    case CMD_GDB:
        c->gdb = arg ? arg : "1234";
        return GO_ON;
    case CMD_INITRD:
        c->initrd = arg;
        return GO_ON;
    case CMD_APPEND:
        c->append = arg;
        return GO_ON;
    case CMD_SYMBOLS:
        c->symbols = arg;
        return GO_ON;
    case CMD_LOG:
        c->log = arg;
        return GO_ON;
    case CMD_TYPE:
        return typist_add(s->typist, arg, c->err) ? GO_ON : fail(c);
    case CMD_MAX_INSNS:
        return number(c, o->name, arg, 1, &s->max_insns);
    case CMD_HASH_EVERY:
        return number(c, o->name, arg, 1, &s->hash_every);
    case CMD_BENCHMARK:
        s->benchmark = true;
        return number(c, o->name, arg, 1000000, &s->max_insns);
    case CMD_MAX_SECONDS:
        return seconds(c, arg);
    case CMD_HELP:
        return help(c);
    case CMD_LIST_DEVICES:
        return print_and_end(c, false, "devices");
    case CMD_PRINT_DOCS:
        return print_and_end(c, true, arg);
    case CMD_VERSION:
        puts("Klochs " KLOCHS_VERSION);
        return EXIT_CLEAN;
    case CMD_DBG:
        s->commands = true;
        return GO_ON;
    case CMD_RC:
        s->commands = true;
        s->debug_rc = arg;
        return GO_ON;
    case CMD_DBGLOG:
        s->commands = true;
        s->debug_log = arg;
        return GO_ON;
    case CMD_PLUGIN:
        return plugin_list_add(&s->plugin_list, arg, c->err) ? GO_ON : fail(c);
    case CMD_RESTORE:
        s->restore = arg;
        return GO_ON;
    default:
        return GO_ON;
    }
}

/* `--name VALUE` and `--name=VALUE` are the same. */
static int option(struct cmdline *c, const char *word)
{
    const struct cmd_option *o = cmd_options;
    const char *value = strncmp(word, "--", 2) ? NULL : strchr(word, '=');
    size_t n = value ? (size_t)(value - word) : strlen(word);

    while (o->name && (strncmp(o->name, word, n) || o->name[n]))
        o++;
    if (!o->name)
        return unknown_option(c, word);
    if (value && !o->arg && o->cmd != CMD_GDB) {
        error_set(c->err, EXIT_USAGE, "%s takes no value", o->name);
        return fail(c);
    }
    if (value || !o->arg)
        return run_option(c, o, value ? value + 1 : NULL);
    if (c->at + 1 >= c->argc) {
        error_set(c->err, EXIT_USAGE, "%s wants %s after it", word, o->arg);
        return fail(c);
    }
    return run_option(c, o, c->argv[++c->at]);
}

/* ---- directives and images ---- */

static bool is_directive(const char *word)
{
    size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    return n && word[n] == ':' && access(word, F_OK);
}

static bool wants_more(const char *line)
{
    size_t n = strlen(line);

    return n && strchr(":=,", line[n - 1]);
}

/* `boot: disk` may come as two words, as the shell leaves it. */
static char *glue(struct cmdline *c, const char *word)
{
    char *line = strdup(word);

    while (line && wants_more(line) && c->at + 1 < c->argc) {
        const char *next = c->argv[++c->at];
        size_t n = strlen(line), k = strlen(next);
        char *longer = realloc(line, n + k + 1);

        if (!longer)
            break;
        memcpy(longer + n, next, k + 1);
        line = longer;
    }
    if (!line)
        error_no_memory();
    return line;
}

static int operand(struct cmdline *c, const char *word)
{
    if (c->line_count == MAX_WORDS || c->image_count == MAX_WORDS) {
        error_set(c->err, EXIT_USAGE, "more than %d arguments", MAX_WORDS);
        return fail(c);
    }
    if (is_directive(word))
        c->lines[c->line_count++] = glue(c, word);
    else
        c->images[c->image_count++] = word;
    return GO_ON;
}

/* ---- the whole ---- */

/* Where Bochs looks, in its order. `path` has room for the one with HOME. */
static const char *find_rc(char *path, size_t size)
{
    static const char *const here[] = {".bochsrc", "bochsrc", "bochsrc.txt",
                                       "bochsrc.bxrc"};
    const char *home = getenv("HOME");

    for (size_t n = 0; n < ARRAY_LEN(here); n++)
        if (!access(here[n], F_OK))
            return here[n];
    if (home && (size_t)snprintf(path, size, "%s/.bochsrc", home) < size &&
        !access(path, F_OK))
        return path;
    return access("/etc/bochsrc", F_OK) ? NULL : "/etc/bochsrc";
}

/* The directives that the saved machine was made from. */
static bool read_state(struct cmdline *c)
{
    struct state_file f;
    char *text, *line, *next;
    bool good = true;

    if (!state_file_read(&f, c->s->restore, c->err))
        return false;
    text = snapshot_config(&f, c->err);
    for (line = text; line && *line && good; line = next) {
        next = line + strcspn(line, "\n");
        if (*next)
            *next++ = 0;
        good = bochsrc_line(c->s->cfg, line, c->s->restore, c->err);
    }
    good = good && text;
    free(text);
    state_file_free(&f);
    return good;
}

static bool read_rc(struct cmdline *c)
{
    char path[1024];
    const char *file = c->file;

    if (c->s->restore && !file)
        return read_state(c);
    /* Images say what to run: no file that lies about shall interfere. */
    if (!file && !c->no_rc && !c->image_count)
        file = find_rc(path, sizeof path);
    if (file)
        return bochsrc_file(c->s->cfg, file, c->err);
    if (c->argc == 1)
        return error_set(c->err, EXIT_USAGE,
                         "nothing to run: name an image, such as a CD's .iso, "
                         "or a configuration file with -f; see --help");
    return true;
}

/* What is said about the kernel. */
static bool set_kernel(struct cmdline *c)
{
    static const char *const options[] = {"--initrd", "--append", "--symbols"};
    static const char *const keys[] = {"initrd", "cmdline", "symbols"};
    const char *const values[] = {c->initrd, c->append, c->symbols};

    for (unsigned n = 0; n < 3; n++)
        if (values[n] && !config_set(c->s->cfg, "kernel", keys[n], values[n],
                                     options[n], c->err))
            return false;
    return true;
}

static bool configure(struct cmdline *c)
{
    struct config *cfg = c->s->cfg;
    struct out notes;
    bool ok;

    if (!read_rc(c))
        return false;
    for (unsigned n = 0; n < c->line_count; n++)
        if (!bochsrc_line(cfg, c->lines[n], "command line", c->err))
            return false;
    if (c->gdb &&
        (!config_set(cfg, "gdbstub", "enabled", "1", "--gdb", c->err) ||
         !config_set(cfg, "gdbstub", "listen", c->gdb, "--gdb", c->err)))
        return false;
    if (c->log && !config_set(cfg, "log", "file", c->log, "-log", c->err))
        return false;
    if (!images_place(cfg, c->images, c->image_count, c->err) || !set_kernel(c))
        return false;
    out_to_file(&notes, stderr);
    ok = bochsrc_finish(cfg, &notes, c->err);
    fflush(stderr);
    return ok;
}

static int parse_words(struct cmdline *c)
{
    int code = GO_ON;

    for (c->at = 1; c->at < c->argc && code == GO_ON; c->at++) {
        const char *word = c->argv[c->at];

        code = *word == '-' && word[1] ? option(c, word) : operand(c, word);
    }
    if (code != GO_ON)
        return code;
    return configure(c) ? GO_ON : fail(c);
}

int session_parse(struct session *s, int argc, char **argv, struct error *err)
{
    struct cmdline c = {.s = s, .err = err, .argc = argc, .argv = argv};
    struct out o;
    int code;

    s->show.saved_stderr = -1;
    s->typist = typist_create();
    s->cfg = config_create();
    if (!s->cfg)
        error_no_memory();
    code = parse_words(&c);
    if (code == GO_ON) {
        out_to_string(&o);
        config_print(s->cfg, false, &o);
        s->config_text = o.text;
    }
    if (code == GO_ON && c.print_config) {
        out_to_file(&o, stdout);
        config_print(s->cfg, false, &o);
        code = EXIT_CLEAN;
    }
    for (unsigned n = 0; n < c.line_count; n++)
        free(c.lines[n]);
    return code;
}

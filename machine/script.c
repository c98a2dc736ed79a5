/*
 * script.c - `klochs test`: options, scripts read and run, status.
 */
#include "machine/script.h"
#include "machine/control.h"
#include "machine/script_json.h"
#include <errno.h>
#include <stdlib.h>

enum { DEFINES_MAX = 64, LINE_BYTES = 8192, REPEAT_MAX = 1000 };

struct test {
    const char *events, *junit, *out, *serial, *control;
    const char *defines[DEFINES_MAX + 1];
    unsigned define_count;
    int64_t repeat;
    bool once, quiet;
    struct plugin_list plugins;
    struct script_log log;
    struct error err;
};

/* ---- one script ---- */

bool verb_case(struct script *s, char **argv)
{
    script_log_case(s->log, argv[0], script_host_seconds());
    return true;
}

/* "tests/grub.klochs" -> folder and name without suffix. */
static void split_path(const char *path, char *dir, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    char *dot;

    snprintf(dir, size, "%.*s", slash ? (int)(slash - path) : 1,
             slash ? path : ".");
    if (slash == path)
        snprintf(dir, size, "/");
    snprintf(name, size, "%s", slash ? slash + 1 : path);
    dot = strrchr(name, '.');
    if (dot && dot != name)
        *dot = 0;
}

static bool do_line(struct script *s, const char *line)
{
    char *raw[SCRIPT_MAX_ARGS + 1], *argv[SCRIPT_MAX_ARGS + 1];
    int argc = script_split(s, line, raw, argv);
    bool good;

    if (argc <= 0)
        return argc == 0;
    good = script_do(s, argc, argv, raw);
    if (!good)
        error_prefix(&s->err, "%s", raw[0]);
    script_free_words(raw, argc);
    script_free_words(argv, argc);
    return good;
}

static bool do_file(struct script *s, const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = malloc(LINE_BYTES);
    unsigned number = 0;
    bool good = true;

    if (!line)
        error_no_memory();
    if (!f) {
        free(line);
        return error_set(&s->err, EXIT_NO_OPEN, "cannot open '%s': %s", path,
                         strerror(errno));
    }
    while (good && !s->quit && fgets(line, LINE_BYTES, f)) {
        number++;
        if (!strchr(line, '\n') && !feof(f))
            good = error_set(&s->err, EXIT_USAGE, "line longer than %d bytes",
                             LINE_BYTES - 2);
        good = good && do_line(s, line);
    }
    if (good && ferror(f))
        good = error_set(&s->err, EXIT_IO, "cannot read: %s", strerror(errno));
    if (!good)
        error_prefix(&s->err, "%s:%u", path, number);
    fclose(f);
    free(line);
    return good;
}

/* What people want to see of a failure. */
static void show_failure(struct script *s, const char *name)
{
    const char *tail = s->serial.text;
    char file[300];
    unsigned lines = 0;

    fprintf(stderr, "klochs test: %s\n", s->err.text);
    for (size_t n = s->serial.len; n && lines <= 10; n--) {
        tail = s->serial.text + n - 1;
        lines += *tail == '\n';
    }
    if (s->serial.len)
        fprintf(stderr, "---- serial text since the last one found\n%s%s", tail,
                s->serial.text[s->serial.len - 1] == '\n' ? "" : "\n");
    snprintf(file, sizeof file, "%s-failed.png", name);
    script_keep_picture(s, file);
}

static bool run_script(struct test *t, const char *path, struct error *err)
{
    char dir[512], name[256];
    struct script s = {.log = &t->log,
                       .out_dir = t->out,
                       .defines = t->defines,
                       .script_dir = dir,
                       .plugins = t->plugins};
    double now = script_host_seconds();
    bool good = true;

    split_path(path, dir, name, sizeof name);
    script_log_suite(&t->log, name, now);
    script_log_case(&t->log, name, now);
    t->log.implied = true;
    script_begin(&s);
    if (t->serial && !(s.serial_copy = fopen(t->serial, "wb")))
        good = error_set(&s.err, EXIT_NO_OPEN, "cannot write '%s': %s",
                         t->serial, strerror(errno));
    good = good && do_file(&s, path);
    if (!good && !t->quiet)
        show_failure(&s, name);
    script_log_end_case(&t->log, good ? NULL : s.err.text,
                        script_host_seconds());
    script_log_end_suite(&t->log, script_host_seconds());
    if (!t->quiet)
        fprintf(stderr, "%s %s: %llu ticks, %.1f s\n", good ? "pass" : "FAIL",
                name, (unsigned long long)(s.m ? s.m->clock.now : 0),
                script_host_seconds() - now);
    if (s.serial_copy)
        fclose(s.serial_copy);
    *err = s.err;
    script_power_off(&s);
    return good;
}

/* ---- repeated ---- */

/* The first line that two logs do not share. */
static void first_difference(const char *a, const char *b, struct error *err)
{
    unsigned line = 1;

    while (*a && *b) {
        size_t n = strcspn(a, "\n"), k = strcspn(b, "\n");

        if (n != k || memcmp(a, b, n))
            break;
        a += n + (a[n] == '\n');
        b += k + (b[k] == '\n');
        line++;
    }
    error_set(err, (enum exit_code)EXIT_CHECK,
              "two runs differ at event %u: %.180s and %.180s", line, a, b);
}

static bool run_repeated(struct test *t, const char *path, struct error *err)
{
    FILE *to = t->log.events;
    char *first = NULL;
    bool good = true;

    for (int64_t n = 0; n < t->repeat && good; n++) {
        char *text = NULL;
        size_t len;

        t->log.events = open_memstream(&text, &len);
        if (!t->log.events)
            error_no_memory();
        good = run_script(t, path, err);
        fclose(t->log.events);
        if (!first) {
            first = text;
            if (to)
                fputs(first, to);
            continue;
        }
        if (good && strcmp(first, text)) {
            first_difference(first, text, err);
            fprintf(stderr, "klochs test: %s\n", err->text);
            good = false;
        }
        free(text);
    }
    free(first);
    t->log.events = to;
    return good;
}

/* ---- the control socket ---- */

static int serve(struct test *t, int argc, char **argv)
{
    struct script s = {.log = &t->log,
                       .out_dir = t->out,
                       .defines = t->defines,
                       .script_dir = ".",
                       .plugins = t->plugins};
    int code = EXIT_CLEAN;

    script_begin(&s);
    for (int n = 0; n < argc && n < (int)ARRAY_LEN(s.words); n++)
        s.words[s.word_count++] = strdup(argv[n]);
    if (t->serial && !(s.serial_copy = fopen(t->serial, "wb")))
        code = EXIT_NO_OPEN;
    if (!code && !control_serve(&s, t->control, t->once)) {
        fprintf(stderr, "klochs test: %s\n", s.err.text);
        code = (int)s.err.code;
    }
    if (s.serial_copy)
        fclose(s.serial_copy);
    script_power_off(&s);
    return code;
}

/* ---- the command line ---- */

static const char usage_text[] =
    "usage: klochs test [OPTION]... SCRIPT...\n"
    "       klochs test [OPTION]... --control SOCKET [ARGUMENT]...\n"
    "Drives a machine without a window, by scripts or through a Unix socket.\n"
    "  --events FILE    log of events, JSON lines; - is standard output\n"
    "  --junit FILE     JUnit XML\n"
    "  --out DIR        folder of screen shots\n"
    "  --serial FILE    output of the first serial port\n"
    "  -D NAME=VALUE    a variable of the scripts\n"
    "  --plugin FILE.so[,ARGS]  a plugin watches each machine\n"
    "  --repeat N       run each script N times; the logs must be alike\n"
    "  --control SOCKET serve verbs as JSON lines; ARGUMENTs as klochs has\n"
    "  --once           end when the first client has gone\n"
    "  --quiet          nothing but the status\n"
    "  --verbs          print the table of verbs, Markdown\n"
    "  --help           this text\n"
    "Status: 0 passed, 1 a wait or check was not fulfilled, 124 a limit,\n"
    "others as klochs has them.\n";

static int usage(const char *why, const char *word)
{
    if (why && word)
        fprintf(stderr, "klochs test: %s '%.80s'; see klochs test --help\n",
                why, word);
    else if (why)
        fprintf(stderr, "klochs test: %s; see klochs test --help\n", why);
    else
        fputs(usage_text, stdout);
    return why ? EXIT_USAGE : EXIT_CLEAN;
}

static const char **text_option(struct test *t, const char *word)
{
    const struct {
        const char *name;
        const char **to;
    } options[] = {{"--events", &t->events},
                   {"--junit", &t->junit},
                   {"--out", &t->out},
                   {"--serial", &t->serial},
                   {"--control", &t->control}};

    for (size_t n = 0; n < ARRAY_LEN(options); n++)
        if (!strcmp(options[n].name, word))
            return options[n].to;
    return NULL;
}

/* -1: go on; else the status. *at: the first word that is no option. */
static int parse_options(struct test *t, int argc, char **argv, int *at)
{
    int n;

    for (n = 1; n < argc && argv[n][0] == '-'; n++) {
        const char **to = text_option(t, argv[n]);
        const char *word = argv[n], *arg = n + 1 < argc ? argv[n + 1] : NULL;

        if (!strcmp(word, "--help")) {
            return usage(NULL, NULL);
        } else if (!strcmp(word, "--verbs")) {
            struct out o;

            out_to_file(&o, stdout);
            script_print_verbs(&o);
            return EXIT_CLEAN;
        } else if (!strcmp(word, "--quiet")) {
            t->quiet = true;
            continue;
        } else if (!strcmp(word, "--once")) {
            t->once = true;
            continue;
        }
        if (to || !strcmp(word, "-D") || !strcmp(word, "--repeat") ||
            !strcmp(word, "--plugin")) {
            if (!arg)
                return usage("a word is missing after", word);
            n++;
        }
        if (to) {
            *to = arg;
        } else if (!strcmp(word, "--plugin")) {
            if (!plugin_list_add(&t->plugins, arg, &t->err))
                return usage("no usable FILE.so[,ARGS]", arg);
        } else if (!strcmp(word, "-D")) {
            if (!strchr(arg, '=') || t->define_count == DEFINES_MAX)
                return usage("no usable NAME=VALUE", arg);
            t->defines[t->define_count++] = arg;
        } else if (!strcmp(word, "--repeat")) {
            char *end;

            t->repeat = strtoll(arg, &end, 10);
            if (*end || t->repeat < 1 || t->repeat > REPEAT_MAX)
                return usage("no number from 1 to 1000", arg);
        } else {
            return usage("unknown option", word);
        }
    }
    *at = n;
    return -1;
}

static bool open_events(struct test *t)
{
    if (t->events && !strcmp(t->events, "-"))
        t->log.events = stdout;
    else if (t->events && !(t->log.events = fopen(t->events, "w")))
        return error_set(&t->err, EXIT_NO_OPEN, "cannot write '%s': %s",
                         t->events, strerror(errno));
    return true;
}

static int run_all(struct test *t, int count, char **paths)
{
    int code = EXIT_CLEAN;

    for (int n = 0; n < count; n++) {
        struct error err = {0};
        bool good = t->repeat > 1 ? run_repeated(t, paths[n], &err)
                                  : run_script(t, paths[n], &err);

        if (!good && code == EXIT_CLEAN)
            code = (int)err.code;
        if (!good && err.code > 128) /* a signal ends all */
            break;
    }
    return code;
}

int script_main(int argc, char **argv)
{
    struct test t = {.repeat = 1};
    int at = argc, code = parse_options(&t, argc, argv, &at);

    if (code >= 0)
        return code;
    if (at == argc && !t.control)
        return usage("no script is named", NULL);
    out_to_string(&t.log.suites);
    if (!open_events(&t)) {
        fprintf(stderr, "klochs test: %s\n", t.err.text);
        return (int)t.err.code;
    }
    code = t.control ? serve(&t, argc - at, argv + at)
                     : run_all(&t, argc - at, argv + at);
    if (t.junit && !script_log_write_junit(&t.log, t.junit, &t.err)) {
        fprintf(stderr, "klochs test: %s\n", t.err.text);
        code = code ? code : (int)t.err.code;
    }
    if (t.log.events && t.log.events != stdout && fclose(t.log.events))
        code = code ? code : EXIT_IO;
    script_log_free(&t.log);
    return code;
}

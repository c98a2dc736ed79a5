/*
 * script_verbs.c - the verbs of test scripts and of the control socket.
 */
#include "machine/script.h"
#include "machine/script_json.h"
#include "machine/script_screen.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

/* Whatever the caller did not fulfil. */
static bool unmet(struct script *s, const char *fmt, const char *text)
{
    char msg[400];

    snprintf(msg, sizeof msg, fmt, text);
    return error_set(&s->err, (enum exit_code)EXIT_CHECK, "%s", msg);
}

static bool compile(struct script *s, const char *pattern, regex_t *re)
{
    char why[200];
    int code = regcomp(re, pattern, REG_EXTENDED | REG_NEWLINE);

    if (!code)
        return true;
    regerror(code, re, why, sizeof why);
    return error_set(&s->err, EXIT_USAGE, "regular expression '%.200s': %s",
                     pattern, why);
}

static bool time_to_wait(struct script *s, const char *text, uint64_t *until)
{
    uint64_t ticks = s->patience;

    if (text && !script_ticks(s, text, &ticks))
        return false;
    *until = s->m->clock.now + ticks;
    return true;
}

/* ---- the machine ---- */

static bool verb_machine(struct script *s, char **argv)
{
    if (s->m)
        return error_set(&s->err, EXIT_USAGE,
                         "the machine is running already; it is described "
                         "before the first verb that needs it");
    for (; *argv; argv++) {
        if (s->word_count == ARRAY_LEN(s->words))
            return error_set(&s->err, EXIT_USAGE, "more than %u arguments",
                             (unsigned)ARRAY_LEN(s->words));
        s->words[s->word_count++] = strdup(*argv);
    }
    return true;
}

static bool verb_power_on(struct script *s, char **argv)
{
    (void)s;
    (void)argv; /* the table says that it needs a machine */
    return true;
}

static bool verb_run(struct script *s, char **argv)
{
    uint64_t ticks;

    return script_ticks(s, argv[0], &ticks) &&
           script_run_to(s, s->m->clock.now + ticks);
}

static bool is_stopped(struct script *s, void *opaque)
{
    (void)opaque;
    return s->m->stopped;
}

static bool verb_wait_stop(struct script *s, char **argv)
{
    int64_t status = EXIT_CLEAN;
    uint64_t until;
    bool met;

    if (argv[0] && !script_number(s, argv[0], 0, 255, &status))
        return false;
    if (!time_to_wait(s, argv[0] ? argv[1] : NULL, &until) ||
        !script_run_until(s, until, SCRIPT_PICTURE_TICKS, is_stopped, NULL,
                          &met))
        return false;
    if (!met)
        return unmet(s, "the machine goes on%s", "");
    json_field_u64(&s->fields, "stop_status", (uint64_t)s->m->exit_code);
    json_field(&s->fields, "why", s->m->why);
    if (s->m->exit_code == status)
        return true;
    return error_set(&s->err, (enum exit_code)EXIT_CHECK,
                     "it ended with status %d (%s), not %d", s->m->exit_code,
                     s->m->why, (int)status);
}

/* ---- serial text ---- */

static bool serial_found(struct script *s, void *opaque)
{
    (void)opaque;
    return s->serial.found;
}

static bool verb_wait_serial(struct script *s, char **argv)
{
    uint64_t until;
    regex_t re;
    bool good, met = true;

    if (!time_to_wait(s, argv[1], &until) || !compile(s, argv[0], &re))
        return false;
    good = script_serial_want(&s->serial, &re) ||
           script_run_until(s, until, SCRIPT_PICTURE_TICKS, serial_found, NULL,
                            &met);
    s->serial.want = NULL;
    regfree(&re);
    if (good && met)
        json_field(&s->fields, "text", s->serial.match);
    if (good && !met)
        good = unmet(s, "serial text does not fit '%s'", argv[0]);
    s->serial.found = false;
    return good;
}

static bool verb_refuse_serial(struct script *s, char **argv)
{
    struct script_serial *t = &s->serial;

    if (t->refused_count == SCRIPT_REFUSED_MAX)
        return error_set(&s->err, EXIT_USAGE, "more than %d refused texts",
                         SCRIPT_REFUSED_MAX);
    if (!compile(s, argv[0], &t->refused[t->refused_count]))
        return false;
    t->refused_count++;
    return true;
}

static bool verb_serial(struct script *s, char **argv)
{
    (void)argv;
    json_field(&s->fields, "text", s->serial.text);
    return true;
}

/* ---- screen text ---- */

struct screen_wait {
    regex_t re;
    bool want;        /* shall it be there? */
    char *seen;       /* the screen at the last look, owned */
    bool fits;        /* what came of it */
    uint64_t version; /* of a picture at the last look */
};

static bool fits(struct screen_wait *w, char *text)
{
    if (w->seen && !strcmp(w->seen, text)) {
        free(text);
        return w->fits == w->want;
    }
    free(w->seen);
    w->seen = text;
    w->fits = !regexec(&w->re, text, 0, NULL, 0);
    return w->fits == w->want;
}

static char *screen_string(struct script *s)
{
    struct out o;
    bool graphics;

    out_to_string(&o);
    script_screen(s->m, &o, &graphics);
    if (!o.text && !(o.text = strdup("")))
        error_no_memory();
    return o.text;
}

/* Reading a picture costs more than reading characters. */
static bool screen_fits(struct script *s, void *opaque)
{
    struct screen_wait *w = opaque;

    if (script_screen_is_graphics(s->m)) {
        uint64_t version;

        if (w->seen && s->m->clock.now % SCRIPT_PICTURE_TICKS)
            return false;
        version = script_screen_version(s->m);
        if (w->seen && version == w->version)
            return false;
        w->version = version;
    } else {
        w->version = UINT64_MAX;
    }
    return fits(w, screen_string(s));
}

static bool wait_screen(struct script *s, char **argv, bool want)
{
    struct screen_wait w = {.want = want};
    uint64_t until;
    bool good, met;

    if (!time_to_wait(s, argv[1], &until) || !compile(s, argv[0], &w.re))
        return false;
    good = script_run_until(s, until, SCRIPT_LOOK_TICKS, screen_fits, &w, &met);
    if (good && !met)
        good = unmet(s,
                     want ? "the screen does not show '%s'"
                          : "the screen still shows '%s'",
                     argv[0]);
    if (!good)
        json_field(&s->fields, "screen", w.seen ? w.seen : "");
    regfree(&w.re);
    free(w.seen);
    return good;
}

static bool verb_wait_screen(struct script *s, char **argv)
{
    return wait_screen(s, argv, true);
}

static bool verb_wait_gone(struct script *s, char **argv)
{
    return wait_screen(s, argv, false);
}

static bool check_screen(struct script *s, char **argv, bool want)
{
    struct screen_wait w = {.want = want};
    bool good;

    if (!compile(s, argv[0], &w.re))
        return false;
    good =
        fits(&w, screen_string(s)) ||
        unmet(s,
              want ? "the screen does not show '%s'" : "the screen shows '%s'",
              argv[0]);
    if (!good)
        json_field(&s->fields, "screen", w.seen);
    regfree(&w.re);
    free(w.seen);
    return good;
}

static bool verb_expect_screen(struct script *s, char **argv)
{
    return check_screen(s, argv, true);
}

static bool verb_refuse_screen(struct script *s, char **argv)
{
    return check_screen(s, argv, false);
}

static bool verb_screen(struct script *s, char **argv)
{
    char *text = screen_string(s);

    (void)argv;
    json_field(&s->fields, "mode",
               script_screen_is_graphics(s->m) ? "graphics" : "text");
    json_field(&s->fields, "screen", text);
    free(text);
    return true;
}

/* ---- state ---- */

static bool verb_hash(struct script *s, char **argv)
{
    char text[20];

    snprintf(text, sizeof text, "%016" PRIx64, machine_hash(s->m));
    json_field(&s->fields, "hash", text);
    if (!argv[0] || !strcmp(argv[0], text))
        return true;
    return error_set(&s->err, (enum exit_code)EXIT_CHECK,
                     "the machine's hash is %s, not %.40s", text, argv[0]);
}

static bool verb_info(struct script *s, char **argv)
{
    struct device *d = device_find(&s->m->devices, argv[0]);
    struct out o;

    if (!d)
        return error_set(&s->err, EXIT_USAGE, "no device '%.40s'", argv[0]);
    out_to_string(&o);
    device_info(d, &o);
    json_field(&s->fields, "text", o.text ? o.text : "");
    out_free(&o);
    return true;
}

static bool verb_memory(struct script *s, char **argv)
{
    uint8_t bytes[4096];
    int64_t at, n;

    if (!script_number(s, argv[0], 0, INT64_C(1) << PHYS_BITS_MAX, &at) ||
        !script_number(s, argv[1], 1, sizeof bytes, &n))
        return false;
    phys_read(s->m->sv.phys, (uint64_t)at, bytes, (size_t)n);
    out_printf(&s->fields, ",\"bytes\":\"");
    for (int64_t i = 0; i < n; i++)
        out_printf(&s->fields, "%02x", bytes[i]);
    out_printf(&s->fields, "\"");
    return true;
}

/* ---- the test itself ---- */

static bool verb_limit(struct script *s, char **argv)
{
    char *end;
    double seconds;

    if (!strcmp(argv[0], "ticks"))
        return script_ticks(s, argv[1], &s->max_ticks);
    seconds = strtod(argv[1], &end);
    if (!strcmp(argv[0], "seconds") && end != argv[1] && !*end && seconds > 0) {
        s->max_seconds = seconds;
        return true;
    }
    return error_set(&s->err, EXIT_USAGE,
                     "it is 'limit ticks N' or 'limit seconds S'");
}

static bool verb_patience(struct script *s, char **argv)
{
    return script_ticks(s, argv[0], &s->patience);
}

static bool verb_note(struct script *s, char **argv)
{
    (void)s;
    (void)argv;
    return true;
}

static bool verb_quit(struct script *s, char **argv)
{
    (void)argv;
    s->quit = true;
    return true;
}

const struct verb script_verbs[] = {
    /* The machine. */
    {"machine", "ARGUMENT...", 1, SCRIPT_MAX_ARGS, false,
     "adds arguments as on Klochs's command line: options, images, directives",
     verb_machine},
    {"power-on", "", 0, 0, true,
     "makes the machine now; else the first verb that needs it does",
     verb_power_on},
    {"run", "TIME", 1, 1, true, "lets the guest run for that long", verb_run},
    {"wait-stop", "[STATUS [TIME]]", 0, 2, true,
     "until the guest has powered off; checks the exit status, 0 if not given",
     verb_wait_stop},
    {"reset", "", 0, 0, true, "the reset button", verb_reset},
    {"power-button", "", 0, 0, true, "the power button (ACPI)",
     verb_power_button},
    /* Text. */
    {"wait-serial", "REGEX [TIME]", 1, 2, true,
     "until a line of the first serial port fits, to the byte; looks at what "
     "came after the last one that was found",
     verb_wait_serial},
    {"refuse-serial", "REGEX", 1, 1, false,
     "from now on a line of the first serial port that fits is a failure",
     verb_refuse_serial},
    {"serial", "", 0, 0, true,
     "logs the serial text since the last one that was found", verb_serial},
    {"wait-screen", "REGEX [TIME]", 1, 2, true,
     "until a row of the screen fits", verb_wait_screen},
    {"wait-gone", "REGEX [TIME]", 1, 2, true, "until no row of the screen fits",
     verb_wait_gone},
    {"expect-screen", "REGEX", 1, 1, true, "a row of the screen fits now",
     verb_expect_screen},
    {"refuse-screen", "REGEX", 1, 1, true, "no row of the screen fits now",
     verb_refuse_screen},
    {"screen", "", 0, 0, true, "logs the text of the screen", verb_screen},
    /* Pictures. */
    {"screenshot", "FILE", 1, 1, true,
     "writes the picture as PNG and logs its hash", verb_screenshot},
    {"picture", "[HASH|FILE]", 0, 1, true,
     "logs the hash of the picture; checks that it is this one, or that of a "
     "PNG file",
     verb_picture},
    {"wait-picture", "HASH|FILE [TIME]", 1, 2, true,
     "until the picture is this one", verb_wait_picture},
    {"wait-still", "TIME [TIME]", 1, 2, true,
     "until the picture has not changed for the first time", verb_wait_still},
    /* Input. */
    {"type", "KEYS", 1, 1, true, "types, and runs until the last key was sent",
     verb_type},
    {"press", "KEY", 1, 1, true, "holds a key down: a, f1, ctrl, ...",
     verb_press},
    {"release", "KEY", 1, 1, true, "lets a key go", verb_release},
    {"mouse", "DX DY [BUTTONS [WHEEL]]", 2, 4, true,
     "moves right and down; BUTTONS held: left+right+middle or none",
     verb_mouse},
    {"click", "[BUTTONS]", 0, 1, true, "presses and lets go; left if not given",
     verb_click},
    {"send", "TEXT [PORT]", 1, 2, true,
     "sends bytes to a serial port, 1 if not given; \\n \\r \\t \\e \\xHH",
     verb_send},
    {"insert", "DRIVE FILE", 2, 2, true,
     "puts a disk into a drive: floppya, ata1-master, ...", verb_insert},
    {"eject", "DRIVE", 1, 1, true, "takes the disk out", verb_eject},
    /* State. */
    {"hash", "[VALUE]", 0, 1, true,
     "logs the hash of the machine's state; checks that it is VALUE",
     verb_hash},
    {"save", "FILE", 1, 1, true, "writes the whole machine to a file",
     verb_save},
    {"restore", "FILE", 1, 1, true,
     "goes on from a file; of the serial text nothing is remembered",
     verb_restore},
    {"info", "DEVICE", 1, 1, true, "logs the state of a device", verb_info},
    {"memory", "ADDRESS COUNT", 2, 2, true,
     "logs up to 4096 bytes of physical memory", verb_memory},
    /* The test. */
    {"limit", "ticks|seconds N", 2, 2, false,
     "the test fails with status 124 at that tick, or after so many seconds of "
     "the host",
     verb_limit},
    {"patience", "TIME", 1, 1, false,
     "how long a wait lasts that has no TIME; at first 10G", verb_patience},
    {"case", "NAME", 1, 1, false, "begins a test case of the JUnit file",
     verb_case},
    {"note", "TEXT", 1, 1, false, "logs a text", verb_note},
    {"quit", "", 0, 0, false, "ends the script as passed", verb_quit},
    {.name = NULL}};

/* In a table of Markdown a bar is escaped. */
static void put_cell(struct out *o, const char *text)
{
    for (; *text; text++) {
        out_write(o, "\\", *text == '|');
        out_write(o, text, 1);
    }
}

void script_print_verbs(struct out *o)
{
    out_printf(o, "# Verbs of test scripts\n\n"
                  "<!-- Made by `klochs test --verbs`; `make docs` writes it "
                  "anew. -->\n\n"
                  "What they work on and how they are written is in "
                  "[test-scripts.md](test-scripts.md).\n\n"
                  "| verb | |\n|---|---|\n");
    for (const struct verb *v = script_verbs; v->name; v++) {
        out_printf(o, "| `%s", v->name);
        if (*v->args)
            out_write(o, " ", 1);
        put_cell(o, v->args);
        out_printf(o, "` | ");
        put_cell(o, v->help);
        out_printf(o, " |\n");
    }
}

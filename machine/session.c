/*
 * session.c - one run of the program: what was asked, and the main loop.
 */
#include "machine/session.h"
#include "gui/cp437.h"
#include "machine/bochsrc.h"
#include "machine/streams.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SLICE_TICKS 2000000u

/* ---- command line ---- */

static bool add_image(struct session *s, const char *path, struct error *err)
{
    size_t n = strlen(path);
    bool iso = n > 4 && !strcmp(path + n - 4, ".iso");

    return config_set(s->cfg, "ata0-master", "type", iso ? "cdrom" : "disk",
                      "command line", err) &&
           config_set(s->cfg, "ata0-master", "path", path, "command line",
                      err);
}

static bool number(const char *opt, const char *text, uint64_t *out,
                   struct error *err)
{
    char *end;

    *out = strtoull(text, &end, 0);
    return end != text && !*end
               ? true
               : error_set(err, EXIT_USAGE, "%s wants a number, not '%s'", opt,
                           text);
}

static bool option_arg(struct session *s, const char *opt, const char *value,
                       struct error *err)
{
    uint64_t n;

    if (!strcmp(opt, "--max-insns"))
        return number(opt, value, &s->max_insns, err);
    if (!strcmp(opt, "--hash-every"))
        return number(opt, value, &s->hash_every, err);
    if (!strcmp(opt, "--max-seconds")) {
        if (!number(opt, value, &n, err))
            return false;
        s->max_seconds = (double)n;
        return true;
    }
    if (!strcmp(opt, "-f"))
        return bochsrc_file(s->cfg, value, err);
    if (!strcmp(opt, "--type") && s->type_count < ARRAY_LEN(s->type)) {
        s->type[s->type_count++] = value;
        return true;
    }
    return error_set(err, EXIT_USAGE, "unknown option '%s'", opt);
}

int session_parse(struct session *s, int argc, char **argv, struct error *err)
{
    s->cfg = config_create();
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        bool ok;

        if (!strcmp(a, "--headless")) {
            s->headless = ok = true;
        } else if (!strcmp(a, "--dump-screen")) {
            s->dump_screen = ok = true;
        } else if (a[0] == '-') {
            if (i + 1 == argc) {
                error_set(err, EXIT_USAGE, "%s wants a value", a);
                return EXIT_USAGE;
            }
            ok = option_arg(s, a, argv[++i], err);
        } else if (strchr(a, ':')) {
            ok = bochsrc_line(s->cfg, a, "command line", err);
        } else {
            ok = add_image(s, a, err);
        }
        if (!ok)
            return err->code;
    }
    if (s->headless && !config_given(s->cfg, "com1"))
        config_set(s->cfg, "com1", "mode", "stdio", "--headless", err);
    return -1;
}

/* ---- running ---- */

static double host_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void print_cell(struct out *o, uint16_t cell)
{
    uint8_t ch = (uint8_t)cell;
    char text[4];

    out_write(o, text, utf8_encode(cp437_unicode[ch ? ch : ' '], text));
}

static void print_screen(struct session *s)
{
    struct frame f = {0};
    struct out o;

    if (!s->m->screen.text || !s->m->screen.text(s->m->screen.opaque, &f)) {
        fprintf(stderr, "screen: no text\n");
        return;
    }
    out_to_file(&o, stderr);
    for (unsigned y = 0; y < f.rows; y++) {
        unsigned end = f.columns;

        while (end && ((f.cells[y * f.columns + end - 1] & 0xff) == ' ' ||
                       !(f.cells[y * f.columns + end - 1] & 0xff)))
            end--;
        for (unsigned x = 0; x < end; x++)
            print_cell(&o, f.cells[y * f.columns + x]);
        out_printf(&o, "\n");
    }
}

static void one_slice(struct session *s, uint64_t *next_hash)
{
    struct machine *m = s->m;
    uint64_t until = m->clock.now + SLICE_TICKS;

    if (s->max_insns && until > s->max_insns)
        until = s->max_insns;
    if (s->hash_every && until > *next_hash)
        until = *next_hash;
    machine_run(m, until);
    if (s->hash_every && m->clock.now >= *next_hash) {
        fprintf(stderr, "hash %" PRIu64 " %016" PRIx64 "\n", m->clock.now,
                machine_hash(m));
        *next_hash += s->hash_every;
    }
}

int session_run(struct session *s, struct error *err)
{
    double start = host_seconds();
    uint64_t next_hash = s->hash_every;

    s->m = machine_create(s->cfg, err);
    if (!s->m)
        return err->code;
    while (!s->m->stopped) {
        streams_poll(s->m->streams);
        one_slice(s, &next_hash);
        if (s->max_insns && s->m->clock.now >= s->max_insns)
            machine_stop(s->m, EXIT_LIMIT, "--max-insns reached");
        if (s->max_seconds > 0 && host_seconds() - start > s->max_seconds)
            machine_stop(s->m, EXIT_LIMIT, "--max-seconds reached");
    }
    if (s->dump_screen)
        print_screen(s);
    if (s->hash_every)
        fprintf(stderr, "hash %" PRIu64 " %016" PRIx64 "\n",
                s->m->clock.now, machine_hash(s->m));
    log_info(&s->m->log_source, "stopped: %s", s->m->why);
    fprintf(stderr, "klochs: %s after %" PRIu64 " ticks, %.1f s\n", s->m->why,
            s->m->clock.now, host_seconds() - start);
    return s->m->exit_code;
}

void session_free(struct session *s)
{
    machine_destroy(s->m);
    config_destroy(s->cfg);
}

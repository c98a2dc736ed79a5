/*
 * exec_main.c - `klochs exec`: instructions in, states out, one JSON object a
 * line. docs/exec.md describes the lines, exec_json.c reads and writes them.
 */
#include "machine/exec_json.h"
#include <stdio.h>
#include <stdlib.h>

enum { MODELS_MAX = 16 };

/* A processor for each model that was asked for. */
struct runner {
    const char *model, *features; /* as the options say */
    bool brief;
    char name[MODELS_MAX][64];
    struct exec *x[MODELS_MAX];
    struct exec_job job;
    char out[EXEC_RESULT_MAX];
};

static struct exec *machine_for(struct runner *r, const char *model,
                                struct error *err)
{
    unsigned n = 0;

    for (; n < MODELS_MAX && r->x[n]; n++)
        if (!strcmp(r->name[n], model))
            return r->x[n];
    if (n == MODELS_MAX) {
        error_set(err, EXIT_USAGE, "too many models in one batch");
        return NULL;
    }
    r->x[n] = exec_create(model, r->features, err);
    snprintf(r->name[n], sizeof r->name[n], "%s", model);
    return r->x[n];
}

static bool run_job(struct runner *r, struct exec_state *out)
{
    struct exec_job *j = &r->job;
    struct error err;
    struct exec *x = machine_for(r, j->model[0] ? j->model : r->model, &err);

    if (!x) {
        j->error = "no such model";
        return false;
    }
    if (!cpu_has(exec_cpu(x), FEAT_LONGMODE)) {
        if (j->s.bits == 64) {
            j->error = "the model has no 64-bit mode";
            return false;
        }
        j->s.legacy = true;
    }
    exec_poke(x, EXEC_CODE, j->code, EXEC_CODE_SIZE);
    memcpy(exec_data(x), j->data, EXEC_DATA_SIZE);
    exec_load(x, &j->s);
    memcpy(j->s.seg, exec_cpu(x)->seg, sizeof j->s.seg);
    *out = j->s;
    exec_step(x, j->count);
    exec_store(x, out);
    return true;
}

static bool run_line(struct runner *r, const char *line)
{
    struct exec_job *j = &r->job;
    struct exec_state out;
    bool good = exec_job_read(j, line) && run_job(r, &out);
    struct exec_result result = {&out, NULL, r->brief};
    size_t n;

    if (good)
        result.data =
            exec_data(machine_for(r, j->model[0] ? j->model : r->model, NULL));
    n = exec_job_write(j, good ? &result : NULL, r->out);
    fwrite(r->out, 1, n, stdout);
    return good;
}

static int usage(void)
{
    fputs("usage: klochs exec [-b] [-m MODEL] [-f FEATURES]\n"
          "Runs code on a bare processor: one JSON object a line in, one\n"
          "out. {\"code\":\"4801d8\",\"rax\":1,\"rbx\":\"0x10\"}\n"
          "-b: only what the code changed is printed. See klochs-exec(1).\n",
          stderr);
    return EXIT_USAGE;
}

static bool options(struct runner *r, int argc, char **argv)
{
    r->model = "corei7_haswell_4770";
    for (int n = 1; n < argc; n++) {
        if (!strcmp(argv[n], "-b"))
            r->brief = true;
        else if (n + 1 < argc && !strcmp(argv[n], "-m"))
            r->model = argv[++n];
        else if (n + 1 < argc && !strcmp(argv[n], "-f"))
            r->features = argv[++n];
        else
            return false;
    }
    return true;
}

static int run_all(struct runner *r, char *line)
{
    int code = EXIT_CLEAN;

    while (fgets(line, EXEC_LINE_MAX, stdin)) {
        if (line[strspn(line, " \t\r\n")] && !run_line(r, line))
            code = EXIT_BAD_DATA;
    }
    return fflush(stdout) ? EXIT_INTERNAL : code;
}

int exec_main(int argc, char **argv)
{
    struct error err = {0};
    struct runner *r = calloc(1, sizeof *r);
    char *line = malloc(EXEC_LINE_MAX);
    int code = EXIT_INTERNAL;

    if (!r || !line) {
        fputs("klochs exec: out of memory\n", stderr);
    } else if (!options(r, argc, argv)) {
        code = usage();
    } else if (!machine_for(r, r->model, &err)) {
        fprintf(stderr, "klochs exec: %s\n", err.text);
        code = (int)err.code;
    } else {
        code = run_all(r, line);
    }
    for (unsigned n = 0; r && n < MODELS_MAX; n++)
        exec_destroy(r->x[n]);
    free(r);
    free(line);
    return code;
}

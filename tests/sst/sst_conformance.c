/*
 * sst_conformance.c - the i8086 and i80286 models against captures of single
 * instructions on the real chips.
 *
 *   sst_conformance [--data DIR] [--model NAME] [--form NAME] [--show N]
 *
 * DIR (or $KLOCHS_SST) holds sst-8086.bin.xz and sst-80286.bin.xz; without
 * it everything is skipped. A vector agrees when registers, FLAGS under the
 * form's mask, memory, exception and every data cycle on the bus in order
 * are those of the capture. --model runs both files on that model instead
 * and counts, --form runs one form, --show prints up to N differences of
 * each form.
 */
#include "tests/sst/compare.h"
#include "tests/tap.h"
#include <stdlib.h>

struct options {
    const char *data, *model, *form;
    unsigned show;
};

struct totals {
    unsigned vectors, good, excused;
};

static bool shutdown(const struct rig *r)
{
    return r->c->events & EV_SHUTDOWN;
}

static void run_form(struct rig *r, const struct options *o, unsigned cpu,
                     const struct sst_form *form, struct totals *sum)
{
    const uint8_t *p = form->vectors;
    unsigned shown = 0;
    char text[1024];

    for (unsigned n = 0; n < form->count; n++) {
        struct sst_vector v;
        unsigned diff;

        p = sst_next(p, &v);
        rig_run(r, &v);
        diff = compare(r, cpu, form, &v, text, sizeof text);
        sum->vectors++;
        sum->good += !diff;
        if (diff && shown++ < o->show) {
            printf("# %s #%u ", form->name, v.index);
            for (unsigned k = 0; k < v.length; k++)
                printf("%02x", v.bytes[k]);
            printf(" %.*s:%s%s\n", (int)v.text_length, v.text, text,
                   shutdown(r) ? " shutdown" : "");
        }
        rig_clean(r, &v);
    }
}

static void run_file(struct tap *t, const struct options *o, const char *name,
                     const char *model)
{
    struct sst_file f;
    struct rig *r = calloc(1, sizeof *r);
    struct totals all = {0};
    char path[1024], why[1100];

    snprintf(path, sizeof path, "%s/%s", o->data, name);
    if (!r || !sst_open(&f, path, why, sizeof why)) {
        tap_ok(t, true, "%s # SKIP %s", name, r ? why : "no memory");
        free(r);
        return;
    }
    if (o->model)
        model = o->model;
    if (!rig_init(r, model, f.cpu, why, sizeof why)) {
        tap_ok(t, false, "%s: %s", model, why);
        rig_done(r);
        free(r);
        sst_close(&f);
        return;
    }
    for (unsigned n = 0; n < f.forms; n++) {
        struct totals sum = {0};

        if (o->form && strcmp(o->form, f.form[n].name))
            continue;
        run_form(r, o, f.cpu, &f.form[n], &sum);
        tap_ok(t, sum.good + sum.excused == sum.vectors,
               "%s on %s, form %s: %u of %u", name, model, f.form[n].name,
               sum.good, sum.vectors);
        all.vectors += sum.vectors;
        all.good += sum.good;
        all.excused += sum.excused;
    }
    printf("# sst file=%s model=%s vectors=%u agree=%u excused=%u differ=%u\n",
           name, model, all.vectors, all.good, all.excused,
           all.vectors - all.good - all.excused);
    rig_done(r);
    free(r);
    sst_close(&f);
}

static int usage(void)
{
    fprintf(stderr, "usage: sst_conformance [--data DIR] [--model NAME] "
                    "[--form NAME] [--show N]\n");
    return 64;
}

int main(int argc, char **argv)
{
    struct options o = {.data = getenv("KLOCHS_SST")};
    struct tap t = {0};

    for (int n = 1; n < argc; n += 2) {
        const char *value = argv[n + 1];

        if (!value)
            return usage();
        if (!strcmp(argv[n], "--data"))
            o.data = value;
        else if (!strcmp(argv[n], "--model"))
            o.model = value;
        else if (!strcmp(argv[n], "--form"))
            o.form = value;
        else if (!strcmp(argv[n], "--show"))
            o.show = (unsigned)strtoul(value, NULL, 10);
        else
            return usage();
    }
    if (!o.data || !*o.data) {
        printf("1..0 # SKIP no captures: --data DIR or KLOCHS_SST\n");
        return 0;
    }
    run_file(&t, &o, "sst-8086.bin.xz", "i8086");
    run_file(&t, &o, "sst-80286.bin.xz", "i80286");
    return tap_done(&t);
}

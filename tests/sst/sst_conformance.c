/*
 * sst_conformance.c - the i8086 and i80286 models against captures of single
 * instructions on the real chips.
 *
 *   sst_conformance [--data DIR] [--model NAME] [--form NAME] [--flags HEX]
 *                   [--show N]
 *
 * DIR (or $KLOCHS_SST) holds sst-8086.bin.xz and sst-80286.bin.xz; without
 * it everything is skipped. A vector agrees when registers, FLAGS under the
 * form's mask, memory, exception and every data cycle on the bus in order
 * are those of the capture; and when the same comes out with plain RAM, where
 * the fast handlers run. Then both files run on the i386 model, where each
 * difference must be one that the generations explain. Clocks of the captures
 * are not looked at.
 *
 * --model runs both files on that model only, judged like the i386; --form
 * runs one form; --flags adds bits to the masks (FFFF: the undefined flags
 * too); --show prints up to N differences of each form. The last
 * line for each file and model is for programs:
 *   # sst file=F model=M vectors=N agree=N excused=N differ=N
 */
#include "tests/sst/explain.h"
#include "tests/tap.h"
#include <stdlib.h>

struct options {
    const char *data, *model, *form, *flags;
    unsigned show;
};

enum { REASONS = 64 };

struct totals {
    unsigned vectors, good, excused;
    unsigned reason[REASONS]; /* by index of generations[] */
};

/* One file on one model. */
struct run {
    struct rig *r, *plain; /* plain: the same with RAM for fast handlers */
    const struct options *o;
    unsigned cpu;
    bool own; /* the model is that of the captured processor */
};

static void show(const struct run *u, const struct sst_form *form,
                 const struct sst_vector *v, const char *text)
{
    printf("# %s #%u ", form->name, v->index);
    for (unsigned k = 0; k < v->length; k++)
        printf("%02x", v->bytes[k]);
    printf(" %.*s:%s%s\n", (int)v->text_length, v->text, text,
           u->r->c->events & EV_SHUTDOWN ? " shutdown" : "");
}

/* May this vector differ? */
static bool excuse(const struct run *u, const struct sst_form *form,
                   const struct sst_vector *v, unsigned diff,
                   struct totals *all)
{
    const char *why = explain_capture(u->cpu, form, v);
    int n;

    if (why) {
        if (u->own)
            printf("# excused: %s #%u: %s\n", form->name, v->index, why);
        return true;
    }
    if (u->own)
        return false;
    n = explain_generation(u->cpu, form, v, diff);
    if (n >= 0 && n < REASONS)
        all->reason[n]++;
    return n >= 0;
}

static void run_form(const struct run *u, const struct sst_form *form,
                     struct totals *sum, struct totals *all)
{
    const uint8_t *p = form->vectors;
    unsigned shown = 0;
    char text[1024];

    for (unsigned n = 0; n < form->count; n++) {
        struct sst_vector v;
        unsigned diff;

        p = sst_next(p, &v);
        rig_run(u->r, &v);
        diff = compare(u->r, u->cpu, form, &v, text, sizeof text);
        rig_run(u->plain, &v);
        sum->vectors++;
        if (!rig_same(u->r, u->plain)) {
            if (shown++ < u->o->show)
                show(u, form, &v, " fast handlers have another result");
        } else if (!diff)
            sum->good++;
        else if (excuse(u, form, &v, diff, all))
            sum->excused++;
        else if (shown++ < u->o->show)
            show(u, form, &v, text);
        rig_clean(u->plain, &u->r->bus, &v);
        rig_clean(u->r, &u->r->bus, &v);
    }
}

static void run_forms(struct tap *t, const struct run *u, const char *label,
                      const struct sst_file *f, struct totals *all)
{
    for (unsigned n = 0; n < f->forms; n++) {
        struct sst_form *form = &f->form[n];
        struct totals sum = {0};

        if (u->o->flags)
            form->flags_mask |= (uint16_t)strtoul(u->o->flags, NULL, 16);

        if (u->o->form && strcmp(u->o->form, form->name))
            continue;
        run_form(u, form, &sum, all);
        tap_ok(t, sum.good + sum.excused == sum.vectors,
               "%s, form %s: %u of %u agree, %u excused", label, form->name,
               sum.good, sum.vectors, sum.excused);
        all->vectors += sum.vectors;
        all->good += sum.good;
        all->excused += sum.excused;
    }
}

static void run_model(struct tap *t, const struct options *o,
                      const struct sst_file *f, const char *name,
                      const char *model, bool own)
{
    struct rig *r = calloc(2, sizeof *r);
    struct run u = {.r = r, .plain = r + 1, .o = o, .cpu = f->cpu, .own = own};
    struct totals all = {0};
    char label[128], why[512] = "no memory";

    snprintf(label, sizeof label, "%s on %s", name, model);
    if (r && rig_init(r, model, f->cpu, true, why, sizeof why) &&
        rig_init(r + 1, model, f->cpu, false, why, sizeof why)) {
        run_forms(t, &u, label, f, &all);
        for (unsigned n = 0; n < REASONS && generations[n].text; n++)
            if (all.reason[n])
                printf("# %u on %s: %s\n", all.reason[n], model,
                       generations[n].text);
        printf("# sst file=%s model=%s vectors=%u agree=%u excused=%u "
               "differ=%u\n",
               name, model, all.vectors, all.good, all.excused,
               all.vectors - all.good - all.excused);
    } else {
        tap_ok(t, false, "%s: %s", label, why);
    }
    if (r) {
        rig_done(&r[0]);
        rig_done(&r[1]);
    }
    free(r);
}

static void run_file(struct tap *t, const struct options *o, const char *name,
                     const char *model)
{
    struct sst_file f;
    char path[1024], why[1100];

    snprintf(path, sizeof path, "%s/%s", o->data, name);
    if (!sst_open(&f, path, why, sizeof why)) {
        tap_ok(t, true, "%s # SKIP %s", name, why);
        return;
    }
    if (o->model) {
        run_model(t, o, &f, name, o->model, !strcmp(o->model, model));
    } else {
        run_model(t, o, &f, name, model, true);
        run_model(t, o, &f, name, "i386", false);
    }
    sst_close(&f);
}

static int usage(void)
{
    fprintf(stderr, "usage: sst_conformance [--data DIR] [--model NAME] "
                    "[--form NAME] [--flags HEX] [--show N]\n");
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
        else if (!strcmp(argv[n], "--flags"))
            o.flags = value;
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

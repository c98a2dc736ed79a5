/*
 * apply.c - from the options to the feature set of one processor.
 */
#include "cpu/models/model.h"
#include "cpu/optable.h"
#include "cpu/reset.h"
#include "gen/insn_table.h"
#include <stdio.h>

static bool bad_model(const char *name, struct error *err)
{
    const char *names[64] = {0};
    const char *near;

    for (unsigned n = 0; cpu_models[n] && n < 63; n++)
        names[n] = cpu_models[n]->name;
    near = error_nearest(name, names);
    return error_set(err, EXIT_USAGE, "cpu: unknown model '%s'%s%s%s", name,
                     near ? "; did you mean '" : "", near ? near : "",
                     near ? "'?" : "");
}

static bool bad_feature(const char *name, struct error *err)
{
    const char *names[FEAT_COUNT + 1] = {0};
    const char *near;

    for (unsigned n = 0; n < FEAT_COUNT; n++)
        names[n] = feature_name((enum cpu_feature)n);
    near = error_nearest(name, names);
    return error_set(err, EXIT_USAGE, "cpu: unknown feature '%s'%s%s%s", name,
                     near ? "; did you mean '" : "", near ? near : "",
                     near ? "'?" : "");
}

/* Words separated by blanks or commas. */
static bool change(struct cpu *c, const char *list, bool add,
                   struct error *err)
{
    char word[64];

    while (list && *list) {
        size_t n = strcspn(list, " ,\t");
        enum cpu_feature f;

        if (n && n < sizeof word) {
            memcpy(word, list, n);
            word[n] = 0;
            /* like_8086 and like_286 are no use without the model. */
            if (!feature_parse(word, &f) || f == FEAT_LIKE_8086 ||
                f == FEAT_LIKE_286)
                return bad_feature(word, err);
            if (add && feature_test(features_missing, f))
                return error_set(err, EXIT_USAGE,
                                 "cpu: feature '%s' is not there yet "
                                 "(docs/known-gaps.md)",
                                 word);
            if (add)
                feature_set(c->features, f);
            else
                feature_clear(c->features, f);
        }
        list += n + (list[n] != 0);
    }
    return true;
}

bool cpu_model_apply(struct cpu *c, struct error *err)
{
    const char *name = c->opt.model ? c->opt.model : "corei7_haswell_4770";
    const struct cpu_model *m = cpu_model_find(name);

    if (!m)
        return bad_model(name, err);
    c->model = m;
    c->quirks = m->quirks;
    memset(c->features, 0, sizeof c->features);
    for (const uint16_t *f = m->features; *f != FEAT_COUNT; f++)
        if (!feature_test(features_missing, (enum cpu_feature)*f))
            feature_set(c->features, (enum cpu_feature)*f);
    return change(c, c->opt.add_features, true, err) &&
           change(c, c->opt.exclude_features, false, err);
}

uint32_t cpu_signature(const struct cpu *c)
{
    return c->model->signature;
}

/*
 * features.c - feature names and how to find them.
 */
#include "cpu/features.h"
#include "core/base.h"
#include <strings.h>

static const char *const names[FEAT_COUNT] = {
#define FEATURE_NAME(id, name) [FEAT_##id] = name,
    CPU_FEATURES(FEATURE_NAME)
#undef FEATURE_NAME
};

const char *feature_name(enum cpu_feature f)
{
    return (unsigned)f < FEAT_COUNT ? names[f] : "?";
}

bool feature_parse(const char *name, enum cpu_feature *f)
{
    for (unsigned i = 0; i < FEAT_COUNT; i++) {
        if (!strcasecmp(names[i], name)) {
            *f = (enum cpu_feature)i;
            return true;
        }
    }
    return false;
}

/* feature_gates.c - the table of feature_gates.h put to use. */
#include "model/feature_gates.h"

#include <string.h>

#include "sim/base.h"

const struct feature_info feature_infos[FEATURE_COUNT] = {
#define X(id, gate, exists, on, off, locked, doc) [FEATURE_##id] = {gate, exists, on, off, locked, doc},
    FEATURES(X)
#undef X
};

_Static_assert(FEATURE_COUNT <= 128, "struct features.on is too small");

void features_init(struct features *f, int minor)
{
    ASSERT(minor >= MINOR_OLDEST && minor <= MINOR_NEWEST);
    *f = (struct features){.minor = minor};
    for (int i = 0; i < FEATURE_COUNT; i++) {
        const struct feature_info *x = &feature_infos[i];
        if (minor >= x->on && (!x->off || minor < x->off))
            f->on[i / 64] |= UINT64_C(1) << i % 64;
    }
}

void feature_force(struct features *f, enum feature id, bool on)
{
    uint64_t *word = &f->on[id / 64], bit = UINT64_C(1) << id % 64;
    *word = on ? *word | bit : *word & ~bit;
}

const char *feature_set(struct features *f, enum feature id, bool on)
{
    const struct feature_info *x = &feature_infos[id];
    ASSERT(*x->gate);
    if (f->minor < x->exists)
        return "does not exist in this version of Kubernetes";
    if (x->locked && f->minor >= x->locked && on != feature_on(f, id))
        return "is locked to its default in this version of Kubernetes";
    feature_force(f, id, on);
    return NULL;
}

enum feature feature_find(const char *gate)
{
    for (int i = 0; i < FEATURE_COUNT; i++) {
        if (*feature_infos[i].gate && strcmp(feature_infos[i].gate, gate) == 0)
            return (enum feature)i;
    }
    return FEATURE_COUNT;
}

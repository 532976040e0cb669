/* daemonset_update.c - a DaemonSet's rolling update: which old pods go, or where a new one comes beside the old one.
 *
 * Mirrors k8s pkg/controller/daemon/update.go rollingUpdate, findUpdatedPodsOnNode (v1.36). k8s-order: nodes are
 * looked at in the order of their creation; a real controller ranges over a Go map.
 */
#include "model/daemonset.h"

#include "sim/cover.h"

/* What a node has: at most one old pod and one new one, or it is left to the rest of the sync. */
struct found {
    const struct pod *new_pod, *old_pod;
    bool ok;
};

static struct found find_pods(const struct ds_sync *s, const struct ds_node *n)
{
    struct found f = {.ok = true};
    for (uint32_t i = 0; i < n->pods.count; i++) {
        const struct pod *p = n->pods.items[i];
        if (p->object.meta.deletion_timestamp != SIM_NEVER)
            continue;
        const struct pod **slot = ds_pod_is_new(s->set, p, s->plan->hash) ? &f.new_pod : &f.old_pod;
        if (*slot)
            return (struct found){0};
        *slot = p;
    }
    return f;
}

/* updatedDesiredNodeCounts */
static void count_limits(const struct ds_sync *s, int64_t *ret_surge, int64_t *ret_unavailable, int64_t *ret_desired)
{
    const struct rolling_update_deployment *r = s->set->spec.update_strategy.rolling_update;
    int64_t desired = 0;
    for (uint32_t i = 0; i < s->node_count; i++)
        desired += s->nodes[i].node && s->nodes[i].should.run;
    *ret_surge = r ? scaled_value(&r->max_surge, desired, true) : 0;
    *ret_unavailable = r ? scaled_value(&r->max_unavailable, desired, true) : 0;
    if (desired && *ret_surge == 0 && *ret_unavailable == 0)
        *ret_unavailable = 1;
    *ret_desired = desired;
}

enum { LEFT_ALONE, NEW_MISSED, NEW_FINE, OLD_MISSED, OLD_FINE };
COVER_TABLE(daemon_replace, "a rolling update of a DaemonSet without surge, by node",
            "none, or several: counts as missing", "new, not available: counts as missing", "new: done",
            "old, not available: replaced, counts as missing", "old: replaced if not too many are missing");

static int replace_row(const struct ds_sync *s, const struct found *f)
{
    if (!f->ok || (!f->old_pod && !f->new_pod) || (f->old_pod && f->new_pod))
        return LEFT_ALONE;
    if (f->new_pod)
        return ds_is_available(s, f->new_pod) ? NEW_FINE : NEW_MISSED;
    return ds_is_available(s, f->old_pod) ? OLD_FINE : OLD_MISSED;
}

static void replace_pods(struct ds_sync *s, int64_t most)
{
    struct ds_pods candidates = {arena_array(s->scratch, const struct pod *, s->node_count + 1), 0};
    int64_t missing = 0;
    for (uint32_t i = 0; i < s->node_count; i++) {
        if (s->nodes[i].pods.count == 0)
            continue;
        struct found f = find_pods(s, &s->nodes[i]);
        int row = replace_row(s, &f);
        COVER(daemon_replace, row);
        if (row == OLD_MISSED)
            ds_remove(s, f.old_pod);
        else if (row == OLD_FINE && missing < most)
            candidates.items[candidates.count++] = f.old_pod;
        missing += row == LEFT_ALONE || row == NEW_MISSED || row == OLD_MISSED;
    }
    for (uint32_t i = 0; i < candidates.count && missing < most; i++, missing++)
        ds_remove(s, candidates.items[i]);
}

enum {
    SURGE_LEFT_ALONE,
    NO_OLD,
    OLD_UNWANTED_MISSED,
    OLD_MISSED_SURGES,
    OLD_UNWANTED,
    OLD_SURGES,
    NEW_COMES,
    NEW_THERE
};
COVER_TABLE(daemon_surge, "a rolling update of a DaemonSet with surge, by node", "several: counts as surge",
            "no old one: done", "old, not available, not wanted there: deleted",
            "old, not available: a new one comes beside it", "old, not wanted there: deleted when others suffice",
            "old: a new one comes beside it, if there is room", "both, the new one is not available: counts as surge",
            "both, the new one is available: the old one is deleted");

static int surge_row(const struct ds_sync *s, const struct ds_node *n, const struct found *f)
{
    if (!f->ok)
        return SURGE_LEFT_ALONE;
    if (!f->old_pod)
        return NO_OLD;
    if (f->new_pod)
        return ds_is_available(s, f->new_pod) ? NEW_THERE : NEW_COMES;
    bool fine = ds_is_available(s, f->old_pod), wanted = n->node && n->should.run;
    if (!fine)
        return wanted ? OLD_MISSED_SURGES : OLD_UNWANTED_MISSED;
    return wanted ? OLD_SURGES : OLD_UNWANTED;
}

static void surge_pods(struct ds_sync *s, int64_t most, int64_t desired)
{
    struct ds_pods unwanted = {arena_array(s->scratch, const struct pod *, s->node_count + 1), 0};
    struct ds_nodes candidates = {arena_array(s->scratch, const struct node *, s->node_count + 1), 0};
    int64_t surge = 0, available = 0;
    for (uint32_t i = 0; i < s->node_count; i++) {
        const struct ds_node *n = &s->nodes[i];
        if (n->pods.count == 0)
            continue;
        struct found f = find_pods(s, n);
        int row = surge_row(s, n, &f);
        const struct pod *counts = f.old_pod ? f.old_pod : f.new_pod;
        COVER(daemon_surge, row);
        available += counts && ds_is_available(s, counts);
        surge += row == SURGE_LEFT_ALONE || row == NEW_COMES;
        if (row == OLD_UNWANTED_MISSED || row == NEW_THERE)
            ds_remove(s, f.old_pod);
        else if (row == OLD_MISSED_SURGES)
            ds_create(s, n->node);
        else if (row == OLD_UNWANTED)
            unwanted.items[unwanted.count++] = f.old_pod;
        else if (row == OLD_SURGES && surge < most)
            candidates.items[candidates.count++] = n->node;
    }
    for (uint32_t i = 0; i < unwanted.count && (int64_t)i < available - desired; i++)
        ds_remove(s, unwanted.items[i]);
    for (uint32_t i = 0; i < candidates.count && surge < most; i++, surge++)
        ds_create(s, candidates.items[i]);
}

void ds_rolling_update(struct ds_sync *s)
{
    int64_t surge, unavailable, desired;
    count_limits(s, &surge, &unavailable, &desired);
    if (surge == 0)
        replace_pods(s, unavailable);
    else
        surge_pods(s, surge, desired);
}

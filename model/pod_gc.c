/* pod_gc.c - see pod_gc.h. */
#include "model/pod_gc.h"

#include <stdlib.h>
#include <string.h>

#include "model/node_lifecycle.h"
#include "sim/cover.h"

COVER_TABLE(pod_gc, "what the pod GC deletes", "nothing", "terminating on a node out of service",
            "orphaned: the node is gone", "terminating without a node", "terminated, more than the threshold");

enum pod_gc_rule pod_gc_rule_of(const struct pod *p, const struct node *node)
{
    enum pod_gc_rule rule = POD_GC_KEEP;
    bool deleting = p->object.meta.deletion_timestamp != SIM_NEVER, bound = p->spec.node_name && *p->spec.node_name;
    if (bound && !node)
        rule = POD_GC_ORPHAN;
    else if (deleting && !bound)
        rule = POD_GC_UNSCHEDULED;
    else if (deleting && node_ready_status(node) != NODE_READY && node_has_taint(node, TAINT_OUT_OF_SERVICE, NULL))
        rule = POD_GC_OUT_OF_SERVICE;
    COVER(pod_gc, rule);
    return rule;
}

bool pod_gc_is_terminated(const struct pod *p)
{
    return text_is(p->status.phase, "Succeeded") || text_is(p->status.phase, "Failed");
}

/* k8s pkg/kubelet/eviction/eviction_manager.go PodIsEvicted */
static bool is_evicted(const struct pod *p)
{
    return text_is(p->status.phase, "Failed") && text_is(p->status.reason, "Evicted");
}

static int by_eviction_and_age(const void *a, const void *b)
{
    const struct pod *x = *(const struct pod *const *)a, *y = *(const struct pod *const *)b;
    if (is_evicted(x) != is_evicted(y))
        return is_evicted(x) ? -1 : 1;
    sim_time s = x->object.meta.creation_timestamp, t = y->object.meta.creation_timestamp;
    if (s != t)
        return s < t ? -1 : 1;
    int names = strcmp(x->object.meta.name, y->object.meta.name);
    if (names)
        return names;
    return x->object.ordinal < y->object.ordinal ? -1 : x->object.ordinal > y->object.ordinal;
}

void pod_gc_sort(const struct pod **pods, uint32_t count)
{
    COVER(pod_gc, POD_GC_TERMINATED);
    qsort(pods, count, sizeof *pods, by_eviction_and_age);
}

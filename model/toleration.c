/* toleration.c - does a pod tolerate a taint, what has a node to give? Asked by the scheduler and the kubelet.
 * k8s staging/src/k8s.io/component-helpers/scheduling/corev1/helpers.go, api/core/v1/toleration.go.
 */
#include <string.h>

#include "model/api_core.h"

static bool empty(const char *s) { return !s || !*s; }
bool toleration_matches(const struct toleration *t, const struct taint *taint)
{
    if (!empty(t->effect) && !text_same(t->effect, taint->effect))
        return false;
    if (!empty(t->key) && !text_same(t->key, taint->key))
        return false;
    if (text_same(t->operator_, "Exists"))
        return true;
    return !empty(t->key) && text_same(t->value, taint->value);
}

bool pod_tolerates(const struct pod_spec *s, const struct taint *taint)
{
    for (uint32_t i = 0; i < s->tolerations.count; i++) {
        if (toleration_matches(&s->tolerations.items[i], taint))
            return true;
    }
    return false;
}

/* k8s FindMatchingUntoleratedTaint with DoNotScheduleTaintsFilterFunc. */
const struct taint *pod_repelled_by(const struct pod_spec *s, const struct node *n)
{
    for (uint32_t i = 0; i < n->spec.taints.count; i++) {
        const struct taint *t = &n->spec.taints.items[i];
        bool repels = text_same(t->effect, "NoSchedule") || text_same(t->effect, "NoExecute");
        if (repels && !pod_tolerates(s, t))
            return t;
    }
    return NULL;
}

bool pod_accepts_cordon(const struct pod_spec *s, const struct node *n)
{
    static const struct taint cordon = {"node.kubernetes.io/unschedulable", NULL, "NoSchedule", SIM_NEVER};
    return !n->spec.unschedulable || pod_tolerates(s, &cordon);
}

int64_t node_allocatable(const struct node *n, const char *resource, int64_t missing)
{
    const quantity_map *m = n->status.allocatable.count ? &n->status.allocatable : &n->status.capacity;
    for (uint32_t i = 0; i < m->count; i++) {
        if (strcmp(m->items[i].key, resource) == 0)
            return strcmp(resource, "cpu") == 0 ? quantity_milli(&m->items[i].value)
                                                : quantity_value(&m->items[i].value);
    }
    return missing;
}

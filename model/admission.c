/* admission.c - may this pod run on this node? Asked once per pod, and again after a kubelet restart. Pure.
 *
 * Mirrors k8s pkg/kubelet/lifecycle/predicate.go, pkg/scheduler/eventhandlers.go AdmissionCheck,
 * pkg/kubelet/eviction/eviction_manager.go Admit and nodeshutdown (v1.36); rules: semantics/kubelet.md 2.1.
 * The checks stand in the order in which they are asked; the first refusal wins. A critical pod that only lacks
 * resources is not refused: others make room for it (preemption.c).
 * Left out on purpose: sysctls, device, CPU, memory and topology managers, AppArmor, declared features.
 */
#include <string.h>

#include "model/kubelet.h"
#include "sim/cover.h"

bool pod_is_critical(const struct pod *p, bool is_static)
{
    enum { SYSTEM_CRITICAL_PRIORITY = 2000000000 }; /* k8s pkg/apis/scheduling/types.go */
    bool mirror = str_map_get(&p->object.meta.annotations, "kubernetes.io/config.mirror") != NULL;
    return is_static || mirror || (p->spec.priority.set && p->spec.priority.value >= SYSTEM_CRITICAL_PRIORITY);
}

struct question { /* what the checks read, and where one puts its answer */
    struct arena *a;
    const struct admission_input *in;
    struct pod_requests wants;
    struct refusal why;
    struct shortage lacks; /* resource checks */
};

const char *const pressure_conditions[PRESSURE_COUNT] = {"MemoryPressure", "DiskPressure", "PIDPressure"};

/* ---- the checks: true = refused ---- */

static bool refuse(struct question *q, const char *reason, const char *message)
{
    q->why = (struct refusal){reason, message};
    return true;
}

/* k8s eviction_manager.go Admit: memory pressure alone only keeps BestEffort pods out. */
static bool under_pressure(struct question *q)
{
    const struct admission_input *in = q->in;
    static const struct taint memory = {"node.kubernetes.io/memory-pressure", NULL, "NoSchedule", SIM_NEVER};
    if (!in->pressure || in->critical)
        return false;
    bool only_memory = in->pressure == 1u << PRESSURE_MEMORY;
    bool best_effort = text_is(pod_qos_class(&in->pod->spec), "BestEffort");
    if (only_memory && (!best_effort || pod_tolerates(&in->pod->spec, &memory)))
        return false;
    const char *list = "";
    for (int i = 0; i < PRESSURE_COUNT; i++)
        if (in->pressure & 1u << i)
            list = arena_printf(q->a, "%s%s%s", list, *list ? " " : "", pressure_conditions[i]);
    return refuse(q, "Evicted", arena_printf(q->a, "The node had condition: [%s]. ", list));
}

static bool other_os_label(struct question *q)
{
    const char *label = str_map_get(&q->in->pod->object.meta.labels, "kubernetes.io/os");
    return label && !text_is(label, "linux") &&
           refuse(q, "PodOSSelectorNodeLabelDoesNotMatch",
                  "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label");
}

static bool other_os(struct question *q)
{
    const struct value *name = q->in->pod->spec.os ? value_get(q->in->pod->spec.os, "name") : NULL;
    return name && !text_is(name->text, "linux") &&
           refuse(q, "PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS");
}

static bool lacks(struct question *q, const char *resource, int64_t asked, int64_t used, int64_t have)
{
    if (asked <= 0 || asked <= have - used)
        return false;
    q->lacks = (struct shortage){resource, asked - (have - used)};
    return refuse(q, arena_printf(q->a, "OutOf%s", resource),
                  arena_printf(q->a,
                               "Node didn't have enough resource: %s, requested: %" PRId64 ", used: %" PRId64
                               ", capacity: %" PRId64,
                               resource, asked, used, have));
}

static bool out_of_pods(struct question *q)
{
    return lacks(q, "pods", 1, q->in->used_pods, node_allocatable(q->in->node, "pods", 110));
}

static bool out_of_cpu(struct question *q)
{
    return lacks(q, "cpu", q->wants.cpu_milli, q->in->used.cpu_milli, node_allocatable(q->in->node, "cpu", INT64_MAX));
}

static bool out_of_memory(struct question *q)
{
    return lacks(q, "memory", q->wants.memory_bytes, q->in->used.memory_bytes,
                 node_allocatable(q->in->node, "memory", INT64_MAX));
}

static bool out_of_storage(struct question *q)
{
    return lacks(q, "ephemeral-storage", q->wants.ephemeral_bytes, q->in->used.ephemeral_bytes,
                 node_allocatable(q->in->node, "ephemeral-storage", INT64_MAX));
}

int64_t pod_request_of(const struct pod_requests *r, const char *resource)
{
    if (text_is(resource, "pods"))
        return 1;
    if (text_is(resource, "cpu"))
        return r->cpu_milli;
    if (text_is(resource, "memory"))
        return r->memory_bytes;
    if (text_is(resource, "ephemeral-storage"))
        return r->ephemeral_bytes;
    for (uint32_t i = 0; i < r->other.count; i++)
        if (text_is(resource, r->other.items[i].key))
            return quantity_value(&r->other.items[i].value);
    return 0;
}

/* k8s predicate.go removeMissingExtendedResources: what the node does not speak of is not its matter. */
static bool out_of_extended(struct question *q)
{
    for (uint32_t i = 0; i < q->wants.other.count; i++) {
        const char *resource = q->wants.other.items[i].key;
        int64_t have = node_allocatable(q->in->node, resource, -1);
        if (have >= 0 && lacks(q, resource, quantity_value(&q->wants.other.items[i].value),
                               pod_request_of(&q->in->used, resource), have))
            return true;
    }
    return false;
}

static bool affinity_differs(struct question *q)
{
    return !node_affinity_matches(&q->in->pod->spec, q->in->node) &&
           refuse(q, "NodeAffinity",
                  "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector");
}

static bool other_node_name(struct question *q)
{
    const char *name = q->in->pod->spec.node_name;
    return name && *name && !text_is(name, q->in->node->object.meta.name) &&
           refuse(q, "NodeName", "Predicate NodeName failed: node(s) didn't match the requested node name");
}

static bool ports_taken(struct question *q)
{
    for (uint32_t i = 0; i < q->in->other_count; i++)
        if (pods_clash_on_host_ports(&q->in->pod->spec, q->in->others[i]))
            return refuse(q, "NodePorts",
                          "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports");
    return false;
}

static bool tainted(struct question *q)
{
    const struct node_spec *n = &q->in->node->spec;
    for (uint32_t i = 0; !q->in->is_static && i < n->taints.count; i++)
        if (text_is(n->taints.items[i].effect, "NoExecute") && !pod_tolerates(&q->in->pod->spec, &n->taints.items[i]))
            return refuse(q, "TaintToleration",
                          "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate");
    return false;
}

static bool shutting_down(struct question *q)
{
    return q->in->shutting_down && refuse(q, "NodeShutdown", "Pod was rejected as the node is shutting down.");
}

static const struct {
    bool (*refuses)(struct question *q);
    bool resource; /* others can make room for a critical pod */
} checks[] = {
    {under_pressure, false},   {other_os_label, false},  {other_os, false},      {out_of_pods, true},
    {out_of_cpu, true},        {out_of_memory, true},    {out_of_storage, true}, {out_of_extended, true},
    {affinity_differs, false}, {other_node_name, false}, {ports_taken, false},   {tainted, false},
    {shutting_down, false},
};

COVER_TABLE(admission, "admission by the node", "Evicted: the node is under pressure",
            "PodOSSelectorNodeLabelDoesNotMatch", "PodOSNotSupported", "OutOfpods", "OutOfcpu", "OutOfmemory",
            "OutOfephemeral-storage", "OutOf an extended resource", "NodeAffinity", "NodeName", "NodePorts",
            "TaintToleration", "NodeShutdown", "critical: others make room", "admitted");
_Static_assert(COVER_ROWS(admission) == ARRAY_LEN(checks) + 2, "a name per check");

void admission_ask(struct arena *a, const struct admission_input *in, struct admission *ret)
{
    struct question q = {.a = a, .in = in};
    *ret = (struct admission){0};
    pod_effective_requests(a, &in->pod->spec, &q.wants);
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        if (!checks[i].refuses(&q))
            continue;
        if (checks[i].resource && in->critical) {
            ret->shortages[ret->shortage_count++] = q.lacks;
            continue;
        }
        COVER(admission, i);
        ret->refusal = q.why;
        return;
    }
    COVER(admission, ARRAY_LEN(checks) + (ret->shortage_count == 0));
}

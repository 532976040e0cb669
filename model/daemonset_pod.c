/* daemonset_pod.c - what pods of a DaemonSet look like, and on which nodes they belong.
 *
 * Mirrors k8s pkg/controller/daemon/util/daemonset_util.go, daemon_controller.go NodeShouldRunDaemonPod (v1.36).
 */
#include "model/daemonset.h"

#include <string.h>

#include "model/deployment.h"
#include "model/document.h"
#include "model/pod_control.h"
#include "sim/cover.h"

/* ---- tolerations: AddOrUpdateDaemonPodTolerations ---- */

/* The last one only with the node's network. */
static const struct toleration daemon_tolerations[] = {
    {.key = "node.kubernetes.io/not-ready", .operator_ = "Exists", .effect = "NoExecute"},
    {.key = "node.kubernetes.io/unreachable", .operator_ = "Exists", .effect = "NoExecute"},
    {.key = "node.kubernetes.io/disk-pressure", .operator_ = "Exists", .effect = "NoSchedule"},
    {.key = "node.kubernetes.io/memory-pressure", .operator_ = "Exists", .effect = "NoSchedule"},
    {.key = "node.kubernetes.io/pid-pressure", .operator_ = "Exists", .effect = "NoSchedule"},
    {.key = "node.kubernetes.io/unschedulable", .operator_ = "Exists", .effect = "NoSchedule"},
    {.key = "node.kubernetes.io/network-unavailable", .operator_ = "Exists", .effect = "NoSchedule"},
};

static bool is_same(const struct toleration *a, const struct toleration *b)
{
    return text_same(a->key, b->key) && text_same(a->operator_, b->operator_) && text_same(a->effect, b->effect) &&
           (!a->value || !*a->value);
}

struct pod_spec ds_spec_of_pods(struct arena *a, const struct daemon_set *set)
{
    struct pod_spec s = set->spec.template_.spec;
    uint32_t had = s.tolerations.count, more = ARRAY_LEN(daemon_tolerations) - !s.host_network;
    struct toleration *items = arena_array(a, struct toleration, had + more);
    if (had)
        memcpy(items, s.tolerations.items, had * sizeof *items);
    s.tolerations.items = items;
    for (uint32_t i = 0; i < more; i++) {
        uint32_t at = 0;
        while (at < had && !is_same(&items[at], &daemon_tolerations[i]))
            at++;
        items[at < had ? at : s.tolerations.count++] = daemon_tolerations[i];
    }
    return s;
}

/* ---- the node ---- */

/* ReplaceDaemonSetPodNodeNameNodeAffinity: required terms give way to one that names the node. */
static const struct value *affinity_to(struct arena *a, const struct value *affinity, const char *node)
{
    struct value *values = document_new(a, VALUE_LIST, 1), *fields = document_new(a, VALUE_LIST, 1),
                 *terms = document_new(a, VALUE_LIST, 1);
    document_add_item(values, document_text(a, node));
    const struct value *field = document_put(a, NULL, "key", document_text(a, "metadata.name"));
    field = document_put(a, field, "operator", document_text(a, "In"));
    document_add_item(fields, document_put(a, field, "values", values));
    document_add_item(terms, document_put(a, NULL, "matchFields", fields));
    return document_put(a, affinity, "nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms",
                        terms);
}

static const char *named_by(const struct value *field)
{
    const struct value *key = value_get(field, "key"), *values = value_get(field, "values");
    bool named = key && text_is(key->text, "metadata.name") && values && values->count == 1;
    return named ? values->items[0]->text : NULL;
}

const char *ds_target_node(const struct pod *p)
{
    if (p->spec.node_name && *p->spec.node_name)
        return p->spec.node_name;
    const struct value *terms =
        p->spec.affinity ? document_get(p->spec.affinity, "nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
                                                          "nodeSelectorTerms")
                         : NULL;
    for (uint32_t i = 0; terms && i < terms->count; i++) {
        const struct value *fields = value_get(terms->items[i], "matchFields");
        for (uint32_t k = 0; fields && k < fields->count; k++)
            if (named_by(fields->items[k]))
                return named_by(fields->items[k]);
    }
    return "";
}

/* ---- pods ---- */

static const char *template_generation(const struct daemon_set *set)
{
    return str_map_get(&set->object.meta.annotations, TEMPLATE_GENERATION_ANNOTATION);
}

struct pod *ds_make_pod(struct arena *a, const struct daemon_set *set, const char *hash, const char *node)
{
    struct pod *p = pod_from_template(a, &set->object, &set->spec.template_, controller_reference(a, &set->object));
    p->spec = ds_spec_of_pods(a, set);
    p->spec.affinity = affinity_to(a, p->spec.affinity, node);
    p->object.meta.labels = map_with(a, &p->object.meta.labels, POD_REVISION_LABEL, hash);
    if (template_generation(set))
        p->object.meta.labels =
            map_with(a, &p->object.meta.labels, TEMPLATE_GENERATION_LABEL, template_generation(set));
    return p;
}

bool ds_pod_is_new(const struct daemon_set *set, const struct pod *p, const char *hash)
{
    const char *has = str_map_get(&p->object.meta.labels, POD_REVISION_LABEL),
               *generation = str_map_get(&p->object.meta.labels, TEMPLATE_GENERATION_LABEL);
    return (has && strcmp(has, hash) == 0) ||
           (generation && template_generation(set) && strcmp(generation, template_generation(set)) == 0);
}

/* ---- should it run there ---- */

enum { OTHER_NODE, NO_AFFINITY, TAINTED_EXECUTE, TAINTED, RUNS };
COVER_TABLE(daemon_node, "should a daemon pod run on a node", "its template names another: no",
            "the node's labels do not match: no", "a taint NoExecute is not tolerated: no",
            "a taint NoSchedule is not tolerated: not a new one", "yes");

struct ds_should ds_should_run(const struct pod_spec *spec, const struct node *n)
{
    static const struct ds_should rows[] = {
        [OTHER_NODE] = {false, false}, [NO_AFFINITY] = {false, false}, [TAINTED_EXECUTE] = {false, false},
        [TAINTED] = {false, true},     [RUNS] = {true, true},
    };
    int row = RUNS;
    for (uint32_t i = 0; i < n->spec.taints.count; i++) {
        const struct taint *t = &n->spec.taints.items[i];
        if (text_is(t->effect, "NoExecute") && !pod_tolerates(spec, t))
            row = TAINTED_EXECUTE;
        else if (row == RUNS && text_is(t->effect, "NoSchedule") && !pod_tolerates(spec, t))
            row = TAINTED;
    }
    if (!node_affinity_matches(spec, n))
        row = NO_AFFINITY;
    if (spec->node_name && *spec->node_name && strcmp(spec->node_name, n->object.meta.name) != 0)
        row = OTHER_NODE;
    COVER(daemon_node, row);
    return rows[row];
}

/* node_affinity.c - may a pod be on this node, by its labels? Asked by the scheduler and by the kubelet.
 *
 * Mirrors k8s staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go
 * GetRequiredNodeAffinity (v1.36): spec.nodeSelector, and the terms of
 * affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution. What is preferred: sched_score.c.
 */
#include <stdlib.h>
#include <string.h>

#include "model/api_core.h"

static const char *text_of(const struct value *map, const char *key)
{
    const struct value *v = map ? value_get(map, key) : NULL;
    return v && v->text ? v->text : "";
}

static const struct value *list_of(const struct value *map, const char *key)
{
    const struct value *v = map ? value_get(map, key) : NULL;
    return v && v->type == VALUE_LIST ? v : NULL;
}

static bool is_in(const struct value *values, const char *text)
{
    for (uint32_t i = 0; values && i < values->count; i++)
        if (values->items[i]->text && strcmp(values->items[i]->text, text) == 0)
            return true;
    return false;
}

/* Gt and Lt compare whole numbers; a label that is none matches neither. */
static bool compares(const char *label, const struct value *values, int sign)
{
    char *end;
    if (!values || values->count != 1 || !values->items[0]->text || !*label)
        return false;
    long long have = strtoll(label, &end, 10);
    if (*end)
        return false;
    long long want = strtoll(values->items[0]->text, &end, 10);
    return !*end && (sign > 0 ? have > want : have < want);
}

/* k8s apimachinery labels/selector.go Requirement.Matches. `label` NULL: the node has none of that name. */
static bool requirement_holds(const struct value *r, const char *label)
{
    const char *op = text_of(r, "operator");
    const struct value *values = list_of(r, "values");
    if (strcmp(op, "In") == 0)
        return label && is_in(values, label);
    if (strcmp(op, "NotIn") == 0)
        return !label || !is_in(values, label);
    if (strcmp(op, "Exists") == 0)
        return label != NULL;
    if (strcmp(op, "DoesNotExist") == 0)
        return !label;
    return label && compares(label, values, strcmp(op, "Gt") == 0 ? 1 : -1);
}

bool node_term_holds(const struct value *term, const struct node *n)
{
    const struct value *expressions = list_of(term, "matchExpressions"), *fields = list_of(term, "matchFields");
    uint32_t count = 0;
    for (uint32_t i = 0; expressions && i < expressions->count; i++, count++) {
        const struct value *r = expressions->items[i];
        if (!requirement_holds(r, str_map_get(&n->object.meta.labels, text_of(r, "key"))))
            return false;
    }
    for (uint32_t i = 0; fields && i < fields->count; i++, count++) {
        const struct value *r = fields->items[i]; /* metadata.name is the only one */
        if (!requirement_holds(r, n->object.meta.name))
            return false;
    }
    return count > 0;
}

bool node_affinity_matches(const struct pod_spec *s, const struct node *n)
{
    if (s->node_selector.count && !labels_match(&s->node_selector, &n->object.meta.labels))
        return false;
    const struct value *affinity = s->affinity ? value_get(s->affinity, "nodeAffinity") : NULL;
    const struct value *required =
        affinity ? value_get(affinity, "requiredDuringSchedulingIgnoredDuringExecution") : NULL;
    if (!required || required->type != VALUE_MAP)
        return true;
    const struct value *terms = list_of(required, "nodeSelectorTerms");
    for (uint32_t i = 0; terms && i < terms->count; i++)
        if (node_term_holds(terms->items[i], n))
            return true;
    return false;
}

static bool ports_clash(const struct container_port *a, const struct container_port *b)
{
    const char *x = a->host_ip && *a->host_ip ? a->host_ip : "0.0.0.0";
    const char *y = b->host_ip && *b->host_ip ? b->host_ip : "0.0.0.0";
    bool address = strcmp(x, y) == 0 || strcmp(x, "0.0.0.0") == 0 || strcmp(y, "0.0.0.0") == 0;
    return a->host_port && a->host_port == b->host_port && strcmp(a->protocol, b->protocol) == 0 && address;
}

bool pod_wants_host_ports(const struct pod_spec *s)
{
    for (uint32_t i = 0; i < s->containers.count; i++)
        for (uint32_t p = 0; p < s->containers.items[i].ports.count; p++)
            if (s->containers.items[i].ports.items[p].host_port)
                return true;
    return false;
}

bool pods_clash_on_host_ports(const struct pod_spec *a, const struct pod_spec *b)
{
    for (uint32_t i = 0; i < a->containers.count; i++)
        for (uint32_t p = 0; p < a->containers.items[i].ports.count; p++)
            for (uint32_t j = 0; j < b->containers.count; j++)
                for (uint32_t q = 0; q < b->containers.items[j].ports.count; q++)
                    if (ports_clash(&a->containers.items[i].ports.items[p], &b->containers.items[j].ports.items[q]))
                        return true;
    return false;
}

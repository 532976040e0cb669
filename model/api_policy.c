/* api_policy.c - the tables and rules of PriorityClass (scheduling.k8s.io/v1) and PodDisruptionBudget (policy/v1).
 * k8s staging/src/k8s.io/api/scheduling/v1/types.go, policy/v1/types.go; pkg/apis/scheduling/validation,
 * pkg/apis/policy/validation, pkg/apis/scheduling/v1/helpers.go, v1.36.
 */
#include "model/api_policy.h"
#include "model/api_types.h"
#include "model/apitype_private.h"

#include "model/api_table.h"

#include <string.h>

/* ---- PriorityClass ---- */

const struct system_priority_class system_priority_classes[SYSTEM_CLASS_COUNT] = {
    {SYSTEM_NODE_CRITICAL, "Used for system critical pods that must not be moved from their current node.", 2000001000},
    {SYSTEM_CLUSTER_CRITICAL,
     "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
     2000000000},
};

/* k8s IsKnownSystemPriorityClass: NULL = it is one, as the cluster has it. */
static const char *wrong_system_class(struct arena *a, const struct priority_class *pc)
{
    for (size_t i = 0; i < SYSTEM_CLASS_COUNT; i++) {
        const struct system_priority_class *known = &system_priority_classes[i];
        if (strcmp(known->name, pc->object.meta.name) != 0)
            continue;
        if (known->value != pc->value)
            return arena_printf(a, "value of %s PriorityClass must be %" PRId64, known->name, known->value);
        return pc->global_default ? arena_printf(a, "globalDefault of %s PriorityClass must be false", known->name)
                                  : NULL;
    }
    return arena_printf(a, "%s is not a known system priority class", pc->object.meta.name);
}

static void priority_class_validate(struct check *c, const void *object)
{
    const struct priority_class *pc = object;
    struct arena *a = c->run->arena;
    check_object_meta(AT(c, "metadata"), &pc->object.meta, wrong_dns1123_subdomain);
    const char *name = pc->object.meta.name;
    bool system = name && strncmp(name, SYSTEM_PRIORITY_PREFIX, strlen(SYSTEM_PRIORITY_PREFIX)) == 0;
    const char *wrong = system ? wrong_system_class(a, pc) : NULL;
    if (wrong)
        check_forbidden(AT(AT(c, "metadata"), "name"),
                        arena_printf(a,
                                     "priority class names with '" SYSTEM_PRIORITY_PREFIX
                                     "' prefix are reserved for system use only. error: %s",
                                     wrong));
    else if (!system && pc->value > HIGHEST_USER_PRIORITY)
        check_forbidden(AT(c, "value"), arena_printf(a, "maximum allowed value of a user defined priority is %" PRId64,
                                                     HIGHEST_USER_PRIORITY));
}

#define OWNER struct priority_class
static const char *const scheduling_version[] = {"scheduling.k8s.io/v1", NULL};
static const char *const priority_class_kind[] = {"PriorityClass", NULL};
static const char *const preemption_values[] = {"Never", "PreemptLowerPriority", NULL};
static const struct api_field priority_class_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, scheduling_version, "scheduling.k8s.io/v1",
       "Version of the API: scheduling.k8s.io/v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, priority_class_kind, "PriorityClass",
       "Kind of the object: PriorityClass."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    F(INT32, "value", value, FIELD_ALWAYS, "Priority of the pods that name the class; cannot be changed."),
    F(BOOL, "globalDefault", global_default, 0, "Pods that name no class get this one; at most one says so."),
    F(STRING, "description", description, 0, "When to use it."),
    FE("preemptionPolicy", preemption_policy, 0, preemption_values, "PreemptLowerPriority",
       "May its pods push out pods of lower priority; cannot be changed."),
};
#undef OWNER
API_TYPE(priority_class, "PriorityClass", struct priority_class, NULL, priority_class_validate,
         "A name for a priority of pods.");

/* ---- PodDisruptionBudget ---- */

bool pdb_selects(const struct pdb *b, const str_map *labels)
{
    return b->spec.selector && label_selector_matches(b->spec.selector, labels);
}

sim_time pdb_disrupted_at(const struct pdb *b, const char *pod, int64_t epoch)
{
    const char *text = str_map_get(&b->status.disrupted_pods, pod);
    sim_time since_1970;
    if (!text || !parse_rfc3339(text, &since_1970))
        return SIM_NEVER;
    return since_1970 - epoch * SIM_SECOND;
}

/* k8s ValidatePodDisruptionBudgetSpec; `spec` as a value is not shown. */
static void pdb_spec_validate(struct check *c, const void *object)
{
    const struct pdb_spec *s = object;
    const struct {
        const char *name;
        const struct int_or_string *value;
    } numbers[] = {{"minAvailable", &s->min_available}, {"maxUnavailable", &s->max_unavailable}};
    if (s->min_available.set && s->max_unavailable.set)
        check_report(c, NULL, "Invalid value: minAvailable and maxUnavailable cannot be both set");
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (!numbers[i].value->set)
            continue;
        validate_positive_int_or_percent(AT(c, numbers[i].name), numbers[i].value);
        validate_at_most_100_percent(AT(c, numbers[i].name), numbers[i].value);
    }
}

#define OWNER struct pdb_spec
static const char *const unhealthy_values[] = {"AlwaysAllow", "IfHealthyBudget", NULL};
static const struct api_field pdb_spec_fields[] = {
    F(INT_OR_STRING, "minAvailable", min_available, 0,
      "How many of the pods, or what share, must be healthy after an eviction."),
    FO(POINTER, "selector", selector, label_selector_type, 0, "Pods that it protects; an empty one means all."),
    F(INT_OR_STRING, "maxUnavailable", max_unavailable, 0,
      "How many of the pods, or what share, may be unhealthy after an eviction."),
    FE("unhealthyPodEvictionPolicy", unhealthy_pod_eviction, 0, unhealthy_values, NULL,
       "When pods may be evicted that are not ready; IfHealthyBudget unless given."),
};
#undef OWNER
static API_TYPE(pdb_spec, "PodDisruptionBudgetSpec", struct pdb_spec, NULL, pdb_spec_validate, "What the user wants.");

#define OWNER struct meta_condition
static const struct api_field meta_condition_fields[] = {
    F(STRING, "type", type, FIELD_ALWAYS | FIELD_IDENTITY, "What it is about."),
    F(STRING, "status", status, FIELD_ALWAYS, "True, False or Unknown."),
    F(INT64, "observedGeneration", observed_generation, 0, "Generation of the spec that was looked at."),
    F(TIME, "lastTransitionTime", last_transition_time, FIELD_ALWAYS, "When the status last changed."),
    F(STRING, "reason", reason, FIELD_ALWAYS, "Cause of the last change, one word."),
    F(STRING, "message", message, FIELD_ALWAYS, "Details for people."),
};
#undef OWNER
static API_TYPE(meta_condition, "Condition", struct meta_condition, NULL, NULL, "One aspect of an object.");

#define OWNER struct pdb_status
static const struct api_field pdb_status_fields[] = {
    F(INT64, "observedGeneration", observed_generation, 0, "Generation of the spec that was looked at."),
    F(STRING_MAP, "disruptedPods", disrupted_pods, 0, "Pods whose eviction has been granted, and when."),
    F(INT32, "disruptionsAllowed", disruptions_allowed, FIELD_ALWAYS, "How many pods may be evicted now."),
    F(INT32, "currentHealthy", current_healthy, FIELD_ALWAYS, "How many of the pods are healthy."),
    F(INT32, "desiredHealthy", desired_healthy, FIELD_ALWAYS, "How many of them must be."),
    F(INT32, "expectedPods", expected_pods, FIELD_ALWAYS, "How many pods there shall be."),
    FO(LIST, "conditions", conditions, meta_condition_type, 0, "Whether pods may be evicted, and if not, why."),
};
#undef OWNER
static API_TYPE(pdb_status, "PodDisruptionBudgetStatus", struct pdb_status, NULL, NULL,
                "What the cluster says about it.");

bool pdb_status_equal(const struct pdb_status *a, const struct pdb_status *b)
{
    return api_equal(&pdb_status_type, a, b);
}

void pdb_status_copy(struct arena *a, const struct pdb_status *from, struct pdb_status *to)
{
    *to = *from;
    api_copy(&pdb_status_type, a, from, to);
}

#define OWNER struct pdb
static const char *const policy_version[] = {"policy/v1", NULL};
static const char *const pdb_kind[] = {"PodDisruptionBudget", NULL};
static const struct api_field pdb_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, policy_version, "policy/v1",
       "Version of the API: policy/v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, pdb_kind, "PodDisruptionBudget",
       "Kind of the object: PodDisruptionBudget."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, pdb_spec_type, FIELD_ALWAYS, "What the user wants."),
    FO(OBJECT, "status", status, pdb_status_type, FIELD_ALWAYS | FIELD_READONLY, "What the cluster says about it."),
};
#undef OWNER
API_TYPE(pdb, "PodDisruptionBudget", struct pdb, NULL, workload_meta_validate,
         "How many pods of a group may be down because somebody evicts them.");

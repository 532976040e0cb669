/* api_policy.h - what an administrator says of others' pods: scheduling/v1 PriorityClass, policy/v1
 * PodDisruptionBudget.
 *
 * k8s staging/src/k8s.io/api/scheduling/v1/types.go, policy/v1/types.go, v1.36. The tables and rules are in
 * api_policy.c.
 */
#ifndef MODEL_API_POLICY_H
#define MODEL_API_POLICY_H

#include "model/api_apps.h"

/* ---- PriorityClass ---- */
struct priority_class {
    struct api_object object;
    int64_t value;
    bool global_default;
    const char *description, *preemption_policy;
};

/* k8s pkg/apis/scheduling/types.go */
#define SYSTEM_PRIORITY_PREFIX  "system-"
#define HIGHEST_USER_PRIORITY   INT64_C(1000000000)
#define SYSTEM_CLUSTER_CRITICAL "system-cluster-critical"
#define SYSTEM_NODE_CRITICAL    "system-node-critical"
enum { SYSTEM_CLASS_COUNT = 2 };
/* Those that every cluster has: pkg/apis/scheduling/v1/helpers.go systemPriorityClasses. */
struct system_priority_class {
    const char *name, *description;
    int64_t value;
};
extern const struct system_priority_class system_priority_classes[SYSTEM_CLASS_COUNT];

/* ---- PodDisruptionBudget ---- */
struct meta_condition { /* metav1.Condition */
    const char *type, *status, *reason, *message;
    int64_t observed_generation;
    sim_time last_transition_time;
};
struct pdb_spec {
    struct int_or_string min_available, max_unavailable;
    struct label_selector *selector;    /* NULL: no pod; empty: all of the namespace */
    const char *unhealthy_pod_eviction; /* NULL = IfHealthyBudget */
};
struct pdb_status {
    int64_t observed_generation;
    str_map disrupted_pods; /* pods whose eviction has been granted, and when: RFC 3339 */
    int64_t disruptions_allowed, current_healthy, desired_healthy, expected_pods;
    LIST_OF(struct meta_condition) conditions;
};
struct pdb {
    struct api_object object;
    struct pdb_spec spec;
    struct pdb_status status;
};
/* The selector means this pod; namespaces are not compared. */
bool pdb_selects(const struct pdb *b, const str_map *labels);
bool pdb_status_equal(const struct pdb_status *a, const struct pdb_status *b);
void pdb_status_copy(struct arena *a, const struct pdb_status *from, struct pdb_status *to);
/* When the eviction of that pod was granted; SIM_NEVER = it is not in the map. */
sim_time pdb_disrupted_at(const struct pdb *b, const char *pod, int64_t epoch);

#endif

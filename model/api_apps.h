/* api_apps.h - the workloads of apps/v1, and core/v1 ReplicationController, as C structs.
 *
 * k8s staging/src/k8s.io/api/apps/v1/types.go, core/v1/types.go, v1.36. The tables are in api_apps.c, the rules in
 * api_apps_validate.c, label selectors in api_selector.c. A ReplicationController is a ReplicaSet with another
 * selector, in Kubernetes' controllers as here: both are struct replica_set.
 */
#ifndef MODEL_API_APPS_H
#define MODEL_API_APPS_H

#include "model/api_core.h"

/* ---- label selectors ---- */
struct label_requirement {
    const char *key, *operator_; /* In, NotIn, Exists, DoesNotExist */
    str_list values;
};
struct label_selector {
    str_map match_labels;
    LIST_OF(struct label_requirement) match_expressions;
};
/* matchLabels and matchExpressions hold; an empty selector matches everything (api-objects.md 2.1). */
bool label_selector_matches(const struct label_selector *s, const str_map *labels);
bool label_selector_is_empty(const struct label_selector *s);
/* As kubectl shows it: "app=web,tier in (a,b),!old"; "<none>" when it is empty. */
void label_selector_format(const struct label_selector *s, struct strbuf *out);

/* ---- what several workloads have ---- */
struct pod_template {
    struct object_meta meta;
    struct pod_spec spec;
};
extern const struct api_type pod_template_type;

struct workload_condition {
    const char *type, *status, *reason, *message;
    sim_time last_update_time; /* Deployments only */
    sim_time last_transition_time;
};

/* ---- ReplicaSet, ReplicationController ---- */
struct replica_set_spec {
    struct opt_i64 replicas;
    int64_t min_ready_seconds;
    struct label_selector *selector; /* a ReplicationController's is its map: selector_of_replica_set() */
    str_map selector_map;
    struct pod_template template_;
};
struct replica_set_status {
    int64_t replicas, fully_labeled_replicas, ready_replicas, available_replicas;
    struct opt_i64 terminating_replicas;
    int64_t observed_generation;
    LIST_OF(struct workload_condition) conditions;
};
struct replica_set {
    struct api_object object;
    struct replica_set_spec spec;
    struct replica_set_status status;
};
struct label_selector selector_of_replica_set(const struct replica_set *rs);

/* ---- Deployment ---- */
struct rolling_update_deployment {
    struct int_or_string max_unavailable, max_surge;
};
struct deployment_strategy {
    const char *type;
    struct rolling_update_deployment *rolling_update;
};
struct deployment_spec {
    struct opt_i64 replicas, revision_history_limit, progress_deadline_seconds;
    struct label_selector *selector;
    struct pod_template template_;
    struct deployment_strategy strategy;
    int64_t min_ready_seconds;
    bool paused;
};
struct deployment_status {
    int64_t observed_generation, replicas, updated_replicas, ready_replicas, available_replicas;
    int64_t unavailable_replicas;
    struct opt_i64 terminating_replicas, collision_count;
    LIST_OF(struct workload_condition) conditions;
};
struct deployment {
    struct api_object object;
    struct deployment_spec spec;
    struct deployment_status status;
};

/* ---- templates ---- */

/* The template of a Deployment, ReplicaSet, ReplicationController or Job; NULL for other kinds. */
const struct pod_template *workload_template(const struct api_object *o);
/* Where the template stands in the document that the workload comes from; NULL = nowhere. */
const struct value *workload_template_source(const struct api_object *o);
/* What a workload that is created looks like as a pod, for rules about pods: the template's spec and annotations, and
 * the part of the document that is the template. */
struct pod workload_pod(const struct api_object *o);
/* Percentages of `total`, rounded up or down: k8s intstr.GetScaledValueFromIntOrPercent. */
int64_t scaled_value(const struct int_or_string *v, int64_t total, bool round_up);

#endif

/* api_autoscaling.h - autoscaling/v2 HorizontalPodAutoscaler, as C structs; also read from autoscaling/v1.
 * k8s staging/src/k8s.io/api/autoscaling/v2/types.go, v1.36. The tables and rules are in api_autoscaling.c.
 */
#ifndef MODEL_API_AUTOSCALING_H
#define MODEL_API_AUTOSCALING_H

#include "model/api_core.h"

struct scale_target { /* CrossVersionObjectReference */
    const char *api_version, *kind, *name;
};
struct metric_target {
    const char *type; /* Utilization, Value, AverageValue */
    struct quantity value, average_value;
    struct opt_i64 average_utilization;
};
struct resource_metric { /* ResourceMetricSource; with `container` ContainerResourceMetricSource */
    const char *name, *container;
    struct metric_target target;
};
struct metric_spec {
    const char *type;
    struct resource_metric *resource, *container_resource;
    const struct value *pods, *object, *external; /* raw: nobody offers such metrics here */
};
struct scaling_policy {
    const char *type; /* Pods, Percent */
    int64_t value, period_seconds;
};
struct scaling_rules {
    struct opt_i64 stabilization_window_seconds;
    const char *select_policy; /* Max, Min, Disabled */
    LIST_OF(struct scaling_policy) policies;
    struct quantity tolerance;
};
struct hpa_behavior {
    struct scaling_rules *scale_up, *scale_down;
};
struct hpa_spec {
    struct scale_target scale_target_ref;
    struct opt_i64 min_replicas;
    int64_t max_replicas;
    LIST_OF(struct metric_spec) metrics;
    struct hpa_behavior *behavior;
    struct opt_i64 target_cpu; /* of autoscaling/v1; becomes a metric */
};

struct metric_value {
    struct quantity average_value;
    struct opt_i64 average_utilization;
};
struct resource_metric_status {
    const char *name, *container;
    struct metric_value current;
};
struct metric_status {
    const char *type;
    struct resource_metric_status *resource, *container_resource;
};
struct hpa_condition {
    const char *type, *status, *reason, *message;
    sim_time last_transition_time;
};
struct hpa_status {
    sim_time last_scale_time;
    int64_t current_replicas, desired_replicas;
    LIST_OF(struct metric_status) current_metrics;
    LIST_OF(struct hpa_condition) conditions;
};
struct hpa {
    struct api_object object;
    struct hpa_spec spec;
    struct hpa_status status;
};

#endif

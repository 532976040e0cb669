/* kubelet_config.h - what of a KubeletConfiguration changes a timeline.
 *
 * k8s staging/src/k8s.io/kubelet/config/v1beta1/types.go; defaults: pkg/kubelet/apis/config/v1beta1/defaults.go
 * and semantics/kubelet.md 10.
 */
#ifndef MODEL_KUBELET_CONFIG_H
#define MODEL_KUBELET_CONFIG_H

#include "model/apitype.h"

#define KUBELET_CONFIG_VERSION "kubelet.config.k8s.io/v1beta1"

/* Feature gates in the JSON Schema. */
#define GATES_SCHEMA "\"type\": \"object\", \"additionalProperties\": {\"type\": [\"boolean\", \"string\"]}"

struct taint; /* api_core.h */

struct crash_loop_back_off_config {
    sim_time max_container_restart_period; /* SIM_NEVER = not set: 300 s */
};

/* Pods of this priority and up, to the next group's, get so long when the node shuts down. */
struct shutdown_group {
    int64_t priority, grace_period_seconds;
};

struct memory_swap_config {
    const char *swap_behavior; /* NoSwap (NULL) or LimitedSwap */
};

struct kubelet_config {
    const char *api_version, *kind; /* kubelet.config.k8s.io/v1beta1, KubeletConfiguration; may be left out */
    struct opt_bool serialize_image_pulls;
    struct opt_i64 max_parallel_image_pulls;
    struct opt_i64 registry_pull_qps, registry_burst; /* qps 0 = no limit */
    struct opt_i64 image_gc_high_threshold_percent, image_gc_low_threshold_percent;
    sim_time image_minimum_gc_age;             /* SIM_NEVER = not set: 2 min */
    str_list enforce_node_allocatable;         /* none = pods */
    struct opt_bool kernel_memcg_notification; /* does nothing */
    struct crash_loop_back_off_config crash_loop_back_off;
    sim_time shutdown_grace_period, shutdown_grace_period_critical_pods; /* SIM_NEVER = not set: 0 */
    LIST_OF(struct shutdown_group) shutdown_by_priority;
    str_map eviction_hard, eviction_soft, eviction_soft_grace_period, eviction_minimum_reclaim; /* per signal */
    sim_time eviction_pressure_transition_period;
    struct opt_i64 eviction_max_pod_grace_period;           /* seconds */
    const char *cpu_manager_policy, *memory_manager_policy; /* none (NULL) or static; None (NULL) or Static */
    struct memory_swap_config memory_swap;
    bool single_process_oom_kill; /* since 1.32 */
    struct opt_i64 max_pods, pods_per_core;
    str_map system_reserved, kube_reserved; /* resources to quantities */
    LIST_OF(struct taint) register_with_taints;
    bool merge_default_eviction_settings;
    const struct value *feature_gates; /* a map to booleans, or NULL */
};

extern const struct api_type kubelet_config_type;

#endif

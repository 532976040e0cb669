/* manager_config.h - what of kube-controller-manager's flags changes a timeline: spec.controllerManager.
 *
 * k8s cmd/kube-controller-manager/app/options/nodelifecyclecontroller.go, podgccontroller.go;
 * pkg/controller/nodelifecycle/config/v1alpha1/defaults.go, pkg/controller/podgc/config/v1alpha1/defaults.go (v1.36).
 */
#ifndef MODEL_MANAGER_CONFIG_H
#define MODEL_MANAGER_CONFIG_H

#include "model/apitype.h"
#include "model/feature_gates.h"

/* As it is written; times are SIM_NEVER, and numbers not set, where nothing is given. */
struct manager_options {
    sim_time node_monitor_period;       /* a pass over the nodes, after the end of the one before */
    sim_time node_monitor_grace_period; /* without a heartbeat, before a node's conditions are Unknown */
    sim_time node_startup_grace_period; /* the same of a node that has not had any conditions yet */
    struct quantity node_eviction_rate, secondary_node_eviction_rate; /* nodes tainted per second */
    struct quantity unhealthy_zone_threshold;
    struct opt_i64 large_cluster_size_threshold, terminated_pod_gc_threshold;
};
extern const struct api_type manager_options_type;

/* With the defaults of that version. */
struct manager_config {
    sim_time node_monitor_period, node_monitor_grace_period, node_startup_grace_period;
    /* From one node that gets a NoExecute taint to the next; 0 = none does. */
    sim_time node_eviction_interval, secondary_node_eviction_interval;
    int64_t unhealthy_zone_permille;
    int64_t large_cluster_size_threshold, terminated_pod_gc_threshold;
};
struct manager_config manager_config(const struct manager_options *o, const struct features *f);

#endif

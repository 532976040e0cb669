/* api_sets.h - StatefulSet, DaemonSet and ControllerRevision (apps/v1), PersistentVolumeClaim (v1), as C structs.
 *
 * k8s staging/src/k8s.io/api/apps/v1/types.go, core/v1/types.go, v1.36. The tables are in api_sets.c, the rules in
 * api_sets_validate.c. Claims are bound when they are created; nothing is modelled of the volumes behind them.
 */
#ifndef MODEL_API_SETS_H
#define MODEL_API_SETS_H

#include "model/api_apps.h"

/* ---- PersistentVolumeClaim ---- */
struct claim_status {
    const char *phase;
};
struct persistent_volume_claim {
    struct api_object object;
    const struct value *spec; /* raw */
    struct claim_status status;
};

/* ---- ControllerRevision: data is a patch, of which podsim knows the pod template that it restores ---- */
struct revision_template {
    const char *patch; /* "$patch": replace */
    struct pod_template template_;
};
struct revision_spec {
    struct revision_template template_;
};
struct revision_data {
    struct revision_spec spec;
};
struct controller_revision {
    struct api_object object;
    struct revision_data data;
    int64_t revision;
};

/* ---- StatefulSet ---- */
struct rolling_update_stateful_set {
    struct opt_i64 partition;
    struct int_or_string max_unavailable;
};
struct stateful_set_update_strategy {
    const char *type; /* RollingUpdate, OnDelete */
    struct rolling_update_stateful_set *rolling_update;
};
struct claim_retention_policy {
    const char *when_deleted, *when_scaled; /* Retain, Delete */
};
struct stateful_set_ordinals {
    int64_t start;
};
struct stateful_set_spec {
    struct opt_i64 replicas, revision_history_limit;
    struct label_selector *selector;
    struct pod_template template_;
    LIST_OF(struct persistent_volume_claim) volume_claim_templates;
    const char *service_name, *pod_management_policy; /* OrderedReady, Parallel */
    struct stateful_set_update_strategy update_strategy;
    int64_t min_ready_seconds;
    struct claim_retention_policy *claim_retention;
    struct stateful_set_ordinals *ordinals;
};
struct stateful_set_status {
    int64_t observed_generation, replicas, ready_replicas, current_replicas, updated_replicas, available_replicas;
    const char *current_revision, *update_revision;
    struct opt_i64 collision_count;
};
struct stateful_set {
    struct api_object object;
    struct stateful_set_spec spec;
    struct stateful_set_status status;
};

/* ---- DaemonSet ---- */
struct daemon_set_update_strategy {
    const char *type; /* RollingUpdate, OnDelete */
    struct rolling_update_deployment *rolling_update;
};
struct daemon_set_spec {
    struct label_selector *selector;
    struct pod_template template_;
    struct daemon_set_update_strategy update_strategy;
    int64_t min_ready_seconds;
    struct opt_i64 revision_history_limit;
};
struct daemon_set_status {
    int64_t current_number_scheduled, number_misscheduled, desired_number_scheduled, number_ready;
    int64_t observed_generation, updated_number_scheduled, number_available, number_unavailable;
    struct opt_i64 collision_count;
};
struct daemon_set {
    struct api_object object;
    struct daemon_set_spec spec;
    struct daemon_set_status status;
};

/* Counts the templates that a DaemonSet has had: k8s DeprecatedTemplateGeneration. */
#define TEMPLATE_GENERATION_ANNOTATION "deprecated.daemonset.template.generation"

/* A volume of a pod that is a claim. */
struct volume claim_volume(struct arena *a, const char *name, const char *claim);

#endif

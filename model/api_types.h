/* api_types.h - the tables of core/v1 and discovery/v1, by file, and the rules they share. */
#ifndef MODEL_API_TYPES_H
#define MODEL_API_TYPES_H

#include "model/api_core.h"
#include "model/check.h"

/* ---- api_meta.c ---- */
extern const struct api_type object_meta_type, owner_reference_type, object_reference_type;

/* ---- api_raw.c: types that podsim knows but keeps as parsed ---- */
extern const struct api_type affinity_type, topology_spread_constraint_type, pod_security_context_type,
    security_context_type, pod_dns_config_type, local_object_reference_type, pod_os_type,
    pod_resource_claim_type, pod_scheduling_group_type,
    container_resize_policy_type, volume_device_type, resource_claim_type, file_key_selector_type,
    condition_type;
extern const struct api_type volume_mount_status_type, container_user_type, resource_status_type,
    pod_resource_claim_status_type, pod_extended_resource_claim_status_type,
    node_allocatable_resource_claim_status_type;
extern const struct api_type service_account_token_projection_type, cluster_trust_bundle_projection_type,
    pod_certificate_projection_type;
extern const struct api_type aws_volume_type, azure_disk_volume_type, azure_file_volume_type,
    ceph_fs_volume_type, cinder_volume_type, csi_volume_type, ephemeral_volume_type, fc_volume_type,
    flex_volume_type, flocker_volume_type, gce_volume_type, git_repo_volume_type, glusterfs_volume_type,
    image_volume_type, iscsi_volume_type, nfs_volume_type, claim_volume_type, photon_volume_type,
    portworx_volume_type, quobyte_volume_type, rbd_volume_type, scale_io_volume_type, storage_os_volume_type,
    vsphere_volume_type;
extern const struct api_type persistent_volume_claim_spec_type;

/* ---- api_selector.c ---- */
extern const struct api_type label_selector_type;

/* ---- api_pod.c, api_container.c, api_volume.c, api_status.c ---- */
extern const struct api_type pod_type, pod_spec_type, stored_pod_spec_type, toleration_type;
extern const struct api_type container_type, ephemeral_container_type, probe_type, lifecycle_type, container_port_type, env_var_type,
    env_from_source_type, container_restart_rule_type, volume_mount_type, resource_requirements_type,
    object_field_selector_type, resource_field_selector_type;
extern const struct api_type volume_type, pod_status_type, container_status_type;

/* ---- the other kinds ---- */
extern const struct api_type service_type, endpoint_slice_type, endpoints_type, node_type, namespace_type,
    config_map_type, secret_type, event_type, deployment_type, replica_set_type, replication_controller_type,
    pdb_type, priority_class_type, resource_quota_type, limit_range_type, pod_preset_type, job_type, job_spec_type,
    job_status_type, cron_job_type, cron_job_status_type, success_policy_type, pod_failure_policy_type,
    rolling_update_stateful_set_type, stateful_set_update_strategy_type, stateful_set_type, daemon_set_type,
    controller_revision_type, persistent_volume_claim_type, hpa_type;

/* Values of enums that several tables share, NULL-terminated. */
extern const char *const protocol_values[];
extern const char *const pull_policy_values[];
extern const char *const taint_effect_values[];

/* ---- api_rules.c: shared rules; each reports at `c` ---- */
/* NULL, or what is wrong with the text, in the API server's words. */
const char *wrong_dns1123_label(struct arena *a, const char *s);
const char *wrong_dns1123_subdomain(struct arena *a, const char *s);
const char *wrong_dns1035_label(struct arena *a, const char *s);
const char *wrong_label_value(struct arena *a, const char *s);
/* "prefix/name" of labels, annotations, conditions; up to two findings, the second NULL if there is one. */
const char *wrong_qualified_name(struct arena *a, const char *s);
const char *wrong_config_key(struct arena *a, const char *s);
const char *wrong_env_name(const char *s);
const char *wrong_ip(const char *s);

typedef const char *name_rule(struct arena *a, const char *s);
/* Reports `Invalid value` when the rule says so; true when it holds. */
bool check_name(const struct check *c, const char *s, name_rule *rule);
bool check_port_number(const struct check *c, int64_t port);
bool check_port_name(const struct check *c, const char *name);
/* A number in 1..65535 or the name of a port. */
bool check_port(const struct check *c, const struct int_or_string *port);
void check_labels(struct check *c, const str_map *labels);
/* metadata of a new object; `rule` is the kind's rule for names. */
void check_object_meta(struct check *c, const struct object_meta *m, name_rule *rule);

/* ---- pod_defaults.c, pod_validate.c ---- */
void container_set_defaults(struct arena *a, void *object);
void probe_set_defaults(struct arena *a, void *object);
void pod_spec_set_defaults(struct arena *a, void *object);
void pod_set_defaults(struct arena *a, void *object);
void volume_set_defaults(struct arena *a, void *object);
void pod_validate(struct check *c, const void *object);
void container_validate_restart(struct check *c, const struct container *k); /* container_validate.c */
void container_validate_resize(const struct check *c, const struct container *k, const struct pod_spec *s);
void pod_spec_validate(struct check *c, const void *object);

/* ---- api_apps_validate.c ---- */
/* Parts of an object as JSON on one line, as field errors print what is no scalar. */
const char *check_json_of(const struct check *c, const struct api_type *type, const void *object);
const char *check_json_of_labels(const struct check *c, const str_map *labels);
void workload_meta_validate(struct check *c, const void *object);
void pod_template_validate(struct check *c, const void *object);
void replica_set_spec_validate(struct check *c, const void *object);
void replication_controller_spec_validate(struct check *c, const void *object);
void deployment_strategy_validate(struct check *c, const void *object);
void deployment_spec_validate(struct check *c, const void *object);
void validate_positive_int_or_percent(const struct check *c, const struct int_or_string *v);
void validate_at_most_100_percent(const struct check *c, const struct int_or_string *v);
/* A part of an object as JSON on one line, as field errors print what is no scalar. */
const char *check_json_of(const struct check *c, const struct api_type *type, const void *object);
/* What a number or a percentage says before it is scaled: k8s getIntOrPercentValue. */
int64_t bare_int_or_percent(const struct int_or_string *v);
/* The template of pods that are always restarted: its labels match, nothing ends it. kind: "ReplicaSet". */
struct label_selector;
struct pod_template;
void check_template_for(struct check *c, const char *kind, const struct label_selector *selector,
                        const struct pod_template *t);

/* ---- api_sets_validate.c ---- */
void stateful_set_validate(struct check *c, const void *object);
void stateful_strategy_validate(struct check *c, const void *object);
void stateful_set_spec_validate(struct check *c, const void *object);
void daemon_strategy_validate(struct check *c, const void *object);
void daemon_set_spec_validate(struct check *c, const void *object);
void controller_revision_validate(struct check *c, const void *object);
void claim_validate(struct check *c, const void *object);

/* ---- api_batch_validate.c ---- */
void job_spec_validate(struct check *c, const void *object);
void job_validate(struct check *c, const void *object);

#endif

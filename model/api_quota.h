/* api_quota.h - what the pods of a namespace may take, and what they are given: core/v1 ResourceQuota, LimitRange;
 * settings.k8s.io/v1alpha1 PodPreset.
 *
 * k8s staging/src/k8s.io/api/core/v1/types.go (v1.36), staging/src/k8s.io/api/settings/v1alpha1/types.go (v1.19). The
 * tables and rules are in api_quota.c.
 */
#ifndef MODEL_API_QUOTA_H
#define MODEL_API_QUOTA_H

#include "model/api_apps.h"

/* ---- ResourceQuota ---- */
struct scope_requirement {
    const char *scope_name, *operator_; /* In, NotIn, Exists, DoesNotExist */
    str_list values;
};
struct scope_selector {
    LIST_OF(struct scope_requirement) match_expressions;
};
struct resource_quota_spec {
    quantity_map hard;
    str_list scopes;
    struct scope_selector *scope_selector;
};
struct resource_quota_status {
    quantity_map hard, used;
};
struct resource_quota {
    struct api_object object;
    struct resource_quota_spec spec;
    struct resource_quota_status status;
};
bool resource_quota_status_equal(const struct resource_quota_status *a, const struct resource_quota_status *b);

/* ---- LimitRange ---- */
struct limit_range_item {
    const char *type; /* Container, Pod, PersistentVolumeClaim */
    quantity_map max, min, default_, default_request, max_limit_request_ratio;
};
struct limit_range_spec {
    LIST_OF(struct limit_range_item) limits;
};
struct limit_range {
    struct api_object object;
    struct limit_range_spec spec;
};

/* ---- PodPreset ---- */
struct pod_preset_spec {
    struct label_selector selector;
    LIST_OF(struct env_var) env;
    LIST_OF(struct env_from_source) env_from;
    LIST_OF(struct volume) volumes;
    LIST_OF(struct volume_mount) volume_mounts;
};
struct pod_preset {
    struct api_object object;
    struct pod_preset_spec spec;
};

/* ---- amounts by name ---- */
const struct quantity *quantity_map_get(const quantity_map *m, const char *key); /* NULL = it has none */
/* A copy with `key` set; sorted. */
quantity_map quantity_map_with(struct arena *a, const quantity_map *m, const char *key, const struct quantity *q);

#endif

/* pod_config.h - what a container is started with, in parts: pod_env.c, pod_volumes.c; private to them and
 * pod_config.c. */
#ifndef MODEL_POD_CONFIG_H
#define MODEL_POD_CONFIG_H

#include "model/kubelet.h"

typedef LIST_OF(struct str_pair) env_list;

/* What fieldPath says, NULL = no such field; what a resourceFieldRef says. */
const char *pod_field(struct kpod *kp, const char *path);
const char *pod_resource_field(struct kpod *kp, const struct container *self, const struct resource_field_selector *r);
/* The data of a ConfigMap or Secret of the pod's namespace; NULL = there is none. */
const str_map *pod_data_of(struct kpod *kp, enum api_kind kind, const char *name);
const char *pod_data_missing(struct arena *a, enum api_kind kind, const char *name);
/* $(X) if known, $$ is $, everything else stays. */
str_list expand_list(struct arena *a, const str_list *list, const env_list *env);
/* subPathExpr; NULL: *ret_error. */
const char *expand_sub_path(struct arena *a, const char *s, const env_list *env, const char **ret_error);
/* The kubelet fills it, and mounts it read-only. */
bool is_projected(const struct volume *v);
/* The container's variables in order; NULL, or why it cannot be created. */
const char *make_environment(struct kpod *kp, const struct container *spec, env_list *ret);

#endif

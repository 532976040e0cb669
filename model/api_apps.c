/* api_apps.c - the tables of Deployment and ReplicaSet (apps/v1), and of ReplicationController (v1).
 * k8s staging/src/k8s.io/api/apps/v1/types.go, core/v1/types.go; defaults of pkg/apis/apps/v1/defaults.go,
 * pkg/apis/core/v1/defaults.go SetDefaults_ReplicationController, v1.36. Validation: api_apps_validate.c.
 */
#include "model/api_apps.h"
#include "model/api_batch.h"
#include "model/api_sets.h"
#include "model/api_types.h"

#include "model/api_table.h"

#include <string.h>

static const char *const apps_version[] = {"apps/v1", NULL};
static const char *const core_version[] = {"v1", NULL};
static const char *const strategy_values[] = {"Recreate", "RollingUpdate", NULL};

/* ---- templates and conditions ---- */

#define OWNER struct pod_template
static const struct api_field pod_template_fields[] = {
    FO(OBJECT, "metadata", meta, object_meta_type, FIELD_ALWAYS, "Labels and annotations that pods get."),
    FO(OBJECT, "spec", spec, pod_spec_type, FIELD_ALWAYS, "What pods are made of."),
};
#undef OWNER
API_TYPE(pod_template, "PodTemplateSpec", struct pod_template, NULL, pod_template_validate,
         "What pods look like that are made from it; changing it changes no pod that exists.");

#define OWNER struct workload_condition
static const struct api_field deployment_condition_fields[] = {
    F(STRING, "type", type, FIELD_ALWAYS | FIELD_IDENTITY, "Available, Progressing or ReplicaFailure."),
    F(STRING, "status", status, FIELD_ALWAYS, "True, False or Unknown."),
    F(TIME, "lastUpdateTime", last_update_time, 0, "When it was last written."),
    F(TIME, "lastTransitionTime", last_transition_time, 0, "When the status last changed."),
    F(STRING, "reason", reason, 0, "Cause of the last change, one word."),
    F(STRING, "message", message, 0, "Details for people."),
};
static API_TYPE(deployment_condition, "DeploymentCondition", struct workload_condition, NULL, NULL,
                "One aspect of a rollout.");

#define CONDITION_FIELDS                                                                                               \
    F(STRING, "type", type, FIELD_ALWAYS | FIELD_IDENTITY, "ReplicaFailure."),                                         \
        F(STRING, "status", status, FIELD_ALWAYS, "True, False or Unknown."),                                          \
        F(TIME, "lastTransitionTime", last_transition_time, 0, "When the status last changed."),                       \
        F(STRING, "reason", reason, 0, "FailedCreate or FailedDelete."),                                               \
        F(STRING, "message", message, 0, "Details for people.")
static const struct api_field replica_set_condition_fields[] = {CONDITION_FIELDS};
static API_TYPE(replica_set_condition, "ReplicaSetCondition", struct workload_condition, NULL, NULL,
                "That pods could not be created or deleted.");
static const struct api_field replication_controller_condition_fields[] = {CONDITION_FIELDS};
static API_TYPE(replication_controller_condition, "ReplicationControllerCondition", struct workload_condition, NULL,
                NULL, "That pods could not be created or deleted.");
#undef OWNER

/* ---- ReplicaSet ---- */

#define OWNER struct replica_set_spec
static const struct api_field replica_set_spec_fields[] = {
    FD(OPT_INT32, "replicas", replicas, "1", "How many pods there shall be."),
    F(INT32, "minReadySeconds", min_ready_seconds, 0, "A pod is available when it has been ready for so long."),
    FO(POINTER, "selector", selector, label_selector_type, FIELD_REQUIRED, "Pods that count; cannot be changed."),
    FO(OBJECT, "template", template_, pod_template_type, FIELD_ALWAYS, "What its pods look like."),
};
static API_TYPE(replica_set_spec, "ReplicaSetSpec", struct replica_set_spec, NULL, replica_set_spec_validate,
                "What the user wants.");

static const struct api_field replication_controller_spec_fields[] = {
    FD(OPT_INT32, "replicas", replicas, "1", "How many pods there shall be."),
    F(INT32, "minReadySeconds", min_ready_seconds, 0, "A pod is available when it has been ready for so long."),
    F(STRING_MAP, "selector", selector_map, 0, "Pods that count; the template's labels when not given."),
    FO(OBJECT, "template", template_, pod_template_type, FIELD_ALWAYS, "What its pods look like."),
};
static API_TYPE(replication_controller_spec, "ReplicationControllerSpec", struct replica_set_spec, NULL,
                replication_controller_spec_validate, "What the user wants.");
#undef OWNER

#define OWNER struct replica_set_status
#define STATUS_FIELDS(condition_)                                                                                      \
    F(INT64, "replicas", replicas, FIELD_ALWAYS, "Pods that neither ended nor are being deleted."),                    \
        F(INT64, "fullyLabeledReplicas", fully_labeled_replicas, 0, "Those with all labels of the template."),         \
        F(INT64, "readyReplicas", ready_replicas, 0, "Those that are ready."),                                         \
        F(INT64, "availableReplicas", available_replicas, 0, "Those ready for minReadySeconds."),                      \
        F(INT64, "observedGeneration", observed_generation, 0, "Generation of the spec that was looked at."),          \
        FO(LIST, "conditions", conditions, condition_, 0, "That pods could not be created or deleted.")
static const struct api_field replica_set_status_fields[] = {
    STATUS_FIELDS(replica_set_condition_type),
    F(OPT_INT32, "terminatingReplicas", terminating_replicas, 0, "Pods that are being deleted."),
};
static API_TYPE(replica_set_status, "ReplicaSetStatus", struct replica_set_status, NULL, NULL,
                "What the cluster says about it.");
static const struct api_field replication_controller_status_fields[] = {
    STATUS_FIELDS(replication_controller_condition_type),
};
static API_TYPE(replication_controller_status, "ReplicationControllerStatus", struct replica_set_status, NULL, NULL,
                "What the cluster says about it.");
#undef OWNER

#define OWNER struct replica_set
static const char *const replica_set_kind[] = {"ReplicaSet", NULL};
static const struct api_field replica_set_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, apps_version, "apps/v1", "Version of the API: apps/v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, replica_set_kind, "ReplicaSet", "Kind of the object: ReplicaSet."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, replica_set_spec_type, FIELD_ALWAYS | FIELD_REQUIRED, "What the user wants."),
    FO(OBJECT, "status", status, replica_set_status_type, FIELD_ALWAYS | FIELD_READONLY,
       "What the cluster says about it."),
};
API_TYPE(replica_set, "ReplicaSet", struct replica_set, NULL, workload_meta_validate, "So many pods of one template.");

/* The labels of the template stand in for what is missing. */
static void replication_controller_set_defaults(struct arena *a, void *object)
{
    (void)a;
    struct replica_set *rc = object;
    if (rc->spec.selector_map.count == 0)
        rc->spec.selector_map = rc->spec.template_.meta.labels;
    if (rc->object.meta.labels.count == 0)
        rc->object.meta.labels = rc->spec.template_.meta.labels;
}

static const char *const replication_controller_kind[] = {"ReplicationController", NULL};
static const struct api_field replication_controller_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, replication_controller_kind, "ReplicationController",
       "Kind of the object: ReplicationController."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, replication_controller_spec_type, FIELD_ALWAYS | FIELD_REQUIRED, "What the user wants."),
    FO(OBJECT, "status", status, replication_controller_status_type, FIELD_ALWAYS | FIELD_READONLY,
       "What the cluster says about it."),
};
#undef OWNER
API_TYPE(replication_controller, "ReplicationController", struct replica_set, replication_controller_set_defaults,
         workload_meta_validate, "The ReplicaSet's predecessor.");

/* ---- Deployment ---- */

static void strategy_set_defaults(struct arena *a, void *object)
{
    struct deployment_strategy *s = object;
    if (!text_is(s->type, "RollingUpdate"))
        return;
    if (!s->rolling_update)
        s->rolling_update = arena_new(a, struct rolling_update_deployment);
    const struct int_or_string quarter = {.text = "25%", .set = true};
    if (!s->rolling_update->max_unavailable.set)
        s->rolling_update->max_unavailable = quarter;
    if (!s->rolling_update->max_surge.set)
        s->rolling_update->max_surge = quarter;
}

#define OWNER struct rolling_update_deployment
static const struct api_field rolling_update_deployment_fields[] = {
    F(INT_OR_STRING, "maxUnavailable", max_unavailable, 0, "How many of the wanted pods may be missing; 25%."),
    F(INT_OR_STRING, "maxSurge", max_surge, 0, "How many pods more than wanted there may be; 25%."),
};
#undef OWNER
static API_TYPE(rolling_update_deployment, "RollingUpdateDeployment", struct rolling_update_deployment, NULL, NULL,
                "Bounds of a rolling update.");

#define OWNER struct deployment_strategy
static const struct api_field deployment_strategy_fields[] = {
    FE("type", type, 0, strategy_values, "RollingUpdate", "How pods of an old template are replaced."),
    FO(POINTER, "rollingUpdate", rolling_update, rolling_update_deployment_type, 0, "Bounds of a rolling update."),
};
#undef OWNER
static API_TYPE(deployment_strategy, "DeploymentStrategy", struct deployment_strategy, strategy_set_defaults,
                deployment_strategy_validate, "How pods of an old template are replaced.");

#define OWNER struct deployment_spec
static const struct api_field deployment_spec_fields[] = {
    FD(OPT_INT32, "replicas", replicas, "1", "How many pods there shall be."),
    FO(POINTER, "selector", selector, label_selector_type, FIELD_REQUIRED, "Pods that count; cannot be changed."),
    FO(OBJECT, "template", template_, pod_template_type, FIELD_ALWAYS, "What its pods look like."),
    FO(OBJECT, "strategy", strategy, deployment_strategy_type, 0, "How pods of an old template are replaced."),
    F(INT32, "minReadySeconds", min_ready_seconds, 0, "A pod is available when it has been ready for so long."),
    FD(OPT_INT32, "revisionHistoryLimit", revision_history_limit, "10", "How many old ReplicaSets are kept."),
    F(BOOL, "paused", paused, 0, "Changes of the template wait."),
    FD(OPT_INT32, "progressDeadlineSeconds", progress_deadline_seconds, "600",
       "After so long without progress a rollout is said to have failed."),
};
#undef OWNER
static API_TYPE(deployment_spec, "DeploymentSpec", struct deployment_spec, NULL, deployment_spec_validate,
                "What the user wants.");

#define OWNER struct deployment_status
static const struct api_field deployment_status_fields[] = {
    F(INT64, "observedGeneration", observed_generation, 0, "Generation of the spec that was looked at."),
    F(INT64, "replicas", replicas, 0, "Pods of all its ReplicaSets."),
    F(INT64, "updatedReplicas", updated_replicas, 0, "Pods of the current template."),
    F(INT64, "readyReplicas", ready_replicas, 0, "Pods that are ready."),
    F(INT64, "availableReplicas", available_replicas, 0, "Pods ready for minReadySeconds."),
    F(INT64, "unavailableReplicas", unavailable_replicas, 0, "Pods that are missing."),
    F(OPT_INT32, "terminatingReplicas", terminating_replicas, 0, "Pods that are being deleted."),
    FO(LIST, "conditions", conditions, deployment_condition_type, 0, "Where the rollout stands."),
    F(OPT_INT32, "collisionCount", collision_count, 0, "How often the hash of the template was taken."),
};
#undef OWNER
static API_TYPE(deployment_status, "DeploymentStatus", struct deployment_status, NULL, NULL,
                "What the cluster says about it.");

#define OWNER struct deployment
static const char *const deployment_kind[] = {"Deployment", NULL};
static const struct api_field deployment_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, apps_version, "apps/v1", "Version of the API: apps/v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, deployment_kind, "Deployment", "Kind of the object: Deployment."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, deployment_spec_type, FIELD_ALWAYS | FIELD_REQUIRED, "What the user wants."),
    FO(OBJECT, "status", status, deployment_status_type, FIELD_ALWAYS | FIELD_READONLY,
       "What the cluster says about it."),
};
#undef OWNER
API_TYPE(deployment, "Deployment", struct deployment, NULL, workload_meta_validate,
         "Pods of one template, and how to get from one template to the next.");

/* ---- small questions ---- */

struct label_selector selector_of_replica_set(const struct replica_set *rs)
{
    if (rs->spec.selector)
        return *rs->spec.selector;
    return (struct label_selector){.match_labels = rs->spec.selector_map};
}

const struct pod_template *workload_template(const struct api_object *o)
{
    if (o->kind == KIND_DEPLOYMENT)
        return &((const struct deployment *)o)->spec.template_;
    if (o->kind == KIND_REPLICASET || o->kind == KIND_REPLICATIONCONTROLLER)
        return &((const struct replica_set *)o)->spec.template_;
    if (o->kind == KIND_JOB)
        return &((const struct job *)o)->spec.template_;
    if (o->kind == KIND_CRONJOB)
        return &((const struct cron_job *)o)->spec.job_template.spec.template_;
    if (o->kind == KIND_STATEFULSET)
        return &((const struct stateful_set *)o)->spec.template_;
    if (o->kind == KIND_DAEMONSET)
        return &((const struct daemon_set *)o)->spec.template_;
    return NULL;
}

const struct value *workload_template_source(const struct api_object *o)
{
    const struct value *spec = o->source ? value_get(o->source, "spec") : NULL;
    if (spec && o->kind == KIND_CRONJOB) {
        const struct value *job = value_get(spec, "jobTemplate");
        spec = job ? value_get(job, "spec") : NULL;
    }
    return spec ? value_get(spec, "template") : NULL;
}

struct pod workload_pod(const struct api_object *o)
{
    const struct pod_template *t = workload_template(o);
    struct pod p;
    api_init(&pod_type, &p);
    p.object.kind = KIND_POD;
    p.object.source = workload_template_source(o);
    p.object.meta = t->meta;
    p.spec = t->spec;
    return p;
}

int64_t scaled_value(const struct int_or_string *v, int64_t total, bool round_up)
{
    if (!v->text)
        return v->number;
    int64_t percent = 0;
    for (const char *s = v->text; *s >= '0' && *s <= '9' && percent < INT32_MAX; s++)
        percent = 10 * percent + (*s - '0');
    return (percent * total + (round_up ? 99 : 0)) / 100;
}

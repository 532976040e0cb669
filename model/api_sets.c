/* api_sets.c - the tables of StatefulSet, DaemonSet and ControllerRevision (apps/v1), and of PersistentVolumeClaim
 * (v1). k8s staging/src/k8s.io/api/apps/v1/types.go, core/v1/types.go; defaults of pkg/apis/apps/v1/defaults.go, v1.36.
 * Validation: api_sets_validate.c. Conditions are left out: no controller of Kubernetes sets any on these kinds.
 */
#include "model/api_sets.h"
#include "model/api_types.h"
#include "model/document.h"

#include "model/api_table.h"

static const char *const apps_version[] = {"apps/v1", NULL};
static const char *const core_version[] = {"v1", NULL};

#define OBJECT_FIELDS(versions_, version_, kinds_, kind_)                                                              \
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, versions_, version_, "Version of the API."),             \
        FE("kind", object.kind_text, FIELD_REQUIRED, kinds_, kind_, "Kind of the object."),                            \
        FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations.")

/* ---- PersistentVolumeClaim ---- */

#define OWNER struct claim_status
static const struct api_field claim_status_fields[] = {
    F(STRING, "phase", phase, 0, "Pending, Bound or Lost; podsim binds a claim when it is created."),
};
#undef OWNER
static API_TYPE(claim_status, "PersistentVolumeClaimStatus", struct claim_status, NULL, NULL,
                "What the cluster says about it.");

#define OWNER struct persistent_volume_claim
static const char *const claim_kind[] = {"PersistentVolumeClaim", NULL};
static const struct api_field persistent_volume_claim_fields[] = {
    OBJECT_FIELDS(core_version, "v1", claim_kind, "PersistentVolumeClaim"),
    FR(OBJECT, "spec", spec, &persistent_volume_claim_spec_type, 0, "What storage is wanted."),
    FO(OBJECT, "status", status, claim_status_type, FIELD_READONLY, "What the cluster says about it."),
};
API_TYPE(persistent_volume_claim, "PersistentVolumeClaim", struct persistent_volume_claim, NULL, claim_validate,
         "A wish for storage that outlives the pods that use it.");

static const struct api_field claim_template_fields[] = {
    FE("apiVersion", object.api_version_text, 0, core_version, "v1", "Version of the API."),
    FE("kind", object.kind_text, 0, claim_kind, "PersistentVolumeClaim", "Kind of the object."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name of the volume; labels, annotations."),
    FR(OBJECT, "spec", spec, &persistent_volume_claim_spec_type, 0, "What storage is wanted."),
    FO(OBJECT, "status", status, claim_status_type, FIELD_READONLY, "Of no meaning here."),
};
#undef OWNER
static API_TYPE(claim_template, "StatefulSetVolumeClaim", struct persistent_volume_claim, NULL, NULL,
                "A claim that each pod gets of its own.");

/* ---- ControllerRevision ---- */

#define OWNER struct revision_template
static const struct api_field revision_template_fields[] = {
    F(STRING, "$patch", patch, 0, "replace: the template is taken as a whole."),
    FO(OBJECT, "metadata", template_.meta, object_meta_type, FIELD_ALWAYS, "Labels and annotations that pods get."),
    FO(OBJECT, "spec", template_.spec, stored_pod_spec_type, FIELD_ALWAYS, "What pods are made of."),
};
#undef OWNER
static API_TYPE(revision_template, "RevisionTemplate", struct revision_template, NULL, NULL,
                "A pod template of the past.");

#define OWNER struct revision_spec
static const struct api_field revision_spec_fields[] = {
    FO(OBJECT, "template", template_, revision_template_type, FIELD_ALWAYS, "What pods looked like."),
};
#undef OWNER
static API_TYPE(revision_spec, "RevisionSpec", struct revision_spec, NULL, NULL, "What was wanted.");

#define OWNER struct revision_data
static const struct api_field revision_data_fields[] = {
    FO(OBJECT, "spec", spec, revision_spec_type, FIELD_ALWAYS, "What was wanted."),
};
#undef OWNER
static API_TYPE(revision_data, "RevisionData", struct revision_data, NULL, NULL,
                "A patch that makes a StatefulSet or DaemonSet what it was.");

#define OWNER struct controller_revision
static const char *const revision_kind[] = {"ControllerRevision", NULL};
static const struct api_field controller_revision_fields[] = {
    OBJECT_FIELDS(apps_version, "apps/v1", revision_kind, "ControllerRevision"),
    FO(OBJECT, "data", data, revision_data_type, FIELD_ALWAYS, "A patch that makes its owner what it was."),
    F(INT64, "revision", revision, FIELD_ALWAYS, "Number of the revision; the highest is the latest."),
};
#undef OWNER
API_TYPE(controller_revision, "ControllerRevision", struct controller_revision, NULL, controller_revision_validate,
         "What a StatefulSet or DaemonSet looked like once.");

/* ---- StatefulSet ---- */

/* k8s SetDefaults_StatefulSet: rollingUpdate is made only where the type is not given either. */
static void stateful_strategy_set_defaults(struct arena *a, void *object)
{
    struct stateful_set_update_strategy *s = object;
    if (!s->type) {
        s->type = "RollingUpdate";
        if (!s->rolling_update)
            s->rolling_update = arena_new(a, struct rolling_update_stateful_set);
    }
    if (text_is(s->type, "RollingUpdate") && s->rolling_update && !s->rolling_update->partition.set)
        s->rolling_update->partition = (struct opt_i64){0, true};
}

#define OWNER struct rolling_update_stateful_set
static const struct api_field rolling_update_stateful_set_fields[] = {
    F(OPT_INT32, "partition", partition, 0, "Pods with a lower ordinal keep the old template; 0."),
    F(INT_OR_STRING, "maxUnavailable", max_unavailable, 0,
      "How many pods may be missing at a time; 1. Needs the gate MaxUnavailableStatefulSet."),
};
#undef OWNER
API_TYPE(rolling_update_stateful_set, "RollingUpdateStatefulSetStrategy", struct rolling_update_stateful_set, NULL,
         NULL, "Bounds of a rolling update.");

#define OWNER struct stateful_set_update_strategy
static const struct api_field stateful_set_update_strategy_fields[] = {
    F(STRING, "type", type, 0, "RollingUpdate or OnDelete."),
    FO(POINTER, "rollingUpdate", rolling_update, rolling_update_stateful_set_type, 0, "Bounds of a rolling update."),
};
#undef OWNER
API_TYPE(stateful_set_update_strategy, "StatefulSetUpdateStrategy", struct stateful_set_update_strategy,
         stateful_strategy_set_defaults, stateful_strategy_validate, "How pods of an old template are replaced.");

#define OWNER struct claim_retention_policy
static const char *const retention_values[] = {"Retain", "Delete", NULL};
static const struct api_field claim_retention_policy_fields[] = {
    FE("whenDeleted", when_deleted, 0, retention_values, "Retain", "What becomes of claims when the set is deleted."),
    FE("whenScaled", when_scaled, 0, retention_values, "Retain", "What becomes of claims of pods that are too many."),
};
#undef OWNER
static API_TYPE(claim_retention_policy, "StatefulSetPersistentVolumeClaimRetentionPolicy",
                struct claim_retention_policy, NULL, NULL, "What becomes of claims that are no longer needed.");

#define OWNER struct stateful_set_ordinals
static const struct api_field stateful_set_ordinals_fields[] = {
    F(INT32, "start", start, FIELD_ALWAYS, "The first ordinal; 0."),
};
#undef OWNER
static API_TYPE(stateful_set_ordinals, "StatefulSetOrdinals", struct stateful_set_ordinals, NULL, NULL,
                "How pods are numbered.");

#define OWNER struct pod_template
static const struct api_field stateful_template_fields[] = {
    FO(OBJECT, "metadata", meta, object_meta_type, FIELD_ALWAYS, "Labels and annotations that pods get."),
    FO(OBJECT, "spec", spec, stored_pod_spec_type, FIELD_ALWAYS, "What pods are made of."),
};
#undef OWNER
/* Its spec is checked with the volumes that the claims make: stateful_set_spec_validate(). */
static API_TYPE(stateful_template, "PodTemplateSpec", struct pod_template, NULL, pod_template_validate,
                "What pods look like that are made from it; changing it changes no pod that exists.");

static void stateful_set_spec_set_defaults(struct arena *a, void *object)
{
    struct stateful_set_spec *s = object;
    if (s->claim_retention)
        return;
    s->claim_retention = arena_new(a, struct claim_retention_policy);
    *s->claim_retention = (struct claim_retention_policy){"Retain", "Retain"};
}

#define OWNER struct stateful_set_spec
static const struct api_field stateful_set_spec_fields[] = {
    FD(OPT_INT32, "replicas", replicas, "1", "How many pods there shall be."),
    FO(POINTER, "selector", selector, label_selector_type, FIELD_REQUIRED, "Pods that count; cannot be changed."),
    FO(OBJECT, "template", template_, stateful_template_type, FIELD_ALWAYS, "What its pods look like."),
    FO(LIST, "volumeClaimTemplates", volume_claim_templates, claim_template_type, 0, "Claims that each pod gets."),
    F(STRING, "serviceName", service_name, FIELD_ALWAYS, "The headless Service that gives pods their names."),
    FD(STRING, "podManagementPolicy", pod_management_policy, "OrderedReady",
       "OrderedReady: one pod after the other; Parallel: all at once."),
    FO(OBJECT, "updateStrategy", update_strategy, stateful_set_update_strategy_type, 0,
       "How pods of an old template are replaced."),
    FD(OPT_INT32, "revisionHistoryLimit", revision_history_limit, "10", "How many old revisions are kept."),
    F(INT32, "minReadySeconds", min_ready_seconds, 0, "A pod is available when it has been ready for so long."),
    FO(POINTER, "persistentVolumeClaimRetentionPolicy", claim_retention, claim_retention_policy_type, 0,
       "What becomes of claims that are no longer needed."),
    FO(POINTER, "ordinals", ordinals, stateful_set_ordinals_type, 0, "How pods are numbered."),
};
#undef OWNER
static API_TYPE(stateful_set_spec, "StatefulSetSpec", struct stateful_set_spec, stateful_set_spec_set_defaults,
                stateful_set_spec_validate, "What the user wants.");

#define OWNER struct stateful_set_status
static const struct api_field stateful_set_status_fields[] = {
    F(INT64, "observedGeneration", observed_generation, 0, "Generation of the spec that was looked at."),
    F(INT64, "replicas", replicas, FIELD_ALWAYS, "Pods that exist."),
    F(INT64, "readyReplicas", ready_replicas, 0, "Those that run and are ready."),
    F(INT64, "currentReplicas", current_replicas, 0, "Those of the current revision."),
    F(INT64, "updatedReplicas", updated_replicas, 0, "Those of the update revision."),
    F(STRING, "currentRevision", current_revision, 0, "The revision that an update began with."),
    F(STRING, "updateRevision", update_revision, 0, "The revision of the template as it is."),
    F(OPT_INT32, "collisionCount", collision_count, 0, "How often the hash of a revision was taken."),
    F(INT64, "availableReplicas", available_replicas, FIELD_ALWAYS, "Pods ready for minReadySeconds."),
};
#undef OWNER
static API_TYPE(stateful_set_status, "StatefulSetStatus", struct stateful_set_status, NULL, NULL,
                "What the cluster says about it.");

#define OWNER struct stateful_set
static const char *const stateful_set_kind[] = {"StatefulSet", NULL};
static const struct api_field stateful_set_fields[] = {
    OBJECT_FIELDS(apps_version, "apps/v1", stateful_set_kind, "StatefulSet"),
    FO(OBJECT, "spec", spec, stateful_set_spec_type, FIELD_ALWAYS | FIELD_REQUIRED, "What the user wants."),
    FO(OBJECT, "status", status, stateful_set_status_type, FIELD_ALWAYS | FIELD_READONLY,
       "What the cluster says about it."),
};
#undef OWNER
API_TYPE(stateful_set, "StatefulSet", struct stateful_set, NULL, stateful_set_validate,
         "Pods of one template that have names and storage of their own.");

/* ---- DaemonSet ---- */

static void daemon_strategy_set_defaults(struct arena *a, void *object)
{
    struct daemon_set_update_strategy *s = object;
    if (!text_is(s->type, "RollingUpdate"))
        return;
    if (!s->rolling_update)
        s->rolling_update = arena_new(a, struct rolling_update_deployment);
    if (!s->rolling_update->max_unavailable.set)
        s->rolling_update->max_unavailable = (struct int_or_string){.number = 1, .set = true};
    if (!s->rolling_update->max_surge.set)
        s->rolling_update->max_surge = (struct int_or_string){.set = true};
}

#define OWNER struct rolling_update_deployment
static const struct api_field rolling_update_daemon_set_fields[] = {
    F(INT_OR_STRING, "maxUnavailable", max_unavailable, 0, "On how many nodes the pod may be missing; 1."),
    F(INT_OR_STRING, "maxSurge", max_surge, 0, "On how many nodes the new pod may run beside the old one; 0."),
};
#undef OWNER
static API_TYPE(rolling_update_daemon_set, "RollingUpdateDaemonSet", struct rolling_update_deployment, NULL, NULL,
                "Bounds of a rolling update.");

#define OWNER struct daemon_set_update_strategy
static const char *const daemon_strategy_values[] = {"RollingUpdate", "OnDelete", NULL};
static const struct api_field daemon_set_update_strategy_fields[] = {
    FE("type", type, 0, daemon_strategy_values, "RollingUpdate", "How pods of an old template are replaced."),
    FO(POINTER, "rollingUpdate", rolling_update, rolling_update_daemon_set_type, 0, "Bounds of a rolling update."),
};
#undef OWNER
static API_TYPE(daemon_set_update_strategy, "DaemonSetUpdateStrategy", struct daemon_set_update_strategy,
                daemon_strategy_set_defaults, daemon_strategy_validate, "How pods of an old template are replaced.");

#define OWNER struct daemon_set_spec
static const struct api_field daemon_set_spec_fields[] = {
    FO(POINTER, "selector", selector, label_selector_type, FIELD_REQUIRED, "Pods that count; cannot be changed."),
    FO(OBJECT, "template", template_, pod_template_type, FIELD_ALWAYS, "What its pods look like."),
    FO(OBJECT, "updateStrategy", update_strategy, daemon_set_update_strategy_type, 0,
       "How pods of an old template are replaced."),
    F(INT32, "minReadySeconds", min_ready_seconds, 0, "A pod is available when it has been ready for so long."),
    FD(OPT_INT32, "revisionHistoryLimit", revision_history_limit, "10", "How many old revisions are kept."),
};
#undef OWNER
static API_TYPE(daemon_set_spec, "DaemonSetSpec", struct daemon_set_spec, NULL, daemon_set_spec_validate,
                "What the user wants.");

#define OWNER struct daemon_set_status
static const struct api_field daemon_set_status_fields[] = {
    F(INT64, "currentNumberScheduled", current_number_scheduled, FIELD_ALWAYS, "Nodes that want a pod and have one."),
    F(INT64, "numberMisscheduled", number_misscheduled, FIELD_ALWAYS, "Nodes that have a pod and want none."),
    F(INT64, "desiredNumberScheduled", desired_number_scheduled, FIELD_ALWAYS, "Nodes that want a pod."),
    F(INT64, "numberReady", number_ready, FIELD_ALWAYS, "Nodes whose pod is ready."),
    F(INT64, "observedGeneration", observed_generation, 0, "Generation of the spec that was looked at."),
    F(INT64, "updatedNumberScheduled", updated_number_scheduled, 0, "Nodes whose pod is of the current template."),
    F(INT64, "numberAvailable", number_available, 0, "Nodes whose pod has been ready for minReadySeconds."),
    F(INT64, "numberUnavailable", number_unavailable, 0, "Nodes that want a pod and have none available."),
    F(OPT_INT32, "collisionCount", collision_count, 0, "How often the hash of a revision was taken."),
};
#undef OWNER
static API_TYPE(daemon_set_status, "DaemonSetStatus", struct daemon_set_status, NULL, NULL,
                "What the cluster says about it.");

#define OWNER struct daemon_set
static const char *const daemon_set_kind[] = {"DaemonSet", NULL};
static const struct api_field daemon_set_fields[] = {
    OBJECT_FIELDS(apps_version, "apps/v1", daemon_set_kind, "DaemonSet"),
    FO(OBJECT, "spec", spec, daemon_set_spec_type, FIELD_ALWAYS | FIELD_REQUIRED, "What the user wants."),
    FO(OBJECT, "status", status, daemon_set_status_type, FIELD_ALWAYS | FIELD_READONLY,
       "What the cluster says about it."),
};
#undef OWNER
API_TYPE(daemon_set, "DaemonSet", struct daemon_set, NULL, workload_meta_validate, "A pod on every node.");

/* ---- small questions ---- */

struct volume claim_volume(struct arena *a, const char *name, const char *claim)
{
    const struct value *source = document_put(a, NULL, "persistentVolumeClaim.claimName", document_text(a, claim));
    return (struct volume){.name = name, .other = document_put(a, source, "name", document_text(a, name))};
}

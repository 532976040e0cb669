/* api_batch.c - the tables of Job (batch/v1), and what the API server makes of one that is new.
 * k8s staging/src/k8s.io/api/batch/v1/types.go; defaults of pkg/apis/batch/v1/defaults.go; pkg/registry/batch/job/
 * strategy.go, v1.36. Validation: api_batch_validate.c.
 */
#include "model/api_batch.h"
#include "model/api_types.h"

#include "model/api_table.h"

#include <string.h>

static const char *const batch_version[] = {"batch/v1", NULL};
static const char *const completion_modes[] = {"NonIndexed", "Indexed", NULL};
static const char *const failure_actions[] = {"Count", "FailIndex", "FailJob", "Ignore", NULL};
static const char *const exit_code_operators[] = {"In", "NotIn", NULL};
static const char *const condition_statuses[] = {"False", "True", "Unknown", NULL};
static const char *const replacement_policies[] = {"Failed", "TerminatingOrFailed", NULL};

/* ---- policies ---- */

#define OWNER struct exit_code_requirement
static const struct api_field exit_code_requirement_fields[] = {
    F(STRING, "containerName", container_name, 0, "Only the exit of this container counts."),
    FE("operator", operator_, FIELD_ALWAYS, exit_code_operators, NULL, "In or NotIn."),
    F(INT_LIST, "values", values, FIELD_ALWAYS, "Exit codes, in order; 0 is never a failure."),
};
#undef OWNER
static API_TYPE(exit_code_requirement, "PodFailurePolicyOnExitCodesRequirement", struct exit_code_requirement, NULL,
                NULL, "Exit codes that a rule is about.");

#define OWNER struct pod_condition_pattern
static const struct api_field pod_condition_pattern_fields[] = {
    F(STRING, "type", type, FIELD_ALWAYS, "Type of the condition, such as DisruptionTarget."),
    FE("status", status, FIELD_ALWAYS, condition_statuses, "True", "Status that it has."),
};
#undef OWNER
static API_TYPE(pod_condition_pattern, "PodFailurePolicyOnPodConditionsPattern", struct pod_condition_pattern, NULL,
                NULL, "A condition of a pod that a rule is about.");

#define OWNER struct pod_failure_rule
static const struct api_field pod_failure_rule_fields[] = {
    FE("action", action, FIELD_ALWAYS, failure_actions, NULL, "What a failure that the rule is about means."),
    FO(POINTER, "onExitCodes", on_exit_codes, exit_code_requirement_type, 0, "It is about these exit codes."),
    FO(LIST, "onPodConditions", on_pod_conditions, pod_condition_pattern_type, 0, "It is about these conditions."),
};
#undef OWNER
static API_TYPE(pod_failure_rule, "PodFailurePolicyRule", struct pod_failure_rule, NULL, NULL,
                "What a failed pod means; the first rule that is about it decides.");

#define OWNER struct pod_failure_policy
static const struct api_field pod_failure_policy_fields[] = {
    FO(LIST, "rules", rules, pod_failure_rule_type, FIELD_ALWAYS, "Rules, in order."),
};
#undef OWNER
API_TYPE(pod_failure_policy, "PodFailurePolicy", struct pod_failure_policy, NULL, NULL,
         "What failed pods mean to the Job.");

#define OWNER struct success_rule
static const struct api_field success_rule_fields[] = {
    {.name = "succeededIndexes",
     .kind = FIELD_STRING,
     .offset = offsetof(OWNER, succeeded_indexes),
     .flags = FIELD_KEEP_EMPTY,
     .doc = "Indexes that must succeed, such as 0-2,5; with succeededCount: so many of them."},
    F(OPT_INT32, "succeededCount", succeeded_count, 0, "How many indexes must succeed."),
};
#undef OWNER
static API_TYPE(success_rule, "SuccessPolicyRule", struct success_rule, NULL, NULL, "When the Job has succeeded.");

#define OWNER struct success_policy
static const struct api_field success_policy_fields[] = {
    FO(LIST, "rules", rules, success_rule_type, FIELD_ALWAYS, "Rules; one that holds is enough."),
};
#undef OWNER
API_TYPE(success_policy, "SuccessPolicy", struct success_policy, NULL, NULL,
         "When an Indexed Job has succeeded before all its indexes have.");

/* ---- spec, status ---- */

#define OWNER struct job_spec
static const struct api_field job_spec_fields[] = {
    F(OPT_INT32, "parallelism", parallelism, 0, "How many pods may run at a time; 1."),
    F(OPT_INT32, "completions", completions, 0,
      "How many pods must succeed; 1 when parallelism is not given either, else: one that succeeds ends it."),
    F(OPT_INT64, "activeDeadlineSeconds", active_deadline_seconds, 0, "The Job has failed when it takes longer."),
    FO(POINTER, "podFailurePolicy", pod_failure_policy, pod_failure_policy_type, 0, "What failed pods mean."),
    FO(POINTER, "successPolicy", success_policy, success_policy_type, 0,
       "When it has succeeded before all indexes have."),
    F(OPT_INT32, "backoffLimit", backoff_limit, 0, "With more failures than this the Job has failed; 6."),
    F(OPT_INT32, "backoffLimitPerIndex", backoff_limit_per_index, 0,
      "Failures of one index before that one has failed."),
    F(OPT_INT32, "maxFailedIndexes", max_failed_indexes, 0, "With more failed indexes than this the Job has failed."),
    FO(POINTER, "selector", selector, label_selector_type, 0, "Its pods; made by the API server."),
    F(OPT_BOOL, "manualSelector", manual_selector, 0, "The selector is the one given."),
    FO(OBJECT, "template", template_, pod_template_type, FIELD_ALWAYS, "What its pods look like."),
    F(OPT_INT32, "ttlSecondsAfterFinished", ttl_seconds_after_finished, 0, "So long after its end it is deleted."),
    FE("completionMode", completion_mode, 0, completion_modes, NULL,
       "NonIndexed, or Indexed: each completion has a number."),
    F(OPT_BOOL, "suspend", suspend, 0, "No pods for now; those that run are deleted."),
    FE("podReplacementPolicy", pod_replacement_policy, 0, replacement_policies, NULL,
       "When a pod is replaced that is being deleted: at once, or when it has failed."),
    F(STRING, "managedBy", managed_by, 0, "Another controller looks after it."),
};
#undef OWNER
API_TYPE(job_spec, "JobSpec", struct job_spec, NULL, job_spec_validate, "What the user wants.");

#define OWNER struct workload_condition
static const struct api_field job_condition_fields[] = {
    F(STRING, "type", type, FIELD_ALWAYS | FIELD_IDENTITY,
      "Suspended, SuccessCriteriaMet, FailureTarget, Complete or Failed."),
    F(STRING, "status", status, FIELD_ALWAYS, "True, False or Unknown."),
    F(TIME, "lastProbeTime", last_update_time, 0, "When it was last looked at."),
    F(TIME, "lastTransitionTime", last_transition_time, 0, "When the status last changed."),
    F(STRING, "reason", reason, 0, "Cause of the last change, one word."),
    F(STRING, "message", message, 0, "Details for people."),
};
#undef OWNER
static API_TYPE(job_condition, "JobCondition", struct workload_condition, NULL, NULL, "Where the Job stands.");

#define OWNER struct uncounted_pods
static const struct api_field uncounted_pods_fields[] = {
    F(STRING_LIST, "succeeded", succeeded, 0, "UIDs of pods that have succeeded."),
    F(STRING_LIST, "failed", failed, 0, "UIDs of pods that have failed."),
};
#undef OWNER
static API_TYPE(uncounted_pods, "UncountedTerminatedPods", struct uncounted_pods, NULL, NULL,
                "Pods that have ended and are not in the counts yet: they still have the Job's finalizer.");

#define OWNER struct job_status
static const struct api_field job_status_fields[] = {
    FO(LIST, "conditions", conditions, job_condition_type, 0, "Where the Job stands."),
    F(TIME, "startTime", start_time, 0, "When the controller first saw it; anew when it is resumed."),
    F(TIME, "completionTime", completion_time, 0, "When it was complete."),
    F(INT64, "active", active, 0, "Pods that neither ended nor are being deleted."),
    F(INT64, "succeeded", succeeded, 0, "Pods that have succeeded."),
    F(INT64, "failed", failed, 0, "Pods that have failed."),
    F(OPT_INT32, "terminating", terminating, 0, "Pods that are being deleted and have not ended."),
    F(STRING, "completedIndexes", completed_indexes, 0, "Indexes that have succeeded: 0-2,5."),
    {.name = "failedIndexes",
     .kind = FIELD_STRING,
     .offset = offsetof(OWNER, failed_indexes),
     .flags = FIELD_KEEP_EMPTY,
     .doc = "Indexes that have failed: 0-2,5."},
    FO(POINTER, "uncountedTerminatedPods", uncounted, uncounted_pods_type, 0, "Pods that are not in the counts yet."),
    F(OPT_INT32, "ready", ready, 0, "Active pods that are ready."),
};
#undef OWNER
API_TYPE(job_status, "JobStatus", struct job_status, NULL, NULL, "What the cluster says about it.");

/* ---- Job ---- */

/* k8s SetDefaults_Job. What a CronJob makes its Jobs of gets these when it is made. */
static void job_set_defaults(struct arena *a, void *object)
{
    enum { BACKOFF_LIMIT = 6 };
    struct job *j = object;
    struct job_spec *s = &j->spec;
    const struct opt_i64 one = {1, true};
    (void)a;
    if (!s->completions.set && !s->parallelism.set)
        s->completions = one;
    if (!s->parallelism.set)
        s->parallelism = one;
    if (!s->backoff_limit.set)
        s->backoff_limit = (struct opt_i64){s->backoff_limit_per_index.set ? INT32_MAX : BACKOFF_LIMIT, true};
    if (j->object.meta.labels.count == 0)
        j->object.meta.labels = s->template_.meta.labels;
    if (!s->completion_mode)
        s->completion_mode = "NonIndexed";
    if (!s->suspend.set)
        s->suspend = (struct opt_bool){false, true};
    if (!s->pod_replacement_policy)
        s->pod_replacement_policy = s->pod_failure_policy ? "Failed" : "TerminatingOrFailed";
    if (!s->manual_selector.set)
        s->manual_selector = (struct opt_bool){false, true};
}

#define OWNER struct job
static const char *const job_kind[] = {"Job", NULL};
static const struct api_field job_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, batch_version, "batch/v1",
       "Version of the API: batch/v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, job_kind, "Job", "Kind of the object: Job."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, job_spec_type, FIELD_ALWAYS | FIELD_REQUIRED, "What the user wants."),
    FO(OBJECT, "status", status, job_status_type, FIELD_ALWAYS | FIELD_READONLY, "What the cluster says about it."),
};
#undef OWNER
API_TYPE(job, "Job", struct job, job_set_defaults, job_validate, "Pods that run until so many have succeeded.");

/* ---- small questions ---- */

const struct workload_condition *job_condition(const struct job_status *s, const char *type)
{
    for (uint32_t i = 0; i < s->conditions.count; i++)
        if (text_is(s->conditions.items[i].type, type) && text_is(s->conditions.items[i].status, "True"))
            return &s->conditions.items[i];
    return NULL;
}

const struct workload_condition *job_finished(const struct job *j)
{
    const struct workload_condition *complete = job_condition(&j->status, "Complete");
    return complete ? complete : job_condition(&j->status, "Failed");
}

bool job_is_indexed(const struct job *j) { return text_is(j->spec.completion_mode, "Indexed"); }
bool job_is_suspended(const struct job *j) { return j->spec.suspend.set && j->spec.suspend.value; }

/* ---- a new one ---- */

/* What is there stays; if it is another value, validation has said so. */
static void add_label(struct arena *a, str_map *labels, const char *key, const char *value)
{
    if (!str_map_get(labels, key))
        *labels = map_with(a, labels, key, value);
}

static void generate_selector(struct arena *a, const struct features *f, struct job *j)
{
    const struct object_meta *m = &j->object.meta;
    str_map *labels = &j->spec.template_.meta.labels;
    struct label_selector *selector = arena_new(a, struct label_selector);
    bool prefixed = feature_on(f, FEATURE_JOB_LABELS_PREFIXED);
    add_label(a, labels, JOB_NAME_LABEL_OLD, m->name);
    add_label(a, labels, JOB_UID_LABEL_OLD, m->uid);
    if (prefixed) {
        add_label(a, labels, JOB_NAME_LABEL, m->name);
        add_label(a, labels, JOB_UID_LABEL, m->uid);
    }
    if (j->spec.selector)
        *selector = *j->spec.selector;
    add_label(a, &selector->match_labels, prefixed ? JOB_UID_LABEL : JOB_UID_LABEL_OLD, m->uid);
    j->spec.selector = selector;
}

/* Rules that fail an index have no meaning without limits per index. */
static void drop_fail_index_rules(struct arena *a, struct job_spec *s)
{
    if (!s->pod_failure_policy)
        return;
    struct pod_failure_policy *kept = arena_new(a, struct pod_failure_policy);
    kept->rules.items = arena_array(a, struct pod_failure_rule, s->pod_failure_policy->rules.count + 1);
    for (uint32_t i = 0; i < s->pod_failure_policy->rules.count; i++)
        if (!text_is(s->pod_failure_policy->rules.items[i].action, "FailIndex"))
            kept->rules.items[kept->rules.count++] = s->pod_failure_policy->rules.items[i];
    s->pod_failure_policy = kept;
}

void job_prepare_for_create(struct arena *a, const struct features *f, struct job *j)
{
    struct job_spec *s = &j->spec;
    if (!s->manual_selector.value)
        generate_selector(a, f, j);
    if (!feature_on(f, FEATURE_JOB_POD_FAILURE_POLICY))
        s->pod_failure_policy = NULL;
    if (!feature_on(f, FEATURE_JOB_MANAGED_BY))
        s->managed_by = NULL;
    if (!feature_on(f, FEATURE_JOB_SUCCESS_POLICY))
        s->success_policy = NULL;
    if (!feature_on(f, FEATURE_JOB_BACKOFF_LIMIT_PER_INDEX)) {
        s->backoff_limit_per_index = s->max_failed_indexes = (struct opt_i64){0, false};
        drop_fail_index_rules(a, s);
    }
    if (!feature_on(f, FEATURE_JOB_POD_REPLACEMENT_POLICY))
        s->pod_replacement_policy = NULL;
}

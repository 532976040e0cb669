/* api_batch.h - the workloads of batch/v1 as C structs: Job and CronJob.
 *
 * k8s staging/src/k8s.io/api/batch/v1/types.go, v1.36. The tables are in api_batch.c, the rules in
 * api_batch_validate.c and api_cronjob_validate.c.
 */
#ifndef MODEL_API_BATCH_H
#define MODEL_API_BATCH_H

#include "model/api_apps.h"
#include "model/feature_gates.h"

/* ---- labels, annotations, finalizers ---- */
#define JOB_TRACKING_FINALIZER        "batch.kubernetes.io/job-tracking"
#define JOB_NAME_LABEL                "batch.kubernetes.io/job-name"
#define JOB_NAME_LABEL_OLD            "job-name"
#define JOB_UID_LABEL                 "batch.kubernetes.io/controller-uid"
#define JOB_UID_LABEL_OLD             "controller-uid"
#define JOB_INDEX_ANNOTATION          "batch.kubernetes.io/job-completion-index"
#define JOB_INDEX_FAILURES_ANNOTATION "batch.kubernetes.io/job-index-failure-count"
#define JOB_INDEX_IGNORED_ANNOTATION  "batch.kubernetes.io/job-index-ignored-failure-count"
#define JOB_CONTROLLER_NAME           "kubernetes.io/job-controller"
#define CRONJOB_INSTANTIATE           "cronjob.kubernetes.io/instantiate"
#define CRONJOB_SCHEDULED             "batch.kubernetes.io/cronjob-scheduled-timestamp"

/* ---- Job ---- */
struct exit_code_requirement {
    const char *container_name; /* NULL = any */
    const char *operator_;      /* In, NotIn */
    int_list values;
};
struct pod_condition_pattern {
    const char *type, *status;
};
struct pod_failure_rule {
    const char *action; /* FailJob, FailIndex, Ignore, Count */
    struct exit_code_requirement *on_exit_codes;
    LIST_OF(struct pod_condition_pattern) on_pod_conditions;
};
struct pod_failure_policy {
    LIST_OF(struct pod_failure_rule) rules;
};
struct success_rule {
    const char *succeeded_indexes; /* "0-2,5"; NULL = not said */
    struct opt_i64 succeeded_count;
};
struct success_policy {
    LIST_OF(struct success_rule) rules;
};
struct job_spec {
    struct opt_i64 parallelism, completions, active_deadline_seconds, backoff_limit, backoff_limit_per_index;
    struct opt_i64 max_failed_indexes, ttl_seconds_after_finished;
    struct pod_failure_policy *pod_failure_policy;
    struct success_policy *success_policy;
    struct label_selector *selector;
    struct opt_bool manual_selector, suspend;
    struct pod_template template_;
    const char *completion_mode, *pod_replacement_policy, *managed_by;
};
struct uncounted_pods {
    str_list succeeded, failed; /* uids */
};
struct job_status {
    LIST_OF(struct workload_condition) conditions;
    sim_time start_time, completion_time;
    int64_t active, succeeded, failed;
    struct opt_i64 terminating, ready;
    const char *completed_indexes, *failed_indexes;
    struct uncounted_pods *uncounted;
};
struct job {
    struct api_object object;
    struct job_spec spec;
    struct job_status status;
};

/* The condition is True. */
const struct workload_condition *job_condition(const struct job_status *s, const char *type);
/* Complete or Failed: k8s pkg/controller/job/util/utils.go FinishedCondition; NULL = it is not over. */
const struct workload_condition *job_finished(const struct job *j);
bool job_is_indexed(const struct job *j);
bool job_is_suspended(const struct job *j);
/* k8s pkg/registry/batch/job/strategy.go PrepareForCreate: fields of gates that are off go; the selector and the
 * labels of the template are made. Name and uid are there. */
void job_prepare_for_create(struct arena *a, const struct features *f, struct job *j);

/* api_batch_update.c: NULL, or why the API server does not let it become that. */
const char *wrong_job_update(struct arena *a, const struct features *f, const struct job *from, const struct job *to);

/* ---- CronJob ---- */
struct job_template {
    struct object_meta meta;
    struct job_spec spec;
};
struct cron_job_spec {
    const char *schedule, *time_zone, *concurrency_policy;
    struct opt_i64 starting_deadline_seconds, successful_jobs_history_limit, failed_jobs_history_limit;
    struct opt_bool suspend;
    struct job_template job_template;
};
struct cron_job_status {
    LIST_OF(struct object_reference) active;
    sim_time last_schedule_time, last_successful_time;
};
struct cron_job {
    struct api_object object;
    struct cron_job_spec spec;
    struct cron_job_status status;
};

#endif

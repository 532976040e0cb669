/* api_cronjob.c - the table of CronJob (batch/v1), and its rules in the API server's words.
 * k8s staging/src/k8s.io/api/batch/v1/types.go; pkg/apis/batch/v1/defaults.go, validation/validation.go
 * ValidateCronJobCreate, v1.36.
 */
#include "model/api_batch.h"
#include "model/api_types.h"
#include "model/cron_schedule.h"

#include "model/api_table.h"

#include <string.h>

static const char *const batch_version[] = {"batch/v1", NULL};
static const char *const concurrency_policies[] = {"Allow", "Forbid", "Replace", NULL};

/* ---- rules ---- */

static void job_template_validate(struct check *c, const void *object)
{
    const struct job_template *t = object;
    struct check spec = check_at(c, "spec");
    if (t->spec.selector)
        check_invalid_raw(AT(&spec, "selector"), check_json_of(c, &label_selector_type, t->spec.selector),
                          "`selector` will be auto-generated");
    if (t->spec.manual_selector.value)
        check_report(AT(&spec, "manualSelector"), NULL,
                     "Unsupported value: true: supported values: \"nil\", \"false\"");
}

/* k8s validateTimeZone */
static void validate_time_zone(struct check *c, const char *name)
{
    struct arena *a = c->run->arena;
    if (!*name)
        check_invalid(c, name, "timeZone must be nil or non-empty string");
    else if (strcmp(name, "Local") == 0 || strcmp(name, "local") == 0)
        check_invalid(c, name, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
    else if (!time_zone_rule(name))
        check_invalid(c, name, arena_printf(a, "unknown time zone %s", name));
}

static void cron_job_spec_validate(struct check *c, const void *object)
{
    const struct cron_job_spec *s = object;
    struct cron_schedule parsed;
    const char *schedule = s->schedule ? s->schedule : "";
    const char *wrong = *schedule ? cron_parse(c->run->arena, schedule, &parsed) : NULL;
    if (!*schedule)
        check_required(AT(c, "schedule"), NULL);
    if (wrong)
        check_invalid(AT(c, "schedule"), schedule, wrong);
    if (strstr(schedule, "TZ"))
        check_invalid(AT(c, "schedule"), schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    if (s->time_zone)
        validate_time_zone(AT(c, "timeZone"), s->time_zone);
    if (s->starting_deadline_seconds.set)
        check_not_negative(AT(c, "startingDeadlineSeconds"), s->starting_deadline_seconds.value);
    check_not_negative(AT(c, "successfulJobsHistoryLimit"), s->successful_jobs_history_limit.value);
    check_not_negative(AT(c, "failedJobsHistoryLimit"), s->failed_jobs_history_limit.value);
}

static void cron_job_validate(struct check *c, const void *object)
{
    enum { NAME_MAX_CHARS = 52 }; /* 63, less "-" and ten digits */
    const struct object_meta *m = &((const struct cron_job *)object)->object.meta;
    workload_meta_validate(c, object);
    if (m->name && strlen(m->name) > NAME_MAX_CHARS && !m->uid)
        check_invalid(AT(AT(c, "metadata"), "name"), m->name, "must be no more than 52 characters");
}

/* ---- tables ---- */

#define OWNER struct job_template
static const struct api_field job_template_fields[] = {
    FO(OBJECT, "metadata", meta, object_meta_type, 0, "Labels and annotations that Jobs get."),
    FO(OBJECT, "spec", spec, job_spec_type, 0, "What its Jobs look like."),
};
#undef OWNER
static API_TYPE(job_template, "JobTemplateSpec", struct job_template, NULL, job_template_validate,
                "What Jobs are made of.");

#define OWNER struct cron_job_spec
static const struct api_field cron_job_spec_fields[] = {
    F(STRING, "schedule", schedule, FIELD_ALWAYS, "When: minute, hour, day of month, month, day of week; or @daily."),
    {.name = "timeZone",
     .kind = FIELD_STRING,
     .offset = offsetof(OWNER, time_zone),
     .flags = FIELD_KEEP_EMPTY,
     .doc = "Name of the zone whose clock the schedule is read by; UTC."},
    F(OPT_INT64, "startingDeadlineSeconds", starting_deadline_seconds, 0,
      "A Job that could not be started for so long is not started any more."),
    FE("concurrencyPolicy", concurrency_policy, 0, concurrency_policies, "Allow",
       "What to do while a Job still runs: Allow another one, Forbid it, or Replace the old one."),
    F(OPT_BOOL, "suspend", suspend, 0, "No Jobs for now."),
    FO(OBJECT, "jobTemplate", job_template, job_template_type, FIELD_ALWAYS, "What its Jobs look like."),
    FD(OPT_INT32, "successfulJobsHistoryLimit", successful_jobs_history_limit, "3", "How many complete Jobs are kept."),
    FD(OPT_INT32, "failedJobsHistoryLimit", failed_jobs_history_limit, "1", "How many failed Jobs are kept."),
};
#undef OWNER
static API_TYPE(cron_job_spec, "CronJobSpec", struct cron_job_spec, NULL, cron_job_spec_validate,
                "What the user wants.");

#define OWNER struct cron_job_status
static const struct api_field cron_job_status_fields[] = {
    FO(LIST, "active", active, object_reference_type, 0, "Jobs that run."),
    F(TIME, "lastScheduleTime", last_schedule_time, 0, "When a Job was last due and started."),
    F(TIME, "lastSuccessfulTime", last_successful_time, 0, "When a Job was last complete."),
};
#undef OWNER
API_TYPE(cron_job_status, "CronJobStatus", struct cron_job_status, NULL, NULL, "What the cluster says about it.");

static void cron_job_set_defaults(struct arena *a, void *object)
{
    struct cron_job *j = object;
    (void)a;
    if (!j->spec.suspend.set)
        j->spec.suspend = (struct opt_bool){false, true};
}

#define OWNER struct cron_job
static const char *const cron_job_kind[] = {"CronJob", NULL};
static const struct api_field cron_job_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, batch_version, "batch/v1",
       "Version of the API: batch/v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, cron_job_kind, "CronJob", "Kind of the object: CronJob."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FO(OBJECT, "spec", spec, cron_job_spec_type, FIELD_ALWAYS | FIELD_REQUIRED, "What the user wants."),
    FO(OBJECT, "status", status, cron_job_status_type, FIELD_ALWAYS | FIELD_READONLY,
       "What the cluster says about it."),
};
#undef OWNER
API_TYPE(cron_job, "CronJob", struct cron_job, cron_job_set_defaults, cron_job_validate, "Jobs at certain times.");

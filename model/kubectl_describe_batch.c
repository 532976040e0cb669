/* kubectl_describe_batch.c - kubectl describe of Jobs and CronJobs. kubectl pkg/describe/describe.go (v1.34)
 * describeJob, describeCronJob.
 */
#include <string.h>

#include "model/api_batch.h"
#include "model/kubectl_describe.h"
#include "model/printer.h"

/* A line, if the number is set. */
static void optional_number(struct describe *d, const char *label, const struct opt_i64 *n)
{
    if (n->set)
        describe_number(d, label, n->value);
}

static void number_or_unset(struct describe *d, const char *label, const struct opt_i64 *n)
{
    if (n->set)
        describe_number(d, label, n->value);
    else
        describe_line(d, label, "<unset>");
}

static void seconds(struct describe *d, const char *label, const struct opt_i64 *n)
{
    if (n->set)
        strbuf_printf(&d->text, "%s:\t%" PRId64 "s\n", label, n->value);
}

static void times(struct describe *d, const struct job_status *s)
{
    if (s->start_time != SIM_NEVER)
        describe_date_line(d, "Start Time", s->start_time);
    if (s->completion_time != SIM_NEVER)
        describe_date_line(d, "Completed At", s->completion_time);
    if (s->start_time == SIM_NEVER || s->completion_time == SIM_NEVER)
        return;
    strbuf_puts(&d->text, "Duration:\t");
    printer_age(&d->text, s->completion_time - s->start_time);
    strbuf_putc(&d->text, '\n');
}

static void statuses(struct describe *d, const struct job_status *s)
{
    strbuf_printf(&d->text, "Pods Statuses:\t%" PRId64 " Active", s->active);
    if (s->ready.set)
        strbuf_printf(&d->text, " (%" PRId64 " Ready)", s->ready.value);
    strbuf_printf(&d->text, " / %" PRId64 " Succeeded / %" PRId64 " Failed\n", s->succeeded, s->failed);
}

/* k8s capIndexesListOrNone: up to the comma after so many characters. */
static void indexes(struct describe *d, const char *text)
{
    enum { SOFT_LIMIT = 50 };
    size_t n = text ? strlen(text) : 0, cut = SOFT_LIMIT;
    while (cut < n && text[cut] != ',')
        cut++;
    if (n == 0)
        describe_line(d, "Completed Indexes", "<none>");
    else if (cut >= n)
        describe_line(d, "Completed Indexes", text);
    else
        strbuf_printf(&d->text, "Completed Indexes:\t%.*s...\n", (int)cut + 1, text);
}

void describe_job(struct describe *d, const struct api_object *o)
{
    const struct job *j = (const struct job *)o;
    const struct job_spec *s = &j->spec;
    describe_head(d, o);
    describe_line(d, "Selector", s->selector ? describe_selector(d, s->selector) : "<none>");
    describe_labels(d, o);
    describe_controller(d, o);
    optional_number(d, "Parallelism", &s->parallelism);
    number_or_unset(d, "Completions", &s->completions);
    if (s->completion_mode)
        describe_line(d, "Completion Mode", s->completion_mode);
    if (s->suspend.set)
        describe_line(d, "Suspend", s->suspend.value ? "true" : "false");
    optional_number(d, "Backoff Limit", &s->backoff_limit);
    optional_number(d, "TTL Seconds After Finished", &s->ttl_seconds_after_finished);
    times(d, &j->status);
    seconds(d, "Active Deadline Seconds", &s->active_deadline_seconds);
    statuses(d, &j->status);
    if (job_is_indexed(j))
        indexes(d, j->status.completed_indexes);
    describe_template(d, &s->template_.meta, &s->template_.spec);
    describe_events(d, o);
}

/* ---- CronJob ---- */

static void seconds_or_unset(struct describe *d, const char *label, const struct opt_i64 *n)
{
    if (n->set)
        seconds(d, label, n);
    else
        describe_line(d, label, "<unset>");
}

static void job_template(struct describe *d, const struct job_spec *s)
{
    describe_line(d, "Selector", s->selector ? describe_selector(d, s->selector) : "<unset>");
    number_or_unset(d, "Parallelism", &s->parallelism);
    number_or_unset(d, "Completions", &s->completions);
    seconds(d, "Active Deadline Seconds", &s->active_deadline_seconds);
    describe_template(d, &s->template_.meta, &s->template_.spec);
}

static void active_jobs(struct describe *d, const struct cron_job_status *s)
{
    const char *text = "";
    for (uint32_t i = 0; i < s->active.count; i++)
        text = arena_printf(d->run->arena, "%s%s%s", text, i ? ", " : "", s->active.items[i].name);
    describe_line(d, "Active Jobs", *text ? text : "<none>");
}

void describe_cron_job(struct describe *d, const struct api_object *o)
{
    const struct cron_job *j = (const struct cron_job *)o;
    const struct cron_job_spec *s = &j->spec;
    describe_head(d, o);
    describe_labels(d, o);
    describe_line(d, "Schedule", s->schedule);
    describe_line(d, "Concurrency Policy", s->concurrency_policy);
    describe_line(d, "Suspend", s->suspend.value ? "True" : "False");
    describe_line(d, "Time Zone", s->time_zone ? s->time_zone : "<unset>");
    number_or_unset(d, "Successful Job History Limit", &s->successful_jobs_history_limit);
    number_or_unset(d, "Failed Job History Limit", &s->failed_jobs_history_limit);
    seconds_or_unset(d, "Starting Deadline Seconds", &s->starting_deadline_seconds);
    job_template(d, &s->job_template.spec);
    if (j->status.last_schedule_time != SIM_NEVER)
        describe_date_line(d, "Last Schedule Time", j->status.last_schedule_time);
    else
        describe_line(d, "Last Schedule Time", "<unset>");
    active_jobs(d, &j->status);
    describe_events(d, o);
}

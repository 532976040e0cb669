/* printer_workload.c - rows of workloads. k8s pkg/printers/internalversion/printers.go printDeployment,
 * printReplicaSet, printReplicationController, printJob, v1.36.
 */
#include "model/printer_private.h"

#include "model/api_batch.h"

/* k8s layoutContainerCells */
void put_containers(struct row *r, const struct pod_spec *s)
{
    for (uint32_t i = 0; i < s->containers.count; i++)
        strbuf_printf(r->cell, "%s%s", i ? "," : "", s->containers.items[i].name);
    row_flush(r);
    for (uint32_t i = 0; i < s->containers.count; i++)
        strbuf_printf(r->cell, "%s%s", i ? "," : "", s->containers.items[i].image);
    row_flush(r);
}

void put_selector(struct row *r, const struct label_selector *s)
{
    label_selector_format(s, r->cell);
    row_flush(r);
}

void deployment_row(struct row *r, const struct api_object *o)
{
    const struct deployment *d = (const struct deployment *)o;
    strbuf_printf(r->cell, "%" PRId64 "/%" PRId64, d->status.ready_replicas, d->spec.replicas.value);
    row_flush(r);
    row_put_int(r, d->status.updated_replicas);
    row_put_int(r, d->status.available_replicas);
    row_put_age(r, o->meta.creation_timestamp);
    if (!r->wide)
        return;
    put_containers(r, &d->spec.template_.spec);
    put_selector(r, d->spec.selector);
}

void replica_set_row(struct row *r, const struct api_object *o)
{
    const struct replica_set *rs = (const struct replica_set *)o;
    row_put_int(r, rs->spec.replicas.value);
    row_put_int(r, rs->status.replicas);
    row_put_int(r, rs->status.ready_replicas);
    row_put_age(r, o->meta.creation_timestamp);
    if (!r->wide)
        return;
    struct label_selector selector = selector_of_replica_set(rs);
    put_containers(r, &rs->spec.template_.spec);
    put_selector(r, &selector);
}

/* ---- Job ---- */

static const char *job_status(const struct job *j)
{
    static const struct {
        const char *condition;
        bool before_deletion;
    } rows[] = {
        {"Complete", true},
        {"Failed", true},
        {"Suspended", false},
        {"FailureTarget", false},
        {"SuccessCriteriaMet", false},
    };
    bool going = j->object.meta.deletion_timestamp != SIM_NEVER;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (going && !rows[i].before_deletion)
            return "Terminating";
        if (job_condition(&j->status, rows[i].condition))
            return rows[i].condition;
    }
    return "Running";
}

static void put_completions(struct row *r, const struct job *j)
{
    int64_t parallelism = j->spec.parallelism.value;
    if (j->spec.completions.set)
        strbuf_printf(r->cell, "%" PRId64 "/%" PRId64, j->status.succeeded, j->spec.completions.value);
    else if (parallelism > 1)
        strbuf_printf(r->cell, "%" PRId64 "/1 of %" PRId64, j->status.succeeded, parallelism);
    else
        strbuf_printf(r->cell, "%" PRId64 "/1", j->status.succeeded);
    row_flush(r);
}

void job_row(struct row *r, const struct api_object *o)
{
    const struct job *j = (const struct job *)o;
    sim_time end = j->status.completion_time != SIM_NEVER ? j->status.completion_time : r->now;
    if (!r->server || feature_on(r->server, FEATURE_JOB_STATUS_COLUMN))
        row_put(r, job_status(j));
    put_completions(r, j);
    if (j->status.start_time != SIM_NEVER)
        printer_age(r->cell, end - j->status.start_time);
    row_flush(r);
    row_put_age(r, o->meta.creation_timestamp);
    if (!r->wide)
        return;
    put_containers(r, &j->spec.template_.spec);
    put_selector(r, j->spec.selector);
}

/* ---- CronJob ---- */

void cron_job_row(struct row *r, const struct api_object *o)
{
    const struct cron_job *j = (const struct cron_job *)o;
    row_put(r, j->spec.schedule);
    row_put(r, j->spec.time_zone ? j->spec.time_zone : "<none>");
    row_put(r, j->spec.suspend.value ? "True" : "False");
    row_put_int(r, j->status.active.count);
    if (j->status.last_schedule_time == SIM_NEVER)
        row_put(r, "<none>");
    else
        row_put_age(r, j->status.last_schedule_time);
    row_put_age(r, o->meta.creation_timestamp);
    if (!r->wide)
        return;
    put_containers(r, &j->spec.job_template.spec.template_.spec);
    row_put(r, "<none>");
}

/* verify_job.c - promises about Jobs. */
#include "model/api_batch.h"
#include "report/verify_private.h"

static bool is_controlled_by(const struct api_object *o, const char *uid)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++)
        if (o->meta.owner_references.items[i].controller.value && text_same(o->meta.owner_references.items[i].uid, uid))
            return true;
    return false;
}

static bool is_tracked(const struct api_object *o)
{
    for (uint32_t i = 0; i < o->meta.finalizers.count; i++)
        if (text_is(o->meta.finalizers.items[i], JOB_TRACKING_FINALIZER))
            return true;
    return false;
}

static bool is_active(const struct pod *p)
{
    return !verify_phase_final(p->status.phase) && p->object.meta.deletion_timestamp == SIM_NEVER;
}

/* How many of its pods have succeeded; or have ended or been stopped, however: a pod that ran when the Job ended has
 * failed for it. Whether they are still there or not. */
static int64_t pods_that(struct verifier *v, const struct job *j, bool succeeded)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (!o->latest || o->latest->kind != KIND_POD || !is_controlled_by(o->latest, j->object.meta.uid))
            continue;
        const struct pod *p = (const struct pod *)o->latest;
        n += succeeded ? text_is(p->status.phase, "Succeeded") : !is_active(p);
    }
    return n;
}

void verify_job_write(struct verifier *v, const struct job *j)
{
    const struct job *before = (const struct job *)j->object.prev;
    const char *name = j->object.meta.name;
    if (!before)
        return;
    bool counted = before->status.succeeded != j->status.succeeded || before->status.failed != j->status.failed;
    const struct workload_condition *was = job_finished(before), *is = job_finished(j);
    VERIFY(v, JOB_END, !was || (is && text_same(was->type, is->type) && !counted), "%s was %s", name,
           was ? was->type : "");
    bool resized = job_is_indexed(j) && before->spec.completions.value != j->spec.completions.value;
    VERIFY(v, JOB_COUNT,
           resized || job_is_indexed(j) ||
               (before->status.succeeded <= j->status.succeeded && before->status.failed <= j->status.failed),
           "%s: succeeded %" PRId64 " to %" PRId64 ", failed %" PRId64 " to %" PRId64, name, before->status.succeeded,
           j->status.succeeded, before->status.failed, j->status.failed);
    if (!counted)
        return;
    int64_t succeeded = pods_that(v, j, true), ended = pods_that(v, j, false);
    VERIFY(v, JOB_COUNT, j->status.succeeded <= succeeded, "%s says %" PRId64 " succeeded, %" PRId64 " did", name,
           j->status.succeeded, succeeded);
    VERIFY(v, JOB_COUNT, j->status.failed + j->status.succeeded <= ended,
           "%s says %" PRId64 " failed and %" PRId64 " succeeded, %" PRId64 " ended", name, j->status.failed,
           j->status.succeeded, ended);
}

static const struct job *job_of(struct verifier *v, const struct pod *p)
{
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (o->latest && o->latest->kind == KIND_JOB && is_controlled_by(&p->object, o->latest->meta.uid))
            return (const struct job *)o->latest;
    }
    return NULL;
}

/* A pod is made: those that are active are no more than the Job may have had at any time, since the controller may have
 * read an older version. Pods that it adopted are not its own doing. */
void verify_job_pod_write(struct verifier *v, const struct pod *p)
{
    if (v->record->flags != WRITE_CREATE || v->record->component != COMP_JOB_CONTROLLER)
        return;
    const struct job *j = job_of(v, p);
    int64_t most = 0, n = 0;
    for (const struct job *version = j; version; version = (const struct job *)version->object.prev)
        most = version->spec.parallelism.value > most ? version->spec.parallelism.value : most;
    for (uint32_t i = 0; j && i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (!o->latest || o->gone || o->latest->kind != KIND_POD || !is_controlled_by(o->latest, j->object.meta.uid))
            continue;
        n += is_active((const struct pod *)o->latest) && o->latest->meta.generate_name;
    }
    VERIFY(v, JOB_PARALLELISM, !j || n <= most, "%s has %" PRId64 " active pods, at most %" PRId64 " are allowed",
           j ? j->object.meta.name : "", n, most);
}

void verify_jobs_end(struct verifier *v)
{
    for (uint32_t i = 0; i < v->objects.count; i++) {
        const struct vobject *o = pool_at(&v->objects, i);
        if (!o->latest || o->gone || o->latest->kind != KIND_POD)
            continue;
        const struct pod *p = (const struct pod *)o->latest;
        const struct job *j = job_of(v, p);
        if (!j || !job_finished(j))
            continue;
        VERIFY(v, END_JOB, !is_active(p), "%s runs, %s is over", p->object.meta.name, j->object.meta.name);
        VERIFY(v, END_JOB, !is_tracked(&p->object), "%s has its finalizer, %s is over", p->object.meta.name,
               j->object.meta.name);
    }
}

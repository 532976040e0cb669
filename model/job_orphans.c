/* job_orphans.c - see job_orphans.h.
 */
#include "model/job_orphans.h"

#include "model/api_batch.h"
#include "model/classes.h"
#include "model/job.h"
#include "model/pod_control.h"
#include "model/workqueue.h"

/* k8s --concurrent-job-syncs */
enum { WORKERS = 5 };

struct job_orphans {
    struct store *store;
    struct informers *informers;
    struct workqueue *queue;
    struct pool waiting; /* uint32_t: ordinals */
};

void job_orphans_add(struct job_orphans *o, const struct api_object *pod)
{
    *(uint32_t *)pool_at(&o->waiting, pool_add(&o->waiting)) = pod->ordinal;
    workqueue_add(o->queue, 0);
}

/* k8s enqueueLabelSelector; by owner instead of by selector, which is the same unless somebody changes labels. */
void job_orphans_add_pods_of(struct job_orphans *o, const struct api_object *job)
{
    for (uint32_t i = informers_first_owned(o->informers, KIND_POD, job->meta.uid); i;
         i = informers_next(o->informers, i))
        if (job_pod_is_tracked((const struct pod *)informers_item(o->informers, i)))
            job_orphans_add(o, informers_item(o->informers, i));
}

/* k8s handleSingleOrphanPod: nobody's, or of a Job that is gone or over. */
static bool is_orphan(struct job_orphans *o, const struct api_object *pod)
{
    const struct owner_reference *ref = controller_of(pod);
    if (!ref)
        return true;
    if (kind_of(ref->api_version, ref->kind) != KIND_JOB)
        return false;
    const struct job *j = (const struct job *)informers_owner(o->informers, ref);
    bool managed = j && store_has(o->store, FEATURE_JOB_MANAGED_BY) && j->spec.managed_by &&
                   !text_is(j->spec.managed_by, JOB_CONTROLLER_NAME);
    return !j || (!managed && job_finished(j));
}

static void sync(void *ctx, uint32_t key)
{
    struct job_orphans *o = ctx;
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->waiting.count; i++) {
        uint32_t ordinal = *(const uint32_t *)pool_at(&o->waiting, i);
        const struct api_object *pod = informers_get(o->informers, ordinal);
        if (pod && job_pod_is_tracked((const struct pod *)pod) && is_orphan(o, pod))
            workqueue_call(o->queue, key, (struct work_call){.first_of_batch = n++ % WORKERS == 0, .object = ordinal});
    }
    o->waiting.count = 0;
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct job_orphans *o = ctx;
    (void)key;
    pod_remove_finalizer(o->store, COMP_JOB_CONTROLLER, call->object, JOB_TRACKING_FINALIZER);
    return CALL_OK;
}

struct job_orphans *job_orphans_new(struct store *st, struct informers *f)
{
    struct job_orphans *o = arena_new(store_arena(st), struct job_orphans);
    *o = (struct job_orphans){.store = st, .informers = f};
    pool_init(&o->waiting, store_arena(st), sizeof(uint32_t));
    const struct work_ops ops = {.name = "job-orphans", .class = CLASS_WORKLOAD, .sync = sync, .make = make};
    o->queue = workqueue_new(st, &ops, o);
    workqueue_key(o->queue, text_hash(TEXT_HASH, ops.name));
    return o;
}

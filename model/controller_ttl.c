/* controller_ttl.c - deletes Jobs some time after their end, their pods first.
 *
 * Mirrors k8s pkg/controller/ttlafterfinished/ttlafterfinished_controller.go (v1.36); semantics/workloads.md 8.
 */
#include "model/controller_ttl.h"

#include "model/api_batch.h"
#include "model/classes.h"
#include "model/workqueue.h"

struct controller {
    struct store *store;
    struct informers *informers;
    struct workqueue *queue;
    struct pool ordinals; /* uint32_t, by key */
};

/* What is left; SIM_NEVER: it has no end, or is going already. */
static sim_time time_left(const struct job *j, sim_time now)
{
    const struct workload_condition *end = job_finished(j);
    const struct opt_i64 *ttl = &j->spec.ttl_seconds_after_finished;
    if (!end || !ttl->set || j->object.meta.deletion_timestamp != SIM_NEVER)
        return SIM_NEVER;
    return end->last_transition_time + ttl->value * SIM_SECOND - now;
}

static void on_job(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    bool is_new;
    (void)before;
    if (!after || time_left((const struct job *)after, 0) == SIM_NEVER)
        return;
    uint32_t key = 0;
    while (key < c->ordinals.count && *(const uint32_t *)pool_at(&c->ordinals, key) != after->ordinal)
        key++;
    is_new = key == c->ordinals.count;
    if (is_new) { /* in order of their ends */
        *(uint32_t *)pool_at(&c->ordinals, pool_add(&c->ordinals)) = after->ordinal;
        workqueue_key(c->queue, after->stream);
    }
    workqueue_add(c->queue, key);
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    uint32_t ordinal = *(const uint32_t *)pool_at(&c->ordinals, key);
    const struct job *j = (const struct job *)informers_get(c->informers, ordinal);
    sim_time left = j ? time_left(j, sim_now(store_sim(c->store))) : SIM_NEVER;
    if (left == SIM_NEVER)
        return;
    if (left > 0)
        workqueue_add_after(c->queue, key, left);
    else
        workqueue_call(c->queue, key, (struct work_call){.first_of_batch = true, .object = ordinal});
}

/* The latest version has the last word. */
static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    const struct api_object *fresh = store_by_ordinal(c->store, call->object);
    sim_time left = fresh ? time_left((const struct job *)fresh, sim_now(store_sim(c->store))) : SIM_NEVER;
    if (left == SIM_NEVER)
        return CALL_OK;
    if (left > 0)
        workqueue_add_after(c->queue, key, left);
    else
        store_delete_as(c->store, COMP_TTL_CONTROLLER, fresh, -1, PROPAGATE_FOREGROUND);
    return CALL_OK;
}

void ttl_controller_new(struct store *st, struct informers *f)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){.store = st, .informers = f};
    pool_init(&c->ordinals, store_arena(st), sizeof(uint32_t));
    const struct work_ops ops = {
        .name = trace_component_names[COMP_TTL_CONTROLLER], .class = CLASS_PARENT, .sync = sync, .make = make};
    c->queue = workqueue_new(st, &ops, c);
    informers_listen(f, KIND_JOB, on_job, c);
}

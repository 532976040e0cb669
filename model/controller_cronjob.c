/* controller_cronjob.c - makes the Jobs of CronJobs when they are due.
 *
 * Mirrors k8s pkg/controller/cronjob/cronjob_controllerv2.go (v1.36). What a CronJob does is decided in cronjob.c;
 * rules: semantics/workloads.md 7.
 */
#include "model/controller_cronjob.h"

#include "model/api_types.h"
#include "model/classes.h"
#include "model/cronjob.h"
#include "model/pod_control.h"
#include "model/workqueue.h"

enum call_kind { CALL_DELETE, CALL_CREATE, CALL_STATUS };

/* What is looked after: one CronJob. */
struct item {
    uint32_t ordinal;
    const struct cron_job *cronjob; /* as it was read */
    sim_time scheduled, recheck;
    const struct api_object *made; /* the Job; NULL = none */
};

struct controller {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct informers *informers;
    struct recorder *recorder;
    struct workqueue *queue;
    struct event_origin origin;
    struct pool items; /* struct item, by key */
};

static struct item *item_at(struct controller *c, uint32_t key) { return pool_at(&c->items, key); }

/* ---- what wakes it ---- */

static uint32_t key_of(struct controller *c, const struct api_object *cronjob)
{
    bool is_new;
    uint32_t key = workqueue_key_of(c->queue, cronjob, &is_new);
    if (is_new) {
        uint32_t index = pool_add(&c->items);
        ASSERT(index == key);
        item_at(c, key)->ordinal = cronjob->ordinal;
    }
    return key;
}

static void on_cronjob(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    uint32_t key = key_of(c, after ? after : before);
    const struct cron_job *was = (const struct cron_job *)before, *is = (const struct cron_job *)after;
    bool moved =
        was && is &&
        (!text_same(was->spec.schedule, is->spec.schedule) || !text_same(was->spec.time_zone, is->spec.time_zone));
    sim_time wait = moved ? cronjob_next(c->scratch, is, store_epoch(c->store), sim_now(c->sim)) : 0;
    if (wait != SIM_NEVER)
        workqueue_add_after(c->queue, key, wait);
}

static void on_job(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    const struct api_object *versions[] = {before, after};
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        const struct api_object *owner =
            versions[i] ? informers_controller(c->informers, versions[i], KIND_CRONJOB) : NULL;
        if (owner)
            workqueue_add(c->queue, key_of(c, owner));
    }
}

/* ---- a sync ---- */

static void read_facts(struct controller *c, const struct cron_job *j, struct cronjob_facts *f)
{
    uint32_t n = 0, first = informers_first_owned(c->informers, KIND_JOB, j->object.meta.uid);
    for (uint32_t i = first; i; i = informers_next(c->informers, i))
        n++;
    *f = (struct cronjob_facts){.cronjob = j, .epoch = store_epoch(c->store), .now = sim_now(c->sim)};
    f->jobs.items = arena_array(c->scratch, const struct job *, n + 1);
    for (uint32_t i = first; i; i = informers_next(c->informers, i))
        f->jobs.items[f->jobs.count++] = (const struct job *)informers_item(c->informers, i);
    bool *exists = arena_array(c->scratch, bool, j->status.active.count + 1);
    for (uint32_t i = 0; i < j->status.active.count; i++) {
        const struct object_reference *ref = &j->status.active.items[i];
        exists[i] = store_get(c->store, KIND_JOB, ref->namespace_, ref->name) != NULL;
    }
    f->active_exists = exists;
}

static void list_status(struct controller *c, uint32_t key, const struct cronjob_plan *plan)
{
    struct cron_job_status *kept = arena_new(c->arena, struct cron_job_status);
    if (!plan->write_status && plan->scheduled == SIM_NEVER)
        return;
    api_copy(&cron_job_status_type, c->arena, &plan->status, kept);
    workqueue_call(c->queue, key, (struct work_call){.kind = CALL_STATUS, .first_of_batch = true, .data = kept});
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct item *i = item_at(c, key);
    arena_reset(c->scratch);
    i->recheck = SIM_NEVER;
    i->made = NULL;
    i->cronjob = (const struct cron_job *)informers_get(c->informers, i->ordinal);
    if (!i->cronjob)
        return;
    struct cronjob_facts facts;
    struct cronjob_plan plan;
    read_facts(c, i->cronjob, &facts);
    cronjob_decide(c->scratch, &facts, &plan);
    for (uint32_t k = 0; k < plan.events.count; k++)
        recorder_event(c->recorder, &c->origin, &i->cronjob->object, NULL, plan.events.items[k].warning,
                       plan.events.items[k].reason, "%s", plan.events.items[k].message);
    for (uint32_t k = 0; k < plan.remove.count; k++)
        workqueue_call(c->queue, key,
                       (struct work_call){.kind = CALL_DELETE,
                                          .first_of_batch = true,
                                          .object = plan.remove.items[k]->object.ordinal});
    i->scheduled = plan.scheduled;
    i->recheck = plan.recheck;
    if (plan.scheduled != SIM_NEVER)
        workqueue_call(c->queue, key, (struct work_call){.kind = CALL_CREATE, .first_of_batch = true});
    list_status(c, key, &plan);
}

/* ---- the calls ---- */

static void delete_job(struct controller *c, const struct api_object *cronjob, uint32_t job)
{
    const struct api_object *current = store_by_ordinal(c->store, job);
    if (!current)
        return;
    const char *name = current->meta.name;
    store_delete(c->store, COMP_CRONJOB_CONTROLLER, current, -1);
    recorder_event(c->recorder, &c->origin, cronjob, NULL, false, "SuccessfulDelete", "Deleted job %s", name);
}

static struct job *job_of_instant(struct controller *c, const struct cron_job *cj, sim_time scheduled)
{
    int64_t epoch = store_epoch(c->store);
    struct job *j = cronjob_job(c->arena, cj, cronjob_job_name(c->arena, cj, epoch, scheduled));
    struct object_meta *m = &j->object.meta;
    if (store_has(c->store, FEATURE_CRONJOB_SCHEDULED_ANNOTATION))
        m->annotations =
            map_with(c->arena, &m->annotations, CRONJOB_SCHEDULED, cronjob_timestamp(c->arena, cj, epoch, scheduled));
    m->owner_references.items = controller_reference(c->arena, &cj->object);
    m->owner_references.count = 1;
    api_set_defaults(&job_type, c->arena, j);
    return j;
}

static enum call_result create_job(struct controller *c, uint32_t key)
{
    struct item *i = item_at(c, key);
    const struct api_object *cronjob = &i->cronjob->object, *stored;
    struct job *j = job_of_instant(c, i->cronjob, i->scheduled);
    enum store_error error = store_create(c->store, COMP_CRONJOB_CONTROLLER, &j->object, &stored);
    if (error == STORE_OK) {
        i->made = stored;
        recorder_event(c->recorder, &c->origin, cronjob, NULL, false, "SuccessfulCreate", "Created job %s",
                       stored->meta.name);
        return CALL_OK;
    }
    if (error == STORE_EXISTS) { /* its own, from a sync whose status was not written; or somebody else's */
        stored = store_get(c->store, KIND_JOB, j->object.meta.namespace_, j->object.meta.name);
        const struct owner_reference *ref = stored ? controller_of(stored) : NULL;
        i->made = ref && text_same(ref->uid, cronjob->meta.uid) ? stored : NULL;
        return CALL_OK;
    }
    recorder_event(c->recorder, &c->origin, cronjob, NULL, true, "FailedCreate",
                   "Error creating job: jobs.batch \"%s\" is forbidden", j->object.meta.name);
    return CALL_FAILED;
}

/* What it is made from must be the latest: a conflict, and the key is tried again. */
static enum call_result write_status(struct controller *c, uint32_t key, const struct cron_job_status *status)
{
    struct item *i = item_at(c, key);
    const struct api_object *current = store_by_ordinal(c->store, i->ordinal);
    if (!current)
        return CALL_OK;
    if (current->revision != i->cronjob->object.revision)
        return CALL_ABORT;
    struct cron_job *next = (struct cron_job *)store_edit(c->store, current);
    next->status = *status;
    if (i->made) {
        uint32_t n = status->active.count;
        struct object_reference *items = arena_array(c->arena, struct object_reference, n + 1);
        for (uint32_t k = 0; k < n; k++)
            items[k] = status->active.items[k];
        items[n] = (struct object_reference){.api_version = "batch/v1",
                                             .kind = "Job",
                                             .name = i->made->meta.name,
                                             .namespace_ = i->made->meta.namespace_,
                                             .uid = i->made->meta.uid,
                                             .resource_version = i->made->meta.resource_version};
        next->status.active.items = items;
        next->status.active.count = n + 1;
        next->status.last_schedule_time = i->scheduled;
    }
    store_update(c->store, COMP_CRONJOB_CONTROLLER, &next->object, false);
    return CALL_OK;
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    switch ((enum call_kind)call->kind) {
    case CALL_DELETE:
        delete_job(c, &item_at(c, key)->cronjob->object, call->object);
        break;
    case CALL_CREATE:
        return create_job(c, key);
    case CALL_STATUS:
        return write_status(c, key, call->data);
    }
    return CALL_OK;
}

static void done(void *ctx, uint32_t key, bool failed)
{
    struct controller *c = ctx;
    if (!failed && item_at(c, key)->recheck != SIM_NEVER)
        workqueue_add_after(c->queue, key, item_at(c, key)->recheck);
}

void cronjob_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){
        .store = st,
        .sim = store_sim(st),
        .arena = store_arena(st),
        .scratch = scratch,
        .informers = f,
        .recorder = r,
        .origin = {COMP_CRONJOB_CONTROLLER, trace_component_names[COMP_CRONJOB_CONTROLLER], NULL, false},
    };
    pool_init(&c->items, c->arena, sizeof(struct item));
    const struct work_ops ops = {.name = trace_component_names[COMP_CRONJOB_CONTROLLER],
                                 .class = CLASS_PARENT,
                                 .sync = sync,
                                 .make = make,
                                 .done = done};
    c->queue = workqueue_new(st, &ops, c);
    informers_listen(f, KIND_CRONJOB, on_cronjob, c);
    informers_listen(f, KIND_JOB, on_job, c);
}

/* controller_job.c - runs the pods of Jobs, and counts how they end.
 *
 * Mirrors k8s pkg/controller/job/job_controller.go, tracking_utils.go (v1.36). What a Job does is decided in job.c;
 * rules: semantics/workloads.md 6.
 * Left out on purpose: the consistency store of 1.36, which only delays syncs that a stale cache would spoil anyway;
 * Workloads and PodGroups (gang scheduling is off by default); jobs of 1.24 that are not tracked with finalizers; the
 * back-off of 1.26 and older, which counted syncs of the key.
 */
#include "model/controller_job.h"

#include <string.h>

#include "model/api_types.h"
#include "model/classes.h"
#include "model/job.h"
#include "model/job_orphans.h"
#include "model/pod_control.h"
#include "model/replicaset.h"
#include "model/workqueue.h"

/* k8s controller_utils.go ExpectationsTimeout; job_controller.go SyncJobBatchPeriod, Default-, MaxJobApiBackOff */
#define EXPECTATIONS_TIMEOUT (300 * SIM_SECOND)
#define BATCH_PERIOD         SIM_SECOND
#define RETRY_FIRST          SIM_SECOND
#define RETRY_MAX            (60 * SIM_SECOND)

enum call_kind {
    CALL_ADOPT,
    CALL_RELEASE,
    CALL_UNTRACK,
    CALL_DELETE,
    CALL_CREATE,
    CALL_FIRST,
    CALL_STRIP,
    CALL_SECOND
};

/* What is looked after: one Job. */
struct item {
    uint32_t ordinal;
    /* Expectations: what was asked for and has not been seen yet. */
    int64_t creations, deletions;
    sim_time expected_at;
    struct pool stripped; /* uint32_t: pods whose finalizers were asked to go */
    struct job_backoff backoff;
    bool over; /* said so; the cache may not know yet */
    /* The sync at work. */
    const struct job *job; /* as it was read */
    uint64_t revision;     /* which the next status is made from */
    struct job_backoff next_backoff;
    int64_t wanted, created;
    bool suspended, resumed, finished, too_many_succeeded;
};

struct controller {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct informers *informers;
    struct recorder *recorder;
    struct workqueue *queue;
    struct job_orphans *orphans;
    struct event_origin origin;
    struct pool items; /* struct item, by key */
};

static struct item *item_at(struct controller *c, uint32_t key) { return pool_at(&c->items, key); }

/* ---- keys ---- */

static uint32_t key_of(struct controller *c, const struct api_object *job)
{
    bool is_new;
    uint32_t key = workqueue_key_of(c->queue, job, &is_new);
    if (is_new) {
        uint32_t index = pool_add(&c->items);
        ASSERT(index == key);
        *item_at(c, key) = (struct item){.ordinal = job->ordinal, .backoff = {0, SIM_NEVER}};
        pool_init(&item_at(c, key)->stripped, c->arena, sizeof(uint32_t));
    }
    return key;
}

static void enqueue_batched(struct controller *c, const struct api_object *job)
{
    workqueue_add_after(c->queue, key_of(c, job), BATCH_PERIOD);
}

/* resolveControllerRef; NULL = none that the cache has. */
static const struct api_object *job_of(struct controller *c, const struct api_object *pod)
{
    return informers_controller(c->informers, pod, KIND_JOB);
}

/* ---- expectations ---- */

static void forget(struct item *i)
{
    i->creations = i->deletions = 0;
    i->stripped.count = 0;
    i->backoff = (struct job_backoff){0, SIM_NEVER};
}

static bool expectations_are_met(const struct item *i, sim_time now)
{
    return (i->creations <= 0 && i->deletions <= 0) || now - i->expected_at > EXPECTATIONS_TIMEOUT;
}

static void expect(struct item *i, int64_t creations, int64_t deletions, sim_time now)
{
    i->creations = creations;
    i->deletions = deletions;
    i->expected_at = now;
}

static bool is_stripped(const struct item *i, uint32_t pod)
{
    for (uint32_t k = 0; k < i->stripped.count; k++)
        if (*(const uint32_t *)pool_at(&i->stripped, k) == pod)
            return true;
    return false;
}

/* finalizerRemovalObserved */
static void strip_observed(struct item *i, uint32_t pod)
{
    for (uint32_t k = 0; k < i->stripped.count; k++) {
        uint32_t *slot = pool_at(&i->stripped, k);
        if (*slot != pod)
            continue;
        *slot = *(uint32_t *)pool_at(&i->stripped, i->stripped.count - 1);
        i->stripped.count--;
        return;
    }
}

/* ---- what wakes a Job ---- */

static void on_changed_job(struct controller *c, uint32_t key, const struct job *before, const struct job *after)
{
    const struct opt_i64 *was = &before->spec.active_deadline_seconds, *is = &after->spec.active_deadline_seconds;
    if (job_finished(after)) { /* all finalizers should have gone: a backup */
        job_orphans_add_pods_of(c->orphans, &after->object);
        return;
    }
    bool same = before->object.meta.generation == after->object.meta.generation;
    workqueue_add_after(c->queue, key, same ? BATCH_PERIOD : 0);
    if (after->status.start_time != SIM_NEVER && is->set && (!was->set || was->value != is->value))
        workqueue_add_after(c->queue, key, is->value * SIM_SECOND - (sim_now(c->sim) - after->status.start_time));
}

static void on_job(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    uint32_t key = key_of(c, after ? after : before);
    if (before && after) {
        on_changed_job(c, key, (const struct job *)before, (const struct job *)after);
        return;
    }
    workqueue_add(c->queue, key);
    if (!after) {
        forget(item_at(c, key));
        job_orphans_add_pods_of(c->orphans, before);
    }
}

/* deletePod: also with every change of a pod that is being deleted. */
static void pod_is_going(struct controller *c, const struct api_object *pod, bool final)
{
    bool tracked = job_pod_is_tracked((const struct pod *)pod);
    const struct api_object *job = job_of(c, pod);
    if (!job || job_finished((const struct job *)job)) {
        if (tracked && (!controller_of(pod) || text_is(controller_of(pod)->kind, "Job")))
            job_orphans_add(c->orphans, pod);
        return;
    }
    struct item *i = item_at(c, key_of(c, job));
    i->deletions--;
    if (final || !tracked)
        strip_observed(i, pod->ordinal);
    enqueue_batched(c, job);
}

/* Every Job of the namespace that would like to have it, and that looks after its finalizer. */
static void on_orphan(struct controller *c, const struct api_object *pod)
{
    uint32_t cursor = 0;
    const struct api_object *o;
    if (job_pod_is_tracked((const struct pod *)pod))
        job_orphans_add(c->orphans, pod);
    while ((o = informers_each(c->informers, KIND_JOB, &cursor)) != NULL) {
        const struct label_selector *selector = ((const struct job *)o)->spec.selector;
        if (text_same(o->meta.namespace_, pod->meta.namespace_) && !label_selector_is_empty(selector) &&
            label_selector_matches(selector, &pod->meta.labels))
            enqueue_batched(c, o);
    }
}

static void on_new_pod(struct controller *c, const struct api_object *pod)
{
    const struct api_object *job = job_of(c, pod);
    if (pod->meta.deletion_timestamp != SIM_NEVER) {
        pod_is_going(c, pod, false);
    } else if (job) {
        item_at(c, key_of(c, job))->creations--;
        enqueue_batched(c, job);
    } else if (!controller_of(pod)) {
        on_orphan(c, pod);
    }
}

static void on_changed_pod(struct controller *c, const struct api_object *before, const struct api_object *after)
{
    if (after->meta.deletion_timestamp != SIM_NEVER) {
        pod_is_going(c, after, false);
        return;
    }
    const struct api_object *old = job_of(c, before), *job = job_of(c, after);
    bool tracked = job_pod_is_tracked((const struct pod *)after);
    const struct api_object *owners[] = {old && old != job ? old : NULL, job};
    for (size_t k = 0; k < ARRAY_LEN(owners); k++) {
        if (!owners[k])
            continue;
        if (!tracked)
            strip_observed(item_at(c, key_of(c, owners[k])), after->ordinal);
        enqueue_batched(c, owners[k]);
    }
    if (!controller_of(after) && (old || !labels_same(&before->meta.labels, &after->meta.labels)))
        on_orphan(c, after);
}

static void on_pod(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    if (!after)
        pod_is_going(c, before, true);
    else if (!before)
        on_new_pod(c, after);
    else
        on_changed_pod(c, before, after);
}

/* ---- a sync: what the caches show ---- */

static void take_pod(struct controller *c, const struct item *i, job_pods *list, uint32_t cached, bool finalizer)
{
    const struct pod *p = (const struct pod *)informers_item(c->informers, cached);
    list->items[list->count++] = (struct job_pod){.pod = p,
                                                  .facts = informers_facts(c->informers, cached),
                                                  .finalizer = finalizer,
                                                  .tracked = finalizer && !is_stripped(i, p->object.ordinal)};
}

/* Its pods, and those it makes its own: getPodsForJob. */
static void claim_pods(struct controller *c, uint32_t key, job_pods *list)
{
    const struct item *i = item_at(c, key);
    const struct api_object *job = &i->job->object;
    uint32_t firsts[] = {informers_first_owned(c->informers, KIND_POD, job->meta.uid),
                         informers_first_orphan(c->informers, KIND_POD, job->meta.namespace_)};
    uint32_t most = 0;
    for (size_t k = 0; k < ARRAY_LEN(firsts); k++)
        for (uint32_t p = firsts[k]; p; p = informers_next(c->informers, p))
            most++;
    *list = (job_pods){arena_array(c->scratch, struct job_pod, most + 1), 0};
    for (size_t k = 0; k < ARRAY_LEN(firsts); k++) {
        for (uint32_t p = firsts[k]; p; p = informers_next(c->informers, p)) {
            const struct pod *pod = (const struct pod *)informers_item(c->informers, p);
            enum claim claim = claim_of(job, i->job->spec.selector, &pod->object);
            if (claim == CLAIM_ADOPT || claim == CLAIM_RELEASE)
                workqueue_call(c->queue, key,
                               (struct work_call){.kind = claim == CLAIM_ADOPT ? CALL_ADOPT : CALL_RELEASE,
                                                  .first_of_batch = true,
                                                  .object = pod->object.ordinal});
            if (claim == CLAIM_ADOPT || claim == CLAIM_OWNED)
                take_pod(c, i, list, p, claim == CLAIM_ADOPT || job_pod_is_tracked(pod));
        }
    }
}

/* ---- a sync: what is to be done ---- */

static void list_pods(struct controller *c, uint32_t key, enum call_kind kind, const job_pod_list *pods)
{
    for (uint32_t i = 0; i < pods->count; i++)
        workqueue_call(c->queue, key,
                       (struct work_call){.kind = (uint16_t)kind,
                                          .first_of_batch = i == 0,
                                          .after_failure = kind == CALL_STRIP,
                                          .object = pods->items[i]->object.ordinal});
}

static void list_creations(struct controller *c, uint32_t key, const struct job_plan *plan)
{
    const struct item *i = item_at(c, key);
    int64_t left = plan->create.count;
    uint32_t next = 0;
    for (int64_t batch = slow_start_batch(0, left); batch > 0; batch = slow_start_batch(batch, left)) {
        for (int64_t k = 0; k < batch; k++, next++) {
            const struct job_creation *made = &plan->create.items[next];
            struct index_failures *counts = NULL;
            if (made->index >= 0 && i->job->spec.backoff_limit_per_index.set) {
                counts = arena_new(c->arena, struct index_failures);
                *counts = job_next_index_failures(c->scratch, store_features(c->store), i->job, made->replaces);
            }
            workqueue_call(c->queue, key,
                           (struct work_call){
                               .kind = CALL_CREATE, .first_of_batch = k == 0, .count = made->index, .data = counts});
        }
        left -= batch;
    }
}

static void list_status(struct controller *c, uint32_t key, enum call_kind kind, const struct job_status *status)
{
    struct job_status *kept = arena_new(c->arena, struct job_status);
    api_copy_like(&job_status_type, c->arena, status, &item_at(c, key)->job->status, kept);
    workqueue_call(
        c->queue, key,
        (struct work_call){.kind = (uint16_t)kind, .first_of_batch = true, .after_failure = true, .data = kept});
}

static void list_calls(struct controller *c, uint32_t key, const struct job_plan *plan)
{
    struct item *i = item_at(c, key);
    sim_time now = sim_now(c->sim);
    if (plan->untracked) {
        expect(i, 0, plan->remove.count, now);
        list_pods(c, key, CALL_UNTRACK, &plan->remove);
    }
    list_pods(c, key, CALL_DELETE, &plan->remove);
    if (plan->create.count > 0)
        expect(i, plan->create.count, 0, now);
    list_creations(c, key, plan);
    if (plan->write_first)
        list_status(c, key, CALL_FIRST, &plan->first);
    list_pods(c, key, CALL_STRIP, &plan->strip);
    if (plan->write_second)
        list_status(c, key, CALL_SECOND, &plan->second);
    if (plan->deadline != SIM_NEVER && plan->deadline > 0)
        workqueue_add_after(c->queue, key, plan->deadline);
    if (plan->backoff_over != SIM_NEVER)
        workqueue_add_after(c->queue, key, plan->backoff_over > BATCH_PERIOD ? plan->backoff_over : BATCH_PERIOD);
}

static bool is_managed_elsewhere(struct controller *c, const struct job *j)
{
    return store_has(c->store, FEATURE_JOB_MANAGED_BY) && j->spec.managed_by &&
           !text_is(j->spec.managed_by, JOB_CONTROLLER_NAME);
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct item *i = item_at(c, key);
    arena_reset(c->scratch);
    const struct job *job = (const struct job *)informers_get(c->informers, i->ordinal);
    i->wanted = i->created = 0;
    if (!job || job_finished(job)) {
        forget(i);
        i->over = false;
        return;
    }
    if (i->over || is_managed_elsewhere(c, job))
        return;
    i->job = job;
    i->revision = job->object.revision;
    struct job_facts facts = {.job = job,
                              .features = store_features(c->store),
                              .backoff = i->backoff,
                              .now = sim_now(c->sim),
                              .in_sync = expectations_are_met(i, sim_now(c->sim))};
    claim_pods(c, key, &facts.pods);
    struct job_plan plan;
    job_decide(c->scratch, &facts, &plan);
    i->wanted = plan.create.count;
    i->next_backoff = plan.backoff;
    i->suspended = plan.suspended;
    i->resumed = plan.resumed;
    i->finished = plan.finished != NULL;
    i->too_many_succeeded = plan.too_many_succeeded;
    list_calls(c, key, &plan);
}

/* ---- a sync: the calls ---- */

/* k8s addCompletionIndexEnvVariables */
static void add_index_variable(struct controller *c, struct container *k)
{
    static const char name[] = "JOB_COMPLETION_INDEX";
    bool label = store_has(c->store, FEATURE_JOB_POD_INDEX_LABEL);
    for (uint32_t i = 0; i < k->env.count; i++)
        if (text_is(k->env.items[i].name, name))
            return;
    struct env_var *items = arena_array(c->arena, struct env_var, k->env.count + 1);
    for (uint32_t i = 0; i < k->env.count; i++)
        items[i] = k->env.items[i];
    struct env_var *added = &items[k->env.count];
    added->name = name;
    added->value_from = arena_new(c->arena, struct env_var_source);
    added->value_from->field_ref = arena_new(c->arena, struct object_field_selector);
    *added->value_from->field_ref = (struct object_field_selector){
        .api_version = "v1",
        .field_path =
            arena_printf(c->arena, "metadata.%s['%s']", label ? "labels" : "annotations", JOB_INDEX_ANNOTATION)};
    k->env.items = items;
    k->env.count++;
}

static void add_index_variables(struct controller *c, struct pod_spec *s)
{
    uint32_t n = s->init_containers.count, m = s->containers.count;
    struct container *init = arena_array(c->arena, struct container, n + 1);
    struct container *main = arena_array(c->arena, struct container, m + 1);
    for (uint32_t i = 0; i < n; i++)
        add_index_variable(c, memcpy(&init[i], &s->init_containers.items[i], sizeof *init));
    for (uint32_t i = 0; i < m; i++)
        add_index_variable(c, memcpy(&main[i], &s->containers.items[i], sizeof *main));
    s->init_containers.items = init;
    s->containers.items = main;
}

/* k8s podGenerateNameWithIndex, and what else an Indexed Job's pods have. */
static void make_indexed(struct controller *c, const struct job *j, struct pod *p, const struct work_call *call)
{
    enum { GENERATED_NAME_MAX = 58 };
    struct object_meta *m = &p->object.meta;
    const struct index_failures *counts = call->data;
    const char *index = arena_decimal(c->arena, (uint64_t)call->count), *name = j->object.meta.name;
    const char *suffix = arena_printf(c->arena, "-%s-", index);
    size_t room = GENERATED_NAME_MAX - strlen(suffix);
    m->generate_name = arena_printf(c->arena, "%.*s%s", (int)(strlen(name) < room ? strlen(name) : room), name, suffix);
    m->annotations = map_with(c->arena, &m->annotations, JOB_INDEX_ANNOTATION, index);
    if (store_has(c->store, FEATURE_JOB_POD_INDEX_LABEL))
        m->labels = map_with(c->arena, &m->labels, JOB_INDEX_ANNOTATION, index);
    p->spec.hostname = arena_printf(c->arena, "%s-%s", name, index);
    add_index_variables(c, &p->spec);
    if (!counts)
        return;
    m->annotations = map_with(c->arena, &m->annotations, JOB_INDEX_FAILURES_ANNOTATION,
                              arena_decimal(c->arena, (uint64_t)counts->counted));
    if (counts->ignored > 0)
        m->annotations = map_with(c->arena, &m->annotations, JOB_INDEX_IGNORED_ANNOTATION,
                                  arena_decimal(c->arena, (uint64_t)counts->ignored));
}

static enum call_result create_pod(struct controller *c, uint32_t key, const struct work_call *call)
{
    const struct job *j = item_at(c, key)->job;
    const struct api_object *stored;
    struct pod *p =
        pod_from_template(c->arena, &j->object, &j->spec.template_, controller_reference(c->arena, &j->object));
    p->object.meta.finalizers = finalizers_with(c->arena, &p->object.meta.finalizers, JOB_TRACKING_FINALIZER);
    if (call->count >= 0)
        make_indexed(c, j, p, call);
    enum store_error error = store_create(c->store, COMP_JOB_CONTROLLER, &p->object, &stored);
    if (error == STORE_OK) {
        item_at(c, key)->created++;
        recorder_event(c->recorder, &c->origin, &j->object, NULL, false, "SuccessfulCreate", "Created pod: %s",
                       stored->meta.name);
        return CALL_OK;
    }
    recorder_event(c->recorder, &c->origin, &j->object, NULL, true, "FailedCreate", "Error creating: pods \"%s-\" %s",
                   j->object.meta.name, error == STORE_EXISTS ? "already exists" : "is forbidden");
    return CALL_FAILED;
}

static void delete_pod(struct controller *c, uint32_t key, uint32_t pod)
{
    struct item *i = item_at(c, key);
    const struct api_object *current = store_by_ordinal(c->store, pod);
    if (!current) { /* somebody was quicker: nothing will be seen of it */
        i->deletions--;
        return;
    }
    const char *name = current->meta.name;
    store_delete(c->store, COMP_JOB_CONTROLLER, current, -1);
    recorder_event(c->recorder, &c->origin, &i->job->object, NULL, false, "SuccessfulDelete", "Deleted pod: %s", name);
}

static void strip_pod(struct controller *c, uint32_t key, uint32_t pod)
{
    struct item *i = item_at(c, key);
    *(uint32_t *)pool_at(&i->stripped, pool_add(&i->stripped)) = pod;
    if (!pod_remove_finalizer(c->store, COMP_JOB_CONTROLLER, pod, JOB_TRACKING_FINALIZER))
        strip_observed(i, pod);
}

/* What it is made from must be the latest: a conflict, and the key is tried again. */
static enum call_result write_status(struct controller *c, uint32_t key, const struct job_status *status, bool second)
{
    struct item *i = item_at(c, key);
    const struct api_object *current = store_by_ordinal(c->store, i->ordinal);
    if (!current || current->revision != i->revision)
        return CALL_ABORT;
    struct job *next = (struct job *)store_edit(c->store, current);
    next->status = *status;
    next->status.active -= i->wanted - i->created;
    if (second && i->finished) /* its time is that of the write */
        next->status.conditions.items[next->status.conditions.count - 1].last_transition_time =
            api_second(sim_now(c->sim));
    i->revision = store_update(c->store, COMP_JOB_CONTROLLER, &next->object, false)->revision;
    return CALL_OK;
}

static void tell(struct controller *c, const struct job *j, bool warning, const char *reason, const char *message)
{
    recorder_event(c->recorder, &c->origin, &j->object, NULL, warning, reason, "%s", message);
}

static enum call_result write_first(struct controller *c, uint32_t key, const struct job_status *status)
{
    struct item *i = item_at(c, key);
    if (i->suspended)
        tell(c, i->job, false, "Suspended", "Job suspended");
    if (i->resumed)
        tell(c, i->job, false, "Resumed", "Job resumed");
    enum call_result result = write_status(c, key, status, false);
    if (result == CALL_OK)
        item_at(c, key)->backoff = i->next_backoff;
    return result;
}

/* k8s recordJobFinished */
static enum call_result write_second(struct controller *c, uint32_t key, const struct job_status *status)
{
    enum call_result result = write_status(c, key, status, true);
    struct item *i = item_at(c, key);
    if (result != CALL_OK || !i->finished)
        return result;
    const struct workload_condition *end = &status->conditions.items[status->conditions.count - 1];
    bool complete = text_is(end->type, "Complete");
    if (i->too_many_succeeded)
        tell(c, i->job, true, "TooManySucceededPods", "Too many succeeded pods running after completion count reached");
    tell(c, i->job, !complete, complete ? "Completed" : end->reason, complete ? "Job completed" : end->message);
    i->over = true;
    return result;
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    const struct api_object *job = &item_at(c, key)->job->object;
    switch ((enum call_kind)call->kind) {
    case CALL_ADOPT:
    case CALL_RELEASE:
        return pod_change_owner(c->store, COMP_JOB_CONTROLLER, job, call->object, call->kind == CALL_ADOPT,
                                JOB_TRACKING_FINALIZER);
    case CALL_UNTRACK:
        pod_remove_finalizer(c->store, COMP_JOB_CONTROLLER, call->object, JOB_TRACKING_FINALIZER);
        break;
    case CALL_DELETE:
        delete_pod(c, key, call->object);
        break;
    case CALL_CREATE:
        return create_pod(c, key, call);
    case CALL_FIRST:
        return write_first(c, key, call->data);
    case CALL_STRIP:
        strip_pod(c, key, call->object);
        break;
    case CALL_SECOND:
        return write_second(c, key, call->data);
    }
    return CALL_OK;
}

static void done(void *ctx, uint32_t key, bool failed)
{
    struct item *i = item_at(ctx, key);
    (void)failed;
    i->creations -= i->wanted - i->created; /* never tried, or refused: they will not be seen */
    i->wanted = i->created = 0;
}

void job_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){
        .store = st,
        .sim = store_sim(st),
        .arena = store_arena(st),
        .scratch = scratch,
        .informers = f,
        .recorder = r,
        .orphans = job_orphans_new(st, f),
        .origin = {COMP_JOB_CONTROLLER, trace_component_names[COMP_JOB_CONTROLLER], NULL, false},
    };
    pool_init(&c->items, c->arena, sizeof(struct item));
    const struct work_ops ops = {.name = trace_component_names[COMP_JOB_CONTROLLER],
                                 .class = CLASS_WORKLOAD,
                                 .sync = sync,
                                 .make = make,
                                 .done = done};
    c->queue = workqueue_new(st, &ops, c);
    workqueue_set_retries(c->queue, RETRY_FIRST, RETRY_MAX);
    informers_listen(f, KIND_JOB, on_job, c);
    informers_listen(f, KIND_POD, on_pod, c);
}

/* controller_deployment.c - wakes up for Deployments and carries out what deployment.c decides.
 *
 * Mirrors k8s pkg/controller/deployment/deployment_controller.go (v1.36). A write says which version it was made from;
 * if the object has changed since, it is refused, as by the API server, and the sync is tried again. A sync that writes
 * the Deployment's status twice meets that conflict with itself, as the real one does.
 */
#include "model/controller_deployment.h"

#include <string.h>

#include "model/classes.h"
#include "model/deployment.h"
#include "model/playback.h"
#include "model/replicaset.h"
#include "model/workqueue.h"

/* k8s deployment_controller.go maxRetries */
enum { MAX_RETRIES = 15 };

enum call_kind { CALL_ADOPT, CALL_RELEASE, CALL_STEP };

struct written {
    uint32_t ordinal;
    uint64_t revision;
};

/* One Deployment. */
struct entry {
    uint32_t ordinal;
    /* The sync at work. */
    const struct deployment *read;
    struct pool written; /* struct written: sets */
    sim_time recheck;
    bool retry;
};

struct controller {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct informers *informers;
    struct recorder *recorder;
    struct workqueue *queue;
    struct pool entries; /* struct entry, by key, in order of ordinals */
};

static const struct event_origin origin = {COMP_DEPLOYMENT_CONTROLLER, "deployment-controller", NULL, false};

static struct entry *entry_at(struct controller *c, uint32_t key) { return pool_at(&c->entries, key); }

/* ---- what wakes a Deployment ---- */

static uint32_t key_of(struct controller *c, const struct api_object *d)
{
    bool is_new;
    uint32_t key = workqueue_key_of(c->queue, d, &is_new);
    if (is_new) {
        uint32_t index = pool_add(&c->entries);
        ASSERT(index == key);
        entry_at(c, key)->ordinal = d->ordinal;
        pool_init(&entry_at(c, key)->written, c->arena, sizeof(struct written));
    }
    return key;
}

static void enqueue(struct controller *c, const struct api_object *d)
{
    if (d)
        workqueue_add(c->queue, key_of(c, d));
}

static const struct api_object *deployment_of(struct controller *c, const struct api_object *rs)
{
    return informers_controller(c->informers, rs, KIND_DEPLOYMENT);
}

static void on_deployment(void *ctx, const struct api_object *before, const struct api_object *after)
{
    enqueue(ctx, after ? after : before);
}

static void enqueue_matching(struct controller *c, const struct api_object *rs)
{
    uint32_t cursor = 0;
    const struct api_object *o;
    while ((o = informers_each(c->informers, KIND_DEPLOYMENT, &cursor)) != NULL) {
        const struct deployment *d = (const struct deployment *)o;
        if (text_same(o->meta.namespace_, rs->meta.namespace_) &&
            label_selector_matches(d->spec.selector, &rs->meta.labels))
            enqueue(c, o);
    }
}

static void on_set(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    const struct owner_reference *was = before ? controller_of(before) : NULL,
                                 *is = after ? controller_of(after) : NULL;
    if (before && was && (!is || strcmp(was->uid, is->uid) != 0))
        enqueue(c, deployment_of(c, before));
    if (after && is)
        enqueue(c, deployment_of(c, after));
    else if (after && after->meta.deletion_timestamp == SIM_NEVER &&
             (!before || was || before->meta.labels.items != after->meta.labels.items))
        enqueue_matching(c, after);
}

/* ---- pods ---- */

static bool runs_pods(void *ctx, const struct replica_set *rs)
{
    struct controller *c = ctx;
    uint32_t i = informers_first_owned(c->informers, KIND_POD, rs->object.meta.uid);
    for (; i; i = informers_next(c->informers, i)) {
        const struct pod *p = (const struct pod *)informers_item(c->informers, i);
        if (!text_is(p->status.phase, "Succeeded") && !text_is(p->status.phase, "Failed"))
            return true;
    }
    return false;
}

/* deletePod: Recreate goes on, at the latest, when the last pod is gone. */
static void on_pod(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    const struct owner_reference *ref = after ? NULL : controller_of(before);
    if (!ref || !text_is(ref->kind, "ReplicaSet"))
        return;
    const struct api_object *rs = informers_owner(c->informers, ref);
    const struct deployment *d = rs ? (const struct deployment *)deployment_of(c, rs) : NULL;
    if (!d || !text_is(d->spec.strategy.type, "Recreate"))
        return;
    uint32_t i = informers_first_owned(c->informers, KIND_REPLICASET, d->object.meta.uid);
    for (; i; i = informers_next(c->informers, i))
        if (informers_first_owned(c->informers, KIND_POD, informers_item(c->informers, i)->meta.uid))
            return;
    enqueue(c, &d->object);
}

/* ---- a sync ---- */

/* Its sets, and those it makes its own: getReplicaSetsForDeployment. */
static void claim_sets(struct controller *c, uint32_t key, struct deployment_facts *f)
{
    const struct deployment *d = f->deployment;
    uint32_t firsts[] = {informers_first_owned(c->informers, KIND_REPLICASET, d->object.meta.uid),
                         informers_first_orphan(c->informers, KIND_REPLICASET, d->object.meta.namespace_)};
    uint32_t most = 0;
    for (size_t list = 0; list < ARRAY_LEN(firsts); list++)
        for (uint32_t i = firsts[list]; i; i = informers_next(c->informers, i))
            most++;
    const struct replica_set **sets = arena_array(c->scratch, const struct replica_set *, most + 1);
    for (size_t list = 0; list < ARRAY_LEN(firsts); list++) {
        for (uint32_t i = firsts[list]; i; i = informers_next(c->informers, i)) {
            const struct api_object *rs = informers_item(c->informers, i);
            enum claim claim = claim_of(&d->object, d->spec.selector, rs);
            if (claim == CLAIM_ADOPT || claim == CLAIM_RELEASE)
                workqueue_call(c->queue, key,
                               (struct work_call){.kind = claim == CLAIM_ADOPT ? CALL_ADOPT : CALL_RELEASE,
                                                  .first_of_batch = true,
                                                  .object = rs->ordinal});
            if (claim == CLAIM_ADOPT || claim == CLAIM_OWNED)
                sets[f->set_count++] = (const struct replica_set *)rs;
        }
    }
    f->sets = sets;
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct entry *e = entry_at(c, key);
    arena_reset(c->scratch);
    e->read = (const struct deployment *)informers_get(c->informers, e->ordinal);
    e->recheck = SIM_NEVER;
    e->retry = false;
    e->written.count = 0;
    workqueue_forget_delay(c->queue, key);
    if (!e->read)
        return;
    struct deployment_facts facts = {.deployment = e->read,
                                     .features = store_features(c->store),
                                     .runs_pods = runs_pods,
                                     .ctx = c,
                                     .now = sim_now(c->sim)};
    struct deployment_plan plan;
    claim_sets(c, key, &facts);
    facts.hash =
        playback_hash(store_profile(c->store)->playback, "replicaset", e->read->object.meta.name, facts.set_count);
    deployment_decide(c->arena, c->scratch, &facts, &plan);
    for (uint32_t i = 0; i < plan.steps.count; i++) {
        struct deployment_step *step = arena_new(c->arena, struct deployment_step);
        *step = *(const struct deployment_step *)pool_at(&plan.steps, i);
        workqueue_call(c->queue, key, (struct work_call){.kind = CALL_STEP, .first_of_batch = true, .data = step});
    }
    e->recheck = plan.recheck;
    e->retry = plan.retry;
}

/* ---- the writes ---- */

static enum call_result change_owner(struct controller *c, const struct deployment *d, uint32_t rs, bool adopt)
{
    const struct api_object *current = store_by_ordinal(c->store, rs);
    const struct api_object *fresh = store_by_ordinal(c->store, d->object.ordinal);
    if (adopt && (!fresh || fresh->meta.deletion_timestamp != SIM_NEVER))
        return CALL_ABORT;
    if (!current)
        return CALL_OK;
    struct owner_reference *items =
        arena_array(c->arena, struct owner_reference, current->meta.owner_references.count + 1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < current->meta.owner_references.count; i++)
        if (strcmp(current->meta.owner_references.items[i].uid, d->object.meta.uid) != 0)
            items[kept++] = current->meta.owner_references.items[i];
    if (adopt)
        items[kept++] = (struct owner_reference){.api_version = "apps/v1",
                                                 .kind = "Deployment",
                                                 .name = d->object.meta.name,
                                                 .uid = d->object.meta.uid,
                                                 .controller = {true, true},
                                                 .block_owner_deletion = {true, true}};
    struct api_object *next = store_edit(c->store, current);
    next->meta.owner_references.items = items;
    next->meta.owner_references.count = kept;
    store_update(c->store, COMP_DEPLOYMENT_CONTROLLER, next, false);
    return CALL_OK;
}

static void say_scaled(struct controller *c, const struct deployment *d, const char *name, int64_t from, int64_t to)
{
    const char *way = from < to ? "up" : "down";
    if (from == to)
        return;
    if (store_has(c->store, FEATURE_SCALING_SAYS_FROM))
        recorder_event(c->recorder, &origin, &d->object, NULL, false, "ScalingReplicaSet",
                       "Scaled %s replica set %s from %" PRId64 " to %" PRId64, way, name, from, to);
    else
        recorder_event(c->recorder, &origin, &d->object, NULL, false, "ScalingReplicaSet",
                       "Scaled %s replica set %s to %" PRId64, way, name, to);
}

/* The Deployment as it was read, unless it has changed since. */
static struct deployment *edit_deployment(struct controller *c, const struct entry *e)
{
    const struct api_object *current = store_by_ordinal(c->store, e->ordinal);
    if (!current || current->revision != e->read->object.revision)
        return NULL;
    return (struct deployment *)store_edit(c->store, current);
}

/* A set of that name exists. If it is not just one that the cache does not show yet, the next name has another hash. */
static void note_collision(struct controller *c, const struct entry *e, const struct replica_set *wanted)
{
    const struct api_object *there =
        store_get(c->store, KIND_REPLICASET, wanted->object.meta.namespace_, wanted->object.meta.name);
    const struct owner_reference *owner = there ? controller_of(there) : NULL;
    if (!there || !informers_get(c->informers, there->ordinal))
        return;
    if (owner && strcmp(owner->uid, e->read->object.meta.uid) == 0 &&
        templates_equal(c->scratch, workload_template(there), &e->read->spec.template_))
        return;
    struct deployment *next = edit_deployment(c, e);
    if (!next)
        return;
    next->status.collision_count = (struct opt_i64){next->status.collision_count.value + 1, true};
    store_update(c->store, COMP_DEPLOYMENT_CONTROLLER, &next->object, false);
}

static enum call_result create_set(struct controller *c, struct entry *e, const struct deployment_step *step)
{
    struct api_object *rs = &((struct replica_set *)(uintptr_t)step->set)->object;
    enum store_error error = store_create(c->store, COMP_DEPLOYMENT_CONTROLLER, rs, NULL);
    if (error == STORE_EXISTS) {
        note_collision(c, e, step->set);
        return CALL_ABORT;
    }
    if (error == STORE_TERMINATING) /* the namespace is going: nothing is said of it */
        return CALL_ABORT;
    if (error != STORE_OK) {
        recorder_event(c->recorder, &origin, &e->read->object, NULL, true, "ReplicaSetCreateError",
                       "Failed to create new replica set \"%s\": %s", rs->meta.name, store_refusal(c->store));
        return CALL_ABORT;
    }
    say_scaled(c, e->read, rs->meta.name, step->from, step->to);
    return CALL_OK;
}

static uint64_t expected_revision(const struct entry *e, const struct deployment_step *step)
{
    for (uint32_t i = e->written.count; i-- > 0 && !step->as_read;) {
        const struct written *w = pool_at(&e->written, i);
        if (w->ordinal == step->set->object.ordinal)
            return w->revision;
    }
    return step->set->object.revision;
}

static enum call_result update_set(struct controller *c, struct entry *e, const struct deployment_step *step)
{
    const struct api_object *current = store_by_ordinal(c->store, step->set->object.ordinal);
    if (!current || current->revision != expected_revision(e, step))
        return CALL_ABORT;
    struct replica_set *next = (struct replica_set *)store_edit(c->store, current);
    bool spec = next->spec.replicas.value != step->to || next->spec.min_ready_seconds != step->min_ready_seconds;
    next->object.meta.annotations = step->annotations;
    next->spec.replicas.value = step->to;
    next->spec.min_ready_seconds = step->min_ready_seconds;
    const struct api_object *stored = store_update(c->store, COMP_DEPLOYMENT_CONTROLLER, &next->object, spec);
    *(struct written *)pool_at(&e->written, pool_add(&e->written)) =
        (struct written){stored->ordinal, stored->revision};
    say_scaled(c, e->read, stored->meta.name, step->from, step->to);
    return CALL_OK;
}

static enum call_result write_status(struct controller *c, struct entry *e, const struct deployment_step *step)
{
    struct deployment *next = edit_deployment(c, e);
    if (!next)
        return CALL_ABORT;
    next->status = step->status;
    next->object.meta.annotations = step->annotations;
    store_update(c->store, COMP_DEPLOYMENT_CONTROLLER, &next->object, false);
    return CALL_OK;
}

static enum call_result make_step(struct controller *c, struct entry *e, const struct deployment_step *step)
{
    const struct api_object *current;
    switch (step->write) {
    case WRITE_NEW_SET:
        return create_set(c, e, step);
    case WRITE_SET:
        return update_set(c, e, step);
    case WRITE_STATUS:
        return write_status(c, e, step);
    case WRITE_OLD_SET:
        current = store_by_ordinal(c->store, step->set->object.ordinal);
        if (current)
            store_delete(c->store, COMP_DEPLOYMENT_CONTROLLER, current, -1);
        break;
    }
    return CALL_OK;
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    struct entry *e = entry_at(c, key);
    if (call->kind == CALL_STEP)
        return make_step(c, e, call->data);
    return change_owner(c, e->read, call->object, call->kind == CALL_ADOPT);
}

static void done(void *ctx, uint32_t key, bool failed)
{
    struct controller *c = ctx;
    const struct entry *e = entry_at(c, key);
    if (failed)
        return;
    if (e->recheck != SIM_NEVER)
        workqueue_add_after(c->queue, key, e->recheck);
    if (e->retry)
        workqueue_add_rate_limited(c->queue, key);
}

void deployment_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){
        .store = st, .sim = store_sim(st), .arena = store_arena(st), .scratch = scratch, .informers = f, .recorder = r};
    pool_init(&c->entries, c->arena, sizeof(struct entry));
    const struct work_ops ops = {.name = "deployment-controller",
                                 .class = CLASS_PARENT,
                                 .max_retries = MAX_RETRIES,
                                 .sync = sync,
                                 .make = make,
                                 .done = done};
    c->queue = workqueue_new(st, &ops, c);
    informers_listen(f, KIND_DEPLOYMENT, on_deployment, c);
    informers_listen(f, KIND_REPLICASET, on_set, c);
    informers_listen(f, KIND_POD, on_pod, c);
}

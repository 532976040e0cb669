/* controller_replicaset.c - keeps as many pods as a ReplicaSet or ReplicationController wants.
 *
 * Mirrors k8s pkg/controller/replicaset/replica_set.go (v1.36), pkg/controller/controller_utils.go
 * (ControllerExpectations). replicaset.go's decisions are in replicaset.c. Rules:
 * semantics/workloads.md 1.2, 2.
 * Left out on purpose: the consistency store of 1.36, which only delays syncs that a stale cache would spoil anyway.
 */
#include "model/controller_replicaset.h"

#include <string.h>

#include "model/classes.h"
#include "model/endpoint_tracker.h"
#include "model/pod_control.h"
#include "model/replicaset.h"
#include "model/workqueue.h"

/* k8s controller_utils.go ExpectationsTimeout */
#define EXPECTATIONS_TIMEOUT (300 * SIM_SECOND)
/* Where nothing takes time, pods that nodes refuse at once are replaced at once, for ever: so many beyond what is
 * wanted are a loop. */
enum { TOO_MANY_AT_ONCE = 500 };

enum call_kind { CALL_ADOPT, CALL_RELEASE, CALL_CREATE, CALL_DELETE, CALL_STATUS };

/* What is looked after: one ReplicaSet. */
struct set {
    uint32_t ordinal;
    /* Expectations: what was asked for and has not been seen yet. */
    int64_t creations;
    struct pool deletions; /* uint32_t: pods */
    sim_time expected_at;
    /* The sync at work. */
    const struct replica_set *rs; /* as it was read */
    int64_t wanted, created;
    int64_t created_at_once; /* at one instant: made_at */
    sim_time made_at;
    bool creating;
    const char *error;
    sim_time recheck;
};

struct controller {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct informers *informers;
    struct recorder *recorder;
    struct workqueue *queue;
    enum api_kind kind;
    enum trace_component who;
    struct event_origin origin;
    struct pool sets; /* struct set, by key, in order of ordinals */
};

static struct set *set_at(struct controller *c, uint32_t key) { return pool_at(&c->sets, key); }

/* ---- keys ---- */

static uint32_t key_of(struct controller *c, const struct api_object *rs)
{
    bool is_new;
    uint32_t key = workqueue_key_of(c->queue, rs, &is_new);
    if (is_new) {
        uint32_t index = pool_add(&c->sets);
        ASSERT(index == key);
        set_at(c, key)->ordinal = rs->ordinal;
        pool_init(&set_at(c, key)->deletions, c->arena, sizeof(uint32_t));
    }
    return key;
}

static void enqueue(struct controller *c, const struct api_object *rs)
{
    if (rs)
        workqueue_add(c->queue, key_of(c, rs));
}

/* The set that a pod says manages it: resolveControllerRef. NULL = none that the cache has. */
static const struct api_object *set_of(struct controller *c, const struct api_object *pod)
{
    return informers_controller(c->informers, pod, c->kind);
}

/* ---- expectations ---- */

static void deletion_observed(struct set *s, uint32_t pod)
{
    for (uint32_t i = 0; i < s->deletions.count; i++) {
        uint32_t *expected = pool_at(&s->deletions, i);
        if (*expected != pod)
            continue;
        *expected = *(uint32_t *)pool_at(&s->deletions, s->deletions.count - 1);
        s->deletions.count--;
        return;
    }
}

static bool expectations_are_met(const struct set *s, sim_time now)
{
    return (s->creations <= 0 && s->deletions.count == 0) || now - s->expected_at > EXPECTATIONS_TIMEOUT;
}

static void forget_expectations(struct set *s)
{
    s->creations = 0;
    s->deletions.count = 0;
}

/* ---- what wakes a set ---- */

static void on_set(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    const struct api_object *rs = after ? after : before;
    uint32_t key = key_of(c, rs);
    if (!after)
        forget_expectations(set_at(c, key));
    workqueue_add(c->queue, key);
}

static void pod_is_going(struct controller *c, const struct api_object *pod)
{
    const struct api_object *rs = set_of(c, pod);
    if (!rs)
        return;
    uint32_t key = key_of(c, rs);
    deletion_observed(set_at(c, key), pod->ordinal);
    workqueue_add(c->queue, key);
}

/* Every set of the namespace that would like to have it: getPodReplicaSets. */
static void enqueue_matching(struct controller *c, const struct api_object *pod)
{
    uint32_t cursor = 0;
    const struct api_object *o;
    while ((o = informers_each(c->informers, c->kind, &cursor)) != NULL) {
        struct label_selector selector = selector_of_replica_set((const struct replica_set *)o);
        if (text_same(o->meta.namespace_, pod->meta.namespace_) && !label_selector_is_empty(&selector) &&
            label_selector_matches(&selector, &pod->meta.labels))
            enqueue(c, o);
    }
}

static void on_new_pod(struct controller *c, const struct api_object *pod)
{
    if (pod->meta.deletion_timestamp != SIM_NEVER) {
        pod_is_going(c, pod);
        return;
    }
    if (!controller_of(pod)) {
        enqueue_matching(c, pod);
        return;
    }
    const struct api_object *rs = set_of(c, pod);
    if (!rs)
        return;
    uint32_t key = key_of(c, rs);
    set_at(c, key)->creations--;
    workqueue_add(c->queue, key);
}

static bool same_controller(const struct api_object *a, const struct api_object *b)
{
    const struct owner_reference *x = controller_of(a), *y = controller_of(b);
    return x == y || (x && y && strcmp(x->uid, y->uid) == 0);
}

static void on_changed_pod(struct controller *c, const struct api_object *before, const struct api_object *after)
{
    if (after->meta.deletion_timestamp != SIM_NEVER) {
        pod_is_going(c, after);
        return;
    }
    bool other_owner = !same_controller(before, after);
    if (other_owner && controller_of(before))
        enqueue(c, set_of(c, before));
    if (!controller_of(after)) {
        if (other_owner || !labels_same(&before->meta.labels, &after->meta.labels))
            enqueue_matching(c, after);
        return;
    }
    const struct replica_set *rs = (const struct replica_set *)set_of(c, after);
    if (!rs)
        return;
    uint32_t key = key_of(c, &rs->object);
    workqueue_add(c->queue, key);
    bool turned_ready = !pod_is_ready((const struct pod *)before) && pod_is_ready((const struct pod *)after);
    if (turned_ready && rs->spec.min_ready_seconds > 0)
        workqueue_add_after(c->queue, key, rs->spec.min_ready_seconds * SIM_SECOND);
}

static void on_pod(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    if (!after)
        pod_is_going(c, before);
    else if (!before)
        on_new_pod(c, after);
    else
        on_changed_pod(c, before, after);
}

/* ---- a sync: what the caches show ---- */

static void take(struct pod_refs *list, const struct pod *p, uint8_t facts)
{
    list->items[list->count] = p;
    list->facts[list->count++] = facts;
}

static struct pod_refs room_for(struct controller *c, uint32_t most)
{
    return (struct pod_refs){arena_array(c->scratch, const struct pod *, most + 1), arena_alloc(c->scratch, most + 1),
                             0};
}

static uint32_t count_pods(struct controller *c, uint32_t first)
{
    uint32_t n = 0;
    for (; first; first = informers_next(c->informers, first))
        n++;
    return n;
}

/* Its pods, and those it makes its own; what it lets go is no more among them: claimPods. */
static void claim_pods(struct controller *c, uint32_t key, struct rs_facts *f)
{
    const struct replica_set *rs = f->rs;
    struct label_selector selector = selector_of_replica_set(rs);
    uint32_t firsts[] = {informers_first_owned(c->informers, KIND_POD, rs->object.meta.uid),
                         informers_first_orphan(c->informers, KIND_POD, rs->object.meta.namespace_)};
    uint32_t most = count_pods(c, firsts[0]) + count_pods(c, firsts[1]);
    f->active = room_for(c, most);
    for (size_t list = 0; list < ARRAY_LEN(firsts); list++) {
        for (uint32_t i = firsts[list]; i; i = informers_next(c->informers, i)) {
            const struct pod *p = (const struct pod *)informers_item(c->informers, i);
            uint8_t facts = informers_facts(c->informers, i);
            f->terminating +=
                list == 0 && facts & POD_TERMINATING && label_selector_matches(&selector, &p->object.meta.labels);
            if (!(facts & POD_ACTIVE))
                continue;
            /* Mostly it is as it was made, with the template's labels. */
            bool as_made = list == 0 && p->object.meta.labels.items == rs->spec.template_.meta.labels.items;
            enum claim claim = as_made ? CLAIM_OWNED : claim_of(&rs->object, &selector, &p->object);
            if (claim == CLAIM_ADOPT || claim == CLAIM_RELEASE)
                workqueue_call(c->queue, key,
                               (struct work_call){.kind = claim == CLAIM_ADOPT ? CALL_ADOPT : CALL_RELEASE,
                                                  .first_of_batch = true,
                                                  .object = p->object.ordinal});
            if (claim == CLAIM_ADOPT || claim == CLAIM_OWNED)
                take(&f->active, p, facts);
        }
    }
}

/* The pods of all sets of the same Deployment: getIndirectlyRelatedPods. By owner instead of by selector, which is the
 * same unless somebody changes labels. */
static struct pod_refs related_pods(struct controller *c, const struct replica_set *rs)
{
    const struct owner_reference *owner = controller_of(&rs->object);
    uint32_t sets = owner ? informers_first_owned(c->informers, c->kind, owner->uid) : 0, n = 0;
    for (uint32_t i = sets; i; i = informers_next(c->informers, i))
        n += count_pods(c, informers_first_owned(c->informers, KIND_POD, informers_item(c->informers, i)->meta.uid));
    struct pod_refs list = room_for(c, n);
    for (uint32_t i = sets; i; i = informers_next(c->informers, i)) {
        const char *uid = informers_item(c->informers, i)->meta.uid;
        for (uint32_t p = informers_first_owned(c->informers, KIND_POD, uid); p; p = informers_next(c->informers, p))
            take(&list, (const struct pod *)informers_item(c->informers, p), informers_facts(c->informers, p));
    }
    return list;
}

/* ---- a sync: what is to be done ---- */

static void list_creations(struct controller *c, uint32_t key, const struct rs_plan *plan)
{
    struct set *s = set_at(c, key);
    s->creations = s->wanted = plan->create;
    s->expected_at = sim_now(c->sim);
    int64_t left = plan->create;
    for (int64_t batch = slow_start_batch(0, left); batch > 0; batch = slow_start_batch(batch, left)) {
        workqueue_call(c->queue, key, (struct work_call){.kind = CALL_CREATE, .first_of_batch = true, .count = batch});
        left -= batch;
    }
}

static void list_deletions(struct controller *c, uint32_t key, const struct rs_plan *plan)
{
    struct set *s = set_at(c, key);
    s->expected_at = sim_now(c->sim);
    for (uint32_t i = 0; i < plan->remove.count; i++) {
        uint32_t pod = plan->remove.items[i]->object.ordinal;
        *(uint32_t *)pool_at(&s->deletions, pool_add(&s->deletions)) = pod;
        workqueue_call(c->queue, key, (struct work_call){.kind = CALL_DELETE, .first_of_batch = i == 0, .object = pod});
    }
}

/* An informer's list has no order. Where a run is played back, the uids tell which of two equal pods came first. */
static void order_by_uid(struct pod_refs *pods)
{
    for (uint32_t i = 1; i < pods->count; i++) {
        const struct pod *p = pods->items[i];
        uint8_t facts = pods->facts[i];
        uint32_t k = i;
        for (; k > 0 && strcmp(pods->items[k - 1]->object.meta.uid, p->object.meta.uid) > 0; k--) {
            pods->items[k] = pods->items[k - 1];
            pods->facts[k] = pods->facts[k - 1];
        }
        pods->items[k] = p;
        pods->facts[k] = facts;
    }
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct set *s = set_at(c, key);
    arena_reset(c->scratch);
    const struct replica_set *rs = (const struct replica_set *)informers_get(c->informers, s->ordinal);
    s->rs = rs;
    s->wanted = s->created = 0;
    s->error = NULL;
    s->recheck = SIM_NEVER;
    if (!rs) {
        forget_expectations(s);
        return;
    }
    struct rs_facts facts = {.rs = rs, .features = store_features(c->store), .now = sim_now(c->sim)};
    facts.in_sync = expectations_are_met(s, facts.now);
    claim_pods(c, key, &facts);
    if (store_profile(c->store)->playback)
        order_by_uid(&facts.active);
    if (facts.in_sync && (int64_t)facts.active.count > rs->spec.replicas.value)
        facts.related = related_pods(c, rs);
    struct rs_plan plan;
    rs_decide(c->scratch, &facts, &plan);
    if (facts.in_sync)
        forget_expectations(s);
    if (plan.create > 0)
        list_creations(c, key, &plan);
    list_deletions(c, key, &plan);
    s->creating = plan.create > 0;
    s->recheck = plan.recheck;
    if (plan.create == 0 && plan.remove.count == 0 && !plan.status_changed)
        return;
    struct replica_set_status *status = arena_new(c->arena, struct replica_set_status);
    *status = plan.status;
    workqueue_call(
        c->queue, key,
        (struct work_call){.kind = CALL_STATUS, .first_of_batch = true, .after_failure = true, .data = status});
}

/* ---- a sync: the calls ---- */

static void count_creations(struct controller *c, uint32_t key, const struct replica_set *rs, int64_t count)
{
    struct set *s = set_at(c, key);
    s->created_at_once = s->made_at == sim_now(c->sim) ? s->created_at_once + count : count;
    s->made_at = sim_now(c->sim);
    if (s->created_at_once > rs->spec.replicas.value + TOO_MANY_AT_ONCE)
        sim_limit(c->sim,
                  arena_printf(c->arena, "%" PRId64 " pods of %s %s at one instant, which wants %" PRId64,
                               s->created_at_once, kind_infos[c->kind].singular, rs->object.meta.name,
                               rs->spec.replicas.value),
                  "they fail at once and are replaced at once; a profile with latencies shows it in time");
}

static enum call_result create_pods(struct controller *c, uint32_t key, const struct replica_set *rs, int64_t count)
{
    enum call_result result = CALL_OK;
    count_creations(c, key, rs, count);
    struct owner_reference *owner = controller_reference(c->arena, &rs->object);
    uint32_t cause = sim_cause(c->sim);
    for (int64_t i = 0; i < count; i++) {
        const struct api_object *stored;
        sim_set_cause(c->sim, cause);
        struct pod *p = pod_from_template(c->arena, &rs->object, &rs->spec.template_, owner);
        enum store_error error = store_create(c->store, c->who, &p->object, &stored);
        if (error == STORE_OK) {
            set_at(c, key)->created++;
            recorder_event(c->recorder, &c->origin, &rs->object, NULL, false, "SuccessfulCreate", "Created pod: %s",
                           stored->meta.name);
            continue;
        }
        if (error == STORE_TERMINATING) /* manageReplicas: any creation fails; nothing is said of it */
            continue;
        const char *why = store_refusal(c->store);
        set_at(c, key)->error = why;
        recorder_event(c->recorder, &c->origin, &rs->object, NULL, true, "FailedCreate", "Error creating: %s", why);
        result = CALL_FAILED;
    }
    return result;
}

static void delete_pod(struct controller *c, uint32_t key, const struct api_object *rs, uint32_t pod)
{
    const struct api_object *current = store_by_ordinal(c->store, pod);
    if (!current) { /* somebody was quicker: nothing will be seen of it */
        deletion_observed(set_at(c, key), pod);
        return;
    }
    store_delete(c->store, c->who, current, -1);
    recorder_event(c->recorder, &c->origin, rs, NULL, false, "SuccessfulDelete", "Deleted pod: %s", current->meta.name);
}

/* On a conflict the controller reads again and writes the same status: updateReplicaSetStatus. */
static void write_status(struct controller *c, const struct set *s, struct replica_set_status status)
{
    const struct replica_set *seen = s->rs;
    const struct api_object *current = store_by_ordinal(c->store, s->ordinal);
    if (!current)
        return;
    if (s->error) {
        status.conditions.items = seen->status.conditions.items;
        status.conditions.count = seen->status.conditions.count;
        rs_status_failed(c->arena, &status, s->creating, s->error, sim_now(c->sim));
    }
    if (rs_status_equal(&status, &seen->status))
        return;
    struct replica_set *next = (struct replica_set *)store_edit(c->store, current);
    next->status = status;
    store_update(c->store, c->who, &next->object, false);
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    const struct set *s = set_at(c, key);
    const struct replica_set *rs = s->rs;
    switch ((enum call_kind)call->kind) {
    case CALL_ADOPT:
        return pod_change_owner(c->store, c->who, &rs->object, call->object, true, NULL);
    case CALL_RELEASE:
        return pod_change_owner(c->store, c->who, &rs->object, call->object, false, NULL);
    case CALL_CREATE:
        return create_pods(c, key, rs, call->count);
    case CALL_DELETE:
        delete_pod(c, key, &rs->object, call->object);
        break;
    case CALL_STATUS:
        write_status(c, s, *(const struct replica_set_status *)call->data);
        break;
    }
    return CALL_OK;
}

static void done(void *ctx, uint32_t key, bool failed)
{
    struct controller *c = ctx;
    struct set *s = set_at(c, key);
    s->creations -= s->wanted - s->created; /* never tried, or refused: they will not be seen */
    if (!failed && s->recheck != SIM_NEVER)
        workqueue_add_after(c->queue, key, s->recheck);
}

void replicaset_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch,
                               enum api_kind kind)
{
    bool rc = kind == KIND_REPLICATIONCONTROLLER;
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){.store = st,
                             .sim = store_sim(st),
                             .arena = store_arena(st),
                             .scratch = scratch,
                             .informers = f,
                             .recorder = r,
                             .kind = kind,
                             .who = rc ? COMP_REPLICATION_CONTROLLER : COMP_REPLICASET_CONTROLLER};
    c->origin = (struct event_origin){c->who, trace_component_names[c->who], NULL, false};
    pool_init(&c->sets, c->arena, sizeof(struct set));
    const struct work_ops ops = {
        .name = trace_component_names[c->who], .class = CLASS_WORKLOAD, .sync = sync, .make = make, .done = done};
    c->queue = workqueue_new(st, &ops, c);
    informers_listen(f, kind, on_set, c);
    informers_listen(f, KIND_POD, on_pod, c);
}

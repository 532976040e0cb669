/* controller_daemonset.c - wakes up for DaemonSets and carries out what daemonset.c decides.
 *
 * Mirrors k8s pkg/controller/daemon/daemon_controller.go (v1.36), and flowcontrol.Backoff for pods that have failed.
 * Left out on purpose: the consistency store of 1.36; revisions of the past are adopted, not watched.
 */
#include "model/controller_daemonset.h"

#include <string.h>

#include "model/classes.h"
#include "model/daemonset.h"
#include "model/endpoint_tracker.h"
#include "model/playback.h"
#include "model/pod_control.h"

/* k8s controller_utils.go ExpectationsTimeout */
#define EXPECTATIONS_TIMEOUT (300 * SIM_SECOND)
/* k8s cmd/kube-controller-manager/app/apps.go: flowcontrol.NewBackOff(1*time.Second, 15*time.Minute) */
#define FAILED_FIRST SIM_SECOND
#define FAILED_MAX   (900 * SIM_SECOND)

enum call_kind {
    CALL_ADOPT,
    CALL_RELEASE,
    CALL_REVISION,
    CALL_RENUMBER,
    CALL_CREATE,
    CALL_DELETE,
    CALL_FORGET,
    CALL_STATUS
};

/* How long a failed pod of a node is left alone: one entry per generation and node. */
struct backoff {
    const char *node;
    int64_t generation;
    sim_time wait, since;
};

/* One DaemonSet. */
struct set {
    uint32_t ordinal;
    int64_t creations;     /* expectations: asked for, not seen yet */
    struct pool deletions; /* uint32_t: pods */
    sim_time expected_at;
    struct pool backoffs;          /* struct backoff */
    const struct daemon_set *read; /* of the sync at work */
    const char *hash;
    int64_t wanted, created;
    sim_time retry, recheck;
};

struct controller {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct informers *informers;
    struct recorder *recorder;
    struct workqueue *queue;
    struct pool sets; /* struct set, by key, in order of ordinals */
};

static const struct event_origin origin = {COMP_DAEMONSET_CONTROLLER, "daemonset-controller", NULL, false};

static struct set *set_at(struct controller *c, uint32_t key) { return pool_at(&c->sets, key); }

/* ---- keys ---- */

static uint32_t key_of(struct controller *c, const struct api_object *ds)
{
    bool is_new;
    uint32_t key = workqueue_key_of(c->queue, ds, &is_new);
    if (is_new) {
        uint32_t index = pool_add(&c->sets);
        ASSERT(index == key);
        set_at(c, key)->ordinal = ds->ordinal;
        pool_init(&set_at(c, key)->deletions, c->arena, sizeof(uint32_t));
        pool_init(&set_at(c, key)->backoffs, c->arena, sizeof(struct backoff));
    }
    return key;
}

static const struct api_object *set_of(struct controller *c, const struct api_object *pod)
{
    return informers_controller(c->informers, pod, KIND_DAEMONSET);
}

static void enqueue(struct controller *c, const struct api_object *ds)
{
    if (ds)
        workqueue_add(c->queue, key_of(c, ds));
}

/* ---- nodes ---- */

/* shouldIgnoreNodeUpdate */
static bool looks_the_same(const struct node *a, const struct node *b)
{
    if (!labels_same(&a->object.meta.labels, &b->object.meta.labels) || a->spec.taints.count != b->spec.taints.count)
        return false;
    for (uint32_t i = 0; i < a->spec.taints.count; i++) {
        const struct taint *x = &a->spec.taints.items[i], *y = &b->spec.taints.items[i];
        if (!text_same(x->key, y->key) || !text_same(x->value, y->value) || !text_same(x->effect, y->effect))
            return false;
    }
    return true;
}

static void on_node(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    bool news = !before || !after || !looks_the_same((const struct node *)before, (const struct node *)after);
    uint32_t cursor = 0;
    for (const struct api_object *o; news && (o = informers_each(c->informers, KIND_DAEMONSET, &cursor)) != NULL;)
        enqueue(c, o);
}

/* ---- what wakes a set ---- */

static void forget_expectations(struct set *s) { s->creations = s->deletions.count = 0; }

static void on_set(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    const struct api_object *ds = after ? after : before;
    uint32_t key = key_of(c, ds);
    if (!after)
        forget_expectations(set_at(c, key));
    workqueue_add(c->queue, key);
}

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

static void enqueue_matching(struct controller *c, const struct api_object *pod)
{
    uint32_t cursor = 0;
    for (const struct api_object *o; (o = informers_each(c->informers, KIND_DAEMONSET, &cursor)) != NULL;)
        if (text_same(o->meta.namespace_, pod->meta.namespace_) &&
            label_selector_matches(((const struct daemon_set *)o)->spec.selector, &pod->meta.labels))
            enqueue(c, o);
}

static void on_changed_pod(struct controller *c, const struct api_object *before, const struct api_object *after)
{
    const struct api_object *was = set_of(c, before), *is = set_of(c, after);
    bool labels = !labels_same(&before->meta.labels, &after->meta.labels);
    if (after->meta.deletion_timestamp != SIM_NEVER && is)
        deletion_observed(set_at(c, key_of(c, is)), after->ordinal);
    if (was != is)
        enqueue(c, was);
    if (!controller_of(after) && (labels || controller_of(before)))
        enqueue_matching(c, after);
    enqueue(c, is);
    if (!is || pod_is_ready((const struct pod *)before) || !pod_is_ready((const struct pod *)after))
        return;
    int64_t held = ((const struct daemon_set *)is)->spec.min_ready_seconds;
    if (held > 0) /* a second more, for clocks that differ */
        workqueue_add_after(c->queue, key_of(c, is), (held + 1) * SIM_SECOND);
}

static void on_pod(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    const struct api_object *ds = set_of(c, after ? after : before);
    if (after && before) {
        on_changed_pod(c, before, after);
        return;
    }
    if (ds && !after)
        deletion_observed(set_at(c, key_of(c, ds)), before->ordinal);
    else if (ds && after->meta.deletion_timestamp == SIM_NEVER)
        set_at(c, key_of(c, ds))->creations--;
    else if (after && !controller_of(after))
        enqueue_matching(c, after);
    enqueue(c, ds);
}

/* ---- pods that have failed ---- */

struct failed_reader {
    struct controller *c;
    uint32_t key;
};

static struct backoff *backoff_of(struct set *s, const char *node)
{
    int64_t generation = s->read->status.observed_generation;
    for (uint32_t i = 0; i < s->backoffs.count; i++) {
        struct backoff *b = pool_at(&s->backoffs, i);
        if (b->generation == generation && strcmp(b->node, node) == 0)
            return b;
    }
    return NULL;
}

/* IsInBackOffSinceUpdate, Get. */
static sim_time failed_wait(void *ctx, const char *node)
{
    struct failed_reader *r = ctx;
    const struct backoff *b = backoff_of(set_at(r->c, r->key), node);
    sim_time ago = b ? sim_now(r->c->sim) - b->since : 0;
    return b && ago <= 2 * FAILED_MAX && ago < b->wait ? b->wait : 0;
}

/* Next */
static void back_off(struct controller *c, struct set *s, const char *node)
{
    struct backoff *b = backoff_of(s, node);
    sim_time now = sim_now(c->sim);
    if (!b) {
        b = pool_at(&s->backoffs, pool_add(&s->backoffs));
        *b = (struct backoff){.node = node, .generation = s->read->status.observed_generation};
    }
    bool fresh = b->wait == 0 || now - b->since > 2 * FAILED_MAX;
    b->wait = fresh ? FAILED_FIRST : 2 * b->wait < FAILED_MAX ? 2 * b->wait : FAILED_MAX;
    b->since = now;
}

/* ---- a sync ---- */

static void list_change(struct controller *c, uint32_t key, const struct api_object *o, bool adopt)
{
    workqueue_call(
        c->queue, key,
        (struct work_call){.kind = adopt ? CALL_ADOPT : CALL_RELEASE, .first_of_batch = true, .object = o->ordinal});
}

static void claim_pods(struct controller *c, uint32_t key, struct ds_facts *f)
{
    const struct daemon_set *ds = f->set;
    uint32_t firsts[] = {informers_first_owned(c->informers, KIND_POD, ds->object.meta.uid),
                         informers_first_orphan(c->informers, KIND_POD, ds->object.meta.namespace_)};
    uint32_t most = 0;
    for (size_t list = 0; list < ARRAY_LEN(firsts); list++)
        for (uint32_t i = firsts[list]; i; i = informers_next(c->informers, i))
            most++;
    f->pods.items = arena_array(c->scratch, const struct pod *, most + 1);
    for (size_t list = 0; list < ARRAY_LEN(firsts); list++) {
        for (uint32_t i = firsts[list]; i; i = informers_next(c->informers, i)) {
            const struct api_object *o = informers_item(c->informers, i);
            enum claim claim = claim_of(&ds->object, ds->spec.selector, o);
            if (claim == CLAIM_ADOPT || claim == CLAIM_RELEASE)
                list_change(c, key, o, claim == CLAIM_ADOPT);
            if (claim == CLAIM_ADOPT || claim == CLAIM_OWNED)
                f->pods.items[f->pods.count++] = (const struct pod *)o;
        }
    }
}

static void list_nodes(struct controller *c, struct ds_facts *f)
{
    uint32_t cursor = 0, most = 0;
    const struct api_object *o;
    while (informers_each(c->informers, KIND_NODE, &cursor))
        most++;
    f->nodes.items = arena_array(c->scratch, const struct node *, most + 1);
    cursor = 0;
    while ((o = informers_each(c->informers, KIND_NODE, &cursor)) != NULL)
        f->nodes.items[f->nodes.count++] = (const struct node *)o;
}

static void list_creations(struct controller *c, uint32_t key, const struct ds_plan *plan)
{
    struct set *s = set_at(c, key);
    s->creations = s->wanted = plan->create.count;
    s->expected_at = sim_now(c->sim);
    int64_t batch = slow_start_batch(0, plan->create.count), left_in_batch = 0;
    for (uint32_t i = 0; i < plan->create.count; i++) {
        bool first = left_in_batch == 0;
        if (first && i > 0)
            batch = slow_start_batch(batch, plan->create.count - i);
        left_in_batch = first ? batch - 1 : left_in_batch - 1;
        workqueue_call(c->queue, key,
                       (struct work_call){.kind = CALL_CREATE, .first_of_batch = first, .data = plan->create.items[i]});
    }
}

static bool contains(const struct ds_pods *list, const struct pod *p)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i] == p)
            return true;
    return false;
}

/* Those that have ended are told while the nodes are looked at, before anything is deleted. */
static void tell_ended(struct controller *c, struct set *s, const struct ds_plan *plan)
{
    for (uint32_t i = 0; i < plan->remove.count; i++) {
        const struct pod *p = plan->remove.items[i];
        const char *node = ds_target_node(p), *ns = p->object.meta.namespace_, *name = p->object.meta.name;
        if (contains(&plan->failed, p)) {
            back_off(c, s, node);
            recorder_event(c->recorder, &origin, &s->read->object, NULL, true, "FailedDaemonPod",
                           "Found failed daemon pod %s/%s on node %s, will try to kill it", ns, name, node);
        } else if (contains(&plan->succeeded, p)) {
            recorder_event(c->recorder, &origin, &s->read->object, NULL, false, "SucceededDaemonPod",
                           "Found succeeded daemon pod %s/%s on node %s, will try to delete it", ns, name, node);
        }
    }
}

static void list_deletions(struct controller *c, uint32_t key, const struct ds_plan *plan)
{
    struct set *s = set_at(c, key);
    for (uint32_t i = 0; i < plan->remove.count; i++) {
        uint32_t pod = plan->remove.items[i]->object.ordinal;
        *(uint32_t *)pool_at(&s->deletions, pool_add(&s->deletions)) = pod;
        workqueue_call(
            c->queue, key,
            (struct work_call){.kind = CALL_DELETE, .first_of_batch = i == 0, .after_failure = true, .object = pod});
    }
    for (uint32_t i = 0; i < plan->forget.count; i++)
        workqueue_call(c->queue, key,
                       (struct work_call){.kind = CALL_FORGET,
                                          .first_of_batch = true,
                                          .object = plan->forget.items[i]->object.ordinal});
}

static void list_revision(struct controller *c, uint32_t key, const struct ds_plan *plan)
{
    if (plan->is_new_revision)
        workqueue_call(c->queue, key,
                       (struct work_call){.kind = CALL_REVISION, .first_of_batch = true, .data = plan->current});
    else if (plan->renumber)
        workqueue_call(c->queue, key,
                       (struct work_call){.kind = CALL_RENUMBER,
                                          .first_of_batch = true,
                                          .object = plan->current->object.ordinal,
                                          .count = plan->renumber});
}

static void list_calls(struct controller *c, uint32_t key, const struct ds_plan *plan)
{
    struct set *s = set_at(c, key);
    list_revision(c, key, plan);
    if (plan->create.count || plan->remove.count) {
        forget_expectations(s);
        s->expected_at = sim_now(c->sim);
        tell_ended(c, s, plan);
        list_creations(c, key, plan);
    }
    list_deletions(c, key, plan);
    if (!plan->status_changed)
        return;
    struct daemon_set_status *status = arena_new(c->arena, struct daemon_set_status);
    *status = plan->status;
    workqueue_call(
        c->queue, key,
        (struct work_call){.kind = CALL_STATUS, .first_of_batch = true, .after_failure = true, .data = status});
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct set *s = set_at(c, key);
    arena_reset(c->scratch);
    s->read = (const struct daemon_set *)informers_get(c->informers, s->ordinal);
    s->retry = s->recheck = SIM_NEVER;
    s->wanted = s->created = 0;
    if (!s->read || s->read->object.meta.deletion_timestamp != SIM_NEVER)
        return;
    struct failed_reader reader = {c, key};
    struct ds_facts facts = {.set = s->read, .failed_wait = failed_wait, .ctx = &reader, .now = sim_now(c->sim)};
    facts.in_sync = (s->creations <= 0 && s->deletions.count == 0) || facts.now - s->expected_at > EXPECTATIONS_TIMEOUT;
    facts.revisions = history_list(c->scratch, c->informers, &s->read->object, s->read->spec.selector);
    facts.hash = playback_hash(store_profile(c->store)->playback, "controllerrevision", s->read->object.meta.name,
                               facts.revisions.count);
    for (uint32_t i = 0; i < facts.revisions.count; i++)
        if (!controller_of(&facts.revisions.items[i]->object))
            list_change(c, key, &facts.revisions.items[i]->object, true);
    claim_pods(c, key, &facts);
    list_nodes(c, &facts);
    struct ds_plan plan;
    ds_decide(c->arena, c->scratch, &facts, &plan);
    s->hash = plan.hash;
    s->retry = plan.retry;
    s->recheck = plan.recheck;
    list_calls(c, key, &plan);
}

/* ---- the calls ---- */

/* snapshot: a revision of that name may be there already, and hold the same. */
static enum call_result create_revision(struct controller *c, struct set *s, const struct controller_revision *made)
{
    struct api_object *o = (struct api_object *)(uintptr_t)&made->object; /* ours: history_new() */
    const struct api_object *there = store_get(c->store, KIND_CONTROLLERREVISION, o->meta.namespace_, o->meta.name);
    if (!there)
        return store_create(c->store, COMP_DAEMONSET_CONTROLLER, o, NULL) == STORE_OK ? CALL_OK : CALL_ABORT;
    if (history_equal((const struct controller_revision *)there, &s->read->spec.template_))
        return CALL_OK;
    const struct api_object *current = store_by_ordinal(c->store, s->ordinal);
    if (current) {
        struct daemon_set *next = (struct daemon_set *)store_edit(c->store, current);
        next->status.collision_count = (struct opt_i64){next->status.collision_count.value + 1, true};
        store_update(c->store, COMP_DAEMONSET_CONTROLLER, &next->object, false);
    }
    return CALL_ABORT;
}

static enum call_result create_pod(struct controller *c, uint32_t key, const struct node *n)
{
    const struct daemon_set *ds = set_at(c, key)->read;
    const struct api_object *stored;
    struct pod *p = ds_make_pod(c->arena, ds, set_at(c, key)->hash, n->object.meta.name);
    enum store_error error = store_create(c->store, COMP_DAEMONSET_CONTROLLER, &p->object, &stored);
    if (error == STORE_OK) {
        set_at(c, key)->created++;
        recorder_event(c->recorder, &origin, &ds->object, NULL, false, "SuccessfulCreate", "Created pod: %s",
                       stored->meta.name);
        return CALL_OK;
    }
    if (error == STORE_TERMINATING) /* any creation fails; nothing is said of it */
        return CALL_OK;
    recorder_event(c->recorder, &origin, &ds->object, NULL, true, "FailedCreate", "Error creating: %s",
                   store_refusal(c->store));
    return CALL_FAILED;
}

static void delete_pod(struct controller *c, struct set *s, uint32_t pod)
{
    const struct api_object *current = store_by_ordinal(c->store, pod);
    if (!current) { /* somebody was quicker: nothing will be seen of it */
        deletion_observed(s, pod);
        return;
    }
    store_delete(c->store, COMP_DAEMONSET_CONTROLLER, current, -1);
    recorder_event(c->recorder, &origin, &s->read->object, NULL, false, "SuccessfulDelete", "Deleted pod: %s",
                   current->meta.name);
}

static void write_status(struct controller *c, const struct set *s, const struct daemon_set_status *status)
{
    const struct api_object *current = store_by_ordinal(c->store, s->ordinal);
    if (!current)
        return;
    struct daemon_set *next = (struct daemon_set *)store_edit(c->store, current);
    struct opt_i64 collisions = next->status.collision_count;
    next->status = *status;
    next->status.collision_count = collisions;
    store_update(c->store, COMP_DAEMONSET_CONTROLLER, &next->object, false);
}

static void change_revision(struct controller *c, const struct work_call *call)
{
    const struct api_object *current = store_by_ordinal(c->store, call->object);
    if (!current)
        return;
    if (call->kind == CALL_FORGET) {
        store_delete(c->store, COMP_DAEMONSET_CONTROLLER, current, -1);
        return;
    }
    struct controller_revision *next = (struct controller_revision *)store_edit(c->store, current);
    next->revision = call->count;
    store_update(c->store, COMP_DAEMONSET_CONTROLLER, &next->object, false);
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    struct set *s = set_at(c, key);
    switch ((enum call_kind)call->kind) {
    case CALL_ADOPT:
    case CALL_RELEASE:
        return pod_change_owner(c->store, COMP_DAEMONSET_CONTROLLER, &s->read->object, call->object,
                                call->kind == CALL_ADOPT, NULL);
    case CALL_REVISION:
        return create_revision(c, s, call->data);
    case CALL_CREATE:
        return create_pod(c, key, call->data);
    case CALL_DELETE:
        delete_pod(c, s, call->object);
        break;
    case CALL_RENUMBER:
    case CALL_FORGET:
        change_revision(c, call);
        break;
    case CALL_STATUS:
        write_status(c, s, call->data);
        break;
    }
    return CALL_OK;
}

static void done(void *ctx, uint32_t key, bool failed)
{
    struct controller *c = ctx;
    struct set *s = set_at(c, key);
    s->creations -= s->wanted - s->created; /* never tried, or refused: they will not be seen */
    if (s->retry != SIM_NEVER)
        workqueue_add_after(c->queue, key, s->retry);
    if (!failed && s->recheck != SIM_NEVER)
        workqueue_add_after(c->queue, key, s->recheck);
}

void daemonset_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){
        .store = st, .sim = store_sim(st), .arena = store_arena(st), .scratch = scratch, .informers = f, .recorder = r};
    pool_init(&c->sets, c->arena, sizeof(struct set));
    const struct work_ops ops = {trace_component_names[COMP_DAEMONSET_CONTROLLER], CLASS_WORKLOAD, 0, sync, make, done};
    c->queue = workqueue_new(st, &ops, c);
    informers_listen(f, KIND_DAEMONSET, on_set, c);
    informers_listen(f, KIND_POD, on_pod, c);
    informers_listen(f, KIND_NODE, on_node, c);
}

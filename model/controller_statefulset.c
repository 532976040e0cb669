/* controller_statefulset.c - wakes up for StatefulSets and carries out what statefulset.c decides.
 *
 * Mirrors k8s pkg/controller/statefulset/stateful_set.go, stateful_pod_control.go (v1.36). Left out on purpose: the
 * consistency store of 1.36, which only delays syncs that a stale cache would spoil anyway.
 */
#include "model/controller_statefulset.h"

#include <string.h>

#include "model/classes.h"
#include "model/endpoint_tracker.h"
#include "model/pod_control.h"
#include "model/statefulset.h"

enum call_kind { CALL_ADOPT, CALL_RELEASE, CALL_STEP };

/* One StatefulSet. */
struct entry {
    uint32_t ordinal;
    int64_t collisions; /* of revisions' names, beyond what the status says */
    /* The sync at work. */
    const struct stateful_set *read;
    sim_time recheck;
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

static const struct event_origin origin = {COMP_STATEFULSET_CONTROLLER, "statefulset-controller", NULL, false};

static struct entry *entry_at(struct controller *c, uint32_t key) { return pool_at(&c->entries, key); }

/* ---- what wakes a set ---- */

static uint32_t key_of(struct controller *c, const struct api_object *set)
{
    bool is_new;
    uint32_t key = workqueue_key_of(c->queue, set, &is_new);
    if (is_new) {
        uint32_t index = pool_add(&c->entries);
        ASSERT(index == key);
        entry_at(c, key)->ordinal = set->ordinal;
    }
    return key;
}

static void on_set(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    workqueue_add(c->queue, key_of(c, after ? after : before));
}

static const struct api_object *set_of(struct controller *c, const struct api_object *pod)
{
    return informers_controller(c->informers, pod, KIND_STATEFULSET);
}

static void enqueue(struct controller *c, const struct api_object *set)
{
    if (set)
        workqueue_add(c->queue, key_of(c, set));
}

/* Every set that would like to have it: getStatefulSetsForPod. */
static void enqueue_matching(struct controller *c, const struct api_object *pod)
{
    uint32_t cursor = 0;
    const struct api_object *o;
    while ((o = informers_each(c->informers, KIND_STATEFULSET, &cursor)) != NULL) {
        const struct stateful_set *set = (const struct stateful_set *)o;
        if (text_same(o->meta.namespace_, pod->meta.namespace_) &&
            label_selector_matches(set->spec.selector, &pod->meta.labels))
            enqueue(c, o);
    }
}

static void on_changed_pod(struct controller *c, const struct api_object *before, const struct api_object *after)
{
    const struct api_object *was = set_of(c, before), *is = set_of(c, after);
    if (was != is)
        enqueue(c, was);
    if (!controller_of(after) && (controller_of(before) || !labels_same(&before->meta.labels, &after->meta.labels)))
        enqueue_matching(c, after);
    if (!is)
        return;
    enqueue(c, is);
    int64_t held = ((const struct stateful_set *)is)->spec.min_ready_seconds;
    if (held == 0 || pod_is_ready((const struct pod *)before) || !pod_is_ready((const struct pod *)after))
        return;
    /* Before 1.35 a second more, for clocks that differ. */
    held += !store_has(c->store, FEATURE_EXACT_STATEFUL_CHECK);
    workqueue_add_after(c->queue, key_of(c, is), held * SIM_SECOND);
}

static void on_pod(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    if (after && before)
        on_changed_pod(c, before, after);
    else if (after && !controller_of(after) && after->meta.deletion_timestamp == SIM_NEVER)
        enqueue_matching(c, after);
    else
        enqueue(c, set_of(c, after ? after : before));
}

/* ---- a sync ---- */

static void list_change(struct controller *c, uint32_t key, const struct api_object *o, bool adopt)
{
    workqueue_call(
        c->queue, key,
        (struct work_call){.kind = adopt ? CALL_ADOPT : CALL_RELEASE, .first_of_batch = true, .object = o->ordinal});
}

/* Its pods, and those it makes its own: getPodsForStatefulSet. A pod of another name is none of its. */
static void claim_pods(struct controller *c, uint32_t key, struct sts_facts *f)
{
    const struct stateful_set *set = f->set;
    uint32_t firsts[] = {informers_first_owned(c->informers, KIND_POD, set->object.meta.uid),
                         informers_first_orphan(c->informers, KIND_POD, set->object.meta.namespace_)};
    uint32_t most = 0;
    for (size_t list = 0; list < ARRAY_LEN(firsts); list++)
        for (uint32_t i = firsts[list]; i; i = informers_next(c->informers, i))
            most++;
    f->pods.items = arena_array(c->scratch, const struct pod *, most + 1);
    for (size_t list = 0; list < ARRAY_LEN(firsts); list++) {
        for (uint32_t i = firsts[list]; i; i = informers_next(c->informers, i)) {
            const struct pod *p = (const struct pod *)informers_item(c->informers, i);
            bool matches =
                label_selector_matches(set->spec.selector, &p->object.meta.labels) && sts_ordinal_of(set, p) >= 0;
            enum claim claim = claim_if(&set->object, matches, &p->object);
            if (claim == CLAIM_ADOPT || claim == CLAIM_RELEASE)
                list_change(c, key, &p->object, claim == CLAIM_ADOPT);
            if (claim == CLAIM_ADOPT || claim == CLAIM_OWNED)
                f->pods.items[f->pods.count++] = p;
        }
    }
}

static void adopt_revisions(struct controller *c, uint32_t key, const struct revision_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (!controller_of(&list->items[i]->object))
            list_change(c, key, &list->items[i]->object, true);
}

struct claim_reader {
    struct controller *c;
    const char *namespace_;
};

static const struct persistent_volume_claim *cached_claim(void *ctx, const char *name)
{
    struct claim_reader *at = ctx;
    const struct api_object *o = store_get(at->c->store, KIND_PERSISTENTVOLUMECLAIM, at->namespace_, name);
    return o ? (const struct persistent_volume_claim *)informers_get(at->c->informers, o->ordinal) : NULL;
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct entry *e = entry_at(c, key);
    arena_reset(c->scratch);
    e->read = (const struct stateful_set *)informers_get(c->informers, e->ordinal);
    e->recheck = SIM_NEVER;
    if (!e->read)
        return;
    struct claim_reader claims = {c, e->read->object.meta.namespace_};
    struct sts_facts facts = {.set = e->read,
                              .features = store_features(c->store),
                              .claim = cached_claim,
                              .ctx = &claims,
                              .now = sim_now(c->sim)};
    facts.revisions = history_list(c->scratch, c->informers, &e->read->object, e->read->spec.selector);
    facts.collisions = e->read->status.collision_count.value + e->collisions;
    adopt_revisions(c, key, &facts.revisions);
    claim_pods(c, key, &facts);
    struct sts_plan plan;
    sts_decide(c->arena, c->scratch, &facts, &plan);
    for (uint32_t i = 0; i < plan.steps.count; i++) {
        struct sts_step *step = arena_new(c->arena, struct sts_step);
        *step = *(const struct sts_step *)pool_at(&plan.steps, i);
        workqueue_call(c->queue, key,
                       (struct work_call){.kind = CALL_STEP,
                                          .first_of_batch = step->first_of_batch,
                                          .after_failure = step->after_failure,
                                          .data = step});
    }
    e->recheck = plan.recheck;
}

/* ---- events: recordPodEvent, recordClaimEvent ---- */

static const char *verb_of(struct controller *c, const char *verb)
{
    if (store_has(c->store, FEATURE_STATEFUL_EVENTS_TITLE))
        return verb;
    return arena_printf(c->arena, "%c%s", verb[0] - 'A' + 'a', verb + 1);
}

/* verb: "Create"; error NULL = it worked. */
static void say(struct controller *c, const struct stateful_set *set, const char *verb, const char *what,
                const char *error)
{
    const char *reason = arena_printf(c->arena, "%s%s", error ? "Failed" : "Successful", verb);
    recorder_event(c->recorder, &origin, &set->object, NULL, error != NULL, reason, "%s %s in StatefulSet %s %s%s",
                   verb_of(c, verb), what, set->object.meta.name, error ? "failed error: " : "successful",
                   error ? error : "");
}

static void say_claim(struct controller *c, const struct stateful_set *set, const char *claim, const char *pod,
                      const char *error)
{
    recorder_event(c->recorder, &origin, &set->object, NULL, error != NULL, error ? "FailedCreate" : "SuccessfulCreate",
                   "%s Claim %s %sPod %s in StatefulSet %s %s%s", verb_of(c, "Create"), claim, error ? "for " : "", pod,
                   set->object.meta.name, error ? "failed error: " : "success", error ? error : "");
}

static const char *named_pod(struct controller *c, const struct api_object *pod)
{
    return arena_printf(c->arena, "Pod %s", pod->meta.name);
}

/* ---- the writes ---- */

static struct api_object *writable(const struct api_object *made) { return (struct api_object *)(uintptr_t)made; }

/* A revision of that name may be there already, and hold the same: CreateControllerRevision. */
static enum call_result create_revision(struct controller *c, struct entry *e, const struct api_object *made)
{
    const struct api_object *there =
        store_get(c->store, KIND_CONTROLLERREVISION, made->meta.namespace_, made->meta.name);
    if (there && history_equal((const struct controller_revision *)there, &e->read->spec.template_))
        return CALL_OK;
    if (there) {
        e->collisions++;
        return CALL_ABORT;
    }
    store_create(c->store, COMP_STATEFULSET_CONTROLLER, writable(made), NULL);
    return CALL_OK;
}

static enum call_result create_claim(struct controller *c, struct entry *e, const struct sts_step *step)
{
    enum store_error error = store_create(c->store, COMP_STATEFULSET_CONTROLLER, writable(step->object), NULL);
    if (error == STORE_EXISTS)
        return CALL_FAILED;
    say_claim(c, e->read, step->object->meta.name, step->pod->object.meta.name,
              error == STORE_OK ? NULL : store_refusal(c->store));
    return error == STORE_OK ? CALL_OK : CALL_FAILED;
}

/* What exists already is tried again without a word. */
static enum call_result create_pod(struct controller *c, struct entry *e, const struct api_object *pod)
{
    enum store_error error = store_create(c->store, COMP_STATEFULSET_CONTROLLER, writable(pod), NULL);
    if (error == STORE_EXISTS)
        return CALL_FAILED;
    const char *why = error == STORE_OK ? NULL : store_refusal(c->store);
    say(c, e->read, "Create", named_pod(c, pod), why);
    return why ? CALL_FAILED : CALL_OK;
}

static void delete_pod(struct controller *c, struct entry *e, const struct api_object *pod)
{
    const struct api_object *current = store_by_ordinal(c->store, pod->ordinal);
    if (current)
        store_delete(c->store, COMP_STATEFULSET_CONTROLLER, current, -1);
    say(c, e->read, "Delete", named_pod(c, pod), NULL);
}

static void mend_pod(struct controller *c, struct entry *e, const struct api_object *pod)
{
    const struct api_object *current = store_by_ordinal(c->store, pod->ordinal);
    if (!current)
        return;
    struct api_object *next = store_edit(c->store, current);
    sts_mend_pod(c->arena, e->read, (struct pod *)next);
    store_update(c->store, COMP_STATEFULSET_CONTROLLER, next, false);
    say(c, e->read, "Update", named_pod(c, pod), NULL);
}

static void change_claim(struct controller *c, const struct sts_step *step)
{
    const struct api_object *current = store_by_ordinal(c->store, step->object->ordinal);
    if (!current)
        return;
    struct api_object *next = store_edit(c->store, current);
    next->meta.owner_references.items = (struct owner_reference *)(uintptr_t)step->owners; /* ours: set_owners() */
    next->meta.owner_references.count = step->owner_count;
    store_update(c->store, COMP_STATEFULSET_CONTROLLER, next, false);
}

static void renumber(struct controller *c, const struct sts_step *step)
{
    const struct api_object *current = store_by_ordinal(c->store, step->object->ordinal);
    if (!current)
        return;
    struct controller_revision *next = (struct controller_revision *)store_edit(c->store, current);
    next->revision = step->number;
    store_update(c->store, COMP_STATEFULSET_CONTROLLER, &next->object, false);
}

/* On a conflict the controller reads again and writes the same: UpdateStatefulSetStatus. */
static void write_status(struct controller *c, const struct sts_step *step)
{
    const struct api_object *current = store_by_ordinal(c->store, step->object->ordinal);
    if (!current)
        return;
    struct stateful_set *next = (struct stateful_set *)store_edit(c->store, current);
    next->status = step->status;
    store_update(c->store, COMP_STATEFULSET_CONTROLLER, &next->object, false);
}

static void delete_revision(struct controller *c, const struct api_object *revision)
{
    const struct api_object *current = store_by_ordinal(c->store, revision->ordinal);
    if (current)
        store_delete(c->store, COMP_STATEFULSET_CONTROLLER, current, -1);
}

static enum call_result make_step(struct controller *c, struct entry *e, const struct sts_step *step)
{
    switch (step->write) {
    case STS_NEW_REVISION:
        return create_revision(c, e, step->object);
    case STS_NEW_CLAIM:
        return create_claim(c, e, step);
    case STS_NEW_POD:
        return create_pod(c, e, step->object);
    case STS_RENUMBER:
        renumber(c, step);
        break;
    case STS_MEND_POD:
        mend_pod(c, e, step->object);
        break;
    case STS_CLAIM_OWNERS:
        change_claim(c, step);
        break;
    case STS_DELETE_POD:
        delete_pod(c, e, step->object);
        break;
    case STS_STATUS:
        write_status(c, step);
        break;
    case STS_DELETE_REVISION:
        delete_revision(c, step->object);
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
    return pod_change_owner(c->store, COMP_STATEFULSET_CONTROLLER, &e->read->object, call->object,
                            call->kind == CALL_ADOPT, NULL);
}

static void done(void *ctx, uint32_t key, bool failed)
{
    struct controller *c = ctx;
    const struct entry *e = entry_at(c, key);
    if (!failed && e->recheck != SIM_NEVER)
        workqueue_add_after(c->queue, key, e->recheck);
}

void statefulset_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){
        .store = st, .sim = store_sim(st), .arena = store_arena(st), .scratch = scratch, .informers = f, .recorder = r};
    pool_init(&c->entries, c->arena, sizeof(struct entry));
    const struct work_ops ops = {
        trace_component_names[COMP_STATEFULSET_CONTROLLER], CLASS_WORKLOAD, 0, sync, make, done};
    c->queue = workqueue_new(st, &ops, c);
    informers_listen(f, KIND_STATEFULSET, on_set, c);
    informers_listen(f, KIND_POD, on_pod, c);
}

/* garbage_collector.c - what is owned goes with its owner: after it, before it, or stays behind.
 *
 * Mirrors k8s pkg/controller/garbagecollector (graph_builder.go, garbagecollector.go, v1.36). Rules:
 * semantics/workloads.md 11. A real one queues every dependent; here an owner is the key, and its dependents are dealt
 * with 20 at a time, as many as there are workers. What it decides it reads from the store, as the real one does with
 * its GETs.
 * Left out on purpose: owners of another namespace, references to kinds that are not modelled (they count as existing).
 */
#include "model/garbage_collector.h"

#include <string.h>

#include "model/classes.h"
#include "model/pod_control.h"
#include "model/workqueue.h"
#include "sim/cover.h"

/* k8s --concurrent-gc-syncs */
enum { WORKERS = 20, BUCKETS_AT_FIRST = 64 };

enum call_kind { CALL_ATTEMPT, CALL_ORPHAN, CALL_FINISH };

struct dependent {
    uint32_t ordinal, next; /* next: of the owner, index + 1 */
};

/* Something that others refer to. */
struct owner {
    struct owner_reference ref;
    const char *namespace_;
    uint32_t first, last; /* dependents, index + 1 */
    uint32_t index, key;  /* its own; in the queue, UINT32_MAX = not in it yet */
    uint32_t next;        /* of its bucket: index + 1 */
};

struct collector {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct workqueue *queue;
    struct pool owners, dependents;
    struct pool by_key;              /* uint32_t: owner of a key */
    uint32_t *buckets, bucket_count; /* of owners by uid, index + 1; a power of two */
};

static struct owner *owner_at(const struct collector *c, uint32_t i) { return pool_at(&c->owners, i); }
static struct dependent *dependent_at(const struct collector *c, uint32_t i) { return pool_at(&c->dependents, i); }

/* ---- the graph ---- */

static uint32_t *bucket_of(const struct collector *c, const char *uid)
{
    return &c->buckets[text_hash(TEXT_HASH, uid) & (c->bucket_count - 1)];
}

static struct owner *find_owner(const struct collector *c, const char *uid)
{
    for (uint32_t i = *bucket_of(c, uid); i; i = owner_at(c, i - 1)->next)
        if (strcmp(owner_at(c, i - 1)->ref.uid, uid) == 0)
            return owner_at(c, i - 1);
    return NULL;
}

static void link_owner(struct collector *c, uint32_t index)
{
    uint32_t *first = bucket_of(c, owner_at(c, index)->ref.uid);
    owner_at(c, index)->next = *first;
    *first = index + 1;
}

static struct owner *make_owner(struct collector *c, const struct owner_reference *ref, const char *namespace_)
{
    struct owner *known = find_owner(c, ref->uid);
    if (known)
        return known;
    if (c->owners.count == c->bucket_count) {
        c->bucket_count *= 2;
        c->buckets = arena_array(c->arena, uint32_t, c->bucket_count);
        for (uint32_t i = 0; i < c->owners.count; i++)
            link_owner(c, i);
    }
    uint32_t i = pool_add(&c->owners);
    *owner_at(c, i) = (struct owner){.ref = *ref, .namespace_ = namespace_, .index = i, .key = UINT32_MAX};
    link_owner(c, i);
    return owner_at(c, i);
}

static void add_dependent(struct collector *c, struct owner *o, uint32_t ordinal)
{
    uint32_t i = pool_add(&c->dependents);
    *dependent_at(c, i) = (struct dependent){.ordinal = ordinal};
    *(o->last ? &dependent_at(c, o->last - 1)->next : &o->first) = i + 1;
    o->last = i + 1;
}

/* ---- facts ---- */

static bool is_going(const struct api_object *o) { return o->meta.deletion_timestamp != SIM_NEVER; }
static bool waits_for_dependents(const struct api_object *o)
{
    return is_going(o) && has_finalizer(o, FINALIZER_FOREGROUND);
}

enum owner_state { OWNER_THERE, OWNER_WAITING, OWNER_ABSENT };

static const struct api_object *live_owner(const struct collector *c, const struct owner_reference *ref,
                                           const char *namespace_)
{
    const struct api_object *o = store_get(c->store, kind_of(ref->api_version, ref->kind), namespace_, ref->name);
    return o && strcmp(o->meta.uid, ref->uid) == 0 ? o : NULL;
}

static enum owner_state state_of(const struct collector *c, const struct owner_reference *ref, const char *namespace_)
{
    if (kind_of(ref->api_version, ref->kind) == KIND_NONE)
        return OWNER_THERE;
    const struct api_object *o = live_owner(c, ref, namespace_);
    return !o ? OWNER_ABSENT : waits_for_dependents(o) ? OWNER_WAITING : OWNER_THERE;
}

static const struct owner_reference *reference_to(const struct api_object *o, const char *uid)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++)
        if (strcmp(o->meta.owner_references.items[i].uid, uid) == 0)
            return &o->meta.owner_references.items[i];
    return NULL;
}

/* Does something that refers to it still exist? blocking: that its foreground deletion waits for. */
static bool has_dependents(const struct collector *c, const char *uid, bool blocking)
{
    const struct owner *o = find_owner(c, uid);
    for (uint32_t i = o ? o->first : 0; i; i = dependent_at(c, i - 1)->next) {
        const struct api_object *d = store_by_ordinal(c->store, dependent_at(c, i - 1)->ordinal);
        const struct owner_reference *ref = d ? reference_to(d, uid) : NULL;
        if (ref && (!blocking || (ref->block_owner_deletion.set && ref->block_owner_deletion.value)))
            return true;
    }
    return false;
}

/* ---- what wakes it ---- */

static void look_at(struct collector *c, struct owner *o)
{
    if (o->key == UINT32_MAX) {
        o->key = workqueue_key(c->queue, text_hash(TEXT_HASH, o->ref.uid));
        uint32_t index = pool_add(&c->by_key);
        ASSERT(index == o->key);
        *(uint32_t *)pool_at(&c->by_key, index) = o->index;
    }
    workqueue_add(c->queue, o->key);
}

static void on_references(struct collector *c, const struct api_object *before, const struct api_object *after)
{
    for (uint32_t i = 0; i < after->meta.owner_references.count; i++) {
        const struct owner_reference *ref = &after->meta.owner_references.items[i];
        if (before && reference_to(before, ref->uid))
            continue;
        struct owner *o = make_owner(c, ref, after->meta.namespace_);
        add_dependent(c, o, after->ordinal);
        if (state_of(c, ref, after->meta.namespace_) != OWNER_THERE)
            look_at(c, o);
    }
}

static void on_object(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct collector *c = ctx;
    const struct api_object *o = after ? after : before;
    struct owner *owner = find_owner(c, o->meta.uid);
    if (after && (!before || before->meta.owner_references.items != after->meta.owner_references.items)) {
        on_references(c, before, after);
        owner = find_owner(c, o->meta.uid);
    }
    bool policy = after && is_going(after) && (!before || !is_going(before)) &&
                  (has_finalizer(after, FINALIZER_FOREGROUND) || has_finalizer(after, FINALIZER_ORPHAN));
    if (policy && !owner) { /* it owns nothing, but its finalizer must go */
        const struct owner_reference ref = {.api_version = kind_infos[o->kind].api_version,
                                            .kind = kind_infos[o->kind].kind,
                                            .name = o->meta.name,
                                            .uid = o->meta.uid};
        owner = make_owner(c, &ref, o->meta.namespace_);
    }
    if (owner && (!after || policy))
        look_at(c, owner);
    for (uint32_t i = 0; !after && i < before->meta.owner_references.count; i++) {
        const struct owner_reference *ref = &before->meta.owner_references.items[i];
        if (state_of(c, ref, before->meta.namespace_) == OWNER_WAITING)
            look_at(c, make_owner(c, ref, before->meta.namespace_));
    }
}

static void on_watch(void *ctx, const struct watch_event *e)
{
    bool gone = e->verb == WRITE_DELETE;
    on_object(ctx, gone ? e->object : e->verb == WRITE_UPDATE ? e->object->prev : NULL, gone ? NULL : e->object);
}

/* ---- deciding ---- */

/* One call for each dependent; the references are looked at again when it is made. */
static void call_for_dependents(struct collector *c, uint32_t key, const struct owner *o, enum call_kind kind)
{
    uint32_t n = 0;
    for (uint32_t i = o->first; i; i = dependent_at(c, i - 1)->next) {
        const struct api_object *d = store_by_ordinal(c->store, dependent_at(c, i - 1)->ordinal);
        if (!d || !reference_to(d, o->ref.uid) || (kind == CALL_ATTEMPT && is_going(d)))
            continue;
        workqueue_call(
            c->queue, key,
            (struct work_call){.kind = (uint16_t)kind, .first_of_batch = n++ % WORKERS == 0, .object = d->ordinal});
    }
}

static void sync(void *ctx, uint32_t key)
{
    struct collector *c = ctx;
    const struct owner *o = owner_at(c, *(const uint32_t *)pool_at(&c->by_key, key));
    const struct api_object *live = live_owner(c, &o->ref, o->namespace_);
    const struct work_call finish = {.kind = CALL_FINISH, .first_of_batch = true};
    arena_reset(c->scratch);
    if (!live) {
        call_for_dependents(c, key, o, CALL_ATTEMPT);
    } else if (is_going(live) && has_finalizer(live, FINALIZER_ORPHAN)) {
        call_for_dependents(c, key, o, CALL_ORPHAN);
        workqueue_call(c->queue, key, finish);
    } else if (waits_for_dependents(live)) {
        if (has_dependents(c, o->ref.uid, true))
            call_for_dependents(c, key, o, CALL_ATTEMPT);
        else
            workqueue_call(c->queue, key, finish);
    }
}

/* ---- acting ---- */

/* The object without references to `uid`, or (NULL) to owners that are absent or wait for it. */
static void drop_references(struct collector *c, const struct api_object *d, const char *uid)
{
    uint32_t n = d->meta.owner_references.count, kept = 0;
    struct owner_reference *items = arena_array(c->arena, struct owner_reference, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const struct owner_reference *ref = &d->meta.owner_references.items[i];
        bool dropped = uid ? strcmp(ref->uid, uid) == 0 : state_of(c, ref, d->meta.namespace_) != OWNER_THERE;
        if (!dropped)
            items[kept++] = *ref;
    }
    struct api_object *next = store_edit(c->store, d);
    next->meta.owner_references.items = items;
    next->meta.owner_references.count = kept;
    store_update(c->store, COMP_GARBAGE_COLLECTOR, next, false);
}

enum { GARBAGE_GOING, GARBAGE_OWNED, GARBAGE_SHARED, GARBAGE_FOREGROUND, GARBAGE_BY_FINALIZER, GARBAGE };
COVER_TABLE(garbage, "what becomes of a dependent", "it goes already", "its owners are all there",
            "one owner is there: the references to the others go",
            "its owner waits for it: deleted, its dependents first", "deleted as its finalizer says", "deleted");

/* k8s garbagecollector.go attemptToDeleteItem */
static void attempt(struct collector *c, const struct api_object *d)
{
    uint32_t states[3] = {0};
    for (uint32_t i = 0; i < d->meta.owner_references.count; i++)
        states[state_of(c, &d->meta.owner_references.items[i], d->meta.namespace_)]++;
    uint32_t gone = states[OWNER_WAITING] + states[OWNER_ABSENT];
    if (is_going(d)) {
        COVER(garbage, GARBAGE_GOING);
    } else if (gone == 0) {
        COVER(garbage, GARBAGE_OWNED);
    } else if (states[OWNER_THERE]) {
        COVER(garbage, GARBAGE_SHARED);
        drop_references(c, d, NULL);
    } else if (states[OWNER_WAITING] && has_dependents(c, d->meta.uid, false)) {
        COVER(garbage, GARBAGE_FOREGROUND);
        store_delete_as(c->store, COMP_GARBAGE_COLLECTOR, d, -1, PROPAGATE_FOREGROUND);
    } else {
        bool orphan = has_finalizer(d, FINALIZER_ORPHAN), foreground = has_finalizer(d, FINALIZER_FOREGROUND);
        COVER(garbage, orphan || foreground ? GARBAGE_BY_FINALIZER : GARBAGE);
        store_delete_as(c->store, COMP_GARBAGE_COLLECTOR, d, -1,
                        orphan       ? PROPAGATE_ORPHAN
                        : foreground ? PROPAGATE_FOREGROUND
                                     : PROPAGATE_BACKGROUND);
    }
}

/* The finalizer goes, and with it the object if it was the last. */
static void finish(struct collector *c, const struct api_object *o)
{
    struct api_object *next = store_edit(c->store, o);
    const char **items = arena_array(c->arena, const char *, o->meta.finalizers.count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->meta.finalizers.count; i++)
        if (strcmp(o->meta.finalizers.items[i], FINALIZER_FOREGROUND) != 0 &&
            strcmp(o->meta.finalizers.items[i], FINALIZER_ORPHAN) != 0)
            items[n++] = o->meta.finalizers.items[i];
    next->meta.finalizers.items = items;
    next->meta.finalizers.count = n;
    store_update(c->store, COMP_GARBAGE_COLLECTOR, next, false);
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct collector *c = ctx;
    const struct owner *o = owner_at(c, *(const uint32_t *)pool_at(&c->by_key, key));
    const struct api_object *d = store_by_ordinal(c->store, call->object);
    const struct api_object *live = live_owner(c, &o->ref, o->namespace_);
    switch ((enum call_kind)call->kind) {
    case CALL_ATTEMPT:
        if (d)
            attempt(c, d);
        break;
    case CALL_ORPHAN:
        if (d && reference_to(d, o->ref.uid))
            drop_references(c, d, o->ref.uid);
        break;
    case CALL_FINISH:
        if (live && is_going(live))
            finish(c, live);
        break;
    }
    return CALL_OK;
}

void garbage_collector_new(struct store *st, struct informers *f, struct arena *scratch)
{
    struct collector *c = arena_new(store_arena(st), struct collector);
    *c = (struct collector){.store = st, .sim = store_sim(st), .arena = store_arena(st), .scratch = scratch};
    pool_init(&c->owners, c->arena, sizeof(struct owner));
    pool_init(&c->dependents, c->arena, sizeof(struct dependent));
    pool_init(&c->by_key, c->arena, sizeof(uint32_t));
    c->bucket_count = BUCKETS_AT_FIRST;
    c->buckets = arena_array(c->arena, uint32_t, c->bucket_count);
    const struct work_ops ops = {.name = "garbage-collector", .class = CLASS_PARENT, .sync = sync, .make = make};
    c->queue = workqueue_new(st, &ops, c);
    for (enum api_kind kind = KIND_NONE + 1; kind < KIND_COUNT; kind++) {
        if (informers_have(kind))
            informers_listen(f, kind, on_object, c);
        else if (kind != KIND_EVENT && kind != KIND_NAMESPACE && kind != KIND_ENDPOINTS && kind != KIND_PRIORITYCLASS)
            store_watch(st, 1u << kind, NULL, on_watch, c);
    }
}

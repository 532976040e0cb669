/* informers.c - see informers.h. Left out on purpose: resyncs (every 12 hours or more) and relists.
 */
#include "model/informers.h"

#include <string.h>

#include "model/replicaset.h"

enum { BUCKETS_AT_FIRST = 64, LISTENERS_MAX = 64 };

struct item {
    const struct api_object *object; /* NULL once it is gone */
    uint32_t group;                  /* index + 1; 0 = in none */
    uint32_t next, prev;             /* of the group: index + 1 */
    uint8_t facts;
};

/* Objects of one kind that share a controller's uid; that have none and share a namespace; and one by its own uid. */
enum group_by { BY_CONTROLLER, BY_NAMESPACE, BY_UID };
struct group {
    const char *name; /* uid, or namespace */
    enum api_kind kind;
    enum group_by by;
    uint32_t first, last; /* item index + 1 */
    uint32_t next;        /* of its bucket: index + 1 */
};

struct listener {
    enum api_kind kind;
    informer_fn *fn;
    void *ctx;
};

struct informers {
    struct store *store;
    struct pool items, groups;
    struct pool by_ordinal;          /* uint32_t: item index + 1 */
    struct pool of_kind[KIND_COUNT]; /* uint32_t: item index */
    uint32_t *buckets, bucket_count; /* of groups, index + 1; a power of two */
    struct listener listeners[LISTENERS_MAX];
    uint32_t listener_count;
};

static struct item *item_at(const struct informers *f, uint32_t i) { return pool_at(&f->items, i); }
static struct group *group_at(const struct informers *f, uint32_t i) { return pool_at(&f->groups, i); }

const struct owner_reference *controller_of(const struct api_object *o)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++) {
        const struct owner_reference *r = &o->meta.owner_references.items[i];
        if (r->controller.set && r->controller.value)
            return r;
    }
    return NULL;
}

/* ---- groups ---- */

static uint32_t *bucket_of(const struct informers *f, const char *name)
{
    return &f->buckets[text_hash(TEXT_HASH, name) & (f->bucket_count - 1)];
}

static uint32_t find_group(const struct informers *f, enum api_kind kind, enum group_by by, const char *name)
{
    for (uint32_t i = *bucket_of(f, name); i; i = group_at(f, i - 1)->next) {
        const struct group *g = group_at(f, i - 1);
        if (g->kind == kind && g->by == by && strcmp(g->name, name) == 0)
            return i;
    }
    return 0;
}

static void link_group(struct informers *f, uint32_t index)
{
    struct group *g = group_at(f, index);
    uint32_t *first = bucket_of(f, g->name);
    g->next = *first;
    *first = index + 1;
}

static uint32_t make_group(struct informers *f, enum api_kind kind, enum group_by by, const char *name)
{
    uint32_t found = find_group(f, kind, by, name);
    if (found)
        return found;
    if (f->groups.count == f->bucket_count) {
        f->bucket_count *= 2;
        f->buckets = arena_array(store_arena(f->store), uint32_t, f->bucket_count);
        for (uint32_t i = 0; i < f->groups.count; i++)
            link_group(f, i);
    }
    uint32_t i = pool_add(&f->groups);
    *group_at(f, i) = (struct group){.name = name, .kind = kind, .by = by};
    link_group(f, i);
    return i + 1;
}

static uint32_t group_of(struct informers *f, const struct api_object *o)
{
    const struct owner_reference *r = controller_of(o);
    const char *namespace_ = o->meta.namespace_ ? o->meta.namespace_ : ""; /* a node has none */
    return make_group(f, o->kind, r ? BY_CONTROLLER : BY_NAMESPACE, r ? r->uid : namespace_);
}

static void leave_group(struct informers *f, uint32_t index)
{
    struct item *it = item_at(f, index);
    if (!it->group)
        return;
    struct group *g = group_at(f, it->group - 1);
    *(it->prev ? &item_at(f, it->prev - 1)->next : &g->first) = it->next;
    *(it->next ? &item_at(f, it->next - 1)->prev : &g->last) = it->prev;
    it->group = it->next = it->prev = 0;
}

static void join_group(struct informers *f, uint32_t index, uint32_t group)
{
    struct item *it = item_at(f, index);
    struct group *g = group_at(f, group - 1);
    it->group = group;
    it->prev = g->last;
    it->next = 0;
    *(g->last ? &item_at(f, g->last - 1)->next : &g->first) = index + 1;
    g->last = index + 1;
}

/* ---- deliveries ---- */

static uint32_t item_of(struct informers *f, const struct api_object *o)
{
    while (f->by_ordinal.count <= o->ordinal)
        pool_add(&f->by_ordinal);
    uint32_t *slot = pool_at(&f->by_ordinal, o->ordinal);
    if (*slot)
        return *slot - 1;
    uint32_t index = pool_add(&f->items);
    *slot = index + 1;
    if (o->kind != KIND_POD) /* nobody asks for a pod as an owner */
        group_at(f, make_group(f, o->kind, BY_UID, o->meta.uid) - 1)->first = index + 1;
    struct pool *all = &f->of_kind[o->kind];
    *(uint32_t *)pool_at(all, pool_add(all)) = index;
    return index;
}

static bool same_owners(const struct api_object *a, const struct api_object *b)
{
    return a->meta.owner_references.items == b->meta.owner_references.items;
}

static void deliver(void *ctx, const struct watch_event *e)
{
    struct informers *f = ctx;
    uint32_t index = item_of(f, e->object);
    const struct api_object *before = item_at(f, index)->object;
    const struct api_object *after = e->verb == WRITE_DELETE ? NULL : e->object;
    item_at(f, index)->object = after;
    if (after && after->kind == KIND_POD)
        item_at(f, index)->facts = pod_facts((const struct pod *)after);
    if (!after)
        leave_group(f, index);
    else if (!before || !same_owners(before, after)) {
        uint32_t group = group_of(f, after);
        if (group != item_at(f, index)->group) {
            leave_group(f, index);
            join_group(f, index, group);
        }
    }
    uint32_t cause = sim_cause(store_sim(f->store));
    for (uint32_t i = 0; i < f->listener_count; i++) {
        const struct listener *l = &f->listeners[i];
        if (l->kind != e->object->kind)
            continue;
        sim_set_cause(store_sim(f->store), cause);
        l->fn(l->ctx, before ? before : after ? NULL : e->object, after);
    }
}

/* ---- questions ---- */

const struct api_object *informers_get(const struct informers *f, uint32_t ordinal)
{
    uint32_t slot = ordinal < f->by_ordinal.count ? *(const uint32_t *)pool_at(&f->by_ordinal, ordinal) : 0;
    return slot ? item_at(f, slot - 1)->object : NULL;
}

const struct api_object *informers_owner(const struct informers *f, const struct owner_reference *ref)
{
    enum api_kind kind = kind_of(ref->api_version, ref->kind);
    uint32_t g = find_group(f, kind, BY_UID, ref->uid);
    return g ? item_at(f, group_at(f, g - 1)->first - 1)->object : NULL;
}

const struct api_object *informers_controller(const struct informers *f, const struct api_object *o, enum api_kind kind)
{
    const struct owner_reference *ref = controller_of(o);
    return ref && text_same(ref->kind, kind_infos[kind].kind) ? informers_owner(f, ref) : NULL;
}

uint32_t informers_first_owned(const struct informers *f, enum api_kind kind, const char *uid)
{
    uint32_t g = find_group(f, kind, BY_CONTROLLER, uid);
    return g ? group_at(f, g - 1)->first : 0;
}

uint32_t informers_first_orphan(const struct informers *f, enum api_kind kind, const char *namespace_)
{
    uint32_t g = find_group(f, kind, BY_NAMESPACE, namespace_);
    return g ? group_at(f, g - 1)->first : 0;
}

uint32_t informers_next(const struct informers *f, uint32_t item) { return item_at(f, item - 1)->next; }
const struct api_object *informers_item(const struct informers *f, uint32_t item)
{
    return item_at(f, item - 1)->object;
}

uint8_t informers_facts(const struct informers *f, uint32_t item) { return item_at(f, item - 1)->facts; }

const struct api_object *informers_each(const struct informers *f, enum api_kind kind, uint32_t *cursor)
{
    const struct pool *all = &f->of_kind[kind];
    while (*cursor < all->count) {
        const struct item *it = item_at(f, *(const uint32_t *)pool_at(all, (*cursor)++));
        if (it->object)
            return it->object;
    }
    return NULL;
}

void informers_listen(struct informers *f, enum api_kind kind, informer_fn *fn, void *ctx)
{
    ASSERT(f->listener_count < LISTENERS_MAX);
    f->listeners[f->listener_count++] = (struct listener){kind, fn, ctx};
}

static const enum api_kind kinds[] = {KIND_POD,
                                      KIND_REPLICASET,
                                      KIND_REPLICATIONCONTROLLER,
                                      KIND_DEPLOYMENT,
                                      KIND_PODDISRUPTIONBUDGET,
                                      KIND_NODE,
                                      KIND_RESOURCEQUOTA,
                                      KIND_JOB,
                                      KIND_CRONJOB,
                                      KIND_STATEFULSET,
                                      KIND_DAEMONSET,
                                      KIND_CONTROLLERREVISION,
                                      KIND_PERSISTENTVOLUMECLAIM,
                                      KIND_SERVICE,
                                      KIND_ENDPOINTS,
                                      KIND_ENDPOINTSLICE,
                                      KIND_HORIZONTALPODAUTOSCALER};

bool informers_have(enum api_kind kind)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

struct informers *informers_new(struct store *st)
{
    struct arena *a = store_arena(st);
    struct informers *f = arena_new(a, struct informers);
    f->store = st;
    pool_init(&f->items, a, sizeof(struct item));
    pool_init(&f->groups, a, sizeof(struct group));
    pool_init(&f->by_ordinal, a, sizeof(uint32_t));
    for (int kind = 0; kind < KIND_COUNT; kind++)
        pool_init(&f->of_kind[kind], a, sizeof(uint32_t));
    f->bucket_count = BUCKETS_AT_FIRST;
    f->buckets = arena_array(a, uint32_t, f->bucket_count);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        store_watch(st, 1u << kinds[i], NULL, deliver, f);
    return f;
}

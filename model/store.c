/* store.c - the API server and etcd.
 *
 * Models: one global resourceVersion; objects as immutable versions; create, update, delete with
 * grace and finalizers; watches in commit order with latency. Mirrors apiserver
 * pkg/registry/generic/registry/store.go, pkg/registry/rest/delete.go and
 * pkg/registry/core/pod/strategy.go. Left out on purpose: optimistic locking conflicts (every writer
 * here reads the committed version at the instant of its write, as a PATCH does), authentication,
 * etcd compaction, paging.
 */
#include "model/store.h"

#include <stdlib.h>
#include <string.h>

#include "model/api_admission.h"
#include "model/api_apps.h"
#include "model/api_batch.h"
#include "model/classes.h"
#include "model/deployment.h"
#include "model/document.h"
#include "model/playback.h"
#include "model/pod_fields.h"
#include "model/self_check.h"
#include "sim/cover.h"
#include "sim/rng.h"

/* What has an ordinal: one per object that ever lived. */
struct entry {
    const struct api_object *latest; /* NULL once removed */
    uint32_t next_in_bucket;         /* 0 = end */
    enum api_kind kind;
};

/* That a watch without a node wants a kind: every node may have some, and most writes are of other kinds. */
struct wide_watch {
    uint32_t watch; /* index + 1 */
    uint32_t next;  /* of the same kind: index + 1 */
};

struct pending_write {
    void (*apply)(void *ctx, uint32_t arg);
    void *ctx;
    uint32_t arg;
    const char *node; /* whose kubelet; NULL = of the control plane */
    uint32_t object, cause;
    struct sim_timer timer;
};

/* What a watch begins with: the objects that there are already. */
struct listed {
    const struct api_object *object;
    sim_time at;
    uint32_t cause;
};

struct made {               /* how many objects of that kind and name, or generateName, there have been */
    uint32_t stream, count; /* count 0 = free */
};

struct watch {
    uint32_t kinds;
    const char *node_name; /* NULL = all */
    watch_fn *deliver;
    void *ctx;
    uint32_t object, stream;
    struct sim_timer timer;
    /* uint32_t: of each delivery the record of its write, or LISTED and an index in store.listed; [head, count) are
     * pending. Many wait for each of many watches: all else about them follows from that. */
    struct pool queue;
    uint32_t head;
    sim_time due, last_due; /* of the first that is pending, and of the last */
    uint32_t next;          /* of its chain: index + 1 */
};

enum { BUCKETS_AT_FIRST = 1024, NODE_BUCKETS = 1024 };
static const uint32_t LISTED = UINT32_C(1) << 31;

struct store {
    struct sim *sim;
    struct arena *arena;
    const struct profile *profile;
    const struct features *features;
    int64_t epoch;
    uint64_t revision, latest_of[KIND_COUNT];
    struct pool entries;             /* struct entry, index = position; by_ordinal maps to it */
    struct pool by_ordinal;          /* uint32_t: entry index + 1, 0 = not an API object */
    struct pool of_kind[KIND_COUNT]; /* uint32_t: entry index, in order of creation */
    uint32_t *buckets, bucket_count; /* entries by name, index + 1; a power of two */
    struct pool writes;              /* struct pending_write */
    uint32_t free_writes;            /* those that are done, a list through arg; index + 1 */
    struct pool watches;             /* struct watch */
    struct pool wide_watches;        /* struct wide_watch */
    struct pool listed;              /* struct listed */
    uint32_t wide_of_kind[KIND_COUNT], node_watches[NODE_BUCKETS]; /* first of each chain, index + 1 */
    uint32_t object_handler, write_handler, watch_handler;
    uint32_t write_object; /* writes are told apart by index 0 and objects of their own */
    struct made *made;     /* open addressing; made_size is a power of two */
    uint32_t made_size, made_count;
    uint32_t next_cluster_ip;
    bool down;
    struct pool cut;  /* const char *: nodes, NULL = not any more */
    struct pool held; /* uint32_t: writes that did not come through */
    struct pool gone; /* const char *: namespaces that have been removed */
    const char *refusal;
};

/* ---- lookups ---- */

static uint32_t *bucket_of(const struct store *st, enum api_kind kind, const char *namespace_, const char *name)
{
    uint32_t h = TEXT_HASH ^ (uint32_t)kind;
    h = text_hash(h, kind_infos[kind].namespaced ? namespace_ : "");
    return &st->buckets[text_hash(h, name) & (st->bucket_count - 1)];
}

static struct entry *entry_at(const struct store *st, uint32_t index) { return pool_at(&st->entries, index); }

static bool entry_is(const struct entry *e, enum api_kind kind, const char *namespace_, const char *name)
{
    if (!e->latest || e->kind != kind || strcmp(e->latest->meta.name, name) != 0)
        return false;
    return !kind_infos[kind].namespaced || strcmp(e->latest->meta.namespace_, namespace_) == 0;
}

const struct api_object *store_get(const struct store *st, enum api_kind kind, const char *namespace_, const char *name)
{
    uint32_t i = *bucket_of(st, kind, namespace_ ? namespace_ : "default", name);
    for (; i; i = entry_at(st, i - 1)->next_in_bucket) {
        const struct entry *e = entry_at(st, i - 1);
        if (entry_is(e, kind, namespace_ ? namespace_ : "default", name))
            return e->latest;
    }
    return NULL;
}

static struct entry *entry_by_ordinal(const struct store *st, uint32_t ordinal)
{
    if (ordinal >= st->by_ordinal.count)
        return NULL;
    uint32_t i = *(const uint32_t *)pool_at(&st->by_ordinal, ordinal);
    return i ? entry_at(st, i - 1) : NULL;
}

const struct api_object *store_by_ordinal(const struct store *st, uint32_t ordinal)
{
    const struct entry *e = entry_by_ordinal(st, ordinal);
    return e ? e->latest : NULL;
}

const struct api_object *store_next(const struct store *st, enum api_kind kind, uint32_t *cursor)
{
    const struct pool *all = &st->of_kind[kind];
    while (*cursor < all->count) {
        const struct entry *e = entry_at(st, *(const uint32_t *)pool_at(all, (*cursor)++));
        if (e->latest)
            return e->latest;
    }
    return NULL;
}

uint64_t store_latest_of(const struct store *st, enum api_kind kind) { return st->latest_of[kind]; }

struct sim *store_sim(struct store *st) { return st->sim; }
struct arena *store_arena(struct store *st) { return st->arena; }
int64_t store_epoch(const struct store *st) { return st->epoch; }
const struct profile *store_profile(const struct store *st) { return st->profile; }
const struct features *store_features(const struct store *st) { return st->features; }
bool store_has(const struct store *st, enum feature id) { return feature_on(st->features, id); }

/* ---- watches ---- */

/* The node that an object is about: a pod's, once it is bound, and a node itself. */
static const char *node_of(const struct api_object *o)
{
    if (o->kind == KIND_POD)
        return ((const struct pod *)o)->spec.node_name;
    return o->kind == KIND_NODE ? o->meta.name : NULL;
}

static bool watch_wants(const struct watch *w, const struct api_object *o)
{
    if (!(w->kinds & 1u << o->kind))
        return false;
    if (!w->node_name)
        return true;
    const char *node = node_of(o);
    return node && strcmp(node, w->node_name) == 0;
}

struct delivery {
    struct watch_event event;
    sim_time at; /* of the write */
    uint32_t cause;
};

static bool watch_idle(const struct watch *w) { return w->head == w->queue.count; }

static struct delivery watch_first(const struct store *st, const struct watch *w)
{
    uint32_t item = *(const uint32_t *)pool_at(&w->queue, w->head);
    if (item & LISTED) {
        const struct listed *l = pool_at(&st->listed, item & ~LISTED);
        return (struct delivery){{WRITE_CREATE, l->object}, l->at, l->cause};
    }
    const struct trace_record *r = trace_at(sim_trace(st->sim), item);
    const struct api_object *o = r->data;
    /* A node's view of a pod begins with the write that binds it. */
    bool first = w->node_name && o->kind == KIND_POD && r->flags == WRITE_UPDATE && o->prev && !watch_wants(w, o->prev);
    return (struct delivery){{first ? WRITE_CREATE : (enum write_verb)r->flags, o}, r->at, item};
}

/* Watches are ordered: a jittered delivery never overtakes an earlier one. */
static sim_time watch_due(const struct store *st, const struct watch *w, sim_time at, sim_time before)
{
    sim_time due = sim_time_add(at, profile_draw(st->profile, HOP_WATCH_DELIVERY, w->stream, at));
    return due < before ? before : due;
}

static void watch_enqueue(struct store *st, struct watch *w, uint32_t item)
{
    bool idle = watch_idle(w);
    w->last_due = watch_due(st, w, sim_now(st->sim), idle ? 0 : w->last_due);
    if (idle) { /* reuse the queue's memory */
        w->head = 0;
        w->queue.count = 0;
        w->due = w->last_due;
    }
    *(uint32_t *)pool_at(&w->queue, pool_add(&w->queue)) = item;
    if (idle)
        sim_arm(st->sim, w->due, CLASS_WATCH, w->object, 0);
}

/* Chains of watches: those that want everything, and those of the nodes whose names share a hash. */
static uint32_t *chain_of(struct store *st, const char *node_name)
{
    return &st->node_watches[text_hash(TEXT_HASH, node_name) % NODE_BUCKETS];
}

/* Of the write of o with this record. */
static void notify(struct store *st, const struct api_object *o, uint32_t record)
{
    const struct wide_watch *wide;
    for (uint32_t i = st->wide_of_kind[o->kind]; i; i = wide->next) {
        wide = pool_at(&st->wide_watches, i - 1);
        struct watch *all = pool_at(&st->watches, wide->watch - 1);
        if (watch_wants(all, o))
            watch_enqueue(st, all, record);
    }
    if (!node_of(o))
        return;
    struct watch *w;
    for (uint32_t i = *chain_of(st, node_of(o)); i; i = w->next) {
        w = pool_at(&st->watches, i - 1);
        if (watch_wants(w, o))
            watch_enqueue(st, w, record);
    }
}

/* The latest watch is notified first. */
static void link_watch(struct store *st, uint32_t index)
{
    struct watch *w = pool_at(&st->watches, index);
    if (w->node_name) {
        uint32_t *chain = chain_of(st, w->node_name);
        w->next = *chain;
        *chain = index + 1;
        return;
    }
    for (uint32_t kind = 0; kind < KIND_COUNT; kind++) {
        if (!(w->kinds & 1u << kind))
            continue;
        uint32_t i = pool_add(&st->wide_watches);
        *(struct wide_watch *)pool_at(&st->wide_watches, i) = (struct wide_watch){index + 1, st->wide_of_kind[kind]};
        st->wide_of_kind[kind] = i + 1;
    }
}

static struct sim_timer *watch_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct store *st = ctx;
    ASSERT(class == CLASS_WATCH && index == 0);
    return &((struct watch *)pool_at(&st->watches, local))->timer;
}

static void watch_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    struct store *st = ctx;
    struct watch *w = pool_at(&st->watches, local);
    while (!watch_idle(w) && w->due <= sim_now(st->sim)) {
        struct delivery d = watch_first(st, w);
        w->head++;
        if (!watch_idle(w))
            w->due = watch_due(st, w, watch_first(st, w).at, w->due);
        sim_set_cause(st->sim, d.cause);
        w->deliver(w->ctx, &d.event);
    }
    if (!watch_idle(w))
        sim_arm(st->sim, w->due, CLASS_WATCH, w->object, 0);
}

/* How many there are of these kinds: others change nothing about a watch. */
static uint32_t same_watches(const struct store *st, uint32_t kinds)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i + 1 < st->watches.count; i++) {
        const struct watch *w = pool_at(&st->watches, i);
        n += !w->node_name && w->kinds == kinds;
    }
    return n;
}

uint32_t store_watch(struct store *st, uint32_t kinds, const char *node_name, watch_fn *deliver, void *ctx)
{
    uint32_t index = pool_add(&st->watches);
    struct watch *w = pool_at(&st->watches, index);
    *w = (struct watch){.kinds = kinds, .node_name = node_name, .deliver = deliver, .ctx = ctx};
    w->object = sim_object_new(st->sim, st->watch_handler, index);
    w->stream = node_name ? text_hash(TEXT_HASH, node_name) : kinds << 8 | same_watches(st, kinds);
    link_watch(st, index);
    pool_init(&w->queue, st->arena, sizeof(uint32_t));
    for (uint32_t i = 0; i < st->entries.count; i++) {
        const struct api_object *o = entry_at(st, i)->latest;
        if (!o || !watch_wants(w, o))
            continue;
        uint32_t l = pool_add(&st->listed);
        *(struct listed *)pool_at(&st->listed, l) = (struct listed){o, sim_now(st->sim), sim_cause(st->sim)};
        watch_enqueue(st, w, LISTED | l);
    }
    return index;
}

void store_unwatch(struct store *st, uint32_t watch)
{
    struct watch *w = pool_at(&st->watches, watch);
    w->kinds = 0;
    w->head = w->queue.count;
    sim_cancel(st->sim, CLASS_WATCH, w->object, 0);
}

/* ---- commits ---- */

static struct sim_timer *write_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct store *st = ctx;
    ASSERT(class == CLASS_COMMIT && index < 2048);
    return &((struct pending_write *)pool_at(&st->writes, local))->timer;
}

static void write_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    struct store *st = ctx;
    struct pending_write *slot = pool_at(&st->writes, local), w = *slot;
    if (!store_reachable(st, w.node)) {
        slot->cause = sim_cause(st->sim);
        *(uint32_t *)pool_at(&st->held, pool_add(&st->held)) = local;
        return;
    }
    slot->arg = st->free_writes;
    st->free_writes = local + 1;
    w.apply(w.ctx, w.arg);
}

void store_post(struct store *st, sim_time latency, void (*apply)(void *ctx, uint32_t arg), void *ctx, uint32_t arg)
{
    store_post_from(st, NULL, latency, apply, ctx, arg);
}

void store_post_from(struct store *st, const char *node, sim_time latency, void (*apply)(void *ctx, uint32_t arg),
                     void *ctx, uint32_t arg)
{
    uint32_t i = st->free_writes ? st->free_writes - 1 : pool_add(&st->writes);
    struct pending_write *w = pool_at(&st->writes, i);
    if (st->free_writes)
        st->free_writes = w->arg;
    *w = (struct pending_write){.apply = apply, .ctx = ctx, .arg = arg, .node = node};
    /* A new object per write: its ordinal is the order of posting, which orders equal instants. */
    w->object = sim_passing_new(st->sim, st->write_handler, i);
    sim_arm(st->sim, sim_time_add(sim_now(st->sim), latency), CLASS_COMMIT, w->object, 0);
}

/* ---- who reaches it ---- */

bool store_reachable(const struct store *st, const char *node)
{
    for (uint32_t i = 0; node && i < st->cut.count; i++) {
        const char *name = *(const char **)pool_at(&st->cut, i);
        if (name && strcmp(name, node) == 0)
            return false;
    }
    return !st->down;
}

/* Writes that come through again; those that still do not stay, in order. */
static void release_held(struct store *st)
{
    uint32_t cause = sim_cause(st->sim), kept = 0;
    for (uint32_t i = 0; i < st->held.count; i++) {
        uint32_t local = *(uint32_t *)pool_at(&st->held, i);
        const struct pending_write *w = pool_at(&st->writes, local);
        if (!store_reachable(st, w->node)) {
            *(uint32_t *)pool_at(&st->held, kept++) = local;
            continue;
        }
        sim_set_cause(st->sim, w->cause);
        sim_arm(st->sim, sim_now(st->sim), CLASS_COMMIT, w->object, 0);
    }
    st->held.count = kept;
    sim_set_cause(st->sim, cause);
}

void store_set_down(struct store *st, bool down)
{
    st->down = down;
    release_held(st);
}

void store_cut_node(struct store *st, const char *node, bool cut)
{
    for (uint32_t i = 0; i < st->cut.count; i++) {
        const char **name = pool_at(&st->cut, i);
        if (*name && strcmp(*name, node) == 0)
            *name = NULL;
    }
    if (cut)
        *(const char **)pool_at(&st->cut, pool_add(&st->cut)) = node;
    release_held(st);
}

static const struct api_object *commit(struct store *st, enum trace_component who, enum write_verb verb,
                                       struct api_object *o)
{
    o->revision = st->latest_of[o->kind] = ++st->revision;
    o->meta.resource_version = arena_decimal(st->arena, o->revision);
    ASSERT(!o->prev || o->prev->revision < o->revision);
    sim_set_cause(st->sim, sim_record(st->sim, (struct trace_record){
                                                   .object = o->ordinal,
                                                   .kind = TRACE_WRITE,
                                                   .component = (uint8_t)who,
                                                   .flags = (uint8_t)verb,
                                                   .data = o,
                                               }));
    notify(st, o, sim_cause(st->sim));
    return o;
}

static struct made *made_slot(const struct store *st, uint32_t stream)
{
    uint32_t i = stream;
    while (st->made[i & (st->made_size - 1)].count && st->made[i & (st->made_size - 1)].stream != stream)
        i++;
    return &st->made[i & (st->made_size - 1)];
}

static void double_made(struct store *st)
{
    const struct made *old = st->made;
    uint32_t size = st->made_size;
    st->made_size = size ? 2 * size : BUCKETS_AT_FIRST;
    st->made = arena_array(st->arena, struct made, st->made_size);
    for (uint32_t i = 0; i < size; i++)
        if (old[i].count)
            *made_slot(st, old[i].stream) = old[i];
}

/* How many there have been before; one more now. */
static uint32_t count_made(struct store *st, uint32_t stream)
{
    if (2 * st->made_count >= st->made_size)
        double_made(st);
    struct made *m = made_slot(st, stream);
    st->made_count += m->count == 0;
    m->stream = stream;
    return m->count++;
}

/* The last so many hexadecimal digits of n. */
static void put_hex(char *to, uint32_t digits, uint64_t n)
{
    for (; digits > 0; n >>= 4)
        to[--digits] = "0123456789abcdef"[n & 15];
}

/* UIDs look like version 4 UUIDs. They come from the seed, the name, and how often the name was taken before: what else
 * there is in a cluster does not change them. */
static const char *make_uid(struct store *st, const struct api_object *o)
{
    uint32_t stream = o->stream, recorded;
    /* The name of an Event has its instant in it: there is none before it of the same name. */
    uint64_t before = o->kind == KIND_EVENT ? 0 : (uint64_t)count_made(st, stream) << 2;
    uint64_t hi = rng_draw(sim_seed(st->sim), COMP_API_SERVER, stream, before);
    uint64_t lo = rng_draw(sim_seed(st->sim), COMP_API_SERVER, stream, before + 1);
    const struct playback *p = st->profile->playback;
    char text[] = "........-....-4...-....-............";
    put_hex(text, 8, hi >> 32);
    if (p && o->meta.name && playback_uid(p, kind_infos[o->kind].singular, o->meta.name, &recorded))
        put_hex(text, 8, recorded);
    put_hex(text + 9, 4, hi >> 16);
    put_hex(text + 15, 3, hi);
    put_hex(text + 19, 4, (lo >> 48 & 0x3fff) | 0x8000);
    put_hex(text + 24, 12, lo);
    return arena_strdup(st->arena, text);
}

/* k8s apiserver storage/names/generate.go: five symbols of an alphabet without vowels and lookalikes. */
static const char *generate_name(struct store *st, const struct api_object *o, const char *base)
{
    static const char symbols[] = "bcdfghjklmnpqrstvwxz2456789";
    char suffix[6] = {0};
    uint32_t stream = text_hash(api_stream(o), base);
    const struct playback *p = st->profile->playback;
    const char *recorded = p ? playback_name(p, kind_infos[o->kind].singular, base, count_made(st, stream)) : NULL;
    if (recorded)
        return recorded;
    uint64_t draw = rng_draw(sim_seed(st->sim), COMP_API_SERVER, stream, (uint64_t)count_made(st, stream) << 2 | 2);
    for (int i = 0; i < 5; i++, draw /= 27)
        suffix[i] = symbols[draw % 27];
    return arena_printf(st->arena, "%.58s%s", base, suffix);
}

/* k8s staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go Create: a generated name that is taken is
 * drawn again. False: the name is taken. */
static bool give_name(struct store *st, struct api_object *o)
{
    enum { MAX_NAME_GENERATION_TRIES = 8 };
    struct object_meta *m = &o->meta;
    bool given = m->name != NULL;
    if (kind_infos[o->kind].namespaced && !m->namespace_)
        m->namespace_ = "default";
    for (int try = 0; try < (given ? 1 : MAX_NAME_GENERATION_TRIES); try++) {
        if (!given && m->generate_name)
            m->name = generate_name(st, o, m->generate_name);
        if (!m->name || !store_get(st, o->kind, m->namespace_, m->name))
            return true;
    }
    if (!given)
        m->name = NULL;
    return false;
}

/* k8s pkg/registry/core/service/ipallocator: a free address; which one is unspecified, ours count up. */
static void allocate_cluster_ip(struct store *st, struct service *svc)
{
    const char *ip = svc->spec.cluster_ip;
    bool none = ip && strcmp(ip, "None") == 0;
    bool external = svc->spec.type && strcmp(svc->spec.type, "ExternalName") == 0;
    if (external)
        return;
    if (!ip || !*ip) {
        uint32_t n = 100 + st->next_cluster_ip++;
        ip = arena_printf(st->arena, "10.96.%u.%u", n / 250 % 250, n % 250 + 1);
        svc->spec.cluster_ip = ip;
    }
    if (svc->spec.cluster_ips.count == 0) {
        svc->spec.cluster_ips.items = arena_array(st->arena, const char *, 1);
        svc->spec.cluster_ips.items[0] = ip;
        svc->spec.cluster_ips.count = 1;
    }
    if (none || !svc->spec.type || strcmp(svc->spec.type, "ClusterIP") == 0)
        return;
    for (uint32_t i = 0; i < svc->spec.ports.count; i++) {
        if (svc->spec.ports.items[i].node_port == 0)
            svc->spec.ports.items[i].node_port = 30000 + (int64_t)(st->next_cluster_ip++ % 2768);
    }
}

/* k8s pkg/registry/core/pod/strategy.go PrepareForCreate. */
static void prepare_pod(struct store *st, struct pod *p)
{
    pod_drop_disabled_fields(st->arena, st->features, &p->spec);
    pod_prepare_for_create(st->arena, p);
    if (!store_has(st, FEATURE_POD_GENERATION))
        p->object.meta.generation = 0;
}

/* k8s pkg/registry/apps/daemonset/strategy.go: templates are counted, in what apps/v1 shows as an annotation. */
static void count_template(struct store *st, struct api_object *ds, int64_t number)
{
    ds->meta.annotations = map_with(st->arena, &ds->meta.annotations, TEMPLATE_GENERATION_ANNOTATION,
                                    arena_printf(st->arena, "%" PRId64, number));
}

/* k8s pkg/registry/apps/daemonset/strategy.go PrepareForUpdate. */
static void count_changed_template(struct store *st, struct api_object *next)
{
    const char *was = str_map_get(&next->prev->meta.annotations, TEMPLATE_GENERATION_ANNOTATION);
    if (next->kind == KIND_DAEMONSET &&
        !api_equal(&pod_template_type, workload_template(next->prev), workload_template(next)))
        count_template(st, next, was ? strtoll(was, NULL, 10) + 1 : 1);
}

/* k8s pkg/registry/apps/deployment/strategy.go PrepareForCreate and its like. */
static void prepare_workload(struct store *st, struct api_object *o)
{
    o->meta.generation = 1;
    pod_drop_disabled_fields(st->arena, st->features, (struct pod_spec *)(uintptr_t)&workload_template(o)->spec);
    if (o->kind == KIND_STATEFULSET)
        stateful_set_drop_disabled_fields(st->features, (struct stateful_set *)o);
    else if (o->kind == KIND_DAEMONSET)
        count_template(st, o, 1);
}

/* Nothing is known of volumes: a claim is bound to one of its own at once. */
static void bind_claim(struct store *st, struct persistent_volume_claim *c)
{
    const char *volume = arena_printf(st->arena, "pvc-%s", c->object.meta.uid);
    c->status.phase = "Bound";
    if (!c->spec || !value_get(c->spec, "volumeName"))
        c->spec = document_put(st->arena, c->spec, "volumeName", document_text(st->arena, volume));
}

static void prepare_create(struct store *st, struct api_object *o)
{
    struct object_meta *m = &o->meta;
    o->stream = api_stream(o);
    m->creation_timestamp = api_second(sim_now(st->sim));
    m->deletion_timestamp = SIM_NEVER;
    if (o->kind == KIND_POD)
        prepare_pod(st, (struct pod *)o);
    else if (o->kind == KIND_SERVICE)
        allocate_cluster_ip(st, (struct service *)o);
    else if (o->kind == KIND_ENDPOINTSLICE)
        m->generation = 1; /* k8s pkg/registry/discovery/endpointslice/strategy.go PrepareForCreate */
    else if (workload_template(o))
        prepare_workload(st, o);
    else if (o->kind == KIND_PODDISRUPTIONBUDGET || o->kind == KIND_PRIORITYCLASS)
        m->generation = 1;
}

/* The admission chain around the strategy: k8s registry/generic/registry/store.go Create. */
static enum store_error admit(struct store *st, struct api_object *o)
{
    struct admission_request r = {.store = st, .arena = st->arena, .object = o};
    if (admission_admit(&r) == STORE_OK) {
        prepare_create(st, o);
        admission_validate(&r);
    }
    if (r.error != STORE_OK)
        st->refusal = r.why;
    return r.error;
}

const char *store_refusal(const struct store *st) { return st->refusal; }

bool store_namespace_is_gone(const struct store *st, const char *name)
{
    for (uint32_t i = 0; i < st->gone.count; i++)
        if (strcmp(*(const char **)pool_at((struct pool *)&st->gone, i), name) == 0)
            return true;
    return false;
}

static void link_entry(struct store *st, uint32_t index)
{
    struct entry *e = entry_at(st, index);
    uint32_t *first = bucket_of(st, e->kind, e->latest->meta.namespace_, e->latest->meta.name);
    e->next_in_bucket = *first;
    *first = index + 1;
}

static void double_buckets(struct store *st)
{
    st->bucket_count *= 2;
    st->buckets = arena_array(st->arena, uint32_t, st->bucket_count);
    for (uint32_t i = 0; i < st->entries.count; i++)
        if (entry_at(st, i)->latest)
            link_entry(st, i);
}

enum store_error store_create(struct store *st, enum trace_component who, struct api_object *o,
                              const struct api_object **ret_object)
{
    if (!give_name(st, o)) {
        st->refusal = arena_printf(st->arena, "%s \"%s\" already exists", kind_infos[o->kind].resource,
                                   o->meta.name ? o->meta.name : o->meta.generate_name);
        return STORE_EXISTS;
    }
    enum store_error refused = admit(st, o);
    if (refused != STORE_OK)
        return refused;
    o->meta.uid = make_uid(st, o);
    if (o->kind == KIND_JOB)
        job_prepare_for_create(st->arena, st->features, (struct job *)o);
    if (o->kind == KIND_PERSISTENTVOLUMECLAIM)
        bind_claim(st, (struct persistent_volume_claim *)o);
    if (st->entries.count == st->bucket_count)
        double_buckets(st);
    uint32_t i = pool_add(&st->entries);
    o->ordinal = sim_object_new(st->sim, st->object_handler, i);
    while (st->by_ordinal.count <= o->ordinal)
        pool_add(&st->by_ordinal);
    *(uint32_t *)pool_at(&st->by_ordinal, o->ordinal) = i + 1;
    struct entry *e = entry_at(st, i);
    e->kind = o->kind;
    e->latest = o;
    link_entry(st, i);
    *(uint32_t *)pool_at(&st->of_kind[o->kind], pool_add(&st->of_kind[o->kind])) = i;
    const struct api_object *stored = commit(st, who, WRITE_CREATE, o);
    if (ret_object)
        *ret_object = stored;
    return STORE_OK;
}

struct api_object *store_edit(struct store *st, const struct api_object *current)
{
    size_t size = kind_infos[current->kind].type->size;
    struct api_object *next = arena_alloc(st->arena, size);
    memcpy(next, current, size);
    next->prev = current;
    return next;
}

static void unlink_entry(struct store *st, struct entry *e)
{
    const struct api_object *o = e->latest;
    uint32_t *link = bucket_of(st, o->kind, o->meta.namespace_, o->meta.name);
    while (entry_at(st, *link - 1) != e)
        link = &entry_at(st, *link - 1)->next_in_bucket;
    *link = e->next_in_bucket;
    e->latest = NULL;
}

void store_remove(struct store *st, enum trace_component who, const struct api_object *current)
{
    struct entry *e = entry_by_ordinal(st, current->ordinal);
    ASSERT(e && e->latest == current);
    struct api_object *last = store_edit(st, current);
    if (current->kind == KIND_NAMESPACE)
        *(const char **)pool_at(&st->gone, pool_add(&st->gone)) = current->meta.name;
    unlink_entry(st, e);
    commit(st, who, WRITE_DELETE, last);
}

const struct api_object *store_update(struct store *st, enum trace_component who, struct api_object *next,
                                      bool generation_up)
{
    struct entry *e = entry_by_ordinal(st, next->ordinal);
    ASSERT(e && e->latest == next->prev);
    next->meta.spec_version += generation_up;
    if (generation_up)
        count_changed_template(st, next);
    if (generation_up && next->meta.generation > 0) /* k8s rest/update.go: what has none never gets one */
        next->meta.generation++;
    e->latest = next;
    const struct api_object *stored = commit(st, who, WRITE_UPDATE, next);
    /* The last finalizer of an object that is only waiting for them has gone. */
    bool had_finalizers = next->prev->meta.finalizers.count > 0;
    if (stored->meta.deletion_timestamp != SIM_NEVER && had_finalizers && stored->kind != KIND_NAMESPACE && stored->meta.finalizers.count == 0 &&
        (!stored->meta.deletion_grace_period_seconds.set || stored->meta.deletion_grace_period_seconds.value == 0))
        store_remove(st, who, stored);
    return stored;
}

enum { DELETE_ASKED, DELETE_SPEC, DELETE_DEFAULT, DELETE_UNBOUND, DELETE_TERMINAL, DELETE_RAISED };
COVER_TABLE(delete_grace, "grace of a DELETE", "as asked for", "of the spec", "30 s by default",
            "0: not bound to a node", "0: Succeeded or Failed", "negative: 1");

/* The grace a DELETE gets: k8s pkg/registry/core/pod/strategy.go CheckGracefulDelete. */
static int64_t delete_grace(const struct pod *p, int64_t asked)
{
    int64_t grace = asked >= 0                                     ? asked
                    : p->spec.termination_grace_period_seconds.set ? p->spec.termination_grace_period_seconds.value
                                                                   : 30;
    bool terminal =
        p->status.phase && (strcmp(p->status.phase, "Succeeded") == 0 || strcmp(p->status.phase, "Failed") == 0);
    bool unbound = !p->spec.node_name || !*p->spec.node_name;
    COVER(delete_grace, terminal                                       ? DELETE_TERMINAL
                        : unbound                                      ? DELETE_UNBOUND
                        : grace < 0                                    ? DELETE_RAISED
                        : asked >= 0                                   ? DELETE_ASKED
                        : p->spec.termination_grace_period_seconds.set ? DELETE_SPEC
                                                                       : DELETE_DEFAULT);
    if (unbound || terminal)
        grace = 0;
    return grace < 0 ? 1 : grace;
}

enum { AGAIN_NOW, AGAIN_FINALIZER, AGAIN_NOT_SHORTER, AGAIN_PAST, AGAIN_SHORTER };
COVER_TABLE(delete_again, "DELETE of what is being deleted", "grace 0: gone at once", "grace 0: a finalizer holds it",
            "not a shorter grace: nothing", "shorter, already over: now, 1 s", "shorter: the deadline moves");

/* A delete of an object that is being deleted already: only a shorter grace changes anything, and not its
 * generation. Grace 0 is written before the object goes (recorded: delete-nginx); a date that has passed
 * becomes now. k8s staging/src/k8s.io/apiserver/pkg/registry/rest/delete.go BeforeDelete. */
static void delete_again(struct store *st, enum trace_component who, const struct api_object *o, int64_t asked)
{
    struct opt_i64 stored = o->meta.deletion_grace_period_seconds;
    bool zero = !stored.set || stored.value == 0;
    if (!zero && (asked < 0 || asked >= stored.value)) {
        COVER(delete_again, AGAIN_NOT_SHORTER);
        return;
    }
    if (!zero) {
        struct api_object *next = store_edit(st, o);
        sim_time at = o->meta.deletion_timestamp + (asked - stored.value) * SIM_SECOND;
        sim_time now = api_second(sim_now(st->sim));
        if (asked > 0)
            COVER(delete_again, at < now ? AGAIN_PAST : AGAIN_SHORTER);
        next->meta.deletion_grace_period_seconds.value = at < now && asked > 0 ? 1 : asked;
        next->meta.deletion_timestamp = at < now ? now : at;
        o = store_update(st, who, next, false);
    }
    if (zero || asked == 0) {
        bool held = o->meta.finalizers.count || o->kind == KIND_NAMESPACE;
        COVER(delete_again, held ? AGAIN_FINALIZER : AGAIN_NOW);
        if (!held)
            store_remove(st, who, o);
    }
}

/* k8s generic/registry/store.go deletionFinalizersForGarbageCollection: the policy is a finalizer. */
static void add_finalizer(struct store *st, struct object_meta *m, enum propagation propagation)
{
    const char *name = propagation == PROPAGATE_FOREGROUND ? FINALIZER_FOREGROUND : FINALIZER_ORPHAN;
    if (propagation == PROPAGATE_BACKGROUND)
        return;
    const char **items = arena_array(st->arena, const char *, m->finalizers.count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->finalizers.count; i++)
        if (strcmp(m->finalizers.items[i], name) != 0)
            items[n++] = m->finalizers.items[i];
    items[n++] = name;
    m->finalizers.items = items;
    m->finalizers.count = n;
}

void store_delete_as(struct store *st, enum trace_component who, const struct api_object *o, int64_t asked,
                     enum propagation propagation)
{
    if (o->meta.deletion_timestamp != SIM_NEVER) {
        delete_again(st, who, o, asked);
        return;
    }
    int64_t grace = o->kind == KIND_POD ? delete_grace((const struct pod *)o, asked) : 0;
    bool emptied_first = o->kind == KIND_NAMESPACE; /* finalizer "kubernetes": controller_namespace.c removes it */
    if (grace == 0 && o->kind != KIND_POD && !emptied_first && o->meta.finalizers.count == 0 && propagation == PROPAGATE_BACKGROUND) {
        store_remove(st, who, o);
        return;
    }
    struct api_object *next = store_edit(st, o);
    add_finalizer(st, &next->meta, propagation);
    next->meta.deletion_timestamp = api_second(sim_now(st->sim)) + grace * SIM_SECOND;
    next->meta.deletion_grace_period_seconds = (struct opt_i64){grace, true};
    if (emptied_first) /* k8s pkg/registry/core/namespace/storage Delete */
        ((struct namespace_ *)next)->phase = "Terminating";
    const struct api_object *stored = store_update(st, who, next, true);
    if (grace == 0 && stored->meta.finalizers.count == 0 && !emptied_first)
        store_remove(st, who, stored);
}

void store_delete(struct store *st, enum trace_component who, const struct api_object *o, int64_t asked)
{
    store_delete_as(st, who, o, asked, PROPAGATE_BACKGROUND);
}

void store_check(const struct store *st)
{
    for (uint32_t i = 0; i < st->entries.count; i++) {
        const struct api_object *o = entry_at(st, i)->latest;
        if (!o)
            continue;
        ASSERT(o->revision <= st->revision);
        ASSERT(!o->prev || o->prev->revision < o->revision);
        ASSERT(!o->prev || o->prev->ordinal == o->ordinal);
        ASSERT(store_by_ordinal(st, o->ordinal) == o);
        ASSERT(store_get(st, o->kind, o->meta.namespace_, o->meta.name) == o);
        ASSERT(o->meta.deletion_timestamp != SIM_NEVER || !o->prev || o->prev->meta.deletion_timestamp == SIM_NEVER);
    }
}

/* API objects have ordinals but no timers of their own; nothing may arm one. */
static struct sim_timer *no_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)ctx, (void)local, (void)class, (void)index;
    return NULL;
}

static void no_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)ctx, (void)local, (void)class, (void)index;
}

struct store *store_new(struct sim *s, const struct profile *profile, const struct features *features, int64_t epoch)
{
    struct arena *a = sim_arena(s);
    struct store *st = arena_new(a, struct store);
    st->sim = s;
    st->arena = a;
    st->profile = profile;
    st->features = features;
    st->epoch = epoch;
    st->buckets = arena_array(a, uint32_t, BUCKETS_AT_FIRST);
    st->bucket_count = BUCKETS_AT_FIRST;
    for (int kind = 0; kind < KIND_COUNT; kind++)
        pool_init(&st->of_kind[kind], a, sizeof(uint32_t));
    pool_init(&st->entries, a, sizeof(struct entry));
    pool_init(&st->by_ordinal, a, sizeof(uint32_t));
    pool_init(&st->writes, a, sizeof(struct pending_write));
    pool_init(&st->watches, a, sizeof(struct watch));
    pool_init(&st->wide_watches, a, sizeof(struct wide_watch));
    pool_init(&st->listed, a, sizeof(struct listed));
    pool_init(&st->cut, a, sizeof(const char *));
    pool_init(&st->held, a, sizeof(uint32_t));
    pool_init(&st->gone, a, sizeof(const char *));
    st->object_handler = sim_handler_add(s, &(struct sim_handler){"object", st, no_timer, no_fire});
    st->write_handler = sim_handler_add(s, &(struct sim_handler){"write", st, write_timer, write_fire});
    st->watch_handler = sim_handler_add(s, &(struct sim_handler){"watch", st, watch_timer, watch_fire});
    return st;
}

/* endpointslice_mirroring.c - see endpointslice_mirroring.h: kube-proxy and the DNS server read slices only.
 *
 * Mirrors k8s pkg/controller/endpointslicemirroring (v1.36): a Service without a selector, its Endpoints, which nobody
 * has marked as not to be mirrored; a slice per subset, a thousand addresses of each.
 * Left out on purpose: slices that somebody else changes are put right only with the next change of the Endpoints; a
 * stale cache, for what is there is read when it is written.
 */
#include "model/endpointslice_mirroring.h"

#include <string.h>

#include "model/classes.h"
#include "model/endpointslice_reconcile.h"
#include "model/workqueue.h"

enum { MAX_PER_SUBSET = 1000, MAX_RETRIES = 15 };
#define MANAGER           "endpointslicemirroring-controller.k8s.io"
#define LABEL_SKIP_MIRROR "endpointslice.kubernetes.io/skip-mirror"
#define LEADER_ELECTION   "control-plane.alpha.kubernetes.io/leader"
#define LAST_APPLIED      "kubectl.kubernetes.io/last-applied-configuration"

struct key {            /* a Service by name */
    struct pool slices; /* uint32_t: ordinals of its mirrors */
};

struct controller {
    struct store *store;
    struct arena *arena;
    struct endpoint_tracker *tracker;
    struct workqueue *queue;
    struct pool keys; /* struct key, by the tracker's index, which the queue's keys are, too */
};

static struct key *key_at(struct controller *c, uint32_t i)
{
    while (c->keys.count <= i) {
        struct key *k = pool_at(&c->keys, pool_add(&c->keys));
        pool_init(&k->slices, c->arena, sizeof(uint32_t));
        workqueue_key(c->queue, tracker_stream(c->tracker, c->keys.count - 1));
    }
    return pool_at(&c->keys, i);
}

/* The Endpoints to be mirrored; NULL: none. */
static const struct endpoints *wanted(struct controller *c, uint32_t key)
{
    const struct service *s = tracker_service(c->tracker, key);
    const struct endpoints *e = (const struct endpoints *)store_get(
        c->store, KIND_ENDPOINTS, tracker_namespace(c->tracker, key), tracker_name(c->tracker, key));
    bool mirrored = s && e && s->spec.selector.count == 0 &&
                    !text_is(str_map_get(&e->object.meta.labels, LABEL_SKIP_MIRROR), "true") &&
                    !str_map_get(&e->object.meta.annotations, LEADER_ELECTION);
    return mirrored ? e : NULL;
}

static void changed(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    const struct api_object *o = after ? after : before;
    if (o->kind == KIND_ENDPOINTS && str_map_get(&o->meta.labels, "endpoints.kubernetes.io/managed-by"))
        return; /* the controller's own, whose Service has a selector */
    uint32_t key = tracker_index(c->tracker, o->meta.namespace_, o->meta.name);
    const struct key *k = key_at(c, key);
    if (!wanted(c, key) && k->slices.count == 0)
        return;
    workqueue_add(c->queue, key);
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    workqueue_call(c->queue, key, (struct work_call){.first_of_batch = true});
}

/* ---- what a subset looks like as a slice ---- */

static bool is_v6(const struct endpoint_address *a) { return strchr(a->ip, ':') != NULL; }

static void put(struct controller *c, struct endpoint_slice *s, const struct endpoint_address *a, bool ready)
{
    if (s->endpoints.count == MAX_PER_SUBSET || is_v6(a) != text_is(s->address_type, "IPv6"))
        return;
    struct endpoint *e = &s->endpoints.items[s->endpoints.count++];
    *e = (struct endpoint){.conditions = {.ready = {ready, true}},
                           .target_ref = a->target_ref,
                           .node_name = a->node_name,
                           .hostname = a->hostname};
    e->addresses.items = arena_array(c->arena, const char *, 1);
    e->addresses.items[0] = a->ip;
    e->addresses.count = 1;
}

static struct endpoint_slice *slice_for(struct controller *c, const struct endpoint_subset *sub, const char *type)
{
    struct endpoint_slice *s = arena_new(c->arena, struct endpoint_slice);
    s->address_type = type;
    s->endpoints.items =
        arena_array(c->arena, struct endpoint, sub->addresses.count + sub->not_ready_addresses.count + 1);
    for (uint32_t i = 0; i < sub->addresses.count; i++)
        put(c, s, &sub->addresses.items[i], true);
    for (uint32_t i = 0; i < sub->not_ready_addresses.count; i++)
        put(c, s, &sub->not_ready_addresses.items[i], false);
    s->ports.items = arena_array(c->arena, struct endpoint_port, sub->ports.count + 1);
    for (uint32_t i = 0; i < sub->ports.count; i++) {
        const struct endpoint_subset_port *p = &sub->ports.items[i];
        s->ports.items[s->ports.count++] =
            (struct endpoint_port){p->name ? p->name : "", p->protocol, p->app_protocol, {p->port, true}};
    }
    return s;
}

static void set_meta(struct controller *c, struct object_meta *m, const struct endpoints *e)
{
    const struct object_meta *from = &e->object.meta;
    m->labels = map_with(c->arena, &from->labels, LABEL_HEADLESS, NULL);
    m->labels = map_with(c->arena, &m->labels, SLICE_LABEL_MANAGED_BY, MANAGER);
    m->labels = map_with(c->arena, &m->labels, SLICE_LABEL_SERVICE, from->name);
    m->annotations = map_with(c->arena, &from->annotations, LAST_APPLIED, NULL);
}

/* ---- writing ---- */

static void create(struct controller *c, struct key *k, const struct endpoints *e, struct endpoint_slice *s)
{
    const struct api_object *stored;
    struct opt_bool yes = {true, true};
    struct object_meta *m = &s->object.meta;
    set_meta(c, m, e);
    s->object.kind = KIND_ENDPOINTSLICE;
    s->object.api_version_text = "discovery.k8s.io/v1";
    s->object.kind_text = "EndpointSlice";
    m->generate_name = arena_printf(c->arena, "%s-", e->object.meta.name);
    m->namespace_ = e->object.meta.namespace_;
    m->creation_timestamp = m->deletion_timestamp = SIM_NEVER;
    m->owner_references.items = arena_new(c->arena, struct owner_reference);
    m->owner_references.items[0] =
        (struct owner_reference){"v1", "Endpoints", e->object.meta.name, e->object.meta.uid, yes, yes};
    m->owner_references.count = 1;
    if (store_create(c->store, COMP_ENDPOINTSLICE_CONTROLLER, &s->object, &stored) == STORE_OK)
        *(uint32_t *)pool_at(&k->slices, pool_add(&k->slices)) = stored->ordinal;
}

static void update(struct controller *c, const struct api_object *current, const struct endpoints *e,
                   const struct endpoint_slice *s)
{
    struct endpoint_slice *next = (struct endpoint_slice *)store_edit(c->store, current);
    set_meta(c, &next->object.meta, e);
    next->endpoints = s->endpoints;
    next->ports = s->ports;
    if (!api_equal(kind_infos[KIND_ENDPOINTSLICE].type, current, next))
        store_update(c->store, COMP_ENDPOINTSLICE_CONTROLLER, &next->object, true);
}

/* The n-th mirror of the Endpoints that is still there, of that family; NULL: there are fewer. */
static const struct api_object *mirror(struct controller *c, const struct key *k, uint32_t n, const char *type)
{
    for (uint32_t i = 0; i < k->slices.count; i++) {
        const struct api_object *o = store_by_ordinal(c->store, *(uint32_t *)pool_at(&k->slices, i));
        if (o && text_is(((const struct endpoint_slice *)o)->address_type, type) && n-- == 0)
            return o;
    }
    return NULL;
}

static void mirror_family(struct controller *c, struct key *k, const struct endpoints *e, const char *type)
{
    uint32_t n = 0;
    for (uint32_t i = 0; e && i < e->subsets.count; i++) {
        struct endpoint_slice *s = slice_for(c, &e->subsets.items[i], type);
        if (s->endpoints.count == 0)
            continue;
        const struct api_object *current = mirror(c, k, n++, type);
        if (current)
            update(c, current, e, s);
        else
            create(c, k, e, s);
    }
    for (const struct api_object *rest; (rest = mirror(c, k, n, type)) != NULL;)
        store_delete(c->store, COMP_ENDPOINTSLICE_CONTROLLER, rest, -1);
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    (void)call;
    struct controller *c = ctx;
    const struct endpoints *e = wanted(c, key);
    uint32_t cause = sim_cause(store_sim(c->store));
    mirror_family(c, key_at(c, key), e, "IPv4");
    sim_set_cause(store_sim(c->store), cause);
    mirror_family(c, key_at(c, key), e, "IPv6");
    return CALL_OK;
}

void endpointslice_mirroring_new(struct store *st, struct informers *f, struct endpoint_tracker *t)
{
    struct arena *a = store_arena(st);
    struct controller *c = arena_new(a, struct controller);
    *c = (struct controller){.store = st, .arena = a, .tracker = t};
    pool_init(&c->keys, a, sizeof(struct key));
    const struct work_ops ops = {"endpointslice-mirroring", CLASS_ENDPOINTS, MAX_RETRIES, sync, make, NULL};
    c->queue = workqueue_new(st, &ops, c);
    informers_listen(f, KIND_SERVICE, changed, c);
    informers_listen(f, KIND_ENDPOINTS, changed, c);
}

/* endpointslice.c - the EndpointSlice controller: keeps the slices of Services with a selector.
 *
 * Mirrors k8s pkg/controller/endpointslice/endpointslice_controller.go, staging/src/k8s.io/endpointslice/util/
 * endpointslice_tracker.go (v1.36); what slices there should be is endpointslice_reconcile.c's. Rules:
 * semantics/endpoints-and-traffic.md 2. A sync reads the caches when it begins, as the original does, so what happens
 * before the watch has returned its writes is a stale cache, and a second is waited.
 * Left out on purpose: the bucket of 10 retries/s after the first 100, endpointUpdatesBatchPeriod.
 */
#include "model/endpointslice.h"

#include <string.h>

#include "model/classes.h"
#include "model/endpointslice_reconcile.h"
#include "model/workqueue.h"

enum { MAX_ENDPOINTS = 100 }; /* --max-endpoints-per-slice */
enum { MAX_RETRIES = 15 };
#define BACK_OFF_FIRST SIM_SECOND /* defaultSyncBackOff */
#define BACK_OFF_MAX   (1000 * SIM_SECOND) /* maxSyncBackOff */
#define FOREIGN_DELAY  SIM_SECOND /* endpointSliceChangeMinSyncDelay */

enum call_kind { CALL_CREATE, CALL_UPDATE, CALL_DELETE, CALL_EVENT };

enum { DELETION_EXPECTED = -1 };
struct expected { /* of a slice this controller has written: GenerationsBySlice */
    uint32_t ordinal;
    int64_t generation;
};

struct key {              /* a Service by name */
    struct pool slices;   /* uint32_t: ordinals of those that the cache has, managed or not */
    struct pool expected; /* struct expected */
    struct trigger_times times;
    struct service_hints hints;
    const char *skipped; /* of the sync at work */
    sim_time trigger;
};

struct controller {
    struct store *store;
    struct arena *arena, *scratch;
    struct informers *informers;
    struct endpoint_tracker *tracker;
    struct recorder *recorder;
    struct workqueue *queue;
    struct event_origin origin;
    struct pool keys; /* struct key, by the tracker's index, which the queue's keys are, too */
    struct topology topology;
    bool nodes_changed; /* since topology was made */
};

static struct key *key_at(struct controller *c, uint32_t i)
{
    while (c->keys.count <= i) {
        struct key *k = pool_at(&c->keys, pool_add(&c->keys));
        pool_init(&k->slices, c->arena, sizeof(uint32_t));
        pool_init(&k->expected, c->arena, sizeof(struct expected));
        trigger_times_init(&k->times, c->arena);
        service_hints_init(&k->hints, c->arena);
        workqueue_key(c->queue, tracker_stream(c->tracker, c->keys.count - 1));
    }
    return pool_at(&c->keys, i);
}

/* ---- what is expected to be seen: EndpointSliceTracker ---- */

static struct expected *find_expected(const struct key *k, uint32_t ordinal)
{
    for (uint32_t i = 0; i < k->expected.count; i++) {
        struct expected *e = pool_at(&k->expected, i);
        if (e->ordinal == ordinal)
            return e;
    }
    return NULL;
}

static void expect(struct key *k, uint32_t ordinal, int64_t generation)
{
    struct expected *e = find_expected(k, ordinal);
    if (!e)
        e = pool_at(&k->expected, pool_add(&k->expected));
    *e = (struct expected){ordinal, generation};
}

/* True: nobody here has deleted it. */
static bool unexpected_deletion(struct key *k, uint32_t ordinal)
{
    struct expected *e = find_expected(k, ordinal);
    if (!e)
        return false;
    bool foreign = e->generation != DELETION_EXPECTED;
    *e = *(struct expected *)pool_at(&k->expected, k->expected.count - 1);
    k->expected.count--;
    return foreign;
}

static bool should_sync(const struct key *k, const struct api_object *slice)
{
    const struct expected *e = find_expected(k, slice->ordinal);
    return !e || slice->meta.generation > e->generation;
}

static bool is_stale(const struct key *k, const struct slice_facts *f)
{
    for (uint32_t i = 0; i < f->slice_count; i++) {
        const struct expected *e = find_expected(k, f->slices[i]->object.ordinal);
        if (e && (e->generation == DELETION_EXPECTED || e->generation > f->slices[i]->object.meta.generation))
            return true;
    }
    for (uint32_t i = 0; i < k->expected.count; i++) {
        const struct expected *e = pool_at(&k->expected, i);
        bool seen = e->generation == DELETION_EXPECTED;
        for (uint32_t s = 0; s < f->slice_count && !seen; s++)
            seen = f->slices[s]->object.ordinal == e->ordinal;
        if (!seen)
            return true;
    }
    return false;
}

/* ---- triggers ---- */

static void wake(void *ctx, uint32_t service)
{
    struct controller *c = ctx;
    key_at(c, service);
    workqueue_add(c->queue, service);
}

static const char *service_name(const struct api_object *slice)
{
    return str_map_get(&slice->meta.labels, SLICE_LABEL_SERVICE);
}

static bool is_managed(const struct api_object *slice)
{
    return text_is(str_map_get(&slice->meta.labels, SLICE_LABEL_MANAGED_BY), SLICE_CONTROLLER);
}

static void add_slice(struct controller *c, uint32_t key, uint32_t ordinal)
{
    struct pool *all = &key_at(c, key)->slices;
    *(uint32_t *)pool_at(all, pool_add(all)) = ordinal;
}

static void drop_slice(struct controller *c, uint32_t key, uint32_t ordinal)
{
    struct pool *all = &key_at(c, key)->slices;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        uint32_t o = *(uint32_t *)pool_at(all, i);
        if (o != ordinal)
            *(uint32_t *)pool_at(all, kept++) = o;
    }
    all->count = kept;
}

static uint32_t key_of(struct controller *c, const struct api_object *slice)
{
    const char *name = service_name(slice);
    uint32_t key = tracker_index(c->tracker, slice->meta.namespace_, name ? name : "");
    key_at(c, key);
    return key;
}

static void on_slice(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    uint32_t was = before ? key_of(c, before) : 0, is = after ? key_of(c, after) : 0;
    if (before && (!after || was != is))
        drop_slice(c, was, before->ordinal);
    if (after && (!before || was != is))
        add_slice(c, is, after->ordinal);
    if (!after) {
        if (is_managed(before) && unexpected_deletion(key_at(c, was), before->ordinal))
            workqueue_add_after(c->queue, was, FOREIGN_DELAY);
        return;
    }
    if (before && was != is)
        workqueue_add_after(c->queue, was, FOREIGN_DELAY);
    bool moved = before && (was != is || is_managed(before) != is_managed(after));
    if (moved || (is_managed(after) && should_sync(key_at(c, is), after)))
        workqueue_add_after(c->queue, is, FOREIGN_DELAY);
}

static bool node_ready(const struct api_object *o)
{
    const struct node *n = (const struct node *)o;
    for (uint32_t i = 0; i < n->status.conditions.count; i++)
        if (strcmp(n->status.conditions.items[i].type, "Ready") == 0)
            return strcmp(n->status.conditions.items[i].status, "True") == 0;
    return false;
}

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static const char *zone_of(const struct api_object *node)
{
    return str_map_get(&node->meta.labels, "topology.kubernetes.io/zone");
}

static void count_cpus(struct controller *c)
{
    uint32_t cursor = 0, count = 0, most = 0;
    while (informers_each(c->informers, KIND_NODE, &cursor))
        most++;
    const struct node **nodes = arena_array(c->scratch, const struct node *, most + 1);
    cursor = 0;
    for (const struct api_object *n; (n = informers_each(c->informers, KIND_NODE, &cursor)) != NULL;)
        nodes[count++] = (const struct node *)n;
    topology_set_nodes(&c->topology, c->arena, nodes, count);
    c->nodes_changed = false;
}

/* checkNodeTopologyDistribution; only Services with the annotation have shares that can be wrong. */
static void on_node(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    if (before && after && node_ready(before) == node_ready(after) && same_text(zone_of(before), zone_of(after)))
        return;
    c->nodes_changed = true;
    for (uint32_t i = 0; i < c->keys.count; i++) {
        if (!key_at(c, i)->hints.populated)
            continue;
        arena_reset(c->scratch);
        if (c->nodes_changed)
            count_cpus(c);
        if (service_is_overloaded(&key_at(c, i)->hints, &c->topology))
            workqueue_add(c->queue, i);
    }
}

/* ---- a sync ---- */

static void gather_slices(struct controller *c, const struct key *k, struct slice_facts *f)
{
    const struct endpoint_slice **slices = arena_array(c->scratch, const struct endpoint_slice *, k->slices.count + 1);
    for (uint32_t i = 0; i < k->slices.count; i++) {
        const struct api_object *o = informers_get(c->informers, *(uint32_t *)pool_at(&k->slices, i));
        if (o && is_managed(o) && o->meta.deletion_timestamp == SIM_NEVER)
            slices[f->slice_count++] = (const struct endpoint_slice *)o;
    }
    f->slices = slices;
}

static void gather_nodes(struct controller *c, struct slice_facts *f)
{
    const struct node **nodes = arena_array(c->scratch, const struct node *, f->pods.count + 1);
    for (uint32_t i = 0; i < f->pods.count; i++) {
        const char *name = f->pods.items[i]->spec.node_name;
        const struct api_object *node = name ? store_get(c->store, KIND_NODE, NULL, name) : NULL;
        nodes[i] = node ? (const struct node *)informers_get(c->informers, node->ordinal) : NULL;
    }
    f->nodes = nodes;
}

static void list_changes(struct controller *c, uint32_t key, const struct slice_plan *plan)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct slice_change *s = &plan->changes[i];
        struct slice_change *kept = arena_new(c->arena, struct slice_change);
        *kept = *s;
        workqueue_call(c->queue, key,
                       (struct work_call){.kind = !s->was   ? CALL_CREATE
                                                  : !s->now ? CALL_DELETE
                                                            : CALL_UPDATE,
                                          .first_of_batch = true,
                                          .data = kept});
    }
}

static void tell_hints(struct controller *c, const struct service *s, const struct hint_event *e)
{
    if (e->reason)
        recorder_event(c->recorder, &c->origin, &s->object, NULL, e->warning, e->reason, "%s", e->message);
}

static void sync(void *ctx, uint32_t index)
{
    struct controller *c = ctx;
    struct key *k = key_at(c, index);
    const struct service *s = tracker_service(c->tracker, index);
    k->skipped = NULL;
    if (!s) {
        k->expected.count = 0;
        trigger_times_forget(&k->times);
        return;
    }
    if (!service_selects_pods(s))
        return;
    arena_reset(c->scratch);
    struct slice_facts f = {.service = s,
                            .pods = tracker_pods(c->tracker, c->scratch, index),
                            .max_endpoints = MAX_ENDPOINTS,
                            .features = store_features(c->store),
                            .topology = &c->topology,
                            .hints = &k->hints};
    gather_slices(c, k, &f);
    if (is_stale(k, &f)) {
        workqueue_fail(c->queue, index);
        return;
    }
    gather_nodes(c, &f);
    if (c->nodes_changed && service_wants_shares(s))
        count_cpus(c);
    k->trigger = trigger_time(&k->times, c->scratch, s, &f.pods);
    struct slice_plan plan;
    slices_reconcile(c->scratch, c->arena, &f, &plan);
    list_changes(c, index, &plan);
    tell_hints(c, s, &plan.event);
    if (plan.skipped) {
        k->skipped = arena_strdup(c->arena, plan.skipped);
        workqueue_call(c->queue, index, (struct work_call){.kind = CALL_EVENT, .first_of_batch = plan.count == 0});
    }
}

/* ---- the calls ---- */

static enum call_result failed(struct controller *c, uint32_t key, const char *what)
{
    const char *namespace_ = tracker_namespace(c->tracker, key), *name = tracker_name(c->tracker, key);
    const struct service *s = tracker_service(c->tracker, key);
    if (s)
        recorder_event(c->recorder, &c->origin, &s->object, NULL, true, "FailedToUpdateEndpointSlices",
                       "Error updating Endpoint Slices for Service %s/%s: %s", namespace_, name, what);
    return CALL_ABORT;
}

static enum call_result write_failed(struct controller *c, uint32_t key, const char *verb, const char *slice,
                                     const struct api_object *current)
{
    const char *why = current
                          ? "Operation cannot be fulfilled on endpointslices.discovery.k8s.io \"%s\": the object has "
                            "been modified; please apply your changes to the latest version and try again"
                          : "endpointslices.discovery.k8s.io \"%s\" not found";
    const char *error = arena_printf(c->arena, why, slice);
    return failed(c, key,
                  arena_printf(c->arena, "failed to %s %s EndpointSlice for Service %s/%s: %s", verb, slice,
                               tracker_namespace(c->tracker, key), tracker_name(c->tracker, key), error));
}

/* getEndpointSlicePrefix: without the dash where that would be too long. */
static const char *prefix_of(struct controller *c, const char *service)
{
    enum { NAME_MAX_CHARS = 253 };
    return strlen(service) + 1 > NAME_MAX_CHARS ? service : arena_printf(c->arena, "%s-", service);
}

static struct endpoint_slice *new_slice(struct controller *c, const struct service *s, const struct endpoint_slice *now)
{
    struct endpoint_slice *slice = arena_new(c->arena, struct endpoint_slice);
    *slice = *now;
    struct object_meta *m = &slice->object.meta;
    slice->object.kind = KIND_ENDPOINTSLICE;
    slice->object.api_version_text = "discovery.k8s.io/v1";
    slice->object.kind_text = "EndpointSlice";
    m->generate_name = prefix_of(c, s->object.meta.name);
    m->namespace_ = s->object.meta.namespace_;
    m->creation_timestamp = m->deletion_timestamp = SIM_NEVER;
    struct owner_reference *owner = arena_new(c->arena, struct owner_reference);
    struct opt_bool yes = {true, true};
    *owner = (struct owner_reference){"v1", "Service", s->object.meta.name, s->object.meta.uid, yes, yes};
    m->owner_references.items = owner;
    m->owner_references.count = 1;
    return slice;
}

static enum call_result create_slice(struct controller *c, uint32_t key, const struct slice_change *change)
{
    const struct service *s = tracker_service(c->tracker, key);
    const struct api_object *stored;
    if (!s || s->object.meta.deletion_timestamp != SIM_NEVER)
        return CALL_OK;
    struct endpoint_slice *slice = new_slice(c, s, change->now);
    slice->object.meta.annotations =
        with_trigger_time(c->store, &slice->object.meta.annotations, key_at(c, key)->trigger);
    if (store_create(c->store, COMP_ENDPOINTSLICE_CONTROLLER, &slice->object, &stored) != STORE_OK)
        return failed(c, key,
                      arena_printf(c->arena, "failed to create EndpointSlice for Service %s/%s: forbidden",
                                   s->object.meta.namespace_, s->object.meta.name));
    expect(key_at(c, key), stored->ordinal, stored->meta.generation);
    return CALL_OK;
}

static enum call_result update_slice(struct controller *c, uint32_t key, const struct slice_change *change)
{
    const struct api_object *current = store_by_ordinal(c->store, change->was->object.ordinal);
    if (!current || current->revision != change->was->object.revision)
        return write_failed(c, key, "update", change->was->object.meta.name, current);
    struct endpoint_slice *next = (struct endpoint_slice *)store_edit(c->store, current);
    next->endpoints = change->now->endpoints;
    next->ports = change->now->ports;
    next->object.meta.labels = change->now->object.meta.labels;
    next->object.meta.annotations = with_trigger_time(c->store, &current->meta.annotations, key_at(c, key)->trigger);
    const struct api_object *stored = store_update(c->store, COMP_ENDPOINTSLICE_CONTROLLER, &next->object, true);
    expect(key_at(c, key), stored->ordinal, stored->meta.generation);
    return CALL_OK;
}

static enum call_result delete_slice(struct controller *c, uint32_t key, const struct slice_change *change)
{
    uint32_t ordinal = change->was->object.ordinal;
    const struct api_object *current = store_by_ordinal(c->store, ordinal);
    if (!current)
        return write_failed(c, key, "delete", change->was->object.meta.name, NULL);
    store_delete(c->store, COMP_ENDPOINTSLICE_CONTROLLER, current, -1);
    expect(key_at(c, key), ordinal, DELETION_EXPECTED);
    return CALL_OK;
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    switch ((enum call_kind)call->kind) {
    case CALL_CREATE:
        return create_slice(c, key, call->data);
    case CALL_UPDATE:
        return update_slice(c, key, call->data);
    case CALL_DELETE:
        return delete_slice(c, key, call->data);
    case CALL_EVENT:
        return failed(c, key, key_at(c, key)->skipped);
    }
    return CALL_OK;
}

void endpointslice_controller_new(struct store *st, struct informers *f, struct endpoint_tracker *t,
                                  struct recorder *recorder, struct arena *scratch)
{
    struct arena *a = store_arena(st);
    struct controller *c = arena_new(a, struct controller);
    *c =
        (struct controller){.store = st,
                            .arena = a,
                            .scratch = scratch,
                            .informers = f,
                            .tracker = t,
                            .recorder = recorder,
                            .origin = {.who = COMP_ENDPOINTSLICE_CONTROLLER, .component = "endpoint-slice-controller"}};
    pool_init(&c->keys, a, sizeof(struct key));
    c->queue = workqueue_new(st,
                             &(struct work_ops){.name = "endpointslice-controller",
                                                .class = CLASS_ENDPOINTS,
                                                .max_retries = MAX_RETRIES,
                                                .sync = sync,
                                                .make = make},
                             c);
    workqueue_read_first(c->queue);
    workqueue_set_retries(c->queue, BACK_OFF_FIRST, BACK_OFF_MAX);
    tracker_listen(t, wake, c);
    informers_listen(f, KIND_ENDPOINTSLICE, on_slice, c);
    informers_listen(f, KIND_NODE, on_node, c);
}

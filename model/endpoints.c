/* endpoints.c - the legacy Endpoints controller: ready and not ready addresses of a Service, a thousand at most.
 *
 * Mirrors k8s pkg/controller/endpoint/endpoints_controller.go, endpoints_tracker.go, pkg/api/v1/endpoints/util.go
 * RepackSubsets (v1.36). Rules: semantics/endpoints-and-traffic.md 1, 2: a deleted pod leaves at once, unless
 * publishNotReadyAddresses.
 * k8s-order: subsets, which the original sorts by a hash, are in the order of the Service's ports.
 */
#include "model/endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "model/classes.h"
#include "model/workqueue.h"

enum { MAX_CAPACITY = 1000, MAX_RETRIES = 15 };
#define MANAGER "endpoint-controller"

enum call_kind { CALL_WRITE, CALL_DELETE };

struct key { /* a Service by name */
    struct trigger_times times;
    uint64_t stale; /* resourceVersion that has been written over */
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
};

static struct key *key_at(struct controller *c, uint32_t i)
{
    while (c->keys.count <= i) {
        struct key *k = pool_at(&c->keys, pool_add(&c->keys));
        trigger_times_init(&k->times, c->arena);
        workqueue_key(c->queue, tracker_stream(c->tracker, c->keys.count - 1));
    }
    return pool_at(&c->keys, i);
}

/* As the cache shows it. */
static const struct endpoints *current_endpoints(struct controller *c, uint32_t key)
{
    const struct api_object *o =
        store_get(c->store, KIND_ENDPOINTS, tracker_namespace(c->tracker, key), tracker_name(c->tracker, key));
    return o ? (const struct endpoints *)informers_get(c->informers, o->ordinal) : NULL;
}

/* ---- subsets ---- */

/* A port and the pods that have it. */
struct offer {
    struct endpoint_subset_port port;
    bool *by; /* per pod */
    bool packed;
};

struct offers {
    struct offer *items;
    uint32_t count;
};

static bool same_text(const char *a, const char *b) { return a == b || strcmp(a ? a : "", b ? b : "") == 0; }

static bool same_port(const struct endpoint_subset_port *a, const struct endpoint_subset_port *b)
{
    return a->port == b->port && same_text(a->name, b->name) && same_text(a->protocol, b->protocol) &&
           same_text(a->app_protocol, b->app_protocol);
}

static void offer(struct arena *a, struct offers *o, const struct endpoint_subset_port *port, uint32_t pod,
                  uint32_t pods)
{
    uint32_t i = 0;
    while (i < o->count && !same_port(&o->items[i].port, port))
        i++;
    if (i == o->count)
        o->items[o->count++] = (struct offer){*port, arena_array(a, bool, pods), false};
    o->items[i].by[pod] = true;
}

/* ShouldPodBeInEndpoints: one that is being deleted is not, unless everything is published. */
static bool is_listed(const struct service *s, const struct pod *p)
{
    return pod_may_be_endpoint(p) &&
           (p->object.meta.deletion_timestamp == SIM_NEVER || s->spec.publish_not_ready_addresses);
}

/* Every port of every pod; a headless Service without ports: one that is none (port -1). */
static struct offers all_offers(struct controller *c, const struct service *s, const struct tracked_pods *pods)
{
    struct arena *a = c->scratch;
    uint32_t ports = s->spec.ports.count;
    struct offers o = {arena_array(a, struct offer, pods->count * (ports + 1) + 1), 0};
    for (uint32_t i = 0; i < ports; i++) {
        for (uint32_t p = 0; p < pods->count; p++) {
            const struct service_port *sp = &s->spec.ports.items[i];
            int64_t number = is_listed(s, pods->items[p]) ? find_target_port(pods->items[p], sp) : 0;
            if (number)
                offer(a, &o, &(struct endpoint_subset_port){sp->name, sp->protocol, sp->app_protocol, number}, p,
                      pods->count);
        }
    }
    for (uint32_t p = 0; ports == 0 && service_is_headless(s) && p < pods->count; p++)
        if (is_listed(s, pods->items[p]))
            offer(a, &o, &(struct endpoint_subset_port){.port = -1}, p, pods->count);
    return o;
}

/* Addresses that somebody else has written may be of no pod. */
static const char *uid_of(const struct endpoint_address *a) { return a->target_ref ? a->target_ref->uid : ""; }

static int by_ip(const void *a, const void *b)
{
    const struct endpoint_address *x = a, *y = b;
    int order = strcmp(x->ip, y->ip);
    return order ? order : strcmp(uid_of(x), uid_of(y));
}

/* The reference of the same pod in the version that is there, if there is one. */
static struct object_reference *known_reference(const struct endpoints *was, const struct pod *p)
{
    for (uint32_t i = 0; was && i < was->subsets.count; i++) {
        const struct endpoint_subset *sub = &was->subsets.items[i];
        struct object_reference ref = {.uid = p->object.meta.uid};
        struct endpoint_address key = {.ip = p->status.pod_ip, .target_ref = &ref};
        const struct endpoint_address *found =
            bsearch(&key, sub->addresses.items, sub->addresses.count, sizeof key, by_ip);
        if (!found)
            found = bsearch(&key, sub->not_ready_addresses.items, sub->not_ready_addresses.count, sizeof key, by_ip);
        if (found)
            return found->target_ref;
    }
    return NULL;
}

static void add_addresses(struct controller *c, const struct service *s, const struct tracked_pods *pods,
                          const struct endpoints *was, const bool *by, struct endpoint_subset *sub)
{
    sub->addresses.items = arena_array(c->scratch, struct endpoint_address, pods->count);
    sub->not_ready_addresses.items = arena_array(c->scratch, struct endpoint_address, pods->count);
    for (uint32_t i = 0; i < pods->count; i++) {
        const struct pod *p = pods->items[i];
        if (!by[i])
            continue;
        struct object_reference *ref = known_reference(was, p);
        struct endpoint_address e = {.ip = p->status.pod_ip,
                                     .hostname = endpoint_hostname(p, s),
                                     .node_name = p->spec.node_name,
                                     .target_ref = ref ? ref : pod_reference(c->arena, p)};
        if (s->spec.publish_not_ready_addresses || pod_is_ready(p))
            sub->addresses.items[sub->addresses.count++] = e;
        else
            sub->not_ready_addresses.items[sub->not_ready_addresses.count++] = e;
    }
    qsort(sub->addresses.items, sub->addresses.count, sizeof *sub->addresses.items, by_ip);
    qsort(sub->not_ready_addresses.items, sub->not_ready_addresses.count, sizeof *sub->addresses.items, by_ip);
}

/* RepackSubsets: ports that the same pods have share a subset. */
static struct endpoints *desired(struct controller *c, const struct service *s, const struct tracked_pods *pods,
                                 const struct endpoints *was)
{
    struct offers o = all_offers(c, s, pods);
    struct endpoints *e = arena_new(c->scratch, struct endpoints);
    e->subsets.items = arena_array(c->scratch, struct endpoint_subset, o.count + 1);
    for (uint32_t i = 0; i < o.count; i++) {
        if (o.items[i].packed)
            continue;
        struct endpoint_subset *sub = &e->subsets.items[e->subsets.count++];
        sub->ports.items = arena_array(c->scratch, struct endpoint_subset_port, o.count);
        for (uint32_t k = i; k < o.count; k++) {
            if (o.items[k].packed || memcmp(o.items[k].by, o.items[i].by, pods->count * sizeof(bool)) != 0)
                continue;
            o.items[k].packed = true;
            if (o.items[k].port.port > 0)
                sub->ports.items[sub->ports.count++] = o.items[k].port;
        }
        add_addresses(c, s, pods, was, o.items[i].by, sub);
    }
    return e;
}

/* ---- at most a thousand: truncateEndpoints ---- */

uint32_t endpoints_part(uint32_t here, uint32_t all, uint32_t most, uint32_t left)
{
    uint64_t part = all ? ((uint64_t)here * most + all - 1) / all : 0;
    return part < left ? (uint32_t)part : left;
}

/* Ready ones are kept before others. True: some had to go. */
static bool truncate(struct endpoints *e)
{
    uint32_t ready = 0, others = 0;
    for (uint32_t i = 0; i < e->subsets.count; i++) {
        ready += e->subsets.items[i].addresses.count;
        others += e->subsets.items[i].not_ready_addresses.count;
    }
    if (ready + others <= MAX_CAPACITY)
        return false;
    bool of_ready = ready > MAX_CAPACITY;
    uint32_t most = of_ready ? MAX_CAPACITY : MAX_CAPACITY - ready, left = most;
    for (uint32_t i = 0; i < e->subsets.count; i++) {
        struct endpoint_subset *sub = &e->subsets.items[i];
        uint32_t *count = of_ready ? &sub->addresses.count : &sub->not_ready_addresses.count;
        uint32_t part = endpoints_part(*count, of_ready ? ready : others, most, left);
        if (of_ready)
            sub->not_ready_addresses.count = 0;
        *count = *count < part ? *count : part;
        left -= *count;
    }
    return true;
}

/* ---- a sync ---- */

static str_map labels_for(struct controller *c, const struct service *s)
{
    str_map labels = map_with(c->scratch, &s->object.meta.labels, LABEL_HEADLESS, service_is_headless(s) ? "" : NULL);
    return store_has(c->store, FEATURE_ENDPOINTS_MANAGED_BY)
               ? map_with(c->scratch, &labels, ENDPOINTS_LABEL_MANAGED_BY, MANAGER)
               : labels;
}

static void copy_subsets(struct arena *a, struct endpoints *to, const struct endpoints *from)
{
    to->subsets.items = arena_array(a, struct endpoint_subset, from->subsets.count + 1);
    to->subsets.count = from->subsets.count;
    for (uint32_t i = 0; i < from->subsets.count; i++) {
        const struct endpoint_subset *f = &from->subsets.items[i];
        struct endpoint_subset *t = &to->subsets.items[i];
        *t = *f;
        t->addresses.items = arena_array(a, struct endpoint_address, f->addresses.count + 1);
        t->not_ready_addresses.items = arena_array(a, struct endpoint_address, f->not_ready_addresses.count + 1);
        t->ports.items = arena_array(a, struct endpoint_subset_port, f->ports.count + 1);
        memcpy(t->addresses.items, f->addresses.items, f->addresses.count * sizeof *f->addresses.items);
        memcpy(t->not_ready_addresses.items, f->not_ready_addresses.items,
               f->not_ready_addresses.count * sizeof *f->not_ready_addresses.items);
        memcpy(t->ports.items, f->ports.items, f->ports.count * sizeof *f->ports.items);
    }
}

/* Nothing to be written: subsets and labels are the same. Never so where some had to go, as in the original. */
static bool is_up_to_date(const struct endpoints *was, struct endpoints *next)
{
    struct endpoints now = *was;
    now.subsets = next->subsets;
    now.object.meta.labels = next->object.meta.labels;
    return api_equal(kind_infos[KIND_ENDPOINTS].type, was, &now) &&
           !str_map_get(&was->object.meta.annotations, ENDPOINTS_OVER_CAPACITY);
}

static void write_endpoints(struct controller *c, uint32_t key, const struct service *s, const struct endpoints *was,
                            sim_time trigger, struct endpoints *wanted)
{
    wanted->object.meta.labels = labels_for(c, s);
    bool truncated = truncate(wanted);
    if (was && !truncated && is_up_to_date(was, wanted))
        return;
    struct endpoints *next = arena_new(c->arena, struct endpoints);
    if (was)
        *next = *was;
    next->object.meta.labels = map_with(c->arena, &wanted->object.meta.labels, "", NULL); /* a copy that stays */
    next->object.meta.annotations = with_trigger_time(c->store, &next->object.meta.annotations, trigger);
    next->object.meta.annotations =
        map_with(c->arena, &next->object.meta.annotations, ENDPOINTS_OVER_CAPACITY, truncated ? "truncated" : NULL);
    copy_subsets(c->arena, next, wanted);
    workqueue_call(c->queue, key, (struct work_call){.kind = CALL_WRITE, .first_of_batch = true, .data = next});
}

static void sync(void *ctx, uint32_t index)
{
    struct controller *c = ctx;
    struct key *k = key_at(c, index);
    const struct service *s = tracker_service(c->tracker, index);
    if (!s) {
        workqueue_call(c->queue, index, (struct work_call){.kind = CALL_DELETE, .first_of_batch = true});
        return;
    }
    if (!service_selects_pods(s))
        return;
    arena_reset(c->scratch);
    const struct tracked_pods pods = tracker_pods(c->tracker, c->scratch, index);
    sim_time trigger = trigger_time(&k->times, c->scratch, s, &pods);
    const struct endpoints *was = current_endpoints(c, index);
    if (was && was->object.revision == k->stale) {
        workqueue_fail(c->queue, index);
        return;
    }
    write_endpoints(c, index, s, was, trigger, desired(c, s, &pods, was));
}

/* ---- the calls ---- */

static enum call_result failed(struct controller *c, uint32_t key, bool create, const char *why)
{
    const struct service *s = tracker_service(c->tracker, key);
    const char *namespace_ = tracker_namespace(c->tracker, key), *name = tracker_name(c->tracker, key);
    if (s)
        recorder_event(c->recorder, &c->origin, &s->object, NULL, true,
                       create ? "FailedToCreateEndpoint" : "FailedToUpdateEndpoint",
                       create ? "Failed to create endpoint for service %s/%s: %s"
                              : "Failed to update endpoint %s/%s: %s",
                       namespace_, name, why);
    return CALL_ABORT;
}

static enum call_result create_endpoints(struct controller *c, uint32_t key, const struct endpoints *content)
{
    const char *name = tracker_name(c->tracker, key);
    struct endpoints *e = arena_new(c->arena, struct endpoints);
    *e = *content;
    e->object.kind = KIND_ENDPOINTS;
    e->object.api_version_text = "v1";
    e->object.kind_text = "Endpoints";
    e->object.meta.name = name;
    e->object.meta.namespace_ = tracker_namespace(c->tracker, key);
    e->object.meta.creation_timestamp = e->object.meta.deletion_timestamp = SIM_NEVER;
    if (store_create(c->store, COMP_ENDPOINTS_CONTROLLER, &e->object, NULL) != STORE_OK)
        return failed(c, key, true, arena_printf(c->arena, "endpoints \"%s\" already exists", name));
    return CALL_OK;
}

static enum call_result update_endpoints(struct controller *c, uint32_t key, const struct endpoints *content)
{
    const struct api_object *current = store_by_ordinal(c->store, content->object.ordinal);
    if (!current || current->revision != content->object.revision)
        return failed(c, key, false,
                      arena_printf(c->arena,
                                   current ? "Operation cannot be fulfilled on endpoints \"%s\": the object has been "
                                             "modified; please apply your changes to the latest version and try again"
                                           : "endpoints \"%s\" not found",
                                   tracker_name(c->tracker, key)));
    struct endpoints *next = (struct endpoints *)store_edit(c->store, current);
    next->subsets = content->subsets;
    next->object.meta.labels = content->object.meta.labels;
    next->object.meta.annotations = content->object.meta.annotations;
    if (api_equal(kind_infos[KIND_ENDPOINTS].type, current, next)) /* the API server writes nothing then */
        return CALL_OK;
    key_at(c, key)->stale = current->revision;
    store_update(c->store, COMP_ENDPOINTS_CONTROLLER, &next->object, false);
    return CALL_OK;
}

static void delete_endpoints(struct controller *c, uint32_t key)
{
    const struct api_object *current =
        store_get(c->store, KIND_ENDPOINTS, tracker_namespace(c->tracker, key), tracker_name(c->tracker, key));
    if (current)
        store_delete(c->store, COMP_ENDPOINTS_CONTROLLER, current, -1);
    trigger_times_forget(&key_at(c, key)->times);
    key_at(c, key)->stale = 0;
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    if (call->kind == CALL_DELETE) {
        delete_endpoints(c, key);
        return CALL_OK;
    }
    const struct endpoints *content = call->data;
    return content->object.ordinal ? update_endpoints(c, key, content) : create_endpoints(c, key, content);
}

static void wake(void *ctx, uint32_t service)
{
    struct controller *c = ctx;
    key_at(c, service);
    workqueue_add(c->queue, service);
}

void endpoints_controller_new(struct store *st, struct informers *f, struct endpoint_tracker *t,
                              struct recorder *recorder, struct arena *scratch)
{
    struct arena *a = store_arena(st);
    struct controller *c = arena_new(a, struct controller);
    *c = (struct controller){.store = st,
                             .arena = a,
                             .scratch = scratch,
                             .informers = f,
                             .tracker = t,
                             .recorder = recorder,
                             .origin = {.who = COMP_ENDPOINTS_CONTROLLER, .component = "endpoint-controller"}};
    pool_init(&c->keys, a, sizeof(struct key));
    c->queue = workqueue_new(st,
                             &(struct work_ops){.name = "endpoint-controller",
                                                .class = CLASS_ENDPOINTS,
                                                .max_retries = MAX_RETRIES,
                                                .sync = sync,
                                                .make = make},
                             c);
    workqueue_read_first(c->queue);
    tracker_listen(t, wake, c);
}

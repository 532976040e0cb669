/* endpoints.c - the legacy Endpoints controller: ready and not ready addresses of a Service.
 *
 * Mirrors k8s pkg/controller/endpoint/endpoints_controller.go (v1.36). Rules:
 * semantics/endpoints-and-traffic.md 1: a deleted pod leaves at once, unless publishNotReadyAddresses.
 * Left out on purpose: the limit of 1000 addresses.
 */
#include "model/endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "model/endpoint_tracker.h"

struct controller {
    struct store *store;
    struct arena *arena;
    struct pool writes; /* struct wanted */
};

struct wanted { /* a write on its way */
    uint32_t service;
    struct endpoints *content;
};

static int by_ip(const void *a, const void *b)
{
    return strcmp(((const struct endpoint_address *)a)->ip, ((const struct endpoint_address *)b)->ip);
}

static struct endpoint_address address_of(struct controller *c, const struct pod *p)
{
    return (struct endpoint_address){
        .ip = p->status.pod_ip, .node_name = p->spec.node_name, .target_ref = pod_reference(c->arena, p)};
}

static void add_ports(struct controller *c, const struct service *s, const struct pod *p, struct endpoint_subset *sub)
{
    sub->ports.items = arena_array(c->arena, struct endpoint_subset_port, s->spec.ports.count + 1);
    sub->ports.count = 0;
    for (uint32_t i = 0; i < s->spec.ports.count; i++) {
        const struct service_port *sp = &s->spec.ports.items[i];
        int64_t number = find_target_port(p, sp);
        if (number)
            sub->ports.items[sub->ports.count++] =
                (struct endpoint_subset_port){sp->name, sp->protocol, sp->app_protocol, number};
    }
}

static bool same_ports(const struct endpoint_subset *a, const struct endpoint_subset *b)
{
    if (a->ports.count != b->ports.count)
        return false;
    for (uint32_t i = 0; i < a->ports.count; i++) {
        if (a->ports.items[i].port != b->ports.items[i].port ||
            strcmp(a->ports.items[i].protocol, b->ports.items[i].protocol) != 0)
            return false;
    }
    return true;
}

/* k8s pkg/api/v1/endpoints/util.go RepackSubsets: pods that resolve the ports alike share a subset. */
static struct endpoint_subset *subset_of(struct controller *c, struct endpoints *e, const struct service *s,
                                         const struct pod *p, uint32_t most)
{
    struct endpoint_subset *sub = &e->subsets.items[e->subsets.count];
    add_ports(c, s, p, sub);
    for (uint32_t i = 0; i < e->subsets.count; i++) {
        if (same_ports(&e->subsets.items[i], sub))
            return &e->subsets.items[i];
    }
    sub->addresses.items = arena_array(c->arena, struct endpoint_address, most);
    sub->not_ready_addresses.items = arena_array(c->arena, struct endpoint_address, most);
    e->subsets.count++;
    return sub;
}

static struct endpoints *desired(struct controller *c, const struct service *s, const struct tracked_pods *pods)
{
    struct endpoints *e = arena_new(c->arena, struct endpoints);
    e->subsets.items = arena_array(c->arena, struct endpoint_subset, pods->count + 1);
    bool all = s->spec.publish_not_ready_addresses;
    for (uint32_t i = 0; i < pods->count; i++) {
        const struct pod *p = pods->items[i];
        bool leaving = p->object.meta.deletion_timestamp != SIM_NEVER;
        if (!pod_may_be_endpoint(p) || (leaving && !all))
            continue;
        struct endpoint_subset *sub = subset_of(c, e, s, p, pods->count);
        if (all || pod_is_ready(p))
            sub->addresses.items[sub->addresses.count++] = address_of(c, p);
        else
            sub->not_ready_addresses.items[sub->not_ready_addresses.count++] = address_of(c, p);
    }
    for (uint32_t i = 0; i < e->subsets.count; i++) {
        struct endpoint_subset *sub = &e->subsets.items[i];
        qsort(sub->addresses.items, sub->addresses.count, sizeof(*sub->addresses.items), by_ip);
        qsort(sub->not_ready_addresses.items, sub->not_ready_addresses.count, sizeof(*sub->addresses.items), by_ip);
    }
    return e;
}

static void commit_endpoints(void *ctx, uint32_t arg)
{
    struct controller *c = ctx;
    const struct wanted *w = pool_at(&c->writes, arg);
    const struct api_object *service = store_by_ordinal(c->store, w->service);
    if (!service)
        return;
    const struct object_meta *m = &service->meta;
    const struct api_object *current = store_get(c->store, KIND_ENDPOINTS, m->namespace_, m->name);
    if (current) {
        struct endpoints *next = (struct endpoints *)store_edit(c->store, current);
        next->subsets = w->content->subsets;
        if (!api_equal(kind_infos[KIND_ENDPOINTS].type, current, next))
            store_update(c->store, COMP_ENDPOINTS_CONTROLLER, &next->object, false);
        return;
    }
    struct endpoints *e = w->content;
    e->object.kind = KIND_ENDPOINTS;
    e->object.api_version_text = "v1";
    e->object.kind_text = "Endpoints";
    e->object.meta.name = m->name;
    e->object.meta.namespace_ = m->namespace_;
    e->object.meta.labels = m->labels;
    e->object.meta.creation_timestamp = e->object.meta.deletion_timestamp = SIM_NEVER;
    store_create(c->store, COMP_ENDPOINTS_CONTROLLER, &e->object, NULL);
}

static void sync(void *ctx, const struct service *s, const struct tracked_pods *pods)
{
    struct controller *c = ctx;
    uint32_t i = pool_add(&c->writes);
    *(struct wanted *)pool_at(&c->writes, i) = (struct wanted){s->object.ordinal, desired(c, s, pods)};
    sim_time now = sim_now(store_sim(c->store));
    store_post(c->store, profile_draw(store_profile(c->store), HOP_API_WRITE, s->object.stream, now), commit_endpoints,
               c, i);
}

void endpoints_controller_new(struct store *st, struct arena *scratch)
{
    struct arena *a = store_arena(st);
    struct controller *c = arena_new(a, struct controller);
    *c = (struct controller){.store = st, .arena = a};
    pool_init(&c->writes, a, sizeof(struct wanted));
    tracker_new(st, scratch, "endpoint-controller", sync, c);
}

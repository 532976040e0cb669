/* endpointslice.c - the EndpointSlice controller: ready, serving and terminating pods of a Service.
 *
 * Mirrors k8s staging/src/k8s.io/endpointslice/reconciler.go and utils.go (v1.36). Rules:
 * semantics/endpoints-and-traffic.md 1, 2. Slices are grouped by the list of resolved ports, hold at
 * most 100 endpoints, and an endpoint stays in the slice where it is.
 * Left out on purpose: topology hints, IPv6, the last-change-trigger-time annotation, retries after a
 * stale cache.
 */
#include "model/endpointslice.h"

#include <string.h>

#include "model/classes.h"
#include "model/endpoint_tracker.h"

/* k8s endpointslice controller's --max-endpoints-per-slice. */
enum { MAX_ENDPOINTS = 100 };
#define LABEL_SERVICE    "kubernetes.io/service-name"
#define LABEL_MANAGED_BY "endpointslice.kubernetes.io/managed-by"
#define MANAGER          "endpointslice-controller.k8s.io"

struct controller;

/* A write on its way: the content of one slice of one Service. */
struct slice_write {
    struct controller *controller;
    uint32_t service; /* ordinal */
    uint32_t slice;   /* index in controller.slices */
};

/* A slice as this controller last wanted it. */
struct known_slice {
    uint32_t service, ordinal; /* ordinal 0: not committed yet */
    bool wanted, posted;
    struct endpoint_slice *content; /* endpoints and ports */
};

struct controller {
    struct store *store;
    struct arena *arena, *scratch;
    struct pool slices; /* struct known_slice */
    struct pool writes; /* struct slice_write */
};

static struct known_slice *slice_at(struct controller *c, uint32_t i) { return pool_at(&c->slices, i); }
static struct opt_bool yes(bool b) { return (struct opt_bool){b, true}; }

/* ---- what should be there ---- */

struct port_list {
    struct endpoint_port *items;
    uint32_t count;
};

static struct port_list ports_of(struct controller *c, const struct service *s, const struct pod *p)
{
    struct port_list list = {arena_array(c->arena, struct endpoint_port, s->spec.ports.count + 1), 0};
    for (uint32_t i = 0; i < s->spec.ports.count; i++) {
        const struct service_port *sp = &s->spec.ports.items[i];
        int64_t number = find_target_port(p, sp);
        if (!number)
            continue;
        list.items[list.count++] = (struct endpoint_port){
            .name = sp->name ? sp->name : "",
            .protocol = sp->protocol,
            .app_protocol = sp->app_protocol,
            .port = {number, true},
        };
    }
    return list;
}

static bool same_ports(const struct port_list *a, const struct endpoint_slice *b)
{
    if (a->count != b->ports.count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        if (a->items[i].port.value != b->ports.items[i].port.value ||
            strcmp(a->items[i].name, b->ports.items[i].name) != 0)
            return false;
    }
    return true;
}

/* endpoints-and-traffic.md 1, "Conditions per endpoint". */
static struct endpoint endpoint_of(struct controller *c, const struct service *s, const struct pod *p)
{
    bool serving = pod_is_ready(p);
    bool terminating = p->object.meta.deletion_timestamp != SIM_NEVER;
    struct endpoint e = {
        .conditions = {.ready = yes(s->spec.publish_not_ready_addresses || (serving && !terminating)),
                       .serving = yes(serving),
                       .terminating = yes(terminating)},
        .target_ref = pod_reference(c->arena, p),
        .node_name = p->spec.node_name,
    };
    bool named = p->spec.hostname && p->spec.subdomain && strcmp(p->spec.subdomain, s->object.meta.name) == 0;
    e.hostname = named ? p->spec.hostname : NULL;
    e.addresses.items = arena_array(c->arena, const char *, 1);
    e.addresses.items[0] = p->status.pod_ip;
    e.addresses.count = 1;
    return e;
}

static bool holds(const struct endpoint_slice *s, const struct pod *p)
{
    for (uint32_t i = 0; i < s->endpoints.count; i++) {
        const struct object_reference *r = s->endpoints.items[i].target_ref;
        if (r && strcmp(r->uid, p->object.meta.uid) == 0)
            return true;
    }
    return false;
}

static bool same_endpoints(const struct endpoint_slice *a, const struct endpoint_slice *b)
{
    return a && b && api_equal(kind_infos[KIND_ENDPOINTSLICE].type, a, b);
}

/* ---- writing ---- */

static struct endpoint_slice *new_slice(struct controller *c, const struct service *s)
{
    struct endpoint_slice *slice = arena_new(c->arena, struct endpoint_slice);
    struct object_meta *m = &slice->object.meta;
    slice->object.kind = KIND_ENDPOINTSLICE;
    slice->object.api_version_text = "discovery.k8s.io/v1";
    slice->object.kind_text = "EndpointSlice";
    slice->address_type = "IPv4";
    m->generate_name = arena_printf(c->arena, "%s-", s->object.meta.name);
    m->namespace_ = s->object.meta.namespace_;
    m->creation_timestamp = m->deletion_timestamp = SIM_NEVER;
    m->labels.items = arena_array(c->arena, struct str_pair, 2);
    m->labels.items[0] = (struct str_pair){LABEL_MANAGED_BY, MANAGER};
    m->labels.items[1] = (struct str_pair){LABEL_SERVICE, s->object.meta.name};
    m->labels.count = 2;
    struct owner_reference *owner = arena_new(c->arena, struct owner_reference);
    *owner = (struct owner_reference){"v1", "Service", s->object.meta.name, s->object.meta.uid, yes(true), yes(true)};
    m->owner_references.items = owner;
    m->owner_references.count = 1;
    return slice;
}

static void commit_slice(void *ctx, uint32_t arg)
{
    struct controller *c = ctx;
    const struct slice_write *w = pool_at(&c->writes, arg);
    struct known_slice *k = slice_at(c, w->slice);
    k->posted = false;
    const struct api_object *current = k->ordinal ? store_by_ordinal(c->store, k->ordinal) : NULL;
    if (!k->wanted) {
        if (current)
            store_remove(c->store, COMP_ENDPOINTSLICE_CONTROLLER, current);
        return;
    }
    if (!current) {
        const struct api_object *service = store_by_ordinal(c->store, w->service), *stored;
        if (!service)
            return;
        struct endpoint_slice *slice = new_slice(c, (const struct service *)service);
        slice->endpoints = k->content->endpoints;
        slice->ports = k->content->ports;
        if (store_create(c->store, COMP_ENDPOINTSLICE_CONTROLLER, &slice->object, &stored) == STORE_OK)
            k->ordinal = stored->ordinal;
        return;
    }
    struct endpoint_slice *next = (struct endpoint_slice *)store_edit(c->store, current);
    next->endpoints = k->content->endpoints;
    next->ports = k->content->ports;
    if (!same_endpoints((const struct endpoint_slice *)current, next))
        store_update(c->store, COMP_ENDPOINTSLICE_CONTROLLER, &next->object, true);
}

static void post(struct controller *c, const struct service *s, uint32_t slice)
{
    struct known_slice *k = slice_at(c, slice);
    if (k->posted)
        return;
    k->posted = true;
    uint32_t i = pool_add(&c->writes);
    *(struct slice_write *)pool_at(&c->writes, i) = (struct slice_write){c, s->object.ordinal, slice};
    sim_time now = sim_now(store_sim(c->store));
    store_post(c->store, profile_draw(store_profile(c->store), HOP_API_WRITE, s->object.stream, now), commit_slice, c,
               i);
}

/* ---- reconcile ---- */

/* The slice a new endpoint goes to: the first of its port group with room, else a new one. */
static uint32_t slice_with_room(struct controller *c, const struct service *s, const struct port_list *ports,
                                struct endpoint_slice **next)
{
    for (uint32_t i = 0; i < c->slices.count; i++) {
        if (slice_at(c, i)->service == s->object.ordinal && next[i] && same_ports(ports, next[i]) &&
            next[i]->endpoints.count < MAX_ENDPOINTS)
            return i;
    }
    for (uint32_t i = 0; i < c->slices.count; i++) { /* an emptied one is used again */
        if (slice_at(c, i)->service == s->object.ordinal && next[i] && next[i]->endpoints.count == 0) {
            next[i]->ports.items = ports->items;
            next[i]->ports.count = ports->count;
            return i;
        }
    }
    return UINT32_MAX;
}

static struct endpoint_slice *empty_content(struct controller *c)
{
    struct endpoint_slice *s = arena_new(c->arena, struct endpoint_slice);
    s->endpoints.items = arena_array(c->arena, struct endpoint, MAX_ENDPOINTS);
    return s;
}

static uint32_t add_slice(struct controller *c, const struct service *s)
{
    uint32_t i = pool_add(&c->slices);
    *slice_at(c, i) = (struct known_slice){.service = s->object.ordinal, .wanted = true};
    return i;
}

static void put(struct endpoint_slice *slice, struct endpoint e)
{
    ASSERT(slice->endpoints.count < MAX_ENDPOINTS);
    slice->endpoints.items[slice->endpoints.count++] = e;
}

/* Where a pod's endpoint already is; UINT32_MAX = nowhere. */
static uint32_t place_of(struct controller *c, const struct service *s, const struct pod *p,
                         const struct port_list *ports)
{
    for (uint32_t i = 0; i < c->slices.count; i++) {
        const struct known_slice *k = slice_at(c, i);
        if (k->service == s->object.ordinal && k->wanted && k->content && same_ports(ports, k->content) &&
            holds(k->content, p))
            return i;
    }
    return UINT32_MAX;
}

static void sync(void *ctx, const struct service *s, const struct tracked_pods *pods)
{
    struct controller *c = ctx;
    uint32_t most = c->slices.count + pods->count + 1;
    struct endpoint_slice **next = arena_array(c->scratch, struct endpoint_slice *, most);
    for (uint32_t i = 0; i < c->slices.count; i++) {
        const struct known_slice *k = slice_at(c, i);
        if (k->service != s->object.ordinal || !k->wanted)
            continue;
        next[i] = empty_content(c);
        if (k->content)
            next[i]->ports = k->content->ports;
    }
    for (int round = 0; round < 2; round++) { /* first those that have a place, then the new ones */
        for (uint32_t p = 0; p < pods->count; p++) {
            if (!pod_may_be_endpoint(pods->items[p]))
                continue;
            struct port_list ports = ports_of(c, s, pods->items[p]);
            uint32_t i = place_of(c, s, pods->items[p], &ports);
            if ((round == 0) != (i != UINT32_MAX))
                continue;
            if (round == 1)
                i = slice_with_room(c, s, &ports, next);
            if (i == UINT32_MAX) {
                i = add_slice(c, s);
                next[i] = empty_content(c);
                next[i]->ports.items = ports.items;
                next[i]->ports.count = ports.count;
            }
            put(next[i], endpoint_of(c, s, pods->items[p]));
        }
    }
    uint32_t kept = 0, first = UINT32_MAX;
    for (uint32_t i = 0; i < c->slices.count; i++) {
        if (!next[i])
            continue;
        first = first == UINT32_MAX ? i : first;
        kept += next[i]->endpoints.count > 0;
    }
    if (first == UINT32_MAX) { /* no candidates: one placeholder without endpoints and ports */
        first = add_slice(c, s);
        next[first] = empty_content(c);
    }
    for (uint32_t i = 0; i < c->slices.count; i++) {
        struct known_slice *k = slice_at(c, i);
        if (!next[i])
            continue;
        bool placeholder = kept == 0 && i == first;
        k->wanted = next[i]->endpoints.count > 0 || placeholder;
        if (placeholder)
            next[i]->ports.count = 0;
        bool changed = !k->content || !same_endpoints(k->content, next[i]) || !k->wanted || !k->ordinal;
        k->content = next[i];
        if (changed)
            post(c, s, i);
    }
}

void endpointslice_controller_new(struct store *st, struct arena *scratch)
{
    struct arena *a = store_arena(st);
    struct controller *c = arena_new(a, struct controller);
    *c = (struct controller){.store = st, .arena = a, .scratch = scratch};
    pool_init(&c->slices, a, sizeof(struct known_slice));
    pool_init(&c->writes, a, sizeof(struct slice_write));
    tracker_new(st, scratch, "endpointslice-controller", sync, c);
}

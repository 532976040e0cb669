/* endpointslice_reconcile.c - see endpointslice_reconcile.h. Rules: semantics/endpoints-and-traffic.md 1, 2.
 *
 * k8s-order: the original goes through maps of endpoints, slices and groups; here endpoints come in the order in which
 * their pods were created, slices and groups in that of their creation, ports in that of the Service.
 * Left out on purpose: IPv6 addresses of pods, which have none here: a Service of both families gets a slice of each,
 * the second without endpoints.
 */
#include "model/endpointslice_reconcile.h"

#include <string.h>

struct port_list {
    struct endpoint_port *items;
    uint32_t count;
};

/* A pod that should be an endpoint. */
struct desired {
    struct endpoint endpoint; /* its address and reference are made when it is written */
    const struct pod *pod;
    bool placed;
    uint32_t next; /* of its bucket, index + 1 */
};

/* Endpoints that resolve the ports alike, and the slices for them. */
struct group {
    struct port_list ports;
    struct desired *items;
    uint32_t count, left;
    uint32_t *buckets, bucket_count; /* by uid */
};

struct reconciler {
    struct arena *scratch, *keep;
    const struct slice_facts *facts;
    struct group *groups;
    uint32_t group_count;
    struct draft_list drafts;
    const char *skipped;
};

static struct opt_bool yes(bool b) { return (struct opt_bool){b, true}; }

bool slice_is_owned_by(const struct endpoint_slice *slice, const struct service *s)
{
    for (uint32_t i = 0; i < slice->object.meta.owner_references.count; i++) {
        const struct owner_reference *o = &slice->object.meta.owner_references.items[i];
        if (strcmp(o->uid, s->object.meta.uid) == 0 && strcmp(o->kind, "Service") == 0 &&
            strcmp(o->api_version, "v1") == 0)
            return true;
    }
    return false;
}

/* ---- ports ---- */

/* A named target port that the pod does not have is left out: such pods are a group of their own. */
static struct port_list ports_of(struct arena *a, const struct service *s, const struct pod *p)
{
    struct port_list list = {arena_array(a, struct endpoint_port, s->spec.ports.count + 1), 0};
    for (uint32_t i = 0; i < s->spec.ports.count; i++) {
        const struct service_port *sp = &s->spec.ports.items[i];
        int64_t number = find_target_port(p, sp);
        if (number)
            list.items[list.count++] = (struct endpoint_port){.name = sp->name ? sp->name : "",
                                                              .protocol = sp->protocol,
                                                              .app_protocol = sp->app_protocol,
                                                              .port = {number, true}};
    }
    return list;
}

static bool same_text(const char *a, const char *b) { return a == b || strcmp(a ? a : "", b ? b : "") == 0; }

static bool same_port(const struct endpoint_port *a, const struct endpoint_port *b)
{
    return a->port.value == b->port.value && same_text(a->name, b->name) && same_text(a->protocol, b->protocol) &&
           same_text(a->app_protocol, b->app_protocol);
}

/* In whatever order: NewPortMapKey. */
static bool same_ports(const struct endpoint_port *a, uint32_t a_count, const struct endpoint_port *b, uint32_t b_count)
{
    if (a_count != b_count)
        return false;
    for (uint32_t i = 0; i < a_count; i++) {
        uint32_t k = 0;
        while (k < b_count && !same_port(&a[i], &b[k]))
            k++;
        if (k == b_count)
            return false;
    }
    return true;
}

/* ---- what is desired ---- */

static struct group *group_with(struct reconciler *r, const struct endpoint_port *ports, uint32_t count)
{
    for (uint32_t i = 0; i < r->group_count; i++)
        if (same_ports(ports, count, r->groups[i].ports.items, r->groups[i].ports.count))
            return &r->groups[i];
    return NULL;
}

static struct group *group_of(struct reconciler *r, const struct pod *p)
{
    struct port_list ports = ports_of(r->scratch, r->facts->service, p);
    struct group *g = group_with(r, ports.items, ports.count);
    if (g)
        return g;
    /* Groups are few: named ports that pods of one Service resolve differently. */
    struct group *grown = arena_array(r->scratch, struct group, r->group_count + 1);
    if (r->group_count)
        memcpy(grown, r->groups, r->group_count * sizeof *grown);
    r->groups = grown;
    g = &r->groups[r->group_count++];
    g->ports = ports;
    g->items = arena_array(r->scratch, struct desired, r->facts->pods.count);
    for (g->bucket_count = 8; g->bucket_count < r->facts->pods.count;)
        g->bucket_count *= 2;
    g->buckets = arena_array(r->scratch, uint32_t, g->bucket_count);
    return g;
}

/* endpoints-and-traffic.md 1, "Conditions per endpoint": podToEndpoint. */
static struct endpoint endpoint_of(const struct service *s, const struct pod *p, const struct node *node)
{
    bool serving = pod_is_ready(p), terminating = p->object.meta.deletion_timestamp != SIM_NEVER;
    const char *zone = node ? str_map_get(&node->object.meta.labels, "topology.kubernetes.io/zone") : NULL;
    return (struct endpoint){
        .conditions = {.ready = yes(s->spec.publish_not_ready_addresses || (serving && !terminating)),
                       .serving = yes(serving),
                       .terminating = yes(terminating)},
        .node_name = p->spec.node_name && *p->spec.node_name ? p->spec.node_name : NULL,
        .zone = zone && *zone ? zone : NULL,
        .hostname = endpoint_hostname(p, s),
    };
}

static uint32_t *bucket_of(const struct group *g, const char *uid)
{
    return &g->buckets[text_hash(TEXT_HASH, uid) & (g->bucket_count - 1)];
}

static void want(struct reconciler *r, const struct pod *p, const struct node *node)
{
    const struct service *s = r->facts->service;
    struct group *g = group_of(r, p);
    if (!node && !s->spec.publish_not_ready_addresses) {
        r->skipped =
            arena_printf(r->scratch, "skipping Pod %s for Service %s/%s: Node %s Not Found", p->object.meta.name,
                         s->object.meta.namespace_, s->object.meta.name, p->spec.node_name);
        return;
    }
    uint32_t *first = bucket_of(g, p->object.meta.uid);
    g->items[g->count] = (struct desired){.endpoint = endpoint_of(s, p, node), .pod = p, .next = *first};
    *first = ++g->count;
    g->left = g->count;
}

/* The same address, host name and pod as an endpoint that is there: NULL = not wanted (any more). */
static struct desired *find_desired(struct group *g, const struct endpoint *e)
{
    for (uint32_t i = e->target_ref ? *bucket_of(g, e->target_ref->uid) : 0; i; i = g->items[i - 1].next) {
        struct desired *d = &g->items[i - 1];
        if (!d->placed && strcmp(d->pod->object.meta.uid, e->target_ref->uid) == 0)
            return e->addresses.count == 1 && strcmp(e->addresses.items[0], d->pod->status.pod_ip) == 0 &&
                           same_text(d->endpoint.hostname, e->hostname)
                       ? d
                       : NULL;
    }
    return NULL;
}

static bool same_opt(struct opt_bool a, struct opt_bool b) { return a.set == b.set && a.value == b.value; }

/* EndpointsEqualBeyondHash */
static bool is_up_to_date(const struct endpoint *is, const struct endpoint *want)
{
    return same_text(is->node_name, want->node_name) && same_text(is->zone, want->zone) &&
           same_opt(is->conditions.ready, want->conditions.ready) &&
           same_opt(is->conditions.serving, want->conditions.serving) &&
           same_opt(is->conditions.terminating, want->conditions.terminating);
}

/* ---- drafts ---- */

static struct endpoint kept(const struct desired *d, const struct endpoint *was)
{
    struct endpoint e = d->endpoint;
    e.addresses = was->addresses;
    e.target_ref = was->target_ref;
    return e;
}

static struct endpoint made(struct reconciler *r, const struct desired *d)
{
    struct endpoint e = d->endpoint;
    e.addresses.items = arena_array(r->keep, const char *, 1);
    e.addresses.items[0] = d->pod->status.pod_ip;
    e.addresses.count = 1;
    e.target_ref = pod_reference(r->keep, d->pod);
    return e;
}

/* Endpoints that have no place yet, in order, as long as there is room. */
static void fill(struct reconciler *r, struct group *g, struct slice_draft *d)
{
    for (uint32_t i = 0; i < g->count && g->left > 0 && d->count < r->facts->max_endpoints; i++) {
        if (g->items[i].placed)
            continue;
        d->endpoints[d->count++] = made(r, &g->items[i]);
        g->items[i].placed = true;
        g->left--;
    }
}

/* The Service's own labels and those that say whose it is: setEndpointSliceLabels. */
static str_map labels_for(struct reconciler *r)
{
    static const char *const reserved[] = {SLICE_LABEL_SERVICE, SLICE_LABEL_MANAGED_BY, LABEL_HEADLESS};
    const struct service *s = r->facts->service;
    str_map labels = s->object.meta.labels;
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (str_map_get(&labels, reserved[i]))
            labels = map_with(r->scratch, &labels, reserved[i], NULL);
    if (service_is_headless(s))
        labels = map_with(r->scratch, &labels, LABEL_HEADLESS, "");
    labels = map_with(r->scratch, &labels, SLICE_LABEL_MANAGED_BY, SLICE_CONTROLLER);
    return map_with(r->scratch, &labels, SLICE_LABEL_SERVICE, s->object.meta.name);
}

static bool is_reserved(const char *key)
{
    return strcmp(key, SLICE_LABEL_SERVICE) == 0 || strcmp(key, SLICE_LABEL_MANAGED_BY) == 0 ||
           strcmp(key, LABEL_HEADLESS) == 0;
}

static bool has_all_labels(const str_map *some, const str_map *all)
{
    for (uint32_t i = 0; i < some->count; i++) {
        const char *value = is_reserved(some->items[i].key) ? NULL : str_map_get(all, some->items[i].key);
        if (!is_reserved(some->items[i].key) && !(value && strcmp(value, some->items[i].value) == 0))
            return false;
    }
    return true;
}

static bool labels_changed(const struct endpoint_slice *slice, const struct service *s)
{
    return !has_all_labels(&slice->object.meta.labels, &s->object.meta.labels) ||
           !has_all_labels(&s->object.meta.labels, &slice->object.meta.labels);
}

/* ---- one group: reconcileByPortMapping ---- */

/* 1. Endpoints that are still wanted stay where they are. */
static void keep_in_place(struct reconciler *r, struct group *g, struct slice_draft *d)
{
    bool updated = false;
    uint32_t max = r->facts->max_endpoints, was = d->was->endpoints.count;
    d->room = was > max ? was : max;
    d->endpoints = arena_array(r->scratch, struct endpoint, d->room);
    for (uint32_t i = 0; i < was; i++) {
        const struct endpoint *e = &d->was->endpoints.items[i];
        struct desired *wanted = find_desired(g, e);
        if (!wanted)
            continue;
        d->endpoints[d->count++] = kept(wanted, e);
        updated |= !is_up_to_date(e, &wanted->endpoint);
        wanted->placed = true;
        g->left--;
    }
    if (updated || d->count != was)
        d->fate = d->count ? DRAFT_UPDATE : DRAFT_DELETE;
    else
        d->fate = labels_changed(d->was, r->facts->service) ? DRAFT_UPDATE : DRAFT_UNCHANGED;
}

static bool is_of(const struct slice_draft *d, const struct group *g)
{
    return same_ports(d->ports, d->port_count, g->ports.items, g->ports.count);
}

/* 2. New ones fill slices that are written anyway, the fullest first. */
static void fill_updated(struct reconciler *r, struct group *g)
{
    while (g->left > 0) {
        struct slice_draft *fullest = NULL;
        for (uint32_t i = 0; i < r->drafts.count; i++) {
            struct slice_draft *d = &r->drafts.items[i];
            bool has_room = d->fate == DRAFT_UPDATE && d->count < r->facts->max_endpoints && is_of(d, g);
            if (has_room && (!fullest || d->count > fullest->count))
                fullest = d;
        }
        if (!fullest)
            return;
        fill(r, g, fullest);
    }
}

/* An unchanged slice that the rest fits into, the one that becomes fullest: getSliceToFill. */
static struct slice_draft *slice_to_fill(struct reconciler *r, const struct group *g)
{
    struct slice_draft *best = NULL;
    uint32_t max = r->facts->max_endpoints, closest = max;
    for (uint32_t i = 0; g->left < max && i < r->drafts.count; i++) {
        struct slice_draft *d = &r->drafts.items[i];
        if (d->fate != DRAFT_UNCHANGED || !is_of(d, g) || g->left + d->was->endpoints.count > max)
            continue;
        uint32_t diff = max - (g->left + d->was->endpoints.count);
        if (diff < closest) {
            closest = diff;
            best = d;
        }
    }
    return best;
}

static struct slice_draft *new_draft(struct reconciler *r, const struct port_list *ports)
{
    struct slice_draft *d = &r->drafts.items[r->drafts.count++];
    *d = (struct slice_draft){
        .fate = DRAFT_CREATE, .room = r->facts->max_endpoints, .ports = ports->items, .port_count = ports->count};
    d->endpoints = arena_array(r->scratch, struct endpoint, d->room);
    return d;
}

static void reconcile_group(struct reconciler *r, struct group *g)
{
    for (uint32_t i = 0; i < r->drafts.count; i++)
        if (r->drafts.items[i].fate == DRAFT_UNCHANGED && is_of(&r->drafts.items[i], g))
            keep_in_place(r, g, &r->drafts.items[i]);
    fill_updated(r, g);
    while (g->left > 0) { /* 3. the rest */
        struct slice_draft *d = slice_to_fill(r, g);
        if (d)
            draft_update(r->scratch, d);
        fill(r, g, d ? d : new_draft(r, &g->ports));
    }
}

/* ---- all of one address family: reconcileByAddressType ---- */

static bool is_placeholder(struct reconciler *r, const struct endpoint_slice *s)
{
    str_map wanted = labels_for(r);
    return s->endpoints.count == 0 && s->ports.count == 0 && slice_is_owned_by(s, r->facts->service) &&
           s->object.meta.labels.count == wanted.count && labels_match(&wanted, &s->object.meta.labels);
}

/* A Service always has a slice: without endpoints and ports when nothing else is to be said. */
static void keep_placeholder(struct reconciler *r)
{
    uint32_t deletes = 0, existing = 0, creates = 0;
    struct slice_draft *last = NULL;
    for (uint32_t i = 0; i < r->drafts.count; i++) {
        existing += r->drafts.items[i].fate != DRAFT_CREATE;
        creates += r->drafts.items[i].fate == DRAFT_CREATE;
        if (r->drafts.items[i].fate == DRAFT_DELETE)
            last = &r->drafts.items[i], deletes++;
    }
    if (existing != deletes || creates > 0)
        return;
    if (deletes == 1 && is_placeholder(r, last->was))
        last->fate = DRAFT_UNCHANGED;
    else
        new_draft(r, &(struct port_list){0});
}

/* finalize(): a slice to be deleted is written over with one to be created; the last one first. */
static void fold(struct reconciler *r)
{
    for (uint32_t i = 0; i < r->drafts.count; i++) {
        struct slice_draft *d = &r->drafts.items[i], *created = NULL;
        if (d->fate != DRAFT_DELETE || !slice_is_owned_by(d->was, r->facts->service))
            continue;
        for (uint32_t k = 0; k < r->drafts.count; k++)
            if (r->drafts.items[k].fate == DRAFT_CREATE)
                created = &r->drafts.items[k];
        if (!created)
            return;
        created->was = d->was;
        created->fate = DRAFT_UPDATE;
        d->fate = DRAFT_UNCHANGED; /* as itself, it is gone */
    }
}

static struct endpoint_slice *written(struct reconciler *r, const struct slice_draft *d, const char *address_type,
                                      const str_map *labels)
{
    struct endpoint_slice *s = arena_new(r->keep, struct endpoint_slice);
    s->address_type = address_type;
    s->object.meta.labels.items = arena_array(r->keep, struct str_pair, labels->count);
    memcpy(s->object.meta.labels.items, labels->items, labels->count * sizeof *labels->items);
    s->object.meta.labels.count = labels->count;
    s->endpoints.items = arena_array(r->keep, struct endpoint, d->count + 1);
    if (d->count)
        memcpy(s->endpoints.items, d->endpoints, d->count * sizeof *d->endpoints);
    s->endpoints.count = d->count;
    s->ports.items = arena_array(r->keep, struct endpoint_port, d->port_count + 1);
    if (d->port_count)
        memcpy(s->ports.items, d->ports, d->port_count * sizeof *d->ports);
    s->ports.count = d->port_count;
    return s;
}

static void list_changes(struct reconciler *r, const char *address_type, struct slice_plan *plan)
{
    static const enum draft_fate order[] = {DRAFT_CREATE, DRAFT_UPDATE, DRAFT_DELETE};
    str_map labels = labels_for(r);
    for (size_t pass = 0; pass < ARRAY_LEN(order); pass++) {
        for (uint32_t i = 0; i < r->drafts.count; i++) {
            const struct slice_draft *d = &r->drafts.items[i];
            if (d->fate != order[pass])
                continue;
            plan->changes[plan->count++] =
                (struct slice_change){d->was, d->fate == DRAFT_DELETE ? NULL : written(r, d, address_type, &labels)};
        }
    }
}

static void reconcile_family(struct reconciler *r, const char *address_type, struct slice_plan *plan)
{
    const struct slice_facts *f = r->facts;
    bool is_v4 = strcmp(address_type, "IPv4") == 0;
    uint32_t most = f->slice_count + f->pods.count + 2;
    r->drafts = (struct draft_list){r->scratch, r->keep, arena_array(r->scratch, struct slice_draft, most), 0};
    for (uint32_t i = 0; i < f->slice_count; i++) {
        const struct endpoint_slice *s = f->slices[i];
        if (!text_is(s->address_type, address_type))
            continue;
        bool wanted = is_v4 && slice_is_owned_by(s, f->service) && group_with(r, s->ports.items, s->ports.count);
        r->drafts.items[r->drafts.count++] = (struct slice_draft){.was = s,
                                                                  .fate = wanted ? DRAFT_UNCHANGED : DRAFT_DELETE,
                                                                  .room = f->max_endpoints,
                                                                  .ports = s->ports.items,
                                                                  .port_count = s->ports.count};
    }
    for (uint32_t i = 0; is_v4 && i < r->group_count; i++)
        reconcile_group(r, &r->groups[i]);
    keep_placeholder(r);
    if (is_v4)
        hints_reconcile(f->service, f->features, f->topology, f->hints, &r->drafts, &plan->event);
    fold(r);
    list_changes(r, address_type, plan);
}

static bool has_family(const struct service *s, const char *family)
{
    for (uint32_t i = 0; i < s->spec.ip_families.count; i++)
        if (strcmp(s->spec.ip_families.items[i], family) == 0)
            return true;
    return s->spec.ip_families.count == 0 && strcmp(family, "IPv4") == 0;
}

void slices_reconcile(struct arena *scratch, struct arena *keep, const struct slice_facts *f, struct slice_plan *plan)
{
    static const char *const families[] = {"IPv4", "IPv6"};
    struct reconciler r = {.scratch = scratch, .keep = keep, .facts = f};
    *plan = (struct slice_plan){0};
    plan->changes = arena_array(scratch, struct slice_change, 2 * (f->slice_count + f->pods.count + 2));
    for (uint32_t i = 0; i < f->pods.count; i++)
        if (pod_may_be_endpoint(f->pods.items[i]))
            want(&r, f->pods.items[i], f->nodes[i]);
    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        if (has_family(f->service, families[i]))
            reconcile_family(&r, families[i], plan);
    for (uint32_t i = 0; i < f->slice_count; i++) /* of a family that the Service has no more */
        if (!f->slices[i]->address_type || !has_family(f->service, f->slices[i]->address_type))
            plan->changes[plan->count++] = (struct slice_change){f->slices[i], NULL};
    plan->skipped = r.skipped;
}

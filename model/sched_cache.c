/* sched_cache.c - nodes, the pods assumed or bound to them, and what these use.
 *
 * Mirrors k8s pkg/scheduler/backend/cache (cache.go, node_tree.go) and framework/types.go NodeInfo (v1.36). Everything
 * is kept up to date on each change; nothing is summed up when a pod is to be placed.
 */
#include <stdlib.h>
#include <string.h>

#include "model/sched_private.h"

/* k8s pkg/scheduler/util/pod_resources.go: what scoring assumes of a container without requests. */
enum { DEFAULT_MILLI_CPU = 100 };
#define DEFAULT_MEMORY (INT64_C(200) * 1024 * 1024)

/* ---- what a pod asks for ---- */

static const struct quantity *asked_of(const quantity_map *m, const char *key)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (strcmp(m->items[i].key, key) == 0)
            return &m->items[i].value;
    return NULL;
}

static const struct container_status *status_of(const struct pod *pod, const char *name)
{
    for (uint32_t i = 0; i < pod->status.container_statuses.count; i++)
        if (strcmp(pod->status.container_statuses.items[i].name, name) == 0)
            return &pod->status.container_statuses.items[i];
    return NULL;
}

static void raise(struct arena *a, quantity_map *m, const quantity_map *floor)
{
    for (uint32_t i = 0; i < floor->count; i++) {
        uint32_t at = 0;
        while (at < m->count && strcmp(m->items[at].key, floor->items[i].key) != 0)
            at++;
        if (at < m->count && quantity_compare(&m->items[at].value, &floor->items[i].value) >= 0)
            continue;
        struct quantity_pair *items = arena_array(a, struct quantity_pair, m->count + 1);
        if (m->count)
            memcpy(items, m->items, m->count * sizeof *items);
        items[at] = floor->items[i];
        m->items = items;
        m->count += at == m->count;
    }
}

/* k8s component-helpers/resource/helpers.go determineContainerReqs: while a resize is under way, the most of what is
 * wanted, allocated and in force. */
static struct pod_spec spec_in_force(struct arena *a, const struct pod *pod, bool *ret_resizing)
{
    struct pod_spec spec = pod->spec;
    struct container *list = arena_array(a, struct container, spec.containers.count + 1);
    *ret_resizing = false;
    for (uint32_t i = 0; i < spec.containers.count; i++) {
        const struct container_status *st = status_of(pod, spec.containers.items[i].name);
        list[i] = spec.containers.items[i];
        if (!st)
            continue;
        const quantity_map before = list[i].resources.requests;
        raise(a, &list[i].resources.requests, &st->allocated_resources);
        if (st->resources)
            raise(a, &list[i].resources.requests, &st->resources->requests);
        *ret_resizing = *ret_resizing || before.items != list[i].resources.requests.items;
    }
    spec.containers.items = list;
    return spec;
}

static int64_t request(const struct container *c, const char *name, int64_t missing)
{
    const struct quantity *q = asked_of(&c->resources.requests, name);
    return !q ? missing : strcmp(name, "cpu") == 0 ? quantity_milli(q) : quantity_value(q);
}

void sched_measure(struct scheduler *s, struct sched_pod *p)
{
    struct pod_requests r;
    const struct pod_spec spec = spec_in_force(s->scratch, p->pod, &p->resizing);
    pod_effective_requests(s->arena, &spec, &r);
    p->asked = (struct sched_amounts){r.cpu_milli, r.memory_bytes, r.ephemeral_bytes, r.other};
    p->nonzero_cpu = p->nonzero_memory = 0;
    for (uint32_t c = 0; c < spec.containers.count; c++) {
        p->nonzero_cpu += request(&spec.containers.items[c], "cpu", DEFAULT_MILLI_CPU);
        p->nonzero_memory += request(&spec.containers.items[c], "memory", DEFAULT_MEMORY);
    }
    p->wants_ports = pod_wants_host_ports(&p->pod->spec);
}

/* ---- pods on nodes ---- */

static struct sched_resource *resource_of(struct scheduler *s, struct sched_node *n, const char *name)
{
    for (uint32_t i = 0; i < n->other.count; i++)
        if (strcmp(n->other.items[i].name, name) == 0)
            return &n->other.items[i];
    struct sched_resource *items = arena_array(s->arena, struct sched_resource, n->other.count + 1);
    if (n->other.count)
        memcpy(items, n->other.items, n->other.count * sizeof *items);
    items[n->other.count] = (struct sched_resource){.name = name};
    n->other.items = items;
    return &n->other.items[n->other.count++];
}

static void use(struct scheduler *s, uint32_t node, const struct sched_pod *p, int sign)
{
    struct sched_node *n = sched_node_at(s, node);
    n->scored.points = -1;
    n->used_pods += sign;
    n->used_cpu += sign * p->asked.cpu_milli;
    n->used_memory += sign * p->asked.memory;
    n->used_ephemeral += sign * p->asked.ephemeral;
    n->nonzero_cpu += sign * p->nonzero_cpu;
    n->nonzero_memory += sign * p->nonzero_memory;
    for (uint32_t i = 0; i < p->asked.other.count; i++)
        resource_of(s, n, p->asked.other.items[i].key)->used += sign * quantity_value(&p->asked.other.items[i].value);
    n->with_ports += (uint32_t)sign * p->wants_ports;
    if (p->rules && p->rules->on_node)
        p->rules->on_node[node] += (uint32_t)sign;
    ASSERT(n->used_pods >= 0);
}

void sched_attach(struct scheduler *s, struct sched_pod *p, uint32_t node)
{
    struct sched_node *n = sched_node_at(s, node);
    ASSERT(!p->node);
    p->node = node + 1;
    p->prev_on = 0;
    p->next_on = n->first_pod;
    if (n->first_pod)
        sched_pod_at(s, n->first_pod - 1)->prev_on = p->index + 1;
    n->first_pod = p->index + 1;
    use(s, node, p, 1);
    sched_sets_count(s, p, p->pod, 1);
}

void sched_detach(struct scheduler *s, struct sched_pod *p)
{
    ASSERT(p->node);
    struct sched_node *n = sched_node_at(s, p->node - 1);
    sched_sets_count(s, p, p->pod, -1);
    use(s, p->node - 1, p, -1);
    if (p->prev_on)
        sched_pod_at(s, p->prev_on - 1)->next_on = p->next_on;
    else
        n->first_pod = p->next_on;
    if (p->next_on)
        sched_pod_at(s, p->next_on - 1)->prev_on = p->prev_on;
    p->node = p->next_on = p->prev_on = 0;
}

/* ---- nodes ---- */

/* Where the first node of this name, if there is one, is among nodes_by_name. */
static uint32_t name_position(const struct scheduler *s, const char *name, uint32_t count)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (strcmp(sched_node_at(s, s->nodes_by_name[mid])->name, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Of those that have a name, one may be there now. */
uint32_t sched_find_node(const struct scheduler *s, const char *name)
{
    for (uint32_t at = name_position(s, name, s->nodes.count); at < s->nodes.count; at++) {
        const struct sched_node *n = sched_node_at(s, s->nodes_by_name[at]);
        if (strcmp(n->name, name) != 0)
            break;
        if (n->node)
            return s->nodes_by_name[at] + 1;
    }
    return 0;
}

static uint32_t *grown(struct scheduler *s, const uint32_t *old, uint32_t count)
{
    uint32_t *items = arena_array(s->arena, uint32_t, s->nodes_capacity);
    if (count)
        memcpy(items, old, count * sizeof *items);
    return items;
}

/* Every array by node has room for one more. */
static void grow_arrays(struct scheduler *s, uint32_t count)
{
    if (count < s->nodes_capacity)
        return;
    s->nodes_capacity = count ? 2 * count : 8;
    s->nodes_by_name = grown(s, s->nodes_by_name, count);
    s->order = grown(s, s->order, s->order_count);
    for (uint32_t i = 0; i < s->sets.count; i++) {
        struct pod_set *set = pool_at(&s->sets, i);
        set->on_node = grown(s, set->on_node, count);
    }
    for (uint32_t i = 0; i < s->rules.count; i++) {
        struct sched_rules *r = pool_at(&s->rules, i);
        if (r->on_node)
            r->on_node = grown(s, r->on_node, count);
    }
    for (uint32_t i = 0; i < s->topologies.count; i++) {
        struct sched_topology *t = pool_at(&s->topologies, i);
        t->domain = grown(s, t->domain, count);
    }
}

struct sched_node *sched_add_node(struct scheduler *s, const struct api_object *o)
{
    uint32_t i = s->nodes.count;
    grow_arrays(s, i);
    pool_add(&s->nodes);
    struct sched_node *n = sched_node_at(s, i);
    n->ordinal = o->ordinal;
    n->name = o->meta.name;
    uint32_t at = name_position(s, o->meta.name, i);
    memmove(s->nodes_by_name + at + 1, s->nodes_by_name + at, (i - at) * sizeof *s->nodes_by_name);
    s->nodes_by_name[at] = i;
    return n;
}

static void read_other_resources(struct scheduler *s, struct sched_node *n)
{
    const quantity_map *m =
        n->node->status.allocatable.count ? &n->node->status.allocatable : &n->node->status.capacity;
    static const char *const native[] = {"cpu", "memory", "pods", "ephemeral-storage"};
    for (uint32_t i = 0; i < n->other.count; i++)
        n->other.items[i].have = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        bool known = false;
        for (size_t k = 0; k < ARRAY_LEN(native); k++)
            known = known || strcmp(m->items[i].key, native[k]) == 0;
        if (!known)
            resource_of(s, n, m->items[i].key)->have = quantity_value(&m->items[i].value);
    }
}

static void set_flags(struct scheduler *s, struct sched_node *n, const struct node *node)
{
    s->with_images -= n->lists_images;
    s->with_soft_taints -= n->soft_taints;
    n->picky = node && (node->spec.unschedulable || node->spec.taints.count);
    n->lists_images = node && node->status.images.count;
    n->soft_taints = false;
    for (uint32_t i = 0; node && i < node->spec.taints.count; i++)
        n->soft_taints = n->soft_taints || strcmp(node->spec.taints.items[i].effect, "PreferNoSchedule") == 0;
    s->with_images += n->lists_images;
    s->with_soft_taints += n->soft_taints;
    n->scored.points = -1;
}

void sched_set_node(struct scheduler *s, struct sched_node *n, const struct node *node)
{
    const struct node *before = n->node;
    bool same = before && node && before->object.meta.labels.items == node->object.meta.labels.items &&
                before->object.meta.labels.count == node->object.meta.labels.count;
    n->node = node;
    s->node_version += !same;
    set_flags(s, n, node);
    if (!node)
        return;
    n->cpu_milli = node_allocatable(node, "cpu", 0);
    n->memory = node_allocatable(node, "memory", 0);
    n->ephemeral = node_allocatable(node, "ephemeral-storage", INT64_MAX); /* said of no node: there is enough */
    n->pods = node_allocatable(node, "pods", 110);
    read_other_resources(s, n);
}

/* ---- the order of nodes: k8s backend/cache/node_tree.go list ---- */

/* k8s component-helpers/node/topology/helpers.go GetZoneKey. */
static const char *zone_of(struct arena *a, const struct node *n)
{
    const str_map *l = &n->object.meta.labels;
    const char *zone = str_map_get(l, "topology.kubernetes.io/zone");
    const char *region = str_map_get(l, "topology.kubernetes.io/region");
    if (!zone && !region)
        return "";
    return arena_printf(a, "%s/%s", region ? region : "", zone ? zone : "");
}

struct zone {
    const char *name;
    uint32_t first, last; /* members: index + 1 */
};

static struct zone *zone_named(struct zone *zones, uint32_t *count, const char *name)
{
    for (uint32_t i = 0; i < *count; i++)
        if (strcmp(zones[i].name, name) == 0)
            return &zones[i];
    zones[*count] = (struct zone){.name = name};
    return &zones[(*count)++];
}

void sched_order_nodes(struct scheduler *s)
{
    if (s->order_version == s->node_version)
        return;
    s->order_version = s->node_version;
    uint32_t *next = arena_array(s->scratch, uint32_t, s->nodes.count + 1), count = 0;
    struct zone *zones = arena_array(s->scratch, struct zone, s->nodes.count + 1);
    for (uint32_t i = 0; i < s->nodes.count; i++) {
        if (!sched_node_at(s, i)->node)
            continue;
        struct zone *z = zone_named(zones, &count, zone_of(s->scratch, sched_node_at(s, i)->node));
        if (z->last)
            next[z->last - 1] = i + 1;
        else
            z->first = i + 1;
        z->last = i + 1;
    }
    s->order_count = 0;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < count; i++) {
            if (!zones[i].first)
                continue;
            s->order[s->order_count++] = zones[i].first - 1;
            zones[i].first = next[zones[i].first - 1];
            more = true;
        }
    }
}

/* ---- topologies ---- */

struct labelled {
    const char *value;
    uint32_t node;
};

static int by_value(const void *a, const void *b)
{
    const struct labelled *x = a, *y = b;
    int order = strcmp(x->value, y->value);
    return order ? order : x->node < y->node ? -1 : x->node > y->node;
}

static void read_topology(struct scheduler *s, struct sched_topology *t)
{
    struct labelled *list = arena_array(s->scratch, struct labelled, s->nodes.count + 1);
    uint32_t n = 0;
    t->version = s->node_version;
    t->count = 0;
    for (uint32_t i = 0; i < s->nodes.count; i++) {
        const struct node *node = sched_node_at(s, i)->node;
        const char *value = node ? str_map_get(&node->object.meta.labels, t->key) : NULL;
        t->domain[i] = 0;
        if (value)
            list[n++] = (struct labelled){value, i};
    }
    qsort(list, n, sizeof *list, by_value);
    for (uint32_t i = 0; i < n; i++) {
        t->count += i == 0 || strcmp(list[i].value, list[i - 1].value) != 0;
        t->domain[list[i].node] = t->count;
    }
}

const struct sched_topology *sched_topology(struct scheduler *s, const char *key)
{
    struct sched_topology *t = NULL;
    for (uint32_t i = 0; i < s->topologies.count && !t; i++) {
        struct sched_topology *known = pool_at(&s->topologies, i);
        if (strcmp(known->key, key) == 0)
            t = known;
    }
    if (!t) {
        t = pool_at(&s->topologies, pool_add(&s->topologies));
        *t = (struct sched_topology){.key = key, .version = s->node_version - 1};
        t->domain = arena_array(s->arena, uint32_t, s->nodes_capacity + 1);
    }
    if (t->version != s->node_version)
        read_topology(s, t);
    return t;
}

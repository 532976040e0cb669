/* endpoint_tracker.c - see endpoint_tracker.h. Rules: semantics/endpoints-and-traffic.md 1, 2 ("Triggers").
 * Left out on purpose: endpointUpdatesBatchPeriod (0 by default); the queue of pods between an event and the Services
 * it concerns, which takes no time here.
 */
#include "model/endpoint_tracker.h"

#include <string.h>

enum { BUCKETS_AT_FIRST = 64, LISTENERS_MAX = 2 };

struct ordinals { /* ascending, in the run's arena */
    uint32_t *items;
    uint32_t count, room;
};

struct tracked_service {
    const char *namespace_, *name;
    const struct service *service; /* NULL: not there */
    uint32_t stream;
    struct ordinals pods;    /* that it selects */
    uint32_t next_in_bucket; /* of its namespace: index + 1 */
};

struct endpoint_tracker {
    struct store *store;
    struct informers *informers;
    struct pool services;            /* struct tracked_service */
    uint32_t *buckets, bucket_count; /* by name: index + 1; a power of two */
    struct pool namespaces;          /* struct tracked_namespace */
    struct {
        tracker_wake_fn *wake;
        void *ctx;
    } listeners[LISTENERS_MAX];
    uint32_t listener_count;
};

struct tracked_namespace {
    const char *name;
    struct pool services; /* uint32_t: index */
};

static struct tracked_service *service_at(const struct endpoint_tracker *t, uint32_t i)
{
    return pool_at(&t->services, i);
}

/* ---- facts about pods and Services ---- */

static const struct pod_condition *ready_condition(const struct pod *p)
{
    for (uint32_t i = 0; i < p->status.conditions.count; i++) {
        if (strcmp(p->status.conditions.items[i].type, "Ready") == 0)
            return &p->status.conditions.items[i];
    }
    return NULL;
}

bool pod_is_ready(const struct pod *p)
{
    const struct pod_condition *c = ready_condition(p);
    return c && strcmp(c->status, "True") == 0;
}

bool pod_may_be_endpoint(const struct pod *p)
{
    bool over =
        p->status.phase && (strcmp(p->status.phase, "Succeeded") == 0 || strcmp(p->status.phase, "Failed") == 0);
    return !over && p->status.pod_ip && *p->status.pod_ip;
}

static int64_t named_port(const struct container *c, const struct service_port *port)
{
    for (uint32_t i = 0; i < c->ports.count; i++) {
        const struct container_port *p = &c->ports.items[i];
        if (p->name && strcmp(p->name, port->target_port.text) == 0 && strcmp(p->protocol, port->protocol) == 0)
            return p->container_port;
    }
    return 0;
}

int64_t find_target_port(const struct pod *pod, const struct service_port *port)
{
    if (!port->target_port.set)
        return port->port;
    if (!port->target_port.text)
        return port->target_port.number;
    for (uint32_t i = 0; i < pod->spec.containers.count; i++) {
        int64_t n = named_port(&pod->spec.containers.items[i], port);
        if (n)
            return n;
    }
    for (uint32_t i = 0; i < pod->spec.init_containers.count; i++) {
        const struct container *c = &pod->spec.init_containers.items[i];
        int64_t n = container_is_sidecar(c) ? named_port(c, port) : 0;
        if (n)
            return n;
    }
    return 0;
}

struct object_reference *pod_reference(struct arena *a, const struct pod *pod)
{
    struct object_reference *r = arena_new(a, struct object_reference);
    *r = (struct object_reference){.kind = "Pod",
                                   .name = pod->object.meta.name,
                                   .namespace_ = pod->object.meta.namespace_,
                                   .uid = pod->object.meta.uid};
    return r;
}

const char *endpoint_hostname(const struct pod *p, const struct service *s)
{
    bool named = p->spec.hostname && *p->spec.hostname && p->spec.subdomain &&
                 strcmp(p->spec.subdomain, s->object.meta.name) == 0;
    return named ? p->spec.hostname : NULL;
}

bool service_is_headless(const struct service *s)
{
    return !s->spec.cluster_ip || !*s->spec.cluster_ip || strcmp(s->spec.cluster_ip, "None") == 0;
}

bool service_selects_pods(const struct service *s)
{
    return s->spec.selector.count > 0 && !text_is(s->spec.type, "ExternalName");
}

/* ---- names ---- */

static uint32_t *bucket_of(const struct endpoint_tracker *t, const char *namespace_, const char *name)
{
    return &t->buckets[text_hash(text_hash(TEXT_HASH, namespace_), name) & (t->bucket_count - 1)];
}

static void link_service(struct endpoint_tracker *t, uint32_t index)
{
    struct tracked_service *s = service_at(t, index);
    uint32_t *first = bucket_of(t, s->namespace_, s->name);
    s->next_in_bucket = *first;
    *first = index + 1;
}

static void make_room(struct endpoint_tracker *t)
{
    if (t->services.count < t->bucket_count)
        return;
    t->bucket_count *= 2;
    t->buckets = arena_array(store_arena(t->store), uint32_t, t->bucket_count);
    for (uint32_t i = 0; i < t->services.count; i++)
        link_service(t, i);
}

/* NULL: it has none. */
static struct tracked_namespace *find_namespace(const struct endpoint_tracker *t, const char *name)
{
    for (uint32_t i = 0; i < t->namespaces.count; i++) {
        struct tracked_namespace *n = pool_at(&t->namespaces, i);
        if (n->name == name || strcmp(n->name, name) == 0)
            return n;
    }
    return NULL;
}

static struct tracked_namespace *namespace_of(struct endpoint_tracker *t, const char *name)
{
    struct tracked_namespace *n = find_namespace(t, name);
    if (n)
        return n;
    n = pool_at(&t->namespaces, pool_add(&t->namespaces));
    n->name = name;
    pool_init(&n->services, store_arena(t->store), sizeof(uint32_t));
    return n;
}

uint32_t tracker_index(struct endpoint_tracker *t, const char *namespace_, const char *name)
{
    for (uint32_t i = *bucket_of(t, namespace_, name); i; i = service_at(t, i - 1)->next_in_bucket) {
        const struct tracked_service *s = service_at(t, i - 1);
        if (strcmp(s->name, name) == 0 && strcmp(s->namespace_, namespace_) == 0)
            return i - 1;
    }
    make_room(t);
    uint32_t index = pool_add(&t->services);
    *service_at(t, index) = (struct tracked_service){
        .namespace_ = namespace_, .name = name, .stream = text_hash(text_hash(TEXT_HASH, namespace_), name)};
    link_service(t, index);
    struct pool *all = &namespace_of(t, namespace_)->services;
    *(uint32_t *)pool_at(all, pool_add(all)) = index;
    return index;
}

const char *tracker_namespace(const struct endpoint_tracker *t, uint32_t service)
{
    return service_at(t, service)->namespace_;
}

const char *tracker_name(const struct endpoint_tracker *t, uint32_t service) { return service_at(t, service)->name; }

uint32_t tracker_stream(const struct endpoint_tracker *t, uint32_t service) { return service_at(t, service)->stream; }

const struct service *tracker_service(const struct endpoint_tracker *t, uint32_t service)
{
    return service_at(t, service)->service;
}

/* ---- which pods ---- */

/* The place of an ordinal, or where it belongs. */
static uint32_t place_of(const struct ordinals *list, uint32_t ordinal)
{
    uint32_t low = 0, high = list->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list->items[middle] < ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert(struct arena *a, struct ordinals *list, uint32_t ordinal)
{
    uint32_t at = place_of(list, ordinal);
    if (at < list->count && list->items[at] == ordinal)
        return;
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 8;
        uint32_t *grown = arena_array(a, uint32_t, list->room);
        if (list->count)
            memcpy(grown, list->items, list->count * sizeof *grown);
        list->items = grown;
    }
    memmove(list->items + at + 1, list->items + at, (list->count - at) * sizeof *list->items);
    list->items[at] = ordinal;
    list->count++;
}

static void drop(struct ordinals *list, uint32_t ordinal)
{
    uint32_t at = place_of(list, ordinal);
    if (at == list->count || list->items[at] != ordinal)
        return;
    list->count--;
    memmove(list->items + at, list->items + at + 1, (list->count - at) * sizeof *list->items);
}

static bool selects(const struct service *s, const struct api_object *pod)
{
    return s && pod && s->spec.selector.count > 0 && strcmp(s->object.meta.namespace_, pod->meta.namespace_) == 0 &&
           labels_match(&s->spec.selector, &pod->meta.labels);
}

static void select_anew(struct endpoint_tracker *t, struct tracked_service *s)
{
    uint32_t cursor = 0;
    const struct api_object *pod;
    s->pods.count = 0;
    while ((pod = informers_each(t->informers, KIND_POD, &cursor)) != NULL)
        if (selects(s->service, pod))
            insert(store_arena(t->store), &s->pods, pod->ordinal);
}

struct tracked_pods tracker_pods(const struct endpoint_tracker *t, struct arena *scratch, uint32_t service)
{
    const struct ordinals *pods = &service_at(t, service)->pods;
    struct tracked_pods list = {arena_array(scratch, const struct pod *, pods->count + 1), pods->count};
    for (uint32_t i = 0; i < pods->count; i++)
        list.items[i] = (const struct pod *)informers_get(t->informers, pods->items[i]);
    return list;
}

/* ---- triggers ---- */

static void wake(struct endpoint_tracker *t, uint32_t service)
{
    for (uint32_t i = 0; i < t->listener_count; i++)
        t->listeners[i].wake(t->listeners[i].ctx, service);
}

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

/* podEndpointsChanged: any update of a terminating pod counts, for its time stamps are compared by identity. */
static bool pod_changed(const struct pod *before, const struct pod *after)
{
    return after->object.meta.deletion_timestamp != SIM_NEVER ||
           before->object.meta.deletion_timestamp != after->object.meta.deletion_timestamp ||
           pod_is_ready(before) != pod_is_ready(after) || !same_text(before->status.pod_ip, after->status.pod_ip);
}

/* A pod's labels change seldom: else it stays where it is. */
static void move_pod(struct endpoint_tracker *t, const struct api_object *before, const struct api_object *after,
                     bool wake_both)
{
    const struct tracked_namespace *n = find_namespace(t, (after ? after : before)->meta.namespace_);
    for (uint32_t i = 0; n && i < n->services.count; i++) {
        uint32_t index = *(const uint32_t *)pool_at(&n->services, i);
        struct tracked_service *s = service_at(t, index);
        bool was = selects(s->service, before), is = selects(s->service, after);
        if (is)
            insert(store_arena(t->store), &s->pods, after->ordinal);
        else if (was)
            drop(&s->pods, before->ordinal);
        if (was != is || (is && wake_both))
            wake(t, index);
    }
}

static void on_pod(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct endpoint_tracker *t = ctx;
    if (!before || !after) {
        move_pod(t, before, after, true);
        return;
    }
    bool changed = pod_changed((const struct pod *)before, (const struct pod *)after);
    if (changed || !labels_same(&before->meta.labels, &after->meta.labels))
        move_pod(t, before, after, changed);
}

static void on_service(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct endpoint_tracker *t = ctx;
    const struct api_object *o = after ? after : before;
    uint32_t index = tracker_index(t, o->meta.namespace_, o->meta.name);
    struct tracked_service *s = service_at(t, index);
    const struct service *was = s->service;
    s->service = (const struct service *)after;
    s->stream = o->stream;
    if (!after)
        s->pods.count = 0;
    else if (!was || !labels_same(&was->spec.selector, &s->service->spec.selector))
        select_anew(t, s);
    wake(t, index);
}

/* ---- trigger times ---- */

struct trigger_pod {
    uint32_t ordinal;
    sim_time at;
};

/* Of the same pod at the last call; SIM_NEVER. Both lists are in order of ordinals. */
static sim_time former_time(const struct trigger_times *t, uint32_t *cursor, uint32_t ordinal)
{
    while (*cursor < t->pods.count && ((const struct trigger_pod *)pool_at(&t->pods, *cursor))->ordinal < ordinal)
        ++*cursor;
    const struct trigger_pod *p = *cursor < t->pods.count ? pool_at(&t->pods, *cursor) : NULL;
    return p && p->ordinal == ordinal ? p->at : SIM_NEVER;
}

sim_time trigger_time(struct trigger_times *t, struct arena *scratch, const struct service *s,
                      const struct tracked_pods *pods)
{
    sim_time earliest = SIM_NEVER, created = s->object.meta.creation_timestamp;
    struct trigger_pod *now = arena_array(scratch, struct trigger_pod, pods->count + 1);
    uint32_t count = 0, cursor = 0;
    for (uint32_t i = 0; i < pods->count; i++) {
        const struct pod_condition *c = ready_condition(pods->items[i]);
        if (!c || c->last_transition_time == SIM_NEVER)
            continue;
        uint32_t ordinal = pods->items[i]->object.ordinal;
        sim_time was = former_time(t, &cursor, ordinal), at = c->last_transition_time;
        now[count++] = (struct trigger_pod){ordinal, at};
        if ((was == SIM_NEVER || at > was) && (earliest == SIM_NEVER || at < earliest))
            earliest = at;
    }
    if (t->known && created > t->service && (earliest == SIM_NEVER || created < earliest))
        earliest = created;
    t->pods.count = 0;
    for (uint32_t i = 0; i < count; i++)
        *(struct trigger_pod *)pool_at(&t->pods, pool_add(&t->pods)) = now[i];
    bool known = t->known;
    t->known = true;
    t->service = created;
    return known ? earliest : created;
}

void trigger_times_init(struct trigger_times *t, struct arena *a)
{
    *t = (struct trigger_times){0};
    pool_init(&t->pods, a, sizeof(struct trigger_pod));
}

void trigger_times_forget(struct trigger_times *t)
{
    t->known = false;
    t->pods.count = 0;
}

str_map with_trigger_time(struct store *st, const str_map *annotations, sim_time at)
{
    struct strbuf b = STRBUF_INIT;
    if (at != SIM_NEVER)
        strbuf_rfc3339(&b, store_epoch(st) + at / SIM_SECOND, 0, false);
    else if (!str_map_get(annotations, ANNOTATION_TRIGGER_TIME))
        return *annotations;
    str_map next = map_with(store_arena(st), annotations, ANNOTATION_TRIGGER_TIME,
                            at != SIM_NEVER ? arena_strdup(store_arena(st), strbuf_str(&b)) : NULL);
    strbuf_fini(&b);
    return next;
}

/* ---- life ---- */

void tracker_listen(struct endpoint_tracker *t, tracker_wake_fn *fn, void *ctx)
{
    ASSERT(t->listener_count < LISTENERS_MAX);
    t->listeners[t->listener_count].wake = fn;
    t->listeners[t->listener_count++].ctx = ctx;
}

struct endpoint_tracker *tracker_new(struct store *st, struct informers *f)
{
    struct arena *a = store_arena(st);
    struct endpoint_tracker *t = arena_new(a, struct endpoint_tracker);
    *t = (struct endpoint_tracker){.store = st, .informers = f, .bucket_count = BUCKETS_AT_FIRST};
    t->buckets = arena_array(a, uint32_t, BUCKETS_AT_FIRST);
    pool_init(&t->services, a, sizeof(struct tracked_service));
    pool_init(&t->namespaces, a, sizeof(struct tracked_namespace));
    informers_listen(f, KIND_POD, on_pod, t);
    informers_listen(f, KIND_SERVICE, on_service, t);
    return t;
}

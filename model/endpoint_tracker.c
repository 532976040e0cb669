/* endpoint_tracker.c - which Services to look at again, and the pods they select.
 * Rules: semantics/endpoints-and-traffic.md 1, 2 ("Triggers").
 * Left out on purpose: endpointUpdatesBatchPeriod, back-off after stale caches (the controllers here
 * compare against what they wrote last), topology hints.
 */
#include "model/endpoint_tracker.h"

#include <string.h>

#include "model/classes.h"

struct tracked_service {
    const struct service *service; /* NULL once it is gone */
    uint32_t ordinal, object, stream;
    struct sim_timer sync;
};

struct tracked_pod {
    const struct pod *pod; /* NULL once it is gone */
    uint32_t ordinal;
};

struct endpoint_tracker {
    struct store *store;
    struct sim *sim;
    struct arena *scratch;
    tracker_sync_fn *sync;
    void *ctx;
    uint32_t handler;
    struct pool services, pods;
    struct pool pod_by_ordinal; /* uint32_t: index + 1 */
};

static struct tracked_service *service_at(struct endpoint_tracker *t, uint32_t i) { return pool_at(&t->services, i); }
static struct tracked_pod *pod_at(struct endpoint_tracker *t, uint32_t i) { return pool_at(&t->pods, i); }

/* ---- facts about a pod ---- */

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

/* ---- triggers ---- */

static bool selects(const struct service *s, const struct pod *p)
{
    return s && p && s->spec.selector.count > 0 && !(s->spec.type && strcmp(s->spec.type, "ExternalName") == 0) &&
           strcmp(s->object.meta.namespace_, p->object.meta.namespace_) == 0 &&
           labels_match(&s->spec.selector, &p->object.meta.labels);
}

static void enqueue(struct endpoint_tracker *t, struct tracked_service *s)
{
    sim_time now = sim_now(t->sim);
    sim_time cost = profile_draw(store_profile(t->store), HOP_CONTROLLER_SYNC, s->stream, now);
    sim_arm_by(t->sim, sim_time_add(now, cost), CLASS_ENDPOINTS, s->object, 0);
}

static bool same_labels(const str_map *a, const str_map *b) { return a->count == b->count && labels_match(a, b); }

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

/* k8s controller_utils.go podEndpointsChanged: any update of a terminating pod counts. */
static bool matters(const struct pod *before, const struct pod *after)
{
    return after->object.meta.deletion_timestamp != SIM_NEVER ||
           before->object.meta.deletion_timestamp != after->object.meta.deletion_timestamp ||
           pod_is_ready(before) != pod_is_ready(after) || !same_text(before->status.pod_ip, after->status.pod_ip) ||
           !same_labels(&before->object.meta.labels, &after->object.meta.labels);
}

static struct tracked_pod *tracked(struct endpoint_tracker *t, uint32_t ordinal)
{
    while (t->pod_by_ordinal.count <= ordinal)
        pool_add(&t->pod_by_ordinal);
    uint32_t *slot = pool_at(&t->pod_by_ordinal, ordinal);
    if (!*slot) {
        *slot = pool_add(&t->pods) + 1;
        pod_at(t, *slot - 1)->ordinal = ordinal;
    }
    return pod_at(t, *slot - 1);
}

static void on_pod(struct endpoint_tracker *t, const struct watch_event *e)
{
    struct tracked_pod *p = tracked(t, e->object->ordinal);
    const struct pod *before = p->pod, *after = e->verb == WRITE_DELETE ? NULL : (const struct pod *)e->object;
    p->pod = after;
    if (before && after && !matters(before, after))
        return;
    for (uint32_t i = 0; i < t->services.count; i++) {
        struct tracked_service *s = service_at(t, i);
        if (selects(s->service, before) || selects(s->service, after))
            enqueue(t, s);
    }
}

static void on_service(struct endpoint_tracker *t, const struct watch_event *e)
{
    struct tracked_service *s = NULL;
    uint32_t i = 0;
    for (; i < t->services.count && !s; i++) {
        if (service_at(t, i)->ordinal == e->object->ordinal)
            s = service_at(t, i);
    }
    if (!s) {
        i = pool_add(&t->services);
        s = service_at(t, i);
        s->ordinal = e->object->ordinal;
        s->object = sim_object_new(t->sim, t->handler, i);
        s->stream = e->object->stream;
    }
    s->service = e->verb == WRITE_DELETE ? NULL : (const struct service *)e->object;
    if (s->service)
        enqueue(t, s);
}

static void deliver(void *ctx, const struct watch_event *e)
{
    struct endpoint_tracker *t = ctx;
    if (e->object->kind == KIND_POD)
        on_pod(t, e);
    else
        on_service(t, e);
}

/* ---- the queue ---- */

static struct sim_timer *timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    ASSERT(class == CLASS_ENDPOINTS && index == 0);
    return &service_at(ctx, local)->sync;
}

static void fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    struct endpoint_tracker *t = ctx;
    const struct service *service = service_at(t, local)->service;
    if (!service || service->spec.selector.count == 0)
        return;
    arena_reset(t->scratch);
    struct tracked_pods pods = {arena_array(t->scratch, const struct pod *, t->pods.count + 1), 0};
    for (uint32_t i = 0; i < t->pods.count; i++) {
        if (selects(service, pod_at(t, i)->pod))
            pods.items[pods.count++] = pod_at(t, i)->pod;
    }
    t->sync(t->ctx, service, &pods);
}

struct endpoint_tracker *tracker_new(struct store *st, struct arena *scratch, const char *name, tracker_sync_fn *sync,
                                     void *ctx)
{
    struct arena *a = store_arena(st);
    struct endpoint_tracker *t = arena_new(a, struct endpoint_tracker);
    *t = (struct endpoint_tracker){.store = st, .sim = store_sim(st), .scratch = scratch, .sync = sync, .ctx = ctx};
    pool_init(&t->services, a, sizeof(struct tracked_service));
    pool_init(&t->pods, a, sizeof(struct tracked_pod));
    pool_init(&t->pod_by_ordinal, a, sizeof(uint32_t));
    t->handler = sim_handler_add(t->sim, &(struct sim_handler){name, t, timer, fire});
    store_watch(st, 1u << KIND_SERVICE | 1u << KIND_POD, NULL, deliver, t);
    return t;
}

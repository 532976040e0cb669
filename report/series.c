/* series.c - series.h: each write of an object adds to the series of its kind. */
#include "report/series.h"

#include <string.h>

#include "model/api_apps.h"
#include "model/api_sets.h"

const char *const series_names[SERIES_KIND_COUNT] = {
    [SERIES_RESTARTS] = "restarts",   [SERIES_DESIRED] = "desired", [SERIES_PODS] = "pods",
    [SERIES_UPDATED] = "updated",     [SERIES_READY] = "ready",     [SERIES_AVAILABLE] = "available",
    [SERIES_ENDPOINTS] = "endpoints", [SERIES_SERVED] = "served",   [SERIES_LOST] = "lost",
};

enum { ABSENT = -1 }; /* the kind has no such number */

/* What one version of an object says, by kind of series. */
struct numbers {
    int64_t of[SERIES_KIND_COUNT];
};

struct collect {
    struct series_set *s;
    uint32_t *first;         /* by ordinal: 1 + its first series, 0 = none yet */
    int64_t *slice_ready;    /* by ordinal of a slice: endpoints that take requests */
    uint32_t *slice_service; /* by ordinal of a slice: 1 + the ordinal of its Service, 0 = not known */
    int64_t *service_ready;  /* by ordinal of a Service: over all its slices */
};

static struct numbers none(void)
{
    struct numbers n;
    for (int k = 0; k < SERIES_KIND_COUNT; k++)
        n.of[k] = ABSENT;
    return n;
}

static struct numbers of_deployment(const struct deployment *d)
{
    struct numbers n = none();
    n.of[SERIES_DESIRED] = d->spec.replicas.value;
    n.of[SERIES_PODS] = d->status.replicas;
    n.of[SERIES_UPDATED] = d->status.updated_replicas;
    n.of[SERIES_READY] = d->status.ready_replicas;
    n.of[SERIES_AVAILABLE] = d->status.available_replicas;
    return n;
}

static struct numbers of_replica_set(const struct replica_set *rs)
{
    struct numbers n = none();
    n.of[SERIES_DESIRED] = rs->spec.replicas.value;
    n.of[SERIES_PODS] = rs->status.replicas;
    n.of[SERIES_READY] = rs->status.ready_replicas;
    n.of[SERIES_AVAILABLE] = rs->status.available_replicas;
    return n;
}

static struct numbers of_stateful_set(const struct stateful_set *w)
{
    struct numbers n = none();
    n.of[SERIES_DESIRED] = w->spec.replicas.value;
    n.of[SERIES_PODS] = w->status.replicas;
    n.of[SERIES_UPDATED] = w->status.updated_replicas;
    n.of[SERIES_READY] = w->status.ready_replicas;
    n.of[SERIES_AVAILABLE] = w->status.available_replicas;
    return n;
}

static struct numbers of_daemon_set(const struct daemon_set *w)
{
    struct numbers n = none();
    n.of[SERIES_DESIRED] = w->status.desired_number_scheduled;
    n.of[SERIES_PODS] = w->status.current_number_scheduled;
    n.of[SERIES_UPDATED] = w->status.updated_number_scheduled;
    n.of[SERIES_READY] = w->status.number_ready;
    n.of[SERIES_AVAILABLE] = w->status.number_available;
    return n;
}

static struct numbers of_pod(const struct run_trace *run, const struct pod *pod)
{
    struct numbers n = none();
    struct pod_columns c;
    printer_pod_columns(pod, run->features, &c);
    n.of[SERIES_RESTARTS] = c.restarts;
    return n;
}

static void add_point(struct collect *c, struct series *s, int64_t value)
{
    const struct view *v = &c->s->view;
    struct series_point *last = s->points.count ? pool_at(&s->points, s->points.count - 1) : NULL;
    if (last && last->value == value)
        return;
    if (!last || last->at != v->record->at)
        last = pool_at(&s->points, pool_add(&s->points));
    *last = (struct series_point){v->record->at, value, v->index};
}

/* All series of an object are made at its first version, so that they stand together. */
static void add_numbers(struct collect *c, uint32_t object, const struct numbers *n)
{
    struct series_set *set = c->s;
    bool is_new = !c->first[object];
    if (is_new)
        c->first[object] = 1 + set->items.count;
    uint32_t at = c->first[object] - 1;
    for (int k = 0; k < SERIES_KIND_COUNT; k++) {
        if (n->of[k] == ABSENT)
            continue;
        if (is_new) {
            struct series *s = pool_at(&set->items, pool_add(&set->items));
            *s = (struct series){
                .kind = (enum series_kind)k, .object = view_name(&set->view, object), .gone = SIM_NEVER};
            pool_init(&s->points, &set->view.arena, sizeof(struct series_point));
        }
        add_point(c, pool_at(&set->items, at++), n->of[k]);
    }
}

static void object_gone(struct collect *c, uint32_t object)
{
    uint32_t first = c->first[object];
    for (uint32_t i = first; first && i <= c->s->items.count; i++) {
        struct series *s = pool_at(&c->s->items, i - 1);
        if (i > first && s->object != ((const struct series *)pool_at(&c->s->items, first - 1))->object)
            break;
        s->gone = c->s->view.record->at;
    }
}

/* ---- endpoints: over all slices of a Service ---- */

static uint32_t service_of(struct collect *c, const struct endpoint_slice *slice)
{
    struct view *v = &c->s->view;
    const char *name = printer_slice_service(slice);
    for (uint32_t i = 1; i < v->object_count; i++) {
        const struct api_object *o = v->objects[i].latest;
        if (o && !v->objects[i].gone && o->kind == KIND_SERVICE && text_same(o->meta.name, name) &&
            text_same(o->meta.namespace_, slice->object.meta.namespace_))
            return 1 + i;
    }
    return 0;
}

static void slice_written(struct collect *c, const struct endpoint_slice *slice, bool gone)
{
    uint32_t ordinal = slice->object.ordinal;
    if (!c->slice_service[ordinal])
        c->slice_service[ordinal] = service_of(c, slice);
    uint32_t service = c->slice_service[ordinal];
    if (!service)
        return;
    int64_t ready = 0;
    for (uint32_t i = 0; !gone && i < slice->endpoints.count; i++) {
        struct opt_bool b = slice->endpoints.items[i].conditions.ready;
        ready += !b.set || b.value;
    }
    c->service_ready[service - 1] += ready - c->slice_ready[ordinal];
    c->slice_ready[ordinal] = ready;
    struct numbers n = none();
    n.of[SERIES_ENDPOINTS] = c->service_ready[service - 1];
    add_numbers(c, service - 1, &n);
}

static void written(struct collect *c)
{
    const struct trace_record *r = c->s->view.record;
    const struct api_object *o = r->data;
    bool gone = r->flags == WRITE_DELETE;
    struct numbers n = none();
    switch (o->kind) {
    case KIND_POD:
        n = of_pod(c->s->view.run, (const struct pod *)o);
        break;
    case KIND_DEPLOYMENT:
        n = of_deployment((const struct deployment *)o);
        break;
    case KIND_REPLICASET:
    case KIND_REPLICATIONCONTROLLER:
        n = of_replica_set((const struct replica_set *)o);
        break;
    case KIND_STATEFULSET:
        n = of_stateful_set((const struct stateful_set *)o);
        break;
    case KIND_DAEMONSET:
        n = of_daemon_set((const struct daemon_set *)o);
        break;
    case KIND_ENDPOINTSLICE:
        slice_written(c, (const struct endpoint_slice *)o, gone);
        return;
    case KIND_SERVICE:
        n.of[SERIES_ENDPOINTS] = c->service_ready[r->object];
        break;
    default:
        return;
    }
    if (gone)
        object_gone(c, r->object);
    else
        add_numbers(c, r->object, &n);
}

/* ---- requests: per interval, as traffic records count them beside ---- */

static void add_requests(struct series_set *set, const struct run_trace *run, const char *client, enum series_kind kind)
{
    const struct trace *t = run->trace;
    sim_time interval = 0;
    uint64_t last = 0;
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        const struct trace_traffic *d = r->kind == TRACE_TRAFFIC && text_same(r->text, client) ? r->data : NULL;
        if (!d || !d->interval_count)
            continue;
        interval = d->interval;
        last = d->first_interval + d->interval_count > last ? d->first_interval + d->interval_count : last;
    }
    if (!interval)
        return;
    int64_t *counts = arena_array(&set->view.arena, int64_t, last);
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        const struct trace_traffic *d = r->kind == TRACE_TRAFFIC && text_same(r->text, client) ? r->data : NULL;
        bool served = r->aux == FATE_SERVED;
        if (!d || r->aux == FATE_UNFINISHED || served != (kind == SERIES_SERVED))
            continue;
        for (uint64_t k = 0; k < d->interval_count; k++)
            counts[d->first_interval + k] += d->intervals[k];
    }
    struct series *s = pool_at(&set->items, pool_add(&set->items));
    *s =
        (struct series){.kind = kind, .object = arena_printf(&set->view.arena, "client/%s", client), .gone = SIM_NEVER};
    pool_init(&s->points, &set->view.arena, sizeof(struct series_point));
    for (uint64_t k = 0; k <= last; k++) {
        int64_t value = k < last ? counts[k] : 0;
        if (k && value == (k - 1 < last ? counts[k - 1] : 0))
            continue;
        struct series_point *point = pool_at(&s->points, pool_add(&s->points));
        *point = (struct series_point){(sim_time)k * interval, value, 0};
    }
}

static void add_clients(struct series_set *set, const struct run_trace *run)
{
    for (uint32_t i = 1; i < trace_count(run->trace); i++) {
        const struct trace_record *r = trace_at(run->trace, i);
        if (r->kind != TRACE_TRAFFIC_END)
            continue;
        add_requests(set, run, r->text, SERIES_SERVED);
        add_requests(set, run, r->text, SERIES_LOST);
    }
}

void series_init(struct series_set *s, const struct run_trace *run)
{
    memset(s, 0, sizeof *s);
    view_init(&s->view, run);
    s->end = run->end;
    pool_init(&s->items, &s->view.arena, sizeof(struct series));
    uint32_t n = s->view.object_count;
    struct collect c = {
        .s = s,
        .first = arena_array(&s->view.arena, uint32_t, n),
        .slice_ready = arena_array(&s->view.arena, int64_t, n),
        .slice_service = arena_array(&s->view.arena, uint32_t, n),
        .service_ready = arena_array(&s->view.arena, int64_t, n),
    };
    while (view_next(&s->view))
        if (s->view.record->kind == TRACE_WRITE)
            written(&c);
    add_clients(s, run);
}

void series_fini(struct series_set *s) { view_fini(&s->view); }

int64_t series_value(const struct series *s, sim_time at)
{
    uint32_t low = 0, high = s->points.count;
    while (low < high) { /* the last point not after `at` */
        uint32_t mid = low + (high - low) / 2;
        if (((const struct series_point *)pool_at(&s->points, mid))->at <= at)
            low = mid + 1;
        else
            high = mid;
    }
    return low ? ((const struct series_point *)pool_at(&s->points, low - 1))->value : 0;
}

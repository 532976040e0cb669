/* controller_hpa.c - looks at each HorizontalPodAutoscaler every 15 s.
 *
 * Mirrors k8s pkg/controller/podautoscaler/horizontal.go, rate_limiters.go (v1.36); what is decided is hpa.c's. Rules:
 * semantics/workloads.md 10. An autoscaler that is new or changed waits for 15 s, too, unless it waits already.
 * Left out on purpose: the check that no other autoscaler's selector means the same pods; reads of the API (scale,
 * metrics) take no time.
 */
#include "model/controller_hpa.h"

#include <string.h>

#include "model/api_sets.h"
#include "model/classes.h"
#include "model/hpa.h"
#include "model/metrics_server.h"
#include "model/workqueue.h"

#define SYNC_PERIOD (15 * SIM_SECOND) /* --horizontal-pod-autoscaler-sync-period */

enum call_kind { CALL_SCALE, CALL_STATUS };

struct scaler { /* one HorizontalPodAutoscaler */
    uint32_t ordinal, target;
    struct hpa_memory memory;
    struct hpa_plan plan; /* of the sync at work */
};

struct controller {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct informers *informers;
    struct recorder *recorder;
    const struct kubelets *kubelets;
    struct workqueue *queue;
    struct event_origin origin;
    struct pool scalers; /* struct scaler, by key */
};

static struct scaler *scaler_at(struct controller *c, uint32_t key) { return pool_at(&c->scalers, key); }

static void on_hpa(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    bool is_new;
    const struct api_object *o = after ? after : before;
    uint32_t key = workqueue_key_of(c->queue, o, &is_new);
    if (is_new) {
        struct scaler *s = pool_at(&c->scalers, pool_add(&c->scalers));
        s->ordinal = o->ordinal;
        hpa_memory_init(&s->memory, c->arena);
    }
    if (after)
        workqueue_add_after(c->queue, key, SYNC_PERIOD);
    else
        workqueue_forget_delay(c->queue, key);
}

/* ---- the workload ---- */

struct scale { /* autoscaling/v1 Scale */
    int64_t replicas, status_replicas;
    struct label_selector selector;
};

static const struct label_selector *selector_of(const struct label_selector *s)
{
    static const struct label_selector none = {0};
    return s ? s : &none;
}

/* What the subresource scale of a workload says; false: it has none. */
static bool scale_of(const struct api_object *o, struct scale *s)
{
    if (o->kind == KIND_DEPLOYMENT) {
        const struct deployment *d = (const struct deployment *)o;
        *s = (struct scale){d->spec.replicas.value, d->status.replicas, *selector_of(d->spec.selector)};
        return true;
    }
    if (o->kind == KIND_REPLICASET || o->kind == KIND_REPLICATIONCONTROLLER) {
        const struct replica_set *rs = (const struct replica_set *)o;
        *s = (struct scale){rs->spec.replicas.value, rs->status.replicas, selector_of_replica_set(rs)};
        return true;
    }
    if (o->kind == KIND_STATEFULSET) {
        const struct stateful_set *w = (const struct stateful_set *)o;
        *s = (struct scale){w->spec.replicas.value, w->status.replicas, *selector_of(w->spec.selector)};
        return true;
    }
    return false;
}

static void set_replicas(struct api_object *o, int64_t replicas)
{
    struct opt_i64 value = {replicas, true};
    if (o->kind == KIND_DEPLOYMENT)
        ((struct deployment *)o)->spec.replicas = value;
    else if (o->kind == KIND_STATEFULSET)
        ((struct stateful_set *)o)->spec.replicas = value;
    else
        ((struct replica_set *)o)->spec.replicas = value;
}

static const char *group_of(const char *api_version, struct arena *a)
{
    const char *slash = api_version ? strchr(api_version, '/') : NULL;
    return slash ? arena_strndup(a, api_version, (size_t)(slash - api_version)) : "";
}

/* NULL with *ret_error: there is no such workload. */
static const struct api_object *find_target(struct controller *c, const struct hpa *h, struct scale *ret_scale,
                                            const char **ret_error)
{
    const struct scale_target *t = &h->spec.scale_target_ref;
    enum api_kind kind = kind_of(t->api_version ? t->api_version : "v1", t->kind);
    const char *group = group_of(t->api_version, c->arena);
    if (kind == KIND_NONE) {
        *ret_error = arena_printf(c->arena, "no matches for kind \"%s\" in group \"%s\"", t->kind, group);
        return NULL;
    }
    const struct api_object *o = store_get(c->store, kind, h->object.meta.namespace_, t->name);
    if (o && scale_of(o, ret_scale))
        return o;
    const char *resource =
        *group ? arena_printf(c->arena, "%s.%s", kind_infos[kind].resource, group) : kind_infos[kind].resource;
    *ret_error = o ? "the server could not find the requested resource"
                   : arena_printf(c->arena, "%s \"%s\" not found", resource, t->name);
    return NULL;
}

/* ---- a sync ---- */

static void gather_pods(struct controller *c, const struct hpa *h, const struct scale *scale, struct hpa_facts *f)
{
    uint32_t cursor = 0, most = 0;
    while (informers_each(c->informers, KIND_POD, &cursor))
        most++;
    const struct pod **pods = arena_array(c->scratch, const struct pod *, most + 1);
    cursor = 0;
    for (const struct api_object *o; (o = informers_each(c->informers, KIND_POD, &cursor)) != NULL;)
        if (strcmp(o->meta.namespace_, h->object.meta.namespace_) == 0 &&
            label_selector_matches(&scale->selector, &o->meta.labels))
            pods[f->pod_count++] = (const struct pod *)o;
    f->pods = pods;
}

static void gather_metrics(struct controller *c, const struct hpa *h, struct hpa_facts *f)
{
    uint32_t count = h->spec.metrics.count;
    struct hpa_pod_metric *all = arena_array(c->scratch, struct hpa_pod_metric, (size_t)count * f->pod_count + 1);
    for (uint32_t m = 0; m < count; m++) {
        const struct metric_spec *spec = &h->spec.metrics.items[m];
        const struct resource_metric *r = spec->container_resource ? spec->container_resource : spec->resource;
        bool known = r && (strcmp(r->name, "cpu") == 0 || strcmp(r->name, "memory") == 0);
        for (uint32_t i = 0; known && i < f->pod_count; i++) {
            struct pod_metric metric;
            bool found = metrics_of_pod(c->kubelets, f->pods[i]->object.ordinal, r->container,
                                        strcmp(r->name, "cpu") == 0 ? METRIC_CPU : METRIC_MEMORY, &metric);
            all[m * f->pod_count + i] = (struct hpa_pod_metric){found, metric.value, metric.at, metric.window};
        }
    }
    f->metrics = all;
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct scaler *s = scaler_at(c, key);
    arena_reset(c->scratch);
    const struct hpa *h = (const struct hpa *)informers_get(c->informers, s->ordinal);
    if (!h)
        return;
    struct scale scale = {0};
    struct hpa_facts f = {.hpa = h, .features = store_features(c->store), .now = sim_now(c->sim)};
    const struct api_object *target = find_target(c, h, &scale, &f.target_error);
    if (target) {
        f.replicas = scale.replicas;
        f.status_replicas = scale.status_replicas;
        gather_pods(c, h, &scale, &f);
        gather_metrics(c, h, &f);
    }
    hpa_decide(c->arena, &f, &s->memory, &s->plan);
    for (uint32_t i = 0; i < s->plan.event_count; i++)
        recorder_event(c->recorder, &c->origin, &h->object, NULL, s->plan.events[i].warning, s->plan.events[i].reason,
                       "%s", s->plan.events[i].message);
    if (s->plan.rescale)
        workqueue_call(c->queue, key,
                       (struct work_call){
                           .kind = CALL_SCALE, .first_of_batch = true, .object = target->ordinal, .count = f.replicas});
    workqueue_call(c->queue, key, (struct work_call){.kind = CALL_STATUS, .first_of_batch = true});
}

/* ---- the calls ---- */

static void scale(struct controller *c, struct scaler *s, const struct work_call *call)
{
    const struct api_object *target = store_by_ordinal(c->store, call->object);
    const struct hpa *h = (const struct hpa *)informers_get(c->informers, s->ordinal);
    struct hpa_plan *p = &s->plan;
    if (!h)
        return;
    if (!target) {
        recorder_event(c->recorder, &c->origin, &h->object, NULL, true, "FailedRescale",
                       "New size: %" PRId64 "; reason: %s; error: not found", p->replicas, p->why);
        hpa_set_condition(c->arena, &p->status, "AbleToScale", false, "FailedUpdateScale",
                          "the HPA controller was unable to update the target scale: not found", sim_now(c->sim));
        p->status.desired_replicas = h->status.desired_replicas;
        p->status.last_scale_time = h->status.last_scale_time;
        return;
    }
    struct api_object *next = store_edit(c->store, target);
    set_replicas(next, p->replicas);
    store_update(c->store, COMP_HPA_CONTROLLER, next, true);
    hpa_set_condition(
        c->arena, &p->status, "AbleToScale", true, "SucceededRescale",
        arena_printf(c->arena, "the HPA controller was able to update the target scale to %" PRId64, p->replicas),
        sim_now(c->sim));
    recorder_event(c->recorder, &c->origin, &h->object, NULL, false, "SuccessfulRescale",
                   "New size: %" PRId64 "; reason: %s", p->replicas, p->why);
    hpa_rescaled(&s->memory, h, call->count, p->replicas, sim_now(c->sim));
}

static void write_status(struct controller *c, struct scaler *s)
{
    const struct api_object *current = store_by_ordinal(c->store, s->ordinal);
    if (!current)
        return;
    struct hpa *next = (struct hpa *)store_edit(c->store, current);
    next->status = s->plan.status;
    if (!api_equal(kind_infos[KIND_HORIZONTALPODAUTOSCALER].type, current, next))
        store_update(c->store, COMP_HPA_CONTROLLER, &next->object, false);
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    if (call->kind == CALL_SCALE)
        scale(c, scaler_at(c, key), call);
    else
        write_status(c, scaler_at(c, key));
    return CALL_OK;
}

static void done(void *ctx, uint32_t key, bool failed)
{
    (void)failed;
    struct controller *c = ctx;
    if (informers_get(c->informers, scaler_at(c, key)->ordinal))
        workqueue_add_after(c->queue, key, SYNC_PERIOD);
}

void hpa_controller_new(struct store *st, struct informers *f, struct recorder *recorder,
                        const struct kubelets *kubelets, struct arena *scratch)
{
    struct arena *a = store_arena(st);
    struct controller *c = arena_new(a, struct controller);
    *c = (struct controller){
        .store = st,
        .sim = store_sim(st),
        .arena = a,
        .scratch = scratch,
        .informers = f,
        .recorder = recorder,
        .kubelets = kubelets,
        .origin = {COMP_HPA_CONTROLLER, trace_component_names[COMP_HPA_CONTROLLER], NULL, false},
    };
    pool_init(&c->scalers, a, sizeof(struct scaler));
    const struct work_ops ops = {trace_component_names[COMP_HPA_CONTROLLER], CLASS_PARENT, 0, sync, make, done};
    c->queue = workqueue_new(st, &ops, c);
    informers_listen(f, KIND_HORIZONTALPODAUTOSCALER, on_hpa, c);
}

/* controller_quota.c - the resource quota controller. What is counted, and how: quota.c.
 *
 * Mirrors k8s pkg/controller/resourcequota/resource_quota_controller.go, resource_quota_monitor.go (v1.36). Creations
 * are counted by the admission plugin; here objects that go, pods that end, and quotas whose limits change make a quota
 * be counted anew. Left out on purpose: the full resync every five minutes (it finds pods that are stuck in their
 * deletion).
 */
#include "model/controller_quota.h"

#include <string.h>

#include "model/classes.h"
#include "model/quota.h"
#include "model/workqueue.h"

struct counted { /* a quota's key */
    uint32_t ordinal;
    const struct resource_quota *seen;
};

struct controller {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct informers *informers;
    struct workqueue *queue;
    struct pool quotas;
    uint32_t watched; /* kinds beside pods: 1 << KIND_x */
};

static struct counted *counted_at(struct controller *c, uint32_t key) { return pool_at(&c->quotas, key); }

/* replenishQuota */
static void replenish(struct controller *c, const struct api_object *gone)
{
    for (uint32_t key = 0; key < c->quotas.count; key++) {
        const struct resource_quota *q =
            (const struct resource_quota *)informers_get(c->informers, counted_at(c, key)->ordinal);
        if (q && strcmp(q->object.meta.namespace_, gone->meta.namespace_) == 0 &&
            quota_kinds(&q->status.hard) & 1u << gone->kind)
            workqueue_add(c->queue, key);
    }
}

static void on_pod(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    sim_time now = sim_now(c->sim);
    bool ended = before && after && quota_counts_pod((const struct pod *)before, now) &&
                 !quota_counts_pod((const struct pod *)after, now);
    if (c->quotas.count && (!after || ended))
        replenish(c, before);
}

static void on_other(void *ctx, const struct watch_event *e)
{
    if (e->verb == WRITE_DELETE)
        replenish(ctx, e->object);
}

/* A watch for each kind that some quota counts, from then on. */
static void watch_kinds(struct controller *c, const struct resource_quota *q)
{
    uint32_t new = quota_kinds(&q->spec.hard) & ~(c->watched | 1u << KIND_POD);
    c->watched |= new;
    for (enum api_kind kind = KIND_NONE + 1; kind < KIND_COUNT; kind++)
        if (new & 1u << kind)
            store_watch(c->store, 1u << kind, NULL, on_other, c);
}

static void on_quota(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    if (!after)
        return;
    const struct resource_quota *q = (const struct resource_quota *)after;
    bool new;
    uint32_t key = workqueue_key_of(c->queue, after, &new);
    if (new)
        *(struct counted *)pool_at(&c->quotas, pool_add(&c->quotas)) = (struct counted){.ordinal = after->ordinal};
    if (!new &&before && ((const struct resource_quota *)before)->spec.hard.items == q->spec.hard.items)
        return;
    watch_kinds(c, q);
    workqueue_add(c->queue, key);
}

/* syncResourceQuota */
static struct resource_quota_status count(struct store *st, struct arena *a, const struct resource_quota *q)
{
    return (struct resource_quota_status){.hard = q->spec.hard, .used = quota_used(st, a, q, sim_now(store_sim(st)))};
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct counted *k = counted_at(c, key);
    arena_reset(c->scratch);
    k->seen = (const struct resource_quota *)informers_get(c->informers, k->ordinal);
    if (!k->seen)
        return;
    struct resource_quota_status status = count(c->store, c->scratch, k->seen);
    if (!resource_quota_status_equal(&status, &k->seen->status))
        workqueue_call(c->queue, key, (struct work_call){.first_of_batch = true});
}

/* Somebody may have been admitted meanwhile: the write is refused, and it is counted again. */
static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    struct counted *k = counted_at(c, key);
    const struct api_object *current = store_by_ordinal(c->store, k->ordinal);
    (void)call;
    if (!current)
        return CALL_OK;
    if (current->revision != k->seen->object.revision)
        return CALL_FAILED;
    struct resource_quota *next = (struct resource_quota *)store_edit(c->store, current);
    next->status = count(c->store, c->arena, next);
    store_update(c->store, COMP_RESOURCEQUOTA_CONTROLLER, &next->object, false);
    return CALL_OK;
}

void quota_count_at_once(struct store *st, const struct api_object *quota)
{
    struct resource_quota *next = (struct resource_quota *)store_edit(st, quota);
    next->status = count(st, store_arena(st), next);
    store_update(st, COMP_RESOURCEQUOTA_CONTROLLER, &next->object, false);
}

void quota_controller_new(struct store *st, struct informers *f, struct arena *scratch)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){
        .store = st, .sim = store_sim(st), .arena = store_arena(st), .scratch = scratch, .informers = f};
    pool_init(&c->quotas, c->arena, sizeof(struct counted));
    const struct work_ops ops = {"resourcequota-controller", CLASS_PARENT, 0, sync, make, NULL};
    c->queue = workqueue_new(st, &ops, c);
    informers_listen(f, KIND_RESOURCEQUOTA, on_quota, c);
    informers_listen(f, KIND_POD, on_pod, c);
}

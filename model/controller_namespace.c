/* controller_namespace.c - the namespace controller.
 *
 * Mirrors k8s pkg/controller/namespace/namespace_controller.go, deletion/namespaced_resources_deleter.go (v1.36);
 * semantics/workloads.md 11. A namespace that is deleted is Terminating at once; five seconds later its content is
 * deleted, one call per kind: pods first, with their own grace, and since 1.33 the rest when they are gone. While
 * something remains it is looked at again after half of the longest grace and a second. k8s-order: namespace-kinds:
 * kinds in podsim's order; a Go map there. Left out on purpose: the namespace's conditions, the finalizer in its spec
 * (a namespace that is not being deleted always has it).
 */
#include "model/controller_namespace.h"

#include <string.h>

#include "model/classes.h"
#include "model/workqueue.h"

#define DELETION_GRACE (5 * SIM_SECOND) /* namespaceDeletionGracePeriod */
enum { FINALIZER_ESTIMATE = 15 };       /* seconds: finalizerEstimateSeconds */

enum call_kind { CALL_DELETE_ALL, CALL_FINISH };

struct controller {
    struct store *store;
    struct sim *sim;
    struct workqueue *queue;
    struct pool names; /* uint32_t per key: ordinal of the namespace */
};

static const struct api_object *namespace_of(struct controller *c, uint32_t key)
{
    return store_by_ordinal(c->store, *(const uint32_t *)pool_at(&c->names, key));
}

static void on_namespace(void *ctx, const struct watch_event *e)
{
    struct controller *c = ctx;
    if (e->verb == WRITE_DELETE || e->object->meta.deletion_timestamp == SIM_NEVER)
        return;
    uint32_t key = 0;
    while (key < c->names.count && *(const uint32_t *)pool_at(&c->names, key) != e->object->ordinal)
        key++;
    if (key == c->names.count) {
        *(uint32_t *)pool_at(&c->names, pool_add(&c->names)) = e->object->ordinal;
        uint32_t made = workqueue_key(c->queue, e->object->stream);
        ASSERT(made == key);
    }
    workqueue_add_after(c->queue, key, DELETION_GRACE);
}

/* ---- what is in it ---- */

static const struct api_object *next_in(struct controller *c, const char *name, enum api_kind kind, uint32_t *cursor)
{
    for (const struct api_object *o; (o = store_next(c->store, kind, cursor)) != NULL;)
        if (strcmp(o->meta.namespace_, name) == 0)
            return o;
    return NULL;
}

static bool holds(struct controller *c, const char *name, enum api_kind kind)
{
    uint32_t cursor = 0;
    return next_in(c, name, kind, &cursor) != NULL;
}

/* estimateGracefulTerminationForPods, and for how long that is believed. */
static int64_t estimate(struct controller *c, const struct api_object *ns)
{
    int64_t longest = 0;
    uint32_t cursor = 0;
    for (const struct api_object *o; (o = next_in(c, ns->meta.name, KIND_POD, &cursor)) != NULL;) {
        const struct pod *p = (const struct pod *)o;
        bool ended = text_is(p->status.phase, "Succeeded") || text_is(p->status.phase, "Failed");
        if (!ended && p->spec.termination_grace_period_seconds.value > longest)
            longest = p->spec.termination_grace_period_seconds.value;
    }
    return sim_now(c->sim) - ns->meta.deletion_timestamp < longest * SIM_SECOND ? longest : 0;
}

/* ---- a sync ---- */

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    const struct api_object *ns = namespace_of(c, key);
    if (!ns)
        return;
    bool pods = holds(c, ns->meta.name, KIND_POD), ordered = store_has(c->store, FEATURE_ORDERED_NAMESPACE_DELETION);
    if (pods)
        workqueue_call(c->queue, key,
                       (struct work_call){.kind = CALL_DELETE_ALL, .first_of_batch = true, .count = KIND_POD});
    for (enum api_kind kind = KIND_NONE + 1; kind < KIND_COUNT && !(pods && ordered); kind++)
        if (kind != KIND_POD && kind_infos[kind].namespaced && holds(c, ns->meta.name, kind))
            workqueue_call(c->queue, key,
                           (struct work_call){.kind = CALL_DELETE_ALL, .first_of_batch = true, .count = kind});
    workqueue_call(c->queue, key, (struct work_call){.kind = CALL_FINISH, .first_of_batch = true});
}

static void delete_all(struct controller *c, const char *name, enum api_kind kind)
{
    uint32_t cursor = 0, cause = sim_cause(c->sim);
    for (const struct api_object *o; (o = next_in(c, name, kind, &cursor)) != NULL;) {
        sim_set_cause(c->sim, cause);
        store_delete(c->store, COMP_NAMESPACE_CONTROLLER, o, -1);
    }
}

/* Nothing is left: the namespace goes. Else it is looked at again. */
static enum call_result finish(struct controller *c, uint32_t key, const struct api_object *ns)
{
    bool any = false, finalizers = false;
    for (enum api_kind kind = KIND_NONE + 1; kind < KIND_COUNT; kind++) {
        uint32_t cursor = 0;
        if (!kind_infos[kind].namespaced)
            continue;
        for (const struct api_object *o; (o = next_in(c, ns->meta.name, kind, &cursor)) != NULL;) {
            any = true;
            finalizers = finalizers || o->meta.finalizers.count > 0;
        }
    }
    int64_t left = estimate(c, ns);
    if (!any && ns->meta.finalizers.count == 0)
        store_remove(c->store, COMP_NAMESPACE_CONTROLLER, ns);
    if (!any)
        return CALL_OK;
    left = left ? left : finalizers ? FINALIZER_ESTIMATE : 0;
    if (left == 0)
        return CALL_FAILED; /* unexpected items still remain in namespace */
    workqueue_add_after(c->queue, key, (left / 2 + 1) * SIM_SECOND);
    return CALL_OK;
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    const struct api_object *ns = namespace_of(c, key);
    if (!ns)
        return CALL_OK;
    if (call->kind == CALL_FINISH)
        return finish(c, key, ns);
    delete_all(c, ns->meta.name, (enum api_kind)call->count);
    return CALL_OK;
}

void namespace_controller_new(struct store *st)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){.store = st, .sim = store_sim(st)};
    pool_init(&c->names, store_arena(st), sizeof(uint32_t));
    const struct work_ops ops = {"namespace-controller", CLASS_PARENT, 0, sync, make, NULL};
    c->queue = workqueue_new(st, &ops, c);
    store_watch(st, 1u << KIND_NAMESPACE, NULL, on_namespace, c);
}

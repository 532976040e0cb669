/* controller_pod_gc.c - the pod garbage collector, every 20 s; its decisions are in pod_gc.c.
 *
 * Mirrors k8s pkg/controller/podgc/gc_controller.go (v1.36); rules: semantics/nodes.md 5. A run is an event only when
 * something has happened that it may look at: a pod or a node that is deleted, a pod of a node that is not there, a pod
 * too many that has ended.
 * Left out on purpose: nothing fails, so nothing is tried again.
 */
#include "model/controller_pod_gc.h"

#include <string.h>

#include "model/classes.h"
#include "model/node_lifecycle.h"
#include "model/pod_disruption.h"
#include "model/pod_gc.h"
#include "model/workqueue.h"

/* k8s gc_controller.go gcCheckPeriod, quarantineTime */
#define PERIOD     (20 * SIM_SECOND)
#define QUARANTINE (40 * SIM_SECOND)

enum gc_call { CALL_PATCH, CALL_DELETE };

struct quarantine { /* a node that pods name and that is not there */
    const char *node;
    sim_time until; /* SIM_NEVER: over, and forgotten */
};

struct collected { /* a pod */
    uint32_t pod;  /* ordinal */
    bool orphan;
};

struct pod_gc {
    struct store *store;
    struct sim *sim;
    struct arena *scratch;
    struct informers *informers;
    const struct manager_config *config;
    struct workqueue *queue;
    struct pool collected; /* struct collected, by key */
    struct pool by_pod;    /* uint32_t: key + 1, by ordinal */
    struct pool quarantine;
    int64_t terminated; /* pods in the cache */
    sim_time ran_at;    /* the last run; SIM_NEVER = none yet */
    struct sim_timer timer;
    uint32_t object;
};

static void want_run(struct pod_gc *g, sim_time t)
{
    t = t > g->ran_at ? t : g->ran_at + 1;
    sim_arm_by(g->sim, profile_manager_turn(store_profile(g->store), TURN_POD_GC, PERIOD, t), CLASS_PARENT, g->object,
               0);
}

/* ---- deleting ---- */

static void collect(struct pod_gc *g, const struct pod *p, bool orphan)
{
    uint32_t ordinal = p->object.ordinal;
    while (g->by_pod.count <= ordinal)
        pool_add(&g->by_pod);
    uint32_t *slot = pool_at(&g->by_pod, ordinal);
    if (!*slot) {
        uint32_t key = workqueue_key(g->queue, p->object.stream), index = pool_add(&g->collected);
        ASSERT(key == index);
        *slot = key + 1;
    }
    *(struct collected *)pool_at(&g->collected, *slot - 1) = (struct collected){ordinal, orphan};
    workqueue_add(g->queue, *slot - 1);
}

static void sync(void *ctx, uint32_t key)
{
    struct pod_gc *g = ctx;
    const struct collected *k = pool_at(&g->collected, key);
    const struct pod *p = (const struct pod *)store_by_ordinal(g->store, k->pod);
    if (!p)
        return;
    if (!pod_gc_is_terminated(p))
        workqueue_call(g->queue, key, (struct work_call){.kind = CALL_PATCH, .first_of_batch = true});
    workqueue_call(g->queue, key, (struct work_call){.kind = CALL_DELETE, .first_of_batch = true});
}

/* k8s markFailedAndDeletePodWithCondition */
static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct pod_gc *g = ctx;
    const struct collected *k = pool_at(&g->collected, key);
    const struct api_object *pod = store_by_ordinal(g->store, k->pod);
    bool target = k->orphan && store_has(g->store, FEATURE_DISRUPTION_TARGET);
    if (!pod)
        return CALL_ABORT;
    if (call->kind == CALL_PATCH)
        pod_disruption_write(g->store, COMP_POD_GC, pod, target ? "DeletionByPodGC" : NULL,
                             "PodGC: node no longer exists", "Failed");
    else
        store_delete(g->store, COMP_POD_GC, pod, 0);
    return CALL_OK;
}

/* ---- a run ---- */

static const struct node *node_of(const struct pod_gc *g, const struct pod *p)
{
    const struct api_object *n = p->spec.node_name ? store_get(g->store, KIND_NODE, "", p->spec.node_name) : NULL;
    return n ? (const struct node *)informers_get(g->informers, n->ordinal) : NULL;
}

/* True: the node has been missing for long enough. The first run that misses it begins its quarantine. */
static bool is_missing(struct pod_gc *g, const char *node)
{
    for (uint32_t i = 0; i < g->quarantine.count; i++) {
        const struct quarantine *q = pool_at(&g->quarantine, i);
        if (q->until != SIM_NEVER && strcmp(q->node, node) == 0)
            return q->until <= sim_now(g->sim);
    }
    sim_time until = sim_time_add(sim_now(g->sim), QUARANTINE);
    *(struct quarantine *)pool_at(&g->quarantine, pool_add(&g->quarantine)) = (struct quarantine){node, until};
    want_run(g, until);
    return false;
}

/* A node that is there again, or whose pods have been seen to, is begun with anew when it is missed again. */
static void forget_quarantines(struct pod_gc *g)
{
    for (uint32_t i = 0; i < g->quarantine.count; i++) {
        struct quarantine *q = pool_at(&g->quarantine, i);
        if (q->until <= sim_now(g->sim))
            q->until = SIM_NEVER;
    }
}

static void collect_surplus(struct pod_gc *g)
{
    int64_t surplus = g->terminated - g->config->terminated_pod_gc_threshold;
    if (g->config->terminated_pod_gc_threshold <= 0 || surplus <= 0)
        return;
    const struct pod **pods = arena_array(g->scratch, const struct pod *, (size_t)g->terminated);
    uint32_t n = 0, cursor = 0;
    const struct api_object *o;
    while ((o = informers_each(g->informers, KIND_POD, &cursor)) != NULL)
        if (pod_gc_is_terminated((const struct pod *)o))
            pods[n++] = (const struct pod *)o;
    ASSERT(n == g->terminated);
    pod_gc_sort(pods, n);
    for (uint32_t i = 0; i < surplus; i++)
        collect(g, pods[i], false);
}

static void collect_by_rule(struct pod_gc *g, enum pod_gc_rule rule)
{
    uint32_t cursor = 0, cause = sim_cause(g->sim);
    const struct api_object *o;
    while ((o = informers_each(g->informers, KIND_POD, &cursor)) != NULL) {
        const struct pod *p = (const struct pod *)o;
        if (pod_gc_rule_of(p, node_of(g, p)) != rule || (rule == POD_GC_ORPHAN && !is_missing(g, p->spec.node_name)))
            continue;
        sim_set_cause(g->sim, cause);
        collect(g, p, rule == POD_GC_ORPHAN);
    }
    sim_set_cause(g->sim, cause);
}

static struct sim_timer *timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)local, (void)class, (void)index;
    return &((struct pod_gc *)ctx)->timer;
}

static void run(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)local, (void)class, (void)index;
    struct pod_gc *g = ctx;
    arena_reset(g->scratch);
    g->ran_at = sim_now(g->sim);
    if (!store_reachable(g->store, NULL)) {
        want_run(g, sim_now(g->sim) + 1);
        return;
    }
    collect_surplus(g);
    collect_by_rule(g, POD_GC_OUT_OF_SERVICE);
    collect_by_rule(g, POD_GC_ORPHAN);
    collect_by_rule(g, POD_GC_UNSCHEDULED);
    forget_quarantines(g);
}

/* ---- what wakes it ---- */

static void on_pod(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct pod_gc *g = ctx;
    const struct pod *p = (const struct pod *)after;
    g->terminated += (p && pod_gc_is_terminated(p)) - (before && pod_gc_is_terminated((const struct pod *)before));
    if (!p)
        return;
    bool deleted =
        p->object.meta.deletion_timestamp != SIM_NEVER && (!before || before->meta.deletion_timestamp == SIM_NEVER);
    bool bound = p->spec.node_name && (!before || !((const struct pod *)before)->spec.node_name);
    bool too_many = g->config->terminated_pod_gc_threshold > 0 && pod_gc_is_terminated(p) &&
                    g->terminated > g->config->terminated_pod_gc_threshold;
    if (too_many || ((deleted || bound) && pod_gc_rule_of(p, node_of(g, p)) != POD_GC_KEEP))
        want_run(g, sim_now(g->sim));
}

static void on_node(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct pod_gc *g = ctx;
    const struct node *n = (const struct node *)after;
    bool off = n && node_ready_status(n) != NODE_READY && node_has_taint(n, TAINT_OUT_OF_SERVICE, NULL);
    const struct node *was = (const struct node *)before;
    bool was_off = was && node_ready_status(was) != NODE_READY && node_has_taint(was, TAINT_OUT_OF_SERVICE, NULL);
    if (!n || (off && !was_off))
        want_run(g, sim_now(g->sim));
}

void pod_gc_new(struct store *st, struct informers *f, struct arena *scratch, const struct manager_config *config)
{
    struct pod_gc *g = arena_new(store_arena(st), struct pod_gc);
    *g = (struct pod_gc){
        .store = st, .sim = store_sim(st), .scratch = scratch, .informers = f, .config = config, .ran_at = SIM_NEVER};
    pool_init(&g->collected, store_arena(st), sizeof(struct collected));
    pool_init(&g->by_pod, store_arena(st), sizeof(uint32_t));
    pool_init(&g->quarantine, store_arena(st), sizeof(struct quarantine));
    const struct work_ops ops = {"pod GC", CLASS_PARENT, 1, sync, make, NULL};
    g->queue = workqueue_new(st, &ops, g);
    uint32_t handler = sim_handler_add(g->sim, &(struct sim_handler){"pod GC run", g, timer, run});
    g->object = sim_object_new(g->sim, handler, 0);
    informers_listen(f, KIND_POD, on_pod, g);
    informers_listen(f, KIND_NODE, on_node, g);
}

/* controller_taint_eviction.c - the taint-eviction controller; its decisions are in taint_eviction.c.
 *
 * Mirrors k8s pkg/controller/tainteviction/taint_eviction.go and timed_workers.go (v1.36); before 1.29 a part of the
 * node-lifecycle controller. Rules: semantics/nodes.md 3. A pod that is to go later has a timer, whose clock is that of
 * this controller, not the taint's timeAdded.
 * Left out on purpose: the five tries of a deletion: here a write waits until it can be made.
 */
#include "model/controller_taint_eviction.h"

#include <string.h>

#include "model/classes.h"
#include "model/pod_disruption.h"
#include "model/taint_eviction.h"
#include "model/workqueue.h"

enum eviction_call { CALL_PATCH, CALL_DELETE };

struct eviction { /* of a pod that is, was, or is to be deleted because of taints */
    uint32_t pod; /* ordinal */
    bool pending; /* its timer runs */
};

struct controller {
    struct store *store;
    struct sim *sim;
    struct informers *informers;
    struct recorder *recorder;
    struct event_origin origin;
    struct workqueue *queue;
    struct pool evictions; /* struct eviction, by key */
    struct pool by_pod;    /* uint32_t: key + 1, by ordinal */
    uint32_t tainted;      /* nodes with NoExecute taints */
};

static struct eviction *eviction_at(struct controller *c, uint32_t key) { return pool_at(&c->evictions, key); }

static struct eviction *find(struct controller *c, uint32_t pod, uint32_t *ret_key)
{
    uint32_t i = pod < c->by_pod.count ? *(uint32_t *)pool_at(&c->by_pod, pod) : 0;
    *ret_key = i - 1;
    return i ? eviction_at(c, i - 1) : NULL;
}

static uint32_t key_of(struct controller *c, const struct api_object *pod)
{
    uint32_t key;
    if (find(c, pod->ordinal, &key))
        return key;
    key = workqueue_key(c->queue, pod->stream);
    uint32_t index = pool_add(&c->evictions);
    ASSERT(index == key);
    *eviction_at(c, key) = (struct eviction){.pod = pod->ordinal};
    while (c->by_pod.count <= pod->ordinal)
        pool_add(&c->by_pod);
    *(uint32_t *)pool_at(&c->by_pod, pod->ordinal) = key + 1;
    return key;
}

static void say(struct controller *c, const struct api_object *pod, const char *what)
{
    recorder_event(c->recorder, &c->origin, pod, NULL, false, "TaintManagerEviction", "%s Pod %s/%s", what,
                   pod->meta.namespace_, pod->meta.name);
}

static void cancel(struct controller *c, const struct api_object *pod)
{
    uint32_t key;
    struct eviction *e = find(c, pod->ordinal, &key);
    if (!e || !e->pending)
        return;
    e->pending = false;
    workqueue_forget_delay(c->queue, key);
    say(c, pod, "Cancelling deletion of");
}

static void process(struct controller *c, const struct pod *p, const struct node *n)
{
    uint32_t key;
    const struct eviction *e = find(c, p->object.ordinal, &key);
    struct taint_decision d = taint_decide(&p->spec, n, e && e->pending);
    if (d.verdict == TAINT_PENDING)
        return;
    cancel(c, &p->object);
    if (d.verdict == TAINT_NONE || d.verdict == TAINT_TOLERATED)
        return;
    key = key_of(c, &p->object);
    eviction_at(c, key)->pending = d.delay > 0;
    workqueue_add_after(c->queue, key, d.delay);
}

/* ---- what wakes it ---- */

static bool is_no_execute(const struct taint *t) { return text_is(t->effect, "NoExecute"); }

static bool is_tainted(const struct node *n)
{
    for (uint32_t i = 0; n && i < n->spec.taints.count; i++)
        if (is_no_execute(&n->spec.taints.items[i]))
            return true;
    return false;
}

static bool has_same(const struct node *n, const struct taint *t)
{
    for (uint32_t i = 0; i < n->spec.taints.count; i++) {
        const struct taint *other = &n->spec.taints.items[i];
        if (text_same(other->key, t->key) && text_same(other->value, t->value) && text_same(other->effect, t->effect))
            return true;
    }
    return false;
}

static bool covers(const struct node *has, const struct node *wanted)
{
    for (uint32_t i = 0; i < wanted->spec.taints.count; i++)
        if (is_no_execute(&wanted->spec.taints.items[i]) && !has_same(has, &wanted->spec.taints.items[i]))
            return false;
    return true;
}

static void on_node(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    const struct node *old = (const struct node *)before, *new = (const struct node *)after;
    c->tainted += (uint32_t)(is_tainted(new) ? 1 : 0) - (uint32_t)(is_tainted(old) ? 1 : 0);
    if (!new || (old && covers(old, new) && covers(new, old)) || (!old && !is_tainted(new)))
        return;
    uint32_t cursor = 0, cause = sim_cause(c->sim);
    const struct api_object *o;
    while ((o = informers_each(c->informers, KIND_POD, &cursor)) != NULL) {
        sim_set_cause(c->sim, cause);
        if (text_is(((const struct pod *)o)->spec.node_name, after->meta.name))
            process(c, (const struct pod *)o, new);
    }
}

static bool same_place(const struct pod *a, const struct pod *b)
{
    return a->spec.tolerations.items == b->spec.tolerations.items && text_same(a->spec.node_name, b->spec.node_name);
}

static void on_pod(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    if (!after) {
        cancel(c, before);
        return;
    }
    const struct pod *p = (const struct pod *)after;
    if (c->tainted == 0 || !p->spec.node_name || (before && same_place((const struct pod *)before, p)))
        return;
    const struct api_object *n = store_get(c->store, KIND_NODE, "", p->spec.node_name);
    n = n ? informers_get(c->informers, n->ordinal) : NULL;
    if (n && is_tainted((const struct node *)n))
        process(c, p, (const struct node *)n);
}

/* ---- a deletion ---- */

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct eviction *e = eviction_at(c, key);
    const struct api_object *pod = store_by_ordinal(c->store, e->pod);
    e->pending = false;
    if (!pod)
        return;
    say(c, pod, "Marking for deletion");
    if (store_has(c->store, FEATURE_DISRUPTION_TARGET))
        workqueue_call(c->queue, key, (struct work_call){.kind = CALL_PATCH, .first_of_batch = true});
    workqueue_call(c->queue, key, (struct work_call){.kind = CALL_DELETE, .first_of_batch = true});
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    const struct api_object *pod = store_by_ordinal(c->store, eviction_at(c, key)->pod);
    if (!pod)
        return CALL_ABORT;
    if (call->kind == CALL_PATCH)
        pod_disruption_write(c->store, COMP_TAINT_EVICTION, pod, "DeletionByTaintManager",
                             "Taint manager: deleting due to NoExecute taint", NULL);
    else
        store_delete(c->store, COMP_TAINT_EVICTION, pod, -1);
    return CALL_OK;
}

void taint_eviction_controller_new(struct store *st, struct informers *f, struct recorder *r)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){.store = st, .sim = store_sim(st), .informers = f, .recorder = r};
    c->origin = (struct event_origin){.who = COMP_TAINT_EVICTION,
                                      .component = store_has(st, FEATURE_TAINT_EVICTION_CONTROLLER)
                                                       ? "taint-eviction-controller"
                                                       : "taint-controller"};
    pool_init(&c->evictions, store_arena(st), sizeof(struct eviction));
    pool_init(&c->by_pod, store_arena(st), sizeof(uint32_t));
    const struct work_ops ops = {"taint eviction", CLASS_PARENT, 1, sync, make, NULL};
    c->queue = workqueue_new(st, &ops, c);
    informers_listen(f, KIND_POD, on_pod, c);
    informers_listen(f, KIND_NODE, on_node, c);
}

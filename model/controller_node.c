/* controller_node.c - the node-lifecycle controller: passes over the nodes, taints, pods that are not ready any more.
 *
 * Mirrors k8s pkg/controller/nodelifecycle/node_lifecycle_controller.go (v1.36), whose decisions are in
 * node_lifecycle.c. Rules: semantics/nodes.md 2. A pass, every 5 s, is an event only when it may find something: a node
 * has changed, or will have been silent for too long just then. The loop that sets NoExecute taints, every 0.1 s, is
 * one only when a node waits and the zone's limiter lets it go.
 * k8s-order: taint-queue, nodes that wait for a taint: in order of their creation (there: of a pass's 8 workers).
 * Left out on purpose: how long a pass takes that has much to write (it is 10 ms); the labels that it reconciles; a pod
 * that is bound to a lost node has no condition Ready yet, so that it is not marked changes nothing.
 */
#include "model/controller_node.h"

#include <string.h>

#include "model/classes.h"
#include "model/node_lifecycle.h"
#include "model/node_taints.h"
#include "model/workqueue.h"

/* k8s pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go NodeEvictionPeriod */
#define TAINTING_PERIOD (100 * SIM_MS)
/* k8s component-base/config/v1alpha1/defaults.go RenewDeadline: a manager that cannot reach the API server for so long
 * ends, and the one that is started after it knows nothing of earlier heartbeats. */
#define RENEW_DEADLINE (10 * SIM_SECOND)
#define NO_EXECUTE     "NoExecute"

/* Passes that something has asked for, and those in which a node will have been silent for too long. */
enum { TIMER_PASS, TIMER_SILENCE, TIMER_TAINTING, TIMER_COUNT };
/* ORDER of what a pass does to one node. */
enum health_call { CALL_UNKNOWN, CALL_QUEUE, CALL_CLEAR, CALL_SWAP_IN, CALL_SWAP_OUT, CALL_TOLD, CALL_MARK };
enum schedule_call { CALL_ADD, CALL_REMOVE };

struct watched { /* a Node */
    uint32_t ordinal, stream, zone;
    sim_time seen; /* a sign of life was seen not before, whatever the Lease says */
    bool known, queued;
    uint32_t cause;                /* of its silence: a record */
    const struct api_object *last; /* of one that is gone */
    bool silent;                   /* its Lease is not renewed, and its conditions do not say so yet */
    struct plan {                  /* of the last pass */
        bool unknown, lost;
        enum taint_step step;
        enum node_ready status;
    } plan;
    struct pool mark; /* uint32_t: pods that are to be marked */
};

struct zone {
    const char *name;
    enum zone_state state;
    struct rate_limiter limiter;
    int64_t ready, not_ready; /* in the pass at work */
    bool in_use;
};

struct controller {
    struct store *store;
    struct sim *sim;
    struct arena *arena;
    struct informers *informers;
    struct recorder *recorder;
    struct node_leases *leases;
    const struct manager_config *config;
    struct event_origin origin;
    struct pool nodes;      /* struct watched, in order of creation; a key of both queues is an index */
    struct pool by_ordinal; /* uint32_t: index + 1 */
    struct pool zones;      /* struct zone */
    struct workqueue *health, *schedule;
    struct sim_timer timers[TIMER_COUNT];
    uint32_t object;
    uint32_t silent_count;
    sim_time passed_at;  /* the last pass; SIM_NEVER = none yet */
    sim_time down_since; /* the API server; SIM_NEVER = it is up */
};

static struct watched *node_at(struct controller *c, uint32_t i) { return pool_at(&c->nodes, i); }
static struct zone *zone_at(struct controller *c, uint32_t i) { return pool_at(&c->zones, i); }

static struct watched *find(struct controller *c, uint32_t ordinal)
{
    uint32_t i = ordinal < c->by_ordinal.count ? *(uint32_t *)pool_at(&c->by_ordinal, ordinal) : 0;
    return i ? node_at(c, i - 1) : NULL;
}

static const struct node *cached(struct controller *c, const struct watched *w)
{
    return (const struct node *)informers_get(c->informers, w->ordinal);
}

/* ---- when ---- */

static sim_time next_pass(const struct controller *c, sim_time t)
{
    return profile_manager_turn(store_profile(c->store), TURN_NODE_MONITOR, c->config->node_monitor_period, t);
}

static void want_pass(struct controller *c, sim_time t)
{
    sim_arm_by(c->sim, next_pass(c, t > c->passed_at ? t : c->passed_at + 1), CLASS_PARENT, c->object, TIMER_PASS);
}

/* The pass that first noticed the latest sign of life: k8s nodeHealthData.probeTimestamp. */
static sim_time probe_time(struct controller *c, const struct watched *w)
{
    const struct profile *p = store_profile(c->store);
    sim_time renewed = node_lease_renew_time(c->leases, w->ordinal, sim_now(c->sim));
    if (renewed == SIM_NEVER)
        return w->seen;
    sim_time committed = node_lease_committed(c->leases, w->ordinal, renewed);
    sim_time in_cache = sim_time_add(committed, profile_draw(p, HOP_WATCH_DELIVERY, w->stream, committed));
    sim_time noticed = next_pass(c, in_cache);
    return noticed > w->seen ? noticed : w->seen;
}

static bool is_silent(struct controller *c, const struct watched *w, const struct node *n)
{
    bool told = n && node_condition_find(n, "Ready") && node_ready_status(n) == NODE_UNKNOWN;
    return n && !told && !node_lease_is_renewed(c->leases, w->ordinal);
}

/* While its Lease is renewed nothing is to be found; else it will have been silent for too long in some pass. */
static void watch_silence(struct controller *c, struct watched *w)
{
    const struct node *n = cached(c, w);
    sim_time now = sim_now(c->sim);
    bool silent = is_silent(c, w, n);
    c->silent_count += (uint32_t)silent - (uint32_t)w->silent;
    if (silent && !w->silent)
        w->cause = sim_cause(c->sim);
    w->silent = silent;
    if (silent) {
        sim_time end = sim_time_add(probe_time(c, w), node_grace(c->config, n));
        sim_arm_by(c->sim, next_pass(c, end >= now ? end + 1 : now + 1), CLASS_PARENT, c->object, TIMER_SILENCE);
    }
    if (c->silent_count == 0)
        sim_cancel(c->sim, CLASS_PARENT, c->object, TIMER_SILENCE);
}

/* ---- the queue of taints ---- */

static void want_tainting(struct controller *c, const struct zone *z)
{
    sim_time now = sim_now(c->sim), at = z->limiter.free_at > now ? z->limiter.free_at : now;
    if (z->limiter.interval == 0)
        return;
    at = profile_manager_turn(store_profile(c->store), TURN_NODE_TAINTING, TAINTING_PERIOD, at);
    sim_arm_by(c->sim, at, CLASS_PARENT, c->object, TIMER_TAINTING);
}

static void enqueue(struct controller *c, struct watched *w)
{
    w->queued = true;
    want_tainting(c, zone_at(c, w->zone));
}

static void commit_swap_out(void *ctx, uint32_t index)
{
    struct controller *c = ctx;
    struct watched *w = node_at(c, index);
    const char *key = node_taint_opposite(w->plan.status);
    if (key)
        node_taints_remove(c->store, w->ordinal, &key, 1, NO_EXECUTE);
}

static void commit_swap_in(void *ctx, uint32_t index)
{
    struct controller *c = ctx;
    struct watched *w = node_at(c, index);
    const struct node *n = (const struct node *)store_by_ordinal(c->store, w->ordinal);
    const char *key = node_taint_key(w->plan.status), *opposite = node_taint_opposite(w->plan.status);
    if (!n || !key)
        return;
    node_taints_add(c->store, w->ordinal, &key, 1, NO_EXECUTE);
    if (node_has_taint(n, opposite, NO_EXECUTE))
        store_post(c->store, profile_draw(store_profile(c->store), HOP_API_WRITE, w->stream, sim_now(c->sim)),
                   commit_swap_out, c, index);
}

/* k8s doNoExecuteTaintingPass: by what the cache says now. */
static void visit(struct controller *c, uint32_t index)
{
    struct watched *w = node_at(c, index);
    const struct node *n = cached(c, w);
    w->queued = false;
    if (!n || node_ready_status(n) == NODE_READY)
        return;
    w->plan.status = node_ready_status(n);
    store_post(c->store, profile_draw(store_profile(c->store), HOP_API_WRITE, w->stream, sim_now(c->sim)),
               commit_swap_in, c, index);
}

static uint32_t first_queued(struct controller *c, uint32_t zone)
{
    uint32_t i = 0;
    while (i < c->nodes.count && !(node_at(c, i)->queued && node_at(c, i)->zone == zone))
        i++;
    return i;
}

static void taint(struct controller *c)
{
    for (uint32_t z = 0; z < c->zones.count; z++) {
        uint32_t head = first_queued(c, z);
        while (head < c->nodes.count && limiter_accepts(&zone_at(c, z)->limiter, sim_now(c->sim))) {
            visit(c, head);
            head = first_queued(c, z);
        }
        if (head < c->nodes.count)
            want_tainting(c, zone_at(c, z));
    }
}

/* ---- a pass: one node ---- */

static void plan_node(struct controller *c, struct watched *w, const struct node *n)
{
    bool same_pass = store_has(c->store, FEATURE_NOEXECUTE_SAME_PASS);
    enum node_ready observed = node_ready_status(n), current = observed;
    sim_time now = sim_now(c->sim);
    bool never = node_condition_find(n, "Ready") == NULL;
    w->plan = (struct plan){.step = TAINT_STEP_NONE};
    if ((never || observed != NODE_UNKNOWN) && !node_lease_is_renewed(c->leases, w->ordinal) &&
        node_is_lost(c->config, n, probe_time(c, w), now)) {
        w->plan.unknown = true;
        current = NODE_UNKNOWN;
    }
    struct zone *z = zone_at(c, w->zone);
    if (!node_excluded_from_disruption(n)) {
        z->in_use = true;
        z->ready += current == NODE_READY;
        z->not_ready += current != NODE_READY;
    }
    if (never && !w->plan.unknown) /* nothing is said of it yet */
        return;
    w->plan.status = same_pass ? current : observed;
    w->plan.lost = current != NODE_READY && observed == NODE_READY;
    w->plan.step = node_taint_step(n, w->plan.status);
    if (!same_pass && current != observed)
        want_pass(c, now + 1);
}

/* What needs no call is done at once, the rest by the node's worker. */
static void carry_out(struct controller *c, uint32_t index)
{
    struct watched *w = node_at(c, index);
    const struct node *n = cached(c, w);
    bool tainted = node_has_taint(n, TAINT_NOT_READY, NO_EXECUTE) || node_has_taint(n, TAINT_UNREACHABLE, NO_EXECUTE);
    if (w->plan.step == TAINT_STEP_CLEAR)
        w->queued = false;
    if (w->plan.step == TAINT_STEP_QUEUE && !w->plan.unknown)
        enqueue(c, w);
    if (w->plan.unknown || w->plan.lost || w->plan.step == TAINT_STEP_SWAP ||
        (w->plan.step == TAINT_STEP_CLEAR && tainted))
        workqueue_add(c->health, index);
}

/* Pods of the nodes that are lost in this pass, for all of them together. */
static void list_pods(struct controller *c)
{
    uint32_t cursor = 0;
    const struct api_object *o;
    while ((o = informers_each(c->informers, KIND_POD, &cursor)) != NULL) {
        const char *name = ((const struct pod *)o)->spec.node_name;
        const struct api_object *n = name && *name ? store_get(c->store, KIND_NODE, "", name) : NULL;
        struct watched *w = n ? find(c, n->ordinal) : NULL;
        if (w && w->plan.lost)
            *(uint32_t *)pool_at(&w->mark, pool_add(&w->mark)) = o->ordinal;
    }
}

static void call(struct controller *c, uint32_t key, uint16_t kind, bool first, uint32_t object)
{
    workqueue_call(c->health, key, (struct work_call){.kind = kind, .first_of_batch = first, .object = object});
}

static void sync_health(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct watched *w = node_at(c, key);
    if (w->plan.unknown)
        call(c, key, CALL_UNKNOWN, true, 0);
    if (w->plan.unknown && w->plan.step == TAINT_STEP_QUEUE)
        call(c, key, CALL_QUEUE, false, 0);
    if (w->plan.step == TAINT_STEP_CLEAR)
        call(c, key, CALL_CLEAR, true, 0);
    if (w->plan.step == TAINT_STEP_SWAP) {
        call(c, key, CALL_SWAP_IN, true, 0);
        call(c, key, CALL_SWAP_OUT, true, 0);
    }
    if (w->plan.lost)
        call(c, key, CALL_TOLD, !w->plan.unknown, 0);
    for (uint32_t i = 0; i < w->mark.count; i++)
        call(c, key, CALL_MARK, true, *(uint32_t *)pool_at(&w->mark, i));
    w->mark.count = 0;
}

static void write_unknown(struct controller *c, const struct watched *w)
{
    const struct api_object *current = store_by_ordinal(c->store, w->ordinal);
    if (!current)
        return;
    struct node *next = (struct node *)store_edit(c->store, current);
    node_set_unknown(c->arena, next, sim_now(c->sim));
    store_update(c->store, COMP_NODE_CONTROLLER, &next->object, false);
}

/* k8s pkg/controller/util/node/controller_utils.go MarkPodsNotReady: reason and message stay as they were. */
static void mark_pod(struct controller *c, uint32_t ordinal)
{
    const struct api_object *current = store_by_ordinal(c->store, ordinal);
    const struct pod *p = (const struct pod *)current;
    uint32_t at = 0;
    while (p && at < p->status.conditions.count && strcmp(p->status.conditions.items[at].type, "Ready") != 0)
        at++;
    if (!p || at == p->status.conditions.count || strcmp(p->status.conditions.items[at].status, "False") == 0)
        return;
    struct pod *next = (struct pod *)store_edit(c->store, current);
    next->status.conditions.items = arena_array(c->arena, struct pod_condition, p->status.conditions.count);
    memcpy(next->status.conditions.items, p->status.conditions.items,
           p->status.conditions.count * sizeof *p->status.conditions.items);
    next->status.conditions.items[at].status = "False";
    next->status.conditions.items[at].last_transition_time = api_second(sim_now(c->sim));
    current = store_update(c->store, COMP_NODE_CONTROLLER, &next->object, false);
    recorder_event(c->recorder, &c->origin, current, NULL, true, "NodeNotReady", "Node is not ready");
}

static enum call_result make_health(void *ctx, uint32_t key, const struct work_call *call)
{
    static const char *const both[] = {TAINT_UNREACHABLE, TAINT_NOT_READY};
    struct controller *c = ctx;
    struct watched *w = node_at(c, key);
    const struct api_object *n = store_by_ordinal(c->store, w->ordinal);
    switch ((enum health_call)call->kind) {
    case CALL_UNKNOWN:
        write_unknown(c, w);
        break;
    case CALL_QUEUE:
        enqueue(c, w);
        break;
    case CALL_CLEAR:
        node_taints_remove(c->store, w->ordinal, both, ARRAY_LEN(both), NO_EXECUTE);
        break;
    case CALL_SWAP_IN:
        node_taints_add(c->store, w->ordinal, (const char *[]){node_taint_key(w->plan.status)}, 1, NO_EXECUTE);
        break;
    case CALL_SWAP_OUT:
        node_taints_remove(c->store, w->ordinal, (const char *[]){node_taint_opposite(w->plan.status)}, 1, NO_EXECUTE);
        break;
    case CALL_TOLD:
        if (n)
            recorder_event(c->recorder, &c->origin, n, NULL, false, "NodeNotReady",
                           "Node %s status is now: NodeNotReady", n->meta.name);
        break;
    case CALL_MARK:
        mark_pod(c, call->object);
        break;
    }
    return CALL_OK;
}

/* ---- a pass: all nodes ---- */

/* k8s classifyNodes: who has come and gone since the last pass. */
static void tell_membership(struct controller *c)
{
    for (uint32_t i = 0; i < c->nodes.count; i++) {
        struct watched *w = node_at(c, i);
        const struct node *n = cached(c, w);
        if (n && !w->known) {
            recorder_event(c->recorder, &c->origin, &n->object, NULL, false, "RegisteredNode",
                           "Node %s event: Registered Node %s in Controller", n->object.meta.name, n->object.meta.name);
            w->known = true;
        } else if (!n && w->known && w->last) {
            const struct api_object *last = w->last;
            recorder_event(c->recorder, &c->origin, last, NULL, false, "RemovingNode",
                           "Node %s event: Removing Node %s from Controller", last->meta.name, last->meta.name);
            w->known = false;
        }
    }
}

static void node_is_gone(struct controller *c, struct watched *w, const struct api_object *last)
{
    w->last = last;
    w->queued = false;
    watch_silence(c, w);
}

static struct zone new_zone(const struct controller *c, const char *name)
{
    return (struct zone){.name = name, .limiter = {c->config->node_eviction_interval, SIM_NEVER}};
}

static void enter_disruption(struct controller *c)
{
    for (uint32_t i = 0; i < c->nodes.count; i++) {
        struct watched *w = node_at(c, i);
        const struct node *n = cached(c, w);
        w->queued = false;
        if (!n || !(node_has_taint(n, TAINT_NOT_READY, NO_EXECUTE) || node_has_taint(n, TAINT_UNREACHABLE, NO_EXECUTE)))
            continue;
        w->plan.step = TAINT_STEP_CLEAR;
        workqueue_add(c->health, i);
    }
    for (uint32_t z = 0; z < c->zones.count; z++) {
        limiter_swap(&zone_at(c, z)->limiter, 0, sim_now(c->sim));
        zone_at(c, z)->state = ZONE_FULL_DISRUPTION;
    }
}

static void set_zone(struct controller *c, uint32_t index, enum zone_state state)
{
    struct zone *z = zone_at(c, index);
    z->state = state;
    limiter_swap(&z->limiter, zone_interval(c->config, state, z->ready + z->not_ready), sim_now(c->sim));
    if (first_queued(c, index) < c->nodes.count)
        want_tainting(c, z);
}

static void handle_disruption(struct controller *c)
{
    bool were_full = true, are_full = true;
    for (uint32_t i = 0; i < c->zones.count; i++) {
        const struct zone *z = zone_at(c, i);
        were_full = were_full && (!z->in_use || z->state == ZONE_FULL_DISRUPTION);
        are_full = are_full && (!z->in_use || zone_state_of(c->config, z->ready, z->not_ready) == ZONE_FULL_DISRUPTION);
    }
    enum disruption d = disruption_of(were_full, are_full);
    if (d == DISRUPTION_ENTER)
        enter_disruption(c);
    for (uint32_t i = 0; d == DISRUPTION_LEAVE && i < c->nodes.count; i++)
        node_at(c, i)->seen = sim_now(c->sim);
    for (uint32_t i = 0; i < c->zones.count; i++) {
        struct zone *z = zone_at(c, i);
        enum zone_state state = zone_state_of(c->config, z->ready, z->not_ready);
        if (!z->in_use)
            *z = new_zone(c, z->name);
        else if (d == DISRUPTION_LEAVE || (d == DISRUPTION_ZONES && state != z->state))
            set_zone(c, i, state);
    }
}

static void begin_zone(struct zone *z)
{
    z->in_use = false;
    z->ready = z->not_ready = 0;
}

static void pass(struct controller *c)
{
    uint32_t cause = sim_cause(c->sim);
    bool lost = false;
    if (!store_reachable(c->store, NULL))
        return;
    c->passed_at = sim_now(c->sim);
    tell_membership(c);
    for (uint32_t z = 0; z < c->zones.count; z++)
        begin_zone(zone_at(c, z));
    for (uint32_t i = 0; i < c->nodes.count; i++) {
        struct watched *w = node_at(c, i);
        const struct node *n = cached(c, w);
        sim_set_cause(c->sim, cause);
        if (!n)
            continue;
        plan_node(c, w, n);
        if (w->plan.unknown)
            sim_set_cause(c->sim, w->cause);
        lost = lost || w->plan.lost;
        carry_out(c, i);
    }
    if (lost)
        list_pods(c);
    handle_disruption(c);
    for (uint32_t i = 0; i < c->nodes.count; i++)
        if (node_at(c, i)->silent && !node_at(c, i)->plan.unknown)
            watch_silence(c, node_at(c, i));
}

/* ---- what wakes it ---- */

static uint32_t zone_index(struct controller *c, const struct node *n)
{
    const char *name = node_zone(c->arena, n);
    for (uint32_t i = 0; i < c->zones.count; i++)
        if (strcmp(zone_at(c, i)->name, name) == 0)
            return i;
    uint32_t i = pool_add(&c->zones);
    *zone_at(c, i) = new_zone(c, name);
    return i;
}

static struct watched *add_node(struct controller *c, const struct node *n)
{
    uint32_t i = pool_add(&c->nodes);
    struct watched *w = node_at(c, i);
    sim_time now = sim_now(c->sim);
    *w = (struct watched){.ordinal = n->object.ordinal, .stream = n->object.stream, .zone = zone_index(c, n)};
    w->seen = node_condition_find(n, "Ready") ? next_pass(c, now) : n->object.meta.creation_timestamp;
    pool_init(&w->mark, c->arena, sizeof(uint32_t));
    while (c->by_ordinal.count <= n->object.ordinal)
        pool_add(&c->by_ordinal);
    *(uint32_t *)pool_at(&c->by_ordinal, n->object.ordinal) = i + 1;
    uint32_t key = workqueue_key(c->health, n->object.stream), same = workqueue_key(c->schedule, n->object.stream);
    ASSERT(key == i);
    ASSERT(same == i);
    return w;
}

/* Does a pass see something else than the one before did? */
static bool matters(const struct node *before, const struct node *after)
{
    if (node_ready_status(before) != node_ready_status(after))
        return true;
    static const char *const keys[] = {TAINT_NOT_READY, TAINT_UNREACHABLE};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (node_has_taint(before, keys[i], NO_EXECUTE) != node_has_taint(after, keys[i], NO_EXECUTE))
            return true;
    return before->object.meta.labels.items != after->object.meta.labels.items;
}

static void on_node(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    struct watched *w = find(c, after ? after->ordinal : before->ordinal);
    if (!w)
        w = add_node(c, (const struct node *)after);
    if (!after) {
        node_is_gone(c, w, before);
        want_pass(c, sim_now(c->sim));
        return;
    }
    w->zone = zone_index(c, (const struct node *)after);
    watch_silence(c, w);
    bool same = before ? !matters((const struct node *)before, (const struct node *)after)
                       : w->known && node_ready_status((const struct node *)after) == NODE_READY;
    if (!same)
        want_pass(c, sim_now(c->sim));
    struct taint_changes changes;
    node_schedule_taints((const struct node *)after, &changes);
    if (changes.added || changes.removed)
        workqueue_add(c->schedule, (uint32_t)(*(uint32_t *)pool_at(&c->by_ordinal, after->ordinal) - 1));
}

/* A new manager, that has seen no sign of life before. */
static void start_anew(struct controller *c)
{
    for (uint32_t i = 0; i < c->nodes.count; i++) {
        node_at(c, i)->seen = next_pass(c, sim_now(c->sim));
        watch_silence(c, node_at(c, i));
    }
}

static void on_lease(void *ctx, uint32_t node)
{
    struct controller *c = ctx;
    bool up = store_reachable(c->store, NULL);
    if (!up && c->down_since == SIM_NEVER)
        c->down_since = sim_now(c->sim);
    if (up && c->down_since != SIM_NEVER) {
        bool ended = sim_now(c->sim) - c->down_since > RENEW_DEADLINE;
        c->down_since = SIM_NEVER;
        if (ended)
            start_anew(c);
        want_pass(c, sim_now(c->sim));
    }
    struct watched *w = find(c, node);
    if (w)
        watch_silence(c, w);
}

/* ---- NoSchedule taints: k8s doNoScheduleTaintingPass ---- */

static void sync_schedule(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    const struct node *n = cached(c, node_at(c, key));
    struct taint_changes *changes = arena_new(c->arena, struct taint_changes);
    if (!n)
        return;
    node_schedule_taints(n, changes);
    if (changes->added)
        workqueue_call(c->schedule, key, (struct work_call){.kind = CALL_ADD, .first_of_batch = true, .data = changes});
    if (changes->removed)
        workqueue_call(c->schedule, key,
                       (struct work_call){.kind = CALL_REMOVE, .first_of_batch = true, .data = changes});
}

static enum call_result make_schedule(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    const struct taint_changes *t = call->data;
    if (call->kind == CALL_ADD)
        node_taints_add(c->store, node_at(c, key)->ordinal, t->add, t->added, "NoSchedule");
    else
        node_taints_remove(c->store, node_at(c, key)->ordinal, t->remove, t->removed, "NoSchedule");
    return CALL_OK;
}

/* ---- life ---- */

static struct sim_timer *timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)local, (void)class;
    return &((struct controller *)ctx)->timers[index];
}

static void fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)local, (void)class;
    if (index == TIMER_TAINTING)
        taint(ctx);
    else
        pass(ctx);
}

/* Nodes that are there when the run begins have been known for long. */
static void know_nodes(struct controller *c)
{
    uint32_t cursor = 0;
    const struct api_object *o;
    while ((o = store_next(c->store, KIND_NODE, &cursor)) != NULL)
        add_node(c, (const struct node *)o)->known = true;
}

void node_controller_new(struct store *st, struct informers *f, struct recorder *r, struct node_leases *leases,
                         const struct manager_config *config)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){.store = st,
                             .sim = store_sim(st),
                             .arena = store_arena(st),
                             .informers = f,
                             .recorder = r,
                             .leases = leases,
                             .config = config,
                             .origin = {COMP_NODE_CONTROLLER, "node-controller", NULL, false},
                             .passed_at = SIM_NEVER,
                             .down_since = SIM_NEVER};
    pool_init(&c->nodes, c->arena, sizeof(struct watched));
    pool_init(&c->by_ordinal, c->arena, sizeof(uint32_t));
    pool_init(&c->zones, c->arena, sizeof(struct zone));
    c->health =
        workqueue_new(st, &(struct work_ops){"node health", CLASS_PARENT, 0, sync_health, make_health, NULL}, c);
    c->schedule =
        workqueue_new(st, &(struct work_ops){"node taints", CLASS_PARENT, 0, sync_schedule, make_schedule, NULL}, c);
    uint32_t handler = sim_handler_add(c->sim, &(struct sim_handler){"node controller", c, timer, fire});
    know_nodes(c);
    c->object = sim_object_new(c->sim, handler, 0);
    informers_listen(f, KIND_NODE, on_node, c);
    node_leases_listen(leases, on_lease, c);
}

/* scheduler.c - kube-scheduler: one pod at a time, filter the nodes, score the feasible ones, bind; or make room.
 *
 * Mirrors k8s pkg/scheduler/schedule_one.go and eventhandlers.go (v1.36); rules and texts: semantics/scheduler.md. How
 * the work is divided: sched_private.h. Left out on purpose: volumes and resource claims, extenders, other profiles
 * than the default one, gang scheduling; the time that one attempt takes does not grow with the cluster.
 */
#include "model/scheduler.h"

#include <string.h>

#include "model/classes.h"
#include "model/playback.h"
#include "model/sched_private.h"

static sim_time hop(struct scheduler *s, enum hop h, const struct sched_pod *p)
{
    return profile_draw(store_profile(s->store), h, p->pod->object.stream, sim_now(s->sim));
}

static sim_time binding_cost(struct scheduler *s, const struct sched_pod *p)
{
    const struct playback *recorded = store_profile(s->store)->playback;
    sim_time cost = recorded ? playback_binding(recorded, p->pod->object.meta.name, sim_now(s->sim)) : SIM_NEVER;
    return cost != SIM_NEVER ? cost : hop(s, HOP_API_WRITE, p);
}

static void start_cycle(struct scheduler *s)
{
    if (s->in_flight)
        return;
    struct sched_pod *p = queue_pop(s);
    if (!p)
        return;
    p->state = IN_FLIGHT;
    s->in_flight = p->index + 1;
    sim_set_cause(s->sim, p->cause);
    sim_arm(s->sim, sim_time_add(sim_now(s->sim), hop(s, HOP_SCHED_CYCLE, p)), CLASS_SCHEDULER, s->object, 0);
}

/* ---- writes ---- */

static struct pod_condition *put_condition(struct scheduler *s, struct pod *next, const char *type)
{
    uint32_t n = next->status.conditions.count;
    struct pod_condition *list = arena_array(s->arena, struct pod_condition, n + 1);
    for (uint32_t i = 0; i < n; i++)
        list[i] = next->status.conditions.items[i];
    next->status.conditions.items = list;
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(list[i].type, type) == 0)
            return &list[i];
    }
    next->status.conditions.count = n + 1;
    list[n] = (struct pod_condition){.type = type, .last_probe_time = SIM_NEVER, .last_transition_time = SIM_NEVER};
    return &list[n];
}

static void set_condition(struct scheduler *s, const struct pod *next, struct pod_condition *c, const char *status,
                          const char *reason, const char *message)
{
    if (!c->status || strcmp(c->status, status) != 0)
        c->last_transition_time = api_second(sim_now(s->sim));
    c->status = status;
    c->reason = reason;
    c->message = message;
    if (store_has(s->store, FEATURE_OBSERVED_GENERATION))
        c->observed_generation = next->object.meta.generation;
}

static void set_scheduled(struct scheduler *s, struct pod *next, const char *status, const char *reason,
                          const char *message)
{
    set_condition(s, next, put_condition(s, next, "PodScheduled"), status, reason, message);
}

static void commit_bind(void *ctx, uint32_t arg)
{
    struct scheduler *s = ctx;
    struct sched_pod *p = sched_pod_at(s, arg);
    const struct api_object *current = store_by_ordinal(s->store, p->ordinal);
    if (!current || !p->node || !sched_node_at(s, p->node - 1)->node)
        return;
    const char *node = sched_node_at(s, p->node - 1)->node->object.meta.name;
    struct pod *next = (struct pod *)store_edit(s->store, current);
    next->spec.node_name = node;
    next->status.nominated_node_name = NULL;
    set_scheduled(s, next, "True", NULL, NULL);
    const struct api_object *stored = store_update(s->store, COMP_SCHEDULER, &next->object, false);
    p->state = BOUND;
    recorder_event(s->recorder, &s->origin, stored, NULL, false, "Scheduled", "Successfully assigned %s/%s to %s",
                   stored->meta.namespace_, stored->meta.name, node);
}

static void commit_unschedulable(void *ctx, uint32_t arg)
{
    struct scheduler *s = ctx;
    struct sched_pod *p = sched_pod_at(s, arg);
    const struct api_object *current = store_by_ordinal(s->store, p->ordinal);
    if (!current || p->node)
        return;
    const struct pod *before = (const struct pod *)current;
    struct pod *next = (struct pod *)store_edit(s->store, current);
    set_scheduled(s, next, "False", "Unschedulable", p->message);
    next->status.nominated_node_name = p->nominated ? sched_node_at(s, p->nominated - 1)->name : NULL;
    if (before->status.conditions.count != next->status.conditions.count ||
        !api_equal(kind_infos[KIND_POD].type, before, next))
        store_update(s->store, COMP_SCHEDULER, &next->object, false);
}

/* ---- preemption, carried out: k8s framework/preemption/executor.go ---- */

struct sched_eviction {
    struct scheduler *scheduler;
    uint32_t victim; /* ordinal */
    const char *preemptor, *node;
};

static void commit_eviction(void *ctx, uint32_t arg)
{
    const struct sched_eviction *e = ctx;
    struct scheduler *s = e->scheduler;
    const struct api_object *current = store_by_ordinal(s->store, e->victim);
    (void)arg;
    if (!current || current->meta.deletion_timestamp != SIM_NEVER)
        return;
    recorder_event(s->recorder, &s->origin, current, NULL, false, "Preempted", "Preempted by pod %s on node %s",
                   e->preemptor, e->node);
    store_delete(s->store, COMP_SCHEDULER, current, -1);
}

static void commit_disruption(void *ctx, uint32_t arg)
{
    const struct sched_eviction *e = ctx;
    struct scheduler *s = e->scheduler;
    const struct api_object *current = store_by_ordinal(s->store, e->victim);
    (void)arg;
    if (!current || current->meta.deletion_timestamp != SIM_NEVER)
        return;
    if (store_has(s->store, FEATURE_DISRUPTION_TARGET)) {
        struct pod *next = (struct pod *)store_edit(s->store, current);
        struct pod_condition *c = put_condition(s, next, "DisruptionTarget");
        set_condition(s, next, c, "True", "PreemptionByScheduler",
                      "default-scheduler: preempting to accommodate a higher priority pod");
        store_update(s->store, COMP_SCHEDULER, &next->object, false);
    }
    store_post(s->store, profile_draw(store_profile(s->store), HOP_API_WRITE, current->stream, sim_now(s->sim)),
               commit_eviction, ctx, 0);
}

static void nominate(struct scheduler *s, struct sched_pod *p, uint32_t node)
{
    s->nominated_count += (node != 0) - (p->nominated != 0);
    p->nominated = node;
}

/* What comes back at once when it is pushed out, such as the mirror of a static pod, is pushed out for ever. */
static void count_preemptions(struct scheduler *s, struct sched_pod *p)
{
    enum { TOO_MANY_AT_ONCE = 100 };
    p->preemptions = p->preempted_at == sim_now(s->sim) ? p->preemptions + 1 : 1;
    p->preempted_at = sim_now(s->sim);
    if (p->preemptions > TOO_MANY_AT_ONCE)
        sim_limit(
            s->sim,
            arena_printf(s->arena, "%u preemptions at one instant for pod %s", p->preemptions,
                         p->pod->object.meta.name),
            "its victims come back at once: give static pods priorityClassName system-node-critical; a profile with "
            "latencies shows it in time");
}

static void carry_out(struct scheduler *s, struct sched_pod *p, const struct preempt_plan *plan)
{
    count_preemptions(s, p);
    nominate(s, p, plan->node);
    for (uint32_t i = 0; i < plan->victims.count; i++) {
        const struct sched_pod *victim = plan->victims.items[i];
        struct sched_eviction *e = arena_new(s->arena, struct sched_eviction);
        *e = (struct sched_eviction){s, victim->ordinal, p->pod->object.meta.uid,
                                     sched_node_at(s, plan->node - 1)->name};
        store_post(s->store, hop(s, HOP_API_WRITE, victim), commit_disruption, e, 0);
    }
}

/* ---- one attempt ---- */

/* k8s schedule_one.go numFeasibleNodesToFind. */
static uint32_t nodes_to_find(uint32_t all)
{
    enum { FEW = 100, MIN_PERCENT = 5 };
    if (all < FEW)
        return all;
    uint32_t percent = all / 125 < 50 - MIN_PERCENT ? 50 - all / 125 : MIN_PERCENT;
    uint32_t n = (uint32_t)((uint64_t)all * percent / 100);
    return n < FEW ? FEW : n;
}

/* Feasible nodes, beginning where the last search ended; how many there are. */
static uint32_t find_feasible(struct sched_attempt *a, uint32_t *nodes)
{
    struct scheduler *s = a->s;
    uint32_t found = 0, looked_at = 0, wanted = nodes_to_find(s->order_count);
    uint32_t start = s->next_start % s->order_count;
    for (; looked_at < s->order_count && found < wanted; looked_at++) {
        uint32_t node = s->order[(start + looked_at) % s->order_count];
        if (!sched_not_asked(a, node) && sched_fits(a, node))
            nodes[found++] = node;
    }
    s->next_start = (start + looked_at) % s->order_count;
    return found;
}

/* The node that a pod went to which is played back, if it fits there; 0 = none, or index + 1. */
static uint32_t recorded_choice(struct sched_attempt *a)
{
    struct scheduler *s = a->s;
    const struct playback *p = store_profile(s->store)->playback;
    const char *name = p ? playback_node(p, a->p->pod->object.meta.name) : NULL;
    for (uint32_t i = 0; name && i < s->order_count; i++) {
        uint32_t node = s->order[i];
        if (strcmp(sched_node_at(s, node)->name, name) == 0 && !sched_not_asked(a, node))
            return sched_filter(a, node).code == FIT ? node + 1 : 0;
    }
    return 0;
}

/* 0 = none, or index + 1. The node that was emptied for it comes first. */
static uint32_t choose(struct sched_attempt *a)
{
    struct scheduler *s = a->s;
    if (s->order_count == 0 || a->p->rules->conflict)
        return 0;
    sched_attempt_prepare(a);
    uint32_t nominated = a->p->nominated;
    if (nominated && sched_node_at(s, nominated - 1)->node && sched_filter(a, nominated - 1).code == FIT)
        return nominated;
    uint32_t *nodes = arena_array(s->scratch, uint32_t, nodes_to_find(s->order_count) + 1);
    uint32_t count = find_feasible(a, nodes);
    uint32_t recorded = recorded_choice(a);
    return recorded ? recorded : count ? sched_best(a, nodes, count) + 1 : 0;
}

/* Why each node was refused, in the order of nodes; the plugins that did it are remembered for what will wake the pod.
 */
static struct filter_result *refusals(struct sched_attempt *a)
{
    struct scheduler *s = a->s;
    struct filter_result *out = arena_array(s->scratch, struct filter_result, s->order_count + 1);
    a->p->rejected_by = s->order_count && a->p->rules->conflict ? 1u << PLUGIN_NODE_AFFINITY : 0;
    for (uint32_t i = 0; i < s->order_count; i++) {
        const char *not_asked = sched_not_asked(a, s->order[i]);
        if (a->p->rules->conflict)
            out[i].code = UNRESOLVABLE_NODE;
        else if (not_asked)
            out[i] = (struct filter_result){UNRESOLVABLE_NODE, PLUGIN_NODE_AFFINITY, {not_asked}, 1};
        else
            out[i] = sched_filter(a, s->order[i]);
        a->p->rejected_by |= 1u << out[i].plugin;
    }
    return out;
}

static void reject(struct sched_attempt *a)
{
    struct scheduler *s = a->s;
    struct sched_pod *p = a->p;
    const struct filter_result *refused = refusals(a);
    struct preempt_plan plan = sched_preempt(a, refused);
    p->message = arena_strdup(s->arena, sched_failure(a, refused, &plan));
    if (plan.node)
        carry_out(s, p, &plan);
    else if (plan.gives_up)
        nominate(s, p, 0);
    recorder_event(s->recorder, &s->origin, &p->pod->object, NULL, true, "FailedScheduling", "%s", p->message);
    store_post(s->store, hop(s, HOP_API_WRITE, p), commit_unschedulable, s, p->index);
    queue_park(s, p);
}

static void attempt(struct scheduler *s, struct sched_pod *p)
{
    struct sched_attempt a = {.s = s, .p = p};
    sched_order_nodes(s);
    uint32_t node = choose(&a);
    if (!node) {
        reject(&a);
        return;
    }
    nominate(s, p, 0);
    sched_attach(s, p, node - 1);
    store_post(s->store, binding_cost(s, p), commit_bind, s, p->index);
}

static void finish_cycle(struct scheduler *s)
{
    struct sched_pod *p = sched_pod_at(s, s->in_flight - 1);
    s->in_flight = 0;
    if (!p->pod || p->state != IN_FLIGHT)
        return;
    if (p->pod->object.meta.deletion_timestamp == SIM_NEVER) {
        attempt(s, p);
        return;
    }
    recorder_event(s->recorder, &s->origin, &p->pod->object, NULL, true, "FailedScheduling",
                   "skip schedule deleting pod: %s/%s", p->pod->object.meta.namespace_, p->pod->object.meta.name);
    p->state = NOT_QUEUED;
}

/* ---- what the watches say of pods ---- */

static struct sched_pod *find_pod(struct scheduler *s, uint32_t ordinal)
{
    if (ordinal >= s->by_ordinal.count)
        return NULL;
    uint32_t i = *(uint32_t *)pool_at(&s->by_ordinal, ordinal);
    return i ? sched_pod_at(s, i - 1) : NULL;
}

static struct sched_pod *add_pod(struct scheduler *s, const struct pod *pod)
{
    uint32_t i = pool_add(&s->pods);
    struct sched_pod *p = sched_pod_at(s, i);
    *p = (struct sched_pod){.pod = pod, .index = i, .ordinal = pod->object.ordinal};
    p->object = sim_object_new(s->sim, s->handler, i + 1);
    p->rules = sched_rules_of(s, pod);
    sched_measure(s, p);
    while (s->by_ordinal.count <= p->ordinal)
        pool_add(&s->by_ordinal);
    *(uint32_t *)pool_at(&s->by_ordinal, p->ordinal) = i + 1;
    return p;
}

/* A pod is gone for the scheduler when it is removed or its phase is terminal: scheduler.md 2.2. */
static void pod_gone(struct scheduler *s, struct sched_pod *p, const struct pod *last)
{
    if (!p->pod)
        return;
    bool held = p->node || p->nominated;
    if (p->node)
        sched_detach(s, p);
    nominate(s, p, 0);
    queue_forget(s, p);
    p->pod = NULL;
    if (held)
        queue_wake(s, &(struct sched_change){.event = EVENT_POD_GONE, .pod = last});
}

static bool asks_less(const struct sched_amounts *now, const struct sched_amounts *then)
{
    return now->cpu_milli < then->cpu_milli || now->memory < then->memory || now->ephemeral < then->ephemeral;
}

/* A pod on a node that is not what it was: its labels, what it takes, whether it is being deleted. */
static void pod_changed(struct scheduler *s, struct sched_pod *p, const struct pod *pod)
{
    const struct pod *was = p->pod;
    bool labels = was->object.meta.labels.items != pod->object.meta.labels.items;
    bool spec = was->object.meta.spec_version != pod->object.meta.spec_version || p->resizing;
    bool dies = was->object.meta.deletion_timestamp == SIM_NEVER && pod->object.meta.deletion_timestamp != SIM_NEVER;
    if (!labels && !spec) {
        if (dies)
            sched_sets_dying(s, p, was);
        p->pod = pod;
        return;
    }
    const struct sched_amounts before = p->asked;
    uint32_t node = p->node - 1;
    sched_detach(s, p);
    p->pod = pod;
    p->rules = sched_rules_of(s, pod);
    sched_measure(s, p);
    sched_attach(s, p, node);
    if (labels)
        queue_wake(s, &(struct sched_change){.event = EVENT_POD_LABELS, .pod = pod, .pod_before = was});
    if (asks_less(&p->asked, &before))
        queue_wake(s, &(struct sched_change){.event = EVENT_POD_SCALED_DOWN, .pod = pod, .pod_before = was});
}

static void pod_bound(struct scheduler *s, struct sched_pod *p)
{
    uint32_t node = p->node ? 0 : sched_find_node(s, p->pod->spec.node_name);
    bool news = p->state != BOUND || !p->announced;
    if (p->state != BOUND && p->state != IN_FLIGHT)
        queue_forget(s, p);
    p->state = BOUND;
    nominate(s, p, 0);
    if (node)
        sched_attach(s, p, node - 1);
    p->announced = true;
    if (news)
        queue_wake(s, &(struct sched_change){.event = EVENT_POD_ADDED, .pod = p->pod});
}

static void pod_waiting(struct scheduler *s, struct sched_pod *p, const struct pod *was)
{
    if (p->pod->spec.scheduling_gates.count) {
        p->state = GATED;
    } else if (p->pod->object.meta.deletion_timestamp == SIM_NEVER) {
        if (!was || p->state == GATED)
            queue_activate(s, p);
        else
            queue_own_change(s, p, was);
    }
}

static void on_pod(struct scheduler *s, const struct watch_event *e)
{
    const struct pod *pod = (const struct pod *)e->object;
    struct sched_pod *p = find_pod(s, e->object->ordinal);
    if (e->verb == WRITE_DELETE || sched_is_over(pod)) {
        if (p)
            pod_gone(s, p, pod);
        return;
    }
    const struct pod *was = p ? p->pod : NULL;
    if (!p)
        p = add_pod(s, pod);
    if (!p->pod)
        return;
    if (p->node) {
        pod_changed(s, p, pod);
    } else if (was) {
        p->pod = pod;
        p->rules = sched_rules_of(s, pod);
        if (was->object.meta.spec_version != pod->object.meta.spec_version)
            sched_measure(s, p);
    }
    if (pod->spec.node_name && *pod->spec.node_name)
        pod_bound(s, p);
    else if (!p->node)
        pod_waiting(s, p, was);
}

/* ---- what the watches say of nodes ---- */

static bool same_taints(const struct node *a, const struct node *b)
{
    if (a->spec.unschedulable != b->spec.unschedulable || a->spec.taints.count != b->spec.taints.count)
        return false;
    for (uint32_t i = 0; i < a->spec.taints.count; i++) {
        const struct taint *x = &a->spec.taints.items[i], *y = &b->spec.taints.items[i];
        if (!text_same(x->key, y->key) || !text_same(x->value, y->value) || !text_same(x->effect, y->effect))
            return false;
    }
    return true;
}

static bool same_amounts(const quantity_map *a, const quantity_map *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; a->items != b->items && i < a->count; i++)
        if (!text_same(a->items[i].key, b->items[i].key) ||
            quantity_compare(&a->items[i].value, &b->items[i].value) != 0)
            return false;
    return true;
}

/* k8s framework/events.go NodeSchedulingPropertiesChange. */
static void tell_node(struct scheduler *s, const struct node *now, const struct node *then)
{
    bool happened[EVENT_COUNT] = {
        [EVENT_NODE_ADDED] = !then,
        [EVENT_NODE_GONE] = !now,
        [EVENT_NODE_LABELS] = now && then && now->object.meta.labels.items != then->object.meta.labels.items,
        [EVENT_NODE_TAINTS] = now && then && !same_taints(now, then),
        [EVENT_NODE_ALLOCATABLE] = now && then &&
                                   (!same_amounts(&now->status.allocatable, &then->status.allocatable) ||
                                    !same_amounts(&now->status.capacity, &then->status.capacity)),
    };
    for (int i = 0; i < EVENT_COUNT; i++)
        if (happened[i])
            queue_wake(s, &(struct sched_change){.event = (enum sched_event)i, .node = now, .node_before = then});
}

/* Pods that were bound to a node which was not known yet. */
static void adopt_pods(struct scheduler *s, uint32_t node)
{
    for (uint32_t i = 0; i < s->pods.count; i++) {
        struct sched_pod *p = sched_pod_at(s, i);
        if (p->pod && !p->node && p->state == BOUND && text_same(p->pod->spec.node_name, sched_node_at(s, node)->name))
            sched_attach(s, p, node);
    }
}

static void on_node(struct scheduler *s, const struct watch_event *e)
{
    struct sched_node *n = NULL;
    for (uint32_t i = 0; i < s->nodes.count && !n; i++)
        if (sched_node_at(s, i)->ordinal == e->object->ordinal)
            n = sched_node_at(s, i);
    bool first = !n;
    if (first)
        n = sched_add_node(s, e->object);
    const struct node *then = n->node, *now = e->verb == WRITE_DELETE ? NULL : (const struct node *)e->object;
    sched_set_node(s, n, now);
    if (first && s->pods.count)
        adopt_pods(s, s->nodes.count - 1);
    if (now || then)
        tell_node(s, now, then);
}

static void deliver(void *ctx, const struct watch_event *e)
{
    struct scheduler *s = ctx;
    arena_reset(s->scratch);
    switch (e->object->kind) {
    case KIND_POD:
        on_pod(s, e);
        break;
    case KIND_NODE:
        on_node(s, e);
        break;
    case KIND_SERVICE:
        s->service_version++;
        return;
    default: /* a namespace: its labels may choose pods */
        sched_sets_recount(s);
        return;
    }
    start_cycle(s);
}

/* Local 0 is the scheduler itself (its cycle), the others are pods (their retry). */
static struct sim_timer *timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct scheduler *s = ctx;
    ASSERT(class == CLASS_SCHEDULER && index == 0);
    return local == 0 ? &s->cycle : &sched_pod_at(s, local - 1)->retry;
}

static void fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    struct scheduler *s = ctx;
    arena_reset(s->scratch);
    if (local == 0)
        finish_cycle(s);
    else
        queue_due(s, sched_pod_at(s, local - 1));
    start_cycle(s);
}

struct scheduler *scheduler_new(struct store *st, struct recorder *r, struct arena *scratch)
{
    struct arena *a = store_arena(st);
    struct scheduler *s = arena_new(a, struct scheduler);
    *s = (struct scheduler){
        .store = st,
        .sim = store_sim(st),
        .arena = a,
        .scratch = scratch,
        .recorder = r,
        .origin = {COMP_SCHEDULER, "default-scheduler", NULL, true},
    };
    pool_init(&s->pods, a, sizeof(struct sched_pod));
    pool_init(&s->nodes, a, sizeof(struct sched_node));
    pool_init(&s->by_ordinal, a, sizeof(uint32_t));
    pool_init(&s->topologies, a, sizeof(struct sched_topology));
    pool_init(&s->rules, a, sizeof(struct sched_rules));
    pool_init(&s->sets, a, sizeof(struct pod_set));
    pool_init(&s->pairs, a, sizeof(struct label_pair));
    s->handler = sim_handler_add(s->sim, &(struct sim_handler){"scheduler", s, timer, fire});
    s->object = sim_object_new(s->sim, s->handler, 0);
    store_watch(st, 1u << KIND_NODE | 1u << KIND_POD, NULL, deliver, s);
    store_watch(st, 1u << KIND_SERVICE | 1u << KIND_NAMESPACE, NULL, deliver, s);
    return s;
}

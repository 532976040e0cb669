/* sched_queue.c - who is tried when: the active queue, back-off, rejected pods, and what wakes whom.
 *
 * Mirrors k8s pkg/scheduler/backend/queue/{scheduling_queue,active_queue,backoff_queue}.go and the plugins'
 * EventsToRegister with their hints (v1.36); semantics/scheduler.md 2. A pod that was rejected waits for an event that
 * one of the plugins that rejected it finds helpful, at the latest for the leftover flush. Before 1.32 hints are not
 * asked: any event that a plugin registered for wakes the pods it rejected.
 */
#include <string.h>

#include "model/classes.h"
#include "model/sched_private.h"
#include "sim/cover.h"

/* k8s pkg/scheduler/backend/queue: DefaultPodMaxInUnschedulablePodsDuration, flush periods; back-off. */
#define UNSCHEDULABLE_FLUSH_AGE    (300 * SIM_SECOND)
#define UNSCHEDULABLE_FLUSH_PERIOD (30 * SIM_SECOND)
#define BACKOFF_INITIAL            (1 * SIM_SECOND)
#define BACKOFF_MAX                (10 * SIM_SECOND)
#define BACKOFF_FLUSH_PERIOD       SIM_SECOND

/* ---- the active queue: a heap by priority, then by the time of queueing ---- */

static bool before(const struct scheduler *s, uint32_t a, uint32_t b)
{
    const struct sched_pod *x = sched_pod_at(s, a), *y = sched_pod_at(s, b);
    if (sched_priority(x) != sched_priority(y))
        return sched_priority(x) > sched_priority(y);
    if (x->queued_at != y->queued_at)
        return x->queued_at < y->queued_at;
    return a < b;
}

static void place(struct scheduler *s, uint32_t at, uint32_t pod)
{
    s->heap[at] = pod;
    sched_pod_at(s, pod)->heap_at = at + 1;
}

static void sift_up(struct scheduler *s, uint32_t at)
{
    uint32_t pod = s->heap[at];
    for (; at && before(s, pod, s->heap[(at - 1) / 2]); at = (at - 1) / 2)
        place(s, at, s->heap[(at - 1) / 2]);
    place(s, at, pod);
}

static void sift_down(struct scheduler *s, uint32_t at)
{
    uint32_t pod = s->heap[at];
    for (uint32_t child; (child = 2 * at + 1) < s->heap_count; at = child) {
        if (child + 1 < s->heap_count && before(s, s->heap[child + 1], s->heap[child]))
            child++;
        if (!before(s, s->heap[child], pod))
            break;
        place(s, at, s->heap[child]);
    }
    place(s, at, pod);
}

static void heap_push(struct scheduler *s, struct sched_pod *p)
{
    if (s->heap_count == s->heap_capacity) {
        s->heap_capacity = s->heap_capacity ? 2 * s->heap_capacity : 64;
        uint32_t *bigger = arena_array(s->arena, uint32_t, s->heap_capacity);
        if (s->heap_count)
            memcpy(bigger, s->heap, s->heap_count * sizeof *bigger);
        s->heap = bigger;
    }
    place(s, s->heap_count++, p->index);
    sift_up(s, s->heap_count - 1);
}

static void heap_remove(struct scheduler *s, struct sched_pod *p)
{
    uint32_t at = p->heap_at - 1;
    p->heap_at = 0;
    if (at == --s->heap_count)
        return;
    place(s, at, s->heap[s->heap_count]);
    sift_up(s, at);
    sift_down(s, sched_pod_at(s, s->heap[at])->heap_at - 1);
}

/* ---- rejected pods, in order of rejection ---- */

static void parked_add(struct scheduler *s, struct sched_pod *p)
{
    p->prev_parked = s->last_parked;
    p->next_parked = 0;
    if (s->last_parked)
        sched_pod_at(s, s->last_parked - 1)->next_parked = p->index + 1;
    else
        s->first_parked = p->index + 1;
    s->last_parked = p->index + 1;
}

static void parked_remove(struct scheduler *s, struct sched_pod *p)
{
    if (p->prev_parked)
        sched_pod_at(s, p->prev_parked - 1)->next_parked = p->next_parked;
    else
        s->first_parked = p->next_parked;
    if (p->next_parked)
        sched_pod_at(s, p->next_parked - 1)->prev_parked = p->prev_parked;
    else
        s->last_parked = p->prev_parked;
    p->next_parked = p->prev_parked = 0;
}

void queue_forget(struct scheduler *s, struct sched_pod *p)
{
    if (p->heap_at)
        heap_remove(s, p);
    if (p->state == UNSCHEDULABLE)
        parked_remove(s, p);
    sim_cancel(s->sim, CLASS_SCHEDULER, p->object, 0);
    p->state = NOT_QUEUED;
}

void queue_activate(struct scheduler *s, struct sched_pod *p)
{
    queue_forget(s, p);
    p->state = ACTIVE;
    p->queued_at = sim_now(s->sim);
    p->cause = sim_cause(s->sim);
    heap_push(s, p);
}

struct sched_pod *queue_pop(struct scheduler *s)
{
    if (!s->heap_count)
        return NULL;
    struct sched_pod *p = sched_pod_at(s, s->heap[0]);
    heap_remove(s, p);
    return p;
}

/* ---- back-off ---- */

/* The timer of a pod that backs off: the flush that finds it expired. Whole seconds, as is the expiry where pods are
 * taken early. k8s backoff_queue.go isPodBackingoff, alignToWindow. */
static void back_off(struct scheduler *s, struct sched_pod *p)
{
    sim_time until = p->backs_off_until - !store_has(s->store, FEATURE_POP_FROM_BACK_OFF);
    queue_forget(s, p);
    p->state = BACKING_OFF;
    sim_arm(s->sim, sim_time_next_tick(until, BACKOFF_FLUSH_PERIOD, 0), CLASS_SCHEDULER, p->object, 0);
}

/* Something happened that may help. An idle scheduler takes pods before their back-off is over, where it can. */
static void requeue(struct scheduler *s, struct sched_pod *p)
{
    if (store_has(s->store, FEATURE_POP_FROM_BACK_OFF) || sim_now(s->sim) >= p->backs_off_until)
        queue_activate(s, p);
    else
        back_off(s, p);
}

static sim_time back_off_of(uint32_t count)
{
    sim_time wait = BACKOFF_INITIAL << (count < 5 ? count - 1 : 4);
    return wait < BACKOFF_MAX ? wait : BACKOFF_MAX;
}

void queue_park(struct scheduler *s, struct sched_pod *p)
{
    sim_time now = sim_now(s->sim);
    uint32_t count = p->rejected_by ? ++p->rejections : ++p->errors;
    p->backs_off_until = sim_time_add(now, back_off_of(count));
    if (!p->rejected_by) {
        back_off(s, p);
        return;
    }
    p->errors = 0;
    p->state = UNSCHEDULABLE;
    parked_add(s, p);
    sim_arm(s->sim, sim_time_next_tick(now + UNSCHEDULABLE_FLUSH_AGE, UNSCHEDULABLE_FLUSH_PERIOD, 0), CLASS_SCHEDULER,
            p->object, 0);
}

void queue_due(struct scheduler *s, struct sched_pod *p)
{
    if (p->state == UNSCHEDULABLE || p->state == BACKING_OFF)
        queue_activate(s, p);
}

/* ---- hints: does it help this pod? One per plugin; c is an event that the plugin registered for. ---- */

typedef bool hint_fn(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c);

static bool always(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c)
{
    (void)s, (void)p, (void)c;
    return true;
}

static bool hint_unschedulable(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c)
{
    (void)s;
    const struct pod_spec *spec = &p->pod->spec;
    return pod_accepts_cordon(spec, c->node) && !(c->node_before && pod_accepts_cordon(spec, c->node_before));
}

static bool hint_taints(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c)
{
    (void)s;
    const struct pod_spec *spec = &p->pod->spec;
    return !pod_repelled_by(spec, c->node) && !(c->node_before && !pod_repelled_by(spec, c->node_before));
}

static bool hint_affinity(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c)
{
    (void)s;
    return node_affinity_matches(&p->pod->spec, c->node) &&
           !(c->node_before && node_affinity_matches(&p->pod->spec, c->node_before));
}

static bool hint_ports(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c)
{
    (void)s;
    return c->event == EVENT_NODE_ADDED || pods_clash_on_host_ports(&p->pod->spec, &c->pod->spec);
}

static bool has_at_all(const struct sched_pod *p, const struct node *n)
{
    if (p->asked.cpu_milli > node_allocatable(n, "cpu", 0) || p->asked.memory > node_allocatable(n, "memory", 0) ||
        p->asked.ephemeral > node_allocatable(n, "ephemeral-storage", INT64_MAX) ||
        node_allocatable(n, "pods", 110) < 1)
        return false;
    for (uint32_t i = 0; i < p->asked.other.count; i++)
        if (quantity_value(&p->asked.other.items[i].value) > node_allocatable(n, p->asked.other.items[i].key, 0))
            return false;
    return true;
}

static bool grew(const struct sched_change *c, const char *resource, int64_t missing)
{
    return node_allocatable(c->node, resource, missing) > node_allocatable(c->node_before, resource, missing);
}

/* k8s plugins/noderesources/fit.go isSchedulableAfterNodeChange, isSchedulableAfterPodEvent. */
static bool hint_resources(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c)
{
    (void)s;
    if (c->event == EVENT_POD_GONE || c->event == EVENT_POD_SCALED_DOWN)
        return true;
    if (!has_at_all(p, c->node))
        return false;
    if (!c->node_before)
        return true;
    bool more = (p->asked.cpu_milli && grew(c, "cpu", 0)) || (p->asked.memory && grew(c, "memory", 0)) ||
                (p->asked.ephemeral && grew(c, "ephemeral-storage", INT64_MAX)) || grew(c, "pods", 110);
    for (uint32_t i = 0; i < p->asked.other.count; i++)
        more = more || grew(c, p->asked.other.items[i].key, 0);
    return more;
}

static bool counts(const struct scheduler *s, const struct spread_constraint *c, const struct pod *pod)
{
    return sched_terms_match(s, c->pods->terms, c->pods->term_count, pod);
}

static bool has_keys(const struct sched_pod *p, const struct node *n)
{
    for (uint32_t i = 0; n && i < p->rules->hard.count; i++)
        if (!str_map_get(&n->object.meta.labels, p->rules->hard.items[i].topology_key))
            return false;
    return n != NULL;
}

/* k8s plugins/podtopologyspread/plugin.go isSchedulableAfterPodChange, isSchedulableAfterNodeChange. */
static bool hint_spread(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c)
{
    if (c->node || c->node_before) {
        bool now = has_keys(p, c->node), then = has_keys(p, c->node_before);
        return now || (then && (c->event == EVENT_NODE_GONE || c->event == EVENT_NODE_LABELS));
    }
    for (uint32_t i = 0; i < p->rules->hard.count; i++) {
        bool now = counts(s, &p->rules->hard.items[i], c->pod);
        bool then = c->pod_before && counts(s, &p->rules->hard.items[i], c->pod_before);
        if (c->event == EVENT_POD_LABELS ? now != then : now)
            return true;
    }
    return false;
}

static bool all_match(const struct scheduler *s, const sched_terms *terms, const struct pod *pod)
{
    return sched_terms_match(s, terms->items, terms->count, pod);
}

static const char *label_of(const struct node *n, const char *key)
{
    return n ? str_map_get(&n->object.meta.labels, key) : NULL;
}

static bool node_helps_affinity(const struct sched_pod *p, const struct sched_change *c)
{
    for (uint32_t i = 0; i < p->rules->required.count; i++) {
        const char *key = p->rules->required.items[i].topology_key;
        const char *now = label_of(c->node, key), *then = label_of(c->node_before, key);
        if (now && !text_same(now, then))
            return true;
    }
    for (uint32_t i = 0; i < p->rules->anti.count; i++) {
        const char *key = p->rules->anti.items[i].topology_key;
        const char *now = label_of(c->node, key), *then = label_of(c->node_before, key);
        if (!c->node_before || (then && !text_same(now, then)))
            return true;
    }
    return false;
}

/* k8s plugins/interpodaffinity/plugin.go isSchedulableAfterPodChange. */
static bool pod_helps_affinity(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c)
{
    const struct sched_rules *r = p->rules;
    if (c->event == EVENT_POD_LABELS)
        return (!all_match(s, &r->required, c->pod_before) && all_match(s, &r->required, c->pod)) ||
               (all_match(s, &r->anti, c->pod_before) && !all_match(s, &r->anti, c->pod));
    if (c->event == EVENT_POD_ADDED)
        return all_match(s, &r->required, c->pod);
    return all_match(s, &r->anti, c->pod) || all_match(s, &sched_rules_of(s, c->pod)->anti, p->pod);
}

static bool hint_pod_affinity(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c)
{
    return c->node ? node_helps_affinity(p, c) : pod_helps_affinity(s, p, c);
}

/* ---- what wakes whom ---- */

#define E(id)          (1u << EVENT_##id)
#define PODS_MOVED     (E(POD_ADDED) | E(POD_LABELS) | E(POD_GONE))
#define NODES_LABELLED (E(NODE_ADDED) | E(NODE_LABELS))

static const struct {
    uint32_t events; /* that it registered for */
    hint_fn *helps;
} hints[PLUGIN_COUNT] = {
    [PLUGIN_NODE_UNSCHEDULABLE] = {E(NODE_ADDED) | E(NODE_TAINTS), hint_unschedulable},
    [PLUGIN_NODE_NAME] = {E(NODE_ADDED), always},
    [PLUGIN_TAINT_TOLERATION] = {E(NODE_ADDED) | E(NODE_TAINTS), hint_taints},
    [PLUGIN_NODE_AFFINITY] = {NODES_LABELLED, hint_affinity},
    [PLUGIN_NODE_PORTS] = {E(NODE_ADDED) | E(POD_GONE), hint_ports},
    [PLUGIN_NODE_RESOURCES] = {E(NODE_ADDED) | E(NODE_ALLOCATABLE) | E(POD_GONE) | E(POD_SCALED_DOWN), hint_resources},
    [PLUGIN_TOPOLOGY_SPREAD] = {PODS_MOVED | NODES_LABELLED | E(NODE_GONE) | E(NODE_TAINTS), hint_spread},
    [PLUGIN_INTER_POD_AFFINITY] = {PODS_MOVED | NODES_LABELLED, hint_pod_affinity},
};
COVER_TABLE(sched_hint, "scheduler: rejected by", "NodeUnschedulable, and woken", "NodeName, and woken",
            "TaintToleration, and woken", "NodeAffinity, and woken", "NodePorts, and woken",
            "NodeResourcesFit, and woken", "PodTopologySpread, and woken", "InterPodAffinity, and woken",
            "something that the event does not help");
_Static_assert(COVER_ROWS(sched_hint) == PLUGIN_COUNT + 1, "a row per plugin, and one");

static bool helps(struct scheduler *s, const struct sched_pod *p, const struct sched_change *c)
{
    for (int i = 0; i < PLUGIN_COUNT; i++) {
        if (!(p->rejected_by & 1u << i) || !(hints[i].events & 1u << c->event))
            continue;
        if (!store_has(s->store, FEATURE_QUEUEING_HINTS) || hints[i].helps(s, p, c)) {
            COVER(sched_hint, i);
            return true;
        }
    }
    COVER(sched_hint, PLUGIN_COUNT);
    return false;
}

void queue_wake(struct scheduler *s, const struct sched_change *c)
{
    for (uint32_t i = s->first_parked; i;) {
        struct sched_pod *p = sched_pod_at(s, i - 1);
        i = p->next_parked;
        if (helps(s, p, c))
            requeue(s, p);
    }
}

/* k8s scheduling_queue.go Update: its labels, tolerations, requests or gates. */
void queue_own_change(struct scheduler *s, struct sched_pod *p, const struct pod *was)
{
    bool changed = was->object.meta.spec_version != p->pod->object.meta.spec_version ||
                   was->object.meta.labels.items != p->pod->object.meta.labels.items;
    if (p->state == UNSCHEDULABLE && changed)
        requeue(s, p);
}

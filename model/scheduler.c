/* scheduler.c - one pod at a time: filter the nodes, score the feasible ones, bind.
 *
 * Mirrors k8s pkg/scheduler/schedule_one.go, backend/queue/scheduling_queue.go and the plugins
 * NodeUnschedulable, NodeName, TaintToleration, NodeAffinity (what is required), NodePorts,
 * NodeResourcesFit, NodeResourcesBalancedAllocation (v1.36). Rules and texts: semantics/scheduler.md.
 * Left out on purpose, for later: pod affinity, preferences, topology spread, preemption, volumes, image
 * locality, sampling of large clusters, queueing hints finer than "a node or a finished pod".
 * k8s-order: equal scores go to the first node in order of creation (policy sched-tie).
 */
#include "model/scheduler.h"

#include <stdlib.h>
#include <string.h>

#include "model/classes.h"

/* k8s pkg/scheduler/backend/queue: DefaultPodMaxInUnschedulablePodsDuration, flush periods; back-off. */
#define UNSCHEDULABLE_FLUSH_AGE    (300 * SIM_SECOND)
#define UNSCHEDULABLE_FLUSH_PERIOD (30 * SIM_SECOND)
#define BACKOFF_INITIAL            (1 * SIM_SECOND)
#define BACKOFF_MAX                (10 * SIM_SECOND)
#define BACKOFF_FLUSH_PERIOD       SIM_SECOND
/* k8s pkg/scheduler/util/pod_resources.go: what scoring assumes of a container without requests. */
enum { DEFAULT_MILLI_CPU = 100 };
#define DEFAULT_MEMORY (INT64_C(200) * 1024 * 1024)
enum { MAX_NODE_SCORE = 100 };

enum queue_state { NOT_QUEUED, ACTIVE, UNSCHEDULABLE, BACKING_OFF, GATED, IN_FLIGHT, BOUND };

struct sched_pod {
    const struct pod *pod; /* as the watch shows it; NULL once it is gone */
    uint32_t ordinal, object;
    enum queue_state state;
    sim_time queued_at;
    uint32_t node;               /* assumed or bound: index + 1 */
    uint32_t rejections, errors; /* errors: in a row */
    sim_time backs_off_until;
    int64_t cpu_milli, memory, nonzero_cpu, nonzero_memory;
    uint32_t cause;
    const char *message; /* of the last rejection */
    struct sim_timer retry;
};

struct sched_node {
    const struct node *node; /* NULL once it is gone */
    const char *name;
    uint32_t ordinal;
    int64_t cpu_milli, memory, pods;          /* allocatable */
    int64_t used_cpu, used_memory, used_pods; /* requested by pods assumed or bound here */
    int64_t nonzero_cpu, nonzero_memory;
};

struct scheduler {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct recorder *recorder;
    struct pool pods, nodes; /* struct sched_pod, struct sched_node */
    struct pool by_ordinal;  /* uint32_t: pod index + 1 */
    uint32_t *nodes_by_name; /* indices of nodes, sorted */
    uint32_t nodes_capacity;
    uint32_t object, handler;
    uint32_t in_flight; /* pod index + 1 */
    struct sim_timer cycle;
    struct event_origin origin;
};

static struct sched_pod *pod_at(struct scheduler *s, uint32_t i) { return pool_at(&s->pods, i); }
static struct sched_node *node_at(struct scheduler *s, uint32_t i) { return pool_at(&s->nodes, i); }

/* ---- filters ---- */

enum filter_code { FIT, UNSCHEDULABLE_NODE, UNRESOLVABLE_NODE };

enum { MAX_REASONS = 8 };
struct filter_result {
    enum filter_code code;
    const char *reasons[MAX_REASONS];
    uint32_t count;
};

static const char *node_unschedulable(struct scheduler *sched, const struct pod_spec *s, const struct sched_node *n)
{
    (void)sched;
    static const struct taint cordon = {"node.kubernetes.io/unschedulable", NULL, "NoSchedule", SIM_NEVER};
    return n->node->spec.unschedulable && !pod_tolerates(s, &cordon) ? "node(s) were unschedulable" : NULL;
}

/* k8s plugins/tainttoleration/taint_toleration.go: since 1.34 the text no longer says which taint. */
static const char *taint_toleration(struct scheduler *sched, const struct pod_spec *s, const struct sched_node *n)
{
    for (uint32_t i = 0; i < n->node->spec.taints.count; i++) {
        const struct taint *t = &n->node->spec.taints.items[i];
        bool repels = strcmp(t->effect, "NoSchedule") == 0 || strcmp(t->effect, "NoExecute") == 0;
        if (!repels || pod_tolerates(s, t))
            continue;
        if (store_has(sched->store, FEATURE_TAINTS_UNNAMED))
            return "node(s) had untolerated taint(s)";
        return arena_printf(sched->scratch, "node(s) had untolerated taint {%s: %s}", t->key, t->value ? t->value : "");
    }
    return NULL;
}

static const char *node_affinity(struct scheduler *sched, const struct pod_spec *s, const struct sched_node *n)
{
    (void)sched;
    return node_affinity_matches(s, n->node) ? NULL : "node(s) didn't match Pod's node affinity/selector";
}

/* In the order of the default profile; the first to fail gives a node's reason. All of these are
 * unresolvable: removing pods from the node would not help. */
static const char *(*const node_filters[])(struct scheduler *sched, const struct pod_spec *s,
                                           const struct sched_node *n) = {
    node_unschedulable,
    taint_toleration,
    node_affinity,
};

static bool node_ports_clash(struct scheduler *s, const struct sched_pod *p, uint32_t node)
{
    if (!pod_wants_host_ports(&p->pod->spec))
        return false;
    for (uint32_t i = 0; i < s->pods.count; i++) {
        const struct sched_pod *other = pod_at(s, i);
        if (other->pod && other->node == node + 1 && pods_clash_on_host_ports(&p->pod->spec, &other->pod->spec))
            return true;
    }
    return false;
}

/* k8s plugins/noderesources/fit.go. A request beyond the node's whole allocatable cannot be helped, which
 * older versions do not see. */
static void resources_fit(struct scheduler *s, const struct sched_pod *p, const struct sched_node *n,
                          struct filter_result *out)
{
    bool hopeless = false;
    if (n->used_pods + 1 > n->pods)
        out->reasons[out->count++] = "Too many pods";
    if (p->cpu_milli > 0 && p->cpu_milli > n->cpu_milli - n->used_cpu) {
        out->reasons[out->count++] = "Insufficient cpu";
        hopeless |= p->cpu_milli > n->cpu_milli;
    }
    if (p->memory > 0 && p->memory > n->memory - n->used_memory) {
        out->reasons[out->count++] = "Insufficient memory";
        hopeless |= p->memory > n->memory;
    }
    if (out->count)
        out->code = hopeless && store_has(s->store, FEATURE_HOPELESS_REQUESTS) ? UNRESOLVABLE_NODE : UNSCHEDULABLE_NODE;
}

static struct filter_result filter(struct scheduler *s, const struct sched_pod *p, uint32_t node)
{
    struct filter_result out = {.code = FIT};
    const struct sched_node *n = node_at(s, node);
    for (size_t i = 0; i < ARRAY_LEN(node_filters); i++) {
        const char *reason = node_filters[i](s, &p->pod->spec, n);
        if (reason)
            return (struct filter_result){UNRESOLVABLE_NODE, {reason}, 1};
    }
    if (node_ports_clash(s, p, node))
        return (struct filter_result){
            UNSCHEDULABLE_NODE, {"node(s) didn't have free ports for the requested pod ports"}, 1};
    resources_fit(s, p, n, &out);
    return out;
}

/* ---- scores ---- */

static int64_t least_allocated(int64_t used, int64_t asked, int64_t have)
{
    return have <= 0 || used + asked > have ? 0 : (have - used - asked) * MAX_NODE_SCORE / have;
}

/* (1 - |f1 - f2| / 2) * 100 of the fractions that would be used, in parts per million. */
static int64_t balanced(const struct sched_pod *p, const struct sched_node *n)
{
    if (p->cpu_milli == 0 && p->memory == 0)
        return 0;
    int64_t ppm = 1000000;
    int64_t f1 = n->cpu_milli ? (n->used_cpu + p->cpu_milli) * ppm / n->cpu_milli : 0;
    int64_t f2 = n->memory ? (n->used_memory + p->memory) / (n->memory / ppm ? n->memory / ppm : 1) : 0;
    f1 = f1 > ppm ? ppm : f1;
    f2 = f2 > ppm ? ppm : f2;
    int64_t deviation = (f1 > f2 ? f1 - f2 : f2 - f1) / 2;
    return (ppm - deviation) * MAX_NODE_SCORE / ppm;
}

static int64_t soft_taints(const struct pod_spec *s, const struct sched_node *n)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < n->node->spec.taints.count; i++) {
        const struct taint *t = &n->node->spec.taints.items[i];
        count += strcmp(t->effect, "PreferNoSchedule") == 0 && !pod_tolerates(s, t);
    }
    return count;
}

/* Weights: k8s pkg/scheduler/apis/config/v1/default_plugins.go. */
static int64_t score(const struct sched_pod *p, const struct sched_node *n, int64_t most_soft_taints)
{
    int64_t fit = (least_allocated(n->nonzero_cpu, p->nonzero_cpu, n->cpu_milli) +
                   least_allocated(n->nonzero_memory, p->nonzero_memory, n->memory)) /
                  2;
    int64_t taints = most_soft_taints
                         ? MAX_NODE_SCORE - MAX_NODE_SCORE * soft_taints(&p->pod->spec, n) / most_soft_taints
                         : MAX_NODE_SCORE;
    return fit + balanced(p, n) + 3 * taints;
}

/* ---- the failure message, scheduler.md 6 ---- */

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* " 2 Insufficient cpu, 1 node(s) were unschedulable." of reasons in any order. */
static const char *histogram(struct arena *a, const char **reasons, uint32_t count)
{
    const char **lines = arena_array(a, const char *, count + 1);
    uint32_t n = 0;
    qsort(reasons, count, sizeof(*reasons), by_text);
    for (uint32_t i = 0, j; i < count; i = j) {
        for (j = i; j < count && strcmp(reasons[i], reasons[j]) == 0; j++)
            continue;
        lines[n++] = arena_printf(a, "%u %s", j - i, reasons[i]);
    }
    qsort(lines, n, sizeof(*lines), by_text);
    const char *text = "";
    for (uint32_t i = 0; i < n; i++)
        text = arena_printf(a, "%s%s%s", text, i ? ", " : " ", lines[i]);
    return arena_printf(a, "%s.", text);
}

static const char *failure_message(struct scheduler *s, const struct sched_pod *p)
{
    struct arena *a = s->scratch;
    uint32_t nodes = 0, count = 0;
    const char **reasons = arena_array(a, const char *, s->nodes.count *MAX_REASONS + 1);
    const char **preemption = arena_array(a, const char *, s->nodes.count + 1);
    for (uint32_t i = 0; i < s->nodes.count; i++) {
        if (!node_at(s, i)->node)
            continue;
        struct filter_result r = filter(s, p, i);
        for (uint32_t k = 0; k < r.count; k++)
            reasons[count++] = r.reasons[k];
        preemption[nodes++] = r.code == UNSCHEDULABLE_NODE ? "No preemption victims found for incoming pod"
                                                           : "Preemption is not helpful for scheduling";
    }
    if (nodes == 0)
        return "no nodes available to schedule pods";
    /* The plugin DynamicResources speaks up when it is on. */
    const char *claims = store_has(s->store, FEATURE_DYNAMIC_RESOURCES) ? " no new claims to deallocate," : "";
    return arena_printf(s->arena, "0/%u nodes are available:%s%s preemption: 0/%u nodes are available:%s", nodes,
                        histogram(a, reasons, count), claims, nodes, histogram(a, preemption, nodes));
}

/* ---- the queue ---- */

static sim_time hop(struct scheduler *s, enum hop h, const struct sched_pod *p)
{
    return profile_draw(store_profile(s->store), h, p->pod->object.stream, sim_now(s->sim));
}

static int64_t priority(const struct sched_pod *p)
{
    return p->pod->spec.priority.set ? p->pod->spec.priority.value : 0;
}

static struct sched_pod *next_active(struct scheduler *s, uint32_t *ret_index)
{
    struct sched_pod *best = NULL;
    for (uint32_t i = 0; i < s->pods.count; i++) {
        struct sched_pod *p = pod_at(s, i);
        if (p->state != ACTIVE)
            continue;
        bool better =
            !best || priority(p) > priority(best) || (priority(p) == priority(best) && p->queued_at < best->queued_at);
        if (better) {
            best = p;
            *ret_index = i;
        }
    }
    return best;
}

static void start_cycle(struct scheduler *s)
{
    uint32_t i;
    if (s->in_flight)
        return;
    struct sched_pod *p = next_active(s, &i);
    if (!p)
        return;
    p->state = IN_FLIGHT;
    s->in_flight = i + 1;
    sim_set_cause(s->sim, p->cause);
    sim_arm(s->sim, sim_time_add(sim_now(s->sim), hop(s, HOP_SCHED_CYCLE, p)), CLASS_SCHEDULER, s->object, 0);
}

static void activate(struct scheduler *s, struct sched_pod *p)
{
    p->state = ACTIVE;
    p->queued_at = sim_now(s->sim);
    p->cause = sim_cause(s->sim);
    sim_cancel(s->sim, CLASS_SCHEDULER, p->object, 0);
    start_cycle(s);
}

/* The timer of a pod that backs off: the flush that finds it expired. Whole seconds, as is the expiry where pods are
 * taken early. k8s backoff_queue.go isPodBackingoff, alignToWindow. */
static void back_off(struct scheduler *s, struct sched_pod *p)
{
    sim_time until = p->backs_off_until - !store_has(s->store, FEATURE_POP_FROM_BACK_OFF);
    p->state = BACKING_OFF;
    sim_arm(s->sim, sim_time_next_tick(until, BACKOFF_FLUSH_PERIOD, 0), CLASS_SCHEDULER, p->object, 0);
}

/* Something happened that may help. */
static void requeue(struct scheduler *s, struct sched_pod *p)
{
    if (store_has(s->store, FEATURE_POP_FROM_BACK_OFF) || sim_now(s->sim) >= p->backs_off_until)
        activate(s, p);
    else
        back_off(s, p);
}

static void wake_unschedulable(struct scheduler *s)
{
    for (uint32_t i = 0; i < s->pods.count; i++) {
        struct sched_pod *p = pod_at(s, i);
        if (p->pod && p->state == UNSCHEDULABLE)
            requeue(s, p);
    }
}

static sim_time back_off_of(uint32_t count)
{
    sim_time wait = BACKOFF_INITIAL << (count < 5 ? count - 1 : 4);
    return wait < BACKOFF_MAX ? wait : BACKOFF_MAX;
}

/* Rejected: parked until an event helps, at the latest until the leftover flush. Without any node there is no
 * rejecting plugin: that is an error, and nothing but the end of the back-off helps. */
static void park(struct scheduler *s, struct sched_pod *p, bool no_nodes)
{
    sim_time now = sim_now(s->sim);
    uint32_t count = no_nodes ? ++p->errors : ++p->rejections;
    p->backs_off_until = sim_time_add(now, back_off_of(count));
    if (no_nodes) {
        back_off(s, p);
        return;
    }
    p->errors = 0;
    p->state = UNSCHEDULABLE;
    sim_arm(s->sim, sim_time_next_tick(now + UNSCHEDULABLE_FLUSH_AGE, UNSCHEDULABLE_FLUSH_PERIOD, 0), CLASS_SCHEDULER,
            p->object, 0);
}

/* ---- acting ---- */

static struct pod_condition *put_scheduled(struct scheduler *s, struct pod *next)
{
    uint32_t n = next->status.conditions.count;
    struct pod_condition *list = arena_array(s->arena, struct pod_condition, n + 1);
    for (uint32_t i = 0; i < n; i++)
        list[i] = next->status.conditions.items[i];
    next->status.conditions.items = list;
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(list[i].type, "PodScheduled") == 0)
            return &list[i];
    }
    next->status.conditions.count = n + 1;
    list[n] =
        (struct pod_condition){.type = "PodScheduled", .last_probe_time = SIM_NEVER, .last_transition_time = SIM_NEVER};
    return &list[n];
}

static void set_scheduled(struct scheduler *s, struct pod *next, const char *status, const char *reason,
                          const char *message)
{
    struct pod_condition *c = put_scheduled(s, next);
    if (!c->status || strcmp(c->status, status) != 0)
        c->last_transition_time = api_second(sim_now(s->sim));
    c->status = status;
    c->reason = reason;
    c->message = message;
    if (store_has(s->store, FEATURE_OBSERVED_GENERATION))
        c->observed_generation = next->object.meta.generation;
}

static void commit_bind(void *ctx, uint32_t arg)
{
    struct scheduler *s = ctx;
    struct sched_pod *p = pod_at(s, arg);
    const struct api_object *current = store_by_ordinal(s->store, p->ordinal);
    if (!current || !p->node || !node_at(s, p->node - 1)->node)
        return;
    const char *node = node_at(s, p->node - 1)->node->object.meta.name;
    struct pod *next = (struct pod *)store_edit(s->store, current);
    next->spec.node_name = node;
    set_scheduled(s, next, "True", NULL, NULL);
    const struct api_object *stored = store_update(s->store, COMP_SCHEDULER, &next->object, false);
    p->state = BOUND;
    recorder_event(s->recorder, &s->origin, stored, NULL, false, "Scheduled", "Successfully assigned %s/%s to %s",
                   stored->meta.namespace_, stored->meta.name, node);
}

static void commit_unschedulable(void *ctx, uint32_t arg)
{
    struct scheduler *s = ctx;
    struct sched_pod *p = pod_at(s, arg);
    const struct api_object *current = store_by_ordinal(s->store, p->ordinal);
    if (!current || p->node)
        return;
    const struct pod *before = (const struct pod *)current;
    struct pod *next = (struct pod *)store_edit(s->store, current);
    set_scheduled(s, next, "False", "Unschedulable", p->message);
    if (before->status.conditions.count != next->status.conditions.count ||
        !api_equal(kind_infos[KIND_POD].type, before, next))
        store_update(s->store, COMP_SCHEDULER, &next->object, false);
}

static void use_node(struct scheduler *s, struct sched_pod *p, uint32_t node, int sign)
{
    struct sched_node *n = node_at(s, node);
    n->used_pods += sign;
    n->used_cpu += sign * p->cpu_milli;
    n->used_memory += sign * p->memory;
    n->nonzero_cpu += sign * p->nonzero_cpu;
    n->nonzero_memory += sign * p->nonzero_memory;
    p->node = sign > 0 ? node + 1 : 0;
}

static uint32_t choose(struct scheduler *s, const struct sched_pod *p) /* node index + 1, 0 = none */
{
    uint32_t best = 0;
    int64_t best_score = -1, most = 0;
    for (uint32_t i = 0; i < s->nodes.count; i++) {
        if (node_at(s, i)->node && soft_taints(&p->pod->spec, node_at(s, i)) > most)
            most = soft_taints(&p->pod->spec, node_at(s, i));
    }
    for (uint32_t i = 0; i < s->nodes.count; i++) {
        if (!node_at(s, i)->node || filter(s, p, i).code != FIT)
            continue;
        int64_t points = score(p, node_at(s, i), most);
        if (points > best_score) {
            best_score = points;
            best = i + 1;
        }
    }
    return best;
}

static void reject(struct scheduler *s, struct sched_pod *p, uint32_t index)
{
    p->message = arena_strdup(s->arena, failure_message(s, p));
    bool no_nodes = strncmp(p->message, "no nodes", 8) == 0;
    recorder_event(s->recorder, &s->origin, &p->pod->object, NULL, true, "FailedScheduling", "%s", p->message);
    store_post(s->store, hop(s, HOP_API_WRITE, p), commit_unschedulable, s, index);
    park(s, p, no_nodes);
}

static void finish_cycle(struct scheduler *s)
{
    uint32_t index = s->in_flight - 1;
    struct sched_pod *p = pod_at(s, index);
    s->in_flight = 0;
    if (p->pod && p->state == IN_FLIGHT) {
        if (p->pod->object.meta.deletion_timestamp != SIM_NEVER) {
            recorder_event(s->recorder, &s->origin, &p->pod->object, NULL, true, "FailedScheduling",
                           "skip schedule deleting pod: %s/%s", p->pod->object.meta.namespace_,
                           p->pod->object.meta.name);
            p->state = NOT_QUEUED;
        } else {
            uint32_t node = choose(s, p);
            if (node) {
                use_node(s, p, node - 1, 1);
                store_post(s->store, hop(s, HOP_API_WRITE, p), commit_bind, s, index);
            } else {
                reject(s, p, index);
            }
        }
    }
    start_cycle(s);
}

/* ---- what the watches say ---- */

static struct sched_pod *find_pod(struct scheduler *s, uint32_t ordinal)
{
    if (ordinal >= s->by_ordinal.count)
        return NULL;
    uint32_t i = *(uint32_t *)pool_at(&s->by_ordinal, ordinal);
    return i ? pod_at(s, i - 1) : NULL;
}

static int64_t request(const struct container *c, const char *name, int64_t missing)
{
    for (uint32_t i = 0; i < c->resources.requests.count; i++) {
        const struct quantity_pair *q = &c->resources.requests.items[i];
        if (strcmp(q->key, name) == 0)
            return strcmp(name, "cpu") == 0 ? quantity_milli(&q->value) : quantity_value(&q->value);
    }
    return missing;
}

static struct sched_pod *add_pod(struct scheduler *s, const struct pod *pod)
{
    uint32_t i = pool_add(&s->pods);
    struct sched_pod *p = pod_at(s, i);
    struct pod_requests r;
    pod_effective_requests(s->scratch, &pod->spec, &r);
    *p = (struct sched_pod){
        .pod = pod, .ordinal = pod->object.ordinal, .cpu_milli = r.cpu_milli, .memory = r.memory_bytes};
    p->object = sim_object_new(s->sim, s->handler, i + 1);
    for (uint32_t c = 0; c < pod->spec.containers.count; c++) {
        p->nonzero_cpu += request(&pod->spec.containers.items[c], "cpu", DEFAULT_MILLI_CPU);
        p->nonzero_memory += request(&pod->spec.containers.items[c], "memory", DEFAULT_MEMORY);
    }
    while (s->by_ordinal.count <= p->ordinal)
        pool_add(&s->by_ordinal);
    *(uint32_t *)pool_at(&s->by_ordinal, p->ordinal) = i + 1;
    return p;
}

/* Where the first node of this name, if there is one, is among nodes_by_name. */
static uint32_t name_position(struct scheduler *s, const char *name, uint32_t count)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (strcmp(node_at(s, s->nodes_by_name[mid])->name, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Of those that have a name, one may be there now. */
static uint32_t find_node(struct scheduler *s, const char *name) /* index + 1 */
{
    for (uint32_t at = name_position(s, name, s->nodes.count); at < s->nodes.count; at++) {
        const struct sched_node *n = node_at(s, s->nodes_by_name[at]);
        if (strcmp(n->name, name) != 0)
            break;
        if (n->node)
            return s->nodes_by_name[at] + 1;
    }
    return 0;
}

static struct sched_node *add_node(struct scheduler *s, const struct api_object *o)
{
    uint32_t i = pool_add(&s->nodes);
    if (i == s->nodes_capacity) {
        s->nodes_capacity = i ? 2 * i : 8;
        uint32_t *bigger = arena_array(s->arena, uint32_t, s->nodes_capacity);
        if (i)
            memcpy(bigger, s->nodes_by_name, i * sizeof *bigger);
        s->nodes_by_name = bigger;
    }
    uint32_t at = name_position(s, o->meta.name, i);
    memmove(s->nodes_by_name + at + 1, s->nodes_by_name + at, (i - at) * sizeof *s->nodes_by_name);
    s->nodes_by_name[at] = i;
    struct sched_node *n = node_at(s, i);
    n->ordinal = o->ordinal;
    n->name = o->meta.name;
    return n;
}

static bool over(const struct pod *p)
{
    return p->status.phase && (strcmp(p->status.phase, "Succeeded") == 0 || strcmp(p->status.phase, "Failed") == 0);
}

/* A pod is gone for the scheduler when it is removed or its phase is terminal: scheduler.md 2.2. */
static void pod_gone(struct scheduler *s, struct sched_pod *p)
{
    if (!p->pod)
        return;
    bool held = p->node != 0;
    if (held)
        use_node(s, p, p->node - 1, -1);
    sim_cancel(s->sim, CLASS_SCHEDULER, p->object, 0);
    p->pod = NULL;
    p->state = NOT_QUEUED;
    if (held)
        wake_unschedulable(s);
}

static void on_pod(struct scheduler *s, const struct watch_event *e)
{
    const struct pod *pod = (const struct pod *)e->object;
    struct sched_pod *p = find_pod(s, e->object->ordinal);
    if (e->verb == WRITE_DELETE || over(pod)) {
        if (p)
            pod_gone(s, p);
        return;
    }
    bool first = !p;
    if (first)
        p = add_pod(s, pod);
    if (!p->pod)
        return;
    p->pod = pod;
    bool bound = pod->spec.node_name && *pod->spec.node_name;
    uint32_t node = bound && !p->node ? find_node(s, pod->spec.node_name) : 0;
    if (node)
        use_node(s, p, node - 1, 1);
    if (bound) {
        p->state = BOUND;
    } else if (pod->spec.scheduling_gates.count) {
        p->state = GATED;
    } else if (pod->object.meta.deletion_timestamp == SIM_NEVER) {
        if (first || p->state == GATED)
            activate(s, p);
        else if (p->state == UNSCHEDULABLE && e->object->prev &&
                 e->object->prev->meta.spec_version != e->object->meta.spec_version)
            requeue(s, p);
    }
}

static void on_node(struct scheduler *s, const struct watch_event *e)
{
    const struct node *node = (const struct node *)e->object;
    struct sched_node *n = NULL;
    for (uint32_t i = 0; i < s->nodes.count && !n; i++) {
        if (node_at(s, i)->ordinal == e->object->ordinal)
            n = node_at(s, i);
    }
    if (!n)
        n = add_node(s, e->object);
    n->node = e->verb == WRITE_DELETE ? NULL : node;
    n->cpu_milli = node_allocatable(node, "cpu", 0);
    n->memory = node_allocatable(node, "memory", 0);
    n->pods = node_allocatable(node, "pods", 110);
    if (n->node)
        wake_unschedulable(s);
}

static void deliver(void *ctx, const struct watch_event *e)
{
    struct scheduler *s = ctx;
    arena_reset(s->scratch);
    if (e->object->kind == KIND_POD)
        on_pod(s, e);
    else
        on_node(s, e);
}

/* Local 0 is the scheduler itself (its cycle), the others are pods (their retry). */
static struct sim_timer *timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    struct scheduler *s = ctx;
    ASSERT(class == CLASS_SCHEDULER && index == 0);
    return local == 0 ? &s->cycle : &pod_at(s, local - 1)->retry;
}

static void fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class, (void)index;
    struct scheduler *s = ctx;
    arena_reset(s->scratch);
    if (local == 0)
        finish_cycle(s);
    else if (pod_at(s, local - 1)->state == UNSCHEDULABLE || pod_at(s, local - 1)->state == BACKING_OFF)
        activate(s, pod_at(s, local - 1));
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
    s->handler = sim_handler_add(s->sim, &(struct sim_handler){"scheduler", s, timer, fire});
    s->object = sim_object_new(s->sim, s->handler, 0);
    store_watch(st, 1u << KIND_NODE | 1u << KIND_POD, NULL, deliver, s);
    return s;
}

/* controller_disruption.c - the disruption controller: every change of a pod makes it count anew what the budget that
 * selects the pod allows. What it decides is in disruption.c.
 *
 * Mirrors k8s pkg/controller/disruption/disruption.go (v1.36); semantics/nodes.md 6.1. A write that is refused because
 * somebody wrote before is tried again as any failure. k8s-order: disruption-first-budget: of several budgets that
 * select a pod the oldest is told of it; Kubernetes takes any. Left out on purpose: scale subresources of kinds that
 * are not modelled.
 */
#include "model/controller_disruption.h"

#include <string.h>

#include "model/api_sets.h"
#include "model/classes.h"
#include "model/disruption.h"
#include "model/workqueue.h"

/* A budget's key. */
struct budget {
    uint32_t ordinal;
    struct pool members; /* uint32_t: ordinals of the pods that it selects, sorted */
    const struct pdb *seen;
};

/* A pod whose DisruptionTarget may become stale: its key in the other queue. */
struct target {
    uint32_t ordinal;
};

enum call_kind { CALL_STATUS };

struct controller {
    struct store *store;
    struct sim *sim;
    struct arena *arena, *scratch;
    struct informers *informers;
    struct recorder *recorder;
    struct event_origin origin;
    struct workqueue *queue, *stale;
    struct pool budgets, targets;
};

static struct budget *budget_at(struct controller *c, uint32_t key) { return pool_at(&c->budgets, key); }

static const struct pdb *pdb_of(struct controller *c, uint32_t key)
{
    return (const struct pdb *)informers_get(c->informers, budget_at(c, key)->ordinal);
}

/* ---- who is selected ---- */

static bool selects(const struct pdb *b, const struct api_object *pod)
{
    return strcmp(b->object.meta.namespace_, pod->meta.namespace_) == 0 && pdb_selects(b, &pod->meta.labels);
}

/* Where it is among the members, or would be. */
static uint32_t member_place(const struct budget *b, uint32_t ordinal)
{
    uint32_t low = 0, high = b->members.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (*(const uint32_t *)pool_at((struct pool *)&b->members, middle) < ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void set_member(struct budget *b, uint32_t ordinal, bool on)
{
    uint32_t at = member_place(b, ordinal), n = b->members.count;
    bool is = at < n && *(uint32_t *)pool_at(&b->members, at) == ordinal;
    if (is == on)
        return;
    if (!on) {
        for (uint32_t i = at; i + 1 < n; i++)
            *(uint32_t *)pool_at(&b->members, i) = *(uint32_t *)pool_at(&b->members, i + 1);
        b->members.count--;
        return;
    }
    for (uint32_t i = pool_add(&b->members); i > at; i--)
        *(uint32_t *)pool_at(&b->members, i) = *(uint32_t *)pool_at(&b->members, i - 1);
    *(uint32_t *)pool_at(&b->members, at) = ordinal;
}

static void find_members(struct controller *c, uint32_t key)
{
    struct budget *b = budget_at(c, key);
    const struct pdb *pdb = pdb_of(c, key);
    uint32_t cursor = 0;
    b->members.count = 0;
    for (const struct api_object *o; (o = informers_each(c->informers, KIND_POD, &cursor)) != NULL;)
        if (selects(pdb, o))
            set_member(b, o->ordinal, true);
}

/* ---- what happens: who has to be looked at ---- */

static void on_pdb(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    if (!after)
        return;
    bool new;
    uint32_t key = workqueue_key_of(c->queue, after, &new);
    if (new) {
        uint32_t i = pool_add(&c->budgets);
        ASSERT(i == key);
        *budget_at(c, key) = (struct budget){.ordinal = after->ordinal};
        pool_init(&budget_at(c, key)->members, c->arena, sizeof(uint32_t));
    }
    if (new || before->meta.spec_version != after->meta.spec_version)
        find_members(c, key);
    workqueue_add(c->queue, key);
}

/* The key of a pod in that queue; UINT32_MAX = it has none. */
static uint32_t find_target(struct controller *c, uint32_t ordinal)
{
    for (uint32_t key = 0; key < c->targets.count; key++)
        if (((const struct target *)pool_at(&c->targets, key))->ordinal == ordinal)
            return key;
    return UINT32_MAX;
}

static bool has_target_condition(const struct pod *p)
{
    for (uint32_t i = 0; i < p->status.conditions.count; i++)
        if (strcmp(p->status.conditions.items[i].type, "DisruptionTarget") == 0)
            return true;
    return false;
}

/* Mostly the deletion follows at once, and there is nothing to wait for. */
static void watch_target(struct controller *c, const struct pod *p, bool gone)
{
    sim_time left;
    if (!has_target_condition(p) || !store_has(c->store, FEATURE_DISRUPTION_TARGET))
        return;
    uint32_t key = find_target(c, p->object.ordinal);
    if (gone || !pod_disruption_is_stale(p, sim_now(c->sim), &left)) {
        if (key != UINT32_MAX)
            workqueue_forget_delay(c->stale, key);
        return;
    }
    if (key == UINT32_MAX) {
        key = pool_add(&c->targets);
        *(struct target *)pool_at(&c->targets, key) = (struct target){p->object.ordinal};
        uint32_t made = workqueue_key(c->stale, p->object.stream);
        ASSERT(made == key);
    }
    workqueue_add_after(c->stale, key, left);
}

/* getPdbForPod */
static void tell_budget(struct controller *c, const struct api_object *pod)
{
    uint32_t first = UINT32_MAX;
    for (uint32_t key = 0; key < c->budgets.count; key++) {
        const struct pdb *b = pdb_of(c, key);
        if (!b || !selects(b, pod))
            continue;
        if (first == UINT32_MAX) {
            first = key;
            continue;
        }
        recorder_event(c->recorder, &c->origin, pod, NULL, true, "MultiplePodDisruptionBudgets",
                       "Pod \"%s\"/\"%s\" matches multiple PodDisruptionBudgets.  Chose \"%s\" arbitrarily.",
                       pod->meta.namespace_, pod->meta.name, pdb_of(c, first)->object.meta.name);
        break;
    }
    if (first != UINT32_MAX)
        workqueue_add(c->queue, first);
}

static void on_pod(void *ctx, const struct api_object *before, const struct api_object *after)
{
    struct controller *c = ctx;
    const struct api_object *pod = after ? after : before;
    bool moved = !after || !before || before->meta.labels.items != after->meta.labels.items;
    for (uint32_t key = 0; moved && key < c->budgets.count; key++) {
        const struct pdb *b = pdb_of(c, key);
        if (b)
            set_member(budget_at(c, key), pod->ordinal, after && selects(b, after));
    }
    tell_budget(c, pod);
    watch_target(c, (const struct pod *)pod, !after);
}

/* ---- a sync ---- */

static const struct opt_i64 *scale_of(const struct api_object *o)
{
    switch (o->kind) {
    case KIND_DEPLOYMENT:
        return &((const struct deployment *)o)->spec.replicas;
    case KIND_REPLICASET:
    case KIND_REPLICATIONCONTROLLER:
        return &((const struct replica_set *)o)->spec.replicas;
    case KIND_STATEFULSET:
        return &((const struct stateful_set *)o)->spec.replicas;
    default:
        return NULL;
    }
}

/* The finders: a ReplicaSet that a Deployment manages stands for the Deployment. */
static void find_controller(struct controller *c, struct pdb_pod *p)
{
    const struct owner_reference *ref = controller_of(&p->pod->object);
    p->controller = ref ? ref->uid : NULL;
    const struct api_object *owner = ref ? informers_owner(c->informers, ref) : NULL;
    const struct owner_reference *above = owner && owner->kind == KIND_REPLICASET ? controller_of(owner) : NULL;
    if (above && text_is(above->kind, "Deployment")) {
        p->controller = above->uid;
        owner = informers_owner(c->informers, above);
    }
    const struct opt_i64 *scale = owner ? scale_of(owner) : NULL;
    p->found = scale != NULL;
    p->scale = scale ? scale->value : 0;
}

static struct pdb_facts facts_of(struct controller *c, const struct budget *b)
{
    struct pdb_pod *pods = arena_array(c->scratch, struct pdb_pod, b->members.count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->members.count; i++) {
        uint32_t ordinal = *(const uint32_t *)pool_at((struct pool *)&b->members, i);
        pods[n] = (struct pdb_pod){.pod = (const struct pod *)informers_get(c->informers, ordinal)};
        ASSERT(pods[n].pod);
        find_controller(c, &pods[n++]);
    }
    return (struct pdb_facts){
        .pdb = b->seen, .pods = pods, .count = n, .now = sim_now(c->sim), .epoch = store_epoch(c->store)};
}

/* As Go's %v prints a *metav1.LabelSelector. */
static const char *go_selector(struct arena *a, const struct label_selector *s)
{
    const char *labels = "", *terms = "";
    for (uint32_t i = 0; i < s->match_labels.count; i++)
        labels = arena_printf(a, "%s%s: %s,", labels, s->match_labels.items[i].key, s->match_labels.items[i].value);
    for (uint32_t i = 0; i < s->match_expressions.count; i++) {
        const struct label_requirement *r = &s->match_expressions.items[i];
        const char *values = "";
        for (uint32_t k = 0; k < r->values.count; k++)
            values = arena_printf(a, "%s%s%s", values, k ? " " : "", r->values.items[k]);
        terms = arena_printf(a, "%sLabelSelectorRequirement{Key:%s,Operator:%s,Values:[%s],},", terms, r->key,
                             r->operator_, values);
    }
    return arena_printf(
        a, "&LabelSelector{MatchLabels:map[string]string{%s},MatchExpressions:[]LabelSelectorRequirement{%s},}", labels,
        terms);
}

static void say(struct controller *c, const struct pdb *b, const struct pdb_plan *plan)
{
    const struct api_object *o = &b->object;
    if (plan->no_pods)
        recorder_event(c->recorder, &c->origin, o, NULL, false, "NoPods", "No matching pods found");
    if (plan->failure) {
        recorder_event(c->recorder, &c->origin, o, NULL, true, "CalculateExpectedPodCountFailed",
                       "Failed to calculate the number of expected pods: %s", plan->failure);
        return;
    }
    if (plan->unmanaged)
        recorder_event(c->recorder, &c->origin, o, NULL, true, "UnmanagedPods",
                       "Pods selected by this PodDisruptionBudget (selector: %s) were found to be unmanaged. As a "
                       "result, the status of the PDB cannot be calculated correctly, which may result in undefined "
                       "behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an "
                       "integer value.",
                       go_selector(c->scratch, b->spec.selector));
    for (uint32_t i = 0; i < plan->not_deleted_count; i++) /* twice the namespace: disruption.go */
        recorder_event(c->recorder, &c->origin, &plan->not_deleted[i]->object, NULL, true, "NotDeleted",
                       "Pod was expected by PDB %s/%s to be deleted but it wasn't", o->meta.namespace_,
                       o->meta.namespace_);
}

static void sync(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    struct budget *b = budget_at(c, key);
    arena_reset(c->scratch);
    b->seen = pdb_of(c, key);
    if (!b->seen)
        return;
    struct pdb_facts facts = facts_of(c, b);
    struct pdb_plan plan;
    pdb_decide(c->scratch, &facts, &plan);
    say(c, b->seen, &plan);
    if (plan.recheck != SIM_NEVER)
        workqueue_add_after(c->queue, key, plan.recheck - facts.now + 1);
    if (!plan.changed)
        return;
    struct pdb_status *status = arena_new(c->arena, struct pdb_status);
    pdb_status_copy(c->arena, &plan.status, status);
    workqueue_call(c->queue, key, (struct work_call){.kind = CALL_STATUS, .first_of_batch = true, .data = status});
}

static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    const struct budget *b = budget_at(c, key);
    const struct api_object *current = store_by_ordinal(c->store, b->ordinal);
    if (!current)
        return CALL_OK;
    if (current->revision != b->seen->object.revision) /* Conflict */
        return CALL_FAILED;
    struct pdb *next = (struct pdb *)store_edit(c->store, current);
    next->status = *(const struct pdb_status *)call->data;
    store_update(c->store, COMP_DISRUPTION_CONTROLLER, &next->object, false);
    return CALL_OK;
}

/* ---- conditions that have become stale: syncStalePodDisruption ---- */

static void sync_stale(void *ctx, uint32_t key)
{
    struct controller *c = ctx;
    uint32_t ordinal = ((const struct target *)pool_at(&c->targets, key))->ordinal;
    const struct pod *p = (const struct pod *)informers_get(c->informers, ordinal);
    sim_time left;
    if (!p || !pod_disruption_is_stale(p, sim_now(c->sim), &left))
        return;
    if (left > 0)
        workqueue_add_after(c->stale, key, left);
    else
        workqueue_call(c->stale, key, (struct work_call){.first_of_batch = true, .object = ordinal});
}

static enum call_result reset_target(void *ctx, uint32_t key, const struct work_call *call)
{
    struct controller *c = ctx;
    const struct api_object *current = store_by_ordinal(c->store, call->object);
    (void)key;
    if (!current || current->revision != informers_get(c->informers, call->object)->revision)
        return current ? CALL_FAILED : CALL_OK;
    struct pod *next = (struct pod *)store_edit(c->store, current);
    struct pod_condition *list = arena_array(c->arena, struct pod_condition, next->status.conditions.count);
    for (uint32_t i = 0; i < next->status.conditions.count; i++) {
        list[i] = next->status.conditions.items[i];
        if (strcmp(list[i].type, "DisruptionTarget") != 0)
            continue;
        list[i] = (struct pod_condition){
            .type = "DisruptionTarget",
            .status = "False",
            .last_probe_time = SIM_NEVER,
            .last_transition_time = api_second(sim_now(c->sim)),
            .observed_generation = store_has(c->store, FEATURE_OBSERVED_GENERATION) ? current->meta.generation : 0};
    }
    next->status.conditions.items = list;
    store_update(c->store, COMP_DISRUPTION_CONTROLLER, &next->object, false);
    return CALL_OK;
}

void disruption_controller_new(struct store *st, struct informers *f, struct recorder *r, struct arena *scratch)
{
    struct controller *c = arena_new(store_arena(st), struct controller);
    *c = (struct controller){.store = st,
                             .sim = store_sim(st),
                             .arena = store_arena(st),
                             .scratch = scratch,
                             .informers = f,
                             .recorder = r,
                             .origin = {COMP_DISRUPTION_CONTROLLER, "controllermanager", NULL, false}};
    pool_init(&c->budgets, c->arena, sizeof(struct budget));
    pool_init(&c->targets, c->arena, sizeof(struct target));
    const struct work_ops ops = {.name = "disruption-controller", .class = CLASS_ENDPOINTS, .sync = sync, .make = make};
    const struct work_ops stale_ops = {
        .name = "stale-disruption", .class = CLASS_ENDPOINTS, .sync = sync_stale, .make = reset_target};
    c->queue = workqueue_new(st, &ops, c);
    c->stale = workqueue_new(st, &stale_ops, c);
    informers_listen(f, KIND_PODDISRUPTIONBUDGET, on_pdb, c);
    informers_listen(f, KIND_POD, on_pod, c);
}

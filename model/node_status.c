/* node_status.c - what a kubelet says of its node: Ready and the pressure conditions.
 *
 * Mirrors k8s pkg/kubelet/kubelet_node_status.go and pkg/kubelet/nodestatus/setters.go (v1.36); rules:
 * semantics/nodes.md 1. The status is computed every 10 s and posted when it differs; a round is an event only
 * when something may have changed. Events of the transitions are the kubelet's.
 * The Lease is node_lease.c's.
 * Left out on purpose: the post every 5 min of a status that has not changed, the random factor of the period.
 */
#include <string.h>

#include "model/classes.h"
#include "model/kubelet.h"

/* REF: at 10 k + 4 s. */
#define NODE_STATUS_PHASE (4 * SIM_SECOND)

struct condition_text {
    const char *reason, *message, *event;
};

static const struct {
    const char *type;
    struct condition_text yes, no;
} pressures[PRESSURE_COUNT] = {
    [PRESSURE_MEMORY] = {"MemoryPressure",
                         {"KubeletHasInsufficientMemory", "kubelet has insufficient memory available",
                          "NodeHasInsufficientMemory"},
                         {"KubeletHasSufficientMemory", "kubelet has sufficient memory available",
                          "NodeHasSufficientMemory"}},
    [PRESSURE_DISK] = {"DiskPressure",
                       {"KubeletHasDiskPressure", "kubelet has disk pressure", "NodeHasDiskPressure"},
                       {"KubeletHasNoDiskPressure", "kubelet has no disk pressure", "NodeHasNoDiskPressure"}},
    [PRESSURE_PID] = {"PIDPressure",
                      {"KubeletHasInsufficientPID", "kubelet has insufficient PID available", "NodeHasInsufficientPID"},
                      {"KubeletHasSufficientPID", "kubelet has sufficient PID available", "NodeHasSufficientPID"}},
};

/* k8s setters.go ReadyCondition: every error, in this order. */
static const char *not_ready(struct kubelets *ks, const struct kubelet *k)
{
    const char *list = NULL;
    uint32_t n = 0;
    const char *errors[] = {
        runtime_down_error(k, k->status_at),
        runtime_pleg_error(ks, k, k->status_at),
        k->network_down ? NETWORK_NOT_READY : NULL,
        k->shutting_down ? "node is shutting down" : NULL,
    };
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        if (!errors[i])
            continue;
        list = list ? arena_printf(ks->arena, "%s, %s", list, errors[i]) : errors[i];
        n++;
    }
    return n > 1 ? arena_printf(ks->arena, "[%s]", list) : list;
}

/* True when it differs from what stands in `c`. */
static bool put(struct node_condition *c, bool yes, const char *reason, const char *message, sim_time now)
{
    const char *status = yes ? "True" : "False";
    if (strcmp(c->status, status) == 0 && strcmp(c->reason ? c->reason : "", reason) == 0 &&
        strcmp(c->message ? c->message : "", message) == 0)
        return false;
    if (strcmp(c->status, status) != 0)
        c->last_transition_time = api_second(now);
    c->status = status;
    c->reason = reason;
    c->message = message;
    return true;
}

static bool set_condition(struct kubelets *ks, struct kubelet *k, struct node_condition *c, bool tell)
{
    sim_time now = sim_now(ks->sim);
    const char *was = c->status, *event = NULL;
    bool changed = false, is = false;
    for (int i = 0; i < PRESSURE_COUNT; i++) {
        if (strcmp(c->type, pressures[i].type) != 0)
            continue;
        is = k->pressure & 1u << i;
        const struct condition_text *t = is ? &pressures[i].yes : &pressures[i].no;
        event = t->event;
        changed = put(c, is, t->reason, t->message, now);
    }
    if (strcmp(c->type, "Ready") == 0) {
        const char *error = not_ready(ks, k);
        is = error == NULL;
        event = is ? "NodeReady" : "NodeNotReady";
        changed =
            put(c, is, is ? "KubeletReady" : "KubeletNotReady", is ? "kubelet is posting ready status" : error, now);
    }
    if (tell && strcmp(was, c->status) != 0)
        node_event(ks, k, false, event, "Node %s status is now: %s", k->name, event);
    return changed;
}

/* The conditions as they should be; NULL when the node says so already. */
static struct node *edited(struct kubelets *ks, struct kubelet *k, const struct node *current, bool tell)
{
    uint32_t n = current->status.conditions.count;
    struct node_condition *list = arena_array(ks->arena, struct node_condition, n);
    bool changed = false;
    for (uint32_t i = 0; i < n; i++) {
        list[i] = current->status.conditions.items[i];
        changed |= set_condition(ks, k, &list[i], tell);
    }
    if (!changed)
        return NULL;
    for (uint32_t i = 0; i < n; i++)
        list[i].last_heartbeat_time = api_second(sim_now(ks->sim));
    struct node *next = (struct node *)store_edit(ks->store, &current->object);
    next->status.conditions.items = list;
    return next;
}

static void commit(void *ctx, uint32_t arg)
{
    struct kubelets *ks = ctx;
    struct kubelet *k = pool_at(&ks->nodes, arg);
    const struct api_object *current = store_by_ordinal(ks->store, k->node_ordinal);
    struct node *next = current ? edited(ks, k, (const struct node *)current, false) : NULL;
    if (next)
        store_update(ks->store, COMP_KUBELET, &next->object, false);
}

void node_status_post(struct kubelets *ks, struct kubelet *k)
{
    const struct api_object *current = store_by_ordinal(ks->store, k->node_ordinal);
    k->status_at = sim_now(ks->sim);
    runtime_status_posted(ks, k);
    if (!current || !edited(ks, k, (const struct node *)current, true))
        return;
    sim_time cost = profile_draw(ks->profile, HOP_API_WRITE, k->stream, sim_now(ks->sim));
    store_post_from(ks->store, k->name, cost, commit, ks, k->index);
}

sim_time node_status_next_tick(const struct kubelets *ks, sim_time t)
{
    return sim_time_next_tick(t, NODE_STATUS_PERIOD, ks->profile->kind == PROFILE_INSTANT ? 0 : NODE_STATUS_PHASE);
}

bool node_status_is_unknown(const struct node *n)
{
    for (uint32_t i = 0; i < n->status.conditions.count; i++)
        if (strcmp(n->status.conditions.items[i].status, "Unknown") == 0)
            return true;
    return false;
}

void node_status_want(struct kubelets *ks, struct kubelet *k)
{
    if (k->hung && !k->down) /* it is under way, and waits */
        return;
    sim_arm_by(ks->sim, node_status_next_tick(ks, sim_now(ks->sim)), CLASS_NODE_TIMER, k->object, NODE_STATUS);
}

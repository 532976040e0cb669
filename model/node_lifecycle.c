/* node_lifecycle.c - see node_lifecycle.h. */
#include "model/node_lifecycle.h"

#include <string.h>

#include "model/store.h"
#include "sim/cover.h"

/* ---- health ---- */

const struct node_condition *node_condition_find(const struct node *n, const char *type)
{
    for (uint32_t i = 0; i < n->status.conditions.count; i++)
        if (text_is(n->status.conditions.items[i].type, type))
            return &n->status.conditions.items[i];
    return NULL;
}

enum node_ready node_ready_status(const struct node *n)
{
    const struct node_condition *c = node_condition_find(n, "Ready");
    if (c && strcmp(c->status, "True") == 0)
        return NODE_READY;
    return c && strcmp(c->status, "False") == 0 ? NODE_NOT_READY : NODE_UNKNOWN;
}

sim_time node_grace(const struct manager_config *c, const struct node *n)
{
    return node_condition_find(n, "Ready") ? c->node_monitor_grace_period : c->node_startup_grace_period;
}

/* k8s tryUpdateNodeHealth: strictly later. */
bool node_is_lost(const struct manager_config *c, const struct node *n, sim_time probe, sim_time now)
{
    return now > sim_time_add(probe, node_grace(c, n));
}

/* k8s tryUpdateNodeHealth: NetworkUnavailable is the control plane's own. */
static const char *const kubelet_conditions[] = {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"};

void node_set_unknown(struct arena *a, struct node *n, sim_time now)
{
    uint32_t count = n->status.conditions.count;
    struct node_condition *list = arena_array(a, struct node_condition, count + ARRAY_LEN(kubelet_conditions));
    for (uint32_t i = 0; i < count; i++)
        list[i] = n->status.conditions.items[i];
    for (size_t k = 0; k < ARRAY_LEN(kubelet_conditions); k++) {
        uint32_t at = 0;
        while (at < n->status.conditions.count && strcmp(list[at].type, kubelet_conditions[k]) != 0)
            at++;
        bool absent = at == n->status.conditions.count;
        if (absent)
            list[at = count++] = (struct node_condition){
                .type = kubelet_conditions[k], .status = "", .last_heartbeat_time = n->object.meta.creation_timestamp};
        if (strcmp(list[at].status, "Unknown") == 0)
            continue;
        list[at].status = "Unknown";
        list[at].reason = absent ? "NodeStatusNeverUpdated" : "NodeStatusUnknown";
        list[at].message = absent ? "Kubelet never posted node status." : "Kubelet stopped posting node status.";
        list[at].last_transition_time = api_second(now);
    }
    n->status.conditions.items = list;
    n->status.conditions.count = count;
}

/* ---- taints ---- */

#define NO_SCHEDULE "NoSchedule"
#define NO_EXECUTE  "NoExecute"

/* k8s nodeConditionToTaintKeyStatusMap, and the one of spec.unschedulable. */
enum { CONDITION_TAINTS = 6, SCHEDULE_TAINTS };
static const struct {
    const char *type, *status, *key;
} schedule_taints[SCHEDULE_TAINTS] = {
    {"Ready", "False", TAINT_NOT_READY},
    {"Ready", "Unknown", TAINT_UNREACHABLE},
    {"MemoryPressure", "True", "node.kubernetes.io/memory-pressure"},
    {"DiskPressure", "True", "node.kubernetes.io/disk-pressure"},
    {"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"},
    {"PIDPressure", "True", "node.kubernetes.io/pid-pressure"},
    {NULL, NULL, "node.kubernetes.io/unschedulable"},
};
COVER_TABLE(schedule_taint, "NoSchedule taints of a node's conditions", "Ready False", "Ready Unknown",
            "MemoryPressure", "DiskPressure", "NetworkUnavailable", "PIDPressure", "spec.unschedulable");

bool node_has_taint(const struct node *n, const char *key, const char *effect)
{
    for (uint32_t i = 0; i < n->spec.taints.count; i++) {
        const struct taint *t = &n->spec.taints.items[i];
        if (text_is(t->key, key) && (!effect || text_is(t->effect, effect)))
            return true;
    }
    return false;
}

static bool wants_taint(const struct node *n, size_t row)
{
    if (!schedule_taints[row].type)
        return n->spec.unschedulable;
    const struct node_condition *c = node_condition_find(n, schedule_taints[row].type);
    return c && strcmp(c->status, schedule_taints[row].status) == 0;
}

/* k8s doNoScheduleTaintingPass. */
void node_schedule_taints(const struct node *n, struct taint_changes *ret)
{
    _Static_assert(SCHEDULE_TAINTS <= ARRAY_LEN(ret->add), "room for all of them");
    *ret = (struct taint_changes){0};
    for (size_t i = 0; i < SCHEDULE_TAINTS; i++) {
        bool wants = wants_taint(n, i), has = node_has_taint(n, schedule_taints[i].key, NO_SCHEDULE);
        if (wants && !has) {
            COVER(schedule_taint, i);
            ret->add[ret->added++] = schedule_taints[i].key;
        } else if (has && !wants) {
            ret->remove[ret->removed++] = schedule_taints[i].key;
        }
    }
}

const char *node_taint_key(enum node_ready status)
{
    return status == NODE_READY ? NULL : status == NODE_NOT_READY ? TAINT_NOT_READY : TAINT_UNREACHABLE;
}

const char *node_taint_opposite(enum node_ready status)
{
    return status == NODE_READY ? NULL : status == NODE_NOT_READY ? TAINT_UNREACHABLE : TAINT_NOT_READY;
}

COVER_TABLE(taint_step, "NoExecute taints, in a pass", "ready: none", "the other one is swapped", "queued",
            "it has it already");

/* k8s processTaintBaseEviction. */
enum taint_step node_taint_step(const struct node *n, enum node_ready status)
{
    enum taint_step step = TAINT_STEP_QUEUE;
    if (status == NODE_READY)
        step = TAINT_STEP_CLEAR;
    else if (node_has_taint(n, node_taint_opposite(status), NO_EXECUTE))
        step = TAINT_STEP_SWAP;
    else if (node_has_taint(n, node_taint_key(status), NO_EXECUTE))
        step = TAINT_STEP_NONE;
    COVER(taint_step, step);
    return step;
}

/* ---- zones and rates ---- */

COVER_TABLE(zone_state, "states of a zone", "Normal", "PartialDisruption", "FullDisruption");

/* k8s ComputeZoneState. */
enum zone_state zone_state_of(const struct manager_config *c, int64_t ready, int64_t not_ready)
{
    enum zone_state state = ZONE_NORMAL;
    if (ready == 0 && not_ready > 0)
        state = ZONE_FULL_DISRUPTION;
    else if (not_ready > 2 && not_ready * 1000 >= c->unhealthy_zone_permille * (ready + not_ready))
        state = ZONE_PARTIAL_DISRUPTION;
    COVER(zone_state, state);
    return state;
}

/* k8s component-helpers/node/topology/helpers.go GetZoneKey. */
const char *node_zone(struct arena *a, const struct node *n)
{
    const str_map *labels = &n->object.meta.labels;
    const char *region = str_map_get(labels, "topology.kubernetes.io/region");
    const char *zone = str_map_get(labels, "topology.kubernetes.io/zone");
    if (!region)
        region = str_map_get(labels, "failure-domain.beta.kubernetes.io/region");
    if (!zone)
        zone = str_map_get(labels, "failure-domain.beta.kubernetes.io/zone");
    return region || zone ? arena_printf(a, "%s/%s", region ? region : "", zone ? zone : "") : "";
}

bool node_excluded_from_disruption(const struct node *n)
{
    return str_map_get(&n->object.meta.labels, "node.kubernetes.io/exclude-disruption") != NULL;
}

bool limiter_accepts(struct rate_limiter *l, sim_time now)
{
    if (l->interval == 0 || now < l->free_at)
        return false;
    l->free_at = sim_time_add(now, l->interval);
    return true;
}

/* k8s SwapLimiter. */
void limiter_swap(struct rate_limiter *l, sim_time interval, sim_time now)
{
    if (l->interval == interval)
        return;
    bool full = limiter_accepts(l, now);
    *l = (struct rate_limiter){interval, full ? now : sim_time_add(now, interval)};
}

/* k8s setLimiterInZone, HealthyQPSFunc, ReducedQPSFunc. */
sim_time zone_interval(const struct manager_config *c, enum zone_state state, int64_t nodes)
{
    if (state != ZONE_PARTIAL_DISRUPTION)
        return c->node_eviction_interval;
    return nodes > c->large_cluster_size_threshold ? c->secondary_node_eviction_interval : 0;
}

COVER_TABLE(zone_disruption, "zones before and after a pass", "nothing answered, nothing does", "nothing answers any more",
            "something answers again", "each zone for itself");

/* k8s handleDisruption. */
enum disruption disruption_of(bool all_were_full, bool all_are_full)
{
    enum disruption d = all_are_full ? (all_were_full ? DISRUPTION_NONE : DISRUPTION_ENTER)
                                     : (all_were_full ? DISRUPTION_LEAVE : DISRUPTION_ZONES);
    COVER(zone_disruption, d);
    return d;
}
